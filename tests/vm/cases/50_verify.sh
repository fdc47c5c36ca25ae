#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# verify: every translation of every process, quiet and in turmoil. (5 levels where the CPU has them.)
# shellcheck disable=SC2086 # PIDs are numbers
# shellcheck source=/dev/null
. /tests/lib.sh
D=/sys/kernel/debug/mmscope

# json KEY: of the last answer's sums
json() { sed -n "s/^   \"$1\": \([0-9]*\).*/\1/p" "$T_OUT"; }
ask() { sh -c 'exec 3<>"$2" && echo "$1" >&3 && cat <&3' ask "$1" "$D/$2"; }
start() {
	rm -f "$T_DIR/facts"	# of the one before
	workload "$@" >"$T_DIR/facts" &
	pid=$!
	t_wait 60 grep -q ready=1 "$T_DIR/facts"
}

want=$(t_levels)
t_is "the kernel and the module walk $want levels" "$(sed -n 's/^context .* levels=\([0-9]*\) .*/\1/p' $D/pgtable)" $want
t_is "all that the kernel was built for are shown here" $want "$(t_config PGTABLE_LEVELS)"

echo 4 >/proc/sys/vm/nr_hugepages
modprobe loop
dd if=/dev/zero of=/tmp/swapfile bs=1M count=16 2>/dev/null
losetup /dev/loop0 /tmp/swapfile
mkswap /dev/loop0 >/dev/null
swapon /dev/loop0
t_ok "a workload runs" start
quiet=$pid
t_ok "huge pages are in use" [ "$(awk '/^HugePages_Total:/ { t = $2 } /^HugePages_Free:/ { f = $2 } END { print t - f }' /proc/meminfo)" -gt 0 ]
t_ok "swap is in use" [ "$(awk '/^SwapTotal:/ { t = $2 } /^SwapFree:/ { f = $2 } END { print t - f }' /proc/meminfo)" -gt 0 ]
t_ok "the workload has swap" [ "$(awk '/^VmSwap:/ { print $2 }' /proc/$quiet/status)" -gt 0 ]

t_run mmscope verify --all
t_expect_status 0
t_expect_empty
t_expect_grep "^[0-9]{4,} translations of [0-9]+ processes checked by the software MMU, pagemap and smaps: 0 mismatches\$" \
	"verify --all: thousands of translations, 0 mismatches"
t_note "$(tail -n 1 "$T_OUT")"
t_expect_grep " init +" "PID 1 is among them"
t_expect_grep "$quiet workload +" "the workload is among them"
t_expect_grep ' mmscope +' "it verifies itself"

t_run mmscope verify -o PID,TRANSLATIONS,ABSENT,PAGEMAP,HOLES,SMAPS -n $quiet
t_expect_status 0
# entries by another count: pages of pagemap, where those of a huge page are one
small=$(($(t_huge) / 4096))
pagemap $quiet >"$T_DIR/pagemap"
# shellcheck disable=SC2046 # six numbers
set -- $(awk -v p="$quiet" '$1 == p' "$T_OUT")
swapped=$(awk '{ n += $4 } END { print n }' "$T_DIR/pagemap")
t_ok "the $swapped swapped pages were looked at (ABSENT $3)" [ "$3" -ge "$swapped" ]
pages=$(awk '{ n += $2 } END { print n }' "$T_DIR/pagemap")
t_ok "all of $pages present pages were compared with pagemap (PAGEMAP $4)" [ "$4" -ge $((pages + swapped)) ]
huge=$(($(awk '/^AnonHugePages:/ { n += $2 } /_Hugetlb:/ { n += $2 } END { print n }' /proc/$quiet/smaps) / (small * 4)))
t_ok "TRANSLATIONS $2 are these pages, $huge of them huge" [ "$2" -ge $((pages - (small - 1) * huge)) ]
t_ok "and no more than the zero pages and vvar besides" [ "$2" -le $((pages - (small - 1) * huge + 16 + 8)) ]
t_is "SMAPS is the number of VMAs" "$6" "$(grep -vc vsyscall /proc/$quiet/maps)"

t_run mmscope verify $$
t_expect_status 0 "verify of a shell"
t_expect_grep '^ *[0-9]+ .* 0 +[0-9]+ +[0-9]+$' "a row of it"
t_run mmscope verify 1 $quiet
t_expect_status 0 "verify of two"
t_expect_grep 'of 2 processes' "both are counted"

