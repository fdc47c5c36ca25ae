// SPDX-License-Identifier: GPL-2.0
/* Is a 64-bit MSR read by rdmsrq_safe()? */
#include <asm/msr.h>

int probe(u32 msr, u64 *val);
int probe(u32 msr, u64 *val)
{
	return rdmsrq_safe(msr, val);
}
