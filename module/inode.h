/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An inode that a folio points to, and its name, read without a reference: all
 * by reads that may fail, in the RCU section in which the pointer was read.
 */
#ifndef MMSCOPE_INODE_H
#define MMSCOPE_INODE_H

#include <linux/fs.h>
#include "mmscope.h"

/**
 * struct mms_inode_facts - which inode an address_space belongs to
 * @inode: its address, not to be followed
 * @ino: inode number
 * @dev: of its file system; of a block device's own inode the device
 * @rdev: of a device file the device
 * @size: bytes of the file
 * @nrpages: pages that its mapping counts
 * @magic: of the file system
 * @nlink: names that the file has
 * @mode: type and rights
 * @bdev: it is a block device
 */
struct mms_inode_facts {
	const struct inode *inode;
	u64 ino;
	dev_t dev;
	dev_t rdev;
	u64 size;
	u64 nrpages;
	unsigned long magic;
	unsigned int nlink;
	umode_t mode;
	bool bdev;
};

bool mms_inode_facts(const struct address_space *mapping, struct mms_inode_facts *f);
bool mms_inode_fs(const struct inode *inode, char *name, size_t size);
bool mms_inode_is(const struct address_space *mapping, u64 ino);

enum mms_name {
	MMS_NAME_NONE,		/* it has none in memory, or it moved while it was read */
	MMS_NAME_OK,
	MMS_NAME_UNHASHED,	/* this name was removed, and none that stands is in memory */
	MMS_NAME_PSEUDO,	/* no path: "memfd:x", "SYSV00000000" */
};

enum mms_name mms_inode_path(const struct inode *inode, char *buf, size_t size, size_t *at);

#endif /* MMSCOPE_INODE_H */
