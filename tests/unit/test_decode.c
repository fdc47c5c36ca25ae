// SPDX-License-Identifier: GPL-2.0
/* The decoder: what passes, what is refused and why. (Random damage: tests/fuzz/fuzz_stream.c.) */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include "decode.h"
#include "fixture.h"
#include "source/encode.h"

/* What a handler saw. */
struct seen {
	unsigned int headers;
	unsigned int records;
	unsigned int trailers;
	uint64_t last[64];	/* the record seen last, its first 512 bytes */
	struct mms_stream_header header;
	struct mms_trailer trailer;
	uint64_t sum;		/* of every byte handed out */
	int stop;		/* returned by the record callback */
};

static int see_header(void *ctx, const struct mms_stream_header *h)
{
	struct seen *s = ctx;

	s->headers++;
	s->header = *h;
	return 0;
}

/* Touches all that the contract promises: a sanitizer sees what is not there. */
static void touch(struct seen *s, const struct mms_record *rec)
{
	const struct mms_task *t = (const void *)rec;
	const struct mms_vma *v = (const void *)rec;
	const struct mms_pt_table *p = (const void *)rec;

	for (uint32_t i = 0; i < rec->size; i++)
		s->sum += ((const unsigned char *)rec)[i];
	switch (rec->type) {
	case MMS_REC_TASK:
		s->sum += strlen((const char *)t->comm);
		for (uint32_t i = 0; i < t->cmdline_len; i++)
			s->sum += (unsigned char)mms_task_cmdline(t)[i];
		break;
	case MMS_REC_VMA:
		s->sum += strlen(mms_vma_path(v)) + strlen(mms_vma_name(v));
		break;
	case MMS_REC_PT_TABLE:
		for (uint32_t i = 0; i < p->count; i++)
			s->sum += mms_pt_table_entries(p)[i];
		break;
	}
}

static int see_record(void *ctx, const struct mms_record *rec)
{
	struct seen *s = ctx;

	touch(s, rec);
	s->records++;
	memset(s->last, 0, sizeof(s->last));
	memcpy(s->last, rec, rec->size < sizeof(s->last) ? rec->size : sizeof(s->last));
	return s->stop;
}

static int see_trailer(void *ctx, const struct mms_trailer *t)
{
	struct seen *s = ctx;

	s->trailers++;
	s->trailer = *t;
	return 0;
}

/* Decode @len bytes in pieces of @piece from an address that is @shift off. */
static int decode_as(const unsigned char *buf, size_t len, size_t piece, size_t shift,
		     struct seen *s, struct mms_err *err)
{
	struct mms_handler h = { see_header, see_record, see_trailer, s };
	struct mms_decoder *d = mms_decoder_new(&h);
	unsigned char *copy = malloc(len + shift + 1);
	size_t at = 0, used = 0;
	int rc = 0;

	memcpy(copy + shift, buf, len);
	while (!rc && at < len) {
		size_t n = len - at < piece ? len - at : piece;

		rc = mms_decoder_feed(d, copy + shift + at, n, &used, err);
		at += used;
		if (!rc)
			ck_assert_uint_eq(used, n);
	}
	if (!rc)
		rc = mms_decoder_end(d, err);
	mms_decoder_free(d);
	free(copy);
	return rc;
}

static int decode(const struct mms_membuf *m, struct seen *s, struct mms_err *err)
{
	memset(s, 0, sizeof(*s));
	err->text[0] = '\0';
	return decode_as(m->data, m->len, m->len, 0, s, err);
}

static struct mms_encoder begin(struct mms_membuf *m, enum mms_kind kind, bool crc)
{
	struct mms_encoder e = { .write = mms_write_membuf, .ctx = m, .with_crc = crc };
	struct mms_request req = { .size = sizeof(req), .pid = 42 };
	struct mms_stream_header h;

	mms_header_init(&h, kind, MMS_WRITER_PROCFS, &req);
	ck_assert_int_eq(mms_encode_begin(&e, &h), 0);
	return e;
}

