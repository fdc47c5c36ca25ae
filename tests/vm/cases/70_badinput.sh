#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Who may not, what cannot be written, names that bite, wrong words: one clear line, the right status, nothing lost.
# shellcheck source=/dev/null
. /tests/lib.sh

workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }
va=$(fact readonly)
frame=$(pagemap $pid "$va" | sed 's/^0x//')
t_ok "its frame is known" [ ${#frame} -ge 3 ]

# --- not allowed ---
# Apart from the notice that /proc is read instead, one line says why it cannot.
for who in nobody nocap userns; do
	for cmd in "map $pid" "map --extents $pid" "walk $pid $va" "verify $pid" "verify --all" "record $T_DIR/$who.mms $pid" "oom set $pid -999"; do
		[ "$who $cmd" != "nocap oom set $pid -999" ] || continue	# it has CAP_SYS_RESOURCE
		# shellcheck disable=SC2086 # words
		t_run doors $who mmscope $cmd
		case "$who $cmd" in
		# smaps is open to who may trace
		"nocap map"*) t_expect_status 0 "$who: $cmd: without physical addresses" ;;
		*) t_expect_status 1 "$who: $cmd: 1" ;;
		esac
		why=$(grep -vc 'reading /proc instead$' "$T_ERR")
		t_verdict $((why > 1)) "$who: $cmd: one line says why"
		[ "$T_STATUS" -eq 0 ] || t_verdict $((why == 0)) "$who: $cmd: a line says why"
		t_rc=0
		cat "$T_OUT" "$T_ERR" | grep -Eqi "0x0*$frame(000)?([^0-9a-f]|\$)" && t_rc=1
		t_verdict $t_rc "$who: $cmd: the frame is not told"
	done
	t_run doors $who mmscope oom -n
	t_expect_status 0 "$who: oom"
	t_run doors $who mmscope status
	t_expect_status 1 "$who: status: 1"
	t_expect_grep 'refuses|not permitted|CAP_SYS_ADMIN' "$who: status says that the module refuses"
done
t_run doors nobody mmscope unload
t_expect_status 1 "nobody: unload: 1"
t_expect_err 'root' "nobody: unload says who may"
t_ok "the module is still there" grep -q '^mmscope ' /proc/modules
t_run doors nocap mmscope verify $pid
t_ok "nocap: verify does not advise to load what is loaded" ! grep -q 'load the module' "$T_ERR"
t_run mmscope --from "$T_DIR/nocap.mms" map --extents $pid
t_ok "nocap: the frame is not in what it recorded" ! grep -Eqi "0x0*$frame([^0-9a-f]|\$)" "$T_OUT"

# --- output that cannot be written ---
for cmd in "map $pid" "map --json $pid" "walk $pid $va" "verify $pid" "status" "oom" "--help" "map --help" "--version"; do
	t_run sh -c "mmscope $cmd >/dev/full"
	t_expect_status 1 "$cmd to a full disk: 1"
	t_is "$cmd to a full disk: one line" "$(wc -l <"$T_ERR")" 1
	t_expect_err 'No space left' "$cmd to a full disk says so"
	t_run sh -c "mmscope $cmd >&-"
	t_expect_status 1 "$cmd with stdout closed: 1"
done
t_run sh -c "mmscope map --extents $pid | head -n 1"
t_is "a closed pipe: what was read is right" "$(grep -c START "$T_OUT")" 1
t_expect_empty "a closed pipe: no message"
(
	mmscope map --json --extents $pid
	echo $? >"$T_DIR/rc"
) | head -n 1 >/dev/null
t_ok "a closed pipe: the status is told" t_wait 5 test -s "$T_DIR/rc"
t_is "a closed pipe: it is 1" "$(cat "$T_DIR/rc")" 1
mkdir "$T_DIR/small"
mount -t tmpfs -o size=32k small "$T_DIR/small"
echo "the old file" >"$T_DIR/small/c.mms"
t_run mmscope record "$T_DIR/small/c.mms" $pid
t_expect_status 1 "record to a full file system: 1"
t_is "record to a full file system: one line" "$(wc -l <"$T_ERR")" 1
t_expect_err 'No space left' "record to a full file system says so"
t_is "the old file is there as it was" "$(cat "$T_DIR/small/c.mms")" "the old file"
t_is "and nothing beside it" "$(ls -A "$T_DIR/small")" c.mms
umount "$T_DIR/small"
t_run sh -c "mmscope record $T_DIR/closed.mms $pid >&-"
t_run mmscope --from "$T_DIR/closed.mms" map $pid
t_expect_status 0 "a record with stdout closed has no words in its file"
for file in /nonexistent/x /tmp "" /proc/version; do
	t_run mmscope record "$file" $pid
	t_ok "record to '$file' fails" [ "$T_STATUS" -ne 0 ]
	t_ok "record to '$file' says so" [ -s "$T_ERR" ]
