// SPDX-License-Identifier: GPL-2.0
/*
 * Software MMU: the enumeration of test_mmu_enum.c for the modes outside
 * IA-32e: 32-bit paging and PAE.
 *
 * Again the entries are made from what they are meant to be, and the expected
 * answer from the same intent, without a look at the entries. PAE's PDPTEs go
 * through mmu_load_cr3() and are then taken out of the memory.
 *
 * All cases of 32-bit paging are run each time; those of PAE as there, by
 * MMSCOPE_FULL=1 or as a sample. MMSCOPE_CASE=<levels>:<number> runs one.
 */
#include <stdio.h>

#include "test_mmu_intent.h"

#define SAMPLE		UINT64_C(2500000)
#define BIT32		2		/* a mode is known by its levels */
#define PAE		3

enum class { ABSENT, TABLE, PAGE, BAD };

struct intent {
	enum class class;
	bool w, u, x;
	uint64_t bad;		/* the reserved bits that were planted */
	uint64_t raw;
	uint64_t at;
};

struct scene {
	struct intent level[4];	/* by level, 1 to 3 */
	int levels, leaf;	/* leaf: 0 if the way ends before one */
	unsigned int facts;
	const struct mmu_access *access;
	bool accessed, dirty, pse, pse36, ps_ignored;
	struct mmu_regs regs;
	uint64_t va, pa, random;
	unsigned int cache, width;
	bool global;
	/* the reader's place, and whether it was asked for something else */
	int next;
	bool loading, strayed;
};

static uint64_t next_random(struct scene *s)
{
	return random_of(&s->random);
}

static unsigned int reach(const struct scene *s, int level)
{
	static const unsigned int bit32[] = { 0, 12, 22 };
	static const unsigned int pae[] = { 0, 12, 21, 30 };

	return s->levels == PAE ? pae[level] : bit32[level];
}

static const unsigned int widths32[] = { 32, 36, 39, 40, 46 };
static const unsigned int widths_pae[] = { 32, 36, 40, 46, 51, 52 };

#define PDES32		10
#define PTES32		5
#define PDPTES_PAE	3
#define PDES_PAE	20
#define PTES_PAE	10

/* Accesses; WP, NXE, SMEP, SMAP, PKE; AC; A and D; PSE. */
#define MACHINES	(N_ACCESSES * UINT64_C(32) * 2 * 4 * 2)

static uint64_t count_cases(int levels)
{
	if (levels == PAE)
		return MACHINES * 6 * PDPTES_PAE * PDES_PAE * PTES_PAE;
	return MACHINES * 5 * 2 * PDES32 * PTES32;
}

static void grant(struct intent *in, enum class class, uint64_t rights)
{
	in->class = class;
	in->w = rights & 1;
	in->u = rights & 2;
	in->x = rights & 4;
}

/*
 * PDE: absent; 4 tables; 4 with PS; one with PS and a bit of 21:13, which is a
 * page with a reserved bit. What has PS is a table if CR4.PSE is clear.
 */
static void take_classes32(struct scene *s, uint64_t *number)
{
	unsigned int pde = digit(number, PDES32), pte = digit(number, PTES32);
	uint64_t any = next_random(s) | 4;
	struct intent *in = &s->level[2];

	if (pde == 0)
		grant(in, ABSENT, any);
	else if (pde < 5)
		grant(in, TABLE, (pde - 1) | 4);
	else if (pde < 9)
		grant(in, s->pse ? PAGE : TABLE, (pde - 5) | 4);
	else
		grant(in, s->pse ? BAD : TABLE, any);
	s->ps_ignored = pde >= 5 && !s->pse;
	s->leaf = in->class == TABLE ? 1 : 2;
	grant(&s->level[1], pte ? PAGE : ABSENT, pte ? (pte - 1) | 4 : any);
}

