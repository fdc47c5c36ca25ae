// SPDX-License-Identifier: GPL-2.0
/* mmscope map: a process's VMAs, what they are and what memory they hold. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "model/extent.h"
#include "model/figures.h"
#include "model/mapframes.h"
#include "model/snapshot.h"
#include "model/top.h"
#include "names.h"

enum {
	COL_START, COL_END, COL_PERM, COL_CLASS, COL_SIZE, COL_RSS, COL_PSS,
	COL_SWAP, COL_DIRTY, COL_HUGE, COL_EXT, COL_PFN, COL_PAGES, COL_PGSIZE,
	COL_FLAGS, COL_LARGEST, COL_PT_RSS, COL_SMAPS_RSS, COL_ZERO, COL_SPECIAL,
	COL_SHCLEAN, COL_SHDIRTY, COL_PRCLEAN, COL_PRDIRTY, COL_REFERENCED,
	COL_ANON, COL_LAZYFREE, COL_LOCKED, COL_SMAPS_SWAP, COL_SWAP_PSS,
	COL_LRU, COL_ACTIVE, COL_UNEVICT, COL_KSM, COL_ZONES, COL_THP, COL_THPROOM, COL_MEANRUN,
	COL_PGOFF, COL_DEV, COL_INODE, COL_VMFLAGS, COL_POLICY, COL_PKEY,
	COL_NAME, COL_PATH,
	COL_MAX
};

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

static const struct mms_column columns[COL_MAX] = {
	[COL_START]	= { .name = "START", .type = MMS_COL_HEX, .shown = true,
			    .help = "first address" },
	[COL_END]	= C("END", HEX, false, "first address after it"),
	[COL_PERM]	= C("PERM", STR, true, "rights, and p(rivate) or s(hared); of an extent: by all page-table levels"),
	[COL_CLASS]	= C("CLASS", STR, true, "what the memory is for"),
	[COL_SIZE]	= C("SIZE", SIZE, true, "address space"),
	[COL_RSS]	= C("RSS", SIZE, true, "in memory (page tables; without the module smaps)"),
	[COL_PSS]	= C("PSS", SIZE, true, "its share of it, by the number of users of each page (smaps)"),
	[COL_SWAP]	= C("SWAP", SIZE, true, "in swap (page tables; without the module smaps)"),
	[COL_DIRTY]	= C("DIRTY", SIZE, true, "entries marked dirty (without the module dirty pages)"),
	[COL_HUGE]	= C("HUGE", SIZE, true, "in pages of 2 MiB or more"),
	[COL_EXT]	= C("EXT", NUM, true, "runs of contiguous physical memory"),
	[COL_PFN]	= C("PFN", STR, false, "page frames, or where the page is (--extents)"),
	[COL_PAGES]	= C("PAGES", NUM, false, "pages of PGSIZE (--extents)"),
	[COL_PGSIZE]	= C("PGSIZE", SIZE, false, "page size (--extents)"),
	[COL_FLAGS]	= C("FLAGS", STR, false, "A accessed, D dirty, SD soft-dirty ... (--extents)"),
	[COL_LARGEST]	= C("LARGEST", SIZE, false, "longest run of contiguous physical memory"),
	[COL_PT_RSS]	= C("PT_RSS", SIZE, false, "RSS by the page tables"),
	[COL_SMAPS_RSS]	= C("SMAPS_RSS", SIZE, false, "RSS by smaps"),
	[COL_ZERO]	= C("ZERO", SIZE, false, "mapped to the shared zero page"),
	[COL_SPECIAL]	= C("SPECIAL", SIZE, false, "present, but not memory that Linux counts"),
	[COL_SHCLEAN]	= C("SHCLEAN", SIZE, false, "shared, clean (smaps)"),
	[COL_SHDIRTY]	= C("SHDIRTY", SIZE, false, "shared, dirty (smaps)"),
	[COL_PRCLEAN]	= C("PRCLEAN", SIZE, false, "private, clean (smaps)"),
	[COL_PRDIRTY]	= C("PRDIRTY", SIZE, false, "private, dirty (smaps)"),
	[COL_REFERENCED] = C("REFERENCED", SIZE, false, "accessed lately (smaps)"),
	[COL_ANON]	= C("ANON", SIZE, false, "of no file (smaps)"),
	[COL_LAZYFREE]	= C("LAZYFREE", SIZE, false, "to be freed when memory is short (smaps)"),
	[COL_LOCKED]	= C("LOCKED", SIZE, false, "locked in memory (smaps)"),
	[COL_SMAPS_SWAP] = C("SMAPS_SWAP", SIZE, false, "swap by smaps"),
	[COL_SWAP_PSS]	= C("SWAP_PSS", SIZE, false, "its share of that (smaps)"),
	[COL_LRU]	= C("LRU", SIZE, false, "in memory, on a list of reclaim (frames)"),
	[COL_ACTIVE]	= C("ACTIVE", SIZE, false, "of that, marked active; not known with MGLRU (frames)"),
	[COL_UNEVICT]	= C("UNEVICT", SIZE, false, "in memory, unevictable: locked, ramfs (frames)"),
	[COL_KSM]	= C("KSM", SIZE, false, "in memory, merged by KSM (frames)"),
	[COL_ZONES]	= C("ZONES", STR, false, "in memory, by zone (frames)"),
	[COL_THP]	= C("THP", NUM, false, "percent of RSS in huge mappings"),
	[COL_THPROOM]	= C("THPROOM", NUM, false, "percent of SIZE where huge pages fit and are not forbidden"),
	[COL_MEANRUN]	= C("MEANRUN", SIZE, false, "mean length of the runs that EXT counts"),
	[COL_PGOFF]	= C("PGOFF", HEX, false, "offset in the file, bytes"),
	[COL_DEV]	= C("DEV", STR, false, "device of the file, major:minor"),
	[COL_INODE]	= C("INODE", NUM, false, "inode of the file"),
	[COL_VMFLAGS]	= C("VMFLAGS", STR, false, "properties of the VMA"),
	[COL_POLICY]	= C("POLICY", STR, false, "NUMA policy"),
	[COL_PKEY]	= C("PKEY", NUM, false, "memory protection key"),
	[COL_NAME]	= { .name = "NAME", .type = MMS_COL_STR, .shown = true,
			    .trunc = true, .help = "file (without its directory) or purpose" },
	[COL_PATH]	= { .name = "PATH", .type = MMS_COL_STR, .trunc = true,
			    .help = "file with its directory (always in JSON)" },
};

/* Which column shows which figure. */
static const struct {
	unsigned int col;
	enum mms_figure figure;
} figure_cols[] = {
	{ COL_SIZE, MMS_FIG_SIZE }, { COL_RSS, MMS_FIG_RSS },
	{ COL_PSS, MMS_FIG_PSS }, { COL_SWAP, MMS_FIG_SWAP },
	{ COL_DIRTY, MMS_FIG_DIRTY }, { COL_HUGE, MMS_FIG_HUGE },
	{ COL_EXT, MMS_FIG_EXT }, { COL_LARGEST, MMS_FIG_LARGEST },
	{ COL_PT_RSS, MMS_FIG_PT_RSS }, { COL_SMAPS_RSS, MMS_FIG_SMAPS_RSS },
	{ COL_ZERO, MMS_FIG_ZERO }, { COL_SPECIAL, MMS_FIG_SPECIAL },
	{ COL_SHCLEAN, MMS_FIG_SHARED_CLEAN },
	{ COL_SHDIRTY, MMS_FIG_SHARED_DIRTY },
	{ COL_PRCLEAN, MMS_FIG_PRIVATE_CLEAN },
	{ COL_PRDIRTY, MMS_FIG_PRIVATE_DIRTY },
	{ COL_REFERENCED, MMS_FIG_REFERENCED }, { COL_ANON, MMS_FIG_ANONYMOUS },
	{ COL_LAZYFREE, MMS_FIG_LAZYFREE }, { COL_LOCKED, MMS_FIG_LOCKED },
	{ COL_SMAPS_SWAP, MMS_FIG_SMAPS_SWAP },
	{ COL_SWAP_PSS, MMS_FIG_SWAP_PSS },
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum {
	TOT_CLASS, TOT_VMAS, TOT_SIZE, TOT_RSS, TOT_PSS, TOT_SWAP, TOT_DIRTY,
	TOT_HUGE, TOT_EXT, TOT_MAX
};

static const struct mms_column total_columns[TOT_MAX] = {
	[TOT_CLASS]	= C("CLASS", STR, true, ""),
	[TOT_VMAS]	= C("VMAS", NUM, true, ""),
	[TOT_SIZE]	= C("SIZE", SIZE, true, ""),
	[TOT_RSS]	= C("RSS", SIZE, true, ""),
	[TOT_PSS]	= C("PSS", SIZE, true, ""),
	[TOT_SWAP]	= C("SWAP", SIZE, true, ""),
	[TOT_DIRTY]	= C("DIRTY", SIZE, true, ""),
	[TOT_HUGE]	= C("HUGE", SIZE, true, ""),
	[TOT_EXT]	= C("EXT", NUM, true, ""),
};

static const struct {
	unsigned int col;
	enum mms_figure figure;
} total_cols[] = {
	{ TOT_SIZE, MMS_FIG_SIZE }, { TOT_RSS, MMS_FIG_RSS },
	{ TOT_PSS, MMS_FIG_PSS }, { TOT_SWAP, MMS_FIG_SWAP },
	{ TOT_DIRTY, MMS_FIG_DIRTY }, { TOT_HUGE, MMS_FIG_HUGE },
	{ TOT_EXT, MMS_FIG_EXT },
};

enum { TOP_WITNESS, TOP_VIRT, TOP_RES, TOP_SHR, TOP_MAX };

static const struct mms_column top_columns[TOP_MAX] = {
	[TOP_WITNESS]	= C("WITNESS", STR, true, ""),
	[TOP_VIRT]	= C("VIRT", SIZE, true, ""),
	[TOP_RES]	= C("RES", SIZE, true, ""),
	[TOP_SHR]	= C("SHR", SIZE, true, ""),
};

static bool want_extents;

/* struct map - one invocation */
struct map {
	struct mms_snapshot *snap;
	struct mms_render render;	/* as asked */
	struct mms_render plain;	/* for tables that -o does not mean */
	struct mms_column cols[COL_MAX];
	struct mms_table *table;
	struct mms_doc *doc;
	struct mms_mapframes *frames;	/* by region; NULL = not asked or not to be had */
	struct mms_err no_frames;
	struct mms_zone_spans zones;
	bool active_known;
	struct mms_figures total;
	struct mms_figures by_class[MMS_CLASS_MAX];
	bool live;
	uint32_t pid;
};

static const char *vma_perm(const struct mms_vma *v, char buf[8])
{
	snprintf(buf, 8, "%c%c%c%c", v->flags & MMS_VMA_READ ? 'r' : '-',
		 v->flags & MMS_VMA_WRITE ? 'w' : '-',
		 v->flags & MMS_VMA_EXEC ? 'x' : '-',
		 v->flags & MMS_VMA_SHARED ? 's' : 'p');
	return buf;
}

struct word {
	uint32_t bit;
	const char *text;
};

static const char *words(const struct word *list, size_t n, uint32_t bits,
			 char *buf, size_t size)
{
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < n && used < size; i++)
		if (bits & list[i].bit)
			used += (size_t)snprintf(buf + used, size - used, "%s%s",
						 used ? " " : "", list[i].text);
	return buf;
}

