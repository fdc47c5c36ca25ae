#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The module alone: its files, its text, whom it refuses, what it survives.
# shellcheck source=/dev/null
. /tests/lib.sh
D=/sys/kernel/debug/mmscope

# ask PID-LINE FILE: one request on one open file, the answer on stdout
ask() {
	sh -c 'exec 3<>"$2" && echo "$1" >&3 && cat <&3' ask "$1" "$D/$2"
}

t_run cat $D/status
t_expect_status 0
t_expect_grep '^abi 1$'
# what this kernel was configured with decides what can be had, and how
reason=
if [ "$(t_config KALLSYMS_ALL)" = y ]; then
	t_expect_grep '^symbol huge_zero_pfn +kprobe$' "a data symbol was found by a refused kprobe"
else
	t_expect_grep '^symbol huge_zero_pfn +not found$' "a kernel without KALLSYMS_ALL names no data symbol"
	[ "$(t_config TRANSPARENT_HUGEPAGE)" != y ] ||
		reason="; no symbol huge_zero_pfn: huge zero pages are not told apart"
fi
if [ "$(t_config DEBUG_INFO_BTF)" = y ]; then
	t_expect_grep '^btf ok, [0-9]{5,} types$' "the kernel's BTF was read"
	how='not found'	# and so it was read from /sys/kernel/btf/vmlinux
	[ "$(t_config KALLSYMS_ALL)" != y ] || how=kprobe
	t_expect_grep "^symbol __start_BTF +$how\$" "the BTF's symbol: $how"
else
	why='no BTF in this kernel (CONFIG_DEBUG_INFO_BTF=n)'
	t_is "there is no BTF, and that is said" "$(sed -n 's/^btf //p' "$T_OUT")" "$why, 0 types"
	t_ok "indeed there is none" [ ! -e /sys/kernel/btf/vmlinux ]
	reason="; layouts not checked: $why$reason"
fi
state=ok
[ -z "$reason" ] || state="partial: works$reason"
for c in vma pgtable; do
	t_is "collector $c: $state" "$(sed -n "s/^collector $c  *//p" "$T_OUT")" "$state"
done

t_is "directory is 0700" "$(stat -c %a $D)" 700
t_is "streams are 0700" "$(stat -c %a $D/stream)" 700
t_is "status is 0400" "$(stat -c %a $D/status)" 400
t_is "vma is 0600" "$(stat -c %a $D/vma)" 600

# Unasked, a file shows its own reader.
t_run cat $D/vma
t_expect_status 0
t_expect_grep 'name="\[stack\]"'
t_expect_grep '^end end=0 error=0 records=[0-9]+ '

# The VMAs of another process are those of its maps.
sleep 1000 &
pid=$!
t_wait 5 grep -q busybox /proc/$pid/maps
ask $pid vma | sed -n 's/^vma start=0x\([0-9a-f]*\) end=0x\([0-9a-f]*\) .*/\1-\2/p' >"$T_DIR/ours"
grep -v vsyscall /proc/$pid/maps | sed 's/^0*\([0-9a-f]*\)-0*\([0-9a-f]*\) .*/\1-\2/' >"$T_DIR/theirs"
t_ok "VMAs equal /proc/PID/maps" cmp "$T_DIR/ours" "$T_DIR/theirs"
t_ok "and there are some" [ "$(wc -l <"$T_DIR/ours")" -gt 5 ]

# the page with the program's headers: the C library has read it
first=$(awk '/busybox/ { sub(/^0+/, ""); split($1, a, "-"); print "0x" a[1]; exit }' /proc/$pid/maps)
t_run ask "$pid $first $(printf '0x%x' $((first + 4096))) tables holes" pgtable
t_expect_status 0
t_expect_grep '^context root_pa=0x[0-9a-f]+ '
t_expect_grep " levels=$(t_levels) va_bits=" "levels as configured"
t_is "a table of every level" "$(sed -n 's/^table level=\([0-9]\) .*/\1/p' "$T_OUT" | xargs)" "$(seq "$(t_levels)" -1 1 | xargs)"
t_expect_grep "^extent va=$first len=0x1000 state=present pa=$(printf '0x%x' $(($(pagemap $pid "$first") * 4096))) " \
	"the page is pagemap's"
kill $pid

# A process that is gone before it is read: said, nothing else.
sleep 1000 &
pid=$!
exec 3<>$D/pgtable
echo $pid >&3
kill -9 $pid
wait $pid 2>/dev/null
cat <&3 >"$T_DIR/gone"
exec 3<&-
t_ok "a process that exited is told apart" grep -q '^end end=1 error=0 records=0 ' "$T_DIR/gone"

t_run ask 99999999 vma
t_expect_err 'No such process' "no such PID"
t_run ask 2 vma
t_expect_err 'No such device or address' "a kernel thread has no user memory"
t_run ask "one" vma
t_expect_err 'Invalid argument' "words are no PID"
t_run ask "1 0x2000 0x1000" pgtable
t_expect_err 'Invalid argument' "an end before its start"
t_run ask "1 0x1000 0x2000 0x3000" pgtable
t_expect_err 'Invalid argument' "three numbers too many"
t_run ask "1 0xffff800000000000" pgtable
t_expect_err 'Invalid argument' "a kernel address is not user memory"
t_run sh -c "head -c 31 /dev/zero >$D/stream/vma"
t_expect_err 'Invalid argument' "a short binary request"
t_run sh -c "head -c 32 /dev/zero >$D/stream/vma"
t_expect_err 'Invalid argument' "a binary request without its size"

# After a refused question there is no answer, above all not the reader's own.
t_run sh -c "exec 3<>$D/pgtable; echo words >&3; cat <&3"
t_expect_err 'cat: .*Invalid argument' "reading after a refused question is refused, too"
t_is "and shows nothing" "$(wc -c <"$T_OUT")" 0

for who in nobody nocap userns; do
	for file in status vma stream/pgtable; do
		t_run doors $who cat $D/$file
		t_expect_status 1 "$who may not read $file"
		t_is "$who sees nothing of $file" "$(wc -c <"$T_OUT")" 0
	done
done

# Busy while a file is open, and free again after.
exec 3<$D/vma
t_run rmmod mmscope
t_expect_status 1 "rmmod refused while a reader has a file open"
exec 3<&-
for i in 1 2 3 4 5 6 7 8 9 10; do
	rmmod mmscope || t_fail "rmmod, round $i"
	[ ! -e $D ] || t_fail "$D is gone after rmmod, round $i"
	insmod /lib/mmscope.ko || t_fail "insmod, round $i"
done
t_ok "ten times unloaded and loaded" [ -e $D/status ]
t_run insmod /lib/mmscope.ko hold_us=50
rmmod mmscope
insmod /lib/mmscope.ko hold_us=50
t_ok "hold_us is taken" grep -q '^hold_us 50$' $D/status
rmmod mmscope
insmod /lib/mmscope.ko
