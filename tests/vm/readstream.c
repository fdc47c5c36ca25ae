// SPDX-License-Identifier: GPL-2.0
/*
 * Reads one stream of the module to its end, into memory, and prints its
 * trailer as "key=value" on a line.  Where cat of the text would take minutes.
 *
 * Usage: readstream NAME PID [extents] [tables] [holes]
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "stream.h"

int main(int argc, char **argv)
{
	static unsigned char buf[1 << 18];
	struct stream s = { .buf = malloc(STREAM_RECORD_MAX) };
	struct mms_request req = { .size = sizeof(req) };
	const struct mms_trailer *t = &s.trailer;
	char path[128];
	ssize_t n;
	int i, fd;

	if (argc < 3 || !s.buf)
		return 2;
	req.pid = (uint32_t)strtoul(argv[2], NULL, 10);
	for (i = 3; i < argc; i++)
		req.flags |= !strcmp(argv[i], "extents") ? MMS_REQ_EXTENTS :
			     !strcmp(argv[i], "tables") ? MMS_REQ_TABLES : MMS_REQ_HOLES;
	snprintf(path, sizeof(path), "/sys/kernel/debug/mmscope/stream/%s", argv[1]);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || write(fd, &req, sizeof(req)) != sizeof(req)) {
		perror(path);
		return 1;
	}
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		stream_feed(&s, buf, (size_t)n);
	if (n < 0 || s.bad || !s.ended) {
		fprintf(stderr, "readstream: %s\n", s.bad ? s.bad : "no trailer");
		return 1;
	}
	printf("end=%u error=%u records=%" PRIu64 " batches=%u torn=%u hold_max_ns=%" PRIu64
	       " hold_total_ns=%" PRIu64 " entries=%" PRIu64 "\n", t->end, t->error,
	       (uint64_t)t->records, t->batches, t->torn, (uint64_t)t->hold_max_ns,
	       (uint64_t)t->hold_total_ns, (uint64_t)t->entries);
	return 0;
}
