# SPDX-License-Identifier: GPL-2.0
# In the guest: looks for leaked kernel memory. Sourced by tests/vm/guest.sh and by the guest of host/10_detector.sh.
# shellcheck shell=sh

# Prints what kmemleak finds, on the console too, where scripts/vm sees it; fails if it finds something, or cannot
# look. An object is reported when it is 5 s old and looked the same in two scans.
kmemleak_report() {
	sleep 6
	if ! echo scan >/sys/kernel/debug/kmemleak || ! sleep 1 || ! echo scan >/sys/kernel/debug/kmemleak; then
		echo "<4>kmemleak: is off" >/dev/kmsg
		return 1
	fi
	cat /sys/kernel/debug/kmemleak
	while IFS= read -r kmemleak_line; do
		echo "<4>kmemleak: $kmemleak_line" >/dev/kmsg
	done </sys/kernel/debug/kmemleak
	! grep -q . /sys/kernel/debug/kmemleak
}
