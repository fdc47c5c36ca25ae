// SPDX-License-Identifier: GPL-2.0
/*
 * Non-present page-table entries: swap, migration, device, poison, markers.
 * Locks: none.  Never sleeps.  Emits nothing: decodes a value already read.
 */
#include "../mmscope.h"

/* Marker bits go out as they are: the contract's must be the kernel's. */
#ifdef PTE_MARKER_UFFD_WP
static_assert(PTE_MARKER_UFFD_WP == MMS_PT_MARKER_UFFD_WP);
#endif
#ifdef PTE_MARKER_POISONED
static_assert(PTE_MARKER_POISONED == MMS_PT_MARKER_POISON);
#endif
#ifdef PTE_MARKER_GUARD
static_assert(PTE_MARKER_GUARD == MMS_PT_MARKER_GUARD);
#endif

#ifdef HAVE_SOFTLEAF
/* 6.19 "mm: introduce leaf entry type and use to simplify leaf entry logic" */
struct mms_softleaf mms_softleaf_decode(u64 raw)
{
	softleaf_t e = softleaf_from_pte(__pte(raw));
	struct mms_softleaf s = { .type = swp_type(e), .value = swp_offset(e) };

	switch (softleaf_type(e)) {
	case SOFTLEAF_NONE:
		s.state = MMS_PT_NONE;
		break;
	case SOFTLEAF_SWAP:
		s.state = MMS_PT_SWAP;
		break;
	case SOFTLEAF_MIGRATION_READ:
	case SOFTLEAF_MIGRATION_READ_EXCLUSIVE:
	case SOFTLEAF_MIGRATION_WRITE:
		s.state = MMS_PT_MIGRATION;
		s.value &= SWP_PFN_MASK;
		break;
	case SOFTLEAF_DEVICE_PRIVATE_READ:
	case SOFTLEAF_DEVICE_PRIVATE_WRITE:
	case SOFTLEAF_DEVICE_EXCLUSIVE:
		s.state = MMS_PT_DEVICE;
		s.value &= SWP_PFN_MASK;
		break;
	case SOFTLEAF_HWPOISON:
		s.state = MMS_PT_HWPOISON;
		s.value &= SWP_PFN_MASK;
		break;
	case SOFTLEAF_MARKER:
		s.state = MMS_PT_MARKER;
		break;
	default:
		s.state = MMS_PT_OTHER;
	}
	return s;
}
#else
#ifndef SWP_PFN_MASK	/* 6.1 "mm/swap: add swp_offset_pfn() to fetch PFN from swap entry" */
#define SWP_PFN_MASK	(~0UL)
#endif

struct mms_softleaf mms_softleaf_decode(u64 raw)
{
	swp_entry_t e = pte_to_swp_entry(__pte(raw));
	struct mms_softleaf s = { .type = swp_type(e), .value = swp_offset(e) };

	if (!non_swap_entry(e)) {
		s.state = MMS_PT_SWAP;
	} else if (is_migration_entry(e)) {
		s.state = MMS_PT_MIGRATION;
		s.value &= SWP_PFN_MASK;
#ifdef HAVE_DEVICE_EXCLUSIVE
	} else if (is_device_exclusive_entry(e)) {
		s.state = MMS_PT_DEVICE;
		s.value &= SWP_PFN_MASK;
#endif
	} else if (is_device_private_entry(e)) {
		s.state = MMS_PT_DEVICE;
		s.value &= SWP_PFN_MASK;
	} else if (is_hwpoison_entry(e)) {
		s.state = MMS_PT_HWPOISON;
		s.value &= SWP_PFN_MASK;
#ifdef HAVE_PTE_MARKER
	} else if (is_pte_marker_entry(e)) {
		s.state = MMS_PT_MARKER;
#endif
	} else {
		s.state = MMS_PT_OTHER;
	}
	return s;
}
#endif
