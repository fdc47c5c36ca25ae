// SPDX-License-Identifier: GPL-2.0
/*
 * The memory cgroup that a folio is charged to.
 * Locks: RCU, under which it is not freed (and read through
 * copy_from_kernel_nofault() all the same: the word may have changed).  Never
 * sleeps.  Emits nothing: fills a record.
 */
#include <linux/cgroup.h>
#include <linux/kernfs.h>
#include <linux/memcontrol.h>
#include "frameowner.h"
#include "nofault.h"

#ifdef CONFIG_MEMCG

/* The inode number of its directory in the cgroup file system. */
static bool cgroup_number(const struct mem_cgroup *memcg, u64 *ino, unsigned int *flags)
{
	struct cgroup *cgrp;
	struct kernfs_node *kn;

	return mms_peek(&cgrp, &memcg->css.cgroup, sizeof(cgrp)) &&
	       mms_peek(flags, &memcg->css.flags, sizeof(*flags)) &&
	       mms_peek(&kn, &cgrp->kn, sizeof(kn)) && mms_peek(ino, &kn->id, sizeof(*ino));
}

/**
 * mms_memcg_tell() - to which memory cgroup is it charged?
 * @f: memcg_word is filled in; cgroup_ino, known and flags are
 */
void mms_memcg_tell(struct mms_frame *f)
{
	unsigned long word = f->memcg_word, ptr = word & ~7UL;
	struct mem_cgroup *memcg = (struct mem_cgroup *)ptr;
	unsigned int flags;
	u64 ino;

	if (word & MMS_MEMCG_OBJS) {
		f->flags |= MMS_PF_MEMCG_OBJS;
		return;
	}
	/* others use the word's place for themselves */
	if (f->type != MMS_PGTY_NONE && f->type != MMS_PGTY_HUGETLB && f->type != MMS_PGTY_TABLE)
		return;
	if (!ptr) {
		f->known |= MMS_FRAME_K_CGROUP;
		return;
	}
	if (word & MMS_MEMCG_KMEM)
		f->flags |= MMS_PF_MEMCG_KMEM;
	rcu_read_lock();
	if (mms_memcg_by_objcg(word) &&
	    !mms_peek(&memcg, &((struct obj_cgroup *)ptr)->memcg, sizeof(memcg)))
		memcg = NULL;
	if (memcg && cgroup_number(memcg, &ino, &flags)) {
		f->cgroup_ino = (ino_t)ino;	/* as kernfs_ino() */
		f->known |= MMS_FRAME_K_CGROUP;
		if (!(flags & CSS_ONLINE))
			f->flags |= MMS_PF_MEMCG_DEAD;
	}
	rcu_read_unlock();
}

#else

void mms_memcg_tell(struct mms_frame *f)
{
}

#endif /* CONFIG_MEMCG */
