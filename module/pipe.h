/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages that wait in a pipe, found through a process's files.
 */
#ifndef MMSCOPE_PIPE_H
#define MMSCOPE_PIPE_H

#include <linux/types.h>

struct pipe_buffer;
struct task_struct;

/**
 * struct mms_pipe - a pipe as it was when it was looked at
 * @bufs: its ring, not to be followed
 * @mask: slots of the ring less one
 * @tail: the slot to be read next
 * @used: slots in use; 0 = it is empty, or no pipe at all
 */
struct mms_pipe {
	const struct pipe_buffer *bufs;
	unsigned int mask;
	unsigned int tail;
	unsigned int used;
};

bool mms_pipe_of_fd(struct task_struct *task, unsigned int fd, struct mms_pipe *pipe);
bool mms_pipe_pfn(const struct mms_pipe *pipe, unsigned int slot, unsigned long *pfn);

#endif /* MMSCOPE_PIPE_H */
