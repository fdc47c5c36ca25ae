// SPDX-License-Identifier: GPL-2.0
/* The cases of the arm64 judge, and the memory as the model reads it. */
#include "judge.h"

/* Where tables are put: one part per level. */
#define TABLES_FROM	UINT64_C(0x42000000)
#define TABLES_STEP	UINT64_C(0x02000000)
/* No RAM: the tables that a block of a reserved level is taken for. */
#define UNREAL_TABLE	UINT64_C(0x20000000)

struct mmu_regs regs = { .mode = MMU_MODE_ARM64 };

static bool one_in(unsigned int n)
{
	return rnd() % n == 0;
}

static uint64_t ones(unsigned int n)
{
	return n >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
}

/* TG0 or TG1: granules that exist, now and then one that does not. */
static uint64_t random_granule(bool upper)
{
	static const unsigned char tg0[] = { 0, 2, 1 }, tg1[] = { 2, 1, 3 };
	const struct mmu_arm64_regs *a = &regs.arm64;
	unsigned int size;

	if (one_in(100))
		return rnd() & 3;
	do {
		size = rnd() % 3;
	} while (!(size == 0 ? a->gran4k : size == 1 ? a->gran16k :
		   a->gran64k));
	return upper ? tg1[size] : tg0[size];
}

/* Sizes within the limits, mostly; the limits themselves often. */
static uint64_t random_txsz(void)
{
	static const unsigned char edges[] = {
		12, 13, 15, 16, 17, 20, 25, 28, 30, 34, 39, 40, 47, 48, 49,
	};

	unsigned int min = regs.arm64.lva ? 12 : 16;
	unsigned int max = regs.arm64.ttst ? 48 : 39;

	if (one_in(min == 12 ? 3 : 10))
		return edges[rnd() % sizeof(edges)];
	if (one_in(30))
		return rnd() & 63;
	return min + rnd() % (max - min + 1);
}

static uint64_t random_mair(void)
{
	static const unsigned char attrs[] = {
		0x00, 0x04, 0x08, 0x0c, 0x44, 0x4f, 0xbb, 0xff, 0xee, 0x77,
		0xf4, 0x33,
	};
	uint64_t mair = 0;
	int i;

	for (i = 0; i < 8; i++)
		mair = mair << 8 | attrs[rnd() % sizeof(attrs)];
	return mair;
}

#define TCR_EPD		(UINT64_C(1) << 7 | UINT64_C(1) << 23)
#define TCR_E0PD	(UINT64_C(3) << 55)
#define TCR_MTX		(UINT64_C(3) << 60)
#define TCR_SIZES	(UINT64_C(0xc03fc03f))	/* TG1 T1SZ TG0 T0SZ */

/* @real: for accesses, which need the upper half for their own code */
void random_registers(bool real)
{
	struct mmu_arm64_regs *a = &regs.arm64;
	uint64_t tcr = rnd() & ~(TCR_MTX | TCR_SIZES);

	tcr |= random_granule(false) << 14 | random_granule(true) << 30;
	tcr |= random_txsz() | random_txsz() << 16;
	if (!one_in(20))
		tcr &= ~TCR_EPD;
	if (!one_in(6))
		tcr &= ~TCR_E0PD;
	if (one_in(2))		/* wide outputs deserve more than one in 8 */
		tcr = (tcr & ~(UINT64_C(7) << 32)) | (5 + rnd() % 2) << 32;
	a->tcr = tcr;
	a->mair = random_mair();
	/* RES1 bits, C and I; M in all but a few */
	a->sctlr = 0x30d01804 | (one_in(50) && !real ? 0 : 1) |
		   (rnd() & 1) << 19 | (a->pan3 ? (rnd() & 1) << 57 : 0);
	a->ttbr0 = rnd() & ~ones(48);
	a->ttbr1 = rnd() & ~ones(48);
}

