// SPDX-License-Identifier: GPL-2.0
/* mmscope slab CACHE: its facts, nodes, slabs, objects. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "view/slab.h"

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum { NODE_NODE, NODE_SLABS, NODE_TOTAL, NODE_PARTIAL, NODE_FREE, NODE_BARN_FULL, NODE_BARN_EMPTY, NODE_BARN, NODE_MAX };

static const struct mms_column node_columns[NODE_MAX] = {
	[NODE_NODE]	= C("NODE", NUM, true, ""),
	[NODE_SLABS]	= C("SLABS", NUM, true, ""),
	[NODE_TOTAL]	= C("TOTAL", NUM, true, ""),
	[NODE_PARTIAL]	= C("PARTIAL", NUM, true, ""),
	[NODE_FREE]	= C("PARTIAL_FREE", NUM, true, ""),
	[NODE_BARN_FULL] = C("BARN_FULL", NUM, true, ""),
	[NODE_BARN_EMPTY] = C("BARN_EMPTY", NUM, true, ""),
	[NODE_BARN]	= C("BARN_OBJECTS", NUM, true, ""),
};

enum { SLAB_VA, SLAB_PFN, SLAB_STATE, SLAB_CPU, SLAB_NODE, SLAB_ORDER, SLAB_OBJECTS, SLAB_ALLOC, SLAB_FREE, SLAB_CPU_FREE, SLAB_SHEAF, SLAB_FILL, SLAB_NOTE, SLAB_MAX };

static const struct mms_column slab_columns[SLAB_MAX] = {
	[SLAB_VA]	= C("SLAB", HEX, true, ""),
	[SLAB_PFN]	= C("PFN", HEX, false, ""),
	[SLAB_STATE]	= C("STATE", STR, true, ""),
	[SLAB_CPU]	= C("CPU", NUM, true, ""),
	[SLAB_NODE]	= C("NODE", NUM, false, ""),
	[SLAB_ORDER]	= C("ORDER", NUM, false, ""),
	[SLAB_OBJECTS]	= C("OBJECTS", NUM, true, ""),
	[SLAB_ALLOC]	= C("USED", NUM, true, ""),
	[SLAB_FREE]	= C("FREE", NUM, true, ""),
	[SLAB_CPU_FREE]	= C("CPU_FREE", NUM, true, ""),
	[SLAB_SHEAF]	= C("SHEAF", NUM, true, ""),
	[SLAB_FILL]	= C("FILL%", NUM, true, ""),
	[SLAB_NOTE]	= { .name = "NOTE", .type = MMS_COL_STR, .shown = true, .trunc = true, .help = "" },
};

enum { OBJ_ADDRESS, OBJ_SLAB, OBJ_INDEX, OBJ_COUNT, OBJ_STATE, OBJ_MAX };

static const struct mms_column object_columns[OBJ_MAX] = {
	[OBJ_ADDRESS]	= C("OBJECT", HEX, true, ""),
	[OBJ_SLAB]	= C("SLAB", HEX, true, ""),
	[OBJ_INDEX]	= C("INDEX", NUM, true, ""),
	[OBJ_COUNT]	= C("COUNT", NUM, true, ""),
	[OBJ_STATE]	= C("STATE", STR, true, ""),
};

enum { ALL_ALLOC, ALL_FREE, ALL_CPU, ALL_SHEAF, ALL_SLABS, ALL_CORRUPT, ALL_TORN, ALL_NAME, ALL_MAX };

static const struct mms_column all_columns[ALL_MAX] = {
	[ALL_ALLOC]	= C("ALLOCATED", NUM, true, ""),
	[ALL_FREE]	= C("FREE", NUM, true, ""),
	[ALL_CPU]	= C("CPU_FREE", NUM, true, ""),
	[ALL_SHEAF]	= C("SHEAF", NUM, true, ""),
	[ALL_SLABS]	= C("SLABS", NUM, true, ""),
	[ALL_CORRUPT]	= C("CORRUPT", NUM, true, ""),
	[ALL_TORN]	= C("TORN", NUM, true, ""),
	[ALL_NAME]	= { .name = "NAME", .type = MMS_COL_STR, .shown = true, .trunc = true, .help = "" },
};

/* struct one - the slabs of a cache on their way into a table */
struct one {
	struct mms_table *t;
	bool objects, quarantine;
	struct mms_slab_states sums;
	struct mms_slab_slab bad;	/* the first with a corrupt list */
	bool no_memory;
};

