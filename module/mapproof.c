// SPDX-License-Identifier: GPL-2.0
/*
 * From an address space to its processes, and from an address in it to the
 * entry that translates it.
 * Locks: RCU and task_lock while tasks are looked at; mmap_lock for reading, if
 * it is free, for one walk of one page.  May sleep outside.  Emits nothing: fills
 * records.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "mapproof.h"
#include "nofault.h"

/* --- processes ------------------------------------------------------------ */

/* Is @mm among the candidates, which are sorted by it? */
static bool wanted_mm(const struct mms_rmap *r, const struct mm_struct *mm)
{
	unsigned int lo = 0, hi = r->n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (r->c[mid].mm == mm)
			return true;
		if (r->c[mid].mm < mm)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

/* The first thread of a process that still has memory: the leader may be gone. */
static struct task_struct *thread_with_mm(struct task_struct *p, struct mm_struct **mm)
{
	struct task_struct *t;

	for_each_thread(p, t) {
		*mm = READ_ONCE(t->mm);
		if (*mm)
			return t;
	}
	return NULL;
}

static void copy_comm(u8 to[TASK_COMM_LEN], const struct task_struct *t)
{
	/* A writer of comm may tear it; it always ends with a NUL. */
	memcpy(to, t->comm, TASK_COMM_LEN);
	to[TASK_COMM_LEN - 1] = '\0';
}

static void take_owner(struct mms_owners *w, struct task_struct *p, struct task_struct *t,
		       struct mm_struct *mm)
{
	struct mms_owner *o = &w->o[w->n];

	task_lock(t);
	if (t->mm == mm) {
		mmgrab(mm);
		o->mm = mm;
		o->pid = task_tgid_vnr(p);
		copy_comm(o->comm, p);
		w->n++;
	}
	task_unlock(t);
}

static int by_mm(const void *a, const void *b)
{
	const struct mms_owner *x = a, *y = b;

	return x->mm < y->mm ? -1 : x->mm > y->mm;
}

static unsigned int count_mms(const struct mms_rmap *r)
{
	unsigned int i, n = 0;

	for (i = 0; i < r->n; i++)
		n += !i || r->c[i].mm != r->c[i - 1].mm;
	return n;
}

/**
 * mms_owners_find() - the processes of the candidates' address spaces
 * @w: filled, sorted by mm; give it to mms_owners_end() whatever is returned
 * @r: sorted
 *
 * Several processes may have one address space (vfork()); of those that do not
 * fit, the mappings are told without a process.
 *
 * Return: 0 or -ENOMEM
 */
int mms_owners_find(struct mms_owners *w, const struct mms_rmap *r)
{
	struct task_struct *p, *t;
	struct mm_struct *mm;

	memset(w, 0, sizeof(*w));
	if (!r->n)
		return 0;
	w->room = count_mms(r) + 32;
	w->o = kvmalloc_array(w->room, sizeof(*w->o), GFP_KERNEL);
	if (!w->o)
		return -ENOMEM;
	rcu_read_lock();
	for_each_process(p) {
		if (w->n == w->room)
			break;
		if (p->flags & PF_KTHREAD)
			continue;
		t = thread_with_mm(p, &mm);
		if (t && wanted_mm(r, mm))
			take_owner(w, p, t, mm);
	}
	rcu_read_unlock();
	sort(w->o, w->n, sizeof(*w->o), by_mm, NULL);
	return 0;
}

void mms_owners_end(struct mms_owners *w)
{
	unsigned int i;

	for (i = 0; i < w->n; i++)
		mmdrop(w->o[i].mm);
	kvfree(w->o);
	memset(w, 0, sizeof(*w));
}

/* --- a task's own frames --------------------------------------------------- */

static bool stack_has(const struct task_struct *t, u64 pfn, u32 *page)
{
#ifdef CONFIG_VMAP_STACK
	struct vm_struct *area = READ_ONCE(t->stack_vm_area), copy;
	struct page *one;

	/* A thread that exits gives its stack back while its task_struct stays. */
	if (!area || !mms_peek(&copy, area, sizeof(copy)))
		return false;
	for (*page = 0; *page < copy.nr_pages && *page < THREAD_SIZE / PAGE_SIZE; ++*page)
		if (mms_peek(&one, &copy.pages[*page], sizeof(one)) &&
		    one == pfn_to_page(pfn))
			return true;
	return false;
#else
	void *stack = READ_ONCE(t->stack);
	u64 first;

	if (!stack || !virt_addr_valid(stack))
		return false;
	first = virt_to_phys(stack) >> PAGE_SHIFT;
	*page = pfn - first;
	return pfn >= first && pfn - first < THREAD_SIZE / PAGE_SIZE;
#endif
}

/* With PTI the table of user mode is the page behind it. */
static bool pgd_has(const struct task_struct *t, u64 pfn, u32 *page)
{
	struct mm_struct *mm = READ_ONCE(t->mm);
	u64 first;
	pgd_t *pgd;

	if (!mm || (t->flags & PF_KTHREAD) || !mms_peek(&pgd, &mm->pgd, sizeof(pgd)) ||
	    !virt_addr_valid(pgd))
		return false;
	first = virt_to_phys(pgd) >> PAGE_SHIFT;
	*page = pfn - first;
	return pfn == first || (pfn == first + 1 && mms_arch_user_pgd_apart());
}

/**
 * mms_task_of_frame() - is it a page of a kernel stack, or a process's PGD?
 * @pfn: of online memory
 * @rec: role, pid, tid, page and comm filled in if so
 */
bool mms_task_of_frame(u64 pfn, struct mms_frame_task *rec)
{
	struct task_struct *p, *t;

	rcu_read_lock();
	for_each_process_thread(p, t) {
		if (stack_has(t, pfn, &rec->page))
			rec->role = MMS_FROLE_STACK;
		else if (pgd_has(t, pfn, &rec->page))
			rec->role = MMS_FROLE_PGD;
		else
			continue;
		rec->pid = task_tgid_vnr(t);
		rec->tid = task_pid_vnr(t);
		copy_comm(rec->comm, t);
		/* (two loops in one: break would leave the inner one alone) */
		rcu_read_unlock();
		return true;
	}
	rcu_read_unlock();
	return false;
}

/* --- the proof ------------------------------------------------------------- */

static void take_entry(struct mms_proof *p, int level, u64 va, u64 raw)
{
	struct mms_frame_map *rec = p->rec;
	struct mms_pt_extent x = { };

	rec->level = level;
	rec->raw = raw;
	if (mms_arch_entry_kind(level, raw) == MMS_ENTRY_NONE) {
		rec->state = MMS_FMAP_EMPTY;
		return;
	}
	mms_arch_decode(&x, level, raw, p->walk.rights & mms_walk_rights(&p->walk, level, raw));
	rec->pt_state = x.state;
	rec->pt_flags = x.flags;
	x.pa += va & (mms_arch_size(level) - 1) & ~(u64)(PAGE_SIZE - 1);
	rec->state = x.state == MMS_PT_PRESENT && x.pa >> PAGE_SHIFT == rec->pfn ?
		     MMS_FMAP_MAPS : MMS_FMAP_OTHER;
}

static int on_table(struct mms_walk *w, int level, u64 table_pa, u64 va,
		    unsigned int first, unsigned int n, const u64 *e)
{
	struct mms_proof *p = w->priv;

	p->rec->entry_pa = table_pa + first * sizeof(mms_entry_t);
	return 0;
}

static int on_entry(struct mms_walk *w, int level, u64 va, u64 len, u64 raw)
{
	take_entry(w->priv, level, va, raw);
	return 0;
}

static int on_ptes(struct mms_walk *w, u64 table_pa, u64 va,
		   unsigned int first, unsigned int n, const u64 *e)
{
	struct mms_proof *p = w->priv;

	p->rec->entry_pa = table_pa + first * sizeof(mms_entry_t);
	take_entry(p, 1, va, READ_ONCE(e[0]));
	return 0;
}

static const struct mms_walk_ops proof_ops = {
	.table = on_table,
	.entry = on_entry,
	.ptes = on_ptes,
};

void mms_proof_init(struct mms_proof *p)
{
	p->walk.ops = &proof_ops;
	p->walk.priv = p;
	p->walk.snap = p->entries;
	p->walk.room = 1;
	p->ctx_mm = NULL;
}

/* Inside a VMA with mmap_lock held.  Shared hugetlb: as collect/pgtable.c, walk_one(). */
static void walk_va(struct mms_proof *p, struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct address_space *mapping = NULL;
	u64 va = p->rec->va;

	if ((vma->vm_flags & VM_HUGETLB) && (vma->vm_flags & VM_MAYSHARE) && vma->vm_file)
		mapping = vma->vm_file->f_mapping;
	if (mapping && !down_read_trylock(&mapping->i_mmap_rwsem)) {
		p->rec->state = MMS_FMAP_BUSY;
		return;
	}
	if (p->ctx_mm != mm) {
		memset(&p->ctx, 0, sizeof(p->ctx));
		mms_arch_context(&p->ctx, mm);
		p->ctx_mm = mm;
	}
	mms_walk_range(&p->walk, p->ctx.root_pa, p->ctx.levels, va, va + PAGE_SIZE);
	if (mapping)
		up_read(&mapping->i_mmap_rwsem);
}

/**
 * mms_proof_map() - what do the page tables have at the address?
 * @p: initialised
 * @q: counts the hold
 * @mm: mm_count held
 * @rec: pfn and va are filled in; state, entry and what it means are set
 *
 * The lock is not waited for: MMS_FMAP_BUSY.
 */
void mms_proof_map(struct mms_proof *p, struct mms_query *q, struct mm_struct *mm,
		   struct mms_frame_map *rec)
{
	struct vm_area_struct *vma;

	rec->state = MMS_FMAP_GONE;
	p->rec = rec;
	if (!mmget_not_zero(mm))
		return;
	if (mmap_read_trylock(mm)) {
		mms_hold_begin(q);
		vma = find_vma(mm, rec->va);
		if (vma && vma->vm_start <= rec->va) {
			rec->state = MMS_FMAP_EMPTY;
			rec->vma_start = vma->vm_start;
			rec->vma_end = vma->vm_end;
			walk_va(p, mm, vma);
		}
		mmap_read_unlock(mm);
		mms_hold_end(q);
		q->stats.entries += p->walk.entries;
		p->walk.entries = 0;
	} else {
		rec->state = MMS_FMAP_BUSY;
	}
	mmput(mm);
}
