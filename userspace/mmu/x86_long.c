// SPDX-License-Identifier: GPL-2.0
/*
 * IA-32e paging, 4-level and 5-level: the walk and the access decision.
 *
 * Two stages, as in the manual: SDM 5.5 says how entries become a translation,
 * and which of them end it with a page fault; 5.6 says who may use it.
 */
#include "mode.h"

#define BIT(n)		(UINT64_C(1) << (n))
/* Bits hi..lo, both included. */
#define BITS(hi, lo)	((UINT64_MAX >> (63 - (hi))) & (UINT64_MAX << (lo)))

/* SDM 2.5, control registers; 2.2.1, IA32_EFER. */
#define CR0_PE		BIT(0)
#define CR0_WP		BIT(16)
#define CR0_PG		BIT(31)
#define CR3_LAM		BITS(62, 61)
#define CR4_PAE		BIT(5)
#define CR4_PGE		BIT(7)
#define CR4_LA57	BIT(12)
#define CR4_SMEP	BIT(20)
#define CR4_SMAP	BIT(21)
#define CR4_PKE		BIT(22)
#define CR4_PKS		BIT(24)
#define EFER_LME	BIT(8)
#define EFER_LMA	BIT(10)
#define EFER_NXE	BIT(11)
#define RFLAGS_AC	BIT(18)

/* SDM 5.5.4: the formats of the entries. */
#define ENTRY_P		BIT(0)
#define ENTRY_RW	BIT(1)
#define ENTRY_US	BIT(2)
#define ENTRY_PWT	BIT(3)
#define ENTRY_PCD	BIT(4)
#define ENTRY_A		BIT(5)
#define ENTRY_D		BIT(6)
#define ENTRY_PS	BIT(7)	/* PDE, PDPTE */
#define ENTRY_PAT_4K	BIT(7)	/* PTE */
#define ENTRY_G		BIT(8)
#define ENTRY_PAT_LARGE	BIT(12)
#define ENTRY_NX	BIT(63)
#define KEY_SHIFT	59	/* bits 62:59 */
#define KEY_MASK	15u

#define LEVEL_PTE	1
#define LEVEL_PDE	2
#define LEVEL_PDPTE	3
#define LEVEL_PML4E	4

#define INDEX_BITS	9
#define INDEX_MASK	0x1ff
#define PAGE_SHIFT	12
/* No processor has a wider physical address (SDM 5.1.4). */
#define PA_BITS_MAX	52u

static int root_level(const struct mmu_regs *regs)
{
	return regs->mode == MMU_MODE_X86_5LEVEL ? 5 : 4;
}

static unsigned int level_shift(int level)
{
	return PAGE_SHIFT + INDEX_BITS * (unsigned int)(level - 1);
}

/* SDM vol. 1, 3.3.7.1: bit 47 (or 56) and all above it are equal. */
static bool canonical(const struct mmu_regs *regs, uint64_t va)
{
	unsigned int sign = level_shift(root_level(regs)) + INDEX_BITS - 1;
	uint64_t high = va >> sign;

	return high == 0 || high == UINT64_MAX >> sign;
}

/*
 * SDM 5.1.1 (which bits select the mode) and 5.5.2 (CR3; a MOV to CR3 with a
 * bit beyond the physical address width is #GP). LAM changes how data
 * addresses are made canonical, not how they are walked: give untagged ones.
 */
static inline bool possible(const struct mmu_regs *regs)
{
	const uint64_t efer = EFER_LME | EFER_LMA;
	bool la57 = regs->cr4 & CR4_LA57;

	if (regs->maxphyaddr < 32 || regs->maxphyaddr > PA_BITS_MAX)
		return false;
	if (!(regs->cr0 & CR0_PE) || !(regs->cr0 & CR0_PG) ||
	    !(regs->cr4 & CR4_PAE) || (regs->efer & efer) != efer)
		return false;
	if (la57 != (regs->mode == MMU_MODE_X86_5LEVEL))
		return false;
	return !(regs->cr3 & ~CR3_LAM & ~BITS(regs->maxphyaddr - 1, 0));
}

static enum mmu_status long_check_regs(const struct mmu_regs *regs)
{
	return possible(regs) ? MMU_OK : MMU_ERR_REGS;
}

