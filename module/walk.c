// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables level by level.  Knows nothing of output.
 * Locks: inside a VMA the caller holds mmap_lock for reading and, per PTE
 * table, the RCU read lock is taken here; never sleeps.  Emits nothing.
 *
 * Why only inside VMAs: munmap() downgrades mmap_lock and frees the page
 * tables of the detached range while readers may run (mm/mmap.c); tables that
 * a VMA in the tree still spans are not among them.  The exception is hugetlb's
 * shared PMD tables, for which the caller holds i_mmap_rwsem.  Outside every
 * VMA the walk reads through copy_from_kernel_nofault() and trusts nothing.
 */
#include <linux/rcupdate.h>
#include <linux/uaccess.h>
#include "mmscope.h"

static u64 level_end(u64 va, int level, u64 end)
{
	u64 next = (va & ~(mms_arch_size(level) - 1)) + mms_arch_size(level);

	return next - 1 < end - 1 ? next : end;
}

/* Entries as they lie in memory, which may vanish, widened. */
static bool read_nofault(u64 *to, const mms_entry_t *from, unsigned int n)
{
	mms_entry_t e;

	if (sizeof(e) == sizeof(*to))
		return !copy_from_kernel_nofault(to, from, n * sizeof(e));
	for (; n; n--, to++, from++) {
		if (copy_from_kernel_nofault(&e, from, sizeof(e)))
			return false;
		*to = e;
	}
	return true;
}

static u64 *snap_of(const struct mms_walk *w, int level)
{
	return w->snap + (level - 1) * w->room;
}

/* Entries @first .. @first + @n - 1 into w->snap; false if unreadable. */
static bool snapshot(struct mms_walk *w, int level, const mms_entry_t *table,
		     unsigned int first, unsigned int n)
{
	u64 *snap = snap_of(w, level);
	unsigned int i;

	if (WARN_ON_ONCE(n > w->room))
		return false;
	w->entries += n;
	if (w->nofault)
		return read_nofault(snap, table + first, n);
	for (i = 0; i < n; i++)
		snap[i] = mms_arch_read(table + first + i);
	return true;
}

static int walk_ptes(struct mms_walk *w, u64 table_pa, u64 start, u64 end)
{
	const mms_entry_t *table = mms_arch_map(1, table_pa);
	unsigned int first = mms_arch_index(start, 1);
	unsigned int n = (end - start) >> PAGE_SHIFT;
	bool ok;

	if (w->nofault || !MMS_IN_PLACE) {
		/* A mapping of high memory is given back before anything else. */
		ok = snapshot(w, 1, table, first, n);
		mms_arch_unmap(1, table);
		return ok ? w->ops->ptes(w, table_pa, start, first, n, w->snap) : 0;
	}
	w->entries += n;
	return w->ops->ptes(w, table_pa, start, first, n, (const u64 *)table + first);
}

static int walk_table(struct mms_walk *w, u64 table_pa, int level, u64 start, u64 end);

static int walk_entry(struct mms_walk *w, int level, u64 raw, u64 start, u64 end)
{
	u32 rights = w->rights;
	u64 table_pa;
	int ret;

	if (mms_arch_entry_kind(level, raw) != MMS_ENTRY_TABLE || level == w->floor)
		return w->ops->entry(w, level, start, end - start, raw);
	table_pa = mms_arch_table_pa(raw);
	w->rights &= mms_walk_rights(w, level, raw);
	/* PTE tables may be freed under RCU by collapse and PT_RECLAIM: the
	 * entry was read inside the section that ends after its table's use. */
	if (level == 2)
		ret = walk_ptes(w, table_pa, start, end);
	else
		ret = walk_table(w, table_pa, level - 1, start, end);
	w->rights = rights;
	return ret;
}

/* Was the table below this entry walked for the one before it?  (Their A bits may differ.) */
static bool walked(const struct mms_walk *w, int level, const u64 *snap, unsigned int i)
{
	return w->once && i && mms_arch_entry_kind(level, snap[i]) == MMS_ENTRY_TABLE &&
	       mms_arch_entry_kind(level, snap[i - 1]) == MMS_ENTRY_TABLE &&
	       mms_arch_table_pa(snap[i]) == mms_arch_table_pa(snap[i - 1]);
}

static int walk_table(struct mms_walk *w, u64 table_pa, int level, u64 start, u64 end)
{
	const mms_entry_t *table = mms_arch_map(level, table_pa);
	unsigned int first = mms_arch_index(start, level);
	unsigned int n = mms_arch_index(end - 1, level) - first + 1;
	u64 va, next, *snap = snap_of(w, level);
	unsigned int i;
	int ret;

	if (!snapshot(w, level, table, first, n))
		return 0;
	ret = w->ops->table(w, level, table_pa, start, first, n, snap);
	for (i = 0, va = start; i < n && !ret; i++, va = next) {
		u64 raw = snap[i];

		next = level_end(va, level, end);
		/* The table below must be of an entry that still stands. */
		if (level == 2 && !w->nofault)
			raw = mms_arch_read(table + first + i);
		if (raw != snap[i]) {
			snap[i] = raw;
			ret = w->ops->table(w, level, table_pa, va, first + i, 1, &snap[i]);
			if (ret)
				break;
		}
		if (!walked(w, level, snap, i))
			ret = walk_entry(w, level, raw, va, next);
		else if (w->ops->again)
			w->ops->again(w, level, va, next - va, raw);
	}
	return ret;
}

/**
 * mms_walk_range() - walk [start, end) of one address space
 * @w: ops, priv, nofault set; entries is added to
 * @root_pa: physical address of the top table
 * @top: its level, 2 .. 5
 * @start: virtual address, page aligned, bytes
 * @end: page aligned; the range lies inside one VMA unless @w->nofault
 *
 * Context: mmap_lock held for reading (not needed with @w->nofault); takes the
 * RCU read lock for the whole walk: keep the range to what one batch may take,
 * callbacks stop it by returning 1 after setting w->stopped_at.
 *
 * Return: 0 the whole range was walked; 1 stopped; -errno of a callback
 */
int mms_walk_range(struct mms_walk *w, u64 root_pa, int top, u64 start, u64 end)
{
	int ret;

	w->rights = MMS_PT_F_WRITE | MMS_PT_F_EXEC | MMS_PT_F_USER;
	rcu_read_lock();
	ret = walk_table(w, root_pa, top, start, end);
	rcu_read_unlock();
	return ret;
}
