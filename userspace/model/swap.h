/* SPDX-License-Identifier: GPL-2.0 */
/* Swap areas from their two witnesses. */
#ifndef MMSCOPE_MODEL_SWAP_H
#define MMSCOPE_MODEL_SWAP_H

#include "source/source.h"

#define MMS_SWAP_AREAS	32	/* five bits of a swap entry name the area */

/**
 * struct mms_swap - one area
 * @rec: .known says what was read, of @number also if it follows by elimination
 * @name: neutralised; "" = not known
 */
struct mms_swap {
	struct mms_swap_area rec;
	char name[512];
};

/**
 * struct mms_swaps - all areas, in ascending number
 * @deduced: no source tells the numbers: they follow from the entries seen
 */
struct mms_swaps {
	struct mms_swap area[MMS_SWAP_AREAS];
	size_t n;
	bool deduced;
};

/**
 * mms_swaps_read() - ask for the areas
 * @s: the source of everything else
 * @names: who knows /proc/swaps, if @s does not; or NULL
 * Return: 0; -errno with @err if no source tells of areas
 */
int mms_swaps_read(struct mms_swaps *w, struct mms_source *s, struct mms_source *names,
		   struct mms_err *err);

/**
 * mms_swaps_deduce() - the numbers, where /proc/swaps alone was read
 * @seen: bit n: a swap entry names area n
 *
 * An area that entries name is there, and /proc/swaps lists areas in ascending
 * number: as many numbers as lines are those of the lines.
 */
void mms_swaps_deduce(struct mms_swaps *w, uint32_t seen);

/* Are it the same areas, whatever is in use of them and whether swapoff is at work? */
bool mms_swaps_same(const struct mms_swaps *a, const struct mms_swaps *b);

/* The area of that number, or NULL. */
struct mms_swap *mms_swaps_find(struct mms_swaps *w, uint32_t number);

#endif
