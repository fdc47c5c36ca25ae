// SPDX-License-Identifier: GPL-2.0
/* The source that reads a capture file: streams recorded before, anywhere. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "source/source.h"
#include "util/text.h"

#define READ_SIZE	(1024 * 1024)

/* Where one stream lies in the file. */
struct entry {
	enum mms_kind kind;
	uint32_t pid;
	uint32_t flags;		/* of the request that it answers */
	uint64_t offset;
};

/**
 * struct capture - see source.h
 * @shown: the file's name, neutralised
 * @index: every stream, in file order
 * @buf: READ_SIZE bytes
 */
struct capture {
	struct mms_source src;
	int fd;
	char shown[256];
	struct entry *index;
	size_t n;
	size_t room;
	unsigned char *buf;
};

static struct capture *to_capture(struct mms_source *s)
{
	return (struct capture *)((char *)s - offsetof(struct capture, src));
}

/* Put the file's name before what the decoder said. */
static int name_file(const struct capture *c, int rc, struct mms_err *err)
{
	struct mms_err inner;

	if (!err)
		return rc;
	inner = *err;
	return mms_err_set(err, rc, "%s: %.*s", c->shown,
			   (int)(sizeof(err->text) - sizeof(c->shown) - 3), inner.text);
}

static int add_entry(struct capture *c, const struct mms_stream_header *h, uint64_t offset)
{
	if (c->n == c->room) {
		size_t room = c->room ? c->room * 2 : 16;
		void *more = realloc(c->index, room * sizeof(*c->index));

		if (!more)
			return -ENOMEM;
		c->index = more;
		c->room = room;
	}
	c->index[c->n++] = (struct entry){
		.kind = h->kind, .pid = h->request.pid, .flags = h->request.flags, .offset = offset,
	};
	return 0;
}

/* Pass the stream at @offset through @h; @offset moves behind it. */
static int read_stream(struct capture *c, const struct mms_handler *h, uint64_t *offset,
		       struct mms_err *err)
{
	struct mms_decoder *d = mms_decoder_new(h);
	size_t used;
	int rc = 0;

	if (!d)
		return mms_err_set(err, -ENOMEM, "out of memory");
	mms_decoder_set_base(d, *offset);
	while (!rc) {
		ssize_t n = pread(c->fd, c->buf, READ_SIZE, (off_t)*offset);

		if (n < 0)
			rc = mms_err_set(err, -errno, "%s", strerror(errno));
		else if (!n)
			rc = mms_decoder_end(d, err);
		if (n <= 0)
			break;
		rc = mms_decoder_feed(d, c->buf, (size_t)n, &used, err);
		*offset += used;
	}
	mms_decoder_free(d);
	return rc < 0 ? rc : 0;
}

struct indexer {
	struct capture *c;
	uint64_t offset;
};

static int index_header(void *ctx, const struct mms_stream_header *h)
{
	struct indexer *i = ctx;

	return add_entry(i->c, h, i->offset);
}

/* One pass over the whole file: nothing is shown of one that is damaged. */
static int build_index(struct capture *c, uint64_t size, struct mms_err *err)
{
	struct indexer i = { .c = c };
	struct mms_handler h = { .header = index_header, .ctx = &i };
	uint64_t offset = 0;
	int rc = 0;

	if (!size)
		return mms_err_set(err, -EBADMSG, "it is empty: no capture");
	while (!rc && offset < size) {
		i.offset = offset;
		rc = read_stream(c, &h, &offset, err);
	}
	return rc;
}

static const struct entry *find(const struct capture *c, enum mms_kind kind, uint32_t pid)
{
	const struct entry *last = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (c->index[i].pid == pid && (!kind || c->index[i].kind == kind))
			last = &c->index[i];
	return last;
}

/* Have the streams before entry @i none of its process? */
static bool first_of_pid(const struct capture *c, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (c->index[j].pid == c->index[i].pid)
			return false;
	return true;
}

