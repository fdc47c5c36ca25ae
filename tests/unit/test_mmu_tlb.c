// SPDX-License-Identifier: GPL-2.0
/*
 * TLB model. Cases by hand from the manual; then random traces run, many times
 * each, on a processor of our own that caches, uses and drops what it may by
 * chance: all that it ever answers must be allowed, and all that is allowed
 * must be answered sooner or later.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "mmu/tlb.h"

#define ROOM	64
#define RWX	(MMU_TLB_W | MMU_TLB_U | MMU_TLB_X)

/* Two levels will do: a root of tables of 4 KiB pages, or of 2 MiB pages. */
#define VA	UINT64_C(0x40201000)	/* entry 1 of the root's entry 1, below */
#define NEAR	UINT64_C(0x40202000)	/* same table, next page */
#define FAR	UINT64_C(0x40401000)	/* another entry of the root */
#define AT(va)	((unsigned int)((va) >> 12) & 511)
#define TOP(va)	((unsigned int)((va) >> 21) & 511)

static struct mmu_tlb_op ops[64];
static size_t nops;
static bool pge, pcide;
static struct mmu_tlb_cached room[ROOM];
static int count;

static struct mmu_tlb_op *next(enum mmu_tlb_op_kind kind)
{
	struct mmu_tlb_op *op = &ops[nops++];

	memset(op, 0, sizeof(*op));
	op->kind = kind;
	return op;
}

static void start(bool with_pge, bool with_pcide)
{
	nops = 0;
	pge = with_pge;
	pcide = with_pcide;
}

static struct mmu_tlb_entry *entry(uint32_t table, unsigned int index)
{
	struct mmu_tlb_op *op = next(MMU_TLB_WRITE);

	op->table = table;
	op->index = index;
	return &op->entry;
}

static void link_table(uint32_t table, unsigned int index, uint32_t to)
{
	*entry(table, index) = (struct mmu_tlb_entry){
		.kind = MMU_TLB_TABLE, .target = to, .rights = RWX,
	};
}

static void map(uint32_t table, unsigned int index, uint64_t pa, bool global)
{
	*entry(table, index) = (struct mmu_tlb_entry){
		.kind = MMU_TLB_LEAF, .target = pa, .rights = RWX,
		.global = global,
	};
}

static void unmap(uint32_t table, unsigned int index)
{
	entry(table, index)->kind = MMU_TLB_ABSENT;
}

static void switch_to(uint32_t root, unsigned int asid, bool keep)
{
	struct mmu_tlb_op *op = next(MMU_TLB_SWITCH);

	op->table = root;
	op->asid = asid;
	op->keep = keep;
}

static void at(enum mmu_tlb_op_kind kind, uint64_t va, unsigned int asid)
{
	struct mmu_tlb_op *op = next(kind);

	op->va = va;
	op->asid = asid;
}

static void ask_cpu(unsigned int cpu, uint64_t va)
{
	struct mmu_tlb_trace trace = {
		.ops = ops, .count = nops, .levels = 2, .index_bits = 9,
		.page_shift = 12, .pge = pge, .pcide = pcide,
	};

	memset(room, 0xa5, sizeof(room));
	count = mmu_tlb_allowed(&trace, cpu, va, room, ROOM);
}

static void ask(uint64_t va)
{
	ask_cpu(0, va);
}

static const struct mmu_tlb_cached *answer(uint64_t pa)
{
	int i;

	for (i = 0; i < count; i++)
		if (room[i].present && room[i].pa == pa)
			return &room[i];
	return NULL;
}

static bool may_fault(void)
{
	int i;

	for (i = 0; i < count; i++)
		if (!room[i].present)
			return true;
	return false;
}

/* The answers are exactly these pages (0 ends the list), and a fault or not. */
static void assert_answers(bool fault, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t wanted[] = { a, b, c };
	int i, n = fault;

	ck_assert_int_eq(may_fault(), fault);
	for (i = 0; i < 3; i++) {
		if (!wanted[i])
			continue;
		n++;
		ck_assert_msg(answer(wanted[i]), "%#" PRIx64 " is not allowed",
			      wanted[i]);
	}
	ck_assert_int_eq(count, n);
}

/* Root 1 -> table 2 -> page 0x5000 at VA; and CPU 0 runs it as @asid. */
static void usual(unsigned int asid, bool global)
{
	link_table(1, TOP(VA), 2);
	map(2, AT(VA), 0x5000, global);
	switch_to(1, asid, false);
}

START_TEST(stale_until_invlpg)
{
	start(false, false);
	usual(0, false);
	ask(VA);
	assert_answers(false, 0x5000, 0, 0);
	ck_assert(answer(0x5000)->fresh && !answer(0x5000)->global);
	ck_assert_uint_eq(answer(0x5000)->shift, 12);
	ck_assert_uint_eq(answer(0x5000)->rights, RWX);
	unmap(2, AT(VA));
	ask(VA);
	assert_answers(true, 0x5000, 0, 0);
	ck_assert(!answer(0x5000)->fresh);
	ck_assert(room[count - 1].fresh && !room[count - 1].present);
	at(MMU_TLB_INVLPG, NEAR, 0);
	ask(VA);
	assert_answers(true, 0x5000, 0, 0);
	at(MMU_TLB_INVLPG, VA | 0xfff, 0);
	ask(VA);
	assert_answers(true, 0, 0, 0);
}
END_TEST

