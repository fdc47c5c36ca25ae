#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Judge of the software MMU for arm64: a program without a system, in QEMU, compares AT and PAR_EL1 with the model.
#
# Usage: tests/judges/arm64.sh [-v] [--cpu NAME] [name=value ...]
#
#   -v              all that the program says; else its last line, and the rest only if something is wrong
#   --cpu NAME      processor (max): cortex-a57 and cortex-a72 have no 52-bit addresses and no hardware updates
#   cases=N         how many (1000000); seed=N (1); show=N mismatches in full (5)
#   mode=access     loads, stores and fetches at EL1 and EL0, instead of AT
#   --reproduce     show each quirk by one access, on the processors that it needs; fails if one does not show itself
#   --ablate        each quirk switched off in turn: passes if that makes mismatches, every time
#   without=QUIRK   one of the emulator's known quirks is not allowed for: its cases become mismatches
#
# Exit status: 0 all agree, 1 a mismatch, 2 it did not run, 77 compiler or emulator is missing.
# LIMIT=seconds in the environment ends a run that is too long (1800).
set -eu
REPO=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$REPO/build}
CPU=max
VERBOSE=''
ABLATE='' REPRODUCE=''
ARGS=()
while [ $# -gt 0 ]; do
	case $1 in
	-v) VERBOSE=1 ;;
	--ablate) ABLATE=1 ;;
	--reproduce) REPRODUCE=1 ;;
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
		-I"$REPO/userspace" -I"$REPO/tests/judges/arm64/libc" -Wl,-T,"$REPO/tests/judges/arm64/judge.lds" \
		-Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
		-o "$out/judge.elf" "$REPO"/tests/judges/arm64/*.S "$REPO"/tests/judges/arm64/*.c "$REPO"/userspace/mmu/*.c
fi

# run CPU LOG [name=value ...]
run() {
	local cpu=$1 log=$2
	shift 2
	timeout "${LIMIT:-1800}" "$QEMU" -machine virt,virtualization=on,highmem=off -cpu "$cpu" -m 256M -display none \
		-monitor none -serial none -nodefaults -semihosting-config enable=on,target=native \
		-kernel "$out/judge.elf" -append "$*" >"$log" 2>&1
}
log=$out/log.$$
trap 'rm -f "$log"' EXIT

if [ "$REPRODUCE" ]; then
	bad=0
	for cpu in max cortex-a57 cortex-a72; do
		run "$cpu" "$log" mode=reproduce || bad=1
		sed -n "s/^reproduce/reproduce, cpu $cpu:/p" "$log"
	done
	exit "$bad"
fi
if [ "$ABLATE" ]; then
	bad=0
	while read -r quirk cpu mode; do
		status=0
		run "$cpu" "$log" "mode=$mode" "without=$quirk" show=0 "${ARGS[@]-}" || status=$?
		[ "$status" = 1 ] || bad=1
		echo "without $quirk, cpu $cpu: $(tail -n 1 "$log" | sed 's/;.*//')"
	done <<-END
		block max at
		out52 max at
		block-oa max at
		par-sh max at
		at-dirty max at
		hpds cortex-a57 at
		dbm-fetch max access
		tbid cortex-a72 access
	END
	exit "$bad"
fi

status=0
run "$CPU" "$log" "${ARGS[@]-}" || status=$?
if [ "$status" = 0 ] && [ -z "$VERBOSE" ]; then
	echo "cpu $CPU: $(tail -n 1 "$log")"
else
	echo "cpu $CPU:"
	cat "$log"
fi
[ "$status" -le 1 ] || { echo "arm64 judge: status $status" >&2; status=2; }
exit "$status"
