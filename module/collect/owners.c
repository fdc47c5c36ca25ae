// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that neither their struct page nor the kernel's map tells, found through
 * who owns them: kernel stacks, page tables above the PMD level, pages of pipes, the
 * array of struct pages, per-CPU memory made at boot, reserves of mempools.
 * Locks: the RCU read lock for some tens of threads at a time, within it
 * task_lock() of one of them; mms_memmap_hold() where a struct page is read.
 * Sleeps only between batches.  Emits MMS_REC_OWNER_RUN.
 */
#include <linux/idr.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "../compat/btf.h"
#include "../compat/ksym.h"
#include "../mmscope.h"
#include "../nofault.h"
#include "../pageclass.h"
#include "../pipe.h"
#include "../toptables.h"

#define MMS_STACK_PAGES	(THREAD_SIZE >> PAGE_SHIFT)
#define MMS_TASKS	64	/* threads looked at in one RCU section */
#define MMS_PROCESSES	4	/* whose tables are read, likewise */
#define MMS_FILES	256	/* files of processes, and buffers of pipes, likewise */
#define MMS_POOL_MAX	64
#define MMS_POOL_ORDER_MAX	10
#define MMS_UNIT_MAX	(1UL << 24)	/* more than a processor's part of the first chunk has, bytes */
#define MMS_ROOM	((MMS_STACK_PAGES + 1) * sizeof(struct mms_owner_run))

enum stage {
	STAGE_TASKS,	/* q->cursor: thread ID, as the initial namespace counts */
	STAGE_TABLES,	/* likewise; then @tables.va */
	STAGE_PIPES,	/* likewise; then @fd and @slot */
	STAGE_MEMMAP,
	STAGE_POOL,	/* q->cursor: element */
	STAGE_PERCPU,	/* q->cursor: processor; then @slot, a page of its part */
	STAGE_DONE
};

/*
 * struct owners - state of one query
 * @fd: of the process at the cursor the next file
 * @slot: of a pipe the next buffer
 * @budget: processes, or files and buffers, that may still be looked at before
 *	others may run
 * @last: the record put into the sink last, if it may grow
 * @pgd_pages: of each process
 * @pid: of the process that is looked at
 */
struct owners {
	enum stage stage;
	unsigned int fd, slot;
	unsigned int budget;
	unsigned int pgd_pages;
	struct mms_sink *sink;
	struct mms_owner_run *last;
	u32 pid;
	struct mms_top_tables tables;
};

/* Where memory lies that was made at boot; 0 = not found. */
static unsigned long integrity_pool, percpu_base, percpu_offsets, percpu_chunk;
static struct mms_member chunk_base, chunk_pages;	/* of struct pcpu_chunk */

/* Is there room for it? */
static bool put(struct owners *o, unsigned long pfn, u32 count, u32 class, u32 pid)
{
	struct mms_owner_run *r = o->last;

	if (r && r->class == class && r->pid == pid && r->pfn + r->count == pfn) {
		r->count += count;
		return true;
	}
	r = mms_emit(o->sink, MMS_REC_OWNER_RUN, sizeof(*r), 0);
	if (!r)
		return false;
	r->pfn = pfn;
	r->count = count;
	r->class = class;
	r->pid = pid;
	o->last = r;
	return true;
}

/* --- stacks and page tables -------------------------------------------------- */

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
static void put_stack(struct owners *o, struct task_struct *task)
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
		put(o, pfn[i], 1, MMS_FRAME_KSTACK, task_pid_nr(task));
}

/* The top table of a process: two with PTI; of i386 with PAE part of a slab's page. */
static void put_pgd(struct owners *o, struct task_struct *task)
{
	struct mm_struct *mm;

	task_lock(task);
	mm = task->mm;
	if (mm && !(task->flags & PF_KTHREAD) && !offset_in_page(mm->pgd))
		put(o, __pa(mm->pgd) >> PAGE_SHIFT, o->pgd_pages, MMS_FRAME_PGTABLE,
		    task_tgid_nr(task));
	task_unlock(task);
}

