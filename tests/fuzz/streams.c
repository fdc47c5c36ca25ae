// SPDX-License-Identifier: GPL-2.0
/* Record streams for fuzz targets: whole captures made up, and damaged knowingly. */
#include "streams.h"

#include <stdbool.h>
#include <zlib.h>
#include "decode.h"
#include "source/encode.h"

#define PARTS_MAX	512

/* --- made up ------------------------------------------------------------------------------------------------- */

/* A sink of fixed size: what does not fit is not there. */
struct out {
	uint8_t *to;
	size_t len;
	size_t max;
};

static int put(void *ctx, const void *buf, size_t len)
{
	struct out *o = ctx;

	if (len > o->max - o->len)
		return -1;
	memcpy(o->to + o->len, buf, len);
	o->len += len;
	return 0;
}

static int make_task(struct rng *r, struct mms_encoder *e, uint32_t pid)
{
	struct mms_task t = {
		.head.type = MMS_REC_TASK, .pid = pid, .ppid = 1, .state = "SRDZTI"[below(r, 6)],
		.flags = !below(r, 8) ? (uint32_t)below(r, 8) : 0, .known = (uint32_t)below(r, 64),
		.oom_score_adj = (uint32_t)below(r, 2001) - 1000, .oom_score = (uint32_t)below(r, 2000),
		.vm_size = below(r, 1ULL << 40), .rss_anon = below(r, 1ULL << 32), .comm = "sleep",
	};
	static const char args[] = "sleep\0--\0" "10";

	t.cmdline_len = below(r, 2) ? sizeof(args) : 0;
	return mms_encode_record(e, &t.head, args, t.cmdline_len);
}

/* Region @i of every stream: from 0x10000 on, some with gaps between. */
static uint64_t region_start(unsigned int i)
{
	return 0x10000 + i * 0x20000ULL;
}

static int make_vma(struct rng *r, struct mms_encoder *e, unsigned int i)
{
	static const char *const paths[] = {
		"", "/bin/busybox", "[heap]", "[stack]", "[vdso]", "/lib/x\n\033[31m.so", "/memfd:x", "//anon\\012\377",
	};
	const char *path = paths[below(r, 8)], *name = below(r, 4) ? "" : "pool 7";
	struct mms_vma v = {
		.head.type = MMS_REC_VMA, .start = region_start(i),
		.end = region_start(i) + 0x1000 * (1 + below(r, 32)),
		.flags = (uint32_t)rnd(r) & 0x1fffffff, .policy = MMS_POLICY_NONE,
		.path_len = *path ? (uint32_t)strlen(path) + 1 : 0,
		.name_len = *name ? (uint32_t)strlen(name) + 1 : 0,
	};
	char tail[64];

	memcpy(tail, path, v.path_len);
	memcpy(tail + v.path_len, name, v.name_len);
	return mms_encode_record(e, &v.head, tail, v.path_len + v.name_len);
}

static int make_usage(struct rng *r, struct mms_encoder *e, unsigned int i)
{
	struct mms_usage u = {
		.head.type = MMS_REC_USAGE, .start = region_start(i), .end = region_start(i) + 0x20000,
		.known = below(r, 1 << 18), .rss = 0x1000 * below(r, 33), .pss = below(r, 0x20000),
		.swap = 0x1000 * below(r, 9),
	};

	return mms_encode_record(e, &u.head, NULL, 0);
}

static int put_table(struct mms_encoder *e, unsigned int level, uint64_t pa, unsigned int first,
		     unsigned int last, const uint64_t *entries, unsigned int n)
{
	struct mms_pt_table t = {
		.head.type = MMS_REC_PT_TABLE, .level = level, .table_pa = pa,
		.first = first, .last = last, .index = first, .count = n,
	};

	return mms_encode_record(e, &t.head, entries, n * 8);
}

static int put_extent(struct mms_encoder *e, uint64_t va, uint64_t pages, uint64_t raw)
{
	struct mms_pt_extent x = {
		.head.type = MMS_REC_PT_EXTENT, .va = va, .len = pages << 12, .raw = raw, .level = 1,
		.page_shift = 12, .state = raw & 1 ? MMS_PT_PRESENT : MMS_PT_SWAP,
		.pa = raw & 1 ? raw & 0xffffffffff000 : raw >> 10,
		.flags = (raw & 2 ? MMS_PT_F_WRITE | MMS_PT_F_LEAF_WRITE : 0) | MMS_PT_F_USER | MMS_PT_F_EXEC |
			 (raw & 0x20 ? MMS_PT_F_ACCESSED : 0) | (raw & 0x40 ? MMS_PT_F_DIRTY : 0),
	};

	return mms_encode_record(e, &x.head, NULL, 0);
}

