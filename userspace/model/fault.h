/* SPDX-License-Identifier: GPL-2.0 */
/* What Linux does about a page fault, as far as VMA and entry tell. */
#ifndef MMSCOPE_MODEL_FAULT_H
#define MMSCOPE_MODEL_FAULT_H

#include "mmu/mmu.h"
#include "model/snapshot.h"

/**
 * mms_fault_text() - foretell the outcome of a fault
 * @snap: the process's VMAs
 * @walk: where its tables end for the address
 * @kind: the access, made in user mode
 * @res: the software MMU's verdict on it, a page fault
 * @buf: receives the text
 *
 * Return: @buf
 */
const char *mms_fault_text(const struct mms_snapshot *snap,
			   const struct mms_walk *walk, enum mmu_access_kind kind,
			   const struct mmu_result *res, char *buf, size_t size);

#endif
