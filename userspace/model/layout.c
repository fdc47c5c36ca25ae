// SPDX-License-Identifier: GPL-2.0
/* The whole virtual address space as ranges that touch, and the executable's sections in them. */
#include "model/layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/vec.h"

#define COMPAT_END	(1ULL << 32)

const char *mms_range_kind_name(uint32_t kind)
{
	static const char *const names[__MMS_RANGE_MAX] = {
		[MMS_RANGE_GAP] = "gap", [MMS_RANGE_EXE] = "executable", [MMS_RANGE_FILE] = "file",
		[MMS_RANGE_HEAP] = "heap", [MMS_RANGE_ANON] = "anon", [MMS_RANGE_STACK] = "stack",
		[MMS_RANGE_SPECIAL] = "special", [MMS_RANGE_BEYOND] = "beyond", [MMS_RANGE_HOLE] = "hole",
		[MMS_RANGE_KERNEL] = "kernel", [MMS_RANGE_UNTOLD] = "untold",
		[MMS_RANGE_UNUSED] = "unused",
	};

	return kind < __MMS_RANGE_MAX ? names[kind] : "?";
}

const char *mms_prot_text(uint32_t prot, char buf[8])
{
	buf[0] = prot & MMS_VMA_READ ? 'r' : '-';
	buf[1] = prot & MMS_VMA_WRITE ? 'w' : '-';
	buf[2] = prot & MMS_VMA_EXEC ? 'x' : '-';
	buf[3] = '\0';
	return buf;
}

static int add(struct mms_layout *l, const struct mms_range *r)
{
	int rc = mms_vec_grow(&l->range, &l->room, l->n, sizeof(*l->range));

	if (rc)
		return rc;
	l->range[l->n] = *r;
	l->range[l->n].name = strdup(r->name);
	if (!l->range[l->n].name)
		return -ENOMEM;
	l->n++;
	return 0;
}

/* --- what is where nothing is --- */

/* Stretches of the space, ascending, on which VMAs and the kernel's parts lie. */
struct ground {
	uint64_t last;
	uint32_t kind;
	const char *name;
};

struct plan {
	struct mms_layout *l;
	struct ground ground[5];
	size_t n, at;
	uint64_t next;		/* first address that nothing was said of */
	bool done;		/* the last one was spoken of */
};

static void lay(struct plan *p, uint64_t last, uint32_t kind, const char *name)
{
	p->ground[p->n++] = (struct ground){ last, kind, name };
}

/* Ground up to @last, in as many ranges as it has stretches there. */
static int fill(struct plan *p, uint64_t last)
{
	while (!p->done && p->next <= last) {
		const struct ground *g = &p->ground[p->at];
		uint64_t to = g->last < last ? g->last : last;
		struct mms_range r = { p->next, to, g->kind, 0, 0, (char *)g->name };
		int rc = p->next > g->last ? 0 : add(p->l, &r);

		if (rc)
			return rc;
		if (p->next <= g->last) {
			p->done = to == p->ground[p->n - 1].last;
			p->next = to + 1;
		}
		if (to == g->last && p->at + 1 < p->n)
			p->at++;
	}
	return 0;
}

/* Something that is there. */
static int place(struct plan *p, const struct mms_range *r)
{
	int rc = 0;

	/* (two streams: what overlaps has changed between them) */
	if (p->done || r->start < p->next || r->last > p->ground[p->n - 1].last)
		return 0;
	if (r->start > p->next)
		rc = fill(p, r->start - 1);
	if (!rc)
		rc = add(p->l, r);
	p->done = r->last == p->ground[p->n - 1].last;
	p->next = r->last + 1;
	while (p->at + 1 < p->n && p->ground[p->at].last <= r->last)
		p->at++;
	return rc;
}

static uint64_t last_of_vmas(const struct mms_snapshot *snap)
{
	uint64_t last = 0;

	/* (vsyscall is said to be a VMA, high up in the kernel's half) */
	for (size_t i = 0; i < snap->nregions; i++)
		if (snap->regions[i].vma.end < 1ULL << 63)
			last = snap->regions[i].vma.end - 1;
	return last;
}

