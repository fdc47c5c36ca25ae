// SPDX-License-Identifier: GPL-2.0
/* Is a thread's PKRU kept beside its other registers when it leaves a processor? */
#include <linux/sched.h>

u32 probe(struct task_struct *t);
u32 probe(struct task_struct *t)
{
	return t->thread.pkru;
}