done
for who in 2 99999; do
	t_run mmscope record "$T_DIR/none.mms" $who
	t_expect_status 1 "record of PID $who: 1"
	t_ok "and no file is left" [ ! -e "$T_DIR/none.mms" ]
done

# --- names ---
evil=$(printf '/tmp/w\033[31m\n"\\\303(\377')
cp "$(command -v workload)" "$evil"
"$evil" >"$T_DIR/evil.facts" &
epid=$!
t_ok "a program with a bad name runs" t_wait 20 grep -q ready=1 "$T_DIR/evil.facts"
t_ok "its comm has an escape" grep -q "$(printf '\033')" /proc/$epid/comm
mmscope record "$T_DIR/evil.mms" $epid
for cmd in "map" "map -o PATH" "map --json" "map --extents" "walk --json" "walk" "verify" "verify --json" "oom" "oom --json" \
	"oom set --dry-run" "--from $T_DIR/evil.mms map" "--from $T_DIR/evil.mms oom --json"; do
	case $cmd in
	walk*) arg="$epid 0x$(sed -n 's/^\([0-9a-f]*\)-.*tmp.w.*/\1/p' /proc/$epid/maps | head -n 1)" ;;
	*set*) arg="$epid 5" ;;
	*oom*) arg= ;;
	*) arg=$epid ;;
	esac
	# shellcheck disable=SC2086 # words
	t_run mmscope $cmd $arg
	t_expect_status 0 "$cmd of it"
	# no control character but newline, no byte beyond ASCII: LC_ALL=C here
	t_is "$cmd: no control characters" "$(cat "$T_OUT" "$T_ERR" | tr -d '\n\040-\176\200-\377' | wc -c)" 0
	case $cmd in *json*) ;; *) t_is "$cmd: only ASCII" "$(cat "$T_OUT" "$T_ERR" | tr -d '\n\040-\176' | wc -c)" 0 ;; esac
	case $cmd in
	"map --json") t_expect_grep '"path": "/tmp/w' "$cmd has the path" ;;
	map | "map -o PATH") t_expect_grep 'w\\x1b\[31m\\x0a' "$cmd shows the name neutralised" ;;
	oom) t_expect_grep ' w\\x1b\[31m\\x0a' "$cmd shows comm neutralised" ;;
	esac
done
t_run mmscope --from "$evil" map 1
t_is "a bad file name in a message is neutralised" "$(tr -d '\n\040-\176' <"$T_ERR" | wc -c)" 0
t_is "and is one line" "$(wc -l <"$T_ERR")" 1
t_run mmscope "$(printf 'm\033[31m\np')"
t_is "a bad word of the command line is neutralised" "$(tr -d '\n\040-\176' <"$T_ERR" | wc -c)" 0
kill $epid
rm -f "$evil"

# --- wrong words ---
for cmd in "" "frob" "--frob" "map" "map 1 2" "map --frob 1" "map -x 1" "map --js 1" "map --json=yes 1" "map -o" "walk 1" \
	"walk" "walk 1 2 3" "verify" "verify --all 1" "verify --frob" "oom 1" "oom set" "oom frob" "oom --top" "record" \
	"record x" "status x" "unload x" "load a b" "--from"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope $cmd
	t_expect_status 2 "'mmscope $cmd': 2"
	t_expect_err "^Try 'mmscope .*--help'" "'mmscope $cmd' says what to try"
	t_is "'mmscope $cmd': nothing on stdout" "$(wc -c <"$T_OUT")" 0
done
for cmd in "map x" "map 0" "map -1" "map 4294967297" "walk x 0" "verify 1x" "map -o FROB 1" "map -o , 1" "--source frob map 1"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope $cmd
	t_expect_status 2 "'mmscope $cmd': 2"
	t_is "'mmscope $cmd': nothing on stdout" "$(wc -c <"$T_OUT")" 0
	t_ok "'mmscope $cmd': says why" [ -s "$T_ERR" ]
done
for cmd in map verify walk; do
	addr=
	if [ $cmd = walk ]; then addr=0; fi
	t_run mmscope $cmd 99999 $addr
	t_expect_status 1 "$cmd of no such PID: 1"
	t_is "$cmd of no such PID: one line" "$(cat "$T_OUT" "$T_ERR" | wc -l)" 1
	t_expect_err 'no such process' "$cmd of no such PID says so"
	t_run mmscope $cmd 2 $addr
	t_expect_status 1 "$cmd of a kernel thread: 1"
	t_is "$cmd of a kernel thread: one line" "$(cat "$T_OUT" "$T_ERR" | wc -l)" 1
	t_expect_err 'kernel thread' "$cmd of a kernel thread says so"
done
for cmd in load unload status map walk verify oom record; do
	t_run mmscope $cmd --help
	t_expect_status 0 "$cmd --help"
	t_expect_grep "^Usage: mmscope $cmd" "$cmd --help: usage"
	t_expect_grep '^Examples:' "$cmd --help: examples"
done
t_run mmscope --version
t_expect_grep '^mmscope [0-9.]+ \(ABI 1\)$' "--version"
kill $pid
