// SPDX-License-Identifier: GPL-2.0
#include "source/ksyms.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAME	512	/* KSYM_NAME_LEN */

/* The next line: address and name, NUL terminated. */
static bool next(FILE *f, uint64_t *addr, char name[NAME + 1])
{
	char line[NAME + 128];

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNx64 " %*c %512s", addr, name) == 2)
			return true;
	return false;
}

int mms_ksym_address(const char *path, const char *name, uint64_t *addr, struct mms_err *err)
{
	FILE *f = fopen(path, "re");
	char one[NAME + 1];
	bool found = false;

	if (!f)
		return mms_err_set(err, -errno, "%s: %s", path, strerror(errno));
	while (!found && next(f, addr, one))
		found = !strcmp(one, name);
	fclose(f);
	if (!found)
		return mms_err_set(err, -ENOENT, "the kernel has no symbol '%s' (see %s; without CONFIG_KALLSYMS_ALL it lists code alone)",
				   name, path);
	if (!*addr)
		return mms_err_set(err, -EACCES, "%s hides addresses: run as root, or set kernel.kptr_restrict=1",
				   path);
	return 0;
}

int mms_ksym_name(const char *path, uint64_t addr, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	char one[NAME + 1], best[NAME + 1] = "";
	uint64_t at, start = 0;

	if (!f)
		return -errno;
	while (next(f, &at, one))
		if (at && at <= addr && at > start) {
			start = at;
			strcpy(best, one);
		}
	fclose(f);
	if (!start)
		return -ENOENT;
	if (addr == start)
		snprintf(buf, size, "%s", best);
	else
		snprintf(buf, size, "%s+%#" PRIx64, best, addr - start);
	return 0;
}

int mms_ksym_addresses(const char *path, const char *const names[], size_t n, uint64_t addr[])
{
	FILE *f = fopen(path, "re");
	char one[NAME + 1];
	size_t found = 0;
	uint64_t at;

	if (!f)
		return -errno;
	memset(addr, 0, n * sizeof(*addr));
	while (found < n && next(f, &at, one))
		for (size_t i = 0; at && i < n; i++)
			if (!addr[i] && !strcmp(one, names[i])) {
				addr[i] = at;
				found++;
			}
	fclose(f);
	return (int)found;
}
