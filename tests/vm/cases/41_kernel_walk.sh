#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# walk in the kernel's half: symbols lie where /proc/iomem has the kernel, with the rights that its sections have; the
# module's own text; holes. (QEMU's MMU is asked about others in 20_qemu_mmu.)
# collectors: pgtable
# views: walk-kernel
# shellcheck source=/dev/null
. /tests/lib.sh

# json KEY: its values in the last answer
json() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$T_OUT" | xargs; }
symbol() { awk -v s="$1" '$3 == s { print "0x" $1; exit }' /proc/kallsyms; }
# within NAME PA: is it in this part of /proc/iomem?
within() {
	range=$(sed -n "s/^ *\([0-9a-f]*-[0-9a-f]*\) : $1\$/\1/p" /proc/iomem)
	[ $(($2)) -ge $((0x${range%-*})) ] && [ $(($2)) -le $((0x${range#*-})) ]
}

# mapped NAME ADDR RIGHTS: the walk succeeds, and the software MMU agrees
mapped() {
	t_run mmscope walk --json $$ "$2"
	t_expect_status 0 "$1: walked"
	t_is "$1: the software MMU agrees" "$(json agrees)" yes
	t_is "$1: rights" "$(json rights)" "$3 for the kernel only"
	case $3 in
	r-x) want="null refused null" ;;
	r--) want="null refused refused" ;;
	rw-) want="null null refused" ;;
	esac
	t_is "$1: kernel read, write, fetch" "$(json code | sed 's/[0-9]\{1,\}/refused/g')" "$want"
	t_expect_grep "the kernel's half" "$1: no VMA, and why"
}
# hole NAME ADDR
hole() {
	t_run mmscope walk --json $$ "$2"
	t_expect_status 1 "$1: not mapped"
	t_is "$1: the software MMU agrees" "$(json agrees)" yes
}

t_ok "kallsyms shows addresses" [ "$(($(symbol _stext)))" -ne 0 ]
mapped "_stext" "$(symbol _stext)" r-x
t_ok "_stext lies in the kernel's code" within "Kernel code" "$(json pa)"
pa=$(json pa)
# (the code's first symbol and the next ones are pieces of one image)
next=$(printf '0x%x' $(($(symbol _stext) + 0x3123)))
mapped "an address in the code" "$next" r-x
t_is "an address in the code: as far from _stext in memory" "$(json pa)" "$(printf '0x%x' $((pa + 0x3123)))"
data=$(symbol _sdata)
if [ -n "$data" ]; then
	mapped "_sdata" "$data" rw-
	t_ok "_sdata lies in the kernel's data" within "Kernel data" "$(json pa)"
	mapped "__start_rodata" "$(symbol __start_rodata)" r--
else
	t_skip "data" "this kernel's symbols are of code alone (CONFIG_KALLSYMS_ALL)"
fi
mapped "this module's text" "$(awk '$1 == "mmscope" { print $6 }' /proc/modules)" r-x
case $ARCH in
i386) last=0xffffffff first=$(t_config PAGE_OFFSET) ;;
arm64) last=0xffffffffffffffff first=$(printf '0x%x' $((-1 << $(t_config ARM64_VA_BITS)))) ;;
amd64) last=0xffffffffffffffff first=$(printf '0x%x' $((-1 << ($(t_levels) == 5 ? 56 : 47)))) ;;
esac
hole "the last address" "$last"
case $ARCH in
amd64) hole "the kernel's first address" "$first" ;;
*)
	t_run mmscope walk --json $$ "$first"
	t_is "the kernel's first address: the software MMU agrees" "$(json agrees)" yes
	# lowmem begins there
	[ "$ARCH" != i386 ] || t_is "the kernel's first address: physical 0" "$(json pa)" 0
	;;
esac

t_run mmscope walk $$ "$(symbol _stext)"
t_expect_grep '^kernel write .* oops' "the table says what Linux does"
mmscope record "$T_DIR/c.mms" $$ >/dev/null
t_run mmscope --from "$T_DIR/c.mms" walk $$ "$(symbol _stext)"
t_expect_status 1 "a capture has no kernel addresses: 1"
t_is "in one line" "$(cat "$T_OUT" "$T_ERR" | wc -l)" 1
