// SPDX-License-Identifier: GPL-2.0
/*
 * How records about slab caches are printed.
 * Locks: none.  Emits nothing.
 */
#include "mmscope.h"
#include "slabobject.h"

static const char *const state_names[] = {
	[MMS_SLAB_UNKNOWN] = "unknown", [MMS_SLAB_FULL] = "full", [MMS_SLAB_PARTIAL] = "partial",
	[MMS_SLAB_CPU] = "cpu", [MMS_SLAB_CPU_PARTIAL] = "cpu-partial", NULL
};

static const char *const corrupt_names[] = {
	[MMS_SLABC_NONE] = "none", [MMS_SLABC_POINTER] = "pointer", [MMS_SLABC_LOOP] = "loop",
	[MMS_SLABC_LONG] = "long", [MMS_SLABC_SHORT] = "short", [MMS_SLABC_UNREADABLE] = "unreadable", NULL
};

static const char *const what_names[] = {
	[MMS_SLABW_UNKNOWN] = "unknown", [MMS_SLABW_OBJECT] = "object", [MMS_SLABW_META] = "meta",
	[MMS_SLABW_REDZONE] = "redzone", [MMS_SLABW_SLACK] = "slack", [MMS_SLABW_LARGE] = "large",
	[MMS_SLABW_NO_SLAB] = "no-slab", [MMS_SLABW_NO_PAGE] = "no-page", [MMS_SLABW_KFENCE] = "kfence",
	[MMS_SLABW_PAGES] = "pages", NULL
};

static const struct mms_field cache_fields[] = {
	MMS_FIELD(mms_slab_cache, address, HEX),
	MMS_FIELD(mms_slab_cache, size, DEC),
	MMS_FIELD(mms_slab_cache, object_size, DEC),
	MMS_FIELD(mms_slab_cache, align, DEC),
	MMS_FIELD(mms_slab_cache, inuse, DEC),
	MMS_FIELD(mms_slab_cache, offset, DEC),
	MMS_FIELD(mms_slab_cache, order, DEC),
	MMS_FIELD(mms_slab_cache, objects, DEC),
	MMS_FIELD(mms_slab_cache, slabs, DEC),
	MMS_FIELD(mms_slab_cache, total_objects, DEC),
	MMS_FIELD(mms_slab_cache, active_objects, DEC),
	MMS_FIELD(mms_slab_cache, nr_partial, DEC),
	MMS_FIELD(mms_slab_cache, partial_free, DEC),
	MMS_FIELD(mms_slab_cache, cpu_slabs, DEC),
	MMS_FIELD(mms_slab_cache, cpu_free, DEC),
	MMS_FIELD(mms_slab_cache, cpu_partial_slabs, DEC),
	MMS_FIELD(mms_slab_cache, cpu_partial_free, DEC),
	MMS_FIELD(mms_slab_cache, sheaf_objects, DEC),
	MMS_FIELD(mms_slab_cache, barn_objects, DEC),
	MMS_FIELD(mms_slab_cache, refcount, DEC),
	MMS_FIELD(mms_slab_cache, flags, HEX),
	MMS_FIELD(mms_slab_cache, known, HEX),
	{ .name = "name", .format = MMS_FMT_TAIL, .offset = sizeof(struct mms_slab_cache) },
	{ }
};

static const struct mms_field node_fields[] = {
	MMS_FIELD(mms_slab_node, cache, HEX),
	MMS_FIELD(mms_slab_node, node, DEC),
	MMS_FIELD(mms_slab_node, slabs, DEC),
	MMS_FIELD(mms_slab_node, total_objects, DEC),
	MMS_FIELD(mms_slab_node, nr_partial, DEC),
	MMS_FIELD(mms_slab_node, partial_free, DEC),
	MMS_FIELD(mms_slab_node, barn_full, DEC),
	MMS_FIELD(mms_slab_node, barn_empty, DEC),
	MMS_FIELD(mms_slab_node, barn_objects, DEC),
	{ }
};

static const struct mms_field slab_fields[] = {
	MMS_FIELD(mms_slab_slab, cache, HEX),
	MMS_FIELD(mms_slab_slab, va, HEX),
	MMS_FIELD(mms_slab_slab, pfn, HEX),
	MMS_FIELD(mms_slab_slab, order, DEC),
	MMS_FIELD(mms_slab_slab, node, DEC),
	MMS_FIELD(mms_slab_slab, state, NAME, .names = state_names),
	MMS_FIELD(mms_slab_slab, objects, DEC),
	MMS_FIELD(mms_slab_slab, inuse, DEC),
	MMS_FIELD(mms_slab_slab, free, DEC),
	MMS_FIELD(mms_slab_slab, cpu_free, DEC),
	MMS_FIELD(mms_slab_slab, sheaf, DEC),
	MMS_FIELD(mms_slab_slab, flags, FLAGS, .letters = "ztmknq"),
	MMS_FIELD(mms_slab_slab, corrupt, NAME, .names = corrupt_names),
	MMS_FIELD(mms_slab_slab, bad_at, HEX),
	{ .name = "map", .format = MMS_FMT_U64S, .offset = sizeof(struct mms_slab_slab) },
	{ }
};

static const struct mms_field object_fields[] = {
	MMS_FIELD(mms_slab_object, address, HEX),
	MMS_FIELD(mms_slab_object, what, NAME, .names = what_names),
	MMS_FIELD(mms_slab_object, cache, HEX),
	MMS_FIELD(mms_slab_object, slab, HEX),
	MMS_FIELD(mms_slab_object, object, HEX),
	MMS_FIELD(mms_slab_object, index, DEC),
	MMS_FIELD(mms_slab_object, into, DEC),
	MMS_FIELD(mms_slab_object, state, DEC),
	MMS_FIELD(mms_slab_object, state_known, DEC),
	MMS_FIELD(mms_slab_object, size, DEC),
	MMS_FIELD(mms_slab_object, role, DEC),
	{ .name = "name", .format = MMS_FMT_TAIL, .offset = sizeof(struct mms_slab_object) },
	{ }
};

const struct mms_text mms_slab_texts[] = {
	{ MMS_REC_SLAB_CACHE, "cache", sizeof(struct mms_slab_cache), cache_fields },
	{ MMS_REC_SLAB_NODE, "node", sizeof(struct mms_slab_node), node_fields },
	{ MMS_REC_SLAB_SLAB, "slab", sizeof(struct mms_slab_slab), slab_fields },
	{ MMS_REC_SLAB_OBJECT, "object", sizeof(struct mms_slab_object), object_fields },
	{ }
};
