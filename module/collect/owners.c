// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that neither their struct page nor the kernel's map tells, found through
 * who owns them: kernel stacks, top-level page tables, the array of struct pages,
 * reserves of mempools.
 * Locks: the RCU read lock while all threads are looked at once, task_lock() for
 * a process's tables.  Nothing is allocated and nobody sleeps within.  Emits
 * MMS_REC_OWNER_RUN.
 */
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "../compat/ksym.h"
#include "../mmscope.h"
#include "../nofault.h"
#include "../pageclass.h"

#define MMS_STACK_PAGES	(THREAD_SIZE >> PAGE_SHIFT)
#define MMS_RUNS_MAX	(1UL << 20)
#define MMS_POOL_MAX	64
#define MMS_POOL_ORDER_MAX	10

/*
 * struct owners - state of one query
 * @runs: all that were found when the question was asked
 * @n: of them there is room for @room; more than that: too small
 * @sent: already in the stream
 */
struct owners {
	unsigned long n, room, sent;
	struct {
		unsigned long pfn;
		u32 count;
		u32 class;
		u32 pid;
	} runs[];
};

static void add(struct owners *o, unsigned long pfn, u32 count, u32 class, u32 pid)
{
	unsigned long last = o->n - 1;

	if (o->n && o->n <= o->room && o->runs[last].class == class && o->runs[last].pid == pid &&
	    o->runs[last].pfn + o->runs[last].count == pfn) {
		o->runs[last].count += count;
		return;
	}
	if (o->n < o->room) {
		o->runs[o->n].pfn = pfn;
		o->runs[o->n].count = count;
		o->runs[o->n].class = class;
		o->runs[o->n].pid = pid;
	}
	o->n++;
}

/* Does the thread still have the stack that was read? */
static bool has_stack(const struct task_struct *task, const void *stack)
{
#ifdef CONFIG_THREAD_INFO_IN_TASK
	if (!refcount_read(&task->stack_refcount))
		return false;
#endif
	return stack && READ_ONCE(task->stack) == stack;
}

/* No reference can be given back by a module: what was found is dropped if the
 * stack was let go meanwhile.  vmalloc's tables stay when their pages go. */
static void add_stack(struct owners *o, struct task_struct *task)
{
	u8 *stack = READ_ONCE(task->stack);
	unsigned long pfn[MMS_STACK_PAGES];
	struct page *page;
	unsigned int i;

	if (!has_stack(task, stack))
		return;
	for (i = 0; i < MMS_STACK_PAGES; i++) {
		page = is_vmalloc_addr(stack) ? vmalloc_to_page(stack + i * PAGE_SIZE) :
		       virt_addr_valid(stack) ? virt_to_page(stack + i * PAGE_SIZE) : NULL;
		if (!page)
			return;
		pfn[i] = page_to_pfn(page);
	}
	for (i = 0; has_stack(task, stack) && i < MMS_STACK_PAGES; i++)
		add(o, pfn[i], 1, MMS_FRAME_KSTACK, task_pid_nr(task));
}

/* The top table of a process: two with PTI; of i386 with PAE part of a slab's page. */
static void add_pgd(struct owners *o, struct task_struct *task, u32 count)
{
	struct mm_struct *mm;

	task_lock(task);
	mm = task->mm;
	if (mm && !(task->flags & PF_KTHREAD) && !offset_in_page(mm->pgd))
		add(o, __pa(mm->pgd) >> PAGE_SHIFT, count, MMS_FRAME_PGTABLE, task_tgid_nr(task));
	task_unlock(task);
}

static void look_at_tasks(struct owners *o)
{
	struct mms_pt_context ctx = { };
	struct task_struct *p, *t;

	mms_arch_context(&ctx, current->active_mm);
	o->n = 0;
	rcu_read_lock();
	for_each_process_thread(p, t) {
		add_stack(o, t);
		if (t == p)
			add_pgd(o, p, ctx.flags & MMS_CTX_PTI ? 2 : 1);
	}
	/* (idle threads are in no list; the first processor's is the image's) */
	rcu_read_unlock();
}

