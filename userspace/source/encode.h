/* SPDX-License-Identifier: GPL-2.0 */
/* Records -> bytes of a stream: for the /proc reader, the recorder and tests. */
#ifndef MMSCOPE_SOURCE_ENCODE_H
#define MMSCOPE_SOURCE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <linux/mmscope.h>

/**
 * struct mms_encoder - one stream on its way out
 * @write: takes the bytes; 0 or -errno, which the encoder passes on
 * @ctx: passed to @write
 * @with_crc: fill the trailer's checksum in
 *
 * Zero the rest.  Order: begin, record (any number), end.
 */
struct mms_encoder {
	int (*write)(void *ctx, const void *buf, size_t len);
	void *ctx;
	bool with_crc;
	uint32_t crc;
	uint64_t records;
};

/* Where an encoder can write to. */
struct mms_membuf {
	unsigned char *data;
	size_t len;
	size_t room;
};

int mms_write_file(void *file, const void *buf, size_t len);		/* FILE * */
int mms_write_membuf(void *membuf, const void *buf, size_t len);	/* struct mms_membuf * */
void mms_membuf_free(struct mms_membuf *m);

/**
 * mms_header_init() - a header for a stream about the machine we run on, now
 * @req: copied as it is
 */
void mms_header_init(struct mms_stream_header *h, enum mms_kind kind,
		     enum mms_writer writer, const struct mms_request *req);

/**
 * mms_encode_begin() - write the header; sizes and magic are filled in
 * Return: 0 or what @write returned
 */
int mms_encode_begin(struct mms_encoder *e, const struct mms_stream_header *h);

/**
 * mms_encode_record() - write one record
 * @rec: fixed part, .type and .flags set; .size is computed
 * @tail: @tail_len bytes that follow it, padded with zeros; lengths in @rec
 *	that describe it are the caller's
 *
 * Return: 0, -EINVAL for an unknown type, -EMSGSIZE for a record larger than
 * MMS_RECORD_MAX, or what @write returned
 */
int mms_encode_record(struct mms_encoder *e, const struct mms_record *rec,
		      const void *tail, size_t tail_len);

/**
 * mms_encode_copy() - write a record as a decoder handed it out
 */
int mms_encode_copy(struct mms_encoder *e, const struct mms_record *rec);

/**
 * mms_encode_end() - write the trailer
 * @t: .end, .error, .batches, .torn, .hold_*, .entries; the rest is computed
 */
int mms_encode_end(struct mms_encoder *e, const struct mms_trailer *t);

#endif
