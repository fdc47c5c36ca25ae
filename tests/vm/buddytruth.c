// SPDX-License-Identifier: GPL-2.0
/*
 * What the module and the kernel's own files say of free blocks at one moment.
 *
 * Usage: buddytruth DIR [TRIES]
 *
 * Reads the kernel's files, the module's stream and the files again until
 * nothing changed in between; DIR then has buddyinfo, pagetypeinfo,
 * unusable_index, extfrag_index and stream.mms.  Everything is opened and every
 * buffer touched before, so that reading allocates nothing.  Prints "settled=1
 * tries=N", or "settled=0".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/mmscope.h>

#define SIZE	(1 << 18)

static const struct {
	const char *name;
	const char *path;
} files[] = {
	{ "buddyinfo", "/proc/buddyinfo" },
	{ "pagetypeinfo", "/proc/pagetypeinfo" },
	{ "unusable_index", "/sys/kernel/debug/extfrag/unusable_index" },
	{ "extfrag_index", "/sys/kernel/debug/extfrag/extfrag_index" },
};

#define FILES	(sizeof(files) / sizeof(*files))

static char before[FILES][SIZE], after[FILES][SIZE], stream[SIZE];
static int fd[FILES];

static size_t read_file(int from, char *buf)
{
	size_t n = 0;
	ssize_t got;

	lseek(from, 0, SEEK_SET);
	while (n < SIZE - 1 && (got = read(from, buf + n, SIZE - 1 - n)) > 0)
		n += (size_t)got;
	buf[n] = '\0';
	return n;
}

static size_t read_stream(int from)
{
	struct mms_request req = { .size = sizeof(req), .flags = MMS_BUDDY_LISTS | MMS_BUDDY_SCAN };
	size_t n = 0;
	ssize_t got;

	if (write(from, &req, sizeof(req)) != sizeof(req))
		return 0;
	while (n < SIZE && (got = read(from, stream + n, SIZE - n)) > 0)
		n += (size_t)got;
	return n;
}

static void save(const char *dir, const char *name, const char *buf, size_t n)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f || fwrite(buf, 1, n, f) != n || fclose(f)) {
		perror(path);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	int tries = argc > 2 ? atoi(argv[2]) : 300, try, door;
	size_t n = 0, i;

	if (argc < 2)
		return 2;
	door = open("/sys/kernel/debug/mmscope/stream/buddy", O_RDWR);
	if (door < 0) {
		perror("stream/buddy");
		return 1;
	}
	memset(before, 1, sizeof(before));
	memset(after, 1, sizeof(after));
	memset(stream, 1, sizeof(stream));
	for (i = 0; i < FILES; i++)
		fd[i] = open(files[i].path, O_RDONLY);
	for (try = 1; try <= tries; try++) {
		for (i = 0; i < FILES; i++)
			read_file(fd[i], before[i]);
		n = read_stream(door);
		for (i = 0; i < FILES; i++)
			read_file(fd[i], after[i]);
		for (i = 0; i < FILES && !strcmp(before[i], after[i]); i++)
			;
		/* the first round is to allocate what reading needs */
		if (n && i == FILES && try > 1)
			break;
		usleep(20000);
	}
	if (try > tries) {
		printf("settled=0\n");
		return 1;
	}
	for (i = 0; i < FILES; i++)
		save(argv[1], files[i].name, after[i], strlen(after[i]));
	save(argv[1], "stream.mms", stream, n);
	printf("settled=1 tries=%d\n", try);
	return 0;
}
