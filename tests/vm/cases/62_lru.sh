#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# collectors: lru
# The lists of reclaim against vmstat, debugfs lru_gen, memory.stat and kpageflags; a workload whose pages are known.
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet
CG=/sys/fs/cgroup
GEN=/sys/kernel/mm/lru_gen/enabled
MIB=1048576
was=$(cat $GEN 2>/dev/null)

# pages in per-CPU batches are on no list yet: compaction drains them first
drain() { echo 1 >/proc/sys/vm/compact_memory; }

# --- a file system with a file of 6 MiB, of which nothing is cached ---
modprobe loop
modprobe -q ext4
dd if=/dev/zero of=/tmp/lru.img bs=1M count=16 2>/dev/null
mke2fs -F /tmp/lru.img >/dev/null 2>&1
mkdir -p /tmp/lru.fs
t_ok "an ext2 file system is mounted" mount -o loop -t ext4 /tmp/lru.img /tmp/lru.fs
dd if=/dev/urandom of=/tmp/lru.fs/file bs=1M count=6 2>/dev/null
sync
echo 3 >/proc/sys/vm/drop_caches
ino=$(stat -c %i /tmp/lru.fs/file)
dev=$(awk '$5 == "/tmp/lru.fs" { print $3 }' /proc/self/mountinfo)

# --- cgroups ---
echo +memory >$CG/cgroup.subtree_control
mkdir -p $CG/lru.t
t_ok "a cgroup has a memory controller" [ -e $CG/lru.t/memory.stat ]
start() {
	sh -c "echo \$\$ >$CG/lru.t/cgroup.procs; exec lrustat hold 12 3 /tmp/lru.fs/file" >"$T_DIR/hold" &
	pid=$!
	t_ok "$1: the workload is ready" t_wait 20 grep -q ready "$T_DIR/hold"
	drain
}
stop() {
	kill -9 $pid
	wait $pid 2>/dev/null
}

