#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Frames that their struct page does not tell: how many stay unknown, and the others against meminfo.
# collectors: kmap owners
# shellcheck source=/dev/null
. /tests/lib.sh

t_quiet
meminfo() { awk -v k="$1:" '$1 == k { print $2 * 1024 / 4096 }' /proc/meminfo; }
# class NAME: frames of it in the last t_run
class() { awk -v c="$1" '$1 == c { print $2 }' "$T_OUT"; }

t_run mmscope frames
t_expect_status 0
t_note "$(cat "$T_OUT")"
present=$(sed -n 's/^\([0-9]*\) frames present.*/\1/p' "$T_OUT")
unknown=$(sed -n 's/.*present, \([0-9]*\) unknown$/\1/p' "$T_OUT")
if [ "$ARCH" = amd64 ]; then
	t_ok "unknown: $unknown of $present, at most 0.5 %" [ $((unknown * 200)) -le "$present" ]
else
	t_note "unknown: $unknown of $present"
fi
# Stacks: each thread's.  The kernel counts the idle threads' too, but the first one's, which is in its image; threads
# that have exited and are not gone yet are in neither.
stacks=$(class kstack)
theirs=$(meminfo KernelStack)
each=4
t_ok "kernel stacks: ${stacks:-0} frames, KernelStack $theirs" \
	[ "${stacks:-0}" -gt 0 -a $((stacks - theirs)) -le $((4 * each)) -a $((theirs - stacks)) -le $((8 * each)) ]
t_ok "vmalloc: $(class vmalloc) frames" [ "$(class vmalloc)" -gt 0 ]
t_ok "the kernel's page tables: $(class kpgtable) frames" [ "$(class kpgtable)" -gt 0 ]

t_run mmscope frames --runs
t_expect_status 0
t_expect_grep '^ *PFN +FRAMES' "unknown runs are listed"
t_note "$(cat "$T_OUT")"
