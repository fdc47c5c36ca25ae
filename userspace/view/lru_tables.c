// SPDX-License-Identifier: GPL-2.0
/* The tables of mmscope lru: one function makes a line of each. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "names.h"
#include "util/text.h"
#include "view/lru.h"

#define CGROUPS	"/sys/fs/cgroup"

enum { VEC_CGROUP, VEC_NODE, VEC_LISTS, VEC_MODE = VEC_LISTS + __MMS_LRU_MAX, VEC_STATE, VEC_INO,
       VEC_ZONES, VEC_MAX };

static const struct mms_column vec_columns[] = {
	[VEC_CGROUP] = { "CGROUP", MMS_COL_STR, true, false, false, "the cgroup that is charged; descendants are not in it" },
	[VEC_NODE] = { "NODE", MMS_COL_NUM, true, false, false, "NUMA node" },
	[VEC_LISTS + MMS_LRU_INACTIVE_ANON] = { "INACT_ANON", MMS_COL_SIZE, true, false, false, "inactive anonymous and shmem pages" },
	[VEC_LISTS + MMS_LRU_ACTIVE_ANON] = { "ACT_ANON", MMS_COL_SIZE, true, false, false, "active ones; generations: the youngest two" },
	[VEC_LISTS + MMS_LRU_INACTIVE_FILE] = { "INACT_FILE", MMS_COL_SIZE, true, false, false, "inactive pages of files" },
	[VEC_LISTS + MMS_LRU_ACTIVE_FILE] = { "ACT_FILE", MMS_COL_SIZE, true, false, false, "active ones" },
	[VEC_LISTS + MMS_LRU_UNEVICTABLE] = { "UNEVICT", MMS_COL_SIZE, true, false, false, "mlocked, ramfs, SHM_LOCK: never taken" },
	[VEC_MODE] = { "MODE", MMS_COL_STR, true, false, false, "lists, or gens: pages go into generations" },
	[VEC_STATE] = { "STATE", MMS_COL_STR, false, false, false, "dying: the cgroup was removed, its pages were not" },
	[VEC_INO] = { "INODE", MMS_COL_NUM, false, false, false, "inode number of the cgroup" },
	[VEC_ZONES] = { "ZONES", MMS_COL_STR, false, false, true, "pages of anon and file by zone" },
};

/* The cgroup's path as it may be shown; @buf holds it. */
static const char *cgroup_name(const struct mms_lruvec *v, char *buf, size_t size)
{
	if (v->vec.flags & MMS_LRU_F_ALL)
		return "(all)";
	return v->path ? mms_neutral(v->path, buf, size) : NULL;
}

/* Is this the one of --cgroup? By its path, as cgroupfs or as /proc/PID/cgroup says it. */
static bool wanted(const struct mms_lru_view *w, const struct mms_lruvec *v)
{
	const char *want = w->cgroup;
	size_t len;

	if (!want)
		return true;
	if (!v->path)
		return false;
	if (!strncmp(want, CGROUPS "/memory/", sizeof(CGROUPS "/memory")))
		want += sizeof(CGROUPS "/memory") - 1;
	else if (!strncmp(want, CGROUPS, sizeof(CGROUPS) - 1))
		want += sizeof(CGROUPS) - 1;
	if (!*want)
		want = "/";
	len = strlen(want);
	while (len > 1 && want[len - 1] == '/')
		len--;
	return strlen(v->path) == len && !strncmp(v->path, want, len);
}

static void zone_list(const struct mms_lru_vec *v, uint64_t page, char *buf, size_t size)
{
	size_t at = 0;
	char h[2][16];

	*buf = '\0';
	for (unsigned int z = 0; z < MMS_LRU_ZONES && at < size; z++) {
		uint64_t anon = v->pages[z][MMS_LRU_INACTIVE_ANON] + v->pages[z][MMS_LRU_ACTIVE_ANON];
		uint64_t file = v->pages[z][MMS_LRU_INACTIVE_FILE] + v->pages[z][MMS_LRU_ACTIVE_FILE];

		if (anon || file)
			at += (size_t)snprintf(buf + at, size - at, "%s%s anon %s file %s", at ? ", " : "",
					       mms_zone_name(z), mms_human(anon * page, h[0]),
					       mms_human(file * page, h[1]));
	}
}

