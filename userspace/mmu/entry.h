/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Table entries, bit by bit: what each bit is called, what it says, and back
 * from names to the entry.
 *
 *	raw entry --mmu_entry_fields()--> every bit with its name and meaning
 *	raw entry --mmu_entry_words()---> words, and nothing is lost
 *	words -----mmu_entry_encode()---> raw entry
 *	raw entry --mmu_entry_kind()----> what a walk makes of it
 *
 * The names are those of mmu_entry_flags(). Which bits are reserved is not
 * written here a second time: the walk is asked. As everywhere in mmu/: no
 * I/O, no allocation, no state. Section numbers: see mmu.h.
 */
#ifndef MMU_ENTRY_H
#define MMU_ENTRY_H

#include "mmu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most fields that one entry has. */
#define MMU_MAX_FIELDS	40

/**
 * enum mmu_field_type - what sort of thing the bits hold
 * @MMU_FIELD_NONE: nothing that has a name
 * @MMU_FIELD_FLAG: one bit
 * @MMU_FIELD_NUMBER: a small number
 * @MMU_FIELD_ADDRESS: a part of the physical address, see @to of the field
 * @MMU_FIELD_TYPE: arm64: what the descriptor is; the name is its value
 */
enum mmu_field_type {
	MMU_FIELD_NONE,
	MMU_FIELD_FLAG,
	MMU_FIELD_NUMBER,
	MMU_FIELD_ADDRESS,
	MMU_FIELD_TYPE,
};

/**
 * enum mmu_field_status - what the processor makes of the bits
 * @MMU_FIELD_USED: they have their meaning
 * @MMU_FIELD_IGNORED: they have none here
 * @MMU_FIELD_RES0: arm64: they have none, and software is to leave them 0
 * @MMU_FIELD_RESERVED: one of them set, and every access is a fault
 */
enum mmu_field_status {
	MMU_FIELD_USED,
	MMU_FIELD_IGNORED,
	MMU_FIELD_RES0,
	MMU_FIELD_RESERVED,
};

/**
 * struct mmu_field - some neighbouring bits of an entry
 * @name: "RW", "key", "addr"; NULL for %MMU_FIELD_NONE
 * @lsb: number of the lowest bit
 * @width: how many
 * @type: what sort of thing they hold
 * @status: what the processor makes of them
 * @to: of an address, the number of the address bit that @lsb holds
 * @value: what they hold; of an address, at its place in the address
 * @text: what that says, for people; never NULL
 * @why: why they are not used; NULL if they are
 * @source: section of the manual that says so; never NULL
 */
struct mmu_field {
	const char *name;
	unsigned int lsb;
	unsigned int width;
	enum mmu_field_type type;
	enum mmu_field_status status;
	unsigned int to;
	uint64_t value;
	const char *text;
	const char *why;
	const char *source;
};

/**
 * mmu_entry_fields - every bit of an entry
 * @regs: processor state; arm64: the half of TTBR0_EL1 decides
 * @level: level of the table that holds the entry
 * @raw: the entry, in 32-bit paging its low 32 bits
 * @fields: gets the fields, highest bits first; each bit of the entry is in
 *	exactly one
 *
 * Return: how many; 0 if no processor holds @regs, or walks that level.
 */
unsigned int mmu_entry_fields(const struct mmu_regs *regs, int level,
			      uint64_t raw,
			      struct mmu_field fields[MMU_MAX_FIELDS]);

/**
 * mmu_entry_kind - what a walk makes of an entry
 * @regs: processor state; arm64: the half of TTBR0_EL1 decides
 * @level: level of the table that holds the entry
 * @raw: the entry
 * @kind: gets the answer: table, leaf, not present, reserved, address size
 * @bad: gets the reserved bits that are set (arm64: the address bits beyond
 *	the output size)
 *
 * For a PDPTE of PAE paging, reserved means that loading CR3 is refused.
 *
 * Return: false if no processor holds @regs, or walks that level.
 */
bool mmu_entry_kind(const struct mmu_regs *regs, int level, uint64_t raw,
		    enum mmu_step_kind *kind, uint64_t *bad);

/**
 * mmu_entry_words - an entry in words from which it can be made again
 * @regs: processor state
 * @level: level of the table that holds the entry
 * @raw: the entry
 * @buf: gets "P RW US addr=0x1000 key=3 NX"; bits without a name as
 *	"58:52=0x1"; "-" for 0; as snprintf() does it
 * @size: of @buf, bytes; 192 is always enough
 *
 * Return: length of the whole text.
 */
size_t mmu_entry_words(const struct mmu_regs *regs, int level, uint64_t raw,
		       char *buf, size_t size);

/**
 * enum mmu_encode - why words make no entry
 * @MMU_ENCODE_OK: they do
 * @MMU_ENCODE_LEVEL: no processor holds these registers, or walks that level
 * @MMU_ENCODE_UNKNOWN: no entry of this mode has such a name
 * @MMU_ENCODE_NOT_HERE: another entry of this mode has that name, not this one
 * @MMU_ENCODE_NO_VALUE: the name wants a value, "key=3"
 * @MMU_ENCODE_BAD_VALUE: no number, decimal or with 0x
 * @MMU_ENCODE_TOO_LARGE: the bits do not hold that much
 * @MMU_ENCODE_UNALIGNED: an address of which this entry does not hold all bits
 * @MMU_ENCODE_TWICE: an earlier word has decided these bits
 */
enum mmu_encode {
	MMU_ENCODE_OK,
	MMU_ENCODE_LEVEL,
	MMU_ENCODE_UNKNOWN,
	MMU_ENCODE_NOT_HERE,
	MMU_ENCODE_NO_VALUE,
	MMU_ENCODE_BAD_VALUE,
	MMU_ENCODE_TOO_LARGE,
	MMU_ENCODE_UNALIGNED,
	MMU_ENCODE_TWICE,
};

/**
 * mmu_entry_encode - make an entry from words
 * @regs: processor state; arm64: the half of TTBR0_EL1 decides
 * @level: level of the table that will hold the entry
 * @words: those of mmu_entry_words() in any order, upper or lower case: "NX",
 *	"NX=0", "key=3", "addr=0x1000", "58:52=1", "9=1"; moreover "pfn=1", the
 *	address in smallest pages; "raw=0x67", where to begin instead of 0;
 *	"pkey" for "key", "XD" for "NX"; "-", which says nothing
 * @count: how many
 * @raw: gets the entry
 * @which: gets the number of the word that is refused; may be NULL
 *
 * What an entry is decides which names it has: "PS", and on arm64 "table",
 * "block", "page" and "reserved" are looked at first. The names are those of a
 * present entry, though "P" need not be among them. What can be written is
 * written, reserved bits, too: mmu_entry_kind() tells.
 *
 * Return: MMU_ENCODE_OK or the reason.
 */
enum mmu_encode mmu_entry_encode(const struct mmu_regs *regs, int level,
				 const char *const *words, size_t count,
				 uint64_t *raw, size_t *which);

#ifdef __cplusplus
}
#endif

#endif
