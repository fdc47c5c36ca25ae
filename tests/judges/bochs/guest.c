// SPDX-License-Identifier: GPL-2.0
/* The machine that the judge's sections ask their questions in. */
#include "guest.h"

/* Rows of the table that bochs.sh names; the order is that of its --sections. */
static const struct section {
	const char *name;
	void (*run)(void);
} sections[] = {
	{ "loads", judge_loads },
	{ "tables", judge_tables },
	{ "jumps", judge_jumps },
	{ "returns", judge_returns },
	{ "inner", judge_inner },
	{ "system", judge_system },
	{ "accesses", judge_accesses },
};

static struct quirk quirks[QUIRKS] = {
	[QUIRK_LIMITS] = {
		.name = "limits",
		.citation = "QEMU 7.2 target/i386/tcg/translate.c, gen_lea_v_seg: adds the base, "
			    "asks for neither limit, type nor null",
		.qemu = true,
	},
	[QUIRK_ACCESSED] = {
		.name = "accessed",
		.citation = "QEMU 7.2 seg_helper.c, helper_ljmp_protected and helper_ret_protected: CS and "
			    "the SS of a transfer to another level are loaded without set A",
		.qemu = true,
	},
	[QUIRK_RETURN_LIMIT] = {
		.name = "return-limit",
		.citation = "QEMU 7.2 seg_helper.c, helper_ret_protected: the new EIP is not compared with "
			    "the limit",
		.qemu = true,
	},
	[QUIRK_STACK_ABSENT] = {
		.name = "stack-absent",
		.citation = "QEMU 7.2 seg_helper.c: an absent SS is #TS in do_interrupt_protected and #NP in "
			    "helper_ret_protected, not #SS",
		.qemu = true,
	},
	[QUIRK_LTR_NULL] = {
		.name = "ltr-null",
		.citation = "QEMU 7.2 seg_helper.c, helper_ltr: a null selector is loaded",
		.qemu = true,
	},
	[QUIRK_DECODED] = {
		.name = "decoded",
		.citation = "Bochs 2.7 cpu/icache.cc: decoded code is found by physical address and run "
			    "without another look at the limit, until its page is written to",
		.bochs = true,
	},
};

static const char *const note_texts[NOTES] = {
	[NOTE_GATE] = "skipped: transfers through a gate or a TSS",
	[NOTE_SETUP] = "skipped: the code under test cannot be reached",
	[NOTE_OPEN_FETCH] = "skipped: fetches over the end of 4 GiB, open in the manual",
	[NOTE_OPEN] = "asked: accesses over the end of 4 GiB, where fault and success are right",
};

uint64_t gdt[GDT_ENTRIES], ldt[LDT_ENTRIES];
struct tss tss;
volatile struct trap trap;
uint32_t cases, mismatches, notes[NOTES];

static uint64_t idt[256];
static uint8_t trap_stack[8192] __attribute__((aligned(16)));
static uint64_t random_state;
static bool in_qemu;

extern const uint8_t gates[];

void guest_main(void);

uint32_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32);
}

bool chosen(void)
{
	return CONFIG->sample <= 1 || next_random() % CONFIG->sample == 0;
}

bool mismatch(void)
{
	mismatches++;
	return mismatches <= 8;
}

bool quirk(unsigned int number)
{
	struct quirk *q = &quirks[number];

	if (!(in_qemu ? q->qemu : q->bochs) || (CONFIG->no_quirks >> number & 1))
		return false;
	q->uses++;
	return true;
}

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

static void set_tables(void)
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

static void find_out_who_runs_us(void)
{
	uint32_t eax = 0x40000000, ebx, ecx, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
	in_qemu = ebx == 0x54474354;		/* "TCGT" */
	put(in_qemu ? "judge qemu\n" : "judge bochs\n");
}

/* One line per section: bochs.sh adds them up. */
static void run(const struct section *section)
{
	cases = 0;
	mismatches = 0;
	section->run();
	put("section ");
	put(section->name);
	put(" cases ");
	put_dec(cases);
	put(" mismatches ");
	put_dec(mismatches);
	put("\n");
}

void guest_main(void)
{
	unsigned int i;

	if (CONFIG->magic != CONFIG_MAGIC) {
		put("no configuration\n");
		return;
	}
	random_state = UINT64_C(0x9e3779b97f4a7c15) ^ CONFIG->seed;
	find_out_who_runs_us();
	set_tables();
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (CONFIG->sections >> i & 1)
			run(&sections[i]);
	for (i = 0; i < NOTES; i++) {
		put("note ");
		put_dec(notes[i]);
		put(" ");
		put(note_texts[i]);
		put("\n");
	}
	for (i = 0; i < QUIRKS; i++) {
		if (!quirks[i].uses)
			continue;
		put("quirk ");
		put(quirks[i].name);
		put(" uses ");
		put_dec(quirks[i].uses);
		put(" because ");
		put(quirks[i].citation);
		put("\n");
	}
	put("end\n");
}
