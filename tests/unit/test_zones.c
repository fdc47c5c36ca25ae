// SPDX-License-Identifier: GPL-2.0
/* zoneinfo as records, and whether an allocation would pass: texts and zones with known answers. */
#include <errno.h>
#include "fake_source.h"
#include "fixture.h"
#include "model/zones.h"
#include "source/procfs.h"

static struct mms_err err;
static struct mms_zones z;

static int read_at(const char *root)
{
	struct mms_source *s;
	int rc;

	mms_zones_free(&z);
	ck_assert_int_eq(mms_source_open_procfs_at(&s, root, &err), 0);
	rc = mms_zones_read(s, &z, &err);
	mms_source_close(s);
	return rc;
}

static uint64_t stat_of(const struct mms_zone_info *zone, enum mms_vmstat id)
{
	uint64_t v = 0;

	ck_assert(mms_stat_get(zone->stats, zone->z.nstats, id, &v));
	return v;
}

START_TEST(captured_zoneinfo)
{
	const struct mms_zone_info *dma32;
	uint64_t v;

	ck_assert_msg(!read_at(fixture("proc")), "%s", err.text);
	ck_assert_uint_eq(z.writer, MMS_WRITER_PROCFS);
	ck_assert_uint_eq(z.nnodes, 1);
	ck_assert_uint_eq(z.nzones, 5);
	dma32 = mms_zones_zone(&z, 0, 1);
	ck_assert_str_eq((const char *)dma32->z.name, "DMA32");
	ck_assert_uint_eq(dma32->z.type, MMS_ZONE_DMA32);
	ck_assert_uint_eq(dma32->z.managed, 242336);
	ck_assert_uint_eq(dma32->z.present, 258016);
	ck_assert_uint_eq(dma32->z.wmark_min, 11085);
	ck_assert_uint_eq(dma32->z.wmark_promo, 19398);
	ck_assert_uint_eq(dma32->z.start_pfn, 4096);
	ck_assert_uint_eq(dma32->z.known, MMS_ZONE_K_BOOST | MMS_ZONE_K_PROMO | MMS_ZONE_K_CMA |
			  MMS_ZONE_K_HIGHATOMIC | MMS_ZONE_K_FREE_HIGHATOMIC |
			  MMS_ZONE_K_START | MMS_ZONE_K_FREE_AREA);
	ck_assert_uint_eq(stat_of(dma32, MMS_VS_NR_FREE_PAGES), 226754);
	ck_assert_uint_eq(stat_of(dma32, MMS_VS_NUMA_HIT), 4887);
	ck_assert_uint_eq(dma32->z.orders, 11);
	ck_assert_uint_eq(dma32->z.nr_free[10], 220);
	ck_assert_uint_eq(dma32->ncpus, 2);
	ck_assert_uint_eq(dma32->cpus[0].c.count, 4156);
	ck_assert_uint_eq(dma32->cpus[1].c.high_max, 14888);
	ck_assert_uint_eq(dma32->cpus[1].c.threshold, 16);
	ck_assert(!(dma32->cpus[1].c.known & MMS_ZCPU_K_PENDING));
	ck_assert(mms_zone_pcp_pages(dma32, &v));
	ck_assert_uint_eq(v, 4156 + 3378);
	/* the first zone's protection is by the types of all five */
	ck_assert_uint_eq(mms_zones_zone(&z, 0, 0)->z.reserve[MMS_ZONE_MOVABLE], 946);
	ck_assert_uint_eq(mms_zones_zone(&z, 0, 0)->z.reserve[MMS_ZONE_DMA], 0);
	ck_assert_uint_eq(mms_zones_zone(&z, 0, 0)->z.reserve_known,
			  1U << MMS_ZONE_DMA | 1U << MMS_ZONE_DMA32 | 1U << MMS_ZONE_NORMAL |
			  1U << MMS_ZONE_MOVABLE | 1U << MMS_ZONE_DEVICE);
	ck_assert(mms_stat_get(z.nodes[0].stats, z.nodes[0].n.nstats, MMS_VS_NR_SHMEM, &v));
	ck_assert_uint_eq(v, 2087);
	ck_assert_uint_eq(z.nodes[0].n.known, MMS_NODE_K_RECLAIM);
}
END_TEST

