// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a trace. The tables lie in memory; the model of the caches wants to hear
 * of each entry as of an event. So each entry on the way of an address that the
 * trace accesses is told to it when the table that holds it is first led to.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/tlbtrace.h"
#include "model/vec.h"
#include "util/parse.h"
#include "util/text.h"

#define LINE_MAX_BYTES	256
#define MAX_LINES	4096u
#define PAGE_MASK	0xfffULL

/*
 * Pages that are not in memory, one for each level, whose entries all lead down
 * to the table in question: so an entry of any table is decoded by mmu_walk().
 */
#define FAKE		(1ULL << 51)
#define FAKE_ENTRY	7u

/* Present, and for all accesses of the kernel: registers as Linux has them. */
#define CR0_LINUX	0x80050033u
#define CR4_LINUX	0xa0u
#define CR4_LA57	0x1000u
#define EFER_LINUX	0xd01u
#define PA_BITS		52u

#define ENTRY_W		(1ULL << 1)
#define ENTRY_U		(1ULL << 2)
#define ENTRY_G		(1ULL << 8)
#define ENTRY_NX	(1ULL << 63)

/* A page size that no array of a TLB has: what is not mapped is not taken in. */
#define NO_PAGE_SHIFT	50u

enum what { DO_OP, DO_ACCESS, DO_POKE };

/* struct line - one line, understood */
struct line {
	unsigned int number;
	enum what what;
	char *text;
	struct mmu_tlb_op op;		/* also: cpu, va */
	uint64_t root;			/* SWITCH */
	uint64_t pa, value;		/* POKE */
	bool sets_pge, sets_pcide;	/* CR4 */
};

struct table {
	uint64_t pa;
	int level;
};

struct place {
	uint32_t table;
	unsigned int index;
};

struct word {
	uint64_t pa, value;
};

/* struct cpu - what the simulator and CR4 know of one processor */
struct cpu {
	struct mmu_tlb_sim sim;
	bool pge, pcide;
};

struct mms_tlb_trace {
	const struct mmu_mem *mem;
	struct mmu_regs regs;
	int levels;
	uint64_t lead_to;		/* by the fake pages */
	int lead_level;
	struct line *lines;
	size_t nlines, cap_lines, at;
	struct table *tables;
	size_t ntables, cap_tables;
	struct place *places;		/* entries that were told */
	size_t nplaces, cap_places;
	struct word *words;		/* written by the trace */
	size_t nwords, cap_words;
	struct mmu_tlb_op *ops;
	size_t nops, cap_ops;
	struct cpu cpus[MMS_TRACE_CPUS];
	struct mmu_tlb_cached *room;
	struct mms_tlb_sums sums;
	bool no_memory;
};

#define ROOM	4096u

/* --- entries --- */

static int read_word(void *ctx, uint64_t pa, uint64_t *value)
{
	struct mms_tlb_trace *t = ctx;
	int level = (int)((pa - FAKE) >> 12);
	size_t i;

	if (pa >= FAKE && level <= t->levels) {
		*value = (level - 1 == t->lead_level ? t->lead_to : FAKE + ((uint64_t)(level - 1) << 12)) | FAKE_ENTRY;
		return 0;
	}
	for (i = t->nwords; i-- > 0;)
		if (t->words[i].pa == pa) {
			*value = t->words[i].value;
			return 0;
		}
	return t->mem->read(t->mem->ctx, pa, value);
}

static uint32_t number_of(struct mms_tlb_trace *t, uint64_t pa, int level)
{
	size_t i;

	for (i = 0; i < t->ntables; i++)
		if (t->tables[i].pa == pa && t->tables[i].level == level)
			return (uint32_t)i + 1;
	if (mms_vec_grow(&t->tables, &t->cap_tables, t->ntables, sizeof(*t->tables))) {
		t->no_memory = true;
		return 1;
	}
	t->tables[t->ntables++] = (struct table){ .pa = pa, .level = level };
	return (uint32_t)t->ntables;
}

static void push(struct mms_tlb_trace *t, const struct mmu_tlb_op *op)
{
	if (mms_vec_grow(&t->ops, &t->cap_ops, t->nops, sizeof(*t->ops)))
		t->no_memory = true;
	else
		t->ops[t->nops++] = *op;
}

/*
 * What the entry of @table at @level that translates @va says, for the model of
 * the caches; in @next the physical address of the table it leads to.
 */
