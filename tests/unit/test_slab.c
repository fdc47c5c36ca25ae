// SPDX-License-Identifier: GPL-2.0
/* mmscope slab: sums, size classes, object states, aliases, from records made by hand. */
#include <sys/stat.h>
#include <unistd.h>
#include "fake_source.h"
#include "fixture.h"
#include "model/slab.h"
#include "shape.h"

#define ALL_COUNTS	(MMS_SLAB_K_LAYOUT | MMS_SLAB_K_COUNTS | MMS_SLAB_K_PARTIAL | MMS_SLAB_K_CPU | MMS_SLAB_K_ADDRESS)

/* 4 slabs of order 1, 39 objects of 208 bytes in each: 80 bytes are left of 8192 */
static const struct mms_slab_cache one = {
	.head = { .type = MMS_REC_SLAB_CACHE }, .address = 0x1000, .size = 208, .object_size = 200, .order = 1,
	.objects = 39, .slabs = 4, .total_objects = 156, .active_objects = 140, .nr_partial = 1, .partial_free = 16,
	.cpu_free = 5, .cpu_partial_free = 3, .sheaf_objects = 2, .barn_objects = 1, .known = ALL_COUNTS, .name_len = 4,
};

static int put_class(struct mms_encoder *e, const char *name, uint32_t size, uint64_t address)
{
	struct mms_slab_cache c = { .head = { .type = MMS_REC_SLAB_CACHE }, .size = size, .object_size = size,
				    .address = address, .known = ALL_COUNTS };

	c.name_len = (uint32_t)strlen(name) + 1;
	return mms_encode_record(e, &c.head, name, c.name_len);
}

static int put_slab(struct mms_encoder *e, uint64_t cache, uint32_t objects, uint64_t map, uint32_t flags,
		    uint32_t corrupt)
{
	struct mms_slab_slab s = { .head = { .type = MMS_REC_SLAB_SLAB }, .cache = cache, .objects = objects,
				   .inuse = 1, .size = 208, .order = 1, .flags = MMS_SLABF_MAP | flags,
				   .corrupt = corrupt, .words = 1, .va = 0x8000 };

	return mms_encode_record(e, &s.head, &map, sizeof(map));
}

static int write_stream(struct fake_source *f, enum mms_kind kind, const struct mms_request *req, struct mms_encoder *e)
{
	(void)f;
	ck_assert_int_eq(kind, MMS_KIND_SLAB);
	if (req->flags == MMS_REQ_SLAB_OBJECTS) {
		/* objects 0..5: allocated, free, free at a processor, in a sheaf, free, allocated */
		put_slab(e, 0x1000, 6, 0x1 << 2 | 0x2 << 4 | 0x3 << 6 | 0x1 << 8, 0, MMS_SLABC_NONE);
		put_slab(e, 0x1000, 3, 0, MMS_SLABF_TORN, MMS_SLABC_NONE);
		put_slab(e, 0x1000, 4, 0x1, 0, MMS_SLABC_LOOP);
		put_slab(e, 0x9999, 4, 0x1, 0, MMS_SLABC_NONE);
		return 0;
	}
	ck_assert_uint_eq(req->flags, MMS_REQ_SLAB_CACHES);
	mms_encode_record(e, &one.head, "one", 4);
	put_class(e, "kmalloc-64", 64, 0x2000);
	put_class(e, "kmalloc-8k", 8192, 0x3000);
	put_class(e, "kmalloc-rcl-96", 96, 0x4000);
	return put_class(e, "kmalloc-96", 96, 0x5000);
}

static void read_list(struct mms_slab_list *l, struct fake_source *f)
{
	struct mms_err err;

	*f = (struct fake_source){ .base = { &fake_ops }, .write = write_stream };
	ck_assert_int_eq(mms_slab_read(l, &f->base, &err), 0);
	l->page_shift = 12;
}

START_TEST(test_use)
{
	struct mms_slab_list l;
	struct fake_source f;
	struct mms_slab_use u;

	read_list(&l, &f);
	ck_assert_uint_eq(l.n, 5);
	ck_assert_str_eq(l.c[0].name, "one");
	mms_slab_use(&l, &l.c[0], &u);
	ck_assert_uint_eq(u.memory, 4 * 8192);
	ck_assert_uint_eq(u.free_objects, 27);		/* 16 + 5 + 3 + 2 + 1 */
	ck_assert_uint_eq(u.objects, 129);
	ck_assert_uint_eq(u.used, 129 * 200);
	ck_assert_uint_eq(u.pad, 129 * 8);
	ck_assert_uint_eq(u.free, 27 * 208);
	ck_assert_uint_eq(u.slack, 4 * 80);
	ck_assert_uint_eq(u.used + u.pad + u.free + u.slack, u.memory);
	ck_assert(u.whole);
	/* more free than there are: counted while it changed */
	l.c[0].rec.partial_free = 1000;
	mms_slab_use(&l, &l.c[0], &u);
	ck_assert_uint_eq(u.objects, 0);
	ck_assert_uint_eq(u.free_objects, 156);
	mms_slab_free(&l);
}
END_TEST

