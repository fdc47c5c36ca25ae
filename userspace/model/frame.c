// SPDX-License-Identifier: GPL-2.0
/* One page frame: its records from a source, and the search for it forward. */
#include "model/frame.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "model/vec.h"

static int add_map(struct mms_frame_info *f, const struct mms_frame_map *m)
{
	int rc = mms_vec_grow(&f->maps, &f->maps_room, f->nmaps, sizeof(*f->maps));

	if (rc)
		return rc;
	f->maps[f->nmaps++] = *m;
	return 0;
}

static int take_file(struct mms_frame_info *f, const struct mms_frame_file *file)
{
	const char *tail = (const char *)(file + 1);

	f->file = *file;
	f->have_file = true;
	free(f->fs);
	free(f->path);
	f->fs = strdup(file->fs_len ? tail : "");
	f->path = strdup(file->path_len ? tail + file->fs_len : "");
	return f->fs && f->path ? 0 : -ENOMEM;
}

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	struct mms_frame_info *f = ctx;

	f->writer = h->writer;
	f->page_shift = h->page_shift;
	return 0;
}

static int take_record(void *ctx, const struct mms_record *rec)
{
	struct mms_frame_info *f = ctx;

	switch (rec->type) {
	case MMS_REC_FRAME:
		f->frame = *(const struct mms_frame *)(const void *)rec;
		break;
	case MMS_REC_FRAME_FILE:
		return take_file(f, (const void *)rec);
	case MMS_REC_FRAME_SLAB:
		f->slab = *(const struct mms_frame_slab *)(const void *)rec;
		f->have_slab = true;
		break;
	case MMS_REC_FRAME_TASK:
		f->task = *(const struct mms_frame_task *)(const void *)rec;
		f->have_task = true;
		break;
	case MMS_REC_FRAME_MAP:
		return add_map(f, (const void *)rec);
	}
	return 0;
}

static int take_trailer(void *ctx, const struct mms_trailer *t)
{
	((struct mms_frame_info *)ctx)->trailer = *t;
	return 0;
}

int mms_frame_read(struct mms_source *s, uint64_t pfn, uint32_t flags,
		   struct mms_frame_info *out, struct mms_err *err)
{
	struct mms_request req = {
		.size = sizeof(req), .flags = flags, .start = pfn, .end = pfn + 1,
	};
	struct mms_handler h = {
		.header = take_header, .record = take_record, .trailer = take_trailer, .ctx = out,
	};
	int rc;

	memset(out, 0, sizeof(*out));
	rc = mms_source_stream(s, MMS_KIND_FRAME, &req, &h, err);
	if (rc == -ENOMEM)
		return mms_err_set(err, rc, "out of memory");
	if (!rc && out->trailer.end == MMS_END_ERROR)
		return mms_err_set(err, -EIO, "page frame 0x%" PRIx64 ": the module stopped: %s",
				   pfn, strerror((int)out->trailer.error));
	if (!rc && (out->frame.pfn != pfn || !out->frame.state))
		return mms_err_set(err, -ENODATA, "page frame 0x%" PRIx64 ": nothing was told of it", pfn);
	return rc;
}

void mms_frame_free(struct mms_frame_info *f)
{
	free(f->path);
	free(f->fs);
	free(f->maps);
	free(f->uses);
	free(f->area.caller);
	memset(f, 0, sizeof(*f));
}

size_t mms_frame_proved(const struct mms_frame_info *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->nmaps; i++)
		n += f->maps[i].state == MMS_FMAP_MAPS;
	return n;
}

size_t mms_frame_open_maps(const struct mms_frame_info *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->nmaps; i++)
		n += f->maps[i].state == MMS_FMAP_BUSY || f->maps[i].state == MMS_FMAP_NO_PROCESS ||
		     f->maps[i].state == MMS_FMAP_UNKNOWN;
	return n;
}

const char *mms_frame_needs_scan(const struct mms_frame_info *f)
{
	const struct mms_frame *fr = &f->frame;

	if (fr->state != MMS_PFN_PAGE)
		return NULL;
	if (mms_frame_is(fr, MMS_KPF_ZERO_PAGE))
		return "the zero page has no reverse map";
	if (mms_frame_is(fr, MMS_KPF_RESERVED))
		return "reserved pages have no reverse map";
	if (!(fr->known & MMS_FRAME_K_MAPCOUNT) || !fr->mapcount)
		return NULL;
	switch (fr->rmap) {
	case MMS_RMAP_NOT_ASKED:
		return f->writer == MMS_WRITER_MODULE ? NULL : "/proc has no reverse map";
	case MMS_RMAP_NONE:
		return "it is mapped, but has no reverse map";
	case MMS_RMAP_BUSY_PAGE:
		return "its lock was busy";
	case MMS_RMAP_BUSY_TREE:
		return "its reverse map was busy";
	case MMS_RMAP_CHANGED:
		return "it changed while it was looked at";
	case MMS_RMAP_TRUNCATED:
		return "more VMAs may map it than the module takes along";
	case MMS_RMAP_UNAVAILABLE:
		return "KSM's reverse map cannot be read on this kernel";
	}
	return NULL;
}

