# SPDX-License-Identifier: GPL-2.0
# What 51 to 53 have in common, sourced: verify and walk under one kind of paging. They set LEVELS and PTI.
# shellcheck shell=sh disable=SC2154,SC2086 # LEVELS and PTI, numbers
D=/sys/kernel/debug/mmscope

t_is "the CPU's flags say $LEVELS levels" "$(if grep -q '\bla57\b' /proc/cpuinfo; then echo 5; else echo 4; fi)" $LEVELS
t_is "the module says $LEVELS levels" "$(sed -n 's/^context .* levels=\([0-9]*\) .*/\1/p' $D/pgtable)" $LEVELS
t_is "the kernel isolates page tables: $PTI" "$(grep -c '^flags.*\bpti\b' /proc/cpuinfo | sed 's/[1-9].*/1/')" $PTI
roots=$(sed -n 's/^context root_pa=\(0x[0-9a-f]*\) .*kernel_root_pa=\(0x[0-9a-f]*\) .*/\1 \2/p' $D/pgtable)
# the user's half is the second page of the pair
t_is "root and kernel root are $((PTI * 4096)) bytes apart" $((${roots% *} - ${roots#* })) $((PTI * 4096))

echo 4 >/proc/sys/vm/nr_hugepages
workload --churn >"$T_DIR/facts" &
pid=$!
t_ok "a workload churns" t_wait 20 grep -q ready=1 "$T_DIR/facts"
for round in 1 2; do
	t_run mmscope verify --all
	t_expect_status 0 "verify --all, round $round"
	t_expect_grep '^[0-9]{4,} translations .*: 0 mismatches$' "thousands of translations, 0 mismatches, round $round"
	t_expect_grep "$pid workload +" "the workload is among them, round $round"
done
t_note "$(tail -n 1 "$T_OUT")"
page=$(sed -n 's/^readonly=//p' "$T_DIR/facts")
t_run mmscope walk $pid "$page"
t_expect_status 0
t_is "walk shows $LEVELS levels" "$(grep -c ' 0x[0-9a-f]* .* P ' "$T_OUT")" $LEVELS
t_expect_grep "^physical address +$(printf '0x%x' $(($(pagemap $pid "$page") * 4096)))\$" "walk ends where pagemap says"
t_expect_grep "software MMU agrees.*\($LEVELS levels replayed\)" "the software MMU agrees"
t_run mmscope walk $pid "$(awk '$3 == "_stext" { print $1 }' /proc/kallsyms)"
t_expect_status 0 "walk to the kernel's text, from its own root"
t_expect_grep "software MMU agrees" "the software MMU agrees there, too"
top=0x0000800000000000
if [ $LEVELS = 5 ]; then top=0x0100000000000000; fi
t_run mmscope walk $pid $top
t_expect_err 'not canonical' "$top is not canonical"
t_expect_status 1
kill $pid
wait $pid 2>/dev/null
echo 0 >/proc/sys/vm/nr_hugepages
