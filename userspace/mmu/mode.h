/* SPDX-License-Identifier: GPL-2.0 */
/* What a translation mode provides to the dispatcher; internal to mmu/. */
#ifndef MMU_MODE_H
#define MMU_MODE_H

#include "mmu.h"

/**
 * struct mmu_mode_ops - one translation mode
 * @name: for people
 * @levels: number of table levels
 * @va_bits: significant bits of a linear address; 0 if @geometry decides
 * @va_signed: the bits above @va_bits repeat the highest; else they are 0
 * @index_bits: log2 of the entries per table, the root's may be fewer; 0 if
 *	@geometry decides
 * @level_name: table level, Linux's term, root at [@levels]
 * @entry_name: table entry, the manual's term
 * @check_regs: see mmu_check_regs()
 * @load_cr3: see mmu_load_cr3(); @load is cleared; NULL if there is no CR3
 * @walk: see mmu_walk(); @res has been cleared down to @nsteps
 * @check_access: see mmu_check_access()
 * @geometry: see mmu_geometry(), with @geo cleared; NULL if the numbers above
 *	and pages of 4 KB say it all
 */
struct mmu_mode_ops {
	const char *name;
	int levels;
	unsigned int va_bits;
	bool va_signed;
	unsigned int index_bits;
	const char *level_name[MMU_MAX_STEPS + 1];
	const char *entry_name[MMU_MAX_STEPS + 1];
	enum mmu_status (*check_regs)(const struct mmu_regs *regs);
	enum mmu_status (*load_cr3)(struct mmu_regs *regs,
				    const struct mmu_mem *mem, uint64_t cr3,
				    struct mmu_cr3_load *load);
	enum mmu_status (*walk)(const struct mmu_regs *regs,
				const struct mmu_mem *mem, uint64_t va,
				struct mmu_result *res);
	enum mmu_status (*check_access)(const struct mmu_regs *regs,
					const struct mmu_access *access,
					struct mmu_result *res);
	enum mmu_status (*geometry)(const struct mmu_regs *regs, uint64_t va,
				    struct mmu_geometry *geo);
};

extern const struct mmu_mode_ops mmu_x86_4level;
extern const struct mmu_mode_ops mmu_x86_5level;
extern const struct mmu_mode_ops mmu_x86_32bit;
extern const struct mmu_mode_ops mmu_x86_pae;
extern const struct mmu_mode_ops mmu_arm64;

/* NULL for a mode that is not modelled. */
const struct mmu_mode_ops *mmu_mode_ops(enum mmu_mode mode);

/**
 * struct mmu_arm64_format - what the registers say of a level's descriptors
 * @shift: log2 of the bytes that one of them covers
 * @granule: log2 of the bytes of a page
 * @lpa: bits 15:12 are OA[51:48]
 * @ds: bits 9:8 are OA[51:50], and 49:48 those of the same number
 * @hd: hardware manages the dirty state, by DBM
 * @hpd: the limits in tables are switched off
 * @contiguous: the level has the Contiguous bit
 */
struct mmu_arm64_format {
	unsigned int shift;
	unsigned int granule;
	bool lpa;
	bool ds;
	bool hd;
	bool hpd;
	bool contiguous;
};

/* Of the half of TTBR0_EL1; false if its walks have no such level. */
bool mmu_arm64_format(const struct mmu_regs *regs, int level,
		      struct mmu_arm64_format *format);

/* One word of a flag list: @set is all the bits of the flag. */
struct mmu_word {
	uint64_t set;
	const char *text;
};

/* Builder of the lists of words that mmu.h promises. */
struct mmu_text {
	char *buf;
	size_t size;
	size_t length;
};

void mmu_text_init(struct mmu_text *text, char *buf, size_t size);
/* Appends @word, after a space unless it is the first. */
void mmu_text_word(struct mmu_text *text, const char *word);
/* Appends the word of each flag in @bits; @words ends with a NULL text. */
void mmu_text_words(struct mmu_text *text, const struct mmu_word *words,
		    uint64_t bits);

#endif
