// SPDX-License-Identifier: GPL-2.0
/* mmscope layout: one picture of the whole virtual address space of a process. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <langinfo.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "util/text.h"
#include "view/layout.h"

enum { COL_START, COL_LAST, COL_SIZE, COL_KIND, COL_PROT, COL_VMAS, COL_NAME, COL_MAX };

static const struct mms_column columns[COL_MAX] = {
	[COL_START] = { "START", MMS_COL_HEX, true, false, false, "first address" },
	[COL_LAST] = { "LAST", MMS_COL_HEX, true, false, false, "last address" },
	[COL_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "bytes of addresses" },
	[COL_KIND] = { "KIND", MMS_COL_STR, true, false, false, "gap, executable, file, heap, anon, stack, special ..." },
	[COL_PROT] = { "PROT", MMS_COL_STR, true, false, false, "rights, where they are one" },
	[COL_VMAS] = { "VMAS", MMS_COL_NUM, true, false, false, "VMAs that it consists of" },
	[COL_NAME] = { "NAME", MMS_COL_STR, true, false, true, "what lives there" },
};

enum { SEC_NAME, SEC_START, SEC_SIZE, SEC_PROT, SEC_VMA, SEC_MAX };

static const struct mms_column section_columns[SEC_MAX] = {
	[SEC_NAME] = { "SECTION", MMS_COL_STR, true, false, false, "" },
	[SEC_START] = { "START", MMS_COL_HEX, true, false, false, "" },
	[SEC_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "" },
	[SEC_PROT] = { "PROT", MMS_COL_STR, true, false, false, "" },
	[SEC_VMA] = { "IN", MMS_COL_HEX, true, false, false, "" },
};

static struct {
	bool scale, sections, table, ascii;
	int64_t rows;
	const char *range;
} opt = { .rows = 32 };

/* --- JSON, and --table --- */

static int ranges_table(struct mms_layout_view *w, struct mms_err *err)
{
	struct mms_table *t = NULL;
	int rc = mms_table_new(&t, w->render, "ranges", columns, COL_MAX, err);
	char prot[8];

	for (size_t i = 0; !rc && i < w->l.n; i++) {
		const struct mms_range *r = &w->l.range[i];
		struct mms_line *l = mms_table_line(t, NULL);

		if (!l) {
			rc = mms_err_set(err, -ENOMEM, "out of memory");
			break;
		}
		mms_line_hex(t, l, COL_START, r->start);
		mms_line_hex(t, l, COL_LAST, r->last);
		mms_line_size(t, l, COL_SIZE, r->last - r->start + 1);
		mms_line_str(t, l, COL_KIND, mms_range_kind_name(r->kind));
		if (r->prot)
			mms_line_str(t, l, COL_PROT, mms_prot_text(r->prot, prot));
		if (r->vmas)
			mms_line_num(t, l, COL_VMAS, (int64_t)r->vmas);
		mms_line_str(t, l, COL_NAME, r->name[0] ? r->name : NULL);
	}
	if (!rc)
		rc = mms_doc_table(w->doc, t, err);
	mms_table_free(t);
	return rc;
}

/* -o is about ranges alone. */
static int sections_table(struct mms_layout_view *w, struct mms_err *err)
{
	struct mms_render plain = *w->render;
	struct mms_table *t = NULL;
	char prot[8];
	int rc;

	plain.columns = NULL;
	rc = mms_table_new(&t, &plain, "sections", section_columns, SEC_MAX, err);
	for (size_t i = 0; !rc && i < w->l.nplaced; i++) {
		const struct mms_placed *p = &w->l.placed[i];
		struct mms_line *l = mms_table_line(t, NULL);

		if (!l) {
			rc = mms_err_set(err, -ENOMEM, "out of memory");
			break;
		}
		mms_line_str(t, l, SEC_NAME, p->section->name);
		mms_line_hex(t, l, SEC_START, p->start);
		mms_line_size(t, l, SEC_SIZE, p->section->size);
		mms_line_str(t, l, SEC_PROT, mms_prot_text(MMS_VMA_READ | (p->section->write ? MMS_VMA_WRITE : 0) |
							   (p->section->exec ? MMS_VMA_EXEC : 0), prot));
		mms_line_hex(t, l, SEC_VMA, w->l.range[p->range].start);
	}
	if (!rc && w->l.nplaced) {
		mms_doc_text(w->doc, "\n");
		rc = mms_doc_table(w->doc, t, err);
	}
	mms_table_free(t);
	return rc;
}

/* --- words below --- */

