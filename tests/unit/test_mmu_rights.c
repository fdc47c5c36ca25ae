// SPDX-License-Identifier: GPL-2.0
/* Software MMU: who may use a translation, the error codes, A and D. */
#include "test_mmu.h"

/* Indices 1, 2, 3, 4 from the root. */
#define VA	UINT64_C(0x0000008080604567)

#define READ	{ .kind = MMU_READ }
#define WRITE	{ .kind = MMU_WRITE }
#define FETCH	{ .kind = MMU_FETCH }
#define UREAD	{ .kind = MMU_READ, .user = true }
#define UWRITE	{ .kind = MMU_WRITE, .user = true }
#define UFETCH	{ .kind = MMU_FETCH, .user = true }

static const struct mmu_access read_ = READ, write_ = WRITE, fetch = FETCH,
	uread = UREAD, uwrite = UWRITE, ufetch = UFETCH;

/* The bits of the four entries, root first, besides P and the addresses. */
struct path {
	uint64_t bits[4];
};

#define USER_RWX	{ { T_RW | T_US, T_RW | T_US, T_RW | T_US, \
			    T_RW | T_US } }
#define KERNEL_RWX	{ { T_RW, T_RW, T_RW, T_RW } }

static const struct path user_rwx = USER_RWX, kernel_rwx = KERNEL_RWX;

/* 4K at 0x12345000 through tables at 0x1000, 0x2000, 0x3000, 0x4000. */
static enum mmu_status try(const struct mmu_regs *regs, const struct path *path,
			   struct mmu_access access, struct mmu_result *res)
{
	struct sparse_entry entries[4] = {
		{ 0x1008, 0x2000 | T_P | path->bits[0] },
		{ 0x2010, 0x3000 | T_P | path->bits[1] },
		{ 0x3018, 0x4000 | T_P | path->bits[2] },
		{ 0x4020, 0x12345000 | T_P | path->bits[3] },
	};
	struct sparse sparse = SPARSE(entries);

	return t_access(regs, &sparse, VA, access, res);
}

/* Every entry of @path with the bits of @clear cleared and @set set. */
static struct path at(struct path path, unsigned int entry, uint64_t clear,
		      uint64_t set)
{
	path.bits[entry] = (path.bits[entry] & ~clear) | set;
	return path;
}

#define permitted(regs, path, access) \
	ck_assert_int_eq(try((regs), (path), (access), &(struct mmu_result){ \
			     .status = MMU_OK }), MMU_OK)

#define refused(regs, path, access, code, why) do { \
	struct mmu_result r_; \
	ck_assert_int_eq(try((regs), (path), (access), &r_), MMU_FAULT_PF); \
	assert_hex(r_.error_code, (code)); \
	assert_hex(r_.denied, (why)); \
	ck_assert_int_eq(r_.walk, MMU_OK); \
} while (0)

static struct mmu_regs machine(uint64_t cr4)
{
	struct mmu_regs regs = t_regs(MMU_MODE_X86_4LEVEL);

	regs.cr4 |= cr4;
	return regs;
}

START_TEST(pitfall_02_rw_and_us_and_nx_over_levels)
{
	struct mmu_regs regs = machine(0);
	struct mmu_result res;
	struct path path;
	unsigned int i;

	try(&regs, &user_rwx, uread, &res);
	ck_assert(res.readable && res.writable && res.user && res.executable);
	for (i = 0; i < 4; i++) {
		path = at(user_rwx, i, T_RW, 0);
		try(&regs, &path, uread, &res);
		ck_assert(!res.writable && res.user && res.executable);
		refused(&regs, &path, uwrite, 7, MMU_DENY_WRITE);
		permitted(&regs, &path, uread);

		path = at(user_rwx, i, T_US, 0);
		try(&regs, &path, read_, &res);
		ck_assert(res.writable && !res.user && res.executable);
		refused(&regs, &path, uread, 5, MMU_DENY_USER);
		refused(&regs, &path, uwrite, 7, MMU_DENY_USER);
		refused(&regs, &path, ufetch, 0x15, MMU_DENY_USER);
		permitted(&regs, &path, write_);

		path = at(user_rwx, i, 0, T_NX);
		try(&regs, &path, uread, &res);
		ck_assert(res.writable && res.user && !res.executable);
		refused(&regs, &path, ufetch, 0x15, MMU_DENY_EXEC);
		refused(&regs, &path, fetch, 0x11, MMU_DENY_EXEC);
		permitted(&regs, &path, uwrite);
	}
}
END_TEST

