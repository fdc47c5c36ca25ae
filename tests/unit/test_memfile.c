// SPDX-License-Identifier: GPL-2.0
/* Files that stand for physical memory: words, images, holes, damage. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include "fixture.h"
#include "source/memfile.h"

static char path[64];
static struct mms_err err;

static void make(const void *bytes, size_t n)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/mms-memfile.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

static struct mms_memfile *opened(const void *bytes, size_t n)
{
	struct mms_memfile *m = NULL;

	make(bytes, n);
	ck_assert_msg(!mms_memfile_open(&m, path, &err), "%s", err.text);
	unlink(path);
	return m;
}

static struct mms_memfile *text(const char *s)
{
	return opened(s, strlen(s));
}

static uint64_t at(struct mms_memfile *m, uint64_t pa)
{
	uint64_t v = ~UINT64_C(0);

	ck_assert_int_eq(mms_memfile_read(m, pa, &v), 0);
	return v;
}

START_TEST(words_of_a_text)
{
	struct mms_memfile *m = text("# tables\n1000 2007\n\n  0x2FF8 = 0x8000000000003067 # NX\n"
				     "fffffffffffffff8: 1\r\n1008 ffffffffffffffff\n");

	ck_assert_uint_eq(at(m, 0x1000), 0x2007);
	ck_assert_uint_eq(at(m, 0x1008), UINT64_MAX);
	ck_assert_uint_eq(at(m, 0x2ff8), 0x8000000000003067);
	ck_assert_uint_eq(at(m, 0xfffffffffffffff8), 1);
	ck_assert_uint_eq(at(m, 0x1010), 0);
	ck_assert_uint_eq(at(m, 0), 0);
	mms_memfile_close(m);
}
END_TEST

START_TEST(the_last_word_counts)
{
	struct mms_memfile *m = text("8 1\n8 2\n");

	ck_assert_uint_eq(at(m, 8), 2);
	mms_memfile_close(m);
}
END_TEST

START_TEST(words_of_four_bytes)
{
	struct mms_memfile *m = text("1000 11111111 4\n1004 22222222 4\n2004 33333333 4\n2000 44444444 4\n");

	ck_assert_uint_eq(at(m, 0x1000), 0x2222222211111111);
	ck_assert_uint_eq(at(m, 0x2000), 0x3333333344444444);
	mms_memfile_close(m);
}
END_TEST

START_TEST(texts_that_say_nothing_clear)
{
	static const char *const bad[] = {
		"1000\n", "xyz 1\n", "1000 2007 9\n", "1001 1\n", "1002 1 4\n", "1004 1\n",
		"1000 100000000 4\n", "1000 10000000000000000\n", "1000 1 8 8\n", "1000 -1\n",
		"1000 20g7\n",
	};
	char line2[64];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct mms_memfile *m = NULL;

		snprintf(line2, sizeof(line2), "0 1\n%s", bad[i]);
		make(line2, strlen(line2));
		ck_assert_msg(mms_memfile_open(&m, path, &err) == -EINVAL, "%s", bad[i]);
		ck_assert_ptr_nonnull(strstr(err.text, "line 2"));
		unlink(path);
	}
}
END_TEST

START_TEST(an_image_is_little_endian_and_ends)
{
	unsigned char bytes[24] = { 0x67, 0x50, 0, 0, 0, 0, 0, 0x80, [8] = 1, [16] = 2 };
	struct mms_memfile *m = opened(bytes, 20);
	uint64_t v;

	ck_assert_uint_eq(at(m, 0), 0x8000000000005067);
	ck_assert_uint_eq(at(m, 8), 1);
	/* half a word is no word */
	ck_assert_int_eq(mms_memfile_read(m, 16, &v), -ENXIO);
	ck_assert_int_eq(mms_memfile_read(m, 24, &v), -ENXIO);
	ck_assert_int_eq(mms_memfile_read(m, UINT64_MAX - 7, &v), -ENXIO);
	mms_memfile_close(m);
}
END_TEST

START_TEST(holes_are_zeros)
{
	struct mms_memfile *m = NULL;

	make("\0\1", 2);
	ck_assert_int_eq(truncate(path, 1LL << 40), 0);
	ck_assert_int_eq(mms_memfile_open(&m, path, &err), 0);
	ck_assert_uint_eq(at(m, 0), 0x100);
	ck_assert_uint_eq(at(m, (UINT64_C(1) << 40) - 8), 0);
	mms_memfile_close(m);
	unlink(path);
}
END_TEST

START_TEST(what_is_no_memory)
{
	struct mms_memfile *m = NULL;

	ck_assert_int_eq(mms_memfile_open(&m, "/tmp", &err), -EISDIR);
	ck_assert_int_eq(mms_memfile_open(&m, "/nonexistent/\033[2J", &err), -ENOENT);
	ck_assert_ptr_null(strchr(err.text, '\033'));
	/* an empty file is an image of no memory */
	m = opened("", 0);
	ck_assert_int_eq(mms_memfile_read(m, 0, &(uint64_t){ 0 }), -ENXIO);
	mms_memfile_close(m);
	mms_memfile_close(NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("memfile");
	TCase *c = tcase_create("files");

	tcase_add_test(c, words_of_a_text);
	tcase_add_test(c, the_last_word_counts);
	tcase_add_test(c, words_of_four_bytes);
	tcase_add_test(c, texts_that_say_nothing_clear);
	tcase_add_test(c, an_image_is_little_endian_and_ends);
	tcase_add_test(c, holes_are_zeros);
	tcase_add_test(c, what_is_no_memory);
	suite_add_tcase(s, c);
	return run_suite(s);
}
