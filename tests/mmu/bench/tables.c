// SPDX-License-Identifier: GPL-2.0
/* The tables and addresses that all translate: one page in each entry, frames and order at random. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define PAGE		4096u
#define PAGES		(BENCH_WINDOW / PAGE)

/* Present, writable, for users, A and D; nothing else. */
#define X86_TABLE	0x27u
#define X86_PAGE	0x67u
#define X86_A		0x20u
/* Valid table; valid page of Normal memory, AF, inner shareable. */
#define ARM_TABLE	0x3u
#define ARM_PAGE	0x703u
#define PDPTE_P		1u

static const struct mode {
	const char *name;
	enum mmu_mode mode;
	unsigned int levels;
	unsigned int bits[5];
	unsigned int step;	/* log2 of the distance of the windows */
} modes[BENCH_CASES] = {
	{ "4-level", MMU_MODE_X86_4LEVEL, 4, { 9, 9, 9, 9 }, 43 },
	{ "5-level", MMU_MODE_X86_5LEVEL, 5, { 9, 9, 9, 9, 9 }, 52 },
	{ "PAE", MMU_MODE_X86_PAE, 3, { 2, 9, 9 }, 28 },
	{ "32-bit", MMU_MODE_X86_32BIT, 2, { 10, 10 }, 28 },
	{ "arm64", MMU_MODE_ARM64, 4, { 9, 9, 9, 9 }, 43 },
};

static uint64_t state;

