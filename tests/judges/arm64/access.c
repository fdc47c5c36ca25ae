// SPDX-License-Identifier: GPL-2.0
/*
 * Loads, stores and fetches at EL1 and EL0 against the model: whether they
 * happen, ESR_EL1, FAR_EL1, and what became of the descriptor.
 *
 * EL1 runs from one page of the upper half, whose tables stay; the lower half
 * is the case's. EL0's data accesses are LDTR and STTR; a fetch is an exception
 * return to the address, where an HVC waits.
 */
#include "judge.h"

/* Where pages of cases lie: filled with "hvc #1" */
#define HVC_1		0xd4000022u
#define UPPER_VA	(~UINT64_C(0) << 25)	/* T1SZ = 39, 4 KB granules */

#define SCENES_PER_REGISTERS	24

#define EC(esr)		((esr) >> 26 & 63)
#define EC_UNKNOWN	0x00u			/* HVC at EL0 */
#define EC_HVC		0x16u
#define EC_IABORT_EL0	0x20u
#define EC_IABORT_EL1	0x21u
#define EC_DABORT_EL1	0x25u

#define SPSR_EL1H	0x3c5u
#define SPSR_EL0	0x3c0u
#define SPSR_PAN	(1u << 22)

extern char el1_page[];
uint64_t run_el1(uint64_t elr, uint64_t spsr, uint64_t x0, uint64_t x1);

static uint64_t upper_l2[16] __attribute__((aligned(4096)));
static uint64_t upper_l3[512] __attribute__((aligned(4096)));

static const struct kind {
	const char *name;
	struct mmu_access access;
	unsigned int stub;		/* offset in el1_page; 0 for a fetch */
} kinds[] = {
	{ "LDRB", { .kind = MMU_READ }, 0x800 },
	{ "STRB", { .kind = MMU_WRITE }, 0x810 },
	{ "fetch at EL1", { .kind = MMU_FETCH }, 0 },
	{ "LDTRB", { .kind = MMU_READ, .user = true }, 0x820 },
	{ "STTRB", { .kind = MMU_WRITE, .user = true }, 0x830 },
	{ "fetch at EL0", { .kind = MMU_FETCH, .user = true }, 0 },
};

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static struct tally count;

/* What happened. */
struct event {
	bool done, strange;
	uint32_t code;		/* ISS: FSC, and WnR of a data abort */
	uint64_t far;
	uint64_t before, raw;	/* the last descriptor, and then */
	uint64_t esr, esr1;
};

static void fill_pages(void)
{
	uint32_t *p = (uint32_t *)(uintptr_t)PAGES_FROM;

	for (; p < (uint32_t *)(uintptr_t)PAGES_TO; p++)
		*p = HVC_1;
}

/* The judge's own half: one page, read-only and executable for EL1. */
static void own_half(void)
{
	struct mmu_arm64_regs *a = &regs.arm64;
	const uint64_t upper = UINT64_C(0xffff0000) & ~(UINT64_C(1) << 22);

	upper_l2[0] = (uintptr_t)upper_l3 | 3;
	/* AF, AP[2], UXN, AttrIndx 7; no SH, whose bits are address with DS */
	upper_l3[0] = (uintptr_t)el1_page | UINT64_C(0x0040000000000480) |
		      7 << 2 | 3;
	a->tcr &= ~(upper | UINT64_C(1) << 42 | UINT64_C(1) << 56 |
		    UINT64_C(1) << 38);
	a->tcr |= 39 << 16 | UINT64_C(2) << 30;
	a->mair |= UINT64_C(0xff) << 56;
	a->ttbr1 = (a->ttbr1 & ~UINT64_C(0xffffffffffff)) | (uintptr_t)upper_l2;
	WRITE_REG("vbar_el1", UPPER_VA);
}

static struct event perform(const struct kind *k, uint64_t va, bool pan)
{
	bool fetch = !k->stub, user = k->access.user;
	uint64_t spsr = fetch && user ? SPSR_EL0 : SPSR_EL1H;
	uint64_t elr = fetch ? va : UPPER_VA + k->stub;
	/* store what is there */
	uint64_t byte = HVC_1 >> (8 * (va & 3)) & 0xff;
	struct event e = { .done = false };
	uint64_t ec;