void load_registers(void)
{
	WRITE_REG("tcr_el1", regs.arm64.tcr);
	WRITE_REG("mair_el1", regs.arm64.mair);
	WRITE_REG("sctlr_el1", regs.arm64.sctlr);
	WRITE_REG("ttbr0_el1", regs.arm64.ttbr0);
	WRITE_REG("ttbr1_el1", regs.arm64.ttbr1);
	ISB();
}

/* What the judge itself must know to put entries where they are looked for. */
struct shape {
	unsigned int granule, stride, va_bits;
	int root;
	bool upper, ds, valid;
};

static struct shape shape_of(bool upper)
{
	static const unsigned char tg0[] = { 12, 16, 14, 0 };
	static const unsigned char tg1[] = { 0, 14, 12, 16 };
	const struct mmu_arm64_regs *a = &regs.arm64;
	struct shape shape = { .upper = upper };
	unsigned int bits;

	shape.granule = upper ? tg1[a->tcr >> 30 & 3] : tg0[a->tcr >> 14 & 3];
	shape.va_bits = 64 - (a->tcr >> (upper ? 16 : 0) & 63);
	shape.ds = (a->tcr >> 59 & 1) &&
		   ((shape.granule == 12 && a->lpa2_4k) ||
		    (shape.granule == 14 && a->lpa2_16k));
	shape.valid = shape.granule && shape.va_bits > shape.granule &&
		      shape.va_bits <= 52;
	if (!shape.valid)
		return shape;
	shape.stride = shape.granule - 3;
	bits = shape.va_bits - shape.granule;
	/* as many levels as it takes to translate all these bits */
	shape.root = (int)((bits + shape.stride - 1) / shape.stride);
	shape.valid = shape.root <= 5;
	return shape;
}

static unsigned int shift_of(const struct shape *shape, int level)
{
	return shape->granule + shape->stride * (unsigned int)(level - 1);
}

static uint64_t random_va(const struct shape *shape)
{
	uint64_t va = rnd() & ones(shape->va_bits < 55 ? shape->va_bits : 55);

	if (shape->upper)
		va |= ~ones(shape->va_bits);
	if (one_in(3))
		va ^= rnd() << 56;
	if (one_in(25))
		va ^= UINT64_C(1) << rnd() % 64;
	return va;
}

/* A set bit where the address in a descriptor may be too large. */
static uint64_t large_bit(const struct shape *shape)
{
	static const unsigned char extra[] = { 8, 9, 48, 49, 12, 13, 14, 15 };

	if (one_in(2))
		return UINT64_C(1) << (32 + rnd() % 18);
	if (shape->granule == 16)
		return UINT64_C(1) << extra[4 + rnd() % 4];
	return UINT64_C(1) << extra[rnd() % 4];
}

static uint64_t random_table(const struct shape *shape, uint64_t next)
{
	uint64_t raw = next | 3;
	uint64_t free = UINT64_C(0x07fc000000000c00) & rnd();

	/* limits on one in three; AP, UXN, PXN */
	if (one_in(3))
		raw |= (rnd() & rnd() & 0x1f) << 59;
	raw |= free;
	if (one_in(40))
		raw |= large_bit(shape);
	if (one_in(60))
		raw &= ~UINT64_C(1);
	return raw;
}

