// SPDX-License-Identifier: GPL-2.0
/* /proc/swaps -> one record per swap area. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/procfs.h"
#include "util/text.h"

/* "NAME partition 1048572 0 -2"; the name has no blanks but escaped ones. */
static int put_line(struct mms_feed *f, char *line)
{
	struct mms_swap_area a = { .head = { .type = MMS_REC_SWAP_AREA } };
	unsigned long long size, used;
	char type[32];
	int name = 0, prio;

	if (sscanf(line, "%*s%n %31s %llu %llu %d", &name, type, &size, &used, &prio) != 4)
		return -EBADMSG;
	line[name] = '\0';
	mms_unescape(line);
	a.pages = size / 4;
	a.used = used / 4;
	a.priority = (uint32_t)prio;
	a.flags = strcmp(type, "file") ? MMS_SWAP_BLKDEV : 0;
	a.name_len = (uint32_t)strlen(line) + 1;
	return mms_encode_record(&f->enc, &a.head, line, a.name_len);
}

int mms_proc_swap(const char *root, const struct mms_request *req, struct mms_feed *f,
		  struct mms_trailer *t, struct mms_err *err)
{
	char path[PATH_MAX], *line = NULL;
	size_t room = 0;
	FILE *in;
	int rc = 0;

	(void)req;
	(void)t;
	snprintf(path, sizeof(path), "%s/swaps", root);
	in = fopen(path, "re");
	if (!in && errno == ENOENT)
		return mms_err_set(err, -EOPNOTSUPP, "%s: this kernel has no swap (CONFIG_SWAP is off)", path);
	if (!in)
		return mms_err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (getline(&line, &room, in) < 0 || strncmp(line, "Filename", 8))
		rc = -EBADMSG;
	while (!rc && getline(&line, &room, in) > 0)
		rc = put_line(f, line);
	free(line);
	fclose(in);
	return rc == -EBADMSG ? mms_err_set(err, rc, "%s: not as expected", path) : rc;
}