static int vec_line(const struct mms_lru_view *w, struct mms_table *t, const struct mms_lruvec *v)
{
	struct mms_line *l = mms_table_line(t, NULL);
	char name[4096], zones[256];

	if (!l)
		return -ENOMEM;
	mms_line_str(t, l, VEC_CGROUP, cgroup_name(v, name, sizeof(name)));
	mms_line_num(t, l, VEC_NODE, v->vec.node);
	for (unsigned int i = 0; i < __MMS_LRU_MAX; i++)
		mms_line_size(t, l, VEC_LISTS + i, mms_lru_pages(&v->vec, i) * w->page);
	mms_line_str(t, l, VEC_MODE, v->vec.flags & MMS_LRU_F_GENS ? "gens" : "lists");
	if (!(v->vec.flags & MMS_LRU_F_ALL)) {
		mms_line_str(t, l, VEC_STATE, v->vec.flags & MMS_LRU_F_DYING ? "dying" : "alive");
		mms_line_num(t, l, VEC_INO, (int64_t)v->vec.cgroup);
	}
	zone_list(&v->vec, w->page, zones, sizeof(zones));
	mms_line_str(t, l, VEC_ZONES, *zones ? zones : NULL);
	return 0;
}

/* --- generations --- */

enum { GEN_CGROUP, GEN_NODE, GEN_SEQ, GEN_AGE, GEN_ANON, GEN_FILE, GEN_ROLE, GEN_ZONES, GEN_MAX };

static const struct mms_column gen_columns[] = {
	[GEN_CGROUP] = { "CGROUP", MMS_COL_STR, true, false, false, "the cgroup" },
	[GEN_NODE] = { "NODE", MMS_COL_NUM, true, false, false, "NUMA node" },
	[GEN_SEQ] = { "GEN", MMS_COL_NUM, true, false, false, "number of the generation" },
	[GEN_AGE] = { "AGE_MS", MMS_COL_NUM, true, false, false, "milliseconds since it was made" },
	[GEN_ANON] = { "ANON", MMS_COL_SIZE, true, false, false, "its anonymous pages; - = not its own any more" },
	[GEN_FILE] = { "FILE", MMS_COL_SIZE, true, false, false, "its pages of files; likewise" },
	[GEN_ROLE] = { "ROLE", MMS_COL_STR, true, false, false, "youngest, active, or oldest of a type" },
	[GEN_ZONES] = { "ZONES", MMS_COL_STR, false, false, true, "pages by zone" },
};

static void gen_zones(const struct mms_lru_gen *g, uint64_t page, char *buf, size_t size)
{
	size_t at = 0;
	char h[2][16];

	*buf = '\0';
	for (unsigned int z = 0; z < MMS_LRU_ZONES && at < size; z++)
		if (g->pages[0][z] || g->pages[1][z])
			at += (size_t)snprintf(buf + at, size - at, "%s%s anon %s file %s", at ? ", " : "",
					       mms_zone_name(z), mms_human(g->pages[0][z] * page, h[0]),
					       mms_human(g->pages[1][z] * page, h[1]));
}

static int gen_line(const struct mms_lru_view *w, struct mms_table *t, const struct mms_lruvec *v,
		    const struct mms_lru_gen *g)
{
	struct mms_line *l = mms_table_line(t, NULL);
	char name[4096], zones[256], role[64] = "";

	if (!l)
		return -ENOMEM;
	mms_line_str(t, l, GEN_CGROUP, cgroup_name(v, name, sizeof(name)));
	mms_line_num(t, l, GEN_NODE, g->node);
	mms_line_num(t, l, GEN_SEQ, (int64_t)g->seq);
	mms_line_num(t, l, GEN_AGE, (int64_t)g->age_ms);
	for (unsigned int type = 0; type < 2; type++)
		if (g->seq >= v->vec.min_seq[type])
			mms_line_size(t, l, GEN_ANON + type, mms_lru_gen_pages(g, type) * w->page);
	snprintf(role, sizeof(role), "%s%s%s",
		 g->seq == v->vec.max_seq ? "youngest" : g->seq + 1 == v->vec.max_seq ? "active" : "",
		 g->seq == v->vec.min_seq[0] ? " oldest-anon" : "",
		 g->seq == v->vec.min_seq[1] ? " oldest-file" : "");
	mms_line_str(t, l, GEN_ROLE, role + (*role == ' '));
	gen_zones(g, w->page, zones, sizeof(zones));
	mms_line_str(t, l, GEN_ZONES, *zones ? zones : NULL);
	return 0;
}

