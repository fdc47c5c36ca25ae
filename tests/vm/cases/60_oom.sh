#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# oom against /proc, and oom set: what it writes, refuses, and undoes.
# shellcheck source=/dev/null
. /tests/lib.sh

workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
adj() { cat /proc/"$1"/oom_score_adj; }
echo 700 >/proc/$pid/oom_score_adj
sleep 1000 &
low=$!
echo -900 >/proc/$low/oom_score_adj

# PID SCORE ADJ RSS SWAP PGTABLES UID, of /proc, of those that are here to stay
stay=
for d in /proc/[0-9]*; do stay="$stay ${d#/proc/}"; done
truth() {
	for p in $stay; do
		d=/proc/$p
		grep -q '^VmRSS' "$d/status" 2>/dev/null || continue
		[ "$p" != $$ ] || continue
		echo "$p $(cat "$d/oom_score") $(cat "$d/oom_score_adj") $(awk '/^VmRSS:/ { r = $2 * 1024 }
			/^VmSwap:/ { s = $2 * 1024 } /^VmPTE:/ { t = $2 * 1024 } /^Uid:/ { u = $2 }
			END { printf "%.0f %.0f %.0f %d", r, s, t, u }' "$d/status")"
	done | sort -n
}
for try in 1 2 3; do
	t_run mmscope oom -b -n -o PID,SCORE,ADJ,RSS,SWAP,PGTABLES,UID,COMM
	truth >"$T_DIR/theirs"
	awk -v me=$$ '$1 != me && $8 != "mmscope" { print $1, $2, $3, $4, $5, $6, $7 }' "$T_OUT" | sort -n >"$T_DIR/ours"
	! cmp -s "$T_DIR/theirs" "$T_DIR/ours" || break
done
t_expect_status 0 "oom"
t_expect_empty
t_ok "SCORE ADJ RSS SWAP PGTABLES UID of every process are those of /proc (try $try)" diff "$T_DIR/theirs" "$T_DIR/ours"
t_ok "there are some" [ "$(wc -l <"$T_DIR/theirs")" -ge 5 ]
t_is "the highest score comes first" "$(awk '{ print $2 }' "$T_OUT")" "$(awk '{ print $2 }' "$T_OUT" | sort -rn)"
t_is "the process of +700 leads" "$(awk 'NR == 1 { print $1 }' "$T_OUT")" $pid
t_run mmscope oom -n --top 2 -o PID
t_is "--top 2 are two" "$(wc -l <"$T_OUT")" 2
for n in 0 -1 x; do
	t_run mmscope oom --top $n
	t_expect_status 2 "--top $n: 2"
done
t_run mmscope oom -o NONSENSE
t_expect_status 2 "an unknown column: 2"

# --- set ---
t_run mmscope oom set $pid -300
t_expect_status 0 "oom set"
t_is "oom set wrote it" "$(adj $pid)" -300
t_expect_grep "PID $pid \(workload\): oom_score_adj 700 -> -300" "before and after are shown"
undo=$(sed -n 's/^Undo: //p' "$T_OUT")
t_is "the undo command" "$undo" "mmscope oom set $pid 700"
t_run sh -c "$undo"
t_expect_status 0 "the undo command runs"
t_is "and undoes" "$(adj $pid)" 700
t_run mmscope oom set --dry-run $pid 5
t_expect_status 0 "--dry-run"
t_expect_grep "700 -> 5 *\(*.*dry run" "--dry-run shows what would be"
t_expect_grep 'dry run' "--dry-run says so"
t_is "--dry-run writes nothing" "$(adj $pid)" 700
for v in -1000 1000 0 7; do
	t_run mmscope oom set $pid $v
	t_expect_status 0 "oom set $v"
	t_is "oom set $v: is there" "$(adj $pid)" "$v"
done
t_run mmscope oom set --json $pid 11
t_expect_grep '"(before|adj_before|oom_score_adj_before|old)' "oom set --json has before and after"
for v in -1001 1001 1.5 5x "" 99999999999999999999; do
	t_run mmscope oom set $pid "$v"
	t_expect_status 2 "oom set '$v': 2"
	t_expect_err '-1000' "oom set '$v': the range is named"
done
t_is "none of these was written" "$(adj $pid)" 11
for what in "" "$pid" "$pid 1 2" "x 1" "0 1" "-5 1"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope oom set $what
	t_expect_status 2 "oom set $what: 2"
done
t_run mmscope oom frob
t_expect_status 2 "oom frob: 2"
t_run mmscope oom set 2 5
t_expect_status 1 "a kernel thread: 1"
t_expect_err 'kernel thread' "and it is called that"
t_is "its value stays" "$(adj 2)" 0
t_run mmscope oom set 99999 5
t_expect_status 1 "no such PID: 1"
t_expect_err 'no such process' "and it is called that"

# --- refused ---
doors nobody sleep 1000 &
theirs=$!
t_wait 10 grep -q sleep /proc/$theirs/comm
t_run doors nobody mmscope oom set $theirs -5
t_expect_status 1 "lowering without CAP_SYS_RESOURCE: 1"
t_expect_err 'CAP_SYS_RESOURCE' "and the capability is named"
t_is "in one line" "$(wc -l <"$T_ERR")" 1
t_is "nothing was written" "$(adj $theirs)" 0
t_run doors nobody mmscope oom set $theirs 5
t_expect_status 0 "raising one's own process needs nothing"
t_is "it was written" "$(adj $theirs)" 5
t_run doors nobody mmscope oom set $pid 500
t_expect_status 1 "raising another user's process: 1"
t_expect_err 'another user|run as root' "and it is explained"
t_ok "not by CAP_SYS_RESOURCE, which would not help" ! grep -q CAP_SYS_RESOURCE "$T_ERR"
t_is "nothing was written there" "$(adj $pid)" 11

# a closed or full output is no reason to lose the undo command silently
t_run sh -c "mmscope oom set $pid 12 >/dev/full"
t_expect_status 1 "oom set with a full disk as output: 1"
t_is "one line about it" "$(wc -l <"$T_ERR")" 1
kill $pid $low $theirs
