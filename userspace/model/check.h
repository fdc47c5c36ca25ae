/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pairs of witnesses compared: what a source says beside what /proc says, or
 * two of a source's own facts that must go together.
 *
 *	check.c		rounds of reading, and what becomes of each difference
 *	check_NAME.c	rows: one table entry each; a group whose rows are many has
 *			them in further files, and its header names these
 *
 * To add a comparison: an entry in the rows of a check_NAME.c.  To add a
 * subject with a reading of its own: a file check_NAME.c that ends with a
 * struct mms_check_group, and its line in the list in check.c.
 */
#ifndef MMSCOPE_MODEL_CHECK_H
#define MMSCOPE_MODEL_CHECK_H

#include "source/source.h"

enum mms_check_verdict {
	MMS_CHECK_AGREE,
	MMS_CHECK_MOVED,	/* reading again says that it changes */
	MMS_CHECK_EXPLAINED,	/* it differs by no more than the row's tolerance */
	MMS_CHECK_DISAGREE,
	MMS_CHECK_NA,		/* one of the two is not to be had; the note says why */
	__MMS_CHECK_MAX
};

struct mms_check;

/**
 * struct mms_check_row - one pair of witnesses
 * @name: "group.thing", for the command line
 * @ours: the first witness
 * @theirs: the second
 * @tolerance: what may differ, as a person reads it; "" = nothing
 * @reason: why that much
 * @run: compare, by mms_check_compare() any number of times; called once per
 *	reading.  0 or -errno
 * @arg: of @run
 */
struct mms_check_row {
	const char *name;
	const char *ours;
	const char *theirs;
	const char *tolerance;
	const char *reason;
	int (*run)(struct mms_check *c, const struct mms_check_row *row);
	const void *arg;
};

/**
 * struct mms_check_group - rows that share a reading
 * @name: of the group
 * @rows: @nrows of them
 * @per_process: @open is called for each process
 * @open: read all that the rows need: theirs, ours, theirs again.  @pid is 0
 *	unless @per_process.  Sets c->ctx.  0; -ESRCH, -ENODATA, -ENXIO nothing
 *	to check here (gone, a kernel thread); -EOPNOTSUPP not to be had, with
 *	@err: all rows are not available; another -errno
 * @close: free c->ctx; may be NULL
 */
struct mms_check_group {
	const char *name;
	const struct mms_check_row *rows;
	size_t nrows;
	bool per_process;
	int (*open)(struct mms_check *c, uint32_t pid, struct mms_err *err);
	void (*close)(struct mms_check *c);
};

extern const struct mms_check_group mms_check_machine, mms_check_buddy, mms_check_lru,
	mms_check_frames, mms_check_process, mms_check_slab, mms_check_vmalloc, mms_check_kmap;

/**
 * struct mms_check_item - one comparison
 * @row: of which row
 * @where: "node 0 DMA32", "PID 12 (sh)"; "" = the machine
 * @what: field or counter
 * @ours: last value
 * @theirs: likewise, at the end of the reading
 * @tolerance: how much they may differ
 * @rounds: readings in which they differed
 * @moved: of these, in which something changed meanwhile
 * @gap: by how much they differed in the last reading in which nothing did
 * @same: such readings that had the same @gap as the one before
 * @verdict: valid when @settled
 * @note: what explains it, or why it is not available; neutralised
 */
struct mms_check_item {
	const struct mms_check_row *row;
	char where[96];
	char what[64];
	uint64_t ours;
	uint64_t theirs;
	uint64_t tolerance;
	unsigned int rounds;
	unsigned int moved;
	int64_t gap;
	unsigned int same;
	bool settled;
	enum mms_check_verdict verdict;
	char note[200];
};

/**
 * struct mms_check_tally - what became of one row
 * @row: of which
 * @n: comparisons, those not available among them
 * @by: verdicts
 */
struct mms_check_tally {
	const struct mms_check_row *row;
	size_t n;
	size_t by[__MMS_CHECK_MAX];
};

/**
 * struct mms_check - one run; set the first members, zero the rest
 * @source: the first witness
 * @proc: "/proc", or another tree for tests
 * @frozen: the source is a capture: there is no live machine beside it
 * @pid: only this process; 0 = every one
 * @names: rows or groups asked for, @nnames of them; 0 = all
 * @rounds: readings before a difference counts; 0 = 5
 * @pause_us: before the second of them, doubling; 0 = 2000
 * @keep_all: keep every comparison; else those that disagree, and of each row
 *	the first that is explained and the first that is not available: what is
 *	kept does not grow with the number of processes
 * @tell: called now and then with what is being read; may be NULL
 * @tell_ctx: for it
 * @reason: set by a row before it compares, where its own does not hold here;
 *	taken back after it
 * @ctx: of the open group
 * @unsteady: set by its @open where what was read changed meanwhile
 * @items: comparisons that were kept, @nitems of them
 * @tallies: of every row of every group, @ntallies of them
 * @processes: processes that were read
 */
struct mms_check {
	struct mms_source *source;
	const char *proc;
	bool frozen;
	uint32_t pid;
	char *const *names;
	size_t nnames;
	unsigned int rounds;
	unsigned int pause_us;
	bool keep_all;
	void (*tell)(void *ctx, const char *what);
	void *tell_ctx;

	const char *reason;
	void *ctx;
	bool unsteady;
	struct mms_check_item *items;
	size_t nitems;
	size_t items_cap;
	struct mms_check_tally *tallies;
	size_t ntallies;
	size_t first;		/* of the target being read */
	size_t processes;
};

/**
 * mms_check_run() - make every comparison that was asked for
 *
 * Return: 0, whatever the verdicts; -EINVAL a name that is none, with the known
 * ones in @err; another -errno
 */
int mms_check_run(struct mms_check *c, struct mms_err *err);
void mms_check_free(struct mms_check *c);

/**
 * mms_check_compare() - one comparison of a row, in this reading
 * @before: theirs, read before ours
 * @after: theirs, read after ours
 * @tolerance: how much they may differ; with 0 not at all
 *
 * Return: 0 or -ENOMEM
 */
int mms_check_compare(struct mms_check *c, const struct mms_check_row *row, const char *where,
		      const char *what, uint64_t ours, uint64_t before, uint64_t after,
		      uint64_t tolerance);

/* A verdict that the row reached by itself; @fmt says why. */
int mms_check_settle(struct mms_check *c, const struct mms_check_row *row, const char *where,
		     const char *what, enum mms_check_verdict v, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/* What became of @row; all zeros where it was not asked for. */
const struct mms_check_tally *mms_check_tally(const struct mms_check *c,
					      const struct mms_check_row *row);

/* The worst verdict of a row; MMS_CHECK_NA where nothing was compared. */
enum mms_check_verdict mms_check_worst(const struct mms_check_tally *t);

/* Comparisons of all rows, and those of them with verdict @v. */
size_t mms_check_compared(const struct mms_check *c);
size_t mms_check_count(const struct mms_check *c, enum mms_check_verdict v);

/* Say what is being read, to who waits. */
void mms_check_tell(struct mms_check *c, const char *what);

/* The groups, ended by NULL. */
const struct mms_check_group *const *mms_check_groups(void);

const char *mms_check_verdict_name(enum mms_check_verdict v);

#endif
