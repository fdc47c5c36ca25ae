// SPDX-License-Identifier: GPL-2.0
/* mmscope kmap: the kernel's address space, its parts and what is mapped in them. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/kmap.h"

extern const struct mms_command mms_cmd_kmap;

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum {
	COL_REGION, COL_START, COL_LAST, COL_SIZE, COL_MAPPED, COL_PTE, COL_PMD, COL_PUD, COL_WRITE, COL_EXEC,
	COL_WX, COL_ABSENT, COL_TABLES, COL_RUNS, COL_REPEATED, COL_MAX
};

static const struct mms_column columns[COL_MAX] = {
	[COL_REGION]	= C("REGION", STR, true, "part of the addresses; none: what lies between"),
	[COL_START]	= C("START", HEX, true, "its first address"),
	[COL_LAST]	= C("LAST", HEX, false, "its last address"),
	[COL_SIZE]	= C("SIZE", SIZE, true, "addresses"),
	[COL_MAPPED]	= C("MAPPED", SIZE, true, "of them with a page behind"),
	[COL_PTE]	= C("PTE", SIZE, true, "mapped by entries of the last level: pages of 4K"),
	[COL_PMD]	= C("PMD", SIZE, true, "mapped by entries of the PMD level: 2M (i386 without PAE: 4M)"),
	[COL_PUD]	= C("PUD", SIZE, true, "mapped by entries of the PUD level: 1G"),
	[COL_WRITE]	= C("WRITE", SIZE, false, "mapped writable"),
	[COL_EXEC]	= C("EXEC", SIZE, true, "mapped executable"),
	[COL_WX]	= C("WX", SIZE, false, "mapped writable and executable"),
	[COL_ABSENT]	= C("ABSENT", SIZE, false, "with an entry that is not present: DEBUG_PAGEALLOC, secretmem"),
	[COL_TABLES]	= C("TABLES", NUM, true, "page tables that serve it alone"),
	[COL_RUNS]	= C("RUNS", NUM, false, "stretches mapped alike (--runs)"),
	[COL_REPEATED]	= C("REPEATED", SIZE, false, "mapped by a table that others have too, not looked into"),
};

static bool want_runs;
static bool want_tree;
static bool want_user;
static const char *want_region;

/* What flags the runs that --region asks for; true for all without it. */
bool mms_kmap_wanted(const struct mms_kmap_view *v, uint32_t region)
{
	return v->region == __MMS_KT_MAX || v->m.region[region].id == v->region;
}

void mms_kmap_rights(uint32_t flags, char buf[8])
{
	snprintf(buf, 8, "r%c%c%s", flags & MMS_PT_F_WRITE ? 'w' : '-', flags & MMS_PT_F_EXEC ? 'x' : '-',
		 flags & MMS_PT_F_USER ? "u" : "");
}

/* --- the parts --- */

static void add_region(struct mms_table *t, const struct mms_kmap_region *r)
{
	struct mms_line *l = mms_table_line(t, NULL);
	static const size_t by_level[] = { [1] = COL_PTE, [2] = COL_PMD, [3] = COL_PUD };
	uint64_t absent = 0;

	if (!l)
		return;
	mms_line_str(t, l, COL_REGION, mms_kmap_region_name(r->id));
	if (r->id != MMS_KT_UNKNOWN) {
		mms_line_hex(t, l, COL_START, r->start);
		mms_line_hex(t, l, COL_LAST, r->last);
		mms_line_size(t, l, COL_SIZE, r->last - r->start + 1);
		mms_line_num(t, l, COL_TABLES, (int64_t)r->tables);
	}
	mms_line_size(t, l, COL_MAPPED, r->total);
	for (unsigned int i = 1; i < sizeof(by_level) / sizeof(*by_level); i++)
		mms_line_size(t, l, by_level[i], r->mapped[i]);
	for (unsigned int i = 1; i <= MMS_KMAP_LEVELS; i++)
		absent += r->absent[i];
	mms_line_size(t, l, COL_ABSENT, absent);
	mms_line_size(t, l, COL_WRITE, r->writable);
	mms_line_size(t, l, COL_EXEC, r->exec);
	mms_line_size(t, l, COL_WX, r->wx);
	mms_line_num(t, l, COL_RUNS, (int64_t)r->runs);
	mms_line_size(t, l, COL_REPEATED, r->repeated);
}

static int show_regions(struct mms_kmap_view *v, struct mms_err *err)
{
	const struct mms_kmap *m = &v->m;

	for (size_t i = 0; i <= m->nregions; i++) {
		if (!mms_kmap_wanted(v, (uint32_t)i) || (i == m->nregions && !m->region[i].total))
			continue;
		add_region(v->table, &m->region[i]);
	}
	return mms_doc_table(v->doc, v->table, err);
}

/* --- below the table --- */

/* Can these tables forbid a fetch at all?  (NX: SDM 4.1.1, with IA32_EFER.NXE; entries of 64 bits.) */
static bool has_nx(const struct mms_pt_context *c)
{
	return c->tcr || (c->entry_size != 4 && c->efer & 1U << 11);
}

