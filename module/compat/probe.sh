#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Ask each probe whether it compiles with this kernel's headers and flags, and
# write the answers as HAVE_* into a header.  The build runs it:
#	CC=cc probe.sh OUT.h "COLLECTORS" "PROBES" CFLAGS...
# A probe named 0_* must compile; if it does not, the build stops here.
set -u
out=$1
collectors=$2
probes=$3
shift 3
tmp=$out.tmp.$$
log=$out.log
trap 'rm -f "$tmp" "$tmp.o"' EXIT

ask() {
	# CC may be several words ("ccache gcc").
	# shellcheck disable=SC2086
	$CC "$@" -Werror=implicit-function-declaration -Wno-unused \
		-DKBUILD_BASENAME='"probe"' -DKBUILD_MODNAME='"probe"' \
		-D__KBUILD_MODNAME=probe -c -o "$tmp.o"
}

{
	echo "/* SPDX-License-Identifier: GPL-2.0 */"
	echo "/* Written by compat/probe.sh from the kernel's headers. */"
	for probe in $probes; do
		name=$(basename "$probe" .c)
		case $name in
		0_*)
			if ! ask "$@" "$probe" >"$log" 2>&1; then
				cat "$log" >&2
				echo "mmscope: probe $name must compile and does not: the kernel's headers or the compiler are unusable (see above)" >&2
				exit 1
			fi
			;;
		*)
			if ask "$@" "$probe" >"$log" 2>&1; then
				echo "#define HAVE_$name 1"
			else
				echo "/* no HAVE_$name */"
			fi
			;;
		esac
	done
	printf '#define MMS_COLLECTORS(X)'
	for c in $collectors; do
		printf ' X(%s)' "$c"
	done
	echo
} >"$tmp" || exit 1
rm -f "$log"
mv "$tmp" "$out"
