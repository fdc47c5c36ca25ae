// SPDX-License-Identifier: GPL-2.0
/*
 * Records into a sink, and a query from its header to its trailer.
 * Locks: none of its own.  May sleep between batches.
 */
#include <linux/ktime.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>
#include "mmscope.h"
#include "compat/ksym.h"

/**
 * mms_emit() - reserve a record in the sink
 * @s: sink
 * @type: enum mms_record_type
 * @fixed: bytes of the fixed part, head included
 * @tail: bytes that follow; rounded up to 8, the padding is zero
 *
 * Return: the record, zeroed up to its tail's end, head filled in; NULL when
 * the sink has no room
 */
void *mms_emit(struct mms_sink *s, u16 type, size_t fixed, size_t tail)
{
	size_t size = ALIGN(fixed + tail, 8);
	struct mms_record *rec;

	rec = mms_emit_raw(s, type, size);
	if (!rec)
		return NULL;
	memset(rec + 1, 0, fixed - sizeof(*rec));
	if (tail)
		memset((u8 *)rec + size - 8, 0, 8);
	return rec;
}

/**
 * mms_emit_trim() - give back the end of the record reserved last
 * @s: sink
 * @rec: that record
 * @size: bytes to keep; rounded up to 8
 */
void mms_emit_trim(struct mms_sink *s, struct mms_record *rec, size_t size)
{
	size = ALIGN(size, 8);
	s->used -= rec->size - size;
	rec->size = size;
}

static void boot_id_fill(u8 id[16])
{
	unsigned long addr;

	/* Zero (unknown) until somebody has read it from /proc once. */
	if (!mms_ksym("sysctl_bootid", &addr))
		if (copy_from_kernel_nofault(id, (void *)addr, 16))
			memset(id, 0, 16);
}

/**
 * mms_header_fill() - the header of a query's stream
 */
void mms_header_fill(struct mms_stream_header *h, const struct mms_query *q)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->magic, MMS_MAGIC, sizeof(h->magic));
	h->abi = MMS_ABI_VERSION;
	h->header_size = sizeof(*h);
	h->kind = q->coll->kind;
	h->record_size = q->coll->record_size;
	h->arch = mms_arch_id();
	h->page_shift = PAGE_SHIFT;
	h->writer = MMS_WRITER_MODULE;
	h->time_ns = ktime_get_real_ns();
	boot_id_fill(h->boot_id);
	strscpy((char *)h->release, init_utsname()->release, sizeof(h->release));
	h->request = q->req;
}

/* One page of the kernel's half? The last of 64 bits ends at 0. */
static bool kernel_page(const struct mms_request *req)
{
	u64 last = req->start + PAGE_SIZE - 1;

	return req->start >= mms_arch_kernel_start() && !offset_in_page(req->start) &&
	       last <= ULONG_MAX && req->end == last + 1;
}

static int request_check(const struct mms_collector *coll, struct mms_request *req)
{
	if (req->size != sizeof(*req) || req->pad)
		return -EINVAL;
	if (req->flags & ~coll->req_flags)
		return -EINVAL;
	if (coll->machine) {
		if (!req->end)
			req->end = U64_MAX;
		return !req->pid && req->start < req->end ? 0 : -EINVAL;
	}
	if (req->flags & MMS_REQ_KERNEL)
		return kernel_page(req) ? 0 : -EINVAL;
	if (!req->end || req->end > mms_arch_user_end())
		req->end = mms_arch_user_end();
	return req->start < req->end ? 0 : -EINVAL;
}

/**
 * mms_query_open() - begin to answer a request
 * @q: zeroed or closed
 * @coll: who answers
 * @req: in kernel memory
 *
 * Return: 0; -EOPNOTSUPP the collector is not available on this kernel;
 * -EINVAL malformed; -ENOMEM; what mms_target_get() returns
 */
int mms_query_open(struct mms_query *q, const struct mms_collector *coll,
		   const struct mms_request *req)
{
	int ret;

	memset(q, 0, sizeof(*q));
	if (!mms_cap_usable(mms_registry_cap(coll)))
		return -EOPNOTSUPP;
	q->req = *req;
	ret = request_check(coll, &q->req);
	if (!ret && !coll->machine)
		ret = mms_target_get(q->req.pid, &q->mm, &q->tgid, &q->pkru);
	if (ret)
		return ret;
	q->coll = coll;
	q->cursor = q->req.start;
	ret = coll->open ? coll->open(q) : 0;
	if (ret) {
		if (q->mm)
			mmdrop(q->mm);
		q->mm = NULL;
		q->coll = NULL;
	}
	return ret;
}

/**
 * mms_query_close() - end a query, finished or not; harmless if none is open
 */
void mms_query_close(struct mms_query *q)
{
	if (!q->coll)
		return;
	if (q->coll->close)
		q->coll->close(q);
	if (q->mm)
		mmdrop(q->mm);
	q->mm = NULL;
	q->coll = NULL;
}

static void body_end(struct mms_query *q, int ret)
{
	q->phase = MMS_PHASE_TRAILER;
	switch (ret) {
	case 0:
		q->stats.end = MMS_END_COMPLETE;
		break;
	case -ESRCH:
		q->stats.end = MMS_END_EXITED;
		break;
	case -EINTR:
		q->stats.end = MMS_END_KILLED;
		break;
	default:
		q->stats.end = MMS_END_ERROR;
		q->stats.error = -ret;
	}
}

/**
 * mms_query_fill() - the next bytes of the answer
 * @q: an open query
 * @s: an empty sink of at least record_max of the collector
 *
 * One call holds a lock at most once.
 *
 * Return: 0 with s->used > 0, or with s->used == 0 when the answer is at its
 * end; -ERESTARTSYS when a signal should be handled first
 */
int mms_query_fill(struct mms_query *q, struct mms_sink *s)
{
	struct mms_trailer *t;
	int ret;

	if (q->phase == MMS_PHASE_HEADER) {
		mms_header_fill((struct mms_stream_header *)s->buf, q);
		s->used = sizeof(struct mms_stream_header);
		q->phase = MMS_PHASE_BODY;
		return 0;
	}
	while (q->phase == MMS_PHASE_BODY) {
		s->records = 0;
		ret = q->coll->machine ? q->coll->batch(q, s) : mms_target_batch(q, s);
		q->stats.records += s->records;
		if (ret <= 0)
			body_end(q, ret);
		if (s->used)
			return 0;
		if (signal_pending(current))
			return -ERESTARTSYS;
		if (ret == MMS_BATCH_BUSY)
			schedule_timeout_killable(1);
		else
			cond_resched();
	}
	if (q->phase == MMS_PHASE_TRAILER) {
		t = mms_emit(s, MMS_REC_TRAILER, sizeof(*t), 0);
		if (WARN_ON_ONCE(!t))
			return -ENOSPC;
		q->stats.head = t->head;
		if (q->torn)
			q->stats.head.flags |= MMS_RECF_TORN;
		*t = q->stats;
		q->phase = MMS_PHASE_DONE;
	}
	return 0;
}
