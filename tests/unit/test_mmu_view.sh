#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# mmscope mmu on the command line: entries from names, memory types of arm64, widths, exit statuses; and that the page
# in Documentation/views shows what the tool prints.
set -u
REPO=${REPO:-$(cd "$(dirname "$0")/../.." && pwd)}
T_DIR=$(mktemp -d)
export T_DIR
trap 'rm -rf "$T_DIR"' EXIT
# shellcheck source-path=SCRIPTDIR source=../vm/lib.sh
. "$REPO/tests/vm/lib.sh"
PATH=${MMSCOPE_BUILD:-$REPO/build}:$PATH
export LC_ALL=C.UTF-8
cd "$T_DIR" || exit 1

# raw WANT ARG...: the first line that encode prints
raw() {
	local want=$1
	shift
	mmscope mmu encode "$@" >out 2>err
	t_is "encode $*" "$(head -n 1 out)" "$want"
}

# Values by hand, from the tables of the manuals: SDM 5.3, 5.4.1, 5.4.2, 5.5.4, Arm ARM D8.3
raw 0x9800000001234007 pte pfn=0x1234 P RW US NX pkey=3
raw 0x9800000001234007 pfn=4660 p rw us XD key=0x3
raw 0x40000083 pde --mode pae PS P addr=0x40000000 RW
raw 0x2001 pdpte --mode pae P addr=0x2000
raw 0x402083 pde --mode 32bit P RW PS addr=0x100400000
raw 0xfffff1e7 pte --mode 32bit P RW US A D PAT G pfn=0xfffff
raw 0x3063 pml5e --mode 5level P RW A addr=0x3000 6=1
raw 0x3063 pgd --mode 5level P RW A addr=0x3000 6=1
raw 0x3023 p4d --mode 5level P RW A addr=0x3000
raw 0x60000012345fcb l3 --mode arm64 page AF nG RO EL0 PXN UXN attr=2 sh=3 pfn=0x12345
raw 0x20000401 l2 --mode arm64 --granule 64k block AF addr=0x20000000
raw 0x1000000000005003 l1 --mode arm64 table UXNTable addr=0x5000
raw 0x11003 l3 --mode arm64 --granule 64k --set pa_bits=52 --set ips=6 page pfn=0x100000001
raw 0x3000000000703 l3 --mode arm64 --set pa_bits=52 --set ips=6 --set lpa2_4k=1 --set ds=1 page AF addr=0xf000000000000
raw 0x1167 raw=0x8000000000001067 NX=0 G

# status STATUS TEXT ARG...: the exit status, and what is said of it
status() {
	local want=$1 text=$2 rc=0
	shift 2
	mmscope mmu encode "$@" >out 2>&1 || rc=$?
	t_is "status of encode $*" "$rc" "$want"
	t_ok "it says: $text" grep -qF -- "$text" out
}
status 1 "P is 0: any access" pte RW
status 0 "bits 62:59 key: CR4.PKE and CR4.PKS are 0 (SDM 5.6.2)" P key=1
status 0 "62:59 key  1         protection key" P key=1 addr=0x1234000 --set pke=1
status 1 "bits 51:46 addr: beyond MAXPHYADDR, 46 bits (SDM 5.5.4)" P addr=0x400000000000
status 0 "45:12 addr" P addr=0x200000000000
status 1 "bits 20:13 addr: beyond the reach of PSE-36 here (SDM 5.3)" pde --mode 32bit P PS addr=0x100000000 --set pse36=0
status 1 "bit 63 NX: EFER.NXE is 0" P NX --set nxe=0
status 1 "bit 7 PS: no page of that size" pdpte P PS --set page1gb=0
status 1 "bit 8: must be 0" pml4e P 8=1 --set upper_g_reserved=1
status 0 "bits 11:8: left to software" pml4e P 8=1
status 1 "loading CR3 is #GP(0)" pdpte --mode pae P 1=1
status 1 "Address size fault" l3 --mode arm64 page AF addr=0x100000000000 --set ips=2
status 1 "Translation fault" l0 --mode arm64 reserved
status 1 "AF is 0: any access is an Access flag fault" l3 --mode arm64 page --set ha=0
status 0 "words     page" l3 --mode arm64 page --set ha=1
status 1 "not valid: any access is a Translation fault" l3 --mode arm64 AF
status 0 "sh 1 is reserved" l3 --mode arm64 page AF sh=1
status 0 "bits 28:12: RES0, write 0" l2 --mode arm64 --granule 64k block AF 28:12=1
status 2 "'D' does not exist in this PML4E of 4-level paging (SDM 5.5.4); it has P RW US" pml4e P D
status 2 "'FOO' is no name in 4-level paging" P FOO
status 2 "this PDE holds addresses in steps of 2.0M (SDM 5.5.4)" pde P PS addr=0x1000
status 2 "this L2 holds addresses in steps of 512M" l2 --mode arm64 --granule 64k block addr=0x200000
status 2 "does not fit into this PTE of 4-level paging (SDM 5.5.4)" P addr=0x10000000000000
status 2 "4-level paging as it is set has no pml5e; its entries are PML4E PDPTE PDE PTE" pml5e P
status 2 "its entries are L1 L2 L3" l0 --mode arm64 --set t0sz=25 table
status 2 "an earlier word has decided these bits" NX XD
status 2 "'key' wants a value: key=N" key
status 2 "encode wants the names"
status 2 "--granule is for --mode arm64" P --granule 4k
status 2 "granule '8k' is not known; there are 4k, 16k, 64k" --mode arm64 page --granule 8k
status 2 "--set ips=8: the largest value is 0x7" --mode arm64 page --set ips=8

