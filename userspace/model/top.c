// SPDX-License-Identifier: GPL-2.0
/* The second witness for VIRT, RES and SHR: the library that top(1) uses. */
#include <errno.h>
#include <string.h>

#include <libproc2/pids.h>

#include "model/top.h"

int mms_top_read(uint32_t pid, struct mms_top *out, struct mms_err *err)
{
	enum pids_item items[] = { PIDS_MEM_VIRT, PIDS_MEM_RES, PIDS_MEM_SHR };
	struct pids_info *info = NULL;
	struct pids_fetch *got;
	unsigned int these = pid;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = procps_pids_new(&info, items, 3);
	if (rc < 0)
		return mms_err_set(err, rc, "libproc2: %s", strerror(-rc));
	got = procps_pids_select(info, &these, 1, PIDS_SELECT_PID);
	if (!got || got->counts->total != 1) {
		rc = mms_err_set(err, -ESRCH, "libproc2 finds no PID %u", pid);
	} else {
		struct pids_stack *s = got->stacks[0];

		out->virt = PIDS_VAL(0, ul_int, s, info) * 1024;
		out->res = PIDS_VAL(1, ul_int, s, info) * 1024;
		out->shr = PIDS_VAL(2, ul_int, s, info) * 1024;
		rc = 0;
	}
	procps_pids_unref(&info);
	return rc;
}
