#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# map against /proc/PID/maps, smaps, statm, pagemap, and what the workload knows of itself.
# shellcheck source=/dev/null
. /tests/lib.sh

huge=$(t_huge)
echo 4 >/proc/sys/vm/nr_hugepages
modprobe loop
dd if=/dev/zero of=/tmp/swapfile bs=1M count=16 2>/dev/null
losetup /dev/loop0 /tmp/swapfile
mkswap /dev/loop0 >/dev/null
swapon /dev/loop0

workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
grep '^no_' "$T_DIR/facts" | sed 's/^/# /'
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }

# --- the table, against the kernel's own ---
t_run mmscope map -o START,END,PERM,SIZE,RSS,PSS,SWAP,HUGE,EXT,DIRTY,CLASS,NAME --bytes $pid
t_expect_status 0
t_expect_empty
# the VMAs up to the first blank line, below a heading; then the classes, likewise
sed '/^$/q' "$T_OUT" | sed '1d;/^$/d' >"$T_DIR/map"
awk '/^$/ { n++ } n == 1 && NF' "$T_OUT" | sed 1d >"$T_DIR/totals"

grep -v vsyscall /proc/$pid/maps | awk '{ split($1, a, "-"); sub(/^0+/, "", a[1]); sub(/^0+/, "", a[2])
	print "0x" a[1], "0x" a[2], $2 }' >"$T_DIR/maps"
awk '{ print $1, $2, $3 }' "$T_DIR/map" >"$T_DIR/ours"
t_ok "START, END and PERM of every VMA equal maps" diff "$T_DIR/maps" "$T_DIR/ours"
t_ok "more than 40 VMAs" [ "$(wc -l <"$T_DIR/maps")" -gt 40 ]

# START SIZE RSS PSS SWAP HUGE of smaps, bytes
awk '/^[0-9a-f]+-[0-9a-f]+ / { split($1, a, "-"); sub(/^0+/, "", a[1]); start = "0x" a[1]; skip = /vsyscall/; huge = 0 }
	/^Size:/ { size = $2 } /^Rss:/ { rss = $2 } /^Pss:/ { pss = $2 } /^Swap:/ { swap = $2 }
	/^(AnonHugePages|ShmemPmdMapped|FilePmdMapped|Shared_Hugetlb|Private_Hugetlb):/ { huge += $2 }
	/^VmFlags:/ && !skip { printf "%s %.0f %.0f %.0f %.0f %.0f\n", start, size * 1024, rss * 1024, pss * 1024,
		swap * 1024, huge * 1024 }' /proc/$pid/smaps >"$T_DIR/smaps"
awk '{ print $1, $4, $5, $7, $8 }' "$T_DIR/map" >"$T_DIR/ours"
awk '{ print $1, $2, $3, $5, $6 }' "$T_DIR/smaps" >"$T_DIR/theirs"
t_ok "SIZE, RSS, SWAP and HUGE of every VMA equal smaps" diff "$T_DIR/theirs" "$T_DIR/ours"
# who reads smaps has libc and the vdso mapped too, and so a share of their pages
awk '!/ (libc|ld-linux|\[)/ { print $1, $6 }' "$T_DIR/map" >"$T_DIR/ours"
while read -r start _; do grep "^$start " "$T_DIR/smaps"; done <"$T_DIR/ours" | awk '{ print $1, $4 }' >"$T_DIR/theirs"
t_ok "PSS equals smaps" diff "$T_DIR/theirs" "$T_DIR/ours"
t_ok "PSS was compared for many" [ "$(awk '$2 > 0' "$T_DIR/theirs" | wc -l)" -gt 20 ]

