#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# How long the kernel's own memory is held while it is looked at, with thousands of slabs, of vmalloc areas and of the kernel's
# tables, in guest instructions: a nanosecond of this VM's clock is one.
# not-on: debug holds are measured in guest instructions, which KASAN and lockdep multiply
# collectors: slab vmalloc ktables kmap
# views: slab vmalloc kmap
# vm: --cpus 1 --qemu "-icount shift=0" --timeout 600 --env CASE_TIMEOUT=280
# shellcheck source=/dev/null
. /tests/lib.sh

t_quiet
D=/sys/kernel/debug/mmscope
value() { sed -n "s/.* $1=\([0-9]*\).*/\1/p" "$T_DIR/trailer"; }

# --- much to be told ---
# Stacks of threads: areas, entries of the tables, objects of many caches.
echo 100000 >/proc/sys/kernel/threads-max
framecheck hold threads 2000 >"$T_DIR/threads" &
pid=$!
t_ok "2000 threads" t_wait 100 grep -q held= "$T_DIR/threads"
# Inodes of which one in sixteen stays: their slabs are partial.
mkdir "$T_DIR/shm"
mount -t tmpfs -o size=64m none "$T_DIR/shm"
# shellcheck disable=SC2016 # expanded there
t_ok "16000 files, of which 1000 stay" sh -c 'cd "$1" && seq 1 16000 | xargs touch && seq 1 16000 |
	awk "\$1 % 16" | xargs rm' files "$T_DIR/shm"
longest=0
for f in /sys/kernel/slab/*/partial; do
	read -r n _ <"$f" || continue
	[ "$n" -le "$longest" ] || longest=$n
done 2>/dev/null
if [ -d /sys/kernel/slab ]; then t_ok "there is a list of partial slabs that one hold does not hold ($longest)" [ "$longest" -ge 300 ]; fi

# within FILE NAME QUESTION LIMIT BATCHES: no hold is longer than LIMIT instructions, and there are so many of them.
# Interrupts and other threads that hit a hold count, too: the best of three, and of some more if it must be.
within() {
	if ! grep -qE "^collector $1 *(ok|partial)" $D/status; then
		t_skip "$2" "$(sed -n "s/^collector $1 *//p" $D/status)"
		return
	fi
	best=999999999
	for try in 1 2 3 4 5 6; do
		[ "$try" -le 3 ] || [ "$best" -ge "$4" ] || break
		# into a file: see 57_holds
		sh -c 'exec 3<>"$2" && echo " $1" >&3 && cat <&3 >/tmp/answer' ask "$3" "$D/$1"
		tail -n 1 /tmp/answer >"$T_DIR/trailer"
		rm -f /tmp/answer
		t_note "$2: $(cat "$T_DIR/trailer")"
		t_ok "$2: all was told, $try" grep -q '^end end=0 error=0' "$T_DIR/trailer"
		if [ "$(value hold_max_ns)" -lt "$best" ]; then best=$(value hold_max_ns); fi
	done
	t_ok "$2: in many batches ($(value batches))" [ "$(value batches)" -ge "$5" ]
	# (none at all would be one that nobody counted)
	t_ok "$2: no hold beyond $4 ns ($best ns)" [ "$best" -gt 0 -a "$best" -lt "$4" ]
}

# spin locks: interrupts wait for them, or who allocates
within vmalloc "vmalloc areas" lazy 200000 40
if grep -q '^collector slab *ok' $D/status; then
	within slab "caches" caches 200000 100
else
	# (they are found through their slabs, as below)
	within slab "caches" caches 4000000 20
fi
# a semaphore that only memory waits for which is to go off line: it is the processor that is not offered meanwhile
within slab "slabs" slabs 4000000 20
within slab "objects" objects 4000000 20
# a section of RCU: hold_us=500, and what two more tables take
# (i386 has few)
many=$([ "$ARCH" = amd64 ] && echo 6 || echo 1)
within ktables "kernel tables" "" 1000000 "$many"
within ktables "raw kernel tables" "tables holes" 1000000 "$many"
kill $pid
wait $pid 2>/dev/null
umount "$T_DIR/shm"
