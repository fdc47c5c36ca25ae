// SPDX-License-Identifier: GPL-2.0
/* Bytes of a stream -> checked records; trusts no byte of them. */
#include "decode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "shape.h"

#define HEADER_MIN	offsetof(struct mms_stream_header, request)
#define HEADER_MAX	4096
#define align8(n)	(((uint64_t)(n) + 7) & ~7ULL)
#define end_of(type, member)	MMS_END_OF(type, member)

enum state { IN_HEADER, IN_RECORDS, DONE };

/**
 * struct mms_decoder - see decode.h
 * @error: -errno that every later call repeats
 * @base: what messages add to offsets
 * @offset: of the header or record being read, from the stream's start
 * @crc: of all bytes before @offset
 * @record_size: the writer's; @header holds this tool's
 * @fill: bytes of the incomplete header or record in @buf
 * @buf: as the writer wrote it
 * @norm: the same record with its fixed part in this tool's size
 */
struct mms_decoder {
	struct mms_handler handler;
	enum state state;
	int error;
	uint64_t base;
	uint64_t offset;
	uint64_t records;
	uint32_t crc;
	uint32_t record_size;
	struct mms_stream_header header;
	size_t fill;
	unsigned char buf[MMS_RECORD_MAX] __attribute__((aligned(8)));
	unsigned char norm[MMS_RECORD_MAX + 512] __attribute__((aligned(8)));
};

size_t mms_record_fixed(unsigned int type)
{
	const struct mms_shape *s = mms_shape_find(type);

	return s ? s->fixed : 0;
}

size_t mms_kind_fixed(unsigned int kind)
{
	const struct mms_kind_shape *k = mms_kind_shape_find(kind);

	return k ? k->record_size : 0;
}

const char *mms_kind_name(unsigned int kind)
{
	const struct mms_kind_shape *k = mms_kind_shape_find(kind);

	return k ? k->name : "unknown";
}

struct mms_decoder *mms_decoder_new(const struct mms_handler *handler)
{
	struct mms_decoder *d = calloc(1, sizeof(*d));

	if (d)
		d->handler = *handler;
	return d;
}

void mms_decoder_free(struct mms_decoder *d)
{
	free(d);
}

void mms_decoder_set_base(struct mms_decoder *d, uint64_t base)
{
	d->base = base;
}

/* "offset 4711, record 12: <why>" */
static int damaged(const struct mms_decoder *d, struct mms_err *err, const char *why)
{
	uint64_t at = d->base + d->offset;

	if (d->state == IN_HEADER)
		return mms_err_set(err, -EBADMSG, "offset %" PRIu64 ", stream header: %s",
				   at, why);
	return mms_err_set(err, -EBADMSG, "offset %" PRIu64 ", record %" PRIu64 " of the %s stream: %s",
			   at, d->records + 1, mms_kind_name(d->header.kind), why);
}

/* Advance over @len bytes that were read and checked. */
static void passed(struct mms_decoder *d, const void *bytes, size_t len)
{
	d->crc = (uint32_t)crc32(d->crc, bytes, (unsigned int)len);
	d->offset += len;
}

/* Can this be a header as far as it was read?  0, 1 = whole, or an error. */
static int check_header_start(const struct mms_decoder *d, size_t have, struct mms_err *err)
{
	const struct mms_stream_header *h = (const void *)d->buf;
	size_t magic = have < sizeof(h->magic) ? have : sizeof(h->magic);

	if (memcmp(h->magic, MMS_MAGIC, magic))
		return damaged(d, err, "this is not an mmscope stream (bad magic)");
	if (have >= end_of(struct mms_stream_header, abi) && h->abi != MMS_ABI_VERSION)
		return mms_err_set(err, -EPROTONOSUPPORT,
				   "offset %" PRIu64 ": the stream speaks ABI %u, this tool %u: use the tool of the version that wrote it",
				   d->base + d->offset, h->abi, MMS_ABI_VERSION);
	if (have < end_of(struct mms_stream_header, header_size))
		return 0;
	if (h->header_size < HEADER_MIN || h->header_size > HEADER_MAX || h->header_size % 8)
		return damaged(d, err, "impossible header size");
	return have >= h->header_size;
}

static int check_header(struct mms_decoder *d, struct mms_err *err)
{
	struct mms_stream_header *h = &d->header;
	size_t size = h->header_size < sizeof(*h) ? h->header_size : sizeof(*h);

	/* An older writer's is shorter: what it did not have stays zero. */
	memset((char *)h + size, 0, sizeof(*h) - size);
	if (!h->kind)
		return damaged(d, err, "no kind");
	if (!mms_kind_fixed(h->kind))
		return mms_err_set(err, -EPROTONOSUPPORT,
				   "offset %" PRIu64 ": a stream of kind %u, which this tool does not know: use a newer one",
				   d->base + d->offset, h->kind);
	if (h->record_size % 8 || h->record_size < sizeof(struct mms_record) ||
	    h->record_size > MMS_RECORD_MAX)
		return damaged(d, err, "impossible record size");
	if (h->page_shift < 10 || h->page_shift > 20)
		return damaged(d, err, "impossible page size");
	if (!memchr(h->release, 0, sizeof(h->release)))
		return damaged(d, err, "the kernel release has no end");
	return 0;
}

