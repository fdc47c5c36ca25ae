// SPDX-License-Identifier: GPL-2.0
/* mmscope status: what works on this kernel, with and without the module. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "cmd.h"
#include "source/genl.h"
#include "source/module.h"
#include "util/text.h"

extern const struct mms_command mms_cmd_status;

enum { COL_NAME, COL_STATE, COL_REASON };

static const struct mms_column columns[] = {
	[COL_NAME] = { "NAME", MMS_COL_STR, true, false, false, "collector of the module" },
	[COL_STATE] = { "STATE", MMS_COL_STR, true, false, false, "ok, partial, or why it cannot work" },
	[COL_REASON] = { "REASON", MMS_COL_STR, true, false, true, "what is missing and why" },
};

/**
 * struct status - what was found out
 * @why: why the module cannot be used; empty = it can
 * @debugfs: why its streams cannot be read; empty = they can
 * @ncollectors: that the module has
 * @working: of them those that collect here, wholly or partly; @partial: partly
 */
struct status {
	struct mms_genl *genl;
	struct mms_info info;
	bool answers;
	struct mms_err why;
	struct mms_err debugfs;
	struct mms_table *table;
	size_t ncollectors;
	size_t working;
	size_t partial;
};

static void probe(struct status *s)
{
	int rc = mms_genl_open(&s->genl, &s->why);

	if (!rc)
		rc = mms_genl_info(s->genl, &s->info, &s->why);
	s->answers = !rc;
	if (!rc)
		rc = mms_check_abi(&s->info, &s->why);
	if (s->answers && mms_debugfs_check(&s->debugfs) && !rc)
		s->why = s->debugfs;
}

static int take_collector(void *ctx, const struct mms_collector_info *c)
{
	struct mms_line *l;
	struct status *s = ctx;
	char shown[512];

	l = mms_table_line(s->table, NULL);
	if (!l)
		return -ENOMEM;
	mms_line_str(s->table, l, COL_NAME, mms_neutral(c->name, shown, sizeof(shown)));
	mms_line_str(s->table, l, COL_STATE, mms_cap_state_name(c->state));
	if (c->reason[0])
		mms_line_str(s->table, l, COL_REASON, mms_neutral(c->reason, shown, sizeof(shown)));
	s->ncollectors++;
	s->working += c->state == MMS_CAP_OK || c->state == MMS_CAP_PARTIAL;
	s->partial += c->state == MMS_CAP_PARTIAL;
	return 0;
}

static void show_module(struct mms_doc *d, const struct status *s)
{
	char version[128], release[128];
	struct utsname u = { 0 };

	uname(&u);
	mms_neutral(s->info.version, version, sizeof(version));
	mms_neutral(s->info.release, release, sizeof(release));
	mms_doc_str(d, "kernel", u.release);
	mms_doc_str(d, "module_version", s->answers ? version : NULL);
	if (s->answers) {
		mms_doc_num(d, "module_abi", s->info.abi);
		mms_doc_text(d, "module:  version %s, ABI %u, on kernel %s\n", version,
			     s->info.abi, release);
	}
	mms_doc_num(d, "tool_abi", MMS_ABI_VERSION);
	mms_doc_str(d, "problem", s->why.text[0] ? s->why.text : NULL);
	if (s->why.text[0] && s->answers)
		mms_doc_text(d, "problem: %s\n", s->why.text);
	else if (s->why.text[0])	/* "module not loaded (...)" */
		mms_doc_text(d, "module:  %s\n", s->why.text +
			     (strncmp(s->why.text, "module ", 7) ? 0 : 7));
}

/* Each source, and what it gives; which collectors, and what they lack, is in the table. */
static void show_sources(struct mms_doc *d, const struct status *s)
{
	bool usable = !s->why.text[0], root = !geteuid();

	mms_doc_str(d, "source", usable ? "module" : "procfs");
	if (usable) {
		mms_doc_num(d, "collectors_working", (int64_t)s->working);
		mms_doc_text(d, "sources: module (%zu of %zu collectors", s->working, s->ncollectors);
		if (s->partial)
			mms_doc_text(d, ", %zu in part", s->partial);
		mms_doc_text(d, "), procfs, capture files\n");
		return;
	}
	mms_doc_text(d, "sources: procfs%s, capture files\n",
		     root ? "" : " (own processes, without physical addresses: not root)");
	mms_doc_text(d, "Without the module the views tell what /proc has. That is no page tables:\n"
			"walk shows pagemap's answer, verify does not work.\n");
}

static int read_collectors(struct status *s, const struct mms_globals *g, struct mms_err *err)
{
	int rc = mms_table_new(&s->table, &g->render, "collectors", columns,
			       sizeof(columns) / sizeof(*columns), err);

	return rc || !s->answers ? rc : mms_genl_collectors(s->genl, take_collector, s, err);
}

static int show_collectors(struct mms_doc *d, const struct status *s, const struct mms_globals *g,
			   struct mms_err *err)
{
	if (!s->ncollectors && !g->render.json)
		return 0;
	mms_doc_text(d, "\n");
	return mms_doc_table(d, s->table, err);
}

static int status_run(const struct mms_globals *g, int argc, char **argv)
{
	struct status s = { .ncollectors = 0 };
	struct mms_err err = { "" };
	struct mms_doc *d;
	int rc, end;

	(void)argv;
	if (argc)
		return mms_usage(&mms_cmd_status, "takes no argument");
	if (g->from || g->source)
		return mms_usage(&mms_cmd_status, "looks at this machine: --from and --source mean nothing here");
	d = mms_doc_begin(&g->render);
	if (!d)
		return MMS_EXIT_MISMATCH;
	probe(&s);
	rc = read_collectors(&s, g, &err);
	show_module(d, &s);
	show_sources(d, &s);
	if (!rc)
		rc = show_collectors(d, &s, g, &err);
	end = mms_doc_end(d, rc ? NULL : &err);
	mms_table_free(s.table);
	mms_genl_close(s.genl);
	if (rc || end)
		return mms_fail(rc ? rc : end, &err);
	return s.why.text[0] ? MMS_EXIT_MISMATCH : MMS_EXIT_OK;
}

const struct mms_command mms_cmd_status = {
	.name = "status",
	.summary = "What works on this kernel, and why not; 0 if the module answers, else 1",
	.usage = "",
	.examples = "  mmscope status\n"
		    "  mmscope status --json\n",
	.columns = columns,
	.ncolumns = sizeof(columns) / sizeof(*columns),
	.run = status_run,
};
