// SPDX-License-Identifier: GPL-2.0
/* mmscope walk: what is at the end of the walk. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "model/extent.h"
#include "source/ksyms.h"
#include "util/text.h"
#include "view/walk.h"

void mms_walk_fact(struct mms_walk_view *v, const char *label, const char *key, const char *text)
{
	mms_doc_text(v->doc, "%-18s%s\n", label, text);
	mms_doc_str(v->doc, key, text);
}

/* What the address is called: as it was asked for, else by the symbol that it is in. */
static const char *symbol_of(const struct mms_walk_view *v, char *buf, size_t size)
{
	if (v->symbol)
		return v->symbol;
	return mms_ksym_name(MMS_KALLSYMS, v->addr, buf, size) ? NULL : buf;
}

void mms_walk_title(struct mms_walk_view *v)
{
	char comm[sizeof(v->snap->task.comm) * 4 + 1], addr[32], buf[600];
	const char *symbol;

	snprintf(addr, sizeof(addr), "%#" PRIx64, v->addr);
	if (v->asked_kernel) {
		symbol = symbol_of(v, buf, sizeof(buf));
		mms_doc_text(v->doc, "kernel, address %s%s%s\n\n", addr, symbol ? ", symbol " : "", symbol ? symbol : "");
		mms_doc_str(v->doc, "symbol", symbol);
	} else {
		mms_neutral((const char *)v->snap->task.comm, comm, sizeof(comm));
		mms_doc_text(v->doc, "PID %u (%s), address %s\n\n", v->pid, comm, addr);
		mms_doc_num(v->doc, "pid", v->pid);
		mms_doc_str(v->doc, "comm", comm);
	}
	mms_doc_str(v->doc, "address", addr);
}

/* "PMD (PDE)": Linux's word and the manual's; they share "PTE". */
void mms_walk_level(const struct mms_walk_view *v, unsigned int level, char *buf, size_t size)
{
	static const char *const names[] = { "?", "PTE", "PMD", "PUD", "P4D", "PGD" };
	/* the top one is the PGD, however many there are */
	const char *ours = names[level == v->walk.context.levels ? 5 : level < 5 ? level : 0];
	const char *manual = v->no_mmu.text[0] ? ours : mmu_entry_name(v->regs.mode, (int)level);

	if (strcmp(ours, manual))
		snprintf(buf, size, "%s (%s)", ours, manual);
	else
		snprintf(buf, size, "%s", ours);
}

static bool is_arm64(const struct mms_walk_view *v)
{
	return v->regs.mode == MMU_MODE_ARM64;
}

/* On arm64 EL0 and EL1 each have a right to fetch. */
bool mms_walk_executable(const struct mms_walk_view *v)
{
	return is_arm64(v) && !v->kernel ? v->res.arm64.user_executable : v->res.executable;
}

static void show_attributes(struct mms_walk_view *v)
{
	const struct mmu_result *r = &v->res;
	char buf[128];

	if (is_arm64(v)) {
		snprintf(buf, sizeof(buf), "%#x (MAIR index %u)", r->arm64.attr, r->pat_index);
		mms_walk_fact(v, "memory attribute", "memory_attribute", buf);
		return;
	}
	snprintf(buf, sizeof(buf), "%s (PAT index %u)",
		 mmu_memtype_name(r->memtype), r->pat_index);
	mms_walk_fact(v, "memory type", "memory_type", buf);
	if (v->regs.mode != MMU_MODE_X86_4LEVEL && v->regs.mode != MMU_MODE_X86_5LEVEL)
		return;
	snprintf(buf, sizeof(buf), "%u", r->pkey);
	mms_walk_fact(v, "protection key", "pkey", buf);
	if (!r->pkey || v->walk.context.pkru == UINT32_MAX)
		return;
	snprintf(buf, sizeof(buf), "%#x, as thread %u left the processor", v->regs.pkru, v->pid);
	mms_walk_fact(v, "PKRU", "pkru", buf);
}

void mms_walk_page(struct mms_walk_view *v)
{
	const struct mmu_result *r = &v->res;
	char size[16], buf[128];

	mms_human(1ULL << r->page_shift, size);
	snprintf(buf, sizeof(buf), "%#" PRIx64, r->pa);
	mms_walk_fact(v, "physical address", "pa", buf);
	snprintf(buf, sizeof(buf), "%#" PRIx64, r->pa >> 12);
	mms_doc_str(v->doc, "pfn", buf);
	mms_doc_num(v->doc, "page_size", (int64_t)(1ULL << r->page_shift));
	mms_doc_text(v->doc, "%-18s%#" PRIx64 " in a page of %s\n", "page frame",
		     r->pa >> 12, size);
	snprintf(buf, sizeof(buf), "r%c%c %s", r->writable ? 'w' : '-',
		 mms_walk_executable(v) ? 'x' : '-',
		 r->user ? "for user mode" : "for the kernel only");
	mms_walk_fact(v, "effective rights", "rights", buf);
	if (v->met.walk != MMU_OK)
		mms_walk_fact(v, "access flag", "access_flag", "0: the next access faults, and Linux marks the page used");
	show_attributes(v);
}

