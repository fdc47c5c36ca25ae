// SPDX-License-Identifier: GPL-2.0
/* Page frames as /proc/kpageflags, kpagecount and kpagecgroup tell of them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "source/procfs.h"
#include "source/zonespan.h"

#define CHUNK		512

enum { FLAGS, COUNT, CGROUP, FILES };

static int open_file(const char *root, const char *name, struct mms_err *err)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		return mms_err_set(err, -EOPNOTSUPP, "%s: this kernel has no such file (CONFIG_PROC_PAGE_MONITOR): load the module",
				   path);
	if (errno == EACCES || errno == EPERM)
		return mms_err_set(err, -EACCES, "%s: not permitted: run as root", path);
	return mms_err_set(err, -errno, "%s: %s", path, strerror(errno));
}

/* Values of frames @pfn .. @pfn + @n - 1; how many there are, 0 behind the last. */
static ssize_t read_values(int fd, uint64_t pfn, size_t n, uint64_t *v)
{
	ssize_t got;

	if (fd < 0 || pfn > INT64_MAX / 8 - CHUNK)
		return 0;
	got = pread(fd, v, n * 8, (off_t)(pfn * 8));
	/* a position that the file cannot have is behind its end */
	if (got < 0)
		return errno == EINVAL || errno == EOVERFLOW ? 0 : -errno;
	return got / 8;
}

static void fill(struct mms_frame *f, uint64_t pfn, const struct mms_zone_spans *zones,
		 const uint64_t v[FILES], const bool have[FILES])
{
	memset(f, 0, sizeof(*f));
	f->head.type = MMS_REC_FRAME;
	f->pfn = pfn;
	f->state = !have[FLAGS] ? MMS_PFN_BEYOND :
		   mms_zone_no_page(zones, pfn, v[FLAGS]) ? MMS_PFN_HOLE : MMS_PFN_PAGE;
	if (f->state != MMS_PFN_PAGE)
		return;
	f->kpf = v[FLAGS];
	if (have[COUNT]) {
		f->mapcount = (uint32_t)v[COUNT];
		f->known |= MMS_FRAME_K_MAPCOUNT;
	}
	if (have[CGROUP]) {
		f->cgroup_ino = v[CGROUP];
		f->known |= MMS_FRAME_K_CGROUP;
	}
}

static int tell(const int fd[FILES], const struct mms_zone_spans *zones, uint64_t pfn, size_t n,
		struct mms_feed *feed)
{
	uint64_t v[FILES][CHUNK];
	ssize_t got[FILES];
	struct mms_frame f;
	int rc = 0;

	for (int i = 0; i < FILES; i++) {
		got[i] = read_values(fd[i], pfn, n, v[i]);
		if (got[i] < 0 && i == FLAGS)
			return (int)got[i];
	}
	for (size_t i = 0; !rc && i < n; i++) {
		uint64_t one[FILES];
		bool have[FILES];

		for (int k = 0; k < FILES; k++) {
			have[k] = (ssize_t)i < got[k];
			one[k] = have[k] ? v[k][i] : 0;
		}
		fill(&f, pfn + i, zones, one, have);
		rc = mms_encode_record(&feed->enc, &f.head, NULL, 0);
	}
	return rc;
}

int mms_proc_frame(const char *root, const struct mms_request *req, struct mms_feed *f,
		   struct mms_trailer *t, struct mms_err *err)
{
	uint64_t end = req->end && req->end - req->start <= MMS_FRAME_RANGE_MAX ?
		       req->end : req->start + MMS_FRAME_RANGE_MAX;
	int fd[FILES] = { open_file(root, "kpageflags", err), -1, -1 };
	int rc = fd[FLAGS] < 0 ? fd[FLAGS] : 0;
	struct mms_zone_spans zones;
	char path[PATH_MAX];

	(void)t;
	snprintf(path, sizeof(path), "%s/zoneinfo", root);
	if (mms_zone_spans_read(&zones, path))
		zones.n = 0;
	if (!rc) {
		fd[COUNT] = open_file(root, "kpagecount", NULL);
		fd[CGROUP] = open_file(root, "kpagecgroup", NULL);
	}
	for (uint64_t pfn = req->start; !rc && pfn < end; pfn += CHUNK) {
		rc = tell(fd, &zones, pfn, end - pfn < CHUNK ? (size_t)(end - pfn) : CHUNK, f);
		if (rc < 0)
			mms_err_set(err, rc, "%s/kpageflags: %s", root, strerror(-rc));
	}
	for (int i = 0; i < FILES; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	return rc;
}
