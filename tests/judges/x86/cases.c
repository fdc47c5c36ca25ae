// SPDX-License-Identifier: GPL-2.0
/*
 * The cases: registers for a while, entries for an address, a few accesses to it.
 *
 * Entries are random where the manual gives a bit a meaning and mostly permissive
 * elsewhere, so that no single rule hides the others. One scene in eight is a
 * step of the sweep: all is permitted but for one bit of one entry, each in turn.
 */
#include "judge.h"

#define KEYS		ONES(62, 59)

static uint64_t random_state;
/* PAE: of the root in use, which PD each slot has */
static uint64_t pd_of_slot[4];

void seed_random(uint64_t seed)
{
	random_state = UINT64_C(0x9e3779b97f4a7c15) ^ seed;
}

uint64_t rnd(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	/* its low bits are the weak ones */
	return random_state >> 16 | random_state << 48;
}

/*
 * An address that has not been used since all translations were dropped needs no
 * INVLPG: there is nothing to forget (in an emulator, which fetches none ahead of
 * time). Few are used again; a bit for several addresses is enough to know them.
 */
static uint32_t used[256];

static void forget(uint64_t va)
{
	uint32_t hash = (uint32_t)((va >> 12) * UINT64_C(0x9e3779b97f4a7c15) >> 51);

	if (used[hash >> 5] >> (hash & 31) & 1)
		invalidate(va);
	used[hash >> 5] |= 1u << (hash & 31);
}

/* Bits of addresses that a table or a root may use */
static unsigned int table_bits(void)
{
	/* qemu-system-i386 finds none above: QUIRK_TABLE_4G; some are enough */
	if (is_32bit() || (in_qemu && !can.long_mode && !one_in(16)))
		return 32;
	return regs.maxphyaddr;
}

static void fill_pdptes(void)
{
	unsigned int slot;

	for (slot = 1; slot < 4; slot++) {
		pd_of_slot[slot] = table_in(random_window(table_bits()), 2);
		*pdpte_place(slot) = pd_of_slot[slot] | P | (rnd() & 0xe18);
	}
}

/* Registers that no quirk can have spoilt: those of the memory just written */
static void take_pdptes(void)
{
	unsigned int slot;

	for (slot = 0; slot < 4; slot++)
		regs.pdpte[slot] = *pdpte_place(slot);
}

void random_registers(void)
{
	uint64_t r = rnd();

	regs.cr0 = 0x80000031 | (one_in(3) ? 0 : CR0_WP_BIT);
	regs.cr4 = is_32bit() ? 0 : CR4_PAE_BIT;
	regs.cr4 |= root_level() == 5 ? CR4_LA57_BIT : 0;
	/* of no effect but in 32-bit paging */
	regs.cr4 |= one_in(4) ? 0 : CR4_PSE_BIT;
	regs.cr4 |= can.pge && (r & 1) ? CR4_PGE_BIT : 0;
	regs.cr4 |= can.smep && (r & 2) ? CR4_SMEP_BIT : 0;
	regs.cr4 |= can.smap && (r & 4) ? CR4_SMAP_BIT : 0;
	regs.cr4 |= can.pke && (r & 8) ? CR4_PKE_BIT : 0;
	regs.cr4 |= can.pks && (r & 16) ? CR4_PKS_BIT : 0;
	regs.efer = is_long() ? EFER_LONG : 0;
	regs.efer |= can.nx && (r & 0x60) ? EFER_NXE_BIT : 0;
	regs.pkru = (uint32_t)(rnd() & rnd());
	/* Key 0 is our own pages', which in Bochs are not free from PKRU: QUIRK_PKU. */
	if (!in_qemu)
		regs.pkru &= ~3u;
	regs.pkrs = (uint32_t)(rnd() & rnd()) & ~3u;
	regs.cr3 = root_in(random_window(is_long() ? regs.maxphyaddr : 32));
	if (is_pae()) {
		fill_pdptes();
		take_pdptes();
	}
	machine_cr3 = regs.cr3;
	load_registers();
	memset(used, 0, sizeof(used));
}

/* One bit that is reserved, or ignored, or an address that leads nowhere */
static uint64_t rare_bit(int level, bool leaf, uint64_t r)
{
	unsigned int shift = shift_of(level);

	if (is_32bit()) {
		if (leaf && level == 2)
			return UINT64_C(1) << (13 + below(9));
		return PS;
	}
	switch (r & 3) {
	case 0:
		if (leaf && level > 1)
			return UINT64_C(1) << (13 + below(shift - 13));
		return PS;
	case 1:
		return is_pae() ? UINT64_C(1) << (52 + below(11)) : PS;
	default:
		return UINT64_C(1) << (regs.maxphyaddr + below(63 - regs.maxphyaddr));
	}
}

