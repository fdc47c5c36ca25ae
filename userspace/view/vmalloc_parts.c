// SPDX-License-Identifier: GPL-2.0
/* mmscope vmalloc: users, holes, areas that wait for a purge, and one address. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "util/text.h"
#include "view/vmalloc.h"

static int finish(struct mms_vmalloc_view *w, struct mms_table *t, int rc, struct mms_err *err)
{
	rc = rc == -ENOMEM ? mms_err_set(err, rc, "out of memory") : rc;
	if (!rc)
		rc = mms_doc_table(w->doc, t, err);
	mms_table_free(t);
	return rc;
}

/* --- users --- */

enum { USER_USER, USER_AREAS, USER_SIZE, USER_PAGES, USER_MAPPED, USER_MAX };

static const struct mms_column user_columns[USER_MAX] = {
	[USER_USER] = { "USER", MMS_COL_STR, true, false, false, "what the areas are for" },
	[USER_AREAS] = { "AREAS", MMS_COL_NUM, true, false, false, "how many" },
	[USER_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "bytes of addresses" },
	[USER_PAGES] = { "PAGES", MMS_COL_NUM, true, false, false, "frames that they were made with" },
	[USER_MAPPED] = { "MAPPED", MMS_COL_SIZE, true, false, false, "memory that the tables map there" },
};

int mms_vmalloc_show_users(struct mms_vmalloc_view *w, struct mms_err *err)
{
	struct mms_vm_user *u;
	struct mms_table *t = NULL;
	size_t n;
	int rc = mms_table_new(&t, w->render, "users", user_columns, USER_MAX, err);

	if (rc)
		return rc;
	u = mms_vmalloc_users(&w->v, &n);
	if (!u && w->v.n)
		rc = -ENOMEM;
	for (size_t i = 0; !rc && i < n && i < w->top; i++) {
		struct mms_line *l = mms_table_line(t, NULL);

		if (!l) {
			rc = -ENOMEM;
			break;
		}
		mms_line_str(t, l, USER_USER, u[i].user);
		mms_line_num(t, l, USER_AREAS, (int64_t)u[i].areas);
		mms_line_size(t, l, USER_SIZE, u[i].sum.size);
		mms_line_num(t, l, USER_PAGES, (int64_t)u[i].sum.pages);
		if (w->v.mapped && !w->v.hidden)
			mms_line_size(t, l, USER_MAPPED, u[i].sum.frames * w->v.page_size);
	}
	free(u);
	return finish(w, t, rc, err);
}

/* --- holes --- */

enum { HOLE_START, HOLE_END, HOLE_SIZE, HOLE_SPACE, HOLE_MAX };

static const struct mms_column hole_columns[HOLE_MAX] = {
	[HOLE_START] = { "START", MMS_COL_HEX, true, false, false, "first address that no area has" },
	[HOLE_END] = { "END", MMS_COL_HEX, true, false, false, "where the next area begins, or the space ends" },
	[HOLE_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "bytes of addresses" },
	[HOLE_SPACE] = { "SPACE", MMS_COL_STR, true, false, false, "vmalloc; modules: addresses of their own" },
};

const char *mms_vmalloc_no_holes(const struct mms_vmalloc *v)
{
	if (v->hidden)
		return "/proc/vmallocinfo hides addresses (kernel.kptr_restrict=1 shows them to root)";
	if (!(v->space.known & MMS_VSPACE_K_BOUNDS))
		return "only the module tells where the space begins and ends (mmscope load)";
	if (v->lazy_writer == MMS_WRITER_UNKNOWN)
		return "lazily freed areas are not known, which are no holes";
	for (size_t i = 0; i < v->nlazy; i++)
		if (!(v->lazy[i].known & MMS_AREA_K_ADDRESS))
			return "/proc/vmallocinfo hides where lazily freed areas are (see kernel.kptr_restrict)";
	return NULL;
}

