#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check: on a still guest nothing disagrees; every sort of memory is counted as what it is; a false figure in /proc is found;
# what was recorded of the machine is told again.
# collectors: zones pgtable vma buddy lru frames
# vm: --timeout 400 --env CASE_TIMEOUT=360
# shellcheck disable=SC2016
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet
# (vmallocinfo shows addresses to root)
echo 1 >/proc/sys/kernel/kptr_restrict

workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
t_run mmscope check
t_expect_status 0 "nothing disagrees"
t_expect_empty
t_note "$(cat "$T_OUT")"
t_expect_no_grep '^[a-z][a-z.]* .* disagree$' "no row says so"
for row in zones.sizes zones.watermarks zones.counters zones.cpus zones.buddyinfo zones.blocks zones.lru zones.present vmstat meminfo \
	meminfo.total process.size process.smaps process.rollup process.tables process.rss process.kinds process.swap process.verify \
	buddy.buddyinfo buddy.types buddy.pageblocks buddy.pcp buddy.scan lru.vmstat lru.zones \
	frames.present frames.managed frames.free frames.pcp frames.slab frames.pgtable frames.anon frames.cache frames.shmem \
	frames.buffers frames.mlocked frames.writeback; do
	t_expect_grep "^$row .* (agree|moved|explained)\$" "$row was compared"
done
for row in zones.sizes zones.watermarks zones.present meminfo.total frames.present frames.managed; do
	t_expect_grep "^$row .* agree\$" "$row agrees: it stands still"
done
# these were compared, or it is said why not (no symbol, no huge pages, no owners)
for row in frames.kstack frames.tables frames.vmalloc frames.percpu frames.hugetlb frames.ksm frames.balloon frames.poison lru.cgroups buddy.lists \
	slab.sizes slab.counts vmalloc.areas vmalloc.guards kmap.direct; do
	t_expect_grep "^($row .* (agree|moved|explained)|$row is not available: .+)\$" "$row was compared, or why not is said"
done
grep -E 'explained|not available' "$T_OUT" >"$T_DIR/notes"
# where it is known which area a frame is mapped in, to the page
if mmscope frames --areas -n | grep -q 'told by the module'; then
	for row in frames.vmalloc frames.percpu; do
		t_expect_grep "^$row .* (agree|moved)\$" "$row: to the page"
	done
else
	t_skip "frames.vmalloc, frames.percpu: to the page" "areas of vmalloc space are not known here"
fi
# tables above the PMD level: in the kernel's counter, or as many more as processes have: PGD and, with five levels, P4D one
# each (none has two here: no PTI, no address above 47 bits), PUD by VmPTE, which is read later: it may have a few more or less.
if grep -q '^frames.tables .* explained$' "$T_OUT"; then
	sed -n 's/^frames.tables, explained: \([0-9]*\) frames are tables above .*: \([0-9]*\) processes have 1 PGD each, and \([0-9]*\) PUD .*/\1 \2 \3/p' \
		"$T_OUT" >"$T_DIR/above"
	read -r above procs puds <"$T_DIR/above"
	grep -q ' la57' /proc/cpuinfo && procs=$((procs * 2))
	off=$((${above:-0} - procs - puds))
	t_ok "tables above the PMD level: ${above:-none}, of processes $procs + $puds" [ "$off" -ge -8 -a "$off" -le 8 ]
else
	t_expect_grep '^frames.tables .* (agree|moved)$' "tables above the PMD level: the kernel counts them"
fi

# --- memory of which each line of meminfo is known: hugetlb, mlock, KSM are the workload's ---
t_is "migratetypes of pagetypeinfo compared" "$(mmscope check buddy.types -n -o COMPARED | awk 'NR == 1 { print ($1 >= 50) }')" 1
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir -p /sys/fs/cgroup/check.t
	echo +memory >/sys/fs/cgroup/check.t/cgroup.subtree_control
	mkdir -p /sys/fs/cgroup/check.t/below
	sh -c "echo \$\$ >/sys/fs/cgroup/check.t/below/cgroup.procs; dd if=/dev/zero of=$T_DIR/charged bs=1M count=8 2>/dev/null"
	t_run mmscope check lru.cgroups --all -n
	t_expect_status 0 "memory.stat: nothing disagrees"
	# both cgroups, five lists each, the upper one with what is below it (pages in per-CPU batches are on no list yet)
	t_is "a cgroup and what is below it" "$(awk '$2 ~ "^/check.t" { n++ } END { print n }' "$T_OUT")" 10
	t_ok "8 MiB of a file are in both" awk '$2 ~ "^/check.t" { s += $4 } END { exit !(s >= 2 * 8000000 && s < 2 * 10485760) }' "$T_OUT"
	rm "$T_DIR/charged"
	rmdir /sys/fs/cgroup/check.t/below /sys/fs/cgroup/check.t
