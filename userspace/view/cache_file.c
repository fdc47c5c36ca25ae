// SPDX-License-Identifier: GPL-2.0
/* mmscope cache FILE: which parts are in memory, and who maps it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/lru.h"
#include "source/pid.h"
#include "util/text.h"
#include "view/cache.h"

enum { R_OFFSET, R_LENGTH, R_PFN, R_FLAGS, R_MAPS, R_MAX };

static const struct mms_column range_columns[] = {
	[R_OFFSET] = { "OFFSET", MMS_COL_HEX, true, false, false, "first byte in the file" },
	[R_LENGTH] = { "LENGTH", MMS_COL_SIZE, true, false, false, "how much from there on is in memory" },
	[R_PFN] = { "PFN", MMS_COL_HEX, true, false, false, "first frame, with --runs" },
	[R_FLAGS] = { "FLAGS", MMS_COL_STR, true, false, false, "of all its folios, with --runs: letters of mmscope lru" },
	[R_MAPS] = { "MAPS", MMS_COL_NUM, true, false, false, "page-table entries that map each folio, with --runs" },
};

enum { M_PID, M_COMM, M_MAX };

static const struct mms_column mapper_columns[] = {
	[M_PID] = { "PID", MMS_COL_NUM, true, false, false, "a process that maps the file" },
	[M_COMM] = { "COMM", MMS_COL_STR, true, false, false, "its name" },
};

int mms_cache_check_ranges(const struct mms_render *r, struct mms_err *err)
{
	struct mms_table *t = NULL;
	int rc = mms_table_new(&t, r, "ranges", range_columns, R_MAX, err);

	mms_table_free(t);
	return rc;
}

static int by_index(const void *a, const void *b)
{
	const struct mms_cache_run *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

/* Runs of this file alone, ascending; returns how many. */
static size_t own_runs(struct mms_cache_view *w, const struct mms_cached *c)
{
	size_t n = 0;

	for (size_t i = 0; c && i < w->cache.nruns; i++) {
		const struct mms_cache_run *r = &w->cache.runs[i];

		if (r->ino == c->f.ino && r->dev_major == c->f.dev_major &&
		    r->dev_minor == c->f.dev_minor)
			w->cache.runs[n++] = *r;
	}
	if (n)
		qsort(w->cache.runs, n, sizeof(*w->cache.runs), by_index);
	return n;
}

static int range_line(struct mms_table *t, const struct mms_cache_run *r, uint64_t pages, uint64_t page,
		      bool runs)
{
	struct mms_line *l = mms_table_line(t, NULL);
	char letters[16];

	if (!l)
		return -ENOMEM;
	mms_line_hex(t, l, R_OFFSET, r->index * page);
	mms_line_size(t, l, R_LENGTH, pages * page);
	if (!runs)
		return 0;
	mms_line_hex(t, l, R_PFN, r->pfn);
	mms_line_str(t, l, R_FLAGS, mms_folio_letters(r->flags, letters));
	if (r->mapcount != MMS_LRU_UNKNOWN)
		mms_line_num(t, l, R_MAPS, r->mapcount);
	return 0;
}

/* With @runs one line each, else adjacent ones are one. */
static int ranges(const struct mms_cache_view *w, size_t n, struct mms_table *t, bool runs)
{
	uint64_t page = 1ULL << (w->cache.page_shift & 31);
	const struct mms_cache_run *r = w->cache.runs;
	int rc = 0;

	for (size_t i = 0, j; !rc && i < n; i = j) {
		uint64_t pages = r[i].pages;

		for (j = i + 1; !runs && j < n && r[j].index <= r[i].index + pages; j++)
			if (r[j].index + r[j].pages > r[i].index + pages)
				pages = r[j].index + r[j].pages - r[i].index;
		rc = range_line(t, &r[i], pages, page, runs);
	}
	return rc;
}

