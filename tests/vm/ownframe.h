/* SPDX-License-Identifier: GPL-2.0 */
/* A frame of whose content one can be sure, to see what kpageflags says of it. */
#ifndef MMSCOPE_TEST_OWNFRAME_H
#define MMSCOPE_TEST_OWNFRAME_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The frame of a new anonymous page, which stays mapped and is never offered to KSM; 0: not to be had. */
static inline uint64_t own_frame(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	if (page == MAP_FAILED || fd < 0)
		return 0;
	*(volatile unsigned char *)page = 1;
	if (pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)page / size * sizeof(entry))) != sizeof(entry))
		entry = 0;
	close(fd);
	return entry & ((1ULL << 55) - 1);
}

#endif
