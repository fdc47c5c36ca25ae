// SPDX-License-Identifier: GPL-2.0
/* vmalloc space from a source's streams: areas, tables, areas again, then guard pages one by one. */
#include "model/vmalloc.h"

#include <errno.h>
#include <inttypes.h>
#include <libproc2/meminfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOKS	3	/* before a mapped guard page is believed */

/* VmallocUsed, in pages.  (libproc2 says 0 for a line that is not there.) */
static uint64_t vmalloc_used(uint64_t page_size)
{
	struct meminfo_info *info = NULL;
	struct meminfo_result *r;
	uint64_t used = UINT64_MAX;

	if (procps_meminfo_new(&info) < 0)
		return used;
	r = procps_meminfo_get(info, MEMINFO_MEM_VM_ALLOC_USED);
	if (r && r->result.ul_int)
		used = r->result.ul_int * 1024 / page_size;
	procps_meminfo_unref(&info);
	return used;
}

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	struct mms_vmalloc *v = ctx;

	v->page_size = 1ULL << (h->page_shift & 31);
	v->writer = h->writer;
	return 0;
}

static int take_area(void *ctx, const struct mms_record *rec)
{
	struct mms_vmalloc *v = ctx;

	if (rec->type == MMS_REC_VMALLOC_AREA)
		return mms_vmalloc_add(v, (const void *)rec);
	if (rec->type == MMS_REC_VMALLOC_SPACE)
		v->space = *(const struct mms_vmalloc_space *)(const void *)rec;
	return 0;
}

/* struct tables - the kernel's own entries; @user: of the table that user mode has (PTI) */
struct tables {
	struct mms_vmalloc *v;
	bool user;
};

static int take_entry(void *ctx, const struct mms_record *rec)
{
	struct tables *t = ctx;

	if (rec->type == MMS_REC_KT_ROOT)
		t->user = ((const struct mms_kt_root *)(const void *)rec)->user;
	if (rec->type == MMS_REC_PT_EXTENT && !t->user)
		mms_vmalloc_extent(t->v, (const void *)rec);
	return 0;
}

static int take_region(void *ctx, const struct mms_record *rec)
{
	const struct mms_kt_region *r = (const void *)rec;
	struct mms_vmalloc_space *s = ctx;

	if (rec->type != MMS_REC_KT_REGION)
		return 0;
	if (r->id == MMS_KT_VMALLOC) {
		s->start = r->start;
		s->end = r->last + 1;
		s->known |= MMS_VSPACE_K_BOUNDS;
	}
	if (r->id == MMS_KT_MODULES) {
		s->modules_start = r->start;
		s->modules_end = r->last + 1;
		s->known |= MMS_VSPACE_K_MODULES;
	}
	return 0;
}

static int take_run(void *ctx, const struct mms_record *rec)
{
	if (rec->type == MMS_REC_KMAP_RUN)
		mms_vmalloc_run(ctx, (const void *)rec);
	return 0;
}

/* May the answer be left out, since nobody here can give it? */
static bool left_out(int rc)
{
	return rc == -EOPNOTSUPP || rc == -ENODATA || rc == -ENOENT;
}

static int read_areas(struct mms_vmalloc *v, struct mms_source *s, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req), .flags = MMS_REQ_VMALLOC_LAZY };
	struct mms_handler h = { .header = take_header, .record = take_area, .ctx = v };
	int rc = mms_source_stream(s, MMS_KIND_VMALLOC, &req, &h, err);

	/* a capture from before lazily freed areas were told */
	if (rc == -EOPNOTSUPP) {
		req.flags = 0;
		rc = mms_source_stream(s, MMS_KIND_VMALLOC, &req, &h, err);
	}
	return rc == -ENOMEM ? mms_err_set(err, rc, "out of memory") : rc;
}

/* A second look at the areas is for what it has in common with the first. */
static int mark_same(struct mms_vmalloc *v, struct mms_source *s, struct mms_err *err)
{
	struct mms_vmalloc again = { 0 };
	int rc = read_areas(&again, s, err);

	for (size_t i = 0, j = 0; !rc && i < v->n; i++) {
		struct mms_area *a = &v->area[i].a, *b;

		if (!i)
			mms_vmalloc_ready(&again);
		while (j < again.n && again.area[j].a.start < a->start)
			j++;
		if (j == again.n || !(v->area[i].known & MMS_AREA_K_ADDRESS))
			break;
		b = &again.area[j].a;
		v->area[i].same = a->start == b->start && a->end == b->end && a->pages == b->pages &&
				  a->flags == b->flags && !strcmp(a->caller, b->caller) &&
				  !(a->flags & MMS_AREA_UNINIT);
	}
	v->pages[1] = again.pages[0];
	mms_vmalloc_free(&again);
	return rc;
}

