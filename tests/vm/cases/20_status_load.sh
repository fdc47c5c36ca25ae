#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# status, load, unload; what is left without the module, and without debugfs.
# shellcheck source=/dev/null
. /tests/lib.sh
D=/sys/kernel/debug/mmscope
REL=$(uname -r | sed 's/[.+]/\\&/g')	# as a regular expression

# one_line REGEX NAME: stderr is a single line, and says REGEX
one_line() {
	t_rc=0
	[ "$(wc -l <"$T_ERR")" -eq 1 ] && grep -Eq -e "$1" "$T_ERR" || t_rc=1
	t_verdict $t_rc "$2"
}

t_run mmscope status
t_expect_status 0
t_expect_empty
t_expect_grep "on kernel $REL\$" "status names the kernel"
for c in vma pgtable; do
	want=$(sed -n "s/^collector $c  *\([^ :]*\).*/\1/p" $D/status)
	t_expect_grep "^$c +$want( |\$)" "status has collector $c as debugfs has it: $want"
	reason=$(sed -n "s/^collector $c  *[^ :]*: //p" $D/status)
	t_is "status has its reason: $reason" "$(sed -n "s/^$c  *$want *//p" "$T_OUT")" "${reason:--}"
done
t_expect_grep "^sources: module \($(grep -Ec '^collector [a-z]+ +(ok|partial)' $D/status) of $(grep -c '^collector ' $D/status) collectors" \
	"status counts those that work"
t_run mmscope status --json
t_expect_grep '"module_abi": 1,' "status --json tells the ABI"

t_run mmscope load
t_expect_status 0 "load, when it is loaded, is no failure"
t_expect_grep 'already loaded' "and says so"

# --- a reader keeps it busy ---
sleep 1000 3<$D/vma &
holder=$!
t_wait 5 test -e /proc/$holder/fd/3
t_run mmscope unload
t_expect_status 1 "unload, while a reader has a file open, is refused"
one_line "in use.*PID $holder\\b" "and names the reader's PID in one line"
t_ok "the module is still there" grep -q '^mmscope ' /proc/modules
kill $holder
wait $holder 2>/dev/null

t_run mmscope unload
t_expect_status 0
t_ok "unload unloads" ! grep -q '^mmscope ' /proc/modules
t_run mmscope unload
t_expect_status 1 "a second unload fails"
one_line 'not loaded' "and says why in one line"

# --- without the module ---
t_run mmscope status
t_expect_status 1 "status without the module: 1"
t_expect_grep 'not loaded.*mmscope load' "status says what to do"
t_run mmscope map 1
t_expect_status 0 "map without the module"
one_line 'not loaded.*mmscope load.*reading /proc instead' "map says in one line that it reads /proc"
# [vsyscall] is no VMA of the process
want=$(grep -vc vsyscall /proc/1/maps)
t_run mmscope map -n -o START,CLASS,RSS 1
t_is "and shows every VMA" "$(sed '/^$/q' "$T_OUT" | grep -c '^ *0x')" "$want"
t_run mmscope oom
t_expect_status 0 "oom without the module"
t_expect_grep ' init +' "oom without the module lists PID 1"
t_run mmscope record "$T_DIR/p.mms" 1
t_expect_status 0 "record without the module"
one_line 'reading /proc instead' "record says in one line that it reads /proc"
t_run mmscope --from "$T_DIR/p.mms" map -n -o START 1
t_is "what was recorded has every VMA" "$(sed '/^$/q' "$T_OUT" | grep -c '^ *0x')" "$want"
t_run mmscope verify 1
t_expect_status 1 "verify without the module: 1"
t_expect_err 'mmscope load' "verify says that the module is needed"
t_run mmscope verify --all
t_expect_status 1 "verify --all without the module: 1"
t_is "verify --all says it once" "$(grep -c 'page tables are not in /proc' "$T_ERR")" 1
start=$(sed -n 's/^\([0-9a-f]*\)-.*/\1/p;q' /proc/1/maps)
t_run mmscope walk 1 "$start"
t_expect_status 0 "walk without the module shows what pagemap knows"
one_line 'not loaded.*mmscope load.*reading /proc instead' "walk says in one line that it reads /proc"
t_expect_grep "^physical address +$(printf '0x%x' $(($(pagemap 1 "$start") * 4096)))\$" "and that is pagemap's frame"
t_expect_grep 'no levels: .*only the module reads them' "walk says that the levels need the module"
t_run mmscope map --source module 1
t_expect_status 1 "--source module without the module: 1"
one_line 'mmscope load' "and says what to do, in one line"

