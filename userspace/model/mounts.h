/* SPDX-License-Identifier: GPL-2.0 */
/* Where file systems are mounted: from a device and a path in it to a path. */
#ifndef MMSCOPE_MODEL_MOUNTS_H
#define MMSCOPE_MODEL_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "util/err.h"

struct mms_mount {
	uint64_t id;
	uint32_t dev_major;
	uint32_t dev_minor;
	char *root;
	char *point;
};

struct mms_mounts {
	struct mms_mount *m;
	size_t n, room;
};

/* Read a mountinfo file ("/proc/self/mountinfo"): 0 or -errno; free either way. */
int mms_mounts_read(struct mms_mounts *m, const char *file, struct mms_err *err);
void mms_mounts_free(struct mms_mounts *m);

/**
 * mms_mounts_path() - where a file can be found
 * @path: from the root of its file system
 * @out: receives the path; NUL terminated
 *
 * Return: false if the file system is not mounted here, or not that part of it
 */
bool mms_mounts_path(const struct mms_mounts *m, uint32_t dev_major, uint32_t dev_minor,
		     const char *path, char *out, size_t size);

/* The mount of this number (statx's stx_mnt_id); NULL */
const struct mms_mount *mms_mounts_by_id(const struct mms_mounts *m, uint64_t id);

#endif
