#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel's address space: each translation by the software MMU; DirectMap*, kallsyms, /proc/modules, page_tables of debugfs.
# collectors: ktables
# views: kmap verify-kernel walk-kernel
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet

# --- every mapping of the kernel by the model ---
t_run mmscope verify --kernel --json
t_expect_status 0 "the software MMU agrees with each mapping of the kernel"
n=$(sed -n 's/.*"translations": \([0-9]*\).*/\1/p' "$T_OUT" | tail -n 1)
t_ok "of ${n:-none}: more than 1000" [ "${n:-0}" -gt 1000 ]
t_run mmscope verify --kernel -n -o MISMATCH
t_is "no mismatch" "$(awk 'NR == 1 { print $1 }' "$T_OUT")" 0
t_run mmscope verify --kernel 1
t_expect_status 2 "verify --kernel takes no PID"

# --- the direct map, by the kernel's own count ---
t_run mmscope kmap --json
t_expect_status 0
case $ARCH in
arm64) t_skip "DirectMap" "arm64 does not count it" ;;
*)
	t_ok "the kernel's DirectMap lines: the same, or what splits of its image explain" \
		grep -qE '"direct_map_agrees": "(yes|explained)"' "$T_OUT"
	# (the debug kernel takes free pages out of it: DEBUG_PAGEALLOC)
	t_run mmscope kmap -n -b --region direct-map -o MAPPED,ABSENT
	t_is "their sum" "$(awk 'NR == 1 { print ($1 + $2) / 1024 }' "$T_OUT")" "$(awk '/^DirectMap/ { n += $2 } END { print n }' /proc/meminfo)"
	;;
esac

# --- what lies where: kallsyms, modules ---
mmscope kmap --runs -n -b -o START,END,RIGHTS,PAGE,REGION >"$T_DIR/runs"
# at ADDR: the run that holds it: "RIGHTS REGION".  (Addresses of 64 bits are no numbers to awk: as text they compare, one length)
at() {
	awk -v a="$(printf '0x%016x' "$1")" 'function wide(h) { h = substr(h, 3); while (length(h) < 16) h = "0" h; return "0x" h }
		wide($1) <= a && a < wide($2) { print $3, $5 }' "$T_DIR/runs"
}
sym() { awk -v s="$1" '$3 == s { print "0x" $1; exit }' /proc/kallsyms; }
case $ARCH in i386) image=direct-map ;; arm64) image=vmalloc ;; *) image=image ;; esac
# (i386 without PAE has no NX)
if grep -qw nx /proc/cpuinfo || [ "$ARCH" = arm64 ]; then x=x; no=-; else x=x no=x; fi
case $KERNEL in i386-686) no=x ;; esac
t_is "_stext is code" "$(at "$(sym _stext)")" "r-$x $image"
data=$(sym init_task)
if [ -n "$data" ]; then
	t_is "init_task is data" "$(at "$data")" "rw$no $image"
	t_is "what is read-only after boot is" "$(at "$(sym __start_rodata)")" "r-$no $image"
else
	t_skip "init_task" "this kernel tells of no data symbols"
fi
module=$(awk '$1 == "mmscope" { print $6 }' /proc/modules)
case $ARCH in i386) where=vmalloc ;; arm64) where='(modules|vmalloc)' ;; *) where=modules ;; esac
t_ok "the module's text is code" sh -c "echo '$(at "$module")' | grep -qE '^r-x $where\$'"

