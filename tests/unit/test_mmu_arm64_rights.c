// SPDX-License-Identifier: GPL-2.0
/* Software MMU, arm64: who may use a translation, the codes, AF and DBM. */
#include "test_mmu_arm64.h"

/* Indices 1, 2, 3, 4. */
#define VA	UINT64_C(0x0000008080604567)

#define INVALID		1u	/* in a path: the valid bit is clear */

/* The four descriptors, root first, besides their types and addresses. */
struct path {
	uint64_t bits[4];
};

static const struct path plain = { { 0, 0, 0, D_NORMAL } };

static enum mmu_status try(const struct mmu_regs *regs, struct path path,
			   struct mmu_access access, struct mmu_result *res)
{
	struct sparse_entry entries[4] = {
		{ 0x1008, 0x2002 | (path.bits[0] ^ 1) },
		{ 0x2010, 0x3002 | (path.bits[1] ^ 1) },
		{ 0x3018, 0x4002 | (path.bits[2] ^ 1) },
		{ 0x4020, 0x12345002 | (path.bits[3] ^ 1) },
	};
	struct sparse sparse = SPARSE(entries);

	return t_access(regs, &sparse, VA, access, res);
}

static struct path leaf(uint64_t bits)
{
	struct path path = plain;

	path.bits[3] |= bits;
	return path;
}

static struct path with(struct path path, unsigned int entry, uint64_t bits)
{
	path.bits[entry] |= bits;
	return path;
}

/* Six letters: EL1 read, write, fetch, then EL0's; '-' for a refusal. */
static const char *rights(const struct mmu_regs *regs, struct path path)
{
	static const struct mmu_access all[] = {
		{ .kind = MMU_READ }, { .kind = MMU_WRITE },
		{ .kind = MMU_FETCH }, { .kind = MMU_READ, .user = true },
		{ .kind = MMU_WRITE, .user = true },
		{ .kind = MMU_FETCH, .user = true },
	};
	static char text[7];
	struct mmu_result res;
	int i;

	for (i = 0; i < 6; i++) {
		if (try(regs, path, all[i], &res) == MMU_OK) {
			ck_assert_uint_eq(res.denied, 0);
			ck_assert_uint_eq(res.error_code, 0);
			ck_assert_int_eq(res.fail_level, 0);
			text[i] = "rwxrwx"[i];
			continue;
		}
		/* Permission fault, level 3; WnR for writes */
		ck_assert_int_eq(res.status, MMU_FAULT_ABORT);
		ck_assert_int_eq(res.walk, MMU_OK);
		assert_hex(res.error_code, i % 3 == 1 ? 0x4f : 0x0f);
		ck_assert_uint_ne(res.denied, 0);
		text[i] = '-';
	}
	return text;
}

#define assert_rights(regs, path, want) \
	ck_assert_str_eq(rights((regs), (path)), (want))

static struct mmu_regs new_machine(uint64_t tcr, uint64_t sctlr)
{
	struct mmu_regs regs = arm64_new();

	regs.arm64.tcr |= tcr;
	regs.arm64.sctlr |= sctlr;
	return regs;
}

/* The manual's table "Data access permissions for stage 1". */
START_TEST(ap)
{
	struct mmu_regs regs = arm64_v80();

	assert_rights(&regs, leaf(0), "rwx--x");
	/* writable at EL0: not executable at EL1 */
	assert_rights(&regs, leaf(D_AP1), "rw-rwx");
	assert_rights(&regs, leaf(D_AP2), "r-x--x");
	assert_rights(&regs, leaf(D_AP2 | D_AP1), "r-xr-x");
}
END_TEST

