/* SPDX-License-Identifier: GPL-2.0 */
/* The module's generic netlink door, asked through libnl. */
#ifndef MMSCOPE_SOURCE_GENL_H
#define MMSCOPE_SOURCE_GENL_H

#include "source/source.h"

struct mms_genl;

/**
 * struct mms_info - what INFO_GET answers
 * @version: of the module, as the module gives it; neutralise before showing
 * @release: of the kernel it runs on
 */
struct mms_info {
	uint32_t abi;
	uint32_t arch;
	uint32_t page_shift;
	char version[64];
	char release[64];
};

/**
 * struct mms_collector_info - one answer of COLLECTOR_GET
 */
struct mms_collector_info {
	uint32_t kind;
	uint32_t state;
	char name[32];
	char reason[256];
};

/**
 * mms_genl_open() - connect and find the family
 * Return: 0; -ENOENT the module is not loaded; -errno
 */
int mms_genl_open(struct mms_genl **out, struct mms_err *err);
void mms_genl_close(struct mms_genl *g);

/* Each: 0; -EACCES not permitted; -errno with the module's own text in @err. */
int mms_genl_info(struct mms_genl *g, struct mms_info *info, struct mms_err *err);
int mms_genl_collectors(struct mms_genl *g,
			int (*fn)(void *ctx, const struct mms_collector_info *c),
			void *ctx, struct mms_err *err);
int mms_genl_walk(struct mms_genl *g, uint32_t pid, uint64_t addr,
		  struct mms_walk *out, struct mms_err *err);

/* 0, or -EPROTONOSUPPORT with what to do about a module of another ABI. */
int mms_check_abi(const struct mms_info *info, struct mms_err *err);

/* "ok", "partial", "no symbol" ... of enum mms_cap_state */
const char *mms_cap_state_name(uint32_t state);

#endif
