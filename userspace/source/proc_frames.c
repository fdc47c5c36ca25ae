// SPDX-License-Identifier: GPL-2.0
/* FRAMES from /proc/kpageflags: what the kernel's own interface says of each frame. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "source/kpage.h"
#include "source/procfs.h"
#include "source/zonespan.h"

#define ENTRIES		8192
#define RANGES		256

/* bits of /proc/kpageflags (linux/kernel-page-flags.h; those above 31 are not in it) */
#define BIT(n)		(1ULL << (n))
#define K_LRU		BIT(5)
#define K_SLAB		BIT(7)
#define K_BUDDY		BIT(10)
#define K_MMAP		BIT(11)
#define K_ANON		BIT(12)
#define K_SWAPCACHE	BIT(13)
#define K_SWAPBACKED	BIT(14)
#define K_HUGE		BIT(17)
#define K_HWPOISON	BIT(19)
#define K_NOPAGE	BIT(20)
#define K_KSM		BIT(21)
#define K_THP		BIT(22)
#define K_OFFLINE	BIT(23)
#define K_ZERO		BIT(24)
#define K_PGTABLE	BIT(26)
#define K_RESERVED	BIT(32)

struct range {
	uint64_t pfn, end;
};

struct frames {
	struct mms_feed *f;
	struct mms_frame_run run;
	struct mms_zone_spans zones;
	struct range ram[RANGES];
	size_t nram;
	uint64_t image_pfn, image_end;
	uint64_t untrue;	/* flags that this kernel sets and that mean nothing */
};

/* 6.12 says KSM of every anonymous page: merged ones are anon then, too. */
static uint64_t untrue_flags(const char *root)
{
	struct mms_err err;
	struct mms_kpage *k;
	uint64_t flags = 0;

	if (!mms_kpage_open(&k, root, &err)) {
		flags = k->ksm_untrue ? K_KSM : 0;
		mms_kpage_close(k);
	}
	return flags;
}

static FILE *open_text(const char *root, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return fopen(path, "re");
}

static int read_zones(struct frames *x, const char *root)
{
	char path[PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), "%s/zoneinfo", root);
	rc = mms_zone_spans_read(&x->zones, path);
	return rc == -EBADMSG ? -ENODATA : rc;
}

/* Where there is RAM: a frame with a struct page may be none. */
static int read_ram(struct frames *x, const char *root)
{
	FILE *f = open_text(root, "iomem");
	uint64_t first, last;
	char line[256];

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %" SCNx64 "-%" SCNx64, &first, &last) != 2)
			continue;
		if (strstr(line, " : System RAM") && x->nram < RANGES) {
			x->ram[x->nram].pfn = (first + 4095) >> 12;
			x->ram[x->nram++].end = (last + 1) >> 12;
		} else if (strstr(line, " : Kernel ")) {
			if (!x->image_end)
				x->image_pfn = first >> 12;
			x->image_end = (last >> 12) + 1;
		}
	}
	fclose(f);
	/* Who may not see the addresses is told that all are 0. */
	return x->nram && x->ram[x->nram - 1].end > 1 ? 0 : -EACCES;
}

static bool is_ram(const struct frames *x, uint64_t pfn)
{
	for (size_t i = 0; i < x->nram; i++)
		if (pfn >= x->ram[i].pfn && pfn < x->ram[i].end)
			return true;
	return false;
}

