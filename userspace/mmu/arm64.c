// SPDX-License-Identifier: GPL-2.0
/*
 * AArch64 EL1&0, stage 1: the walk and the access decision.
 *
 * The order of the checks is that of AArch64.S1Translate() and AArch64.S1Walk()
 * in the manual's pseudocode, which is also the priority of the faults ("MMU
 * fault prioritization from a single address translation stage").
 */
#include "mode.h"

#define BIT(n)		(UINT64_C(1) << (n))
/* Bits hi..lo, both included. */
#define BITS(hi, lo)	((UINT64_MAX >> (63 - (hi))) & (UINT64_MAX << (lo)))

/* SCTLR_EL1 */
#define SCTLR_M		BIT(0)
#define SCTLR_WXN	BIT(19)
#define SCTLR_EE	BIT(25)
#define SCTLR_EPAN	BIT(57)

/* TCR_EL1: fields of one half, the second number is that of TTBR1_EL1 */
#define TCR_TXSZ(hi)	((hi) ? 16 : 0)
#define TCR_EPD(hi)	((hi) ? 23 : 7)
#define TCR_SH(hi)	((hi) ? 28 : 12)
#define TCR_TG(hi)	((hi) ? 30 : 14)
#define TCR_TBI(hi)	((hi) ? 38 : 37)
#define TCR_HPD(hi)	((hi) ? 42 : 41)
#define TCR_TBID(hi)	((hi) ? 52 : 51)
#define TCR_E0PD(hi)	((hi) ? 56 : 55)
#define TCR_MTX(hi)	((hi) ? 61 : 60)
#define TCR_A1		BIT(22)
#define TCR_IPS		32
#define TCR_AS		BIT(36)
#define TCR_HA		BIT(39)
#define TCR_HD		BIT(40)
#define TCR_DS		BIT(59)

/* "Translation table descriptor formats" */
#define DESC_VALID	BIT(0)
#define DESC_TABLE	BIT(1)	/* at the last level: a page */
#define DESC_ATTRINDX	2	/* bits 4:2 */
#define DESC_AP1	BIT(6)	/* EL0 may access */
#define DESC_AP2	BIT(7)	/* read-only */
#define DESC_SH		8	/* bits 9:8 */
#define DESC_AF		BIT(10)
#define DESC_NG		BIT(11)
#define DESC_DBM	BIT(51)
#define DESC_CONTIGUOUS	BIT(52)
#define DESC_PXN	BIT(53)
#define DESC_UXN	BIT(54)
/* of a table descriptor: limits for all that is below it */
#define DESC_PXNTABLE	BIT(59)
#define DESC_UXNTABLE	BIT(60)
#define DESC_APTABLE0	BIT(61)	/* no access for EL0 */
#define DESC_APTABLE1	BIT(62)	/* no writes */

#define LEVEL_LAST	3
#define LEVEL_MIN	(-1)
#define DESC_BYTES_LOG2	3
#define PA_BITS_MAX	52u
#define PA_BITS_48	48u

/* Everything that the registers say of one half of the address space. */
struct half {
	bool upper;
	uint64_t ttbr;
	unsigned int granule;	/* log2 of the bytes of a page and of a table */
	unsigned int stride;	/* address bits that one level translates */
	unsigned int txsz;
	unsigned int va_bits;
	unsigned int out_bits;
	unsigned int sh;
	int start;		/* level of the first lookup, -1 to 3 */
	bool tbi, hpd, ds, lpa, ha, hd;
};

static unsigned int field(uint64_t reg, unsigned int lsb, unsigned int width)
{
	return (unsigned int)(reg >> lsb) & ((1u << width) - 1);
}

static bool flag(uint64_t reg, unsigned int bit)
{
	return reg >> bit & 1;
}

/* AArch64.GetVARange(): bit 55, whether the top byte is ignored or not. */
static bool upper_half(uint64_t va)
{
	return flag(va, 55);
}

static int step_level(int level)
{
	return LEVEL_LAST + 1 - level;
}

/* log2 of the bytes that an entry covers: TranslationSize() */
static unsigned int level_shift(const struct half *h, int level)
{
	return h->granule + h->stride * (unsigned int)(LEVEL_LAST - level);
}

