#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# buddy against /proc/buddyinfo, /proc/pagetypeinfo, /proc/zoneinfo and debugfs's extfrag; huge pages taken and given back.
# collectors: buddy
# shellcheck source=/dev/null
. /tests/lib.sh

D=/sys/kernel/debug/mmscope
t_quiet
orders=$(awk 'NR == 1 { print NF - 4 }' /proc/buddyinfo)
cols=$(seq -s, 0 $((orders - 1)) | sed 's/[0-9]*/O&/g')

# what the text view says of zones stands in zoneinfo; these figures do not move
sed -n 's/^zone .*node=\([0-9]*\) zone=\([^ ]*\) .*start_pfn=\([^ ]*\) spanned=\([0-9]*\) present=\([0-9]*\) managed=\([0-9]*\) .*wmark_min=\([0-9]*\) wmark_low=\([0-9]*\) wmark_high=\([0-9]*\) .*/\1 \2 \3 \4 \5 \6 \7 \8 \9/p' $D/buddy |
	while read -r n z start rest; do echo "$n $z $((start)) $rest"; done >"$T_DIR/ours"
awk '/^Node/ { n = $2 + 0; z = $4; done = 0 } $1 == "min" { lo = $2 } $1 == "low" { mid = $2 } $1 == "high" && NF == 2 && !done { hi = $2; done = 1 }
	$1 == "spanned" { s = $2 } $1 == "present" { p = $2 } $1 == "managed" { m = $2 }
	/start_pfn:/ { if (m) print n, z, $2, s, p, m, lo, mid, hi; m = 0 }' /proc/zoneinfo >"$T_DIR/theirs"
t_ok "zones: span, present, managed and watermarks are those of zoneinfo" diff "$T_DIR/theirs" "$T_DIR/ours"
t_ok "there are zones" [ -s "$T_DIR/ours" ]

# --- one moment, all witnesses ---
for _ in 1 2 3 4 5; do
	rm -f "$T_DIR"/stream.mms
	t_note "$(buddytruth "$T_DIR" 2>&1)"
	mmscope --from "$T_DIR/stream.mms" buddy --scan >"$T_DIR/scan" 2>&1 || continue
	! tail -n 1 "$T_DIR/scan" | grep -q ' 0 moved between two looks, 0 not comparable, 0 disagree' || break
done
t_ok "the machine stood still while it was looked at" [ -s "$T_DIR/stream.mms" ]
told() { t_run mmscope --from "$T_DIR/stream.mms" "$@"; }

awk '{ $1 = ""; $3 = ""; sub(",", "", $2); print }' "$T_DIR/buddyinfo" | awk '{ $1 = $1; print }' >"$T_DIR/theirs"
told buddy -n -o "NODE,ZONE,$cols"
awk '{ $1 = $1; print }' "$T_OUT" >"$T_DIR/ours"
t_ok "buddyinfo: equal" diff "$T_DIR/theirs" "$T_DIR/ours"
t_expect_empty

awk '/Number of blocks/ { exit } $5 == "type" { n = $2 + 0; z = $4; t = $6; $1 = $2 = $3 = $4 = $5 = $6 = ""; sub(",", "", z)
	$0 = n " " z " " t $0; $1 = $1; print }' "$T_DIR/pagetypeinfo" | sed 's/,//g' | sort >"$T_DIR/theirs"
told buddy --types -n -o "NODE,ZONE,TYPE,$cols"
awk '{ $1 = $1; print }' "$T_OUT" | sort >"$T_DIR/ours"
t_ok "pagetypeinfo: free blocks by migratetype: equal" diff "$T_DIR/theirs" "$T_DIR/ours"
t_ok "of several types" [ "$(wc -l <"$T_DIR/ours")" -ge 4 ]

awk '/Number of mixed/ { exit } /Number of blocks/ { for (i = 5; i <= NF; i++) t[i] = $i; on = 1; next }
	on && /^Node/ { sub(",", "", $2); for (i = 5; i <= NF; i++) print $2, $4, t[i], $i }' "$T_DIR/pagetypeinfo" |
	sed 's/,//g' | sort >"$T_DIR/theirs"
told buddy --types -n -o NODE,ZONE,TYPE,PAGEBLKS
awk '{ $1 = $1; print }' "$T_OUT" | sort >"$T_DIR/ours"
t_ok "pagetypeinfo: pageblocks by migratetype: equal" diff "$T_DIR/theirs" "$T_DIR/ours"

