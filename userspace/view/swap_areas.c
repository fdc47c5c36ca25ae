// SPDX-License-Identifier: GPL-2.0
/* mmscope swap: the areas, and what of them page tables name. */
#include <errno.h>
#include <libproc2/meminfo.h>
#include <string.h>

#include "cmd.h"
#include "util/text.h"
#include "view/swap.h"

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum { AREA_NUM, AREA_TYPE, AREA_SIZE, AREA_USED, AREA_MAPPED, AREA_SHARED, AREA_PRIO, AREA_STATE, AREA_NAME, AREA_MAX };

static const struct mms_column area_columns[AREA_MAX] = {
	[AREA_NUM]	= C("AREA", NUM, true, ""),
	[AREA_TYPE]	= C("TYPE", STR, true, ""),
	[AREA_SIZE]	= C("SIZE", SIZE, true, ""),
	[AREA_USED]	= C("USED", SIZE, true, ""),
	[AREA_MAPPED]	= C("MAPPED", SIZE, true, ""),
	[AREA_SHARED]	= C("SHARED", SIZE, true, ""),
	[AREA_PRIO]	= C("PRIO", NUM, true, ""),
	[AREA_STATE]	= C("STATE", STR, true, ""),
	[AREA_NAME]	= { .name = "NAME", .type = MMS_COL_STR, .shown = true, .trunc = true, .help = "" },
};

static int add_area(struct mms_swap_view *v, struct mms_table *t, const struct mms_swap *a)
{
	struct mms_line *l = mms_table_line(t, NULL);
	const struct mms_swap_area *r = &a->rec;

	if (!l)
		return -ENOMEM;
	if (r->known & MMS_SWAP_K_NUMBER)
		mms_line_num(t, l, AREA_NUM, r->number);
	if (r->known & MMS_SWAP_K_NUMBER && !v->in.no_counts.text[0]) {
		mms_line_size(t, l, AREA_MAPPED, v->mapped[r->number % MMS_SWAP_AREAS] * MMS_SWAP_PAGE);
		mms_line_size(t, l, AREA_SHARED, v->shared[r->number % MMS_SWAP_AREAS] * MMS_SWAP_PAGE);
	}
	mms_line_str(t, l, AREA_TYPE, !strncmp(a->name, "/dev/zram", 9) ? "zram" :
		     r->flags & MMS_SWAP_BLKDEV ? "partition" : "file");
	mms_line_size(t, l, AREA_SIZE, r->pages * MMS_SWAP_PAGE);
	mms_line_size(t, l, AREA_USED, r->used * MMS_SWAP_PAGE);
	mms_line_num(t, l, AREA_PRIO, (int32_t)r->priority);
	if (r->known & MMS_SWAP_K_FLAGS)
		mms_line_str(t, l, AREA_STATE, r->flags & MMS_SWAP_WRITEOK ? "on" : "swapoff");
	if (a->name[0])
		mms_line_str(t, l, AREA_NAME, a->name);
	return 0;
}

int mms_swap_show_areas(struct mms_swap_view *v, struct mms_err *err)
{
	struct mms_table *t;
	int rc = mms_table_new(&t, &v->plain, "areas", area_columns, AREA_MAX, err);

	for (size_t i = 0; !rc && i < v->swaps.n; i++)
		if (add_area(v, t, &v->swaps.area[i]))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc && (v->swaps.n || v->render.json))
		rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	if (v->no_areas.text[0])
		mms_doc_text(v->doc, "areas not known: %s\n", v->no_areas.text);
	else if (!v->swaps.n)
		mms_doc_text(v->doc, "no swap area\n");
	return rc;
}

static bool swap_cached(uint64_t *kib)
{
	struct meminfo_info *info = NULL;
	struct meminfo_result *r;
	bool known = false;

	if (procps_meminfo_new(&info) < 0)
		return false;
	r = procps_meminfo_get(info, MEMINFO_SWAP_CACHED);
	if (r) {
		*kib = r->result.ul_int;
		known = true;
	}
	procps_meminfo_unref(&info);
	return known;
}