/* PDE: absent; a bad table; 8 tables; 8 pages; two kinds of bad page. */
static void take_classes_pae(struct scene *s, uint64_t *number)
{
	unsigned int pdpte = digit(number, PDPTES_PAE);
	unsigned int pde = digit(number, PDES_PAE);
	unsigned int pte = digit(number, PTES_PAE);
	uint64_t any = next_random(s), m = s->width;
	struct intent *in = &s->level[2];

	grant(&s->level[3], pdpte == 0 ? ABSENT : pdpte == 1 ? TABLE : BAD, 7);
	if (pdpte == 2)
		s->level[3].bad = any & 8 ? UINT64_C(1) << (m + any % (64 - m)) :
				  any & 16 ? UINT64_C(1) << (5 + any % 4) :
				  any & 32 ? T_RW : T_US;
	s->leaf = pde < 10 ? 1 : 2;
	if (pde == 0) {
		grant(in, ABSENT, any);
	} else if (pde == 1 || pde == 18) {
		grant(in, BAD, any);
		in->bad = UINT64_C(1) << (m + any % (63 - m));
	} else if (pde == 19) {
		grant(in, BAD, any);
		in->bad = UINT64_C(1) << (13 + any % 8);
	} else {
		grant(in, pde < 10 ? TABLE : PAGE, pde < 10 ? pde - 2 : pde - 10);
	}
	in = &s->level[1];
	grant(in, pte == 0 ? ABSENT : pte == 1 ? BAD : PAGE,
	      pte < 2 ? any : pte - 2);
	if (pte == 1)
		in->bad = UINT64_C(1) << (m + (any >> 8) % (63 - m));
}

/* Splits the number of a case into its choices. */
static void choose(struct scene *s, int levels, uint64_t number)
{
	static const unsigned int switches[] = { WP, NXE, SMEP, SMAP, PKE };
	unsigned int i, d;

	*s = (struct scene){ .levels = levels, .random = number * 8 +
			     (unsigned int)levels };
	d = digit(&number, N_ACCESSES);
	s->access = &accesses[d];
	s->facts = access_facts[d];
	for (i = 0; i < 5; i++)
		s->facts |= digit(&number, 2) ? switches[i] : 0;
	s->facts |= digit(&number, 2) ? AC : 0;
	d = digit(&number, 4);
	s->accessed = d & 1;
	s->dirty = d & 2;
	s->pse = digit(&number, 2);
	if (levels == PAE) {
		s->width = widths_pae[digit(&number, 6)];
		take_classes_pae(s, &number);
	} else {
		s->width = widths32[digit(&number, 5)];
		s->pse36 = digit(&number, 2);
		take_classes32(s, &number);
	}
}

static void set_registers(struct scene *s)
{
	uint64_t r = next_random(s);
	unsigned int f = s->facts;
	struct mmu_regs *regs = &s->regs;

	*regs = t_regs(s->levels == PAE ? MMU_MODE_X86_PAE :
		       MMU_MODE_X86_32BIT);
	regs->maxphyaddr = s->width;
	regs->pse36 = s->levels == PAE ? r & 1 : s->pse36;
	regs->page1gb = r & 2;
	regs->upper_g_reserved = r & 4;
	if (!(f & WP))
		regs->cr0 &= ~(uint64_t)T_CR0_WP;
	if (!(f & NXE))
		regs->efer &= ~(uint64_t)T_EFER_NXE;
	if (!s->pse)
		regs->cr4 &= ~(uint64_t)T_CR4_PSE;
	if (r & 8)
		regs->cr4 &= ~(uint64_t)T_CR4_PGE;
	regs->cr4 |= (f & SMEP ? T_CR4_SMEP : 0) | (f & SMAP ? T_CR4_SMAP : 0);
	/* Keys: switched on, they forbid everything, and yet mean nothing. */
	regs->cr4 |= f & PKE ? T_CR4_PKE | T_CR4_PKS : 0;
	regs->pkru = ~0u;
	regs->pkrs = ~0u;
	regs->rflags = f & AC ? T_AC | 2 : 2;
}

/* 32-bit paging has no NX and no NXE; neither mode has keys. */
static unsigned int known_facts(const struct scene *s)
{
	unsigned int facts = s->facts & ~(unsigned int)(PKE | PKS);

	return s->levels == PAE ? facts : facts & ~(unsigned int)NXE;
}