# --- totals ---
sums() { awk -v what="$1" '{ for (i = 4; i <= 10; i++) s[i] += $i }
	END { printf "%d", NR; for (i = 4; i <= 10; i++) printf " %.0f", s[i]; print "" }' "$2"; }
sums all "$T_DIR/map" | awk '{ print $1, $2, $3, $4, $5, $8, $6, $7 }' >"$T_DIR/want"	# VMAS SIZE RSS PSS SWAP DIRTY HUGE EXT
t_is "the total is the sum of the VMAs" "$(sed -n 's/^total *//p' "$T_DIR/totals" | tr -s ' ')" "$(cat "$T_DIR/want")"
t_is "the total is the sum of the classes" "$(sed -n 's/^total *//p' "$T_DIR/totals" | tr -s ' ')" \
	"$(awk '$1 != "total" { for (i = 2; i <= 9; i++) s[i] += $i }
		END { for (i = 2; i <= 9; i++) printf "%s%.0f", (i > 2 ? " " : ""), s[i] }' "$T_DIR/totals")"
t_is "total RSS is smaps_rollup's" "$(awk '$1 == "total" { print $4 }' "$T_DIR/totals")" \
	"$(($(awk '/^Rss:/ { print $2 }' /proc/$pid/smaps_rollup) * 1024))"

# --- VIRT RES SHR ---
statm=$(awk '{ printf "%.0f %.0f %.0f", $1 * 4096, $2 * 4096, $3 * 4096 }' /proc/$pid/statm)
t_is "VIRT RES SHR equal statm" "$(sed -n 's/^VMAs, status *//p' "$T_OUT" | tr -s ' ')" "$statm"
t_is "libproc2's VIRT RES SHR are beside them" "$(sed -n 's/^libproc2 *//p' "$T_OUT" | tr -s ' ')" "$statm"

# --- what the workload knows ---
# col START COLUMN-NUMBER
col() { awk -v s="$1" -v c="$2" '$1 == s { print $c }' "$T_DIR/map"; }
for area in sparse holes zero protnone readonly guardregion thp file cow sharedfile memfd sharedanon forked; do
	n=$(fact ${area}_present)
	if [ -z "$n" ]; then
		t_skip "RSS of $area" "$(fact no_$area)"
	else
		t_is "RSS of $area is its $n pages" "$(col "$(fact $area)" 5)" $((n * 4096))
	fi
done
t_is "each second page of sparse is a run of its own" "$(col "$(fact sparse)" 9)" 32
reserve=$(($(fact reserve_len)))
t_ok "the reserve is large: $((reserve >> 30)) GiB" [ $reserve -ge 1073741824 ]
t_is "the reserve: SIZE" "$(col "$(fact reserve)" 4)" $reserve
t_is "the reserve: RSS" "$(col "$(fact reserve)" 5)" 0
t_is "HUGE of thp is all of it" "$(col "$(fact thp)" 8)" 8388608
t_ok "thp is at most $((8388608 / huge)) runs" [ "$(col "$(fact thp)" 9)" -le $((8388608 / huge)) ]
t_is "HUGE of hugetlb is the touched one" "$(col "$(fact hugetlb)" 8)" "$huge"
t_is "RSS of hugetlb is 0, as in smaps" "$(col "$(fact hugetlb)" 5)" 0
t_ok "something is in swap" [ "$(fact swap_swap)" -gt 0 ]
t_is "SWAP of swap is its pages there" "$(col "$(fact swap)" 7)" $(($(fact swap_swap) * 4096))
t_is "RSS and SWAP of swap are all of it" $(($(col "$(fact swap)" 5) + $(col "$(fact swap)" 7))) $(($(fact swap_len)))
t_is "DIRTY of sparse is what was written" "$(col "$(fact sparse)" 10)" $((32 * 4096))
t_is "DIRTY of cow is what was written" "$(col "$(fact cow)" 10)" $((8 * 4096))
t_is "DIRTY of what was only read is 0" "$(col "$(fact file)" 10)" 0
t_is "DIRTY of zero pages is 0" "$(col "$(fact zero)" 10)" 0

# --- classes ---
for pair in sparse:anon thp:anon exec:anon reserve:guard guard:guard protnone:guard growsdown:stack hugetlb:hugetlb \
	file:file cow:file sharedfile:shared memfd:shared sharedanon:shared; do
	t_is "${pair%:*} is ${pair#*:}" "$(col "$(fact "${pair%:*}")" 11)" "${pair#*:}"
done
# by perms and name, from maps
class_of() { col "0x$(awk -v p="$1" -v f="$2" '$2 == p && $6 == f { sub(/^0+/, ""); split($1, a, "-"); print a[1]; exit }' \
	/proc/$pid/maps)" 11; }
self=$(readlink /proc/$pid/exe)
t_is "r-xp of the program is text" "$(class_of r-xp "$self")" text
t_is "r--p of the program is rodata" "$(class_of r--p "$self")" rodata
t_is "rw-p of the program is data" "$(class_of rw-p "$self")" data
t_is "[heap] is heap" "$(class_of rw-p '[heap]')" heap
t_is "[stack] is stack" "$(class_of rw-p '[stack]')" stack
t_is "[vdso] is vdso" "$(class_of r-xp '[vdso]')" vdso
t_is "[vvar] is vdso" "$(class_of r--p '[vvar]')" vdso
libc=$(awk '$6 ~ /libc.so/ { print $6; exit }' /proc/$pid/maps)
t_is "r-xp of libc is text" "$(class_of r-xp "$libc")" text
t_is "rw-p of libc is data" "$(class_of rw-p "$libc")" data
# the anonymous VMA that begins where libc's data ends
end=$(awk -v f="$libc" '$2 == "rw-p" && $6 == f { split($1, a, "-"); print a[2] }' /proc/$pid/maps)
t_is "behind libc's data is its bss" "$(col "0x$end" 11)" bss

# --- extents, against pagemap ---
pagemap $pid >"$T_DIR/pagemap"	# START PAGES RUNS SWAPPED
while read -r start _; do
	awk -v s="$start" '$1 == s { print $1, $9, $7 / 4096 }' "$T_DIR/map"
done <"$T_DIR/pagemap" >"$T_DIR/ours"
awk '{ print $1, $3, $4 }' "$T_DIR/pagemap" >"$T_DIR/theirs"
t_ok "EXT and SWAP of every VMA equal pagemap's runs" diff "$T_DIR/theirs" "$T_DIR/ours"

t_run mmscope map --extents -o START,PFN,PAGES,PGSIZE --bytes --no-headings $pid
t_expect_status 0
cp "$T_OUT" "$T_DIR/extents"
sed -n 's/^ *[|`]-\(0x[0-9a-f]*\) *\(0x[0-9a-f]*\)[-0-9a-fx]* *\([0-9]*\) *\([0-9]*\) *$/\1 \2 \3 \4/p' "$T_DIR/extents" >"$T_DIR/runs"
t_ok "every PFN of --extents is pagemap's" pagemap $pid check <"$T_DIR/runs"
t_ok "some hundreds of pages" [ "$(awk '{ n += $3 * $4 / 4096 } END { print n }' "$T_DIR/runs")" -gt 2500 ]
t_ok "a page of $((huge >> 20)) MiB is among them" grep -q " $huge\$" "$T_DIR/runs"
t_ok "swap is among the extents" grep -q 'swap 0:0x' "$T_DIR/extents"
# pages of each VMA summed up; hugetlb is not in RSS, nor are zero pages and what has no struct page
awk 'FNR == NR { rss[$1] = $5; next }
	/^ +0x/ { vma = $1 } /^ *[|`]-0x.* 0x/ { sum[vma] += $(NF - 1) * $NF }
	END { for (v in rss) printf "%s %.0f %.0f\n", v, rss[v], sum[v] }' "$T_DIR/map" "$T_DIR/extents" |
	grep -v -e "^$(fact hugetlb) " -e "^$(fact zero) " \
		-e "^0x$(sed -n 's/^\([0-9a-f]*\)-.*\[vvar\]$/\1/p' /proc/$pid/maps) " |
	awk '$2 != $3' >"$T_DIR/differ"
t_is "the pages of --extents make up RSS" "$(cat "$T_DIR/differ")" ""

# --- options ---
t_run mmscope map -o SIZE,NAME,START --no-headings $pid
t_is "-o takes columns and their order" "$(awk 'NR == 1 { print $NF }' "$T_OUT")" "$(awk 'NR == 1 { print $1 }' "$T_DIR/maps")"
t_run mmscope map $pid
t_expect_grep '^ +START PERM CLASS +SIZE' "headings by default"
t_run mmscope map -n $pid
t_expect_no_grep 'START' "--no-headings has none"
t_is "and a line for each VMA, no more" "$(wc -l <"$T_OUT")" "$(wc -l <"$T_DIR/maps")"
t_run mmscope map -o +INODE,DEV $pid
t_expect_grep 'START.*INODE' "-o + adds"
ino=$(awk -v f="$self" '$6 == f { print $5; exit }' /proc/$pid/maps)
t_expect_grep " $(basename "$self") +$ino " "INODE is that of maps"
t_run mmscope map -o START,NONSENSE $pid
t_expect_status 2 "an unknown column: 2"
t_expect_err "unknown column .NONSENSE." "and it is named"
t_run mmscope map --json --bytes $pid
t_expect_status 0
t_is "--json has every VMA" "$(sed '/"totals"/q' "$T_OUT" | grep -c '"start"')" "$(wc -l <"$T_DIR/maps")"
t_is "--json has the same RSS" "$(sed '/"totals"/q' "$T_OUT" | sed -n 's/^ *"rss": \([0-9]*\),/\1/p' | xargs)" \
	"$(awk '{ print $5 }' "$T_DIR/map" | xargs)"

kill $pid
wait $pid 2>/dev/null
swapoff /dev/loop0
losetup -d /dev/loop0
rm /tmp/swapfile
echo 0 >/proc/sys/vm/nr_hugepages
