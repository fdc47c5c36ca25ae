// SPDX-License-Identifier: GPL-2.0
/*
 * Judge of the module and of the software MMU: what the module reported of live processes, against a walk of the same
 * guest's memory from outside, by way of the file in which QEMU keeps it.
 *
 *	judge_ram [--base ADDR] [--sample N] CAPTURE RAM
 *	judge_ram --context CAPTURE
 *
 * RAM is the file of a memory-backend-file; its first byte is physical address ADDR [0]. CAPTURE has the page tables of
 * some processes, recorded in the guest, which was stopped before any of them changed. The software MMU walks the whole
 * user half of each from the root that the module named, and reads every entry from RAM; none of it comes from the
 * module. Each page found must be reported, with its address, size, level, rights, memory type and key, and each page
 * reported must be found.
 *
 * On standard output: the count, then, with --sample, N lines "VA PA" evenly spread over all translations of the
 * process that comes last in CAPTURE, for another judge; with --context that process's root and levels only. Exit status: 0 all agree, 1 a mismatch, 2 a file is unusable.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "model/extent.h"
#include "model/mmuregs.h"
#include "model/vec.h"
#include "source/source.h"

#define SHOWN	20	/* mismatches that are told one by one */

struct ram {
	const unsigned char *data;
	uint64_t base, size;
};

/* struct judge - @extents are those of one process, in the order of addresses */
struct judge {
	struct ram ram;
	struct mms_source *source;
	struct mms_pt_context context;
	bool have_context;
	struct mms_pt_extent *extents;
	size_t n, cap, at;
	uint64_t (*pages)[2];		/* VA and PA of each translation of the process */
	size_t npages, pages_cap;
	uint64_t translations, mismatches;
	unsigned int processes;
	uint32_t pid;
	char mode[64];
	bool context_only;
};

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "judge_ram: %s: %s\n", what, why);
	exit(2);
}

static int read_ram(const struct ram *r, uint64_t pa, void *value, size_t size)
{
	if (pa < r->base || pa - r->base > r->size - size)
		return -ENXIO;
	memcpy(value, r->data + (pa - r->base), size);
	return 0;
}

static int read8(void *ctx, uint64_t pa, uint64_t *value)
{
	return read_ram(ctx, pa, value, sizeof(*value));
}

static int read4(void *ctx, uint64_t pa, uint32_t *value)
{
	return read_ram(ctx, pa, value, sizeof(*value));
}

static void map_ram(struct ram *r, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		die(file, strerror(errno));
	r->size = (uint64_t)st.st_size;
	r->data = r->size < 4096 ? MAP_FAILED : mmap(NULL, r->size, PROT_READ, MAP_SHARED, fd, 0);
	if (r->data == MAP_FAILED)
		die(file, "cannot be mapped");
}

static void mismatch(struct judge *j, uint64_t va, const char *what, uint64_t module, uint64_t walk)
{
	if (j->mismatches++ < SHOWN)
		printf("mismatch: PID %u VA %#" PRIx64 ": %s: module %#" PRIx64 ", the guest's memory %#" PRIx64 "\n",
		       j->pid, va, what, module, walk);
}

/* The first way in which a page differs from what the module said of it. */
static void compare(struct judge *j, const struct mms_pt_extent *e, uint64_t va, const struct mmu_regs *regs,
		    const struct mmu_result *res)
{
	bool executable = regs->mode == MMU_MODE_ARM64 ? res->arm64.user_executable : res->executable;
	uint64_t rights = e->flags & (MMS_PT_F_WRITE | MMS_PT_F_EXEC | MMS_PT_F_USER);
	uint64_t allowed = (res->writable ? MMS_PT_F_WRITE : 0) | (executable ? MMS_PT_F_EXEC : 0) |
			   (res->user ? MMS_PT_F_USER : 0);
	const struct {
		const char *what;
		uint64_t module, walk;
	} all[] = {
		{ "physical address", mms_extent_pa(e, va - e->va), res->pa },
		{ "log2 of the page size", e->page_shift, res->page_shift },
		{ "level", e->level, (uint64_t)res->steps[res->nsteps - 1].level },
		{ "rights", rights, allowed },
		{ "memory type index", e->cache, res->pat_index },
		{ "protection key", e->pkey, res->pkey },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (all[i].module == all[i].walk)
			continue;
		mismatch(j, va, all[i].what, all[i].module, all[i].walk);
		return;
	}
}

/* The module's word on @va: the extent of a page that the processor can use, or NULL. */
static const struct mms_pt_extent *reported(struct judge *j, uint64_t va)
{
	const struct mms_pt_extent *e;

	while (j->at < j->n && mms_extent_end(&j->extents[j->at]) <= va)
		j->at++;
	e = j->at < j->n ? &j->extents[j->at] : NULL;
	return e && e->va <= va && e->state == MMS_PT_PRESENT && !(e->flags & MMS_PT_F_PROTNONE) ? e : NULL;
}

static void note_page(struct judge *j, uint64_t va, uint64_t pa)
{
	j->translations++;
	if (mms_vec_grow(&j->pages, &j->pages_cap, j->npages, sizeof(*j->pages)))
		die("pages", strerror(ENOMEM));
	j->pages[j->npages][0] = va;
	j->pages[j->npages++][1] = pa;
}

