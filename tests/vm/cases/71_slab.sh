#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# slab against /proc/slabinfo, /sys/kernel/slab, and a cache whose objects are known one by one; a wrong free pointer is
# found, and not followed.
# collectors: slab
# views: slab
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet
sys=/sys/kernel/slab

list="" census=""
if mmscope status | grep -Eq 'slab +ok'; then list=1; else census=1; fi
t_note "list of caches: ${list:-no}"

# --- all caches against /proc/slabinfo: those that did not change meanwhile are equal ---
# cells SOURCE COLUMNS: NAME last
cells() { mmscope slab --source "$1" -n --bytes -o "$2,NAME" 2>"$T_ERR" | awk '{ $1 = $1; print }'; }
info() { awk 'NR > 2 { print $4, $5, $6, $2, $3, $15, $1 }' /proc/slabinfo | sort; }
t_run mmscope slab
t_expect_status 0 "slab"
t_expect_empty "slab: nothing on stderr"
t_expect_grep '^[0-9]+ caches, ' "its last line sums up"
t_ok "80 columns are enough" [ "$(sed '/caches,/,$d' "$T_OUT" | awk '{ if (length($0) > n) n = length($0) } END { print n + 0 }')" -le 80 ]
for source in module procfs; do
	# (a cache may change and change back between the two looks at slabinfo: then it is looked at again)
	for _ in 1 2 3 4; do
		info >"$T_DIR/before"
		cells $source SIZE,PER_SLAB,ORDER,ACTIVE,TOTAL,SLABS |
			awk '{ p = 1; for (i = 0; i < $3; i++) p *= 2; $3 = p; print }' | sort >"$T_DIR/ours"
		info >"$T_DIR/after"
		grep -Fxf "$T_DIR/before" "$T_DIR/after" >"$T_DIR/quiet"
		all=$(wc -l <"$T_DIR/before") quiet=$(wc -l <"$T_DIR/quiet")
		if [ $source = module ] && [ -n "$census" ]; then
			# caches without a slab are not found
			awk '$6 > 0' "$T_DIR/quiet" >"$T_DIR/q" && mv "$T_DIR/q" "$T_DIR/quiet"
		fi
		grep -Fxvf "$T_DIR/ours" "$T_DIR/quiet" >"$T_DIR/differ" || break
	done
	t_ok "$source: most caches were quiet ($quiet of $all)" [ $((quiet * 10)) -ge $((all * 7)) ]
	t_is "$source: SIZE PER_SLAB pages ACTIVE TOTAL SLABS of these are slabinfo's" "$(head -n 5 "$T_DIR/differ")" ""
	if [ $source = procfs ] || [ -n "$list" ]; then
		t_is "$source: as many caches as slabinfo has" "$(wc -l <"$T_DIR/ours")" "$all"
	fi
	# what sysfs tells of each, which does not change
	cells $source OBJSIZE,SIZE,PER_SLAB,ORDER,ALIGN,REFS >"$T_DIR/ours"
	while read -r object_size size per_slab order align refs name; do
		d=$sys/$name
		[ -d "$d" ] || continue
		echo "$(cat "$d/object_size") $(cat "$d/slab_size") $(cat "$d/objs_per_slab") $(cat "$d/order") $(cat "$d/align") $(($(cat "$d/aliases") + 1))" \
			>"$T_DIR/sys"
		[ "$(cat "$T_DIR/sys")" = "$object_size $size $per_slab $order $align $refs" ] ||
			echo "$name: $object_size $size $per_slab $order $align $refs, sysfs: $(cat "$T_DIR/sys")"
	done <"$T_DIR/ours" >"$T_DIR/differ"
	t_is "$source: OBJSIZE SIZE PER_SLAB ORDER ALIGN REFS of all caches are sysfs'" "$(head -n 5 "$T_DIR/differ")" ""
	# flags
	cells $source FLAGS >"$T_DIR/ours"
	while read -r flags name; do
		d=$sys/$name
		[ -d "$d" ] || continue
		for f in hwcache_align:hwcache_align reclaim_account:reclaim_account destroy_by_rcu:typesafe_by_rcu red_zone:red_zone poison:poison; do
			has=0
			case ,$flags, in *,"${f#*:}",*) has=1 ;; esac
			[ "$(cat "$d/${f%:*}")" = $has ] || echo "$name: $flags: ${f%:*}"
		done
	done <"$T_DIR/ours" >"$T_DIR/differ"
	t_is "$source: flags are sysfs'" "$(head -n 5 "$T_DIR/differ")" ""