static int put_hole(struct mms_encoder *e, uint64_t va, uint64_t len, unsigned int level)
{
	struct mms_pt_hole h = {
		.head.type = MMS_REC_PT_HOLE, .va = va, .len = len, .level = level, .in_vma = 1,
	};

	return mms_encode_record(e, &h.head, NULL, 0);
}

/* Four levels, one table of each; the PTEs 0 .. 511 in runs and holes. */
static int make_tables(struct rng *r, struct mms_encoder *e)
{
	static const uint64_t up[] = { 0x2067, 0x3067, 0x4067 };
	struct mms_pt_context c = {
		.head.type = MMS_REC_PT_CONTEXT, .levels = 4, .root_pa = 0x1000, .kernel_root_pa = 0x1000,
		.cr0 = 0x80050033, .cr4 = 0x6f0, .efer = 0xd01, .pat = 0x407050600070106, .maxphyaddr = 46,
		.pkru = (uint32_t)(below(r, 2) - 1),
	};
	uint64_t pte[512] = { 0 }, raw = 0;
	unsigned int at, n, rc;

	rc = (unsigned int)mms_encode_record(e, &c.head, NULL, 0);
	for (at = 0; at < 3; at++)
		rc |= (unsigned int)put_table(e, 4 - at, 0x1000 * (at + 1), 0, 0, up + at, 1);
	for (at = 0; at < 512; at++) {
		if (!below(r, 8))
			raw = below(r, 4) ? 0x1000 * below(r, 1 << 20) + 0x25 + 0x42 * below(r, 2) :
					    below(r, 2) << 20;
		pte[at] = raw;
		raw += raw & 1 ? 0x1000 : 0;
	}
	rc |= (unsigned int)put_table(e, 1, 0x4000, 0, 511, pte, 512);
	for (at = 0; at < 512; at += n) {
		for (n = 1; at + n < 512 && (pte[at] & 1 ? pte[at + n] == pte[at] + n * 0x1000 : !pte[at] && !pte[at + n]);)
			n++;
		rc |= (unsigned int)(pte[at] ? put_extent(e, at * 0x1000ULL, n, pte[at]) :
					       put_hole(e, at * 0x1000ULL, n * 0x1000ULL, 1));
	}
	return rc ? -1 : 0;
}

/* --- free blocks --- */

static int make_buddy_area(struct rng *r, struct mms_encoder *e, uint32_t zone, uint32_t order)
{
	struct mms_buddy_area a = {
		.head.type = MMS_REC_BUDDY_AREA, .zone = zone, .order = order, .known = (uint32_t)below(r, 256),
		.list_known = (uint32_t)below(r, 64), .list_least = below(r, 8) ? 0 : (uint32_t)below(r, 64),
		.counter = below(r, 4) ? below(r, 1000) : 0,
	};
	unsigned int i;

	for (i = 0; i < MMS_BUDDY_TYPES; i++)
		a.list[i] = a.scan[i] = below(r, 100);
	if (below(r, 2))	/* witnesses that agree */
		for (a.counter = i = 0; i < MMS_BUDDY_TYPES; i++)
			a.counter += a.list[i];
	return mms_encode_record(e, &a.head, NULL, 0);
}

static int make_buddy(struct rng *r, struct mms_encoder *e)
{
	struct mms_buddy_zone z = {
		.head.type = MMS_REC_BUDDY_ZONE, .orders = 11, .known = (uint32_t)below(r, 256),
		.start_pfn = 1, .spanned = 4095, .managed = 3840, .free = below(r, 3840), .pcp = below(r, 64),
		.wmark_min = 10, .wmark_low = 12, .wmark_high = 14, .block_order = 9,
	};
	struct mms_buddy_block b = { .head.type = MMS_REC_BUDDY_BLOCK, .pfn = 0x1000, .order = 9 };
	struct mms_buddy_used u = {
		.head.type = MMS_REC_BUDDY_USED, .pfn = 0x1200, .count = 1, .class = (uint32_t)below(r, 40),
		.flags = (uint32_t)below(r, 1 << 16), .refs = (uint32_t)below(r, 4), .maps = (uint32_t)below(r, 4),
	};
	int rc = mms_encode_record(e, &b.head, NULL, 0) | mms_encode_record(e, &u.head, NULL, 0);

	for (z.zone = 0; !rc && z.zone < 1 + below(r, 3); z.zone++) {
		rc = mms_encode_record(e, &z.head, NULL, 0);
		for (uint32_t o = 0; !rc && o < z.orders; o++)
			rc = make_buddy_area(r, e, z.zone, o);
	}
	return rc;
}

