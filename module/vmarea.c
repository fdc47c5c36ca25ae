// SPDX-License-Identifier: GPL-2.0
/*
 * The areas of the kernel's vmalloc space.
 * Locks: the spin lock of the tree of areas (one for all, or one per node), for
 * some tens of areas at a time.  May sleep without.  Emits nothing.
 *
 * While the lock is held an area in the tree keeps its vm_struct
 * (mm/vmalloc.c:remove_vm_area() takes it out first).
 */
#include <linux/kallsyms.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include "compat/btf.h"
#include "compat/ksym.h"
#include "nofault.h"
#include "vmarea.h"

#define MMS_NODES_MAX	4096

/* A tree of areas and its lock: addresses, or offsets in a node. */
struct mms_vmtree {
	unsigned long root, lock;
};

/*
 * 6.9 "mm: vmalloc: remove global vmap_area_root rb-tree" and "offload
 * free_vmap_area_lock lock" made it several trees, in an array of nodes of @stride
 * bytes each.  Before: the one root and its lock.
 *
 * Areas that were freed and whose addresses are not free yet: since 5.12 "mm/vmalloc:
 * switch to bulk purging" they are in a tree with a lock of its own, too.  Before
 * they are on a list that a mutex keeps while the whole of it is purged.
 */
static struct {
	unsigned long nodes;		/* of the pointer to the nodes; 0 = the one tree */
	unsigned long count;		/* of their number */
	struct mms_vmtree busy, lazy;
	u32 stride;
	bool usable, have_lazy;
} tree;

/* Offsets of an rb_list in a node. */
static bool find_in_node(const char *name, struct mms_vmtree *t)
{
	struct mms_member list, root, lock;

	if (mms_btf_member("vmap_node", name, &list) || mms_btf_member("rb_list", "root", &root) ||
	    mms_btf_member("rb_list", "lock", &lock))
		return false;
	t->root = list.offset + root.offset;
	t->lock = list.offset + lock.offset;
	return root.size == sizeof(struct rb_root) && lock.size == sizeof(spinlock_t);
}

static const char *find_nodes(void)
{
	if (mms_ksym("vmap_nodes", &tree.nodes) || mms_ksym("nr_vmap_nodes", &tree.count))
		return "vmap_area_root and vmap_nodes are not in kallsyms";
	if (mms_btf_struct_size("vmap_node", &tree.stride) || !find_in_node("busy", &tree.busy))
		return "the kernel's BTF has no struct vmap_node as it is known here";
	tree.have_lazy = find_in_node("lazy", &tree.lazy);
	return NULL;
}

int mms_vmarea_init(struct mms_cap *cap)
{
	const char *why = NULL;

	if (mms_ksym("vmap_area_root", &tree.busy.root) || mms_ksym("vmap_area_lock", &tree.busy.lock))
		why = find_nodes();
	else
		tree.have_lazy = !mms_ksym("purge_vmap_area_root", &tree.lazy.root) &&
				 !mms_ksym("purge_vmap_area_lock", &tree.lazy.lock);
	if (why) {
		mms_cap_set(cap, tree.nodes && tree.count ? MMS_CAP_NO_BTF : MMS_CAP_NO_SYMBOL, "%s", why);
		return -EOPNOTSUPP;
	}
	tree.usable = true;
	return 0;
}

bool mms_vmarea_lazy_known(void)
{
	return tree.usable && tree.have_lazy;
}

/* The @n-th tree and its lock. */
static bool tree_at(unsigned int n, bool lazy, struct rb_root **root, spinlock_t **lock)
{
	const struct mms_vmtree *t = lazy ? &tree.lazy : &tree.busy;
	unsigned long base;
	unsigned int count;

	if (lazy && !tree.have_lazy)
		return false;
	if (!tree.nodes) {
		*root = (struct rb_root *)t->root;
		*lock = (spinlock_t *)t->lock;
		return !n;
	}
	if (!mms_peek(&base, (void *)tree.nodes, sizeof(base)) || !base ||
	    !mms_peek(&count, (void *)tree.count, sizeof(count)) || count > MMS_NODES_MAX || n >= count)
		return false;
	base += (unsigned long)n * tree.stride;
	*root = (struct rb_root *)(base + t->root);
	*lock = (spinlock_t *)(base + t->lock);
	return true;
}

