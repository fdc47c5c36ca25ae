// SPDX-License-Identifier: GPL-2.0
/* Reads a process, reads again what differed, and tells change from error. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/vec.h"
#include "model/verify.h"
#include "model/verify_pass.h"
#include "util/text.h"

#define RETRIES		5
#define PAUSE_US	1000

/* struct group - differences that are read again together */
struct group {
	struct mms_diff *diffs;
	size_t n;
	uint64_t start;
	uint64_t end;
	bool smaps;
};

struct verify {
	struct mms_source *source;
	const struct mms_verify_opts *opts;
	struct mms_verify_result *res;
	struct mms_err *err;
	bool kernel;
	bool user_root;
	size_t diffs_cap;
};

static int on_task(void *ctx, const struct mms_record *rec)
{
	struct mms_verify_result *res = ctx;
	const struct mms_task *t = (const struct mms_task *)rec;
	char comm[sizeof(t->comm) + 1] = "";

	if (rec->type != MMS_REC_TASK || t->pid != res->pid)
		return 0;
	memcpy(comm, t->comm, sizeof(t->comm));
	mms_neutral(comm, res->comm, sizeof(res->comm));
	if (t->flags & MMS_TASK_KTHREAD)
		res->outcome = MMS_VERIFY_KTHREAD;
	else if (t->flags & MMS_TASK_ZOMBIE)
		res->outcome = MMS_VERIFY_ZOMBIE;
	return 0;
}

/* A source without task records leaves the name unknown, no more. */
static int read_task(struct verify *v)
{
	struct mms_request req = { .size = sizeof(req), .pid = v->res->pid };
	struct mms_handler h = { .record = on_task, .ctx = v->res };
	struct mms_err err = { "" };
	int rc = mms_source_stream(v->source, MMS_KIND_TASK, &req, &h, &err);

	if (rc == -ESRCH && !v->opts->frozen)
		return mms_err_set(v->err, rc, "%s", err.text);
	return 0;
}

static bool is_smaps(const struct mms_diff *d)
{
	return d->kind == MMS_DIFF_RSS || d->kind == MMS_DIFF_SWAP ||
	       d->kind == MMS_DIFF_HUGETLB || d->kind == MMS_DIFF_VMA;
}

/* The raw entry is left out: its accessed bit comes and goes. */
static bool same(const struct mms_diff *a, const struct mms_diff *b)
{
	return a->kind == b->kind && a->va == b->va && a->ours == b->ours &&
	       a->theirs == b->theirs;
}

static bool found_in(const struct mms_diff *d, const struct mms_diff *in, size_t n)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (in[mid].va < d->va)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < n && in[lo].va == d->va; lo++)
		if (same(&in[lo], d))
			return true;
	return false;
}

/* Keep those of the group that another reading shows again, unchanged. */
static int reread(struct verify *v, struct group *g)
{
	struct mms_verify_result scratch = { .pid = v->res->pid };
	struct mms_pass p = {
		.source = v->source, .opts = v->opts, .res = &scratch,
		.err = v->err, .start = g->start, .end = g->end,
		.want_smaps = g->smaps, .kernel = v->kernel, .user_root = v->user_root,
	};
	struct mms_verify_opts quiet = *v->opts;
	size_t i, n = 0;
	int rc;

	quiet.progress = NULL;
	p.opts = &quiet;
	rc = mms_pass_run(&p);
	if (!rc) {
		for (i = 0; i < g->n; i++)
			if (found_in(&g->diffs[i], p.diffs, p.ndiffs))
				g->diffs[n++] = g->diffs[i];
		g->n = n;
	}
	mms_pass_free(&p);
	return rc;
}

static int keep_mismatches(struct verify *v, const struct group *g)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		if (mms_vec_grow(&v->res->diffs, &v->diffs_cap,
				 v->res->mismatches, sizeof(*g->diffs)))
			return mms_err_set(v->err, -ENOMEM, "out of memory");
		v->res->diffs[v->res->mismatches++] = g->diffs[i];
	}
	return 0;
}

