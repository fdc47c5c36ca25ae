// SPDX-License-Identifier: GPL-2.0
/*
 * One access: what the model says of it, what the processor does, and whether the
 * two agree: the vector, the error code, CR2, the bytes that were read or written
 * (and so where they are), and every entry afterwards.
 */
#include "judge.h"

struct tally tally;
uint64_t machine_cr3;

extern const uint8_t kernel_snippets[], user_snippets[];

/* An outcome that the manual allows. */
struct outcome {
	uint32_t vector, error;
	uint64_t cr2;
	/* Where a descriptor's A bit is written, and how wide, the manual leaves open. */
	uint32_t range;
};

/* What the model says; @page: 1, or 2 if the access crosses into another. */
struct prediction {
	unsigned int pages, outcomes;
	struct mmu_result page[2];
	struct outcome outcome[2];
	uint64_t pdpte_set;	/* PAE: a quirk marks the PDPTE in memory */
	uint64_t early_a;	/* a quirk sets A in this entry; 0: none */
	uint32_t decoded;	/* a quirk runs what it has decoded before: the name; 0: none */
};

/* What happened. */
struct event {
	uint32_t vector, error, value;
	uint64_t cr2;
	uint64_t now[MAX_ENTRIES];
	uint64_t pdpte;
	uint64_t bytes;		/* what was there before */
	uint64_t place[2];	/* physical addresses, by the model */
	bool seen;		/* it does see one */
};

/* The access, in bytes and as the model has it. */
struct access {
	struct mmu_access how;
	uint64_t va;
	unsigned int size, first;	/* bytes; of these, in the first page */
	uint32_t value;			/* to be written */
	uint64_t cr2;			/* before */
	uint64_t pdpte;
};

static struct access access_of(const struct scene *s, const struct question *q)
{
	/* where in its 32 bytes the pattern has what this kind wants */
	static const uint8_t offsets[KINDS] = {
		[READ] = 0, [WRITE] = 24, [FETCH] = 8, [STACK_READ] = 24, [STACK_WRITE] = 0,
		[IMPLICIT_READ] = 16, [IMPLICIT_WRITE] = 16,
	};
	struct access a = { .va = s->va, .size = 4, .how.user = q->user };
	bool implicit = q->kind >= IMPLICIT_READ;

	a.how.kind = q->kind == FETCH ? MMU_FETCH : q->kind == WRITE || q->kind == STACK_WRITE ? MMU_WRITE : MMU_READ;
	a.how.implicit = implicit;
	a.how.stack = q->kind == STACK_READ || q->kind == STACK_WRITE;
	if (implicit)
		a.size = 8;
	if (q->kind == FETCH)
		a.size = 7;
	if (!s->crossing)
		a.va += offsets[q->kind];
	/* Code lies at one place of each page: emulators translate it, and remember that. */
	if (!s->crossing && q->kind == FETCH)
		a.va = (s->va & ~UINT64_C(0xfff)) + 8;
	a.first = 0x1000 - (unsigned int)(a.va & 0xfff);
	if (a.first > a.size)
		a.first = a.size;
	return a;
}

static void add_outcome(struct prediction *pr, const struct mmu_result *res, uint64_t va, uint32_t range)
{
	struct outcome *o = &pr->outcome[pr->outcomes++];

	switch (res->status) {
	case MMU_FAULT_PF:
		*o = (struct outcome){ 14, res->error_code, va, res->error_code & MMU_PF_W ? range : 0 };
		break;
	case MMU_FAULT_SS:
		*o = (struct outcome){ .vector = 12 };
		break;
	default:
		*o = (struct outcome){ .vector = 13 };
	}
}

