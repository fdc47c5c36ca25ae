// SPDX-License-Identifier: GPL-2.0
/* mmscope zones --order: why an allocation would pass or wait, in numbers and words. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "util/text.h"
#include "view/zones.h"

#define FALLBACK_MAX	256

enum {
	COL_NODE, COL_ZONE, COL_FOR, COL_TRY, COL_FREE, COL_UNUSABLE, COL_MARK, COL_RESERVE,
	COL_BLOCKS, COL_VERDICT,
};

static const struct mms_column columns[] = {
	[COL_NODE] = { "NODE", MMS_COL_NUM, true, false, false, "number of the node" },
	[COL_ZONE] = { "ZONE", MMS_COL_STR, true, false, false, "zone of it" },
	[COL_FOR] = { "FOR", MMS_COL_STR, true, false, false, "who allocates: see the text below" },
	[COL_TRY] = { "TRY", MMS_COL_STR, true, false, false, "which watermark must remain" },
	[COL_FREE] = { "FREE", MMS_COL_NUM, true, false, false, "free pages" },
	[COL_UNUSABLE] = { "UNUSABLE", MMS_COL_NUM, true, false, false, "of these, not for this allocation" },
	[COL_MARK] = { "MARK", MMS_COL_NUM, true, false, false, "watermark, pages" },
	[COL_RESERVE] = { "RESERVE", MMS_COL_NUM, true, false, false, "kept from those who can use a higher zone" },
	[COL_BLOCKS] = { "BLOCKS", MMS_COL_NUM, true, false, false, "free blocks that are large enough" },
	[COL_VERDICT] = { "VERDICT", MMS_COL_STR, true, false, false, "would it get its pages here?" },
};

/* Who allocates: @type is gfp_zone() of its flags. */
struct request {
	const char *name;
	const char *gfp;
	enum mms_zone_type type;
	bool movable;
	bool atomic;
};

static const struct request requests[] = {
	{ "kernel", "GFP_KERNEL", MMS_ZONE_NORMAL, false, false },
	{ "user", "GFP_HIGHUSER_MOVABLE", MMS_ZONE_MOVABLE, true, false },
	{ "atomic", "GFP_ATOMIC", MMS_ZONE_NORMAL, false, true },
	{ "highuser", "GFP_HIGHUSER", MMS_ZONE_HIGHMEM, false, false },
	{ "dma32", "GFP_KERNEL|GFP_DMA32", MMS_ZONE_DMA32, false, false },
	{ "dma", "GFP_KERNEL|GFP_DMA", MMS_ZONE_DMA, false, false },
};

/**
 * struct explain - one question
 * @first: the zone that is tried first; NULL = as the zonelist says
 * @node: whose zonelist
 * @list: the zones that the request at hand tries, @n of them
 * @whole: nothing is known to be missing behind them
 * @out: the words
 */
struct explain {
	const struct mms_zones *z;
	unsigned int order;
	const struct mms_zone_info *first;
	uint32_t node;
	const struct mms_zone_info *list[FALLBACK_MAX];
	size_t n;
	bool whole;
	bool no_highatomic;
	bool no_types;
	FILE *out;
};

static bool have_type(const struct mms_zones *z, enum mms_zone_type type)
{
	for (size_t i = 0; i < z->nzones; i++)
		if (z->zones[i].z.type == type && z->zones[i].z.managed)
			return true;
	return false;
}

/* Requests that this machine tells apart. */
static bool asked(const struct explain *e, const struct request *r)
{
	return r->type == MMS_ZONE_NORMAL || r->type == MMS_ZONE_MOVABLE || have_type(e->z, r->type);
}

static struct mms_alloc_check check(struct explain *e, const struct mms_zone_info *zone,
				    const struct request *r, enum mms_alloc_how how)
{
	struct mms_alloc_check c = {
		.order = e->order, .type = r->type, .how = how, .movable = r->movable,
	};

	mms_alloc_check(zone, &c);
	e->no_highatomic |= c.no_highatomic;
	e->no_types |= c.no_types && e->order;
	return c;
}

static enum mms_alloc_how last_try(const struct request *r)
{
	return r->atomic ? MMS_ALLOC_ATOMIC : MMS_ALLOC_MIN;
}

static const char *try_name(enum mms_alloc_how how)
{
	static const char *const names[] = {
		[MMS_ALLOC_LOW] = "low", [MMS_ALLOC_MIN] = "min", [MMS_ALLOC_ATOMIC] = "atomic",
	};

	return names[how];
}