# --- parts of the image, by /proc/iomem; modules, by /proc/modules ---
mmscope kmap --runs -n -b -o START,END,PHYS,PART >"$T_DIR/parts"
# bounds of PART: physical, as iomem writes them
bounds() {
	grep -E "^ *0x[0-9a-f]+ 0x[0-9a-f]+ +0x[0-9a-f]+ $1\$" "$T_DIR/parts" >"$T_DIR/part" || return 0
	read -r _ _ first _ <"$T_DIR/part"
	tail -n 1 "$T_DIR/part" | {
		read -r start end phys _
		printf '%08x-%08x' "$first" $((phys + end - start - 1))
	}
}
iomem() { sed -n "s/^ *\([0-9a-f]*-[0-9a-f]*\) : Kernel $1\$/\1/p" /proc/iomem; }
part_at() { awk -v a="$(printf '0x%016x' "$1")" 'function wide(h) { h = substr(h, 3); while (length(h) < 16) h = "0" h; return "0x" h }
	wide($1) <= a && a < wide($2) { $1 = $2 = $3 = ""; sub(/^ */, ""); print }' "$T_DIR/parts"; }
t_run mmscope kmap --runs --json
if [ -n "$data" ]; then
	t_expect_grep '"parts_by": "kallsyms"' "parts of the image by its symbols"
	case $ARCH in
	arm64)
		# (there iomem's code ends with the read-only data, and its data with bss)
		for part in text:code data:data; do
			t_is "${part%:*} begins where iomem's Kernel ${part#*:} does" "$(bounds "${part%:*}" | cut -d- -f1)" "$(iomem "${part#*:}" | cut -d- -f1)"
		done
		;;
	*)
		for part in text:code rodata:rodata data:data bss:bss; do
			t_is "${part%:*} is what iomem has as Kernel ${part#*:}" "$(bounds "${part%:*}")" "$(iomem "${part#*:}")"
		done
		;;
	esac
	t_is "init_task is in its data" "$(part_at "$data")" data
	t_is "_stext is in its text" "$(part_at "$(sym _stext)")" text
else
	t_expect_grep '"parts_by": "iomem"' "no data symbols: parts of the image by iomem"
	# (that its physical bounds fit the virtual address of a symbol)
	t_is "_stext is in what iomem has as Kernel code" "$(part_at "$(sym _stext)")" "Kernel code"
	t_is "which is told to its end" "$(bounds "Kernel code" | cut -d- -f2)" "$(iomem code | cut -d- -f2)"
fi
while read -r name _ _ _ _ address _; do
	t_ok "module $name is at its address" sh -c "echo '$(part_at "$address")' | grep -qE '(^|, )$name(,|\$)'"
done </proc/modules

# --- bounds, by what the kernel says of them elsewhere ---
size() { mmscope kmap -n -b --region "$1" -o SIZE | head -n 1 | tr -d ' '; }
# (its VMALLOC_END is the last byte there)
case $ARCH in amd64) less=1 ;; *) less=0 ;; esac
t_is "vmalloc is as large as VmallocTotal" $((($(size vmalloc) - less) / 1024)) "$(awk '/^VmallocTotal/ { print $2 }' /proc/meminfo)"
ram=$(sed -n 's/^ *[0-9a-f]*-\([0-9a-f]*\) : System RAM$/\1/p' /proc/iomem | tail -n 1)
case $ARCH in
amd64) t_is "the direct map ends where /proc/iomem's last memory does" $(($(size direct-map) / 4096)) $(((0x$ram + 1) / 4096)) ;;
esac
if [ "$ARCH" != i386 ]; then
	# (64 bytes for each page of memory; a section of 128 MiB has all of its own: pages of 2 MiB)
	ram=0
	sed -n 's/^\([0-9a-f]*\)-\([0-9a-f]*\) : System RAM$/0x\1 0x\2/p' /proc/iomem >"$T_DIR/ram"
	while read -r first last; do
		ram=$((ram + last - first + 1))
	done <"$T_DIR/ram"
	n=$(mmscope kmap -n -b --region vmemmap -o MAPPED | head -n 1 | tr -d ' ')
	t_ok "vmemmap has a struct page for each of $((ram / 4096)) pages of System RAM, and few more: $n bytes" [ "$n" -ge $((ram / 64)) -a "$n" -le $((ram / 64 + 4194304)) ]
fi
# (arm64: what the bridge said at boot)
io=$(dmesg | sed -n 's/.*pcie: *IO 0x0*\([0-9a-f]*\)\.\.0x0*\([0-9a-f]*\) -> .*/0x\1 0x\2/p' | head -n 1)
if [ "$ARCH" = arm64 ] && [ -n "$io" ]; then
	t_is "PCI-IO is the bridge's window" "$(mmscope kmap --runs -n -b --region PCI-IO -o PHYS,SIZE | awk 'NR == 1 { print $1, $2 }')" \
		"${io% *} $((${io#* } - ${io% *} + 1))"
