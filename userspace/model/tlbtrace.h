/* SPDX-License-Identifier: GPL-2.0 */
/* A trace of accesses and invalidations in text, run through the two TLB models. */
#ifndef MMSCOPE_MODEL_TLBTRACE_H
#define MMSCOPE_MODEL_TLBTRACE_H

#include <stdio.h>

#include "mmu/mmu.h"
#include "mmu/tlb.h"
#include "util/err.h"

#define MMS_TRACE_CPUS		8u
#define MMS_TRACE_ANSWERS	256u

struct mms_tlb_trace;

/**
 * mms_tlb_trace_read() - understand all lines
 * @out: the trace, to be freed by mms_tlb_trace_free()
 * @f: its lines, described in Documentation/views/tlb.rst
 * @mem: reader of the page tables; must live as long as the trace
 * @mode: MMU_MODE_X86_4LEVEL or MMU_MODE_X86_5LEVEL
 *
 * Return: 0; -EINVAL with the line's number and what is wrong in it; -ENOMEM
 */
int mms_tlb_trace_read(struct mms_tlb_trace **out, FILE *f, const struct mmu_mem *mem, enum mmu_mode mode,
		       struct mms_err *err);
void mms_tlb_trace_free(struct mms_tlb_trace *t);

/**
 * struct mms_tlb_step - what one line did
 * @line: its number in the file
 * @cpu: the processor
 * @text: the line, without what it says of the processor
 * @access: it is an access; else the rest has no meaning
 * @va: its address
 * @hit: level of the hit in the simulated TLB, 0 a miss, -1 none is simulated
 * @fault: the simulated processor met a page fault: nothing is mapped
 * @nanswers: how many answers the manual allows
 * @answers: these
 */
struct mms_tlb_step {
	unsigned int line;
	unsigned int cpu;
	const char *text;
	bool access;
	uint64_t va;
	int hit;
	bool fault;
	int nanswers;
	struct mmu_tlb_cached answers[MMS_TRACE_ANSWERS];
};

/**
 * mms_tlb_trace_next() - make the next step
 *
 * Return: 1; 0 at the end; -EINVAL for a step that makes no sense here (an
 * access before CR3 is loaded), -ENOSPC if more answers are allowed than fit
 */
int mms_tlb_trace_next(struct mms_tlb_trace *t, struct mms_tlb_step *step, struct mms_err *err);

/**
 * struct mms_tlb_sums - at the end
 * @simulated: a TLB was described
 * @hits: by level, [0] is not used
 * @stale: accesses for which more than a fresh walk's answer was allowed
 * @reach: bytes that a level of the described TLB can translate with 4K, 2M and
 *	1G pages
 */
struct mms_tlb_sums {
	bool simulated;
	uint64_t accesses, hits[3], misses, faults, stale;
	uint64_t reach[3][3];
};

void mms_tlb_trace_sums(const struct mms_tlb_trace *t, struct mms_tlb_sums *sums);

#endif
