#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Ten thousand damaged inputs to each of the tool's parsers, under ASan and UBSan, and all that did harm before.
set -u
cd "${REPO:-$(dirname "$0")/../..}" || exit 1
out=$(mktemp)
trap 'rm -f "$out"' EXIT
rc=0
scripts/fuzz --seed "${MMS_FUZZ_SEED:-1}" host >"$out" 2>&1 || rc=$?
# "stream    10000 inputs   12 s  -   clean"
sed -n -E 's/^([a-z]+) +([0-9]+) inputs .* clean$/ok \1: \2 inputs do no harm/p;
	s/^([a-z]+) +[0-9?]+ inputs .*/not ok \1/p' "$out"
# one line per target, none left out
lines=$(grep -cE '^[a-z]+ +[0-9?]+ inputs ' "$out")
targets=$(find tests/fuzz -name 'fuzz_*.c' | wc -l)
if [ "$rc" -eq 0 ] && [ "$lines" -eq "$targets" ]; then
	echo "ok every target was run"
else
	echo "not ok every target was run"
	sed 's/^/# /' "$out"
fi

# The sanitizers and the assertions see what they are for: a program that asserts and one that overruns must not end well.
for harm in 'FUZZ_ASSERT(size > 1000000)' 'volatile uint8_t v = data[size]; (void)v' 'int s = (int)size + 64; fuzz_valid = 1 << s'; do
	cat >"$out.c" <<END
#include "fuzz.h"
size_t fuzz_seed(struct rng *r, uint8_t *out, size_t max) { (void)max; out[0] = (uint8_t)rnd(r); return 1; }
size_t fuzz_mutate(struct rng *r, uint8_t *data, size_t size, size_t max) { return fuzz_bytes(r, data, size, max); }
void fuzz_init(void) { }
void fuzz_one(const uint8_t *data, size_t size) { (void)data; $harm; }
END
	rc=0
	gcc -g -D_GNU_SOURCE -Itests/fuzz -fsanitize=address,undefined -fno-sanitize-recover=undefined -o "$out.prog" \
		"$out.c" tests/fuzz/driver.c tests/fuzz/bytes.c || rc=99
	[ $rc -ne 0 ] || "$out.prog" -n 10 -o "$out.crash" >"$out" 2>&1 || rc=$?
	if [ $rc -eq 1 ] && [ -e "$out.crash" ] && grep -q '^seed 1, input 0: ' "$out"; then
		echo "ok noticed: $harm"
	else
		echo "not ok noticed: $harm"
		sed 's/^/# /' "$out"
	fi
	rm -f "$out.c" "$out.prog" "$out.crash"
done
