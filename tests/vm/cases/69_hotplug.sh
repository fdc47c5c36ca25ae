#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Two NUMA nodes, and memory that comes, goes offline and is taken away (by ACPI's eject) while everything is read.
# archs: amd64
# collectors: zones frames buddy
# vm: --append "memhp_default_state=offline" --mem 1G,slots=2,maxmem=2G --qemu "-smp sockets=2 -object memory-backend-ram,id=m0,size=512M -object memory-backend-ram,id=m1,size=512M -numa node,nodeid=0,cpus=0,memdev=m0 -numa node,nodeid=1,cpus=1,memdev=m1 -object memory-backend-ram,id=h0,size=256M -device pc-dimm,id=d0,memdev=h0,node=1" --timeout 400 --env CASE_TIMEOUT=360
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet
MEM=/sys/devices/system/memory

present() { awk '/^ +present/ { n += $2 } END { print n }' /proc/zoneinfo; }
# the frames of all classes that are present, and those of one
census() { awk -v c="$1" '$1 ~ /^"class"/ { k = $2; gsub(/[",]/, "", k) } $1 ~ /^"frames"/ { n = $2 + 0; if (c ? k == c : k != "hole" && k != "offline-block") s += n } END { print s + 0 }' "$T_OUT"; }
all_agree() {
	t_run mmscope check zones
	t_expect_status 0 "$1: nothing disagrees"
	for row in zones.sizes zones.watermarks zones.present; do
		t_expect_grep "^$row .* agree\$" "$1: $row"
	done
	t_run mmscope frames --json
	t_is "$1: every present frame of zoneinfo is in one class" "$(census)" "$(present)"
}

plugged=
for m in "$MEM"/memory*; do
	[ "$(cat "$m/state")" != offline ] || plugged="$plugged ${m##*/}"
done
block=$((0x$(cat $MEM/block_size_bytes) / 4096))
t_ok "there is memory that is not online: $plugged" [ -n "$plugged" ]
t_is "zones: two nodes" "$(mmscope zones -n -o NODE | sort -u | xargs)" "0 1"
all_agree offline
t_is "frames: what is plugged and offline is told so" "$(census offline-block)" "$(($(echo "$plugged" | wc -w) * block))"
first=$(echo "$plugged" | awk '{ sub(/memory/, "", $1); print $1 }')
pfn=$(printf '0x%x' $((first * block + 5)))
t_run mmscope frame "$pfn"
t_expect_status 1 "frame of an offline block: 1"
t_expect_err 'offline' "and that is said"
t_run mmscope frame --json "$pfn"
t_expect_no_grep '"refcount": 0' "nothing that was not read is 0"

# --- online, as movable ---
for m in $plugged; do t_ok "$m goes online" sh -c "echo online_movable >$MEM/$m/state"; done
all_agree movable
t_is "frames: no block is offline" "$(census offline-block)" 0
t_is "zones: the Movable zone of node 1 has it" "$(mmscope zones -b -n -o NODE,ZONE,PRESENT | awk '$1 == 1 && $2 == "Movable" { print $3 }')" \
	"$(($(echo "$plugged" | wc -w) * block * 4096))"
t_run mmscope buddy --zone Movable -n -o NODE,ZONE
t_is "buddy: and its free lists" "$(xargs <"$T_OUT")" "1 Movable"
t_run mmscope frame --json "$pfn"
t_expect_status 0 "frame: it is one"
t_expect_grep '"zone": "Movable"' "of the Movable zone"

# --- while all of it is read ---
last=$(echo "$plugged" | awk '{ print $NF }')
while :; do
	echo offline >"$MEM/$last/state"
	echo online_movable >"$MEM/$last/state"
done 2>/dev/null &
flip=$!
bad='' reads=0 sums=0
with=$(present)
without=$((with - block))
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	for what in "frames --json" "buddy --scan" "buddy --why-not 9" "lru --sample 16" "cache" "zones" "frame --scan $pfn" "frames --runs free"; do
		# shellcheck disable=SC2086 # words
		t_run mmscope $what
		reads=$((reads + 1))
		[ "$T_STATUS" -le 1 ] && [ ! -s "$T_ERR" ] || bad="$bad $what: $T_STATUS $(head -n 1 "$T_ERR");"
		[ "$what" != "frames --json" ] || {
			n=$(census)
			[ "$n" -ge "$without" ] && [ "$n" -le "$with" ] && sums=$((sums + 1))
		}
	done
done
t_is "$reads reads while $last goes off and on: all are answers" "$bad" ""
t_is "and every sum is between that without and that with it" "$sums" 12
kill $flip
wait $flip 2>/dev/null
for m in $plugged; do echo online_movable >"$MEM/$m/state"; done 2>/dev/null
all_agree again

# --- it is taken away: its struct pages are freed ---
eject=
for slot in /sys/bus/acpi/devices/PNP0C80:*; do
	# of its slots the one that is filled
	[ "$(cat "$slot/status" 2>/dev/null)" != 15 ] || eject=$slot/eject
done
if [ ! -e "$eject" ]; then
	t_skip "memory is taken away" "this kernel offers no eject"
	exit 0
fi
(
	while :; do mmscope frames; mmscope buddy --scan; mmscope lru --sample 64; mmscope frame --scan "$pfn"; done
) >/dev/null 2>&1 &
reader=$!
t_ok "it is taken away, while it is read" sh -c "echo 1 >'$eject'"
t_ok "its blocks are gone" t_wait 30 sh -c "[ ! -e $MEM/$last ]"
sleep 2
kill $reader
wait $reader 2>/dev/null
all_agree gone
t_is "frames: no block is offline" "$(census offline-block)" 0
t_run mmscope frame "$pfn"
t_expect_status 1 "frame where memory was: 1"
t_expect_err . "and that is said"
