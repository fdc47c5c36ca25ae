// SPDX-License-Identifier: GPL-2.0
/* One reading of a range: streams in, differences between witnesses out. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/extent.h"
#include "model/mmuregs.h"
#include "model/vec.h"
#include "model/verify_pass.h"

static int no_memory(struct mms_pass *p)
{
	return mms_err_set(p->err, -ENOMEM, "PID %u: out of memory", p->res->pid);
}

int mms_pass_diff(struct mms_pass *p, const struct mms_diff *d)
{
	if (mms_vec_grow(&p->diffs, &p->diffs_cap, p->ndiffs, sizeof(*d)))
		return no_memory(p);
	p->diffs[p->ndiffs++] = *d;
	return 0;
}

static int damaged(struct mms_pass *p, const char *what, uint64_t va)
{
	return mms_err_set(p->err, -EBADMSG,
			   "PID %u: %s at %#" PRIx64 " is impossible: damaged stream",
			   p->res->pid, what, va);
}

static int on_header(void *ctx, const struct mms_stream_header *h)
{
	struct mms_pass *p = ctx;

	if (h->kind != MMS_KIND_PGTABLE)
		return 0;
	if (h->writer == MMS_WRITER_PROCFS)
		return mms_err_set(p->err, -EOPNOTSUPP,
				   "PID %u: no raw page tables, only what pagemap tells; verify needs the module",
				   p->res->pid);
	return 0;
}

/* x86-64 has one root for both halves of the addresses. */
static void shape(struct mms_pass *p)
{
	bool halves = p->regs.mode == MMU_MODE_X86_4LEVEL || p->regs.mode == MMU_MODE_X86_5LEVEL;

	mmu_geometry(&p->regs, 0, &p->geo);
	p->user_bits = p->geo.va_bits - (halves ? 1 : 0);
}

/* Later contexts (another batch) may not change the paging mode's meaning. */
static int on_context(struct mms_pass *p, const struct mms_pt_context *c)
{
	int rc = mms_mmu_regs(c, &p->regs, &p->res->no_mmu);

	/* The witnesses in /proc know what a page table of any machine means. */
	p->no_mmu = rc == -EOPNOTSUPP;
	if (rc && (!p->no_mmu || p->opts->frozen))
		return mms_err_set(p->err, rc, "%s", p->res->no_mmu.text);
	mms_mmu_any_age(&p->regs);
	if (!rc)
		shape(p);
	p->sme_mask = c->sme_mask;
	p->kernel_start = c->kernel_start;
	mms_tables_set_shape(p->tables, c);
	if (p->kernel)
		mms_mmu_kernel_root(c, &p->regs);
	p->have_context = true;
	return 0;
}

static int on_extent(struct mms_pass *p, const struct mms_pt_extent *e)
{
	if (!mms_extent_sane(e))
		return damaged(p, "page-table extent", e->va);
	if (mms_vec_grow(&p->extents, &p->extents_cap, p->nextents, sizeof(*e)))
		return no_memory(p);
	p->extents[p->nextents++] = *e;
	return mms_pass_mmu_extent(p, e);
}

#define MMS_PDPT_LEVEL	3

/* PAE's root is not memory to the processor: it is in registers. */
static void take_pdptes(struct mms_pass *p, const struct mms_pt_table *t)
{
	const uint64_t *entries = mms_pt_table_entries(t);

	for (uint32_t i = t->first; i <= t->last && i < 4; i++)
		mms_mmu_pdpte(&p->regs, i,
			      i >= t->index && i - t->index < t->count ? entries[i - t->index] : 0);
}

static int on_table(struct mms_pass *p, const struct mms_pt_table *t)
{
	int rc;

	if (p->no_mmu) {
		p->res->tables++;
		p->res->entries += t->last - t->first + 1;
		return 0;
	}
	if (t->level == MMS_PDPT_LEVEL)
		take_pdptes(p, t);
	rc = mms_tables_add(p->tables, t, mms_pt_table_entries(t));
	if (rc == -EBADMSG)
		return damaged(p, "page table", t->va);
	return rc ? no_memory(p) : 0;
}

static int on_vma(struct mms_pass *p, const struct mms_vma *v)
{
	if (v->start >= v->end || (v->start | v->end) & 0xfff)
		return damaged(p, "VMA", v->start);
	if (mms_vec_grow(&p->vmas, &p->vmas_cap, p->nvmas, sizeof(*v)))
		return no_memory(p);
	p->vmas[p->nvmas++] = *v;
	return 0;
}

static int on_usage(struct mms_pass *p, const struct mms_usage *u)
{
	if (mms_vec_grow(&p->usage, &p->usage_cap, p->nusage, sizeof(*u)))
		return no_memory(p);
	p->usage[p->nusage++] = *u;
	return 0;
}

/* One of the two top tables is checked at a time. */
static int on_root(struct mms_pass *p, const struct mms_kt_root *r)
{
	if (!p->have_context)
		return damaged(p, "a top table before its context,", r->root_pa);
	p->other_root = r->user != p->user_root;
	if (p->other_root)
		return 0;
	p->seen_root = true;
	if (p->regs.mode != MMU_MODE_ARM64)
		p->regs.cr3 = r->root_pa;
	return 0;
}