static int absent(const struct capture *c, enum mms_kind kind, uint32_t pid,
		  struct mms_err *err)
{
	char list[160] = "";
	size_t n = 0;

	if (MMS_KIND_MACHINE(kind))
		return mms_err_set(err, -EOPNOTSUPP,
				   "%s: no %s stream was recorded in it", c->shown,
				   mms_kind_name(kind));
	if (find(c, MMS_KIND_UNSPEC, pid))
		return mms_err_set(err, -EOPNOTSUPP,
				   "%s: no %s stream of PID %u was recorded in it",
				   c->shown, mms_kind_name(kind), pid);
	for (size_t i = 0; i < c->n && n < sizeof(list) - 20; i++)
		if (!MMS_KIND_MACHINE(c->index[i].kind) && first_of_pid(c, i))
			n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%u",
					      n ? ", " : "", c->index[i].pid);
	return mms_err_set(err, -ESRCH, "%s: PID %u is not in it: it holds %s%s", c->shown,
			   pid, n ? list : "no process", n < sizeof(list) - 20 ? "" : ", ...");
}

/* What was recorded, cut to what is asked for now; @context came before all tables. */
struct filter {
	const struct mms_handler *to;
	const struct mms_request *req;
	struct mms_pt_context context;
};

static int filter_header(void *ctx, const struct mms_stream_header *h)
{
	struct filter *f = ctx;

	return f->to->header ? f->to->header(f->to->ctx, h) : 0;
}

static int filter_trailer(void *ctx, const struct mms_trailer *t)
{
	struct filter *f = ctx;

	return f->to->trailer ? f->to->trailer(f->to->ctx, t) : 0;
}

/* Does [va, last] meet the range asked for?  (@last: no overflow at the top.) */
static bool meets(const struct mms_request *req, uint64_t va, uint64_t last)
{
	return last >= req->start && (!req->end || va < req->end);
}

static bool table_meets(const struct filter *f, const struct mms_pt_table *t)
{
	uint64_t entry = 1ULL << mms_pt_shift(&f->context, t->level);

	return meets(f->req, t->va + t->first * entry, t->va + t->last * entry + (entry - 1));
}

static bool wanted(const struct filter *f, const struct mms_record *rec)
{
	const struct mms_request *req = f->req;
	const struct mms_vma *v = (const void *)rec;
	const struct mms_usage *u = (const void *)rec;
	const struct mms_pt_extent *e = (const void *)rec;
	const struct mms_pt_hole *h = (const void *)rec;
	const struct mms_vmalloc_area *a = (const void *)rec;

	switch (rec->type) {
	case MMS_REC_VMA:
		return meets(req, v->start, v->end - 1);
	case MMS_REC_USAGE:
		return meets(req, u->start, u->end - 1);
	case MMS_REC_PT_TABLE:
		return req->flags & MMS_REQ_TABLES && table_meets(f, (const void *)rec);
	case MMS_REC_PT_EXTENT:
		return req->flags & MMS_REQ_EXTENTS && meets(req, e->va, e->va + (e->len - 1));
	case MMS_REC_PT_HOLE:
		return req->flags & MMS_REQ_HOLES && meets(req, h->va, h->va + (h->len - 1));
	case MMS_REC_LRU_GEN:
	case MMS_REC_LRU_TIER:
		return req->flags & MMS_REQ_LRU_GENS;
	case MMS_REC_LRU_FOLIO:
		return req->flags & MMS_REQ_LRU_SAMPLE;
	case MMS_REC_BUDDY_BLOCK:
		return req->flags & MMS_BUDDY_BLOCKS;
	case MMS_REC_CACHE_RUN:
		return req->flags & MMS_REQ_CACHE_RUNS;
	case MMS_REC_VMALLOC_AREA:
		return !(a->flags & MMS_AREA_LAZY) || req->flags & MMS_REQ_VMALLOC_LAZY;
	case MMS_REC_VMALLOC_SPACE:
		return req->flags & MMS_REQ_VMALLOC_LAZY;
	}
	return true;
}