START_TEST(two_nodes)
{
	const struct mms_zone_info *normal, *movable;
	unsigned int order;
	uint64_t v;

	ck_assert_msg(!read_at(fixture("proc-numa")), "%s", err.text);
	ck_assert_uint_eq(z.nnodes, 2);
	ck_assert_uint_eq(z.nodes[1].n.node, 2);
	ck_assert_uint_eq(z.nodes[0].n.flags, MMS_NODE_UNRECLAIMABLE);
	ck_assert_uint_eq(z.nodes[1].n.flags, 0);
	ck_assert_uint_eq(z.nodes[0].n.nstats, 2);
	normal = mms_zones_zone(&z, 0, 0);
	movable = mms_zones_zone(&z, 2, 1);
	ck_assert_uint_eq(normal->z.known, MMS_ZONE_K_START | MMS_ZONE_K_FREE_AREA);
	ck_assert_uint_eq(stat_of(normal, MMS_VS_NR_FREE_PAGES), 1001);
	ck_assert_uint_eq(normal->cpus[1].c.cpu, 3);
	ck_assert_uint_eq(normal->z.nr_free[3], 4);
	ck_assert_uint_eq(movable->z.nr_free[3], 62);
	ck_assert_uint_eq(mms_zones_zone(&z, 2, 0)->z.reserve[MMS_ZONE_MOVABLE], 512);
	ck_assert(!mms_zone_pcp_pages(movable, &v));
	ck_assert(mms_zones_max_order(&z, &order));
	ck_assert_uint_eq(order, 3);
}
END_TEST

START_TEST(no_zoneinfo)
{
	ck_assert_int_eq(read_at(fixture("none")), -EOPNOTSUPP);
	ck_assert_ptr_nonnull(strstr(err.text, "zoneinfo"));
}
END_TEST

/* 1000 free, 100/125/150, 200 kept from Movable; blocks: 8 of order 0, 1 of order 3 */
static struct mms_stat counters[] = {
	{ .id = MMS_VS_NR_FREE_PAGES, .value = 1000 },
	{ .id = MMS_VS_NR_FREE_CMA_PAGES, .value = 50 },
};

static struct mms_zone_info zone_of(void)
{
	struct mms_zone_info i = {
		.z = {
			.type = MMS_ZONE_NORMAL, .managed = 4000, .nstats = 2,
			.wmark_min = 100, .wmark_low = 125, .wmark_high = 150,
			.reserve_known = 1U << MMS_ZONE_NORMAL | 1U << MMS_ZONE_MOVABLE |
					 1U << MMS_ZONE_DMA32,
			.known = MMS_ZONE_K_FREE_AREA | MMS_ZONE_K_TYPES | MMS_ZONE_K_BOOST |
				 MMS_ZONE_K_FREE_HIGHATOMIC | MMS_ZONE_K_HIGHATOMIC,
			.orders = 11, .highatomic = 512, .free_highatomic = 30,
		},
		.stats = counters,
	};

	i.z.reserve[MMS_ZONE_MOVABLE] = 200;
	i.z.nr_free[0] = 8;
	i.z.free_types[0] = 1U << MMS_MT_UNMOVABLE;
	i.z.nr_free[3] = 1;
	i.z.free_types[3] = 1U << MMS_MT_MOVABLE;
	return i;
}

static struct mms_alloc_check check(const struct mms_zone_info *i, unsigned int order,
				    enum mms_zone_type type, enum mms_alloc_how how, bool movable)
{
	struct mms_alloc_check c = { .order = order, .type = type, .how = how, .movable = movable };

	mms_alloc_check(i, &c);
	return c;
}

