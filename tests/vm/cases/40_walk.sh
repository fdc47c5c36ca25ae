#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# walk: the address that pagemap has, the levels that the CPU has, what the CPU allows, and with which error codes it
# refuses.
# collectors: pgtable
# shellcheck source=/dev/null
. /tests/lib.sh

echo 4 >/proc/sys/vm/nr_hugepages
modprobe loop
dd if=/dev/zero of=/tmp/swapfile bs=1M count=16 2>/dev/null
losetup /dev/loop0 /tmp/swapfile
mkswap /dev/loop0 >/dev/null
swapon /dev/loop0
workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }
# json KEY: its values in the last answer
json() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$T_OUT" | xargs; }

levels=$(t_levels)
case $ARCH$levels in
amd645) names="PGD (PML5E) P4D (PML4E) PUD (PDPTE) PMD (PDE) PTE" ;;
amd644) names="PGD (PML4E) PUD (PDPTE) PMD (PDE) PTE" ;;
i3863) names="PGD (PDPTE) PMD (PDE) PTE" ;;
i3862) names="PGD (PDE) PTE" ;;
arm645) names="PGD (L-1) P4D (L0) PUD (L1) PMD (L2) PTE (L3)" ;;
arm644) names="PGD (L0) PUD (L1) PMD (L2) PTE (L3)" ;;
esac
t_note "$levels levels"
verdict='software MMU agrees: .* \([1-5] levels replayed\)'
huge=$(t_huge)

# Error codes are given as x86's with NX: read, write and fetch of a page that is not there 4 6 20, refused 7 and 21.
# codes SKIPPED-LEVELS CODE...: what they are on this machine
codes() {
	skipped=$1
	shift
	for code; do
		case $ARCH$code in
		# Debian's 6.1 sets no NX for user mode, and 32-bit entries have none (see 42_i386)
		i38621) echo null ;;
		# ISS of the abort (Arm ARM, ESR_EL1): bits 5:0 the fault and its level, bit 6 a write; level 3 is the PTE's,
		# level -1 has a code of its own
		arm644 | arm6420) if [ "$skipped" = 4 ]; then echo 43; else echo $((7 - skipped)); fi ;;
		arm646) if [ "$skipped" = 4 ]; then echo 107; else echo $((71 - skipped)); fi ;;
		arm647) echo $((79 - skipped)) ;;
		arm6421) echo $((15 - skipped)) ;;
		*) echo "$code" ;;
		esac
	done | xargs
}

# agreed NAME SKIPPED-LEVELS CODES: the last answer says by whom it is confirmed, and what each access would meet
agreed() {
	t_is "walk $1: the witness agrees" "$(json agrees)" yes
	t_expect_grep "\"verdict\": \"$verdict\"" "walk $1: it is named"
	# shellcheck disable=SC2086 # three words
	t_is "walk $1: read, write, fetch" "$(json code)" "$(codes $2 $3)"
}

# mapped NAME ADDR SKIPPED-LEVELS CODES: the walk succeeds, with pagemap's address
mapped() {
	pfn=$(pagemap $pid "$2")
	t_run mmscope walk --json $pid "$2"
	t_expect_status 0 "walk $1: 0"
	t_is "walk $1: pagemap's frame and the offset" "$(json pa)" "$(printf '0x%x' $((pfn * 4096 + ($2 & 4095))))"
	t_is "walk $1: names of the levels" "$(json level)" "$(echo "$names" | sed -e "s/\( [^ ]*\( ([-A-Z0-9]*)\)\{0,1\}\)\{$3\}\$//")"
	agreed "$1" "$3" "$4"
}

# absent NAME ADDR WHAT: no translation; status 1, error codes of a page that is not present
absent() {
	t_run mmscope walk --json $pid "$2"
	t_expect_status 1 "walk $1: 1"
	agreed "$1" $(($(sed -n 's/^ *"ends_at": ".*, level \([1-5]\)",*$/\1/p' "$T_OUT") - 1)) "4 6 20"
	t_run mmscope walk $pid "$2"
	t_expect_status 1 "walk $1, the table: 1"
	t_expect_grep "the walk ends at" "walk $1 says where it ends"
	t_expect_grep "$3" "walk $1 says: $3"
}

text=0x$(awk '$2 == "r-xp" && /workload/ { split($1, a, "-"); print a[1]; exit }' /proc/$pid/maps)
mapped "file text" "$text" 0 "null 7 null"
mapped "written page" "$(fact softdirty)" 0 "null null 21"
mapped "shared by fork" "$(fact sparse)" 0 "null 7 21"
mapped "read-only page" "$(fact readonly)" 0 "null 7 21"
mapped "page to execute" "$(fact exec)" 0 "null 7 null"
mapped "zero page" "$(fact zero)" 0 "null 7 21"
mapped "file page" "$(fact file)" 0 "null 7 21"
mapped "unaligned" "$(printf '0x%x' $(($(fact softdirty) + 0x123)))" 0 "null null 21"
mapped "in the middle of its VMA" "$(printf '0x%x' $(($(fact softdirty) + 0x3fff)))" 0 "null null 21"
mapped "huge page" "$(fact thp)" 1 "null 7 21"
mapped "inside a huge page" "$(printf '0x%x' $(($(fact thp) + 0x123456)))" 1 "null 7 21"
mapped "hugetlb" "$(fact hugetlb)" 1 "null 7 21"
mapped "inside hugetlb" "$(printf '0x%x' $(($(fact hugetlb) + huge - 0xff0)))" 1 "null 7 21"

