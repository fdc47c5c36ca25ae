/* SPDX-License-Identifier: GPL-2.0 */
/* mmscope verify: parts of the view. */
#ifndef MMSCOPE_VIEW_VERIFY_H
#define MMSCOPE_VIEW_VERIFY_H

#include "cmd.h"
#include "model/verify.h"

/* In text, the first ten of each of @n results, or all of them. */
void mms_verify_print_diffs(struct mms_doc *doc, const struct mms_verify_result *results, size_t n,
			    bool verbose);

/* In JSON a section of its own, all of them. */
int mms_verify_json_diffs(struct mms_doc *doc, const struct mms_render *render,
			  const struct mms_verify_result *results, size_t n, struct mms_err *err);

/* verify --kernel; returns an exit status. */
int mms_verify_kernel_view(const struct mms_globals *g, bool verbose);

#endif
