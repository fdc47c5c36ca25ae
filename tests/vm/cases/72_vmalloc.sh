#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vmalloc against /proc/vmallocinfo field by field, VmallocUsed and VmallocTotal; areas that a test-only module made, of
# known sizes and frames; a frame planted at a guard page.
# collectors: vmalloc kmap ktables
# views: vmalloc
# shellcheck source=/dev/null
. /tests/lib.sh
t_quiet

# fold the counters that each processor keeps for itself (VmallocUsed is one of them on newer kernels)
fold() { echo 1 >/proc/sys/vm/stat_refresh 2>/dev/null || :; }
meminfo() { awk -v k="$1:" '$1 == k { printf "%.0f\n", $2 * 1024 }' /proc/meminfo; }
# json KEY: its value in the last answer
json() { sed -n "s/^ *\"$1\": *\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$T_OUT" | head -n 1; }
page=4096
was=$(cat /proc/sys/kernel/kptr_restrict)
module=	# does the module tell the areas?
bounds=	# and where the space is?
if grep -q '^collector ktables *\(ok\|partial\)' /sys/kernel/debug/mmscope/status; then bounds=1; fi
if grep -q '^collector vmalloc *\(ok\|partial\)' /sys/kernel/debug/mmscope/status; then module=1; fi

# --- where addresses are hidden ---
# (a kernel that was told not to hash addresses has zeros instead, where nobody may see them)
echo 0 >/proc/sys/kernel/kptr_restrict
a=$(sed -n '1s/-.*//p' /proc/vmallocinfo)
echo 1 >/proc/sys/kernel/kptr_restrict
if grep -q "^$a-" /proc/vmallocinfo; then echo 2 >/proc/sys/kernel/kptr_restrict; else echo 0 >/proc/sys/kernel/kptr_restrict; fi
t_run mmscope vmalloc --source procfs
t_expect_status 0 "procfs: addresses are hidden: it still answers"
t_expect_grep '^guard pages and mapped frames not known: .*kptr_restrict' "procfs: and says what is not known, and why"
t_expect_no_grep 'absent|MAPPED!' "procfs: no guard page is said to be absent"
t_run mmscope vmalloc --source procfs ffffc90000000000
t_expect_status 1 "procfs: an address cannot be looked up"
t_expect_err 'hides addresses' "procfs: that is said"
t_run mmscope vmalloc --source procfs --holes
t_expect_status 1 "procfs: holes are not known: 1"

# --- the areas of a module whose sizes are known ---
echo 1 >/proc/sys/kernel/kptr_restrict
t_ok "the module that makes areas is loaded" insmod /lib/vmarea.ko
cat /sys/kernel/debug/vmarea >"$T_DIR/known"
# known NAME FIELD
known() { awk -v n="$1" -v f="$2" '$1 == n { print $f }' "$T_DIR/known"; }
frames_of() { awk -v n="$1" '$1 == n { for (i = 4; i <= NF; i++) print $i }' "$T_DIR/known"; }

