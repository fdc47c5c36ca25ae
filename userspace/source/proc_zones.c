// SPDX-License-Identifier: GPL-2.0
/* Nodes and zones from /proc/zoneinfo and /proc/buddyinfo, as records. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "source/procfs.h"
#include "util/parse.h"

#define STATS_MAX	128

/* One zone as it was read; @cpus has @ncpus. */
struct zone {
	struct mms_zone z;
	uint64_t reserve[__MMS_ZONE_MAX + 8];	/* by the kernel's zone number */
	unsigned int nreserve;
	struct mms_stat stats[STATS_MAX];
	struct mms_zone_cpu *cpus;
	unsigned int ncpus;
};

/**
 * struct reader - zoneinfo being read
 * @zones: @n of them, in the order of the file
 * @nodes: beside each zone the node's record, counters and all, if this zone's
 *	text had it (the first one with pages has); else NULL
 * @in_node: counters that come now are the node's
 */
struct node {
	struct mms_node n;
	struct mms_stat stats[STATS_MAX];
};

struct reader {
	struct zone **zones;
	struct node **nodes;
	size_t n;
	bool in_node;
};

static int add_zone(struct reader *r, uint32_t node, const char *name)
{
	void *zones = reallocarray(r->zones, r->n + 1, sizeof(*r->zones));
	void *nodes = zones ? reallocarray(r->nodes, r->n + 1, sizeof(*r->nodes)) : NULL;
	struct zone *z = calloc(1, sizeof(*z));

	if (zones)
		r->zones = zones;
	if (nodes)
		r->nodes = nodes;
	if (!nodes || !z) {
		free(z);
		return -ENOMEM;
	}
	z->z.head.type = MMS_REC_ZONE;
	z->z.node = node;
	if (r->n && r->zones[r->n - 1]->z.node == node)
		z->z.index = r->zones[r->n - 1]->z.index + 1;
	snprintf((char *)z->z.name, sizeof(z->z.name), "%s", name);
	r->zones[r->n] = z;
	r->nodes[r->n++] = NULL;
	r->in_node = false;
	return 0;
}

static int begin_node(struct reader *r)
{
	struct node *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	free(r->nodes[r->n - 1]);
	n->n.head.type = MMS_REC_NODE;
	n->n.node = r->zones[r->n - 1]->z.node;
	r->nodes[r->n - 1] = n;
	r->in_node = true;
	return 0;
}

static int add_cpu(struct zone *z, uint64_t cpu)
{
	struct mms_zone_cpu *more = reallocarray(z->cpus, z->ncpus + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	z->cpus = more;
	z->cpus[z->ncpus++] = (struct mms_zone_cpu){
		.head.type = MMS_REC_ZONE_CPU, .node = z->z.node, .zone = z->z.index,
		.cpu = (uint32_t)cpu,
	};
	return 0;
}

static void set_stat(struct mms_stat *stats, uint32_t *n, uint32_t id, uint64_t value)
{
	for (uint32_t i = 0; i < *n; i++) {
		if (stats[i].id == id) {
			stats[i].value = value;
			return;
		}
	}
	if (id && *n < STATS_MAX)
		stats[(*n)++] = (struct mms_stat){ .id = id, .value = value };
}

/* "(0, 941, 941)": kept for each zone number until the types are known. */
static void take_protection(struct zone *z, const char *s)
{
	uint64_t v;

	z->nreserve = 0;
	s += strcspn(s, "0123456789");
	while (*s && z->nreserve < sizeof(z->reserve) / sizeof(*z->reserve) &&
	       mms_scan_u64(&s, 10, &v)) {
		z->reserve[z->nreserve++] = v;
		s += strcspn(s, "0123456789");
	}
}

/* What a word of the file goes into; @known and @bit as in the record. */
struct word {
	const char *name;
	size_t at;
	uint32_t bit;
};

static bool take_zone_word(struct mms_zone *z, const char *name, uint64_t v)
{
	static const struct word words[] = {
		{ "boost", offsetof(struct mms_zone, boost), MMS_ZONE_K_BOOST },
		{ "min", offsetof(struct mms_zone, wmark_min), 0 },
		{ "low", offsetof(struct mms_zone, wmark_low), 0 },
		{ "high", offsetof(struct mms_zone, wmark_high), 0 },
		{ "promo", offsetof(struct mms_zone, wmark_promo), MMS_ZONE_K_PROMO },
		{ "spanned", offsetof(struct mms_zone, spanned), 0 },
		{ "present", offsetof(struct mms_zone, present), 0 },
		{ "managed", offsetof(struct mms_zone, managed), 0 },
		{ "cma", offsetof(struct mms_zone, cma), MMS_ZONE_K_CMA },
		{ "start_pfn:", offsetof(struct mms_zone, start_pfn), MMS_ZONE_K_START },
		{ "reserved_highatomic:", offsetof(struct mms_zone, highatomic), MMS_ZONE_K_HIGHATOMIC },
		{ "free_highatomic:", offsetof(struct mms_zone, free_highatomic), MMS_ZONE_K_FREE_HIGHATOMIC },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(words[i].name, name))
			continue;
		memcpy((char *)z + words[i].at, &v, sizeof(v));
		z->known |= words[i].bit;
		return true;
	}
	return false;
}