/* Bochs: the key of any page counts, a supervisor's AD does not. */
static void bend_keys(const struct mmu_access *how, struct mmu_result *res)
{
	bool user = how->user && !how->implicit, write = how->kind == MMU_WRITE, denied = false;
	unsigned int key = (unsigned int)(res->steps[res->nsteps - 1].raw >> 59) & 15;
	uint64_t cr4 = regs.cr4;

	regs.cr4 &= ~(uint64_t)(CR4_PKE_BIT | CR4_PKS_BIT);
	mmu_check_access(&regs, how, res);
	regs.cr4 = cr4;
	if (res->walk != MMU_OK || how->kind == MMU_FETCH)
		return;
	if (cr4 & CR4_PKE_BIT)
		denied = (user && (regs.pkru >> (2 * key) & 1)) ||
			 (write && (regs.pkru >> (2 * key) & 2) && (user || (regs.cr0 & CR0_WP_BIT)));
	if ((cr4 & CR4_PKS_BIT) && !user)
		denied = denied || (regs.pkrs >> (2 * key) & 1) ||
			 (write && (regs.pkrs >> (2 * key) & 2) && (regs.cr0 & CR0_WP_BIT));
	if (!denied)
		return;
	res->status = MMU_FAULT_PF;
	res->error_code = MMU_PF_P | MMU_PF_PK | (write ? MMU_PF_W : 0) | (user ? MMU_PF_U : 0);
}

/* The PDPTE as a quirk has it: read from memory by each walk, few bits checked. */
static bool bad_pdpte(uint64_t va, struct prediction *pr, struct mmu_result *res)
{
	uint64_t value = *((uint64_t *)own_place(machine_cr3 & ~UINT64_C(31)) + (va >> 30));
	unsigned int slot = (unsigned int)(va >> 30);

	regs.cr3 = machine_cr3;
	regs.pdpte[slot] = value & (ONES(regs.maxphyaddr - 1, 12) | P);
	if (!(value & P))
		return false;
	if (!(value & (ONES(62, regs.maxphyaddr) | NX))) {
		pr->pdpte_set = A;
		return false;
	}
	/* where the model knows no such fault: as for another entry */
	res->walk = MMU_FAULT_PF;
	res->va = va;
	res->error_code = MMU_PF_P | MMU_PF_RSVD;
	res->nsteps = 0;
	return true;
}

/* The model's word on one page, bent by the quirks of @set */
static void ask_model(uint32_t set, const struct question *q, const struct mmu_access *how, uint64_t va,
		      struct prediction *pr, struct mmu_result *res)
{
	uint64_t cr4 = regs.cr4;
	unsigned int i;

	if (IN(set, QUIRK_IMPLICIT_AC) && how->implicit && q->ac && (!in_qemu || !q->user))
		regs.cr4 &= ~(uint64_t)CR4_SMAP_BIT;
	if (IN(set, QUIRK_PDPTE_MEMORY) && bad_pdpte(va, pr, res))
		mmu_check_access(&regs, how, res);
	else
		mmu_translate(&regs, IN(set, QUIRK_TABLE_4G) ? &low_memory : &memory, va, how, res);
	if (IN(set, QUIRK_TABLE_4G))
		for (i = 0; i < res->nsteps; i++)
			res->steps[i].entry_pa = (uint32_t)res->steps[i].entry_pa;
	if (IN(set, QUIRK_PKU) && res->walk == MMU_OK)
		bend_keys(how, res);
	if (res->status == MMU_OK && q->kind == IMPLICIT_WRITE) {
		struct mmu_access write = *how;

		/* the descriptor has been read; its A bit is to be set */
		write.kind = MMU_WRITE;
		mmu_check_access(&regs, &write, res);
		if (IN(set, QUIRK_PKU))
			bend_keys(&write, res);
	}
	regs.cr4 = cr4;
	if (res->status == MMU_FAULT_PF && (res->error_code & MMU_PF_RSVD)) {
		const struct mmu_step *last = &res->steps[res->nsteps ? res->nsteps - 1 : 0];

		if (IN(set, QUIRK_RSVD_P))
			res->error_code &= ~MMU_PF_P;
		if (IN(set, QUIRK_RSVD_A) && res->nsteps && last->level == 3 && (last->raw & PS))
			pr->early_a = last->entry_pa;
	}
	if (res->status == MMU_FAULT_SS && IN(set, QUIRK_NO_SS))
		res->status = MMU_FAULT_GP;
}

/*
 * Bochs keeps an instruction decoded under the physical address of its first byte:
 * what the one at the end of this frame was last.
 */
static uint32_t *decoded_at(const struct mmu_result *res)
{
	static uint32_t decoded[4096];
	const uint32_t *page = pattern_at(res->pa & ~UINT64_C(0xfff));

	return page ? &decoded[(*page & 0xff) | (*page >> 8 & 0xf00)] : NULL;
}