# extfrag: "0.-500" is how the kernel prints -0.5; busybox's awk takes "025" for octal
for f in unusable_index extfrag_index; do
	awk '{ sub(",", "", $2); for (i = 5; i <= NF; i++) { v = $i; neg = sub("-", "", v)
		sub("[.]", "", v); sub("^0*", "", v); v += 0; print $2, $4, i - 5, neg ? -v : v } }' \
		"$T_DIR/$f" >"$T_DIR/$f.theirs"
done
told buddy --frag -n
awk -v one="$(awk '{ print $2 + 0; exit }' "$T_DIR/buddyinfo")" -v nodes="$(awk '{ print $2 }' "$T_DIR/buddyinfo" | sort -u | wc -l)" '
	{ if (nodes == 1) $0 = one " " $0
	  neg = $7 ~ /^-/; e = $7; sub("-", "", e); e = e * 1000; print $1, $2, $3, sprintf("%.0f", $6 * 1000), sprintf("%.0f", neg ? -e : e) }' \
	"$T_OUT" >"$T_DIR/both"
cut -d' ' -f 1-4 "$T_DIR/both" >"$T_DIR/unusable_index.ours"
cut -d' ' -f 1-3,5 "$T_DIR/both" >"$T_DIR/extfrag_index.ours"
t_ok "extfrag/unusable_index: equal" diff "$T_DIR/unusable_index.theirs" "$T_DIR/unusable_index.ours"
t_ok "extfrag/extfrag_index: equal" diff "$T_DIR/extfrag_index.theirs" "$T_DIR/extfrag_index.ours"

told buddy --scan
t_expect_status 0 "counters, lists and frames: nothing disagrees"
t_expect_grep "^$(wc -l <"$T_DIR/both") orders agree, 0 moved between two looks, 0 not comparable, 0 disagree" "counters, lists and frames are equal in every order of every zone"
t_expect_grep ' yes +agree' "lists of an order were read in one hold"

# --- live ---
for what in "" --types --frag --scan; do
	# shellcheck disable=SC2086 # no word or one
	t_run mmscope buddy $what
	t_expect_status 0
	t_expect_empty
	t_ok "buddy $what: within 80 columns" [ "$(wc -L <"$T_OUT")" -le 80 ]
	# shellcheck disable=SC2086
	t_run mmscope buddy --json $what
	t_expect_status 0
done
t_run mmscope --source procfs buddy -n -o "NODE,ZONE,$cols"
t_is "by /proc: as many zones" "$(wc -l <"$T_OUT")" "$(wc -l </proc/buddyinfo)"

# blocks: each aligned, no two overlap, and together they are what is free
sh -c 'exec 3<>"$1" && echo blocks >&3 && cat <&3' ask $D/buddy >"$T_DIR/blocks"
# (busybox's awk has no powers)
pow='function pow2(n, v) { v = 1; while (n-- > 0) v *= 2; return v }'
# shellcheck disable=SC2016 # awk's own
t_ok "blocks: none overlap, all aligned" awk "$pow"'/^block/ { split($2, p, "="); split($3, o, "="); a = 0
	s = tolower(substr(p[2], 3)); for (i = 1; i <= length(s); i++) a = a * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	if (a % pow2(o[2]) || a < last) bad = 1; last = a + pow2(o[2]); n++ } END { exit bad || n < 10 }' "$T_DIR/blocks"
t_is "blocks: as many pages as the scan has counted" \
	"$(awk "$pow"'/^block/ { split($3, o, "="); n += pow2(o[2]) } END { print n " pages" }' "$T_DIR/blocks")" \
	"$(awk "$pow"'/^area/ { for (i = 2; i <= NF; i++) { split($i, v, "="); if (v[1] == "order") o = v[2]; if (v[1] ~ /^scan_[^o]/) n += v[2] * pow2(o) } }
		END { print n " pages" }' "$T_DIR/blocks")"

