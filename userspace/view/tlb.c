// SPDX-License-Identifier: GPL-2.0
/* mmscope tlb: how many TLB entries a process needs, and what huge pages would change. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "model/tlbneed.h"
#include "source/cputlb.h"
#include "view/tlb.h"

extern const struct mms_command mms_cmd_tlb;

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum {
	COL_START, COL_END, COL_SIZE, COL_MAPPED, COL_SMALL, COL_HUGE, COL_GIANT, COL_CONTIG, COL_ENTRIES,
	COL_RANGES, COL_IFHUGE, COL_ADDED, COL_TABLES, COL_NAME, COL_MAX
};

static const struct mms_column columns[COL_MAX] = {
	[COL_START]	= C("START", HEX, true, "first address; 'total': the sum"),
	[COL_END]	= C("END", HEX, false, "first address after it"),
	[COL_SIZE]	= C("SIZE", SIZE, false, "address space"),
	[COL_MAPPED]	= C("MAPPED", SIZE, true, "what the processor can translate now"),
	[COL_SMALL]	= C("SMALL", NUM, true, "pages of the smallest size"),
	[COL_HUGE]	= C("HUGE", NUM, true, "pages of the next size (2M; arm64 by granule)"),
	[COL_GIANT]	= C("GIANT", NUM, false, "pages of the size after that (1G)"),
	[COL_CONTIG]	= C("CONTIG", NUM, false, "arm64: pages with the Contiguous bit, which share entries"),
	[COL_ENTRIES]	= C("ENTRIES", NUM, true, "TLB entries that translate all of it"),
	[COL_RANGES]	= C("RANGES", NUM, true, "ranges that could be one huge page each"),
	[COL_IFHUGE]	= C("IFHUGE", NUM, true, "TLB entries if they were"),
	[COL_ADDED]	= C("ADDED", SIZE, true, "memory that this would add"),
	[COL_TABLES]	= C("TABLES", NUM, false, "page tables that would no longer be walked"),
	[COL_NAME]	= { .name = "NAME", .type = MMS_COL_STR, .shown = true, .trunc = true,
			    .help = "file or purpose" },
};

enum { TLB_LEVEL, TLB_FOR, TLB_PAGE, TLB_ENTRIES, TLB_WAYS, TLB_REACH, TLB_COVERS, TLB_MAX };

static const struct mms_column tlb_columns[TLB_MAX] = {
	[TLB_LEVEL]	= C("LEVEL", NUM, true, ""),
	[TLB_FOR]	= C("FOR", STR, true, ""),
	[TLB_PAGE]	= C("PAGE", SIZE, true, ""),
	[TLB_ENTRIES]	= C("ENTRIES", NUM, true, ""),
	[TLB_WAYS]	= C("WAYS", STR, true, ""),
	[TLB_REACH]	= C("REACH", SIZE, true, ""),
	[TLB_COVERS]	= C("COVERS", STR, true, ""),
};

static struct {
	const char *trace;
	const char *mem;
	const char *mode;
} opt;

/* struct view - one invocation */
struct view {
	struct mms_render render;	/* as asked */
	struct mms_render plain;	/* for the table that -o does not mean */
	struct mms_snapshot *snap;
	struct mms_tlb_sizes sizes;
	struct mms_tlb_need total;
	struct mms_cputlb cpu;
	struct mms_table *table;
	struct mms_doc *doc;
	bool here;			/* the processor is this machine's */
	uint32_t pid;
};

/* --- the process --- */