int mms_vmalloc_show_holes(struct mms_vmalloc_view *w, struct mms_err *err)
{
	const char *why = mms_vmalloc_no_holes(&w->v);
	struct mms_table *t = NULL;
	int rc;

	if (why)
		return mms_err_set(err, -EOPNOTSUPP, "holes are not known: %s", why);
	rc = mms_table_new(&t, w->render, "holes", hole_columns, HOLE_MAX, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < w->v.nholes && i < w->top; i++) {
		const struct mms_vm_hole *h = &w->v.hole[i];
		struct mms_line *l = mms_table_line(t, NULL);

		if (!l)
			return finish(w, t, -ENOMEM, err);
		mms_line_hex(t, l, HOLE_START, h->start);
		mms_line_hex(t, l, HOLE_END, h->end);
		mms_line_size(t, l, HOLE_SIZE, h->end - h->start);
		mms_line_str(t, l, HOLE_SPACE, h->modules ? "modules" : "vmalloc");
	}
	return finish(w, t, 0, err);
}

/* --- lazily freed --- */

enum { LAZY_ADDRESS, LAZY_END, LAZY_SIZE, LAZY_MAX };

static const struct mms_column lazy_columns[LAZY_MAX] = {
	[LAZY_ADDRESS] = { "ADDRESS", MMS_COL_HEX, true, false, false, "first address" },
	[LAZY_END] = { "END", MMS_COL_HEX, true, false, false, "behind the last" },
	[LAZY_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "bytes of addresses; neighbours are one" },
};

int mms_vmalloc_show_lazy(struct mms_vmalloc_view *w, struct mms_err *err)
{
	struct mms_table *t = NULL;
	int rc;

	if (w->v.lazy_writer == MMS_WRITER_UNKNOWN)
		return mms_err_set(err, -EOPNOTSUPP, "lazily freed areas are not known: %.300s", w->v.no_lazy.text);
	rc = mms_table_new(&t, w->render, "lazy", lazy_columns, LAZY_MAX, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < w->v.nlazy && i < w->top; i++) {
		const struct mms_vm_entry *e = &w->v.lazy[i];
		struct mms_line *l = mms_table_line(t, NULL);

		if (!l)
			return finish(w, t, -ENOMEM, err);
		if (e->known & MMS_AREA_K_ADDRESS) {
			mms_line_hex(t, l, LAZY_ADDRESS, e->a.start);
			mms_line_hex(t, l, LAZY_END, e->a.end);
		}
		mms_line_size(t, l, LAZY_SIZE, e->a.end - e->a.start);
	}
	return finish(w, t, 0, err);
}

/* --- one address --- */

static void hex(struct mms_vmalloc_view *w, const char *label, const char *key, uint64_t v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "0x%" PRIx64, v);
	mms_doc_text(w->doc, "%-10s %s\n", label, buf);
	mms_doc_str(w->doc, key, buf);
}

static void word(struct mms_vmalloc_view *w, const char *label, const char *key, const char *v)
{
	mms_doc_text(w->doc, "%-10s %s\n", label, v);
	mms_doc_str(w->doc, key, v);
}

static void show_frame(struct mms_vmalloc_view *w, uint64_t addr, const struct mms_kmap_run *run)
{
	uint64_t page = w->v.page_size;

	if (run)
		hex(w, "frame", "pfn", run->pfn + (addr - run->va) / page);
	else
		word(w, "frame", "frame", w->v.mapped ? "none: no frame of RAM is mapped there" :
							 w->v.no_map.text);
}