/* SDM 5.10.2.3: there are no cached translations of what is not present. */
START_TEST(absence_is_not_cached)
{
	start(false, false);
	link_table(1, TOP(VA), 2);
	switch_to(1, 0, false);
	ask(VA);
	assert_answers(true, 0, 0, 0);
	map(2, AT(VA), 0x5000, false);
	ask(VA);
	assert_answers(false, 0x5000, 0, 0);
}
END_TEST

START_TEST(old_and_new)
{
	start(false, false);
	usual(0, false);
	map(2, AT(VA), 0x6000, false);
	map(2, AT(VA), 0x7000, false);
	ask(VA);
	assert_answers(false, 0x5000, 0x6000, 0x7000);
	ck_assert(answer(0x7000)->fresh && !answer(0x6000)->fresh);
	switch_to(1, 0, false);
	ask(VA);
	assert_answers(false, 0x7000, 0, 0);
}
END_TEST

/* The other processor is not told until it does it itself. */
START_TEST(shootdown)
{
	struct mmu_tlb_op *op;

	start(false, false);
	usual(0, false);
	switch_to(1, 0, false);
	ops[nops - 1].cpu = 1;
	unmap(2, AT(VA));
	at(MMU_TLB_INVLPG, VA, 0);
	ask_cpu(0, VA);
	assert_answers(true, 0, 0, 0);
	ask_cpu(1, VA);
	assert_answers(true, 0x5000, 0, 0);
	at(MMU_TLB_INVLPG, VA, 0);
	ops[nops - 1].cpu = 1;
	ask_cpu(1, VA);
	assert_answers(true, 0, 0, 0);
	/* one that never ran it has nothing of it */
	op = next(MMU_TLB_SWITCH);
	op->table = 1;
	op->cpu = 2;
	ask_cpu(2, VA);
	assert_answers(true, 0, 0, 0);
}
END_TEST

START_TEST(global_pages)
{
	start(true, false);
	usual(0, true);
	ask(VA);
	ck_assert(answer(0x5000)->global);
	unmap(2, AT(VA));
	switch_to(1, 0, false);
	ask(VA);
	assert_answers(true, 0x5000, 0, 0);
	at(MMU_TLB_PAGE_FAULT, VA, 0);
	ask(VA);
	assert_answers(true, 0x5000, 0, 0);
	at(MMU_TLB_INVLPG, VA, 0);
	ask(VA);
	assert_answers(true, 0, 0, 0);
}
END_TEST

START_TEST(global_without_pge)
{
	start(false, false);
	usual(0, true);
	ask(VA);
	ck_assert(!answer(0x5000)->global);
	unmap(2, AT(VA));
	switch_to(1, 0, false);
	ask(VA);
	assert_answers(true, 0, 0, 0);
}
END_TEST

/* A global translation serves every address space, one of another too. */
START_TEST(global_in_all_asids)
{
	start(true, true);
	usual(1, true);
	switch_to(1, 2, true);
	ask(VA);
	assert_answers(false, 0x5000, 0, 0);
	link_table(3, TOP(VA), 4);
	map(4, AT(VA), 0x8000, false);
	switch_to(3, 2, false);
	ask(VA);
	assert_answers(false, 0x8000, 0x5000, 0);
	/* INVLPG drops it whoever runs; INVPCID of one context does not */
	at(MMU_TLB_INVPCID_ADDRESS, VA, 1);
	at(MMU_TLB_INVPCID_CONTEXT, 0, 1);
	at(MMU_TLB_INVPCID_ALL_BUT_GLOBAL, 0, 0);
	ask(VA);
	assert_answers(false, 0x8000, 0x5000, 0);
	at(MMU_TLB_INVLPG, VA, 0);
	ask(VA);
	assert_answers(false, 0x8000, 0, 0);
}
END_TEST

START_TEST(cr4)
{
	struct mmu_tlb_op *op;
	int i;

	for (i = 0; i < 5; i++) {
		start(i != 1, true);
		usual(3, true);
		map(2, AT(NEAR), 0x6000, false);
		unmap(2, AT(VA));
		unmap(2, AT(NEAR));
		op = next(MMU_TLB_CR4);
		op->pcide = i != 2;
		op->pge = i != 0;
		op->current = i == 3;
		ask(VA);
		/* 0, 1: PGE falls or rises; 2: PCIDE falls: all is gone */
		assert_answers(true, i >= 3 ? 0x5000 : 0, 0, 0);
		ask(NEAR);
		/* 3: the current PCID alone; 4: nothing changes */
		assert_answers(true, i == 4 ? 0x6000 : 0, 0, 0);
	}
}
END_TEST

/* ... and what CR4 then holds counts for what is cached and dropped later. */
START_TEST(after_cr4)
{
	struct mmu_tlb_op *op;
	int on;

	for (on = 0; on < 2; on++) {
		start(!on, true);
		switch_to(1, 3, false);
		op = next(MMU_TLB_CR4);
		op->pge = on;
		op->pcide = true;
		usual(3, true);
		ask(VA);
		ck_assert_int_eq(answer(0x5000)->global, on);
		unmap(2, AT(VA));
		switch_to(1, 3, false);
		ask(VA);
		assert_answers(true, on ? 0x5000 : 0, 0, 0);
	}
	/* without PCIDs all is PCID 0, what is running included */
	start(false, true);
	usual(3, false);
	next(MMU_TLB_CR4);
	unmap(2, AT(VA));
	at(MMU_TLB_INVPCID_CONTEXT, 0, 0);
	ask(VA);
	assert_answers(true, 0, 0, 0);
}
END_TEST

