// SPDX-License-Identifier: GPL-2.0
/*
 * A reader of the running kernel's BTF (Documentation/bpf/btf.rst), copied from
 * between __start_BTF and __stop_BTF, or where these are not to be found from
 * /sys/kernel/btf/vmlinux.  The kernel's own btf_*() are unexported.
 * The copy (some 6 MiB) and its index live from the first question to
 * mms_btf_exit(), which the module calls when its collectors are set up.
 * Locks: a mutex while the index is built and read.  May sleep.  Emits nothing.
 */
#include <linux/seq_file.h>	/* 5.10's btf.h does not declare what it names */
struct bpf_prog;
#include <linux/btf.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "../mmscope.h"
#include "btf.h"
#include "ksym.h"

#define MMS_BTF_MAX	(64UL << 20)	/* vmlinux BTF is about 6 MiB */
#define MMS_BTF_DEPTH	8		/* anonymous members inside each other */
#define MMS_BTF_VISITS	100000		/* members looked at per question */

static DEFINE_MUTEX(lock);
static const char *state = "not read yet";
static bool tried;
static u8 *copy;		/* the whole section */
static const u8 *types;		/* type section */
static const char *strings;	/* string section */
static u32 types_len, strings_len;
static u32 *index;		/* type id -> offset in types */
static u32 visits;		/* of the question being answered */
static u32 ntypes;		/* ids 1 .. ntypes - 1 */

/* Bytes that follow struct btf_type; -1 for a kind unknown to this reader. */
static int extra_bytes(const struct btf_type *t)
{
	u32 vlen = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case 14:	/* VAR */
	case 17:	/* DECL_TAG */
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case 15:	/* DATASEC */
	case 19:	/* ENUM64 */
		return vlen * 12;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return vlen * 8;
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case 16:	/* FLOAT */
	case 18:	/* TYPE_TAG */
		return 0;
	}
	return -1;
}

static u32 count_types(u32 *idx)
{
	u32 off = 0, n = 1;
	int extra;

	while (off + sizeof(struct btf_type) <= types_len) {
		const struct btf_type *t = (const void *)(types + off);

		extra = extra_bytes(t);
		if (extra < 0 || off + sizeof(*t) + extra > types_len)
			return 0;
		if (idx)
			idx[n] = off;
		n++;
		off += sizeof(*t) + extra;
	}
	return n;
}

/* In pieces: the addresses may come from a mistyped module parameter. */
static bool copy_section(unsigned long start, size_t size)
{
	size_t done, n;

	for (done = 0; done < size; done += n) {
		n = min_t(size_t, size - done, SZ_64K);
		if (copy_from_kernel_nofault(copy + done, (void *)(start + done), n))
			return false;
		cond_resched();
	}
	return true;
}

static const char *alloc_copy(u64 size)
{
	if (size < sizeof(struct btf_header) || size > MMS_BTF_MAX)
		return "the BTF has an impossible size";
	copy = kvmalloc(size, GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY);
	return copy ? NULL : "no memory for a copy of the BTF";
}

static const char *copy_memory(unsigned long start, unsigned long stop, u64 *size)
{
	const char *why;

	if (stop <= start)
		return "__start_BTF and __stop_BTF enclose no BTF";
	*size = stop - start;
	why = alloc_copy(*size);
	if (!why && !copy_section(start, *size))
		why = "the BTF section is not readable";
	return why;
}

/*
 * The same bytes as the kernel shows them to user space: where kallsyms holds
 * no data symbols (CONFIG_KALLSYMS_ALL=n) there is no other way.
 */
static const char *copy_file(u64 *size)
{
	struct file *file = filp_open("/sys/kernel/btf/vmlinux", O_RDONLY, 0);
	const char *why;
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(file))
		return IS_ENABLED(CONFIG_DEBUG_INFO_BTF) ?
		       "no symbol __start_BTF, and no /sys/kernel/btf/vmlinux" :
		       "no BTF in this kernel (CONFIG_DEBUG_INFO_BTF=n)";
	*size = i_size_read(file_inode(file));
	why = alloc_copy(*size);
	while (!why && pos < *size) {
		n = kernel_read(file, copy + pos, min_t(u64, *size - pos, SZ_64K), &pos);
		if (n <= 0)
			why = "/sys/kernel/btf/vmlinux is not readable";
	}
	filp_close(file, NULL);
	return why;
}

static const char *find_sections(u64 size)
{
	const struct btf_header *h = (const void *)copy;

	if (h->magic != BTF_MAGIC || h->version != BTF_VERSION)
		return "the BTF has another magic or version";
	if ((u64)h->hdr_len + h->type_off + h->type_len > size ||
	    (u64)h->hdr_len + h->str_off + h->str_len > size || !h->str_len)
		return "the BTF header's lengths exceed its section";
	types = copy + h->hdr_len + h->type_off;
	types_len = h->type_len;
	strings = (const char *)copy + h->hdr_len + h->str_off;
	strings_len = h->str_len;
	return strings[strings_len - 1] ? "the BTF strings are not terminated" : NULL;
}