static int settle_group(struct verify *v, struct group *g)
{
	unsigned int retries = v->opts->retries ? v->opts->retries : RETRIES;
	useconds_t pause = v->opts->pause_us ? v->opts->pause_us : PAUSE_US;
	size_t n = g->n;
	unsigned int i;
	int rc = 0;

	/* A file says the same however often it is read. */
	for (i = 0; i < retries && g->n && !v->opts->frozen; i++, pause *= 2) {
		usleep(pause);
		rc = reread(v, g);
		if (rc)
			return rc;
	}
	v->res->moved += n - g->n;
	return keep_mismatches(v, g);
}

/* The VMA that holds @va as [*start, *end); outside all, 2 MiB around it. */
static void surroundings(const struct mms_pass *p, uint64_t va, uint64_t *start,
			 uint64_t *end)
{
	size_t lo = 0, hi = p->nvmas;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->vmas[mid].end <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	*start = va & ~0x1fffffULL;
	*end = *start + 0x200000;
	if (lo < p->nvmas && p->vmas[lo].start <= va) {
		*start = p->vmas[lo].start;
		*end = p->vmas[lo].end;
	}
}

static void add_to_group(struct group *g, const struct mms_diff *d)
{
	if (d->start < g->start)
		g->start = d->start;
	if (d->end > g->end)
		g->end = d->end;
	g->smaps |= is_smaps(d);
	g->n++;
}

/* Sorted differences, VMA by VMA. */
static int settle(struct verify *v, struct mms_pass *p)
{
	uint64_t start, end;
	size_t i = 0;
	int rc = 0;

	while (i < p->ndiffs && !rc) {
		struct group g = {
			.diffs = &p->diffs[i], .start = UINT64_MAX,
		};

		surroundings(p, p->diffs[i].va, &start, &end);
		for (; i < p->ndiffs && p->diffs[i].va < end; i++)
			add_to_group(&g, &p->diffs[i]);
		rc = settle_group(v, &g);
	}
	return rc;
}

/* Present entries about which some witness said otherwise at first. */
static uint64_t differing_entries(const struct mms_pass *p)
{
	uint64_t n = 0, last = UINT64_MAX;
	size_t i;

	for (i = 0; i < p->ndiffs; i++) {
		if (!p->diffs[i].counted || p->diffs[i].start == last)
			continue;
		last = p->diffs[i].start;
		n++;
	}
	return n;
}

static int verify_pages(struct verify *v)
{
	struct mms_pass p = {
		.source = v->source, .opts = v->opts, .res = v->res,
		.err = v->err, .want_smaps = true, .kernel = v->kernel, .user_root = v->user_root,
	};
	int rc = mms_pass_run(&p);

	if (!rc && v->kernel && p.no_mmu)
		rc = mms_err_set(v->err, -EOPNOTSUPP, "the kernel's page tables: %.400s",
				 v->res->no_mmu.text);
	v->res->no_root = v->kernel && !p.seen_root;

	if (!rc) {
		v->res->agree = v->res->translations - differing_entries(&p);
		rc = settle(v, &p);
	}
	mms_pass_free(&p);
	return rc;
}

int mms_verify_process(struct mms_source *s, uint32_t pid,
		       const struct mms_verify_opts *o,
		       struct mms_verify_result *res, struct mms_err *err)
{
	struct verify v = { .source = s, .opts = o, .res = res, .err = err };
	int rc;

	memset(res, 0, sizeof(*res));
	res->pid = pid;
	rc = read_task(&v);
	if (!rc && res->outcome == MMS_VERIFY_DONE)
		rc = verify_pages(&v);
	switch (rc) {
	case -ESRCH:
	case -ENODATA:
		res->outcome = MMS_VERIFY_GONE;
		return 0;
	case -ENXIO:
		res->outcome = MMS_VERIFY_KTHREAD;
		return 0;
	default:
		return rc;
	}
}

int mms_verify_kernel(struct mms_source *s, bool user_root, const struct mms_verify_opts *o,
		      struct mms_verify_result *res, struct mms_err *err)
{
	struct verify v = {
		.source = s, .opts = o, .res = res, .err = err, .kernel = true, .user_root = user_root,
	};

	memset(res, 0, sizeof(*res));
	return verify_pages(&v);
}

void mms_verify_free(struct mms_verify_result *res)
{
	free(res->diffs);
	res->diffs = NULL;
}
