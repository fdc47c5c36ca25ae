#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# collectors: cache
# The page cache by file: files of which the cached pages are known, against mincore(2) and vmstat.
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet
FS=/tmp/cache.fs
F=$FS/dir/file

modprobe loop
modprobe -q ext4
dd if=/dev/zero of=/tmp/cache.img bs=1M count=16 2>/dev/null
mke2fs -F /tmp/cache.img >/dev/null 2>&1
mkdir -p $FS
t_ok "an ext2 file system is mounted" mount -o loop -t ext4 /tmp/cache.img $FS
mkdir $FS/dir
dd if=/dev/urandom of=$F bs=4096 count=64 2>/dev/null
dd if=/dev/urandom of=$FS/other bs=4096 count=30 2>/dev/null
sync
dev=$(awk -v p=$FS '$5 == p { print $3 }' /proc/self/mountinfo)
ino=$(stat -c %i $F)

# one line of the table of all files: by device and inode number
row() { mmscope cache --top 0 -b -n -o CACHED,DIRTY,WB,MAPPED,PROCS,TYPE,NRPAGES,DEV,INODE,NAME | awk -v d="$1" -v i="$2" '$8 == d && $9 == i'; }

# --- ranges, known in advance ---
echo 3 >/proc/sys/vm/drop_caches
t_run mmscope cache -n -b $F
t_expect_status 0 "of a file without cached pages"
t_is "it has no ranges" "$(wc -l <"$T_OUT")" 0
minc read $F 3 3
minc read $F 10 1
minc read $F 40 8
t_run mmscope cache -n -b -o OFFSET,LENGTH $F
t_expect_status 0 "of a file"
t_is "its ranges are those that were read" "$(awk '{ print $1, $2 }' "$T_OUT" | xargs)" "0x3000 12288 0xa000 4096 0x28000 32768"
minc ranges $F >"$T_DIR/mincore"
t_ok "and mincore's, page by page" sh -c "awk '{ print \$1, \$2 }' $T_OUT | diff - $T_DIR/mincore"
minc drop $F 42 3
t_run mmscope cache -n -b -o OFFSET,LENGTH $F
t_is "without those that POSIX_FADV_DONTNEED dropped" "$(awk '{ print $1, $2 }' "$T_OUT" | xargs)" \
	"0x3000 12288 0xa000 4096 0x28000 8192 0x2d000 12288"
t_run mmscope cache --runs -n -o PFN,FLAGS $F
t_is "--runs: all are up to date, on a list" "$(awk '{ print substr($2, 10, 1) substr($2, 12, 1) }' "$T_OUT" | sort -u)" lU
t_run mmscope --source procfs cache -n -b -o OFFSET,LENGTH $F
t_expect_status 0 "without the module: mincore"
t_is "without the module: the same ranges" "$(awk '{ print $1, $2 }' "$T_OUT" | xargs)" \
	"0x3000 12288 0xa000 4096 0x28000 8192 0x2d000 12288"
t_is "in the table of all files: 9 pages, and the kernel counts as many" "$(row "$dev" "$ino" | awk '{ print $1, $6, $7, $10 }')" \
	"36864 file 36864 $F"

# --- dirty ---
dd if=/dev/zero of=$F bs=4096 seek=20 count=2 conv=notrunc 2>/dev/null
t_is "two pages written, not synced: they are dirty" "$(row "$dev" "$ino" | awk '{ print $1, $2 }')" "45056 8192"
t_run mmscope cache $F
t_expect_grep 'dirty 8.0K' "of the file: dirty 8.0K"
sync
t_is "synced: none is" "$(row "$dev" "$ino" | awk '{ print $1, $2 }')" "45056 0"

# --- mapped by whom ---
minc map $F 16 >"$T_DIR/map" &
pid=$!
t_ok "somebody maps it" t_wait 10 grep -q ready "$T_DIR/map"
t_run mmscope cache $F
t_expect_grep "^ *$pid minc\$" "the process that maps it is named"
t_is "16 of its pages are mapped, by one process" "$(row "$dev" "$ino" | awk '{ print $4, $5 }')" "65536 1"
t_run mmscope cache --json $F
t_expect_grep "\"pid\": $pid" "--json names it, too"
kill -9 $pid
wait $pid 2>/dev/null

