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
t_ok "kpageflags tells the class of most frames ($(value judged))" [ "$(value judged)" -gt $(($(value end) / 2)) ]
t_is "where kpageflags tells the class, it is the same" "$(value differ)" 0

# per-CPU lists: zoneinfo counts them; between the two readings not more than some batches move
theirs=$(value zoneinfo_pcp)
ours=$(value pcp)
t_ok "free on per-CPU lists: $ours, zoneinfo says $theirs" \
	[ $((ours > theirs ? ours - theirs : theirs - ours)) -le 512 ]

# grew KIND MIB CLASS LEAST MOST: framecheck makes it and counts; class numbers are those of enum mms_frame_class
grew() {
	t_run framecheck grow "$1" "$2"
	t_expect_status 0 "$1: made"
	n=$(value "class$3")
	t_ok "$2 MiB $1: the class grew by $n frames, $4 .. $5" [ "${n:-0}" -ge "$4" -a "${n:-0}" -le "$5" ]
}
P=$(($(getconf PAGESIZE 2>/dev/null || echo 4096) / 1024))
N=$((24 * 1024 / P))
grew anon 24 6 "$N" $((N + 64))
grew shmem 24 9 "$N" $((N + 64))
mkdir -p /tmp/ramfs && mount -t ramfs none /tmp/ramfs
grew ramfs 24 10 "$N" $((N + 64))
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
	echo 2 >/sys/kernel/mm/ksm/run
else
	t_skip "ksm" "no /sys/kernel/mm/ksm"
fi

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
