#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# swap against /proc/swaps, smaps, pagemap, and what two processes were told to page out: two areas, of which the one
# of higher priority has not enough room for all.
# collectors: swap pgtable
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet

numbers=	# does the module know the numbers of areas?
if mmscope status | grep -Eq '^collector +swap +ok|^swap +ok|swap.* ok'; then numbers=1; fi
t_run mmscope swap
t_expect_status 0 "without an area"
t_expect_grep '^no swap area' "it is said"
t_expect_grep '^no process has swap entries' "and that nobody has any"

modprobe zram 2>/dev/null || :
modprobe loop
small=/dev/zram0
# (older kernels take their compressor from a module that is not in the guest)
if ! echo 4M >/sys/block/zram0/disksize 2>/dev/null; then
	small=/dev/loop1
	dd if=/dev/zero of="$T_DIR/small" bs=1M count=4 2>/dev/null
	losetup $small "$T_DIR/small"
fi
dd if=/dev/zero of="$T_DIR/large" bs=1M count=32 2>/dev/null
losetup /dev/loop0 "$T_DIR/large"
t_ok "two areas" sh -c "mkswap $small >/dev/null && mkswap /dev/loop0 >/dev/null && swapper on $small 10 && swapper on /dev/loop0 5"
# (in a cgroup of their own, from which the swap cache can be reclaimed)
cg=/sys/fs/cgroup
echo "+memory +io" >$cg/cgroup.subtree_control 2>/dev/null || :
mkdir -p $cg/swapped
sh -c 'echo $$ >'$cg'/swapped/cgroup.procs; exec swapper run' >"$T_DIR/facts" &
t_ok "two processes are paged out" t_wait 30 grep -q ready=1 "$T_DIR/facts"
grep '^no_' "$T_DIR/facts" | sed 's/^/# /'
t_ok "wholly" ! grep -q '^no_' "$T_DIR/facts"
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }
p=$(fact p) c=$(fact c)

# rows NAME: the rows below the heading that starts with NAME
rows() { sed -n "/^ *$1  *TYPE/,/^\$/p" "$T_OUT" | sed '1d;/^$/d'; }

# areas: NAME SIZE USED PRIO against /proc/swaps
areas() {
	rows AREA | awk '{ print $NF, $3, $4, $7 }' >"$T_DIR/ours"
	awk 'NR > 1 { printf "%s %.0f %.0f %d\n", $1, $3 * 1024, $4 * 1024, $5 }' /proc/swaps >"$T_DIR/theirs"
	t_ok "$1: SIZE, USED and PRIO of every area are /proc/swaps'" diff "$T_DIR/theirs" "$T_DIR/ours"
}