START_TEST(test_classes)
{
	struct mms_slab_list l;
	struct fake_source f;

	read_list(&l, &f);
	ck_assert_str_eq(mms_slab_class(&l, "kmalloc-", 1)->name, "kmalloc-64");
	ck_assert_str_eq(mms_slab_class(&l, "kmalloc-", 64)->name, "kmalloc-64");
	ck_assert_str_eq(mms_slab_class(&l, "kmalloc-", 65)->name, "kmalloc-96");
	ck_assert_str_eq(mms_slab_class(&l, "kmalloc-", 97)->name, "kmalloc-8k");
	ck_assert_str_eq(mms_slab_class(&l, "kmalloc-rcl-", 1)->name, "kmalloc-rcl-96");
	ck_assert_ptr_null(mms_slab_class(&l, "kmalloc-", 8193));
	mms_slab_free(&l);
}
END_TEST

START_TEST(test_objects)
{
	struct mms_slab_list l;
	struct mms_slab_info *c;
	struct mms_err err;
	struct fake_source f;

	read_list(&l, &f);
	ck_assert_int_eq(mms_slab_count_objects(&l, &f.base, &err), 0);
	c = mms_slab_find(&l, "one");
	ck_assert_uint_eq(c->states.slabs, 3);
	ck_assert_uint_eq(c->states.alloc, 2 + 3);
	ck_assert_uint_eq(c->states.free, 2 + 1);
	ck_assert_uint_eq(c->states.cpu, 1);
	ck_assert_uint_eq(c->states.sheaf, 1);
	ck_assert_uint_eq(c->states.corrupt, 1);
	ck_assert_uint_eq(c->states.torn, 1);
	ck_assert_uint_eq(c->states.torn_objects, 3);
	ck_assert_uint_eq(mms_slab_find(&l, "kmalloc-64")->states.slabs, 0);
	mms_slab_free(&l);
}
END_TEST

START_TEST(test_state)
{
	struct {
		struct mms_slab_slab s;
		uint64_t map[2];
	} r = { .s = { .objects = 40, .words = 2 }, .map = { 0x8000000000000001ULL, 0x3 } };

	ck_assert_uint_eq(mms_slab_object_state(&r.s, 0), MMS_OBJ_FREE);
	ck_assert_uint_eq(mms_slab_object_state(&r.s, 1), MMS_OBJ_ALLOCATED);
	ck_assert_uint_eq(mms_slab_object_state(&r.s, 31), MMS_OBJ_FREE_CPU);
	ck_assert_uint_eq(mms_slab_object_state(&r.s, 32), MMS_OBJ_SHEAF);
	ck_assert_uint_eq(mms_slab_object_state(&r.s, 33), MMS_OBJ_ALLOCATED);
}
END_TEST

START_TEST(test_aliases)
{
	char dir[] = "/tmp/mms_slab.XXXXXX", path[64];
	struct mms_slab_list l;
	struct fake_source f;

	read_list(&l, &f);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (int i = 0; i < 4; i++) {
		static const char *const names[] = { "one", "other", "third", "kmalloc-64" };

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		ck_assert_int_eq(symlink(i < 3 ? ":0000208" : ":0000064", path), 0);
	}
	ck_assert_int_eq(mms_slab_aliases(&l, dir), 0);
	ck_assert_ptr_eq(mms_slab_find(&l, "other"), mms_slab_find(&l, "one"));
	ck_assert_ptr_eq(mms_slab_find(&l, "third"), mms_slab_find(&l, "one"));
	ck_assert_ptr_null(mms_slab_find(&l, "thir"));
	ck_assert_ptr_null(mms_slab_find(&l, "kmalloc-64")->aliases);
	mms_slab_free(&l);
	snprintf(path, sizeof(path), "rm -r %s", dir);
	ck_assert_int_eq(system(path), 0);
}
END_TEST

/* What no module writes is refused. */
START_TEST(test_shapes)
{
	const struct mms_shape *s = mms_shape_find(MMS_REC_SLAB_SLAB), *c = mms_shape_find(MMS_REC_SLAB_CACHE);
	struct mms_slab_slab slab = { .objects = 33, .inuse = 33, .size = 8, .words = 2, .flags = MMS_SLABF_MAP };
	struct mms_slab_cache cache = { .size = 8, .object_size = 8 };

	ck_assert_ptr_null(s->check(&slab));
	slab.words = 1;
	ck_assert_ptr_nonnull(s->check(&slab));
	slab.words = 2;
	slab.inuse = 34;
	ck_assert_ptr_nonnull(s->check(&slab));
	ck_assert_ptr_null(c->check(&cache));
	cache.object_size = 9;
	ck_assert_ptr_nonnull(c->check(&cache));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("slab");
	TCase *t = tcase_create("slab");

	tcase_add_test(t, test_use);
	tcase_add_test(t, test_classes);
	tcase_add_test(t, test_objects);
	tcase_add_test(t, test_state);
	tcase_add_test(t, test_aliases);
	tcase_add_test(t, test_shapes);
	suite_add_tcase(s, t);
	return run_suite(s);
}
