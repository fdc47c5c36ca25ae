/* SPDX-License-Identifier: GPL-2.0 */
/* A source whose streams a test writes record by record; for unit tests. */
#ifndef MMSCOPE_TESTS_FAKE_SOURCE_H
#define MMSCOPE_TESTS_FAKE_SOURCE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source/encode.h"
#include "source/source.h"

/**
 * struct fake_source - answers through the real encoder and decoder
 * @write: write the records of @kind; or -errno, which the source returns
 * @asked: how often each kind was asked for
 * @writer: enum mms_writer of the headers
 * @arch: of the headers; 0 = x86_64
 * @end: enum mms_end of the trailers
 */
struct fake_source {
	struct mms_source base;
	int (*write)(struct fake_source *f, enum mms_kind kind,
		     const struct mms_request *req, struct mms_encoder *e);
	unsigned int asked[__MMS_KIND_MAX];
	enum mms_writer writer;
	enum mms_arch arch;
	enum mms_end end;
	void *ctx;
};

static inline int fake_stream(struct mms_source *s, enum mms_kind kind,
			      const struct mms_request *req,
			      const struct mms_handler *h, struct mms_err *err)
{
	struct fake_source *f = (struct fake_source *)s;
	struct mms_membuf m = { 0 };
	struct mms_encoder e = { .write = mms_write_membuf, .ctx = &m };
	struct mms_trailer t = {
		.end = f->end, .error = f->end == MMS_END_ERROR ? EIO : 0,
	};
	struct mms_stream_header header;
	struct mms_decoder *d;
	size_t used;
	int rc;

	f->asked[kind]++;
	mms_header_init(&header, kind, f->writer, req);
	header.arch = f->arch ? f->arch : MMS_ARCH_X86_64;
	mms_encode_begin(&e, &header);
	rc = f->write(f, kind, req, &e);
	if (rc < 0) {
		mms_membuf_free(&m);
		return mms_err_set(err, rc, "fake: %s", strerror(-rc));
	}
	mms_encode_end(&e, &t);
	d = mms_decoder_new(h);
	rc = mms_decoder_feed(d, m.data, m.len, &used, err);
	mms_decoder_free(d);
	mms_membuf_free(&m);
	return rc < 0 ? rc : 0;
}

static inline int fake_pids(struct mms_source *s, int (*fn)(void *ctx, uint32_t pid),
			    void *ctx, struct mms_err *err)
{
	(void)s;
	(void)err;
	return fn(ctx, 1);
}

static inline void fake_close(struct mms_source *s)
{
	(void)s;
}

static const struct mms_source_ops fake_ops __attribute__((unused)) = {
	.name = "fake",
	.stream = fake_stream,
	.pids = fake_pids,
	.close = fake_close,
};

static inline void fake_vma(struct mms_encoder *e, uint64_t start, uint64_t end,
			    uint32_t flags, const char *path)
{
	struct mms_vma v = {
		.head = { .type = MMS_REC_VMA },
		.start = start, .end = end, .flags = flags,
		.policy = MMS_POLICY_NONE,
		.path_len = path ? (uint32_t)strlen(path) + 1 : 0,
	};

	mms_encode_record(e, &v.head, path, v.path_len);
}

static inline void fake_task(struct mms_encoder *e, uint32_t pid, const char *comm,
			     uint32_t flags)
{
	struct mms_task t = {
		.head = { .type = MMS_REC_TASK }, .pid = pid, .flags = flags,
		.state = 'S',
	};

	strncpy((char *)t.comm, comm, sizeof(t.comm) - 1);
	mms_encode_record(e, &t.head, NULL, 0);
}

#endif
