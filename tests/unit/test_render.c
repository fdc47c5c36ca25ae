// SPDX-License-Identifier: GPL-2.0
/* Tables and JSON, to the byte. */
#include <errno.h>
#include <locale.h>
#include "fixture.h"
#include "render/json.h"
#include "render/table.h"

enum { NAME, NUM, SIZE, HEX, YES, LAST };

static const struct mms_column cols[] = {
	[NAME] = { "NAME", MMS_COL_STR, true, true, false, "n" },
	[NUM] = { "NUM", MMS_COL_NUM, true, false, false, "n" },
	[SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "s" },
	[HEX] = { "HEX", MMS_COL_HEX, false, false, false, "h" },
	[YES] = { "YES", MMS_COL_BOOL, false, false, false, "y" },
	[LAST] = { "LAST", MMS_COL_STR, false, false, true, "l" },
};

static char *text;
static size_t len;

static struct mms_render to_memory(bool json, const char *columns)
{
	struct mms_render r = { .json = json, .columns = columns };

	r.out = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(r.out);
	return r;
}

static void expect(struct mms_render *r, const char *want)
{
	fclose(r->out);
	ck_assert_str_eq(text, want);
	free(text);
}

static struct mms_table *new_table(const struct mms_render *r)
{
	struct mms_table *t;
	struct mms_err err;

	ck_assert_int_eq(mms_table_new(&t, r, "rows", cols, 6, &err), 0);
	return t;
}

static void print(struct mms_table *t)
{
	struct mms_err err;

	ck_assert_int_eq(mms_table_print(t, &err), 0);
	mms_table_free(t);
}

static void fill(struct mms_table *t)
{
	struct mms_line *l = mms_table_line(t, NULL);

	mms_line_str(t, l, NAME, "one");
	mms_line_num(t, l, NUM, -5);
	mms_line_size(t, l, SIZE, 1536);
	mms_line_hex(t, l, HEX, 0x7fff0000);
	mms_line_bool(t, l, YES, true);
	mms_line_str(t, l, LAST, "");
	mms_table_line(t, NULL);
}

START_TEST(plain_table)
{
	struct mms_render r = to_memory(false, NULL);
	struct mms_table *t = new_table(&r);

	fill(t);
	print(t);
	expect(&r, "NAME NUM SIZE\n"
		   "one   -5 1.5K\n"
		   "-      -    -\n");
}
END_TEST

START_TEST(bytes_and_no_headings)
{
	struct mms_render r = to_memory(false, NULL);
	struct mms_table *t;

	r.bytes = true;
	r.no_headings = true;
	t = new_table(&r);
	fill(t);
	print(t);
	/* the columns stay as wide as with the header: NAME, NUM, SIZE */
	expect(&r, "one   -5 1536\n"
		   "-      -    -\n");
}
END_TEST

START_TEST(chosen_columns)
{
	struct mms_render r = to_memory(false, "hex,YES,hex");
	struct mms_table *t = new_table(&r);

	fill(t);
	print(t);
	expect(&r, "       HEX YES\n"
		   "0x7fff0000 yes\n"
		   "         - -\n");
	r = to_memory(false, "+yes");
	t = new_table(&r);
	fill(t);
	print(t);
	expect(&r, "NAME NUM SIZE YES\n"
		   "one   -5 1.5K yes\n"
		   "-      -    - -\n");
}
END_TEST

START_TEST(unknown_columns)
{
	static const char *const bad[] = { "NAM", "NAMES", "", "NAME,", ",NAME", "+", "+x", "a\033b", "NAME NUM" };
	struct mms_render r = to_memory(false, NULL);
	struct mms_table *t;
	struct mms_err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		r.columns = bad[i];
		ck_assert_int_eq(mms_table_new(&t, &r, "rows", cols, 6, &err), -EINVAL);
		ck_assert_ptr_null(t);
		ck_assert_ptr_nonnull(strstr(err.text, "the columns are NAME,NUM,SIZE,HEX,YES,LAST"));
		ck_assert_ptr_null(strchr(err.text, '\033'));
	}
	expect(&r, "");
}
END_TEST