absent "hole in a VMA" "$(printf '0x%x' $(($(fact sparse) + 4096)))" "PTE.*, level 1"
absent "PROT_NONE page" "$(fact protnone)" "$(printf 'page frame 0x%x' "$(($(pagemap $pid "$(fact protnone)")))")"
t_is "pagemap has the swapped page in swap" "$(pagemap $pid "$(fact swap)")" swap
absent "swapped page" "$(fact swap)" "in swap area 0"
t_expect_grep 'swap-in' "walk swapped page: Linux would swap in"
absent "no VMA" 0x1000 "none covers the address"
absent "address 0" 0 SEGV_MAPERR
if [ -n "$(fact guardregion)" ]; then
	absent "guard region" "$(printf '0x%x' $(($(fact guardregion) + 4 * 4096)))" "[Gg]uard"
else
	t_skip "walk guard region" "$(fact no_guardregion)"
fi

# an address that the CPU would not translate at all: the first beyond user mode's (the kernel's: 41_kernel_walk)
# (x86: 47 or 56 bits for user mode, ARM: what T0SZ leaves, here all that the kernel was built for)
case $ARCH$levels in
amd644) bits=47 ;;
amd645) bits=56 ;;
arm64*) bits=$(t_config ARM64_VA_BITS) ;;
i386*) bits=32 ;;
esac
top=$(printf '0x%x' $((1 << bits))) toolarge='not canonical'
if [ "$ARCH" = i386 ]; then toolarge="does not exist: this machine's are 32 bits"; fi
# refused NAME ADDR REGEX
refused() {
	t_run mmscope walk $pid "$2"
	t_expect_status 1 "$1, $2: 1"
	t_expect_err "$3" "$1 is called that"
	t_is "$1: in one line" "$(cat "$T_OUT" "$T_ERR" | wc -l)" 1
}
refused "the first address too large" "$top" "$toolarge"
case $ARCH in
i386) top=$(t_config PAGE_OFFSET) ;;
amd64) top=$(printf '0x%x' $((top - 4096))) ;;	# Linux keeps the last page free (TASK_SIZE_MAX)
esac
t_run mmscope walk $pid "$(printf '0x%x' $((top - 4096)))"
t_expect_status 1 "the last user page: 1"
t_expect_grep 'the walk ends at' "and it is walked"

# --- the CPU's own verdict: which accesses it refuses, and with which code ---
faults >"$T_DIR/faults" &
fpid=$!
t_ok "the CPU was asked" t_wait 20 grep -q ready=1 "$T_DIR/faults"
for name in rw ro rx none untouched unmapped; do
	codes=$(sed -n "s/^${name}_[a-z]*=//p" "$T_DIR/faults" | xargs)
	want=$(echo "$codes" | awk '{ print ($1 == "null" ? "r" : "-") ($2 == "null" ? "w" : "-") ($3 == "null" ? "x" : "-") }')
	t_run mmscope walk --json $fpid "$(sed -n "s/^$name=//p" "$T_DIR/faults")"
	case $want in
	---) t_is "$name: the CPU refuses all, walk finds no page" "$T_STATUS:$(json rights)" 1: ;;
	*) t_is "$name: rights are what the CPU allows" "$(json rights)" "$want for user mode" ;;
	esac
	# (ESR_EL1 has the class of the exception, too)
	if [ "$ARCH" = arm64 ]; then codes=$(for c in $codes; do case $c in null) echo null ;; *) echo $((c & 0x1ffffff)) ;; esac; done | xargs); fi
	t_is "error codes of $name are the CPU's: $codes" "$(json code)" "$codes"
done
t_is "the CPU was asked 18 times" "$(grep -c '_\(read\|write\|fetch\)=' "$T_DIR/faults")" 18
[ "$ARCH" != amd64 ] || t_is "the CPU gave four kinds of code" "$(grep -c -E '=(4|6|20|7|21)$' "$T_DIR/faults")" 13
# a 32-bit entry has no execute-disable bit (Intel SDM 3A 4.3); for PAE see 42_i386
[ "$ARCH$levels" = i3863 ] || t_is "data is executed where entries cannot forbid it, only there" \
	"$(grep -c '^rw_fetch=null' "$T_DIR/faults")" $((levels == 2))

# --- words ---
for bad in zz 0x 0x10000000000000000 "" -1 1g; do
	t_run mmscope walk $pid "$bad"
	t_expect_status 2 "address '$bad': 2"
	t_is "address '$bad': nothing on stdout" "$(wc -c <"$T_OUT")" 0
done

kill $pid $fpid
wait $pid $fpid 2>/dev/null
swapoff /dev/loop0
losetup -d /dev/loop0
rm /tmp/swapfile
echo 0 >/proc/sys/vm/nr_hugepages
