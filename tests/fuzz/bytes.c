// SPDX-License-Identifier: GPL-2.0
/* What all fuzz targets share: numbers that break things, damage of bytes. */
#include <unistd.h>
#include "fuzz.h"

bool fuzz_valid;

uint64_t fuzz_number(struct rng *r)
{
	static const uint64_t edges[] = {
		0, 1, 2, 7, 8, 9, 11, 12, 13, 20, 21, 30, 39, 48, 57, 63, 64, 65, 255, 256, 511, 512, 513,
		4095, 4096, 4097, 65535, 65536, 65544, 0x7fffffff, 0x80000000, 0xfffffff8, 0xfffffff9,
		0xffffffff, 0x100000000, 0x20000003, 0x7fffffffffff, 0x7ffffffff000, 0x800000000000,
		0xffff800000000000, 0xfffffffffffff000, 0x7fffffffffffffff, 0x8000000000000000,
		0xfffffffffffffff8, 0xffffffffffffffff,
	};
	uint64_t v = edges[below(r, sizeof(edges) / sizeof(*edges))];

	switch (below(r, 6)) {
	case 0:
		return rnd(r);
	case 1:
		return 1ULL << below(r, 64);
	case 2:
		return v + below(r, 17) - 8;
	}
	return v;
}

size_t fuzz_bytes(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	size_t at = below(r, size), n = 1 + below(r, 64), from = below(r, size);
	uint64_t v = fuzz_number(r);

	if (!size) {
		data[0] = (uint8_t)v;
		return max ? 1 : 0;
	}
	n = n < size - at ? n : size - at;
	switch (below(r, 7)) {
	case 0:
		data[at] ^= (uint8_t)(1 << below(r, 8));
		break;
	case 1:
		data[at] = (uint8_t)v;
		break;
	case 2:
		at &= ~(size_t)7;
		memcpy(data + at, &v, size - at < 8 ? size - at : 8);
		break;
	case 3:
		at &= ~(size_t)3;
		memcpy(data + at, &v, size - at < 4 ? size - at : 4);
		break;
	case 4:
		return at ? at : size;
	case 5:	/* take a piece out */
		memmove(data + at, data + at + n, size - at - n);
		return size - n;
	case 6:	/* a piece once more, elsewhere */
		n = n < size - from ? n : size - from;
		if (size + n > max)
			break;
		memmove(data + at + n, data + at, size - at);
		memmove(data + at, data + (from < at ? from : from + n < size ? from + n : from), n);
		return size + n;
	}
	return size;
}

void fuzz_failed(const char *file, int line, const char *what)
{
	dprintf(2, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}