/* How many of the bits 20:13 of a 4M page are address. */
static unsigned int pse36_bits(const struct scene *s)
{
	if (!s->pse36)
		return 0;
	return s->width >= 40 ? 8 : s->width - 32;
}

static void write_leaf_bits(struct scene *s, struct intent *in, int level)
{
	in->raw |= (s->cache & 1 ? T_PWT : 0) | (s->cache & 2 ? T_PCD : 0) |
		   (s->global ? T_G : 0) | (s->dirty ? T_D : 0);
	if (s->cache & 4)
		in->raw |= level == 1 ? T_PAT : T_PATL;
	if (level > 1)
		in->raw |= T_PS;
}

/* @to: of the next table, or of the page */
static void write_entry(struct scene *s, int level, uint64_t to)
{
	struct intent *in = &s->level[level];
	uint64_t r = next_random(s);
	bool pae = s->levels == PAE;

	if (in->class == ABSENT) {
		in->raw = (pae ? r : r & 0xffffffff) & ~UINT64_C(1);
		return;
	}
	in->raw = T_P | to | (r & 0xe00) | (in->w ? T_RW : 0) |
		  (in->u ? T_US : 0) | (s->accessed ? T_A : 0);
	if (level == s->leaf)
		write_leaf_bits(s, in, level);
	else
		in->raw |= r & (T_PWT | T_PCD | T_D | T_G);
	if (s->ps_ignored && level == 2)
		in->raw |= T_PS;
	if (pae && !in->x)
		in->raw |= T_NX;
	if (!pae && in->class == BAD) {
		unsigned int from = 13 + pse36_bits(s);

		in->bad = UINT64_C(1) << (from + r % (22 - from));
	}
	in->raw |= in->bad;
	/* Without NXE a page or table that was to be NX is reserved. */
	if (pae && !in->x && !(s->facts & NXE)) {
		in->bad |= T_NX;
		in->class = BAD;
	}
}

/* The PDPTE has nothing but the address, the cache bits and 11:9. */
static void write_pdpte(struct scene *s, uint64_t to)
{
	struct intent *in = &s->level[3];
	uint64_t r = next_random(s);

	if (in->class == ABSENT)
		in->raw = r & ~UINT64_C(1);
	else
		in->raw = T_P | to | (r & (0xe00 | T_PWT | T_PCD)) | in->bad;
}

static uint64_t random_page(struct scene *s)
{
	unsigned int shift = reach(s, s->leaf), bits = s->width;

	if (s->levels == BIT32)
		bits = s->leaf == 1 ? 32 : 32 + pse36_bits(s);
	return next_random(s) & ones(shift, bits);
}

/* Where the page's address goes in a 4M page: what is above 4G to bit 13. */
static uint64_t page_address(const struct scene *s, uint64_t page)
{
	if (s->levels == PAE || s->leaf == 1)
		return page;
	return page % (UINT64_C(1) << 32) + (page >> 32) * 8192;
}

static void build(struct scene *s)
{
	uint64_t r = next_random(s), to, table;
	unsigned int index, size = s->levels == PAE ? 8 : 4;
	unsigned int bits = s->levels == PAE ? s->width : 32;
	int level;

	s->cache = r & 7;
	s->global = r & 8;
	s->va = next_random(s) & ones(0, 32);
	to = random_page(s);
	s->pa = to | (s->va & ones(0, reach(s, s->leaf)));
	to = page_address(s, to);
	for (level = s->leaf; level <= 2; level++) {
		write_entry(s, level, to);
		table = next_random(s) & ones(12, bits);
		/* Bits 21:13 can be anything where PS means nothing. */
		index = s->va >> reach(s, level) & (4096 / size - 1);
		s->level[level].at = table + index * size;
		to = table;
	}
	if (s->levels == BIT32) {
		s->regs.cr3 = to | (r >> 16 & 0xfff) | (r & ~ones(0, 32));
		return;
	}
	write_pdpte(s, to);
	to = next_random(s) & ones(5, 32);
	s->regs.cr3 = to | (r >> 16 & 31);
	s->level[3].at = to + (s->va >> 30) * 8;
}

