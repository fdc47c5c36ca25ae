// SPDX-License-Identifier: GPL-2.0
/* mmscope walk: one address through every level, and what an access would do. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "mmu/mmu.h"
#include "model/extent.h"
#include "model/fault.h"
#include "model/mmuregs.h"
#include "model/snapshot.h"
#include "model/witness.h"
#include "source/ksyms.h"
#include "util/text.h"

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

enum { ACC_ACCESS, ACC_OUTCOME, ACC_CODE, ACC_LINUX, ACC_MAX };

static const struct mms_column access_columns[ACC_MAX] = {
	[ACC_ACCESS]	= C("ACCESS", STR, true, ""),
	[ACC_OUTCOME]	= C("OUTCOME", STR, true, ""),
	[ACC_CODE]	= C("CODE", NUM, false, ""),
	[ACC_LINUX]	= C("WHAT LINUX DOES", STR, true, ""),
};

/* struct view - one invocation */
struct view {
	struct mms_source *source;
	struct mms_render render;
	struct mms_render plain;	/* for the table that -o does not mean */
	struct mms_snapshot *snap;
	struct mms_walk walk;
	struct mmu_regs regs;
	struct mmu_result res;		/* the translation, used before or not */
	struct mmu_result met;		/* what accesses meet: arm64 may have an Access flag fault */
	struct mms_table *table;
	struct mms_doc *doc;
	uint32_t pid;
	uint64_t addr;
	bool kernel;			/* the address is of the kernel's half */
	const char *symbol;		/* that was asked for, or NULL */
	bool asked_kernel;		/* "kernel" in place of a PID: as it runs for this tool */
	bool mapped;
	bool mismatch;
	struct mms_err no_mmu;		/* why there are no regs and no res; "" = there are */
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

static const struct mmu_step *mmu_step_at(const struct view *v, unsigned int level)
{
	unsigned int i;

	for (i = 0; i < v->res.nsteps; i++)
		if (v->res.steps[i].level == (int)level)
			return &v->res.steps[i];
	return NULL;
}

static void step_flags(const struct view *v, const struct mms_walk_step *s,
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

/* "PMD (PDE)": Linux's word and the manual's; they share "PTE". */
static void level_name(const struct view *v, unsigned int level, char *buf, size_t size)
{
	static const char *const names[] = { "?", "PTE", "PMD", "PUD", "P4D", "PGD" };
	/* the top one is the PGD, however many there are */
	const char *ours = names[level == v->walk.context.levels ? 5 : level < 5 ? level : 0];
	const char *manual = v->no_mmu.text[0] ? ours : mmu_entry_name(v->regs.mode, (int)level);

	if (strcmp(ours, manual))
		snprintf(buf, size, "%s (%s)", ours, manual);
	else
		snprintf(buf, size, "%s", ours);
}

static int show_levels(struct view *v, struct mms_table *t, struct mms_err *err)
{
	struct mms_line *l = NULL;
	char buf[128];
	unsigned int i;

	for (i = 0; i < v->walk.nsteps; i++) {
		const struct mms_walk_step *s = &v->walk.steps[i];

		l = mms_table_line(t, l);
		if (!l)
			return mms_err_set(err, -ENOMEM, "out of memory");
		level_name(v, s->level, buf, sizeof(buf));
		mms_line_str(t, l, COL_LEVEL, buf);
		mms_line_num(t, l, COL_INDEX, s->index);
		mms_line_hex(t, l, COL_ENTRY, s->entry_pa);
		mms_line_hex(t, l, COL_RAW, s->raw);
		step_flags(v, s, buf, sizeof(buf));
		mms_line_str(t, l, COL_FLAGS, buf);
	}
	return mms_doc_table(v->doc, t, err);
}

/* One fact for both kinds of reader. */
static void fact(struct view *v, const char *label, const char *key, const char *text)
{
	mms_doc_text(v->doc, "%-18s%s\n", label, text);
	mms_doc_str(v->doc, key, text);
}

static bool is_arm64(const struct view *v)
{
	return v->regs.mode == MMU_MODE_ARM64;
}

/* On arm64 EL0 and EL1 each have a right to fetch. */
static bool executable(const struct view *v)
{
	return is_arm64(v) && !v->kernel ? v->res.arm64.user_executable : v->res.executable;
}

static void show_attributes(struct view *v)
{
	const struct mmu_result *r = &v->res;
	char buf[128];

	if (is_arm64(v)) {
		snprintf(buf, sizeof(buf), "%#x (MAIR index %u)", r->arm64.attr, r->pat_index);
		fact(v, "memory attribute", "memory_attribute", buf);
		return;
	}
	snprintf(buf, sizeof(buf), "%s (PAT index %u)",
		 mmu_memtype_name(r->memtype), r->pat_index);
	fact(v, "memory type", "memory_type", buf);
	if (v->regs.mode != MMU_MODE_X86_4LEVEL && v->regs.mode != MMU_MODE_X86_5LEVEL)
		return;
	snprintf(buf, sizeof(buf), "%u", r->pkey);
	fact(v, "protection key", "pkey", buf);
	if (!r->pkey || v->walk.context.pkru == UINT32_MAX)
		return;
	snprintf(buf, sizeof(buf), "%#x, as thread %u left the processor", v->regs.pkru, v->pid);
	fact(v, "PKRU", "pkru", buf);
}

static void show_page(struct view *v)
{
	const struct mmu_result *r = &v->res;
	char size[16], buf[128];

	mms_human(1ULL << r->page_shift, size);
	snprintf(buf, sizeof(buf), "%#" PRIx64, r->pa);
	fact(v, "physical address", "pa", buf);
	snprintf(buf, sizeof(buf), "%#" PRIx64, r->pa >> 12);
	mms_doc_str(v->doc, "pfn", buf);
	mms_doc_num(v->doc, "page_size", (int64_t)(1ULL << r->page_shift));
	mms_doc_text(v->doc, "%-18s%#" PRIx64 " in a page of %s\n", "page frame",
		     r->pa >> 12, size);
	snprintf(buf, sizeof(buf), "r%c%c %s", r->writable ? 'w' : '-',
		 executable(v) ? 'x' : '-',
		 r->user ? "for user mode" : "for the kernel only");
	fact(v, "effective rights", "rights", buf);
	if (v->met.walk != MMU_OK)
		fact(v, "access flag", "access_flag", "0: the next access faults, and Linux marks the page used");
	show_attributes(v);
}

static const char *state_text(const struct mms_pt_extent *e, char *buf, size_t size)
{
	switch (e->state) {
	case MMS_PT_PRESENT:
		snprintf(buf, size, "present to Linux (PROT_NONE or NUMA hint), page frame %#" PRIx64,
			 (uint64_t)e->pa >> 12);
		return buf;
	case MMS_PT_SWAP:
		snprintf(buf, size, "in swap area %u, slot %#" PRIx64, e->swap_type,
			 (uint64_t)e->pa);
		return buf;
	case MMS_PT_MIGRATION:
		return "under migration";
	case MMS_PT_DEVICE:
		return "in a device's memory";
	case MMS_PT_HWPOISON:
		return "broken memory (hwpoison)";
	case MMS_PT_MARKER:
		return e->pa & MMS_PT_MARKER_GUARD ? "a guard marker, no page" :
		       e->pa & MMS_PT_MARKER_POISON ? "a poison marker, no page" :
		       e->pa & MMS_PT_MARKER_UFFD_WP ? "a userfaultfd write-protect marker, no page" :
						"a marker, no page";
	case MMS_PT_BAD:
		return "an entry the kernel calls bad";
	default:
		return "an entry of unknown kind";
	}
}

static void show_unmapped(struct view *v)
{
	const struct mms_walk *w = &v->walk;
	unsigned int level = w->has_extent ? w->extent.level : w->hole.level;
	char buf[128], name[32], state[128];

	level_name(v, level, name, sizeof(name));
	snprintf(buf, sizeof(buf), "%s, level %u", name, level);
	fact(v, "the walk ends at", "ends_at", buf);
	if (w->has_extent)
		fact(v, "the page is", "state",
		     state_text(&w->extent, state, sizeof(state)));
}

static void show_vma(struct view *v)
{
	const struct mms_region *r = mms_snapshot_find(v->snap, v->addr);
	char buf[640];

	if (!r) {
		fact(v, "VMA", "vma", v->kernel ? "none: the kernel's half" : "none covers the address");
		return;
	}
	snprintf(buf, sizeof(buf), "%#" PRIx64 "-%#" PRIx64 " %c%c%c%c %s %.500s",
		 (uint64_t)r->vma.start, (uint64_t)r->vma.end,
		 r->vma.flags & MMS_VMA_READ ? 'r' : '-',
		 r->vma.flags & MMS_VMA_WRITE ? 'w' : '-',
		 r->vma.flags & MMS_VMA_EXEC ? 'x' : '-',
		 r->vma.flags & MMS_VMA_SHARED ? 's' : 'p',
		 mms_class_name(r->class), r->path[0] ? r->path : r->name);
	fact(v, "VMA", "vma", buf);
}

static void add_access(struct view *v, struct mms_table *t, enum mmu_access_kind kind)
{
	struct mmu_access access = { .kind = kind, .user = !v->kernel };
	struct mms_line *l = mms_table_line(t, NULL);
	char bits[64], buf[160];

	if (!l)
		return;
	snprintf(buf, sizeof(buf), "%s%s", v->kernel ? "kernel " : "", mmu_access_name(kind));
	mms_line_str(t, l, ACC_ACCESS, buf);
	mmu_check_access(&v->regs, &access, &v->met);
	/* Each thread has a PKRU of its own: what was not read allows nothing. */
	if (v->met.status == MMU_OK && v->met.pkey && kind != MMU_FETCH &&
	    v->walk.context.pkru == UINT32_MAX) {
		snprintf(buf, sizeof(buf), "allowed if PKRU permits key %u", v->met.pkey);
		mms_line_str(t, l, ACC_OUTCOME, buf);
		mms_line_str(t, l, ACC_LINUX, "SIGSEGV (SEGV_PKUERR) if not");
		return;
	}
	if (v->met.status == MMU_OK) {
		mms_line_str(t, l, ACC_OUTCOME, "allowed");
		mms_line_str(t, l, ACC_LINUX, "is not asked");
		return;
	}
	if (v->met.status == MMU_FAULT_ABORT) {
		mmu_abort_text(v->met.error_code, bits, sizeof(bits));
		snprintf(buf, sizeof(buf), "abort, ISS %#x (%s)", v->met.error_code, bits);
	} else if (v->met.status == MMU_FAULT_PF) {
		mmu_error_text(v->met.error_code, bits, sizeof(bits));
		snprintf(buf, sizeof(buf), "#PF error code %#x (%s)", v->met.error_code, bits);
	} else {
		mms_line_str(t, l, ACC_OUTCOME, mmu_status_name(v->met.status));
		return;
	}
	mms_line_str(t, l, ACC_OUTCOME, buf);
	mms_line_num(t, l, ACC_CODE, v->met.error_code);
	if (v->kernel) {
		mms_line_str(t, l, ACC_LINUX, "oops, but for code that expects it");
		return;
	}
	mms_line_str(t, l, ACC_LINUX,
		     mms_fault_text(v->snap, &v->walk, kind, &v->met, buf,
				    sizeof(buf)));
}

static int show_accesses(struct view *v, struct mms_err *err)
{
	struct mms_column cols[ACC_MAX];
	struct mms_table *t;
	int rc;

	memcpy(cols, access_columns, sizeof(cols));
	cols[ACC_CODE].shown = v->render.json;
	if (v->render.json)
		cols[ACC_LINUX].name = "LINUX";
	rc = mms_table_new(&t, &v->plain, "accesses", cols, ACC_MAX, err);
	if (rc)
		return rc;
	add_access(v, t, MMU_READ);
	add_access(v, t, MMU_WRITE);
	add_access(v, t, MMU_FETCH);
	mms_doc_text(v->doc, "\n");
	rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	return rc;
}

/* Where module and model differ, or NULL. */
static const char *disagreement(const struct view *v, char *buf, size_t size)
{
	const struct mms_pt_extent *e = &v->walk.extent;
	const struct mmu_result *r = &v->res;
	bool present = v->walk.has_extent && e->state == MMS_PT_PRESENT &&
		       !(e->flags & MMS_PT_F_PROTNONE);
	uint32_t rights = (r->writable ? MMS_PT_F_WRITE : 0) |
			  (executable(v) ? MMS_PT_F_EXEC : 0) |
			  (r->user ? MMS_PT_F_USER : 0);
	unsigned int level = v->walk.has_extent ? e->level : v->walk.hole.level;
	uint64_t pa = mms_extent_pa(e, v->addr - e->va);
	uint64_t mask = MMS_PT_F_WRITE | MMS_PT_F_EXEC | MMS_PT_F_USER;

	if (present != (r->walk == MMU_OK) || r->walk == MMU_ERR_MEMORY)
		snprintf(buf, size, "the module says %s, the software MMU %s",
			 present ? "present" : "not present",
			 r->walk == MMU_OK ? "present" : mmu_status_name(r->walk));
	else if (!r->nsteps || (unsigned int)r->steps[r->nsteps - 1].level != level)
		snprintf(buf, size, "the module ends at level %u, the software MMU at %d",
			 level, r->nsteps ? r->steps[r->nsteps - 1].level : 0);
	else if (present && pa != r->pa)
		snprintf(buf, size, "the module says physical address %#" PRIx64 ", the software MMU %#" PRIx64,
			 pa, r->pa);
	else if (present && (e->flags & mask) != rights)
		snprintf(buf, size, "the module says rights %#x, the software MMU %#x",
			 e->flags & (uint32_t)mask, rights);
	else if (present && (e->page_shift != r->page_shift ||
			     e->cache != r->pat_index || e->pkey != r->pkey))
		snprintf(buf, size, "the module says page size 2^%u, PAT index %u, key %u; the software MMU 2^%u, %u, %u",
			 e->page_shift, e->cache, e->pkey, r->page_shift,
			 r->pat_index, r->pkey);
	else
		return NULL;
	return buf;
}

static void show_verdict(struct view *v)
{
	const struct mmu_step *s = v->res.nsteps ?
				   &v->res.steps[v->res.nsteps - 1] : NULL;
	char buf[256], line[400];
	const char *why = disagreement(v, buf, sizeof(buf));

	mms_doc_text(v->doc, "\n");
	if (why) {
		v->mismatch = true;
		snprintf(line, sizeof(line), "MISMATCH at level %d, index %u, raw %#" PRIx64 ": %s",
			 s ? s->level : 0, s ? s->index : 0, s ? s->raw : 0, why);
	} else if (v->res.walk == MMU_OK) {
		snprintf(line, sizeof(line), "software MMU agrees: %#" PRIx64 " -> %#" PRIx64 " (%u levels replayed)",
			 v->addr, v->res.pa, v->res.nsteps);
	} else {
		snprintf(line, sizeof(line), "software MMU agrees: not mapped, the walk ends at level %d (%u levels replayed)",
			 v->res.fail_level, v->res.nsteps);
	}
	mms_doc_text(v->doc, "%s\n", line);
	mms_doc_str(v->doc, "verdict", line);
	mms_doc_str(v->doc, "agrees", why ? "no" : "yes");
}

/* What the module says of a mapped page, where no model replays it. */
static void show_extent(struct view *v)
{
	const struct mms_pt_extent *e = &v->walk.extent;
	char size[16], buf[128];
	uint64_t pa = mms_extent_pa(e, v->addr - e->va);

	mms_human(1ULL << e->page_shift, size);
	snprintf(buf, sizeof(buf), "%#" PRIx64, pa);
	fact(v, "physical address", "pa", buf);
	snprintf(buf, sizeof(buf), "%#" PRIx64, pa >> 12);
	mms_doc_str(v->doc, "pfn", buf);
	mms_doc_num(v->doc, "page_size", (int64_t)(1ULL << e->page_shift));
	mms_doc_text(v->doc, "%-18s%#" PRIx64 " in a page of %s\n", "page frame", pa >> 12, size);
	snprintf(buf, sizeof(buf), "r%c%c %s", e->flags & MMS_PT_F_WRITE ? 'w' : '-',
		 e->flags & MMS_PT_F_EXEC ? 'x' : '-',
		 e->flags & MMS_PT_F_USER ? "for user mode" : "for the kernel only");
	fact(v, "effective rights", "rights", buf);
}

/* The other witness of one page: the word of /proc/PID/pagemap.  NULL: it agrees. */
static const char *pagemap_differs(struct view *v, uint64_t *word, char *buf, size_t size)
{
	const struct mms_pt_extent *e = v->walk.has_extent ? &v->walk.extent : NULL;
	const struct mms_region *r = mms_snapshot_find(v->snap, v->addr);
	struct mms_pm_expect x = mms_witness_expect(e, e ? (v->addr & ~0xfffULL) - e->va : 0,
						    r ? r->vma.flags : 0);

	if (!((*word ^ x.value) & x.mask))
		return NULL;
	snprintf(buf, size, "pagemap's word is %#" PRIx64 ", the module's entry makes it %#" PRIx64 " (bits %#" PRIx64 ")",
		 *word & x.mask, x.value & x.mask, x.mask);
	return buf;
}

/* Without a model: the verdict is pagemap's, if there is a live process to ask. */
static void show_pagemap_verdict(struct view *v)
{
	struct mms_witness *pm = NULL;
	struct mms_err err = { "" };
	char buf[160], line[640];
	const char *why = NULL;
	uint64_t word = 0;
	bool asked = false;

	if (!strcmp(mms_source_name(v->source), "capture"))
		mms_err_set(&err, 0, "a capture file has no live process to ask");
	else if (!mms_witness_open(&pm, v->pid, &err))
		asked = pm->read(pm, v->addr & ~0xfffULL, 1, &word) == 1;
	if (asked)
		why = pagemap_differs(v, &word, buf, sizeof(buf));
	mms_witness_close(pm);
	v->mismatch = why;
	if (!asked)
		snprintf(line, sizeof(line), "not verified: %.200s; %.200s", v->no_mmu.text,
			 err.text[0] ? err.text : "pagemap cannot be read");
	else if (why)
		snprintf(line, sizeof(line), "MISMATCH: %s", why);
	else
		snprintf(line, sizeof(line), "pagemap agrees (%.200s)", v->no_mmu.text);
	mms_doc_text(v->doc, "\n%s\n", line);
	mms_doc_str(v->doc, "verdict", line);
	mms_doc_str(v->doc, "agrees", !asked ? NULL : why ? "no" : "yes");
}

#define KALLSYMS	"/proc/kallsyms"

static void show_title(struct view *v)
{
	char comm[sizeof(v->snap->task.comm) * 4 + 1], addr[32];

	mms_neutral((const char *)v->snap->task.comm, comm, sizeof(comm));
	snprintf(addr, sizeof(addr), "%#" PRIx64, v->addr);
	if (v->asked_kernel) {
		char symbol[600];
		bool known = v->symbol || !mms_ksym_name(KALLSYMS, v->addr, symbol, sizeof(symbol));

		if (v->symbol)
			snprintf(symbol, sizeof(symbol), "%s", v->symbol);
		mms_doc_text(v->doc, "kernel, address %s%s%s\n\n", addr, known ? ", symbol " : "", known ? symbol : "");
		mms_doc_str(v->doc, "symbol", known ? symbol : NULL);
	} else {
		mms_doc_text(v->doc, "PID %u (%s), address %s\n\n", v->pid, comm, addr);
		mms_doc_num(v->doc, "pid", v->pid);
		mms_doc_str(v->doc, "comm", comm);
	}
	mms_doc_str(v->doc, "address", addr);
}

static int show_walk(struct view *v, struct mms_table *t, struct mms_err *err)
{
	int rc;

	show_title(v);
	rc = show_levels(v, t, err);
	if (rc)
		return rc;
	mms_doc_text(v->doc, "\n");
	if (v->no_mmu.text[0]) {
		v->mapped = v->walk.has_extent && v->walk.extent.state == MMS_PT_PRESENT &&
			    !(v->walk.extent.flags & MMS_PT_F_PROTNONE);
		if (v->mapped)
			show_extent(v);
		else
			show_unmapped(v);
		show_vma(v);
		show_pagemap_verdict(v);
		return 0;
	}
	v->mapped = v->res.walk == MMU_OK;
	if (v->mapped)
		show_page(v);
	else
		show_unmapped(v);
	show_vma(v);
	rc = show_accesses(v, err);
	if (!rc)
		show_verdict(v);
	return rc;
}

static int with_levels(struct view *v, struct mms_err *err)
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
static int without_levels(struct view *v, const struct mms_err *why,
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
	show_title(v);
	mms_doc_text(v->doc, "no levels: %s\n\n", why->text);
	mms_doc_str(v->doc, "walk", NULL);
	mms_doc_str(v->doc, "no_levels", why->text);
	v->mapped = v->walk.has_extent && e->state == MMS_PT_PRESENT;
	if (v->mapped) {
		snprintf(buf, sizeof(buf), "%#" PRIx64,
			 mms_extent_pa(e, v->addr - e->va));
		fact(v, "physical address", "pa", buf);
	} else {
		fact(v, "the page is", "state", v->walk.has_extent ?
		     state_text(e, buf, sizeof(buf)) : "not mapped");
	}
	show_vma(v);
	mms_doc_text(v->doc, "%-18s/proc/PID/pagemap\n", "witness");
	return mms_doc_end(v->doc, err);
}

/*
 * What an address that certainly has a walk tells of this machine's addresses: the last of user mode. A source with no
 * levels leaves 5-level paging possible. arm64 has a table for each half (TTBR0, TTBR1), x86 one for both.
 */
static uint64_t last_user(struct view *v, struct mms_pt_context *c)
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
static bool translated(struct view *v, struct mms_err *err)
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

static int walk_one(struct view *v, struct mms_err *err)
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
static int parse_kernel(struct view *v, const char *word, struct mms_err *err)
{
	struct mms_err not_number;

	v->pid = (uint32_t)getpid();
	if (!mms_parse_addr(word, &v->addr, &not_number))
		return 0;
	v->symbol = word;
	return mms_ksym_address(KALLSYMS, word, &v->addr, err);
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct view v = { .render = g->render, .plain = g->render };
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