START_TEST(pcids_are_apart)
{
	start(false, true);
	usual(1, false);
	link_table(3, TOP(VA), 4);
	switch_to(3, 2, true);
	ask(VA);
	assert_answers(true, 0, 0, 0);
	/* changed while it does not run; bit 63 keeps what was */
	map(2, AT(VA), 0x6000, false);
	switch_to(1, 1, true);
	ask(VA);
	assert_answers(false, 0x5000, 0x6000, 0);
	switch_to(3, 2, true);
	switch_to(1, 1, false);
	ask(VA);
	assert_answers(false, 0x6000, 0, 0);
}
END_TEST

/* What another PCID does leaves this one's as it is. */
START_TEST(other_pcids_are_spared)
{
	start(false, true);
	usual(1, false);
	link_table(3, TOP(VA), 4);
	unmap(2, AT(VA));
	switch_to(3, 2, false);
	at(MMU_TLB_INVLPG, VA, 0);
	at(MMU_TLB_PAGE_FAULT, VA, 0);
	switch_to(1, 1, true);
	ask(VA);
	assert_answers(true, 0x5000, 0, 0);
	/* the paging-structure caches, too: root 1 leads to table 2 as it did */
	switch_to(3, 2, true);
	link_table(1, TOP(VA), 4);
	at(MMU_TLB_INVLPG, VA, 0);
	at(MMU_TLB_PAGE_FAULT, VA, 0);
	map(2, AT(VA), 0x6000, false);
	switch_to(1, 1, true);
	ask(VA);
	assert_answers(true, 0x5000, 0x6000, 0);
}
END_TEST

/* What was never seen while its root was loaded cannot be cached. */
START_TEST(seen_only_while_running)
{
	start(false, true);
	usual(1, false);
	link_table(3, TOP(VA), 4);
	switch_to(3, 2, true);
	map(2, AT(VA), 0x6000, false);
	map(2, AT(VA), 0x7000, false);
	switch_to(1, 1, true);
	ask(VA);
	assert_answers(false, 0x5000, 0x7000, 0);
}
END_TEST

/* Two roots under one PCID: the caches cannot tell them apart. */
START_TEST(pcid_used_twice)
{
	start(false, true);
	usual(1, false);
	link_table(3, TOP(VA), 4);
	map(4, AT(VA), 0x8000, false);
	switch_to(3, 1, true);
	ask(VA);
	assert_answers(false, 0x5000, 0x8000, 0);
	switch_to(3, 1, false);
	ask(VA);
	assert_answers(false, 0x8000, 0, 0);
}
END_TEST

START_TEST(no_pcids)
{
	start(false, false);
	usual(7, false);
	link_table(3, TOP(VA), 4);
	map(4, AT(VA), 0x8000, false);
	/* numbers and bit 63 mean nothing */
	switch_to(3, 9, true);
	ask(VA);
	assert_answers(false, 0x8000, 0, 0);
	map(4, AT(VA), 0x9000, false);
	at(MMU_TLB_INVPCID_CONTEXT, 0, 5);
	ask(VA);
	assert_answers(false, 0x9000, 0, 0);
}
END_TEST

START_TEST(invpcid)
{
	static const struct {
		enum mmu_tlb_op_kind kind;
		uint64_t va;
		unsigned int asid;
		bool gone, gone_global;
	} cases[] = {
		{ MMU_TLB_INVPCID_ADDRESS, VA, 1, true, false },
		{ MMU_TLB_INVPCID_ADDRESS, NEAR, 1, false, false },
		{ MMU_TLB_INVPCID_ADDRESS, VA, 2, false, false },
		{ MMU_TLB_INVPCID_CONTEXT, 0, 1, true, false },
		{ MMU_TLB_INVPCID_CONTEXT, 0, 2, false, false },
		{ MMU_TLB_INVPCID_ALL, 0, 2, true, true },
		{ MMU_TLB_INVPCID_ALL_BUT_GLOBAL, 0, 2, true, false },
		{ MMU_TLB_PAGE_FAULT, VA, 0, true, false },
		{ MMU_TLB_PAGE_FAULT, NEAR, 0, false, false },
		{ MMU_TLB_TLBI_VA, VA, 1, true, true },
		{ MMU_TLB_TLBI_VA, VA, 2, false, true },
		{ MMU_TLB_TLBI_VA, NEAR, 1, false, false },
		{ MMU_TLB_TLBI_VAA, VA, 2, true, true },
		{ MMU_TLB_TLBI_VAA, NEAR, 2, false, false },
		{ MMU_TLB_TLBI_ASID, 0, 1, true, false },
		{ MMU_TLB_TLBI_ASID, 0, 2, false, false },
		{ MMU_TLB_TLBI_ALL, 0, 0, true, true },
	};
	unsigned int i, global;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (global = 0; global < 2; global++) {
			bool gone = global ? cases[i].gone_global : cases[i].gone;

			start(true, true);
			usual(1, global);
			unmap(2, AT(VA));
			at(cases[i].kind, cases[i].va, cases[i].asid);
			ask(VA);
			assert_answers(true, gone ? 0 : 0x5000, 0, 0);
		}
	}
}
END_TEST

