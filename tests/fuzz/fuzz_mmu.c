// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: the software MMU. Any registers, any memory, any access, segment
 * loads, MOV to CR3, TLB traces: a named answer, and the promises of mmu.h.
 *
 * An input is four bytes (what, mode, access, options), then words of 8 bytes:
 * registers, and the rest is memory. Memory goes on for ever: the word at an
 * address is chosen by the address, so that tables lead to themselves and each
 * other; some addresses cannot be read.
 */
#include <errno.h>
#include "fuzz.h"
#include "mmu/plan.h"
#include "mmu/segment.h"
#include "mmu/tlb.h"

#define BIT(n)	(UINT64_C(1) << (n))
#define ONES(n)	((n) >= 64 ? UINT64_MAX : BIT(n) - 1)	/* the n low bits */
#define HEADER	4u

enum { WHAT_WALK, WHAT_CR3, WHAT_SEGMENT, WHAT_TRACE, WHAT_SIM, WHAT_MAX };

/* Most inputs are walks: there are the most rules. */
static const uint8_t what_of[] = {
	WHAT_WALK, WHAT_WALK, WHAT_WALK, WHAT_WALK, WHAT_WALK, WHAT_CR3, WHAT_SEGMENT, WHAT_SEGMENT, WHAT_TRACE,
	WHAT_SIM,
};

/* struct input - what is left of the bytes */
struct input {
	const uint8_t *data;
	size_t size;
};

static uint64_t word(struct input *in)
{
	size_t n = in->size < 8 ? in->size : 8;
	uint64_t v = 0;

	memcpy(&v, in->data, n);
	in->data += n;
	in->size -= n;
	return v;
}

/* --- memory --- */

#define MAX_READS	16u

/* struct memory - endless; @over: words that were changed, by address */
struct memory {
	const uint8_t *words;
	size_t nwords;
	uint64_t unreadable;		/* addresses with these bits all set; 0: none */
	struct {
		uint64_t pa, set, clear;
	} over[MMU_MAX_STEPS + 1];
	unsigned int nover;
	uint64_t read[MAX_READS];
	unsigned int nreads;
};

static uint64_t word_at(const struct memory *m, uint64_t pa)
{
	size_t n = m->nwords ? (size_t)((pa >> 3) + (pa >> 12) * 7 + (pa >> 32) * 3) % m->nwords : 0;
	uint64_t v = 0;
	unsigned int i;

	if (m->nwords)
		memcpy(&v, m->words + 8 * n, 8);
	for (i = 0; i < m->nover; i++)
		if (m->over[i].pa == pa)
			v = (v | m->over[i].set) & ~m->over[i].clear;
	return v;
}

static int read8(void *ctx, uint64_t pa, uint64_t *value)
{
	struct memory *m = ctx;

	FUZZ_ASSERT(!(pa & 7));
	FUZZ_ASSERT(m->nreads < MAX_READS);
	m->read[m->nreads++] = pa;
	if (m->unreadable && (pa & m->unreadable) == m->unreadable)
		return -EFAULT;
	*value = word_at(m, pa);
	return 0;
}

static int read4(void *ctx, uint64_t pa, uint32_t *value)
{
	struct memory *m = ctx;
	uint64_t both;
	int rc = read8(ctx, pa & ~UINT64_C(7), &both);

	FUZZ_ASSERT(!(pa & 3));
	m->read[m->nreads - 1] = pa;
	if (!rc)
		*value = (uint32_t)(pa & 4 ? both >> 32 : both);
	return rc;
}

/* From now on the entry of a step has these bits set, and those clear. */
static void change(struct memory *m, const struct mmu_step *step, uint64_t set, uint64_t clear)
{
	unsigned int shift = step->entry_pa & 4 ? 32 : 0;

	m->over[m->nover].pa = step->entry_pa & ~UINT64_C(7);
	m->over[m->nover].set = set << shift;
	m->over[m->nover].clear = clear << shift;
	m->nover++;
}

/* --- walks --- */

struct question {
	struct mmu_regs regs;
	struct mmu_access access;
	uint64_t va;
	uint8_t options;
};

static void take_arm64(struct input *in, struct mmu_arm64_regs *a)
{
	uint64_t w;

	a->ttbr0 = word(in);
	a->ttbr1 = word(in);
	a->tcr = word(in);
	a->mair = word(in);
	a->sctlr = word(in);
	w = word(in);
	if (w & BIT(23)) {
		struct mmu_arm64_id id = { .mmfr0 = word(in), .mmfr1 = word(in), .mmfr2 = word(in), .isar1 = w, .isar2 = w };

		mmu_arm64_features(&id, a);
		FUZZ_ASSERT(a->pa_bits <= 52 && a->hafdbs <= 15);
		return;
	}
	a->pa_bits = (unsigned int)(w & 0xff);
	a->hafdbs = (unsigned int)(w >> 8 & 3);
	a->pan = w & BIT(10);
	a->gran4k = w & BIT(11);
	a->gran16k = w & BIT(12);
	a->gran64k = w & BIT(13);
	a->lpa2_4k = w & BIT(14);
	a->lpa2_16k = w & BIT(15);
	a->lva = w & BIT(16);
	a->ttst = w & BIT(17);
	a->hpds = w & BIT(18);
	a->e0pd = w & BIT(19);
	a->pan3 = w & BIT(20);
	a->pauth = w & BIT(21);
	a->asid16 = w & BIT(22);
}

