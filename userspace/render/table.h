/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables, trees and JSON from one description of the columns, on libsmartcols.
 *
 * One column table drives the header line, -o, the JSON keys and --help.
 */
#ifndef MMSCOPE_RENDER_TABLE_H
#define MMSCOPE_RENDER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "util/err.h"

enum mms_coltype {
	MMS_COL_STR,	/* left; JSON string */
	MMS_COL_NUM,	/* right; JSON number */
	MMS_COL_SIZE,	/* right; bytes in human units, exact with --bytes; JSON number of bytes */
	MMS_COL_HEX,	/* right; 0x...; JSON string */
	MMS_COL_BOOL,	/* JSON true/false; text yes/no */
};

/**
 * struct mms_column - one column a view can show
 * @name: header in capitals; lower case it is the JSON key and the -o word
 * @type: alignment and JSON type
 * @shown: part of the default output
 * @tree: the column that carries the tree's lines (at most one)
 * @trunc: may be truncated to fit the terminal (free text at the end)
 * @help: a short sentence for --help
 */
struct mms_column {
	const char *name;
	enum mms_coltype type;
	bool shown;
	bool tree;
	bool trunc;
	const char *help;
};

/**
 * struct mms_render - how the user wants output, from the global options
 * @json: JSON instead of a table
 * @bytes: sizes as exact byte counts
 * @no_headings: no header line
 * @columns: the argument of -o: "COL,COL", "+COL" to add to the defaults, or
 *	NULL
 * @out: where it goes
 */
struct mms_render {
	bool json;
	bool bytes;
	bool no_headings;
	const char *columns;
	FILE *out;
};

struct mms_table;
struct mms_line;	/* opaque; a row */

/**
 * mms_table_new() - a table of the columns that @r chooses from @cols
 * @name: JSON name of the array of rows
 * Return: 0; -EINVAL with @err naming the unknown column and the known ones
 */
int mms_table_new(struct mms_table **out, const struct mms_render *r,
		  const char *name, const struct mms_column *cols,
		  size_t ncols, struct mms_err *err);
void mms_table_free(struct mms_table *t);

/* A new row below @parent (NULL = top level); NULL on lack of memory. */
struct mms_line *mms_table_line(struct mms_table *t, struct mms_line *parent);

/* Fill the cell of column @col (index in the column table); a column that is
 * not shown costs nothing.  A cell never set is unknown: "-" in a table, null
 * in JSON, never 0. */
void mms_line_str(struct mms_table *t, struct mms_line *l, size_t col, const char *s);
void mms_line_num(struct mms_table *t, struct mms_line *l, size_t col, int64_t v);
void mms_line_size(struct mms_table *t, struct mms_line *l, size_t col, uint64_t bytes);
void mms_line_hex(struct mms_table *t, struct mms_line *l, size_t col, uint64_t v);
void mms_line_bool(struct mms_table *t, struct mms_line *l, size_t col, bool v);

/* Print it; a write error is returned as -errno. */
int mms_table_print(struct mms_table *t, struct mms_err *err);

/* The same into a string that the caller frees. */
int mms_table_to_string(struct mms_table *t, char **out, struct mms_err *err);

/* Flush @out: 0, or -errno with "writing output: No space left on device". */
int mms_flush(FILE *out, struct mms_err *err);

/**
 * A JSON document of several parts: { "map": [...], "totals": [...] }.
 * In text mode each table is printed as it is and @mms_doc_text lines between.
 */
struct mms_doc;
struct mms_doc *mms_doc_begin(const struct mms_render *r);
int mms_doc_table(struct mms_doc *d, struct mms_table *t, struct mms_err *err);
void mms_doc_text(struct mms_doc *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));	/* text mode only */
void mms_doc_num(struct mms_doc *d, const char *key, int64_t v);	/* JSON mode only */
void mms_doc_str(struct mms_doc *d, const char *key, const char *v);	/* JSON mode only */
int mms_doc_end(struct mms_doc *d, struct mms_err *err);	/* flushes; -errno on a full disk, closed pipe */

/* "1.5M", "12K", "345B": at most three digits, one decimal below ten. */
const char *mms_human(uint64_t bytes, char buf[16]);

#endif
