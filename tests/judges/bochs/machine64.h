/* SPDX-License-Identifier: GPL-2.0 */
/* What the machine in IA-32e mode has beyond that of 32 bits: see guest.h. */
#ifndef JUDGE_MACHINE64_H
#define JUDGE_MACHINE64_H

#include <stdint.h>

#define MSR_FS_BASE	0xc0000100u
#define MSR_GS_BASE	0xc0000101u

/*
 * Memory of 2 MiB that is seen at its own address, on either side of the hole of
 * addresses that are not canonical (48 bits), and at the end of all of them.
 */
#define EDGE_PLACE	UINT64_C(0x2000000)
#define EDGE_SIZE	UINT64_C(0x200000)

void write_msr(uint32_t msr, uint64_t value);
uint64_t read_msr(uint32_t msr);

#endif