/* TCR_EL1.TG0 and TG1: different codes for the same sizes. 0 if reserved. */
static unsigned int granule_bits(unsigned int tg, bool upper)
{
	static const unsigned char tg0[] = { 12, 16, 14, 0 };
	static const unsigned char tg1[] = { 0, 14, 12, 16 };

	return upper ? tg1[tg] : tg0[tg];
}

static bool has_granule(const struct mmu_arm64_regs *a, unsigned int bits)
{
	return bits == 12 ? a->gran4k : bits == 14 ? a->gran16k :
	       bits == 16 && a->gran64k;
}

/*
 * TCR_EL1.DS: for the granules of FEAT_LPA2. 64 KB granules have their 52 bits
 * by FEAT_LPA, without asking.
 */
static bool effective_ds(const struct mmu_arm64_regs *a, unsigned int granule)
{
	if (!(a->tcr & TCR_DS))
		return false;
	return granule == 12 ? a->lpa2_4k : granule == 14 && a->lpa2_16k;
}

/* AArch64.PhysicalAddressSize(); 0b111 is reserved: see MMU_OPEN_IPS. */
static unsigned int output_bits(const struct mmu_arm64_regs *a)
{
	static const unsigned char bits[] = { 32, 36, 40, 42, 44, 48, 52, 52 };
	unsigned int ips = bits[field(a->tcr, TCR_IPS, 3)];

	return ips < a->pa_bits ? ips : a->pa_bits;
}

/*
 * AArch64.S1MinTxSZ() and AArch64.MaxTxSZ(). Beyond them is a Translation fault
 * or the limit, as the implementation likes; below the minimum always a fault
 * with FEAT_LVA (AArch64.S1TxSZFaults()).
 */
static bool txsz_in_range(const struct mmu_arm64_regs *a, const struct half *h,
			  bool *open)
{
	bool wide = h->ds || (h->granule == 16 && a->lva);
	unsigned int min = wide ? 12 : 16;
	unsigned int max = !a->ttst ? 39 : h->granule == 16 ? 47 : 48;

	*open = h->txsz > max || (h->txsz < min && !a->lva);
	return h->txsz >= min && h->txsz <= max;
}

/* Is the whole of the registers something that a processor can hold? */
static enum mmu_status check_common(const struct mmu_arm64_regs *a)
{
	switch (a->pa_bits) {
	case 32:
	case 36:
	case 40:
	case 42:
	case 44:
	case 48:
	case 52:
		break;
	default:
		return MMU_ERR_REGS;
	}
	if (!a->gran4k && !a->gran16k && !a->gran64k)
		return MMU_ERR_REGS;
	return a->sctlr & SCTLR_EE ? MMU_ERR_UNSUPPORTED : MMU_OK;
}

/*
 * AArch64.S1TTWParamsEL10(). A reserved granule, or one that does not exist,
 * is "any that does": no answer. With EPD no granule matters, all faults alike.
 */
static enum mmu_status get_half(const struct mmu_arm64_regs *a, bool upper,
				struct half *h)
{
	if (flag(a->tcr, TCR_MTX(upper)))
		return MMU_ERR_UNSUPPORTED;
	h->upper = upper;
	h->ttbr = upper ? a->ttbr1 : a->ttbr0;
	h->granule = granule_bits(field(a->tcr, TCR_TG(upper), 2), upper);
	if (!has_granule(a, h->granule))
		return MMU_ERR_REGS;
	h->stride = h->granule - DESC_BYTES_LOG2;
	h->txsz = field(a->tcr, TCR_TXSZ(upper), 6);
	h->va_bits = 64 - h->txsz;
	h->out_bits = output_bits(a);
	h->sh = field(a->tcr, TCR_SH(upper), 2);
	h->tbi = flag(a->tcr, TCR_TBI(upper));
	h->hpd = a->hpds && flag(a->tcr, TCR_HPD(upper));
	h->ds = effective_ds(a, h->granule);
	h->lpa = h->granule == 16 && a->pa_bits == PA_BITS_MAX;
	h->ha = a->hafdbs >= 1 && (a->tcr & TCR_HA);
	h->hd = a->hafdbs >= 2 && h->ha && (a->tcr & TCR_HD);
	/* AArch64.S1StartLevel(); beyond the limits of TxSZ it is not used. */
	h->start = LEVEL_LAST;
	if (h->va_bits > h->granule)
		h->start -= (int)((h->va_bits - 1 - h->granule) / h->stride);
	return MMU_OK;
}