	e.esr = run_el1(elr, spsr | (pan && !(fetch && user) ? SPSR_PAN : 0), va,
			byte);
	e.esr1 = READ_REG("esr_el1");
	e.far = READ_REG("far_el1");
	ec = EC(e.esr1);
	if (EC(e.esr) != EC_HVC) {
		e.strange = true;
	} else if ((e.esr & 0xffff) == 1) {
		e.done = true;
	} else if (fetch && user && ec == EC_UNKNOWN) {
		e.done = true;		/* fetched, and no instruction of EL0 */
	} else {
		e.code = e.esr1 & (fetch ? 0x3f : 0x7f);
		e.strange = ec != (!fetch ? EC_DABORT_EL1 : user ?
				   EC_IABORT_EL0 : EC_IABORT_EL1) ||
			    (!fetch && e.far != va);
	}
	return e;
}

static bool updates_explained(const struct mmu_result *res,
			      const struct event *e)
{
	const struct mmu_step *last;
	uint64_t set, cleared;

	if (!res->nsteps)
		return true;
	last = &res->steps[res->nsteps - 1];
	set = e->raw & ~e->before;
	cleared = e->before & ~e->raw;
	return !(set & ~last->may_set) && !(last->must_set & ~set) &&
	       !(cleared & ~last->may_clear) && !(last->must_clear & ~cleared);
}

static bool explained(const struct memory *mem, const struct kind *k,
		      const struct mmu_result *res, const struct event *e)
{
	uint32_t want;

	if (e->strange)
		return false;
	if (res->status == MMU_OK)
		return e->done && updates_explained(res, e);
	want = model_fsc(mem, res);
	if (k->access.kind == MMU_WRITE)
		want |= MMU_ESR_WNR;
	return !e->done && e->code == want && updates_explained(res, e);
}

/* The quirks of the walk, and that of fetches from clean pages. */
static const enum quirk access_quirks[] = {
	QUIRK_BLOCK, QUIRK_OUT52, QUIRK_BLOCK_OA, QUIRK_HPDS, QUIRK_DBM_FETCH,
	QUIRK_TBID,
};

#define ACCESS_QUIRKS	(sizeof(access_quirks) / sizeof(access_quirks[0]))

static bool set_explains(unsigned int set, const struct kind *k, uint64_t va,
			 const struct event *e)
{
	struct memory mem = {
		.block = set & 1, .out52 = set & 2, .block_oa = set & 4,
		.hpds = set & 8,
	};
	uint64_t tcr = regs.arm64.tcr;
	bool pauth = regs.arm64.pauth, same;
	struct mmu_result res;
	unsigned int i;

	for (i = 0; i < ACCESS_QUIRKS; i++)
		if ((set >> i & 1) && quirks[access_quirks[i]].off)
			return false;
	if ((set & 48) && k->access.kind != MMU_FETCH)
		return false;
	if (set & 16)
		regs.arm64.tcr &= ~(UINT64_C(1) << 40);
	regs.arm64.pauth |= !!(set & 32);
	model_walk(&mem, va, &res);
	mmu_check_access(&regs, &k->access, &res);
	regs.arm64.tcr = tcr;
	regs.arm64.pauth = pauth;
	same = explained(&mem, k, &res, e);
	for (i = 0; same && i < ACCESS_QUIRKS; i++)
		quirks[access_quirks[i]].hits += set >> i & 1;
	return same;
}

static bool quirk_explains(const struct kind *k, uint64_t va,
			   const struct event *e)
{
	unsigned int set, n;

	for (n = 1; n <= ACCESS_QUIRKS; n++)
		for (set = 1; set < 1u << ACCESS_QUIRKS; set++)
			if (members(set) == n && set_explains(set, k, va, e))
				return true;
	return false;
}

static void judge(const struct kind *k, const struct scene *s,
		  const struct mmu_result *res, const struct event *e)
{
	static uint64_t shown;
	struct memory mem = { .block = false };

	count.faults += !e->done;
	if (explained(&mem, k, res, e)) {
		count.agreed++;
		return;
	}
	if (quirk_explains(k, s->va, e))
		return;
	if (res->arm64.open) {
		count_open(&count, res->arm64.open);
		return;
	}
	count.mismatches++;
	if (shown++ >= argument("show", 5))
		return;
	say("MISMATCH at %s: ESR_EL2 %lx ESR_EL1 %lx FAR_EL1 %lx done %d; "
	    "expected status %u ISS %x; entry %lx became %lx\n", k->name, e->esr,
	    e->esr1, e->far, e->done, (unsigned int)res->status,
	    res->error_code, e->before, e->raw);
	show_scene(s);
}

/*
 * Does the emulator itself say that the address leads to a page of cases, or
 * nowhere? Elsewhere a store would destroy the judge. EL1 can read any page.
 */
