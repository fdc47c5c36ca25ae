/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The software MMU: what a processor would answer for one linear address.
 *
 * It is written from the manuals alone and shares no constant with the kernel
 * module, because it exists to disagree with it. It does no I/O, allocates
 * nothing, keeps no state and may be called from any number of threads.
 *
 *	regs + memory --mmu_walk()--> leaf, rights of the tables
 *	                                |
 *	regs + access --mmu_check_access()--> permitted | #PF code, A/D updates
 *
 * mmu_translate() is the two in a row. References such as "SDM 5.6.1" are to
 * the Intel SDM, volume 3A, in the numbering where paging is chapter 5 (the
 * editions before 2024 have the same sections in chapter 4); "APM" is volume 2
 * of the AMD64 Architecture Programmer's Manual.
 *
 * Adding a mode: one enumerator in enum mmu_mode, one file <mode>.c which fills
 * a struct mmu_mode_ops (mode.h), one row in the table of mmu.c, and the names
 * of its bits in fields.c. Nothing that a caller has already written changes.
 */
#ifndef MMU_MMU_H
#define MMU_MMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arm64.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most table entries that one translation can use. */
#define MMU_MAX_STEPS	5

/**
 * enum mmu_mode - which translation scheme the registers select
 * @MMU_MODE_X86_4LEVEL: IA-32e paging, CR4.LA57 = 0, 48-bit linear addresses
 * @MMU_MODE_X86_5LEVEL: IA-32e paging, CR4.LA57 = 1, 57-bit linear addresses
 * @MMU_MODE_X86_32BIT: 32-bit paging, CR4.PAE = 0
 * @MMU_MODE_X86_PAE: PAE paging, CR4.PAE = 1, IA32_EFER.LMA = 0
 * @MMU_MODE_ARM64: AArch64 EL1&0, stage 1; TCR_EL1 says granule and sizes
 */
enum mmu_mode {
	MMU_MODE_X86_4LEVEL,
	MMU_MODE_X86_5LEVEL,
	MMU_MODE_X86_32BIT,
	MMU_MODE_X86_PAE,
	MMU_MODE_ARM64,
};

/* How many there are, modelled or not. */
#define MMU_MODES	((unsigned int)MMU_MODE_ARM64 + 1)

/**
 * struct mmu_regs - the processor state that decides a translation
 * @mode: translation scheme; must agree with @cr4
 * @cr0: PE and PG must be set; WP is used
 * @cr3: root table; PCID, PWT, PCD and the LAM bits are ignored, and bits 63:32
 *	in 32-bit and PAE paging
 * @cr4: PAE and LA57 must agree with @mode; PGE, SMEP and SMAP are used, PSE in
 *	32-bit paging only, PKE and PKS in 4-level and 5-level only
 * @efer: LME and LMA must agree with @mode; NXE is used
 * @rflags: only AC is used
 * @pat: IA32_PAT; 0 means not known, the memory type is then not reported
 * @pkru: rights of user pages by protection key, used if CR4.PKE
 * @pkrs: rights of supervisor pages by protection key, used if CR4.PKS
 * @maxphyaddr: physical address width in bits (CPUID 80000008h:EAX[7:0]),
 *	32 to 52; less any bits that memory encryption takes away
 * @page1gb: 1 GiB pages exist (CPUID 80000001h:EDX[26])
 * @upper_g_reserved: bit 8 is reserved in PML4E and PML5E: true on AMD and
 *	Hygon (APM 5.3.3, "MBZ"), false on Intel, which ignores the bit
 * @pse36: 4 MiB pages can lie above 4 GiB (CPUID 1:EDX[17])
 * @pdpte: PAE paging: the registers that MOV to CR3 loads from memory, see
 *	mmu_load_cr3(); a walk reads them and not the memory. Zero is absent.
 * @arm64: all of MMU_MODE_ARM64, which uses nothing else but @mode
 *
 * Initialise with designators or with zero bytes: later modes append fields,
 * for which zero means "absent".
 */
struct mmu_regs {
	enum mmu_mode mode;
	uint64_t cr0;
	uint64_t cr3;
	uint64_t cr4;
	uint64_t efer;
	uint64_t rflags;
	uint64_t pat;
	uint32_t pkru;
	uint32_t pkrs;
	unsigned int maxphyaddr;
	bool page1gb;
	bool upper_g_reserved;
	bool pse36;
	uint64_t pdpte[4];
	struct mmu_arm64_regs arm64;
};