/*
 * The root's entry is moved from table 2 to table 3. A cached root entry still
 * leads to table 2, and to what is written there later.
 */
static void moved_table(void)
{
	start(false, true);
	usual(1, false);
	map(3, AT(VA), 0x8000, false);
	link_table(1, TOP(VA), 3);
	map(2, AT(VA), 0x6000, false);
}

START_TEST(paging_structure_caches)
{
	moved_table();
	ask(VA);
	assert_answers(false, 0x5000, 0x6000, 0x8000);
	ck_assert(answer(0x8000)->fresh);
	/* INVLPG of any address empties them for this PCID ... */
	at(MMU_TLB_INVLPG, FAR, 0);
	map(2, AT(VA), 0x7000, false);
	ask(VA);
	ck_assert_ptr_null(answer(0x7000));
	ck_assert_ptr_nonnull(answer(0x5000));
	/* ... and INVPCID by address only where they lead to it */
	moved_table();
	at(MMU_TLB_INVPCID_ADDRESS, FAR, 1);
	map(2, AT(VA), 0x7000, false);
	ask(VA);
	ck_assert_ptr_nonnull(answer(0x7000));
	moved_table();
	at(MMU_TLB_INVPCID_ADDRESS, NEAR, 1);
	map(2, AT(VA), 0x7000, false);
	ask(VA);
	ck_assert_ptr_null(answer(0x7000));
	ck_assert_ptr_nonnull(answer(0x6000));
}
END_TEST

/* An absent entry in a table that only a cached entry leads to. */
START_TEST(stale_table_may_fault)
{
	moved_table();
	unmap(2, AT(VA));
	ask(VA);
	ck_assert(may_fault());
	ck_assert_ptr_nonnull(answer(0x8000));
	at(MMU_TLB_INVLPG, VA, 0);
	ask(VA);
	assert_answers(false, 0x8000, 0, 0);
}
END_TEST

START_TEST(arm_last_level)
{
	enum mmu_tlb_op_kind kinds[] = { MMU_TLB_TLBI_VA, MMU_TLB_TLBI_VAA };
	unsigned int i, last;

	for (i = 0; i < 2; i++) {
		for (last = 0; last < 2; last++) {
			moved_table();
			at(kinds[i], VA, 1);
			ops[nops - 1].last_level = last;
			map(2, AT(VA), 0x7000, false);
			ask(VA);
			if (last)
				assert_answers(false, 0x8000, 0x6000, 0x7000);
			else
				assert_answers(false, 0x8000, 0, 0);
		}
	}
}
END_TEST

START_TEST(arm_broadcast)
{
	start(true, true);
	usual(1, false);
	unmap(2, AT(VA));
	at(MMU_TLB_TLBI_ALL, 0, 0);
	ops[nops - 1].cpu = 1;
	ask(VA);
	assert_answers(true, 0x5000, 0, 0);
	ops[nops - 1].broadcast = true;
	ask(VA);
	assert_answers(true, 0, 0, 0);
}
END_TEST

/* Rights are those of the walk that cached it: all levels, as they were. */
START_TEST(rights_of_the_walk)
{
	start(false, false);
	usual(0, false);
	entry(1, TOP(VA))->kind = MMU_TLB_TABLE;
	ops[nops - 1].entry.target = 2;
	ops[nops - 1].entry.rights = MMU_TLB_U;
	ask(VA);
	ck_assert_int_eq(count, 2);
	ck_assert_uint_eq(room[0].rights, RWX);
	ck_assert_uint_eq(room[1].rights, MMU_TLB_U);
	ck_assert(!room[0].fresh && room[1].fresh);
	at(MMU_TLB_INVLPG, VA, 0);
	ask(VA);
	ck_assert_int_eq(count, 1);
	ck_assert_uint_eq(room[0].rights, MMU_TLB_U);
}
END_TEST

START_TEST(large_page)
{
	start(false, false);
	map(1, TOP(VA), 0x40000000, false);
	switch_to(1, 0, false);
	ask(VA);
	assert_answers(false, 0x40000000, 0, 0);
	ck_assert_uint_eq(room[0].shift, 21);
	ck_assert_uint_eq(room[0].va, 0x40200000);
	/* split: both forms are there until any byte of it is invalidated */
	link_table(1, TOP(VA), 2);
	map(2, AT(VA), 0x40001000, false);
	ask(VA);
	assert_answers(false, 0x40000000, 0x40001000, 0);
	at(MMU_TLB_INVLPG, 0x403ff000, 0);
	ask(VA);
	assert_answers(false, 0x40001000, 0, 0);
}
END_TEST

/* Recursive: the root serves as the last table as well. */
START_TEST(recursive_table)
{
	start(false, false);
	*entry(1, 1) = (struct mmu_tlb_entry){
		.kind = MMU_TLB_TABLE, .target = 1, .rights = RWX,
	};
	switch_to(1, 0, false);
	ask(UINT64_C(0x201000));
	ck_assert_int_eq(count, -EINVAL);
}
END_TEST

