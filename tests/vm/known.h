/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of this kernel that the module's own streams tell, and questions
 * that need one: to slab, vmalloc and ktables.  A question with any number in
 * it is refused at the door, and what lies behind is never tried.
 */
#ifndef KNOWN_H
#define KNOWN_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/mmscope.h>

#define KNOWN_MAX	256
#define KNOWN_STREAM	(1UL << 20)	/* of each stream; what is behind is not wanted */

/*
 * struct known - what was told
 * @cache: struct kmem_caches
 * @place: slabs and vmalloc areas
 * @part: where parts of the kernel's addresses begin
 */
struct known {
	uint64_t cache[KNOWN_MAX], place[KNOWN_MAX], part[KNOWN_MAX];
	unsigned int ncaches, nplaces, nparts, seen;
};

/* The first ones, then ever fewer of the later ones. */
static inline void known_place(struct known *k, uint64_t addr)
{
	unsigned int at = k->nplaces < KNOWN_MAX ? k->nplaces++ : (k->seen * 2654435761U >> 8) % (k->seen + 1);

	k->seen++;
	if (at < KNOWN_MAX)
		k->place[at] = addr;
}

static inline void known_take(struct known *k, const void *rec)
{
	const struct mms_record *head = rec;

	if (head->type == MMS_REC_SLAB_CACHE && k->ncaches < KNOWN_MAX)
		k->cache[k->ncaches++] = ((const struct mms_slab_cache *)rec)->address;
	if (head->type == MMS_REC_SLAB_SLAB)
		known_place(k, ((const struct mms_slab_slab *)rec)->va);
	if (head->type == MMS_REC_VMALLOC_AREA)
		known_place(k, ((const struct mms_vmalloc_area *)rec)->start);
	if (head->type == MMS_REC_KT_REGION && k->nparts < KNOWN_MAX)
		k->part[k->nparts++] = ((const struct mms_kt_region *)rec)->start;
}

static inline void known_read(struct known *k, const char *file, uint32_t flags, size_t most)
{
	struct mms_request req = { .size = sizeof(req), .flags = flags };
	size_t have = 0, at = sizeof(struct mms_stream_header);
	int fd = open(file, O_RDWR | O_CLOEXEC);
	char *buf = malloc(KNOWN_STREAM);
	ssize_t n = 0;

	if (fd >= 0 && buf && write(fd, &req, sizeof(req)) == sizeof(req))
		while (have < most && (n = read(fd, buf + have, KNOWN_STREAM - have)) > 0)
			have += (size_t)n;
	while (at + sizeof(struct mms_record) <= have) {
		const struct mms_record *rec = (const void *)(buf + at);

		if (rec->size < sizeof(*rec) || rec->size % 8 || at + rec->size > have)
			break;
		known_take(k, rec);
		at += rec->size;
	}
	free(buf);
	if (fd >= 0)
		close(fd);
}

/* @dir: of the streams. What does not answer tells nothing. */
static inline void known_find(struct known *k, const char *dir)
{
	static const struct {
		const char *name;
		uint32_t flags;
		size_t most;	/* bytes: all parts come first, and all tables take a debug kernel many seconds */
	} who[] = {
		{ "slab", MMS_REQ_SLAB_CACHES, KNOWN_STREAM }, { "slab", MMS_REQ_SLAB_SLABS, KNOWN_STREAM },
		{ "vmalloc", 0, KNOWN_STREAM }, { "ktables", 0, 4096 },
	};
	char file[300];

	memset(k, 0, sizeof(*k));
	for (size_t i = 0; i < sizeof(who) / sizeof(*who); i++) {
		if (strlen(dir) + 20 > sizeof(file))
			return;
		strcpy(file, dir);
		strcat(file, "/");
		strcat(file, who[i].name);
		known_read(k, file, who[i].flags, who[i].most);
	}
}

static inline uint64_t known_one(const uint64_t *list, unsigned int n, uint64_t dice)
{
	return n ? list[dice % n] : 0;
}

/**
 * known_question() - one that this collector answers, mostly
 * @name: of the collector
 * @dice: random bits
 * @pid: whose objects may be asked for
 * @req: .flags, .start and .end are set
 * @words: set to the words for the flags at the text door
 *
 * Return: false: of this one no questions are known here
 */
static inline bool known_question(const struct known *k, const char *name, uint64_t dice, uint32_t pid,
				  struct mms_request *req, const char **words)
{
	static const char *const slab[] = { "caches", "slabs", "objects", "address", "task" };
	static const char *const tables[] = { "", "tables", "holes", "tables holes" };
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	unsigned int what = (unsigned int)(dice & 7) % 5;
	bool all = !(dice >> 3 & 3);

	dice >>= 5;
	req->start = 0;
	req->end = 0;
	if (!strcmp(name, "vmalloc")) {
		req->flags = dice & 1 ? MMS_REQ_VMALLOC_LAZY : 0;
		*words = dice & 1 ? "lazy" : "";
		return true;
	}
	if (!strcmp(name, "ktables")) {
		/* (at the text door extents are told always) */
		req->flags = (uint32_t)(dice & 3) << 1 | (dice >> 2 & 1);
		*words = tables[dice & 3];
		dice >>= 3;
		if ((all && !(dice >> 27 & 3)) || !k->nparts)
			return true;
		req->start = known_one(k->part, k->nparts, dice) + (dice >> 8 & 511) * page;
		req->end = req->start + (1 + (dice >> 17 & 1023)) * page;
		return true;
	}
	if (strcmp(name, "slab"))
		return false;
	req->flags = 1U << what;
	*words = slab[what];
	if (req->flags == MMS_REQ_SLAB_ADDR)
		req->start = known_one(k->place, k->nplaces, dice) + (dice >> 8 & 8191);
	else if (req->flags == MMS_REQ_SLAB_TASK)
		req->start = pid;
	else if (req->flags != MMS_REQ_SLAB_CACHES && !all)
		req->start = known_one(k->cache, k->ncaches, dice);
	return true;
}

#endif /* KNOWN_H */
