// SPDX-License-Identifier: GPL-2.0
/* vmalloc space: areas, runs of the kernel's tables that fall into them, guard pages, holes. */
#include "model/vmalloc.h"

#include <stdlib.h>
#include <string.h>
#include "model/vec.h"

const char *mms_guard_name(uint32_t guard)
{
	static const char *const names[] = {
		[MMS_GUARD_NONE] = "none", [MMS_GUARD_ABSENT] = "absent",
		[MMS_GUARD_MAPPED] = "MAPPED!", [MMS_GUARD_MOVED] = "moved",
	};

	return guard < sizeof(names) / sizeof(*names) ? names[guard] : NULL;
}

int mms_vmalloc_add(struct mms_vmalloc *v, const struct mms_vmalloc_area *rec)
{
	bool lazy = rec->flags & MMS_AREA_LAZY;
	struct mms_vm_entry *e;
	int rc = lazy ? mms_vec_grow(&v->lazy, &v->lazy_room, v->nlazy, sizeof(*v->lazy)) :
			mms_vec_grow(&v->area, &v->room, v->n, sizeof(*v->area));

	if (rc)
		return rc;
	e = lazy ? &v->lazy[v->nlazy] : &v->area[v->n];
	memset(e, 0, sizeof(*e));
	rc = mms_area_take(&e->a, rec);
	if (rc)
		return rc;
	e->phys = rec->phys;
	e->known = rec->known;
	e->order = rec->order;
	if (lazy) {
		v->nlazy++;
		return 0;
	}
	v->n++;
	v->hidden += !(rec->known & MMS_AREA_K_ADDRESS);
	if (rec->flags & MMS_AREA_ALLOC)
		v->pages[0] += rec->pages;
	return 0;
}

static bool addressed(const struct mms_vm_entry *e)
{
	return e->known & MMS_AREA_K_ADDRESS;
}

static int by_address(const void *a, const void *b)
{
	const struct mms_vm_entry *x = a, *y = b;

	if (addressed(x) != addressed(y))
		return addressed(x) ? -1 : 1;
	if (x->a.start != y->a.start)
		return x->a.start > y->a.start ? 1 : -1;
	return (x->a.end > y->a.end) - (x->a.end < y->a.end);
}

void mms_vmalloc_ready(struct mms_vmalloc *v)
{
	if (v->n)
		qsort(v->area, v->n, sizeof(*v->area), by_address);
	if (v->nlazy)
		qsort(v->lazy, v->nlazy, sizeof(*v->lazy), by_address);
	for (size_t i = 0; i < v->n; i++)
		if (mms_vmalloc_has_guard(&v->area[i], v->page_size) == MMS_GUARD_NONE)
			v->area[i].guard = MMS_GUARD_NONE;
}

