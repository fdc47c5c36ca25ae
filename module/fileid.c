// SPDX-License-Identifier: GPL-2.0
/*
 * The file whose cache a page is: its inode's facts and a name.
 * Locks: mms_fileid_get() is called with the page's lock, which keeps mapping
 * and inode, and takes spin locks alone; mms_fileid_emit() holds none and may
 * sleep.  Emits MMS_REC_FRAME_FILE.
 *
 * A name in use keeps a file system from being unmounted cleanly ("Dentry still
 * in use"), so an active reference on the super block is taken first: an
 * unmount meanwhile is finished by who drops that.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include "frameowner.h"

/* A name that still leads to the file if there is one, else one that did. */
static struct dentry *some_name(struct inode *inode)
{
	struct dentry *d = d_find_alias(inode);

	return d ? d : d_find_any_alias(inode);
}

/**
 * mms_fileid_get() - what file is this the cache of?
 * @id: filled; goes to mms_fileid_emit(), always, if this returned true
 * @mapping: of a locked page
 *
 * Return: false where no inode goes with it
 */
bool mms_fileid_get(struct mms_fileid *id, struct address_space *mapping)
{
	struct inode *inode = READ_ONCE(mapping->host);
	struct super_block *sb;

	memset(id, 0, sizeof(*id));
	if (!inode)
		return false;
	sb = inode->i_sb;
	id->rec.ino = inode->i_ino;
	id->rec.i_size = i_size_read(inode);
	id->rec.nrpages = READ_ONCE(mapping->nrpages);
	id->rec.dev_major = MAJOR(sb->s_dev);
	id->rec.dev_minor = MINOR(sb->s_dev);
	id->rec.rdev_major = MAJOR(inode->i_rdev);
	id->rec.rdev_minor = MINOR(inode->i_rdev);
	id->rec.mode = inode->i_mode;
	id->rec.magic = sb->s_magic;
	strscpy(id->fs, sb->s_type->name, sizeof(id->fs));
	if (!inode->i_nlink)
		id->rec.flags |= MMS_FFILE_UNLINKED;
	if (!atomic_inc_not_zero(&sb->s_active)) {
		id->rec.flags |= MMS_FFILE_UMOUNT;
		return true;
	}
	id->sb = sb;
	id->dentry = some_name(inode);
	if (!id->dentry)
		id->rec.flags |= MMS_FFILE_NO_NAME;
	return true;
}

/* memfd, shared anonymous memory, SysV: a name that hangs in no directory. */
static const char *lone_name(struct dentry *d, char *buf)
{
	spin_lock(&d->d_lock);
	buf[0] = '/';
	strscpy(buf + 1, (const char *)d->d_name.name, NAME_MAX + 1);
	spin_unlock(&d->d_lock);
	return buf;
}

static const char *path_of(struct mms_fileid *id, char *buf)
{
	const char *path;

	if (!id->dentry)
		return NULL;
	if (IS_ROOT(id->dentry)) {
		path = lone_name(id->dentry, buf);
		return path[1] && strcmp(path, "//") ? path : NULL;
	}
	if (d_unlinked(id->dentry))
		id->rec.flags |= MMS_FFILE_UNLINKED;
	path = dentry_path_raw(id->dentry, buf, PATH_MAX);
	if (!IS_ERR(path))
		return path;
	id->rec.flags |= MMS_FFILE_NAME_LONG;
	return NULL;
}

/**
 * mms_fileid_emit() - the record, and give everything back
 * @s: has room for the record, PATH_MAX and a short name
 * @pathbuf: PATH_MAX bytes
 */
void mms_fileid_emit(struct mms_fileid *id, struct mms_sink *s, u64 pfn, char *pathbuf)
{
	const char *path = path_of(id, pathbuf);
	u32 fs_len = strlen(id->fs) + 1, path_len = path ? strlen(path) + 1 : 0;
	struct mms_frame_file *rec = mms_emit(s, MMS_REC_FRAME_FILE, sizeof(*rec),
					      fs_len + path_len);
	struct mms_record head;

	if (!WARN_ON_ONCE(!rec)) {
		head = rec->head;
		*rec = id->rec;
		rec->head = head;
		rec->pfn = pfn;
		rec->fs_len = fs_len;
		rec->path_len = path_len;
		memcpy(rec + 1, id->fs, fs_len);
		if (path)
			memcpy((char *)(rec + 1) + fs_len, path, path_len);
	}
	dput(id->dentry);
	if (id->sb)
		deactivate_super(id->sb);
}