const char *mms_walk_state(const struct mms_pt_extent *e, char *buf, size_t size)
{
	switch (e->state) {
	case MMS_PT_PRESENT:
		snprintf(buf, size, "present to Linux (PROT_NONE or NUMA hint), page frame %#" PRIx64,
			 (uint64_t)e->pa >> 12);
		return buf;
	case MMS_PT_SWAP:
		snprintf(buf, size, "in swap area %u, slot %#" PRIx64, e->swap_type,
			 (uint64_t)e->pa);
		return buf;
	case MMS_PT_MIGRATION:
		return "under migration";
	case MMS_PT_DEVICE:
		return "in a device's memory";
	case MMS_PT_HWPOISON:
		return "broken memory (hwpoison)";
	case MMS_PT_MARKER:
		return e->pa & MMS_PT_MARKER_GUARD ? "a guard marker, no page" :
		       e->pa & MMS_PT_MARKER_POISON ? "a poison marker, no page" :
		       e->pa & MMS_PT_MARKER_UFFD_WP ? "a userfaultfd write-protect marker, no page" :
						"a marker, no page";
	case MMS_PT_BAD:
		return "an entry the kernel calls bad";
	default:
		return "an entry of unknown kind";
	}
}

void mms_walk_unmapped(struct mms_walk_view *v)
{
	const struct mms_walk *w = &v->walk;
	unsigned int level = w->has_extent ? w->extent.level : w->hole.level;
	char buf[128], name[32], state[128];

	mms_walk_level(v, level, name, sizeof(name));
	snprintf(buf, sizeof(buf), "%s, level %u", name, level);
	mms_walk_fact(v, "the walk ends at", "ends_at", buf);
	if (w->has_extent)
		mms_walk_fact(v, "the page is", "state",
		     mms_walk_state(&w->extent, state, sizeof(state)));
}

void mms_walk_vma(struct mms_walk_view *v)
{
	const struct mms_region *r = mms_snapshot_find(v->snap, v->addr);
	char buf[640];

	if (!r) {
		mms_walk_fact(v, "VMA", "vma", v->kernel ? "none: the kernel's half" : "none covers the address");
		return;
	}
	snprintf(buf, sizeof(buf), "%#" PRIx64 "-%#" PRIx64 " %c%c%c%c %s %.500s",
		 (uint64_t)r->vma.start, (uint64_t)r->vma.end,
		 r->vma.flags & MMS_VMA_READ ? 'r' : '-',
		 r->vma.flags & MMS_VMA_WRITE ? 'w' : '-',
		 r->vma.flags & MMS_VMA_EXEC ? 'x' : '-',
		 r->vma.flags & MMS_VMA_SHARED ? 's' : 'p',
		 mms_class_name(r->class), r->path[0] ? r->path : r->name);
	mms_walk_fact(v, "VMA", "vma", buf);
}

/* What the module says of a mapped page, where no model replays it. */
void mms_walk_extent(struct mms_walk_view *v)
{
	const struct mms_pt_extent *e = &v->walk.extent;
	char size[16], buf[128];
	uint64_t pa = mms_extent_pa(e, v->addr - e->va);

	mms_human(1ULL << e->page_shift, size);
	snprintf(buf, sizeof(buf), "%#" PRIx64, pa);
	mms_walk_fact(v, "physical address", "pa", buf);
	snprintf(buf, sizeof(buf), "%#" PRIx64, pa >> 12);
	mms_doc_str(v->doc, "pfn", buf);
	mms_doc_num(v->doc, "page_size", (int64_t)(1ULL << e->page_shift));
	mms_doc_text(v->doc, "%-18s%#" PRIx64 " in a page of %s\n", "page frame", pa >> 12, size);
	snprintf(buf, sizeof(buf), "r%c%c %s", e->flags & MMS_PT_F_WRITE ? 'w' : '-',
		 e->flags & MMS_PT_F_EXEC ? 'x' : '-',
		 e->flags & MMS_PT_F_USER ? "for user mode" : "for the kernel only");
	mms_walk_fact(v, "effective rights", "rights", buf);
}
