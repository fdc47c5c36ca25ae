// SPDX-License-Identifier: GPL-2.0
/* The kernel's image by its symbols or by /proc/iomem, modules by /proc/modules and /sys/module. */
#include "model/kmap_parts.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/vec.h"
#include "source/ksyms.h"
#include "util/text.h"

#define PATH	512

/* include/asm-generic/sections.h; the last of arch/x86/kernel/vmlinux.lds.S */
static const char *const bounds[] = {
	"_text", "_etext", "__start_rodata", "__end_rodata", "_sdata", "_edata", "__bss_start", "__bss_stop",
	"__init_begin", "__init_end", "__brk_base", "__brk_limit", "_stext",
};

static const char *const names[] = { "text", "rodata", "data", "bss", "init (freed)", "brk" };

#define NBOUNDS	(sizeof(bounds) / sizeof(*bounds))
#define NNAMES	(sizeof(names) / sizeof(*names))
#define NEEDED	4	/* all but init and brk, which not every kernel has */

static void add_part(struct mms_kmap_parts *p, uint64_t start, uint64_t end, const char *name)
{
	size_t i = p->n;

	if (start >= end || p->n == MMS_KMAP_PARTS)
		return;
	for (; i && p->part[i - 1].start > start; i--)
		p->part[i] = p->part[i - 1];
	p->part[i] = (struct mms_kmap_part){ .start = start, .end = end };
	snprintf(p->part[i].name, sizeof(p->part[i].name), "%s", name);
	p->n++;
}

static void read_symbols(struct mms_kmap_parts *p, const char *path)
{
	uint64_t addr[NBOUNDS];
	size_t i;

	if (mms_ksym_addresses(path, bounds, NBOUNDS, addr) < 0)
		return;
	p->stext = addr[NBOUNDS - 1];
	for (i = 0; i < 2 * NEEDED; i++)
		if (!addr[i])
			return;
	for (i = 0; i < NNAMES; i++)
		add_part(p, addr[2 * i], addr[2 * i + 1], names[i]);
}

/* "  01000000-01a00f20 : Kernel code" */
static void read_iomem(struct mms_kmap_parts *p, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[256], name[32];
	uint64_t first, last;

	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " %" SCNx64 "-%" SCNx64 " : Kernel %15[a-z]", &first, &last, name + 7) == 3 && last) {
			memcpy(name, "Kernel ", 7);
			add_part(p, first, last + 1, name);
		}
	fclose(f);
	p->physical = true;
}

static int add_mark(struct mms_kmap_parts *p, uint64_t addr, const char *module)
{
	struct mms_kmap_mark *k;

	if (!addr)
		return 0;
	if (mms_vec_grow(&p->marks, &p->cap, p->nmarks, sizeof(*p->marks)))
		return -ENOMEM;
	k = &p->marks[p->nmarks++];
	k->addr = addr;
	mms_neutral(module, k->module, sizeof(k->module));
	return 0;
}

/* Was it freed when the module had begun (kernel/module/kallsyms.c: layout_symtab())?  Others may be there now. */
static bool is_freed(const char *section)
{
	return !strncmp(section, ".init", 5) || !strcmp(section, ".symtab") || !strcmp(section, ".strtab");
}

/* Where its sections lie: text and data are apart since 6.4. */
static int read_sections(struct mms_kmap_parts *p, const char *root, const char *module)
{
	struct dirent *e;
	char path[PATH];
	int rc = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/sys/module/%s/sections", root, module);
	d = opendir(path);
	while (d && !rc && (e = readdir(d))) {
		char file[2 * PATH];
		uint64_t addr = 0;
		FILE *f;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || is_freed(e->d_name))
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		f = fopen(file, "re");
		if (f && fscanf(f, "%" SCNx64, &addr) == 1)
			rc = add_mark(p, addr, module);
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
	return rc;
}

static int read_modules(struct mms_kmap_parts *p, const char *root)
{
	char path[PATH], line[4096], name[56];
	uint64_t addr;
	int rc = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/modules", root);
	f = fopen(path, "re");
	while (f && !rc && fgets(line, sizeof(line), f)) {
		/* name size users dependencies state address */
		if (sscanf(line, "%55s %*s %*s %*s %*s %" SCNx64, name, &addr) != 2)
			continue;
		rc = add_mark(p, addr, name);
		if (!rc)
			rc = read_sections(p, root, name);
	}
	if (f)
		fclose(f);
	return rc;
}

static int by_address(const void *a, const void *b)
{
	const struct mms_kmap_mark *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

int mms_kmap_parts_read(struct mms_kmap_parts *p, const char *root)
{
	char path[PATH];
	int rc;

	snprintf(path, sizeof(path), "%s/proc/kallsyms", root);
	read_symbols(p, path);
	if (!p->n && p->stext) {
		snprintf(path, sizeof(path), "%s/proc/iomem", root);
		read_iomem(p, path);
	}
	rc = read_modules(p, root);
	if (p->nmarks)
		qsort(p->marks, p->nmarks, sizeof(*p->marks), by_address);
	return rc;
}

void mms_kmap_parts_free(struct mms_kmap_parts *p)
{
	free(p->marks);
	memset(p, 0, sizeof(*p));
}

/* Does the image lie in the part of the addresses that @r is in?  (By its frames alone an alias would be it, too.) */
static bool of_image(const struct mms_kmap_parts *p, const struct mms_kmap *m, const struct mms_kmap_alike *r)
{
	const struct mms_kmap_region *x = &m->region[r->region];

	return x->id != MMS_KT_UNKNOWN && p->stext >= x->start && p->stext <= x->last;
}

const char *mms_kmap_part_of(const struct mms_kmap_parts *p, const struct mms_kmap *m, const struct mms_kmap_alike *r,
			     uint64_t va, uint64_t *end)
{
	/* of physical bounds: how far they are from virtual ones, in this run */
	uint64_t off = p->physical ? r->start - r->pa : 0;

	if (!of_image(p, m, r) || (p->physical && r->frames != 1))
		return NULL;
	for (size_t i = 0; i < p->n; i++) {
		uint64_t first = p->part[i].start + off, behind = p->part[i].end + off;

		if (va - first < behind - first) {
			if (behind - va < *end - va)
				*end = behind;
			return p->part[i].name;
		}
		if (first - va < *end - va)
			*end = first;
	}
	return NULL;
}

bool mms_kmap_is_text(const struct mms_kmap_parts *p, const struct mms_kmap *m, const struct mms_kmap_alike *r)
{
	uint64_t end = r->start + r->len;
	const char *part = mms_kmap_part_of(p, m, r, r->start, &end);

	if (!p->n)
		return m->region[r->region].id == MMS_KT_DIRECT && m->region[r->region].last >> 32 == 0;
	return part && (!strcmp(part, "text") || !strcmp(part, "Kernel code"));
}

bool mms_kmap_modules_in(const struct mms_kmap_parts *p, uint64_t start, uint64_t end, char *buf, size_t size)
{
	const char *last = NULL;
	size_t used = 0;

	for (size_t i = 0; i < p->nmarks && used < size; i++) {
		const struct mms_kmap_mark *k = &p->marks[i];

		if (k->addr < start || k->addr >= end || (last && !strcmp(last, k->module)))
			continue;
		used += (size_t)snprintf(buf + used, size - used, "%s%s", last ? ", " : "", k->module);
		last = k->module;
	}
	return last;
}
