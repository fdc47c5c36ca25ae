// SPDX-License-Identifier: GPL-2.0
/* Slab caches: what they hold, and what of it is wasted and why. */
#include "model/slab.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/vec.h"
#include "util/text.h"

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	struct mms_slab_list *l = ctx;

	l->page_shift = h->page_shift;
	return 0;
}

static int take_cache(struct mms_slab_list *l, const struct mms_slab_cache *rec)
{
	const char *tail = (const char *)(rec + 1);
	struct mms_slab_info *c;

	if (mms_vec_grow(&l->c, &l->cap, l->n, sizeof(*l->c)))
		return -ENOMEM;
	c = &l->c[l->n++];
	memset(c, 0, sizeof(*c));
	c->rec = *rec;
	mms_neutral(rec->name_len ? tail : "?", c->name, sizeof(c->name));
	if (rec->ctor_len)
		mms_neutral(tail + rec->name_len, c->ctor, sizeof(c->ctor));
	return 0;
}

static int take_record(void *ctx, const struct mms_record *rec)
{
	struct mms_slab_list *l = ctx;

	l->torn |= rec->flags & MMS_RECF_TORN;
	if (rec->type == MMS_REC_SLAB_CACHE)
		return take_cache(l, (const void *)rec);
	if (rec->type != MMS_REC_SLAB_NODE)
		return 0;
	if (mms_vec_grow(&l->nodes, &l->nodes_cap, l->nnodes, sizeof(*l->nodes)))
		return -ENOMEM;
	memcpy(&l->nodes[l->nnodes++], rec, sizeof(*l->nodes));
	return 0;
}

int mms_slab_trailer(void *ctx, const struct mms_trailer *t)
{
	(void)ctx;
	return t->end == MMS_END_ERROR && t->error ? -(int)t->error : t->end == MMS_END_COMPLETE ? 0 : -EINTR;
}

/* @rc of a stream, with words for what its trailer said. */
static int judge(int rc, struct mms_err *err)
{
	if (rc == -ENOMEM)
		return mms_err_set(err, rc, "out of memory");
	if (rc && err && !err->text[0])
		return mms_err_set(err, rc, "slab caches: the module stopped: %s", strerror(-rc));
	return rc;
}

int mms_slab_read(struct mms_slab_list *l, struct mms_source *s, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req), .flags = MMS_REQ_SLAB_CACHES };
	struct mms_handler h = { .header = take_header, .record = take_record, .trailer = mms_slab_trailer, .ctx = l };

	memset(l, 0, sizeof(*l));
	return judge(mms_source_stream(s, MMS_KIND_SLAB, &req, &h, err), err);
}

void mms_slab_free(struct mms_slab_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->c[i].aliases);
	free(l->c);
	free(l->nodes);
	memset(l, 0, sizeof(*l));
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; p && *p; p += strcspn(p, ","), p += *p == ',')
		if (strcspn(p, ",") == len && !strncmp(p, word, len))
			return true;
	return false;
}

struct mms_slab_info *mms_slab_find(struct mms_slab_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->c[i].name, name))
			return &l->c[i];
	for (size_t i = 0; i < l->n; i++)
		if (has_word(l->c[i].aliases, name))
			return &l->c[i];
	return NULL;
}

void mms_slab_use(const struct mms_slab_list *l, const struct mms_slab_info *c, struct mms_slab_use *u)
{
	const struct mms_slab_cache *r = &c->rec;
	uint64_t all = r->total_objects, held;

	memset(u, 0, sizeof(*u));
	held = r->cpu_free + r->cpu_partial_free + r->sheaf_objects + r->barn_objects;
	u->whole = r->known & (MMS_SLAB_K_CPU | MMS_SLAB_K_SHEAVES);
	u->free_objects = r->partial_free + held < all ? r->partial_free + held : all;
	u->objects = all - u->free_objects;
	u->free = u->free_objects * r->size;
	u->memory = r->slabs << (l->page_shift + r->order);
	/* slabs of the smaller order, made when memory was short */
	if (u->memory < all * r->size)
		u->memory = all * r->size;
	u->slack = u->memory - all * r->size;
	u->used = u->objects * (r->object_size ? r->object_size : r->size);
	u->pad = u->objects * r->size - u->used;
}

/* --- merged caches: /sys/kernel/slab has a directory for each, and links of the others --- */

static int add_alias(struct mms_slab_info *c, const char *name)
{
	char *was = c->aliases;

	if (asprintf(&c->aliases, "%s%s%s", was ? was : "", was ? "," : "", name) < 0) {
		c->aliases = was;
		return -ENOMEM;
	}
	free(was);
	return 0;
}

/* The directory that @name is a link to, or @name. */
static void target_of(const char *dir, const char *name, char *out, size_t size)
{
	char path[512];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	n = readlink(path, out, size - 1);
	if (n < 0)
		snprintf(out, size, "%s", name);
	else
		out[n] = '\0';
}