/* "Effect of APTable", from any table on the way. */
START_TEST(ap_table)
{
	struct mmu_regs regs = arm64_v80();
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct path p = with(leaf(D_AP1), i, D_APTABLE0);

		/* no longer writable at EL0, so executable at EL1 */
		assert_rights(&regs, p, "rwx--x");
		p = with(leaf(D_AP1), i, D_APTABLE1);
		assert_rights(&regs, p, "r-xr-x");
		p = with(leaf(D_AP1), i, D_APTABLE0 | D_APTABLE1);
		assert_rights(&regs, p, "r-x--x");
		p = with(leaf(D_AP2 | D_AP1), i, D_APTABLE0);
		assert_rights(&regs, p, "r-x--x");
		p = with(leaf(0), i, D_APTABLE1);
		assert_rights(&regs, p, "r-x--x");
	}
	/* in a leaf the same bits are PBHA and ignored */
	assert_rights(&regs, leaf(D_AP1 | D_APTABLE0 | D_APTABLE1 |
				  D_PXNTABLE | D_UXNTABLE), "rw-rwx");
}
END_TEST

START_TEST(execute_never)
{
	struct mmu_regs regs = arm64_v80();
	unsigned int i;

	assert_rights(&regs, leaf(D_PXN), "rw---x");
	assert_rights(&regs, leaf(D_UXN), "rwx---");
	assert_rights(&regs, leaf(D_UXN | D_PXN), "rw----");
	assert_rights(&regs, leaf(D_AP2 | D_AP1 | D_PXN), "r--r-x");
	assert_rights(&regs, leaf(D_AP2 | D_AP1 | D_UXN), "r-xr--");
	for (i = 0; i < 3; i++) {
		assert_rights(&regs, with(leaf(0), i, D_PXNTABLE), "rw---x");
		assert_rights(&regs, with(leaf(0), i, D_UXNTABLE), "rwx---");
	}
	/* bits 54:53 of a table descriptor are ignored */
	assert_rights(&regs, with(leaf(0), 1, D_UXN | D_PXN), "rwx--x");
}
END_TEST

START_TEST(hierarchy_disabled)
{
	struct mmu_regs regs = new_machine(TCR_HPD0, 0);
	struct path all = with(leaf(D_AP1), 1, D_APTABLE0 | D_APTABLE1 |
			       D_UXNTABLE | D_PXNTABLE);

	assert_rights(&regs, all, "rw-rwx");
	regs = new_machine(TCR_HPD1, 0);
	assert_rights(&regs, all, "r-----");
	regs = new_machine(TCR_HPD0, 0);
	regs.arm64.hpds = false;
	assert_rights(&regs, all, "r-----");
}
END_TEST

/* SCTLR_EL1.WXN: what the same Exception level may write it cannot fetch. */
START_TEST(wxn)
{
	struct mmu_regs regs = new_machine(0, SCTLR_WXN);
	struct mmu_result res;

	assert_rights(&regs, leaf(0), "rw---x");
	assert_rights(&regs, leaf(D_AP1), "rw-rw-");
	assert_rights(&regs, leaf(D_AP2), "r-x--x");
	assert_rights(&regs, leaf(D_AP2 | D_AP1), "r-xr-x");
	assert_rights(&regs, with(leaf(D_AP1), 0, D_APTABLE1), "r-xr-x");
	/* EL1 writes, EL0 does not: EL0 may fetch */
	assert_rights(&regs, with(leaf(D_AP1), 0, D_APTABLE0), "rw---x");
	try(&regs, leaf(0), T_FETCH, &res);
	ck_assert_uint_eq(res.denied, MMU_DENY_WXN);
	/* the page itself is executable: WXN is no right of the tables */
	ck_assert(res.executable);
	try(&regs, leaf(D_AP1), T_UFETCH, &res);
	ck_assert_uint_eq(res.denied, MMU_DENY_WXN);
	try(&regs, leaf(D_AP1), T_FETCH, &res);
	ck_assert_uint_eq(res.denied, MMU_DENY_WXN | MMU_DENY_EXEC);
	/* PAN takes the write away from data accesses, not from this rule */
	regs.arm64.pan = true;
	assert_rights(&regs, leaf(D_AP1 | D_UXN), "---rw-");
}
END_TEST

