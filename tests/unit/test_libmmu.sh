#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# libmmscope-mmu as others meet it: installed somewhere, found by pkg-config, compiled against in C99 and C++ outside of
# the tree; it exports what its headers declare, needs the C library for copying only, and keeps no state.
set -u
REPO=${REPO:-$(cd "$(dirname "$0")/../.." && pwd)}
T_DIR=$(mktemp -d)
export T_DIR
trap 'rm -rf "$T_DIR"' EXIT
# shellcheck source-path=SCRIPTDIR source=../vm/lib.sh
. "$REPO/tests/vm/lib.sh"
BUILD=${MMSCOPE_BUILD:-$REPO/build}
CC=${CC:-gcc}
CXX=${CXX:-g++}
ROOT=$T_DIR/root
LIB=$ROOT/opt/mms/lib
INC=$ROOT/opt/mms/include/mmscope-mmu
unset MAKEFLAGS MFLAGS MAKELEVEL

if ! command -v "$CXX" >/dev/null; then
	t_skip "libmmscope-mmu" "no C++ compiler ($CXX)"
	exit 0
fi
t_ok "it is built and installed" make -s -C "$REPO" BUILD="$BUILD" SANITIZE='' DESTDIR="$ROOT" PREFIX=/opt/mms install
cd "$T_DIR" || exit 1

# --- the libraries ---

t_ok "a SONAME with a number" grep -q 'SONAME.*\[libmmscope-mmu\.so\.0\]' <(readelf -d "$LIB/libmmscope-mmu.so")
t_is "the C library alone is needed" \
	"$(readelf -d "$LIB/libmmscope-mmu.so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | xargs)" libc.so.6

# What the compiler asks for by itself (weak, or with sanitizers) is no choice of the library's.
needs() { nm "$@" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u; }
# Copying bytes is all: a compiler may ask for any of these, too.
PLAIN='memcpy|memset|memmove|memcmp|strlen'
needs "$LIB/libmmscope-mmu.a" >needed
nm --defined-only -g "$LIB/libmmscope-mmu.a" | awk 'NF == 3 { print $3 }' | sort -u >defined
t_is "the archive needs nothing else of the C library" \
	"$(comm -23 needed defined | grep -vxE "$PLAIN|_GLOBAL_OFFSET_TABLE_" | xargs)" ""
t_ok "but that" grep -qx memcpy needed
t_is "and so does the shared library" "$(needs -D "$LIB/libmmscope-mmu.so" | grep -vxE "$PLAIN" | xargs)" ""
for never in malloc free calloc realloc printf fprintf snprintf puts fopen read write open __errno_location; do
	grep -qx "$never" needed && t_fail "it does not call $never"
done
t_is "no variable is ever written" "$(size -A "$LIB/libmmscope-mmu.a" |
	awk '($1 ~ /^\.(data|bss|tdata|tbss)/ && $1 !~ /^\.data\.rel\.ro/) { n += $2 } END { print n + 0 }')" 0

# The headers' functions, by the compiler that reads them: every declaration with linkage.
for h in mmu arm64 entry plan segment tlb; do echo "#include <mmscope-mmu/$h.h>"; done >all.c
"$CC" -std=c99 -I"$(dirname "$INC")" -aux-info decls -c all.c -o all.o
sed -n 's/^.*mmscope-mmu\/[a-z0-9]*\.h:[0-9]*:[A-Z]* \*\/ extern .*[ *]\(mmu_[a-z0-9_]*\) (.*/\1/p' decls | sort -u >declared
nm -D --defined-only "$LIB/libmmscope-mmu.so" | awk '$2 ~ /[A-Z]/ && $2 != "A" { sub(/@.*/, "", $3); print $3 }' |
	sort -u >exported
t_ok "the headers declare some ($(wc -l <declared))" [ "$(wc -l <declared)" -ge 50 ]
t_ok "what is declared is exported, and nothing else" diff declared exported

# --- the headers ---

for h in mmu arm64 entry plan segment tlb; do
	printf '#include <mmscope-mmu/%s.h>\n#include <mmscope-mmu/%s.h>\nint main(void) { return 0; }\n' $h $h >one.c
	t_ok "$h.h alone, C99" "$CC" -std=c99 -pedantic -Wall -Wextra -Werror -I"$(dirname "$INC")" -fsyntax-only one.c
	t_ok "$h.h alone, C++98" "$CXX" -x c++ -std=c++98 -Wall -Wextra -Werror -I"$(dirname "$INC")" -fsyntax-only one.c
	t_ok "$h.h alone, C++20" "$CXX" -x c++ -std=c++20 -pedantic -Wall -Wextra -Werror -I"$(dirname "$INC")" \
		-fsyntax-only one.c
done

# --- a program of somebody else ---

if ! command -v pkg-config >/dev/null; then
	t_skip "pkg-config finds it" "no pkg-config"
	exit $((T_FAILED > 0))
fi
export PKG_CONFIG_LIBDIR=$LIB/pkgconfig PKG_CONFIG_SYSROOT_DIR=$ROOT
t_is "its version" "$(pkg-config --modversion libmmscope-mmu)" 0.1
cp "$REPO/Documentation/examples/translate.c" .
sed -n '/^It prints::$/,/^[A-Z]/{s/^    //p}' "$REPO/Documentation/libmmscope-mmu.rst" >want
t_ok "the page says what the example prints" [ "$(wc -l <want)" -eq 7 ]
for lang in "$CC -std=c99 -pedantic" "$CXX -x c++ -std=c++11 -pedantic"; do
	# shellcheck disable=SC2046,SC2086 # lists of arguments
	t_ok "the example compiles: $lang" $lang -Wall -Wextra -Werror translate.c -x none -o example \
		$(pkg-config --cflags --libs libmmscope-mmu)
	t_ok "it is linked to the shared library" grep -q 'NEEDED.*libmmscope-mmu\.so\.0' <(readelf -d example)
	LD_LIBRARY_PATH=$LIB ./example >got
	t_ok "it runs and prints what the page says" diff got want
	# shellcheck disable=SC2046,SC2086
	t_ok "the same, static" $lang -Wall -Wextra -Werror translate.c -x none -o static \
		$(pkg-config --cflags libmmscope-mmu) "$LIB/libmmscope-mmu.a"
	./static >got
	t_ok "it runs, too" diff got want
	rm -f example static
done
exit $((T_FAILED > 0))
