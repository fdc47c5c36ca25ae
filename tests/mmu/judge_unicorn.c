// SPDX-License-Identifier: GPL-2.0
/*
 * Judge of the software MMU: random tables and machines, compared with the MMU
 * of the Unicorn emulator (which descends from QEMU's: count them as one).
 *
 *	judge_unicorn [cases [seed]]
 *	judge_unicorn --ablate [cases [seed]]
 *
 * Compared: fault or none, vector, error code, CR2, and the A and D bits of
 * every entry. Exit status: 0 all agree, 1 a mismatch, 77 this Unicorn cannot
 * be used.
 *
 * Known quirks are allowed for, and counted. They are in the table below, each
 * with the place in the manual. --ablate asks without each of them in turn, and
 * fails if that makes no mismatch; the first is shown, with all that it needs.
 *
 * What Unicorn 2.0 cannot judge, and the cases therefore do not contain: the
 * final physical address (it walks the tables for the rights, then uses the
 * linear address), physical address widths other than 40, 1G pages and PSE-36
 * switched off, IA32_PKRS, implicit and stack accesses, tables beyond the first
 * megabytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicorn/unicorn.h>

#include "mmu/mmu.h"

#define RAM_SIZE	(16u << 20)
#define FRAMES_FROM	(2u << 20)	/* below: tables and the two programs */
#define PHYS_BITS	40

/* Entries that map the program, one page for each privilege. */
#define KERNEL_CODE	0x3000u
#define USER_CODE	0x4000u
#define CODE_TABLES	0x8000u
#define TABLES		0x10000u	/* those of the case, by level */
#define ROOT		0x20000u
#define PDPTS		0x22000u	/* PAE: 128 places for four PDPTEs */
#define LOAD		0		/* mov al, [rbx] at the page's start */
#define STORE		16		/* mov [rbx], al */
#define FLUSH		32		/* mov cr3, rax */
/* Apart, for a store would make Unicorn translate the fetched code anew. */
#define DATA_OFFSET	0x128u
#define FETCH_OFFSET	0x567u

/*
 * Places in the saved context of Unicorn 2.0.x, which has no interface to
 * these: EFER (a write is ignored), the privilege level and SMAP in hflags,
 * PKRU, and the error code of an exception. calibrate() checks them.
 */
#define AT_RFLAGS	152
#define AT_HFLAGS	192
#define AT_EFER		576
#define AT_PKRU		5288
#define AT_ERROR_CODE	5368
#define HFLAGS_SMAP	(1u << 23)

/* What Unicorn does otherwise than the manual says. */
enum quirk {
	A_OF_BAD_1G,
	PDPTE_REREAD,
	PDPTE_UNCHECKED,
	N_QUIRKS,
};

static const char *const quirk_names[] = {
	/* An entry with a reserved bit is not used (SDM 5.5.4 and 5.8). */
	[A_OF_BAD_1G] = "A set in a 1G PDPTE with bits 29:13",
	/* PAE walks use the registers that MOV to CR3 has loaded (5.4.1). */
	[PDPTE_REREAD] = "PAE's PDPTE read from memory at each walk",
	/* A present one with a reserved bit makes that MOV #GP (5.4.1). */
	[PDPTE_UNCHECKED] = "no #GP for PDPTEs by MOV to CR3",
};

/* The mode of a case is known by the level of its root. */
#define ROOT_PAE	3
#define ROOT_32BIT	2

static const char *const root_names[] = { "", "", "32-bit", "PAE", "4-level",
					  "5-level" };

/* One machine in 64-bit mode, another (narrow) in 32-bit mode. */
struct judge {
	uc_engine *uc;
	bool narrow;
	uc_context *base, *work, *after;
	uint8_t *ram, *data;
	unsigned int cases[6];		/* by root */
	unsigned int translated, faulted, mismatches, quirks[N_QUIRKS];
	/* of the exception, if there was one */
	int vector;
	uint32_t code;
	uint64_t cr2;
};

struct question {
	struct mmu_regs regs;
	struct mmu_access access;
	uint64_t va;
	uint64_t entry[6], at[6];	/* by level */
	int root;
	/* PAE: the PDPTE is gone from memory when the access is made */
	bool stale;
};

