// SPDX-License-Identifier: GPL-2.0
/* Shapes of the records about processes, and of the trailer. */
#include "shape.h"

#include <stdbool.h>
#include <string.h>
#include "decode.h"

#define TABLE_ENTRIES	1024	/* i386 without PAE */

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

static const struct mms_shape shapes[] = {
	{ MMS_REC_TRAILER, "trailer", sizeof(struct mms_trailer),
	  MMS_END_OF(struct mms_trailer, records), 0, NULL, NULL },
	{ MMS_REC_TASK, "TASK", sizeof(struct mms_task),
	  MMS_END_OF(struct mms_task, cmdline_len), MMS_IN(TASK), tail_task, check_task },
	{ MMS_REC_VMA, "VMA", sizeof(struct mms_vma),
	  MMS_END_OF(struct mms_vma, name_len), MMS_IN(VMA), tail_vma, check_vma },
	{ MMS_REC_PT_CONTEXT, "PT_CONTEXT", sizeof(struct mms_pt_context),
	  MMS_END_OF(struct mms_pt_context, levels), MMS_IN(PGTABLE) | MMS_IN(KTABLES),
	  NULL, check_context },
	{ MMS_REC_PT_TABLE, "PT_TABLE", sizeof(struct mms_pt_table),
	  MMS_END_OF(struct mms_pt_table, count), MMS_IN(PGTABLE) | MMS_IN(KTABLES),
	  tail_table, check_table },
	{ MMS_REC_PT_EXTENT, "PT_EXTENT", sizeof(struct mms_pt_extent),
	  MMS_END_OF(struct mms_pt_extent, page_shift), MMS_IN(PGTABLE) | MMS_IN(KTABLES),
	  NULL, check_extent },
	{ MMS_REC_PT_HOLE, "PT_HOLE", sizeof(struct mms_pt_hole),
	  MMS_END_OF(struct mms_pt_hole, level), MMS_IN(PGTABLE) | MMS_IN(KTABLES),
	  NULL, check_hole },
	{ MMS_REC_USAGE, "USAGE", sizeof(struct mms_usage),
	  MMS_END_OF(struct mms_usage, rss), MMS_IN(USAGE), NULL, check_usage },
};

static const struct mms_kind_shape kinds[] = {
	{ MMS_KIND_TASK, "TASK", sizeof(struct mms_task) },
	{ MMS_KIND_VMA, "VMA", sizeof(struct mms_vma) },
	{ MMS_KIND_PGTABLE, "PGTABLE", sizeof(struct mms_pt_context) },
	{ MMS_KIND_USAGE, "USAGE", sizeof(struct mms_usage) },
};

const struct mms_shape_group mms_shapes_process = MMS_SHAPE_GROUP(shapes, kinds);
