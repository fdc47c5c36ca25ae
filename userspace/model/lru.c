// SPDX-License-Identifier: GPL-2.0
/* Records of kind LRU as a whole. */
#include "model/lru.h"

#include <stdlib.h>
#include <string.h>
#include "model/vec.h"

static int take_vec(struct mms_lru *l, const struct mms_lru_vec *rec)
{
	struct mms_lruvec *v;

	if (mms_vec_grow(&l->vecs, &l->room, l->n, sizeof(*l->vecs)))
		return -ENOMEM;
	v = &l->vecs[l->n];
	memset(v, 0, sizeof(*v));
	v->vec = *rec;
	v->gen = l->ngens;
	v->tier = l->ntiers;
	v->folio = l->nfolios;
	if (rec->path_len) {
		v->path = strdup((const char *)(rec + 1));
		if (!v->path)
			return -ENOMEM;
	}
	l->n++;
	return 0;
}

/* One that belongs to the lruvec told last: behind no lruvec it is nobody's. */
static int take_part(struct mms_lru *l, const struct mms_record *rec)
{
	struct mms_lruvec *v = l->n ? &l->vecs[l->n - 1] : NULL;

	if (!v)
		return 0;
	switch (rec->type) {
	case MMS_REC_LRU_GEN:
		if (mms_vec_grow(&l->gens, &l->gen_room, l->ngens, sizeof(*l->gens)))
			return -ENOMEM;
		l->gens[l->ngens++] = *(const struct mms_lru_gen *)rec;
		v->ngens++;
		break;
	case MMS_REC_LRU_TIER:
		if (mms_vec_grow(&l->tiers, &l->tier_room, l->ntiers, sizeof(*l->tiers)))
			return -ENOMEM;
		l->tiers[l->ntiers++] = *(const struct mms_lru_tier *)rec;
		v->ntiers++;
		break;
	case MMS_REC_LRU_FOLIO:
		if (mms_vec_grow(&l->folios, &l->folio_room, l->nfolios, sizeof(*l->folios)))
			return -ENOMEM;
		l->folios[l->nfolios++] = *(const struct mms_lru_folio *)rec;
		v->nfolios++;
		break;
	}
	return 0;
}

static int take_record(void *ctx, const struct mms_record *rec)
{
	return rec->type == MMS_REC_LRU_VEC ? take_vec(ctx, (const void *)rec) :
					      take_part(ctx, rec);
}

static int take_header(void *ctx, const struct mms_stream_header *h)
{
	((struct mms_lru *)ctx)->page_shift = h->page_shift;
	return 0;
}

static int take_trailer(void *ctx, const struct mms_trailer *t)
{
	((struct mms_lru *)ctx)->trailer = *t;
	return 0;
}

int mms_lru_read(struct mms_source *s, const struct mms_request *req, struct mms_lru *out,
		 struct mms_err *err)
{
	struct mms_handler h = { .header = take_header, .record = take_record,
				 .trailer = take_trailer, .ctx = out };
	int rc;

	memset(out, 0, sizeof(*out));
	rc = mms_source_stream(s, MMS_KIND_LRU, req, &h, err);
	if (rc == -ENOMEM)
		mms_err_set(err, rc, "out of memory");
	return rc;
}

void mms_lru_free(struct mms_lru *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->vecs[i].path);
	free(l->vecs);
	free(l->gens);
	free(l->tiers);
	free(l->folios);
	memset(l, 0, sizeof(*l));
}

uint64_t mms_lru_pages(const struct mms_lru_vec *v, enum mms_lru_list list)
{
	uint64_t n = 0;

	for (unsigned int z = 0; z < MMS_LRU_ZONES; z++)
		n += v->pages[z][list];
	return n;
}

uint64_t mms_lru_gen_pages(const struct mms_lru_gen *g, unsigned int type)
{
	uint64_t n = 0;

	for (unsigned int z = 0; z < MMS_LRU_ZONES; z++)
		n += g->pages[type][z];
	return n;
}

const char *mms_lru_list_name(unsigned int list)
{
	static const char *const names[] = {
		[MMS_LRU_INACTIVE_ANON] = "inactive_anon",
		[MMS_LRU_ACTIVE_ANON] = "active_anon",
		[MMS_LRU_INACTIVE_FILE] = "inactive_file",
		[MMS_LRU_ACTIVE_FILE] = "active_file",
		[MMS_LRU_UNEVICTABLE] = "unevictable",
	};

	return list < __MMS_LRU_MAX ? names[list] : "unknown";
}

const char *mms_folio_owner_name(unsigned int owner)
{
	static const char *const names[] = {
		[MMS_FOLIO_NONE] = "none",
		[MMS_FOLIO_ANON] = "anon",
		[MMS_FOLIO_KSM] = "ksm",
		[MMS_FOLIO_FILE] = "file",
		[MMS_FOLIO_SHMEM] = "shmem",
		[MMS_FOLIO_BDEV] = "bdev",
		[MMS_FOLIO_DRIVER] = "driver",
		[MMS_FOLIO_SWAP] = "swap",
		[MMS_FOLIO_UNREAD] = "unknown",
	};

	return owner < sizeof(names) / sizeof(*names) ? names[owner] : "unknown";
}

const char *mms_folio_letters(uint32_t flags, char buf[16])
{
	static const char letters[] = "rADWwbsumlRUL";

	for (unsigned int i = 0; letters[i]; i++)
		buf[i] = flags & 1U << i ? letters[i] : '-';
	buf[sizeof(letters) - 1] = '\0';
	return buf;
}
