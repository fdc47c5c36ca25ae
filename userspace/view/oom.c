// SPDX-License-Identifier: GPL-2.0
/* mmscope oom: whom the OOM killer would take, and how to change its mind. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cmd.h"
#include "source/pid.h"
#include "util/text.h"

extern const struct mms_command mms_cmd_oom;

#define PROC		"/proc"
#define ADJ_MIN		(-1000)
#define ADJ_MAX		1000

enum { COL_PID, COL_SCORE, COL_ADJ, COL_RSS, COL_SWAP, COL_PGTABLES, COL_UID, COL_COMM, COL_CMD };

static const struct mms_column columns[] = {
	[COL_PID] = { "PID", MMS_COL_NUM, true, false, false, "process ID" },
	[COL_SCORE] = { "SCORE", MMS_COL_NUM, true, false, false, "oom_score: the highest is killed first" },
	[COL_ADJ] = { "ADJ", MMS_COL_NUM, true, false, false, "oom_score_adj: -1000 never .. 1000 first" },
	[COL_RSS] = { "RSS", MMS_COL_SIZE, true, false, false, "resident memory" },
	[COL_SWAP] = { "SWAP", MMS_COL_SIZE, true, false, false, "memory in swap" },
	[COL_PGTABLES] = { "PGTABLES", MMS_COL_SIZE, true, false, false, "page tables" },
	[COL_UID] = { "UID", MMS_COL_NUM, true, false, false, "real user ID" },
	[COL_COMM] = { "COMM", MMS_COL_STR, true, false, false, "name" },
	[COL_CMD] = { "CMD", MMS_COL_STR, true, false, true, "command line" },
};

static int64_t top;		/* --top; 0 = all */
static bool dry_run;		/* --dry-run */

/* What is kept of a task: its command line ready to show. */
struct victim {
	struct mms_task task;
	char *cmd;
};

struct victims {
	struct mms_source *source;
	struct victim *v;
	size_t n;
	size_t room;
	struct mms_err *err;
};

/* "a\0b\0" -> "a b", neutralised. */
static char *shown_cmdline(const struct mms_task *t)
{
	size_t size = (size_t)t->cmdline_len * 4 + 8;
	char *raw = malloc(t->cmdline_len + 1), *shown = malloc(size);

	if (raw && shown) {
		memcpy(raw, mms_task_cmdline(t), t->cmdline_len);
		raw[t->cmdline_len] = '\0';
		for (uint32_t i = 0; i + 1 < t->cmdline_len; i++)
			if (!raw[i])
				raw[i] = ' ';
		mms_neutral(raw, shown, size);
	}
	free(raw);
	return shown;
}

static int take_task(void *ctx, const struct mms_record *rec)
{
	const struct mms_task *t = (const void *)rec;
	struct victims *all = ctx;

	if (rec->type != MMS_REC_TASK || t->flags & MMS_TASK_KTHREAD)
		return 0;
	if (all->n == all->room) {
		size_t room = all->room ? all->room * 2 : 64;
		void *more = realloc(all->v, room * sizeof(*all->v));

		if (!more)
			return -ENOMEM;
		all->v = more;
		all->room = room;
	}
	all->v[all->n].task = *t;
	all->v[all->n].cmd = t->known & MMS_TASK_K_CMDLINE && t->cmdline_len ?
			     shown_cmdline(t) : NULL;
	all->n++;
	return 0;
}

/* A process that is gone by now is no victim, and a capture may lack one. */
static int take_pid(void *ctx, uint32_t pid)
{
	struct victims *all = ctx;
	struct mms_request req = { .size = sizeof(req), .pid = pid };
	struct mms_handler h = { .record = take_task, .ctx = all };
	int rc = mms_source_stream(all->source, MMS_KIND_TASK, &req, &h, all->err);

	if (rc == -ESRCH || rc == -ENODATA || rc == -EOPNOTSUPP)
		return 0;
	if (rc == -ENOMEM)
		mms_err_set(all->err, rc, "out of memory");
	return rc;
}

static uint64_t rss(const struct mms_task *t)
{
	return t->rss_anon + t->rss_file + t->rss_shmem;
}