static int take_header(struct mms_decoder *d, struct mms_err *err)
{
	int rc;

	memcpy(&d->header, d->buf, sizeof(d->header));
	rc = check_header(d, err);
	if (rc)
		return rc;
	passed(d, d->buf, d->header.header_size);
	d->record_size = d->header.record_size;
	d->header.header_size = sizeof(d->header);
	d->header.record_size = (uint32_t)mms_kind_fixed(d->header.kind);
	d->state = IN_RECORDS;
	d->fill = 0;
	rc = d->handler.header ? d->handler.header(d->handler.ctx, &d->header) : 0;
	return rc < 0 ? rc : 0;
}

/* The size that a record head gives, checked. */
static int check_head(const struct mms_decoder *d, const struct mms_record *rec,
		      struct mms_err *err)
{
	const struct mms_shape *s = mms_shape_find(rec->type);

	if (!s)
		return damaged(d, err, "unknown record type");
	if (s->kinds && !(s->kinds & 1ULL << d->header.kind))
		return damaged(d, err, "a record type that this kind of stream does not hold");
	if (rec->size > MMS_RECORD_MAX)
		return damaged(d, err, "a record larger than any writer makes");
	if (rec->size % 8 || rec->size < s->least)
		return damaged(d, err, "a record size that does not fit its type");
	return 0;
}

/*
 * The record with the fixed part in this tool's size: an older writer's is
 * extended with zeros, a newer one's cut.  Usually they are equal and nothing
 * is copied.  NULL where the sizes contradict each other.
 */
static const struct mms_record *normalise(struct mms_decoder *d, const struct mms_record *rec)
{
	const struct mms_shape *s = mms_shape_find(rec->type);
	uint64_t tail = s->tail ? align8(s->tail(rec)) : 0;
	struct mms_record *out = (void *)d->norm;
	uint64_t fixed;

	if (tail > rec->size - sizeof(*rec))
		return NULL;
	fixed = rec->size - tail;
	if (fixed < s->least || (s->kinds && fixed > d->record_size))
		return NULL;
	/* With one type in the stream its size is the header's, exactly. */
	if (s->kinds && !mms_kind_mixed(d->header.kind) && fixed != d->record_size)
		return NULL;
	if (fixed == s->fixed)
		return rec;
	memset(out, 0, s->fixed);
	memcpy(out, rec, fixed < s->fixed ? fixed : s->fixed);
	memcpy((char *)out + s->fixed, (const char *)rec + fixed, tail);
	out->size = (uint32_t)(s->fixed + tail);
	return out;
}

static int take_trailer(struct mms_decoder *d, const struct mms_trailer *t, struct mms_err *err)
{
	int rc;

	if (t->records != d->records)
		return mms_err_set(err, -EBADMSG,
				   "offset %" PRIu64 ", trailer: it counts %" PRIu64 " records, the %s stream has %" PRIu64,
				   d->base + d->offset, (uint64_t)t->records,
				   mms_kind_name(d->header.kind), d->records);
	if (t->end > MMS_END_KILLED || t->error > 4095 ||
	    (t->end == MMS_END_ERROR) != (t->error != 0))
		return damaged(d, err, "a trailer with an impossible end");
	if (t->crc_valid > 1 || (t->crc_valid && t->crc32 != d->crc))
		return damaged(d, err, "the checksum does not match what comes before it");
	d->state = DONE;
	rc = d->handler.trailer ? d->handler.trailer(d->handler.ctx, t) : 0;
	return rc < 0 ? rc : 1;
}

/* One whole record, 8-byte aligned; 1 = it was the trailer. */
static int take_record(struct mms_decoder *d, const struct mms_record *rec, struct mms_err *err)
{
	const struct mms_shape *s = mms_shape_find(rec->type);
	const struct mms_record *norm = normalise(d, rec);
	const char *why;
	int rc;

	if (!norm)
		return damaged(d, err, "a record whose size and lengths contradict each other");
	if (rec->type == MMS_REC_TRAILER)
		return take_trailer(d, (const void *)norm, err);
	why = s->check ? s->check(norm) : NULL;
	if (why)
		return damaged(d, err, why);
	rc = d->handler.record ? d->handler.record(d->handler.ctx, norm) : 0;
	if (rc < 0)
		return rc;
	d->records++;
	passed(d, rec, rec->size);
	return 0;
}

