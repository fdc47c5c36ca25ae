// SPDX-License-Identifier: GPL-2.0
/*
 * What sort of memory a VMA is, from its record and its neighbours alone.
 *
 * The rules are a table, first match wins; each says why it may.
 */
#include <stdlib.h>
#include <string.h>

#include "model/snapshot.h"
#include "model/vec.h"

#define RWX	(MMS_VMA_READ | MMS_VMA_WRITE | MMS_VMA_EXEC)

/* A file of which some VMA is executable: a program, a library, a plugin. */
struct image {
	uint32_t major;
	uint32_t minor;
	uint64_t ino;
	bool has_data;
};

/* struct look - what a rule may look at */
struct look {
	const struct mms_region *r;
	const struct mms_region *prev;	/* ends where @r starts, or NULL */
	const struct image *image;	/* of @r, or NULL */
	const struct image *prev_image;	/* of @prev, or NULL */
};

static bool has(const struct look *l, uint32_t flags)
{
	return l->r->vma.flags & flags;
}

static bool named(const struct look *l, const char *prefix)
{
	return !strncmp(l->r->path, prefix, strlen(prefix));
}

static bool is_vdso(const struct look *l)
{
	return has(l, MMS_VMA_SPECIAL) || named(l, "[vdso]") ||
	       named(l, "[vvar") || named(l, "[vsyscall]");
}

static bool is_hugetlb(const struct look *l)
{
	return has(l, MMS_VMA_HUGETLB);
}

static bool is_device(const struct look *l)
{
	return has(l, MMS_VMA_PFNMAP | MMS_VMA_IO);
}

static bool is_guard(const struct look *l)
{
	return !has(l, RWX) && !has(l, MMS_VMA_SHARED | MMS_VMA_STACK);
}

static bool is_stack(const struct look *l)
{
	if (has(l, MMS_VMA_STACK) || named(l, "[stack"))
		return true;
	return has(l, MMS_VMA_GROWSDOWN) && !has(l, MMS_VMA_FILE);
}

static bool is_heap(const struct look *l)
{
	return has(l, MMS_VMA_HEAP) && !has(l, MMS_VMA_FILE);
}

static bool is_shared(const struct look *l)
{
	return has(l, MMS_VMA_SHARED) &&
	       (has(l, MMS_VMA_SHMEM) || !has(l, MMS_VMA_FILE));
}

static bool is_text(const struct look *l)
{
	return has(l, MMS_VMA_FILE) && has(l, MMS_VMA_EXEC);
}

static bool is_data(const struct look *l)
{
	return l->image && has(l, MMS_VMA_WRITE) && !has(l, MMS_VMA_SHARED);
}

static bool is_rodata(const struct look *l)
{
	return l->image && has(l, MMS_VMA_READ) &&
	       !has(l, MMS_VMA_WRITE | MMS_VMA_SHARED);
}

static bool is_file(const struct look *l)
{
	return has(l, MMS_VMA_FILE);
}

static bool is_bss(const struct look *l)
{
	if (!strcmp(l->r->name, ".bss"))
		return true;
	if (!has(l, MMS_VMA_WRITE) || has(l, MMS_VMA_SHARED) || !l->prev_image)
		return false;
	if (l->prev->class == MMS_CLASS_DATA)
		return true;
	/* All of its data became read-only after relocation. */
	return l->prev->class == MMS_CLASS_RODATA && !l->prev_image->has_data &&
	       l->prev->vma.pgoff;
}

static bool is_anon(const struct look *l)
{
	(void)l;
	return true;
}

static const struct {
	bool (*match)(const struct look *l);
	enum mms_class class;
} rules[] = {
	/* The kernel's own pages: before DEVICE, vvar is a PFN mapping too. */
	{ is_vdso,	MMS_CLASS_VDSO },
	/* Whatever it is used for, its pages come from another pool. */
	{ is_hugetlb,	MMS_CLASS_HUGETLB },
	/* Registers or memory that Linux does not manage. */
	{ is_device,	MMS_CLASS_DEVICE },
	/*
	 * Nothing can be accessed: thread-stack guards, gaps between the
	 * segments of a library, address space kept in reserve.
	 */
	{ is_guard,	MMS_CLASS_GUARD },
	/* By its flag: the name is lost as soon as the VMA is split. */
	{ is_stack,	MMS_CLASS_STACK },
	/* A fixed-address program's brk may share a VMA with its bss. */
	{ is_heap,	MMS_CLASS_HEAP },
	/*
	 * Shared and in shmem: SysV, memfd, /dev/shm, shared anonymous.  A
	 * private mapping of a shmem file is a file like any other: programs
	 * are started from tmpfs, in an initramfs all of them are.
	 */
	{ is_shared,	MMS_CLASS_SHARED },
	{ is_text,	MMS_CLASS_TEXT },
	/* Private and writable, of a file that also has code mapped. */
	{ is_data,	MMS_CLASS_DATA },
	/* ELF headers, .rodata, and .data.rel.ro after relocation. */
	{ is_rodata,	MMS_CLASS_RODATA },
	{ is_file,	MMS_CLASS_FILE },
	/*
	 * What a segment's memory size has beyond its file size.  An anonymous
	 * mapping that happened to be placed right behind cannot be told from
	 * it: the kernel merges the two.
	 */
	{ is_bss,	MMS_CLASS_BSS },
	{ is_anon,	MMS_CLASS_ANON },
};

