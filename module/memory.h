/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which frames there are, and their struct pages kept from vanishing.
 */
#ifndef MMSCOPE_MEMORY_H
#define MMSCOPE_MEMORY_H

#include <linux/types.h>

struct page;

int mms_memory_init(void);
void mms_memory_exit(void);

/*
 * Between these two no struct page that mms_online_page() gave goes away: memory
 * that is taken out of the machine waits.  Keep it short: some thousand frames.
 * May sleep; mms_memmap_hold() must not be nested.
 */
void mms_memmap_hold(void);
void mms_memmap_release(void);

bool mms_memory_moved(unsigned int *seen);

/**
 * mms_online_page() - the struct page of a frame whose memory block is online
 *
 * Return: NULL where there is none, or none that may be read
 */
struct page *mms_online_page(unsigned long pfn);

/* Is there no online page, but the struct page of a device's memory? */
bool mms_device_page(unsigned long pfn);

/**
 * mms_ram_next() - the next range of RAM as the kernel's resources have it
 * @pfn: where to begin
 * @first: set to the first frame of it that is not below @pfn
 * @end: set to the first frame behind it
 *
 * Whole frames alone.  May sleep.
 *
 * Return: is there one?
 */
bool mms_ram_next(u64 pfn, u64 *first, u64 *end);

/* The first PFN behind all zones and all RAM.  May sleep. */
u64 mms_pfn_end(void);

#endif /* MMSCOPE_MEMORY_H */
