// SPDX-License-Identifier: GPL-2.0
/* Rows zones.*: zones against /proc/zoneinfo and buddyinfo, and against themselves. */
#include <stdio.h>
#include <string.h>
#include "model/check_machine.h"
#include "names.h"
#include "util/text.h"

/* ---- zones against zoneinfo ------------------------------------------------- */

typedef int compare_fn(struct mms_check *c, const struct mms_check_row *row, const char *where,
		       const struct mms_zone_info *ours, const struct mms_zone_info *before,
		       const struct mms_zone_info *after);

/* Can zoneinfo be a second witness at all?  NULL, or why not. */
static const char *no_zoneinfo(const struct mms_machine *m)
{
	if (m->ours.writer == MMS_WRITER_PROCFS)
		return "the zones were read from zoneinfo itself: load the module (mmscope load)";
	if (!m->before.zones.nzones || !m->after.zones.nzones)
		return m->after.why.text[0] ? m->after.why.text : "zoneinfo has no zone";
	return NULL;
}

static int each_zone(struct mms_check *c, const struct mms_check_row *row, compare_fn *compare)
{
	const struct mms_machine *m = c->ctx;
	const char *why = no_zoneinfo(m);
	char where[96];
	int rc = 0;

	if (why)
		return mms_check_na(c, row, why);
	for (size_t i = 0; !rc && i < m->ours.nzones; i++) {
		const struct mms_zone_info *z = &m->ours.zones[i];
		const struct mms_zone_info *b = mms_zones_zone(&m->before.zones, z->z.node, z->z.index);
		const struct mms_zone_info *a = mms_zones_zone(&m->after.zones, z->z.node, z->z.index);

		mms_zone_where(&z->z, where, sizeof(where));
		if (!a || !b)	/* neither has it: not so if only one of two readings lacks it */
			rc = mms_check_compare(c, row, where, "zone", 1, !!b, !!a, 0);
		else
			rc = compare(c, row, where, z, b, a);
	}
	return rc;
}

struct field {
	const char *name;
	size_t at;
	uint32_t known;
};

#define ZONE_FIELD(name, member, known) { name, offsetof(struct mms_zone, member), known }

static int compare_fields(struct mms_check *c, const struct mms_check_row *row, const char *where,
			  const struct mms_zone *z, const struct mms_zone *b, const struct mms_zone *a,
			  const struct field *f, size_t n)
{
	uint64_t v[3];
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++) {
		if (f[i].known && !(z->known & b->known & a->known & f[i].known))
			continue;
		memcpy(&v[0], (const char *)z + f[i].at, 8);
		memcpy(&v[1], (const char *)b + f[i].at, 8);
		memcpy(&v[2], (const char *)a + f[i].at, 8);
		rc = mms_check_compare(c, row, where, f[i].name, v[0], v[1], v[2], 0);
	}
	return rc;
}

static int compare_sizes(struct mms_check *c, const struct mms_check_row *row, const char *where,
			 const struct mms_zone_info *z, const struct mms_zone_info *b,
			 const struct mms_zone_info *a)
{
	static const struct field fields[] = {
		ZONE_FIELD("start_pfn", start_pfn, MMS_ZONE_K_START),
		ZONE_FIELD("spanned", spanned, 0),
		ZONE_FIELD("present", present, 0),
		ZONE_FIELD("managed", managed, 0),
		ZONE_FIELD("cma", cma, MMS_ZONE_K_CMA),
		ZONE_FIELD("reserved_highatomic", highatomic, MMS_ZONE_K_HIGHATOMIC),
		ZONE_FIELD("free_highatomic", free_highatomic, MMS_ZONE_K_FREE_HIGHATOMIC),
	};

	return compare_fields(c, row, where, &z->z, &b->z, &a->z, fields,
			      sizeof(fields) / sizeof(*fields));
}

static int compare_watermarks(struct mms_check *c, const struct mms_check_row *row, const char *where,
			      const struct mms_zone_info *z, const struct mms_zone_info *b,
			      const struct mms_zone_info *a)
{
	static const struct field fields[] = {
		ZONE_FIELD("boost", boost, MMS_ZONE_K_BOOST),
		ZONE_FIELD("min", wmark_min, 0),
		ZONE_FIELD("low", wmark_low, 0),
		ZONE_FIELD("high", wmark_high, 0),
		ZONE_FIELD("promo", wmark_promo, MMS_ZONE_K_PROMO),
	};
	int rc = compare_fields(c, row, where, &z->z, &b->z, &a->z, fields,
				sizeof(fields) / sizeof(*fields));

	for (unsigned int t = 0; !rc && t < __MMS_ZONE_MAX; t++) {
		char what[40];

		if (!(z->z.reserve_known & b->z.reserve_known & a->z.reserve_known & 1U << t))
			continue;
		snprintf(what, sizeof(what), "protection %s", mms_zone_name(t));
		rc = mms_check_compare(c, row, where, what, z->z.reserve[t], b->z.reserve[t],
				       a->z.reserve[t], 0);
	}
	return rc;
}

