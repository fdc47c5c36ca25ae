/* SPDX-License-Identifier: GPL-2.0 */
/* The TLBs of this machine's processor, as far as the processor says. */
#ifndef MMSCOPE_SOURCE_CPUTLB_H
#define MMSCOPE_SOURCE_CPUTLB_H

#include <stdbool.h>
#include <stdint.h>

#define MMS_CPUTLB_MAX	24

/* Four registers as CPUID leaves them. */
struct mms_cpuid {
	uint32_t eax, ebx, ecx, edx;
};

/* What CPUID answers to a leaf (EAX) and subleaf (ECX). */
typedef void (*mms_cpuid_fn)(void *ctx, uint32_t leaf, uint32_t subleaf,
			     struct mms_cpuid *out);

enum mms_cputlb_kind { MMS_CPUTLB_DATA, MMS_CPUTLB_CODE, MMS_CPUTLB_BOTH };

/**
 * struct mms_cputlb_array - one TLB
 * @level: 1, 2 ...
 * @kind: for what
 * @shifts: bit n: holds pages of 2^n bytes
 * @entries: how many
 * @ways: 0 = fully associative
 */
struct mms_cputlb_array {
	unsigned int level;
	enum mms_cputlb_kind kind;
	uint64_t shifts;
	unsigned int entries;
	unsigned int ways;
};

/**
 * struct mms_cputlb - all of them
 * @n: of @array; 0: the processor does not say
 * @leaf: the CPUID leaf that says it; 0 for none
 * @hypervisor: a hypervisor answers CPUID: what it says may not be the hardware's
 * @unknown: descriptors of leaf 2 that stand for something this table has not
 */
struct mms_cputlb {
	unsigned int n;
	struct mms_cputlb_array array[MMS_CPUTLB_MAX];
	uint32_t leaf;
	bool hypervisor;
	unsigned int unknown;
};

/**
 * mms_cputlb_decode() - from CPUID's answers
 *
 * Leaf 18h, else leaf 2 (Intel SDM vol. 2A, CPUID); 80000005h, 80000006h and
 * 80000019h (AMD64 APM vol. 3, appendix E.4). Nothing is guessed from family
 * and model.
 */
void mms_cputlb_decode(mms_cpuid_fn cpuid, void *ctx, struct mms_cputlb *out);

/* Of the processor that this runs on; on other architectures than x86 n = 0. */
void mms_cputlb_read(struct mms_cputlb *out);

/**
 * mms_cputlb_entries() - entries for data pages of one size
 * @level: 1 or 2
 * @shift: log2 of the page size
 *
 * Return: 0 if there are none, or none is known: see @n.
 */
unsigned int mms_cputlb_entries(const struct mms_cputlb *tlb, unsigned int level,
				unsigned int shift);

#endif