static void load(void)
{
	unsigned long start, stop;
	u64 size;

	tried = true;
	if (!mms_ksym("__start_BTF", &start) && !mms_ksym("__stop_BTF", &stop))
		state = copy_memory(start, stop, &size);
	else
		state = copy_file(&size);
	if (!state)
		state = find_sections(size);
	if (state)
		return;
	ntypes = count_types(NULL);
	if (!ntypes) {
		state = "the BTF has a type of a kind unknown to this module";
		return;
	}
	index = kvmalloc_array(ntypes, sizeof(*index), GFP_KERNEL);
	if (!index) {
		state = "no memory for the BTF index";
		return;
	}
	count_types(index);
	state = "ok";
}

static const struct btf_type *type_by_id(u32 id)
{
	return id && id < ntypes ? (const void *)(types + index[id]) : NULL;
}

static const char *name_at(u32 off)
{
	return off < strings_len ? strings + off : "";
}

/* Through typedefs and qualifiers to the type that has a size. */
static const struct btf_type *resolve_type(u32 id)
{
	const struct btf_type *t;
	int depth;

	for (depth = 0; depth < 32; depth++) {
		t = type_by_id(id);
		if (!t)
			return NULL;
		switch (BTF_INFO_KIND(t->info)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case 18:	/* TYPE_TAG */
			id = t->type;
			break;
		default:
			return t;
		}
	}
	return NULL;
}

static u32 type_size(u32 id, int depth)
{
	const struct btf_type *t = resolve_type(id);
	const struct btf_array *a;

	if (!t || depth > MMS_BTF_DEPTH)
		return 0;
	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_PTR:
		return sizeof(void *);
	case BTF_KIND_ARRAY:
		a = (const void *)(t + 1);
		return a->nelems * type_size(a->type, depth + 1);
	case BTF_KIND_FWD:
	case BTF_KIND_FUNC:
	case BTF_KIND_FUNC_PROTO:
		return 0;
	}
	return t->size;
}

static const struct btf_type *find_struct(const char *name)
{
	u32 id, kind;

	for (id = 1; id < ntypes; id++) {
		const struct btf_type *t = type_by_id(id);

		kind = BTF_INFO_KIND(t->info);
		if ((kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION) &&
		    !strcmp(name_at(t->name_off), name))
			return t;
	}
	return NULL;
}

static bool find_member(const struct btf_type *t, const char *name, u32 base_bits,
			int depth, struct mms_member *out)
{
	const struct btf_member *m = (const void *)(t + 1);
	bool bitfields = BTF_INFO_KFLAG(t->info);
	u32 i, kind, bits, width;

	for (i = 0; i < BTF_INFO_VLEN(t->info); i++, m++) {
		const struct btf_type *mt = resolve_type(m->type);

		if (++visits > MMS_BTF_VISITS)
			return false;
		bits = base_bits + (bitfields ? BTF_MEMBER_BIT_OFFSET(m->offset) : m->offset);
		width = bitfields ? BTF_MEMBER_BITFIELD_SIZE(m->offset) : 0;
		if (!strcmp(name_at(m->name_off), name)) {
			out->offset = bits / 8;
			out->size = type_size(m->type, 0);
			out->bit_offset = width ? bits : 0;
			out->bits = width;
			return true;
		}
		if (!mt || depth >= MMS_BTF_DEPTH)
			continue;
		/* Unnamed members, and tagged ones: -fms-extensions embeds
		 * named structs without a member name. */
		kind = BTF_INFO_KIND(mt->info);
		if ((kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION) &&
		    !*name_at(m->name_off) &&
		    find_member(mt, name, bits, depth + 1, out))
			return true;
	}
	return false;
}

static bool ready(void)
{
	if (!tried)
		load();
	return index;
}

/**
 * mms_btf_struct_size() - sizeof a struct or union in the running kernel
 * @name: without "struct"
 * @size: bytes
 *
 * Return: 0, -ENODATA no BTF, -ENOENT no such struct
 */
int mms_btf_struct_size(const char *name, u32 *size)
{
	const struct btf_type *t;
	int ret = -ENODATA;

	mutex_lock(&lock);
	if (ready()) {
		t = find_struct(name);
		ret = t ? 0 : -ENOENT;
		if (t)
			*size = t->size;
	}
	mutex_unlock(&lock);
	return ret;
}

/**
 * mms_btf_member() - where a member lies, through anonymous members too
 * @name: struct, without "struct"
 * @member: its member
 * @out: filled on success
 *
 * Return: 0, -ENODATA no BTF, -ENOENT no such struct or member
 */
int mms_btf_member(const char *name, const char *member, struct mms_member *out)
{
	const struct btf_type *t;
	int ret = -ENODATA;

	mutex_lock(&lock);
	if (ready()) {
		visits = 0;
		t = find_struct(name);
		ret = t && find_member(t, member, 0, 0, out) ? 0 : -ENOENT;
	}
	mutex_unlock(&lock);
	return ret;
}

const char *mms_btf_state(void)
{
	return state;
}

u32 mms_btf_types(void)
{
	return ntypes;
}

/**
 * mms_btf_exit() - give the memory back; later questions get -ENODATA
 */
void mms_btf_exit(void)
{
	mutex_lock(&lock);
	kvfree(index);
	kvfree(copy);
	index = NULL;
	copy = NULL;
	mutex_unlock(&lock);
}
