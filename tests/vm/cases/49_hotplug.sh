#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The census while a block of memory goes off and on line: nothing breaks, and each answer's sum is that of one moment, or says that
# it is not.
# collectors: frames
# archs: amd64 arm64
# shellcheck source=/dev/null
. /tests/lib.sh

t_quiet
M=/sys/devices/system/memory
present() { awk '$1 == "present" { n += $2 } END { print n }' /proc/zoneinfo; }
sum() { sed -n 's/^\([0-9]*\) frames present.*/\1/p' "$T_OUT"; }

# a block that can go: the kernel finds its pages another place
block=
for b in $(printf '%s\n' $M/memory[0-9]* | sort -r -V 2>/dev/null || ls -rd $M/memory[0-9]*); do
	if grep -q '^online' "$b/state" && echo offline 2>/dev/null >"$b/state" && grep -q offline "$b/state"; then
		block=$b
		break
	fi
done
if [ -z "$block" ]; then
	t_skip "a block goes off line" "none of $(echo $M/memory[0-9]* | wc -w) blocks can"
	exit 0
fi
size=$((0x$(cat $M/block_size_bytes) / 4096))
t_note "${block##*/}, $size frames"
t_run mmscope frames
t_expect_status 0
t_is "off line: the sum is zoneinfo's" "$(sum)" "$(present)"
# (arm64 has holes in it, too)
t_is "off line: its frames are told so" "$(awk '$1 == "offline-block" { print $2 }' "$T_OUT")" "$size"
t_expect_no_grep '^Moved' "still: not moved"
echo online >"$block/state"
t_run mmscope frames
t_is "on line: the sum is zoneinfo's" "$(sum)" "$(present)"
t_expect_no_grep '^offline-block' "on line: none is off line"

# on and off, as fast as it goes, while it is counted: all frames, or all but the block's, or said to be of two moments
(while :; do
	echo offline >"$block/state"
	echo online >"$block/state"
done 2>/dev/null) &
pid=$!
all=$(sum)
right=0 moved=0 wrong=0
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
	t_run mmscope frames
	if [ "$T_STATUS" -ne 0 ]; then
		wrong=$((wrong + 1))
		t_show
	elif grep -q '^Moved' "$T_OUT"; then
		moved=$((moved + 1))
	elif [ "$(sum)" = "$all" ] || [ "$(sum)" = $((all - size)) ]; then
		right=$((right + 1))
	else
		wrong=$((wrong + 1))
		t_note "$try: $(sum) frames present; all are $all, without the block $((all - size))"
	fi
done
kill $pid
wait $pid 2>/dev/null
t_is "of $try answers none is of no moment ($right are, $moved say moved)" "$wrong" 0
echo online 2>/dev/null >"$block/state"
t_note "$moved answers met it on the way (how many is chance: none is no fault)"
t_run mmscope frames
t_is "at last: the sum is zoneinfo's" "$(sum)" "$(present)"