/* A frame, and whatever may be told beside it. */
static int make_frame(struct rng *r, struct mms_encoder *e)
{
	static const char tail[] = "tmpfs\0/a\033[31m/b";
	struct mms_frame f = {
		.head.type = MMS_REC_FRAME, .pfn = 0x1234, .folio_pfn = 0x1230, .order = 4,
		.state = (uint32_t)below(r, 6), .known = rnd(r) & 0xfff, .kpf = rnd(r),
		.refcount = (uint32_t)below(r, 5000), .mapcount = (uint32_t)below(r, 9),
		.mapping_kind = (uint32_t)below(r, 6), .type = (uint32_t)below(r, 12),
		.rmap = (uint32_t)below(r, 10), .zone = (uint32_t)below(r, 9),
		.buddy_order = (uint32_t)below(r, 12), .class = (uint32_t)below(r, 50),
	};
	struct mms_frame_file file = {
		.head.type = MMS_REC_FRAME_FILE, .pfn = f.pfn, .mode = (uint32_t)below(r, 0x10000),
		.flags = (uint32_t)below(r, 16), .fs_len = 6, .path_len = sizeof(tail) - 6,
	};
	struct mms_frame_slab slab = {
		.head.type = MMS_REC_FRAME_SLAB, .pfn = f.pfn, .known = (uint32_t)below(r, 8),
		.size = 1 + (uint32_t)below(r, 256), .objects = (uint32_t)below(r, 64), .name = "x\n",
	};
	struct mms_frame_task task = {
		.head.type = MMS_REC_FRAME_TASK, .pfn = f.pfn, .role = (uint32_t)below(r, 4), .comm = "sh",
	};
	struct mms_frame_map map = {
		.head.type = MMS_REC_FRAME_MAP, .pfn = f.pfn, .va = rnd(r), .state = (uint32_t)below(r, 9),
		.level = (uint32_t)below(r, 6), .pt_state = (uint32_t)below(r, 10), .comm = "sh",
	};
	int rc = mms_encode_record(e, &f.head, NULL, 0);

	if (!rc && below(r, 2))
		rc = mms_encode_record(e, &file.head, tail, sizeof(tail));
	if (!rc && below(r, 2))
		rc = mms_encode_record(e, &slab.head, NULL, 0);
	if (!rc && below(r, 2))
		rc = mms_encode_record(e, &task.head, NULL, 0);
	for (uint64_t n = below(r, 4); !rc && n; n--)
		rc = mms_encode_record(e, &map.head, NULL, 0);
	return rc;
}

/* A node or two: its zonelist, pending counts, zones and their page lists. */
static int make_zones(struct rng *r, struct mms_encoder *e)
{
	static const char *const names[] = { "DMA", "Normal", "Mov\033[1m" };
	struct mms_stat s[3];
	int rc = 0;

	for (uint32_t node = 0; node < 1 + below(r, 2); node++) {
		struct mms_node n = {
			.head.type = MMS_REC_NODE, .node = node, .known = (uint32_t)below(r, 16),
			.max_order = 10, .block_order = 9, .present = 5000, .nstats = 3,
		};
		struct mms_zoneref refs[] = { { node, 1 }, { node, 0 }, { 1 - node, 1 } };
		struct mms_zonelist list = { .head.type = MMS_REC_ZONELIST, .node = node, .nrefs = 3 };

		for (unsigned int i = 0; i < 3; i++)
			s[i] = (struct mms_stat){ (uint32_t)below(r, __MMS_VS_MAX + 1), 0, below(r, 5000) };
		rc |= mms_encode_record(e, &n.head, s, sizeof(s));
		if (below(r, 4))
			rc |= mms_encode_record(e, &list.head, refs, sizeof(refs));
		for (uint32_t i = 0; i < 3; i++) {
			struct mms_zone z = {
				.head.type = MMS_REC_ZONE, .node = node, .index = i, .type = 2 * i,
				.known = (uint32_t)below(r, 1 << 11), .flags = (uint32_t)below(r, 8), .orders = 11,
				.reserve_known = 0x7f, .nstats = 3, .present = 2000 * (i & 1), .managed = 1900 * (i & 1),
				.wmark_min = 100, .wmark_low = 125, .wmark_high = below(r, 3) * 1000,
			};
			struct mms_zone_cpu c = {
				.head.type = MMS_REC_ZONE_CPU, .node = node, .zone = below(r, 8) ? i : MMS_ZONE_NONE,
				.known = (uint32_t)below(r, 16), .count = 63, .high = 100, .threshold = 16, .nstats = 3,
			};

			strcpy((char *)z.name, names[i]);
			s[0] = (struct mms_stat){ MMS_VS_NR_FREE_PAGES, 0, below(r, 5000) };
			for (unsigned int o = 0; o < 11; o++)
				z.nr_free[o] = below(r, 5);
			z.free_types[below(r, 11)] = (uint8_t)below(r, 256);
			rc |= mms_encode_record(e, &z.head, s, sizeof(s));
			rc |= mms_encode_record(e, &c.head, s, sizeof(s));
		}
	}
	return rc ? -1 : 0;
}