static void say_elf(struct mms_layout_view *w)
{
	const struct mms_elf *e = &w->l.elf;

	if (!w->l.have_elf) {
		mms_doc_str(w->doc, "no_elf", w->l.no_elf.text);
		mms_doc_text(w->doc, "sections of the executable not known: %s\n", w->l.no_elf.text);
		return;
	}
	mms_doc_num(w->doc, "text", (int64_t)e->text);
	mms_doc_num(w->doc, "data", (int64_t)e->data);
	mms_doc_num(w->doc, "bss", (int64_t)e->bss);
	mms_doc_text(w->doc, "size of the executable: text %" PRIu64 ", data %" PRIu64 ", bss %" PRIu64 ", in all %" PRIu64 " bytes\n",
		     e->text, e->data, e->bss, e->text + e->data + e->bss);
	if (w->l.bias_known) {
		char bias[24];

		snprintf(bias, sizeof(bias), "0x%" PRIx64, w->l.bias);
		mms_doc_str(w->doc, "load_bias", bias);
		mms_doc_text(w->doc, e->fixed ? "linked for the addresses that it has\n" : "load bias %s\n", bias);
	} else {
		mms_doc_text(w->doc, "its sections are not placed: no VMA is of its file\n");
	}
	if (!e->n)
		mms_doc_text(w->doc, "it has no section headers\n");
}

static void say(struct mms_layout_view *w)
{
	mms_doc_num(w->doc, "bits", w->l.bits);
	mms_doc_str(w->doc, "compat", w->l.compat ? "yes" : "no");
	say_elf(w);
	if (w->l.no_kernel.text[0]) {
		mms_doc_str(w->doc, "no_kernel", w->l.no_kernel.text);
		mms_doc_text(w->doc, "the kernel's half not known: %s\n", w->l.no_kernel.text);
	}
}

/* --- the command line --- */

/* "START-END", END not included; 0 = the end of the space */
static int parse_range(const struct mms_layout *l, uint64_t *start, uint64_t *last, struct mms_err *err)
{
	const char *dash = opt.range ? strchr(opt.range, '-') : NULL;
	uint64_t top = l->range[l->n - 1].last, end;
	char from[40];
	int rc;

	*start = 0;
	*last = top;
	if (!opt.range)
		return 0;
	if (!dash || dash - opt.range >= (long)sizeof(from))
		return mms_err_set(err, -EINVAL, "--range: give START-END, two hexadecimal addresses");
	snprintf(from, sizeof(from), "%.*s", (int)(dash - opt.range), opt.range);
	rc = mms_parse_addr(from, start, err);
	if (!rc)
		rc = mms_parse_addr(dash + 1, &end, err);
	if (rc)
		return rc;
	*last = end ? end - 1 : top;
	if (*last < *start || *last > top)
		return mms_err_set(err, -EINVAL, "--range: it ends before it starts, or behind the last address");
	return 0;
}

static int draw(struct mms_layout_view *w, struct mms_err *err)
{
	int rc;

	if (w->render->json || opt.table || w->render->columns) {
		rc = ranges_table(w, err);
		return rc || !(w->render->json || w->sections) ? rc : sections_table(w, err);
	}
	if (opt.scale)
		mms_layout_draw_scale(w, w->start, w->last, (unsigned int)opt.rows);
	else
		mms_layout_draw(w);
	return 0;
}

