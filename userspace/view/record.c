// SPDX-License-Identifier: GPL-2.0
/* mmscope record: what a source says of processes and of the machine, into a capture file. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cmd.h"
#include "source/encode.h"
#include "util/text.h"

extern const struct mms_command mms_cmd_record;

static bool all_processes;	/* --all */
static bool machine;		/* --machine */

/**
 * struct recording - one capture file being written
 * @path: the file as it will be named
 * @temp: the file that is written until all is well; "" = @path itself, which
 *	is no regular file (a pipe, a device)
 * @no_tables: processes of which only the translations were recorded
 * @recorded: processes of which something was recorded
 * @kinds: kinds about the machine that were recorded
 * @gone: with --all, processes that have no memory or left meanwhile
 * @failed: processes that were asked for and not recorded, or not wholly
 * @pid: being recorded; 0 = the machine
 * @kind: of the stream being recorded
 * @records: so far
 * @broken: -errno of a write: nothing more can be recorded
 */
struct recording {
	struct mms_source *source;
	char path[PATH_MAX];
	char temp[PATH_MAX + 16];
	FILE *f;
	unsigned int recorded;
	unsigned int kinds;
	unsigned int streams;
	unsigned int no_tables;
	unsigned int gone;
	unsigned int failed;
	uint32_t pid;
	enum mms_kind kind;
	uint64_t records;
	int broken;
	time_t started;
	time_t reported;
};

/* A source's stream on its way into the file. */
struct copy {
	struct recording *r;
	struct mms_encoder enc;
};

/* A line on a terminal when it takes long; the next one overwrites it. */
static void progress(struct recording *r)
{
	time_t now = time(NULL);

	if (now - r->started <= 2 || now == r->reported || !isatty(STDERR_FILENO))
		return;
	if (r->pid)
		fprintf(stderr, "\r%u processes recorded, PID %u ...\033[K", r->recorded, r->pid);
	else
		fprintf(stderr, "\r%s, %" PRIu64 " records ...\033[K", mms_kind_name(r->kind), r->records);
	r->reported = now;
}

static int copied(struct copy *c, int rc)
{
	if (rc)
		c->r->broken = rc;
	return rc;
}

static int copy_header(void *ctx, const struct mms_stream_header *h)
{
	struct copy *c = ctx;

	return copied(c, mms_encode_begin(&c->enc, h));
}

static int copy_record(void *ctx, const struct mms_record *rec)
{
	struct copy *c = ctx;

	if (!(++c->r->records % 1024))
		progress(c->r);
	return copied(c, mms_encode_copy(&c->enc, rec));
}

static int copy_trailer(void *ctx, const struct mms_trailer *t)
{
	struct copy *c = ctx;

	return copied(c, mms_encode_end(&c->enc, t));
}

/* A stream that broke off in the middle leaves nothing behind. */
static int roll_back(struct recording *r, off_t start)
{
	if (fflush(r->f) || ftruncate(fileno(r->f), start) || fseeko(r->f, start, SEEK_SET)) {
		r->broken = errno ? -errno : -EIO;
		return r->broken;
	}
	return 0;
}

static int record_stream(struct recording *r, enum mms_kind kind, uint32_t pid,
			 uint32_t flags, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req), .flags = flags, .pid = pid };
	struct copy c = {
		.r = r,
		.enc = { .write = mms_write_file, .ctx = r->f, .with_crc = true },
	};
	struct mms_handler h = {
		.header = copy_header, .record = copy_record,
		.trailer = copy_trailer, .ctx = &c,
	};
	off_t start = ftello(r->f);
	int rc;

	r->kind = kind;
	rc = mms_source_stream(r->source, kind, &req, &h, err);
	if (!rc)
		r->streams++;
	else if (!r->broken && start >= 0)
		roll_back(r, start);
	return rc;
}

/* Page tables if the source has them, else what they translate to. */
static int record_pgtable(struct recording *r, uint32_t pid, struct mms_err *err)
{
	int rc = record_stream(r, MMS_KIND_PGTABLE, pid, MMS_REQ_ALL, err);

	if (rc != -EOPNOTSUPP || r->broken)
		return rc;
	rc = record_stream(r, MMS_KIND_PGTABLE, pid, MMS_REQ_EXTENTS, err);
	if (!rc)
		r->no_tables++;
	return rc;
}

static bool is_gone(int rc)
{
	return rc == -ESRCH || rc == -ENXIO || rc == -ENODATA;
}

/* One stream that is missing: said, unless the process left during --all. */
static bool missing(const struct recording *r, uint32_t pid, const char *what, int rc,
		    const struct mms_err *err)
{
	if (!rc || r->broken || (all_processes && is_gone(rc)))
		return false;
	fprintf(stderr, "mmscope: PID %u: %s was not recorded: %s\n", pid, what, err->text);
	return true;
}

