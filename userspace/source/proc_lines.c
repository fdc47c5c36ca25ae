// SPDX-License-Identifier: GPL-2.0
/* A file of /proc that is a table, line by line. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/procfs.h"

int mms_proc_lines(const char *root, const char *name, const char *absent,
		   int (*each)(void *ctx, char *line), void *ctx, struct mms_err *err)
{
	char path[PATH_MAX], *line = NULL;
	size_t room = 0;
	FILE *in;
	int rc = 0;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	in = fopen(path, "re");
	if (!in && errno == ENOENT)
		return mms_err_set(err, -EOPNOTSUPP, "%s: %s", path, absent);
	if (!in && (errno == EACCES || errno == EPERM))
		return mms_err_set(err, -EACCES, "%s: not permitted: run as root", path);
	if (!in)
		return mms_err_set(err, -errno, "%s: %s", path, strerror(errno));
	while (!rc && getline(&line, &room, in) > 0)
		rc = each(ctx, line);
	free(line);
	fclose(in);
	return rc == -EBADMSG ? mms_err_set(err, rc, "%s: not as expected", path) : rc;
}
