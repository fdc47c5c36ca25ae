// SPDX-License-Identifier: GPL-2.0
/* Asks CPUID for the TLBs. */
#include "source/cputlb.h"

#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#define S4K	(1ULL << 12)
#define S2M	(1ULL << 21)
#define S4M	(1ULL << 22)
#define S1G	(1ULL << 30)
#define D	MMS_CPUTLB_DATA
#define B	MMS_CPUTLB_BOTH

static void add(struct mms_cputlb *t, unsigned int level, enum mms_cputlb_kind kind, uint64_t shifts,
		unsigned int entries, unsigned int ways)
{
	if (!shifts || !entries || t->n == MMS_CPUTLB_MAX)
		return;
	t->array[t->n++] = (struct mms_cputlb_array){
		.level = level, .kind = kind, .shifts = shifts, .entries = entries,
		.ways = ways == entries ? 0 : ways,
	};
}

/*
 * SDM vol. 2A, CPUID leaf 18H, "Deterministic Address Translation Parameters":
 * EDX[4:0] type (1 data, 2 code, 3 both, 4 loads, 5 stores), [7:5] level, [8]
 * fully associative; EBX[3:0] page sizes, [31:16] ways; ECX sets. Stores' own
 * TLBs are left out: a page that is read needs the other.
 */
static void decode_18h(mms_cpuid_fn cpuid, void *ctx, struct mms_cputlb *t)
{
	static const enum mms_cputlb_kind kinds[] = { D, D, MMS_CPUTLB_CODE, B, D };
	struct mms_cpuid r;
	uint32_t sub, last = 0;

	for (sub = 0; sub <= last && sub < 64; sub++) {
		unsigned int type, ways;
		uint64_t shifts;

		cpuid(ctx, 0x18, sub, &r);
		if (!sub)
			last = r.eax;
		type = r.edx & 31;
		ways = r.ebx >> 16;
		shifts = (r.ebx & 1 ? S4K : 0) | (r.ebx & 2 ? S2M : 0) | (r.ebx & 4 ? S4M : 0) | (r.ebx & 8 ? S1G : 0);
		if (type < 1 || type > 4 || !ways || !r.ecx || ways > 4096 || r.ecx > 1 << 20)
			continue;
		add(t, r.edx >> 5 & 7, kinds[type], shifts, ways * r.ecx, r.edx & 0x100 ? 0 : ways);
	}
	if (t->n)
		t->leaf = 0x18;
}

/* SDM vol. 2A, CPUID, "Encoding of CPUID Leaf 2 Descriptors": the data and shared TLBs */
static const struct descriptor {
	uint8_t number;
	uint8_t level;
	enum mms_cputlb_kind kind;
	uint64_t shifts;
	uint16_t entries;
	uint8_t ways;		/* 0: fully associative */
} descriptors[] = {
	{ 0x03, 1, D, S4K, 64, 4 }, { 0x04, 1, D, S4M, 8, 4 }, { 0x05, 2, D, S4M, 32, 4 },
	{ 0x56, 1, D, S4M, 16, 4 }, { 0x57, 1, D, S4K, 16, 4 }, { 0x59, 1, D, S4K, 16, 0 },
	{ 0x5a, 1, D, S2M | S4M, 32, 4 }, { 0x5b, 1, D, S4K | S4M, 64, 0 }, { 0x5c, 1, D, S4K | S4M, 128, 0 },
	{ 0x5d, 1, D, S4K | S4M, 256, 0 }, { 0x63, 1, D, S2M | S4M, 32, 4 }, { 0x63, 1, D, S1G, 4, 4 },
	{ 0x64, 1, D, S4K, 512, 4 }, { 0xa0, 1, D, S4K, 32, 0 }, { 0xb3, 1, D, S4K, 128, 4 },
	{ 0xb4, 2, D, S4K, 256, 4 }, { 0xba, 2, D, S4K, 64, 4 }, { 0xc0, 1, D, S4K | S4M, 8, 4 },
	{ 0xc1, 2, B, S4K | S2M, 1024, 8 }, { 0xc2, 1, D, S4K | S2M, 16, 4 },
	{ 0xc3, 2, B, S4K | S2M, 1536, 6 }, { 0xc3, 2, B, S1G, 16, 4 }, { 0xc4, 1, D, S2M | S4M, 32, 4 },
	{ 0xca, 2, B, S4K, 512, 4 },
};

/* Known to be a TLB, but at which level or with what beside it the table does not say. */
static bool other_tlb(uint8_t number)
{
	return number >= 0x6a && number <= 0x6d;
}

static void one_descriptor(struct mms_cputlb *t, uint8_t number)
{
	size_t i;

	for (i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++) {
		const struct descriptor *d = &descriptors[i];

		if (d->number == number)
			add(t, d->level, d->kind, d->shifts, d->entries, d->ways);
	}
	t->unknown += other_tlb(number);
}

