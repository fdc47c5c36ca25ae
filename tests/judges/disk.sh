# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # who sources this sets: see below
# For the judges that boot a program of their own from a disk, in Bochs or in QEMU: sourced by bochs.sh and x86.sh.
# They set: here (this directory), root (the repository), work (a directory of this run), judge (bochs or qemu).

# need_judge TOOL: is the emulator here, with all its parts? Prints what is not.
need_judge() {
	local file
	command -v "$1" >/dev/null || { echo "judge $judge: skipped, $1 is not installed"; return 1; }
	[ "$judge" = bochs ] || return 0
	# Debian: bochsbios, vgabios, bochs-term
	for file in /usr/share/bochs/{BIOS-bochs,VGABIOS-lgpl}-latest /usr/lib/*/bochs/plugins/libbx_term_gui.so; do
		[ -e "$file" ] || { echo "judge $judge: skipped, there is no $file"; return 1; }
	done
}

# need_compiler BITS...: does it make such code? Prints what it does not.
need_compiler() {
	local bits
	for bits; do
		echo 'int x;' | "${CC:-gcc}" "-m$bits" -ffreestanding -xc -c -o /dev/null - 2>/dev/null ||
			{ echo "judge $judge: skipped, ${CC:-gcc} makes no $bits-bit code"; return 1; }
	done
}

# compile BITS ARGUMENT...: the compiler for a program without a system
compile() {
	local bits=$1
	shift
	"${CC:-gcc}" "-m$bits" -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none -mgeneral-regs-only \
		-mno-red-zone -std=gnu11 -O2 -Wall -Wextra -fno-asynchronous-unwind-tables \
		-I"$root/userspace" -I"$here/arm64/libc" "$@"
}

# build_program BITS DIRECTORY SOURCE...: objects and flat program in DIRECTORY
build_program() {
	local bits=$1 into=$2 source part parts=() lto
	shift 2
	for source; do
		part=$into/${#parts[@]}.o
		# Emulators are slow at calls and returns: the fewer, the better. What gcc calls by itself stays apart.
		lto=-flto
		case $source in *.S | */console.c) lto=-fno-lto ;; esac
		compile "$bits" $lto -c -o "$part" "$source"
		parts+=("$part")
	done
	compile "$bits" -flto=1 -nostdlib -static -no-pie -Wl,--no-warn-rwx-segments,--build-id=none \
		-Wl,-z,max-page-size=4096,-T,"$here/bochs/image.ld" -o "$into/program.elf" "${parts[@]}"
	objcopy -O binary "$into/program.elf" "$into/program"
	compile 32 -DSECTORS=$((($(stat -c %s "$into/program") + 511) / 512 + 1)) -c -o "$into/boot.o" \
		"$here/bochs/boot.S"
	ld -m elf_i386 --no-warn-rwx-segments -Ttext 0x7c00 --oformat binary -o "$into/boot" "$into/boot.o"
}

# words NUMBER...: each as 4 bytes, the lowest first
words() {
	local n text=''
	for n; do
		printf -v text '%s\\x%02x\\x%02x\\x%02x\\x%02x' "$text" $((n & 255)) $((n >> 8 & 255)) \
			$((n >> 16 & 255)) $((n >> 24 & 255))
	done
	printf '%b' "$text"
}

# make_disk DIRECTORY FILE NUMBER...: boot sector, configuration of these words, program; a whole number of cylinders
make_disk() {
	local from=$1 to=$2 cylinder=$((16 * 63 * 512))
	shift 2
	{
		cat "$from/boot"
		words "$@"
		head -c $((512 - 4 * $#)) /dev/zero
		cat "$from/program"
	} >"$to"
	truncate -s $((($(stat -c %s "$to") + cylinder - 1) / cylinder * cylinder)) "$to"
}

# run_bochs DISK SECONDS MEGABYTES MODEL: what the guest says
run_bochs() {
	local cylinders=$(($(stat -c %s "$1") / (16 * 63 * 512)))
	cat >"$work/bochsrc" <<-END
		memory: guest=$3, host=$3
		romimage: file=/usr/share/bochs/BIOS-bochs-latest
		vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
		ata0-master: type=disk, path=$1, mode=flat, cylinders=$cylinders, heads=16, spt=63
		boot: disk
		display_library: term
		sound: driver=dummy
		speaker: enabled=0
		port_e9_hack: enabled=1
		magic_break: enabled=1
		cpu: model=$4, count=1, reset_on_triple_fault=0
		clock: sync=none, time0=0
		log: $work/log
		panic: action=fatal
		error: action=ignore
		info: action=ignore
		debug: action=ignore
	END
	echo c >"$work/commands"
	# its only display without a window wants a terminal; the guest's end is a break point
	echo q | TERM=vt100 timeout "$2" script -qec "bochs -q -f $work/bochsrc -rc $work/commands" /dev/null 2>&1
}

# run_qemu DISK SECONDS BINARY ARGUMENT...: what the guest says
run_qemu() {
	local disk=$1 seconds=$2
	shift 2
	timeout "$seconds" "$@" -accel tcg -display none -nodefaults -no-reboot -debugcon stdio \
		-device isa-debug-exit,iobase=0xf4,iosize=1 -drive file="$disk",format=raw,if=ide 2>&1
}

# said FILE: the guest's lines; the emulator's own may share one with them
said() {
	tr -d '\r' <"$1" |
		grep -aoE '(judge (bochs|qemu).*$|section .*|mismatch .*|  [a-z].*|note .*|quirk .*|reproduce .*|^end$)'
}

# take_said WHAT: $work/said from $work/out; ends the script if the guest did not come to its end
take_said() {
	said "$work/out" >"$work/said" || :
	if grep -qx end "$work/said"; then return; fi
	echo "judge $judge$1: the run did not come to its end" >&2
	tail -n 20 "$work/out" >&2
	tail -n 5 "$work/log" 2>/dev/null >&2 || :
	exit 2
}

# found FILE: mismatches of all sections
found() { awk '$1 == "section" { n += $6 } END { print n + 0 }' "$1"; }
