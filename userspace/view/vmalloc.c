// SPDX-License-Identifier: GPL-2.0
/* mmscope vmalloc: the areas of the kernel's vmalloc space, their guard pages, holes and users. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "util/text.h"
#include "view/vmalloc.h"

enum { COL_ADDRESS, COL_END, COL_SIZE, COL_PAGES, COL_MAPPED, COL_RUNS, COL_ENTRY, COL_GUARD, COL_KIND, COL_USER,
       COL_FLAGS, COL_PHYS, COL_CALLER, COL_MAX };

static const struct mms_column columns[COL_MAX] = {
	[COL_ADDRESS] = { "ADDRESS", MMS_COL_HEX, true, false, false, "first address (not known where /proc hides it)" },
	[COL_END] = { "END", MMS_COL_HEX, false, false, false, "behind the last, guard page included" },
	[COL_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "bytes of addresses, guard page included" },
	[COL_PAGES] = { "PAGES", MMS_COL_NUM, true, false, false, "page frames that it was made with" },
	[COL_MAPPED] = { "MAPPED", MMS_COL_NUM, true, false, false, "frames that the kernel's page tables map there" },
	[COL_RUNS] = { "RUNS", MMS_COL_NUM, true, false, false, "runs of contiguous frames that they are in" },
	[COL_ENTRY] = { "ENTRY", MMS_COL_SIZE, false, false, false, "what the kernel meant one table entry to map" },
	[COL_GUARD] = { "GUARD", MMS_COL_STR, true, false, false, "guard page: absent from the tables, none, MAPPED!" },
	[COL_KIND] = { "KIND", MMS_COL_STR, true, false, false, "vmalloc, vmap, ioremap, kstack, percpu, module, text ..." },
	[COL_USER] = { "USER", MMS_COL_STR, false, false, false, "what it is for, as in --users" },
	[COL_FLAGS] = { "FLAGS", MMS_COL_STR, false, false, false, "as in /proc/vmallocinfo, and noguard" },
	[COL_PHYS] = { "PHYS", MMS_COL_HEX, false, false, false, "physical address that ioremap() was asked for" },
	[COL_CALLER] = { "CALLER", MMS_COL_STR, true, false, true, "function that asked for it" },
};

static struct {
	int64_t top;
	bool users, holes, lazy;
	const char *kind;
} opt = { .top = 20 };

static void flags_text(uint32_t flags, char *buf, size_t size)
{
	static const struct {
		uint32_t flag;
		const char *word;
	} words[] = {
		{ MMS_AREA_IOREMAP, "ioremap" }, { MMS_AREA_ALLOC, "vmalloc" }, { MMS_AREA_MAP, "vmap" },
		{ MMS_AREA_MAP_RAM, "vm_map_ram" }, { MMS_AREA_USERMAP, "user" }, { MMS_AREA_DMA, "dma-coherent" },
		{ MMS_AREA_SPARSE, "sparse" }, { MMS_AREA_UNINIT, "uninitialized" },
		{ MMS_AREA_NO_GUARD, "noguard" }, { MMS_AREA_PUT_PAGES, "putpages" },
	};
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(*words) && n < size; i++)
		if (flags & words[i].flag)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? "," : "", words[i].word);
}

static int add_area(const struct mms_vmalloc *v, struct mms_table *t, const struct mms_vm_entry *e)
{
	struct mms_line *l = mms_table_line(t, NULL);
	bool addressed = e->known & MMS_AREA_K_ADDRESS;
	char flags[128], user[MMS_VM_USER_MAX];

	if (!l)
		return -ENOMEM;
	if (addressed) {
		mms_line_hex(t, l, COL_ADDRESS, e->a.start);
		mms_line_hex(t, l, COL_END, e->a.end);
	}
	mms_line_size(t, l, COL_SIZE, e->a.end - e->a.start);
	if (e->a.pages)
		mms_line_num(t, l, COL_PAGES, (int64_t)e->a.pages);
	/* a device's registers are no frames */
	if (addressed && v->mapped && (e->a.frames || e->a.kind != MMS_AREA_KIND_IOREMAP)) {
		mms_line_num(t, l, COL_MAPPED, (int64_t)e->a.frames);
		mms_line_num(t, l, COL_RUNS, (int64_t)e->runs);
	}
	if (e->known & MMS_AREA_K_ORDER && e->a.pages)
		mms_line_size(t, l, COL_ENTRY, v->page_size << (e->order & 31));
	mms_line_str(t, l, COL_GUARD, mms_guard_name(e->guard));
	mms_line_str(t, l, COL_KIND, mms_area_kind_name(e->a.kind));
	mms_line_str(t, l, COL_USER, mms_vmalloc_user(&e->a, user));
	flags_text(e->a.flags, flags, sizeof(flags));
	mms_line_str(t, l, COL_FLAGS, flags);
	if (e->known & MMS_AREA_K_PHYS)
		mms_line_hex(t, l, COL_PHYS, e->phys);
	mms_line_str(t, l, COL_CALLER, e->a.caller[0] ? e->a.caller : NULL);
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const struct mms_vm_entry *x = *(const struct mms_vm_entry *const *)a;
	const struct mms_vm_entry *y = *(const struct mms_vm_entry *const *)b;
	uint64_t nx = x->a.end - x->a.start, ny = y->a.end - y->a.start;
	bool wrong_x = x->guard == MMS_GUARD_MAPPED, wrong_y = y->guard == MMS_GUARD_MAPPED;

	/* (what is wrong is not to be cut off by --top) */
	if (wrong_x != wrong_y)
		return wrong_x ? -1 : 1;
	if (nx != ny)
		return nx < ny ? 1 : -1;
	return (x->a.start > y->a.start) - (x->a.start < y->a.start);
}

