// SPDX-License-Identifier: GPL-2.0
/* A ZONES stream kept in memory, and its questions. */
#include "model/zones.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/vec.h"

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	struct mms_zones *z = ctx;

	z->page_shift = h->page_shift;
	z->writer = h->writer;
	return 0;
}

/* The counters of a record's tail, in memory of their own; NULL is fine with none. */
static int keep_stats(const struct mms_record *rec, struct mms_stat **out)
{
	uint32_t n;
	const struct mms_stat *from = mms_stats_of(rec, &n);

	*out = NULL;
	if (!n)
		return 0;
	*out = malloc(n * sizeof(**out));
	if (!*out)
		return -ENOMEM;
	memcpy(*out, from, n * sizeof(**out));
	return 0;
}

static int take_node(struct mms_zones *z, const struct mms_node *n)
{
	struct mms_node_info *to;

	if (mms_vec_grow(&z->nodes, &z->nodes_cap, z->nnodes, sizeof(*z->nodes)))
		return -ENOMEM;
	to = &z->nodes[z->nnodes++];
	memset(to, 0, sizeof(*to));
	to->n = *n;
	return keep_stats(&n->head, &to->stats);
}

static int take_zone(struct mms_zones *z, const struct mms_zone *rec)
{
	struct mms_zone_info *to;

	if (mms_vec_grow(&z->zones, &z->zones_cap, z->nzones, sizeof(*z->zones)))
		return -ENOMEM;
	to = &z->zones[z->nzones++];
	memset(to, 0, sizeof(*to));
	to->z = *rec;
	return keep_stats(&rec->head, &to->stats);
}

static struct mms_node_info *find_node(const struct mms_zones *z, uint32_t node)
{
	for (size_t i = 0; i < z->nnodes; i++)
		if (z->nodes[i].n.node == node)
			return &z->nodes[i];
	return NULL;
}

static struct mms_zone_info *find_zone(const struct mms_zones *z, uint32_t node, uint32_t index)
{
	for (size_t i = 0; i < z->nzones; i++)
		if (z->zones[i].z.node == node && z->zones[i].z.index == index)
			return &z->zones[i];
	return NULL;
}

const struct mms_node_info *mms_zones_node(const struct mms_zones *z, uint32_t node)
{
	return find_node(z, node);
}

const struct mms_zone_info *mms_zones_zone(const struct mms_zones *z, uint32_t node, uint32_t index)
{
	return find_zone(z, node, index);
}

static int take_zonelist(struct mms_zones *z, const struct mms_zonelist *l)
{
	struct mms_node_info *n = find_node(z, l->node);

	if (!n || n->refs)
		return 0;
	n->refs = calloc(l->nrefs ? l->nrefs : 1, sizeof(*n->refs));
	if (!n->refs)
		return -ENOMEM;
	memcpy(n->refs, l + 1, l->nrefs * sizeof(*n->refs));
	n->nrefs = l->nrefs;
	return 0;
}

static int add_cpu(struct mms_cpu_info **cpus, size_t *n, size_t *cap, const struct mms_zone_cpu *c)
{
	struct mms_cpu_info *to;

	if (mms_vec_grow(cpus, cap, *n, sizeof(**cpus)))
		return -ENOMEM;
	to = &(*cpus)[(*n)++];
	to->c = *c;
	return keep_stats(&c->head, &to->stats);
}

static int take_cpu(struct mms_zones *z, const struct mms_zone_cpu *c)
{
	struct mms_zone_info *zone = find_zone(z, c->node, c->zone);
	struct mms_node_info *node = find_node(z, c->node);

	if (c->zone == MMS_ZONE_NONE)
		return node ? add_cpu(&node->cpus, &node->ncpus, &node->cpus_cap, c) : 0;
	return zone ? add_cpu(&zone->cpus, &zone->ncpus, &zone->cpus_cap, c) : 0;
}

static int take_record(void *ctx, const struct mms_record *rec)
{
	switch (rec->type) {
	case MMS_REC_NODE:
		return take_node(ctx, (const void *)rec);
	case MMS_REC_ZONELIST:
		return take_zonelist(ctx, (const void *)rec);
	case MMS_REC_ZONE:
		return take_zone(ctx, (const void *)rec);
	case MMS_REC_ZONE_CPU:
		return take_cpu(ctx, (const void *)rec);
	}
	return 0;
}

