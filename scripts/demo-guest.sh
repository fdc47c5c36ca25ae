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
run mmscope status

heading "Where is the memory of process $pid, a shell that holds 3000 strings?"
run mmscope map "$pid"

heap=$(sed -n 's/^\([0-9a-f]*\)-.*\[heap\]$/0x\1/p' "/proc/$pid/maps" | head -n 1)
[ -n "$heap" ] || heap=$(sed -n 's/^\([0-9a-f]*\)-.*\[stack\]$/0x\1/p' "/proc/$pid/maps")
heading "How does the processor get from address $heap, on its heap, to a page of memory?"
run mmscope walk "$pid" "$heap"

heading "Is that true? A second witness: the kernel's own /proc files, and a model of the hardware"
run mmscope verify "$pid"

kill -9 "$pid"
heading "That was a VM: nothing was loaded on this machine."
say "scripts/vm shell     look around in it yourself"
say "make check           all tests, on all kernels"
exit $failed