START_TEST(the_level_that_denies)
{
	struct mmu_regs regs = machine(T_CR4_SMEP);
	struct mmu_result res;
	struct path path;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		int level = 4 - (int)i;

		path = at(user_rwx, i, T_RW, 0);
		try(&regs, &path, uwrite, &res);
		ck_assert_int_eq(res.fail_level, level);
		path = at(user_rwx, i, T_US, 0);
		try(&regs, &path, uread, &res);
		ck_assert_int_eq(res.fail_level, level);
		path = at(user_rwx, i, 0, T_NX);
		try(&regs, &path, ufetch, &res);
		ck_assert_int_eq(res.fail_level, level);
	}
	try(&regs, &user_rwx, fetch, &res);
	ck_assert_int_eq(res.fail_level, 1);
	try(&regs, &user_rwx, uread, &res);
	ck_assert_int_eq(res.fail_level, 0);
	/* Two deny: the first on the way counts. */
	path = at(user_rwx, 1, T_RW, 0);
	path = at(path, 3, T_RW, 0);
	try(&regs, &path, uwrite, &res);
	ck_assert_int_eq(res.fail_level, 3);
}
END_TEST

/* Columns: no SMEP no NXE, NXE, SMEP, both. Present, absent, reserved. */
START_TEST(pitfall_04_id_only_with_smep_or_nxe)
{
	static const struct path supervisor = KERNEL_RWX;
	struct mmu_regs regs = machine(0);
	struct mmu_result res;
	struct path bad = at(user_rwx, 2, 0, UINT64_C(1) << 50);
	int smep, nxe;

	for (smep = 0; smep < 2; smep++) {
		for (nxe = 0; nxe < 2; nxe++) {
			uint32_t id = smep || nxe ? 0x10 : 0;
			struct sparse none = { .entries = NULL };
			struct sparse_entry absent[1] = { { 0x1008, 0 } };

			regs = machine(smep ? T_CR4_SMEP : 0);
			if (!nxe)
				regs.efer &= ~(uint64_t)T_EFER_NXE;
			refused(&regs, &supervisor, ufetch, 5 | id,
				MMU_DENY_USER);
			try(&regs, &bad, fetch, &res);
			assert_hex(res.error_code, 9 | id);
			none.entries = absent;
			none.count = 1;
			t_access(&regs, &none, VA, ufetch, &res);
			assert_hex(res.error_code, 4 | id);
			t_access(&regs, &none, VA, uwrite, &res);
			assert_hex(res.error_code, 6);
		}
	}
}
END_TEST

START_TEST(error_codes_of_absent_and_reserved)
{
	static const struct {
		struct mmu_access access;
		uint32_t code;
	} cases[] = {
		{ READ, 0 }, { WRITE, 2 }, { FETCH, 0x10 },
		{ UREAD, 4 }, { UWRITE, 6 }, { UFETCH, 0x14 },
		{ { .kind = MMU_WRITE, .user = true, .implicit = true }, 2 },
		{ { .kind = MMU_READ, .stack = true }, 0 },
	};
	static const struct sparse_entry absent[] = { { 0x1008, 0 } };
	struct mmu_regs regs = machine(T_CR4_SMEP | T_CR4_SMAP | T_CR4_PKE);
	struct path bad = at(user_rwx, 3, 0, UINT64_C(1) << 46);
	struct mmu_result res;
	size_t i;

	/* No key and no right is looked at before there is a translation. */
	regs.pkru = ~0u;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sparse sparse = SPARSE(absent);

		ck_assert_int_eq(t_access(&regs, &sparse, VA, cases[i].access,
					  &res), MMU_FAULT_PF);
		assert_hex(res.error_code, cases[i].code);
		ck_assert_int_eq(res.fail_level, 4);
		ck_assert_int_eq(try(&regs, &bad, cases[i].access, &res),
				 MMU_FAULT_PF);
		assert_hex(res.error_code, cases[i].code | 9);
		assert_hex(res.denied, 0);
		ck_assert_int_eq(res.fail_level, 1);
	}
}
END_TEST