static int take_alias(struct mms_slab_list *l, const char *dir, char (*targets)[256], const char *name)
{
	char target[256];

	target_of(dir, name, target, sizeof(target));
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->c[i].name, name))
			return 0;
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(targets[i], target) && strcmp(target, name))
			return add_alias(&l->c[i], name);
	return 0;
}

int mms_slab_aliases(struct mms_slab_list *l, const char *dir)
{
	char (*targets)[256] = calloc(l->n + 1, sizeof(*targets));
	DIR *d = targets ? opendir(dir) : NULL;
	struct dirent *e;
	int rc = targets ? 0 : -ENOMEM;

	for (size_t i = 0; d && i < l->n; i++)
		target_of(dir, l->c[i].name, targets[i], sizeof(targets[i]));
	while (d && !rc && (e = readdir(d)))
		if (e->d_name[0] != '.' && e->d_name[0] != ':')
			rc = take_alias(l, dir, targets, e->d_name);
	if (d)
		closedir(d);
	free(targets);
	return rc;
}

/* --- objects --- */

uint32_t mms_slab_object_state(const struct mms_slab_slab *s, uint32_t i)
{
	uint64_t word;

	memcpy(&word, (const char *)(s + 1) + i / MMS_OBJ_PER_WORD * 8, sizeof(word));
	return word >> i % MMS_OBJ_PER_WORD * MMS_OBJ_BITS & 3;
}

void mms_slab_count(struct mms_slab_states *st, const struct mms_slab_slab *s)
{
	uint64_t low, high, word, n[4] = { 0 };

	st->slabs++;
	st->corrupt += s->corrupt != MMS_SLABC_NONE;
	if (s->flags & MMS_SLABF_TORN) {
		st->torn++;
		st->torn_objects += s->objects;
		return;
	}
	for (uint32_t i = 0; i < s->words; i++) {
		memcpy(&word, (const char *)(s + 1) + (size_t)i * 8, sizeof(word));
		low = word & 0x5555555555555555ULL;
		high = word >> 1 & 0x5555555555555555ULL;
		n[1] += (uint64_t)__builtin_popcountll(low & ~high);
		n[2] += (uint64_t)__builtin_popcountll(high & ~low);
		n[3] += (uint64_t)__builtin_popcountll(high & low);
	}
	st->free += n[MMS_OBJ_FREE];
	st->cpu += n[MMS_OBJ_FREE_CPU];
	st->sheaf += n[MMS_OBJ_SHEAF];
	if (s->words)
		st->alloc += s->objects - n[1] - n[2] - n[3];
}

static int by_address(const void *a, const void *b)
{
	const struct mms_slab_info *x = a, *y = b;

	return (x->rec.address > y->rec.address) - (x->rec.address < y->rec.address);
}

static int find_address(const void *key, const void *b)
{
	const uint64_t *address = key;
	const struct mms_slab_info *y = b;

	return (*address > y->rec.address) - (*address < y->rec.address);
}

static int count_record(void *ctx, const struct mms_record *rec)
{
	const struct mms_slab_slab *s = (const void *)rec;
	struct mms_slab_list *l = ctx;
	struct mms_slab_info *c;
	uint64_t cache = s->cache;

	if (rec->type != MMS_REC_SLAB_SLAB)
		return 0;
	c = l->n ? bsearch(&cache, l->c, l->n, sizeof(*l->c), find_address) : NULL;
	if (c)
		mms_slab_count(&c->states, s);
	return 0;
}

int mms_slab_count_objects(struct mms_slab_list *l, struct mms_source *s, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req), .flags = MMS_REQ_SLAB_OBJECTS };
	struct mms_handler h = { .record = count_record, .trailer = mms_slab_trailer, .ctx = l };

	if (l->n)
		qsort(l->c, l->n, sizeof(*l->c), by_address);
	return judge(mms_source_stream(s, MMS_KIND_SLAB, &req, &h, err), err);
}

/* --- size classes --- */

bool mms_slab_is_class(const struct mms_slab_info *c, const char *prefix)
{
	size_t len = strlen(prefix), digits;

	if (strncmp(c->name, prefix, len))
		return false;
	digits = strspn(c->name + len, "0123456789");
	return digits && (!c->name[len + digits] || !strcmp(c->name + len + digits, "k"));
}

const struct mms_slab_info *mms_slab_class(const struct mms_slab_list *l, const char *prefix, uint64_t bytes)
{
	const struct mms_slab_info *best = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct mms_slab_info *c = &l->c[i];

		if (mms_slab_is_class(c, prefix) && c->rec.object_size >= bytes &&
		    (!best || c->rec.object_size < best->rec.object_size))
			best = c;
	}
	return best;
}
