// SPDX-License-Identifier: GPL-2.0
/* mmscope slab: slab caches, their memory, and what of it is wasted and why. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "view/slab.h"

extern const struct mms_command mms_cmd_slab;

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum {
	COL_MEMORY, COL_OBJECTS, COL_FREE, COL_OBJSIZE, COL_SIZE, COL_SLABS, COL_WASTE, COL_USE, COL_NAME,
	COL_ACTIVE, COL_TOTAL, COL_ALIGN, COL_ORDER, COL_PER_SLAB, COL_MIN_ORDER, COL_PARTIAL, COL_PARTIAL_FREE,
	COL_CPU_SLABS, COL_CPU_FREE, COL_CPU_PARTIAL, COL_CPU_PARTIAL_FREE, COL_SHEAF_CAP, COL_SHEAVES,
	COL_BARN_FULL, COL_BARN, COL_PAD, COL_FREE_BYTES, COL_SLACK, COL_REFS, COL_ALIASES, COL_FLAGS,
	COL_CTOR, COL_OFFSET, COL_INUSE, COL_USERCOPY, COL_ADDRESS, COL_MAX
};

static const struct mms_column columns[COL_MAX] = {
	[COL_MEMORY]	= C("MEMORY", SIZE, true, "of all its slabs"),
	[COL_OBJECTS]	= C("OBJECTS", NUM, true, "in use: in no list of free ones"),
	[COL_FREE]	= C("FREE", NUM, true, "free, in slabs, at processors, in sheaves"),
	[COL_OBJSIZE]	= C("OBJSIZE", NUM, true, "bytes of an object that a user may use"),
	[COL_SIZE]	= C("SIZE", NUM, true, "bytes from one object to the next"),
	[COL_SLABS]	= C("SLABS", NUM, true, "slabs"),
	[COL_WASTE]	= C("WASTE", SIZE, true, "of MEMORY what no object in use has: PAD + FREE_BYTES + SLACK"),
	[COL_USE]	= C("USE%", NUM, true, "objects in use of all"),
	[COL_NAME]	= { .name = "NAME", .type = MMS_COL_STR, .shown = true, .trunc = true, .help = "of the cache" },
	[COL_ACTIVE]	= C("ACTIVE", NUM, false, "active_objs of slabinfo: with those at processors, in sheaves"),
	[COL_TOTAL]	= C("TOTAL", NUM, false, "objects that its slabs have room for (num_objs)"),
	[COL_ALIGN]	= C("ALIGN", NUM, false, "bytes"),
	[COL_ORDER]	= C("ORDER", NUM, false, "log2 of the pages of a slab"),
	[COL_PER_SLAB]	= C("PER_SLAB", NUM, false, "objects of a slab"),
	[COL_MIN_ORDER]	= C("MIN_ORDER", NUM, false, "order when memory is short"),
	[COL_PARTIAL]	= C("PARTIAL", NUM, false, "slabs on the partial lists of nodes"),
	[COL_PARTIAL_FREE] = C("PARTIAL_FREE", NUM, false, "objects free in these"),
	[COL_CPU_SLABS]	= C("CPU_SLABS", NUM, false, "slabs that processors allocate from"),
	[COL_CPU_FREE]	= C("CPU_FREE", NUM, false, "objects free in these"),
	[COL_CPU_PARTIAL] = C("CPU_PARTIAL", NUM, false, "slabs on the processors' partial lists"),
	[COL_CPU_PARTIAL_FREE] = C("CPU_PARTIAL_FREE", NUM, false, "objects free in these"),
	[COL_SHEAF_CAP]	= C("SHEAF_CAP", NUM, false, "objects that a sheaf holds; 0: the cache has none"),
	[COL_SHEAVES]	= C("SHEAVES", NUM, false, "objects in the sheaves of processors"),
	[COL_BARN_FULL]	= C("BARN_FULL", NUM, false, "full sheaves in the barns of nodes"),
	[COL_BARN]	= C("BARN", NUM, false, "objects in these"),
	[COL_PAD]	= C("PAD", SIZE, false, "internal fragmentation: SIZE - OBJSIZE of each object in use"),
	[COL_FREE_BYTES] = C("FREE_BYTES", SIZE, false, "of free objects"),
	[COL_SLACK]	= C("SLACK", SIZE, false, "behind the last object of each slab"),
	[COL_REFS]	= C("REFS", NUM, false, "the cache and those merged into it"),
	[COL_ALIASES]	= C("ALIASES", STR, false, "names of these (/sys/kernel/slab)"),
	[COL_FLAGS]	= C("FLAGS", STR, false, "of the cache"),
	[COL_CTOR]	= C("CTOR", STR, false, "constructor"),
	[COL_OFFSET]	= C("OFFSET", NUM, false, "where in a free object the next one's address is"),
	[COL_INUSE]	= C("INUSE", NUM, false, "bytes before the allocator's own data"),
	[COL_USERCOPY]	= C("USERCOPY", NUM, false, "bytes that may be copied to and from user space"),
	[COL_ADDRESS]	= C("ADDRESS", HEX, false, "of its struct kmem_cache"),
};

static bool want_objects, want_explain;
static int64_t top = -1;

const char *mms_slab_flag_names(uint32_t flags, char *out, size_t size)
{
	static const char *const names[] = {
		"hwcache_align", "reclaim_account", "typesafe_by_rcu", "dma", "dma32", "account", "panic",
		"sanity_checks", "red_zone", "poison", "store_user", "trace", "kmalloc", "no_merge", "noleaktrace",
	};
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (flags >> i & 1 && used < size)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used ? "," : "", names[i]);
	return out;
}

/* --- the table --- */

