#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Who gets physical addresses by a way around: files and sockets handed on, namespaces, messages, parameters.
# (Plain refusals: 10_module.sh, 70_badinput.sh, 80_netlink.sh; lockdown: 90, 92, 93.)
# shellcheck source=/dev/null
. /tests/lib.sh
D=/sys/kernel/debug/mmscope

# A process of nobody, with a page whose frame only root knows.
doors nobody workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 30 grep -q ready=1 "$T_DIR/facts"
va=$(sed -n 's/^readonly=//p' "$T_DIR/facts")
frame=$(pagemap $pid "$va" | sed 's/^0x//')
t_ok "its frame is known" [ ${#frame} -ge 3 ]
# any form in which it could be told: frame or address, hex or decimal
secret="(^|[^0-9a-f])(0x)?0*($frame|${frame}000|$(printf %d "0x$frame")|$(printf %d "0x${frame}000"))([^0-9a-f]|\$)"
line="$pid $va $(printf '0x%x' $((va + 4096))) tables"
no_secret() {
	t_rc=0
	! cat "$T_OUT" "$T_ERR" | grep -Eqi "$secret" || t_rc=1
	t_verdict $t_rc "$1: the frame is not told"
}
t_run sh -c "exec 3<>$D/pgtable; echo '$line' >&3; cat <&3"
t_rc=0
grep -Eqi "$secret" "$T_OUT" || t_rc=1
t_verdict $t_rc "root is told the frame: the tests below look for the right thing"

# --- a file opened by root in somebody else's hands ---
for who in nobody nocap userns; do
	t_run sh -c "exec 3<>$D/pgtable; doors $who sh -c 'echo \"$line\" >&3'"
	t_ok "a file handed on: $who may not ask" [ "$T_STATUS" -ne 0 ]
	t_expect_err 'not permitted' "a file handed on: $who: EPERM"
	t_run sh -c "exec 3<>$D/pgtable; doors $who sh -c 'echo \"$line\" >&3; cat <&3'"
	t_is "a file handed on: $who asks, and reads nothing" "$(wc -c <"$T_OUT")" 0
	no_secret "a file handed on: $who asks"
	t_run sh -c "exec 3<>$D/pgtable; doors $who cat <&3"
	t_is "a file handed on unasked: $who reads nothing, not of itself either" "$(wc -c <"$T_OUT")" 0
	t_run sh -c "exec 3<>$D/stream/pgtable; doors $who cat <&3"
	t_is "a stream handed on unasked: $who reads nothing" "$(wc -c <"$T_OUT")" 0
done
t_run sh -c "exec 3<>$D/pgtable; echo '$line' >&3; doors nobody cat <&3"
t_expect_status 0 "an answer handed on knowingly is read, as with pagemap"
t_expect_grep '^extent .* state=present' "and holds what root asked for"
t_run sh -c "exec 3<>$D/pgtable; echo '$line' >&3; doors nobody sh -c 'echo 1 >&3'; cat <&3"
t_is "a refused question takes the answer before it away" "$(wc -c <"$T_OUT")" 0
t_run sh -c "exec 3<$D/status; doors nobody cat <&3"
no_secret "status handed on"

# --- a user namespace with mounts of its own ---
t_run doors usermount sh -c 'ls /mnt; cat /mnt/mmscope/status /mnt/mmscope/pgtable'
t_expect_err 'mount debugfs: ' "root of a user namespace cannot mount debugfs"
t_is "and sees nothing there" "$(wc -c <"$T_OUT")" 0

# --- a PID namespace ---
cat >"$T_DIR/inner" <<'END'
D=/sys/kernel/debug/mmscope
ask() { sh -c 'exec 3<>"$2" && echo "$1" >&3 && cat <&3' ask "$1" "$D/$2"; }
sleep 1000 &
pid=$!
until grep -q busybox /proc/$pid/maps; do sleep 0.1; done
echo "inner=$pid outer=$1"
ask $pid vma >/tmp/inner.vma && echo inner-answers
sed -n 's/^vma start=0x\([0-9a-f]*\) end=0x\([0-9a-f]*\) .*/\1-\2/p' /tmp/inner.vma >/tmp/inner.a
grep -v vsyscall /proc/$pid/maps | sed 's/^0*\([0-9a-f]*\)-0*\([0-9a-f]*\) .*/\1-\2/' | cmp - /tmp/inner.a &&
	[ -s /tmp/inner.a ] && echo inner-maps-agree
ask "$1" vma >/tmp/outer.vma 2>/tmp/outer.err
echo "outer-bytes=$(wc -c </tmp/outer.vma) $(cat /tmp/outer.err)"
genltalk walk "$1" 0x1000
genltalk walk $pid 0x1000
mmscope map "$1"
echo "map-status=$?"
kill $pid
END
t_ok "the outer PID is none inside" [ $pid -gt 20 ]
t_run doors pidns sh "$T_DIR/inner" $pid
t_expect_grep '^inner=([0-9]|1[0-9]) outer=' "PIDs inside are small"
t_expect_grep '^inner-answers$' "a PID of the reader's namespace is answered"
t_expect_grep '^inner-maps-agree$' "with the process that has that number there"
t_expect_grep '^outer-bytes=0 .*No such process' "a PID from outside: ESRCH, nothing read"
t_expect_grep '^errno=3 text=no such process' "by netlink, too"
t_expect_grep '^pid=([0-9]|1[0-9])$' "netlink answers a PID of inside with the same number"
t_expect_grep '^map-status=1$' "map of a PID from outside fails"
no_secret "a PID namespace"
rm -f /tmp/inner.* /tmp/outer.*

# --- sockets whose rights change on the way ---
t_run doors_net stay
t_expect_grep '^answer=[0-9]{2,}$' "root on its own socket is answered"
t_run doors_net drop
t_expect_grep '^errno=1$' "root opens the socket, asks as nobody: EPERM"
t_run doors_net gain
t_expect_grep '^errno=1$' "nobody opens the socket, root asks: EPERM"
t_run doors_net join-nobody
t_expect_grep '^errno=1$' "nobody does not join the events"
# joining may succeed in a network namespace of one's own: the events are not sent there
for who in root netns; do
	doors_net join-$who >"$T_DIR/$who" &
	listener=$!
	t_wait 5 grep -Eq 'joined|errno' "$T_DIR/$who"
	cat $D/vma >/dev/null
	wait $listener
done
t_is "root hears of a reading" "$(xargs <"$T_DIR/root")" "joined event"
t_ok "root of a network namespace does not" grep -Eq '^(errno=|no event$)' "$T_DIR/netns"

# --- the tool as nobody, of nobody's own process ---
for cmd in "map" "map --extents" "walk" "verify" "status" "--source procfs map --extents" "oom"; do
	for json in "" --json; do
		case $cmd in
		walk) args="$pid $va" ;;
		status | oom) args= ;;
		*) args=$pid ;;
		esac
		# shellcheck disable=SC2086 # words
		t_run doors nobody mmscope $json $cmd $args
		no_secret "nobody: mmscope ${json:+$json }$cmd of its own process"
		case $cmd in
		"map" | oom) t_expect_status 0 "nobody: ${json:+$json }$cmd of its own process works" ;;
		esac
	done
