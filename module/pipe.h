/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages that wait in a pipe, found through a process's files.
 */
#ifndef MMSCOPE_PIPE_H
#define MMSCOPE_PIPE_H

#include <linux/types.h>
#include "compat/pipe.h"

struct task_struct;

/**
 * struct mms_pipe - a pipe as it was when it was looked at
 * @bufs: its ring, not to be followed
 * @mask: slots of the ring less one
 * @tail: the slot to be read next
 * @used: slots in use
 * @slots: @used, and those of @spare; 0 = it has no page, or is no pipe at all
 * @spare: pages that are kept for the next writes, not to be followed; NULL = none
 */
struct mms_pipe {
	const struct pipe_buffer *bufs;
	unsigned int mask;
	unsigned int tail;
	unsigned int used;
	unsigned int slots;
	struct page *spare[MMS_PIPE_SPARE];
};

bool mms_pipe_of_fd(struct task_struct *task, unsigned int fd, struct mms_pipe *pipe);
bool mms_pipe_pfn(const struct mms_pipe *pipe, unsigned int slot, unsigned long *pfn);

#endif /* MMSCOPE_PIPE_H */
