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
# shellcheck source-path=SCRIPTDIR source=disk.sh
. "$here/disk.sh"
need_judge "$tool" || exit 77
echo 'int x;' | ${CC:-gcc} -m32 -ffreestanding -xc -c -o /dev/null - 2>/dev/null ||
	{ echo "judge $judge: skipped, ${CC:-gcc} makes no 32-bit code"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build_program 32 "$work" "$here"/bochs/{start.S,console.c,guest.c,segment.c} "$root/userspace/mmu/segment.c"
disk=$work/disk
make_disk "$work" "$disk" 0x4a53434d $((sections)) $((no_quirks)) $((seed)) $((sample))

begin=$(date +%s%N)
case $judge in
bochs) run_bochs "$disk" "$limit" 64 corei7_haswell_4770 ;;
qemu) run_qemu "$disk" "$limit" qemu-system-i386 -cpu max -m 64M ;;
esac >"$work/out" || :
end=$(date +%s%N)
said "$work/out" >"$work/said" || :
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
