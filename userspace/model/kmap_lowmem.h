/* SPDX-License-Identifier: GPL-2.0 */
/* How i386 divides the kernel's gigabyte. */
#ifndef MMSCOPE_MODEL_KMAP_LOWMEM_H
#define MMSCOPE_MODEL_KMAP_LOWMEM_H

#include "model/kmap.h"

/**
 * struct mms_kmap_lowmem - the direct map of 32 bits and what limits it; bytes
 * @page_offset: where it begins
 * @end: behind it: high_memory
 * @reserve: kept for vmalloc, 128M unless the command line says vmalloc=; 0 = not
 *	known, and @line and @max neither
 * @line: what is left of the addresses above @page_offset: the 896 MiB line
 * @max: as much as lowmem may have (MAXMEM): @line less what lies above vmalloc
 * @hole: between @end and vmalloc, so that an overrun faults
 * @in_hole: mapped there: 0 if all is well
 * @have_high: the next two were read
 * @high_spanned: from the HighMem zone's first frame to its last
 * @high_present: of it, memory
 */
struct mms_kmap_lowmem {
	uint64_t page_offset;
	uint64_t end;
	uint64_t reserve;
	uint64_t line;
	uint64_t max;
	uint64_t hole;
	uint64_t in_hole;
	uint64_t high_spanned;
	uint64_t high_present;
	bool have_high;
};

/**
 * mms_kmap_lowmem() - of @m
 * @cmdline: /proc/cmdline, @zoneinfo: /proc/zoneinfo; NULL = not of this machine
 *
 * Return: false: its addresses have more than 32 bits
 */
bool mms_kmap_lowmem(const struct mms_kmap *m, const char *cmdline, const char *zoneinfo, struct mms_kmap_lowmem *l);

#endif