static void lay_ground(struct plan *p, const struct mms_layout *l, const struct mms_snapshot *snap,
		       const struct mms_kernel_half *k, uint64_t top)
{
	bool narrow = top < COMPAT_END;
	uint64_t user_end = narrow ? k->start : -k->start;

	if (l->compat)
		lay(p, COMPAT_END - 1, MMS_RANGE_GAP, "");
	if (!k->start) {
		if (!l->compat)
			lay(p, last_of_vmas(snap), MMS_RANGE_GAP, "");
		lay(p, top, MMS_RANGE_UNTOLD, "not told here");
		return;
	}
	lay(p, user_end - 1, l->compat ? MMS_RANGE_BEYOND : MMS_RANGE_GAP,
	    l->compat ? "out of reach of 32-bit code" : "");
	if (!narrow)
		lay(p, k->start - 1, MMS_RANGE_HOLE, "no addresses (not canonical)");
	if (k->whole)
		lay(p, top, MMS_RANGE_UNUSED, "kernel, for nothing");
	else
		lay(p, top, MMS_RANGE_UNTOLD, "kernel, not told here");
}

/* --- VMAs --- */

static bool of_exe(const struct mms_region *r, const char *exe_path)
{
	return exe_path && r->vma.flags & MMS_VMA_FILE && !strcmp(r->path, exe_path);
}