START_TEST(pan)
{
	struct mmu_regs regs = arm64_new();
	struct mmu_result res;

	regs.arm64.pan = true;
	assert_rights(&regs, leaf(0), "rwx--x");
	assert_rights(&regs, leaf(D_AP1), "---rwx");
	assert_rights(&regs, leaf(D_AP2 | D_AP1), "--xr-x");
	assert_rights(&regs, leaf(D_AP2), "r-x--x");
	/* not accessible from EL0 by the tables: not PAN's */
	assert_rights(&regs, with(leaf(D_AP1), 2, D_APTABLE0), "rwx--x");
	try(&regs, leaf(D_AP1), T_READ, &res);
	ck_assert_uint_eq(res.denied, MMU_DENY_PAN);
	ck_assert_int_eq(res.fail_level, 1);
	try(&regs, leaf(D_AP1 | D_AP2), T_WRITE, &res);
	ck_assert_uint_eq(res.denied, MMU_DENY_PAN | MMU_DENY_WRITE);
}
END_TEST

/* FEAT_PAN3: what EL0 may only execute counts as EL0's, too. */
START_TEST(epan)
{
	struct mmu_regs regs = new_machine(0, SCTLR_EPAN);

	regs.arm64.pan = true;
	assert_rights(&regs, leaf(0), "--x--x");
	assert_rights(&regs, leaf(D_UXN), "rwx---");
	assert_rights(&regs, with(leaf(0), 1, D_UXNTABLE), "rwx---");
	assert_rights(&regs, leaf(D_AP1 | D_UXN), "---rw-");
	regs.arm64.pan = false;
	assert_rights(&regs, leaf(0), "rwx--x");
	regs.arm64.pan = true;
	regs.arm64.pan3 = false;
	assert_rights(&regs, leaf(0), "rwx--x");
}
END_TEST

/* Each refusal: the reason, and the level of the entry that decides. */
START_TEST(reasons)
{
	static const struct {
		uint64_t leaf, table;
		struct mmu_access access;
		uint32_t why;
		int level;
	} rows[] = {
		{ 0, 0, { .kind = MMU_READ, .user = true }, MMU_DENY_USER, 1 },
		{ D_AP1, D_APTABLE0, { .kind = MMU_READ, .user = true },
		  MMU_DENY_USER, 3 },
		{ D_AP2, 0, { .kind = MMU_WRITE, .user = true },
		  MMU_DENY_USER | MMU_DENY_WRITE, 1 },
		{ D_AP2, 0, { .kind = MMU_WRITE }, MMU_DENY_WRITE, 1 },
		{ D_AP1, D_APTABLE1, { .kind = MMU_WRITE }, MMU_DENY_WRITE, 3 },
		{ D_PXN, 0, { .kind = MMU_FETCH }, MMU_DENY_EXEC, 1 },
		{ 0, D_PXNTABLE, { .kind = MMU_FETCH }, MMU_DENY_EXEC, 3 },
		{ 0, D_UXNTABLE, { .kind = MMU_FETCH, .user = true },
		  MMU_DENY_EXEC, 3 },
		{ D_UXN, D_PXNTABLE, { .kind = MMU_FETCH, .user = true },
		  MMU_DENY_EXEC, 1 },
		{ D_AP1, 0, { .kind = MMU_FETCH }, MMU_DENY_EXEC, 1 },
	};
	struct mmu_regs regs = arm64_new();
	struct mmu_result res;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct path p = with(leaf(rows[i].leaf), 1, rows[i].table);

		ck_assert_int_eq(try(&regs, p, rows[i].access, &res),
				 MMU_FAULT_ABORT);
		assert_hex(res.denied, rows[i].why);
		ck_assert_int_eq(res.fail_level, rows[i].level);
		assert_hex(res.pa, 0x12345567);
	}
}
END_TEST

