/* SPDX-License-Identifier: GPL-2.0 */
/* Slab caches: what they hold, and what of it is wasted and why. */
#ifndef MMSCOPE_MODEL_SLAB_H
#define MMSCOPE_MODEL_SLAB_H

#include "source/source.h"

/**
 * struct mms_slab_states - objects by state, and slabs of which something is to be said
 * @alloc: allocated, as far as any list tells; @free: on the lists of slabs; @cpu: on
 *	those of processors; @sheaf: in sheaves
 * @slabs: that were read
 * @corrupt: slabs with a corrupt list
 * @torn: slabs that changed each time they were read: their objects are in none of these
 * @torn_objects: of these
 */
struct mms_slab_states {
	uint64_t alloc;
	uint64_t free;
	uint64_t cpu;
	uint64_t sheaf;
	uint64_t slabs;
	uint64_t corrupt;
	uint64_t torn;
	uint64_t torn_objects;
};

/**
 * struct mms_slab_info - one cache
 * @rec: as told; .known says which fields were
 * @name: neutralised, likewise @ctor ("" = none)
 * @aliases: names of others merged into it, by commas; NULL = none known
 * @states: of mms_slab_count_objects()
 */
struct mms_slab_info {
	struct mms_slab_cache rec;
	char name[128];
	char ctor[128];
	char *aliases;
	struct mms_slab_states states;
};

/**
 * struct mms_slab_list - all caches
 * @c: @n of them
 * @nodes: @nnodes records, in the order of caches
 * @page_shift: log2 of the page size
 * @torn: caches came or went meanwhile
 */
struct mms_slab_list {
	struct mms_slab_info *c;
	size_t n, cap;
	struct mms_slab_node *nodes;
	size_t nnodes, nodes_cap;
	uint32_t page_shift;
	bool torn;
};

/**
 * struct mms_slab_use - where a cache's memory is, bytes, objects
 * @memory: of all slabs: the sum of the five below
 * @used: that users of its objects asked for, at most
 * @pad: between objects: what an object takes beyond what a user may use
 * @free: of free objects
 * @slack: behind the last objects of slabs
 * @objects: used; @free_objects: free, wherever they are kept
 * @whole: what processors and sheaves hold is in @free; else it is in @used
 */
struct mms_slab_use {
	uint64_t memory;
	uint64_t used;
	uint64_t pad;
	uint64_t free;
	uint64_t slack;
	uint64_t objects;
	uint64_t free_objects;
	bool whole;
};

int mms_slab_read(struct mms_slab_list *l, struct mms_source *s, struct mms_err *err);
void mms_slab_free(struct mms_slab_list *l);

/* The one called so, or known by that alias; NULL. */
struct mms_slab_info *mms_slab_find(struct mms_slab_list *l, const char *name);

void mms_slab_use(const struct mms_slab_list *l, const struct mms_slab_info *c, struct mms_slab_use *u);

/**
 * mms_slab_aliases() - who was merged with whom
 * @dir: "/sys/kernel/slab"
 *
 * Return: 0, also without that directory; -ENOMEM
 */
int mms_slab_aliases(struct mms_slab_list *l, const char *dir);

/* State of the @i-th object of a record with a map; enum mms_object_state. */
uint32_t mms_slab_object_state(const struct mms_slab_slab *s, uint32_t i);

/* For mms_handler.trailer: an answer that broke off is an error. */
int mms_slab_trailer(void *ctx, const struct mms_trailer *t);

/* Count a slab's objects into @st. */
void mms_slab_count(struct mms_slab_states *st, const struct mms_slab_slab *s);

/* All objects of all caches into .states; what is of no known cache is left out. */
int mms_slab_count_objects(struct mms_slab_list *l, struct mms_source *s, struct mms_err *err);

/**
 * mms_slab_class() - the kmalloc cache that a request of @bytes is taken from
 * @prefix: "kmalloc-", "kmalloc-rcl-" ...
 *
 * Return: NULL: none of that kind is so large
 */
const struct mms_slab_info *mms_slab_class(const struct mms_slab_list *l, const char *prefix, uint64_t bytes);

/* Is it one of those, "PREFIX" and a size and no more? */
bool mms_slab_is_class(const struct mms_slab_info *c, const char *prefix);

#endif
