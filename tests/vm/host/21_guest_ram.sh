#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A million translations that the module reported of live processes, against a walk of the same guest's memory from
# outside (tests/mmu/judge_ram.c), which QEMU keeps in a file; some of them against QEMU's own MMU, too.
# MMSCOPE_FULL=1: on amd64 5 and 4 levels, each with and without PTI, not two of these four; QEMU is asked for a
# million, too.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$REPO/tests/vm/lib.sh"
# shellcheck source=../qmp.sh
. "$REPO/tests/vm/qmp.sh"

build=${MMSCOPE_BUILD:-$REPO/build}
ask_qemu=3000 timeout=300
# (two thousand answers a second on an idle machine)
if [ "${MMSCOPE_FULL-}" = 1 ]; then ask_qemu=1000000 timeout=3600; fi
# 4 GiB of addresses in pages of 4 KiB make a million; a 32-bit process has no room for them
times=128 processes=1 base=0 mem=1G
case $ARCH in
i386) times=32 processes=4 ;;
arm64) base=0x40000000 ;;
esac
if [ "$KERNEL" = debug ]; then mem=2G; fi
ram=$(mktemp -p "$([ -w /dev/shm ] && echo /dev/shm || echo "$T_DIR")" mmscope-ram.XXXX)
trap 'rm -f "$ram"' EXIT

# the process that is on the CPU comes last in the capture; its text is told for arm64's sake
cat >"$T_DIR/guest.sh" <<'END'
#!/bin/sh
pids=
start() {
	"$@" >/tmp/pid &
	until grep -q '^[0-9]' /tmp/pid; do sleep 0.1; done
	pids="$pids $(head -n 1 /tmp/pid)"
	rm /tmp/pid
}
echo 4 >/proc/sys/vm/nr_hugepages
workload >/tmp/facts &
pids=$!
until grep -q ready=1 /tmp/facts; do sleep 0.1; done
n=1
while [ $n -lt "$PROCESSES" ]; do
	start manypages 32 "$TIMES" wait
	n=$((n + 1))
done
start manypages 32 "$TIMES"
mmscope record /tmp/c.mms $pids >&2 || exit
cat /tmp/c.mms
sed -n 's/^\([0-9a-f]*-[0-9a-f]*\) r-xp .*\/manypages$/text \1/p' "/proc/${pids##* }/maps" >&2
echo "size $(wc -c </tmp/c.mms)" >&2
echo READY >&2
sleep 1000
END
chmod +x "$T_DIR/guest.sh"

# what the guest says on one of its ports may come here before what it said on the other
capture_is_whole() { [ "$(stat -c %s "$T_DIR/capture")" -ge "$(sed -n 's/^size //p' "$T_DIR/vm.err")" ]; }

# judge NAME KERNEL-ARGUMENTS
judge() {
	local vm root text levels
	qmp_pipes
	truncate -s 0 "$ram" && truncate -s "$mem" "$ram"
	: >"$T_DIR/vm.err"
	"$REPO/scripts/vm" run --kernel "$KERNEL" --cpus 1 --mem "$mem" --timeout "$timeout" --append "$2" \
		--add "$build/tests/manypages" --add "$build/tests/workload" --env "TIMES=$times" --env "PROCESSES=$processes" \
		--qemu "-object memory-backend-file,id=ram,size=$mem,mem-path=$ram,share=on -machine memory-backend=ram" \
		--qemu "$QMP_OPTIONS" -- "$T_DIR/guest.sh" >"$T_DIR/capture" 2>"$T_DIR/vm.err" &
	vm=$!
	if ! vm_ready "$vm" "$T_DIR/vm.err"; then
		t_fail "$1: the module answered" "$(cat "$T_DIR/vm.err")"
		wait "$vm" || true
		return
	fi
	t_ok "$1: the capture is whole" t_wait 60 capture_is_whole
	ask '{"execute":"qmp_capabilities"}' >/dev/null
	root=$("$build/tests/mmu/judge_ram" --context "$T_DIR/capture")
	levels=${root##* } root=${root% *}
	text=$(sed -n 's/^text //p' "$T_DIR/vm.err")
	t_ok "$1: the VM stands in the observed process" stop_in_process "$root" "$levels" "$text"

	t_run "$build/tests/mmu/judge_ram" --base "$base" --sample "$ask_qemu" "$T_DIR/capture" "$ram"
	t_expect_status 0 "$1: the module's translations are those in the guest's memory"
	t_note "$(grep '^judge ram' "$T_OUT")"
	t_ok "$1: more than a million of them" [ "$(sed -n 's/^judge ram: [^:]*: \([0-9]*\) .*/\1/p' "$T_OUT")" -gt 1000000 ]
	t_expect_grep "^judge ram: $1: " "$1: in that mode"
	sed -n '/^0x/p' "$T_OUT" >"$T_DIR/pages"
	# is it this memory that is read?
	t_run "$build/tests/mmu/judge_ram" --base $((base + 4096)) "$T_DIR/capture" "$ram"
	t_expect_status 1 "$1: with the memory moved by a page nothing fits"
	t_ok "$1: $(wc -l <"$T_DIR/pages") of them for QEMU" [ "$(wc -l <"$T_DIR/pages")" -ge "$ask_qemu" ]
	gva2gpa "$T_DIR/pages" "$vm" >"$T_DIR/qemu"
	awk '{ print $2 }' "$T_DIR/pages" >"$T_DIR/module"
	t_ok "$1: QEMU translates them alike" cmp "$T_DIR/module" "$T_DIR/qemu"
	ask '{"execute":"quit"}' >/dev/null
	wait "$vm" || true
}

full() { if [ "${MMSCOPE_FULL-}" = 1 ]; then "$@"; fi; }
case $ARCH$(t_config PGTABLE_LEVELS) in
amd645)
	judge "5-level" ""
	full judge "5-level with PTI" "pti=on"
	full judge "4-level" "no5lvl"
	judge "4-level with PTI" "no5lvl pti=on"
	;;
amd644)
	judge "4-level" ""
	full judge "4-level with PTI" "pti=on"
	;;
i3862) judge "32-bit" "" ;;
i3863) judge "PAE" "" ;;
arm64*) judge "arm64" "" ;;
esac