static int take_trailer(void *ctx, const struct mms_trailer *t)
{
	(void)ctx;
	return t->end == MMS_END_COMPLETE ? 0 : -EIO;
}

int mms_zones_read(struct mms_source *s, struct mms_zones *z, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req) };
	struct mms_handler h = { take_header, take_record, take_trailer, z };
	int rc;

	if (err)
		err->text[0] = '\0';
	rc = mms_source_stream(s, MMS_KIND_ZONES, &req, &h, err);
	if (rc == -EIO && err && !err->text[0])
		mms_err_set(err, rc, "the kernel's zones were not read to their end");
	else if (rc == -ENOMEM)
		mms_err_set(err, rc, "out of memory");
	return rc;
}

static void free_cpus(struct mms_cpu_info *cpus, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(cpus[i].stats);
	free(cpus);
}

void mms_zones_free(struct mms_zones *z)
{
	for (size_t i = 0; i < z->nnodes; i++) {
		free_cpus(z->nodes[i].cpus, z->nodes[i].ncpus);
		free(z->nodes[i].stats);
		free(z->nodes[i].refs);
	}
	for (size_t i = 0; i < z->nzones; i++) {
		free_cpus(z->zones[i].cpus, z->zones[i].ncpus);
		free(z->zones[i].stats);
	}
	free(z->nodes);
	free(z->zones);
	memset(z, 0, sizeof(*z));
}

bool mms_stat_get(const struct mms_stat *stats, uint32_t n, enum mms_vmstat id, uint64_t *value)
{
	for (uint32_t i = 0; i < n; i++) {
		if (stats[i].id == id) {
			*value = stats[i].value;
			return true;
		}
	}
	return false;
}

bool mms_zone_pcp_pages(const struct mms_zone_info *z, uint64_t *pages)
{
	*pages = 0;
	for (size_t i = 0; i < z->ncpus; i++) {
		if (!(z->cpus[i].c.known & MMS_ZCPU_K_LISTS))
			return false;
		*pages += z->cpus[i].c.count;
	}
	return z->ncpus || !z->z.present;
}

const char *mms_alloc_verdict_name(enum mms_alloc_verdict v)
{
	static const char *const names[] = {
		[MMS_ALLOC_PASSES] = "passes", [MMS_ALLOC_FEW] = "too few",
		[MMS_ALLOC_NO_BLOCK] = "no block", [MMS_ALLOC_ABOVE] = "too high",
		[MMS_ALLOC_EMPTY] = "no pages", [MMS_ALLOC_UNKNOWN] = "unknown",
	};

	return names[v];
}

/* Pages that are free and not for this allocation: __zone_watermark_unusable_free(). */
static void find_unusable(const struct mms_zone_info *z, struct mms_alloc_check *c)
{
	uint64_t cma;

	c->unusable = (1ULL << c->order) - 1;
	if (c->how != MMS_ALLOC_ATOMIC) {
		/* Kernels before 6.12 take the whole blocks for it, free or not. */
		if (z->z.known & MMS_ZONE_K_FREE_HIGHATOMIC)
			c->unusable += z->z.free_highatomic;
		else if (z->z.known & MMS_ZONE_K_HIGHATOMIC)
			c->unusable += z->z.highatomic;
		else
			c->no_highatomic = true;
	}
	if (!c->movable && mms_stat_get(z->stats, z->z.nstats, MMS_VS_NR_FREE_CMA_PAGES, &cma))
		c->unusable += cma;
}

/* Free blocks that are large enough, of a migratetype that it may take. */
static void find_blocks(const struct mms_zone_info *z, struct mms_alloc_check *c)
{
	uint32_t types = 1U << MMS_MT_UNMOVABLE | 1U << MMS_MT_MOVABLE | 1U << MMS_MT_RECLAIMABLE;

	if (c->movable)
		types |= 1U << MMS_MT_CMA;
	if (c->how == MMS_ALLOC_ATOMIC)
		types |= 1U << MMS_MT_HIGHATOMIC;
	c->no_types = !(z->z.known & MMS_ZONE_K_TYPES);
	for (uint32_t o = c->order; o < z->z.orders; o++)
		if (c->no_types || z->z.free_types[o] & types)
			c->blocks += z->z.nr_free[o];
}

