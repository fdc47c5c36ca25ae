/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A record stream as it comes in, in pieces of any size: is it one, what is in
 * it, did it end?  Knows the frame of include/uapi/linux/mmscope.h and the
 * order of the records it has heard of; a collector added later needs nothing
 * here.  For the guest programs that judge streams without the tool's decoder.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/mmscope.h>

#define STREAM_RECORD_MAX	(1U << 20)

/*
 * struct stream - zeroed before the first byte
 * @buf: of the caller, STREAM_RECORD_MAX bytes
 * @have: bytes of the header or record that is coming in
 * @ended: the trailer was read
 * @bad: the first thing that is wrong with it, or NULL
 * @records: before the trailer
 * @torn: of these, marked so
 * @reached: per record type, where the last one ended: they do not overlap
 * @digest: of all records, without the torn mark
 */
struct stream {
	unsigned char *buf;
	size_t have;
	int in_body;
	int ended;
	const char *bad;
	uint64_t bytes;
	uint64_t records;
	uint64_t torn;
	uint64_t reached[16];
	uint64_t digest;
	struct mms_stream_header header;
	struct mms_trailer trailer;
};

static inline uint64_t stream_digest(uint64_t h, const void *p, size_t n)
{
	const unsigned char *c = p;

	/* FNV-1a */
	if (!h)
		h = 0xcbf29ce484222325ULL;
	while (n--)
		h = (h ^ *c++) * 0x100000001b3ULL;
	return h;
}

static inline void stream_bad(struct stream *s, const char *why)
{
	if (!s->bad)
		s->bad = why;
}

/* [start, end) comes after all of its type so far; end is 0 behind the last address of 64 bits. */
static inline void stream_order(struct stream *s, unsigned int type, uint64_t start, uint64_t end)
{
	if (start >= end && (end || !start))
		stream_bad(s, "an empty range");
	if (start < s->reached[type])
		stream_bad(s, "ranges out of order, or overlapping");
	s->reached[type] = end ? end : UINT64_MAX;
}

static inline void stream_header(struct stream *s)
{
	memcpy(&s->header, s->buf, sizeof(s->header));
	if (memcmp(s->header.magic, MMS_MAGIC, sizeof(s->header.magic)))
		stream_bad(s, "not the magic");
	if (s->header.abi != MMS_ABI_VERSION)
		stream_bad(s, "another ABI version");
}

static inline void stream_trailer(struct stream *s, uint32_t size)
{
	const struct mms_trailer *t = &s->trailer;

	memcpy(&s->trailer, s->buf, size < sizeof(s->trailer) ? size : sizeof(s->trailer));
	s->ended = 1;
	if (size < sizeof(s->trailer))
		stream_bad(s, "a trailer too short");
	else if (t->records != s->records)
		stream_bad(s, "the trailer counts other records than there were");
	else if (t->end > MMS_END_KILLED)
		stream_bad(s, "an end that is none");
	else if ((t->end == MMS_END_ERROR) != (t->error != 0))
		stream_bad(s, "end and error contradict each other");
	else if (t->hold_max_ns > t->hold_total_ns || (!t->batches && t->hold_max_ns))
		stream_bad(s, "holds that do not add up");
}

static inline void stream_record(struct stream *s)
{
	struct mms_record *rec = (struct mms_record *)s->buf;
	struct mms_pt_extent extent;
	struct mms_pt_hole hole;
	struct mms_vma vma;

	if (rec->type == MMS_REC_TRAILER) {
		stream_trailer(s, rec->size);
		return;
	}
	s->records++;
	if (rec->flags & MMS_RECF_TORN)
		s->torn++;
	rec->flags &= (uint16_t)~MMS_RECF_TORN;
	s->digest = stream_digest(s->digest, s->buf, rec->size);
	if (rec->type == MMS_REC_VMA && rec->size >= sizeof(vma)) {
		memcpy(&vma, s->buf, sizeof(vma));
		stream_order(s, rec->type, vma.start, vma.end);
	} else if (rec->type == MMS_REC_PT_EXTENT && rec->size >= sizeof(extent)) {
		memcpy(&extent, s->buf, sizeof(extent));
		stream_order(s, rec->type, extent.va, extent.va + extent.len);
	} else if (rec->type == MMS_REC_PT_HOLE && rec->size >= sizeof(hole)) {
		memcpy(&hole, s->buf, sizeof(hole));
		stream_order(s, rec->type, hole.va, hole.va + hole.len);
	} else if (rec->type == MMS_REC_KT_ROOT) {
		/* (with PTI the kernel's half is told twice) */
		memset(s->reached, 0, sizeof(s->reached));
	}
}

/* Bytes that the header or record coming in has, as far as that is known. */
static inline size_t stream_wants(struct stream *s)
{
	const struct mms_stream_header *h = (const void *)s->buf;
	const struct mms_record *rec = (const void *)s->buf;

	if (!s->in_body) {
		if (s->have < sizeof(*h))
			return sizeof(*h);
		if (h->header_size < sizeof(*h) || h->header_size > STREAM_RECORD_MAX)
			stream_bad(s, "a header of an impossible size");
		return h->header_size;
	}
	if (s->have < sizeof(*rec))
		return sizeof(*rec);
	if (rec->size < sizeof(*rec) || rec->size % 8 || rec->size > STREAM_RECORD_MAX)
		stream_bad(s, "a record of an impossible size");
	return rec->size;
}

static inline void stream_feed(struct stream *s, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	size_t wants, part;

	s->bytes += n;
	while (n && !s->bad) {
		if (s->ended) {
			stream_bad(s, "bytes after the trailer");
			return;
		}
		wants = stream_wants(s);
		if (s->bad)
			return;
		part = wants - s->have < n ? wants - s->have : n;
		memcpy(s->buf + s->have, p, part);
		s->have += part;
		p += part;
		n -= part;
		if (s->have < wants || stream_wants(s) > s->have || s->bad)
			continue;
		if (s->in_body)
			stream_record(s);
		else
			stream_header(s);
		s->in_body = 1;
		s->have = 0;
	}
}

#endif /* STREAM_H */