enum mmu_access_kind {
	MMU_READ,
	MMU_WRITE,
	MMU_FETCH,
};

/**
 * struct mmu_access - one access to one byte, or to bytes of one page
 * @kind: data read, data write or instruction fetch
 * @user: the access is made at CPL 3 (arm64: at EL0, or as if, by LDTR and STTR)
 * @implicit: an access to a system structure (GDT, IDT, TSS ...); it is a
 *	supervisor access at any CPL and RFLAGS.AC does not excuse it (SDM 5.6)
 * @stack: through SS or by push/pop: a non-canonical address is #SS, not #GP
 *
 * An access that crosses a page boundary is two translations.
 */
struct mmu_access {
	enum mmu_access_kind kind;
	bool user;
	bool implicit;
	bool stack;
};

/**
 * typedef mmu_read_fn - read one 8-byte table entry
 * @ctx: the caller's, from struct mmu_mem
 * @pa: physical address, a multiple of 8
 * @value: where to put the entry, in the order of the host's bytes
 *
 * Return: 0, or a negative errno if that memory cannot be read.
 */
typedef int (*mmu_read_fn)(void *ctx, uint64_t pa, uint64_t *value);

/**
 * typedef mmu_read4_fn - read one 4-byte table entry of 32-bit paging
 * @ctx: the caller's, from struct mmu_mem
 * @pa: physical address, a multiple of 4
 * @value: where to put the entry, in the order of the host's bytes
 *
 * Return: 0, or a negative errno if that memory cannot be read.
 */
typedef int (*mmu_read4_fn)(void *ctx, uint64_t pa, uint32_t *value);

/**
 * struct mmu_mem - the memory that holds the tables
 * @read: reads an 8-byte entry
 * @ctx: for both readers
 * @read4: reads a 4-byte entry; NULL: @read is asked for the 8 bytes around it
 */
struct mmu_mem {
	mmu_read_fn read;
	void *ctx;
	mmu_read4_fn read4;
};

/**
 * enum mmu_status - the outcome of a walk or of an access
 * @MMU_OK: translated (after a walk: the page is present)
 * @MMU_FAULT_PF: page fault, see @error_code of the result
 * @MMU_FAULT_GP: #GP(0), non-canonical address; CR2 does not change. Of
 *	mmu_load_cr3(): a reserved bit
 * @MMU_FAULT_SS: #SS(0), non-canonical address of a stack access
 * @MMU_ERR_MEMORY: the reader failed, see @read_error of the result
 * @MMU_ERR_REGS: no processor can hold these registers in this mode
 * @MMU_ERR_MODE: a mode that this library does not model
 * @MMU_ERR_VA: no linear address of this mode: a bit above 31 is set in 32-bit
 *	or PAE paging, where linear addresses have 32 bits (SDM 3.4)
 * @MMU_FAULT_ABORT: arm64: Data or Instruction Abort, see @error_code
 * @MMU_ERR_UNSUPPORTED: a register asks for something that is not modelled
 */
enum mmu_status {
	MMU_OK,
	MMU_FAULT_PF,
	MMU_FAULT_GP,
	MMU_FAULT_SS,
	MMU_ERR_MEMORY,
	MMU_ERR_REGS,
	MMU_ERR_MODE,
	MMU_ERR_VA,
	MMU_FAULT_ABORT,
	MMU_ERR_UNSUPPORTED,
};

/* Page-fault error code, SDM 5.7. */
#define MMU_PF_P	(1u << 0)	/* clear: an entry was not present */
#define MMU_PF_W	(1u << 1)	/* the access was a write */
#define MMU_PF_U	(1u << 2)	/* the access was a user-mode access */
#define MMU_PF_RSVD	(1u << 3)	/* a reserved bit was set */
#define MMU_PF_ID	(1u << 4)	/* the access was a fetch */
#define MMU_PF_PK	(1u << 5)	/* a protection key forbids it */

