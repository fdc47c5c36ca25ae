#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# QEMU's own MMU as a witness: with the VM stopped while a process runs on its only CPU, the emulator translates the
# same addresses from the same root, and its view of physical memory holds the raw entries that the module reported.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$REPO/tests/vm/lib.sh"
# shellcheck source=../qmp.sh
. "$REPO/tests/vm/qmp.sh"
qmp_pipes

cat >"$T_DIR/guest.sh" <<'END'
#!/bin/sh
spin >/tmp/pid &
until [ -s /tmp/pid ]; do sleep 0.1; done
exec 3<>/sys/kernel/debug/mmscope/pgtable
echo "$(cat /tmp/pid) tables" >&3
cat <&3
sed 's/^/maps /' "/proc/$(cat /tmp/pid)/maps"
# forty symbols from all over the kernel and its modules; those of init are gone (arm64: see below)
[ "$(uname -m)" != aarch64 ] || { echo READY; sleep 1000; }
awk '$2 ~ /[tTdDbBrR]/ { print $1 }' /proc/kallsyms >/tmp/all
awk -v every=$(($(wc -l </tmp/all) / 40)) 'NR % every == 0' /tmp/all >/tmp/symbols
awk '$1 == "mmscope" { print substr($6, 3) }' /proc/modules >>/tmp/symbols
while read -r va; do
	mmscope walk --json "$(cat /tmp/pid)" "0x$va" >/tmp/walk
	pa=$(sed -n 's/^ *"pa": "\(.*\)".*/\1/p' /tmp/walk)
	echo "kernel 0x$va ${pa:-none} $(sed -n 's/^ *"agrees": "\(.*\)".*/\1/p' /tmp/walk)"
done </tmp/symbols
echo READY
sleep 1000
END
chmod +x "$T_DIR/guest.sh"

"$REPO/scripts/vm" run --kernel "$KERNEL" --cpus 1 --timeout 400 --add "${MMSCOPE_BUILD:-$REPO/build}/tests/spin" \
	--qemu "$QMP_OPTIONS" \
	-- "$T_DIR/guest.sh" >"$T_DIR/said" 2>"$T_DIR/vm.err" &
vm=$!

# Addresses in the kernel's half, as walk showed them.
check_kernel() {
	local va pa agrees gpa n=0 bad=0
	while read -r va pa agrees; do
		gpa=$(hmp "gva2gpa $va" | sed -n 's/.*gpa: \(0x[0-9a-f]*\).*/\1/p')
		n=$((n + 1))
		if [ "${gpa:-none}" != "$pa" ] || [ "$agrees" != yes ]; then
			bad=$((bad + 1))
			t_note "$va: module $pa, QEMU $gpa; the software MMU agrees: $agrees"
		fi
	done < <(sed -n 's/^kernel //p' "$T_DIR/said")
	t_note "$n kernel addresses translated by QEMU"
	t_ok "QEMU translates the kernel's addresses as walk does" [ "$n" -gt 20 -a "$bad" -eq 0 ]
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

if vm_ready "$vm" "$T_DIR/said"; then
	t_pass "the module answered"
	root=$(context root_pa)
	ask '{"execute":"qmp_capabilities"}' >/dev/null
	text=$(sed -n 's/^maps \([0-9a-f]*-[0-9a-f]*\) r-xp .*\/spin$/\1/p' "$T_DIR/said")
	if [ "$ARCH" = arm64 ]; then
		t_ok "the CPU is in the process" stop_in_process "$root" "$(context levels)" "$text"
	else
		t_ok "QEMU's CR3 is the root that the module reported" stop_in_process "$root" "$(context levels)" "$text"
	fi
	t_ok "a huge page is among the extents" grep -q '^extent .* level=2 ' "$T_DIR/said"
	check_extents
	check_raw
	if [ "$ARCH" = arm64 ]; then
		t_skip "kernel addresses" "QEMU's monitor translates as user mode does, to which the kernel's half is closed (E0PD)"
	else
		check_kernel
	fi
	ask '{"execute":"quit"}' >/dev/null
else
	t_fail "the module answered" "$(cat "$T_DIR/vm.err"; tail -n 3 "$T_DIR/said")"
fi
wait "$vm" || true
