#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The VM is what the other cases take for granted.
# shellcheck source=/dev/null
. /tests/lib.sh

t_is "the kernel that was asked for runs" "$(uname -r)" "$RELEASE"
for mnt in /proc /sys /dev /sys/kernel/debug /tmp /run /dev/shm /sys/fs/cgroup; do
	t_ok "$mnt is mounted" grep -q " $mnt " /proc/mounts
done
t_is "runs as root" "$(id -u)" 0
t_is "is not PID 1's own shell" "$([ $$ -gt 1 ] && echo yes)" yes
t_ok "lo is up" ping -q -c 1 -W 2 127.0.0.1
t_is "nobody is known" "$(id -u nobody)" 65534
t_is "hostname" "$(hostname)" mmscope
t_ok "stdout may be opened anew" sh -c 'echo "# hello" >/dev/stdout'
if [ -e /lib/mmscope.ko ]; then
	t_ok "the module is loaded" grep -q '^mmscope ' /proc/modules
else
	t_skip "the module is loaded" "no module was built"
fi
t_ok "modprobe finds modules of the kernel" modprobe zram
t_ok "zram is there" [ -b /dev/zram0 ]
rmmod zram
