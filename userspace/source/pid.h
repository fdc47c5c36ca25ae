/* SPDX-License-Identifier: GPL-2.0 */
/* What /proc/PID/stat says of a process, and the errors that follow from it. */
#ifndef MMSCOPE_SOURCE_PID_H
#define MMSCOPE_SOURCE_PID_H

#include <stdbool.h>
#include <stdint.h>
#include "util/err.h"

/**
 * struct mms_pid_stat - the fields of /proc/PID/stat that decide
 * @comm: as the kernel gives it; neutralise before showing
 * @threads: number of threads; a zombie with more than one has lost only its
 *	first thread
 */
struct mms_pid_stat {
	char comm[64];
	char state;
	uint32_t ppid;
	bool kthread;
	uint32_t threads;
	uint64_t start_ticks;
};

/**
 * mms_pid_stat_read() - read ROOT/PID/stat
 * @root: "/proc", or a captured tree
 * Return: 0; -ESRCH with @err; -EIO where the text is not as expected
 */
int mms_pid_stat_read(const char *root, uint32_t pid, struct mms_pid_stat *st,
		      struct mms_err *err);

/**
 * mms_pid_check() - has this process memory to look at?
 * @st: may be NULL
 * Return: 0; -ESRCH no such process, -ENXIO a kernel thread, -ENODATA exited
 */
int mms_pid_check(const char *root, uint32_t pid, struct mms_pid_stat *st,
		  struct mms_err *err);

/**
 * mms_pid_error() - the one text for each of the errors above and -EACCES
 * @st: what is known of the process, or NULL
 * Return: @code
 */
int mms_pid_error(int code, uint32_t pid, const struct mms_pid_stat *st,
		  struct mms_err *err);

#endif
