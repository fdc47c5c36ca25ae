#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A kernel booted with lockdown=integrity: an unsigned module does not load, the tool says why, /proc serves.
# vm: --no-load --append "lockdown=integrity"
# shellcheck source=/dev/null
. /tests/lib.sh
MODE=integrity
mount -t securityfs none /sys/kernel/security
if ! grep -q "\[$MODE\]" /sys/kernel/security/lockdown; then
	t_skip "lockdown=$MODE at boot" "this kernel has no lockdown"
	exit 0
fi
t_run insmod /lib/mmscope.ko
t_ok "lockdown=$MODE: insmod is refused" [ "$T_STATUS" -ne 0 ]
t_expect_err 'not permitted|Required key' "lockdown=$MODE: insmod: EPERM or EKEYREJECTED"
t_ok "lockdown=$MODE: the module is not there" ! grep -q '^mmscope ' /proc/modules
t_run mmscope load
t_expect_status 1 "lockdown=$MODE: load: 1"
t_is "lockdown=$MODE: load: one line" "$(cat "$T_OUT" "$T_ERR" | wc -l)" 1
t_expect_err 'lock(ed )?down|sign' "lockdown=$MODE: load says why"
t_run mmscope map 1
t_expect_status 0 "lockdown=$MODE: map reads /proc"
t_run mmscope verify 1
t_expect_status 1 "lockdown=$MODE: verify is not possible"
t_is "lockdown=$MODE: verify shows nothing" "$(wc -c <"$T_OUT")" 0
t_run mmscope status
t_expect_status 1 "lockdown=$MODE: status: 1"