/*
 * The thread at the cursor or the next one behind it, in the order of thread IDs
 * as /proc lists them; NULL: none.  (Idle threads have none; the first
 * processor's stack is the image's, others are told by vmalloc's areas.)
 */
static struct task_struct *task_at(struct mms_query *q)
{
	struct task_struct *task = NULL;
	struct pid *pid;
	int nr;

	while (!task && q->cursor <= PID_MAX_LIMIT) {
		nr = q->cursor;
		pid = idr_get_next(&init_pid_ns.idr, &nr);
		if (!pid)
			return NULL;
		q->cursor = nr;
		/* (the ID of a group alone, whose first thread is gone?) */
		task = pid_task(pid, PIDTYPE_PID);
		if (!task)
			q->cursor++;
	}
	return task;
}

static bool look_at_tasks(struct owners *o, struct mms_query *q)
{
	struct task_struct *task = NULL;
	unsigned int n;

	mms_hold_begin(q);
	rcu_read_lock();
	for (n = 0; n < MMS_TASKS && mms_sink_room(o->sink) >= MMS_ROOM; n++) {
		task = task_at(q);
		if (!task)
			break;
		put_stack(o, task);
		if (thread_group_leader(task))
			put_pgd(o, task);
		q->cursor++;
		if (n % 8 == 7 && mms_irq_hold_spent(q))
			break;
	}
	rcu_read_unlock();
	mms_hold_end(q);
	return n < MMS_TASKS && !task && mms_sink_room(o->sink) >= MMS_ROOM;
}

static bool put_table(struct mms_top_tables *t, unsigned long pfn)
{
	struct owners *o = t->priv;

	return put(o, pfn, 1, MMS_FRAME_PGTABLE, o->pid);
}

/* false: it goes on there. */
static bool put_tables(struct owners *o, struct task_struct *task)
{
	bool done = true;

	task_lock(task);
	o->pid = task_tgid_nr(task);
	if (task->mm && !(task->flags & PF_KTHREAD)) {
		done = mms_top_tables_of(&o->tables, task->mm);
		o->budget--;
	}
	task_unlock(task);
	return done;
}

/* --- pipes ------------------------------------------------------------------- */

/* Buffers of one pipe from @slot on; false: it goes on there. */
static bool put_pipe(struct owners *o, const struct mms_pipe *pipe)
{
	unsigned long pfn;

	for (; o->slot < pipe->slots; o->slot++, o->budget--)
		if (!o->budget || (mms_pipe_pfn(pipe, o->slot, &pfn) &&
				   !put(o, pfn, 1, MMS_FRAME_PIPE, 0)))
			return false;
	o->slot = 0;
	return true;
}

/* Files of a process from @fd on; false: it goes on there. */
static bool put_files(struct owners *o, struct task_struct *task)
{
	struct mms_pipe pipe;
	bool more = true;

	task_lock(task);
	o->budget--;
	while (o->budget) {
		more = mms_pipe_of_fd(task, o->fd, &pipe);
		if (!more || !put_pipe(o, &pipe))
			break;
		o->fd++;
		if (o->budget)
			o->budget--;
	}
	task_unlock(task);
	return !more;
}

/* --- processes ----------------------------------------------------------------- */

/* Of the next process nothing was told yet. */
static void forget(struct owners *o)
{
	o->tables.va = 0;
	o->fd = 0;
	o->slot = 0;
}

/*
 * One process after the other from the cursor on, until @budget is spent; @put is
 * false where it wants to go on with the same.  (Threads with files of their own are
 * rare: what they have others have, too.)
 */