static void set_layout(struct mms_table *t, struct mms_line *l, const struct mms_slab_info *c)
{
	const struct mms_slab_cache *r = &c->rec;
	char flags[256];

	mms_line_num(t, l, COL_SIZE, r->size);
	mms_line_num(t, l, COL_ORDER, r->order);
	mms_line_num(t, l, COL_PER_SLAB, r->objects);
	if (r->known & MMS_SLAB_K_LAYOUT) {
		mms_line_num(t, l, COL_OBJSIZE, r->object_size);
		mms_line_num(t, l, COL_ALIGN, r->align);
	}
	if (r->known & MMS_SLAB_K_MIN)
		mms_line_num(t, l, COL_MIN_ORDER, r->min_order);
	if (r->known & MMS_SLAB_K_OFFSET) {
		mms_line_num(t, l, COL_OFFSET, r->offset);
		mms_line_num(t, l, COL_INUSE, r->inuse);
	}
	if (r->known & MMS_SLAB_K_USERCOPY)
		mms_line_num(t, l, COL_USERCOPY, r->usercopy_size);
	if (r->known & MMS_SLAB_K_REFCOUNT)
		mms_line_num(t, l, COL_REFS, (int32_t)r->refcount < 0 ? 1 : r->refcount);
	if (r->known & MMS_SLAB_K_FLAGS)
		mms_line_str(t, l, COL_FLAGS, r->flags ? mms_slab_flag_names(r->flags, flags, sizeof(flags)) : "none");
	if (c->ctor[0])
		mms_line_str(t, l, COL_CTOR, c->ctor);
	if (c->aliases)
		mms_line_str(t, l, COL_ALIASES, c->aliases);
	if (r->known & MMS_SLAB_K_ADDRESS)
		mms_line_hex(t, l, COL_ADDRESS, r->address);
}

static void set_counts(struct mms_table *t, struct mms_line *l, const struct mms_slab_info *c)
{
	const struct mms_slab_cache *r = &c->rec;

	if (r->known & MMS_SLAB_K_COUNTS) {
		mms_line_num(t, l, COL_SLABS, (int64_t)r->slabs);
		mms_line_num(t, l, COL_TOTAL, (int64_t)r->total_objects);
		mms_line_num(t, l, COL_ACTIVE, (int64_t)r->active_objects);
	}
	if (r->known & MMS_SLAB_K_PARTIAL) {
		mms_line_num(t, l, COL_PARTIAL, (int64_t)r->nr_partial);
		mms_line_num(t, l, COL_PARTIAL_FREE, (int64_t)r->partial_free);
	}
	if (r->known & MMS_SLAB_K_CPU) {
		mms_line_num(t, l, COL_CPU_SLABS, r->cpu_slabs);
		mms_line_num(t, l, COL_CPU_FREE, (int64_t)r->cpu_free);
		mms_line_num(t, l, COL_CPU_PARTIAL, r->cpu_partial_slabs);
		mms_line_num(t, l, COL_CPU_PARTIAL_FREE, (int64_t)r->cpu_partial_free);
	}
	if (r->known & MMS_SLAB_K_SHEAVES) {
		mms_line_num(t, l, COL_SHEAF_CAP, r->sheaf_capacity);
		mms_line_num(t, l, COL_SHEAVES, (int64_t)r->sheaf_objects);
		mms_line_num(t, l, COL_BARN_FULL, r->barn_full);
		mms_line_num(t, l, COL_BARN, (int64_t)r->barn_objects);
	}
}

