// SPDX-License-Identifier: GPL-2.0
/* mmscope walk: what accesses to the address would do. */
#include <stdio.h>
#include <string.h>
#include "model/fault.h"
#include "view/walk.h"

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum { ACC_ACCESS, ACC_OUTCOME, ACC_CODE, ACC_LINUX, ACC_MAX };

static const struct mms_column access_columns[ACC_MAX] = {
	[ACC_ACCESS]	= C("ACCESS", STR, true, ""),
	[ACC_OUTCOME]	= C("OUTCOME", STR, true, ""),
	[ACC_CODE]	= C("CODE", NUM, false, ""),
	[ACC_LINUX]	= C("WHAT LINUX DOES", STR, true, ""),
};

static void add_access(struct mms_walk_view *v, struct mms_table *t, enum mmu_access_kind kind)
{
	struct mmu_access access = { .kind = kind, .user = !v->kernel };
	struct mms_line *l = mms_table_line(t, NULL);
	char bits[64], buf[160];

	if (!l)
		return;
	snprintf(buf, sizeof(buf), "%s%s", v->kernel ? "kernel " : "", mmu_access_name(kind));
	mms_line_str(t, l, ACC_ACCESS, buf);
	mmu_check_access(&v->regs, &access, &v->met);
	/* Each thread has a PKRU of its own: what was not read allows nothing. */
	if (v->met.status == MMU_OK && v->met.pkey && kind != MMU_FETCH &&
	    v->walk.context.pkru == UINT32_MAX) {
		snprintf(buf, sizeof(buf), "allowed if PKRU permits key %u", v->met.pkey);
		mms_line_str(t, l, ACC_OUTCOME, buf);
		mms_line_str(t, l, ACC_LINUX, "SIGSEGV (SEGV_PKUERR) if not");
		return;
	}
	if (v->met.status == MMU_OK) {
		mms_line_str(t, l, ACC_OUTCOME, "allowed");
		mms_line_str(t, l, ACC_LINUX, "is not asked");
		return;
	}
	if (v->met.status == MMU_FAULT_ABORT) {
		mmu_abort_text(v->met.error_code, bits, sizeof(bits));
		snprintf(buf, sizeof(buf), "abort, ISS %#x (%s)", v->met.error_code, bits);
	} else if (v->met.status == MMU_FAULT_PF) {
		mmu_error_text(v->met.error_code, bits, sizeof(bits));
		snprintf(buf, sizeof(buf), "#PF error code %#x (%s)", v->met.error_code, bits);
	} else {
		mms_line_str(t, l, ACC_OUTCOME, mmu_status_name(v->met.status));
		return;
	}
	mms_line_str(t, l, ACC_OUTCOME, buf);
	mms_line_num(t, l, ACC_CODE, v->met.error_code);
	if (v->kernel) {
		mms_line_str(t, l, ACC_LINUX, "oops, but for code that expects it");
		return;
	}
	mms_line_str(t, l, ACC_LINUX,
		     mms_fault_text(v->snap, &v->walk, kind, &v->met, buf,
				    sizeof(buf)));
}

int mms_walk_accesses(struct mms_walk_view *v, struct mms_err *err)
{
	struct mms_column cols[ACC_MAX];
	struct mms_table *t;
	int rc;

	memcpy(cols, access_columns, sizeof(cols));
	cols[ACC_CODE].shown = v->render.json;
	if (v->render.json)
		cols[ACC_LINUX].name = "LINUX";
	rc = mms_table_new(&t, &v->plain, "accesses", cols, ACC_MAX, err);
	if (rc)
		return rc;
	add_access(v, t, MMU_READ);
	add_access(v, t, MMU_WRITE);
	add_access(v, t, MMU_FETCH);
	mms_doc_text(v->doc, "\n");
	rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	return rc;
}
