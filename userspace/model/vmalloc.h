/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's vmalloc space area by area: what each was made with, what the
 * kernel's page tables map there, and whether its guard page is left out of them.
 *
 * Three looks: the areas, the tables, the areas again.  What was not there the
 * same in both looks at the areas has moved, and is judged by nobody.
 */
#ifndef MMSCOPE_MODEL_VMALLOC_H
#define MMSCOPE_MODEL_VMALLOC_H

#include "model/vmarea.h"
#include "source/source.h"

/* The page behind the last one asked for, which nothing may be mapped at. */
enum mms_guard {
	MMS_GUARD_UNKNOWN,	/* the tables there were not read */
	MMS_GUARD_NONE,		/* the area was made without one */
	MMS_GUARD_ABSENT,	/* no entry of the tables maps it */
	MMS_GUARD_MAPPED,	/* something is mapped there: an error of the kernel, or of who looked */
	MMS_GUARD_MOVED,	/* the area changed while it was looked at */
};

/**
 * struct mms_vm_entry - one area
 * @a: as in model/vmarea.h; ->start is 0 without an address, ->frames what the
 *	tables map of RAM, guard page included
 * @phys: of ioremap()
 * @known: MMS_AREA_K_*
 * @order: log2 of the pages that the kernel meant to map by one entry
 * @runs: contiguous runs of frames, in order
 * @next_va: behind what was mapped last, and
 * @next_pfn: the frame that would go on there
 * @guard: enum mms_guard
 * @guard_pfn: with MMS_GUARD_MAPPED: the frame
 * @same: it was there the same before and after the tables were read
 */
struct mms_vm_entry {
	struct mms_area a;
	uint64_t phys;
	uint32_t known;
	uint32_t order;
	uint64_t runs;
	uint64_t next_va;
	uint64_t next_pfn;
	uint32_t guard;
	uint64_t guard_pfn;
	bool same;
};

struct mms_vm_hole {
	uint64_t start;
	uint64_t end;
	bool modules;		/* of the addresses that modules have of their own */
};

/**
 * struct mms_vmalloc - to be zeroed before use
 * @area: in use, by address; those without one last
 * @lazy: freed and not purged, by address
 * @hole: largest first; none where bounds or addresses are not known
 * @space: as the module told; .known = 0: it did not
 * @hidden: areas without an address
 * @page_size: bytes
 * @writer: enum mms_writer of the areas
 * @lazy_writer: of those in @lazy; MMS_WRITER_UNKNOWN = not told, see @no_lazy
 * @mapped: the tables were read; false: see @no_map
 * @walked: guard pages were looked for one by one in the tables, too
 * @entries: all that the tables map was told, devices included (of a capture)
 * @pages: sum of what vmalloc() counts as its own, before and after
 * @used: VmallocUsed in pages, likewise; UINT64_MAX = not known
 */
struct mms_vmalloc {
	struct mms_vm_entry *area;
	size_t n, room;
	struct mms_vm_entry *lazy;
	size_t nlazy, lazy_room;
	struct mms_vm_hole *hole;
	size_t nholes, hole_room;
	struct mms_vmalloc_space space;
	size_t hidden;
	uint64_t page_size;
	uint32_t writer;
	uint32_t lazy_writer;
	bool mapped;
	bool walked;
	bool entries;
	uint64_t pages[2];
	uint64_t used[2];
	struct mms_err no_lazy;
	struct mms_err no_map;
};

/**
 * mms_vmalloc_take() - ask a source, and /proc where a live machine's module
 *	cannot answer
 * @live: @s is about this machine as it is now
 * Return: 0 or -errno with @err; @v is to be freed in both cases
 */
int mms_vmalloc_take(struct mms_vmalloc *v, struct mms_source *s, bool live, struct mms_err *err);
void mms_vmalloc_free(struct mms_vmalloc *v);

/* The parts of it, for tests and for each other. */
int mms_vmalloc_add(struct mms_vmalloc *v, const struct mms_vmalloc_area *rec);
void mms_vmalloc_ready(struct mms_vmalloc *v);	/* all areas were added */
void mms_vmalloc_run(struct mms_vmalloc *v, const struct mms_kmap_run *k);
/* Registers of devices, of which runs tell nothing: an entry of the tables themselves. */
void mms_vmalloc_extent(struct mms_vmalloc *v, const struct mms_pt_extent *x);
void mms_vmalloc_judge(struct mms_vmalloc *v);	/* all runs were added */
int mms_vmalloc_holes(struct mms_vmalloc *v);

/* The area in use that holds an address; NULL = none, or addresses are hidden. */
struct mms_vm_entry *mms_vmalloc_find(const struct mms_vmalloc *v, uint64_t addr);

/* Has it a guard page, by how it was made?  MMS_GUARD_NONE no, _ABSENT yes, _UNKNOWN. */
uint32_t mms_vmalloc_has_guard(const struct mms_vm_entry *e, uint64_t page_size);

/* Has the area pages of its own whose count the tables can be held against? */
bool mms_vmalloc_counted(const struct mms_vmalloc *v, const struct mms_vm_entry *e);

/* "absent", "none", "MAPPED!", "moved"; NULL = not known */
const char *mms_guard_name(uint32_t guard);

#define MMS_VM_USER_MAX	72	/* a module's name has 56 bytes at most */

/**
 * mms_vmalloc_user() - what an area is for, in few words that many share
 *
 * By its flags and by who asked for it: "kernel stacks", "hash tables" ...; what
 * a module asked for is "driver NAME".
 *
 * Return: @buf
 */
const char *mms_vmalloc_user(const struct mms_area *a, char buf[MMS_VM_USER_MAX]);

struct mms_vm_user {
	char user[MMS_VM_USER_MAX];
	uint64_t areas;
	struct mms_area_weight sum;
};

/* Users, the most pages or frames first; to be freed, NULL = no memory or no areas. */
struct mms_vm_user *mms_vmalloc_users(const struct mms_vmalloc *v, size_t *n);

#endif