START_TEST(errors)
{
	struct mmu_tlb_trace trace = {
		.ops = ops, .levels = 2, .index_bits = 9, .page_shift = 12,
	};
	size_t max;

	start(false, false);
	ask(VA);
	ck_assert_int_eq(count, -EINVAL);
	usual(0, false);
	map(2, AT(VA), 0x6000, false);
	unmap(2, AT(VA));
	trace.count = nops;
	/* one paging-structure entry and two pages; two pages and a fault */
	for (max = 0; max < 3; max++)
		ck_assert_int_eq(mmu_tlb_allowed(&trace, 0, VA, room, max),
				 -ENOSPC);
	ck_assert_int_eq(mmu_tlb_allowed(&trace, 0, VA, room, 3), 3);
	/* a large page, and the fault in its place */
	start(false, false);
	map(1, TOP(VA), 0x40000000, false);
	switch_to(1, 0, false);
	unmap(1, TOP(VA));
	trace.count = nops;
	ck_assert_int_eq(mmu_tlb_allowed(&trace, 0, VA, room, 1), -ENOSPC);
	ck_assert_int_eq(mmu_tlb_allowed(&trace, 0, VA, room, 2), 2);
	trace.levels = 1;
	ck_assert_int_eq(mmu_tlb_allowed(&trace, 0, VA, room, ROOM), -EINVAL);
	trace.levels = 6;
	ck_assert_int_eq(mmu_tlb_allowed(&trace, 0, VA, room, ROOM), -EINVAL);
	trace.levels = 2;
	trace.index_bits = 0;
	ck_assert_int_eq(mmu_tlb_allowed(&trace, 0, VA, room, ROOM), -EINVAL);
	trace.index_bits = 9;
	trace.page_shift = 11;
	ck_assert_int_eq(mmu_tlb_allowed(&trace, 0, VA, room, ROOM), -EINVAL);
}
END_TEST

/* Four levels, as x86 has them. */
START_TEST(four_levels)
{
	struct mmu_tlb_trace trace = {
		.ops = ops, .levels = 4, .index_bits = 9, .page_shift = 12,
	};
	uint64_t va = 0x0000008080604567;	/* 1, 2, 3, 4 */

	start(false, false);
	link_table(1, 1, 2);
	link_table(2, 2, 3);
	link_table(3, 3, 4);
	map(4, 4, 0x5000, false);
	switch_to(1, 0, false);
	unmap(2, 2);
	trace.count = nops;
	count = mmu_tlb_allowed(&trace, 0, va, room, ROOM);
	assert_answers(true, 0x5000, 0, 0);
	/* the cached PDE leads on though the PDPTE is gone */
	map(4, 4, 0x6000, false);
	trace.count = nops;
	count = mmu_tlb_allowed(&trace, 0, va, room, ROOM);
	assert_answers(true, 0x5000, 0x6000, 0);
}
END_TEST

/* --- a processor that does by chance what it may --- */

static uint64_t random_state;

static unsigned int chance(unsigned int of)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)(random_state >> 33) % of;
}

#define TABLES	4

static const uint64_t places[] = { VA, NEAR, FAR };

/* A cached translation of one of the places, or a cached root entry of it. */
struct line {
	bool used, global;
	unsigned int asid, top;
	uint64_t page;
	struct mmu_tlb_entry what;
};

#define LINES	6

struct chip {
	struct mmu_tlb_entry memory[TABLES + 1][512];
	struct line pages[LINES], roots[LINES];
	uint32_t root;
	unsigned int asid;
	bool pge, pcide;
};

static void forget(struct line *lines, bool (*which)(const struct line *,
		   const struct mmu_tlb_op *, unsigned int),
		   const struct mmu_tlb_op *op, unsigned int current)
{
	int i;

	for (i = 0; i < LINES; i++)
		if (which(&lines[i], op, current))
			lines[i].used = false;
}

/* What each instruction takes out, one predicate for pages, one for roots. */
static bool page_goes(const struct line *l, const struct mmu_tlb_op *op,
		      unsigned int current)
{
	bool large = l->page & 1, here;
	bool mine = !l->global && l->asid == op->asid;

	here = large ? (op->va >> 21) == (l->page >> 21) :
	       (op->va >> 12) == (l->page >> 12);
	switch (op->kind) {
	case MMU_TLB_SWITCH: return mine && !op->keep;
	case MMU_TLB_INVLPG: return here && (l->global || l->asid == current);
	case MMU_TLB_INVPCID_ADDRESS: return here && mine;
	case MMU_TLB_INVPCID_CONTEXT: return mine;
	case MMU_TLB_INVPCID_ALL: return true;
	case MMU_TLB_INVPCID_ALL_BUT_GLOBAL: return !l->global;
	case MMU_TLB_PAGE_FAULT:
		return here && !l->global && l->asid == current;
	case MMU_TLB_TLBI_VA: return here && (l->global || mine);
	case MMU_TLB_TLBI_VAA: return here;
	case MMU_TLB_TLBI_ASID: return mine;
	default: return true;
	}
}

static bool root_goes(const struct line *l, const struct mmu_tlb_op *op,
		      unsigned int current)
{
	bool here = TOP(op->va) == l->top && op->va >> 30 == l->page >> 30;
	bool mine = l->asid == op->asid;

	switch (op->kind) {
	case MMU_TLB_SWITCH: return mine && !op->keep;
	case MMU_TLB_INVLPG: return l->asid == current;
	case MMU_TLB_INVPCID_ADDRESS: return here && mine;
	case MMU_TLB_INVPCID_CONTEXT: return mine;
	case MMU_TLB_PAGE_FAULT: return here && l->asid == current;
	case MMU_TLB_TLBI_VA: return here && mine && !op->last_level;
	case MMU_TLB_TLBI_VAA: return here && !op->last_level;
	case MMU_TLB_TLBI_ASID: return mine;
	default: return true;
	}
}

