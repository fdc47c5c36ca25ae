#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A huge page that nobody may touch is present; whether smaps counts it depends on the kernel. No mismatch either way.
# shellcheck source=/dev/null
. /tests/lib.sh

huge=$(t_huge)
victim protnone "$huge" >"$T_DIR/facts" &
pid=$!
t_ok "a forbidden huge page" t_wait 20 grep -q ready=1 "$T_DIR/facts"
start=$(sed -n 's/^protnone=0x//p' "$T_DIR/facts")
if [ -z "$start" ]; then
	t_skip "a forbidden huge page" "$(sed -n 's/^no_protnone=//p' "$T_DIR/facts")"
	kill $pid
	exit 0
fi
t_run sh -c "exec 3<>/sys/kernel/debug/mmscope/pgtable; echo $pid 0x$start $(printf '0x%x' $((0x$start + huge))) >&3; cat <&3"
t_expect_grep "^extent va=0x$start len=$(printf '0x%x' "$huge") state=present .* level=2 flags=[^ ]*N" "it is one entry, present and forbidden"
t_note "smaps: $(sed -n "/^0*$start-/,/^Rss/p" /proc/$pid/smaps | tail -n 1)"
t_run mmscope verify $pid
t_expect_status 0 "verify calls it no mismatch"
kill $pid
