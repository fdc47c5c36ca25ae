#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# arm64: the registers that give page tables their meaning (Arm ARM D17.2), and pages of 16 PTEs with the contiguous bit.
# archs: arm64
# shellcheck source=/dev/null
. /tests/lib.sh
D=/sys/kernel/debug/mmscope
ask() { sh -c 'exec 3<>"$2" && echo "$1" >&3 && cat <&3' ask "$1" "$D/$2"; }

contiguous=/sys/kernel/mm/hugepages/hugepages-64kB
[ ! -e $contiguous ] || echo 4 >$contiguous/nr_hugepages
workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }
ask "$pid tables" pgtable >"$T_DIR/said"
t_ok "read to the end" grep -q '^end end=0 error=0 ' "$T_DIR/said"
context() { sed -n "s/^context .*\<$1=\([0-9a-fx]*\).*/\1/p" "$T_DIR/said"; }

# --- registers ---
bits=$(t_config ARM64_VA_BITS)
tcr=$(context tcr) sctlr=$(context sctlr) mair=$(context mair)
t_note "tcr=$tcr sctlr=$sctlr mair=$mair"
t_is "T0SZ leaves the $bits bits that the kernel was built for" $((64 - (tcr & 63))) "$bits"
t_is "va_bits are these" "$(context va_bits)" "$bits"
t_is "levels" "$(context levels)" "$(t_levels)"
t_is "entry_size" "$(context entry_size)" 8
t_is "TG0: pages of 4 KiB" $((tcr >> 14 & 3)) 0
# with pages of 4 KiB 52 bits need the descriptors of FEAT_LPA2
t_is "DS, for addresses of 52 bits" $((tcr >> 59 & 1)) $((bits == 52))
t_is "SCTLR.M: the MMU is on" $((sctlr & 1)) 1
t_is "no register of x86 is made up" "$(context cr0) $(context cr4) $(context efer)" "0x0 0x0 0x0"
# IPS: the CPU's physical address bits, as far as the kernel was built for them
phys=$(context maxphyaddr) most=$(t_config ARM64_PA_BITS)
t_is "IPS is the lesser of the CPU's $phys bits and the kernel's $most" \
	"$(echo 32 36 40 42 44 48 52 | cut -d' ' -f$(((tcr >> 32 & 7) + 1)))" $((phys < most ? phys : most))
index=$(sed -n "s/^extent va=$(fact readonly) .* cache=\([0-9]*\).*/\1/p" "$T_DIR/said")
t_note "attribute index of anonymous memory: $index"
case $((mair >> (8 * index) & 255)) in
# Normal, write-back inside and out; or with memory tags
255 | 240) t_pass "anonymous memory is normal memory, cached write-back" ;;
*) t_fail "anonymous memory is normal memory, cached write-back" "mair $mair, index $index" ;;
esac

# --- dirty state ---
# a page that may be written and never was has AP[2] and DBM, which a CPU with TCR_EL1.HD clears by itself (44_arm64_nohd:
# one without)
t_is "HD: this CPU keeps track of writes" $((tcr >> 40 & 1)) 1
t_run mmscope walk --json $pid "$(fact cleanshared)"
t_expect_grep '"rights": "rw- for user mode"' "a clean page can be written"
t_expect_grep '"agrees": "yes"' "the software MMU agrees"

# --- tables ---
sed -n 's/^table level=1 table_pa=\(0x[0-9a-f]*\)000 .*/\1/p' "$T_DIR/said" >"$T_DIR/table_pfns"
t_ok "the kernel calls each frame of a PTE table a page table" pagemap tables <"$T_DIR/table_pfns"

# --- 16 contiguous PTEs ---
va=$(fact contig)
if [ -z "$va" ]; then
	t_skip "a page of 64 KiB" "$(fact no_contig)"
else
	pfn=$(($(pagemap $pid "$va")))
	t_is "its frames begin at a multiple of 16" $((pfn & 15)) 0
	ask "$pid $va $(printf '0x%x' $((va + 131072))) tables" pgtable >"$T_DIR/contig"
	sed -n 's/^table level=1 .* raw=//p' "$T_DIR/contig" | tr -cs '0-9a-f' '\n' | sed '/^0*$/d' >"$T_DIR/raws"
	t_is "16 entries, of the touched one of two pages" "$(wc -l <"$T_DIR/raws")" 16
	n=0
	while read -r raw; do
		n=$((n + (0x$raw >> 52 & 1)))
	done <"$T_DIR/raws"
	t_is "each has the contiguous bit" $n 16
	t_is "one extent of all" "$(grep -c '^extent ' "$T_DIR/contig")" 1
	t_ok "where pagemap has it" grep -q "^extent va=$va len=0x10000 state=present pa=$(printf '0x%x' $((pfn * 4096))) " "$T_DIR/contig"
	t_run mmscope map -b -n -o START,HUGE $pid
	t_is "map: HUGE of it is smaps'" "$(awk -v s="$va" '$1 == s { print $2 }' "$T_OUT")" \
		"$(awk -v s="$(printf '%x' "$va")" '$1 ~ "^" s "-" { on = 1 } /^VmFlags/ { on = 0 }
			on && /_Hugetlb:/ { n += $2 } END { print n * 1024 }' /proc/$pid/smaps)"
	t_run mmscope walk --json $pid "$(printf '0x%x' $((va + 0xf123)))"
	t_expect_grep "\"pa\": \"$(printf '0x%x' $(((pfn + 15) * 4096 + 0x123)))\"" "walk to its last part"
fi
t_run mmscope verify $pid
t_expect_status 0 "verify finds no difference"
kill $pid
wait $pid 2>/dev/null
[ ! -e $contiguous ] || echo 0 >$contiguous/nr_hugepages