START_TEST(absent_below_beats_rights_above)
{
	static const struct sparse_entry entries[] = {
		{ 0x1008, 0x2001 },	/* supervisor, read-only */
		{ 0x2010, 0 },
	};
	struct mmu_regs regs = machine(0);
	struct sparse sparse = SPARSE(entries);
	struct mmu_result res;

	t_access(&regs, &sparse, VA, uwrite, &res);
	assert_hex(res.error_code, 6);
	ck_assert_int_eq(res.fail_level, 3);
}
END_TEST

START_TEST(supervisor_basics)
{
	struct mmu_regs regs = machine(0);
	struct path ro = at(kernel_rwx, 3, T_RW, 0);
	struct path nx = at(kernel_rwx, 3, 0, T_NX);

	permitted(&regs, &kernel_rwx, read_);
	permitted(&regs, &kernel_rwx, write_);
	permitted(&regs, &kernel_rwx, fetch);
	permitted(&regs, &ro, read_);
	permitted(&regs, &ro, fetch);
	refused(&regs, &ro, write_, 3, MMU_DENY_WRITE);
	refused(&regs, &nx, fetch, 0x11, MMU_DENY_EXEC);
	permitted(&regs, &nx, write_);
	/* All of a user page, with SMEP and SMAP off. */
	permitted(&regs, &user_rwx, read_);
	permitted(&regs, &user_rwx, write_);
	permitted(&regs, &user_rwx, fetch);
}
END_TEST

START_TEST(smep)
{
	struct mmu_regs regs = machine(T_CR4_SMEP);
	struct path supervisor = at(user_rwx, 0, T_US, 0);

	refused(&regs, &user_rwx, fetch, 0x11, MMU_DENY_SMEP);
	permitted(&regs, &user_rwx, ufetch);
	permitted(&regs, &user_rwx, read_);
	permitted(&regs, &supervisor, fetch);
	/* AC concerns data only. */
	regs.rflags |= T_AC;
	refused(&regs, &user_rwx, fetch, 0x11, MMU_DENY_SMEP);
}
END_TEST

START_TEST(pitfall_12_smap_and_ac)
{
	struct mmu_access isread = { .kind = MMU_READ, .implicit = true };
	struct mmu_access iswrite = { .kind = MMU_WRITE, .implicit = true };
	struct mmu_regs regs = machine(T_CR4_SMAP);

	refused(&regs, &user_rwx, read_, 1, MMU_DENY_SMAP);
	refused(&regs, &user_rwx, write_, 3, MMU_DENY_SMAP);
	permitted(&regs, &user_rwx, fetch);
	permitted(&regs, &user_rwx, uread);
	permitted(&regs, &user_rwx, uwrite);
	permitted(&regs, &kernel_rwx, read_);

	regs.rflags |= T_AC;
	permitted(&regs, &user_rwx, read_);
	permitted(&regs, &user_rwx, write_);
	refused(&regs, &user_rwx, isread, 1, MMU_DENY_SMAP);
	refused(&regs, &user_rwx, iswrite, 3, MMU_DENY_SMAP);
	permitted(&regs, &kernel_rwx, iswrite);
}
END_TEST

START_TEST(pitfall_12_wp_does_not_bypass_smap)
{
	struct mmu_regs regs = machine(T_CR4_SMAP);

	regs.cr0 &= ~(uint64_t)T_CR0_WP;
	refused(&regs, &user_rwx, write_, 3, MMU_DENY_SMAP);
	refused(&regs, &user_rwx, read_, 1, MMU_DENY_SMAP);
}
END_TEST

START_TEST(pitfall_12_implicit_is_supervisor_at_cpl_3)
{
	struct mmu_access implicit = {
		.kind = MMU_READ, .user = true, .implicit = true,
	};
	struct mmu_regs regs = machine(0);

	permitted(&regs, &kernel_rwx, implicit);
	permitted(&regs, &user_rwx, implicit);
	regs.cr4 |= T_CR4_SMAP;
	permitted(&regs, &kernel_rwx, implicit);
	/* U/S of the code is that of the access, not the CPL. */
	refused(&regs, &user_rwx, implicit, 1, MMU_DENY_SMAP);
}
END_TEST

