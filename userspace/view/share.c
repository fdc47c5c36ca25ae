// SPDX-License-Identifier: GPL-2.0
/* mmscope share: which frames processes share, and why; RSS, PSS and USS. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "util/text.h"
#include "view/share.h"

extern const struct mms_command mms_cmd_share;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

enum {
	COL_PID, COL_START, COL_END, COL_CLASS, COL_RSS, COL_PSS, COL_USS, COL_WITHIN,
	COL_OUTSIDE, COL_TWICE, COL_HUGETLB, COL_FILE, COL_SHMEM, COL_FORK, COL_KSM,
	COL_ZERO, COL_KERNEL, COL_UNKNOWN, COL_SMAPS_RSS, COL_SMAPS_PSS, COL_SMAPS_USS,
	COL_WITH, COL_COMM, COL_NAME,
	COL_MAX
};

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

static const struct mms_column columns[COL_MAX] = {
	[COL_PID]	= C("PID", NUM, true, "process ID"),
	[COL_START]	= C("START", HEX, false, "first address of the VMA (shown with --vmas)"),
	[COL_END]	= C("END", HEX, false, "first address after it (--vmas)"),
	[COL_CLASS]	= C("CLASS", STR, false, "what the VMA is for (shown with --vmas)"),
	[COL_RSS]	= C("RSS", SIZE, true, "in memory, without hugetlb and the zero page"),
	[COL_PSS]	= C("PSS", SIZE, true, "of it, each page divided by its mapcount"),
	[COL_USS]	= C("USS", SIZE, true, "of it, pages that are mapped once"),
	[COL_WITHIN]	= C("WITHIN", SIZE, true, "of it, what another of these processes maps, too"),
	[COL_OUTSIDE]	= C("OUTSIDE", SIZE, true, "of it, what only other processes map, too"),
	[COL_TWICE]	= C("TWICE", SIZE, false, "of it, what this process alone maps more than once"),
	[COL_HUGETLB]	= C("HUGETLB", SIZE, false, "hugetlb pages"),
	[COL_FILE]	= C("FILE", SIZE, false, "held with these processes: page cache"),
	[COL_SHMEM]	= C("SHMEM", SIZE, false, "likewise: shared memory, tmpfs, memfd"),
	[COL_FORK]	= C("FORK", SIZE, false, "likewise: anonymous, not copied since fork"),
	[COL_KSM]	= C("KSM", SIZE, false, "likewise: merged by KSM"),
	[COL_ZERO]	= C("ZERO", SIZE, false, "addresses that map the zero page"),
	[COL_KERNEL]	= C("KERNEL", SIZE, false, "held with these processes: the kernel's (vdso)"),
	[COL_UNKNOWN]	= C("UNKNOWN", SIZE, false, "likewise, why is not known"),
	[COL_SMAPS_RSS]	= C("SMAPS_RSS", SIZE, false, "RSS by smaps"),
	[COL_SMAPS_PSS]	= C("SMAPS_PSS", SIZE, false, "PSS by smaps, cut off to KiB for each VMA"),
	[COL_SMAPS_USS]	= C("SMAPS_USS", SIZE, false, "Private_Clean and Private_Dirty of smaps"),
	[COL_WITH]	= C("WITH", STR, false, "PIDs that hold some of its frames, too (--vmas)"),
	[COL_COMM]	= { .name = "COMM", .type = MMS_COL_STR, .shown = true, .trunc = true,
			    .help = "name of the process" },
	[COL_NAME]	= { .name = "NAME", .type = MMS_COL_STR, .trunc = true,
			    .help = "file or purpose of the VMA (shown with --vmas)" },
};

static bool want_vmas;		/* --vmas */
static bool want_all;		/* --all */
static int64_t top = -1;	/* --top; -1 = not given */

/* --- gathering --- */