/* All of an entry but the address */
static uint64_t random_bits(int level, bool leaf, bool twisted)
{
	uint64_t r = rnd();
	uint64_t entry = (r & 0xf78) | P | RW | US;

	if (!is_32bit() && !is_pae())
		entry |= r & ONES(62, 52);
	if (leaf && level > 1)
		entry |= PS | (r & 0x1000);
	else if (level == 1)
		entry |= r >> 32 & PS;
	if (is_32bit() && level == 2 && !(regs.cr4 & CR4_PSE_BIT))
		entry |= r >> 32 & PS;
	if (!twisted)
		return entry;
	r = rnd();
	if (!(r & 0xf))
		entry ^= P;
	if (!(r & 0x30))
		entry ^= RW;
	if (!(r & 0xc0))
		entry ^= US;
	if (!(r & 0x700) && !is_32bit())
		entry |= NX;
	if (!(r & 0xf800))
		entry |= rare_bit(level, leaf, r >> 16);
	return entry;
}

/* What is mapped: an address with a pattern at it, for a leaf of this level */
static uint64_t random_page(int level, bool code)
{
	unsigned int bits = regs.maxphyaddr, k;
	uint64_t r = rnd(), frame = FRAMES_FROM + (r >> 40 & 31);

	if (is_32bit() && (level == 1 || !regs.pse36))
		bits = 32;
	if (is_32bit() && bits > 40)
		bits = 40;
	k = random_window(bits);
	if (code)
		frame = CODE_FRAMES + (r >> 40 & 7);
	if (!(r & 15) && level < 3 && code)
		frame = is_32bit() ? 1023 : 511;
	/* now and then, nothing is there; in a page of its own */
	if (!(r & 0x1f0) && level == 1)
		return 0xd0000000 + (r >> 16 & 0xfff000);
	return window_base(k) + (frame << 12);
}

/* A leaf for this address of memory */
static uint64_t leaf_address(int level, uint64_t pa)
{
	uint64_t frame = pa & ~ONES(shift_of(level) - 1, 0);

	if (is_32bit())
		return (frame & 0xffffffff) | frame >> 32 << 13;
	return frame;
}

static void add_entry(struct scene *s, uint64_t pa, uint64_t value)
{
	unsigned int i;

	/* a loop, or two ways that meet: one entry all the same */
	for (i = 0; i < s->n; i++) {
		if (s->pa[i] == pa) {
			write_entry(s->at[i], value);
			s->before[i] = value;
			return;
		}
	}
	s->pa[s->n] = pa;
	s->at[s->n] = own_place(pa);
	write_entry(s->at[s->n], value);
	s->before[s->n++] = value;
}

/* Offsets in a page: where a name, a MOV or a descriptor is; or its end. */
static uint64_t random_offset(bool crossing, bool code)
{
	uint64_t r = rnd();

	if (crossing)
		return r & 0x100 || code ? 0xfff : 0xffd + below(3);
	return (r & 0x7e0) + ((r & 0x8000) ? 0x800 : 0);
}

/* The address: where the own tables are not; its low bits are those of @pa. */
static uint64_t random_address(int leaf, uint64_t pa)
{
	unsigned int top = shift_of(root_level()) + (is_32bit() ? 10 : is_pae() ? 2 : 9) - 1;
	uint64_t va = rnd(), low = ONES(shift_of(leaf) - 1, 0);

	va = (va & ~low) | (pa & low);
	if (!is_long()) {
		va &= 0xffffffff;
		if (va < CASES_VA || (is_pae() && va < 0x40000000))
			va |= UINT64_C(1) << (30 + (rnd() & 1));
		return va;
	}
	/* sign extension */
	va = (uint64_t)((int64_t)(va << (63 - top)) >> (63 - top));
	if (!index_of(va, root_level()))
		va |= UINT64_C(1) << (top - 1);
	/* now and then, not canonical: a bit above, or all of them */
	if (!(rnd() & 63) && top < 63)
		va ^= one_in(4) ? ONES(63, top + 1) : UINT64_C(1) << (top + 1 + below(63 - top));
	return va;
}

/* How the next scene is made: levels that are twisted, or a bit to flip */
struct plan {
	int leaf;
	uint64_t twisted;	/* bit per level */
	int flip_level;		/* 0: no sweep */
	uint64_t flip;
};

