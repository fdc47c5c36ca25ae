// SPDX-License-Identifier: GPL-2.0
/* /proc/swaps -> one record per swap area. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "source/procfs.h"
#include "util/text.h"

struct swaps {
	struct mms_feed *f;
	bool titled;	/* the line with the titles was seen */
};

/* "NAME partition 1048572 0 -2"; the name has no blanks but escaped ones. */
static int put_line(void *ctx, char *line)
{
	struct mms_swap_area a = { .head = { .type = MMS_REC_SWAP_AREA } };
	struct swaps *s = ctx;
	unsigned long long size, used;
	char type[32];
	int name = 0, prio;

	if (!s->titled) {
		s->titled = true;
		return strncmp(line, "Filename", 8) ? -EBADMSG : 0;
	}
	if (sscanf(line, "%*s%n %31s %llu %llu %d", &name, type, &size, &used, &prio) != 4)
		return -EBADMSG;
	line[name] = '\0';
	mms_unescape(line);
	a.pages = size / 4;
	a.used = used / 4;
	a.priority = (uint32_t)prio;
	a.flags = strcmp(type, "file") ? MMS_SWAP_BLKDEV : 0;
	a.name_len = (uint32_t)strlen(line) + 1;
	return mms_encode_record(&s->f->enc, &a.head, line, a.name_len);
}

int mms_proc_swap(const char *root, const struct mms_request *req, struct mms_feed *f,
		  struct mms_trailer *t, struct mms_err *err)
{
	struct swaps s = { .f = f };
	int rc = mms_proc_lines(root, "swaps", "this kernel has no swap (CONFIG_SWAP is off)", put_line, &s, err);

	(void)req;
	(void)t;
	return rc || s.titled ? rc : mms_err_set(err, -EBADMSG, "%s/swaps: it is empty", root);
}