static void end(struct mms_encoder *e)
{
	struct mms_trailer t = { .end = MMS_END_COMPLETE, .hold_max_ns = 77 };

	ck_assert_int_eq(mms_encode_end(e, &t), 0);
}

static void put_vma(struct mms_encoder *e, uint64_t start, const char *path, const char *name)
{
	struct mms_vma v = { .head.type = MMS_REC_VMA, .start = start, .end = start + 0x1000 };
	char tail[256];

	v.path_len = *path ? (uint32_t)strlen(path) + 1 : 0;
	v.name_len = *name ? (uint32_t)strlen(name) + 1 : 0;
	memcpy(tail, path, v.path_len);
	memcpy(tail + v.path_len, name, v.name_len);
	ck_assert_int_eq(mms_encode_record(e, &v.head, tail, v.path_len + v.name_len), 0);
}

/* Header 160 bytes; VMA 88 + 16; VMA 88; trailer 64. */
static struct mms_membuf vma_stream(bool crc)
{
	struct mms_membuf m = { 0 };
	struct mms_encoder e = begin(&m, MMS_KIND_VMA, crc);

	put_vma(&e, 0x1000, "/bin/a", "heap x");
	put_vma(&e, 0x5000, "", "");
	end(&e);
	return m;
}

static struct mms_membuf pt_stream(bool crc)
{
	struct mms_membuf m = { 0 };
	struct mms_encoder e = begin(&m, MMS_KIND_PGTABLE, crc);
	struct mms_pt_context c = { .head.type = MMS_REC_PT_CONTEXT, .levels = 4 };
	struct mms_pt_table t = {
		.head.type = MMS_REC_PT_TABLE, .level = 1, .table_pa = 0x3000,
		.first = 0, .last = 511, .index = 5, .count = 3,
	};
	struct mms_pt_extent x = {
		.head.type = MMS_REC_PT_EXTENT, .va = 0x5000, .len = 0x3000, .pa = 0x9000,
		.state = MMS_PT_PRESENT, .level = 1, .page_shift = 12,
	};
	struct mms_pt_hole h = {
		.head.type = MMS_REC_PT_HOLE, .va = 0x8000, .len = 0x1000, .level = 1,
	};
	const uint64_t entries[3] = { 0x9067, 0xa067, 0xb067 };

	ck_assert_int_eq(mms_encode_record(&e, &c.head, NULL, 0), 0);
	ck_assert_int_eq(mms_encode_record(&e, &t.head, entries, sizeof(entries)), 0);
	ck_assert_int_eq(mms_encode_record(&e, &x.head, NULL, 0), 0);
	ck_assert_int_eq(mms_encode_record(&e, &h.head, NULL, 0), 0);
	end(&e);
	return m;
}

static struct mms_membuf task_stream(bool crc)
{
	struct mms_membuf m = { 0 };
	struct mms_encoder e = begin(&m, MMS_KIND_TASK, crc);
	struct mms_task t = {
		.head.type = MMS_REC_TASK, .pid = 42, .comm = "sleep", .cmdline_len = 9,
	};

	ck_assert_int_eq(mms_encode_record(&e, &t.head, "sleep\0" "10", 9), 0);
	end(&e);
	return m;
}

static struct mms_membuf usage_stream(bool crc)
{
	struct mms_membuf m = { 0 };
	struct mms_encoder e = begin(&m, MMS_KIND_USAGE, crc);
	struct mms_usage u = {
		.head.type = MMS_REC_USAGE, .start = 0x1000, .end = 0x2000,
		.known = MMS_USAGE_K(rss), .rss = 4096,
	};

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(mms_encode_record(&e, &u.head, NULL, 0), 0);
	end(&e);
	return m;
}

