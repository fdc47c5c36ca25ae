// SPDX-License-Identifier: GPL-2.0
/*
 * Was the module built for the kernel that runs?  And what decoding wants to
 * know of it.  Locks: none.  May sleep at init.  Emits nothing.
 */
#include <linux/mm.h>
#include <linux/uaccess.h>
#include "mmscope.h"
#include "compat/btf.h"
#include "compat/ksym.h"

static unsigned long huge_zero_addr;	/* of huge_zero_pfn; 0 = not found */

/**
 * mms_zero_page() - is this the shared zero page, small or huge?
 * @pfn: of the page that an entry maps
 * @level: of the entry
 */
bool mms_zero_page(u64 pfn, int level)
{
	u64 mask = ~((mms_arch_size(2) >> PAGE_SHIFT) - 1);
	unsigned long huge;

	if (level == 1)
		return is_zero_pfn(pfn);
	if (level != 2 || !huge_zero_addr ||
	    copy_from_kernel_nofault(&huge, (void *)huge_zero_addr, sizeof(huge)))
		return false;
	return (pfn & mask) == (huge & mask);
}

static const struct {
	const char *type, *member;
	u32 offset;
} layout[] = {
	{ "mm_struct", "pgd", offsetof(struct mm_struct, pgd) },
	{ "mm_struct", "mmap_lock", offsetof(struct mm_struct, mmap_lock) },
	{ "mm_struct", "mm_users", offsetof(struct mm_struct, mm_users) },
	{ "vm_area_struct", "vm_start", offsetof(struct vm_area_struct, vm_start) },
	{ "vm_area_struct", "vm_end", offsetof(struct vm_area_struct, vm_end) },
	{ "vm_area_struct", "vm_flags", offsetof(struct vm_area_struct, vm_flags) },
	{ "vm_area_struct", "vm_file", offsetof(struct vm_area_struct, vm_file) },
	{ "vm_area_struct", "vm_pgoff", offsetof(struct vm_area_struct, vm_pgoff) },
};

/**
 * mms_selfcheck() - was the module built for the layouts that run?
 * @cap: set to ok, or to what differs
 *
 * Compares the members that the walkers use with the running kernel's BTF, and
 * finds the symbols that decoding wants.  May sleep.
 *
 * Return: 0 or -EINVAL
 */
int mms_selfcheck(struct mms_cap *cap)
{
	bool no_huge_zero = mms_ksym("huge_zero_pfn", &huge_zero_addr);
	struct mms_member m;
	unsigned int i;
	int ret;

	cap->state = MMS_CAP_OK;
	if (no_huge_zero && IS_ENABLED(CONFIG_TRANSPARENT_HUGEPAGE))
		mms_cap_set(cap, MMS_CAP_PARTIAL,
			    "works; no symbol huge_zero_pfn: huge zero pages are not told apart");
	for (i = 0; i < ARRAY_SIZE(layout); i++) {
		ret = mms_btf_member(layout[i].type, layout[i].member, &m);
		if (ret == -ENODATA) {
			mms_cap_set(cap, MMS_CAP_PARTIAL, "works; layouts not checked: %s%s",
				    mms_btf_state(),
				    no_huge_zero ? "; no symbol huge_zero_pfn: huge zero pages are not told apart" : "");
			return 0;
		}
		if (ret) {
			mms_cap_set(cap, MMS_CAP_MEMBER_MISSING, "no %s.%s in this kernel's BTF",
				    layout[i].type, layout[i].member);
			return -EINVAL;
		}
		if (m.offset != layout[i].offset) {
			mms_cap_set(cap, MMS_CAP_SANITY_FAILED,
				    "%s.%s is at byte %u here, the module was built for %u: rebuild it for this kernel",
				    layout[i].type, layout[i].member, m.offset, layout[i].offset);
			return -EINVAL;
		}
	}
	return 0;
}