for source in module procfs; do
	t_run mmscope swap --source $source --bytes
	t_expect_status 0 "$source: swap"
	t_expect_empty "$source: nothing on stderr"
	areas $source
	t_is "$source: two areas" "$(rows AREA | wc -l)" 2
	t_ok "$source: zram is called so, a loop device a partition" grep -Eq "^ *0 +$(case $small in *zram*) echo zram ;; *) echo partition ;; esac) .* $small\$" "$T_OUT"
	# two areas are named by entries, and two there are: known even without the module
	for pid in "$p" "$c"; do swapper slots "$pid"; done | awk '!seen[$2 " " $3]++ { n[$2] += 4096 }
		{ held[$2 " " $3]++ } END { for (s in held) if (held[s] > 1) { split(s, a, " "); both[a[1]] += 4096 }
			for (i = 0; i < 2; i++) printf "%d %.0f %.0f\n", i, n[i], both[i] }' >"$T_DIR/theirs"
	rows AREA | awk '{ print $1, $5, $6 }' | sort -n >"$T_DIR/ours"
	t_ok "$source: AREA, MAPPED and SHARED are as the pagemaps say" diff "$T_DIR/theirs" "$T_DIR/ours"
	t_ok "$source: both areas are in use" [ "$(awk '$2 > 0' "$T_DIR/theirs" | wc -l)" = 2 ]
	if [ $source = module ] && [ -n "$numbers" ]; then
		t_ok "$source: the state of areas is known" [ "$(rows AREA | awk '{ print $8 }' | sort -u)" = on ]
	fi

	t_run mmscope swap --source $source -n --bytes -o PID,SWAP,PSS,USS,VMSWAP,SHMEM,SMAPS_SWAP,SMAPS_PSS
	t_expect_status 0 "$source: tasks"
	t_is "$source: the parent leads, then the child; nobody else" "$(awk '{ print $1 }' "$T_OUT" | xargs)" "$p $c"
	awk '{ print $1, $2, $3, $4, $6, $7, $8 }' "$T_OUT" >"$T_DIR/ours"
	# pages: 1024 and 256 of the parent, of which the child has 192, too, and 256 of shared memory
	printf '%s\n' "$p $((1280 * 4096)) $((1184 * 4096)) $((1088 * 4096)) $((256 * 4096)) $((1536 * 4096)) $((1184 * 4096))" \
		"$c $((192 * 4096)) $((96 * 4096)) 0 $((256 * 4096)) $((448 * 4096)) $((96 * 4096))" >"$T_DIR/theirs"
	t_ok "$source: SWAP PSS USS SHMEM and smaps' own are what was paged out" diff "$T_DIR/theirs" "$T_DIR/ours"
	# (status reads a counter that each processor may keep 64 pages from)
	# shellcheck disable=SC2016 # awk's
	t_ok "$source: SWAP is VmSwap, but for the kernel's per-CPU counts" awk '{ d = $2 - $5; if (d < 0) d = -d
		if (d > 64 * 4096 * 2) exit 1 }' "$T_OUT"
	for pid in "$p" "$c"; do
		swap=$(awk '/^Swap:/ { n += $2 } END { print n * 1024 }' "/proc/$pid/smaps")
		t_is "$source: PID $pid: SMAPS_SWAP is smaps' Swap" "$(awk -v p="$pid" '$1 == p { print $7 }' "$T_OUT")" "$swap"
	done

	# slot by slot
	for pid in "$p" "$c"; do
		t_run mmscope swap --source $source --bytes "$pid"
		t_expect_status 0 "$source: swap PID"
		sed -n '/^ *PID +*VA /,/^$/p;/^ *PID  *VA /,/^$/p' "$T_OUT" | awk '$2 ~ /^0x/' | sort -u >"$T_DIR/slots"
		swapper slots "$pid" >"$T_DIR/pages"
		t_is "$source: PID $pid: as many slots as pagemap has" "$(awk '{ n += $5 } END { print n + 0 }' "$T_DIR/slots")" \
			"$(wc -l <"$T_DIR/pages")"
		# each run's first page is in pagemap, as a line of its own
		awk '{ print $2, $3, $4 }' "$T_DIR/slots" >"$T_DIR/firsts"
		t_ok "$source: PID $pid: every run begins where pagemap says" \
			[ -z "$(awk 'NR == FNR { has[$0] = 1; next } !($0 in has)' "$T_DIR/pages" "$T_DIR/firsts")" ]
		t_is "$source: PID $pid: slots of two holders" "$(awk '$6 == 2 { n += $5 } END { print n + 0 }' "$T_DIR/slots")" 192
	done
done
t_run mmscope swap
t_expect_grep '^in use: .* of it named by page tables' "what is in use and in no page table is explained"
t_expect_grep '^swap cache:' "the swap cache is told"
t_run mmscope swap --json
t_expect_grep '"areas"' "--json has areas"
t_is "its used slots are /proc/swaps'" "$(sed -n 's/.*"used_slots": *\([0-9]*\).*/\1/p' "$T_OUT")" \
	"$(awk 'NR > 1 { n += $4 / 4 } END { print n }' /proc/swaps)"
t_is "its mapped slots are 1280" "$(sed -n 's/.*"mapped_slots": *\([0-9]*\).*/\1/p' "$T_OUT")" 1280
t_run mmscope swap --slots -n
t_ok "--slots lists both" [ "$(awk '$2 ~ /^0x/ { print $1 }' "$T_OUT" | sort -u | wc -l)" = 2 ]

# a capture
t_run mmscope record --all "$T_DIR/all.mms"
t_run mmscope --from "$T_DIR/all.mms" swap -n --bytes -o PID,SWAP,PSS --all
t_is "a capture of all has it, too" "$(xargs <"$T_OUT")" "$p $((1280 * 4096)) $((1184 * 4096)) $c $((192 * 4096)) $((96 * 4096))"
t_run mmscope --from "$T_DIR/all.mms" swap -n --bytes -o PID,SWAP,PSS
t_is "of which the holders are not known unless it is said" "$(awk '{ print $3 }' "$T_OUT" | sort -u)" -

# swapoff while it is looked at: 4 MiB of area 0 come back or go to area 1
swapoff $small &
off=$!
n=0
while [ $n -lt 8 ]; do
	t_run mmscope swap
	[ "$T_STATUS" -eq 0 ] || break
	n=$((n + 1))
done
t_is "swapoff meanwhile disturbs nothing" $n 8
wait $off
t_run mmscope swap --bytes
areas "after swapoff"
if [ -n "$numbers" ]; then
	t_is "the area that is left keeps its number" "$(rows AREA | awk '{ print $1 }')" 1
	t_is "which pagemap names" "$(swapper slots "$p" | awk '{ print $2 }' | sort -u)" 1
	t_is "the module's text: one area" "$(grep -c '^area number=1 ' /sys/kernel/debug/mmscope/swap)" 1