START_TEST(sizes_are_the_contract)
{
	/* By hand from the header: what debugfs readers on disk depend on. */
	ck_assert_uint_eq(sizeof(struct mms_stream_header), 160);
	ck_assert_uint_eq(mms_record_fixed(MMS_REC_TRAILER), 64);
	ck_assert_uint_eq(mms_record_fixed(MMS_REC_VMA), 88);
	ck_assert_uint_eq(mms_record_fixed(MMS_REC_PT_CONTEXT), 168);
	ck_assert_uint_eq(mms_record_fixed(MMS_REC_PT_TABLE), 48);
	ck_assert_uint_eq(mms_record_fixed(MMS_REC_PT_EXTENT), 56);
	ck_assert_uint_eq(mms_record_fixed(MMS_REC_PT_HOLE), 32);
	ck_assert_uint_eq(mms_record_fixed(MMS_REC_TASK), 168);
	ck_assert_uint_eq(mms_record_fixed(MMS_REC_USAGE), 176);
	ck_assert_uint_eq(mms_record_fixed(MMS_REC_UNSPEC), 0);
	ck_assert_uint_eq(mms_record_fixed(__MMS_REC_MAX), 0);
	ck_assert_uint_eq(mms_kind_fixed(MMS_KIND_PGTABLE), 168);
	ck_assert_uint_eq(mms_kind_fixed(__MMS_KIND_MAX), 0);
	ck_assert_str_eq(mms_kind_name(MMS_KIND_USAGE), "USAGE");
	ck_assert_str_eq(mms_kind_name(99), "unknown");
}
END_TEST

START_TEST(whole_stream_passes)
{
	struct mms_membuf m = vma_stream(true);
	const struct mms_vma *v;
	struct mms_err err;
	struct seen s;

	ck_assert_int_eq(decode(&m, &s, &err), 1);
	ck_assert_uint_eq(s.headers, 1);
	ck_assert_uint_eq(s.records, 2);
	ck_assert_uint_eq(s.trailers, 1);
	ck_assert_uint_eq(s.header.request.pid, 42);
	ck_assert_uint_eq(s.trailer.records, 2);
	ck_assert_uint_eq(s.trailer.hold_max_ns, 77);
	ck_assert_uint_eq(s.trailer.crc_valid, 1);
	v = (const void *)s.last;
	ck_assert_uint_eq(v->start, 0x5000);
	ck_assert_str_eq(mms_vma_path(v), "");
	ck_assert_str_eq(mms_vma_name(v), "");
	mms_membuf_free(&m);
}
END_TEST

START_TEST(any_split_is_the_same)
{
	struct mms_membuf m[] = {
		vma_stream(true), pt_stream(true), task_stream(false), usage_stream(true),
	};
	const unsigned int records[] = { 2, 4, 1, 3 };
	struct mms_err err;

	for (size_t i = 0; i < 4; i++) {
		struct seen whole;

		ck_assert_int_eq(decode(&m[i], &whole, &err), 1);
		ck_assert_uint_eq(whole.records, records[i]);
		for (size_t piece = 1; piece <= m[i].len; piece++) {
			struct seen s = { 0 };

			ck_assert_int_eq(decode_as(m[i].data, m[i].len, piece, piece % 8, &s, &err), 1);
			ck_assert_mem_eq(&s, &whole, sizeof(s));
		}
		mms_membuf_free(&m[i]);
	}
}
END_TEST

START_TEST(next_stream_is_left_alone)
{
	struct mms_membuf m = vma_stream(true);
	size_t len = m.len, used = 0;
	struct seen s = { 0 };
	struct mms_handler h = { see_header, see_record, see_trailer, &s };
	struct mms_decoder *d = mms_decoder_new(&h);

	ck_assert_int_eq(mms_write_membuf(&m, "MMSCOPE\0rest", 12), 0);
	ck_assert_int_eq(mms_decoder_feed(d, m.data, m.len, &used, NULL), 1);
	ck_assert_uint_eq(used, len);
	ck_assert_int_eq(mms_decoder_end(d, NULL), 0);
	mms_decoder_free(d);
	mms_membuf_free(&m);
}
END_TEST

START_TEST(every_cut_is_truncated)
{
	struct mms_membuf m = vma_stream(true);

	for (size_t len = 0; len < m.len; len++) {
		struct mms_err err = { "" };
		struct seen s = { 0 };

		ck_assert_int_eq(decode_as(m.data, len, 4096, 0, &s, &err), -EBADMSG);
		ck_assert_ptr_nonnull(strstr(err.text, "truncated"));
		ck_assert_uint_eq(s.trailers, 0);
	}
	mms_membuf_free(&m);
}
END_TEST

