// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a whole /proc/PID as the /proc reader sees it, to the model.
 *
 * The input is stat, smaps, mountinfo, status, cmdline and pagemap one after
 * the other, with a form feed between.
 */
/* Its static parts, too: TASK is otherwise read of the live /proc only. */
#include "../../userspace/source/procfs.c"
#include "model/snapshot.h"
#include "texts.h"

enum { STAT, SMAPS, MOUNTINFO, STATUS, CMDLINE, PAGEMAP, NFILES };
static const char *const names[NFILES] = { "stat", "smaps", "mountinfo", "status", "cmdline", "pagemap" };
static int fds[NFILES];
static char root[64];

size_t fuzz_seed(struct rng *r, uint8_t *out, size_t max)
{
	size_t n = text_stat(r, (char *)out, max);
	uint64_t entry;

	out[n++] = '\f';
	n += text_smaps(r, (char *)out + n, 16 * 1024, true);
	out[n++] = '\f';
	n += text_mountinfo(r, (char *)out + n, 1024);
	out[n++] = '\f';
	n += text_status(r, (char *)out + n, 1024);
	out[n++] = '\f';
	memcpy(out + n, "sleep\0" "10", 9);
	n += 9;
	out[n++] = '\f';
	for (unsigned int i = 0; i < 256 && n + 8 <= max; i++, n += 8) {
		entry = below(r, 4) ? 1ULL << 63 | (0x1000 + i) : below(r, 2) ? 1ULL << 62 | i << 5 | 1 : 0;
		memcpy(out + n, &entry, 8);
	}
	return n;
}

size_t fuzz_mutate(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	uint8_t *end = memchr(data, '\f', size);
	size_t n, rest;

	/* a quarter goes to stat, which decides whether the rest is read */
	if (!end || below(r, 4))
		return text_damage(r, data, size, max);
	n = (size_t)(end - data);
	rest = size - n;
	if (n + 8192 + rest > max)
		return size;
	memmove(data + max - rest, end, rest);
	n = text_damage(r, data, n, n + 8192);
	memmove(data + n, data + max - rest, rest);
	return n + rest;
}

static void put_away(void)
{
	char path[128];

	for (int i = 0; i < NFILES; i++) {
		snprintf(path, sizeof(path), "%s/7/%s", root, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/7", root);
	rmdir(path);
	rmdir(root);
}

void fuzz_init(void)
{
	char path[128];

	strcpy(root, "/dev/shm/mmscope-fuzz.XXXXXX");
	if (!mkdtemp(root)) {
		strcpy(root, "/tmp/mmscope-fuzz.XXXXXX");
		if (!mkdtemp(root))
			abort();
	}
	snprintf(path, sizeof(path), "%s/7", root);
	mkdir(path, 0700);
	atexit(put_away);
	for (int i = 0; i < NFILES; i++) {
		snprintf(path, sizeof(path), "%s/7/%s", root, names[i]);
		fds[i] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	}
}

static void put_files(const uint8_t *data, size_t size)
{
	for (int i = 0; i < NFILES; i++) {
		const uint8_t *end = i == PAGEMAP ? NULL : memchr(data, '\f', size);
		size_t n = end ? (size_t)(end - data) : size;

		if (ftruncate(fds[i], 0) || pwrite(fds[i], data, n, 0) != (ssize_t)n)
			abort();
		data += n + !!end;
		size -= n + !!end;
	}
}

void fuzz_one(const uint8_t *data, size_t size)
{
	static char cmdline[CMDLINE_MAX];
	struct mms_err err = { "" };
	struct mms_snapshot *snap;
	struct mms_task t = { 0 };
	struct mms_source *s;
	int rc;

	put_files(data, size);
	FUZZ_ASSERT(!mms_source_open_procfs_at(&s, root, &err));
	rc = mms_snapshot_take(&snap, s, 7, MMS_SNAP_VMA | MMS_SNAP_USAGE | MMS_SNAP_EXTENTS, &err);
	FUZZ_ASSERT(!rc || (rc < 0 && err.text[0]));
	FUZZ_ASSERT(!fuzz_valid || !rc);
	if (!rc) {
		for (size_t i = 1; i < snap->nregions; i++)
			FUZZ_ASSERT(snap->regions[i - 1].vma.end <= snap->regions[i].vma.start);
		FUZZ_ASSERT(!fuzz_valid || snap->have == (MMS_SNAP_VMA | MMS_SNAP_USAGE | MMS_SNAP_EXTENTS));
		mms_snapshot_free(snap);
	}
	take_pgtables(to_procfs(s), 7, &t);
	take_cmdline(to_procfs(s), 7, &t, cmdline);
	FUZZ_ASSERT(t.cmdline_len <= sizeof(cmdline) && (!t.cmdline_len || !cmdline[t.cmdline_len - 1]));
	FUZZ_ASSERT(!fuzz_valid || t.known == (MMS_TASK_K_PGTABLES | MMS_TASK_K_CMDLINE));
	mms_source_close(s);
}
