// SPDX-License-Identifier: GPL-2.0
/*
 * A process with memory above the addresses that the kernel gives unasked (47 bits
 * on x86, 48 on arm64), for 73_layout.
 *
 * Usage: highmap	prints "addr=0x..." and waits; exit status 77: the kernel has no
 *			addresses there
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	const uint64_t hint = sizeof(void *) < 8 ? 0 : 1ULL << 50;
	char *p = mmap((void *)(uintptr_t)hint, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || !hint || (uintptr_t)p < hint)
		return 77;
	*p = 1;
	printf("addr=%#llx\n", (unsigned long long)(uintptr_t)p);
	fflush(stdout);
	for (;;)
		pause();
}
