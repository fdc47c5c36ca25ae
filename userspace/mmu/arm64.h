/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MMU_MODE_ARM64: the AArch64 EL1&0 translation regime, stage 1. Included by
 * mmu.h.
 *
 * References are to the Arm Architecture Reference Manual (DDI 0487): a title is
 * that of a section of chapter D8, "The AArch64 Virtual Memory System
 * Architecture" (their numbers change with the issue), "TCR_EL1.DS" a register
 * field's description, "AArch64.S1Walk()" a function of the pseudocode (chapter
 * J1), in the state of Armv9.4. Where text and pseudocode do not say the same,
 * the pseudocode is followed and MMU_OPEN_* says so. Levels -1 to 3 are the
 * manual's; this library counts from the last one: lookup level n is 4 - n here.
 *
 * Not modelled, because nothing in these registers can ask for it: stage 2 and
 * the rest of EL2 (HCR_EL2.DC, TGE, NV), Security states (NS, NSTable and
 * SCR_EL3.SIF are ignored, as in Non-secure state), memory tags, TCR2_EL1 and
 * what it enables (128-bit descriptors, permission indirection and overlay,
 * attribute index extension, HAFT, PnCH), the nT bit of FEAT_BBM (ignored, as
 * without it), NFD0 and NFD1 (non-fault loads are no kind of access here).
 * SCTLR_EL1.C and I are not applied to the memory attributes. Asked for by a
 * register and answered with MMU_ERR_UNSUPPORTED: big-endian tables
 * (SCTLR_EL1.EE) and logical tags (TCR_EL1.MTX0, MTX1).
 */
#ifndef MMU_ARM64_H
#define MMU_ARM64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct mmu_arm64_regs - the processor state that decides a translation
 * @ttbr0: TTBR0_EL1
 * @ttbr1: TTBR1_EL1
 * @tcr: TCR_EL1; fields of features that are absent below are ignored
 * @mair: MAIR_EL1
 * @sctlr: SCTLR_EL1; M, WXN, EE and EPAN are used
 * @pan: PSTATE.PAN, for privileged data accesses
 * @pa_bits: physical address width, ID_AA64MMFR0_EL1.PARange in bits: 32, 36,
 *	40, 42, 44, 48 or 52; 52 is FEAT_LPA
 * @hafdbs: FEAT_HAFDBS: 0 none, 1 the Access flag, 2 the dirty state as well
 * @gran4k: 4 KB granules exist, and so on for 16 KB and 64 KB
 * @lpa2_4k: FEAT_LPA2 for 4 KB granules: TCR_EL1.DS makes addresses of 52 bits
 * @lpa2_16k: the same for 16 KB granules
 * @lva: FEAT_LVA: virtual addresses of 52 bits with 64 KB granules
 * @ttst: FEAT_TTST: TxSZ up to 48 (47 with 64 KB granules) instead of 39
 * @hpds: FEAT_HPDS: TCR_EL1.HPD0 and HPD1
 * @e0pd: FEAT_E0PD: TCR_EL1.E0PD0 and E0PD1
 * @pan3: FEAT_PAN3: SCTLR_EL1.EPAN
 * @pauth: FEAT_PAuth: TCR_EL1.TBID0 and TBID1
 * @asid16: ASIDs of 16 bits exist, TCR_EL1.AS
 *
 * mmu_arm64_features() fills what the ID registers decide. PSTATE.UAO decides
 * whether an unprivileged load or store is one: say so in &struct mmu_access.
 */
struct mmu_arm64_regs {
	uint64_t ttbr0;
	uint64_t ttbr1;
	uint64_t tcr;
	uint64_t mair;
	uint64_t sctlr;
	bool pan;
	unsigned int pa_bits;
	unsigned int hafdbs;
	bool gran4k;
	bool gran16k;
	bool gran64k;
	bool lpa2_4k;
	bool lpa2_16k;
	bool lva;
	bool ttst;
	bool hpds;
	bool e0pd;
	bool pan3;
	bool pauth;
	bool asid16;
};

/**
 * struct mmu_arm64_id - the ID registers that name the features
 * @mmfr0: ID_AA64MMFR0_EL1
 * @mmfr1: ID_AA64MMFR1_EL1
 * @mmfr2: ID_AA64MMFR2_EL1
 * @isar1: ID_AA64ISAR1_EL1
 * @isar2: ID_AA64ISAR2_EL1
 */
struct mmu_arm64_id {
	uint64_t mmfr0;
	uint64_t mmfr1;
	uint64_t mmfr2;
	uint64_t isar1;
	uint64_t isar2;
};

