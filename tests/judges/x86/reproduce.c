// SPDX-License-Identifier: GPL-2.0
/* Each quirk at its least: one access, what the manual says, and what happens here. */
#include "judge.h"

/* What is needed to see a quirk. Entries from the root; 0 ends them. */
struct recipe {
	enum quirk_number quirk;
	uint32_t modes;
	enum kind kind;
	bool user, ac;
	bool no_1g;		/* only where there are no 1G pages */
	bool high;		/* tables above 4 GiB */
	int leaf;
	uint64_t upper, last;	/* bits of the entries above the leaf, and of the leaf */
	uint64_t cr4;
	uint32_t pkru;
	uint64_t va;		/* instead of one of the mode's */
};

#define ORDINARY	((uint64_t)(P | RW | US | A | D))

static const struct recipe recipes[] = {
	/* bit 13 of a 2 MiB page, of a 4 MiB page beyond any address width */
	{ QUIRK_RSVD_P, LONG_MODES | MODE(MMU_MODE_X86_PAE), READ, .leaf = 2, .upper = ORDINARY,
	  .last = ORDINARY | PS | 0x2000 },
	{ QUIRK_RSVD_P, MODE(MMU_MODE_X86_32BIT), READ, .leaf = 2, .last = ORDINARY | PS | 0x200000,
	  .cr4 = CR4_PSE_BIT },
	{ QUIRK_RSVD_A, LONG_MODES, READ, .leaf = 3, .upper = ORDINARY, .last = P | RW | US | D | PS | 0x2000 },
	{ QUIRK_PS_1G, LONG_MODES, READ, .leaf = 3, .upper = ORDINARY, .last = ORDINARY | PS, .no_1g = true },
	{ QUIRK_PSE36, MODE(MMU_MODE_X86_32BIT), READ, .leaf = 2, .last = ORDINARY | PS | 1u << 20,
	  .cr4 = CR4_PSE_BIT },
	{ QUIRK_IMPLICIT_AC, ALL_MODES, IMPLICIT_READ, .ac = true, .leaf = 1, .upper = ORDINARY, .last = ORDINARY,
	  .cr4 = CR4_SMAP_BIT },
	{ QUIRK_NO_SS, LONG_MODES, STACK_READ, .leaf = 1, .upper = ORDINARY, .last = ORDINARY,
	  .va = UINT64_C(0x4010100000000000) },
	/* key 1, access disabled: the supervisor, too */
	{ QUIRK_PKU, LONG_MODES, READ, .leaf = 1, .upper = ORDINARY, .last = ORDINARY | UINT64_C(1) << 59,
	  .cr4 = CR4_PKE_BIT, .pkru = 4 },
	{ QUIRK_TABLE_4G, MODE(MMU_MODE_X86_PAE), READ, .leaf = 1, .high = true, .upper = ORDINARY, .last = ORDINARY },
};

static void set_registers(const struct recipe *r)
{
	unsigned int slot;

	regs.cr0 = 0x80000031 | CR0_WP_BIT;
	regs.cr4 = (is_32bit() ? CR4_PSE_BIT : CR4_PAE_BIT) | (root_level() == 5 ? CR4_LA57_BIT : 0) | r->cr4;
	regs.efer = (is_long() ? EFER_LONG : 0) | (can.nx ? EFER_NXE_BIT : 0);
	regs.pkru = r->pkru;
	regs.pkrs = 0;
	regs.cr3 = root_in(26);
	machine_cr3 = regs.cr3;
	if (is_pae()) {
		for (slot = 1; slot < 4; slot++)
			*pdpte_place(slot) = table_in(27, 2) | P;
		for (slot = 0; slot < 4; slot++)
			regs.pdpte[slot] = *pdpte_place(slot);
	}
	load_registers();
}

static bool possible(const struct recipe *r)
{
	if (!IN(r->modes, regs.mode) || !(in_qemu ? quirks[r->quirk].qemu : quirks[r->quirk].bochs))
		return false;
	if ((r->no_1g && regs.page1gb) || (quirks[r->quirk].narrow && can.long_mode))
		return false;
	if (r->quirk == QUIRK_PSE36 && regs.maxphyaddr >= 40)
		return false;
	return (!(r->cr4 & CR4_SMAP_BIT) || can.smap) && (!(r->cr4 & CR4_PKE_BIT) || can.pke);
}

/* A PDPTE with R/W set: the least that MOV to CR3 has to refuse */
static void reproduce_pdpte(void)
{
	static const struct recipe plain = { .quirk = QUIRK_PDPTE_MEMORY };
	struct mmu_cr3_load load;
	bool wanted, refused;
	uint64_t pa;

	if (!is_pae() || !(in_qemu ? quirks[plain.quirk].qemu : quirks[plain.quirk].bochs))
		return;
	set_registers(&plain);
	pa = root_in(28);
	((uint64_t *)own_place(pa))[1] = table_in(27, 2) | P | RW;
	wanted = mmu_load_cr3(&regs, &memory, pa, &load) == MMU_FAULT_GP;
	refused = move_to_cr3(pa);
	put("reproduce pdpte-memory: PDPTE with bit 1: manual ");
	put(wanted ? "#GP(0)" : "loaded");
	put(refused ? ", here #GP(0)" : ", here loaded");
	put(wanted != refused ? ": differs\n" : ": no difference\n");
}

void reproduce(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++) {
		const struct recipe *r = &recipes[i];
		uint32_t before = tally.mismatches;
		struct question q = { r->kind, r->user, r->ac };
		struct scene s;

		if (!possible(r))
			continue;
		set_registers(r);
		put("reproduce ");
		put(quirks[r->quirk].name);
		put(":\n");
		make_scene(&s, r->va, r->leaf, r->upper, r->last, r->high ? 32 : 27);
		judge_access(&s, &q);
		end_scene(&s);
		put("reproduce ");
		put(quirks[r->quirk].name);
		put(tally.mismatches != before ? ": differs\n" : ": no difference\n");
	}
	reproduce_pdpte();
	if (!in_qemu)
		put("reproduce decoded: by --ablate alone, it needs two accesses\n");
}
