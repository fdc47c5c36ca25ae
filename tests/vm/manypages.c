// SPDX-License-Identifier: GPL-2.0
/*
 * A process with very many translations and little memory: one file of MIB MiB, mapped TIMES times, half of them for
 * reading only. Prints its PID, then stays on its CPU in user mode; with "wait" it sleeps instead.
 *
 *	manypages MIB TIMES [wait]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t size = argc > 2 ? (size_t)strtoul(argv[1], NULL, 0) << 20 : 0;
	unsigned long times = argc > 2 ? strtoul(argv[2], NULL, 0) : 0, i;
	int fd = memfd_create("manypages", 0);

	if (!times || fd < 0 || ftruncate(fd, (off_t)size)) {
		fputs("usage: manypages MIB TIMES [wait]\n", stderr);
		return 2;
	}
	for (i = 0; i < times; i++) {
		int prot = i & 1 ? PROT_READ : PROT_READ | PROT_WRITE;

		if (mmap(NULL, size, prot, MAP_SHARED | MAP_POPULATE, fd, 0) == MAP_FAILED) {
			perror("manypages: mmap");
			return 1;
		}
	}
	printf("%d\n", getpid());
	fflush(stdout);
	if (argc > 3)
		pause();
	for (;;)
		__asm__ volatile("" ::: "memory");
}