static int make_swap(struct rng *r, struct mms_encoder *e, unsigned int i)
{
	static const char *const names[] = { "/dev/zram0", "/swap file", "", "/dev/\033[2Jloop0 (deleted)" };
	const char *name = names[below(r, 4)];
	struct mms_swap_area a = {
		.head = { .type = MMS_REC_SWAP_AREA }, .pages = 1000 + i, .used = below(r, 1000), .number = i,
		.flags = (uint32_t)below(r, 16), .priority = (uint32_t)-2 + i, .known = (uint32_t)below(r, 8),
		.name_len = *name ? (uint32_t)strlen(name) + 1 : 0,
	};

	return mms_encode_record(e, &a.head, name, a.name_len);
}

/* Runs of frames, of what the kernel maps, and of owners. */
static int make_runs(struct rng *r, struct mms_encoder *e, unsigned int kind)
{
	struct mms_frame_run f = { .head.type = MMS_REC_FRAME_RUN, .zone = 2 };
	struct mms_kmap_run k = { .head.type = MMS_REC_KMAP_RUN };
	struct mms_owner_run o = { .head.type = MMS_REC_OWNER_RUN };
	uint64_t pfn = below(r, 8), count;
	int rc = 0;

	for (uint64_t n = below(r, 40); !rc && n; n--, pfn += count + below(r, 2) * below(r, 9)) {
		count = 1 + below(r, below(r, 3) ? 8 : 1 << 20);
		f.pfn = k.pfn = o.pfn = pfn;
		f.count = k.count = o.count = count;
		f.class = k.class = o.class = (uint32_t)below(r, __MMS_FRAME_MAX);
		f.order = (uint32_t)below(r, 11);
		f.flags = (uint32_t)below(r, 1 << 16);
		f.refs = (uint32_t)below(r, 9);
		rc = mms_encode_record(e, kind == MMS_KIND_FRAMES ? &f.head : kind == MMS_KIND_KMAP ? &k.head : &o.head, NULL, 0);
	}
	return rc;
}

static int make_lru(struct rng *r, struct mms_encoder *e, unsigned int i)
{
	static const char *const paths[] = { "/", "/system.slice", "/a\033[31m\n\377", "" };
	const char *path = paths[below(r, 4)];
	struct mms_lru_vec v = {
		.head.type = MMS_REC_LRU_VEC, .cgroup = i + 1, .node = (uint32_t)below(r, 2),
		.flags = (uint32_t)below(r, 128), .swappiness = (uint32_t)below(r, 202) - 1,
		.swap_free = below(r, 3) - 1, .anon_cost = rnd(r), .file_cost = below(r, 1000),
		.max_seq = 3 + below(r, 1000), .path_len = *path ? (uint32_t)strlen(path) + 1 : 0,
	};
	struct mms_lru_gen g = { .head.type = MMS_REC_LRU_GEN, .age_ms = rnd(r) };
	struct mms_lru_tier t = { .head.type = MMS_REC_LRU_TIER, .type = (uint32_t)below(r, 2) };
	struct mms_lru_folio f = {
		.head.type = MMS_REC_LRU_FOLIO, .list = (uint32_t)below(r, __MMS_LRU_MAX),
		.gen = below(r, 2) ? MMS_LRU_NO_GEN : v.max_seq, .position = (uint32_t)below(r, 64),
		.pfn = rnd(r), .zone = (uint32_t)below(r, 10), .flags = (uint32_t)rnd(r),
		.owner = (uint32_t)below(r, 11), .ino = rnd(r), .mapcount = (uint32_t)below(r, 3) - 1,
	};
	int rc;

	v.min_seq[0] = v.max_seq - below(r, 4);
	v.min_seq[1] = v.max_seq - below(r, 4);
	v.pages[below(r, MMS_LRU_ZONES)][below(r, __MMS_LRU_MAX)] = below(r, 2) ? rnd(r) : 7;
	rc = mms_encode_record(e, &v.head, path, v.path_len);
	for (g.seq = v.max_seq; !rc && g.seq + 4 > v.max_seq; g.seq--) {
		g.pages[below(r, 2)][below(r, MMS_LRU_ZONES)] = below(r, 1 << 20);
		rc = mms_encode_record(e, &g.head, NULL, 0);
	}
	for (t.tier = 0; !rc && t.tier < 4; t.tier++) {
		t.refaulted = below(r, 1000);
		t.evicted = rnd(r);
		rc = mms_encode_record(e, &t.head, NULL, 0);
	}
	return rc ? rc : mms_encode_record(e, &f.head, NULL, 0);
}

