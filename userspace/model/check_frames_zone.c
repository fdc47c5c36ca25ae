// SPDX-License-Identifier: GPL-2.0
/* Rows frames.*, per zone: present, managed and free frames against zoneinfo. */
#include "model/check_frames.h"
#include "names.h"

/* One figure of all zones of a type, over all nodes; false where no zone is of it. */
typedef bool zone_sum_fn(const struct mms_zones *z, uint32_t type, uint64_t *sum);

static bool sum_present(const struct mms_zones *z, uint32_t type, uint64_t *sum)
{
	bool found = false;

	*sum = 0;
	for (size_t i = 0; i < z->nzones; i++) {
		if (z->zones[i].z.type != type)
			continue;
		*sum += z->zones[i].z.present;
		found = true;
	}
	return found;
}

static bool sum_managed(const struct mms_zones *z, uint32_t type, uint64_t *sum)
{
	bool found = sum_present(z, type, sum);

	*sum = 0;
	for (size_t i = 0; i < z->nzones; i++)
		if (z->zones[i].z.type == type)
			*sum += z->zones[i].z.managed;
	return found;
}

static bool sum_free(const struct mms_zones *z, uint32_t type, uint64_t *sum)
{
	bool found = false;
	uint64_t v;

	*sum = 0;
	for (size_t i = 0; i < z->nzones; i++) {
		const struct mms_zone_info *zone = &z->zones[i];

		if (zone->z.type != type ||
		    !mms_stat_get(zone->stats, zone->z.nstats, MMS_VS_NR_FREE_PAGES, &v))
			continue;
		*sum += v;
		found = true;
	}
	return found;
}

static bool sum_pcp(const struct mms_zones *z, uint32_t type, uint64_t *sum)
{
	bool found = false;
	uint64_t v;

	*sum = 0;
	for (size_t i = 0; i < z->nzones; i++) {
		if (z->zones[i].z.type != type || !mms_zone_pcp_pages(&z->zones[i], &v))
			continue;
		*sum += v;
		found = true;
	}
	return found;
}

static uint64_t present_of(const struct mms_frames *f, uint32_t zone)
{
	uint64_t n = 0;

	for (uint32_t class = 0; class < __MMS_FRAME_MAX; class++)
		if (mms_frame_present(class))
			n += f->census.frames[class][zone];
	return n;
}

/* A capture has zones of its own moment beside it: for what stands still. */
static int each_type(struct mms_check *c, const struct mms_check_row *row, zone_sum_fn *theirs,
		     bool frozen_too, uint64_t (*ours)(const struct mms_frames *f, uint32_t zone),
		     uint64_t (*slack)(const struct mms_frames *f, uint32_t zone))
{
	const struct mms_frames *f = c->ctx;
	const struct mms_zones *before = c->frozen ? &f->zones : &f->before.zones;
	const struct mms_zones *after = c->frozen ? &f->zones : &f->after.zones;
	uint64_t buffer = MMS_OWN_BUFFER >> (f->taking.page_shift & 31), a, b, n, room;
	int rc = 0;

	if (c->frozen && !frozen_too)
		return mms_check_na(c, row, f->after.why.text);
	if (!after->nzones)
		return mms_check_na(c, row, c->frozen ? "the zones were not recorded" : f->after.why.text);
	for (uint32_t z = 0; !rc && z < MMS_ZONE_DEVICE; z++) {
		if (!theirs(before, z, &b) || !theirs(after, z, &a))
			continue;
		n = ours(f, z);
		room = slack ? slack(f, z) : 0;
		/* so much and no less is missing where the buffer is */
		if (theirs == sum_free && a - n == buffer)
			room += buffer;
		rc = mms_check_compare(c, row, mms_zone_name(z), row->theirs, n, b, a, room);
	}
	return rc;
}

int mms_run_frames_present(struct mms_check *c, const struct mms_check_row *row)
{
	return each_type(c, row, sum_present, true, present_of, NULL);
}

static uint64_t unreserved_of(const struct mms_frames *f, uint32_t zone)
{
	return f->unreserved[zone];
}

static uint64_t ballooned(const struct mms_frames *f, uint32_t zone)
{
	return f->census.frames[MMS_FRAME_BALLOON][zone] + f->census.frames[MMS_FRAME_OFFLINE][zone];
}

int mms_run_frames_managed(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_frames *f = c->ctx;

	if (f->taking.writer != MMS_WRITER_MODULE)
		return mms_check_na(c, row, "which frames are reserved was not told: load the module (mmscope load)");
	return each_type(c, row, sum_managed, true, unreserved_of, ballooned);
}

/* What CPUs have taken and given and not yet told the counter; modulo 2^64. */
static uint64_t free_of(const struct mms_frames *f, uint32_t zone)
{
	uint64_t kept, n = f->census.frames[MMS_FRAME_FREE][zone] +
			   f->census.frames[MMS_FRAME_UNACCEPTED][zone];

	for (size_t i = 0; i < f->zones.nzones; i++) {
		const struct mms_zone_info *z = &f->zones.zones[i];

		if (z->z.type == zone && mms_cpus_pending(z->cpus, z->ncpus, MMS_VS_NR_FREE_PAGES, &kept))
			n -= kept;
	}
	return n;
}

static uint64_t free_slack(const struct mms_frames *f, uint32_t zone)
{
	uint64_t n = 0, kept;

	for (size_t i = 0; i < f->zones.nzones; i++) {
		const struct mms_zone_info *z = &f->zones.zones[i];

		if (z->z.type != zone)
			continue;
		/* an isolated block's pages are free and not in the counter */
		n += z->z.isolated * 1024;
		if (mms_cpus_pending(z->cpus, z->ncpus, MMS_VS_NR_FREE_PAGES, &kept))
			continue;
		for (size_t k = 0; k < z->ncpus; k++)
			n += z->cpus[k].c.threshold;
	}
	return n;
}

int mms_run_frames_free(struct mms_check *c, const struct mms_check_row *row)
{
	return each_type(c, row, sum_free, false, free_of, free_slack);
}

static uint64_t pcp_of(const struct mms_frames *f, uint32_t zone)
{
	return f->census.frames[MMS_FRAME_FREE_PCP][zone];
}

int mms_run_frames_pcp(struct mms_check *c, const struct mms_check_row *row)
{
	const struct mms_frames *f = c->ctx;

	if (f->taking.writer != MMS_WRITER_MODULE)
		return mms_check_na(c, row, "/proc/kpageflags does not tell them: load the module (mmscope load)");
	return each_type(c, row, sum_pcp, false, pcp_of, NULL);
}
