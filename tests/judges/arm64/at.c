// SPDX-License-Identifier: GPL-2.0
/*
 * AT S1E1R and its kin against the model: PAR_EL1, and the last entry's bits.
 *
 * They are executed at EL2, whose own MMU is off, so that EL1's registers may
 * have any value. AT does not fetch: see access.c for UXN, PXN and WXN.
 */
#include "judge.h"

#define BITS(hi, lo)	((UINT64_MAX >> (63 - (hi))) & (UINT64_MAX << (lo)))

/* PAR_EL1: success; NS (9) and bit 10 are not the model's */
#define PAR_F		UINT64_C(1)
#define PAR_OK_MASK	(BITS(63, 56) | BITS(51, 12) | BITS(8, 7) | 1)
/* failure: FST, PTW, S, bit 11 */
#define PAR_FAULT_MASK	(BITS(6, 1) | BITS(9, 8) | BITS(11, 11) | 1)

/* Writing TCR_EL1 is what takes the emulator's time. */
#define SCENES_PER_REGISTERS	64

#define AF	(UINT64_C(1) << 10)
#define AP2	(UINT64_C(1) << 7)

static const struct at {
	const char *name;
	enum mmu_access_kind kind;
	bool user, pan;
} ats[] = {
	{ "S1E1R", MMU_READ, false, false },
	{ "S1E1W", MMU_WRITE, false, false },
	{ "S1E0R", MMU_READ, true, false },
	{ "S1E0W", MMU_WRITE, true, false },
	{ "S1E1RP", MMU_READ, false, true },
	{ "S1E1WP", MMU_WRITE, false, true },
};

static struct tally count;
static bool has_pan;

/* ESR_EL2 of an AT that ended in a Data Abort; see start.S */
extern volatile uint64_t at_abort;

/* PAR_EL1 or, if the walk met an external abort, as if that were in it */
static uint64_t execute(unsigned int which, uint64_t va)
{
	at_abort = 0;
	switch (which) {
	case 0:
		asm volatile("at s1e1r, %0" : : "r" (va) : "memory");
		break;
	case 1:
		asm volatile("at s1e1w, %0" : : "r" (va) : "memory");
		break;
	case 2:
		asm volatile("at s1e0r, %0" : : "r" (va) : "memory");
		break;
	case 3:
		asm volatile("at s1e0w, %0" : : "r" (va) : "memory");
		break;
	case 4:			/* AT S1E1RP */
		asm volatile("sys #0, c7, c9, #0, %0" : : "r" (va) : "memory");
		break;
	default:		/* AT S1E1WP */
		asm volatile("sys #0, c7, c9, #1, %0" : : "r" (va) : "memory");
	}
	ISB();
	if (at_abort)
		return PAR_F | (at_abort & 0x3f) << 1 | 1 << 11;
	return READ_REG("par_el1");
}

/* PAREncodeShareability(): Device and Normal Non-cacheable are Outer */
static uint64_t reported_sh(const struct mmu_result *res)
{
	if (!(res->arm64.attr & 0xf0) || res->arm64.attr == 0x44)
		return 2;
	return res->arm64.sh;
}

static uint64_t expected_par(const struct memory *mem,
			     const struct mmu_result *res)
{
	bool mmu = regs.arm64.sctlr & 1;
	uint64_t sh = mem->plain_sh ? (mmu ? res->arm64.sh : 0) :
				      reported_sh(res);

	if (res->status != MMU_OK)
		return PAR_F | (uint64_t)model_fsc(mem, res) << 1 | 1 << 11;
	return (res->pa & BITS(51, 12)) | (uint64_t)res->arm64.attr << 56 |
	       sh << 7;
}

/* What became of the leaf: PAR_EL1 and the entry must both be explained. */
struct answer {
	uint64_t par, raw;
};

/*
 * May the entry have become @raw? AT may set AF where an access would, and must
 * never make a page dirty (AArch64.S1Translate(): not for AccessType_AT).
 */
static bool entry_explained(const struct mmu_result *res, uint64_t raw)
{
	const struct mmu_step *last;

	if (!res->nsteps)
		return true;
	last = &res->steps[res->nsteps - 1];
	return !((raw ^ last->raw) & ~last->may_set);
}

static bool explained(const struct memory *mem, const struct mmu_result *res,
		      const struct answer *answer)
{
	uint64_t want = expected_par(mem, res);
	uint64_t mask = want & PAR_F ? PAR_FAULT_MASK : PAR_OK_MASK;

	return !((want ^ answer->par) & mask);
}

