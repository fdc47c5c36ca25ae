// SPDX-License-Identifier: GPL-2.0
/* mmscope buddy: free blocks per zone, order and migratetype. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "names.h"
#include "util/text.h"
#include "view/buddy.h"

#define SHOWN_ORDERS	16

enum { COL_NODE, COL_ZONE, COL_TYPE, COL_O0, COL_FREE = COL_O0 + SHOWN_ORDERS, COL_PCP, COL_BLOCKS, COL_EXACT, COL_MAX };

#define ORDER(n, h) \
	[COL_O0 + (n)] = { "O" #n, MMS_COL_NUM, true, false, false, h }

static const struct mms_column columns[COL_MAX] = {
	[COL_NODE] = { "NODE", MMS_COL_NUM, false, false, false, "NUMA node (shown where there are several)" },
	[COL_ZONE] = { "ZONE", MMS_COL_STR, true, false, false, "zone" },
	[COL_TYPE] = { "TYPE", MMS_COL_STR, false, false, false, "migratetype (with --types)" },
	ORDER(0, "free blocks of one page"),
	ORDER(1, "free blocks of 2 pages, and so on: of 2^N pages"),
	ORDER(2, ""), ORDER(3, ""), ORDER(4, ""), ORDER(5, ""), ORDER(6, ""), ORDER(7, ""),
	ORDER(8, ""), ORDER(9, ""), ORDER(10, ""), ORDER(11, ""), ORDER(12, ""), ORDER(13, ""),
	ORDER(14, ""), ORDER(15, ""),
	[COL_FREE] = { "FREE", MMS_COL_SIZE, true, false, false, "memory in these blocks" },
	[COL_PCP] = { "PCP", MMS_COL_SIZE, false, false, false, "free memory on per-CPU lists, in no block (not by migratetype)" },
	[COL_BLOCKS] = { "PAGEBLKS", MMS_COL_NUM, false, false, false, "pageblocks of this migratetype (with --types)" },
	[COL_EXACT] = { "EXACT", MMS_COL_BOOL, false, false, false, "no: a list was too long or too busy, there are so many at least" },
};

static struct {
	bool types;
	bool frag;
	bool scan;
	bool all;
	const char *zone;
	const char *why;	/* --why-not */
	bool why_thp;
	bool why_at;
	int64_t why_order;
	uint64_t why_frame;
	uint32_t why_pid;
	uint64_t why_addr;
} opt;

bool mms_buddy_wanted(const struct mms_buddy_view *v, const struct mms_buddy_state *z)
{
	return v->zone == MMS_ZONE_ALL || v->zone == z->zone.zone;
}

const char *mms_thousandths(int v, char buf[16])
{
	int magnitude = v < 0 ? -v : v;

	snprintf(buf, 16, "%s%d.%03d", v < 0 ? "-" : "", magnitude / 1000, magnitude % 1000);
	return buf;
}

/* The columns as this machine needs them: its orders alone, its node if there are several. */
static void choose_columns(const struct mms_buddy_view *v, struct mms_column *cols)
{
	memcpy(cols, columns, sizeof(columns));
	cols[COL_NODE].shown = v->several;
	cols[COL_TYPE].shown = opt.types;
	for (unsigned int o = v->buddy.orders; o < SHOWN_ORDERS; o++)
		cols[COL_O0 + o].shown = false;
	cols[COL_PCP].shown = !opt.types;
	cols[COL_BLOCKS].shown = opt.types;
}

static bool exact(const struct mms_buddy *b)
{
	for (size_t i = 0; i < b->n; i++)
		for (unsigned int o = 0; o < b->zones[i].zone.orders; o++)
			if (b->zones[i].area[o].list_least)
				return false;
	return true;
}

static struct mms_line *begin_line(const struct mms_buddy_state *z, struct mms_table *t)
{
	struct mms_line *l = mms_table_line(t, NULL);

	if (!l)
		return NULL;
	mms_line_num(t, l, COL_NODE, z->zone.node);
	mms_line_str(t, l, COL_ZONE, mms_zone_name(z->zone.zone));
	return l;
}