static const char *state_name(uint32_t state)
{
	static const char *const names[] = { "unknown", "full", "partial", "cpu", "cpu-partial" };

	return state < sizeof(names) / sizeof(*names) ? names[state] : "unknown";
}

const char *mms_slab_state_name(uint32_t state, bool quarantine)
{
	static const char *const names[] = { "allocated", "free", "free-cpu", "sheaf" };

	return !state && quarantine ? "allocated or in quarantine" : names[state & 3];
}

static const char *object_state_name(const struct mms_slab_slab *s, uint32_t state)
{
	if (s->flags & MMS_SLABF_TORN)
		return "changing";
	/* behind the fault the list may have named it */
	if (!state && s->corrupt)
		return "unknown";
	return mms_slab_state_name(state, s->flags & MMS_SLABF_QUARANTINE);
}

static const char *corrupt_name(uint32_t corrupt)
{
	static const char *const names[] = {
		"", "a free pointer to no object", "a loop in the list", "more free objects than it counts",
		"fewer free objects than it counts", "a free pointer that cannot be read",
	};

	return corrupt < sizeof(names) / sizeof(*names) ? names[corrupt] : "unknown";
}

/* Objects side by side that are alike are one row. */
static int add_objects(struct one *o, const struct mms_slab_slab *s)
{
	uint32_t n, state;

	for (uint32_t i = 0; i < s->objects && s->words; i += n) {
		struct mms_line *l = mms_table_line(o->t, NULL);

		if (!l)
			return -ENOMEM;
		state = mms_slab_object_state(s, i);
		for (n = 1; i + n < s->objects && mms_slab_object_state(s, i + n) == state; n++)
			;
		mms_line_hex(o->t, l, OBJ_ADDRESS, s->va + s->first + (uint64_t)i * s->size);
		mms_line_hex(o->t, l, OBJ_SLAB, s->va);
		mms_line_num(o->t, l, OBJ_INDEX, i);
		mms_line_num(o->t, l, OBJ_COUNT, n);
		mms_line_str(o->t, l, OBJ_STATE, object_state_name(s, state));
	}
	return 0;
}

static int add_slab(struct one *o, const struct mms_slab_slab *s)
{
	struct mms_line *l = mms_table_line(o->t, NULL);
	uint32_t nfree = s->free + s->cpu_free + s->sheaf;

	if (!l)
		return -ENOMEM;
	mms_line_hex(o->t, l, SLAB_VA, s->va);
	mms_line_hex(o->t, l, SLAB_PFN, s->pfn);
	mms_line_str(o->t, l, SLAB_STATE, state_name(s->state));
	if (s->cpu != MMS_SLAB_CPU_NONE)
		mms_line_num(o->t, l, SLAB_CPU, s->cpu);
	mms_line_num(o->t, l, SLAB_NODE, s->node);
	mms_line_num(o->t, l, SLAB_ORDER, s->order);
	mms_line_num(o->t, l, SLAB_OBJECTS, s->objects);
	if (s->flags & MMS_SLABF_KFENCE)
		mms_line_str(o->t, l, SLAB_NOTE, "a page of KFENCE");
	else if (s->flags & MMS_SLABF_TORN)
		mms_line_str(o->t, l, SLAB_NOTE, "changed while it was read");
	else if (s->corrupt)
		mms_line_str(o->t, l, SLAB_NOTE, "CORRUPT");
	if (s->flags & (MMS_SLABF_TORN | MMS_SLABF_KFENCE) || s->corrupt)
		return 0;
	mms_line_num(o->t, l, SLAB_FREE, s->free);
	mms_line_num(o->t, l, SLAB_CPU_FREE, s->cpu_free);
	mms_line_num(o->t, l, SLAB_SHEAF, s->sheaf);
	if (nfree <= s->objects && s->objects) {
		mms_line_num(o->t, l, SLAB_ALLOC, s->objects - nfree);
		mms_line_num(o->t, l, SLAB_FILL, (s->objects - nfree) * 100 / s->objects);
	}
	return 0;
}

