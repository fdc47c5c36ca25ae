// SPDX-License-Identifier: GPL-2.0
/* mmscope kmap --runs, --tree: what is mapped alike. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "view/kmap.h"

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum {
	RUN_START, RUN_END, RUN_PHYS, RUN_SIZE, RUN_PAGE, RUN_RIGHTS, RUN_GLOBAL, RUN_CACHE, RUN_FRAMES, RUN_REGION,
	RUN_PART, RUN_MAX
};

static const struct mms_column run_columns[RUN_MAX] = {
	[RUN_START]	= C("START", HEX, true, "first address"),
	[RUN_END]	= C("END", HEX, false, "behind it"),
	[RUN_PHYS]	= C("PHYS", HEX, false, "physical address of it, where it is one run of frames"),
	[RUN_SIZE]	= C("SIZE", SIZE, true, "bytes"),
	[RUN_PAGE]	= C("PAGE", SIZE, true, "size of its pages"),
	[RUN_RIGHTS]	= C("RIGHTS", STR, true, "what all levels allow: w write, x fetch, u to user mode, too"),
	[RUN_GLOBAL]	= C("GLOBAL", BOOL, false, "kept in the TLB when the address space changes"),
	[RUN_CACHE]	= C("CACHE", STR, true, "memory type, by the PAT or MAIR"),
	[RUN_FRAMES]	= C("FRAMES", NUM, true, "runs of adjacent page frames in it"),
	[RUN_REGION]	= C("REGION", STR, true, "part of the addresses"),
	[RUN_PART]	= { .name = "PART", .type = MMS_COL_STR, .shown = true, .trunc = true,
			    .help = "of the kernel's image, by its symbols; modules; Kernel...: by /proc/iomem" },
};

int mms_kmap_runs_table(struct mms_kmap_view *v, struct mms_err *err)
{
	return mms_table_new(&v->table, &v->render, "runs", run_columns, RUN_MAX, err);
}

/* [@start, @end) of run @r, which is in part @part of the image, or holds modules. */
static int add_run(struct mms_kmap_view *v, const struct mms_kmap_alike *r, uint64_t start, uint64_t end,
		   const char *part)
{
	char rights[8], cache[16], modules[128];
	struct mms_line *l = mms_table_line(v->table, NULL);
	uint32_t id = v->m.region[r->region].id;

	if (!l)
		return -ENOMEM;
	mms_kmap_rights(r->flags, rights);
	mms_line_hex(v->table, l, RUN_START, start);
	mms_line_hex(v->table, l, RUN_END, end);
	if (r->frames == 1)
		mms_line_hex(v->table, l, RUN_PHYS, r->pa + (start - r->start));
	mms_line_size(v->table, l, RUN_SIZE, end - start);
	mms_line_size(v->table, l, RUN_PAGE, 1ULL << r->page_shift);
	mms_line_str(v->table, l, RUN_RIGHTS, rights);
	mms_line_bool(v->table, l, RUN_GLOBAL, r->flags & MMS_PT_F_GLOBAL);
	mms_line_str(v->table, l, RUN_CACHE, mms_kmap_cache(&v->m.context, r->cache, cache));
	if (r->frames == 1 || (start == r->start && end - start == r->len))
		mms_line_num(v->table, l, RUN_FRAMES, (int64_t)r->frames);
	mms_line_str(v->table, l, RUN_REGION, mms_kmap_region_name(id));
	if (part)
		mms_line_str(v->table, l, RUN_PART, part);
	else if ((id == MMS_KT_MODULES || id == MMS_KT_VMALLOC) &&
		 mms_kmap_modules_in(&v->parts, start, end, modules, sizeof(modules)))
		mms_line_str(v->table, l, RUN_PART, modules);
	return 0;
}

/* A run of the image is told part by part. */
static int add_pieces(struct mms_kmap_view *v, const struct mms_kmap_alike *r)
{
	uint64_t at = r->start, end;
	int rc = 0;

	for (; !rc && at - r->start < r->len; at = end) {
		const char *part;

		end = r->start + r->len;
		part = mms_kmap_part_of(&v->parts, &v->m, r, at, &end);
		rc = add_run(v, r, at, end, part);
	}
	return rc;
}

/* Why the image's parts are not told, or by whom. */
void mms_kmap_tell_parts(struct mms_kmap_view *v)
{
	bool here = strcmp(mms_source_name(v->source), "capture");
	const char *by = !v->parts.n ? "none" : v->parts.physical ? "iomem" : "kallsyms";

	mms_doc_str(v->doc, "parts_by", by);
	if (!here)
		mms_doc_text(v->doc, "PART is not told of a capture: symbols and modules are the live machine's\n");
	else if (!v->parts.stext)
		mms_doc_text(v->doc, "parts of the image are not known: /proc/kallsyms hides addresses (kernel.kptr_restrict)\n");
	else if (v->parts.physical)
		mms_doc_text(v->doc, "parts of the image by /proc/iomem, which has their physical addresses:\n"
				     "  /proc/kallsyms has no data symbols (no CONFIG_KALLSYMS_ALL)\n");
}

