#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# tlb: pages by size and entries of every VMA against map and smaps; what the workload knows; a trace.
# archs: amd64
# collectors: pgtable
# shellcheck source=/dev/null
. /tests/lib.sh

huge=$(t_huge)
workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }

# --- each VMA ---
t_run mmscope tlb -n --bytes -o START,MAPPED,SMALL,HUGE,GIANT,ENTRIES,RANGES,IFHUGE,ADDED $pid
t_expect_status 0
t_expect_empty
cp "$T_OUT" "$T_DIR/tlb"
t_is "a line for each VMA, no more" "$(wc -l <"$T_DIR/tlb")" "$(grep -vc vsyscall /proc/$pid/maps)"
t_is "ENTRIES is the number of pages" "$(awk '$6 != $3 + $4 + $5' "$T_DIR/tlb")" ""
t_is "MAPPED is pages times their size" \
	"$(awk -v h="$huge" '$2 != $3 * 4096 + $4 * h + $5 * 1073741824' "$T_DIR/tlb")" ""
t_is "huge pages never need more entries" "$(awk '$8 > $6' "$T_DIR/tlb")" ""
t_is "without a range nothing changes" "$(awk '$7 == 0 && ($8 != $6 || $9 != 0)' "$T_DIR/tlb")" ""
t_is "a range adds less than a huge page" "$(awk -v h="$huge" '$9 > $7 * h' "$T_DIR/tlb")" ""

# the processor cannot use what is PROT_NONE, although Linux counts it; hugetlb is not in RSS
mmscope map -n --bytes -o START,RSS,ZERO,SPECIAL,CLASS $pid >"$T_DIR/map" 2>/dev/null
awk -v none="$(fact protnone)" '$1 != none && $5 != "hugetlb" { printf "%s %.0f\n", $1, $2 + $3 + $4 }' "$T_DIR/map" >"$T_DIR/want"
while read -r start _; do
	awk -v s="$start" '$1 == s { print $1, $2 }' "$T_DIR/tlb"
done <"$T_DIR/want" >"$T_DIR/ours"
t_ok "MAPPED is RSS, zero pages and special ones of map" diff "$T_DIR/want" "$T_DIR/ours"
awk '/^[0-9a-f]+-[0-9a-f]+ / { split($1, a, "-"); sub(/^0+/, "", a[1]); start = "0x" a[1]; h = 0; skip = /vsyscall/ }
	/^(AnonHugePages|ShmemPmdMapped|FilePmdMapped|Shared_Hugetlb|Private_Hugetlb):/ { h += $2 }
	/^VmFlags:/ && !skip { printf "%s %.0f\n", start, h * 1024 }' /proc/$pid/smaps >"$T_DIR/want"
awk -v h="$huge" '{ printf "%s %.0f\n", $1, $4 * h }' "$T_DIR/tlb" >"$T_DIR/ours"
t_ok "HUGE of every VMA is smaps' huge pages" diff "$T_DIR/want" "$T_DIR/ours"

# --- what the workload knows ---
# col START COLUMN-NUMBER
col() { awk -v s="$1" -v c="$2" '$1 == s { print $c }' "$T_DIR/tlb"; }
t_is "sparse has 32 pages" "$(col "$(fact sparse)" 3)" 32
if [ -n "$(fact thp_present)" ]; then
	t_is "thp is huge pages" "$(col "$(fact thp)" 4)" $((8388608 / huge))
else
	t_skip "thp is huge pages" "$(fact no_thp)"
fi
t_is "of PROT_NONE pages the processor has none" "$(col "$(fact protnone)" 2)" 0

# --- the sums ---
t_run mmscope tlb --json --bytes $pid
t_expect_status 0
t_is "the sum of the entries" "$(sed -n 's/^ *"entries": \([0-9]*\),*$/\1/p' "$T_OUT" | awk 'NR <= n { s += $1 } NR == n + 1 { print $1 - s }' \
	n="$(wc -l <"$T_DIR/tlb")")" 0
t_run mmscope tlb $pid
t_expect_grep '^pages: SMALL 4.0K, HUGE 2.0M.*; from page tables \(module\)$' "the sizes, and who says it"
t_expect_grep '^needs [0-9]+ TLB entries now$'
# QEMU's processors tell of their TLBs, or do not; what is shown says who has said it
t_expect_grep '^TLBs? (of this processor, by CPUID leaf|not known: )' "the processor's own"
t_expect_no_grep '^TLB: not known:.*0x' "nothing is made up"
t_run mmscope tlb --source procfs $pid
t_expect_status 0
t_expect_grep '; from smaps and pagemap$' "without the module it says so"
kill $pid
wait $pid 2>/dev/null

# --- a trace ---
printf '1000 2007\n2000 3007\n3000 4007\n4008 5067\n' >"$T_DIR/tables"
printf 'tlb 1 4K 1 2\ncr3 1000\naccess 1abc\nwrite 4008 6067\naccess 1abc\ninvlpg 1000\naccess 1abc\n' >"$T_DIR/trace"
t_run mmscope tlb --trace "$T_DIR/trace" --mem "$T_DIR/tables"
t_expect_status 0
t_expect_grep '^ +3 +0 access 1abc +miss +0x5abc rwx user 4.0K$' "the first access misses"
t_expect_grep '^ +5 +0 access 1abc +hit 1 +0x6abc rwx user 4.0K; 0x5abc rwx user 4.0K \(stale\)$' "a stale answer is allowed"
t_expect_grep '^ +7 +0 access 1abc +miss +0x6abc rwx user 4.0K$' "INVLPG ends that"
t_expect_grep '^1 hits in level 1, 0 in level 2, 2 misses, 0 page faults$'

# --- what it refuses ---
t_run mmscope tlb 2
t_expect_status 1 "a kernel thread: 1"
t_run mmscope tlb
t_expect_status 2 "no PID: 2"
t_run mmscope tlb --trace "$T_DIR/trace"
t_expect_status 2 "a trace without memory: 2"
printf 'hop\n' >"$T_DIR/trace"
t_run mmscope tlb --trace "$T_DIR/trace" --mem "$T_DIR/tables"
t_expect_status 2 "a line that is none: 2"
t_expect_err "line 1: 'hop' is not known" "and it is named"
