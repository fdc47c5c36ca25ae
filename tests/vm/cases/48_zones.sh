#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# zones: every field of /proc/zoneinfo and /proc/buddyinfo; the /proc reader beside the module; why an allocation passes.
# collectors: zones
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet

# --- the stream against the kernel's own text, field by field, in one process ---
t_run zonecheck 200
t_expect_status 0 "every field of zoneinfo and buddyinfo is the stream's, and none is left out"
t_note "$(cat "$T_OUT")"
t_ok "there were many" [ "$(sed -n 's/^fields=\([0-9]*\).*/\1/p' "$T_OUT")" -gt 100 ]

# --- the tool: what stands still ---
cp /proc/zoneinfo "$T_DIR/zoneinfo"
page=$(getconf PAGESIZE 2>/dev/null || echo 4096)
# NODE ZONE PRESENT SPANNED MANAGED MIN LOW HIGH in bytes
awk -v p="$page" '$1 == "Node" { node = $2; sub(",", "", node); zone = $4 }
	$1 ~ /^(min|low|high|spanned|present|managed)$/ { v[$1] = $2 }
	$1 == "protection:" { printf "%s %s %.0f %.0f %.0f %.0f %.0f %.0f\n", node, zone, v["present"] * p, v["spanned"] * p,
		v["managed"] * p, v["min"] * p, v["low"] * p, v["high"] * p }' "$T_DIR/zoneinfo" >"$T_DIR/want"
fields=NODE,ZONE,PRESENT,SPANNED,MANAGED,MIN,LOW,HIGH
for s in module procfs; do
	t_run mmscope zones --source $s -n -b -o $fields
	t_expect_status 0
	t_expect_empty "zones --source $s is silent on stderr"
	awk '{ $1 = $1; print }' "$T_OUT" >"$T_DIR/ours"
	t_ok "sizes and watermarks of every zone, those with no pages too ($s)" diff "$T_DIR/want" "$T_DIR/ours"
done
t_ok "a zone with no pages is among them" grep -q ' 0 0 0 ' "$T_DIR/want"
awk '$1 == "start_pfn:" { print $2 }' "$T_DIR/zoneinfo" >"$T_DIR/want"
mmscope zones -n -o START,PRESENT -b | awk -v p="$page" '$2 > 0 { print $1 }' | while read -r a; do echo $((a / page)); done >"$T_DIR/ours"
t_ok "START of those that have pages" diff "$T_DIR/want" "$T_DIR/ours"

# what zoneinfo tells, the /proc reader gives as the module does
# (6.12's zoneinfo does not have the bounds between which it moves a list's high)
if grep -q high_min /proc/zoneinfo; then lists=BATCH,HIGH_MIN,HIGH_MAX,THRESHOLD; else lists=BATCH,THRESHOLD; fi
still='^ *[0-9]+ +[A-Za-z0-9-]+ +(nr_mlock|nr_bounce|nr_free_cma|nr_unaccepted|nr_isolated_anon|nr_hugetlb|numa_miss|numa_foreign|nr_vmscan_write) '
for s in module procfs; do
	mmscope zones --source $s -n --stats >"$T_DIR/stats"
	awk '{ print $1, $2, $3 }' "$T_DIR/stats" | sort >"$T_DIR/names.$s"
	grep -E "$still" "$T_DIR/stats" | awk '{ print $1, $2, $3, $4 }' | sort >"$T_DIR/still.$s"
	mmscope zones --source $s -n --cpus -o NODE,ZONE,CPU,$lists | awk '$2 != "-" { $1 = $1; print }' >"$T_DIR/cpus.$s"