static int mappers(const struct mms_cache_view *w, const struct mms_cached *c, struct mms_table *t)
{
	for (size_t i = 0; c && i < w->cache.nmappers; i++) {
		const struct mms_cache_mapper *m = &w->cache.mappers[i];
		struct mms_pid_stat st;
		struct mms_line *l;
		char comm[256];

		if (&w->cache.files[m->file] != c)
			continue;
		l = mms_table_line(t, NULL);
		if (!l)
			return -ENOMEM;
		mms_line_num(t, l, M_PID, m->pid);
		if (!mms_pid_stat_read("/proc", m->pid, &st, NULL))
			mms_line_str(t, l, M_COMM, mms_neutral(st.comm, comm, sizeof(comm)));
	}
	return 0;
}

static void put(struct mms_doc *d, bool text, const char *key, uint64_t bytes, bool first)
{
	char h[16];

	mms_doc_num(d, key, (int64_t)bytes);
	if (text)
		mms_doc_text(d, "%s%s %s", first ? "" : ", ", key, mms_human(bytes, h));
}

static void sums(const struct mms_cache_view *w, const struct mms_cached *c, struct mms_doc *d, bool text)
{
	uint64_t page = 1ULL << (w->cache.page_shift & 31);
	static const struct mms_cached none;
	const struct mms_cache_file *f = c ? &c->f : &none.f;
	char name[2 * PATH_MAX];

	mms_neutral(w->path, name, sizeof(name));
	mms_doc_str(d, "name", name);
	if (text)
		mms_doc_text(d, "%s: ", name);
	put(d, text, "cached", f->pages * page, true);
	if (!S_ISBLK(w->st.st_mode))
		put(d, text, "size", (uint64_t)w->st.st_size, false);
	if (!c || !c->partial || c->dirty_known) {
		put(d, text, "dirty", f->dirty * page, false);
		put(d, text, "writeback", f->writeback * page, false);
	}
	if (!c || !c->partial) {
		put(d, text, "active", f->active * page, false);
		put(d, text, "referenced", f->referenced * page, false);
	}
	if (!c || (!c->partial && !(f->flags & MMS_CACHE_F_MAPPED_PART)))
		put(d, text, "mapped", f->mapped * page, false);
	if (text)
		mms_doc_text(d, "\n");
}

static int tables(struct mms_cache_view *w, const struct mms_cached *c, const struct mms_render *r,
		  struct mms_doc *d, bool runs, struct mms_err *err)
{
	struct mms_render plain = *r;
	struct mms_table *t = NULL, *m = NULL;
	size_t n = own_runs(w, c);
	int rc = mms_table_new(&t, r, "ranges", range_columns, R_MAX, err);

	plain.columns = NULL;
	if (!rc && ranges(w, n, t, runs))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_doc_table(d, t, err);
	if (!rc && !r->no_headings) {
		mms_doc_text(d, "\n");
		rc = mms_table_new(&m, &plain, "mappers", mapper_columns, M_MAX, err);
		if (!rc && mappers(w, c, m))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
		if (!rc)
			rc = mms_doc_table(d, m, err);
	}
	mms_table_free(t);
	mms_table_free(m);
	return rc;
}

int mms_cache_show_file(struct mms_cache_view *w, const struct mms_render *r, bool runs,
			struct mms_err *err)
{
	const struct mms_cached *c = NULL;
	struct mms_doc *d = mms_doc_begin(r);
	int rc, end;

	if (!d)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (S_ISBLK(w->st.st_mode)) {
		for (size_t i = 0; !c && i < w->cache.n; i++) {
			const struct mms_cache_file *f = &w->cache.files[i].f;

			if (f->flags & MMS_CACHE_F_BDEV && f->dev_major == w->dev_major &&
			    f->dev_minor == w->dev_minor)
				c = &w->cache.files[i];
		}
	} else {
		c = mms_cache_find(&w->cache, w->dev_major, w->dev_minor, w->ino, false);
	}
	sums(w, c, d, !r->no_headings);
	rc = tables(w, c, r, d, runs, err);
	end = mms_doc_end(d, rc ? NULL : err);
	return rc ? rc : end;
}
