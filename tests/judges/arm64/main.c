// SPDX-License-Identifier: GPL-2.0
/*
 * Judge of the software MMU for arm64: this processor itself. The model is
 * linked in, and compared in here; the command line says what to run:
 *
 *	cases=N seed=N show=N without=QUIRK mode=at|access|reproduce
 *
 * Exit status: 0 all agree, 1 a mismatch, 2 it did not work.
 */
#include "judge.h"

struct quirk_info quirks[QUIRKS] = {
	[QUIRK_BLOCK] = {
		.name = "block",
		.citation = "a block at a level where it is reserved is "
			    "accepted; AArch64.BlockDescSupported()",
	},
	[QUIRK_OUT52] = {
		.name = "out52",
		.citation = "OA[51:48] of descriptors is ignored if the output "
			    "size is smaller than 52 bits, where it must be "
			    "an Address size fault; AArch64.LeafBase(), "
			    "AArch64.OAOutOfRange()",
	},
	[QUIRK_BLOCK_OA] = {
		.name = "block-oa",
		.citation = "of a block, bits that are RES0 count for the "
			    "output size, and bits of the virtual address do "
			    "not; AArch64.S1Walk(), OAOutOfRange(StageOA())",
	},
	[QUIRK_PAR_SH] = {
		.name = "par-sh",
		.citation = "PAR_EL1.SH of Device and Non-cacheable memory is "
			    "not Outer Shareable; PAREncodeShareability()",
	},
	[QUIRK_HPDS] = {
		.name = "hpds",
		.citation = "TCR_EL1.HPD0 and HPD1 work without FEAT_HPDS, "
			    "where they are RES0; AArch64.S1TTWParamsEL10()",
	},
	[QUIRK_AT_DIRTY] = {
		.name = "at-dirty",
		.citation = "AT for a write clears AP[2] of a DBM page; "
			    "AArch64.S1Translate(), not for AccessType_AT",
	},
	[QUIRK_DBM_FETCH] = {
		.name = "dbm-fetch",
		.citation = "a fetch takes a clean DBM page for read-only (PXN "
			    "of what EL0 writes, WXN); "
			    "AArch64.S1ApplyOutputPerms()",
	},
	[QUIRK_TBID] = {
		.name = "tbid",
		.citation = "TCR_EL1.TBID0 works without FEAT_PAuth, where it "
			    "is RES0; AArch64.S1TTWParamsEL10()",
	},
};

_Noreturn void judge_unexpected(uint64_t vector, uint64_t esr, uint64_t elr,
				uint64_t far);
int judge_main(void);

_Noreturn void judge_unexpected(uint64_t vector, uint64_t esr, uint64_t elr,
				uint64_t far)
{
	say("unexpected exception: vector %lu esr %lx elr %lx far %lx\n",
	    vector, esr, elr, far);
	judge_exit(2);
}

static void read_features(void)
{
	struct mmu_arm64_id id = {
		.mmfr0 = READ_REG("id_aa64mmfr0_el1"),
		.mmfr1 = READ_REG("id_aa64mmfr1_el1"),
		.mmfr2 = READ_REG("s3_0_c0_c7_2"),
		.isar1 = READ_REG("id_aa64isar1_el1"),
		.isar2 = READ_REG("s3_0_c0_c6_2"),
	};
	struct mmu_arm64_regs *a = &regs.arm64;

	mmu_arm64_features(&id, a);
	say("PA %u bits, granules%s%s%s%s%s, HAFDBS %u%s%s%s%s%s%s\n",
	    a->pa_bits, a->gran4k ? " 4K" : "", a->lpa2_4k ? "(LPA2)" : "",
	    a->gran16k ? " 16K" : "", a->lpa2_16k ? "(LPA2)" : "",
	    a->gran64k ? " 64K" : "", a->hafdbs, a->lva ? " LVA" : "",
	    a->ttst ? " TTST" : "", a->hpds ? " HPDS" : "",
	    a->e0pd ? " E0PD" : "", a->pan3 ? " PAN3" : "",
	    a->pauth ? " PAuth" : "");
}

static uint64_t milliseconds(void)
{
	return READ_REG("cntvct_el0") / (READ_REG("cntfrq_el0") / 1000);
}

/* One line; before it, what each quirk is. */
static void summary(const char *what, const struct tally *t, uint64_t time)
{
	int i;

	for (i = 0; i < QUIRKS; i++)
		if (quirks[i].hits)
			say("quirk %s: %s\n", quirks[i].name,
			    quirks[i].citation);
	say("answered in another way, by what is open: TxSZ %lu, IPS %lu, "
	    "TTBR %lu, Contiguous %lu, SH %lu\n", t->open_by[0], t->open_by[1],
	    t->open_by[2], t->open_by[3], t->open_by[4]);
	say("arm64 %s: %lu cases (%lu faults), %lu mismatches; %lu agree", what,
	    t->cases, t->faults, t->mismatches, t->agreed);
	for (i = 0; i < QUIRKS; i++)
		if (quirks[i].hits)
			say(", quirk %s %lu", quirks[i].name, quirks[i].hits);
	say("; %lu answered in another way that the manual leaves open; "
	    "not tried %lu (registers without an answer), %lu (devices or memory of no "
	    "case); %lu a second\n", t->open_other, t->no_answer, t->elsewhere,
	    time ? t->cases * 1000 / time : 0);
}

int judge_main(void)
{
	uint64_t cases = argument("cases", 1000000), begin, time;
	bool access = argument_is("mode", "access");
	struct tally tally = { .cases = 0 };
	int i;

	for (i = 0; i < QUIRKS; i++)
		quirks[i].off = argument_is("without", quirks[i].name) ||
				argument_is("without", "all");
	rnd_seed(argument("seed", 1));
	read_features();
	if (argument_is("mode", "reproduce"))
		return reproduce_at() + reproduce_accesses() ? 1 : 0;
	begin = milliseconds();
	if (access)
		judge_accesses(cases, &tally);
	else
		judge_at(cases, &tally);
	time = milliseconds() - begin;
	summary(access ? "accesses" : "AT", &tally, time);
	return tally.mismatches != 0;
}
