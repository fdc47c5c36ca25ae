/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading kernel memory that no lock keeps: what is there may be stale, never
 * fatal.  Locks: none.  Never sleeps.
 */
#ifndef MMSCOPE_NOFAULT_H
#define MMSCOPE_NOFAULT_H

#include <linux/uaccess.h>

/**
 * mms_peek() - copy bytes from where a pointer points that nothing vouches for
 * @to: receives @n bytes
 * @from: a kernel address, or what was taken for one
 *
 * Return: could it be read?  If not, @to is undefined.
 */
static inline bool mms_peek(void *to, const void *from, size_t n)
{
	return !copy_from_kernel_nofault(to, from, n);
}

/* A member of the type of *@out at @offset bytes behind @base. */
#define mms_peek_at(out, base, offset) \
	mms_peek((out), (const char *)(base) + (offset), sizeof(*(out)))

#endif /* MMSCOPE_NOFAULT_H */
