// SPDX-License-Identifier: GPL-2.0
/* mmscope frames: every page frame of the machine in exactly one class. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cmd.h"
#include "model/census.h"
#include "model/vmarea.h"
#include "util/text.h"
#include "view/frames.h"

extern const struct mms_command mms_cmd_frames;

enum { COL_CLASS, COL_FRAMES, COL_SIZE, COL_SHARE, COL_DMA, COL_DMA32, COL_NORMAL, COL_HIGHMEM, COL_MOVABLE };

static const struct mms_column columns[] = {
	[COL_CLASS] = { "CLASS", MMS_COL_STR, true, false, false, "what the frames are used for" },
	[COL_FRAMES] = { "FRAMES", MMS_COL_NUM, true, false, false, "how many" },
	[COL_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "bytes" },
	[COL_SHARE] = { "SHARE", MMS_COL_STR, true, false, false, "of the frames that are present, per cent" },
	[COL_DMA] = { "DMA", MMS_COL_SIZE, true, false, false, "bytes in this zone" },
	[COL_DMA32] = { "DMA32", MMS_COL_SIZE, true, false, false, "likewise" },
	[COL_NORMAL] = { "NORMAL", MMS_COL_SIZE, true, false, false, "likewise" },
	[COL_HIGHMEM] = { "HIGHMEM", MMS_COL_SIZE, true, false, false, "likewise" },
	[COL_MOVABLE] = { "MOVABLE", MMS_COL_SIZE, true, false, false, "likewise" },
};

enum { RUN_PFN, RUN_FRAMES, RUN_SIZE, RUN_CLASS, RUN_ZONE, RUN_NODE, RUN_REFS, RUN_ORDER, RUN_BEFORE, RUN_AFTER };

static const struct mms_column run_columns[] = {
	[RUN_PFN] = { "PFN", MMS_COL_HEX, true, false, false, "number of the first frame" },
	[RUN_FRAMES] = { "FRAMES", MMS_COL_NUM, true, false, false, "how many" },
	[RUN_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "bytes" },
	[RUN_CLASS] = { "CLASS", MMS_COL_STR, true, false, false, "what they are used for" },
	[RUN_ZONE] = { "ZONE", MMS_COL_STR, true, false, false, "zone" },
	[RUN_NODE] = { "NODE", MMS_COL_NUM, false, false, false, "NUMA node" },
	[RUN_REFS] = { "REFS", MMS_COL_NUM, true, false, false, "reference count of the first frame" },
	[RUN_ORDER] = { "ORDER", MMS_COL_NUM, true, false, false, "log2 of the frames of one allocation; of unknown ones a guess" },
	[RUN_BEFORE] = { "BEFORE", MMS_COL_STR, true, false, false, "class of the frame before" },
	[RUN_AFTER] = { "AFTER", MMS_COL_STR, true, false, false, "class of the frame behind" },
};

static const char *const zones[] = {
	[MMS_ZONE_DMA] = "DMA", [MMS_ZONE_DMA32] = "DMA32", [MMS_ZONE_NORMAL] = "Normal",
	[MMS_ZONE_HIGHMEM] = "HighMem", [MMS_ZONE_MOVABLE] = "Movable",
	[MMS_ZONE_DEVICE] = "Device", [MMS_ZONE_UNKNOWN] = NULL,
};

static bool want_runs;		/* --runs */
static bool want_areas;		/* --areas */
static int64_t top = 20;	/* --top */

/**
 * struct view - what is being made
 * @areas: of vmalloc space
 * @joined: what was asked for who owns frames: empty, or why it was not answered
 * @no_areas: likewise
 * @moved: blocks of memory went on or off line while frames were looked at
 * @page_size: of the machine observed
 * @writer: who told
 * @areas_writer: who told of the areas
 */
struct view {
	struct mms_census census;
	struct mms_areas areas;
	struct mms_err joined, no_areas;
	uint64_t page_size;
	uint32_t writer, areas_writer;
	time_t begun, said;
	bool tty, moved;
};

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	struct view *v = ctx;

	v->page_size = 1ULL << h->page_shift;
	v->writer = h->writer;
	return 0;
}

