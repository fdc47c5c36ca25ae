// SPDX-License-Identifier: GPL-2.0
/*
 * The peer Unicorn: a program in it reads a byte of each page after a flush of
 * its TLB, so that each read is a walk of the tables.
 *
 * It has no way to translate an address by itself. What the program costs
 * without the walks is measured, too, by as many reads of one page, and taken
 * off. Unicorn 2.0 walks the tables for the rights and then finds memory by the
 * linear address: no physical address to compare, but the A bits say which
 * entries it has used.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicorn/unicorn.h>

#include "bench.h"

#define AT_EFER		576	/* in the saved context of Unicorn 2.0.x, which ignores a WRMSR */

/*
 * next:	mov esi, ebp; mov ecx, count; mov cr3, rax
 * page:	mov rbx, [rsi]; mov dl, [rbx]; add rsi, size; dec ecx; jnz page
 *		dec edi; jnz next
 * The loads and the addition have a REX prefix in the 64-bit program alone.
 */
static const uint8_t program64[] = {
	0x89, 0xee, 0xb9, 0x00, 0x10, 0x00, 0x00, 0x0f, 0x22, 0xd8,
	0x48, 0x8b, 0x1e, 0x8a, 0x13, 0x48, 0x83, 0xc6, 0x08, 0xff, 0xc9, 0x75, 0xf3,
	0xff, 0xcf, 0x75, 0xe5,
};

static const uint8_t program32[] = {
	0x89, 0xee, 0xb9, 0x00, 0x10, 0x00, 0x00, 0x0f, 0x22, 0xd8,
	0x8b, 0x1e, 0x8a, 0x13, 0x83, 0xc6, 0x04, 0xff, 0xc9, 0x75, 0xf5,
	0xff, 0xcf, 0x75, 0xe7,
};

_Static_assert(BENCH_ADDRESSES == 0x1000, "the programs count to 0x1000");

struct peer {
	const struct bench_case *c;
	uc_engine *uc;
	uint8_t *data;		/* what lies at the linear addresses */
	bool narrow;
	uint64_t end;
};

static bool map_memory(struct peer *p)
{
	unsigned int i;

	if (uc_mem_map_ptr(p->uc, 0, BENCH_RAM, UC_PROT_ALL, p->c->ram))
		return false;
	p->data = aligned_alloc(4096, BENCH_WINDOW);
	if (!p->data)
		return false;
	memset(p->data, 0, BENCH_WINDOW);
	for (i = 0; i < BENCH_WINDOWS; i++)
		if (uc_mem_map_ptr(p->uc, p->c->window[i], BENCH_WINDOW, UC_PROT_ALL, p->data))
			return false;
	return true;
}

static void write_program(struct peer *p)
{
	uint8_t *ram = p->c->ram;
	size_t size = p->narrow ? 4 : 8;
	unsigned int i;

	if (p->narrow)
		memcpy(ram + BENCH_CODE, program32, sizeof(program32));
	else
		memcpy(ram + BENCH_CODE, program64, sizeof(program64));
	p->end = BENCH_CODE + (p->narrow ? sizeof(program32) : sizeof(program64));
	for (i = 0; i < BENCH_ADDRESSES; i++) {
		memcpy(ram + BENCH_LIST + i * size, &p->c->va[i], size);
		memcpy(ram + BENCH_LIST2 + i * size, &p->c->va[0], size);
	}
}

static bool set_registers(struct peer *p)
{
	const struct mmu_regs *regs = &p->c->regs;
	uc_context *context;

	if (uc_context_alloc(p->uc, &context))
		return false;
	uc_context_save(p->uc, context);
	memcpy((char *)context + AT_EFER, &regs->efer, sizeof(regs->efer));
	uc_context_restore(p->uc, context);
	uc_context_free(context);
	uc_reg_write(p->uc, UC_X86_REG_CR3, &regs->cr3);
	uc_reg_write(p->uc, UC_X86_REG_CR4, &regs->cr4);
	uc_reg_write(p->uc, UC_X86_REG_CR0, &regs->cr0);
	return true;
}

static void close_peer(void *peer)
{
	struct peer *p = peer;

	if (p->uc)
		uc_close(p->uc);
	free(p->data);
	free(p);
}

