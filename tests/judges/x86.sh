#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Judges the software MMU's x86 paging by QEMU or Bochs: the model is compiled into a disk image, makes accesses at
# CPL 0 and 3 through tables of its own, and compares: fault, error code, CR2, the bytes, A and D of every entry.
#
# Usage: tests/judges/x86.sh --mode 4level|5level|pae|32bit [options]
#
#   --qemu          QEMU is the judge (default); --bochs: Bochs (which has no 5-level paging)
#   --cases N       how many, over all configurations (1000000; Bochs 200000; --ablate 60000 each)
#   --full          100 million in 4-level and 5-level, 10 million in PAE and 32-bit paging
#   --phys-bits N   this physical address width alone (QEMU; in pae and 32bit, too, by qemu-system-x86_64)
#   --page1gb on|off  with or without 1G pages alone (4level and 5level)
#   --seed S        another sequence of cases (1)
#   --no-quirks     apply no quirk; mismatches are then expected
#   --without N     do not apply quirk number N (their order is that of x86/main.c)
#   --ablate        each quirk of this judge and mode switched off in turn: passes if that makes mismatches, every time
#   --reproduce     show each quirk by one access; fails if one does not show itself
#   --timeout S     seconds for one configuration (7200)
#   -v              what the guest says, too
#
# One line: cases, rate, mismatches, skipped and why, each quirk used how often. Exit status: 0 no mismatch, 1 some,
# 2 a run did not come to its end, 77 the judge or a compiler is absent.
#
#   tests/judges/x86.sh --mode 4level --cases 300000
#   tests/judges/x86.sh --mode pae --bochs
#   tests/judges/x86.sh --mode 32bit --ablate
set -eu
here=$(dirname "$(readlink -f "$0")")
root=$(readlink -f "$here/../..")
judge=qemu mode='' cases='' no_quirks=0 seed=1 phys='' page1gb='' limit=7200 verbose='' ablate='' reproduce=0 full=''
while [ $# -gt 0 ]; do
	case $1 in
	--mode) mode=$2; shift ;;
	--qemu) judge=qemu ;;
	--bochs) judge=bochs ;;
	--cases) cases=$2; shift ;;
	--full) full=1 ;;
	--phys-bits) phys=$2; shift ;;
	--page1gb) page1gb=$2; shift ;;
	--seed) seed=$2; shift ;;
	--no-quirks) no_quirks=0xffffffff ;;
	--without) no_quirks=$((no_quirks | 1 << $2)); shift ;;
	--ablate) ablate=1 ;;
	--reproduce) reproduce=1 ;;
	--timeout) limit=$2; shift ;;
	-v) verbose=1 ;;
	-h | --help) sed -n '3,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
	*) echo "unknown option: $1 (see --help)" >&2; exit 2 ;;
	esac
	shift
done
# numbers of enum mmu_mode
case $mode in
4level) number=0 bits=64 ;;
5level) number=1 bits=64 ;;
32bit) number=2 bits=32 ;;
pae) number=3 bits=32 ;;
*) echo "--mode is 4level, 5level, pae or 32bit (see --help)" >&2; exit 2 ;;
esac
if [ "$judge$mode" = bochs5level ]; then
	echo "Bochs has no 5-level paging: ask --qemu" >&2
	exit 2
fi

# shellcheck source-path=SCRIPTDIR source=disk.sh
. "$here/disk.sh"
tool=bochs
[ "$judge" = bochs ] || tool=qemu-system-x86_64
need_judge "$tool" || exit 77
need_compiler "$bits" 32 || exit 77

# Configurations: width of physical addresses, and 1G pages or what else is varied
if [ "$judge" = bochs ]; then
	configurations=("40 on")
elif [ "$bits" = 64 ]; then
	configurations=("52 on" "46 off" "39 on" "48 on" "36 off")
else
	configurations=("36 i386" "52 on" "39 on")
fi
[ -z "$phys" ] || configurations=("$phys ${page1gb:-on}")
if [ -n "$page1gb" ] && [ -z "$phys" ]; then
	configurations=("${configurations[@]/% *[fn]/ $page1gb}")
fi
if [ -n "$full" ]; then
	cases=10000000
	[ "$bits" = 32 ] || cases=100000000
elif [ -z "$cases" ]; then
	cases=1000000
	[ "$judge" = qemu ] || cases=200000
	[ -z "$ablate" ] || cases=60000
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build_program "$bits" "$work" "$here"/x86/{start.S,machine.c,cases.c,compare.c,reproduce.c,main.c} \
	"$here/bochs/console.c" "$root"/userspace/mmu/{mmu,x86_32,x86_access,x86_long,x86_pae,arm64,names}.c

