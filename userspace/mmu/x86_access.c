// SPDX-License-Identifier: GPL-2.0
/*
 * Who may use a translation, in all x86 modes (SDM 5.6), the error code (5.7)
 * and the A and D bits (5.8).
 */
#include "x86.h"

/* SDM 5.6: system structures are accessed as supervisor whatever the CPL. */
static bool user_mode(const struct mmu_access *access)
{
	return access->user && !access->implicit;
}

/*
 * SDM 5.6.2: keys exist in IA-32e mode alone, whatever CR4 says, and matter for
 * data accesses only. PKRU governs the pages that are user pages at all levels,
 * whoever accesses them; IA32_PKRS the others. A write-disable binds the
 * supervisor only if CR0.WP is set.
 */
static bool key_denies(const struct mmu_regs *regs,
		       const struct mmu_access *access,
		       const struct mmu_result *page)
{
	bool enabled = regs->cr4 & (page->user ? CR4_PKE : CR4_PKS);
	bool access_disable, write_disable;
	uint32_t rights;

	if (!enabled || !(regs->efer & EFER_LMA) || access->kind == MMU_FETCH)
		return false;
	rights = page->user ? regs->pkru : regs->pkrs;
	access_disable = rights >> (2 * page->pkey) & 1;
	write_disable = rights >> (2 * page->pkey) & 2;
	/* A supervisor page is refused to a user before its key is asked. */
	if (user_mode(access) && !page->user)
		return false;
	if (access_disable)
		return true;
	return write_disable && access->kind == MMU_WRITE &&
	       (user_mode(access) || (regs->cr0 & CR0_WP));
}

/* SDM 5.6.1: every rule that forbids this access, as MMU_DENY_* */
static uint32_t refusals(const struct mmu_regs *regs,
			 const struct mmu_access *access,
			 const struct mmu_result *page)
{
	bool user = user_mode(access);
	bool fetch = access->kind == MMU_FETCH;
	uint32_t denied = 0;

	if (user && !page->user)
		denied |= MMU_DENY_USER;
	if (access->kind == MMU_WRITE && !page->writable &&
	    (user || (regs->cr0 & CR0_WP)))
		denied |= MMU_DENY_WRITE;
	if (fetch && !page->executable)
		denied |= MMU_DENY_EXEC;
	if (fetch && !user && page->user && (regs->cr4 & CR4_SMEP))
		denied |= MMU_DENY_SMEP;
	/* WP = 0 is no way round SMAP; AC is, for explicit accesses only. */
	if (!fetch && !user && page->user && (regs->cr4 & CR4_SMAP) &&
	    (access->implicit || !(regs->rflags & RFLAGS_AC)))
		denied |= MMU_DENY_SMAP;
	if (key_denies(regs, access, page))
		denied |= MMU_DENY_PKEY;
	return denied;
}

/* The bits of the error code that describe the access itself (SDM 5.7). */
static uint32_t access_code(const struct mmu_regs *regs,
			    const struct mmu_access *access)
{
	uint32_t code = 0;

	if (access->kind == MMU_WRITE)
		code |= MMU_PF_W;
	if (user_mode(access))
		code |= MMU_PF_U;
	/* NXE counts with 8-byte entries only: 32-bit ones have no NX bit. */
	if (access->kind == MMU_FETCH &&
	    ((regs->cr4 & CR4_SMEP) ||
	     ((regs->cr4 & CR4_PAE) && (regs->efer & EFER_NXE))))
		code |= MMU_PF_ID;
	return code;
}

/*
 * The first step that has rights and an A bit: the registers that PAE paging
 * keeps its PDPTEs in have neither (SDM 5.4.1).
 */
static inline unsigned int first_step(const struct mmu_regs *regs)
{
	return regs->mode == MMU_MODE_X86_PAE;
}

/* Level of the first entry in which (raw & @bit) is @value; 0 if none. */
static int first_level(const struct mmu_regs *regs,
		       const struct mmu_result *res, uint64_t bit, bool value)
{
	unsigned int i;

	for (i = first_step(regs); i < res->nsteps; i++)
		if (!!(res->steps[i].raw & bit) == value)
			return res->steps[i].level;
	return 0;
}

static int denying_level(const struct mmu_regs *regs,
			 const struct mmu_result *res)
{
	if (res->denied & MMU_DENY_USER)
		return first_level(regs, res, ENTRY_US, false);
	if (res->denied & MMU_DENY_WRITE)
		return first_level(regs, res, ENTRY_RW, false);
	if (res->denied & MMU_DENY_EXEC)
		return first_level(regs, res, ENTRY_NX, true);
	return res->steps[res->nsteps - 1].level;
}

/*
 * SDM 5.8: an access sets A in every entry that it uses and, if it writes, D
 * in the leaf. A faulting one sets no D, and whether it sets A is open: in the
 * tables above, by what the processor chose to cache; in a leaf that refuses,
 * by the note of SDM 7.15 (#PF), "model specific and not architecturally
 * defined". An absent or reserved entry is not used at all.
 */
static void mark_accessed(const struct mmu_regs *regs, struct mmu_result *res,
			  bool success, bool write)
{
	unsigned int i;

	for (i = first_step(regs); i < res->nsteps; i++) {
		struct mmu_step *step = &res->steps[i];
		bool leaf = step->kind == MMU_STEP_LEAF;
		uint64_t bits = 0;

		if (leaf || step->kind == MMU_STEP_TABLE)
			bits = ENTRY_A;
		if (leaf && success && write)
			bits |= ENTRY_D;
		step->may_set = bits & ~step->raw;
		step->must_set = success ? step->may_set : 0;
	}
}

enum mmu_status x86_check_access(const struct mmu_regs *regs,
				 const struct mmu_access *access,
				 struct mmu_result *res)
{
	/* What the walk found; only the rest of the code is the access's. */
	uint32_t walk_code = (res->error_code & MMU_PF_RSVD) ?
			     MMU_PF_P | MMU_PF_RSVD : 0;

	if (res->walk == MMU_FAULT_GP)
		return access->stack && access->kind != MMU_FETCH ?
		       MMU_FAULT_SS : MMU_FAULT_GP;
	if (res->walk == MMU_FAULT_PF) {
		mark_accessed(regs, res, false, false);
		res->error_code = walk_code | access_code(regs, access);
		return MMU_FAULT_PF;
	}
	/* No fault: there is no answer, and nothing to update. */
	if (res->walk != MMU_OK)
		return res->walk;

	res->denied = refusals(regs, access, res);
	res->fail_level = res->denied ? denying_level(regs, res) : 0;
	mark_accessed(regs, res, !res->denied, access->kind == MMU_WRITE);
	res->error_code = 0;
	if (!res->denied)
		return MMU_OK;
	res->error_code = MMU_PF_P | access_code(regs, access);
	if (res->denied & MMU_DENY_PKEY)
		res->error_code |= MMU_PF_PK;
	return MMU_FAULT_PF;
}