/* @target: an address that the leaf shall lead to, or 0 */
static uint64_t random_leaf(const struct shape *shape, int level,
			    uint64_t target)
{
	unsigned int shift = shift_of(shape, level);
	uint64_t raw = 1 | (level == 1 ? 2 : 0);

	/* attributes: anything but the address and the type */
	raw |= rnd() & UINT64_C(0xfff0000000000ffc);
	if (shape->ds || !one_in(50))
		raw &= ~UINT64_C(0x300);
	if (one_in(2))
		raw |= rnd() & UINT64_C(0x200) ? 0x300 : 0x200;
	if (shape->ds && shape->granule != 16 && !one_in(4))
		raw &= ~UINT64_C(0x300);
	if (!one_in(6))
		raw |= 0x400;
	if (!one_in(8))
		raw &= ~(UINT64_C(1) << 52);
	if (one_in(2))
		raw |= UINT64_C(1) << 51;
	/* the address: within 32 bits, or anywhere below 48 */
	if (target)
		raw |= target & ~ones(shift);
	else
		raw |= rnd() & ones(one_in(3) ? 48 : 32) & ~ones(shift);
	if (shape->granule == 16 && one_in(target ? 40 : 4))
		raw |= rnd() & 0xf000;
	if (one_in(target ? 20 : 8))
		raw |= large_bit(shape);
	/* bits between, that are not address */
	if (one_in(4) && shift > 17)
		raw |= rnd() & (ones(shift) & ~ones(17));
	if (one_in(40))
		raw ^= 1 + rnd() % 3;
	return raw;
}

/* Allowed or not: one in twenty is at a level where blocks are reserved. */
static int random_leaf_level(const struct shape *shape)
{
	int most = 2 + (shape->granule == 12 || shape->ds ||
			(shape->granule == 16 && regs.arm64.pa_bits == 52)) +
		   (shape->granule == 12 && shape->ds);
	int level;

	if (one_in(20))
		most = 5;
	do {
		level = 1 + (int)(rnd() % (unsigned int)most);
	} while (level > shape->root);
	/*
	 * Access flag and Permission faults of level -1 do not exist, and this
	 * emulator stops over one (its quirk, see QUIRK_BLOCK).
	 */
	return level == 5 ? 4 : level;
}

void random_scene(struct scene *s, bool real)
{
	struct shape shape = shape_of(!real && one_in(2));
	uint64_t *ttbr = shape.upper ? &regs.arm64.ttbr1 : &regs.arm64.ttbr0;
	uint64_t base = 0, above = 0, target = 0, low;
	unsigned int bits;
	int level;

	for (level = 0; level < 6; level++)
		s->entry[level] = NULL;
	if (!shape.valid) {
		s->va = rnd() & ~UINT64_C(3) & ~(UINT64_C(1) << 55);
		s->va |= (uint64_t)shape.upper << 55;
		return;
	}
	s->va = random_va(&shape);
	s->root = shape.root;
	s->leaf = random_leaf_level(&shape);
	if (real) {
		/* four bytes aligned, for it may be fetched */
		low = ones(shift_of(&shape, s->leaf));
		target = PAGES_FROM + rnd() % (PAGES_TO - PAGES_FROM);
		s->va = (s->va & ~low) | (target & low & ~UINT64_C(3));
	}
	for (level = s->leaf; level <= s->root; level++) {
		base = TABLES_FROM + TABLES_STEP * (uint64_t)(level - 1) +
		       (rnd() & ones(24) & ~ones(shape.granule));
		bits = level < s->root ? shape.stride :
		       shape.va_bits - shift_of(&shape, level);
		s->entry[level] = (uint64_t *)(uintptr_t)(base +
			8 * (s->va >> shift_of(&shape, level) & ones(bits)));
		*s->entry[level] = level == s->leaf ?
				   random_leaf(&shape, level, target) :
				   random_table(&shape, above);
		above = base;
	}
	/* CnP, and seldom what should be 0 or is out of range */
	base |= rnd() & 1;
	if (one_in(40))
		base |= UINT64_C(1) << rnd() % 48;
	if (one_in(60))
		base |= rnd() & 0x3c;
	*ttbr = (*ttbr & ~ones(48)) | base;
	if (shape.upper)
		WRITE_REG("ttbr1_el1", *ttbr);
	else
		WRITE_REG("ttbr0_el1", *ttbr);
	ISB();
}

/*
 * The bits of OA[51:48] in descriptors where they are defined, but the output
 * size is smaller: QUIRK_OUT52.
 */
