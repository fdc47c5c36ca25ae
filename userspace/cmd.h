/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A subcommand.  To add a view:
 *  1. write userspace/view/NAME.c: collect through a source, hand the model's
 *     result to render/table.h; it ends with a "const struct mms_command
 *     mms_cmd_NAME = { ... };" beside the code it names;
 *  2. add MMS_CMD(NAME) to the list in userspace/main.c;
 *  3. a test in tests/, a page in Documentation/views/.
 */
#ifndef MMSCOPE_CMD_H
#define MMSCOPE_CMD_H

#include "render/table.h"
#include "source/source.h"
#include "util/parse.h"	/* mms_parse_pid(), mms_parse_addr() */

#define MMS_EXIT_OK		0
#define MMS_EXIT_MISMATCH	1	/* mismatch, not found, not permitted, not available */
#define MMS_EXIT_USAGE		2

/**
 * struct mms_globals - options every subcommand takes, already parsed
 * @render: --json --bytes -o --no-headings
 * @from: --from FILE
 * @source: --source module|procfs
 */
struct mms_globals {
	struct mms_render render;
	const char *from;
	const char *source;
};

struct option;

/**
 * struct mms_command - one subcommand
 * @name: as typed
 * @summary: one line for the list of commands
 * @usage: what follows "mmscope NAME ", e.g. "[--extents] PID"
 * @options: help text of its own options, "  --extents   show ...\n", or NULL
 * @examples: for --help, lines ready to print
 * @longopts: its own long options (getopt_long), ended by zeros, or NULL
 * @columns: columns for -o in --help, or NULL
 * @ncolumns: how many
 * @option: called for each of its own options; returns 0 or an exit status
 * @run: the remaining arguments; returns an exit status, messages printed
 *	through mms_fail()
 *
 * The one option loop is in main.c: global and own options may be mixed.
 */
struct mms_command {
	const char *name;
	const char *summary;
	const char *usage;
	const char *options;
	const char *examples;
	const struct option *longopts;
	const struct mms_column *columns;
	size_t ncolumns;
	int (*option)(int val, const char *arg);
	int (*run)(const struct mms_globals *g, int argc, char **argv);
};

/* "mmscope: <err>" on stderr; returns the exit status for @code (-errno):
 * MMS_EXIT_USAGE for -EINVAL, else MMS_EXIT_MISMATCH. */
int mms_fail(int code, const struct mms_err *err);

/* A bad command line: one line, then "Try 'mmscope NAME --help'."; returns 2. */
int mms_usage(const struct mms_command *cmd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Open the source for a view, print the one-line fallback notice on stderr. */
int mms_open_source(const struct mms_globals *g, struct mms_source **out,
		    struct mms_err *err);

#endif
