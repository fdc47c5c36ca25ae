// SPDX-License-Identifier: GPL-2.0
/* Software MMU: the names given to entries, error codes and levels. */
#include <stdio.h>

#include "test_mmu.h"

#define MODE4	MMU_MODE_X86_4LEVEL
#define MODE5	MMU_MODE_X86_5LEVEL

#define MODE32	MMU_MODE_X86_32BIT
#define PAE	MMU_MODE_X86_PAE

static void assert_flags_of(enum mmu_mode mode, int level, bool leaf,
			    uint64_t raw, const char *want)
{
	char buf[64];
	size_t length = mmu_entry_flags(mode, level, leaf, raw, buf,
					sizeof(buf));

	ck_assert_str_eq(buf, want);
	ck_assert_uint_eq(length, strlen(want));
}

static void assert_flags(int level, bool leaf, uint64_t raw, const char *want)
{
	assert_flags_of(MODE4, level, leaf, raw, want);
}

START_TEST(entries)
{
	assert_flags(1, true, 0x12345067, "P RW US A D");
	assert_flags(1, true, 0x8000000012345025, "P US A NX");
	assert_flags(1, true, 0x123451e3, "P RW A D PAT G");
	assert_flags(1, true, 0xf800000012345067, "P RW US A D key=15 NX");
	assert_flags(1, true, 0x1800000012345067, "P RW US A D key=3");
	assert_flags(1, true, 0x5000000012345067, "P RW US A D key=10");
	assert_flags(1, true, 0x4800000012345067, "P RW US A D key=9");
	assert_flags(2, true, 0x0a6011fb, "P RW PWT PCD A D PS G PAT");
	assert_flags(3, true, 0x1c00000e7, "P RW US A D PS");
	/* In a table D, G, PAT and key are ignored, so they have no name. */
	assert_flags(2, false, 0x7800000000005167, "P RW US A");
	assert_flags(4, false, 0x8000000000002007, "P RW US NX");
	/* PS in a PML4E is reserved: shown, for it is why the walk failed */
	assert_flags(4, false, 0x20a7, "P RW US A PS");
	assert_flags(1, true, 0xfffffffffffffffe, "-");
}
END_TEST

START_TEST(entries_outside_ia_32e)
{
	assert_flags_of(MODE32, 1, true, 0xfffff1e7, "P RW US A D PAT G");
	assert_flags_of(MODE32, 2, true, 0x0ac011e3, "P RW A D PS G PAT");
	/* One that a 4M page would be, if its reserved bits were clear. */
	assert_flags_of(MODE32, 2, false, 0x0ae001e7, "P RW US A PS");
	assert_flags_of(MODE32, 2, false, 0x00002f67, "P RW US A");
	assert_flags_of(MODE32, 2, true, 0xfffffffe, "-");
	assert_flags_of(PAE, 1, true, 0x8000000012345067, "P RW US A D NX");
	/* No keys: these bits are reserved. */
	assert_flags_of(PAE, 1, true, 0x7800000012345067, "P RW US A D");
	assert_flags_of(PAE, 2, true, 0x0a6011fb, "P RW PWT PCD A D PS G PAT");
	assert_flags_of(PAE, 2, false, 0x8000000000005167, "P RW US A NX");
	assert_flags_of(PAE, 3, false, 0x2019, "P PWT PCD");
	assert_flags_of(PAE, 3, false, 0xffffffffffffffff, "P PWT PCD");
	assert_flags_of(PAE, 3, false, 0xfffffffffffffffe, "-");
}
END_TEST

START_TEST(error_codes)
{
	static const struct {
		uint32_t code;
		const char *text;
	} cases[] = {
		{ 0, "not-present" }, { 6, "not-present W U" },
		{ 7, "P W U" }, { 9, "P RSVD" }, { 0x15, "P U ID" },
		{ 0x27, "P W U PK" }, { 0x14, "not-present U ID" },
	};
	char buf[64];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mmu_error_text(cases[i].code, buf, sizeof(buf));
		ck_assert_str_eq(buf, cases[i].text);
	}
}
END_TEST

START_TEST(reasons)
{
	char buf[64];

	mmu_denied_text(0, buf, sizeof(buf));
	ck_assert_str_eq(buf, "-");
	mmu_denied_text(MMU_DENY_WRITE | MMU_DENY_PKEY, buf, sizeof(buf));
	ck_assert_str_eq(buf, "read-only pkey");
	ck_assert_uint_lt(mmu_denied_text(~0u, buf, sizeof(buf)), sizeof(buf));
}
END_TEST

