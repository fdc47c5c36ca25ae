// SPDX-License-Identifier: GPL-2.0
/* Zones and migratetypes by the words that /proc has for them; classes of frames. */
#include "names.h"

#include <string.h>
#include "linux/mmscope.h"

static const char *const zones[MMS_ZONE_UNKNOWN] = {
	[MMS_ZONE_DMA] = "DMA", [MMS_ZONE_DMA32] = "DMA32", [MMS_ZONE_NORMAL] = "Normal",
	[MMS_ZONE_HIGHMEM] = "HighMem", [MMS_ZONE_MOVABLE] = "Movable",
	[MMS_ZONE_DEVICE] = "Device",
};

static const char *const migratetypes[MMS_MT_UNKNOWN] = {
	[MMS_MT_UNMOVABLE] = "Unmovable", [MMS_MT_MOVABLE] = "Movable",
	[MMS_MT_RECLAIMABLE] = "Reclaimable", [MMS_MT_HIGHATOMIC] = "HighAtomic",
	[MMS_MT_CMA] = "CMA", [MMS_MT_ISOLATE] = "Isolate",
};

/* The word of the census, and what it is called where one frame is told of. */
static const struct {
	const char *name;
	const char *words;
} classes[__MMS_FRAME_MAX] = {
	[MMS_FRAME_UNKNOWN] = { "unknown", "kernel" },
	[MMS_FRAME_HOLE] = { "hole", "hole: no memory" },
	[MMS_FRAME_OFFLINE_BLOCK] = { "offline-block", "offline memory block" },
	[MMS_FRAME_DEVICE] = { "device", "a device's memory" },
	[MMS_FRAME_FREE] = { "free", "free" },
	[MMS_FRAME_FREE_PCP] = { "free-pcp", "free, on a CPU's list" },
	[MMS_FRAME_ANON] = { "anon", "anonymous" },
	[MMS_FRAME_KSM] = { "ksm", "anonymous (KSM)" },
	[MMS_FRAME_SWAPCACHE] = { "swapcache", "swap cache" },
	[MMS_FRAME_SHMEM] = { "shmem", "shmem" },
	[MMS_FRAME_FILE] = { "file", "file cache" },
	[MMS_FRAME_BUFFER] = { "buffer", "block device cache" },
	[MMS_FRAME_HUGETLB] = { "hugetlb", "hugetlb" },
	[MMS_FRAME_ZERO] = { "zero", "zero page" },
	[MMS_FRAME_HUGE_ZERO] = { "huge-zero", "huge zero page" },
	[MMS_FRAME_DRIVER] = { "driver", "kernel, mapped by processes" },
	[MMS_FRAME_SLAB] = { "slab", "slab" },
	[MMS_FRAME_LARGE_KMALLOC] = { "large-kmalloc", "large kmalloc" },
	[MMS_FRAME_PGTABLE] = { "pgtable", "page table" },
	[MMS_FRAME_ZSMALLOC] = { "zsmalloc", "zsmalloc (zram, zswap)" },
	[MMS_FRAME_BALLOON] = { "balloon", "balloon" },
	[MMS_FRAME_OFFLINE] = { "offline", "offline" },
	[MMS_FRAME_HWPOISON] = { "hwpoison", "broken (hwpoison)" },
	[MMS_FRAME_GUARD] = { "guard", "guard page" },
	[MMS_FRAME_UNACCEPTED] = { "unaccepted", "unaccepted memory" },
	[MMS_FRAME_KERNEL] = { "kernel", "kernel image" },
	[MMS_FRAME_RESERVED] = { "reserved", "reserved" },
	[MMS_FRAME_MEMMAP] = { "memmap", "struct pages (memmap)" },
	[MMS_FRAME_KSTACK] = { "kstack", "kernel stack" },
	[MMS_FRAME_VMALLOC] = { "vmalloc", "vmalloc" },
	[MMS_FRAME_MODULE] = { "module", "module" },
	[MMS_FRAME_PERCPU] = { "percpu", "per-CPU memory" },
	[MMS_FRAME_KPGTABLE] = { "kpgtable", "page table of the kernel" },
	[MMS_FRAME_PIPE] = { "pipe", "pipe" },
	[MMS_FRAME_MEMPOOL] = { "mempool", "mempool" },
	[MMS_FRAME_STACKDEPOT] = { "stackdepot", "stack depot (call stacks)" },
	[MMS_FRAME_KASAN] = { "kasan", "shadow of KASAN" },
};

static uint32_t by_name(const char *const *names, uint32_t n, const char *word, size_t len)
{
	uint32_t i = 0;

	while (i < n && (strlen(names[i]) != len || memcmp(names[i], word, len)))
		i++;
	return i;
}

const char *mms_zone_name(uint32_t zone)
{
	return zone < MMS_ZONE_UNKNOWN ? zones[zone] : "unknown";
}

uint32_t mms_zone_by_name(const char *word, size_t len)
{
	return by_name(zones, MMS_ZONE_UNKNOWN, word, len);
}

const char *mms_migratetype_name(uint32_t mt)
{
	return mt < MMS_MT_UNKNOWN ? migratetypes[mt] : "unknown";
}

uint32_t mms_migratetype_by_name(const char *word, size_t len)
{
	return by_name(migratetypes, MMS_MT_UNKNOWN, word, len);
}

const char *mms_frame_class_name(uint32_t frame_class)
{
	return frame_class < __MMS_FRAME_MAX ? classes[frame_class].name : "?";
}

const char *mms_frame_class_words(uint32_t frame_class)
{
	return frame_class < __MMS_FRAME_MAX ? classes[frame_class].words : "?";
}

uint32_t mms_frame_class_find(const char *name)
{
	uint32_t i = 0;

	while (i < __MMS_FRAME_MAX && strcmp(classes[i].name, name))
		i++;
	return i;
}
