// SPDX-License-Identifier: GPL-2.0
/*
 * The areas of the kernel's vmalloc space, what they are for and who asked.
 * Locks: that of the tree of areas, for 32 of them at a time (vmarea.c); names
 * are looked up without it.  May sleep.  Emits MMS_REC_VMALLOC_SPACE and
 * MMS_REC_VMALLOC_AREA.
 */
#include <linux/kallsyms.h>
#include <linux/slab.h>
#include "../mmscope.h"
#include "../vmarea.h"

#define MMS_AREAS	32
#define MMS_ROOM	(sizeof(struct mms_vmalloc_area) + ALIGN(KSYM_SYMBOL_LEN, 8))

/*
 * struct areas - state of one query
 * @n: areas that were read, of which @sent are in the stream
 * @opened: MMS_REC_VMALLOC_SPACE is, too, if it was asked for
 */
struct areas {
	struct mms_vmarea_at at;
	int n, sent;
	bool opened;
	struct mms_vmarea area[MMS_AREAS];
	char name[KSYM_SYMBOL_LEN];
};

static void put_area(struct areas *a, struct mms_sink *s, const struct mms_vmarea *area)
{
	struct mms_vmalloc_area *rec = mms_emit(s, MMS_REC_VMALLOC_AREA, sizeof(*rec), KSYM_SYMBOL_LEN);

	if (WARN_ON_ONCE(!rec))
		return;
	mms_vmarea_tell(area, rec, a->name);
	memcpy(rec + 1, a->name, rec->caller_len);
	memset((char *)(rec + 1) + rec->caller_len, 0,
	       ALIGN(rec->caller_len, 8) - rec->caller_len);
	mms_emit_trim(s, &rec->head, sizeof(*rec) + rec->caller_len);
}

static void put_space(struct mms_sink *s)
{
	struct mms_vmalloc_space *rec = mms_emit(s, MMS_REC_VMALLOC_SPACE, sizeof(*rec), 0);

	if (WARN_ON_ONCE(!rec))
		return;
	rec->start = VMALLOC_START;
	/* (x86 says its last byte) */
	rec->end = PAGE_ALIGN(VMALLOC_END);
	rec->known = MMS_VSPACE_K_BOUNDS | (mms_vmarea_lazy_known() ? MMS_VSPACE_K_LAZY : 0);
#ifdef MODULES_VADDR
	/* i386's modules are in vmalloc space, all over it. */
	if (!IS_ENABLED(CONFIG_X86_32)) {
		rec->modules_start = MODULES_VADDR;
		rec->modules_end = MODULES_END;
		rec->known |= MMS_VSPACE_K_MODULES;
	}
#endif
}

static void mms_vmalloc_init(struct mms_cap *cap)
{
	if (!mms_vmarea_init(cap))
		cap->state = MMS_CAP_OK;
}

static int mms_vmalloc_open(struct mms_query *q)
{
	if (q->req.start || q->req.end != U64_MAX)
		return -EINVAL;
	q->priv = kvzalloc(sizeof(struct areas), GFP_KERNEL);
	return q->priv ? 0 : -ENOMEM;
}

static void mms_vmalloc_close(struct mms_query *q)
{
	kvfree(q->priv);
}

static int mms_vmalloc_batch(struct mms_query *q, struct mms_sink *s)
{
	bool lazy = q->req.flags & MMS_REQ_VMALLOC_LAZY;
	struct areas *a = q->priv;

	if (lazy && !a->opened)
		put_space(s);
	a->opened = true;
	if (a->sent == a->n) {
		a->sent = 0;
		a->n = mms_vmareas(q, &a->at, a->area, MMS_AREAS);
		if (a->n < 0)
			return a->n;
		if (!a->n && (!lazy || a->at.lazy))
			return MMS_BATCH_DONE;
		if (!a->n)
			a->at = (struct mms_vmarea_at) { .lazy = true };
	}
	for (; a->sent < a->n && mms_sink_room(s) >= MMS_ROOM; a->sent++) {
		put_area(a, s, &a->area[a->sent]);
		q->stats.entries++;
	}
	return MMS_BATCH_MORE;
}

static const struct mms_field area_fields[] = {
	MMS_FIELD(mms_vmalloc_area, start, HEX),
	MMS_FIELD(mms_vmalloc_area, end, HEX),
	MMS_FIELD(mms_vmalloc_area, pages, DEC),
	MMS_FIELD(mms_vmalloc_area, phys, HEX),
	MMS_FIELD(mms_vmalloc_area, flags, FLAGS, .letters = "iamrudnsgpl"),
	{ .name = "caller", .format = MMS_FMT_TAIL, .offset = sizeof(struct mms_vmalloc_area) },
	{ }
};

static const struct mms_field space_fields[] = {
	MMS_FIELD(mms_vmalloc_space, start, HEX),
	MMS_FIELD(mms_vmalloc_space, end, HEX),
	MMS_FIELD(mms_vmalloc_space, modules_start, HEX),
	MMS_FIELD(mms_vmalloc_space, modules_end, HEX),
	MMS_FIELD(mms_vmalloc_space, known, FLAGS, .letters = "bml"),
	{ }
};

static const struct mms_text vmalloc_texts[] = {
	{ MMS_REC_VMALLOC_SPACE, "space", sizeof(struct mms_vmalloc_space), space_fields },
	{ MMS_REC_VMALLOC_AREA, "area", sizeof(struct mms_vmalloc_area), area_fields },
	{ }
};

static const struct mms_word vmalloc_words[] = {
	{ "lazy", MMS_REQ_VMALLOC_LAZY },
	{ }
};

const struct mms_collector mms_collector_vmalloc = {
	.name = "vmalloc",
	.kind = MMS_KIND_VMALLOC,
	.record_size = sizeof(struct mms_vmalloc_area),
	.record_max = MMS_ROOM + sizeof(struct mms_vmalloc_space),
	.texts = vmalloc_texts,
	.machine = true,
	.req_flags = MMS_REQ_VMALLOC_LAZY,
	.req_default = 0,
	.words = vmalloc_words,
	.init = mms_vmalloc_init,
	.open = mms_vmalloc_open,
	.batch = mms_vmalloc_batch,
	.close = mms_vmalloc_close,
};
