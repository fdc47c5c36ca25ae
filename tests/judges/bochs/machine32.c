// SPDX-License-Identifier: GPL-2.0
/* The 32-bit machine's tables: see guest.h. */
#include "guest.h"

uint64_t gdt[GDT_ENTRIES], ldt[LDT_ENTRIES];
struct tss tss;
volatile struct trap trap;

static uint64_t idt[256];
static uint8_t trap_stack[8192] __attribute__((aligned(16)));

extern const uint8_t gates[];

static uint64_t flat(unsigned int type, unsigned int dpl)
{
	return UINT64_C(0x00cf90000000ffff) | (uint64_t)type << 40 |
	       (uint64_t)dpl << 45;
}

/* An interrupt gate of 32 bits to code of our own. */
static uint64_t gate_to(const void *target, unsigned int selector, unsigned int dpl)
{
	uint32_t eip = (uint32_t)(uintptr_t)target;

	return (eip & 0xffff) | (uint64_t)selector << 16 |
	       (uint64_t)(0x8e00 | dpl << 13 | (eip & 0xffff0000)) << 32;
}

struct pointer {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

void set_gdt_limit(uint16_t limit)
{
	struct pointer pointer = { limit, (uint32_t)(uintptr_t)gdt };

	__asm__ volatile("lgdt %0" : : "m"(pointer));
}

extern const uint8_t done[];

void set_tables(void)
{
	struct pointer pointer = { sizeof(idt) - 1, (uint32_t)(uintptr_t)idt };
	uint64_t base = (uint32_t)(uintptr_t)&tss;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		gdt[GDT_CODE0 + 2 * i] = flat(11, i);
		gdt[GDT_DATA0 + 2 * i] = flat(3, i);
	}
	gdt[GDT_TSS] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 |
		       UINT64_C(0x89) << 40 | (base >> 24) << 56;
	base = (uint32_t)(uintptr_t)ldt;
	gdt[GDT_LDT] = (sizeof(ldt) - 1) | (base & 0xffffff) << 16 |
		       UINT64_C(0x82) << 40 | (base >> 24) << 56;
	for (i = 0; i < 32; i++)
		idt[i] = gate_to(gates + 16 * i, KERNEL_CODE, 0);
	idt[VECTOR_DONE] = gate_to(gates + 16 * 32, KERNEL_CODE, 3);
	/* What is reached there ends at once, by the gate above. */
	idt[VECTOR_TO1] = gate_to(done, CODE_OF(1), 3);
	idt[VECTOR_TO2] = gate_to(done, CODE_OF(2), 3);

	tss.level[0].esp = (uint32_t)(uintptr_t)(trap_stack + sizeof(trap_stack));
	tss.level[0].ss = KERNEL_DATA;

	set_gdt_limit(sizeof(gdt) - 1);
	__asm__ volatile("lidt %0" : : "m"(pointer));
	__asm__ volatile("ljmp %0, $1f\n1:" : : "i"(KERNEL_CODE));
	__asm__ volatile("movl %0, %%ds; movl %0, %%es; movl %0, %%fs; movl %0, %%gs; movl %0, %%ss"
			 : : "r"(KERNEL_DATA));
	__asm__ volatile("ltr %w0; lldt %w1" : : "r"(GDT_TSS * 8), "r"(GDT_LDT * 8));
	__asm__ volatile("fninit");
}
