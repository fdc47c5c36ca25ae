#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Half a minute of scripts/stress: memory that changes, everybody looking, the module coming and going.
# vm: --timeout 600 --env CASE_TIMEOUT=580 --append "rcupdate.rcu_cpu_stall_timeout=300 rcupdate.rcu_exp_cpu_stall_timeout=0 watchdog_thresh=60 workqueue.watchdog_thresh=300"
# shellcheck source=/dev/null
. /tests/lib.sh

t_run env SECS=$((30 * MMSCOPE_SLOW)) sh /tests/stress.sh
t_expect_status 0 "nothing bad under stress"
while read -r word name rest; do
	case $word in
	file | netlink | tool | verify | readers | module | leaks) t_note "$word $name $rest" ;;
	note | bad:) t_note "$word $name $rest" ;;
	activity)
		case $rest in
		"left out"*) t_skip "$name" "${rest#left out: }" ;;
		*) t_note "$name: $rest" ;;
		esac ;;
	esac
done <"$T_OUT"
# figure WORD NAME KEY
figure() { sed -n "s|^$1 $2 .*\<$3=\([0-9]*\).*|\1|p" "$T_OUT"; }
# (on a busy machine one or the other does not come to the end of a round)
n=$(grep -c '^activity .* rounds=[1-9]' "$T_OUT")
t_ok "memory changed in $n ways" [ "$n" -ge 12 ]
t_ok "every file was read to its end" [ "$(grep -c '^file .* streams=[1-9]' "$T_OUT")" -ge 5 ]
t_is "and none was damaged" "$(grep '^file ' "$T_OUT" | grep -vc ' errors=0 ')" 0
t_ok "live processes were verified" [ "$(figure verify all checked)" -gt 0 ]
t_is "and nothing disagreed" "$(figure verify all disagreeing)" 0
t_ok "the module was unloaded in between" [ "$(figure module all cycles)" -gt 0 ]
t_ok "and refused to be, with a file open" [ "$(figure module all busy_while_open)" -gt 0 ]
