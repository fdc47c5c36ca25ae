// SPDX-License-Identifier: GPL-2.0
/* Keeps raw page tables by physical address and serves the software MMU. */
#include <errno.h>
#include <stdlib.h>

#include "model/tables.h"

#define WORDS		(MMS_TABLE_ENTRIES / 64)
#define TABLE_BYTES	(MMS_TABLE_ENTRIES * sizeof(uint64_t))

struct table {
	uint64_t pa;
	uint64_t va;
	unsigned int level;
	uint64_t known[WORDS];
	uint64_t claimed[WORDS];
	uint64_t entry[MMS_TABLE_ENTRIES];
};

/* The address is in the slot, so that a probe touches one cache line. */
struct slot {
	uint64_t pa;
	struct table *table;
};

struct mms_tables {
	struct slot *slots;
	unsigned int bits;
	size_t count;
	uint64_t mask;
	uint64_t entries;
};

static bool test_bit(const uint64_t *map, unsigned int n)
{
	return map[n / 64] >> (n % 64) & 1;
}

static void set_bit(uint64_t *map, unsigned int n)
{
	map[n / 64] |= 1ULL << (n % 64);
}

static void clear_bit(uint64_t *map, unsigned int n)
{
	map[n / 64] &= ~(1ULL << (n % 64));
}

struct mms_tables *mms_tables_new(void)
{
	struct mms_tables *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->bits = 6;
	t->slots = calloc((size_t)1 << t->bits, sizeof(*t->slots));
	if (!t->slots) {
		free(t);
		return NULL;
	}
	return t;
}

void mms_tables_free(struct mms_tables *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < (size_t)1 << t->bits; i++)
		free(t->slots[i].table);
	free(t->slots);
	free(t);
}

/* Fibonacci hashing; linear probing in an array at most half full. */
static struct slot *find_slot(struct slot *slots, unsigned int bits, uint64_t pa)
{
	size_t mask = ((size_t)1 << bits) - 1;
	size_t i = (pa >> 12) * 0x9e3779b97f4a7c15ULL >> (64 - bits);

	while (slots[i].table && slots[i].pa != pa)
		i = (i + 1) & mask;
	return &slots[i];
}

static struct table *find_table(const struct mms_tables *t, uint64_t pa)
{
	return find_slot(t->slots, t->bits, pa & ~(TABLE_BYTES - 1))->table;
}

static int grow(struct mms_tables *t)
{
	unsigned int bits = t->bits + 1;
	struct slot *slots = calloc((size_t)1 << bits, sizeof(*slots));
	size_t i;

	if (!slots)
		return -ENOMEM;
	for (i = 0; i < (size_t)1 << t->bits; i++)
		if (t->slots[i].table)
			*find_slot(slots, bits, t->slots[i].pa) = t->slots[i];
	free(t->slots);
	t->slots = slots;
	t->bits = bits;
	return 0;
}

static struct table *get_table(struct mms_tables *t, uint64_t pa)
{
	struct slot *slot;

	if (t->count * 2 >= (size_t)1 << t->bits && grow(t))
		return NULL;
	slot = find_slot(t->slots, t->bits, pa);
	if (!slot->table) {
		slot->table = calloc(1, sizeof(*slot->table));
		if (!slot->table)
			return NULL;
		slot->pa = pa;
		slot->table->pa = pa;
		t->count++;
	}
	return slot->table;
}

static bool record_sane(const struct mms_pt_table *rec)
{
	return !(rec->table_pa & (TABLE_BYTES - 1)) &&
	       rec->level >= 1 && rec->level <= 5 &&
	       rec->first <= rec->last && rec->last < MMS_TABLE_ENTRIES &&
	       (!rec->count ||
		(rec->index >= rec->first && rec->index <= rec->last &&
		 rec->count <= rec->last - rec->index + 1));
}

int mms_tables_add(struct mms_tables *t, const struct mms_pt_table *rec,
		   const uint64_t *entries)
{
	struct table *table;
	unsigned int i;

	if (!record_sane(rec))
		return -EBADMSG;
	table = get_table(t, rec->table_pa);
	if (!table)
		return -ENOMEM;
	/* The frame serves another purpose now: nothing of before holds. */
	if (table->level != rec->level || table->va != rec->va)
		*table = (struct table){ .pa = rec->table_pa, .va = rec->va,
					 .level = rec->level };
	for (i = rec->first; i <= rec->last; i++) {
		uint64_t raw = 0;

		if (i >= rec->index && i - rec->index < rec->count)
			raw = entries[i - rec->index];
		if (table->entry[i] != raw)
			clear_bit(table->claimed, i);
		table->entry[i] = raw;
		set_bit(table->known, i);
	}
	t->entries += rec->last - rec->first + 1;
	return 0;
}

void mms_tables_set_mask(struct mms_tables *t, uint64_t mask)
{
	t->mask = mask;
}

int mms_tables_read(void *ctx, uint64_t pa, uint64_t *value)
{
	const struct mms_tables *t = ctx;
	const struct table *table = find_table(t, pa);
	unsigned int i = pa % TABLE_BYTES / sizeof(uint64_t);

	if (!table || !test_bit(table->known, i))
		return -ENOENT;
	*value = table->entry[i] & ~t->mask;
	return 0;
}

bool mms_tables_has(const struct mms_tables *t, uint64_t entry_pa)
{
	return find_table(t, entry_pa);
}

void mms_tables_claim(struct mms_tables *t, uint64_t entry_pa)
{
	struct table *table = find_table(t, entry_pa);

	if (table)
		set_bit(table->claimed, entry_pa % TABLE_BYTES / sizeof(uint64_t));
}

uint64_t mms_tables_entries(const struct mms_tables *t)
{
	return t->entries;
}

size_t mms_tables_count(const struct mms_tables *t)
{
	return t->count;
}

static int unclaimed_in(const struct table *table,
			int (*fn)(void *ctx, const struct mms_raw_entry *e),
			void *ctx)
{
	unsigned int i, shift = 12 + 9 * (table->level - 1);
	int rc = 0;

	for (i = 0; i < MMS_TABLE_ENTRIES && !rc; i++) {
		struct mms_raw_entry e = {
			.va = table->va + ((uint64_t)i << shift),
			.pa = table->pa + i * sizeof(uint64_t),
			.raw = table->entry[i],
			.level = table->level,
			.index = i,
		};

		if (e.raw && !test_bit(table->claimed, i))
			rc = fn(ctx, &e);
	}
	return rc;
}

int mms_tables_unclaimed(struct mms_tables *t,
			 int (*fn)(void *ctx, const struct mms_raw_entry *e),
			 void *ctx)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < (size_t)1 << t->bits && !rc; i++)
		if (t->slots[i].table)
			rc = unclaimed_in(t->slots[i].table, fn, ctx);
	return rc;
}
