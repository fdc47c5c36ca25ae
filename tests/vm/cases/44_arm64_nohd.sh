#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# arm64 without hardware management of the access flag and the dirty state (Arm ARM D8.5): Linux keeps both by faults.
# vm: --cpu cortex-a72
# archs: arm64
# shellcheck source=/dev/null
. /tests/lib.sh
D=/sys/kernel/debug/mmscope

workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 60 grep -q ready=1 "$T_DIR/facts"
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }
tcr=$(sed -n 's/^context .* tcr=\(0x[0-9a-f]*\) .*/\1/p' $D/pgtable)
t_is "TCR_EL1.HA and HD are off" $((tcr >> 39 & 3)) 0
for page in cleanshared sharedanon; do
	case $page in
	cleanshared) rights=r-- code='null 79 15' ;;
	*) rights=rw- code='null null 15' ;;
	esac
	t_run mmscope walk --json $pid "$(fact $page)"
	t_is "$page: rights" "$(sed -n 's/^ *"rights": "\(.*\)",*$/\1/p' "$T_OUT")" "$rights for user mode"
	t_is "$page: read, write, fetch" "$(sed -n 's/^ *"code": \([^,]*\),*$/\1/p' "$T_OUT" | xargs)" "$code"
	t_expect_grep '"agrees": "yes"' "$page: the software MMU agrees"
done
t_run mmscope walk $pid "$(fact cleanshared)"
t_expect_grep '^write +abort, ISS 0x4f .*made writable' "Linux lets it be written, which is said"
# old pages: what clear_refs marks so, the next access marks used
echo 1 >/proc/$pid/clear_refs
t_run mmscope walk --json $pid "$(fact sharedanon)"
t_is "an old page: read, write, fetch meet the Access flag fault" "$(sed -n 's/^ *"code": \([^,]*\),*$/\1/p' "$T_OUT" | xargs)" "11 75 11"
t_expect_grep '"rights": "rw- for user mode"' "an old page: its rights are told"
t_expect_grep '"agrees": "yes"' "an old page: the software MMU agrees"
t_run mmscope walk $pid "$(fact sharedanon)"
t_expect_grep '^access flag +0: ' "an old page: it is called that"
t_expect_grep '^read +abort, ISS 0xb .*marks the page accessed' "an old page: what Linux does"
t_run mmscope verify --all
t_expect_status 0 "verify --all"
t_expect_grep '^[0-9]{3,} translations .*: 0 mismatches$' "hundreds of translations, 0 mismatches"
kill $pid
