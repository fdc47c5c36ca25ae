/* SPDX-License-Identifier: GPL-2.0 */
/* An ELF file's sections and segments, and the figures that size(1) gives of it. */
#ifndef MMSCOPE_MODEL_ELFSIZE_H
#define MMSCOPE_MODEL_ELFSIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "util/err.h"

/**
 * struct mms_elf_section - one that takes up addresses (SHF_ALLOC)
 * @name: neutralised
 * @addr: as linked
 * @size: bytes
 * @write, @exec: its flags
 * @nobits: it has no bytes in the file
 * @tls: thread-local; if @nobits, too, it takes up no addresses of the image
 */
struct mms_elf_section {
	char *name;
	uint64_t addr;
	uint64_t size;
	bool write, exec, nobits, tls;
};

/* PT_LOAD */
struct mms_elf_load {
	uint64_t vaddr, offset, filesz, memsz;
};

/**
 * struct mms_elf
 * @bits: 32 or 64
 * @fixed: linked for fixed addresses (ET_EXEC)
 * @section: in the order of the file
 * @load: likewise
 * @text: bytes of sections that are code or read-only, as size(1) in its
 *	Berkeley format counts
 * @data: writable with bytes in the file
 * @bss: writable without
 */
struct mms_elf {
	unsigned int bits;
	bool fixed;
	struct mms_elf_section *section;
	size_t n, room;
	struct mms_elf_load *load;
	size_t nload, load_room;
	uint64_t text, data, bss;
};

/**
 * mms_elf_read() - read a file
 * @path: may be /proc/PID/exe
 * @shown: its name in messages
 * Return: 0; -errno with @err: -ENOEXEC it is no ELF file.  @elf is to be freed
 * in both cases.
 */
int mms_elf_read(struct mms_elf *elf, const char *path, const char *shown, struct mms_err *err);
void mms_elf_free(struct mms_elf *elf);

#endif
