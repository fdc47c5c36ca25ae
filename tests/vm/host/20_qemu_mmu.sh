#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# QEMU's own MMU as a witness: with the VM stopped while a process runs on its only CPU, the emulator translates the
# same addresses from the same root, and its view of physical memory holds the raw entries that the module reported.
# (QEMU's monitor shows no TTBR0_EL1: on arm64 the process is known by where its program counter is.)
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$REPO/tests/vm/lib.sh"

qmp=$T_DIR/qmp
mkfifo "$qmp.in" "$qmp.out"
exec 7<>"$qmp.in" 8<>"$qmp.out"

cat >"$T_DIR/guest.sh" <<'END'
#!/bin/sh
spin >/tmp/pid &
until [ -s /tmp/pid ]; do sleep 0.1; done
exec 3<>/sys/kernel/debug/mmscope/pgtable
echo "$(cat /tmp/pid) tables" >&3
cat <&3
sed 's/^/maps /' "/proc/$(cat /tmp/pid)/maps"
echo READY
sleep 1000
END
chmod +x "$T_DIR/guest.sh"

"$REPO/scripts/vm" run --kernel "$KERNEL" --cpus 1 --timeout 110 --add "${MMSCOPE_BUILD:-$REPO/build}/tests/spin" \
	--qemu "-chardev pipe,id=q,path=$qmp -mon chardev=q,mode=control" \
	-- "$T_DIR/guest.sh" >"$T_DIR/said" 2>"$T_DIR/vm.err" &
vm=$!

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

# hmp COMMAND: the text that the human monitor would print, \r\n as they are in JSON
hmp() { ask "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"$1\"}}"; }

# Does the CPU have the page tables of the observed process?
in_process() {
	local regs cr3 pc
	regs=$(hmp "info registers")
	if [ "$ARCH" != arm64 ]; then
		cr3=$(sed -n 's/.*CR3=\([0-9a-f]*\).*/\1/p' <<<"$regs")
		# the low bits are flags and PCID; with PAE the root is 32 bytes
		[ $((0x${cr3:-0} & (levels == 3 ? ~0x1f : ~0xfff))) -eq $((root)) ]
		return
	fi
	# PSTATE says EL0, and the address space is randomised: nobody else has code there
	pc=$((0x$(sed -n 's/.* PC=\([0-9a-f]*\).*/\1/p' <<<"$regs")))
	grep -q 'EL0t' <<<"$regs" && [ "$pc" -ge "$text_start" ] && [ "$pc" -lt "$text_end" ]
}

# Stop the VM in it.
stop_in_process() {
	local try
	for try in $(seq 50); do
		ask '{"execute":"stop"}' >/dev/null
		! in_process || return 0
		ask '{"execute":"cont"}' >/dev/null
		sleep "0.0$((try % 10))"
	done
	return 1
}

# context KEY: of what the module said
context() { sed -n "s/^context .*\<$1=\([0-9a-fx]*\).*/\1/p" "$T_DIR/said"; }

# Every present extent of small and huge pages: first and last page against gva2gpa.
check_extents() {
	local va len pa off gpa n=0 bad=0
	while read -r va len pa; do
		for off in 0 $((len - 4096)); do
			gpa=$(hmp "$(printf 'gva2gpa 0x%x' $((va + off)))" | sed -n 's/.*gpa: \(0x[0-9a-f]*\).*/\1/p')
			n=$((n + 1))
			if [ "$gpa" != "$(printf '0x%x' $((pa + off)))" ]; then
				bad=$((bad + 1))
				t_note "$(printf '0x%x: module 0x%x, QEMU %s' $((va + off)) $((pa + off)) "$gpa")"
			fi
		done
	done < <(sed -n 's/^extent va=\(0x[0-9a-f]*\) len=\(0x[0-9a-f]*\) state=present pa=\(0x[0-9a-f]*\) .*/\1 \2 \3/p' "$T_DIR/said")
	t_note "$n addresses translated by QEMU"
	t_ok "QEMU translates as the module says" [ "$n" -gt 40 -a "$bad" -eq 0 ]
}

# The first raw entry of every table against physical memory, the A and D bits apart: the CPU may have set them since.
check_raw() {
	local pa index raw mem unit=g n=0 bad=0 size used
	size=$(context entry_size)
	# what the CPU may set: x86's A and D (bits 5, 6), arm64's AF (10) and, with DBM (51), AP[2] (7)
	case $ARCH in arm64) used=$((1 << 10 | 1 << 7)) ;; *) used=0x60 ;; esac
	[ "$size" = 8 ] || unit=w
	while read -r pa index raw; do
		mem=$(hmp "$(printf 'xp /1%sx 0x%x' $unit $((pa + size * index)))" | sed -n 's/.*: \(0x[0-9a-f]*\).*/\1/p')
		n=$((n + 1))
		if [ -z "$mem" ] || [ $(((mem ^ 0x$raw) & ~used)) -ne 0 ]; then
			bad=$((bad + 1))
			t_note "table $pa index $index: module 0x$raw, memory $mem"
		fi
	done < <(sed -n 's/^table .*table_pa=\(0x[0-9a-f]*\) .* index=\([0-9]*\) raw=\([0-9a-f]\{1,\}\).*/\1 \2 \3/p' "$T_DIR/said")
	t_note "$n raw entries compared with physical memory"
	t_ok "physical memory holds the raw entries" [ "$n" -gt 20 -a "$bad" -eq 0 ]
}

if t_wait 60 grep -q '^READY' "$T_DIR/said"; then
	t_pass "the module answered"
	root=$(context root_pa)
	ask '{"execute":"qmp_capabilities"}' >/dev/null
	levels=$(context levels)
	text=$(sed -n 's/^maps \([0-9a-f]*-[0-9a-f]*\) r-xp .*\/spin$/\1/p' "$T_DIR/said")
	text_start=$((0x${text%-*})) text_end=$((0x${text#*-}))
	if [ "$ARCH" = arm64 ]; then
		t_ok "the CPU is in the process" stop_in_process
	else
		t_ok "QEMU's CR3 is the root that the module reported" stop_in_process
	fi
	t_ok "a huge page is among the extents" grep -q '^extent .* level=2 ' "$T_DIR/said"
	check_extents
	check_raw
	ask '{"execute":"quit"}' >/dev/null
else
	t_fail "the module answered" "$(cat "$T_DIR/vm.err")"
	kill "$vm"
fi
wait "$vm" || true