# run WIDTH WHAT CASES NO_QUIRKS: one configuration; what the guest says goes to $work/said
run() {
	local width=$1 what=$2 ram=3072 window windows=0 slots=1 memory=()
	local cpu=max,vendor=GenuineIntel binary=qemu-system-x86_64
	[ "$judge" = qemu ] || ram=2048
	for ((window = 25; window < (width); window++)); do
		if ((window < 32)); then
			((1 << window < (ram - 64) << 20)) || continue
		elif [ "$judge" = qemu ]; then
			slots=$((slots + 1))
			memory+=(-object "memory-backend-ram,id=window$window,size=4M,reserve=off"
				-device "pc-dimm,memdev=window$window,addr=$((1 << window))")
		else
			continue
		fi
		windows=$((windows | 1 << window))
	done
	make_disk "$work" "$work/disk" 0x3638584d $((number == 1)) "$number" $(($4)) "$seed" "$3" 5 "$reproduce" \
		"$ram" $((windows & 0xffffffff)) $((windows >> 32))
	if [ "$judge" = bochs ]; then
		run_bochs "$work/disk" "$limit" "$ram" tigerlake >"$work/out" || :
	else
		if [ "$what" = i386 ]; then
			binary=qemu-system-i386
		else
			cpu=$cpu,phys-bits=$width
		fi
		[ "$what" != off ] || cpu=$cpu,pdpe1gb=off
		run_qemu "$work/disk" "$limit" "$binary" -cpu "$cpu" -machine pc,memory-backend=ram \
			-object "memory-backend-ram,id=ram,size=${ram}M,reserve=off" \
			-m "${ram}M,slots=$slots,maxmem=$((((1 << (width - 1)) >> 20) + 1024))M" \
			-global i440FX-pcihost.pci-hole64-size=0 "${memory[@]}" >"$work/out" || :
	fi
	take_said ", $mode, $width bits, $what"
	if [ -n "$verbose" ] || [ "$reproduce" = 1 ]; then cat "$work/said"; fi
}

# run_all CASES NO_QUIRKS: every configuration; what they say is in $work/all
run_all() {
	local configuration
	: >"$work/all"
	for configuration in "${configurations[@]}"; do
		# shellcheck disable=SC2086 # two words
		run $configuration $(($1 / ${#configurations[@]})) "$2"
		if [ -z "$verbose$ablate" ] && [ $(($2)) = 0 ]; then grep -E '^(mismatch|  )' "$work/said" || :; fi
		cat "$work/said" >>"$work/all"
	done
}

# NUMBER NAME of the quirks that this judge and mode have: in the order of enum quirk_number
quirks_here() {
	case $judge-$mode in
	qemu-4level | qemu-5level) echo "0 rsvd-p 1 rsvd-a 2 ps-1g 5 implicit-ac 6 no-ss" ;;
	qemu-pae) echo "0 rsvd-p 3 pdpte-memory 5 implicit-ac 8 table-4g" ;;
	qemu-32bit) echo "0 rsvd-p 4 pse36 5 implicit-ac" ;;
	bochs-4level) echo "5 implicit-ac 7 pku 9 decoded" ;;
	*) echo "5 implicit-ac 9 decoded" ;;
	esac
}
if [ -n "$ablate" ]; then
	bad=0
	read -ra list < <(quirks_here)
	for ((i = 0; i < ${#list[@]}; i += 2)); do
		run_all "$cases" $((1 << list[i]))
		n=$(found "$work/all")
		echo "judge $judge: $mode: without quirk ${list[i]} ${list[i + 1]}: $n mismatches"
		[ "$n" -gt 0 ] || bad=1
	done
	exit $bad
fi
[ "$reproduce" = 0 ] || no_quirks=0xffffffff

begin=$(date +%s%N)
run_all "$cases" "$no_quirks"
end=$(date +%s%N)
if [ "$reproduce" = 1 ]; then
	if grep -q ': no difference' "$work/all"; then exit 1; fi
	exit 0
fi
awk -v judge="$judge" -v mode="$mode" -v ns=$((end - begin)) -v runs="${#configurations[@]}" '
	$1 == "section" { cases += $4; bad += $6; faults += $8 }
	$1 == "note" { n = $2; sub(/^note [0-9]* /, ""); notes[$0] += n }
	$1 == "quirk" { quirks[$2] += $4 }
	END {
		printf "judge %s: %s: %d cases (%d faults, %d configurations), %d/s, %d mismatches", judge, mode,
			cases, faults, runs, cases / (ns / 1e9), bad
		for (n in notes)
			if (notes[n])
				printf "; %d %s", notes[n], n
		for (q in quirks)
			printf "; quirk %s used %d times", q, quirks[q]
		print ""
		exit bad > 0 || !cases
	}' "$work/all"
