#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# layout against /proc/PID/maps and stat, the sections of a program against what it says of itself, the kernel's half
# against its configuration; a 32-bit program where there is one.
# collectors: vma pgtable ktables
# views: layout
# shellcheck source=/dev/null
. /tests/lib.sh

# json KEY: its value in the last answer
json() { sed -n "s/^ *\"$1\": *\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$T_OUT" | head -n 1; }
workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"

# START LAST KIND NAME of every range
ranges() { mmscope layout "$@" --table -n --bytes -o START,LAST,SIZE,KIND,VMAS,NAME; }
for source in module procfs; do
	t_run ranges --source $source $pid
	t_expect_status 0 "$source: ranges"
	sed '/^$/,$d' "$T_OUT" | awk '{ $1 = $1; print }' >"$T_DIR/ranges"
	# they touch, from 0 to the end
	before=
	bad=
	while read -r start last size _; do
		if [ -z "$before" ]; then
			[ "$start" = 0 ] || [ "$start" = 0x0 ] || bad="$bad; begins at $start"
		elif [ $((before + 1)) -ne $((start)) ]; then
			bad="$bad; $start does not touch $before"
		fi
		# (all of it is more than a shell can say)
		[ ${#size} -ge 19 ] || [ $((last - start + 1)) -eq "$size" ] || bad="$bad; $start has $size bytes"
		before=$last
	done <"$T_DIR/ranges"
	t_is "$source: ranges touch, and have their sizes" "$bad" ""
	t_is "$source: the last one ends where addresses end" "$before" \
		"$([ "$ARCH" = i386 ] && echo 0xffffffff || echo 0xffffffffffffffff)"
	# every VMA of maps lies in ranges that are no gap, and every other address in none ("55930e170000" is no number)
	awk '$4 !~ /^(gap|hole|beyond|untold|unused|kernel)$/ { print $1, $2 }' "$T_DIR/ranges" | while read -r a b; do
		printf '%x %x\n' $((a)) $((b + 1))
	done | awk '{ if ($1 "" == e "") { e = $2 } else { if (s != "") print s, e; s = $1; e = $2 } } END { print s, e }' >"$T_DIR/ours"
	awk '$NF != "[vsyscall]" { split($1, a, "-"); sub(/^0+/, "", a[1]); sub(/^0+/, "", a[2])
		if (a[1] "" == e "") { e = a[2] } else { if (s != "") print s, e; s = a[1]; e = a[2] } } END { print s, e }' \
		/proc/$pid/maps >"$T_DIR/theirs"
	# (the module has no [vsyscall], which is no VMA)
	grep -v '^ffffffffff600000' "$T_DIR/ours" >"$T_DIR/ours2"
	t_ok "$source: what is mapped is what maps has: $(wc -l <"$T_DIR/theirs") pieces" diff "$T_DIR/theirs" "$T_DIR/ours2"
	vmas=$(awk '$5 != "-" { n += $5 } END { print n }' "$T_DIR/ranges")
	t_is "$source: as many VMAs as maps has" "$((vmas - $(grep -c vsyscall "$T_DIR/ranges")))" \
		"$(grep -vc vsyscall /proc/$pid/maps)"
	for special in heap stack; do
		t_is "$source: $special is where maps has it" \
			"$(awk -v k="$special" '$4 == k { print $1, $3 }' "$T_DIR/ranges" | while read -r a s; do printf '%x-%x\n' $((a)) $((a + s)); done)" \
			"$(awk -v k="[$special]" '$NF == k { print $1 }' /proc/$pid/maps | sed 's/^0*//;s/-0*/-/')"
	done
	# the stack pointer's first value, the heap's start: fields 28 and 47 of stat
	start=$(awk '$4 == "heap" { print $1 }' "$T_DIR/ranges")
	brk=$(sed 's/.*) //' /proc/$pid/stat | awk '{ print $45 }')
	t_ok "$source: the heap holds start_brk" [ "$((start))" -le "$brk" -a $((brk - start)) -lt 4096 ]
	stack=$(sed 's/.*) //' /proc/$pid/stat | awk '{ print $26 }')
	t_ok "$source: the stack holds startstack" sh -c "awk '\$4 == \"stack\" { print \$1, \$2 }' $T_DIR/ranges | {
		read -r a b; [ $stack -ge \$((a)) ] && [ $stack -le \$((b)) ]; }"
done

# --- sections ---
# The program knows where its variables are: facts has some of them; and all sections lie in VMAs of its file, but .bss
t_run mmscope layout --json $pid
t_expect_status 0 "--json"
exe=$(readlink /proc/$pid/exe)
sed -n '/"sections"/,/^ *\]/p' "$T_OUT" | tr -d '",' |
	awk '$1 == "section:" { n = $2 } $1 == "start:" { s = $2 } $1 == "in:" { print n, s, $2 }' >"$T_DIR/sections"
