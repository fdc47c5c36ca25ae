// SPDX-License-Identifier: GPL-2.0
/* Records of kind CACHE as files. */
#include "model/cache.h"

#include <stdlib.h>
#include <string.h>
#include "model/vec.h"

static size_t slot_of(uint32_t dev_major, uint32_t dev_minor, uint64_t ino, bool bdev, size_t size)
{
	uint64_t h = ino * 0x9e3779b97f4a7c15ULL;

	h ^= ((uint64_t)dev_major << 32 | dev_minor) * 0xff51afd7ed558ccdULL + bdev;
	return (size_t)(h >> 32) & (size - 1);
}

static bool is_bdev(const struct mms_cache_file *f)
{
	return f->flags & MMS_CACHE_F_BDEV;
}

static int rehash(struct mms_cache *c)
{
	size_t size = c->hash_size ? c->hash_size * 2 : 256, at;
	uint32_t *hash = calloc(size, sizeof(*hash));

	if (!hash)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++) {
		const struct mms_cache_file *f = &c->files[i].f;

		at = slot_of(f->dev_major, f->dev_minor, f->ino, is_bdev(f), size);
		while (hash[at])
			at = (at + 1) & (size - 1);
		hash[at] = (uint32_t)i + 1;
	}
	free(c->hash);
	c->hash = hash;
	c->hash_size = size;
	return 0;
}

struct mms_cached *mms_cache_find(struct mms_cache *c, uint32_t dev_major, uint32_t dev_minor,
				  uint64_t ino, bool bdev)
{
	size_t at;

	if (!c->hash_size)
		return NULL;
	at = slot_of(dev_major, dev_minor, ino, bdev, c->hash_size);
	for (; c->hash[at]; at = (at + 1) & (c->hash_size - 1)) {
		struct mms_cached *f = &c->files[c->hash[at] - 1];

		if (f->f.ino == ino && f->f.dev_major == dev_major &&
		    f->f.dev_minor == dev_minor && is_bdev(&f->f) == bdev)
			return f;
	}
	return NULL;
}

struct mms_cached *mms_cache_add(struct mms_cache *c, uint32_t dev_major, uint32_t dev_minor,
				 uint64_t ino, uint32_t flags)
{
	bool bdev = flags & MMS_CACHE_F_BDEV;
	struct mms_cached *f = mms_cache_find(c, dev_major, dev_minor, ino, bdev);
	size_t at;

	if (f)
		return f;
	if (mms_vec_grow(&c->files, &c->room, c->n, sizeof(*c->files)) ||
	    (c->n * 2 >= c->hash_size && rehash(c)))
		return NULL;
	f = &c->files[c->n++];
	memset(f, 0, sizeof(*f));
	f->f.ino = ino;
	f->f.dev_major = dev_major;
	f->f.dev_minor = dev_minor;
	f->f.flags = flags;
	at = slot_of(dev_major, dev_minor, ino, bdev, c->hash_size);
	while (c->hash[at])
		at = (at + 1) & (c->hash_size - 1);
	c->hash[at] = (uint32_t)c->n;
	return f;
}

static int take_name(struct mms_cache *c, const struct mms_cache_name *n)
{
	struct mms_cached *f = mms_cache_add(c, n->dev_major, n->dev_minor, n->ino, n->flags);

	if (!f)
		return -ENOMEM;
	f->named = true;
	f->f.flags |= n->flags;
	f->size = n->size;
	f->nrpages = n->nrpages;
	f->mode = n->mode;
	if (!n->path_len)
		return 0;
	free(f->path);
	f->path = strdup((const char *)(n + 1));
	return f->path ? 0 : -ENOMEM;
}

static int take_file(struct mms_cache *c, const struct mms_cache_file *r)
{
	struct mms_cached *f = mms_cache_add(c, r->dev_major, r->dev_minor, r->ino, r->flags);

	if (!f)
		return -ENOMEM;
	f->f.flags |= r->flags;
	f->f.pages += r->pages;
	f->f.dirty += r->dirty;
	f->f.writeback += r->writeback;
	f->f.active += r->active;
	f->f.referenced += r->referenced;
	f->f.mapped += r->mapped;
	f->f.unevictable += r->unevictable;
	return 0;
}

