/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the caches of translations may and do hold.
 *
 * Two models, which share only what an operation invalidates:
 *
 *	trace of operations --mmu_tlb_allowed()--> every answer that one access
 *						   may get, stale ones included
 *	geometry + accesses --mmu_tlb_access()---> hit or miss, LRU; reach
 *
 * The first is the manual's promise: a processor may walk the tables at any
 * time, keep what it has found, TLB entries and entries of the paging-structure
 * caches alike, until it must be invalidated, use it or not, and drop more than
 * was asked for. The second is one machine that keeps that promise.
 *
 * "SDM" is the Intel SDM, volume 3A, in the numbering of mmu.h, where "Caching
 * Translation Information" is 5.10 (4.10 before 2024); "Arm" is the Arm ARM,
 * chapter D8, "TLB maintenance". Storage is the caller's; nothing is allocated.
 *
 * Not modelled: VMID, VPID, EPT and stage 2; what Arm allows when one address
 * has several entries (break-before-make): the answers are then only those of
 * the entries themselves.
 */
#ifndef MMU_TLB_H
#define MMU_TLB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * enum mmu_tlb_op_kind - one event of a trace; what it uses of struct mmu_tlb_op
 * @MMU_TLB_WRITE: a page-table entry is written: @table, @index, @entry
 * @MMU_TLB_SWITCH: MOV to CR3, or a write of TTBR0: @table is the root, @asid,
 *	and @keep for bit 63 of CR3, or for any write of TTBR0
 * @MMU_TLB_CR4: MOV to CR4: @pge and @pcide afterwards, @current
 * @MMU_TLB_INVLPG: @va
 * @MMU_TLB_INVPCID_ADDRESS: type 0: @va, @asid
 * @MMU_TLB_INVPCID_CONTEXT: type 1: @asid
 * @MMU_TLB_INVPCID_ALL: type 2, global translations too
 * @MMU_TLB_INVPCID_ALL_BUT_GLOBAL: type 3
 * @MMU_TLB_PAGE_FAULT: a #PF at @va was delivered
 * @MMU_TLB_TLBI_VA: Arm TLBI VAE1, or VALE1 if @last_level: @va, @asid
 * @MMU_TLB_TLBI_VAA: Arm TLBI VAAE1, or VAALE1 if @last_level: @va, any ASID
 * @MMU_TLB_TLBI_ASID: Arm TLBI ASIDE1: @asid
 * @MMU_TLB_TLBI_ALL: Arm TLBI VMALLE1
 *
 * A remote shootdown is the same operation with the other @cpu; the "IS" forms
 * of Arm set @broadcast. All are complete when the next one begins: barriers
 * are the caller's.
 */
enum mmu_tlb_op_kind {
	MMU_TLB_WRITE,
	MMU_TLB_SWITCH,
	MMU_TLB_CR4,
	MMU_TLB_INVLPG,
	MMU_TLB_INVPCID_ADDRESS,
	MMU_TLB_INVPCID_CONTEXT,
	MMU_TLB_INVPCID_ALL,
	MMU_TLB_INVPCID_ALL_BUT_GLOBAL,
	MMU_TLB_PAGE_FAULT,
	MMU_TLB_TLBI_VA,
	MMU_TLB_TLBI_VAA,
	MMU_TLB_TLBI_ASID,
	MMU_TLB_TLBI_ALL,
};

#define MMU_TLB_W	(1u << 0)	/* writable */
#define MMU_TLB_U	(1u << 1)	/* for user accesses */
#define MMU_TLB_X	(1u << 2)	/* executable */

enum mmu_tlb_entry_kind {
	MMU_TLB_ABSENT,		/* or reserved: never cached (SDM 5.10.2.3) */
	MMU_TLB_TABLE,
	MMU_TLB_LEAF,
};

/**
 * struct mmu_tlb_entry - an entry of a page table, as far as caches care
 * @kind: absent, a table, or a page
 * @target: number of the next table, or physical address of the page
 * @rights: MMU_TLB_*; those of a page are the AND over the levels
 * @global: of a page: G, or nG = 0
 */
struct mmu_tlb_entry {
	enum mmu_tlb_entry_kind kind;
	uint64_t target;
	unsigned int rights;
	bool global;
};

/**
 * struct mmu_tlb_op - one event
 * @kind: which
 * @cpu: the processor that does it; for WRITE without meaning
 * @broadcast: all processors do it
 * @va: linear address
 * @asid: PCID or ASID; taken as 0 while CR4.PCIDE = 0
 * @table: number of a table: any the caller likes, 0 is none
 * @index: of the entry
 * @entry: its new content
 * @keep: SWITCH: need not invalidate
 * @pge: CR4.PGE
 * @pcide: CR4.PCIDE
 * @current: CR4: also PAE changed or SMEP rose, which empties the current PCID
 * @last_level: TLBI: the paging-structure caches may stay as they are
 */
struct mmu_tlb_op {
	enum mmu_tlb_op_kind kind;
	unsigned int cpu;
	bool broadcast;
	uint64_t va;
	unsigned int asid;
	uint32_t table;
	unsigned int index;
	struct mmu_tlb_entry entry;
	bool keep;
	bool pge;
	bool pcide;
	bool current;
	bool last_level;
};

/**
 * struct mmu_tlb_cached - what a processor may hold; also an answer
 * @shift: log2 of the bytes it translates, or leads to a table for
 * @va: first address of them
 * @asid: tag; without meaning if @global
 * @global: for every ASID
 * @rights: accumulated from the root
 * @pa: of a page: physical address of @va
 * @table: of a paging-structure cache: the table it leads to; 0 for a page
 * @level: of that table
 * @present: of an answer: false if a walk ends at an absent entry
 * @fresh: of an answer: a walk from the root would give it now
 */
