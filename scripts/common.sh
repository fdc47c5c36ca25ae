# SPDX-License-Identifier: GPL-2.0
# Shared by the scripts in this directory: paths, messages, locks, the kernel table.
# shellcheck shell=bash

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/mmscope
BUILD=${MMSCOPE_BUILD:-$REPO/build}
KERNELS_TABLE=${MMSCOPE_KERNELS_TABLE:-$REPO/scripts/kernels.table}
PROG=${0##*/}
export REPO CACHE BUILD

die()  { echo "$PROG: $*" >&2; exit "${DIE_STATUS:-1}"; }
warn() { echo "$PROG: $*" >&2; }
note() { [ -n "${QUIET-}" ] || echo "$PROG: $*" >&2; }

# The comment block at the top of a script, from "Usage:" on, is its --help.
show_help() {
	sed -n '/^# Usage:/,/^[^#]/{/^#/!d;/^# shellcheck /d;s/^# \{0,1\}//;p}' "$0"
}

# as_root CMD...: runs it as it is for root, through sudo otherwise.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "must be root (or have sudo) to run: $*"
	fi
}

# progress LOG TEXT CMD...: runs CMD with its output in LOG. On a terminal the
# seconds tick; elsewhere it is one line. A failure shows the end of LOG.
progress() {
	local log=$1 text=$2 t0=$SECONDS rc=0 pid
	shift 2
	mkdir -p "$(dirname "$log")"
	if [ -t 2 ] && [ -z "${QUIET-}" ]; then
		"$@" >"$log" 2>&1 </dev/null &
		pid=$!
		while kill -0 "$pid" 2>/dev/null; do
			printf '\r%s: %s ... %ss ' "$PROG" "$text" $((SECONDS - t0)) >&2
			sleep 0.5
		done
		wait "$pid" || rc=$?
		printf '\r\033[K' >&2
	else
		note "$text ..."
		"$@" >"$log" 2>&1 </dev/null || rc=$?
	fi
	if [ "$rc" -ne 0 ]; then
		warn "failed ($rc): $text"
		tail -n 25 "$log" | sed 's/^/  | /' >&2
		warn "whole log: $log"
	elif [ -t 2 ]; then
		note "$text: done in $((SECONDS - t0)) s"
	fi
	return "$rc"
}

# The names in the kernel table, in its order.
kernel_names() {
	awk '!/^[ \t]*(#|$)/ { print $1 }' "$KERNELS_TABLE"
}

# Sets K_NAME K_ARCH K_SUITES K_REL K_IMAGE K_HEADERS K_TOOLCHAIN K_VM from row $1, and K_SLOW: how many times as long
# as elsewhere things may take there.
kernel_row() {
	local row
	row=$(awk -v n="$1" '!/^[ \t]*(#|$)/ && $1 == n { print; exit }' "$KERNELS_TABLE")
	[ -n "$row" ] || die "no kernel named '$1' in ${KERNELS_TABLE#"$REPO"/} (known: $(kernel_names | xargs))"
	# shellcheck disable=SC2034 # the callers read these
	read -r K_NAME K_ARCH K_SUITES K_REL K_IMAGE K_HEADERS K_TOOLCHAIN K_VM <<<"$row"
	K_SLOW=1
	# shellcheck disable=SC2034
	[[ ! $K_VM =~ --timeout-factor\ +([0-9]+) ]] || K_SLOW=${BASH_REMATCH[1]}
}

# with_lock NAME CMD...: one holder at a time on this machine, for this user.
with_lock() {
	local name=$1 fd rc=0
	shift
	mkdir -p "$CACHE/locks"
	exec {fd}>"$CACHE/locks/$name.lock"
	if ! flock -n "$fd"; then
		note "waiting for another $PROG that holds '$name'"
		flock "$fd"
	fi
	"$@" {fd}>&- || rc=$?
	exec {fd}>&-
	return "$rc"
}

# gcc_triplet ARCH: what its compiler's name begins with
gcc_triplet() {
	case $1 in
	amd64) echo x86_64-linux-gnu ;;
	i386) echo i686-linux-gnu ;;
	arm64) echo aarch64-linux-gnu ;;
	*) die "no compiler known for architecture $1" ;;
	esac
}

# is_native ARCH: can programs of this Debian architecture run on the host?
is_native() {
	[ "$1" = "$(dpkg --print-architecture 2>/dev/null || echo amd64)" ]
}
