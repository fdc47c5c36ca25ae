// SPDX-License-Identifier: GPL-2.0
/* Tables, trees and their JSON, on libsmartcols. */
#include "render/table.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "render/json.h"
#include "util/text.h"

/**
 * struct mms_table - see table.h
 * @column: by index in @cols; NULL = not shown
 * @ascii: the locale is not UTF-8
 */
struct mms_table {
	struct libscols_table *scols;
	const struct mms_render *r;
	const struct mms_column *cols;
	size_t ncols;
	bool ascii;
	struct libscols_column *column[];
};

static struct libscols_line *to_scols(struct mms_line *l)
{
	return (struct libscols_line *)(void *)l;
}

static int unknown_column(const char *word, size_t len, const struct mms_column *cols,
			  size_t ncols, struct mms_err *err)
{
	char list[384] = "", bad[64], shown[96];
	size_t n = 0;

	snprintf(bad, sizeof(bad), "%.*s", (int)len, word);
	for (size_t i = 0; i < ncols && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? "," : "",
				      cols[i].name);
	return mms_err_set(err, -EINVAL, "unknown column '%s': the columns are %s",
			   mms_neutral(bad, shown, sizeof(shown)), list);
}

static unsigned int type_flags(const struct mms_column *c)
{
	unsigned int flags = 0;

	if (c->type == MMS_COL_NUM || c->type == MMS_COL_SIZE || c->type == MMS_COL_HEX)
		flags |= SCOLS_FL_RIGHT;
	if (c->tree)
		flags |= SCOLS_FL_TREE;
	if (c->trunc)
		flags |= SCOLS_FL_TRUNC;
	return flags;
}

static int add_column(struct mms_table *t, size_t i)
{
	const struct mms_column *c = &t->cols[i];

	if (t->column[i])	/* named twice */
		return 0;
	t->column[i] = scols_table_new_column(t->scols, c->name, 0, type_flags(c));
	if (!t->column[i])
		return -ENOMEM;
	/*
	 * libsmartcols writes a NUMBER as it is given, so every type comes
	 * ready as JSON, strings quoted by mms_json_string(): it has no other
	 * way to tell an empty string from an unknown one.
	 */
	return scols_column_set_json_type(t->column[i], SCOLS_JSON_NUMBER);
}

static int add_named(struct mms_table *t, const char *word, size_t len, struct mms_err *err)
{
	for (size_t i = 0; i < t->ncols; i++)
		if (strlen(t->cols[i].name) == len &&
		    !strncasecmp(t->cols[i].name, word, len))
			return add_column(t, i);
	return unknown_column(word, len, t->cols, t->ncols, err);
}

/* -o: "A,B" replaces the default columns, "+A,B" adds to them. */
static int choose_columns(struct mms_table *t, struct mms_err *err)
{
	const char *p = t->r->columns;
	int rc = 0;

	for (size_t i = 0; !rc && i < t->ncols && (!p || *p == '+'); i++)
		if (t->cols[i].shown)
			rc = add_column(t, i);
	if (!p)
		return rc;
	p += *p == '+';
	while (!rc) {
		size_t len = strcspn(p, ",");

		rc = add_named(t, p, len, err);
		if (!p[len])
			break;
		p += len + 1;
	}
	return rc;
}

static int set_up(struct mms_table *t, const char *name)
{
	bool tty = isatty(fileno(t->r->out));
	int rc;

	rc = scols_table_set_name(t->scols, name);
	if (!rc)
		rc = scols_table_enable_json(t->scols, t->r->json);
	if (!rc)
		rc = scols_table_enable_noheadings(t->scols, t->r->no_headings);
	/* It would escape the backslash of "\x1b" again, and miscount it. */
	if (!rc)
		rc = scols_table_enable_noencoding(t->scols, 1);
	if (!rc)
		rc = scols_table_set_termforce(t->scols, tty ? SCOLS_TERMFORCE_ALWAYS :
							       SCOLS_TERMFORCE_NEVER);
	if (!rc)
		rc = scols_table_set_stream(t->scols, t->r->out);
	return rc;
}

int mms_table_new(struct mms_table **out, const struct mms_render *r,
		  const char *name, const struct mms_column *cols,
		  size_t ncols, struct mms_err *err)
{
	struct mms_table *t = calloc(1, sizeof(*t) + ncols * sizeof(t->column[0]));
	int rc = -ENOMEM;

	*out = NULL;
	if (t)
		t->scols = scols_new_table();
	if (t && t->scols) {
		t->r = r;
		t->cols = cols;
		t->ncols = ncols;
		t->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
		rc = set_up(t, name);
		if (!rc)
			rc = choose_columns(t, err);
	}
	if (!rc) {
		*out = t;
		return 0;
	}
	mms_table_free(t);
	return rc == -EINVAL ? rc : mms_err_set(err, rc, "table '%s': %s", name, strerror(-rc));
}

void mms_table_free(struct mms_table *t)
{
	if (!t)
		return;
	scols_unref_table(t->scols);
	free(t);
}

struct mms_line *mms_table_line(struct mms_table *t, struct mms_line *parent)
{
	struct libscols_line *up = parent ? to_scols(parent) : NULL;

