// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes and zones: sizes, watermarks, reserves, counters, free blocks and the
 * CPUs' page lists.
 * Locks: none; every figure is one read of a word that the kernel changes with
 * WRITE_ONCE() or atomically.  May sleep, does not.  Emits MMS_REC_NODE,
 * MMS_REC_ZONELIST, MMS_REC_ZONE, MMS_REC_ZONE_CPU.
 *
 * struct zone and pglist_data are never freed.  What is per CPU of a zone is,
 * when its last memory goes away: it is read so that it may vanish.
 */
#include <linux/cpumask.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/pageblock-flags.h>
#include <linux/percpu.h>
#include "../mmscope.h"
#include "../nofault.h"
#include "../zone.h"

#define KSWAPD_GIVES_UP	16	/* MAX_RECLAIM_RETRIES of mm/internal.h */
#define ZONELIST_MAX	256	/* places told of a zonelist */
#define STATS_MAX	(NR_VM_NODE_STAT_ITEMS + NR_VM_ZONE_STAT_ITEMS + 16)

static_assert(MMS_PAGE_ORDERS <= MMS_ZONE_ORDERS);
static_assert(__MMS_ZONE_MAX <= ARRAY_SIZE(((struct mms_zone *)0)->reserve));

/* The kernel's enumerators by name, as compat/probe.sh listed them. */
struct named {
	int raw;
	const char *name;
};

#define NAMED(e) { e, #e },

static const struct named zone_items[] __initconst = { MMS_ENUM_zone_stat_item(NAMED) };
static const struct named node_items[] __initconst = { MMS_ENUM_node_stat_item(NAMED) };
#ifdef CONFIG_NUMA
static const struct named numa_items[] __initconst = { MMS_ENUM_numa_stat_item(NAMED) };
#endif
static const struct named flag_bits[] __initconst = { MMS_ENUM_zone_flags(NAMED) };
static const struct named wmarks[] __initconst = { MMS_ENUM_zone_watermarks(NAMED) };

#define NEUTRAL(item, name) { MMS_VS_##item, #item },
static const struct named neutral_items[] __initconst = { MMS_VMSTATS(NEUTRAL) };

static const struct named neutral_flags[] __initconst = {
	{ MMS_ZONE_BOOSTED, "ZONE_BOOSTED_WATERMARK" },
	{ MMS_ZONE_RECLAIM, "ZONE_RECLAIM_ACTIVE" },
	{ MMS_ZONE_BELOW_HIGH, "ZONE_BELOW_HIGH" },
};

/* By the kernel's number: enum mms_vmstat; 0 = one that this module does not know. */
static u8 zone_ids[NR_VM_ZONE_STAT_ITEMS];
static u8 node_ids[NR_VM_NODE_STAT_ITEMS];
#ifdef CONFIG_NUMA
static u8 numa_ids[16];
#endif
static u32 zone_flags[BITS_PER_LONG];	/* by bit: MMS_ZONE_* */
static int wmark_promo = -1;

static int __init neutral_of(const struct named *list, unsigned int n, const char *name)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!strcmp(list[i].name, name))
			return list[i].raw;
	return 0;
}

static unsigned int __init map_items(u8 *ids, unsigned int nids, const struct named *list,
				     unsigned int n)
{
	unsigned int i, unknown = 0;
	int id;

	for (i = 0; i < n; i++) {
		id = neutral_of(neutral_items, ARRAY_SIZE(neutral_items), list[i].name);
		if (id && list[i].raw >= 0 && list[i].raw < nids)
			ids[list[i].raw] = id;
	}
	for (i = 0; i < nids; i++)
		unknown += !ids[i];
	return unknown;
}

static void __init mms_zones_init(struct mms_cap *cap)
{
	unsigned int i, unknown;

	unknown = map_items(zone_ids, ARRAY_SIZE(zone_ids), zone_items, ARRAY_SIZE(zone_items));
	unknown += map_items(node_ids, ARRAY_SIZE(node_ids), node_items, ARRAY_SIZE(node_items));
#ifdef CONFIG_NUMA
	map_items(numa_ids, ARRAY_SIZE(numa_ids), numa_items, ARRAY_SIZE(numa_items));
#endif
	for (i = 0; i < ARRAY_SIZE(flag_bits); i++)
		zone_flags[flag_bits[i].raw] = neutral_of(neutral_flags, ARRAY_SIZE(neutral_flags),
							  flag_bits[i].name);
	for (i = 0; i < ARRAY_SIZE(wmarks); i++)
		if (!strcmp(wmarks[i].name, "WMARK_PROMO"))
			wmark_promo = wmarks[i].raw;
	if (unknown)
		mms_cap_set(cap, MMS_CAP_PARTIAL,
			    "%u counters of this kernel are newer than this module and not shown",
			    unknown);
	else
		mms_cap_set(cap, MMS_CAP_OK, "%s", "");
}

