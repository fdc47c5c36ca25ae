/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each record type looks like, for decode.c alone.  To add a kind: a file
 * shape_NAME.c that ends with a struct mms_shape_group, and its line in the
 * list in shape.c.
 */
#ifndef MMSCOPE_SHAPE_H
#define MMSCOPE_SHAPE_H

#include <stddef.h>
#include <stdint.h>
#include <linux/mmscope.h>

#define MMS_END_OF(type, member) \
	(offsetof(type, member) + sizeof(((type *)0)->member))
#define MMS_IN(kind)	(1ULL << MMS_KIND_##kind)

/**
 * struct mms_shape - what a record type looks like
 * @type: enum mms_record_type
 * @name: for messages
 * @fixed: bytes of its struct
 * @least: bytes that even the oldest writer has, tail lengths included
 * @kinds: MMS_IN() of each kind of stream that may hold it; 0 = all
 * @tail: bytes of its tail, of a record of at least @least bytes; NULL: none
 * @check: are the values possible?  NULL, or what is wrong.  The record is
 *	whole and its tail inside it.
 */
struct mms_shape {
	uint32_t type;
	const char *name;
	size_t fixed;
	size_t least;
	uint64_t kinds;
	uint64_t (*tail)(const void *rec);
	const char *(*check)(const void *rec);
};

/**
 * struct mms_kind_shape - what a kind of stream holds
 * @kind: enum mms_kind
 * @name: for people
 * @record_size: fixed part of its largest record, as its header says
 */
struct mms_kind_shape {
	uint32_t kind;
	const char *name;
	size_t record_size;
};

/**
 * struct mms_shape_group - the shapes that one file knows
 * @shapes: @nshapes of them
 * @kinds: @nkinds of them
 */
struct mms_shape_group {
	const struct mms_shape *shapes;
	size_t nshapes;
	const struct mms_kind_shape *kinds;
	size_t nkinds;
};

#define MMS_SHAPE_GROUP(s, k) \
	{ (s), sizeof(s) / sizeof(*(s)), (k), sizeof(k) / sizeof(*(k)) }

extern const struct mms_shape_group mms_shapes_process;
extern const struct mms_shape_group mms_shapes_buddy;
extern const struct mms_shape_group mms_shapes_frame;
extern const struct mms_shape_group mms_shapes_lru;
extern const struct mms_shape_group mms_shapes_frames;
extern const struct mms_shape_group mms_shapes_swap;
extern const struct mms_shape_group mms_shapes_zones;
extern const struct mms_shape_group mms_shapes_cache;
extern const struct mms_shape_group mms_shapes_vmalloc;
extern const struct mms_shape_group mms_shapes_ktables;
extern const struct mms_shape_group mms_shapes_slab;

/* NULL for a type or kind that this tool does not know. */
const struct mms_shape *mms_shape_find(unsigned int type);
const struct mms_kind_shape *mms_kind_shape_find(unsigned int kind);

/* Has this kind more than one type of record? */
int mms_kind_mixed(unsigned int kind);

#endif
