#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# buddy --why-not in a zone that was fragmented on purpose: the frames named are those of the process that did it, as its
# pagemap has them; and for a huge page at an address.
# collectors: buddy frames
# vm: --mem 512M --timeout 800 --env CASE_TIMEOUT=700
# shellcheck source=/dev/null
. /tests/lib.sh

t_quiet
huge=$(t_huge)
page=$(getconf PAGESIZE 2>/dev/null || echo 4096)
order=0
while [ $((page << order)) -lt "$huge" ]; do order=$((order + 1)); done
# nobody else shall move pages together meanwhile
[ ! -e /proc/sys/vm/compaction_proactiveness ] || echo 0 >/proc/sys/vm/compaction_proactiveness
# what is left after this cannot hold much more
free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
fragment $((free * 7 / 8)) >"$T_DIR/facts" &
pid=$!
t_ok "fragment is ready" t_wait 100 grep -q ready=1 "$T_DIR/facts"
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }

t_run mmscope buddy --why-not "$order"
t_expect_status 0
t_expect_empty
t_expect_grep "aligned blocks of that order" "it counts blocks"
t_ok "within 80 columns" [ "$(wc -L <"$T_OUT")" -le 80 ]
sed 's/^/# /' "$T_OUT" | head -n 40
t_expect_grep "^block 0x[0-9a-f]+: (compaction (can|may) free it|cannot be made free: frames in it stay|it is free now)\$" \
	"and says of each whether it can be made free"

# the block in the middle of what was fragmented (which has the fewest frames in use is a matter of luck: the kernel's own may
# be, and free pages on the processors' lists); the pages kept are the odd ones
half=$(($(fact kept) / 2))
addr=$(printf '%x' $(($(fact addr) + (2 * half + 1) * page)))
block=$(pagemap $pid "$addr")
t_run mmscope buddy --why-not "$order@$block"
t_expect_status 0 "the block of a frame of it"
sed 's/^/# /' "$T_OUT" | head -n 40
t_expect_grep " $pid +fragment" "the process is named"
t_expect_grep "anon +movable +$pid" "its pages are anonymous and movable"
t_expect_grep "block 0x[0-9a-f]+: compaction (can|may) free it" "and compaction can free a block, or may: this tool's pages move meanwhile"

# every frame that is said to be this process's is in its pagemap, at that address
t_run mmscope buddy --why-not "$order@$block" --all -n -o PID,VA,FRAME,FRAMES,REFS,MAPS
t_expect_status 0 "--all"
awk -v pid=$pid '$1 == pid { print $5, $6 }' "$T_OUT" | sed 's/^/ /' >"$T_DIR/counts"
awk -v pid=$pid -v size="$page" '$1 == pid { print $2, $3, $4, size }' "$T_OUT" >"$T_DIR/named"
t_ok "there are many ($(wc -l <"$T_DIR/named"))" [ "$(wc -l <"$T_DIR/named")" -ge $(((1 << order) / 8)) ]
t_ok "the one asked about is among them" grep -q " $block " "$T_DIR/named"
pagemap $pid check <"$T_DIR/named" >"$T_DIR/judged" 2>&1
t_note "$(tail -n 1 "$T_DIR/judged")"
t_is "their addresses are those of pagemap" "$(tail -n 1 "$T_DIR/judged")" "pages=$(wc -l <"$T_DIR/named") bad=0"

# nobody else maps them, and the one reference is the mapping
t_ok "each is mapped once, with one reference" ! grep -qv ' 1 1$' "$T_DIR/counts"