static bool wanted(const struct mms_vm_entry *e)
{
	return !opt.kind || !strcmp(opt.kind, mms_area_kind_name(e->a.kind));
}

static int show_table(struct mms_vmalloc_view *w, struct mms_err *err)
{
	const struct mms_vm_entry **order = calloc(w->v.n + 1, sizeof(*order));
	struct mms_table *t = NULL;
	size_t n = 0;
	int rc;

	if (!order)
		return mms_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < w->v.n; i++)
		if (wanted(&w->v.area[i]))
			order[n++] = &w->v.area[i];
	qsort(order, n, sizeof(*order), by_size);
	rc = mms_table_new(&t, w->render, "areas", columns, COL_MAX, err);
	for (size_t i = 0; !rc && i < n && i < w->top; i++)
		if (add_area(&w->v, t, order[i]))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_doc_table(w->doc, t, err);
	if (!rc && n > w->top)
		mms_doc_text(w->doc, "... and %zu more (--top 0 shows all)\n", n - w->top);
	mms_table_free(t);
	free(order);
	return rc;
}

struct counts {
	size_t absent, none, mapped, moved, unknown, differ, counted;
};

static struct counts count(const struct mms_vmalloc *v)
{
	struct counts c = { 0 };

	for (size_t i = 0; i < v->n; i++) {
		const struct mms_vm_entry *e = &v->area[i];

		c.absent += e->guard == MMS_GUARD_ABSENT;
		c.none += e->guard == MMS_GUARD_NONE;
		c.mapped += e->guard == MMS_GUARD_MAPPED;
		c.moved += e->guard == MMS_GUARD_MOVED;
		c.unknown += e->guard == MMS_GUARD_UNKNOWN;
		c.counted += mms_vmalloc_counted(v, e);
		c.differ += mms_vmalloc_counted(v, e) && e->a.pages != e->a.frames;
	}
	return c;
}

/* VmallocUsed lies between what was counted before and after, or it is told how far off. */
static void say_used(struct mms_vmalloc_view *w)
{
	const struct mms_vmalloc *v = &w->v;
	uint64_t low = v->pages[0] < v->pages[1] ? v->pages[0] : v->pages[1];
	uint64_t high = v->pages[0] > v->pages[1] ? v->pages[0] : v->pages[1];
	uint64_t off = UINT64_MAX;
	char h[16];

	mms_doc_num(w->doc, "vmalloc_pages", (int64_t)v->pages[0]);
	mms_doc_text(w->doc, "vmalloc() holds %" PRIu64 " pages (%s)", v->pages[0],
		     mms_human(v->pages[0] * v->page_size, h));
	for (int i = 0; i < 2; i++) {
		uint64_t d = v->used[i] < low ? low - v->used[i] : v->used[i] > high ? v->used[i] - high : 0;

		if (v->used[i] != UINT64_MAX && d < off)
			off = d;
	}
	if (off == UINT64_MAX) {
		mms_doc_text(w->doc, "\n");
		return;
	}
	mms_doc_num(w->doc, "vmalloc_used_pages", (int64_t)v->used[1]);
	mms_doc_num(w->doc, "vmalloc_used_off", (int64_t)off);
	if (!off)
		mms_doc_text(w->doc, ", as VmallocUsed says\n");
	else
		mms_doc_text(w->doc, "; VmallocUsed says %" PRIu64 ", %" PRIu64 " off\n", v->used[1], off);
}

