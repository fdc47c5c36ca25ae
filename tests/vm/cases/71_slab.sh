#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# slab against /proc/slabinfo, /sys/kernel/slab, and a cache whose objects are known one by one; a wrong free pointer is
# found, and not followed.
# collectors: slab
# views: slab
# shellcheck source=/dev/null
. /tests/lib.sh
. /tests/slab.sh
t_quiet
c=mmscope_slabtest sys=/sys/kernel/slab

list="" census=""
if mmscope status | grep -Eq 'slab +ok'; then list=1; else census=1; fi
t_note "list of caches: ${list:-no}"

# --- all caches against /proc/slabinfo: those that did not change meanwhile are equal ---
info() { awk 'NR > 2 { print $4, $5, $6, $2, $3, $15, $1 }' /proc/slabinfo | sort; }
t_run mmscope slab
t_expect_status 0 "slab"
t_expect_empty "slab: nothing on stderr"
t_expect_grep '^[0-9]+ caches, ' "its last line sums up"
t_ok "80 columns are enough" [ "$(sed '/caches,/,$d' "$T_OUT" | awk '{ if (length($0) > n) n = length($0) } END { print n + 0 }')" -le 80 ]
for source in module procfs; do
	# (a cache may change and change back between the two looks at slabinfo: one that differs is looked at again, and
	# is wrong if it differs each time)
	rm -f "$T_DIR/wrong"
	for _ in 1 2 3 4 5 6; do
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
		grep -Fxvf "$T_DIR/ours" "$T_DIR/quiet" | awk '{ print $NF }' | sort >"$T_DIR/differ"
		[ -s "$T_DIR/differ" ] || : >"$T_DIR/wrong"
		[ -e "$T_DIR/wrong" ] || cp "$T_DIR/differ" "$T_DIR/wrong"
		grep -Fxf "$T_DIR/differ" "$T_DIR/wrong" >"$T_DIR/still" || :
		mv "$T_DIR/still" "$T_DIR/wrong"
		[ -s "$T_DIR/wrong" ] || break
	done
	# Where each object is counted (KASAN's kernel has no list of a processor's own), those of the processes that run while
	# mmscope does are, too: there up to a slab more or less.
	if [ -n "$(t_config KASAN_GENERIC)" ]; then
		awk 'function off(a, b) { return a > b ? a - b : b - a }
			NR == FNR { was[$7] = $0; next }
			$7 in was { split(was[$7], w)
				if ($1 != w[1] || $2 != w[2] || $3 != w[3] || off($4, w[4]) > $2 || off($5, w[5]) > $2 || off($6, w[6]) > 1)
					print $7 }' "$T_DIR/quiet" "$T_DIR/ours" >"$T_DIR/far"
		grep -Fxf "$T_DIR/far" "$T_DIR/wrong" >"$T_DIR/still" || :
		mv "$T_DIR/still" "$T_DIR/wrong"
	fi
	t_ok "$source: most caches were quiet ($quiet of $all)" [ $((quiet * 10)) -ge $((all * 7)) ]
	t_is "$source: SIZE PER_SLAB pages ACTIVE TOTAL SLABS of these are slabinfo's" \
		"$(while read -r name; do grep -h " $name\$" "$T_DIR/quiet" "$T_DIR/ours"; done <"$T_DIR/wrong" | head -n 6)" ""
	if [ $source = procfs ] || [ -n "$list" ]; then
		t_is "$source: as many caches as slabinfo has" "$(wc -l <"$T_DIR/ours")" "$all"
	fi
	# what sysfs tells of each, which does not change
	cells $source OBJSIZE,SIZE,PER_SLAB,ORDER,ALIGN,REFS >"$T_DIR/ours"
	while read -r object_size size per_slab order align refs name; do
		d=$sys/$name
		[ -d "$d" ] || continue
		# (no process for each of a thousand files)
		said=
		for f in object_size slab_size objs_per_slab order align aliases; do
			v=
			read -r v <"$d/$f"
			[ $f != aliases ] || v=$((v + 1))
			said="$said $v"
		done
		[ "$said" = " $object_size $size $per_slab $order $align $refs" ] ||
			echo "$name: $object_size $size $per_slab $order $align $refs, sysfs:$said"
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
			v=
			read -r v <"$d/${f%:*}"
			[ "$v" = $has ] || echo "$name: $flags: ${f%:*}"
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
slab_known "$list"

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
# shellcheck disable=SC2154 # slab_known sets them
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
t_run mmscope slab 0xffffffffffffffff
t_expect_status 1 "the last address there is"
t_run mmscope slab 0xnonsense
t_expect_status 2 "no address"
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
# (arm64 up to 6.4 has none smaller than 128: objects are as far apart as DMA wants it)
class=kmalloc-96
[ -d "$sys/$class" ] || class=kmalloc-128
t_expect_grep "of $class:" "96 in $class"
t_run mmscope slab --explain 8193
t_expect_grep 'larger than any|4 whole pages' "8193 in whole pages"
t_run mmscope slab --explain 0
t_expect_status 2 "0 bytes: usage"

# --- a wrong free pointer ---
slab_wrong