static void show_area(struct mms_vmalloc_view *w, const struct mms_vm_entry *e, uint64_t addr,
		      const struct mms_kmap_run *run)
{
	uint64_t page = w->v.page_size;
	bool in_guard = addr >= e->a.end - page && mms_vmalloc_has_guard(e, page) == MMS_GUARD_ABSENT;
	const char *guard = mms_guard_name(e->guard);
	char text[128], caller[256], user[MMS_VM_USER_MAX], h[16];

	hex(w, "area", "area", e->a.start);
	hex(w, "end", "end", e->a.end);
	snprintf(text, sizeof(text), "0x%" PRIx64 " (page %" PRIu64 " of %" PRIu64 ")", addr - e->a.start,
		 (addr - e->a.start) / page, (e->a.end - e->a.start) / page);
	mms_doc_text(w->doc, "%-10s %s\n", "offset", text);
	mms_doc_num(w->doc, "offset", (int64_t)(addr - e->a.start));
	mms_doc_text(w->doc, "%-10s %s, %" PRIu64 " pages\n", "size", mms_human(e->a.end - e->a.start, h), e->a.pages);
	mms_doc_num(w->doc, "size", (int64_t)(e->a.end - e->a.start));
	mms_doc_num(w->doc, "pages", (int64_t)e->a.pages);
	word(w, "kind", "kind", mms_area_kind_name(e->a.kind));
	word(w, "user", "user", mms_vmalloc_user(&e->a, user));
	word(w, "caller", "caller", e->a.caller[0] ? mms_neutral(e->a.caller, caller, sizeof(caller)) : "not known");
	word(w, "guard", "guard", guard ? guard : "not known");
	if (in_guard)
		word(w, "address", "address", "is in the guard page: nothing may be mapped there");
	if (!run && e->a.kind == MMS_AREA_KIND_IOREMAP && e->known & MMS_AREA_K_PHYS)
		hex(w, "device at", "phys", e->phys + (addr - e->a.start) / page * page);
	else if (!in_guard || run)
		show_frame(w, addr, run);
}

static int show_found(struct mms_vmalloc_view *w, uint64_t addr, const struct mms_kmap_run *run,
		      struct mms_err *err)
{
	const struct mms_vm_entry *e = mms_vmalloc_find(&w->v, addr);
	char h[16];

	if (e) {
		show_area(w, e, addr, run);
		return 0;
	}
	for (size_t i = 0; i < w->v.nlazy; i++)
		if (w->v.lazy[i].known & MMS_AREA_K_ADDRESS && addr >= w->v.lazy[i].a.start &&
		    addr < w->v.lazy[i].a.end) {
			hex(w, "area", "area", w->v.lazy[i].a.start);
			hex(w, "end", "end", w->v.lazy[i].a.end);
			word(w, "state", "state", "freed, waits for a purge");
			show_frame(w, addr, run);
			return 0;
		}
	for (size_t i = 0; i < w->v.nholes; i++)
		if (addr >= w->v.hole[i].start && addr < w->v.hole[i].end)
			return mms_err_set(err, -ENOENT,
					   "0x%" PRIx64 ": no area has it: it is in a hole of %s, 0x%" PRIx64 " to 0x%" PRIx64,
					   addr, mms_human(w->v.hole[i].end - w->v.hole[i].start, h),
					   w->v.hole[i].start, w->v.hole[i].end);
	return mms_err_set(err, -ENOENT, "0x%" PRIx64 ": no area of vmalloc space has it%s", addr,
			   w->v.space.known & MMS_VSPACE_K_BOUNDS ? ": it is outside that space" : "");
}

struct lookup {
	uint64_t addr, page_size;
	bool found;
	struct mms_kmap_run run;
};

static int find_header(void *ctx, const struct mms_stream_header *h)
{
	((struct lookup *)ctx)->page_size = 1ULL << (h->page_shift & 31);
	return 0;
}

static int find_run(void *ctx, const struct mms_record *rec)
{
	const struct mms_kmap_run *k = (const void *)rec;
	struct lookup *l = ctx;

	if (rec->type == MMS_REC_KMAP_RUN && k->class != MMS_FRAME_KPGTABLE && l->addr >= k->va &&
	    (l->addr - k->va) / l->page_size < k->count) {
		l->run = *k;
		l->found = true;
	}
	return 0;
}

int mms_vmalloc_show_address(struct mms_vmalloc_view *w, struct mms_source *s, uint64_t addr, struct mms_err *err)
{
	struct lookup l = { .addr = addr };
	struct mms_handler h = { .header = find_header, .record = find_run, .ctx = &l };
	struct mms_request req = { .size = sizeof(req) };

	if (w->v.n && w->v.hidden == w->v.n)
		return mms_err_set(err, -EOPNOTSUPP, "which area has an address is not known: %s", w->v.no_map.text);
	if (w->v.mapped && mms_source_stream(s, MMS_KIND_KMAP, &req, &h, err) == -ENOMEM)
		return mms_err_set(err, -ENOMEM, "out of memory");
	return show_found(w, addr, l.found ? &l.run : NULL, err);
}