static int show(struct mms_layout_view *w, const struct mms_snapshot *snap, struct mms_err *err)
{
	char comm[sizeof(snap->task.comm) * 4 + 1];
	int rc, end;

	w->doc = mms_doc_begin(w->render);
	if (!w->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	mms_neutral((const char *)snap->task.comm, comm, sizeof(comm));
	mms_doc_num(w->doc, "pid", snap->task.pid);
	mms_doc_str(w->doc, "comm", comm);
	if (!w->render->no_headings && !opt.table && !w->render->columns)
		mms_doc_text(w->doc, "PID %u (%s), %u-bit%s\n", snap->task.pid, comm, w->l.bits,
			     w->l.compat ? " on a 64-bit kernel" : "");
	rc = draw(w, err);
	if (!rc && (!w->render->no_headings || w->render->json))
		say(w);
	end = mms_doc_end(w->doc, rc ? NULL : err);
	return rc ? rc : end;
}

/* The executable of a living process, where it can be read whatever it is called now. */
static int build(struct mms_layout_view *w, const struct mms_globals *g, const struct mms_snapshot *snap,
		 const struct mms_kernel_half *k)
{
	char link[64], to[PATH_MAX], shown[PATH_MAX * 4 + 1];
	ssize_t n;

	if (g->from) {
		mms_err_set(&w->l.no_elf, -EOPNOTSUPP, "a capture does not have the file");
		return mms_layout_build(&w->l, snap, k, NULL, NULL);
	}
	snprintf(link, sizeof(link), "/proc/%u/exe", snap->task.pid);
	n = readlink(link, to, sizeof(to) - 1);
	if (n < 0) {
		mms_err_set(&w->l.no_elf, -errno, "%s: %s", link, strerror(errno));
		return mms_layout_build(&w->l, snap, k, NULL, NULL);
	}
	to[n] = '\0';
	return mms_layout_build(&w->l, snap, k, link, mms_neutral(to, shown, sizeof(shown)));
}

static int layout(struct mms_layout_view *w, const struct mms_globals *g, struct mms_source *s, uint32_t pid,
		  struct mms_err *err)
{
	struct mms_snapshot *snap = NULL;
	struct mms_kernel_half k;
	int rc = mms_snapshot_take(&snap, s, pid, MMS_SNAP_TASK | MMS_SNAP_VMA, err);

	if (rc)
		return rc;
	mms_layout_ask_kernel(&k, s, pid, &w->l.no_kernel);
	rc = build(w, g, snap, &k);
	if (rc)
		mms_err_set(err, rc, "out of memory");
	else
		rc = parse_range(&w->l, &w->start, &w->last, err);
	if (!rc)
		rc = show(w, snap, err);
	mms_snapshot_free(snap);
	return rc;
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_layout_view w = {
		.render = &g->render, .sections = opt.sections,
		.ascii = opt.ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
	};
	struct mms_source *s = NULL;
	struct mms_err err = { "" };
	uint32_t pid;
	int rc;

	if (argc != 1)
		return mms_usage(&mms_cmd_layout, argc ? "one process is enough, %d given" : "give a PID", argc);
	if (mms_parse_pid(argv[0], &pid, &err))
		return mms_usage(&mms_cmd_layout, "%s", err.text);
	if (opt.range && !opt.scale)
		return mms_usage(&mms_cmd_layout, "--range belongs to --scale");
	rc = mms_open_source(g, &s, &err);
	if (!rc)
		rc = layout(&w, g, s, pid, &err);
	mms_layout_free(&w.l);
	mms_source_close(s);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

enum { OPT_SCALE = 1000, OPT_RANGE, OPT_ROWS, OPT_SECTIONS, OPT_TABLE, OPT_ASCII };

static const struct option longopts[] = {
	{ "scale", no_argument, NULL, OPT_SCALE },
	{ "range", required_argument, NULL, OPT_RANGE },
	{ "rows", required_argument, NULL, OPT_ROWS },
	{ "sections", no_argument, NULL, OPT_SECTIONS },
	{ "table", no_argument, NULL, OPT_TABLE },
	{ "ascii", no_argument, NULL, OPT_ASCII },
	{ 0 },
};

static int option(int val, const char *arg)
{
	struct mms_err err;

	switch (val) {
	case OPT_SCALE:
		opt.scale = true;
		break;
	case OPT_RANGE:
		opt.range = arg;
		break;
	case OPT_SECTIONS:
		opt.sections = true;
		break;
	case OPT_TABLE:
		opt.table = true;
		break;
	case OPT_ASCII:
		opt.ascii = true;
		break;
	default:
		if (mms_parse_int(arg, "--rows", 1, 1000, &opt.rows, &err))
			return mms_usage(&mms_cmd_layout, "%s", err.text);
	}
	return 0;
}

const struct mms_command mms_cmd_layout = {
	.name = "layout",
	.summary = "One picture of a process's whole address space, and the kernel's half",
	.usage = "[--sections | --scale [--range START-END] [--rows N] | --table] PID",
	.options = "      --sections        all sections of the executable, not just .text, .rodata,\n"
		   "                        .data and .bss\n"
		   "      --scale           to scale: each line is as many addresses as any other\n"
		   "      --range START-END with --scale: this part of the space only; END is the first\n"
		   "                        address not shown, 0 = to the end\n"
		   "      --rows N          with --scale: lines [32]\n"
		   "      --table           a table instead of the picture, the lowest address first\n"
		   "      --ascii           no line-drawing characters, whatever the locale\n",
	.examples = "  mmscope layout $$\n"
		    "  mmscope layout --sections 1\n"
		    "  mmscope layout --scale --range 0-800000000000 $$\n"
		    "  mmscope layout --table -o START,SIZE,NAME $$\n"
		    "  mmscope layout --json $$ | jq '.sections[] | [.section, .start]'\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
