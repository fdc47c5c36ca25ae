// SPDX-License-Identifier: GPL-2.0
/* Bytes of a stream -> checked records; trusts no byte of them. */
#include "decode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define HEADER_MIN	offsetof(struct mms_stream_header, request)
#define HEADER_MAX	4096
#define TABLE_ENTRIES	1024	/* i386 without PAE */
#define align8(n)	(((uint64_t)(n) + 7) & ~7ULL)
#define end_of(type, member)	(offsetof(type, member) + sizeof(((type *)0)->member))

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

/**
 * struct shape - what a record type looks like
 * @fixed: bytes of its struct
 * @least: bytes that even the oldest writer has, tail lengths included
 * @kind: the only kind of stream that holds it
 * @tail: bytes of its tail, of a record of at least @least bytes
 * @check: are the values possible? NULL, or what is wrong.  The record is
 *	whole and its tail inside it.
 */
struct shape {
	const char *name;
	size_t fixed;
	size_t least;
	enum mms_kind kind;
	uint64_t (*tail)(const void *rec);
	const char *(*check)(const void *rec);
};

static uint64_t tail_task(const void *rec)
{
	return ((const struct mms_task *)rec)->cmdline_len;
}

static uint64_t tail_vma(const void *rec)
{
	const struct mms_vma *v = rec;

	return (uint64_t)v->path_len + v->name_len;
}

static uint64_t tail_table(const void *rec)
{
	return (uint64_t)((const struct mms_pt_table *)rec)->count * 8;
}

static const char *check_task(const void *rec)
{
	const struct mms_task *t = rec;

	if (!memchr(t->comm, 0, sizeof(t->comm)))
		return "its name has no end";
	if (t->cmdline_len && mms_task_cmdline(t)[t->cmdline_len - 1])
		return "its command line has no end";
	return NULL;
}

static const char *check_vma(const void *rec)
{
	const struct mms_vma *v = rec;
	const char *tail = (const char *)(v + 1);

	if (v->start >= v->end)
		return "it ends before it starts";
	if (v->path_len && tail[v->path_len - 1])
		return "its path has no end";
	if (v->name_len && tail[v->path_len + v->name_len - 1])
		return "its name has no end";
	return NULL;
}

static const char *check_context(const void *rec)
{
	const struct mms_pt_context *c = rec;

	if (c->levels < 2 || c->levels > 5)
		return "impossible number of levels";
	for (unsigned int i = 1; i <= c->levels; i++)
		if (c->shift[i] > 57 || (c->shift[1] && c->shift[i] <= c->shift[i - 1]))
			return "impossible levels";
	return c->entry_size && c->entry_size != 4 && c->entry_size != 8 ?
	       "impossible size of entries" : NULL;
}

static const char *check_table(const void *rec)
{
	const struct mms_pt_table *t = rec;

	if (t->level < 1 || t->level > 5)
		return "impossible level";
	if (t->last >= TABLE_ENTRIES || t->first > t->last)
		return "impossible first or last entry";
	if (!t->count)
		return NULL;
	if (t->index < t->first || t->index > t->last ||
	    t->count > t->last - t->index + 1)
		return "its entries lie outside first .. last";
	return NULL;
}

static bool bad_range(uint64_t va, uint64_t len)
{
	return !len || va + (len - 1) < va;
}

static const char *check_extent(const void *rec)
{
	const struct mms_pt_extent *e = rec;

	if (bad_range(e->va, e->len))
		return "impossible length";
	if (e->level < 1 || e->level > 5)
		return "impossible level";
	if (e->page_shift < 9 || e->page_shift > 57)
		return "impossible page size";
	return NULL;
}

static const char *check_hole(const void *rec)
{
	const struct mms_pt_hole *h = rec;

	if (bad_range(h->va, h->len))
		return "impossible length";
	return h->level < 1 || h->level > 5 ? "impossible level" : NULL;
}

static const char *check_usage(const void *rec)
{
	const struct mms_usage *u = rec;

	return u->start >= u->end ? "it ends before it starts" : NULL;
}