/* The first area that ends behind @addr. */
static struct rb_node *first_behind(struct rb_root *root, unsigned long addr)
{
	struct rb_node *n = root->rb_node, *found = NULL;
	struct vmap_area *va;

	while (n) {
		va = rb_entry(n, struct vmap_area, rb_node);
		if (va->va_end > addr) {
			found = n;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return found;
}

static u32 neutral_flags(unsigned long flags)
{
	return (flags & VM_IOREMAP ? MMS_AREA_IOREMAP : 0) |
	       (flags & VM_ALLOC ? MMS_AREA_ALLOC : 0) |
	       (flags & VM_MAP ? MMS_AREA_MAP : 0) |
	       (flags & VM_USERMAP ? MMS_AREA_USERMAP : 0) |
	       (flags & VM_DMA_COHERENT ? MMS_AREA_DMA : 0) |
#ifdef VM_SPARSE
	       (flags & VM_SPARSE ? MMS_AREA_SPARSE : 0) |
#endif
	       (flags & VM_MAP_PUT_PAGES ? MMS_AREA_PUT_PAGES : 0) |
	       (flags & VM_NO_GUARD ? MMS_AREA_NO_GUARD : 0) |
	       (flags & VM_UNINITIALIZED ? MMS_AREA_UNINIT : 0);
}

static void take_area(const struct vmap_area *va, struct mms_vmarea *area, bool lazy)
{
	struct vm_struct vm;

	memset(area, 0, sizeof(*area));
	area->start = va->va_start;
	area->end = va->va_end;
	/* (its vm_struct was freed; the pointer's place has another use by now) */
	if (lazy) {
		area->flags = MMS_AREA_LAZY;
		return;
	}
	if (!va->vm || !mms_peek(&vm, va->vm, sizeof(vm))) {
		area->flags = MMS_AREA_MAP_RAM;
		return;
	}
	area->flags = neutral_flags(vm.flags);
	area->phys = vm.phys_addr;
	area->caller = (unsigned long)vm.caller;
	area->known = MMS_AREA_K_GUARD;
#ifdef HAVE_VM_PAGE_ORDER
	area->order = vm.page_order;
	area->known |= MMS_AREA_K_ORDER;
#endif
	if (vm.flags & VM_UNINITIALIZED)
		return;
	area->nr_pages = vm.nr_pages;
}

static unsigned int some_of_tree(struct rb_root *root, spinlock_t *lock, struct mms_vmarea_at *at,
				 struct mms_vmarea *areas, unsigned int room)
{
	struct rb_node *n;
	unsigned int i;

	spin_lock(lock);
	n = first_behind(root, at->addr);
	for (i = 0; n && i < room; i++, n = rb_next(n)) {
		take_area(rb_entry(n, struct vmap_area, rb_node), &areas[i], at->lazy);
		at->addr = areas[i].end;
	}
	spin_unlock(lock);
	return i;
}

int mms_vmareas(struct mms_query *q, struct mms_vmarea_at *at, struct mms_vmarea *areas,
		unsigned int room)
{
	struct rb_root *root;
	unsigned int n;
	spinlock_t *lock;

	if (!tree.usable)
		return -EOPNOTSUPP;
	for (; tree_at(at->node, at->lazy, &root, &lock); at->node++, at->addr = 0) {
		mms_hold_begin(q);
		n = some_of_tree(root, lock, at, areas, room);
		mms_hold_end(q);
		if (n)
			return n;
		cond_resched();
	}
	return 0;
}

void mms_vmarea_tell(const struct mms_vmarea *area, struct mms_vmalloc_area *rec, char *name)
{
	rec->start = area->start;
	rec->end = area->end;
	rec->pages = area->nr_pages;
	rec->phys = area->phys;
	rec->caller = area->caller;
	rec->flags = area->flags;
	rec->order = area->order;
	rec->known = MMS_AREA_K_ADDRESS | area->known | (area->caller ? MMS_AREA_K_CALLER : 0) |
		     (area->phys ? MMS_AREA_K_PHYS : 0);
	name[0] = '\0';
	if (area->caller)
		snprintf(name, KSYM_SYMBOL_LEN, "%ps", (void *)area->caller);
	rec->caller_len = name[0] ? strlen(name) + 1 : 0;
}
