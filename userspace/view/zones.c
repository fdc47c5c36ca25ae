// SPDX-License-Identifier: GPL-2.0
/* mmscope zones: nodes and zones, their sizes, watermarks and reserves. */
#include "view/zones.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "names.h"
#include "util/text.h"

enum {
	COL_NODE, COL_ZONE, COL_START, COL_SPANNED, COL_PRESENT, COL_MANAGED, COL_FREE,
	COL_PCP, COL_MIN, COL_LOW, COL_HIGH, COL_PROMO, COL_BOOST, COL_RESERVE,
	COL_PROTECTION, COL_CMA, COL_HIGHATOMIC, COL_FREEHIGH, COL_ISOLATED, COL_DRIFT, COL_STATE,
};

static const struct mms_column columns[] = {
	[COL_NODE] = { "NODE", MMS_COL_NUM, true, false, false, "number of the node" },
	[COL_ZONE] = { "ZONE", MMS_COL_STR, true, false, false, "zone of it" },
	[COL_START] = { "START", MMS_COL_HEX, false, false, false, "physical address of the first page" },
	[COL_SPANNED] = { "SPANNED", MMS_COL_SIZE, false, false, false, "from the first to the last page, holes included" },
	[COL_PRESENT] = { "PRESENT", MMS_COL_SIZE, true, false, false, "memory that there is" },
	[COL_MANAGED] = { "MANAGED", MMS_COL_SIZE, true, false, false, "of this, what the buddy allocator was given" },
	[COL_FREE] = { "FREE", MMS_COL_SIZE, true, false, false, "free, CPUs' lists not included" },
	[COL_PCP] = { "PCP", MMS_COL_SIZE, true, false, false, "free on CPUs' lists" },
	[COL_MIN] = { "MIN", MMS_COL_SIZE, true, false, false, "below: allocations reclaim by themselves" },
	[COL_LOW] = { "LOW", MMS_COL_SIZE, true, false, false, "below: kswapd is woken" },
	[COL_HIGH] = { "HIGH", MMS_COL_SIZE, true, false, false, "above: kswapd sleeps" },
	[COL_PROMO] = { "PROMO", MMS_COL_SIZE, false, false, false, "above: pages may be promoted into this node" },
	[COL_BOOST] = { "BOOST", MMS_COL_SIZE, true, false, false, "part of the watermarks that is there for now only" },
	[COL_RESERVE] = { "RESERVE", MMS_COL_SIZE, true, false, false, "most that is kept from those who can use a higher zone" },
	[COL_PROTECTION] = { "PROTECTION", MMS_COL_STR, false, false, false, "reserve against each type of zone, pages" },
	[COL_CMA] = { "CMA", MMS_COL_SIZE, false, false, false, "contiguous memory areas" },
	[COL_HIGHATOMIC] = { "HIGHATOMIC", MMS_COL_SIZE, false, false, false, "blocks kept for high-order atomic allocations" },
	[COL_FREEHIGH] = { "FREEHIGH", MMS_COL_SIZE, false, false, false, "of these, free" },
	[COL_ISOLATED] = { "ISOLATED", MMS_COL_NUM, false, false, false, "pageblocks isolated (memory going offline, CMA)" },
	[COL_DRIFT] = { "DRIFT", MMS_COL_SIZE, false, false, false, "below: the kernel reads FREE with all CPUs' parts" },
	[COL_STATE] = { "STATE", MMS_COL_STR, true, false, true, "empty, below low, boosted, reclaim ..." },
};

#define NCOLUMNS	(sizeof(columns) / sizeof(*columns))

static int64_t order = -1;			/* --order */
static const char *zone_name;			/* --zone */
static int64_t node_number = -1;		/* --node */
static const struct mms_zones_table *other;	/* --lru, --cpus ... */

static void put_pages(struct mms_table *t, struct mms_line *l, size_t col,
		      const struct mms_zones *z, uint64_t pages)
{
	mms_line_size(t, l, col, pages << z->page_shift);
}

/* "DMA32:941 Normal:941": in pages, as the kernel compares them */
static const char *protection(const struct mms_zone *z, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned int i = 0; i < MMS_ZONE_UNKNOWN && n < size; i++)
		if (z->reserve_known & 1U << i)
			n += (size_t)snprintf(out + n, size - n, "%s%s:%llu", n ? " " : "",
					      mms_zone_name(i),
					      (unsigned long long)z->reserve[i]);
	return out;
}

static uint64_t most_reserved(const struct mms_zone *z)
{
	uint64_t most = 0;

	for (unsigned int i = 0; i < __MMS_ZONE_MAX; i++)
		if (z->reserve_known & 1U << i && z->reserve[i] > most)
			most = z->reserve[i];
	return most;
}

