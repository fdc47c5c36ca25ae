// SPDX-License-Identifier: GPL-2.0
/*
 * check: frames, free lists and reclaim's lists against a machine of 500 frames
 * that is made here, and each witness lying by one.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fake_source.h"
#include "fixture.h"
#include "model/check.h"
#include "source/procfs.h"

static const char zoneinfo[] =
	"Node 0, zone   Normal\n  per-node stats\n"
	"      nr_inactive_anon 40\n      nr_active_anon 10\n      nr_inactive_file 30\n"
	"      nr_active_file 0\n      nr_unevictable 0\n      nr_slab_reclaimable 20\n"
	"      nr_slab_unreclaimable 4\n      nr_anon_pages 50\n      nr_file_pages 36\n"
	"      nr_shmem 6\n      nr_page_table_pages 8\n      nr_writeback 0\n"
	"  pages free     100\n        min      10\n        low      12\n        high     15\n"
	"        spanned  512\n        present  500\n        managed  480\n        protection: (0)\n"
	"      nr_free_pages 100\n      nr_zone_inactive_anon 40\n      nr_zone_active_anon 10\n"
	"      nr_zone_inactive_file 30\n      nr_zone_active_file 0\n      nr_zone_unevictable 0\n"
	"      nr_mlock 3\n"
	"  pagesets\n    cpu: 0\n              count: 7\n              high:  60\n              batch: 15\n"
	"  vm stats threshold: 12\n  node_unreclaimable:  0\n  start_pfn:           256\n";

static const char buddyinfo[] = "Node 0, zone   Normal      4      0     24 \n";

static const char pagetypeinfo[] =
	"Page block order: 9\nPages per block:  512\n\n"
	"Free pages count per migrate type at order       0      1      2\n"
	"Node    0, zone   Normal, type    Unmovable      1      0      4\n"
	"Node    0, zone   Normal, type      Movable      3      0    >20\n\n"
	"Number of blocks type     Unmovable      Movable\n"
	"Node 0, zone   Normal            1            2\n";

static const char meminfo[] =
	"MemTotal: 1920 kB\nMemFree: 400 kB\nBuffers: 8 kB\nCached: 136 kB\nSwapCached: 0 kB\n"
	"AnonPages: 200 kB\nShmem: 24 kB\nSlab: 96 kB\nPageTables: 32 kB\nKernelStack: 64 kB\n"
	"Mlocked: 12 kB\nWriteback: 0 kB\nHugetlb: 0 kB\nVmallocUsed: 104 kB\nPercpu: 24 kB\n";

static const char vmstat[] =
	"nr_free_pages 100\nnr_inactive_anon 40\nnr_active_anon 10\nnr_inactive_file 30\n"
	"nr_active_file 0\nnr_unevictable 0\nnr_zspages 0\nnr_page_table_pages 8\n";

static const struct {
	const char *name;
	const char *text;
} files[] = {
	{ "zoneinfo", zoneinfo }, { "buddyinfo", buddyinfo }, { "pagetypeinfo", pagetypeinfo },
	{ "meminfo", meminfo }, { "vmstat", vmstat },
	{ "1/status", "Name:\tinit\nVmSize:\t     100 kB\n" }, { "2/status", "Name:\tkthreadd\n" },
	{ "cpuinfo", "flags\t\t: fpu pse pat\n" },
};

static char dir[64];
static struct mms_err err;
static struct mms_check c;
static struct mms_encoder *to;

/* What is told falsely. */
static struct plant {
	uint32_t from;		/* a frame of this class is told as @into */
	uint32_t into;
	uint32_t unflag;	/* of one frame of @from this flag is not told */
	int list, scan, counter, pageblock, lru;
	int area, frames;	/* so many frames more are mapped in this area */
	int tops;		/* top-level tables */
	int allocated;		/* what vmap() mapped is said to be vmalloc()'s */
} plant;

/* Who owns frames is told; areas have addresses. */
static bool owners, addresses;