enum { TIER_CGROUP, TIER_NODE, TIER_TYPE, TIER_TIER, TIER_AVG_REFAULTED, TIER_AVG_TOTAL,
       TIER_REFAULTED, TIER_EVICTED, TIER_PROTECTED, TIER_MAX };

static const struct mms_column tier_columns[] = {
	[TIER_CGROUP] = { "CGROUP", MMS_COL_STR, true, false, false, "the cgroup" },
	[TIER_NODE] = { "NODE", MMS_COL_NUM, true, false, false, "NUMA node" },
	[TIER_TYPE] = { "TYPE", MMS_COL_STR, true, false, false, "anon or file" },
	[TIER_TIER] = { "TIER", MMS_COL_NUM, true, false, false, "accessed 2^TIER times through file descriptors" },
	[TIER_AVG_REFAULTED] = { "AVG_REF", MMS_COL_NUM, true, false, false, "moving average of refaults" },
	[TIER_AVG_TOTAL] = { "AVG_TOTAL", MMS_COL_NUM, true, false, false, "moving average of evictions and protections" },
	[TIER_REFAULTED] = { "REFAULTED", MMS_COL_NUM, true, false, false, "of the oldest generation" },
	[TIER_EVICTED] = { "EVICTED", MMS_COL_NUM, true, false, false, "likewise" },
	[TIER_PROTECTED] = { "PROTECTED", MMS_COL_NUM, true, false, false, "likewise" },
};

static int tier_line(const struct mms_lru_view *w, struct mms_table *t, const struct mms_lruvec *v,
		     const struct mms_lru_tier *r)
{
	struct mms_line *l = mms_table_line(t, NULL);
	char name[4096];

	(void)w;
	if (!l)
		return -ENOMEM;
	mms_line_str(t, l, TIER_CGROUP, cgroup_name(v, name, sizeof(name)));
	mms_line_num(t, l, TIER_NODE, r->node);
	mms_line_str(t, l, TIER_TYPE, r->type ? "file" : "anon");
	mms_line_num(t, l, TIER_TIER, r->tier);
	mms_line_num(t, l, TIER_AVG_REFAULTED, (int64_t)r->avg_refaulted);
	mms_line_num(t, l, TIER_AVG_TOTAL, (int64_t)r->avg_total);
	mms_line_num(t, l, TIER_REFAULTED, (int64_t)r->refaulted);
	mms_line_num(t, l, TIER_EVICTED, (int64_t)r->evicted);
	if (r->tier || v->vec.flags & MMS_LRU_F_ALL_TIERS)
		mms_line_num(t, l, TIER_PROTECTED, (int64_t)r->protected);
	return 0;
}

/* --- what reclaim takes next --- */

enum { NEXT_CGROUP, NEXT_NODE, NEXT_FROM, NEXT_SIZE, NEXT_WHY, NEXT_MAX };

static const struct mms_column next_columns[] = {
	[NEXT_CGROUP] = { "CGROUP", MMS_COL_STR, true, false, false, "the cgroup" },
	[NEXT_NODE] = { "NODE", MMS_COL_NUM, true, false, false, "NUMA node" },
	[NEXT_FROM] = { "NEXT", MMS_COL_STR, true, false, false, "what reclaim would take from it next" },
	[NEXT_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "how much that is" },
	[NEXT_WHY] = { "WHY", MMS_COL_STR, true, false, true, "as mm/vmscan.c decides" },
};

static void next_words(const struct mms_lru_next *n, char *buf, size_t size)
{
	static const char *const types[] = {
		[MMS_LRU_CHOICE_UNKNOWN] = "unknown", [MMS_LRU_CHOICE_NONE] = "nothing",
		[MMS_LRU_CHOICE_ANON] = "anon", [MMS_LRU_CHOICE_FILE] = "file",
		[MMS_LRU_CHOICE_BOTH] = "both",
	};

	if (n->choice == MMS_LRU_CHOICE_BOTH)
		snprintf(buf, size, "inactive: %u%% anon, %u%% file", n->anon_percent,
			 100 - n->anon_percent);
	else if (n->choice <= MMS_LRU_CHOICE_NONE)
		snprintf(buf, size, "%s", types[n->choice]);
	else if (n->gens)
		snprintf(buf, size, "%s of generation %" PRIu64 "%s", types[n->choice], n->seq,
			 n->age_first ? ", after aging" : "");
	else
		snprintf(buf, size, "inactive_%s, its tail", types[n->choice]);
}

