// SPDX-License-Identifier: GPL-2.0
/* Areas of vmalloc space: what they are for, and whose frames are mapped there. */
#include "model/vmarea.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "model/vec.h"
#include "util/text.h"

const char *mms_area_kind_name(uint32_t kind)
{
	static const char *const names[__MMS_AREA_KIND_MAX] = {
		[MMS_AREA_KIND_OTHER] = "other", [MMS_AREA_KIND_VMALLOC] = "vmalloc",
		[MMS_AREA_KIND_VMAP] = "vmap", [MMS_AREA_KIND_IOREMAP] = "ioremap",
		[MMS_AREA_KIND_PERCPU] = "percpu", [MMS_AREA_KIND_KSTACK] = "kstack",
		[MMS_AREA_KIND_MODULE] = "module", [MMS_AREA_KIND_TEXT] = "text",
		[MMS_AREA_KIND_DMA] = "dma", [MMS_AREA_KIND_SPARSE] = "sparse",
	};

	return kind < __MMS_AREA_KIND_MAX ? names[kind] : "?";
}

/*
 * The kernel does not write down what vmalloc() was for; who called it does.  A
 * kernel's compiler puts small functions into their callers, so a few names stand
 * for each; those that end with '*' are beginnings.
 */
static const struct {
	const char *caller;
	uint32_t kind;
} callers[] = {
	{ "pcpu_get_vm_areas", MMS_AREA_KIND_PERCPU },
	{ "alloc_thread_stack_node", MMS_AREA_KIND_KSTACK },
	{ "dup_task_struct", MMS_AREA_KIND_KSTACK },
	{ "copy_process", MMS_AREA_KIND_KSTACK },
	{ "kernel_clone", MMS_AREA_KIND_KSTACK },
	{ "_do_fork", MMS_AREA_KIND_KSTACK },
	{ "fork_idle", MMS_AREA_KIND_KSTACK },
	{ "create_io_thread", MMS_AREA_KIND_KSTACK },
	{ "load_module", MMS_AREA_KIND_MODULE },
	{ "move_module", MMS_AREA_KIND_MODULE },
	{ "layout_and_allocate*", MMS_AREA_KIND_MODULE },
	{ "module_alloc*", MMS_AREA_KIND_TEXT },
	{ "module_memory_alloc*", MMS_AREA_KIND_MODULE },
	{ "execmem_*", MMS_AREA_KIND_TEXT },
	{ "bpf_prog_pack_alloc", MMS_AREA_KIND_TEXT },
	{ "bpf_jit_*", MMS_AREA_KIND_TEXT },
	{ "bpf_trampoline_*", MMS_AREA_KIND_TEXT },
	{ "arch_alloc_bpf_trampoline", MMS_AREA_KIND_TEXT },
	{ "arch_ftrace_update_trampoline", MMS_AREA_KIND_TEXT },
	{ "create_trampoline*", MMS_AREA_KIND_TEXT },
	{ "alloc_insn_page", MMS_AREA_KIND_TEXT },
};

static uint32_t kind_by_caller(const char *name)
{
	for (size_t i = 0; i < sizeof(callers) / sizeof(*callers); i++) {
		size_t len = strlen(callers[i].caller);

		if (callers[i].caller[len - 1] == '*' ? !strncmp(name, callers[i].caller, len - 1) :
							!strcmp(name, callers[i].caller))
			return callers[i].kind;
	}
	return MMS_AREA_KIND_VMALLOC;
}

static uint32_t kind_of(uint32_t flags, const char *caller)
{
	if (flags & MMS_AREA_SPARSE)
		return MMS_AREA_KIND_SPARSE;
	if (flags & MMS_AREA_ALLOC)
		return kind_by_caller(caller);
	if (flags & MMS_AREA_IOREMAP)
		return MMS_AREA_KIND_IOREMAP;
	if (flags & MMS_AREA_DMA)
		return MMS_AREA_KIND_DMA;
	return flags & (MMS_AREA_MAP | MMS_AREA_MAP_RAM) ? MMS_AREA_KIND_VMAP : MMS_AREA_KIND_OTHER;
}

int mms_area_take(struct mms_area *area, const struct mms_vmalloc_area *rec)
{
	const char *caller = rec->caller_len ? (const char *)(rec + 1) :
			     rec->flags & MMS_AREA_MAP_RAM ? "vm_map_ram" : "";
	char safe[1024];	/* a module's name is what it says it is */

	*area = (struct mms_area){ .start = rec->start, .end = rec->end, .pages = rec->pages,
				   .flags = rec->flags, .kind = kind_of(rec->flags, caller),
				   .caller = strdup(mms_neutral(caller, safe, sizeof(safe))) };
	return area->caller ? 0 : -ENOMEM;
}

