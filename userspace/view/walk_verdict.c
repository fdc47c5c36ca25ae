// SPDX-License-Identifier: GPL-2.0
/* mmscope walk: do the witnesses of one translation agree? */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "model/extent.h"
#include "model/witness.h"
#include "view/walk.h"

/* Where module and model differ, or NULL. */
static const char *disagreement(const struct mms_walk_view *v, char *buf, size_t size)
{
	const struct mms_pt_extent *e = &v->walk.extent;
	const struct mmu_result *r = &v->res;
	bool present = v->walk.has_extent && e->state == MMS_PT_PRESENT &&
		       !(e->flags & MMS_PT_F_PROTNONE);
	uint32_t rights = (r->writable ? MMS_PT_F_WRITE : 0) |
			  (mms_walk_executable(v) ? MMS_PT_F_EXEC : 0) |
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

void mms_walk_verdict(struct mms_walk_view *v)
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

/* The other witness of one page: the word of /proc/PID/pagemap.  NULL: it agrees. */
static const char *pagemap_differs(struct mms_walk_view *v, uint64_t *word, char *buf, size_t size)
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
void mms_walk_pagemap_verdict(struct mms_walk_view *v)
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
