#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check: on a still guest nothing disagrees; every sort of memory is counted as what it is (planted differences: test_check.c).
# collectors: zones pgtable vma
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet

workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
t_run mmscope check
t_expect_status 0 "nothing disagrees"
t_expect_empty
t_note "$(cat "$T_OUT")"
t_expect_no_grep '^[a-z][a-z.]* .* disagree$' "no row says so"
for row in zones.sizes zones.watermarks zones.counters zones.cpus zones.buddyinfo zones.blocks zones.lru zones.present vmstat meminfo \
	meminfo.total process.size process.smaps process.rollup process.rss process.kinds process.swap process.verify; do
	t_expect_grep "^$row .* (agree|moved|explained)\$" "$row was compared"
done
for row in zones.sizes zones.watermarks zones.present meminfo.total; do
	t_expect_grep "^$row .* agree\$" "$row agrees: it stands still"
done
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

# --- a capture (planted differences: tests/unit/test_check.c) ---
mmscope record --machine "$T_DIR/m.mms" >/dev/null
t_run mmscope --from "$T_DIR/m.mms" check machine
t_expect_status 0 "a capture: what it can say by itself"
t_expect_grep '^zones.present .* agree$' "its zones agree with its nodes"
t_expect_grep '^meminfo is not available: a capture' "and /proc is not asked"

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