static int compare_stats(struct mms_check *c, const struct mms_check_row *row, const char *where,
			 const struct mms_stat *ours, uint32_t n, const struct mms_stat *before,
			 uint32_t nbefore, const struct mms_stat *after, uint32_t nafter)
{
	uint64_t a, b;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < n; i++)
		if (mms_stat_get(before, nbefore, ours[i].id, &b) &&
		    mms_stat_get(after, nafter, ours[i].id, &a))
			rc = mms_check_compare(c, row, where, mms_vmstat_name(ours[i].id),
					       ours[i].value, b, a, 0);
	return rc;
}

static int compare_counters(struct mms_check *c, const struct mms_check_row *row, const char *where,
			    const struct mms_zone_info *z, const struct mms_zone_info *b,
			    const struct mms_zone_info *a)
{
	return compare_stats(c, row, where, z->stats, z->z.nstats, b->stats, b->z.nstats,
			     a->stats, a->z.nstats);
}

static int compare_cpus(struct mms_check *c, const struct mms_check_row *row, const char *where,
			const struct mms_zone_info *z, const struct mms_zone_info *b,
			const struct mms_zone_info *a)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < z->ncpus && i < b->ncpus && i < a->ncpus; i++) {
		const struct mms_zone_cpu *o = &z->cpus[i].c, *p = &b->cpus[i].c, *q = &a->cpus[i].c;
		const struct { const char *name; uint32_t v[3], known; } f[] = {
			{ "count", { o->count, p->count, q->count }, MMS_ZCPU_K_LISTS },
			{ "high", { o->high, p->high, q->high }, MMS_ZCPU_K_LISTS },
			{ "batch", { o->batch, p->batch, q->batch }, MMS_ZCPU_K_LISTS },
			{ "high_min", { o->high_min, p->high_min, q->high_min }, MMS_ZCPU_K_HIGHS },
			{ "high_max", { o->high_max, p->high_max, q->high_max }, MMS_ZCPU_K_HIGHS },
			{ "threshold", { o->threshold, p->threshold, q->threshold }, MMS_ZCPU_K_THRESHOLD },
		};

		for (size_t k = 0; !rc && k < sizeof(f) / sizeof(*f); k++) {
			char what[48];

			if (!(o->known & p->known & q->known & f[k].known))
				continue;
			snprintf(what, sizeof(what), "cpu %u %s", o->cpu, f[k].name);
			rc = mms_check_compare(c, row, where, what, f[k].v[0], f[k].v[1], f[k].v[2], 0);
		}
	}
	return rc;
}

static int compare_blocks(struct mms_check *c, const struct mms_check_row *row, const char *where,
			  const struct mms_zone_info *z, const struct mms_zone_info *b,
			  const struct mms_zone_info *a)
{
	char what[32];
	int rc = 0;

	if (!(z->z.known & b->z.known & a->z.known & MMS_ZONE_K_FREE_AREA))
		return 0;
	for (uint32_t o = 0; !rc && o < z->z.orders; o++) {
		snprintf(what, sizeof(what), "order %u", o);
		rc = mms_check_compare(c, row, where, what, z->z.nr_free[o], b->z.nr_free[o],
				       a->z.nr_free[o], 0);
	}
	return rc;
}

int mms_run_zones_sizes(struct mms_check *c, const struct mms_check_row *row)
{
	return each_zone(c, row, compare_sizes);
}

int mms_run_zones_watermarks(struct mms_check *c, const struct mms_check_row *row)
{
	return each_zone(c, row, compare_watermarks);
}

int mms_run_zones_cpus(struct mms_check *c, const struct mms_check_row *row)
{
	return each_zone(c, row, compare_cpus);
}

int mms_run_zones_buddyinfo(struct mms_check *c, const struct mms_check_row *row)
{
	return each_zone(c, row, compare_blocks);
}

int mms_run_zones_counters(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_machine *m = c->ctx;
	int rc = each_zone(c, row, compare_counters);

	if (no_zoneinfo(m))
		return rc;
	for (size_t i = 0; !rc && i < m->ours.nnodes; i++) {
		const struct mms_node_info *n = &m->ours.nodes[i];
		const struct mms_node_info *b = mms_zones_node(&m->before.zones, n->n.node);
		const struct mms_node_info *a = mms_zones_node(&m->after.zones, n->n.node);
		char where[32];

		snprintf(where, sizeof(where), "node %u", n->n.node);
		if (a && b)
			rc = compare_stats(c, row, where, n->stats, n->n.nstats, b->stats,
					   b->n.nstats, a->stats, a->n.nstats);
	}
	return rc;
}

