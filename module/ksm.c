// SPDX-License-Identifier: GPL-2.0
/*
 * Who shares a KSM page: its stable node, whose structs are KSM's own, read by
 * the layout in the running kernel's BTF.
 * Locks: the caller holds the page's lock, which keeps its stable node and the
 * list of items (mm/ksm.c, rmap_walk_ksm()); takes anon_vma's rwsem if it is free.
 * Never sleeps.  Emits nothing.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include "compat/btf.h"
#include "nofault.h"
#include "rmap.h"

/* Offsets; all valid if @ok. */
static struct {
	bool ok;
	u32 node_kpfn, node_hlist, node_len;
	u32 item_hlist, item_anon_vma, item_address;
} at;

static const struct {
	const char *type, *older, *member;
	u32 *to;
} wanted[] = {
	/* 6.1 "ksm: add ksm prefix to the names of the ksm private structures" */
	{ "ksm_stable_node", "stable_node", "kpfn", &at.node_kpfn },
	{ "ksm_stable_node", "stable_node", "hlist", &at.node_hlist },
	{ "ksm_stable_node", "stable_node", "rmap_hlist_len", &at.node_len },
	{ "ksm_rmap_item", "rmap_item", "hlist", &at.item_hlist },
	{ "ksm_rmap_item", "rmap_item", "anon_vma", &at.item_anon_vma },
	{ "ksm_rmap_item", "rmap_item", "address", &at.item_address },
};

/**
 * mms_ksm_init() - find the layout; at init, while BTF is there
 *
 * Return: NULL, or why KSM pages have no reverse map here
 */
const char *mms_ksm_init(void)
{
	struct mms_member m;
	unsigned int i;
	int ret;

	if (!IS_ENABLED(CONFIG_KSM))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		ret = mms_btf_member(wanted[i].type, wanted[i].member, &m);
		if (ret)
			ret = mms_btf_member(wanted[i].older, wanted[i].member, &m);
		if (ret)
			return ret == -ENODATA ? mms_btf_state() : "a member of KSM's structs is missing in BTF";
		*wanted[i].to = m.offset;
	}
	at.ok = true;
	return NULL;
}

/* Is this a stable node, and that of this frame? */
static bool node_is_of(unsigned long node, u64 pfn)
{
	unsigned long kpfn;

	return at.ok && mms_peek_at(&kpfn, node, at.node_kpfn) && kpfn == pfn;
}

/**
 * mms_ksm_sharers() - addresses that share the page, as its stable node counts
 */
bool mms_ksm_sharers(unsigned long node, u64 pfn, u32 *sharers)
{
	int len;

	if (!node_is_of(node, pfn) || !mms_peek_at(&len, node, at.node_len) || len < 0)
		return false;
	*sharers = len;
	return true;
}

/**
 * mms_ksm_read() - candidates of a KSM page
 * @node: struct ksm_stable_node *
 * @pfn: of the page, which is locked
 *
 * An item names the address at which KSM found the page in one process; forked
 * children have it at the same address, in the same anon_vma.
 */
enum mms_frame_rmap mms_ksm_read(struct mms_rmap *r, unsigned long node, u64 pfn)
{
	unsigned long address;
	struct hlist_node *pos;
	enum mms_frame_rmap ret;
	void *anon_vma;

	if (!at.ok)
		return MMS_RMAP_UNAVAILABLE;
	if (!node_is_of(node, pfn) || !mms_peek_at(&pos, node, at.node_hlist))
		return MMS_RMAP_CHANGED;
	while (pos && !r->more) {
		const char *item = (const char *)pos - at.item_hlist;

		if (!mms_peek_at(&anon_vma, item, at.item_anon_vma) ||
		    !mms_peek_at(&address, item, at.item_address) || !anon_vma)
			return MMS_RMAP_CHANGED;
		ret = mms_rmap_anon_at(r, anon_vma, address & PAGE_MASK);
		if (ret != MMS_RMAP_DONE)
			return ret;
		if (!mms_peek(&pos, &pos->next, sizeof(pos)))
			return MMS_RMAP_CHANGED;
	}
	return MMS_RMAP_DONE;
}
