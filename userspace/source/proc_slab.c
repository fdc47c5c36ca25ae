// SPDX-License-Identifier: GPL-2.0
/* /proc/slabinfo and /sys/kernel/slab -> one record per slab cache. */
#include <errno.h>
#include <libproc2/slabinfo.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/procfs.h"

#define SYSFS	"/sys/kernel/slab"

/* What else sysfs tells as 0 or 1. */
static const struct {
	const char *file;
	uint32_t flag;
} flags[] = {
	{ "hwcache_align", MMS_SLAB_F_HWCACHE_ALIGN }, { "reclaim_account", MMS_SLAB_F_RECLAIM_ACCOUNT },
	{ "destroy_by_rcu", MMS_SLAB_F_TYPESAFE_BY_RCU }, { "cache_dma", MMS_SLAB_F_CACHE_DMA },
	{ "red_zone", MMS_SLAB_F_RED_ZONE }, { "poison", MMS_SLAB_F_POISON },
	{ "store_user", MMS_SLAB_F_STORE_USER }, { "sanity_checks", MMS_SLAB_F_CONSISTENCY_CHECKS },
	{ "trace", MMS_SLAB_F_TRACE },
};

static bool read_text(const char *cache, const char *file, char *text, int size)
{
	char path[256];
	bool ok;
	FILE *in;

	snprintf(path, sizeof(path), SYSFS "/%s/%s", cache, file);
	in = fopen(path, "re");
	if (!in)
		return false;
	ok = fgets(text, size, in);
	fclose(in);
	if (ok)
		text[strcspn(text, "\n")] = '\0';
	return ok;
}

static bool read_number(const char *cache, const char *file, uint32_t *v)
{
	char text[64], *end;

	if (!read_text(cache, file, text, sizeof(text)))
		return false;
	*v = (uint32_t)strtoul(text, &end, 10);
	return end > text;
}

static void take_sysfs(struct mms_slab_cache *c, const char *name, char *ctor, int ctor_size)
{
	uint32_t v, all = MMS_SLAB_K_LAYOUT;

	if (!read_number(name, "object_size", &c->object_size) || !read_number(name, "align", &c->align) ||
	    !read_number(name, "order", &c->order) || c->object_size > c->size)
		all = 0;
	if (!all)
		c->object_size = 0;
	c->known |= all;
	if (read_number(name, "partial", &v)) {
		c->nr_partial = v;
		c->known |= MMS_SLAB_K_PARTIAL;
	}
	if (read_number(name, "aliases", &v)) {
		c->refcount = v + 1;
		c->known |= MMS_SLAB_K_REFCOUNT;
	}
	if (all)
		c->known |= MMS_SLAB_K_CTOR | MMS_SLAB_K_FLAGS;
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (read_number(name, flags[i].file, &v) && v)
			c->flags |= flags[i].flag;
	if (read_text(name, "ctor", ctor, ctor_size)) {
		ctor[strcspn(ctor, "+")] = '\0';
		c->ctor_len = ctor[0] ? (uint32_t)strlen(ctor) + 1 : 0;
	}
}

static int put_cache(struct mms_feed *f, const struct slabinfo_stack *st)
{
	struct mms_slab_cache c = { .head = { .type = MMS_REC_SLAB_CACHE } };
	const struct slabinfo_result *r = st->head;
	char tail[512], ctor[256] = "";
	uint32_t pages = r[5].result.u_int;

	c.active_objects = r[1].result.u_int;
	c.total_objects = r[2].result.u_int;
	c.size = r[3].result.u_int;
	c.objects = r[4].result.u_int;
	c.slabs = r[6].result.u_int;
	while (c.order < 31 && 1U << c.order < pages)
		c.order++;
	c.partial_free = c.total_objects - c.active_objects;
	c.known = MMS_SLAB_K_COUNTS;
	take_sysfs(&c, r[0].result.str, ctor, sizeof(ctor));
	c.name_len = (uint32_t)snprintf(tail, 256, "%s", r[0].result.str) + 1;
	if (c.name_len > 256)
		c.name_len = 256;
	memcpy(tail + c.name_len, ctor, c.ctor_len);
	return mms_encode_record(&f->enc, &c.head, tail, c.name_len + c.ctor_len);
}

int mms_proc_slab(const char *root, const struct mms_request *req, struct mms_feed *f,
		  struct mms_trailer *t, struct mms_err *err)
{
	static enum slabinfo_item items[] = {
		SLAB_NAME, SLAB_ACTIVE_OBJS, SLAB_NUM_OBJS, SLAB_OBJ_SIZE, SLAB_OBJ_PER_SLAB,
		SLAB_PAGES_PER_SLAB, SLAB_NUMS_SLABS,
	};
	struct slabinfo_info *info = NULL;
	struct slabinfo_reaped *all;
	int rc = 0;

	(void)t;
	if (req->flags & ~MMS_REQ_SLAB_CACHES)
		return mms_err_set(err, -EOPNOTSUPP,
				   "/proc tells of caches, not of their slabs and objects: load the module (mmscope load)");
	if (strcmp(root, "/proc"))
		return mms_err_set(err, -EOPNOTSUPP, "slab caches are read from /proc only");
	if (access("/proc/slabinfo", R_OK))
		return mms_err_set(err, errno == ENOENT ? -EOPNOTSUPP : -errno, "/proc/slabinfo: %s",
				   errno == ENOENT ? "this kernel has none (CONFIG_SLUB_DEBUG is off)" : strerror(errno));
	if (procps_slabinfo_new(&info) < 0)
		return mms_err_set(err, -EIO, "/proc/slabinfo: libproc2 cannot read it");
	all = procps_slabinfo_reap(info, items, sizeof(items) / sizeof(*items));
	if (!all)
		rc = mms_err_set(err, -EIO, "/proc/slabinfo: libproc2 cannot read it");
	for (int i = 0; !rc && i < all->total; i++)
		rc = put_cache(f, all->stacks[i]);
	procps_slabinfo_unref(&info);
	return rc;
}
