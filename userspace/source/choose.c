// SPDX-License-Identifier: GPL-2.0
/* Chooses the source: what was asked for, or the best that answers. */
#include "source/source.h"

#include <errno.h>
#include <string.h>

static int open_named(struct mms_source **out, const char *which, struct mms_err *err)
{
	if (!strcmp(which, "module"))
		return mms_source_open_module(out, err);
	if (!strcmp(which, "procfs"))
		return mms_source_open_procfs(out, err);
	return mms_err_set(err, -EINVAL, "there is no such source: give --source module or --source procfs");
}

int mms_source_open(struct mms_source **out, const char *from, const char *which,
		    struct mms_err *fallback, struct mms_err *err)
{
	struct mms_err why = { "" };

	if (fallback)
		fallback->text[0] = '\0';
	if (from && which)
		return mms_err_set(err, -EINVAL, "--from and --source exclude each other: a capture is a source");
	if (from)
		return mms_source_open_capture(out, from, err);
	if (which)
		return open_named(out, which, err);
	if (!mms_source_open_module(out, &why))
		return 0;
	mms_err_set(fallback, 0, "%.400s; reading /proc instead", why.text);
	return mms_source_open_procfs(out, err);
}
