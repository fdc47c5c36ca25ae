// SPDX-License-Identifier: GPL-2.0
/* Which processes map the frames of some ranges: one pass over all page tables. */
#include "model/holders.h"

#include <errno.h>
#include <stdlib.h>

static int take_header(void *ctx, const struct mms_stream_header *header)
{
	((struct mms_holders *)ctx)->page_shift = header->page_shift;
	return 0;
}

static void found(struct mms_holders *h, size_t range, uint64_t from, uint64_t to, const struct mms_pt_extent *e,
		  uint64_t first)
{
	for (uint64_t pfn = from; pfn < to; pfn++) {
		struct mms_holder *o = &h->holder[range * h->size + (pfn - h->first[range])];

		if (o->pid) {
			o->more++;
			continue;
		}
		o->pid = h->pid;
		o->va = e->va + ((pfn - first) << h->page_shift);
	}
}

static int take_extent(void *ctx, const struct mms_record *rec)
{
	const struct mms_pt_extent *e = (const void *)rec;
	struct mms_holders *h = ctx;
	uint64_t first, end;

	if (rec->type != MMS_REC_PT_EXTENT || e->state != MMS_PT_PRESENT)
		return 0;
	first = e->pa >> h->page_shift;
	end = first + (e->len >> h->page_shift);
	for (size_t i = 0; i < h->n; i++) {
		uint64_t from = first > h->first[i] ? first : h->first[i];
		uint64_t to = end < h->first[i] + h->size ? end : h->first[i] + h->size;

		if (from < to)
			found(h, i, from, to, e, first);
	}
	return 0;
}

static int take_pid(void *ctx, uint32_t pid)
{
	struct mms_holders *h = ctx;
	struct mms_request req = { .size = sizeof(req), .pid = pid, .flags = MMS_REQ_EXTENTS };
	struct mms_handler handler = { .header = take_header, .record = take_extent, .ctx = h };
	int rc;

	h->pid = pid;
	rc = mms_source_stream(h->source, MMS_KIND_PGTABLE, &req, &handler, NULL);
	/* gone meanwhile, or a kernel thread: it maps nothing */
	if (rc && rc != -ESRCH && rc != -ENXIO && rc != -ENODATA)
		h->skipped++;
	return 0;
}

int mms_holders_find(struct mms_holders *h, struct mms_source *s, struct mms_err *err)
{
	h->source = s;
	h->holder = calloc(h->n * h->size + 1, sizeof(*h->holder));
	if (!h->holder)
		return mms_err_set(err, -ENOMEM, "out of memory");
	return mms_source_pids(s, take_pid, h, err);
}

const struct mms_holder *mms_holder_of(const struct mms_holders *h, uint64_t pfn)
{
	for (size_t i = 0; i < h->n; i++)
		if (pfn >= h->first[i] && pfn - h->first[i] < h->size)
			return &h->holder[i * h->size + (pfn - h->first[i])];
	return NULL;
}