fi
was=$(cat /proc/sys/kernel/kptr_restrict)
echo 1 >/proc/sys/kernel/kptr_restrict
sed 's/^\(0x[0-9a-f]*\)-\(0x[0-9a-f]*\) .*/\1 \2/' /proc/vmallocinfo | grep -v '^0x0*[ -]' >"$T_DIR/areas"
echo "$was" >/proc/sys/kernel/kptr_restrict
mmscope kmap -n -b -o REGION,START,LAST | awk '!NF { exit } $1 == "vmalloc" || $1 == "modules"' >"$T_DIR/where"
t_ok "some areas of vmallocinfo" [ "$(wc -l <"$T_DIR/areas")" -gt 10 ]
t_is "of $(wc -l <"$T_DIR/areas") areas of vmallocinfo lie elsewhere than in vmalloc or modules" "$(awk 'function wide(h) { h = substr(h, 3); while (length(h) < 16) h = "0" h; return h }
	NR == FNR { first[NR] = wide($2); last[NR] = wide($3); n = NR; next }
	{ in_one = 0; for (i = 1; i <= n; i++) if (wide($1) >= first[i] && wide($1) <= last[i]) in_one = 1; out += !in_one }
	END { print out + 0 }' "$T_DIR/where" "$T_DIR/areas")" 0

