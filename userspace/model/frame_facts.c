// SPDX-License-Identifier: GPL-2.0
/* What follows from the words of a struct page: class, list, flags, references. */
#include "model/frame.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "names.h"

#define GUP_BIAS	1024	/* include/linux/mm.h: GUP_PIN_COUNTING_BIAS */

/* What the flags alone tell, as from /proc. */
static const char *flag_class(const struct mms_frame *f)
{
	if (mms_frame_is(f, MMS_KPF_BUDDY))
		return "free";
	if (mms_frame_is(f, MMS_KPF_ZERO_PAGE))
		return "zero page";
	if (mms_frame_is(f, MMS_KPF_SLAB))
		return "slab";
	if (mms_frame_is(f, MMS_KPF_PGTABLE))
		return "page table";
	if (mms_frame_is(f, MMS_KPF_HUGE))
		return mms_frame_is(f, MMS_KPF_ANON) ? "hugetlb, anonymous" : "hugetlb";
	if (mms_frame_is(f, MMS_KPF_KSM))
		return "anonymous (KSM)";
	if (mms_frame_is(f, MMS_KPF_ANON))
		return "anonymous";
	if (mms_frame_is(f, MMS_KPF_OFFLINE))
		return "offline (balloon)";
	if (mms_frame_is(f, MMS_KPF_RESERVED))
		return "reserved";
	return NULL;
}

const char *mms_frame_use(const struct mms_frame_info *info)
{
	const struct mms_frame *f = &info->frame;
	const char *class;

	switch (f->state) {
	case MMS_PFN_PAGE:
		break;
	case MMS_PFN_HOLE:
		return "hole: no memory";
	case MMS_PFN_BEYOND:
		return "beyond the last frame";
	case MMS_PFN_OFFLINE:
		return f->class == MMS_FRAME_OFFLINE_BLOCK || f->class == MMS_FRAME_DEVICE ?
		       mms_frame_class_words(f->class) : "offline, or a device's";
	default:
		return "unknown";
	}
	if (info->have_task)
		return info->task.role == MMS_FROLE_STACK ? "kernel stack" : "page table (PGD)";
	if (info->kernel_class && info->kernel_class < __MMS_FRAME_MAX)
		return mms_frame_class_words(info->kernel_class);
	if (f->known & MMS_FRAME_K_WORDS && f->class < __MMS_FRAME_MAX)
		return mms_frame_class_words(f->class);
	class = flag_class(f);
	if (class)
		return class;
	if (f->known & MMS_FRAME_K_WORDS || !mms_frame_is(f, MMS_KPF_LRU))
		return "unknown";
	return mms_frame_is(f, MMS_KPF_SWAPBACKED) ? "shmem" : "file cache";
}

const char *mms_frame_list(const struct mms_frame_info *info, char *buf, size_t size)
{
	const struct mms_frame *f = &info->frame;

	buf[0] = '\0';
	if (f->known & MMS_FRAME_K_BUDDY) {
		snprintf(buf, size, "free block of order %u from 0x%" PRIx64, f->buddy_order,
			 (uint64_t)f->buddy_pfn);
		return buf;
	}
	if (!mms_frame_is(f, MMS_KPF_LRU))
		return buf;
	snprintf(buf, size, "LRU %s", mms_frame_is(f, MMS_KPF_UNEVICTABLE) ? "unevictable" :
		 mms_frame_is(f, MMS_KPF_SWAPBACKED) ?
		 mms_frame_is(f, MMS_KPF_ACTIVE) ? "active anon" : "inactive anon" :
		 mms_frame_is(f, MMS_KPF_ACTIVE) ? "active file" : "inactive file");
	if (f->known & MMS_FRAME_K_LRU_GEN && !mms_frame_is(f, MMS_KPF_UNEVICTABLE))
		snprintf(buf, size, "LRU generation %u (mod 4), %s", f->lru_gen,
			 mms_frame_is(f, MMS_KPF_SWAPBACKED) ? "anon" : "file");
	return buf;
}

static const char *const flag_names[64] = {
	[MMS_KPF_LOCKED] = "locked", [MMS_KPF_ERROR] = "error",
	[MMS_KPF_REFERENCED] = "referenced", [MMS_KPF_UPTODATE] = "uptodate",
	[MMS_KPF_DIRTY] = "dirty", [MMS_KPF_LRU] = "lru", [MMS_KPF_ACTIVE] = "active",
	[MMS_KPF_SLAB] = "slab", [MMS_KPF_WRITEBACK] = "writeback",
	[MMS_KPF_RECLAIM] = "reclaim", [MMS_KPF_BUDDY] = "buddy", [MMS_KPF_MMAP] = "mmap",
	[MMS_KPF_ANON] = "anonymous", [MMS_KPF_SWAPCACHE] = "swapcache",
	[MMS_KPF_SWAPBACKED] = "swapbacked", [MMS_KPF_COMPOUND_HEAD] = "compound_head",
	[MMS_KPF_COMPOUND_TAIL] = "compound_tail", [MMS_KPF_HUGE] = "huge",
	[MMS_KPF_UNEVICTABLE] = "unevictable", [MMS_KPF_HWPOISON] = "hwpoison",
	[MMS_KPF_NOPAGE] = "nopage", [MMS_KPF_KSM] = "ksm", [MMS_KPF_THP] = "thp",
	[MMS_KPF_OFFLINE] = "offline", [MMS_KPF_ZERO_PAGE] = "zero_page",
	[MMS_KPF_IDLE] = "idle_page", [MMS_KPF_PGTABLE] = "pgtable",
	[MMS_KPF_RESERVED] = "reserved", [MMS_KPF_MLOCKED] = "mlocked",
	[MMS_KPF_OWNER_2] = "owner_2", [MMS_KPF_PRIVATE] = "private",
	[MMS_KPF_PRIVATE_2] = "private_2", [MMS_KPF_OWNER_PRIVATE] = "owner_private",
	[MMS_KPF_ARCH] = "arch",
};