else
	t_skip "memory.stat: nothing disagrees" "no cgroups of version 2"
fi
t_is "figures of zoneinfo compared" "$(mmscope check zones.counters -n -o COMPARED | awk 'NR == 1 { print ($1 >= 60) }')" 1
t_is "lines of meminfo compared" "$(mmscope check meminfo -n -o COMPARED | awk 'NR == 1 { print ($1 >= 20) }')" 1
t_is "counters of vmstat compared" "$(mmscope check vmstat -n -o COMPARED | awk 'NR == 1 { print ($1 >= 40) }')" 1

# --- one process: what it has of each kind, by its page tables and page flags ---
# (of the shell: it sleeps; its file pages are shmem's where the root is a tmpfs)
sleep 1000 &
still=$!
t_wait 10 grep -q sleep /proc/$still/comm
t_run mmscope check --pid $still --all --json
t_expect_status 0 "--pid --all --json"
json() { awk -v w="\"what\": \"$1\"," -v f="\"$2\":" 'index($0, w) { on = 1 } on && index($0, f) { gsub(/[^0-9]/, ""); print; exit }' "$T_OUT"; }
for k in RssAnon RssFile RssShmem VmSwap VmSize; do
	t_is "status $k is what /proc says" "$(json "status $k" theirs)" "$(($(awk -v k="$k:" '$1 == k { print $2 }' /proc/$still/status) * 1024))"
done
# resident pages of files that are not copies, by smaps: shmem's where the files lie in a tmpfs, whatever status thinks by now
files=$(awk '/^[0-9a-f]+-/ { ino = $5 } /^Rss:/ { r = $2 } /^Anonymous:/ { if (ino) s += r - $2 } END { print s * 1024 }' /proc/$still/smaps)
anon=$(awk '/^Anonymous:/ { s += $2 } END { print s * 1024 }' /proc/$still/smaps)
t_is "RssAnon, by the pages' flags, is smaps' Anonymous" "$(json "status RssAnon" ours)" "$anon"
case $(stat -f -c %t / 2>/dev/null) in
1021994) t_is "RssShmem is what is mapped of a tmpfs" "$(json "status RssShmem" ours)" "$files" ;;
858458f6) t_is "RssShmem is nothing: the root is a ramfs" "$(json "status RssShmem" ours)" 0 ;;
*) t_skip "RssShmem is what is mapped of a tmpfs" "what the root is cannot be told" ;;
esac
t_run mmscope check --pid $pid
t_expect_status 0 "the workload, with every sort of memory: nothing disagrees"
t_note "$(cat "$T_OUT")"
t_expect_grep '^process.kinds ' "its kinds were compared"
t_expect_no_grep '^zones' "--pid: no row about the machine"

# --- without the module ---
t_run mmscope check --source procfs
t_expect_status 0 "--source procfs: nothing disagrees"
t_expect_grep '^zones.counters .* not available$' "zoneinfo is no witness against itself"
t_expect_grep '^meminfo .* (agree|moved)$' "meminfo is one"
t_expect_grep '^zones.counters is not available: .*mmscope load' "why, and what to do"

