#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Page tables of shared hugetlb files are unshared under i_mmap_rwsem alone: a walk without it once followed freed tables.
# (Kernels that share none, i386's, have the same mapping come and go.)
# vm: --mem 1G
# collectors: pgtable
# shellcheck source=/dev/null
. /tests/lib.sh

echo 24 >/proc/sys/vm/nr_hugepages
if [ "$(cat /proc/sys/vm/nr_hugepages)" -lt 24 ]; then
	t_skip "shared hugetlb tables" "no 24 huge pages to be had"
else
	t_run hugeshare 5
	t_expect_status 0 "every extent of a shared hugetlb mapping is one of its own"
	t_expect_grep '^streams=[0-9]+ odd=0$' "and streams were read"
fi
echo 0 >/proc/sys/vm/nr_hugepages
