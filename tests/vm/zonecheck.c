// SPDX-License-Identifier: GPL-2.0
/*
 * Is the module's ZONES stream what /proc/zoneinfo and /proc/buddyinfo print?
 * In one process, with all memory taken before: text, stream, text again, in
 * rounds, until every field was seen unmoved by the text and equal in the
 * stream.  Knows neither the tool's decoder nor its reader of zoneinfo.
 *
 * Usage: zonecheck [ROUNDS]
 *
 * Prints "fields=N rounds=N" and, for each field that was never equal, a line
 * "KEY zoneinfo=A stream=B".  Exit status 0: none.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "stream.h"

#define KEYS		8192
#define TEXT		(1 << 20)
#define STREAM		(4 << 20)

struct kv {
	char key[72];
	char val[128];
};

struct table {
	struct kv *kv;
	size_t n;
};

static struct table before, after, ours;
static unsigned char *equal;	/* by index of @before */
static char *text;
static unsigned char *bytes;
static int zoneinfo, buddyinfo, stream;

static void add(struct table *t, const char *val, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void add(struct table *t, const char *val, const char *fmt, ...)
{
	struct kv *kv = &t->kv[t->n];
	va_list ap;

	if (t->n == KEYS)
		exit(2);
	va_start(ap, fmt);
	vsnprintf(kv->key, sizeof(kv->key), fmt, ap);
	va_end(ap);
	snprintf(kv->val, sizeof(kv->val), "%s", val);
	t->n++;
}

static const char *num(uint64_t v)
{
	static char buf[32];

	snprintf(buf, sizeof(buf), "%" PRIu64, v);
	return buf;
}

static size_t slurp(int fd, void *buf, size_t size)
{
	size_t n = 0;
	ssize_t got;

	if (lseek(fd, 0, SEEK_SET) < 0)
		exit(2);
	while (n < size && (got = read(fd, (char *)buf + n, size - n)) > 0)
		n += (size_t)got;
	return n;
}

/* --- the text --- */

static void text_line(struct table *t, char *line, char *where, int *cpu)
{
	static const char *const of_cpu[] = {
		"count:", "high:", "batch:", "high_min:", "high_max:", "vm stats threshold:",
	};
	char *s = line + strspn(line, " "), *value, zone[32];
	unsigned int node;

	if (sscanf(line, "Node %u, zone %31s", &node, zone) == 2) {
		sprintf(where, "%u.%s", node, zone);
		*cpu = -1;
		return;
	}
	if (!strncmp(s, "per-node stats", 14)) {
		*strchr(where, '.') = '\0';
		strcat(where, ".-");
		return;
	}
	if (!strncmp(s, "protection: (", 13)) {
		s[strcspn(s, ")")] = '\0';
		add(t, s + 13, "%s.protection", where);
		return;
	}
	value = strrchr(s, ' ');
	if (!value)
		return;	/* "pagesets" */
	*value = '\0';
	for (char *e = value - 1; e > s && *e == ' '; e--)
		*e = '\0';
	value++;
	if (!strcmp(s, "cpu:")) {
		*cpu = atoi(value);
		return;
	}
	for (size_t i = 0; i < sizeof(of_cpu) / sizeof(*of_cpu); i++) {
		if (*cpu >= 0 && !strcmp(s, of_cpu[i])) {
			add(t, value, "%s.cpu%d.%s", where, *cpu, s);
			return;
		}
	}
	add(t, value, "%s.%s", where, s);
}

static void read_zoneinfo(struct table *t)
{
	size_t n = slurp(zoneinfo, text, TEXT - 1);
	char where[64] = "", zone[64] = "", *next;
	int cpu = -1;

	text[n] = '\0';
	for (char *line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		/* the node's counters end where the zone's begin */
		if (!strncmp(line, "Node", 4)) {
			text_line(t, line, where, &cpu);
			strcpy(zone, where);
			continue;
		}
		if (!strncmp(line + strspn(line, " "), "pages free", 10))
			strcpy(where, zone);
		text_line(t, line, where, &cpu);
	}
}

static void read_buddyinfo(struct table *t)
{
	size_t n = slurp(buddyinfo, text, TEXT - 1);
	char zone[32], *next, *s;
	unsigned int node, order;
	int used;

	text[n] = '\0';
	for (char *line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (sscanf(line, "Node %u, zone %31s%n", &node, zone, &used) != 2)
			continue;
		order = 0;
		for (s = strtok(line + used, " "); s; s = strtok(NULL, " "))
			add(t, s, "%u.%s.order%u", node, zone, order++);
	}
}

/* --- the stream --- */

#define NAME(item, name) name,
static const char *const names[] = { "?", MMS_VMSTATS(NAME) };

static void put_stats(const char *where, const struct mms_stat *s, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		add(&ours, num(s[i].value), "%s.%s", where, names[s[i].id]);
}

/* The protections in the order of the kernel's zones: all zones of the node are known by now. */
static void put_protection(const char *where, const struct mms_zone *z, const uint32_t *types, unsigned int n)
{
	char list[128] = "";

	for (unsigned int i = 0; i < n; i++)
		sprintf(list + strlen(list), "%s%" PRIu64, i ? ", " : "", (uint64_t)z->reserve[types[i]]);
	add(&ours, list, "%s.protection", where);
}

static void put_zone(const struct mms_zone *z, const struct mms_node *node, const uint32_t *types, unsigned int ntypes)
{
	const struct mms_stat *stats = (const void *)(z + 1);
	char where[64];

	snprintf(where, sizeof(where), "%u.%s", z->node, z->name);
	for (uint32_t i = 0; i < z->nstats; i++)
		if (stats[i].id == MMS_VS_NR_FREE_PAGES)
			add(&ours, num(stats[i].value), "%s.pages free", where);
	add(&ours, num(z->boost), "%s.boost", where);
	add(&ours, num(z->wmark_min), "%s.min", where);
	add(&ours, num(z->wmark_low), "%s.low", where);
	add(&ours, num(z->wmark_high), "%s.high", where);
	if (z->known & MMS_ZONE_K_PROMO)
		add(&ours, num(z->wmark_promo), "%s.promo", where);
	add(&ours, num(z->spanned), "%s.spanned", where);
	add(&ours, num(z->present), "%s.present", where);
	add(&ours, num(z->managed), "%s.managed", where);
	if (z->known & MMS_ZONE_K_CMA)
		add(&ours, num(z->cma), "%s.cma", where);
	put_protection(where, z, types, ntypes);
	put_stats(where, stats, z->nstats);
	add(&ours, num(!!(node->flags & MMS_NODE_UNRECLAIMABLE)), "%s.node_unreclaimable:", where);
	add(&ours, num(z->start_pfn), "%s.start_pfn:", where);
	add(&ours, num(z->highatomic), "%s.reserved_highatomic:", where);
	if (z->known & MMS_ZONE_K_FREE_HIGHATOMIC)
		add(&ours, num(z->free_highatomic), "%s.free_highatomic:", where);
	for (uint32_t o = 0; o < z->orders; o++)
		add(&ours, num(z->nr_free[o]), "%s.order%u", where, o);
}

static void put_cpu(const struct mms_zone_cpu *c, const char *zone)
{
	char where[64];

	if (c->zone == MMS_ZONE_NONE)
		return;
	snprintf(where, sizeof(where), "%u.%s.cpu%u", c->node, zone, c->cpu);
	add(&ours, num(c->count), "%s.count:", where);
	add(&ours, num(c->high), "%s.high:", where);
	add(&ours, num(c->batch), "%s.batch:", where);
	if (c->known & MMS_ZCPU_K_HIGHS) {
		add(&ours, num(c->high_min), "%s.high_min:", where);
		add(&ours, num(c->high_max), "%s.high_max:", where);
	}
	if (c->known & MMS_ZCPU_K_THRESHOLD)
		add(&ours, num(c->threshold), "%s.vm stats threshold:", where);
}

/* The types of a node's zones by the kernel's number. */
static unsigned int find_types(size_t n, uint32_t node, uint32_t *types)
{
	unsigned int count = 0;

	for (size_t at = sizeof(struct mms_stream_header); at < n;) {
		const struct mms_record *rec = (const void *)(bytes + at);
		const struct mms_zone *z = (const void *)rec;

		if (rec->type == MMS_REC_ZONE && z->node == node && count < 8)
			types[count++] = z->type;
		at += rec->size;
	}
	return count;
}

static void read_stream(void)
{
	struct mms_request req = { .size = sizeof(req) };
	const struct mms_node *node = NULL;
	const struct mms_zone *zone = NULL;
	unsigned int ntypes = 0;
	uint32_t types[8];
	size_t n = 0;
	ssize_t got;

	if (write(stream, &req, sizeof(req)) != sizeof(req))
		exit(2);
	while ((got = read(stream, bytes + n, STREAM - n)) > 0)
		n += (size_t)got;
	for (size_t at = sizeof(struct mms_stream_header); at < n;) {
		const struct mms_record *rec = (const void *)(bytes + at);

		if (rec->type == MMS_REC_NODE) {
			char where[16];

			node = (const void *)rec;
			ntypes = find_types(n, node->node, types);
			snprintf(where, sizeof(where), "%u.-", node->node);
			put_stats(where, (const void *)(node + 1), node->nstats);
		} else if (rec->type == MMS_REC_ZONE) {
			zone = (const void *)rec;
			put_zone(zone, node, types, ntypes);
		} else if (rec->type == MMS_REC_ZONE_CPU) {
			put_cpu((const void *)rec, zone ? (const char *)zone->name : "");
		}
		at += rec->size;
	}
}

/* --- both --- */

static const struct kv *find(const struct table *t, const char *key)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->kv[i].key, key))
			return &t->kv[i];
	return NULL;
}