t_ok "there are sections: $(wc -l <"$T_DIR/sections")" [ "$(wc -l <"$T_DIR/sections")" -ge 10 ]
for s in .text .rodata .data .bss; do
	t_ok "$s is among them" grep -q "^\\$s " "$T_DIR/sections"
done
# perm ADDR: rights of the VMA that maps has there, and its name
perm() {
	while read -r a p _ _ _ name; do
		b=${a#*-} a=${a%-*}
		if [ $((0x$a)) -le $(($1)) ] && [ $((0x$b)) -gt $(($1)) ]; then echo "$p ${name:--}"; fi
	done <"/proc/$pid/maps"
}
at() { awk -v s="$1" '$1 == s { print $2 }' "$T_DIR/sections"; }
t_is ".text is executable, of the program's file" "$(perm "$(at .text)")" "r-xp $exe"
t_is ".rodata is read-only, of the program's file" "$(perm "$(at .rodata)" | sed 's/r-xp/r--p/')" "r--p $exe"
t_is ".data is writable, of the program's file" "$(perm "$(at .data)")" "rw-p $exe"
case $(perm "$(at .bss)") in "rw-p -" | "rw-p $exe") t_pass ".bss is writable" ;; *) t_fail ".bss is writable" "$(perm "$(at .bss)")" ;; esac
# what the file begins with is there in memory: the bytes of .interp are the loader's path
if grep -q '^\.interp ' "$T_DIR/sections"; then
	where=$(($(at .interp)))
	t_ok ".interp: the loader's path is in memory there" sh -c \
		"dd if=/proc/$pid/mem bs=4096 skip=$((where / 4096)) count=1 2>/dev/null | tail -c +$((where % 4096 + 1)) | head -c 5 | grep -q '^/lib'"
else
	t_skip ".interp" "the program is static"
fi

# --- the kernel's half ---
t_run mmscope layout --table -n -o START,KIND,NAME $pid
case $ARCH in
i386) first=$(($(t_config PAGE_OFFSET))) ;;
arm64) first=$((-1 << $(t_config ARM64_VA_BITS))) ;;
amd64) first=$((-1 << ($(t_levels) == 5 ? 56 : 47))) ;;
esac
t_expect_grep "^ *$(printf '0x%x' "$first") +(untold|unused|kernel) " "the kernel's half begins at $(printf '0x%x' "$first")"
if [ "$ARCH" != i386 ]; then t_expect_grep "^ *$(printf '0x%x' $((-first))) +hole " "the hole at $(printf '0x%x' $((-first)))"; fi
t_expect_grep ' kernel +vmalloc space$' "vmalloc space is told"
if [ "$ARCH" = i386 ]; then
	# what the kernel said of itself when it started
	t_expect_grep " kernel +lowmem: the first $(dmesg | sed -n 's/.* \([0-9]*\)MB LOWMEM available.*/\1/p') MiB of memory\$" \
		"the line between memory that is mapped for good and the rest"
	t_expect_grep ' kernel +pkmap: HighMem, a page at a time$' "and how the rest is reached"
else
	t_expect_grep ' kernel +modules$' "the modules' addresses are told"
	# the module itself lies there; arm64 puts modules near the kernel's image, which KASLR moves into vmalloc space
	where=$(awk '$1 == "mmscope" { print $6 }' /proc/modules)
	mmscope layout --table -n -o START,LAST,KIND,NAME $pid | awk '$3 == "kernel" { print $1, $2, $4 }' >"$T_DIR/parts"
	in=$(while read -r a b part; do
		if [ $((where)) -ge $((a)) ] && [ $((where)) -le $((b)) ]; then echo "$part"; fi
	done <"$T_DIR/parts")
	case $ARCH:$in in
	*:modules | arm64:vmalloc) t_pass "this module lies where modules are ($in)" ;;
	*) t_fail "this module lies where modules are" "$where: $in" "$(cat "$T_DIR/parts")" ;;
	esac
fi

# every part that kmap has is in it, with the same bounds
# (but vsyscall, which is a VMA of the process)
mmscope kmap -n -o START,LAST,REGION | awk '!NF { exit } $1 != "-" && $3 != "vsyscall" { print $1, $2 }' >"$T_DIR/kmap"
mmscope layout --table -n -o START,LAST,KIND $pid | awk '$3 == "kernel" { print $1, $2 }' >"$T_DIR/parts"
t_ok "the parts of the kernel's half are those of kmap: $(wc -l <"$T_DIR/kmap")" diff "$T_DIR/kmap" "$T_DIR/parts"

# --- the picture ---
for args in "" "--sections" "--scale" "--scale --rows 5" "--scale --range 0-100000000" "--ascii"; do
	# shellcheck disable=SC2086
	t_run mmscope layout $args $pid
	t_expect_status 0 "picture $args"
	t_expect_empty "picture $args: nothing on stderr"
	# (in this guest's locale a column is a byte)
	t_ok "picture $args: 80 columns" awk '/[|:+]$/ && length > 80 { exit 1 }' "$T_OUT"