static enum mmu_status arm64_check_regs(const struct mmu_regs *regs)
{
	const struct mmu_arm64_regs *a = &regs->arm64;
	enum mmu_status status = check_common(a);
	struct half h;
	int upper;

	if (status != MMU_OK || !(a->sctlr & SCTLR_M))
		return status;
	for (upper = 0; upper < 2 && status == MMU_OK; upper++)
		if (!flag(a->tcr, TCR_EPD(upper)))
			status = get_half(a, upper, &h);
	return status;
}

/*
 * AArch64.VAIsOutOfRange(): the bits from @va_bits to @top are all equal to
 * bit 55, the one that selected the half.
 */
static bool in_range(uint64_t va, unsigned int va_bits, unsigned int top)
{
	uint64_t bits;

	if (top < va_bits)
		return true;
	bits = BITS(top, va_bits);
	return (va & bits) == (upper_half(va) ? bits : 0);
}

/* EncodeLDFSC(); level -1 has codes of its own. */
static unsigned int fault_code(unsigned int type, int level)
{
	if (level >= 0)
		return type | (unsigned int)level;
	return type == MMU_FSC_TRANSLATION ? MMU_FSC_TRANSLATION_M1 :
					     MMU_FSC_ADDRESS_SIZE_M1;
}

/* Ends the walk; @level is the manual's, @fail a step's or 0 for none. */
static enum mmu_status fault(struct mmu_result *res, unsigned int type,
			     int level, int fail)
{
	res->arm64.fsc = (uint8_t)fault_code(type, level);
	res->error_code = res->arm64.fsc;
	res->fail_level = fail;
	return MMU_FAULT_ABORT;
}

/*
 * AArch64.NextTableBase() and AArch64.LeafBase(): the address in a descriptor,
 * a multiple of 1 << @shift. OA[51:48] is in bits 15:12 with 64 KB granules,
 * in 9:8 and 49:48 with TCR_EL1.DS.
 */
static uint64_t descriptor_address(const struct half *h, uint64_t raw,
				   unsigned int shift)
{
	uint64_t address = raw & BITS(47, shift);

	if (h->lpa)
		address |= (raw & BITS(15, 12)) << 36;
	else if (h->ds)
		address |= (raw & BITS(49, 48)) | (raw & BITS(9, 8)) << 42;
	return address;
}

/* The bits of @raw that make its address too large. */
static uint64_t beyond_output(const struct half *h, uint64_t raw,
			      unsigned int shift)
{
	uint64_t address = descriptor_address(h, raw, shift), bits;

	if (h->out_bits >= PA_BITS_MAX)
		return 0;
	address &= BITS(PA_BITS_MAX - 1, h->out_bits);
	bits = address & BITS(47, 0);
	if (h->lpa)
		bits |= (address & BITS(51, 48)) >> 36;
	else
		bits |= (address & BITS(49, 48)) |
			(address & BITS(51, 50)) >> 42;
	return bits;
}

/*
 * AArch64.S1TTBaseAddress(): the root is aligned to its own size, but to 64
 * bytes at least where the low bits of the register hold A[51:48].
 */
static uint64_t root_table(const struct mmu_arm64_regs *a, const struct half *h,
			   uint8_t *open)
{
	unsigned int ips = field(a->tcr, TCR_IPS, 3);
	unsigned int size = h->va_bits - level_shift(h, h->start) +
			    DESC_BYTES_LOG2;
	uint64_t unused = BITS((size < 6 ? 6 : size) - 1, 1), base;

	if (h->ds || (h->lpa && ips == 6)) {
		if (size < 6)
			size = 6;
		base = (h->ttbr & BITS(47, 6)) | (h->ttbr & BITS(5, 2)) << 46;
		/* TTBR0_EL1.BADDR and TCR_EL1.IPS: only if IPS is 0b110 */
		if (ips == 6)
			unused &= ~BITS(5, 2);
	} else {
		base = h->ttbr & BITS(47, 1);
	}
	if (h->ttbr & unused)
		*open |= MMU_OPEN_TTBR;
	return base & ~BITS(size - 1, 0);
}

