// SPDX-License-Identifier: GPL-2.0
/*
 * Software MMU: every class of table entries times every machine and access,
 * against a prediction made from what the entries were meant to be.
 *
 * An intent (this level is absent; that one is reserved; that one lets users
 * write) is turned into entries for the model and, apart from that, into the
 * expected answer. The prediction never looks at an entry, and decides rights
 * by a table of rules where the model uses conditions: the two can be wrong
 * together only by the same misreading of the manual.
 *
 * The cases have numbers. All are run if MMSCOPE_FULL=1 is in the environment,
 * else a sample spread evenly; MMSCOPE_CASE=<mode>:<number> runs one.
 */
#include <stdio.h>

#include "test_mmu_intent.h"

#define SAMPLE		UINT64_C(2500000)	/* cases per mode */
#define ROOTS		6			/* array by level, 1 to 5 */

enum class { ABSENT, BAD_ADDRESS, BAD_SHAPE, PRESENT };

struct intent {
	enum class class;
	bool w, u, x;
	uint64_t bad;		/* the reserved bits that were planted */
	uint64_t raw;
	uint64_t table;		/* where the table that holds it is */
};

/* One case: the intents, and what they were turned into. */
struct scene {
	struct intent level[ROOTS];
	int root, leaf;
	unsigned int facts;
	const struct mmu_access *access;
	bool accessed, dirty;
	bool tables_accessed;	/* A of all entries above the leaf */
	struct mmu_regs regs;
	uint64_t va, pa, random;
	unsigned int key, cache;
	bool global, pge;
	/* the reader's place, and whether it was asked for something else */
	int next;
	bool strayed;
};

static uint64_t next_random(struct scene *s)
{
	return random_of(&s->random);
}

/* How many bytes an entry of a level covers, as log2. */
static const unsigned int reach[ROOTS] = { 0, 12, 21, 30, 39, 48 };

/* Entries that can be malformed other than by address or NX. */
static bool has_shape(int level, int leaf)
{
	return level >= 4 || (level == leaf && level > 1);
}

static uint64_t classes(int root, int leaf)
{
	uint64_t n = 1;
	int level;

	for (level = root; level >= leaf; level--)
		n *= has_shape(level, leaf) ? 11 : 10;
	return n;
}

/* Registers and accesses: 7 switches, PKRU, AC, A of tables and leaf, D. */
#define MACHINES	(UINT64_C(128) * 4 * 2 * 8 * N_ACCESSES)

static uint64_t count_cases(int root)
{
	return (classes(root, 1) + classes(root, 2) + classes(root, 3)) *
	       MACHINES;
}

static void take_classes(struct scene *s, uint64_t number)
{
	int level;

	for (level = s->root; level >= s->leaf; level--) {
		struct intent *in = &s->level[level];
		bool shape = has_shape(level, s->leaf);
		unsigned int d = digit(&number, shape ? 11 : 10);
		uint64_t any = next_random(s);

		*in = (struct intent){ .class = PRESENT };
		if (d == 0)
			in->class = ABSENT;
		else if (d == 1)
			in->class = BAD_ADDRESS;
		else if (d == 10)
			in->class = BAD_SHAPE;
		else
			any = d - 2;
		in->w = any & 1;
		in->u = any & 2;
		in->x = any & 4;
	}
}

/* Splits the number of a case into its choices. */
static void choose(struct scene *s, int root, uint64_t number)
{
	static const unsigned int switches[] = { WP, NXE, SMEP, SMAP, PKE, PKS };
	unsigned int i, d;

	*s = (struct scene){ .root = root, .random = number * 8 +
			     (unsigned int)root };
	d = digit(&number, N_ACCESSES);
	s->access = &accesses[d];
	s->facts = access_facts[d];
	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		s->facts |= digit(&number, 2) ? switches[i] : 0;
	s->pge = digit(&number, 2);
	s->facts |= digit(&number, 4) * AD;
	s->facts |= digit(&number, 2) ? AC : 0;
	d = digit(&number, 8);
	s->accessed = d & 1;
	s->dirty = d & 2;
	s->tables_accessed = d & 4;
	/* What the keys of supervisor pages forbid is not enumerated, only mixed in. */
	s->facts |= (unsigned int)(next_random(s) & 3) * SAD;

	for (s->leaf = 1; number >= classes(root, s->leaf); s->leaf++)
		number -= classes(root, s->leaf);
	take_classes(s, number);
}

