/* SPDX-License-Identifier: GPL-2.0 */
/* Where zones lie, by /proc/zoneinfo. */
#ifndef MMSCOPE_SOURCE_ZONESPAN_H
#define MMSCOPE_SOURCE_ZONESPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/mmscope.h>

#define MMS_ZONE_SPANS	256

/**
 * struct mms_zone_spans - zones that span any frames
 * @start: first frame, @end: first behind it, @zone: enum mms_zone_type, @node: its node
 */
struct mms_zone_spans {
	size_t n;
	struct {
		uint64_t start;
		uint64_t end;
		uint32_t zone;
		uint32_t node;
	} span[MMS_ZONE_SPANS];
};

/**
 * mms_zone_spans_read() - from the text of a zoneinfo
 * Return: 0; -errno; -EBADMSG if it tells of no zone with frames
 */
int mms_zone_spans_read(struct mms_zone_spans *z, const char *path);

/* The zone of a frame; MMS_ZONE_UNKNOWN where there is none, or spans overlap. */
uint32_t mms_zone_of(const struct mms_zone_spans *z, uint64_t pfn);

/* The node of a frame; UINT32_MAX where no zone spans it, or zones of more than one node do. */
uint32_t mms_zone_node_of(const struct mms_zone_spans *z, uint64_t pfn);

/**
 * mms_zone_no_page() - do a frame's flags of /proc/kpageflags say that it has no struct page?
 * @z: with no zones, flags alone are asked
 *
 * 7.x says 0 where there is none, as of an allocated frame without flags (fs/proc/page.c): only
 * what a zone spans has one.
 */
bool mms_zone_no_page(const struct mms_zone_spans *z, uint64_t pfn, uint64_t flags);

#endif
