// SPDX-License-Identifier: GPL-2.0
/* mmscope buddy --why-not PID:ADDR: why is there no transparent huge page here? */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "util/text.h"
#include "view/buddy.h"

#define THP	"/sys/kernel/mm/transparent_hugepage/"

/**
 * struct thp - one address
 * @vma: that holds it; .end = 0: none
 * @size: of a huge page
 */
struct thp {
	struct mms_buddy_view *v;
	uint32_t pid;
	uint64_t addr;
	struct mms_vma vma;
	char name[256];
	uint64_t size;
	bool reason;
};

static bool read_line(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(buf, (int)size, f);

	if (f)
		fclose(f);
	if (ok)
		buf[strcspn(buf, "\n")] = '\0';
	return ok;
}

/* The word in brackets of "always [madvise] never". */
static bool chosen(const char *path, char *word, size_t size)
{
	char line[256];
	const char *open;

	if (!read_line(path, line, sizeof(line)))
		return false;
	open = strchr(line, '[');
	if (!open)
		return false;
	snprintf(word, size, "%.*s", (int)strcspn(open + 1, "]"), open + 1);
	return true;
}

static int take_vma(void *ctx, const struct mms_record *rec)
{
	const struct mms_vma *vma = (const void *)rec;
	struct thp *t = ctx;

	if (rec->type != MMS_REC_VMA || t->addr < vma->start || t->addr >= vma->end)
		return 0;
	t->vma = *vma;
	mms_neutral(mms_vma_path(vma), t->name, sizeof(t->name));
	return 0;
}

__attribute__((format(printf, 2, 3)))
static void because(struct thp *t, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	mms_say(t->v, "  no: %s\n", text);
	if (!t->reason)
		mms_doc_str(t->v->doc, "reason", text);
	t->reason = true;
}

/* PR_SET_THP_DISABLE, as /proc/PID/status tells it. */
static bool thp_disabled(uint32_t pid)
{
	char path[64], line[256];
	bool disabled = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "THP_enabled:", 12))
			disabled = strtoul(line + 12, NULL, 10) == 0;
	if (f)
		fclose(f);
	return disabled;
}

static void check_setting(struct thp *t)
{
	char all[32], mine[32], path[128];

	if (!chosen(THP "enabled", all, sizeof(all))) {
		because(t, "this kernel has no transparent huge pages, or does not tell");
		return;
	}
	mms_say(t->v, "  " THP "enabled: %s\n", all);
	/* 6.8: a setting per size, which mostly says "inherit" */
	snprintf(path, sizeof(path), THP "hugepages-%" PRIu64 "kB/enabled", t->size / 1024);
	if (chosen(path, mine, sizeof(mine)) && strcmp(mine, "inherit"))
		snprintf(all, sizeof(all), "%s", mine);
	if (!strcmp(all, "never"))
		because(t, "transparent huge pages are set to never");
	if (!strcmp(all, "madvise") && !(t->vma.flags & MMS_VMA_HUGEPAGE))
		because(t, "they are for who asks (madvise), and this VMA has no MADV_HUGEPAGE");
}

static void check_vma(struct thp *t)
{
	uint64_t start = t->addr & ~(t->size - 1), end = start + t->size;
	char a[16];

	if (t->vma.flags & MMS_VMA_NOHUGEPAGE)
		because(t, "the VMA has MADV_NOHUGEPAGE");
	if (t->vma.flags & MMS_VMA_HUGETLB)
		because(t, "the VMA is of hugetlb: its pages are from that pool");
	if (t->vma.flags & (MMS_VMA_IO | MMS_VMA_PFNMAP))
		because(t, "the VMA maps a device");
	if (t->vma.flags & MMS_VMA_FILE && !(t->vma.flags & MMS_VMA_SHMEM))
		because(t, "the VMA maps a file: its huge pages are its file system's affair");
	if (t->vma.flags & MMS_VMA_SHMEM)
		mms_say(t->v, "  shared memory: its mount or shmem_enabled decides, too\n");
	if (start < t->vma.start || end > t->vma.end || end < start)
		because(t, "the aligned %s from 0x%" PRIx64 " on, around it, do not fit into the VMA",
			mms_human(t->size, a), start);
	if (thp_disabled(t->pid))
		because(t, "the process has them disabled (prctl PR_SET_THP_DISABLE)");
}

static unsigned int thp_order(struct thp *t)
{
	unsigned int order = 0;
	char line[32];

	t->size = 0;
	if (read_line(THP "hpage_pmd_size", line, sizeof(line)))
		t->size = strtoull(line, NULL, 10);
	while (t->size && 1ULL << (t->v->buddy.page_shift + order) < t->size)
		order++;
	return order;
}

/* Is it one already? */
static bool is_huge(struct thp *t)
{
	struct mms_walk walk;

	if (mms_source_walk(t->v->source, t->pid, t->addr, &walk, NULL) || !walk.has_extent ||
	    walk.extent.state != MMS_PT_PRESENT)
		return false;
	if (walk.extent.level < 2) {
		mms_say(t->v, "  now: a small page, frame 0x%" PRIx64 "\n",
			     (uint64_t)(walk.extent.pa >> t->v->buddy.page_shift));
		return false;
	}
	mms_say(t->v, "  it is one: level %u, frame 0x%" PRIx64 "\n", walk.extent.level,
		     (uint64_t)(walk.extent.pa >> t->v->buddy.page_shift));
	mms_doc_str(t->v->doc, "huge", "yes");
	return true;
}

int mms_buddy_why_thp(struct mms_buddy_view *v, uint32_t pid, uint64_t addr, bool all, struct mms_err *err)
{
	struct thp t = { .v = v, .pid = pid, .addr = addr };
	struct mms_request req = { .size = sizeof(req), .pid = pid };
	struct mms_handler h = { .record = take_vma, .ctx = &t };
	unsigned int order;
	int rc;

	if (!strcmp(mms_source_name(v->source), "capture"))
		return mms_err_set(err, -EOPNOTSUPP, "PID:ADDR asks this machine's settings: not of a capture");
	rc = mms_source_stream(v->source, MMS_KIND_VMA, &req, &h, err);
	if (rc)
		return rc;
	if (!t.vma.end)
		return mms_err_set(err, -ENOENT, "PID %u: no VMA holds address 0x%" PRIx64, pid, addr);
	order = thp_order(&t);
	if (!order)
		return mms_err_set(err, -EOPNOTSUPP, "this kernel has no transparent huge pages (no " THP "hpage_pmd_size)");
	mms_say(v, "PID %u, 0x%" PRIx64 ": a huge page of order %u?\n  VMA 0x%" PRIx64 "-0x%" PRIx64 " %s\n",
		pid, addr, order, (uint64_t)t.vma.start, (uint64_t)t.vma.end, t.name);
	if (is_huge(&t))
		return 0;
	check_setting(&t);
	check_vma(&t);
	if (!t.reason)
		mms_say(v, "  settings, VMA and alignment allow it: a fault takes one if a block is free, and\n"
			     "  khugepaged later, if so; what blocks one:\n");
	return mms_buddy_why(v, order, NULL, all, err);
}
