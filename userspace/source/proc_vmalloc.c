// SPDX-License-Identifier: GPL-2.0
/* /proc/vmallocinfo -> one record per area. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "source/procfs.h"

/* What a word of the line means (mm/vmalloc.c:vmalloc_info_show()). */
static void take_word(struct mms_vmalloc_area *a, const char *word)
{
	static const struct {
		const char *word;
		uint32_t flag;
	} flags[] = {
		{ "ioremap", MMS_AREA_IOREMAP }, { "vmalloc", MMS_AREA_ALLOC },
		{ "vmap", MMS_AREA_MAP }, { "user", MMS_AREA_USERMAP },
		{ "dma-coherent", MMS_AREA_DMA }, { "vm_map_ram", MMS_AREA_MAP_RAM },
		{ "sparse", MMS_AREA_SPARSE }, { "uninitialized", MMS_AREA_UNINIT },
	};
	uint64_t n;

	if (sscanf(word, "pages=%" SCNu64, &n) == 1)
		a->pages = n;
	if (sscanf(word, "phys=%" SCNx64, &n) == 1) {
		a->phys = n;
		a->known |= MMS_AREA_K_PHYS;
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (!strcmp(word, flags[i].word))
			a->flags |= flags[i].flag;
}

/* @lazy: those that wait to be given back are wanted, too. */
struct reading {
	struct mms_feed *f;
	bool lazy;
};

/*
 * "0x0000000068024c4e-0x00000000701db012 20480 kernel_clone+0xbf/0x430 pages=4
 * vmalloc N0=4".  What stands for addresses may be hashes: then their difference
 * is not the size.  Of areas that wait to be given back ("unpurged") nothing
 * else is told.
 */
static int put_line(void *ctx, char *line)
{
	struct mms_vmalloc_area a = { .head = { .type = MMS_REC_VMALLOC_AREA } };
	struct reading *r = ctx;
	uint64_t start, end, size;
	char *word, *save, caller[256] = "";
	int at = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %" SCNu64 "%n", &start, &end, &size, &at) != 3 || !size)
		return -EBADMSG;
	if (strstr(line + at, "unpurged vm_area")) {
		if (!r->lazy)
			return 0;
		a.flags = MMS_AREA_LAZY;
	}
	if (end - start == size) {
		a.known = MMS_AREA_K_ADDRESS;
		a.start = start;
	}
	a.end = a.start + size;
	word = strtok_r(line + at, " \n", &save);
	if (word && strstr(word, "+0x")) {
		*strstr(word, "+0x") = '\0';
		snprintf(caller, sizeof(caller), "%s", word);
		word = strtok_r(NULL, " \n", &save);
		if (word && *word == '[')	/* the module that it is of */
			snprintf(caller + strlen(caller), sizeof(caller) - strlen(caller), " %s", word);
	}
	for (; word; word = strtok_r(NULL, " \n", &save))
		take_word(&a, word);
	if (caller[0])
		a.caller_len = (uint32_t)strlen(caller) + 1;
	return mms_encode_record(&r->f->enc, &a.head, caller, a.caller_len);
}

int mms_proc_vmalloc(const char *root, const struct mms_request *req, struct mms_feed *f,
		     struct mms_trailer *t, struct mms_err *err)
{
	struct mms_vmalloc_space space = { .head = { .type = MMS_REC_VMALLOC_SPACE }, .known = MMS_VSPACE_K_LAZY };
	struct reading r = { .f = f, .lazy = req->flags & MMS_REQ_VMALLOC_LAZY };
	int rc = r.lazy ? mms_encode_record(&f->enc, &space.head, NULL, 0) : 0;

	(void)t;
	return rc ? rc : mms_proc_lines(root, "vmallocinfo", "this kernel has none", put_line, &r, err);
}