START_TEST(text_is_cut_at_the_size)
{
	static const char want[] = "P RW US A D";
	char buf[16];
	size_t size;

	for (size = 0; size <= sizeof(buf); size++) {
		size_t kept = size > strlen(want) ? strlen(want) :
			      size ? size - 1 : 0;

		memset(buf, '#', sizeof(buf));
		ck_assert_uint_eq(mmu_entry_flags(MODE4, 1, true, 0x67, buf,
						  size), strlen(want));
		if (!size) {
			ck_assert_int_eq(buf[0], '#');
			continue;
		}
		ck_assert_uint_eq(strlen(buf), kept);
		ck_assert(!strncmp(buf, want, kept));
		if (size < sizeof(buf))
			ck_assert_int_eq(buf[size], '#');
	}
	ck_assert_uint_eq(mmu_error_text(7, NULL, 0), 5);
}
END_TEST

START_TEST(levels)
{
	ck_assert_str_eq(mmu_level_name(MODE4, 4), "PGD");
	ck_assert_str_eq(mmu_level_name(MODE5, 5), "PGD");
	ck_assert_str_eq(mmu_level_name(MODE5, 4), "P4D");
	ck_assert_str_eq(mmu_level_name(MODE4, 3), "PUD");
	ck_assert_str_eq(mmu_level_name(MODE4, 2), "PMD");
	ck_assert_str_eq(mmu_level_name(MODE5, 1), "PTE");
	ck_assert_str_eq(mmu_level_name(MODE4, 5), "?");
	ck_assert_str_eq(mmu_level_name(MODE4, 0), "?");
	ck_assert_str_eq(mmu_entry_name(MODE4, 4), "PML4E");
	ck_assert_str_eq(mmu_entry_name(MODE5, 5), "PML5E");
	ck_assert_str_eq(mmu_entry_name(MODE5, 4), "PML4E");
	ck_assert_str_eq(mmu_entry_name(MODE4, 3), "PDPTE");
	ck_assert_str_eq(mmu_entry_name(MODE4, 2), "PDE");
	ck_assert_str_eq(mmu_entry_name(MODE4, 1), "PTE");
	ck_assert_str_eq(mmu_entry_name(MODE4, -1), "?");
	ck_assert_str_eq(mmu_level_name(MODE32, 2), "PGD");
	ck_assert_str_eq(mmu_level_name(MODE32, 1), "PTE");
	ck_assert_str_eq(mmu_level_name(MODE32, 3), "?");
	ck_assert_str_eq(mmu_entry_name(MODE32, 2), "PDE");
	ck_assert_str_eq(mmu_entry_name(MODE32, 1), "PTE");
	ck_assert_str_eq(mmu_entry_name(MODE32, 3), "?");
	ck_assert_str_eq(mmu_level_name(PAE, 3), "PGD");
	ck_assert_str_eq(mmu_level_name(PAE, 2), "PMD");
	ck_assert_str_eq(mmu_level_name(PAE, 1), "PTE");
	ck_assert_str_eq(mmu_entry_name(PAE, 3), "PDPTE");
	ck_assert_str_eq(mmu_entry_name(PAE, 2), "PDE");
	ck_assert_str_eq(mmu_entry_name(PAE, 1), "PTE");
	ck_assert_str_eq(mmu_entry_name(PAE, 4), "?");
}
END_TEST

START_TEST(enums)
{
	enum mmu_mode none = (enum mmu_mode)77;
	char buf[8];

	ck_assert_str_eq(mmu_mode_name(MODE4), "4-level");
	ck_assert_str_eq(mmu_mode_name(MODE5), "5-level");
	ck_assert_str_eq(mmu_mode_name(MODE32), "32-bit");
	ck_assert_str_eq(mmu_mode_name(PAE), "PAE");
	ck_assert_str_eq(mmu_mode_name(none), "?");
	ck_assert_str_eq(mmu_level_name(none, 1), "?");
	ck_assert_str_eq(mmu_entry_name(none, 1), "?");
	ck_assert_uint_eq(mmu_entry_flags(none, 1, true, 1, buf, sizeof(buf)),
			  1);
	ck_assert_str_eq(buf, "?");
	ck_assert_str_eq(mmu_status_name(MMU_FAULT_SS), "#SS");
	ck_assert_str_eq(mmu_status_name(MMU_ERR_MODE), "mode not modelled");
	ck_assert_str_eq(mmu_status_name(MMU_ERR_VA), "no address of this mode");
	ck_assert_str_eq(mmu_status_name((enum mmu_status)77), "?");
	ck_assert_str_eq(mmu_step_name(MMU_STEP_RESERVED), "reserved");
	ck_assert_str_eq(mmu_step_name((enum mmu_step_kind)77), "?");
	ck_assert_str_eq(mmu_access_name(MMU_FETCH), "fetch");
	ck_assert_str_eq(mmu_access_name((enum mmu_access_kind)77), "?");
	ck_assert_str_eq(mmu_memtype_name(MMU_MEM_UC_MINUS), "UC-");
	ck_assert_str_eq(mmu_memtype_name((enum mmu_memtype)2), "?");
	ck_assert_str_eq(mmu_memtype_name(MMU_MEM_UNKNOWN), "?");
}
END_TEST

