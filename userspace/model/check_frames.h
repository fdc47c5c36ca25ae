/* SPDX-License-Identifier: GPL-2.0 */
/* The reading that the rows frames.* share, and how they are compared. */
#ifndef MMSCOPE_MODEL_CHECK_FRAMES_H
#define MMSCOPE_MODEL_CHECK_FRAMES_H

#include "model/census_take.h"
#include "model/check_proc.h"

/* Sums of frames by their flags. */
enum mms_frame_sum {
	MMS_SUM_ANON_MAPPED,	/* anonymous, merged ones too, and in a page table */
	MMS_SUM_SWAPCACHE,
	MMS_SUM_MLOCKED,
	MMS_SUM_WRITEBACK,
	MMS_SUM_UNKNOWN_LARGE,	/* compound pages that nothing explains */
	MMS_SUM_ANON_LARGE,	/* anonymous, of a huge page or another large folio */
	__MMS_SUM_MAX
};

/**
 * struct mms_frames - one reading
 * @typed: by class, as struct pages alone tell it
 * @flagged: by MMS_SUM_*
 * @unreserved: present frames that are not PG_reserved, by zone
 * @zones: of the source: what CPUs have not yet added to counters
 */
struct mms_frames {
	struct mms_census census;
	struct mms_taking taking;
	uint64_t typed[__MMS_FRAME_MAX];
	uint64_t flagged[__MMS_SUM_MAX];
	uint64_t unreserved[__MMS_ZONE_MAX];
	struct mms_zones zones;
	struct mms_proc before;
	struct mms_proc after;
	struct mms_check *check;
};

/**
 * struct mms_besides - what else there is to a figure
 * @ours: our frames, to which may be added
 * @kept: what CPUs keep back of the counter, already taken off @ours
 * @more: ours may be larger by so many
 * @less: or smaller
 * @why: where that is another reason than the row's; else ""
 */
struct mms_besides {
	uint64_t ours;
	uint64_t kept;
	uint64_t more;
	uint64_t less;
	char why[160];
};

/* Return: false: ours cannot be known here */
typedef bool mms_besides_fn(const struct mms_frames *f, uint64_t theirs, struct mms_besides *by);

/**
 * struct mms_frame_figure - a figure of /proc and the frames that it counts
 * @words: of meminfo, KiB, or of vmstat, pages; summed.  The first must be there
 * @pages: they are of vmstat
 * @classes: of struct pages' own telling, and of owners (from MEMMAP on)
 * @flagged: or frames of these sums, bits of enum mms_frame_sum
 * @ids: counters behind it: parts of them may not have been added yet
 * @hidden: by MMS_SUM_*: the figure may count as many of these frames more
 * @extra: of these as many less
 * @owned: of all classes as owners tell, too
 * @besides: what else may make it larger or smaller, and what is to be added.  May be NULL
 */
struct mms_frame_figure {
	const char *words[3];
	bool pages;
	uint64_t classes;
	bool owned;
	unsigned int flagged;
	unsigned int ids[2];
	unsigned int hidden;
	unsigned int extra;
	mms_besides_fn *besides;
};

/* The module's own buffer while it tells of many frames, bytes: /proc is read without it. */
#define MMS_OWN_BUFFER	(256 * 1024)

/* A row whose @arg is a struct mms_frame_figure. */
int mms_run_frame_figure(struct mms_check *c, const struct mms_check_row *row);

/*
 * For ->besides: stacks kept for the next threads; what is mapped among vmalloc's; per-CPU chunks there;
 * the module's buffer; processes' tables above the PMD level
 */
mms_besides_fn mms_besides_stacks, mms_besides_vmalloc, mms_besides_percpu,
	mms_besides_buffer, mms_besides_tables;

/* check_frames_zone.c: per zone */
int mms_run_frames_present(struct mms_check *c, const struct mms_check_row *row);
int mms_run_frames_managed(struct mms_check *c, const struct mms_check_row *row);
int mms_run_frames_free(struct mms_check *c, const struct mms_check_row *row);
int mms_run_frames_pcp(struct mms_check *c, const struct mms_check_row *row);

#endif