static void keep_line(struct line *lines, struct line line)
{
	line.used = true;
	lines[chance(LINES)] = line;
}

/* A root entry: read, or remembered from before. */
static struct mmu_tlb_entry root_entry(struct chip *chip, uint64_t va)
{
	struct mmu_tlb_entry read = chip->memory[chip->root][TOP(va)];
	struct line line = { .asid = chip->asid, .top = TOP(va), .page = va };
	int i = (int)chance(LINES);
	const struct line *l = &chip->roots[i];

	if (chance(2) && l->used && l->asid == chip->asid && l->top == TOP(va))
		return l->what;
	line.what = read;
	if (read.kind == MMU_TLB_TABLE && chance(2))
		keep_line(chip->roots, line);
	return read;
}

/* A walk; what it finds is kept or not. Absent if it finds nothing. */
static struct mmu_tlb_entry walk(struct chip *chip, uint64_t va)
{
	struct mmu_tlb_entry top = root_entry(chip, va), leaf = top;
	struct line line = { .asid = chip->asid, .page = va & ~UINT64_C(0xfff) };

	if (top.kind == MMU_TLB_TABLE) {
		leaf = chip->memory[top.target][AT(va)];
		leaf.rights &= top.rights;
	} else {
		line.page |= 1;
	}
	if (leaf.kind == MMU_TLB_ABSENT)
		return leaf;
	leaf.global = leaf.global && chip->pge;
	line.global = leaf.global;
	line.what = leaf;
	if (chance(2))
		keep_line(chip->pages, line);
	return leaf;
}

static struct mmu_tlb_entry use(struct chip *chip, uint64_t va)
{
	const struct line *l = &chip->pages[chance(LINES)];
	bool large = l->page & 1;

	if (l->used && (l->global || l->asid == chip->asid) &&
	    l->page >> (large ? 21 : 12) == va >> (large ? 21 : 12))
		return l->what;
	return walk(chip, va);
}

static void happen(struct chip *chip, const struct mmu_tlb_op *given)
{
	struct mmu_tlb_op op = *given;
	bool all;

	if (op.kind == MMU_TLB_WRITE) {
		chip->memory[op.table][op.index] = op.entry;
		return;
	}
	if (op.cpu != 0 && !op.broadcast)
		return;
	if (!chip->pcide) {
		op.asid = 0;
		op.keep = false;
	}
	if (op.kind == MMU_TLB_CR4) {
		all = op.pge != chip->pge || op.pcide < chip->pcide;
		chip->pge = op.pge;
		chip->pcide = op.pcide;
		if (!op.pcide)
			chip->asid = 0;
		/* else nothing, or one PCID as INVPCID does it */
		op.kind = all ? MMU_TLB_INVPCID_ALL : MMU_TLB_INVPCID_CONTEXT;
		op.asid = op.current || all ? chip->asid : 99;
	}
	forget(chip->pages, page_goes, &op, chip->asid);
	forget(chip->roots, root_goes, &op, chip->asid);
	if (op.kind == MMU_TLB_SWITCH) {
		chip->root = op.table;
		chip->asid = op.asid;
	}
}

static struct mmu_tlb_entry run_chip(uint64_t va)
{
	static struct chip chip;
	unsigned int n;
	size_t i;

	memset(&chip, 0, sizeof(chip));
	chip.pge = pge;
	chip.pcide = pcide;
	for (i = 0; i < nops; i++) {
		happen(&chip, &ops[i]);
		for (n = chance(4); chip.root && n > 0; n--)
			walk(&chip, places[chance(3)]);
	}
	return use(&chip, va);
}

static void random_write(void)
{
	uint64_t va = places[chance(3)];
	uint32_t table = 1 + chance(TABLES);
	bool top = table <= 2;
	struct mmu_tlb_entry *e = entry(table, top ? TOP(va) : AT(va));
	unsigned int what = chance(4);

	if (what == 0)
		return;
	e->rights = chance(3) ? RWX : chance(8);
	if (top && what > 1) {
		e->kind = MMU_TLB_TABLE;
		e->target = 3 + chance(2);
		return;
	}
	e->kind = MMU_TLB_LEAF;
	e->target = 0x200000 * (1 + (uint64_t)chance(3));
	e->global = chance(3) == 0;
}

static void random_op(void)
{
	struct mmu_tlb_op *op;

	if (chance(2)) {
		random_write();
		return;
	}
	op = next((enum mmu_tlb_op_kind)(1 + chance(12)));
	op->cpu = chance(6) == 0;
	op->broadcast = chance(6) == 0;
	op->va = places[chance(3)] | chance(0x1000);
	op->asid = chance(3);
	op->table = 1 + chance(2);
	op->keep = chance(2);
	op->pge = chance(4) ? pge : chance(2);
	op->pcide = chance(4) ? pcide : chance(2);
	op->current = chance(2);
	op->last_level = chance(2);
}