START_TEST(pitfall_13_wp_off)
{
	struct mmu_regs regs = machine(0);
	struct path ro = at(kernel_rwx, 2, T_RW, 0);
	struct path user_ro = at(user_rwx, 3, T_RW, 0);
	struct mmu_result res;

	regs.cr0 &= ~(uint64_t)T_CR0_WP;
	permitted(&regs, &ro, write_);
	permitted(&regs, &user_ro, write_);
	/* It is written, so it is dirty, though not writable. */
	try(&regs, &ro, write_, &res);
	assert_hex(res.steps[3].must_set, T_A | T_D);
	ck_assert(!res.writable);
	refused(&regs, &user_ro, uwrite, 7, MMU_DENY_WRITE);
}
END_TEST

#define KEY(n)	((uint64_t)(n) << 59)

START_TEST(pitfall_11_keys_forbid_data_not_fetches)
{
	struct mmu_regs regs = machine(T_CR4_PKE);
	struct path keyed = at(user_rwx, 3, 0, KEY(3));
	struct mmu_result res;

	regs.pkru = 1u << 6;		/* AD of key 3 */
	refused(&regs, &keyed, uread, 0x25, MMU_DENY_PKEY);
	refused(&regs, &keyed, uwrite, 0x27, MMU_DENY_PKEY);
	permitted(&regs, &keyed, ufetch);
	refused(&regs, &keyed, read_, 0x21, MMU_DENY_PKEY);
	refused(&regs, &keyed, write_, 0x23, MMU_DENY_PKEY);
	permitted(&regs, &keyed, fetch);
	try(&regs, &keyed, ufetch, &res);
	ck_assert_uint_eq(res.pkey, 3);

	regs.pkru = 2u << 6;		/* WD of key 3 */
	permitted(&regs, &keyed, uread);
	refused(&regs, &keyed, uwrite, 0x27, MMU_DENY_PKEY);
	permitted(&regs, &keyed, read_);
	refused(&regs, &keyed, write_, 0x23, MMU_DENY_PKEY);

	regs.pkru = ~(3u << 6);		/* every key but 3 */
	permitted(&regs, &keyed, uwrite);
	regs.pkru = ~0u;
	regs.cr4 &= ~(uint64_t)T_CR4_PKE;
	permitted(&regs, &keyed, uwrite);
	try(&regs, &keyed, uread, &res);
	ck_assert_uint_eq(res.pkey, 0);
}
END_TEST

START_TEST(pitfall_11_write_disable_binds_supervisor_with_wp_only)
{
	struct mmu_regs regs = machine(T_CR4_PKE);
	struct path keyed = at(user_rwx, 3, 0, KEY(15));

	regs.cr0 &= ~(uint64_t)T_CR0_WP;
	regs.pkru = 2u << 30;		/* WD of key 15 */
	permitted(&regs, &keyed, write_);
	refused(&regs, &keyed, uwrite, 0x27, MMU_DENY_PKEY);
	regs.pkru = 1u << 30;		/* AD of key 15 */
	refused(&regs, &keyed, write_, 0x23, MMU_DENY_PKEY);
	refused(&regs, &keyed, read_, 0x21, MMU_DENY_PKEY);
}
END_TEST

START_TEST(pitfall_11_key_of_supervisor_pages_is_not_pkru)
{
	struct mmu_regs regs = machine(T_CR4_PKE);
	struct path keyed = at(user_rwx, 3, 0, KEY(1));
	unsigned int i;

	regs.pkru = ~0u;
	for (i = 0; i < 4; i++) {
		struct path supervisor = at(keyed, i, T_US, 0);

		permitted(&regs, &supervisor, read_);
		permitted(&regs, &supervisor, write_);
		refused(&regs, &supervisor, uread, 5, MMU_DENY_USER);
	}
}
END_TEST

START_TEST(pitfall_11_key_is_taken_from_the_leaf)
{
	struct mmu_regs regs = machine(T_CR4_PKE);
	struct path keyed = at(user_rwx, 2, 0, KEY(9));
	struct mmu_result res;

	regs.pkru = 3u << 18;
	permitted(&regs, &keyed, uwrite);
	try(&regs, &keyed, uread, &res);
	ck_assert_uint_eq(res.pkey, 0);
}
END_TEST