static bool harmless(uint64_t va)
{
	uint64_t par, pa;

	asm volatile("at s1e1r, %0" : : "r" (va) : "memory");
	ISB();
	par = READ_REG("par_el1");
	pa = par & UINT64_C(0xffffffffff000);
	return (par & 1) || (pa >= PAGES_FROM && pa < PAGES_TO);
}

static void run_scene(const struct scene *s)
{
	bool pan = (READ_REG("id_aa64mmfr1_el1") >> 20 & 15) && (rnd() & 1);
	struct memory mem = { .block = false };
	uint64_t *entry = NULL, raw = 0;
	struct mmu_result res;
	struct event e;
	unsigned int i;

	model_walk(&mem, s->va, &res);
	if (res.walk == MMU_ERR_REGS) {
		count.no_answer += KINDS;
		return;
	}
	if (res.nsteps && res.walk != MMU_ERR_MEMORY) {
		raw = res.steps[res.nsteps - 1].raw;
		entry = (uint64_t *)(uintptr_t)res.steps[res.nsteps - 1].entry_pa;
	}
	if (leads_to_devices(s->va, &res) || !harmless(s->va)) {
		count.elsewhere += KINDS;
		return;
	}
	regs.arm64.pan = pan;
	/* AT may have set the Access flag */
	if (entry)
		*entry = raw;
	for (i = 0; i < KINDS; i++) {
		e = perform(&kinds[i], s->va, pan);
		e.before = raw;
		e.raw = entry ? *entry : 0;
		/* as it was, for the walks that judge() makes */
		if (entry)
			*entry = raw;
		mmu_check_access(&regs, &kinds[i].access, &res);
		judge(&kinds[i], s, &res, &e);
		count.cases++;
	}
}

void judge_accesses(uint64_t cases, struct tally *tally)
{
	struct scene s;
	int i;

	fill_pages();
	while (count.cases < cases) {
		random_registers(true);
		own_half();
		load_registers();
		for (i = 0; i < SCENES_PER_REGISTERS; i++) {
			random_scene(&s, true);
			run_scene(&s);
		}
	}
	*tally = count;
}

/* A page for each quirk of accesses, fetched from by EL1. */
static const struct reproducer {
	enum quirk quirk;
	const char *scene;
	uint64_t tcr, flags, va;
} reproducers[] = {
	/* EL0 may write the page, once clean; so EL1 cannot fetch. */
	{ QUIRK_DBM_FETCH, "HA, HD, a clean DBM page of EL0",
	  UINT64_C(0x185) << 32 | 39, UINT64_C(0x80000000004c3), 0 },
	/* TBI0 alone says whether the top byte counts */
	{ QUIRK_TBID, "TBI0, TBID0, an address with a tag",
	  UINT64_C(0x80025) << 32 | 39, 0x403, UINT64_C(0x56) << 56 },
};

static bool reproduce(const struct reproducer *r)
{
	uint64_t *table = (uint64_t *)0x43000000, *last = (uint64_t *)0x43010000;
	struct memory mem = { .block = false };
	const struct kind *k = &kinds[2];
	struct mmu_result res;
	struct event e;
	bool shown;

	regs.arm64.tcr = r->tcr;
	regs.arm64.mair = 0xff;
	regs.arm64.sctlr = 0x30d01805;
	regs.arm64.ttbr0 = (uintptr_t)table;
	own_half();
	load_registers();
	*table = (uintptr_t)last | 3;
	*last = PAGES_FROM | r->flags;
	model_walk(&mem, r->va, &res);
	mmu_check_access(&regs, &k->access, &res);
	e = perform(k, r->va, false);
	e.before = PAGES_FROM | r->flags;
	e.raw = *last;
	shown = !explained(&mem, k, &res, &e);
	say("reproduce %s: %s, %s: manual status %u ISS %x, here %s: %s\n",
	    quirks[r->quirk].name, k->name, r->scene, (unsigned int)res.status,
	    res.error_code, e.done ? "done" : "a fault",
	    shown ? "differs" : "no difference");
	return shown;
}

unsigned int reproduce_accesses(void)
{
	unsigned int i, absent = 0;

	fill_pages();
	for (i = 0; i < sizeof(reproducers) / sizeof(reproducers[0]); i++) {
		enum quirk quirk = reproducers[i].quirk;

		if ((quirk == QUIRK_DBM_FETCH && regs.arm64.hafdbs < 2) ||
		    (quirk == QUIRK_TBID && regs.arm64.pauth))
			continue;
		absent += !reproduce(&reproducers[i]);
	}
	return absent;
}
