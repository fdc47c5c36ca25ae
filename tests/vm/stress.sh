#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the guest: memory that does not hold still (stressload, and stress-ng where it was taken along), everybody looking
# at it (stressread), and what is left of it in the end. For scripts/stress and the case 88_stress; the module is loaded
# before and after.
#
# In the environment: SECS [30], SEED [1], READERS [4], PATIENCE [120] s that are a hang, MMSCOPE_SLOW [1]: times as
# long, PROGRESS=1.
# Prints lines "WORD NAME key=value ...", "note TEXT" and "bad: TEXT". Exit status: 0, 1 something is bad, 2.
SECS=${SECS:-30} SEED=${SEED:-1} NG=${NG-}
LEAK=/sys/kernel/debug/kmemleak
T=${T_DIR:-/tmp}/stress
bad=0
mkdir -p "$T"
bad() {
	echo "bad: $*"
	bad=1
}

# --- what the machine has ----------------------------------------------------------------------------------------

modprobe -q virtio_blk
modprobe -q loop
swap=
if [ -b /dev/vda ]; then
	swap=/dev/vda
else
	dd if=/dev/zero of="$T/swap" bs=1M count=32 2>/dev/null
	if losetup /dev/loop7 "$T/swap" 2>/dev/null; then swap=/dev/loop7; fi
fi
if [ -n "$swap" ] && mkswap $swap >/dev/null 2>&1 && swapon $swap 2>/dev/null; then
	echo "note swap on $swap"
else
	echo "note left out: swap (no block device for it, or CONFIG_SWAP=n)"
	swap=
fi
was_huge=$(cat /proc/sys/vm/nr_hugepages 2>/dev/null)
[ -z "$was_huge" ] || echo 8 >/proc/sys/vm/nr_hugepages

# active objects of each slab cache, and free memory in KiB, with nobody left who holds any
snapshot() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sleep 2
	sed -n '3,$p' /proc/slabinfo 2>/dev/null | awk '{ print $1, $2 }'
	awk '/^Mem(Total|Available):/ { sub(/:/, ""); print $1, $2 }' /proc/meminfo
}

hung=/proc/sys/kernel/hung_task_timeout_secs
if [ -e $hung ]; then
	was_hung=$(cat $hung)
	echo 300 >$hung
fi

rmmod mmscope
[ ! -e $LEAK ] || echo clear >$LEAK
snapshot >"$T/before"
insmod /lib/mmscope.ko || exit 2

# --- stress --------------------------------------------------------------------------------------------------------

stressload --seconds $((SECS + 600)) --seed "$SEED" >"$T/load" 2>&1 &
load=$!
ng=
# In groups, one after the other: all at once would leave nothing of two processors.
ng_groups() {
	# shellcheck disable=SC2086 # words
	while :; do
		for group in "fork mmap shm mlock" "vm mremap brk userfaultfd" "madvise stack memfd mprotect" \
			"shm-sysv mmaphuge remap exec" "munmap mmapfork vm-rw swap" "numa memhotplug mincore vfork" \
			"mmapmany msync physpage resources" "rmap fault mmapfixed pageswap"; do
			set --
			for s in $group; do set -- "$@" "--$s" 1; done
			stress-ng "$@" --timeout 15 --metrics-brief --oomable --vm-bytes 32M --mmap-bytes 32M \
				--shm-bytes 8M --temp-path "$T" 2>&1 </dev/null
		done
	done >"$T/ng"
}
if command -v stress-ng >/dev/null; then
	ng_groups &
	ng=$!
	renice -n 19 -p $ng >/dev/null
fi

(
	echo -1000 >/proc/self/oom_score_adj
	exec stressread --seconds "$SECS" --seed "$SEED" --readers "${READERS:-4}" --patience $((${PATIENCE:-120} * ${MMSCOPE_SLOW:-1})) \
		${PROGRESS:+--progress}
) >"$T/read" || {
	rc=$?
	grep -q '^bad:' "$T/read" || bad "stressread ended with status $rc"
	bad=1
}

