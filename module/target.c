// SPDX-License-Identifier: GPL-2.0
/*
 * From a PID to an address space: permission, references, bounded holds.
 * Locks: mmap_lock for reading, per batch.  May sleep.  Emits through the
 * collector it calls.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/ktime.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/user_namespace.h>
#include "mmscope.h"

/**
 * mms_allowed() - may the caller see physical addresses and others' memory?
 *
 * As /proc/PID/pagemap's PFNs: CAP_SYS_ADMIN in the initial user namespace
 * (Documentation/admin-guide/mm/pagemap.rst).  Kernel addresses and raw
 * entries are what LOCKDOWN_KCORE is about (security/security.c).
 *
 * Return: 0 or -EPERM
 */
int mms_allowed(void)
{
	if (!ns_capable(&init_user_ns, CAP_SYS_ADMIN))
		return -EPERM;
	return security_locked_down(LOCKDOWN_KCORE);
}

/**
 * mms_target_get() - the address space of a process
 * @pid: in the caller's PID namespace; 0 = the caller
 * @out: on success a reference on mm_count: the mm struct stays, its memory
 *	may go; give it back with mmdrop()
 * @tgid: on success its thread group in the initial PID namespace
 * @pkru: on success what mms_arch_pkru() says of thread @pid
 *
 * Return: 0, -ESRCH no such process, -ENXIO a kernel thread, -ENODATA exited
 */
int mms_target_get(u32 pid, struct mm_struct **out, pid_t *tgid, u32 *pkru)
{
	struct task_struct *task;
	struct mm_struct *mm;
	bool kthread;
	struct pid *p;

	if (pid) {
		p = find_get_pid(pid);
		task = p ? get_pid_task(p, PIDTYPE_PID) : NULL;
		put_pid(p);
		if (!task)
			return -ESRCH;
	} else {
		task = current;
		get_task_struct(task);
	}
	kthread = task->flags & PF_KTHREAD;
	mm = get_task_mm(task);
	*tgid = task_tgid_nr(task);
	*pkru = mms_arch_pkru(task);
	put_task_struct(task);
	if (!mm)
		return kthread ? -ENXIO : -ENODATA;
	mmgrab(mm);
	mmput(mm);
	*out = mm;
	return 0;
}

/**
 * mms_hold_spent() - should this batch give the lock back now?
 *
 * Yes when its time is up or a writer waits: a queued writer stalls every page
 * fault of the observed process behind it (kernel/locking/rwsem.c).
 */
bool mms_hold_spent(const struct mms_query *q)
{
	return mms_mm_contended(q->mm) ||
	       ktime_get_ns() - q->hold_start > (u64)mms_hold_us * NSEC_PER_USEC;
}

/**
 * mms_hold_end() - the lock of this batch was given back: count how long it was held
 */
void mms_hold_end(struct mms_query *q)
{
	u64 held = ktime_get_ns() - q->hold_start;

	q->stats.batches++;
	q->stats.hold_total_ns += held;
	if (held > q->stats.hold_max_ns)
		q->stats.hold_max_ns = held;
}

/**
 * mms_target_batch() - one batch of the collector under the mmap read lock
 *
 * @s is empty.  Counts the hold, and the batch as torn when the address space
 * changed since the last one; the next record then says so, too.
 *
 * Return: the collector's enum mms_batch or -errno; -ESRCH when the process
 * has exited; -EINTR when the reader was killed while it waited
 */
int mms_target_batch(struct mms_query *q, struct mms_sink *s)
{
	u64 seq;
	int ret;

	if (!mmget_not_zero(q->mm))
		return -ESRCH;
	ret = mmap_read_lock_killable(q->mm);
	if (ret) {
		mmput(q->mm);
		return -EINTR;
	}
	q->hold_start = ktime_get_ns();
	seq = mms_mm_seq(q->mm);
	if (q->have_seq && seq != q->seq) {
		q->stats.torn++;
		q->torn = true;
	}
	q->seq = seq;
	q->have_seq = true;

	ret = q->coll->batch(q, s);

	mmap_read_unlock(q->mm);
	mms_hold_end(q);
	mmput(q->mm);

	if (q->torn && s->used) {
		((struct mms_record *)s->buf)->flags |= MMS_RECF_TORN;
		q->torn = false;
	}
	return ret;
}
