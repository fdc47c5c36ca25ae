#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# How long zone->lock is held while long free lists are walked, in guest instructions: a nanosecond of this VM's clock is one.
# not-on: debug holds are measured in guest instructions, which KASAN and lockdep multiply
# collectors: buddy
# vm: --cpus 1 --qemu "-icount shift=0" --timeout 400 --env CASE_TIMEOUT=190
# shellcheck source=/dev/null
. /tests/lib.sh

t_quiet
D=/sys/kernel/debug/mmscope
# what is freed shall go to the free lists: newer kernels let a processor's own lists have an eighth of a zone
high=/proc/sys/vm/percpu_pagelist_high_fraction
[ ! -e $high ] || echo 100000 >$high
fragment 200 >"$T_DIR/facts" &
pid=$!
t_ok "fragment is ready" t_wait 100 grep -q ready=1 "$T_DIR/facts"
best=999999999
for try in 1 2 3 4 5 6; do
	[ "$try" -le 3 ] || [ "$best" -ge 200000 ] || break
	# into a file: see 57_holds
	sh -c 'exec 3<>"$1" && echo lists >&3 && cat <&3 >/tmp/answer' ask $D/buddy
	tail -n 1 /tmp/answer >"$T_DIR/trailer"
	t_note "$(cat "$T_DIR/trailer")"
	hold=$(sed -n 's/.* hold_max_ns=\([0-9]*\).*/\1/p' "$T_DIR/trailer")
	t_ok "all was told, $try" grep -q '^end end=0 error=0' "$T_DIR/trailer"
	if [ "$hold" -lt "$best" ]; then best=$hold; fi
done
longest=$(awk '/^area/ { for (i = 2; i <= NF; i++) { split($i, v, "="); if (v[1] ~ /^list_[^kl]/ && v[2] + 0 > n) n = v[2] + 0 } } END { print n }' /tmp/answer)
t_ok "there is a list that one hold does not hold ($longest blocks)" [ "$longest" -ge 4000 ]
t_ok "lists were counted in many holds" [ "$(sed -n 's/.* batches=\([0-9]*\).*/\1/p' "$T_DIR/trailer")" -ge 6 ]
t_ok "no hold beyond 200 us ($best ns)" [ "$best" -lt 200000 ]
rm /tmp/answer
[ ! -e $high ] || echo 0 >$high
kill $pid