static void take_x86(struct input *in, struct mmu_regs *regs)
{
	uint64_t w;
	int i;

	regs->cr0 = word(in);
	regs->cr3 = word(in);
	regs->cr4 = word(in);
	regs->efer = word(in);
	regs->pat = word(in);
	w = word(in);
	regs->pkru = (uint32_t)w;
	regs->pkrs = (uint32_t)(w >> 32);
	w = word(in);
	regs->maxphyaddr = (unsigned int)(w & 0xff);
	regs->page1gb = w & BIT(8);
	regs->upper_g_reserved = w & BIT(9);
	regs->pse36 = w & BIT(10);
	regs->rflags = w & BIT(11) ? 0x40000 : 0;
	for (i = 0; i < 4 && regs->mode == MMU_MODE_X86_PAE; i++)
		regs->pdpte[i] = word(in);
}

static void take_question(struct input *in, const uint8_t *header, struct question *q)
{
	memset(q, 0, sizeof(*q));
	q->regs.mode = (enum mmu_mode)(header[1] % (MMU_MODES + 1));
	q->access.kind = (enum mmu_access_kind)(header[2] % 3);
	q->access.user = header[2] & 4;
	q->access.implicit = header[2] & 8;
	q->access.stack = header[2] & 16;
	q->options = header[3];
	q->va = word(in);
	if (q->regs.mode == MMU_MODE_ARM64)
		take_arm64(in, &q->regs.arm64);
	else
		take_x86(in, &q->regs);
}

static void take_memory(struct input *in, uint8_t options, struct memory *m)
{
	static const uint64_t unreadable[] = {
		0, 0, 0, 0, 8, 0xff8, 0x1000, 0x3000, BIT(20), BIT(31), BIT(32), BIT(40), BIT(47), BIT(51), ~UINT64_C(7), 0,
	};

	*m = (struct memory){
		.words = in->data, .nwords = in->size / 8, .unreadable = unreadable[options & 15],
	};
}

static struct mmu_mem reader(const struct question *q, struct memory *m)
{
	m->nreads = 0;
	return (struct mmu_mem){ .read = read8, .ctx = m, .read4 = q->options & 16 ? NULL : read4 };
}

static void translate(const struct question *q, struct memory *m, const struct mmu_access *access, int before,
		      struct mmu_result *res)
{
	struct mmu_mem mem = reader(q, m);

	memset(res, before, sizeof(*res));
	mmu_translate(&q->regs, &mem, q->va, access, res);
}

static bool is_fault(enum mmu_status status)
{
	return status == MMU_FAULT_PF || status == MMU_FAULT_GP || status == MMU_FAULT_SS || status == MMU_FAULT_ABORT;
}

/* Exactly the entries of the steps were read, in their order. */
static void check_reads(const struct question *q, const struct memory *m, const struct mmu_result *res)
{
	bool whole = q->regs.mode == MMU_MODE_X86_32BIT && (q->options & 16);
	unsigned int first = q->regs.mode == MMU_MODE_X86_PAE && res->nsteps ? 1 : 0, i;

	FUZZ_ASSERT(res->nsteps <= MMU_MAX_STEPS);
	FUZZ_ASSERT(m->nreads + first == res->nsteps);
	for (i = first; i < res->nsteps; i++)
		FUZZ_ASSERT(m->read[i - first] == (whole ? res->steps[i].entry_pa & ~UINT64_C(7) :
						   res->steps[i].entry_pa));
}

static void check_masks(const struct question *q, const struct mmu_result *res)
{
	unsigned int i;

	for (i = 0; i < res->nsteps && (is_fault(res->status) || res->status == MMU_OK); i++) {
		const struct mmu_step *s = &res->steps[i];

		FUZZ_ASSERT(!(s->must_set & ~s->may_set));
		FUZZ_ASSERT(!(s->may_set & s->raw));
		FUZZ_ASSERT(res->status == MMU_OK || !s->must_set);
		if (q->regs.mode != MMU_MODE_ARM64)
			continue;
		FUZZ_ASSERT(!(s->must_clear & ~s->may_clear));
		FUZZ_ASSERT(!(s->may_clear & ~s->raw));
		FUZZ_ASSERT(!(s->may_set & s->may_clear));
	}
}

static void check_page(const struct question *q, const struct mmu_result *res)
{
	const struct mmu_regs *regs = &q->regs;
	unsigned int bits = regs->mode == MMU_MODE_ARM64 ? regs->arm64.pa_bits : regs->maxphyaddr;

	if (res->walk != MMU_OK) {
		FUZZ_ASSERT(!res->pa && !res->page_shift && !res->readable && !res->writable && !res->user);
		return;
	}
	FUZZ_ASSERT(bits >= 32 && bits <= 52);
	FUZZ_ASSERT(!(res->pa & ~ONES(bits)));
	FUZZ_ASSERT(res->page_shift >= 12 && res->page_shift <= 52);
	FUZZ_ASSERT(!((res->pa ^ res->va) & ONES(res->page_shift)) || !res->nsteps);
	FUZZ_ASSERT(res->readable);
}