static const struct run {
	uint32_t class;
	uint32_t count;
	uint32_t flags;
} runs[] = {
	{ MMS_FRAME_HOLE, 256, 0 },
	{ MMS_FRAME_FREE, 100, 0 },
	{ MMS_FRAME_FREE_PCP, 7, 0 },
	{ MMS_FRAME_ANON, 47, MMS_FRAME_F_MAPPED | MMS_FRAME_F_LRU },
	{ MMS_FRAME_ANON, 3, MMS_FRAME_F_MAPPED | MMS_FRAME_F_LRU | MMS_FRAME_F_MLOCKED },
	{ MMS_FRAME_FILE, 28, MMS_FRAME_F_LRU },
	{ MMS_FRAME_BUFFER, 2, MMS_FRAME_F_LRU },
	{ MMS_FRAME_SHMEM, 6, MMS_FRAME_F_LRU },
	{ MMS_FRAME_SLAB, 24, 0 },
	{ MMS_FRAME_PGTABLE, 8, 0 },
	{ MMS_FRAME_RESERVED, 20, 0 },
	{ MMS_FRAME_UNKNOWN, 255, 0 },
	{ MMS_FRAME_HOLE, 12, 0 },
};

static void put_run(struct mms_encoder *e, uint64_t *pfn, uint64_t n, uint32_t class, uint32_t flags)
{
	struct mms_frame_run r = {
		.head.type = MMS_REC_FRAME_RUN, .pfn = *pfn, .count = n, .class = class,
		.flags = flags, .zone = MMS_ZONE_NORMAL,
	};

	if (n)
		mms_encode_record(e, &r.head, NULL, 0);
	*pfn += n;
}

static void write_frames(struct mms_encoder *e)
{
	bool planted = plant.from == plant.into && !plant.unflag;
	uint64_t pfn = 0;

	for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
		bool here = !planted && runs[i].class == plant.from &&
			    (!plant.unflag || runs[i].flags & plant.unflag);

		put_run(e, &pfn, runs[i].count - here, runs[i].class, runs[i].flags);
		put_run(e, &pfn, here, plant.into, runs[i].flags & ~plant.unflag);
		planted |= here;
	}
}

static int pass_on(void *ctx, const struct mms_record *rec)
{
	static unsigned char copy[MMS_RECORD_MAX] __attribute__((aligned(8)));
	struct mms_zone_cpu node = {
		.head.type = MMS_REC_ZONE_CPU, .zone = MMS_ZONE_NONE, .known = MMS_ZCPU_K_PENDING,
	};
	struct mms_zone_cpu *cpu = (void *)copy;
	struct mms_buddy_zone *z = (void *)copy;
	struct mms_buddy_area *a = (void *)copy;

	(void)ctx;
	memcpy(copy, rec, rec->size);
	/* as the module tells it: what CPUs keep back, lists in one hold, a scan */
	if (rec->type == MMS_REC_ZONE_CPU)
		cpu->known |= MMS_ZCPU_K_PENDING;
	if (rec->type == MMS_REC_BUDDY_ZONE)
		z->pageblocks[MMS_MT_MOVABLE] += (uint64_t)plant.pageblock;
	if (rec->type == MMS_REC_BUDDY_AREA) {
		a->known |= MMS_BUDDY_K_SCAN | MMS_BUDDY_K_ONE_HOLD;
		memcpy(a->scan, a->list, sizeof(a->scan));
		a->list_known |= a->list_least;
		a->list_least = 0;
		if (!a->order) {
			a->list[MMS_MT_UNMOVABLE] += (uint64_t)plant.list;
			a->scan[MMS_MT_UNMOVABLE] += (uint64_t)plant.scan;
			a->counter += (uint64_t)plant.counter;
		}
	}
	mms_encode_copy(to, (void *)copy);
	return rec->type == MMS_REC_NODE ? mms_encode_record(to, &node.head, NULL, 0) : 0;
}

static int from_proc(enum mms_kind kind, const struct mms_request *req, struct mms_encoder *e)
{
	struct mms_handler h = { .record = pass_on };
	struct mms_source *s;
	int rc;

	to = e;
	ck_assert_int_eq(mms_source_open_procfs_at(&s, dir, &err), 0);
	rc = mms_source_stream(s, kind, req, &h, &err);
	mms_source_close(s);
	return rc;
}

#define UNKNOWN_FROM	501	/* the first unknown frame */

/* Areas of vmalloc space, and the frames in each. */
static const struct {
	const char *caller;
	uint64_t pages, frames;
	uint32_t flags;
} areas[] = {
	{ "kernel_clone", 4, 4, MMS_AREA_ALLOC }, { "kernel_clone", 4, 4, MMS_AREA_ALLOC },
	{ "kernel_clone", 4, 4, MMS_AREA_ALLOC }, { "fork_idle", 4, 4, MMS_AREA_ALLOC },
	{ "n_tty_open", 10, 10, MMS_AREA_ALLOC }, { "pcpu_get_vm_areas", 0, 6, MMS_AREA_ALLOC },
	{ "some_driver", 0, 5, MMS_AREA_MAP },
};
#define NAREAS		(sizeof(areas) / sizeof(*areas))
#define BY_VMALLOC	4
#define PERCPU		5
#define BY_VMAP		6

