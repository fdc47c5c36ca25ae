# SPDX-License-Identifier: GPL-2.0
# The slab cache of tests/vm/modules/slabtest, whose objects are known, against mmscope slab. Sourced by 71_slab and
# 71_slab_debug, after lib.sh.
# shellcheck shell=sh
# shellcheck source=/dev/null
c=mmscope_slabtest
sys=/sys/kernel/slab

# cells SOURCE COLUMNS: NAME last
cells() { mmscope slab --source "$1" -n --bytes -o "$2,NAME" 2>"$T_ERR" | awk '{ $1 = $1; print }'; }

# slab_known LIST: each object is what it is; LIST: the module has the list of caches. Sets stride, offset, first, kasan,
# in_use.
slab_known() {
	list=$1
	kasan=$(t_config KASAN_GENERIC)
	t_ok "the test's module loads" insmod /lib/slabtest.ko
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
	# (slabtest gives up what KASAN keeps back, and with it slabs that are empty)
	awk -v shrunk="$kasan" 'NR == FNR { s[$1] = $2; next } !($1 in s) { if (!shrunk || $2 != "freed") print $1 " is not listed"; next }
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
	t_is "as many slabs as slabinfo has" "$(grep -Ec '^ *0x[0-9a-f]+ ' "$T_OUT")" \
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
}

# slab_wrong: a wrong free pointer is reported, and survived; then the cache goes
slab_wrong() {
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
}