static bool leaf_possible(int level)
{
	if (level == 2 && is_32bit())
		return regs.cr4 & CR4_PSE_BIT;
	/* without 1G pages, a reserved bit */
	return level <= 2 || (is_long() && (regs.page1gb || one_in(4)));
}

static void next_sweep(struct plan *plan)
{
	static int leaf = 1, level = 1;
	static unsigned int bit;

	plan->twisted = 0;
	do {
		if (++bit == (is_32bit() ? 32 : 64)) {
			bit = 0;
			level++;
		}
		/* PAE: its PDPTEs are judge_pdptes()'s */
		if (level > (is_pae() ? 2 : root_level())) {
			leaf = leaf % 3 + 1;
			level = leaf;
		}
	} while (!leaf_possible(leaf));
	plan->leaf = leaf;
	plan->flip_level = level;
	plan->flip = UINT64_C(1) << bit;
}

static void random_plan(struct plan *plan)
{
	uint64_t r = rnd();

	plan->flip_level = 0;
	do
		plan->leaf = 1 + (int)below(3);
	while (!leaf_possible(plan->leaf));
	switch (r & 7) {
	case 0:
		plan->twisted = 0;
		break;
	case 1:
	case 2:
	case 3:
		plan->twisted = 1u << (1 + below((uint32_t)root_level()));
		break;
	default:
		plan->twisted = ~UINT64_C(0);
	}
}

/* Where the entry of @level leads. Rarely back: a loop; or to nothing. */
static uint64_t next_table(int level, uint64_t table)
{
	uint64_t r = rnd();

	/* not to the root, where our own part is */
	if (!(r & 0xff) && level < 4 && level < root_level())
		return table;
	if (!(r & 0xff00))
		return 0xd0000000 + (r >> 16 & 0xfff000);
	return table_in(random_window(table_bits()), level - 1);
}

/*
 * The entries for @va, from the root. Those of an earlier address, whose tables
 * are in @tables, are shared as far as the two go the same way.
 */
static void add_path(struct scene *s, const struct plan *plan, uint64_t va, uint64_t pa, uint64_t tables[6],
		     uint64_t other)
{
	bool shared = other != va;
	uint64_t table, entry;
	int level;

	for (level = is_pae() ? 2 : root_level(); level >= plan->leaf; level--) {
		bool leaf = level == plan->leaf;
		uint64_t size = is_32bit() ? 4 : 8, at;

		table = tables[level];
		at = table + index_of(va, level) * size;
		shared = shared && index_of(va, level) == index_of(other, level);
		if (shared)
			continue;
		/* nowhere, or (a PDPTE with a flipped bit) where something else is */
		if (place_of(at) != PLACE_WINDOW || (level != root_level() && !has_tables(at)))
			return;
		entry = random_bits(level, leaf, plan->twisted >> level & 1);
		if (plan->flip_level)
			entry &= ~(uint64_t)(A | D);
		if (leaf) {
			entry |= leaf_address(level, pa);
		} else {
			tables[level - 1] = plan->flip_level ? table_in(random_window(table_bits()), level - 1) :
							       next_table(level, table);
			entry |= tables[level - 1];
		}
		if (level == plan->flip_level)
			entry ^= plan->flip;
		add_entry(s, at, entry);
	}
}

/* PDPTEs as software may have left them: mostly good */
static void random_pdptes(uint64_t *place)
{
	unsigned int slot;

	for (slot = 1; slot < 4; slot++) {
		uint64_t r = rnd();

		place[slot] = table_in(random_window(32), 2) | P | (r & 0xe18);
		if (!(r >> 32 & 7))
			place[slot] = r & ~UINT64_C(1);
		else if (!(r >> 32 & 0x78))
			place[slot] |= UINT64_C(1) << (r >> 40 & 63);
	}
}

static void describe_load(enum mmu_status status, const uint64_t *place, bool refused)
{
	unsigned int slot;

	put("mismatch MOV to CR3: model ");
	put(mmu_status_name(status));
	put(refused ? ", processor #GP" : ", processor loads");
	for (slot = 0; slot < 4; slot++)
		put_field("pdpte", place[slot]);
	put("\n");
}

/*
 * MOV to CR3 in PAE paging, where the PDPTEs are loaded and checked; if it fails,
 * the registers stay. Then memory may change: the registers stay again.
 */
