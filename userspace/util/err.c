// SPDX-License-Identifier: GPL-2.0
/* Fills the one-line message that library code hands up with its -errno. */
#include "util/err.h"

#include <stdarg.h>
#include <stdio.h>

int mms_err_set(struct mms_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return code;
}
