// SPDX-License-Identifier: GPL-2.0
/* mmscope verify: differences between witnesses, in words. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "view/verify.h"

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

/* Mismatches printed of one process without --verbose. */
#define SHOW_MISMATCHES	10

static const char *level_text(unsigned int level)
{
	static const char *const names[] = {
		"no level", "level 1 (PTE)", "level 2 (PMD)", "level 3 (PUD)",
		"level 4", "level 5",
	};

	return level < 6 ? names[level] : "?";
}

static void rights_text(uint64_t bits, char buf[32])
{
	snprintf(buf, 32, "r%c%c%s", bits & MMS_PT_F_WRITE ? 'w' : '-',
		 bits & MMS_PT_F_EXEC ? 'x' : '-',
		 bits & MMS_PT_F_USER ? " user" : " kernel");
}

static void pagemap_text(uint64_t word, char buf[80])
{
	const char *soft = word & MMS_PM_SOFT_DIRTY ? ", soft-dirty" : "";
	uint64_t low = word & MMS_PM_PFN;

	if (word & MMS_PM_PRESENT)
		snprintf(buf, 80, "PFN %#" PRIx64 "%s", low, soft);
	else if (word & MMS_PM_SWAP)
		snprintf(buf, 80, "swap %" PRIu64 ":%#" PRIx64 "%s",
			 low & ((1u << MMS_PM_SWAP_SHIFT) - 1),
			 low >> MMS_PM_SWAP_SHIFT, soft);
	else
		snprintf(buf, 80, "nothing%s", soft);
}

/* What each of the two says; @a is the module, @b the other witness. */
static void both_results(const struct mms_diff *d, char *buf, size_t size)
{
	char a[80], b[80];

	switch (d->kind) {
	case MMS_DIFF_PRESENT:
		snprintf(buf, size, "module: %s, software MMU: %s",
			 d->ours ? "present" : "not present",
			 d->theirs ? "present" : "not present");
		break;
	case MMS_DIFF_PA:
		snprintf(buf, size, "module: PA %#" PRIx64 ", software MMU: PA %#" PRIx64,
			 d->ours, d->theirs);
		break;
	case MMS_DIFF_SIZE:
		snprintf(buf, size, "module: page size 2^%" PRIu64 ", software MMU: 2^%" PRIu64,
			 d->ours, d->theirs);
		break;
	case MMS_DIFF_LEVEL:
		snprintf(buf, size, "module: ends at level %" PRIu64 ", software MMU: level %" PRIu64,
			 d->ours, d->theirs);
		break;
	case MMS_DIFF_RIGHTS:
		rights_text(d->ours, a);
		rights_text(d->theirs, b);
		snprintf(buf, size, "module: %s, software MMU: %s", a, b);
		break;
	case MMS_DIFF_CACHE:
		snprintf(buf, size, "module: PAT index %" PRIu64 ", software MMU: %" PRIu64,
			 d->ours, d->theirs);
		break;
	case MMS_DIFF_PKEY:
		snprintf(buf, size, "module: protection key %" PRIu64 ", software MMU: %" PRIu64,
			 d->ours, d->theirs);
		break;
	case MMS_DIFF_RAW:
		snprintf(buf, size, "module: extent's raw %#" PRIx64 ", table's raw %#" PRIx64,
			 d->ours, d->theirs);
		break;
	case MMS_DIFF_LOST:
		snprintf(buf, size, "module: no extent for it, table's raw %#" PRIx64,
			 d->theirs);
		break;
	case MMS_DIFF_TABLE:
		snprintf(buf, size, "module: entries below, software MMU: that table is not in the stream");
		break;
	case MMS_DIFF_PAGEMAP:
		pagemap_text(d->ours, a);
		pagemap_text(d->theirs, b);
		snprintf(buf, size, "module: %s, pagemap: %s", a, b);
		break;
	case MMS_DIFF_VMA:
		snprintf(buf, size, "module: VMA ends at %#" PRIx64 ", smaps: at %#" PRIx64 " (0 = has none)",
			 d->ours, d->theirs);
		break;
	default:
		snprintf(buf, size, "module: %s %" PRIu64 " bytes, smaps: %" PRIu64,
			 d->kind == MMS_DIFF_RSS ? "Rss" :
			 d->kind == MMS_DIFF_SWAP ? "Swap" : "hugetlb",
			 d->ours, d->theirs);
		break;
	}
}