/* The level of a Permission fault is the leaf's: a block's, too. */
START_TEST(level_of_a_block)
{
	static const struct sparse_entry list[] = {
		{ 0x1008, 0x2003 },
		{ 0x2010, 0x40000000 | D_BLOCK | D_NORMAL },
	};
	struct mmu_regs regs = arm64_v80();
	struct sparse sparse = SPARSE(list);
	struct mmu_result res;

	ck_assert_int_eq(t_access(&regs, &sparse, VA, T_UWRITE, &res),
			 MMU_FAULT_ABORT);
	assert_hex(res.error_code, 0x4d);
	ck_assert_int_eq(res.fail_level, 3);
}
END_TEST

#define assert_updates(res, set_must, set_may, clear) do { \
	assert_hex((res).steps[3].must_set, (set_must)); \
	assert_hex((res).steps[3].may_set, (set_may)); \
	assert_hex((res).steps[3].must_clear, (clear)); \
	assert_hex((res).steps[3].may_clear, (clear)); \
} while (0)

START_TEST(access_flag)
{
	struct mmu_regs regs = arm64_new();
	struct path old = leaf(0), young = leaf(0);
	struct mmu_result res;
	unsigned int i;

	old.bits[3] &= ~D_AF;
	ck_assert_int_eq(try(&regs, old, T_READ, &res), MMU_FAULT_ABORT);
	assert_hex(res.error_code, 0x0b);
	ck_assert_int_eq(res.walk, MMU_FAULT_ABORT);
	ck_assert_int_eq(res.steps[3].kind, MMU_STEP_LEAF);
	ck_assert_int_eq(res.fail_level, 1);
	try(&regs, old, T_UWRITE, &res);	/* before permissions */
	assert_hex(res.error_code, 0x4b);
	assert_updates(res, 0, 0, 0);

	regs = new_machine(TCR_HA, 0);
	ck_assert_int_eq(try(&regs, old, T_READ, &res), MMU_OK);
	assert_updates(res, D_AF, D_AF, 0);
	for (i = 0; i < 3; i++) {	/* tables have none */
		assert_hex(res.steps[i].may_set, 0);
		assert_hex(res.steps[i].may_clear, 0);
	}
	/* refused: may be set, need not */
	ck_assert_int_eq(try(&regs, old, T_UREAD, &res), MMU_FAULT_ABORT);
	assert_hex(res.error_code, 0x0f);
	assert_updates(res, 0, D_AF, 0);
	try(&regs, young, T_READ, &res);
	assert_updates(res, 0, 0, 0);
	regs.arm64.hafdbs = 0;
	ck_assert_int_eq(try(&regs, old, T_READ, &res), MMU_FAULT_ABORT);
	regs.arm64.hafdbs = 1;
	ck_assert_int_eq(try(&regs, old, T_READ, &res), MMU_OK);
}
END_TEST

/* DBM: read-only and clean is writable, and becomes dirty by the write. */
START_TEST(dirty_state)
{
	struct mmu_regs regs = new_machine(TCR_HA | TCR_HD, 0);
	struct path clean = leaf(D_AP1 | D_AP2 | D_DBM | D_UXN);
	struct path dirty = leaf(D_AP1 | D_DBM);
	struct path old = clean;
	struct mmu_result res;

	assert_rights(&regs, clean, "rw-rw-");
	try(&regs, clean, T_UWRITE, &res);
	ck_assert(res.writable);
	assert_updates(res, 0, 0, D_AP2);
	try(&regs, clean, T_UREAD, &res);
	assert_updates(res, 0, 0, 0);
	try(&regs, dirty, T_UWRITE, &res);
	assert_updates(res, 0, 0, 0);
	/* without DBM it stays read-only, and nothing is cleared */
	assert_rights(&regs, leaf(D_AP1 | D_AP2), "r-xr-x");
	old.bits[3] &= ~D_AF;
	try(&regs, old, T_WRITE, &res);
	assert_updates(res, D_AF, D_AF, D_AP2);
	/* tables still limit it, and a refused write clears nothing */
	ck_assert_int_eq(try(&regs, with(clean, 0, D_APTABLE1), T_WRITE, &res),
			 MMU_FAULT_ABORT);
	assert_updates(res, 0, 0, 0);
	regs.arm64.pan = true;
	ck_assert_int_eq(try(&regs, clean, T_WRITE, &res), MMU_FAULT_ABORT);
	assert_updates(res, 0, 0, 0);
	regs.arm64.pan = false;
	/* HD needs HA, and both need the feature */
	regs.arm64.hafdbs = 1;
	assert_rights(&regs, clean, "r-xr--");
	regs.arm64.hafdbs = 2;
	regs.arm64.tcr &= ~TCR_HA;
	assert_rights(&regs, clean, "r-xr--");
	try(&regs, clean, T_READ, &res);
	assert_updates(res, 0, 0, 0);
}
END_TEST