# --- renamed, deleted, tmpfs, memfd ---
mv $F $FS/dir/renamed
t_is "renamed: the new name" "$(row "$dev" "$ino" | awk '{ print $10 }')" $FS/dir/renamed
minc read $FS/other 0 30
oino=$(stat -c %i $FS/other)
exec 7<$FS/other
rm $FS/other
t_is "deleted, still open: listed, and said to be deleted" "$(row "$dev" "$oino" | awk '{ print $1, $10, $11 }')" "122880 $FS/other (deleted)"
exec 7<&-
t_is "closed: gone" "$(row "$dev" "$oino")" ""
dd if=/dev/zero of=/tmp/cache.shm bs=4096 count=50 2>/dev/null
tdev=$(awk '$5 == "/tmp" { print $3 }' /proc/self/mountinfo)
t_is "a file on tmpfs" "$(row "$tdev" "$(stat -c %i /tmp/cache.shm)" | awk '{ print $1, $6, $7, $10 }')" "204800 shmem 204800 /tmp/cache.shm"
rm /tmp/cache.shm

# --- devices, directories ---
loop=$(awk -v p=$FS '$2 == p { print $1 }' /proc/mounts)
t_run mmscope cache --top 0 -n -o TYPE,NAME
t_expect_grep "^bdev +$loop\$" "the block device is listed: the file system's metadata"
t_run mmscope cache -n "$loop"
t_expect_status 0 "of a block device"
t_expect_lines 1 "it has ranges"
t_run mmscope cache --top 0 -n -o NAME $FS
t_is "of a directory: the files below it alone" "$(grep -vc "^$FS/" "$T_OUT")" 0
t_expect_grep "^$FS/dir/renamed\$" "of a directory: its file"
t_run mmscope --source procfs cache --top 0 -n -b -o CACHED,NAME $FS
t_expect_status 0 "of a directory, without the module"
t_is "of a directory, without the module: the same sizes" "$(awk -v f=$FS/dir/renamed '$2 == f { print $1 }' "$T_OUT")" \
	"$(row "$dev" "$ino" | awk '{ print $1 }')"
t_run mmscope --source procfs cache
t_expect_status 1 "of all, without the module: 1"
t_expect_err 'load the module' "and the remedy"

# --- sums ---
t_run minc sum
t_expect_status 0 "the sum over all files and devices is nr_file_pages without the swap cache, to the page"
t_note "$(cat "$T_OUT")"
same() {
	mmscope cache --top 0 -b -n -o CACHED,NRPAGES,TYPE,NAME >"$T_DIR/all"
	[ -s "$T_DIR/all" ] && awk '$3 != "hugetlb" && $1 != $2 { bad = 1; print } END { exit bad }' "$T_DIR/all"
}
t_ok "of each file the kernel counts as many pages as were found" t_wait 10 same

# --- bad input ---
mkfifo "$T_DIR/fifo"
for bad in "--runs" "$F $F" "--top -1" "--top x" "-o FROB" "$T_DIR/fifo" "--frob"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope cache $bad
	t_expect_status 2 "cache $bad: 2"
	t_is "cache $bad: nothing on stdout" "$(wc -c <"$T_OUT")" 0
done
t_run mmscope cache /nonexistent/x
t_expect_status 1 "no such file: 1"
t_expect_err '/nonexistent/x: No such file' "and it is named"
evil=$FS/$(printf 'a\033[31m\nb')
echo x >"$evil"
t_run mmscope cache --top 0 "$FS"
t_is "a bad name is shown neutralised" "$(tr -d '\n\040-\176' <"$T_OUT" | wc -c)" 0
t_expect_grep 'a\\x1b\[31m\\x0ab' "and it is there"
t_run sh -c 'exec 3<>/sys/kernel/debug/mmscope/cache; echo runs >&3; tail -n 1 <&3'
t_expect_grep '^end end=0 ' "the text door"

umount $FS
rm -f /tmp/cache.img