static int gather(struct mms_share_view *v, struct mms_err *err)
{
	bool live = strcmp(mms_source_name(v->in.source), "capture");
	int rc;

	v->in.usage = v->render.json || (v->render.columns && strcasestr(v->render.columns, "smaps"));
	/* Counts and frames are younger than what maps them either way; a capture has neither. */
	rc = mms_share_gather_asked(&v->in, err);
	if (!rc && want_all)
		rc = mms_share_gather_others(&v->in, err);
	if (rc)
		return rc;
	if (live)
		mms_kpage_open(&v->in.share.kpage, "/proc", want_all ? NULL : &v->in.no_counts);
	if (live && !strcmp(mms_source_name(v->in.source), "module"))
		v->in.share.frames = mms_share_frames_new(v->in.source, &v->no_frames);
	if (!live && !want_all)
		mms_err_set(&v->in.no_counts, 0,
			    "a capture has no mapcounts: --all, if every process was recorded");
	v->in.share.count_tables = want_all && !v->in.no_counts.text[0];
	rc = mms_share_run(&v->in.share);
	if (rc)
		mms_err_set(err, rc, "%s", rc == -ENOMEM ? "out of memory" :
			    "/proc/kpagecount, kpageflags: cannot be read");
	return rc;
}

/* --- showing --- */

static const unsigned char cause_cols[MMS_SHARE_CAUSES] = {
	[MMS_SHARE_FILE] = COL_FILE, [MMS_SHARE_SHMEM] = COL_SHMEM,
	[MMS_SHARE_FORK] = COL_FORK, [MMS_SHARE_KSM] = COL_KSM,
	[MMS_SHARE_KERNEL] = COL_KERNEL, [MMS_SHARE_UNKNOWN] = COL_UNKNOWN,
};

static void set_sums(const struct mms_share *s, struct mms_table *t, struct mms_line *l,
		     const struct mms_share_sums *v)
{
	bool no_ksm = !s->frames && s->kpage && s->kpage->ksm_untrue;

	mms_line_size(t, l, COL_RSS, v->rss);
	if (!v->uncounted) {
		mms_line_size(t, l, COL_PSS, v->pss >> MMS_PSS_SHIFT);
		mms_line_size(t, l, COL_USS, v->uss);
		mms_line_size(t, l, COL_OUTSIDE, v->outside);
		mms_line_size(t, l, COL_TWICE, v->twice);
	}
	mms_line_size(t, l, COL_WITHIN, v->within);
	mms_line_size(t, l, COL_HUGETLB, v->hugetlb);
	mms_line_size(t, l, COL_ZERO, v->zero);
	for (unsigned int c = 0; c < MMS_SHARE_CAUSES; c++)
		if (cause_cols[c] && !(no_ksm && c == MMS_SHARE_KSM))
			mms_line_size(t, l, cause_cols[c], v->cause[c]);
}

static bool usage_has(const struct mms_usage *u, uint64_t bits)
{
	return (u->known & bits) == bits;
}

/* smaps' own figures of the regions from @first on, if all were read. */
static void set_smaps(struct mms_table *t, struct mms_line *l, const struct mms_snapshot *snap,
		      size_t first, size_t n)
{
	static const uint64_t need = MMS_USAGE_K(rss) | MMS_USAGE_K(pss) |
				     MMS_USAGE_K(private_clean) | MMS_USAGE_K(private_dirty);
	uint64_t rss = 0, pss = 0, uss = 0;

	for (size_t i = first; i < first + n; i++) {
		const struct mms_usage *u = &snap->regions[i].usage;

		if (!usage_has(u, need))
			return;
		rss += u->rss;
		pss += u->pss;
		uss += u->private_clean + u->private_dirty;
	}
	mms_line_size(t, l, COL_SMAPS_RSS, rss);
	mms_line_size(t, l, COL_SMAPS_PSS, pss);
	mms_line_size(t, l, COL_SMAPS_USS, uss);
}

static int add_proc(const struct mms_share *s, struct mms_table *t, const struct mms_share_proc *p)
{
	struct mms_line *l = mms_table_line(t, NULL);
	char comm[sizeof(p->snap->task.comm) * 4];

	if (!l)
		return -ENOMEM;
	mms_line_num(t, l, COL_PID, p->pid);
	set_sums(s, t, l, &p->sums);
	set_smaps(t, l, p->snap, 0, p->snap->nregions);
	mms_line_str(t, l, COL_COMM,
		     mms_neutral((const char *)p->snap->task.comm, comm, sizeof(comm)));
	return 0;
}

