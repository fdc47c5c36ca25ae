#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# i386 with less memory than 896 MiB: all of it is lowmem, there is no HighMem, and vmalloc has the rest of the gigabyte.
# collectors: ktables
# archs: i386
# vm: --mem 512M
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet
said() { dmesg | sed -n "s/.*$1.*/\1/p" | tail -n 1; }
num() { sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" "$T_OUT" | tail -n 1; }
t_run mmscope kmap --json
t_expect_status 0
t_is "lowmem is what was said at boot" "$(printf '%x' "$(num lowmem)")" "$(said ' low ram: 0 - \([0-9a-f]*\)')"
t_is "LOWMEM, MiB" $(($(num lowmem) / 1048576)) "$(said ' \([0-9]*\)MB LOWMEM available')"
t_is "HIGHMEM, MiB" $(($(num highmem_spanned) / 1048576)) "$(said ' \([0-9]*\)MB HIGHMEM available')"
t_is "which is none" "$(num highmem_spanned)" 0
t_ok "there could be more lowmem" [ "$(num maxmem)" -gt "$(num lowmem)" ]
t_is "the 896 MiB line is where it was" $(($(num lowmem_line) / 1048576)) 896
t_is "vmalloc is as large as VmallocTotal" $(($(mmscope kmap -n -b --region vmalloc -o SIZE | head -n 1) / 1024)) "$(awk '/^VmallocTotal/ { print $2 }' /proc/meminfo)"
t_run mmscope kmap
t_expect_grep '^  all memory is in it' "which is said"
t_expect_grep '^no HighMem' "and that"
