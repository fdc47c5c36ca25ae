// SPDX-License-Identifier: GPL-2.0
/* Reads /proc/kpagecount and /proc/kpageflags. */
#include "source/kpage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/words.h"

struct proc_kpage {
	struct mms_kpage base;
	int fd[MMS_KPAGE_FILES];
};

static const char *const names[MMS_KPAGE_FILES] = {
	[MMS_KPAGE_COUNT] = "kpagecount",
	[MMS_KPAGE_FLAGS] = "kpageflags",
};

static int proc_read(struct mms_kpage *k, enum mms_kpage_file file, uint64_t pfn,
		     size_t n, uint64_t *out)
{
	struct proc_kpage *p = (struct proc_kpage *)k;
	int64_t got = mms_pread_words(p->fd[file], pfn, n, out);

	if (got < 0)
		return (int)got;
	for (size_t i = (size_t)got; i < n; i++)
		out[i] = MMS_KPAGE_UNKNOWN;
	return 0;
}

static void proc_close(struct mms_kpage *k)
{
	struct proc_kpage *p = (struct proc_kpage *)k;

	for (int i = 0; i < MMS_KPAGE_FILES; i++)
		if (p->fd[i] >= 0)
			close(p->fd[i]);
	free(p);
}

static int open_error(const char *path, int code, struct mms_err *err)
{
	if (code == -EACCES || code == -EPERM)
		return mms_err_set(err, code, "%s: not permitted: run as root", path);
	if (code == -ENOENT)
		return mms_err_set(err, code,
				   "%s: this kernel has none (CONFIG_PROC_PAGE_MONITOR is off)", path);
	return mms_err_set(err, code, "%s: %s", path, strerror(-code));
}

/* Is a page of our own, which was never offered to KSM, said to be of KSM? */
static bool ksm_untrue(struct proc_kpage *p, const char *root)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t entry = 0, flags = 0;
	char path[PATH_MAX];
	unsigned char *page;
	int fd;

	snprintf(path, sizeof(path), "%s/self/pagemap", root);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd >= 0 && page != MAP_FAILED) {
		madvise(page, size, MADV_UNMERGEABLE);
		*(volatile unsigned char *)page = 1;
		if (pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)page / size * sizeof(entry))) !=
		    (ssize_t)sizeof(entry))
			entry = 0;
		/* present, and not the 0 that stands for a frame one may not know */
		entry = entry >> 63 ? entry & ((1ULL << 55) - 1) : 0;
		if (entry && proc_read(&p->base, MMS_KPAGE_FLAGS, entry, 1, &flags))
			flags = 0;
	}
	if (page != MAP_FAILED)
		munmap(page, size);
	if (fd >= 0)
		close(fd);
	return flags != MMS_KPAGE_UNKNOWN && flags & MMS_KPF_KSM;
}

int mms_kpage_open(struct mms_kpage **out, const char *root, struct mms_err *err)
{
	struct proc_kpage *p = calloc(1, sizeof(*p));
	char path[PATH_MAX];
	int rc = 0;

	*out = NULL;
	if (!p)
		return mms_err_set(err, -ENOMEM, "out of memory");
	p->base.read = proc_read;
	p->base.close = proc_close;
	for (int i = 0; i < MMS_KPAGE_FILES; i++)
		p->fd[i] = -1;
	for (int i = 0; !rc && i < MMS_KPAGE_FILES; i++) {
		snprintf(path, sizeof(path), "%s/%s", root, names[i]);
		p->fd[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (p->fd[i] < 0)
			rc = open_error(path, -errno, err);
	}
	if (rc) {
		proc_close(&p->base);
		return rc;
	}
	p->base.ksm_untrue = ksm_untrue(p, root);
	*out = &p->base;
	return 0;
}

void mms_kpage_close(struct mms_kpage *k)
{
	if (k && k->close)
		k->close(k);
}
