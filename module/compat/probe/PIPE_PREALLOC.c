// SPDX-License-Identifier: GPL-2.0
/* 7.3: a pipe's spare pages are in a struct anon_pipe_prealloc. */
#include <linux/module.h>
#include <linux/pipe_fs_i.h>

unsigned int probe(struct pipe_inode_info *pipe);
unsigned int probe(struct pipe_inode_info *pipe)
{
	return pipe->prealloc.pages[0] ? pipe->prealloc.count : 0;
}
