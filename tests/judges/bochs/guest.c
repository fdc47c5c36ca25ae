// SPDX-License-Identifier: GPL-2.0
/* The run: sections, quirks, counts. */
#include "guest.h"

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
	[QUIRK_NULL_SS] = {
		.name = "null-ss",
		.citation = "SDM 2, RET, 64-bit mode exceptions: #GP(0) if a null SS has another RPL than the new "
			    "level; Bochs 2.7 cpu/ret_far.cc, return_protected(): only if the new level is 3",
		.bochs = true,
	},
};

static const char *const note_texts[NOTES] = {
	[NOTE_GATE] = "skipped: transfers through a gate or a TSS",
	[NOTE_SETUP] = "skipped: the code under test cannot be reached",
	[NOTE_PLACE] = "skipped: accesses to memory of no case",
	[NOTE_OPEN_FETCH] = "skipped: fetches over the end of 4 GiB, open in the manual",
	[NOTE_OPEN] = "asked: accesses over the end of 4 GiB, where fault and success are right",
};

uint32_t cases, mismatches, notes[NOTES];

static uint64_t random_state;
static bool in_qemu;

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
	for (i = 0; sections[i].name; i++)
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