# stress-ng's children have no parent that would take them along
if [ -n "$ng" ]; then
	kill $ng
	for p in /proc/[0-9]*; do
		case $(readlink "$p/exe") in */stress-ng) kill -9 "${p#/proc/}" ;; esac
	done 2>/dev/null
	wait $ng 2>/dev/null
fi
kill -TERM $load
wait $load || bad "stressload ended with status $?"

# --- what was done ---------------------------------------------------------------------------------------------------

cat "$T/load"
if [ -n "$ng" ]; then
	awk '/metrc:/ && $5 ~ /^[0-9]+$/ { n[$4] += $5; r[$4]++ }
		END { for (s in n) print "stress-ng " s " rounds=" n[s] " runs=" r[s] }' "$T/ng" | sort
	sed -n 's/.*stress-ng: .*skipped stressor: \(.*\)$/\1/p' "$T/ng" | grep -vx 0 | sort -u | sed 's/^/note stress-ng skipped: /'
fi
cat "$T/read"

# --- what is left ------------------------------------------------------------------------------------------------------

if [ -e $LEAK ]; then
	sleep 6 # it passes over what is younger than 5 s
	echo scan >$LEAK
	sleep 6
	echo scan >$LEAK
	n=$(grep -c 'unreferenced object' $LEAK)
	[ "$n" -eq 0 ] || bad "kmemleak: $n unreferenced objects"
	head -n 40 $LEAK | sed 's/^/# /'
	echo "leaks kmemleak unreferenced=$n"
fi
n=$(cat /sys/module/mmscope/refcnt)
[ "$n" = 0 ] || bad "the module's reference count is $n with nobody looking"
rmmod mmscope || bad "rmmod with nobody looking"
if [ -n "$swap" ]; then swapoff $swap || bad "swapoff"; fi
[ "$swap" != /dev/loop7 ] || losetup -d /dev/loop7
rm -f "$T/swap"
[ -z "$was_huge" ] || echo "$was_huge" >/proc/sys/vm/nr_hugepages
[ ! -e $hung ] || echo "$was_hung" >$hung
snapshot >"$T/after"
insmod /lib/mmscope.ko || bad "insmod in the end"

# A stream that leaks leaks one of something for each of thousands of streams. What the kernel keeps for a while after
# such a time (kernfs, dentries, per-CPU lists) is in other caches, or less. A kernel with kmemleak has been asked above;
# what is freed there stays in the caches (the quarantine of KASAN, the objects of kmemleak and DEBUG_OBJECTS).
streams=$(sed -n 's/^file .* streams=\([0-9]*\) .*/\1/p' "$T/read" | awk '{ n += $1 } END { print n + 0 }')
awk -v limit=$((streams / 8 + 500)) -v kmemleak="$([ ! -e $LEAK ] || echo 1)" '
	FNR == NR { was[$1] = $2; next }
	$1 ~ /^(kmalloc-.*|mm_struct|task_struct|pid|cred_jar|files_cache|signal_cache)$/ && $1 in was {
		grew = $2 - was[$1]
		if (grew > most) { most = grew; name = $1 }
		if (grew > limit && !kmemleak) print "bad: slab cache " $1 " grew by " grew " objects"
	}
	# a block of memory that is still offline took its pages with it
	$1 == "MemTotal" { offline = was[$1] - $2 }
	$1 == "MemAvailable" {
		lost = was[$1] - $2 - offline
		if (lost > 65536) print "bad: " lost " KiB less available than before"
	}
	END { printf "leaks slab limit=%d most=%d cache=%s less_available_kib=%d\n", limit, most, name, lost }
	' "$T/before" "$T/after" >"$T/grown"
cat "$T/grown"
if grep -q '^bad' "$T/grown"; then bad=1; fi
[ "$streams" -gt 0 ] || bad "not one stream was read to its end"
exit $bad
