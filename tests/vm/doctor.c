// SPDX-License-Identifier: GPL-2.0
/*
 * Plants one lie in a capture file, with its checksum made right again, so that
 * a test can see 'mmscope --from FILE verify' find it.
 *
 * Usage: doctor IN OUT LIE
 *        doctor IN OUT flip OFFSET BIT
 *        doctor IN OUT kmap-guard ADDRESS
 *
 * The second form turns one bit over and lets the checksum be.  What a trailer
 * says of cost is not under the checksum: an OFFSET there becomes that of the
 * last byte before it.  Prints the offset.  The third makes the run of frames
 * that the kernel maps up to ADDRESS one frame longer.
 *
 *	pfn		the physical address of an extent
 *	rw		the right to write in a raw leaf entry
 *	nx		the execute right of an extent
 *	user		the user right of an extent
 *	level		the level of an extent
 *	size		the page size of an extent
 *	cache		the PAT index of an extent
 *	absent		an extent that says swap where a page is
 *	raw		the raw value in an extent
 *	drop-extent	one extent record is left out
 *	drop-table	one page table of level 1 is left out
 *	clear-entry	a raw leaf entry becomes 0
 *	point-away	a level-2 entry points to another table
 *
 * The first present extent of level 1 in the file, and the table it is in, are
 * changed.  Prints what it did, with VA, level, index and values.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/mmscope.h>

/* struct file - a capture in memory */
struct file {
	unsigned char *data;
	size_t len;
};

/* struct place - what the lies are about; offsets in the file, 0 = none */
struct place {
	size_t stream;		/* header of the PGTABLE stream */
	size_t extent;
	size_t table1;		/* the PTE table that holds its first entry */
	size_t table2;		/* the table above */
};

static unsigned int index_bits = 9;	/* 10 in a table of 4-byte entries */
static bool is_arm64;

static unsigned int index_of(uint64_t va, unsigned int level)
{
	return va >> (12 + index_bits * (level - 1)) & ((1U << index_bits) - 1);
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "doctor: %s\n", what);
	exit(2);
}

static struct file read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct file out = { 0 };
	long len;

	if (!f || fseek(f, 0, SEEK_END) || (len = ftell(f)) < 0)
		die(path);
	rewind(f);
	out.len = (size_t)len;
	out.data = malloc(out.len + 1);
	if (!out.data || fread(out.data, 1, out.len, f) != out.len)
		die(path);
	fclose(f);
	return out;
}

static void write_file(const char *path, const struct file *in)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(in->data, 1, in->len, f) != in->len || fclose(f))
		die(path);
}

/* Written down from the definition, not taken from zlib: another witness. */
static uint32_t crc32_of(const unsigned char *p, size_t n)
{
	uint32_t crc = ~0U;
	int bit;

	while (n--) {
		crc ^= *p++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
	}
	return ~crc;
}

static struct mms_record *record(const struct file *f, size_t at)
{
	if (at + sizeof(struct mms_record) > f->len)
		die("truncated file");
	return (struct mms_record *)(void *)(f->data + at);
}

static size_t header_size(const struct file *f, size_t at)
{
	const struct mms_stream_header *h = (const void *)(f->data + at);

	if (at + sizeof(*h) > f->len || memcmp(h->magic, MMS_MAGIC, 8))
		die("not a capture file");
	return h->header_size;
}

/* The offset after the stream at @at; its trailer's is put in *@trailer. */
static size_t stream_end(const struct file *f, size_t at, size_t *trailer)
{
	size_t pos = at + header_size(f, at);

	while (record(f, pos)->type != MMS_REC_TRAILER) {
		if (!record(f, pos)->size)
			die("record of no size");
		pos += record(f, pos)->size;
	}
	*trailer = pos;
	return pos + record(f, pos)->size;
}

static struct mms_pt_extent *extent_at(const struct file *f, size_t at)
{
	return (struct mms_pt_extent *)(void *)(f->data + at);
}

static struct mms_pt_table *table_at(const struct file *f, size_t at)
{
	return (struct mms_pt_table *)(void *)(f->data + at);
}

static uint64_t *entry_of(const struct file *f, size_t at, uint64_t va)
{
	struct mms_pt_table *t = table_at(f, at);
	unsigned int index = index_of(va, t->level);

	if (index < t->index || index >= t->index + t->count)
		die("the entry is not in its table");
	return (uint64_t *)(void *)(f->data + at + sizeof(*t)) + (index - t->index);
}

