// SPDX-License-Identifier: GPL-2.0
/* mmscope kmap without the module: what /proc says, which is no page table. */
#include <errno.h>
#include <inttypes.h>

#include "model/kmap_proc.h"
#include "view/kmap.h"

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum { COL_REGION, COL_START, COL_PHYS, COL_SIZE, COL_USED, COL_PTE, COL_PMD, COL_PUD, COL_BY, COL_MAX };

static const struct mms_column columns[COL_MAX] = {
	[COL_REGION]	= C("REGION", STR, true, "part of the addresses, or of the kernel's image"),
	[COL_START]	= C("START", HEX, true, "its first address"),
	[COL_PHYS]	= C("PHYS", HEX, true, "its first physical address"),
	[COL_SIZE]	= C("SIZE", SIZE, true, "bytes"),
	[COL_USED]	= C("USED", SIZE, true, "of it in use"),
	[COL_PTE]	= C("PTE", SIZE, true, "of it by pages of 4K"),
	[COL_PMD]	= C("PMD", SIZE, true, "by pages of 2M (i386 without PAE: 4M)"),
	[COL_PUD]	= C("PUD", SIZE, true, "by pages of 1G"),
	[COL_BY]	= C("BY", STR, true, "the file that says so"),
};

int mms_kmap_proc_table(struct mms_kmap_view *v, struct mms_err *err)
{
	return mms_table_new(&v->table, &v->render, "kmap", columns, COL_MAX, err);
}

static struct mms_line *add(struct mms_kmap_view *v, const char *region, uint64_t size, const char *by)
{
	struct mms_line *l = mms_table_line(v->table, NULL);

	if (!l)
		return NULL;
	mms_line_str(v->table, l, COL_REGION, region);
	mms_line_size(v->table, l, COL_SIZE, size);
	mms_line_str(v->table, l, COL_BY, by);
	return l;
}

static int add_direct(struct mms_kmap_view *v, const struct mms_direct_map *d)
{
	struct mms_line *l = add(v, "direct-map", d->theirs[1] + d->theirs[2] + d->theirs[3], "meminfo");

	for (unsigned int i = 1; l && i <= 3; i++)
		if (d->known[i])
			mms_line_size(v->table, l, COL_PTE + i - 1, d->theirs[i]);
	return l ? 0 : -ENOMEM;
}

static int add_parts(struct mms_kmap_view *v, const struct mms_kmap_parts *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct mms_kmap_part *x = &p->part[i];
		struct mms_line *l = add(v, x->name, x->end - x->start, p->physical ? "iomem" : "kallsyms");

		if (!l)
			return -ENOMEM;
		mms_line_hex(v->table, l, p->physical ? COL_PHYS : COL_START, x->start);
	}
	return 0;
}

static int add_all(struct mms_kmap_view *v, const struct mms_kmap_proc *p)
{
	struct mms_line *l;
	int rc = 0;

	if (p->direct.known[1])
		rc = add_direct(v, &p->direct);
	if (rc)
		return rc;
	if (p->vmalloc_total) {
		l = add(v, "vmalloc", p->vmalloc_total, "meminfo");
		if (!l)
			return -ENOMEM;
		if (p->vmalloc_used)	/* (0: a kernel that does not count) */
			mms_line_size(v->table, l, COL_USED, p->vmalloc_used);
	}
	rc = add_parts(v, &p->parts);
	if (rc || !p->modules)
		return rc;
	l = add(v, "modules", p->module_bytes, "modules");
	if (!l)
		return -ENOMEM;
	if (p->module_first)
		mms_line_hex(v->table, l, COL_START, p->module_first);
	return 0;
}

int mms_kmap_show_proc(struct mms_kmap_view *v, struct mms_err *err)
{
	struct mms_kmap_proc p = { 0 };
	struct mms_err ignored;
	int rc = mms_kmap_proc_read(&p, "");

	v->doc = mms_doc_begin(&v->render);
	if (!rc && v->doc)
		rc = add_all(v, &p);
	if (!v->doc || rc) {
		rc = mms_err_set(err, -ENOMEM, "out of memory");
		goto out;
	}
	rc = mms_doc_table(v->doc, v->table, err);
	if (rc)
		goto out;
	mms_doc_text(v->doc, "\nby /proc alone: no page table was read, and no bounds but these are known\n");
	if (!p.parts.stext)
		mms_doc_text(v->doc, "parts of the image are not known: /proc/kallsyms hides addresses\n");
	mms_doc_str(v->doc, "tables_of", "none");
	rc = mms_doc_end(v->doc, err);
	v->doc = NULL;
out:
	if (v->doc)
		mms_doc_end(v->doc, &ignored);
	mms_kmap_parts_free(&p.parts);
	return rc;
}