/* ---- zones against themselves ----------------------------------------------- */

/* Pages in free blocks are those that the counter has, with what CPUs keep back. */
int mms_run_zones_blocks(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_machine *m = c->ctx;
	char where[96];
	int rc = 0;

	for (size_t i = 0; !rc && i < m->ours.nzones; i++) {
		const struct mms_zone_info *z = &m->ours.zones[i];
		uint64_t count, sum = 0, isolated = 0;
		uint64_t kept = 0;
		bool exact;

		if (!z->z.managed || !(z->z.known & MMS_ZONE_K_FREE_AREA) ||
		    !mms_stat_get(z->stats, z->z.nstats, MMS_VS_NR_FREE_PAGES, &count))
			continue;
		for (uint32_t o = 0; o < z->z.orders; o++)
			sum += z->z.nr_free[o] << o;
		exact = mms_cpus_pending(z->cpus, z->ncpus, MMS_VS_NR_FREE_PAGES, &kept);
		for (size_t n = 0; !exact && n < z->ncpus; n++)
			isolated += z->cpus[n].c.threshold;
		/* an isolated block's pages are in the lists and not in the counter */
		isolated += z->z.isolated * 1024;
		rc = mms_check_compare(c, row, mms_zone_where(&z->z, where, sizeof(where)),
				       "free blocks' pages / nr_free_pages", sum,
				       count + kept, count + kept, isolated);
	}
	return rc;
}

static const struct {
	unsigned int node;
	unsigned int zone;
} lru[] = {
	{ MMS_VS_NR_INACTIVE_ANON, MMS_VS_NR_ZONE_INACTIVE_ANON },
	{ MMS_VS_NR_ACTIVE_ANON, MMS_VS_NR_ZONE_ACTIVE_ANON },
	{ MMS_VS_NR_INACTIVE_FILE, MMS_VS_NR_ZONE_INACTIVE_FILE },
	{ MMS_VS_NR_ACTIVE_FILE, MMS_VS_NR_ZONE_ACTIVE_FILE },
	{ MMS_VS_NR_UNEVICTABLE, MMS_VS_NR_ZONE_UNEVICTABLE },
};

/* One list's size by zones, with what CPUs keep back: *@slack of it is not known. */
static uint64_t zones_lru(const struct mms_zones *z, uint32_t node, unsigned int id, uint64_t *slack)
{
	uint64_t sum = 0, kept, v;

	for (size_t i = 0; i < z->nzones; i++) {
		const struct mms_zone_info *zone = &z->zones[i];

		if (zone->z.node != node || !mms_stat_get(zone->stats, zone->z.nstats, id, &v))
			continue;
		sum += v;
		if (mms_cpus_pending(zone->cpus, zone->ncpus, id, &kept))
			sum += kept;
		else
			for (size_t n = 0; n < zone->ncpus; n++)
				*slack += 2 * (uint64_t)zone->cpus[n].c.threshold;
	}
	return sum;
}

/* A node's LRU lists hold what its zones say to have on them. */
int mms_run_zones_lru(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_machine *m = c->ctx;
	int rc = 0;

	for (size_t i = 0; !rc && i < m->ours.nnodes; i++) {
		const struct mms_node_info *n = &m->ours.nodes[i];

		for (size_t k = 0; !rc && k < sizeof(lru) / sizeof(*lru); k++) {
			uint64_t v, slack = 0, kept = 0, sum;
			char where[32];

			if (!mms_stat_get(n->stats, n->n.nstats, lru[k].node, &v))
				continue;
			snprintf(where, sizeof(where), "node %u", n->n.node);
			sum = zones_lru(&m->ours, n->n.node, lru[k].zone, &slack);
			if (n->ncpus && mms_cpus_pending(n->cpus, n->ncpus, lru[k].node, &kept))
				v += kept;
			else
				slack += slack / 2 + 125;
			rc = mms_check_compare(c, row, where, mms_vmstat_name(lru[k].node),
					       sum, v, v, slack);
		}
	}
	return rc;
}

int mms_run_zones_present(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_machine *m = c->ctx;
	int rc = 0;

	for (size_t i = 0; !rc && i < m->ours.nnodes; i++) {
		const struct mms_node *n = &m->ours.nodes[i].n;
		uint64_t sum = 0;
		char where[32];

		if (!(n->known & MMS_NODE_K_SPAN))
			continue;
		for (size_t k = 0; k < m->ours.nzones; k++)
			if (m->ours.zones[k].z.node == n->node)
				sum += m->ours.zones[k].z.present;
		snprintf(where, sizeof(where), "node %u", n->node);
		rc = mms_check_compare(c, row, where, "present", sum, n->present, n->present, 0);
	}
	return rc;
}
