// SPDX-License-Identifier: GPL-2.0
/* Keeps raw page tables by physical address and serves the software MMU. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/tables.h"

/* A bit for each entry; the smallest have 4 bytes. */
#define MAP_WORDS	(MMS_TABLE_BYTES / 4 / 64)

/**
 * struct table - a table, in the frame of memory that it lies in
 * @frame: physical address of that frame
 * @base: of the table's entry 0; differs where the table is smaller than the
 *	frame (PAE's four PDPTEs, a root that translates few bits)
 * @known: entries of the frame that a record told of, by their place in it
 * @claimed: likewise, those that some extent speaks for
 * @entry: as many as the frame has room for
 */
struct table {
	uint64_t frame;
	uint64_t base;
	uint64_t va;
	unsigned int level;
	uint64_t known[MAP_WORDS];
	uint64_t claimed[MAP_WORDS];
	uint64_t entry[];
};

/* The address is in the slot, so that a probe touches one cache line. */
struct slot {
	uint64_t pa;
	struct table *table;
};

struct mms_tables {
	struct slot *slots;
	unsigned int bits;
	unsigned int entry_size;
	uint8_t shift[8];
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
	t->entry_size = sizeof(uint64_t);
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
	return find_slot(t->slots, t->bits, pa & ~(uint64_t)(MMS_TABLE_BYTES - 1))->table;
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

/* Place of an entry in its frame. */
static unsigned int place(const struct mms_tables *t, uint64_t pa)
{
	return (unsigned int)(pa % MMS_TABLE_BYTES) / t->entry_size;
}

static unsigned int room(const struct mms_tables *t)
{
	return MMS_TABLE_BYTES / t->entry_size;
}

static size_t table_size(const struct mms_tables *t)
{
	return sizeof(struct table) + room(t) * sizeof(uint64_t);
}

/* As another table, of which nothing is known. */
static void reset(const struct mms_tables *t, struct table *table,
		  const struct mms_pt_table *rec)
{
	uint64_t frame = table->frame;

	memset(table, 0, table_size(t));
	table->frame = frame;
	table->base = rec->table_pa;
	table->va = rec->va;
	table->level = rec->level;
}

static struct table *get_table(struct mms_tables *t, uint64_t base)
{
	uint64_t pa = base & ~(uint64_t)(MMS_TABLE_BYTES - 1);
	struct slot *slot;

	if (t->count * 2 >= (size_t)1 << t->bits && grow(t))
		return NULL;
	slot = find_slot(t->slots, t->bits, pa);
	if (!slot->table) {
		slot->table = calloc(1, table_size(t));
		if (!slot->table)
			return NULL;
		slot->pa = pa;
		slot->table->frame = pa;
		slot->table->base = base;
		t->count++;
	}
	return slot->table;
}

static bool record_sane(const struct mms_tables *t, const struct mms_pt_table *rec)
{
	return !(rec->table_pa % t->entry_size) &&
	       rec->level >= 1 && rec->level <= 5 &&
	       rec->first <= rec->last && rec->last < room(t) - place(t, rec->table_pa) &&
	       (!rec->count ||
		(rec->index >= rec->first && rec->index <= rec->last &&
		 rec->count <= rec->last - rec->index + 1));
}

int mms_tables_add(struct mms_tables *t, const struct mms_pt_table *rec,
		   const uint64_t *entries)
{
	struct table *table;
	unsigned int i, at;

	if (!record_sane(t, rec))
		return -EBADMSG;
	table = get_table(t, rec->table_pa);
	if (!table)
		return -ENOMEM;
	/* The frame serves another purpose now: nothing of before holds. */
	if (table->level != rec->level || table->va != rec->va || table->base != rec->table_pa)
		reset(t, table, rec);
	at = place(t, rec->table_pa);
	for (i = rec->first; i <= rec->last; i++) {
		uint64_t raw = 0;

		if (i >= rec->index && i - rec->index < rec->count)
			raw = entries[i - rec->index];
		if (table->entry[at + i] != raw)
			clear_bit(table->claimed, at + i);
		table->entry[at + i] = raw;
		set_bit(table->known, at + i);
	}
	t->entries += rec->last - rec->first + 1;
	return 0;
}

void mms_tables_set_shape(struct mms_tables *t, const struct mms_pt_context *c)
{
	t->entry_size = c->entry_size == 4 ? 4 : 8;
	for (unsigned int i = 0; i < sizeof(t->shift); i++)
		t->shift[i] = c->shift[i];
	t->mask = c->sme_mask;
}

static const uint64_t *known_entry(const struct mms_tables *t, uint64_t pa)
{
	const struct table *table = find_table(t, pa);
	unsigned int i = place(t, pa);

	return table && test_bit(table->known, i) ? &table->entry[i] : NULL;
}

int mms_tables_read(void *ctx, uint64_t pa, uint64_t *value)
{
	const struct mms_tables *t = ctx;
	const uint64_t *entry = known_entry(t, pa);

	if (!entry || t->entry_size != 8)
		return -ENOENT;
	*value = *entry & ~t->mask;
	return 0;
}

int mms_tables_read4(void *ctx, uint64_t pa, uint32_t *value)
{
	const struct mms_tables *t = ctx;
	const uint64_t *entry = known_entry(t, pa);

	if (!entry || t->entry_size != 4)
		return -ENOENT;
	*value = (uint32_t)(*entry & ~t->mask);
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
		set_bit(table->claimed, place(t, entry_pa));
}

uint64_t mms_tables_entries(const struct mms_tables *t)
{
	return t->entries;
}

size_t mms_tables_count(const struct mms_tables *t)
{
	return t->count;
}

/* log2 of what an entry of the table translates; old captures are x86-64's */
static unsigned int level_shift(const struct mms_tables *t, unsigned int level)
{
	return level < sizeof(t->shift) && t->shift[level] ? t->shift[level] :
							     12 + 9 * (level - 1);
}

static int unclaimed_in(const struct mms_tables *t, const struct table *table,
			int (*fn)(void *ctx, const struct mms_raw_entry *e),
			void *ctx)
{
	unsigned int first = place(t, table->base), shift = level_shift(t, table->level);
	unsigned int i;
	int rc = 0;

	for (i = first; i < room(t) && !rc; i++) {
		struct mms_raw_entry e = {
			.va = table->va + ((uint64_t)(i - first) << shift),
			.pa = table->frame + (uint64_t)i * t->entry_size,
			.raw = table->entry[i],
			.level = table->level,
			.index = i - first,
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
			rc = unclaimed_in(t, t->slots[i].table, fn, ctx);
	return rc;
}