START_TEST(terms_of_a_check)
{
	struct mms_zone_info i = zone_of();
	struct mms_alloc_check c = check(&i, 3, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false);

	/* the block but one page, free high-atomic pages, free CMA pages */
	ck_assert_uint_eq(c.unusable, 7 + 30 + 50);
	ck_assert_int_eq(c.left, 1000 - 87);
	ck_assert_uint_eq(c.need, 125);
	ck_assert_uint_eq(c.blocks, 1);
	ck_assert_int_eq(c.verdict, MMS_ALLOC_PASSES);
	c = check(&i, 3, MMS_ZONE_MOVABLE, MMS_ALLOC_MIN, true);
	ck_assert_uint_eq(c.unusable, 7 + 30);
	ck_assert_uint_eq(c.need, 300);
	c = check(&i, 0, MMS_ZONE_NORMAL, MMS_ALLOC_ATOMIC, false);
	ck_assert_uint_eq(c.unusable, 50);
	ck_assert_uint_eq(c.mark, 38);	/* 100 - 50 = 50, 50 - 12 */
	/* before 6.12 the whole blocks count */
	i.z.known &= ~MMS_ZONE_K_FREE_HIGHATOMIC;
	ck_assert_uint_eq(check(&i, 0, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false).unusable, 512 + 50);
	i.z.known &= ~MMS_ZONE_K_HIGHATOMIC;
	c = check(&i, 0, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false);
	ck_assert_uint_eq(c.unusable, 50);
	ck_assert(c.no_highatomic);
}
END_TEST

START_TEST(boost_and_atomic)
{
	struct mms_zone_info i = zone_of();

	i.z.boost = 60;
	i.z.wmark_min += 60;
	ck_assert_uint_eq(check(&i, 0, MMS_ZONE_NORMAL, MMS_ALLOC_ATOMIC, false).mark, 38);
	ck_assert_uint_eq(check(&i, 1, MMS_ZONE_NORMAL, MMS_ALLOC_ATOMIC, false).mark, 60);
	ck_assert_uint_eq(check(&i, 0, MMS_ZONE_NORMAL, MMS_ALLOC_MIN, false).mark, 160);
}
END_TEST

START_TEST(edges_of_a_check)
{
	struct mms_zone_info i = zone_of();

	/* exactly the mark is too few: "free <= min + reserve" */
	counters[0].value = 125 + 80;
	ck_assert_int_eq(check(&i, 0, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false).verdict, MMS_ALLOC_FEW);
	counters[0].value = 125 + 81;
	ck_assert_int_eq(check(&i, 0, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false).verdict, MMS_ALLOC_PASSES);
	/* fewer free than unusable: below 0, not huge */
	counters[0].value = 10;
	ck_assert_int_eq(check(&i, 4, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false).left, 10 - 15 - 80);
	ck_assert_int_eq(check(&i, 4, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false).verdict, MMS_ALLOC_FEW);
	counters[0].value = 1000;
	ck_assert_int_eq(check(&i, 4, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false).verdict, MMS_ALLOC_NO_BLOCK);
	/* a block of a migratetype that is not for it */
	i.z.free_types[3] = 1U << MMS_MT_HIGHATOMIC;
	ck_assert_int_eq(check(&i, 2, MMS_ZONE_NORMAL, MMS_ALLOC_MIN, false).verdict, MMS_ALLOC_NO_BLOCK);
	ck_assert_int_eq(check(&i, 2, MMS_ZONE_NORMAL, MMS_ALLOC_ATOMIC, false).verdict, MMS_ALLOC_PASSES);
	i.z.free_types[3] = 1U << MMS_MT_CMA;
	ck_assert_int_eq(check(&i, 2, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false).verdict, MMS_ALLOC_NO_BLOCK);
	ck_assert_int_eq(check(&i, 2, MMS_ZONE_MOVABLE, MMS_ALLOC_LOW, true).verdict, MMS_ALLOC_PASSES);
	ck_assert_int_eq(check(&i, 0, MMS_ZONE_DMA32, MMS_ALLOC_LOW, false).verdict, MMS_ALLOC_ABOVE);
	ck_assert_int_eq(check(&i, 0, MMS_ZONE_HIGHMEM, MMS_ALLOC_LOW, false).verdict, MMS_ALLOC_UNKNOWN);
	i.z.managed = 0;
	ck_assert_int_eq(check(&i, 0, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false).verdict, MMS_ALLOC_EMPTY);
	i = zone_of();
	i.z.known = 0;
	ck_assert_int_eq(check(&i, 1, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false).verdict, MMS_ALLOC_UNKNOWN);
	ck_assert_int_eq(check(&i, 0, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false).verdict, MMS_ALLOC_PASSES);
	i.z.nstats = 0;
	ck_assert_int_eq(check(&i, 0, MMS_ZONE_NORMAL, MMS_ALLOC_LOW, false).verdict, MMS_ALLOC_UNKNOWN);
}
END_TEST

