// SPDX-License-Identifier: GPL-2.0
/* The tables of the machine in IA-32e mode: see guest.h. */
#include "guest.h"
#include "machine64.h"

#define HOLE_BEGIN	UINT64_C(0x0000800000000000)

uint64_t gdt[GDT_ENTRIES], ldt[LDT_ENTRIES];
struct tss tss;
volatile struct trap trap;

static uint64_t idt[512];
static uint8_t trap_stack[8192] __attribute__((aligned(16)));
/* What both sides of the hole of addresses lead to: see edge */
static uint64_t edge_pdpt[512] __attribute__((aligned(4096)));
static uint64_t edge_pd[512] __attribute__((aligned(4096)));

extern uint64_t boot_tables[];
extern const uint8_t gates[], done[];

static uint64_t flat(unsigned int type, unsigned int dpl, bool l)
{
	return UINT64_C(0x008f90000000ffff) | (uint64_t)type << 40 | (uint64_t)dpl << 45 |
	       UINT64_C(1) << (l ? 53 : 54);
}

/* An interrupt gate to 64-bit code of our own; @ist: which stack, 0: as the level demands. */
static void set_gate(unsigned int vector, const void *target, unsigned int selector, unsigned int ist, unsigned int dpl)
{
	uint64_t rip = (uintptr_t)target;

	idt[2 * vector] = (rip & 0xffff) | (uint64_t)selector << 16 | (uint64_t)ist << 32 |
			  (uint64_t)(0x8e | dpl << 5) << 40 | (rip & 0xffff0000) << 32;
	idt[2 * vector + 1] = rip >> 32;
}

static void set_system(unsigned int entry, unsigned int type, uint64_t base, uint32_t limit)
{
	gdt[entry] = limit | (base & 0xffffff) << 16 | (uint64_t)(0x80 | type) << 40 | (base >> 24 & 0xff) << 56;
	gdt[entry + 1] = base >> 32;
}

struct pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

void set_gdt_limit(uint16_t limit)
{
	struct pointer pointer = { limit, (uintptr_t)gdt };

	__asm__ volatile("lgdt %0" : : "m"(pointer));
}

void write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

uint64_t read_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

/* The last 2 MiB below the hole, the first above it, and the last of all: one place. */
static void map_edges(void)
{
	uint64_t table = (uintptr_t)edge_pdpt | 7;
	unsigned int i;

	boot_tables[HOLE_BEGIN >> 39] = table;
	boot_tables[(HOLE_BEGIN >> 39) - 1] = table;
	boot_tables[511] = table;
	for (i = 0; i < 512; i += 511) {
		edge_pdpt[i] = (uintptr_t)edge_pd | 7;
		edge_pd[i] = EDGE_PLACE | 0x87;
	}
}

void set_tables(void)
{
	struct pointer pointer = { sizeof(idt) - 1, (uintptr_t)idt };
	unsigned int i;

	map_edges();
	for (i = 0; i < 4; i++) {
		gdt[GDT_CODE0 + 2 * i] = flat(11, i, true);
		gdt[GDT_DATA0 + 2 * i] = flat(3, i, false);
		gdt[GDT_COMPAT0 + i] = flat(11, i, false);
	}
	set_system(GDT_TSS, 9, (uintptr_t)&tss, sizeof(tss) - 1);
	set_system(GDT_LDT, 2, (uintptr_t)ldt, sizeof(ldt) - 1);
	for (i = 0; i < 32; i++)
		set_gate(i, gates + 16 * i, KERNEL_CODE, 1, 0);
	set_gate(VECTOR_DONE, gates + 16 * 32, KERNEL_CODE, 1, 3);
	/* What is reached there ends at once, by the gate above. */
	set_gate(VECTOR_TO1, done, CODE_OF(1), 0, 3);
	set_gate(VECTOR_TO2, done, CODE_OF(2), 0, 3);
	tss.ist[0] = (uintptr_t)(trap_stack + sizeof(trap_stack));

	set_gdt_limit(sizeof(gdt) - 1);
	__asm__ volatile("lidt %0" : : "m"(pointer));
	__asm__ volatile("movl %0, %%ds; movl %0, %%es; movl %0, %%fs; movl %0, %%gs; movl %0, %%ss"
			 : : "r"(KERNEL_DATA));
	__asm__ volatile("ltr %w0; lldt %w1" : : "r"(GDT_TSS * 8), "r"(GDT_LDT * 8));
}
