// SPDX-License-Identifier: GPL-2.0
/* mmscope zones --lru, --cpus, --stats, --blocks: the other tables. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "util/text.h"
#include "view/zones.h"

static void put_zone_name(struct mms_table *t, struct mms_line *l, size_t col, const struct mms_zone *z)
{
	char name[64];

	mms_line_str(t, l, col, mms_neutral((const char *)z->name, name, sizeof(name)));
}

/* --- --lru: a node's lists, then what each zone has on them --- */

enum { LRU_NODE, LRU_ZONE, LRU_IANON, LRU_AANON, LRU_IFILE, LRU_AFILE, LRU_UNEVICT, LRU_PENDING };

static const struct mms_column lru_columns[] = {
	[LRU_NODE] = { "NODE", MMS_COL_NUM, true, false, false, "number of the node" },
	[LRU_ZONE] = { "ZONE", MMS_COL_STR, true, false, false, "zone of it; - the whole node" },
	[LRU_IANON] = { "INACT_ANON", MMS_COL_SIZE, true, false, false, "inactive anonymous" },
	[LRU_AANON] = { "ACT_ANON", MMS_COL_SIZE, true, false, false, "active anonymous" },
	[LRU_IFILE] = { "INACT_FILE", MMS_COL_SIZE, true, false, false, "inactive file" },
	[LRU_AFILE] = { "ACT_FILE", MMS_COL_SIZE, true, false, false, "active file" },
	[LRU_UNEVICT] = { "UNEVICTABLE", MMS_COL_SIZE, true, false, false, "unevictable" },
	[LRU_PENDING] = { "DIRTY", MMS_COL_SIZE, true, false, false, "dirty or in writeback" },
};

static const enum mms_vmstat node_lru[] = {
	MMS_VS_NR_INACTIVE_ANON, MMS_VS_NR_ACTIVE_ANON, MMS_VS_NR_INACTIVE_FILE,
	MMS_VS_NR_ACTIVE_FILE, MMS_VS_NR_UNEVICTABLE,
};
static const enum mms_vmstat zone_lru[] = {
	MMS_VS_NR_ZONE_INACTIVE_ANON, MMS_VS_NR_ZONE_ACTIVE_ANON, MMS_VS_NR_ZONE_INACTIVE_FILE,
	MMS_VS_NR_ZONE_ACTIVE_FILE, MMS_VS_NR_ZONE_UNEVICTABLE, MMS_VS_NR_ZONE_WRITE_PENDING,
};

static int lru_node(struct mms_table *t, const struct mms_zones *z, const struct mms_node_info *n)
{
	struct mms_line *l = mms_table_line(t, NULL);
	uint64_t v, wb;

	if (!l)
		return -ENOMEM;
	mms_line_num(t, l, LRU_NODE, n->n.node);
	for (size_t i = 0; i < sizeof(node_lru) / sizeof(*node_lru); i++)
		if (mms_stat_get(n->stats, n->n.nstats, node_lru[i], &v))
			mms_line_size(t, l, LRU_IANON + i, v << z->page_shift);
	if (mms_stat_get(n->stats, n->n.nstats, MMS_VS_NR_FILE_DIRTY, &v) &&
	    mms_stat_get(n->stats, n->n.nstats, MMS_VS_NR_WRITEBACK, &wb))
		mms_line_size(t, l, LRU_PENDING, (v + wb) << z->page_shift);
	return 0;
}

static int lru_zone(struct mms_table *t, const struct mms_zones *z, const struct mms_zone_info *zone)
{
	struct mms_line *l;
	uint64_t v;

	if (!zone->z.present)
		return 0;
	l = mms_table_line(t, NULL);
	if (!l)
		return -ENOMEM;
	mms_line_num(t, l, LRU_NODE, zone->z.node);
	put_zone_name(t, l, LRU_ZONE, &zone->z);
	for (size_t i = 0; i < sizeof(zone_lru) / sizeof(*zone_lru); i++)
		if (mms_stat_get(zone->stats, zone->z.nstats, zone_lru[i], &v))
			mms_line_size(t, l, LRU_IANON + i, v << z->page_shift);
	return 0;
}

const struct mms_zones_table mms_zones_lru = {
	"lru", lru_columns, sizeof(lru_columns) / sizeof(*lru_columns), lru_zone, lru_node,
};

/* --- --cpus --- */

