#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A protection key is shown; what it allows depends on a register that nobody read, and walk says so.
# collectors: pgtable
# shellcheck source=/dev/null
. /tests/lib.sh

pkeys >"$T_DIR/facts" &
pid=$!
if ! t_wait 5 grep -q '^key=' "$T_DIR/facts"; then
	t_skip "protection keys" "this CPU or kernel has none"
	exit 0
fi
key=$(sed -n 's/^key=\([0-9]*\) .*/\1/p' "$T_DIR/facts")
page=$(sed -n 's/.* page=//p' "$T_DIR/facts")
t_ok "the key is not the default one" [ "$key" -gt 0 ]
t_run mmscope walk $pid "$page"
t_expect_status 0
t_expect_grep "^protection key +$key\$" "walk names the key"
t_expect_grep "^read +allowed if PKRU permits key $key +SIGSEGV \(SEGV_PKUERR\) if not" "read depends on PKRU"
t_expect_grep "^write +allowed if PKRU permits key $key +SIGSEGV \(SEGV_PKUERR\) if not" "write depends on PKRU"
t_expect_grep "^fetch +#PF error code 0x15 " "fetch does not: it is NX that forbids"
t_run mmscope verify $pid
t_expect_status 0 "verify agrees on the key"
t_is "smaps says the same key" "$(grep -c "^ProtectionKey: *$key\$" /proc/$pid/smaps)" 1
kill $pid