static void fill_need(struct view *v, struct mms_line *l, const struct mms_tlb_need *n)
{
	if (n->known) {
		mms_line_size(v->table, l, COL_MAPPED, n->mapped[0] + n->mapped[1] + n->mapped[2]);
		mms_line_num(v->table, l, COL_SMALL, (int64_t)n->pages[0]);
		mms_line_num(v->table, l, COL_HUGE, (int64_t)n->pages[1]);
		mms_line_num(v->table, l, COL_GIANT, (int64_t)n->pages[2]);
		mms_line_num(v->table, l, COL_ENTRIES, (int64_t)n->entries);
		if (v->sizes.contiguous[0])
			mms_line_num(v->table, l, COL_CONTIG, (int64_t)n->contiguous);
	}
	if (n->known_huge) {
		mms_line_num(v->table, l, COL_RANGES, (int64_t)n->candidates);
		mms_line_num(v->table, l, COL_IFHUGE, (int64_t)n->entries_huge);
		mms_line_size(v->table, l, COL_ADDED, n->added);
		mms_line_num(v->table, l, COL_TABLES, (int64_t)n->tables);
	}
}

static const char *short_name(const struct mms_region *r)
{
	const char *slash = r->path[0] == '/' ? strrchr(r->path, '/') : NULL;

	return slash && slash[1] ? slash + 1 : r->path[0] ? r->path : r->name;
}

static int show_regions(struct view *v, struct mms_err *err)
{
	struct mms_line *l;
	size_t i;

	v->total.known = v->total.known_huge = true;
	for (i = 0; i < v->snap->nregions; i++) {
		const struct mms_region *r = &v->snap->regions[i];
		struct mms_tlb_need need;

		mms_tlb_need_of(v->snap, r, &v->sizes, &need);
		mms_tlb_need_add(&v->total, &need);
		l = mms_table_line(v->table, NULL);
		if (!l)
			return mms_err_set(err, -ENOMEM, "out of memory");
		mms_line_hex(v->table, l, COL_START, r->vma.start);
		mms_line_hex(v->table, l, COL_END, r->vma.end);
		mms_line_size(v->table, l, COL_SIZE, r->vma.end - r->vma.start);
		mms_line_str(v->table, l, COL_NAME, short_name(r));
		fill_need(v, l, &need);
	}
	return mms_doc_table(v->doc, v->table, err);
}

static uint64_t mapped(const struct view *v)
{
	return v->total.mapped[0] + v->total.mapped[1] + v->total.mapped[2];
}

static void show_total(struct view *v)
{
	const struct mms_tlb_need *t = &v->total;
	char a[16], b[16], c[16];
	unsigned int i;

	mms_doc_text(v->doc, "\npages: SMALL %s", mms_human(1ULL << v->sizes.shift[0], a));
	if (v->sizes.shift[1])
		mms_doc_text(v->doc, ", HUGE %s", mms_human(1ULL << v->sizes.shift[1], b));
	if (v->sizes.shift[2])
		mms_doc_text(v->doc, ", GIANT %s", mms_human(1ULL << v->sizes.shift[2], c));
	mms_doc_text(v->doc, "; %s\n", v->snap->pt_writer == MMS_WRITER_MODULE ? "from page tables (module)" :
		     "from smaps and pagemap");
	if (!t->known) {
		mms_doc_text(v->doc, "entries not known: page tables could not be read, nor smaps for each VMA: %s\n",
			     v->snap->missing_extents.text[0] ? v->snap->missing_extents.text : "load the module");
		return;
	}
	for (i = 0; i < MMS_TLB_SIZES && v->sizes.shift[i]; i++)
		mms_doc_text(v->doc, "%s%s in %" PRIu64 " pages of %s", i ? ", " : "mapped: ",
			     mms_human(t->mapped[i], a), t->pages[i], mms_human(1ULL << v->sizes.shift[i], b));
	mms_doc_text(v->doc, "\nneeds %" PRIu64 " TLB entries now\n", t->entries);
	mms_doc_num(v->doc, "mapped", (int64_t)mapped(v));
	mms_doc_num(v->doc, "entries", (int64_t)t->entries);
	if (!t->known_huge) {
		mms_doc_text(v->doc, "with huge pages: not known without the module's page tables\n");
		return;
	}
	if (!t->candidates)
		mms_doc_text(v->doc, "no range of it could be a huge page that is none yet\n");
	else
		mms_doc_text(v->doc, "would need %" PRIu64 " if each of %" PRIu64 " ranges were one huge page: %s of memory more, %" PRIu64 " page tables less to walk (%" PRIu64 " of them freed)\n",
			     t->entries_huge, t->candidates, mms_human(t->added, a), t->tables, t->tables_freed);
	mms_doc_num(v->doc, "ranges", (int64_t)t->candidates);
	mms_doc_num(v->doc, "entries_if_huge", (int64_t)t->entries_huge);
	mms_doc_num(v->doc, "added", (int64_t)t->added);
	mms_doc_num(v->doc, "tables_less", (int64_t)t->tables);
	mms_doc_num(v->doc, "tables_freed", (int64_t)t->tables_freed);
}