/* AArch64.BlockDescSupported() */
static bool block_allowed(const struct half *h, int level)
{
	if (level == 2)
		return true;
	if (h->granule == 12)
		return level == 1 || (level == 0 && h->ds);
	return level == 1 && (h->granule == 14 ? h->ds : h->lpa);
}

/*
 * AArch64.DecodeDescriptorType(), and AArch64.OAOutOfRange() for what it points
 * to: for a leaf the whole output address counts, with the bits that are the
 * virtual address's: a block may be larger than all that may be put out.
 */
static enum mmu_step_kind classify(const struct half *h, int level,
				   uint64_t va, uint64_t raw, uint64_t *bad)
{
	bool leaf = level == LEVEL_LAST;
	unsigned int shift;

	if (!(raw & DESC_VALID))
		return MMU_STEP_NOT_PRESENT;
	if (!(raw & DESC_TABLE)) {
		if (leaf || !block_allowed(h, level))
			return MMU_STEP_RESERVED;
		leaf = true;
	}
	shift = leaf ? level_shift(h, level) : h->granule;
	*bad = beyond_output(h, raw, shift);
	if (*bad || (leaf && (va & BITS(shift - 1, 0)) >> h->out_bits))
		return MMU_STEP_ADDRESS_SIZE;
	return leaf ? MMU_STEP_LEAF : MMU_STEP_TABLE;
}

/* What the tables on the way forbid: the OR of their bits 62:59, unless HPD. */
static uint64_t table_limits(const struct half *h, const struct mmu_result *res)
{
	uint64_t limits = 0;
	unsigned int i;

	for (i = 0; !h->hpd && i + 1 < res->nsteps; i++)
		limits |= res->steps[i].raw;
	return limits & BITS(62, 59);
}

/*
 * AArch64.S1DirectBasePermissions(), without PAN and WXN. What EL0 can write
 * EL1 cannot execute. DBM makes a page writable, as hardware will clear AP[2]
 * (AArch64.S1ApplyOutputPerms()).
 */
static void fill_rights(const struct half *h, uint64_t leaf,
			struct mmu_result *res)
{
	uint64_t limits = table_limits(h, res);
	bool read_only = (leaf & DESC_AP2) && !(h->hd && (leaf & DESC_DBM));

	res->readable = true;
	res->writable = !read_only && !(limits & DESC_APTABLE1);
	res->user = (leaf & DESC_AP1) && !(limits & DESC_APTABLE0);
	res->executable = !(leaf & DESC_PXN) && !(limits & DESC_PXNTABLE) &&
			  !(res->user && res->writable);
	res->arm64.user_executable = !(leaf & DESC_UXN) &&
				     !(limits & DESC_UXNTABLE);
}

/* ContiguousSize() and AArch64.ContiguousBit(): log2 of the set, 0 for none */
static unsigned int contiguous_bits(const struct half *h, int level)
{
	if (h->granule == 12)
		return level >= 1 ? 4 : 0;
	if (level < 2)
		return 0;
	return h->granule == 14 && level == LEVEL_LAST ? 7 : 5;
}

/*
 * "The Contiguous bit": the set must be aligned, in the address space and at
 * the output, and lie within the region that TxSZ makes.
 */
static void check_contiguous(const struct half *h, int level,
			     struct mmu_result *res)
{
	unsigned int bits = contiguous_bits(h, level);
	unsigned int shift = level_shift(h, level);

	if (!bits)
		return;
	res->arm64.contiguous = true;
	if (shift + bits > h->va_bits ||
	    ((res->pa ^ res->va) & BITS(shift + bits - 1, shift)))
		res->arm64.open |= MMU_OPEN_CONTIGUOUS;
}