static void predict(uint32_t set, const struct question *q, const struct access *a, struct prediction *pr)
{
	unsigned int i;

	pr->pages = a->first < a->size ? 2 : 1;
	pr->outcomes = 0;
	pr->pdpte_set = 0;
	pr->early_a = 0;
	pr->decoded = 0;
	regs.rflags = q->ac ? AC_FLAG : 0;
	for (i = 0; i < pr->pages; i++) {
		uint64_t va = i ? (a->va | 0xfff) + 1 : a->va;

		ask_model(set, q, &a->how, va, pr, &pr->page[i]);
		if (pr->page[i].status != MMU_OK)
			add_outcome(pr, &pr->page[i], va, q->kind == IMPLICIT_WRITE ? 7 : 0);
	}
	if (IN(set, QUIRK_DECODED) && q->kind == FETCH && pr->pages == 2 && pr->page[0].status == MMU_OK &&
	    decoded_at(&pr->page[0])) {
		pr->decoded = *decoded_at(&pr->page[0]);
		/* The instruction after it is fetched from the second page: CR2 is its address. */
		if (pr->outcomes)
			pr->outcome[0].cr2 += 4;
	}
	if (!pr->outcomes)
		pr->outcome[pr->outcomes++] = (struct outcome){ .vector = VECTOR_DONE };
}

/*
 * The scene is as it was, but for A and D: the walk that was made is good for the
 * next access, with the entries as they are now. False: some are not the scene's.
 */
static bool walk_again(const struct scene *s, uint64_t va, struct mmu_result *res)
{
	unsigned int i, k;

	if ((res->va ^ va) >> 12)
		return false;
	for (i = is_pae(), k = 0; i < res->nsteps; i++, k++) {
		if (k >= s->n || res->steps[i].entry_pa != s->pa[k])
			return false;
		res->steps[i].raw = s->before[k];
	}
	res->va = va;
	if (res->walk == MMU_OK)
		res->pa = (res->pa & ~UINT64_C(0xfff)) | (va & 0xfff);
	return true;
}

/* The same page of the same scene as the last time, without quirks; or not. */
static void ask_again(struct scene *s, const struct question *q, const struct access *a, struct prediction *pr)
{
	struct mmu_result *res = &pr->page[0];

	if (!s->walked || pr->pages != 1 || a->first < a->size || q->kind >= IMPLICIT_READ ||
	    !walk_again(s, a->va, res)) {
		predict(0, q, a, pr);
		s->walked = true;
		return;
	}
	regs.rflags = q->ac ? AC_FLAG : 0;
	pr->outcomes = 0;
	mmu_check_access(&regs, &a->how, res);
	if (res->status != MMU_OK)
		add_outcome(pr, res, a->va, 0);
	else
		pr->outcome[pr->outcomes++] = (struct outcome){ .vector = VECTOR_DONE };
}

/* The same with registers as a quirk has them */
static void predict_quirks(uint32_t set, const struct question *q, const struct access *a, struct prediction *pr)
{
	struct mmu_regs saved = regs;

	if (IN(set, QUIRK_PS_1G))
		regs.page1gb = true;
	if (IN(set, QUIRK_PSE36)) {
		regs.pse36 = true;
		if (regs.maxphyaddr < 40)
			regs.maxphyaddr = 40;
	}
	predict(set, q, a, pr);
	regs = saved;
}