/* PID 0 is nobody's: it stands for the kernel. */
static void name_of(const struct mms_verify_result *r, char *buf, size_t size)
{
	if (r->pid)
		snprintf(buf, size, "PID %u", r->pid);
	else
		snprintf(buf, size, "%s", r->comm);
}

static void print_diff(struct mms_doc *doc, const struct mms_verify_result *r, const struct mms_diff *d)
{
	char both[256], whose[300];

	both_results(d, both, sizeof(both));
	name_of(r, whose, sizeof(whose));
	if (d->level)
		mms_doc_text(doc, "mismatch: %s VA %#" PRIx64 ": %s index %u raw %#" PRIx64 ": %s\n",
			     whose, d->va, level_text(d->level), d->index, d->raw, both);
	else
		mms_doc_text(doc, "mismatch: %s VA %#" PRIx64 "-%#" PRIx64 ": %s\n",
			     whose, d->start, d->end, both);
}

void mms_verify_print_diffs(struct mms_doc *doc, const struct mms_verify_result *results, size_t n,
			    bool verbose)
{
	char whose[300];

	for (size_t i = 0; i < n; i++) {
		const struct mms_verify_result *r = &results[i];

		for (size_t k = 0; k < r->mismatches; k++) {
			if (k == SHOW_MISMATCHES && !verbose) {
				name_of(r, whose, sizeof(whose));
				mms_doc_text(doc, "mismatch: %s: %" PRIu64 " more (--verbose shows all)\n",
					     whose, r->mismatches - k);
				break;
			}
			print_diff(doc, r, &r->diffs[k]);
		}
	}
}

enum { MIS_PID, MIS_VA, MIS_LEVEL, MIS_INDEX, MIS_RAW, MIS_BOTH, MIS_MAX };

static const struct mms_column mismatch_columns[MIS_MAX] = {
	[MIS_PID]	= C("PID", NUM, true, ""),
	[MIS_VA]	= C("VA", HEX, true, ""),
	[MIS_LEVEL]	= C("LEVEL", NUM, true, ""),
	[MIS_INDEX]	= C("INDEX", NUM, true, ""),
	[MIS_RAW]	= C("RAW", HEX, true, ""),
	[MIS_BOTH]	= C("RESULTS", STR, true, ""),
};

static void fill(struct mms_table *t, const struct mms_verify_result *r)
{
	char both[256];

	for (size_t k = 0; k < r->mismatches; k++) {
		const struct mms_diff *d = &r->diffs[k];
		struct mms_line *l = mms_table_line(t, NULL);

		if (!l)
			return;
		if (r->pid)
			mms_line_num(t, l, MIS_PID, r->pid);
		mms_line_hex(t, l, MIS_VA, d->va);
		if (d->level) {
			mms_line_num(t, l, MIS_LEVEL, d->level);
			mms_line_num(t, l, MIS_INDEX, d->index);
			mms_line_hex(t, l, MIS_RAW, d->raw);
		}
		both_results(d, both, sizeof(both));
		mms_line_str(t, l, MIS_BOTH, both);
	}
}

int mms_verify_json_diffs(struct mms_doc *doc, const struct mms_render *render,
			  const struct mms_verify_result *results, size_t n, struct mms_err *err)
{
	struct mms_render plain = *render;
	struct mms_table *t;
	int rc;

	plain.columns = NULL;
	rc = mms_table_new(&t, &plain, "mismatches", mismatch_columns, MIS_MAX, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		fill(t, &results[i]);
	rc = mms_doc_table(doc, t, err);
	mms_table_free(t);
	return rc;
}