static int add_cache(struct mms_slab_view *v, struct mms_table *t, const struct mms_slab_info *c)
{
	struct mms_line *l = mms_table_line(t, NULL);
	struct mms_slab_use u;

	if (!l)
		return -ENOMEM;
	mms_line_str(t, l, COL_NAME, c->name);
	set_layout(t, l, c);
	set_counts(t, l, c);
	if (!(c->rec.known & MMS_SLAB_K_COUNTS))
		return 0;
	mms_slab_use(&v->list, c, &u);
	mms_line_size(t, l, COL_MEMORY, u.memory);
	mms_line_num(t, l, COL_OBJECTS, (int64_t)u.objects);
	mms_line_num(t, l, COL_FREE, (int64_t)u.free_objects);
	mms_line_size(t, l, COL_FREE_BYTES, u.free);
	mms_line_size(t, l, COL_SLACK, u.slack);
	if (c->rec.total_objects)
		mms_line_num(t, l, COL_USE, (int64_t)(u.objects * 100 / c->rec.total_objects));
	if (c->rec.known & MMS_SLAB_K_LAYOUT) {
		mms_line_size(t, l, COL_PAD, u.pad);
		mms_line_size(t, l, COL_WASTE, u.pad + u.free + u.slack);
	}
	return 0;
}

