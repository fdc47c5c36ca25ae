#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Judges the software MMU by Bochs (or QEMU): the model is compiled into a disk
# image, compares itself with the processor it runs on, and counts.
#
# Usage: tests/judges/bochs.sh [options]
#
#   --qemu          the same disk in QEMU instead
#   --long          IA-32e mode: 64-bit code and compatibility mode (default: 32-bit protected mode); not in QEMU
#   --sections N    bits: loads 1, tables 2, jumps 4, returns 8, inner 16,
#                   system 32, accesses 64 (default: all)
#   --no-quirks     apply no quirk: the ablation; mismatches are then expected
#   --without N     do not apply quirk number N (their order is that of guest.h)
#   --ablate        each quirk of this judge switched off in turn: passes if that makes mismatches, every time, and
#                   shows the first: one operation, with all that it needs, what the manual says and what came
#   --seed N        for the fields that are filled at random (default 1)
#   --sample N      one case in N of the large sections, chosen by chance
#   --timeout S     seconds (default 600)
#   -v              what the guest says, too
#
# One line: cases, rate, mismatches, skipped. Exit status: 0 no mismatch, 1 some,
# 2 the run did not come to its end, 77 the judge or a compiler is absent.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$(readlink -f "$here/../..")
judge=bochs bits=32 sections=0xffffffff no_quirks=0 seed=1 sample=1 limit=600 verbose='' ablate=''
while [ $# -gt 0 ]; do
	case $1 in
	--qemu) judge=qemu ;;
	--long) bits=64 ;;
	--sections) sections=$2; shift ;;
	--no-quirks) no_quirks=0xffffffff ;;
	--without) no_quirks=$((no_quirks | 1 << $2)); shift ;;
	--ablate) ablate=1 ;;
	--seed) seed=$2; shift ;;
	--sample) sample=$2; shift ;;
	--timeout) limit=$2; shift ;;
	-v) verbose=1 ;;
	-h | --help) sed -n '3,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
	*) echo "unknown option: $1 (see --help)" >&2; exit 2 ;;
	esac
	shift
done
case $judge$bits in
bochs*) tool=bochs ;;
qemu32) tool=qemu-system-i386 ;;
*) echo "QEMU has not enough of IA-32e segmentation to be asked: --long is for Bochs" >&2; exit 2 ;;
esac
# shellcheck source-path=SCRIPTDIR source=disk.sh
. "$here/disk.sh"
need_judge "$tool" || exit 77
# the boot sector has 32 bits always
need_compiler "$bits" 32 || exit 77

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build_program "$bits" "$work" "$here/bochs/"{start,machine,segment}"$bits".[cS] "$here"/bochs/{console,guest,outcome}.c \
	"$root/userspace/mmu/segment.c"
disk=$work/disk

# run SECTIONS NO_QUIRKS: what the guest says is in $work/said
run() {
	make_disk "$work" "$disk" 0x4a53434d $(($1)) $(($2)) $((seed)) $((sample))
	case $judge in
	bochs) run_bochs "$disk" "$limit" 64 corei7_haswell_4770 ;;
	qemu) run_qemu "$disk" "$limit" "$tool" -cpu max -m 64M ;;
	esac >"$work/out" || :
	take_said ''
	[ -z "$verbose" ] || cat "$work/said"
}

if [ -n "$ablate" ]; then
	bad=0
	# NUMBER NAME SECTIONS: in the order of guest.h, and where each is met
	case $judge$bits in
	qemu32) quirks="0 limits 64 1 accessed 4 2 return-limit 8 3 stack-absent 8 4 ltr-null 32" ;;
	bochs32) quirks="5 decoded 64" ;;
	bochs64) quirks="6 null-ss 8" ;;
	esac
	read -ra list <<<"$quirks"
	for ((i = 0; i < ${#list[@]}; i += 3)); do
		run "${list[i + 2]}" $((1 << list[i]))
		echo "judge $judge: segmentation: without quirk ${list[i]} ${list[i + 1]}: $(found "$work/said") mismatches"
		grep -m 1 '^mismatch' "$work/said" || bad=1
	done
	exit $bad
fi
begin=$(date +%s%N)
run "$sections" "$no_quirks"
end=$(date +%s%N)
awk -v judge="$judge" -v bits="$bits" -v ns=$((end - begin)) '
	$1 == "section" { cases += $4; bad += $6 }
	$1 == "note" && $2 { n = $2; sub(/^note [0-9]* /, ""); rest = rest sprintf("; %d %s", n, $0) }
	$1 == "quirk" { rest = rest sprintf("; quirk %s used %d times", $2, $4) }
	END {
		printf "judge %s: segmentation%s: %d cases, %d/s, %d mismatches%s\n", judge,
			bits == 64 ? " of IA-32e mode" : "", cases,
			cases / (ns / 1e9), bad, rest
		exit bad > 0 || !cases
	}' "$work/said"
