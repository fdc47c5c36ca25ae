/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The whole virtual address space that a process sees, from 0 to the last address,
 * as ranges that touch: its own half, the hole, the kernel's half.
 */
#ifndef MMSCOPE_MODEL_LAYOUT_H
#define MMSCOPE_MODEL_LAYOUT_H

#include "model/elfsize.h"
#include "model/snapshot.h"

enum mms_range_kind {
	MMS_RANGE_GAP,		/* of the process, nothing is there */
	MMS_RANGE_EXE,		/* a VMA of the executable, or of its bss */
	MMS_RANGE_FILE,
	MMS_RANGE_HEAP,
	MMS_RANGE_ANON,
	MMS_RANGE_STACK,
	MMS_RANGE_SPECIAL,	/* of the kernel's making: vdso, vvar */
	MMS_RANGE_BEYOND,	/* of user space, but 32-bit code cannot say such addresses */
	MMS_RANGE_HOLE,		/* no addresses: the CPU refuses them (not canonical) */
	MMS_RANGE_KERNEL,	/* a part of the kernel's half that is known */
	MMS_RANGE_UNTOLD,	/* nobody told what is there */
	MMS_RANGE_UNUSED,	/* of the kernel's half, for nothing */
	__MMS_RANGE_MAX
};

/**
 * struct mms_range - addresses with one use
 * @start: first address
 * @last: last address (the space's last one has none behind it)
 * @kind: enum mms_range_kind
 * @prot: MMS_VMA_READ|WRITE|EXEC|SHARED of its only VMA
 * @vmas: of the process that it consists of
 * @name: neutralised
 */
struct mms_range {
	uint64_t start;
	uint64_t last;
	uint32_t kind;
	uint32_t prot;
	size_t vmas;
	char *name;
};

/* A section of the executable where it is in memory. */
struct mms_placed {
	const struct mms_elf_section *section;
	uint64_t start;
	size_t range;		/* that its first byte is in */
};

/**
 * struct mms_layout - to be zeroed before use
 * @range: ascending, each begins where the one before ended
 * @placed: sections, ascending
 * @bias: added to addresses as linked
 * @have_elf: the executable was read; false: see @no_elf
 * @bias_known: one of its VMAs was found: sections could be placed
 * @compat: a 32-bit process on a 64-bit kernel
 * @bits: of the process's addresses, 32 or 64
 * @no_kernel: why the kernel's half is not known; "" = it is
 * @mmap_low, @mmap_high: where mmap() put things, 0 = nowhere
 */
struct mms_layout {
	struct mms_range *range;
	size_t n, room;
	struct mms_placed *placed;
	size_t nplaced, placed_room;
	struct mms_elf elf;
	uint64_t bias;
	bool have_elf, bias_known, compat;
	unsigned int bits;
	uint64_t mmap_low, mmap_high;
	struct mms_err no_elf;
	struct mms_err no_kernel;
};

/**
 * struct mms_kernel_half - what is known of the kernel's half
 * @start: its first address; 0 = not known
 * @arch: enum mms_arch
 * @part: neighbours that are known, ascending, ->name and ->kind set; what lies
 *	between is told by nobody here
 * @whole: these are all parts: what lies between is for nothing
 * @lowmem: name of one of them
 */
struct mms_kernel_half {
	uint64_t start;
	uint32_t arch;
	struct mms_range part[32];
	size_t n;
	bool whole;
	char lowmem[48];
};

/* What @s knows of the kernel's half, seen from @pid.  Return: 0; -errno with @err: not known. */
int mms_layout_ask_kernel(struct mms_kernel_half *k, struct mms_source *s, uint32_t pid, struct mms_err *err);

/**
 * mms_layout_build() - put it together
 * @exe: path of the executable to read, or NULL; it is that of VMAs of
 * @exe_path: this path
 * Return: 0 or -ENOMEM; @l is to be freed in both cases
 */
int mms_layout_build(struct mms_layout *l, const struct mms_snapshot *snap, const struct mms_kernel_half *k,
		     const char *exe, const char *exe_path);
void mms_layout_free(struct mms_layout *l);

const char *mms_range_kind_name(uint32_t kind);

/* "r-x" of a section or range into @buf */
const char *mms_prot_text(uint32_t prot, char buf[8]);

#endif