/* ---- where the query stands ------------------------------------------------ */

/*
 * The cursor: node, part and CPU, in the order of the records.  Part 0 is the
 * node's record, 1 its zonelist and pending counts, 2 + n zone n; CPU 0 is the
 * part's own record, n + 1 that of CPU n.
 */
struct place {
	unsigned int nid;
	unsigned int part;
	unsigned int cpu;
};

#define PART_NODE	0
#define PART_LIST	1
#define PART_ZONES	2
#define PARTS		(PART_ZONES + MAX_NR_ZONES)

static struct place place_of(u64 cursor)
{
	return (struct place){ cursor >> 40, cursor >> 32 & 0xff, (u32)cursor };
}

static u64 cursor_of(struct place p)
{
	return (u64)p.nid << 40 | (u64)p.part << 32 | p.cpu;
}

static struct place next_place(struct place p)
{
	unsigned int cpu = p.cpu ? cpumask_next(p.cpu - 1, cpu_online_mask) :
				   cpumask_first(cpu_online_mask);

	if (p.part != PART_NODE && cpu < nr_cpu_ids)
		return (struct place){ p.nid, p.part, cpu + 1 };
	if (p.part + 1 < PARTS)
		return (struct place){ p.nid, p.part + 1, 0 };
	return (struct place){ next_node(p.nid, node_online_map), PART_NODE, 0 };
}

/* ---- records ---------------------------------------------------------------- */

/* Counters of the tail, one after the other. */
struct tail {
	struct mms_stat *at;
	u32 n;
};

static void put_stat(struct tail *t, u32 id, u64 value)
{
	if (id && t->n < STATS_MAX)
		t->at[t->n++] = (struct mms_stat){ .id = id, .value = value };
}

/* As zone_page_state(): on SMP a sum may be below 0 for a moment. */
static u64 counter(const atomic_long_t *v)
{
	long x = atomic_long_read(v);

	return IS_ENABLED(CONFIG_SMP) && x < 0 ? 0 : x;
}

static void put_node(struct mms_sink *s, struct pglist_data *pgdat)
{
	struct mms_node *rec = mms_emit(s, MMS_REC_NODE, sizeof(*rec),
					STATS_MAX * sizeof(struct mms_stat));
	struct tail t = { (struct mms_stat *)(rec + 1) };
	unsigned int i;
	u64 v;

	rec->node = pgdat->node_id;
	rec->known = MMS_NODE_K_SPAN | MMS_NODE_K_ORDERS | MMS_NODE_K_FAILURES |
		     MMS_NODE_K_RECLAIM;
	rec->max_order = MMS_PAGE_ORDERS - 1;
	rec->block_order = pageblock_order;
	rec->kswapd_failures = mms_kswapd_failures(pgdat);
	if (rec->kswapd_failures >= KSWAPD_GIVES_UP)
		rec->flags |= MMS_NODE_UNRECLAIMABLE;
	rec->start_pfn = READ_ONCE(pgdat->node_start_pfn);
	rec->spanned = READ_ONCE(pgdat->node_spanned_pages);
	rec->present = READ_ONCE(pgdat->node_present_pages);
	for (i = 0; i < NR_VM_NODE_STAT_ITEMS; i++) {
		v = counter(&pgdat->vm_stat[i]);
		put_stat(&t, node_ids[i], div_u64(v, mms_vmstat_unit(i)));
	}
	rec->nstats = t.n;
	mms_emit_trim(s, &rec->head, sizeof(*rec) + t.n * sizeof(*t.at));
}

static void put_zonelist(struct mms_sink *s, struct pglist_data *pgdat)
{
	struct mms_zonelist *rec = mms_emit(s, MMS_REC_ZONELIST, sizeof(*rec),
					    ZONELIST_MAX * sizeof(struct mms_zoneref));
	struct mms_zoneref *to = (struct mms_zoneref *)(rec + 1);
	const struct zoneref *from = pgdat->node_zonelists[ZONELIST_FALLBACK]._zonerefs;
	struct zone *zone;

	rec->node = pgdat->node_id;
	/* Hotplug rebuilds it in place: a place is whole or empty. */
	while (rec->nrefs < ZONELIST_MAX && rec->nrefs < MAX_ZONES_PER_ZONELIST) {
		zone = READ_ONCE(from[rec->nrefs].zone);
		if (!zone)
			break;
		to[rec->nrefs].node = zone_to_nid(zone);
		to[rec->nrefs].zone = zone_idx(zone);
		rec->nrefs++;
	}
	mms_emit_trim(s, &rec->head, sizeof(*rec) + rec->nrefs * sizeof(*to));
}

