#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A protection key is shown, and what PKRU, which each thread has of its own, makes of it. Where the kernel keeps it in a
# place that is not read (5.10), walk says that it depends.
# collectors: pgtable
# shellcheck source=/dev/null
. /tests/lib.sh

known=$([ "$KERNEL" = 5.10 ] || echo 1)
for rights in 0 1 2; do
	rm -f "$T_DIR/facts"
	pkeys $rights >"$T_DIR/facts" &
	pid=$!
	if ! t_wait 5 grep -q '^key=' "$T_DIR/facts"; then
		t_skip "protection keys" "this CPU or kernel has none"
		exit 0
	fi
	fact() { sed -n "s/.*$1=\([0-9a-fx]*\).*/\1/p" "$T_DIR/facts"; }
	t_ok "$rights: it sleeps" t_wait 5 grep -q '^State:.*S' /proc/$pid/status
	key=$(fact key)
	t_ok "$rights: the key is not the default one" [ "$key" -gt 0 ]
	t_run mmscope walk $pid "$(fact page)"
	t_expect_status 0 "$rights: walk"
	t_expect_grep "^protection key +$key\$" "$rights: walk names the key"
	if [ -z "$known" ]; then
		t_expect_grep "^read +allowed if PKRU permits key $key +SIGSEGV \(SEGV_PKUERR\) if not" "read depends on PKRU"
		t_expect_grep "^write +allowed if PKRU permits key $key +SIGSEGV \(SEGV_PKUERR\) if not" "write depends on PKRU"
	else
		t_expect_grep "^PKRU +$(fact pkru), as thread $pid left the processor\$" "$rights: PKRU is the thread's own"
		# SDM 5.7: P, W, U and PK
		case $rights in
		0) read='allowed' write='allowed' ;;
		1) read='#PF error code 0x25 .*SEGV_PKUERR' write='#PF error code 0x27 .*SEGV_PKUERR' ;;
		2) read='allowed' write='#PF error code 0x27 .*SEGV_PKUERR' ;;
		esac
		t_expect_grep "^read +$read" "$rights: read"
		t_expect_grep "^write +$write" "$rights: write"
	fi
	t_expect_grep "^fetch +#PF error code 0x15 " "$rights: fetch: it is NX that forbids"
	t_run mmscope verify $pid
	t_expect_status 0 "$rights: verify agrees on the key"
	t_is "$rights: smaps says the same key" "$(grep -c "^ProtectionKey: *$key\$" /proc/$pid/smaps)" 1
	kill $pid
	wait $pid 2>/dev/null || :
done
