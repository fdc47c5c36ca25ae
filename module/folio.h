/* SPDX-License-Identifier: GPL-2.0 */
/* What a folio's own fields say: its flags made neutral, and whose it is. */
#ifndef MMSCOPE_FOLIO_H
#define MMSCOPE_FOLIO_H

#include "mmscope.h"
#include "compat/lrufolio.h"

/**
 * struct mms_inode_facts - which inode an address_space belongs to
 * @ino: inode number
 * @dev: of its file system; of a block device's own inode the device
 * @size: bytes of the file
 * @mode: type and rights
 * @bdev: it is a block device
 */
struct mms_inode_facts {
	u64 ino;
	dev_t dev;
	u64 size;
	umode_t mode;
	bool bdev;
};

u32 mms_folio_flags_neutral(unsigned long flags);
enum mms_folio_owner mms_mapping_owner(const void *mapping, unsigned long flags,
				       struct mms_inode_facts *inode);

#endif /* MMSCOPE_FOLIO_H */
