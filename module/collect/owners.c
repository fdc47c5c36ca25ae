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
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "../mmscope.h"
#include "../owners.h"
#include "../pageclass.h"
#include "../pipe.h"

#define MMS_STACK_PAGES	(THREAD_SIZE >> PAGE_SHIFT)
#define MMS_TASKS	64	/* threads looked at in one RCU section */
#define MMS_PROCESSES	4	/* whose tables are read, likewise */
#define MMS_FILES	256	/* files of processes, and buffers of pipes, likewise */
#define MMS_ROOM	((MMS_STACK_PAGES + 1) * sizeof(struct mms_owner_run))

/**
 * mms_owner_put() - these frames are of that class
 * @pid: whose they are; 0 = nobody's
 *
 * Return: false if there is no room for it
 */
bool mms_owner_put(struct mms_owners *o, unsigned long pfn, u32 count, u32 class, u32 pid)
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
static void put_stack(struct mms_owners *o, struct task_struct *task)
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
		mms_owner_put(o, pfn[i], 1, MMS_FRAME_KSTACK, task_pid_nr(task));
}

/* The top table of a process: two with PTI; of i386 with PAE part of a slab's page. */
static void put_pgd(struct mms_owners *o, struct task_struct *task)
{
	struct mm_struct *mm;

	task_lock(task);
	mm = task->mm;
	if (mm && !(task->flags & PF_KTHREAD) && !offset_in_page(mm->pgd))
		mms_owner_put(o, __pa(mm->pgd) >> PAGE_SHIFT, o->pgd_pages, MMS_FRAME_PGTABLE,
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

static bool look_at_tasks(struct mms_owners *o, struct mms_query *q)
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
	struct mms_owners *o = t->priv;

	return mms_owner_put(o, pfn, 1, MMS_FRAME_PGTABLE, o->pid);
}

/* false: it goes on there. */
static bool put_tables(struct mms_owners *o, struct task_struct *task)
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
static bool put_pipe(struct mms_owners *o, const struct mms_pipe *pipe)
{
	unsigned long pfn;

	for (; o->slot < pipe->slots; o->slot++, o->budget--)
		if (!o->budget || (mms_pipe_pfn(pipe, o->slot, &pfn) &&
				   !mms_owner_put(o, pfn, 1, MMS_FRAME_PIPE, 0)))
			return false;
	o->slot = 0;
	return true;
}

/* Files of a process from @fd on; false: it goes on there. */
static bool put_files(struct mms_owners *o, struct task_struct *task)
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
static void forget(struct mms_owners *o)
{
	o->tables.va = 0;
	o->fd = 0;
	o->slot = 0;
}

/*
 * One process after the other from the cursor on, until @budget is spent; @look is
 * false where it wants to go on with the same.  (Threads with files of their own are
 * rare: what they have others have, too.)
 */
static bool look_at_processes(struct mms_owners *o, struct mms_query *q, unsigned int budget,
			      bool (*look)(struct mms_owners *o, struct task_struct *task))
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
		if (thread_group_leader(task) && !look(o, task))
			break;
		forget(o);
		q->cursor++;
		stop = !o->budget || mms_sink_room(o->sink) < MMS_ROOM;
	} while (!stop && !mms_irq_hold_spent(q));
	rcu_read_unlock();
	mms_hold_end(q);
	return !task;
}

static void mms_owners_init(struct mms_cap *cap)
{
	const char *no_percpu = mms_owners_fixed_init();

	if (!mms_selfcheck(cap) && cap->state == MMS_CAP_OK && no_percpu)
		mms_cap_set(cap, MMS_CAP_PARTIAL, "works; not per-CPU memory of boot: %s", no_percpu);
}

static int mms_owners_open(struct mms_query *q)
{
	struct mms_owners *o;

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
static bool look_on(struct mms_owners *o, struct mms_query *q)
{
	bool done = true;

	switch (o->stage) {
	case MMS_OWN_TASKS:
		return look_at_tasks(o, q);
	case MMS_OWN_TABLES:
		return look_at_processes(o, q, MMS_PROCESSES, put_tables);
	case MMS_OWN_PIPES:
		return look_at_processes(o, q, MMS_FILES, put_files);
	case MMS_OWN_MEMMAP:
		mms_owners_memmap(o);
		return true;
	case MMS_OWN_POOL:
	case MMS_OWN_DEPOT:
	case MMS_OWN_PERCPU:
		mms_memmap_hold();
		done = o->stage == MMS_OWN_POOL ? mms_owners_pool(o, q) :
		       o->stage == MMS_OWN_DEPOT ? mms_owners_depot(o, q) : mms_owners_percpu(o, q);
		mms_memmap_release();
		return done;
	case MMS_OWN_DONE:
		break;
	}
	return done;
}

static int mms_owners_batch(struct mms_query *q, struct mms_sink *s)
{
	struct mms_owners *o = q->priv;

	o->sink = s;
	o->last = NULL;
	if (look_on(o, q)) {
		o->stage++;
		forget(o);
		q->cursor = 0;
	}
	q->stats.entries = q->stats.records + s->records;
	return o->stage == MMS_OWN_DONE ? MMS_BATCH_DONE : MMS_BATCH_MORE;
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
