// SPDX-License-Identifier: GPL-2.0
/* mmscope frame: all about one page frame, and who maps it. */
#include "view/frame.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "util/text.h"

extern const struct mms_command mms_cmd_frame;

#define TRIES		5	/* where somebody held a lock, or it moved */
#define FRAMES_MAX	1024	/* on a command line */

static bool scan;		/* --scan */

static unsigned int page_shift(void)
{
	return (unsigned int)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
}

/* --- what was asked for ---------------------------------------------------- */

/* 0x12 or 18: a number as C writes it, whole. */
static bool parse_pfn(const char *s, uint64_t *v)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	const char *p = hex ? s + 2 : s;

	return mms_scan_u64(&p, hex ? 16 : 10, v) && !*p;
}

static const char *swap_text(const struct mms_pt_extent *e, char *buf, size_t size)
{
	switch (e->state) {
	case MMS_PT_SWAP:
		snprintf(buf, size, "it is in swap area %u, slot 0x%" PRIx64, e->swap_type, (uint64_t)e->pa);
		return buf;
	case MMS_PT_MIGRATION:
		return "its page is being migrated: try again";
	case MMS_PT_HWPOISON:
		snprintf(buf, size, "its page was broken memory, frame 0x%" PRIx64, (uint64_t)e->pa >> page_shift());
		return buf;
	default:
		return "its entry holds no page";
	}
}

/* As a walk answers, from a source that has extents alone (/proc). */
static int take_extent(void *ctx, const struct mms_record *rec)
{
	const struct mms_pt_extent *e = (const void *)rec;
	struct mms_walk *w = ctx;

	if (rec->type == MMS_REC_PT_EXTENT && w->addr >= e->va && w->addr - e->va < e->len) {
		w->extent = *e;
		w->has_extent = true;
	}
	return 0;
}

static int walk(struct mms_source *src, struct mms_frame_arg *a, struct mms_walk *w, struct mms_err *err)
{
	uint64_t page = 1ULL << page_shift(), start = a->addr & ~(page - 1);
	struct mms_request req = {
		.size = sizeof(req), .flags = MMS_REQ_EXTENTS, .pid = a->pid,
		.start = start, .end = start + page,
	};
	struct mms_handler h = { .record = take_extent, .ctx = w };
	int rc = mms_source_walk(src, a->pid, a->addr, w, err);

	if (rc != -EOPNOTSUPP)
		return rc;
	err->text[0] = '\0';
	return mms_source_stream(src, MMS_KIND_PGTABLE, &req, &h, err);
}

static int resolve(struct mms_source *src, struct mms_frame_arg *a, struct mms_err *err)
{
	struct mms_walk w;
	char buf[96];
	int rc = walk(src, a, &w, err);
	uint64_t pa;

	if (rc)
		return rc;
	if (!w.has_extent)
		return mms_err_set(err, -ENODATA, "PID %u: address 0x%" PRIx64 " is not in memory: nothing is mapped there%s",
				   a->pid, a->addr, w.hole.in_vma ? " yet" : "");
	if (w.extent.state != MMS_PT_PRESENT)
		return mms_err_set(err, -ENODATA, "PID %u: address 0x%" PRIx64 " is not in memory: %s",
				   a->pid, a->addr, swap_text(&w.extent, buf, sizeof(buf)));
	/* of one entry, whose first address the source may have cut to a page */
	pa = w.extent.pa + (a->addr - w.extent.va);
	a->pfn = pa >> page_shift();
	a->offset = a->addr & ((1ULL << page_shift()) - 1);
	a->has_offset = true;
	return 0;
}

static int parse_arg(struct mms_source *src, const char *word, struct mms_frame_arg *a, struct mms_err *err)
{
	const char *colon = strchr(word, ':');
	char shown[64], pid[16];
	int rc;

	memset(a, 0, sizeof(*a));
	if (!colon) {
		if (!parse_pfn(word, &a->pfn) || a->pfn > UINT64_MAX >> page_shift())
			return mms_err_set(err, -EINVAL, "'%s' is no page frame number (0x1a2b or 6699), no PID:ADDR and no phys:ADDR",
					   mms_neutral(word, shown, sizeof(shown)));
		return 0;
	}
	rc = mms_parse_addr(colon + 1, &a->addr, err);
	if (rc)
		return rc;
	if (!strncmp(word, "phys:", 5)) {
		a->pfn = a->addr >> page_shift();
		a->offset = a->addr & ((1ULL << page_shift()) - 1);
		a->has_offset = true;
		return 0;
	}
	snprintf(pid, sizeof(pid), "%.*s", (int)(colon - word < 15 ? colon - word : 15), word);
	rc = mms_parse_pid(pid, &a->pid, err);
	return rc ? rc : resolve(src, a, err);
}

