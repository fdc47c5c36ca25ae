#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The columns of map that tell of the frames, by the module and by kpageflags, against kpageflags itself, zoneinfo, and
# what the workload knows of itself.
# collectors: pgtable frames
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet

huge=$(t_huge)
workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }
# what was just touched waits in a list of its processor's, and is on no list of reclaim until that is full
drain() { echo 1 >/proc/sys/vm/compact_memory 2>/dev/null || dd if=/dev/zero of=/dev/null bs=1M count=1 2>/dev/null; }
# 6.12's kpageflags says KSM of every anonymous page: no witness then, and not believed by map either
ksm_untrue=
first=$(pagemap $pid list "$(fact sparse)" $(($(fact sparse_len) / 4096)) | head -n 1)
if [ $((0x$(pfnscan kpf "$(printf %x "$first")" | cut -d' ' -f1) & 0x200000)) != 0 ]; then
	ksm_untrue=1
	t_note "this kernel's kpageflags calls all anonymous pages KSM: that is not compared"
fi
mglru=$(cat /sys/kernel/mm/lru_gen/enabled 2>/dev/null || echo 0)

for source in module procfs; do
	for try in 1 2 3 4; do
		drain
		pagemap $pid lru >"$T_DIR/before"
		t_run mmscope map --source $source -n --bytes -o START,LRU,ACTIVE,UNEVICT,KSM,ZONES $pid
		pagemap $pid lru >"$T_DIR/after"
		# (a VMA of 1 GiB and more, and vvar, are not in the other list)
		awk -v ksm="$ksm_untrue" 'NR == FNR { has[$1] = 1; next } $1 in has { print $1, $2, $4, ksm ? "" : $5 }' \
			"$T_DIR/after" "$T_OUT" >"$T_DIR/ours"
		awk -v ksm="$ksm_untrue" '{ print $1, $2, $4, ksm ? "" : $5 }' "$T_DIR/after" >"$T_DIR/theirs"
		if cmp -s "$T_DIR/ours" "$T_DIR/theirs"; then break; fi
	done
	t_expect_status 0 "$source: map -o LRU,..."
	t_ok "$source: LRU, UNEVICT and KSM of every VMA are kpageflags' (try $try)" diff "$T_DIR/theirs" "$T_DIR/ours"
	t_ok "$source: of more than 30" [ "$(wc -l <"$T_DIR/theirs")" -gt 30 ]
	t_ok "$source: some are on a list" [ "$(awk '$2 > 0' "$T_DIR/theirs" | wc -l)" -gt 15 ]
	if [ $((mglru & 1)) -eq 1 ]; then
		t_is "$source: with MGLRU none is called active" "$(awk '{ print $3 }' "$T_OUT" | sort -u)" -
	else
		# who looks runs on libc, too, and so makes pages of it active: VMAs of which that was the same before and after
		awk 'NR == FNR { was[$1] = $3; next } $1 in was && was[$1] == $3 { print $1, $3 }' "$T_DIR/before" "$T_DIR/after" >"$T_DIR/theirs"
		awk 'NR == FNR { has[$1] = 1; next } $1 in has { print $1, $3 }' "$T_DIR/theirs" "$T_OUT" >"$T_DIR/ours"
		t_ok "$source: ACTIVE was compared for many" [ "$(wc -l <"$T_DIR/theirs")" -gt 30 ]
		t_ok "$source: ACTIVE is kpageflags'" diff "$T_DIR/theirs" "$T_DIR/ours"
	fi
	locked=$(fact locked)
	if [ -n "$locked" ]; then
		t_is "$source: locked pages are unevictable" "$(awk -v s="$locked" '$1 == s { print $4 }' "$T_OUT")" $((8 * 4096))
	fi
done

