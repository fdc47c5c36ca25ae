// SPDX-License-Identifier: GPL-2.0
/* mmscope verify: every translation against software MMU, pagemap and smaps. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"
#include "model/vec.h"
#include "model/verify.h"
#include "view/verify.h"

extern const struct mms_command mms_cmd_verify;

enum {
	COL_PID, COL_COMM, COL_TRANSLATIONS, COL_AGREE, COL_MOVED, COL_MISMATCH,
	COL_ABSENT, COL_PAGEMAP, COL_HOLES, COL_SKIPPED, COL_SMAPS, COL_TABLES,
	COL_ENTRIES, COL_STATUS,
	COL_MAX
};

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

static const struct mms_column columns[COL_MAX] = {
	[COL_PID]	= C("PID", NUM, true, "process"),
	[COL_COMM]	= C("COMM", STR, true, "its name"),
	[COL_TRANSLATIONS] = C("TRANSLATIONS", NUM, true, "present entries (replayed by the software MMU if it knows the machine)"),
	[COL_AGREE]	= C("AGREE", NUM, true, "of these, all witnesses agreed at first reading"),
	[COL_MOVED]	= C("MOVED", NUM, true, "differences that were gone or other when read again"),
	[COL_MISMATCH]	= C("MISMATCH", NUM, true, "differences that stayed: somebody is wrong"),
	[COL_ABSENT]	= C("ABSENT", NUM, false, "swap and other entries that the MMU must refuse"),
	[COL_PAGEMAP]	= C("PAGEMAP", NUM, false, "4K pages of entries compared with pagemap"),
	[COL_HOLES]	= C("HOLES", NUM, true, "pages without an entry compared with pagemap"),
	[COL_SKIPPED]	= C("SKIPPED", NUM, false, "such pages beyond the limit, not compared"),
	[COL_SMAPS]	= C("SMAPS", NUM, true, "VMAs whose Rss and Swap were compared with smaps"),
	[COL_TABLES]	= C("TABLES", NUM, false, "page tables read"),
	[COL_ENTRIES]	= C("ENTRIES", NUM, false, "raw entries read"),
	[COL_STATUS]	= C("STATUS", STR, false, "checked, mismatch, gone"),
};

static bool want_all;
static bool want_kernel;
static bool verbose;

/* When progress begins to be shown, and how often. */
#define PROGRESS_AFTER_S	2.0
#define PROGRESS_EVERY_S	0.5

/* struct sum - over all processes */
struct sum {
	uint64_t processes;
	uint64_t translations;
	uint64_t moved;
	uint64_t mismatches;
	uint64_t pages;
	uint64_t holes;
	uint64_t skipped;
	uint64_t smaps;
	uint64_t gone;
	uint64_t kthreads;
	uint64_t zombies;
	uint64_t failed;
};