static int next_line(const struct mms_lru_view *w, struct mms_table *t, const struct mms_lruvec *v)
{
	struct mms_line *l = mms_table_line(t, NULL);
	struct mms_lru_next n;
	char name[4096], words[64];

	if (!l)
		return -ENOMEM;
	mms_lru_next(&w->lru, v, w->swappiness, &n);
	next_words(&n, words, sizeof(words));
	mms_line_str(t, l, NEXT_CGROUP, cgroup_name(v, name, sizeof(name)));
	mms_line_num(t, l, NEXT_NODE, v->vec.node);
	mms_line_str(t, l, NEXT_FROM, words);
	if (n.choice > MMS_LRU_CHOICE_NONE)
		mms_line_size(t, l, NEXT_SIZE, n.pages * w->page);
	mms_line_str(t, l, NEXT_WHY, n.why);
	return 0;
}

/* --- samples --- */

enum { FOLIO_CGROUP, FOLIO_NODE, FOLIO_LIST, FOLIO_END, FOLIO_POS, FOLIO_PFN, FOLIO_PAGES, FOLIO_OWNER,
       FOLIO_FLAGS, FOLIO_MAPS, FOLIO_REFS, FOLIO_DEV, FOLIO_INO, FOLIO_INDEX, FOLIO_ZONE,
       FOLIO_ACCESSES, FOLIO_FLAG_GEN, FOLIO_MAX };

static const struct mms_column folio_columns[] = {
	[FOLIO_CGROUP] = { "CGROUP", MMS_COL_STR, true, false, true, "the cgroup" },
	[FOLIO_NODE] = { "NODE", MMS_COL_NUM, false, false, false, "NUMA node" },
	[FOLIO_LIST] = { "LIST", MMS_COL_STR, true, false, false, "which list, or which generation's" },
	[FOLIO_END] = { "END", MMS_COL_STR, true, false, false, "tail: reclaim begins here; head: added last" },
	[FOLIO_POS] = { "POS", MMS_COL_NUM, true, false, false, "place, 0 is the end itself" },
	[FOLIO_PFN] = { "PFN", MMS_COL_HEX, true, false, false, "its first frame" },
	[FOLIO_PAGES] = { "PAGES", MMS_COL_NUM, false, false, false, "frames" },
	[FOLIO_OWNER] = { "OWNER", MMS_COL_STR, true, false, false, "anon, ksm, file, shmem, bdev ..." },
	[FOLIO_FLAGS] = { "FLAGS", MMS_COL_STR, true, false, false, "r eferenced A ctive D irty W riteback w orkingset b swap-backed s wap cache u nevictable m locked l ru R eclaim U ptodate L ocked" },
	[FOLIO_MAPS] = { "MAPS", MMS_COL_NUM, true, false, false, "page-table entries that map it" },
	[FOLIO_REFS] = { "REFS", MMS_COL_NUM, false, false, false, "references" },
	[FOLIO_DEV] = { "DEV", MMS_COL_STR, true, false, false, "device of the file system, or the block device" },
	[FOLIO_INO] = { "INODE", MMS_COL_NUM, true, false, false, "inode number" },
	[FOLIO_INDEX] = { "OFFSET", MMS_COL_HEX, false, false, false, "offset in the file, pages" },
	[FOLIO_ZONE] = { "ZONE", MMS_COL_STR, false, false, false, "zone" },
	[FOLIO_ACCESSES] = { "ACCESSES", MMS_COL_NUM, false, false, false, "generations: accesses through file descriptors" },
	[FOLIO_FLAG_GEN] = { "GEN", MMS_COL_NUM, false, false, false, "the generation that its page flags name: it is moved to that list lazily" },
};

static void folio_file(struct mms_table *t, struct mms_line *l, const struct mms_lru_folio *f)
{
	char dev[32];

	if (f->owner != MMS_FOLIO_FILE && f->owner != MMS_FOLIO_SHMEM && f->owner != MMS_FOLIO_BDEV)
		return;
	snprintf(dev, sizeof(dev), "%u:%u", f->dev_major, f->dev_minor);
	mms_line_str(t, l, FOLIO_DEV, dev);
	if (f->owner != MMS_FOLIO_BDEV)
		mms_line_num(t, l, FOLIO_INO, (int64_t)f->ino);
	mms_line_hex(t, l, FOLIO_INDEX, f->index);
}

