// SPDX-License-Identifier: GPL-2.0
/* A page under a protection key: prints "key=N page=0x...", then sleeps; 77 where there are no keys. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
	int key = pkey_alloc(0, 0);
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (key < 0 || p == MAP_FAILED)
		return 77;
	if (pkey_mprotect(p, 4096, PROT_READ | PROT_WRITE, key))
		return 1;
	/* After, so that the entry allows writing: older kernels wait for a fault. */
	*p = 1;
	printf("key=%d page=%p\n", key, (void *)p);
	fflush(stdout);
	pause();
	return 0;
}
