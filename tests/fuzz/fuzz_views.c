// SPDX-License-Identifier: GPL-2.0
/* Fuzz target: a capture file through the views, as tables and as JSON. */
#include <sys/mman.h>
#include <unistd.h>
#include "streams.h"
/* With its option, which nothing else could take back. */
#include "../../userspace/view/map.c"

extern const struct mms_command mms_cmd_walk, mms_cmd_verify, mms_cmd_oom, mms_cmd_tlb, mms_cmd_buddy, mms_cmd_zones,
	mms_cmd_check, mms_cmd_share, mms_cmd_swap, mms_cmd_lru, mms_cmd_cache, mms_cmd_frames, mms_cmd_slab,
	mms_cmd_vmalloc, mms_cmd_layout, mms_cmd_kmap;

static char path[64];
static int file;
static FILE *out, *null;
static char *shown;
static size_t shown_len;

size_t fuzz_seed(struct rng *r, uint8_t *buf, size_t max)
{
	return streams_make(r, 0, buf, max);
}

size_t fuzz_mutate(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	return streams_damage(r, data, size, max);
}

void fuzz_init(void)
{
	file = memfd_create("fuzz", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	null = fopen("/dev/null", "w");
	out = open_memstream(&shown, &shown_len);
	if (file < 0 || !null || !out)
		abort();
}

/* zones has a question in each of its options. */
static void zones_view(uint64_t hash)
{
	const struct option *o = mms_cmd_zones.longopts;

	mms_cmd_zones.option(o[hash % 4].val, NULL);
}

static void view(const struct mms_command *c, bool json, int n, char **args)
{
	struct mms_globals g = { .from = path, .render = { .json = json, .bytes = json, .out = out } };
	FILE *err = stderr, *std = stdout;
	int rc;

	stderr = null;
	stdout = out;
	rewind(out);
	rc = c->run(&g, n, args);
	fflush(out);
	stderr = err;
	stdout = std;
	FUZZ_ASSERT(rc >= 0 && rc <= 2);
	/* whatever was recorded, nothing reaches a terminal that steers it */
	for (size_t i = 0; i < shown_len; i++)
		FUZZ_ASSERT(shown[i] == '\n' || (unsigned char)shown[i] >= 0x20);
}

void fuzz_one(const uint8_t *data, size_t size)
{
	static char pid[] = "42", addr[] = "11234";
	static char dentry[] = "dentry", kmalloc[] = "kmalloc-64", object[] = "0x1000", task[] = "42:";
	char *args[] = { pid, addr };
	uint64_t hash = size;
	bool json;

	for (size_t i = 0; i < size && i < 4096; i++)
		hash = hash * 31 + data[i];
	json = hash & 64;
	if (ftruncate(file, (off_t)size) || pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
	switch (hash % 18) {
	case 0:
		view(&mms_cmd_oom, json, 0, args);
		break;
	case 1:
		view(&mms_cmd_walk, json, 2, args);
		break;
	case 2:
		view(&mms_cmd_verify, json, 1, args);
		break;
	case 3:
		view(&mms_cmd_tlb, json, 1, args);
		break;
	case 4:
		view(&mms_cmd_buddy, json, 0, args);
		break;
	case 5:
		view(&mms_cmd_check, json, 0, args);
		break;
	case 6:
		zones_view(hash >> 8);
		view(&mms_cmd_zones, json, 0, args);
		break;
	case 7:
		view(&mms_cmd_share, json, 1, args);
		break;
	case 8:
		view(&mms_cmd_swap, json, (int)(hash >> 7 & 1), args);
		break;
	case 9:
		view(&mms_cmd_lru, json, 0, args);
		break;
	case 10:
		view(&mms_cmd_cache, json, 0, args);
		break;
	case 11:
		view(&mms_cmd_frames, json, 0, args);
		break;
	case 12:
		args[0] = (char *[]){ dentry, kmalloc, object, task }[hash >> 8 & 3];
		view(&mms_cmd_slab, json, (int)(hash >> 7 & 1), args);
		break;
	case 13:
		view(&mms_cmd_vmalloc, json, (int)(hash >> 7 & 1), args + 1);
		break;
	case 14:
		view(&mms_cmd_layout, json, 1, args);
		break;
	case 15:
		view(&mms_cmd_kmap, json, 0, args);
		break;
	default:
		want_extents = hash & 32;
		view(&mms_cmd_map, json, 1, args);
	}
}