/* Bits that are reserved in a present entry of any level. */
static uint64_t reserved_everywhere(const struct mmu_regs *regs)
{
	uint64_t reserved = 0;

	/* Bits 62:52 are ignored however narrow the address is. */
	if (regs->maxphyaddr < PA_BITS_MAX)
		reserved |= BITS(PA_BITS_MAX - 1, regs->maxphyaddr);
	/* SDM 5.5.4: bit 63 means NX if NXE = 1, "otherwise, reserved" */
	if (!(regs->efer & EFER_NXE))
		reserved |= ENTRY_NX;
	return reserved;
}

/* Does this present entry map a page, if its reserved bits allow it? */
static bool is_leaf(const struct mmu_regs *regs, int level, uint64_t raw)
{
	switch (level) {
	case LEVEL_PTE:
		return true;
	case LEVEL_PDE:
		return raw & ENTRY_PS;
	case LEVEL_PDPTE:
		return (raw & ENTRY_PS) && regs->page1gb;
	default:
		return false;
	}
}

/* Bits that are reserved at this level only (SDM 5.5.4, APM 5.3.3). */
static uint64_t reserved_here(const struct mmu_regs *regs, int level, bool leaf)
{
	if (level >= LEVEL_PML4E)
		return ENTRY_PS | (regs->upper_g_reserved ? ENTRY_G : 0);
	if (level == LEVEL_PTE)
		return 0;
	/* Between the PAT bit and the frame: 20:13 or 29:13. */
	if (leaf)
		return BITS(level_shift(level) - 1, 13);
	/* A leaf was excluded, so PS here means a 1 GiB page unsupported. */
	return ENTRY_PS;
}

/* SDM 5.9.2: the PAT bit moves to bit 12 where bit 7 is PS. */
static unsigned int pat_index(int level, uint64_t raw)
{
	uint64_t pat = level == LEVEL_PTE ? ENTRY_PAT_4K : ENTRY_PAT_LARGE;

	return ((raw & pat) ? 4u : 0) | ((raw & ENTRY_PCD) ? 2u : 0) |
	       ((raw & ENTRY_PWT) ? 1u : 0);
}

/* SDM 12.12.2 ("IA32_PAT MSR"): eight types, one per byte, 2 and 3 reserved. */
static enum mmu_memtype memtype(uint64_t pat, unsigned int index)
{
	unsigned int type = (pat >> (8 * index)) & 0xff;

	if (!pat || type == 2 || type == 3 || type > 7)
		return MMU_MEM_UNKNOWN;
	return (enum mmu_memtype)type;
}

/* @all and @any: the AND and the OR of the entries from the root to the leaf */
static void fill_page(const struct mmu_regs *regs, int level, uint64_t leaf,
		      uint64_t all, uint64_t any, struct mmu_result *res)
{
	unsigned int shift = level_shift(level);

	res->page_shift = shift;
	res->pa = (leaf & BITS(regs->maxphyaddr - 1, shift)) |
		  (res->va & BITS(shift - 1, 0));
	res->readable = true;
	res->writable = all & ENTRY_RW;
	res->user = all & ENTRY_US;
	/* With NXE = 0 a set NX bit was refused as reserved. */
	res->executable = !(any & ENTRY_NX);
	res->global = (leaf & ENTRY_G) && (regs->cr4 & CR4_PGE);
	if (regs->cr4 & (CR4_PKE | CR4_PKS))
		res->pkey = (leaf >> KEY_SHIFT) & KEY_MASK;
	res->pat_index = pat_index(level, leaf);
	res->memtype = memtype(regs->pat, res->pat_index);
}

/*
 * What a present or absent entry means, and in @bad the reserved bits set in
 * it. @reserved is reserved_everywhere(), the same for all levels.
 */
static inline enum mmu_step_kind classify(const struct mmu_regs *regs,
					  int level, uint64_t raw,
					  uint64_t reserved, uint64_t *bad)
{
	bool leaf;

	/* SDM 5.5.4: with P = 0 no other bit has a meaning, not even these. */
	if (!(raw & ENTRY_P))
		return MMU_STEP_NOT_PRESENT;
	leaf = is_leaf(regs, level, raw);
	*bad = raw & (reserved | reserved_here(regs, level, leaf));
	if (*bad)
		return MMU_STEP_RESERVED;
	return leaf ? MMU_STEP_LEAF : MMU_STEP_TABLE;
}

