// SPDX-License-Identifier: GPL-2.0
/* How i386 divides the kernel's gigabyte: lowmem, the line it ends at, the hole before vmalloc, HighMem. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/kmap_lowmem.h"

#define TOP		(1ULL << 32)
#define PAGE		4096ULL
#define RESERVE		(128ULL << 20)	/* arch/x86/mm/pgtable_32.c: __VMALLOC_RESERVE */
#define OFFSET		(8ULL << 20)	/* asm/pgtable_32_areas.h: VMALLOC_OFFSET, which parse_vmalloc() adds */

/* As the kernel's memparse(). */
static uint64_t parse_size(const char *s)
{
	char *end;
	uint64_t n = strtoull(s, &end, 0);

	switch (*end | ' ') {
	case 'g':
		return n << 30;
	case 'm':
		return n << 20;
	case 'k':
		return n << 10;
	default:
		return n;
	}
}

/* What is kept for vmalloc; 0 = not known. */
static uint64_t reserve(const char *cmdline)
{
	FILE *f = cmdline ? fopen(cmdline, "re") : NULL;
	char line[4096] = "", *save = NULL;
	uint64_t n = RESERVE;
	bool got;

	if (!f)
		return 0;
	got = fgets(line, sizeof(line), f);
	fclose(f);
	if (!got)
		return 0;
	for (char *w = strtok_r(line, " \n", &save); w; w = strtok_r(NULL, " \n", &save))
		if (!strncmp(w, "vmalloc=", 8))
			n = parse_size(w + 8) + OFFSET;
	return n;
}

static void read_high(const char *zoneinfo, struct mms_kmap_lowmem *l)
{
	FILE *f = zoneinfo ? fopen(zoneinfo, "re") : NULL;
	char line[128], zone[32] = "";
	uint64_t n;

	if (!f)
		return;
	l->have_high = true;	/* (a kernel or machine without it has no such zone, or an empty one) */
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Node %*u, zone %31s", zone) == 1 || strcmp(zone, "HighMem"))
			continue;
		if (sscanf(line, " spanned %" SCNu64, &n) == 1)
			l->high_spanned += n * PAGE;
		else if (sscanf(line, " present %" SCNu64, &n) == 1)
			l->high_present += n * PAGE;
	}
	fclose(f);
}

static uint64_t mapped_between(const struct mms_kmap *m, uint64_t first, uint64_t end)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->nruns; i++)
		if (m->runs[i].start >= first && m->runs[i].start < end)
			n += m->runs[i].len;
	return n;
}

bool mms_kmap_lowmem(const struct mms_kmap *m, const char *cmdline, const char *zoneinfo, struct mms_kmap_lowmem *l)
{
	const struct mms_kmap_region *direct = mms_kmap_region(m, MMS_KT_DIRECT);
	const struct mms_kmap_region *vmalloc = mms_kmap_region(m, MMS_KT_VMALLOC);
	uint64_t kept;

	memset(l, 0, sizeof(*l));
	if (!direct || !vmalloc || vmalloc->last >= TOP || direct->last >= vmalloc->start)
		return false;
	l->page_offset = direct->start;
	l->end = direct->last + 1;
	l->hole = vmalloc->start - l->end;
	l->in_hole = mapped_between(m, l->end, vmalloc->start);
	kept = reserve(cmdline);
	if (kept && kept < vmalloc->last + 1 - l->page_offset) {
		l->reserve = kept;
		l->line = TOP - l->page_offset - kept;
		l->max = vmalloc->last + 1 - l->page_offset - kept;
	}
	read_high(zoneinfo, l);
	return true;
}
