#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The census of page frames against zoneinfo, kpageflags, and memory that was made for it.
# collectors: frames
# shellcheck source=/dev/null
. /tests/lib.sh

t_quiet
D=/sys/kernel/debug/mmscope

# value KEY: of the last t_run
value() { tr ' ' '\n' <"$T_OUT" | sed -n "s/^$1=//p"; }

# every frame once (framecheck dies otherwise), the zones' present frames, each class that kpageflags knows
t_run framecheck judge
t_expect_status 0 "every frame is told once, in order"
t_note "$(cat "$T_OUT")"
sed -n 's/^zone //p' "$T_OUT" | sort >"$T_DIR/ours"
awk '/^Node/ { z = $4 } $1 == "present" && $2 { n[z] += $2 }
	END { i["DMA"] = 0; i["DMA32"] = 1; i["Normal"] = 2; i["HighMem"] = 3; i["Movable"] = 4
		for (z in n) if (z != "Device") print i[z], n[z] }' /proc/zoneinfo | sort >"$T_DIR/theirs"
t_is "the frames of each zone are zoneinfo's present" "$(cat "$T_DIR/ours")" "$(cat "$T_DIR/theirs")"
t_ok "kpageflags tells the class of most frames ($(value judged))" \
	[ "$(value judged)" -gt "$(awk '{ n += $2 } END { print int(n / 2) }' "$T_DIR/theirs")" ]
t_is "where kpageflags tells the class, it is the same" "$(value differ)" 0
t_ok "but for up to 3 frames at one of two looks" [ "$(value odd_once)" -le 3 ]

# per-CPU lists: zoneinfo counts them; between the two readings not more than some batches move, and two huge pages, which
# lie there as blocks
theirs=$(value zoneinfo_pcp)
ours=$(value pcp)
t_ok "free on per-CPU lists: $ours, zoneinfo says $theirs" \
	[ $((ours > theirs ? ours - theirs : theirs - ours)) -le $((512 + 2 * 512)) ]

# grew KIND MIB CLASS LEAST MOST: framecheck makes it and counts; class numbers are those of enum mms_frame_class, or
# "mlocked" and "huge" of a flag and an order. The frames that pagemap says it has there are of that class, every one.
# Of the whole machine up to STRAY frames more or less are what the reader itself makes of its class meanwhile, and what
# waits on per-CPU lists before it gets its flags; up to OTHERS less are of processes that ended before, and were still held
# by per-CPU batches of the LRU's (mm/swap.c: six of them, 31 frames each since 6.9, 15 before).
STRAY=64
OTHERS=$((6 * 31 * $(grep -c ^processor /proc/cpuinfo)))
grew() {
	t_run framecheck grow "$1" "$2"
	t_expect_status 0 "$1: made"
	case $3 in [0-9]*) n=$(value "class$3") ;; *) n=$(value "$3") ;; esac
	t_ok "$2 MiB $1: $3 grew by $n frames, $4 .. $5" [ "${n:-0}" -ge "$4" -a "${n:-0}" -le "$5" ]
	case $3 in [0-9]*) own "$3" $(($2 * 1024 / P)) "$2 MiB $1" ;; esac
}
# own CLASS FRAMES NAME: of the last t_run
own() {
	if [ -n "$(value own)" ]; then
		t_is "$3: so many frames are mapped, by pagemap" "$(value own)" "$2"
		t_is "$3: each of them is in class $1" "$(value "own$1")" "$(value own)"
	fi
}
P=$(($(getconf PAGESIZE 2>/dev/null || echo 4096) / 1024))
N=$((24 * 1024 / P))
grew anon 24 6 $((N - OTHERS)) $((N + STRAY))
grew mlock 24 6 $((N - OTHERS)) $((N + STRAY))
grew mlock 24 mlocked $((N - STRAY)) "$N"
if [ -e /sys/kernel/mm/transparent_hugepage/enabled ]; then
	# (as many as the kernel says that it has: a fragmented guest has fewer.  A batch may have held a whole huge page of a
	# process that ended before, and gives it back meanwhile: asked again then.)
	for try in 1 2 3; do
		t_run framecheck grow thp 24
		if [ "$T_STATUS" -ne 0 ] || [ "$(value huge)" = "$(value anon_huge)" ]; then break; fi
		t_note "try $try: grew by $(value huge), smaps says $(value anon_huge)"
	done
	t_expect_status 0 "thp: made"
	t_ok "24 MiB in huge pages: some were to be had" [ "$(value anon_huge)" -gt 0 ]
	t_is "anonymous frames in huge pages grew by what smaps says" "$(value huge)" "$(value anon_huge)"
	t_ok "24 MiB thp: the class grew by $(value class6) frames" [ "$(value class6)" -ge $((N - OTHERS)) -a "$(value class6)" -le $((N + STRAY)) ]
	own 6 "$N" "24 MiB thp"
else
	t_skip "thp" "no transparent huge pages here"
