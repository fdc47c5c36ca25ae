#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# mmscope frame: who maps a page frame, against /proc/PID/pagemap of every process (pfnscan), on pages whose answer is
# known in advance (frameload); flags, counts and cgroups against /proc/kpageflags and its kin.
# collectors: frame pgtable
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet
PATH=$PATH:/bin
CGROUP=/sys/fs/cgroup/frame

# flags that say what a page is, and do not change by themselves: slab buddy anon compound_head compound_tail huge
# hwpoison ksm thp offline zero_page pgtable reserved
STEADY=0x105eb9480

fact() { sed -n "s/^$1=//p" "$T_DIR/load"; }
json() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$T_OUT" | head -n 1; }
# the proved mappings of the last answer, as pfnscan prints them
json_maps() {
	awk '/"mappings": *\[/ { m = 1 } !m { next } { v = $2; gsub(/[",]/, "", v) }
		$1 == "\"pid\":" { p = v } $1 == "\"va\":" { a = substr(v, 3) }
		$1 == "\"state\":" && v == "maps" { print p, a }' "$T_OUT"
}
# of those processes that were there from the beginning: programs that run now and then come and go
steady() { awk 'FNR == NR { keep[$1] = 1; next } $1 in keep' "$T_DIR/pids" - | sort; }
masked() { printf '0x%x\n' $((0x$1 & STEADY)); }

# --- set up -------------------------------------------------------------------------------------------------------

echo 6 >/proc/sys/vm/nr_hugepages
dd if=/dev/zero of=/tmp/swapfile bs=1M count=16 2>/dev/null
modprobe loop
losetup /dev/loop0 /tmp/swapfile && mkswap /dev/loop0 >/dev/null && swapon /dev/loop0
if [ -e /sys/kernel/mm/ksm/run ]; then
	echo 1000 >/sys/kernel/mm/ksm/pages_to_scan
	echo 20 >/sys/kernel/mm/ksm/sleep_millisecs
	echo 1 >/sys/kernel/mm/ksm/run
fi
echo +memory >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null
mkdir -p $CGROUP
cp "$(command -v frameload)" /tmp/frame.file
sh -c "echo \$\$ >$CGROUP/cgroup.procs; exec frameload /tmp/frame.file --huge $(t_huge)" >"$T_DIR/load" &
t_ok "the workload starts" t_wait 20 grep -q ready=1 "$T_DIR/load"
pid=$(fact pid)
for d in /proc/[0-9]*; do echo "${d##*/}"; done >"$T_DIR/pids"
t_run mmscope status
t_expect_grep '^frame +(ok|partial)' "the collector is there" || cat "$T_OUT"