static void check_code(const struct question *q, const struct mmu_result *res)
{
	bool user = q->access.user && !q->access.implicit;

	if (res->status == MMU_OK)
		FUZZ_ASSERT(!res->error_code && !res->denied && !res->fail_level);
	if (res->status == MMU_FAULT_ABORT)
		FUZZ_ASSERT(!(res->error_code & ~(MMU_ESR_FSC | MMU_ESR_WNR)));
	if (res->status != MMU_FAULT_PF)
		return;
	FUZZ_ASSERT(!(res->error_code & ~0x3fu));
	FUZZ_ASSERT(!(res->error_code & MMU_PF_W) == (q->access.kind != MMU_WRITE));
	FUZZ_ASSERT(!(res->error_code & MMU_PF_U) == !user);
	FUZZ_ASSERT(q->access.kind == MMU_FETCH || !(res->error_code & MMU_PF_ID));
	FUZZ_ASSERT((res->error_code & MMU_PF_P) || !(res->error_code & (MMU_PF_RSVD | MMU_PF_PK)));
	FUZZ_ASSERT(!(res->error_code & MMU_PF_RSVD) == !res->reserved_bits);
	FUZZ_ASSERT((res->walk == MMU_OK) == !!res->denied);
	FUZZ_ASSERT(!(res->error_code & MMU_PF_PK) == !(res->denied & MMU_DENY_PKEY));
	FUZZ_ASSERT(res->fail_level >= 1 && res->fail_level <= 5);
}

static void same_step(const struct question *q, const struct mmu_step *a, const struct mmu_step *b)
{
	FUZZ_ASSERT(a->level == b->level && a->index == b->index && a->entry_pa == b->entry_pa);
	FUZZ_ASSERT(a->raw == b->raw && a->kind == b->kind);
	FUZZ_ASSERT(a->must_set == b->must_set && a->may_set == b->may_set);
	if (q->regs.mode == MMU_MODE_ARM64)
		FUZZ_ASSERT(a->must_clear == b->must_clear && a->may_clear == b->may_clear);
}

static void same_result(const struct question *q, const struct mmu_result *a, const struct mmu_result *b)
{
	unsigned int i;

	FUZZ_ASSERT(a->status == b->status && a->walk == b->walk && a->va == b->va && a->pa == b->pa);
	FUZZ_ASSERT(a->page_shift == b->page_shift && a->readable == b->readable && a->writable == b->writable);
	FUZZ_ASSERT(a->executable == b->executable && a->user == b->user && a->global == b->global);
	FUZZ_ASSERT(a->pkey == b->pkey && a->pat_index == b->pat_index && a->memtype == b->memtype);
	FUZZ_ASSERT(a->error_code == b->error_code && a->denied == b->denied && a->fail_level == b->fail_level);
	FUZZ_ASSERT(a->reserved_bits == b->reserved_bits && a->read_error == b->read_error);
	FUZZ_ASSERT(a->nsteps == b->nsteps && !memcmp(&a->arm64, &b->arm64, sizeof(a->arm64)));
	for (i = 0; i < a->nsteps && (is_fault(a->status) || a->status == MMU_OK); i++)
		same_step(q, &a->steps[i], &b->steps[i]);
}

/* The answer does not depend on what was in the result, nor on how it is asked. */
static void check_again(const struct question *q, struct memory *m, const struct mmu_result *res)
{
	struct mmu_access other = q->access;
	struct mmu_mem mem;
	struct mmu_result again;
	struct mmu_plan plan;
	uint64_t pa = 1;

	translate(q, m, &q->access, 0xa5, &again);
	same_result(q, res, &again);
	/* another access first, on the same walk */
	other.kind = (enum mmu_access_kind)((q->access.kind + 1) % 3);
	other.user = !other.user;
	mmu_check_access(&q->regs, &other, &again);
	mmu_check_access(&q->regs, &q->access, &again);
	same_result(q, res, &again);
	mmu_plan_init(&plan, &q->regs, &q->access);
	mem = reader(q, m);
	FUZZ_ASSERT(mmu_plan_translate(&plan, &mem, q->va, &pa) == res->status);
	FUZZ_ASSERT(pa == res->pa);
}

/* After the updates that the access must make there is nothing left to update. */
static void check_idempotent(const struct question *q, struct memory *m, const struct mmu_result *res)
{
	struct mmu_result again;
	unsigned int i;

	m->nover = 0;
	for (i = 0; i < res->nsteps; i++)
		change(m, &res->steps[i], res->steps[i].must_set,
		       q->regs.mode == MMU_MODE_ARM64 ? res->steps[i].must_clear : 0);
	translate(q, m, &q->access, 0, &again);
	FUZZ_ASSERT(again.status == MMU_OK && again.pa == res->pa && again.nsteps == res->nsteps);
	for (i = 0; i < again.nsteps; i++)
		FUZZ_ASSERT(!again.steps[i].must_set &&
			    (q->regs.mode != MMU_MODE_ARM64 || !again.steps[i].must_clear));
	m->nover = 0;
}

/*
 * Bits that take rights away. Not all do from everybody: a page that is no
 * longer a user's is no longer SMAP's or EPAN's; one that EL0 cannot write EL1
 * can execute, and WXN lets EL0.
 */
static void taking(const struct question *q, unsigned int n, uint64_t *set, uint64_t *clear)
{
	bool user = q->access.user && !q->access.implicit, data = q->access.kind != MMU_FETCH;
	bool arm64 = q->regs.mode == MMU_MODE_ARM64;

	*set = 0;
	*clear = 0;
	if (!arm64) {
		*clear = n == 0 ? BIT(1) : n == 1 && user ? BIT(2) : 0;
		*set = n == 2 && q->regs.mode != MMU_MODE_X86_32BIT ? BIT(63) : 0;
		return;
	}
	user = q->access.user;
	*clear = n == 0 && user && data ? BIT(6) : 0;
	*set = n == 0 && user && data ? BIT(61) : n == 1 && data ? BIT(7) | BIT(62) :
	       n == 2 && user ? BIT(54) | BIT(60) : n == 3 ? BIT(53) | BIT(59) : 0;
}