static const struct word vma_words[] = {
	{ MMS_VMA_GROWSDOWN, "growsdown" }, { MMS_VMA_LOCKED, "locked" },
	{ MMS_VMA_IO, "io" }, { MMS_VMA_PFNMAP, "pfnmap" },
	{ MMS_VMA_MIXEDMAP, "mixedmap" }, { MMS_VMA_HUGETLB, "hugetlb" },
	{ MMS_VMA_HUGEPAGE, "hugepage" }, { MMS_VMA_NOHUGEPAGE, "nohugepage" },
	{ MMS_VMA_MERGEABLE, "mergeable" }, { MMS_VMA_DONTCOPY, "dontfork" },
	{ MMS_VMA_DONTDUMP, "dontdump" }, { MMS_VMA_NORESERVE, "noreserve" },
	{ MMS_VMA_ACCOUNT, "account" }, { MMS_VMA_UFFD, "uffd" },
	{ MMS_VMA_WIPEONFORK, "wipeonfork" }, { MMS_VMA_SOFTDIRTY, "softdirty" },
	{ MMS_VMA_SHMEM, "shmem" }, { MMS_VMA_DELETED, "deleted" },
	{ MMS_VMA_SEALED, "sealed" }, { MMS_VMA_DROPPABLE, "droppable" },
};