static int take_slab(void *ctx, const struct mms_record *rec)
{
	const struct mms_slab_slab *s = (const void *)rec;
	struct one *o = ctx;
	int rc;

	if (rec->type != MMS_REC_SLAB_SLAB)
		return 0;
	if (s->corrupt && !o->sums.corrupt)
		o->bad = *s;
	o->quarantine |= s->flags & MMS_SLABF_QUARANTINE;
	mms_slab_count(&o->sums, s);
	rc = o->objects ? add_objects(o, s) : add_slab(o, s);
	o->no_memory = rc;
	return rc;
}

/* --- facts --- */

static int show_nodes(struct mms_slab_view *v, const struct mms_slab_info *c, struct mms_err *err)
{
	struct mms_table *t;
	int rc = mms_table_new(&t, &v->plain, "nodes", node_columns, NODE_MAX, err);

	for (size_t i = 0; !rc && i < v->list.nnodes; i++) {
		const struct mms_slab_node *n = &v->list.nodes[i];
		struct mms_line *l = n->cache == c->rec.address ? mms_table_line(t, NULL) : NULL;

		if (!l)
			continue;
		mms_line_num(t, l, NODE_NODE, n->node);
		if (n->known & MMS_SLAB_K_COUNTS) {
			mms_line_num(t, l, NODE_SLABS, (int64_t)n->slabs);
			mms_line_num(t, l, NODE_TOTAL, (int64_t)n->total_objects);
		}
		if (n->known & MMS_SLAB_K_PARTIAL) {
			mms_line_num(t, l, NODE_PARTIAL, (int64_t)n->nr_partial);
			mms_line_num(t, l, NODE_FREE, (int64_t)n->partial_free);
		}
		if (n->known & MMS_SLAB_K_SHEAVES) {
			mms_line_num(t, l, NODE_BARN_FULL, n->barn_full);
			mms_line_num(t, l, NODE_BARN_EMPTY, n->barn_empty);
			mms_line_num(t, l, NODE_BARN, (int64_t)n->barn_objects);
		}
	}
	if (!rc)
		rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	return rc;
}

/* What is kept free outside of the lists of slabs and nodes. */
static void show_kept(struct mms_slab_view *v, const struct mms_slab_cache *r)
{
	if (r->known & MMS_SLAB_K_CPU) {
		mms_doc_num(v->doc, "cpu_slabs", r->cpu_slabs);
		mms_doc_num(v->doc, "cpu_free", (int64_t)r->cpu_free);
		mms_doc_num(v->doc, "cpu_partial", r->cpu_partial_slabs);
		mms_doc_num(v->doc, "cpu_partial_free", (int64_t)r->cpu_partial_free);
		mms_doc_text(v->doc, "at processors: %u slabs, %llu objects free in them; on their partial lists %u, %llu%s\n",
			     r->cpu_slabs, (unsigned long long)r->cpu_free, r->cpu_partial_slabs,
			     (unsigned long long)r->cpu_partial_free,
			     r->known & MMS_SLAB_K_TORN ? "\n  (and what changed while it was looked at)" : "");
	}
	if (!(r->known & MMS_SLAB_K_SHEAVES))
		return;
	mms_doc_num(v->doc, "sheaf_capacity", r->sheaf_capacity);
	mms_doc_num(v->doc, "sheaf_objects", (int64_t)r->sheaf_objects);
	mms_doc_num(v->doc, "barn_objects", (int64_t)r->barn_objects);
	if (r->sheaf_capacity)
		mms_doc_text(v->doc, "sheaves of %u: %llu objects at processors, %llu in barns (%u sheaves, %u empty ones)\n",
			     r->sheaf_capacity, (unsigned long long)r->sheaf_objects,
			     (unsigned long long)r->barn_objects, r->barn_full, r->barn_empty);
	else
		mms_doc_text(v->doc, "no sheaves\n");
}

