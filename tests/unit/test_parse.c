// SPDX-License-Identifier: GPL-2.0
/* Numbers as typed: the whole string is a number in range, or it is refused. */
#include <errno.h>
#include "fixture.h"
#include "util/parse.h"

static void pid_ok(const char *s, uint32_t want)
{
	struct mms_err err;
	uint32_t pid = 0;

	ck_assert_int_eq(mms_parse_pid(s, &pid, &err), 0);
	ck_assert_uint_eq(pid, want);
}

START_TEST(pids)
{
	static const char *const bad[] = {
		"", "0", "-1", "+1", " 1", "1 ", "1x", "0x1", "1.0", "2147483648",
		"18446744073709551617", "99999999999999999999999", "abc", "\033[2J",
	};
	struct mms_err err;
	uint32_t pid = 7;

	pid_ok("1", 1);
	pid_ok("4194304", 4194304);
	pid_ok("2147483647", 2147483647);
	pid_ok("007", 7);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		err.text[0] = '\0';
		ck_assert_int_eq(mms_parse_pid(bad[i], &pid, &err), -EINVAL);
		ck_assert_ptr_nonnull(strstr(err.text, "process ID"));
		ck_assert_ptr_null(strchr(err.text, '\033'));
	}
	ck_assert_uint_eq(pid, 7);
	ck_assert_int_eq(mms_parse_pid("x", &pid, NULL), -EINVAL);
}
END_TEST

static void addr_ok(const char *s, uint64_t want)
{
	struct mms_err err;
	uint64_t a = 1;

	ck_assert_int_eq(mms_parse_addr(s, &a, &err), 0);
	ck_assert_uint_eq(a, want);
}

START_TEST(addresses)
{
	static const char *const bad[] = {
		"", "0x", "0xg", "-1", " 1", "1 ", "10000000000000000", "0x0x1", "7f:0",
	};
	struct mms_err err;
	uint64_t a;

	addr_ok("0", 0);
	addr_ok("0x0", 0);
	addr_ok("7f0000000000", 0x7f0000000000);
	addr_ok("0x7FfE12345678", 0x7ffe12345678);
	addr_ok("0Xffffffffffffffff", UINT64_MAX);
	addr_ok("10", 16);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_int_eq(mms_parse_addr(bad[i], &a, &err), -EINVAL);
}
END_TEST

START_TEST(integers)
{
	static const char *const bad[] = {
		"", "-", "--1", "1001", "-1001", "9223372036854775808", "-9223372036854775808",
		"1e3", "0x10", "5 ", "+5",
	};
	struct mms_err err;
	int64_t v = 0;

	ck_assert_int_eq(mms_parse_int("-1000", "adj", -1000, 1000, &v, &err), 0);
	ck_assert_int_eq(v, -1000);
	ck_assert_int_eq(mms_parse_int("1000", "adj", -1000, 1000, &v, &err), 0);
	ck_assert_int_eq(v, 1000);
	ck_assert_int_eq(mms_parse_int("-0", "adj", -1000, 1000, &v, &err), 0);
	ck_assert_int_eq(v, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_int_eq(mms_parse_int(bad[i], "adj", -1000, 1000, &v, &err), -EINVAL);
	ck_assert_str_eq(err.text, "'+5' is not a valid adj: give a number from -1000 to 1000");
}
END_TEST

START_TEST(scanning_stops_behind_the_digits)
{
	const char *p = "1aZ";
	uint64_t v;

	ck_assert(mms_scan_u64(&p, 10, &v));
	ck_assert_uint_eq(v, 1);
	ck_assert_str_eq(p, "aZ");
	ck_assert(!mms_scan_u64(&p, 10, &v));
	ck_assert(mms_scan_u64(&p, 16, &v));
	ck_assert_uint_eq(v, 10);
	ck_assert_str_eq(p, "Z");
	p = "18446744073709551616";
	ck_assert(!mms_scan_u64(&p, 10, &v));
	p = "18446744073709551615";
	ck_assert(mms_scan_u64(&p, 10, &v));
	ck_assert_uint_eq(v, UINT64_MAX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("parse");
	TCase *c = tcase_create("numbers");

	tcase_add_test(c, pids);
	tcase_add_test(c, addresses);
	tcase_add_test(c, integers);
	tcase_add_test(c, scanning_stops_behind_the_digits);
	suite_add_tcase(s, c);
	return run_suite(s);
}
