// SPDX-License-Identifier: GPL-2.0
/*
 * Every VMA of a process, in address order.
 * Locks: called with mmap_lock held for reading; at most 64 VMAs a batch.
 * Never sleeps on user memory.  Emits MMS_REC_VMA.
 */
#include <linux/dcache.h>
#include <linux/kdev_t.h>
#include <linux/magic.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/pkeys.h>
#include <linux/slab.h>
#include "../mmscope.h"

#define MMS_VMA_BATCH	64
#define MMS_NAME_MAX	128	/* anonymous names are at most 80 bytes */

static const struct {
	unsigned long vm;
	u32 mms;
} flag_map[] = {
	{ VM_READ, MMS_VMA_READ },
	{ VM_WRITE, MMS_VMA_WRITE },
	{ VM_EXEC, MMS_VMA_EXEC },
	{ VM_MAYSHARE, MMS_VMA_SHARED },
	{ VM_GROWSDOWN, MMS_VMA_GROWSDOWN },
	{ VM_LOCKED, MMS_VMA_LOCKED },
	{ VM_IO, MMS_VMA_IO },
	{ VM_PFNMAP, MMS_VMA_PFNMAP },
	{ VM_MIXEDMAP, MMS_VMA_MIXEDMAP },
	{ VM_HUGETLB, MMS_VMA_HUGETLB },
	{ VM_HUGEPAGE, MMS_VMA_HUGEPAGE },
	{ VM_NOHUGEPAGE, MMS_VMA_NOHUGEPAGE },
	{ VM_MERGEABLE, MMS_VMA_MERGEABLE },
	{ VM_DONTCOPY, MMS_VMA_DONTCOPY },
	{ VM_DONTDUMP, MMS_VMA_DONTDUMP },
	{ VM_NORESERVE, MMS_VMA_NORESERVE },
	{ VM_ACCOUNT, MMS_VMA_ACCOUNT },
	{ VM_UFFD_MISSING | VM_UFFD_WP | VM_UFFD_MINOR, MMS_VMA_UFFD },
	{ VM_WIPEONFORK, MMS_VMA_WIPEONFORK },
	{ VM_SOFTDIRTY, MMS_VMA_SOFTDIRTY },
	{ VM_SEALED, MMS_VMA_SEALED },
	{ VM_DROPPABLE, MMS_VMA_DROPPABLE },
};

static u32 neutral_flags(unsigned long vm_flags)
{
	unsigned int i;
	u32 flags = 0;

	for (i = 0; i < ARRAY_SIZE(flag_map); i++)
		if (vm_flags & flag_map[i].vm)
			flags |= flag_map[i].mms;
	return flags;
}

/* As fs/proc/task_mmu.c:show_map_vma() tells them. */
static u32 special_flags(struct vm_area_struct *vma, const char **name)
{
	struct mm_struct *mm = vma->vm_mm;

	*name = NULL;
	if (vma->vm_file)
		return 0;
	if (vma->vm_ops && vma->vm_ops->name) {
		*name = vma->vm_ops->name(vma);
		if (*name)
			return MMS_VMA_SPECIAL;
	}
	if (vma->vm_start <= mm->brk && vma->vm_end >= mm->start_brk &&
	    mm->brk > mm->start_brk) {
		*name = "[heap]";
		return MMS_VMA_HEAP;
	}
	if (vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack) {
		*name = "[stack]";
		return MMS_VMA_STACK;
	}
	return 0;
}

static void file_facts(struct mms_vma *rec, struct file *file)
{
	const struct inode *inode = mms_file_inode(file);

	rec->flags |= MMS_VMA_FILE;
	rec->ino = inode->i_ino;
	rec->dev_major = MAJOR(inode->i_sb->s_dev);
	rec->dev_minor = MINOR(inode->i_sb->s_dev);
	if (inode->i_sb->s_magic == TMPFS_MAGIC)
		rec->flags |= MMS_VMA_SHMEM;
	if (d_unlinked(mms_file_path(file)->dentry))
		rec->flags |= MMS_VMA_DELETED;
}

static void policy_facts(struct mms_vma *rec, struct vm_area_struct *vma)
{
	rec->policy = MMS_POLICY_NONE;
#ifdef CONFIG_NUMA
	if (vma->vm_policy) {
		rec->policy = vma->vm_policy->mode;
		rec->policy_nodes = mms_policy_nodes(vma->vm_policy);
	}
#endif
}

/* Append a string with its NUL to the tail at @tail; its length with NUL. */
static u32 put_string(char *tail, const char *s, size_t room)
{
	size_t len = strnlen(s, room - 1);

	memcpy(tail, s, len);
	tail[len] = '\0';
	return len + 1;
}

