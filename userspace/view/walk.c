// SPDX-License-Identifier: GPL-2.0
/* mmscope walk: one address through every level, and what an access would do. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "model/extent.h"
#include "source/ksyms.h"
#include "view/walk.h"

extern const struct mms_command mms_cmd_walk;

enum { COL_LEVEL, COL_INDEX, COL_ENTRY, COL_RAW, COL_FLAGS, COL_MAX };

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

static const struct mms_column columns[COL_MAX] = {
	[COL_LEVEL]	= { .name = "LEVEL", .type = MMS_COL_STR, .shown = true,
			    .tree = true, .help = "Linux's name of the table (the manual's of its entry)" },
	[COL_INDEX]	= C("INDEX", NUM, true, "which entry of the table"),
	[COL_ENTRY]	= C("ENTRY", HEX, true, "physical address of the entry"),
	[COL_RAW]	= C("RAW", HEX, true, "the entry as read"),
	[COL_FLAGS]	= C("FLAGS", STR, true, "its bits, by the manual"),
};

/* Memory of the software MMU: the entries that the walk brought, no more. */
static int read_step4(void *ctx, uint64_t pa, uint32_t *value)
{
	const struct mms_walk *w = ctx;

	for (unsigned int i = 0; i < w->nsteps; i++) {
		if (w->steps[i].entry_pa != pa)
			continue;
		*value = (uint32_t)w->steps[i].raw;
		return 0;
	}
	return -ENOENT;
}

static int read_step(void *ctx, uint64_t pa, uint64_t *value)
{
	const struct mms_walk *w = ctx;
	unsigned int i;

	for (i = 0; i < w->nsteps; i++) {
		if (w->steps[i].entry_pa != pa)
			continue;
		*value = w->steps[i].raw & ~w->context.sme_mask;
		return 0;
	}
	return -ENOENT;
}

static const struct mmu_step *mmu_step_at(const struct mms_walk_view *v, unsigned int level)
{
	unsigned int i;

	for (i = 0; i < v->res.nsteps; i++)
		if (v->res.steps[i].level == (int)level)
			return &v->res.steps[i];
	return NULL;
}

static void step_flags(const struct mms_walk_view *v, const struct mms_walk_step *s,
		       char *buf, size_t size)
{
	const struct mmu_step *m = v->no_mmu.text[0] ? NULL : mmu_step_at(v, s->level);
	bool leaf = m && m->kind == MMU_STEP_LEAF;
	size_t n;

	if (v->no_mmu.text[0]) {
		snprintf(buf, size, "%s", s->raw ? "" : "empty");
		return;
	}
	n = mmu_entry_flags(v->regs.mode, (int)s->level, leaf, s->raw,
				   buf, size);

	if (!m || n >= size)
		return;
	if (m->kind == MMU_STEP_NOT_PRESENT)
		snprintf(buf, size, "%s", s->raw ? "not present" : "empty");
	else if (m->kind == MMU_STEP_RESERVED)
		snprintf(buf + n, size - n, " (reserved bits %#" PRIx64 ")",
			 v->res.reserved_bits);
}

static int show_levels(struct mms_walk_view *v, struct mms_table *t, struct mms_err *err)
{
	struct mms_line *l = NULL;
	char buf[128];
	unsigned int i;

	for (i = 0; i < v->walk.nsteps; i++) {
		const struct mms_walk_step *s = &v->walk.steps[i];

		l = mms_table_line(t, l);
		if (!l)
			return mms_err_set(err, -ENOMEM, "out of memory");
		mms_walk_level(v, s->level, buf, sizeof(buf));
		mms_line_str(t, l, COL_LEVEL, buf);
		mms_line_num(t, l, COL_INDEX, s->index);
		mms_line_hex(t, l, COL_ENTRY, s->entry_pa);
		mms_line_hex(t, l, COL_RAW, s->raw);
		step_flags(v, s, buf, sizeof(buf));
		mms_line_str(t, l, COL_FLAGS, buf);
	}
	return mms_doc_table(v->doc, t, err);
}

static int show_walk(struct mms_walk_view *v, struct mms_table *t, struct mms_err *err)
{
	int rc;

	mms_walk_title(v);
	rc = show_levels(v, t, err);
	if (rc)
		return rc;
	mms_doc_text(v->doc, "\n");
	if (v->no_mmu.text[0]) {
		v->mapped = v->walk.has_extent && v->walk.extent.state == MMS_PT_PRESENT &&
			    !(v->walk.extent.flags & MMS_PT_F_PROTNONE);
		if (v->mapped)
			mms_walk_extent(v);
		else
			mms_walk_unmapped(v);
		mms_walk_vma(v);
		mms_walk_pagemap_verdict(v);
		return 0;
	}
	v->mapped = v->res.walk == MMU_OK;
	if (v->mapped)
		mms_walk_page(v);
	else
		mms_walk_unmapped(v);
	mms_walk_vma(v);
	rc = mms_walk_accesses(v, err);
	if (!rc)
		mms_walk_verdict(v);
	return rc;
}

