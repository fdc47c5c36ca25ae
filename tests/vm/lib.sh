# SPDX-License-Identifier: GPL-2.0
# What a test case may say. Sourced by the cases in tests/vm/cases (in the guest, busybox sh: `. /tests/lib.sh`) and in
# tests/vm/host (on the host, bash). Prints TAP-like lines, which tests/vm/run reads:
#
#	ok NAME / not ok NAME / ok NAME # SKIP REASON / # remark
#
# A case is a shell script. It may ask for options of scripts/vm, and be limited to some kernels, in its first comments:
#
#	# vm: --cpus 1 --append "no5lvl pti=on"
#	# kernels: 6.1
#	# archs: amd64
#	# collectors: pgtable
#	# not-on: debug a reason, which is shown
#
# Cases with the same options share one boot, so leave the VM as you found it. In the environment: KERNEL (the name in
# scripts/kernels.table), RELEASE (uname -r of it), ARCH (Debian's name). All of build/tests (tests/vm/*.c, tests/bench/*.c) is in PATH.
#
#	. /tests/lib.sh
#	t_run mmscope status
#	t_expect_status 0
#	t_expect_grep '^kernel' "status names the kernel"
#	t_ok "the module is loaded" grep -q '^mmscope ' /proc/modules
# shellcheck shell=sh

T_DIR=${T_DIR:-$(mktemp -d)}
T_OUT=$T_DIR/out
T_ERR=$T_DIR/err
T_CMD=
T_STATUS=
T_FAILED=0

t_note() { printf '%s\n' "$*" | sed 's/^/# /'; }
t_pass() { echo "ok $1"; }
t_skip() { echo "ok $1 # SKIP ${2:-no reason given}"; }

# t_fail NAME [DETAIL...]
t_fail() {
	echo "not ok $1"
	T_FAILED=$((T_FAILED + 1))
	shift
	[ $# -eq 0 ] || t_note "$@"
}

# t_ok NAME CMD [ARG...]: passes when CMD does ([ and ! are welcome: t_ok "same" [ "$a" = "$b" ]). CMD's output is
# shown if it fails.
t_ok() {
	t_name=$1
	shift
	t_rc=0
	if [ "$1" = '!' ]; then
		shift
		"$@" >"$T_DIR/ok" 2>&1 || t_rc=$?
		t_rc=$((t_rc == 0))
		set -- not "$@"
	else
		"$@" >"$T_DIR/ok" 2>&1 || t_rc=$?
	fi
	if [ $t_rc -eq 0 ]; then
		t_pass "$t_name"
	else
		t_fail "$t_name" "status $t_rc: $*"
		head -n 20 "$T_DIR/ok" | sed 's/^/# /'
	fi
}

# t_config OPTION: its value in the kernel's configuration; nothing if it is not set
t_config() { sed -n "s/^CONFIG_$1=//p" "${CONFIG:-/tests/config}"; }

# t_levels: of page tables, by the kernel's configuration and the CPU's flags; QEMU's "max" arm64 CPU has all of them
t_levels() {
	t_n=$(t_config PGTABLE_LEVELS)
	if [ "$ARCH" = amd64 ] && [ "$t_n" = 5 ] && ! grep -q '\bla57\b' /proc/cpuinfo; then t_n=4; fi
	echo "$t_n"
}

# t_huge: bytes of a page of level 2, by sysfs, or by meminfo where there are no transparent ones
t_huge() {
	cat /sys/kernel/mm/transparent_hugepage/hpage_pmd_size 2>/dev/null ||
		awk '/^Hugepagesize:/ { print $2 * 1024 }' /proc/meminfo
}

# t_arch: what the tool calls the machine
t_arch() { case $ARCH in amd64) echo x86-64 ;; *) echo "$ARCH" ;; esac; }

# t_quiet: without DAMON, which Debian's kernels from 7.2 on start by themselves: kdamond takes the processor 0.7 ms at a
# time, from who holds a lock, too, and clears A bits
t_quiet() {
	for t_f in /sys/module/damon_*/parameters/enabled; do
		if [ -e "$t_f" ]; then echo N >"$t_f"; fi
	done
}

# t_is NAME GOT EXPECTED
t_is() {
	if [ "$2" = "$3" ]; then
		t_pass "$1"
	else
		t_fail "$1" "got:      $2"
		t_note "expected: $3"
	fi
}

# t_run CMD [ARG...]: runs it; stdout is in $T_OUT, stderr in $T_ERR, the status in $T_STATUS. Judges nothing.
t_run() {
	T_CMD=$*
	T_STATUS=0
	"$@" >"$T_OUT" 2>"$T_ERR" </dev/null || T_STATUS=$?
}

# what the last t_run was and did, for a failure
t_show() {
	t_note "command: $T_CMD"
	t_note "status:  $T_STATUS"
	for t_f in "$T_OUT" "$T_ERR"; do
		[ -s "$t_f" ] || continue
		t_note "${t_f##*/} ($(wc -l <"$t_f") lines):"
		head -n 40 "$t_f" | cut -c 1-300 | sed 's/^/#   /'
	done
}

# t_verdict RC NAME: for checks of one's own about the last t_run
t_verdict() {
	if [ "$1" -eq 0 ]; then t_pass "$2"; else t_fail "$2"; t_show; fi
}

# t_expect_status STATUS [NAME]
t_expect_status() { t_verdict $((T_STATUS != $1)) "${2:-status $1: $T_CMD}"; }

# t_expect_grep REGEX [NAME]: a line of stdout matches (grep -E); t_expect_err: of stderr; t_expect_no_grep: none does
t_expect_grep() {
	t_rc=0
	grep -Eq -e "$1" "$T_OUT" || t_rc=1
	t_verdict $t_rc "${2:-prints /$1/: $T_CMD}"
}
t_expect_err() {
	t_rc=0
	grep -Eq -e "$1" "$T_ERR" || t_rc=1
	t_verdict $t_rc "${2:-says /$1/: $T_CMD}"
}
t_expect_no_grep() {
	t_rc=0
	! grep -Eq -e "$1" "$T_OUT" || t_rc=1
	t_verdict $t_rc "${2:-does not print /$1/: $T_CMD}"
}

# t_expect_lines MIN [NAME]: stdout has at least MIN lines
t_expect_lines() { t_verdict $(($(wc -l <"$T_OUT") < $1)) "${2:-at least $1 lines: $T_CMD}"; }

# t_expect_empty [NAME]: nothing on stderr
t_expect_empty() {
	t_rc=0
	[ ! -s "$T_ERR" ] || t_rc=1
	t_verdict $t_rc "${1:-silent on stderr: $T_CMD}"
}

# t_wait SECONDS CMD [ARG...]: until CMD succeeds; fails when it does not in time (MMSCOPE_SLOW times as long)
t_wait() {
	t_left=$(($1 * 10 * ${MMSCOPE_SLOW:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		t_left=$((t_left - 1))
		[ $t_left -gt 0 ] || return 1
		sleep 0.1
	done
}
