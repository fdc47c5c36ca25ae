#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What `make demo` runs in the VM: four questions about the memory of a real process.

failed=0
heading() { printf '\n=== %s\n' "$*"; }
say() { printf '    %s\n' "$*"; }
run() {
	printf '\n$ %s\n' "$*"
	"$@" 2>&1
	rc=$?
	[ $rc -eq 0 ] || { echo "(exit status $rc)"; failed=1; }
}

# A process to look at: the host's bash, shared libraries and all, with a few thousand strings on its heap.
# shellcheck disable=SC2016 # bash expands them
bash -c 'for i in {1..3000}; do list[i]="string number $i"; done; echo ready >/tmp/ready; while :; do sleep 1; done' &
pid=$!
n=0
until [ -e /tmp/ready ] || [ $n -gt 500 ]; do n=$((n + 1)); usleep 20000; done

heading "What can mmscope see on this kernel?"
say "Each collector reads one kernel truth; one that cannot work here would say why."
run mmscope status

heading "Where is the memory of process $pid, a shell that holds 3000 strings?"
say "One line per VMA, a range of addresses with one purpose. SIZE is address space, RSS"
say "what of it is in memory now, PSS its fair share of pages that others map, too, and"
say "EXT in how many separate physical pieces it lies."
run mmscope map "$pid"

heap=$(sed -n 's/^\([0-9a-f]*\)-.*\[heap\]$/0x\1/p' "/proc/$pid/maps" | head -n 1)
[ -n "$heap" ] || heap=$(sed -n 's/^\([0-9a-f]*\)-.*\[stack\]$/0x\1/p' "/proc/$pid/maps")
heading "How does the processor get from address $heap to a page of memory?"
say "That is where its heap begins. The address is cut into one index per level of tables;"
say "each entry points to the next table, the last one to the page."
run mmscope walk "$pid" "$heap"

heading "Is that true?"
say "Every page again: by a software model of the processor that knows nothing of the"
say "kernel module, and by the kernel's own /proc/PID/pagemap and smaps."
run mmscope verify "$pid"

[ $failed -ne 0 ] || printf '\n%s\n' "All witnesses agree: what you saw above is where that memory really is."

kill -9 "$pid"
heading "That was a VM: nothing was loaded on this machine."
say "scripts/vm shell     look around in it yourself"
say "make check           all tests, on all kernels"
exit $failed
