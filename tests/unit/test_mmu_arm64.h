/* SPDX-License-Identifier: GPL-2.0 */
/* The bits of arm64 a second time, and machines, for the tests of that mode. */
#ifndef TEST_MMU_ARM64_H
#define TEST_MMU_ARM64_H

#include "test_mmu.h"

#define B(n)		(UINT64_C(1) << (n))

/* descriptors */
#define D_TABLE		3u
#define D_PAGE		3u
#define D_BLOCK		1u
#define D_AP1		B(6)
#define D_AP2		B(7)
#define D_AF		B(10)
#define D_NG		B(11)
#define D_DBM		B(51)
#define D_CONT		B(52)
#define D_PXN		B(53)
#define D_UXN		B(54)
#define D_PXNTABLE	B(59)
#define D_UXNTABLE	B(60)
#define D_APTABLE0	B(61)
#define D_APTABLE1	B(62)

/* TCR_EL1 */
#define TCR_T0SZ(n)	((uint64_t)(n))
#define TCR_T1SZ(n)	((uint64_t)(n) << 16)
#define TCR_EPD0	B(7)
#define TCR_EPD1	B(23)
#define TCR_TG0_4K	0u
#define TCR_TG0_64K	B(14)
#define TCR_TG0_16K	(UINT64_C(2) << 14)
#define TCR_TG1_16K	B(30)
#define TCR_TG1_4K	(UINT64_C(2) << 30)
#define TCR_TG1_64K	(UINT64_C(3) << 30)
#define TCR_A1		B(22)
#define TCR_IPS(n)	((uint64_t)(n) << 32)
#define TCR_AS		B(36)
#define TCR_TBI0	B(37)
#define TCR_TBI1	B(38)
#define TCR_HA		B(39)
#define TCR_HD		B(40)
#define TCR_HPD0	B(41)
#define TCR_HPD1	B(42)
#define TCR_TBID0	B(51)
#define TCR_TBID1	B(52)
#define TCR_E0PD0	B(55)
#define TCR_E0PD1	B(56)
#define TCR_DS		B(59)
#define TCR_MTX0	B(60)
#define TCR_MTX1	B(61)

#define SCTLR_M		B(0)
#define SCTLR_WXN	B(19)
#define SCTLR_EE	B(25)
#define SCTLR_EPAN	B(57)

/* Device-nGnRnE, Device-nGnRE, Device-GRE, Normal NC, WB, WT ... */
#define T_MAIR		UINT64_C(0x00000000bbff440c)
#define ATTR(n)		((uint64_t)(n) << 2)
#define ATTR_DEVICE	ATTR(0)
#define ATTR_NC		ATTR(1)
#define ATTR_WB		ATTR(2)
#define ATTR_WT		ATTR(3)
#define SH_OUTER	(UINT64_C(2) << 8)
#define SH_INNER	(UINT64_C(3) << 8)
/* A usual page of a process: inner shareable write-back memory */
#define D_NORMAL	(D_AF | ATTR_WB | SH_INNER)

/* 48-bit addresses on both sides, 4K, and a processor of the first edition. */
static inline struct mmu_regs arm64_v80(void)
{
	struct mmu_regs regs = {
		.mode = MMU_MODE_ARM64,
		.arm64 = {
			.ttbr0 = 0x0042000000001000,
			.ttbr1 = 0x0117000000008000,
			.tcr = TCR_T0SZ(16) | TCR_T1SZ(16) | TCR_TG0_4K |
			       TCR_TG1_4K | TCR_IPS(5),
			.mair = T_MAIR,
			.sctlr = SCTLR_M,
			.pa_bits = 48,
			.gran4k = true,
			.gran16k = true,
			.gran64k = true,
		},
	};

	return regs;
}

/* The same with everything that this library knows. */
static inline struct mmu_regs arm64_new(void)
{
	struct mmu_regs regs = arm64_v80();

	regs.arm64.tcr = (regs.arm64.tcr & ~TCR_IPS(7)) | TCR_IPS(6);
	regs.arm64.pa_bits = 52;
	regs.arm64.hafdbs = 2;
	regs.arm64.lpa2_4k = true;
	regs.arm64.lpa2_16k = true;
	regs.arm64.lva = true;
	regs.arm64.ttst = true;
	regs.arm64.hpds = true;
	regs.arm64.e0pd = true;
	regs.arm64.pan3 = true;
	regs.arm64.pauth = true;
	regs.arm64.asid16 = true;
	return regs;
}

#define T_READ		((struct mmu_access){ .kind = MMU_READ })
#define T_WRITE		((struct mmu_access){ .kind = MMU_WRITE })
#define T_FETCH		((struct mmu_access){ .kind = MMU_FETCH })
#define T_UREAD		((struct mmu_access){ .kind = MMU_READ, .user = true })
#define T_UWRITE	((struct mmu_access){ .kind = MMU_WRITE, .user = true })
#define T_UFETCH	((struct mmu_access){ .kind = MMU_FETCH, .user = true })

#endif
