/* SPDX-License-Identifier: GPL-2.0 */
/* What is known of one process at one moment, gathered from a source's streams. */
#ifndef MMSCOPE_MODEL_SNAPSHOT_H
#define MMSCOPE_MODEL_SNAPSHOT_H

#include "source/source.h"

/* What to gather. */
#define MMS_SNAP_TASK		(1U << 0)
#define MMS_SNAP_VMA		(1U << 1)
#define MMS_SNAP_EXTENTS	(1U << 2)
#define MMS_SNAP_USAGE		(1U << 3)

/**
 * struct mms_region - one VMA with what was found about it
 * @vma: the record, fixed part
 * @path: its path or "[heap]"...; neutralised; "" = none
 * @name: anonymous name; neutralised; "" = none
 * @usage: smaps figures; usage->known = 0 if not read
 * @first_extent: index in snapshot->extents
 * @nextents: extents inside this VMA
 * @class: enum mms_class
 */
struct mms_region {
	struct mms_vma vma;
	char *path;
	char *name;
	struct mms_usage usage;
	size_t first_extent;
	size_t nextents;
	int class;
};

/**
 * struct mms_snapshot - one process
 * @have: MMS_SNAP_* that were gathered
 * @regions: in address order
 * @extents: in address order, cut at the bounds of regions; some may lie in no
 *	region, if the address space changed between the streams
 * @context: registers of the walk; levels = 0 if the source had none
 * @vma_writer: enum mms_writer of the VMA stream
 * @pt_writer: enum mms_writer of the PGTABLE stream: extents by the module are
 *	page-table entries, those by procfs are what pagemap knows
 * @unmatched_usage: regions for which smaps was read but had no such VMA
 * @missing_extents: why MMS_SNAP_EXTENTS could not be had; "" else
 * @missing_usage: likewise for MMS_SNAP_USAGE
 */
struct mms_snapshot {
	unsigned int have;
	struct mms_task task;
	struct mms_region *regions;
	size_t nregions;
	struct mms_pt_extent *extents;
	size_t nextents;
	struct mms_pt_context context;
	struct mms_trailer vma_trailer;
	struct mms_trailer pt_trailer;
	uint32_t vma_writer;
	uint32_t pt_writer;
	size_t unmatched_usage;
	struct mms_err missing_extents;
	struct mms_err missing_usage;
};

/**
 * mms_snapshot_take() - gather one process
 * @want: MMS_SNAP_*.  TASK and VMA must succeed; EXTENTS and USAGE that
 *	cannot be had are left out of ->have with the reason in ->missing_*.
 *
 * Regions are classified.
 *
 * Return: 0; -errno of the source with its message; -EBADMSG for records that
 * no address space can hold; -ENODATA if the process exited meanwhile.
 */
int mms_snapshot_take(struct mms_snapshot **out, struct mms_source *s,
		      uint32_t pid, unsigned int want, struct mms_err *err);
void mms_snapshot_free(struct mms_snapshot *snap);

/* The region that holds @va, or NULL. */
const struct mms_region *mms_snapshot_find(const struct mms_snapshot *snap,
					   uint64_t va);

/* Sort of memory, as a person names it. */
enum mms_class {
	MMS_CLASS_TEXT, MMS_CLASS_RODATA, MMS_CLASS_DATA, MMS_CLASS_BSS,
	MMS_CLASS_HEAP, MMS_CLASS_FILE, MMS_CLASS_SHARED, MMS_CLASS_ANON,
	MMS_CLASS_STACK, MMS_CLASS_VDSO, MMS_CLASS_GUARD, MMS_CLASS_HUGETLB,
	MMS_CLASS_DEVICE,
	MMS_CLASS_MAX
};

/* One lower-case word; "?" for a number that is none. */
const char *mms_class_name(enum mms_class c);

/* Set ->class of every region; needs only the VMA records and names. */
void mms_classify(struct mms_snapshot *snap);

#endif