/* MAIR_EL1, the table of oooo and iiii: a half of the byte by its value */
static const char *const halves[16] = {
	NULL, "WT transient WA", "WT transient RA", "WT transient RA WA",
	"NC", "WB transient WA", "WB transient RA", "WB transient RA WA",
	"WT NA", "WT WA", "WT RA", "WT RA WA",
	"WB NA", "WB WA", "WB RA", "WB RA WA",
};

static const struct {
	unsigned int attr;
	const char *text;
} special[] = {
	{ 0x00, "Device-nGnRnE" }, { 0x04, "Device-nGnRE" },
	{ 0x08, "Device-nGRE" }, { 0x0c, "Device-GRE" },
	{ 0x01, "Device-nGnRnE, XS=0 (FEAT_XS)" },
	{ 0x05, "Device-nGnRE, XS=0 (FEAT_XS)" },
	{ 0x09, "Device-nGRE, XS=0 (FEAT_XS)" },
	{ 0x0d, "Device-GRE, XS=0 (FEAT_XS)" },
	{ 0x40, "Normal NC, XS=0 (FEAT_XS)" },
	{ 0xa0, "Normal WT RA, XS=0 (FEAT_XS)" },
	{ 0xf0, "Normal WB RA WA, tagged (FEAT_MTE2)" },
	/* Linux's: WB, its tagged one, NC, WT */
	{ 0xff, "Normal WB RA WA" }, { 0x44, "Normal NC" },
	{ 0xbb, "Normal WT RA WA" },
	{ 0x4f, "Normal inner WB RA WA, outer NC" },
};

START_TEST(memory_attributes)
{
	char buf[96], want[96];
	unsigned int attr;
	size_t i;

	for (attr = 0; attr < 256; attr++) {
		const char *outer = halves[attr / 16], *inner = halves[attr % 16];

		if (!outer || !inner)
			snprintf(want, sizeof(want), "unpredictable");
		else if (outer == inner)
			snprintf(want, sizeof(want), "Normal %s", inner);
		else
			snprintf(want, sizeof(want), "Normal inner %s, outer %s",
				 inner, outer);
		for (i = 0; i < sizeof(special) / sizeof(special[0]); i++)
			if (special[i].attr == attr)
				snprintf(want, sizeof(want), "%s", special[i].text);
		ck_assert_uint_eq(mmu_arm64_attr_text((uint8_t)attr, buf, sizeof(buf)),
				  strlen(want));
		ck_assert_str_eq(buf, want);
		ck_assert_uint_lt(strlen(want), 80);
	}
}
END_TEST

/* EffectiveShareability() */
START_TEST(shareability)
{
	unsigned int attr, sh;

	for (attr = 0; attr < 256; attr++)
		for (sh = 0; sh < 4; sh++) {
			bool fixed = attr < 16 || attr == 0x44 || attr == 0x40;

			ck_assert_uint_eq(mmu_arm64_shareability((uint8_t)attr, (uint8_t)sh),
					  fixed ? 2 : sh);
		}
	ck_assert_str_eq(mmu_arm64_share_name(0), "not shareable");
	ck_assert_str_eq(mmu_arm64_share_name(1), "reserved");
	ck_assert_str_eq(mmu_arm64_share_name(2), "outer shareable");
	ck_assert_str_eq(mmu_arm64_share_name(3), "inner shareable");
	ck_assert_str_eq(mmu_arm64_share_name(4), "?");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu names");
	TCase *tc = tcase_create("names");

	tcase_add_test(tc, entries);
	tcase_add_test(tc, entries_outside_ia_32e);
	tcase_add_test(tc, error_codes);
	tcase_add_test(tc, reasons);
	tcase_add_test(tc, text_is_cut_at_the_size);
	tcase_add_test(tc, levels);
	tcase_add_test(tc, enums);
	tcase_add_test(tc, memory_attributes);
	tcase_add_test(tc, shareability);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