static uint64_t area_at(size_t i)
{
	return 0x100000 * (i + 1);
}

static int write_areas(struct mms_encoder *e)
{
	int rc = 0;

	for (size_t i = 0; i < NAREAS && !rc; i++) {
		struct mms_vmalloc_area a = {
			.head.type = MMS_REC_VMALLOC_AREA, .start = addresses ? area_at(i) : 0,
			.end = 0x20000, .flags = areas[i].flags, .pages = areas[i].pages,
			.known = addresses ? MMS_AREA_K_ADDRESS : 0,
			.caller_len = (uint32_t)strlen(areas[i].caller) + 1,
		};

		a.end += a.start;
		if (plant.allocated && i == BY_VMAP)
			a.flags = MMS_AREA_ALLOC;
		rc = mms_encode_record(e, &a.head, areas[i].caller, a.caller_len);
	}
	return rc;
}

static int write_mapped(struct mms_encoder *e)
{
	uint64_t pfn = UNKNOWN_FROM;
	int rc = 0;

	for (size_t i = 0; i < NAREAS && !rc; i++, pfn += 20) {
		struct mms_kmap_run k = {
			.head.type = MMS_REC_KMAP_RUN, .va = area_at(i), .pfn = pfn,
			.count = areas[i].frames, .class = MMS_FRAME_VMALLOC,
		};

		if (plant.frames && plant.area == (int)i)
			k.count += (uint64_t)plant.frames;
		rc = mms_encode_record(e, &k.head, NULL, 0);
	}
	return rc;
}

static int write_tops(struct mms_encoder *e)
{
	struct mms_owner_run o = {
		.head.type = MMS_REC_OWNER_RUN, .pfn = UNKNOWN_FROM + 200, .count = 1 + (uint64_t)plant.tops,
		.class = MMS_FRAME_PGTABLE,
	};

	return mms_encode_record(e, &o.head, NULL, 0);
}

static int write_machine(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
			 struct mms_encoder *e)
{
	struct mms_lru_vec v = { .head.type = MMS_REC_LRU_VEC, .cgroup = 1, .flags = MMS_LRU_F_ROOT };

	(void)f;
	switch (kind) {
	case MMS_KIND_ZONES:
	case MMS_KIND_BUDDY:
		return from_proc(kind, req, e);
	case MMS_KIND_FRAMES:
		write_frames(e);
		return 0;
	case MMS_KIND_LRU:
		v.pages[MMS_ZONE_NORMAL][MMS_LRU_INACTIVE_ANON] = 40 + (uint64_t)plant.lru;
		v.pages[MMS_ZONE_NORMAL][MMS_LRU_ACTIVE_ANON] = 10;
		v.pages[MMS_ZONE_NORMAL][MMS_LRU_INACTIVE_FILE] = 30;
		return mms_encode_record(e, &v.head, NULL, 0);
	case MMS_KIND_VMALLOC:
		return owners ? write_areas(e) : -EOPNOTSUPP;
	case MMS_KIND_KMAP:
		return owners ? write_mapped(e) : -EOPNOTSUPP;
	case MMS_KIND_OWNERS:
		return owners ? write_tops(e) : -EOPNOTSUPP;
	default:
		return -EOPNOTSUPP;
	}
}

static struct fake_source fake = { .writer = MMS_WRITER_MODULE, .write = write_machine };
static char *names[1];

static void put_files(void)
{
	char path[128];

	strcpy(dir, "/tmp/mmscope-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
		if (strchr(files[i].name, '/')) {
			*strrchr(path, '/') = '\0';
			mkdir(path, 0700);
			path[strlen(path)] = '/';
		}
		f = fopen(path, "w");
		ck_assert_ptr_nonnull(f);
		fputs(files[i].text, f);
		fclose(f);
	}
}

static void remove_files(void)
{
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
		unlink(path);
		*strrchr(path, '/') = '\0';
		if (strchr(files[i].name, '/'))
			rmdir(path);
	}
	rmdir(dir);
	mms_check_free(&c);
}

