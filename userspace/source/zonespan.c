// SPDX-License-Identifier: GPL-2.0
/* Takes the bounds of zones from /proc/zoneinfo. */
#include "source/zonespan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "source/kpage.h"

int mms_zone_spans_read(struct mms_zone_spans *z, const char *path)
{
	unsigned long long spanned = 0, start;
	char line[256], word[32] = "";
	FILE *f = fopen(path, "re");
	uint32_t zone = MMS_ZONE_UNKNOWN, node = 0;

	z->n = 0;
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Node %" SCNu32 ", zone %31s", &node, word) == 2) {
			zone = mms_zone_by_name(word, strlen(word));
			spanned = 0;
		} else if (sscanf(line, " spanned %llu", &spanned) == 1) {
			continue;
		} else if (sscanf(line, " start_pfn: %llu", &start) == 1 && spanned &&
			   z->n < MMS_ZONE_SPANS) {
			z->span[z->n].start = start;
			z->span[z->n].end = start + spanned;
			z->span[z->n].node = node;
			z->span[z->n++].zone = zone;
		}
	}
	fclose(f);
	return z->n ? 0 : -EBADMSG;
}

static bool spans(const struct mms_zone_spans *z, size_t i, uint64_t pfn)
{
	return pfn >= z->span[i].start && pfn < z->span[i].end;
}

/* Zones of two nodes may span the same frames: whose it is, is not told. */
uint32_t mms_zone_of(const struct mms_zone_spans *z, uint64_t pfn)
{
	uint32_t zone = MMS_ZONE_UNKNOWN;

	for (size_t i = 0; i < z->n; i++) {
		if (!spans(z, i, pfn))
			continue;
		if (zone != MMS_ZONE_UNKNOWN && zone != z->span[i].zone)
			return MMS_ZONE_UNKNOWN;
		zone = z->span[i].zone;
	}
	return zone;
}

uint32_t mms_zone_node_of(const struct mms_zone_spans *z, uint64_t pfn)
{
	uint32_t node = UINT32_MAX;

	for (size_t i = 0; i < z->n; i++) {
		if (!spans(z, i, pfn))
			continue;
		if (node != UINT32_MAX && node != z->span[i].node)
			return UINT32_MAX;
		node = z->span[i].node;
	}
	return node;
}

bool mms_zone_no_page(const struct mms_zone_spans *z, uint64_t pfn, uint64_t flags)
{
	if (flags || !z->n)
		return flags & MMS_KPF_NOPAGE;
	for (size_t i = 0; i < z->n; i++)
		if (spans(z, i, pfn))
			return false;
	return true;
}