START_TEST(every_flipped_bit_is_seen)
{
	struct mms_membuf all[] = {
		vma_stream(true), pt_stream(true), task_stream(true), usage_stream(true),
	};

	/*
	 * With a checksum no flip before the trailer passes.  In the trailer
	 * itself only figures that nothing contradicts may: complete or exited,
	 * batches, torn, the holds, entries; and crc_valid, which switches the
	 * check off.
	 */
	for (size_t k = 0; k < 4; k++) {
		size_t trailer = all[k].len - sizeof(struct mms_trailer);

		for (size_t bit = 0; bit < all[k].len * 8; bit++) {
			size_t at = bit / 8;
			struct mms_err err = { "" };
			struct seen s;
			bool free_figure = at >= trailer + offsetof(struct mms_trailer, batches) &&
					   at < trailer + offsetof(struct mms_trailer, crc32);
			bool exited = bit == (trailer + offsetof(struct mms_trailer, end)) * 8;
			bool switch_off = bit == (trailer + offsetof(struct mms_trailer, crc_valid)) * 8;
			bool flags = at >= trailer + offsetof(struct mms_record, flags) &&
				     at < trailer + sizeof(struct mms_record);
			int rc;

			all[k].data[at] ^= (unsigned char)(1 << bit % 8);
			rc = decode(&all[k], &s, &err);
			all[k].data[at] ^= (unsigned char)(1 << bit % 8);
			if (free_figure || exited || switch_off || flags)
				continue;
			ck_assert_msg(rc < 0, "stream %zu: bit %zu of byte %zu passed", k, bit % 8, at);
			ck_assert_msg(err.text[0], "no message");
		}
		mms_membuf_free(&all[k]);
	}
}
END_TEST

/* One damage at a time to a stream with no checksum: refused for its own sake. */
static void refused(struct mms_membuf m, size_t at, const void *bytes, size_t n,
		    int code, const char *why)
{
	struct mms_err err;
	struct seen s;
	int rc;

	memcpy(m.data + at, bytes, n);
	rc = decode(&m, &s, &err);
	ck_assert_msg(rc == code, "%s: got %d (%s)", why, rc, err.text);
	ck_assert_msg(strstr(err.text, why), "'%s' is not in '%s'", why, err.text);
	mms_membuf_free(&m);
}

static void refused_u32(struct mms_membuf m, size_t at, uint32_t v, const char *why)
{
	refused(m, at, &v, 4, -EBADMSG, why);
}

static void refused_u64(struct mms_membuf m, size_t at, uint64_t v, const char *why)
{
	refused(m, at, &v, 8, -EBADMSG, why);
}

#define H(f)	offsetof(struct mms_stream_header, f)
#define V(f)	(160 + offsetof(struct mms_vma, f))
#define T(f)	(160 + 168 + offsetof(struct mms_pt_table, f))
#define X(f)	(160 + 168 + 48 + 24 + offsetof(struct mms_pt_extent, f))
#define K(f)	(160 + offsetof(struct mms_task, f))

START_TEST(damaged_headers)
{
	uint32_t v2 = 2, kind = 99;
	char release[64];

	memset(release, 'r', sizeof(release));
	refused(vma_stream(false), 0, "MMSCOPf", 8, -EBADMSG, "bad magic");
	refused(vma_stream(false), H(abi), &v2, 4, -EPROTONOSUPPORT, "speaks ABI 2, this tool 1");
	refused(vma_stream(false), H(kind), &kind, 4, -EPROTONOSUPPORT, "kind 99");
	refused_u32(vma_stream(false), H(kind), 0, "no kind");
	refused_u32(vma_stream(false), H(header_size), 120, "impossible header size");
	refused_u32(vma_stream(false), H(header_size), 0xfffffff8, "impossible header size");
	refused_u32(vma_stream(false), H(header_size), 156, "impossible header size");
	refused_u32(vma_stream(false), H(record_size), 0, "impossible record size");
	refused_u32(vma_stream(false), H(record_size), 1 << 20, "impossible record size");
	refused_u32(vma_stream(false), H(record_size), 80, "contradict");
	refused_u32(vma_stream(false), H(page_shift), 64, "impossible page size");
	refused(vma_stream(false), H(release), release, 64, -EBADMSG, "release has no end");
}
END_TEST

