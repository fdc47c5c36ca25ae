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

#define SCENES_PER_REGISTERS	24

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

static struct {
	uint64_t cases, agreed, faults, open, open_other, no_answer, mismatches;
	bool has_pan;
} count;

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

/* Tries the quirks that change PAR_EL1, alone and together. */
static bool quirk_explains(const struct at *at, uint64_t va,
			   const struct answer *answer)
{
	struct mmu_result res;
	unsigned int set;

	for (set = 1; set < 16; set++) {
		struct memory mem = {
			.block = set & 1, .out52 = set & 2,
			.plain_sh = set & 4, .block_oa = set & 8,
		};

		if ((mem.block && quirks[QUIRK_BLOCK].off) ||
		    (mem.out52 && quirks[QUIRK_OUT52].off) ||
		    (mem.block_oa && quirks[QUIRK_BLOCK_OA].off) ||
		    (mem.plain_sh && quirks[QUIRK_PAR_SH].off))
			continue;
		model_walk(&mem, va, &res);
		check(at, &res);
		if (!explained(&mem, &res, answer))
			continue;
		quirks[QUIRK_BLOCK].hits += mem.block;
		quirks[QUIRK_OUT52].hits += mem.out52;
		quirks[QUIRK_BLOCK_OA].hits += mem.block_oa;
		quirks[QUIRK_PAR_SH].hits += mem.plain_sh;
		return true;
	}
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

	if (res->arm64.open)
		count.open++;
	if (answer->par & PAR_F)
		count.faults++;
	if (!explained(&mem, res, answer)) {
		if (quirk_explains(at, s->va, answer))
			return;
		if (res->arm64.open) {
			count.open_other++;
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
	bool pan = count.has_pan && (rnd() & 1);
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
	if (res.nsteps && res.walk != MMU_ERR_MEMORY)
		entry = (uint64_t *)(uintptr_t)res.steps[res.nsteps - 1].entry_pa;
	if (count.has_pan)
		WRITE_REG("s3_0_c4_c2_3", (uint64_t)pan << 22);
	for (i = 0; i < (count.has_pan ? 6 : 4); i++) {
		regs.arm64.pan = ats[i].pan && pan;
		answer.par = execute(i, s->va);
		answer.raw = entry ? *entry : 0;
		check(&ats[i], &res);
		judge(&ats[i], s, &res, &answer);
		count.cases++;
		if (entry)
			*entry = res.steps[res.nsteps - 1].raw;
	}
}

uint64_t judge_at(uint64_t cases)
{
	struct scene s;
	int i;

	count.has_pan = READ_REG("id_aa64mmfr1_el1") >> 20 & 15;
	while (count.cases < cases) {
		random_registers(false);
		load_registers();
		for (i = 0; i < SCENES_PER_REGISTERS; i++) {
			random_scene(&s, false);
			run_scene(&s);
		}
	}
	say("AT: %lu cases, %lu agree, %lu of all are faults; left open by the "
	    "manual %lu, of these answered in another way %lu; not tried, as "
	    "the registers have no answer: %lu\n", count.cases, count.agreed,
	    count.faults, count.open, count.open_other, count.no_answer);
	return count.mismatches;
}