START_TEST(json_types)
{
	struct mms_render r = to_memory(true, "+hex,yes,last");
	struct mms_table *t = new_table(&r);

	fill(t);
	print(t);
	expect(&r, "{\n   \"rows\": [\n"
		   "      {\n"
		   "         \"name\": \"one\",\n"
		   "         \"num\": -5,\n"
		   "         \"size\": 1536,\n"
		   "         \"hex\": \"0x7fff0000\",\n"
		   "         \"yes\": true,\n"
		   "         \"last\": \"\"\n"
		   "      },{\n"
		   "         \"name\": null,\n"
		   "         \"num\": null,\n"
		   "         \"size\": null,\n"
		   "         \"hex\": null,\n"
		   "         \"yes\": null,\n"
		   "         \"last\": null\n"
		   "      }\n"
		   "   ]\n}\n");
}
END_TEST

static void fill_tree(struct mms_table *t)
{
	struct mms_line *top = mms_table_line(t, NULL), *l;

	mms_line_str(t, top, NAME, "top");
	l = mms_table_line(t, top);
	mms_line_str(t, l, NAME, "a");
	l = mms_table_line(t, l);
	mms_line_str(t, l, NAME, "b");
	l = mms_table_line(t, top);
	mms_line_str(t, l, NAME, "c");
}