static int add_vma(const struct mms_share_view *v, struct mms_table *t, const struct mms_share_proc *p, size_t i)
{
	const struct mms_region *r = &p->snap->regions[i];
	struct mms_line *l = mms_table_line(t, NULL);
	char *with = mms_share_pids_of(&v->in.share, p->with + i * v->in.share.set_words, p);
	const char *slash = strrchr(r->path, '/');

	if (!l || !with) {
		free(with);
		return -ENOMEM;
	}
	mms_line_num(t, l, COL_PID, p->pid);
	mms_line_hex(t, l, COL_START, r->vma.start);
	mms_line_hex(t, l, COL_END, r->vma.end);
	mms_line_str(t, l, COL_CLASS, mms_class_name(r->class));
	set_sums(&v->in.share, t, l, &p->vmas[i]);
	set_smaps(t, l, p->snap, i, 1);
	mms_line_str(t, l, COL_WITH, with);
	mms_line_str(t, l, COL_NAME, r->path[0] == '/' && slash[1] ? slash + 1 :
		     r->path[0] ? r->path : r->name);
	free(with);
	return 0;
}

static int show_procs(struct mms_share_view *v, struct mms_err *err)
{
	const struct mms_render *r = want_vmas ? &v->plain : &v->render;
	struct mms_table *t = want_vmas ? NULL : v->table;
	int rc = 0;

	if (want_vmas)
		rc = mms_table_new(&t, r, "processes", columns, COL_MAX, err);
	for (size_t i = 0; !rc && i < v->in.share.nprocs; i++)
		if (v->in.share.procs[i].asked && add_proc(&v->in.share, t, &v->in.share.procs[i]))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_doc_table(v->doc, t, err);
	if (want_vmas)
		mms_table_free(t);
	return rc;
}

static int show_vmas(struct mms_share_view *v, struct mms_err *err)
{
	for (size_t i = 0; i < v->in.share.nprocs; i++) {
		const struct mms_share_proc *p = &v->in.share.procs[i];

		for (size_t k = 0; p->asked && k < p->snap->nregions; k++)
			if (add_vma(v, v->table, p, k))
				return mms_err_set(err, -ENOMEM, "out of memory");
	}
	return mms_doc_table(v->doc, v->table, err);
}

/* Who told why frames are shared, and of which it could not. */
static void footer_causes(struct mms_share_view *v)
{
	const struct mms_share *s = &v->in.share;

	mms_doc_str(v->doc, "causes", s->frames ? "module" : s->kpage ? "kpageflags" : NULL);
	if (s->frames) {
		mms_doc_num(v->doc, "moved", (int64_t)s->moved);
		mms_doc_text(v->doc, "causes from the frames' struct pages (module)\n");
	} else if (s->kpage) {
		mms_doc_text(v->doc, "causes from /proc/kpageflags\n");
	}
	if (v->no_frames.text[0])
		mms_doc_text(v->doc, "the module did not tell of frames: %s\n", v->no_frames.text);
	if (s->moved)
		mms_doc_text(v->doc, "cause unknown: %" PRIu64 " frames were given back before they were looked at\n",
			     s->moved);
	if (s->untold)
		mms_doc_text(v->doc, "%" PRIu64 " frames were not told of: %s\n", s->untold, s->frames->why.text);
	if (!s->frames && s->kpage && s->kpage->ksm_untrue)
		mms_doc_text(v->doc, "KSM not known: this kernel's kpageflags says it of all anonymous pages\n");
}

static void footer(struct mms_share_view *v)
{
	const struct mms_share *s = &v->in.share;
	const char *counts = s->count_tables ? "page tables" :
			     s->kpage && !want_all ? "kpagecount" : NULL;

	mms_doc_str(v->doc, "mapcounts", counts);
	mms_doc_num(v->doc, "counted", v->in.counted);
	mms_doc_text(v->doc, "\n");
	if (s->count_tables)
		mms_doc_text(v->doc, "mapcounts from the page tables of %u processes\n", v->in.counted);
	else if (counts)
		mms_doc_text(v->doc, "mapcounts from /proc/kpagecount: of all processes\n");
	else
		mms_doc_text(v->doc, "PSS USS OUTSIDE not known: %s\n", v->in.no_counts.text);
	footer_causes(v);
	for (size_t i = 0; i < s->nprocs; i++)
		if (s->procs[i].asked && s->procs[i].twin != i)
			mms_doc_text(v->doc, "PID %u has the address space of PID %u: its mappings are the same ones\n",
				     s->procs[i].pid, s->procs[s->procs[i].twin].pid);
}

