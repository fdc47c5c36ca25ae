// SPDX-License-Identifier: GPL-2.0
/* Page-table extents of the kernel -> parts of its addresses, runs mapped alike. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "mmu/mmu.h"
#include "model/kmap.h"
#include "model/vec.h"

#define RIGHTS	(MMS_PT_F_WRITE | MMS_PT_F_EXEC | MMS_PT_F_USER | MMS_PT_F_GLOBAL)

static const char *const names[__MMS_KT_MAX] = {
	[MMS_KT_UNKNOWN] = "none", [MMS_KT_DIRECT] = "direct-map", [MMS_KT_VMALLOC] = "vmalloc",
	[MMS_KT_VMEMMAP] = "vmemmap", [MMS_KT_KASAN] = "KASAN", [MMS_KT_CPU_ENTRY] = "cpu-entry-area",
	[MMS_KT_LDT] = "LDT", [MMS_KT_ESPFIX] = "espfix", [MMS_KT_EFI] = "EFI", [MMS_KT_IMAGE] = "image",
	[MMS_KT_MODULES] = "modules", [MMS_KT_FIXMAP] = "fixmap", [MMS_KT_VSYSCALL] = "vsyscall",
	[MMS_KT_PKMAP] = "pkmap", [MMS_KT_PCI_IO] = "PCI-IO",
};

const char *mms_kmap_region_name(uint32_t id)
{
	return id < __MMS_KT_MAX ? names[id] : "?";
}

uint32_t mms_kmap_region_find(const char *name)
{
	uint32_t id = 0;

	while (id < __MMS_KT_MAX && strcasecmp(names[id], name))
		id++;
	return id;
}

bool mms_kmap_for_code(const struct mms_kmap *m, const struct mms_kmap_alike *r)
{
	switch (m->region[r->region].id) {
	case MMS_KT_IMAGE:
	case MMS_KT_MODULES:
	case MMS_KT_VMALLOC:	/* i386 and arm64 have code there */
	case MMS_KT_EFI:
	case MMS_KT_VSYSCALL:
	case MMS_KT_CPU_ENTRY:	/* what user mode enters the kernel through, with PTI */
		return true;
	default:
		return false;
	}
}

const char *mms_kmap_cache(const struct mms_pt_context *c, unsigned int index, char buf[16])
{
	if (c->tcr) {
		snprintf(buf, 16, "attr %u", index & 7);
		return buf;
	}
	if (!c->pat)
		return "?";
	return mmu_memtype_name((enum mmu_memtype)(c->pat >> 8 * (index & 7) & 7));
}

/* The part that holds @va; the last entry if there is none. */
static struct mms_kmap_region *region_of(struct mms_kmap *m, uint64_t va)
{
	size_t i = 0;

	while (i < m->nregions && (va < m->region[i].start || va > m->region[i].last))
		i++;
	return &m->region[i];
}

/* Bytes from @va on, @len at most, that are in the same part, or in none. */
static uint64_t same_region(const struct mms_kmap *m, uint64_t va, uint64_t len)
{
	for (size_t i = 0; i < m->nregions; i++) {
		const struct mms_kmap_region *r = &m->region[i];

		if (va >= r->start && va <= r->last && len - 1 > r->last - va)
			len = r->last - va + 1;
		else if (va < r->start && len - 1 >= r->start - va)
			len = r->start - va;
	}
	return len;
}

static int add_piece(struct mms_kmap *m, const struct mms_pt_extent *e, uint64_t va, uint64_t len)
{
	uint64_t pa = e->pa + (va - e->va);
	struct mms_kmap_region *r = region_of(m, va);
	uint32_t flags = e->flags & RIGHTS;
	struct mms_kmap_alike *last = m->nruns ? &m->runs[m->nruns - 1] : NULL;

	r->mapped[e->level] += len;
	r->total += len;
	r->flags |= flags;
	r->writable += flags & MMS_PT_F_WRITE ? len : 0;
	r->exec += flags & MMS_PT_F_EXEC ? len : 0;
	r->wx += (flags & MMS_PT_F_WRITE && flags & MMS_PT_F_EXEC) ? len : 0;
	if (last && last->start + last->len == va && last->flags == flags && last->level == e->level &&
	    last->cache == e->cache && &m->region[last->region] == r) {
		last->frames += pa != last->pa_behind;
		last->pa_behind = pa + len;
		last->len += len;
		return 0;
	}
	if (mms_vec_grow(&m->runs, &m->cap, m->nruns, sizeof(*m->runs)))
		return -ENOMEM;
	r->runs++;
	m->runs[m->nruns++] = (struct mms_kmap_alike){
		.start = va, .len = len, .pa = pa, .pa_behind = pa + len, .flags = flags, .region = (uint32_t)(r - m->region),
		.level = e->level, .page_shift = e->page_shift, .cache = e->cache, .frames = 1,
	};
	return 0;
}

static int on_extent(struct mms_kmap *m, const struct mms_pt_extent *e)
{
	bool present = e->state == MMS_PT_PRESENT && !(e->flags & MMS_PT_F_PROTNONE);
	uint64_t done = 0, n;
	int rc = 0;

	for (; !rc && done < e->len; done += n) {
		n = same_region(m, e->va + done, e->len - done);
		if (present)
			rc = add_piece(m, e, e->va + done, n);
		else
			region_of(m, e->va + done)->absent[e->level] += n;
	}
	return rc;
}