done
t_run mmscope slab --source procfs
t_expect_grep 'processors or sheaves hold free is not known' "procfs: what it does not know is said"
t_run mmscope slab --json
t_expect_grep '"caches"' "--json"
t_run mmscope check slab
t_expect_status 0 "check slab: nothing disagrees"
t_expect_grep '^slab.sizes .* agree$' "slab.sizes agrees: it stands still"
t_expect_grep '^slab.counts .* (agree|moved|explained)$' "slab.counts was compared"
t_note "$(cat "$T_OUT")"
# MEMORY is the sum of its parts
mmscope slab -n --bytes -o MEMORY,OBJECTS,OBJSIZE,PAD,FREE_BYTES,SLACK >"$T_DIR/ours"
t_is "MEMORY is used + PAD + FREE_BYTES + SLACK, of every cache" \
	"$(awk '$1 != $2 * $3 + $4 + $5 + $6' "$T_DIR/ours" | head -n 3)" ""

# --- a cache whose objects are known ---
kasan=$(t_config KASAN_GENERIC)
t_ok "the test's module loads" insmod /lib/slabtest.ko
c=mmscope_slabtest
cat /sys/kernel/debug/slabtest >"$T_DIR/known"
t_is "it has objects" "$(wc -l <"$T_DIR/known")" 200
# how its objects lie: SLUB's debugging puts a red zone before each, as wide as the cache is aligned, and more behind it
stride=$(cat $sys/$c/slab_size)
first=0
[ "$(cat $sys/$c/red_zone)" = 0 ] || first=$(cat $sys/$c/align)
[ "$first" -ge 8 ] || [ "$first" = 0 ] || first=8
offset=$(cells module OFFSET | awk -v c=$c '$2 == c { print $1 }')
t_note "objects $stride apart from byte $first on, free pointer at $offset"
t_ok "it can be told so" sh -c "echo 'layout $stride $offset $first' >/sys/kernel/debug/slabtest"
t_run mmscope slab -n --objects $c
t_expect_status 0 "its objects"
cp "$T_OUT" "$T_DIR/list"
# a line for each object, of lines that say how many are alike
while read -r object _ _ count state; do
	i=0
	while [ $i -lt "$count" ]; do
		printf '0x%x %s\n' $((object + i * stride)) "$state"
		i=$((i + 1))
	done
done <"$T_OUT" >"$T_DIR/objects"
awk 'NR == FNR { s[$1] = $2; next } !($1 in s) { print $1 " is not listed"; next }
	$2 == "allocated" && s[$1] != "allocated" { print $1 " is allocated, not " s[$1] }
	$2 == "freed" && s[$1] !~ /^(free|free-cpu|sheaf)$/ { print $1 " is free, not " s[$1] }' \
	"$T_DIR/objects" "$T_DIR/known" >"$T_DIR/differ"