/* --- forward scan ---------------------------------------------------------- */

/**
 * struct scan - one pass over all processes
 * @pid: process being read
 * @hit: it maps one of the frames
 */
struct scan {
	struct mms_source *source;
	struct mms_frame_info *infos;
	size_t n;
	bool tables;
	uint32_t pid;
	bool hit;
	unsigned int page_shift;
	struct mms_err *err;
};

/* The first frame not below @pfn. */
static size_t first_from(const struct scan *s, uint64_t pfn)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->infos[mid].frame.pfn < pfn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int take_extent(struct scan *s, const struct mms_pt_extent *e)
{
	uint64_t first = e->pa >> s->page_shift, pages = e->len >> s->page_shift;
	int rc = 0;

	if (e->state != MMS_PT_PRESENT)
		return 0;
	for (size_t i = first_from(s, first);
	     !rc && i < s->n && s->infos[i].frame.pfn - first < pages; i++) {
		struct mms_frame_map m = {
			.head = { .type = MMS_REC_FRAME_MAP }, .pfn = s->infos[i].frame.pfn,
			.state = MMS_FMAP_MAPS, .pid = s->pid, .level = e->level,
			.pt_state = e->state, .pt_flags = e->flags,
		};

		m.va = e->va + ((m.pfn - first) << s->page_shift);
		/* the raw entries of a run differ by the frame alone */
		if (e->raw)
			m.raw = e->level == 1 ? e->raw + ((m.pfn - first) << s->page_shift) : e->raw;
		s->hit = true;
		rc = add_map(&s->infos[i], &m);
	}
	return rc;
}

static int take_table(struct scan *s, const struct mms_pt_table *t)
{
	uint64_t pfn = t->table_pa >> s->page_shift;
	size_t i = first_from(s, pfn);
	struct mms_frame_info *f;

	if (i == s->n || s->infos[i].frame.pfn != pfn)
		return 0;
	f = &s->infos[i];
	/* a table is told in several parts */
	if (f->nuses && f->uses[f->nuses - 1].pid == s->pid && f->uses[f->nuses - 1].va == t->va)
		return 0;
	if (mms_vec_grow(&f->uses, &f->uses_room, f->nuses, sizeof(*f->uses)))
		return -ENOMEM;
	f->uses[f->nuses++] = (struct mms_table_use){ s->pid, t->level, t->va };
	return 0;
}

static int scan_header(void *ctx, const struct mms_stream_header *h)
{
	((struct scan *)ctx)->page_shift = h->page_shift;
	return 0;
}

static int scan_record(void *ctx, const struct mms_record *rec)
{
	if (rec->type == MMS_REC_PT_EXTENT)
		return take_extent(ctx, (const void *)rec);
	if (rec->type == MMS_REC_PT_TABLE)
		return take_table(ctx, (const void *)rec);
	return 0;
}

static int task_name(void *ctx, const struct mms_record *rec)
{
	const struct mms_task *t = (const void *)rec;
	struct scan *s = ctx;

	for (size_t i = 0; i < s->n; i++)
		for (size_t m = s->infos[i].nmaps; m && s->infos[i].maps[m - 1].pid == s->pid; m--)
			memcpy(s->infos[i].maps[m - 1].comm, t->comm,
			       sizeof(s->infos[i].maps[0].comm) - 1);
	return 0;
}

static int scan_pid(void *ctx, uint32_t pid)
{
	struct scan *s = ctx;
	struct mms_request req = {
		.size = sizeof(req), .pid = pid,
		.flags = MMS_REQ_EXTENTS | (s->tables ? MMS_REQ_TABLES : 0),
	};
	struct mms_handler h = { .header = scan_header, .record = scan_record, .ctx = s };
	struct mms_handler name = { .record = task_name, .ctx = s };
	struct mms_err ignored;
	int rc;

	s->pid = pid;
	s->hit = false;
	rc = mms_source_stream(s->source, MMS_KIND_PGTABLE, &req, &h, s->err);
	if (rc == -ESRCH || rc == -ENODATA || rc == -ENXIO)
		return 0;
	/* its name is worth having, no more */
	if (!rc && s->hit)
		mms_source_stream(s->source, MMS_KIND_TASK, &req, &name, &ignored);
	return rc;
}

int mms_frame_scan(struct mms_source *s, struct mms_frame_info *infos, size_t n,
		   bool tables, struct mms_err *err)
{
	struct scan scan = {
		.source = s, .infos = infos, .n = n, .page_shift = 12, .err = err,
		.tables = tables && strcmp(mms_source_name(s), "procfs"),
	};
	int rc;

	for (size_t i = 0; i < n; i++) {
		infos[i].nmaps = 0;
		infos[i].nuses = 0;
	}
	rc = mms_source_pids(s, scan_pid, &scan, err);
	for (size_t i = 0; !rc && i < n; i++)
		infos[i].scanned = true;
	return rc == -ENOMEM ? mms_err_set(err, rc, "out of memory") : rc;
}