static const char *state(const struct mms_zones *z, const struct mms_zone_info *zone,
			 char *out, size_t size)
{
	const struct mms_node_info *node = mms_zones_node(z, zone->z.node);
	const struct mms_zone *r = &zone->z;
	bool given_up = node && node->n.flags & MMS_NODE_UNRECLAIMABLE;
	uint64_t free_pages;

	out[0] = '\0';
	if (!r->present)
		return "empty";
	if (mms_stat_get(zone->stats, r->nstats, MMS_VS_NR_FREE_PAGES, &free_pages))
		strncat(out, free_pages <= r->wmark_min ? ",below min" :
			     free_pages <= r->wmark_low ? ",below low" :
			     free_pages <= r->wmark_high ? ",below high" : "", size - 1);
	if (r->flags & MMS_ZONE_BOOSTED)
		strncat(out, ",boosted", size - 1 - strlen(out));
	if (r->flags & MMS_ZONE_RECLAIM)
		strncat(out, ",reclaim", size - 1 - strlen(out));
	if (given_up)
		strncat(out, ",unreclaimable", size - 1 - strlen(out));
	return out[0] ? out + 1 : "ok";
}

static void fill_watermarks(struct mms_table *t, struct mms_line *l, const struct mms_zones *z,
			    const struct mms_zone *r)
{
	put_pages(t, l, COL_MIN, z, r->wmark_min);
	put_pages(t, l, COL_LOW, z, r->wmark_low);
	put_pages(t, l, COL_HIGH, z, r->wmark_high);
	if (r->known & MMS_ZONE_K_PROMO)
		put_pages(t, l, COL_PROMO, z, r->wmark_promo);
	if (r->known & MMS_ZONE_K_BOOST)
		put_pages(t, l, COL_BOOST, z, r->boost);
	if (r->known & MMS_ZONE_K_CMA)
		put_pages(t, l, COL_CMA, z, r->cma);
	if (r->known & MMS_ZONE_K_HIGHATOMIC)
		put_pages(t, l, COL_HIGHATOMIC, z, r->highatomic);
	if (r->known & MMS_ZONE_K_FREE_HIGHATOMIC)
		put_pages(t, l, COL_FREEHIGH, z, r->free_highatomic);
	if (r->known & MMS_ZONE_K_ISOLATED)
		mms_line_num(t, l, COL_ISOLATED, (int64_t)r->isolated);
	if (r->known & MMS_ZONE_K_DRIFT)
		put_pages(t, l, COL_DRIFT, z, r->drift_mark);
}

static int fill_zone(struct mms_table *t, const struct mms_zones *z, const struct mms_zone_info *zone)
{
	struct mms_line *l = mms_table_line(t, NULL);
	const struct mms_zone *r = &zone->z;
	char name[64], text[160];
	uint64_t pages;

	if (!l)
		return -ENOMEM;
	mms_line_num(t, l, COL_NODE, r->node);
	mms_line_str(t, l, COL_ZONE, mms_neutral((const char *)r->name, name, sizeof(name)));
	if (r->known & MMS_ZONE_K_START)
		mms_line_hex(t, l, COL_START, r->start_pfn << z->page_shift);
	put_pages(t, l, COL_SPANNED, z, r->spanned);
	put_pages(t, l, COL_PRESENT, z, r->present);
	put_pages(t, l, COL_MANAGED, z, r->managed);
	if (mms_stat_get(zone->stats, r->nstats, MMS_VS_NR_FREE_PAGES, &pages))
		put_pages(t, l, COL_FREE, z, pages);
	if (mms_zone_pcp_pages(zone, &pages))
		put_pages(t, l, COL_PCP, z, pages);
	fill_watermarks(t, l, z, r);
	if (r->reserve_known)
		put_pages(t, l, COL_RESERVE, z, most_reserved(r));
	mms_line_str(t, l, COL_PROTECTION, protection(r, text, sizeof(text)));
	mms_line_str(t, l, COL_STATE, state(z, zone, text, sizeof(text)));
	return 0;
}

static const struct mms_zones_table overview = { "zones", columns, NCOLUMNS, fill_zone, NULL };

static bool wanted(const struct mms_zone *z)
{
	return (node_number < 0 || z->node == (uint64_t)node_number) &&
	       (!zone_name || !strcasecmp(zone_name, (const char *)z->name));
}

/* What was asked for must be there: "DMA, DMA32, Normal" are those that are. */
static int find_asked(const struct mms_zones *z, const struct mms_zone_info **first,
		      struct mms_err *err)
{
	char list[256] = "", shown[64], name[64];

	*first = NULL;
	for (size_t i = 0; i < z->nzones; i++) {
		if (wanted(&z->zones[i].z)) {
			*first = &z->zones[i];
			return 0;
		}
		mms_neutral((const char *)z->zones[i].z.name, name, sizeof(name));
		if (!strstr(list, name))
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
				 list[0] ? ", " : "", name);
	}
	mms_neutral(zone_name ? zone_name : "", shown, sizeof(shown));
	if (node_number >= 0 && !mms_zones_node(z, (uint32_t)node_number))
		return mms_err_set(err, -EINVAL, "there is no node %lld here", (long long)node_number);
	return mms_err_set(err, -EINVAL, "there is no zone '%s' here: there are %s", shown, list);
}

