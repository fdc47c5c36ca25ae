/* SPDX-License-Identifier: GPL-2.0 */
/* /proc's answer to kind LRU. */
#ifndef MMSCOPE_SOURCE_PROC_LRU_H
#define MMSCOPE_SOURCE_PROC_LRU_H

#include "source/procfs.h"

mms_proc_machine_fn mms_proc_lru;

#endif