/* --- one ------------------------------------------------------------------- */

static bool may_pass(const struct mms_frame_info *f)
{
	uint32_t r = f->frame.rmap;

	return f->frame.flags & MMS_PF_TORN || r == MMS_RMAP_BUSY_PAGE ||
	       r == MMS_RMAP_BUSY_TREE || r == MMS_RMAP_CHANGED || mms_frame_open_maps(f);
}

/* Asked again where somebody was in the way for a moment. */
static int read_patiently(struct mms_source *src, uint64_t pfn, struct mms_frame_info *f, struct mms_err *err)
{
	const struct timespec pause = { 0, 2000000 };
	int rc = mms_frame_read(src, pfn, MMS_FREQ_OWNERS | MMS_FREQ_MAPS, f, err);

	for (int i = 1; !rc && i < TRIES && may_pass(f); i++) {
		nanosleep(&pause, NULL);
		mms_frame_free(f);
		rc = mms_frame_read(src, pfn, MMS_FREQ_OWNERS | MMS_FREQ_MAPS, f, err);
	}
	return rc;
}

/* Is it a page table whose place only a scan tells? */
static bool table_unknown(const struct mms_frame_info *f)
{
	return !f->have_task && !f->kernel_class && f->writer == MMS_WRITER_MODULE &&
	       mms_frame_is(&f->frame, MMS_KPF_PGTABLE);
}

static int one(const struct mms_globals *g, struct mms_source *src, const struct mms_frame_arg *a,
	       struct mms_err *err)
{
	struct mms_frame_info f;
	const char *why = NULL;
	int rc = read_patiently(src, a->pfn, &f, err);

	if (!rc && mms_frame_needs_kernel(&f) && mms_frame_kernel(src, &f))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc) {
		why = scan ? "asked for" : mms_frame_needs_scan(&f);
		if (why && f.frame.state == MMS_PFN_PAGE)
			rc = mms_frame_scan(src, &f, 1, table_unknown(&f), err);
		else if (table_unknown(&f))
			rc = mms_frame_scan(src, &f, 1, true, err);
	}
	if (!rc)
		rc = mms_frame_show(&g->render, a, &f, why, err);
	/* a number without memory is an answer, but not a found frame */
	if (!rc && f.frame.state != MMS_PFN_PAGE)
		rc = mms_err_set(err, -ENODATA, "page frame 0x%" PRIx64 ": %s", a->pfn, mms_frame_use(&f));
	mms_frame_free(&f);
	return rc;
}

/* --- many ------------------------------------------------------------------ */

enum { COL_PFN, COL_CLASS, COL_REFS, COL_MAPS, COL_ORDER, COL_LIST, COL_FLAGS, COL_MAX };

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

static const struct mms_column columns[COL_MAX] = {
	[COL_PFN]	= C("PFN", HEX, true, "page frame number"),
	[COL_CLASS]	= C("CLASS", STR, true, "what it is used for"),
	[COL_REFS]	= C("REFS", NUM, true, "references on its folio"),
	[COL_MAPS]	= C("MAPS", NUM, true, "page table entries that map it"),
	[COL_ORDER]	= C("ORDER", NUM, false, "order of its folio"),
	[COL_LIST]	= C("LIST", STR, true, "where the kernel has it listed"),
	[COL_FLAGS]	= C("FLAGS", STR, false, "its flags, as /proc/kpageflags names them"),
};

static int by_pfn(const void *a, const void *b)
{
	const struct mms_frame_info *x = a, *y = b;

	return (x->frame.pfn > y->frame.pfn) - (x->frame.pfn < y->frame.pfn);
}

static int frame_line(struct mms_table *t, const struct mms_frame_info *f)
{
	struct mms_line *l = mms_table_line(t, NULL);
	char buf[640];

	if (!l)
		return -ENOMEM;
	mms_line_hex(t, l, COL_PFN, f->frame.pfn);
	mms_line_str(t, l, COL_CLASS, mms_frame_use(f));
	if (f->frame.known & MMS_FRAME_K_WORDS) {
		mms_line_num(t, l, COL_REFS, (int32_t)f->frame.refcount);
		mms_line_num(t, l, COL_ORDER, f->frame.order);
	}
	if (f->frame.known & MMS_FRAME_K_MAPCOUNT)
		mms_line_num(t, l, COL_MAPS, f->frame.mapcount);
	if (*mms_frame_list(f, buf, sizeof(buf)))
		mms_line_str(t, l, COL_LIST, buf);
	mms_line_str(t, l, COL_FLAGS, mms_frame_flags(&f->frame, buf, sizeof(buf)));
	return 0;
}

