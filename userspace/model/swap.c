// SPDX-License-Identifier: GPL-2.0
/* Joins the module's swap areas with those of /proc/swaps. */
#include <errno.h>
#include <string.h>

#include "model/swap.h"
#include "util/text.h"

static int take_area(void *ctx, const struct mms_record *rec)
{
	const struct mms_swap_area *a = (const void *)rec;
	struct mms_swaps *w = ctx;
	struct mms_swap *to;

	if (rec->type != MMS_REC_SWAP_AREA || w->n == MMS_SWAP_AREAS)
		return 0;
	to = &w->area[w->n++];
	memset(to, 0, sizeof(*to));
	to->rec = *a;
	if (a->name_len)
		mms_neutral((const char *)(a + 1), to->name, sizeof(to->name));
	return 0;
}

static int read_areas(struct mms_swaps *w, struct mms_source *s, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req) };
	struct mms_handler h = { .record = take_area, .ctx = w };
	int rc;

	memset(w, 0, sizeof(*w));
	rc = mms_source_stream(s, MMS_KIND_SWAP, &req, &h, err);
	/* Some of the areas are no list of them. */
	if (rc)
		w->n = 0;
	return rc;
}

/* Both in ascending number: the n-th is the n-th, unless areas came or went. */
static bool same_areas(const struct mms_swaps *a, const struct mms_swaps *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->area[i].rec.pages != b->area[i].rec.pages ||
		    a->area[i].rec.priority != b->area[i].rec.priority)
			return false;
	return true;
}

bool mms_swaps_same(const struct mms_swaps *a, const struct mms_swaps *b)
{
	if (!same_areas(a, b))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->area[i].rec.known != b->area[i].rec.known ||
		    a->area[i].rec.number != b->area[i].rec.number ||
		    strcmp(a->area[i].name, b->area[i].name))
			return false;
	return true;
}

int mms_swaps_read(struct mms_swaps *w, struct mms_source *s, struct mms_source *names,
		   struct mms_err *err)
{
	struct mms_swaps proc;
	int rc = read_areas(w, s, err);

	if (!names)
		return rc;
	if (read_areas(&proc, names, rc ? err : NULL))
		return rc;
	if (rc) {
		*w = proc;
		return 0;
	}
	for (size_t i = 0; i < w->n && same_areas(w, &proc); i++)
		memcpy(w->area[i].name, proc.area[i].name, sizeof(proc.area[i].name));
	return 0;
}

void mms_swaps_deduce(struct mms_swaps *w, uint32_t seen)
{
	unsigned int number = 0;

	if (!w->n || (size_t)__builtin_popcount(seen) != w->n)
		return;
	for (size_t i = 0; i < w->n; i++)
		if (w->area[i].rec.known & MMS_SWAP_K_NUMBER)
			return;
	for (size_t i = 0; i < w->n; i++, number++) {
		while (!(seen >> number & 1))
			number++;
		w->area[i].rec.number = number;
		w->area[i].rec.known |= MMS_SWAP_K_NUMBER;
	}
	w->deduced = true;
}

struct mms_swap *mms_swaps_find(struct mms_swaps *w, uint32_t number)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->area[i].rec.known & MMS_SWAP_K_NUMBER && w->area[i].rec.number == number)
			return &w->area[i];
	return NULL;
}