/* Why a present page refuses an access; several may hold at once. */
#define MMU_DENY_USER	(1u << 0)	/* user access, supervisor page */
#define MMU_DENY_WRITE	(1u << 1)	/* write, read-only page */
#define MMU_DENY_EXEC	(1u << 2)	/* fetch, NX page */
#define MMU_DENY_SMEP	(1u << 3)	/* supervisor fetch, user page */
#define MMU_DENY_SMAP	(1u << 4)	/* supervisor data access, user page */
#define MMU_DENY_PKEY	(1u << 5)	/* protection key */
#define MMU_DENY_PAN	(1u << 6)	/* privileged data access, EL0's page */
#define MMU_DENY_WXN	(1u << 7)	/* fetch, writable page */

/**
 * enum mmu_step_kind - what one entry meant to the walk
 * @MMU_STEP_TABLE: it points to the next table
 * @MMU_STEP_LEAF: it maps a page
 * @MMU_STEP_NOT_PRESENT: P = 0, the other bits belong to software
 * @MMU_STEP_RESERVED: P = 1 and a reserved bit is set
 * @MMU_STEP_UNREADABLE: the reader failed; @raw of the step is 0
 * @MMU_STEP_ADDRESS_SIZE: arm64: the address in it is beyond the output size
 */
enum mmu_step_kind {
	MMU_STEP_TABLE,
	MMU_STEP_LEAF,
	MMU_STEP_NOT_PRESENT,
	MMU_STEP_RESERVED,
	MMU_STEP_UNREADABLE,
	MMU_STEP_ADDRESS_SIZE,
};

/**
 * struct mmu_step - one entry that the walk read
 * @level: 5 = PML5E, 4 = PML4E, 3 = PDPTE, 2 = PDE, 1 = PTE (arm64: 4 less the
 *	manual's lookup level)
 * @index: number of the entry in its table, 0 to 511; 0 to 1023 in 32-bit
 *	paging, 0 to 3 for a PDPTE of PAE paging; arm64: to 8191
 * @entry_pa: physical address of the entry, bytes; of a PDPTE of PAE paging,
 *	the address from which MOV to CR3 has loaded it
 * @raw: the entry as read, the 4 bytes of it in 32-bit paging; the register for
 *	a PDPTE of PAE paging
 * @kind: what it meant
 * @must_set: bits, clear in @raw, that the access must set (A, D)
 * @may_set: bits, clear in @raw, that the access is allowed to set; contains
 *	@must_set. On a fault the manual leaves A of the tables and of a leaf
 *	that refuses open (SDM 5.8 and 7.15), so it is in here only.
 * @must_clear: bits, set in @raw, that the access must clear: arm64's AP[2] of
 *	a page that becomes dirty; 0 in other modes
 * @may_clear: the same for those that it may clear; contains @must_clear
 *
 * All masks are 0 after mmu_walk(), which makes no access.
 */
struct mmu_step {
	int level;
	unsigned int index;
	uint64_t entry_pa;
	uint64_t raw;
	enum mmu_step_kind kind;
	uint64_t must_set;
	uint64_t may_set;
	uint64_t must_clear;
	uint64_t may_clear;
};

/* Memory type by the page alone (SDM 5.9.2, APM 7.8); MTRRs may narrow it. */
enum mmu_memtype {
	MMU_MEM_UC	= 0,
	MMU_MEM_WC	= 1,
	MMU_MEM_WT	= 4,
	MMU_MEM_WP	= 5,
	MMU_MEM_WB	= 6,
	MMU_MEM_UC_MINUS = 7,
	MMU_MEM_UNKNOWN	= 8,	/* no PAT given, or a reserved value in it */
};