static void random_trace(void)
{
	unsigned int n = 6 + chance(8);

	start(chance(2), chance(4) > 0);
	link_table(1, TOP(VA), 3);
	link_table(2, TOP(VA), 4);
	map(3, AT(VA), 0x5000, chance(2));
	map(4, AT(VA), 0x6000, false);
	switch_to(1, chance(3), false);
	while (n-- > 0)
		random_op();
}

static int find_answer(const struct mmu_tlb_entry *e)
{
	int i;

	for (i = 0; i < count; i++) {
		if (!room[i].present && e->kind == MMU_TLB_ABSENT)
			return i;
		if (room[i].present && e->kind == MMU_TLB_LEAF &&
		    room[i].pa == e->target && room[i].rights == e->rights &&
		    room[i].global == e->global)
			return i;
	}
	return -1;
}

static void show_trace(void)
{
	size_t i;

	for (i = 0; i < nops; i++)
		fprintf(stderr, "%s cpu %u%s va %#" PRIx64 " asid %u table %u[%u] %d:%#"
			PRIx64 "/%u%s keep %d pge %d pcide %d current %d last %d\n",
			mmu_tlb_op_name(ops[i].kind), ops[i].cpu,
			ops[i].broadcast ? " and all" : "", ops[i].va, ops[i].asid,
			ops[i].table, ops[i].index, ops[i].entry.kind,
			ops[i].entry.target, ops[i].entry.rights,
			ops[i].entry.global ? "g" : "", ops[i].keep, ops[i].pge,
			ops[i].pcide, ops[i].current, ops[i].last_level);
}

#define RUNS	1500

START_TEST(chance_agrees)
{
	unsigned int runs, seen, all = 0;
	uint64_t va;

	random_state = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(_i + 1);
	random_trace();
	va = places[chance(3)];
	ask(va);
	ck_assert_int_gt(count, 0);
	ck_assert_int_lt(count, 32);
	for (seen = 0; seen < (unsigned int)count; seen++)
		all |= 1u << seen;
	seen = 0;
	for (runs = 0; runs < RUNS * 20 && (runs < RUNS || seen != all); runs++) {
		struct mmu_tlb_entry e = run_chip(va);
		int i = find_answer(&e);

		if (i < 0) {
			show_trace();
			ck_abort_msg("answered, not allowed: kind %d %#" PRIx64
				     " rights %u global %d", e.kind, e.target,
				     e.rights, e.global);
		}
		seen |= 1u << i;
	}
	if (seen != all) {
		show_trace();
		ck_abort_msg("allowed, never answered: %#x of %#x", seen, all);
	}
}
END_TEST

/* --- the simulator --- */

static struct mmu_tlb_slot slots[4096];

static struct mmu_tlb_sim small(void)
{
	struct mmu_tlb_sim sim = {
		.arrays = {
			{ .level = 1, .shifts = 1u << 12, .sets = 2, .ways = 2 },
			{ .level = 1, .shifts = 1u << 21, .sets = 1, .ways = 2 },
			{ .level = 2, .shifts = 1u << 12 | 1u << 21, .sets = 4,
			  .ways = 2 },
		},
		.narrays = 3, .slots = slots,
	};

	memset(slots, 0xa5, sizeof(slots));
	mmu_tlb_reset(&sim);
	return sim;
}

static const struct mmu_tlb_cached page4k = { .shift = 12, .present = true };
static const struct mmu_tlb_cached page2m = { .shift = 21, .present = true };

START_TEST(sim_lru)
{
	struct mmu_tlb_sim sim = small();

	/* Pages 0, 2, 4 share set 0 of level 1; all of level 2's sets 0, 2, 0 */
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x0000, &page4k), 0);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x2000, &page4k), 0);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x0fff, &page4k), 1);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x4000, &page4k), 0);
	/* 2 was used longest ago and went; level 2 has it */
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x0000, &page4k), 1);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x2000, &page4k), 2);
	/* ... which put it into level 1, for 4 */
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x2000, &page4k), 1);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x0000, &page4k), 1);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x4000, &page4k), 2);
	/* the other set is untouched by all that */
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x1000, &page4k), 0);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x1000, &page4k), 1);
	ck_assert_uint_eq(sim.misses, 4);
	ck_assert_uint_eq(sim.hits[1], 5);
	ck_assert_uint_eq(sim.hits[2], 2);
	ck_assert_uint_eq(sim.clock, 11);
}
END_TEST

START_TEST(sim_capacity)
{
	struct mmu_tlb_sim sim = small();
	uint64_t va;
	int round;

	/* as many pages as level 2 has entries: no miss the second time */
	for (round = 0; round < 2; round++)
		for (va = 0; va < 8 * 4096; va += 4096)
			mmu_tlb_access(&sim, va, &page4k);
	ck_assert_uint_eq(sim.misses, 8);
	/* one more, in a circle, under LRU: its set misses each time */
	mmu_tlb_reset(&sim);
	for (round = 0; round < 3; round++)
		for (va = 0; va <= 8 * 4096; va += 4096)
			mmu_tlb_access(&sim, va, &page4k);
	ck_assert_uint_eq(sim.misses, 9 + 3 + 3);
}
END_TEST

