// SPDX-License-Identifier: GPL-2.0
/*
 * Rows lru.*: the sizes of reclaim's lists, cgroup by cgroup, against vmstat,
 * zoneinfo and memory.stat.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "model/check_proc.h"
#include "model/lru.h"
#include "util/text.h"

#define CGROUPS		"/sys/fs/cgroup"
#define NONE		SIZE_MAX
#define CGROUPS_MOST	256	/* of these memory.stat is read */

/**
 * struct lru - one reading
 * @parent: for each lruvec, see find_parents(); made when it is needed
 * @zones: of the source: what CPUs have not yet added to counters
 */
struct lru {
	struct mms_lru ours;
	size_t *parent;
	struct mms_zones zones;
	struct mms_proc before;
	struct mms_proc after;
};

static uint64_t cpus(void)
{
	long n = sysconf(_SC_NPROCESSORS_CONF);

	return n > 0 ? (uint64_t)n : 1;
}

static void lru_close(struct mms_check *c)
{
	struct lru *l = c->ctx;

	if (!l)
		return;
	mms_lru_free(&l->ours);
	free(l->parent);
	mms_zones_free(&l->zones);
	mms_proc_free(&l->before);
	mms_proc_free(&l->after);
	free(l);
}

static int lru_open(struct mms_check *c, uint32_t pid, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req) };
	struct lru *l = calloc(1, sizeof(*l));
	struct mms_err ignored;
	int rc;

	(void)pid;
	c->ctx = l;
	if (!l)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = mms_proc_read(c, &l->before);
	if (!rc)
		rc = mms_lru_read(c->source, &req, &l->ours, err);
	if (!rc && l->ours.n && l->ours.vecs[0].vec.flags & MMS_LRU_F_ALL &&
	    !c->frozen && strcmp(mms_source_name(c->source), "module"))
		rc = mms_err_set(err, -EOPNOTSUPP,
				 "the lists' sizes were read from zoneinfo itself: load the module (mmscope load)");
	if (!rc && mms_zones_read(c->source, &l->zones, &ignored) == -ENOMEM)
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_proc_read(c, &l->after);
	return rc == -ENODATA ? -EOPNOTSUPP : rc;
}

static const struct {
	enum mms_vmstat node;
	enum mms_vmstat zone;
} counters[__MMS_LRU_MAX] = {
	[MMS_LRU_INACTIVE_ANON] = { MMS_VS_NR_INACTIVE_ANON, MMS_VS_NR_ZONE_INACTIVE_ANON },
	[MMS_LRU_ACTIVE_ANON] = { MMS_VS_NR_ACTIVE_ANON, MMS_VS_NR_ZONE_ACTIVE_ANON },
	[MMS_LRU_INACTIVE_FILE] = { MMS_VS_NR_INACTIVE_FILE, MMS_VS_NR_ZONE_INACTIVE_FILE },
	[MMS_LRU_ACTIVE_FILE] = { MMS_VS_NR_ACTIVE_FILE, MMS_VS_NR_ZONE_ACTIVE_FILE },
	[MMS_LRU_UNEVICTABLE] = { MMS_VS_NR_UNEVICTABLE, MMS_VS_NR_ZONE_UNEVICTABLE },
};

#define MAX_THRESHOLD	125	/* calculate_normal_threshold() of mm/vmstat.c */

/* All that the CPUs of the nodes keep back; where it is not known, how much it may be. */
static uint64_t nodes_kept(const struct mms_zones *z, enum mms_vmstat id, uint64_t *slack)
{
	uint64_t sum, kept = 0;

	for (size_t i = 0; i < z->nnodes; i++) {
		if (z->nodes[i].ncpus && mms_cpus_pending(z->nodes[i].cpus, z->nodes[i].ncpus, id, &sum))
			kept += sum;
		else
			*slack += MAX_THRESHOLD * cpus();
	}
	return kept;
}

static int run_vmstat(struct mms_check *c, const struct mms_check_row *row)
{
	const struct lru *l = c->ctx;
	int rc = 0;

	if (c->frozen || !l->after.vmstat.n)
		return mms_check_na(c, row, c->frozen ? l->after.why.text : "no /proc/vmstat here");
	for (unsigned int k = 0; !rc && k < __MMS_LRU_MAX; k++) {
		const char *name = mms_vmstat_name(counters[k].node);
		uint64_t ours = 0, slack = 0, b, a;

		if (!mms_words_get(&l->before.vmstat, name, &b) || !mms_words_get(&l->after.vmstat, name, &a))
			continue;
		for (size_t i = 0; i < l->ours.n; i++)
			ours += mms_lru_pages(&l->ours.vecs[i].vec, k);
		ours -= nodes_kept(&l->zones, counters[k].node, &slack);
		rc = mms_check_compare(c, row, "", name, ours, b, a, slack);
	}
	return rc;
}