/* The sink has room for the largest record: mms_vma_batch() saw to it. */
static void emit_vma(struct mms_sink *s, struct vm_area_struct *vma, u64 from, char *pathbuf)
{
	struct mms_vma *rec = mms_emit(s, MMS_REC_VMA, sizeof(*rec),
				       PATH_MAX + MMS_NAME_MAX);
	const char *name, *path;
	char *tail;

	if (WARN_ON_ONCE(!rec))
		return;
	rec->start = max_t(u64, vma->vm_start, from);
	rec->end = vma->vm_end;
	if (vma->vm_file)
		rec->pgoff = vma->vm_pgoff + ((rec->start - vma->vm_start) >> PAGE_SHIFT);
	rec->vm_flags = vma->vm_flags;
	rec->flags = neutral_flags(vma->vm_flags) | special_flags(vma, &path);
	policy_facts(rec, vma);
	rec->pkey = vma_pkey(vma);
	if (vma->vm_file) {
		file_facts(rec, vma->vm_file);
		path = d_path(mms_file_path(vma->vm_file), pathbuf, PATH_MAX);
		if (IS_ERR(path)) {
			rec->flags |= MMS_VMA_NAME_UNKNOWN;
			path = NULL;
		}
	}
	tail = (char *)(rec + 1);
	if (path)
		rec->path_len = put_string(tail, path, PATH_MAX);
	name = mms_anon_name(vma);
	if (name)
		rec->name_len = put_string(tail + rec->path_len, name, MMS_NAME_MAX);
	memset(tail + rec->path_len + rec->name_len, 0, 8);
	mms_emit_trim(s, &rec->head, sizeof(*rec) + rec->path_len + rec->name_len);
}

static void mms_vma_init(struct mms_cap *cap)
{
	mms_selfcheck(cap);
}

static int mms_vma_open(struct mms_query *q)
{
	q->priv = kmalloc(PATH_MAX, GFP_KERNEL);
	return q->priv ? 0 : -ENOMEM;
}

static void mms_vma_close(struct mms_query *q)
{
	kfree(q->priv);
}

static int mms_vma_batch(struct mms_query *q, struct mms_sink *s)
{
	size_t worst = sizeof(struct mms_vma) + PATH_MAX + MMS_NAME_MAX + 16;
	struct vm_area_struct *vma;
	unsigned int n = 0;
	u64 from;

	for (vma = find_vma(q->mm, q->cursor); vma && vma->vm_start < q->req.end;
	     vma = find_vma(q->mm, vma->vm_end)) {
		if (n == MMS_VMA_BATCH || mms_sink_room(s) < worst ||
		    (n && mms_hold_spent(q)))
			return 1;
		/* One that grew over the cursor since the last batch goes on
		 * from there: records never overlap. */
		from = q->stats.batches ? q->cursor : 0;
		emit_vma(s, vma, from, q->priv);
		q->cursor = vma->vm_end;
		n++;
	}
	return 0;
}

static const struct mms_field vma_fields[] = {
	MMS_FIELD(mms_vma, start, HEX),
	MMS_FIELD(mms_vma, end, HEX),
	MMS_FIELD(mms_vma, flags, FLAGS, .letters = "rwxsglipmhHnMcdNauzSFtDbKVUed"),
	MMS_FIELD(mms_vma, vm_flags, HEX),
	MMS_FIELD(mms_vma, pgoff, HEX),
	MMS_FIELD(mms_vma, dev_major, DEC),
	MMS_FIELD(mms_vma, dev_minor, DEC),
	MMS_FIELD(mms_vma, ino, DEC),
	MMS_FIELD(mms_vma, policy, HEX),
	MMS_FIELD(mms_vma, policy_nodes, HEX),
	MMS_FIELD(mms_vma, pkey, DEC),
	{ .name = "name", .format = MMS_FMT_TAIL, .offset = sizeof(struct mms_vma) },
	{ }
};

static const struct mms_text vma_texts[] = {
	{ MMS_REC_VMA, "vma", sizeof(struct mms_vma), vma_fields },
	{ }
};

const struct mms_collector mms_collector_vma = {
	.name = "vma",
	.kind = MMS_KIND_VMA,
	.record_size = sizeof(struct mms_vma),
	.record_max = sizeof(struct mms_vma) + PATH_MAX + MMS_NAME_MAX + 16,
	.texts = vma_texts,
	.req_flags = MMS_REQ_ALL,
	.req_default = MMS_REQ_EXTENTS,
	.words = mms_pt_words,
	.init = mms_vma_init,
	.open = mms_vma_open,
	.batch = mms_vma_batch,
	.close = mms_vma_close,
};
