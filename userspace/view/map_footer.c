// SPDX-License-Identifier: GPL-2.0
/* mmscope map: who says it, and what the look cost. */
#include <inttypes.h>

#include "cmd.h"
#include "view/map.h"

/* Who told of frames; what changed while they were looked at. */
static void footer_frames(struct mms_map_view *m)
{
	uint64_t freed = 0, untold = 0;
	char human[16];

	if (!m->frames) {
		if (m->no_frames.text[0])
			mms_doc_text(m->doc, "LRU ACTIVE UNEVICT KSM ZONES not known: %s\n", m->no_frames.text);
		return;
	}
	mms_doc_str(m->doc, "frames_from", m->by_module ? "module" : "kpageflags");
	if (m->by_module)
		mms_doc_text(m->doc, "LRU ACTIVE UNEVICT KSM ZONES from the frames' struct pages (module)\n");
	else
		mms_doc_text(m->doc, "LRU ACTIVE UNEVICT KSM from /proc/kpageflags, ZONES by /proc/zoneinfo\n");
	if (!m->by_module && m->no_frames.text[0])
		mms_doc_text(m->doc, "the module did not tell of frames: %s\n", m->no_frames.text);
	if (!m->active_known)
		mms_doc_text(m->doc, "ACTIVE not known: MGLRU does not mark pages active\n");
	if (!m->ksm_known)
		mms_doc_text(m->doc, "KSM not known: this kernel's kpageflags says it of all anonymous pages\n");
	for (size_t i = 0; i < m->snap->nregions; i++) {
		freed += m->frames[i].freed;
		untold += m->frames[i].untold;
	}
	/* (kpageflags tells of a free block's first frame alone, on some kernels) */
	if (freed)
		mms_doc_text(m->doc, "%s%s were given back before their frames were looked at\n",
			     m->by_module ? "" : "at least ", mms_human(freed, human));
	if (untold)
		mms_doc_text(m->doc, "- where frames have no struct page (%s): offline, or a device's\n",
			     mms_human(untold, human));
}

static void footer_witnesses(struct mms_map_view *m)
{
	const struct mms_snapshot *snap = m->snap;
	bool usage = snap->have & MMS_SNAP_USAGE;

	mms_doc_text(m->doc, "\n");
	if (mms_figures_from_tables(snap))
		mms_doc_text(m->doc, "RSS SWAP DIRTY HUGE EXT from page tables (module)%s\n",
			     usage ? ", PSS from smaps" : "");
	else if (usage)
		mms_doc_text(m->doc, "RSS PSS SWAP DIRTY HUGE from smaps%s\n",
			     snap->have & MMS_SNAP_EXTENTS ? ", EXT from pagemap" : "");
	if (snap->missing_extents.text[0])
		mms_doc_text(m->doc, "EXT not known: %s\n", snap->missing_extents.text);
	if (snap->missing_usage.text[0])
		mms_doc_text(m->doc, "PSS not known: %s\n", snap->missing_usage.text);
	footer_frames(m);
	if (usage && snap->unmatched_usage)
		mms_doc_text(m->doc, "%zu VMAs changed while they were read: their smaps figures are not known\n",
			     snap->unmatched_usage);
	if ((snap->task.known & MMS_TASK_K_VM) && snap->task.vm_size != mms_map_virt(snap))
		mms_doc_text(m->doc, "the kernel's total_vm is %" PRIu64 " bytes, the sum of the VMAs %" PRIu64 ": some changed in between, or belong to a driver that does not count them\n",
			     (uint64_t)snap->task.vm_size, mms_map_virt(snap));
}

static void footer_cost(struct mms_map_view *m)
{
	const struct mms_trailer *v = &m->snap->vma_trailer, *p = &m->snap->pt_trailer;
	uint64_t hold = v->hold_max_ns > p->hold_max_ns ? v->hold_max_ns : p->hold_max_ns;

	if (m->snap->vma_writer != MMS_WRITER_MODULE)
		return;
	mms_doc_text(m->doc, "cost: %" PRIu64 " records; mmap_lock %u times, %.1f us at most, %.1f us in all",
		     (uint64_t)(v->records + p->records), v->batches + p->batches,
		     (double)hold / 1e3,
		     (double)(v->hold_total_ns + p->hold_total_ns) / 1e3);
	if (v->torn + p->torn)
		mms_doc_text(m->doc, "\n      %u batches torn: the address space was changed between them", v->torn + p->torn);
	mms_doc_text(m->doc, "\n");
	mms_doc_num(m->doc, "records", (int64_t)(v->records + p->records));
	mms_doc_num(m->doc, "batches", v->batches + p->batches);
	mms_doc_num(m->doc, "torn", v->torn + p->torn);
	mms_doc_num(m->doc, "hold_max_ns", (int64_t)hold);
	mms_doc_num(m->doc, "hold_total_ns",
		    (int64_t)(v->hold_total_ns + p->hold_total_ns));
}

void mms_map_footer(struct mms_map_view *m)
{
	footer_witnesses(m);
	footer_cost(m);
}
