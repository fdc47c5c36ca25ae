// SPDX-License-Identifier: GPL-2.0
/* Fuzz target: one stream through the decoder, at once and in pieces, which must not differ. */
#include "decode.h"
#include "streams.h"

/* What a handler saw; all of it but nothing else is compared. */
struct seen {
	uint64_t headers;
	uint64_t records;
	uint64_t trailers;
	uint64_t sum;
};

static void add(struct seen *s, const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s->sum = s->sum * 31 + ((const uint8_t *)p)[i];
}

static int see_header(void *ctx, const struct mms_stream_header *h)
{
	struct seen *s = ctx;

	FUZZ_ASSERT(!s->headers && !s->records && !s->trailers);
	FUZZ_ASSERT(memchr(h->release, 0, sizeof(h->release)));
	s->headers++;
	add(s, h, sizeof(*h));
	return 0;
}

/* All that decode.h promises. */
static int see_record(void *ctx, const struct mms_record *rec)
{
	const struct mms_task *t = (const void *)rec;
	const struct mms_vma *v = (const void *)rec;
	const struct mms_pt_table *p = (const void *)rec;
	struct seen *s = ctx;

	FUZZ_ASSERT(s->headers == 1 && !s->trailers);
	FUZZ_ASSERT(!((uintptr_t)rec % 8) && rec->size % 8 == 0);
	FUZZ_ASSERT(mms_record_fixed(rec->type) && rec->size >= mms_record_fixed(rec->type));
	s->records++;
	add(s, rec, rec->size);
	switch (rec->type) {
	case MMS_REC_TASK:
		FUZZ_ASSERT(sizeof(*t) + t->cmdline_len <= rec->size);
		FUZZ_ASSERT(memchr(t->comm, 0, sizeof(t->comm)));
		break;
	case MMS_REC_VMA:
		FUZZ_ASSERT(sizeof(*v) + (uint64_t)v->path_len + v->name_len <= rec->size);
		FUZZ_ASSERT(!v->path_len || strlen(mms_vma_path(v)) < v->path_len);
		FUZZ_ASSERT(!v->name_len || strlen(mms_vma_name(v)) < v->name_len);
		break;
	case MMS_REC_PT_TABLE:
		FUZZ_ASSERT(p->level >= 1 && p->level <= 5 && p->first <= p->last && p->last < 1024);
		FUZZ_ASSERT(!p->count || (p->index >= p->first && p->index + p->count - 1 <= p->last));
		for (uint32_t i = 0; i < p->count; i++)
			s->sum += mms_pt_table_entries(p)[i];
		break;
	}
	return 0;
}

static int see_trailer(void *ctx, const struct mms_trailer *t)
{
	struct seen *s = ctx;

	FUZZ_ASSERT(s->headers == 1 && t->records == s->records);
	s->trailers++;
	add(s, t, sizeof(*t));
	return 0;
}

/* In pieces of @piece bytes at an address that is @off from an aligned one. */
static int decode(const uint8_t *data, size_t size, size_t piece, size_t off, struct seen *s,
		  struct mms_err *err)
{
	struct mms_handler h = { see_header, see_record, see_trailer, s };
	struct mms_decoder *d = mms_decoder_new(&h);
	uint8_t *copy = malloc(size + off + 1);
	size_t at = 0, used;
	int rc = 0;

	err->text[0] = '\0';
	memcpy(copy + off, data, size);
	while (!rc && at < size) {
		size_t n = size - at < piece ? size - at : piece;

		rc = mms_decoder_feed(d, copy + off + at, n, &used, err);
		FUZZ_ASSERT(used <= n && (rc || used == n));
		at += used;
	}
	if (!rc)
		rc = mms_decoder_end(d, err);
	mms_decoder_free(d);
	free(copy);
	return rc;
}

size_t fuzz_seed(struct rng *r, uint8_t *out, size_t max)
{
	return streams_make(r, 1 + (unsigned int)below(r, __MMS_KIND_MAX - 1), out, max);
}

size_t fuzz_mutate(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	return streams_damage(r, data, size, max);
}

void fuzz_init(void)
{
}

void fuzz_one(const uint8_t *data, size_t size)
{
	struct seen whole = { 0 }, parts = { 0 };
	struct mms_err err, err2;
	uint64_t hash = size;
	int rc, rc2;

	for (size_t i = 0; i < size && i < 4096; i++)
		hash = hash * 31 + data[i];
	rc = decode(data, size, size, 0, &whole, &err);
	rc2 = decode(data, size, 1 + hash % 700, hash % 8, &parts, &err2);
	FUZZ_ASSERT(rc == rc2);
	FUZZ_ASSERT(!memcmp(&whole, &parts, sizeof(whole)));
	FUZZ_ASSERT((rc == 1) == (whole.trailers == 1));
	FUZZ_ASSERT(rc == 1 || (rc < 0 && err.text[0] && !strcmp(err.text, err2.text)));
	FUZZ_ASSERT(!fuzz_valid || rc == 1);
}
