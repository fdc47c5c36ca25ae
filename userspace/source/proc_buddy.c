// SPDX-License-Identifier: GPL-2.0
/* Free blocks by /proc: buddyinfo, pagetypeinfo (root's) and zoneinfo. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "model/vec.h"
#include "names.h"
#include "source/procfs.h"
#include "util/parse.h"

#define ORDER_MAX	32

/**
 * struct zone - what was read of one zone
 * @area: of order i; @rec.orders of them
 */
struct zone {
	struct mms_buddy_zone rec;
	struct mms_buddy_area area[ORDER_MAX];
};

struct zones {
	struct zone *z;
	size_t n;
	size_t room;
};

/* The word at *@p, which moves behind it; its length, 0 at the end. */
static size_t take_word(const char **p, const char **word)
{
	size_t len;

	*p += strspn(*p, " \t\n");
	*word = *p;
	len = strcspn(*p, " \t\n,");
	*p += len;
	if (**p == ',')
		++*p;
	return len;
}

static bool skip_word(const char **p, const char *expected)
{
	const char *word;
	size_t len = take_word(p, &word);

	return len == strlen(expected) && !memcmp(word, expected, len);
}

/* "Node 0, zone   Normal" and what follows at *@p. */
static bool take_zone(const char **p, uint32_t *node, uint32_t *zone)
{
	const char *word;
	uint64_t v;
	size_t len;

	if (!skip_word(p, "Node"))
		return false;
	*p += strspn(*p, " \t");
	if (!mms_scan_u64(p, 10, &v) || *(*p)++ != ',' || !skip_word(p, "zone"))
		return false;
	len = take_word(p, &word);
	*node = (uint32_t)v;
	*zone = mms_zone_by_name(word, len);
	return len;
}

static struct zone *find(struct zones *all, uint32_t node, uint32_t zone)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->z[i].rec.node == node && all->z[i].rec.zone == zone)
			return &all->z[i];
	return NULL;
}

static struct zone *add(struct zones *all, uint32_t node, uint32_t zone)
{
	struct zone *z;

	if (mms_vec_grow(&all->z, &all->room, all->n, sizeof(*all->z)))
		return NULL;
	z = &all->z[all->n++];
	memset(z, 0, sizeof(*z));
	z->rec.head.type = MMS_REC_BUDDY_ZONE;
	z->rec.node = node;
	z->rec.zone = zone;
	for (unsigned int i = 0; i < ORDER_MAX; i++) {
		z->area[i].head.type = MMS_REC_BUDDY_AREA;
		z->area[i].node = node;
		z->area[i].zone = zone;
		z->area[i].order = i;
	}
	return z;
}

static FILE *open_file(const char *root, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return fopen(path, "re");
}

/* "Node 0, zone      DMA      1      1 ..." */
static int read_buddyinfo(const char *root, struct zones *all, struct mms_err *err)
{
	FILE *f = open_file(root, "buddyinfo");
	char line[1024];
	int rc = 0;

	if (!f)
		return mms_err_set(err, -errno, "%s/buddyinfo: %s", root, strerror(errno));
	while (!rc && fgets(line, sizeof(line), f)) {
		const char *p = line;
		uint32_t node, zone;
		struct zone *z;

		if (!take_zone(&p, &node, &zone))
			continue;
		z = add(all, node, zone);
		if (!z)
			rc = mms_err_set(err, -ENOMEM, "out of memory");
		while (!rc && z->rec.orders < ORDER_MAX) {
			struct mms_buddy_area *a = &z->area[z->rec.orders];
			uint64_t v;

			p += strspn(p, " \t");
			if (!mms_scan_u64(&p, 10, &v))
				break;
			a->counter = v;
			a->known |= MMS_BUDDY_K_COUNTER;
			z->rec.orders++;
		}
		if (!rc && !z->rec.orders)
			rc = mms_err_set(err, -EBADMSG, "%s/buddyinfo: a zone without orders", root);
	}
	fclose(f);
	if (!rc && !all->n)
		rc = mms_err_set(err, -EBADMSG, "%s/buddyinfo: it tells of no zone", root);
	return rc;
}

/* "..., type    Movable      5      3 >100000 ...": lists that are too long are told so. */
static void take_lists(struct zone *z, const char *p)
{
	const char *word;
	size_t len = take_word(&p, &word);
	unsigned int type = mms_migratetype_by_name(word, len);

	for (unsigned int order = 0; order < z->rec.orders; order++) {
		struct mms_buddy_area *a = &z->area[order];
		uint64_t v;
		bool least;

		p += strspn(p, " \t");
		least = *p == '>';
		p += least;
		if (!mms_scan_u64(&p, 10, &v))
			return;
		a->list[type] += v;
		if (least)
			a->list_least |= 1U << type;
		else
			a->list_known |= 1U << type;
	}
}