static void say_guards(struct mms_vmalloc_view *w, const struct counts *c)
{
	const struct mms_vmalloc *v = &w->v;

	mms_doc_num(w->doc, "guards_absent", (int64_t)c->absent);
	mms_doc_num(w->doc, "guards_none", (int64_t)c->none);
	mms_doc_num(w->doc, "guards_mapped", (int64_t)c->mapped);
	mms_doc_num(w->doc, "guards_moved", (int64_t)c->moved);
	mms_doc_num(w->doc, "guards_unknown", (int64_t)c->unknown);
	if (!v->mapped) {
		mms_doc_text(w->doc, "guard pages and mapped frames not known: %s\n", v->no_map.text);
		return;
	}
	mms_doc_text(w->doc, "guard pages: %zu absent from the page tables, %zu mapped", c->absent, c->mapped);
	if (c->moved)
		mms_doc_text(w->doc, ", %zu moved", c->moved);
	if (c->unknown)
		mms_doc_text(w->doc, ", %zu not known", c->unknown);
	mms_doc_text(w->doc, "; %zu made without\n", c->none);
	mms_doc_num(w->doc, "areas_differ", (int64_t)c->differ);
	mms_doc_text(w->doc, "%zu areas have pages of their own; the tables map as many in %zu\n", c->counted,
		     c->counted - c->differ);
}

static void say_lazy(struct mms_vmalloc_view *w)
{
	const struct mms_vmalloc *v = &w->v;
	uint64_t size = 0;
	char h[16];

	if (v->lazy_writer == MMS_WRITER_UNKNOWN) {
		mms_doc_text(w->doc, "lazily freed areas not known: %s\n", v->no_lazy.text);
		return;
	}
	for (size_t i = 0; i < v->nlazy; i++)
		size += v->lazy[i].a.end - v->lazy[i].a.start;
	mms_doc_num(w->doc, "lazy_areas", (int64_t)v->nlazy);
	mms_doc_num(w->doc, "lazy_bytes", (int64_t)size);
	mms_doc_text(w->doc, "lazily freed, not yet purged: %zu areas, %s%s\n", v->nlazy, mms_human(size, h),
		     v->lazy_writer == v->writer ? "" : " (/proc/vmallocinfo)");
}

static void say_space(struct mms_vmalloc_view *w)
{
	const struct mms_vmalloc *v = &w->v;
	uint64_t holes = 0;
	char h[16], all[16];

	for (size_t i = 0; i < v->nholes; i++)
		holes += v->hole[i].end - v->hole[i].start;
	mms_doc_num(w->doc, "space_bytes", (int64_t)(v->space.end - v->space.start));
	mms_doc_num(w->doc, "modules_bytes", (int64_t)(v->space.modules_end - v->space.modules_start));
	mms_doc_num(w->doc, "hole_bytes", (int64_t)holes);
	if (v->nholes)
		mms_doc_text(w->doc, "largest hole of the space's %s: %s at 0x%" PRIx64 "\n",
			     mms_human(v->space.end - v->space.start, all),
			     mms_human(v->hole[0].end - v->hole[0].start, h), v->hole[0].start);
}

static void say_sums(struct mms_vmalloc_view *w)
{
	const struct mms_vmalloc *v = &w->v;
	struct counts c = count(v);
	const char *why = mms_vmalloc_no_holes(v);
	uint64_t size = 0;
	char h[16];

	for (size_t i = 0; i < v->n; i++)
		size += v->area[i].a.end - v->area[i].a.start;
	mms_doc_num(w->doc, "area_count", (int64_t)v->n);
	mms_doc_num(w->doc, "area_bytes", (int64_t)size);
	mms_doc_str(w->doc, "told_by", v->writer == MMS_WRITER_MODULE ? "module" : "/proc/vmallocinfo");
	mms_doc_text(w->doc, "\n%zu areas, %s of addresses; told by %s\n", v->n, mms_human(size, h),
		     v->writer == MMS_WRITER_MODULE ? "the module" : "/proc/vmallocinfo");
	say_used(w);
	say_guards(w, &c);
	say_lazy(w);
	if (why)
		mms_doc_text(w->doc, "largest hole not known: %s\n", why);
	else
		say_space(w);
}

/* Each guard page that is mapped, in a line of its own: how to look at it again. */
static bool say_mapped(struct mms_vmalloc_view *w)
{
	bool any = false;

	for (size_t i = 0; i < w->v.n; i++) {
		const struct mms_vm_entry *e = &w->v.area[i];
		char caller[256];

		if (e->guard != MMS_GUARD_MAPPED)
			continue;
		any = true;
		mms_doc_text(w->doc, "mismatch: area 0x%" PRIx64 " of %s: frame 0x%" PRIx64
			     " is mapped at its guard page 0x%" PRIx64 "\n",
			     e->a.start,
			     e->a.caller[0] ? mms_neutral(e->a.caller, caller, sizeof(caller)) : "an unknown caller",
			     e->guard_pfn,
			     e->a.end - w->v.page_size);
	}
	return any;
}

/* --- the command line --- */

static int show(struct mms_vmalloc_view *w, struct mms_source *s, const uint64_t *addr, bool *mismatch,
		struct mms_err *err)
{
	int rc, end;

