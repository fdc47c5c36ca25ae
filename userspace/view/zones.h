/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of 'mmscope zones' share. */
#ifndef MMSCOPE_VIEW_ZONES_H
#define MMSCOPE_VIEW_ZONES_H

#include "cmd.h"
#include "model/zones.h"

extern const struct mms_command mms_cmd_zones;

/* One more table of 'mmscope zones'. */
struct mms_zones_table {
	const char *name;	/* of the JSON array */
	const struct mms_column *columns;
	size_t ncolumns;
	int (*fill)(struct mms_table *t, const struct mms_zones *z, const struct mms_zone_info *zone);
	int (*fill_node)(struct mms_table *t, const struct mms_zones *z, const struct mms_node_info *n);
};

extern const struct mms_zones_table mms_zones_lru, mms_zones_cpus, mms_zones_stats, mms_zones_blocks;

/**
 * mms_zones_explain() - why an allocation would pass or wait, as table and words
 * @order: log2 of its pages
 * @first: the zone it tries first; NULL = what the zonelist says
 */
int mms_zones_explain(const struct mms_globals *g, const struct mms_zones *z, unsigned int order,
		      const struct mms_zone_info *first, struct mms_err *err);

#endif