static int by_file(const void *a, const void *b)
{
	const struct image *x = a, *y = b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	if (x->minor != y->minor)
		return x->minor < y->minor ? -1 : 1;
	return x->major < y->major ? -1 : x->major > y->major;
}

static struct image file_of(const struct mms_vma *vma)
{
	return (struct image){
		.major = vma->dev_major, .minor = vma->dev_minor, .ino = vma->ino,
	};
}

static struct image *find_image(struct image *images, size_t n,
				const struct mms_region *r)
{
	struct image key = file_of(&r->vma);

	if (!n || !(r->vma.flags & MMS_VMA_FILE))
		return NULL;
	return bsearch(&key, images, n, sizeof(*images), by_file);
}

/* The files with executable VMAs, sorted; *@n = 0 when memory is short. */
static struct image *find_images(const struct mms_snapshot *snap, size_t *n)
{
	struct image *images = NULL, *image;
	size_t i, used = 0, kept = 0, cap = 0;

	*n = 0;
	for (i = 0; i < snap->nregions; i++) {
		const struct mms_vma *vma = &snap->regions[i].vma;

		if (!(vma->flags & MMS_VMA_FILE) || !(vma->flags & MMS_VMA_EXEC))
			continue;
		if (mms_vec_grow(&images, &cap, used, sizeof(*images)))
			return images;
		images[used++] = file_of(vma);
	}
	if (!used)
		return images;
	qsort(images, used, sizeof(*images), by_file);
	for (i = 0; i < used; i++)
		if (!kept || by_file(&images[kept - 1], &images[i]))
			images[kept++] = images[i];
	for (i = 0; i < snap->nregions; i++) {
		const struct mms_vma *vma = &snap->regions[i].vma;

		image = find_image(images, kept, &snap->regions[i]);
		if (image && (vma->flags & MMS_VMA_WRITE) &&
		    !(vma->flags & MMS_VMA_SHARED))
			image->has_data = true;
	}
	*n = kept;
	return images;
}

static enum mms_class classify_one(const struct look *l)
{
	size_t i = 0;

	while (!rules[i].match(l))
		i++;
	return rules[i].class;
}

void mms_classify(struct mms_snapshot *snap)
{
	struct mms_region *prev = NULL;
	struct image *images;
	size_t i, n;

	images = find_images(snap, &n);
	for (i = 0; i < snap->nregions; i++) {
		struct mms_region *r = &snap->regions[i];
		struct look l = { .r = r, .image = find_image(images, n, r) };

		if (prev && prev->vma.end == r->vma.start) {
			l.prev = prev;
			l.prev_image = find_image(images, n, prev);
		}
		r->class = classify_one(&l);
		prev = r;
	}
	free(images);
}

const char *mms_class_name(enum mms_class c)
{
	static const char *const names[MMS_CLASS_MAX] = {
		[MMS_CLASS_TEXT] = "text",
		[MMS_CLASS_RODATA] = "rodata",
		[MMS_CLASS_DATA] = "data",
		[MMS_CLASS_BSS] = "bss",
		[MMS_CLASS_HEAP] = "heap",
		[MMS_CLASS_FILE] = "file",
		[MMS_CLASS_SHARED] = "shared",
		[MMS_CLASS_ANON] = "anon",
		[MMS_CLASS_STACK] = "stack",
		[MMS_CLASS_VDSO] = "vdso",
		[MMS_CLASS_GUARD] = "guard",
		[MMS_CLASS_HUGETLB] = "hugetlb",
		[MMS_CLASS_DEVICE] = "device",
	};

	return (unsigned int)c < MMS_CLASS_MAX ? names[c] : "?";
}