struct mmu_tlb_cached {
	unsigned int shift;
	uint64_t va;
	unsigned int asid;
	bool global;
	unsigned int rights;
	uint64_t pa;
	uint32_t table;
	int level;
	bool present;
	bool fresh;
};

/**
 * struct mmu_tlb_trace - a trace, and how its tables look
 * @ops: events, oldest first; at their beginning all caches are empty, no root
 *	is loaded, CR4.PGE and CR4.PCIDE are as @pge and @pcide say
 * @count: number of events
 * @levels: of the tables, 2 to 5; the root is of the highest
 * @index_bits: log2 of the entries per table: 9, or 10 for 32-bit paging
 * @page_shift: 12, or 14 or 16 for the larger granules of Arm
 * @pge: at the beginning; true for Arm
 * @pcide: at the beginning; true for Arm, which always has ASIDs
 */
struct mmu_tlb_trace {
	const struct mmu_tlb_op *ops;
	size_t count;
	int levels;
	unsigned int index_bits;
	unsigned int page_shift;
	bool pge;
	bool pcide;
};

/**
 * mmu_tlb_allowed - every answer that an access after a trace may get
 * @trace: what has happened
 * @cpu: the processor that makes the access
 * @va: the address
 * @room: the caller's; gets the answers, and is used on the way
 * @max: of @room
 *
 * Answers with @table = 0 differ in pa, rights, shift, global or presence. An
 * absent one stands for a page fault. Whether rights permit the access, and
 * reserved bits, are the caller's to see, by mmu.h.
 *
 * Return: number of answers, at the front of @room; -ENOSPC if @max is too
 * small, -EINVAL for a trace that makes no sense.
 */
int mmu_tlb_allowed(const struct mmu_tlb_trace *trace, unsigned int cpu,
		    uint64_t va, struct mmu_tlb_cached *room, size_t max);

/**
 * mmu_tlb_invalidates - must an operation drop a cached translation?
 * @op: the operation, by the processor that holds it
 * @current: PCID or ASID in use there, before the operation
 * @item: what is cached
 *
 * CR4 is taken to change PGE, or to clear PCIDE; ask for @current by that flag.
 */
bool mmu_tlb_invalidates(const struct mmu_tlb_op *op, unsigned int current,
			 const struct mmu_tlb_cached *item);

/* Arrays that one simulated TLB can have. */
#define MMU_TLB_ARRAYS	6

/**
 * struct mmu_tlb_array - one set-associative array
 * @level: 1 is asked first, 2 if that misses
 * @shifts: bit n: holds pages of 2^n bytes
 * @sets: a power of two
 * @ways: entries per set
 */
struct mmu_tlb_array {
	int level;
	uint64_t shifts;
	unsigned int sets;
	unsigned int ways;
};

/**
 * struct mmu_tlb_slot - one entry of the simulator
 * @used: holds something
 * @stamp: when it was last used
 * @item: what it holds
 */
struct mmu_tlb_slot {
	bool used;
	uint64_t stamp;
	struct mmu_tlb_cached item;
};

/**
 * struct mmu_tlb_sim - a TLB with a geometry, LRU within each set
 * @arrays: geometry
 * @narrays: how many are used
 * @slots: storage, mmu_tlb_slots() of them
 * @clock: counts accesses
 * @asid: current PCID or ASID
 * @hits: by level, [0] is not used
 * @misses: accesses that no level had
 */
struct mmu_tlb_sim {
	struct mmu_tlb_array arrays[MMU_TLB_ARRAYS];
	unsigned int narrays;
	struct mmu_tlb_slot *slots;
	uint64_t clock;
	unsigned int asid;
	uint64_t hits[3];
	uint64_t misses;
};

/**
 * mmu_tlb_slots - how much storage a geometry needs
 * @sim: with @arrays and @narrays filled
 *
 * Return: number of slots; 0 for a geometry that cannot be.
 */
size_t mmu_tlb_slots(const struct mmu_tlb_sim *sim);

/**
 * mmu_tlb_reset - empty it, all counters 0
 * @sim: with @arrays, @narrays and @slots filled
 */
void mmu_tlb_reset(struct mmu_tlb_sim *sim);

/**
 * mmu_tlb_access - look up an address; on a miss take in its translation
 * @sim: the TLB
 * @va: linear address
 * @page: what a walk gives for it, used on a miss: @shift, @global, @pa
 *
 * A hit of level 2 is taken into level 1 as well.
 *
 * Return: level of the hit; 0 for a miss.
 */
int mmu_tlb_access(struct mmu_tlb_sim *sim, uint64_t va,
		   const struct mmu_tlb_cached *page);

/**
 * mmu_tlb_apply - let an operation invalidate what it must
 * @sim: the TLB
 * @op: any but WRITE, which invalidates nothing
 */
void mmu_tlb_apply(struct mmu_tlb_sim *sim, const struct mmu_tlb_op *op);

/**
 * mmu_tlb_reach - how much memory a level can translate without a miss
 * @sim: the geometry
 * @level: 1 or 2
 * @shift: log2 of the page size
 *
 * Return: bytes: number of entries that can hold such pages times their size.
 */
uint64_t mmu_tlb_reach(const struct mmu_tlb_sim *sim, int level,
		       unsigned int shift);

/* "write", "switch", "INVLPG", "TLBI VA" ...; a static string, never NULL. */
const char *mmu_tlb_op_name(enum mmu_tlb_op_kind kind);

#ifdef __cplusplus
}
#endif

#endif
