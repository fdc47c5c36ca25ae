/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading kernel memory that no lock keeps: what is there may be stale, never
 * fatal.  Locks: none.  Never sleeps.
 */
#ifndef MMSCOPE_NOFAULT_H
#define MMSCOPE_NOFAULT_H

#include <linux/kernel.h>
#include <linux/string.h>
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

/**
 * mms_peek_lowmem() - copy a word likewise from an address of the direct map
 *
 * The map may have a hole there, so that it faults; that it is not the kernel's at
 * all is not asked: the caller has made the address from a struct page.
 */
static inline bool mms_peek_lowmem(unsigned long *to, const void *from)
{
#if defined(CONFIG_X86) && defined(__get_kernel_nofault)
	__get_kernel_nofault(to, from, unsigned long, fault);
	return true;
fault:
	return false;
#else
	return mms_peek(to, from, sizeof(*to));
#endif
}

/**
 * mms_peek_string() - copy a string likewise
 * @to: receives it, cut if it is longer than @size - 1, always ended
 *
 * Return: is there one, and not an empty one?
 */
static inline bool mms_peek_string(char *to, const char *from, size_t size)
{
	size_t i, n, had;

	/* in pieces that are in one page each: what is behind the end may not be readable */
	for (i = 0; i + 1 < size; i += n) {
		n = min_t(size_t, 32 - ((unsigned long)(from + i) & 31), size - 1 - i);
		if (!mms_peek(&to[i], from + i, n))
			return false;
		had = strnlen(&to[i], n);
		if (had < n)
			return i + had > 0;
	}
	to[i] = '\0';
	return true;
}

#endif /* MMSCOPE_NOFAULT_H */
