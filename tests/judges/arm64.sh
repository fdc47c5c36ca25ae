#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Judge of the software MMU for arm64: a program without a system, in QEMU, compares AT and PAR_EL1 with the model.
#
# Usage: tests/judges/arm64.sh [--cpu NAME] [name=value ...]
#
#   --cpu NAME      processor (max): cortex-a57 and cortex-a72 have no 52-bit addresses and no hardware updates
#   cases=N         how many (1000000); seed=N (1); show=N mismatches in full (5)
#   mode=access     loads, stores and fetches at EL1 and EL0, instead of AT; mode=reproduce shows each quirk
#   without=QUIRK   one of the emulator's known quirks is not allowed for: its cases become mismatches
#
# Exit status: 0 all agree, 1 a mismatch, 2 it did not run, 77 compiler or emulator is missing.
set -eu
REPO=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$REPO/build}
CPU=max
ARGS=()
while [ $# -gt 0 ]; do
	case $1 in
	--cpu) CPU=$2; shift ;;
	-h | --help) sed -n '3,/^set/{s/^# \{0,1\}//;/^set/d;p}' "$0"; exit 0 ;;
	*=*) ARGS+=("$1") ;;
	*) echo "unknown: $1" >&2; exit 2 ;;
	esac
	shift
done
CC=${CROSS_CC:-aarch64-linux-gnu-gcc}
QEMU=${QEMU:-qemu-system-aarch64}
for tool in "$CC" "$QEMU"; do
	command -v "$tool" >/dev/null || { echo "arm64 judge: no $tool" >&2; exit 77; }
done

out=$BUILD/judges/arm64
mkdir -p "$out"
# only if something has changed
if [ ! -e "$out/judge.elf" ] || [ -n "$(find "$REPO/tests/judges/arm64" "$REPO/userspace/mmu" -newer "$out/judge.elf")" ]; then
	"$CC" -std=gnu11 -O2 -Wall -Wextra -Werror -ffreestanding -fno-builtin -fno-stack-protector -fno-pic -static -nostdlib \
		-mgeneral-regs-only -mstrict-align -mno-outline-atomics -march=armv8-a \
		-I"$REPO/userspace" -I"$REPO/tests/judges/arm64/libc" -Wl,-T,"$REPO/tests/judges/arm64/judge.lds" -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
		-o "$out/judge.elf" "$REPO"/tests/judges/arm64/*.S "$REPO"/tests/judges/arm64/*.c "$REPO"/userspace/mmu/*.c
fi

exec "$QEMU" -machine virt,virtualization=on,highmem=off -cpu "$CPU" -m 256M -display none -monitor none -serial none \
	-nodefaults -semihosting-config enable=on,target=native -kernel "$out/judge.elf" -append "${ARGS[*]-}"