t_is "each of 200 known objects is what it is" "$(head -n 5 "$T_DIR/differ")" ""
# and what was never allocated is free
awk 'NR == FNR { k[$1] = 1; next } !($1 in k) && $2 == "allocated"' "$T_DIR/known" "$T_DIR/objects" >"$T_DIR/differ"
t_is "no other object of the cache is allocated" "$(head -n 5 "$T_DIR/differ")" ""
total=$(awk -v c=$c '$1 == c { print $3 }' /proc/slabinfo)
t_is "as many objects as slabinfo counts" "$(wc -l <"$T_DIR/objects")" "$total"
in_use=$(grep -c allocated "$T_DIR/known")
t_is "OBJECTS of the table: those in use" "$(cells module OBJECTS | awk -v c=$c '$2 == c { print $1 }')" "$in_use"
t_is "its constructor is named" "$(cells module CTOR | awk -v c=$c '$NF == c { print $1 }')" slabtest_ctor
t_run mmscope slab $c
t_expect_status 0 "its slabs"
t_expect_grep "objects of 200 bytes, $stride apart" "its layout is told"
t_expect_grep "^constructor: slabtest_ctor" "its constructor, too"
t_is "as many slabs as slabinfo has" "$(grep -c '^ *0xf' "$T_OUT" || grep -c '^ *0x' "$T_OUT")" \
	"$(awk -v c=$c '$1 == c { print $15 }' /proc/slabinfo)"
partial=$(cut -d ' ' -f 1 $sys/$c/partial)
t_is "as many on partial lists as sysfs says" "$(grep -Ec '^ *0x[0-9a-f]+ +partial ' "$T_OUT" || :)" "$partial"
cpus=$(cut -d ' ' -f 1 $sys/$c/cpu_slabs 2>/dev/null || echo 0)
t_is "as many at processors as sysfs says" "$(grep -Ec '^ *0x[0-9a-f]+ +(cpu|cpu-partial) ' "$T_OUT" || :)" "${cpus:-0}"
if [ -n "$list" ]; then
	t_is "PARTIAL of the table is sysfs'" "$(cells module PARTIAL | awk -v c=$c '$2 == c { print $1 }')" "$partial"
fi
t_run mmscope slab --objects
t_expect_status 0 "all objects of all caches"
t_is "of our cache: allocated" "$(awk -v c=$c '$NF == c { print $1 }' "$T_OUT")" "$in_use"
t_is "no list is corrupt" "$(awk 'NR > 1 && $6 != 0' "$T_OUT")" ""
t_note "$(awk 'NR > 1 { a += $1; f += $2; p += $3; s += $4; n += $5; t += $7 } END { print a, "allocated", f, "free", p, "at processors", s, "in sheaves", n, "slabs", t, "torn" }' "$T_OUT")"

# --- look-ups ---
addr=$(awk '$2 == "allocated" { print $1; exit }' "$T_DIR/known")
t_run mmscope slab "$addr"
t_expect_status 0 "an address"
t_expect_grep "^ *$addr +- +object +$c +[0-9]+ +0 +allocated" "its cache, index, offset and state"
t_run mmscope slab "$(printf '0x%x' $((addr + 77)))"
t_expect_grep " object +$c +[0-9]+ +77 +allocated" "a byte in it"
t_run mmscope slab "$(printf '0x%x' $((addr + 203)))"
t_expect_grep " padding +$c +[0-9]+ +203 +allocated" "a byte behind what a user may use"
large=$(cat /sys/kernel/debug/slabtest_large)
t_run mmscope slab "$(printf '0x%x' $((large + 5000)))"
if [ "$T_STATUS" = 0 ]; then
	t_expect_grep 'byte 5000 of 32768 that kmalloc\(\) took as whole pages' "20000 bytes are whole pages"
else
	t_expect_err 'in no slab: byte 5000 of 32768 from the page allocator, a compound page of order 3' "20000 bytes are whole pages, which this kernel does not mark"
