/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the files of model/share: frames in a row that the same mappings cover. */
#ifndef MMSCOPE_MODEL_SHARE_PIECE_H
#define MMSCOPE_MODEL_SHARE_PIECE_H

#include "model/share.h"

#define MMS_SHARE_PAGE	4096ULL
#define MMS_SHARE_CHUNK	4096	/* frames whose facts are read at a time */

/**
 * struct mms_piece - one of them, and the room to look at it
 * @active: those mappings
 * @ahead: index of the first run of @s behind it
 * @set: which of the processes asked for hold them
 * @held: how many these are
 * @maps: mappings as the kernel counts them, of all processes added
 * @ours: likewise, of the processes asked for
 * @maps_asked: mappings of the processes asked for
 * @counts: mapcounts of a chunk of the frames; @flags: their flags
 * @class: likewise what the module says; MMS_SHARE_UNTOLD without it
 */
struct mms_piece {
	struct mms_share *s;
	const struct mms_share_run **active;
	size_t n;
	size_t ahead;
	uint64_t *set;
	size_t held;
	uint64_t maps;
	uint64_t ours;
	uint64_t maps_asked;
	uint64_t counts[MMS_SHARE_CHUNK];
	uint64_t flags[MMS_SHARE_CHUNK];
	uint8_t class[MMS_SHARE_CHUNK];
};

/**
 * mms_piece_add() - its frames into the sums of VMAs and into groups
 * @pfn: first of @n
 * Return: 0; -ENOMEM; -errno of reading what the kernel tells of frames
 */
int mms_piece_add(struct mms_piece *p, uint64_t pfn, uint64_t n);

/* The group of the processes in @set, made if there is none; NULL: no memory. */
struct mms_share_group *mms_share_group_of(struct mms_share *s, const uint64_t *set);

#endif