	w->doc = mms_doc_begin(w->render);
	if (!w->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (addr)
		rc = mms_vmalloc_show_address(w, s, *addr, err);
	else if (opt.users)
		rc = mms_vmalloc_show_users(w, err);
	else if (opt.holes)
		rc = mms_vmalloc_show_holes(w, err);
	else if (opt.lazy)
		rc = mms_vmalloc_show_lazy(w, err);
	else
		rc = show_table(w, err);
	if (!rc && !addr && (w->render->json || !w->render->no_headings))
		say_sums(w);
	if (!rc)
		*mismatch = say_mapped(w);
	end = mms_doc_end(w->doc, rc ? NULL : err);
	return rc ? rc : end;
}

static int check_kind(void)
{
	if (!opt.kind)
		return 0;
	for (uint32_t k = 0; k < __MMS_AREA_KIND_MAX; k++)
		if (!strcmp(opt.kind, mms_area_kind_name(k)))
			return 0;
	return mms_usage(&mms_cmd_vmalloc,
			 "there is no such kind of areas: vmalloc, vmap, ioremap, percpu, kstack, module, text, dma, sparse, other");
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_vmalloc_view w = { .render = &g->render, .top = opt.top ? (size_t)opt.top : SIZE_MAX };
	struct mms_source *s = NULL;
	struct mms_err err = { "" };
	bool mismatch = false;
	uint64_t addr = 0;
	int rc;

	if (argc > 1)
		return mms_usage(&mms_cmd_vmalloc, "one address is enough, %d given", argc);
	if (opt.users + opt.holes + opt.lazy + (argc > 0) > 1)
		return mms_usage(&mms_cmd_vmalloc, "--users, --holes, --lazy and ADDR exclude each other");
	if (argc && mms_parse_addr(argv[0], &addr, &err))
		return mms_usage(&mms_cmd_vmalloc, "%s", err.text);
	rc = check_kind();
	if (rc)
		return rc;
	rc = mms_open_source(g, &s, &err);
	if (!rc)
		rc = mms_vmalloc_take(&w.v, s, !g->from, &err);
	if (!rc)
		rc = show(&w, s, argc ? &addr : NULL, &mismatch, &err);
	mms_vmalloc_free(&w.v);
	mms_source_close(s);
	if (rc)
		return mms_fail(rc, &err);
	return mismatch ? MMS_EXIT_MISMATCH : MMS_EXIT_OK;
}

enum { OPT_TOP = 1000, OPT_USERS, OPT_HOLES, OPT_LAZY, OPT_KIND };

static const struct option longopts[] = {
	{ "top", required_argument, NULL, OPT_TOP },
	{ "users", no_argument, NULL, OPT_USERS },
	{ "holes", no_argument, NULL, OPT_HOLES },
	{ "lazy", no_argument, NULL, OPT_LAZY },
	{ "kind", required_argument, NULL, OPT_KIND },
	{ 0 },
};

static int option(int val, const char *arg)
{
	struct mms_err err;

	switch (val) {
	case OPT_USERS:
		opt.users = true;
		break;
	case OPT_HOLES:
		opt.holes = true;
		break;
	case OPT_LAZY:
		opt.lazy = true;
		break;
	case OPT_KIND:
		opt.kind = arg;
		break;
	default:
		if (mms_parse_int(arg, "--top", 0, INT32_MAX, &opt.top, &err))
			return mms_usage(&mms_cmd_vmalloc, "%s", err.text);
	}
	return 0;
}

const struct mms_command mms_cmd_vmalloc = {
	.name = "vmalloc",
	.summary = "The kernel's vmalloc space: areas, guard pages, holes, users",
	.usage = "[--kind KIND] [--top N] | --users | --holes | --lazy | ADDR",
	.options = "      --top N           the N largest [20]; 0: all\n"
		   "      --kind KIND       areas of this kind only: vmalloc, vmap, ioremap, kstack,\n"
		   "                        percpu, module, text, dma, sparse, other\n"
		   "      --users           what the space is used for, the most memory first\n"
		   "      --holes           the largest ranges that no area has\n"
		   "      --lazy            areas that were freed, whose addresses wait for a purge\n"
		   "      ADDR              the area that has this address, the frame that is mapped\n"
		   "                        there, or the hole it is in (exit status 1)\n"
		   "A guard page that is mapped is a mismatch: exit status 1.\n",
	.examples = "  mmscope vmalloc                      the largest areas, and sums\n"
		    "  mmscope vmalloc --users              who has the memory of vmalloc()\n"
		    "  mmscope vmalloc --kind ioremap -o ADDRESS,SIZE,PHYS,CALLER\n"
		    "  mmscope vmalloc ffffc90000123456     whose is this address?\n"
		    "  mmscope vmalloc --top 0 --json | jq '.areas[] | select(.guard != \"absent\")'\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
