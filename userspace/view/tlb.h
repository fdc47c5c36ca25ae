/* SPDX-License-Identifier: GPL-2.0 */
/* The two halves of "mmscope tlb": a process (tlb.c), a trace (tlb_trace.c). */
#ifndef MMSCOPE_VIEW_TLB_H
#define MMSCOPE_VIEW_TLB_H

#include "cmd.h"

/* "mmscope tlb --trace FILE --mem FILE [--mode MODE]"; an exit status. */
int mms_tlb_trace_view(const struct mms_globals *g, const char *trace, const char *mem, const char *mode);

#endif
