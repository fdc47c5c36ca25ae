// SPDX-License-Identifier: GPL-2.0
/* Rows vmalloc.*: every vmalloc area against /proc/vmallocinfo, and guard pages against the tables. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/check.h"
#include "model/vmalloc.h"

/* struct reading - the source's areas, and /proc's before and after them */
struct reading {
	struct mms_vmalloc ours;
	struct mms_vmalloc before;
	struct mms_vmalloc after;
};

static void vmalloc_close(struct mms_check *c)
{
	struct reading *r = c->ctx;

	if (!r)
		return;
	mms_vmalloc_free(&r->ours);
	mms_vmalloc_free(&r->before);
	mms_vmalloc_free(&r->after);
	free(r);
}

static int read_proc(struct mms_vmalloc *v, struct mms_err *err)
{
	struct mms_source *proc;
	int rc = mms_source_open_procfs(&proc, err);

	if (rc)
		return rc;
	rc = mms_vmalloc_take(v, proc, false, err);
	mms_source_close(proc);
	if (!rc && v->hidden)
		rc = mms_err_set(err, -EOPNOTSUPP,
				 "/proc/vmallocinfo hides addresses (kernel.kptr_restrict=1 shows them to root)");
	return rc;
}

static int vmalloc_open(struct mms_check *c, uint32_t pid, struct mms_err *err)
{
	struct reading *r = calloc(1, sizeof(*r));
	int rc;

	(void)pid;
	c->ctx = r;
	if (!r)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (c->frozen || strcmp(c->proc, "/proc"))
		return mms_err_set(err, -EOPNOTSUPP, "there is no /proc/vmallocinfo beside a capture");
	rc = read_proc(&r->before, err);
	if (!rc)
		rc = mms_vmalloc_take(&r->ours, c->source, true, err);
	if (!rc && r->ours.writer != MMS_WRITER_MODULE)
		rc = mms_err_set(err, -EOPNOTSUPP, "the areas were read from vmallocinfo itself: %s",
				 strcmp(mms_source_name(c->source), "module") ? "load the module (mmscope load)" :
				 "the module does not see them on this kernel");
	if (!rc)
		rc = read_proc(&r->after, err);
	return rc == -EACCES || rc == -EPERM || rc == -ENOENT ? -EOPNOTSUPP : rc;
}

static const struct mms_area *area_at(const struct mms_vmalloc *v, uint64_t start)
{
	const struct mms_vm_entry *e = mms_vmalloc_find(v, start);

	return e && e->a.start == start ? &e->a : NULL;
}

static bool listed(const struct mms_vmalloc *v, const struct mms_area *a)
{
	const struct mms_area *b = area_at(v, a->start);

	return b && b->end == a->end;
}

static int compare_area(struct mms_check *c, const struct mms_check_row *row, const struct mms_area *ours,
			const struct mms_area *before, const struct mms_area *after)
{
	char where[32];
	int rc;

	snprintf(where, sizeof(where), "%#" PRIx64, ours->start);
	rc = mms_check_compare(c, row, where, "size", ours->end - ours->start, before->end - before->start,
			       after->end - after->start, 0);
	return rc ? rc : mms_check_compare(c, row, where, "pages", ours->pages, before->pages, after->pages, 0);
}

/* Areas of @v that were there the same all the time, but for the module's own buffer, which is made for each
 * reading: those that @other does not tell of. */
static uint64_t missing(const struct mms_vmalloc *v, const struct mms_vmalloc *again, const struct mms_vmalloc *other)
{
	uint64_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->area[i].same && !strstr(v->area[i].a.caller, "[mmscope]") && (!again || listed(again, &v->area[i].a)) && !listed(other, &v->area[i].a);
	return n;
}

/* (An area that one of them does not have was made or freed meanwhile, or is missing.) */
static int run_areas(struct mms_check *c, const struct mms_check_row *row)
{
	struct reading *r = c->ctx;
	int rc = mms_check_compare(c, row, "", "areas not told by the source", missing(&r->before, &r->after, &r->ours),
				   0, 0, 0);

	if (!rc)
		rc = mms_check_compare(c, row, "", "areas not in vmallocinfo", 0, missing(&r->ours, NULL, &r->before),
				       missing(&r->ours, NULL, &r->after), 0);
	for (size_t i = 0; !rc && i < r->ours.n; i++) {
		const struct mms_area *a = &r->ours.area[i].a;
		const struct mms_area *before = area_at(&r->before, a->start), *after = area_at(&r->after, a->start);

		if (before && after)
			rc = compare_area(c, row, a, before, after);
	}
	return rc;
}

static int run_guards(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_vmalloc *v = &((struct reading *)c->ctx)->ours;
	uint64_t absent = 0, judged = 0;

	if (!v->mapped)
		return mms_check_settle(c, row, "", "", MMS_CHECK_NA, "%s", v->no_map.text);
	for (size_t i = 0; i < v->n; i++) {
		absent += v->area[i].guard == MMS_GUARD_ABSENT;
		judged += v->area[i].guard == MMS_GUARD_ABSENT || v->area[i].guard == MMS_GUARD_MAPPED;
	}
	if (!judged)
		return mms_check_settle(c, row, "", "", MMS_CHECK_NA, "no area with a guard page stood still");
	return mms_check_compare(c, row, "", "guard pages", absent, judged, judged, 0);
}

static const struct mms_check_row rows[] = {
	{ "vmalloc.areas", "vmalloc areas", "/proc/vmallocinfo", "", "", run_areas, NULL },
	{ "vmalloc.guards", "not in the tables", "made with a guard", "", "", run_guards, NULL },
};

const struct mms_check_group mms_check_vmalloc = {
	.name = "vmalloc",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(*rows),
	.open = vmalloc_open,
	.close = vmalloc_close,
};