static int add_zone(const struct mms_buddy_view *v, const struct mms_buddy_state *z, struct mms_table *t)
{
	struct mms_line *l = begin_line(z, t);
	uint64_t blocks, pages = 0;
	bool all = true;

	if (!l)
		return -ENOMEM;
	for (unsigned int o = 0; o < z->zone.orders && o < SHOWN_ORDERS; o++) {
		bool known = mms_buddy_blocks(z, o, &blocks);

		all &= known;
		pages += blocks << o;
		if (known)
			mms_line_num(t, l, COL_O0 + o, (int64_t)blocks);
	}
	if (all)
		mms_line_size(t, l, COL_FREE, pages << v->buddy.page_shift);
	if (z->zone.known & MMS_BUDDY_K_PCP)
		mms_line_size(t, l, COL_PCP, z->zone.pcp << v->buddy.page_shift);
	return 0;
}

/* A type that this kernel does not have is on no list: not known, not least. */
static bool has_type(const struct mms_buddy_state *z, unsigned int type)
{
	return (z->area[0].list_known | z->area[0].list_least) >> type & 1 || z->zone.pageblocks[type];
}

static int add_type(const struct mms_buddy_view *v, const struct mms_buddy_state *z, struct mms_table *t,
		    unsigned int type)
{
	struct mms_line *l = begin_line(z, t);
	bool all = true, sure = true;
	uint64_t pages = 0;

	if (!l)
		return -ENOMEM;
	mms_line_str(t, l, COL_TYPE, mms_migratetype_name(type));
	for (unsigned int o = 0; o < z->zone.orders && o < SHOWN_ORDERS; o++) {
		const struct mms_buddy_area *a = &z->area[o];
		bool known = (a->list_known | a->list_least) >> type & 1;

		all &= known;
		sure &= !(a->list_least >> type & 1);
		pages += a->list[type] << o;
		if (known)
			mms_line_num(t, l, COL_O0 + o, (int64_t)a->list[type]);
	}
	if (all)
		mms_line_size(t, l, COL_FREE, pages << v->buddy.page_shift);
	if (all)
		mms_line_bool(t, l, COL_EXACT, sure);
	if (z->zone.known & MMS_BUDDY_K_PAGEBLOCKS)
		mms_line_num(t, l, COL_BLOCKS, (int64_t)z->zone.pageblocks[type]);
	return 0;
}

static int add_types(const struct mms_buddy_view *v, const struct mms_buddy_state *z, struct mms_table *t)
{
	int rc = 0;

	for (unsigned int type = 0; !rc && type < __MMS_MT_MAX; type++)
		if (has_type(z, type))
			rc = add_type(v, z, t, type);
	return rc;
}

static void say_source(struct mms_buddy_view *v)
{
	const struct mms_trailer *t = &v->buddy.trailer;
	char a[16];

	if (v->g->render.no_headings)
		return;
	if (v->buddy.writer != MMS_WRITER_MODULE) {
		mms_doc_text(v->doc, "from /proc: buddyinfo%s\n", opt.types ? ", pagetypeinfo" : "");
		return;
	}
	mms_doc_text(v->doc, "O0, O1, ...: free blocks of %s, ", mms_human(1ULL << v->buddy.page_shift, a));
	mms_doc_text(v->doc, "%s, ...; %s (module)\n", mms_human(2ULL << v->buddy.page_shift, a),
		     opt.types ? "counted on the free lists" : "by the kernel's counters");
	if (t->batches)
		mms_doc_text(v->doc, "zone->lock was held %u times, at most %" PRIu64 " us\n", t->batches,
			     (uint64_t)(t->hold_max_ns + 999) / 1000);
	if (!exact(&v->buddy))
		mms_doc_text(v->doc, "a list was too long or changed too often: EXACT no: so many at least\n");
}

static int show_table(struct mms_buddy_view *v, struct mms_err *err)
{
	struct mms_column cols[COL_MAX];
	struct mms_table *t;
	int rc;

	choose_columns(v, cols);
	cols[COL_EXACT].shown = opt.types && !exact(&v->buddy);
	rc = mms_table_new(&t, &v->g->render, "free_blocks", cols, COL_MAX, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < v->buddy.n; i++) {
		const struct mms_buddy_state *z = &v->buddy.zones[i];

		if (mms_buddy_wanted(v, z))
			rc = opt.types ? add_types(v, z, t) : add_zone(v, z, t);
	}
	if (rc)
		mms_err_set(err, rc, "out of memory");
	else
		rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	if (!rc)
		say_source(v);
	return rc;
}