/* Is it memory that the executable has without bytes in its file, right behind it? */
static bool is_bss(const struct mms_layout *l, const struct mms_region *r)
{
	if (!l->bias_known || r->vma.flags & (MMS_VMA_FILE | MMS_VMA_HEAP | MMS_VMA_STACK | MMS_VMA_SPECIAL))
		return false;
	for (size_t i = 0; i < l->elf.nload; i++) {
		const struct mms_elf_load *s = &l->elf.load[i];

		if (r->vma.start >= l->bias + s->vaddr && r->vma.start < l->bias + s->vaddr + s->memsz)
			return true;
	}
	return false;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static struct mms_range range_of(const struct mms_layout *l, const struct mms_region *r, const char *exe_path)
{
	const struct mms_vma *v = &r->vma;
	struct mms_range x = {
		.start = v->start, .last = v->end - 1, .vmas = 1, .name = r->path,
		.prot = v->flags & (MMS_VMA_READ | MMS_VMA_WRITE | MMS_VMA_EXEC | MMS_VMA_SHARED),
	};

	if (of_exe(r, exe_path)) {
		x.kind = MMS_RANGE_EXE;
		x.name = (char *)base_name(r->path);
	} else if (v->flags & MMS_VMA_HEAP) {
		x.kind = MMS_RANGE_HEAP;
		x.name = (char *)"[heap]";
	} else if (v->flags & MMS_VMA_STACK) {
		x.kind = MMS_RANGE_STACK;
		x.name = (char *)"[stack]";
	} else if (v->flags & MMS_VMA_SPECIAL) {
		x.kind = MMS_RANGE_SPECIAL;
	} else if (v->flags & MMS_VMA_FILE) {
		x.kind = MMS_RANGE_FILE;
		x.name = (char *)base_name(r->path);
	} else if (is_bss(l, r)) {
		x.kind = MMS_RANGE_EXE;
		x.name = (char *)"bss of the executable";
	} else {
		x.kind = MMS_RANGE_ANON;
		x.name = (char *)(r->name[0] ? r->name : "anonymous");
	}
	return x;
}

/* May both be one range?  The executable's VMAs are shown one by one. */
static bool alike(const struct mms_range *a, const struct mms_range *b)
{
	return a->kind == b->kind && a->kind != MMS_RANGE_EXE && a->last + 1 == b->start &&
	       !strcmp(a->name, b->name);
}

static int place_vmas(struct plan *p, const struct mms_snapshot *snap, const char *exe_path, uint64_t before,
		      size_t *at)
{
	int rc = 0;

	while (!rc && *at < snap->nregions && snap->regions[*at].vma.start < before) {
		struct mms_range x = range_of(p->l, &snap->regions[*at], exe_path), y;

		for (++*at; *at < snap->nregions; ++*at) {
			y = range_of(p->l, &snap->regions[*at], exe_path);
			if (!alike(&x, &y))
				break;
			x.last = y.last;
			x.vmas++;
			if (x.prot != y.prot)
				x.prot = 0;
		}
		rc = place(p, &x);
	}
	return rc;
}

/* --- the executable --- */

/* By the first VMA of its file: which segment's bytes it has. */
static void find_bias(struct mms_layout *l, const struct mms_snapshot *snap, const char *exe_path)
{
	for (size_t i = 0; i < snap->nregions && !l->bias_known; i++) {
		const struct mms_vma *v = &snap->regions[i].vma;

		if (!of_exe(&snap->regions[i], exe_path))
			continue;
		for (size_t j = 0; j < l->elf.nload && !l->bias_known; j++) {
			const struct mms_elf_load *s = &l->elf.load[j];
			/* pages are the kernel's: as far as a segment begins in one, so does its VMA */
			uint64_t in_page = s->vaddr & 0xfff;

			if (v->pgoff << 12 != s->offset - in_page || s->offset < in_page)
				continue;
			l->bias = v->start - (s->vaddr - in_page);
			l->bias_known = !l->elf.fixed || !l->bias;
		}
	}
}

static size_t range_at(const struct mms_layout *l, uint64_t addr)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->range[mid].last < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int by_start(const void *a, const void *b)
{
	const struct mms_placed *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static int place_sections(struct mms_layout *l)
{
	for (size_t i = 0; l->bias_known && i < l->elf.n; i++) {
		const struct mms_elf_section *s = &l->elf.section[i];
		uint64_t start = l->bias + s->addr;
		size_t at = range_at(l, start);
		int rc;

		/* a thread's bss is made anew for each thread */
		if (!s->size || (s->tls && s->nobits) || at == l->n || l->range[at].kind != MMS_RANGE_EXE)
			continue;
		rc = mms_vec_grow(&l->placed, &l->placed_room, l->nplaced, sizeof(*l->placed));
		if (rc)
			return rc;
		l->placed[l->nplaced++] = (struct mms_placed){ s, start, at };
	}
	if (l->nplaced)
		qsort(l->placed, l->nplaced, sizeof(*l->placed), by_start);
	return 0;
}

/* --- all of it --- */

static bool is_compat(const struct mms_layout *l, const struct mms_snapshot *snap)
{
	bool stack = false;

	if (l->have_elf)
		return l->elf.bits == 32;
	/* by its addresses: its stack is where only a 32-bit process has one */
	for (size_t i = 0; i < snap->nregions; i++)
		stack |= snap->regions[i].vma.flags & MMS_VMA_STACK && snap->regions[i].vma.end <= COMPAT_END;
	return stack;
}

/* Where mmap() puts things: above the heap, and below the stack if that is above. */
static void find_mmap(struct mms_layout *l)
{
	uint64_t heap = 0, stack = UINT64_MAX;

	for (size_t i = 0; i < l->n; i++) {
		if (l->range[i].kind == MMS_RANGE_EXE || l->range[i].kind == MMS_RANGE_HEAP)
			heap = l->range[i].last;
		if (l->range[i].kind == MMS_RANGE_STACK)
			stack = l->range[i].start;
	}
	for (size_t i = 0; i < l->n; i++) {
		const struct mms_range *r = &l->range[i];

		if ((r->kind != MMS_RANGE_FILE && r->kind != MMS_RANGE_ANON) || r->start < heap || r->last > stack)
			continue;
		if (!l->mmap_high)
			l->mmap_low = r->start;
		l->mmap_high = r->last + 1;
	}
}

int mms_layout_build(struct mms_layout *l, const struct mms_snapshot *snap, const struct mms_kernel_half *k,
		     const char *exe, const char *exe_path)
{
	bool narrow = k->arch == MMS_ARCH_I386 || (k->start && k->start < COMPAT_END);
	uint64_t top = narrow ? COMPAT_END - 1 : UINT64_MAX;
	struct plan p = { .l = l };
	size_t at = 0;
	int rc = 0;

	if (exe) {
		rc = mms_elf_read(&l->elf, exe, exe_path, &l->no_elf);
		if (rc == -ENOMEM)
			return rc;
		l->have_elf = !rc;
		find_bias(l, snap, exe_path);
	}
	l->compat = !narrow && is_compat(l, snap);
	l->bits = narrow || l->compat ? 32 : 64;
	lay_ground(&p, l, snap, k, top);
	rc = 0;
	for (size_t i = 0; !rc && i < k->n; i++) {
		rc = place_vmas(&p, snap, exe_path, k->part[i].start, &at);
		if (!rc)
			rc = place(&p, &k->part[i]);
	}
	if (!rc)
		rc = place_vmas(&p, snap, exe_path, UINT64_MAX, &at);
	if (!rc)
		rc = fill(&p, top);
	if (!rc)
		rc = place_sections(l);
	find_mmap(l);
	return rc;
}

void mms_layout_free(struct mms_layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->range[i].name);
	free(l->range);
	free(l->placed);
	mms_elf_free(&l->elf);
	memset(l, 0, sizeof(*l));
}