/**
 * mmu_arm64_features - decode the ID registers
 * @id: their values, as read at EL1 or above
 * @regs: its fields from @pa_bits on are set; 56-bit addresses count as 52,
 *	which is what they are without 128-bit descriptors
 */
void mmu_arm64_features(const struct mmu_arm64_id *id,
			struct mmu_arm64_regs *regs);

/*
 * What the architecture leaves to the implementation in a translation. The
 * answer given is one of those allowed, namely the first one named here.
 */
/* TxSZ beyond its limits: Translation fault, or clamped to the limit. */
#define MMU_OPEN_TXSZ		(1u << 0)
/* Reserved IPS encoding 0b111: like 0b110 or like 0b101. */
#define MMU_OPEN_IPS		(1u << 1)
/* A bit of TTBRn_EL1 that should be 0 is not: the table is aligned to its size,
   or corrupted in those bits; A[51:48] with DS and a smaller IPS are used, or 0. */
#define MMU_OPEN_TTBR		(1u << 2)
/* Contiguous bit where the output, or the region, is not aligned to the set:
   this entry alone decides, or another of the set, or Translation fault. */
#define MMU_OPEN_CONTIGUOUS	(1u << 3)
/* Reserved shareability 0b01. */
#define MMU_OPEN_SH		(1u << 4)
/* A fetch from Device memory: permitted, or Permission fault. */
#define MMU_OPEN_DEVICE_FETCH	(1u << 5)

/**
 * struct mmu_arm64_page - what only arm64 has to say of a translation
 * @asid: the current ASID (TCR_EL1.A1 and AS); tags entries that are not global
 * @attr: memory attributes: the byte of MAIR_EL1 that AttrIndx selects
 * @sh: shareability: 0 none, 2 outer, 3 inner; of the descriptor or, with
 *	TCR_EL1.DS, of TCR_EL1.SHn
 * @contiguous: the Contiguous bit is set, and the level knows it
 * @user_executable: EL0 may fetch; it need not be allowed to read
 * @fsc: fault status code of the walk alone, if it failed with MMU_FAULT_ABORT
 * @open: MMU_OPEN_*: where the manual allows another answer, too
 */
struct mmu_arm64_page {
	uint16_t asid;
	uint8_t attr;
	uint8_t sh;
	bool contiguous;
	bool user_executable;
	uint8_t fsc;
	uint8_t open;
};

/**
 * mmu_arm64_attr_text - a memory attribute in words
 * @attr: a byte of MAIR_EL1, see @attr of &struct mmu_arm64_page
 * @buf: gets "Normal WB RA WA", "Normal inner WT RA, outer NC", "Device-nGnRE"
 *	("RA", "WA": a read, a write allocates a line; "NA": neither); what needs
 *	a feature names it; "unpredictable" for what the manual calls so
 * @size: of @buf, bytes; 80 is always enough; as snprintf() does it
 *
 * "MAIR_EL1, Memory Attribute Indirection Register".
 *
 * Return: length of the whole text.
 */
size_t mmu_arm64_attr_text(uint8_t attr, char *buf, size_t size);

/**
 * mmu_arm64_shareability - the one that counts
 * @attr: the memory attribute
 * @sh: that of the descriptor or of TCR_EL1, as in &struct mmu_arm64_page
 *
 * EffectiveShareability(): Device memory, and Normal memory that is not
 * cacheable at all, are outer shareable whatever was asked for.
 *
 * Return: 0 none, 1 reserved, 2 outer, 3 inner.
 */
unsigned int mmu_arm64_shareability(uint8_t attr, uint8_t sh);

/* "not shareable", "reserved", "outer shareable", "inner shareable" */
const char *mmu_arm64_share_name(unsigned int sh);

/* ESR_ELx.ISS of an abort, as far as stage 1 translation decides it. */
#define MMU_ESR_FSC		0x3fu		/* DFSC, IFSC: fault status */
#define MMU_ESR_WNR		(1u << 6)	/* a write; data aborts only */
/* Fault status codes of level 0; the level, 0 to 3, is in bits 1:0. */
#define MMU_FSC_ADDRESS_SIZE	0x00u
#define MMU_FSC_TRANSLATION	0x04u
#define MMU_FSC_ACCESS_FLAG	0x08u
#define MMU_FSC_PERMISSION	0x0cu
/* Those of level -1. */
#define MMU_FSC_ADDRESS_SIZE_M1	0x29u
#define MMU_FSC_TRANSLATION_M1	0x2bu

#ifdef __cplusplus
}
#endif

#endif