/* --- the processor --- */

static void add_array(struct view *v, struct mms_table *t, const struct mms_cputlb_array *a, unsigned int shift)
{
	static const char *const kinds[] = { "data", "code", "both" };
	struct mms_line *l = mms_table_line(t, NULL);
	uint64_t reach = (uint64_t)a->entries << shift, need = mapped(v);
	char buf[16];

	if (!l)
		return;
	mms_line_num(t, l, TLB_LEVEL, a->level);
	mms_line_str(t, l, TLB_FOR, kinds[a->kind]);
	mms_line_size(t, l, TLB_PAGE, 1ULL << shift);
	mms_line_num(t, l, TLB_ENTRIES, a->entries);
	snprintf(buf, sizeof(buf), "%u", a->ways);
	mms_line_str(t, l, TLB_WAYS, a->ways ? buf : "full");
	mms_line_size(t, l, TLB_REACH, reach);
	if (!v->total.known || !need || a->kind == MMS_CPUTLB_CODE)
		return;
	snprintf(buf, sizeof(buf), "%.3g%%", reach >= need ? 100.0 : 100.0 * (double)reach / (double)need);
	mms_line_str(t, l, TLB_COVERS, buf);
}

static int show_arrays(struct view *v, struct mms_err *err)
{
	struct mms_table *t;
	unsigned int i, shift;
	int rc = mms_table_new(&t, &v->plain, "tlb", tlb_columns, TLB_MAX, err);

	if (rc)
		return rc;
	for (i = 0; i < v->cpu.n; i++)
		for (shift = 12; shift < 40; shift++)
			if (v->cpu.array[i].shifts >> shift & 1)
				add_array(v, t, &v->cpu.array[i], shift);
	mms_doc_text(v->doc, "\nTLBs of this processor, by CPUID leaf %#x%s; COVERS: so much of what is mapped, were all its pages of that size\n",
		     v->cpu.leaf, v->cpu.hypervisor ? " (as the hypervisor says)" : "");
	rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	return rc;
}

static int show_processor(struct view *v, struct mms_err *err)
{
	int rc = 0;

	if (!v->here)
		mms_doc_text(v->doc, "TLB: not known: a capture does not tell the processor's\n");
	else if (!v->cpu.n)
		mms_doc_text(v->doc, "TLB: not known: the processor does not tell its geometry by CPUID%s\n",
			     v->cpu.hypervisor ? " (a hypervisor answers it)" : "");
	else
		rc = show_arrays(v, err);
	if (v->here && v->cpu.unknown)
		mms_doc_text(v->doc, "%u descriptors of CPUID leaf 2 were left out: what they mean is not said\n",
			     v->cpu.unknown);
	return rc;
}