/* The first area with an address that ends behind @addr: an index, or how many have one. */
static size_t first_behind(const struct mms_vmalloc *v, uint64_t addr)
{
	size_t low = 0, high = v->n - v->hidden;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (v->area[mid].a.end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct mms_vm_entry *mms_vmalloc_find(const struct mms_vmalloc *v, uint64_t addr)
{
	size_t i = first_behind(v, addr);

	return i < v->n - v->hidden && v->area[i].a.start <= addr ? &v->area[i] : NULL;
}

/* Frames @pfn ... are mapped from @va on, inside the area. */
static void take_run(struct mms_vm_entry *e, uint64_t va, uint64_t pfn, uint64_t count, uint64_t page)
{
	uint64_t guard = e->a.end - page;

	if (va < guard || e->guard == MMS_GUARD_NONE) {
		e->runs += !e->runs || e->next_va != va || e->next_pfn != pfn;
		e->next_va = va + count * page;
		e->next_pfn = pfn + count;
	}
	e->a.frames += count;
	if (va + count * page > guard && e->guard != MMS_GUARD_NONE) {
		e->guard = MMS_GUARD_MAPPED;
		e->guard_pfn = pfn + (guard > va ? (guard - va) / page : 0);
	}
}

void mms_vmalloc_run(struct mms_vmalloc *v, const struct mms_kmap_run *k)
{
	uint64_t page = v->page_size, va = k->va, pfn = k->pfn, left = k->count;

	/* a page table's frame is not mapped where it serves */
	if (k->class == MMS_FRAME_KPGTABLE)
		return;
	for (size_t i = first_behind(v, va); left && i < v->n - v->hidden; i++) {
		struct mms_vm_entry *e = &v->area[i];
		uint64_t skip = e->a.start > va ? (e->a.start - va) / page : 0, n;

		/* (areas that overlap: a damaged stream) */
		if (e->a.end <= va)
			continue;
		if (skip >= left)
			return;
		va += skip * page;
		pfn += skip;
		left -= skip;
		n = (e->a.end - va) / page;
		if (n > left)
			n = left;
		if (n)
			take_run(e, va, pfn, n, page);
		va += n * page;
		pfn += n;
		left -= n;
	}
}

void mms_vmalloc_extent(struct mms_vmalloc *v, const struct mms_pt_extent *x)
{
	uint64_t last = x->va + (x->len - 1);

	if (x->state != MMS_PT_PRESENT || !x->len)
		return;
	for (size_t i = first_behind(v, x->va); i < v->n - v->hidden && v->area[i].a.start <= last; i++) {
		struct mms_vm_entry *e = &v->area[i];
		uint64_t guard = e->a.end - v->page_size;

		if (guard < x->va || guard > last || e->a.kind != MMS_AREA_KIND_IOREMAP ||
		    mms_vmalloc_has_guard(e, v->page_size) != MMS_GUARD_ABSENT)
			continue;
		e->guard = MMS_GUARD_MAPPED;
		e->guard_pfn = (x->pa + (guard - x->va)) / v->page_size;
	}
}

uint32_t mms_vmalloc_has_guard(const struct mms_vm_entry *e, uint64_t page)
{
	uint64_t pages = (e->a.end - e->a.start) / page;

	/* per-CPU memory and vm_map_ram() take addresses without one, and set no flag for it */
	if (e->a.kind == MMS_AREA_KIND_PERCPU || e->a.flags & (MMS_AREA_NO_GUARD | MMS_AREA_MAP_RAM))
		return MMS_GUARD_NONE;
	if (e->known & MMS_AREA_K_GUARD)
		return MMS_GUARD_ABSENT;
	/* (/proc does not tell the flag; how many pages it was made with does) */
	if (e->a.pages && e->a.pages == pages)
		return MMS_GUARD_NONE;
	return e->a.pages && e->a.pages + 1 == pages ? MMS_GUARD_ABSENT : MMS_GUARD_UNKNOWN;
}

bool mms_vmalloc_counted(const struct mms_vmalloc *v, const struct mms_vm_entry *e)
{
	return v->mapped && addressed(e) && e->a.pages && e->same;
}

/* Runs tell RAM alone: of a device's registers they tell nothing, but entries do. */
void mms_vmalloc_judge(struct mms_vmalloc *v)
{
	for (size_t i = 0; i < v->n; i++) {
		struct mms_vm_entry *e = &v->area[i];
		uint32_t has = mms_vmalloc_has_guard(e, v->page_size);

		if (has == MMS_GUARD_NONE)
			e->guard = has;
		else if (!v->mapped || !addressed(e) || has == MMS_GUARD_UNKNOWN)
			e->guard = MMS_GUARD_UNKNOWN;
		else if (!e->same)
			e->guard = MMS_GUARD_MOVED;
		else if (e->guard == MMS_GUARD_UNKNOWN)
			e->guard = e->a.kind == MMS_AREA_KIND_IOREMAP && !v->entries ? MMS_GUARD_UNKNOWN :
										      MMS_GUARD_ABSENT;
	}
}

static int by_size(const void *a, const void *b)
{
	const struct mms_vm_hole *x = a, *y = b;
	uint64_t nx = x->end - x->start, ny = y->end - y->start;

	if (nx != ny)
		return nx < ny ? 1 : -1;
	return (x->start > y->start) - (x->start < y->start);
}

static int add_hole(struct mms_vmalloc *v, uint64_t start, uint64_t end, bool modules)
{
	int rc = mms_vec_grow(&v->hole, &v->hole_room, v->nholes, sizeof(*v->hole));

	if (!rc)
		v->hole[v->nholes++] = (struct mms_vm_hole){ start, end, modules };
	return rc;
}

/* What of [@from, @to) nobody has: neither an area in use nor one that waits to be purged. */
static int holes_of(struct mms_vmalloc *v, uint64_t from, uint64_t to, bool modules)
{
	size_t i = first_behind(v, from), j = 0, n = v->n - v->hidden;
	int rc = 0;

	while (j < v->nlazy && v->lazy[j].a.end <= from)
		j++;
	while (!rc && from < to) {
		const struct mms_vm_entry *e = i < n ? &v->area[i] : NULL, *l = j < v->nlazy ? &v->lazy[j] : NULL;
		bool lazy = l && (!e || l->a.start < e->a.start);
		const struct mms_area *a = lazy ? &l->a : e ? &e->a : NULL;

		if (!a || a->start >= to)
			return add_hole(v, from, to, modules);
		if (a->start > from)
			rc = add_hole(v, from, a->start, modules);
		if (a->end > from)
			from = a->end;
		lazy ? j++ : i++;
	}
	return rc;
}

int mms_vmalloc_holes(struct mms_vmalloc *v)
{
	const struct mms_vmalloc_space *s = &v->space;
	int rc = 0;

	for (size_t i = 0; i < v->nlazy; i++)
		if (!addressed(&v->lazy[i]))
			return 0;
	if (v->hidden || !(s->known & MMS_VSPACE_K_BOUNDS))
		return 0;
	rc = holes_of(v, s->start, s->end, false);
	if (!rc && s->known & MMS_VSPACE_K_MODULES)
		rc = holes_of(v, s->modules_start, s->modules_end, true);
	if (v->nholes)
		qsort(v->hole, v->nholes, sizeof(*v->hole), by_size);
	return rc;
}

static void free_entries(struct mms_vm_entry *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(e[i].a.caller);
	free(e);
}

void mms_vmalloc_free(struct mms_vmalloc *v)
{
	free_entries(v->area, v->n);
	free_entries(v->lazy, v->nlazy);
	free(v->hole);
	memset(v, 0, sizeof(*v));
}