START_TEST(damaged_records)
{
	uint16_t type = 99, other = MMS_REC_USAGE, none = 0;

	refused_u32(vma_stream(false), V(head.size), 0, "does not fit its type");
	refused_u32(vma_stream(false), V(head.size), 7, "does not fit its type");
	refused_u32(vma_stream(false), V(head.size), 60, "does not fit its type");
	refused_u32(vma_stream(false), V(head.size), 64, "does not fit its type");
	refused_u32(vma_stream(false), V(head.size), 0xfffffff8, "larger than any");
	refused_u32(vma_stream(false), V(head.size), MMS_RECORD_MAX + 8, "larger than any");
	refused_u32(vma_stream(false), V(head.size), 112, "record");
	refused(vma_stream(false), V(head.type), &type, 2, -EBADMSG, "unknown record type");
	refused(vma_stream(false), V(head.type), &none, 2, -EBADMSG, "unknown record type");
	refused(vma_stream(false), V(head.type), &other, 2, -EBADMSG, "does not hold");
	refused_u32(vma_stream(false), V(path_len), 0xffffffff, "contradict");
	refused_u32(vma_stream(false), V(path_len), 0xfffffff9, "contradict");	/* + 7 = 2^32 */
	refused_u32(vma_stream(false), V(name_len), 0xffffffff, "contradict");
	refused_u32(vma_stream(false), V(path_len), 0, "contradict");
	refused_u32(vma_stream(false), V(path_len), 6, "path has no end");
	refused_u32(vma_stream(false), V(name_len), 6, "name has no end");
	refused_u64(vma_stream(false), V(end), 0x1000, "ends before it starts");
	refused_u32(pt_stream(false), 160 + offsetof(struct mms_pt_context, levels), 6, "number of levels");
	refused(pt_stream(false), 160 + offsetof(struct mms_pt_context, shift) + 1, "\x3a", 1, -EBADMSG, "impossible levels");
	refused(pt_stream(false), 160 + offsetof(struct mms_pt_context, shift) + 1, "\x0c\x0c", 2, -EBADMSG, "impossible levels");
	refused(pt_stream(false), 160 + offsetof(struct mms_pt_context, entry_size), "\x06", 1, -EBADMSG, "size of entries");
	refused_u32(pt_stream(false), T(level), 0, "impossible level");
	refused_u32(pt_stream(false), T(level), 6, "impossible level");
	refused_u32(pt_stream(false), T(count), 0x20000003, "contradict");	/* * 8 = 24 mod 2^32 */
	refused_u32(pt_stream(false), T(count), 0xffffffff, "contradict");
	refused_u32(pt_stream(false), T(count), 5, "contradict");
	refused_u32(pt_stream(false), T(index), 510, "outside first .. last");
	refused_u32(pt_stream(false), T(index), 0xffffffff, "outside first .. last");
	refused_u32(pt_stream(false), T(first), 6, "outside first .. last");
	refused_u32(pt_stream(false), T(last), 1024, "first or last");
	refused_u32(pt_stream(false), T(last), 6, "outside first .. last");
	refused_u64(pt_stream(false), X(len), 0, "impossible length");
	refused_u64(pt_stream(false), X(len), UINT64_MAX, "impossible length");
	refused(pt_stream(false), X(level), "", 1, -EBADMSG, "impossible level");
	refused(pt_stream(false), X(page_shift), "@", 1, -EBADMSG, "impossible page size");
	refused_u32(task_stream(false), K(cmdline_len), 17, "contradict");
}
END_TEST

START_TEST(unterminated_task)
{
	char comm[64];

	memset(comm, 'c', sizeof(comm));
	refused(task_stream(false), K(comm), comm, 64, -EBADMSG, "name has no end");
	refused(task_stream(false), 160 + 168 + 8, "x", 1, -EBADMSG, "command line has no end");
}
END_TEST