static int with_levels(struct mms_walk_view *v, struct mms_err *err)
{
	const struct mmu_mem mem = { .read = read_step, .read4 = read_step4, .ctx = &v->walk };
	struct mms_err ignored;
	int rc;

	v->kernel = mms_mmu_kernel_half(&v->walk.context, v->addr);
	rc = mms_mmu_regs(&v->walk.context, &v->regs, &v->no_mmu);
	if (rc && rc != -EOPNOTSUPP)
		return mms_err_set(err, rc, "%s", v->no_mmu.text);
	if (!rc && v->kernel)
		mms_mmu_kernel_root(&v->walk.context, &v->regs);
	if (!rc && v->walk.nsteps)	/* PAE: what the processor keeps of the root */
		mms_mmu_pdpte(&v->regs, v->walk.steps[0].index, v->walk.steps[0].raw);
	if (!rc) {
		struct mmu_regs any_age = v->regs;

		mms_mmu_any_age(&any_age);
		mmu_walk(&any_age, &mem, v->addr, &v->res);
		mmu_walk(&v->regs, &mem, v->addr, &v->met);
	}
	v->doc = mms_doc_begin(&v->render);
	if (!v->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = show_walk(v, v->table, err);
	if (rc) {
		mms_doc_end(v->doc, &ignored);
		return rc;
	}
	return mms_doc_end(v->doc, err);
}

static int on_record(void *ctx, const struct mms_record *rec)
{
	struct mms_walk *w = ctx;
	const struct mms_pt_extent *e = (const struct mms_pt_extent *)rec;

	if (rec->type == MMS_REC_PT_EXTENT && w->addr - e->va < e->len) {
		w->extent = *e;
		w->has_extent = true;
	}
	return 0;
}

/* Without levels: what pagemap says of the page. */
static int without_levels(struct mms_walk_view *v, const struct mms_err *why,
			  struct mms_err *err)
{
	struct mms_request req = {
		.size = sizeof(req), .flags = MMS_REQ_EXTENTS, .pid = v->pid,
		.start = v->addr & ~0xfffULL, .end = (v->addr & ~0xfffULL) + 0x1000,
	};
	struct mms_handler h = { .record = on_record, .ctx = &v->walk };
	const struct mms_pt_extent *e = &v->walk.extent;
	char buf[128];
	int rc;

	v->walk.addr = v->addr;
	rc = mms_source_stream(v->source, MMS_KIND_PGTABLE, &req, &h, err);
	if (rc)
		return rc;
	v->doc = mms_doc_begin(&v->render);
	if (!v->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	mms_walk_title(v);
	mms_doc_text(v->doc, "no levels: %s\n\n", why->text);
	mms_doc_str(v->doc, "walk", NULL);
	mms_doc_str(v->doc, "no_levels", why->text);
	v->mapped = v->walk.has_extent && e->state == MMS_PT_PRESENT;
	if (v->mapped) {
		snprintf(buf, sizeof(buf), "%#" PRIx64,
			 mms_extent_pa(e, v->addr - e->va));
		mms_walk_fact(v, "physical address", "pa", buf);
	} else {
		mms_walk_fact(v, "the page is", "state", v->walk.has_extent ?
		     mms_walk_state(e, buf, sizeof(buf)) : "not mapped");
	}
	mms_walk_vma(v);
	mms_doc_text(v->doc, "%-18s/proc/PID/pagemap\n", "witness");
	return mms_doc_end(v->doc, err);
}

/*
 * What an address that certainly has a walk tells of this machine's addresses: the last of user mode. A source with no
 * levels leaves 5-level paging possible. arm64 has a table for each half (TTBR0, TTBR1), x86 one for both.
 */
static uint64_t last_user(struct mms_walk_view *v, struct mms_pt_context *c)
{
	struct mms_walk probe;
	struct mms_err ignored;

	*c = (struct mms_pt_context){ .levels = 0 };
	if (!v->snap->nregions ||
	    mms_source_walk(v->source, v->pid, v->snap->regions[0].vma.start,
			    &probe, &ignored))
		return (1ULL << 56) - 1;
	*c = probe.context;
	if (c->tcr)
		return (1ULL << c->va_bits) - 1;
	return (1ULL << (c->levels == 5 ? 56 : c->levels == 4 ? 47 : 32)) - 1;
}

/* Can the address have a translation? Those that no table translates are told apart by the CPU. */
static bool translated(struct mms_walk_view *v, struct mms_err *err)
{
	struct mms_pt_context c;
	uint64_t low, high;

	if (!(v->addr >> 32))
		return true;
	low = last_user(v, &c);
	high = ~low;
	if (v->addr <= low)
		return true;
	if (low != UINT32_MAX && mms_mmu_kernel_half(&c, v->addr) &&
	    !strcmp(mms_source_name(v->source), "module"))
		return true;
	if (low == UINT32_MAX)
		mms_err_set(err, -ENOENT, "address %#" PRIx64 " does not exist: this machine's are 32 bits",
			    v->addr);
	else if (v->addr >= high)
		mms_err_set(err, -ENOENT,
			    "address %#" PRIx64 " is in the kernel's half: only a living process of this machine, seen by the module, shows it; source %s has user addresses, up to %#" PRIx64,
			    v->addr, mms_source_name(v->source), low);
	else
		mms_err_set(err, -ENOENT,
			    "address %#" PRIx64 " is not canonical: any access faults (x86: #GP(0), or #SS(0) on the stack), no page table is read; canonical are 0-%#" PRIx64 " and %#" PRIx64 "-%#" PRIx64,
			    v->addr, low, high, UINT64_MAX);
	return false;
}

static int walk_one(struct mms_walk_view *v, struct mms_err *err)
{
	struct mms_err why = { "" };
	int rc;

	rc = mms_snapshot_take(&v->snap, v->source, v->pid,
			       MMS_SNAP_TASK | MMS_SNAP_VMA, err);
	if (rc)
		return rc;
	if (!translated(v, err))
		return -ENOENT;
	rc = mms_source_walk(v->source, v->pid, v->addr, &v->walk, &why);
	if (!rc && v->asked_kernel && !mms_mmu_kernel_half(&v->walk.context, v->addr))
		return mms_err_set(err, -ENOENT, "address %#" PRIx64 " is not of the kernel's half, which begins at %#" PRIx64 ": name a PID",
				   v->addr, (uint64_t)v->walk.context.kernel_start);
	if (!rc)
		return with_levels(v, err);
	if (rc == -EOPNOTSUPP) {
		memset(&v->walk, 0, sizeof(v->walk));
		return without_levels(v, &why, err);
	}
	return mms_err_set(err, rc, "%s", why.text);
}

/* A number, as of a process, or else a symbol; the kernel's tables are those it has for this tool. */
static int parse_kernel(struct mms_walk_view *v, const char *word, struct mms_err *err)
{
	struct mms_err not_number;

	v->pid = (uint32_t)getpid();
	if (!mms_parse_addr(word, &v->addr, &not_number))
		return 0;
	v->symbol = word;
	return mms_ksym_address(MMS_KALLSYMS, word, &v->addr, err);
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_walk_view v = { .render = g->render, .plain = g->render };
	struct mms_err err = { "" };
	int rc;

	if (argc != 2)
		return mms_usage(&mms_cmd_walk, "a PID, or 'kernel', and an address are needed, %d given",
				 argc);
	v.plain.columns = NULL;
	v.asked_kernel = !strcmp(argv[0], "kernel");
	rc = v.asked_kernel ? parse_kernel(&v, argv[1], &err) : mms_parse_pid(argv[0], &v.pid, &err);
	if (!rc && !v.asked_kernel)
		rc = mms_parse_addr(argv[1], &v.addr, &err);
	/* A wrong -o is said before anything is read. */
	if (!rc)
		rc = mms_table_new(&v.table, &v.render, "walk", columns, COL_MAX, &err);
	if (!rc)
		rc = mms_open_source(g, &v.source, &err);
	if (!rc)
		rc = walk_one(&v, &err);
	mms_table_free(v.table);
	mms_snapshot_free(v.snap);
	mms_source_close(v.source);
	if (rc)
		return mms_fail(rc, &err);
	return v.mapped && !v.mismatch ? MMS_EXIT_OK : MMS_EXIT_MISMATCH;
}

const struct mms_command mms_cmd_walk = {
	.name = "walk",
	.summary = "One virtual address through every page-table level",
	.usage = "PID ADDR | kernel ADDR|SYMBOL",
	.options = "  ADDR is hexadecimal, with or without 0x; it need not be aligned. In the\n"
		   "  kernel's half it is walked as the kernel does while it runs for PID.\n"
		   "  'kernel': an address or symbol of the kernel, in the tables that it has\n"
		   "  while it runs for this tool.\n"
		   "  An address that is not mapped is shown, with exit status 1.\n",
	.examples =
		"  mmscope walk 1 0x7ffc16180000\n"
		"  mmscope walk kernel _text\n"
		"  mmscope walk --json 1 55737d9b9000\n",
	.columns = columns,
	.ncolumns = COL_MAX,
	.run = run,
};
