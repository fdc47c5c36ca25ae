#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Judges the software MMU by Bochs (or QEMU): the model is compiled into a disk
# image, compares itself with the processor it runs on, and counts.
#
# Usage: tests/judges/bochs.sh [options]
#
#   --qemu          the same disk in QEMU instead
#   --sections N    bits: loads 1, tables 2, jumps 4, returns 8, inner 16,
#                   system 32, accesses 64 (default: all)
#   --no-quirks     apply no quirk: the ablation; mismatches are then expected
#   --without N     do not apply quirk number N (their order is that of guest.h)
#   --seed N        for the fields that are filled at random (default 1)
#   --sample N      one case in N of the large sections, chosen by chance
#   --timeout S     seconds (default 600)
#   -v              what the guest says, too
#
# One line: cases, rate, mismatches, skipped. Exit status: 0 no mismatch, 1 some,
# 2 the run did not come to its end, 77 the judge or a 32-bit compiler is absent.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$(readlink -f "$here/../..")
judge=bochs sections=0xffffffff no_quirks=0 seed=1 sample=1 limit=600 verbose=''
while [ $# -gt 0 ]; do
	case $1 in
	--qemu) judge=qemu ;;
	--sections) sections=$2; shift ;;
	--no-quirks) no_quirks=0xffffffff ;;
	--without) no_quirks=$((no_quirks | 1 << $2)); shift ;;
	--seed) seed=$2; shift ;;
	--sample) sample=$2; shift ;;
	--timeout) limit=$2; shift ;;
	-v) verbose=1 ;;
	-h | --help) sed -n '3,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
	*) echo "unknown option: $1 (see --help)" >&2; exit 2 ;;
	esac
	shift
done
case $judge in
bochs) tool=bochs ;;
qemu) tool=qemu-system-i386 ;;
esac
command -v "$tool" >/dev/null || { echo "judge $judge: skipped, $tool is not installed"; exit 77; }
if [ "$judge" = bochs ]; then
	# Debian: bochsbios, vgabios, bochs-term
	for file in /usr/share/bochs/{BIOS-bochs,VGABIOS-lgpl}-latest /usr/lib/*/bochs/plugins/libbx_term_gui.so; do
		[ -e "$file" ] || { echo "judge bochs: skipped, there is no $file"; exit 77; }
	done
fi
echo 'int x;' | ${CC:-gcc} -m32 -ffreestanding -xc -c -o /dev/null - 2>/dev/null ||
	{ echo "judge $judge: skipped, ${CC:-gcc} makes no 32-bit code"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc32() {
	"${CC:-gcc}" -m32 -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none -mno-sse -mno-mmx \
		-std=gnu11 -O2 -Wall -Wextra -fno-asynchronous-unwind-tables -I"$root/userspace" "$@"
}
parts=()
for source in "$here"/bochs/{start.S,guest.c,segment.c} "$root/userspace/mmu/segment.c"; do
	part=$work/${#parts[@]}.o
	cc32 -c -o "$part" "$source"
	parts+=("$part")
done
ld -m elf_i386 --no-warn-rwx-segments -T "$here/bochs/image.ld" -o "$work/program.elf" "${parts[@]}"
objcopy -O binary "$work/program.elf" "$work/program"
sectors=$((($(stat -c %s "$work/program") + 511) / 512 + 1))
cc32 -DSECTORS=$sectors -c -o "$work/boot.o" "$here/bochs/boot.S"
ld -m elf_i386 --no-warn-rwx-segments -Ttext 0x7c00 --oformat binary -o "$work/boot" "$work/boot.o"

# boot sector, configuration, program; a whole number of cylinders
word() { printf '%b' "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)))"; }
cylinder=$((16 * 63 * 512))
disk=$work/disk
{
	cat "$work/boot"
	word 0x4a53434d; word $((sections)); word $((no_quirks)); word $((seed)); word $((sample))
	head -c 492 /dev/zero
	cat "$work/program"
} >"$disk"
cylinders=$((($(stat -c %s "$disk") + cylinder - 1) / cylinder))
truncate -s $((cylinders * cylinder)) "$disk"

run_bochs() {
	cat >"$work/bochsrc" <<-END
		memory: guest=64, host=64
		romimage: file=/usr/share/bochs/BIOS-bochs-latest
		vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
		ata0-master: type=disk, path=$disk, mode=flat, cylinders=$cylinders, heads=16, spt=63
		boot: disk
		display_library: term
		sound: driver=dummy
		speaker: enabled=0
		port_e9_hack: enabled=1
		magic_break: enabled=1
		cpu: model=corei7_haswell_4770, count=1, reset_on_triple_fault=0
		clock: sync=none, time0=0
		log: $work/log
		panic: action=fatal
		error: action=ignore
		info: action=ignore
		debug: action=ignore
	END
	echo c >"$work/commands"
	# its only display without a window wants a terminal; the guest's end is a break point
	echo q | TERM=vt100 timeout "$limit" script -qec "bochs -q -f $work/bochsrc -rc $work/commands" /dev/null 2>&1
}
run_qemu() {
	timeout "$limit" qemu-system-i386 -accel tcg -cpu max -m 64M -display none -nodefaults -no-reboot \
		-debugcon stdio -device isa-debug-exit,iobase=0xf4,iosize=1 \
		-drive file="$disk",format=raw,if=ide 2>&1
}

begin=$(date +%s%N)
"run_$judge" >"$work/out" || :
end=$(date +%s%N)
# the emulator's own lines may share one with the guest's
tr -d '\r' <"$work/out" | grep -aoE '(judge (bochs|qemu)$|section .*|mismatch .*|note .*|quirk .*|^end$)' >"$work/said" || :
[ -z "$verbose" ] || cat "$work/said"
if ! grep -qx end "$work/said"; then
	echo "judge $judge: the run did not come to its end" >&2
	tail -n 20 "$work/out" >&2
	tail -n 5 "$work/log" 2>/dev/null >&2 || :
	exit 2
fi
awk -v judge="$judge" -v ns=$((end - begin)) '
	$1 == "section" { cases += $4; bad += $6 }
	$1 == "note" && $2 { n = $2; sub(/^note [0-9]* /, ""); rest = rest sprintf("; %d %s", n, $0) }
	$1 == "quirk" { rest = rest sprintf("; quirk %s used %d times", $2, $4) }
	END {
		printf "judge %s: segmentation: %d cases, %d/s, %d mismatches%s\n", judge, cases,
			cases / (ns / 1e9), bad, rest
		exit bad > 0 || !cases
	}' "$work/said"
