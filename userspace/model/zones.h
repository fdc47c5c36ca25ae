/* SPDX-License-Identifier: GPL-2.0 */
/* Nodes and zones as one source tells them, and what an allocation would meet there. */
#ifndef MMSCOPE_MODEL_ZONES_H
#define MMSCOPE_MODEL_ZONES_H

#include "source/source.h"

/**
 * struct mms_cpu_info - one CPU's part of a zone, or of a node's counters
 * @c: its record; its @nstats counters are @stats
 */
struct mms_cpu_info {
	struct mms_zone_cpu c;
	struct mms_stat *stats;
};

/**
 * struct mms_node_info - one node
 * @refs: its zonelist, @nrefs places; NULL = not known
 * @cpus: what CPUs have not yet added to its counters, @ncpus of them
 */
struct mms_node_info {
	struct mms_node n;
	struct mms_stat *stats;
	struct mms_zoneref *refs;
	uint32_t nrefs;
	struct mms_cpu_info *cpus;
	size_t ncpus;
	size_t cpus_cap;
};

/* struct mms_zone_info - one zone, with the page lists of each CPU */
struct mms_zone_info {
	struct mms_zone z;
	struct mms_stat *stats;
	struct mms_cpu_info *cpus;
	size_t ncpus;
	size_t cpus_cap;
};

/**
 * struct mms_zones - all of them, in the kernel's order
 * @page_shift: log2 of the page size
 * @writer: enum mms_writer: who read it
 */
struct mms_zones {
	unsigned int page_shift;
	uint32_t writer;
	struct mms_node_info *nodes;
	size_t nnodes;
	size_t nodes_cap;
	struct mms_zone_info *zones;
	size_t nzones;
	size_t zones_cap;
};

/**
 * mms_zones_read() - ask a source for its ZONES stream
 * @z: zeroed; free it with mms_zones_free() whatever is returned
 *
 * Return: 0; what the source returned, with @err filled; -EIO the stream ended
 * with an error
 */
int mms_zones_read(struct mms_source *s, struct mms_zones *z, struct mms_err *err);
void mms_zones_free(struct mms_zones *z);

const struct mms_node_info *mms_zones_node(const struct mms_zones *z, uint32_t node);
const struct mms_zone_info *mms_zones_zone(const struct mms_zones *z, uint32_t node, uint32_t index);

/* A counter by its ID: false where it is not known. */
bool mms_stat_get(const struct mms_stat *stats, uint32_t n, enum mms_vmstat id, uint64_t *value);

/* Pages on the CPUs' lists; false where they are not known. */
bool mms_zone_pcp_pages(const struct mms_zone_info *z, uint64_t *pages);

/* ---- would an allocation get its pages? -------------------------------------- */

/* How urgent the allocation is: which watermark it must leave. */
enum mms_alloc_how {
	MMS_ALLOC_LOW,		/* first try of any allocation: the low watermark */
	MMS_ALLOC_MIN,		/* GFP_KERNEL after it has woken kswapd: min */
	MMS_ALLOC_ATOMIC,	/* GFP_ATOMIC then: three eighths of min, and the high-atomic blocks */
	__MMS_ALLOC_MAX
};

enum mms_alloc_verdict {
	MMS_ALLOC_PASSES,
	MMS_ALLOC_FEW,		/* too few pages would be left */
	MMS_ALLOC_NO_BLOCK,	/* pages enough, none of them in a block that is large enough */
	MMS_ALLOC_ABOVE,	/* the allocation may not use a zone as high as this */
	MMS_ALLOC_EMPTY,	/* the zone has no pages */
	MMS_ALLOC_UNKNOWN,	/* a figure that decides it is not known */
	__MMS_ALLOC_VERDICT_MAX
};

/**
 * struct mms_alloc_check - the terms of __zone_watermark_ok() (mm/page_alloc.c)
 * @order: log2 of the pages asked for
 * @type: enum mms_zone_type, the highest zone that the allocation may use
 * @how: enum mms_alloc_how
 * @movable: it may take pages of CMA areas
 * @free: free pages of the zone
 * @unusable: of these, not for this allocation: the block itself but for one
 *	page, free high-atomic ones, free CMA pages
 * @mark: watermark that must stay behind
 * @reserve: lowmem reserve against allocations of @type
 * @blocks: free blocks of at least @order that it may take
 * @need: @mark + @reserve: more than this must remain
 * @left: @free - @unusable; may be below 0
 * @no_highatomic: how many free high-atomic pages there are is not known:
 *	taken for 0
 * @no_types: blocks could not be told apart by migratetype: all were counted
 * @verdict: the answer
 */
struct mms_alloc_check {
	unsigned int order;
	enum mms_zone_type type;
	enum mms_alloc_how how;
	bool movable;
	uint64_t free;
	uint64_t unusable;
	uint64_t mark;
	uint64_t reserve;
	uint64_t blocks;
	uint64_t need;
	int64_t left;
	bool no_highatomic;
	bool no_types;
	enum mms_alloc_verdict verdict;
};

/**
 * mms_alloc_check() - would this zone serve it?
 * @c: @order, @type, @how and @movable say what is asked; the rest is filled in
 */
void mms_alloc_check(const struct mms_zone_info *z, struct mms_alloc_check *c);

const char *mms_alloc_verdict_name(enum mms_alloc_verdict v);

/* Largest order of the buddy allocator: false where it is not known. */
bool mms_zones_max_order(const struct mms_zones *z, unsigned int *order);

/**
 * mms_zones_fallback() - the zones that an allocation tries, in order
 * @node: where it starts
 * @type: highest zone it may use, enum mms_zone_type
 * @out: receives at most @max zones that have pages
 * @whole: set to false where other nodes would follow and their order is not known
 *
 * Return: how many
 */
size_t mms_zones_fallback(const struct mms_zones *z, uint32_t node, enum mms_zone_type type,
			  const struct mms_zone_info **out, size_t max, bool *whole);

#endif
