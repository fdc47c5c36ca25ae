// SPDX-License-Identifier: GPL-2.0
/*
 * Judge of the software MMU for x86 paging: this processor itself. The model is
 * linked in, and compared in here; x86.sh says what to run and adds up.
 */
#include "judge.h"

#define SCENES_PER_REGISTERS	256

struct quirk quirks[QUIRKS] = {
	[QUIRK_RSVD_P] = {
		.name = "rsvd-p",
		.citation = "SDM 5.7: a reserved bit is a fault with P = 1; QEMU 7.2 excp_helper.c, mmu_translate(), "
			    "do_fault_rsvd: P = 0",
		.modes = ALL_MODES,
		.qemu = true,
	},
	[QUIRK_RSVD_A] = {
		.name = "rsvd-a",
		.citation = "SDM 5.8, 5.5.4: an entry with a reserved bit is not used; QEMU 7.2 excp_helper.c, "
			    "mmu_translate(), restart_3_lma: A of a 1G PDPTE is set before bits 29:13 are checked",
		.modes = LONG_MODES,
		.qemu = true,
	},
	[QUIRK_PS_1G] = {
		.name = "ps-1g",
		.citation = "SDM 5.5.4: PS of a PDPTE is reserved without 1G pages; QEMU 7.2 excp_helper.c, "
			    "mmu_translate(), restart_3_lma: maps a page whatever CPUID says",
		.modes = LONG_MODES,
		.qemu = true,
	},
	[QUIRK_PDPTE_MEMORY] = {
		.name = "pdpte-memory",
		.citation = "SDM 5.4.1: PDPTEs are checked and loaded by MOV to CR3; QEMU 7.2 excp_helper.c, "
			    "mmu_translate(), restart_3_nolma: read from memory by each walk, and marked A there",
		.modes = MODE(MMU_MODE_X86_PAE),
		.qemu = true,
	},
	[QUIRK_PSE36] = {
		.name = "pse36",
		.citation = "SDM 5.3: of bits 21:13 those above the physical address width are reserved; QEMU 7.2 "
			    "excp_helper.c, mmu_translate(), do_check_protect_pse36: bit 21 alone",
		.modes = MODE(MMU_MODE_X86_32BIT),
		.qemu = true,
	},
	[QUIRK_IMPLICIT_AC] = {
		.name = "implicit-ac",
		.citation = "SDM 5.6.1: RFLAGS.AC does not excuse an implicit access from SMAP; QEMU 7.2 cpu.h, "
			    "cpu_mmu_index_kernel(): it does at CPL < 3; Bochs 2.7 paging.cc, "
			    "translate_linear_*(): always",
		.modes = ALL_MODES,
		.qemu = true,
		.bochs = true,
	},
	[QUIRK_NO_SS] = {
		.name = "no-ss",
		.citation = "SDM vol. 1, 3.3.7.1 and vol. 3, 7.15: #SS for an access through SS; QEMU 7.2 "
			    "excp_helper.c, get_physical_address(): #GP",
		.modes = LONG_MODES,
		.qemu = true,
	},
	[QUIRK_PKU] = {
		.name = "pku",
		.citation = "SDM 5.6.2: PKRU is for user pages, AD for supervisor accesses, too; Bochs 2.7 paging.cc, "
			    "translate_linear_long_mode(): for any page, AD for user accesses only",
		.modes = LONG_MODES,
		.bochs = true,
	},
	[QUIRK_TABLE_4G] = {
		.name = "table-4g",
		.citation = "SDM 5.4.1, 5.4.2: a PDPTE or PDE locates a table by all bits of the physical address; "
			    "QEMU 7.2 excp_helper.c, ptw_translate(): probe_access_full() takes a target_ulong, which "
			    "has 32 bits in qemu-system-i386",
		.modes = MODE(MMU_MODE_X86_PAE),
		.qemu = true,
		.narrow = true,
	},
	[QUIRK_DECODED] = {
		.name = "decoded",
		.citation = "SDM 5.6, 5.8: each fetch uses the translation of each of its pages; Bochs 2.7 icache.cc, "
			    "serveICacheMiss(): an instruction that crosses is found by the physical address of its "
			    "first byte",
		.modes = ALL_MODES,
		.bochs = true,
	},
};

void guest_main(void);
void guest_lost(void);

static void note(uint32_t n, const char *text)
{
	put("note ");
	put_dec(n);
	put(" ");
	put(text);
	put("\n");
}

static void report(void)
{
	unsigned int i;

	put("section ");
	put(mmu_mode_name(regs.mode));
	put(" cases ");
	put_dec(tally.cases);
	put(" mismatches ");
	put_dec(tally.mismatches);
	put(" faults ");
	put_dec(tally.faults);
	put(" kinds");
	for (i = 0; i < KINDS; i++) {
		put(" ");
		put_dec(tally.by_kind[i]);
	}
	put("\n");
	note(tally.skipped_place, "skipped: a table or page among the judge's own memory or devices");
	note(tally.skipped_write, "skipped: a write to memory of no case, or of code");
	note(tally.skipped_code, "skipped: a fetch or descriptor where there is none");
	note(tally.open, "asked: both pages of an access fault, and either is right");
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
}

static void run_scene(void)
{
	struct scene s;
	struct question q;
	unsigned int i, n = 4 + (unsigned int)(rnd() & 7);

	next_scene(&s);
	for (i = 0; i < n; i++) {
		random_question(&s, &q);
		judge_access(&s, &q);
	}
	end_scene(&s);
}

/* start.S, for an exception that no access was to make */
void guest_lost(void)
{
	put("mismatch lost: an exception in the judge itself");
	put_field("vector", trap_vector);
	put_field("code", trap_error);
	put_field("ip", trap_ip);
	put_field("cr2", trap_cr2);
	put("\n");
}

void guest_main(void)
{
	unsigned int i;

	if (CONFIG->magic != CONFIG_MAGIC) {
		put("no configuration\n");
		return;
	}
	seed_random(CONFIG->seed);
	start_machine();
	if (CONFIG->reproduce) {
		reproduce();
	} else {
		while (tally.cases < CONFIG->cases) {
			random_registers();
			for (i = 0; i < SCENES_PER_REGISTERS; i++) {
				if (is_pae() && !(i & 7))
					judge_pdptes();
				run_scene();
			}
		}
		report();
	}
	put("end\n");
}