/* May this be tried, and can the answer be seen? */
static bool can_be_tried(const struct question *q, const struct access *a, const struct prediction *pr)
{
	bool writes = a->how.kind == MMU_WRITE || q->kind == IMPLICIT_WRITE;
	unsigned int i;

	for (i = 0; i < pr->pages; i++) {
		const struct mmu_result *res = &pr->page[i];
		enum place place;

		if (res->walk != MMU_OK && res->walk != MMU_ERR_MEMORY)
			continue;
		place = res->walk == MMU_OK ? place_of(res->pa) : PLACE_OURS;
		if (place == PLACE_OURS || place == PLACE_DEVICES) {
			tally.skipped_place++;
			return false;
		}
		if (place == PLACE_VOID && q->kind < IMPLICIT_READ && q->kind != FETCH)
			continue;
		if (writes && (!pattern_at(res->pa) || has_code(res->pa))) {
			tally.skipped_write++;
			return false;
		}
		if (q->kind == FETCH && (!pattern_at(res->pa) || !has_code(res->pa))) {
			tally.skipped_code++;
			return false;
		}
	}
	/* Code that crosses is at the last byte only; and has to lie where it was. */
	if (q->kind == FETCH && pr->page[0].walk == MMU_OK &&
	    (a->first < a->size ? a->first != 1 : (pr->page[0].pa & 0xfff) != 8)) {
		tally.skipped_code++;
		return false;
	}
	if (q->kind == IMPLICIT_WRITE && pr->page[0].walk == MMU_OK && (pr->page[0].pa & 31) != 16) {
		tally.skipped_code++;
		return false;
	}
	return true;
}

/* Byte @n of the access, by the model; NULL: memory that we cannot see */
static volatile uint8_t *byte_at(const struct access *a, const struct prediction *pr, unsigned int n)
{
	uint64_t pa = n < a->first ? pr->page[0].pa + n : pr->page[1].pa + (n - a->first);

	return own_place(pa);
}

static uint64_t gather(const struct access *a, const struct prediction *pr, bool *known)
{
	uint64_t value = 0;
	unsigned int i;

	*known = true;
	for (i = 0; i < a->size; i++) {
		volatile uint8_t *byte = byte_at(a, pr, i);

		if (byte)
			value |= (uint64_t)*byte << (8 * i);
		else if (place_of(pr->page[i >= a->first].pa) != PLACE_ZERO)
			*known = false;
	}
	return value;
}

static void scatter(const struct access *a, const struct prediction *pr, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < a->size; i++) {
		volatile uint8_t *byte = byte_at(a, pr, i);

		if (byte)
			*byte = (uint8_t)(value >> (8 * i));
	}
}

/* What LSL gives: the limit, if this is the data descriptor of the pattern. */
static uint32_t limit_of(uint64_t descriptor, bool *known)
{
	*known = *known && (descriptor >> 40 & 0xff) == 0xf2 && !(descriptor >> 52 & 15);
	return (uint32_t)((descriptor & 0xffff) | (descriptor >> 32 & 0xf0000));
}

/* The bytes of a fetch: MOV name to EAX; all of the name is in the last page. */
static bool fetched_right(const struct access *a, const struct prediction *pr, uint32_t value)
{
	const volatile uint8_t *byte = byte_at(a, pr, 1);
	uint32_t want = byte[0] | byte[1] << 8 | byte[2] << 16 | (uint32_t)byte[3] << 24;

	return value == want;
}

/* Does the model say, bent by quirks or not, where e->bytes is from? */
static bool knows_before(const struct prediction *pr, const struct event *e)
{
	return e->seen && pr->page[0].pa == e->place[0] && (pr->pages < 2 || pr->page[1].pa == e->place[1]);
}

/* Was what the model says read, or written? */
static bool data_right(const struct question *q, const struct access *a, const struct prediction *pr,
		       const struct event *e)
{
	bool known;
	uint64_t now;

	if (pr->decoded)
		return e->value == pr->decoded;
	if (q->kind == FETCH)
		return fetched_right(a, pr, e->value);
	now = gather(a, pr, &known);
	switch (q->kind) {
	case WRITE:
	case STACK_WRITE:
		return !known || now == a->value;
	case IMPLICIT_WRITE:
		return (now >> 40 & 0xff) == 0xf3 && (!knows_before(pr, e) || now == (e->bytes | UINT64_C(1) << 40));
	case IMPLICIT_READ:
		now = limit_of(now, &known);
		return !known || e->value == now;
	default:
		return !known || e->value == (uint32_t)now;
	}
}

/* Puts back what was written. */
static void undo(const struct question *q, const struct access *a, const struct prediction *pr, const struct event *e)
{
	unsigned int i;

	if (e->vector != VECTOR_DONE || (a->how.kind != MMU_WRITE && q->kind != IMPLICIT_WRITE))
		return;
	if (knows_before(pr, e)) {
		scatter(a, pr, e->bytes);
		return;
	}
	for (i = 0; i < pr->pages; i++)
		if (pr->page[i].walk == MMU_OK)
			restore_pattern(pr->page[i].pa);
}