# --- huge pages: memory of a known order taken and given back ---
huge=$(t_huge)
fitting() { # blocks of that size that are free, in all zones
	mmscope buddy --frag --json | awk -v want="$huge" -F '[:,]' '/"size"/ { s = $2 + 0 } /"fitting"/ && s == want { n += $2 } END { print n + 0 }'
}
free() { mmscope buddy -b -n -o FREE,PCP | awk '{ n += $1 + $2 } END { printf "%.0f", n }'; }
pool() { sed -n "s/^HugePages_Total: *//p" /proc/meminfo; }
if grep -q "^Hugepagesize: *$((huge / 1024)) kB" /proc/meminfo; then
	was=$(pool)
	echo 1 >/proc/sys/vm/compact_memory 2>/dev/null
	f0=$(fitting) m0=$(free)
	echo $((was + 40)) >/proc/sys/vm/nr_hugepages
	got=$(($(pool) - was))
	f1=$(fitting) m1=$(free)
	echo "$was" >/proc/sys/vm/nr_hugepages
	f2=$(fitting) m2=$(free)
	t_note "huge pages taken: $got; free blocks of $huge: $f0, $f1, $f2; free bytes: $m0, $m1, $m2"
	between() { [ "$1" -le "$2" ] && [ "$2" -le "$3" ]; }
	t_ok "the pool took huge pages" [ "$got" -ge 20 ]
	within() { [ $(($1 - $2)) -le "$3" ] && [ $(($2 - $1)) -le "$3" ]; }
	# (taking them compacts: other blocks come free meanwhile; what the bytes below say is sharper)
	t_ok "free blocks are gone: $((f0 - f1)) for $got" between $((got / 2)) $((f0 - f1)) $((got + 4))
	# (some stay on per-CPU lists: half of them at most; FREE and PCP below tell of all)
	t_ok "and most are back" within "$f0" "$f2" $((got / 2))
	near() { awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; if (d < 0) d = -d; exit d > 4 * 1048576 }'; }
	t_ok "FREE and PCP fell by what they hold (within 4M)" near "$(awk "BEGIN { printf \"%.0f\", $m0 - $m1 }")" "$(awk "BEGIN { printf \"%.0f\", $got * $huge }")"
	t_ok "and rose again (within 4M)" near "$m0" "$m2"
else
	t_skip "huge pages taken and given back" "no hugetlb pool of $huge bytes"
fi

# --- long lists: every second page free; they take several holds ---
# (what is freed shall go to the free lists: newer kernels let a processor's own lists have an eighth of a zone)
high=/proc/sys/vm/percpu_pagelist_high_fraction
[ ! -e $high ] || echo 100000 >$high
fragment 100 >"$T_DIR/facts" &
pid=$!
t_ok "fragment is ready" t_wait 60 grep -q ready=1 "$T_DIR/facts"
pages=$(sed -n 's/^kept=//p' "$T_DIR/facts")
total() { awk -v w="$1" '/^area/ && / order=0 / { for (i = 2; i <= NF; i++) { split($i, v, "="); if (v[1] ~ w) n += v[2] } } END { print n + 0 }' "$2"; }
for _ in 1 2 3 4 5; do
	sh -c 'exec 3<>"$1" && echo lists scan >&3 && cat <&3' ask $D/buddy >"$T_DIR/long"
	if ! grep '^area' "$T_DIR/long" | grep -qv 'list_least=0x0 ' && [ "$(total list_[umrhci] "$T_DIR/long")" -ge $((pages / 4)) ]; then break; fi
	sleep 0.3
done
t_note "$(tail -n 1 "$T_DIR/long")"
listed=$(total '^list_[umrhci]' "$T_DIR/long") scanned=$(total '^scan_[^o]' "$T_DIR/long") counter=$(total '^counter$' "$T_DIR/long")
t_note "kept $pages pages; order 0: counter $counter, lists $listed, frames $scanned"
t_ok "the pages between are on the lists of order 0" [ "$listed" -ge $((pages / 4)) ]
t_ok "no list was too long" ! grep -q 'list_least=0x[1-9a-f]' "$T_DIR/long"
near1() { [ $((($1 - $2) * 100)) -le "$1" ] && [ $((($2 - $1) * 100)) -le "$1" ]; }
t_ok "lists and counter are near (1 %)" near1 "$counter" "$listed"
t_ok "frames and counter are near (1 %)" near1 "$counter" "$scanned"
t_run mmscope buddy --scan
t_expect_status 0 "--scan of long lists: nothing disagrees"
kill $pid
[ ! -e $high ] || echo 0 >$high

# --- bad input ---
for what in "--zone Nowhere" "--types --frag" "--scan --types" "1" "-o NOPE" "--zone"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope buddy $what
	t_expect_status 2 "buddy $what: 2"
done
t_run mmscope buddy --zone Device
t_expect_status 1 "a zone without memory: 1"
t_expect_err 'no zone Device' "and it is named"
t_run mmscope --source procfs buddy --scan
t_expect_status 1 "--scan without the module: 1"
t_expect_err 'module' "and the module is named"
t_run doors nobody mmscope --source procfs buddy --types
t_expect_status 1 "--types for others than root: 1"
t_expect_err 'root' "and root is named"
for words in "5 4" "1 2 3" nonsense; do
	# shellcheck disable=SC2016 # for the inner shell
	t_ok "the text door refuses '$words'" ! sh -c 'exec 3<>"$1" && echo "$2" >&3' ask $D/buddy "$words"
done