static const struct shape shapes[__MMS_REC_MAX] = {
	[MMS_REC_TRAILER] = { "trailer", sizeof(struct mms_trailer),
		end_of(struct mms_trailer, records), MMS_KIND_UNSPEC, NULL, NULL },
	[MMS_REC_TASK] = { "TASK", sizeof(struct mms_task),
		end_of(struct mms_task, cmdline_len), MMS_KIND_TASK,
		tail_task, check_task },
	[MMS_REC_VMA] = { "VMA", sizeof(struct mms_vma),
		end_of(struct mms_vma, name_len), MMS_KIND_VMA,
		tail_vma, check_vma },
	[MMS_REC_PT_CONTEXT] = { "PT_CONTEXT", sizeof(struct mms_pt_context),
		end_of(struct mms_pt_context, levels), MMS_KIND_PGTABLE,
		NULL, check_context },
	[MMS_REC_PT_TABLE] = { "PT_TABLE", sizeof(struct mms_pt_table),
		end_of(struct mms_pt_table, count), MMS_KIND_PGTABLE,
		tail_table, check_table },
	[MMS_REC_PT_EXTENT] = { "PT_EXTENT", sizeof(struct mms_pt_extent),
		end_of(struct mms_pt_extent, page_shift), MMS_KIND_PGTABLE,
		NULL, check_extent },
	[MMS_REC_PT_HOLE] = { "PT_HOLE", sizeof(struct mms_pt_hole),
		end_of(struct mms_pt_hole, level), MMS_KIND_PGTABLE,
		NULL, check_hole },
	[MMS_REC_USAGE] = { "USAGE", sizeof(struct mms_usage),
		end_of(struct mms_usage, rss), MMS_KIND_USAGE,
		NULL, check_usage },
};

static const struct {
	const char *name;
	size_t record_size;
} kinds[__MMS_KIND_MAX] = {
	[MMS_KIND_TASK] = { "TASK", sizeof(struct mms_task) },
	[MMS_KIND_VMA] = { "VMA", sizeof(struct mms_vma) },
	[MMS_KIND_PGTABLE] = { "PGTABLE", sizeof(struct mms_pt_context) },
	[MMS_KIND_USAGE] = { "USAGE", sizeof(struct mms_usage) },
};

static const struct shape *shape_of(unsigned int type)
{
	return type < __MMS_REC_MAX && shapes[type].fixed ? &shapes[type] : NULL;
}

size_t mms_record_fixed(unsigned int type)
{
	const struct shape *s = shape_of(type);

	return s ? s->fixed : 0;
}

size_t mms_kind_fixed(unsigned int kind)
{
	return kind < __MMS_KIND_MAX ? kinds[kind].record_size : 0;
}

const char *mms_kind_name(unsigned int kind)
{
	return mms_kind_fixed(kind) ? kinds[kind].name : "unknown";
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
	const struct shape *s = shape_of(rec->type);

	if (!s)
		return damaged(d, err, "unknown record type");
	if (s->kind && s->kind != (enum mms_kind)d->header.kind)
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
	const struct shape *s = shape_of(rec->type);
	uint64_t tail = s->tail ? align8(s->tail(rec)) : 0;
	struct mms_record *out = (void *)d->norm;
	uint64_t fixed;

	if (tail > rec->size - sizeof(*rec))
		return NULL;
	fixed = rec->size - tail;
	if (fixed < s->least || (s->kind && fixed > d->record_size))
		return NULL;
	/* With one type in the stream its size is the header's, exactly. */
	if (s->kind && s->kind != MMS_KIND_PGTABLE && fixed != d->record_size)
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
	const struct shape *s = shape_of(rec->type);
	const struct mms_record *norm = normalise(d, rec);
	const char *why;
	int rc;

	if (!norm)
		return damaged(d, err, "a record whose size and lengths contradict each other");
	if (rec->type == MMS_REC_TRAILER)
		return take_trailer(d, (const void *)norm, err);
	why = s->check(norm);
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

const char *mms_task_cmdline(const struct mms_task *t)
{
	return (const char *)(t + 1);
}