/* The one array of struct pages that there is without sparse memory. */
static void look_at_memmap(struct owners *o)
{
#ifdef CONFIG_FLATMEM
	unsigned long first = __pa(mem_map) >> PAGE_SHIFT;
	unsigned long end = (__pa(mem_map + max_mapnr - 1) >> PAGE_SHIFT) + 1;

	add(o, first, end - first, MMS_FRAME_MEMMAP, 0);
#endif
}

/*
 * Mempools of pages that a kernel makes at boot.  7.1 keeps two blocks of 2 MiB
 * for the metadata of block integrity (block/bio-integrity.c), which nothing in
 * their struct pages tells.
 */
static unsigned long integrity_pool;

static void add_pool(struct owners *o, unsigned long addr)
{
	struct page *page;
	mempool_t pool;
	int i;

	if (!addr || !mms_peek(&pool, (void *)addr, sizeof(pool)) ||
	    pool.alloc != mempool_alloc_pages || (unsigned long)pool.pool_data > MMS_POOL_ORDER_MAX)
		return;
	for (i = 0; i < pool.curr_nr && i < MMS_POOL_MAX; i++) {
		if (!mms_peek(&page, &pool.elements[i], sizeof(page)))
			return;
		if (mms_online_page(page_to_pfn(page)) == page)
			add(o, page_to_pfn(page), 1U << (unsigned long)pool.pool_data,
			    MMS_FRAME_MEMPOOL, 0);
	}
}

static void mms_owners_init(struct mms_cap *cap)
{
	mms_selfcheck(cap);
	if (mms_ksym("integrity_buf_pool", &integrity_pool))
		integrity_pool = 0;
}

static int mms_owners_open(struct mms_query *q)
{
	unsigned long room = 1024;
	struct owners *o;

	if (q->req.start || q->req.end != U64_MAX)
		return -EINVAL;
	for (;;) {
		o = kvzalloc(struct_size(o, runs, room), GFP_KERNEL);
		if (!o)
			return -ENOMEM;
		o->room = room;
		look_at_tasks(o);
		look_at_memmap(o);
		add_pool(o, integrity_pool);
		if (o->n <= o->room)
			break;
		room = o->n + o->n / 4;
		kvfree(o);
		if (room > MMS_RUNS_MAX)
			return -E2BIG;
	}
	q->priv = o;
	return 0;
}

static void mms_owners_close(struct mms_query *q)
{
	kvfree(q->priv);
}

static int mms_owners_batch(struct mms_query *q, struct mms_sink *s)
{
	struct owners *o = q->priv;
	struct mms_owner_run *r;

	for (; o->sent < o->n; o->sent++) {
		r = mms_emit(s, MMS_REC_OWNER_RUN, sizeof(*r), 0);
		if (!r)
			return MMS_BATCH_MORE;
		r->pfn = o->runs[o->sent].pfn;
		r->count = o->runs[o->sent].count;
		r->class = o->runs[o->sent].class;
		r->pid = o->runs[o->sent].pid;
		q->stats.entries++;
	}
	return MMS_BATCH_DONE;
}

static const struct mms_field run_fields[] = {
	MMS_FIELD(mms_owner_run, pfn, HEX),
	MMS_FIELD(mms_owner_run, count, DEC),
	MMS_FIELD(mms_owner_run, class, NAME, .names = mms_frame_class_names),
	MMS_FIELD(mms_owner_run, pid, DEC),
	{ }
};

static const struct mms_text owners_texts[] = {
	{ MMS_REC_OWNER_RUN, "owner", sizeof(struct mms_owner_run), run_fields },
	{ }
};

const struct mms_collector mms_collector_owners = {
	.name = "owners",
	.kind = MMS_KIND_OWNERS,
	.record_size = sizeof(struct mms_owner_run),
	.record_max = sizeof(struct mms_owner_run),
	.texts = owners_texts,
	.machine = true,
	.init = mms_owners_init,
	.open = mms_owners_open,
	.batch = mms_owners_batch,
	.close = mms_owners_close,
};
