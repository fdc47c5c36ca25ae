// SPDX-License-Identifier: GPL-2.0
/*
 * Rows frames.*: how many frames are what, against zoneinfo and meminfo.
 *
 * The census is streamed; of it sums are kept.  It is compared where a line
 * counts the same: frames by what their struct pages say, or by who owns them.
 */
#include "model/check_frames.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool of_user(uint32_t class)
{
	return class >= MMS_FRAME_ANON && class <= MMS_FRAME_BUFFER;
}

/* Classes that PG_reserved tells. */
static bool reserved(uint32_t class)
{
	return class == MMS_FRAME_ZERO || class == MMS_FRAME_KERNEL || class == MMS_FRAME_RESERVED;
}

static void add_flags(struct mms_frames *f, const struct mms_frame_run *r)
{
	bool anon = r->class == MMS_FRAME_ANON || r->class == MMS_FRAME_KSM;

	if (anon && r->flags & MMS_FRAME_F_MAPPED)
		f->flagged[MMS_SUM_ANON_MAPPED] += r->count;
	if (anon && r->order)
		f->flagged[MMS_SUM_ANON_LARGE] += r->count;
	if (of_user(r->class) && r->flags & MMS_FRAME_F_SWAPCACHE)
		f->flagged[MMS_SUM_SWAPCACHE] += r->count;
	if (of_user(r->class) && r->flags & MMS_FRAME_F_MLOCKED)
		f->flagged[MMS_SUM_MLOCKED] += r->count;
	if (of_user(r->class) && r->flags & MMS_FRAME_F_WRITEBACK)
		f->flagged[MMS_SUM_WRITEBACK] += r->count;
	if (r->class == MMS_FRAME_UNKNOWN && r->order)
		f->flagged[MMS_SUM_UNKNOWN_LARGE] += r->count;
}

static void add_run(void *ctx, const struct mms_frame_run *r)
{
	struct mms_frames *f = ctx;
	char what[48];

	f->typed[r->class] += r->count;
	if (mms_frame_present(r->class) && !reserved(r->class))
		f->unreserved[r->zone] += r->count;
	add_flags(f, r);
	if (f->check->tell) {
		snprintf(what, sizeof(what), "frame 0x%" PRIx64, (uint64_t)r->pfn);
		mms_check_tell(f->check, what);
	}
}

static void frames_close(struct mms_check *c)
{
	struct mms_frames *f = c->ctx;

	if (!f)
		return;
	mms_taking_free(&f->taking);
	mms_census_free(&f->census);
	mms_zones_free(&f->zones);
	mms_proc_free(&f->before);
	mms_proc_free(&f->after);
	free(f);
}

static int frames_open(struct mms_check *c, uint32_t pid, struct mms_err *err)
{
	struct mms_frames *f = calloc(1, sizeof(*f));
	struct mms_err ignored;
	int rc;

	(void)pid;
	c->ctx = f;
	if (!f)
		return mms_err_set(err, -ENOMEM, "out of memory");
	f->check = c;
	f->taking = (struct mms_taking){
		.census = &f->census, .flags = c->frozen ? 0 : MMS_REQ_FRAME_FLAGS, .each = add_run, .ctx = f,
	};
	rc = mms_proc_read(c, &f->before);
	if (!rc)
		rc = mms_census_take(&f->taking, c->source, err);
	if (!rc && mms_zones_read(c->source, &f->zones, &ignored) == -ENOMEM)
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_proc_read(c, &f->after);
	c->unsteady = mms_zones_free_pages(&f->before.zones) != mms_zones_free_pages(&f->after.zones);
	return rc == -EACCES || rc == -EPERM || rc == -ENODATA ? -EOPNOTSUPP : rc;
}

/*
 * KSM counts stable pages; one that nobody maps any more it keeps in its count
 * until it comes by again, its frame was given back at once.
 */
static int run_ksm(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_frames *f = c->ctx;
	uint64_t ours = f->typed[MMS_FRAME_KSM], theirs;
	FILE *in;
	int n;

	if (c->frozen)
		return mms_check_na(c, row, f->after.why.text);
	if (f->taking.writer != MMS_WRITER_MODULE)
		return mms_check_na(c, row, "/proc/kpageflags of some kernels says KSM of every anonymous page: load the module (mmscope load)");
	in = strcmp(c->proc, "/proc") ? NULL : fopen("/sys/kernel/mm/ksm/pages_shared", "re");
	n = in ? fscanf(in, "%" SCNu64, &theirs) : 0;
	if (in)
		fclose(in);
	if (n != 1)
		return mms_check_na(c, row, "there is no /sys/kernel/mm/ksm/pages_shared here");
	return mms_check_compare(c, row, "", "pages_shared", ours, theirs, theirs,
				 ours < theirs ? theirs - ours : 0);
}

#define CLASS(name)	(1ULL << MMS_FRAME_##name)
#define SUM(name)	(1U << MMS_SUM_##name)
#define FIGURE(...)	mms_run_frame_figure, &(const struct mms_frame_figure){ __VA_ARGS__ }

