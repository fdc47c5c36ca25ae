/* SPDX-License-Identifier: GPL-2.0 */
/* One page frame: what was read of it, and what follows from that. */
#ifndef MMSCOPE_MODEL_FRAME_H
#define MMSCOPE_MODEL_FRAME_H

#include "model/vmarea.h"
#include "source/source.h"

/* Bits of struct mms_frame.kpf: linux/kernel-page-flags.h, and what follows there. */
enum mms_kpf {
	MMS_KPF_LOCKED, MMS_KPF_ERROR, MMS_KPF_REFERENCED, MMS_KPF_UPTODATE, MMS_KPF_DIRTY,
	MMS_KPF_LRU, MMS_KPF_ACTIVE, MMS_KPF_SLAB, MMS_KPF_WRITEBACK, MMS_KPF_RECLAIM,
	MMS_KPF_BUDDY, MMS_KPF_MMAP, MMS_KPF_ANON, MMS_KPF_SWAPCACHE, MMS_KPF_SWAPBACKED,
	MMS_KPF_COMPOUND_HEAD, MMS_KPF_COMPOUND_TAIL, MMS_KPF_HUGE, MMS_KPF_UNEVICTABLE,
	MMS_KPF_HWPOISON, MMS_KPF_NOPAGE, MMS_KPF_KSM, MMS_KPF_THP, MMS_KPF_OFFLINE,
	MMS_KPF_ZERO_PAGE, MMS_KPF_IDLE, MMS_KPF_PGTABLE,
	MMS_KPF_RESERVED = 32, MMS_KPF_MLOCKED, MMS_KPF_OWNER_2, MMS_KPF_PRIVATE,
	MMS_KPF_PRIVATE_2, MMS_KPF_OWNER_PRIVATE, MMS_KPF_ARCH,
};

static inline bool mms_frame_is(const struct mms_frame *f, enum mms_kpf bit)
{
	return f->kpf >> bit & 1;
}

/**
 * struct mms_table_use - a page table found in a frame
 * @level: of its entries
 * @va: what its first entry translates
 */
struct mms_table_use {
	uint32_t pid;
	uint32_t level;
	uint64_t va;
};

/**
 * struct mms_frame_info - one frame
 * @writer: enum mms_writer
 * @path, @fs: of @file; "" = none.  From the file system's root; raw
 * @maps: candidates of the reverse map, or what a forward scan found
 * @scanned: @maps come from a forward scan, which named every one there was
 * @uses: page tables, after a scan for them
 * @kernel_class: enum mms_frame_class by the kernel's map and by owners; 0 = not
 *	found there, or not looked for
 * @kernel_va: where the kernel maps it, beside its map of all memory; of a page
 *	table of the kernel what its first entry translates; 0 = nowhere
 * @kernel_pid: whose it is, in the initial PID namespace; 0 = nobody's
 * @area: that of vmalloc space with @kernel_va; ->caller is NULL where none is known
 */
struct mms_frame_info {
	struct mms_frame frame;
	uint32_t writer;
	unsigned int page_shift;
	bool have_file, have_slab, have_task;
	struct mms_frame_file file;
	struct mms_frame_slab slab;
	struct mms_frame_task task;
	char *path;
	char *fs;
	struct mms_frame_map *maps;
	size_t nmaps, maps_room;
	bool scanned;
	struct mms_table_use *uses;
	size_t nuses, uses_room;
	uint32_t kernel_class;
	uint32_t kernel_pid;
	uint64_t kernel_va;
	struct mms_area area;
	struct mms_trailer trailer;
};

/**
 * mms_frame_read() - ask a source about one frame
 * @flags: MMS_FREQ_*
 * Return: 0; -ENODATA the source says nothing of it; -errno of the source
 */
int mms_frame_read(struct mms_source *s, uint64_t pfn, uint32_t flags,
		   struct mms_frame_info *out, struct mms_err *err);
void mms_frame_free(struct mms_frame_info *f);

/* Does its struct page leave open what of the kernel's it is? */
bool mms_frame_needs_kernel(const struct mms_frame_info *f);

/**
 * mms_frame_kernel() - look for it among what the kernel maps and owns
 * Return: 0, found or not; -ENOMEM
 */
int mms_frame_kernel(struct mms_source *s, struct mms_frame_info *f);

/* Mappings that are proved: an entry that maps the frame was read. */
size_t mms_frame_proved(const struct mms_frame_info *f);

/* Mappings that were not looked at, or whose process is not known. */
size_t mms_frame_open_maps(const struct mms_frame_info *f);

/* Does only a forward scan find all that map it?  Why, or NULL. */
const char *mms_frame_needs_scan(const struct mms_frame_info *f);

/**
 * mms_frame_scan() - look for frames in the page tables of all processes
 * @infos: @n frames, in rising order of their numbers; ->maps is replaced
 * @tables: look for page tables that lie in them, too (not from /proc)
 * Return: 0, or -errno of the source; processes that exit meanwhile are passed over
 */
int mms_frame_scan(struct mms_source *s, struct mms_frame_info *infos, size_t n,
		   bool tables, struct mms_err *err);

/* Was it looked for everywhere, and does nobody have it at @va, where it was found? */
bool mms_frame_moved(const struct mms_frame_info *f, uint64_t va);

/* What the frame is used for, in two or three words. */
const char *mms_frame_use(const struct mms_frame_info *f);

/* Where it is listed: "LRU active file", "free list of order 3" ...; "" = nowhere that is known. */
const char *mms_frame_list(const struct mms_frame_info *f, char *buf, size_t size);

/* "uptodate lru active": names of the flags. */
const char *mms_frame_flags(const struct mms_frame *f, char *buf, size_t size);

#define MMS_REF_PARTS	8

/**
 * struct mms_ref_part - who holds how many references
 * @what: for people
 */
struct mms_ref_part {
	const char *what;
	int64_t n;
};

/**
 * mms_frame_refs() - the reference count, explained
 * @parts: filled with what is known to hold references
 * @rest: set to what is left over; negative where the count has changed
 *	between two looks at it, or lags behind
 * Return: how many parts; 0 = nothing can be said of this one
 */
size_t mms_frame_refs(const struct mms_frame_info *f, struct mms_ref_part parts[MMS_REF_PARTS],
		      int64_t *rest);

/* Pins of get_user_pages(); false where they cannot be told from other references. */
bool mms_frame_pins(const struct mms_frame_info *f, uint64_t *pins);

/**
 * mms_mount_path() - where a path inside a file system is seen
 * @mountinfo: text of /proc/self/mountinfo
 * @path: from the file system's root
 * Return: false where it is mounted nowhere, or not that part of it
 */
bool mms_mount_path(const char *mountinfo, uint32_t major, uint32_t minor,
		    const char *path, char *out, size_t size);

#endif