/*
 * What ALLOC_HIGH and ALLOC_HARDER (6.3 and later: ALLOC_MIN_RESERVE and
 * ALLOC_NON_BLOCK) of a GFP_ATOMIC leave of the min watermark: half of it less
 * a quarter.
 */
static uint64_t atomic_mark(uint64_t min)
{
	min -= min / 2;
	return min - min / 4;
}

/* For a single page the boost does not count: zone_watermark_fast(). */
static uint64_t atomic_min(const struct mms_zone_info *z, const struct mms_alloc_check *c)
{
	bool boosted = !c->order && z->z.known & MMS_ZONE_K_BOOST && z->z.boost <= z->z.wmark_min;

	return z->z.wmark_min - (boosted ? z->z.boost : 0);
}

void mms_alloc_check(const struct mms_zone_info *z, struct mms_alloc_check *c)
{
	const struct mms_zone *zone = &z->z;

	c->verdict = MMS_ALLOC_UNKNOWN;
	if (c->type != zone->type && !(zone->reserve_known & 1U << c->type))
		return;
	find_unusable(z, c);
	find_blocks(z, c);
	c->reserve = zone->reserve[c->type];
	c->mark = c->how == MMS_ALLOC_LOW ? zone->wmark_low :
		  c->how == MMS_ALLOC_MIN ? zone->wmark_min : atomic_mark(atomic_min(z, c));
	c->need = c->mark + c->reserve;
	if (!zone->managed) {
		c->verdict = MMS_ALLOC_EMPTY;
		return;
	}
	if (zone->type > (uint32_t)c->type) {
		c->verdict = MMS_ALLOC_ABOVE;
		return;
	}
	if (!mms_stat_get(z->stats, zone->nstats, MMS_VS_NR_FREE_PAGES, &c->free))
		return;
	c->left = (int64_t)(c->free - c->unusable);
	if (c->left <= (int64_t)c->need)
		c->verdict = MMS_ALLOC_FEW;
	else if (!c->order)
		c->verdict = MMS_ALLOC_PASSES;
	else if (zone->known & MMS_ZONE_K_FREE_AREA)
		c->verdict = c->blocks ? MMS_ALLOC_PASSES : MMS_ALLOC_NO_BLOCK;
}

bool mms_zones_max_order(const struct mms_zones *z, unsigned int *order)
{
	for (size_t i = 0; i < z->nnodes; i++) {
		if (z->nodes[i].n.known & MMS_NODE_K_ORDERS) {
			*order = z->nodes[i].n.max_order;
			return true;
		}
	}
	for (size_t i = 0; i < z->nzones; i++) {
		if (z->zones[i].z.known & MMS_ZONE_K_FREE_AREA && z->zones[i].z.orders) {
			*order = z->zones[i].z.orders - 1;
			return true;
		}
	}
	return false;
}

/* Without a zonelist: the node's own zones, the highest first (build_zonerefs_node()). */
static size_t own_zones(const struct mms_zones *z, uint32_t node, enum mms_zone_type type,
			const struct mms_zone_info **out, size_t max)
{
	size_t n = 0;

	for (size_t i = z->nzones; i-- && n < max;)
		if (z->zones[i].z.node == node && z->zones[i].z.managed &&
		    z->zones[i].z.type <= (uint32_t)type)
			out[n++] = &z->zones[i];
	return n;
}

size_t mms_zones_fallback(const struct mms_zones *z, uint32_t node, enum mms_zone_type type,
			  const struct mms_zone_info **out, size_t max, bool *whole)
{
	const struct mms_node_info *from = find_node(z, node);
	size_t n = 0;

	*whole = true;
	if (!from || !from->refs) {
		*whole = z->nnodes == 1;
		return own_zones(z, node, type, out, max);
	}
	for (uint32_t i = 0; i < from->nrefs && n < max; i++) {
		const struct mms_zone_info *zone = find_zone(z, from->refs[i].node, from->refs[i].zone);

		if (zone && zone->z.type <= (uint32_t)type)
			out[n++] = zone;
	}
	return n;
}