/* What this CPU has counted for the node and not added yet. */
static void put_node_cpu(struct mms_sink *s, struct pglist_data *pgdat, unsigned int cpu)
{
	struct mms_zone_cpu *rec = mms_emit(s, MMS_REC_ZONE_CPU, sizeof(*rec),
					    STATS_MAX * sizeof(struct mms_stat));
	struct tail t = { (struct mms_stat *)(rec + 1) };
#ifdef CONFIG_SMP
	struct per_cpu_nodestat stat;
	unsigned int i;
#endif

	rec->node = pgdat->node_id;
	rec->zone = MMS_ZONE_NONE;
	rec->cpu = cpu;
#ifdef CONFIG_SMP
	if (mms_peek(&stat, per_cpu_ptr(READ_ONCE(pgdat->per_cpu_nodestats), cpu), sizeof(stat))) {
		rec->known = MMS_ZCPU_K_THRESHOLD | MMS_ZCPU_K_PENDING;
		rec->threshold = stat.stat_threshold;
		for (i = 0; i < NR_VM_NODE_STAT_ITEMS; i++)
			if (stat.vm_node_stat_diff[i])
				put_stat(&t, node_ids[i], (s64)stat.vm_node_stat_diff[i]);
	}
#endif
	rec->nstats = t.n;
	mms_emit_trim(s, &rec->head, sizeof(*rec) + t.n * sizeof(*t.at));
}

#ifdef CONFIG_NUMA
/* Events of the zone, those included that CPUs have not added yet: zoneinfo adds them first. */
static void put_numa(struct tail *t, struct zone *zone)
{
	unsigned int i, cpu;
	u64 v;

	for (i = 0; i < MMS_NUMA_ITEMS; i++) {
		v = mms_zone_numa(zone, i);
		for_each_online_cpu(cpu)
			v += mms_zone_numa_pending(zone, cpu, i);
		put_stat(t, numa_ids[i], v);
	}
}
#else
static void put_numa(struct tail *t, struct zone *zone) { }
#endif

static void put_free_area(struct mms_zone *rec, struct zone *zone)
{
	unsigned int order, mt, type;

	rec->orders = MMS_PAGE_ORDERS;
	for (order = 0; order < MMS_PAGE_ORDERS; order++) {
		struct free_area *area = &zone->free_area[order];

		rec->nr_free[order] = READ_ONCE(area->nr_free);
		for (mt = 0; mt < MIGRATE_TYPES; mt++) {
			type = mms_migratetype(mt);
			if (type < 8 && !list_empty(&area->free_list[mt]))
				rec->free_types[order] |= 1U << type;
		}
	}
	rec->known |= MMS_ZONE_K_FREE_AREA | MMS_ZONE_K_TYPES;
}

static void put_watermarks(struct mms_zone *rec, struct zone *zone)
{
	rec->boost = READ_ONCE(zone->watermark_boost);
	rec->wmark_min = READ_ONCE(zone->_watermark[WMARK_MIN]) + rec->boost;
	rec->wmark_low = READ_ONCE(zone->_watermark[WMARK_LOW]) + rec->boost;
	rec->wmark_high = READ_ONCE(zone->_watermark[WMARK_HIGH]) + rec->boost;
	rec->known |= MMS_ZONE_K_BOOST;
	if (wmark_promo >= 0) {
		rec->wmark_promo = READ_ONCE(zone->_watermark[wmark_promo]) + rec->boost;
		rec->known |= MMS_ZONE_K_PROMO;
	}
}

static void put_sizes(struct mms_zone *rec, struct zone *zone)
{
	rec->start_pfn = READ_ONCE(zone->zone_start_pfn);
	rec->spanned = READ_ONCE(zone->spanned_pages);
	rec->present = READ_ONCE(zone->present_pages);
	rec->managed = atomic_long_read(&zone->managed_pages);
	rec->highatomic = READ_ONCE(zone->nr_reserved_highatomic);
	rec->drift_mark = READ_ONCE(zone->percpu_drift_mark);
	rec->known |= MMS_ZONE_K_START | MMS_ZONE_K_HIGHATOMIC | MMS_ZONE_K_DRIFT;
	if (mms_zone_cma(zone, &rec->cma))
		rec->known |= MMS_ZONE_K_CMA;
	if (mms_zone_free_highatomic(zone, &rec->free_highatomic))
		rec->known |= MMS_ZONE_K_FREE_HIGHATOMIC;
#ifdef CONFIG_MEMORY_ISOLATION
	rec->isolated = READ_ONCE(zone->nr_isolate_pageblock);
	rec->known |= MMS_ZONE_K_ISOLATED;
#endif
}

