// SPDX-License-Identifier: GPL-2.0
/* The source that asks the kernel module: debugfs for streams, netlink for a walk. */
#include "source/module.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "source/genl.h"
#include "source/pid.h"

#define READ_SIZE	(1024 * 1024)
#define PROC		"/proc"

/**
 * struct module - see source.h
 * @dir: the module's directory in debugfs
 * @genl: NULL where only the directory is used (tests)
 * @procfs: answers TASK and USAGE
 */
struct module {
	struct mms_source src;
	char *dir;
	struct mms_genl *genl;
	struct mms_source *procfs;
	unsigned char *buf;
};

static struct module *to_module(struct mms_source *s)
{
	return (struct module *)((char *)s - offsetof(struct module, src));
}

/* The mode of the lockdown LSM, or NULL where it cannot be told. */
static const char *lockdown_mode(void)
{
	FILE *f = fopen("/sys/kernel/security/lockdown", "re");
	const char *mode = NULL;
	char line[128];

	if (!f)
		return NULL;
	if (fgets(line, sizeof(line), f))
		mode = strstr(line, "[confidentiality]") ? "confidentiality" :
		       strstr(line, "[integrity]") ? "integrity" : NULL;
	fclose(f);
	return mode;
}

/* lockdown=integrity closes writable debugfs files, =confidentiality all. */
static int not_permitted(const char *path, struct mms_err *err)
{
	const char *mode = lockdown_mode();

	if (geteuid())
		return mms_err_set(err, -EACCES, "%s: not permitted: run as root", path);
	if (mode)
		return mms_err_set(err, -EACCES,
				   "%s: not permitted: the kernel is locked down (lockdown=%s): boot without it",
				   path, mode);
	return mms_err_set(err, -EACCES,
			   "%s: not permitted: CAP_SYS_ADMIN in the initial user namespace is needed, and a kernel without lockdown",
			   path);
}

int mms_debugfs_check(struct mms_err *err)
{
	static const char path[] = MMS_DEBUGFS "/mmscope/stream/frame";
	struct statfs fs;
	int fd;

	if (statfs(MMS_DEBUGFS, &fs) || fs.f_type != DEBUGFS_MAGIC)
		return mms_err_set(err, -ENOENT,
				   "debugfs is not mounted (run: mount -t debugfs none " MMS_DEBUGFS "; impossible if booted with debugfs=off)");
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (errno == EACCES || errno == EPERM)
		return not_permitted(path, err);
	return mms_err_set(err, -ENOENT, "%s: %s: reload the module", path, strerror(errno));
}

/* The kernel refused a request: the error is about the process, or about us. */
static int refused(const char *path, uint32_t pid, int code, struct mms_err *err)
{
	struct mms_pid_stat st;
	bool known;

	switch (code) {
	case -ESRCH:
	case -ENXIO:
	case -ENODATA:
		known = !mms_pid_stat_read(PROC, pid, &st, NULL);
		return mms_pid_error(code, pid, known ? &st : NULL, err);
	case -EOPNOTSUPP:
		return mms_err_set(err, code, "%s: the module cannot collect this here: see mmscope status", path);
	case -EPERM:
	case -EACCES:
		return not_permitted(path, err);
	case -ENOENT:
		return mms_err_set(err, code, "%s: not there: the module was unloaded, or debugfs unmounted", path);
	}
	return mms_err_set(err, code, "%s: %s", path, strerror(-code));
}

static int send_request(int fd, const struct mms_request *req)
{
	struct mms_request r = *req;
	ssize_t n;

	r.size = sizeof(r);
	r.pad = 0;
	n = write(fd, &r, sizeof(r));
	if (n < 0)
		return -errno;
	return n == sizeof(r) ? 0 : -EIO;
}

static int read_stream(struct module *m, int fd, const char *path, uint32_t pid,
		       struct mms_decoder *d, struct mms_err *err)
{
	struct mms_err inner = { "" };
	int rc = 0;

