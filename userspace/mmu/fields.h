/* SPDX-License-Identifier: GPL-2.0 */
/* What the table of names tells those who make entries; internal to mmu/. */
#ifndef MMU_FIELDS_H
#define MMU_FIELDS_H

#include "entry.h"
#include "mode.h"

/* Are these @length bytes the name @b, in upper or lower case? */
bool mmu_same_name(const char *a, const char *b, size_t length);

/* Has any entry of the mode a field of that name? */
bool mmu_field_known(enum mmu_mode mode, const char *name, size_t length);

/* arm64: bits 1:0 of the descriptor that is a "page" and so on at this level. */
bool mmu_arm64_type(const struct mmu_regs *regs, int level, const char *name,
		    size_t length, uint64_t *type);

#endif