/* All addresses from 0 to @end, a page or a hole at a time. */
static void walk_all(struct judge *j, const struct mmu_regs *regs, uint64_t end)
{
	const struct mmu_mem mem = { .read = read8, .read4 = read4, .ctx = &j->ram };
	struct mmu_result res;
	uint64_t va = 0, pages = 0, said = 0;
	unsigned int shift;

	while (va < end) {
		const struct mms_pt_extent *e = reported(j, va);

		mmu_walk(regs, &mem, va, &res);
		/* i386's tables have the kernel's pages, too: PAGE_OFFSET is where the first of them is */
		if (res.walk == MMU_OK && !res.user && !e && end == UINT64_C(1) << 32)
			break;
		if (res.walk == MMU_OK) {
			pages++;
			note_page(j, va, res.pa);
			if (e)
				compare(j, e, va, regs, &res);
			else
				mismatch(j, va, "present", 0, 1);
			shift = res.page_shift;
		} else {
			/* nothing below this entry; an entry that leads out of memory is no page */
			shift = res.nsteps ? mms_pt_shift(&j->context, (unsigned int)res.steps[res.nsteps - 1].level) : 12;
			if (res.walk == MMU_ERR_MEMORY)
				mismatch(j, va, "entry that leads out of memory", 0, res.steps[res.nsteps - 1].entry_pa);
		}
		va = (va | ((UINT64_C(1) << shift) - 1)) + 1;
	}
	for (size_t i = 0; i < j->n; i++) {
		const struct mms_pt_extent *e = &j->extents[i];

		if (e->state == MMS_PT_PRESENT && !(e->flags & MMS_PT_F_PROTNONE))
			said += e->len >> e->page_shift;
	}
	if (said != pages)
		mismatch(j, 0, "pages of the process", said, pages);
}

static int on_record(void *ctx, const struct mms_record *rec)
{
	struct judge *j = ctx;

	if (rec->type == MMS_REC_PT_CONTEXT) {
		j->context = *(const struct mms_pt_context *)rec;
		j->have_context = true;
	}
	if (rec->type != MMS_REC_PT_EXTENT)
		return 0;
	if (mms_vec_grow(&j->extents, &j->cap, j->n, sizeof(*j->extents)))
		return -ENOMEM;
	j->extents[j->n++] = *(const struct mms_pt_extent *)rec;
	return 0;
}

static int on_pid(void *ctx, uint32_t pid)
{
	struct judge *j = ctx;
	const struct mms_request req = { .size = sizeof(req), .flags = MMS_REQ_EXTENTS, .pid = pid };
	const struct mms_handler h = { .record = on_record, .ctx = j };
	struct mmu_regs regs;
	struct mms_err err = { "" };
	unsigned int user_bits;

	j->n = j->at = j->npages = 0;
	j->have_context = false;
	j->pid = pid;
	if (mms_source_stream(j->source, MMS_KIND_PGTABLE, &req, &h, &err) || !j->have_context)
		die("capture", err.text[0] ? err.text : "no page tables in it");
	if (j->context_only)
		return 0;
	if (mms_mmu_regs(&j->context, &regs, &err))
		die("capture", err.text);
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t raw = 0;

		if (regs.mode == MMU_MODE_X86_PAE && !read8(&j->ram, j->context.root_pa + 8 * i, &raw))
			mms_mmu_pdpte(&regs, i, raw);
	}
	mms_mmu_any_age(&regs);
	snprintf(j->mode, sizeof(j->mode), "%s%s", mmu_mode_name(regs.mode),
		 j->context.flags & MMS_CTX_PTI ? " with PTI" : "");
	/* of 48 or 57 bits of an address the upper half is the kernel's; arm64's TTBR0 has a user half only */
	user_bits = j->context.va_bits;
	if (regs.mode == MMU_MODE_X86_4LEVEL || regs.mode == MMU_MODE_X86_5LEVEL)
		user_bits--;
	walk_all(j, &regs, UINT64_C(1) << user_bits);
	j->processes++;
	return 0;
}

static void print_sample(const struct judge *j, size_t n)
{
	for (size_t i = 0; i < n && i < j->npages; i++) {
		size_t at = n < j->npages ? i * j->npages / n : i;

		printf("%#" PRIx64 " %#" PRIx64 "\n", j->pages[at][0], j->pages[at][1]);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "base", required_argument, NULL, 'b' }, { "sample", required_argument, NULL, 's' },
		{ "context", no_argument, NULL, 'c' }, { 0 }
	};
	struct judge j = { .mode = "" };
	struct mms_err err = { "" };
	size_t sample = 0;
	int c;

	while ((c = getopt_long(argc, argv, "b:s:c", options, NULL)) != -1) {
		if (c == 'b')
			j.ram.base = strtoull(optarg, NULL, 0);
		else if (c == 's')
			sample = strtoul(optarg, NULL, 0);
		else if (c == 'c')
			j.context_only = true;
		else
			return 2;
	}
	if (argc - optind != (j.context_only ? 1 : 2))
		die("usage", "judge_ram [--base ADDR] [--sample N] CAPTURE RAM, or judge_ram --context CAPTURE");
	if (mms_source_open_capture(&j.source, argv[optind], &err))
		die("capture", err.text);
	if (!j.context_only)
		map_ram(&j.ram, argv[optind + 1]);
	if (mms_source_pids(j.source, on_pid, &j, &err))
		die("capture", err.text);
	if (j.context_only) {
		printf("%#" PRIx64 " %u\n", (uint64_t)j.context.root_pa, j.context.levels);
		return 0;
	}
	printf("judge ram: %s: %" PRIu64 " translations of %u processes walked in the guest's memory from outside: %" PRIu64 " mismatches\n",
	       j.mode, j.translations, j.processes, j.mismatches);
	print_sample(&j, sample);
	mms_source_close(j.source);
	free(j.extents);
	free(j.pages);
	return j.mismatches || !j.translations;
}