static const struct mms_check_row rows[] = {
	{ "frames.present", "frames", "present", "", "", mms_run_frames_present, NULL },
	{ "frames.managed", "not reserved", "managed", "balloons' frames",
	  "a balloon takes its frames from what is managed", mms_run_frames_managed, NULL },
	{ "frames.free", "free frames", "nr_free_pages", "own buffer, isolated",
	  "the module has a buffer of 256 KiB while it tells of frames; isolated blocks are not in the counter; " MMS_KEPT_BACK, mms_run_frames_free, NULL },
	{ "frames.pcp", "free, per CPU", "pagesets' count", "", "", mms_run_frames_pcp, NULL },
	{ "frames.slab", "slabs", "Slab", "large, unknown ones",
	  "Slab has allocations too large for a slab, the module's buffer of 256 KiB among them; before 6.14 their frames have no type and are among the unknown",
	  FIGURE(.words = { "Slab" }, .classes = CLASS(SLAB) | CLASS(LARGE_KMALLOC),
		 .ids = { MMS_VS_NR_SLAB_RECLAIMABLE_B, MMS_VS_NR_SLAB_UNRECLAIMABLE_B },
		 .hidden = SUM(UNKNOWN_LARGE), .besides = mms_besides_buffer) },
	{ "frames.pgtable", "page tables", "PageTables", "", "",
	  FIGURE(.words = { "PageTables" }, .classes = CLASS(PGTABLE), .ids = { MMS_VS_NR_PAGETABLE }) },
	{ "frames.tables", "with their owners'", "nr_page_table_pages", "PGD, P4D, PUD",
	  "PUD tables are counted from 6.8 on, P4D and PGD from 6.14 on: before, as many frames more as processes have them",
	  FIGURE(.words = { "nr_page_table_pages" }, .pages = true, .classes = CLASS(PGTABLE), .owned = true,
		 .ids = { MMS_VS_NR_PAGETABLE }, .besides = mms_besides_tables) },
	{ "frames.kstack", "threads' stacks", "KernelStack", "kept ones, idle ones",
	  "stacks kept for the next threads (2 a CPU) are found and not counted; without areas of vmalloc() idle threads' stacks are not found",
	  FIGURE(.words = { "KernelStack" }, .classes = CLASS(KSTACK),
		 .ids = { MMS_VS_NR_KERNEL_STACK_KB }, .besides = mms_besides_stacks) },
	{ "frames.anon", "anonymous, mapped", "AnonPages", "of large folios",
	  "of a large folio that is mapped in part the kernel counts that part",
	  FIGURE(.words = { "AnonPages" }, .flagged = SUM(ANON_MAPPED),
		 .ids = { MMS_VS_NR_ANON_MAPPED }, .extra = SUM(ANON_LARGE)) },
	{ "frames.cache", "page cache", "Cached and more", "", "",
	  FIGURE(.words = { "Cached", "Buffers", "SwapCached" },
		 .classes = CLASS(FILE) | CLASS(BUFFER) | CLASS(SHMEM), .flagged = SUM(SWAPCACHE),
		 .ids = { MMS_VS_NR_FILE_PAGES }) },
	{ "frames.shmem", "shmem frames", "Shmem", "", "",
	  FIGURE(.words = { "Shmem" }, .classes = CLASS(SHMEM), .ids = { MMS_VS_NR_SHMEM }) },
	{ "frames.buffers", "block devices'", "Buffers", "", "",
	  FIGURE(.words = { "Buffers" }, .classes = CLASS(BUFFER)) },
	{ "frames.swapcache", "in swap cache", "SwapCached", "", "",
	  FIGURE(.words = { "SwapCached" }, .flagged = SUM(SWAPCACHE), .ids = { MMS_VS_NR_SWAPCACHE }) },
	{ "frames.mlocked", "mlocked frames", "Mlocked", "", "",
	  FIGURE(.words = { "Mlocked" }, .flagged = SUM(MLOCKED), .ids = { MMS_VS_NR_MLOCK }) },
	{ "frames.writeback", "under writeback", "Writeback", "", "",
	  FIGURE(.words = { "Writeback" }, .flagged = SUM(WRITEBACK), .ids = { MMS_VS_NR_WRITEBACK }) },
	{ "frames.hugetlb", "of huge pools", "Hugetlb", "", "",
	  FIGURE(.words = { "Hugetlb" }, .classes = CLASS(HUGETLB)) },
	{ "frames.vmalloc", "mapped frames", "VmallocUsed", "the module's buffer",
	  "the module's own areas; where areas are not known: what vmap() maps there, and per-CPU memory",
	  FIGURE(.words = { "VmallocUsed" }, .classes = CLASS(VMALLOC) | CLASS(MODULE),
		 .ids = { MMS_VS_NR_VMALLOC }, .besides = mms_besides_vmalloc) },
	{ "frames.percpu", "per-CPU memory", "Percpu", "as vmalloc's",
	  "where areas of vmalloc() are not known, chunks behind the first are among vmalloc's frames",
	  FIGURE(.words = { "Percpu" }, .classes = CLASS(PERCPU), .besides = mms_besides_percpu) },
	{ "frames.zspages", "zsmalloc's", "nr_zspages", "", "",
	  FIGURE(.words = { "nr_zspages" }, .pages = true, .classes = CLASS(ZSMALLOC),
		 .ids = { MMS_VS_NR_ZSPAGES }) },
	{ "frames.balloon", "balloon's", "Balloon", "", "",
	  FIGURE(.words = { "Balloon" }, .classes = CLASS(BALLOON), .ids = { MMS_VS_NR_BALLOON_PAGES }) },
	{ "frames.poison", "broken frames", "HardwareCorrupted", "", "",
	  FIGURE(.words = { "HardwareCorrupted" }, .classes = CLASS(HWPOISON)) },
	{ "frames.ksm", "merged by KSM", "pages_shared", "fewer frames",
	  "KSM counts a page that is gone until it comes by again", run_ksm, NULL },
};

const struct mms_check_group mms_check_frames = {
	.name = "frames",
	.rows = rows,
	.nrows = sizeof(rows) / sizeof(*rows),
	.open = frames_open,
	.close = frames_close,
};