/*
 * Must the access be refused, once the bits of taking() number @n are so? Of
 * arm64 the leaf alone is asked: HPD makes tables mean nothing.
 */
static bool must_refuse(const struct question *q, const struct mmu_result *res, unsigned int at, unsigned int n)
{
	bool user = q->access.user && !q->access.implicit, write = q->access.kind == MMU_WRITE;
	bool fetch = q->access.kind == MMU_FETCH;

	if (q->regs.mode == MMU_MODE_ARM64) {
		user = q->access.user;
		if (at + 1 != res->nsteps)
			return false;
		return n == 0 ? user && !fetch : n == 1 ? write && q->regs.arm64.hafdbs < 2 : fetch && user == (n == 2);
	}
	/* PDPTEs of PAE paging are not read */
	if (q->regs.mode == MMU_MODE_X86_PAE && !at)
		return false;
	if (n == 2)
		return fetch && q->regs.mode != MMU_MODE_X86_32BIT;
	return n == 0 ? write && (user || (q->regs.cr0 & BIT(16))) : n == 1 && user;
}

/* Rights never grow when R/W or U/S is cleared or NX set, at any level; and what needs them is refused. */
static void check_monotone(const struct question *q, struct memory *m, const struct mmu_result *res)
{
	unsigned int at = q->options >> 5, n;
	struct mmu_result again;
	uint64_t set, clear;

	if (!res->nsteps || (!is_fault(res->status) && res->status != MMU_OK))
		return;
	at %= res->nsteps;
	if (res->steps[at].kind != MMU_STEP_TABLE && res->steps[at].kind != MMU_STEP_LEAF)
		return;
	for (n = 0; n < 4; n++) {
		if (res->status == MMU_OK && !must_refuse(q, res, at, n))
			continue;
		taking(q, n, &set, &clear);
		m->nover = 0;
		change(m, &res->steps[at], set, clear);
		translate(q, m, &q->access, 0, &again);
		FUZZ_ASSERT(again.status != MMU_OK);
	}
	m->nover = 0;
}

static void check_words(const struct question *q, const struct mmu_result *res)
{
	char buf[64];
	unsigned int i;

	FUZZ_ASSERT(strcmp(mmu_status_name(res->status), "?") && strcmp(mmu_status_name(res->walk), "?"));
	for (i = 0; i < res->nsteps; i++) {
		const struct mmu_step *s = &res->steps[i];
		size_t size = q->options >> 2, n;

		n = mmu_entry_flags(q->regs.mode, s->level, s->kind == MMU_STEP_LEAF, s->raw, buf, size);
		FUZZ_ASSERT(!size || strlen(buf) == (n < size ? n : size - 1));
		n = mmu_entry_flags(q->regs.mode, s->level, s->kind == MMU_STEP_LEAF, s->raw, buf, sizeof(buf));
		FUZZ_ASSERT(n && n < sizeof(buf));
		FUZZ_ASSERT(strcmp(mmu_step_name(s->kind), "?"));
		FUZZ_ASSERT(s->level >= 1 && s->level <= 5);
	}
	mmu_error_text(res->error_code, buf, sizeof(buf));
	mmu_denied_text(res->denied, buf, sizeof(buf));
	mmu_abort_text(res->error_code, buf, sizeof(buf));
}

static void check_geometry(const struct question *q)
{
	struct mmu_geometry geo;
	int level;

	if (mmu_geometry(&q->regs, q->va, &geo) != MMU_OK)
		return;
	FUZZ_ASSERT(geo.levels >= 0 && geo.levels <= MMU_MAX_STEPS);
	for (level = -1; level <= MMU_MAX_STEPS + 1; level++) {
		FUZZ_ASSERT(mmu_geometry_shift(&geo, level) < 64);
		FUZZ_ASSERT(mmu_geometry_index(&geo, q->va, level) < 1u << 16);
		mmu_level_shift(q->regs.mode, level);
		mmu_index(q->regs.mode, q->va, level);
	}
	mmu_is_canonical(q->regs.mode, q->va);
}

static void fuzz_walk(struct input *in, const uint8_t *header)
{
	enum mmu_status regs_status;
	struct mmu_result res;
	struct question q;
	struct memory m;

	take_question(in, header, &q);
	take_memory(in, q.options, &m);
	regs_status = mmu_check_regs(&q.regs);
	translate(&q, &m, &q.access, 0, &res);
	/* what no processor can hold translates nothing (arm64: one half may be good) */
	if (regs_status != MMU_OK && q.regs.mode != MMU_MODE_ARM64)
		FUZZ_ASSERT(res.status == regs_status && !m.nreads);
	FUZZ_ASSERT(regs_status != MMU_OK || (res.status != MMU_ERR_REGS && res.status != MMU_ERR_MODE));
	check_reads(&q, &m, &res);
	check_masks(&q, &res);
	check_page(&q, &res);
	check_code(&q, &res);
	check_words(&q, &res);
	check_geometry(&q);
	check_again(&q, &m, &res);
	if (res.status == MMU_OK)
		check_idempotent(&q, &m, &res);
	check_monotone(&q, &m, &res);
	FUZZ_ASSERT(!fuzz_valid || (res.status != MMU_ERR_REGS && res.status != MMU_ERR_MODE));
}

/* --- MOV to CR3 --- */