static int show(struct view *v, struct mms_err *err)
{
	struct mms_err ignored;
	int rc;

	v->doc = mms_doc_begin(&v->render);
	if (!v->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = show_regions(v, err);
	if (!rc && !(v->render.no_headings && !v->render.json)) {
		show_total(v);
		rc = show_processor(v, err);
	}
	if (rc) {
		mms_doc_end(v->doc, &ignored);
		return rc;
	}
	return mms_doc_end(v->doc, err);
}

/* A process with no address space needs nothing: say which it is. */
static int check_task(const struct view *v, struct mms_err *err)
{
	if (v->snap->task.flags & MMS_TASK_KTHREAD)
		return mms_err_set(err, -ENXIO, "PID %u is a kernel thread: it has no memory map of its own", v->pid);
	if (v->snap->task.flags & MMS_TASK_ZOMBIE)
		return mms_err_set(err, -ENODATA, "PID %u is a zombie: it has exited and has no memory", v->pid);
	return 0;
}

static int process(const struct mms_globals *g, const char *pid)
{
	struct view v = { .render = g->render, .plain = g->render };
	struct mms_err err = { "" };
	struct mms_source *s = NULL;
	int rc = mms_parse_pid(pid, &v.pid, &err);

	v.plain.columns = NULL;
	/* A wrong -o is said before anything is read. */
	if (!rc)
		rc = mms_table_new(&v.table, &v.render, "vmas", columns, COL_MAX, &err);
	if (!rc)
		rc = mms_open_source(g, &s, &err);
	if (rc) {
		mms_table_free(v.table);
		return mms_fail(rc, &err);
	}
	v.here = strcmp(mms_source_name(s), "capture");
	if (v.here)
		mms_cputlb_read(&v.cpu);
	rc = mms_snapshot_take(&v.snap, s, v.pid, MMS_SNAP_TASK | MMS_SNAP_VMA | MMS_SNAP_EXTENTS | MMS_SNAP_USAGE,
			       &err);
	if (!rc)
		rc = check_task(&v, &err);
	if (!rc) {
		mms_tlb_sizes_of(v.snap, v.here, &v.sizes);
		rc = show(&v, &err);
	}
	mms_table_free(v.table);
	mms_snapshot_free(v.snap);
	mms_source_close(s);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

/* --- the command line --- */

enum { OPT_TRACE = 0x100, OPT_MEM, OPT_MODE };

static const struct option longopts[] = {
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "mem", required_argument, NULL, OPT_MEM },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ 0 },
};

static int option(int val, const char *arg)
{
	switch (val) {
	case OPT_TRACE:
		opt.trace = arg;
		return 0;
	case OPT_MEM:
		opt.mem = arg;
		return 0;
	default:
		opt.mode = arg;
		return 0;
	}
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	if (opt.trace && argc)
		return mms_usage(&mms_cmd_tlb, "--trace and a PID exclude each other");
	if (opt.trace && !opt.mem)
		return mms_usage(&mms_cmd_tlb, "--trace needs --mem FILE, the physical memory that holds the page tables");
	if (opt.trace)
		return mms_tlb_trace_view(g, opt.trace, opt.mem, opt.mode);
	if (opt.mem || opt.mode)
		return mms_usage(&mms_cmd_tlb, "--mem and --mode are for --trace FILE");
	if (argc != 1)
		return mms_usage(&mms_cmd_tlb, "one PID is needed, %d given", argc);
	return process(g, argv[0]);
}

const struct mms_command mms_cmd_tlb = {
	.name = "tlb",
	.summary = "TLB entries that a process needs, and what huge pages would change",
	.usage = "PID | --trace FILE --mem FILE [--mode MODE]",
	.options = "      --trace FILE  run a trace of accesses and invalidations, line by line: hit or miss,\n"
		   "                    and every answer that the manual allows (the lines: see the page\n"
		   "                    Documentation/views/tlb.rst)\n"
		   "      --mem FILE    the physical memory with the page tables, as for 'mmscope mmu explain'\n"
		   "      --mode MODE   4level [default] or 5level\n"
		   "With --no-headings only the rows are printed, for scripts: no sums, no processor.\n",
	.examples =
		"  mmscope tlb $$\n"
		"  mmscope tlb --json 1 | jq '.entries, .entries_if_huge'\n"
		"  printf '1000 2007\\n2000 3007\\n3000 4007\\n4008 5067\\n' >tables\n"
		"  printf 'tlb 1 4K 16 4\\ncr3 1000\\naccess 1abc\\naccess 1abc\\n' >trace\n"
		"  mmscope tlb --trace trace --mem tables\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
