// SPDX-License-Identifier: GPL-2.0
/* Do stacked files have a user-visible inode of their own? */
#include <linux/fs.h>

const struct inode *probe(struct file *file);
const struct inode *probe(struct file *file)
{
	return file_user_inode(file);
}
