#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Ask each probe whether it compiles with this kernel's headers and flags, and
# write the answers as HAVE_* into a header.  The build runs it:
#	CC=cc probe.sh OUT.h "COLLECTORS" "PROBES" CFLAGS...
# A probe named 0_* must compile; if it does not, the build stops here.
# What is in the enums named below is listed, too, since no compiler can be asked
# whether an enumerator exists: MMS_ENUM_NAME(X) is X(FIRST) X(SECOND) ...
set -u
out=$1
collectors=$2
probes=$3
shift 3
enums='zone_stat_item node_stat_item numa_stat_item zone_flags zone_watermarks'
tmp=$out.tmp.$$
log=$out.log
trap 'rm -f "$tmp" "$tmp.o" "$tmp.c"' EXIT

ask() {
	# CC may be several words ("ccache gcc").
	# shellcheck disable=SC2086
	$CC "$@" -Werror=implicit-function-declaration -Wno-unused \
		-DKBUILD_BASENAME='"probe"' -DKBUILD_MODNAME='"probe"' \
		-D__KBUILD_MODNAME=probe -c -o "$tmp.o"
}

# the enums as the preprocessor leaves them: what is configured out is gone
enumerators() {
	echo '#include <linux/mmzone.h>' >"$tmp.c"
	# shellcheck disable=SC2086
	$CC "$@" -E -o "$tmp.o" "$tmp.c" || return 1
	awk -v wanted=" $enums " '
	/^#/ { next }
	/^enum [a-z_]+ *\{/ && index(wanted, " " $2 " ") { name = $2; list = ""; sub(/^[^{]*\{/, "") }
	name {
		ends = sub(/\}.*/, "")
		n = split($0, part, ",")
		for (i = 1; i <= n; i++) {
			sub(/=.*/, "", part[i])
			gsub(/[ \t]/, "", part[i])
			if (part[i] ~ /^[A-Za-z_][A-Za-z0-9_]*$/) list = list " X(" part[i] ")"
		}
		if (ends) { print "#define MMS_ENUM_" name "(X)" list; name = "" }
	}' "$tmp.o"
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
	enumerators "$@" || exit 1
	printf '#define MMS_COLLECTORS(X)'
	for c in $collectors; do
		printf ' X(%s)' "$c"
	done
	echo
} >"$tmp" || exit 1
rm -f "$log"
mv "$tmp" "$out"
