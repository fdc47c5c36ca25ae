// SPDX-License-Identifier: GPL-2.0
/* Reads the processes whose page tables are to be joined: those asked for, and all others. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/share_gather.h"
#include "util/parse.h"

static bool is_asked(const struct mms_share_gather *g, uint32_t pid)
{
	for (size_t i = 0; i < g->npids; i++)
		if (g->pids[i] == pid)
			return true;
	return false;
}

int mms_share_gather_pids(struct mms_share_gather *g, int n, char **words, struct mms_err *err)
{
	g->pids = calloc((size_t)n + 1, sizeof(*g->pids));
	if (!g->pids)
		return mms_err_set(err, -ENOMEM, "out of memory");
	for (int i = 0; i < n; i++) {
		uint32_t pid;
		int rc = mms_parse_pid(words[i], &pid, err);

		if (rc)
			return rc;
		/* Twice the same PID shares nothing with itself. */
		if (!is_asked(g, pid))
			g->pids[g->npids++] = pid;
	}
	return 0;
}

static int take(struct mms_share_gather *g, uint32_t pid, bool asked, struct mms_err *err)
{
	unsigned int want = MMS_SNAP_VMA | MMS_SNAP_EXTENTS;
	struct mms_snapshot *snap;
	int rc;

	if (asked)
		want |= MMS_SNAP_TASK | (g->usage ? MMS_SNAP_USAGE : 0);
	rc = mms_snapshot_take(&snap, g->source, pid, want, err);
	if (rc)
		return rc;
	if (!(snap->have & MMS_SNAP_EXTENTS)) {
		rc = mms_err_set(err, -EOPNOTSUPP, "%s", snap->missing_extents.text);
		mms_snapshot_free(snap);
		return rc;
	}
	if (mms_share_add(&g->share, snap, pid, asked))
		return mms_err_set(err, -ENOMEM, "out of memory");
	g->counted++;
	return 0;
}

int mms_share_gather_asked(struct mms_share_gather *g, struct mms_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < g->npids; i++)
		rc = take(g, g->pids[i], true, err);
	return rc;
}

/* struct others - @err is where the caller of mms_source_pids() wants it */
struct others {
	struct mms_share_gather *g;
	struct mms_err *err;
};

static int take_other(void *ctx, uint32_t pid)
{
	struct others *o = ctx;
	struct mms_err err = { "" };
	int rc;

	if (is_asked(o->g, pid))
		return 0;
	rc = take(o->g, pid, !o->g->npids, &err);
	if (rc == -ENOMEM)
		return mms_err_set(o->err, rc, "%s", err.text);
	if (rc && rc != -ESRCH && rc != -ENXIO && rc != -ENODATA)
		mms_err_set(&o->g->no_counts, rc, "not every process could be read: %.400s", err.text);
	return 0;
}

int mms_share_gather_others(struct mms_share_gather *g, struct mms_err *err)
{
	struct others o = { g, err };

	return mms_source_pids(g->source, take_other, &o, err);
}

void mms_share_gather_free(struct mms_share_gather *g)
{
	mms_share_free(&g->share);
	free(g->pids);
	g->pids = NULL;
	g->npids = 0;
}
