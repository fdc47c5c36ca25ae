/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes of a stream -> checked records; the only place that trusts no byte. */
#ifndef MMSCOPE_DECODE_H
#define MMSCOPE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/mmscope.h>
#include "util/err.h"

/**
 * struct mms_handler - what a reader of a stream wants to see
 * @header: called once, before any record; may be NULL
 * @record: called per record with its size and type already checked: the
 *	fixed part is whole (zero-extended if the writer's was shorter) and the
 *	tail's lengths lie inside @rec->size; strings in it are NUL terminated
 * @trailer: called once, last; may be NULL
 * @ctx: passed to each
 *
 * A callback that returns a negative errno stops the decoder, which returns it.
 */
struct mms_handler {
	int (*header)(void *ctx, const struct mms_stream_header *h);
	int (*record)(void *ctx, const struct mms_record *rec);
	int (*trailer)(void *ctx, const struct mms_trailer *t);
	void *ctx;
};

/**
 * struct mms_decoder - push parser: bytes go in as they arrive
 *
 * It holds at most one record (MMS_RECORD_MAX bytes).  It sees: bad magic,
 * another ABI, sizes that do not fit, records after the trailer, counts that
 * differ from the trailer's, a CRC that is wrong, a stream with no trailer.
 */
struct mms_decoder;

/* Largest record that any writer produces: a table of 512 entries, or two
 * paths, with room to spare.  Larger ones are refused as damaged. */
#define MMS_RECORD_MAX (64 * 1024)

struct mms_decoder *mms_decoder_new(const struct mms_handler *handler);
void mms_decoder_free(struct mms_decoder *d);

/**
 * mms_decoder_set_base() - messages name offsets from the start of a file
 * @base: offset of this stream's first byte in it
 */
void mms_decoder_set_base(struct mms_decoder *d, uint64_t base);

/**
 * mms_decoder_feed() - parse the next bytes
 * @consumed: set to the bytes taken; less than @len only when the stream's
 *	trailer was reached (what follows belongs to the next stream)
 *
 * Return: 1 the trailer was reached, 0 wants more, -errno (-EBADMSG damaged,
 * -EPROTONOSUPPORT another ABI version) with @err filled: message names the
 * offset, the record and what was wrong.
 */
int mms_decoder_feed(struct mms_decoder *d, const void *buf, size_t len,
		     size_t *consumed, struct mms_err *err);

/**
 * mms_decoder_end() - no more bytes will come
 * Return: 0 if the trailer was reached, -EBADMSG "truncated" if not.
 */
int mms_decoder_end(struct mms_decoder *d, struct mms_err *err);

/**
 * mms_record_fixed() - bytes of the fixed part of a record type
 * Return: sizeof its struct, 0 for a type this tool does not know
 */
size_t mms_record_fixed(unsigned int type);

/**
 * mms_kind_fixed() - the .record_size of a kind's stream header
 * Return: sizeof the largest fixed part, 0 for a kind this tool does not know
 */
size_t mms_kind_fixed(unsigned int kind);

/* "VMA", "PGTABLE" ...; "unknown" */
const char *mms_kind_name(unsigned int kind);

/* The counters in the tail of a node's, zone's or CPU's record. */
const struct mms_stat *mms_stats_of(const struct mms_record *rec, uint32_t *n);

/* "nr_free_pages" and so on, as /proc/zoneinfo says; "unknown" */
const char *mms_vmstat_name(uint32_t id);
enum mms_vmstat mms_vmstat_find(const char *name);	/* MMS_VS_UNKNOWN */

/* Tails, safe after the decoder has checked the record. */
const char *mms_vma_path(const struct mms_vma *vma);	/* "" if none */
const char *mms_vma_name(const struct mms_vma *vma);	/* "" if none */
const uint64_t *mms_pt_table_entries(const struct mms_pt_table *t);

/**
 * mms_pt_shift() - log2 of the bytes that an entry of a level translates
 * @c: the stream's context; one that says nothing (an old writer's, or none:
 *	zeros) means 4 KiB pages and 512 entries a table
 * @level: 1 PTE .. 5
 */
unsigned int mms_pt_shift(const struct mms_pt_context *c, unsigned int level);

/* Bytes of an entry in memory, likewise. */
unsigned int mms_pt_entry_size(const struct mms_pt_context *c);

/* "x86-64", "i386", "arm64"; "unknown" for others. */
const char *mms_arch_name(uint32_t arch);
const char *mms_task_cmdline(const struct mms_task *t);	/* cmdline_len bytes */

#endif
