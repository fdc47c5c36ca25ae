// SPDX-License-Identifier: GPL-2.0
/* A census from a source's streams: owners first, as they say what runs alone do not tell. */
#include "model/census_take.h"

#include <errno.h>

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	struct mms_taking *t = ctx;

	t->page_shift = h->page_shift;
	t->writer = h->writer;
	return 0;
}

static int take_run(void *ctx, const struct mms_record *rec)
{
	struct mms_taking *t = ctx;

	if (rec->type != MMS_REC_FRAME_RUN)
		return 0;
	if (t->each)
		t->each(t->ctx, (const void *)rec);
	return mms_census_run(t->census, (const void *)rec);
}

static int take_claim(void *ctx, const struct mms_record *rec)
{
	const struct mms_kmap_run *k = (const void *)rec;
	const struct mms_owner_run *o = (const void *)rec;
	struct mms_taking *t = ctx;

	if (rec->type == MMS_REC_KMAP_RUN)
		return mms_census_claim(t->census, k->pfn, k->count, k->class);
	if (rec->type == MMS_REC_OWNER_RUN)
		return mms_census_claim(t->census, o->pfn, o->count, o->class);
	return 0;
}

static int ask(struct mms_taking *t, struct mms_source *s, enum mms_kind kind, struct mms_err *err)
{
	bool frames = kind == MMS_KIND_FRAMES;
	struct mms_request req = { .size = sizeof(req), .flags = frames ? t->flags : 0 };
	struct mms_handler h = {
		.header = frames ? take_header : NULL,
		.record = frames ? take_run : take_claim, .ctx = t,
	};
	int rc = mms_source_stream(s, kind, &req, &h, err);

	return rc == -ENOMEM ? mms_err_set(err, rc, "out of memory") : rc;
}

int mms_census_take(struct mms_taking *t, struct mms_source *s, struct mms_err *err)
{
	static const enum mms_kind owners[] = { MMS_KIND_KMAP, MMS_KIND_OWNERS };
	struct mms_err why = { "" };
	int rc = 0;

	for (size_t i = 0; i < sizeof(owners) / sizeof(*owners) && !rc; i++) {
		rc = ask(t, s, owners[i], &why);
		if (rc == -EOPNOTSUPP || rc == -ENODATA || rc == -ENOENT) {
			t->no_owners = why;
			rc = 0;
		}
	}
	if (rc) {
		*err = why;
		return rc;
	}
	mms_census_ready(t->census);
	rc = ask(t, s, MMS_KIND_FRAMES, err);
	if (!rc && mms_census_end(t->census))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc && t->census->gap)
		rc = mms_err_set(err, -EBADMSG, "frames were left out, or told twice: the stream is damaged");
	return rc;
}