static void check(const struct at *at, struct mmu_result *res)
{
	struct mmu_access access = { .kind = at->kind, .user = at->user };

	mmu_check_access(&regs, &access, res);
}

/* QUIRK_AT_DIRTY: a permitted write cleared AP[2], as a store would have. */
static bool dirty_quirk(const struct mmu_result *res, uint64_t raw)
{
	const struct mmu_step *last = &res->steps[res->nsteps - 1];
	uint64_t change = raw ^ last->raw;

	if (quirks[QUIRK_AT_DIRTY].off || !(change & AP2))
		return false;
	return !(change & ~(last->may_set | last->must_clear)) &&
	       (change & AP2) == last->must_clear;
}

/* The quirks that change PAR_EL1: each is a bit of a set. */
static const enum quirk par_quirks[] = {
	QUIRK_PAR_SH, QUIRK_OUT52, QUIRK_BLOCK_OA, QUIRK_BLOCK, QUIRK_HPDS,
};

#define PAR_QUIRKS	(sizeof(par_quirks) / sizeof(par_quirks[0]))

static bool set_explains(unsigned int set, const struct at *at, uint64_t va,
			 const struct answer *answer)
{
	struct memory mem = {
		.plain_sh = set & 1, .out52 = set & 2, .block_oa = set & 4,
		.block = set & 8, .hpds = set & 16,
	};
	struct mmu_result res;
	unsigned int i;

	for (i = 0; i < PAR_QUIRKS; i++)
		if ((set >> i & 1) && quirks[par_quirks[i]].off)
			return false;
	model_walk(&mem, va, &res);
	check(at, &res);
	if (!explained(&mem, &res, answer))
		return false;
	for (i = 0; i < PAR_QUIRKS; i++)
		quirks[par_quirks[i]].hits += set >> i & 1;
	return true;
}

/* The fewest quirks that explain the answer are counted for it. */
static bool quirk_explains(const struct at *at, uint64_t va,
			   const struct answer *answer)
{
	unsigned int set, n;

	for (n = 1; n <= PAR_QUIRKS; n++)
		for (set = 1; set < 1u << PAR_QUIRKS; set++)
			if (members(set) == n &&
			    set_explains(set, at, va, answer))
				return true;
	return false;
}

static void mismatch(const struct at *at, const struct scene *s,
		     const struct mmu_result *res, const struct answer *answer)
{
	struct memory mem = { .block = false };

	static uint64_t shown, last_va;

	count.mismatches++;
	/* one kind of AT of each scene will do */
	if (s->va == last_va || shown >= argument("show", 5))
		return;
	last_va = s->va;
	shown++;
	say("MISMATCH at %s: PAR %lx, expected %lx; entry became %lx\n",
	    at->name, answer->par, expected_par(&mem, res), answer->raw);
	show_scene(s);
}

static void judge(const struct at *at, const struct scene *s,
		  struct mmu_result *res, const struct answer *answer)
{
	struct memory mem = { .block = false };

	if (answer->par & PAR_F)
		count.faults++;
	if (!explained(&mem, res, answer)) {
		if (quirk_explains(at, s->va, answer))
			return;
		if (res->arm64.open) {
			count_open(&count, res->arm64.open);
			return;
		}
		mismatch(at, s, res, answer);
		return;
	}
	if (entry_explained(res, answer->raw))
		count.agreed++;
	else if (dirty_quirk(res, answer->raw))
		quirks[QUIRK_AT_DIRTY].hits++;
	else
		mismatch(at, s, res, answer);
}

/* All kinds of AT on one scene, each on the entry as it was. */
static void run_scene(const struct scene *s)
{
	bool pan = has_pan && (rnd() & 1);
	struct memory mem = { .block = false };
	struct mmu_result res;
	struct answer answer = { 0 };
	uint64_t *entry = NULL;
	unsigned int i;

	model_walk(&mem, s->va, &res);
	if (res.walk == MMU_ERR_REGS) {
		count.no_answer += 6;
		return;
	}
	if (leads_to_devices(s->va, &res)) {
		count.elsewhere += 6;
		return;
	}
	if (res.nsteps && res.walk != MMU_ERR_MEMORY)
		entry = (uint64_t *)(uintptr_t)res.steps[res.nsteps - 1].entry_pa;
	if (has_pan)
		WRITE_REG("s3_0_c4_c2_3", (uint64_t)pan << 22);
	for (i = 0; i < (has_pan ? 6 : 4); i++) {
		regs.arm64.pan = ats[i].pan && pan;
		answer.par = execute(i, s->va);
		answer.raw = entry ? *entry : 0;
		/* as it was, for the walks that judge() makes */
		if (entry)
			*entry = res.steps[res.nsteps - 1].raw;
		check(&ats[i], &res);
		judge(&ats[i], s, &res, &answer);
		count.cases++;
	}
}