static void perform(const struct scene *s, const struct question *q, struct access *a,
		    const struct prediction *pr, struct event *e)
{
	struct call call;
	unsigned int i;
	bool known;

	/* Even if it is to fail: a quirk may let it pass. */
	e->seen = pr->page[0].walk == MMU_OK && (pr->pages < 2 || pr->page[1].walk == MMU_OK);
	e->place[0] = pr->page[0].pa;
	e->place[1] = pr->pages > 1 ? pr->page[1].pa : 0;
	e->bytes = e->seen && q->kind != FETCH ? gather(a, pr, &known) : 0;
	a->value = (uint32_t)rnd();
	call.ip = q->kind == FETCH ? (uintptr_t)a->va :
		  (uintptr_t)(q->user ? user_snippets : kernel_snippets) + 16 * q->kind;
	call.flags = 2 | (q->ac ? AC_FLAG : 0);
	call.va = (uintptr_t)a->va;
	call.value = q->kind >= IMPLICIT_READ ? (s->crossing ? 7 : 0x17) : a->value;
	call.user = q->user;
	if (pr->outcome[0].vector < 14) {
		a->cr2 = 0x5a5a5000;
		set_cr2((uintptr_t)a->cr2);
	}
	go(&call);
	e->vector = trap_vector;
	e->error = trap_error;
	e->value = trap_value;
	e->cr2 = trap_cr2;
	for (i = 0; i < s->n; i++)
		e->now[i] = read_entry(s->at[i]);
}

/* May, and must, this entry be marked? By all pages and steps that use it. */
static void marks(const struct prediction *pr, bool done, uint64_t pa, uint64_t *may, uint64_t *must)
{
	unsigned int i, j;

	*may = 0;
	*must = 0;
	for (i = 0; i < pr->pages; i++) {
		const struct mmu_result *res = &pr->page[i];

		for (j = 0; j < res->nsteps; j++) {
			if (res->steps[j].entry_pa != pa)
				continue;
			*may |= res->steps[j].may_set;
			if (done)
				*must |= res->steps[j].must_set;
		}
	}
	if (pr->early_a == pa)
		*may |= A;
}

/*
 * The PDPTE is in a register; its memory must stay as it is, but for what a
 * quirk does to it, and unless it is an entry of this very walk as well: a page
 * directory may lie in the page of the PDPTEs.
 */
static bool pdpte_right(const struct access *a, const struct prediction *pr, const struct event *e)
{
	uint64_t may, must;

	marks(pr, false, (machine_cr3 & ~UINT64_C(31)) + 8 * (a->va >> 30), &may, &must);
	return !((e->pdpte ^ a->pdpte) & ~(may | pr->pdpte_set));
}

static bool entries_right(const struct scene *s, const struct prediction *pr, const struct event *e)
{
	bool done = pr->outcome[0].vector == VECTOR_DONE;
	unsigned int first = is_pae(), i;
	uint64_t may, must;

	for (i = 0; i < s->n; i++) {
		const struct mmu_step *step = &pr->page[0].steps[i + first];
		uint64_t change = e->now[i] ^ s->before[i];

		/* nearly always, the entries are the steps */
		if (pr->pages == 1 && i + first < pr->page[0].nsteps && step->entry_pa == s->pa[i] && !pr->early_a) {
			may = step->may_set;
			must = done ? step->must_set : 0;
		} else {
			marks(pr, done, s->pa[i], &may, &must);
		}
		if ((change & ~may) || (must & ~change))
			return false;
	}
	return true;
}

/* Entries that are not the scene's: a bit of an address was flipped. They join it for this access. */
static unsigned int watch_others(struct scene *s, const struct prediction *pr)
{
	unsigned int own = s->n, i, j, k;

	for (i = 0; i < pr->pages; i++) {
		for (j = is_pae(); j < pr->page[i].nsteps; j++) {
			const struct mmu_step *step = &pr->page[i].steps[j];

			if (j - is_pae() < own && s->pa[j - is_pae()] == step->entry_pa)
				continue;
			for (k = 0; k < s->n && s->pa[k] != step->entry_pa; k++)
				;
			if (k < s->n || !own_place(step->entry_pa) || s->n == MAX_ENTRIES)
				continue;
			s->pa[s->n] = step->entry_pa;
			s->at[s->n] = own_place(step->entry_pa);
			s->before[s->n++] = step->raw;
		}
	}
	return own;
}