static void put_zone(struct mms_sink *s, struct pglist_data *pgdat, unsigned int index)
{
	struct zone *zone = &pgdat->node_zones[index];
	struct mms_zone *rec = mms_emit(s, MMS_REC_ZONE, sizeof(*rec),
					STATS_MAX * sizeof(struct mms_stat));
	struct tail t = { (struct mms_stat *)(rec + 1) };
	unsigned long flags = READ_ONCE(zone->flags);
	unsigned int i, type;

	rec->node = pgdat->node_id;
	rec->index = index;
	rec->type = mms_zone_type(zone);
	rec->known = MMS_ZONE_K_FLAGS;
	for_each_set_bit(i, &flags, BITS_PER_LONG)
		rec->flags |= zone_flags[i];
	strscpy((char *)rec->name, zone->name, sizeof(rec->name));
	put_sizes(rec, zone);
	put_watermarks(rec, zone);
	for (i = 0; i < MAX_NR_ZONES; i++) {
		type = mms_zone_type(&pgdat->node_zones[i]);
		rec->reserve[type] = READ_ONCE(zone->lowmem_reserve[i]);
		rec->reserve_known |= 1U << type;
	}
	put_free_area(rec, zone);
	for (i = 0; i < NR_VM_ZONE_STAT_ITEMS; i++)
		put_stat(&t, zone_ids[i], counter(&zone->vm_stat[i]));
	if (populated_zone(zone))
		put_numa(&t, zone);
	rec->nstats = t.n;
	mms_emit_trim(s, &rec->head, sizeof(*rec) + t.n * sizeof(*t.at));
}

static void put_zone_cpu(struct mms_sink *s, struct zone *zone, unsigned int cpu)
{
	struct mms_zone_cpu *rec = mms_emit(s, MMS_REC_ZONE_CPU, sizeof(*rec),
					    STATS_MAX * sizeof(struct mms_stat));
	struct tail t = { (struct mms_stat *)(rec + 1) };
	s8 diff[NR_VM_ZONE_STAT_ITEMS];
	struct mms_pcp pcp;
	unsigned int i;

	rec->node = zone_to_nid(zone);
	rec->zone = zone_idx(zone);
	rec->cpu = cpu;
	if (mms_zone_pcp(zone, cpu, &pcp)) {
		rec->known = MMS_ZCPU_K_LISTS | (pcp.has_highs ? MMS_ZCPU_K_HIGHS : 0);
		rec->count = pcp.count;
		rec->high = pcp.high;
		rec->batch = pcp.batch;
		rec->high_min = pcp.high_min;
		rec->high_max = pcp.high_max;
	}
	if (mms_zone_pending(zone, cpu, &rec->threshold, diff)) {
		rec->known |= MMS_ZCPU_K_THRESHOLD | MMS_ZCPU_K_PENDING;
		for (i = 0; i < NR_VM_ZONE_STAT_ITEMS; i++)
			if (diff[i])
				put_stat(&t, zone_ids[i], (s64)diff[i]);
	}
	rec->nstats = t.n;
	mms_emit_trim(s, &rec->head, sizeof(*rec) + t.n * sizeof(*t.at));
}

/* ---- the query -------------------------------------------------------------- */

#define RECORD_MAX	(sizeof(struct mms_zone) + STATS_MAX * sizeof(struct mms_stat) + \
			 ZONELIST_MAX * sizeof(struct mms_zoneref))

static int mms_zones_open(struct mms_query *q)
{
	if (q->req.start || q->req.end != U64_MAX)
		return -EINVAL;
	q->cursor = cursor_of((struct place){ first_node(node_online_map) });
	return 0;
}

static void put_place(struct mms_sink *s, struct place p)
{
	struct pglist_data *pgdat = NODE_DATA(p.nid);

	if (p.part == PART_NODE)
		put_node(s, pgdat);
	else if (p.part == PART_LIST && !p.cpu)
		put_zonelist(s, pgdat);
	else if (p.part == PART_LIST)
		put_node_cpu(s, pgdat, p.cpu - 1);
	else if (!p.cpu)
		put_zone(s, pgdat, p.part - PART_ZONES);
	else if (populated_zone(&pgdat->node_zones[p.part - PART_ZONES]))
		put_zone_cpu(s, &pgdat->node_zones[p.part - PART_ZONES], p.cpu - 1);
}

