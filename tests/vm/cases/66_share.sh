#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# share against what four processes were made to share, against smaps, and against their pagemaps.
# collectors: pgtable frames
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet

huge=$(t_huge)
[ -e /sys/kernel/mm/transparent_hugepage ] || huge=0
mkdir -p "$T_DIR/ram"
mount -t ramfs ram "$T_DIR/ram"	# the one file system of page cache that is not shmem
echo 0 >/sys/kernel/mm/ksm/run
echo 8 >/proc/sys/vm/nr_hugepages
if [ "$(cat /proc/sys/vm/nr_hugepages)" -lt 8 ]; then echo 0 >/proc/sys/vm/nr_hugepages; fi
sharing run "$T_DIR/ram" "$huge" >"$T_DIR/facts" &
t_ok "four processes are ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
grep '^no_' "$T_DIR/facts" | sed 's/^/# /'
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }
p=$(fact p) c1=$(fact c1) c2=$(fact c2) c3=$(fact c3)
pids="$p $c1 $c2 $c3"
if [ -e /sys/kernel/mm/ksm/run ]; then
	echo 1000 >/sys/kernel/mm/ksm/pages_to_scan
	echo 0 >/sys/kernel/mm/ksm/sleep_millisecs
	echo 1 >/sys/kernel/mm/ksm/run
	t_ok "KSM has merged 16 pages" t_wait 20 grep -qx 16 /sys/kernel/mm/ksm/pages_sharing
	echo 0 >/sys/kernel/mm/ksm/run
fi

# The module knows which pages are merged.  6.12's kpageflags says KSM of every anonymous page, and is not believed: areas
# that may be merged leave the cause open.
said_ksm=KSM said_unknown=0
first=$(pagemap "$p" list "$(fact cow)" 1)
if [ $((0x$(pfnscan kpf "$(printf %x "$first")" | cut -d' ' -f1) & 0x200000)) != 0 ]; then
	t_note "this kernel's kpageflags calls all anonymous pages KSM"
	said_ksm=UNKNOWN said_unknown=$((2 * 16 * 4096))
fi
by() {
	ksm=KSM unknown=0
	if [ "$1" = procfs ]; then ksm=$said_ksm unknown=$said_unknown; fi
}

all=PID,START,CLASS,RSS,PSS,USS,WITHIN,OUTSIDE,TWICE,HUGETLB,FILE,SHMEM,FORK,KSM,ZERO,KERNEL,UNKNOWN,SMAPS_RSS,SMAPS_PSS,SMAPS_USS
# col PID AREA COLUMN of the VMAs in $T_DIR/vmas
col() {
	awk -v p="$1" -v s="$(fact "$2")" -v c="$3" -v names="$all" 'BEGIN { n = split(names, a, ",")
		for (i = 1; i <= n; i++) if (a[i] == c) k = i } $1 == p && $2 == s { print $k }' "$T_DIR/vmas"
}
M=1048576
pool=$(fact hugetlb_size)

