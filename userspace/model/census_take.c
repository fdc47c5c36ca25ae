// SPDX-License-Identifier: GPL-2.0
/* A census from a source's streams: areas and owners first, as they say what runs alone do not tell. */
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

static int take_trailer(void *ctx, const struct mms_trailer *tr)
{
	struct mms_taking *t = ctx;

	t->moved = tr->torn;
	return 0;
}

static int take_claim(void *ctx, const struct mms_record *rec)
{
	const struct mms_owner_run *o = (const void *)rec;
	struct mms_taking *t = ctx;

	if (rec->type == MMS_REC_VMALLOC_AREA)
		return mms_areas_add(&t->areas, (const void *)rec);
	if (rec->type == MMS_REC_KMAP_RUN)
		return mms_areas_run(&t->areas, t->areas_only ? NULL : t->census, (const void *)rec,
				     1ULL << t->page_shift);
	if (rec->type == MMS_REC_OWNER_RUN)
		return mms_census_claim(t->census, o->pfn, o->count, o->class);
	return 0;
}

static int ask(struct mms_taking *t, struct mms_source *s, enum mms_kind kind, struct mms_err *err)
{
	bool frames = kind == MMS_KIND_FRAMES;
	struct mms_request req = { .size = sizeof(req), .flags = frames ? t->flags : 0 };
	struct mms_handler h = {
		.header = take_header, .record = frames ? take_run : take_claim,
		.trailer = frames ? take_trailer : NULL, .ctx = t,
	};
	int rc = mms_source_stream(s, kind, &req, &h, err);

	return rc == -ENOMEM ? mms_err_set(err, rc, "out of memory") : rc;
}

/* May the answer be left out, since nobody here can give it? */
static bool left_out(int rc)
{
	return rc == -EOPNOTSUPP || rc == -ENODATA || rc == -ENOENT;
}

/* Which areas there are of vmalloc space: before the frames that are mapped in them. */
static int take_areas(struct mms_taking *t, struct mms_source *s, struct mms_err *err)
{
	struct mms_err why = { "" };
	int rc = ask(t, s, MMS_KIND_VMALLOC, &why);

	if (rc && (t->areas_only || !left_out(rc)))
		return mms_err_set(err, rc, "%.480s", why.text);
	if (rc)
		t->no_areas = why;
	t->areas_writer = t->writer;
	mms_areas_ready(&t->areas);
	return 0;
}

/* Who owns the frames that are nobody's by themselves. */
static int take_owners(struct mms_taking *t, struct mms_source *s, struct mms_err *err)
{
	static const enum mms_kind owners[] = { MMS_KIND_KMAP, MMS_KIND_OWNERS };
	size_t n = t->areas_only ? 1 : sizeof(owners) / sizeof(*owners);

	for (size_t i = 0; i < n; i++) {
		struct mms_err why = { "" };
		int rc = ask(t, s, owners[i], &why);

		if (left_out(rc))
			t->no_owners = why;
		else if (rc)
			return mms_err_set(err, rc, "%.480s", why.text);
	}
	return 0;
}

int mms_census_take(struct mms_taking *t, struct mms_source *s, struct mms_err *err)
{
	int rc = take_areas(t, s, err);

	if (!rc)
		rc = take_owners(t, s, err);
	if (rc || t->areas_only)
		return rc;
	mms_census_ready(t->census);
	rc = ask(t, s, MMS_KIND_FRAMES, err);
	if (!rc && mms_census_end(t->census))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc && t->census->gap)
		rc = mms_err_set(err, -EBADMSG, "frames were left out, or told twice: the stream is damaged");
	return rc;
}

void mms_taking_free(struct mms_taking *t)
{
	mms_areas_free(&t->areas);
}
