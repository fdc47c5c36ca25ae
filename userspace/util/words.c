// SPDX-License-Identifier: GPL-2.0
#include "util/words.h"

#include <errno.h>
#include <unistd.h>

int64_t mms_pread_words(int fd, uint64_t first, size_t n, uint64_t *out)
{
	size_t done = 0, want = n * sizeof(*out);

	if (first >= (uint64_t)INT64_MAX / sizeof(*out) - n)
		return 0;
	while (done < want) {
		ssize_t got = pread(fd, (char *)out + done, want - done,
				    (off_t)(first * sizeof(*out) + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		done += (size_t)got;
	}
	return (int64_t)(done / sizeof(*out));
}