enum {
	CPU_NODE, CPU_ZONE, CPU_CPU, CPU_COUNT, CPU_HIGH, CPU_BATCH, CPU_MIN, CPU_MAX,
	CPU_THRESHOLD, CPU_PENDING,
};

static const struct mms_column cpu_columns[] = {
	[CPU_NODE] = { "NODE", MMS_COL_NUM, true, false, false, "number of the node" },
	[CPU_ZONE] = { "ZONE", MMS_COL_STR, true, false, false, "zone of it; - the node's own counters" },
	[CPU_CPU] = { "CPU", MMS_COL_NUM, true, false, false, "number of the CPU" },
	[CPU_COUNT] = { "COUNT", MMS_COL_NUM, true, false, false, "free pages on its lists" },
	[CPU_HIGH] = { "HIGH", MMS_COL_NUM, true, false, false, "above: pages go back" },
	[CPU_BATCH] = { "BATCH", MMS_COL_NUM, true, false, false, "pages moved at a time" },
	[CPU_MIN] = { "HIGH_MIN", MMS_COL_NUM, true, false, false, "least that HIGH is tuned to" },
	[CPU_MAX] = { "HIGH_MAX", MMS_COL_NUM, true, false, false, "most that HIGH is tuned to" },
	[CPU_THRESHOLD] = { "THRESHOLD", MMS_COL_NUM, true, false, false, "most that a pending count may be" },
	[CPU_PENDING] = { "PENDING", MMS_COL_STR, true, false, true, "counted, not yet in the counters" },
};

static const char *pending(const struct mms_cpu_info *c, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < c->c.nstats && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s%+" PRId64, n ? " " : "",
				      mms_vmstat_name(c->stats[i].id), (int64_t)c->stats[i].value);
	return out;
}

static int cpu_lines(struct mms_table *t, const struct mms_zone *zone,
		     const struct mms_cpu_info *cpus, size_t n)
{
	char text[512];

	for (size_t i = 0; i < n; i++) {
		struct mms_line *l = mms_table_line(t, NULL);
		const struct mms_zone_cpu *c = &cpus[i].c;

		if (!l)
			return -ENOMEM;
		mms_line_num(t, l, CPU_NODE, c->node);
		if (zone)
			put_zone_name(t, l, CPU_ZONE, zone);
		mms_line_num(t, l, CPU_CPU, c->cpu);
		if (c->known & MMS_ZCPU_K_LISTS) {
			mms_line_num(t, l, CPU_COUNT, c->count);
			mms_line_num(t, l, CPU_HIGH, c->high);
			mms_line_num(t, l, CPU_BATCH, c->batch);
		}
		if (c->known & MMS_ZCPU_K_HIGHS) {
			mms_line_num(t, l, CPU_MIN, c->high_min);
			mms_line_num(t, l, CPU_MAX, c->high_max);
		}
		if (c->known & MMS_ZCPU_K_THRESHOLD)
			mms_line_num(t, l, CPU_THRESHOLD, c->threshold);
		if (c->known & MMS_ZCPU_K_PENDING)
			mms_line_str(t, l, CPU_PENDING, pending(&cpus[i], text, sizeof(text)));
	}
	return 0;
}

static int cpus_node(struct mms_table *t, const struct mms_zones *z, const struct mms_node_info *n)
{
	(void)z;
	return cpu_lines(t, NULL, n->cpus, n->ncpus);
}

static int cpus_zone(struct mms_table *t, const struct mms_zones *z, const struct mms_zone_info *zone)
{
	(void)z;
	return cpu_lines(t, &zone->z, zone->cpus, zone->ncpus);
}

const struct mms_zones_table mms_zones_cpus = {
	"cpus", cpu_columns, sizeof(cpu_columns) / sizeof(*cpu_columns), cpus_zone, cpus_node,
};

/* --- --stats --- */

enum { STAT_NODE, STAT_ZONE, STAT_NAME, STAT_VALUE };

static const struct mms_column stat_columns[] = {
	[STAT_NODE] = { "NODE", MMS_COL_NUM, true, false, false, "number of the node" },
	[STAT_ZONE] = { "ZONE", MMS_COL_STR, true, false, false, "zone of it; - the node's own" },
	[STAT_NAME] = { "COUNTER", MMS_COL_STR, true, false, false, "as /proc/zoneinfo calls it" },
	[STAT_VALUE] = { "VALUE", MMS_COL_NUM, true, false, false, "pages, or what the name says" },
};