# Words lose nothing: what encode says of any value, it takes back.
back=0
for args in "pte" "pde" "pml4e" "pte --mode 5level" "pml5e --mode 5level" "pte --mode pae" "pdpte --mode pae" \
	"pte --mode 32bit" "pde --mode 32bit" "l3 --mode arm64" "l2 --mode arm64 --granule 16k" "l1 --mode arm64"; do
	for value in 0x8123456789abcdef 0xffffffffffffffff 0x7edcba9876543210 0x1 0x0; do
		case $args in *32bit*) value=$((value & 0xffffffff)) ;; esac
		# shellcheck disable=SC2086 # arguments
		words=$(mmscope mmu encode $args "raw=$value" | sed -n 's/^words *//p')
		# shellcheck disable=SC2086
		[ $((value)) -eq $(($(mmscope mmu encode $args $words | head -n 1))) ] && back=$((back + 1))
	done
done
t_is "words make the same entry again, 60 times" "$back" 60

# arm64's memory type is told if MAIR_EL1 is.
printf '1000 2003\n2000 3003\n3000 4003\n4008 60000000005f47\n4010 60000000006e4b\n4018 7447\n4020 1\n' >tables
explain() { mmscope mmu explain "$1" --mode arm64 --mem tables --set ttbr0=0x1000 "${@:2}" >out; }
explain 0x1abc
t_ok "no MAIR, no memory type" grep -q '^memory type *unknown (attr=1): --set mair=' out
t_ok "and perhaps another shareability" grep -q '^shareability *inner shareable, unless the memory' out
explain 0x1abc --set mair=0xff00
t_ok "write-back" grep -q '^memory type *Normal WB RA WA (attr=1: 0xff)$' out
t_ok "inner shareable" grep -q '^shareability *inner shareable$' out
explain 0x1abc --set mair=0x0400
t_ok "device" grep -q '^memory type *Device-nGnRE (attr=1: 0x04)$' out
t_ok "device memory is outer shareable" grep -q '^shareability *outer shareable, as such memory always is$' out
explain 0x2abc --set mair=0x4f0000
t_ok "inner and outer differ" grep -q '^memory type *Normal inner WB RA WA, outer NC (attr=2: 0x4f)$' out
t_ok "outer shareable" grep -q '^shareability *outer shareable$' out
t_ok "rights of both levels" grep -q '^effective rights *rw- for EL1, rw- for EL0$' out
explain 0x3abc --set mair=0x4400 --json
t_ok "in JSON, too" grep -q '"memory_type": "Normal NC"' out
explain 0x3abc --json
t_ok "JSON's word for unknown" grep -q '"memory_type": null' out

