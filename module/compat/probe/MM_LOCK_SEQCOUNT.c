// SPDX-License-Identifier: GPL-2.0
/* Is mm->mm_lock_seq a seqcount that counts write locks? */
#include <linux/mm_types.h>

unsigned int probe(struct mm_struct *mm);
unsigned int probe(struct mm_struct *mm)
{
	return mm->mm_lock_seq.sequence;
}
