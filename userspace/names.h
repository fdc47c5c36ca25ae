/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's words for what records have as numbers (mm/mmzone.c zone_names[],
 * mm/page_alloc.c migratetype_names[]), both ways; and mmscope's own for classes of frames.
 */
#ifndef MMS_NAMES_H
#define MMS_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* "DMA32"...; "unknown" for any other number. */
const char *mms_zone_name(uint32_t zone);

/**
 * mms_zone_by_name() - the zone that /proc calls @word
 * @word: need not end with a NUL
 * @len: its bytes
 *
 * Return: an enum mms_zone_type; MMS_ZONE_UNKNOWN for another word
 */
uint32_t mms_zone_by_name(const char *word, size_t len);

/* "Unmovable"...; "unknown" for any other number. */
const char *mms_migratetype_name(uint32_t mt);

/* As mms_zone_by_name(); MMS_MT_UNKNOWN for another word. */
uint32_t mms_migratetype_by_name(const char *word, size_t len);

/* "anon"; "?" for a number that is no enum mms_frame_class. */
const char *mms_frame_class_name(uint32_t frame_class);

/* "anonymous": of one frame, told to somebody. */
const char *mms_frame_class_words(uint32_t frame_class);

/* Which class has this name?  __MMS_FRAME_MAX: none. */
uint32_t mms_frame_class_find(const char *name);

#endif