done
t_run doors nobody mmscope record "$T_DIR/own.mms" $pid
t_ok "nobody may write there, or cannot record" [ "$T_STATUS" -le 1 ]

# --- what is said where all can read, or by mistake ---
pointer='(0x)?ffff[0-9a-f]{8}|0x[0-9a-f]{9,}'
t_run cat $D/status
t_ok "status has no addresses, not for root either" ! grep -Eq "$pointer" "$T_OUT"
for p in /sys/module/mmscope/parameters/*; do
	t_is "${p##*/} is 0400" "$(stat -c %a "$p")" 400
	t_run doors nobody cat "$p"
	t_is "nobody reads nothing of ${p##*/}" "$(wc -c <"$T_OUT")" 0
done
for f in "$D"/stream/*; do t_is "stream/${f##*/} is 0600" "$(stat -c %a "$f")" 600; done
dmesg | wc -l >"$T_DIR/lines"
rmmod mmscope
insmod /lib/mmscope.ko sym=huge_zero_pfn:0xffffffff81abcdef
t_run grep -r ffffffff81abcdef /sys/module/mmscope/parameters
t_expect_status 0 "root reads the parameter that holds an address"
t_run doors nobody grep -rs ffffffff81abcdef /sys/module/mmscope /proc/modules
t_is "nobody finds it nowhere" "$(wc -c <"$T_OUT")" 0
t_run cat $D/status
t_ok "status does not show it" ! grep -q 81abcdef "$T_OUT"
rmmod mmscope
t_run insmod /lib/mmscope.ko hold_us=x
t_ok "a wrong parameter is refused" [ "$T_STATUS" -ne 0 ]
insmod /lib/mmscope.ko
t_run sh -c "dmesg | tail -n +$(($(cat "$T_DIR/lines") + 1))"
t_ok "no address in the kernel log, from unloading, loading and refusing" ! grep -Eqi "$pointer" "$T_OUT"
kill $pid
