#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Whoever is looked at goes on faulting: page faults beside a reader of somebody else, against page faults of the one who
# is read. One processor whose clock counts instructions, so nothing else differs; kernels that can are told to preempt
# everything, the reader with the lock held, too (else nobody would ever meet a lock that is held).
# vm: --cpus 1 --qemu "-icount shift=0" --append "preempt=full" --timeout 240
# shellcheck source=/dev/null
. /tests/lib.sh

t_run victim race 22
t_expect_status 0
value() { sed -n "s/^$1=\([0-9]*\)$/\1/p" "$T_OUT"; }
t_note "$(cat "$T_OUT")"
t_note "preemption: $(cat /sys/kernel/debug/sched/preempt 2>/dev/null)"
t_ok "the reader read" [ "$(value reads_read)" -gt 0 ]
ratio=$(($(value faults_read) * 100 / $(value faults_beside)))
t_ok "page faults of one who is read: $ratio % of those beside" [ $ratio -ge 80 ]
# What they wait for: the reader's turn on the processor, as beside, and then at most the end of one hold.
for what in fault call; do
	read=$(value ${what}_max_ns_read) beside=$(value ${what}_max_ns_beside)
	t_ok "longest $what: $read ns, beside $beside" [ "$read" -le $((2 * beside + 1000000)) ]
done
