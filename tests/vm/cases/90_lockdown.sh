#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A kernel locked down after the module was loaded. It cannot be undone, so this case has a boot of its own.
# vm: --cpus 1 --append "lockdown-case"
# shellcheck source=/dev/null
. /tests/lib.sh
D=/sys/kernel/debug/mmscope
L=/sys/kernel/security/lockdown

mount -t securityfs none /sys/kernel/security
if ! grep -q '\[none\]' $L; then
	t_skip "lockdown" "this kernel has no lockdown to switch on"
	exit 0
fi

echo integrity >$L
t_run cat $D/vma
t_expect_status 1 "integrity: debugfs refuses its writable files"
t_run mmscope map 1
t_expect_status 0 "integrity: map falls back to /proc"
t_expect_err 'locked down \(lockdown=integrity\).*reading /proc instead$' "and says why"
t_run mmscope verify 1
t_expect_status 1 "integrity: verify is not possible"

echo confidentiality >$L
for file in status vma pgtable stream/vma stream/pgtable; do
	t_run cat $D/$file
	t_expect_status 1 "confidentiality: $file is refused"
	t_is "and shows nothing of $file" "$(wc -c <"$T_OUT")" 0
done
t_run mmscope --source module walk 1 0x400000
t_expect_status 1 "confidentiality: netlink refuses, too"
t_expect_err 'lockdown=confidentiality' "and says why by netlink"
t_is "no address leaks" "$(wc -c <"$T_OUT")" 0