# compare NAME PFN: the last answer, with what /proc says of the frame
compare() {
	pfnscan kpf "$2" >"$T_DIR/kpf"
	t_is "$1: the frame" "$(json pfn)" "0x$2"
	t_is "$1: its flags" "$(masked "$(json kpageflags | sed s/0x//)")" "$(masked "$(cut -d' ' -f1 "$T_DIR/kpf")")"
	t_is "$1: its mappings, by pagemap of all processes" "$(json_maps | steady)" "$(pfnscan maps "$2" | steady)"
	t_is "$1: its mapcount, by kpagecount" "$(json mapcount)" "$(cut -d' ' -f2 "$T_DIR/kpf")"
}

# page NAME [MAPPINGS]: a page of the workload, with so many mappings
page() {
	addr=$(fact "$1")
	if [ -z "$addr" ] || [ -n "$(fact "no_$1")" ]; then
		t_skip "$1" "$(fact "no_$1")"
		return
	fi
	pfn=$(pfnscan pfn "$pid" "$addr")
	t_run mmscope frame --json "$pid:$addr"
	t_expect_status 0 "$1: status 0"
	compare "$1" "$pfn"
	[ -z "$2" ] || t_is "$1: as many as there are" "$(json_maps | steady | wc -l)" "$2"
	# (kernels before 6.7 tell it of a folio's first page alone)
	t_is "$1: its cgroup, by kpagecgroup" "$(json cgroup_ino)" "$(pfnscan kpf "$(json folio_pfn)" | cut -d' ' -f3)"
	t_is "$1: found by" "$(json found_by)" "${3:-reverse map}"
}

# --- pages of processes -------------------------------------------------------------------------------------------

ksm_merged() { [ "$(cat /sys/kernel/mm/ksm/pages_sharing)" -ge 1 ]; }
# 6.12's kpageflags takes every anonymous page for one of KSM (fs/proc/page.c asks for either bit of the mapping)
anon_class=anonymous
if [ $((0x$(pfnscan kpf "$(pfnscan pfn "$pid" "$(fact anon)")" | cut -d' ' -f1) & 0x200000)) != 0 ]; then
	t_note "this kernel's kpageflags calls all anonymous pages KSM: that bit is not compared"
	STEADY=$((STEADY & ~0x200000))
	anon_class="anonymous (KSM)"
fi
if [ -e /sys/kernel/mm/ksm/run ]; then t_ok "KSM merges" t_wait 60 ksm_merged; fi
echo 0 >/sys/kernel/mm/ksm/run 2>/dev/null

page anon 1
t_is "anon: of its cgroup" "$(json cgroup_ino)" "$(stat -c %i $CGROUP)"
t_is "anon: class" "$(json class)" anonymous
unknown=$(json refs_unknown)
t_ok "anon: references are explained but for one at most ($unknown)" [ "$unknown" -le 1 ]
page piped 1
t_is "piped: the pipe's reference is one that nobody is found for" "$(json refs_unknown)" $((unknown + 1))
t_is "piped: and no pin" "$(json pins)" 0
page pinned 1
if [ -z "$(fact no_pinned)" ]; then
	t_is "pinned: one pin" "$(json pins)" 1
	t_ok "pinned: no other reference ($(json refs_unknown))" [ "$(json refs_unknown)" -le 1 ]
fi
page swapcached 1
if [ $((0x$(cut -d' ' -f1 "$T_DIR/kpf") & 0x2000)) != 0 ] && [ -z "$(fact no_swapcached)" ]; then
	t_is "swapcached: its slot, by pagemap when it was out" "$(json swap_type) $(json swap_slot)" \
		"$(fact swapcached_area) 0x$(fact swapcached_slot)"
	t_ok "swapcached: the cache's reference is known ($(json refs_unknown) others)" [ "$(json refs_unknown)" -le 1 ]
else
	t_skip "swapcached: its slot" "this kernel has given it back"
fi
page forked 4
page cow 3
page file
t_is "file: its path" "$(json path)" /tmp/frame.file
t_is "file: its inode" "$(json ino)" "$(stat -c %i /tmp/frame.file)"
page file2
page memfd 4
t_is "memfd: class" "$(json class)" shmem
t_ok "memfd: its name" grep -q '"path": "/memfd:frame test' "$T_OUT"
page shared 4
if [ "$ARCH" = i386 ]; then
	page ksm '' scan
else
	page ksm
	t_ok "ksm: it has sharers ($(json ksm_sharers))" [ "$(json ksm_sharers)" -ge 2 ]
fi
page thp 4
page hugetlb 4
page hugepriv 4
page zero '' scan

# text: a program's own, which other processes have, too
lib=$(awk '$2 ~ /x/ && $6 ~ /libc/ { split($1, a, "-"); print a[1]; exit }' /proc/"$pid"/maps)
if [ -n "$lib" ]; then
	pfn=$(pfnscan pfn "$pid" "$lib")
	t_run mmscope frame --json "$pid:$lib"
	compare libc "$pfn"
	t_is "libc: its path" "$(json path)" "$(awk '$2 ~ /x/ && $6 ~ /libc/ { print $6; exit }' /proc/"$pid"/maps)"
else
	t_skip "libc" "the program has none"
fi

# --- what is not there --------------------------------------------------------------------------------------------

t_run mmscope frame "$pid:$(fact untouched)"
t_expect_status 1
t_expect_err 'not in memory' "an address without a page is said to be none"
if [ "$(pfnscan pfn "$pid" "$(fact swapped)")" = 0 ]; then
	t_run mmscope frame "$pid:$(fact swapped)"
	t_expect_status 1
	t_expect_err 'swap area [0-9]+, slot 0x' "a page that is swapped out: where"
else
	t_skip "swapped" "it was not swapped out"
fi
last=$(pfnscan end)
for n in "$last" $(printf '%x' $((0x$last + 0x100000))) ffffffffffff; do
	t_run mmscope frame --json "0x$n"
	t_expect_status 1 "0x$n, behind the end: status 1"
	t_expect_err 'beyond|hole|offline' "0x$n: said so"
done
t_run mmscope frame 0xffffffffffffffff
t_expect_status 2
t_run mmscope frame nonsense
t_expect_status 2
t_run mmscope frame 999999:1000
t_expect_status 1
hole=$(pfnscan find 100000 100000)
if [ -n "$hole" ]; then
	t_run mmscope frame "0x$hole"
	t_expect_status 1 "a hole: status 1"
	t_expect_grep '^class +hole' "a hole is called one"
fi

# --- the kernel's -------------------------------------------------------------------------------------------------

# kind NAME MASK CLASS: a frame that kpageflags calls so; one that changes meanwhile is looked for again
kind() {
	for n in 40 41 42 43 44; do
		pfn=$(pfnscan find "$2" "$2" "$n")
		[ -n "$pfn" ] || break
		t_run mmscope frame --json "0x$pfn"
		[ $((0x$(pfnscan kpf "$pfn" | cut -d' ' -f1) & 0x$2)) = 0 ] || break
	done
	if [ -z "$pfn" ]; then
		t_skip "$1" "there is none"
		return 1
	fi
	t_expect_status 0 "$1: status 0"
	t_is "$1: class" "$(json class | sed 's/ of the kernel$//')" "$3"
}
kind slab 80 slab && { name=$(json slab)
	t_ok "slab: a cache that there is ($name)" [ -e "/sys/kernel/slab/$name" ]; }
kind free 400 free && t_ok "free: its block" [ -n "$(json buddy_order)" ]
t_ok "free: what its pageblock is for ($(json migratetype))" grep -q "type *$(json migratetype) " /proc/pagetypeinfo
# (newer kernels mark their own tables, too, which are no process's)
if kind table 4000000 "page table"; then
	if [ "$(json class)" = "page table" ]; then
		# (one whose process is on its way out is nobody's: the next)
		for n in 50 57 64; do
			grep -Eq '"(table|pgd)_of": "' "$T_OUT" || t_run mmscope frame --json "0x$(pfnscan find 4000000 4000000 $n)"
		done
		t_ok "a page table: whose" grep -Eq '"(table|pgd)_of": "' "$T_OUT"
	else
		t_skip "a page table: whose" "it is the kernel's own"
	fi
	whose=
	for n in 5 15 25 35 45 55 65 75; do
		[ -z "$whose" ] || break
		t_run mmscope frame --json "0x$(pfnscan find 4000000 4000000 $n)"
		whose=$(sed -n -E 's/^ *"(table|pgd)_of": "([^"]*)".*/\2/p' "$T_OUT")
		case $whose in *' of PID '*) ;; *) whose= ;; esac
	done
	t_ok "the table of a process is found ($whose)" [ -n "$whose" ]