# --- one false figure in /proc ---
# lie FILE AWK: /proc/FILE says what AWK makes of it; stands still from now on
lie() {
	t_ok "a false /proc/$1" awk "$2" "/proc/$1"
	awk "$2" "/proc/$1" >"$T_DIR/lie"
	t_ok "/proc/$1 can be replaced" mount --bind "$T_DIR/lie" "/proc/$1"
}
# found ROW WHAT: the last check disagrees in it
found() {
	t_expect_status 1 "$1: $2: exit status 1"
	t_expect_grep "^$1 .* disagree\$" "$1: $2: the row says so"
	t_expect_grep "^$1 .*$2 .*disagree\$" "$1: $2: and so does its line"
}
lie meminfo '$1 == "MemTotal:" { $2 += 4 } $1 == "Shmem:" { $2 += 8192 } 1'
t_run mmscope check meminfo.total
found meminfo.total MemTotal
t_run mmscope check frames.shmem
found frames.shmem Shmem
umount /proc/meminfo
lie zoneinfo '$1 == "managed" && $2 > 9 && n == 0 { $2 += 1; n = 1 } $1 == "present" && $2 > 9 && m == 0 { $2 -= 1; m = 1 } 1'
t_run mmscope check zones.sizes frames.managed frames.present
found zones.sizes managed
found frames.managed managed
found frames.present present
umount /proc/zoneinfo
lie pagetypeinfo '/^Number of blocks/ { on = 1 } on && $1 == "Node" && n == 0 { $5 += 1; n = 1 } 1'
t_run mmscope check buddy.pageblocks
found buddy.pageblocks "[A-Z][a-z]+"
umount /proc/pagetypeinfo
# is ROW compared here?
compared() { mmscope check "$1" | grep -qE "^$1 .* (agree|moved|explained)\$"; }
if compared slab.sizes; then
	lie slabinfo '$1 == "task_struct" { $4 += 8 } 1'
	t_run mmscope check slab.sizes
	found slab.sizes "task_struct +objsize"
	umount /proc/slabinfo
else
	t_skip "slab.sizes: task_struct objsize" "the module does not tell of slabs here"
fi
if compared vmalloc.areas; then
	lie vmallocinfo '/ pages=/ && n == 0 { sub(/pages=/, "pages=1"); n = 1 } 1'
	t_run mmscope check vmalloc.areas
	found vmalloc.areas "0x[0-9a-f]+ +pages"
	umount /proc/vmallocinfo
	lie vmallocinfo '/ pages=/ && n == 0 { n = 1; next } 1'
	t_run mmscope check vmalloc.areas
	found vmalloc.areas "areas not in vmallocinfo"
	umount /proc/vmallocinfo
else
	t_skip "vmalloc.areas: pages, areas" "the module does not tell of areas here"
fi
if compared kmap.direct; then
	lie meminfo '$1 == "DirectMap4k:" { $2 += 4 } 1'
	t_run mmscope check kmap.direct
	found kmap.direct DirectMap4k
	umount /proc/meminfo
else
	t_skip "kmap.direct: DirectMap4k" "this machine does not count its direct map"
fi
lie vmstat '$1 == "nr_unevictable" { $2 += 1000 } 1'
t_run mmscope check lru.vmstat
found lru.vmstat nr_unevictable
umount /proc/vmstat
lie $still/smaps_rollup '$1 == "Rss:" { $2 += 4 } 1'
t_run mmscope check --pid $still process.smaps process.rollup
found process.smaps "smaps_rollup Rss"
found process.rollup Rss
umount /proc/$still/smaps_rollup
lie $still/status '$1 == "VmPTE:" { $2 += 4 } $1 == "VmSize:" { $2 -= 4 } 1'
t_run mmscope check --pid $still process.tables process.size
found process.size "status VmSize"
case $ARCH in
i386) t_skip "process.tables: status VmPTE" "PAE's tables are a tolerance" ;;
*) found process.tables "status VmPTE" ;;
esac
umount /proc/$still/status
t_run mmscope check meminfo.total zones.sizes frames.present buddy.pageblocks
t_expect_status 0 "and all is well again"

# --- a capture of the machine (planted differences: tests/unit/test_check.c) ---
t_run mmscope record --machine "$T_DIR/m.mms"
t_expect_status 0 "record --machine"
t_run mmscope --from "$T_DIR/m.mms" check machine
t_expect_status 0 "a capture: what it can say by itself"
for row in zones.present frames.present frames.managed; do
	t_expect_grep "^$row .* agree\$" "a capture: $row agrees"
