// SPDX-License-Identifier: GPL-2.0
/*
 * Software MMU, arm64: every class of descriptors times every machine and
 * access, against a prediction made from what the descriptors were meant to be
 * (compare test_mmu_enum.c). The prediction looks at no descriptor, and decides
 * rights by a table of rules.
 *
 * The cases have numbers. All are run if MMSCOPE_FULL=1 is in the environment,
 * else a sample spread evenly; MMSCOPE_CASE=<shape>:<number> runs one.
 */
#include <stdio.h>

#include "test_mmu_arm64.h"

#define SAMPLE		UINT64_C(20000)		/* cases per shape */
#define ROOTS		6			/* array by level, 1 to 5 */

enum fact {
	USER = 1 << 0, READ = 1 << 1, WRITE = 1 << 2, FETCH = 1 << 3,
	PAGE_U = 1 << 4, PAGE_W = 1 << 5, PAGE_X = 1 << 6, PAGE_UX = 1 << 7,
	WXN = 1 << 8, PAN = 1 << 9, EPAN = 1 << 10,
};

/* If all of @when hold and none of @unless, the access is refused. */
static const struct rule {
	unsigned int when, unless;
	uint32_t why;
} rules[] = {
	{ USER | READ, PAGE_U, MMU_DENY_USER },
	{ USER | WRITE, PAGE_U, MMU_DENY_USER },
	{ WRITE, PAGE_W, MMU_DENY_WRITE },
	{ USER | FETCH, PAGE_UX, MMU_DENY_EXEC },
	{ FETCH, USER | PAGE_X, MMU_DENY_EXEC },
	{ FETCH | PAGE_U | PAGE_W, USER, MMU_DENY_EXEC },
	{ FETCH | WXN | PAGE_W, USER, MMU_DENY_WXN },
	{ FETCH | WXN | PAGE_W | PAGE_U | USER, 0, MMU_DENY_WXN },
	{ READ | PAN | PAGE_U, USER, MMU_DENY_PAN },
	{ WRITE | PAN | PAGE_U, USER, MMU_DENY_PAN },
	{ READ | PAN | EPAN | PAGE_UX, USER, MMU_DENY_PAN },
	{ WRITE | PAN | EPAN | PAGE_UX, USER, MMU_DENY_PAN },
};

static const struct mmu_access accesses[] = {
	{ .kind = MMU_READ }, { .kind = MMU_WRITE }, { .kind = MMU_FETCH },
	{ .kind = MMU_READ, .user = true }, { .kind = MMU_WRITE, .user = true },
	{ .kind = MMU_FETCH, .user = true },
};
static const unsigned int access_facts[] = {
	READ, WRITE, FETCH, USER | READ, USER | WRITE, USER | FETCH,
};

/* A granule, with or without wide addresses, and how deep the tables are. */
struct shape {
	unsigned int granule;
	bool wide;
	int root, leaf;
};

static struct shape shapes[50];	/* exactly: see make_shapes() */
static unsigned int nshapes;

/* The highest level at which the manual's figures have a block */
static int highest_block(unsigned int granule, bool wide)
{
	return granule == 12 ? 3 + wide : 2 + wide;
}

static void make_shapes(void)
{
	struct shape s;

	for (s.granule = 12; s.granule <= 16; s.granule += 2)
		for (s.wide = false;; s.wide = true) {
			int deepest = s.granule == 16 ? 3 :
				      4 + (s.granule == 12 && s.wide);

			for (s.root = 1; s.root <= deepest; s.root++)
				for (s.leaf = 1; s.leaf <= s.root &&
				     s.leaf <= highest_block(s.granule, s.wide);
				     s.leaf++)
					shapes[nshapes++] = s;
			if (s.wide)
				break;
		}
}

enum class { INVALID, TOO_LARGE, RESERVED, PRESENT };

struct intent {
	enum class class;
	bool u, w, x, ux;	/* grants these; a leaf, or a table's limits */
	bool dbm, af;
	uint64_t raw, table;
};

