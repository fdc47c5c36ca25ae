// SPDX-License-Identifier: GPL-2.0
/*
 * The pages that wait in a pipe, or to be used by it again, found through a process's files.
 * Locks: called under RCU and task_lock(), which keep the table of files; a file,
 * its inode and its pipe are kept by nothing, and are peeked at.  Never sleeps.
 * Emits nothing.
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pipe_fs_i.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include "memory.h"
#include "nofault.h"
#include "pipe.h"

#define MMS_SLOTS_MAX	(1U << 16)	/* of a pipe of 256 MiB */

static void read_pipe(const struct file *file, struct mms_pipe *pipe)
{
	const struct pipe_inode_info *info;
	unsigned int head, ring;
	struct inode *inode;
	umode_t mode;

	if (!mms_peek(&inode, &file->f_inode, sizeof(inode)) || !inode ||
	    !mms_peek(&mode, &inode->i_mode, sizeof(mode)) || !S_ISFIFO(mode) ||
	    !mms_peek(&info, &inode->i_pipe, sizeof(info)) || !info)
		return;
	head = 0;
	/* (they count slots, of a type that differs) */
	if (!mms_peek(&pipe->tail, &info->tail, sizeof(info->tail)) ||
	    !mms_peek(&head, &info->head, sizeof(info->head)) ||
	    !mms_peek(&ring, &info->ring_size, sizeof(ring)) ||
	    !mms_peek(&pipe->bufs, &info->bufs, sizeof(pipe->bufs)))
		return;
	head = (typeof(info->head))(head - pipe->tail);
	/* Being changed, or freed and used for something else: not looked at. */
	if (!is_power_of_2(ring) || ring > MMS_SLOTS_MAX || head > ring)
		return;
	pipe->mask = ring - 1;
	pipe->used = head;
	pipe->slots = head + mms_pipe_spare(info, pipe->spare);
}

/**
 * mms_pipe_of_fd() - is this file of a process a pipe or FIFO?
 * @task: its task_lock() is held, and RCU
 * @fd: number of the file
 * @pipe: set; .slots = 0 if it is none
 *
 * Return: false behind the last number that the table has room for
 */
bool mms_pipe_of_fd(struct task_struct *task, unsigned int fd, struct mms_pipe *pipe)
{
	struct fdtable *fdt;
	struct file *file;

	memset(pipe, 0, sizeof(*pipe));
	if (!task->files)
		return false;
	fdt = rcu_dereference(task->files->fdt);
	if (fd >= fdt->max_fds)
		return false;
	file = rcu_dereference(fdt->fd[fd]);
	if (file)
		read_pipe(file, pipe);
	return true;
}

/**
 * mms_pipe_pfn() - the frame in one slot
 * @slot: counted from the one to be read next; those behind @pipe->used are its spare pages
 * @pfn: set
 *
 * Return: is there one?
 */
bool mms_pipe_pfn(const struct mms_pipe *pipe, unsigned int slot, unsigned long *pfn)
{
	const struct pipe_buffer *buf = &pipe->bufs[(pipe->tail + slot) & pipe->mask];
	struct page *page;

	if (slot >= pipe->used)
		page = pipe->spare[slot - pipe->used];
	else if (!mms_peek(&page, &buf->page, sizeof(page)))
		return false;
	if (!page)
		return false;
	*pfn = page_to_pfn(page);
	return mms_online_page(*pfn) == page;
}
