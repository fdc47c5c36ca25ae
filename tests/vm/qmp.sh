# SPDX-License-Identifier: GPL-2.0
# QEMU's monitor for cases in tests/vm/host: a VM whose QMP comes by a pair of pipes. Sourced after lib.sh.
# shellcheck shell=bash

# options for scripts/vm: --qemu "$QMP_OPTIONS"
# shellcheck disable=SC2034
QMP_OPTIONS="-chardev pipe,id=q,path=$T_DIR/qmp -mon chardev=q,mode=control"

# qmp_pipes: before the VM is started
qmp_pipes() {
	rm -f "$T_DIR/qmp.in" "$T_DIR/qmp.out"	# with what the VM before has left in them
	mkfifo "$T_DIR/qmp.in" "$T_DIR/qmp.out"
	exec 7<>"$T_DIR/qmp.in" 8<>"$T_DIR/qmp.out"
}

# vm_ready PID FILE: until FILE says READY. As long as scripts/vm, process PID, has patience: it knows how slow the
# kernel is, and ends a VM that takes too long.
vm_ready() {
	until grep -q '^READY' "$2"; do
		kill -0 "$1" 2>/dev/null || return 1
		sleep 0.1
	done
}

# ask JSON: one QMP command; the line that answers it
ask() {
	local line
	printf '%s\n' "$1" >&7
	while read -r -t 10 line <&8; do
		case $line in
		*'"return"'* | *'"error"'*)
			printf '%s\n' "$line"
			return
			;;
		esac
	done
	return 1
}

hmp_request() { echo "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"$1\"}}"; }

# hmp COMMAND: the text that the human monitor would print, \r\n as they are in JSON
hmp() { ask "$(hmp_request "$1")"; }

# gva2gpa FILE PID: QEMU's translation of each first word, a line each, nothing where it has none. Much faster than
# asking for one at a time, and the last that can be asked. Fewer lines when scripts/vm, process PID, ends meanwhile.
gva2gpa() {
	local writer reader
	awk '{ printf "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"gva2gpa %s\"}}\n", $1 }' "$1" >&7 &
	writer=$!
	# (awk alone would wait for more than the last answer)
	grep -m "$(wc -l <"$1")" -e '"return"' -e '"error"' <&8 >"$T_DIR/answers" &
	reader=$!
	while kill -0 $reader 2>/dev/null; do
		kill -0 "$2" 2>/dev/null || kill $reader $writer 2>/dev/null || true
		sleep 0.1
	done
	wait $reader $writer || true
	awk '{ print match($0, /gpa: 0x[0-9a-f]+/) ? substr($0, RSTART + 5, RLENGTH - 5) : "" }' "$T_DIR/answers"
}

# in_process ROOT LEVELS TEXT: has the CPU the page tables of the process with this root? QEMU's monitor shows no
# TTBR0_EL1: on arm64 the process is known by where its program counter is, in the addresses START-END of its text.
in_process() {
	local regs cr3 pc
	regs=$(hmp "info registers")
	if [ "$ARCH" != arm64 ]; then
		cr3=$(sed -n 's/.*CR3=\([0-9a-f]*\).*/\1/p' <<<"$regs")
		# the low bits are flags and PCID; with PAE the root is 32 bytes
		[ $((0x${cr3:-0} & ($2 == 3 ? ~0x1f : ~0xfff))) -eq $(($1)) ]
		return
	fi
	# PSTATE says EL0, and the address space is randomised: nobody else has code there
	pc=$((0x$(sed -n 's/.* PC=\([0-9a-f]*\).*/\1/p' <<<"$regs")))
	grep -q 'EL0t' <<<"$regs" && [ "$pc" -ge $((0x${3%-*})) ] && [ "$pc" -lt $((0x${3#*-})) ]
}

# stop_in_process ROOT LEVELS TEXT: stops the VM in it
stop_in_process() {
	local try
	for try in $(seq 50); do
		ask '{"execute":"stop"}' >/dev/null
		! in_process "$@" || return 0
		ask '{"execute":"cont"}' >/dev/null
		sleep "0.0$((try % 10))"
	done
	return 1
}