static uint32_t class_of(const struct frames *x, uint64_t k, uint64_t pfn)
{
	static const struct {
		uint64_t bit;
		uint32_t class;
	} map[] = {
		{ K_HWPOISON, MMS_FRAME_HWPOISON }, { K_BUDDY, MMS_FRAME_FREE },
		{ K_HUGE, MMS_FRAME_HUGETLB }, { K_SLAB, MMS_FRAME_SLAB },
		{ K_PGTABLE, MMS_FRAME_PGTABLE }, { K_OFFLINE, MMS_FRAME_OFFLINE },
		{ K_ZERO | K_THP, MMS_FRAME_HUGE_ZERO }, { K_ZERO, MMS_FRAME_ZERO },
		{ K_KSM, MMS_FRAME_KSM }, { K_ANON, MMS_FRAME_ANON },
		{ K_SWAPBACKED | K_LRU, MMS_FRAME_SHMEM }, { K_LRU, MMS_FRAME_FILE },
	};

	if (mms_zone_no_page(&x->zones, pfn, k))
		return is_ram(x, pfn) ? MMS_FRAME_OFFLINE_BLOCK : MMS_FRAME_HOLE;
	for (size_t i = 0; i < sizeof(map) / sizeof(*map); i++)
		if ((k & map[i].bit) == map[i].bit)
			return map[i].class;
	if (k & K_RESERVED) {
		if (!is_ram(x, pfn))
			return MMS_FRAME_HOLE;
		return pfn >= x->image_pfn && pfn < x->image_end ? MMS_FRAME_KERNEL :
								   MMS_FRAME_RESERVED;
	}
	return k & K_MMAP ? MMS_FRAME_DRIVER : MMS_FRAME_UNKNOWN;
}

static int put_run(struct frames *x)
{
	int rc = 0;

	if (x->run.count)
		rc = mms_encode_record(&x->f->enc, &x->run.head, NULL, 0);
	x->run.count = 0;
	return rc;
}

static int add(struct frames *x, uint64_t pfn, uint64_t k)
{
	uint32_t zone = k & K_NOPAGE ? MMS_ZONE_UNKNOWN : mms_zone_of(&x->zones, pfn);
	uint32_t node = k & K_NOPAGE ? UINT32_MAX : mms_zone_node_of(&x->zones, pfn);
	uint32_t class = class_of(x, k, pfn);
	int rc;

	if (x->run.count && x->run.class == class && x->run.zone == zone && x->run.node == node) {
		x->run.count++;
		return 0;
	}
	rc = put_run(x);
	x->run.head.type = MMS_REC_FRAME_RUN;
	x->run.pfn = pfn;
	x->run.count = 1;
	x->run.class = class;
	x->run.zone = zone;
	x->run.node = node;
	return rc;
}

static int read_flags(struct frames *x, int fd, const struct mms_request *req, struct mms_trailer *t)
{
	static uint64_t buf[ENTRIES];
	uint64_t pfn = req->start;
	int rc = 0;

	while (!rc && (!req->end || pfn < req->end)) {
		uint64_t want = req->end && req->end - pfn < ENTRIES ? req->end - pfn : ENTRIES;
		ssize_t n = pread(fd, buf, want * 8, (off_t)(pfn * 8));

		if (n < 0)
			return -errno;
		if (!n)
			break;
		for (ssize_t i = 0; i < n / 8 && !rc; i++)
			rc = add(x, pfn++, buf[i] & ~x->untrue);
		t->entries += (uint64_t)n / 8;
	}
	return rc ? rc : put_run(x);
}

/* See mms_proc_machine_fn. */
int mms_proc_frames(const char *root, const struct mms_request *req, struct mms_feed *f,
		    struct mms_trailer *t, struct mms_err *err)
{
	struct frames *x = calloc(1, sizeof(*x));
	char path[PATH_MAX];
	int fd, rc;

	if (!x)
		return mms_err_set(err, -ENOMEM, "out of memory");
	x->f = f;
	x->untrue = untrue_flags(root);
	snprintf(path, sizeof(path), "%s/kpageflags", root);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	rc = fd < 0 ? -errno : read_zones(x, root);
	if (!rc)
		rc = read_ram(x, root);
	if (!rc)
		rc = read_flags(x, fd, req, t);
	if (rc == -EACCES || rc == -EPERM)
		mms_err_set(err, -EACCES, "%s: not permitted: run as root", path);
	else if (rc == -ENOENT)
		rc = mms_err_set(err, -EOPNOTSUPP,
				 "%s: not there: this kernel was built without CONFIG_PROC_PAGE_MONITOR: load the module (mmscope load)",
				 path);
	if (fd >= 0)
		close(fd);
	free(x);
	return rc == -EPERM ? -EACCES : rc;
}