# --- a huge page at an address ---
t_run mmscope buddy --why-not "$pid:$addr"
if [ -e /sys/kernel/mm/transparent_hugepage/enabled ]; then
	t_expect_status 0 "a huge page at an address"
	t_expect_grep 'no: the VMA has MADV_NOHUGEPAGE' "its VMA forbids it"
	t_expect_grep "now: a small page, frame $(pagemap $pid "$addr")\$" "it is a small page now, the one of pagemap"
	t_expect_no_grep 'do not fit' "alignment does not"
	t_ok "within 80 columns" [ "$(wc -L <"$T_OUT")" -le 80 ]
	was=$(sed 's/.*\[\(.*\)\].*/\1/' /sys/kernel/mm/transparent_hugepage/enabled)
	for how in never madvise always; do
		echo $how >/sys/kernel/mm/transparent_hugepage/enabled
		t_run mmscope buddy --why-not "$pid:$addr"
		case $how in
		never) t_expect_grep 'no: .* set to never' "the setting forbids it: never" ;;
		madvise) t_expect_grep 'no: .*has no MADV_HUGEPAGE' "the setting forbids it: madvise" ;;
		always) t_expect_no_grep 'no: .*(set to never|has no MADV_HUGEPAGE)' "the setting allows it: always" ;;
		esac
	done
	echo "$was" >/sys/kernel/mm/transparent_hugepage/enabled
	t_run mmscope buddy --why-not "1:$(awk '/\[stack\]/ { sub("-.*", ""); print; exit }' /proc/1/maps)"
	t_expect_status 0 "a stack"
	t_expect_grep 'do not fit into the VMA' "a stack is too small"
else
	t_expect_status 1 "without transparent huge pages in the kernel: 1"
	t_expect_err 'no transparent huge pages' "and it is said"
fi
t_run mmscope buddy --why-not "$pid:1000"
t_expect_status 1 "an address without VMA: 1"
t_expect_err 'no VMA holds address 0x1000' "and it is named"
kill $pid

# --- memory that cannot be moved ---
t_wait 20 [ ! -d /proc/$pid ]
t_run mmscope buddy --why-not "$order"
t_expect_grep 'blocks of order '"$order"'.* are free now' "with the process gone blocks are free"

# --- a huge page that is one ---
if [ -e /sys/kernel/mm/transparent_hugepage/enabled ]; then
	echo always >/sys/kernel/mm/transparent_hugepage/enabled
	victim protnone "$huge" >"$T_DIR/huge" &
	it=$!
	t_wait 20 grep -q ready=1 "$T_DIR/huge"
	at=$(sed -n 's/^protnone=//p' "$T_DIR/huge")
	t_run mmscope buddy --why-not "$it:${at:-0}"
	# (smaps of some kernels does not count it: nobody may touch it)
	if [ -n "$at" ]; then
		t_expect_grep 'it is one: level 2' "a huge page is told to be one"
	else
		t_skip "a huge page is told to be one" "$(sed -n 's/^no_protnone=//p' "$T_DIR/huge")"
	fi
	kill $it
	echo "$was" >/sys/kernel/mm/transparent_hugepage/enabled
fi

# --- pages that somebody holds: a pipe ---
fragment 4 pin >"$T_DIR/facts" 2>&1 &
pid=$!
t_ok "fragment has pages in a pipe" t_wait 20 grep -q ready=1 "$T_DIR/facts"
for n in 1 15 31 33 35; do
	va=$(printf '%x' $(($(fact addr) + n * page)))
	pfn=$(pagemap $pid "$va")
	# shellcheck disable=SC2016 # for the inner shell
	sh -c 'exec 3<>"$1" && echo "$2 $3 used" >&3 && cat <&3' ask /sys/kernel/debug/mmscope/buddy $((pfn)) $((pfn + 1)) >"$T_DIR/one"
	want=1
	[ $n -gt 31 ] || want=2
	t_ok "page $n has $want references and is mapped once" grep -q "^used pfn=$pfn count=1 class=anon .* refs=$want maps=1 " "$T_DIR/one"
done
kill $pid

