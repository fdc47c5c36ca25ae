// SPDX-License-Identifier: GPL-2.0
/* What is known of the kernel's half: where it begins, and its parts that some stream tells of. */
#include "model/layout.h"

#include <errno.h>
#include <string.h>

struct asking {
	struct mms_kernel_half *k;
	struct mms_vmalloc_space space;
};

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	((struct asking *)ctx)->k->arch = h->arch;
	return 0;
}

static int take_record(void *ctx, const struct mms_record *rec)
{
	struct asking *a = ctx;

	if (rec->type == MMS_REC_PT_CONTEXT)
		a->k->start = ((const struct mms_pt_context *)(const void *)rec)->kernel_start;
	if (rec->type == MMS_REC_VMALLOC_SPACE)
		a->space = *(const struct mms_vmalloc_space *)(const void *)rec;
	return 0;
}

static void add_part(struct mms_kernel_half *k, uint64_t start, uint64_t end, const char *name)
{
	if (k->n < sizeof(k->part) / sizeof(*k->part))
		k->part[k->n++] = (struct mms_range){
			.start = start, .last = end - 1, .kind = MMS_RANGE_KERNEL, .name = (char *)name,
		};
}

/* Ascending: arm64 has its modules below vmalloc space. */
static void add_space(struct mms_kernel_half *k, const struct mms_vmalloc_space *s)
{
	bool modules = s->known & MMS_VSPACE_K_MODULES;

	if (modules && s->modules_start < s->start)
		add_part(k, s->modules_start, s->modules_end, "modules");
	if (s->known & MMS_VSPACE_K_BOUNDS)
		add_part(k, s->start, s->end, "vmalloc space");
	if (modules && s->modules_start >= s->start)
		add_part(k, s->modules_start, s->modules_end, "modules");
}

int mms_layout_ask_kernel(struct mms_kernel_half *k, struct mms_source *s, uint32_t pid, struct mms_err *err)
{
	struct mms_request one = { .size = sizeof(one), .flags = MMS_REQ_EXTENTS, .pid = pid, .end = 0x1000 };
	struct mms_request all = { .size = sizeof(all), .flags = MMS_REQ_VMALLOC_LAZY };
	struct mms_request task = { .size = sizeof(task), .pid = pid };
	struct asking a = { .k = k };
	struct mms_handler h = { .header = take_header, .record = take_record, .ctx = &a };
	struct mms_handler parts = { .record = take_record, .ctx = &a };
	struct mms_err ignored = { "" };
	int rc;

	memset(k, 0, sizeof(*k));
	rc = mms_source_stream(s, MMS_KIND_PGTABLE, &one, &h, err);
	if (!k->arch)
		mms_source_stream(s, MMS_KIND_TASK, &task, &h, &ignored);
	/* (what keeps /proc from telling of pages is not why) */
	if (!k->start && (!rc || !strcmp(mms_source_name(s), "procfs")))
		rc = mms_err_set(err, -EOPNOTSUPP, "only the module tells where it begins (mmscope load)");
	if (rc)
		return rc;
	if (!mms_source_stream(s, MMS_KIND_VMALLOC, &all, &parts, &ignored))
		add_space(k, &a.space);
	return 0;
}