static uint64_t seed = 1;
static unsigned int to_show = 5;
/* Bit n: quirk n is not allowed for. */
static unsigned int without;

static uint64_t rnd(void)
{
	uint64_t z = (seed += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static bool one_in(unsigned int n)
{
	return rnd() % n == 0;
}

static void put(struct judge *j, uint64_t pa, uint64_t value)
{
	memcpy(j->ram + pa, &value, sizeof(value));
}

static uint64_t get(const struct judge *j, uint64_t pa)
{
	uint64_t value;

	memcpy(&value, j->ram + pa, sizeof(value));
	return value;
}

static void put_entry(struct judge *j, const struct question *q, int level)
{
	memcpy(j->ram + q->at[level], &q->entry[level],
	       q->root == ROOT_32BIT ? 4 : 8);
}

static uint64_t get_entry(const struct judge *j, const struct question *q,
			  uint64_t pa)
{
	uint64_t value = get(j, pa & ~7ull);

	if (q->root != ROOT_32BIT)
		return value;
	return pa & 4 ? value >> 32 : value & 0xffffffff;
}

static void on_exception(uc_engine *uc, uint32_t vector, void *user)
{
	struct judge *j = user;

	/* A second one is the first that could not be delivered. */
	if (j->vector < 0) {
		j->vector = (int)vector;
		uc_reg_read(uc, UC_X86_REG_CR2, &j->cr2);
		uc_context_save(uc, j->after);
		memcpy(&j->code, (char *)j->after + AT_ERROR_CODE,
		       sizeof(j->code));
	}
	uc_emu_stop(uc);
}

/*
 * Where linear addresses may lie. Unicorn finds what is accessed by its linear
 * address, and yet wants some memory to be at the physical one.
 */
static const uint64_t windows[] = {
	0x0000008080000000, 0x00007fffc0000000, 0xffff808000000000,
	0xffffffff80000000,
	/* canonical in 5-level mode only */
	0x00ff800040000000, 0xff12345640000000,
	/* in neither */
	0x0123008040000000, 0xfeffffff80000000,
};
/* The same for a narrow machine, apart from what is repeated below. */
static const uint64_t narrow_windows[] = {
	0x01000000,	/* not for PAE: it shares the program's PDPTE */
	0x50000000, 0x80800000, 0xfe000000,
};
/* Where physical memory is repeated, for leaves with high frames. */
static const uint64_t mirrors[] = { 0, 0x40000000, 0x200000000, 0x8000000000 };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool map_memory(struct judge *j)
{
	uint8_t *p;
	size_t i;

	j->ram = aligned_alloc(4096, RAM_SIZE);
	j->data = aligned_alloc(4096, RAM_SIZE);
	if (!j->ram || !j->data)
		return false;
	memset(j->ram, 0, RAM_SIZE);
	memset(j->data, 0x90, RAM_SIZE);	/* nop */
	for (i = 0; i < COUNT(mirrors); i++)
		if (uc_mem_map_ptr(j->uc, mirrors[i], RAM_SIZE, UC_PROT_ALL,
				   j->ram))
			return false;
	for (i = 0; i < (j->narrow ? COUNT(narrow_windows) : COUNT(windows));
	     i++)
		if (uc_mem_map_ptr(j->uc, j->narrow ? narrow_windows[i] :
				   windows[i], RAM_SIZE, UC_PROT_ALL, j->data))
			return false;
	for (i = 0; i < 2; i++) {
		p = j->ram + (i ? USER_CODE : KERNEL_CODE);
		memcpy(p + LOAD, "\x8a\x03", 2);
		memcpy(p + STORE, "\x88\x03", 2);
		memcpy(p + FLUSH, "\x0f\x22\xd8", 3);
	}
	return true;
}

/* Tables for the program, which lies at the linear addresses below 2M. */
static void map_program(struct judge *j)
{
	put(j, CODE_TABLES, (CODE_TABLES + 0x1000) | 0x27);
	put(j, CODE_TABLES + 0x1000, (CODE_TABLES + 0x2000) | 0x27);
	put(j, CODE_TABLES + 0x2000, (CODE_TABLES + 0x3000) | 0x27);
	put(j, CODE_TABLES + 0x3000 + KERNEL_CODE / 512, KERNEL_CODE | 0x23);
	put(j, CODE_TABLES + 0x3000 + USER_CODE / 512, USER_CODE | 0x27);
	/* a page table of 4-byte entries */
	put(j, CODE_TABLES + 0x4008, (uint64_t)(KERNEL_CODE | 0x23) << 32);
	put(j, CODE_TABLES + 0x4010, USER_CODE | 0x27);
}

/* The program's way through the root of the case, at index 0. */
static void link_program(struct judge *j, const struct question *q)
{
	if (q->root == ROOT_32BIT) {
		put(j, ROOT, (CODE_TABLES + 0x4000) | 0x27);
	} else if (q->root == ROOT_PAE) {
		put(j, q->regs.cr3 & ~31ull, (CODE_TABLES + 0x2000) | 1);
		put(j, (q->regs.cr3 & ~31ull) + 8, 0);
		put(j, (q->regs.cr3 & ~31ull) + 16, 0);
		put(j, (q->regs.cr3 & ~31ull) + 24, 0);
	} else {
		put(j, ROOT, q->root == 5 ? (ROOT + 0x1000) | 0x27 :
		    get(j, CODE_TABLES));
		put(j, ROOT + 0x1000, get(j, CODE_TABLES));
	}
}

static bool start(struct judge *j)
{
	uc_hook hook;

	if (uc_open(UC_ARCH_X86, j->narrow ? UC_MODE_32 : UC_MODE_64,
		    &j->uc) ||
	    uc_ctl_set_cpu_model(j->uc, UC_CPU_X86_ICELAKE_SERVER) ||
	    !map_memory(j))
		return false;
	map_program(j);
	return !uc_context_alloc(j->uc, &j->base) &&
	       !uc_context_alloc(j->uc, &j->work) &&
	       !uc_context_alloc(j->uc, &j->after) &&
	       !uc_context_save(j->uc, j->base) &&
	       uc_context_size(j->uc) > AT_ERROR_CODE + 4 &&
	       !uc_hook_add(j->uc, &hook, UC_HOOK_INTR, (void *)on_exception,
			    j, 1, 0);
}

static void patch(uc_context *context, size_t at, const void *value,
		  size_t size)
{
	memcpy((char *)context + at, value, size);
}

/* Puts the machine into the state of the question, at a level of privilege. */
static void load_registers(struct judge *j, const struct question *q,
			   bool user)
{
	const struct mmu_regs *regs = &q->regs;
	uint64_t va = q->va;
	uint32_t hflags;

	memcpy(j->work, j->base, uc_context_size(j->uc));
	memcpy(&hflags, (char *)j->work + AT_HFLAGS, sizeof(hflags));
	hflags |= user ? 3u : 0;
	hflags |= (regs->cr4 & (1u << 21)) ? HFLAGS_SMAP : 0;
	patch(j->work, AT_HFLAGS, &hflags, sizeof(hflags));
	patch(j->work, AT_EFER, &regs->efer, sizeof(regs->efer));
	patch(j->work, AT_RFLAGS, &regs->rflags, sizeof(regs->rflags));
	patch(j->work, AT_PKRU, &regs->pkru, sizeof(regs->pkru));
	uc_context_restore(j->uc, j->work);
	uc_reg_write(j->uc, UC_X86_REG_CR3, &regs->cr3);
	uc_reg_write(j->uc, UC_X86_REG_CR4, &regs->cr4);
	uc_reg_write(j->uc, UC_X86_REG_CR0, &regs->cr0);
	uc_reg_write(j->uc, j->narrow ? UC_X86_REG_EAX : UC_X86_REG_RAX,
		     &regs->cr3);
	uc_reg_write(j->uc, j->narrow ? UC_X86_REG_EBX : UC_X86_REG_RBX, &va);
}

/*
 * Writes the tables and has CR3 loaded; returns Unicorn's error, 0 for none.
 * Setting CR3 from outside leaves the TLB of the last case: only the
 * instruction flushes.
 */
static uc_err load_cr3(struct judge *j, const struct question *q)
{
	int level;

	for (level = q->root; level >= 1; level--)
		put_entry(j, q, level);
	j->vector = -1;
	load_registers(j, q, false);
	return uc_emu_start(j->uc, KERNEL_CODE + FLUSH, KERNEL_CODE + FLUSH + 3,
			    0, 0);
}

/* Lets Unicorn make the access; returns its error, 0 for none. */
static uc_err ask(struct judge *j, const struct question *q)
{
	uint64_t ip = q->access.user ? USER_CODE : KERNEL_CODE;
	unsigned int length = 2;
	uc_err err = load_cr3(j, q);

	if (err || j->vector >= 0)
		return err ? err : UC_ERR_EXCEPTION;
	if (q->stale)
		put(j, q->at[ROOT_PAE], 0);
	load_registers(j, q, q->access.user);
	if (q->access.kind == MMU_FETCH) {
		ip = q->va;
		length = 1;
	} else {
		ip += q->access.kind == MMU_WRITE ? STORE : LOAD;
	}
	return uc_emu_start(j->uc, ip, ip + length, 0, 0);
}

static uint64_t random_entry(int level)
{
	uint64_t r = rnd();
	/* ignored bits, keys, cache attributes, A, D, G */
	uint64_t entry = (r & 0x7ff0000000000f78) | 7;

	entry ^= one_in(24) ? 1 : 0;
	entry ^= one_in(5) ? 2 : 0;
	entry ^= one_in(5) ? 4 : 0;
	entry |= one_in(10) ? UINT64_C(1) << 63 : 0;
	entry |= one_in(30) ? UINT64_C(1) << (PHYS_BITS + r % 12) : 0;
	if (level >= 4 && one_in(30))
		entry |= 0x80;
	if (level == 1)
		entry |= rnd() & 0x80;
	return entry;
}

static void random_tables(struct question *q)
{
	int leaf = 1 + (int)(rnd() % 3), level;
	uint64_t frame;

	for (level = q->root; level >= 1; level--) {
		unsigned int shift = 12 + 9 * ((unsigned int)level - 1);
		uint64_t table = level == q->root ? ROOT :
				 TABLES + (unsigned int)level * 0x1000;

		q->at[level] = table + (q->va >> shift & 511) * 8;
		q->entry[level] = random_entry(level) |
				  (TABLES + ((unsigned int)level - 1) * 0x1000);
		if (level != leaf)
			continue;
		frame = mirrors[rnd() % COUNT(mirrors)];
		if (level < 3)
			frame |= FRAMES_FROM + (rnd() % 6 << 21);
		if (level < 2)
			frame |= rnd() % 512 << 12;
		q->entry[level] = random_entry(level) | frame;
		if (level > 1) {
			q->entry[level] |= 0x80 | (rnd() & 0x1000);
			if (one_in(30))
				q->entry[level] |= UINT64_C(1) <<
						   (13 + rnd() % (shift - 13));
		}
	}
}

/* Bits of an entry of the narrow modes, address apart. */
static uint64_t narrow_entry(const struct question *q, int level)
{
	uint64_t r = rnd();
	uint64_t entry = (r & 0xf78) | 7;

	entry ^= one_in(24) ? 1 : 0;
	entry ^= one_in(5) ? 2 : 0;
	entry ^= one_in(5) ? 4 : 0;
	if (level == 1)
		entry |= rnd() & 0x80;
	if (q->root == ROOT_32BIT)
		return entry;
	entry |= one_in(10) ? UINT64_C(1) << 63 : 0;
	entry |= one_in(30) ? UINT64_C(1) << (PHYS_BITS + r % 23) : 0;
	return entry;
}

/* PDE and PTE of the narrow modes; without CR4.PSE, PS makes no leaf. */
static void narrow_tables(struct question *q)
{
	bool bit32 = q->root == ROOT_32BIT, pse = !bit32 || (q->regs.cr4 & 0x10);
	uint64_t size = bit32 ? 4 : 8, frame;
	unsigned int shift = bit32 ? 22 : 21;
	bool large = pse && one_in(2);

	q->at[2] = bit32 ? ROOT : TABLES + 0x2000;
	q->at[2] += (q->va >> shift & (4096 / size - 1)) * size;
	q->at[1] = TABLES + 0x1000 + (q->va >> 12 & (4096 / size - 1)) * size;
	q->entry[2] = narrow_entry(q, 2) | (TABLES + 0x1000) |
		      (!pse && one_in(2) ? 0x80 : 0);
	frame = mirrors[rnd() % (bit32 ? 2 : COUNT(mirrors))];
	q->entry[1] = narrow_entry(q, 1) | frame |
		      (FRAMES_FROM + (rnd() % 6 << 21) + (rnd() % 512 << 12));
	if (!large)
		return;
	frame = mirrors[rnd() % COUNT(mirrors)] + ((1 + rnd() % 3) << 22);
	/* PSE-36 */
	if (bit32)
		frame = (frame & 0xffffffff) | frame >> 32 << 13;
	q->entry[2] = narrow_entry(q, 2) | frame | 0x80 | (rnd() & 0x1000);
	if (one_in(30))
		q->entry[2] |= bit32 ? 0x200000 : UINT64_C(1) << (13 + rnd() % 8);
}

static void random_pdpte(struct question *q)
{
	uint64_t r = rnd();

	q->at[ROOT_PAE] = (q->regs.cr3 & ~31ull) + (q->va >> 30) * 8;
	q->entry[ROOT_PAE] = (TABLES + 0x2000) | (r & 0xe18) | 1;
	if (one_in(24))
		q->entry[ROOT_PAE] = rnd() & ~1ull;
	q->stale = one_in(64);
}

static void narrow_regs(struct question *q)
{
	struct mmu_regs *regs = &q->regs;
	uint64_t r = rnd();
	bool pae = q->root == ROOT_PAE;

	*regs = (struct mmu_regs){
		.mode = pae ? MMU_MODE_X86_PAE : MMU_MODE_X86_32BIT,
		.cr0 = 0x80000033 | (one_in(3) ? 0 : 0x10000),
		.cr3 = pae ? PDPTS + (r >> 32) % 128 * 32 : ROOT,
		/* PGE, OSFXSR, then SMEP, SMAP, PKE, PSE at random */
		.cr4 = 0x280 | (r & 0x700000) | (one_in(4) ? 0 : 0x10) |
		       (pae ? 0x20 : 0),
		.efer = one_in(4) ? 0 : 0x800,
		.rflags = 2 | (r & 0x40000),
		.pkru = (uint32_t)(rnd() & rnd()),
		.maxphyaddr = PHYS_BITS,
		.pse36 = true,
	};
}

static void narrow_question(struct judge *j, struct question *q)
{
	uint64_t window;

	q->root = one_in(2) ? ROOT_PAE : ROOT_32BIT;
	window = q->root == ROOT_PAE ? 1 + rnd() % 3 : rnd() % 4;
	q->va = narrow_windows[window] + FRAMES_FROM +
		(rnd() % ((RAM_SIZE - FRAMES_FROM) >> 12) << 12);
	q->va += q->access.kind == MMU_FETCH ? FETCH_OFFSET : DATA_OFFSET;
	narrow_regs(q);
	narrow_tables(q);
	if (q->root == ROOT_PAE)
		random_pdpte(q);
	link_program(j, q);
}

static void random_regs(struct question *q)
{
	struct mmu_regs *regs = &q->regs;
	uint64_t r = rnd();

	*regs = (struct mmu_regs){
		.mode = q->root == 5 ? MMU_MODE_X86_5LEVEL :
			MMU_MODE_X86_4LEVEL,
		.cr0 = 0x80000033 | (one_in(3) ? 0 : 0x10000),
		.cr3 = ROOT,
		/* PAE, PGE, OSFXSR, then SMEP, SMAP, PKE at random */
		.cr4 = 0x2a0 | (r & 0x700000) | (q->root == 5 ? 0x1000 : 0),
		.efer = 0x500 | (one_in(4) ? 0 : 0x800),
		.rflags = 2 | (r & 0x40000),
		.pkru = (uint32_t)(rnd() & rnd()),
		.maxphyaddr = PHYS_BITS,
		.page1gb = true,
	};
}

static void random_question(struct judge *j, struct question *q)
{
	uint64_t window;

	memset(q, 0, sizeof(*q));
	q->access.kind = (enum mmu_access_kind)(rnd() % 3);
	q->access.user = one_in(2);
	if (j->narrow) {
		narrow_question(j, q);
		return;
	}
	q->root = one_in(2) ? 5 : 4;
	window = rnd() % (!one_in(32) ? 4 : q->root == 5 ? 6 : 8);
	/* The first two share the program's entry of a PML5 table. */
	if (q->root == 5)
		window += 2;
	q->va = windows[window] + FRAMES_FROM +
		(rnd() % ((RAM_SIZE - FRAMES_FROM) >> 12) << 12);
	q->va += q->access.kind == MMU_FETCH ? FETCH_OFFSET : DATA_OFFSET;
	random_regs(q);
	random_tables(q);
	link_program(j, q);
}

static int read_question(void *ctx, uint64_t pa, uint64_t *value)
{
	const struct question *q = ctx;
	int level, found = -1;

	*value = 0;
	for (level = q->root; level >= 1; level--) {
		if (q->root != ROOT_32BIT && q->at[level] == pa) {
			*value = q->entry[level];
			return 0;
		}
		if (q->root == ROOT_32BIT && q->at[level] / 8 == pa / 8) {
			*value |= q->entry[level] << (q->at[level] & 4 ? 32 : 0);
			found = 0;
		}
	}
	return found;
}

/* The memory before the access, for the PDPTEs; nothing else is read so. */
static int read_ram(void *ctx, uint64_t pa, uint64_t *value)
{
	*value = get(ctx, pa);
	return 0;
}

static bool allowed(enum quirk quirk)
{
	return !(without >> quirk & 1);
}

/* Is this change of an entry the one that is known of 1G pages? */
static bool early_a(const struct mmu_step *step, uint64_t change)
{
	return step->level == 3 && step->kind == MMU_STEP_RESERVED &&
	       (step->raw & 0x80) && change == 0x20;
}

/* NULL if Unicorn's answer is one that the model allows. */
static const char *compare(struct judge *j, const struct question *q,
			   const struct mmu_result *res, uc_err err)
{
	unsigned int i;

	if (err)
		return "Unicorn stopped with an error";
	if (res->status == MMU_OK && j->vector >= 0)
		return "Unicorn faults, the model does not";
	if (res->status == MMU_FAULT_GP && j->vector != 13)
		return "no #GP";
	if (res->status == MMU_FAULT_PF && j->vector != 14)
		return "no #PF";
	if (res->status != MMU_OK && j->code != res->error_code)
		return "error code";
	if (res->status == MMU_FAULT_PF && j->cr2 != q->va)
		return "CR2";
	for (i = 0; i < res->nsteps; i++) {
		const struct mmu_step *step = &res->steps[i];
		uint64_t change = get_entry(j, q, step->entry_pa) ^ step->raw;

		if (allowed(A_OF_BAD_1G) && early_a(step, change))
			j->quirks[A_OF_BAD_1G]++;
		else if ((change & ~step->may_set) ||
			 (step->must_set & ~change))
			return "A or D bits";
	}
	return NULL;
}

static void report(const struct judge *j, const struct question *q,
		   const struct mmu_result *res, const char *what, uc_err err)
{
	int level;

	printf("MISMATCH %s: %s %s va %#" PRIx64 " cr0 %#" PRIx64 " cr4 %#"
	       PRIx64 " efer %#" PRIx64 " rflags %#" PRIx64 " pkru %#" PRIx32
	       "\n", what, q->access.user ? "user" : "supervisor",
	       mmu_access_name(q->access.kind), q->va, q->regs.cr0, q->regs.cr4,
	       q->regs.efer, q->regs.rflags, q->regs.pkru);
	for (level = q->root; level >= 1; level--)
		printf("  level %d at %#" PRIx64 ": %#" PRIx64 " -> %#" PRIx64
		       "\n", level, q->at[level], q->entry[level],
		       get_entry(j, q, q->at[level]));
	printf("  model %s code %#x pa %#" PRIx64 "; unicorn %s vector %d "
	       "code %#x cr2 %#" PRIx64 "\n", mmu_status_name(res->status),
	       res->error_code, res->pa, uc_strerror(err), j->vector, j->code,
	       j->cr2);
}

/* A MOV to CR3 that has to be refused: is it? Returns NULL if so. */
static const char *judge_bad_pdpte(struct judge *j, struct question *q)
{
	static const int reserved[] = { 1, 2, 5, 6, 7, 8 };
	struct mmu_mem mem = { .read = read_ram, .ctx = j };
	uint64_t r = rnd();
	int bit = one_in(2) ? reserved[r % 6] :
		  PHYS_BITS + (int)(r % (64 - PHYS_BITS));
	struct mmu_cr3_load load;
	uc_err err;

	q->entry[ROOT_PAE] = TABLES | UINT64_C(1) << bit | 1;
	err = load_cr3(j, q);
	if (mmu_load_cr3(&q->regs, &mem, q->regs.cr3, &load) != MMU_FAULT_GP)
		return "the model loads a reserved bit";
	j->faulted++;
	if (!err && j->vector == 13)
		return NULL;
	if (err || j->vector >= 0)
		return "not the #GP of a reserved bit";
	if (!allowed(PDPTE_UNCHECKED))
		return quirk_names[PDPTE_UNCHECKED];
	j->quirks[PDPTE_UNCHECKED]++;
	return NULL;
}

/* The registers as MOV to CR3 leaves them, and what the quirk makes of them. */
static void load_model(struct judge *j, struct question *q)
{
	struct mmu_mem mem = { .read = read_ram, .ctx = j };
	struct mmu_cr3_load load;

	put_entry(j, q, ROOT_PAE);
	if (mmu_load_cr3(&q->regs, &mem, q->regs.cr3, &load) != MMU_OK)
		abort();
	if (q->stale && allowed(PDPTE_REREAD)) {
		q->regs.pdpte[q->va >> 30] = 0;
		j->quirks[PDPTE_REREAD] += q->entry[ROOT_PAE] & 1;
		q->entry[ROOT_PAE] = 0;
	}
}

static void one_case(struct judge *j)
{
	struct mmu_result res;
	struct question q, model;
	struct mmu_mem mem = { .read = read_question, .ctx = &model };
	const char *what;
	uc_err err = UC_ERR_OK;

	random_question(j, &q);
	j->cases[q.root]++;
	memset(&res, 0, sizeof(res));
	if (q.root == ROOT_PAE && one_in(64)) {
		what = judge_bad_pdpte(j, &q);
	} else {
		model = q;
		if (q.root == ROOT_PAE)
			load_model(j, &model);
		mmu_translate(&model.regs, &mem, q.va, &q.access, &res);
		err = ask(j, &q);
		what = compare(j, &q, &res, err);
		if (res.status == MMU_OK)
			j->translated++;
		else
			j->faulted++;
	}
	if (what && ++j->mismatches <= to_show)
		report(j, &q, &res, what, err);
}

/*
 * Three answers known beforehand, which need every patched place: a write by a
 * user to a read-only page of a forbidden key is code 0x27, a read by the
 * supervisor under SMAP is 1, an NX bit without NXE is 0xd for a user read. A
 * narrow machine answers in PAE paging, without keys.
 */
static bool calibrate(struct judge *j)
{
	static const struct {
		struct mmu_access access;
		uint64_t leaf, efer;
		uint32_t code;
	} known[] = {
		{ { .kind = MMU_WRITE, .user = true },
		  0x1800000000200025, 0xd00, 0x27 },
		{ { .kind = MMU_READ }, 0x200027, 0xd00, 1 },
		{ { .kind = MMU_READ, .user = true },
		  0x8000000000200027, 0x500, 0xd },
		{ { .kind = MMU_WRITE, .user = true }, 0x200025, 0x800, 7 },
		{ { .kind = MMU_READ }, 0x200027, 0x800, 1 },
		{ { .kind = MMU_READ, .user = true },
		  0x8000000000200027, 0, 0xd },
	};
	int root = j->narrow ? ROOT_PAE : 4, level;
	size_t i, first = j->narrow ? 3 : 0;
	struct question q;

	for (i = first; i < first + 3; i++) {
		do
			random_question(j, &q);
		while (q.root != root || q.stale ||
		       !mmu_is_canonical(q.regs.mode, q.va));
		q.access = known[i].access;
		q.regs.cr0 = 0x80010033;
		q.regs.cr4 = 0x6002a0;
		q.regs.efer = known[i].efer;
		q.regs.rflags = 2;
		q.regs.pkru = 3u << 6;
		for (level = root; level > 1; level--)
			q.entry[level] = (TABLES + ((unsigned int)level - 1) *
					  0x1000) | 0x27;
		if (root == ROOT_PAE)
			q.entry[root] &= ~UINT64_C(0x26);
		q.entry[1] = known[i].leaf;
		if (ask(j, &q) || j->vector != 14 || j->code != known[i].code)
			return false;
	}
	return true;
}

static void stop(struct judge *j)
{
	uc_context_free(j->base);
	uc_context_free(j->work);
	uc_context_free(j->after);
	uc_close(j->uc);
	free(j->ram);
	free(j->data);
}

/* One line with the counts of both machines, and one for each quirk. */
static void summarise(const struct judge *j, const struct judge *narrow,
		      uint64_t cases)
{
	int i;

	printf("judge_unicorn: %" PRIu64 " compared (", cases);
	for (i = 5; i >= 2; i--)
		printf("%s %u, ", root_names[i],
		       j->cases[i] + narrow->cases[i]);
	printf("%u translate, %u fault), 0 skipped, %u mismatched\n",
	       j->translated + narrow->translated,
	       j->faulted + narrow->faulted,
	       j->mismatches + narrow->mismatches);
	for (i = 0; i < N_QUIRKS; i++)
		printf("  known quirk: %s: %u\n", quirk_names[i],
		       j->quirks[i] + narrow->quirks[i]);
}

static void ask_all(struct judge *wide, struct judge *narrow, uint64_t cases)
{
	for (uint64_t i = 0; i < cases; i++)
		one_case(i % 2 ? narrow : wide);
}

/* Without each quirk in turn, the same cases; is each needed? */
static bool ablate(struct judge *wide, struct judge *narrow, uint64_t cases)
{
	const uint64_t first = seed;
	bool needed = true;

	to_show = 1;
	for (int i = 0; i < N_QUIRKS; i++) {
		seed = first;
		without = 1u << i;
		wide->mismatches = narrow->mismatches = 0;
		ask_all(wide, narrow, cases);
		printf("judge_unicorn: without quirk \"%s\": %" PRIu64
		       " compared, %u mismatches\n", quirk_names[i], cases,
		       wide->mismatches + narrow->mismatches);
		needed &= wide->mismatches || narrow->mismatches;
	}
	return needed;
}

int main(int argc, char **argv)
{
	static struct judge wide, narrow = { .narrow = true };
	bool ablates = argc > 1 && !strcmp(argv[1], "--ablate"), good;
	uint64_t cases;

	argc -= ablates;
	argv += ablates;
	cases = argc > 1 ? strtoull(argv[1], NULL, 0) : 200000;
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 0);
	if (!start(&wide) || !calibrate(&wide) || !start(&narrow) ||
	    !calibrate(&narrow)) {
		printf("judge_unicorn: skipped: this Unicorn is not known\n");
		return 77;
	}
	if (ablates) {
		good = ablate(&wide, &narrow, cases);
	} else {
		ask_all(&wide, &narrow, cases);
		summarise(&wide, &narrow, cases);
		good = !wide.mismatches && !narrow.mismatches;
	}
	stop(&wide);
	stop(&narrow);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
