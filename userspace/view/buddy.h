/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of mmscope buddy share. */
#ifndef MMSCOPE_VIEW_BUDDY_H
#define MMSCOPE_VIEW_BUDDY_H

#include "cmd.h"
#include "model/buddy.h"

extern const struct mms_command mms_cmd_buddy;

/**
 * struct mms_buddy_view - one invocation
 * @zone: --zone: enum mms_zone_type, or all
 * @several: there is more than one node
 */
struct mms_buddy_view {
	const struct mms_globals *g;
	struct mms_source *source;
	struct mms_buddy buddy;
	struct mms_doc *doc;
	uint32_t zone;
	bool several;
};

#define MMS_ZONE_ALL	__MMS_ZONE_MAX

/* Text around the tables: not with --no-headings, which is for scripts. */
#define mms_say(v, ...) do { \
	if (!(v)->g->render.no_headings) \
		mms_doc_text((v)->doc, __VA_ARGS__); \
} while (0)

/* Is this zone to be shown? */
bool mms_buddy_wanted(const struct mms_buddy_view *v, const struct mms_buddy_state *z);

/* "0.123", "-1.000" */
const char *mms_thousandths(int v, char buf[16]);

/* --frag, --scan */
int mms_buddy_frag(struct mms_buddy_view *v, struct mms_err *err);
/* --frag of one order: for JSON */
int mms_buddy_frag_order(struct mms_buddy_view *v, unsigned int order, struct mms_err *err);
int mms_buddy_scan(struct mms_buddy_view *v, bool *mismatch, struct mms_err *err);

/* --why-not ORDER, ORDER@FRAME and PID:ADDR; @all: a line per frame; @frame: the block that holds
 * this one; NULL = those with the fewest frames in use */
int mms_buddy_why(struct mms_buddy_view *v, unsigned int order, const uint64_t *frame, bool all, struct mms_err *err);
int mms_buddy_why_thp(struct mms_buddy_view *v, uint32_t pid, uint64_t addr, bool all, struct mms_err *err);

#endif
