/* SPDX-License-Identifier: GPL-2.0 */
/* Growing an array: the one place that doubles and checks for overflow. */
#ifndef MMSCOPE_MODEL_VEC_H
#define MMSCOPE_MODEL_VEC_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/**
 * mms_vec_grow() - room for one more element
 * @array: address of the pointer to the elements
 * @cap: elements there is room for; updated
 * @n: elements in use
 * @size: bytes of an element
 *
 * Return: 0 or -ENOMEM, then nothing has changed.
 */
static inline int mms_vec_grow(void *array, size_t *cap, size_t n, size_t size)
{
	void **p = array;
	size_t want = *cap ? *cap * 2 : 64;
	void *bigger;

	if (n < *cap)
		return 0;
	bigger = reallocarray(*p, want, size);
	if (!bigger)
		return -ENOMEM;
	*p = bigger;
	*cap = want;
	return 0;
}

#endif