/* --types of /proc is root's. */
static int check_types(const struct mms_buddy_view *v, struct mms_err *err)
{
	const struct mms_buddy_area *a = &v->buddy.zones[0].area[0];

	if (!opt.types || a->list_known || a->list_least)
		return 0;
	return mms_err_set(err, -EACCES,
			   "free blocks by migratetype: /proc/pagetypeinfo could not be read, and nothing else was: run as root, or load the module (mmscope load)");
}

static int check_zone(struct mms_buddy_view *v, struct mms_err *err)
{
	for (size_t i = 0; i < v->buddy.n; i++)
		if (mms_buddy_wanted(v, &v->buddy.zones[i]))
			return 0;
	return mms_err_set(err, -ENOENT, "no zone %s has memory on this machine", mms_zone_name(v->zone));
}

static int take(struct mms_buddy_view *v, struct mms_err *err)
{
	uint32_t flags = opt.types || opt.scan || opt.why ? MMS_BUDDY_LISTS : 0;
	int rc;

	rc = mms_buddy_take(&v->buddy, v->source, flags | (opt.scan ? MMS_BUDDY_SCAN : 0), err);
	for (size_t i = 0; i < v->buddy.n; i++)
		v->several |= v->buddy.zones[i].zone.node != v->buddy.zones[0].zone.node;
	if (!rc)
		rc = check_types(v, err);
	return rc ? rc : check_zone(v, err);
}