/* How far it has come, after two seconds, to who sits and waits. */
static void progress(struct view *v, uint64_t pfn)
{
	time_t now;

	if (!v->tty)
		return;
	now = time(NULL);
	if (now - v->begun < 2 || now == v->said)
		return;
	v->said = now;
	fprintf(stderr, "\rframe 0x%" PRIx64 " ...", pfn);
}

static int take_run(void *ctx, const struct mms_record *rec)
{
	struct view *v = ctx;

	if (rec->type != MMS_REC_FRAME_RUN)
		return 0;
	progress(v, ((const struct mms_frame_run *)rec)->pfn);
	return mms_census_run(&v->census, (const void *)rec);
}

static int take_trailer(void *ctx, const struct mms_trailer *t)
{
	struct view *v = ctx;

	v->moved = t->torn;
	return 0;
}

static int take_claim(void *ctx, const struct mms_record *rec)
{
	const struct mms_kmap_run *k = (const void *)rec;
	const struct mms_owner_run *o = (const void *)rec;
	struct view *v = ctx;

	if (rec->type == MMS_REC_VMALLOC_AREA)
		return mms_areas_add(&v->areas, (const void *)rec);
	if (rec->type == MMS_REC_KMAP_RUN)
		return mms_areas_run(&v->areas, want_areas ? NULL : &v->census, k, v->page_size);
	if (rec->type == MMS_REC_OWNER_RUN)
		return mms_census_claim(&v->census, o->pfn, o->count, o->class);
	return 0;
}

static int ask(struct view *v, struct mms_source *src, enum mms_kind kind, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req) };
	struct mms_handler h = { .header = take_header, .record = take_claim, .ctx = v };

	if (kind == MMS_KIND_FRAMES) {
		h.record = take_run;
		h.trailer = take_trailer;
	}
	return mms_source_stream(src, kind, &req, &h, err);
}

/* May the answer be left out, since nobody here can give it? */
static bool left_out(int rc)
{
	return rc == -EOPNOTSUPP || rc == -ENODATA || rc == -ENOENT;
}

/* Who owns the frames that are nobody's by themselves. */
static int collect_owners(struct view *v, struct mms_source *src, struct mms_err *err)
{
	static const enum mms_kind owners[] = { MMS_KIND_KMAP, MMS_KIND_OWNERS };
	size_t n = want_areas ? 1 : sizeof(owners) / sizeof(*owners);
	int rc = ask(v, src, MMS_KIND_VMALLOC, &v->no_areas);

	if (rc && !left_out(rc)) {
		*err = v->no_areas;
		return rc;
	}
	if (!rc)
		v->no_areas.text[0] = '\0';
	if (rc && want_areas)
		return mms_err_set(err, rc, "%.480s", v->no_areas.text);
	v->areas_writer = v->writer;
	mms_areas_ready(&v->areas);
	for (size_t i = 0; i < n; i++) {
		struct mms_err why = { "" };

		rc = ask(v, src, owners[i], &why);
		if (left_out(rc)) {
			v->joined = why;
		} else if (rc) {
			*err = why;
			return rc;
		}
	}
	return 0;
}

static int collect(struct view *v, struct mms_source *src, struct mms_err *err)
{
	int rc = collect_owners(v, src, err);

	if (rc || want_areas)
		return rc;
	mms_census_ready(&v->census);
	rc = ask(v, src, MMS_KIND_FRAMES, err);
	if (!rc)
		rc = mms_census_end(&v->census);
	if (v->said)
		fputs("\r                              \r", stderr);
	return rc;
}

static const char *class_or_none(uint32_t frame_class)
{
	return frame_class < __MMS_FRAME_MAX ? mms_frame_class_name(frame_class) : NULL;
}

