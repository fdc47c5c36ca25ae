/* SPDX-License-Identifier: GPL-2.0 */
/* What a folio's own fields say: its flags made neutral, and whose it is. */
#ifndef MMSCOPE_FOLIO_H
#define MMSCOPE_FOLIO_H

#include "mmscope.h"
#include "compat/folio.h"
#include "inode.h"

u32 mms_folio_flags_neutral(unsigned long flags);
enum mms_folio_owner mms_mapping_owner(const void *mapping, unsigned long flags,
				       struct mms_inode_facts *inode);

#endif /* MMSCOPE_FOLIO_H */