/* WXN and "EL0 writes, EL1 does not fetch" see a clean page as writable. */
START_TEST(clean_pages_are_writable_for_fetches)
{
	struct mmu_regs regs = new_machine(TCR_HA | TCR_HD, SCTLR_WXN);

	assert_rights(&regs, leaf(D_AP1 | D_AP2 | D_DBM), "rw-rw-");
	assert_rights(&regs, leaf(D_AP2 | D_DBM), "rw---x");
	assert_rights(&regs, leaf(D_AP1 | D_AP2), "r-xr-x");
}
END_TEST

START_TEST(e0pd)
{
	struct mmu_regs regs = new_machine(TCR_E0PD0, 0);
	struct sparse nothing = { .count = 0 };
	struct mmu_access read = T_READ;
	struct mmu_result res;

	try(&regs, leaf(D_AP1), T_UREAD, &res);
	ck_assert_int_eq(res.status, MMU_FAULT_ABORT);
	assert_hex(res.error_code, 0x04);
	ck_assert_int_eq(res.fail_level, 0);
	ck_assert_uint_eq(res.denied, 0);
	try(&regs, leaf(D_AP1), T_UWRITE, &res);
	assert_hex(res.error_code, 0x44);
	try(&regs, leaf(D_AP1), T_UFETCH, &res);
	assert_hex(res.error_code, 0x04);
	ck_assert_int_eq(try(&regs, leaf(D_AP1), T_READ, &res), MMU_OK);
	/* before any table is read: no matter what the walk would say */
	ck_assert_int_eq(t_access(&regs, &nothing, VA, T_UREAD, &res),
			 MMU_FAULT_ABORT);
	assert_hex(res.error_code, 0x04);
	ck_assert_int_eq(mmu_check_access(&regs, &read, &res), MMU_ERR_MEMORY);
	ck_assert_int_eq(res.fail_level, 4);
	assert_hex(res.error_code, 0);
	regs = new_machine(TCR_E0PD1, 0);
	ck_assert_int_eq(try(&regs, leaf(D_AP1), T_UREAD, &res), MMU_OK);
	regs = new_machine(TCR_E0PD0, 0);
	regs.arm64.e0pd = false;
	ck_assert_int_eq(try(&regs, leaf(D_AP1), T_UREAD, &res), MMU_OK);
}
END_TEST

/* The same result asked again: faults of the access leave the walk's alone. */
START_TEST(asked_again)
{
	struct mmu_regs regs = new_machine(TCR_E0PD0, 0);
	struct mmu_access uread = T_UREAD, write = T_WRITE;
	struct path invalid = plain;
	struct mmu_result res;

	invalid.bits[3] |= INVALID;
	try(&regs, invalid, uread, &res);
	assert_hex(res.error_code, 0x04);
	ck_assert_int_eq(res.fail_level, 0);
	mmu_check_access(&regs, &write, &res);
	assert_hex(res.error_code, 0x47);
	ck_assert_int_eq(res.fail_level, 1);
	mmu_check_access(&regs, &uread, &res);
	assert_hex(res.error_code, 0x04);
	/* permitted after refused, and back */
	try(&regs, leaf(0), uread, &res);
	ck_assert_int_eq(mmu_check_access(&regs, &write, &res), MMU_OK);
	assert_hex(res.error_code, 0);
	ck_assert_uint_eq(res.denied, 0);
}
END_TEST