static int make_cache(struct rng *r, struct mms_encoder *e, unsigned int i)
{
	static const char *const paths[] = { "/bin/sh", "memfd:x", "/x\n\033[31m\377", "" };
	const char *path = paths[below(r, 4)];
	struct mms_cache_name n = {
		.head.type = MMS_REC_CACHE_NAME, .ino = i + below(r, 2), .dev_major = 8,
		.flags = (uint32_t)below(r, 64), .size = rnd(r), .nrpages = below(r, 100),
		.path_len = *path ? (uint32_t)strlen(path) + 1 : 0,
	};
	struct mms_cache_file f = {
		.head.type = MMS_REC_CACHE_FILE, .ino = i, .dev_major = 8, .flags = (uint32_t)below(r, 64),
		.pages = below(r, 2) ? rnd(r) : 9, .dirty = below(r, 9), .mapped = rnd(r),
	};
	struct mms_cache_run run = {
		.head.type = MMS_REC_CACHE_RUN, .ino = i, .dev_major = 8, .index = below(r, 1000),
		.pfn = below(r, 1 << 20), .pages = 1 + below(r, 64), .flags = (uint32_t)rnd(r),
	};
	int rc = mms_encode_record(e, &n.head, path, n.path_len);

	if (!rc)
		rc = mms_encode_record(e, &run.head, NULL, 0);
	return rc ? rc : mms_encode_record(e, &f.head, NULL, 0);
}

static int make_space(struct rng *r, struct mms_encoder *e)
{
	struct mms_vmalloc_space s = {
		.head.type = MMS_REC_VMALLOC_SPACE, .start = 0xffffc90000000000ULL, .end = 0xffffc90000020000ULL,
		.modules_start = below(r, 4) ? 0xffffffffa0000000ULL : rnd(r), .modules_end = 0xffffffffff000000ULL,
		.known = (uint32_t)below(r, 8),
	};

	return below(r, 4) ? mms_encode_record(e, &s.head, NULL, 0) : 0;
}

static int make_area(struct rng *r, struct mms_encoder *e, unsigned int i)
{
	static const char *const callers[] = { "load_module+0x1/0x2", "pcpu_create_chunk", "x\n\033[31m\377", "" };
	const char *caller = callers[below(r, 4)];
	struct mms_vmalloc_area a = {
		.head.type = MMS_REC_VMALLOC_AREA, .start = 0xffffc90000000000ULL + (i << 14),
		.pages = below(r, 2) ? rnd(r) : 3, .phys = rnd(r), .caller = rnd(r),
		.flags = (uint32_t)below(r, 2048), .known = (uint32_t)below(r, 32), .order = (uint32_t)below(r, 64),
		.caller_len = *caller ? (uint32_t)strlen(caller) + 1 : 0,
	};

	a.end = a.start + (below(r, 8) ? 0x4000 : 1 + below(r, 1ULL << 40));
	return mms_encode_record(e, &a.head, caller, a.caller_len);
}