START_TEST(damaged_trailers)
{
	struct mms_membuf m = vma_stream(false);
	size_t at = m.len - sizeof(struct mms_trailer);

	mms_membuf_free(&m);
	refused_u64(vma_stream(false), at + offsetof(struct mms_trailer, records), 3, "counts 3 records, the VMA stream has 2");
	refused_u32(vma_stream(false), at + offsetof(struct mms_trailer, end), 9, "impossible end");
	refused_u32(vma_stream(false), at + offsetof(struct mms_trailer, error), 5, "impossible end");
	refused_u32(vma_stream(true), at + offsetof(struct mms_trailer, crc32), 5, "checksum");
	refused_u32(vma_stream(false), at + offsetof(struct mms_trailer, crc_valid), 2, "checksum");
}
END_TEST

START_TEST(message_names_the_place)
{
	struct mms_membuf m = vma_stream(false);
	struct mms_handler h = { 0 };
	struct mms_decoder *d = mms_decoder_new(&h);
	struct mms_err err;

	/* header 160, first VMA 88 + 14 of tail = 104: the second starts at 264 */
	memset(m.data + 264, 0xff, 4);
	mms_decoder_set_base(d, 1000);
	ck_assert_int_eq(mms_decoder_feed(d, m.data, m.len, NULL, &err), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "offset 1264, record 2 of the VMA stream"));
	/* and it stays refused */
	ck_assert_int_eq(mms_decoder_feed(d, m.data, m.len, NULL, &err), -EBADMSG);
	ck_assert_int_eq(mms_decoder_end(d, &err), -EBADMSG);
	mms_decoder_free(d);
	mms_membuf_free(&m);
}
END_TEST

/* A stream of one USAGE record with a fixed part of @fixed bytes. */
static struct mms_membuf usage_of(uint32_t fixed, uint32_t header_size, uint32_t trailer_size)
{
	unsigned char junk[512];
	struct mms_membuf full = usage_stream(false), m = { 0 };
	struct mms_stream_header h;
	struct mms_record r = { .size = fixed, .type = MMS_REC_USAGE };
	struct mms_trailer t = {
		.head = { .size = trailer_size, .type = MMS_REC_TRAILER }, .records = 1,
	};
	struct mms_usage u = { .start = 0x1000, .end = 0x2000, .known = ~0ULL, .rss = 5, .locked = 9 };

	memset(junk, 0xee, sizeof(junk));
	memcpy(&h, full.data, sizeof(h));
	h.header_size = header_size;
	h.record_size = fixed;
	u.head = r;
	mms_write_membuf(&m, &h, header_size < sizeof(h) ? header_size : sizeof(h));
	if (header_size > sizeof(h))
		mms_write_membuf(&m, junk, header_size - sizeof(h));
	mms_write_membuf(&m, &u, fixed < sizeof(u) ? fixed : sizeof(u));
	if (fixed > sizeof(u))
		mms_write_membuf(&m, junk, fixed - sizeof(u));
	mms_write_membuf(&m, &t, trailer_size < sizeof(t) ? trailer_size : sizeof(t));
	if (trailer_size > sizeof(t))
		mms_write_membuf(&m, junk, trailer_size - sizeof(t));
	mms_membuf_free(&full);
	return m;
}

START_TEST(older_and_newer_writers)
{
	struct mms_membuf older = usage_of(40, 128, 32), newer = usage_of(200, 192, 96);
	const struct mms_usage *u;
	struct mms_err err;
	struct seen s;

	ck_assert_int_eq(decode(&older, &s, &err), 1);
	u = (const void *)s.last;
	ck_assert_uint_eq(u->head.size, 176);
	ck_assert_uint_eq(u->rss, 5);
	ck_assert_uint_eq(u->pss, 0);
	ck_assert_uint_eq(u->locked, 0);
	ck_assert_uint_eq(s.header.request.pid, 0);
	ck_assert_uint_eq(s.header.header_size, 160);
	ck_assert_uint_eq(s.header.record_size, 176);
	ck_assert_int_eq(decode(&newer, &s, &err), 1);
	u = (const void *)s.last;
	ck_assert_uint_eq(u->head.size, 176);
	ck_assert_uint_eq(u->rss, 5);
	ck_assert_uint_eq(u->locked, 9);
	ck_assert_uint_eq(s.header.request.pid, 42);
	mms_membuf_free(&older);
	mms_membuf_free(&newer);
}
END_TEST