/* VMAs first: a process without them has nothing worth a capture. */
static int record_pid(void *ctx, uint32_t pid)
{
	static const enum mms_kind kinds[] = { MMS_KIND_TASK, MMS_KIND_USAGE };
	struct recording *r = ctx;
	struct mms_err err = { "" };
	bool partial = false;
	int rc = record_stream(r, MMS_KIND_VMA, pid, 0, &err);

	if (rc && !r->broken) {
		if (all_processes && is_gone(rc)) {
			r->gone++;
			return 0;
		}
		fprintf(stderr, "mmscope: %s\n", err.text);
		r->failed++;
		return 0;
	}
	for (size_t i = 0; !r->broken && i < sizeof(kinds) / sizeof(*kinds); i++) {
		rc = record_stream(r, kinds[i], pid, 0, &err);
		partial |= missing(r, pid, mms_kind_name(kinds[i]), rc, &err);
	}
	if (!r->broken) {
		rc = record_pgtable(r, pid, &err);
		partial |= missing(r, pid, "PGTABLE", rc, &err);
	}
	r->failed += partial;
	r->recorded++;
	return r->broken;
}

/* What of a kind is recorded beside its plain records: what views of it ask for. */
static uint32_t machine_flags(enum mms_kind kind)
{
	switch (kind) {
	case MMS_KIND_BUDDY:
		return MMS_BUDDY_LISTS | MMS_BUDDY_SCAN;
	case MMS_KIND_LRU:
		return MMS_REQ_LRU_GENS;
	case MMS_KIND_KTABLES:
		return MMS_REQ_EXTENTS | MMS_REQ_TABLES;
	case MMS_KIND_VMALLOC:
		return MMS_REQ_VMALLOC_LAZY;
	default:
		return 0;
	}
}

/* With all that views ask for, or what the source has of it. */
static int record_kind(struct recording *r, enum mms_kind kind, struct mms_err *err)
{
	uint32_t flags = machine_flags(kind);
	int rc = record_stream(r, kind, 0, flags, err);

	if (rc == -EOPNOTSUPP && flags && !r->broken)
		rc = record_stream(r, kind, 0, 0, err);
	return rc;
}

/*
 * Every kind about the machine that the source answers and that can be asked
 * for as a whole.  Not FRAME: it answers questions about a frame, and a record
 * for each one of a machine is more than its census by a factor of a thousand.
 */
static int record_machine(struct recording *r)
{
	struct mms_err err = { "" };
	int rc;

	for (unsigned int kind = MMS_KIND_ZONES; !r->broken && kind < __MMS_KIND_MAX; kind++) {
		if (!mms_kind_fixed(kind) || kind == MMS_KIND_FRAME)
			continue;
		rc = record_kind(r, kind, &err);
		if (!rc) {
			r->kinds++;
		} else if (rc != -EOPNOTSUPP && !r->broken) {
			fprintf(stderr, "mmscope: %s was not recorded: %s\n", mms_kind_name(kind),
				err.text);
			r->failed++;
		}
	}
	return r->broken;
}

static bool anything(const struct recording *r)
{
	return r->recorded || r->kinds;
}

static int visit(void *ctx, uint32_t pid)
{
	struct recording *r = ctx;

	r->pid = pid;
	progress(r);
	return record_pid(ctx, pid);
}

/*
 * Write beside the file and rename at the end: a full disk leaves an older
 * capture as it was.  Something that is no regular file is written to as it is.
 */
static int open_output(struct recording *r, const char *file, struct mms_err *err)
{
	char shown[256];
	struct stat st;
	int fd;

	mms_neutral(file, shown, sizeof(shown));
	if (!realpath(file, r->path) && snprintf(r->path, PATH_MAX, "%s", file) >= PATH_MAX)
		return mms_err_set(err, -ENAMETOOLONG, "%s: %s", shown, strerror(ENAMETOOLONG));
	if (!stat(r->path, &st) && S_ISDIR(st.st_mode))
		return mms_err_set(err, -EISDIR, "%s: it is a directory: give a file name", shown);
	if (!access(r->path, F_OK) && !S_ISREG(st.st_mode)) {
		fd = open(r->path, O_WRONLY | O_CLOEXEC);
	} else {
		snprintf(r->temp, sizeof(r->temp), "%s.XXXXXX.tmp", r->path);
		fd = mkostemps(r->temp, 4, O_CLOEXEC);
		if (fd < 0)
			r->temp[0] = '\0';
	}
	if (fd >= 0)
		r->f = fdopen(fd, "w");
	if (!r->f)
		return mms_err_set(err, -errno, "%s: %s", shown, strerror(errno));
	return 0;
}

static int commit(struct recording *r, struct mms_err *err)
{
	char shown[256];
	int rc = r->broken;

	errno = 0;
	if (!rc && (fflush(r->f) || ferror(r->f)))
		rc = errno ? -errno : -EIO;
	if (!rc && r->temp[0] && fsync(fileno(r->f)))
		rc = -errno;
	if (fclose(r->f) && !rc)
		rc = -errno;
	r->f = NULL;
	if (!rc && anything(r) && r->temp[0] && rename(r->temp, r->path))
		rc = -errno;
	if (r->temp[0] && (rc || !anything(r)))
		unlink(r->temp);
	if (rc)
		return mms_err_set(err, rc, "writing %s: %s%s",
				   mms_neutral(r->path, shown, sizeof(shown)), strerror(-rc),
				   r->temp[0] ? ": nothing was kept, an older file is as it was" : "");
	return 0;
}