START_TEST(trees)
{
	struct mms_render r = to_memory(false, "NAME");
	struct mms_table *t;

	setlocale(LC_ALL, "C");
	t = new_table(&r);
	fill_tree(t);
	print(t);
	expect(&r, "NAME\ntop\n|-a\n| `-b\n`-c\n");
	if (!setlocale(LC_ALL, "C.UTF-8"))
		return;
	r = to_memory(false, "NAME");
	t = new_table(&r);
	fill_tree(t);
	print(t);
	expect(&r, "NAME\ntop\n\u251c\u2500a\n\u2502 \u2514\u2500b\n\u2514\u2500c\n");
	setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(json_tree_is_nested)
{
	struct mms_render r = to_memory(true, "NAME");
	struct mms_table *t = new_table(&r);
	struct mms_line *top = mms_table_line(t, NULL);

	mms_line_str(t, top, NAME, "top");
	mms_line_str(t, mms_table_line(t, top), NAME, "leaf");
	print(t);
	expect(&r, "{\n   \"rows\": [\n"
		   "      {\n"
		   "         \"name\": \"top\",\n"
		   "         \"children\": [\n"
		   "            {\n"
		   "               \"name\": \"leaf\"\n"
		   "            }\n"
		   "         ]\n"
		   "      }\n"
		   "   ]\n}\n");
}
END_TEST

START_TEST(strings_are_escaped_once)
{
	struct mms_render r = to_memory(false, "NAME");
	struct mms_table *t;
	struct mms_line *l;

	/* what mms_neutral() made is shown as it is */
	t = new_table(&r);
	l = mms_table_line(t, NULL);
	mms_line_str(t, l, NAME, "a\\x1b[31m");
	print(t);
	expect(&r, "NAME\na\\x1b[31m\n");
	/* no bytes above ASCII where the locale does not know them */
	r = to_memory(false, "NAME");
	t = new_table(&r);
	l = mms_table_line(t, NULL);
	mms_line_str(t, l, NAME, "\xc3\xa9");
	print(t);
	expect(&r, "NAME\n\\xc3\\xa9\n");
}
END_TEST

static void json_is(const char *in, const char *want)
{
	char *out;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	mms_json_string(f, in);
	fclose(f);
	ck_assert_str_eq(out, want);
	free(out);
}

START_TEST(json_strings)
{
	json_is("", "\"\"");
	json_is("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
	json_is("\n\t\033\x7f", "\"\\u000a\\u0009\\u001b\\u007f\"");
	json_is("\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\"");
	json_is("\xff\xc3", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}
END_TEST

START_TEST(document_of_parts)
{
	struct mms_render r = to_memory(true, "NAME");
	struct mms_doc *d = mms_doc_begin(&r);
	struct mms_table *t = new_table(&r), *empty = new_table(&r);
	struct mms_err err;

	mms_line_str(t, mms_table_line(t, NULL), NAME, "x } {");
	mms_doc_text(d, "not in JSON\n");
	mms_doc_num(d, "n", -7);
	ck_assert_int_eq(mms_doc_table(d, t, &err), 0);
	mms_doc_str(d, "s", "q\"");
	mms_doc_str(d, "none", NULL);
	ck_assert_int_eq(mms_doc_table(d, empty, &err), 0);
	ck_assert_int_eq(mms_doc_end(d, &err), 0);
	mms_table_free(t);
	mms_table_free(empty);
	expect(&r, "{\n   \"n\": -7,\n"
		   "   \"rows\": [\n"
		   "      {\n"
		   "         \"name\": \"x } {\"\n"
		   "      }\n"
		   "   ],\n"
		   "   \"s\": \"q\\\"\",\n"
		   "   \"none\": null,\n"
		   "   \"rows\": [\n\n"
		   "   ]\n}\n");
	r = to_memory(true, NULL);
	ck_assert_int_eq(mms_doc_end(mms_doc_begin(&r), &err), 0);
	expect(&r, "{}\n");
}
END_TEST

START_TEST(text_document)
{
	struct mms_render r = to_memory(false, "NAME");
	struct mms_doc *d = mms_doc_begin(&r);
	struct mms_table *t = new_table(&r);
	struct mms_err err;

	mms_line_str(t, mms_table_line(t, NULL), NAME, "x");
	mms_doc_num(d, "n", 1);
	mms_doc_str(d, "s", "v");
	ck_assert_int_eq(mms_doc_table(d, t, &err), 0);
	mms_doc_text(d, "%d lines\n", 1);
	ck_assert_int_eq(mms_doc_end(d, &err), 0);
	mms_table_free(t);
	expect(&r, "NAME\nx\n1 lines\n");
}
END_TEST

START_TEST(full_disk_is_told)
{
	struct mms_render r = { .out = fopen("/dev/full", "w") };
	struct mms_table *t;
	struct mms_err err;

	ck_assert_ptr_nonnull(r.out);
	t = new_table(&r);
	fill(t);
	ck_assert_int_eq(mms_table_print(t, &err), -ENOSPC);
	ck_assert_str_eq(err.text, "writing output: No space left on device");
	mms_table_free(t);
	fclose(r.out);
}
END_TEST

START_TEST(human_sizes)
{
	static const struct {
		uint64_t bytes;
		const char *want;
	} cases[] = {
		{ 0, "0B" }, { 1, "1B" }, { 345, "345B" }, { 999, "999B" },
		{ 1000, "1.0K" }, { 1023, "1.0K" }, { 1024, "1.0K" }, { 1536, "1.5K" },
		{ 4096, "4.0K" },
		{ 10188, "9.9K" },		/* 9.949 */
		{ 10189, "10K" },		/* 9.9502 */
		{ 10240, "10K" },
		{ 10752, "11K" },		/* 10.5 */
		{ 10751, "10K" }, { 10717, "10K" },	/* 10.499, 10.466 */
		{ 12288, "12K" },
		{ 1023487, "999K" },		/* 999.499 */
		{ 1023488, "1.0M" },		/* 999.5 */
		{ 1572864, "1.5M" },
		{ 1ULL << 30, "1.0G" }, { 15ULL << 40, "15T" }, { 1ULL << 50, "1.0P" },
		{ UINT64_MAX, "16E" }, { 1ULL << 63, "8.0E" },
	};
	char buf[16];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_str_eq(mms_human(cases[i].bytes, buf), cases[i].want);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("render");
	TCase *c = tcase_create("render");

	tcase_add_test(c, plain_table);
	tcase_add_test(c, bytes_and_no_headings);
	tcase_add_test(c, chosen_columns);
	tcase_add_test(c, unknown_columns);
	tcase_add_test(c, json_types);
	tcase_add_test(c, trees);
	tcase_add_test(c, json_tree_is_nested);
	tcase_add_test(c, strings_are_escaped_once);
	tcase_add_test(c, json_strings);
	tcase_add_test(c, document_of_parts);
	tcase_add_test(c, text_document);
	tcase_add_test(c, full_disk_is_told);
	tcase_add_test(c, human_sizes);
	suite_add_tcase(s, c);
	return run_suite(s);
}
