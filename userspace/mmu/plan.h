/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same answer for many addresses: status and physical address, no more.
 *
 *	regs + access --mmu_plan_init()--> plan
 *	plan + memory + address --mmu_plan_translate()--> status, physical address
 *
 * mmu_translate() says everything of one access. Who asks for millions of pages
 * wants to know only where they are, and whether that access may be made. For
 * one set of registers and one kind of access the rules of the manuals become,
 * at each level, a comparison of some bits of the entry with what they must be.
 * Entries that pass are followed; for all else, every fault and rare case, the
 * plan asks mmu_translate(). It never refuses anything by itself.
 */
#ifndef MMU_PLAN_H
#define MMU_PLAN_H

#include "mmu.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct mmu_plan_level - what an entry must be; internal
 * @shift: log2 of the bytes that it covers
 * @index_mask: of the index, not shifted
 * @table_mask: bits that decide whether it is followed to a table
 * @table_value: what they must be
 * @leaf_mask: bits that decide whether it maps a page
 * @leaf_value: what they must be
 * @leaf_frame: the address bits of a page
 */
struct mmu_plan_level {
	unsigned int shift;
	uint64_t index_mask;
	uint64_t table_mask;
	uint64_t table_value;
	uint64_t leaf_mask;
	uint64_t leaf_value;
	uint64_t leaf_frame;
};

/**
 * struct mmu_plan - registers and access, made ready; its fields are internal
 * @regs: a copy
 * @access: a copy
 * @levels: of the tables that lie in memory; 0: mmu_translate() does it all
 * @bytes: of an entry
 * @va_bits: an address with other bits above is left to mmu_translate(), but
 *	for @high
 * @high: the other value of those bits that is good, 0 for none
 * @root_shift: which of @root: two bits of the address
 * @root: physical addresses of the top tables; 1: none
 * @table_frame: the address bits of a table
 * @level: by level, from 1
 */
struct mmu_plan {
	struct mmu_regs regs;
	struct mmu_access access;
	int levels;
	unsigned int bytes;
	unsigned int va_bits;
	uint64_t high;
	unsigned int root_shift;
	uint64_t root[4];
	uint64_t table_frame;
	struct mmu_plan_level level[MMU_MAX_STEPS + 1];
};

/**
 * mmu_plan_init - make ready
 * @plan: the plan; needs no clean-up
 * @regs: processor state, of any mode; a later change does not reach the plan
 * @access: the access that is always meant
 *
 * Never fails: mmu_plan_translate() answers what mmu_translate() would.
 */
void mmu_plan_init(struct mmu_plan *plan, const struct mmu_regs *regs,
		   const struct mmu_access *access);

/**
 * mmu_plan_translate - status and physical address of one access
 * @plan: from mmu_plan_init()
 * @mem: reader of the table entries; an entry may be read twice
 * @va: linear address
 * @pa: the physical address; 0 if there is none
 *
 * Return: the status that mmu_translate() returns; @pa is valid if the walk
 * found a page, even one that refuses the access.
 */
enum mmu_status mmu_plan_translate(const struct mmu_plan *plan,
				   const struct mmu_mem *mem, uint64_t va,
				   uint64_t *pa);

#ifdef __cplusplus
}
#endif

#endif