static void *open_peer(const struct bench_case *c, const char **why)
{
	struct peer *p = calloc(1, sizeof(*p));
	enum mmu_mode mode = c->regs.mode;

	*why = "no program for this architecture";
	if (!p || mode == MMU_MODE_ARM64) {
		free(p);
		return NULL;
	}
	*why = "Unicorn does not start";
	p->c = c;
	p->narrow = mode == MMU_MODE_X86_PAE || mode == MMU_MODE_X86_32BIT;
	if (uc_open(UC_ARCH_X86, p->narrow ? UC_MODE_32 : UC_MODE_64, &p->uc)) {
		free(p);
		return NULL;
	}
	if (uc_ctl_set_cpu_model(p->uc, UC_CPU_X86_ICELAKE_SERVER) || !map_memory(p) || !set_registers(p)) {
		close_peer(p);
		return NULL;
	}
	write_program(p);
	return p;
}

static uc_err go(struct peer *p, uint64_t list, uint32_t reps)
{
	uint64_t cr3 = p->c->regs.cr3, count = reps;

	uc_reg_write(p->uc, p->narrow ? UC_X86_REG_EBP : UC_X86_REG_RBP, &list);
	uc_reg_write(p->uc, p->narrow ? UC_X86_REG_EDI : UC_X86_REG_RDI, &count);
	uc_reg_write(p->uc, p->narrow ? UC_X86_REG_EAX : UC_X86_REG_RAX, &cr3);
	return uc_emu_start(p->uc, BENCH_CODE, p->end, 0, 0);
}

static int read_ram(void *ctx, uint64_t pa, uint64_t *value)
{
	if (pa > BENCH_RAM - sizeof(*value))
		return -1;
	memcpy(value, (const uint8_t *)ctx + pa, sizeof(*value));
	return 0;
}

static void mark(const struct peer *p, uint64_t va)
{
	static const struct mmu_access read = { .kind = MMU_READ };
	const struct mmu_mem mem = { .read = read_ram, .ctx = p->c->ram };
	size_t size = bench_entry_size(p->c);
	struct mmu_result res;
	unsigned int i;

	mmu_translate(&p->c->regs, &mem, va, &read, &res);
	for (i = 0; i < res.nsteps; i++) {
		uint64_t entry = res.steps[i].raw | res.steps[i].must_set;

		memcpy(p->c->ram + res.steps[i].entry_pa, &entry, size);
	}
}

/* What the program uses: itself, its list, and the addresses in that. */
static size_t model_marks(const struct peer *p, uint64_t *which)
{
	size_t bytes = BENCH_ADDRESSES * (p->narrow ? 4u : 8u), i;

	bench_set_accessed(p->c, false);
	mark(p, BENCH_CODE);
	for (i = 0; i < bytes; i += 4096)
		mark(p, BENCH_LIST + i);
	for (i = 0; i < BENCH_ADDRESSES; i++)
		mark(p, p->c->va[i]);
	return bench_count_accessed(p->c, which);
}

/* The entries that its walks have used are those that the model's must mark. */
static bool check(void *peer)
{
	struct peer *p = peer;
	uint64_t which, expected;
	size_t used, wanted = model_marks(p, &expected);
	uc_err err;

	bench_set_accessed(p->c, false);
	err = go(p, BENCH_LIST, 1);
	used = bench_count_accessed(p->c, &which);
	bench_set_accessed(p->c, true);
	if (!err && used == wanted && which == expected)
		return true;
	fprintf(stderr, "Unicorn, %s: it has used %zu entries, the model %zu (%s)\n", p->c->name, used, wanted,
		uc_strerror(err));
	return false;
}

static double run(void *peer, unsigned int reps, uint64_t *sum)
{
	struct peer *p = peer;
	double start = bench_now(), with, without;

	go(p, BENCH_LIST, reps);
	with = bench_now() - start;
	start = bench_now();
	go(p, BENCH_LIST2, reps);
	without = bench_now() - start;
	*sum = 0;
	return with - without;
}

const struct bench_peer bench_unicorn = {
	.name = "Unicorn",
	.open = open_peer,
	.check = check,
	.run = run,
	.close = close_peer,
};