# --- a huge page that somebody holds ---
# FRAMES, class, verdict, REFS, MAPS, EXTRA (more references than known) of the block that the huge page is; a pipe holds 16 of
# its pages, an io_uring one or all
look_at() { t_run mmscope buddy --why-not "$order@0x$(fact "$1")" -o FRAME,FRAMES,CLASS,MOVABLE,REFS,MAPS,EXTRA,PID,OWNER; }
if [ -e /sys/kernel/mm/transparent_hugepage/enabled ]; then
	shmem=/sys/kernel/mm/transparent_hugepage/shmem_enabled
	echo madvise >/sys/kernel/mm/transparent_hugepage/enabled
	wasshmem=$(sed 's/.*\[\(.*\)\].*/\1/' $shmem)
	echo advise >$shmem
	echo 1 >/proc/sys/vm/compact_memory
	thpin "$huge" >"$T_DIR/facts" 2>&1 &
	pid=$!
	t_ok "thpin is ready" t_wait 30 grep -q ready=1 "$T_DIR/facts"
	sed 's/^/# /' "$T_DIR/facts"
	n=$((1 << order))
	while read -r name class verdict refs maps extra; do
		if grep -q "^no_$name=" "$T_DIR/facts"; then
			t_skip "$name" "$(fact "no_$name")"
			continue
		fi
		look_at "$name"
		t_ok "$name: $class, $verdict, $refs references, mapped $maps times, $extra of nobody known: $(grep '^ *0x' "$T_OUT")" \
			grep -Eq "^ *0x$(fact "$name") +$n +$class +$verdict +$refs +$maps +$extra +($pid|$(fact child)) +thpin *\$" "$T_OUT"
		t_is "$name: nothing else is in that block" "$(grep -c '^ *0x' "$T_OUT")" 1
		can="compaction can free it"
		[ "$verdict" = movable ] || can="cannot be made free: frames in it stay"
		t_expect_grep "^block 0x$(fact "$name"): $can\$" "$name: $can"
	done <<-END
		still anon movable 1 1 0
		forked anon movable 2 2 0
		both anon movable $((n + 1)) $((n + 1)) 0
		split anon movable $n $n 0
		pipe anon pinned 17 1 16
		parts anon pinned $((n + 16)) $n 16
		ring anon pinned [0-9]+ 1 [1-9][0-9]*
		shm shmem movable $((n + 1)) 1 0
		shmboth shmem movable [0-9]+ [1-9][0-9]+ 0
		shmpipe shmem pinned $((n + 17)) 1 16
	END
	# a frame in the middle is in the same block; of half the order one of the two is asked for
	t_run mmscope buddy --why-not "$order@$((0x$(fact pipe) + n / 2 + 5))" -n -o BLOCK,FRAME,FRAMES,MOVABLE
	t_ok "a tail names the same block" grep -Eqx "0x$(fact pipe) +0x$(fact pipe) +$n +pinned *" "$T_OUT"
	half=$(printf '%x' $((0x$(fact pipe) + n / 2)))
	t_run mmscope buddy --why-not "$((order - 1))@0x$half" -n -o BLOCK,FRAME,FRAMES,MOVABLE,EXTRA
	t_ok "half of a pinned one is pinned, too" grep -Eqx "0x$half +0x$half +$((n / 2)) +pinned +16 *" "$T_OUT"
	t_run mmscope buddy --why-not "$order@0x$(fact pipe)" --json
	t_expect_grep '"compaction": ?"cannot"' "JSON says so"
	# let go, they can be moved
	kill -USR1 $pid
	t_ok "the pipes are emptied" t_wait 20 grep -q let_go=1 "$T_DIR/facts"
	for name in pipe parts shmpipe; do
		if grep -q "^no_$name=" "$T_DIR/facts"; then continue; fi
		look_at "$name"
		t_expect_grep "^ *0x$(fact $name) .* movable .* 0 +$pid +thpin *\$" "$name: movable, now that the pipe is empty"
	done
	kill $pid
	echo "$was" >/sys/kernel/mm/transparent_hugepage/enabled
	echo "$wasshmem" >$shmem
fi
t_run mmscope buddy --why-not "9@0xfffffffffff"
t_expect_status 1 "a frame behind all memory: 1"
t_expect_err 'frame 0xfffffffffff: it is in no block of order 9' "and it is named"

for what in "--why-not x" "--why-not 99" "--why-not -1" "--why-not 1:" "--why-not :5" "--why-not 9 --frag" "--why-not 9@" "--why-not 9@x" "--why-not @5" "--all"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope buddy $what
	t_expect_status 2 "buddy $what: 2"
done
t_run mmscope buddy --why-not 30
t_expect_status 1 "an order that no block has: 1"
t_expect_err 'largest block' "and the largest is named"
t_run mmscope buddy --why-not "99999:1000"
t_expect_status 1 "no such process: 1"
t_expect_err 'no such process' "and it is called that"
t_run mmscope --source procfs buddy --why-not 9
t_expect_status 1 "without the module: 1"
