#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the guest: runs the cases of this boot one after the other, then asks the kernel's own detectors, where there are
# any. For tests/vm/run, which reads what it prints. MMSCOPE_SLOW: all time limits are that many times as long. VIEWS=1:
# says of some views, too, whether they answer.
[ ! -e /sys/kernel/debug/mmscope/status ] ||
	sed -n 's/^collector  *\([^ ]*\)  */# cap \1 /p' /sys/kernel/debug/mmscope/status
# view NAME CMD...: does it answer, or why not, and is it /proc that it has it from?
view() {
	name=$1
	shift
	if ! "$@" >/tmp/view 2>/tmp/view.err; then
		echo "# view $name n/a: $(head -n 1 /tmp/view.err)"
	elif grep -q 'told by /proc' /tmp/view; then
		echo "# view $name proc: $(sed -n 's/.*told by \(\/proc[^ ]*\).*/\1/p' /tmp/view | head -n 1) is what it is told by"
	else
		echo "# view $name ok"
	fi
	rm -f /tmp/view /tmp/view.err
}
if [ "${VIEWS-}" = 1 ]; then
	for v in slab vmalloc kmap; do view $v mmscope $v; done
	view layout mmscope layout $$
	view walk-kernel mmscope walk kernel "$(awk '$3 == "_stext" { print $1; exit }' /proc/kallsyms)"
	view verify-kernel mmscope verify --kernel
fi
# shellcheck source=/dev/null
. /tests/kmemleak.sh
kmemleak=
! kmemleak_open || kmemleak=1

# running SESSION: the processes of it (there is no pkill)
running() { cat /proc/[0-9]*/stat 2>/dev/null | awk -v s="$1" '{ p = $1; sub(/.*\) /, ""); if ($4 == s) print p }' | xargs; }

for case in /tests/cases/*.sh; do
	name=${case##*/}
	name=${name%.sh}
	echo "# case $name"
	rc=0
	T_DIR=/tmp/t.$name
	mkdir -p "$T_DIR"
	export T_DIR
	# in a session of its own: what a case leaves running, because it ran out of time, is not the next one's trouble
	# shellcheck disable=SC2016 # expanded there
	setsid sh -c 'echo $$ >"$T_DIR/session"; exec "$@"' sh \
		timeout $((${CASE_TIMEOUT:-240} * ${MMSCOPE_SLOW:-1})) sh "$case" 2>&1 </dev/null 5<&- 6<&- 7>&- || rc=$?
	left=$(running "$(cat "$T_DIR/session")")
	# shellcheck disable=SC2086 # process IDs
	[ -z "$left" ] || { echo "# left running: $left"; kill -KILL $left; }
	rm -rf "$T_DIR"
	echo "# end $name $rc"
done

[ -n "$kmemleak" ] || [ -e /proc/lockdep_stats ] || exit 0
echo "# case detectors"
T_DIR=/tmp/t.detectors
mkdir -p "$T_DIR"
# shellcheck source=/dev/null
. /tests/lib.sh
gone() { ! grep -q '^mmscope ' /proc/modules || rmmod mmscope; }
if [ -n "$kmemleak" ]; then
	t_ok "no kernel memory is leaked while the module is loaded" kmemleak_report 5
	t_ok "the module can be unloaded" t_wait 10 gone
	t_ok "no kernel memory is leaked when it is unloaded" kmemleak_report 6
fi
# it turns itself off when it has reported something, or lacks room
[ ! -e /proc/lockdep_stats ] || t_ok "lockdep is watching still" grep -Eq 'debug_locks: +1$' /proc/lockdep_stats
echo "# end detectors 0"