static struct mmu_tlb_entry decode(struct mms_tlb_trace *t, uint64_t table, int level, uint64_t va, uint64_t *next)
{
	const struct mmu_mem mem = { .read = read_word, .ctx = t };
	unsigned int n = (unsigned int)(t->levels - level);
	struct mmu_tlb_entry e = { .kind = MMU_TLB_ABSENT };
	struct mmu_result res;
	uint64_t raw;

	t->lead_to = table;
	t->lead_level = level;
	t->regs.cr3 = level == t->levels ? table : FAKE + ((uint64_t)t->levels << 12);
	mmu_walk(&t->regs, &mem, va, &res);
	if (res.nsteps <= n)
		return e;
	raw = res.steps[n].raw;
	e.rights = (raw & ENTRY_W ? MMU_TLB_W : 0) | (raw & ENTRY_U ? MMU_TLB_U : 0) | (raw & ENTRY_NX ? 0 : MMU_TLB_X);
	if (res.steps[n].kind == MMU_STEP_LEAF) {
		e.kind = MMU_TLB_LEAF;
		e.target = res.pa & ~((UINT64_C(1) << res.page_shift) - 1);
		e.global = raw & ENTRY_G;
	} else if (res.steps[n].kind == MMU_STEP_TABLE && res.nsteps > n + 1) {
		e.kind = MMU_TLB_TABLE;
		*next = res.steps[n + 1].entry_pa & ~PAGE_MASK;
		e.target = number_of(t, *next, level - 1);
	}
	return e;
}

static bool is_told(const struct mms_tlb_trace *t, uint32_t table, unsigned int index)
{
	size_t i;

	for (i = 0; i < t->nplaces; i++)
		if (t->places[i].table == table && t->places[i].index == index)
			return true;
	return false;
}

static void tell(struct mms_tlb_trace *t, uint32_t table, unsigned int index, const struct mmu_tlb_entry *e)
{
	const struct mmu_tlb_op op = { .kind = MMU_TLB_WRITE, .table = table, .index = index, .entry = *e };

	push(t, &op);
	if (is_told(t, table, index))
		return;
	if (mms_vec_grow(&t->places, &t->cap_places, t->nplaces, sizeof(*t->places)))
		t->no_memory = true;
	else
		t->places[t->nplaces++] = (struct place){ .table = table, .index = index };
}

/* Tells of all entries on the way of @va from a table on; deepest first, as they are written. */
static void tell_from(struct mms_tlb_trace *t, uint64_t table, int level, uint64_t va)
{
	uint32_t number = number_of(t, table, level);
	unsigned int index = mmu_index(t->regs.mode, va, level);
	uint64_t next = 0;
	struct mmu_tlb_entry e = decode(t, table, level, va, &next);

	if (e.kind == MMU_TLB_TABLE && level > 1)
		tell_from(t, next, level - 1, va);
	if (!is_told(t, number, index))
		tell(t, number, index, &e);
}

/* For each address that is accessed anywhere in the trace. */
static void tell_all_from(struct mms_tlb_trace *t, uint64_t root)
{
	size_t i;

	for (i = 0; i < t->nlines && !t->no_memory; i++)
		if (t->lines[i].what == DO_ACCESS)
			tell_from(t, root, t->levels, t->lines[i].op.va);
}

/* A word of memory changes: in which tables is it an entry that was told? */
static void poke(struct mms_tlb_trace *t, const struct line *line)
{
	unsigned int index = (unsigned int)(line->pa & PAGE_MASK) / 8;
	size_t i, k, tables = t->ntables;

	if (mms_vec_grow(&t->words, &t->cap_words, t->nwords, sizeof(*t->words))) {
		t->no_memory = true;
		return;
	}
	t->words[t->nwords++] = (struct word){ .pa = line->pa, .value = line->value };
	for (i = 0; i < tables; i++) {
		struct table table = t->tables[i];

		if (table.pa != (line->pa & ~PAGE_MASK) || !is_told(t, (uint32_t)i + 1, index))
			continue;
		for (k = 0; k < t->nlines; k++) {
			uint64_t va = t->lines[k].op.va, next = 0;
			struct mmu_tlb_entry e;

			if (t->lines[k].what != DO_ACCESS || mmu_index(t->regs.mode, va, table.level) != index)
				continue;
			e = decode(t, table.pa, table.level, va, &next);
			if (e.kind == MMU_TLB_TABLE && table.level > 1)
				tell_from(t, next, table.level - 1, va);
			tell(t, (uint32_t)i + 1, index, &e);
		}
	}
}

