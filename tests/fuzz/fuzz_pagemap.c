// SPDX-License-Identifier: GPL-2.0
/* Fuzz target: the words of /proc/PID/pagemap, coalesced and through the decoder. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include "source/procfs.h"
#include "texts.h"

#define BASE	0x10000ULL	/* where the words below begin, bytes */
#define PAGES(size)	((size) / 8)

static const uint8_t *words;
static uint64_t next_va;

static uint64_t word_at(uint64_t va)
{
	uint64_t w;

	memcpy(&w, words + ((va - BASE) >> 12) * 8, 8);
	return w;
}

/* Each page of the run must be what its own word says. */
static int see(void *ctx, const struct mms_record *rec)
{
	const struct mms_pt_extent *e = (const void *)rec;
	struct mms_pt_extent x;
	uint64_t va;

	(void)ctx;
	FUZZ_ASSERT(e->va >= next_va && e->len && !(e->len & 0xfff));
	for (va = next_va; va < e->va; va += 0x1000)
		FUZZ_ASSERT(!mms_pagemap_entry(word_at(va), &x));
	for (va = e->va; va < e->va + e->len; va += 0x1000) {
		uint64_t off = va - e->va;

		FUZZ_ASSERT(mms_pagemap_entry(word_at(va), &x));
		FUZZ_ASSERT(x.state == e->state && x.flags == e->flags && x.swap_type == e->swap_type);
		if (e->state == MMS_PT_PRESENT)
			FUZZ_ASSERT(x.pa << 12 == e->pa + off);
		else
			FUZZ_ASSERT(x.pa == e->pa + (e->state == MMS_PT_SWAP ? off >> 12 : 0));
	}
	next_va = e->va + e->len;
	return 0;
}

size_t fuzz_seed(struct rng *r, uint8_t *out, size_t max)
{
	unsigned int n = 1 + (unsigned int)below(r, 512), i;
	uint64_t w = 0;

	for (i = 0; i < n && (i + 1) * 8 <= max; i++, w += w >> 63 ? 1 : w >> 62 ? 32 : 0) {
		if (!below(r, 6))
			w = below(r, 3) ? 1ULL << 63 | (1 + below(r, 1ULL << below(r, 40))) | below(r, 2) << 55 :
			    below(r, 2) ? 1ULL << 62 | below(r, 1 << 20) << 5 | below(r, 32) : 0;
		memcpy(out + i * 8, &w, 8);
	}
	return i * 8;
}

size_t fuzz_mutate(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	uint64_t w = below(r, 2) ? fuzz_number(r) : 1ULL << below(r, 64) | 1ULL << below(r, 64);

	if (size < 8 || !below(r, 8))
		return fuzz_bytes(r, data, size, max);
	memcpy(data + below(r, PAGES(size)) * 8, &w, 8);
	return size;
}

void fuzz_init(void)
{
}

void fuzz_one(const uint8_t *data, size_t size)
{
	const struct mms_stream_header header = { .kind = MMS_KIND_PGTABLE, .page_shift = 12 };
	const struct mms_trailer trailer = { .end = MMS_END_COMPLETE };
	const struct mms_handler h = { .record = see };
	static uint8_t pad[(BASE >> 12) * 8 + FUZZ_MAX];
	struct mms_pagemap pm = { .page_shift = 12, .hidden_ok = size % 16 < 8 };
	struct mms_err err = { "" };
	struct mms_feed feed;
	uint64_t va;
	int rc;

	words = data;
	next_va = BASE;
	memcpy(pad + (BASE >> 12) * 8, data, size);
	pm.fd = text_file(pad, (BASE >> 12) * 8 + size);
	FUZZ_ASSERT(!mms_feed_begin(&feed, &h, &header, &err));
	rc = mms_pagemap_range(&pm, &feed, BASE, BASE + (PAGES(size) << 12));
	FUZZ_ASSERT(!rc || rc == -EACCES);
	FUZZ_ASSERT(!rc || !pm.hidden_ok);
	if (!rc) {
		FUZZ_ASSERT(!mms_feed_end(&feed, &trailer));
		FUZZ_ASSERT(pm.entries == PAGES(size));
		for (va = next_va; va < BASE + (PAGES(size) << 12); va += 0x1000) {
			struct mms_pt_extent x;

			FUZZ_ASSERT(!mms_pagemap_entry(word_at(va), &x));
		}
	}
	mms_feed_free(&feed);
	/* beyond its end: the process has exited */
	pm.run.len = 0;
	rc = mms_feed_begin(&feed, &h, &header, &err);
	next_va = 0;
	FUZZ_ASSERT(!rc && mms_pagemap_range(&pm, &feed, 1ULL << 40, (1ULL << 40) + 0x1000) == 1);
	mms_feed_free(&feed);
	free(pm.buf);
}
