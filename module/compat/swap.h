/* SPDX-License-Identifier: GPL-2.0 */
/* What changed in struct swap_info_struct.  Locks: none.  Never sleeps. */
#ifndef MMSCOPE_COMPAT_SWAP_H
#define MMSCOPE_COMPAT_SWAP_H

#include <linux/swap.h>
#include "../nofault.h"

/*
 * 6.13 "mm: swap: use an atomic_long_t for inuse_pages": one bit of it says that
 * the area is on no list of those with room (SWAP_USAGE_OFFLIST_BIT): the one
 * below the sign, of a long or of an int.
 */
static inline bool mms_swap_inuse(const struct swap_info_struct *si, unsigned int pages, u64 *used)
{
#ifdef HAVE_SWAP_INUSE_ATOMIC
	unsigned long v;

	if (!mms_peek(&v, &si->inuse_pages, sizeof(v)))
		return false;
	v &= ~(1UL << (BITS_PER_LONG - 2));
	/* No more can be in use than there are slots. */
	if (v > pages)
		v &= ~(1UL << 30);
	*used = v;
#else
	unsigned int v;

	if (!mms_peek(&v, &si->inuse_pages, sizeof(v)))
		return false;
	*used = v;
#endif
	return true;
}

#endif /* MMSCOPE_COMPAT_SWAP_H */
