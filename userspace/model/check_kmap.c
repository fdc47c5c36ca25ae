// SPDX-License-Identifier: GPL-2.0
/* Rows kmap.*: the kernel's own page tables against what it counts of them. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/check.h"
#include "model/kmap.h"

/* struct reading - the direct map by the tables, and DirectMap* before and after */
struct reading {
	struct mms_direct_map before;
	struct mms_direct_map after;
};

static void kmap_close(struct mms_check *c)
{
	free(c->ctx);
}

static int kmap_open(struct mms_check *c, uint32_t pid, struct mms_err *err)
{
	struct reading *r = calloc(1, sizeof(*r));
	struct mms_kmap m = { 0 };
	char path[PATH_MAX];
	int rc;

	(void)pid;
	c->ctx = r;
	if (!r)
		return mms_err_set(err, -ENOMEM, "out of memory");
	snprintf(path, sizeof(path), "%s/meminfo", c->proc);
	if (c->frozen)
		return mms_err_set(err, -EOPNOTSUPP, "there is no /proc/meminfo beside a capture");
	rc = mms_direct_map_read(path, &r->before);
	if (!rc)
		rc = mms_kmap_take(&m, c->source, false, err);
	if (!rc)
		rc = mms_direct_map_compare(&m, path, &r->after);
	mms_kmap_free(&m);
	if (rc == -ENODATA)
		return mms_err_set(err, -EOPNOTSUPP, "%s has no DirectMap lines (they are x86's)", path);
	return rc;
}

static int run_direct(struct mms_check *c, const struct mms_check_row *row)
{
	const struct reading *r = c->ctx;
	const struct mms_direct_map *d = &r->after;
	const char *pmd = d->pmd_name && !strcmp(d->pmd_name, "4M") ? "DirectMap4M" : "DirectMap2M";
	const char *const names[] = { NULL, "DirectMap4k", pmd, "DirectMap1G" };
	int rc = 0;

	for (unsigned int i = 1; !rc && i <= 3; i++) {
		uint64_t off = d->ours[i] > d->theirs[i] ? d->ours[i] - d->theirs[i] : d->theirs[i] - d->ours[i];

		if (d->known[i])
			rc = mms_check_compare(c, row, "", names[i], d->ours[i], r->before.theirs[i], d->theirs[i],
					       d->explained ? off : 0);
	}
	return rc;
}

static const struct mms_check_row rows[] = {
	{ "kmap.direct", "direct map's pages", "DirectMap*", "split image pages",
	  "the kernel takes a large page of its image that is split for one of the direct map", run_direct, NULL },
};

const struct mms_check_group mms_check_kmap = {
	.name = "kmap",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(*rows),
	.open = kmap_open,
	.close = kmap_close,
};