static int most_first(const void *a, const void *b)
{
	const struct mms_slab_info *x = a, *y = b;
	uint64_t mx = x->rec.slabs << x->rec.order, my = y->rec.slabs << y->rec.order;

	if (mx != my)
		return mx < my ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void show_sums(struct mms_slab_view *v)
{
	uint64_t memory = 0, used = 0, pad = 0, nfree = 0, slack = 0;
	char m[16], a[16], b[16], c[16], d[16];
	bool whole = true, sizes = true, census = false;
	struct mms_slab_use u;

	for (size_t i = 0; i < v->list.n; i++) {
		uint32_t known = v->list.c[i].rec.known;

		mms_slab_use(&v->list, &v->list.c[i], &u);
		memory += u.memory;
		used += u.used;
		pad += u.pad;
		nfree += u.free;
		slack += u.slack;
		whole = whole && u.whole;
		sizes = sizes && known & MMS_SLAB_K_LAYOUT;
		census = census || known & MMS_SLAB_K_CENSUS;
	}
	mms_doc_num(v->doc, "memory", (int64_t)memory);
	mms_doc_num(v->doc, "used", (int64_t)used);
	mms_doc_num(v->doc, "pad", (int64_t)pad);
	mms_doc_num(v->doc, "free", (int64_t)nfree);
	mms_doc_num(v->doc, "slack", (int64_t)slack);
	mms_doc_num(v->doc, "whole", whole);
	mms_doc_text(v->doc, "\n%zu caches, %s: used %s, padding %s, free objects %s, slack of slabs %s\n", v->list.n,
		     mms_human(memory, m), mms_human(used, a), mms_human(pad, b), mms_human(nfree, c),
		     mms_human(slack, d));
	if (!whole)
		mms_doc_text(v->doc, "what processors or sheaves hold free is not known: it counts as in use\n");
	if (!sizes)
		mms_doc_text(v->doc, "OBJSIZE of some is not known: their padding counts as used\n");
	if (census)
		mms_doc_text(v->doc, "found through their slabs: caches without any are not listed\n");
	if (v->list.torn)
		mms_doc_text(v->doc, "caches came or went meanwhile\n");
}

static int show_all(struct mms_slab_view *v, struct mms_err *err)
{
	struct mms_table *t;
	size_t max = top > 0 ? (size_t)top : v->list.n, n = 0;
	int rc = mms_table_new(&t, &v->render, "caches", columns, COL_MAX, err);

	if (rc)
		return rc;
	if (v->list.n)
		qsort(v->list.c, v->list.n, sizeof(*v->list.c), most_first);
	for (; !rc && n < v->list.n && n < max; n++)
		if (add_cache(v, t, &v->list.c[n]))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	if (!rc && n < v->list.n)
		mms_doc_text(v->doc, "and %zu more\n", v->list.n - n);
	if (!rc && (v->render.json || !v->render.no_headings))
		show_sums(v);
	return rc;
}

/* --- what is asked --- */

static bool is_address(const char *s, uint64_t *addr)
{
	struct mms_err ignored;

	if (strncmp(s, "0x", 2) && (strlen(s) < 8 || strspn(s, "0123456789abcdefABCDEF") != strlen(s)))
		return false;
	return !mms_parse_addr(s, addr, &ignored);
}

static int show(struct mms_slab_view *v, const char *arg, struct mms_err *err)
{
	uint64_t addr;
	int rc;

	if (arg && !want_explain && !strncmp(arg, "0x", 2) && mms_parse_addr(arg, &addr, err))
		return -EINVAL;
	if (arg && !want_explain && is_address(arg, &addr))
		return mms_slab_show_address(v, addr, err);
	if (arg && !want_explain && strspn(arg, "0123456789") && arg[strspn(arg, "0123456789")] == ':')
		return mms_slab_show_task(v, arg, err);
	rc = mms_slab_read(&v->list, v->source, err);
	if (!rc && strcmp(mms_source_name(v->source), "capture") && mms_slab_aliases(&v->list, "/sys/kernel/slab"))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (rc)
		return rc;
	if (want_explain)
		return mms_slab_explain(v, arg, err);
	if (arg)
		return mms_slab_show_cache(v, arg, want_objects, err);
	return want_objects ? mms_slab_show_states(v, err) : show_all(v, err);
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_slab_view v = { .render = g->render, .plain = g->render };
	struct mms_err err = { "" }, ignored;
	int rc;

	if (argc > 1)
		return mms_usage(&mms_cmd_slab, "one cache, address or PID:TYPE at a time");
	v.plain.columns = NULL;
	rc = mms_open_source(g, &v.source, &err);
	if (rc)
		return mms_fail(rc, &err);
	v.doc = mms_doc_begin(&g->render);
	if (!v.doc)
		rc = mms_err_set(&err, -ENOMEM, "out of memory");
	else
		rc = show(&v, argc ? argv[0] : NULL, &err);
	if (v.doc && !rc)
		rc = mms_doc_end(v.doc, &err);
	else if (v.doc)
		mms_doc_end(v.doc, &ignored);
	mms_slab_free(&v.list);
	mms_source_close(v.source);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

enum { OPT_OBJECTS = 1000, OPT_EXPLAIN, OPT_TOP };

static int option(int val, const char *arg)
{
	struct mms_err err;

	if (val == OPT_OBJECTS)
		want_objects = true;
	else if (val == OPT_EXPLAIN)
		want_explain = true;
	else if (mms_parse_int(arg, "--top", 0, INT32_MAX, &top, &err))
		return mms_fail(-EINVAL, &err);
	return 0;
}

static const struct option longopts[] = {
	{ "objects", no_argument, NULL, OPT_OBJECTS },
	{ "explain", no_argument, NULL, OPT_EXPLAIN },
	{ "top", required_argument, NULL, OPT_TOP },
	{ 0 },
};

const struct mms_command mms_cmd_slab = {
	.name = "slab",
	.summary = "Slab caches to the object: what is used, free, wasted",
	.usage = "[OPTION]... [CACHE | ADDRESS | PID:[TYPE] | BYTES]",
	.options = "      --objects         each object of CACHE and its state; of all: counts\n"
		   "      --explain         size classes of kmalloc(), and where BYTES land\n"
		   "      --top N           the N caches with most memory\n"
		   "TYPE: task_struct mm_struct files_struct fs_struct signal_struct\n      sighand_struct cred\n",
	.examples = "  mmscope slab                        all caches, by memory\n"
		    "  mmscope slab dentry                 its slabs, and how full they are\n"
		    "  mmscope slab --objects dentry       each object: allocated or free, and where\n"
		    "  mmscope slab 0xffff888003c41200     which cache, slab, object, byte\n"
		    "  mmscope slab 1:task_struct          the same of a process's\n"
		    "  mmscope slab --explain 200          which kmalloc cache, and what it wastes\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