static bool look_at_processes(struct owners *o, struct mms_query *q, unsigned int budget,
			      bool (*put)(struct owners *o, struct task_struct *task))
{
	struct task_struct *task;
	bool stop = false;
	u64 was;

	mms_hold_begin(q);
	rcu_read_lock();
	o->budget = budget;
	do {
		was = q->cursor;
		task = task_at(q);
		if (!task)
			break;
		if (q->cursor != was)
			forget(o);
		if (thread_group_leader(task) && !put(o, task))
			break;
		forget(o);
		q->cursor++;
		stop = !o->budget || mms_sink_room(o->sink) < MMS_ROOM;
	} while (!stop && !mms_irq_hold_spent(q));
	rcu_read_unlock();
	mms_hold_end(q);
	return !task;
}

/* --- made at boot -------------------------------------------------------------- */

/* The one array of struct pages that there is without sparse memory. */
static void look_at_memmap(struct owners *o)
{
#ifdef CONFIG_FLATMEM
	unsigned long first = __pa(mem_map) >> PAGE_SHIFT;
	unsigned long end = (__pa(mem_map + max_mapnr - 1) >> PAGE_SHIFT) + 1;

	put(o, first, end - first, MMS_FRAME_MEMMAP, 0);
#endif
}

/*
 * Mempools of pages that a kernel makes at boot.  7.1 keeps two blocks of 2 MiB
 * for the metadata of block integrity (block/bio-integrity.c), which nothing in
 * their struct pages tells.
 */
static bool look_at_pool(struct owners *o, struct mms_query *q)
{
	struct page *page;
	mempool_t pool;

	if (!integrity_pool || !mms_peek(&pool, (void *)integrity_pool, sizeof(pool)) ||
	    pool.alloc != mempool_alloc_pages || (unsigned long)pool.pool_data > MMS_POOL_ORDER_MAX)
		return true;
	for (; q->cursor < MMS_POOL_MAX && (int)q->cursor < pool.curr_nr; q->cursor++) {
		if (!mms_peek(&page, &pool.elements[q->cursor], sizeof(page)))
			return true;
		if (mms_online_page(page_to_pfn(page)) == page &&
		    !put(o, page_to_pfn(page), 1U << (unsigned long)pool.pool_data,
			 MMS_FRAME_MEMPOOL, 0))
			return false;
	}
	return true;
}

/* A page of the first chunk: all of it was taken when there was no allocator. */
static struct page *percpu_page(unsigned long addr)
{
	struct page *page;

	if (is_vmalloc_addr((void *)addr))
		return vmalloc_to_page((void *)addr);
	if (!virt_addr_valid((void *)addr))
		return NULL;
	page = mms_online_page(page_to_pfn(virt_to_page((void *)addr)));
	return page && PageReserved(page) ? page : NULL;
}

/*
 * Pages of each processor's part of the first chunk.  Behind them lies what
 * the part was made larger for and gave back at once (mm/percpu.c:
 * pcpu_embed_first_chunk()); the chunk that can be allocated from is its end.
 */
static unsigned int percpu_pages(unsigned long base)
{
	unsigned long chunk, start;
	int pages;

	if (!mms_peek(&chunk, (void *)percpu_chunk, sizeof(chunk)) || !chunk ||
	    !mms_peek_at(&start, chunk, chunk_base.offset) ||
	    !mms_peek_at(&pages, chunk, chunk_pages.offset) || start < base || pages <= 0 ||
	    start - base > MMS_UNIT_MAX || pages > MMS_UNIT_MAX >> PAGE_SHIFT)
		return 0;
	return ((start - base) >> PAGE_SHIFT) + pages;
}

