// SPDX-License-Identifier: GPL-2.0
/* mmscope slab ADDRESS, PID:TYPE: which cache, slab, object; mmscope slab --explain. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "util/text.h"
#include "view/slab.h"

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum { AT_ADDRESS, AT_TYPE, AT_WHAT, AT_CACHE, AT_SLAB, AT_OBJECT, AT_INDEX, AT_OFFSET, AT_STATE, AT_MAX };

static const struct mms_column columns[AT_MAX] = {
	[AT_ADDRESS]	= C("ADDRESS", HEX, true, ""),
	[AT_TYPE]	= C("TYPE", STR, true, ""),
	[AT_WHAT]	= C("WHAT", STR, true, ""),
	[AT_CACHE]	= C("CACHE", STR, true, ""),
	[AT_SLAB]	= C("SLAB", HEX, false, ""),
	[AT_OBJECT]	= C("OBJECT", HEX, false, ""),
	[AT_INDEX]	= C("INDEX", NUM, true, ""),
	[AT_OFFSET]	= C("OFFSET", NUM, true, ""),
	[AT_STATE]	= C("STATE", STR, true, ""),
};

static const char *const roles[] = {
	[MMS_SLABR_NONE] = "", [MMS_SLABR_TASK] = "task_struct", [MMS_SLABR_MM] = "mm_struct",
	[MMS_SLABR_FILES] = "files_struct", [MMS_SLABR_FS] = "fs_struct", [MMS_SLABR_SIGNAL] = "signal_struct",
	[MMS_SLABR_SIGHAND] = "sighand_struct", [MMS_SLABR_CRED] = "cred",
};

#define ROLES	(sizeof(roles) / sizeof(*roles))

static const char *const whats[] = {
	[MMS_SLABW_UNKNOWN] = "unknown", [MMS_SLABW_OBJECT] = "object", [MMS_SLABW_META] = "padding",
	[MMS_SLABW_REDZONE] = "red zone", [MMS_SLABW_SLACK] = "slack", [MMS_SLABW_LARGE] = "large kmalloc",
	[MMS_SLABW_NO_SLAB] = "no slab", [MMS_SLABW_NO_PAGE] = "no page of RAM", [MMS_SLABW_KFENCE] = "KFENCE",
	[MMS_SLABW_PAGES] = "pages",
};

#define WHATS	(sizeof(whats) / sizeof(*whats))

/* struct found - answers, @role = 0: all that come */
struct found {
	struct mms_slab_view *v;
	struct mms_table *t;
	uint32_t role;
	unsigned int n;
	struct mms_slab_object o;
	char name[128];
	bool no_memory;
};

static bool in_slab(const struct mms_slab_object *o)
{
	return o->what == MMS_SLABW_OBJECT || o->what == MMS_SLABW_META || o->what == MMS_SLABW_REDZONE;
}

static int take_object(void *ctx, const struct mms_record *rec)
{
	const struct mms_slab_object *o = (const void *)rec;
	struct found *f = ctx;
	struct mms_line *l;

	if (rec->type != MMS_REC_SLAB_OBJECT || (f->role && o->role != f->role))
		return 0;
	f->n++;
	f->o = *o;
	mms_neutral(o->name_len ? (const char *)(o + 1) : "", f->name, sizeof(f->name));
	l = mms_table_line(f->t, NULL);
	f->no_memory = !l;
	if (!l)
		return -ENOMEM;
	mms_line_hex(f->t, l, AT_ADDRESS, o->address);
	if (o->role && o->role < ROLES)
		mms_line_str(f->t, l, AT_TYPE, roles[o->role]);
	mms_line_str(f->t, l, AT_WHAT, o->what < WHATS ? whats[o->what] : "unknown");
	if (f->name[0])
		mms_line_str(f->t, l, AT_CACHE, f->name);
	if (o->slab)
		mms_line_hex(f->t, l, AT_SLAB, o->slab);
	if (in_slab(o)) {
		mms_line_hex(f->t, l, AT_OBJECT, o->object);
		mms_line_num(f->t, l, AT_INDEX, o->index);
		if (o->what != MMS_SLABW_REDZONE)
			mms_line_num(f->t, l, AT_OFFSET, o->into);
		if (o->state_known)
			mms_line_str(f->t, l, AT_STATE, mms_slab_state_name(o->state, o->state_known == 2));
	}
	return 0;
}

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	struct found *f = ctx;

	f->v->list.page_shift = h->page_shift;
	return 0;
}