/* "Number of blocks type     Unmovable      Movable ...": the order of the columns */
static size_t take_titles(const char *p, unsigned int *types, size_t max)
{
	const char *word;
	size_t len, n = 0;

	while (n < max && (len = take_word(&p, &word)))
		types[n++] = mms_migratetype_by_name(word, len);
	return n;
}

static void take_pageblocks(struct zone *z, const char *p, const unsigned int *types, size_t n)
{
	uint64_t v;

	for (size_t i = 0; i < n; i++) {
		p += strspn(p, " \t");
		if (!mms_scan_u64(&p, 10, &v))
			return;
		z->rec.pageblocks[types[i]] += v;
	}
	z->rec.known |= MMS_BUDDY_K_PAGEBLOCKS;
}

static void read_pagetypeinfo(const char *root, struct zones *all)
{
	static const char title[] = "Number of blocks type";
	FILE *f = open_file(root, "pagetypeinfo");
	unsigned int types[MMS_BUDDY_TYPES];
	uint64_t block_order = 0;
	char line[1024];
	size_t n = 0;

	while (f && fgets(line, sizeof(line), f)) {
		const char *p = line;
		uint32_t node, zone;
		struct zone *z;

		if (!strncmp(line, "Page block order:", 17)) {
			p += 17;
			p += strspn(p, " \t");
			mms_scan_u64(&p, 10, &block_order);
		} else if (!strncmp(line, title, sizeof(title) - 1)) {
			n = take_titles(line + sizeof(title) - 1, types, MMS_BUDDY_TYPES);
		} else if (!strncmp(line, "Number of mixed", 15)) {
			break;	/* with page_owner: not what is meant here */
		} else if (take_zone(&p, &node, &zone) && (z = find(all, node, zone))) {
			z->rec.block_order = (uint32_t)(block_order < ORDER_MAX ? block_order : 0);
			if (n)
				take_pageblocks(z, p, types, n);
			else if (skip_word(&p, "type"))
				take_lists(z, p);
		}
	}
	if (f)
		fclose(f);
}

/* A line of zoneinfo: "        spanned  4095", "  start_pfn:           1" */
static void take_figure(struct zone *z, const char *line)
{
	struct mms_buddy_zone *r = &z->rec;
	const struct {
		const char *name;
		__u64 *to;
		uint32_t known;
	} figures[] = {
		{ "pages free", &r->free, MMS_BUDDY_K_FREE },
		{ "min", &r->wmark_min, 0 }, { "low", &r->wmark_low, 0 },
		{ "high", &r->wmark_high, MMS_BUDDY_K_WMARK },
		{ "spanned", &r->spanned, 0 }, { "present", &r->present, 0 },
		{ "managed", &r->managed, 0 }, { "start_pfn:", &r->start_pfn, MMS_BUDDY_K_SPAN },
		{ "count:", NULL, MMS_BUDDY_K_PCP },
	};
	uint64_t v;

	line += strspn(line, " \t");
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
		size_t len = strlen(figures[i].name);
		const char *p = line + len;

		if (strncmp(line, figures[i].name, len) || (*p != ' ' && *p != '\t'))
			continue;
		p += strspn(p, " \t");
		/* "high" stands with each CPU's lists, too */
		if (!mms_scan_u64(&p, 10, &v) || (r->known & figures[i].known & ~MMS_BUDDY_K_PCP))
			return;
		if (figures[i].to)
			*figures[i].to = v;
		else
			r->pcp += v;
		r->known |= figures[i].known;
		return;
	}
}

static void read_zoneinfo(const char *root, struct zones *all)
{
	FILE *f = open_file(root, "zoneinfo");
	struct zone *z = NULL;
	char line[1024];

	while (f && fgets(line, sizeof(line), f)) {
		const char *p = line;
		uint32_t node, zone;

		if (take_zone(&p, &node, &zone))
			z = find(all, node, zone);
		else if (z)
			take_figure(z, line);
	}
	if (f)
		fclose(f);
}

static int put(struct mms_feed *f, const struct zones *all)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < all->n; i++) {
		const struct zone *z = &all->z[i];

		rc = mms_encode_record(&f->enc, &z->rec.head, NULL, 0);
		for (unsigned int o = 0; !rc && o < z->rec.orders; o++)
			rc = mms_encode_record(&f->enc, &z->area[o].head, NULL, 0);
	}
	return rc;
}

/* A scan by frames is not in /proc: its fields stay unknown. */
int mms_proc_buddy(const char *root, const struct mms_request *req, struct mms_feed *f,
		   struct mms_trailer *t, struct mms_err *err)
{
	struct zones all = { 0 };
	int rc = read_buddyinfo(root, &all, err);

	(void)t;
	if (!rc && req->flags & MMS_BUDDY_BLOCKS)
		rc = mms_err_set(err, -EOPNOTSUPP, "/proc does not tell single free blocks: load the module (mmscope load)");
	if (!rc) {
		read_pagetypeinfo(root, &all);
		read_zoneinfo(root, &all);
		rc = put(f, &all);
	}
	free(all.z);
	return rc;
}