static void show_facts(struct mms_slab_view *v, const struct mms_slab_info *c)
{
	const struct mms_slab_cache *r = &c->rec;
	char flags[256], m[16], p[16], f[16], s[16];
	struct mms_slab_use u;

	mms_slab_use(&v->list, c, &u);
	mms_doc_str(v->doc, "name", c->name);
	mms_doc_num(v->doc, "memory", (int64_t)u.memory);
	mms_doc_num(v->doc, "objects", (int64_t)u.objects);
	mms_doc_num(v->doc, "free_objects", (int64_t)u.free_objects);
	mms_doc_text(v->doc, "%s: ", c->name);
	if (r->known & MMS_SLAB_K_LAYOUT)
		mms_doc_text(v->doc, "objects of %u bytes", r->object_size);
	mms_doc_text(v->doc, "%s%u apart, %u in a slab of order %u", r->known & MMS_SLAB_K_LAYOUT ? ", " : "",
		     r->size, r->objects, r->order);
	if (r->known & MMS_SLAB_K_LAYOUT)
		mms_doc_text(v->doc, ", aligned to %u", r->align);
	if (r->known & MMS_SLAB_K_FLAGS && r->flags)
		mms_doc_text(v->doc, "\nflags: %s", mms_slab_flag_names(r->flags, flags, sizeof(flags)));
	if (c->ctor[0])
		mms_doc_text(v->doc, "\nconstructor: %s", c->ctor);
	if (c->aliases)
		mms_doc_text(v->doc, "\nmerged into it: %s", c->aliases);
	mms_doc_text(v->doc, "\n%llu slabs, %s: %llu objects in use, %llu free; padding %s, free %s, slack %s\n",
		     (unsigned long long)r->slabs, mms_human(u.memory, m), (unsigned long long)u.objects,
		     (unsigned long long)u.free_objects, mms_human(u.pad, p), mms_human(u.free, f),
		     mms_human(u.slack, s));
	show_kept(v, r);
}

static void show_bad(struct mms_slab_view *v, const struct one *o)
{
	mms_doc_num(v->doc, "corrupt_slabs", (int64_t)o->sums.corrupt);
	mms_doc_num(v->doc, "torn_slabs", (int64_t)o->sums.torn);
	if (o->sums.corrupt) {
		mms_doc_str(v->doc, "corrupt", corrupt_name(o->bad.corrupt));
		mms_doc_text(v->doc, "CORRUPT: slab 0x%llx: %s", (unsigned long long)o->bad.va,
			     corrupt_name(o->bad.corrupt));
		if (o->bad.bad_at)
			mms_doc_text(v->doc, ", at 0x%llx,\n  to 0x%llx", (unsigned long long)o->bad.bad_at,
				     (unsigned long long)o->bad.bad_value);
		mms_doc_text(v->doc, "; it was not followed%s\n",
			     o->sums.corrupt > 1 ? ", and other slabs have faults, too" : "");
	}
	if (o->sums.torn)
		mms_doc_text(v->doc, "%llu slabs changed each time they were read\n",
			     (unsigned long long)o->sums.torn);
}