static bool agrees(const struct scene *s, const struct question *q, const struct access *a,
		   const struct prediction *pr, const struct event *e)
{
	unsigned int i;

	for (i = 0; i < pr->outcomes; i++) {
		const struct outcome *o = &pr->outcome[i];

		if (e->vector != o->vector || (o->vector != VECTOR_DONE && e->error != o->error))
			continue;
		if (o->vector == 14 && (e->cr2 < o->cr2 || e->cr2 > o->cr2 + o->range))
			continue;
		if (o->vector < 14 && e->cr2 != a->cr2)
			continue;
		break;
	}
	if (i == pr->outcomes || ((e->vector == VECTOR_DONE || pr->decoded) && !data_right(q, a, pr, e)))
		return false;
	if (is_pae() && !pdpte_right(a, pr, e))
		return false;
	return entries_right(s, pr, e);
}

static unsigned int members(uint32_t set)
{
	unsigned int n = 0;

	for (; set; set &= set - 1)
		n++;
	return n;
}

bool has_quirk(enum quirk_number n)
{
	if (quirks[n].narrow && can.long_mode)
		return false;
	return (in_qemu ? quirks[n].qemu : quirks[n].bochs) && IN(quirks[n].modes, regs.mode) &&
	       !IN(CONFIG->no_quirks, n);
}

/* The sets of quirks that this judge can have, the smallest first; made once */
static uint32_t sets[1u << 6];
static unsigned int nsets;

static void list_sets(void)
{
	uint32_t set, have = 0;
	unsigned int n, i;

	for (i = 0; i < QUIRKS; i++)
		have |= (uint32_t)has_quirk(i) << i;
	for (n = 1; n <= 4; n++)
		for (set = 1; set < 1u << QUIRKS; set++)
			if (!(set & ~have) && members(set) == n && nsets < sizeof(sets) / sizeof(sets[0]))
				sets[nsets++] = set;
}

/* Does a set of quirks make this answer the expected one? */
static bool quirks_explain(const struct scene *s, const struct question *q, const struct access *a,
			   const struct event *e)
{
	static struct prediction pr;
	unsigned int i, k;

	if (!nsets)
		list_sets();
	/* the entries as the processor found them */
	for (i = 0; i < s->n; i++)
		write_entry(s->at[i], s->before[i]);
	for (k = 0; k < nsets; k++) {
		predict_quirks(sets[k], q, a, &pr);
		if (agrees(s, q, a, &pr, e))
			break;
	}
	for (i = 0; i < s->n; i++)
		write_entry(s->at[i], e->now[i]);
	if (k == nsets)
		return false;
	undo(q, a, &pr, e);
	for (i = 0; i < QUIRKS; i++)
		quirks[i].uses += IN(sets[k], i);
	return true;
}

static const char *const kind_names[KINDS] = {
	"read", "write", "fetch", "stack-read", "stack-write", "implicit-read", "implicit-write",
};

static void describe(const struct scene *s, const struct question *q, const struct access *a,
		     const struct prediction *pr, const struct event *e)
{
	unsigned int i, j;

	put("mismatch ");
	put(kind_names[q->kind]);
	put(q->user ? " CPL 3" : " CPL 0");
	put_field("va", a->va);
	put_field("ac", q->ac);
	put_field("cr0", regs.cr0);
	put_field("cr3", regs.cr3);
	put_field("cr4", regs.cr4);
	put_field("efer", regs.efer);
	put_field("pkru", regs.pkru);
	put_field("pkrs", regs.pkrs);
	put("\n");
	for (i = 0; i < s->n; i++) {
		put("  entry");
		put_field("at", s->pa[i]);
		put_field("before", s->before[i]);
		put_field("after", e->now[i]);
		put("\n");
	}
	for (i = 0; i < pr->pages; i++) {
		put("  model ");
		put(mmu_status_name(pr->page[i].status));
		put_field("code", pr->page[i].error_code);
		put_field("pa", pr->page[i].pa);
		for (j = 0; j < pr->page[i].nsteps; j++) {
			put_field("step", pr->page[i].steps[j].raw);
			put_field("may", pr->page[i].steps[j].may_set);
		}
		put("\n");
	}
	put("  processor");
	put_field("vector", e->vector);
	put_field("code", e->error);
	put_field("cr2", e->cr2);
	put_field("value", e->value);
	if (pr->outcome[0].vector == VECTOR_DONE && e->vector == VECTOR_DONE && !data_right(q, a, pr, e)) {
		bool known;

		put_field("written", a->value);
		put_field("bytes-before", e->bytes);
		put_field("bytes-now", gather(a, pr, &known));
	}
	if (is_pae()) {
		put_field("machine-cr3", machine_cr3);
		put_field("pdpte", regs.pdpte[a->va >> 30]);
		put_field("memory", a->pdpte);
		put_field("after", e->pdpte);
	}
	put("\n");
}

