/* SPDX-License-Identifier: GPL-2.0 */
/* VIRT, RES and SHR of a process as libproc2 (top, ps) sees them. */
#ifndef MMSCOPE_MODEL_TOP_H
#define MMSCOPE_MODEL_TOP_H

#include <stdint.h>
#include "util/err.h"

/* struct mms_top - the three columns of top(1), bytes */
struct mms_top {
	uint64_t virt;
	uint64_t res;
	uint64_t shr;
};

/**
 * mms_top_read() - ask libproc2 about a live process
 * @pid: in our PID namespace
 *
 * Return: 0; -ESRCH; another -errno of the library.
 */
int mms_top_read(uint32_t pid, struct mms_top *out, struct mms_err *err);

#endif
