// SPDX-License-Identifier: GPL-2.0
/* Entries of /proc/PID/pagemap -> coalesced extents. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "source/procfs.h"

/* Documentation/admin-guide/mm/pagemap.rst */
#define PM_PFN		((1ULL << 55) - 1)
#define PM_SWAP_TYPE	0x1fULL
#define PM_SWAP_OFFSET(e) (((e) & PM_PFN) >> 5)
#define PM_SOFT_DIRTY	(1ULL << 55)
#define PM_UFFD_WP	(1ULL << 57)
#define PM_GUARD	(1ULL << 58)	/* 6.15 and later */
#define PM_SWAP		(1ULL << 62)
#define PM_PRESENT	(1ULL << 63)

/*
 * Linux takes the swap types from the top down for entries that are no swap:
 * 31 for markers (5.19 and later), below them device, migration and hwpoison
 * entries in numbers that depend on its configuration, 8 at most.
 */
#define TYPE_MARKER	31
#define TYPE_FIRST_SPECIAL 23
#define MARKER_BITS	7

#define CHUNK		(64 * 1024)	/* entries per read: 512 KiB */

static void not_present(uint64_t entry, struct mms_pt_extent *e)
{
	uint32_t type = entry & PM_SWAP_TYPE;

	e->pa = PM_SWAP_OFFSET(entry);
	if (entry & PM_GUARD || (type == TYPE_MARKER && e->pa <= MARKER_BITS))
		e->state = MMS_PT_MARKER;
	else if (type >= TYPE_FIRST_SPECIAL)
		e->state = MMS_PT_OTHER;
	else
		e->state = MMS_PT_SWAP;
	e->swap_type = e->state == MMS_PT_SWAP ? type : 0;
}

bool mms_pagemap_entry(uint64_t entry, struct mms_pt_extent *e)
{
	memset(e, 0, sizeof(*e));
	e->head.type = MMS_REC_PT_EXTENT;
	e->level = 1;
	if (entry & PM_PRESENT) {
		e->state = MMS_PT_PRESENT;
		e->pa = entry & PM_PFN;	/* the caller knows the page size */
	} else if (entry & (PM_SWAP | PM_GUARD)) {
		not_present(entry, e);
	} else {
		return false;
	}
	if (entry & PM_SOFT_DIRTY)
		e->flags |= MMS_PT_F_SOFT_DIRTY;
	if (entry & PM_UFFD_WP)
		e->flags |= MMS_PT_F_UFFD_WP;
	return true;
}

static int flush(struct mms_pagemap *pm, struct mms_feed *f)
{
	int rc = 0;

	if (pm->run.len)
		rc = mms_encode_record(&f->enc, &pm->run.head, NULL, 0);
	pm->run.len = 0;
	return rc;
}

/* Does @e go on where the run ends, in both address spaces? */
static bool continues(const struct mms_pt_extent *run, const struct mms_pt_extent *e)
{
	uint64_t pages = run->len >> run->page_shift;
	uint64_t pa = run->pa;

	if (!run->len || run->va + run->len != e->va || run->state != e->state ||
	    run->flags != e->flags || run->swap_type != e->swap_type)
		return false;
	switch (run->state) {
	case MMS_PT_PRESENT:
		pa += run->len;
		break;
	case MMS_PT_SWAP:
		pa += pages;
		break;
	}
	return pa == e->pa;
}

static int take_entry(struct mms_pagemap *pm, struct mms_feed *f, uint64_t va, uint64_t entry)
{
	struct mms_pt_extent e;
	int rc;

	if (!mms_pagemap_entry(entry, &e))
		return 0;
	e.va = va;
	e.len = 1ULL << pm->page_shift;
	e.page_shift = (uint8_t)pm->page_shift;
	if (e.state == MMS_PT_PRESENT) {
		if (!e.pa && !pm->hidden_ok)
			return -EACCES;
		e.pa <<= pm->page_shift;
	}
	if (continues(&pm->run, &e)) {
		pm->run.len += e.len;
		return 0;
	}
	rc = flush(pm, f);
	pm->run = e;
	return rc;
}

int mms_pagemap_range(struct mms_pagemap *pm, struct mms_feed *f,
		      uint64_t start, uint64_t end)
{
	uint64_t step = 1ULL << pm->page_shift, va = start;
	int rc;

	if (!pm->buf)
		pm->buf = malloc(CHUNK * sizeof(*pm->buf));
	if (!pm->buf)
		return -ENOMEM;
	while (va < end) {
		uint64_t want = (end - va) >> pm->page_shift;
		size_t bytes = (want < CHUNK ? want : CHUNK) * 8;
		ssize_t got = pread(pm->fd, pm->buf, bytes, (off_t)((va >> pm->page_shift) * 8));

		if (got < 0)
			return -errno;
		if (got < 8)
			break;
		pm->entries += (uint64_t)got / 8;
		for (ssize_t i = 0; i < got / 8; i++, va += step) {
			rc = take_entry(pm, f, va, pm->buf[i]);
			if (rc)
				return rc;
		}
	}
	rc = flush(pm, f);
	return rc ? rc : va < end;
}