static int stat_lines(struct mms_table *t, uint32_t node, const struct mms_zone *zone,
		      const struct mms_stat *stats, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct mms_line *l = mms_table_line(t, NULL);

		if (!l)
			return -ENOMEM;
		mms_line_num(t, l, STAT_NODE, node);
		if (zone)
			put_zone_name(t, l, STAT_ZONE, zone);
		mms_line_str(t, l, STAT_NAME, mms_vmstat_name(stats[i].id));
		mms_line_num(t, l, STAT_VALUE, (int64_t)stats[i].value);
	}
	return 0;
}

static int stats_node(struct mms_table *t, const struct mms_zones *z, const struct mms_node_info *n)
{
	(void)z;
	return stat_lines(t, n->n.node, NULL, n->stats, n->n.nstats);
}

static int stats_zone(struct mms_table *t, const struct mms_zones *z, const struct mms_zone_info *zone)
{
	(void)z;
	return stat_lines(t, zone->z.node, &zone->z, zone->stats, zone->z.nstats);
}

const struct mms_zones_table mms_zones_stats = {
	"stats", stat_columns, sizeof(stat_columns) / sizeof(*stat_columns), stats_zone, stats_node,
};

/* --- --blocks --- */

enum { BLOCK_NODE, BLOCK_ZONE, BLOCK_ORDER, BLOCK_SIZE, BLOCK_FREE, BLOCK_TOTAL, BLOCK_TYPES };

static const struct mms_column block_columns[] = {
	[BLOCK_NODE] = { "NODE", MMS_COL_NUM, true, false, false, "number of the node" },
	[BLOCK_ZONE] = { "ZONE", MMS_COL_STR, true, false, false, "zone of it" },
	[BLOCK_ORDER] = { "ORDER", MMS_COL_NUM, true, false, false, "log2 of the pages of a block" },
	[BLOCK_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "of one block" },
	[BLOCK_FREE] = { "FREE", MMS_COL_NUM, true, false, false, "free blocks" },
	[BLOCK_TOTAL] = { "TOTAL", MMS_COL_SIZE, true, false, false, "memory in them" },
	[BLOCK_TYPES] = { "TYPES", MMS_COL_STR, true, false, true, "migratetypes that have such blocks" },
};

static const char *types(unsigned int mask, char *out, size_t size)
{
	static const char *const names[] = {
		[MMS_MT_UNMOVABLE] = "unmovable", [MMS_MT_MOVABLE] = "movable",
		[MMS_MT_RECLAIMABLE] = "reclaimable", [MMS_MT_HIGHATOMIC] = "highatomic",
		[MMS_MT_CMA] = "cma", [MMS_MT_ISOLATE] = "isolate", [MMS_MT_UNKNOWN] = "unknown",
	};
	size_t n = 0;

	out[0] = '\0';
	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mask & 1U << i && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "," : "", names[i]);
	return out;
}

static int blocks_zone(struct mms_table *t, const struct mms_zones *z, const struct mms_zone_info *zone)
{
	char text[128];

	if (!zone->z.present || !(zone->z.known & MMS_ZONE_K_FREE_AREA))
		return 0;
	for (uint32_t o = 0; o < zone->z.orders; o++) {
		struct mms_line *l = mms_table_line(t, NULL);
		uint64_t size = 1ULL << (z->page_shift + o);

		if (!l)
			return -ENOMEM;
		mms_line_num(t, l, BLOCK_NODE, zone->z.node);
		put_zone_name(t, l, BLOCK_ZONE, &zone->z);
		mms_line_num(t, l, BLOCK_ORDER, o);
		mms_line_size(t, l, BLOCK_SIZE, size);
		mms_line_num(t, l, BLOCK_FREE, (int64_t)zone->z.nr_free[o]);
		mms_line_size(t, l, BLOCK_TOTAL, zone->z.nr_free[o] * size);
		if (zone->z.known & MMS_ZONE_K_TYPES)
			mms_line_str(t, l, BLOCK_TYPES, types(zone->z.free_types[o], text, sizeof(text)));
	}
	return 0;
}

const struct mms_zones_table mms_zones_blocks = {
	"blocks", block_columns, sizeof(block_columns) / sizeof(*block_columns), blocks_zone, NULL,
};