static void fuzz_cr3(struct input *in, const uint8_t *header)
{
	struct mmu_cr3_load load;
	enum mmu_status status;
	struct mmu_regs before;
	struct mmu_mem mem;
	struct question q;
	struct memory m;
	int i;

	take_question(in, header, &q);
	take_memory(in, q.options, &m);
	mem = reader(&q, &m);
	before = q.regs;
	memset(&load, 0xa5, sizeof(load));
	status = mmu_load_cr3(&q.regs, &mem, q.va, &load);
	FUZZ_ASSERT(strcmp(mmu_status_name(status), "?"));
	FUZZ_ASSERT(m.nreads <= 4 && (!m.nreads || q.regs.mode == MMU_MODE_X86_PAE));
	FUZZ_ASSERT((status == MMU_FAULT_GP) == !!load.reserved_bits);
	FUZZ_ASSERT((status == MMU_ERR_MEMORY) == !!load.read_error);
	if (status != MMU_OK) {
		FUZZ_ASSERT(!memcmp(&before, &q.regs, sizeof(before)));
		return;
	}
	FUZZ_ASSERT(load.index == -1 && mmu_check_regs(&q.regs) == MMU_OK);
	if (q.regs.mode == MMU_MODE_X86_PAE || q.regs.mode == MMU_MODE_X86_32BIT)
		FUZZ_ASSERT(!(q.regs.cr3 >> 32));
	/* SDM 5.4.1: bits 2:1, 8:5 and those beyond the width */
	for (i = 0; i < 4 && q.regs.mode == MMU_MODE_X86_PAE; i++)
		FUZZ_ASSERT(!(q.regs.pdpte[i] & 1) ||
			    !(q.regs.pdpte[i] & (0x1e6 | ~ONES(q.regs.maxphyaddr))));
	/* and now it is there: once more changes nothing */
	before = q.regs;
	mem = reader(&q, &m);
	FUZZ_ASSERT(mmu_load_cr3(&q.regs, &mem, q.va, &load) == MMU_OK);
	FUZZ_ASSERT(!memcmp(&before, &q.regs, sizeof(before)));
}

/* --- segments --- */

struct seg_memory {
	struct memory m;
	uint64_t la[MAX_READS];
};

static int seg_read(void *ctx, uint64_t la, uint64_t *value)
{
	struct seg_memory *s = ctx;
	int rc = read8(&s->m, la & ~UINT64_C(7), value);

	s->la[s->m.nreads - 1] = la;
	return rc;
}

static void take_segment(struct input *in, bool lma, struct mmu_segment *seg)
{
	uint64_t raw = word(in), w = word(in);

	seg->selector = (uint16_t)w;
	seg->valid = w & BIT(16);
	mmu_desc_decode(raw, w >> 20, lma, w & BIT(17), &seg->desc);
	/* what no descriptor decodes to, either */
	if (w & BIT(18))
		seg->desc.kind = (enum mmu_desc_kind)(w >> 24 & 15);
}

static void take_seg_regs(struct input *in, struct mmu_seg_regs *regs)
{
	uint64_t w = word(in);
	int i;

	memset(regs, 0, sizeof(*regs));
	regs->pe = w & 1;
	regs->vm = w & 2;
	regs->lma = w & 4;
	regs->la57 = w & 8;
	regs->null_keeps_base = w & 16;
	regs->cpl = (unsigned int)(w >> 5 & 7);
	regs->gdt_limit = (uint16_t)(w >> 16);
	regs->gdt_base = word(in);
	take_segment(in, regs->lma, &regs->ldtr);
	for (i = 0; i < MMU_SEG_REGS; i++)
		take_segment(in, regs->lma, &regs->seg[i]);
}

static void run_segment(const struct mmu_seg_regs *regs, struct seg_memory *s, const uint8_t *header, uint64_t w,
			uint64_t offset, struct mmu_seg_result *res)
{
	struct mmu_seg_mem mem = { .read = seg_read, .ctx = s };
	enum mmu_segreg reg = (enum mmu_segreg)(header[2] % 8);
	uint16_t selector = (uint16_t)w;

	s->m.nreads = 0;
	switch (header[1] % 7) {
	case 0: mmu_seg_load(regs, &mem, reg, selector, res); break;
	case 1: mmu_seg_load_inner_stack(regs, &mem, selector, (unsigned int)(w >> 16 & 7), res); break;
	case 2: mmu_seg_jump(regs, &mem, selector, offset, res); break;
	case 3: mmu_seg_return(regs, &mem, selector, offset, (uint16_t)(w >> 32), res); break;
	case 4: mmu_seg_load_ldtr(regs, &mem, selector, res); break;
	case 5: mmu_seg_load_tr(regs, &mem, selector, res); break;
	default:
		mmu_seg_access(regs, reg, (enum mmu_seg_access)(header[2] >> 3 & 3), offset, (unsigned int)(w >> 16), res);
	}
}

static void check_seg_steps(const struct seg_memory *s, const struct mmu_seg_result *res)
{
	unsigned int i, k;

	FUZZ_ASSERT(res->nsteps <= MMU_SEG_MAX_STEPS);
	for (i = 0; i < res->nsteps; i++) {
		FUZZ_ASSERT(res->steps[i].bytes == 8 || res->steps[i].bytes == 16);
		FUZZ_ASSERT(!(res->steps[i].must_set & res->steps[i].raw));
		FUZZ_ASSERT(res->status == MMU_SEG_OK || !res->steps[i].must_set);
	}
	/* nothing is read that no step names; what could not be read is no step */
	for (k = 0; k < s->m.nreads; k++) {
		for (i = 0; i < res->nsteps; i++)
			if (s->la[k] - res->steps[i].entry_la < res->steps[i].bytes)
				break;
		FUZZ_ASSERT(i < res->nsteps || res->status == MMU_SEG_ERR_MEMORY);
	}
}