stat_of() { awk -v k="$2" '$1 == k { print $2 }' "$1/memory.stat"; }
# by list, bytes: ours and memory.stat's of /lru.t
ours() { mmscope lru -b -n --cgroup /lru.t -o INACT_ANON,ACT_ANON,INACT_FILE,ACT_FILE,UNEVICT | awk '{ print $1, $2, $3, $4, $5 }'; }
theirs() {
	for k in inactive_anon active_anon inactive_file active_file unevictable; do stat_of $CG/lru.t $k; done | xargs
}
# Before 5.13 (which has swapcached, too) memory.stat is a sum of batches: each processor may keep up to 32 pages of a
# counter to itself (MEMCG_CHARGE_BATCH, __mod_memcg_state()), and nothing flushes them.
batch=0
grep -q ^swapcached $CG/lru.t/memory.stat || batch=$((32 * 4096 * $(nproc)))
agree() {
	a=$(ours)
	b=$(theirs)
	# shellcheck disable=SC2086 # five numbers each
	set -- $a $b
	[ $# -eq 10 ] || return
	for _ in 1 2 3 4 5; do
		[ $(($1 - $6)) -le $batch ] && [ $(($6 - $1)) -le $batch ] || return
		shift
	done
}
# (some may be in a processor's batch again by now: on no list)
near() { [ "$1" -ge $(($2 - MIB / 8)) ] && [ "$1" -le $(($2 + $3)) ]; }

check_workload() {
	# memory.stat is flushed every 2 seconds
	if t_wait 10 agree; then
		t_pass "$1: the five lists of the cgroup are memory.stat's (within $batch bytes)"
	else
		t_is "$1: the five lists of the cgroup are memory.stat's (within $batch bytes)" "$a" "$b"
	fi
	# shellcheck disable=SC2086 # five numbers
	set -- "$1" $a
	t_ok "$1: 12 MiB anon ($2 + $3)" near $(($2 + $3)) $((12 * MIB)) $((3 * MIB))
	t_ok "$1: 6 MiB of a file ($4 + $5)" near $(($4 + $5)) $((6 * MIB)) $((MIB / 2))
	t_ok "$1: 3 MiB mlocked ($6)" near "$6" $((3 * MIB)) $((MIB / 4))
	t_run mmscope lru -n --cgroup $CG/lru.t -o CGROUP,MODE,STATE,INODE
	t_is "$1: named, with its mode and inode number" "$(xargs <"$T_OUT")" "/lru.t $1 alive $(stat -c %i $CG/lru.t)"
}

check_sums() {
	t_run lrustat vmstat
	t_expect_status 0 "$1: sums over cgroups and nodes are those of /proc/vmstat, to the page"
	[ ! -e /sys/kernel/debug/lru_gen ] || {
		t_run lrustat gens
		t_expect_status 0 "$1: generations are those of debugfs lru_gen: sizes, and ages between two reads"
	}
}

# --- samples: what is at which end is known ---
check_samples() {
	t_run mmscope lru -n --sample 64 --cgroup /lru.t -o PFN,FLAGS,OWNER,LIST,END,POS,DEV,INODE,OFFSET,MAPS,PAGES
	t_expect_status 0 "$1: samples"
	cp "$T_OUT" "$T_DIR/sample"
	# shellcheck disable=SC2016 # awk's
	t_ok "$1: there are some of anon and of file" awk '$3 == "anon" { a++ } $3 == "file" { f++ } END { exit !(a >= 16 && f >= 16) }' "$T_DIR/sample"
	t_is "$1: no folio twice" "$(awk '{ print $1 }' "$T_DIR/sample" | sort | uniq -d | wc -l)" 0
	# flags: the letter for workingset is not in kpageflags
	awk '{ f = $2; print $1, substr(f, 1, 4) "?" substr(f, 6, 3) "-" substr(f, 10), ($3 == "shmem" || $3 == "bdev" ? "file" : $3) }' \
		"$T_DIR/sample" >"$T_DIR/flags.ours"
	awk '{ print $1 }' "$T_DIR/sample" | lrustat flags | awk '{ print $1, substr($2, 1, 8) "-" substr($2, 10), $3 }' >"$T_DIR/flags.theirs"
	t_ok "$1: frames and flags agree with kpageflags" diff "$T_DIR/flags.ours" "$T_DIR/flags.theirs"
	t_is "$1: all are on a list" "$(awk '{ print substr($2, 10, 1) }' "$T_DIR/sample" | sort -u)" l
	awk '$3 == "file"' "$T_DIR/sample" >"$T_DIR/files"
	t_ok "$1: its file is named by device and inode" grep -Eq " $dev +$ino " "$T_DIR/files"
}

start lists
if [ -e $GEN ]; then
	for mode in n y; do
		echo $mode >$GEN
		word=$([ $mode = y ] && echo gens || echo lists)
		stop
		echo 3 >/proc/sys/vm/drop_caches
		start "$word"
		check_workload "$word"
		check_sums "$word"
		check_samples "$word"
		t_ok "$word: samples say which list" grep -Eq "$([ $mode = y ] && echo '(anon|file) gen [0-9]+' || echo '(in)?active_(anon|file)')" "$T_DIR/sample"
		# each frame's generation is by its flags one of those that there are, not older than its list's
		mmscope lru -n --sample 64 --cgroup /lru.t -o GEN,LIST >"$T_DIR/gen"
		# shellcheck disable=SC2016 # awk's
		t_ok "$word: generations of frames" awk -v m=$mode '
			m == "n" { bad += $1 != "-" } m == "y" { bad += $1 == "-" || $4 == "" || $1 < $4 || $1 > $4 + 3 }
			END { exit bad || !NR }' "$T_DIR/gen"
		[ $mode = n ] || continue
		# read once, in order: the last page read is at the head, the first one at the tail
		awk '$4 == "inactive_file" && $8 == "'"$ino"'" { o = sprintf("%d", $9); if ($5 == "head" && (h == "" || o < h)) h = o
			if ($5 == "tail" && o > t) t = o } END { print h, t; exit !(h > t && t > 0) }' "$T_DIR/sample" >"$T_DIR/order"
		t_ok "lists: the file's last pages are at the head, its first ones at the tail" [ -s "$T_DIR/order" ]
	done
	t_run mmscope lru --gen
	t_expect_status 0 "--gen"
	t_expect_grep 'youngest' "--gen: the youngest is named"
	t_expect_grep 'no swap is free' "--gen: what is next, and why"
	t_run mmscope lru --gen -n --cgroup /lru.t -b -o GEN,ANON,FILE
	awk -v p="/lru.t" '$1 == "memcg" { on = $3 == p } on && NF == 4 { print $1, $3 * 4096, $4 * 4096 }' /sys/kernel/debug/lru_gen | sort >"$T_DIR/theirs"
	awk '{ print $1, $2 == "-" ? 0 : $2, $3 == "-" ? 0 : $3 }' "$T_OUT" | sort >"$T_DIR/ours"
	t_ok "--gen: the table's sizes are those of debugfs lru_gen" diff "$T_DIR/theirs" "$T_DIR/ours"
	# one more generation, made by hand
	id=$(awk '$1 == "memcg" && $3 == "/lru.t" { print $2 }' /sys/kernel/debug/lru_gen)
	max=$(mmscope lru --gen -n --cgroup /lru.t -o GEN | sort -n | tail -n 1 | xargs)
	echo "+ $id 0 $max 1" >/sys/kernel/debug/lru_gen
	t_is "--gen: after an aging by hand the youngest is one more" \
		"$(mmscope lru --gen -n --cgroup /lru.t -o GEN | sort -n | tail -n 1 | xargs)" $((max + 1))
	check_sums "after aging"
