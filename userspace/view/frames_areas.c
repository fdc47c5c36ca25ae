// SPDX-License-Identifier: GPL-2.0
/* mmscope frames --areas: what vmalloc space is used for, and by whom. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include "view/frames.h"

enum { COL_KIND, COL_CALLER, COL_AREAS, COL_SIZE, COL_PAGES, COL_FRAMES };

static const struct mms_column columns[] = {
	[COL_KIND] = { "KIND", MMS_COL_STR, true, false, false, "what the areas are for, by CALLER" },
	[COL_CALLER] = { "CALLER", MMS_COL_STR, true, false, true, "function that asked for them" },
	[COL_AREAS] = { "AREAS", MMS_COL_NUM, true, false, false, "how many" },
	[COL_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "bytes of addresses, guard pages included" },
	[COL_PAGES] = { "PAGES", MMS_COL_NUM, true, false, false, "frames that they were made with" },
	[COL_FRAMES] = { "FRAMES", MMS_COL_NUM, true, false, false, "frames that the kernel's tables map there" },
};

static int add_lines(struct mms_table *tb, const struct mms_area_sum *sums, size_t n, bool mapped)
{
	for (size_t i = 0; i < n; i++) {
		struct mms_line *l = mms_table_line(tb, NULL);

		if (!l)
			return -ENOMEM;
		mms_line_str(tb, l, COL_KIND, mms_area_kind_name(sums[i].kind));
		mms_line_str(tb, l, COL_CALLER, sums[i].caller[0] ? sums[i].caller : NULL);
		mms_line_num(tb, l, COL_AREAS, (int64_t)sums[i].areas);
		mms_line_size(tb, l, COL_SIZE, sums[i].sum.size);
		if (sums[i].sum.pages)
			mms_line_num(tb, l, COL_PAGES, (int64_t)sums[i].sum.pages);
		if (mapped)
			mms_line_num(tb, l, COL_FRAMES, (int64_t)sums[i].sum.frames);
	}
	return 0;
}

/* Areas whose own count is not what the tables have: two witnesses. */
static uint64_t differing(const struct mms_areas *areas)
{
	uint64_t n = 0;

	for (size_t i = 0; i < areas->n; i++)
		n += areas->area[i].pages && areas->area[i].pages != areas->area[i].frames;
	return n;
}

static void show_sums(struct mms_doc *d, const struct mms_areas *areas, uint32_t writer, bool mapped)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < areas->n; i++)
		if (areas->area[i].flags & MMS_AREA_ALLOC)
			pages += areas->area[i].pages;
	mms_doc_num(d, "areas", (int64_t)areas->n);
	mms_doc_num(d, "vmalloc_pages", (int64_t)pages);
	mms_doc_str(d, "areas_from", writer == MMS_WRITER_MODULE ? "module" : "/proc/vmallocinfo");
	mms_doc_text(d, "%zu areas, %" PRIu64 " pages by vmalloc(); told by %s\n", areas->n, pages,
		     writer == MMS_WRITER_MODULE ? "the module" : "/proc/vmallocinfo");
	if (mapped) {
		mms_doc_num(d, "differ", (int64_t)differing(areas));
		mms_doc_text(d, "%" PRIu64 " areas have other pages than the tables map\n", differing(areas));
	} else {
		mms_doc_text(d, "FRAMES is not known: %s\n", areas->hidden ? MMS_AREAS_HIDDEN :
			     "the kernel's tables were not read");
	}
}

int mms_frames_areas(struct mms_doc *d, const struct mms_render *render, const struct mms_areas *areas,
		     uint32_t writer, size_t top, struct mms_err *err)
{
	struct mms_area_sum *sums;
	struct mms_table *tb = NULL;
	bool mapped = false;
	size_t n;
	int rc;

	for (size_t i = 0; i < areas->n && !areas->hidden; i++)
		mapped |= areas->area[i].frames;
	sums = mms_areas_sum(areas, &n);
	rc = mms_table_new(&tb, render, "areas", columns, sizeof(columns) / sizeof(*columns), err);
	if (!rc && add_lines(tb, sums, n < top ? n : top, mapped))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_doc_table(d, tb, err);
	if (!rc)
		show_sums(d, areas, writer, mapped);
	mms_table_free(tb);
	free(sums);
	return rc;
}
