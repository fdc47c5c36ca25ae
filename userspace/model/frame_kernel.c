// SPDX-License-Identifier: GPL-2.0
/* What of the kernel's own a frame is, by the kernel's map and by who owns frames. */
#include "model/frame.h"

#include <errno.h>

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	(void)ctx;
	(void)h;
	return 0;
}

static int take_record(void *ctx, const struct mms_record *rec)
{
	const struct mms_owner_run *o = (const void *)rec;
	const struct mms_kmap_run *k = (const void *)rec;
	struct mms_frame_info *f = ctx;
	uint64_t pfn = f->frame.pfn;

	if (rec->type == MMS_REC_KMAP_RUN && pfn >= k->pfn && pfn - k->pfn < k->count && !f->kernel_class) {
		f->kernel_class = k->class;
		f->kernel_va = k->va + ((pfn - k->pfn) << f->page_shift);
	}
	if (rec->type == MMS_REC_OWNER_RUN && pfn >= o->pfn && pfn - o->pfn < o->count) {
		f->kernel_class = o->class;
		f->kernel_pid = o->pid;
	}
	return 0;
}

/* The area that has its address: whoever asked for that knows what it is for. */
static int take_area(void *ctx, const struct mms_record *rec)
{
	const struct mms_vmalloc_area *a = (const void *)rec;
	struct mms_frame_info *f = ctx;
	int rc;

	if (rec->type != MMS_REC_VMALLOC_AREA || !(a->known & MMS_AREA_K_ADDRESS) ||
	    f->kernel_va < a->start || f->kernel_va >= a->end || f->area.caller)
		return 0;
	rc = mms_area_take(&f->area, a);
	if (!rc)
		f->kernel_class = mms_area_class(f->area.kind, f->kernel_class);
	return rc;
}

static int ask(struct mms_source *s, struct mms_frame_info *f, enum mms_kind kind,
	       int (*record)(void *ctx, const struct mms_record *rec))
{
	struct mms_handler h = { .header = take_header, .record = record, .ctx = f };
	struct mms_request req = { .size = sizeof(req) };
	struct mms_err ignored = { "" };
	int rc = mms_source_stream(s, kind, &req, &h, &ignored);

	/* not available on this kernel: then it stays untold */
	return rc == -ENOMEM ? rc : 0;
}

bool mms_frame_needs_kernel(const struct mms_frame_info *f)
{
	uint32_t class = f->frame.class;

	return f->writer == MMS_WRITER_MODULE && f->frame.state == MMS_PFN_PAGE &&
	       (class == MMS_FRAME_UNKNOWN || class == MMS_FRAME_PGTABLE || class == MMS_FRAME_RESERVED ||
		class == MMS_FRAME_LARGE_KMALLOC);
}

int mms_frame_kernel(struct mms_source *s, struct mms_frame_info *f)
{
	int rc = ask(s, f, MMS_KIND_KMAP, take_record);

	if (!rc && (f->kernel_class == MMS_FRAME_VMALLOC || f->kernel_class == MMS_FRAME_MODULE))
		rc = ask(s, f, MMS_KIND_VMALLOC, take_area);
	return rc ? rc : ask(s, f, MMS_KIND_OWNERS, take_record);
}
