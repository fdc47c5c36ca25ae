// SPDX-License-Identifier: GPL-2.0
/* What is known of the kernel's half: where it begins, and its parts that some stream tells of. */
#include "model/layout.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	((struct mms_kernel_half *)ctx)->arch = h->arch;
	return 0;
}

static int take_record(void *ctx, const struct mms_record *rec)
{
	if (rec->type == MMS_REC_PT_CONTEXT)
		((struct mms_kernel_half *)ctx)->start = ((const struct mms_pt_context *)(const void *)rec)->kernel_start;
	return 0;
}

static void add_part(struct mms_kernel_half *k, uint64_t start, uint64_t last, const char *name)
{
	if (k->n < sizeof(k->part) / sizeof(*k->part))
		k->part[k->n++] = (struct mms_range){
			.start = start, .last = last, .kind = MMS_RANGE_KERNEL, .name = (char *)name,
		};
}

/* All parts, with the bounds of the running kernel. */
static int take_region(void *ctx, const struct mms_record *rec)
{
	static const char *const names[__MMS_KT_MAX] = {
		[MMS_KT_UNKNOWN] = "part of unknown use", [MMS_KT_DIRECT] = "direct map: all memory",
		[MMS_KT_VMALLOC] = "vmalloc space", [MMS_KT_VMEMMAP] = "struct pages (vmemmap)",
		[MMS_KT_KASAN] = "KASAN's shadow", [MMS_KT_CPU_ENTRY] = "CPU entry area",
		[MMS_KT_LDT] = "LDT (with PTI)", [MMS_KT_ESPFIX] = "espfix stacks",
		[MMS_KT_EFI] = "EFI runtime services", [MMS_KT_IMAGE] = "the kernel's image",
		[MMS_KT_MODULES] = "modules", [MMS_KT_FIXMAP] = "fixmap",
		[MMS_KT_PKMAP] = "pkmap: HighMem, a page at a time", [MMS_KT_PCI_IO] = "PCI I/O",
	};
	const struct mms_kt_region *r = (const void *)rec;
	const char *name = names[r->id < __MMS_KT_MAX ? r->id : MMS_KT_UNKNOWN];
	struct mms_kernel_half *k = ctx;

	/* (vsyscall is a VMA of each process, where there is one) */
	if (rec->type != MMS_REC_KT_REGION || r->id == MMS_KT_VSYSCALL)
		return 0;
	if (k->n && r->start <= k->part[k->n - 1].last)
		return -EBADMSG;
	if (k->arch == MMS_ARCH_I386 && r->id == MMS_KT_DIRECT) {
		snprintf(k->lowmem, sizeof(k->lowmem), "lowmem: the first %" PRIu64 " MiB of memory",
			 (uint64_t)(r->last - r->start + 1) >> 20);
		name = k->lowmem;
	}
	add_part(k, r->start, r->last, name);
	return 0;
}

/* The parts come with any page of the kernel's half: the first one is asked for. */
static void ask_regions(struct mms_kernel_half *k, struct mms_source *s)
{
	struct mms_request req = {
		.size = sizeof(req), .flags = MMS_REQ_EXTENTS, .start = k->start, .end = k->start + 0x1000,
	};
	struct mms_handler h = { .record = take_region, .ctx = k };
	struct mms_err ignored = { "" };

	k->whole = !mms_source_stream(s, MMS_KIND_KTABLES, &req, &h, &ignored) && k->n;
	if (!k->whole)
		k->n = 0;
}

int mms_layout_ask_kernel(struct mms_kernel_half *k, struct mms_source *s, uint32_t pid, struct mms_err *err)
{
	struct mms_request one = { .size = sizeof(one), .flags = MMS_REQ_EXTENTS, .pid = pid, .end = 0x1000 };
	struct mms_request task = { .size = sizeof(task), .pid = pid };
	struct mms_handler h = { .header = take_header, .record = take_record, .ctx = k };
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
	ask_regions(k, s);
	return 0;
}