# --- field by field ---
# Stacks come and go with the processes of this very shell: looked at apart.
stacks='(kernel_clone|copy_process|dup_task_struct|alloc_thread_stack_node|_do_fork|create_io_thread)$'
# ADDRESS END SIZE PAGES FLAGS CALLER of every area that vmallocinfo has
theirs() {
	grep -v 'unpurged vm_area' /proc/vmallocinfo | sed 's/^0x\([0-9a-f]*\)-0x\([0-9a-f]*\) */\1 \2 /' | awk '{
		pages = "-"; caller = "-"; flags = ""
		at = 4
		if ($4 ~ /\+0x/) { caller = $4; sub(/\+0x.*/, "", caller); at = 5; if ($5 ~ /^\[/) { caller = caller " " $5; at = 6 } }
		for (i = at; i <= NF; i++) {
			if ($i ~ /^pages=/) pages = substr($i, 7)
			else if ($i !~ /^(phys=|N[0-9]+=|vpages)/) flags = flags (flags == "" ? "" : ",") $i
		}
		if (flags ~ /vm_map_ram/) caller = "vm_map_ram"
		a = $1; b = $2; sub(/^0+/, "", a); sub(/^0+/, "", b)
		print "0x" a, "0x" b, $3, pages, flags, caller }' | grep -Ev " $stacks" | sort
}
for source in module procfs; do
	# other areas come and go between the readings, too, but seldom: some tries
	tries=0
	while :; do
		theirs >"$T_DIR/theirs"
		t_run mmscope vmalloc --source $source --top 0 -n --bytes -o ADDRESS,END,SIZE,PAGES,FLAGS,CALLER
		theirs >"$T_DIR/theirs2"
		# (vmallocinfo does not say what newer flags are)
		sed 's/,\(noguard\|putpages\)//g' "$T_OUT" | awk '{ $1 = $1; print }' >"$T_DIR/ours0"
		grep -Ev " $stacks" "$T_DIR/ours0" | sort >"$T_DIR/ours"
		tries=$((tries + 1))
		if cmp -s "$T_DIR/theirs" "$T_DIR/ours" || [ $tries -ge 10 ]; then break; fi
		cmp -s "$T_DIR/theirs2" "$T_DIR/ours" && cp "$T_DIR/theirs2" "$T_DIR/theirs" && break
	done
	t_expect_status 0 "$source: all areas"
	t_ok "$source: $(wc -l <"$T_DIR/ours") areas: ADDRESS, END, SIZE, PAGES, FLAGS, CALLER are vmallocinfo's" \
		diff "$T_DIR/theirs" "$T_DIR/ours"
	t_ok "$source: there are some" [ "$(wc -l <"$T_DIR/ours")" -gt 20 ]
	if [ "$(t_config VMAP_STACK)" = y ]; then
		# (KASAN doubles them)
		n=$([ "$(t_config KASAN)" = y ] && echo 8 || echo 4)
		t_ok "$source: stacks have $n pages and a guard page" [ "$(grep -Ec " $(((n + 1) * page)) $n vmalloc $stacks" "$T_DIR/ours0")" \
			-gt 5 -a "$(grep -E " $stacks" "$T_DIR/ours0" | grep -vc " $n vmalloc ")" = 0 ]
	fi

	# --- sums ---
	# (VmallocUsed counts pages; between two readings stacks come and go)
	tries=0
	while [ $tries -lt 10 ]; do
		fold
		t_run mmscope vmalloc --source $source --json --top 1
		[ "$(json vmalloc_used_off)" != 0 ] || break
		tries=$((tries + 1))
	done
	t_is "$source: pages of vmalloc() are VmallocUsed" "$(json vmalloc_used_off)" 0
	t_ok "$source: $(json vmalloc_pages) pages, VmallocUsed $(meminfo VmallocUsed)" \
		[ $(($(json vmalloc_pages) * page - $(meminfo VmallocUsed))) -lt $((64 * page)) ]
done