static int fill(struct mms_table *t, const struct mms_zones *z, const struct mms_zones_table *def)
{
	uint32_t node = UINT32_MAX;
	int rc = 0;

	for (size_t i = 0; !rc && i < z->nzones; i++) {
		const struct mms_zone *r = &z->zones[i].z;
		const struct mms_node_info *n = mms_zones_node(z, r->node);

		if (!wanted(r))
			continue;
		if (def->fill_node && n && r->node != node)
			rc = def->fill_node(t, z, n);
		node = r->node;
		if (!rc)
			rc = def->fill(t, z, &z->zones[i]);
	}
	return rc;
}

static int show(const struct mms_globals *g, const struct mms_zones *z, struct mms_err *err)
{
	const struct mms_zones_table *def = other ? other : &overview;
	struct mms_table *t;
	int rc = mms_table_new(&t, &g->render, def->name, def->columns, def->ncolumns, err);

	if (rc)
		return rc;
	if (fill(t, z, def))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_table_print(t, err);
	mms_table_free(t);
	return rc;
}

static int check_order(const struct mms_zones *z, struct mms_err *err)
{
	unsigned int max = 10;

	if (mms_zones_max_order(z, &max) && order > max)
		return mms_err_set(err, -EINVAL, "--order %lld: the largest block of this kernel is of order %u",
				   (long long)order, max);
	return 0;
}

static int zones_run(const struct mms_globals *g, int argc, char **argv)
{
	const struct mms_zone_info *first = NULL;
	struct mms_zones z = { 0 };
	struct mms_source *s = NULL;
	struct mms_err err = { "" };
	char shown[64];
	int rc;

	if (argc)
		return mms_usage(&mms_cmd_zones, "it takes no '%s'", mms_neutral(argv[0], shown, sizeof(shown)));
	if (order >= 0 && other)
		return mms_usage(&mms_cmd_zones, "--order and --%s exclude each other", other->name);
	rc = mms_open_source(g, &s, &err);
	if (!rc)
		rc = mms_zones_read(s, &z, &err);
	if (!rc)
		rc = find_asked(&z, &first, &err);
	if (!rc && order >= 0)
		rc = check_order(&z, &err);
	if (!rc && order >= 0)
		rc = mms_zones_explain(g, &z, (unsigned int)order,
				       zone_name || node_number >= 0 ? first : NULL, &err);
	else if (!rc)
		rc = show(g, &z, &err);
	mms_zones_free(&z);
	mms_source_close(s);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

enum { OPT_LRU = 1000, OPT_CPUS, OPT_STATS, OPT_BLOCKS, OPT_ORDER, OPT_ZONE, OPT_NODE };

static const struct option longopts[] = {
	{ "lru", no_argument, NULL, OPT_LRU },
	{ "cpus", no_argument, NULL, OPT_CPUS },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "blocks", no_argument, NULL, OPT_BLOCKS },
	{ "order", required_argument, NULL, OPT_ORDER },
	{ "zone", required_argument, NULL, OPT_ZONE },
	{ "node", required_argument, NULL, OPT_NODE },
	{ 0 },
};

static int zones_option(int val, const char *arg)
{
	static const struct mms_zones_table *const tables[] = {
		&mms_zones_lru, &mms_zones_cpus, &mms_zones_stats, &mms_zones_blocks,
	};
	struct mms_err err;
	int rc = 0;

	if (val == OPT_ORDER)
		rc = mms_parse_int(arg, "--order", 0, MMS_ZONE_ORDERS - 1, &order, &err);
	else if (val == OPT_NODE)
		rc = mms_parse_int(arg, "--node", 0, INT32_MAX, &node_number, &err);
	else if (val == OPT_ZONE)
		zone_name = arg;
	else
		other = tables[val - OPT_LRU];
	return rc ? mms_usage(&mms_cmd_zones, "%s", err.text) : 0;
}

const struct mms_command mms_cmd_zones = {
	.name = "zones",
	.summary = "Nodes and zones: sizes, watermarks, reserves; would an allocation pass?",
	.usage = "[--lru|--cpus|--stats|--blocks] [--order N] [--zone NAME] [--node N]",
	.options = "      --lru             sizes of the LRU lists of each node and zone\n"
		   "      --cpus            page lists and pending counts of each CPU\n"
		   "      --stats           every counter of each node and zone\n"
		   "      --blocks          free blocks by order\n"
		   "      --order N         why an allocation of 2^N pages would pass or wait\n"
		   "      --zone NAME       only this zone; with --order: it is tried first\n"
		   "      --node N          only this node\n",
	.examples = "  mmscope zones                        sizes and watermarks\n"
		    "  mmscope zones -o +PROTECTION,START   more of each zone\n"
		    "  mmscope zones --order 9              would a huge page be had at once?\n"
		    "  mmscope zones --order 4 --zone DMA32 the same from that zone on\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = NCOLUMNS,
	.option = zones_option,
	.run = zones_run,
};
