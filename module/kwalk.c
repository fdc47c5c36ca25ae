// SPDX-License-Identifier: GPL-2.0
/*
 * Walks of the kernel's own page tables, a batch at a time.
 * Locks: none on the tables: nothing keeps them, every entry is read so that it
 * may vanish.
 */
#include "kwalk.h"

#define MMS_TABLES	64	/* tables in one batch at most, and */
#define MMS_TABLES_MIN	(MMS_WALK_LEVELS + 1)	/* at least: those that lead to where it goes on, and one more */

/**
 * mms_kwalk_begin() - prepare a query's walk
 * @k: zeroed, or begun before
 * @q: gets its cursor, and the reference on the address space whose top table
 *	is read
 * @ops: who listens; @q->priv is handed to it
 * @start: first address of the range, which is of the kernel's half
 * @end: the first behind it; mms_kwalk_top() = to the end
 *
 * The top table is a process's own, which may be gone before the end: hence the
 * reference, which the query's end gives back.
 */
void mms_kwalk_begin(struct mms_kwalk *k, struct mms_query *q, const struct mms_walk_ops *ops,
		     u64 start, u64 end)
{
	struct mm_struct *mm = current->active_mm;

	k->q = q;
	k->walk.ops = ops;
	k->walk.priv = q->priv;
	k->walk.snap = k->tables_read;
	k->walk.room = MMS_TABLE_MAX;
	k->walk.nofault = true;
	k->walk.kernel = true;
	k->walk.once = true;
	mms_arch_context(&k->ctx, mm);
	k->start = start;
	k->end = end;
	mmgrab(mm);
	q->mm = mm;
	q->cursor = start;
}

/**
 * mms_kwalk_spent() - before a table: is it for the next batch?
 * @va: where the walk goes on then
 *
 * For a listener, once for each table: it counts them.  (The clock is not asked
 * for each entry.)
 */
bool mms_kwalk_spent(struct mms_kwalk *k, u64 va)
{
	if (k->tables < MMS_TABLES_MIN || (k->tables < MMS_TABLES && !mms_hold_spent(k->q))) {
		k->tables++;
		return false;
	}
	k->walk.stopped_at = va;
	return true;
}

/**
 * mms_kwalk_root() - which top table the walk is in
 *
 * Return: its physical address; 0 = there is none: user mode has no tables of
 *	its own without PTI
 */
u64 mms_kwalk_root(const struct mms_kwalk *k)
{
	if (!k->root)
		return k->ctx.kernel_root_pa;
	return k->ctx.flags & MMS_CTX_PTI ? k->ctx.root_pa & ~(u64)(PAGE_SIZE - 1) : 0;
}

/**
 * mms_kwalk_batch() - go on from the query's cursor, until a listener stops the walk
 *
 * Takes the RCU read lock for that time, which is measured as the query's hold.
 *
 * Return: MMS_BATCH_MORE, MMS_BATCH_DONE, or -errno
 */
int mms_kwalk_batch(struct mms_kwalk *k, struct mms_query *q)
{
	int ret;

	k->tables = 0;
	mms_hold_begin(q);
	ret = mms_walk_range(&k->walk, mms_kwalk_root(k), k->ctx.levels, q->cursor, k->end);
	mms_hold_end(q);
	q->stats.entries += k->walk.entries;
	k->walk.entries = 0;
	if (ret < 0)
		return ret;
	if (ret) {
		q->cursor = k->walk.stopped_at;
		return MMS_BATCH_MORE;
	}
	k->root++;
	q->cursor = k->start;
	return k->root < 2 && mms_kwalk_root(k) ? MMS_BATCH_MORE : MMS_BATCH_DONE;
}