static const struct word extent_words[] = {
	{ MMS_PT_F_ACCESSED, "A" }, { MMS_PT_F_DIRTY, "D" },
	{ MMS_PT_F_SOFT_DIRTY, "SD" }, { MMS_PT_F_ZERO, "zero" },
	{ MMS_PT_F_SPECIAL, "special" }, { MMS_PT_F_PROTNONE, "protnone" },
	{ MMS_PT_F_UFFD_WP, "uffd-wp" }, { MMS_PT_F_GLOBAL, "G" },
	{ MMS_PT_F_DEVMAP, "devmap" },
};

static const char *policy_text(const struct mms_vma *v, char buf[48])
{
	static const char *const modes[] = {
		"default", "preferred", "bind", "interleave", "local",
		"preferred-many", "weighted-interleave",
	};

	if (v->policy == MMS_POLICY_UNKNOWN)
		return NULL;
	if (v->policy == MMS_POLICY_NONE)
		return "default";
	/* The upper bits are mode flags (MPOL_F_*). */
	if ((v->policy & 0xff) >= ARRAY_SIZE(modes))
		snprintf(buf, 48, "policy %u", v->policy);
	else
		snprintf(buf, 48, "%s nodes %#" PRIx64, modes[v->policy & 0xff],
			 (uint64_t)v->policy_nodes);
	return buf;
}