done
t_run mmscope layout $pid
t_expect_grep '\[stack\]' "the stack is in it"
t_expect_grep 'mmap area' "the mmap area is in it"
t_expect_grep '^ *0x[0-9a-f]+ [|]   \.text ' "its .text with its address"
t_expect_grep '^size of the executable: text [1-9][0-9]*, data [1-9][0-9]*, bss [0-9]+' "the figures of size"
kill $pid
wait $pid 2>/dev/null

# --- a 32-bit program on this kernel ---
# The smallest there is: an ELF header, one segment for 0x08048000, pause() for ever.
tiny() {
	printf '\177\105\114\106\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0\1\0\0\0\124\200\4\010\64\0\0\0\0\0\0\0\0\0\0\000\64'
	printf '\0\40\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\200\4\10\0\200\4\10\135\0\0\0\135\0\0\0\5\0\0\0\0\20\0\0'
	printf '\270\35\0\0\0\315\200\353\367'
}
tiny >"$T_DIR/tiny"
chmod +x "$T_DIR/tiny"
if [ "$ARCH" = amd64 ] && [ "$(t_config IA32_EMULATION)" = y ]; then
	"$T_DIR/tiny" &
	pid=$!
	t_ok "a 32-bit program runs" t_wait 10 grep -q 08048000 /proc/$pid/maps
	for source in module procfs; do
		t_run mmscope layout --source $source $pid
		t_expect_status 0 "$source: a 32-bit program"
		t_expect_grep "^PID $pid \(tiny\), 32-bit on a 64-bit kernel" "$source: it is told that it is one"
		t_run mmscope layout --source $source --table -n -o START,LAST,KIND,NAME $pid
		t_expect_grep '^ *0x8048000 +0x8048fff +executable +tiny' "$source: its program is where it was linked for"
		t_expect_grep '^ *0x[0-9a-f]{1,8} +0xffffffff +(gap|stack|special)' "$source: its own addresses end at 4 GiB"
	done
	t_run mmscope layout --table -n -o START,KIND $pid
	t_expect_grep '^ *0x100000000 +beyond' "what lies above is out of its reach"
	t_run mmscope layout $pid
	t_expect_grep '^it has no section headers' "it has no sections: that is said"
	kill $pid
	wait $pid 2>/dev/null
else
	t_skip "a 32-bit program on this kernel" "not an amd64 kernel with IA32_EMULATION"
fi

# --- addresses that five levels of tables have, or 52 bits of them ---
highmap >"$T_DIR/high" &
pid=$!
if t_wait 5 grep -q addr= "$T_DIR/high"; then
	addr=$(sed -n 's/^addr=//p' "$T_DIR/high")
	for source in module procfs; do
		t_run mmscope layout --source $source --table -n -o START,LAST,KIND,NAME $pid
		t_expect_grep "^ *$addr +$(printf '0x%x' $((addr + 16383))) +anon +anonymous" "$source: memory at $addr is where it is"
		t_expect_grep '^ *0x[0-9a-f]+ +0xf{16} ' "$source: addresses end where they end"
	done
	kill $pid
	wait $pid 2>/dev/null
else
	wait $pid
	t_is "no addresses so high: the program says so" $? 77
	t_ok "nor has this kernel five levels of tables" [ "$ARCH" != amd64 -o "$(t_levels)" != 5 ]
fi

# --- who has no address space, bad input ---
t_run mmscope layout 2
t_expect_status 1 "a kernel thread: 1"
t_run mmscope layout 99999
t_expect_status 1 "no such process: 1"
for bad in x 0 -1 ''; do
	t_run mmscope layout "$bad"
	t_expect_status 2 "'$bad' is no PID: 2"
done
t_run mmscope layout
t_expect_status 2 "no PID: 2"
t_run mmscope layout 1 2
t_expect_status 2 "two: 2"
t_run mmscope layout --range 0-1 1
t_expect_status 2 "--range without --scale: 2"
for bad in x 5 5-4 x-y; do
	t_run mmscope layout --scale --range "$bad" 1
	t_expect_status 2 "--range $bad: 2"
done
for bad in 0 -1 x 1001; do
	t_run mmscope layout --scale --rows "$bad" 1
	t_expect_status 2 "--rows $bad: 2"
done
t_run mmscope layout -o NONSENSE 1
t_expect_status 2 "-o NONSENSE: 2"
# a process that a capture has
t_run mmscope record "$T_DIR/c.mms" 1
t_run mmscope --from "$T_DIR/c.mms" layout 1
t_expect_status 0 "from a capture"
t_expect_grep 'sections of the executable not known: a capture' "what it does not have is said"
true
