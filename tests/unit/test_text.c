// SPDX-License-Identifier: GPL-2.0
/* Strings from outside: what is shown of them, to the byte. */
#include "fixture.h"
#include "util/text.h"

static void expect(const char *in, const char *want)
{
	char out[256];

	ck_assert_str_eq(mms_neutral(in, out, sizeof(out)), want);
}

START_TEST(plain_text_stays)
{
	expect("", "");
	expect("/usr/lib/x.so.6 (deleted)", "/usr/lib/x.so.6 (deleted)");
	expect("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
}
END_TEST

START_TEST(control_characters_go)
{
	expect("a\033[31mb", "a\\x1b[31mb");
	expect("\n\t\r\b", "\\x0a\\x09\\x0d\\x08");
	expect("\x01\x1f\x20\x7e\x7f", "\\x01\\x1f ~\\x7f");
	/* C1 as UTF-8: U+0080, U+009B (CSI), U+009F; U+00A0 stays */
	expect("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f\xc2\xa0");
	/* U+202E turns the line around; U+2027 and U+202F do not */
	expect("\xe2\x80\xae", "\\xe2\\x80\\xae");
	expect("\xe2\x80\xa7\xe2\x80\xaf", "\xe2\x80\xa7\xe2\x80\xaf");
}
END_TEST

START_TEST(invalid_utf8_goes)
{
	expect("\x80", "\\x80");
	expect("\xff", "\\xff");
	expect("\xc0\xaf", "\\xc0\\xaf");		/* '/' too long */
	expect("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	expect("\xed\xa0\x80", "\\xed\\xa0\\x80");	/* surrogate */
	expect("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
	expect("\xe2\x82", "\\xe2\\x82");		/* cut off */
	expect("\xe2\x82x", "\\xe2\\x82x");
}
END_TEST

START_TEST(backslashes_are_unambiguous)
{
	expect("a\\b", "a\\b");
	expect("\\012", "\\012");
	expect("\\x1b", "\\\\x1b");
	expect("\\xzz", "\\xzz");
	expect("\\x1", "\\x1");
	expect("\\\033", "\\\\\\x1b");		/* \ ESC -> \\ \x1b */
	expect("\\\\x1b", "\\\\\\\\x1b");
	expect("\\\\", "\\\\");
}
END_TEST

START_TEST(too_long_is_cut)
{
	char out[16];

	ck_assert_str_eq(mms_neutral("1234567", out, 8), "1234567");
	ck_assert_str_eq(mms_neutral("12345678", out, 8), "1234...");
	/* never half a character, never half an escape */
	ck_assert_str_eq(mms_neutral("123\xe2\x82\xac" "9012", out, 8), "123...");
	ck_assert_str_eq(mms_neutral("12\03378", out, 8), "12...");
	ck_assert_str_eq(mms_neutral("abc", out, 1), "");
	ck_assert_str_eq(mms_neutral("abc", out, 3), "..");
	ck_assert_str_eq(mms_neutral("", out, 1), "");
}
END_TEST

/* Valid UTF-8 with no control character, looked at byte by byte. */
static int harmless(const char *p)
{
	for (; *p; p += mms_utf8_len(p)) {
		if (!mms_utf8_len(p) || (unsigned char)*p < 0x20 || *p == 0x7f)
			return 0;
		if ((unsigned char)*p == 0xc2 && (unsigned char)p[1] < 0xa0)
			return 0;
	}
	return 1;
}

START_TEST(nothing_harmful_is_left)
{
	unsigned int seed = 1;
	char in[64], out[300];
	int bad = 0;

	ck_assert(!harmless("\033") && !harmless("\xc2\x9b") && !harmless("\x80"));
	for (int i = 0; i < 100000; i++) {
		size_t n = (size_t)rand_r(&seed) % 63, size = 1 + (size_t)rand_r(&seed) % 299;

		for (size_t k = 0; k < n; k++)
			in[k] = (char)(1 + rand_r(&seed) % 255);
		in[n] = '\0';
		memset(out, 'Z', sizeof(out));
		mms_neutral(in, out, size);
		bad += strnlen(out, sizeof(out)) >= size || !harmless(out);
	}
	ck_assert_int_eq(bad, 0);
}
END_TEST

START_TEST(ascii_only)
{
	char out[32];

	ck_assert_str_eq(mms_ascii("a\xc3\xa9z", out, sizeof(out)), "a\\xc3\\xa9z");
	ck_assert_str_eq(mms_ascii("a\xc3\xa9z", out, 6), "a\\xc3");
	ck_assert_str_eq(mms_ascii("abc", out, 3), "ab");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("text");
	TCase *c = tcase_create("neutral");

	tcase_add_test(c, plain_text_stays);
	tcase_add_test(c, control_characters_go);
	tcase_add_test(c, invalid_utf8_goes);
	tcase_add_test(c, backslashes_are_unambiguous);
	tcase_add_test(c, too_long_is_cut);
	tcase_add_test(c, nothing_harmful_is_left);
	tcase_add_test(c, ascii_only);
	suite_add_tcase(s, c);
	return run_suite(s);
}
