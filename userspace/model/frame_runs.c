// SPDX-License-Identifier: GPL-2.0
#include "model/frame_runs.h"

#include <errno.h>

/**
 * struct answer - a stream of FRAMES
 * @next: where the next run begins
 * @whole: it came to its end
 * @bad: a run out of order, or of no zone
 */
struct answer {
	mms_frame_run_fn fn;
	void *ctx;
	uint64_t next;
	bool whole;
	bool bad;
};

static int on_run(void *ctx, const struct mms_record *rec)
{
	const struct mms_frame_run *r = (const void *)rec;
	struct answer *a = ctx;

	if (rec->type != MMS_REC_FRAME_RUN)
		return 0;
	a->bad = r->pfn != a->next || r->pfn + r->count < r->pfn || r->zone >= __MMS_ZONE_MAX;
	if (a->bad)
		return -EBADMSG;
	a->next += r->count;
	a->fn(a->ctx, r);
	return 0;
}

static int on_end(void *ctx, const struct mms_trailer *t)
{
	((struct answer *)ctx)->whole = t->end == MMS_END_COMPLETE;
	return 0;
}

int mms_frame_runs(struct mms_source *source, uint64_t start, uint64_t end, uint32_t flags,
		   mms_frame_run_fn fn, void *ctx, uint64_t *told, struct mms_err *err)
{
	struct answer a = { .fn = fn, .ctx = ctx, .next = start };
	struct mms_handler h = { .record = on_run, .trailer = on_end, .ctx = &a };
	struct mms_request req = { .size = sizeof(req), .flags = flags, .start = start, .end = end };
	int rc = mms_source_stream(source, MMS_KIND_FRAMES, &req, &h, err);

	if (told)
		*told = a.next < end ? a.next : end;
	if (a.bad)
		return mms_err_set(err, -EBADMSG, "runs of frames come out of order: damaged stream");
	if (rc >= 0 && (!a.whole || a.next < end))
		return mms_err_set(err, -EAGAIN, "the stream of frames ended early");
	return rc;
}
