// SPDX-License-Identifier: GPL-2.0
/*
 * Which object of which slab lies at a kernel address, and where the objects of a
 * process are.
 * Locks: mms_memmap_hold() is the caller's, and given back for a while; see
 * slabsheaf.c; task_lock() for three pointers.  May sleep.  Emits nothing: fills a
 * record.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/task.h>
#include "compat/page.h"
#include "memory.h"
#include "slabobject.h"

static unsigned long cache_of(const struct page *page)
{
	unsigned long cache;

	return mms_peek_at(&cache, page, mms_slab_at.slab_cache) ? cache : 0;
}

static u32 object_at(struct mms_slablook *w, const struct mms_slabcache *c, struct mms_slab_object *rec)
{
	const struct mms_slabfree *f = &w->f;
	u32 off = rec->address - f->va, i, into;

	i = off / c->size;
	if (i >= f->objects)
		return MMS_SLABW_SLACK;
	into = off % c->size;
	rec->index = i;
	rec->object = f->va + i * c->size + c->red_left_pad;
	rec->state = mms_slabfree_state(f, i);
	if (!(f->flags & MMS_SLABF_TORN) && (!f->corrupt || rec->state))
		rec->state_known = f->flags & MMS_SLABF_QUARANTINE ? 2 : 1;
	if (into < c->red_left_pad)
		return MMS_SLABW_REDZONE;
	rec->into = into - c->red_left_pad;
	return rec->into < c->object_size ? MMS_SLABW_OBJECT : MMS_SLABW_META;
}

static void put_name(struct mms_slablook *w, struct mms_slab_object *rec, const struct mms_slabcache *c)
{
	if (!mms_peek_string(w->name, (const char *)c->name, sizeof(w->name)))
		return;
	rec->name_len = strlen(w->name) + 1;
	memset((char *)(rec + 1) + ALIGN(rec->name_len, 8) - 8, 0, 8);
	memcpy(rec + 1, w->name, rec->name_len);
}

static u32 tell_object(struct mms_query *q, struct mms_slablook *w, struct mms_slab_object *rec,
		       const struct page *page)
{
	u64 pfn = page_to_pfn(page);
	struct mms_slabcache c;
	int ret = 0;
	u32 what;
	bool ok;

	rec->cache = cache_of(page);
	mms_memmap_release();
	mms_sheaved_free(&w->sheaved);
	ok = mms_slabcache_read(&c, rec->cache);
	if (ok && mms_slab_at.list)
		ret = mms_sheaved_add(q, &w->sheaved, &c);
	mms_sheaved_sort(&w->sheaved);
	mms_memmap_hold();
	if (!ok || mms_online_page(pfn) != page || !mms_slabfree_read(&w->f, &c, page, true))
		return MMS_SLABW_UNKNOWN;
	rec->slab = w->f.va;
	if (w->f.flags & MMS_SLABF_KFENCE)
		return MMS_SLABW_KFENCE;
	mms_sheaved_mark(&w->sheaved, &w->f, &c);
	rec->slab_state = w->f.state;
	rec->cpu = w->f.cpu;
	rec->size = c.size;
	rec->object_size = c.object_size;
	rec->objects = w->f.objects;
	rec->inuse = w->f.inuse;
	put_name(w, rec, &c);
	what = object_at(w, &c, rec);
	/* what looks allocated may be in a sheaf that could not be read */
	if ((ret || w->sheaved.torn) && rec->state == MMS_OBJ_ALLOCATED)
		rec->state_known = 0;
	return what;
}

/* 6.15 "mm/slab: use PGTY_large_kmalloc" marks what kmalloc() took whole; before, it
 * is a compound page like any other that is nobody's mapping. */
static bool perhaps_kmalloc(struct page *head)
{
#ifdef HAVE_PAGE_TYPE_LARGE_KMALLOC
	return false;
#else
	return mms_page_word(head) & (1UL << PG_head) && !(mms_page_word(head) & (1UL << PG_lru)) &&
	       mms_page_type(head) == MMS_TYPE_NONE && !READ_ONCE(head->mapping);
#endif
}

u32 mms_slab_look(struct mms_query *q, struct mms_slablook *w, struct mms_slab_object *rec)
{
	unsigned long addr = rec->address;
	struct page *page, *head;

	if (rec->address > ULONG_MAX || !virt_addr_valid((void *)addr))
		return MMS_SLABW_NO_PAGE;
	rec->pfn = page_to_pfn(virt_to_page((void *)addr));
	page = mms_online_page(rec->pfn);
	if (!page)
		return MMS_SLABW_NO_PAGE;
	head = compound_head(page);
	if (mms_page_is_slab(head))
		return tell_object(q, w, rec, head);
	if (mms_page_type(head) != MMS_TYPE_LARGE_KMALLOC && !perhaps_kmalloc(head))
		return MMS_SLABW_NO_SLAB;
	rec->size = PAGE_SIZE << min_t(u32, compound_order(head), 15);
	rec->object = (unsigned long)page_to_virt(head);
	rec->into = addr - rec->object;
	return perhaps_kmalloc(head) ? MMS_SLABW_PAGES : MMS_SLABW_LARGE;
}

/* Where they are: no more than addresses, nothing is referenced. */
int mms_slab_task(unsigned long *at, u64 nr)
{
	struct task_struct *task;
	struct pid *pid;

	if (!nr || nr > INT_MAX)
		return -ESRCH;
	pid = find_get_pid(nr);
	task = get_pid_task(pid, PIDTYPE_PID);
	put_pid(pid);
	if (!task)
		return -ESRCH;
	at[MMS_SLABR_TASK] = (unsigned long)task;
	at[MMS_SLABR_SIGNAL] = (unsigned long)READ_ONCE(task->signal);
	at[MMS_SLABR_SIGHAND] = (unsigned long)READ_ONCE(*(void **)&task->sighand);
	at[MMS_SLABR_CRED] = (unsigned long)READ_ONCE(*(void **)&task->real_cred);
	task_lock(task);
	at[MMS_SLABR_MM] = (unsigned long)task->mm;
	at[MMS_SLABR_FILES] = (unsigned long)task->files;
	at[MMS_SLABR_FS] = (unsigned long)task->fs;
	task_unlock(task);
	put_task_struct(task);
	return 0;
}
