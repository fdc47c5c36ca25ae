/* SPDX-License-Identifier: GPL-2.0 */
/* What lies where in the kernel's image, and which modules are where. */
#ifndef MMSCOPE_MODEL_KMAP_PARTS_H
#define MMSCOPE_MODEL_KMAP_PARTS_H

#include "model/kmap.h"

#define MMS_KMAP_PARTS	16

/**
 * struct mms_kmap_part - a part of the image
 * @start: first address, @end: behind it; virtual, or physical by /proc/iomem
 */
struct mms_kmap_part {
	uint64_t start;
	uint64_t end;
	char name[24];
};

/* struct mms_kmap_mark - an address that a module has */
struct mms_kmap_mark {
	uint64_t addr;
	char module[56];
};

/**
 * struct mms_kmap_parts - what is known of them on this machine
 * @part: of the image, ascending, @n of them
 * @physical: by /proc/iomem: kallsyms has no data symbols (no KALLSYMS_ALL)
 * @stext: address of _stext: what part of the addresses the image lies in; 0 = not known
 * @marks: ascending, @nmarks
 */
struct mms_kmap_parts {
	struct mms_kmap_part part[MMS_KMAP_PARTS];
	size_t n;
	bool physical;
	uint64_t stext;
	struct mms_kmap_mark *marks;
	size_t nmarks;
	size_t cap;
};

/**
 * mms_kmap_parts_read() - of this machine
 * @p: zeroed; free with mms_kmap_parts_free()
 * @root: where proc/ and sys/ are: "" but in tests
 *
 * What is hidden or absent is left out. Return: 0; -ENOMEM
 */
int mms_kmap_parts_read(struct mms_kmap_parts *p, const char *root);
void mms_kmap_parts_free(struct mms_kmap_parts *p);

/**
 * mms_kmap_part_of() - the part of the image that address @va of run @r is in
 * @end: bounded by what is behind it: the rest is another's
 *
 * Return: NULL: in none that is known
 */
const char *mms_kmap_part_of(const struct mms_kmap_parts *p, const struct mms_kmap *m, const struct mms_kmap_alike *r,
			     uint64_t va, uint64_t *end);

/* Is it code of the image?  On i386 that is in the direct map: where parts are not known, all code there. */
bool mms_kmap_is_text(const struct mms_kmap_parts *p, const struct mms_kmap *m, const struct mms_kmap_alike *r);

/* "nf_tables, x_tables": modules that have something in [@start, @end); false: none. */
bool mms_kmap_modules_in(const struct mms_kmap_parts *p, uint64_t start, uint64_t end, char *buf, size_t size);

#endif