# What an entry means that leads nowhere
explain 0x3abc --set ha=0 --set ips=0
t_ok "AF is 0" ! grep -q 'AF is 0' out
printf '1000 2003\n2000 3003\n3000 4003\n4008 5047\n4010 1\n4018 100000005447\n' >tables
explain 0x1abc --set ha=0
t_ok "AF is 0: not a page of nothing" grep -q ' 4.0K page, AF is 0$' out
explain 0x2abc
t_ok "a reserved descriptor" grep -q 'reserved descriptor$' out
explain 0x3abc --set ips=2
t_ok "an address that is too large" grep -q 'beyond the output size: bits 0x100000000000$' out
# 64 KB tables have 8192 entries: the table is not where its entry's page of 4 KB is.
printf '10008 20003\n27d00 30003\n30000 40443\n' >tables
mmscope mmu explain 0x43f40000000 --mode arm64 --granule 64k --mem tables --set ttbr0=0x10000 >out
t_ok "a table of 64 KB" grep -q '0x20003 table at 0x20000$' out

# Nothing is wider than 80 columns, with tables below 4 GiB and every bit of an entry set.
widest() { grep -v '^words' out | wc -L; }
for args in "compare 0x7f1234567890" "compare ffffffffffffffff" "encode raw=0xffffffffffffffff" \
	"encode pde raw=0xffffffffffffffff" "encode --mode arm64 raw=0xffffffffffffffff" \
	"encode l1 --mode arm64 raw=0xffffffffffffffff --set hpds=1" "encode pdpte --mode pae raw=0xfffffffffffffff1"; do
	# shellcheck disable=SC2086 # arguments
	mmscope mmu $args >out
	t_ok "at most 80 columns: $args" [ "$(widest)" -le 80 ]
done
printf '1000 8000000000002f7f\n2000 80000000fffff07f\nfffff000 4007\n4008 fff00000fffffff7\n' >tables
for mode in 4level 5level; do
	mmscope mmu explain 0x1abc --mode $mode --mem tables --set cr3=0x1000 --set pke=1 >out
	t_ok "at most 80 columns: explain, $mode" [ "$(widest)" -le 80 ]
done
printf '1000 f800000000002003\n2000 f800000087654003\n87654000 f800000087653003\n87653008 ffff000087655fff\n' >tables
explain 0x1abc --set hpds=0
t_ok "at most 80 columns: explain, arm64" [ "$(widest)" -le 80 ]
t_ok "all levels are there" grep -q '^bits of L3  *page AF nG RO' out
t_is "compare: a line for each entry and the offset" "$(mmscope mmu compare 0x7f1234567890 -n | grep -c .)" 23
t_ok "its figures" grep -qE '^5-level canonical +PML4E +47:39 +0xfe$' <(mmscope mmu compare 0x7f1234567890)

if command -v python3 >/dev/null; then
	for args in "encode pte P NX key=1" "encode l3 --mode arm64 page AF" "compare 1234"; do
		# shellcheck disable=SC2086 # arguments
		mmscope --json mmu $args >out
		t_ok "JSON: $args" python3 -m json.tool out
	done
	t_is "JSON has all of it" "$(mmscope --json mmu encode pte P NX key=1 | python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["raw"], d["level"], d["kind"], d["words"], len(d["fields"]), d["fields"][0]["source"], d["notes"][0]["status"])')" \
		"0x8800000000000001 PTE leaf P key=1 NX 15 SDM 5.5.4 ignored"
fi

# The page shows what the tool prints: each "$ mmscope mmu ..." and the lines below it.
page=$REPO/Documentation/views/mmu.rst
printf '1000 2007\n2000 3007\n3000 4007\n4008 8000000000005067\n' >tables
n=0
while read -r line; do
	n=$((n + 1))
	command=$(sed -n "${line}s/^    \\$ //p" "$page")
	tail -n +$((line + 1)) "$page" | awk '/^[^ ]/ { exit } { sub(/^    /, ""); print }' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >want
	bash -c "$command" >out 2>&1
	t_ok "the page shows what it prints: $command" diff out want
done < <(grep -n '^    \$ mmscope mmu' "$page" | cut -d: -f1)
t_ok "there are examples" [ "$n" -ge 3 ]
exit $((T_FAILED > 0))