fi
# swapoff of what is left, so slow that it is looked at midway: its reads are throttled, and the swap cache is emptied
# first, from which it would take what was written a moment ago. (Not on i386, where the throttle of 6.1 meets a BUG of its
# own in the first five minutes, before jiffies wrap: throtl_trim_slice(), block/blk-throttle.c:742.)
slow=
if [ "$ARCH" != i386 ] && [ "$(t_config BLK_DEV_THROTTLING)" = y ] && [ -e $cg/swapped/memory.high ]; then
	echo 256K >$cg/swapped/memory.high
	echo max >$cg/swapped/memory.high
	mkdir -p $cg/slow
	if echo "7:0 rbps=131072" >$cg/slow/io.max 2>/dev/null; then slow=1; fi
fi
# the pages of area 1 that PID $p has out there
left() { swapper slots "$p" | awk '$2 == 1 { n++ } END { print n + 0 }'; }
was=$(left)
sh -c "[ -z '$slow' ] || echo \$\$ >$cg/slow/cgroup.procs; exec swapoff /dev/loop0" &
off=$!
looks=0 moved=0 bad=
# (the memfd comes first, then the processes)
while [ $looks -lt 200 ] && [ $moved -lt 6 ]; do
	for source in module procfs; do
		most=$(left)
		t_run mmscope swap --source $source --bytes "$p"
		least=$(left)
		n=$(awk '$2 ~ /^0x/ && $3 == 1 { n += $5 } END { print n + 0 }' "$T_OUT")
		[ "$T_STATUS" -eq 0 ] && [ ! -s "$T_ERR" ] || bad="$bad; $source: status $T_STATUS, $(cat "$T_ERR")"
		[ "$n" -le "$most" ] && [ "$n" -ge "$least" ] || bad="$bad; $source: $n slots, $least .. $most are out"
		# what is in use is not 0 while entries are left
		rows AREA | awk -v n="$least" 'NF < 8 || ($4 !~ /^[0-9]+$/) || (n > 0 && $4 == 0) { exit 1 }' ||
			bad="$bad; $source: $(rows AREA)"
		if [ $source = module ] && [ -n "$numbers" ] && [ "$(rows AREA | awk '{ print $8 }')" = on ] && [ $looks -gt 0 ]; then
			bad="$bad; swapoff is at work, and the area is on"
		fi
		if rows AREA | grep -q swapoff && ! grep -q '^AREA 1: swapoff is at work' "$T_OUT"; then bad="$bad; it is not named"; fi
		if [ "$n" -gt 0 ] && [ "$n" -lt "$was" ]; then moved=$((moved + 1)); fi
	done
	looks=$((looks + 1))
	kill -0 $off 2>/dev/null || break
done
t_is "swapoff midway: every look is right ($looks)" "$bad" ""
read=$(sed -n 's/.*7:0 .*rbytes=\([0-9]*\).*/\1/p' $cg/slow/io.stat 2>/dev/null)
if [ "${read:-0}" -ge 524288 ]; then
	t_ok "swapoff midway: $moved looks saw a part of the $was slots" [ $moved -ge 2 ]
else
	t_skip "swapoff midway: some looks see a part of the $was slots ($moved)" "its reads could not be slowed down (${read:-0} bytes)"
fi
[ -z "$slow" ] || echo "7:0 rbps=max" >$cg/slow/io.max
rc=0
wait $off || rc=$?
t_is "swapoff comes to its end all the same" $rc 0
for source in module procfs; do
	t_run mmscope swap --source $source "$p"
	t_expect_status 0 "$source: the last area has gone"
	t_expect_grep '^no swap area' "$source: it is said"
	t_is "$source: its processes have nothing out there" "$(left)" 0
	t_expect_no_grep '^ *[0-9]+ +0x' "$source: no slot is listed"
done
kill "$p"
t_ok "the processes have gone" t_wait 10 [ ! -d "/proc/$c" ]
t_ok "their cgroups, too" t_wait 10 rmdir $cg/swapped
[ ! -d $cg/slow ] || t_wait 10 rmdir $cg/slow
echo -io >$cg/cgroup.subtree_control 2>/dev/null || :
losetup -d /dev/loop0
if [ $small = /dev/loop1 ]; then losetup -d $small; fi

# --- bad input ---
t_run mmscope swap x
t_expect_status 2 "no PID: 2"
t_run mmscope swap 99999
t_expect_status 1 "no such process: 1"
t_run mmscope swap --top -1
t_expect_status 2 "--top -1: 2"
t_run mmscope swap -o NONSENSE
t_expect_status 2 "an unknown column: 2"
t_run doors nobody mmscope swap --source procfs
t_expect_status 1 "not root: 1"