static bool covers(const struct mms_pt_table *t, uint64_t va)
{
	unsigned int above = 12 + index_bits * t->level;
	unsigned int index = index_of(va, t->level);

	return va >> above == t->va >> above &&
	       index >= t->index && index < t->index + t->count;
}

static bool wanted(const struct mms_pt_extent *e)
{
	return e->state == MMS_PT_PRESENT && e->level == 1 &&
	       !(e->flags & MMS_PT_F_PROTNONE);
}

static void note_context(const struct mms_pt_context *c)
{
	index_bits = c->entry_size == 4 ? 10 : 9;
	is_arm64 = c->tcr;
}

/* The first extent that serves in one stream, with the tables above it. */
static bool find_in(const struct file *f, size_t stream, size_t end, struct place *p)
{
	size_t pos = stream + header_size(f, stream), back;

	for (; pos < end; pos += record(f, pos)->size) {
		if (record(f, pos)->type == MMS_REC_PT_CONTEXT)
			note_context((const void *)(f->data + pos));
		if (record(f, pos)->type == MMS_REC_PT_EXTENT &&
		    wanted(extent_at(f, pos)))
			break;
	}
	if (pos >= end)
		return false;
	*p = (struct place){ .stream = stream, .extent = pos };
	for (back = stream + header_size(f, stream); back < pos;
	     back += record(f, back)->size) {
		if (record(f, back)->type != MMS_REC_PT_TABLE ||
		    !covers(table_at(f, back), extent_at(f, pos)->va))
			continue;
		if (table_at(f, back)->level == 1)
			p->table1 = back;
		else if (table_at(f, back)->level == 2)
			p->table2 = back;
	}
	return p->table1 && p->table2;
}

static struct place find_place(const struct file *f)
{
	struct place p = { 0 };
	size_t at = 0, end, trailer;

	for (; at < f->len; at = end) {
		const struct mms_stream_header *h = (const void *)(f->data + at);

		end = stream_end(f, at, &trailer);
		if (h->kind == MMS_KIND_PGTABLE && find_in(f, at, trailer, &p))
			return p;
	}
	die("no page-table stream with raw tables and a present page");
}

/* Make the trailer of the stream at @at right again. */
static void mend(struct file *f, size_t at, int64_t records)
{
	struct mms_trailer *t;
	size_t trailer;

	stream_end(f, at, &trailer);
	t = (struct mms_trailer *)(void *)(f->data + trailer);
	t->records += (uint64_t)records;
	if (t->crc_valid)
		t->crc32 = crc32_of(f->data + at, trailer - at);
}

static void drop(struct file *f, size_t at)
{
	size_t size = record(f, at)->size;

	memmove(f->data + at, f->data + at + size, f->len - at - size);
	f->len -= size;
}

static void tell(const char *lie, const struct mms_pt_extent *e, unsigned int level,
		 uint64_t was, uint64_t is)
{
	printf("%s: va=%#" PRIx64 " level=%u index=%u was=%#" PRIx64 " is=%#" PRIx64 "\n",
	       lie, (uint64_t)e->va, level, index_of(e->va, level), was, is);
}

static void set_raw(const struct file *f, const struct place *p, const char *lie,
		    unsigned int level, uint64_t xor)
{
	struct mms_pt_extent *e = extent_at(f, p->extent);
	uint64_t *raw = entry_of(f, level == 1 ? p->table1 : p->table2, e->va);
	uint64_t was = *raw;

	*raw = xor ? was ^ xor : 0;
	tell(lie, e, level, was, *raw);
}

/* Lies in the fields of the extent. */
static bool lie_in_extent(const struct file *f, const struct place *p, const char *lie)
{
	struct mms_pt_extent *e = extent_at(f, p->extent);
	struct mms_pt_extent old = *e;

	if (!strcmp(lie, "pfn")) {
		e->pa ^= 0x1000;
		tell(lie, e, 1, old.pa, e->pa);
	} else if (!strcmp(lie, "nx")) {
		e->flags ^= MMS_PT_F_EXEC;
		tell(lie, e, 1, old.flags, e->flags);
	} else if (!strcmp(lie, "user")) {
		e->flags ^= MMS_PT_F_USER;
		tell(lie, e, 1, old.flags, e->flags);
	} else if (!strcmp(lie, "level")) {
		e->level = 2;
		tell(lie, e, 1, 1, 2);
	} else if (!strcmp(lie, "size")) {
		e->page_shift = 21;
		tell(lie, e, 1, 12, 21);
	} else if (!strcmp(lie, "cache")) {
		e->cache ^= 3;
		tell(lie, e, 1, old.cache, e->cache);
	} else if (!strcmp(lie, "absent")) {
		e->state = MMS_PT_SWAP;
		tell(lie, e, 1, old.state, e->state);
	} else if (!strcmp(lie, "raw")) {
		e->raw ^= 0x40;
		tell(lie, e, 1, old.raw, e->raw);
	} else {
		return false;
	}
	return true;
}