/* A list's pages in a node's zone of a type, over all cgroups. */
static uint64_t in_zone(const struct mms_lru *l, uint32_t node, uint32_t type, unsigned int list)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->vecs[i].vec.node == node)
			sum += l->vecs[i].vec.pages[type][list];
	return sum;
}

static int compare_zone(struct mms_check *c, const struct mms_check_row *row,
			const struct mms_zone_info *ours, const struct mms_zone_info *before,
			const struct mms_zone_info *after)
{
	const struct lru *l = c->ctx;
	char where[96];
	int rc = 0;

	for (unsigned int k = 0; !rc && k < __MMS_LRU_MAX; k++) {
		uint64_t sum = in_zone(&l->ours, ours->z.node, ours->z.type, k), kept, slack = 0, b, a;

		if (!mms_stat_get(before->stats, before->z.nstats, counters[k].zone, &b) ||
		    !mms_stat_get(after->stats, after->z.nstats, counters[k].zone, &a))
			continue;
		if (mms_cpus_pending(ours->cpus, ours->ncpus, counters[k].zone, &kept))
			sum -= kept;
		for (size_t n = 0; n < ours->ncpus; n++)
			if (!(ours->cpus[n].c.known & MMS_ZCPU_K_PENDING))
				slack += MAX_THRESHOLD;
		rc = mms_check_compare(c, row, mms_zone_where(&ours->z, where, sizeof(where)),
				       mms_vmstat_name(counters[k].zone), sum, b, a, slack);
	}
	return rc;
}

static int run_zones(struct mms_check *c, const struct mms_check_row *row)
{
	const struct lru *l = c->ctx;
	int rc = 0;

	if (c->frozen || !l->after.zones.nzones)
		return mms_check_na(c, row, l->after.why.text);
	for (size_t i = 0; !rc && i < l->zones.nzones; i++) {
		const struct mms_zone_info *z = &l->zones.zones[i];
		const struct mms_zone_info *b = mms_zones_zone(&l->before.zones, z->z.node, z->z.index);
		const struct mms_zone_info *a = mms_zones_zone(&l->after.zones, z->z.node, z->z.index);

		if (z->z.managed && z->z.type < MMS_LRU_ZONES && a && b)
			rc = compare_zone(c, row, z, b, a);
	}
	return rc;
}

/* ---- memory.stat ----------------------------------------------------------------- */

/* struct known - a cgroup by its inode number, and the first of its lruvecs */
struct known {
	uint64_t cgroup;
	size_t vec;
};

static int by_cgroup(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	if (x->cgroup != y->cgroup)
		return x->cgroup > y->cgroup ? 1 : -1;
	return (x->vec > y->vec) - (x->vec < y->vec);
}

/* For each lruvec the first one of its cgroup's parent; NONE = it has none here. */
static int find_parents(struct lru *l)
{
	struct known *all = calloc(l->ours.n ? l->ours.n : 1, sizeof(*all));
	size_t n = 0;

	l->parent = calloc(l->ours.n ? l->ours.n : 1, sizeof(*l->parent));
	if (!all || !l->parent) {
		free(all);
		return -ENOMEM;
	}
	for (size_t i = 0; i < l->ours.n; i++)
		all[i] = (struct known){ l->ours.vecs[i].vec.cgroup, i };
	qsort(all, l->ours.n, sizeof(*all), by_cgroup);
	for (size_t i = 0; i < l->ours.n; i++)
		if (!n || all[n - 1].cgroup != all[i].cgroup)
			all[n++] = all[i];
	for (size_t i = 0; i < l->ours.n; i++) {
		uint64_t up = l->ours.vecs[i].vec.parent;
		size_t lo = 0, hi = n;

		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;

			if (all[mid].cgroup < up)
				lo = mid + 1;
			else
				hi = mid;
		}
		l->parent[i] = up && lo < n && all[lo].cgroup == up ? all[lo].vec : NONE;
	}
	free(all);
	return 0;
}

static bool below(const struct lru *l, size_t i, uint64_t top)
{
	/* (no tree is deeper than there are cgroups) */
	for (size_t steps = 0; i != NONE && steps <= l->ours.n; steps++) {
		if (l->ours.vecs[i].vec.cgroup == top)
			return true;
		i = l->parent[i];
	}
	return false;
}

