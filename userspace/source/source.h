/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where records come from: the module, /proc, or a capture file.  All three
 * answer the same questions with the same records; a view does not know which
 * one it reads.
 */
#ifndef MMSCOPE_SOURCE_SOURCE_H
#define MMSCOPE_SOURCE_SOURCE_H

#include "decode.h"

struct mms_source;

/**
 * struct mms_walk_step - one level of a walk of one address
 * @level: 5 .. 1 as in struct mms_pt_table
 * @index: index in that level's table
 * @entry_pa: physical address of the entry
 * @raw: the entry as read
 */
struct mms_walk_step {
	unsigned int level;
	unsigned int index;
	uint64_t entry_pa;
	uint64_t raw;
};

/**
 * struct mms_walk - the answer to "what does ADDR translate to in PID?"
 * @has_extent: @extent holds the leaf (one entry); else @hole is where it ends
 */
struct mms_walk {
	uint32_t pid;
	uint64_t addr;
	struct mms_pt_context context;
	unsigned int nsteps;
	struct mms_walk_step steps[5];
	bool has_extent;
	struct mms_pt_extent extent;
	struct mms_pt_hole hole;
};

/**
 * struct mms_source_ops - one kind of source
 * @name: "module", "procfs", "capture"
 * @stream: produce one stream of @kind for @req and pass it through @h.
 *	-EOPNOTSUPP with the reason where this source cannot (procfs has no
 *	page tables), -ESRCH no such process, -ENXIO a kernel thread, -ENODATA
 *	exited, -EACCES not permitted; @err says which, why and the remedy.
 * @walk: one address; may be NULL: then mms_source_walk() asks @stream.
 * @pids: call @fn for each process in ascending order; kernel threads too.
 * @close: free everything
 *
 * Adding a source: fill one of these in a file of its own, give it an
 * mms_source_open_NAME(), and add that to the choice in source.c.
 */
struct mms_source_ops {
	const char *name;
	int (*stream)(struct mms_source *s, enum mms_kind kind,
		      const struct mms_request *req,
		      const struct mms_handler *h, struct mms_err *err);
	int (*walk)(struct mms_source *s, uint32_t pid, uint64_t addr,
		    struct mms_walk *out, struct mms_err *err);
	int (*pids)(struct mms_source *s, int (*fn)(void *ctx, uint32_t pid),
		    void *ctx, struct mms_err *err);
	void (*close)(struct mms_source *s);
};

struct mms_source {
	const struct mms_source_ops *ops;
};

int mms_source_open_module(struct mms_source **out, struct mms_err *err);
int mms_source_open_procfs(struct mms_source **out, struct mms_err *err);
int mms_source_open_capture(struct mms_source **out, const char *file,
			    struct mms_err *err);

/**
 * mms_source_open() - the source the user asked for, or the best there is
 * @from: capture file, or NULL
 * @which: "module", "procfs", or NULL for the module if it answers, else
 *	procfs with @fallback saying in one line what is missing and why
 * @fallback: empty if nothing had to be replaced
 */
int mms_source_open(struct mms_source **out, const char *from,
		    const char *which, struct mms_err *fallback,
		    struct mms_err *err);
void mms_source_close(struct mms_source *s);

static inline const char *mms_source_name(const struct mms_source *s)
{
	return s->ops->name;
}

int mms_source_stream(struct mms_source *s, enum mms_kind kind,
		      const struct mms_request *req,
		      const struct mms_handler *h, struct mms_err *err);
int mms_source_walk(struct mms_source *s, uint32_t pid, uint64_t addr,
		    struct mms_walk *out, struct mms_err *err);
int mms_source_pids(struct mms_source *s, int (*fn)(void *ctx, uint32_t pid),
		    void *ctx, struct mms_err *err);

/*
 * The module source answers VMA and PGTABLE itself (debugfs stream files,
 * netlink for walk) and hands TASK and USAGE to procfs, whose figures they
 * are.  procfs answers TASK, VMA (from maps), USAGE (from smaps) and PGTABLE
 * EXTENTS (from pagemap, .raw = 0, .flags only what pagemap tells: without
 * CAP_SYS_ADMIN the PFNs read as 0 and it says -EACCES; no PT_CONTEXT; levels
 * are not in pagemap, every entry is given as level 1).  A capture answers
 * whatever was recorded.
 */

#endif