/* Lies in the raw entries.  @records is how many are there more. */
static bool lie_in_tables(struct file *f, const struct place *p, const char *lie,
			  int64_t *records)
{
	struct mms_pt_extent e = *extent_at(f, p->extent);

	if (!strcmp(lie, "rw")) {
		/* R/W; arm64: AP[2] */
		set_raw(f, p, lie, 1, is_arm64 ? 0x80 : 2);
	} else if (!strcmp(lie, "clear-entry")) {
		set_raw(f, p, lie, 1, 0);
	} else if (!strcmp(lie, "point-away")) {
		set_raw(f, p, lie, 2, 0x7000000);
	} else if (!strcmp(lie, "drop-extent")) {
		tell(lie, &e, 1, e.raw, 0);
		drop(f, p->extent);
		*records = -1;
	} else if (!strcmp(lie, "drop-table")) {
		tell(lie, &e, 1, table_at(f, p->table1)->table_pa, 0);
		drop(f, p->table1);
		*records = -1;
	} else {
		return false;
	}
	return true;
}

/* One bit at @at, or before the trailer's figures if it is one of them. */
static void flip(struct file *f, size_t at, unsigned int bit)
{
	size_t stream = 0, trailer, end;

	for (; stream < f->len; stream = end) {
		end = stream_end(f, stream, &trailer);
		if (at >= trailer + offsetof(struct mms_trailer, batches) &&
		    at < trailer + offsetof(struct mms_trailer, crc32))
			at = trailer - 1;
	}
	if (at >= f->len || bit > 7)
		die("no such bit");
	f->data[at] ^= (unsigned char)(1U << bit);
	printf("%zu\n", at);
}

/* The run that ends at @addr: one more frame. */
static void lengthen(struct file *f, uint64_t addr)
{
	size_t at = 0, end, trailer, pos;

	for (; at < f->len; at = end) {
		end = stream_end(f, at, &trailer);
		for (pos = at + header_size(f, at); pos < trailer; pos += record(f, pos)->size) {
			struct mms_kmap_run *k = (void *)(f->data + pos);

			if (k->head.type != MMS_REC_KMAP_RUN || k->class == MMS_FRAME_KPGTABLE ||
			    k->va + (k->count << 12) != addr)
				continue;
			k->count++;
			mend(f, at, 0);
			printf("kmap-guard: va=%#" PRIx64 " count=%" PRIu64 "\n", (uint64_t)k->va, (uint64_t)k->count);
			return;
		}
	}
	die("no run of frames ends there");
}

int main(int argc, char **argv)
{
	struct file f;
	struct place p;
	int64_t records = 0;

	if (argc == 6 && !strcmp(argv[3], "flip")) {
		f = read_file(argv[1]);
		flip(&f, strtoul(argv[4], NULL, 0), (unsigned int)strtoul(argv[5], NULL, 0));
		write_file(argv[2], &f);
		free(f.data);
		return 0;
	}
	if (argc == 5 && !strcmp(argv[3], "kmap-guard")) {
		f = read_file(argv[1]);
		lengthen(&f, strtoull(argv[4], NULL, 0));
		write_file(argv[2], &f);
		free(f.data);
		return 0;
	}
	if (argc != 4) {
		fprintf(stderr, "usage: doctor IN OUT LIE\n");
		return 2;
	}
	f = read_file(argv[1]);
	p = find_place(&f);
	if (!lie_in_extent(&f, &p, argv[3]) &&
	    !lie_in_tables(&f, &p, argv[3], &records))
		die("no such lie; see the top of doctor.c");
	mend(&f, p.stream, records);
	write_file(argv[2], &f);
	free(f.data);
	return 0;
}