/**
 * struct mmu_result - everything that is known about one translation
 * @status: of the last call, mmu_walk() or mmu_check_access()
 * @walk: of the walk alone; mmu_check_access() leaves it as it is
 * @va: the linear address, as given
 * @pa: physical address of @va
 * @page_shift: 12, 21, 22 (32-bit paging) or 30 (arm64: of any page or block;
 *	@pa_bits of the registers if SCTLR_EL1.M = 0, where everything is one
 *	flat region)
 * @readable: always true when present
 * @writable: R/W set in every entry (arm64: AP and APTable, and DBM with HD)
 * @executable: NX clear in every entry; 32-bit paging has no NX (arm64: by EL1;
 *	see @arm64 for EL0)
 * @user: U/S set in every entry; PDPTEs of PAE paging have no rights to give
 *	(arm64: EL0 may read)
 * @global: G of the leaf, with CR4.PGE (arm64: nG clear)
 * @pkey: protection key of the leaf if CR4.PKE or CR4.PKS, else 0; 0 in 32-bit
 *	and PAE paging
 * @pat_index: PAT * 4 + PCD * 2 + PWT of the leaf (arm64: AttrIndx)
 * @memtype: entry @pat_index of the PAT (arm64: unknown, see @arm64)
 * @error_code: MMU_PF_*; after mmu_walk() it lacks what the access would add
 *	(arm64, MMU_FAULT_ABORT: the ISS, MMU_ESR_*)
 * @denied: MMU_DENY_*: why a present page refuses the access
 * @fail_level: level of the entry that decides against it: the one that is
 *	absent, reserved or unreadable, or the first whose R/W, U/S or NX
 *	denies; the leaf for SMEP, SMAP and keys; 0 if none does
 * @reserved_bits: the reserved bits that were set in that entry (arm64: the
 *	address bits beyond the output size; 0 if they come from @va, in a
 *	block that is larger than that)
 * @read_error: the reader's negative errno
 * @nsteps: how many of @steps are valid
 * @steps: the entries in the order of the walk, root first
 * @arm64: more of MMU_MODE_ARM64; zero in other modes
 *
 * The rights are those of the paging structures alone, no register applied but
 * EFER.NXE. From @pa to @memtype the fields are valid if @walk is MMU_OK and
 * zero otherwise. Steps from @nsteps on are not initialised.
 */
struct mmu_result {
	enum mmu_status status;
	enum mmu_status walk;
	uint64_t va;
	uint64_t pa;
	unsigned int page_shift;
	bool readable;
	bool writable;
	bool executable;
	bool user;
	bool global;
	unsigned int pkey;
	unsigned int pat_index;
	enum mmu_memtype memtype;
	uint32_t error_code;
	uint32_t denied;
	int fail_level;
	uint64_t reserved_bits;
	int read_error;
	unsigned int nsteps;
	struct mmu_step steps[MMU_MAX_STEPS];
	struct mmu_arm64_page arm64;
};

/**
 * mmu_translate - what happens when this access is made at this address
 * @regs: processor state
 * @mem: reader of the table entries
 * @va: linear address
 * @access: the access
 * @res: the whole answer
 *
 * Nothing is written to memory: see @must_set of the steps. @va is the linear
 * address as the processor forms it: in compatibility mode cut to 32 bits, and
 * with LAM without its tag; neither is done here. In 32-bit and PAE paging an
 * address with a bit above 31 is MMU_ERR_VA.
 *
 * Return: @res->status.
 */
enum mmu_status mmu_translate(const struct mmu_regs *regs,
			      const struct mmu_mem *mem, uint64_t va,
			      const struct mmu_access *access,
			      struct mmu_result *res);

/**
 * mmu_walk - follow the tables without deciding any access
 * @regs: processor state
 * @mem: reader of the table entries
 * @va: linear address
 * @res: leaf, rights, cache attributes and steps
 *
 * MMU_FAULT_PF means that every access faults; @res->error_code then holds P
 * and RSVD alone. A non-canonical address gives MMU_FAULT_GP. A PDPTE of PAE
 * paging is a step without a read.
 *
 * Return: @res->status.
 */
enum mmu_status mmu_walk(const struct mmu_regs *regs, const struct mmu_mem *mem,
			 uint64_t va, struct mmu_result *res);

/**
 * mmu_check_access - decide one access on an address already walked
 * @regs: the same registers as for the walk
 * @access: the access
 * @res: from mmu_walk(); status, error_code, denied, fail_level (if the page is
 *	present) and the A/D masks of the steps are overwritten
 *
 * May be called again with another access on the same result.
 *
 * Return: @res->status.
 */
enum mmu_status mmu_check_access(const struct mmu_regs *regs,
				 const struct mmu_access *access,
				 struct mmu_result *res);

/**
 * mmu_check_regs - can a processor hold these registers in this mode?
 * @regs: processor state
 *
 * Return: MMU_OK, MMU_ERR_REGS or MMU_ERR_MODE.
 */