static uint64_t rnd(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void set_regs(struct mmu_regs *regs, enum mmu_mode mode, uint64_t root)
{
	*regs = (struct mmu_regs){
		.mode = mode, .cr0 = 0x80010033, .cr3 = root, .cr4 = 0x2a0,
		.efer = 0xd01, .pat = 0x0407050600070106, .maxphyaddr = 40,
		.page1gb = true, .pse36 = true,
	};
	if (mode == MMU_MODE_X86_5LEVEL)
		regs->cr4 |= 0x1000;
	if (mode == MMU_MODE_X86_32BIT)
		regs->cr4 = 0x290;
	if (mode == MMU_MODE_X86_32BIT || mode == MMU_MODE_X86_PAE)
		regs->efer = 0x800;
	/* 4 KB granules, 48 bits below, nothing above, 40 bits of output */
	if (mode == MMU_MODE_ARM64)
		regs->arm64 = (struct mmu_arm64_regs){
			.ttbr0 = root, .tcr = 0x280803510, .mair = 0xff,
			.sctlr = 1, .pa_bits = 48, .gran4k = true,
		};
}

unsigned int bench_entry_size(const struct bench_case *c)
{
	return c->regs.mode == MMU_MODE_X86_32BIT ? 4 : 8;
}

static uint64_t get(const struct bench_case *c, uint64_t pa)
{
	uint64_t value = 0;

	memcpy(&value, c->ram + pa, bench_entry_size(c));
	return value;
}

static void put(const struct bench_case *c, uint64_t pa, uint64_t value)
{
	memcpy(c->ram + pa, &value, bench_entry_size(c));
}

static uint64_t table_bits(const struct bench_case *c, bool of_pdpt)
{
	if (c->regs.mode == MMU_MODE_ARM64)
		return ARM_TABLE;
	return of_pdpt ? PDPTE_P : X86_TABLE;
}

/* Maps one page, with the tables that it takes. */
static void map(struct bench_case *c, uint64_t *next, uint64_t va, uint64_t pa)
{
	uint64_t table = BENCH_TABLES, entry, index;
	unsigned int shift = 12, i;

	for (i = 1; i < c->levels; i++)
		shift += c->bits[i];
	for (i = 0; ; shift -= c->bits[++i]) {
		bool pdpt = c->regs.mode == MMU_MODE_X86_PAE && !i;

		index = va >> shift & ((1u << c->bits[i]) - 1);
		entry = table + index * bench_entry_size(c);
		if (!get(c, entry) && !pdpt)
			c->entries[c->nentries++] = entry;
		if (i + 1 == c->levels)
			break;
		if (!get(c, entry)) {
			put(c, entry, *next | table_bits(c, pdpt));
			*next += PAGE;
		}
		table = get(c, entry) & ~(uint64_t)(PAGE - 1);
	}
	put(c, entry, pa | (c->regs.mode == MMU_MODE_ARM64 ? ARM_PAGE : X86_PAGE));
}

static void shuffle(uint64_t *v, size_t n)
{
	size_t i, k;

	for (i = n; i > 1; i--) {
		uint64_t last = v[i - 1];

		k = rnd() % i;
		v[i - 1] = v[k];
		v[k] = last;
	}
}

/* What a peer's program needs, at the same linear addresses; not timed as such. */
static void map_program(struct bench_case *c, uint64_t *next)
{
	uint64_t pa;

	map(c, next, BENCH_CODE, BENCH_CODE);
	for (pa = BENCH_LIST; pa < BENCH_LIST2 + BENCH_ADDRESSES * 8; pa += PAGE)
		map(c, next, pa, pa);
}

static void map_pages(struct bench_case *c, uint64_t *next)
{
	uint64_t frames[BENCH_ADDRESSES];
	unsigned int i;

	for (i = 0; i < BENCH_ADDRESSES; i++)
		frames[i] = BENCH_DATA + (uint64_t)i * PAGE;
	shuffle(frames, BENCH_ADDRESSES);
	for (i = 0; i < BENCH_ADDRESSES; i++) {
		c->va[i] = c->window[i / PAGES] + (uint64_t)(i % PAGES) * PAGE;
		map(c, next, c->va[i], frames[i]);
	}
	/* The order of the questions, and what the tables say to each. */
	shuffle(c->va, BENCH_ADDRESSES);
	for (i = 0; i < BENCH_ADDRESSES; i++)
		c->va[i] |= rnd() % PAGE & ~UINT64_C(7);
}

/* The physical addresses, by nothing but the entries' address bits. */
static void resolve(struct bench_case *c)
{
	unsigned int i, k;

	for (i = 0; i < BENCH_ADDRESSES; i++) {
		uint64_t table = BENCH_TABLES;
		unsigned int shift = 12;

		for (k = 1; k < c->levels; k++)
			shift += c->bits[k];
		for (k = 0; k < c->levels; shift -= ++k < c->levels ? c->bits[k] : 0)
			table = get(c, table + (c->va[i] >> shift & ((1u << c->bits[k]) - 1)) *
				    bench_entry_size(c)) & ~(uint64_t)(PAGE - 1);
		c->pa[i] = table | (c->va[i] & (PAGE - 1));
		c->sum += c->pa[i];
	}
}

bool bench_case_make(struct bench_case *c, unsigned int number)
{
	const struct mode *m = &modes[number];
	uint64_t next = BENCH_TABLES + PAGE;
	unsigned int i;

	*c = (struct bench_case){ .name = m->name, .levels = m->levels };
	state = number + 1;
	memcpy(c->bits, m->bits, sizeof(c->bits));
	set_regs(&c->regs, m->mode, BENCH_TABLES);
	c->ram = aligned_alloc(PAGE, BENCH_RAM);
	c->entries = calloc(BENCH_RAM / PAGE, sizeof(*c->entries));
	if (!c->ram || !c->entries) {
		fprintf(stderr, "bench_mmu: out of memory\n");
		bench_case_free(c);
		return false;
	}
	memset(c->ram, 0, BENCH_RAM);
	for (i = 0; i < BENCH_WINDOWS; i++)
		c->window[i] = ((uint64_t)i << m->step) + 0x4000000 + i * (uint64_t)BENCH_WINDOW;
	map_program(c, &next);
	map_pages(c, &next);
	resolve(c);
	for (i = 0; i < 4 && m->mode == MMU_MODE_X86_PAE; i++)
		c->regs.pdpte[i] = get(c, BENCH_TABLES + 8 * (uint64_t)i);
	return true;
}

void bench_case_free(struct bench_case *c)
{
	free(c->ram);
	free(c->entries);
}

void bench_set_accessed(const struct bench_case *c, bool set)
{
	size_t i;

	for (i = 0; i < c->nentries; i++) {
		uint64_t e = get(c, c->entries[i]);

		put(c, c->entries[i], set ? e | X86_A : e & ~(uint64_t)X86_A);
	}
}

size_t bench_count_accessed(const struct bench_case *c, uint64_t *which)
{
	size_t i, n = 0;

	*which = 0;
	for (i = 0; i < c->nentries; i++)
		if (get(c, c->entries[i]) & X86_A) {
			*which += c->entries[i] * (i + 1);
			n++;
		}
	return n;
}
