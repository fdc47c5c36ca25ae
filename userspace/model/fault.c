// SPDX-License-Identifier: GPL-2.0
/* Foretells what Linux's fault handler does: page in, copy, grow, or SIGSEGV. */
#include <inttypes.h>
#include <stdio.h>

#include "model/fault.h"

/* The kernel asks the VMA first (access_error() of arch/x86/mm/fault.c). */
static bool vma_allows(const struct mms_vma *v, enum mmu_access_kind kind)
{
	switch (kind) {
	case MMU_WRITE:
		return v->flags & MMS_VMA_WRITE;
	case MMU_FETCH:
		return v->flags & MMS_VMA_EXEC;
	default:
		return v->flags & (MMS_VMA_READ | MMS_VMA_WRITE | MMS_VMA_EXEC);
	}
}

static const char *no_vma(const struct mms_snapshot *snap, uint64_t addr)
{
	size_t i;

	for (i = 0; i < snap->nregions; i++)
		if (snap->regions[i].vma.start > addr)
			break;
	if (i < snap->nregions &&
	    snap->regions[i].vma.flags & MMS_VMA_GROWSDOWN)
		return "the stack above grows down to it, or SIGSEGV beyond RLIMIT_STACK";
	return "SIGSEGV (SEGV_MAPERR): no VMA";
}

static const char *first_touch(const struct mms_vma *v, enum mmu_access_kind kind)
{
	if (v->flags & (MMS_VMA_PFNMAP | MMS_VMA_IO))
		return "the driver maps it, or SIGBUS";
	if (v->flags & MMS_VMA_SPECIAL)
		return "the kernel maps its own page";
	if (v->flags & MMS_VMA_UFFD)
		return "userfaultfd is told";
	if (v->flags & MMS_VMA_HUGETLB)
		return "a page from the hugetlb pool, or SIGBUS if it is empty";
	if (v->flags & MMS_VMA_SHMEM)
		return "the shmem page, new or swapped in";
	if (v->flags & MMS_VMA_FILE)
		return kind == MMU_WRITE && !(v->flags & MMS_VMA_SHARED) ?
		       "a private copy of the file's page (SIGBUS past its end)" :
		       "the file's page (SIGBUS past its end)";
	return kind == MMU_WRITE ? "a fresh page of zeros (demand-zero)" :
				   "the zero page (demand-zero)";
}

static const char *nonpresent(const struct mms_pt_extent *e, char *buf, size_t size)
{
	switch (e->state) {
	case MMS_PT_SWAP:
		snprintf(buf, size, "swap-in from area %u, slot %#" PRIx64,
			 e->swap_type, (uint64_t)e->pa);
		return buf;
	case MMS_PT_MIGRATION:
		return "waits until the page has moved";
	case MMS_PT_DEVICE:
		return "fetches the page from the device";
	case MMS_PT_HWPOISON:
		return "SIGBUS (BUS_MCEERR_AR): the memory is broken";
	case MMS_PT_MARKER:
		return e->pa & MMS_PT_MARKER_GUARD ? "SIGSEGV: a guard marker (MADV_GUARD_INSTALL)" :
		       e->pa & MMS_PT_MARKER_POISON ? "SIGBUS: a poison marker" :
		       e->pa & MMS_PT_MARKER_UFFD_WP ? "gives the page, write-protected for userfaultfd" :
						"not foretold: a marker of unknown kind";
	case MMS_PT_PRESENT:	/* PROT_NONE to the processor only */
		return "NUMA hint: maps it again, perhaps on another node";
	default:
		return "not foretold: an entry of unknown kind";
	}
}

/* Present and the VMA agrees, yet the entry refuses. */
static const char *refused(const struct mms_vma *v, const struct mmu_result *res)
{
	if (res->denied & MMU_DENY_PKEY)
		return "SIGSEGV (SEGV_PKUERR): protection key";
	if (!(res->denied & MMU_DENY_WRITE))
		return "not foretold: the entry allows less than the VMA";
	if (v->flags & MMS_VMA_UFFD)
		return "userfaultfd is told, or the page is copied";
	if (v->flags & MMS_VMA_SHARED)
		return "the page is made writable (dirty tracking)";
	return "copy-on-write, or reuse if nobody shares it";
}

const char *mms_fault_text(const struct mms_snapshot *snap,
			   const struct mms_walk *walk, enum mmu_access_kind kind,
			   const struct mmu_result *res, char *buf, size_t size)
{
	const struct mms_region *r = mms_snapshot_find(snap, walk->addr);

	if (!r)
		return no_vma(snap, walk->addr);
	if (!vma_allows(&r->vma, kind))
		return "SIGSEGV (SEGV_ACCERR): the VMA forbids it";
	if (res->walk == MMU_OK)
		return refused(&r->vma, res);
	if (res->walk == MMU_FAULT_ABORT &&
	    (res->error_code & MMU_ESR_FSC & ~3u) == MMU_FSC_ACCESS_FLAG)
		return "marks the page accessed, and the access is made again";
	if (res->walk == MMU_FAULT_PF && (res->error_code & MMU_PF_RSVD))
		return "oops: reserved bits in a page table";
	if (walk->has_extent)
		return nonpresent(&walk->extent, buf, size);
	return first_touch(&r->vma, kind);
}