static int folio_line(const struct mms_lru_view *w, struct mms_table *t, const struct mms_lruvec *v,
		      const struct mms_lru_folio *f)
{
	struct mms_line *l = mms_table_line(t, NULL);
	char name[4096], list[48], letters[16];

	(void)w;
	if (!l)
		return -ENOMEM;
	if (f->gen == MMS_LRU_NO_GEN)
		snprintf(list, sizeof(list), "%s", mms_lru_list_name(f->list));
	else
		snprintf(list, sizeof(list), "%s gen %" PRIu64,
			 f->list >= MMS_LRU_INACTIVE_FILE ? "file" : "anon", (uint64_t)f->gen);
	mms_line_str(t, l, FOLIO_CGROUP, cgroup_name(v, name, sizeof(name)));
	mms_line_num(t, l, FOLIO_NODE, f->node);
	mms_line_str(t, l, FOLIO_LIST, list);
	mms_line_str(t, l, FOLIO_END, f->from_tail ? "tail" : "head");
	mms_line_num(t, l, FOLIO_POS, f->position);
	mms_line_hex(t, l, FOLIO_PFN, f->pfn);
	mms_line_num(t, l, FOLIO_PAGES, f->pages);
	mms_line_str(t, l, FOLIO_OWNER, mms_folio_owner_name(f->owner));
	mms_line_str(t, l, FOLIO_FLAGS, mms_folio_letters(f->flags, letters));
	if (f->mapcount != MMS_LRU_UNKNOWN)
		mms_line_num(t, l, FOLIO_MAPS, f->mapcount);
	mms_line_num(t, l, FOLIO_REFS, f->refcount);
	folio_file(t, l, f);
	mms_line_str(t, l, FOLIO_ZONE, f->zone < MMS_ZONE_UNKNOWN ? mms_zone_name(f->zone) : NULL);
	mms_line_num(t, l, FOLIO_ACCESSES, f->refs);
	if (f->flag_gen != MMS_LRU_NO_GEN)
		mms_line_num(t, l, FOLIO_FLAG_GEN, (int64_t)f->flag_gen);
	return 0;
}

/* --- tables --- */

/* The lines of one lruvec. */
static int vec_lines(const struct mms_lru_view *w, struct mms_table *t, enum mms_lru_table which,
		     const struct mms_lruvec *v)
{
	int rc = 0;

	switch (which) {
	case MMS_LRU_TABLE_VECS:
		return vec_line(w, t, v);
	case MMS_LRU_TABLE_NEXT:
		return next_line(w, t, v);
	case MMS_LRU_TABLE_GENS:
		for (size_t j = v->gen; !rc && j < v->gen + v->ngens; j++)
			rc = gen_line(w, t, v, &w->lru.gens[j]);
		return rc;
	case MMS_LRU_TABLE_TIERS:
		for (size_t j = v->tier; !rc && j < v->tier + v->ntiers; j++)
			rc = tier_line(w, t, v, &w->lru.tiers[j]);
		return rc;
	case MMS_LRU_TABLE_FOLIOS:
		for (size_t j = v->folio; !rc && j < v->folio + v->nfolios; j++)
			rc = folio_line(w, t, v, &w->lru.folios[j]);
		return rc;
	default:
		return 0;
	}
}

const struct mms_column *mms_lru_columns(enum mms_lru_table which, const char **name, size_t *n)
{
	static const struct {
		const char *name;
		const struct mms_column *columns;
		size_t n;
	} tables[] = {
		[MMS_LRU_TABLE_VECS] = { "lruvecs", vec_columns, VEC_MAX },
		[MMS_LRU_TABLE_GENS] = { "generations", gen_columns, GEN_MAX },
		[MMS_LRU_TABLE_TIERS] = { "tiers", tier_columns, TIER_MAX },
		[MMS_LRU_TABLE_NEXT] = { "next", next_columns, NEXT_MAX },
		[MMS_LRU_TABLE_FOLIOS] = { "folios", folio_columns, FOLIO_MAX },
	};

	*name = tables[which].name;
	*n = tables[which].n;
	return tables[which].columns;
}

int mms_lru_fill(const struct mms_lru_view *w, struct mms_table *t, enum mms_lru_table which,
		 size_t *matched)
{
	int rc = 0;

	*matched = 0;
	for (size_t i = 0; !rc && i < w->lru.n; i++) {
		if (!wanted(w, &w->lru.vecs[i]))
			continue;
		++*matched;
		rc = vec_lines(w, t, which, &w->lru.vecs[i]);
	}
	return rc;
}
