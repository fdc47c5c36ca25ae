# SPDX-License-Identifier: GPL-2.0
# Each memory allocation on the way of $FAILNTH (what failnth tries) fails once: the answer is an error or right, and
# nothing leaks. For the cases 86 and 87.
# shellcheck shell=sh
F=/sys/kernel/debug

if [ ! -e /proc/self/fail-nth ] || [ ! -d $F/failslab ] || [ ! -d $F/fail_page_alloc ]; then
	t_skip "allocations that fail" "this kernel cannot inject faults (CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC)"
	exit 0
fi
# Requests that may wait are what a module makes: let them fail, too. One that fails is not told on the console.
for f in $F/failslab $F/fail_page_alloc; do
	echo N >"$f/ignore-gfp-wait"
	echo 0 >"$f/verbose"
done
echo N >$F/fail_page_alloc/ignore-gfp-highmem
echo 0 >$F/fail_page_alloc/min-order
if [ -e $F/kmemleak ]; then echo clear >$F/kmemleak; fi
# the target shall stay as it is
thp=/sys/kernel/mm/transparent_hugepage/enabled
was=
if [ -e $thp ]; then
	was=$(sed 's/.*\[\(.*\)\].*/\1/' $thp)
	echo never >$thp
fi
# one batch, one answer, as far as that goes
rmmod mmscope
insmod /lib/mmscope.ko hold_us=10000

for what in $FAILNTH; do
	t_run failnth "$what"
	t_ok "failnth $what came to its end" [ "$T_STATUS" -le 1 ]
	while read -r line; do
		case $line in
		wrong*) t_note "$line" ;;
		*" sites=0 "*) t_fail "$line" ;;
		op=*" wrong=0 "*) t_pass "$line" ;;
		op=*) t_fail "$line" ;;
		esac
	done <"$T_OUT"
	t_ok "failnth $what tried something" grep -q '^op=' "$T_OUT"
	[ "$T_STATUS" -eq 0 ] || t_show
done

# With the module loaded: its own functions are named then.
if [ ! -e $F/kmemleak ]; then
	t_skip "nothing leaked" "this kernel has no kmemleak"
else
	t_ok "kmemleak looks" sh -c "echo scan >$F/kmemleak"
	sleep 6 # it passes over what is younger than 5 s
	echo scan >$F/kmemleak
	t_is "nothing leaked" "$(grep -c 'unreferenced object' $F/kmemleak)" 0
	head -n 60 $F/kmemleak | sed 's/^/# /'
fi
rmmod mmscope
insmod /lib/mmscope.ko
[ -z "$was" ] || echo "$was" >$thp