/* A file by its last component; "[heap]" as it is; the prctl name last. */
static const char *short_name(const struct mms_region *r, char *buf, size_t size)
{
	const char *base = r->path;

	if (r->path[0] == '/' && strrchr(r->path, '/')[1])
		base = strrchr(r->path, '/') + 1;
	if (!r->name[0])
		return base;
	snprintf(buf, size, "%s%s[anon:%.100s]", base, base[0] ? " " : "", r->name);
	return buf;
}

static void set_figures(struct mms_table *t, struct mms_line *l,
			const struct mms_figures *f)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(figure_cols); i++) {
		unsigned int col = figure_cols[i].col;
		enum mms_figure fig = figure_cols[i].figure;

		if (!mms_figure_known(f, fig))
			continue;
		if (columns[col].type == MMS_COL_NUM)
			mms_line_num(t, l, col, (int64_t)f->v[fig]);
		else
			mms_line_size(t, l, col, f->v[fig]);
	}
}

static void set_file(struct mms_table *t, struct mms_line *l,
		     const struct mms_region *r)
{
	char buf[32];

	if (r->path[0])
		mms_line_str(t, l, COL_PATH, r->path);
	if (!(r->vma.flags & MMS_VMA_FILE))
		return;
	snprintf(buf, sizeof(buf), "%02x:%02x", r->vma.dev_major, r->vma.dev_minor);
	mms_line_str(t, l, COL_DEV, buf);
	mms_line_num(t, l, COL_INODE, (int64_t)r->vma.ino);
	mms_line_hex(t, l, COL_PGOFF, r->vma.pgoff << 12);
}

static void set_frames(const struct map *m, struct mms_table *t, struct mms_line *l,
		       const struct mms_region *r)
{
	const struct mms_mapframes *f;
	char buf[256] = "", human[16];
	size_t n = 0;

	if (!m->frames)
		return;
	f = &m->frames[r - m->snap->regions];
	mms_line_size(t, l, COL_LRU, f->lru);
	mms_line_size(t, l, COL_UNEVICT, f->unevictable);
	mms_line_size(t, l, COL_KSM, f->ksm);
	if (m->active_known)
		mms_line_size(t, l, COL_ACTIVE, f->active);
	for (unsigned int z = 0; m->zones.n && z < __MMS_ZONE_MAX && n < sizeof(buf); z++) {
		if (!f->zone[z])
			continue;
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s%s:", n ? "," : "", mms_zone_name(z));
		if (m->render.bytes || m->render.json)
			n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%" PRIu64, f->zone[z]);
		else
			n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s", mms_human(f->zone[z], human));
	}
	if (m->zones.n)
		mms_line_str(t, l, COL_ZONES, buf);
}

/* What follows from figures: shares in percent, a mean. */
static void set_ratios(const struct map *m, struct mms_table *t, struct mms_line *l,
		       const struct mms_region *r, const struct mms_figures *f)
{
	unsigned int shift = m->snap->context.levels ? mms_pt_shift(&m->snap->context, 2) : 0;
	struct mms_account a;

	if (mms_figure_known(f, MMS_FIG_HUGE) && mms_figure_known(f, MMS_FIG_RSS) &&
	    f->v[MMS_FIG_RSS] && !(r->vma.flags & MMS_VMA_HUGETLB))
		mms_line_num(t, l, COL_THP, (int64_t)(f->v[MMS_FIG_HUGE] * 100 / f->v[MMS_FIG_RSS]));
	if (shift && shift < 40)
		mms_line_num(t, l, COL_THPROOM, (int64_t)(mms_thp_room(&r->vma, 1ULL << shift) * 100 /
							  (r->vma.end - r->vma.start)));
	mms_account_region(m->snap, r, &a);
	if (a.known && a.runs)
		mms_line_size(t, l, COL_MEANRUN, (a.resident + a.hugetlb) / a.runs);
}

/* Cells that a row of this kind cannot have: blank, where others say "-". */
static void blank(const struct map *m, struct mms_table *t, struct mms_line *l,
		  const unsigned char *cols, size_t n)
{
	size_t i;

	for (i = 0; i < n && !m->render.json; i++)
		mms_line_str(t, l, cols[i], "");
}