static int show_slabs(struct mms_slab_view *v, const struct mms_slab_info *c, bool objects, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req), .flags = MMS_REQ_SLAB_OBJECTS, .start = c->rec.address };
	struct one o = { .objects = objects };
	struct mms_handler h = { .record = take_slab, .trailer = mms_slab_trailer, .ctx = &o };
	int rc;

	if (objects)
		rc = mms_table_new(&o.t, &v->plain, "object_list", object_columns, OBJ_MAX, err);
	else
		rc = mms_table_new(&o.t, &v->plain, "slabs", slab_columns, SLAB_MAX, err);
	if (!rc)
		rc = mms_source_stream(v->source, MMS_KIND_SLAB, &req, &h, err);
	if (o.no_memory)
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	else if (rc == -ENOENT)
		mms_err_set(err, rc, "%s: the cache has gone meanwhile", c->name);
	if (!rc)
		rc = mms_doc_table(v->doc, o.t, err);
	if (!rc)
		show_bad(v, &o);
	if (!rc && objects && o.quarantine && !v->render.no_headings)
		mms_doc_text(v->doc, "quarantine: this kernel's KASAN keeps freed objects back, which look allocated then\n");
	if (!rc && objects && c->rec.sheaf_capacity && !v->render.no_headings)
		mms_doc_text(v->doc, "what kfree_rcu() put into a sheaf that waits for its grace period looks allocated\n");
	mms_table_free(o.t);
	if (!rc && o.sums.corrupt)
		rc = mms_err_set(err, -EUCLEAN, "%s: lists of free objects are corrupt: %llu of its slabs", c->name,
				 (unsigned long long)o.sums.corrupt);
	return rc;
}

int mms_slab_show_cache(struct mms_slab_view *v, const char *name, bool objects, struct mms_err *err)
{
	const struct mms_slab_info *c = mms_slab_find(&v->list, name);
	bool plain = v->render.no_headings && !v->render.json;
	int rc = 0;

	if (!c)
		return mms_err_set(err, -ENOENT, "%.64s: there is no such slab cache (mmscope slab lists them)", name);
	if (!plain)
		show_facts(v, c);
	if (!plain && !objects && c->rec.known & MMS_SLAB_K_ADDRESS && v->list.nnodes) {
		rc = show_nodes(v, c, err);
		mms_doc_text(v->doc, "\n");
	}
	if (rc)
		return rc;
	if (!(c->rec.known & MMS_SLAB_K_ADDRESS)) {
		if (objects)
			return mms_err_set(err, -EOPNOTSUPP,
					   "/proc tells of caches, not of their objects: load the module (mmscope load)");
		mms_doc_text(v->doc, "slabs and objects: not available from /proc: load the module (mmscope load)\n");
		return 0;
	}
	return show_slabs(v, c, objects, err);
}

static int most_objects(const void *a, const void *b)
{
	const struct mms_slab_info *x = a, *y = b;

	if (x->states.alloc != y->states.alloc)
		return x->states.alloc < y->states.alloc ? 1 : -1;
	return strcmp(x->name, y->name);
}

int mms_slab_show_states(struct mms_slab_view *v, struct mms_err *err)
{
	struct mms_table *t = NULL;
	uint64_t corrupt = 0;
	int rc = mms_slab_count_objects(&v->list, v->source, err);

	if (!rc)
		rc = mms_table_new(&t, &v->plain, "states", all_columns, ALL_MAX, err);
	if (!rc && v->list.n)
		qsort(v->list.c, v->list.n, sizeof(*v->list.c), most_objects);
	for (size_t i = 0; !rc && i < v->list.n; i++) {
		const struct mms_slab_states *s = &v->list.c[i].states;
		struct mms_line *l = mms_table_line(t, NULL);

		if (!l) {
			rc = mms_err_set(err, -ENOMEM, "out of memory");
			break;
		}
		mms_line_num(t, l, ALL_ALLOC, (int64_t)s->alloc);
		mms_line_num(t, l, ALL_FREE, (int64_t)s->free);
		mms_line_num(t, l, ALL_CPU, (int64_t)s->cpu);
		mms_line_num(t, l, ALL_SHEAF, (int64_t)s->sheaf);
		mms_line_num(t, l, ALL_SLABS, (int64_t)s->slabs);
		mms_line_num(t, l, ALL_CORRUPT, (int64_t)s->corrupt);
		mms_line_num(t, l, ALL_TORN, (int64_t)s->torn);
		mms_line_str(t, l, ALL_NAME, v->list.c[i].name);
		corrupt += s->corrupt;
	}
	if (!rc)
		rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	if (!rc && corrupt)
		rc = mms_err_set(err, -EUCLEAN, "lists of free objects are corrupt: %llu slabs (mmscope slab CACHE says where)",
				 (unsigned long long)corrupt);
	return rc;
}
