#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The Makefile: a changed header or other flags compile anew what depends on them, however the build directory is said.
set -u
REPO=${REPO:-$(cd "$(dirname "$0")/../.." && pwd)}
T_DIR=$(mktemp -d)
export T_DIR
# shellcheck source-path=SCRIPTDIR source=../vm/lib.sh
. "$REPO/tests/vm/lib.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL
cd "$REPO" || exit 1
mkdir -p build
dir=$(mktemp -d build/test_make.XXXXXX)
trap 'rm -rf "$T_DIR" "$dir"' EXIT
obj=obj/userspace/util/err.o pic=obj/pic/userspace/mmu/names.o

# made BUILD TARGET [OPTION...]: what make compiled (-W FILE: as if FILE had changed)
made() { make V=1 SANITIZE='' BUILD="$1" "$1/$2" "${@:3}" | grep -oE -- '-c -o .*'; }
# from WHERE: built as WHERE says, then asked in both ways
from() {
	rm -rf "$dir"
	t_ok "built in $1" make -s SANITIZE='' BUILD="$1" "$1/$obj" "$1/$pic"
	for b in "$dir" "$REPO/$dir"; do
		t_is "as it is nothing is compiled ($b)" "$(made "$b" $obj; made "$b" $pic)" ""
		t_is "a changed header is seen ($b)" "$(made "$b" $obj -W userspace/util/err.h)" "-c -o $b/$obj userspace/util/err.c"
		t_is "the library's, too ($b)" "$(made "$b" $pic -W userspace/mmu/arm64.h)" "-c -o $b/$pic userspace/mmu/names.c"
		t_is "another header is not ($b)" "$(made "$b" $obj -W userspace/mmu/arm64.h)" ""
		t_is "other flags are seen ($b)" "$(made "$b" $obj OPT=-O1)" "-c -o $b/$obj userspace/util/err.c"
		t_is "and those of before ($b)" "$(made "$b" $obj; made "$b" $pic)" \
			"$(printf -- '-c -o %s userspace/util/err.c\n' "$b/$obj"; printf -- '-c -o %s userspace/mmu/names.c' "$b/$pic")"
	done
}
from "$dir"
from "$REPO/$dir"
exit $((T_FAILED > 0))
