// SPDX-License-Identifier: GPL-2.0
/* mmscope map: one row for each VMA, and one for each of its extents. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "model/extent.h"
#include "names.h"
#include "view/map.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

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
		if (mms_map_columns[col].type == MMS_COL_NUM)
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

static void set_zones(const struct mms_map_view *m, struct mms_table *t, struct mms_line *l,
		      const struct mms_mapframes *f)
{
	char buf[256] = "", human[16];
	size_t n = 0;

	if (!m->by_module && !m->zones.n)
		return;
	for (unsigned int z = 0; z < __MMS_ZONE_MAX && n < sizeof(buf); z++) {
		if (!f->zone[z])
			continue;
		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s%s:", n ? "," : "", mms_zone_name(z));
		if (n >= sizeof(buf))
			break;
		if (m->render.bytes || m->render.json)
			n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%" PRIu64, f->zone[z]);
		else
			n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s", mms_human(f->zone[z], human));
	}
	mms_line_str(t, l, COL_ZONES, buf);
}

static void set_frames(const struct mms_map_view *m, struct mms_table *t, struct mms_line *l,
		       const struct mms_region *r)
{
	const struct mms_mapframes *f;

	if (!m->frames)
		return;
	f = &m->frames[r - m->snap->regions];
	if (f->untold)
		return;
	mms_line_size(t, l, COL_LRU, f->lru);
	mms_line_size(t, l, COL_UNEVICT, f->unevictable);
	if (m->ksm_known)
		mms_line_size(t, l, COL_KSM, f->ksm);
	if (m->active_known)
		mms_line_size(t, l, COL_ACTIVE, f->active);
	set_zones(m, t, l, f);
}

/* What follows from figures: shares in percent, a mean. */
static void set_ratios(const struct mms_map_view *m, struct mms_table *t, struct mms_line *l,
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
static void blank(const struct mms_map_view *m, struct mms_table *t, struct mms_line *l,
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

static struct mms_line *add_region(struct mms_map_view *m, struct mms_table *t,
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

static const char *frames(const struct mms_map_view *m, const struct mms_pt_extent *e,
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

static int add_extent(struct mms_map_view *m, struct mms_table *t, struct mms_line *parent,
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

int mms_map_fill(struct mms_map_view *m)
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
		l = add_region(m, m->table, r, &f);
		if (!l)
			return -ENOMEM;
		for (e = 0; m->extents && e < r->nextents; e++)
			if (add_extent(m, m->table, l, &snap->extents[r->first_extent + e]))
				return -ENOMEM;
	}
	return 0;
}