static int record_all(struct recording *r, int argc, char **argv, struct mms_err *err)
{
	uint32_t pid;
	int rc = machine ? record_machine(r) : 0;

	if (rc)
		return rc;
	if (all_processes)
		return mms_source_pids(r->source, visit, r, err);
	for (int i = 0; !rc && i < argc; i++) {
		rc = mms_parse_pid(argv[i], &pid, err);
		if (!rc)
			rc = visit(r, pid);
	}
	return rc;
}

static int summary(const struct mms_globals *g, const struct recording *r, struct mms_err *err)
{
	struct mms_doc *d = mms_doc_begin(&g->render);
	char shown[PATH_MAX];

	if (!d)
		return mms_err_set(err, -ENOMEM, "out of memory");
	mms_neutral(r->path, shown, sizeof(shown));
	mms_doc_str(d, "file", shown);
	mms_doc_num(d, "processes", r->recorded);
	mms_doc_num(d, "machine_kinds", r->kinds);
	mms_doc_num(d, "streams", r->streams);
	mms_doc_num(d, "failed", r->failed);
	mms_doc_num(d, "passed_over", r->gone);
	mms_doc_text(d, "%s: %u process%s%s, %u streams from %s", shown, r->recorded,
		     r->recorded == 1 ? "" : "es", r->kinds ? " and the machine" : "", r->streams,
		     mms_source_name(r->source));
	if (r->gone)
		mms_doc_text(d, "; %u without memory passed over (kernel threads, exited)", r->gone);
	mms_doc_text(d, "\n");
	mms_doc_num(d, "without_tables", r->no_tables);
	if (r->no_tables)
		mms_doc_text(d, "Page tables themselves were not recorded, only what they translate to: %s has no more.\n",
			     mms_source_name(r->source));
	return mms_doc_end(d, err);
}

/* Every PID is checked before the first is recorded. */
static int check_pids(int argc, char **argv, struct mms_err *err)
{
	uint32_t pid;
	int rc = 0;

	for (int i = 0; !rc && i < argc; i++)
		rc = mms_parse_pid(argv[i], &pid, err);
	return rc;
}

static int record_run(const struct mms_globals *g, int argc, char **argv)
{
	struct recording *r = calloc(1, sizeof(*r));
	struct mms_err err = { "" };
	int rc, end = 0, status = MMS_EXIT_OK;

	if (!r)
		return MMS_EXIT_MISMATCH;
	if (!argc || (all_processes && argc > 1) || (!all_processes && !machine && argc == 1)) {
		free(r);
		return mms_usage(&mms_cmd_record, "give a file, then PIDs, --all or --machine");
	}
	r->started = time(NULL);
	rc = check_pids(argc - 1, argv + 1, &err);
	if (!rc)
		rc = mms_open_source(g, &r->source, &err);
	if (!rc)
		rc = open_output(r, argv[0], &err);
	if (!rc) {
		rc = record_all(r, argc - 1, argv + 1, &err);
		if (r->reported)
			fputs("\r\033[K", stderr);
		end = commit(r, r->broken || !rc ? &err : NULL);
	}
	if (!rc && !end && anything(r))
		rc = summary(g, r, &err);
	if (rc || end)
		status = mms_fail(end ? end : rc, &err);
	else if (r->failed || !anything(r))
		status = MMS_EXIT_MISMATCH;
	mms_source_close(r->source);
	free(r);
	return status;
}

enum { OPT_ALL = 1000, OPT_MACHINE };

static const struct option longopts[] = {
	{ "all", no_argument, NULL, OPT_ALL },
	{ "machine", no_argument, NULL, OPT_MACHINE },
	{ 0 },
};

static int record_option(int val, const char *arg)
{
	(void)arg;
	if (val == OPT_ALL)
		all_processes = true;
	else
		machine = true;
	return 0;
}

const struct mms_command mms_cmd_record = {
	.name = "record",
	.summary = "Capture processes into a file, to be read with --from anywhere",
	.usage = "[--machine] FILE [PID...] | record --all [--machine] FILE",
	.options = "      --all             every process that has memory\n"
		   "      --machine         what is known of the machine: zones, buddy, lru, frames,\n"
		   "                        swap, cache: see each, and check, with --from\n"
		   "\n"
		   "FILE appears, or is replaced, when all is written.  Where something of a PID\n"
		   "could not be recorded this is said, FILE has the rest, and the status is 1.\n",
	.examples = "  mmscope record init.mms 1            PID 1\n"
		    "  mmscope record --all machine.mms     every process\n"
		    "  mmscope record --machine zones.mms   the machine, no process\n"
		    "  mmscope --from init.mms map 1        look at it later\n",
	.longopts = longopts,
	.option = record_option,
	.run = record_run,
};