static void fuzz_segment(struct input *in, const uint8_t *header)
{
	struct mmu_seg_result res, again;
	struct mmu_seg_regs regs;
	struct seg_memory s = { .la = { 0 } };
	uint64_t w = word(in), offset = word(in);

	take_seg_regs(in, &regs);
	take_memory(in, header[3], &s.m);
	memset(&res, 0, sizeof(res));
	run_segment(&regs, &s, header, w, offset, &res);
	FUZZ_ASSERT(strcmp(mmu_seg_status_name(res.status), "?") && strcmp(mmu_seg_why_name(res.why), "?"));
	FUZZ_ASSERT(s.m.nreads <= 4);
	check_seg_steps(&s, &res);
	FUZZ_ASSERT(!(res.error_code & ~0xfffcu));
	if (mmu_seg_vector(res.status) >= 0)
		FUZZ_ASSERT(res.why != MMU_SEG_WHY_NONE);
	else
		FUZZ_ASSERT(!res.error_code && !res.may_pass && res.why == MMU_SEG_WHY_NONE);
	if (res.status == MMU_SEG_OK)
		FUZZ_ASSERT(res.cpl <= 3 && s.m.nreads >= res.nsteps);
	FUZZ_ASSERT((res.status == MMU_SEG_ERR_MEMORY) == !!res.read_error);
	memset(&again, 0xa5, sizeof(again));
	run_segment(&regs, &s, header, w, offset, &again);
	FUZZ_ASSERT(res.status == again.status && res.error_code == again.error_code && res.why == again.why);
	FUZZ_ASSERT(res.linear == again.linear && res.nsteps == again.nsteps && res.may_pass == again.may_pass);
	mmu_seg_survives(&regs.seg[header[2] % MMU_SEG_REGS], header[3] & 3);
}

/* --- TLB --- */

#define MAX_OPS		48u

static void take_op(struct input *in, struct mmu_tlb_op *op)
{
	uint64_t w = word(in), v = word(in);

	*op = (struct mmu_tlb_op){
		.kind = (enum mmu_tlb_op_kind)(w & 15), .cpu = w >> 4 & 1, .broadcast = w & BIT(5),
		.va = v, .asid = w >> 6 & 3, .table = w >> 8 & 7, .index = w >> 11 & 1023,
		.keep = w & BIT(21), .pge = w & BIT(22), .pcide = w & BIT(23), .current = w & BIT(24),
		.last_level = w & BIT(25),
		.entry = {
			.kind = (enum mmu_tlb_entry_kind)((w >> 26 & 3) % 3), .rights = w >> 28 & 7,
			.global = w & BIT(31), .target = w & BIT(32) ? w >> 33 : w >> 33 & 7,
		},
	};
}

static size_t take_trace(struct input *in, struct mmu_tlb_op *ops, struct mmu_tlb_trace *trace)
{
	uint64_t w = word(in);
	size_t n;

	*trace = (struct mmu_tlb_trace){
		.ops = ops, .levels = (int)(w & 7), .index_bits = w >> 3 & 31, .page_shift = w >> 8 & 31,
		.pge = w & BIT(13), .pcide = w & BIT(14),
	};
	for (n = 0; n < MAX_OPS - 1 && in->size; n++)
		take_op(in, &ops[n]);
	trace->count = n;
	return n;
}

static void fuzz_trace(struct input *in, const uint8_t *header)
{
	static struct mmu_tlb_cached room[4096], more[4096];
	struct mmu_tlb_op ops[MAX_OPS];
	size_t max = header[2] & 1 ? 4096 : header[3];
	struct mmu_tlb_trace trace;
	unsigned int cpu = header[1] & 1;
	uint64_t va = word(in);
	int rc, i, fresh = 0;

	take_trace(in, ops, &trace);
	rc = mmu_tlb_allowed(&trace, cpu, va, room, max);
	FUZZ_ASSERT(rc == -EINVAL || rc == -ENOSPC || (rc >= 1 && (size_t)rc <= max));
	if (rc < 0)
		return;
	for (i = 0; i < rc; i++) {
		FUZZ_ASSERT(!room[i].table);
		FUZZ_ASSERT(!room[i].present || !((room[i].va ^ va) & ~ONES(room[i].shift)));
		FUZZ_ASSERT(!(room[i].rights & ~7u));
		fresh += room[i].fresh;
	}
	FUZZ_ASSERT(fresh == 1);
	/* after everything is dropped only what a walk finds is left */
	ops[trace.count] = (struct mmu_tlb_op){ .kind = MMU_TLB_INVPCID_ALL, .cpu = cpu };
	trace.count++;
	FUZZ_ASSERT(mmu_tlb_allowed(&trace, cpu, va, more, 4096) == 1 && more[0].fresh);
	for (i = 0; i < rc && !room[i].fresh; i++)
		;
	FUZZ_ASSERT(room[i].present == more[0].present && room[i].pa == more[0].pa);
	FUZZ_ASSERT(room[i].rights == more[0].rights && room[i].shift == more[0].shift);
}

static bool holds(const struct mmu_tlb_sim *sim, unsigned int shift)
{
	unsigned int i;

	for (i = 0; i < sim->narrays; i++)
		if (sim->arrays[i].level == 1 && (sim->arrays[i].shifts >> shift & 1))
			return true;
	return false;
}