static int make_ktables(struct rng *r, struct mms_encoder *e)
{
	uint64_t start = 0xffff888000000000ULL;
	struct mms_kt_root root = { .head.type = MMS_REC_KT_ROOT, .root_pa = 0x1000 };
	struct mms_kt_repeat again = {
		.head.type = MMS_REC_KT_REPEAT, .va = start, .len = (1 + below(r, 4)) << 21, .table_pa = 0x2000,
		.level = 2 + (uint32_t)below(r, 4),
	};
	int rc = below(r, 16) ? make_tables(r, e) : 0;

	for (uint32_t i = 0; !rc && i < below(r, 5); i++) {
		struct mms_kt_region region = {
			.head.type = MMS_REC_KT_REGION, .start = start, .last = start + (1ULL << 40) - below(r, 2),
			.id = (uint32_t)below(r, __MMS_KT_MAX + 2),
		};

		start += 1ULL << 41;
		rc = mms_encode_record(e, &region.head, NULL, 0);
	}
	for (root.user = 0; !rc && root.user < 1 + below(r, 2); root.user++) {
		rc = mms_encode_record(e, &root.head, NULL, 0);
		if (!rc)
			rc = make_tables(r, e);
		if (!rc)
			rc = mms_encode_record(e, &again.head, NULL, 0);
	}
	return rc;
}

static int make_slab(struct rng *r, struct mms_encoder *e, unsigned int i)
{
	static const char *const names[] = { "dentry", "kmalloc-64", "x\n\033[31m\377", "" };
	const char *name = names[below(r, 4)];
	struct mms_slab_cache c = {
		.head.type = MMS_REC_SLAB_CACHE, .address = 0x1000 + i, .slabs = below(r, 2) ? rnd(r) : 3,
		.total_objects = below(r, 2) ? rnd(r) : 60, .partial_free = below(r, 70), .cpu_free = rnd(r),
		.size = (uint32_t)(64 + below(r, 9000)), .object_size = (uint32_t)below(r, 65),
		.order = (uint32_t)below(r, 32), .flags = (uint32_t)rnd(r), .known = (uint32_t)rnd(r),
		.name_len = *name ? (uint32_t)strlen(name) + 1 : 0, .ctor_len = 0,
	};
	struct mms_slab_node n = {
		.head.type = MMS_REC_SLAB_NODE, .cache = c.address, .slabs = rnd(r), .known = (uint32_t)rnd(r),
	};
	struct mms_slab_slab s = {
		.head.type = MMS_REC_SLAB_SLAB, .cache = c.address + below(r, 2), .va = rnd(r), .size = (uint32_t)below(r, 300),
		.objects = (uint32_t)below(r, 65), .state = (uint32_t)below(r, 9), .cpu = (uint32_t)below(r, 3) - 1,
		.flags = MMS_SLABF_MAP | (uint32_t)below(r, 64), .corrupt = (uint32_t)below(r, 9), .bad_at = rnd(r),
		.free = (uint32_t)rnd(r),
	};
	struct mms_slab_object o = {
		.head.type = MMS_REC_SLAB_OBJECT, .address = rnd(r), .what = (uint32_t)below(r, 12),
		.state = (uint32_t)rnd(r), .role = (uint32_t)below(r, 10), .name_len = c.name_len,
	};
	uint64_t map[3] = { rnd(r), rnd(r), rnd(r) };
	int rc = mms_encode_record(e, &c.head, name, c.name_len);

	s.words = (s.objects + 31) / 32;
	s.inuse = (uint32_t)below(r, s.objects + 1);
	if (!rc)
		rc = mms_encode_record(e, &n.head, NULL, 0);
	if (!rc)
		rc = mms_encode_record(e, &s.head, map, (size_t)s.words * 8);
	return rc ? rc : mms_encode_record(e, &o.head, name, o.name_len);
}