static int show(struct mms_share_view *v, struct mms_err *err)
{
	bool rows_only = v->render.no_headings && !v->render.json;
	struct mms_err ignored;
	int rc = 0;

	v->doc = mms_doc_begin(&v->render);
	if (!v->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (!rows_only || !want_vmas)
		rc = show_procs(v, err);
	if (!rc && !rows_only)
		rc = mms_share_show_groups(v, top, err);
	if (!rc && want_vmas) {
		mms_doc_text(v->doc, rows_only ? "%s" : "%s\n", "");
		rc = show_vmas(v, err);
	}
	if (!rc && !rows_only)
		footer(v);
	if (!rc)
		return mms_doc_end(v->doc, err);
	mms_doc_end(v->doc, &ignored);
	return rc;
}

/* The columns of the rows that -o means. */
static int new_table(struct mms_share_view *v, struct mms_err *err)
{
	static const unsigned char for_vmas[] = {
		COL_PID, COL_START, COL_CLASS, COL_RSS, COL_PSS, COL_USS, COL_WITHIN, COL_WITH, COL_NAME,
	};
	struct mms_column cols[COL_MAX];

	memcpy(cols, columns, sizeof(cols));
	for (size_t i = 0; want_vmas && i < COL_MAX; i++)
		cols[i].shown = false;
	for (size_t i = 0; want_vmas && i < ARRAY_SIZE(for_vmas); i++)
		cols[for_vmas[i]].shown = true;
	for (size_t i = COL_RSS; v->render.json && i <= COL_SMAPS_USS; i++)
		cols[i].shown = true;
	return mms_table_new(&v->table, &v->render, want_vmas ? "vmas" : "processes", cols, COL_MAX, err);
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_share_view v = { .render = g->render, .plain = g->render };
	struct mms_err err = { "" };
	int rc;

	if (!argc && !want_all)
		return mms_usage(&mms_cmd_share, "give PIDs, or --all");
	v.plain.columns = NULL;
	rc = mms_share_gather_pids(&v.in, argc, argv, &err);
	if (!rc)
		rc = new_table(&v, &err);
	if (!rc)
		rc = mms_open_source(g, &v.in.source, &err);
	if (!rc)
		rc = gather(&v, &err);
	if (!rc)
		rc = show(&v, &err);
	mms_table_free(v.table);
	mms_kpage_close(v.in.share.kpage);
	free(v.in.share.frames);
	mms_share_gather_free(&v.in);
	mms_source_close(v.in.source);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

enum { OPT_VMAS = 1000, OPT_ALL, OPT_TOP };

static int option(int val, const char *arg)
{
	struct mms_err err;

	if (val == OPT_VMAS)
		want_vmas = true;
	else if (val == OPT_ALL)
		want_all = true;
	else if (mms_parse_int(arg, "--top", 0, INT32_MAX, &top, &err))
		return mms_fail(-EINVAL, &err);
	return 0;
}

static const struct option longopts[] = {
	{ "vmas", no_argument, NULL, OPT_VMAS },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "top", required_argument, NULL, OPT_TOP },
	{ 0 },
};

const struct mms_command mms_cmd_share = {
	.name = "share",
	.summary = "Which frames processes share, and why; RSS, PSS and USS",
	.usage = "[--vmas] [--all] [--top N] PID...",
	.options = "      --vmas            each VMA, and with whom it is shared (-o means these rows)\n"
		   "      --all             count the mappings of every process, not with\n"
		   "                        /proc/kpagecount; without PIDs: share among all of them\n"
		   "      --top N           N groups of frames (20, with --json all); 0 = all\n",
	.examples = "  mmscope share 812 813                   what these two have in common\n"
		    "  mmscope share --vmas 812 813            in which VMAs\n"
		    "  mmscope share -o +SMAPS_PSS,SMAPS_USS 1 beside what smaps says\n"
		    "  mmscope --from all.mms share --all 812  a capture of every process\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