/* The zones it tries: from @first on, where one was given. */
static void find_list(struct explain *e, const struct request *r)
{
	size_t skip = 0;

	e->n = mms_zones_fallback(e->z, e->node, r->type, e->list, FALLBACK_MAX, &e->whole);
	while (e->first && skip < e->n && e->list[skip] != e->first)
		skip++;
	if (skip < e->n) {
		memmove(e->list, e->list + skip, (e->n - skip) * sizeof(*e->list));
		e->n -= skip;
	} else if (e->first) {
		e->list[0] = e->first;
		e->n = 1;
	}
}

static int add_line(struct mms_table *t, struct explain *e, const struct mms_zone_info *zone,
		    const struct request *r, enum mms_alloc_how how)
{
	const struct mms_alloc_check c = check(e, zone, r, how);
	struct mms_line *l = mms_table_line(t, NULL);
	char name[64];

	if (!l)
		return -ENOMEM;
	mms_line_num(t, l, COL_NODE, zone->z.node);
	mms_line_str(t, l, COL_ZONE, mms_neutral((const char *)zone->z.name, name, sizeof(name)));
	mms_line_str(t, l, COL_FOR, r->name);
	mms_line_str(t, l, COL_TRY, try_name(how));
	mms_line_str(t, l, COL_VERDICT, mms_alloc_verdict_name(c.verdict));
	if (c.verdict == MMS_ALLOC_UNKNOWN || c.verdict == MMS_ALLOC_ABOVE)
		return 0;
	mms_line_num(t, l, COL_FREE, (int64_t)c.free);
	mms_line_num(t, l, COL_UNUSABLE, (int64_t)c.unusable);
	mms_line_num(t, l, COL_MARK, (int64_t)c.mark);
	mms_line_num(t, l, COL_RESERVE, (int64_t)c.reserve);
	if (zone->z.known & MMS_ZONE_K_FREE_AREA)
		mms_line_num(t, l, COL_BLOCKS, (int64_t)c.blocks);
	return 0;
}

static int add_request(struct mms_table *t, struct explain *e, const struct request *r)
{
	int rc = 0;

	find_list(e, r);
	for (size_t i = 0; !rc && i < e->n; i++) {
		rc = add_line(t, e, e->list[i], r, MMS_ALLOC_LOW);
		if (!rc)
			rc = add_line(t, e, e->list[i], r, last_try(r));
	}
	return rc;
}

static void say_terms(const struct explain *e, const struct mms_alloc_check *c)
{
	fprintf(e->out, "%" PRIu64 " free - %" PRIu64 " unusable = %" PRId64 ", and %s%" PRIu64
		" must remain (%s %" PRIu64 " + reserve %" PRIu64 ")", c->free, c->unusable, c->left,
		c->verdict == MMS_ALLOC_FEW ? "more than " : "only ", c->need, try_name(c->how),
		c->mark, c->reserve);
	if (c->verdict == MMS_ALLOC_NO_BLOCK)
		fprintf(e->out, ", but no free block of order %u or more", e->order);
	else if (c->verdict == MMS_ALLOC_PASSES && e->order)
		fprintf(e->out, "; %" PRIu64 " free block%s of order %u or more", c->blocks,
			c->blocks == 1 ? "" : "s", e->order);
}

static void say_zone(const struct explain *e, const struct mms_zone_info *zone,
		     const struct mms_alloc_check *c)
{
	char name[64];

	fprintf(e->out, "  node %u %s %s: ", zone->z.node,
		mms_neutral((const char *)zone->z.name, name, sizeof(name)),
		c->verdict == MMS_ALLOC_PASSES ? "serves it" :
		c->verdict == MMS_ALLOC_UNKNOWN ? "is not known to serve it" : "does not serve it");
	switch (c->verdict) {
	case MMS_ALLOC_UNKNOWN:
		fputs("a figure is missing here", e->out);
		break;
	case MMS_ALLOC_ABOVE:
		fputs("it may not use a zone as high as this", e->out);
		break;
	case MMS_ALLOC_EMPTY:
		fputs("the zone has no pages", e->out);
		break;
	default:
		say_terms(e, c);
	}
	fputs(".\n", e->out);
}

