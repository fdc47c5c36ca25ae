#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# mmscope frame while frames come and go: freed and mapped again without end, broken, taken off with their block.
# collectors: frame
# vm: --timeout 600 --env CASE_TIMEOUT=560
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet
PATH=$PATH:/bin

json() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$T_OUT" | head -n 1; }
# the proved mappings of the last answer, as pfnscan prints them
json_maps() {
	awk '/"mappings": *\[/ { m = 1 } !m { next } { v = $2; gsub(/[",]/, "", v) }
		$1 == "\"pid\":" { p = v } $1 == "\"va\":" { a = substr(v, 3) }
		$1 == "\"state\":" && v == "maps" { print p, a }' "$T_OUT"
}

# --- blocks of memory ---------------------------------------------------------------------------------------------

# offline SECONDS BLOCK: is it taken off?  What is in it may stay in it.
offline() { timeout "$1" sh -c "echo offline >$2/state" 2>/dev/null && grep -q offline "$2/state"; }
# the last ones first, four at most: what cannot be moved is in the first ones
block='' all='' n=0
for b in /sys/devices/system/memory/memory[0-9]*; do all="$b $all"; done
for b in $all; do
	n=$((n + 1))
	if [ $n -gt 4 ] || [ ! -e "$b/state" ]; then break; fi
	if offline 15 "$b"; then block=$b; break; fi
done
if [ -n "$block" ]; then
	size=$(cat /sys/devices/system/memory/block_size_bytes)
	pfn=$(printf '%x' $((${block##*/memory} * 0x$size / 4096)))
	t_run mmscope frame --json "0x$pfn"
	t_expect_status 1 "a block that was taken off: status 1"
	t_is "a block that was taken off: said so" "$(json class)" "offline memory block"
	t_ok "it comes back" sh -c "echo online >$block/state"
	t_run mmscope frame --json "0x$pfn"
	t_expect_status 0 "and is a page again"
	t_is "of the frame asked for" "$(json pfn)" "0x$pfn"
else
	t_skip "a block that was taken off" "none can be, here"
fi

# --- broken memory ------------------------------------------------------------------------------------------------

frameload --poison >"$T_DIR/poison" 2>&1
bad=$(sed -n 's/^poison=//p' "$T_DIR/poison")
if [ $((0x$(pfnscan kpf "${bad:-0}" | cut -d' ' -f1) & 0x80000)) != 0 ]; then
	t_run mmscope frame --json "0x$bad"
	t_expect_status 0 "a broken page: status 0"
	t_ok "it says so" grep -q '"flags": ".*hwpoison' "$T_OUT"
else
	t_skip "a broken page" "no memory failure on this kernel: $(sed -n 's/^no_poison=//p' "$T_DIR/poison")"
fi

# --- while everything changes -------------------------------------------------------------------------------------

frameload --churn >/dev/null 2>&1 &
churn=$!
frameload --flap >"$T_DIR/flap" &
flap=$!
t_wait 10 grep -q pid= "$T_DIR/flap"
at=$(sed -n 's/^flap=//p' "$T_DIR/flap")
bad='' there=0 gone=0 moved=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
	t_run mmscope frame --json "$flap:$at"
	if [ "$T_STATUS" = 0 ] && [ "$(json moved)" = 1 ]; then
		moved=$((moved + 1))
	elif [ "$T_STATUS" = 0 ] && json class | grep -q '^anonymous' && [ "$(json_maps)" = "$flap $at" ]; then
		there=$((there + 1))
	elif [ "$T_STATUS" = 1 ] && grep -q 'not in memory' "$T_ERR"; then
		gone=$((gone + 1))
	else
		bad="$bad $T_STATUS:$(json class):$(json_maps)"
	fi
done
t_is "an address that has a page now and then: each answer is one (there $there, gone $gone, meanwhile $moved)" "$bad" ""
t_ok "both were met" [ $(((there + moved) * (gone + moved))) -gt 0 ]
kill $flap
bad=''
i=0
while [ $i -lt 40 ]; do
	i=$((i + 1))
	pfn=$(pfnscan find 1000 1000 $((i * 37)))
	[ -n "$pfn" ] || continue
	t_run mmscope frame --json "0x$pfn"
	if [ "$T_STATUS" -gt 1 ] || ! grep -q '"class": "[a-z]' "$T_OUT"; then bad="$bad $pfn:$T_STATUS"; fi
done
t_is "a frame that is freed meanwhile is an answer" "$bad" ""
t_ok "all frames, as text" sh -c 'cat /sys/kernel/debug/mmscope/frame >/tmp/frame.text'
t_ok "each has a line ($(grep -c '^frame ' /tmp/frame.text))" [ "$(grep -c '^frame ' /tmp/frame.text)" -ge 65536 ]
t_ok "and it has an end" grep -q '^end end=0 ' /tmp/frame.text
rm -f /tmp/frame.text
kill $churn
wait 2>/dev/null
t_ok "nothing is left of the workload" t_wait 10 sh -c "! cat /proc/[0-9]*/comm 2>/dev/null | grep -qx frameload"