struct scene {
	struct shape shape;
	struct intent level[ROOTS];
	unsigned int facts, out, va_bits;
	const struct mmu_access *access;
	bool hpd, ha, hd, e0pd, upper;
	struct mmu_regs regs;
	uint64_t va, base, random;
	unsigned int attr, sh, tcr_sh;
	bool global;
	int next;
	bool strayed;
};

static uint64_t next_random(struct scene *s)
{
	uint64_t z = (s->random += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint64_t ones(unsigned int from, unsigned int below)
{
	uint64_t bits = 0;

	for (; from < below; from++)
		bits |= UINT64_C(1) << from;
	return bits;
}

static unsigned int reach(const struct scene *s, int level)
{
	unsigned int bits = s->shape.granule;

	for (; level > 1; level--)
		bits += s->shape.granule - 3;
	return bits;
}

#define TABLE_CLASSES	19u	/* 3 failures, 4 limits on or off */
#define LEAF_CLASSES	67u	/* 3 failures, AP1 AP2 UXN PXN DBM AF */
#define MACHINES	(UINT64_C(6) * 2 * 2 * 2 * 2 * 3 * 2)

static uint64_t count_cases(const struct shape *shape)
{
	uint64_t n = MACHINES * LEAF_CLASSES;
	int level;

	for (level = shape->leaf; level < shape->root; level++)
		n *= TABLE_CLASSES;
	return n;
}

static unsigned int digit(uint64_t *number, unsigned int radix)
{
	unsigned int d = (unsigned int)(*number % radix);

	*number /= radix;
	return d;
}

static void take_class(struct intent *in, bool leaf, unsigned int d)
{
	*in = (struct intent){ .class = PRESENT };
	if (d < 3) {
		in->class = (enum class)d;
		return;
	}
	d -= 3;
	in->u = d & 1;
	in->w = d & 2;
	in->x = d & 4;
	in->ux = d & 8;
	in->dbm = leaf && (d & 16);
	in->af = leaf && (d & 32);
}

static void choose(struct scene *s, unsigned int shape, uint64_t number)
{
	static const unsigned int switches[] = { WXN, PAN, EPAN };
	unsigned int i, d;
	int level;

	*s = (struct scene){ .shape = shapes[shape],
			     .random = number * 64 + shape };
	d = digit(&number, 6);
	s->access = &accesses[d];
	s->facts = access_facts[d];
	for (i = 0; i < 3; i++)
		s->facts |= digit(&number, 2) ? switches[i] : 0;
	s->hpd = digit(&number, 2);
	d = digit(&number, 3);
	s->ha = d >= 1;
	s->hd = d == 2;
	s->e0pd = digit(&number, 2);
	take_class(&s->level[s->shape.leaf], true,
		   digit(&number, LEAF_CLASSES));
	for (level = s->shape.leaf + 1; level <= s->shape.root; level++)
		take_class(&s->level[level], false,
			   digit(&number, TABLE_CLASSES));
}

/* An output size that leaves room for what is to be too large. */
static void choose_sizes(struct scene *s)
{
	static const unsigned int sizes[] = { 32, 36, 40, 42, 44, 48, 52 };
	unsigned int g = s->shape.granule, least, most;
	bool large = false;
	int level;

	for (level = s->shape.leaf; level <= s->shape.root; level++)
		large |= s->level[level].class == TOO_LARGE;
	s->out = sizes[next_random(s) % (large ? 5 : s->shape.wide ? 7 : 6)];
	/* the fewest and the most bits that this many levels translate */
	least = reach(s, s->shape.root) + 1;
	most = reach(s, s->shape.root) + g - 3;
	if (least < 16)
		least = 16;
	if (most > (s->shape.wide ? 52u : 48u))
		most = s->shape.wide ? 52 : 48;
	s->va_bits = least + (unsigned int)(next_random(s) % (most - least + 1));
}

static uint64_t ips_of(unsigned int bits)
{
	return bits == 32 ? 0 : bits == 36 ? 1 : bits == 40 ? 2 : bits == 42 ? 3 :
	       bits == 44 ? 4 : bits == 48 ? 5 : 6;
}

static void set_registers(struct scene *s)
{
	static const unsigned char tg[2][3] = { { 0, 2, 1 }, { 2, 1, 3 } };
	unsigned int g = s->shape.granule, txsz = 64 - s->va_bits;
	uint64_t r = next_random(s), tcr;
	struct mmu_arm64_regs *a = &s->regs.arm64;

	s->upper = r & 1;
	s->tcr_sh = (r >> 1 & 1) ? 2 : 3;
	s->regs = arm64_new();
	/* the other half's fields say the opposite, where they can */
	tcr = ips_of(s->out) << 32 | (r & (TCR_A1 | TCR_AS));
	if (s->upper)
		tcr |= TCR_T1SZ(txsz) | (uint64_t)tg[1][(g - 12) / 2] << 30 |
		       (uint64_t)s->tcr_sh << 28 |
		       (s->hpd ? TCR_HPD1 : TCR_HPD0) |
		       (s->e0pd ? TCR_E0PD1 : TCR_E0PD0) | TCR_TBI0 |
		       TCR_T0SZ(63) | TCR_EPD0;
	else
		tcr |= TCR_T0SZ(txsz) | (uint64_t)tg[0][(g - 12) / 2] << 14 |
		       (uint64_t)s->tcr_sh << 12 |
		       (s->hpd ? TCR_HPD0 : TCR_HPD1) |
		       (s->e0pd ? TCR_E0PD0 : TCR_E0PD1) | TCR_TBI1 |
		       TCR_T1SZ(63) | TCR_EPD1;
	tcr |= (s->ha ? TCR_HA : 0) | (s->hd ? TCR_HD : 0);
	if (s->shape.wide && g != 16)
		tcr |= TCR_DS;
	a->tcr = tcr;
	a->sctlr = SCTLR_M | (s->facts & WXN ? SCTLR_WXN : 0) |
		   (s->facts & EPAN ? SCTLR_EPAN : 0);
	a->pan = s->facts & PAN;
	a->mair = next_random(s) | UINT64_C(0x8080808080808080);
	/* a narrow one does not know the formats, or is not asked */
	if (!s->shape.wide && g == 16)
		a->pa_bits = 48;
	if (!s->shape.wide && (r & 64)) {
		a->lpa2_4k = false;
		a->lpa2_16k = false;
	}
}

/* Puts each bit of an address where the manual's figures have it. */
static uint64_t encode(const struct scene *s, uint64_t pa)
{
	static const unsigned char wide64[] = { 12, 13, 14, 15 };
	static const unsigned char wide4[] = { 48, 49, 8, 9 };
	uint64_t raw = 0;
	unsigned int bit;

	for (bit = s->shape.granule; bit < 52; bit++) {
		unsigned int to = bit;

		if (!(pa >> bit & 1))
			continue;
		if (bit >= 48)
			to = s->shape.granule == 16 ? wide64[bit - 48] :
						      wide4[bit - 48];
		raw |= UINT64_C(1) << to;
	}
	return raw;
}

static uint64_t too_large_bit(struct scene *s, unsigned int least)
{
	unsigned int top = s->shape.wide ? 52 : 48;
	unsigned int from = s->out > least ? s->out : least;

	return UINT64_C(1) << (from + next_random(s) % (top - from));
}

static uint64_t table_raw(struct scene *s, const struct intent *in,
			  uint64_t next)
{
	uint64_t raw = D_TABLE | encode(s, next);

	if (in->class == TOO_LARGE)
		raw |= encode(s, too_large_bit(s, s->shape.granule));
	/* bits that a table descriptor ignores */
	raw |= next_random(s) & (ones(2, 8) | ones(10, 12) | ones(52, 59));
	raw |= (in->u ? 0 : D_APTABLE0) | (in->w ? 0 : D_APTABLE1) |
	       (in->x ? 0 : D_PXNTABLE) | (in->ux ? 0 : D_UXNTABLE);
	return raw;
}

static uint64_t leaf_raw(struct scene *s, const struct intent *in)
{
	bool ds = s->shape.wide && s->shape.granule != 16;
	uint64_t raw = encode(s, s->base), r = next_random(s);

	if (in->class == TOO_LARGE)
		raw |= encode(s, too_large_bit(s, reach(s, s->shape.leaf)));
	/* NS, GP, and what software may use */
	raw |= r & (B(5) | B(50) | ones(55, 64));
	raw |= ATTR(s->attr) | (ds ? 0 : (uint64_t)s->sh << 8) |
	       (s->global ? 0 : D_NG);
	raw |= (in->u ? D_AP1 : 0) | (in->w ? 0 : D_AP2) |
	       (in->x ? 0 : D_PXN) | (in->ux ? 0 : D_UXN) |
	       (in->dbm ? D_DBM : 0) | (in->af ? D_AF : 0);
	/* RES0 in a block */
	if (s->shape.leaf > 1)
		raw |= r & ones(s->shape.granule == 16 ? 17 : s->shape.granule,
				reach(s, s->shape.leaf)) & ones(0, 48);
	return raw | (s->shape.leaf > 1 ? D_BLOCK : D_PAGE);
}

static void write_entry(struct scene *s, int level, uint64_t next)
{
	struct intent *in = &s->level[level];
	bool leaf = level == s->shape.leaf;

	in->raw = leaf ? leaf_raw(s, in) : table_raw(s, in, next);
	if (in->class == INVALID)
		in->raw &= ~UINT64_C(1);
	if (in->class != RESERVED)
		return;
	/* type 01 where there is no block; elsewhere 10, merely invalid */
	in->raw &= ~UINT64_C(3);
	if (level == 1 ||
	    level > highest_block(s->shape.granule, s->shape.wide))
		in->raw |= 1;
	else
		in->raw |= 2;
}

static void build(struct scene *s)
{
	uint64_t frames = ones(s->shape.granule, s->out), next, r;
	uint64_t *ttbr = s->upper ? &s->regs.arm64.ttbr1 :
				    &s->regs.arm64.ttbr0;
	int level;

	r = next_random(s);
	s->attr = r & 7;
	s->sh = (unsigned int)(r >> 3 & 1) ? 3 : (r >> 4 & 1) ? 2 : 0;
	s->global = r & 32;
	s->va = next_random(s) & ones(0, s->va_bits);
	if (s->upper)
		s->va |= ~ones(0, s->va_bits);
	s->base = next_random(s) & frames & ~ones(0, reach(s, s->shape.leaf));
	next = 0;
	for (level = s->shape.leaf; level <= s->shape.root; level++) {
		write_entry(s, level, next);
		next = next_random(s) & frames;
		s->level[level].table = next;
	}
	*ttbr = (next & ones(0, 48)) | UINT64_C(0x77) << 48 | (r >> 8 & 1);
	*ttbr |= next >> 48 << 2;
	s->next = s->shape.root;
}

static uint64_t index_of(const struct scene *s, int level)
{
	uint64_t high = s->va & ones(0, s->va_bits);

	return (high >> reach(s, level)) &
	       ones(0, level == s->shape.root ? 64 : s->shape.granule - 3);
}

/* Nothing exists but the descriptor that the walk has to read next. */
static int scene_read(void *ctx, uint64_t pa, uint64_t *value)
{
	struct scene *s = ctx;
	struct intent *in = &s->level[s->next];

	if (s->next < s->shape.leaf ||
	    pa != in->table + 8 * index_of(s, s->next)) {
		s->strayed = true;
		return -ENXIO;
	}
	*value = in->raw;
	s->next--;
	return 0;
}

struct want {
	enum mmu_status status;
	uint32_t code, denied;
	int last;		/* level of the last descriptor read */
	bool walked;
};

/* FSC by the manual's table of ISS encodings: kind of fault, our level */
static uint32_t code_of(const char *kind, int level)
{
	if (level == 5)
		return *kind == 't' ? 0x2b : 0x29;
	return (*kind == 's' ? 0u : *kind == 't' ? 4u : *kind == 'a' ? 8u :
							12u) + 4 -
	       (unsigned int)level;
}

static const char *walk_fault(const struct scene *s, int level)
{
	const struct intent *in = &s->level[level];
	uint64_t low = s->va & ones(0, reach(s, level));

	if (in->class == INVALID || in->class == RESERVED)
		return "translation";
	if (in->class == TOO_LARGE)
		return "size";
	if (level > s->shape.leaf)
		return NULL;
	if (low >> s->out)
		return "size";
	return in->af || s->ha ? NULL : "access flag";
}

static unsigned int page_facts(const struct scene *s)
{
	unsigned int facts = s->facts;
	int level;

	facts |= PAGE_U | PAGE_W | PAGE_X | PAGE_UX;
	for (level = s->shape.leaf; level <= s->shape.root; level++) {
		const struct intent *in = &s->level[level];
		bool w = in->w || (in->dbm && s->hd);

		if (level > s->shape.leaf && s->hpd)
			break;
		facts &= ~((in->u ? 0u : PAGE_U) | (w ? 0u : PAGE_W) |
			   (in->x ? 0u : PAGE_X) | (in->ux ? 0u : PAGE_UX));
	}
	return facts;
}

static struct want predict(const struct scene *s)
{
	struct want want = { .status = MMU_FAULT_ABORT, .walked = true };
	unsigned int facts = page_facts(s);
	bool user = s->facts & USER;
	const char *kind = NULL;
	size_t i;

	want.last = s->shape.root;
	for (;; want.last--) {
		kind = walk_fault(s, want.last);
		if (kind || want.last == s->shape.leaf)
			break;
	}
	want.walked = !kind;
	for (i = 0; !kind && i < sizeof(rules) / sizeof(rules[0]); i++)
		if ((facts & rules[i].when) == rules[i].when &&
		    !(facts & rules[i].unless))
			want.denied |= rules[i].why;
	if (want.denied)
		kind = "permission";
	if (user && s->e0pd) {
		want.denied = 0;
		want.code = 4;
	} else if (kind) {
		want.code = code_of(kind, want.last);
	} else {
		want.status = MMU_OK;
		return want;
	}
	want.code |= s->facts & WRITE ? 0x40 : 0;
	return want;
}

static bool same_page(const struct scene *s, const struct mmu_result *res)
{
	unsigned int facts = page_facts(s), size = reach(s, s->shape.leaf);
	bool ds = s->shape.wide && s->shape.granule != 16, pxn;

	pxn = !(facts & PAGE_X) || ((facts & PAGE_U) && (facts & PAGE_W));
	return res->walk == MMU_OK && res->page_shift == size &&
	       res->pa == (s->base | (s->va & ones(0, size))) &&
	       res->readable && res->writable == !!(facts & PAGE_W) &&
	       res->user == !!(facts & PAGE_U) && res->executable == !pxn &&
	       res->arm64.user_executable == !!(facts & PAGE_UX) &&
	       res->global == s->global && res->pat_index == s->attr &&
	       res->arm64.attr == (s->regs.arm64.mair >> (8 * s->attr) & 255) &&
	       res->arm64.sh == (ds ? s->tcr_sh : s->sh) &&
	       !res->arm64.contiguous;
}

static bool same_updates(const struct scene *s, const struct want *want,
			 const struct mmu_result *res)
{
	const struct intent *in = &s->level[s->shape.leaf];
	uint64_t may_set = 0, must_set = 0, clear = 0;
	bool early = (s->facts & USER) && s->e0pd, leaf;
	unsigned int i;

	for (i = 0; i < res->nsteps; i++) {
		const struct mmu_step *step = &res->steps[i];

		leaf = want->walked && step->level == s->shape.leaf;
		may_set = leaf && !early && s->ha && !in->af ? D_AF : 0;
		must_set = want->status == MMU_OK ? may_set : 0;
		clear = leaf && want->status == MMU_OK && s->hd && in->dbm &&
			!in->w && (s->facts & WRITE) ? D_AP2 : 0;
		if (step->may_set != may_set || step->must_set != must_set ||
		    step->may_clear != clear || step->must_clear != clear)
			return false;
	}
	return true;
}

static bool agrees(struct scene *s, struct mmu_result *res)
{
	struct mmu_mem mem = { .read = scene_read, .ctx = s };
	struct want want = predict(s);

	memset(res, 0x5a, sizeof(*res));
	mmu_translate(&s->regs, &mem, s->va, s->access, res);
	return !s->strayed && s->next == want.last - 1 &&
	       res->nsteps == (unsigned int)(s->shape.root - want.last + 1) &&
	       res->status == want.status && res->error_code == want.code &&
	       res->denied == want.denied && !res->arm64.open &&
	       (want.walked ? same_page(s, res) : !res->pa) &&
	       same_updates(s, &want, res);
}

static void report(const struct scene *s, unsigned int shape, uint64_t number,
		   const struct mmu_result *res)
{
	struct want want = predict(s);
	int level;

	fprintf(stderr, "MMSCOPE_CASE=%u:%" PRIu64 " granule %u wide %d facts "
		"%#x va %#" PRIx64 " tcr %#" PRIx64 " out %u va_bits %u\n",
		shape, number, s->shape.granule, s->shape.wide, s->facts,
		s->va, s->regs.arm64.tcr, s->out, s->va_bits);
	for (level = s->shape.root; level >= s->shape.leaf; level--)
		fprintf(stderr, "  level %d class %d %c%c%c%c raw %#" PRIx64
			"\n", level, s->level[level].class,
			s->level[level].u ? 'u' : '-',
			s->level[level].w ? 'w' : '-',
			s->level[level].x ? 'x' : '-',
			s->level[level].ux ? 'X' : '-', s->level[level].raw);
	fprintf(stderr, "  want status %d code %#x denied %#x last level %d\n",
		want.status, want.code, want.denied, want.last);
	fprintf(stderr, "  got  status %d code %#x denied %#x steps %u pa %#"
		PRIx64 " open %u\n", res->status, res->error_code, res->denied,
		res->nsteps, res->pa, res->arm64.open);
}

static bool run_case(unsigned int shape, uint64_t number)
{
	struct mmu_result res;
	struct scene s;

	choose(&s, shape, number);
	choose_sizes(&s);
	set_registers(&s);
	build(&s);
	if (agrees(&s, &res))
		return true;
	report(&s, shape, number, &res);
	return false;
}

/* Every @step-th case of all shapes, or as much of a sample, from @first on. */
static bool run_cases(const void *ctx, uint64_t first, uint64_t step)
{
	/* A prime that divides no total: the sample visits no case twice. */
	const uint64_t stride = UINT64_C(4294967291);
	unsigned int shape;

	(void)ctx;
	for (shape = 0; shape < nshapes; shape++) {
		uint64_t cases = count_cases(&shapes[shape]), i;
		uint64_t count = t_full() || cases < SAMPLE ? cases : SAMPLE;

		for (i = first; i < count; i += step)
			if (!run_case(shape, count == cases ? i : i * stride % cases))
				return false;
	}
	return true;
}

static bool run_shapes(void)
{
	uint64_t done = 0, total = 0;
	unsigned int shape;

	if (t_full() ? !t_split(run_cases, NULL) : !run_cases(NULL, 0, 1))
		return false;
	for (shape = 0; shape < nshapes; shape++) {
		uint64_t cases = count_cases(&shapes[shape]);

		done += t_full() || cases < SAMPLE ? cases : SAMPLE;
		total += cases;
	}
	printf("arm64: %u shapes, %" PRIu64 " of %" PRIu64 " cases agree\n",
	       nshapes, done, total);
	return true;
}

START_TEST(all_shapes)
{
	ck_assert(run_shapes());
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu arm64 enumeration");
	TCase *tc = tcase_create("enumeration");
	const char *one = getenv("MMSCOPE_CASE");
	unsigned int shape;
	uint64_t number;

	make_shapes();
	if (one && sscanf(one, "%u:%" SCNu64, &shape, &number) == 2 &&
	    shape < nshapes)
		return run_case(shape, number) ? EXIT_SUCCESS : EXIT_FAILURE;
	if (t_full())
		return run_shapes() ? EXIT_SUCCESS : EXIT_FAILURE;
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, all_shapes);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