int mms_areas_add(struct mms_areas *a, const struct mms_vmalloc_area *rec)
{
	int rc = mms_vec_grow(&a->area, &a->room, a->n, sizeof(*a->area));

	if (!rc)
		rc = mms_area_take(&a->area[a->n], rec);
	if (rc)
		return rc;
	a->n++;
	a->hidden += !(rec->known & MMS_AREA_K_ADDRESS);
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct mms_area *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

void mms_areas_ready(struct mms_areas *a)
{
	if (a->n)
		qsort(a->area, a->n, sizeof(*a->area), by_start);
}

/* The first area that ends behind @va; runs come in the order of addresses as a rule. */
static size_t area_behind(struct mms_areas *a, uint64_t va)
{
	if (a->at && a->area[a->at - 1].end > va)
		a->at = 0;
	while (a->at < a->n && a->area[a->at].end <= va)
		a->at++;
	return a->at;
}

uint32_t mms_area_class(uint32_t kind, uint32_t class)
{
	switch (kind) {
	case MMS_AREA_KIND_PERCPU:
		return MMS_FRAME_PERCPU;
	case MMS_AREA_KIND_KSTACK:
		return MMS_FRAME_KSTACK;
	case MMS_AREA_KIND_MODULE:
	case MMS_AREA_KIND_TEXT:
		return MMS_FRAME_MODULE;
	default:
		return class;
	}
}

bool mms_area_borrows(uint32_t kind)
{
	return kind == MMS_AREA_KIND_VMAP || kind == MMS_AREA_KIND_DMA ||
	       kind == MMS_AREA_KIND_SPARSE || kind == MMS_AREA_KIND_OTHER;
}

static int claim(struct mms_census *c, const struct mms_area *area, uint64_t pfn, uint64_t count,
		 uint32_t class)
{
	uint32_t kind = area ? area->kind : MMS_AREA_KIND_OTHER;

	if (!c || kind == MMS_AREA_KIND_IOREMAP)
		return 0;
	if (area && mms_area_borrows(kind))
		return mms_census_claim_mapped(c, pfn, count);
	return mms_census_claim(c, pfn, count, mms_area_class(kind, class));
}

int mms_areas_run(struct mms_areas *a, struct mms_census *c, const struct mms_kmap_run *k,
		  uint64_t page_size)
{
	uint64_t va = k->va, pfn = k->pfn, left = k->count, n;
	int rc = 0;

	if (a->hidden || (k->class != MMS_FRAME_VMALLOC && k->class != MMS_FRAME_MODULE))
		return c ? mms_census_claim(c, pfn, left, k->class) : 0;
	for (; left && !rc; left -= n, pfn += n, va += n * page_size) {
		size_t i = area_behind(a, va);
		struct mms_area *area = i < a->n ? &a->area[i] : NULL;
		uint64_t edge = !area ? UINT64_MAX : area->start > va ? area->start : area->end;

		n = (edge - va) / page_size;
		if (!n || n > left)
			n = left;
		if (area && area->start > va)
			area = NULL;
		if (area)
			area->frames += n;
		rc = claim(c, area, pfn, n, k->class);
	}
	return rc;
}

static int by_kind(const void *a, const void *b)
{
	const struct mms_area *x = *(const struct mms_area *const *)a, *y = *(const struct mms_area *const *)b;

	if (x->kind != y->kind)
		return x->kind > y->kind ? 1 : -1;
	return strcmp(x->caller, y->caller);
}

int mms_area_heavier(const struct mms_area_weight *a, const struct mms_area_weight *b)
{
	uint64_t na = a->frames > a->pages ? a->frames : a->pages;
	uint64_t nb = b->frames > b->pages ? b->frames : b->pages;

	if (na != nb)
		return na < nb ? 1 : -1;
	return (a->size < b->size) - (a->size > b->size);
}

static int by_weight(const void *a, const void *b)
{
	const struct mms_area_sum *x = a, *y = b;
	int order = mms_area_heavier(&x->sum, &y->sum);

	return order ? order : strcmp(x->caller, y->caller);
}

struct mms_area_sum *mms_areas_sum(const struct mms_areas *a, size_t *n)
{
	const struct mms_area **order = calloc(a->n + 1, sizeof(*order));
	struct mms_area_sum *sums = calloc(a->n + 1, sizeof(*sums)), *s = sums;

	*n = 0;
	if (!order || !sums || !a->n) {
		free(order);
		free(sums);
		return NULL;
	}
	for (size_t i = 0; i < a->n; i++)
		order[i] = &a->area[i];
	qsort(order, a->n, sizeof(*order), by_kind);
	for (size_t i = 0; i < a->n; i++) {
		if (i && by_kind(&order[i - 1], &order[i]))
			s++;
		s->kind = order[i]->kind;
		s->caller = order[i]->caller;
		s->areas++;
		s->sum.size += order[i]->end - order[i]->start;
		s->sum.pages += order[i]->pages;
		s->sum.frames += order[i]->frames;
	}
	*n = (size_t)(s - sums) + 1;
	free(order);
	qsort(sums, *n, sizeof(*sums), by_weight);
	return sums;
}

void mms_areas_free(struct mms_areas *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->area[i].caller);
	free(a->area);
	memset(a, 0, sizeof(*a));
}