/* --- steps --- */

static bool simulated(const struct mms_tlb_trace *t)
{
	return t->cpus[0].sim.narrays;
}

/* SDM 5.10.4.1, as mmu/tlb.c has it for its own processor. */
static void simulate(struct mms_tlb_trace *t, struct cpu *c, const struct line *line)
{
	struct mmu_tlb_op op = line->op;
	bool drops = true;

	if (!c->pcide) {
		op.asid = 0;
		op.keep = false;
	}
	if (op.kind == MMU_TLB_CR4) {
		drops = op.pge != c->pge || (c->pcide && !op.pcide);
		c->pge = op.pge;
		c->pcide = op.pcide;
	}
	if (simulated(t) && drops)
		mmu_tlb_apply(&c->sim, &op);
	if (op.kind == MMU_TLB_CR4 && !op.pcide)
		c->sim.asid = 0;
}

static void do_op(struct mms_tlb_trace *t, struct line *line)
{
	struct mmu_tlb_op *op = &line->op;
	unsigned int i;

	if (op->kind == MMU_TLB_CR4) {
		op->pge = line->sets_pge ? op->pge : t->cpus[op->cpu].pge;
		op->pcide = line->sets_pcide ? op->pcide : t->cpus[op->cpu].pcide;
	}
	if (op->kind == MMU_TLB_SWITCH) {
		tell_all_from(t, line->root);
		op->table = number_of(t, line->root, t->levels);
	}
	push(t, op);
	for (i = 0; i < MMS_TRACE_CPUS; i++)
		if (i == op->cpu || op->broadcast)
			simulate(t, &t->cpus[i], line);
}

static void simulate_access(struct mms_tlb_trace *t, struct mms_tlb_step *step)
{
	struct mmu_tlb_op fault = { .kind = MMU_TLB_PAGE_FAULT, .cpu = step->cpu, .va = step->va };
	struct mmu_tlb_sim *sim = &t->cpus[step->cpu].sim;
	struct mmu_tlb_cached page = { .shift = NO_PAGE_SHIFT };
	int i;

	for (i = 0; i < step->nanswers; i++)
		if (step->answers[i].fresh && step->answers[i].present)
			page = step->answers[i];
	step->hit = mmu_tlb_access(sim, step->va, &page);
	if (step->hit)
		t->sums.hits[step->hit]++;
	else
		t->sums.misses++;
	if (step->hit || page.present)
		return;
	step->fault = true;
	t->sums.faults++;
	push(t, &fault);
	mmu_tlb_apply(sim, &fault);
}

static int do_access(struct mms_tlb_trace *t, const struct line *line, struct mms_tlb_step *step, struct mms_err *err)
{
	const struct mmu_tlb_trace trace = {
		.ops = t->ops, .count = t->nops, .levels = t->levels, .index_bits = 9, .page_shift = 12,
	};
	int n = mmu_tlb_allowed(&trace, step->cpu, step->va, t->room, ROOM);

	if (n == -EINVAL)
		return mms_err_set(err, n, "line %u: an access by cpu%u, which has no page tables yet: say 'cr3 ADDRESS' first",
				   line->number, step->cpu);
	if (n > (int)MMS_TRACE_ANSWERS)
		n = -ENOSPC;
	if (n < 0)
		return mms_err_set(err, n, "line %u: more than %u answers are allowed here; shorten the trace",
				   line->number, MMS_TRACE_ANSWERS);
	step->nanswers = n;
	memcpy(step->answers, t->room, (size_t)n * sizeof(*t->room));
	t->sums.accesses++;
	t->sums.stale += n > 1;
	if (simulated(t))
		simulate_access(t, step);
	return 1;
}

int mms_tlb_trace_next(struct mms_tlb_trace *t, struct mms_tlb_step *step, struct mms_err *err)
{
	struct line *line = &t->lines[t->at];
	int rc = 1;

	if (t->at == t->nlines)
		return 0;
	t->at++;
	step->line = line->number;
	step->cpu = line->op.cpu;
	step->text = line->text;
	step->access = line->what == DO_ACCESS;
	step->va = line->op.va;
	step->hit = -1;
	step->fault = false;
	step->nanswers = 0;
	if (line->what == DO_OP)
		do_op(t, line);
	else if (line->what == DO_POKE)
		poke(t, line);
	else
		rc = do_access(t, line, step, err);
	return t->no_memory ? mms_err_set(err, -ENOMEM, "out of memory") : rc;
}