/* TBID: the tag of a fetched address is not ignored. */
START_TEST(tagged_fetch)
{
	struct mmu_regs regs = new_machine(TCR_TBI0 | TCR_TBID0, 0);
	struct sparse_entry entries[4] = {
		{ 0x1008, 0x2003 }, { 0x2010, 0x3003 }, { 0x3018, 0x4003 },
		{ 0x4020, 0x12345003 | D_NORMAL },
	};
	struct sparse sparse = SPARSE(entries);
	uint64_t tagged = VA | UINT64_C(0x5a) << 56;
	struct mmu_result res;

	ck_assert_int_eq(t_access(&regs, &sparse, tagged, T_READ, &res),
			 MMU_OK);
	ck_assert_int_eq(t_access(&regs, &sparse, VA, T_FETCH, &res), MMU_OK);
	ck_assert_int_eq(t_access(&regs, &sparse, tagged, T_FETCH, &res),
			 MMU_FAULT_ABORT);
	assert_hex(res.error_code, 0x04);
	ck_assert_int_eq(res.fail_level, 0);
	/* without TBI there is nothing to except */
	regs = new_machine(TCR_TBID0, 0);
	ck_assert_int_eq(t_access(&regs, &sparse, VA, T_FETCH, &res), MMU_OK);
	regs = new_machine(TCR_TBI0 | TCR_TBID1, 0);
	ck_assert_int_eq(t_access(&regs, &sparse, tagged, T_FETCH, &res),
			 MMU_OK);
	regs = new_machine(TCR_TBI0 | TCR_TBID0, 0);
	regs.arm64.pauth = false;
	ck_assert_int_eq(t_access(&regs, &sparse, tagged, T_FETCH, &res),
			 MMU_OK);
}
END_TEST

/* The priority of faults: translation, then address size, then Access flag, then permission */
START_TEST(priority)
{
	struct mmu_regs regs = arm64_v80();
	struct mmu_result res;
	struct path p = leaf(D_AP2);

	regs.arm64.tcr &= ~TCR_IPS(7);		/* 32 bits */
	p.bits[3] &= ~D_AF;
	p.bits[3] |= B(40);
	try(&regs, p, T_UWRITE, &res);
	assert_hex(res.error_code, 0x43);
	p.bits[3] &= ~B(40);
	try(&regs, p, T_UWRITE, &res);
	assert_hex(res.error_code, 0x4b);
	p.bits[3] |= D_AF;
	try(&regs, p, T_UWRITE, &res);
	assert_hex(res.error_code, 0x4f);
	/* an earlier level's fault before all of a later one */
	p.bits[3] |= B(40);
	p.bits[1] |= B(33);
	try(&regs, p, T_UWRITE, &res);
	assert_hex(res.error_code, 0x41);
	/* an invalid descriptor has no address that could be too large */
	p.bits[1] |= INVALID;
	try(&regs, p, T_UWRITE, &res);
	assert_hex(res.error_code, 0x45);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu arm64 rights");
	TCase *tc = tcase_create("rights");

	tcase_add_test(tc, ap);
	tcase_add_test(tc, ap_table);
	tcase_add_test(tc, execute_never);
	tcase_add_test(tc, hierarchy_disabled);
	tcase_add_test(tc, wxn);
	tcase_add_test(tc, pan);
	tcase_add_test(tc, epan);
	tcase_add_test(tc, reasons);
	tcase_add_test(tc, level_of_a_block);
	tcase_add_test(tc, access_flag);
	tcase_add_test(tc, dirty_state);
	tcase_add_test(tc, clean_pages_are_writable_for_fetches);
	tcase_add_test(tc, e0pd);
	tcase_add_test(tc, asked_again);
	tcase_add_test(tc, tagged_fetch);
	tcase_add_test(tc, priority);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