else
	check_workload lists
	check_sums lists
	check_samples lists
	t_run mmscope lru --gen
	t_expect_status 1 "--gen without generations: 1"
	t_expect_err 'no generations' "and it is said"
fi

# --- the cgroup is removed, its file's pages stay: somebody has them, and the sums are right ---
stop
rmdir_now() { rmdir $CG/lru.t; }
t_ok "the cgroup can be removed" t_wait 5 rmdir_now
t_run mmscope lru -b -n -o CGROUP,STATE,INACT_FILE,ACT_FILE
awk '$1 == "/" || $2 == "dying" { n += $3 + $4 } END { print n + 0 }' "$T_OUT" >"$T_DIR/n"
t_ok "its pages are of a dying cgroup, or of its parent ($(cat "$T_DIR/n"))" [ "$(cat "$T_DIR/n")" -ge $((6 * MIB)) ]
check_sums "after rmdir"
t_run mmscope lru --cgroup /lru.gone
t_expect_status 1 "no such cgroup: 1"
t_expect_err '/lru.gone: no such cgroup' "and it is named"

# --- /proc ---
t_run mmscope --source procfs lru -n -b -o CGROUP,INACT_ANON,ACT_ANON,INACT_FILE,ACT_FILE,UNEVICT
t_expect_status 0 "from /proc"
t_is "from /proc: one line per node" "$(awk '{ print $1 }' "$T_OUT")" "(all)"
for cmd in --gen "--sample 4"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope --source procfs lru $cmd
	t_expect_status 1 "from /proc: $cmd: 1"
	t_expect_err 'load the module' "from /proc: $cmd: the remedy"
done

# --- bad input ---
for bad in "--sample 0" "--sample 65" "--sample x" "--gen --sample 3" "--cgroup lru.t" "frob" "-o FROB" "--frob"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope lru $bad
	t_expect_status 2 "lru $bad: 2"
	t_is "lru $bad: nothing on stdout" "$(wc -c <"$T_OUT")" 0
done
for words in "gens" "sample" "gens sample" ""; do
	echo "$words" >"$T_DIR/words"
	t_run sh -c "exec 3<>/sys/kernel/debug/mmscope/lru; cat $T_DIR/words >&3; cat <&3"
	t_expect_grep '^end end=0 ' "the text door: '$words'"
done
t_run sh -c 'exec 3<>/sys/kernel/debug/mmscope/lru; echo 1 2 3 >&3'
t_ok "the text door refuses three numbers" [ "$T_STATUS" -ne 0 ]

umount /tmp/lru.fs
rm -f /tmp/lru.img
[ -z "$was" ] || echo $((was & 1)) | sed 's/1/y/;s/0/n/' >$GEN
