// SPDX-License-Identifier: GPL-2.0
/* mmscope tlb --trace: a trace of accesses and invalidations, step by step. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/tlbtrace.h"
#include "source/memfile.h"
#include "util/text.h"
#include "view/tlb.h"

#define C(n, t, h) { .name = n, .type = MMS_COL_##t, .shown = true, .help = h }

enum { COL_LINE, COL_CPU, COL_STEP, COL_TLB, COL_ALLOWED, COL_MAX };

static const struct mms_column columns[COL_MAX] = {
	[COL_LINE]	= C("LINE", NUM, ""),
	[COL_CPU]	= C("CPU", NUM, ""),
	[COL_STEP]	= C("STEP", STR, ""),
	[COL_TLB]	= C("TLB", STR, ""),
	[COL_ALLOWED]	= C("ALLOWED", STR, ""),
};

/* struct view - one invocation */
struct view {
	struct mms_render render;
	struct mms_memfile *file;
	struct mmu_mem mem;
	struct mms_tlb_trace *trace;
	struct mms_table *table;
	struct mms_doc *doc;
};

static size_t answer_text(const struct mmu_tlb_cached *a, uint64_t va, char *buf, size_t size)
{
	char human[16];

	if (!a->present)
		return (size_t)snprintf(buf, size, "#PF%s", a->fresh ? "" : " (stale)");
	return (size_t)snprintf(buf, size, "%#" PRIx64 " r%c%c %s %s%s%s",
				a->pa | (va & ((UINT64_C(1) << a->shift) - 1)),
				a->rights & MMU_TLB_W ? 'w' : '-', a->rights & MMU_TLB_X ? 'x' : '-',
				a->rights & MMU_TLB_U ? "user" : "kernel", mms_human(1ULL << a->shift, human),
				a->global ? " global" : "", a->fresh ? "" : " (stale)");
}

/* All answers, that of a walk now first. */
static void answers_text(const struct mms_tlb_step *s, char *buf, size_t size)
{
	size_t n = 0;
	int fresh, i;

	buf[0] = '\0';
	for (fresh = 1; fresh >= 0; fresh--)
		for (i = 0; i < s->nanswers && n + 4 < size; i++) {
			if (s->answers[i].fresh != !!fresh)
				continue;
			n += (size_t)snprintf(buf + n, size - n, "%s", n ? "; " : "");
			n += answer_text(&s->answers[i], s->va, buf + n, size - n);
		}
}

static const char *tlb_text(const struct mms_tlb_step *s)
{
	if (s->fault)
		return "miss, #PF";
	return s->hit == 1 ? "hit 1" : s->hit == 2 ? "hit 2" : "miss";
}

static int add_step(struct view *v, const struct mms_tlb_step *s, struct mms_err *err)
{
	struct mms_line *l = mms_table_line(v->table, NULL);
	char text[4096];

	if (!l)
		return mms_err_set(err, -ENOMEM, "out of memory");
	mms_line_num(v->table, l, COL_LINE, s->line);
	mms_line_num(v->table, l, COL_CPU, s->cpu);
	mms_line_str(v->table, l, COL_STEP, mms_neutral(s->text, text, sizeof(text)));
	if (!s->access) {
		/* of these nothing is asked: blank, where an access says "-" */
		if (!v->render.json) {
			mms_line_str(v->table, l, COL_TLB, "");
			mms_line_str(v->table, l, COL_ALLOWED, "");
		}
		return 0;
	}
	if (s->hit >= 0)
		mms_line_str(v->table, l, COL_TLB, tlb_text(s));
	answers_text(s, text, sizeof(text));
	mms_line_str(v->table, l, COL_ALLOWED, text);
	return 0;
}

static void show_reach(struct view *v, const struct mms_tlb_sums *s)
{
	static const char *const sizes[] = { "4K", "2M", "1G" };
	char human[16], key[32];
	int level, i;

	for (level = 1; level <= 2; level++)
		for (i = 0; i < 3; i++) {
			if (!s->reach[level][i])
				continue;
			mms_doc_text(v->doc, "reach of level %d with pages of %s: %s\n", level, sizes[i],
				     mms_human(s->reach[level][i], human));
			snprintf(key, sizeof(key), "reach_%d_%s", level, sizes[i]);
			mms_doc_num(v->doc, key, (int64_t)s->reach[level][i]);
		}
}

