// SPDX-License-Identifier: GPL-2.0
/* What the judges of segmentation have in common, in whatever mode. */
#include "outcome.h"

uint64_t pack(const struct fields *f)
{
	uint32_t low = (f->limit & 0xffff) | f->base << 16;
	uint32_t high = f->base >> 24 << 24 | (uint32_t)f->g << 23 |
			(uint32_t)f->db << 22 | (uint32_t)f->l << 21 |
			(uint32_t)f->avl << 20 | (f->limit & 0xf0000) |
			(uint32_t)f->p << 15 | f->dpl << 13 |
			(uint32_t)f->s << 12 | f->type << 8 |
			(f->base >> 16 & 0xff);

	return (uint64_t)high << 32 | low;
}

struct fields numbered(unsigned int n)
{
	uint32_t random = next_random();

	return (struct fields){
		.type = n & 15, .s = n >> 4 & 1, .dpl = n >> 5 & 3,
		.p = n >> 7 & 1, .base = next_random(),
		.limit = next_random() & 0xfffff, .g = random & 1,
		.db = random & 2, .l = random & 4, .avl = random & 8,
	};
}

static int read_memory(void *ctx, uint64_t la, uint64_t *value)
{
	(void)ctx;
	*value = *(const volatile uint64_t *)(uintptr_t)la;
	return 0;
}

const struct mmu_seg_mem memory = { .read = read_memory };
struct mmu_seg_result res;

int predicted_vector(void)
{
	int vector = mmu_seg_vector(res.status);

	return vector < 0 ? VECTOR_DONE : vector;
}

bool passed(void)
{
	return trap.vector == VECTOR_DONE;
}

void describe(const char *what, unsigned int cpl, uint16_t selector, uint64_t raw)
{
	put("mismatch ");
	put(what);
	put_field("cpl", cpl);
	put_field("selector", selector);
	put_field("descriptor", (uint32_t)(raw >> 32));
	put_field("low", (uint32_t)raw);
	put(" model ");
	put(mmu_seg_status_name(res.status));
	put_field("code", res.error_code);
	put(" ");
	put(mmu_seg_why_name(res.why));
	put(" processor");
	put_field("vector", trap.vector);
	put_field("code", trap.error);
	put_field("ip", trap.ip);
	put_field("cs", trap.cs & 0xffff);
}

bool as_predicted(const uint64_t *entry, uint64_t before, uint64_t set)
{
	return trap.vector == (uint32_t)predicted_vector() &&
	       (trap.vector == VECTOR_DONE || trap.error == res.error_code) &&
	       *entry == (before | set);
}

uint64_t must_set(const uint64_t *entry)
{
	uint64_t bits = 0;
	unsigned int i;

	for (i = 0; i < res.nsteps; i++)
		if (res.steps[i].entry_la == ADDRESS(entry))
			bits |= res.steps[i].must_set;
	return bits;
}

bool marked(const uint64_t *entry, uint64_t before)
{
	uint64_t set = must_set(entry);

	return *entry == (before | set) ||
	       (set && *entry == before && quirk(QUIRK_ACCESSED));
}

uint32_t stack_vector(uint32_t other)
{
	if (res.status == MMU_SEG_FAULT_SS && res.why == MMU_SEG_WHY_ABSENT &&
	    trap.vector == other && quirk(QUIRK_STACK_ABSENT))
		return other;
	return (uint32_t)predicted_vector();
}

bool trapped_so(uint32_t vector)
{
	return trap.vector == vector &&
	       (passed() || trap.error == res.error_code);
}

const enum mmu_segreg data_registers[DATA_REGISTERS] = {
	MMU_ES, MMU_SS, MMU_DS, MMU_FS, MMU_GS,
};

uint16_t test_selector(bool local, unsigned int rpl)
{
	return (uint16_t)((local ? LDT_TEST * 8 | 4 : GDT_TEST * 8) | rpl);
}

uint16_t stack_selector(bool local, unsigned int rpl)
{
	return (uint16_t)((local ? LDT_STACK * 8 | 4 : GDT_STACK * 8) | rpl);
}

void place_stack(struct fields *fields)
{
	bool expand_down = fields->s && (fields->type & 12) == 4;

	fields->base = 0;
	fields->db = true;
	fields->g = !expand_down;
	fields->limit = expand_down ? 0 : 0xfffff;
}

uint16_t visible(enum mmu_segreg reg)
{
	switch (reg) {
	case MMU_ES:
		return (uint16_t)trap.es;
	case MMU_DS:
		return (uint16_t)trap.ds;
	case MMU_FS:
		return (uint16_t)trap.fs;
	case MMU_GS:
		return (uint16_t)trap.gs;
	default:
		return (uint16_t)trap.si;	/* the loaders' SS */
	}
}
