// SPDX-License-Identifier: GPL-2.0
/* What reclaim takes next, records of kind LRU, and /proc's answer. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_source.h"
#include "fixture.h"
#include "model/lru.h"
#include "source/procfs.h"

#define GENS	(MMS_LRU_F_LRU_GEN | MMS_LRU_F_GENS)

/* One lruvec with four generations, 0 .. 3, and its tiers. */
struct scene {
	struct mms_lru lru;
	struct mms_lruvec vec;
	struct mms_lru_gen gens[4];
	struct mms_lru_tier tiers[8];
};

static struct scene scene(uint32_t flags, uint64_t swap, uint32_t swappiness)
{
	struct scene s = {
		.vec = { .vec = { .flags = flags, .swap_free = swap, .swappiness = swappiness,
				  .max_seq = 3 }, .ngens = 4, .ntiers = 8 },
	};

	for (unsigned int i = 0; i < 4; i++)
		s.gens[i].seq = 3 - i;
	for (unsigned int i = 0; i < 8; i++) {
		s.tiers[i].type = i / 4;
		s.tiers[i].tier = i % 4;
	}
	return s;
}

static void put(struct scene *s, uint64_t seq, unsigned int type, uint64_t pages)
{
	bool active = seq + 2 > 3;

	s->gens[3 - seq].pages[type][MMS_ZONE_NORMAL] = pages;
	s->vec.vec.pages[MMS_ZONE_NORMAL][2 * type + active] += pages;
}

static struct mms_lru_next next(struct scene *s)
{
	struct mms_lru_next n;

	s->lru.gens = s->gens;
	s->lru.tiers = s->tiers;
	mms_lru_next(&s->lru, &s->vec, MMS_LRU_UNKNOWN, &n);
	ck_assert(n.why[0]);
	return n;
}

START_TEST(nothing)
{
	struct scene s = scene(GENS, 100, 60);

	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_NONE);
	s = scene(0, 100, 60);
	s.vec.vec.pages[0][MMS_LRU_UNEVICTABLE] = 7;
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_NONE);
	/* anon alone, and no swap */
	s = scene(GENS, 0, 60);
	put(&s, 1, 0, 10);
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_NONE);
	s = scene(0, 0, 60);
	s.vec.vec.pages[0][MMS_LRU_INACTIVE_ANON] = 7;
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_NONE);
}
END_TEST

START_TEST(no_swap)
{
	struct scene s = scene(GENS, 0, 60);
	struct mms_lru_next n;

	put(&s, 0, 0, 10);
	put(&s, 1, 1, 20);
	n = next(&s);
	ck_assert_int_eq(n.choice, MMS_LRU_CHOICE_FILE);
	ck_assert(n.gens && !n.age_first);
	ck_assert_uint_eq(n.seq, 1);	/* 0 has no file pages: given up */
	ck_assert_uint_eq(n.pages, 20);
	s = scene(GENS, 100, 0);	/* swappiness 0, the same */
	put(&s, 0, 0, 10);
	put(&s, 2, 1, 20);
	n = next(&s);
	ck_assert_int_eq(n.choice, MMS_LRU_CHOICE_FILE);
	ck_assert_uint_eq(n.seq, 2);
	ck_assert(n.age_first);		/* generation 2 of 3 is young */
}
END_TEST

START_TEST(older_type)
{
	struct scene s = scene(GENS, 100, 60);
	struct mms_lru_next n;

	put(&s, 0, 0, 10);
	put(&s, 1, 1, 20);
	n = next(&s);
	ck_assert_int_eq(n.choice, MMS_LRU_CHOICE_ANON);
	ck_assert_uint_eq(n.seq, 0);
	ck_assert_uint_eq(n.pages, 10);
	/* newer kernels ask the tiers: few refaults of files */
	s.vec.vec.flags |= MMS_LRU_F_ALL_TIERS;
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_FILE);
}
END_TEST

START_TEST(extremes)
{
	struct scene s = scene(GENS, 100, 1);

	put(&s, 0, 0, 10);
	put(&s, 0, 1, 20);
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_FILE);
	s.vec.vec.swappiness = 200;
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_ANON);
	/* the type chosen has nothing: the other one */
	s = scene(GENS, 100, 200);
	put(&s, 0, 1, 20);
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_FILE);
	ck_assert_uint_eq(next(&s).pages, 20);
}
END_TEST

START_TEST(tiers)
{
	struct scene s = scene(GENS, 100, 100);

	put(&s, 0, 0, 10);
	put(&s, 0, 1, 20);
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_FILE);	/* nothing refaulted */
	/* files refault always, anon never */
	s.tiers[4].refaulted = 1000;
	s.tiers[4].evicted = 1000;
	s.tiers[0].evicted = 1000;
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_ANON);
	/* the same in the third tier: older kernels do not look */
	s.tiers[6] = s.tiers[4];
	s.tiers[6].tier = 2;
	s.tiers[4].refaulted = 0;
	s.tiers[4].evicted = 0;
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_FILE);
	s.vec.vec.flags |= MMS_LRU_F_ALL_TIERS;
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_ANON);
}
END_TEST

START_TEST(lists)
{
	struct scene s = scene(0, 100, 100);
	struct mms_lru_next n;

	s.vec.vec.pages[1][MMS_LRU_INACTIVE_ANON] = 5;
	s.vec.vec.pages[2][MMS_LRU_INACTIVE_FILE] = 7;
	n = next(&s);
	ck_assert_int_eq(n.choice, MMS_LRU_CHOICE_BOTH);
	ck_assert(!n.gens);
	ck_assert_uint_eq(n.pages, 12);
	ck_assert_uint_eq(n.anon_percent, 50);
	/* costs 0 and 2^20: at most a factor of two */
	s.vec.vec.anon_cost = 1 << 20;
	ck_assert_uint_eq(next(&s).anon_percent, 33);
	s.vec.vec.anon_cost = 0;
	s.vec.vec.swappiness = 0;
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_FILE);
	ck_assert_uint_eq(next(&s).pages, 7);
}
END_TEST