static void fill_page(const struct mmu_arm64_regs *a, const struct half *h,
		      int level, uint64_t leaf, struct mmu_result *res)
{
	unsigned int shift = level_shift(h, level);

	res->page_shift = shift;
	res->pa = descriptor_address(h, leaf, shift) |
		  (res->va & BITS(shift - 1, 0));
	fill_rights(h, leaf, res);
	res->global = !(leaf & DESC_NG);
	res->pat_index = field(leaf, DESC_ATTRINDX, 3);
	res->memtype = MMU_MEM_UNKNOWN;
	res->arm64.attr = (uint8_t)(a->mair >> (8 * res->pat_index));
	/* With DS bits 9:8 are address, and the whole half has one SH. */
	res->arm64.sh = (uint8_t)(h->ds ? h->sh : field(leaf, DESC_SH, 2));
	if (res->arm64.sh == 1)
		res->arm64.open |= MMU_OPEN_SH;
	if (leaf & DESC_CONTIGUOUS)
		check_contiguous(h, level, res);
}

/* TCR_EL1.A1 and AS */
static uint16_t current_asid(const struct mmu_arm64_regs *a)
{
	uint64_t asid = (a->tcr & TCR_A1 ? a->ttbr1 : a->ttbr0) >> 48;

	return (uint16_t)(a->asid16 && (a->tcr & TCR_AS) ? asid : asid & 0xff);
}

/*
 * AArch64.S1DisabledOutput(): with SCTLR_EL1.M = 0 the address goes out as it
 * is, as Device-nGnRnE memory. The translation of it cannot be refused.
 */
static enum mmu_status flat_walk(const struct mmu_arm64_regs *a, uint64_t va,
				 struct mmu_result *res)
{
	unsigned int top = flag(a->tcr, TCR_TBI(upper_half(va))) ? 55 : 63;

	if (va & BITS(top, a->pa_bits))
		return fault(res, MMU_FSC_ADDRESS_SIZE, 0, 0);
	res->pa = va & BITS(a->pa_bits - 1, 0);
	res->page_shift = a->pa_bits;
	res->readable = true;
	res->writable = true;
	res->executable = true;
	res->user = true;
	res->global = true;
	res->memtype = MMU_MEM_UNKNOWN;
	res->arm64.user_executable = true;
	res->arm64.sh = 2;
	return MMU_OK;
}

/* Reads one entry; what it means is in @step->kind. */
static void look_up(const struct half *h, const struct mmu_mem *mem, int level,
		    uint64_t table, struct mmu_step *step,
		    struct mmu_result *res)
{
	unsigned int shift = level_shift(h, level), bits = h->stride;
	uint64_t raw = 0;

	if (level == h->start)
		bits = h->va_bits - shift;
	step->level = step_level(level);
	step->index = (unsigned int)(res->va >> shift) & ((1u << bits) - 1);
	step->entry_pa = table + 8 * (uint64_t)step->index;
	step->raw = 0;
	step->must_set = 0;
	step->may_set = 0;
	step->must_clear = 0;
	step->may_clear = 0;
	step->kind = MMU_STEP_UNREADABLE;
	res->nsteps++;
	res->read_error = mem->read(mem->ctx, step->entry_pa, &raw);
	if (res->read_error)
		return;
	step->raw = raw;
	step->kind = classify(h, level, res->va, raw, &res->reserved_bits);
}

static enum mmu_status end_walk(struct mmu_result *res, int level,
				enum mmu_step_kind kind)
{
	int fail = step_level(level);

	if (kind == MMU_STEP_ADDRESS_SIZE)
		return fault(res, MMU_FSC_ADDRESS_SIZE, level, fail);
	if (kind != MMU_STEP_UNREADABLE)
		return fault(res, MMU_FSC_TRANSLATION, level, fail);
	res->fail_level = fail;
	return MMU_ERR_MEMORY;
}

/* AArch64.S1Walk(), from the first table on */
static enum mmu_status walk_tables(const struct mmu_arm64_regs *a,
				   const struct half *h,
				   const struct mmu_mem *mem,
				   struct mmu_result *res)
{
	uint64_t table = root_table(a, h, &res->arm64.open);
	struct mmu_step *step = res->steps;
	int level = h->start;

