// SPDX-License-Identifier: GPL-2.0
/*
 * An inode that a folio points to, and its name.  Locks: none; the caller is in
 * an RCU read section since before it read the mapping, or holds the folio's lock.  Never sleeps.  Emits
 * nothing.
 *
 * Inodes and dentries are freed behind an RCU grace period, so that what a
 * pointer read in this section names is still one.  All the same each step is a
 * read that may fail, and what is read is checked from the other side.
 */
#include <linux/dcache.h>
#include <linux/magic.h>
#include <linux/seqlock.h>
#include "inode.h"
#include "nofault.h"

#define MMS_PATH_DEPTH	256	/* directories; deeper ones are not named */
#define MMS_PATH_TRIES	3
#define MMS_ALIASES	16	/* names of one file that are looked at */

/**
 * mms_inode_facts() - the inode that a mapping is the own one of
 * @mapping: what a folio points to
 * @f: filled
 *
 * Return: false where @mapping is no inode's, or could not be read
 */
bool mms_inode_facts(const struct address_space *mapping, struct mms_inode_facts *f)
{
	const struct inode *inode;
	const struct super_block *sb;
	typeof(((struct inode *)NULL)->i_ino) ino;
	unsigned long nrpages;
	loff_t size;

	if (!mms_peek_at(&inode, mapping, offsetof(struct address_space, host)) ||
	    (const void *)inode + offsetof(struct inode, i_data) != (const void *)mapping ||
	    !mms_peek_at(&nrpages, mapping, offsetof(struct address_space, nrpages)) ||
	    !mms_peek_at(&ino, inode, offsetof(struct inode, i_ino)) ||
	    !mms_peek_at(&f->mode, inode, offsetof(struct inode, i_mode)) ||
	    !mms_peek_at(&f->nlink, inode, offsetof(struct inode, __i_nlink)) ||
	    !mms_peek_at(&f->rdev, inode, offsetof(struct inode, i_rdev)) ||
	    !mms_peek_at(&size, inode, offsetof(struct inode, i_size)) ||
	    !mms_peek_at(&sb, inode, offsetof(struct inode, i_sb)) || !sb ||
	    !mms_peek_at(&f->dev, sb, offsetof(struct super_block, s_dev)) ||
	    !mms_peek_at(&f->magic, sb, offsetof(struct super_block, s_magic)))
		return false;
	f->inode = inode;
	f->ino = ino;
	f->size = size;
	f->nrpages = nrpages;
	f->bdev = f->magic == BDEVFS_MAGIC;
	if (f->bdev)
		f->dev = f->rdev;
	return true;
}

/**
 * mms_inode_fs() - the name of the file system's type
 */
bool mms_inode_fs(const struct inode *inode, char *name, size_t size)
{
	const struct super_block *sb;
	const struct file_system_type *type;
	const char *from;

	return mms_peek_at(&sb, inode, offsetof(struct inode, i_sb)) &&
	       mms_peek_at(&type, sb, offsetof(struct super_block, s_type)) &&
	       mms_peek_at(&from, type, offsetof(struct file_system_type, name)) &&
	       mms_peek_string(name, from, size);
}

/**
 * mms_inode_is() - is the inode of @mapping number @ino?
 */
bool mms_inode_is(const struct address_space *mapping, u64 ino)
{
	typeof(((struct inode *)NULL)->i_ino) now;
	const struct inode *inode = (const void *)mapping - offsetof(struct inode, i_data);

	return mms_peek_at(&now, inode, offsetof(struct inode, i_ino)) && now == ino;
}

/* A name that still leads to the file if there is one, else one that did. */
static bool dentry_of(const struct inode *inode, const struct dentry **dentry, bool *hashed)
{
	const struct hlist_node *node;
	const struct dentry *d, *any = NULL;
	const struct inode *back;
	const void *hash;
	unsigned int i;

	if (!mms_peek_at(&node, inode, offsetof(struct inode, i_dentry) +
			 offsetof(struct hlist_head, first)))
		return false;
	for (i = 0; node && i < MMS_ALIASES; i++) {
		d = (const void *)node - MMS_DENTRY_ALIAS;
		if (!mms_peek_at(&back, d, offsetof(struct dentry, d_inode)) || back != inode ||
		    !mms_peek_at(&hash, d, offsetof(struct dentry, d_hash) +
				 offsetof(struct hlist_bl_node, pprev)))
			break;
		*hashed = hash;
		if (hash || !any)
			any = d;
		if (hash || !mms_peek(&node, &node->next, sizeof(node)))
			break;
	}
	*dentry = any;
	return any;
}

/* Put the dentry's name in front of what is at buf + *at; false: no room, or torn. */
static bool prepend(const struct dentry *dentry, char *buf, size_t *at)
{
	struct qstr name;

	if (!mms_peek_at(&name, dentry, offsetof(struct dentry, d_name)) ||
	    !name.len || name.len > NAME_MAX || *at < name.len + 1)
		return false;
	*at -= name.len;
	if (!mms_peek(buf + *at, name.name, name.len) || memchr(buf + *at, 0, name.len))
		return false;
	return true;
}

static enum mms_name try_path(const struct inode *inode, char *buf, size_t size, size_t *at)
{
	enum mms_name how = MMS_NAME_OK;
	const struct dentry *dentry, *parent;
	unsigned int i;
	bool hashed;

	*at = size - 1;
	buf[*at] = '\0';
	if (!dentry_of(inode, &dentry, &hashed))
		return MMS_NAME_NONE;
	for (i = 0; i < MMS_PATH_DEPTH; i++) {
		if (!mms_peek_at(&parent, dentry, offsetof(struct dentry, d_parent)) || !parent)
			return MMS_NAME_NONE;
		if (parent == dentry)
			break;
		if (!prepend(dentry, buf, at))
			return MMS_NAME_NONE;
		buf[--*at] = '/';
		if (!i && !hashed)
			how = MMS_NAME_UNHASHED;
		dentry = parent;
	}
	if (i == MMS_PATH_DEPTH)
		return MMS_NAME_NONE;
	if (i)
		return how;
	/* a root with a name of its own is a file without a path */
	return prepend(dentry, buf, at) && strcmp(buf + *at, "/") ? MMS_NAME_PSEUDO : MMS_NAME_NONE;
}

/**
 * mms_inode_path() - a name of an inode, from the root of its file system
 * @buf: receives the name at its end, NUL terminated
 * @size: bytes of @buf
 * @at: set to where in @buf it begins
 *
 * Return: which kind of name it is; of a file with several any one of those
 * that are in memory
 */
enum mms_name mms_inode_path(const struct inode *inode, char *buf, size_t size, size_t *at)
{
	enum mms_name how;
	unsigned int i, seq;

	for (i = 0; i < MMS_PATH_TRIES; i++) {
		seq = read_seqbegin(&rename_lock);
		how = try_path(inode, buf, size, at);
		if (!read_seqretry(&rename_lock, seq))
			return how;
	}
	return MMS_NAME_NONE;
}
