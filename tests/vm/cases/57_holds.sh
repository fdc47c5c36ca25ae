#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# How long mmap_lock is held, in guest instructions: a nanosecond of this VM's clock is one, whatever else the host does.
# vm: --cpus 1 --qemu "-icount shift=0"
# shellcheck source=/dev/null
. /tests/lib.sh
D=/sys/kernel/debug/mmscope

# ask REQUEST FILE: the trailer of the answer
ask() {
	sh -c 'exec 3<>"$2" && echo "$1" >&3 && cat <&3' ask "$1" "$D/$2" | tail -n 1 >"$T_DIR/trailer"
	t_note "$2: $(cat "$T_DIR/trailer")"
}
# value KEY: of the trailer
value() { sed -n "s/.* $1=\([0-9]*\).*/\1/p" "$T_DIR/trailer"; }

workload --vmas 20000 >"$T_DIR/facts" 2>&1 &
pid=$!
t_ok "the workload has 20000 VMAs" t_wait 60 sh -c "[ \$(wc -l </proc/$pid/maps) -gt 20000 ]"
# hold_us=500 and what one more VMA or page table takes
for file in vma pgtable; do
	ask $pid $file
	t_ok "$file: all was told" grep -q '^end end=0 error=0' "$T_DIR/trailer"
	t_ok "$file: in many batches" [ "$(value batches)" -ge 10 ]
	t_ok "$file: no hold beyond 1 ms" [ "$(value hold_max_ns)" -lt 1000000 ]
done
ask "$pid tables holes" pgtable
t_ok "raw tables: no hold beyond 1 ms" [ "$(value hold_max_ns)" -lt 1000000 ]
kill $pid
