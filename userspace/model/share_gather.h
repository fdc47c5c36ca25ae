/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the processes whose page tables are to be joined. */
#ifndef MMSCOPE_MODEL_SHARE_GATHER_H
#define MMSCOPE_MODEL_SHARE_GATHER_H

#include "model/share.h"

/**
 * struct mms_share_gather - processes on their way into a struct mms_share
 * @source: who is asked; not owned
 * @share: what they are added to
 * @pids: processes whose figures are wanted, @npids of them; none = of all
 * @usage: their smaps is wanted, too
 * @counted: processes whose page tables were read
 * @no_counts: why not every mapping there is can be counted; "" = nothing known
 *	against it
 */
struct mms_share_gather {
	struct mms_source *source;
	struct mms_share share;
	uint32_t *pids;
	size_t npids;
	bool usage;
	unsigned int counted;
	struct mms_err no_counts;
};

/**
 * mms_share_gather_pids() - take the PIDs of a command line, each once
 * Return: 0; -EINVAL for what is no PID; -ENOMEM
 */
int mms_share_gather_pids(struct mms_share_gather *g, int n, char **words, struct mms_err *err);

/**
 * mms_share_gather_asked() - read the processes of @pids
 * Return: 0; -errno of mms_snapshot_take(): who was named must be there;
 * -EOPNOTSUPP if its page tables cannot be had
 */
int mms_share_gather_asked(struct mms_share_gather *g, struct mms_err *err);

/**
 * mms_share_gather_others() - read all the others
 *
 * Kernel threads and who has exited map nothing; another that cannot be read is
 * left out with the reason in @no_counts.
 *
 * Return: 0; -ENOMEM; -errno of listing the processes
 */
int mms_share_gather_others(struct mms_share_gather *g, struct mms_err *err);

/* Frees @share, too. */
void mms_share_gather_free(struct mms_share_gather *g);

#endif
