/* SPDX-License-Identifier: GPL-2.0 */
/* Raw page tables as a stream brought them: the memory of the software MMU. */
#ifndef MMSCOPE_MODEL_TABLES_H
#define MMSCOPE_MODEL_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/mmscope.h>

/* A table is no larger than this, and begins and ends in one frame of it. */
#define MMS_TABLE_BYTES		4096

struct mms_tables;

struct mms_tables *mms_tables_new(void);
void mms_tables_free(struct mms_tables *t);

/**
 * mms_tables_add() - take in one record
 * @rec: from the decoder
 * @entries: its tail
 *
 * Entries that an earlier record of the same table gave are replaced; those
 * that this record did not look at stay.
 *
 * Return: 0, -ENOMEM, -EBADMSG for indices that no table has.
 */
int mms_tables_add(struct mms_tables *t, const struct mms_pt_table *rec,
		   const uint64_t *entries);

/**
 * mms_tables_set_shape() - what the context says of all tables
 * @c: entry_size (0, of old captures: 8), shift of the levels, and sme_mask:
 *	bits of every entry that no MMU without memory encryption would see
 *
 * Before the first record is added.
 */
void mms_tables_set_shape(struct mms_tables *t, const struct mms_pt_context *c);

/**
 * mms_tables_read() - an mmu_read_fn, and mms_tables_read4() an mmu_read4_fn
 * @ctx: struct mms_tables
 *
 * Return: 0, or -ENOENT: no record told what is there.
 */
int mms_tables_read(void *ctx, uint64_t pa, uint64_t *value);
int mms_tables_read4(void *ctx, uint64_t pa, uint32_t *value);

/* Did any record tell of the table that holds the entry at @entry_pa? */
bool mms_tables_has(const struct mms_tables *t, uint64_t entry_pa);

/* Some extent speaks for the entry at @entry_pa. */
void mms_tables_claim(struct mms_tables *t, uint64_t entry_pa);

/* Entries in all records, and tables kept. */
uint64_t mms_tables_entries(const struct mms_tables *t);
size_t mms_tables_count(const struct mms_tables *t);

/**
 * struct mms_raw_entry - one entry and where it is
 * @va: the virtual address it translates, as its record said
 * @pa: its physical address
 * @raw: its value
 * @level: level of its table
 * @index: number in its table
 */
struct mms_raw_entry {
	uint64_t va;
	uint64_t pa;
	uint64_t raw;
	unsigned int level;
	unsigned int index;
};

/* Call @fn for each entry that is not zero and that nothing claimed.  A
 * non-zero return ends it and is passed on. */
int mms_tables_unclaimed(struct mms_tables *t,
			 int (*fn)(void *ctx, const struct mms_raw_entry *e),
			 void *ctx);

#endif