/* Two nodes whose zonelist prefers the other node's zones in between. */
static int write_zones(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
		       struct mms_encoder *e)
{
	static const struct mms_zoneref refs[] = { { 1, 1 }, { 0, 1 }, { 0, 0 }, { 5, 5 } };
	struct mms_zonelist list = { .head.type = MMS_REC_ZONELIST, .node = 1, .nrefs = 4 };

	(void)f;
	(void)req;
	ck_assert_int_eq(kind, MMS_KIND_ZONES);
	for (uint32_t node = 0; node < 2; node++) {
		struct mms_node n = { .head.type = MMS_REC_NODE, .node = node };
		struct mms_zone_cpu c = {
			.head.type = MMS_REC_ZONE_CPU, .node = node, .zone = MMS_ZONE_NONE,
			.nstats = 1,
		};
		struct mms_stat pending = { MMS_VS_NR_SHMEM, 0, (uint64_t)-3 };

		mms_encode_record(e, &n.head, NULL, 0);
		if (node)
			mms_encode_record(e, &list.head, refs, sizeof(refs));
		mms_encode_record(e, &c.head, &pending, sizeof(pending));
		for (uint32_t i = 0; i < 2; i++) {
			struct mms_zone zone = {
				.head.type = MMS_REC_ZONE, .node = node, .index = i,
				.type = i ? MMS_ZONE_NORMAL : MMS_ZONE_DMA, .managed = 1 + i,
			};

			mms_encode_record(e, &zone.head, NULL, 0);
		}
	}
	return 0;
}

START_TEST(fallback_order)
{
	struct fake_source f = { .base.ops = &fake_ops, .write = write_zones };
	const struct mms_zone_info *list[8];
	bool whole;

	mms_zones_free(&z);
	ck_assert_int_eq(mms_zones_read(&f.base, &z, &err), 0);
	ck_assert_uint_eq(z.nodes[1].ncpus, 1);
	ck_assert_int_eq((int64_t)z.nodes[1].cpus[0].stats[0].value, -3);
	ck_assert_uint_eq(mms_zones_fallback(&z, 1, MMS_ZONE_MOVABLE, list, 8, &whole), 3);
	ck_assert(whole);
	ck_assert_uint_eq(list[1]->z.node, 0);
	ck_assert_uint_eq(list[1]->z.index, 1);
	ck_assert_uint_eq(mms_zones_fallback(&z, 1, MMS_ZONE_DMA, list, 8, &whole), 1);
	ck_assert_uint_eq(list[0]->z.index, 0);
	/* node 0 has told no zonelist: its own zones, and more follow */
	ck_assert_uint_eq(mms_zones_fallback(&z, 0, MMS_ZONE_MOVABLE, list, 8, &whole), 2);
	ck_assert(!whole);
	ck_assert_uint_eq(list[0]->z.index, 1);
	f.end = MMS_END_ERROR;
	mms_zones_free(&z);
	ck_assert_int_eq(mms_zones_read(&f.base, &z, &err), -EIO);
	ck_assert(err.text[0]);
	mms_zones_free(&z);
}
END_TEST

START_TEST(names_both_ways)
{
	for (unsigned int i = 1; i < __MMS_VS_MAX; i++)
		ck_assert_uint_eq(mms_vmstat_find(mms_vmstat_name(i)), i);
	ck_assert_uint_eq(mms_vmstat_find("nr_nonsense"), MMS_VS_UNKNOWN);
	ck_assert_str_eq(mms_vmstat_name(__MMS_VS_MAX), "unknown");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("zones");
	TCase *c = tcase_create("zones");

	tcase_add_test(c, captured_zoneinfo);
	tcase_add_test(c, two_nodes);
	tcase_add_test(c, no_zoneinfo);
	tcase_add_test(c, terms_of_a_check);
	tcase_add_test(c, boost_and_atomic);
	tcase_add_test(c, edges_of_a_check);
	tcase_add_test(c, fallback_order);
	tcase_add_test(c, names_both_ways);
	suite_add_tcase(s, c);
	return run_suite(s);
}