# --- known areas ---
t_run mmscope vmalloc --top 0 -n --bytes -o ADDRESS,SIZE,PAGES,MAPPED,RUNS,GUARD,KIND
t_expect_status 0 "no guard page is mapped"
cp "$T_OUT" "$T_DIR/all"
# runs NAME: of contiguous frames, counted from what the test module says of each page
runs() { frames_of "$1" | awk 'function hex(s, i, v) { v = 0; for (i = 1; i <= length(s); i++) v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1; return v }
	{ v = hex($1); n += NR == 1 || v != was + 1; was = v } END { print n + 0 }'; }
# area NAME FIELDS
area() {
	row=$(grep "^ *0x$(known "$1" 2) " "$T_DIR/all" | awk '{ $1 = ""; print }' | xargs)
	t_is "$1: SIZE PAGES MAPPED RUNS GUARD KIND" "$row" "$2"
}
area one "$((2 * page)) 1 1 1 absent vmalloc"
area many "$((301 * page)) 300 300 $(runs many) absent vmalloc"
if [ -n "$module" ]; then
	area twice_a "$((4 * page)) - 3 3 absent vmap"
	area twice_b "$((2 * page)) - 1 1 absent vmap"
fi
area ram "$((65 * page)) - 65 65 none vmap"
t_is "twice_a, twice_b: it is one page" "$({ frames_of twice_a; frames_of twice_b; } | sort -u | wc -l)" 1
n=$(awk '$6 == "absent"' "$T_DIR/all" | wc -l)
t_ok "$n guard pages are absent from the tables" [ "$n" -gt 10 ]
t_is "none is mapped" "$(awk '$6 ~ /MAPPED/' "$T_DIR/all" | wc -l)" 0
if [ -n "$module" ]; then
	t_is "with the module every guard page is known" "$(awk '$6 == "-"' "$T_DIR/all" | wc -l)" 0
fi

# --- one address ---
pfn=$(frames_of many | sed -n 124p)
addr=$(printf '%x' $((0x$(known many 2) + 123 * page + 0x45)))
t_run mmscope vmalloc "$addr"
t_expect_status 0 "an address in an area"
t_expect_grep "^area +0x$(known many 2)\$" "its area is named"
t_expect_grep '^offset +0x7b045 \(page 123 of 301\)$' "its offset"
t_expect_grep "^frame +0x$pfn\$" "its frame is vmalloc_to_pfn()'s"
t_expect_grep '^caller +vmarea_make \[vmarea\]$|^caller +init_module|^caller +vmarea_init' "who asked"
t_run mmscope vmalloc "$(printf '%x' $((0x$(known many 2) + 300 * page)))"
t_expect_status 0 "an address in a guard page"
t_expect_grep '^address +is in the guard page' "that is said"
t_expect_no_grep '^frame +0x' "and no frame is there"

# --- lazily freed ---
cat /sys/kernel/debug/vmarea_free >/dev/null
t_run mmscope vmalloc --lazy --top 0 -n --bytes
t_expect_status 0 "lazily freed areas"
cp "$T_OUT" "$T_DIR/lazy"
sum=$(awk '/^ *0x/ { n += $3 } END { printf "%.0f\n", n }' "$T_DIR/lazy")
least=$(awk '/unpurged vm_area/ { n += $2 } END { printf "%.0f\n", n }' /proc/vmallocinfo)
t_note "lazily freed: $sum bytes, vmallocinfo $least; the test module's: $(grep '^lazy' "$T_DIR/known")"
lazy=$(known lazy 2)
unpurged=$(sed -n 's/^0x\([0-9a-f]*\)-0x\([0-9a-f]*\) .*unpurged.*/\1 \2/p' /proc/vmallocinfo | while read -r a b; do
	if [ $((0x$a)) -le $((0x$lazy)) ] && [ $((0x$b)) -gt $((0x$lazy)) ]; then echo yes; fi
done)
if [ -n "$unpurged" ]; then
	t_run mmscope vmalloc "$lazy"
	t_expect_grep '^state +freed, waits for a purge' "the area that was freed is told as that"
	t_expect_grep '^frame +none' "and nothing is mapped there"
else
	t_skip "the area that was freed is told as that" "the kernel has purged it already"
fi

# --- holes ---
t_run mmscope vmalloc --holes --top 0 -n --bytes
if [ -n "$module$bounds" ]; then
	t_expect_status 0 "holes"
	cp "$T_OUT" "$T_DIR/holes"
	# no area of vmallocinfo begins in a hole (areas that stay: those of the test module and of devices)
	awk '/ioremap|vmarea/ { split($1, a, "-"); print a[1] }' /proc/vmallocinfo | while read -r a; do
		awk '{ print $1, $2 }' "$T_DIR/holes" | while read -r from to; do
			if [ $((a)) -ge $((from)) ] && [ $((a)) -lt $((to)) ]; then echo "$a in $from-$to"; fi
		done
	done >"$T_DIR/inside"
	t_is "no area begins in a hole" "$(cat "$T_DIR/inside")" ""
	t_run mmscope vmalloc --json --top 1 --holes
	cp "$T_OUT" "$T_DIR/json"
	# (x86's VMALLOC_END is the last byte, of which VmallocTotal is made)
	total=$(awk '/^VmallocTotal:/ { print $2 }' /proc/meminfo)
	t_ok "the space is VmallocTotal: $(json space_bytes), $total kB" \
		[ "$(($(json space_bytes) / 1024))" = "$total" -o "$((($(json space_bytes) - 1) / 1024))" = "$total" ]
	t_is "areas, lazily freed ones and holes fill the space and that of modules" \
		"$(($(json area_bytes) + $(json lazy_bytes) + $(json hole_bytes)))" "$(($(json space_bytes) + $(json modules_bytes)))"
	# an address in the midst of the largest one
	read -r from to _ <"$T_DIR/holes"
	mid=$(printf '%x' $(((from >> 1) + (to >> 1))))
	t_run mmscope vmalloc "$mid"
	t_expect_status 1 "an address in a hole: 1"
	t_expect_err "^mmscope: 0x$mid: no area has it: it is in a hole of " "the hole is named"
else
	t_expect_status 1 "holes without the module's bounds: 1"
	t_expect_err 'only the module tells' "the reason is said"
fi

# --- users ---
t_run mmscope vmalloc --users --top 0 -n --bytes
t_expect_status 0 "users"
cp "$T_OUT" "$T_DIR/users"
t_run mmscope vmalloc --top 0 -n --bytes -o SIZE,PAGES,USER
# (stacks come and go between the two)
awk '{ u = $3; for (i = 4; i <= NF; i++) u = u " " $i; if (u != "kernel stacks") { n[u]++; s[u] += $1; p[u] += $2 } }
	END { for (u in n) printf "%s|%d %.0f %d\n", u, n[u], s[u], p[u] }' "$T_OUT" | sort >"$T_DIR/theirs"
grep -v '^kernel stacks' "$T_DIR/users" | awk '{ u = $1; for (i = 2; i <= NF - 4; i++) u = u " " $i
	printf "%s|%d %.0f %d\n", u, $(NF - 3), $(NF - 2), $(NF - 1) }' | sort >"$T_DIR/ours"
