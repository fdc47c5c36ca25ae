#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Wrong answers planted in a capture: verify finds each. Wrong words planted in pagemap and smaps: likewise. Damaged
# captures: said, in one line.
# collectors: pgtable
# shellcheck source=/dev/null
. /tests/lib.sh

echo 4 >/proc/sys/vm/nr_hugepages
workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }
good=$T_DIR/good bad=$T_DIR/bad

mmscope map --bytes $pid | sed '/^cost/d' >"$T_DIR/map.live"
mmscope walk $pid "$(fact readonly)" >"$T_DIR/walk.live"
mmscope walk $pid "$(fact guard)" >"$T_DIR/hole.live"
t_run mmscope record "$good" $pid
t_expect_status 0
t_expect_empty

# --- the capture tells what the living process told ---
mmscope --from "$good" walk $pid "$(fact readonly)" >"$T_DIR/walk"
mmscope --from "$good" walk $pid "$(fact guard)" >"$T_DIR/hole"
t_ok "walk from the capture is the live one" diff "$T_DIR/walk.live" "$T_DIR/walk"
t_ok "walk to nowhere, too" diff "$T_DIR/hole.live" "$T_DIR/hole"
# PSS of libc changes with who runs: without it, and without the sums that have it
strip() { sed '/^$/q' "$1" | awk '/ (libc|ld-linux|\[)/ { $6 = "-" } { $1 = $1; print }'; }
mmscope --from "$good" map --bytes $pid >"$T_DIR/map"
strip "$T_DIR/map.live" >"$T_DIR/a"
strip "$T_DIR/map" >"$T_DIR/b"
t_ok "map from the capture is the live one" diff "$T_DIR/a" "$T_DIR/b"
t_ok "and it is one" [ "$(wc -l <"$T_DIR/a")" -gt 40 ]
t_is "VIRT RES SHR of the capture are the live ones" "$(grep '^VMAs, status' "$T_DIR/map" | tr -s ' ')" \
	"$(grep '^VMAs, status' "$T_DIR/map.live" | tr -s ' ')"
t_run mmscope --from "$good" verify $pid
t_expect_status 0 "the capture as it was recorded verifies"
t_expect_grep '^[0-9]{3,} translations .*: 0 mismatches$' "with 0 mismatches"
t_run mmscope --from "$good" map 1
t_expect_status 1 "a PID that is not in the capture: 1"
t_expect_err "PID 1 is not in it: it holds $pid" "and what is in it"
t_run mmscope --from "$good" oom
t_expect_status 0 "oom from the capture"
t_expect_grep "^ *$pid .* workload" "has the process"

# --- lies of pagemap and smaps: files of our own are put over them ---
# lie_over FILE: $T_DIR/lie is read instead of /proc/PID/FILE
lie_over() { mount --bind "$T_DIR/lie" /proc/$pid/"$1"; }
# honest copies of all that the VMAs cover (but the reserve, which has nothing)
while IFS='-  ' read -r start end _; do
	start=$((0x$start >> 12)) end=$((0x$end >> 12))
	[ $((end - start)) -lt 65536 ] || continue
	dd if=/proc/$pid/pagemap of="$T_DIR/lie" bs=8 skip=$start seek=$start count=$((end - start)) conv=notrunc 2>/dev/null
done <<-END
	$(grep -v -e vsyscall /proc/$pid/maps)
END
lie_over pagemap
t_run mmscope verify $pid
t_expect_status 0 "a true copy of pagemap: nothing is found"
umount /proc/$pid/pagemap
va=$(fact readonly)
pfn=$(($(pagemap $pid "$va")))
# the lowest byte of the word, little-endian, is the frame's
# shellcheck disable=SC2059 # an octal escape
printf "\\$(printf '%o' $(((pfn ^ 1) & 255)))" | dd of="$T_DIR/lie" bs=1 seek=$(((va >> 12) * 8)) conv=notrunc 2>/dev/null
lie_over pagemap
t_run mmscope verify $pid
t_expect_status 1 "pagemap says another frame: 1"
t_expect_grep ': 1 mismatch$' "pagemap says another frame: one mismatch is counted"
entries=$([ "$(t_levels)" = 2 ] && echo 1024 || echo 512)
where="$va: level 1 \(PTE\) index $((va / 4096 % entries)) raw 0x[0-9a-f]*"
t_expect_grep "^mismatch: PID $pid VA $where: module: PFN $(printf '0x%x' $pfn)(, soft-dirty)?, pagemap: PFN $(printf '0x%x' $((pfn ^ 1)))(, soft-dirty)?\$" \
	"pagemap says another frame: both are named"
umount /proc/$pid/pagemap
rm "$T_DIR/lie"
# one page more in an Rss than there is
awk -v s="$(printf '%08x' "$va")" '$1 ~ "^" s "-" { on = 1 } on && $1 == "Rss:" { $2 += 4; on = 0 } { print }' \
	/proc/$pid/smaps >"$T_DIR/lie"
lie_over smaps
t_run mmscope verify $pid
t_expect_status 1 "smaps says another Rss: 1"
t_expect_grep "^mismatch: PID $pid VA $va-.*: module: Rss 32768 bytes, smaps: 36864\$" "smaps says another Rss: both are named"
umount /proc/$pid/smaps
rm "$T_DIR/lie"
t_run mmscope verify $pid
t_expect_status 0 "and without the lies all is well"

