// SPDX-License-Identifier: GPL-2.0
/* The module's walk of a list of free objects, on slabs made by hand: hardened, in every order, and broken. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <check.h>
#include <linux/mmscope.h>
#include "fixture.h"

typedef uint32_t u32;
typedef uint64_t u64;

#define CONFIG_SLAB_FREELIST_HARDENED	1
#define PAGE_SIZE	4096UL
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define swab(x)		__builtin_bswap64(x)
#define MMS_SLAB_OBJECTS_MAX	0x7fff

struct mms_slabcache {
	unsigned long random;
	u32 size, offset, red_left_pad;
};

static const char *unreadable;

static bool mms_peek_lowmem(unsigned long *to, const void *from)
{
	if (from == unreadable)
		return false;
	memcpy(to, from, sizeof(*to));
	return true;
}

#include "../../module/slabwalk.h"

#define SIZE	208
#define N	19	/* of these in a page */

static const struct mms_slabcache plain = { .random = 0x1122334455667788UL, .size = SIZE, .offset = 200 };
static const struct mms_slabcache padded = { .random = 0xdeadbeefcafef00dUL, .size = SIZE, .offset = 64, .red_left_pad = 16 };
static char *slab;
static struct mms_slabfree f;

static void setup(void)
{
	slab = aligned_alloc(4096, 4096);
	memset(slab, 0x5a, 4096);
	memset(&f, 0, sizeof(f));
	f.va = (unsigned long)slab;
	f.objects = N;
	unreadable = NULL;
}

static void teardown(void)
{
	free(slab);
}

static unsigned long object(const struct mms_slabcache *c, unsigned int i)
{
	return (unsigned long)slab + i * c->size + c->red_left_pad;
}

/* As the kernel writes it: the pointer, xored with the cache's number and the address with its bytes turned round. */
static void link_to(const struct mms_slabcache *c, unsigned int i, unsigned long next)
{
	unsigned long at = object(c, i) + c->offset, turned = 0;

	for (int b = 0; b < 8; b++)
		turned |= (at >> b * 8 & 0xff) << (56 - b * 8);
	*(unsigned long *)at = next ^ c->random ^ turned;
}

/* A list of these, ended by ~0. */
static unsigned long chain(const struct mms_slabcache *c, const unsigned int *i)
{
	for (const unsigned int *p = i; *p != ~0U; p++)
		link_to(c, *p, p[1] == ~0U ? 0 : object(c, p[1]));
	return object(c, *i);
}

static void expect_states(const char *want)
{
	for (unsigned int i = 0; i < N; i++)
		ck_assert_msg(mms_slabfree_state(&f, i) == (u32)(want[i] - '0'), "object %u: %u", i, mms_slabfree_state(&f, i));
}

START_TEST(test_whole)
{
	static const unsigned int list[] = { 3, 18, 0, 7, ~0U }, cpu[] = { 5, 4, ~0U };

	ck_assert_uint_eq(mms_slab_follow(&f, &plain, chain(&plain, list), MMS_OBJ_FREE, 4), 4);
	ck_assert_uint_eq(f.corrupt, MMS_SLABC_NONE);
	ck_assert_uint_eq(mms_slab_follow(&f, &plain, chain(&plain, cpu), MMS_OBJ_FREE_CPU, 15), 2);
	ck_assert_uint_eq(f.corrupt, MMS_SLABC_NONE);
	expect_states("1001220100000000001");
	ck_assert_uint_eq(mms_slab_follow(&f, &plain, 0, MMS_OBJ_FREE, 0), 0);
	ck_assert_uint_eq(mms_slabfree_words(&f), 1);
}
END_TEST

/* Objects begin behind a red zone, and free pointers lie in them. */
START_TEST(test_red_zone)
{
	static const unsigned int list[] = { 18, 17, 1, ~0U };

	ck_assert_uint_eq(mms_slab_follow(&f, &padded, chain(&padded, list), MMS_OBJ_FREE, 3), 3);
	ck_assert_uint_eq(f.corrupt, MMS_SLABC_NONE);
	expect_states("0100000000000000011");
	/* its first byte is not the object's */
	memset(f.map, 0, sizeof(f.map));
	ck_assert_uint_eq(mms_slab_follow(&f, &padded, (unsigned long)slab, MMS_OBJ_FREE, 3), 0);
	ck_assert_uint_eq(f.corrupt, MMS_SLABC_POINTER);
}
END_TEST

/* Another page, inside an object, behind the last, the byte before the slab, nonsense. */
START_TEST(test_pointer)
{
	static const unsigned int list[] = { 2, 9, ~0U };
	const unsigned long bad[] = {
		(unsigned long)slab + 4096, object(&plain, 4) + 8, object(&plain, N), (unsigned long)slab - 1,
		(unsigned long)slab - SIZE, 0x123456789abcdefUL, ~0UL,
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		memset(f.map, 0, sizeof(f.map));
		f.corrupt = MMS_SLABC_NONE;
		chain(&plain, list);
		link_to(&plain, 9, bad[i]);
		ck_assert_uint_eq(mms_slab_follow(&f, &plain, object(&plain, 2), MMS_OBJ_FREE, 5), 2);
		ck_assert_uint_eq(f.corrupt, MMS_SLABC_POINTER);
		ck_assert_uint_eq(f.bad_at, object(&plain, 9) + 200);
		ck_assert_uint_eq(f.bad_value, bad[i]);
		expect_states("0010000001000000000");
		/* in the slab's head: no place in the slab to tell */
		f.corrupt = MMS_SLABC_NONE;
		ck_assert_uint_eq(mms_slab_follow(&f, &plain, bad[i], MMS_OBJ_FREE, 5), 0);
		ck_assert_uint_eq(f.corrupt, MMS_SLABC_POINTER);
		ck_assert_uint_eq(f.bad_at, 0);
	}
}
END_TEST