# check SOURCE: the VMAs in $T_OUT are what the four processes were told to be
check() {
	cp "$T_OUT" "$T_DIR/vmas"
	# cow: MiB m is the parent's and that of the children 1..m; FORK USS PSS in MiB, PSS * 60
	while read -r who fork uss pss60; do
		pid=$(fact "$who")
		t_is "$1: cow: $who: FORK" "$(col "$pid" cow FORK)" $((fork * M))
		t_is "$1: cow: $who: USS" "$(col "$pid" cow USS)" $((uss * M))
		# each page is cut off to 1/4096 byte
		want=$((pss60 * M / 60))
		got=$(col "$pid" cow PSS)
		t_ok "$1: cow: $who: PSS ($got of $want)" [ "$got" -le $want -a "$got" -ge $((want - 1)) ]
		t_is "$1: cow: $who: RSS" "$(col "$pid" cow RSS)" $((8 * M))
	done <<-END
		p 7 1 185
		c1 7 1 185
		c2 6 2 215
		c3 5 3 255
	END
	for who in p c1 c2; do
		t_is "$1: file: $who: FILE" "$(col "$(fact $who)" file FILE)" $((64 * 4096))
		t_is "$1: file: $who: PSS" "$(col "$(fact $who)" file PSS)" $((64 * 4096 / 3))
	done
	for who in p c1; do
		t_is "$1: memfd: $who: SHMEM" "$(col "$(fact $who)" memfd SHMEM)" $((32 * 4096))
		t_is "$1: memfd: $who: PSS" "$(col "$(fact $who)" memfd PSS)" $((32 * 4096 / 2))
	done
	t_is "$1: memfd: c2 has none" "$(col "$c2" memfd RSS)" 0
	if grep -q '^no_ksm' "$T_DIR/facts"; then
		t_skip "$1: KSM" "$(fact no_ksm)"
	else
		for who in c1 c2; do t_is "$1: ksm: $who: $ksm" "$(col "$(fact $who)" ksm $ksm)" $((16 * 4096)); done
	fi
	for who in c1 c3; do
		t_is "$1: zero: $who: ZERO" "$(col "$(fact $who)" zero ZERO)" $((16 * 4096))
		t_is "$1: zero: $who: RSS" "$(col "$(fact $who)" zero RSS)" 0
	done
	t_is "$1: alias: TWICE" "$(col "$c3" alias TWICE)" $((8 * 4096))
	t_is "$1: alias: USS" "$(col "$c3" alias USS)" 0
	if grep -q '^no_hugetlb' "$T_DIR/facts"; then
		t_skip "$1: hugetlb" "$(fact no_hugetlb)"
	else
		for who in p c1 c2 c3; do
			pid=$(fact $who)
			[ $who = c3 ] || t_is "$1: hugetlb: $who: HUGETLB" "$(col "$pid" hugetlb HUGETLB)" $((2 * pool))
			t_is "$1: hugepriv: $who: HUGETLB" "$(col "$pid" hugepriv HUGETLB)" $((2 * pool))
			t_is "$1: hugepriv: $who: neither in RSS nor in PSS" "$(col "$pid" hugepriv RSS) $(col "$pid" hugepriv PSS)" "0 0"
		done
		t_is "$1: hugetlb: neither in RSS nor in PSS" "$(col "$p" hugetlb RSS) $(col "$p" hugetlb PSS)" "0 0"
		t_is "$1: hugetlb: c3 has none" "$(col "$c3" hugetlb HUGETLB)" ""
	fi
	if grep -q '^no_thp' "$T_DIR/facts"; then
		t_skip "$1: THP" "$(fact no_thp)"
	else
		t_is "$1: thp: p: FORK" "$(col "$p" thp FORK)" $((2 * huge))
		t_is "$1: thp: c1: FORK" "$(col "$c1" thp FORK)" $((2 * huge - 4096))
		t_is "$1: thp: c1: USS" "$(col "$c1" thp USS)" 4096
		want=$(((2 * huge - 4096) / 4))
		t_is "$1: thp: c1: PSS" "$(col "$c1" thp PSS)" $((want + 4096))
		t_is "$1: thp: p: PSS" "$(col "$p" thp PSS)" $((want + 4096 / 3))
	fi
}

for source in module procfs; do
	by $source
	# shellcheck disable=SC2086 # words
	t_run mmscope share --source $source --vmas -n --bytes -o $all $pids
	t_expect_status 0 "$source: share --vmas"
	t_expect_empty "$source: nothing on stderr"
	check $source
	# smaps cuts each off to KiB; i386 loses the upper half of a huge page's, none of which is alone here
	awk '$4 != $18 || $6 != $20 || int($5 / 1024) * 1024 != $19' "$T_DIR/vmas" >"$T_DIR/differ"
	t_ok "$source: RSS, PSS and USS of every VMA are smaps'" [ ! -s "$T_DIR/differ" ]
	head -n 5 "$T_DIR/differ" | sed 's/^/# /'
	t_ok "$source: of more than 40" [ "$(wc -l <"$T_DIR/vmas")" -gt 40 ]
	t_ok "$source: of which some are shared" [ "$(awk '$6 < $4' "$T_DIR/vmas" | wc -l)" -gt 20 ]
	awk '$4 != $6 + $7 + $8 + $9' "$T_DIR/vmas" >"$T_DIR/differ"
	t_ok "$source: RSS = USS + WITHIN + OUTSIDE + TWICE" [ ! -s "$T_DIR/differ" ]
	t_is "$source: no cause is unknown" "$(awk '{ n += $17 } END { print n + 0 }' "$T_DIR/vmas")" $unknown
	for pid in $pids; do
		t_is "$source: HUGETLB of PID $pid is smaps'" "$(awk -v p="$pid" '$1 == p { n += $10 } END { printf "%.0f", n }' "$T_DIR/vmas")" \
			"$(awk '/^(Shared|Private)_Hugetlb:/ { n += $2 } END { printf "%.0f", n * 1024 }' "/proc/$pid/smaps")"
	done

	# shellcheck disable=SC2086 # words
	t_run mmscope share --source $source -n --bytes -o PID,RSS,PSS,USS $pids
	for pid in $pids; do
		awk -v p="$pid" '$1 == p { print $2, $4 }' "$T_OUT" >"$T_DIR/ours"
		awk '/^Rss:/ { r = $2 } /^Private_(Clean|Dirty):/ { u += $2 }
			END { printf "%.0f %.0f\n", r * 1024, u * 1024 }' "/proc/$pid/smaps_rollup" >"$T_DIR/theirs"
		t_ok "$source: RSS and USS of PID $pid are smaps_rollup's" diff "$T_DIR/theirs" "$T_DIR/ours"
		# the vdso has a user less when mmscope does not run: four of its pages can be the difference
		pss=$(($(awk -v p="$pid" '$1 == p { print $3 }' "$T_OUT") / 1024))
		rollup=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")
		t_ok "$source: PSS is, too, but for the vdso ($pss and $rollup KiB)" [ $((pss - rollup)) -le 1 -a $((rollup - pss)) -le 1 ]
	done
