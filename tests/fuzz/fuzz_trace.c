// SPDX-License-Identifier: GPL-2.0
/* Fuzz target: the lines of a TLB trace, understood and run on tables that lead everywhere. */
#include <errno.h>
#include "model/tlbtrace.h"
#include "texts.h"

/* Tables lead to each other and to pages; some memory there is not. */
static int tables(void *ctx, uint64_t pa, uint64_t *value)
{
	static const uint64_t words[] = {
		0x2007, 0x3027, 0x4067, 0, 0x5161, 0x200087, 0x1007, 0x8000000000006067, 0x3004, 0x40000087, 0x2187,
	};

	(void)ctx;
	if (pa >= 1u << 24)
		return -ENXIO;
	*value = words[((pa >> 3) + (pa >> 12) * 3) % (sizeof(words) / sizeof(words[0]))];
	return 0;
}

static size_t one_line(struct rng *r, char *out, size_t max)
{
	static const char *const cpus[] = { "", "", "", "cpu0 ", "cpu1 ", "cpu7 " };
	static const uint64_t places[] = { 0, 0x1000, 0x1abc, 0x5000, 0x200123, 0x7fffffffe000, 0xffff800000000000 };
	static const uint64_t roots[] = { 0x1000, 0x2000, 0x9000, 0 };
	const char *cpu = cpus[below(r, 6)];
	uint64_t va = places[below(r, 7)], pcid = below(r, 3);

	switch (below(r, 10)) {
	case 0:
		return (size_t)snprintf(out, max, "%scr3 %llx%s%s\n", cpu, (unsigned long long)roots[below(r, 4)],
					pcid ? " pcid=1" : "", below(r, 2) ? " keep" : "");
	case 1:
		return (size_t)snprintf(out, max, "%scr4 pge=%d%s\n", cpu, (int)below(r, 2),
					below(r, 2) ? " pcide=1" : " pcide=0");
	case 2:
		return (size_t)snprintf(out, max, "%sinvlpg %llx\n", cpu, (unsigned long long)va);
	case 3:
		return (size_t)snprintf(out, max, "%sshootdown 0x%llx # all\n", cpu, (unsigned long long)va);
	case 4:
		return (size_t)snprintf(out, max, "%sinvpcid %s\n", cpu, below(r, 2) ? "all" : "all-but-global");
	case 5:
		return (size_t)snprintf(out, max, "%sinvpcid context %d\n", cpu, (int)pcid);
	case 6:
		return (size_t)snprintf(out, max, "write %llx %llx\n", (unsigned long long)(roots[below(r, 4)] + 8 * below(r, 512)),
					(unsigned long long)(below(r, 8) << 12 | below(r, 512)));
	default:
		return (size_t)snprintf(out, max, "%saccess %llx\n", cpu, (unsigned long long)va);
	}
}

size_t fuzz_seed(struct rng *r, uint8_t *out, size_t max)
{
	char *text = (char *)out;
	unsigned int n = (unsigned int)below(r, 40), i;
	size_t used = 0;

	if (below(r, 4))
		used += (size_t)snprintf(text, max, "tlb 1 4K,2M %d 2\ntlb 2 4K %d 4\n", 1 << below(r, 4), 1 << below(r, 6));
	/* so that no access comes too early */
	for (i = 0; i < 8; i++)
		used += (size_t)snprintf(text + used, max - used, "cpu%u cr3 1000\n", i);
	while (n--)
		used += one_line(r, text + used, max - used);
	return used;
}

size_t fuzz_mutate(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	return text_damage(r, data, size, max);
}

void fuzz_init(void)
{
}

static void run(struct mms_tlb_trace *t)
{
	static struct mms_tlb_step s;
	struct mms_err err = { "" };
	struct mms_tlb_sums sums;
	uint64_t accesses = 0;
	int rc, i, fresh;

	while ((rc = mms_tlb_trace_next(t, &s, &err)) > 0) {
		FUZZ_ASSERT(s.cpu < MMS_TRACE_CPUS && s.text[0]);
		if (!s.access)
			continue;
		accesses++;
		FUZZ_ASSERT(s.nanswers >= 1 && s.nanswers <= (int)MMS_TRACE_ANSWERS && s.hit >= -1 && s.hit <= 2);
		for (i = fresh = 0; i < s.nanswers; i++)
			fresh += s.answers[i].fresh;
		FUZZ_ASSERT(fresh == 1);
	}
	FUZZ_ASSERT(!rc || err.text[0]);
	FUZZ_ASSERT(!fuzz_valid || !rc || rc == -ENOSPC);
	mms_tlb_trace_sums(t, &sums);
	FUZZ_ASSERT(sums.accesses == accesses && sums.stale <= accesses && sums.faults <= sums.misses);
	FUZZ_ASSERT(!sums.simulated || sums.hits[1] + sums.hits[2] + sums.misses == accesses);
}

void fuzz_one(const uint8_t *data, size_t size)
{
	static const struct mmu_mem mem = { .read = tables };
	FILE *f = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	struct mms_tlb_trace *t = NULL;
	struct mms_err err = { "" };
	int rc;

	if (!f)
		return;
	rc = mms_tlb_trace_read(&t, f, &mem, size & 1 ? MMU_MODE_X86_5LEVEL : MMU_MODE_X86_4LEVEL, &err);
	fclose(f);
	FUZZ_ASSERT(!rc == !!t && !rc == !err.text[0]);
	FUZZ_ASSERT(!fuzz_valid || !rc || (size & 1));
	if (!rc)
		run(t);
	mms_tlb_trace_free(t);
}