static const unsigned char of_extents[] = {
	COL_PFN, COL_PAGES, COL_PGSIZE, COL_FLAGS,
};

static const unsigned char of_vmas[] = {
	COL_CLASS, COL_RSS, COL_PSS, COL_SWAP, COL_DIRTY, COL_HUGE, COL_EXT,
	COL_NAME, COL_PATH,
};

static struct mms_line *add_region(struct map *m, struct mms_table *t,
				   const struct mms_region *r,
				   const struct mms_figures *f)
{
	struct mms_line *l = mms_table_line(t, NULL);
	char buf[640];

	if (!l)
		return NULL;
	blank(m, t, l, of_extents, ARRAY_SIZE(of_extents));
	mms_line_hex(t, l, COL_START, r->vma.start);
	mms_line_hex(t, l, COL_END, r->vma.end);
	mms_line_str(t, l, COL_PERM, vma_perm(&r->vma, buf));
	mms_line_str(t, l, COL_CLASS, mms_class_name(r->class));
	set_figures(t, l, f);
	set_frames(m, t, l, r);
	set_ratios(m, t, l, r, f);
	set_file(t, l, r);
	if (m->snap->vma_writer == MMS_WRITER_MODULE) {
		mms_line_num(t, l, COL_PKEY, r->vma.pkey);
		mms_line_str(t, l, COL_POLICY, policy_text(&r->vma, buf));
	}
	mms_line_str(t, l, COL_VMFLAGS, words(vma_words, ARRAY_SIZE(vma_words),
					      r->vma.flags, buf, sizeof(buf)));
	mms_line_str(t, l, COL_NAME, short_name(r, buf, sizeof(buf)));
	return l;
}

static const char *frames(const struct map *m, const struct mms_pt_extent *e,
			  char buf[80])
{
	uint64_t first = e->pa >> 12, last = (e->pa + e->len - 1) >> 12;

	switch (e->state) {
	case MMS_PT_PRESENT:
		if (!mms_extent_possible(&m->snap->context, e))
			snprintf(buf, 80, "impossible %#" PRIx64, first);
		else if (first == last)
			snprintf(buf, 80, "%#" PRIx64, first);
		else
			snprintf(buf, 80, "%#" PRIx64 "-%#" PRIx64, first, last);
		return buf;
	case MMS_PT_SWAP:
		snprintf(buf, 80, "swap %u:%#" PRIx64, e->swap_type, (uint64_t)e->pa);
		return buf;
	case MMS_PT_MIGRATION:
		return "migrating";
	case MMS_PT_DEVICE:
		return "in device";
	case MMS_PT_HWPOISON:
		return "poisoned";
	case MMS_PT_MARKER:
		return "marker";
	case MMS_PT_BAD:
		return "bad entry";
	default:
		return "not present";
	}
}

static int add_extent(struct map *m, struct mms_table *t, struct mms_line *parent,
		      const struct mms_pt_extent *e)
{
	struct mms_line *l = mms_table_line(t, parent);
	bool tables = mms_figures_from_tables(m->snap);
	char buf[128];

	if (!l)
		return -ENOMEM;
	blank(m, t, l, of_vmas, ARRAY_SIZE(of_vmas));
	mms_line_hex(t, l, COL_START, e->va);
	mms_line_hex(t, l, COL_END, mms_extent_end(e));
	mms_line_size(t, l, COL_SIZE, e->len);
	mms_line_str(t, l, COL_PFN, frames(m, e, buf));
	mms_line_num(t, l, COL_PAGES, (int64_t)(e->len >> e->page_shift));
	if (tables)
		mms_line_size(t, l, COL_PGSIZE, mms_extent_step(e));
	mms_line_str(t, l, COL_FLAGS, words(extent_words, ARRAY_SIZE(extent_words),
					    e->flags, buf, sizeof(buf)));
	if (tables && e->state == MMS_PT_PRESENT) {
		snprintf(buf, sizeof(buf), "%c%c%c",
			 e->flags & MMS_PT_F_USER && !(e->flags & MMS_PT_F_PROTNONE) ? 'r' : '-',
			 e->flags & MMS_PT_F_WRITE ? 'w' : '-',
			 e->flags & MMS_PT_F_EXEC ? 'x' : '-');
		mms_line_str(t, l, COL_PERM, buf);
	}
	return 0;
}

