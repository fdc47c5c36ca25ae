# SPDX-License-Identifier: GPL-2.0
# In the guest: looks for leaked kernel memory. Sourced by tests/vm/guest.sh and by the guest of host/10_detector.sh.
# shellcheck shell=sh

# First of all: a kernel that is locked down later opens nothing of debugfs. Fails where there is no kmemleak, and where
# the kernel was booted locked down.
kmemleak_open() {
	[ -e /sys/kernel/debug/kmemleak ] || return 1
	! grep -q lockdown= /proc/cmdline || return 1
	exec 5</sys/kernel/debug/kmemleak
	exec 6</sys/kernel/debug/kmemleak
	exec 7>/sys/kernel/debug/kmemleak
}

# kmemleak_report 5|6: each once. Prints what is found, on the console too, where scripts/vm sees it; fails if something
# is, or if kmemleak is off. An object is reported when it is 5 s old and looked the same in two scans.
kmemleak_report() {
	sleep 6
	if ! echo scan >&7 || ! sleep 1 || ! echo scan >&7; then
		echo "<4>kmemleak: is off" >/dev/kmsg
		return 1
	fi
	cat <&"$1" >/tmp/kmemleak
	cat /tmp/kmemleak
	while IFS= read -r kmemleak_line; do
		echo "<4>kmemleak: $kmemleak_line" >/dev/kmsg
	done </tmp/kmemleak
	! grep -q . /tmp/kmemleak
}
