// SPDX-License-Identifier: GPL-2.0
/* mmscope kmap: on i386, how the kernel's gigabyte is divided. */
#include <inttypes.h>
#include <string.h>

#include "model/kmap_lowmem.h"
#include "view/kmap.h"

static void show_line(struct mms_kmap_view *v, const struct mms_kmap_lowmem *l)
{
	uint64_t size = l->end - l->page_offset;
	char a[16], b[16];

	if (!l->reserve) {
		mms_doc_text(v->doc, "  (how far it may go is not known: the kernel's command line is not here)\n");
		return;
	}
	mms_doc_text(v->doc, "  %s are left beside %s for vmalloc, ", mms_human(l->line, a), mms_human(l->reserve, b));
	mms_doc_text(v->doc, "%s without what is above it (MAXMEM)\n", mms_human(l->max, a));
	if (size >= l->max)
		mms_doc_text(v->doc, "  it is full: memory above is HighMem\n");
	else
		mms_doc_text(v->doc, l->high_present ? "  it is not full: the command line has highmem=\n" :
						       "  all memory is in it: there is less than that\n");
	mms_doc_num(v->doc, "vmalloc_reserve", (int64_t)l->reserve);
	mms_doc_num(v->doc, "lowmem_line", (int64_t)l->line);
	mms_doc_num(v->doc, "maxmem", (int64_t)l->max);
}

void mms_kmap_show_lowmem(struct mms_kmap_view *v)
{
	bool here = strcmp(mms_source_name(v->source), "capture");
	struct mms_kmap_lowmem l;
	char a[16], b[16];

	if (!mms_kmap_lowmem(&v->m, here ? "/proc/cmdline" : NULL, here ? "/proc/zoneinfo" : NULL, &l))
		return;
	mms_doc_text(v->doc, "PAGE_OFFSET %#" PRIx64 ": %s of addresses are the kernel's\n", l.page_offset,
		     mms_human((1ULL << 32) - l.page_offset, a));
	mms_doc_text(v->doc, "lowmem %s, to %#" PRIx64 " (high_memory)\n", mms_human(l.end - l.page_offset, a), l.end);
	mms_doc_num(v->doc, "page_offset", (int64_t)l.page_offset);
	mms_doc_num(v->doc, "lowmem", (int64_t)(l.end - l.page_offset));
	show_line(v, &l);
	mms_doc_text(v->doc, "vmalloc hole %s, %s\n", mms_human(l.hole, a),
		     l.in_hole ? "of which is mapped, where nothing should be:" : "nothing is mapped there");
	if (l.in_hole)
		mms_doc_text(v->doc, "  %s\n", mms_human(l.in_hole, b));
	mms_doc_num(v->doc, "vmalloc_hole", (int64_t)l.hole);
	mms_doc_num(v->doc, "vmalloc_hole_mapped", (int64_t)l.in_hole);
	if (!l.have_high)
		return;
	if (l.high_present)
		mms_doc_text(v->doc, "HighMem %s (it spans %s): a page at a time, by pkmap and fixmap\n",
			     mms_human(l.high_present, a), mms_human(l.high_spanned, b));
	else
		mms_doc_text(v->doc, "no HighMem\n");
	mms_doc_num(v->doc, "highmem_present", (int64_t)l.high_present);
	mms_doc_num(v->doc, "highmem_spanned", (int64_t)l.high_spanned);
}