static int make_stream(struct rng *r, struct out *o, unsigned int kind, uint32_t pid)
{
	struct mms_encoder e = { .write = put, .ctx = o, .with_crc = below(r, 2) };
	struct mms_stream_header h = {
		.kind = kind, .arch = MMS_ARCH_X86_64, .page_shift = 12, .time_ns = 1700000000000000000ULL,
		.writer = below(r, 4) ? MMS_WRITER_MODULE : MMS_WRITER_PROCFS, .release = "6.1.0-fuzz",
		/* (of the machine all that can be asked: a capture answers no more than what was) */
		.request = { .size = sizeof(h.request), .pid = pid, .end = 0x7ffffffff000,
			     .flags = MMS_KIND_MACHINE(kind) ? UINT32_MAX : MMS_REQ_ALL },
	};
	struct mms_trailer t = {
		.end = below(r, 8) ? MMS_END_COMPLETE : MMS_END_EXITED, .batches = 3, .hold_max_ns = 1000,
		.hold_total_ns = 2500, .entries = 515,
	};
	unsigned int n = 1 + (unsigned int)below(r, 8), i;
	size_t from = o->len;
	int rc = mms_encode_begin(&e, &h);

	if (!rc && kind == MMS_KIND_TASK)
		rc = make_task(r, &e, pid);
	if (!rc && kind == MMS_KIND_PGTABLE)
		rc = make_tables(r, &e);
	if (!rc && kind == MMS_KIND_BUDDY)
		rc = make_buddy(r, &e);
	if (!rc && kind >= MMS_KIND_FRAMES && kind <= MMS_KIND_OWNERS)
		rc = make_runs(r, &e, kind);
	if (!rc && kind == MMS_KIND_ZONES)
		rc = make_zones(r, &e);
	for (i = 0; !rc && i < n && kind == MMS_KIND_VMA; i++)
		rc = make_vma(r, &e, i);
	for (i = 0; !rc && i < n && kind == MMS_KIND_USAGE; i++)
		rc = make_usage(r, &e, i);
	if (!rc && kind == MMS_KIND_FRAME)
		rc = make_frame(r, &e);
	for (i = 0; !rc && i < n && kind == MMS_KIND_SWAP; i++)
		rc = make_swap(r, &e, i);
	for (i = 0; !rc && i < n && kind == MMS_KIND_LRU; i++)
		rc = make_lru(r, &e, i);
	for (i = 0; !rc && i < n && kind == MMS_KIND_CACHE; i++)
		rc = make_cache(r, &e, i);
	if (!rc && kind == MMS_KIND_VMALLOC)
		rc = make_space(r, &e);
	for (i = 0; !rc && i < n && kind == MMS_KIND_VMALLOC; i++)
		rc = make_area(r, &e, i);
	if (!rc && kind == MMS_KIND_KTABLES)
		rc = make_ktables(r, &e);
	for (i = 0; !rc && i < n && kind == MMS_KIND_SLAB; i++)
		rc = make_slab(r, &e, i);
	if (!rc)
		rc = mms_encode_end(&e, &t);
	if (rc)
		o->len = from;
	return rc;
}

size_t streams_make(struct rng *r, unsigned int kind, uint8_t *out, size_t max)
{
	struct out o = { .to = out, .max = max };
	uint32_t pid;

	if (kind) {
		make_stream(r, &o, kind, MMS_KIND_MACHINE(kind) ? 0 : 42);
		return o.len;
	}
	for (pid = 42; pid < 43 + below(r, 2); pid++)
		for (kind = MMS_KIND_TASK; !MMS_KIND_MACHINE(kind); kind++)
			if (below(r, 8) || kind == MMS_KIND_VMA)
				make_stream(r, &o, kind, pid);
	for (kind = MMS_KIND_ZONES; kind < __MMS_KIND_MAX; kind++)
		if (!below(r, 3))
			make_stream(r, &o, kind, 0);
	return o.len;
}

/* --- damaged ------------------------------------------------------------------------------------------------- */

/* A header, record or trailer of the input as its writer meant it. */
struct part {
	size_t at;
	size_t len;
	bool header;
	bool trailer;
};

static uint32_t u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

/* What can be recognised, up to what cannot. */
static size_t split(const uint8_t *data, size_t size, struct part *p)
{
	bool in_header = true;
	size_t at = 0, n = 0;

	while (n < PARTS_MAX && at < size) {
		struct mms_record rec = { 0 };
		size_t left = size - at, len;

		if (in_header) {
			if (left < 16)
				break;
			len = u32_at(data + at + 12);
		} else {
			if (left < sizeof(rec))
				break;
			memcpy(&rec, data + at, sizeof(rec));
			len = rec.size;
		}
		if (len < 8 || len > left)
			break;
		p[n++] = (struct part){ at, len, in_header, !in_header && rec.type == MMS_REC_TRAILER };
		in_header = p[n - 1].trailer;
		at += len;
	}
	return n;
}

/* The trailers' counts and checksums as the bytes before them are. */
static void repair(uint8_t *data, const struct part *p, size_t n, bool crc)
{
	uint64_t records = 0;
	size_t from = 0, i;

	for (i = 0; i < n; i++) {
		struct mms_trailer *t = (void *)(data + p[i].at);

		if (p[i].header) {
			records = 0;
			from = p[i].at;
		} else if (!p[i].trailer) {
			records++;
		} else if (p[i].len >= sizeof(*t)) {
			uint32_t sum = (uint32_t)crc32(0, data + from, (unsigned int)(p[i].at - from));

			memcpy(data + p[i].at + offsetof(struct mms_trailer, records), &records, 8);
			if (crc && u32_at(data + p[i].at + offsetof(struct mms_trailer, crc_valid)) == 1)
				memcpy(data + p[i].at + offsetof(struct mms_trailer, crc32), &sum, 4);
		}
	}
}