done

# the groups, against the pagemaps
by module
# shellcheck disable=SC2086 # words
t_run mmscope share --top 0 --bytes $pids
t_expect_status 0
t_expect_grep '^mapcounts from /proc/kpagecount' "it is said where mapcounts are from"
t_expect_grep "^causes from the frames' struct pages \(module\)" "and where causes are"
t_expect_no_grep 'cause unknown|KSM not known' "no frame moved, and KSM is known"
sed -n '/^CAUSE/,/^$/p' "$T_OUT" | sed 1d >"$T_DIR/groups"
for pair in "$p $c1" "$p $c3" "$c1 $c2" "$c2 $c3"; do
	# shellcheck disable=SC2086 # words
	set -- $pair
	# (a PID between commas is one of the group's)
	ours=$(awk -v a="$1" -v b="$2" '$1 != "zero" && index("," $6 ",", "," a ",") && index("," $6 ",", "," b ",") { n += $2 }
		END { print n + 0 }' "$T_DIR/groups")
	t_is "frames of $1 and $2: as their pagemaps say" "$ours" "$(sharing common "$1" "$2" | sed -n 's/^frames=//p')"
done
t_ok "the file is among the groups" grep -Eq "^file +64 +262144 +192 +0 $p,$c1,$c2\$" "$T_DIR/groups"
t_ok "the memfd is" grep -Eq "^shmem +32 +131072 +64 +0 $p,$c1\$" "$T_DIR/groups"
if ! grep -q '^no_ksm' "$T_DIR/facts"; then
	t_ok "the merged pages are" grep -Eq "^ksm +16 +65536 +32 +0 $c1,$c2\$" "$T_DIR/groups"
	# nobody else merges: pages_shared are the frames, and who maps each besides one is counted in pages_sharing
	t_is "they are all there are, says KSM" "$(awk '$1 == "ksm" { f += $2; m += $4 } END { print f, m - f }' "$T_DIR/groups")" \
		"$(cat /sys/kernel/mm/ksm/pages_shared) $(cat /sys/kernel/mm/ksm/pages_sharing)"
	t_run mmscope share --all --top 0 --bytes
	t_is "all processes have no others" "$(awk '$1 == "ksm" { f += $2 } END { print f + 0 }' "$T_OUT")" 16
fi
if ! grep -q '^no_hugetlb' "$T_DIR/facts"; then
	n=$((pool / 4096))
	t_ok "the shared huge pages of the pool are" \
		grep -Eq "^hugetlb +$((2 * n)) +$((2 * pool)) +$((6 * n)) +0 $p,$c1,$c2\$" "$T_DIR/groups"
	t_ok "the private one that a child wrote is of the others" \
		grep -Eq "^hugetlb +$n +$pool +$((3 * n)) +0 $p,$c2,$c3\$" "$T_DIR/groups"
	t_ok "the one that nobody wrote is of all" grep -Eq "^hugetlb +$n +$pool +$((4 * n)) +0 $p,$c1,$c2,$c3\$" "$T_DIR/groups"
	t_is "and there is no other" "$(grep -c '^hugetlb' "$T_DIR/groups")" 3
fi
t_ok "the zero page is one frame" grep -Eq '^zero +1 +4096 +[0-9]+ +- ' "$T_DIR/groups"
t_run mmscope share --json "$p" "$c1"
t_expect_status 0 "--json"
t_expect_grep '"smaps_pss"' "JSON has smaps' figures beside ours"
t_expect_grep '"mapcounts": ?"kpagecount"' "and where mapcounts are from"
t_expect_grep '"causes": ?"module"' "and causes"
t_expect_grep '"moved": ?0' "and that no frame moved"
t_run mmscope share --json --source procfs "$p" "$c1"
t_expect_grep '"causes": ?"kpageflags"' "without the module kpageflags tells causes"
t_expect_no_grep '"moved"' "and how many frames moved is not known"

# without kpagecount: the page tables of all processes
t_run mmscope share --all --vmas -n --bytes -o $all "$p" "$c1" "$c2" "$c3"
t_expect_status 0 "--all"
check "--all"
t_is "--all: causes are known all the same" "$(awk '{ n += $17 } END { print n + 0 }' "$T_DIR/vmas")" $unknown
# the shell forks now and then, and its pages are not the four's
awk '$4 != $18 || $6 != $20 || int($5 / 1024) * 1024 != $19' "$T_DIR/vmas" >"$T_DIR/differ"
t_ok "--all: RSS, PSS and USS of every VMA are smaps'" [ ! -s "$T_DIR/differ" ]
head -n 5 "$T_DIR/differ" | sed 's/^/# /'

# captures
t_run mmscope record --all "$T_DIR/all.mms"
t_expect_status 0 "record --all"
t_run mmscope --from "$T_DIR/all.mms" share --all --vmas -n --bytes -o $all "$p" "$c1" "$c2" "$c3"
t_expect_status 0 "a capture of all processes"
for who in p c1 c2 c3; do
	t_is "capture: cow: $who: WITHIN" "$(awk -v p="$(fact $who)" -v s="$(fact cow)" '$1 == p && $2 == s { print $7 }' "$T_OUT")" \
		"$(awk -v p="$(fact $who)" -v s="$(fact cow)" '$1 == p && $2 == s { print $7 }' "$T_DIR/vmas")"
	t_is "capture: cow: $who: PSS" "$(awk -v p="$(fact $who)" -v s="$(fact cow)" '$1 == p && $2 == s { print $5 }' "$T_OUT")" \
		"$(awk -v p="$(fact $who)" -v s="$(fact cow)" '$1 == p && $2 == s { print $5 }' "$T_DIR/vmas")"
done
t_run mmscope --from "$T_DIR/all.mms" share -n --bytes -o PID,PSS,USS,WITHIN "$p" "$c1"
t_expect_status 0 "a capture, of which nobody says that it has all"
t_is "PSS and USS are not known then" "$(awk '{ print $2 $3 }' "$T_OUT" | sort -u)" "--"
t_ok "what they share is" [ "$(awk '{ n += $4 > 8000000 } END { print n }' "$T_OUT")" = 2 ]
t_run mmscope --from "$T_DIR/all.mms" share "$p"
t_expect_grep 'not known: a capture has no mapcounts' "and that is said"

# --- bad input ---
t_run mmscope share
t_expect_status 2 "no PID: 2"
t_run mmscope share "$p" x
t_expect_status 2 "no number: 2"
t_run mmscope share "$p" 99999
t_expect_status 1 "no such process: 1"
t_expect_err '99999' "and it is named"
t_run mmscope share 2
t_expect_status 1 "a kernel thread: 1"
t_run mmscope share --top x "$p"
t_expect_status 2 "--top x: 2"
t_run mmscope share -o NONSENSE "$p"
t_expect_status 2 "an unknown column: 2"
t_run mmscope share "$p" "$p"
t_expect_grep 'one process' "the same PID twice is one process"
t_run doors nobody mmscope share --source procfs "$p"
t_expect_status 1 "not root: 1"
kill "$p"
t_ok "the file system is let go" t_wait 10 umount "$T_DIR/ram"
echo 0 >/proc/sys/vm/nr_hugepages