static int show_many(const struct mms_globals *g, const struct mms_frame_info *f, size_t n, struct mms_err *err)
{
	struct mms_render plain = g->render;
	struct mms_column cols[FMAP_MAX];
	struct mms_doc *doc = mms_doc_begin(&g->render);
	struct mms_table *frames = NULL, *maps = NULL;
	int rc, end;

	if (!doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	memcpy(cols, mms_fmap_columns, sizeof(cols));
	cols[FMAP_PFN].shown = true;
	cols[FMAP_PERM].shown = false;
	plain.columns = NULL;	/* -o means the mappings */
	rc = mms_table_new(&frames, &plain, "frames", columns, COL_MAX, err);
	if (!rc && scan)
		rc = mms_table_new(&maps, &g->render, "mappings", cols, FMAP_MAX, err);
	for (size_t i = 0; !rc && i < n; i++)
		if (frame_line(frames, &f[i]) || (maps && mms_frame_map_lines(maps, &f[i])))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_doc_table(doc, frames, err);
	if (!rc && maps) {
		mms_doc_text(doc, "\n");
		rc = mms_doc_table(doc, maps, err);
	}
	mms_table_free(frames);
	mms_table_free(maps);
	end = mms_doc_end(doc, err);
	return rc ? rc : end;
}

static int many(const struct mms_globals *g, struct mms_source *src, const struct mms_frame_arg *a, size_t n,
		struct mms_err *err)
{
	struct mms_frame_info *f = calloc(n, sizeof(*f));
	int rc = f ? 0 : mms_err_set(err, -ENOMEM, "out of memory");

	for (size_t i = 0; !rc && i < n; i++)
		rc = mms_frame_read(src, a[i].pfn, MMS_FREQ_OWNERS, &f[i], err);
	if (!rc)
		qsort(f, n, sizeof(*f), by_pfn);
	if (!rc && scan)
		rc = mms_frame_scan(src, f, n, true, err);
	if (!rc)
		rc = show_many(g, f, n, err);
	for (size_t i = 0; f && i < n; i++)
		mms_frame_free(&f[i]);
	free(f);
	return rc;
}

/* --- the command ------------------------------------------------------------ */

enum { OPT_SCAN = 1000 };

static const struct option longopts[] = {
	{ "scan", no_argument, NULL, OPT_SCAN },
	{ 0 },
};

static int frame_option(int val, const char *arg)
{
	(void)arg;
	if (val == OPT_SCAN)
		scan = true;
	return 0;
}

static int frame_run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_frame_arg *args;
	struct mms_source *src = NULL;
	struct mms_err err = { "" };
	int rc;

	if (argc < 1)
		return mms_usage(&mms_cmd_frame, "which page frame? Give a number, PID:ADDR or phys:ADDR");
	if (argc > FRAMES_MAX)
		return mms_usage(&mms_cmd_frame, "at most %d frames at once", FRAMES_MAX);
	args = calloc((size_t)argc, sizeof(*args));
	rc = args ? mms_open_source(g, &src, &err) : mms_err_set(&err, -ENOMEM, "out of memory");
	for (int i = 0; !rc && i < argc; i++)
		rc = parse_arg(src, argv[i], &args[i], &err);
	if (!rc)
		rc = argc == 1 ? one(g, src, args, &err) : many(g, src, args, (size_t)argc, &err);
	mms_source_close(src);
	free(args);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

const struct mms_command mms_cmd_frame = {
	.name = "frame",
	.summary = "All about one page frame: flags, owner, every mapping with its proof",
	.usage = "[--scan] PFN | PID:ADDR | phys:ADDR ...",
	.options = "      --scan            look for it in the page tables of all processes, not in\n"
		   "                        its reverse map; for many frames, too\n",
	.examples = "  mmscope frame 0x1a2b             page frame 0x1a2b (or decimal: 6699)\n"
		    "  mmscope frame 1234:7f5c0a000000  the frame behind an address of PID 1234\n"
		    "  mmscope frame phys:1a2b040       the frame of a physical address\n"
		    "  mmscope frame --scan 0x1a2b 0x1a2c   who maps these two\n",
	.longopts = longopts,
	.columns = mms_fmap_columns,
	.ncolumns = FMAP_MAX,
	.option = frame_option,
	.run = frame_run,
};