# --- lies in the capture ---
lies="pfn rw nx user level size cache absent raw drop-extent drop-table clear-entry point-away"
# other PERM R|W|X: PERM with this right turned over
other() { echo "$1" | awk -v r="$2" '{ c = substr($0, r, 1); d = c == "-" ? substr("rwx", r, 1) : "-"; print substr($0, 1, r - 1) d substr($0, r + 1) }'; }
for lie in $lies; do
	doctor "$good" "$bad" "$lie" >"$T_DIR/doctor" || t_fail "doctor $lie"
	va=$(sed 's/.* va=\([^ ]*\) .*/\1/' "$T_DIR/doctor")
	level=$(sed 's/.* level=\([^ ]*\) .*/\1/' "$T_DIR/doctor")
	index=$(sed 's/.* index=\([^ ]*\) .*/\1/' "$T_DIR/doctor")
	was=$(sed 's/.* was=\([^ ]*\) .*/\1/' "$T_DIR/doctor")
	is=$(sed 's/.* is=\([^ ]*\).*/\1/' "$T_DIR/doctor")
	t_run mmscope --from "$bad" verify $pid
	t_expect_status 1 "planted $lie: verify exits 1"
	t_expect_grep ': [1-9][0-9]* mismatch(es)?$' "planted $lie: a mismatch is counted"
	# the entry as it is in the tables, and what it allows, from the walk of the true capture
	mmscope --from "$good" walk --json $pid "$va" >"$T_DIR/true"
	raw=$(sed -n 's/^ *"raw": "\(.*\)",/\1/p' "$T_DIR/true" | tail -n 1)
	perm=$(sed -n 's/^ *"rights": "\(...\) .*/\1/p' "$T_DIR/true")
	case $lie in
	# what the tables have instead
	rw | clear-entry | point-away) raw=$(printf '0x%x' "$is" | sed 's/^0x0$/0/') ;;
	esac
	case $lie in
	pfn) both="PA $is, software MMU: PA $was\$" ;;
	rw) both="$perm user, software MMU: $(other "$perm" 2) user\$" ;;
	nx) both="$(other "$perm" 3) user, software MMU: $perm user\$" ;;
	user) both="$perm kernel, software MMU: $perm user\$" ;;
	level) both='level 2, software MMU: level 1$' ;;
	size) both='page size 2\^21, software MMU: 2\^12$' ;;
	cache) both="PAT index $((is)), software MMU: $((was))\$" ;;
	absent) both='not present, software MMU: present$' ;;
	raw) both="raw $is, table's raw $was\$" ;;
	drop-extent) both="no extent for it, table's raw $was\$" ;;
	clear-entry) both='present, software MMU: not present$' ;;
	drop-table | point-away) both='software MMU: .*not in the stream$' ;;
	esac
	if [ "$lie" = drop-table ]; then
		# the entry that points to the table; below it nothing was read, not even a 0
		t_expect_no_grep "VA $va: .* raw 0: .*not in the stream" "planted $lie: no raw entry is made up"
		t_expect_grep "^mismatch: PID $pid VA $va: .*$both" "planted $lie: VA and both results are named"
		continue
	fi
	t_expect_grep "^mismatch: PID $pid VA $va: level $level \([A-Z]*\) index $index raw $raw: " \
		"planted $lie: VA, level, index and raw entry are named"
	t_expect_grep "^mismatch: .*VA $va: .*: .*$both" "planted $lie: both results are named"
done
t_run mmscope --from "$bad" verify --json $pid
t_expect_status 1 "a mismatch with --json: 1"
t_expect_grep '"mismatch_count": [1-9]' "and it is counted there"

# --- damage ---
# refused NAME: one line on stderr, nothing said to be true, status 1
refused() {
	t_expect_status 1 "$1: 1"
	t_is "$1: one line" "$(cat "$T_OUT" "$T_ERR" | wc -l)" 1
	t_expect_err "^mmscope: $bad: " "$1: names the file"
}
size=$(stat -c %s "$good")
for at in 0 1 7 8 100 160 167 168 300 5000 $((size / 2)) $((size - 80)) $((size - 8)) $((size - 1)); do
	head -c $at "$good" >"$bad"
	t_run mmscope --from "$bad" verify $pid
	refused "cut to $at of $size bytes"
done
t_run mmscope --from "$bad" map $pid
refused "map of the last of these"
# magic, ABI, header size, kind; then all over the file
for at in 0 8 12 16 200 204 1000 2222 $((size / 7)) $((size / 5)) $((size / 3)) $((size / 2)) $((size - 500)) $((size - 4)) $((size - 8)); do
	at=$(doctor "$good" "$bad" flip "$at" $((at % 8)))
	t_run mmscope --from "$bad" verify $pid
	refused "bit $((at % 8)) of byte $at turned over"
done
doctor "$good" "$bad" flip 8 1 >/dev/null
t_run mmscope --from "$bad" map $pid
t_expect_err 'ABI' "another ABI is called that"
t_run mmscope --from "$good" --source module map $pid
t_expect_status 2 "--from and --source together: 2"
for from in /dev/null /nonexistent /tmp /bin/busybox; do
	t_run mmscope --from $from map $pid
	t_expect_status 1 "--from $from: 1"
	t_is "--from $from: one line" "$(cat "$T_OUT" "$T_ERR" | wc -l)" 1
done
kill $pid
wait $pid 2>/dev/null
echo 0 >/proc/sys/vm/nr_hugepages
