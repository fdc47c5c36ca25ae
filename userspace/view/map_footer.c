// SPDX-License-Identifier: GPL-2.0
/* mmscope map: who says it, and what the look cost. */
#include <inttypes.h>

#include "cmd.h"
#include "view/map.h"

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
	if (m->frames)
		mms_doc_text(m->doc, "LRU ACTIVE UNEVICT KSM from /proc/kpageflags, ZONES by the bounds in /proc/zoneinfo%s\n",
			     m->active_known ? "" : "; MGLRU does not mark pages active");
	else if (m->no_frames.text[0])
		mms_doc_text(m->doc, "LRU ACTIVE UNEVICT KSM ZONES not known: %s\n", m->no_frames.text);
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
	mms_doc_text(m->doc, "cost: %" PRIu64 " records, mmap_lock held %u times, %.1f us at most, %.1f us in all; %u batches torn\n",
		     (uint64_t)(v->records + p->records), v->batches + p->batches,
		     (double)hold / 1e3,
		     (double)(v->hold_total_ns + p->hold_total_ns) / 1e3,
		     v->torn + p->torn);
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
