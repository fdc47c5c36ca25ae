// SPDX-License-Identifier: GPL-2.0
/* Fuzz target: the text of maps and smaps, through the decoder; and of mountinfo. */
#include <errno.h>
#include "source/maps.h"
#include "source/procfs.h"
#include "texts.h"

static uint64_t sum;

static int see(void *ctx, const struct mms_record *rec)
{
	(void)ctx;
	sum += rec->size;
	return 0;
}

static const struct mms_shmem_devs shmem = { .n = 2, .dev = { 1, 0x1a0000000dULL } };

/* What maps.h promises of an entry. */
static void look_at(const struct mms_map_entry *e)
{
	size_t tail = e->vma.path_len + e->vma.name_len;

	FUZZ_ASSERT(e->vma.start < e->vma.end);
	FUZZ_ASSERT(e->usage.start == e->vma.start && e->usage.end == e->vma.end);
	FUZZ_ASSERT(!e->vma.path_len || strlen(e->tail) + 1 == e->vma.path_len);
	FUZZ_ASSERT(!e->vma.name_len || strlen(e->tail + e->vma.path_len) + 1 == e->vma.name_len);
	FUZZ_ASSERT(!e->tail[tail]);
	FUZZ_ASSERT(strcmp(e->tail, "[vsyscall]"));
}

static int into_stream(FILE *f, enum mms_kind kind, struct mms_err *err)
{
	const struct mms_stream_header header = { .kind = kind, .page_shift = 12 };
	const struct mms_trailer trailer = { .end = MMS_END_COMPLETE };
	const struct mms_handler h = { .record = see };
	struct mms_maps *m = mms_maps_new(f, &shmem, 12);
	struct mms_map_entry e;
	struct mms_feed feed;
	int rc, put = 0;

	FUZZ_ASSERT(!mms_feed_begin(&feed, &h, &header, err));
	while ((rc = mms_maps_next(m, &e, err)) > 0) {
		look_at(&e);
		put = kind == MMS_KIND_VMA ?
		      mms_encode_record(&feed.enc, &e.vma.head, e.tail, e.vma.path_len + e.vma.name_len) :
		      mms_encode_record(&feed.enc, &e.usage.head, NULL, 0);
		/* what the parser takes the decoder takes, but for a path larger than any */
		FUZZ_ASSERT(!put || put == -EMSGSIZE);
		if (put)
			break;
	}
	if (!rc)
		FUZZ_ASSERT(mms_feed_end(&feed, &trailer) == 0);
	mms_feed_free(&feed);
	mms_maps_free(m);
	return rc;
}

size_t fuzz_seed(struct rng *r, uint8_t *out, size_t max)
{
	return below(r, 4) ? text_smaps(r, (char *)out, max, below(r, 2)) : text_mountinfo(r, (char *)out, max);
}

size_t fuzz_mutate(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	return text_damage(r, data, size, max);
}

void fuzz_init(void)
{
}

void fuzz_one(const uint8_t *data, size_t size)
{
	static const enum mms_kind kinds[] = { MMS_KIND_VMA, MMS_KIND_USAGE };
	struct mms_shmem_devs devs = { 0 };
	char path[64];
	int rc, fd;

	for (size_t i = 0; i < 2; i++) {
		struct mms_err err = { "" };
		FILE *f = fmemopen((void *)(uintptr_t)data, size, "r");

		if (!f)
			return;
		rc = into_stream(f, kinds[i], &err);
		FUZZ_ASSERT(rc >= 0 || err.text[0]);
		FUZZ_ASSERT(!fuzz_valid || rc >= 0 || memmem(data, size, " - ", 3));
	}
	fd = text_file(data, size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	mms_shmem_devs_read(&devs, path);
	FUZZ_ASSERT(devs.n <= MMS_SHMEM_DEVS);
}