static void run(const char *what, bool frozen)
{
	mms_check_free(&c);
	memset(&c, 0, sizeof(c));
	fake.base.ops = &fake_ops;
	c.source = &fake.base;
	c.proc = dir;
	c.pause_us = 1;
	c.keep_all = true;
	c.frozen = frozen;
	names[0] = (char *)what;
	c.names = names;
	c.nnames = 1;
	ck_assert_msg(!mms_check_run(&c, &err), "%s", err.text);
}

static const struct mms_check_tally *tally(const char *row)
{
	for (size_t i = 0; i < c.ntallies; i++)
		if (!strcmp(c.tallies[i].row->name, row))
			return &c.tallies[i];
	ck_abort_msg("there is no row %s", row);
	return NULL;
}

static enum mms_check_verdict verdict(const char *row)
{
	return mms_check_worst(tally(row));
}

START_TEST(all_agree)
{
	static const char *const rows[] = {
		"buddy.buddyinfo", "buddy.types", "buddy.pageblocks", "buddy.pcp", "buddy.lists",
		"buddy.scan", "lru.vmstat", "lru.zones", "frames.present", "frames.managed",
		"frames.free", "frames.pcp", "frames.slab", "frames.pgtable", "frames.anon",
		"frames.cache", "frames.shmem", "frames.buffers", "frames.swapcache",
		"frames.mlocked", "frames.writeback", "frames.hugetlb", "frames.zspages",
	};

	run("machine", false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ck_assert_msg(verdict(rows[i]) == MMS_CHECK_AGREE, "%s: %s", rows[i],
			      mms_check_verdict_name(verdict(rows[i])));
	/* nobody told of owners, and the file has no such line */
	ck_assert_int_eq(verdict("frames.kstack"), MMS_CHECK_NA);
	ck_assert_int_eq(verdict("frames.percpu"), MMS_CHECK_NA);
	ck_assert_int_eq(verdict("frames.balloon"), MMS_CHECK_NA);
	ck_assert_int_eq(verdict("lru.cgroups"), MMS_CHECK_NA);
}
END_TEST

static const struct {
	struct plant plant;
	const char *rows[4];	/* that disagree */
} lies[] = {
	{ { .from = MMS_FRAME_SLAB, .into = MMS_FRAME_HOLE },
	  { "frames.slab", "frames.present", "frames.managed" } },
	{ { .from = MMS_FRAME_FREE, .into = MMS_FRAME_FREE_PCP }, { "frames.free", "frames.pcp" } },
	{ { .from = MMS_FRAME_PGTABLE, .into = MMS_FRAME_UNKNOWN }, { "frames.pgtable" } },
	{ { .from = MMS_FRAME_UNKNOWN, .into = MMS_FRAME_RESERVED }, { "frames.managed" } },
	{ { .from = MMS_FRAME_UNKNOWN, .into = MMS_FRAME_SLAB }, { "frames.slab" } },
	{ { .from = MMS_FRAME_SHMEM, .into = MMS_FRAME_FILE }, { "frames.shmem" } },
	{ { .from = MMS_FRAME_FILE, .into = MMS_FRAME_BUFFER }, { "frames.buffers" } },
	{ { .from = MMS_FRAME_FILE, .into = MMS_FRAME_UNKNOWN }, { "frames.cache" } },
	{ { .from = MMS_FRAME_UNKNOWN, .into = MMS_FRAME_HUGETLB }, { "frames.hugetlb" } },
	{ { .from = MMS_FRAME_UNKNOWN, .into = MMS_FRAME_ZSMALLOC }, { "frames.zspages" } },
	{ { .from = MMS_FRAME_ANON, .into = MMS_FRAME_ANON, .unflag = MMS_FRAME_F_MAPPED },
	  { "frames.anon" } },
	{ { .from = MMS_FRAME_ANON, .into = MMS_FRAME_ANON, .unflag = MMS_FRAME_F_MLOCKED },
	  { "frames.mlocked" } },
	{ { .list = 1 }, { "buddy.types", "buddy.lists" } },
	{ { .scan = 1 }, { "buddy.scan" } },
	{ { .counter = 1 }, { "buddy.buddyinfo", "buddy.lists", "buddy.scan" } },
	{ { .pageblock = 1 }, { "buddy.pageblocks" } },
	{ { .lru = 1 }, { "lru.vmstat", "lru.zones" } },
	{ { .lru = -1 }, { "lru.vmstat", "lru.zones" } },
};

START_TEST(each_lie_is_found)
{
	size_t n = 0;

	plant = lies[_i].plant;
	run("machine", false);
	plant = (struct plant){ 0 };
	for (; n < 4 && lies[_i].rows[n]; n++)
		ck_assert_msg(verdict(lies[_i].rows[n]) == MMS_CHECK_DISAGREE, "%s: %s", lies[_i].rows[n],
			      mms_check_verdict_name(verdict(lies[_i].rows[n])));
	/* and nothing besides */
	for (size_t i = 0; i < c.ntallies; i++) {
		const char *row = c.tallies[i].row->name;

		if (mms_check_worst(&c.tallies[i]) == MMS_CHECK_DISAGREE && strncmp(row, "zones.", 6)) {
			bool meant = false;

			for (size_t k = 0; k < n; k++)
				meant |= !strcmp(row, lies[_i].rows[k]);
			ck_assert_msg(meant, "%s disagrees", row);
		}
	}
}
END_TEST

/* Slab has kmalloc()s that are too large for a slab. */
START_TEST(large_kmalloc)
{
	plant = (struct plant){ .from = MMS_FRAME_SLAB, .into = MMS_FRAME_LARGE_KMALLOC };
	run("frames.slab", false);
	plant = (struct plant){ 0 };
	ck_assert_int_eq(verdict("frames.slab"), MMS_CHECK_AGREE);
	ck_assert_uint_eq(c.nitems, 1);
	ck_assert_uint_eq(c.items[0].ours, 24);
}
END_TEST

static void run_owned(const struct plant *p, bool with_addresses)
{
	owners = true;
	addresses = with_addresses;
	plant = *p;
	run("frames", false);
	plant = (struct plant){ 0 };
	owners = false;
}

static const char *note(const char *row)
{
	for (size_t i = 0; i < c.nitems; i++)
		if (!strcmp(c.items[i].row->name, row))
			return c.items[i].note;
	return "";
}

START_TEST(owners_told)
{
	run_owned(&(struct plant){ 0 }, true);
	ck_assert_int_eq(verdict("frames.vmalloc"), MMS_CHECK_AGREE);
	ck_assert_int_eq(verdict("frames.percpu"), MMS_CHECK_AGREE);
	ck_assert_int_eq(verdict("frames.kstack"), MMS_CHECK_AGREE);
	ck_assert_int_eq(verdict("frames.pgtable"), MMS_CHECK_AGREE);
	ck_assert_int_eq(verdict("frames.tables"), MMS_CHECK_EXPLAINED);
	ck_assert_str_eq(note("frames.tables"),
			 "1 frames are tables above the PMD level, which this kernel does not count: 1 processes have 1 PGD each, and 0 PUD by VmPTE");
}
END_TEST

static const struct {
	struct plant plant;
	const char *row;	/* that disagrees, and no other does */
	enum mms_check_verdict without;	/* where areas have no addresses */
} owned_lies[] = {
	{ { .area = BY_VMALLOC, .frames = 1 }, "frames.vmalloc", MMS_CHECK_EXPLAINED },
	{ { .area = BY_VMALLOC, .frames = -1 }, "frames.vmalloc", MMS_CHECK_EXPLAINED },
	{ { .allocated = 1 }, "frames.vmalloc", MMS_CHECK_EXPLAINED },
	{ { .area = PERCPU, .frames = 1 }, "frames.percpu", MMS_CHECK_NA },
	{ { .area = PERCPU, .frames = -1 }, "frames.percpu", MMS_CHECK_NA },
	{ { .tops = 1 }, "frames.tables", MMS_CHECK_DISAGREE },
};

START_TEST(each_owned_lie_is_found)
{
	run_owned(&owned_lies[_i].plant, true);
	for (size_t i = 0; i < c.ntallies; i++) {
		bool meant = !strcmp(c.tallies[i].row->name, owned_lies[_i].row);

		ck_assert_msg(meant == (mms_check_worst(&c.tallies[i]) == MMS_CHECK_DISAGREE), "%s: %s",
			      c.tallies[i].row->name, mms_check_verdict_name(mms_check_worst(&c.tallies[i])));
	}
	run_owned(&owned_lies[_i].plant, false);
	ck_assert_msg(verdict(owned_lies[_i].row) == owned_lies[_i].without, "without addresses: %s",
		      mms_check_verdict_name(verdict(owned_lies[_i].row)));
}
END_TEST

/* What vmap() maps is no more than a tolerance where it is not known which frames it is. */
START_TEST(more_mapped)
{
	run_owned(&(struct plant){ .area = BY_VMAP, .frames = 7 }, true);
	ck_assert_int_eq(verdict("frames.vmalloc"), MMS_CHECK_AGREE);
	run_owned(&(struct plant){ .area = BY_VMAP, .frames = 7 }, false);
	ck_assert_int_eq(verdict("frames.vmalloc"), MMS_CHECK_EXPLAINED);
	ck_assert_str_eq(note("frames.vmalloc"),
			 "areas without addresses: which frames are mapped by vmap() and for per-CPU memory is not known");
}
END_TEST

/* One CPU keeps two stacks of 4 frames for the next threads. */
START_TEST(stacks_kept)
{
	run_owned(&(struct plant){ .area = 0, .frames = 8 }, true);
	ck_assert_int_eq(verdict("frames.kstack"), MMS_CHECK_EXPLAINED);
	run_owned(&(struct plant){ .area = 0, .frames = 9 }, true);
	ck_assert_int_eq(verdict("frames.kstack"), MMS_CHECK_DISAGREE);
	run_owned(&(struct plant){ .area = 0, .frames = -1 }, true);
	ck_assert_int_eq(verdict("frames.kstack"), MMS_CHECK_DISAGREE);
}
END_TEST

START_TEST(a_capture)
{
	run("machine", true);
	ck_assert_int_eq(verdict("frames.present"), MMS_CHECK_AGREE);
	ck_assert_int_eq(verdict("frames.managed"), MMS_CHECK_AGREE);
	ck_assert_int_eq(verdict("buddy.lists"), MMS_CHECK_AGREE);
	ck_assert_int_eq(verdict("frames.slab"), MMS_CHECK_NA);
	ck_assert_int_eq(verdict("lru.zones"), MMS_CHECK_NA);
	ck_assert_int_eq(verdict("buddy.types"), MMS_CHECK_NA);
	ck_assert_uint_eq(mms_check_count(&c, MMS_CHECK_DISAGREE), 0);
	plant = (struct plant){ .list = 1 };
	run("machine", true);
	ck_assert_int_eq(verdict("buddy.lists"), MMS_CHECK_DISAGREE);
	plant = (struct plant){ .from = MMS_FRAME_SLAB, .into = MMS_FRAME_HOLE };
	run("machine", true);
	ck_assert_int_eq(verdict("frames.present"), MMS_CHECK_DISAGREE);
	/* it cannot be read again: what came between lists and scan is no disagreement */
	plant = (struct plant){ .scan = 1 };
	run("machine", true);
	ck_assert_int_eq(verdict("buddy.scan"), MMS_CHECK_MOVED);
	plant = (struct plant){ 0 };
}
END_TEST

/* Of what agrees nothing is kept, and it is counted all the same. */
START_TEST(memory_is_bounded)
{
	struct mms_check_tally all;

	run("machine", false);
	all = *tally("buddy.types");
	ck_assert_uint_ge(all.n, 6);
	mms_check_free(&c);
	c.keep_all = false;
	ck_assert_int_eq(mms_check_run(&c, &err), 0);
	ck_assert_int_eq(memcmp(&all, tally("buddy.types"), sizeof(all)), 0);
	for (size_t i = 0; i < c.nitems; i++)
		ck_assert(c.items[i].verdict != MMS_CHECK_AGREE && c.items[i].verdict != MMS_CHECK_MOVED);
	ck_assert_uint_gt(mms_check_compared(&c), 10 * c.nitems / 4);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("check_machine");
	TCase *t = tcase_create("check_machine");

	tcase_add_checked_fixture(t, put_files, remove_files);
	tcase_add_test(t, all_agree);
	tcase_add_loop_test(t, each_lie_is_found, 0, sizeof(lies) / sizeof(*lies));
	tcase_add_test(t, large_kmalloc);
	tcase_add_test(t, owners_told);
	tcase_add_loop_test(t, each_owned_lie_is_found, 0, sizeof(owned_lies) / sizeof(*owned_lies));
	tcase_add_test(t, more_mapped);
	tcase_add_test(t, stacks_kept);
	tcase_add_test(t, a_capture);
	tcase_add_test(t, memory_is_bounded);
	suite_add_tcase(s, t);
	return run_suite(s);
}
