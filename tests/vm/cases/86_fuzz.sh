#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Ten thousand damaged questions to each door: every answer is a well-formed one or a known errno, and nothing grows.
# More: scripts/fuzz --long kernel
# vm: --timeout 1500 --env CASE_TIMEOUT=1400
# shellcheck source=/dev/null
. /tests/lib.sh

for mode in netlink stream text threads; do
	n=10000
	if [ $mode = threads ]; then n=100; fi	# of eighty things each
	# on a machine that is slow, as many as five minutes allow
	t_run fuzz_kernel $mode -n $n -m 5
	t_expect_status 0 "$mode: nothing found"
	t_expect_grep '^inputs=[0-9]{2,}$' "$mode: $(sed -n 's/^inputs=//p' "$T_OUT") inputs"
	[ $mode = threads ] || t_expect_grep '^answers=[0-9]{3,}$' "$mode: $(sed -n 's/^answers=//p' "$T_OUT") of them answered"
done
t_run doors nobody fuzz_kernel netlink -n 1000
t_expect_grep 'no answer among all inputs' "who is not allowed gets no answer at all"
t_run mmscope verify 1
t_expect_status 0 "and the module still tells the truth"