static void take_cpu_word(struct mms_zone_cpu *c, const char *name, uint64_t v)
{
	static const struct word words[] = {
		{ "count:", offsetof(struct mms_zone_cpu, count), MMS_ZCPU_K_LISTS },
		{ "high:", offsetof(struct mms_zone_cpu, high), MMS_ZCPU_K_LISTS },
		{ "batch:", offsetof(struct mms_zone_cpu, batch), MMS_ZCPU_K_LISTS },
		{ "high_min:", offsetof(struct mms_zone_cpu, high_min), MMS_ZCPU_K_HIGHS },
		{ "high_max:", offsetof(struct mms_zone_cpu, high_max), MMS_ZCPU_K_HIGHS },
		{ "vm stats threshold:", offsetof(struct mms_zone_cpu, threshold), MMS_ZCPU_K_THRESHOLD },
	};
	uint32_t v32 = (uint32_t)v;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(words[i].name, name))
			continue;
		memcpy((char *)c + words[i].at, &v32, sizeof(v32));
		c->known |= words[i].bit;
	}
}

/* kswapd's state is the node's, and printed with each zone. */
static void take_unreclaimable(struct reader *r, uint64_t v)
{
	for (size_t i = 0; i < r->n; i++) {
		struct node *n = r->nodes[i];

		if (!n || n->n.node != r->zones[r->n - 1]->z.node)
			continue;
		n->n.known |= MMS_NODE_K_RECLAIM;
		n->n.flags = v ? MMS_NODE_UNRECLAIMABLE : 0;
	}
}

/* "name value", the name perhaps of several words. */
static int take_pair(struct reader *r, const char *name, uint64_t v)
{
	struct zone *z = r->zones[r->n - 1];
	struct node *n = r->nodes[r->n - 1];

	if (!strcmp(name, "pages free")) {
		r->in_node = false;
		set_stat(z->stats, &z->z.nstats, MMS_VS_NR_FREE_PAGES, v);
	} else if (!strcmp(name, "cpu:")) {
		return add_cpu(z, v);
	} else if (!strcmp(name, "node_unreclaimable:")) {
		take_unreclaimable(r, v);
	} else if (r->in_node && n) {
		set_stat(n->stats, &n->n.nstats, mms_vmstat_find(name), v);
	} else if (!take_zone_word(&z->z, name, v)) {
		if (z->ncpus)
			take_cpu_word(&z->cpus[z->ncpus - 1], name, v);
		set_stat(z->stats, &z->z.nstats, mms_vmstat_find(name), v);
	}
	return 0;
}

static int take_line(struct reader *r, char *line)
{
	char *s = line + strspn(line, " "), *end = s + strlen(s), *value;
	unsigned int node;
	const char *digits;
	char name[16];
	uint64_t v;

	if (sscanf(line, "Node %u, zone %15s", &node, name) == 2)
		return add_zone(r, node, name);
	if (!r->n)
		return 0;
	if (!strncmp(s, "per-node stats", 14))
		return begin_node(r);
	if (!strncmp(s, "protection:", 11)) {
		take_protection(r->zones[r->n - 1], s);
		return 0;
	}
	while (end > s && strchr(" \n", end[-1]))
		*--end = '\0';
	value = strrchr(s, ' ');
	if (!value)
		return 0;
	digits = value + 1;
	if (!mms_scan_u64(&digits, 10, &v) || *digits)
		return 0;
	while (value > s && value[-1] == ' ')
		value--;
	*value = '\0';
	return take_pair(r, s, v);
}