/* Nothing exists but the entry that has to be read next. */
static int scene_read(void *ctx, uint64_t pa, uint64_t *value)
{
	struct scene *s = ctx;
	struct intent *in = &s->level[s->next];
	uint64_t pair;

	if (s->loading) {
		/* The other three PDPTEs: now absent, now present. */
		pair = next_random(s);
		*value = pa == in->at ? in->raw : pair & 1 ? 0x1001 : pair;
		return pa / 32 == in->at / 32 ? 0 : -ENXIO;
	}
	if (s->next < 1 || s->next < s->leaf || pa != (in->at & ~7ull)) {
		s->strayed = true;
		return -ENXIO;
	}
	*value = in->raw;
	if (s->levels == BIT32) {
		pair = next_random(s) & ones(0, 32);
		*value = in->at & 4 ? in->raw << 32 | pair :
			 pair << 32 | in->raw;
	}
	s->next--;
	return 0;
}

struct want {
	enum mmu_status status;
	uint32_t code, denied;
	uint64_t bad;
	int last;		/* level of the last entry */
	bool walked;
};

static struct want predict(const struct scene *s)
{
	struct want want = { .status = MMU_FAULT_PF };
	unsigned int facts = known_facts(s) | PAGE_U | PAGE_W | PAGE_X;

	want.code = code_of_access(facts);
	for (want.last = s->levels; want.last >= s->leaf; want.last--) {
		const struct intent *in = &s->level[want.last];

		if (in->class == BAD || in->class == ABSENT) {
			want.bad = in->class == BAD ? in->bad : 0;
			want.code |= in->class == BAD ? 9 : 0;
			return want;
		}
		facts &= ~((in->u ? 0u : PAGE_U) | (in->w ? 0u : PAGE_W) |
			   (in->x ? 0u : PAGE_X));
	}
	want.last = s->leaf;
	want.walked = true;
	want.denied = why_refused(facts);
	want.status = want.denied ? MMU_FAULT_PF : MMU_OK;
	want.code = want.denied ? want.code | 1 : 0;
	return want;
}

static bool same_page(const struct scene *s, const struct mmu_result *res)
{
	bool w = true, u = true, x = true;
	int level;

	for (level = s->leaf; level <= s->levels; level++) {
		w = w && s->level[level].w;
		u = u && s->level[level].u;
		x = x && s->level[level].x;
	}
	return res->pa == s->pa && res->page_shift == reach(s, s->leaf) &&
	       res->readable && res->writable == w && res->user == u &&
	       res->executable == x && !res->pkey && !res->reserved_bits &&
	       res->global == (s->global && (s->regs.cr4 & T_CR4_PGE)) &&
	       res->pat_index == s->cache && res->memtype == linux_pat[s->cache];
}

/* A and D: what the entries must and may become; a PDPTE has neither. */
static bool same_updates(const struct scene *s, const struct want *want,
			 const struct mmu_result *res)
{
	bool ok = want->status == MMU_OK;
	unsigned int i;

	for (i = 0; i < res->nsteps; i++) {
		const struct mmu_step *step = &res->steps[i];
		int level = s->levels - (int)i;
		bool used = level > want->last || want->walked;
		uint64_t may = used && level < 3 && !s->accessed ? T_A : 0;

		if (ok && level == s->leaf && !s->dirty && (s->facts & WRITE))
			may |= T_D;
		if (step->level != level || step->raw != s->level[level].raw ||
		    step->entry_pa != s->level[level].at ||
		    step->may_set != may || step->must_set != (ok ? may : 0))
			return false;
	}
	return true;
}

/* Loads CR3; true if the walk can go on, else *@right tells the verdict. */
static bool load(struct scene *s, const struct mmu_mem *mem, bool *right)
{
	const struct intent *in = &s->level[3];
	struct mmu_cr3_load load;
	struct mmu_result res;
	enum mmu_status status;

	s->next = 3;
	s->loading = true;
	status = mmu_load_cr3(&s->regs, mem, s->regs.cr3, &load);
	s->loading = false;
	if (in->class != BAD) {
		*right = status == MMU_OK;
		return *right;
	}
	*right = status == MMU_FAULT_GP && load.entry_pa == in->at &&
		 load.reserved_bits == in->bad && load.raw == in->raw &&
		 load.index == (int)(s->va >> 30) && !s->regs.pdpte[0] &&
		 !s->regs.pdpte[1] && !s->regs.pdpte[2] && !s->regs.pdpte[3];
	/* Nor can a processor hold it. */
	s->regs.pdpte[load.index & 3] = in->raw;
	*right = *right && mmu_translate(&s->regs, mem, s->va, s->access,
					 &res) == MMU_ERR_REGS && !s->strayed;
	return false;
}

