// SPDX-License-Identifier: GPL-2.0
/* The module's translations against the software MMU on the raw entries. */
#include <errno.h>

#include "model/extent.h"
#include "model/verify_pass.h"

#define RIGHTS	(MMS_PT_F_WRITE | MMS_PT_F_EXEC | MMS_PT_F_USER)

/* How often ->progress is told, in translations. */
#define PROGRESS_EVERY	65536

/*
 * An extent's entries came in tables.  A damaged stream can tell of more, and
 * its tables can point to themselves: a day would not do to check them all.
 */
#define CHECKS_SPARE	(1 << 20)

static const struct mmu_step *last_step(const struct mmu_result *res)
{
	return res->nsteps ? &res->steps[res->nsteps - 1] : NULL;
}

static void locate(struct mms_diff *d, const struct mmu_result *res)
{
	const struct mmu_step *step = last_step(res);

	if (!step)
		return;
	/* A table that is not there: the entry that points to it is to blame. */
	if (step->kind == MMU_STEP_UNREADABLE && res->nsteps > 1)
		step--;
	d->level = (unsigned int)step->level;
	d->index = step->index;
	d->raw = step->raw;
}

void mms_pass_locate(struct mms_pass *p, struct mms_diff *d)
{
	struct mmu_result res;

	if (p->no_mmu)
		return;
	mmu_walk(&p->regs, &p->mem, d->va, &res);
	locate(d, &res);
}

/* Of a user's page: on arm64 who fetches decides which bit forbids it. */
static uint32_t mmu_rights(const struct mms_pass *p, const struct mmu_result *res)
{
	bool executable = p->regs.mode == MMU_MODE_ARM64 && !p->kernel ? res->arm64.user_executable :
									 res->executable;

	return (res->writable ? MMS_PT_F_WRITE : 0) |
	       (executable ? MMS_PT_F_EXEC : 0) |
	       (res->user ? MMS_PT_F_USER : 0);
}

static bool differ(struct mms_diff *d, enum mms_diff_kind kind, uint64_t ours,
		   uint64_t theirs)
{
	if (ours == theirs)
		return false;
	d->kind = kind;
	d->ours = ours;
	d->theirs = theirs;
	return true;
}

/* The first of all the ways in which a present entry can differ. */
static bool present_differs(const struct mms_pass *p, const struct mms_pt_extent *e,
			    uint64_t va, const struct mmu_result *res,
			    struct mms_diff *d)
{
	return differ(d, MMS_DIFF_PRESENT, 1, res->walk == MMU_OK) ||
	       differ(d, MMS_DIFF_LEVEL, e->level,
		      (uint64_t)last_step(res)->level) ||
	       differ(d, MMS_DIFF_SIZE, e->page_shift, res->page_shift) ||
	       differ(d, MMS_DIFF_PA, mms_extent_pa(e, va - e->va), res->pa) ||
	       differ(d, MMS_DIFF_RIGHTS, e->flags & RIGHTS, mmu_rights(p, res)) ||
	       differ(d, MMS_DIFF_CACHE, e->cache, res->pat_index) ||
	       differ(d, MMS_DIFF_PKEY, e->pkey, res->pkey) ||
	       (va == e->va && differ(d, MMS_DIFF_RAW, e->raw & ~p->sme_mask,
				      last_step(res)->raw));
}

/* What Linux calls absent, or PROT_NONE, must be absent to the processor. */
static bool absent_differs(const struct mms_pass *p, const struct mms_pt_extent *e,
			   uint64_t va, const struct mmu_result *res,
			   struct mms_diff *d)
{
	bool refused = (res->walk == MMU_FAULT_PF || res->walk == MMU_FAULT_ABORT) &&
		       last_step(res)->kind == MMU_STEP_NOT_PRESENT;

	return differ(d, MMS_DIFF_PRESENT, 0, !refused) ||
	       differ(d, MMS_DIFF_LEVEL, e->level,
		      (uint64_t)last_step(res)->level) ||
	       (va == e->va && differ(d, MMS_DIFF_RAW, e->raw & ~p->sme_mask,
				      last_step(res)->raw));
}

static void claim(struct mms_pass *p, const struct mms_pt_extent *e,
		  const struct mmu_result *res)
{
	unsigned int i;

	for (i = 0; i < res->nsteps; i++)
		if (res->steps[i].level == e->level)
			mms_tables_claim(p->tables, res->steps[i].entry_pa);
}

/* Addresses that go with the table in which the walk was lost. */
static uint64_t after_missing(const struct mms_pass *p, uint64_t va,
			      const struct mmu_result *res)
{
	unsigned int shift = mmu_geometry_shift(&p->geo, res->fail_level + 1);

	return shift ? (va | ((1ULL << shift) - 1)) + 1 : UINT64_MAX;
}

