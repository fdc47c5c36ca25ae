// SPDX-License-Identifier: GPL-2.0
/* Rows slab.*: every slab cache against /proc/slabinfo. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "model/check.h"
#include "model/slab.h"

/* struct reading - the source's caches, and /proc's before and after them */
struct reading {
	struct mms_slab_list ours;
	struct mms_slab_list before;
	struct mms_slab_list after;
};

static void slab_close(struct mms_check *c)
{
	struct reading *r = c->ctx;

	if (!r)
		return;
	mms_slab_free(&r->ours);
	mms_slab_free(&r->before);
	mms_slab_free(&r->after);
	free(r);
}

static int read_proc(struct mms_slab_list *l, struct mms_err *err)
{
	struct mms_source *proc;
	int rc = mms_source_open_procfs(&proc, err);

	if (rc)
		return rc;
	rc = mms_slab_read(l, proc, err);
	mms_source_close(proc);
	return rc;
}

static int slab_open(struct mms_check *c, uint32_t pid, struct mms_err *err)
{
	struct reading *r = calloc(1, sizeof(*r));
	int rc;

	(void)pid;
	c->ctx = r;
	if (!r)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (c->frozen || strcmp(c->proc, "/proc"))
		return mms_err_set(err, -EOPNOTSUPP, "there is no /proc/slabinfo beside a capture");
	rc = read_proc(&r->before, err);
	if (!rc)
		rc = mms_slab_read(&r->ours, c->source, err);
	if (!rc && r->ours.n && !(r->ours.c[0].rec.known & MMS_SLAB_K_ADDRESS))
		rc = mms_err_set(err, -EOPNOTSUPP,
				 "the caches were read from slabinfo itself: load the module (mmscope load)");
	if (!rc)
		rc = read_proc(&r->after, err);
	return rc == -EACCES || rc == -EPERM ? -EOPNOTSUPP : rc;
}

static const struct mms_slab_cache *find(struct mms_slab_list *l, const char *name)
{
	const struct mms_slab_info *c = mms_slab_find(l, name);

	return c ? &c->rec : NULL;
}

/* Objects that the reading itself may move: a slab for each processor, and one. */
static uint64_t slabs_kept(void)
{
	long n = sysconf(_SC_NPROCESSORS_CONF);

	return (n > 0 ? (uint64_t)n : 1) + 1;
}

static int each(struct mms_check *c, const struct mms_check_row *row,
		int (*compare)(struct mms_check *c, const struct mms_check_row *row, const struct mms_slab_info *ours,
			       const struct mms_slab_cache *before, const struct mms_slab_cache *after))
{
	struct reading *r = c->ctx;
	int rc = 0;

	for (size_t i = 0; !rc && i < r->ours.n; i++) {
		const struct mms_slab_info *ours = &r->ours.c[i];
		const struct mms_slab_cache *before = find(&r->before, ours->name), *after = find(&r->after, ours->name);

		/* (one that was made or destroyed meanwhile) */
		if (before && after && ours->rec.known & MMS_SLAB_K_COUNTS)
			rc = compare(c, row, ours, before, after);
	}
	return rc;
}

static int compare_sizes(struct mms_check *c, const struct mms_check_row *row, const struct mms_slab_info *o,
			 const struct mms_slab_cache *before, const struct mms_slab_cache *after)
{
	int rc = mms_check_compare(c, row, o->name, "objsize", o->rec.size, before->size, after->size, 0);

	if (!rc)
		rc = mms_check_compare(c, row, o->name, "objperslab", o->rec.objects, before->objects, after->objects, 0);
	return rc ? rc : mms_check_compare(c, row, o->name, "order", o->rec.order, before->order, after->order, 0);
}

static int run_sizes(struct mms_check *c, const struct mms_check_row *row)
{
	return each(c, row, compare_sizes);
}

static int compare_counts(struct mms_check *c, const struct mms_check_row *row, const struct mms_slab_info *o,
			  const struct mms_slab_cache *before, const struct mms_slab_cache *after)
{
	uint64_t slabs = slabs_kept(), objects = slabs * o->rec.objects;
	int rc = mms_check_compare(c, row, o->name, "active_objs", o->rec.active_objects, before->active_objects,
				   after->active_objects, objects);

	if (!rc)
		rc = mms_check_compare(c, row, o->name, "num_objs", o->rec.total_objects, before->total_objects,
				       after->total_objects, objects);
	return rc ? rc : mms_check_compare(c, row, o->name, "num_slabs", o->rec.slabs, before->slabs, after->slabs, slabs);
}

static int run_counts(struct mms_check *c, const struct mms_check_row *row)
{
	return each(c, row, compare_counts);
}

static const struct mms_check_row rows[] = {
	{ "slab.sizes", "slab caches", "/proc/slabinfo", "", "", run_sizes, NULL },
	{ "slab.counts", "slab caches", "/proc/slabinfo", "a slab for each CPU, and one",
	  "who reads takes objects meanwhile, and a slab that a CPU takes counts as active wholly", run_counts, NULL },
};

const struct mms_check_group mms_check_slab = {
	.name = "slab",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(*rows),
	.open = slab_open,
	.close = slab_close,
};