void judge_pdptes(void)
{
	uint64_t pa = root_in(random_window(32));
	uint64_t *place = own_place(pa);
	struct mmu_cr3_load load;
	enum mmu_status status;
	unsigned int slot;
	bool refused;

	random_pdptes(place);
	status = mmu_load_cr3(&regs, &memory, pa, &load);
	refused = move_to_cr3(pa);
	if (!refused)
		machine_cr3 = pa;
	tally.cases++;
	if (refused != (status == MMU_FAULT_GP)) {
		if (!refused && has_quirk(QUIRK_PDPTE_MEMORY))
			quirks[QUIRK_PDPTE_MEMORY].uses++;
		else if (tally.mismatches++ < CONFIG->show)
			describe_load(status, place, refused);
	}
	for (slot = 1; slot < 4; slot++)
		pd_of_slot[slot] = regs.pdpte[slot] & ONES(regs.maxphyaddr - 1, 12);
	if (!(rnd() & 3))
		random_pdptes(place);
}

/* Is this address in our part, or beyond the last? */
static bool is_ours(uint64_t va)
{
	if (is_long())
		return !index_of(va, root_level());
	return va >> 32 || va < CASES_VA || (is_pae() && va < 0x40000000);
}

void next_scene(struct scene *s)
{
	uint64_t tables[6], pa, r = rnd();
	struct plan plan;

	s->n = 0;
	s->walked = false;
	if (r & 7)
		random_plan(&plan);
	else
		next_sweep(&plan);
	s->crossing = !(r & 0x70);
	s->code = !(r >> 12 & 3);
	pa = random_page(plan.leaf, s->code) + random_offset(s->crossing, s->code);
	s->va = random_address(plan.leaf, pa);
	tables[root_level()] = regs.cr3 & ~UINT64_C(0xfff);
	if (is_pae())
		tables[2] = pd_of_slot[s->va >> 30];
	add_path(s, &plan, s->va, pa, tables, s->va);
	forget(s->va);
	if (s->crossing) {
		uint64_t va = (s->va | 0xfff) + 1;

		if (is_ours(va)) {
			/* not there: at the last place of this page */
			s->crossing = false;
			s->va &= ~UINT64_C(31);
		} else {
			add_path(s, &plan, va, random_page(plan.leaf, s->code), tables, s->va);
		}
		forget(va);
	}
	s->ldt = !(r & 0x300) && mmu_is_canonical(regs.mode, s->va);
	if (s->ldt)
		set_ldt(s->va);
}

/* A scene by hand: a way with these bits, through tables in window @k */
void make_scene(struct scene *s, uint64_t va, int leaf, uint64_t upper, uint64_t last, unsigned int k)
{
	uint64_t table = regs.cr3 & ~UINT64_C(0xfff), size = is_32bit() ? 4 : 8, next;
	uint64_t pa = window_base(26) + (FRAMES_FROM << 12);
	int level = root_level();

	if (!va)
		va = UINT64_C(1) << (is_32bit() ? 30 : shift_of(level) + 1) | (pa & ONES(shift_of(leaf) - 1, 0));
	memset(s, 0, sizeof(*s));
	s->va = va;
	if (is_pae()) {
		table = table_in(27, 2);
		level = 2;
	}
	for (; level >= leaf; level--, table = next) {
		next = table_in(k, level - 1);
		add_entry(s, table + index_of(s->va, level) * size,
			  level == leaf ? leaf_address(leaf, pa) | last : next | upper);
	}
	invalidate(s->va);
	if (mmu_is_canonical(regs.mode, s->va))
		set_ldt(s->va);
}

void end_scene(struct scene *s)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		write_entry(s->at[i], 0);
}

void random_question(const struct scene *s, struct question *q)
{
	static const enum kind usual[2][16] = {
		{ READ, WRITE, READ, WRITE, READ, WRITE, READ, WRITE, READ, WRITE, STACK_READ, STACK_WRITE, STACK_READ,
		  STACK_WRITE, FETCH, FETCH },
		/* Writes to pages with code are slow in emulators; they do not differ. */
		{ FETCH, FETCH, FETCH, FETCH, FETCH, FETCH, FETCH, FETCH, FETCH, FETCH, FETCH, FETCH, READ, READ,
		  STACK_READ, WRITE },
	};
	uint64_t r = rnd();

	q->kind = usual[s->code][r & 15];
	q->user = r & 0x10;
	q->ac = r & 0x20;
	if (s->ldt && (r & 0x40))
		q->kind = (r & 0x80) && !s->crossing && !s->code ? IMPLICIT_WRITE : IMPLICIT_READ;
}