START_TEST(sim_page_sizes)
{
	struct mmu_tlb_sim sim = small();

	ck_assert_int_eq(mmu_tlb_access(&sim, 0x200000, &page2m), 0);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x3fffff, &page2m), 1);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x400000, &page2m), 0);
	/* 4K pages are elsewhere in level 1 */
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x601000, &page4k), 0);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x200000, &page2m), 1);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x602000, &page4k), 0);
	ck_assert_uint_eq(mmu_tlb_reach(&sim, 1, 12), 4 * 4096);
	ck_assert_uint_eq(mmu_tlb_reach(&sim, 1, 21), 2 * 0x200000);
	ck_assert_uint_eq(mmu_tlb_reach(&sim, 2, 12), 8 * 4096);
	ck_assert_uint_eq(mmu_tlb_reach(&sim, 2, 21), 8 * 0x200000);
	ck_assert_uint_eq(mmu_tlb_reach(&sim, 1, 30), 0);
}
END_TEST

START_TEST(sim_asids)
{
	struct mmu_tlb_sim sim = small();
	struct mmu_tlb_cached global = page4k;
	struct mmu_tlb_op op = { .kind = MMU_TLB_SWITCH, .asid = 1, .keep = true };

	global.global = true;
	mmu_tlb_access(&sim, 0x0000, &page4k);
	mmu_tlb_access(&sim, 0x1000, &global);
	mmu_tlb_apply(&sim, &op);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x0000, &page4k), 0);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x1000, &page4k), 1);
	/* back, kept: both forms of page 0 are there */
	op.asid = 0;
	mmu_tlb_apply(&sim, &op);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x0000, &page4k), 1);
	/* INVLPG takes the current one; a flush takes all but the global */
	op = (struct mmu_tlb_op){ .kind = MMU_TLB_INVLPG, .va = 0x0123 };
	mmu_tlb_apply(&sim, &op);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x0000, &page4k), 0);
	op = (struct mmu_tlb_op){ .kind = MMU_TLB_SWITCH };
	mmu_tlb_apply(&sim, &op);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x0000, &page4k), 0);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x1000, &page4k), 1);
	op = (struct mmu_tlb_op){ .kind = MMU_TLB_CR4 };
	mmu_tlb_apply(&sim, &op);
	ck_assert_int_eq(mmu_tlb_access(&sim, 0x1000, &page4k), 0);
}
END_TEST

START_TEST(sim_geometry)
{
	struct mmu_tlb_sim sim = small();

	ck_assert_uint_eq(mmu_tlb_slots(&sim), 4 + 2 + 8);
	sim.arrays[0].sets = 3;
	ck_assert_uint_eq(mmu_tlb_slots(&sim), 0);
	sim.arrays[0].sets = 0;
	ck_assert_uint_eq(mmu_tlb_slots(&sim), 0);
	sim.arrays[0].sets = 2;
	sim.arrays[1].ways = 0;
	ck_assert_uint_eq(mmu_tlb_slots(&sim), 0);
	sim.arrays[1].ways = 2;
	sim.arrays[2].level = 3;
	ck_assert_uint_eq(mmu_tlb_slots(&sim), 0);
	sim.arrays[2].level = 0;
	ck_assert_uint_eq(mmu_tlb_slots(&sim), 0);
	sim.narrays = 0;
	ck_assert_uint_eq(mmu_tlb_slots(&sim), 0);
	sim.narrays = MMU_TLB_ARRAYS + 1;
	ck_assert_uint_eq(mmu_tlb_slots(&sim), 0);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(mmu_tlb_op_name(MMU_TLB_WRITE), "write");
	ck_assert_str_eq(mmu_tlb_op_name(MMU_TLB_TLBI_ALL), "TLBI ALL");
	ck_assert_str_eq(mmu_tlb_op_name((enum mmu_tlb_op_kind)13), "?");
}
END_TEST

static Suite *tlb_suite(void)
{
	Suite *s = suite_create("mmu_tlb");
	TCase *t = tcase_create("allowed");

	tcase_add_test(t, stale_until_invlpg);
	tcase_add_test(t, absence_is_not_cached);
	tcase_add_test(t, old_and_new);
	tcase_add_test(t, shootdown);
	tcase_add_test(t, global_pages);
	tcase_add_test(t, global_without_pge);
	tcase_add_test(t, global_in_all_asids);
	tcase_add_test(t, cr4);
	tcase_add_test(t, after_cr4);
	tcase_add_test(t, pcids_are_apart);
	tcase_add_test(t, other_pcids_are_spared);
	tcase_add_test(t, seen_only_while_running);
	tcase_add_test(t, pcid_used_twice);
	tcase_add_test(t, no_pcids);
	tcase_add_test(t, invpcid);
	tcase_add_test(t, paging_structure_caches);
	tcase_add_test(t, stale_table_may_fault);
	tcase_add_test(t, arm_last_level);
	tcase_add_test(t, arm_broadcast);
	tcase_add_test(t, rights_of_the_walk);
	tcase_add_test(t, large_page);
	tcase_add_test(t, recursive_table);
	tcase_add_test(t, errors);
	tcase_add_test(t, four_levels);
	suite_add_tcase(s, t);
	t = tcase_create("chance");
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, chance_agrees, 0, 150);
	suite_add_tcase(s, t);
	t = tcase_create("simulator");
	tcase_add_test(t, sim_lru);
	tcase_add_test(t, sim_capacity);
	tcase_add_test(t, sim_page_sizes);
	tcase_add_test(t, sim_asids);
	tcase_add_test(t, sim_geometry);
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(tlb_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
