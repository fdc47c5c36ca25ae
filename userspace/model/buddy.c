// SPDX-License-Identifier: GPL-2.0
/* Free blocks of all zones, and the two indices of mm/vmstat.c. */
#include "model/buddy.h"

#include <stdlib.h>
#include <string.h>
#include "model/vec.h"

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	struct mms_buddy *b = ctx;

	b->writer = h->writer;
	b->page_shift = h->page_shift;
	return 0;
}

static struct mms_buddy_state *find(struct mms_buddy *b, uint32_t node, uint32_t zone)
{
	for (size_t i = b->n; i > 0; i--)
		if (b->zones[i - 1].zone.node == node && b->zones[i - 1].zone.zone == zone)
			return &b->zones[i - 1];
	return NULL;
}

static int take_zone(struct mms_buddy *b, const struct mms_buddy_zone *rec)
{
	if (find(b, rec->node, rec->zone))
		return 0;
	if (mms_vec_grow(&b->zones, &b->room, b->n, sizeof(*b->zones)))
		return -ENOMEM;
	memset(&b->zones[b->n], 0, sizeof(*b->zones));
	b->zones[b->n++].zone = *rec;
	if (rec->orders > b->orders)
		b->orders = rec->orders;
	return 0;
}

static int take_record(void *ctx, const struct mms_record *rec)
{
	const struct mms_buddy_area *a = (const void *)rec;
	struct mms_buddy_state *z;

	if (rec->type == MMS_REC_BUDDY_ZONE)
		return take_zone(ctx, (const void *)rec);
	if (rec->type != MMS_REC_BUDDY_AREA)
		return 0;
	z = find(ctx, a->node, a->zone);
	if (z && a->order < z->zone.orders && a->order < MMS_BUDDY_ORDERS)
		z->area[a->order] = *a;
	return 0;
}

static int take_trailer(void *ctx, const struct mms_trailer *t)
{
	((struct mms_buddy *)ctx)->trailer = *t;
	return 0;
}

int mms_buddy_take(struct mms_buddy *b, struct mms_source *s, uint32_t flags, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req), .flags = flags };
	struct mms_handler h = {
		.header = take_header, .record = take_record, .trailer = take_trailer, .ctx = b,
	};
	int rc;

	memset(b, 0, sizeof(*b));
	rc = mms_source_stream(s, MMS_KIND_BUDDY, &req, &h, err);
	if (rc == -ENOMEM)
		return mms_err_set(err, rc, "out of memory");
	if (!rc && b->trailer.end != MMS_END_COMPLETE)
		return mms_err_set(err, -EIO, "free blocks: reading them ended early: %s",
				   b->trailer.end == MMS_END_ERROR ? strerror((int)b->trailer.error) :
				   "the reader was stopped");
	if (!rc && !b->n)
		return mms_err_set(err, -ENODATA, "no zone was told of");
	return rc;
}

void mms_buddy_free(struct mms_buddy *b)
{
	free(b->zones);
	b->zones = NULL;
	b->n = 0;
}

bool mms_buddy_listed(const struct mms_buddy_area *a, uint64_t *blocks)
{
	*blocks = 0;
	for (unsigned int t = 0; t < MMS_BUDDY_TYPES; t++)
		*blocks += a->list[t];
	return a->list_known && !a->list_least;
}

bool mms_buddy_scanned(const struct mms_buddy_area *a, uint64_t *blocks)
{
	*blocks = 0;
	for (unsigned int t = 0; t < MMS_BUDDY_TYPES; t++)
		*blocks += a->scan[t];
	return a->known & MMS_BUDDY_K_SCAN;
}

bool mms_buddy_blocks(const struct mms_buddy_state *z, unsigned int order, uint64_t *blocks)
{
	const struct mms_buddy_area *a = &z->area[order];

	*blocks = a->counter;
	return a->known & MMS_BUDDY_K_COUNTER || mms_buddy_listed(a, blocks);
}

bool mms_contig_of(const struct mms_buddy_state *z, unsigned int order, struct mms_contig *c)
{
	bool known = true;
	uint64_t blocks;

	memset(c, 0, sizeof(*c));
	for (unsigned int o = 0; o < z->zone.orders; o++) {
		known &= mms_buddy_blocks(z, o, &blocks);
		c->blocks += blocks;
		c->pages += blocks << o;
		if (o >= order)
			c->suitable += blocks << (o - order);
	}
	return known;
}

int mms_fragmentation_index(unsigned int order, const struct mms_contig *c)
{
	if (!c->blocks)
		return 0;
	if (c->suitable)
		return MMS_FRAG_NONE;
	return (int)(1000 - (1000 + (c->pages * 1000 >> order)) / c->blocks);
}

int mms_unusable_index(unsigned int order, const struct mms_contig *c)
{
	uint64_t usable = c->suitable << order;

	if (!c->pages)
		return 1000;
	/* a counter that is read while it changes cannot make this negative */
	return usable >= c->pages ? 0 : (int)((c->pages - usable) * 1000 / c->pages);
}