/* Some aligned word of a part: every field is one. */
static void change_field(struct rng *r, uint8_t *part, size_t len)
{
	uint64_t v = fuzz_number(r);
	/* most fields are in front, tails are long */
	size_t span = below(r, 4) && len > 176 ? 176 : len;

	switch (below(r, 5)) {
	case 0:
		memcpy(part + below(r, span / 8) * 8, &v, 8);
		break;
	case 1:
	case 2:
		memcpy(part + below(r, span / 4) * 4, &v, 4);
		break;
	case 3:
		part[below(r, span)] = (uint8_t)v;
		break;
	case 4: {	/* a little more or less */
		size_t at = below(r, span / 4) * 4;
		uint32_t w = u32_at(part + at) + (uint32_t)below(r, 17) - 8;

		memcpy(part + at, &w, 4);
	}
	}
}

static size_t cut_out(uint8_t *data, size_t size, size_t at, size_t len)
{
	memmove(data + at, data + at + len, size - at - len);
	return size - len;
}

static size_t insert(uint8_t *data, size_t size, size_t max, size_t at, const uint8_t *what, size_t len)
{
	static uint8_t copy[FUZZ_MAX];

	if (size + len > max || len > sizeof(copy))
		return size;
	memcpy(copy, what, len);
	memmove(data + at + len, data + at, size - at);
	memcpy(data + at, copy, len);
	return size + len;
}

/* A part made longer or shorter, and its size field with it. */
static size_t resize(struct rng *r, uint8_t *data, size_t size, size_t max, const struct part *p)
{
	static const uint8_t junk[64] = { 0xee, 1, 0, 0xff };
	size_t where = p->at + p->len, n = 8 * (1 + below(r, 8));
	size_t field = p->header ? p->at + 12 : p->at;
	uint32_t len;

	if (below(r, 2)) {
		if (size + n > max)
			return size;
		len = (uint32_t)(p->len + n);
		memcpy(data + field, &len, 4);
		return insert(data, size, max, where, junk, n);
	}
	n = n < p->len - 8 ? n : p->len - 8;
	n &= ~(size_t)7;
	len = (uint32_t)(p->len - n);
	memcpy(data + field, &len, 4);
	return cut_out(data, size, where - n, n);
}

size_t streams_damage(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	struct part p[PARTS_MAX];
	size_t n = split(data, size, p), i, j;
	uint16_t type = (uint16_t)below(r, __MMS_REC_MAX + 2);
	uint32_t word = (uint32_t)below(r, 7);

	if (!n)
		return fuzz_bytes(r, data, size, max);
	i = below(r, n);
	j = below(r, n);
	/* headers are few, and decide much */
	while (!below(r, 3) && !p[i].header && i)
		i--;
	switch (below(r, 12)) {
	default:
		change_field(r, data + p[i].at, p[i].len);
		break;
	case 0:	/* once more */
		size = insert(data, size, max, p[j].at, data + p[i].at, p[i].len);
		break;
	case 1:	/* missing */
		size = cut_out(data, size, p[i].at, p[i].len);
		break;
	case 2:	/* of another type, or a stream of another kind or machine */
		if (p[i].header)
			memcpy(data + p[i].at + (below(r, 2) ? offsetof(struct mms_stream_header, kind) :
						 offsetof(struct mms_stream_header, arch)), &word, 4);
		else
			memcpy(data + p[i].at + offsetof(struct mms_record, type), &type, 2);
		break;
	case 3:
		size = resize(r, data, size, max, &p[i]);
		break;
	case 4:	/* ends in the middle */
		size = p[i].at + below(r, p[i].len);
		break;
	case 5:	/* page size */
		if (p[i].header) {
			word = (uint32_t)(10 + below(r, 11));
			memcpy(data + p[i].at + offsetof(struct mms_stream_header, page_shift), &word, 4);
		}
		break;
	case 6:	/* an order that no writer has */
		if (p[i].len == p[j].len && p[i].header == p[j].header)
			for (size_t k = 0; k < p[i].len; k++) {
				uint8_t t = data[p[i].at + k];

				data[p[i].at + k] = data[p[j].at + k];
				data[p[j].at + k] = t;
			}
		break;
	}
	if (below(r, 8)) {
		n = split(data, size, p);
		repair(data, p, n, below(r, 4));
	}
	return size;
}
