/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors by their fields; what the model says of a case, and what happened. */
#ifndef JUDGE_OUTCOME_H
#define JUDGE_OUTCOME_H

#include "guest.h"
#include "mmu/segment.h"

#define ADDRESS(x)	((uint32_t)(uintptr_t)(x))

/* A descriptor, by its fields. */
struct fields {
	uint32_t base, limit;		/* limit: the 20 bits */
	unsigned int type, dpl;
	bool s, p, g, db, l, avl;
};

uint64_t pack(const struct fields *f);
/* Number n of the 256 combinations of P, DPL, S and type; the rest random. */
struct fields numbered(unsigned int n);

/* Those that MOV and POP can load */
#define DATA_REGISTERS	5
extern const enum mmu_segreg data_registers[DATA_REGISTERS];

/* The descriptors under test: of code, data or systems, and of a stack beside it */
uint16_t test_selector(bool local, unsigned int rpl);
uint16_t stack_selector(bool local, unsigned int rpl);
/* A stack segment through which the whole stack can be reached. */
void place_stack(struct fields *fields);
/* What a register held when the case was over; SS: as it was loaded */
uint16_t visible(enum mmu_segreg reg);

/* The model's memory: our own. */
extern const struct mmu_seg_mem memory;
/* What the model said last. */
extern struct mmu_seg_result res;

int predicted_vector(void);
bool passed(void);
/* "mismatch ...": the case, the model's word and the processor's; the caller ends the line. */
void describe(const char *what, unsigned int cpl, uint16_t selector, uint64_t raw);
/* Vector, error code and the bits that were to be set in the table. */
bool as_predicted(const uint64_t *entry, uint64_t before, uint64_t set);
/* What the model says of @entry having been read as one of the steps. */
uint64_t must_set(const uint64_t *entry);
/* The table after a far transfer: A is set, or the judge forgets it. */
bool marked(const uint64_t *entry, uint64_t before);
/* The vector of an absent SS, which one judge takes for @other. */
uint32_t stack_vector(uint32_t other);
bool trapped_so(uint32_t vector);

#endif