static int filter_record(void *ctx, const struct mms_record *rec)
{
	struct filter *f = ctx;

	if (rec->type == MMS_REC_PT_CONTEXT)
		f->context = *(const struct mms_pt_context *)rec;
	if (!f->to->record || !wanted(f, rec))
		return 0;
	return f->to->record(f->to->ctx, rec);
}

static int capture_stream(struct mms_source *s, enum mms_kind kind,
			  const struct mms_request *req,
			  const struct mms_handler *h, struct mms_err *err)
{
	struct capture *c = to_capture(s);
	struct filter f = { .to = h, .req = req };
	struct mms_handler through = {
		.header = filter_header, .record = filter_record,
		.trailer = filter_trailer, .ctx = &f,
	};
	const struct entry *e = find(c, kind, req->pid);
	uint64_t offset;
	int rc;

	if (!e)
		return absent(c, kind, req->pid, err);
	/* Of the machine each flag asks for something more: none of it is no answer. */
	if (MMS_KIND_MACHINE(kind) && req->flags & ~e->flags)
		return mms_err_set(err, -EOPNOTSUPP,
				   "%s: the %s stream in it was recorded without what is asked for now",
				   c->shown, mms_kind_name(kind));
	offset = e->offset;
	rc = read_stream(c, &through, &offset, err);
	/* It was whole when it was opened. */
	return rc == -EBADMSG ? name_file(c, rc, err) : rc;
}

static int by_pid(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int capture_pids(struct mms_source *s, int (*fn)(void *ctx, uint32_t pid),
			void *ctx, struct mms_err *err)
{
	struct capture *c = to_capture(s);
	struct entry *sorted = calloc(c->n, sizeof(*sorted));
	int rc = 0;

	if (!sorted)
		return mms_err_set(err, -ENOMEM, "out of memory");
	memcpy(sorted, c->index, c->n * sizeof(*sorted));
	qsort(sorted, c->n, sizeof(*sorted), by_pid);
	for (size_t i = 0; !rc && i < c->n; i++)
		if (!MMS_KIND_MACHINE(sorted[i].kind) &&
		    (!i || sorted[i].pid != sorted[i - 1].pid))
			rc = fn(ctx, sorted[i].pid);
	free(sorted);
	return rc;
}

static void capture_close(struct mms_source *s)
{
	struct capture *c = to_capture(s);

	if (c->fd >= 0)
		close(c->fd);
	free(c->index);
	free(c->buf);
	free(c);
}

static const struct mms_source_ops capture_ops = {
	.name = "capture",
	.stream = capture_stream,
	.pids = capture_pids,
	.close = capture_close,
};

static int open_file(struct capture *c, const char *file, struct mms_err *err)
{
	struct stat st;
	int rc;

	c->fd = open(file, O_RDONLY | O_CLOEXEC);
	if (c->fd < 0 || fstat(c->fd, &st))
		return mms_err_set(err, -errno, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return mms_err_set(err, -EBADMSG, "not a regular file: give one that 'mmscope record' wrote");
	c->buf = malloc(READ_SIZE);
	if (!c->buf)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = build_index(c, (uint64_t)st.st_size, err);
	if (rc == -ENOMEM && err && !err->text[0])
		mms_err_set(err, rc, "out of memory");
	return rc;
}

int mms_source_open_capture(struct mms_source **out, const char *file, struct mms_err *err)
{
	struct capture *c = calloc(1, sizeof(*c));
	int rc;

	*out = NULL;
	if (!c)
		return mms_err_set(err, -ENOMEM, "out of memory");
	c->src.ops = &capture_ops;
	mms_neutral(file, c->shown, sizeof(c->shown));
	if (err)
		err->text[0] = '\0';
	rc = open_file(c, file, err);
	if (rc) {
		name_file(c, rc, err);
		capture_close(&c->src);
		return rc;
	}
	*out = &c->src;
	return 0;
}