static int add_runs(const struct view *v, struct mms_table *tb)
{
	for (size_t i = 0; i < v->census.ntop; i++) {
		const struct mms_census_run *r = &v->census.top[i];
		struct mms_line *l = mms_table_line(tb, NULL);

		if (!l)
			return -ENOMEM;
		mms_line_hex(tb, l, RUN_PFN, r->run.pfn);
		mms_line_num(tb, l, RUN_FRAMES, (int64_t)r->run.count);
		mms_line_size(tb, l, RUN_SIZE, r->run.count * v->page_size);
		mms_line_str(tb, l, RUN_CLASS, mms_frame_class_name(r->run.class));
		mms_line_str(tb, l, RUN_ZONE, zones[r->run.zone]);
		if (r->run.node != UINT32_MAX)
			mms_line_num(tb, l, RUN_NODE, r->run.node);
		if (v->writer == MMS_WRITER_MODULE &&
		    (r->run.class == MMS_FRAME_UNKNOWN || r->run.class == MMS_FRAME_DRIVER))
			mms_line_num(tb, l, RUN_REFS, (int32_t)r->run.refs);
		if (v->writer == MMS_WRITER_MODULE)
			mms_line_num(tb, l, RUN_ORDER, r->guess);
		mms_line_str(tb, l, RUN_BEFORE, class_or_none(r->before));
		mms_line_str(tb, l, RUN_AFTER, class_or_none(r->after));
	}
	return 0;
}

static int by_count(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return x[0] != y[0] ? (x[0] < y[0] ? 1 : -1) : (x[1] > y[1]) - (x[1] < y[1]);
}

static int add_class(const struct view *v, struct mms_table *tb, uint32_t class, uint64_t n)
{
	struct mms_line *l = mms_table_line(tb, NULL);
	char share[16];

	if (!l)
		return -ENOMEM;
	mms_line_str(tb, l, COL_CLASS, mms_frame_class_name(class));
	mms_line_num(tb, l, COL_FRAMES, (int64_t)n);
	mms_line_size(tb, l, COL_SIZE, n * v->page_size);
	if (mms_frame_present(class) && v->census.present) {
		snprintf(share, sizeof(share), "%.2f", 100.0 * (double)n / (double)v->census.present);
		mms_line_str(tb, l, COL_SHARE, share);
	}
	for (uint32_t z = MMS_ZONE_DMA; z <= MMS_ZONE_MOVABLE; z++)
		if (v->census.frames[class][z])
			mms_line_size(tb, l, COL_DMA + z, v->census.frames[class][z] * v->page_size);
	return 0;
}

static int add_classes(const struct view *v, struct mms_table *tb)
{
	uint64_t order[__MMS_FRAME_MAX][2];
	int rc = 0;

	for (uint32_t i = 0; i < __MMS_FRAME_MAX; i++) {
		order[i][0] = mms_census_class(&v->census, i);
		order[i][1] = i;
	}
	qsort(order, __MMS_FRAME_MAX, sizeof(*order), by_count);
	for (uint32_t i = 0; i < __MMS_FRAME_MAX && !rc; i++)
		if (order[i][0])
			rc = add_class(v, tb, (uint32_t)order[i][1], order[i][0]);
	return rc;
}

static void show_sums(const struct view *v, struct mms_doc *d)
{
	uint64_t unknown = mms_census_class(&v->census, MMS_FRAME_UNKNOWN);

	mms_doc_num(d, "present", (int64_t)v->census.present);
	mms_doc_num(d, "unknown", (int64_t)unknown);
	mms_doc_num(d, "page_size", (int64_t)v->page_size);
	mms_doc_text(d, "%" PRIu64 " frames present, %" PRIu64 " unknown\n", v->census.present, unknown);
	if (v->moved) {
		mms_doc_str(d, "moved", "memory");
		mms_doc_text(d, "Moved: memory went on or off line meanwhile; ask again for one moment's sums\n");
	}
	if (v->joined.text[0]) {
		mms_doc_str(d, "owners", v->joined.text);
		mms_doc_text(d, "Not asked who owns them: %s\n", v->joined.text);
	}
	if (v->no_areas.text[0] && !v->joined.text[0]) {
		mms_doc_str(d, "areas", v->no_areas.text);
		mms_doc_text(d, "Per-CPU memory is among vmalloc: %s\n", v->no_areas.text);
	} else if (v->areas.hidden) {
		mms_doc_str(d, "areas", MMS_AREAS_HIDDEN);
		mms_doc_text(d, "Per-CPU memory is among vmalloc: " MMS_AREAS_HIDDEN "\n");
	}
}

