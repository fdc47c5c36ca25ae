// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables of a process above the PMD level.
 * Locks: the caller's task_lock() keeps the mm and its top table; the tables below
 * it are kept by nothing, and every entry is read so that it may vanish.  Never
 * sleeps.  Emits nothing.
 */
#include <linux/mm.h>
#include "toptables.h"

#define MMS_GO	64	/* tables found before others may have the lock */
#define MMS_PUD	3	/* level of the lowest tables that are looked for */

static bool tell(struct mms_top_tables *t, struct mms_walk *w, u64 table_pa, u64 va)
{
	if (t->found < MMS_GO && t->put(t, table_pa >> PAGE_SHIFT)) {
		t->found++;
		return true;
	}
	w->stopped_at = va;
	return false;
}

static int on_table(struct mms_walk *w, int level, u64 table_pa, u64 va,
		    unsigned int first, unsigned int n, const u64 *e)
{
	struct mms_top_tables *t = w->priv;

	/* (one that was begun is told again) */
	return level == t->levels || tell(t, w, table_pa, va) ? 0 : 1;
}

static int on_entry(struct mms_walk *w, int level, u64 va, u64 len, u64 raw)
{
	if (mms_arch_entry_kind(level, raw) != MMS_ENTRY_TABLE)
		return 0;
	return tell(w->priv, w, mms_arch_table_pa(raw), va) ? 0 : 1;
}

static int on_ptes(struct mms_walk *w, u64 table_pa, u64 va,
		   unsigned int first, unsigned int n, const u64 *e)
{
	return 0;
}

static const struct mms_walk_ops ops = {
	.table = on_table,
	.entry = on_entry,
	.ptes = on_ptes,
};

/**
 * mms_top_tables_init() - for this kernel's tables
 * @t: zeroed
 */
void mms_top_tables_init(struct mms_top_tables *t)
{
	struct mms_pt_context ctx = { };

	mms_arch_context(&ctx, current->active_mm);
	t->levels = ctx.levels;
	t->walk.ops = &ops;
	t->walk.priv = t;
	t->walk.snap = t->snap;
	t->walk.room = MMS_TABLE_MAX;
	t->walk.nofault = true;
	t->walk.floor = MMS_PUD + 1;
}

/**
 * mms_top_tables_of() - the tables of one process above the PMD level
 * @t: where it is to begin in @t->va
 * @mm: of a task whose task_lock() is held
 *
 * The top table is not told.
 *
 * Return: was that all?  false: call again, after others had the lock
 */
bool mms_top_tables_of(struct mms_top_tables *t, struct mm_struct *mm)
{
	t->found = 0;
	if (t->levels <= MMS_PUD)
		return true;
	if (mms_walk_range(&t->walk, __pa(mm->pgd), t->levels, t->va, mms_arch_user_end()) <= 0) {
		t->va = 0;
		return true;
	}
	t->va = t->walk.stopped_at;
	return false;
}