static void show_sums(struct view *v)
{
	struct mms_tlb_sums s;

	mms_tlb_trace_sums(v->trace, &s);
	mms_doc_text(v->doc, "\n%" PRIu64 " accesses, %" PRIu64 " of which may get a stale answer\n", s.accesses, s.stale);
	mms_doc_num(v->doc, "accesses", (int64_t)s.accesses);
	mms_doc_num(v->doc, "stale", (int64_t)s.stale);
	if (!s.simulated) {
		mms_doc_text(v->doc, "hits and misses not known: the trace describes no TLB ('tlb 1 4K 16 4')\n");
		return;
	}
	mms_doc_text(v->doc, "%" PRIu64 " hits in level 1, %" PRIu64 " in level 2, %" PRIu64 " misses, %" PRIu64 " page faults\n",
		     s.hits[1], s.hits[2], s.misses, s.faults);
	mms_doc_num(v->doc, "hits_1", (int64_t)s.hits[1]);
	mms_doc_num(v->doc, "hits_2", (int64_t)s.hits[2]);
	mms_doc_num(v->doc, "misses", (int64_t)s.misses);
	mms_doc_num(v->doc, "faults", (int64_t)s.faults);
	show_reach(v, &s);
}

static int show(struct view *v, struct mms_err *err)
{
	static struct mms_tlb_step step;
	struct mms_err ignored;
	int rc;

	v->doc = mms_doc_begin(&v->render);
	if (!v->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	while ((rc = mms_tlb_trace_next(v->trace, &step, err)) > 0) {
		rc = add_step(v, &step, err);
		if (rc)
			break;
	}
	if (!rc)
		rc = mms_doc_table(v->doc, v->table, err);
	if (!rc)
		show_sums(v);
	if (rc) {
		mms_doc_end(v->doc, &ignored);
		return rc;
	}
	return mms_doc_end(v->doc, err);
}

static int parse_mode(const char *word, enum mmu_mode *mode, struct mms_err *err)
{
	char shown[64];

	*mode = MMU_MODE_X86_4LEVEL;
	if (!word || !strcmp(word, "4level") || !strcmp(word, "4-level"))
		return 0;
	*mode = MMU_MODE_X86_5LEVEL;
	if (!strcmp(word, "5level") || !strcmp(word, "5-level"))
		return 0;
	return mms_err_set(err, -EINVAL, "--mode '%s': traces are run in 4level or 5level",
			   mms_neutral(word, shown, sizeof(shown)));
}

static int open_trace(struct view *v, const char *path, enum mmu_mode mode, struct mms_err *err)
{
	FILE *f = fopen(path, "re");
	struct mms_err why;
	char shown[256];
	int rc;

	mms_neutral(path, shown, sizeof(shown));
	if (!f) {
		rc = -errno;
		return mms_err_set(err, rc == -EINVAL ? -EIO : rc, "%s: %s", shown, strerror(-rc));
	}
	rc = mms_tlb_trace_read(&v->trace, f, &v->mem, mode, &why);
	fclose(f);
	return rc ? mms_err_set(err, rc, "%s: %s", shown, why.text) : 0;
}

int mms_tlb_trace_view(const struct mms_globals *g, const char *trace, const char *mem, const char *mode_word)
{
	struct view v = { .render = g->render };
	struct mms_err err = { "" };
	enum mmu_mode mode;
	int rc;

	rc = parse_mode(mode_word, &mode, &err);
	if (!rc)
		rc = mms_table_new(&v.table, &v.render, "steps", columns, COL_MAX, &err);
	if (!rc)
		rc = mms_memfile_open(&v.file, mem, &err);
	v.mem = (struct mmu_mem){ .read = mms_memfile_read, .ctx = v.file };
	if (!rc)
		rc = open_trace(&v, trace, mode, &err);
	if (!rc)
		rc = show(&v, &err);
	mms_table_free(v.table);
	mms_tlb_trace_free(v.trace);
	mms_memfile_close(v.file);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}
