#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The longest hold of mmap_lock on large processes, in guest instructions: 100,000 VMAs, 4 GiB of pages, small and huge.
# not-on: debug holds are measured in guest instructions, which KASAN and lockdep multiply
# vm: --cpus 1 --qemu "-icount shift=0" --timeout 400 --env CASE_TIMEOUT=190
# shellcheck source=/dev/null
. /tests/lib.sh

t_quiet

value() { sed -n "s/.*\<$1=\([0-9]*\).*/\1/p" "$T_OUT"; }
# within NAME MIN-BATCHES FILE PID [extents] [tables] [holes]: every hold is at most hold_us (500) and what one more VMA or
# page table takes, together less than 1 ms. Interrupts that hit a hold count, too: the best of eight.
within() {
	name=$1 batches=$2 best=999999999
	shift 2
	for try in 1 2 3 4 5 6 7 8; do
		[ "$try" -le 3 ] || sleep 2
		t_run readstream "$@"
		t_note "$name: $(cat "$T_OUT")"
		grep -q '^end=0 error=0' "$T_OUT" || break
		if [ "$(value hold_max_ns)" -lt "$best" ]; then best=$(value hold_max_ns); fi
		[ "$best" -ge 1000000 ] || break
	done
	t_verdict "$(grep -q '^end=0 error=0' "$T_OUT"; echo $?)" "$name: all was told"
	t_ok "$name: in many batches" [ "$(value batches)" -ge "$batches" ]
	t_ok "$name: no hold beyond 1 ms ($best ns)" [ "$best" -lt 1000000 ]
}

# --- many VMAs ---
was=$(cat /proc/sys/vm/max_map_count)
echo 200000 >/proc/sys/vm/max_map_count
facts=$T_DIR/vmas
victim vmas 100000 >"$facts" &
pid=$!
t_ok "a process with 100,000 VMAs" t_wait 60 grep -q ready=1 "$facts"
within "100,000 VMAs" 1000 vma $pid
t_ok "100,000 VMAs: they were told" [ "$(value records)" -ge 100000 ]
within "100,000 VMAs, extents" 10 pgtable $pid extents
within "100,000 VMAs, raw tables and holes" 10 pgtable $pid tables holes
kill $pid
wait $pid 2>/dev/null
echo "$was" >/proc/sys/vm/max_map_count

# --- much memory: 4 GiB of present pages (one file, mapped 32 times: the page tables are what is walked) ---
huge=/sys/kernel/mm/transparent_hugepage/shmem_enabled
for size in small huge; do
	if [ $size = huge ] && ! echo force >$huge 2>/dev/null; then
		t_skip "4 GiB, huge" "this kernel has no huge pages in shmem"
		continue
	fi
	facts=$T_DIR/$size
	victim views 4096 >"$facts" &
	pid=$!
	t_ok "4 GiB, $size: populated" t_wait 60 grep -q ready=1 "$facts"
	if grep -q no_views "$facts"; then
		t_skip "4 GiB, $size" "$(sed -n 's/^no_views=//p' "$facts")"
	else
		# (not VmRSS: its counters are kept per thread or CPU, and lag)
		rss=$(awk '/^Rss:/ { print $2 }' /proc/$pid/smaps_rollup)
		t_ok "4 GiB, $size: present ($rss KiB)" [ "$rss" -ge 4194304 ]
		if [ $size = huge ]; then
			mapped=$(awk '/^ShmemPmdMapped/ { n += $2 } END { print n }' /proc/$pid/smaps_rollup)
			t_ok "4 GiB, huge: in huge pages ($mapped KiB)" [ "$mapped" -ge 3145728 ]
			batches=1
		else
			batches=10
		fi
		within "4 GiB, $size, extents" "$batches" pgtable $pid extents
		within "4 GiB, $size, raw tables and holes" "$batches" pgtable $pid tables holes
		within "4 GiB, $size, VMAs" 1 vma $pid
	fi
	kill $pid
	wait $pid 2>/dev/null
done
[ ! -e $huge ] || echo never >$huge