enum mmu_status mmu_check_regs(const struct mmu_regs *regs);

/**
 * struct mmu_cr3_load - why a MOV to CR3 did not succeed
 * @index: which PDPTE decided, 0 to 3; -1 for CR3 itself
 * @entry_pa: physical address of that PDPTE, bytes
 * @raw: that PDPTE
 * @reserved_bits: the reserved bits that were set in it, or in CR3
 * @read_error: the reader's negative errno
 */
struct mmu_cr3_load {
	int index;
	uint64_t entry_pa;
	uint64_t raw;
	uint64_t reserved_bits;
	int read_error;
};

/**
 * mmu_load_cr3 - what MOV to CR3 does
 * @regs: processor state; @cr3 and, in PAE paging, @pdpte are replaced if
 *	MMU_OK is returned, and nothing else is
 * @mem: reader of the PDPTEs; not used by other modes than PAE
 * @cr3: the operand; in 32-bit and PAE paging its bits 31:0
 * @load: says, on failure, which bits or which entry
 *
 * With PAE paging the four PDPTEs at CR3[31:5] are loaded into registers, and a
 * present one with a reserved bit is #GP (SDM 5.4.1). In 4-level and 5-level
 * paging a bit beyond the physical address width is (SDM 5.5.2).
 *
 * Return: MMU_OK, MMU_FAULT_GP, MMU_ERR_MEMORY, MMU_ERR_REGS (whatever @cr3 and
 * @pdpte held before) or MMU_ERR_MODE.
 */
enum mmu_status mmu_load_cr3(struct mmu_regs *regs, const struct mmu_mem *mem,
			     uint64_t cr3, struct mmu_cr3_load *load);

/**
 * struct mmu_geometry - how the tables cut an address
 * @levels: number of table levels, which is also the number of the root
 * @va_bits: significant bits of an address
 * @page_shift: log2 of the smallest page
 * @index_bits: log2 of the entries of a table; the root may have fewer
 */
struct mmu_geometry {
	int levels;
	unsigned int va_bits;
	unsigned int page_shift;
	unsigned int index_bits;
};

/**
 * mmu_geometry - how the tables cut this address
 * @regs: processor state
 * @va: linear address; on arm64 bit 55 selects the tables
 * @geo: the answer; zero if there is none
 *
 * The next four functions take the mode alone and are for x86; on arm64
 * registers decide, so that this one is the one to ask.
 *
 * Return: MMU_OK; MMU_ERR_MODE for a mode that is not modelled; arm64: what
 * mmu_walk() would say of these registers for this half, whatever the tables.
 */
enum mmu_status mmu_geometry(const struct mmu_regs *regs, uint64_t va,
			     struct mmu_geometry *geo);

/**
 * mmu_geometry_shift - log2 of the bytes that one entry of a level covers
 * @geo: from mmu_geometry()
 * @level: 1 to @geo->levels
 *
 * Return: 0 for a level that does not exist.
 */
unsigned int mmu_geometry_shift(const struct mmu_geometry *geo, int level);

/**
 * mmu_geometry_index - which entry of a level's table translates an address
 * @geo: from mmu_geometry()
 * @va: linear address
 * @level: 1 to @geo->levels
 *
 * Return: 0 for a level that does not exist.
 */
unsigned int mmu_geometry_index(const struct mmu_geometry *geo, uint64_t va,
				int level);

/**
 * mmu_levels - number of table levels, which is also the number of the root
 * @mode: translation scheme
 *
 * Return: 2 to 5; 0 for a mode that is not modelled; 5, the most, for arm64.
 */
int mmu_levels(enum mmu_mode mode);

/**
 * mmu_va_bits - significant bits of a linear address
 * @mode: translation scheme
 *
 * Return: 32, 48 or 57; 0 for arm64 and for a mode that is not modelled.
 */
unsigned int mmu_va_bits(enum mmu_mode mode);

/**
 * mmu_level_shift - log2 of the bytes that one entry of a level covers
 * @mode: translation scheme
 * @level: 1 to mmu_levels()
 *
 * Return: 12, 21, 22 (32-bit paging), 30, 39 or 48; 0 for a level or mode that
 * does not exist, and for arm64.
 */
unsigned int mmu_level_shift(enum mmu_mode mode, int level);

