/* SPDX-License-Identifier: GPL-2.0 */
/* One error as a person reads it: what failed, why, and what to do about it. */
#ifndef MMSCOPE_UTIL_ERR_H
#define MMSCOPE_UTIL_ERR_H

#include <stddef.h>

/**
 * struct mms_err - the message of the error that a function returned
 * @text: one line, without a newline: "what: why; remedy".  Empty = no error.
 *
 * Library code returns -errno and fills one of these; only main.c and views
 * print it.  Strings from outside are neutralised (util/text.h) before they
 * are put in.
 */
struct mms_err {
	char text[512];
};

/**
 * mms_err_set() - fill @err and pass @code through
 * @err: may be NULL
 * @code: -errno
 * @fmt: printf format of the message
 *
 * Return: @code, so that "return mms_err_set(err, -ENOENT, ...)" reads well.
 */
int mms_err_set(struct mms_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