	return (struct mms_line *)(void *)scols_table_new_line(t->scols, up);
}

static void set_cell(struct mms_table *t, struct mms_line *l, size_t col, const char *data)
{
	if (l && t->column[col])
		scols_line_set_column_data(to_scols(l), t->column[col], data);
}

static char *json_quoted(const char *s)
{
	char *quoted = NULL;
	size_t size;
	FILE *f = open_memstream(&quoted, &size);

	if (!f)
		return NULL;
	mms_json_string(f, s);
	if (!fclose(f))
		return quoted;
	free(quoted);
	return NULL;
}

static char *ascii(const char *s)
{
	size_t size = strlen(s) * 4 + 1;
	char *out = malloc(size);

	if (out)
		mms_ascii(s, out, size);
	return out;
}

/* libsmartcols owns what it is given last: hand the copy over. */
void mms_line_str(struct mms_table *t, struct mms_line *l, size_t col, const char *s)
{
	char *copy = NULL;

	if (!l || !t->column[col] || !s)
		return;
	if (t->r->json)
		copy = json_quoted(s);
	else if (t->ascii)
		copy = ascii(s);
	set_cell(t, l, col, t->r->json || t->ascii ? copy : s);
	free(copy);
}

void mms_line_num(struct mms_table *t, struct mms_line *l, size_t col, int64_t v)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%" PRId64, v);
	set_cell(t, l, col, buf);
}

void mms_line_size(struct mms_table *t, struct mms_line *l, size_t col, uint64_t bytes)
{
	char buf[32], human[16];

	snprintf(buf, sizeof(buf), "%" PRIu64, bytes);
	set_cell(t, l, col, t->r->json || t->r->bytes ? buf : mms_human(bytes, human));
}

void mms_line_hex(struct mms_table *t, struct mms_line *l, size_t col, uint64_t v)
{
	char buf[32];

	snprintf(buf, sizeof(buf), t->r->json ? "\"0x%" PRIx64 "\"" : "0x%" PRIx64, v);
	set_cell(t, l, col, buf);
}

void mms_line_bool(struct mms_table *t, struct mms_line *l, size_t col, bool v)
{
	if (t->r->json)
		set_cell(t, l, col, v ? "true" : "false");
	else
		set_cell(t, l, col, v ? "yes" : "no");
}

/* A cell never set: "-" in a table; in JSON libsmartcols writes null. */
static int fill_unknown(struct mms_table *t)
{
	struct libscols_iter *it = scols_new_iter(SCOLS_ITER_FORWARD);
	struct libscols_line *line;

	if (!it)
		return -ENOMEM;
	while (!t->r->json && !scols_table_next_line(t->scols, it, &line))
		for (size_t i = 0; i < t->ncols; i++) {
			struct libscols_cell *c;

			if (!t->column[i])
				continue;
			c = scols_line_get_column_cell(line, t->column[i]);
			if (c && !scols_cell_get_data(c))
				scols_cell_set_data(c, "-");
		}
	scols_free_iter(it);
	return 0;
}

int mms_table_print(struct mms_table *t, struct mms_err *err)
{
	int rc = fill_unknown(t);

	errno = 0;
	if (!rc)
		rc = scols_print_table(t->scols);
	if (rc && !ferror(t->r->out))
		return mms_err_set(err, rc < 0 ? rc : -EIO, "printing a table: %s",
				   strerror(rc < 0 ? -rc : EIO));
	return mms_flush(t->r->out, err);
}

int mms_table_to_string(struct mms_table *t, char **out, struct mms_err *err)
{
	int rc = fill_unknown(t);

	*out = NULL;
	if (!rc)
		rc = scols_print_table_to_string(t->scols, out);
	if (rc || !*out)
		return mms_err_set(err, rc < 0 ? rc : -ENOMEM, "printing a table: %s",
				   strerror(rc < 0 ? -rc : ENOMEM));
	return 0;
}

const char *mms_human(uint64_t bytes, char buf[16])
{
	static const char units[] = "BKMGTPE";
	uint64_t whole = bytes, tenths = 0;
	unsigned int unit = 0;

	/* @whole.@tenths in the smallest unit that needs at most three digits. */
	while (whole > 999) {
		unsigned int shift = 10 * ++unit;
		uint64_t rest = bytes & ((1ULL << shift) - 1);

		whole = bytes >> shift;
		tenths = ((rest >> (shift - 10)) * 10 + 512) >> 10;
		if (whole > 9 ? rest >> (shift - 1) : tenths == 10) {
			whole++;
			tenths = 0;
		}
	}
	if (unit && whole < 10)
		snprintf(buf, 16, "%u.%u%c", (unsigned int)whole, (unsigned int)tenths,
			 units[unit]);
	else
		snprintf(buf, 16, "%u%c", (unsigned int)whole, units[unit]);
	return buf;
}

int mms_flush(FILE *out, struct mms_err *err)
{
	int rc;

	errno = 0;
	if (!fflush(out) && !ferror(out))
		return 0;
	rc = errno ? -errno : -EIO;
	return mms_err_set(err, rc, "writing output: %s", strerror(-rc));
}
