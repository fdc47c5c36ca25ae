// SPDX-License-Identifier: GPL-2.0
/* Fuzz target: a capture file, from opening it to the model built from it and its verification. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include "model/figures.h"
#include "model/snapshot.h"
#include "model/usage.h"
#include "model/verify.h"
#include "source/source.h"
#include "streams.h"

static char path[64];
static int file;
static size_t input_size;
static uint64_t sum;	/* so that nothing is optimised away */

/* What decode.h, snapshot.h and usage.h promise of what came through. */
static void look_at(struct mms_snapshot *snap)
{
	struct mms_figures f, all = { 0 };

	for (size_t i = 0; i < snap->nregions; i++) {
		const struct mms_region *r = &snap->regions[i];

		FUZZ_ASSERT(r->vma.start < r->vma.end);
		FUZZ_ASSERT(!i || snap->regions[i - 1].vma.end <= r->vma.start);
		FUZZ_ASSERT(r->class >= 0 && r->class < MMS_CLASS_MAX);
		for (const char *p = r->path; *p; p++)
			FUZZ_ASSERT((unsigned char)*p >= 0x20 && *p != 0x7f);
		FUZZ_ASSERT(r->first_extent + r->nextents <= snap->nextents);
		for (size_t k = r->first_extent; k < r->first_extent + r->nextents; k++) {
			FUZZ_ASSERT(snap->extents[k].va >= r->vma.start);
			FUZZ_ASSERT(snap->extents[k].va + (snap->extents[k].len - 1) < r->vma.end);
		}
		FUZZ_ASSERT(mms_snapshot_find(snap, r->vma.start) == r);
		mms_figures_of(snap, r, &f);
		mms_figures_add(&all, &f);
	}
	sum += all.v[MMS_FIG_RSS] + snap->unmatched_usage;
}

/* Two of them: each decodes its stream anew. */
static void walk(struct mms_source *s, uint32_t pid, size_t which)
{
	static const uint64_t addrs[] = {
		0, 0x11234, 0x1fffff, 0x200000, 0x40000000, 0x7fffffffffff, 0xffff800000000000, UINT64_MAX,
	};
	struct mms_walk w;
	struct mms_err err;

	for (size_t n = 0; n < 2; n++) {
		size_t i = (which + n * 3) % (sizeof(addrs) / sizeof(*addrs));
		int rc = mms_source_walk(s, pid, addrs[i], &w, &err);

		FUZZ_ASSERT(rc <= 0 && w.nsteps <= 5);
		if (!rc && w.has_extent)
			FUZZ_ASSERT(addrs[i] >= w.extent.va && addrs[i] - w.extent.va < w.extent.len);
	}
}

static int per_pid(void *ctx, uint32_t pid)
{
	static const unsigned int wants[] = {
		MMS_SNAP_TASK | MMS_SNAP_VMA | MMS_SNAP_EXTENTS | MMS_SNAP_USAGE,
		MMS_SNAP_VMA | MMS_SNAP_EXTENTS, MMS_SNAP_VMA | MMS_SNAP_USAGE, MMS_SNAP_TASK,
	};
	const struct mms_verify_opts frozen = { .frozen = true };
	struct mms_source *s = ctx;
	struct mms_verify_result res = { 0 };
	struct mms_snapshot *snap;
	struct mms_err err = { "" };
	int rc = -1;

	for (size_t i = 0; i < sizeof(wants) / sizeof(*wants) && rc; i++) {
		rc = mms_snapshot_take(&snap, s, pid, wants[i], &err);
		FUZZ_ASSERT(!rc || (rc < 0 && err.text[0]));
		if (!rc) {
			look_at(snap);
			mms_snapshot_free(snap);
		}
	}
	walk(s, pid, input_size / 8);
	rc = mms_verify_process(s, pid, &frozen, &res, &err);
	FUZZ_ASSERT(rc <= 0);
	if (!rc)
		FUZZ_ASSERT(res.agree <= res.translations);
	mms_verify_free(&res);
	return 0;
}

size_t fuzz_seed(struct rng *r, uint8_t *out, size_t max)
{
	return streams_make(r, 0, out, max);
}

size_t fuzz_mutate(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	return streams_damage(r, data, size, max);
}

void fuzz_init(void)
{
	file = memfd_create("fuzz", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
}

void fuzz_one(const uint8_t *data, size_t size)
{
	struct mms_err err = { "" };
	struct mms_source *s;
	int rc;

	input_size = size;
	if (ftruncate(file, (off_t)size) || pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
	rc = mms_source_open_capture(&s, path, &err);
	FUZZ_ASSERT(!rc || (rc < 0 && err.text[0]));
	FUZZ_ASSERT(!fuzz_valid || !rc);
	if (rc)
		return;
	rc = mms_source_pids(s, per_pid, s, &err);
	FUZZ_ASSERT(!rc);
	mms_source_close(s);
}