# A process with much empty reserve, as every Go or Java program has.
workload >"$T_DIR/facts" &
pid=$!
t_wait 20 grep -q ready=1 "$T_DIR/facts"
t_run timeout $((8 * ${MMSCOPE_SLOW:-1})) mmscope map $pid
t_expect_status 0 "map without the module ends in 8 s for a process that reserves $(($(sed -n 's/^reserve_len=//p' "$T_DIR/facts") >> 30)) GiB"
kill $pid

# --- files that are no module for this kernel ---
mkdir "$T_DIR/m"
bad=$T_DIR/m/mmscope.ko
t_run mmscope load "$T_DIR/m/none.ko"
t_expect_status 1 "load of a file that is not there: 1"
one_line 'none.ko: No such file' "and one line says so"
echo garbage >"$bad"
t_run mmscope load "$bad"
t_expect_status 1 "load of garbage: 1"
one_line 'no whole module file' "and one line says what is wrong"
head -c 20000 /lib/mmscope.ko >"$bad"
t_run mmscope load "$bad"
t_expect_status 1 "load of half a module: 1"
one_line 'no whole module file' "and one line says what is wrong with it"
# another kernel's: a word of the version magic, of the same length, that with MODVERSIONS counts too
sed 's/mod_unload /mod_unloaX /' /lib/mmscope.ko >"$bad"
t_ok "the version magic was changed" ! cmp -s "$bad" /lib/mmscope.ko
t_run mmscope load "$bad"
t_expect_status 1 "load of a module for another kernel: 1"
one_line "built for '$REL .*mod_unloaX.*this kernel is $REL" "one line names both kernels"
t_ok "and nothing was loaded" ! grep -q '^mmscope ' /proc/modules
t_run mmscope load "$bad" "$bad"
t_expect_status 2 "load of two files: 2"

t_run mmscope load
t_expect_status 0
t_ok "load loads" grep -q '^mmscope ' /proc/modules
t_run mmscope unload
t_run mmscope load /lib/mmscope.ko
t_expect_status 0 "load of a named file"

# --- debugfs is not mounted ---
# (lazily: guest.sh holds files of kmemleak open where there is one)
umount -l /sys/kernel/debug
t_run mmscope status
t_expect_status 1 "status without debugfs: 1"
t_expect_grep 'debugfs is not mounted.*mount -t debugfs' "status names the remedy"
t_run mmscope map 1
t_expect_status 0 "map without debugfs"
one_line 'debugfs is not mounted.*mount -t debugfs.*reading /proc' "map names the remedy in one line"
t_run mmscope verify 1
t_expect_status 1 "verify without debugfs: 1"
for cmd in "verify 1" "walk 1 $start"; do
	# shellcheck disable=SC2086 # words
	t_run mmscope $cmd
	t_expect_err 'mount -t debugfs' "${cmd%% *} names the remedy"
	# it is loaded: to load it is no remedy
	t_ok "${cmd%% *} names no wrong remedy" ! grep -q 'load the module' "$T_ERR" "$T_OUT"
done
mount -t debugfs debugfs /sys/kernel/debug
t_run mmscope status
t_expect_status 0 "debugfs is back, and so is all else"
