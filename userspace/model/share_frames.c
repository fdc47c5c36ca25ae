// SPDX-License-Identifier: GPL-2.0
/* Asks the module for the classes of frames, and keeps those of one window. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/share_frames.h"

/**
 * struct answer - a stream of FRAMES
 * @next: no run may begin before it
 * @whole: it came to its end
 * @bad: runs out of order
 */
struct answer {
	struct mms_share_frames *f;
	uint64_t next;
	bool whole;
	bool bad;
};

static int on_run(void *ctx, const struct mms_record *rec)
{
	const struct mms_frame_run *r = (const void *)rec;
	struct answer *a = ctx;
	uint64_t last = a->f->first + MMS_SHARE_WINDOW, end = r->pfn + r->count;

	if (rec->type != MMS_REC_FRAME_RUN)
		return 0;
	if (r->pfn != a->next || end < r->pfn) {
		a->bad = true;
		return -EBADMSG;
	}
	for (a->next = r->pfn; a->next < end && a->next < last; a->next++)
		a->f->class[a->next - a->f->first] = r->class < __MMS_FRAME_MAX ? (uint8_t)r->class : MMS_FRAME_UNKNOWN;
	a->next = end;
	return 0;
}

static int on_end(void *ctx, const struct mms_trailer *t)
{
	((struct answer *)ctx)->whole = t->end == MMS_END_COMPLETE;
	return 0;
}

/* The window from @pfn up to @end; what came of it is kept if the rest does not come. */
static int ask(struct mms_share_frames *f, uint64_t pfn, uint64_t end, struct mms_err *err)
{
	struct answer a = { .f = f, .next = pfn };
	struct mms_handler h = { .record = on_run, .trailer = on_end, .ctx = &a };
	struct mms_request req = { .size = sizeof(req), .start = pfn, .end = end };
	int rc;

	f->first = pfn;
	rc = mms_source_stream(f->source, MMS_KIND_FRAMES, &req, &h, err);
	f->n = (a.next < end ? a.next : end) - pfn;
	if (a.bad)
		return mms_err_set(err, -EBADMSG, "runs of frames come out of order: damaged stream");
	if (!rc && (!a.whole || a.next < end))
		return mms_err_set(err, -EAGAIN, "the stream of frames ended early");
	return rc;
}

struct mms_share_frames *mms_share_frames_new(struct mms_source *source, struct mms_err *err)
{
	struct mms_share_frames *f = calloc(1, sizeof(*f));

	if (!f) {
		mms_err_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	f->source = source;
	if (ask(f, 0, 1, err)) {
		free(f);
		return NULL;
	}
	return f;
}

/* Where a stream ends early the next one may get on; where it does not begin, none will. */
static void fill(struct mms_share_frames *f, uint64_t pfn, uint64_t end)
{
	struct mms_err why = { "" };

	if (end - pfn > MMS_SHARE_WINDOW)
		end = pfn + MMS_SHARE_WINDOW;
	if (ask(f, pfn, end, &why) && !f->n)
		f->why = why;
}

void mms_share_frames_read(struct mms_share_frames *f, uint64_t pfn, size_t n, uint64_t end,
			   uint8_t *class)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t at = pfn + i;

		if ((at < f->first || at - f->first >= f->n) && !f->why.text[0])
			fill(f, at, end > pfn + n ? end : pfn + n);
		class[i] = at >= f->first && at - f->first < f->n ? f->class[at - f->first] : MMS_SHARE_UNTOLD;
	}
}