/* SDM 5.7: P is clear only if an entry was absent; RSVD comes with P set. */
static enum mmu_status end_walk(struct mmu_result *res, int level,
				enum mmu_step_kind kind)
{
	res->fail_level = level;
	if (kind == MMU_STEP_UNREADABLE)
		return MMU_ERR_MEMORY;
	if (kind == MMU_STEP_RESERVED)
		res->error_code = MMU_PF_P | MMU_PF_RSVD;
	return MMU_FAULT_PF;
}

/* SDM 5.5.4, "Linear-Address Translation with 4-Level and 5-Level Paging" */
static enum mmu_status long_walk(const struct mmu_regs *regs,
				 const struct mmu_mem *mem, uint64_t va,
				 struct mmu_result *res)
{
	uint64_t frame, reserved, table, raw, all = UINT64_MAX, any = 0;
	struct mmu_step *step = res->steps;
	int level = root_level(regs);

	if (!possible(regs))
		return MMU_ERR_REGS;
	/* Before paging: no table is read for such an address. */
	if (!canonical(regs, va))
		return MMU_FAULT_GP;

	frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT);
	reserved = reserved_everywhere(regs);
	table = regs->cr3 & frame;

	for (;; step++, level--) {
		step->level = level;
		step->index = (va >> level_shift(level)) & INDEX_MASK;
		step->entry_pa = table + 8 * (uint64_t)step->index;
		step->raw = 0;
		step->must_set = 0;
		step->may_set = 0;
		raw = 0;
		res->read_error = mem->read(mem->ctx, step->entry_pa, &raw);
		if (res->read_error) {
			step->kind = MMU_STEP_UNREADABLE;
			break;
		}
		step->raw = raw;
		step->kind = classify(regs, level, raw, reserved,
				      &res->reserved_bits);
		all &= raw;
		any |= raw;
		if (step->kind != MMU_STEP_TABLE)
			break;
		table = raw & frame;
	}
	res->nsteps = (unsigned int)(step - res->steps) + 1;
	if (step->kind != MMU_STEP_LEAF)
		return end_walk(res, level, step->kind);
	fill_page(regs, level, raw, all, any, res);
	return MMU_OK;
}

/* SDM 5.6: system structures are accessed as supervisor whatever the CPL. */
static bool user_mode(const struct mmu_access *access)
{
	return access->user && !access->implicit;
}

/*
 * SDM 5.6.2: the key matters for data accesses only. PKRU governs the pages
 * that are user pages at all levels, whoever accesses them; IA32_PKRS the
 * others. A write-disable binds the supervisor only if CR0.WP is set.
 */
static bool key_denies(const struct mmu_regs *regs,
		       const struct mmu_access *access,
		       const struct mmu_result *page)
{
	bool enabled = regs->cr4 & (page->user ? CR4_PKE : CR4_PKS);
	bool access_disable, write_disable;
	uint32_t rights;

	if (!enabled || access->kind == MMU_FETCH)
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
	/* CR4.PAE is always set here, so that NXE alone decides. */
	if (access->kind == MMU_FETCH &&
	    ((regs->cr4 & CR4_SMEP) || (regs->efer & EFER_NXE)))
		code |= MMU_PF_ID;
	return code;
}

/* Level of the first entry in which (raw & @bit) is @value; 0 if none. */
static int first_level(const struct mmu_result *res, uint64_t bit, bool value)
{
	unsigned int i;

	for (i = 0; i < res->nsteps; i++)
		if (!!(res->steps[i].raw & bit) == value)
			return res->steps[i].level;
	return 0;
}

static int denying_level(const struct mmu_result *res)
{
	if (res->denied & MMU_DENY_USER)
		return first_level(res, ENTRY_US, false);
	if (res->denied & MMU_DENY_WRITE)
		return first_level(res, ENTRY_RW, false);
	if (res->denied & MMU_DENY_EXEC)
		return first_level(res, ENTRY_NX, true);
	return res->steps[res->nsteps - 1].level;
}