t_ok "AREAS, SIZE and PAGES of each user are the sums of its areas" diff "$T_DIR/theirs" "$T_DIR/ours"
t_ok "there are some users" [ "$(wc -l <"$T_DIR/ours")" -ge 3 ]
t_is "kernel stacks are among them where CONFIG_VMAP_STACK is on" "$(grep -c '^kernel stacks' "$T_DIR/users")" \
	"$([ "$(t_config VMAP_STACK)" = y ] && echo 1 || echo 0)"

# --- a capture, and lies in it ---
t_run mmscope record --machine "$T_DIR/c.mms"
t_expect_status 0 "recorded"
t_run mmscope --from "$T_DIR/c.mms" vmalloc --top 0 -n --bytes -o ADDRESS,SIZE,PAGES,MAPPED,RUNS,GUARD,KIND
t_expect_status 0 "the capture has it"
cp "$T_OUT" "$T_DIR/captured"
if [ -n "$module" ]; then
	t_is "and every guard page, of devices, too" "$(awk '$6 == "-"' "$T_DIR/captured" | wc -l)" 0
	t_ok "there are devices" grep -q ' absent *ioremap$' "$T_DIR/captured"
fi
for name in one many; do
	t_is "the capture's row of $name is the live one" "$(grep "^ *0x$(known $name 2) " "$T_DIR/captured" | xargs)" \
		"$(grep "^ *0x$(known $name 2) " "$T_DIR/all" | xargs)"
done
# areas that wait for a purge are in the capture, and for nobody who does not ask for them
t_run mmscope --from "$T_DIR/c.mms" vmalloc
areas=$(sed -n 's/^\([0-9]*\) areas, .*/\1/p' "$T_OUT")
if [ -n "$module" ] && ! grep -q '^lazily freed areas not known' "$T_OUT"; then
	t_expect_grep '^lazily freed, not yet purged: [0-9]+ areas' "the capture has lazily freed areas"
fi
t_run mmscope --from "$T_DIR/c.mms" frames --areas
t_is "frames --areas of it has the areas in use alone" "$(sed -n 's/^\([0-9]*\) areas, .*/\1/p' "$T_OUT")" "$areas"
# the run that ends at the guard page is made one frame longer
guard=$(printf '0x%x' $((0x$(known many 2) + 300 * page)))
t_ok "a frame is planted at a guard page" doctor "$T_DIR/c.mms" "$T_DIR/lie.mms" kmap-guard "$guard"
t_run mmscope --from "$T_DIR/lie.mms" vmalloc --top 3
t_expect_status 1 "a frame at a guard page: 1"
t_expect_grep "^mismatch: area 0x$(known many 2) of .*: frame 0x[0-9a-f]+ is mapped at its guard page $guard\$" "area, frame and page are named"
t_expect_grep 'MAPPED!' "and it leads the table"
t_run mmscope --from "$T_DIR/lie.mms" vmalloc --json --top 1
t_is "--json counts it" "$(json guards_mapped)" 1

# --- with the areas gone ---
t_ok "the module that made areas is unloaded" rmmod vmarea
t_run mmscope vmalloc "$(known many 2)"
t_expect_no_grep '^caller +(vmarea|init_module)' "its area has gone"

# --- bad input ---
for bad in zzz 0x 12345678901234567 -1 ''; do
	t_run mmscope vmalloc "$bad"
	t_expect_status 2 "'$bad' is no address: 2"
done
t_run mmscope vmalloc 1000 2000
t_expect_status 2 "two addresses: 2"
t_run mmscope vmalloc --users --holes
t_expect_status 2 "--users --holes: 2"
t_run mmscope vmalloc --kind nonsense
t_expect_status 2 "--kind nonsense: 2"
t_run mmscope vmalloc -o NONSENSE
t_expect_status 2 "-o NONSENSE: 2"
t_run mmscope vmalloc 1000
t_expect_status 1 "an address that no area can have: 1"
t_run doors nobody mmscope vmalloc --source procfs
t_expect_status 1 "not root: 1"
t_expect_err '/proc/vmallocinfo: not permitted: run as root$' "and the remedy"
t_run mmscope vmalloc
t_ok "80 columns do, but for the caller's name" awk 'length > 100 { exit 1 }' "$T_OUT"
echo "$was" >/proc/sys/kernel/kptr_restrict