int mms_kmap_show_runs(struct mms_kmap_view *v, struct mms_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < v->m.nruns; i++)
		if (mms_kmap_wanted(v, v->m.runs[i].region))
			rc = add_pieces(v, &v->m.runs[i]);
	if (rc)
		return mms_err_set(err, rc, "out of memory");
	return mms_doc_table(v->doc, v->table, err);
}

enum { TREE_NAME, TREE_START, TREE_SIZE, TREE_MAPPED, TREE_RUNS, TREE_MAX };

static const struct mms_column tree_columns[TREE_MAX] = {
	[TREE_NAME]	= { .name = "NAME", .type = MMS_COL_STR, .shown = true, .tree = true,
			    .help = "a part, or rights and page size of what is mapped in it" },
	[TREE_START]	= C("START", HEX, true, "first address; of what is mapped: of its first run"),
	[TREE_SIZE]	= C("SIZE", SIZE, true, "addresses of the part"),
	[TREE_MAPPED]	= C("MAPPED", SIZE, true, "with a page behind"),
	[TREE_RUNS]	= C("RUNS", NUM, true, "stretches mapped alike"),
};

int mms_kmap_tree_table(struct mms_kmap_view *v, struct mms_err *err)
{
	return mms_table_new(&v->table, &v->render, "tree", tree_columns, TREE_MAX, err);
}

static bool alike(const struct mms_kmap_alike *a, const struct mms_kmap_alike *b)
{
	return a->region == b->region && a->level == b->level && a->cache == b->cache &&
	       !((a->flags ^ b->flags) & ~MMS_PT_F_GLOBAL);
}

/* All runs like @first, from there on; 0 if an earlier one was. */
static uint64_t sum_alike(const struct mms_kmap *m, size_t first, uint64_t *runs)
{
	uint64_t len = 0;

	for (size_t i = 0; i < first; i++)
		if (alike(&m->runs[i], &m->runs[first]))
			return 0;
	*runs = 0;
	for (size_t i = first; i < m->nruns; i++)
		if (alike(&m->runs[i], &m->runs[first])) {
			len += m->runs[i].len;
			++*runs;
		}
	return len;
}

static int add_children(struct mms_kmap_view *v, struct mms_line *parent, size_t region)
{
	char name[64], rights[8], cache[16], page[16];

	for (size_t i = 0; i < v->m.nruns; i++) {
		const struct mms_kmap_alike *r = &v->m.runs[i];
		uint64_t runs, len = r->region == region ? sum_alike(&v->m, i, &runs) : 0;
		struct mms_line *l;

		if (!len)
			continue;
		l = mms_table_line(v->table, parent);
		if (!l)
			return -ENOMEM;
		mms_kmap_rights(r->flags, rights);
		mms_human(1ULL << r->page_shift, page);
		snprintf(name, sizeof(name), "%s %s %s", rights, page, mms_kmap_cache(&v->m.context, r->cache, cache));
		mms_line_str(v->table, l, TREE_NAME, name);
		mms_line_hex(v->table, l, TREE_START, r->start);
		mms_line_size(v->table, l, TREE_MAPPED, len);
		mms_line_num(v->table, l, TREE_RUNS, (int64_t)runs);
	}
	return 0;
}

int mms_kmap_show_tree(struct mms_kmap_view *v, struct mms_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i <= v->m.nregions; i++) {
		const struct mms_kmap_region *r = &v->m.region[i];
		struct mms_line *l;

		if (!mms_kmap_wanted(v, (uint32_t)i) || (i == v->m.nregions && !r->total))
			continue;
		l = mms_table_line(v->table, NULL);
		if (!l)
			return mms_err_set(err, -ENOMEM, "out of memory");
		mms_line_str(v->table, l, TREE_NAME, mms_kmap_region_name(r->id));
		if (r->id != MMS_KT_UNKNOWN) {
			mms_line_hex(v->table, l, TREE_START, r->start);
			mms_line_size(v->table, l, TREE_SIZE, r->last - r->start + 1);
		}
		mms_line_size(v->table, l, TREE_MAPPED, r->total);
		mms_line_num(v->table, l, TREE_RUNS, (int64_t)r->runs);
		rc = add_children(v, l, i);
	}
	if (rc)
		return mms_err_set(err, rc, "out of memory");
	return mms_doc_table(v->doc, v->table, err);
}
