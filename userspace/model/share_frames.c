// SPDX-License-Identifier: GPL-2.0
/* Asks the module for the classes of frames, and keeps those of one window. */
#include <errno.h>
#include <stdlib.h>

#include "model/frame_runs.h"
#include "model/share_frames.h"

static void on_run(void *ctx, const struct mms_frame_run *r)
{
	struct mms_share_frames *f = ctx;
	uint64_t last = f->first + MMS_SHARE_WINDOW;
	uint64_t end = r->pfn + r->count < last ? r->pfn + r->count : last;

	for (uint64_t pfn = r->pfn; pfn < end; pfn++)
		f->class[pfn - f->first] = r->class < __MMS_FRAME_MAX ? (uint8_t)r->class : MMS_FRAME_UNKNOWN;
}

/* The window from @pfn up to @end; what came of it is kept if the rest does not come. */
static int ask(struct mms_share_frames *f, uint64_t pfn, uint64_t end, struct mms_err *err)
{
	uint64_t told;
	int rc;

	f->first = pfn;
	rc = mms_frame_runs(f->source, pfn, end, 0, on_run, f, &told, err);
	f->n = told - pfn;
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