	/* A fault of the register, not of an entry, is of level 0. */
	if (h->out_bits < PA_BITS_MAX && table >> h->out_bits)
		return fault(res, MMU_FSC_ADDRESS_SIZE, 0, 0);
	for (;; step++, level++) {
		look_up(h, mem, level, table, step, res);
		if (step->kind != MMU_STEP_TABLE)
			break;
		table = descriptor_address(h, step->raw, h->granule);
	}
	if (step->kind != MMU_STEP_LEAF)
		return end_walk(res, level, step->kind);
	/* After the output size, before any permission. */
	if (!(step->raw & DESC_AF) && !h->ha)
		return fault(res, MMU_FSC_ACCESS_FLAG, level, step->level);
	fill_page(a, h, level, step->raw, res);
	return MMU_OK;
}

static enum mmu_status arm64_walk(const struct mmu_regs *regs,
				  const struct mmu_mem *mem, uint64_t va,
				  struct mmu_result *res)
{
	const struct mmu_arm64_regs *a = &regs->arm64;
	enum mmu_status status = check_common(a);
	bool upper = upper_half(va), open;
	struct half h;

	if (status != MMU_OK)
		return status;
	res->arm64.asid = current_asid(a);
	if (!(a->sctlr & SCTLR_M))
		return flat_walk(a, va, res);
	if (flag(a->tcr, TCR_EPD(upper)))
		return fault(res, MMU_FSC_TRANSLATION, 0, 0);
	status = get_half(a, upper, &h);
	if (status != MMU_OK)
		return status;
	if (field(a->tcr, TCR_IPS, 3) == 7)
		res->arm64.open |= MMU_OPEN_IPS;
	if (!txsz_in_range(a, &h, &open)) {
		res->arm64.open |= open ? MMU_OPEN_TXSZ : 0;
		return fault(res, MMU_FSC_TRANSLATION, 0, 0);
	}
	/* By the rule for data; TBID is asked when the access is known. */
	if (!in_range(va, h.va_bits, h.tbi ? 55 : 63))
		return fault(res, MMU_FSC_TRANSLATION, 0, 0);
	return walk_tables(a, &h, mem, res);
}

/*
 * TCR_EL1.TBID0 and TBID1: the top byte of a fetched address is not ignored,
 * although that of a data address is. Is this one refused for it?
 */
static bool tag_refused(const struct mmu_arm64_regs *a, const struct half *h,
			const struct mmu_access *access, uint64_t va)
{
	bool upper = upper_half(va);

	/* Without TBI the walk has already asked the same. */
	if (access->kind != MMU_FETCH || !a->pauth ||
	    !flag(a->tcr, TCR_TBID(upper)))
		return false;
	if (!(a->sctlr & SCTLR_M))
		return va & BITS(63, a->pa_bits);
	return !in_range(va, h->va_bits, 63);
}

/* Every rule that forbids this access, as MMU_DENY_* */
static uint32_t refusals(const struct mmu_arm64_regs *a,
			 const struct mmu_access *access,
			 const struct mmu_result *page)
{
	bool epan = a->pan3 && (a->sctlr & SCTLR_EPAN);
	bool writes = page->writable && (page->user || !access->user);
	uint32_t denied = 0;

	if (access->kind == MMU_FETCH) {
		/* EL0 may execute what it may not read: UXN alone decides. */
		if (access->user ? !page->arm64.user_executable :
				   !page->executable)
			denied |= MMU_DENY_EXEC;
		/* SCTLR_EL1.WXN: writable at this Exception level */
		if (writes && (a->sctlr & SCTLR_WXN))
			denied |= MMU_DENY_WXN;
		return denied;
	}
	if (access->user && !page->user)
		denied |= MMU_DENY_USER;
	if (access->kind == MMU_WRITE && !page->writable)
		denied |= MMU_DENY_WRITE;
	/* PSTATE.PAN; with SCTLR_EL1.EPAN for what EL0 may execute, too */
	if (a->pan && !access->user &&
	    (page->user || (epan && page->arm64.user_executable)))
		denied |= MMU_DENY_PAN;
	return denied;
}

/* The first table that forbids by @bit, if tables count; else the leaf. */
static int limiting_level(const struct mmu_result *res, const struct half *h,
			  uint64_t bit)
{
	unsigned int i;

	for (i = 0; !h->hpd && i + 1 < res->nsteps; i++)
		if (res->steps[i].raw & bit)
			return res->steps[i].level;
	return res->steps[res->nsteps - 1].level;
}