fi
grew shmem 24 9 $((N - OTHERS)) $((N + STRAY))
mkdir -p /tmp/tmpfs && mount -t tmpfs none /tmp/tmpfs
grew tmpfs 24 9 $((N - OTHERS)) $((N + STRAY))
umount /tmp/tmpfs
# the page cache of a block device: a file's on tmpfs, which is not read into a cache of its own
modprobe loop 2>/dev/null
if [ -e /dev/loop0 ] && dd if=/dev/zero of=/tmp/loop.img bs=1M count=16 2>/dev/null && losetup /dev/loop0 /tmp/loop.img; then
	B=$((16 * 1024 / P))
	grew buffer 16 11 "$B" $((B + STRAY))
	losetup -d /dev/loop0
else
	t_skip "buffers" "no loop device here"
fi
rm -f /tmp/loop.img
mkdir -p /tmp/ramfs && mount -t ramfs none /tmp/ramfs
grew ramfs 24 10 $((N - OTHERS)) $((N + STRAY))
umount /tmp/ramfs
grew pgtable 100 18 90 140
if [ -e /proc/sys/vm/nr_hugepages ]; then
	H=$((16 * $(awk '/^Hugepagesize:/ { print $2 }' /proc/meminfo) / P))
	grew hugetlb 0 12 "$H" "$H"
	echo 0 >/proc/sys/vm/nr_hugepages
else
	t_skip "hugetlb" "no /proc/sys/vm/nr_hugepages"
fi
if [ -e /sys/kernel/mm/ksm/run ]; then
	t_run framecheck grow ksm 8
	t_expect_status 0 "ksm: made"
	t_ok "KSM merged pages" [ "$(value ksm_shared)" -gt 0 ]
	t_is "the class grew by what KSM says" "$(value class7)" "$(value ksm_shared)"
	own 7 $((8 * 1024 / P)) "8 MiB ksm"
	echo 2 >/sys/kernel/mm/ksm/run
else
	t_skip "ksm" "no /sys/kernel/mm/ksm"
fi

# pages of pipes: told by who owns them; others' pipes hold some pages, too
# piped NAME WHAT N PAGES: framecheck holds them
piped() {
	t_run mmscope frames
	was=$(awk '$1 == "pipe" { print $2 }' "$T_OUT")
	framecheck hold "$2" "$3" >"$T_DIR/pipe" &
	pid=$!
	t_ok "$1: made" t_wait 30 grep -q held= "$T_DIR/pipe"
	t_is "$1: so many pages" "$(sed -n 's/^held=//p' "$T_DIR/pipe")" "$4"
	t_run mmscope frames
	now=$(awk '$1 == "pipe" { print $2 }' "$T_OUT")
	grew=$((${now:-0} - ${was:-0} - $4))
	t_ok "$1: the class grew by $grew more than $4" [ "$grew" -ge -4 -a "$grew" -le 4 ]
	kill $pid
	wait $pid 2>/dev/null
}
piped "a pipe of 1 MiB, full" pipe 1 $((1024 / P))
piped "400 empty pipes that keep a page each" spare 400 400

# the text door: ranges, and what is none
ask() { sh -c 'exec 3<>"$1" && echo "$2" >&3 && cat <&3' ask "$D/frames" "$1"; }
t_run ask "0x100 0x110"
t_is "a range is told whole" "$(sed -n 's/^frames .*count=\([0-9]*\).*/\1/p' "$T_OUT" | awk '{ n += $1 } END { print n }')" 16
t_run ask "0x10 0x10"
t_ok "an empty range is refused" [ "$T_STATUS" -ne 0 ]
t_run ask "0x20 0x10"
t_ok "a reversed range is refused" [ "$T_STATUS" -ne 0 ]
t_run ask "0xffffffffff"
t_ok "a start beyond all memory is refused" [ "$T_STATUS" -ne 0 ]
t_run ask "0xffffffff0 0xfffffffff"
t_expect_grep 'class=hole' "frames beyond all memory are a hole"

# the tool, and the second witness
t_run mmscope frames
t_expect_status 0
t_expect_grep '^free ' "the tool names the free frames"
t_is "the tool's sum" "$(sed -n 's/^\([0-9]*\) frames present.*/\1/p' "$T_OUT")" \
	"$(awk '$1 == "present" { n += $2 } END { print n }' /proc/zoneinfo)"
t_run mmscope frames --json
t_ok "json" grep -q '"present"' "$T_OUT"
t_run mmscope frames --runs slab --top 3
t_expect_status 0
t_is "so many lines as asked for" "$(grep -c ' slab ' "$T_OUT")" 3
t_run mmscope frames --source procfs
t_expect_status 0
t_is "/proc/kpageflags gives the same sum" "$(sed -n 's/^\([0-9]*\) frames present.*/\1/p' "$T_OUT")" \
	"$(awk '$1 == "present" { n += $2 } END { print n }' /proc/zoneinfo)"
t_run mmscope frames --runs nonsense
t_expect_status 2 "an unknown class is a usage error"
