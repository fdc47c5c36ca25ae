#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# PID 1 of the VMs of scripts/vm: mounts, loads the module, runs /vm/cmd as a child, tells the host how it ended.
# Ports (virtio-serial): 1 = CMD's stdout, 2 = CMD's stderr, 3 = lines for the host: "up", then "exit N" or "fail REASON".

export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TERM=dumb
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr
hostname mmscope
ifconfig lo up
cd /root || exit 1
# shellcheck source=/dev/null
. /vm/env

load_module() {
	[ -n "$VM_LOAD" ] || return 0
	# shellcheck disable=SC2086 # module parameters are words
	insmod /lib/mmscope.ko $VM_PARAMS
}

off() {
	poweroff -f
	# no ACPI power switch: the host ends the VM when it has the status
	while :; do sleep 1; done
}

if [ -n "$VM_SHELL" ]; then
	load_module || dmesg | tail -n 20
	stty rows "$VM_ROWS" cols "$VM_COLS" 2>/dev/null
	TERM=$VM_TERM
	echo "Kernel $(uname -r). Leave with 'exit' or ctrl-D; ctrl-A X ends the VM at once."
	setsid cttyhack sh -i
	off
fi

modprobe -q virtio_pci
modprobe -q virtio_console
n=0
until [ -c /dev/vport0p1 ] && [ -c /dev/vport0p2 ] && [ -c /dev/vport0p3 ]; do
	n=$((n + 1))
	[ $n -lt 500 ] || { echo "vm-init: no virtio-serial ports"; off; }
	usleep 10000
done

# CMD gets pipes, as under a shell, so that it may open /dev/stdout anew (a port has one opener).
mkfifo /run/vm.out /run/vm.err
cat /run/vm.out >/dev/vport0p1 &
cat_out=$!
cat /run/vm.err >/dev/vport0p2 &
cat_err=$!
exec 8>/run/vm.out 9>/run/vm.err

echo up >/dev/vport0p3
if ! load_module 2>/run/insmod.err; then
	{
		cat /run/insmod.err
		echo "the kernel's last lines:"
		dmesg | tail -n 25
	} >&9
	said="fail insmod"
else
	/bin/sh /vm/cmd </dev/null >&8 2>&9 8>&- 9>&- &
	wait $!
	said="exit $?"
fi

# What CMD left behind would hold the pipes open, and the module: end it. Kernel threads do not mind.
left=
for p in /proc/[0-9]*; do
	case ${p#/proc/} in
	1 | "$cat_out" | "$cat_err") ;;
	*) left="$left ${p#/proc/}" ;;
	esac
done
# shellcheck disable=SC2086 # a list of pids
kill -9 $left 2>/dev/null
exec 8>&- 9>&-
wait "$cat_out" "$cat_err"
# Unloading is a test too: what is printed on the console is read by the host. Ended processes let go in a moment.
if [ -n "$VM_LOAD" ]; then
	n=0
	while grep -q '^mmscope ' /proc/modules && ! rmmod mmscope 2>/run/rmmod.err; do
		n=$((n + 1))
		if [ $n -ge 40 ]; then
			echo "vm-init: BUG: the module stays in use: $(cat /run/rmmod.err)"
			break
		fi
		usleep 50000
	done
fi
echo "$said" >/dev/vport0p3
off