static int denying_level(const struct mmu_result *res, const struct half *h,
			 const struct mmu_access *access)
{
	if (res->denied & MMU_DENY_USER)
		return limiting_level(res, h, DESC_APTABLE0);
	if (res->denied & MMU_DENY_WRITE)
		return limiting_level(res, h, DESC_APTABLE1);
	if (res->denied & MMU_DENY_EXEC)
		return limiting_level(res, h, access->user ? DESC_UXNTABLE :
							     DESC_PXNTABLE);
	return res->steps[res->nsteps - 1].level;
}

/*
 * "Hardware updates to the translation tables", FEAT_HAFDBS: a permitted
 * access sets AF, a refused one may (AArch64.SettingAccessFlagPermitted()). A
 * permitted write makes the page dirty: AP[2] is cleared.
 */
static void mark(const struct half *h, const struct mmu_access *access,
		 struct mmu_result *res)
{
	struct mmu_step *leaf = &res->steps[res->nsteps - 1];

	if (h->ha) {
		leaf->may_set = DESC_AF & ~leaf->raw;
		leaf->must_set = res->denied ? 0 : leaf->may_set;
	}
	/* Without DBM no write is permitted where AP[2] is set. */
	if (h->hd && !res->denied && access->kind == MMU_WRITE) {
		leaf->may_clear = DESC_AP2 & leaf->raw;
		leaf->must_clear = leaf->may_clear;
	}
}

static void forget_last_access(struct mmu_result *res)
{
	unsigned int i;

	res->denied = 0;
	res->error_code = 0;
	res->arm64.open &= (uint8_t)~MMU_OPEN_DEVICE_FETCH;
	for (i = 0; i < res->nsteps; i++) {
		res->steps[i].must_set = 0;
		res->steps[i].may_set = 0;
		res->steps[i].must_clear = 0;
		res->steps[i].may_clear = 0;
	}
}

static enum mmu_status abort_with(struct mmu_result *res, unsigned int fsc,
				  const struct mmu_access *access, int fail)
{
	res->error_code = fsc;
	if (access->kind == MMU_WRITE)
		res->error_code |= MMU_ESR_WNR;
	res->fail_level = fail;
	return MMU_FAULT_ABORT;
}

/* A walk that found a page: is this access allowed? */
static enum mmu_status decide(const struct mmu_arm64_regs *a,
			      const struct half *h,
			      const struct mmu_access *access,
			      struct mmu_result *res)
{
	/* Upper four bits 0: Device; a fetch from it may be refused. */
	bool device = !(res->arm64.attr & 0xf0);
	int level;

	res->fail_level = 0;
	if (!(a->sctlr & SCTLR_M))
		return MMU_OK;
	res->denied = refusals(a, access, res);
	mark(h, access, res);
	if (!res->denied) {
		if (device && access->kind == MMU_FETCH)
			res->arm64.open |= MMU_OPEN_DEVICE_FETCH;
		return MMU_OK;
	}
	/* The level reported is the leaf's, whoever forbids it. */
	level = LEVEL_LAST + 1 - res->steps[res->nsteps - 1].level;
	return abort_with(res, fault_code(MMU_FSC_PERMISSION, level), access,
			  denying_level(res, h, access));
}

/*
 * What the access alone decides comes before any table: TBID and E0PD, both
 * with level 0, even if the walk would have failed.
 */
static enum mmu_status arm64_check_access(const struct mmu_regs *regs,
					  const struct mmu_access *access,
					  struct mmu_result *res)
{
	const struct mmu_arm64_regs *a = &regs->arm64;
	bool upper = upper_half(res->va), mmu = a->sctlr & SCTLR_M;
	unsigned int n = res->nsteps;
	struct half h = { .upper = upper };

	if (res->walk == MMU_ERR_REGS || res->walk == MMU_ERR_UNSUPPORTED)
		return res->walk;
	forget_last_access(res);
	/* With EPD there may be no granule; then all faults are this one. */
	if (mmu && !flag(a->tcr, TCR_EPD(upper)))
		get_half(a, upper, &h);
	if (tag_refused(a, &h, access, res->va))
		return abort_with(res, mmu ? MMU_FSC_TRANSLATION :
				  MMU_FSC_ADDRESS_SIZE, access, 0);
	if (mmu && access->user && a->e0pd && flag(a->tcr, TCR_E0PD(upper)))
		return abort_with(res, MMU_FSC_TRANSLATION, access, 0);
	if (res->walk == MMU_FAULT_ABORT)
		return abort_with(res, res->arm64.fsc, access,
				  n ? res->steps[n - 1].level : 0);
	if (res->walk != MMU_OK) {
		res->fail_level = n ? res->steps[n - 1].level : 0;
		return res->walk;
	}
	return decide(a, &h, access, res);
}