/**
 * mmu_index - which entry of a level's table translates an address
 * @mode: translation scheme
 * @va: linear address
 * @level: 1 to mmu_levels()
 *
 * Return: 0 to 511, or to 1023 in 32-bit paging; 0 for a level or mode that
 * does not exist, and for arm64.
 */
unsigned int mmu_index(enum mmu_mode mode, uint64_t va, int level);

/**
 * mmu_is_canonical - are the bits above the implemented ones a sign extension?
 * @mode: translation scheme
 * @va: linear address
 *
 * SDM vol. 1, 3.3.7.1. In 32-bit and PAE paging: are they zero? Always false for
 * arm64, which has no such word: see mmu_geometry() and TCR_EL1.TBIn.
 */
bool mmu_is_canonical(enum mmu_mode mode, uint64_t va);

/* Names for people; all return static strings, none returns NULL. */

/* "4-level", "5-level", "32-bit", "PAE", "arm64" */
const char *mmu_mode_name(enum mmu_mode mode);
/*
 * Linux's term for a table level: "PGD" (the root) "P4D" "PUD" "PMD" "PTE"; on
 * arm64 those of four levels, and "PGD" for a fifth.
 */
const char *mmu_level_name(enum mmu_mode mode, int level);
/* The manual's term for an entry of it: "PML5E" "PML4E" "PDPTE" "PDE" "PTE";
   arm64: "L-1" "L0" "L1" "L2" "L3" */
const char *mmu_entry_name(enum mmu_mode mode, int level);
/* "ok", "#PF", "#GP", "#SS", "abort", "memory not readable" ... */
const char *mmu_status_name(enum mmu_status status);
/* "table", "leaf", "not present", "reserved", "unreadable", "address size" */
const char *mmu_step_name(enum mmu_step_kind kind);
/* "read", "write", "fetch" */
const char *mmu_access_name(enum mmu_access_kind kind);
/* "UC", "WC", "WT", "WP", "WB", "UC-", "?" */
const char *mmu_memtype_name(enum mmu_memtype type);

/*
 * The next three write a NUL-terminated list of words into @buf, cut at @size
 * bytes, and return the length of the whole list, as snprintf() does. @buf may
 * be NULL if @size is 0.
 */

/**
 * mmu_entry_flags - decode the bits of an entry into names
 * @mode: translation scheme
 * @level: level of the table that holds the entry
 * @leaf: it maps a page (the step's kind is MMU_STEP_LEAF)
 * @raw: the entry
 * @buf: gets "P RW US A D NX" and so on; "-" for an entry that is not present
 * @size: of @buf, bytes; 64 is always enough
 *
 * Bits that the level ignores are not named, but PS is, in any entry that can
 * have it: it may be why the walk failed. "key=N" is named when non-zero.
 * arm64: "page AF RO EL0 PXN attr=4" or "table UXNTable"; those that depend on
 * TCR_EL1 (SH, Contiguous at the highest levels) are named as without it.
 *
 * Return: length of the whole text.
 */
size_t mmu_entry_flags(enum mmu_mode mode, int level, bool leaf, uint64_t raw,
		       char *buf, size_t size);

/**
 * mmu_error_text - name the bits of a page-fault error code
 * @error_code: MMU_PF_*
 * @buf: gets "P W U", or "not-present U ID"
 * @size: of @buf, bytes; 64 is always enough
 *
 * Return: length of the whole text.
 */
size_t mmu_error_text(uint32_t error_code, char *buf, size_t size);

/**
 * mmu_denied_text - name the reasons of a refused access
 * @denied: MMU_DENY_*
 * @buf: gets "user-access read-only" and so on; "-" if there is none
 * @size: of @buf, bytes; 64 is always enough
 *
 * Return: length of the whole text.
 */
size_t mmu_denied_text(uint32_t denied, char *buf, size_t size);

/**
 * mmu_abort_text - name what an ISS says of a stage 1 abort
 * @error_code: MMU_ESR_*, from a result with MMU_FAULT_ABORT
 * @buf: gets "translation L2 write", "address-size L-1" and so on
 * @size: of @buf, bytes; 64 is always enough
 *
 * Return: length of the whole text.
 */
size_t mmu_abort_text(uint32_t error_code, char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif
