// SPDX-License-Identifier: GPL-2.0
/*
 * Caches of translations: what they may hold (SDM 5.10), and one that holds it.
 *
 * mmu_tlb_allowed() replays a trace for one processor and one address. After
 * each event it takes everything into its caches that a walk could now find,
 * because a processor may do so at any time; an event takes out only what the
 * manual says it must. What is left at the end is what an access may use.
 */
#include <errno.h>

#include "tlb.h"

#define ALL_RIGHTS	(MMU_TLB_W | MMU_TLB_U | MMU_TLB_X)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static uint64_t offset_mask(unsigned int shift)
{
	return (UINT64_C(1) << shift) - 1;
}

static bool covers(const struct mmu_tlb_cached *item, uint64_t va)
{
	return !((item->va ^ va) & ~offset_mask(item->shift));
}

/* Non-global translations and paging-structure entries of one ASID. */
static bool of_asid(const struct mmu_tlb_cached *item, unsigned int asid)
{
	return !item->global && item->asid == asid;
}

/* SDM 5.10.4.1; for pages and paging-structure entries apart. */
static bool invlpg(const struct mmu_tlb_op *op, unsigned int current,
		   const struct mmu_tlb_cached *item)
{
	/* "regardless of the linear addresses to which they correspond" */
	if (item->table)
		return item->asid == current;
	return covers(item, op->va) && (item->global || item->asid == current);
}

/* Arm, "TLB maintenance instructions": by address takes global entries too. */
static bool tlbi_va(const struct mmu_tlb_op *op,
		    const struct mmu_tlb_cached *item, bool any_asid)
{
	if (!covers(item, op->va) || (item->table && op->last_level))
		return false;
	return any_asid || item->global || item->asid == op->asid;
}

bool mmu_tlb_invalidates(const struct mmu_tlb_op *op, unsigned int current,
			 const struct mmu_tlb_cached *item)
{
	switch (op->kind) {
	case MMU_TLB_WRITE:
		return false;
	case MMU_TLB_SWITCH:
		return !op->keep && of_asid(item, op->asid);
	case MMU_TLB_CR4:
		return !op->current || of_asid(item, current);
	case MMU_TLB_INVLPG:
		return invlpg(op, current, item);
	case MMU_TLB_INVPCID_ADDRESS:
		return covers(item, op->va) && of_asid(item, op->asid);
	case MMU_TLB_INVPCID_CONTEXT:
	case MMU_TLB_TLBI_ASID:
		return of_asid(item, op->asid);
	case MMU_TLB_INVPCID_ALL:
	case MMU_TLB_TLBI_ALL:
		return true;
	case MMU_TLB_INVPCID_ALL_BUT_GLOBAL:
		return !item->global;
	case MMU_TLB_PAGE_FAULT:
		/* Unlike INVLPG it need not touch global ones. */
		return covers(item, op->va) && of_asid(item, current);
	case MMU_TLB_TLBI_VA:
		return tlbi_va(op, item, false);
	case MMU_TLB_TLBI_VAA:
		return tlbi_va(op, item, true);
	}
	return false;
}

/* The processor of the question, in the course of the trace. */
struct replay {
	const struct mmu_tlb_trace *trace;
	unsigned int cpu;
	uint64_t va;
	size_t done;			/* events that have happened */
	uint32_t root;
	unsigned int asid;
	bool pge, pcide;
	struct mmu_tlb_cached *items;
	size_t count, max;
	int error;
	bool absent;			/* a walk can end without a page */
};

static unsigned int level_shift(const struct mmu_tlb_trace *trace, int level)
{
	return trace->page_shift +
	       trace->index_bits * (unsigned int)(level - 1);
}

static bool same(const struct mmu_tlb_cached *a, const struct mmu_tlb_cached *b)
{
	return a->shift == b->shift && a->va == b->va &&
	       a->global == b->global && (a->global || a->asid == b->asid) &&
	       a->rights == b->rights && a->pa == b->pa &&
	       a->table == b->table && a->level == b->level;
}

static void add(struct replay *r, const struct mmu_tlb_cached *item)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (same(&r->items[i], item))
			return;
	if (r->count == r->max)
		r->error = -ENOSPC;
	else
		r->items[r->count++] = *item;
}

/* What the table holds by now for the address; absent if never written. */
static struct mmu_tlb_entry entry_of(const struct replay *r, uint32_t table,
				     int level)
{
	const struct mmu_tlb_entry absent = { .kind = MMU_TLB_ABSENT };
	unsigned int index = (r->va >> level_shift(r->trace, level)) &
			     offset_mask(r->trace->index_bits);
	size_t i;

	for (i = r->done; i-- > 0;) {
		const struct mmu_tlb_op *op = &r->trace->ops[i];

		if (op->kind == MMU_TLB_WRITE && op->table == table &&
		    op->index == index)
			return op->entry;
	}
	return absent;
}

/* What one step of a walk finds; false if that is nothing to cache. */
static bool step(struct replay *r, uint32_t table, int level,
		 unsigned int rights, struct mmu_tlb_cached *found)
{
	unsigned int shift = level_shift(r->trace, level);
	struct mmu_tlb_entry entry = entry_of(r, table, level);

	if (entry.kind == MMU_TLB_ABSENT)
		return false;
	*found = (struct mmu_tlb_cached){
		.shift = shift,
		.va = r->va & ~offset_mask(shift),
		.asid = r->asid,
		.rights = rights & entry.rights,
	};
	if (entry.kind == MMU_TLB_LEAF) {
		found->pa = entry.target;
		found->global = entry.global && r->pge;
		found->present = true;
		return true;
	}
	if (level == 1 || !entry.target) {
		r->error = -EINVAL;
		return false;
	}
	found->table = (uint32_t)entry.target;
	found->level = level - 1;
	return true;
}

/*
 * All that walks can find now: from the root, and from every entry that the
 * paging-structure caches may hold for this ASID (SDM 5.10.3.2: a walk may
 * start there). What is found at the end of the list is looked at in turn.
 */
static void explore(struct replay *r)
{
	struct mmu_tlb_cached found;
	size_t i;

	r->absent = false;
	if (!r->root)
		return;
	if (step(r, r->root, r->trace->levels, ALL_RIGHTS, &found))
		add(r, &found);
	else
		r->absent = true;
	for (i = 0; i < r->count && !r->error; i++) {
		struct mmu_tlb_cached from = r->items[i];

		if (!from.table || from.asid != r->asid)
			continue;
		if (step(r, from.table, from.level, from.rights, &found))
			add(r, &found);
		else
			r->absent = true;
	}
}

static void drop(struct replay *r, const struct mmu_tlb_op *op)
{
	size_t i, kept = 0;

	for (i = 0; i < r->count; i++)
		if (!mmu_tlb_invalidates(op, r->asid, &r->items[i]))
			r->items[kept++] = r->items[i];
	r->count = kept;
}

/* SDM 5.10.4.1, "MOV to CR4" */
static void write_cr4(struct replay *r, const struct mmu_tlb_op *op)
{
	if (op->pge != r->pge || (r->pcide && !op->pcide))
		r->count = 0;
	else if (op->current)
		drop(r, op);
	r->pge = op->pge;
	r->pcide = op->pcide;
	if (!op->pcide)
		r->asid = 0;
}

static void apply(struct replay *r, const struct mmu_tlb_op *given)
{
	struct mmu_tlb_op op = *given;

	if (op.kind == MMU_TLB_WRITE)
		return;
	if (op.cpu != r->cpu && !op.broadcast)
		return;
	/* SDM 5.10.1: all is PCID 000H, and bit 63 of CR3 means nothing. */
	if (!r->pcide) {
		op.asid = 0;
		op.keep = false;
	}
	if (op.kind == MMU_TLB_CR4) {
		write_cr4(r, &op);
		return;
	}
	drop(r, &op);
	if (op.kind == MMU_TLB_SWITCH) {
		r->root = op.table;
		r->asid = op.asid;
	}
}

/* The walk that reads everything anew: its answer, or false for none. */
static bool fresh_walk(struct replay *r, struct mmu_tlb_cached *found)
{
	unsigned int rights = ALL_RIGHTS;
	uint32_t table = r->root;
	int level = r->trace->levels;

	while (step(r, table, level, rights, found)) {
		if (!found->table)
			return true;
		table = found->table;
		level = found->level;
		rights = found->rights;
	}
	return false;
}

static bool same_answer(const struct mmu_tlb_cached *a,
			const struct mmu_tlb_cached *b)
{
	return a->present == b->present && a->pa == b->pa &&
	       a->rights == b->rights && a->shift == b->shift &&
	       a->global == b->global;
}

/* Keeps of @items the pages that an access may use; add() has each once. */
static void answers(struct replay *r)
{
	struct mmu_tlb_cached fresh = { .present = false };
	bool walked = fresh_walk(r, &fresh);
	size_t i, kept = 0;

	for (i = 0; i < r->count; i++) {
		struct mmu_tlb_cached item = r->items[i];

		if (item.table || !(item.global || item.asid == r->asid))
			continue;
		item.fresh = walked && same_answer(&item, &fresh);
		r->items[kept++] = item;
	}
	r->count = kept;
	if (!r->absent)
		return;
	fresh = (struct mmu_tlb_cached){ .fresh = !walked };
	if (r->count == r->max)
		r->error = -ENOSPC;
	else
		r->items[r->count++] = fresh;
}

static bool sensible(const struct mmu_tlb_trace *trace)
{
	return trace->levels >= 2 && trace->levels <= 5 &&
	       trace->index_bits >= 1 && trace->index_bits <= 16 &&
	       trace->page_shift >= 12 && trace->page_shift <= 16 &&
	       trace->page_shift + trace->index_bits *
	       (unsigned int)trace->levels <= 64;
}

int mmu_tlb_allowed(const struct mmu_tlb_trace *trace, unsigned int cpu,
		    uint64_t va, struct mmu_tlb_cached *room, size_t max)
{
	struct replay r = {
		.trace = trace, .cpu = cpu, .va = va, .pge = trace->pge,
		.pcide = trace->pcide, .items = room, .max = max,
	};

	if (!sensible(trace))
		return -EINVAL;
	for (r.done = 0; r.done < trace->count && !r.error;) {
		apply(&r, &trace->ops[r.done]);
		r.done++;
		explore(&r);
	}
	/* Without a root there is nothing to ask. */
	if (!r.error && !r.root)
		r.error = -EINVAL;
	if (!r.error)
		answers(&r);
	return r.error ? r.error : (int)r.count;
}

size_t mmu_tlb_slots(const struct mmu_tlb_sim *sim)
{
	size_t slots = 0;
	unsigned int i;

	if (!sim->narrays || sim->narrays > MMU_TLB_ARRAYS)
		return 0;
	for (i = 0; i < sim->narrays; i++) {
		const struct mmu_tlb_array *array = &sim->arrays[i];

		if (array->level < 1 || array->level > 2 || !array->ways ||
		    !array->sets || (array->sets & (array->sets - 1)))
			return 0;
		slots += (size_t)array->sets * array->ways;
	}
	return slots;
}

void mmu_tlb_reset(struct mmu_tlb_sim *sim)
{
	size_t slots = mmu_tlb_slots(sim);
	size_t i;

	for (i = 0; i < slots; i++)
		sim->slots[i].used = false;
	sim->clock = 0;
	sim->asid = 0;
	sim->hits[1] = 0;
	sim->hits[2] = 0;
	sim->misses = 0;
}

/* First slot of the set of an array that an address of a page size goes to. */
static struct mmu_tlb_slot *set_of(const struct mmu_tlb_sim *sim,
				   unsigned int number, uint64_t va,
				   unsigned int shift)
{
	const struct mmu_tlb_array *array = &sim->arrays[number];
	struct mmu_tlb_slot *slots = sim->slots;
	unsigned int i;

	for (i = 0; i < number; i++)
		slots += (size_t)sim->arrays[i].sets * sim->arrays[i].ways;
	return slots + ((va >> shift) & (array->sets - 1)) * array->ways;
}

static struct mmu_tlb_slot *look_in_set(const struct mmu_tlb_sim *sim,
					struct mmu_tlb_slot *set,
					unsigned int ways, uint64_t va,
					unsigned int shift)
{
	unsigned int i;

	for (i = 0; i < ways; i++) {
		struct mmu_tlb_cached *item = &set[i].item;

		if (set[i].used && item->shift == shift && covers(item, va) &&
		    (item->global || item->asid == sim->asid))
			return &set[i];
	}
	return NULL;
}

static struct mmu_tlb_slot *look_in(const struct mmu_tlb_sim *sim,
				    unsigned int number, uint64_t va)
{
	const struct mmu_tlb_array *array = &sim->arrays[number];
	struct mmu_tlb_slot *slot = NULL;
	unsigned int shift;

	for (shift = 12; shift < 48 && !slot; shift++)
		if (array->shifts >> shift & 1)
			slot = look_in_set(sim, set_of(sim, number, va, shift),
					   array->ways, va, shift);
	return slot;
}

/* Into the place that is free, or was used longest ago. */
static void take_in(struct mmu_tlb_sim *sim, unsigned int number,
		    const struct mmu_tlb_cached *page)
{
	struct mmu_tlb_slot *set = set_of(sim, number, page->va, page->shift);
	struct mmu_tlb_slot *victim = set;
	unsigned int i;

	for (i = 0; i < sim->arrays[number].ways && victim->used; i++)
		if (!set[i].used || set[i].stamp < victim->stamp)
			victim = &set[i];
	victim->used = true;
	victim->stamp = sim->clock;
	victim->item = *page;
}

static struct mmu_tlb_slot *look_up(struct mmu_tlb_sim *sim, int level,
				    uint64_t va)
{
	unsigned int i;

	for (i = 0; i < sim->narrays; i++) {
		struct mmu_tlb_slot *slot;

		if (sim->arrays[i].level != level)
			continue;
		slot = look_in(sim, i, va);
		if (!slot)
			continue;
		slot->stamp = sim->clock;
		sim->hits[level]++;
		return slot;
	}
	return NULL;
}

static void fill_level(struct mmu_tlb_sim *sim, int level,
		       const struct mmu_tlb_cached *page)
{
	unsigned int i;

	for (i = 0; i < sim->narrays; i++)
		if (sim->arrays[i].level == level &&
		    (sim->arrays[i].shifts >> page->shift & 1))
			take_in(sim, i, page);
}

int mmu_tlb_access(struct mmu_tlb_sim *sim, uint64_t va,
		   const struct mmu_tlb_cached *page)
{
	struct mmu_tlb_cached item;
	struct mmu_tlb_slot *slot;

	sim->clock++;
	if (look_up(sim, 1, va))
		return 1;
	slot = look_up(sim, 2, va);
	if (slot) {
		item = slot->item;
		fill_level(sim, 1, &item);
		return 2;
	}
	sim->misses++;
	item = *page;
	item.va = va & ~offset_mask(item.shift);
	item.asid = sim->asid;
	fill_level(sim, 1, &item);
	fill_level(sim, 2, &item);
	return 0;
}

void mmu_tlb_apply(struct mmu_tlb_sim *sim, const struct mmu_tlb_op *op)
{
	size_t slots = mmu_tlb_slots(sim);
	size_t i;

	for (i = 0; i < slots; i++)
		if (sim->slots[i].used &&
		    mmu_tlb_invalidates(op, sim->asid, &sim->slots[i].item))
			sim->slots[i].used = false;
	if (op->kind == MMU_TLB_SWITCH)
		sim->asid = op->asid;
}

uint64_t mmu_tlb_reach(const struct mmu_tlb_sim *sim, int level,
		       unsigned int shift)
{
	uint64_t entries = 0;
	unsigned int i;

	for (i = 0; i < sim->narrays; i++)
		if (sim->arrays[i].level == level &&
		    (sim->arrays[i].shifts >> shift & 1))
			entries += (uint64_t)sim->arrays[i].sets *
				   sim->arrays[i].ways;
	return entries << shift;
}

const char *mmu_tlb_op_name(enum mmu_tlb_op_kind kind)
{
	static const char *const names[] = {
		[MMU_TLB_WRITE] = "write",
		[MMU_TLB_SWITCH] = "switch",
		[MMU_TLB_CR4] = "CR4",
		[MMU_TLB_INVLPG] = "INVLPG",
		[MMU_TLB_INVPCID_ADDRESS] = "INVPCID address",
		[MMU_TLB_INVPCID_CONTEXT] = "INVPCID context",
		[MMU_TLB_INVPCID_ALL] = "INVPCID all",
		[MMU_TLB_INVPCID_ALL_BUT_GLOBAL] = "INVPCID all but global",
		[MMU_TLB_PAGE_FAULT] = "#PF",
		[MMU_TLB_TLBI_VA] = "TLBI VA",
		[MMU_TLB_TLBI_VAA] = "TLBI VAA",
		[MMU_TLB_TLBI_ASID] = "TLBI ASID",
		[MMU_TLB_TLBI_ALL] = "TLBI ALL",
	};

	return (size_t)kind < ARRAY_SIZE(names) ? names[kind] : "?";
}