static int ask(struct found *f, uint32_t flag, uint64_t start, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req), .flags = flag, .start = start };
	struct mms_handler h = { .header = take_header, .record = take_object, .ctx = f };
	int rc = mms_table_new(&f->t, &f->v->render, "objects", columns, AT_MAX, err);

	if (!rc)
		rc = mms_source_stream(f->v->source, MMS_KIND_SLAB, &req, &h, err);
	if (f->no_memory)
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	return rc;
}

static void say(struct mms_slab_view *v, const struct found *f)
{
	const struct mms_slab_object *o = &f->o;

	if (in_slab(o))
		mms_doc_text(v->doc, "byte %u of object %u of %u in slab 0x%" PRIx64 " of %s (%u bytes, %u apart)\n",
			     o->into, o->index, o->objects, (uint64_t)o->slab, f->name, o->object_size, o->size);
	else if (o->what == MMS_SLABW_LARGE)
		mms_doc_text(v->doc, "byte %u of %u that kmalloc() took as whole pages\n", o->into, o->size);
}

/* Why @addr is in no slab, where it is not. */
static int refuse(const struct mms_slab_view *v, const struct mms_slab_object *o, uint64_t addr, struct mms_err *err)
{
	unsigned int order = 0;

	if (in_slab(o) || o->what == MMS_SLABW_LARGE || o->what == MMS_SLABW_SLACK)
		return 0;
	if (o->what != MMS_SLABW_PAGES)
		return mms_err_set(err, -ENOENT, "0x%" PRIx64 " is in no slab: %s", addr,
				   o->what < WHATS ? whats[o->what] : "unknown");
	while (order < 31 && (1ULL << (v->list.page_shift + order)) < o->size)
		order++;
	return mms_err_set(err, -ENOENT,
			   "0x%" PRIx64 " is in no slab: byte %u of %u from the page allocator, a compound page of order %u\n(a kmalloc() of more than %llu bytes looks so before 6.14)",
			   addr, o->into, o->size, order, 2ULL << v->list.page_shift);
}

int mms_slab_show_address(struct mms_slab_view *v, uint64_t addr, struct mms_err *err)
{
	struct found f = { .v = v };
	int rc;

	/* (a request ends behind its start) */
	if (addr == UINT64_MAX)
		return mms_err_set(err, -ENOENT, "0x%" PRIx64 " is in no slab: %s", addr, whats[MMS_SLABW_NO_PAGE]);
	rc = ask(&f, MMS_REQ_SLAB_ADDR, addr, err);

	if (!rc)
		rc = mms_doc_table(v->doc, f.t, err);
	if (!rc && !v->render.no_headings)
		say(v, &f);
	mms_table_free(f.t);
	return rc ? rc : refuse(v, &f.o, addr, err);
}

int mms_slab_show_task(struct mms_slab_view *v, const char *arg, struct mms_err *err)
{
	struct found f = { .v = v };
	const char *type = strchr(arg, ':') + 1;
	char digits[16];
	uint32_t pid;
	int rc;

	snprintf(digits, sizeof(digits), "%.*s", (int)(type - 1 - arg), arg);
	rc = mms_parse_pid((size_t)(type - 1 - arg) < sizeof(digits) ? digits : "?", &pid, err);
	if (rc)
		return rc;
	for (uint32_t i = 1; i < ROLES; i++)
		if (!strcmp(type, roles[i]))
			f.role = i;
	if (*type && !f.role)
		return mms_err_set(err, -EINVAL, "%.32s: not a type that is known here: see mmscope slab --help", type);
	rc = ask(&f, MMS_REQ_SLAB_TASK, pid, err);
	if (rc == -ESRCH)
		mms_err_set(err, rc, "PID %u: there is no such process", pid);
	if (!rc && !f.n)
		rc = mms_err_set(err, -ENOENT, "PID %u has no %s (a kernel thread, or it has exited)", pid,
				 f.role ? roles[f.role] : "object");
	if (!rc)
		rc = mms_doc_table(v->doc, f.t, err);
	mms_table_free(f.t);
	return rc;
}

/* --- size classes --- */

static const char *const prefixes[] = { "kmalloc-", "kmalloc-cg-", "kmalloc-rcl-", "dma-kmalloc-" };

enum { CL_SIZE, CL_PER_SLAB, CL_OBJECTS, CL_MEMORY, CL_LEAST, CL_WORST, CL_NAME, CL_MAX };

static const struct mms_column class_columns[CL_MAX] = {
	[CL_SIZE]	= C("SIZE", NUM, true, ""),
	[CL_PER_SLAB]	= C("PER_SLAB", NUM, true, ""),
	[CL_OBJECTS]	= C("OBJECTS", NUM, true, ""),
	[CL_MEMORY]	= C("MEMORY", SIZE, true, ""),
	[CL_LEAST]	= C("FROM", NUM, true, ""),
	[CL_WORST]	= C("WASTE%", NUM, true, ""),
	[CL_NAME]	= C("NAME", STR, true, ""),
};