/* Per-CPU memory that was made before there was vmalloc(). */
static bool look_at_percpu(struct owners *o, struct mms_query *q)
{
	unsigned long *offsets, offset, base;
	struct page *page;
	unsigned int n;

	if (!percpu_base || !mms_peek(&base, (void *)percpu_base, sizeof(base)) ||
	    !mms_peek(&offsets, (void *)percpu_offsets, sizeof(offsets)))
		return true;
	n = percpu_pages(base);
	for (; q->cursor < nr_cpu_ids; q->cursor++, o->slot = 0) {
		if (!cpu_possible(q->cursor) ||
		    !mms_peek(&offset, &offsets[q->cursor], sizeof(offset)))
			continue;
		for (; o->slot < n; o->slot++) {
			page = percpu_page(base + offset + o->slot * PAGE_SIZE);
			if (page && !put(o, page_to_pfn(page), 1, MMS_FRAME_PERCPU, 0))
				return false;
		}
	}
	return true;
}

/* Why it is not found; NULL if it is. */
static const char *find_percpu(void)
{
	if (mms_ksym("pcpu_base_addr", &percpu_base) ||
	    mms_ksym("pcpu_unit_offsets", &percpu_offsets) ||
	    mms_ksym("pcpu_first_chunk", &percpu_chunk))
		return "pcpu_base_addr is not in kallsyms";
	if (mms_btf_member("pcpu_chunk", "base_addr", &chunk_base) ||
	    mms_btf_member("pcpu_chunk", "nr_pages", &chunk_pages) ||
	    chunk_base.size != sizeof(long) || chunk_pages.size != sizeof(int))
		return "the kernel's BTF has no struct pcpu_chunk as it is known here";
	return NULL;
}

static void mms_owners_init(struct mms_cap *cap)
{
	const char *no_percpu = find_percpu();

	if (no_percpu)
		percpu_base = 0;
	if (mms_ksym("integrity_buf_pool", &integrity_pool))
		integrity_pool = 0;
	if (!mms_selfcheck(cap) && cap->state == MMS_CAP_OK && no_percpu)
		mms_cap_set(cap, MMS_CAP_PARTIAL, "works; not per-CPU memory of boot: %s", no_percpu);
}

static int mms_owners_open(struct mms_query *q)
{
	struct owners *o;

	if (q->req.start || q->req.end != U64_MAX)
		return -EINVAL;
	o = kvzalloc(sizeof(*o), GFP_KERNEL);
	if (!o)
		return -ENOMEM;
	mms_top_tables_init(&o->tables);
	o->tables.put = put_table;
	o->tables.priv = o;
	o->pgd_pages = mms_arch_user_pgd_apart() ? 2 : 1;
	q->priv = o;
	return 0;
}

static void mms_owners_close(struct mms_query *q)
{
	kvfree(q->priv);
}

/* Is this stage over? */
static bool look(struct owners *o, struct mms_query *q)
{
	bool done = true;

	switch (o->stage) {
	case STAGE_TASKS:
		return look_at_tasks(o, q);
	case STAGE_TABLES:
		return look_at_processes(o, q, MMS_PROCESSES, put_tables);
	case STAGE_PIPES:
		return look_at_processes(o, q, MMS_FILES, put_files);
	case STAGE_MEMMAP:
		look_at_memmap(o);
		return true;
	case STAGE_POOL:
	case STAGE_PERCPU:
		mms_memmap_hold();
		done = o->stage == STAGE_POOL ? look_at_pool(o, q) : look_at_percpu(o, q);
		mms_memmap_release();
		return done;
	case STAGE_DONE:
		break;
	}
	return done;
}

static int mms_owners_batch(struct mms_query *q, struct mms_sink *s)
{
	struct owners *o = q->priv;

	o->sink = s;
	o->last = NULL;
	if (look(o, q)) {
		o->stage++;
		forget(o);
		q->cursor = 0;
	}
	q->stats.entries = q->stats.records + s->records;
	return o->stage == STAGE_DONE ? MMS_BATCH_DONE : MMS_BATCH_MORE;
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
	.record_max = MMS_ROOM,
	.texts = owners_texts,
	.machine = true,
	.init = mms_owners_init,
	.open = mms_owners_open,
	.batch = mms_owners_batch,
	.close = mms_owners_close,
};
