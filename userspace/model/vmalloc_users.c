// SPDX-License-Identifier: GPL-2.0
/* What vmalloc space is used for, in few words: by kind, and by who asked for it. */
#include "model/vmalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Callers of vmalloc() that stand for a use; a name that ends with '*' is a
 * beginning.  What is not here is the module's that asked, or "other".
 */
static const struct {
	const char *caller;
	const char *user;
} callers[] = {
	{ "alloc_large_system_hash", "hash tables" },
	{ "bpf_prog_pack_alloc", "BPF JIT" },
	{ "bpf_jit_*", "BPF JIT" },
	{ "bpf_trampoline_*", "BPF JIT" },
	{ "arch_alloc_bpf_trampoline", "BPF JIT" },
	{ "pcpu_*", "per-CPU memory" },
	{ "bpf_*", "BPF programs and maps" },
	{ "htab_map_alloc", "BPF programs and maps" },
	{ "array_map_alloc", "BPF programs and maps" },
	{ "__bpf_*", "BPF programs and maps" },
	{ "create_trampoline*", "ftrace, kprobes" },
	{ "arch_ftrace_update_trampoline", "ftrace, kprobes" },
	{ "alloc_insn_page", "ftrace, kprobes" },
	{ "xt_*", "network filters" },
	{ "nf_*", "network filters" },
	{ "vhost_*", "virtual machines" },
	{ "kvm_*", "virtual machines" },
	{ "__kvm_*", "virtual machines" },
	{ "swap*", "swap" },
	{ "__do_sys_swapon", "swap" },
	{ "zswap_*", "swap" },
	{ "n_tty_open", "terminals" },
	{ "vc_*", "terminals" },
	{ "con_*", "terminals" },
	{ "alloc_fdtable", "open files" },
	{ "sel_*", "security modules" },
	{ "aa_*", "security modules" },
	{ "apparmor_*", "security modules" },
};

static const char *by_caller(const char *caller)
{
	for (size_t i = 0; i < sizeof(callers) / sizeof(*callers); i++) {
		size_t len = strlen(callers[i].caller);

		if (callers[i].caller[len - 1] == '*' ? !strncmp(caller, callers[i].caller, len - 1) :
							!strcmp(caller, callers[i].caller))
			return callers[i].user;
	}
	return NULL;
}

/* By kind alone. */
static const char *by_kind(uint32_t kind)
{
	switch (kind) {
	case MMS_AREA_KIND_KSTACK:
		return "kernel stacks";
	case MMS_AREA_KIND_PERCPU:
		return "per-CPU memory";
	case MMS_AREA_KIND_MODULE:
		return "modules";
	/* one allocator serves modules, BPF, ftrace and kprobes alike */
	case MMS_AREA_KIND_TEXT:
		return "modules, other code";
	case MMS_AREA_KIND_IOREMAP:
		return "device registers";
	case MMS_AREA_KIND_DMA:
		return "DMA buffers";
	case MMS_AREA_KIND_SPARSE:
		return "BPF arenas";
	case MMS_AREA_KIND_VMAP:
		return "mapped pages";
	default:
		return "other";
	}
}

const char *mms_vmalloc_user(const struct mms_area *a, char buf[MMS_VM_USER_MAX])
{
	const char *user = by_caller(a->caller), *module = strstr(a->caller, " [");
	int len = module ? (int)strcspn(module + 2, "]") : 0;

	if (!user && len)
		snprintf(buf, MMS_VM_USER_MAX, "driver %.*s", len, module + 2);
	else
		snprintf(buf, MMS_VM_USER_MAX, "%s", user ? user : by_kind(a->kind));
	return buf;
}

static int by_weight(const void *a, const void *b)
{
	const struct mms_vm_user *x = a, *y = b;
	int order = mms_area_heavier(&x->sum, &y->sum);

	return order ? order : strcmp(x->user, y->user);
}

struct mms_vm_user *mms_vmalloc_users(const struct mms_vmalloc *v, size_t *n)
{
	struct mms_vm_user *u = v->n ? calloc(v->n, sizeof(*u)) : NULL;

	*n = 0;
	for (size_t i = 0; u && i < v->n; i++) {
		const struct mms_area *a = &v->area[i].a;
		char user[MMS_VM_USER_MAX];
		size_t k = 0;

		mms_vmalloc_user(a, user);
		while (k < *n && strcmp(u[k].user, user))
			k++;
		if (k == *n)
			memcpy(u[(*n)++].user, user, sizeof(user));
		u[k].areas++;
		u[k].sum.size += a->end - a->start;
		u[k].sum.pages += a->pages;
		u[k].sum.frames += a->frames;
	}
	if (*n)
		qsort(u, *n, sizeof(*u), by_weight);
	return u;
}