/* Areas that wait to be purged, where the module does not tell them. */
static int take_lazy(struct mms_vmalloc *v, bool live)
{
	struct mms_vmalloc other = { 0 };
	struct mms_source *proc = NULL;
	int rc;

	if (v->space.known & MMS_VSPACE_K_LAZY) {
		v->lazy_writer = v->writer;
		return 0;
	}
	if (!live) {
		mms_err_set(&v->no_lazy, -EOPNOTSUPP, "they were not recorded");
		return 0;
	}
	rc = mms_source_open_procfs(&proc, &v->no_lazy);
	if (!rc)
		rc = read_areas(&other, proc, &v->no_lazy);
	if (!rc) {
		v->lazy_writer = other.writer;
		v->lazy = other.lazy;
		v->nlazy = other.nlazy;
		other.lazy = NULL;
		other.nlazy = 0;
	}
	mms_vmalloc_free(&other);
	mms_source_close(proc);
	return rc == -ENOMEM ? rc : 0;
}

static int take_tables(struct mms_vmalloc *v, struct mms_source *s, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req) };
	struct mms_handler h = { .record = take_run, .ctx = v };
	int rc;

	if (v->n && v->hidden == v->n) {
		mms_err_set(&v->no_map, -EOPNOTSUPP,
			    "/proc/vmallocinfo hides addresses (kernel.kptr_restrict=1 shows them to root)");
		return 0;
	}
	rc = mms_source_stream(s, MMS_KIND_KMAP, &req, &h, &v->no_map);
	if (rc && !left_out(rc))
		return mms_err_set(err, rc, "%.480s", v->no_map.text);
	v->mapped = !rc;
	return 0;
}

/* Each guard page by a walk of its own: it sees devices, too, which runs of frames do not tell. */
static void walk_guards(struct mms_vmalloc *v, struct mms_source *s)
{
	struct mms_err ignored;
	struct mms_walk w;

	for (size_t i = 0; i < v->n; i++) {
		struct mms_vm_entry *e = &v->area[i];

		if (!(e->known & MMS_AREA_K_ADDRESS) ||
		    mms_vmalloc_has_guard(e, v->page_size) != MMS_GUARD_ABSENT)
			continue;
		if (mms_source_walk(s, (uint32_t)getpid(), e->a.end - v->page_size, &w, &ignored))
			continue;
		v->walked = true;
		if (w.has_extent && w.extent.state == MMS_PT_PRESENT) {
			e->guard = MMS_GUARD_MAPPED;
			e->guard_pfn = w.extent.pa / v->page_size;
		} else if (e->guard == MMS_GUARD_UNKNOWN) {
			e->guard = MMS_GUARD_ABSENT;
		}
	}
}

/* In a capture the entries are those that were recorded. */
static void recorded_guards(struct mms_vmalloc *v, struct mms_source *s)
{
	struct mms_request req = { .size = sizeof(req), .flags = MMS_REQ_EXTENTS };
	struct tables t = { .v = v };
	struct mms_handler h = { .record = take_entry, .ctx = &t };
	struct mms_err ignored = { "" };

	v->entries = !mms_source_stream(s, MMS_KIND_KTABLES, &req, &h, &ignored);
}

/* Where the list of areas is out of the module's reach, bounds are not: they come with any page of the kernel's. */
static void take_bounds(struct mms_vmalloc *v, struct mms_source *s)
{
	struct mms_request req = { .size = sizeof(req), .flags = MMS_REQ_EXTENTS };
	struct mms_handler h = { .record = take_region, .ctx = &v->space };
	struct mms_err ignored = { "" };

	if (v->space.known & MMS_VSPACE_K_BOUNDS || v->n == v->hidden)
		return;
	req.start = v->area[0].a.start;
	req.end = req.start + v->page_size;
	mms_source_stream(s, MMS_KIND_KTABLES, &req, &h, &ignored);
}

static int look(struct mms_vmalloc *v, struct mms_source *s, bool live, struct mms_err *err)
{
	int rc = read_areas(v, s, err);

	v->used[0] = v->used[1] = UINT64_MAX;
	if (rc)
		return rc;
	if (live)
		v->used[0] = vmalloc_used(v->page_size);
	mms_vmalloc_ready(v);
	rc = take_tables(v, s, err);
	if (!rc && live && v->mapped && !strcmp(mms_source_name(s), "module"))
		walk_guards(v, s);
	else if (!rc && !live && v->mapped)
		recorded_guards(v, s);
	if (live)
		v->used[1] = vmalloc_used(v->page_size);
	if (!rc)
		rc = mark_same(v, s, err);
	if (!rc)
		mms_vmalloc_judge(v);
	return rc;
}

static bool suspect(const struct mms_vmalloc *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->area[i].guard == MMS_GUARD_MAPPED)
			return true;
	return false;
}

int mms_vmalloc_take(struct mms_vmalloc *v, struct mms_source *s, bool live, struct mms_err *err)
{
	int rc = look(v, s, live, err);

	for (int i = 1; !rc && live && i < LOOKS && suspect(v); i++) {
		mms_vmalloc_free(v);
		rc = look(v, s, live, err);
	}
	if (!rc && take_lazy(v, live))
		rc = -ENOMEM;
	if (!rc)
		mms_vmalloc_ready(v);
	if (!rc)
		take_bounds(v, s);
	if (!rc)
		rc = mms_vmalloc_holes(v);
	return rc == -ENOMEM ? mms_err_set(err, rc, "out of memory") : rc;
}
