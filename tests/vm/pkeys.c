// SPDX-License-Identifier: GPL-2.0
/*
 * A page under a protection key: prints "key=N page=0x... pkru=0x...", then sleeps; 77 where there are no keys.
 *
 *	pkeys [disable]		disable: 1 no access, 2 no writing, as pkey_set()'s
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int key = pkey_alloc(0, 0);
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int pkru = 0;

	if (key < 0 || p == MAP_FAILED)
		return 77;
	if (pkey_mprotect(p, 4096, PROT_READ | PROT_WRITE, key))
		return 1;
	/* After, so that the entry allows writing: older kernels wait for a fault. */
	*p = 1;
	if (argc > 1 && pkey_set(key, (unsigned int)atoi(argv[1])))
		return 1;
#ifdef __x86_64__
	__asm__ volatile("rdpkru" : "=a"(pkru) : "c"(0) : "edx");
#endif
	printf("key=%d page=%p pkru=%#x\n", key, (void *)p, pkru);
	fflush(stdout);
	pause();
	return 0;
}