static void show_flagged(struct mms_kmap_view *v)
{
	uint64_t wx = 0, data = 0, n = 0;
	char rights[8], size[16];

	mms_doc_str(v->doc, "no_execute", has_nx(&v->m.context) ? "yes" : "no");
	if (!has_nx(&v->m.context)) {
		mms_doc_text(v->doc, "these page tables cannot forbid to execute (no NX): every page can be\n");
		return;
	}
	for (size_t i = 0; i < v->m.nruns; i++) {
		const struct mms_kmap_alike *r = &v->m.runs[i];
		bool both = r->flags & MMS_PT_F_WRITE && r->flags & MMS_PT_F_EXEC;
		bool odd = r->flags & MMS_PT_F_EXEC && !mms_kmap_for_code(&v->m, r) &&
			   !mms_kmap_is_text(&v->parts, &v->m, r);

		if (!mms_kmap_wanted(v, r->region))
			continue;
		wx += both ? r->len : 0;
		data += odd && !both ? r->len : 0;
		if ((!both && !odd) || n++ >= 8)
			continue;
		mms_kmap_rights(r->flags, rights);
		mms_human(r->len, size);
		mms_doc_text(v->doc, "%s: %#" PRIx64 " %s %s in %s\n",
			     both ? "writable and executable" : "executable, where no code belongs",
			     r->start, size, rights, mms_kmap_region_name(v->m.region[r->region].id));
		if (!v->m.context.tcr && r->frames == 1 && r->pa + r->len <= 1 << 20)
			mms_doc_text(v->doc, "  frame %#" PRIx64 ", below 1 MiB: there x86 has the code that starts processors\n",
				     r->pa >> 12);
	}
	if (n > 8)
		mms_doc_text(v->doc, "... and %" PRIu64 " more such runs (--runs)\n", n - 8);
	if (!n)
		mms_doc_text(v->doc, "no page is writable and executable, none executable where no code belongs\n");
	mms_doc_num(v->doc, "writable_executable", (int64_t)wx);
	mms_doc_num(v->doc, "executable_data", (int64_t)data);
}

static void show_cost(struct mms_kmap_view *v)
{
	const struct mms_kmap *m = &v->m;
	uint64_t tables = m->upper, repeated = 0;
	char size[16];

	for (size_t i = 0; i < m->nregions; i++) {
		tables += m->region[i].tables;
		repeated += m->region[i].repeated;
	}
	mms_human(tables * 4096, size);
	mms_doc_text(v->doc, "%" PRIu64 " page tables (%s), %" PRIu64 " of them above several parts\n",
		     tables, size, m->upper);
	mms_doc_num(v->doc, "page_tables", (int64_t)tables);
	mms_doc_num(v->doc, "upper_tables", (int64_t)m->upper);
	if (!repeated)
		return;
	mms_human(repeated, size);
	mms_doc_text(v->doc, "%s more are mapped by tables that are used again and again (REPEATED)\n", size);
}

static void show_direct_map(struct mms_kmap_view *v)
{
	struct mms_direct_map d;
	char ours[16], theirs[16];
	bool same = true;

	if (v->m.user || mms_direct_map_compare(&v->m, "/proc/meminfo", &d))
		return;
	for (unsigned int i = 1; i <= 3; i++) {
		mms_human(d.ours[i], ours);
		mms_human(d.theirs[i], theirs);
		if (!d.known[i])
			continue;
		same &= d.ours[i] == d.theirs[i];
		mms_doc_text(v->doc, "direct map by %s: %s, /proc/meminfo %s%s\n",
			     i == 1 ? "4K" : i == 2 ? d.pmd_name : "1G", ours, theirs,
			     d.ours[i] == d.theirs[i] ? "" : " (the kernel's count)");
	}
	if (!same)
		mms_doc_text(v->doc, "  the kernel takes a large page of its image that is split for one of these;\n"
			     "  the image has %" PRIu64 " page tables: %s\n", d.image_tables,
			     d.explained ? "that explains it" : "that does not explain it");
	mms_doc_str(v->doc, "direct_map_agrees", same ? "yes" : d.explained ? "explained" : "no");
	v->mismatch = !same && !d.explained;
}

static int show(struct mms_kmap_view *v, struct mms_err *err)
{
	int rc;

	rc = want_runs ? mms_kmap_show_runs(v, err) : want_tree ? mms_kmap_show_tree(v, err) : show_regions(v, err);
	if (rc)
		return rc;
	mms_doc_text(v->doc, "\n");
	mms_doc_str(v->doc, "tables_of", v->m.user ? "user mode" : "kernel");
	if (v->m.user)
		mms_doc_text(v->doc, "what user mode's tables have of the kernel (PTI):\n");
	if (want_runs)
		mms_kmap_tell_parts(v);
	show_flagged(v);
	show_cost(v);
	if (!v->m.user && v->region == __MMS_KT_MAX)
		mms_kmap_show_lowmem(v);
	if (v->region == __MMS_KT_MAX && strcmp(mms_source_name(v->source), "capture"))
		show_direct_map(v);
	return 0;
}