START_TEST(pitfall_11_pk_is_reported_with_other_reasons)
{
	struct mmu_regs regs = machine(T_CR4_PKE | T_CR4_SMAP);
	struct path ro = at(at(user_rwx, 3, 0, KEY(2)), 1, T_RW, 0);

	regs.pkru = 2u << 4;
	refused(&regs, &ro, uwrite, 0x27, MMU_DENY_WRITE | MMU_DENY_PKEY);
	refused(&regs, &ro, write_, 0x23,
		MMU_DENY_WRITE | MMU_DENY_SMAP | MMU_DENY_PKEY);
	refused(&regs, &ro, read_, 1, MMU_DENY_SMAP);
	regs.pkru = 0;
	refused(&regs, &ro, uwrite, 7, MMU_DENY_WRITE);
}
END_TEST

START_TEST(supervisor_keys)
{
	struct mmu_regs regs = machine(T_CR4_PKS);
	struct path keyed = at(kernel_rwx, 3, 0, KEY(4));
	struct path user = at(user_rwx, 3, 0, KEY(4));

	regs.pkrs = 1u << 8;
	refused(&regs, &keyed, read_, 0x21, MMU_DENY_PKEY);
	refused(&regs, &keyed, write_, 0x23, MMU_DENY_PKEY);
	permitted(&regs, &keyed, fetch);
	permitted(&regs, &user, uread);
	permitted(&regs, &user, read_);
	refused(&regs, &keyed, uread, 5, MMU_DENY_USER);
	regs.pkrs = 2u << 8;
	permitted(&regs, &keyed, read_);
	refused(&regs, &keyed, write_, 0x23, MMU_DENY_PKEY);
	regs.cr0 &= ~(uint64_t)T_CR0_WP;
	permitted(&regs, &keyed, write_);
	regs.pkru = ~0u;
	permitted(&regs, &user, uwrite);
}
END_TEST

START_TEST(pitfall_15_a_everywhere_d_in_the_leaf_when_written)
{
	struct mmu_regs regs = machine(0);
	struct mmu_result res;
	unsigned int i;

	try(&regs, &user_rwx, uread, &res);
	for (i = 0; i < 4; i++) {
		assert_hex(res.steps[i].must_set, T_A);
		assert_hex(res.steps[i].may_set, T_A);
	}
	try(&regs, &user_rwx, uwrite, &res);
	for (i = 0; i < 4; i++) {
		uint64_t want = i == 3 ? T_A | T_D : T_A;

		assert_hex(res.steps[i].must_set, want);
		assert_hex(res.steps[i].may_set, want);
	}
	try(&regs, &user_rwx, ufetch, &res);
	assert_hex(res.steps[3].must_set, T_A);
}
END_TEST

START_TEST(pitfall_15_bits_already_set_are_not_reported)
{
	struct mmu_regs regs = machine(0);
	struct path path = at(at(user_rwx, 0, 0, T_A), 3, 0, T_A);
	struct mmu_result res;

	try(&regs, &path, uwrite, &res);
	assert_hex(res.steps[0].must_set, 0);
	assert_hex(res.steps[0].may_set, 0);
	assert_hex(res.steps[1].must_set, T_A);
	assert_hex(res.steps[3].must_set, T_D);
}
END_TEST

START_TEST(pitfall_15_a_refused_access_must_set_nothing)
{
	static const struct sparse_entry absent[] = {
		{ 0x1008, 0x2007 }, { 0x2010, 0x3007 }, { 0x3018, 0 },
	};
	struct mmu_regs regs = machine(0);
	struct path ro = at(user_rwx, 3, T_RW, 0);
	struct path bad = at(user_rwx, 1, 0, UINT64_C(1) << 49);
	struct sparse sparse = SPARSE(absent);
	struct mmu_result res;
	unsigned int i;

	try(&regs, &ro, uwrite, &res);
	for (i = 0; i < 4; i++) {
		assert_hex(res.steps[i].must_set, 0);
		/* never D */
		assert_hex(res.steps[i].may_set, T_A);
	}
	t_access(&regs, &sparse, VA, uwrite, &res);
	ck_assert_uint_eq(res.nsteps, 3);
	assert_hex(res.steps[0].must_set, 0);
	assert_hex(res.steps[0].may_set, T_A);
	assert_hex(res.steps[1].may_set, T_A);
	assert_hex(res.steps[2].may_set, 0);
	try(&regs, &bad, uread, &res);
	assert_hex(res.steps[0].may_set, T_A);
	assert_hex(res.steps[1].may_set, 0);
}
END_TEST