/* Score, then memory, both falling; then PID. */
static int worst_first(const void *a, const void *b)
{
	const struct mms_task *x = &((const struct victim *)a)->task;
	const struct mms_task *y = &((const struct victim *)b)->task;

	if (x->oom_score != y->oom_score)
		return x->oom_score < y->oom_score ? 1 : -1;
	if (rss(x) != rss(y))
		return rss(x) < rss(y) ? 1 : -1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int add_line(struct mms_table *tb, const struct victim *v)
{
	struct mms_line *l = mms_table_line(tb, NULL);
	const struct mms_task *t = &v->task;
	char comm[sizeof(t->comm) * 4];

	if (!l)
		return -ENOMEM;
	mms_line_num(tb, l, COL_PID, t->pid);
	if (t->known & MMS_TASK_K_OOM_SCORE)
		mms_line_num(tb, l, COL_SCORE, t->oom_score);
	if (t->known & MMS_TASK_K_OOM_ADJ)
		mms_line_num(tb, l, COL_ADJ, (int32_t)t->oom_score_adj);
	if (t->known & MMS_TASK_K_VM) {
		mms_line_size(tb, l, COL_RSS, rss(t));
		mms_line_size(tb, l, COL_SWAP, t->swap);
	}
	if (t->known & MMS_TASK_K_PGTABLES)
		mms_line_size(tb, l, COL_PGTABLES, t->pgtables);
	if (t->known & MMS_TASK_K_UID)
		mms_line_num(tb, l, COL_UID, t->uid);
	mms_line_str(tb, l, COL_COMM, mms_neutral((const char *)t->comm, comm, sizeof(comm)));
	mms_line_str(tb, l, COL_CMD, v->cmd);
	return 0;
}

static int show(const struct mms_globals *g, const struct victims *all, struct mms_err *err)
{
	size_t n = top && (size_t)top < all->n ? (size_t)top : all->n;
	struct mms_table *tb;
	int rc = mms_table_new(&tb, &g->render, "processes", columns,
			       sizeof(columns) / sizeof(*columns), err);

	for (size_t i = 0; !rc && i < n; i++)
		if (add_line(tb, &all->v[i]))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_table_print(tb, err);
	mms_table_free(tb);
	return rc;
}

/* TASK records are /proc's figures, whatever else is loaded: no notice. */
static int open_tasks(const struct mms_globals *g, struct mms_source **out, struct mms_err *err)
{
	return mms_source_open(out, g->from, g->from || g->source ? g->source : "procfs",
			       NULL, err);
}

static int list(const struct mms_globals *g)
{
	struct mms_err err = { "" };
	struct victims all = { .err = &err };
	int rc = open_tasks(g, &all.source, &err);

	if (!rc)
		rc = mms_source_pids(all.source, take_pid, &all, &err);
	if (!rc && !all.n)
		rc = mms_err_set(&err, -ENODATA, "no process was recorded in this capture: record with TASK");
	if (!rc) {
		qsort(all.v, all.n, sizeof(*all.v), worst_first);
		rc = show(g, &all, &err);
	}
	for (size_t i = 0; i < all.n; i++)
		free(all.v[i].cmd);
	free(all.v);
	mms_source_close(all.source);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

/* oom set */

/**
 * struct change - one oom_score_adj being changed
 * @dir: /proc/PID, opened once: a reused PID cannot be hit by mistake
 */
struct change {
	uint32_t pid;
	int dir;
	struct mms_pid_stat st;
	char comm[256];
	int64_t want;
	int64_t adj[2];		/* before, after */
	int64_t score[2];
};

static int read_number(struct change *c, const char *file, int64_t *v)
{
	int fd = openat(c->dir, file, O_RDONLY | O_CLOEXEC);
	char text[32] = "";
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return (int)n;
	text[strcspn(text, "\n")] = '\0';
	return mms_parse_int(text, file, INT32_MIN, INT32_MAX, v, NULL);
}

static int read_state(struct change *c, int when, struct mms_err *err)
{
	int rc = read_number(c, "oom_score_adj", &c->adj[when]);

	if (!rc)
		rc = read_number(c, "oom_score", &c->score[when]);
	if (rc == -ESRCH || rc == -ENOENT)
		return mms_pid_error(-ESRCH, c->pid, NULL, err);
	if (rc)
		return mms_err_set(err, rc == -EINVAL ? -EIO : rc, "PID %u (%s): reading oom_score_adj: %s",
				   c->pid, c->comm, strerror(-rc));
	return 0;
}

static int write_refused(const struct change *c, int code, struct mms_err *err)
{
	if (code == -EACCES && c->want < c->adj[0])
		return mms_err_set(err, code,
				   "PID %u (%s): oom_score_adj %" PRId64 " -> %" PRId64 " refused: going below the lowest value that a privileged process set needs CAP_SYS_RESOURCE: run as root with that capability",
				   c->pid, c->comm, c->adj[0], c->want);
	if (code == -EACCES || code == -EPERM)
		return mms_err_set(err, -EACCES,
				   "PID %u (%s): not permitted: it belongs to another user; run as root",
				   c->pid, c->comm);
	if (code == -ESRCH || code == -ENOENT)
		return mms_pid_error(-ESRCH, c->pid, NULL, err);
	return mms_err_set(err, code == -EINVAL ? -EIO : code, "PID %u (%s): writing oom_score_adj: %s",
			   c->pid, c->comm, strerror(-code));
}

static int write_adj(const struct change *c, struct mms_err *err)
{
	int fd = openat(c->dir, "oom_score_adj", O_WRONLY | O_CLOEXEC);
	char text[16];
	int n = snprintf(text, sizeof(text), "%" PRId64, c->want);
	int rc = 0;

	if (fd < 0)
		return write_refused(c, -errno, err);
	if (write(fd, text, (size_t)n) != n)
		rc = -errno;
	close(fd);
	return rc ? write_refused(c, rc, err) : 0;
}

/* The process, held so that it stays the one that was asked for. */
static int open_process(struct change *c, struct mms_err *err)
{
	char path[64];

	snprintf(path, sizeof(path), PROC "/%u", c->pid);
	c->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->dir < 0)
		return mms_pid_error(-ESRCH, c->pid, NULL, err);
	return mms_pid_check(PROC, c->pid, &c->st, err);
}

static int show_change(const struct mms_globals *g, const struct change *c, struct mms_err *err)
{
	struct mms_doc *d = mms_doc_begin(&g->render);

	if (!d)
		return mms_err_set(err, -ENOMEM, "out of memory");
	mms_doc_num(d, "pid", c->pid);
	mms_doc_str(d, "comm", c->comm);
	mms_doc_str(d, "dry_run", dry_run ? "yes" : "no");
	mms_doc_num(d, "adj_before", c->adj[0]);
	mms_doc_num(d, "adj_after", c->adj[1]);
	mms_doc_num(d, "score_before", c->score[0]);
	mms_doc_text(d, "PID %u (%s): oom_score_adj %" PRId64 " -> %" PRId64,
		     c->pid, c->comm, c->adj[0], c->adj[1]);
	if (dry_run) {
		mms_doc_text(d, ", oom_score %" PRId64 " now (dry run: nothing was written)\n", c->score[0]);
	} else {
		mms_doc_num(d, "score_after", c->score[1]);
		mms_doc_text(d, ", oom_score %" PRId64 " -> %" PRId64 "\n", c->score[0], c->score[1]);
	}
	if (c->adj[1] == ADJ_MIN)
		mms_doc_text(d, "With -1000 the OOM killer never chooses this process.\n");
	if (!dry_run)
		mms_doc_text(d, "Undo: mmscope oom set %u %" PRId64 "\n", c->pid, c->adj[0]);
	return mms_doc_end(d, err);
}

static int change(const struct mms_globals *g, struct change *c, struct mms_err *err)
{
	int rc = open_process(c, err);

	if (rc)
		return rc;
	mms_neutral(c->st.comm, c->comm, sizeof(c->comm));
	rc = read_state(c, 0, err);
	if (!rc && !dry_run) {
		rc = write_adj(c, err);
		if (!rc)
			rc = read_state(c, 1, err);
	} else if (!rc) {
		c->adj[1] = c->want;
	}
	return rc ? rc : show_change(g, c, err);
}

static int set(const struct mms_globals *g, int argc, char **argv)
{
	struct change c = { .dir = -1 };
	struct mms_err err = { "" };
	int rc;

	if (argc != 2)
		return mms_usage(&mms_cmd_oom, "set wants a PID and a value from %d to %d", ADJ_MIN, ADJ_MAX);
	if (g->from || (g->source && strcmp(g->source, "procfs")))
		return mms_usage(&mms_cmd_oom, "set changes this machine: --from and --source mean nothing here");
	rc = mms_parse_pid(argv[0], &c.pid, &err);
	if (!rc)
		rc = mms_parse_int(argv[1], "oom_score_adj", ADJ_MIN, ADJ_MAX, &c.want, &err);
	if (!rc)
		rc = change(g, &c, &err);
	if (c.dir >= 0)
		close(c.dir);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

enum { OPT_TOP = 1000, OPT_DRY_RUN };

static const struct option longopts[] = {
	{ "top", required_argument, NULL, OPT_TOP },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ 0 },
};

static int oom_option(int val, const char *arg)
{
	struct mms_err err;

	if (val == OPT_DRY_RUN)
		dry_run = true;
	else if (mms_parse_int(arg, "--top", 1, INT32_MAX, &top, &err))
		return mms_usage(&mms_cmd_oom, "%s", err.text);
	return 0;
}

static int oom_run(const struct mms_globals *g, int argc, char **argv)
{
	char shown[64];

	if (argc && !strcmp(argv[0], "set"))
		return set(g, argc - 1, argv + 1);
	if (argc)
		return mms_usage(&mms_cmd_oom, "it knows 'set', not '%s'",
				 mms_neutral(argv[0], shown, sizeof(shown)));
	if (dry_run)
		return mms_usage(&mms_cmd_oom, "--dry-run belongs to 'oom set'");
	return list(g);
}

const struct mms_command mms_cmd_oom = {
	.name = "oom",
	.summary = "Processes as the OOM killer ranks them; change a rank",
	.usage = "[--top N] | oom set [--dry-run] PID ADJ",
	.options = "      --top N           only the N most likely victims\n"
		   "      --dry-run         with set: say what would change, write nothing\n",
	.examples = "  mmscope oom --top 5            the five most likely victims\n"
		    "  mmscope oom -o PID,SCORE,CMD   chosen columns\n"
		    "  mmscope oom set 1234 -500      protect PID 1234; prints how to undo it\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = sizeof(columns) / sizeof(*columns),
	.option = oom_option,
	.run = oom_run,
};