START_TEST(unknowns)
{
	struct scene s = scene(GENS, 100, MMS_LRU_UNKNOWN);

	put(&s, 0, 1, 20);
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_UNKNOWN);
	s.vec.vec.swappiness = 60;
	s.vec.vec.swap_free = UINT64_MAX;
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_UNKNOWN);
	s.vec.vec.swap_free = 1;
	s.vec.ngens = 0;
	ck_assert_int_eq(next(&s).choice, MMS_LRU_CHOICE_UNKNOWN);
}
END_TEST

static int write_lru(struct fake_source *f, enum mms_kind kind, const struct mms_request *req,
		     struct mms_encoder *e)
{
	struct mms_lru_vec v = { .head = { .type = MMS_REC_LRU_VEC }, .cgroup = 1, .path_len = 3 };
	struct mms_lru_gen g = { .head = { .type = MMS_REC_LRU_GEN }, .seq = 9 };
	struct mms_lru_folio p = { .head = { .type = MMS_REC_LRU_FOLIO }, .pfn = 77 };

	(void)kind;
	(void)req;
	if (f->ctx)
		p.list = __MMS_LRU_MAX;
	mms_encode_record(e, &v.head, "/a", 3);
	mms_encode_record(e, &g.head, NULL, 0);
	v.cgroup = 2;
	v.path_len = 0;
	mms_encode_record(e, &v.head, NULL, 0);
	mms_encode_record(e, &p.head, NULL, 0);
	return 0;
}

START_TEST(parts_belong)
{
	struct fake_source f = { .base = { .ops = &fake_ops }, .write = write_lru };
	struct mms_request req = { .size = sizeof(req) };
	struct mms_err err = { "" };
	struct mms_lru l;

	ck_assert_int_eq(mms_lru_read(&f.base, &req, &l, &err), 0);
	ck_assert_uint_eq(l.n, 2);
	ck_assert_str_eq(l.vecs[0].path, "/a");
	ck_assert_uint_eq(l.vecs[0].ngens, 1);
	ck_assert_uint_eq(l.vecs[0].nfolios, 0);
	ck_assert_ptr_null(l.vecs[1].path);
	ck_assert_uint_eq(l.vecs[1].nfolios, 1);
	ck_assert_uint_eq(l.folios[l.vecs[1].folio].pfn, 77);
	mms_lru_free(&l);
	f.ctx = &f;
	ck_assert_int_eq(mms_lru_read(&f.base, &req, &l, &err), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "impossible list"));
	mms_lru_free(&l);
}
END_TEST

static void text_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(from_zoneinfo)
{
	char dir[] = "/tmp/mmscope-lru.XXXXXX", path[64];
	struct mms_request req = { .size = sizeof(req) };
	struct mms_err err = { "" };
	struct mms_source *s;
	struct mms_lru l;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	text_file(dir, "zoneinfo",
		  "Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 99\n"
		  "  pages free     3\n      nr_zone_inactive_anon 1\n      nr_zone_unevictable 2\n"
		  "Node 0, zone   Normal\n      nr_zone_inactive_anon 10\n"
		  "Node 1, zone   Normal\n      nr_zone_active_file 5\n");
	text_file(dir, "meminfo", "SwapTotal:  8 kB\nSwapFree:         8 kB\n");
	ck_assert_int_eq(mms_source_open_procfs_at(&s, dir, &err), 0);
	ck_assert_int_eq(mms_lru_read(s, &req, &l, &err), 0);
	ck_assert_uint_eq(l.n, 2);
	ck_assert_uint_eq(l.vecs[0].vec.pages[MMS_ZONE_DMA][MMS_LRU_INACTIVE_ANON], 1);
	ck_assert_uint_eq(mms_lru_pages(&l.vecs[0].vec, MMS_LRU_INACTIVE_ANON), 11);
	ck_assert_uint_eq(mms_lru_pages(&l.vecs[0].vec, MMS_LRU_UNEVICTABLE), 2);
	ck_assert_uint_eq(l.vecs[1].vec.node, 1);
	ck_assert_uint_eq(mms_lru_pages(&l.vecs[1].vec, MMS_LRU_ACTIVE_FILE), 5);
	ck_assert_uint_eq(l.vecs[0].vec.swap_free, 8192 / (uint64_t)sysconf(_SC_PAGESIZE));
	ck_assert_uint_eq(l.vecs[0].vec.swappiness, MMS_LRU_UNKNOWN);
	mms_lru_free(&l);
	req.flags = MMS_REQ_LRU_GENS;
	ck_assert_int_eq(mms_lru_read(s, &req, &l, &err), -EOPNOTSUPP);
	mms_lru_free(&l);
	mms_source_close(s);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, i ? "meminfo" : "zoneinfo");
		unlink(path);
	}
	rmdir(dir);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lru");
	TCase *tc = tcase_create("lru");

	tcase_add_test(tc, nothing);
	tcase_add_test(tc, no_swap);
	tcase_add_test(tc, older_type);
	tcase_add_test(tc, extremes);
	tcase_add_test(tc, tiers);
	tcase_add_test(tc, lists);
	tcase_add_test(tc, unknowns);
	tcase_add_test(tc, parts_belong);
	tcase_add_test(tc, from_zoneinfo);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