static uint64_t unused_output_bits(const struct shape *shape)
{
	const struct mmu_arm64_regs *a = &regs.arm64;

	if ((a->tcr >> 32 & 7) >= 6 && a->pa_bits == 52)
		return 0;
	if (shape->granule == 16)
		return a->pa_bits == 52 ? 0xf000 : 0;
	return shape->ds ? 0x300 : 0;
}

static bool block_reserved(const struct shape *shape, int level)
{
	if (shape->granule == 12)
		return level > 3 + shape->ds;
	if (shape->granule == 14)
		return level > 2 + shape->ds;
	return level > 2 + (regs.arm64.pa_bits == 52);
}

int read_memory(void *ctx, uint64_t pa, uint64_t *value)
{
	struct memory *mem = ctx;

	if (mem->hops && pa == mem->block_pa) {
		*value = UNREAL_TABLE | 3;
	} else if (mem->hops && pa >= UNREAL_TABLE &&
		   pa < UNREAL_TABLE + 0x10000) {
		*value = --mem->hops ? UNREAL_TABLE | 3 : mem->block_raw;
	} else if (pa >= RAM_FROM && pa < RAM_FROM + RAM_SIZE) {
		*value = *(uint64_t *)(uintptr_t)pa;
	} else {
		return -1;
	}
	*value &= ~mem->ignore;
	return 0;
}

/* The output size in bits */
static unsigned int output_size(void)
{
	static const unsigned char sizes[] = { 32, 36, 40, 42, 44, 48, 52, 52 };
	unsigned int size = sizes[regs.arm64.tcr >> 32 & 7];

	return size < regs.arm64.pa_bits ? size : regs.arm64.pa_bits;
}

/* The walk, with an output size that no address bit of a block exceeds */
static void walk_widest(struct memory *mem, uint64_t va, struct mmu_result *res)
{
	struct mmu_mem reader = { .read = read_memory, .ctx = mem };
	uint64_t tcr = regs.arm64.tcr;

	if (output_size() < 48)
		regs.arm64.tcr = (tcr & ~(UINT64_C(7) << 32)) |
				 UINT64_C(5) << 32;
	mmu_walk(&regs, &reader, va, res);
	regs.arm64.tcr = tcr;
}

/*
 * QUIRK_BLOCK, predicted: the walk again, where a table of blocks of the next
 * legal size takes the place of the block. It has the same attributes and no
 * limits, so that only the level and the low address bits have to be mended.
 */
static void walk_block(struct memory *mem, const struct shape *shape,
		       uint64_t va, struct mmu_result *res)
{
	struct mmu_mem reader = { .read = read_memory, .ctx = mem };
	struct mmu_step *last = &res->steps[res->nsteps - 1];
	uint64_t low = ones(shift_of(shape, last->level));
	int level = last->level;

	mem->block_pa = last->entry_pa;
	mem->block_raw = last->raw & ~(low & ones(48) & ~ones(17));
	for (; block_reserved(shape, level); level--)
		mem->hops++;
	mem->block_level = last->level;
	mem->leaf_level = level;
	if (mem->block_oa)
		walk_widest(mem, va, res);
	else
		mmu_walk(&regs, &reader, va, res);
	mem->hops = 0;
	if (res->walk == MMU_OK)
		res->pa = (res->pa & ~low) | (va & low);
}

/*
 * QUIRK_BLOCK_OA, predicted: all address bits that a page's descriptor would
 * have are compared with the output size, those that are RES0 in a block too;
 * those that come from the virtual address are not.
 */
static void walk_unchecked(struct memory *mem, const struct shape *shape,
			   uint64_t va, struct mmu_result *res)
{
	const struct mmu_step *last = &res->steps[res->nsteps - 1];
	uint64_t bits = ones(shape->ds ? 50 : 48);
	unsigned int size = output_size();

	bits &= last->raw & ~ones(shape->granule);
	if (size <= 48 && bits >> size) {
		res->walk = MMU_FAULT_ABORT;
		res->arm64.fsc = (uint8_t)(4 - last->level);
	} else if (size < 48 && last->kind == MMU_STEP_ADDRESS_SIZE) {
		/* not for a bit of the descriptor: for one of the address */
		walk_widest(mem, va, res);
	}
}