/* struct view - one invocation */
struct view {
	struct mms_source *source;
	struct mms_verify_opts opts;
	struct mms_table *table;
	struct mms_doc *doc;
	const struct mms_render *render;
	struct sum sum;
	struct mms_err no_mmu;
	struct mms_err no_pagemap;
	struct mms_err no_smaps;
	uint32_t *pids;
	size_t npids;
	size_t pids_cap;
	size_t at;
	struct mms_verify_result *results;
	size_t nresults;
	double started;
	double told;
	bool tty;
	bool hint;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void progress(void *ctx, uint64_t translations)
{
	struct view *v = ctx;
	double t;

	if (!v->tty)
		return;
	t = now();
	if (t - v->started < PROGRESS_AFTER_S || t - v->told < PROGRESS_EVERY_S)
		return;
	v->told = t;
	fprintf(stderr, "\rverify: process %zu of %zu (PID %u), %" PRIu64 " translations \033[K",
		v->at + 1, v->npids, v->pids[v->at],
		v->sum.translations + translations);
}

static void clear_progress(const struct view *v)
{
	if (v->told > 0)
		fputs("\r\033[K", stderr);
}

static void add_row(struct view *v, const struct mms_verify_result *r)
{
	struct mms_table *t = v->table;
	struct mms_line *l = mms_table_line(t, NULL);
	const char *status = r->mismatches ? "mismatch" :
			     r->outcome == MMS_VERIFY_GONE ? "gone" : "checked";

	if (!l)
		return;
	mms_line_num(t, l, COL_PID, r->pid);
	if (r->comm[0])
		mms_line_str(t, l, COL_COMM, r->comm);
	mms_line_num(t, l, COL_TRANSLATIONS, (int64_t)r->translations);
	mms_line_num(t, l, COL_AGREE, (int64_t)r->agree);
	mms_line_num(t, l, COL_MOVED, (int64_t)r->moved);
	mms_line_num(t, l, COL_MISMATCH, (int64_t)r->mismatches);
	mms_line_num(t, l, COL_ABSENT, (int64_t)r->absent);
	mms_line_num(t, l, COL_TABLES, (int64_t)r->tables);
	mms_line_num(t, l, COL_ENTRIES, (int64_t)r->entries);
	mms_line_str(t, l, COL_STATUS, status);
	if (!v->opts.frozen && !r->no_pagemap.text[0]) {
		mms_line_num(t, l, COL_PAGEMAP, (int64_t)r->pages);
		mms_line_num(t, l, COL_HOLES, (int64_t)r->holes);
		mms_line_num(t, l, COL_SKIPPED, (int64_t)r->holes_skipped);
	}
	if (!v->opts.frozen && !r->no_smaps.text[0])
		mms_line_num(t, l, COL_SMAPS, (int64_t)r->smaps);
}

static void count(struct view *v, const struct mms_verify_result *r)
{
	struct sum *s = &v->sum;

	switch (r->outcome) {
	case MMS_VERIFY_KTHREAD:
		s->kthreads++;
		return;
	case MMS_VERIFY_ZOMBIE:
		s->zombies++;
		return;
	case MMS_VERIFY_GONE:
		s->gone++;
		return;
	case MMS_VERIFY_DONE:
		s->processes++;
		break;
	}
	s->translations += r->translations;
	s->moved += r->moved;
	s->mismatches += r->mismatches;
	s->pages += r->pages;
	s->holes += r->holes;
	s->skipped += r->holes_skipped;
	s->smaps += r->smaps;
	if (r->no_mmu.text[0])
		v->no_mmu = r->no_mmu;
	if (r->no_pagemap.text[0])
		v->no_pagemap = r->no_pagemap;
	if (r->no_smaps.text[0])
		v->no_smaps = r->no_smaps;
}

/* One that was named must be there; of all, some come and go. */
static int named_but_absent(const struct mms_verify_result *r, struct mms_err *err)
{
	switch (r->outcome) {
	case MMS_VERIFY_KTHREAD:
		return mms_err_set(err, -ENXIO,
				   "PID %u is a kernel thread: it has no page tables of its own",
				   r->pid);
	case MMS_VERIFY_ZOMBIE:
		return mms_err_set(err, -ENODATA,
				   "PID %u is a zombie: it has exited and has no memory",
				   r->pid);
	case MMS_VERIFY_GONE:
		if (!err->text[0])
			mms_err_set(err, 0, "PID %u: no such process", r->pid);
		return -ESRCH;
	default:
		return 0;
	}
}

/* A stream that is damaged does not say whose it was. */
static void name_pid(uint32_t pid, struct mms_err *err)
{
	struct mms_err old = *err;

	if (!strstr(err->text, "PID"))
		mms_err_set(err, 0, "PID %u: %.480s", pid, old.text);
}

/* 0, or -errno that ends everything. */
static int check_one(struct view *v, uint32_t pid)
{
	struct mms_err err = { "" };
	struct mms_verify_result *r = &v->results[v->nresults];
	int rc = mms_verify_process(v->source, pid, &v->opts, r, &err);

	v->nresults++;
	if (rc == -ENOMEM) {
		mms_fail(rc, &err);
		return rc;
	}
	if (!rc) {
		count(v, r);
		if (!want_all)
			rc = named_but_absent(r, &err);
	}
	if (rc) {
		bool common = rc == -EOPNOTSUPP || (want_all && rc == -EACCES);

		clear_progress(v);
		v->sum.failed++;
		/* The same for all of them: say it once. */
		if (common && v->hint)
			return 0;
		v->hint |= common;
		name_pid(pid, &err);
		mms_fail(rc, &err);
		return rc == -EOPNOTSUPP ? rc : 0;
	}
	if (r->outcome == MMS_VERIFY_DONE ||
	    (r->outcome == MMS_VERIFY_GONE && r->translations))
		add_row(v, r);
	return 0;
}

static int check_all(struct view *v)
{
	int rc = 0;

	for (v->at = 0; v->at < v->npids && !rc; v->at++) {
		progress(v, 0);
		rc = check_one(v, v->pids[v->at]);
	}
	clear_progress(v);
	return rc;
}

static void print_asides(struct view *v)
{
	const struct sum *s = &v->sum;

	if (v->opts.frozen)
		mms_doc_text(v->doc, "a capture file: pagemap and smaps of that moment are not there to compare with\n");
	if (v->no_mmu.text[0])
		mms_doc_text(v->doc, "software MMU not asked: %s\n", v->no_mmu.text);
	if (v->no_pagemap.text[0])
		mms_doc_text(v->doc, "pagemap not compared: %s\n", v->no_pagemap.text);
	if (v->no_smaps.text[0])
		mms_doc_text(v->doc, "smaps not compared: %s\n", v->no_smaps.text);
	if (s->skipped)
		mms_doc_text(v->doc, "%" PRIu64 " pages of reserved address space were not compared with pagemap (limit reached)\n",
			     s->skipped);
	if (s->gone || s->kthreads || s->zombies)
		mms_doc_text(v->doc, "not checked: %" PRIu64 " exited meanwhile, %" PRIu64 " kernel threads, %" PRIu64 " zombies\n",
			     s->gone, s->kthreads, s->zombies);
}

/* null where the witness was not there */
static void num_if(struct mms_doc *d, bool known, const char *key, uint64_t v)
{
	if (known)
		mms_doc_num(d, key, (int64_t)v);
	else
		mms_doc_str(d, key, NULL);
}

static void print_verdict(struct view *v)
{
	const struct sum *s = &v->sum;
	bool pagemap = !v->opts.frozen && !v->no_pagemap.text[0];
	bool smaps = !v->opts.frozen && !v->no_smaps.text[0];
	bool mmu = !v->no_mmu.text[0];
	const char *witnesses = pagemap && smaps ? "the software MMU, pagemap and smaps" :
				pagemap ? "the software MMU and pagemap" :
				smaps ? "the software MMU and smaps" :
				"the software MMU";

	if (!mmu)
		witnesses = smaps ? "pagemap and smaps" : "pagemap";

	mms_doc_text(v->doc, "%" PRIu64 " translations of %" PRIu64 " %s checked by %s: %" PRIu64 " %s\n",
		     s->translations, s->processes,
		     s->processes == 1 ? "process" : "processes", witnesses,
		     s->mismatches, s->mismatches == 1 ? "mismatch" : "mismatches");
	mms_doc_num(v->doc, "processes", (int64_t)s->processes);
	mms_doc_num(v->doc, "translations", (int64_t)s->translations);
	mms_doc_num(v->doc, "moved", (int64_t)s->moved);
	mms_doc_num(v->doc, "mismatch_count", (int64_t)s->mismatches);
	mms_doc_str(v->doc, "no_software_mmu", mmu ? NULL : v->no_mmu.text);
	num_if(v->doc, pagemap, "pagemap_pages", s->pages);
	num_if(v->doc, pagemap, "holes", s->holes);
	num_if(v->doc, pagemap, "holes_skipped", s->skipped);
	num_if(v->doc, smaps, "smaps_vmas", s->smaps);
	mms_doc_num(v->doc, "gone", (int64_t)s->gone);
	mms_doc_num(v->doc, "kernel_threads", (int64_t)s->kthreads);
	mms_doc_num(v->doc, "zombies", (int64_t)s->zombies);
}

static int print(struct view *v, struct mms_err *err)
{
	struct mms_err ignored;
	int rc;

	v->doc = mms_doc_begin(v->render);
	if (!v->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = mms_doc_table(v->doc, v->table, err);
	if (!rc && v->render->json)
		rc = mms_verify_json_diffs(v->doc, v->render, v->results, v->nresults, err);
	if (!rc) {
		mms_doc_text(v->doc, "\n");
		mms_verify_print_diffs(v->doc, v->results, v->nresults, verbose);
		print_asides(v);
		print_verdict(v);
	}
	if (rc) {
		mms_doc_end(v->doc, &ignored);
		return rc;
	}
	return mms_doc_end(v->doc, err);
}

static int take_pid(void *ctx, uint32_t pid)
{
	struct view *v = ctx;

	if (mms_vec_grow(&v->pids, &v->pids_cap, v->npids, sizeof(*v->pids)))
		return -ENOMEM;
	v->pids[v->npids++] = pid;
	return 0;
}

static int choose_pids(struct view *v, int argc, char **argv, struct mms_err *err)
{
	uint32_t pid;
	int i, rc = 0;

	if (want_all)
		return mms_source_pids(v->source, take_pid, v, err);
	for (i = 0; i < argc && !rc; i++) {
		rc = mms_parse_pid(argv[i], &pid, err);
		if (!rc && take_pid(v, pid))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	}
	return rc;
}

static void release(struct view *v)
{
	size_t i;

	for (i = 0; i < v->nresults; i++)
		mms_verify_free(&v->results[i]);
	free(v->results);
	free(v->pids);
	mms_table_free(v->table);
	mms_source_close(v->source);
}

static int verify(struct view *v, struct mms_err *err)
{
	int rc;

	v->results = calloc(v->npids ? v->npids : 1, sizeof(*v->results));
	if (!v->results)
		return mms_fail(-ENOMEM, &(struct mms_err){ "out of memory" });
	if (check_all(v))
		return MMS_EXIT_MISMATCH;
	if (!v->sum.processes && v->sum.failed)
		return MMS_EXIT_MISMATCH;
	rc = print(v, err);
	if (rc)
		return mms_fail(rc, err);
	return v->sum.mismatches || v->sum.failed ? MMS_EXIT_MISMATCH : MMS_EXIT_OK;
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct view v = { .render = &g->render, .tty = isatty(STDERR_FILENO) };
	struct mms_err err = { "" };
	int rc;

	if (want_kernel && (want_all || argc))
		return mms_usage(&mms_cmd_verify, "--kernel takes no PID and no --all: it is about the kernel's own tables");
	if (want_kernel)
		return mms_verify_kernel_view(g, verbose);
	if (want_all ? argc != 0 : argc < 1)
		return mms_usage(&mms_cmd_verify, want_all ? "--all takes no PID" :
				 "a PID, several, --all or --kernel is needed");
	rc = mms_table_new(&v.table, &g->render, "verify", columns, COL_MAX, &err);
	if (!rc)
		rc = mms_open_source(g, &v.source, &err);
	if (!rc)
		rc = choose_pids(&v, argc, argv, &err);
	if (!rc) {
		v.started = now();
		v.opts = (struct mms_verify_opts){
			.frozen = !strcmp(mms_source_name(v.source), "capture"),
			.progress = progress, .ctx = &v,
		};
		rc = verify(&v, &err);
	} else {
		rc = mms_fail(rc, &err);
	}
	release(&v);
	return rc;
}

static int option(int val, const char *arg)
{
	(void)arg;
	if (val == 'a')
		want_all = true;
	else if (val == 'v')
		verbose = true;
	else if (val == 'k')
		want_kernel = true;
	return 0;
}

static const struct option longopts[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "kernel", no_argument, NULL, 'k' },
	{ "verbose", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

const struct mms_command mms_cmd_verify = {
	.name = "verify",
	.summary = "Prove every translation: software MMU, pagemap, smaps",
	.usage = "[--verbose] PID... | --all | --kernel",
	.options = "      --all             every process\n"
		   "      --kernel          what the kernel's own page tables map; with PTI also\n"
		   "                        what of it user mode's tables have\n"
		   "      --verbose         all mismatches, not the first ten of each process\n",
	.examples =
		"  mmscope verify 1\n"
		"  mmscope verify --all -o +PAGEMAP,ENTRIES\n"
		"  mmscope verify --kernel\n"
		"  mmscope --from init.mms verify 1\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