/* The default columns: with --extents others; in JSON room is no concern. */
static void choose_defaults(struct map *m)
{
	static const unsigned char for_extents[] = {
		COL_START, COL_PERM, COL_SIZE, COL_PFN, COL_PAGES, COL_PGSIZE,
		COL_FLAGS, COL_NAME,
	};
	size_t i;

	memcpy(m->cols, columns, sizeof(columns));
	if (want_extents) {
		for (i = 0; i < COL_MAX; i++)
			m->cols[i].shown = m->render.json && columns[i].shown;
		for (i = 0; i < ARRAY_SIZE(for_extents); i++)
			m->cols[for_extents[i]].shown = true;
		m->cols[COL_START].tree = true;
		m->cols[COL_START].help = columns[COL_START].help;
	}
	if (m->render.json)
		m->cols[COL_END].shown = m->cols[COL_PATH].shown = true;
}

static int fill_map(struct map *m, struct mms_table *t)
{
	const struct mms_snapshot *snap = m->snap;
	size_t i, e;

	for (i = 0; i < snap->nregions; i++) {
		const struct mms_region *r = &snap->regions[i];
		struct mms_figures f;
		struct mms_line *l;

		mms_figures_of(snap, r, &f);
		mms_figures_add(&m->by_class[r->class], &f);
		mms_figures_add(&m->total, &f);
		l = add_region(m, t, r, &f);
		if (!l)
			return -ENOMEM;
		for (e = 0; want_extents && e < r->nextents; e++)
			if (add_extent(m, t, l, &snap->extents[r->first_extent + e]))
				return -ENOMEM;
	}
	return 0;
}

static int show_map(struct map *m, struct mms_err *err)
{
	if (fill_map(m, m->table))
		return mms_err_set(err, -ENOMEM, "out of memory");
	return mms_doc_table(m->doc, m->table, err);
}

static void add_total(struct mms_table *t, const char *name,
		      const struct mms_figures *f)
{
	struct mms_line *l = mms_table_line(t, NULL);
	size_t i;

	if (!l)
		return;
	mms_line_str(t, l, TOT_CLASS, name);
	mms_line_num(t, l, TOT_VMAS, (int64_t)f->vmas);
	for (i = 0; i < ARRAY_SIZE(total_cols); i++) {
		unsigned int col = total_cols[i].col;

		if (!mms_figure_known(f, total_cols[i].figure))
			continue;
		if (col == TOT_EXT)
			mms_line_num(t, l, col, (int64_t)f->v[total_cols[i].figure]);
		else
			mms_line_size(t, l, col, f->v[total_cols[i].figure]);
	}
}

static int show_totals(struct map *m, struct mms_err *err)
{
	struct mms_table *t;
	unsigned int i;
	int rc;

	rc = mms_table_new(&t, &m->plain, "totals", total_columns, TOT_MAX, err);
	if (rc)
		return rc;
	for (i = 0; i < MMS_CLASS_MAX; i++)
		if (m->by_class[i].vmas)
			add_total(t, mms_class_name(i), &m->by_class[i]);
	add_total(t, "total", &m->total);
	mms_doc_text(m->doc, "\n");
	rc = mms_doc_table(m->doc, t, err);
	mms_table_free(t);
	return rc;
}

/* The gate page has a line in maps but is in no mm: total_vm lacks it. */
static uint64_t virt(const struct mms_snapshot *snap)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < snap->nregions; i++)
		if (!(snap->regions[i].vma.start >> 63))
			sum += snap->regions[i].vma.end - snap->regions[i].vma.start;
	return sum;
}

static void top_ours(struct map *m, struct mms_table *t)
{
	const struct mms_task *task = &m->snap->task;
	struct mms_line *l = mms_table_line(t, NULL);

	mms_line_str(t, l, TOP_WITNESS, "VMAs, status");
	mms_line_size(t, l, TOP_VIRT, virt(m->snap));
	if (task->known & MMS_TASK_K_VM) {
		mms_line_size(t, l, TOP_RES,
			      task->rss_anon + task->rss_file + task->rss_shmem);
		mms_line_size(t, l, TOP_SHR, task->rss_file + task->rss_shmem);
	}
	if (!mms_figure_known(&m->total, MMS_FIG_PT_RSS))
		return;
	l = mms_table_line(t, NULL);
	mms_line_str(t, l, TOP_WITNESS, "page tables");
	mms_line_size(t, l, TOP_RES, m->total.v[MMS_FIG_PT_RSS]);
}