/* The low byte of EAX is no descriptor; a register with bit 31 set has none. */
static void decode_2(mms_cpuid_fn cpuid, void *ctx, struct mms_cputlb *t)
{
	struct mms_cpuid r;
	uint32_t regs[4];
	int i, k;

	cpuid(ctx, 2, 0, &r);
	regs[0] = r.eax;
	regs[1] = r.ebx;
	regs[2] = r.ecx;
	regs[3] = r.edx;
	for (i = 0; i < 4; i++)
		for (k = i ? 0 : 1; k < 4 && !(regs[i] >> 31); k++)
			one_descriptor(t, (uint8_t)(regs[i] >> (8 * k)));
	if (t->n)
		t->leaf = 2;
}

/*
 * APM vol. 3, E.4.5 (80000006h): the associativity of the second level. 1 to 3
 * are ways, 5 is 6 ways, 9 is "see Fn8000_001D" and says nothing here.
 */
static bool second_level_ways(unsigned int code, unsigned int *ways)
{
	static const uint8_t table[] = { 0, 1, 2, 3, 4, 6, 8, 0, 16, 0, 32, 48, 64, 96, 128, 0 };

	*ways = table[code];
	return code && code != 7 && code != 9;
}

/* The upper half is the data TLB; if it is 0, the lower one is for both. */
static void add_second(struct mms_cputlb *t, unsigned int level, uint64_t shifts, uint32_t reg)
{
	bool both = !(reg >> 16);
	uint32_t half = both ? reg : reg >> 16;
	unsigned int ways;

	/* fully associative (15) is 0 ways here */
	if (second_level_ways(half >> 12 & 15, &ways))
		add(t, level, both && level == 2 ? B : D, shifts, half & 0xfff, ways);
}

/*
 * APM vol. 3, E.4.4 (80000005h): EBX 4K, EAX 2M and 4M; [23:16] entries of the
 * data TLB, [31:24] its ways, 0 reserved, 255 fully associative. A page of 4M
 * takes two entries, and is left out.
 */
static void add_first(struct mms_cputlb *t, uint64_t shifts, uint32_t reg)
{
	unsigned int ways = reg >> 24, entries = reg >> 16 & 0xff;

	if (ways)
		add(t, 1, D, shifts, entries, ways == 255 ? 0 : ways);
}

static void decode_amd(mms_cpuid_fn cpuid, void *ctx, struct mms_cputlb *t, uint32_t max)
{
	struct mms_cpuid r;

	if (max < 0x80000005)
		return;
	cpuid(ctx, 0x80000005, 0, &r);
	add_first(t, S4K, r.ebx);
	add_first(t, S2M, r.eax);
	if (max >= 0x80000006) {
		cpuid(ctx, 0x80000006, 0, &r);
		add_second(t, 2, S4K, r.ebx);
		add_second(t, 2, S2M, r.eax);
	}
	if (max >= 0x80000019) {
		cpuid(ctx, 0x80000019, 0, &r);
		add_second(t, 1, S1G, r.eax & 0xffff0000);
		add_second(t, 2, S1G, r.ebx & 0xffff0000);
	}
	if (t->n)
		t->leaf = 0x80000005;
}

void mms_cputlb_decode(mms_cpuid_fn cpuid, void *ctx, struct mms_cputlb *out)
{
	struct mms_cpuid r;
	char vendor[12];
	uint32_t max;

	memset(out, 0, sizeof(*out));
	cpuid(ctx, 0, 0, &r);
	max = r.eax;
	memcpy(vendor, &r.ebx, 4);
	memcpy(vendor + 4, &r.edx, 4);
	memcpy(vendor + 8, &r.ecx, 4);
	if (max >= 1) {
		cpuid(ctx, 1, 0, &r);
		out->hypervisor = r.ecx >> 31;
	}
	cpuid(ctx, 0x80000000, 0, &r);
	if (!memcmp(vendor, "AuthenticAMD", 12) || !memcmp(vendor, "HygonGenuine", 12)) {
		decode_amd(cpuid, ctx, out, r.eax >> 31 ? r.eax : 0);
		return;
	}
	if (memcmp(vendor, "GenuineIntel", 12))
		return;
	if (max >= 0x18)
		decode_18h(cpuid, ctx, out);
	if (!out->n && max >= 2)
		decode_2(cpuid, ctx, out);
}

#if defined(__x86_64__) || defined(__i386__)
static void ask(void *ctx, uint32_t leaf, uint32_t subleaf, struct mms_cpuid *out)
{
	(void)ctx;
	__cpuid_count(leaf, subleaf, out->eax, out->ebx, out->ecx, out->edx);
}

void mms_cputlb_read(struct mms_cputlb *out)
{
	mms_cputlb_decode(ask, NULL, out);
}
#else
void mms_cputlb_read(struct mms_cputlb *out)
{
	memset(out, 0, sizeof(*out));
}
#endif

unsigned int mms_cputlb_entries(const struct mms_cputlb *tlb, unsigned int level, unsigned int shift)
{
	unsigned int i, sum = 0;

	for (i = 0; i < tlb->n; i++)
		if (tlb->array[i].level == level && tlb->array[i].kind != MMS_CPUTLB_CODE &&
		    (tlb->array[i].shifts >> shift & 1))
			sum += tlb->array[i].entries;
	return sum;
}
