// SPDX-License-Identifier: GPL-2.0
/* A document of several tables: one after the other, or one JSON object. */
#include "render/table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "render/json.h"

/**
 * struct mms_doc - see table.h
 * @parts: members written so far
 * @error: the first -errno, reported at the end
 */
struct mms_doc {
	const struct mms_render *r;
	unsigned int parts;
	int error;
};

struct mms_doc *mms_doc_begin(const struct mms_render *r)
{
	struct mms_doc *d = calloc(1, sizeof(*d));

	if (d)
		d->r = r;
	return d;
}

static void next_part(struct mms_doc *d)
{
	fputs(d->parts++ ? ",\n" : "{\n", d->r->out);
}

/* A table prints itself as '{ "name": [ ... ] }': what is between the braces. */
static void put_inner(struct mms_doc *d, const char *json)
{
	const char *open = strchr(json, '{'), *close = strrchr(json, '}');

	if (!open || !close)
		return;
	open++;
	while (*open == '\n')
		open++;
	while (close > open && close[-1] == '\n')
		close--;
	next_part(d);
	fwrite(open, 1, (size_t)(close - open), d->r->out);
}

int mms_doc_table(struct mms_doc *d, struct mms_table *t, struct mms_err *err)
{
	char *json = NULL;
	int rc;

	if (!d->r->json) {
		rc = mms_table_print(t, err);
	} else {
		rc = mms_table_to_string(t, &json, err);
		if (!rc)
			put_inner(d, json);
		free(json);
	}
	if (rc && !d->error)
		d->error = rc;
	return rc;
}

void mms_doc_text(struct mms_doc *d, const char *fmt, ...)
{
	va_list ap;

	if (d->r->json)
		return;
	va_start(ap, fmt);
	vfprintf(d->r->out, fmt, ap);
	va_end(ap);
}

void mms_doc_num(struct mms_doc *d, const char *key, int64_t v)
{
	if (!d->r->json)
		return;
	next_part(d);
	fputs("   ", d->r->out);
	mms_json_string(d->r->out, key);
	fprintf(d->r->out, ": %" PRId64, v);
}

void mms_doc_str(struct mms_doc *d, const char *key, const char *v)
{
	if (!d->r->json)
		return;
	next_part(d);
	fputs("   ", d->r->out);
	mms_json_string(d->r->out, key);
	fputs(": ", d->r->out);
	if (v)
		mms_json_string(d->r->out, v);
	else
		fputs("null", d->r->out);
}

int mms_doc_end(struct mms_doc *d, struct mms_err *err)
{
	FILE *out = d->r->out;
	int rc = d->error;

	if (d->r->json)
		fputs(d->parts ? "\n}\n" : "{}\n", out);
	free(d);
	return rc ? rc : mms_flush(out, err);
}
