/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which object of which slab lies at a kernel address, and where the objects of a
 * process are.
 */
#ifndef MMSCOPE_SLABOBJECT_H
#define MMSCOPE_SLABOBJECT_H

#include "slabfree.h"

#define MMS_SLAB_NAME_MAX	128
#define MMS_SLAB_ROLES		(MMS_SLABR_CRED + 1)

/**
 * struct mms_slablook - room that a look needs
 * @sheaved: objects in sheaves
 * @name: of a cache
 * @f: the slab
 */
struct mms_slablook {
	struct mms_sheaved sheaved;
	char name[MMS_SLAB_NAME_MAX];
	struct mms_slabfree f;
};

/**
 * mms_slab_look() - what lies at rec->address
 * @rec: with room for MMS_SLAB_NAME_MAX bytes behind it; all but .what is filled in
 *
 * With mms_memmap_hold(), which is given back and taken again.
 *
 * Return: enum mms_slab_what
 */
u32 mms_slab_look(struct mms_query *q, struct mms_slablook *w, struct mms_slab_object *rec);

/**
 * mms_slab_task() - addresses of what a process has, by enum mms_slab_role; 0 = none
 * @at: MMS_SLAB_ROLES of them
 * @nr: PID in the caller's namespace
 *
 * Return: 0, or -ESRCH
 */
int mms_slab_task(unsigned long *at, u64 nr);

extern const struct mms_text mms_slab_texts[];

#endif /* MMSCOPE_SLABOBJECT_H */
