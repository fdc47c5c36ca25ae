// SPDX-License-Identifier: GPL-2.0
/*
 * Which frames there are, and their struct pages kept from vanishing.
 * Locks: mms_memmap_hold() a semaphore that memory hot-remove waits for.
 * May sleep.  Emits nothing.
 *
 * A block's struct pages are freed some time after it went offline
 * (mm/memory_hotplug.c:try_remove_memory()), and from then on
 * pfn_to_online_page() gives none of them.  The notifier is called in between:
 * it waits for those who were given one before.
 */
#include <linux/ioport.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/rwsem.h>
#include "compat/page.h"
#include "memory.h"
#include "zone.h"

static DECLARE_RWSEM(memmap_sem);

void mms_memmap_hold(void)
{
	down_read(&memmap_sem);
}

void mms_memmap_release(void)
{
	up_read(&memmap_sem);
}

/* Blocks of memory that went on or off line; is one going? (one at a time can) */
static unsigned int moves;
static bool moving;

/**
 * mms_memory_moved() - did memory come or go since @seen, or is it about to?
 * @seen: of the call before; set to what is to be passed to the next one
 */
bool mms_memory_moved(unsigned int *seen)
{
	unsigned int now = READ_ONCE(moves);
	bool moved = now != *seen || READ_ONCE(moving);

	*seen = now;
	return moved;
}

#ifdef CONFIG_MEMORY_HOTPLUG
static int memory_event(struct notifier_block *nb, unsigned long event, void *arg)
{
	bool going = event == MEM_GOING_OFFLINE || event == MEM_GOING_ONLINE;

	if (going || event == MEM_OFFLINE || event == MEM_CANCEL_OFFLINE ||
	    event == MEM_ONLINE || event == MEM_CANCEL_ONLINE) {
		WRITE_ONCE(moving, going);
		WRITE_ONCE(moves, moves + 1);
	}
	if (event == MEM_OFFLINE) {
		down_write(&memmap_sem);
		up_write(&memmap_sem);
	}
	return NOTIFY_OK;
}

static struct notifier_block memory_nb = { .notifier_call = memory_event };

/**
 * mms_memory_init() - be told when memory goes away
 *
 * Return: 0 or -errno
 */
int mms_memory_init(void)
{
	return register_memory_notifier(&memory_nb);
}

void mms_memory_exit(void)
{
	unregister_memory_notifier(&memory_nb);
}
#else
int mms_memory_init(void)
{
	return 0;
}

void mms_memory_exit(void)
{
}
#endif

struct page *mms_online_page(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	return page && !is_zone_device_page(page) ? page : NULL;
}

/* (Its struct page may not be made yet: all ones.) */
bool mms_device_page(unsigned long pfn)
{
	return IS_ENABLED(CONFIG_ZONE_DEVICE) && pfn_valid(pfn) &&
	       mms_page_word(pfn_to_page(pfn)) != ~0UL && is_zone_device_page(pfn_to_page(pfn));
}

static int take_range(struct resource *res, void *arg)
{
	u64 *range = arg;

	range[0] = res->start;
	range[1] = res->end;
	return 1;
}

bool mms_ram_next(u64 pfn, u64 *first, u64 *end)
{
	u64 range[2], start = pfn << PAGE_SHIFT;

	if (pfn >> (64 - PAGE_SHIFT))
		return false;
	while (start <= (resource_size_t)-1 &&
	       walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
				   start, (resource_size_t)-1, range, take_range) == 1) {
		*first = max_t(u64, pfn, (range[0] + PAGE_SIZE - 1) >> PAGE_SHIFT);
		*end = (range[1] + 1) >> PAGE_SHIFT;
		if (*first < *end)
			return true;
		if (range[1] + 1 <= start)
			return false;
		start = range[1] + 1;
		cond_resched();
	}
	return false;
}

u64 mms_pfn_end(void)
{
	u64 pfn = 0, end = 0, first;
	int nid, i;

	while (mms_ram_next(pfn, &first, &pfn))
		end = pfn;
	for_each_online_node(nid)
		for (i = 0; i < MAX_NR_ZONES; i++)
			end = max_t(u64, end, zone_end_pfn(&NODE_DATA(nid)->node_zones[i]));
	return end;
}
