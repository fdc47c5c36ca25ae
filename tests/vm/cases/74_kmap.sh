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

# --- every run is in the part it says, parts are in order ---
mmscope kmap -n -b -o REGION,START,LAST >"$T_DIR/parts"
awk '!NF { exit } $2 != "-" { print $2 }' "$T_DIR/parts" >"$T_DIR/starts"
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
	mmscope kmap --runs -n -b -o START,END,RIGHTS,PAGE,GLOBAL,CACHE,REGION | grep -E "^ *0x.* ($wanted)\$" |
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
t_run mmscope kmap --runs --tree
t_expect_status 2 "two pictures at once are a usage error"
t_run mmscope kmap --source procfs
t_expect_status 1 "/proc has no page tables of the kernel"
t_ok "and that is said" [ -s "$T_ERR" ]
t_run mmscope record --machine "$T_DIR/k.mms"
t_run mmscope --from "$T_DIR/k.mms" verify --kernel
t_expect_status 0 "a capture is verified, too"
t_run mmscope --from "$T_DIR/k.mms" kmap
t_expect_status 0 "a capture is shown"