static enum mmu_status arm64_geometry(const struct mmu_regs *regs, uint64_t va,
				      struct mmu_geometry *geo)
{
	const struct mmu_arm64_regs *a = &regs->arm64;
	enum mmu_status status = check_common(a);
	bool upper = upper_half(va), open;
	struct half h;

	if (status != MMU_OK)
		return status;
	if (!(a->sctlr & SCTLR_M)) {
		geo->va_bits = a->pa_bits;
		return MMU_OK;
	}
	if (flag(a->tcr, TCR_EPD(upper)))
		return MMU_FAULT_ABORT;
	status = get_half(a, upper, &h);
	if (status != MMU_OK)
		return status;
	if (!txsz_in_range(a, &h, &open))
		return MMU_FAULT_ABORT;
	geo->levels = step_level(h.start);
	geo->va_bits = h.va_bits;
	geo->page_shift = h.granule;
	geo->index_bits = h.stride;
	return MMU_OK;
}

bool mmu_arm64_format(const struct mmu_regs *regs, int level,
		      struct mmu_arm64_format *format)
{
	const struct mmu_arm64_regs *a = &regs->arm64;
	struct mmu_geometry geo = { 0 };
	struct half h;

	if (arm64_geometry(regs, 0, &geo) != MMU_OK || level > geo.levels)
		return false;
	get_half(a, false, &h);
	format->shift = level_shift(&h, LEVEL_LAST + 1 - level);
	format->granule = h.granule;
	format->lpa = h.lpa;
	format->ds = h.ds;
	format->hd = h.hd;
	format->hpd = h.hpd;
	format->contiguous = contiguous_bits(&h, LEVEL_LAST + 1 - level);
	return true;
}

void mmu_arm64_features(const struct mmu_arm64_id *id,
			struct mmu_arm64_regs *regs)
{
	static const unsigned char pa_bits[16] = {
		32, 36, 40, 42, 44, 48, 52, 52,
	};
	unsigned int tgran4 = field(id->mmfr0, 28, 4);
	unsigned int tgran64 = field(id->mmfr0, 24, 4);
	unsigned int tgran16 = field(id->mmfr0, 20, 4);

	regs->pa_bits = pa_bits[field(id->mmfr0, 0, 4)];
	regs->asid16 = field(id->mmfr0, 4, 4) == 2;
	/* 0b1111 is "not supported", but for 16 KB granules that is 0. */
	regs->gran4k = tgran4 != 15;
	regs->gran64k = tgran64 != 15;
	regs->gran16k = tgran16 != 0;
	regs->lpa2_4k = regs->gran4k && tgran4 >= 1;
	regs->lpa2_16k = tgran16 >= 2;
	regs->hafdbs = field(id->mmfr1, 0, 4);
	regs->hpds = field(id->mmfr1, 12, 4) != 0;
	regs->pan3 = field(id->mmfr1, 20, 4) >= 3;
	regs->lva = field(id->mmfr2, 16, 4) != 0;
	regs->ttst = field(id->mmfr2, 28, 4) != 0;
	regs->e0pd = field(id->mmfr2, 60, 4) != 0;
	/* ID_AA64ISAR1_EL1.APA and API, ID_AA64ISAR2_EL1.APA3 */
	regs->pauth = field(id->isar1, 4, 8) || field(id->isar2, 12, 4);
}

const struct mmu_mode_ops mmu_arm64 = {
	.name = "arm64",
	.levels = 5,
	.level_name = { "?", "PTE", "PMD", "PUD", "PGD", "PGD" },
	.entry_name = { "?", "L3", "L2", "L1", "L0", "L-1" },
	.check_regs = arm64_check_regs,
	.walk = arm64_walk,
	.check_access = arm64_check_access,
	.geometry = arm64_geometry,
};