static int mms_zones_batch(struct mms_query *q, struct mms_sink *s)
{
	struct place p;

	for (p = place_of(q->cursor); p.nid < MAX_NUMNODES; p = next_place(p)) {
		q->cursor = cursor_of(p);
		if (mms_sink_room(s) < RECORD_MAX)
			return MMS_BATCH_MORE;
		if (node_online(p.nid))
			put_place(s, p);
	}
	q->cursor = cursor_of(p);
	return MMS_BATCH_DONE;
}

/* ---- text ------------------------------------------------------------------- */

static const struct mms_field node_fields[] = {
	MMS_FIELD(mms_node, node, DEC),
	MMS_FIELD(mms_node, flags, FLAGS, .letters = "u"),
	MMS_FIELD(mms_node, start_pfn, HEX),
	MMS_FIELD(mms_node, spanned, DEC),
	MMS_FIELD(mms_node, present, DEC),
	MMS_FIELD(mms_node, max_order, DEC),
	MMS_FIELD(mms_node, block_order, DEC),
	MMS_FIELD(mms_node, kswapd_failures, DEC),
	{ .name = "stats", .format = MMS_FMT_STATS, .offset = sizeof(struct mms_node) },
	{ }
};

static const struct mms_field zonelist_fields[] = {
	MMS_FIELD(mms_zonelist, node, DEC),
	{ .name = "refs", .format = MMS_FMT_U64S, .offset = sizeof(struct mms_zonelist) },
	{ }
};

static const struct mms_field zone_fields[] = {
	MMS_FIELD(mms_zone, node, DEC),
	MMS_FIELD(mms_zone, index, DEC),
	MMS_FIELD(mms_zone, type, NAME, .names = mms_zone_names),
	MMS_FIELD(mms_zone, flags, FLAGS, .letters = "brh"),
	MMS_FIELD(mms_zone, known, HEX),
	MMS_FIELD(mms_zone, start_pfn, HEX),
	MMS_FIELD(mms_zone, spanned, DEC),
	MMS_FIELD(mms_zone, present, DEC),
	MMS_FIELD(mms_zone, managed, DEC),
	MMS_FIELD(mms_zone, cma, DEC),
	MMS_FIELD(mms_zone, wmark_min, DEC),
	MMS_FIELD(mms_zone, wmark_low, DEC),
	MMS_FIELD(mms_zone, wmark_high, DEC),
	MMS_FIELD(mms_zone, wmark_promo, DEC),
	MMS_FIELD(mms_zone, boost, DEC),
	MMS_FIELD(mms_zone, highatomic, DEC),
	MMS_FIELD(mms_zone, free_highatomic, DEC),
	MMS_FIELD(mms_zone, isolated, DEC),
	MMS_FIELD(mms_zone, drift_mark, DEC),
	{ .name = "stats", .format = MMS_FMT_STATS, .offset = sizeof(struct mms_zone) },
	{ }
};

static const struct mms_field cpu_fields[] = {
	MMS_FIELD(mms_zone_cpu, node, DEC),
	MMS_FIELD(mms_zone_cpu, zone, HEX),
	MMS_FIELD(mms_zone_cpu, cpu, DEC),
	MMS_FIELD(mms_zone_cpu, count, DEC),
	MMS_FIELD(mms_zone_cpu, high, DEC),
	MMS_FIELD(mms_zone_cpu, batch, DEC),
	MMS_FIELD(mms_zone_cpu, high_min, DEC),
	MMS_FIELD(mms_zone_cpu, high_max, DEC),
	MMS_FIELD(mms_zone_cpu, threshold, DEC),
	{ .name = "pending", .format = MMS_FMT_STATS, .offset = sizeof(struct mms_zone_cpu) },
	{ }
};

static const struct mms_text zones_texts[] = {
	{ MMS_REC_NODE, "node", sizeof(struct mms_node), node_fields },
	{ MMS_REC_ZONELIST, "zonelist", sizeof(struct mms_zonelist), zonelist_fields },
	{ MMS_REC_ZONE, "zone", sizeof(struct mms_zone), zone_fields },
	{ MMS_REC_ZONE_CPU, "cpu", sizeof(struct mms_zone_cpu), cpu_fields },
	{ }
};

const struct mms_collector mms_collector_zones = {
	.name = "zones",
	.kind = MMS_KIND_ZONES,
	.record_size = sizeof(struct mms_zone),
	.record_max = RECORD_MAX,
	.texts = zones_texts,
	.machine = true,
	.init = mms_zones_init,
	.open = mms_zones_open,
	.batch = mms_zones_batch,
};
