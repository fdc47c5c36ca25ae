// SPDX-License-Identifier: GPL-2.0
/*
 * One page of 4-level paging, three accesses: what would the processor do?
 * C99 and C++; see libmmscope-mmu.rst.
 *
 *	cc -o translate translate.c $(pkg-config --cflags --libs libmmscope-mmu)
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <mmscope-mmu/mmu.h>

/* Memory: all of it that holds tables. A real program reads a dump, or a guest. */
struct word {
	uint64_t pa;
	uint64_t value;
};

static const struct word memory[] = {
	{ 0x1000, 0x2007 },			/* PML4E 0 */
	{ 0x2000, 0x3007 },			/* PDPTE 0 */
	{ 0x3000, 0x4007 },			/* PDE 0 */
	{ 0x4008, UINT64_C(0x8000000000005005) },	/* PTE 1: P US NX, no RW */
};

static int read_entry(void *ctx, uint64_t pa, uint64_t *value)
{
	const struct word *word = (const struct word *)ctx;
	size_t i;

	for (i = 0; i < sizeof(memory) / sizeof(memory[0]); i++) {
		if (word[i].pa == pa) {
			*value = word[i].value;
			return 0;
		}
	}
	return -1;	/* no such memory: MMU_ERR_MEMORY */
}

static void show(const struct mmu_access *access, const struct mmu_result *res)
{
	char code[64], why[64];

	printf("user %-5s ", mmu_access_name(access->kind));
	if (res->status == MMU_OK) {
		printf("0x%" PRIx64 "\n", res->pa);
		return;
	}
	mmu_error_text(res->error_code, code, sizeof(code));
	mmu_denied_text(res->denied, why, sizeof(why));
	printf("%s, error code 0x%x (%s): %s, by the %s\n", mmu_status_name(res->status),
	       (unsigned int)res->error_code, code, why, mmu_entry_name(MMU_MODE_X86_4LEVEL, res->fail_level));
}

int main(void)
{
	static const enum mmu_access_kind kinds[] = { MMU_READ, MMU_WRITE, MMU_FETCH };
	struct mmu_access access;
	struct mmu_result res;
	struct mmu_regs regs;
	struct mmu_mem mem;
	unsigned int i;

	memset(&regs, 0, sizeof(regs));
	regs.mode = MMU_MODE_X86_4LEVEL;
	regs.cr0 = 0x80010001;		/* PG WP PE */
	regs.cr3 = 0x1000;
	regs.cr4 = 0x20;		/* PAE */
	regs.efer = 0xd00;		/* NXE LMA LME */
	regs.maxphyaddr = 46;

	memset(&mem, 0, sizeof(mem));
	mem.read = read_entry;
	mem.ctx = (void *)memory;	/* read_entry() does not write to it */

	/* The tables are walked once, */
	mmu_walk(&regs, &mem, 0x1abc, &res);
	for (i = 0; i < res.nsteps; i++)
		printf("%-5s %3u at 0x%" PRIx64 ": 0x%" PRIx64 "\n",
		       mmu_entry_name(regs.mode, res.steps[i].level), res.steps[i].index,
		       res.steps[i].entry_pa, res.steps[i].raw);
	/* each access is decided on what was found. mmu_translate() is both. */
	for (i = 0; i < 3; i++) {
		memset(&access, 0, sizeof(access));
		access.kind = kinds[i];
		access.user = true;
		mmu_check_access(&regs, &access, &res);
		show(&access, &res);
	}
	return 0;
}