done
t_expect_grep '^buddy.scan .* (agree|moved)$' "a capture: frames and counters of free blocks"
for row in meminfo frames.slab lru.vmstat buddy.types; do
	t_expect_grep "^$row is not available: a capture" "a capture: $row: and /proc is not asked"
done
# again NAME SLACK CMD...: what is told from the capture is what is told now: the same lines, numbers within SLACK of each other
again() {
	name=$1 slack=$2
	shift 2
	mmscope "$@" -n -b | sort >"$T_DIR/live"
	t_run mmscope --from "$T_DIR/m.mms" "$@" -n -b
	t_expect_status 0 "a capture: $name"
	sort "$T_OUT" >"$T_DIR/again"
	if awk -v slack="$slack" 'NR == FNR { was[FNR] = $0; n = FNR; next }
		{ k = split(was[FNR], a); bad += k != NF
			for (i = 1; i <= NF; i++) if (a[i] "" != $i "") {
				d = a[i] - $i; bad += (a[i] $i) ~ /[^0-9]/ || d > slack || d < -slack } }
		END { exit bad || FNR != n || !n }' "$T_DIR/live" "$T_DIR/again"; then
		t_pass "a capture: $name: as it is now"
	else
		t_fail "a capture: $name: as it is now" "$(cat "$T_DIR/live")" "$(cat "$T_DIR/again")"
	fi
}
M=$((16 * 1048576))
again zones 0 zones -o NODE,ZONE,START,PRESENT,SPANNED,MANAGED,MIN,LOW,HIGH
again "zones, free" $M zones -o NODE,ZONE,FREE
again buddy $M buddy -o ZONE,FREE
again "buddy --types" 2000 buddy --types -o ZONE,TYPE,PAGEBLKS
again lru $M lru -o CGROUP,NODE,INACT_ANON,ACT_ANON,INACT_FILE,ACT_FILE,UNEVICT,MODE,STATE
t_run mmscope --from "$T_DIR/m.mms" frames
t_expect_status 0 "a capture: frames"
t_is "a capture: the frames that are present" "$(sed -n 's/^\([0-9]*\) frames present.*/\1/p' "$T_OUT")" \
	"$(awk '$1 == "present" { n += $2 } END { print n }' /proc/zoneinfo)"
still_classes() { awk '$1 ~ /^(kernel|memmap|zero|reserved)$/ { print $1, $2 }' "$1" | sort; }
still_classes "$T_OUT" >"$T_DIR/again"
mmscope frames >"$T_DIR/live"
still_classes "$T_DIR/live" >"$T_DIR/live.still"
t_ok "a capture: classes that stand still" diff "$T_DIR/live.still" "$T_DIR/again"
t_ok "there are some" [ -s "$T_DIR/again" ]
t_run mmscope --from "$T_DIR/m.mms" buddy --scan
t_ok "a capture: buddy --scan" [ "$T_STATUS" -le 1 ]
if grep -q 1 /sys/kernel/mm/lru_gen/enabled 2>/dev/null; then
	again "lru --gen" $M lru --gen -o CGROUP,NODE,GEN,ANON,FILE
fi
t_run mmscope --from "$T_DIR/m.mms" lru --sample 3
t_expect_status 1 "a capture: what was not recorded"
t_expect_err 'recorded without' "is not answered with nothing"
t_run mmscope --from "$T_DIR/m.mms" frame 1
t_expect_status 1 "a capture: single frames were not recorded"
t_expect_err 'no FRAME stream' "and it says so"
rm "$T_DIR/m.mms"

# --- the rest ---
t_run mmscope check --list
t_expect_status 0 "--list"
t_expect_grep '^process.kinds +tables, page flags +status, statm +a counter' "--list tells witnesses and tolerance"
t_run mmscope check zones --json
t_expect_status 0 "--json"
t_expect_grep '"disagreements": 0' "--json has the count"
for bad in nonsense "zones nonsense" "--pid x" "--pid 0" "-o NONSENSE"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope check $bad
	t_expect_status 2 "check $bad: 2"
done
t_run mmscope check --pid 99999
t_expect_status 1 "no such process: 1"
t_run mmscope check --pid 2
t_expect_status 1 "a kernel thread: 1"
t_expect_err 'kernel thread' "and it is called that"
kill $pid $still
wait $pid 2>/dev/null
t_pass "end"