static bool is_off(const struct mms_swap *a)
{
	return a->rec.known & MMS_SWAP_K_FLAGS && !(a->rec.flags & MMS_SWAP_WRITEOK);
}

/* Areas that come and go: what was counted is of several moments then. */
static void footer_changes(struct mms_swap_view *v)
{
	bool numbers = !v->no_areas.text[0];
	char human[16];

	for (size_t i = 0; i < v->swaps.n; i++) {
		const struct mms_swap *a = &v->swaps.area[i];

		numbers = numbers && a->rec.known & MMS_SWAP_K_NUMBER;
		if (is_off(a))
			mms_doc_text(v->doc, "AREA %u: swapoff is at work: its entries went while they were counted\n",
				     a->rec.number);
	}
	for (unsigned int i = 0; numbers && i < MMS_SWAP_AREAS; i++)
		if (v->mapped[i] && !mms_swaps_find(&v->swaps, i))
			mms_doc_text(v->doc, "AREA %u is no more: %s of entries named it when they were read\n", i,
				     mms_human(v->mapped[i] * MMS_SWAP_PAGE, human));
	mms_doc_num(v->doc, "areas_changed", v->changed);
	if (v->changed)
		mms_doc_text(v->doc, "areas came or went while page tables were read\n");
}

/* What is in use and in no page table: said, with what it can be. */
static void footer_use(struct mms_swap_view *v)
{
	uint64_t used = 0, mapped = 0;
	char a[16], b[16], c[16];

	for (size_t i = 0; i < v->swaps.n; i++)
		used += v->swaps.area[i].rec.used;
	for (size_t i = 0; i < MMS_SWAP_AREAS; i++)
		mapped += v->mapped[i];
	if (v->in.no_counts.text[0]) {
		mms_doc_str(v->doc, "mapped_slots", NULL);
		return;
	}
	mms_doc_num(v->doc, "mapped_slots", (int64_t)mapped);
	if (!v->swaps.n || v->no_areas.text[0])
		return;
	mms_doc_num(v->doc, "used_slots", (int64_t)used);
	mms_human(used * MMS_SWAP_PAGE, a);
	mms_human(mapped * MMS_SWAP_PAGE, b);
	if (used < mapped)
		mms_doc_text(v->doc, "in use: %s; page tables, read before, named %s\n", a, b);
	else
		mms_doc_text(v->doc, "in use: %s, of it named by page tables: %s; the other %s: shared memory,\nslots whose page is back in memory, or set aside for a processor\n",
			     a, b, mms_human((used - mapped) * MMS_SWAP_PAGE, c));
}

void mms_swap_footer(struct mms_swap_view *v)
{
	uint64_t cached;
	char human[16];

	mms_doc_text(v->doc, "\n");
	mms_doc_num(v->doc, "counted", v->in.counted);
	footer_use(v);
	if (strcmp(mms_source_name(v->in.source), "capture") && swap_cached(&cached)) {
		mms_doc_num(v->doc, "swap_cached", (int64_t)(cached * 1024));
		mms_doc_text(v->doc, "swap cache: %s (meminfo)\n", mms_human(cached * 1024, human));
	}
	if (v->in.no_counts.text[0])
		mms_doc_text(v->doc, "PSS USS MAPPED SHARED HOLDERS not known: %s\n", v->in.no_counts.text);
	else
		mms_doc_text(v->doc, "entries counted in the page tables of %u processes\n", v->in.counted);
	footer_changes(v);
	for (size_t i = 0; i < v->swaps.n; i++)
		if (!(v->swaps.area[i].rec.known & MMS_SWAP_K_NUMBER)) {
			mms_doc_text(v->doc, "AREA not known: only the module can read the numbers of areas (mmscope status)\n");
			break;
		}
	if (v->swaps.deduced)
		mms_doc_text(v->doc, "AREA follows from the entries: as many areas are named as there are\n");
}