static void one_access(struct mmu_tlb_sim *sim, uint64_t w, uint64_t va)
{
	struct mmu_tlb_cached page = { .shift = 12 + w % 36, .global = w & BIT(40), .pa = w, .present = true };
	struct mmu_tlb_op op = { .kind = MMU_TLB_INVLPG, .va = va };
	uint64_t before = sim->hits[1] + sim->hits[2] + sim->misses;
	int rc = mmu_tlb_access(sim, va, &page);

	FUZZ_ASSERT(rc >= 0 && rc <= 2);
	FUZZ_ASSERT(sim->hits[1] + sim->hits[2] + sim->misses == before + 1);
	if (rc || !holds(sim, page.shift))
		return;
	/* just taken in, and just thrown out */
	FUZZ_ASSERT(mmu_tlb_access(sim, va, &page) == 1);
	if (!(w & BIT(41)))
		return;
	mmu_tlb_apply(sim, &op);
	FUZZ_ASSERT(mmu_tlb_access(sim, va, &page) == 0);
}

static void fuzz_sim(struct input *in, const uint8_t *header)
{
	struct mmu_tlb_sim sim = { .narrays = header[1] % (MMU_TLB_ARRAYS + 2) };
	struct mmu_tlb_op op;
	unsigned int i;
	size_t slots;

	for (i = 0; i < MMU_TLB_ARRAYS; i++) {
		uint64_t w = word(in);

		sim.arrays[i] = (struct mmu_tlb_array){
			.level = (int)(w & 3), .sets = w & 4 ? 1u << (w >> 3 & 7) : (unsigned int)(w >> 3 & 31),
			.ways = w >> 8 & 15, .shifts = w >> 12 << 12,
		};
	}
	slots = mmu_tlb_slots(&sim);
	if (!slots)
		return;
	/* its exact size: the sanitizer sees its end */
	sim.slots = calloc(slots, sizeof(*sim.slots));
	if (!sim.slots)
		return;
	mmu_tlb_reset(&sim);
	for (i = 12; i < 48; i++)
		FUZZ_ASSERT(mmu_tlb_reach(&sim, 1, i) + mmu_tlb_reach(&sim, 2, i) <= (uint64_t)slots << i);
	while (in->size) {
		uint64_t w = word(in);

		if (w & BIT(63)) {
			take_op(in, &op);
			mmu_tlb_apply(&sim, &op);
		} else {
			one_access(&sim, w, word(in));
		}
	}
	free(sim.slots);
}

void fuzz_one(const uint8_t *data, size_t size)
{
	struct input in = { .data = data + HEADER, .size = size - HEADER };

	if (size < HEADER)
		return;
	switch (what_of[data[0] % sizeof(what_of)]) {
	case WHAT_WALK: fuzz_walk(&in, data); break;
	case WHAT_CR3: fuzz_cr3(&in, data); break;
	case WHAT_SEGMENT: fuzz_segment(&in, data); break;
	case WHAT_TRACE: fuzz_trace(&in, data); break;
	default: fuzz_sim(&in, data);
	}
}

/* --- inputs --- */

/* struct output - an input in the making */
struct output {
	uint8_t *data;
	size_t size, max;
};

static void put(struct output *o, uint64_t w)
{
	if (o->size + 8 > o->max)
		return;
	memcpy(o->data + o->size, &w, 8);
	o->size += 8;
}

static void seed_x86(struct rng *r, struct output *o, enum mmu_mode mode)
{
	unsigned int maxphyaddr = 32 + (unsigned int)below(r, 21), i;
	uint64_t cr4 = below(r, 1 << 25) & 0x17000b0, efer = 0x500;

	if (mode == MMU_MODE_X86_32BIT || mode == MMU_MODE_X86_PAE)
		efer = 0;
	cr4 |= mode == MMU_MODE_X86_32BIT ? 0 : 0x20;
	cr4 &= mode == MMU_MODE_X86_32BIT ? ~UINT64_C(0x20) : UINT64_MAX;
	put(o, 0x80000033 | below(r, 2) << 16);
	put(o, rnd(r) & ONES(maxphyaddr) & ~UINT64_C(0xfff));
	put(o, cr4 | (mode == MMU_MODE_X86_5LEVEL ? 0x1000 : 0));
	put(o, efer | below(r, 2) << 11);
	put(o, 0x0407050600070106);
	put(o, rnd(r) & rnd(r));
	put(o, maxphyaddr | below(r, 16) << 8);
	for (i = 0; i < 4 && mode == MMU_MODE_X86_PAE; i++)
		put(o, (rnd(r) & ONES(maxphyaddr) & ~UINT64_C(0xfff)) | below(r, 8) >> 2 | 1);
}

static void seed_arm64(struct rng *r, struct output *o)
{
	static const uint8_t pa_bits[] = { 32, 36, 40, 42, 44, 48, 52, 48 };
	uint64_t tcr = (12 + below(r, 28)) | (12 + below(r, 28)) << 16 | UINT64_C(2) << 30;

	tcr |= (below(r, 3) << 14) | below(r, 8) << 32 | (rnd(r) & rnd(r) & 0x1f8063e000000000ULL & ~(UINT64_C(3) << 60));
	put(o, rnd(r) & ~UINT64_C(0xffff));
	put(o, rnd(r) & ~UINT64_C(0xffff));
	put(o, tcr);
	put(o, rnd(r));
	put(o, 1 | below(r, 8) / 7 << 19);
	put(o, pa_bits[below(r, 8)] | below(r, 3) << 8 | below(r, 2) << 10 | 7 << 11 | below(r, 512) << 14);
}

