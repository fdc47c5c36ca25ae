// SPDX-License-Identifier: GPL-2.0
/* What /proc/PID/stat says of a process, and the errors that follow from it. */
#include "source/pid.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "util/parse.h"
#include "util/text.h"

#define PF_KTHREAD	0x00200000	/* linux/sched.h; the same since 2.6.27 */

/* Field numbers of /proc/PID/stat as proc(5) counts them. */
enum { F_STATE = 3, F_PPID = 4, F_FLAGS = 9, F_THREADS = 20, F_START = 22 };

static int read_text(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int rc;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	rc = n < 0 ? -errno : 0;
	buf[n < 0 ? 0 : n] = '\0';
	close(fd);
	return rc;
}

static void take_field(struct mms_pid_stat *st, int field, uint64_t v)
{
	switch (field) {
	case F_PPID:
		st->ppid = (uint32_t)v;
		break;
	case F_FLAGS:
		st->kthread = v & PF_KTHREAD;
		break;
	case F_THREADS:
		st->threads = (uint32_t)v;
		break;
	case F_START:
		st->start_ticks = v;
		break;
	}
}

/* The name may hold ") R 1": it ends at the last parenthesis. */
static int parse_stat(const char *text, struct mms_pid_stat *st)
{
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	int field = F_STATE;
	size_t len;

	if (!open || !close || close < open || close[1] != ' ' || !close[2])
		return -EIO;
	len = (size_t)(close - open - 1);
	len = len < sizeof(st->comm) ? len : sizeof(st->comm) - 1;
	memcpy(st->comm, open + 1, len);
	st->state = close[2];
	for (const char *p = close + 3; *p == ' ' && field < F_START;) {
		uint64_t v = 0;

		field++;
		p++;
		if (*p == '-')
			p++;
		if (!mms_scan_u64(&p, 10, &v))
			return -EIO;
		take_field(st, field, v);
	}
	return field == F_START ? 0 : -EIO;
}

int mms_pid_stat_read(const char *root, uint32_t pid, struct mms_pid_stat *st,
		      struct mms_err *err)
{
	char path[PATH_MAX], text[1024];
	int rc;

	memset(st, 0, sizeof(*st));
	snprintf(path, sizeof(path), "%s/%u/stat", root, pid);
	rc = read_text(path, text, sizeof(text));
	if (rc == -ENOENT || rc == -ESRCH)
		return mms_pid_error(-ESRCH, pid, NULL, err);
	if (!rc)
		rc = parse_stat(text, st);
	if (rc)
		return mms_err_set(err, rc, "%s: %s", path, strerror(-rc));
	return 0;
}

int mms_pid_check(const char *root, uint32_t pid, struct mms_pid_stat *st,
		  struct mms_err *err)
{
	struct mms_pid_stat own;
	int rc;

	st = st ? st : &own;
	rc = mms_pid_stat_read(root, pid, st, err);
	if (rc)
		return rc;
	if (st->kthread)
		return mms_pid_error(-ENXIO, pid, st, err);
	if (st->state == 'Z' || st->state == 'X')
		return mms_pid_error(-ENODATA, pid, st, err);
	return 0;
}

static const char *explain(int code, const struct mms_pid_stat *st)
{
	switch (code) {
	case -ESRCH:
		return "no such process: see ps -e";
	case -ENXIO:
		return "a kernel thread: it has no user address space; give the PID of a user process";
	case -ENODATA:
		if (st && st->threads > 1)
			return "its main thread has exited, others run on: give the ID of one of them (ls /proc/PID/task)";
		if (st && st->state != 'Z')
			return "exited while it was looked at: it has no memory any more";
		return "has exited, its parent has not yet reaped it: it has no memory any more";
	case -EACCES:
		if (geteuid())
			return "not permitted: it belongs to another user; run as root";
		return "not permitted, not even for root: CAP_SYS_PTRACE is missing, or a security module forbids it";
	}
	return strerror(-code);
}

int mms_pid_error(int code, uint32_t pid, const struct mms_pid_stat *st,
		  struct mms_err *err)
{
	char shown[256];

	if (!st || !st->comm[0])
		return mms_err_set(err, code, "PID %u: %s", pid, explain(code, st));
	return mms_err_set(err, code, "PID %u (%s): %s", pid,
			   mms_neutral(st->comm, shown, sizeof(shown)),
			   explain(code, st));
}