void mms_tlb_trace_sums(const struct mms_tlb_trace *t, struct mms_tlb_sums *sums)
{
	static const unsigned int shifts[] = { 12, 21, 30 };
	int level, i;

	*sums = t->sums;
	sums->simulated = simulated(t);
	for (level = 1; level <= 2; level++)
		for (i = 0; i < 3; i++)
			sums->reach[level][i] = mmu_tlb_reach(&t->cpus[0].sim, level, shifts[i]);
}

/* --- lines --- */

/* The next word of a line, ended by a NUL; NULL if there is none. */
static char *next_word(char **p)
{
	char *word = *p + strspn(*p, " \t");

	if (!*word)
		return NULL;
	*p = word + strcspn(word, " \t");
	if (**p)
		*(*p)++ = '\0';
	return word;
}

static int number(char **p, unsigned int base, uint64_t max, const char *what, uint64_t *value, struct mms_err *err)
{
	const char *word = next_word(p), *at = word;
	char shown[64];

	if (!word)
		return mms_err_set(err, -EINVAL, "%s is missing", what);
	if (base == 16 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
		at += 2;
	if (!mms_scan_u64(&at, base, value) || *at || *value > max)
		return mms_err_set(err, -EINVAL, "'%s' is no %s (%s, at most %#" PRIx64 ")",
				   mms_neutral(word, shown, sizeof(shown)), what, base == 16 ? "hexadecimal" : "decimal", max);
	return 0;
}

static int address(const struct mms_tlb_trace *t, char **p, uint64_t *va, struct mms_err *err)
{
	int rc = number(p, 16, UINT64_MAX, "address", va, err);

	if (!rc && !mmu_is_canonical(t->regs.mode, *va))
		return mms_err_set(err, -EINVAL, "%#" PRIx64 " is not canonical in %s mode", *va,
				   mmu_mode_name(t->regs.mode));
	return rc;
}

/* "cr3 ROOT [pcid=N] [keep]" */
static int take_cr3(struct line *l, char **p, struct mms_err *err)
{
	int rc = number(p, 16, FAKE - 1, "root", &l->root, err);
	char *word, shown[64];

	l->op.kind = MMU_TLB_SWITCH;
	l->root &= ~PAGE_MASK;
	while (!rc && (word = next_word(p))) {
		uint64_t pcid;

		if (!strcmp(word, "keep")) {
			l->op.keep = true;
		} else if (!strncmp(word, "pcid=", 5)) {
			word += 5;
			rc = number(&word, 10, 4095, "PCID", &pcid, err);
			l->op.asid = rc ? 0 : (unsigned int)pcid;
		} else {
			rc = mms_err_set(err, -EINVAL, "'%s' is not known after cr3; pcid=N and keep are",
					 mms_neutral(word, shown, sizeof(shown)));
		}
	}
	return rc;
}

/* "cr4 [pge=0|1] [pcide=0|1]" */
static int take_cr4(struct line *l, char **p, struct mms_err *err)
{
	char *word;

	l->op.kind = MMU_TLB_CR4;
	while ((word = next_word(p))) {
		bool on = word[strlen(word) - 1] == '1';

		if (!strcmp(word, "pge=0") || !strcmp(word, "pge=1")) {
			l->op.pge = on;
			l->sets_pge = true;
		} else if (!strcmp(word, "pcide=0") || !strcmp(word, "pcide=1")) {
			l->op.pcide = on;
			l->sets_pcide = true;
		} else {
			return mms_err_set(err, -EINVAL, "cr4 wants pge=0, pge=1, pcide=0 or pcide=1");
		}
	}
	return l->sets_pge || l->sets_pcide ? 0 : mms_err_set(err, -EINVAL, "cr4 wants pge=0, pge=1, pcide=0 or pcide=1");
}

/* "invpcid address ADDR PCID", "context PCID", "all", "all-but-global" */
static int take_invpcid(const struct mms_tlb_trace *t, struct line *l, char **p, struct mms_err *err)
{
	const char *type = next_word(p);
	uint64_t pcid = 0;
	int rc = 0;

	if (type && !strcmp(type, "all")) {
		l->op.kind = MMU_TLB_INVPCID_ALL;
		return 0;
	}
	if (type && !strcmp(type, "all-but-global")) {
		l->op.kind = MMU_TLB_INVPCID_ALL_BUT_GLOBAL;
		return 0;
	}
	if (type && !strcmp(type, "address")) {
		l->op.kind = MMU_TLB_INVPCID_ADDRESS;
		rc = address(t, p, &l->op.va, err);
	} else if (type && !strcmp(type, "context")) {
		l->op.kind = MMU_TLB_INVPCID_CONTEXT;
	} else {
		return mms_err_set(err, -EINVAL, "invpcid wants address, context, all or all-but-global");
	}
	if (!rc)
		rc = number(p, 10, 4095, "PCID", &pcid, err);
	l->op.asid = (unsigned int)pcid;
	return rc;
}

/* "write PA VALUE" */
static int take_write(struct line *l, char **p, struct mms_err *err)
{
	int rc = number(p, 16, FAKE - 8, "physical address", &l->pa, err);

	l->what = DO_POKE;
	if (!rc && (l->pa & 7))
		return mms_err_set(err, -EINVAL, "%#" PRIx64 " is no multiple of 8", l->pa);
	return rc ? rc : number(p, 16, UINT64_MAX, "value", &l->value, err);
}

static bool page_sizes(const char *word, uint64_t *shifts)
{
	*shifts = 0;
	while (*word) {
		size_t n = strcspn(word, ",");

		if (n != 2 || (word[1] != 'K' && word[1] != 'M' && word[1] != 'G'))
			return false;
		*shifts |= !strncmp(word, "4K", 2) ? 1u << 12 : !strncmp(word, "2M", 2) ? 1u << 21 :
			   !strncmp(word, "1G", 2) ? 1u << 30 : 1;
		word += n + (word[n] == ',');
	}
	return *shifts && !(*shifts & 1);
}

/* "tlb LEVEL SIZES SETS WAYS": of all processors */
static int take_tlb(struct mms_tlb_trace *t, char **p, struct mms_err *err)
{
	uint64_t level = 0, sets = 0, ways = 0, shifts = 0;
	struct mmu_tlb_sim *first = &t->cpus[0].sim;
	const char *sizes;
	unsigned int i;
	int rc;

	if (t->nlines || first->narrays == MMU_TLB_ARRAYS)
		return mms_err_set(err, -EINVAL, "tlb lines, %d at most, come before everything else", MMU_TLB_ARRAYS);
	rc = number(p, 10, 2, "level", &level, err);
	sizes = rc ? NULL : next_word(p);
	if (!rc && (!sizes || !page_sizes(sizes, &shifts)))
		return mms_err_set(err, -EINVAL, "tlb wants the page sizes it holds: 4K, 2M, 1G or some with ',' between");
	if (!rc)
		rc = number(p, 10, 65536, "number of sets", &sets, err);
	if (!rc)
		rc = number(p, 10, 65536, "number of ways", &ways, err);
	if (rc)
		return rc;
	if (!level || !ways || !sets || (sets & (sets - 1)) || sets * ways > 1 << 20)
		return mms_err_set(err, -EINVAL, "such a TLB cannot be: level 1 or 2, sets a power of two, 1048576 entries at most");
	for (i = 0; i < MMS_TRACE_CPUS; i++) {
		struct mmu_tlb_sim *sim = &t->cpus[i].sim;

		sim->arrays[sim->narrays++] = (struct mmu_tlb_array){
			.level = (int)level, .shifts = shifts, .sets = (unsigned int)sets, .ways = (unsigned int)ways,
		};
	}
	return 1;
}

/* Returns 0 for a step, 1 for a line that is none, -EINVAL. */
static int take_words(struct mms_tlb_trace *t, struct line *l, char *text, struct mms_err *err)
{
	char *p = text, *word = next_word(&p), shown[64];
	int rc;

	if (!strcmp(word, "tlb")) {
		rc = take_tlb(t, &p, err);
	} else if (!strcmp(word, "access")) {
		l->what = DO_ACCESS;
		rc = address(t, &p, &l->op.va, err);
	} else if (!strcmp(word, "invlpg") || !strcmp(word, "shootdown")) {
		l->op.kind = MMU_TLB_INVLPG;
		l->op.broadcast = word[0] == 's';
		rc = address(t, &p, &l->op.va, err);
	} else if (!strcmp(word, "cr3")) {
		rc = take_cr3(l, &p, err);
	} else if (!strcmp(word, "cr4")) {
		rc = take_cr4(l, &p, err);
	} else if (!strcmp(word, "invpcid")) {
		rc = take_invpcid(t, l, &p, err);
	} else if (!strcmp(word, "write")) {
		rc = take_write(l, &p, err);
	} else {
		return mms_err_set(err, -EINVAL, "'%s' is not known; access, cr3, cr4, invlpg, invpcid, shootdown, write and tlb are",
				   mms_neutral(word, shown, sizeof(shown)));
	}
	word = rc < 0 ? NULL : next_word(&p);
	if (word)
		return mms_err_set(err, -EINVAL, "'%s' is too much", mms_neutral(word, shown, sizeof(shown)));
	return rc;
}

static int take_line(struct mms_tlb_trace *t, unsigned int number, char *text, struct mms_err *err)
{
	struct line line = { .number = number };
	char *copy;
	size_t end;
	int rc;

	text[strcspn(text, "#\n\r")] = '\0';
	text += strspn(text, " \t");
	for (end = strlen(text); end && (text[end - 1] == ' ' || text[end - 1] == '\t'); end--)
		text[end - 1] = '\0';
	if (!*text)
		return 0;
	if (!strncmp(text, "cpu", 3) && text[3] >= '0' && text[3] < '0' + (int)MMS_TRACE_CPUS &&
	    (text[4] == ' ' || text[4] == '\t')) {
		line.op.cpu = (unsigned int)(text[3] - '0');
		text += 4 + strspn(text + 4, " \t");
	}
	if (t->nlines == MAX_LINES)
		return mms_err_set(err, -EINVAL, "a trace has at most %u steps", MAX_LINES);
	copy = strdup(text);
	rc = take_words(t, &line, text, err);
	if (!rc && (!copy || mms_vec_grow(&t->lines, &t->cap_lines, t->nlines, sizeof(*t->lines))))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (rc) {
		free(copy);
		return rc < 0 ? rc : 0;
	}
	line.text = copy;
	t->lines[t->nlines++] = line;
	return 0;
}

static int make_tlbs(struct mms_tlb_trace *t, struct mms_err *err)
{
	unsigned int i;

	for (i = 0; i < MMS_TRACE_CPUS && simulated(t); i++) {
		struct mmu_tlb_sim *sim = &t->cpus[i].sim;

		sim->slots = calloc(mmu_tlb_slots(sim), sizeof(*sim->slots));
		if (!sim->slots)
			return mms_err_set(err, -ENOMEM, "out of memory");
		mmu_tlb_reset(sim);
	}
	return 0;
}

static int read_lines(struct mms_tlb_trace *t, FILE *f, struct mms_err *err)
{
	char text[LINE_MAX_BYTES];
	unsigned int number = 0;
	struct mms_err why;
	int rc = 0;

	while (!rc && fgets(text, sizeof(text), f)) {
		number++;
		if (!strchr(text, '\n') && !feof(f))
			return mms_err_set(err, -EINVAL, "line %u: longer than %d characters", number, LINE_MAX_BYTES - 2);
		rc = take_line(t, number, text, &why);
		if (rc)
			mms_err_set(err, rc, "line %u: %s", number, why.text);
	}
	if (!rc && ferror(f))
		rc = mms_err_set(err, -EIO, "the trace could not be read");
	return rc;
}

int mms_tlb_trace_read(struct mms_tlb_trace **out, FILE *f, const struct mmu_mem *mem, enum mmu_mode mode,
		       struct mms_err *err)
{
	struct mms_tlb_trace *t = calloc(1, sizeof(*t));
	int rc;

	if (!t)
		return mms_err_set(err, -ENOMEM, "out of memory");
	t->mem = mem;
	t->levels = mmu_levels(mode);
	t->regs = (struct mmu_regs){
		.mode = mode, .cr0 = CR0_LINUX, .efer = EFER_LINUX, .maxphyaddr = PA_BITS, .page1gb = true,
		.cr4 = CR4_LINUX | (mode == MMU_MODE_X86_5LEVEL ? CR4_LA57 : 0),
	};
	t->room = calloc(ROOM, sizeof(*t->room));
	rc = t->room ? read_lines(t, f, err) : mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = make_tlbs(t, err);
	if (rc) {
		mms_tlb_trace_free(t);
		return rc;
	}
	*out = t;
	return 0;
}

void mms_tlb_trace_free(struct mms_tlb_trace *t)
{
	unsigned int i;
	size_t k;

	if (!t)
		return;
	for (k = 0; k < t->nlines; k++)
		free(t->lines[k].text);
	for (i = 0; i < MMS_TRACE_CPUS; i++)
		free(t->cpus[i].sim.slots);
	free(t->lines);
	free(t->tables);
	free(t->places);
	free(t->words);
	free(t->ops);
	free(t->room);
	free(t);
}