static int show_top(struct map *m, struct mms_err *err)
{
	struct mms_err why = { "" };
	struct mms_table *t;
	struct mms_line *l;
	struct mms_top top;
	int rc;

	rc = mms_table_new(&t, &m->plain, "top", top_columns, TOP_MAX, err);
	if (rc)
		return rc;
	top_ours(m, t);
	if (m->live && !mms_top_read(m->pid, &top, &why)) {
		l = mms_table_line(t, NULL);
		mms_line_str(t, l, TOP_WITNESS, "libproc2");
		mms_line_size(t, l, TOP_VIRT, top.virt);
		mms_line_size(t, l, TOP_RES, top.res);
		mms_line_size(t, l, TOP_SHR, top.shr);
	}
	mms_doc_text(m->doc, "\nas top(1) shows it:\n");
	rc = mms_doc_table(m->doc, t, err);
	mms_table_free(t);
	if (!rc && why.text[0])
		mms_doc_text(m->doc, "libproc2 not asked: %s\n", why.text);
	return rc;
}

static void footer_witnesses(struct map *m)
{
	const struct mms_snapshot *snap = m->snap;
	bool usage = snap->have & MMS_SNAP_USAGE;

	mms_doc_text(m->doc, "\n");
	if (mms_figures_from_tables(snap))
		mms_doc_text(m->doc, "RSS SWAP DIRTY HUGE EXT from page tables (module)%s\n",
			     usage ? ", PSS from smaps" : "");
	else if (usage)
		mms_doc_text(m->doc, "RSS PSS SWAP DIRTY HUGE from smaps%s\n",
			     snap->have & MMS_SNAP_EXTENTS ? ", EXT from pagemap" : "");
	if (snap->missing_extents.text[0])
		mms_doc_text(m->doc, "EXT not known: %s\n", snap->missing_extents.text);
	if (snap->missing_usage.text[0])
		mms_doc_text(m->doc, "PSS not known: %s\n", snap->missing_usage.text);
	if (m->frames)
		mms_doc_text(m->doc, "LRU ACTIVE UNEVICT KSM from /proc/kpageflags, ZONES by the bounds in /proc/zoneinfo%s\n",
			     m->active_known ? "" : "; MGLRU does not mark pages active");
	else if (m->no_frames.text[0])
		mms_doc_text(m->doc, "LRU ACTIVE UNEVICT KSM ZONES not known: %s\n", m->no_frames.text);
	if (usage && snap->unmatched_usage)
		mms_doc_text(m->doc, "%zu VMAs changed while they were read: their smaps figures are not known\n",
			     snap->unmatched_usage);
	if ((snap->task.known & MMS_TASK_K_VM) && snap->task.vm_size != virt(snap))
		mms_doc_text(m->doc, "the kernel's total_vm is %" PRIu64 " bytes, the sum of the VMAs %" PRIu64 ": some changed in between, or belong to a driver that does not count them\n",
			     (uint64_t)snap->task.vm_size, virt(snap));
}

static void footer_cost(struct map *m)
{
	const struct mms_trailer *v = &m->snap->vma_trailer, *p = &m->snap->pt_trailer;
	uint64_t hold = v->hold_max_ns > p->hold_max_ns ? v->hold_max_ns : p->hold_max_ns;

	if (m->snap->vma_writer != MMS_WRITER_MODULE)
		return;
	mms_doc_text(m->doc, "cost: %" PRIu64 " records, mmap_lock held %u times, %.1f us at most, %.1f us in all; %u batches torn\n",
		     (uint64_t)(v->records + p->records), v->batches + p->batches,
		     (double)hold / 1e3,
		     (double)(v->hold_total_ns + p->hold_total_ns) / 1e3,
		     v->torn + p->torn);
	mms_doc_num(m->doc, "records", (int64_t)(v->records + p->records));
	mms_doc_num(m->doc, "batches", v->batches + p->batches);
	mms_doc_num(m->doc, "torn", v->torn + p->torn);
	mms_doc_num(m->doc, "hold_max_ns", (int64_t)hold);
	mms_doc_num(m->doc, "hold_total_ns",
		    (int64_t)(v->hold_total_ns + p->hold_total_ns));
}

