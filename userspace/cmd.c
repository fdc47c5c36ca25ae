// SPDX-License-Identifier: GPL-2.0
/* What every command does alike: errors, usage, opening its source. */
#include "cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int mms_fail(int code, const struct mms_err *err)
{
	/* Who closed the pipe has seen enough: no message, but no success. */
	if (code != -EPIPE) {
		fflush(stdout);
		fprintf(stderr, "mmscope: %s\n", err->text);
	}
	return code == -EINVAL ? MMS_EXIT_USAGE : MMS_EXIT_MISMATCH;
}

int mms_usage(const struct mms_command *cmd, const char *fmt, ...)
{
	va_list ap;

	fputs("mmscope", stderr);
	if (cmd)
		fprintf(stderr, " %s", cmd->name);
	fputs(": ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry 'mmscope %s%s--help'.\n", cmd ? cmd->name : "",
		cmd ? " " : "");
	return MMS_EXIT_USAGE;
}

int mms_open_source(const struct mms_globals *g, struct mms_source **out,
		    struct mms_err *err)
{
	struct mms_err fallback;
	int rc = mms_source_open(out, g->from, g->source, &fallback, err);

	if (!rc && fallback.text[0])
		fprintf(stderr, "mmscope: %s\n", fallback.text);
	return rc;
}