/* All zones are read: what each number of a "protection" stands for. */
static void settle(struct reader *r)
{
	for (size_t i = 0; i < r->n; i++)
		r->zones[i]->z.type = mms_zone_by_name((const char *)r->zones[i]->z.name,
							strlen((const char *)r->zones[i]->z.name));
	for (size_t i = 0; i < r->n; i++) {
		struct zone *z = r->zones[i];

		for (size_t j = 0; j < r->n; j++) {
			const struct mms_zone *other = &r->zones[j]->z;

			if (other->node != z->z.node || other->index >= z->nreserve)
				continue;
			z->z.reserve[other->type] = z->reserve[other->index];
			z->z.reserve_known |= 1U << other->type;
		}
	}
}

/* "Node 0, zone   Normal      2      2 ...": free blocks by order */
static void take_buddy_line(struct reader *r, const char *line)
{
	unsigned int node;
	struct mms_zone *z;
	int used = 0;
	char name[16];
	uint64_t v;

	if (sscanf(line, "Node %u, zone %15s%n", &node, name, &used) != 2)
		return;
	for (size_t i = 0; i < r->n; i++) {
		const char *s = line + used;

		z = &r->zones[i]->z;
		if (z->node != node || strcmp((const char *)z->name, name))
			continue;
		z->orders = 0;
		while (s += strspn(s, " "), z->orders < MMS_ZONE_ORDERS && mms_scan_u64(&s, 10, &v))
			z->nr_free[z->orders++] = v;
		z->known |= MMS_ZONE_K_FREE_AREA;
	}
}

static int read_file(struct reader *r, const char *root, const char *name,
		     int (*take)(struct reader *r, char *line))
{
	char path[PATH_MAX], line[1024];
	int rc = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (!rc && fgets(line, sizeof(line), f))
		rc = take(r, line);
	if (!rc && ferror(f))
		rc = -EIO;
	fclose(f);
	return rc;
}

static int take_buddy(struct reader *r, char *line)
{
	take_buddy_line(r, line);
	return 0;
}

static int put_zone(const struct zone *z, struct mms_encoder *e)
{
	int rc = mms_encode_record(e, &z->z.head, z->stats, z->z.nstats * sizeof(*z->stats));

	for (unsigned int i = 0; !rc && i < z->ncpus; i++)
		rc = mms_encode_record(e, &z->cpus[i].head, NULL, 0);
	return rc;
}

/* A node of which no zone has pages has no text of its own. */
static int put_node(const struct reader *r, size_t first, struct mms_encoder *e)
{
	uint32_t node = r->zones[first]->z.node;
	const struct mms_node bare = { .head.type = MMS_REC_NODE, .node = node };
	const struct node *n = NULL;

	for (size_t i = first; i < r->n; i++)
		if (r->nodes[i] && r->nodes[i]->n.node == node)
			n = r->nodes[i];
	if (!n)
		return mms_encode_record(e, &bare.head, NULL, 0);
	return mms_encode_record(e, &n->n.head, n->stats, n->n.nstats * sizeof(*n->stats));
}

static int put_all(const struct reader *r, struct mms_encoder *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < r->n; i++) {
		if (!i || r->zones[i]->z.node != r->zones[i - 1]->z.node)
			rc = put_node(r, i, e);
		if (!rc)
			rc = put_zone(r->zones[i], e);
	}
	return rc;
}

int mms_proc_zones(const char *root, const struct mms_request *req, struct mms_feed *f,
		   struct mms_trailer *t, struct mms_err *err)
{
	struct reader r = { 0 };
	int rc = read_file(&r, root, "zoneinfo", take_line);

	(void)req;
	(void)t;
	if (rc == -ENOENT)
		rc = mms_err_set(err, -EOPNOTSUPP, "%s/zoneinfo: not there: load the module (mmscope load)", root);
	else if (rc)
		mms_err_set(err, rc, "%s/zoneinfo: %s", root, strerror(-rc));
	else if (!r.n)
		rc = mms_err_set(err, -ENODATA, "%s/zoneinfo: no zone in it", root);
	if (!rc) {
		settle(&r);
		read_file(&r, root, "buddyinfo", take_buddy);	/* without: unknown */
		rc = put_all(&r, &f->enc);
	}
	for (size_t i = 0; i < r.n; i++) {
		free(r.zones[i]->cpus);
		free(r.zones[i]);
		free(r.nodes[i]);
	}
	free(r.zones);
	free(r.nodes);
	return rc;
}