static void set_registers(struct scene *s)
{
	static const unsigned int widths[] = { 36, 39, 40, 46, 48, 51 };
	uint64_t r = next_random(s);
	unsigned int f = s->facts;
	struct mmu_regs *regs = &s->regs;

	s->key = r & 15;
	*regs = t_regs(s->root == 5 ? MMU_MODE_X86_5LEVEL :
			MMU_MODE_X86_4LEVEL);
	regs->maxphyaddr = widths[(r >> 8) % 6];
	regs->page1gb = s->leaf == 3 || (r & 0x10);
	regs->upper_g_reserved = r & 0x20;
	if (!(f & WP))
		regs->cr0 &= ~(uint64_t)T_CR0_WP;
	if (!(f & NXE))
		regs->efer &= ~(uint64_t)T_EFER_NXE;
	if (!s->pge)
		regs->cr4 &= ~(uint64_t)T_CR4_PGE;
	regs->cr4 |= (f & SMEP ? T_CR4_SMEP : 0) | (f & SMAP ? T_CR4_SMAP : 0) |
		     (f & PKE ? T_CR4_PKE : 0) | (f & PKS ? T_CR4_PKS : 0);
	regs->rflags = f & AC ? T_AC | 2 : 2;
	/* The other keys say the opposite. */
	regs->pkru = (f & AD ? 0 : 0x55555555u) | (f & WD ? 0 : 0xaaaaaaaau);
	regs->pkru ^= 3u << (2 * s->key);
	regs->pkrs = (f & SAD ? 0 : 0x55555555u) | (f & SWD ? 0 : 0xaaaaaaaau);
	regs->pkrs ^= 3u << (2 * s->key);
}

/* Plants reserved bits of the kind that the intent asks for. */
static void spoil(struct scene *s, int level, uint64_t r)
{
	struct intent *in = &s->level[level];
	unsigned int m = s->regs.maxphyaddr;

	if (in->class == BAD_ADDRESS)
		in->bad = UINT64_C(1) << (m + r % (52 - m));
	if (in->class == BAD_SHAPE && level >= 4)
		in->bad = s->regs.upper_g_reserved && (r & 1) ? T_G : T_PS;
	if (in->class == BAD_SHAPE && level == 3 && (r & 1)) {
		s->regs.page1gb = false;
		in->bad = T_PS;
	} else if (in->class == BAD_SHAPE && level < 4) {
		in->bad = UINT64_C(1) << (13 + r % (reach[level] - 13));
	}
	in->raw |= in->bad;
	if (!in->x && !(s->facts & NXE))
		in->bad |= T_NX;
}

static bool accessed(const struct scene *s, int level)
{
	return level == s->leaf ? s->accessed : s->tables_accessed;
}

static void write_entry(struct scene *s, int level, uint64_t frame)
{
	struct intent *in = &s->level[level];
	uint64_t r = next_random(s);
	/* What a present entry ignores, whatever it is for. */
	uint64_t free = r & (ones(9, 12) | ones(52, 63));

	if (in->class == ABSENT) {
		in->raw = r & ~UINT64_C(1);
		return;
	}
	in->raw = T_P | frame | free | (in->w ? T_RW : 0) |
		  (in->u ? T_US : 0) | (in->x ? 0 : T_NX) |
		  (accessed(s, level) ? T_A : 0);
	if (level != s->leaf) {
		in->raw |= r & (T_PWT | T_PCD | T_D);
		if (level < 4 || !s->regs.upper_g_reserved)
			in->raw |= r & T_G;
	} else {
		in->raw &= ~ones(59, 63);
		in->raw |= (uint64_t)s->key << 59;
		in->raw |= (s->cache & 1 ? T_PWT : 0) |
			   (s->cache & 2 ? T_PCD : 0) |
			   (s->global ? T_G : 0) | (s->dirty ? T_D : 0);
		if (s->cache & 4)
			in->raw |= level == 1 ? T_PAT : T_PATL;
		if (level > 1)
			in->raw |= T_PS;
	}
	spoil(s, level, next_random(s));
}

static void build(struct scene *s)
{
	uint64_t r = next_random(s), top = ones(0, reach[s->root] + 9);
	uint64_t frames = ones(12, s->regs.maxphyaddr), next;
	int level;

	s->cache = r & 7;
	s->global = r & 8;
	s->va = next_random(s) & top;
	if (s->va & (top ^ top >> 1))
		s->va |= ~top;
	s->pa = next_random(s) & frames & ~ones(0, reach[s->leaf]);
	next = s->pa;
	s->pa |= s->va & ones(0, reach[s->leaf]);
	for (level = s->leaf; level <= s->root; level++) {
		write_entry(s, level, next);
		next = next_random(s) & frames;
		s->level[level].table = next;
	}
	s->regs.cr3 = next | (r >> 16 & 0xfff);
	s->next = s->root;
}

/* Nothing exists but the entry that the walk has to read next. */
static int scene_read(void *ctx, uint64_t pa, uint64_t *value)
{
	struct scene *s = ctx;
	struct intent *in = &s->level[s->next];

	if (s->next < s->leaf || pa != in->table +
	    (s->va >> reach[s->next]) % 512 * 8) {
		s->strayed = true;
		return -ENXIO;
	}
	*value = in->raw;
	s->next--;
	return 0;
}

/* The expected answer. */
struct want {
	enum mmu_status status;
	uint32_t code, denied;
	uint64_t bad;
	int last;		/* level of the last entry read */
	bool walked;
};