	while (!rc) {
		ssize_t n = read(fd, m->buf, READ_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return refused(path, pid, -errno, err);
		if (!n)
			rc = mms_decoder_end(d, &inner);
		if (!n)
			break;
		rc = mms_decoder_feed(d, m->buf, (size_t)n, NULL, &inner);
	}
	if (rc < 0 && inner.text[0])
		mms_err_set(err, rc, "%s: %.380s", path, inner.text);
	return rc < 0 ? rc : 0;
}

static int debugfs_stream(struct module *m, const char *name, const struct mms_request *req,
			  const struct mms_handler *h, struct mms_err *err)
{
	struct mms_decoder *d = mms_decoder_new(h);
	char path[PATH_MAX];
	int fd, rc;

	if (!d)
		return mms_err_set(err, -ENOMEM, "out of memory");
	snprintf(path, sizeof(path), "%s/stream/%s", m->dir, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	rc = fd < 0 ? -errno : send_request(fd, req);
	if (rc)
		refused(path, req->pid, rc, err);
	else
		rc = read_stream(m, fd, path, req->pid, d, err);
	if (fd >= 0)
		close(fd);
	mms_decoder_free(d);
	return rc == -EPERM ? -EACCES : rc;
}

static int module_stream(struct mms_source *s, enum mms_kind kind,
			 const struct mms_request *req,
			 const struct mms_handler *h, struct mms_err *err)
{
	/* its files in debugfs; others are procfs's own figures */
	static const char *const names[__MMS_KIND_MAX] = {
		[MMS_KIND_VMA] = "vma", [MMS_KIND_PGTABLE] = "pgtable",
		[MMS_KIND_ZONES] = "zones", [MMS_KIND_FRAMES] = "frames",
		[MMS_KIND_KMAP] = "kmap", [MMS_KIND_OWNERS] = "owners",
		[MMS_KIND_BUDDY] = "buddy", [MMS_KIND_LRU] = "lru",
		[MMS_KIND_FRAME] = "frame", [MMS_KIND_SWAP] = "swap",
		[MMS_KIND_CACHE] = "cache", [MMS_KIND_VMALLOC] = "vmalloc",
		[MMS_KIND_KTABLES] = "ktables",
		[MMS_KIND_SLAB] = "slab",
	};
	struct module *m = to_module(s);
	int rc;

	if (kind < __MMS_KIND_MAX && names[kind]) {
		rc = debugfs_stream(m, names[kind], req, h, err);
		/* /proc has them where the module cannot; the header says who wrote */
		if (rc != -EOPNOTSUPP || (kind != MMS_KIND_VMALLOC && kind != MMS_KIND_SLAB))
			return rc;
	}
	return mms_source_stream(m->procfs, kind, req, h, err);
}

static int module_walk(struct mms_source *s, uint32_t pid, uint64_t addr,
		       struct mms_walk *out, struct mms_err *err)
{
	struct module *m = to_module(s);
	struct mms_pid_stat st;
	int rc = mms_genl_walk(m->genl, pid, addr, out, err);

	if (rc == -ESRCH || rc == -ENXIO || rc == -ENODATA) {
		bool known = !mms_pid_stat_read(PROC, pid, &st, NULL);

		return mms_pid_error(rc, pid, known ? &st : NULL, err);
	}
	return rc;
}

static int module_pids(struct mms_source *s, int (*fn)(void *ctx, uint32_t pid),
		       void *ctx, struct mms_err *err)
{
	return mms_source_pids(to_module(s)->procfs, fn, ctx, err);
}

static void module_close(struct mms_source *s)
{
	struct module *m = to_module(s);

	mms_genl_close(m->genl);
	mms_source_close(m->procfs);
	free(m->dir);
	free(m->buf);
	free(m);
}

static const struct mms_source_ops module_ops = {
	.name = "module",
	.stream = module_stream,
	.walk = module_walk,
	.pids = module_pids,
	.close = module_close,
};

/* Without netlink (tests) a walk is built from a stream, as for a capture. */
static const struct mms_source_ops module_dir_ops = {
	.name = "module",
	.stream = module_stream,
	.pids = module_pids,
	.close = module_close,
};

static struct module *new_module(const char *dir, const struct mms_source_ops *ops)
{
	struct module *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->src.ops = ops;
	m->dir = strdup(dir);
	m->buf = malloc(READ_SIZE);
	if (m->dir && m->buf)
		return m;
	module_close(&m->src);
	return NULL;
}

int mms_source_open_module_at(struct mms_source **out, const char *dir, struct mms_err *err)
{
	struct module *m = new_module(dir, &module_dir_ops);
	int rc;

	if (!m)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = mms_source_open_procfs(&m->procfs, err);
	if (rc) {
		module_close(&m->src);
		return rc;
	}
	*out = &m->src;
	return 0;
}

/* Does it answer, in our ABI, and do its files open? */
static int check_module(struct module *m, struct mms_err *err)
{
	struct mms_info info;
	int rc = mms_genl_open(&m->genl, err);

	if (!rc)
		rc = mms_genl_info(m->genl, &info, err);
	if (!rc)
		rc = mms_check_abi(&info, err);
	return rc ? rc : mms_debugfs_check(err);
}

int mms_source_open_module(struct mms_source **out, struct mms_err *err)
{
	struct module *m = new_module(MMS_DEBUGFS "/mmscope", &module_ops);
	int rc;

	*out = NULL;
	if (!m)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = check_module(m, err);
	if (!rc)
		rc = mms_source_open_procfs(&m->procfs, err);
	if (rc) {
		module_close(&m->src);
		return rc;
	}
	*out = &m->src;
	return 0;
}
