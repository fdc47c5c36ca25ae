// SPDX-License-Identifier: GPL-2.0
/* /proc/meminfo, kallsyms, iomem, modules -> what they say of the kernel's address space. */
#include "model/kmap_proc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PATH	512

static void read_vmalloc(struct mms_kmap_proc *p, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[128];
	uint64_t kib;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "VmallocTotal: %" SCNu64, &kib) == 1)
			p->vmalloc_total = kib * 1024;
		else if (sscanf(line, "VmallocUsed: %" SCNu64, &kib) == 1)
			p->vmalloc_used = kib * 1024;
	}
	if (f)
		fclose(f);
}

static void read_modules(struct mms_kmap_proc *p, const char *path)
{
	FILE *f = fopen(path, "re");
	uint64_t size, addr;
	char line[4096];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %" SCNu64 " %*s %*s %*s %" SCNx64, &size, &addr) != 2)
			continue;
		p->modules++;
		p->module_bytes += size;
		if (addr && (!p->module_first || addr < p->module_first))
			p->module_first = addr;
	}
	if (f)
		fclose(f);
}

int mms_kmap_proc_read(struct mms_kmap_proc *p, const char *root)
{
	char path[PATH];

	snprintf(path, sizeof(path), "%s/proc/meminfo", root);
	mms_direct_map_read(path, &p->direct);
	read_vmalloc(p, path);
	snprintf(path, sizeof(path), "%s/proc/modules", root);
	read_modules(p, path);
	return mms_kmap_parts_read(&p->parts, root);
}
