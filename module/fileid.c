// SPDX-License-Identifier: GPL-2.0
/*
 * The file whose cache a page is, as a record.  Locks: the caller holds the
 * page's lock, which keeps mapping and inode; RCU while names are read.  No
 * reference is taken: one on a name would keep its file system from being
 * unmounted.  Never sleeps.  Emits MMS_REC_FRAME_FILE.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include "frameowner.h"
#include "inode.h"

/* A name of the file, at the front of @to, which has PATH_MAX bytes.  Its length, NUL included. */
static u32 put_path(const struct inode *inode, char *to, u32 *flags)
{
	size_t at;
	enum mms_name how = mms_inode_path(inode, to, PATH_MAX, &at);

	if (how == MMS_NAME_NONE)
		return 0;
	if (how == MMS_NAME_UNHASHED)
		*flags |= MMS_FFILE_UNLINKED;
	/* (as /proc/PID/maps shows what hangs in no directory) */
	if (how == MMS_NAME_PSEUDO && at)
		to[--at] = '/';
	memmove(to, to + at, PATH_MAX - at);
	return PATH_MAX - at;
}

/**
 * mms_fileid_tell() - what file is this the cache of?
 * @s: has room for the record and MMS_FILEID_TAIL bytes
 * @pfn: the page
 * @mapping: of it; it is locked
 *
 * Nothing is told where no inode goes with it.
 */
void mms_fileid_tell(struct mms_sink *s, u64 pfn, const struct address_space *mapping)
{
	struct mms_inode_facts f;
	struct mms_frame_file *rec;
	char *tail;
	u32 len;

	rcu_read_lock();
	if (!mms_inode_facts(mapping, &f))
		goto out;
	rec = mms_emit(s, MMS_REC_FRAME_FILE, sizeof(*rec), MMS_FILEID_TAIL);
	if (WARN_ON_ONCE(!rec))
		goto out;
	tail = (char *)(rec + 1);
	rec->pfn = pfn;
	rec->ino = f.ino;
	rec->i_size = f.size;
	rec->nrpages = f.nrpages;
	rec->dev_major = MAJOR(f.dev);
	rec->dev_minor = MINOR(f.dev);
	rec->rdev_major = MAJOR(f.rdev);
	rec->rdev_minor = MINOR(f.rdev);
	rec->mode = f.mode;
	rec->magic = f.magic;
	if (!f.nlink && !f.bdev)
		rec->flags |= MMS_FFILE_UNLINKED;
	if (mms_inode_fs(f.inode, tail, MMS_FS_MAX))
		rec->fs_len = strlen(tail) + 1;
	if (!f.bdev)
		rec->path_len = put_path(f.inode, tail + rec->fs_len, &rec->flags);
	if (!rec->path_len)
		rec->flags |= MMS_FFILE_NO_NAME;
	len = rec->fs_len + rec->path_len;
	memset(tail + len, 0, ALIGN(len, 8) - len);
	mms_emit_trim(s, &rec->head, sizeof(*rec) + len);
out:
	rcu_read_unlock();
}