/* Entries as they may be: most lead on, some map, some are odd. */
static void seed_entries(struct rng *r, struct output *o, enum mmu_mode mode)
{
	unsigned int n = 1 + (unsigned int)below(r, 24);

	while (n--) {
		uint64_t w = rnd(r) & ONES(32 + below(r, 21)) & ~UINT64_C(0xfff);

		if (mode == MMU_MODE_ARM64)
			w |= 0x403 | (rnd(r) & 0xfc) | (below(r, 3) ? 0 : rnd(r) & (UINT64_C(0xfff) << 52));
		else
			w |= 0x7 | (below(r, 4) ? rnd(r) & 0x78 : rnd(r) & 0xff8);
		if (mode == MMU_MODE_X86_32BIT)
			w |= 0x700000000;
		if (!below(r, 6))
			w ^= BIT(below(r, 64));
		put(o, w);
	}
}

static void seed_segment(struct rng *r, struct output *o)
{
	unsigned int i, n = 2 + (unsigned int)below(r, 16);
	bool lma = below(r, 2);

	put(o, (below(r, 8) << 3 | below(r, 8)) | rnd(r) << 16);
	put(o, below(r, 2) ? below(r, 1 << 20) : fuzz_number(r));
	put(o, 1 | (lma ? 4u : 0) | below(r, 4) << 3 | below(r, 4) << 5 | (8 * n - 1) << 16);
	put(o, below(r, 2) ? 0 : rnd(r) & ONES(47));
	for (i = 0; i <= MMU_SEG_REGS; i++) {
		/* the second register is CS */
		put(o, i == 2 ? 0x00cf9b000000ffff | (lma ? below(r, 2) << 53 : 0) :
		       0x00cf93000000ffff ^ (below(r, 3) ? 0 : BIT(below(r, 64))));
		put(o, BIT(16) | below(r, 8) << 3 | below(r, 4));
	}
	while (n--)
		put(o, (below(r, 2) ? 0x00cf93000000ffff : 0x00cf9b000000ffff) ^ below(r, 16) << 40 ^ below(r, 8) << 44 ^
		       (below(r, 3) ? 0 : BIT(below(r, 64))));
}

/* A root and tables below it, some pages, and what becomes of them. */
static void seed_trace(struct rng *r, struct output *o)
{
	unsigned int n = 4 + (unsigned int)below(r, 40);
	uint64_t va = below(r, 2) ? 0 : rnd(r) & ONES(39) & ~UINT64_C(0xfff);

	put(o, va);
	put(o, (2 + below(r, 3)) | 9 << 3 | 12 << 8 | below(r, 4) << 13);
	/* SWITCH to table 1 */
	put(o, 1 | 1 << 8);
	put(o, 0);
	while (n--) {
		uint64_t kind = below(r, 3) ? 0 : below(r, 13);

		put(o, kind | (kind ? rnd(r) & 0x7f : 0) << 4 | (1 + below(r, 4)) << 8 | (below(r, 4) ? 0 : below(r, 512)) << 11 |
		       (rnd(r) & 31) << 21 | below(r, 3) << 26 | below(r, 16) << 28 | (1 + below(r, 4)) << 33);
		put(o, va);
	}
}

static void seed_sim(struct rng *r, struct output *o)
{
	unsigned int n = (unsigned int)below(r, 200), i;

	for (i = 0; i < MMU_TLB_ARRAYS; i++)
		put(o, (1 + below(r, 2)) | 4 | below(r, 5) << 3 | (1 + below(r, 8)) << 8 | UINT64_C(0x40201000));
	while (n--) {
		put(o, below(r, 8) ? rnd(r) >> 1 : rnd(r) | BIT(63));
		put(o, below(r, 64) << 12);
	}
}

size_t fuzz_seed(struct rng *r, uint8_t *out, size_t max)
{
	struct output o = { .data = out, .size = HEADER, .max = max };
	enum mmu_mode mode = (enum mmu_mode)below(r, MMU_MODES);
	unsigned int i;

	for (i = 0; i < HEADER; i++)
		out[i] = (uint8_t)rnd(r);
	out[1] = (uint8_t)mode;
	switch (what_of[out[0] % sizeof(what_of)]) {
	case WHAT_SEGMENT:
		out[1] = (uint8_t)rnd(r);
		seed_segment(r, &o);
		return o.size;
	case WHAT_TRACE:
		seed_trace(r, &o);
		return o.size;
	case WHAT_SIM:
		out[1] = (uint8_t)rnd(r);
		seed_sim(r, &o);
		return o.size;
	default:
		break;
	}
	put(&o, mode == MMU_MODE_X86_32BIT || mode == MMU_MODE_X86_PAE ? rnd(r) >> 32 : rnd(r) >> (17 + below(r, 20)));
	if (mode == MMU_MODE_ARM64)
		seed_arm64(r, &o);
	else
		seed_x86(r, &o, mode);
	seed_entries(r, &o, mode);
	return o.size;
}

/* A bit, or a word that breaks things. */
size_t fuzz_mutate(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	uint64_t v = fuzz_number(r);
	size_t at;

	if (size <= HEADER + 8)
		return fuzz_bytes(r, data, size, max);
	at = HEADER + 8 * below(r, (size - HEADER) / 8);
	if (below(r, 4))
		data[at + below(r, 8)] ^= (uint8_t)(1 << below(r, 8));
	else
		memcpy(data + at, &v, 8);
	return size;
}

void fuzz_init(void)
{
}