/* Move bytes from the input to @d->buf until it holds @want; true when it does. */
static bool fill_to(struct mms_decoder *d, size_t want, const char **in, size_t *len)
{
	size_t n = want > d->fill ? want - d->fill : 0;

	n = n < *len ? n : *len;
	memcpy((char *)d->buf + d->fill, *in, n);
	d->fill += n;
	*in += n;
	*len -= n;
	return d->fill >= want;
}

static int feed_header(struct mms_decoder *d, const char **in, size_t *len, struct mms_err *err)
{
	const struct mms_stream_header *h = (const void *)d->buf;
	size_t first = end_of(struct mms_stream_header, header_size);
	int rc;

	fill_to(d, first, in, len);
	rc = check_header_start(d, d->fill, err);
	if (rc < 0 || d->fill < first)
		return rc;
	if (!fill_to(d, h->header_size, in, len))
		return 0;
	return take_header(d, err);
}

static int feed_record(struct mms_decoder *d, const char **in, size_t *len, struct mms_err *err)
{
	const struct mms_record *rec = (const void *)d->buf;
	int rc;

	/* Most records lie whole and aligned in the caller's buffer. */
	if (!d->fill && *len >= sizeof(*rec) && !((uintptr_t)*in % 8)) {
		rec = (const void *)*in;
		rc = check_head(d, rec, err);
		if (rc)
			return rc;
		if (*len >= rec->size) {
			*in += rec->size;
			*len -= rec->size;
			return take_record(d, rec, err);
		}
		rec = (const void *)d->buf;
	}
	if (!fill_to(d, sizeof(*rec), in, len))
		return 0;
	rc = check_head(d, rec, err);
	if (rc || !fill_to(d, rec->size, in, len))
		return rc;
	d->fill = 0;
	return take_record(d, rec, err);
}

int mms_decoder_feed(struct mms_decoder *d, const void *buf, size_t len,
		     size_t *consumed, struct mms_err *err)
{
	const char *in = buf;
	size_t left = len;
	int rc = d->error;

	while (!rc && left && d->state != DONE)
		rc = d->state == IN_HEADER ? feed_header(d, &in, &left, err) :
					     feed_record(d, &in, &left, err);
	if (consumed)
		*consumed = len - left;
	if (rc < 0)
		d->error = rc;
	return rc < 0 ? rc : d->state == DONE;
}

int mms_decoder_end(struct mms_decoder *d, struct mms_err *err)
{
	if (d->error || d->state == DONE)
		return d->error;
	d->offset += d->fill;
	d->error = damaged(d, err, "truncated: it ends before its trailer");
	return d->error;
}

const char *mms_vma_path(const struct mms_vma *vma)
{
	return vma->path_len ? (const char *)(vma + 1) : "";
}

const char *mms_vma_name(const struct mms_vma *vma)
{
	return vma->name_len ? (const char *)(vma + 1) + vma->path_len : "";
}

const uint64_t *mms_pt_table_entries(const struct mms_pt_table *t)
{
	return (const uint64_t *)(t + 1);
}

unsigned int mms_pt_shift(const struct mms_pt_context *c, unsigned int level)
{
	return c->shift[1] && level <= c->levels ? c->shift[level] : 12 + 9 * (level - 1);
}

unsigned int mms_pt_entry_size(const struct mms_pt_context *c)
{
	return c->entry_size ? c->entry_size : 8;
}

const char *mms_arch_name(uint32_t arch)
{
	switch (arch) {
	case MMS_ARCH_X86_64:
		return "x86-64";
	case MMS_ARCH_I386:
		return "i386";
	case MMS_ARCH_ARM64:
		return "arm64";
	default:
		return "unknown";
	}
}

#define NAME(item, name) name,
static const char *const vmstat_names[] = { "unknown", MMS_VMSTATS(NAME) };

const char *mms_vmstat_name(uint32_t id)
{
	return vmstat_names[id < __MMS_VS_MAX ? id : MMS_VS_UNKNOWN];
}

enum mms_vmstat mms_vmstat_find(const char *name)
{
	for (unsigned int i = 1; i < __MMS_VS_MAX; i++)
		if (!strcmp(vmstat_names[i], name))
			return (enum mms_vmstat)i;
	return MMS_VS_UNKNOWN;
}

const struct mms_stat *mms_stats_of(const struct mms_record *rec, uint32_t *n)
{
	const void *r = rec;

	switch (rec->type) {
	case MMS_REC_NODE:
		*n = ((const struct mms_node *)r)->nstats;
		return (const void *)((const struct mms_node *)r + 1);
	case MMS_REC_ZONE:
		*n = ((const struct mms_zone *)r)->nstats;
		return (const void *)((const struct mms_zone *)r + 1);
	case MMS_REC_ZONE_CPU:
		*n = ((const struct mms_zone_cpu *)r)->nstats;
		return (const void *)((const struct mms_zone_cpu *)r + 1);
	}
	*n = 0;
	return NULL;
}

const char *mms_task_cmdline(const struct mms_task *t)
{
	return (const char *)(t + 1);
}