/* A cgroup with all below it, as memory.stat counts; and how many that are. */
static uint64_t subtree(const struct lru *l, uint64_t top, uint64_t sum[__MMS_LRU_MAX])
{
	uint64_t n = 0, last = 0;

	memset(sum, 0, sizeof(*sum) * __MMS_LRU_MAX);
	for (size_t i = 0; i < l->ours.n; i++) {
		const struct mms_lru_vec *v = &l->ours.vecs[i].vec;

		if (!below(l, i, top))
			continue;
		n += v->cgroup != last;
		last = v->cgroup;
		for (unsigned int k = 0; k < __MMS_LRU_MAX; k++)
			sum[k] += mms_lru_pages(v, k);
	}
	return n;
}

#define BATCH	32	/* MEMCG_CHARGE_BATCH */

#define FLUSHED "memory.stat is summed up every 2 s, or when more than 32 pages per CPU have changed (mm/memcontrol.c)"
#define UNFLUSHED "before 5.13 each CPU keeps up to 32 pages of a counter of each cgroup to itself, and nothing flushes them (mm/memcontrol.c)"

static int compare_stat(struct mms_check *c, const struct mms_check_row *row,
			const struct mms_lruvec *v, const struct mms_words *stat)
{
	const struct lru *l = c->ctx;
	uint64_t sum[__MMS_LRU_MAX], groups = subtree(l, v->vec.cgroup, sum);
	uint64_t page = 1ULL << (l->ours.page_shift & 31), theirs, slack, flushed;
	char where[96];
	int rc = 0;

	/* (the word came with the sums: 5.13) */
	if (mms_words_get(stat, "swapcached", &flushed)) {
		c->reason = FLUSHED;
		slack = 2ULL * BATCH * cpus();
	} else {
		c->reason = UNFLUSHED;
		slack = BATCH * cpus() * groups;
	}
	mms_neutral(v->path, where, sizeof(where));
	for (unsigned int k = 0; !rc && k < __MMS_LRU_MAX; k++)
		if (mms_words_get(stat, mms_lru_list_name(k), &theirs))
			rc = mms_check_compare(c, row, where, mms_lru_list_name(k), sum[k] * page,
					       theirs, theirs, slack * page);
	return rc;
}

/* Its directory, if that is still the cgroup that was read. */
static bool read_stat(const struct mms_lruvec *v, struct mms_words *out)
{
	char path[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(path, sizeof(path), CGROUPS "%s", v->path) >= sizeof(path) - 16 ||
	    stat(path, &st) || st.st_ino != v->vec.cgroup)
		return false;
	strcat(path, "/memory.stat");
	mms_words_read(out, path);
	return out->n;
}

static int run_stat(struct mms_check *c, const struct mms_check_row *row)
{
	struct lru *l = c->ctx;
	struct mms_words *stat;
	size_t read = 0;
	int rc = 0;

	if (c->frozen)
		return mms_check_na(c, row, l->after.why.text);
	if (find_parents(l))
		return -ENOMEM;
	stat = strcmp(c->proc, "/proc") ? NULL : malloc(sizeof(*stat));
	for (size_t i = 0; stat && !rc && i < l->ours.n && read < CGROUPS_MOST; i++) {
		const struct mms_lruvec *v = &l->ours.vecs[i];

		/* once per cgroup, whose nodes stand side by side; the root's is the machine's */
		if (!v->path || v->vec.flags & (MMS_LRU_F_ROOT | MMS_LRU_F_ALL) ||
		    (i && l->ours.vecs[i - 1].vec.cgroup == v->vec.cgroup) || !read_stat(v, stat))
			continue;
		rc = compare_stat(c, row, v, stat);
		read++;
	}
	free(stat);
	return rc || read ? rc :
	       mms_check_na(c, row, "no cgroup has a memory.stat of version 2 below " CGROUPS);
}

static const struct mms_check_row rows[] = {
	{ "lru.vmstat", "lists' sizes", "vmstat", "CPUs' thresholds", MMS_KEPT_BACK, run_vmstat, NULL },
	{ "lru.zones", "lists' sizes", "zoneinfo", "CPUs' thresholds", MMS_KEPT_BACK, run_zones, NULL },
	{ "lru.cgroups", "lists' sizes", "memory.stat", "32 pages per CPU", FLUSHED, run_stat, NULL },
};

const struct mms_check_group mms_check_lru = {
	.name = "lru",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(*rows),
	.open = lru_open,
	.close = lru_close,
};
