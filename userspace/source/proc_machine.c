// SPDX-License-Identifier: GPL-2.0
/* Which kinds about the machine /proc can answer, and who reads them. */
#include "source/proc_lru.h"
#include "source/procfs.h"

mms_proc_machine_fn *mms_proc_machine(enum mms_kind kind)
{
	static mms_proc_machine_fn *const readers[__MMS_KIND_MAX] = {
		[MMS_KIND_BUDDY] = mms_proc_buddy,
		[MMS_KIND_FRAME] = mms_proc_frame,
		[MMS_KIND_LRU] = mms_proc_lru,
		[MMS_KIND_SWAP] = mms_proc_swap,
		[MMS_KIND_ZONES] = mms_proc_zones,
		[MMS_KIND_FRAMES] = mms_proc_frames,
		[MMS_KIND_VMALLOC] = mms_proc_vmalloc,
		[MMS_KIND_SLAB] = mms_proc_slab,
	};

	return kind < __MMS_KIND_MAX ? readers[kind] : NULL;
}