static bool agrees(struct scene *s, struct mmu_result *res)
{
	struct mmu_mem mem = { .read = scene_read, .ctx = s };
	struct want want = predict(s);
	bool right;

	memset(res, 0, sizeof(*res));
	s->next = 2;
	if (s->levels == PAE) {
		if (!load(s, &mem, &right))
			return right;
		s->next = 2;
	}
	mmu_translate(&s->regs, &mem, s->va, s->access, res);
	return !s->strayed && s->next == (want.last > 2 ? 2 : want.last - 1) &&
	       res->nsteps == (unsigned int)(s->levels - want.last + 1) &&
	       res->status == want.status && res->error_code == want.code &&
	       res->denied == want.denied && res->reserved_bits == want.bad &&
	       (want.walked ? same_page(s, res) :
		res->fail_level == want.last && !res->pa) &&
	       same_updates(s, &want, res);
}

static void report(const struct scene *s, uint64_t number,
		   const struct mmu_result *res)
{
	struct want want = predict(s);
	int level;

	fprintf(stderr, "MMSCOPE_CASE=%d:%" PRIu64 " leaf %d facts %#x va %#"
		PRIx64 " maxphyaddr %u pse %d pse36 %d\n", s->levels, number,
		s->leaf, s->facts, s->va, s->width, s->pse, s->pse36);
	for (level = s->levels; level >= s->leaf; level--)
		fprintf(stderr, "  level %d class %d %c%c%c raw %#" PRIx64
			" bad %#" PRIx64 "\n", level, s->level[level].class,
			s->level[level].w ? 'w' : '-',
			s->level[level].u ? 'u' : '-',
			s->level[level].x ? 'x' : '-', s->level[level].raw,
			s->level[level].bad);
	fprintf(stderr, "  want status %d code %#x denied %#x last level %d\n",
		want.status, want.code, want.denied, want.last);
	fprintf(stderr, "  got  status %d code %#x denied %#x steps %u pa %#"
		PRIx64 " (%#" PRIx64 ")\n", res->status, res->error_code,
		res->denied, res->nsteps, res->pa, s->pa);
}

static bool run_case(int levels, uint64_t number)
{
	struct mmu_result res;
	struct scene s;

	choose(&s, levels, number);
	set_registers(&s);
	build(&s);
	if (agrees(&s, &res))
		return true;
	report(&s, number, &res);
	return false;
}

static bool run_mode(int levels)
{
	uint64_t total = count_cases(levels), count = SAMPLE, i;
	/* A prime that divides no total: the sample visits no case twice. */
	uint64_t stride = UINT64_C(4294967291);

	if (total < count || t_full())
		count = total;
	for (i = 0; i < count; i++)
		if (!run_case(levels, i * stride % total))
			return false;
	printf("%s: %" PRIu64 " of %" PRIu64 " cases agree\n",
	       levels == PAE ? "PAE" : "32-bit", i, total);
	return true;
}

START_TEST(bit32)
{
	ck_assert(run_mode(BIT32));
}
END_TEST

START_TEST(pae)
{
	ck_assert(run_mode(PAE));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu enumeration outside IA-32e");
	TCase *tc = tcase_create("enumeration");
	const char *one = getenv("MMSCOPE_CASE");
	uint64_t number;
	int levels;

	if (one && sscanf(one, "%d:%" SCNu64, &levels, &number) == 2 &&
	    (levels == BIT32 || levels == PAE))
		return run_case(levels, number) ? EXIT_SUCCESS : EXIT_FAILURE;
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, bit32);
	tcase_add_test(tc, pae);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
