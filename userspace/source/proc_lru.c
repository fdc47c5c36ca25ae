// SPDX-License-Identifier: GPL-2.0
/*
 * Kind LRU from /proc: what zoneinfo counts of each node, all cgroups together.
 * It knows neither generations nor folios.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "names.h"
#include "source/proc_lru.h"
#include "util/parse.h"

static int list_of(const char *name)
{
	static const char *const names[] = {
		"nr_zone_inactive_anon", "nr_zone_active_anon", "nr_zone_inactive_file",
		"nr_zone_active_file", "nr_zone_unevictable",
	};

	for (int i = 0; i < __MMS_LRU_MAX; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

static FILE *open_at(const char *root, const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, file);
	return fopen(path, "re");
}

static uint32_t swappiness(const char *root)
{
	FILE *f = open_at(root, "sys/vm/swappiness");
	unsigned int v;
	int n = f ? fscanf(f, "%u", &v) : 0;

	if (f)
		fclose(f);
	return n == 1 ? v : MMS_LRU_UNKNOWN;
}

static uint64_t swap_free(const char *root)
{
	FILE *f = open_at(root, "meminfo");
	uint64_t v = UINT64_MAX;
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		const char *s = line + strlen("SwapFree:");
		uint64_t kib;

		if (strncmp(line, "SwapFree:", 9))
			continue;
		s += strspn(s, " \t");
		if (mms_scan_u64(&s, 10, &kib))
			v = kib * 1024 / (uint64_t)sysconf(_SC_PAGESIZE);
	}
	if (f)
		fclose(f);
	return v;
}

/* Do pages go into generations now?  It is in sysfs, of this machine alone. */
static uint32_t gens_flag(const char *root)
{
	FILE *f = strcmp(root, "/proc") ? NULL : fopen("/sys/kernel/mm/lru_gen/enabled", "re");
	unsigned int caps = 0;
	int n = f ? fscanf(f, "%x", &caps) : 0;

	if (f)
		fclose(f);
	return n == 1 && caps & 1 ? MMS_LRU_F_GENS : 0;
}

/**
 * struct reading - a node being read
 * @known: lines of the node's zones that were there
 */
struct reading {
	struct mms_lru_vec vec;
	enum mms_zone_type zone;
	bool have;
	unsigned int known;
};

static int put(struct reading *r, struct mms_feed *f)
{
	return r->have && r->known ? mms_encode_record(&f->enc, &r->vec.head, NULL, 0) : 0;
}

static int take_line(struct reading *r, const char *line, struct mms_feed *f)
{
	char name[64];
	unsigned int node;
	unsigned long long v;
	int rc = 0, list;

	if (sscanf(line, "Node %u, zone %63s", &node, name) == 2) {
		if (!r->have || r->vec.node != node) {
			struct mms_lru_vec fresh = {
				.head.type = MMS_REC_LRU_VEC, .node = node,
				.flags = r->vec.flags, .swappiness = r->vec.swappiness,
				.swap_free = r->vec.swap_free,
			};

			rc = put(r, f);
			r->vec = fresh;
			r->have = true;
			r->known = 0;
		}
		r->zone = mms_zone_by_name(name, strlen(name));
	} else if (r->have && sscanf(line, " %63s %llu", name, &v) == 2) {
		list = list_of(name);
		if (list >= 0) {
			r->vec.pages[r->zone][list] += v;
			r->known++;
		}
	}
	return rc;
}

int mms_proc_lru(const char *root, const struct mms_request *req, struct mms_feed *f,
		 struct mms_trailer *t, struct mms_err *err)
{
	struct reading r = {
		.vec = { .swappiness = swappiness(root), .swap_free = swap_free(root),
			 .flags = MMS_LRU_F_ALL | gens_flag(root) },
	};
	FILE *in = open_at(root, "zoneinfo");
	char line[256];
	int rc = 0;

	(void)t;
	if (!in)
		return mms_err_set(err, -errno, "%s/zoneinfo: %s", root, strerror(errno));
	if (req->flags || req->start) {
		fclose(in);
		return mms_err_set(err, -EOPNOTSUPP,
				   "/proc tells the sums of each node only, not %s: load the module (mmscope load)",
				   req->flags ? "generations or folios" : "those of a cgroup");
	}
	while (!rc && fgets(line, sizeof(line), in))
		rc = take_line(&r, line, f);
	if (!rc)
		rc = put(&r, f);
	if (!rc && !f->enc.records)
		rc = mms_err_set(err, -EOPNOTSUPP, "%s/zoneinfo has no LRU counters", root);
	fclose(in);
	return rc;
}