static int show(struct mms_buddy_view *v, bool *mismatch, struct mms_err *err)
{
	struct mms_err ignored;
	int rc;

	v->doc = mms_doc_begin(&v->g->render);
	if (!v->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	if (opt.why)
		rc = opt.why_thp ? mms_buddy_why_thp(v, opt.why_pid, opt.why_addr, opt.all, err) :
				   mms_buddy_why(v, (unsigned int)opt.why_order, opt.why_at ? &opt.why_frame : NULL,
						 opt.all, err);
	else
		rc = opt.frag ? mms_buddy_frag(v, err) : opt.scan ? mms_buddy_scan(v, mismatch, err) :
			       show_table(v, err);
	if (rc) {
		mms_doc_end(v->doc, &ignored);
		return rc;
	}
	return mms_doc_end(v->doc, err);
}

enum { OPT_TYPES = 0x100, OPT_FRAG, OPT_SCAN, OPT_ZONE, OPT_WHY, OPT_ALL };

static const struct option longopts[] = {
	{ "types", no_argument, NULL, OPT_TYPES },
	{ "frag", no_argument, NULL, OPT_FRAG },
	{ "scan", no_argument, NULL, OPT_SCAN },
	{ "zone", required_argument, NULL, OPT_ZONE },
	{ "why-not", required_argument, NULL, OPT_WHY },
	{ "all", no_argument, NULL, OPT_ALL },
	{ 0 },
};

static int option(int val, const char *arg)
{
	switch (val) {
	case OPT_TYPES:
		opt.types = true;
		break;
	case OPT_FRAG:
		opt.frag = true;
		break;
	case OPT_SCAN:
		opt.scan = true;
		break;
	case OPT_ALL:
		opt.all = true;
		break;
	case OPT_WHY:
		opt.why = arg;
		break;
	default:
		opt.zone = arg;
	}
	return 0;
}

/* "9", or "9@0x12345": digits, or 0x and hex digits */
static int parse_block(struct mms_err *err)
{
	const char *at = strchr(opt.why, '@'), *p;
	char order[32];
	bool hex;
	int rc;

	snprintf(order, sizeof(order), "%.*s", (int)strcspn(opt.why, "@"), opt.why);
	rc = mms_parse_int(order, "order", 0, 31, &opt.why_order, err);
	if (rc || !at)
		return rc;
	opt.why_at = true;
	hex = !strncasecmp(at + 1, "0x", 2);
	p = at + (hex ? 3 : 1);
	if (!mms_scan_u64(&p, hex ? 16 : 10, &opt.why_frame) || *p)
		return mms_err_set(err, -EINVAL, "a frame is a number, decimal or 0x and hexadecimal");
	return 0;
}

/* "9", "9@0x12345", or "1234:7f0000000000" */
static int parse_why(void)
{
	const char *colon = opt.why ? strchr(opt.why, ':') : NULL;
	struct mms_err err = { "" };
	char pid[32];
	int rc = 0;

	if (!opt.why)
		return opt.all ? mms_usage(&mms_cmd_buddy, "--all belongs to --why-not") : 0;
	opt.why_thp = colon;
	if (!colon)
		rc = parse_block(&err);
	if (colon) {
		snprintf(pid, sizeof(pid), "%.*s", (int)(colon - opt.why), opt.why);
		rc = mms_parse_pid(pid, &opt.why_pid, &err);
		if (!rc)
			rc = mms_parse_addr(colon + 1, &opt.why_addr, &err);
	}
	return rc ? mms_usage(&mms_cmd_buddy, "%s", err.text) : 0;
}

static int parse_zone(uint32_t *zone)
{
	char shown[64];

	*zone = MMS_ZONE_ALL;
	if (!opt.zone)
		return 0;
	for (*zone = 0; *zone < MMS_ZONE_UNKNOWN; ++*zone)
		if (!strcasecmp(opt.zone, mms_zone_name(*zone)))
			return 0;
	return mms_usage(&mms_cmd_buddy, "there is no zone '%s': DMA, DMA32, Normal, HighMem, Movable, Device",
			 mms_neutral(opt.zone, shown, sizeof(shown)));
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_buddy_view v = { .g = g };
	struct mms_err err = { "" };
	bool mismatch = false;
	int rc;

	(void)argv;
	if (argc)
		return mms_usage(&mms_cmd_buddy, "it takes no arguments, %d given", argc);
	if (opt.types + opt.frag + opt.scan + !!opt.why > 1)
		return mms_usage(&mms_cmd_buddy, "--types, --frag, --scan and --why-not exclude each other");
	rc = parse_zone(&v.zone);
	if (!rc)
		rc = parse_why();
	if (rc)
		return rc;
	rc = mms_open_source(g, &v.source, &err);
	if (!rc)
		rc = take(&v, &err);
	if (!rc)
		rc = show(&v, &mismatch, &err);
	mms_buddy_free(&v.buddy);
	mms_source_close(v.source);
	if (rc)
		return mms_fail(rc, &err);
	return mismatch ? MMS_EXIT_MISMATCH : MMS_EXIT_OK;
}

const struct mms_command mms_cmd_buddy = {
	.name = "buddy",
	.summary = "Free blocks by zone, order and migratetype; fragmentation",
	.usage = "[--types | --frag | --scan |\n"
		 "                      --why-not ORDER[@FRAME] | --why-not PID:ADDR] [--zone ZONE]",
	.options = "      --types           by migratetype: what the free lists hold, and pageblocks\n"
		   "      --frag            per order: which part of the free memory is of no use to it,\n"
		   "                        and whether a failure would be for lack of memory\n"
		   "                        (extfrag index towards 0) or fragmentation (towards 1)\n"
		   "      --scan            compare counters, free lists and all frames; exit status 1\n"
		   "                        where they disagree (needs the module)\n"
		   "      --why-not ORDER   is a block of that order free? If not: the frames that block\n"
		   "                        one, whose they are, and whether they can be moved\n"
		   "                        (needs the module)\n"
		   "      --why-not ORDER@FRAME\n"
		   "                        likewise of the very block that this page frame is in\n"
		   "      --why-not PID:ADDR\n"
		   "                        likewise for a transparent huge page at an address\n"
		   "      --all             with --why-not: a line for each frame\n"
		   "      --zone ZONE       this zone only: DMA, DMA32, Normal, HighMem, Movable\n",
	.examples = "  mmscope buddy                   as /proc/buddyinfo, with sums\n"
		    "  mmscope buddy --types           as /proc/pagetypeinfo\n"
		    "  mmscope buddy --frag --zone normal\n"
		    "  mmscope buddy --why-not 9       what blocks a block of 2 MiB\n"
		    "  mmscope buddy --why-not 9@0x1f400 -o +EXTRA\n"
		    "  mmscope buddy --why-not 1234:7f2a40000000\n"
		    "  mmscope buddy --json | jq '.free_blocks[] | [.zone, .o9]'\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
