// SPDX-License-Identifier: GPL-2.0
/*
 * What a folio's own fields say.  Locks: none, the caller is in an RCU read
 * section since before it read the mapping.  Never sleeps.  Emits nothing.
 */
#include "folio.h"

static const struct {
	unsigned int bit;
	u32 flag;
} flag_map[] = {
	{ PG_referenced, MMS_FOLIO_F_REFERENCED },
	{ PG_active, MMS_FOLIO_F_ACTIVE },
	{ PG_dirty, MMS_FOLIO_F_DIRTY },
	{ PG_writeback, MMS_FOLIO_F_WRITEBACK },
	{ PG_workingset, MMS_FOLIO_F_WORKINGSET },
	{ PG_swapbacked, MMS_FOLIO_F_SWAPBACKED },
	{ PG_unevictable, MMS_FOLIO_F_UNEVICTABLE },
	{ PG_mlocked, MMS_FOLIO_F_MLOCKED },
	{ PG_lru, MMS_FOLIO_F_LRU },
	{ PG_reclaim, MMS_FOLIO_F_RECLAIM },
	{ PG_uptodate, MMS_FOLIO_F_UPTODATE },
	{ PG_locked, MMS_FOLIO_F_LOCKED },
};

/**
 * mms_folio_flags_neutral() - MMS_FOLIO_F_* of page flags
 */
u32 mms_folio_flags_neutral(unsigned long flags)
{
	u32 out = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flag_map); i++)
		if (flags & BIT(flag_map[i].bit))
			out |= flag_map[i].flag;
	/* The bit has another meaning for a page that is not backed by swap. */
	if (flags & BIT(PG_swapbacked) && flags & BIT(PG_swapcache))
		out |= MMS_FOLIO_F_SWAPCACHE;
	return out;
}

/**
 * mms_mapping_owner() - whose is a folio with this mapping?
 * @mapping: folio->mapping as read
 * @flags: its page flags as read
 * @inode: filled for FILE, SHMEM and BDEV, else zero
 */
enum mms_folio_owner mms_mapping_owner(const void *mapping, unsigned long flags,
				       struct mms_inode_facts *inode)
{
	unsigned long m = (unsigned long)mapping;

	memset(inode, 0, sizeof(*inode));
	if (m & MMS_MAPPED_ANON)
		return m & MMS_MAPPED_MOVABLE ? MMS_FOLIO_KSM : MMS_FOLIO_ANON;
	if (m & MMS_MAPPED_MOVABLE)
		return MMS_FOLIO_DRIVER;
	if (!m)
		return flags & BIT(PG_swapbacked) && flags & BIT(PG_swapcache) ?
		       MMS_FOLIO_SWAP : MMS_FOLIO_NONE;
	if (!mms_inode_facts(mapping, inode))
		return MMS_FOLIO_UNREAD;
	if (inode->bdev)
		return MMS_FOLIO_BDEV;
	return flags & BIT(PG_swapbacked) ? MMS_FOLIO_SHMEM : MMS_FOLIO_FILE;
}