static int show(const struct mms_globals *g, const struct view *v, struct mms_err *err)
{
	struct mms_doc *d = mms_doc_begin(&g->render);
	struct mms_table *tb = NULL;
	int rc;

	if (!d)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (want_areas) {
		rc = mms_frames_areas(d, &g->render, &v->areas, v->areas_writer, (size_t)top, err);
		return rc ? rc : mms_doc_end(d, err);
	}
	rc = mms_table_new(&tb, &g->render, want_runs ? "runs" : "classes",
			   want_runs ? run_columns : columns,
			   want_runs ? sizeof(run_columns) / sizeof(*run_columns) :
				       sizeof(columns) / sizeof(*columns), err);
	if (!rc && (want_runs ? add_runs(v, tb) : add_classes(v, tb)))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_doc_table(d, tb, err);
	if (!rc)
		show_sums(v, d);
	mms_table_free(tb);
	return rc ? rc : mms_doc_end(d, err);
}

enum { OPT_RUNS = 1000, OPT_TOP, OPT_AREAS };

static const struct option longopts[] = {
	{ "runs", no_argument, NULL, OPT_RUNS },
	{ "areas", no_argument, NULL, OPT_AREAS },
	{ "top", required_argument, NULL, OPT_TOP },
	{ 0 },
};

static int frames_option(int val, const char *arg)
{
	struct mms_err err;

	if (val == OPT_RUNS)
		want_runs = true;
	else if (val == OPT_AREAS)
		want_areas = true;
	else if (mms_parse_int(arg, "--top", 1, MMS_CENSUS_TOP, &top, &err))
		return mms_usage(&mms_cmd_frames, "%s", err.text);
	return 0;
}

/* [CLASS] */
static int arguments(int argc, char **argv, uint32_t *class)
{
	char shown[64];

	*class = MMS_FRAME_UNKNOWN;
	if (want_runs && want_areas)
		return mms_usage(&mms_cmd_frames, "--runs and --areas exclude each other");
	if (!argc)
		return 0;
	if (argc > 1 || !want_runs)
		return mms_usage(&mms_cmd_frames, "one class at most, and with --runs only");
	*class = mms_frame_class_find(argv[0]);
	if (*class == __MMS_FRAME_MAX)
		return mms_usage(&mms_cmd_frames, "no class is called '%s': see the CLASS column of mmscope frames",
				 mms_neutral(argv[0], shown, sizeof(shown)));
	return 0;
}

static int frames_run(const struct mms_globals *g, int argc, char **argv)
{
	struct view v = { .begun = time(NULL), .tty = isatty(STDERR_FILENO) };
	struct mms_source *src = NULL;
	struct mms_err err = { "" };
	int rc = arguments(argc, argv, &v.census.want);

	if (rc)
		return rc;
	if (want_runs)
		v.census.want_top = (size_t)top;
	rc = mms_open_source(g, &src, &err);
	if (!rc)
		rc = collect(&v, src, &err);
	if (!rc && v.census.gap)
		rc = mms_err_set(&err, -EBADMSG, "frames were left out, or told twice: the stream is damaged");
	if (!rc)
		rc = show(g, &v, &err);
	if (rc == -ENOMEM && !err.text[0])
		mms_err_set(&err, rc, "out of memory");
	mms_census_free(&v.census);
	mms_areas_free(&v.areas);
	mms_source_close(src);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

const struct mms_command mms_cmd_frames = {
	.name = "frames",
	.summary = "Every page frame of the machine in exactly one class",
	.usage = "[--runs [CLASS] | --areas] [--top N]",
	.options = "      --runs            list the largest runs of CLASS [unknown] instead\n"
		   "      --areas           list the areas of vmalloc space, by who made them, instead\n"
		   "      --top N           so many of them [20]\n",
	.examples = "  mmscope frames                 how many frames are what, per zone\n"
		    "  mmscope frames --runs          the largest runs that nobody explains\n"
		    "  mmscope frames --runs slab     the largest runs of a class\n"
		    "  mmscope frames --areas         what vmalloc space is used for, and by whom\n"
		    "  mmscope frames --source procfs the same from /proc/kpageflags\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = sizeof(columns) / sizeof(*columns),
	.option = frames_option,
	.run = frames_run,
};
