#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# 32-bit x86: 4-byte entries in two levels, or 8-byte ones in three (PAE); page tables and pages in high memory, which the
# kernel itself must map to read.
# archs: i386
# shellcheck source=/dev/null
. /tests/lib.sh
D=/sys/kernel/debug/mmscope
ask() { sh -c 'exec 3<>"$2" && echo "$1" >&3 && cat <&3' ask "$1" "$D/$2"; }

workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }
high=$(awk '/zone +HighMem/ { on = 1 } on && /start_pfn:/ { print $2; exit }' /proc/zoneinfo)
t_ok "this machine has high memory: $(awk '/^HighTotal:/ { print $2, $3 }' /proc/meminfo) from PFN $high on" \
	[ "$(awk '/^HighTotal:/ { print $2 }' /proc/meminfo)" -gt 0 -a "${high:-0}" -gt 0 ]

levels=$(t_levels) size=4
if [ "$levels" = 3 ]; then size=8; fi
ask "$pid tables" pgtable >"$T_DIR/said"
t_ok "$levels levels of $size-byte entries" grep -q "^context .* levels=$levels va_bits=32 .*entry_size=$size " "$T_DIR/said"
t_ok "read to the end" grep -q '^end end=0 error=0 ' "$T_DIR/said"

# --- tables ---
sed -n 's/^table level=1 table_pa=\(0x[0-9a-f]*\) .*/\1/p' "$T_DIR/said" >"$T_DIR/tables"
n=0
while read -r pa; do
	printf '0x%x\n' $((pa >> 12)) >>"$T_DIR/table_pfns"
	[ $((pa >> 12)) -lt "$high" ] || n=$((n + 1))
done <"$T_DIR/tables"
t_ok "$n of $(wc -l <"$T_DIR/tables") PTE tables are in high memory" [ $n -gt 0 ]
t_ok "the kernel calls each of these frames a page table" pagemap tables <"$T_DIR/table_pfns"
t_is "the top table has no more entries than $((levels == 3 ? 4 : 1024))" \
	"$(sed -n "s/^table level=$levels .* last=\([0-9]*\) .*/\1/p" "$T_DIR/said" | awk -v max=$((levels == 3 ? 4 : 1024)) '$1 >= max')" ""

# --- entries ---
sed -n 's/^extent .* raw=\(0x\)\{0,1\}\([0-9a-f]*\).*/\2/p;s/^table .* raw=//p' "$T_DIR/said" |
	tr -cs '0-9a-f' '\n' | sed 's/^0*//;/^$/d' >"$T_DIR/raws"
t_ok "$(wc -l <"$T_DIR/raws") raw entries were read" [ "$(wc -l <"$T_DIR/raws")" -gt 500 ]
t_is "entries that need more than 64 bits" "$(awk 'length($1) > 16' "$T_DIR/raws" | wc -l)" 0
wide=$(awk 'length($1) > 8' "$T_DIR/raws" | wc -l)
if [ "$levels" = 3 ]; then
	t_ok "$wide entries need more than 32 bits" [ "$wide" -gt 0 ]
	# Intel SDM 3A table 4-11: bit 63 is execute-disable. Linux 5.19 and later loses it: vm_get_page_prot() keeps 32 of
	# the 64 bits in an unsigned long. So it is the CPU that is asked what it executes.
	t_ok "the CPU has NX" grep -q '^flags.* nx\b' /proc/cpuinfo
	t_is "EFER.NXE is on" $(($(sed -n 's/^context .* efer=\(0x[0-9a-f]*\) .*/\1/p' "$T_DIR/said") >> 11 & 1)) 1
	faults >"$T_DIR/faults" &
	fpid=$!
	t_ok "the CPU was asked" t_wait 20 grep -q ready=1 "$T_DIR/faults"
	for name in rw ro rx; do
		raw=$(mmscope walk --json $fpid "$(sed -n "s/^$name=//p" "$T_DIR/faults")" |
			sed -n 's/^ *"raw": "\(0x[0-9a-f]*\)",*$/\1/p' | tail -n 1)
		refused=1
		if grep -q "^${name}_fetch=null" "$T_DIR/faults"; then refused=0; fi
		t_is "bit 63 of $raw: what the CPU does with a fetch from $name" $((raw >> 63 & 1)) $refused
	done
	kill $fpid
else
	t_is "entries that need more than 32 bits" "$wide" 0
fi

# --- pages ---
t_run mmscope map --extents -o START,PFN,PAGES,PGSIZE --bytes --no-headings $pid
sed -n 's/^ *[|`]-\(0x[0-9a-f]*\) *\(0x[0-9a-f]*\)[-0-9a-fx]* *\([0-9]*\) *\([0-9]*\) *$/\1 \2 \3 \4/p' "$T_OUT" >"$T_DIR/runs"
# above N NAME: runs of pages from PFN N on are there, and are pagemap's
above() {
	while read -r va pfn rest; do
		[ $((pfn)) -lt "$1" ] || echo "$va $pfn $rest"
	done <"$T_DIR/runs" >"$T_DIR/above"
	t_ok "$(wc -l <"$T_DIR/above") runs of pages are $2" [ -s "$T_DIR/above" ]
	t_ok "pagemap says the same of all that are $2" pagemap $pid check <"$T_DIR/above"
}
above "$high" "in high memory"
if [ "$levels" = 3 ]; then above 1048576 "above 4 GiB"; fi
t_run mmscope verify $pid
t_expect_status 0 "verify finds no difference"
kill $pid