/* One entry; *@next is moved on past addresses that one reason covers. */
static int check_entry(struct mms_pass *p, const struct mms_pt_extent *e,
		       uint64_t va, uint64_t *next)
{
	bool present = e->state == MMS_PT_PRESENT &&
		       !(e->flags & MMS_PT_F_PROTNONE);
	struct mms_diff d = {
		.va = va, .start = va & ~(mms_extent_step(e) - 1),
		.state = e->state, .counted = present,
	};
	struct mmu_result res;
	bool bad;

	d.end = d.start + mms_extent_step(e);
	if (present)
		p->res->translations++;
	else
		p->res->absent++;
	if (p->no_mmu)
		return 0;
	mmu_walk(&p->regs, &p->mem, va, &res);
	claim(p, e, &res);
	if (res.walk == MMU_ERR_MEMORY) {
		bad = differ(&d, MMS_DIFF_TABLE, 1, 0);
		*next = after_missing(p, va, &res);
	} else if (!res.nsteps) {	/* not a canonical address */
		bad = differ(&d, MMS_DIFF_PRESENT, 1, 0);
		*next = UINT64_MAX;
	} else if (e->state == MMS_PT_BAD) {
		return 0;
	} else {
		bad = present ? present_differs(p, e, va, &res, &d) :
				absent_differs(p, e, va, &res, &d);
	}
	if (!bad)
		return 0;
	locate(&d, &res);
	return mms_pass_diff(p, &d);
}

static void tell_progress(struct mms_pass *p)
{
	if (!p->opts->progress || p->res->translations < p->next_progress)
		return;
	p->next_progress = p->res->translations + PROGRESS_EVERY;
	p->opts->progress(p->opts->ctx, p->res->translations);
}

int mms_pass_mmu_extent(struct mms_pass *p, const struct mms_pt_extent *e)
{
	uint64_t va, next;
	int rc = 0;

	if (!p->have_context)
		return mms_err_set(p->err, -EBADMSG,
				   "PID %u: page-table extents come before their context record: damaged stream",
				   p->res->pid);
	for (va = e->va; va < mms_extent_end(e) && !rc; va = next) {
		if (p->checked++ > mms_tables_entries(p->tables) + CHECKS_SPARE)
			return mms_err_set(p->err, -EBADMSG,
					   "PID %u: the page-table extents have more entries than the tables: damaged stream",
					   p->res->pid);
		next = mms_extent_next(e, va);
		rc = check_entry(p, e, va, &next);
	}
	tell_progress(p);
	return rc;
}

/*
 * A none entry may have A and D set: Linux ignores what the Knights Landing
 * erratum leaves there.
 */
#define NONE_MASK	(~0x60ULL)

static int lost_entry(void *ctx, const struct mms_raw_entry *e)
{
	struct mms_pass *p = ctx;
	uint64_t size = 1ULL << mmu_geometry_shift(&p->geo, (int)e->level);
	uint64_t va = e->va > p->start ? e->va : p->start;
	struct mms_diff d = { .va = va, .start = e->va, .end = e->va + size };
	struct mmu_result res;
	const struct mmu_step *step;

	/* Outside the range; in the other half; or a level this mode lacks. */
	if (d.end - 1 < p->start || (p->end && e->va >= p->end) || size == 1 ||
	    (p->kernel ? va < p->kernel_start : va >> p->user_bits))
		return 0;
	mmu_walk(&p->regs, &p->mem, va, &res);
	step = last_step(&res);
	if (!step)
		return 0;
	locate(&d, &res);
	if (step->entry_pa == e->pa) {
		if (step->kind == MMU_STEP_NOT_PRESENT && !(e->raw & NONE_MASK))
			return 0;
		differ(&d, MMS_DIFF_LOST, 0, e->raw);
		return mms_pass_diff(p, &d);
	}
	/* A pointer: to a table of the stream, or else that table is lost. */
	if (res.walk != MMU_ERR_MEMORY || step->level + 1 != (int)e->level ||
	    res.nsteps < 2 || res.steps[res.nsteps - 2].entry_pa != e->pa ||
	    mms_tables_has(p->tables, step->entry_pa))
		return 0;
	d.level = e->level;
	d.index = e->index;
	d.raw = e->raw;
	differ(&d, MMS_DIFF_TABLE, 1, 0);
	return mms_pass_diff(p, &d);
}

#define REPEATS	1024	/* entries of one record that are looked at */

/* Does the entry for @va name the table of the record? */
static int repeat_at(struct mms_pass *p, const struct mms_kt_repeat *r, uint64_t va)
{
	struct mms_diff d = {
		.va = va, .start = r->va, .end = r->va + r->len, .kind = MMS_DIFF_TABLE, .ours = 1,
	};
	struct mmu_result res;
	unsigned int s = 0;

	mmu_walk(&p->regs, &p->mem, va, &res);
	while (s < res.nsteps && res.steps[s].level != (int)r->level)
		s++;
	p->res->repeats++;
	if (s + 1 < res.nsteps && (res.steps[s + 1].entry_pa & ~0xfffULL) == r->table_pa)
		return 0;
	locate(&d, &res);
	return mms_pass_diff(p, &d);
}

/* The first ones, and the last. */
int mms_pass_mmu_repeat(struct mms_pass *p, const struct mms_kt_repeat *r)
{
	unsigned int shift = p->have_context && !p->no_mmu ? mmu_geometry_shift(&p->geo, (int)r->level) : 0;
	uint64_t n = shift ? r->len >> shift : 0;
	int rc = 0;

	for (uint64_t i = 0; i < n && i < REPEATS - 1 && !rc; i++)
		rc = repeat_at(p, r, r->va + (i << shift));
	if (n >= REPEATS && !rc)
		rc = repeat_at(p, r, r->va + ((n - 1) << shift));
	return rc;
}

int mms_pass_mmu_lost(struct mms_pass *p)
{
	return p->have_context && !p->no_mmu ?
	       mms_tables_unclaimed(p->tables, lost_entry, p) : 0;
}
