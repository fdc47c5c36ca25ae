# SPDX-License-Identifier: GPL-2.0
# In the guest: looks for leaked kernel memory. Sourced by tests/vm/guest.sh and by tests/vm/host/10_detector.sh's guest.
# shellcheck shell=sh

# Puts what kmemleak finds on the console, where scripts/vm sees it. An object is reported when it is 5 s old and
# looked the same in two scans.
kmemleak_report() {
	[ -w /sys/kernel/debug/kmemleak ] || return 0
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	sleep 1
	echo scan >/sys/kernel/debug/kmemleak
	while IFS= read -r kmemleak_line; do
		echo "<4>kmemleak: $kmemleak_line" >/dev/kmsg
	done </sys/kernel/debug/kmemleak
}
