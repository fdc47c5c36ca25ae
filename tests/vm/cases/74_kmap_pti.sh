#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# With page-table isolation user mode's tables have little of the kernel's half: what, and that the software MMU agrees.
# collectors: ktables
# views: kmap verify-kernel
# archs: amd64
# vm: --append "pti=on"
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet
t_ok "the kernel isolates page tables" grep -qw pti /proc/cpuinfo
t_run mmscope verify --kernel -n -o TABLES,TRANSLATIONS,MISMATCH
t_expect_status 0
t_is "both top tables were checked, without a mismatch" "$(awk 'NF > 3 && $NF == 0 && $(NF - 1) > 0 { n++ } END { print n }' <"$T_OUT")" 2
t_run mmscope kmap --user -n -b -o REGION,MAPPED
t_expect_status 0
# (arch/x86/mm/pti.c: cpu_entry_area, the entry text; the image's text is global there without PCID, read-only and executable)
# shellcheck disable=SC2016 # of awk
t_ok "the CPU entry area is there" awk '$1 == "cpu-entry-area" && $2 > 0 { f = 1 } END { exit !f }' "$T_OUT"
for r in direct-map vmalloc vmemmap modules; do
	t_is "not the $r, but a page for each processor" "$(awk -v r=$r '$1 == r { print ($2 <= 1048576) }' "$T_OUT")" 1
done
t_run mmscope kmap --user --runs -n -o RIGHTS
t_ok "nothing is writable and executable" [ "$(grep -c wx "$T_OUT")" = 0 ]