START_TEST(d_of_a_large_page)
{
	static const struct sparse_entry large[] = {
		{ 0x1000, 0x2007 }, { 0x2000, 0x3007 }, { 0x3000, 0x400087 },
	};
	struct mmu_regs regs = machine(0);
	struct sparse sparse = SPARSE(large);
	struct mmu_result res;

	t_access(&regs, &sparse, 0x1234, uwrite, &res);
	assert_hex(res.steps[1].must_set, T_A);
	assert_hex(res.steps[2].must_set, T_A | T_D);
}
END_TEST

/* The tool walks once and asks three times. */
START_TEST(one_walk_many_questions)
{
	static const struct sparse_entry entries[] = {
		{ 0x1000, 0x2007 }, { 0x2000, 0x3007 }, { 0x3000, 0x4007 },
		{ 0x4000, 0x8000000000005005 },
	};
	struct mmu_regs regs = machine(0);
	struct sparse sparse = SPARSE(entries);
	struct mmu_result res;

	ck_assert_int_eq(t_walk(&regs, &sparse, 0, &res), MMU_OK);
	assert_hex(res.steps[3].must_set, 0);
	assert_hex(res.steps[3].may_set, 0);
	ck_assert_int_eq(mmu_check_access(&regs, &uwrite, &res), MMU_FAULT_PF);
	assert_hex(res.error_code, 7);
	ck_assert_int_eq(res.status, MMU_FAULT_PF);
	ck_assert_int_eq(res.walk, MMU_OK);
	ck_assert_int_eq(mmu_check_access(&regs, &ufetch, &res), MMU_FAULT_PF);
	assert_hex(res.error_code, 0x15);
	ck_assert_int_eq(mmu_check_access(&regs, &uread, &res), MMU_OK);
	assert_hex(res.error_code, 0);
	assert_hex(res.denied, 0);
	ck_assert_int_eq(res.fail_level, 0);
	assert_hex(res.steps[3].must_set, T_A);
	ck_assert_uint_eq(sparse.reads, 4);
}
END_TEST

START_TEST(many_questions_on_a_reserved_entry)
{
	static const struct sparse_entry entries[] = { { 0x1000, 0x20a7 } };
	struct mmu_regs regs = machine(0);
	struct sparse sparse = SPARSE(entries);
	struct mmu_result res;

	t_walk(&regs, &sparse, 0, &res);
	mmu_check_access(&regs, &uwrite, &res);
	assert_hex(res.error_code, 0xf);
	mmu_check_access(&regs, &fetch, &res);
	assert_hex(res.error_code, 0x19);
	mmu_check_access(&regs, &read_, &res);
	assert_hex(res.error_code, 9);
	ck_assert_int_eq(res.fail_level, 4);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu rights");
	TCase *tc = tcase_create("rights");

	tcase_add_test(tc, pitfall_02_rw_and_us_and_nx_over_levels);
	tcase_add_test(tc, the_level_that_denies);
	tcase_add_test(tc, pitfall_04_id_only_with_smep_or_nxe);
	tcase_add_test(tc, error_codes_of_absent_and_reserved);
	tcase_add_test(tc, absent_below_beats_rights_above);
	tcase_add_test(tc, supervisor_basics);
	tcase_add_test(tc, smep);
	tcase_add_test(tc, pitfall_12_smap_and_ac);
	tcase_add_test(tc, pitfall_12_wp_does_not_bypass_smap);
	tcase_add_test(tc, pitfall_12_implicit_is_supervisor_at_cpl_3);
	tcase_add_test(tc, pitfall_13_wp_off);
	tcase_add_test(tc, pitfall_11_keys_forbid_data_not_fetches);
	tcase_add_test(tc, pitfall_11_write_disable_binds_supervisor_with_wp_only);
	tcase_add_test(tc, pitfall_11_key_of_supervisor_pages_is_not_pkru);
	tcase_add_test(tc, pitfall_11_key_is_taken_from_the_leaf);
	tcase_add_test(tc, pitfall_11_pk_is_reported_with_other_reasons);
	tcase_add_test(tc, supervisor_keys);
	tcase_add_test(tc, pitfall_15_a_everywhere_d_in_the_leaf_when_written);
	tcase_add_test(tc, pitfall_15_bits_already_set_are_not_reported);
	tcase_add_test(tc, pitfall_15_a_refused_access_must_set_nothing);
	tcase_add_test(tc, d_of_a_large_page);
	tcase_add_test(tc, one_walk_many_questions);
	tcase_add_test(tc, many_questions_on_a_reserved_entry);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