START_TEST(tail_follows_a_resized_fixed_part)
{
	/* A newer VMA with 8 bytes more before its tail. */
	struct mms_membuf m = vma_stream(false), n = { 0 };
	const struct mms_vma *v;
	struct mms_err err;
	struct seen s;
	uint32_t size = 88 + 8 + 16, record_size = 88 + 8;
	uint64_t one = 1, extra = 0x1122334455667788;

	memcpy(m.data + H(record_size), &record_size, 4);
	memcpy(m.data + V(head.size), &size, 4);
	mms_write_membuf(&n, m.data, 160 + 88);
	mms_write_membuf(&n, &extra, 8);
	mms_write_membuf(&n, m.data + 160 + 88, 16);
	mms_write_membuf(&n, m.data + m.len - 64, 64);
	memcpy(n.data + n.len - 64 + offsetof(struct mms_trailer, records), &one, 8);
	ck_assert_int_eq(decode(&n, &s, &err), 1);
	v = (const void *)s.last;
	ck_assert_uint_eq(v->head.size, 88 + 16);
	ck_assert_str_eq(mms_vma_path(v), "/bin/a");
	ck_assert_str_eq(mms_vma_name(v), "heap x");
	mms_membuf_free(&m);
	mms_membuf_free(&n);
}
END_TEST

START_TEST(callback_stops_it)
{
	struct mms_membuf m = vma_stream(true);
	struct seen s = { .stop = -ECANCELED };
	struct mms_err err;

	ck_assert_int_eq(decode_as(m.data, m.len, m.len, 0, &s, &err), -ECANCELED);
	ck_assert_uint_eq(s.records, 1);
	mms_membuf_free(&m);
}
END_TEST

START_TEST(encoder_refuses)
{
	static char big[MMS_RECORD_MAX];
	struct mms_membuf m = { 0 };
	struct mms_encoder e = begin(&m, MMS_KIND_VMA, false);
	struct mms_record bad = { .type = 77 };
	struct mms_vma v = { .head.type = MMS_REC_VMA };

	ck_assert_int_eq(mms_encode_record(&e, &bad, NULL, 0), -EINVAL);
	ck_assert_int_eq(mms_encode_record(&e, &v.head, big, sizeof(big)), -EMSGSIZE);
	ck_assert_int_eq(mms_encode_record(&e, &v.head, big, MMS_RECORD_MAX - 88), 0);
	ck_assert_int_eq(mms_encode_record(&e, &v.head, big, MMS_RECORD_MAX - 87), -EMSGSIZE);
	mms_membuf_free(&m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("decode");
	TCase *c = tcase_create("decode");

	tcase_set_timeout(c, 0);
	tcase_add_test(c, sizes_are_the_contract);
	tcase_add_test(c, whole_stream_passes);
	tcase_add_test(c, any_split_is_the_same);
	tcase_add_test(c, next_stream_is_left_alone);
	tcase_add_test(c, every_cut_is_truncated);
	tcase_add_test(c, every_flipped_bit_is_seen);
	tcase_add_test(c, damaged_headers);
	tcase_add_test(c, damaged_records);
	tcase_add_test(c, unterminated_task);
	tcase_add_test(c, damaged_trailers);
	tcase_add_test(c, message_names_the_place);
	tcase_add_test(c, older_and_newer_writers);
	tcase_add_test(c, tail_follows_a_resized_fixed_part);
	tcase_add_test(c, callback_stops_it);
	tcase_add_test(c, encoder_refuses);
	suite_add_tcase(s, c);
	return run_suite(s);
}
