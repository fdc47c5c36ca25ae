// SPDX-License-Identifier: GPL-2.0
/*
 * Of which counter of an address space each of its pages is.
 *
 * The kernel decides by the page, not by the VMA (mm_counter() and
 * mm_counter_file() of include/linux/mm.h): anonymous, else shmem where it is
 * swap-backed (PG_swapbacked: tmpfs, memfd, an initramfs that is a tmpfs), else
 * file.  /proc/kpageflags says both.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>
#include "model/check_process.h"
#include "model/extent.h"

#define KPF_ANON	(1ULL << 12)
#define KPF_SWAPBACKED	(1ULL << 14)
#define KPF_HEAD	(1ULL << 15)
#define KPF_TAIL	(1ULL << 16)
#define KPF_ZERO_PAGE	(1ULL << 24)
#define FLAGS_AT_ONCE	512

static void add_page(struct mms_process *p, uint64_t flags, uint64_t bytes)
{
	if (flags & KPF_ZERO_PAGE)
		p->zero += bytes;
	else if (flags & KPF_ANON)
		p->anon += bytes;
	else if (flags & KPF_SWAPBACKED)
		p->shmem += bytes;
	else
		p->file += bytes;
}

/*
 * The flags of the large folio that a tail page belongs to: PG_swapbacked is
 * the head's alone.  Its own where the head is not found.
 */
static uint64_t head_flags(int fd, uint64_t pfn, uint64_t own)
{
	uint64_t flags[FLAGS_AT_ONCE];

	for (unsigned int tries = 0; tries < 8 && pfn; tries++) {
		uint64_t n = pfn < FLAGS_AT_ONCE ? pfn : FLAGS_AT_ONCE;

		if (pread(fd, flags, n * 8, (off_t)((pfn - n) * 8)) != (ssize_t)(n * 8))
			break;
		for (uint64_t i = n; i--;)
			if (!(flags[i] & KPF_TAIL))
				return flags[i] & KPF_HEAD ? flags[i] : own;
		pfn -= n;
	}
	return own;
}

static bool add_extent(struct mms_process *p, int fd, const struct mms_pt_extent *e)
{
	uint64_t flags[FLAGS_AT_ONCE], head = 0, page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t pfn = e->pa / page, left = e->len / page;
	bool inside = false;	/* @head is the folio's that the page before was in */

	while (left) {
		uint64_t n = left < FLAGS_AT_ONCE ? left : FLAGS_AT_ONCE;

		if (pread(fd, flags, n * 8, (off_t)(pfn * 8)) != (ssize_t)(n * 8))
			return false;
		for (uint64_t i = 0; i < n; i++) {
			if (!(flags[i] & KPF_TAIL))
				head = flags[i];
			else if (!inside)
				head = head_flags(fd, pfn + i, flags[i]);
			inside = true;
			add_page(p, head, page);
		}
		pfn += n;
		left -= n;
	}
	return true;
}

void mms_process_kinds(const struct mms_check *c, struct mms_process *p)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/kpageflags", c->proc);
	fd = c->frozen ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		snprintf(p->no_kinds, sizeof(p->no_kinds), "%s",
			 c->frozen ? "a capture has no page flags" : "/proc/kpageflags cannot be read: run as root");
		return;
	}
	for (size_t i = 0; i < p->snap->nregions; i++) {
		const struct mms_region *r = &p->snap->regions[i];

		if (r->vma.flags & MMS_VMA_HUGETLB)
			continue;
		for (size_t k = 0; k < r->nextents; k++) {
			const struct mms_pt_extent *e = &p->snap->extents[r->first_extent + k];

			if (mms_extent_counts(e) && !add_extent(p, fd, e))
				snprintf(p->no_kinds, sizeof(p->no_kinds),
					 "a page lies beyond /proc/kpageflags");
		}
	}
	close(fd);
}
