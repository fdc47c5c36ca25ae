// SPDX-License-Identifier: GPL-2.0
/* Is mm->mm_lock_seq a plain number that counts write locks? */
#include <linux/mm_types.h>

int probe(struct mm_struct *mm);
int probe(struct mm_struct *mm)
{
	return mm->mm_lock_seq + 1;
}