static int on_record(void *ctx, const struct mms_record *rec)
{
	struct mms_pass *p = ctx;

	if (rec->type == MMS_REC_KT_ROOT)
		return on_root(p, (const struct mms_kt_root *)rec);
	if (p->other_root)
		return 0;
	switch (rec->type) {
	case MMS_REC_KT_REPEAT:
		return mms_pass_mmu_repeat(p, (const struct mms_kt_repeat *)rec);
	case MMS_REC_VMA:
		return on_vma(p, (const struct mms_vma *)rec);
	case MMS_REC_PT_CONTEXT:
		return on_context(p, (const struct mms_pt_context *)rec);
	case MMS_REC_PT_TABLE:
		return on_table(p, (const struct mms_pt_table *)rec);
	case MMS_REC_PT_EXTENT:
		return on_extent(p, (const struct mms_pt_extent *)rec);
	case MMS_REC_USAGE:
		return on_usage(p, (const struct mms_usage *)rec);
	default:
		return 0;
	}
}

static int on_trailer(void *ctx, const struct mms_trailer *t)
{
	struct mms_pass *p = ctx;
	int error = (int)(t->error & 0xfff);

	if (t->end == MMS_END_COMPLETE)
		return 0;
	if (t->end == MMS_END_EXITED)
		return mms_err_set(p->err, -ENODATA, "PID %u exited while it was read",
				   p->res->pid);
	if (t->end == MMS_END_KILLED)
		return mms_err_set(p->err, -EINTR, "PID %u: interrupted", p->res->pid);
	return mms_err_set(p->err, error ? -error : -EIO,
			   "PID %u: the source stopped: %s", p->res->pid,
			   strerror(error ? error : EIO));
}

static int read_kind(struct mms_pass *p, enum mms_kind kind)
{
	struct mms_request req = {
		.size = sizeof(req), .pid = p->res->pid,
		.flags = MMS_REQ_EXTENTS | MMS_REQ_TABLES,
		.start = p->start, .end = p->end,
	};
	struct mms_handler h = {
		.header = on_header, .record = on_record,
		.trailer = on_trailer, .ctx = p,
	};

	if (kind != MMS_KIND_PGTABLE && kind != MMS_KIND_KTABLES)
		req.flags = 0;
	return mms_source_stream(p->source, kind, &req, &h, p->err);
}

static int by_vma_start(const void *a, const void *b)
{
	const struct mms_vma *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int by_usage_start(const void *a, const void *b)
{
	const struct mms_usage *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int by_va(const void *a, const void *b)
{
	const struct mms_pt_extent *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

static int by_diff_va(const void *a, const void *b)
{
	const struct mms_diff *x = a, *y = b;

	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static void sort(void *array, size_t n, size_t size,
		 int (*cmp)(const void *, const void *))
{
	if (n > 1)
		qsort(array, n, size, cmp);
}

/* Batches that were read twice overlap: the earlier one is cut off. */
static void cut_overlaps(struct mms_pass *p)
{
	size_t i;

	for (i = 1; i < p->nextents; i++) {
		struct mms_pt_extent *e = &p->extents[i - 1];

		if (mms_extent_end(e) > p->extents[i].va)
			e->len = p->extents[i].va - e->va;
	}
}

/* smaps of a live process; what is missing is said, not fatal. */
static int read_smaps(struct mms_pass *p)
{
	struct mms_err *err = p->err;
	int rc;

	p->err = &p->res->no_smaps;
	rc = read_kind(p, MMS_KIND_USAGE);
	p->err = err;
	if (rc == -ESRCH || rc == -ENODATA || rc == -ENOMEM)
		return mms_err_set(err, rc, "%s", p->res->no_smaps.text);
	if (rc)
		return 0;
	p->res->no_smaps.text[0] = '\0';
	sort(p->usage, p->nusage, sizeof(*p->usage), by_usage_start);
	return mms_pass_smaps(p);
}

/* The streams, and what the software MMU says of them. */
static int read_tables(struct mms_pass *p)
{
	int rc = p->kernel ? 0 : read_kind(p, MMS_KIND_VMA);

	p->next_progress = p->res->translations;
	if (!rc)
		rc = read_kind(p, p->kernel ? MMS_KIND_KTABLES : MMS_KIND_PGTABLE);
	return rc ? rc : mms_pass_mmu_lost(p);
}

int mms_pass_run(struct mms_pass *p)
{
	int rc;

	p->tables = mms_tables_new();
	if (!p->tables)
		return no_memory(p);
	p->mem = (struct mmu_mem){
		.read = mms_tables_read, .read4 = mms_tables_read4, .ctx = p->tables,
	};
	rc = read_tables(p);
	if (rc)
		return rc;
	sort(p->vmas, p->nvmas, sizeof(*p->vmas), by_vma_start);
	sort(p->extents, p->nextents, sizeof(*p->extents), by_va);
	cut_overlaps(p);
	p->res->tables += mms_tables_count(p->tables);
	p->res->entries += mms_tables_entries(p->tables);
	if (!p->opts->frozen && !p->kernel) {
		rc = mms_pass_pagemap(p);
		if (!rc && p->no_mmu && p->res->no_pagemap.text[0])
			rc = mms_err_set(p->err, -EOPNOTSUPP,
					 "PID %u: nothing to check against: software MMU: %.200s; %.220s",
					 p->res->pid, p->res->no_mmu.text, p->res->no_pagemap.text);
		if (!rc && p->want_smaps)
			rc = read_smaps(p);
	}
	sort(p->diffs, p->ndiffs, sizeof(*p->diffs), by_diff_va);
	return rc;
}

void mms_pass_free(struct mms_pass *p)
{
	mms_tables_free(p->tables);
	mms_witness_close(p->pagemap);
	free(p->window);
	free(p->diffs);
	free(p->extents);
	free(p->vmas);
	free(p->usage);
}