void model_walk(struct memory *mem, uint64_t va, struct mmu_result *res)
{
	struct mmu_mem reader = { .read = read_memory, .ctx = mem };
	struct shape shape = shape_of(va >> 55 & 1);
	bool hpds = regs.arm64.hpds;
	const struct mmu_step *last;

	mem->block_level = 0;
	mem->leaf_level = 0;
	mem->ignore = mem->out52 ? unused_output_bits(&shape) : 0;
	regs.arm64.hpds |= mem->hpds;
	mmu_walk(&regs, &reader, va, res);
	regs.arm64.hpds = hpds;
	last = &res->steps[res->nsteps ? res->nsteps - 1 : 0];
	if (!res->nsteps || last->kind == MMU_STEP_UNREADABLE ||
	    (last->raw & 3) != 1 || last->level == 1)
		return;
	if (mem->block_oa)
		walk_unchecked(mem, &shape, va, res);
	if (mem->block && last->kind == MMU_STEP_RESERVED &&
	    (res->arm64.fsc & 0x3c) != MMU_FSC_ADDRESS_SIZE)
		walk_block(mem, &shape, va, res);
}

static bool from_device(const struct mmu_result *res)
{
	return res->walk == MMU_ERR_MEMORY &&
	       res->steps[res->nsteps - 1].entry_pa < RAM_FROM;
}

bool leads_to_devices(uint64_t va, const struct mmu_result *strict)
{
	struct memory mem = { .out52 = true };
	struct mmu_result res;

	if (from_device(strict))
		return true;
	/* The emulator may read on where the manual has an Address size fault. */
	if (strict->walk != MMU_FAULT_ABORT || !strict->nsteps ||
	    strict->steps[strict->nsteps - 1].kind != MMU_STEP_ADDRESS_SIZE)
		return false;
	model_walk(&mem, va, &res);
	return from_device(&res);
}

unsigned int model_fsc(const struct memory *mem, const struct mmu_result *res)
{
	unsigned int fsc = res->error_code & MMU_ESR_FSC;

	if (res->status == MMU_ERR_MEMORY)
		return res->fail_level == 5 ? 0x13 :
		       0x14 + 4 - (unsigned int)res->fail_level;
	/* of the smaller block that stands for the one that is there */
	if (mem->leaf_level && (fsc & 3) == 4 - (unsigned int)mem->leaf_level &&
	    fsc < 0x10 && res->nsteps &&
	    res->steps[res->nsteps - 1].level == mem->leaf_level)
		fsc -= (unsigned int)(mem->block_level - mem->leaf_level);
	return fsc;
}

unsigned int members(unsigned int set)
{
	unsigned int n = 0;

	for (; set; set >>= 1)
		n += set & 1;
	return n;
}

void count_open(struct tally *tally, unsigned int open)
{
	unsigned int bit;

	tally->open_other++;
	for (bit = 0; bit < 8; bit++)
		tally->open_by[bit] += open >> bit & 1;
}

void show_scene(const struct scene *s)
{
	const struct mmu_arm64_regs *a = &regs.arm64;
	int level;

	say("  va %lx tcr %lx sctlr %lx pan %u ttbr0 %lx ttbr1 %lx\n", s->va,
	    a->tcr, a->sctlr, a->pan, a->ttbr0, a->ttbr1);
	for (level = 5; level >= 1; level--)
		if (s->entry[level])
			say("  level %d at %lx: %lx\n", level,
			    (uint64_t)(uintptr_t)s->entry[level],
			    *s->entry[level]);
}
