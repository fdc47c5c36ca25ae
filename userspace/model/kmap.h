/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's address space: its parts, and what the page tables map in each. */
#ifndef MMSCOPE_MODEL_KMAP_H
#define MMSCOPE_MODEL_KMAP_H

#include "source/source.h"

#define MMS_KMAP_REGIONS	32
#define MMS_KMAP_LEVELS		5

/**
 * struct mms_kmap_alike - neighbours mapped alike, wherever their frames lie
 * @start: virtual address
 * @len: bytes
 * @pa: physical address of the first page, @pa_behind: behind the last one
 * @flags: MMS_PT_F_WRITE, _EXEC, _USER: what all levels together allow; _GLOBAL
 * @region: index into mms_kmap.region; the last one is for what is in none
 * @level: of the entries
 * @page_shift: of a page
 * @cache: index of the memory type
 * @frames: runs of frames in it
 */
struct mms_kmap_alike {
	uint64_t start;
	uint64_t len;
	uint64_t pa;
	uint64_t pa_behind;
	uint32_t flags;
	uint32_t region;
	uint8_t level;
	uint8_t page_shift;
	uint8_t cache;
	uint64_t frames;
};

/**
 * struct mms_kmap_region - a part of the addresses
 * @start: first address, @last: last one
 * @id: enum mms_kt_region_id
 * @mapped: bytes, by the level of the entry that maps them
 * @absent: bytes whose entry is there and not present, likewise: what DEBUG_PAGEALLOC
 *	and secretmem take out of the direct map
 * @writable: bytes, of them @wx also executable; @exec: executable ones
 * @flags: of any run
 * @tables: page tables for this part alone
 * @repeated: bytes whose page table is another address's, too: not looked into
 * @runs: how many
 */
struct mms_kmap_region {
	uint64_t start;
	uint64_t last;
	uint32_t id;
	uint32_t flags;
	uint64_t mapped[MMS_KMAP_LEVELS + 1];
	uint64_t absent[MMS_KMAP_LEVELS + 1];
	uint64_t total;
	uint64_t writable;
	uint64_t exec;
	uint64_t wx;
	uint64_t tables;
	uint64_t repeated;
	uint64_t runs;
};

/**
 * struct mms_kmap - what was read
 * @region: @nregions of them, ascending, then one for what is in none
 * @runs: ascending, @nruns
 * @upper: page tables that serve several parts
 * @root_pa: top table; 0 = there was none of that kind
 * @context: the registers
 */
struct mms_kmap {
	struct mms_kmap_region region[MMS_KMAP_REGIONS + 1];
	size_t nregions;
	struct mms_kmap_alike *runs;
	size_t nruns;
	size_t cap;
	uint64_t upper;
	uint64_t root_pa;
	struct mms_pt_context context;
	bool have_context;

	bool user;
	bool other_root;
};

/**
 * mms_kmap_take() - read the kernel's page tables
 * @m: zeroed; free with mms_kmap_free(), also after an error
 * @user: by the top table that user mode runs with (PTI)
 *
 * Return: 0; -ENOENT with @user: there is no such table here; -EBADMSG; -ENOMEM;
 * -errno of the source
 */
int mms_kmap_take(struct mms_kmap *m, struct mms_source *s, bool user, struct mms_err *err);
void mms_kmap_free(struct mms_kmap *m);

/* "direct-map", "vmalloc" ...; "none" of what is in no part */
const char *mms_kmap_region_name(uint32_t id);

/* The part of this id; NULL: these addresses have none. */
const struct mms_kmap_region *mms_kmap_region(const struct mms_kmap *m, uint32_t id);

/* The id of a name; __MMS_KT_MAX: there is no such name. */
uint32_t mms_kmap_region_find(const char *name);

/* Is it for code?  What is executable elsewhere is data that could be run. */
bool mms_kmap_for_code(const struct mms_kmap *m, const struct mms_kmap_alike *r);

/**
 * struct mms_direct_map - the direct map, by the tables and by the kernel's own count
 * @ours: bytes by level, 1 to 3, those of absent pages too, as the kernel counts
 * @theirs: DirectMap4k, DirectMap2M or 4M, DirectMap1G, where @known
 * @pmd_name: "2M" or "4M"
 * @image_tables: PTE tables of the kernel's image: split_page_count() takes each
 *	large page of the image that is split for one of the direct map
 *	(arch/x86/mm/pat/set_memory.c: __split_large_page())
 * @explained: that is the whole difference
 */
struct mms_direct_map {
	uint64_t ours[4];
	uint64_t theirs[4];
	bool known[4];
	const char *pmd_name;
	uint64_t image_tables;
	bool explained;
};

/* The kernel's count alone: .theirs, .known. Return: 0; -ENODATA: it has none (not x86), -errno */
int mms_direct_map_read(const char *meminfo, struct mms_direct_map *d);

/**
 * mms_direct_map_compare() - with the lines of a meminfo
 * Return: 0; -ENODATA: it has none (not x86), -errno
 */
int mms_direct_map_compare(const struct mms_kmap *m, const char *meminfo, struct mms_direct_map *d);

/* "WB", "UC-" ... of x86; "attr 4" of arm64; "?" where the registers do not tell. */
const char *mms_kmap_cache(const struct mms_pt_context *c, unsigned int index, char buf[16]);

#endif