static void judge(const struct scene *s, const struct question *q, const struct access *a,
		  const struct prediction *pr, const struct event *e)
{
	tally.cases++;
	tally.by_kind[q->kind]++;
	tally.faults += e->vector != VECTOR_DONE;
	if (agrees(s, q, a, pr, e)) {
		tally.open += pr->outcomes > 1;
		undo(q, a, pr, e);
		return;
	}
	if (quirks_explain(s, q, a, e))
		return;
	if (tally.mismatches++ < CONFIG->show)
		describe(s, q, a, pr, e);
	undo(q, a, pr, e);
}

/*
 * Does a quirk lead to a table or a page that must not be tried? Where the model
 * stops, the processor may go on, and read or mark what is there.
 */
static bool quirk_leads_astray(const struct question *q, const struct access *a, const struct prediction *pr)
{
	static const enum quirk_number leading[] = { QUIRK_PSE36, QUIRK_PS_1G, QUIRK_PDPTE_MEMORY, QUIRK_TABLE_4G };
	static struct prediction other;
	bool matters = is_pae() && ((a->pdpte ^ regs.pdpte[a->va >> 30]) & ~(uint64_t)A);
	uint32_t set = 0;
	unsigned int i, j;

	for (i = 0; i < sizeof(leading) / sizeof(leading[0]); i++)
		set |= (uint32_t)has_quirk(leading[i]) << leading[i];
	if (!set)
		return false;
	for (i = 0; i < pr->pages; i++) {
		const struct mmu_result *res = &pr->page[i];

		matters = matters || (res->walk == MMU_FAULT_PF && (res->error_code & MMU_PF_RSVD));
		for (j = is_pae(); IN(set, QUIRK_TABLE_4G) && j < res->nsteps; j++)
			matters = matters || res->steps[j].entry_pa >> 32;
	}
	if (!matters)
		return false;
	predict_quirks(set, q, a, &other);
	return !can_be_tried(q, a, &other);
}

void judge_access(struct scene *s, const struct question *q)
{
	uint64_t *pdpte = is_pae() ? (uint64_t *)own_place(machine_cr3 & ~UINT64_C(31)) + (s->va >> 30) : NULL;
	struct access a = access_of(s, q);
	static struct prediction pr;
	unsigned int own, i;
	struct event e;

	ask_again(s, q, &a, &pr);
	if (!can_be_tried(q, &a, &pr))
		return;
	if (pdpte)
		a.pdpte = *pdpte;
	if (quirk_leads_astray(q, &a, &pr))
		return;
	own = watch_others(s, &pr);
	perform(s, q, &a, &pr, &e);
	if (pdpte)
		e.pdpte = *pdpte;
	judge(s, q, &a, &pr, &e);
	if (q->kind == FETCH && pr.pages == 2 && e.vector == VECTOR_DONE && decoded_at(&pr.page[0]))
		*decoded_at(&pr.page[0]) = e.value;
	for (i = 0; i < own; i++)
		s->before[i] = e.now[i];
	for (; i < s->n; i++) {
		if (e.now[i] == s->before[i])
			continue;
		write_entry(s->at[i], s->before[i]);
		invalidate(a.va);
		invalidate((a.va | 0xfff) + 1);
	}
	s->n = own;
}
