#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# slab where SLUB's debugging is on for all caches: red zones, the free pointer elsewhere, no lists at processors. On the
# debug kernel with KASAN, which keeps freed objects back: a planted fault is reported, and survived.
# vm: --append slub_debug=FZPU
# kernels: 6.1 7.2 debug
# collectors: slab
# shellcheck source=/dev/null
. /tests/lib.sh
. /tests/slab.sh
t_quiet
c=mmscope_slabtest sys=/sys/kernel/slab

t_run mmscope slab
t_expect_status 0 "slab"
list=""
if mmscope status | grep -Eq 'slab +ok'; then list=1; fi
slab_known "$list"
t_is "a red zone is before each object" "$(cat "$sys/$c/red_zone")" 1
addr=$(awk '$2 == "allocated" { print $1; exit }' "$T_DIR/known")
t_run mmscope slab "$(printf '0x%x' $((addr - 1)))"
t_expect_status 0 "a byte of the red zone"
t_expect_grep " red zone +$c " "is told as such"
t_run mmscope slab --objects
t_expect_status 0 "no list of any cache is corrupt"
slab_wrong
