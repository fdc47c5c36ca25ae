#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The detector is tested itself: each kind of fault that tests/vm/modules/plant can plant on this kernel must be among
# what scripts/vm calls a complaint, and a boot with none must not be.
# One boot takes all kinds but the stalls, which have another; scripts/vm's own patterns are then asked about each
# kind's part of the console log.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$REPO/tests/vm/lib.sh"
export MMSCOPE_NO_BUILD=1
BUILD=${MMSCOPE_BUILD:-$REPO/build}

# How the kernel words each kind (from its sources, not from a log of ours).
declare -A WORDS=(
	[lock_abba]='possible circular locking dependency detected'
	[lock_recursive]='possible recursive locking detected'
	[lock_irq]='inconsistent lock state'
	[lock_unbalanced]='bad unlock balance detected'
	[lock_freed]='held lock freed'
	[lock_no_key]='trying to register non-static key'
	[rcu_unlocked]='suspicious RCU usage'
	[lock_kept]='lock held when returning to user space'
	[sleep_in_atomic]='sleeping function called from invalid context'
	[schedule_in_atomic]='scheduling while atomic'
	[cpu_unpinned]='using smp_processor_id\(\) in preemptible'
	[warn]='WARNING: .*plant'
	[warn_once]='WARNING: .*plant'
	[refcount]='refcount_t: underflow'
	[timer_init]='ODEBUG: init active .*timer_list'
	[timer_free]='ODEBUG: free active .*timer_list'
	[ubsan_bounds]='UBSAN: array-index-out-of-bounds'
	[ubsan_shift]='UBSAN: shift-out-of-bounds'
	[leak]='unreferenced object'
	[kasan_uaf]='KASAN: (slab-)?use-after-free'
	[kasan_slab]='KASAN: slab-out-of-bounds'
	[kasan_stack]='KASAN: stack-out-of-bounds'
	[kasan_global]='KASAN: global-out-of-bounds'
	[kasan_vmalloc]='KASAN: vmalloc-out-of-bounds'
	[double_free]='KASAN: double-free'
	[slab_redzone]='BUG planted .*Redzone overwritten'
	[slab_left]='BUG planted_left .*Objects remaining'
	[bad_page]='BUG: Bad page state'
	[rcu_stall]='self-detected stall|detected stalls on'
	[soft_lockup]='soft lockup - CPU#[0-9] stuck'
	[hung_task]='INFO: task .* blocked for more than'
	[list]='list_(add|del) corruption'
	[bug]='[kK]ernel BUG at '
	[null]='NULL pointer dereference|null-ptr-deref|Unable to handle kernel'
	[wild]='general protection fault|unable to handle|Unable to handle kernel'
	[page_uaf]='unable to handle page fault|Unable to handle kernel paging'
	[stack]='stack guard page was hit|stack overflow|double fault'
)

cat >"$T_DIR/plant.sh" <<'END'
insmod /lib/plant.ko || exit
plant=/sys/kernel/debug/plant
cat $plant
[ "$1" != none ] || exit 0
echo 0 >/proc/sys/kernel/panic_on_oops
say() { echo "<4>plant: $*" >/dev/kmsg; }
set_limit() { [ ! -w "$1" ] || echo "$2" >"$1"; }
cat $plant | while read -r kind _ there; do
	[ "$there" = yes ] || continue
	case $1,$kind in
	stalls,rcu_stall | stalls,soft_lockup | stalls,hung_task) ;;
	stalls,* | *,rcu_stall | *,soft_lockup | *,hung_task) continue ;;
	esac
	case $kind in
	rcu_stall) set_limit /sys/module/rcupdate/parameters/rcu_cpu_stall_timeout 3 ;;
	soft_lockup)
		set_limit /sys/module/rcupdate/parameters/rcu_cpu_stall_timeout 60
		set_limit /proc/sys/kernel/watchdog_thresh 1 ;;
	hung_task)
		set_limit /proc/sys/kernel/watchdog_thresh 30
		set_limit /proc/sys/kernel/hung_task_timeout_secs 2 ;;
	esac
	say "begin $kind"
	sh -c "echo $kind >$plant"
	[ $kind != leak ] || { . /tests/kmemleak.sh; kmemleak_open && kmemleak_report 5; }
	say "end $kind"
done
END

vm() {
	"$REPO/scripts/vm" run --kernel "$KERNEL" --no-load --no-tool --keep --mem 2G --append kasan_multi_shot \
		--timeout 120 --add "$BUILD/kernels/$KERNEL/plant.ko:/lib/plant.ko" \
		--add "$REPO/tests/vm/kmemleak.sh:/tests/kmemleak.sh" --add "$T_DIR/plant.sh" "$@"
}

t_run vm --cpus 1 -- sh plant.sh none
t_expect_status 0 "no fault, no complaint"
t_expect_grep '^warn CONFIG_BUG yes$' "plant.ko says what it can plant"
cp "$T_OUT" "$T_DIR/kinds"

t_run vm --cpus 1 -- sh plant.sh faults
t_expect_status 122 "a kernel with faults planted is one that complains"
sed -n 's/^vm: console log: //p' "$T_ERR" | tail -n 1 >"$T_DIR/logs"
t_run vm --cpus 2 -- sh plant.sh stalls
t_expect_status 122 "so is one with stalls"
sed -n 's/^vm: console log: //p' "$T_ERR" | tail -n 1 >>"$T_DIR/logs"

# scripts/vm's own patterns
SPLAT='' BENIGN=''
eval "$(grep -E '^(SPLAT|BENIGN)=' "$REPO/scripts/vm")"
t_ok "scripts/vm has its patterns where this test looks for them" [ -n "$SPLAT" -a -n "$BENIGN" ]

part() { xargs cat <"$T_DIR/logs" | tr -d '\r' | awk -v k="$1" '$0 ~ "plant: end " k "$" { exit } on; $0 ~ "plant: begin " k "$" { on = 1 }'; }

while read -r kind needs there; do
	if [ "$there" != yes ]; then
		if [ "$KERNEL" = debug ]; then
			t_fail "$kind can be planted" "the debug kernel lacks $needs"
		else
			t_skip "$kind is noticed" "this kernel has no $needs"
		fi
		continue
	fi
	part "$kind" >"$T_DIR/part"
	if grep -aE "$SPLAT" "$T_DIR/part" | grep -avE "$BENIGN" | grep -aqE "${WORDS[$kind]-^}"; then
		t_pass "$kind is noticed"
	else
		t_fail "$kind is noticed" "expected among the complaints: ${WORDS[$kind]}
this part of $(xargs <"$T_DIR/logs"):"
		head -n 20 "$T_DIR/part" | cut -c 1-160 | sed 's/^/#   /'
	fi
done <"$T_DIR/kinds"
t_is "each kind that plant.ko knows has words, and the other way round" \
	"$(cut -d' ' -f1 "$T_DIR/kinds" | sort | xargs)" "$(printf '%s\n' "${!WORDS[@]}" | sort | xargs)"