# zones: each page in one; no zone has a page outside the bounds of its own
t_run mmscope map --source module -n --bytes -o START,RSS,ZONES $pid
cp "$T_OUT" "$T_DIR/zoned"
total=$(awk '{ n = split($3, a, ","); for (i = 1; i <= n; i++) { split(a[i], b, ":"); s += b[2] } } END { printf "%.0f", s }' "$T_DIR/zoned")
rss=$(awk '{ n += $2 } END { printf "%.0f", n }' "$T_DIR/zoned")
hugetlb=$(awk '/^(Shared|Private)_Hugetlb:/ { n += $2 } END { printf "%.0f", n * 1024 }' /proc/$pid/smaps)
t_is "zones sum to RSS and hugetlb" "$total" $((rss + hugetlb))
t_ok "each zone is one of zoneinfo's" [ -z "$(awk 'NR == FNR { if (/^Node/) has[$4] = 1; next }
	$3 ~ /:/ { n = split($3, a, ","); for (i = 1; i <= n; i++) { split(a[i], b, ":"); if (!(b[1] in has)) print b[1] } }' \
	/proc/zoneinfo "$T_DIR/zoned")" ]
awk '/^Node/ { z = $4 } $1 == "spanned" { span = $2 } $1 == "start_pfn:" { if (span) print z, $2, $2 + span }' /proc/zoneinfo >"$T_DIR/zones"
for area in sparse locked memfd; do
	start=$(fact $area)
	[ -n "$start" ] || continue
	pagemap $pid list "$start" $(($(fact ${area}_len) / 4096)) >"$T_DIR/pfns"
	awk 'NR == FNR { z[NR] = $1; a[NR] = $2; b[NR] = $3; n = NR; next }
		{ for (i = 1; i <= n; i++) if ($1 >= a[i] && $1 < b[i]) s[z[i]] += 4096 }
		END { for (k in s) print k ":" s[k] }' "$T_DIR/zones" "$T_DIR/pfns" | sort >"$T_DIR/theirs"
	awk -v s="$start" '$1 == s { print $3 }' "$T_DIR/zoned" | tr , '\n' | sort >"$T_DIR/ours"
	t_ok "ZONES of $area: page by page" diff "$T_DIR/theirs" "$T_DIR/ours"
done

# KSM
sharing run "$T_DIR" 0 >"$T_DIR/shared" &
t_ok "four processes are ready" t_wait 20 grep -q ready=1 "$T_DIR/shared"
if [ -e /sys/kernel/mm/ksm/run ]; then
	echo 1000 >/sys/kernel/mm/ksm/pages_to_scan
	echo 0 >/sys/kernel/mm/ksm/sleep_millisecs
	echo 1 >/sys/kernel/mm/ksm/run
	t_ok "KSM has merged 16 pages" t_wait 20 grep -qx 16 /sys/kernel/mm/ksm/pages_sharing
	echo 0 >/sys/kernel/mm/ksm/run
	c1=$(sed -n 's/^c1=//p' "$T_DIR/shared") area=$(sed -n 's/^ksm=//p' "$T_DIR/shared")
	for source in module procfs; do
		t_run mmscope map --source $source -n --bytes -o START,KSM "$c1"
		if [ $source = procfs ] && [ -n "$ksm_untrue" ]; then
			t_is "$source: KSM is not known of any area" "$(awk '{ print $2 }' "$T_OUT" | sort -u)" -
			continue
		fi
		t_is "$source: KSM of the merged area" "$(awk -v s="$area" '$1 == s { print $2 }' "$T_OUT")" $((16 * 4096))
		t_is "$source: and of no other" "$(awk '{ n += $2 } END { print n }' "$T_OUT")" $((16 * 4096))
	done
fi
kill "$(sed -n 's/^p=//p' "$T_DIR/shared")"

# shares and runs
t_run mmscope map -n --bytes -o START,SIZE,RSS,HUGE,THP,THPROOM,EXT,MEANRUN,LARGEST $pid
t_is "THP is HUGE of RSS in percent" "$(awk '$5 != "-" && $5 != int($4 * 100 / $3)' "$T_OUT")" ""
t_is "it is not known of nothing" "$(awk '$3 > 0 && $5 == "-"' "$T_OUT")" ""
t_is "MEANRUN is RSS by EXT" "$(awk '$3 > 0 && $8 != int($3 / $7)' "$T_OUT")" ""
t_ok "no mean is above the largest" [ -z "$(awk '$8 != "-" && $8 > $9' "$T_OUT")" ]
thp=$(fact thp)
if [ -n "$thp" ] && [ "$(awk -v s="$thp" '$1 == s { print $4 }' "$T_OUT")" -gt 0 ]; then
	t_is "the huge area: all is huge" "$(awk -v s="$thp" '$1 == s { print $5 }' "$T_OUT")" 100
	room=$((($(fact thp_len) - (huge - thp % huge) % huge) / huge * huge * 100 / $(fact thp_len)))
	t_is "the huge area: room" "$(awk -v s="$thp" '$1 == s { print $6 }' "$T_OUT")" $room
fi
t_is "sparse: runs of one page" "$(awk -v s="$(fact sparse)" '$1 == s { print $8, $9 }' "$T_OUT")" "4096 4096"
t_is "sparse: too small for a huge page" "$(awk -v s="$(fact sparse)" '$1 == s { print $6 }' "$T_OUT")" 0

# said by whom; and when the module cannot tell (its file answers nothing), kpageflags does
t_run mmscope map --source procfs -o START,RSS,LRU,ZONES,NAME $pid
t_expect_grep '^LRU .* from /proc/kpageflags' "who says it is said"
t_run mmscope map -o START,RSS,LRU,ACTIVE,UNEVICT,KSM,ZONES,NAME $pid
t_expect_grep '^LRU .* \(module\)$' "the module, if it is there"
t_expect_no_grep 'kpageflags' "which needs no kpageflags"
t_run mmscope map --json -o START,LRU $pid
t_expect_grep '"frames_from": *"module"' "--json says it, too"
stream=/sys/kernel/debug/mmscope/stream/frames
t_ok "the file can be covered" mount --bind /dev/null $stream
t_run mmscope map -o START,RSS,LRU,ZONES,NAME $pid
t_expect_status 0 "without the module's frames"
t_expect_grep '^LRU .* from /proc/kpageflags' "kpageflags is read"
t_expect_grep '^the module did not tell of frames: ' "which is said"
t_ok "with figures" [ "$(awk '$3 ~ /^[1-9]/' "$T_OUT" | wc -l)" -gt 10 ]
t_ok "and covered no more" umount $stream
t_run mmscope map $pid
t_expect_no_grep 'LRU' "who does not ask does not pay"
t_run mmscope record "$T_DIR/one.mms" $pid
t_run mmscope --from "$T_DIR/one.mms" map -o START,LRU $pid
t_expect_status 0 "a capture without frames"
t_expect_grep '^LRU .* not known' "of which they are not known"
kill $pid