fi
# a frame of vmalloc(): the kernel has an area at that address
echo 1 >/proc/sys/kernel/kptr_restrict
# (start, end, caller: "0xSTART-0xEND SIZE CALLER+0xOFFSET/0xLENGTH [module] pages=N vmalloc ...")
grep -v ' ioremap' /proc/vmallocinfo | sed -n 's/^0x\([0-9a-f]*\)-0x\([0-9a-f]*\) *[0-9]* \([A-Za-z_0-9.]*\)+0x.*/\1 \2 \3/p' >"$T_DIR/areas"
sed -n 's/^.* pfn=\(0x[0-9a-f]*\) .*class=vmalloc.*/\1/p' /sys/kernel/debug/mmscope/kmap | head -n 40 >"$T_DIR/mapped"
va=
while read -r pfn; do
	t_run mmscope frame --json "$pfn"
	case $(json class) in vmalloc | 'kernel stack') va=$(json kernel_va) ;; esac
	[ -z "$va" ] || break
done <"$T_DIR/mapped"
# (without 0x all have one length, so that their order is that of their letters)
if [ -n "$va" ] && [ -s "$T_DIR/areas" ]; then
	# shellcheck disable=SC2016 # awk's
	t_ok "a frame of vmalloc(): /proc/vmallocinfo has an area there ($(json class), $va)" \
		awk -v va="${va#0x}" '{ if ($1 "" <= va "" && va "" < $2 "") found = 1 } END { exit !found }' "$T_DIR/areas"
	# (where the module does not tell areas /proc/vmallocinfo does, if it shows addresses: it does, by the sysctl above)
	if grep -q '^collector vmalloc  *ok' /sys/kernel/debug/mmscope/status || [ -n "$(json area_caller)" ]; then
		# shellcheck disable=SC2016 # awk's
		t_is "and the same one, with its caller" "$(json area_start) $(json area_end) $(json area_caller)" \
			"$(awk -v va="${va#0x}" '$1 "" <= va "" && va "" < $2 "" { print "0x" $1, "0x" $2, $3 }' "$T_DIR/areas")"
	else
		t_is "its area is not known here" "$(json area_caller)" ""
	fi
else
	t_skip "a frame of vmalloc()" "none was met"
fi
stack=
while read -r pfn; do
	t_run mmscope frame --json "$pfn"
	stack=$(sed -n 's/^ *"stack_of": "\(.*\)".*/\1/p' "$T_OUT")
	[ -z "$stack" ] || break
done <"$T_DIR/mapped"
if [ -n "$stack" ]; then
	# shellcheck disable=SC2016 # of the inner shell
	t_ok "a kernel stack: of a thread there is, one of its pages ($stack)" \
		sh -c 'echo "$1" | grep -Eq "^page [0-9] of thread" && [ -d "/proc/$2" ]' - "$stack" \
		"$(echo "$stack" | sed 's/.*of PID \([0-9]*\) .*/\1/')"
else
	t_skip "a kernel stack" "none was met"
fi
text=$(sed -n 's/^ *0*\([0-9a-f]*\)-.*: Kernel code$/\1/p' /proc/iomem)
t_run mmscope frame --json "0x${text%???}"
t_is "kernel text: class" "$(json class)" "kernel image"
t_run mmscope frame --json "phys:$text"
t_is "phys: is the frame's number times the page's size" "$(json pfn)" "0x${text%???}"

# --- other ways ---------------------------------------------------------------------------------------------------

a=$(fact forked) b=$(fact shared)
t_run mmscope frame --json --scan "$pid:$a" "$pid:$b"
t_expect_status 0 "--scan of two"
t_is "--scan: both sets of mappings" "$(json_maps | steady)" \
	"$({ pfnscan maps "$(pfnscan pfn "$pid" "$a")"; pfnscan maps "$(pfnscan pfn "$pid" "$b")"; } | steady)"
t_run mmscope --source procfs frame --json "$pid:$a"
t_is "by /proc alone: the same" "$(json_maps | steady)" "$(pfnscan maps "$(pfnscan pfn "$pid" "$a")" | steady)"
t_is "and its class, as kpageflags has it" "$(json class)" "$anon_class"
t_run mmscope frame "$pid:$a"
t_is "no line is wider than 80" "$(awk 'length > 80' "$T_OUT")" ""
t_expect_grep '^mappings +4 proved of 4' "the text counts what is proved"

# --- files that go ------------------------------------------------------------------------------------------------

mv /tmp/frame.file /tmp/frame.other
t_run mmscope frame --json "$pid:$(fact file)"
t_is "a file that was renamed: its new path" "$(json path)" /tmp/frame.other
rm /tmp/frame.other
t_run mmscope frame --json "$pid:$(fact file)"
t_is "a file that was deleted: its last path, and that" "$(json path)" "/tmp/frame.other (deleted)"
t_is "and in JSON" "$(json deleted)" 1

kill "$pid"
wait 2>/dev/null
t_ok "nothing is left of the workload" t_wait 10 rmdir $CGROUP
swapoff /dev/loop0
losetup -d /dev/loop0
rm -f /tmp/swapfile
echo 0 >/proc/sys/vm/nr_hugepages