static int show(struct map *m, struct mms_err *err)
{
	/* A script that wants no headings wants no summary either. */
	bool rows_only = m->render.no_headings && !m->render.json;
	struct mms_err ignored;
	int rc;

	m->doc = mms_doc_begin(&m->render);
	if (!m->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = show_map(m, err);
	if (!rc && rows_only)
		return mms_doc_end(m->doc, err);
	if (!rc)
		rc = show_totals(m, err);
	if (!rc)
		rc = show_top(m, err);
	if (!rc) {
		footer_witnesses(m);
		footer_cost(m);
	}
	if (rc) {
		mms_doc_end(m->doc, &ignored);
		return rc;
	}
	return mms_doc_end(m->doc, err);
}

/* Is a column of them asked for?  They cost a look at every frame. */
static bool wants_frames(const struct map *m)
{
	static const char *const names[] = { "LRU", "ACTIVE", "UNEVICT", "KSM", "ZONES" };

	for (size_t i = 0; m->render.columns && i < ARRAY_SIZE(names); i++)
		if (strcasestr(m->render.columns, names[i]))
			return true;
	return false;
}

/* MGLRU keeps generations; the mark says what it was before. */
static bool marks_active(void)
{
	FILE *f = fopen("/sys/kernel/mm/lru_gen/enabled", "re");
	unsigned int enabled = 0;

	if (!f)
		return true;
	if (fscanf(f, "%x", &enabled) != 1)
		enabled = 1;
	fclose(f);
	return !(enabled & 1);
}

static int read_frames(struct map *m, struct mms_err *err)
{
	struct mms_kpage *k = NULL;
	int rc;

	if (!wants_frames(m) || !(m->snap->have & MMS_SNAP_EXTENTS))
		return 0;
	if (!m->live)
		return mms_err_set(&m->no_frames, 0, "a capture has no flags of frames");
	m->active_known = marks_active();
	if (mms_kpage_open(&k, "/proc", &m->no_frames))
		return 0;
	mms_zone_spans_read(&m->zones, "/proc/zoneinfo");
	m->frames = calloc(m->snap->nregions + 1, sizeof(*m->frames));
	rc = m->frames ? mms_mapframes_read(m->snap, k, &m->zones, m->frames, &m->no_frames) : -ENOMEM;
	mms_kpage_close(k);
	if (rc) {
		free(m->frames);
		m->frames = NULL;
	}
	return rc == -ENOMEM ? mms_err_set(err, rc, "out of memory") : 0;
}

static const char *const kthread_text =
	"PID %u is a kernel thread: it has no memory map of its own";

/* A process with no address space has no map: say which it is. */
static int check_task(const struct map *m, struct mms_err *err)
{
	if (m->snap->task.flags & MMS_TASK_KTHREAD)
		return mms_err_set(err, -ENXIO, kthread_text, m->pid);
	if (m->snap->task.flags & MMS_TASK_ZOMBIE)
		return mms_err_set(err, -ENODATA,
				   "PID %u is a zombie: it has exited and has no memory; only its parent (PID %u) can end it",
				   m->pid, m->snap->task.ppid);
	return 0;
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	extern const struct mms_command mms_cmd_map;
	struct map m = { .render = g->render, .plain = g->render };
	struct mms_err err = { "" };
	struct mms_source *s = NULL;
	int rc;

	if (argc != 1)
		return mms_usage(&mms_cmd_map, "one PID is needed, %d given", argc);
	m.plain.columns = NULL;
	choose_defaults(&m);
	rc = mms_parse_pid(argv[0], &m.pid, &err);
	/* A wrong -o is said before anything is read. */
	if (!rc)
		rc = mms_table_new(&m.table, &m.render, "map", m.cols, COL_MAX, &err);
	if (!rc)
		rc = mms_open_source(g, &s, &err);
	if (rc) {
		mms_table_free(m.table);
		return mms_fail(rc, &err);
	}
	m.live = strcmp(mms_source_name(s), "capture");
	rc = mms_snapshot_take(&m.snap, s, m.pid,
			       MMS_SNAP_TASK | MMS_SNAP_VMA | MMS_SNAP_EXTENTS |
			       MMS_SNAP_USAGE, &err);
	if (!rc)
		rc = check_task(&m, &err);
	if (!rc)
		rc = read_frames(&m, &err);
	if (!rc)
		rc = show(&m, &err);
	free(m.frames);
	mms_table_free(m.table);
	mms_snapshot_free(m.snap);
	mms_source_close(s);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

static int option(int val, const char *arg)
{
	(void)arg;
	if (val == 'x')
		want_extents = true;
	return 0;
}

static const struct option longopts[] = {
	{ "extents", no_argument, NULL, 'x' },
	{ NULL, 0, NULL, 0 },
};

const struct mms_command mms_cmd_map = {
	.name = "map",
	.summary = "Memory map of a process: what each VMA is and holds",
	.usage = "[--extents] PID",
	.options = "      --extents         under each VMA its runs of page frames\n"
	"With --no-headings only the rows are printed, for scripts: no totals, no footer.\n",
	.examples =
		"  mmscope map 1\n"
		"  mmscope map --extents -o +CLASS $$\n"
		"  mmscope map -o START,RSS,LRU,UNEVICT,KSM,ZONES,NAME 1\n"
		"  mmscope map -o START,SIZE,THP,THPROOM,EXT,MEANRUN,LARGEST,NAME 1\n"
		"  mmscope map -o START,END,RSS,SMAPS_RSS,PATH 1\n"
		"  mmscope map --json 1 | jq '.totals'\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