# --- turmoil ---
t_ok "a workload churns" start --churn
churn=$pid
moved=0 bad=0 rounds=0
while [ $rounds -lt 12 ] && { [ $rounds -lt 4 ] || [ $moved -eq 0 ]; }; do
	t_run mmscope verify --json $churn
	if [ "$T_STATUS" -ne 0 ] || [ "$(json mismatch_count)" != 0 ]; then
		bad=$((bad + 1))
		t_show
	fi
	moved=$((moved + $(json moved)))
	rounds=$((rounds + 1))
done
t_is "no mismatch in $rounds rounds under churn" $bad 0
t_ok "what moved meanwhile was counted ($moved)" [ $moved -gt 0 ]
t_run mmscope verify --json --all
t_expect_status 0 "verify --all under churn"
t_is "and 0 mismatches" "$(json mismatch_count)" 0
kill $churn

# --- many VMAs, and a process that ends meanwhile ---
t_ok "a workload with 3000 more VMAs" start --vmas 3000
many=$pid

# who ends just while the others are read: after longer and longer, since how long that takes is this machine's affair
gone=0 rounds=0 bad=0
while [ $rounds -lt 6 ] && [ $gone -eq 0 ]; do
	rounds=$((rounds + 1))
	workload --exit-after 400 >"$T_DIR/brief" &
	brief=$!
	victims=
	for _ in 1 2 3 4 5 6 7 8; do
		sleep 1000 &
		victims="$victims $!"
	done
	t_wait 20 grep -q ready=1 "$T_DIR/brief"
	mmscope verify --json --all >"$T_DIR/all" 2>"$T_DIR/all.err" &
	job=$!
	after=$((rounds * 60))
	for victim in $victims; do
		sleep "$((after / 1000)).$(printf '%03d' $((after % 1000)))"
		kill -9 "$victim"
		wait "$victim" 2>/dev/null
		after=$((after * 2))
	done
	rc=0
	wait $job || rc=$?
	cp "$T_DIR/all" "$T_OUT"
	if [ "$rc:$(json mismatch_count):$(cat "$T_DIR/all.err")" != 0:0: ]; then
		bad=$((bad + 1))
		t_note "status $rc" "$(cat "$T_DIR/all" "$T_DIR/all.err")"
	fi
	ended=$(json gone)
	gone=$((gone + ${ended:-0}))
	wait $brief 2>/dev/null
done
t_is "verify --all while processes end: 0, no mismatch, nothing on stderr" $bad 0
t_ok "who ended meanwhile is counted ($gone in $rounds rounds)" [ $gone -ge 1 ]
t_ok "the VMAs were compared with smaps" [ "$(json smaps_vmas)" -gt 3000 ]
kill $many
wait $many 2>/dev/null

# --- no memory of their own ---
sh -c 'sleep 0 & exec sleep 1000' &
parent=$!
zombie() {
	z=$(cut -d' ' -f1 /proc/$parent/task/$parent/children)
	grep -q '^State:.*Z' "/proc/$z/status"
}
t_ok "there is a zombie" t_wait 10 zombie
for what in "2:kernel thread" "$z:zombie" "99999999:no such process"; do
	t_run mmscope verify "${what%%:*}"
	t_expect_status 1 "verify of a ${what#*:}: 1"
	t_is "one line" "$(cat "$T_OUT" "$T_ERR" | wc -l)" 1
	t_expect_err "PID ${what%%:*}.*${what#*:}" "that says so"
done
t_run mmscope verify --json --all
# field 9 of stat is the flags; 0x200000 is PF_KTHREAD
sed 's/.*) //' /proc/[0-9]*/stat 2>/dev/null | cut -d' ' -f7 >"$T_DIR/flags"
kthreads=0
while read -r flags; do kthreads=$((kthreads + (flags >> 21 & 1))); done <"$T_DIR/flags"
t_is "kernel threads are counted" "$(json kernel_threads)" $kthreads
t_is "the zombie is counted" "$(json zombies)" 1
t_run mmscope verify 1 $z
t_expect_status 1 "one of two could not be verified: 1"
t_expect_grep '^ *1 init ' "the other one is"
kill $parent $quiet
wait $parent $quiet 2>/dev/null
for what in "" "--all 1" "x" "0" "-1" "--frob" "1 2x"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope verify $what
	t_expect_status 2 "verify $what: 2"
done

swapoff /dev/loop0
losetup -d /dev/loop0
rm /tmp/swapfile
echo 0 >/proc/sys/vm/nr_hugepages
