// SPDX-License-Identifier: GPL-2.0
/*
 * Swap areas by the number that swap entries in page tables name.
 * Locks: none.  swap_info[] holds pointers to structs that are never freed
 * once made (mm/swapfile.c reuses them), so reading is safe; what is read may
 * be of an area that comes or goes.  Never sleeps.  Emits MMS_REC_SWAP_AREA.
 *
 * Names are not read: swap_file is kept by swap_lock alone.  /proc/swaps has
 * them, in the order of the numbers.
 */
#include <linux/swap.h>
#include "../mmscope.h"
#include "../compat/ksym.h"
#include "../compat/swap.h"
#include "../nofault.h"

#ifdef CONFIG_SWAP

static unsigned long swap_info_addr;

static void mms_swap_init(struct mms_cap *cap)
{
	struct swap_info_struct *si;
	signed char type;
	unsigned int i;

	if (mms_ksym("swap_info", &swap_info_addr)) {
		mms_cap_set(cap, MMS_CAP_NO_SYMBOL, "swap_info is not in kallsyms");
		return;
	}
	for (i = 0; i < MAX_SWAPFILES; i++) {
		if (!mms_peek_at(&si, swap_info_addr, i * sizeof(si)) ||
		    (si && (!mms_peek(&type, &si->type, sizeof(type)) || type != i))) {
			mms_cap_set(cap, MMS_CAP_SANITY_FAILED, "swap_info[%u] is no such area", i);
			return;
		}
	}
	cap->state = MMS_CAP_OK;
}

static u32 neutral_flags(unsigned long flags)
{
	return (flags & SWP_WRITEOK ? MMS_SWAP_WRITEOK : 0) |
	       (flags & SWP_BLKDEV ? MMS_SWAP_BLKDEV : 0) |
	       (flags & SWP_SOLIDSTATE ? MMS_SWAP_SOLIDSTATE : 0) |
	       (flags & SWP_DISCARDABLE ? MMS_SWAP_DISCARD : 0);
}

/* Area @i, if it is one; one that swapon has not finished has no pages yet. */
static void put_area(struct mms_sink *s, unsigned int i)
{
	struct swap_info_struct *si;
	struct mms_swap_area *a;
	unsigned int pages, max;
	unsigned long flags;
	signed char type;
	short prio;
	u64 used;

	if (!mms_peek_at(&si, swap_info_addr, i * sizeof(si)) || !si ||
	    !mms_peek(&flags, &si->flags, sizeof(flags)) || !(flags & SWP_USED) ||
	    !mms_peek(&type, &si->type, sizeof(type)) || type != i ||
	    !mms_peek(&pages, &si->pages, sizeof(pages)) || !pages ||
	    !mms_peek(&max, &si->max, sizeof(max)) ||
	    !mms_peek(&prio, &si->prio, sizeof(prio)) ||
	    !mms_swap_inuse(si, pages, &used))
		return;
	a = mms_emit(s, MMS_REC_SWAP_AREA, sizeof(*a), 0);
	if (WARN_ON_ONCE(!a))
		return;
	a->pages = pages;
	a->used = used;
	a->max = max;
	a->number = i;
	a->flags = neutral_flags(flags);
	a->priority = (u32)(s32)prio;
	a->known = MMS_SWAP_K_NUMBER | MMS_SWAP_K_FLAGS | MMS_SWAP_K_MAX;
}

static int mms_swap_batch(struct mms_query *q, struct mms_sink *s)
{
	for (; q->cursor < MAX_SWAPFILES; q->cursor++) {
		if (mms_sink_room(s) < sizeof(struct mms_swap_area))
			return MMS_BATCH_MORE;
		put_area(s, q->cursor);
	}
	return MMS_BATCH_DONE;
}

#else /* !CONFIG_SWAP */

static void mms_swap_init(struct mms_cap *cap)
{
	mms_cap_set(cap, MMS_CAP_COMPILED_OUT, "CONFIG_SWAP is off");
}

static int mms_swap_batch(struct mms_query *q, struct mms_sink *s)
{
	return MMS_BATCH_DONE;
}

#endif

static int mms_swap_open(struct mms_query *q)
{
	q->cursor = 0;
	return 0;
}

static const struct mms_field area_fields[] = {
	MMS_FIELD(mms_swap_area, number, DEC),
	MMS_FIELD(mms_swap_area, pages, DEC),
	MMS_FIELD(mms_swap_area, used, DEC),
	MMS_FIELD(mms_swap_area, max, DEC),
	MMS_FIELD(mms_swap_area, priority, HEX),
	MMS_FIELD(mms_swap_area, flags, FLAGS, .letters = "wbsd"),
	{ }
};

static const struct mms_text swap_texts[] = {
	{ MMS_REC_SWAP_AREA, "area", sizeof(struct mms_swap_area), area_fields },
	{ }
};

const struct mms_collector mms_collector_swap = {
	.name = "swap",
	.kind = MMS_KIND_SWAP,
	.record_size = sizeof(struct mms_swap_area),
	.record_max = sizeof(struct mms_swap_area),
	.texts = swap_texts,
	.machine = true,
	.init = mms_swap_init,
	.open = mms_swap_open,
	.batch = mms_swap_batch,
};