/* Counters that the stream has of a zone with pages and the text has not. */
static int surplus(void)
{
	int bad = 0;

	for (size_t i = 0; i < ours.n; i++) {
		const char *dot = strrchr(ours.kv[i].key, '.');
		char start[96];

		if (strncmp(dot, ".n", 2) && strncmp(dot, ".pg", 3) && strncmp(dot, ".work", 5))
			continue;
		snprintf(start, sizeof(start), "%.*s.start_pfn:", (int)(dot - ours.kv[i].key), ours.kv[i].key);
		if (find(&before, ours.kv[i].key) || (dot[-1] != '-' && !find(&before, start)))
			continue;
		printf("%s is not in zoneinfo\n", ours.kv[i].key);
		bad = 1;
	}
	return bad;
}

static int one_round(void)
{
	int left = 0;

	before.n = after.n = ours.n = 0;
	read_zoneinfo(&before);
	read_buddyinfo(&before);
	read_stream();
	read_zoneinfo(&after);
	read_buddyinfo(&after);
	for (size_t i = 0; i < before.n; i++) {
		const struct kv *a = &before.kv[i], *b = &after.kv[i], *o = find(&ours, a->key);

		if (after.n == before.n && !strcmp(a->val, b->val) && o && !strcmp(o->val, a->val))
			equal[i] = 1;
		left += !equal[i];
	}
	return left;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 50, round, left = 1, bad;

	before.kv = calloc(KEYS, sizeof(struct kv));
	after.kv = calloc(KEYS, sizeof(struct kv));
	ours.kv = calloc(KEYS, sizeof(struct kv));
	equal = calloc(KEYS, 1);
	text = calloc(1, TEXT);
	bytes = calloc(1, STREAM);
	zoneinfo = open("/proc/zoneinfo", O_RDONLY);
	buddyinfo = open("/proc/buddyinfo", O_RDONLY);
	stream = open("/sys/kernel/debug/mmscope/stream/zones", O_RDWR);
	if (!before.kv || !after.kv || !ours.kv || !equal || !text || !bytes || zoneinfo < 0 ||
	    buddyinfo < 0 || stream < 0) {
		perror("zonecheck");
		return 2;
	}
	/* touch every page first: no fault, no allocation between the readings */
	memset(text, 1, TEXT);
	memset(bytes, 1, STREAM);
	one_round();
	memset(equal, 0, KEYS);
	for (round = 0; round < rounds && left; round++)
		left = one_round();
	bad = surplus();
	printf("fields=%zu rounds=%d\n", before.n, round);
	for (size_t i = 0; i < before.n; i++) {
		const struct kv *o = find(&ours, before.kv[i].key);

		if (!equal[i])
			printf("%s zoneinfo=%s stream=%s\n", before.kv[i].key, before.kv[i].val,
			       o ? o->val : "not there");
	}
	return left || bad;
}