int mms_cache_add_run(struct mms_cache *c, const struct mms_cache_run *run)
{
	if (mms_vec_grow(&c->runs, &c->run_room, c->nruns, sizeof(*c->runs)))
		return -ENOMEM;
	c->runs[c->nruns++] = *run;
	return 0;
}

static int take_record(void *ctx, const struct mms_record *rec)
{
	struct mms_cache *c = ctx;

	switch (rec->type) {
	case MMS_REC_CACHE_NAME:
		return take_name(c, (const void *)rec);
	case MMS_REC_CACHE_FILE:
		return take_file(c, (const void *)rec);
	case MMS_REC_CACHE_RUN:
		return mms_cache_add_run(c, (const void *)rec);
	}
	return 0;
}

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	((struct mms_cache *)ctx)->page_shift = h->page_shift;
	return 0;
}

static int take_trailer(void *ctx, const struct mms_trailer *t)
{
	((struct mms_cache *)ctx)->trailer = *t;
	return 0;
}

int mms_cache_read(struct mms_source *s, const struct mms_request *req, struct mms_cache *out,
		   struct mms_err *err)
{
	struct mms_handler h = { .header = take_header, .record = take_record,
				 .trailer = take_trailer, .ctx = out };
	int rc;

	memset(out, 0, sizeof(*out));
	rc = mms_source_stream(s, MMS_KIND_CACHE, req, &h, err);
	if (rc == -ENOMEM)
		mms_err_set(err, rc, "out of memory");
	return rc;
}

void mms_cache_free(struct mms_cache *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->files[i].path);
	free(c->files);
	free(c->hash);
	free(c->runs);
	free(c->mappers);
	memset(c, 0, sizeof(*c));
}

struct asking {
	struct mms_cache *c;
	struct mms_source *s;
	uint32_t pid;
};

static int take_vma(void *ctx, const struct mms_record *rec)
{
	const struct mms_vma *v = (const void *)rec;
	struct asking *a = ctx;
	struct mms_cached *f;

	if (rec->type != MMS_REC_VMA || !(v->flags & MMS_VMA_FILE))
		return 0;
	f = mms_cache_find(a->c, v->dev_major, v->dev_minor, v->ino, false);
	if (!f || f->last_pid == a->pid)
		return 0;
	if (mms_vec_grow(&a->c->mappers, &a->c->mapper_room, a->c->nmappers, sizeof(*a->c->mappers)))
		return -ENOMEM;
	a->c->mappers[a->c->nmappers++] =
		(struct mms_cache_mapper){ (size_t)(f - a->c->files), a->pid };
	f->last_pid = a->pid;
	f->mappers++;
	return 0;
}

static int ask_pid(void *ctx, uint32_t pid)
{
	struct asking *a = ctx;
	struct mms_request req = { .size = sizeof(req), .pid = pid };
	struct mms_handler h = { .record = take_vma, .ctx = a };
	int rc;

	a->pid = pid;
	rc = mms_source_stream(a->s, MMS_KIND_VMA, &req, &h, NULL);
	return rc == -ENOMEM ? rc : 0;
}

int mms_cache_mappers(struct mms_cache *c, struct mms_source *s, struct mms_err *err)
{
	struct asking a = { .c = c, .s = s };
	int rc = mms_source_pids(s, ask_pid, &a, err);

	if (rc == -ENOMEM)
		mms_err_set(err, rc, "out of memory");
	for (size_t i = 0; !rc && i < c->n; i++)
		c->files[i].have_mappers = !(c->files[i].f.flags & MMS_CACHE_F_BDEV);
	return rc;
}

static int most_first(const void *a, const void *b)
{
	const struct mms_cache_file *x = &((const struct mms_cached *)a)->f;
	const struct mms_cache_file *y = &((const struct mms_cached *)b)->f;

	if (x->pages != y->pages)
		return x->pages < y->pages ? 1 : -1;
	if (x->dev_major != y->dev_major)
		return x->dev_major < y->dev_major ? -1 : 1;
	if (x->dev_minor != y->dev_minor)
		return x->dev_minor < y->dev_minor ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

/* Places change: what named files by their place is given up. */
void mms_cache_sort(struct mms_cache *c)
{
	qsort(c->files, c->n, sizeof(*c->files), most_first);
	free(c->hash);
	c->hash = NULL;
	c->hash_size = 0;
	free(c->mappers);
	c->mappers = NULL;
	c->nmappers = 0;
	c->mapper_room = 0;
}
