/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of mmscope walk share. */
#ifndef MMSCOPE_VIEW_WALK_H
#define MMSCOPE_VIEW_WALK_H

#include "cmd.h"
#include "mmu/mmu.h"
#include "model/mmuregs.h"
#include "model/snapshot.h"

#define MMS_KALLSYMS	"/proc/kallsyms"

/**
 * struct mms_walk_view - one invocation
 * @plain: for the table that -o does not mean
 * @res: the translation, used before or not
 * @met: what accesses meet: arm64 may have an Access flag fault
 * @kernel: the address is of the kernel's half
 * @symbol: that was asked for, or NULL
 * @asked_kernel: "kernel" in place of a PID: as it runs for this tool
 * @no_mmu: why there are no regs and no res; "" = there are
 */
struct mms_walk_view {
	struct mms_source *source;
	struct mms_render render;
	struct mms_render plain;
	struct mms_snapshot *snap;
	struct mms_walk walk;
	struct mmu_regs regs;
	struct mmu_result res;
	struct mmu_result met;
	struct mms_table *table;
	struct mms_doc *doc;
	uint32_t pid;
	uint64_t addr;
	bool kernel;
	const char *symbol;
	bool asked_kernel;
	bool mapped;
	bool mismatch;
	struct mms_err no_mmu;
};

/* One fact for both kinds of reader. */
void mms_walk_fact(struct mms_walk_view *v, const char *label, const char *key, const char *text);

void mms_walk_title(struct mms_walk_view *v);
/* The name of a level's entries, Linux's and the manual's. */
void mms_walk_level(const struct mms_walk_view *v, unsigned int level, char *buf, size_t size);
/* A mapped page: by the model; by the module, where no model replays it. */
void mms_walk_page(struct mms_walk_view *v);
void mms_walk_extent(struct mms_walk_view *v);
/* Where the walk ends, and why. */
void mms_walk_unmapped(struct mms_walk_view *v);
/* What an entry that maps no page says; @buf may hold it. */
const char *mms_walk_state(const struct mms_pt_extent *e, char *buf, size_t size);
void mms_walk_vma(struct mms_walk_view *v);

bool mms_walk_executable(const struct mms_walk_view *v);
/* The table of what a read, a write and a fetch would do. */
int mms_walk_accesses(struct mms_walk_view *v, struct mms_err *err);

/* Do module and model agree?  Without a model: module and pagemap.  Sets @v->mismatch. */
void mms_walk_verdict(struct mms_walk_view *v);
void mms_walk_pagemap_verdict(struct mms_walk_view *v);

#endif
