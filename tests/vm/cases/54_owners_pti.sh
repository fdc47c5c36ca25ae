#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# With page-table isolation each process has two top-level tables, side by side: N processes more, 2 N frames more.
# collectors: owners
# archs: amd64
# vm: --append "pti=on"
# shellcheck source=/dev/null
. /tests/lib.sh

t_quiet
N=40
D=/sys/kernel/debug/mmscope
t_ok "the kernel isolates page tables" grep -qw pti /proc/cpuinfo
# class NAME: frames of it in the last t_run
class() { awk -v c="$1" '$1 == c { n = $2 } END { print n + 0 }' "$T_OUT"; }
unknown() { sed -n 's/.*present, \([0-9]*\) unknown$/\1/p' "$T_OUT"; }
# tops: frames that owners alone call page tables, and how many processes have an address space, by the check
tops() {
	t_run mmscope check frames.tables --all -b
	t_expect_status 0 "$1: the census' page tables and nr_page_table_pages do not disagree"
	t_note "$(cat "$T_OUT")"
	sed -n 's/^frames.tables, explained: \([0-9]*\) frames are tables above .*: \([0-9]*\) processes have \([0-9]*\) PGD each, and \([0-9]*\) PUD .*/\1 \2 \3 \4/p' \
		"$T_OUT" >"$T_DIR/$1"
}

tops before
t_run mmscope frames -n
t_expect_status 0 "the census before"
tables=$(class pgtable) unknown=$(unknown)
# buffers: unknown blocks of 64 frames: a stream that is long gets a buffer of 256K (module/transport/debugfs.c), which is the reader's own
buffers() {
	t_run mmscope frames --runs --top 1000 -n -b -o FRAMES,ORDER,CLASS
	awk '$1 == 64 && $2 == 6 && $3 == "unknown" { n++ } END { print n + 0 }' "$T_OUT"
}
bufs=$(buffers)
i=0
pids=
while [ $i -lt $N ]; do
	sleep 1000 &
	pids="$pids $!"
	i=$((i + 1))
done
asleep() { [ "$(for p in $pids; do cat "/proc/$p/comm"; done | grep -c sleep)" = $N ]; }
t_ok "$N processes" t_wait 20 asleep

# --- each has one run of two frames, which nobody else has (its first one; then come those of the next levels) ---
cat $D/owners >"$T_DIR/owners"
awk -v pids="$pids" 'BEGIN { n = split(pids, a); for (i = 1; i <= n; i++) mine[a[i]] = 1 }
	/ class=pgtable / { sub(/.*pfn=/, "pfn="); split($0, w, /[ =]+/); if (w[8] in mine && !told[w[8]]++) print w[8], w[2], w[4] }' \
	"$T_DIR/owners" | sort -u >"$T_DIR/tops"
t_is "processes with top-level tables" "$(cut -d' ' -f1 "$T_DIR/tops" | sort -u | wc -l)" $N
t_is "of two frames each" "$(awk '$3 == 2' "$T_DIR/tops" | wc -l)" $N
t_is "none is another's" "$(cut -d' ' -f2 "$T_DIR/tops" | sort -u | wc -l)" $N
# (the kernel's is at a multiple of two frames, the user's behind it: arch/x86/include/asm/pgtable.h, kernel_to_user_pgdp())
t_is "the first at an even frame" "$(awk '$2 !~ /[02468ace]$/' "$T_DIR/tops" | wc -l)" 0
read -r pid first count <"$T_DIR/tops"
second=$(printf '0x%x' $((first + 1)))
for pfn in "$first" "$second"; do
	t_run mmscope frame "$pfn"
	t_expect_status 0 "frame $pfn"
	t_expect_grep 'page table' "frame $pfn of process $pid is a page table"
done
t_is "count of the runs" "$count" 2

# --- and the census has them ---
t_run mmscope frames -n
t_expect_status 0 "the census after"
t_note "$(cat "$T_OUT")"
present=$(sed -n 's/^\([0-9]*\) frames present.*/\1/p' "$T_OUT")
now=$(unknown)
t_ok "page tables: $tables before, $(class pgtable) with $N processes" [ $(($(class pgtable) - tables)) -ge $((2 * N)) ]
# (what they have besides is not more than some pages that the kernel keeps for itself)
t_ok "unknown: $now of $present, at most 0.5 %" [ $((now * 200)) -le "$present" ]
own=$(($(buffers) - bufs))
t_ok "$own buffers of the reader's own more: at most one" [ $own -ge 0 -a $own -le 1 ]
t_ok "unknown: $unknown before, $now with $N processes" [ $((now - own * 64 - unknown)) -lt $((N / 2)) ]
t_run mmscope frames --runs --top 1000 -n -b -o PFN,FRAMES,CLASS
t_expect_status 0 "what is unknown"
while read -r _ first count; do echo "top $((first)) $count"; done <"$T_DIR/tops" >"$T_DIR/both"
while read -r pfn count class _; do [ "$class" = unknown ] && echo "unknown $((pfn)) $count"; done <"$T_OUT" >>"$T_DIR/both"
t_ok "there are some" [ "$(grep -c unknown "$T_DIR/both")" -gt 1 ]
t_is "top-level tables among them" "$(awk '$1 == "top" { for (i = 0; i < $3; i++) top[$2 + i] = 1 }
	$1 == "unknown" { for (i = 0; i < $3; i++) n += ($2 + i) in top } END { print n + 0 }' "$T_DIR/both")" 0
tops after
if [ -s "$T_DIR/before" ]; then
	read -r was _ _ pud0 <"$T_DIR/before"
	read -r is procs each pud1 <"$T_DIR/after"
	p4d=$(grep -qw la57 /proc/cpuinfo && echo 1 || echo 0)
	# (VmPTE is read later: it may have a few more or less)
	off=$((is - was - (2 + p4d) * N - pud1 + pud0))
	t_ok "$((is - was)) tables above the PMD level more, which nr_page_table_pages leaves out ($off)" [ $off -ge -16 -a $off -le 16 ]
	off=$((is - (2 + p4d) * procs - pud1))
	t_ok "$is of all processes: two PGD, $p4d P4D, and PUD by VmPTE ($off)" [ $off -ge -8 -a $off -le 8 ]
	t_is "two PGD each" "$each" 2
else
	t_expect_grep '^frames.tables .* (agree|moved)$' "nr_page_table_pages has them: to the page"
	t_pass "of all processes"
fi
# shellcheck disable=SC2086 # PIDs
kill $pids
wait
t_pass "end"