static int by_size(const void *a, const void *b)
{
	const struct mms_slab_info *x = a, *y = b;

	if (x->rec.object_size != y->rec.object_size)
		return x->rec.object_size < y->rec.object_size ? -1 : 1;
	return strcmp(x->name, y->name);
}

static bool any_class(const struct mms_slab_info *c)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (mms_slab_is_class(c, prefixes[i]))
			return true;
	return false;
}

/* The largest plain class below @c: what is larger than that comes here. */
static uint32_t below(const struct mms_slab_list *l, const struct mms_slab_info *c, const char *prefix)
{
	uint32_t most = 0;

	for (size_t i = 0; i < l->n; i++)
		if (mms_slab_is_class(&l->c[i], prefix) && l->c[i].rec.object_size < c->rec.object_size &&
		    l->c[i].rec.object_size > most)
			most = l->c[i].rec.object_size;
	return most;
}

static int show_classes(struct mms_slab_view *v, struct mms_err *err)
{
	struct mms_table *t;
	int rc = mms_table_new(&t, &v->plain, "classes", class_columns, CL_MAX, err);

	for (size_t i = 0; !rc && i < v->list.n; i++) {
		const struct mms_slab_info *c = &v->list.c[i];
		struct mms_line *l = any_class(c) ? mms_table_line(t, NULL) : NULL;
		struct mms_slab_use u;

		if (!l)
			continue;
		mms_slab_use(&v->list, c, &u);
		mms_line_num(t, l, CL_SIZE, c->rec.object_size);
		mms_line_num(t, l, CL_PER_SLAB, c->rec.objects);
		mms_line_num(t, l, CL_OBJECTS, (int64_t)u.objects);
		mms_line_size(t, l, CL_MEMORY, u.memory);
		if (mms_slab_is_class(c, "kmalloc-") && c->rec.size) {
			uint32_t least = below(&v->list, c, "kmalloc-") + 1;

			mms_line_num(t, l, CL_LEAST, least);
			mms_line_num(t, l, CL_WORST, (c->rec.size - least) * 100 / c->rec.size);
		}
		mms_line_str(t, l, CL_NAME, c->name);
	}
	if (!rc)
		rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	return rc;
}

static void land(struct mms_slab_view *v, uint64_t bytes)
{
	const struct mms_slab_info *c = mms_slab_class(&v->list, "kmalloc-", bytes);
	uint64_t page = 1ULL << v->list.page_shift, got = page;

	mms_doc_num(v->doc, "bytes", (int64_t)bytes);
	if (c) {
		mms_doc_str(v->doc, "cache", c->name);
		mms_doc_num(v->doc, "waste", (int64_t)(c->rec.size - bytes));
		mms_doc_text(v->doc, "\nkmalloc(%" PRIu64 ") takes an object of %s: %u bytes, %" PRIu64 " of them wasted (%" PRIu64 "%%)\n",
			     bytes, c->name, c->rec.size, c->rec.size - bytes, (c->rec.size - bytes) * 100 / c->rec.size);
		return;
	}
	while (got < bytes)
		got <<= 1;
	mms_doc_str(v->doc, "cache", NULL);
	mms_doc_num(v->doc, "waste", (int64_t)(got - bytes));
	mms_doc_text(v->doc, "\nkmalloc(%" PRIu64 ") is larger than any cache's objects: %" PRIu64 " whole pages, %" PRIu64 " bytes of them wasted (%" PRIu64 "%%)\n",
		     bytes, got / page, got - bytes, (got - bytes) * 100 / got);
}

int mms_slab_explain(struct mms_slab_view *v, const char *bytes, struct mms_err *err)
{
	int64_t n = 0;
	int rc;

	if (bytes && mms_parse_int(bytes, "BYTES", 1, 1LL << 40, &n, err))
		return -EINVAL;
	for (size_t i = 0; i < v->list.n; i++)
		if (!(v->list.c[i].rec.known & MMS_SLAB_K_LAYOUT) && any_class(&v->list.c[i]))
			v->list.c[i].rec.object_size = v->list.c[i].rec.size;
	if (v->list.n)
		qsort(v->list.c, v->list.n, sizeof(*v->list.c), by_size);
	rc = show_classes(v, err);
	if (!rc && bytes)
		land(v, (uint64_t)n);
	return rc;
}