/*
 * SDM 5.8: an access sets A in every entry that it uses and, if it writes, D
 * in the leaf. A faulting one sets no D, and whether it sets A is open: in the
 * tables above, by what the processor chose to cache; in a leaf that refuses,
 * by the note of SDM 7.15 (#PF), "model specific and not architecturally
 * defined". An absent or reserved entry is not used at all.
 */
static void mark_accessed(struct mmu_result *res, bool success, bool write)
{
	unsigned int i;

	for (i = 0; i < res->nsteps; i++) {
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

static enum mmu_status long_check_access(const struct mmu_regs *regs,
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
		mark_accessed(res, false, false);
		res->error_code = walk_code | access_code(regs, access);
		return MMU_FAULT_PF;
	}
	/* No fault: there is no answer, and nothing to update. */
	if (res->walk != MMU_OK)
		return res->walk;

	res->denied = refusals(regs, access, res);
	res->fail_level = res->denied ? denying_level(res) : 0;
	mark_accessed(res, !res->denied, access->kind == MMU_WRITE);
	res->error_code = 0;
	if (!res->denied)
		return MMU_OK;
	res->error_code = MMU_PF_P | access_code(regs, access);
	if (res->denied & MMU_DENY_PKEY)
		res->error_code |= MMU_PF_PK;
	return MMU_FAULT_PF;
}

static size_t long_entry_flags(int level, bool leaf, uint64_t raw, char *buf,
			       size_t size)
{
	static const struct mmu_word low[] = {
		{ ENTRY_P, "P" }, { ENTRY_RW, "RW" }, { ENTRY_US, "US" },
		{ ENTRY_PWT, "PWT" }, { ENTRY_PCD, "PCD" }, { ENTRY_A, "A" },
		{ 0, NULL },
	};
	static const struct mmu_word large[] = {
		{ ENTRY_D, "D" }, { ENTRY_PS, "PS" }, { ENTRY_G, "G" },
		{ ENTRY_PAT_LARGE, "PAT" }, { 0, NULL },
	};
	static const struct mmu_word small[] = {
		{ ENTRY_D, "D" }, { ENTRY_PAT_4K, "PAT" }, { ENTRY_G, "G" },
		{ 0, NULL },
	};
	/* Not legal, but the reader of a reserved fault wants to see it. */
	static const struct mmu_word table[] = {
		{ ENTRY_PS, "PS" }, { 0, NULL },
	};
	static const struct mmu_word high[] = {
		{ ENTRY_NX, "NX" }, { 0, NULL },
	};
	unsigned int key = (raw >> KEY_SHIFT) & KEY_MASK;
	struct mmu_text text;

	mmu_text_init(&text, buf, size);
	if (!(raw & ENTRY_P)) {
		mmu_text_word(&text, "-");
		return text.length;
	}
	mmu_text_words(&text, low, raw);
	if (level == LEVEL_PTE)
		mmu_text_words(&text, small, raw);
	else
		mmu_text_words(&text, leaf ? large : table, raw);
	if (key && (leaf || level == LEVEL_PTE)) {
		char word[] = "key=10";

		word[4] = key < 10 ? (char)('0' + key) : '1';
		word[5] = key < 10 ? '\0' : (char)('0' + key - 10);
		mmu_text_word(&text, word);
	}
	mmu_text_words(&text, high, raw);
	return text.length;
}

const struct mmu_mode_ops mmu_x86_4level = {
	.name = "4-level",
	.levels = 4,
	.va_bits = 48,
	.index_bits = INDEX_BITS,
	.level_name = { "?", "PTE", "PMD", "PUD", "PGD" },
	.entry_name = { "?", "PTE", "PDE", "PDPTE", "PML4E" },
	.check_regs = long_check_regs,
	.walk = long_walk,
	.check_access = long_check_access,
	.entry_flags = long_entry_flags,
};

const struct mmu_mode_ops mmu_x86_5level = {
	.name = "5-level",
	.levels = 5,
	.va_bits = 57,
	.index_bits = INDEX_BITS,
	.level_name = { "?", "PTE", "PMD", "PUD", "P4D", "PGD" },
	.entry_name = { "?", "PTE", "PDE", "PDPTE", "PML4E", "PML5E" },
	.check_regs = long_check_regs,
	.walk = long_walk,
	.check_access = long_check_access,
	.entry_flags = long_entry_flags,
};
