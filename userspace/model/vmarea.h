/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The areas of the kernel's vmalloc space: what each is for, told by its flags and
 * by who asked for it, and how many frames the kernel's tables map there.
 */
#ifndef MMSCOPE_MODEL_VMAREA_H
#define MMSCOPE_MODEL_VMAREA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "model/census.h"

enum mms_area_kind {
	MMS_AREA_KIND_OTHER,
	MMS_AREA_KIND_VMALLOC,
	MMS_AREA_KIND_VMAP,
	MMS_AREA_KIND_IOREMAP,
	MMS_AREA_KIND_PERCPU,
	MMS_AREA_KIND_KSTACK,
	MMS_AREA_KIND_MODULE,
	MMS_AREA_KIND_TEXT,	/* other code made at run time, or of any kind where one allocator serves all */
	MMS_AREA_KIND_DMA,
	MMS_AREA_KIND_SPARSE,
	__MMS_AREA_KIND_MAX
};

/**
 * struct mms_area - one area
 * @start: first address; 0 without an address
 * @end: behind it
 * @pages: that it was made with
 * @frames: that are mapped there, as far as told to mms_areas_run()
 * @flags: MMS_AREA_*
 * @kind: enum mms_area_kind
 * @caller: "" = not known
 */
struct mms_area {
	uint64_t start;
	uint64_t end;
	uint64_t pages;
	uint64_t frames;
	uint32_t flags;
	uint32_t kind;
	char *caller;
};

/* What areas weigh together, for the heaviest to come first. */
struct mms_area_weight {
	uint64_t size;
	uint64_t pages;
	uint64_t frames;
};

/**
 * struct mms_area_sum - areas of one kind and caller
 */
struct mms_area_sum {
	uint32_t kind;
	const char *caller;
	uint64_t areas;
	struct mms_area_weight sum;
};

/**
 * struct mms_areas - to be zeroed before use
 * @hidden: areas without an address: frames cannot be told to be theirs
 */
struct mms_areas {
	struct mms_area *area;
	size_t n, room;
	size_t hidden;
	size_t at;
};

const char *mms_area_kind_name(uint32_t kind);

/* By pages or frames, whichever are more, then by size: < 0, the first is heavier; 0 = alike. */
int mms_area_heavier(const struct mms_area_weight *a, const struct mms_area_weight *b);

/**
 * mms_area_take() - an area as its record has it
 * @area: set; ->caller to be freed
 * Return: 0 or -ENOMEM
 */
int mms_area_take(struct mms_area *area, const struct mms_vmalloc_area *rec);

/* What frames are that are mapped in an area of this kind: enum mms_frame_class; @class where
 * the kind tells nothing. */
uint32_t mms_area_class(uint32_t kind, uint32_t class);

/* Are pages of such an area, if it has any, allocated by others than vmalloc()? */
bool mms_area_borrows(uint32_t kind);

/* Return: 0 or -ENOMEM */
int mms_areas_add(struct mms_areas *a, const struct mms_vmalloc_area *rec);

/* All were added.  Once. */
void mms_areas_ready(struct mms_areas *a);

/**
 * mms_areas_run() - frames that the kernel maps: counted, and claimed as what the
 *	areas are that they are mapped in
 * @c: may be NULL: only counted
 * Return: 0 or -ENOMEM
 */
int mms_areas_run(struct mms_areas *a, struct mms_census *c, const struct mms_kmap_run *k,
		  uint64_t page_size);

/**
 * mms_areas_sum() - by kind and caller, the most pages or frames first
 * @n: set to how many
 * Return: to be freed; NULL: no memory, or no areas; names live as long as @a
 */
struct mms_area_sum *mms_areas_sum(const struct mms_areas *a, size_t *n);

void mms_areas_free(struct mms_areas *a);

#endif
