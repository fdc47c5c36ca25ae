// SPDX-License-Identifier: GPL-2.0
/* /proc/PID/mountinfo (Documentation/filesystems/proc.rst, 3.5). */
#include "model/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model/vec.h"
#include "util/text.h"

static int take_line(struct mms_mounts *m, const char *line)
{
	struct mms_mount *t;
	unsigned long long id;
	unsigned int parent, major, minor;
	char *root = NULL, *point = NULL;

	if (sscanf(line, "%llu %u %u:%u %ms %ms", &id, &parent, &major, &minor, &root, &point) == 6 &&
	    !mms_vec_grow(&m->m, &m->room, m->n, sizeof(*m->m))) {
		mms_unescape(root);
		mms_unescape(point);
		t = &m->m[m->n++];
		*t = (struct mms_mount){ id, major, minor, root, point };
		return 0;
	}
	free(root);
	free(point);
	return 0;
}

int mms_mounts_read(struct mms_mounts *m, const char *file, struct mms_err *err)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;

	memset(m, 0, sizeof(*m));
	if (!f)
		return mms_err_set(err, -errno, "%s: %s", file, strerror(errno));
	while (getline(&line, &size, f) > 0)
		take_line(m, line);
	free(line);
	fclose(f);
	return 0;
}

void mms_mounts_free(struct mms_mounts *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->m[i].root);
		free(m->m[i].point);
	}
	free(m->m);
	memset(m, 0, sizeof(*m));
}

/* The part of @path below @root; NULL if it is not below. */
static const char *below(const char *path, const char *root)
{
	size_t len = strlen(root);

	if (len == 1)
		return path;
	if (strncmp(path, root, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}

bool mms_mounts_path(const struct mms_mounts *m, uint32_t dev_major, uint32_t dev_minor,
		     const char *path, char *out, size_t size)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct mms_mount *t = &m->m[i];
		const char *rest;

		if (t->dev_major != dev_major || t->dev_minor != dev_minor)
			continue;
		rest = below(path, t->root);
		if (!rest)
			continue;
		snprintf(out, size, "%s%s", strcmp(t->point, "/") || !*rest ? t->point : "", rest);
		return true;
	}
	return false;
}

const struct mms_mount *mms_mounts_by_id(const struct mms_mounts *m, uint64_t id)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->m[i].id == id)
			return &m->m[i];
	return NULL;
}
