// SPDX-License-Identifier: GPL-2.0
/* Groups of processes that hold the same frames, found by the set that they are. */
#include <stdlib.h>
#include <string.h>

#include "model/share_piece.h"
#include "model/vec.h"

static size_t hash_set(const struct mms_share *s, const uint64_t *set)
{
	uint64_t h = 0;

	for (size_t i = 0; i < s->set_words; i++)
		h = (h ^ set[i]) * 0x9e3779b97f4a7c15ULL;
	return (size_t)(h >> 32) & (s->nbuckets - 1);
}

/* Twice as many buckets as groups at least; a bucket holds an index + 1. */
static int rehash(struct mms_share *s)
{
	size_t *old = s->buckets, n = s->nbuckets ? s->nbuckets * 2 : 64;

	s->buckets = calloc(n, sizeof(*s->buckets));
	if (!s->buckets) {
		s->buckets = old;
		return -ENOMEM;
	}
	free(old);
	s->nbuckets = n;
	for (size_t i = 0; i < s->ngroups; i++) {
		size_t at = hash_set(s, s->groups[i].set);

		while (s->buckets[at])
			at = (at + 1) & (n - 1);
		s->buckets[at] = i + 1;
	}
	return 0;
}

struct mms_share_group *mms_share_group_of(struct mms_share *s, const uint64_t *set)
{
	size_t bytes = s->set_words * sizeof(*set), at;
	struct mms_share_group *g;

	if (s->ngroups * 2 >= s->nbuckets && rehash(s))
		return NULL;
	for (at = hash_set(s, set); s->buckets[at]; at = (at + 1) & (s->nbuckets - 1)) {
		g = &s->groups[s->buckets[at] - 1];
		if (!memcmp(g->set, set, bytes))
			return g;
	}
	if (mms_vec_grow(&s->groups, &s->groups_cap, s->ngroups, sizeof(*g)))
		return NULL;
	g = &s->groups[s->ngroups];
	*g = (struct mms_share_group){ .set = malloc(bytes) };
	if (!g->set)
		return NULL;
	memcpy(g->set, set, bytes);
	s->buckets[at] = ++s->ngroups;
	return g;
}