done
# (of zones with no pages zoneinfo prints only how many are free)
mmscope zones -n -b -o NODE,ZONE,PRESENT | awk '$3 == 0 { print $1, $2 " " }' >"$T_DIR/none"
grep -vF -f "$T_DIR/none" "$T_DIR/names.module" >"$T_DIR/names.m"
grep -vF -f "$T_DIR/none" "$T_DIR/names.procfs" >"$T_DIR/names.p"
t_ok "the same counters by name" diff "$T_DIR/names.m" "$T_DIR/names.p"
grep -vF -f "$T_DIR/none" "$T_DIR/still.module" >"$T_DIR/still.m"
grep -vF -f "$T_DIR/none" "$T_DIR/still.procfs" >"$T_DIR/still.p"
t_ok "those that stand still have the same values" diff "$T_DIR/still.m" "$T_DIR/still.p"
t_ok "there are some" [ "$(wc -l <"$T_DIR/still.p")" -ge 3 ]
t_ok "batch, bounds and threshold of every CPU's lists" diff "$T_DIR/cpus.module" "$T_DIR/cpus.procfs"

# --- would it pass? ---
t_run mmscope zones --order 0
t_expect_status 0
t_expect_grep '^kernel \(GFP_KERNEL\):$' "in words, for an ordinary allocation"
t_expect_grep '^  node 0 [A-Za-z0-9]+ serves it: [0-9]+ free - [0-9]+ unusable = [0-9]+, and only [0-9]+ must remain \(low [0-9]+ \+ reserve [0-9]+\)' \
	"with the terms of __zone_watermark_ok()"
t_expect_grep '^atomic \(GFP_ATOMIC\):$' "for an atomic one"
# min_free_kbytes moves the watermarks: min below what is free (or the machine would die), low, a quarter more, above
min=$(cat /proc/sys/vm/min_free_kbytes)
free=$(awk '/^LowFree:/ { low = $2 } /^MemFree:/ { free = $2 } END { print low ? low : free }' /proc/meminfo)
echo $((free * 88 / 100)) >/proc/sys/vm/min_free_kbytes
t_run mmscope zones --order 0
echo "$min" >/proc/sys/vm/min_free_kbytes
cp "$T_OUT" "$T_DIR/order"
sed -n '/^kernel (GFP_KERNEL)/,/^[a-z]/p' "$T_DIR/order" | sed '$d' >"$T_OUT"
t_expect_grep 'does not serve it: .*more than [0-9]+ must remain' "below the low watermark no zone serves it"
t_expect_grep '^  None does: kswapd is woken' "so kswapd is woken"
t_expect_grep '^  Then against the min watermark:' "and it is tried again, down to min"
t_expect_grep ' serves it: .*\(min [0-9]+ ' "which passes"
t_is "min_free_kbytes is as it was" "$(cat /proc/sys/vm/min_free_kbytes)" "$min"
zone=$(awk '$1 == "Node" { z = $4 } $1 == "start_pfn:" { print z; exit }' "$T_DIR/zoneinfo")
t_run mmscope zones --order 3 --zone "$zone"
t_expect_status 0 "--order 3 --zone $zone"
t_expect_grep "^  node 0 $zone " "it begins with that zone"
t_run mmscope zones --order 3 --json
t_expect_status 0
t_expect_grep '"verdict": "passes"' "JSON has the verdicts"

# --- captures ---
t_run mmscope record --machine "$T_DIR/m.mms"
t_expect_status 0 "record --machine"
t_run mmscope --from "$T_DIR/m.mms" zones -n -b -o $fields
t_expect_status 0 "--from: zones"
awk '{ $1 = $1; print }' "$T_OUT" >"$T_DIR/ours"
mmscope zones -n -b -o $fields | awk '{ $1 = $1; print }' >"$T_DIR/want"
t_ok "it is what was recorded" diff "$T_DIR/want" "$T_DIR/ours"

# --- bad input ---
for bad in "--order 99" "--order -1" "--order x" "--order 19" "--zone nonsense" "--node 77" "nonsense" "--lru --order 1" "-o NONSENSE"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope zones $bad
	t_expect_status 2 "zones $bad: 2"
	t_ok "zones $bad: says why" [ -s "$T_ERR" ]
done
t_ok "a request with a flag is refused" ! sh -c 'echo tables >/sys/kernel/debug/mmscope/zones'
t_ok "and one with a range" ! sh -c 'echo 0x1000 0x2000 >/sys/kernel/debug/mmscope/zones'