START_TEST(test_loop)
{
	static const unsigned int list[] = { 2, 9, 11, ~0U };

	chain(&plain, list);
	link_to(&plain, 11, object(&plain, 9));
	ck_assert_uint_eq(mms_slab_follow(&f, &plain, object(&plain, 2), MMS_OBJ_FREE, 19), 3);
	ck_assert_uint_eq(f.corrupt, MMS_SLABC_LOOP);
	ck_assert_uint_eq(f.bad_at, object(&plain, 11) + 200);
	ck_assert_uint_eq(f.bad_value, object(&plain, 9));
	/* to itself */
	memset(f.map, 0, sizeof(f.map));
	link_to(&plain, 2, object(&plain, 2));
	ck_assert_uint_eq(mms_slab_follow(&f, &plain, object(&plain, 2), MMS_OBJ_FREE, 19), 1);
	ck_assert_uint_eq(f.corrupt, MMS_SLABC_LOOP);
	/* what is on another list already */
	memset(f.map, 0, sizeof(f.map));
	mms_slabfree_mark(&f, 9, MMS_OBJ_FREE);
	f.corrupt = MMS_SLABC_NONE;
	chain(&plain, list);
	ck_assert_uint_eq(mms_slab_follow(&f, &plain, object(&plain, 2), MMS_OBJ_FREE_CPU, 19), 1);
	ck_assert_uint_eq(f.corrupt, MMS_SLABC_LOOP);
}
END_TEST

START_TEST(test_long_and_unreadable)
{
	static const unsigned int list[] = { 0, 1, 2, 3, ~0U };

	chain(&plain, list);
	ck_assert_uint_eq(mms_slab_follow(&f, &plain, object(&plain, 0), MMS_OBJ_FREE, 3), 3);
	ck_assert_uint_eq(f.corrupt, MMS_SLABC_LONG);
	ck_assert_uint_eq(f.bad_at, object(&plain, 2) + 200);
	expect_states("1110000000000000000");
	memset(f.map, 0, sizeof(f.map));
	unreadable = (const char *)object(&plain, 1) + 200;
	ck_assert_uint_eq(mms_slab_follow(&f, &plain, object(&plain, 0), MMS_OBJ_FREE, 4), 2);
	ck_assert_uint_eq(f.corrupt, MMS_SLABC_UNREADABLE);
	ck_assert_uint_eq(f.bad_at, object(&plain, 1) + 200);
}
END_TEST

/* How long a list is, without a map: as long as it can be at most, or it is none. */
START_TEST(test_length)
{
	static const unsigned int list[] = { 3, 18, 0, 7, ~0U }, red[] = { 18, 17, 1, ~0U };
	unsigned long first = chain(&plain, list), va = (unsigned long)slab;

	ck_assert_uint_eq(mms_slab_length(&plain, va, N, first, 15), 4);
	ck_assert_uint_eq(mms_slab_length(&plain, va, N, first, 4), 4);
	ck_assert_uint_eq(mms_slab_length(&plain, va, N, first, 3), MMS_SLAB_NO_LENGTH);
	ck_assert_uint_eq(mms_slab_length(&plain, va, N, 0, 0), 0);
	ck_assert_uint_eq(mms_slab_length(&plain, va, 18, first, 15), MMS_SLAB_NO_LENGTH);
	ck_assert_uint_eq(mms_slab_length(&plain, va, N, va + 8, 15), MMS_SLAB_NO_LENGTH);
	ck_assert_uint_eq(mms_slab_length(&plain, va, N, va - SIZE, 15), MMS_SLAB_NO_LENGTH);
	unreadable = (const char *)(object(&plain, 0) + 200);
	ck_assert_uint_eq(mms_slab_length(&plain, va, N, first, 15), MMS_SLAB_NO_LENGTH);
	unreadable = NULL;
	link_to(&plain, 7, object(&plain, 3));
	ck_assert_uint_eq(mms_slab_length(&plain, va, N, first, N), MMS_SLAB_NO_LENGTH);
	ck_assert_uint_eq(mms_slab_length(&padded, va, 19, chain(&padded, red), 3), 3);
	ck_assert_uint_eq(mms_slab_length(&padded, va, 19, va, 3), MMS_SLAB_NO_LENGTH);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("slabwalk");
	TCase *t = tcase_create("slabwalk");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_whole);
	tcase_add_test(t, test_red_zone);
	tcase_add_test(t, test_pointer);
	tcase_add_test(t, test_loop);
	tcase_add_test(t, test_long_and_unreadable);
	tcase_add_test(t, test_length);
	suite_add_tcase(s, t);
	return run_suite(s);
}