const char *mms_frame_flags(const struct mms_frame *f, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < 64; i++)
		if (f->kpf >> i & 1 && flag_names[i] && n < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? " " : "", flag_names[i]);
	return buf;
}

/* --- references ------------------------------------------------------------ */

static size_t part(struct mms_ref_part *parts, size_t n, int64_t *rest, const char *what, int64_t count)
{
	if (!count)
		return n;
	parts[n].what = what;
	parts[n].n = count;
	*rest -= count;
	return n + 1;
}

bool mms_frame_moved(const struct mms_frame_info *info, uint64_t va)
{
	uint32_t rmap = info->frame.rmap;

	if (mms_frame_open_maps(info) || !(info->scanned || rmap == MMS_RMAP_DONE ||
	    rmap == MMS_RMAP_UNMAPPED || rmap == MMS_RMAP_NONE))
		return false;
	for (size_t i = 0; i < info->nmaps; i++)
		if (info->maps[i].state == MMS_FMAP_MAPS && info->maps[i].va == va)
			return false;
	return true;
}

size_t mms_frame_refs(const struct mms_frame_info *info, struct mms_ref_part parts[MMS_REF_PARTS],
		      int64_t *rest)
{
	const struct mms_frame *f = &info->frame;
	int64_t pages = (int64_t)1 << f->order, pins = 0;
	bool hugetlb = f->type == MMS_PGTY_HUGETLB;
	size_t n = 0;

	*rest = (int32_t)f->refcount;
	if (!(f->known & MMS_FRAME_K_WORDS) || (f->mapping_kind != MMS_MAPPING_FILE &&
	    f->mapping_kind != MMS_MAPPING_ANON && f->mapping_kind != MMS_MAPPING_KSM))
		return 0;
	if (f->known & MMS_FRAME_K_FOLIO_MAPS)
		n = part(parts, n, rest, "page tables", f->folio_mapcount);
	/* the cache of a hugetlb file counts one for all its pages */
	if (f->mapping_kind == MMS_MAPPING_FILE)
		n = part(parts, n, rest, "page cache", hugetlb ? 1 : pages);
	if (mms_frame_is(f, MMS_KPF_SWAPCACHE) && f->mapping_kind != MMS_MAPPING_FILE)
		n = part(parts, n, rest, "swap cache", pages);
	/* the same flag and the same reference, whoever uses them */
	if (mms_frame_is(f, MMS_KPF_PRIVATE) && f->mapping_kind == MMS_MAPPING_FILE && !hugetlb)
		n = part(parts, n, rest, "buffers of the file system", 1);
	if (f->known & MMS_FRAME_K_PINCOUNT)
		pins = f->pincount;
	else if (!f->order && *rest >= GUP_BIAS)
		pins = *rest / GUP_BIAS;
	/* a large folio counts its pins apart, with one reference each */
	if (f->known & MMS_FRAME_K_PINCOUNT)
		return part(parts, n, rest, "pins (get_user_pages)", pins);
	return part(parts, n, rest, "for pins (get_user_pages), 1024 each", pins * GUP_BIAS);
}

bool mms_frame_pins(const struct mms_frame_info *info, uint64_t *pins)
{
	const struct mms_frame *f = &info->frame;
	struct mms_ref_part parts[MMS_REF_PARTS];
	int64_t rest;
	size_t n;

	*pins = f->pincount;
	if (f->known & MMS_FRAME_K_PINCOUNT)
		return true;
	n = mms_frame_refs(info, parts, &rest);
	*pins = 0;
	for (size_t i = 0; i < n; i++)
		if (!strncmp(parts[i].what, "for pins", 8))
			*pins = (uint64_t)parts[i].n / GUP_BIAS;
	return n && !f->order;
}

/* --- paths ----------------------------------------------------------------- */

/* "\\040" and the like, as mountinfo writes blanks; in place. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] && s[3]) {
			*to = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to = *s;
		}
	}
	*to = '\0';
}

/* Is @path in the part of the file system that begins at @root?  What follows it, or NULL. */
static const char *below(const char *root, const char *path)
{
	size_t n = strlen(root);

	if (!strcmp(root, "/"))
		return path;
	if (strncmp(root, path, n) || (path[n] && path[n] != '/'))
		return NULL;
	return path + n;
}

bool mms_mount_path(const char *mountinfo, uint32_t major, uint32_t minor,
		    const char *path, char *out, size_t size)
{
	bool found = false;

	for (const char *line = mountinfo; line && *line; line = strchr(line, '\n')) {
		unsigned int maj, min;
		char root[1024], point[1024];
		const char *rest;

		line += *line == '\n';
		if (sscanf(line, "%*u %*u %u:%u %1023s %1023s", &maj, &min, root, point) != 4 ||
		    maj != major || min != minor)
			continue;
		unescape(root);
		unescape(point);
		rest = below(root, path);
		if (!rest)
			continue;
		/* later lines are mounted over earlier ones */
		snprintf(out, size, "%s%s", strcmp(point, "/") ? point : *rest ? "" : "/", rest);
		found = true;
	}
	return found;
}