# --- i386's gigabyte, by the kernel's boot messages ---
if [ "$ARCH" = i386 ]; then
	t_run mmscope kmap --json
	num() { sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" "$T_OUT" | tail -n 1; }
	said() { dmesg | sed -n "s/.*$1.*/\1/p" | tail -n 1; }
	t_is "lowmem is what was said at boot" "$(printf '%x' "$(num lowmem)")" "$(said ' low ram: 0 - \([0-9a-f]*\)')"
	t_is "LOWMEM, MiB" $(($(num lowmem) / 1048576)) "$(said ' \([0-9]*\)MB LOWMEM available')"
	t_is "HIGHMEM, MiB" $(($(num highmem_spanned) / 1048576)) "$(said ' \([0-9]*\)MB HIGHMEM available')"
	t_is "the hole is 8 MiB, and nothing is in it" "$(num vmalloc_hole) $(num vmalloc_hole_mapped)" "8388608 0"
	t_is "PAGE_OFFSET" "$(num page_offset)" 3221225472
	t_is "the 896 MiB line" $(($(num lowmem_line) / 1048576)) 896
	if [ "$(num highmem_spanned)" -gt 0 ]; then
		t_is "with HighMem lowmem is full: MAXMEM" "$(num maxmem)" "$(num lowmem)"
	else
		t_ok "without HighMem lowmem is less than MAXMEM" [ "$(num lowmem)" -lt "$(num maxmem)" ]
	fi
	t_is "pkmap, fixmap, the CPU entry area are told of" "$(mmscope kmap -n -o REGION | grep -cE '^(pkmap|fixmap|cpu-entry-area)')" 3
	t_run mmscope kmap
	t_expect_grep '^lowmem .* \(high_memory\)$' "in words"
	t_is "no text of the kernel is called data" "$(grep -c 'no code belongs.*direct-map' "$T_OUT" | awk '{ print ($1 <= 1) }')" 1
fi

# --- every run is in the part it says, parts are in order ---
mmscope kmap -n -b -o REGION,START,LAST >"$T_DIR/regions"
awk '!NF { exit } $2 != "-" { print $2 }' "$T_DIR/regions" >"$T_DIR/starts"
t_ok "parts in order" sort -c "$T_DIR/starts"
t_run mmscope kmap --tree
t_expect_status 0
t_expect_grep '^direct-map ' "a tree"
t_ok "on 80 columns" [ "$(awk '{ if (length > n) n = length } END { print n + 0 }' "$T_OUT")" -le 80 ]
t_run mmscope kmap
t_ok "parts on 80 columns" [ "$(sed '/^$/,$d' "$T_OUT" | awk '{ if (length > n) n = length } END { print n + 0 }')" -le 80 ]

# --- the kernel's own dump, where it has one (CONFIG_PTDUMP_DEBUGFS) ---
dump=/sys/kernel/debug/page_tables/kernel
[ -e $dump ] || dump=/sys/kernel/debug/kernel_page_tables
if [ -e $dump ] && [ "$ARCH" = amd64 ]; then
	# START END rights page; neighbours alike are one there, too; what is not mapped is left out
	wanted='direct-map|image|cpu-entry-area|fixmap'
	# (pages of the direct map that DEBUG_PAGEALLOC takes and gives are writable and not executable)
	still() { awk '$NF != "D" || $3 != "w-" { NF--; print }'; }
	cat $dump >"$T_DIR/dump"
	# (runs of the image are told part by part: put together again)
	mmscope kmap --runs -n -b -o START,END,RIGHTS,PAGE,GLOBAL,CACHE,REGION | grep -E "^ *0x.* ($wanted)\$" |
		awk '{ key = $3 " " $4 " " $5 " " $6 " " $7 }
			$1 == end && key == last { end = $2; next }
			last { print start, end, last }
			{ start = $1; end = $2; last = key }
			END { print start, end, last }' |
		awk '{ g = $5 == "yes" ? "GLB" : "-"; c = $6 == "WB" ? "-" : "UC"; print $1, $2, substr($3, 2, 2), $4, g, c, ($NF == "direct-map" ? "D" : "-") }' |
		still >"$T_DIR/ours"
	awk '/^---/ { on = /Low Kernel|High Kernel|CPU entry|Fixmap/ ; direct = /Low Kernel/; next }
		on && / (pte|pmd|pud)$/ && / (RW|ro) / {
			split($1, a, "-")
			r = (/ RW / ? "w" : "-") (/ NX / ? "-" : "x")
			page = $NF == "pte" ? 4096 : $NF == "pmd" ? 2097152 : 1073741824
			print a[1], a[2], r, page, (/ GLB / ? "GLB" : "-"), (/ PCD / ? "UC" : "-"),
				(direct ? "D" : "-")
		}' "$T_DIR/dump" | still >"$T_DIR/theirs"
	t_ok "the kernel's dump has as much" [ "$(wc -l <"$T_DIR/theirs")" -gt 20 ]
	t_ok "region by region, right by right: $(wc -l <"$T_DIR/theirs") runs as the kernel's own page_tables has them" \
		diff "$T_DIR/theirs" "$T_DIR/ours"
else
	t_skip "the kernel's own page_tables" "this kernel has no CONFIG_PTDUMP_DEBUGFS"
fi

# --- walk kernel ---
t_run mmscope walk kernel _stext
t_expect_status 0 "walk kernel SYMBOL"
t_expect_grep 'software MMU agrees' "and the software MMU agrees"
t_expect_grep 'symbol _stext$' "and its symbol"
t_run mmscope walk kernel "$(sym _stext)"
t_expect_status 0 "walk kernel ADDR"
t_run mmscope walk kernel no_such_symbol
t_expect_status 1
t_expect_err "no symbol 'no_such_symbol'" "a symbol that is not there is named"
t_run mmscope walk kernel 0x1000
t_expect_status 1
t_expect_err 'not of the kernel' "an address of user mode is named"

# --- bad input, other sources ---
t_run mmscope kmap --region nowhere
t_expect_status 2 "an unknown part is a usage error"
case $ARCH in
amd64) absent=pkmap ;;
*) absent=image ;;
esac
t_run mmscope kmap --region $absent
t_expect_status 1 "a part that is not here"
t_expect_err "have no part '$absent'" "is named"
t_run mmscope kmap --runs --tree
t_expect_status 2 "two pictures at once are a usage error"
t_run mmscope kmap --source procfs --runs
t_expect_status 1 "/proc has no page tables of the kernel"
t_ok "and that is said" [ -s "$T_ERR" ]
t_run mmscope kmap --source procfs
t_expect_status 0 "what /proc alone has"
t_expect_grep '^by /proc alone: no page table was read' "which is said"
t_ok "on 80 columns, too" [ "$(awk '{ if (length > n) n = length } END { print n + 0 }' "$T_OUT")" -le 80 ]
t_run mmscope kmap --source procfs -n -b -o REGION,SIZE,BY
t_is "vmalloc by meminfo" "$(awk '$1 == "vmalloc" { print $2 / 1024, $3 }' "$T_OUT")" "$(awk '/^VmallocTotal/ { print $2 + 0, "meminfo" }' /proc/meminfo)"
t_is "the modules' sizes" "$(awk '$1 == "modules" { print $2 }' "$T_OUT")" "$(awk '{ n += $2 } END { print n }' /proc/modules)"
t_run doors nobody mmscope kmap
t_expect_status 0 "without privilege /proc has to do"
t_expect_grep '^parts of the image are not known: /proc/kallsyms hides addresses' "and what is hidden is said"
t_run doors nobody mmscope kmap --runs
t_expect_status 1 "the tables are not for everybody"
t_run mmscope record --machine "$T_DIR/k.mms"
t_run mmscope --from "$T_DIR/k.mms" verify --kernel
t_expect_status 0 "a capture is verified, too"
t_run mmscope --from "$T_DIR/k.mms" kmap
t_expect_status 0 "a capture is shown"
