/* SPDX-License-Identifier: GPL-2.0 */
/* Where zones lie, by /proc/zoneinfo. */
#ifndef MMSCOPE_SOURCE_ZONESPAN_H
#define MMSCOPE_SOURCE_ZONESPAN_H

#include <stddef.h>
#include <stdint.h>
#include <linux/mmscope.h>

#define MMS_ZONE_SPANS	256

/**
 * struct mms_zone_spans - zones that span any frames
 * @start: first frame, @end: first behind it, @zone: enum mms_zone_type
 */
struct mms_zone_spans {
	size_t n;
	struct {
		uint64_t start;
		uint64_t end;
		uint32_t zone;
	} span[MMS_ZONE_SPANS];
};

/**
 * mms_zone_spans_read() - from the text of a zoneinfo
 * Return: 0; -errno; -EBADMSG if it tells of no zone with frames
 */
int mms_zone_spans_read(struct mms_zone_spans *z, const char *path);

/* The zone of a frame; MMS_ZONE_UNKNOWN where there is none, or spans overlap. */
uint32_t mms_zone_of(const struct mms_zone_spans *z, uint64_t pfn);

#endif
