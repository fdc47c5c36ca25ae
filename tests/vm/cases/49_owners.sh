#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Frames that their struct page does not tell: how many stay unknown, and the others against meminfo and vmallocinfo.
# collectors: kmap owners
# shellcheck source=/dev/null
. /tests/lib.sh

t_quiet
D=/sys/kernel/debug/mmscope
meminfo() { awk -v k="$1:" '$1 == k { print $2 * 1024 / 4096 }' /proc/meminfo; }
# class NAME: frames of it in the last t_run
class() { awk -v c="$1" '$1 == c { n = $2 } END { print n + 0 }' "$T_OUT"; }
# near NAME OURS THEIRS LESS MORE: OURS is at most LESS below and MORE above THEIRS
near() { t_ok "$1: $2 frames, $3 by the kernel's count" [ $(($3 - $2)) -le "$4" -a $(($2 - $3)) -le "$5" ]; }

cpus=$(grep -c ^processor /proc/cpuinfo)
t_run mmscope frames
t_expect_status 0
t_note "$(cat "$T_OUT")"
present=$(sed -n 's/^\([0-9]*\) frames present.*/\1/p' "$T_OUT")
unknown=$(sed -n 's/.*present, \([0-9]*\) unknown$/\1/p' "$T_OUT")
if [ "$ARCH" = amd64 ]; then
	t_ok "unknown: $unknown of $present, at most 0.5 %" [ $((unknown * 200)) -le "$present" ]
else
	t_note "unknown: $unknown of $present"
fi
# Stacks of threads and, where vmalloc's areas can be told, of idle threads and those kept for the next ones. The kernel
# counts the idle threads' too, but for the first one's, which is in its image; not the two that each processor keeps.
# Between the two readings this shell's children come and go.
each=4
near "kernel stacks" "$(class kstack)" "$(meminfo KernelStack)" $(((cpus + 8) * each)) $(((2 * cpus + 4) * each))
t_ok "vmalloc: $(class vmalloc) frames" [ "$(class vmalloc)" -gt 0 ]
t_ok "the kernel's page tables: $(class kpgtable) frames" [ "$(class kpgtable)" -gt 0 ]
# Page tables: meminfo counts those of processes without their top tables, newer kernels with these and the kernel's own;
# between the two readings processes of this shell come and go (each some ten tables).
tables=$(class pgtable)
all=$((tables + $(class kpgtable)))
theirs=$(meminfo PageTables)
procs=$(echo /proc/[0-9]* | wc -w)
t_ok "page tables: $tables, with the kernel's $all; PageTables $theirs" [ "$tables" -ge $((theirs - 64)) -o "$all" -ge $((theirs - 64)) ]
t_ok "page tables: at most the top tables and some more: $tables" [ "$tables" -le $((theirs + 2 * procs + 64)) ]
if [ "$(meminfo Percpu)" ] && ! grep -q 'Per-CPU memory is among' "$T_OUT"; then
	# exactly: all of it is made when a module or cgroup comes
	near "per-CPU memory" "$(class percpu)" "$(meminfo Percpu)" 0 0
else
	t_skip "per-CPU memory" "$(sed -n 's/^Per-CPU memory is //p' "$T_OUT")"
fi

# areas of vmalloc space
t_run mmscope frames --areas --top 1000
t_expect_status 0
t_note "$(cat "$T_OUT")"
pages=$(sed -n 's/^[0-9]* areas, \([0-9]*\) pages.*/\1/p' "$T_OUT")
# VmallocUsed: a counter of the pages that vmalloc() has now; stacks come and go between the two readings
near "pages by vmalloc()" "$pages" "$(meminfo VmallocUsed)" $((8 * each)) $((8 * each))
t_expect_grep '^kstack|^vmalloc' "areas are told by kind"
cp "$T_OUT" "$T_DIR/module"
if grep -q '^collector vmalloc *ok' $D/status; then
	t_expect_grep '^percpu +pcpu_get_vm_areas' "per-CPU memory's areas are told"
	t_expect_grep ' by vmalloc\(\); told by the module' "the module told them"
	t_expect_grep '^[0-2] areas have other pages' "the areas' own arrays of pages and the tables are alike"
	# without the module's help: the same callers with the same areas and pages, but for stacks that come and go
	t_run mmscope frames --areas --top 1000 --source procfs
	t_expect_status 0
	t_expect_grep 'told by /proc/vmallocinfo' "the tool says who told it"
	for f in module out; do
		awk '/^[a-z]+ +[^ ]+ / && !/^kstack/ && $1 != "CALLER" { m = $3 ~ /^\[/ ? 1 : 0; print $1, $2, $(3 + m), $(5 + m) }' \
			"$T_DIR/$f" | grep -v '^[0-9]' | sort >"$T_DIR/$f.areas"
	done
	t_ok "/proc/vmallocinfo has the same areas by kind and caller" diff "$T_DIR/module.areas" "$T_DIR/out.areas"
	t_ok "and there are some" [ "$(wc -l <"$T_DIR/out.areas")" -ge 5 ]
else
	t_expect_grep 'told by /proc/vmallocinfo' "the tool says that /proc told it"
	t_skip "the module's areas" "$(sed -n 's/^collector vmalloc *//p' $D/status)"
fi

t_run mmscope frames --runs
t_expect_status 0
t_expect_grep '^ *PFN +FRAMES' "unknown runs are listed"
t_note "$(cat "$T_OUT")"
t_run mmscope frames --runs --areas
t_expect_status 2 "--runs and --areas exclude each other"