/* One round over the zones.  Did one serve it?  @enough: one had the pages, not the block */
static bool say_round(struct explain *e, const struct request *r, enum mms_alloc_how how, bool *enough)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct mms_alloc_check c = check(e, e->list[i], r, how);

		if (i)
			fputs("  Next:", e->out);
		say_zone(e, e->list[i], &c);
		*enough |= c.verdict == MMS_ALLOC_NO_BLOCK;
		if (c.verdict == MMS_ALLOC_PASSES)
			return true;
	}
	return false;
}

static void say_kswapd(const struct explain *e)
{
	const struct mms_node_info *node = mms_zones_node(e->z, e->node);

	fputs("  None does: kswapd is woken", e->out);
	if (node && node->n.flags & MMS_NODE_UNRECLAIMABLE)
		fputs(" (it has given up on this node and sleeps on)", e->out);
	fputs(".\n", e->out);
}

static void say_request(struct explain *e, const struct request *r)
{
	bool enough = false;

	fprintf(e->out, "%s (%s):\n", r->name, r->gfp);
	find_list(e, r);
	if (!e->n)
		fputs("  no zone of this node is for it.\n", e->out);
	if (!e->n || say_round(e, r, MMS_ALLOC_LOW, &enough))
		return;
	if (!e->whole)
		fputs("  Zones of other nodes follow; their order is not known without the module.\n",
		      e->out);
	say_kswapd(e);
	fprintf(e->out, "  Then against %s:\n", r->atomic ? "what is kept for atomic allocations" :
		"the min watermark");
	enough = false;
	if (say_round(e, r, last_try(r), &enough))
		return;
	if (r->atomic)
		fputs("  It fails: it may not wait.\n", e->out);
	else
		fprintf(e->out, "  It waits: direct %s.\n",
			enough ? "compaction, as there are pages enough" :
			e->order ? "reclaim, and compaction" : "reclaim");
}

static void say_gaps(struct mms_doc *d, const struct explain *e)
{
	if (e->no_highatomic)
		mms_doc_text(d, "How many pages are kept for high-order atomic allocations is not known: taken for 0.\n");
	if (e->no_types)
		mms_doc_text(d, "Which migratetypes the free blocks have is not known: all are counted.\n");
}

static int say_all(struct mms_doc *d, struct explain *e)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		char *text = NULL;
		size_t size;

		if (!asked(e, &requests[i]))
			continue;
		e->out = open_memstream(&text, &size);
		if (!e->out)
			return -ENOMEM;
		say_request(e, &requests[i]);
		if (fclose(e->out)) {
			free(text);
			return -ENOMEM;
		}
		mms_doc_text(d, "%s", text);
		mms_doc_str(d, requests[i].name, text);
		free(text);
	}
	say_gaps(d, e);
	return 0;
}

static int fill(struct mms_table *t, struct explain *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(requests) / sizeof(*requests); i++)
		if (asked(e, &requests[i]))
			rc = add_request(t, e, &requests[i]);
	return rc;
}

/* The node of the first zone with pages, where none was asked for. */
static uint32_t first_node(const struct mms_zones *z)
{
	for (size_t i = 0; i < z->nzones; i++)
		if (z->zones[i].z.managed)
			return z->zones[i].z.node;
	return 0;
}

int mms_zones_explain(const struct mms_globals *g, const struct mms_zones *z, unsigned int order,
		      const struct mms_zone_info *first, struct mms_err *err)
{
	struct explain e = { .z = z, .order = order, .first = first };
	struct mms_table *t = NULL;
	struct mms_doc *d;
	char size[16];
	int rc;

	e.node = first ? first->z.node : first_node(z);
	rc = mms_table_new(&t, &g->render, "checks", columns, sizeof(columns) / sizeof(*columns), err);
	if (rc)
		return rc;
	d = mms_doc_begin(&g->render);
	if (!d || fill(t, &e)) {
		mms_table_free(t);
		if (d)
			mms_doc_end(d, NULL);
		return mms_err_set(err, -ENOMEM, "out of memory");
	}
	mms_doc_text(d, "Order %u (%s) from node %u, as __zone_watermark_ok() of mm/page_alloc.c decides:\n",
		     order, mms_human(1ULL << (order + z->page_shift), size), e.node);
	mms_doc_num(d, "order", order);
	mms_doc_num(d, "node", e.node);
	rc = mms_doc_table(d, t, err);
	if (!rc && say_all(d, &e))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	mms_table_free(t);
	if (rc) {
		mms_doc_end(d, NULL);
		return rc;
	}
	return mms_doc_end(d, err);
}
