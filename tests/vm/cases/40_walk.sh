#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# walk: the address that pagemap has, the levels that the CPU has, the error codes that it gives.
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

levels=4
if grep -q '\bla57\b' /proc/cpuinfo; then levels=5; fi
case $levels in
5) names="PGD (PML5E) P4D (PML4E) PUD (PDPTE) PMD (PDE) PTE" ;;
4) names="PGD (PML4E) PUD (PDPTE) PMD (PDE) PTE" ;;
esac
t_note "$levels levels"

# mapped NAME ADDR SKIPPED-LEVELS CODES: the walk succeeds, with pagemap's address
mapped() {
	pfn=$(pagemap $pid "$2")
	t_run mmscope walk --json $pid "$2"
	t_expect_status 0 "walk $1: 0"
	t_is "walk $1: pagemap's frame and the offset" "$(json pa)" "$(printf '0x%x' $((pfn * 4096 + ($2 & 4095))))"
	t_is "walk $1: names of the levels" "$(json level)" "$(echo "$names" | sed -e "s/\( [^ ]*\( ([A-Z0-9]*)\)\{0,1\}\)\{$3\}\$//")"
	t_is "walk $1: read, write, fetch" "$(json code)" "$4"
	t_is "walk $1: the software MMU agrees" "$(json agrees)" yes
}

# absent NAME ADDR WHAT: no translation; status 1, error codes of a page that is not present
absent() {
	t_run mmscope walk --json $pid "$2"
	t_expect_status 1 "walk $1: 1"
	t_is "walk $1: read, write, fetch" "$(json code)" "4 6 20"
	t_is "walk $1: the software MMU agrees" "$(json agrees)" yes
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
mapped "inside hugetlb" "$(printf '0x%x' $(($(fact hugetlb) + 0x1ff010)))" 1 "null 7 21"

absent "hole in a VMA" "$(printf '0x%x' $(($(fact sparse) + 4096)))" "PTE, level 1"
absent "PROT_NONE page" "$(fact protnone)" "$(printf 'page frame 0x%x' "$(($(pagemap $pid "$(fact protnone)")))")"
t_is "pagemap has the swapped page in swap" "$(pagemap $pid "$(fact swap)")" swap
absent "swapped page" "$(fact swap)" "in swap area 0"
t_expect_grep 'swap-in' "walk swapped page: Linux would swap in"
absent "no VMA" 0x1000 "none covers the address"
absent "address 0" 0 "SEGV_MAPERR"
if [ -n "$(fact guardregion)" ]; then
	absent "guard region" "$(printf '0x%x' $(($(fact guardregion) + 4 * 4096)))" "[Gg]uard"
else
	t_skip "walk guard region" "$(fact no_guardregion)"
fi

# an address that the CPU would not translate at all
top=0x0000800000000000 kernel=0xffff800000000000
if [ $levels = 5 ]; then top=0x0100000000000000 kernel=0xff00000000000000; fi
t_run mmscope walk $pid $top
t_expect_status 1 "the first non-canonical address: 1"
t_expect_err 'not canonical' "and it is called that"
t_is "in one line" "$(cat "$T_OUT" "$T_ERR" | wc -l)" 1
t_run mmscope walk $pid $kernel
t_expect_status 1 "the first kernel address: 1"
t_expect_err "kernel's half" "and it is called that"
t_is "in one line" "$(cat "$T_OUT" "$T_ERR" | wc -l)" 1
t_run mmscope walk $pid "$(printf '0x%x' $((top - 4096)))"
t_expect_status 1 "the last user page: 1"
t_run mmscope walk $pid 0xffffffffffffffff
t_expect_status 1 "the last address: 1"
t_expect_err "kernel's half" "the last address is the kernel's"

# --- the CPU's own error codes ---
faults >"$T_DIR/faults" &
fpid=$!
t_ok "the CPU was asked" t_wait 20 grep -q ready=1 "$T_DIR/faults"
for name in rw ro rx none untouched unmapped; do
	want=$(sed -n "s/^${name}_[a-z]*=//p" "$T_DIR/faults" | xargs)
	t_run mmscope walk --json $fpid "$(sed -n "s/^$name=//p" "$T_DIR/faults")"
	t_is "error codes of $name are the CPU's: $want" "$(json code)" "$want"
done
t_is "the CPU gave four kinds of code" "$(grep -c -E '=(4|6|20|7|21)$' "$T_DIR/faults")" 13

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