/* A table that serves one part alone is that part's. */
static void on_table(struct mms_kmap *m, const struct mms_pt_table *t)
{
	unsigned int shift = t->level <= MMS_KMAP_LEVELS ? m->context.shift[t->level] : 0;
	uint64_t first = t->va + ((uint64_t)t->first << shift);
	uint64_t last = t->va + ((uint64_t)(t->last + 1) << shift) - 1;

	/* (it may begin before its part: is that the only one in it?) */
	for (size_t i = 0; shift && t->level < m->context.levels && i < m->nregions; i++) {
		struct mms_kmap_region *x = &m->region[i];
		bool in = x->start <= last && x->last >= first;
		bool next = i + 1 < m->nregions && x[1].start <= last;

		if (in && !next) {
			x->tables++;
			return;
		}
		if (in)
			break;
	}
	m->upper++;
}

static int on_region(struct mms_kmap *m, const struct mms_kt_region *r)
{
	if (m->nregions == MMS_KMAP_REGIONS ||
	    (m->nregions && r->start <= m->region[m->nregions - 1].last))
		return -EBADMSG;
	m->region[m->nregions++] = (struct mms_kmap_region){ .start = r->start, .last = r->last, .id = r->id };
	m->region[m->nregions] = (struct mms_kmap_region){ .id = MMS_KT_UNKNOWN };
	return 0;
}

static void on_root(struct mms_kmap *m, const struct mms_kt_root *r)
{
	m->other_root = r->user != m->user;
	if (!m->other_root)
		m->root_pa = r->root_pa;
}

static int on_record(void *ctx, const struct mms_record *rec)
{
	struct mms_kmap *m = ctx;

	if (rec->type == MMS_REC_PT_CONTEXT) {
		m->context = *(const struct mms_pt_context *)rec;
		m->have_context = true;
		return 0;
	}
	if (!m->have_context)
		return -EBADMSG;
	if (rec->type == MMS_REC_KT_ROOT)
		on_root(m, (const struct mms_kt_root *)rec);
	if (rec->type == MMS_REC_KT_REGION)
		return on_region(m, (const struct mms_kt_region *)rec);
	if (m->other_root)
		return 0;
	switch (rec->type) {
	case MMS_REC_PT_EXTENT:
		return on_extent(m, (const struct mms_pt_extent *)rec);
	case MMS_REC_PT_TABLE:
		on_table(m, (const struct mms_pt_table *)rec);
		return 0;
	case MMS_REC_KT_REPEAT: {
		const struct mms_kt_repeat *r = (const struct mms_kt_repeat *)rec;

		region_of(m, r->va)->repeated += r->len;
		return 0;
	}
	default:
		return 0;
	}
}

int mms_kmap_take(struct mms_kmap *m, struct mms_source *s, bool user, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req), .flags = MMS_REQ_EXTENTS | MMS_REQ_TABLES };
	struct mms_handler h = { .record = on_record, .ctx = m };
	int rc;

	m->user = user;
	m->region[0].id = MMS_KT_UNKNOWN;
	rc = mms_source_stream(s, MMS_KIND_KTABLES, &req, &h, err);
	if (rc == -EBADMSG && !err->text[0])
		mms_err_set(err, rc, "the kernel's page tables: records out of order: damaged stream");
	if (rc == -ENOMEM)
		mms_err_set(err, rc, "out of memory");
	if (!rc && !m->root_pa)
		rc = mms_err_set(err, -ENOENT, user ?
				 "user mode has no page tables of its own here (no PTI): it is refused, or not needed, on this machine" :
				 "the stream tells of no top table");
	return rc;
}

void mms_kmap_free(struct mms_kmap *m)
{
	free(m->runs);
	m->runs = NULL;
}

const struct mms_kmap_region *mms_kmap_region(const struct mms_kmap *m, uint32_t id)
{
	for (size_t i = 0; i < m->nregions; i++)
		if (m->region[i].id == id)
			return &m->region[i];
	return NULL;
}

int mms_direct_map_read(const char *path, struct mms_direct_map *d)
{
	FILE *f = fopen(path, "re");
	char line[128], name[16];
	uint64_t kib;

	memset(d, 0, sizeof(*d));
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		unsigned int level;

		if (sscanf(line, "DirectMap%15[^:]: %" SCNu64, name, &kib) != 2)
			continue;
		level = !strcmp(name, "4k") ? 1 : !strcmp(name, "1G") ? 3 : 2;
		if (level == 2)
			d->pmd_name = !strcmp(name, "4M") ? "4M" : "2M";
		d->theirs[level] = kib * 1024;
		d->known[level] = true;
	}
	fclose(f);
	return d->known[1] ? 0 : -ENODATA;
}

int mms_direct_map_compare(const struct mms_kmap *m, const char *meminfo, struct mms_direct_map *d)
{
	const struct mms_kmap_region *direct = mms_kmap_region(m, MMS_KT_DIRECT), *image = mms_kmap_region(m, MMS_KT_IMAGE);
	uint64_t large, split;
	int rc;

	rc = direct ? mms_direct_map_read(meminfo, d) : -ENODATA;
	if (rc)
		return rc;
	for (unsigned int i = 1; i <= 3; i++)
		d->ours[i] = direct->mapped[i] + direct->absent[i];
	large = 1ULL << m->context.shift[2];
	d->image_tables = image ? image->tables : 0;
	split = d->theirs[1] - d->ours[1];
	d->explained = d->theirs[1] >= d->ours[1] && split == d->ours[2] - d->theirs[2] &&
		       d->ours[3] == d->theirs[3] && !(split % large) && split / large <= d->image_tables;
	return 0;
}