/* --region of a part that this machine's addresses do not have. */
static int missing(const struct mms_kmap_view *v, struct mms_err *err)
{
	const char *where = v->m.context.tcr ? ": the kernel's image is in vmalloc" :
					       ": modules are in vmalloc, the image in direct-map";

	if (v->region == __MMS_KT_MAX || v->region == MMS_KT_UNKNOWN || mms_kmap_region(&v->m, v->region))
		return 0;
	return mms_err_set(err, -ENOENT, "this kernel's addresses have no part '%s'%s", mms_kmap_region_name(v->region),
			   v->region == MMS_KT_IMAGE || v->region == MMS_KT_MODULES ? where : "");
}

static int take_and_show(struct mms_kmap_view *v, struct mms_err *err)
{
	struct mms_err ignored;
	int rc = mms_kmap_take(&v->m, v->source, want_user, err);

	if (!rc)
		rc = missing(v, err);
	if (rc)
		return rc;
	/* (/proc/kallsyms is long: read where what it says is shown, or where code lies in the direct map: i386) */
	if (strcmp(mms_source_name(v->source), "capture") && (want_runs || !(v->m.context.kernel_start >> 32)) &&
	    mms_kmap_parts_read(&v->parts, ""))
		return mms_err_set(err, -ENOMEM, "out of memory");
	v->doc = mms_doc_begin(&v->render);
	if (!v->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = show(v, err);
	if (rc) {
		mms_doc_end(v->doc, &ignored);
		return rc;
	}
	return mms_doc_end(v->doc, err);
}

/* Does /proc have to do?  (For what it cannot tell the module is asked for.) */
static bool by_proc(const struct mms_kmap_view *v)
{
	return !strcmp(mms_source_name(v->source), "procfs") && !want_runs && !want_tree && !want_user && !want_region;
}

static int make_table(struct mms_kmap_view *v, struct mms_err *err)
{
	if (by_proc(v))
		return mms_kmap_proc_table(v, err);
	if (want_runs)
		return mms_kmap_runs_table(v, err);
	if (want_tree)
		return mms_kmap_tree_table(v, err);
	return mms_table_new(&v->table, &v->render, "kmap", columns, COL_MAX, err);
}

static int no_such_region(const char *name)
{
	char known[256];
	size_t n = 0;

	for (uint32_t id = 0; id < __MMS_KT_MAX && n < sizeof(known); id++)
		n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", id ? ", " : "", mms_kmap_region_name(id));
	return mms_usage(&mms_cmd_kmap, "no part of the addresses is called '%s'; known: %s", name, known);
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_kmap_view v = { .render = g->render, .region = __MMS_KT_MAX };
	struct mms_err err = { "" };
	int rc;

	(void)argv;
	if (argc)
		return mms_usage(&mms_cmd_kmap, "it takes no argument: the kernel has one address space");
	if (want_runs && want_tree)
		return mms_usage(&mms_cmd_kmap, "--runs and --tree are two pictures: choose one");
	if (want_region) {
		v.region = mms_kmap_region_find(want_region);
		if (v.region == __MMS_KT_MAX)
			return no_such_region(want_region);
	}
	rc = mms_open_source(g, &v.source, &err);
	if (!rc)
		rc = make_table(&v, &err);
	if (!rc)
		rc = by_proc(&v) ? mms_kmap_show_proc(&v, &err) : take_and_show(&v, &err);
	mms_table_free(v.table);
	mms_kmap_parts_free(&v.parts);
	mms_kmap_free(&v.m);
	mms_source_close(v.source);
	if (rc)
		return mms_fail(rc, &err);
	return v.mismatch ? MMS_EXIT_MISMATCH : MMS_EXIT_OK;
}

static int option(int val, const char *arg)
{
	switch (val) {
	case 'r':
		want_runs = true;
		break;
	case 't':
		want_tree = true;
		break;
	case 'u':
		want_user = true;
		break;
	case 'R':
		want_region = arg;
		break;
	}
	return 0;
}

static const struct option longopts[] = {
	{ "runs", no_argument, NULL, 'r' },
	{ "tree", no_argument, NULL, 't' },
	{ "region", required_argument, NULL, 'R' },
	{ "user", no_argument, NULL, 'u' },
	{ NULL, 0, NULL, 0 },
};

const struct mms_command mms_cmd_kmap = {
	.name = "kmap",
	.summary = "The kernel's address space: its parts, what is mapped and how",
	.usage = "[--runs | --tree] [--region NAME] [--user]",
	.options = "      --runs            each stretch that is mapped alike, with the part of the\n"
		   "                        kernel's image or the modules in it; -o +PHYS, +END,\n"
		   "                        +GLOBAL adds physical addresses, ends, global pages\n"
		   "      --tree            parts, and in each what is mapped how, as a tree\n"
		   "      --region NAME     this part alone: vmalloc, direct-map, modules ...\n"
		   "      --user            what of it the tables have that user mode runs with\n"
		   "                        (PTI)\n",
	.examples =
		"  mmscope kmap\n"
		"  mmscope kmap --tree\n"
		"  mmscope kmap --runs --region modules\n"
		"  mmscope kmap --runs --json\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