fi
slab=$(mmscope slab -n -o SLAB "$addr" | xargs)
t_is "its index is that of its place in the slab" "$(mmscope slab -n -o INDEX "$addr" | xargs)" $(((addr - first - slab) / stride))
t_ok "that slab is in the list" grep -q " $slab " "$T_DIR/list"
t_run mmscope slab 1:task_struct
t_expect_status 0 "PID 1's task_struct"
t_expect_grep " task_struct +object +task_struct +[0-9]+ +0 +allocated" "is at the start of an object of task_struct"
t_run mmscope slab 1:
t_expect_grep ' mm_struct +object +mm_struct .* allocated' "its mm_struct, too"
t_expect_grep ' sighand_struct +object +sighand_cache .* allocated' "and its sighand_struct"
t_run mmscope slab 0x10
t_expect_status 1 "a user address"
t_run mmscope slab 2:mm_struct
t_expect_status 1 "a kernel thread has no mm_struct"
t_run mmscope slab 99999999:
t_expect_status 1 "no such PID"
t_run mmscope slab nonsense-cache
t_expect_status 1 "no such cache"
t_expect_err 'there is no such slab cache' "it is said"
t_run mmscope slab 1:nonsense
t_expect_status 2 "no such type"
t_run mmscope slab a b
t_expect_status 2 "two arguments"
t_run mmscope slab --source procfs --objects
t_expect_status 1 "procfs has no objects"
t_expect_err 'load the module' "and the remedy is named"

# --- size classes ---
t_run mmscope slab --explain 200
t_expect_status 0 "--explain"
size=$(cat $sys/kmalloc-256/slab_size)
t_expect_grep "kmalloc\(200\) takes an object of kmalloc-256: $size bytes, $((size - 200)) of them wasted" "200 bytes land in kmalloc-256"
t_run mmscope slab --explain 96
t_expect_grep 'of kmalloc-96:' "96 in kmalloc-96"
t_run mmscope slab --explain 8193
t_expect_grep 'larger than any|4 whole pages' "8193 in whole pages"
t_run mmscope slab --explain 0
t_expect_status 2 "0 bytes: usage"

# --- a wrong free pointer ---
free=$(awk '$2 == "free" || $2 == "free-cpu" { print $1 }' "$T_DIR/objects" | head -n 3 | tail -n 1)
for how in pointer loop; do
	t_ok "$how: planted" sh -c "echo '$how $free' >/sys/kernel/debug/slabtest"
	t_run mmscope slab $c
	t_expect_status 1 "$how: exit status 1"
	t_expect_err "$c: lists of free objects are corrupt: 1 of its slabs" "$how: and why"
	case $how in
	pointer) what="a free pointer to no object" ;;
	loop) what="a loop in the list" ;;
	esac
	t_expect_grep "^CORRUPT: slab 0x[0-9a-f]+: $what, at $(printf '0x%x' $((free + offset)))," "$how: it is reported, with where"
	t_is "$how: one slab is marked" "$(grep -c ' CORRUPT$' "$T_OUT")" 1
	t_run mmscope slab --objects $c
	t_expect_status 1 "$how: --objects: exit status 1"
	t_expect_grep "^CORRUPT: slab 0x[0-9a-f]+: $what, at " "$how: --objects reports it, too"
	t_run mmscope slab --objects
	t_expect_status 1 "$how: all caches: exit status 1"
	t_is "$how: one slab in the list of all" "$(awk 'NR > 1 && $6 != 0 { print $6, $NF }' "$T_OUT")" "1 $c"
	t_ok "$how: put right" sh -c "echo restore >/sys/kernel/debug/slabtest"
	t_run mmscope slab $c
	t_expect_status 0 "$how: then all is well"
	t_expect_no_grep CORRUPT "$how: then nothing is reported"
done
if [ -n "$kasan" ]; then
	# one that KASAN keeps back
	t_ok "an object is freed" sh -c 'echo free >/sys/kernel/debug/slabtest'
	addr=$(awk 'NR == FNR { was[$1] = $2; next } $2 == "freed" && was[$1] == "allocated" { print $1 }' "$T_DIR/known" /sys/kernel/debug/slabtest)
	t_run mmscope slab "$addr"
	t_expect_grep " allocated or in quarantine$" "KASAN keeps it back, as may be said"
	t_run mmscope slab --objects $c
	t_expect_grep "^quarantine: " "and the list says what that is"
fi
t_ok "the test's module unloads" rmmod slabtest
t_run mmscope slab $c
t_expect_status 1 "its cache has gone"