static struct want predict(const struct scene *s)
{
	struct want want = { .status = MMU_FAULT_PF, .walked = true };
	unsigned int facts = s->facts | PAGE_U | PAGE_W | PAGE_X;

	want.code = code_of_access(facts);
	for (want.last = s->root; want.last >= s->leaf; want.last--) {
		const struct intent *in = &s->level[want.last];

		want.bad = in->bad;
		want.walked = in->class != ABSENT && !in->bad;
		if (!want.walked) {
			want.code |= in->bad ? 9 : 0;
			return want;
		}
		facts &= ~((in->u ? 0u : PAGE_U) | (in->w ? 0u : PAGE_W) |
			   (in->x ? 0u : PAGE_X));
	}
	want.last = s->leaf;
	want.denied = why_refused(facts);
	if (want.denied) {
		want.code |= want.denied & MMU_DENY_PKEY ? 33 : 1;
	} else {
		want.status = MMU_OK;
		want.code = 0;
	}
	return want;
}

static bool same_page(const struct scene *s, const struct mmu_result *res)
{
	bool w = true, u = true, x = true;
	int level;

	for (level = s->leaf; level <= s->root; level++) {
		w = w && s->level[level].w;
		u = u && s->level[level].u;
		x = x && s->level[level].x;
	}
	return res->pa == s->pa && res->page_shift == reach[s->leaf] &&
	       res->readable && res->writable == w && res->user == u &&
	       res->executable == x &&
	       res->global == (s->global && s->pge) &&
	       res->pkey == (s->facts & (PKE | PKS) ? s->key : 0) &&
	       res->pat_index == s->cache &&
	       res->memtype == linux_pat[s->cache] && !res->reserved_bits;
}

/* A and D: what the entries must and may become. */
static bool same_updates(const struct scene *s, const struct want *want,
			 const struct mmu_result *res)
{
	bool ok = want->status == MMU_OK;
	unsigned int i;

	for (i = 0; i < res->nsteps; i++) {
		const struct mmu_step *step = &res->steps[i];
		int level = s->root - (int)i;
		bool used = level > want->last || want->walked;
		uint64_t may = used && !accessed(s, level) ? T_A : 0;

		if (ok && level == s->leaf && !s->dirty &&
		    (s->facts & WRITE))
			may |= T_D;
		if (step->level != level || step->raw != s->level[level].raw ||
		    step->may_set != may || step->must_set != (ok ? may : 0))
			return false;
	}
	return true;
}

static bool agrees(struct scene *s, struct mmu_result *res)
{
	struct mmu_mem mem = { .read = scene_read, .ctx = s };
	struct want want = predict(s);

	mmu_translate(&s->regs, &mem, s->va, s->access, res);
	return !s->strayed && s->next == want.last - 1 &&
	       res->nsteps == (unsigned int)(s->root - want.last + 1) &&
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
		PRIx64 " maxphyaddr %u\n", s->root, number, s->leaf, s->facts,
		s->va, s->regs.maxphyaddr);
	for (level = s->root; level >= s->leaf; level--)
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

static bool run_case(int root, uint64_t number)
{
	struct mmu_result res;
	struct scene s;

	choose(&s, root, number);
	set_registers(&s);
	build(&s);
	if (agrees(&s, &res))
		return true;
	report(&s, number, &res);
	return false;
}

/* Every @step-th of @count cases from @first on. */
static bool run_cases(int root, uint64_t first, uint64_t step, uint64_t count,
		      uint64_t stride)
{
	uint64_t total = count_cases(root), i;

	for (i = first; i < count; i += step)
		if (!run_case(root, i * stride % total))
			return false;
	return true;
}

static bool all_cases(const void *ctx, uint64_t first, uint64_t step)
{
	int root = *(const int *)ctx;

	return run_cases(root, first, step, count_cases(root), 1);
}

static bool run_mode(int root)
{
	uint64_t total = count_cases(root), count = SAMPLE;
	/* A prime that divides no total: the sample visits no case twice. */
	uint64_t stride = UINT64_C(4294967291);

	if (t_full())
		count = total;
	if (t_full() ? !t_split(all_cases, &root) : !run_cases(root, 0, 1, count, stride))
		return false;
	printf("%d-level: %" PRIu64 " of %" PRIu64 " cases agree\n", root, count,
	       total);
	return true;
}

START_TEST(four_levels)
{
	ck_assert(run_mode(4));
}
END_TEST

START_TEST(five_levels)
{
	ck_assert(run_mode(5));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu enumeration");
	TCase *tc = tcase_create("enumeration");
	const char *one = getenv("MMSCOPE_CASE");
	uint64_t number;
	int root;

	if (one && sscanf(one, "%d:%" SCNu64, &root, &number) == 2 &&
	    (root == 4 || root == 5))
		return run_case(root, number) ? EXIT_SUCCESS : EXIT_FAILURE;
	if (t_full())
		return run_mode(4) && run_mode(5) ? EXIT_SUCCESS : EXIT_FAILURE;
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, four_levels);
	tcase_add_test(tc, five_levels);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