void judge_at(uint64_t cases, struct tally *tally)
{
	struct scene s;
	int i;

	has_pan = READ_REG("id_aa64mmfr1_el1") >> 20 & 15;
	while (count.cases < cases) {
		random_registers(false);
		load_registers();
		for (i = 0; i < SCENES_PER_REGISTERS; i++) {
			random_scene(&s, false);
			run_scene(&s);
		}
	}
	*tally = count;
}

/* A scene for each quirk, the simplest. One table, or two if @table is set. */
static const struct reproducer {
	enum quirk quirk;
	const char *scene;
	uint64_t tcr, table, leaf, va;
	unsigned int at;
} reproducers[] = {
	{ QUIRK_BLOCK, "4K granule, 48 bits, a block in the L0 table",
	  UINT64_C(5) << 32 | 16, 0, 0x401, 0x1234000, 0 },
	{ QUIRK_OUT52, "64K granule, 48 bits out, a page with bit 12 set",
	  UINT64_C(5) << 32 | 1 << 14 | 35, 0, 0x51403, 0, 0 },
	{ QUIRK_BLOCK_OA, "16K granule, DS, 32 bits out, a 64G block with bit 33",
	  UINT64_C(1) << 59 | 2 << 14 | 17, 0, 0x200000401, 0, 0 },
	{ QUIRK_PAR_SH, "4K granule, a page of Device memory",
	  UINT64_C(5) << 32 | 39, UINT64_C(0x40000) << 32, 0x403, 0, 0 },
	{ QUIRK_HPDS, "4K granule, HPD0, read-only by APTable",
	  UINT64_C(0x205) << 32 | 39, UINT64_C(1) << 62, 0x403, 0, 1 },
	{ QUIRK_AT_DIRTY, "4K granule, HA, HD, a write to a clean DBM page",
	  UINT64_C(0x185) << 32 | 39, UINT64_C(0x40000) << 32,
	  UINT64_C(0x8000000000483), 0, 1 },
};

static bool reproduce(const struct reproducer *r)
{
	uint64_t *root = (uint64_t *)0x43000000, *last = (uint64_t *)0x43010000;
	struct memory mem = { .block = false };
	struct mmu_result res;
	struct answer answer;
	bool shown;

	regs.arm64.tcr = r->tcr | UINT64_C(1) << 23;
	/* Device memory for the one about that, Normal for the others */
	regs.arm64.mair = r->quirk == QUIRK_PAR_SH ? 0 : 0xff;
	regs.arm64.sctlr = 0x30d01805;
	regs.arm64.ttbr0 = (uintptr_t)root;
	load_registers();
	*root = r->table ? (uintptr_t)last | 3 | r->table : r->leaf;
	*last = r->leaf;
	if (!r->table)
		last = root;
	model_walk(&mem, r->va, &res);
	check(&ats[r->at], &res);
	answer.par = execute(r->at, r->va);
	answer.raw = *last;
	shown = !explained(&mem, &res, &answer) ||
		!entry_explained(&res, answer.raw);
	say("reproduce %s: %s: manual PAR %lx entry %lx, here PAR %lx entry "
	    "%lx: %s\n", quirks[r->quirk].name, r->scene,
	    expected_par(&mem, &res), r->leaf, answer.par, answer.raw,
	    shown ? "differs" : "no difference");
	return shown;
}

unsigned int reproduce_at(void)
{
	const struct mmu_arm64_regs *a = &regs.arm64;
	unsigned int i, absent = 0;

	for (i = 0; i < sizeof(reproducers) / sizeof(reproducers[0]); i++) {
		enum quirk quirk = reproducers[i].quirk;

		/* features that a scene is about, or must not have */
		if ((quirk == QUIRK_OUT52 && a->pa_bits < 52) ||
		    (quirk == QUIRK_BLOCK_OA && !a->lpa2_16k) ||
		    (quirk == QUIRK_HPDS && a->hpds) ||
		    (quirk == QUIRK_AT_DIRTY && a->hafdbs < 2))
			continue;
		absent += !reproduce(&reproducers[i]);
	}
	return absent;
}
