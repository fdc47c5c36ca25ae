/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * mmscope: the contract between the module, the tool, capture files and tests.
 *
 * ONE STREAM FORMAT
 *
 * debugfs stream files, capture files, fixtures and the tool's own /proc
 * reader all carry the same bytes:
 *
 *	+----------------------+  struct mms_stream_header
 *	| header               |  who wrote it, on what machine, what was asked
 *	+----------------------+
 *	| record               |  struct mms_record, then the fixed part of its
 *	| record               |  type, then an optional tail; .size covers all
 *	| ...                  |  three and is a multiple of 8
 *	+----------------------+
 *	| trailer              |  struct mms_trailer: how many, how torn, what
 *	+----------------------+  was held and for how long
 *
 * A capture file is any number of streams, one after the other.  A stream
 * with no trailer is a truncated stream.
 *
 *	kind	 records it holds
 *	TASK	 MMS_REC_TASK			one per process
 *	VMA	 MMS_REC_VMA			address order, one per VMA
 *	PGTABLE	 MMS_REC_PT_CONTEXT		first: registers of the walk
 *		 MMS_REC_PT_TABLE	(1)	raw entries, a table before the
 *						tables and extents below it
 *		 MMS_REC_PT_EXTENT	(2)	what the entries translate to
 *		 MMS_REC_PT_HOLE	(3)	where a walk ends, at which level
 *	USAGE	 MMS_REC_USAGE			one per VMA, what smaps says
 *
 * Those are about a process.  These are about the machine (MMS_KIND_MACHINE()):
 * their request names no process, and what @start and @end mean stands with
 * each kind's records below:
 *
 *	ZONES	 MMS_REC_NODE			per node, its
 *		 MMS_REC_ZONELIST		fallback order,
 *		 MMS_REC_ZONE_CPU		pending counts of each CPU, and
 *		 MMS_REC_ZONE			its zones, those without pages
 *						too, each followed by its
 *		 MMS_REC_ZONE_CPU		page lists of each CPU
 *	BUDDY	 MMS_REC_BUDDY_BLOCK	(4)	free blocks, by PFN, before their zone
 *		 MMS_REC_BUDDY_ZONE		one per zone that has pages, then
 *		 MMS_REC_BUDDY_AREA		its orders, from 0 on
 *		 MMS_REC_BUDDY_USED	(5)	what is in no free block: these alone
 *	LRU	 MMS_REC_LRU_VEC		one per cgroup and node; then its
 *		 MMS_REC_LRU_GEN	(6)	generations, the youngest first
 *		 MMS_REC_LRU_TIER	(6)	what their tiers counted
 *		 MMS_REC_LRU_FOLIO	(7)	some folios from the ends of its lists
 *	FRAMES	 MMS_REC_FRAME_RUN		ascending, neighbours alike are one
 *	KMAP	 MMS_REC_KMAP_RUN		what the kernel maps: vmalloc ...
 *	KTABLES	 MMS_REC_PT_CONTEXT		the registers, then
 *		 MMS_REC_KT_REGION		what parts the addresses have; then
 *		 MMS_REC_KT_ROOT		for each top table, and below it
 *		 MMS_REC_PT_TABLE	(1)	as PGTABLE has them
 *		 MMS_REC_PT_EXTENT	(2)
 *		 MMS_REC_PT_HOLE	(3)
 *		 MMS_REC_KT_REPEAT		the same table once more
 *	OWNERS	 MMS_REC_OWNER_RUN		found through who owns them
 *	VMALLOC	 MMS_REC_VMALLOC_SPACE	(14)	where vmalloc space is: first
 *		 MMS_REC_VMALLOC_AREA		an area of the kernel's vmalloc space
 *	FRAME	 MMS_REC_FRAME			one per page frame, then of it:
 *		 MMS_REC_FRAME_FILE	(8)	the file it caches
 *		 MMS_REC_FRAME_SLAB	(8)	the slab it lies in
 *		 MMS_REC_FRAME_TASK	(8)	whose kernel stack or PGD it is
 *		 MMS_REC_FRAME_MAP	(9)	one per address that may map it
 *	CACHE	 MMS_REC_CACHE_NAME		a file with cached pages, when it is met
 *		 MMS_REC_CACHE_FILE		pages of it; several add up
 *		 MMS_REC_CACHE_RUN	(10)	frames that hold it, adjacent in both
 *	SWAP	 MMS_REC_SWAP_AREA		one per swap area
 *	SLAB	 MMS_REC_SLAB_CACHE	(11)	one per slab cache, then of it
 *		 MMS_REC_SLAB_NODE	(11)	what each node has
 *		 MMS_REC_SLAB_SLAB	(12)	one per slab, by PFN
 *		 MMS_REC_SLAB_OBJECT	(13)	what lies at a kernel address
 *
 *	(1) with MMS_REQ_TABLES  (2) with MMS_REQ_EXTENTS  (3) MMS_REQ_HOLES
 *	(4) with MMS_BUDDY_BLOCKS  (5) MMS_BUDDY_USED  (6) MMS_REQ_LRU_GENS
 *	(7) with MMS_REQ_LRU_SAMPLE  (8) MMS_FREQ_OWNERS  (9) MMS_FREQ_MAPS
 *	(10) with MMS_REQ_CACHE_RUNS  (11) MMS_REQ_SLAB_CACHES
 *	(12) with MMS_REQ_SLAB_SLABS, _OBJECTS  (13) MMS_REQ_SLAB_ADDR, _TASK
 *	(14) with MMS_REQ_VMALLOC_LAZY
 *
 * ASKING (debugfs)
 *
 *	/sys/kernel/debug/mmscope/status	text: what works, what not, why
 *	/sys/kernel/debug/mmscope/NAME		text: write "PID [START [END]]",
 *						read lines; unasked = own process
 *	/sys/kernel/debug/mmscope/stream/NAME	write one struct mms_request,
 *						read one stream
 *
 * The request is bound to the open file.  A new write starts a new stream.
 * Errors of the write(2): ESRCH no such process, ENXIO a kernel thread (it
 * has no user address space), ENODATA the process has exited, EINVAL a
 * malformed request, EOPNOTSUPP the collector is not available here, EPERM who
 * writes may not ask (who opened the file could).
 *
 * ASKING (generic netlink, family "mmscope", version 1)
 *
 *	INFO_GET  do	-> MMS_A_INFO_ABI u32, _VERSION string, _RELEASE string,
 *			   _ARCH u32, _PAGE_SHIFT u32
 *	COLLECTOR_GET dump -> per collector
 *			   MMS_A_COLL_KIND u32, _NAME string, _STATE u32 (enum
 *			   mms_cap_state), _REASON string
 *	WALK  do  MMS_A_WALK_PID u32, MMS_A_WALK_ADDR u64: an address of the
 *			   process, or of the kernel's half in its tables
 *			-> MMS_A_WALK_PID, _ADDR, _CONTEXT binary (struct
 *			   mms_pt_context), per level one nest
 *			     MMS_A_WALK_STEP { MMS_A_STEP_LEVEL u32,
 *			       _INDEX u32, _ENTRY_PA u64, _RAW u64 }
 *			   then one of _EXTENT binary (struct mms_pt_extent)
 *			   or _HOLE binary (struct mms_pt_hole)
 *	QUERY_NTF event, group "observe": a stream was read to its end
 *			-> MMS_A_QUERY_KIND u32, _PID u32 (observed),
 *			   _OBSERVER u32, _RECORDS u64, _HOLD_MAX_NS u64;
 *			   both PIDs as the initial PID namespace counts
 *
 * Both doors ask for CAP_SYS_ADMIN in the initial user namespace and honour
 * lockdown=confidentiality: when a file is opened, and of each who asks; for
 * netlink of the socket's opener and of each sender.  Who is given a file on
 * which a question was asked can read that answer, as with /proc/PID/pagemap.
 *
 * RULES OF CHANGE
 *
 * Only __u64/__u32/__u16/__u8 and explicit padding.  Structs grow at the end;
 * a reader takes min(its size, the record's fixed size) and zeroes the rest.
 * Enums are appended to, never reordered.  What breaks a reader raises
 * MMS_ABI_VERSION.
 */
#ifndef _UAPI_LINUX_MMSCOPE_H
#define _UAPI_LINUX_MMSCOPE_H

#include <linux/types.h>

#define MMS_ABI_VERSION		1
#define MMS_MAGIC		"MMSCOPE"	/* 8 bytes with its NUL */

enum mms_kind {
	MMS_KIND_UNSPEC,
	MMS_KIND_TASK,
	MMS_KIND_VMA,
	MMS_KIND_PGTABLE,
	MMS_KIND_USAGE,
	MMS_KIND_ZONES,
	MMS_KIND_FRAMES,
	MMS_KIND_KMAP,
	MMS_KIND_OWNERS,
	MMS_KIND_BUDDY,
	MMS_KIND_LRU,
	MMS_KIND_FRAME,
	MMS_KIND_SWAP,
	MMS_KIND_CACHE,
	MMS_KIND_VMALLOC,
	MMS_KIND_SLAB,
	MMS_KIND_KTABLES,
	__MMS_KIND_MAX
};

/* Is the request about the machine, not about a process? */
#define MMS_KIND_MACHINE(kind)	((kind) >= MMS_KIND_ZONES)

enum mms_arch {
	MMS_ARCH_UNKNOWN,
	MMS_ARCH_X86_64,
	MMS_ARCH_I386,
	MMS_ARCH_ARM64,
};

enum mms_writer {
	MMS_WRITER_UNKNOWN,
	MMS_WRITER_MODULE,
	MMS_WRITER_PROCFS,
};

/* struct mms_request.flags of kinds about a process; other kinds have their own,
 * beside their records */
#define MMS_REQ_EXTENTS		(1U << 0)	/* PT_EXTENT records */
#define MMS_REQ_TABLES		(1U << 1)	/* PT_TABLE records: every raw entry */
#define MMS_REQ_HOLES		(1U << 2)	/* PT_HOLE records */
#define MMS_REQ_ALL		(MMS_REQ_EXTENTS | MMS_REQ_TABLES | MMS_REQ_HOLES)
#define MMS_REQ_KERNEL		(1U << 3)	/* the page at @start is in the kernel's half */

/**
 * struct mms_request - what to collect
 * @size: sizeof(struct mms_request) of the writer
 * @flags: MMS_REQ_*; TASK, VMA and USAGE ignore them
 * @pid: process (thread group) or thread ID in the caller's PID namespace;
 *	0 = the caller; must be 0 for kinds about the machine
 * @pad: zero
 * @start: first virtual address, bytes; kinds about the machine: see there
 * @end: first virtual address not wanted, bytes; 0 = to the end of user space.
 *	With MMS_REQ_KERNEL one page behind @start: no lock keeps the kernel's
 *	tables, they are read so that they may vanish, and rights are what the
 *	kernel is allowed
 */
struct mms_request {
	__u32 size;
	__u32 flags;
	__u32 pid;
	__u32 pad;
	__u64 start;
	__u64 end;
};

/**
 * struct mms_stream_header - opens a stream
 * @magic: MMS_MAGIC
 * @abi: MMS_ABI_VERSION of the writer
 * @header_size: bytes from @magic to the first record
 * @kind: enum mms_kind
 * @record_size: sizeof the fixed part of this kind's largest record
 * @arch: enum mms_arch of the machine observed
 * @page_shift: log2 of the base page size
 * @writer: enum mms_writer
 * @pad: zero
 * @time_ns: wall clock when the stream was opened, ns since the epoch
 * @boot_id: /proc/sys/kernel/random/boot_id as 16 bytes; all zero = unknown
 * @release: uname -r, NUL terminated
 * @request: the request as understood (pid in the caller's namespace, @end
 *	filled in)
 */
struct mms_stream_header {
	__u8  magic[8];
	__u32 abi;
	__u32 header_size;
	__u32 kind;
	__u32 record_size;
	__u32 arch;
	__u32 page_shift;
	__u32 writer;
	__u32 pad;
	__u64 time_ns;
	__u8  boot_id[16];
	__u8  release[64];
	struct mms_request request;
};

enum mms_record_type {
	MMS_REC_UNSPEC,
	MMS_REC_TRAILER,
	MMS_REC_TASK,
	MMS_REC_VMA,
	MMS_REC_PT_CONTEXT,
	MMS_REC_PT_TABLE,
	MMS_REC_PT_EXTENT,
	MMS_REC_PT_HOLE,
	MMS_REC_USAGE,
	/* each kind about the machine has eight numbers or more to grow into */
	MMS_REC_ZONES_FIRST = 16,
	MMS_REC_NODE = MMS_REC_ZONES_FIRST,
	MMS_REC_ZONELIST,
	MMS_REC_ZONE,
	MMS_REC_ZONE_CPU,
	MMS_REC_FRAMES_FIRST = 24,
	MMS_REC_FRAME_RUN = MMS_REC_FRAMES_FIRST,
	MMS_REC_KMAP_FIRST = 32,
	MMS_REC_KMAP_RUN = MMS_REC_KMAP_FIRST,
	MMS_REC_OWNERS_FIRST = 40,
	MMS_REC_OWNER_RUN = MMS_REC_OWNERS_FIRST,
	MMS_REC_BUDDY_FIRST = 48,
	MMS_REC_BUDDY_ZONE = MMS_REC_BUDDY_FIRST,
	MMS_REC_BUDDY_AREA,
	MMS_REC_BUDDY_BLOCK,
	MMS_REC_BUDDY_USED,
	MMS_REC_LRU_FIRST = 56,
	MMS_REC_LRU_VEC = MMS_REC_LRU_FIRST,
	MMS_REC_LRU_GEN,
	MMS_REC_LRU_TIER,
	MMS_REC_LRU_FOLIO,
	MMS_REC_FRAME_FIRST = 64,
	MMS_REC_FRAME = MMS_REC_FRAME_FIRST,
	MMS_REC_FRAME_FILE,
	MMS_REC_FRAME_SLAB,
	MMS_REC_FRAME_TASK,
	MMS_REC_FRAME_MAP,
	MMS_REC_SWAP_FIRST = 80,
	MMS_REC_SWAP_AREA = MMS_REC_SWAP_FIRST,
	MMS_REC_CACHE_FIRST = 88,
	MMS_REC_CACHE_NAME = MMS_REC_CACHE_FIRST,
	MMS_REC_CACHE_FILE,
	MMS_REC_CACHE_RUN,
	MMS_REC_VMALLOC_FIRST = 96,
	MMS_REC_VMALLOC_AREA = MMS_REC_VMALLOC_FIRST,
	MMS_REC_VMALLOC_SPACE,
	MMS_REC_SLAB_FIRST = 104,
	MMS_REC_SLAB_CACHE = MMS_REC_SLAB_FIRST,
	MMS_REC_SLAB_NODE,
	MMS_REC_SLAB_SLAB,
	MMS_REC_SLAB_OBJECT,
	MMS_REC_KTABLES_FIRST = 120,
	MMS_REC_KT_REGION = MMS_REC_KTABLES_FIRST,
	MMS_REC_KT_ROOT,
	MMS_REC_KT_REPEAT,
	__MMS_REC_MAX = 128
};

/* struct mms_record.flags */
#define MMS_RECF_TORN		(1U << 0)	/* the address space changed since the record before */

/**
 * struct mms_record - opens every record
 * @size: bytes of the whole record, this head and the tail included; a
 *	multiple of 8
 * @type: enum mms_record_type
 * @flags: MMS_RECF_*
 */
struct mms_record {
	__u32 size;
	__u16 type;
	__u16 flags;
};

/* struct mms_trailer.end */
enum mms_end {
	MMS_END_COMPLETE,	/* everything asked for was looked at */
	MMS_END_EXITED,		/* the process exited while it was read */
	MMS_END_ERROR,		/* see @error */
	MMS_END_KILLED,		/* the reader was killed while it waited for a lock */
};

/**
 * struct mms_trailer - closes a stream
 * @end: enum mms_end
 * @error: positive errno with MMS_END_ERROR, else 0
 * @records: records before this one
 * @batches: times a lock was taken and dropped; 0 = no lock was needed
 * @torn: batches that found the address space changed since the one before; of
 *	the kind FRAMES: that found memory going on or off line
 * @hold_max_ns: longest hold of the lock, ns
 * @hold_total_ns: sum of all holds, ns
 * @entries: page-table entries looked at
 * @crc32: of all bytes from the header to the record before this one, as
 *	zlib's crc32() computes it; valid if @crc_valid
 * @crc_valid: 1 where @crc32 was filled in (capture files)
 */
struct mms_trailer {
	struct mms_record head;
	__u32 end;
	__u32 error;
	__u64 records;
	__u32 batches;
	__u32 torn;
	__u64 hold_max_ns;
	__u64 hold_total_ns;
	__u64 entries;
	__u32 crc32;
	__u32 crc_valid;
};

/* struct mms_vma.flags: what VM_* means, without its bit numbers */
#define MMS_VMA_READ		(1U << 0)
#define MMS_VMA_WRITE		(1U << 1)
#define MMS_VMA_EXEC		(1U << 2)
#define MMS_VMA_SHARED		(1U << 3)	/* what maps prints as 's' (VM_MAYSHARE) */
#define MMS_VMA_GROWSDOWN	(1U << 4)
#define MMS_VMA_LOCKED		(1U << 5)
#define MMS_VMA_IO		(1U << 6)
#define MMS_VMA_PFNMAP		(1U << 7)
#define MMS_VMA_MIXEDMAP	(1U << 8)
#define MMS_VMA_HUGETLB		(1U << 9)
#define MMS_VMA_HUGEPAGE	(1U << 10)
#define MMS_VMA_NOHUGEPAGE	(1U << 11)
#define MMS_VMA_MERGEABLE	(1U << 12)
#define MMS_VMA_DONTCOPY	(1U << 13)
#define MMS_VMA_DONTDUMP	(1U << 14)
#define MMS_VMA_NORESERVE	(1U << 15)
#define MMS_VMA_ACCOUNT		(1U << 16)
#define MMS_VMA_UFFD		(1U << 17)
#define MMS_VMA_WIPEONFORK	(1U << 18)
#define MMS_VMA_SOFTDIRTY	(1U << 19)
#define MMS_VMA_FILE		(1U << 20)	/* has a file; dev, ino, path are valid */
#define MMS_VMA_SHMEM		(1U << 21)	/* the file is in shmem (tmpfs, memfd, SysV, shared anon) */
#define MMS_VMA_DELETED		(1U << 22)	/* the file has no name any more */
#define MMS_VMA_HEAP		(1U << 23)	/* holds mm->start_brk .. mm->brk */
#define MMS_VMA_STACK		(1U << 24)	/* holds mm->start_stack */
#define MMS_VMA_SPECIAL		(1U << 25)	/* kernel-provided: vdso, vvar; the name is in the tail */
#define MMS_VMA_NAME_UNKNOWN	(1U << 26)	/* the path could not be read */
#define MMS_VMA_SEALED		(1U << 27)
#define MMS_VMA_DROPPABLE	(1U << 28)

/* struct mms_vma.policy: MPOL_* of linux/mempolicy.h, or: */
#define MMS_POLICY_NONE		0xffffffffU	/* no policy of its own: the task's or system's */
#define MMS_POLICY_UNKNOWN	0xfffffffeU	/* not read */

/**
 * struct mms_vma - one VMA
 * @head: .type = MMS_REC_VMA
 * @start: first address, bytes
 * @end: first address after it, bytes
 * @pgoff: offset in the file, in pages (vm_pgoff)
 * @ino: inode number
 * @vm_flags: the kernel's own VM_* bits, raw; 0 if not read
 * @flags: MMS_VMA_*
 * @dev_major: device of the file system
 * @dev_minor: device of the file system
 * @policy: MPOL_* or MMS_POLICY_*
 * @policy_nodes: the policy's first 64 nodes, a bit each
 * @pkey: memory protection key
 * @path_len: bytes of the path in the tail, NUL included; 0 = none
 * @name_len: bytes of the anonymous name (prctl PR_SET_VMA_ANON_NAME) that
 *	follows the path, NUL included; 0 = none
 * @pad: zero
 *
 * The tail holds the path ("/lib/x.so", "[heap]", "[vdso]"), then the name.
 */
struct mms_vma {
	struct mms_record head;
	__u64 start;
	__u64 end;
	__u64 pgoff;
	__u64 ino;
	__u64 vm_flags;
	__u32 flags;
	__u32 dev_major;
	__u32 dev_minor;
	__u32 policy;
	__u64 policy_nodes;
	__u32 pkey;
	__u32 path_len;
	__u32 name_len;
	__u32 pad;
};

/* struct mms_pt_context.flags */
#define MMS_CTX_PTI		(1U << 0)	/* @root_pa is the user half of a PTI pair */
#define MMS_CTX_LA57		(1U << 1)	/* five levels */
#define MMS_CTX_GBPAGES		(1U << 2)	/* the CPU has 1 GiB pages */
#define MMS_CTX_UPPER_G_MBZ	(1U << 3)	/* bit 8 of the top two levels must be 0 (AMD, Hygon) */
#define MMS_CTX_PSE36		(1U << 4)	/* the CPU has PSE-36 */
/* How exact RSS and its kinds are in /proc/PID/status and statm; by this module: one of the three is set. */
#define MMS_CTX_RSS_BY_THREAD	(1U << 5)	/* without what each thread's last faults brought */
#define MMS_CTX_RSS_BY_CPU	(1U << 6)	/* without what CPUs keep back */
#define MMS_CTX_RSS_SUMMED	(1U << 7)	/* exact */

/**
 * struct mms_pt_context - the registers that give the tables their meaning
 * @head: .type = MMS_REC_PT_CONTEXT
 * @root_pa: physical address of the top table as the CPU uses it in user mode
 * @kernel_root_pa: physical address of the top table that translates the
 *	kernel's half: mm->pgd, which differs from @root_pa with PTI; arm64:
 *	what TTBR1_EL1 holds
 * @cr0: control register 0 of the CPU that answered
 * @cr4: control register 4, likewise
 * @efer: MSR IA32_EFER, likewise
 * @pat: MSR IA32_PAT, likewise
 * @flags: MMS_CTX_*
 * @levels: 2 (i386), 3 (i386 with PAE), 4 or 5
 * @maxphyaddr: physical-address bits of the CPU
 * @sme_mask: bits of an entry that hold the memory-encryption mark; 0 = none
 * @pkru: of the observed thread, which is not on a processor; ~0 = not read
 * @shift: of level n, 1 PTE .. @levels: log2 of the bytes that one of its
 *	entries translates; 0 = there is no such level
 * @entry_size: bytes of an entry in memory, 4 or 8
 * @va_bits: bits of a user address that are translated
 * @pad: zero
 * @tcr: arm64's TCR_EL1 of the CPU that answered
 * @sctlr: SCTLR_EL1, likewise
 * @mair: MAIR_EL1, likewise
 * @id_mmfr0: arm64's ID_AA64MMFR0_EL1: which addresses and granules there are
 * @id_mmfr1: ID_AA64MMFR1_EL1
 * @id_mmfr2: ID_AA64MMFR2_EL1
 * @id_isar1: ID_AA64ISAR1_EL1
 * @id_isar2: ID_AA64ISAR2_EL1; 0 where the kernel does not know its number
 * @kernel_start: first address of the kernel's half; 0 = not told
 *
 * Registers that the architecture does not have are 0.
 */
struct mms_pt_context {
	struct mms_record head;
	__u64 root_pa;
	__u64 kernel_root_pa;
	__u64 cr0;
	__u64 cr4;
	__u64 efer;
	__u64 pat;
	__u32 flags;
	__u32 levels;
	__u32 maxphyaddr;
	__u32 pkru;
	__u64 sme_mask;
	__u8  shift[8];
	__u8  entry_size;
	__u8  va_bits;
	__u8  pad[6];
	__u64 tcr;
	__u64 sctlr;
	__u64 mair;
	__u64 id_mmfr0;
	__u64 id_mmfr1;
	__u64 id_mmfr2;
	__u64 id_isar1;
	__u64 id_isar2;
	__u64 kernel_start;
};

/**
 * struct mms_pt_table - raw entries of one table
 * @head: .type = MMS_REC_PT_TABLE
 * @table_pa: physical address of the table's entry 0
 * @va: virtual address that entry 0 translates
 * @level: 1 PTE, 2 PMD, 3 PUD, 4 P4D, 5 PGD; the top one is called PGD
 * @first: index of the first entry looked at
 * @last: index of the last entry looked at
 * @index: index of the first entry in the tail
 * @count: entries in the tail, 8 bytes each whatever they have in memory
 * @pad: zero
 *
 * Entries between @first and @last that are not in the tail were read as 0.
 */
struct mms_pt_table {
	struct mms_record head;
	__u64 table_pa;
	__u64 va;
	__u32 level;
	__u32 first;
	__u32 last;
	__u32 index;
	__u32 count;
	__u32 pad;
};

/* struct mms_pt_extent.state */
enum mms_pt_state {
	MMS_PT_NONE,
	MMS_PT_PRESENT,		/* @pa is a physical address */
	MMS_PT_SWAP,		/* @pa is a swap offset in pages, @swap_type the area */
	MMS_PT_MIGRATION,	/* @pa is the physical address of the page that moves */
	MMS_PT_DEVICE,		/* device private or exclusive; @pa as MIGRATION */
	MMS_PT_HWPOISON,	/* @pa as MIGRATION */
	MMS_PT_MARKER,		/* no page: uffd-wp, guard or poison marker; @pa = marker bits */
	MMS_PT_BAD,		/* the kernel's own checks call this entry bad */
	MMS_PT_OTHER,		/* a non-present entry of a kind unknown to this module; @pa = swap offset */
};

/* struct mms_pt_extent.pa with MMS_PT_MARKER: as PTE_MARKER_* */
#define MMS_PT_MARKER_UFFD_WP	(1U << 0)
#define MMS_PT_MARKER_POISON	(1U << 1)
#define MMS_PT_MARKER_GUARD	(1U << 2)

/* struct mms_pt_extent.flags.  WRITE, EXEC, USER: effective over all levels. */
#define MMS_PT_F_WRITE		(1U << 0)
#define MMS_PT_F_EXEC		(1U << 1)
#define MMS_PT_F_USER		(1U << 2)
#define MMS_PT_F_ACCESSED	(1U << 3)
#define MMS_PT_F_DIRTY		(1U << 4)
#define MMS_PT_F_SOFT_DIRTY	(1U << 5)
#define MMS_PT_F_UFFD_WP	(1U << 6)
#define MMS_PT_F_SPECIAL	(1U << 7)	/* no struct page behind it that Linux counts in RSS */
#define MMS_PT_F_GLOBAL		(1U << 8)
#define MMS_PT_F_PROTNONE	(1U << 9)	/* present to Linux, not to the CPU */
#define MMS_PT_F_ZERO		(1U << 10)	/* the shared zero page, small or huge */
#define MMS_PT_F_DEVMAP		(1U << 11)
#define MMS_PT_F_LEAF_WRITE	(1U << 12)	/* the leaf entry alone allows writing */

/**
 * struct mms_pt_extent - adjacent entries that translate alike
 * @head: .type = MMS_REC_PT_EXTENT
 * @va: first virtual address
 * @len: bytes of virtual address space
 * @pa: see enum mms_pt_state; of the first page; grows with @va
 * @raw: the first entry as read; for a run the others differ from it only by
 *	the growing address
 * @flags: MMS_PT_F_*
 * @swap_type: swap area number with MMS_PT_SWAP
 * @state: enum mms_pt_state
 * @level: level of the entries, 1 PTE, 2 PMD, 3 PUD
 * @page_shift: log2 of the bytes one entry translates
 * @cache: PAT index (PAT, PCD, PWT as a number 0..7)
 * @pkey: protection key
 * @pad: zero
 */
struct mms_pt_extent {
	struct mms_record head;
	__u64 va;
	__u64 len;
	__u64 pa;
	__u64 raw;
	__u32 flags;
	__u32 swap_type;
	__u8  state;
	__u8  level;
	__u8  page_shift;
	__u8  cache;
	__u8  pkey;
	__u8  pad[3];
};

/**
 * struct mms_pt_hole - addresses that no table translates
 * @head: .type = MMS_REC_PT_HOLE
 * @va: first virtual address
 * @len: bytes
 * @level: level of the empty entry that ends the walk, 1 PTE .. 5 PGD
 * @in_vma: 1 inside a VMA, 0 where there is none
 */
struct mms_pt_hole {
	struct mms_record head;
	__u64 va;
	__u64 len;
	__u32 level;
	__u32 in_vma;
};

/* struct mms_task.flags */
#define MMS_TASK_KTHREAD	(1U << 0)
#define MMS_TASK_ZOMBIE		(1U << 1)
#define MMS_TASK_INIT		(1U << 2)	/* PID 1 of its namespace */

/* struct mms_task.known */
#define MMS_TASK_K_VM		(1U << 0)	/* vm_size .. swap */
#define MMS_TASK_K_PGTABLES	(1U << 1)
#define MMS_TASK_K_OOM_ADJ	(1U << 2)
#define MMS_TASK_K_OOM_SCORE	(1U << 3)
#define MMS_TASK_K_UID		(1U << 4)
#define MMS_TASK_K_CMDLINE	(1U << 5)

/**
 * struct mms_task - one process
 * @head: .type = MMS_REC_TASK
 * @pid: thread group ID
 * @ppid: its parent
 * @uid: real user ID
 * @state: the letter of /proc/PID/stat
 * @flags: MMS_TASK_*
 * @known: MMS_TASK_K_*: which of the fields below were read
 * @oom_score_adj: -1000 .. 1000, two's complement
 * @oom_score: as /proc/PID/oom_score
 * @start_ticks: start time after boot, clock ticks: tells a reused PID
 * @vm_size: bytes of address space (VIRT)
 * @rss_anon: bytes
 * @rss_file: bytes
 * @rss_shmem: bytes
 * @swap: bytes of anonymous memory swapped out
 * @pgtables: bytes of page tables
 * @comm: name, NUL terminated
 * @cmdline_len: bytes of the tail: arguments, each ended by a NUL
 * @pad: zero
 */
struct mms_task {
	struct mms_record head;
	__u32 pid;
	__u32 ppid;
	__u32 uid;
	__u32 state;
	__u32 flags;
	__u32 known;
	__u32 oom_score_adj;
	__u32 oom_score;
	__u64 start_ticks;
	__u64 vm_size;
	__u64 rss_anon;
	__u64 rss_file;
	__u64 rss_shmem;
	__u64 swap;
	__u64 pgtables;
	__u8  comm[64];
	__u32 cmdline_len;
	__u32 pad;
};

/* struct mms_usage.known: bit n = the n-th __u64 after @known was read */
#define MMS_USAGE_K(field) \
	(1ULL << ((__builtin_offsetof(struct mms_usage, field) - \
		   __builtin_offsetof(struct mms_usage, rss)) / 8))

/**
 * struct mms_usage - what /proc/PID/smaps says of one VMA, bytes
 * @head: .type = MMS_REC_USAGE
 * @start: first address
 * @end: first address after it
 * @known: MMS_USAGE_K(): which fields were read
 * @rss: and so on: the smaps line of that name
 */
struct mms_usage {
	struct mms_record head;
	__u64 start;
	__u64 end;
	__u64 known;
	__u64 rss;
	__u64 pss;
	__u64 pss_dirty;
	__u64 shared_clean;
	__u64 shared_dirty;
	__u64 private_clean;
	__u64 private_dirty;
	__u64 referenced;
	__u64 anonymous;
	__u64 lazyfree;
	__u64 anon_huge;
	__u64 shmem_pmd;
	__u64 file_pmd;
	__u64 shared_hugetlb;
	__u64 private_hugetlb;
	__u64 swap;
	__u64 swap_pss;
	__u64 locked;
};

/* ---- about the machine ---------------------------------------------------- */

/* Zones by what they are, whatever number the kernel gives them. */
enum mms_zone_type {
	MMS_ZONE_DMA,
	MMS_ZONE_DMA32,
	MMS_ZONE_NORMAL,
	MMS_ZONE_HIGHMEM,
	MMS_ZONE_MOVABLE,
	MMS_ZONE_DEVICE,
	MMS_ZONE_UNKNOWN,
	__MMS_ZONE_MAX
};

/* Migratetypes, likewise. */
enum mms_migratetype {
	MMS_MT_UNMOVABLE,
	MMS_MT_MOVABLE,
	MMS_MT_RECLAIMABLE,
	MMS_MT_HIGHATOMIC,
	MMS_MT_CMA,
	MMS_MT_ISOLATE,
	MMS_MT_UNKNOWN,
	__MMS_MT_MAX
};

/* ---- ZONES ----
 *
 * No lock is taken: each figure is read once, as /proc/zoneinfo reads it.  The
 * request's @start, @end and @flags are 0.
 */

/*
 * Counters of a zone or node by the kernel's names: X(enumerator, what
 * /proc/zoneinfo calls it).  Append only; a kernel has some of them.
 */
#define MMS_VMSTATS(X) \
	X(NR_FREE_PAGES, "nr_free_pages") \
	X(NR_FREE_PAGES_BLOCKS, "nr_free_pages_blocks") \
	X(NR_ZONE_INACTIVE_ANON, "nr_zone_inactive_anon") \
	X(NR_ZONE_ACTIVE_ANON, "nr_zone_active_anon") \
	X(NR_ZONE_INACTIVE_FILE, "nr_zone_inactive_file") \
	X(NR_ZONE_ACTIVE_FILE, "nr_zone_active_file") \
	X(NR_ZONE_UNEVICTABLE, "nr_zone_unevictable") \
	X(NR_ZONE_WRITE_PENDING, "nr_zone_write_pending") \
	X(NR_MLOCK, "nr_mlock") \
	X(NR_BOUNCE, "nr_bounce") \
	X(NR_ZSPAGES, "nr_zspages") \
	X(NR_FREE_CMA_PAGES, "nr_free_cma") \
	X(NR_UNACCEPTED, "nr_unaccepted") \
	X(NUMA_HIT, "numa_hit") \
	X(NUMA_MISS, "numa_miss") \
	X(NUMA_FOREIGN, "numa_foreign") \
	X(NUMA_INTERLEAVE_HIT, "numa_interleave") \
	X(NUMA_LOCAL, "numa_local") \
	X(NUMA_OTHER, "numa_other") \
	X(NR_INACTIVE_ANON, "nr_inactive_anon") \
	X(NR_ACTIVE_ANON, "nr_active_anon") \
	X(NR_INACTIVE_FILE, "nr_inactive_file") \
	X(NR_ACTIVE_FILE, "nr_active_file") \
	X(NR_UNEVICTABLE, "nr_unevictable") \
	X(NR_SLAB_RECLAIMABLE_B, "nr_slab_reclaimable") \
	X(NR_SLAB_UNRECLAIMABLE_B, "nr_slab_unreclaimable") \
	X(NR_ISOLATED_ANON, "nr_isolated_anon") \
	X(NR_ISOLATED_FILE, "nr_isolated_file") \
	X(WORKINGSET_NODES, "workingset_nodes") \
	X(WORKINGSET_REFAULT_ANON, "workingset_refault_anon") \
	X(WORKINGSET_REFAULT_FILE, "workingset_refault_file") \
	X(WORKINGSET_ACTIVATE_ANON, "workingset_activate_anon") \
	X(WORKINGSET_ACTIVATE_FILE, "workingset_activate_file") \
	X(WORKINGSET_RESTORE_ANON, "workingset_restore_anon") \
	X(WORKINGSET_RESTORE_FILE, "workingset_restore_file") \
	X(WORKINGSET_NODERECLAIM, "workingset_nodereclaim") \
	X(NR_ANON_MAPPED, "nr_anon_pages") \
	X(NR_FILE_MAPPED, "nr_mapped") \
	X(NR_FILE_PAGES, "nr_file_pages") \
	X(NR_FILE_DIRTY, "nr_dirty") \
	X(NR_WRITEBACK, "nr_writeback") \
	X(NR_WRITEBACK_TEMP, "nr_writeback_temp") \
	X(NR_SHMEM, "nr_shmem") \
	X(NR_SHMEM_THPS, "nr_shmem_hugepages") \
	X(NR_SHMEM_PMDMAPPED, "nr_shmem_pmdmapped") \
	X(NR_FILE_THPS, "nr_file_hugepages") \
	X(NR_FILE_PMDMAPPED, "nr_file_pmdmapped") \
	X(NR_ANON_THPS, "nr_anon_transparent_hugepages") \
	X(NR_VMSCAN_WRITE, "nr_vmscan_write") \
	X(NR_VMSCAN_IMMEDIATE, "nr_vmscan_immediate_reclaim") \
	X(NR_DIRTIED, "nr_dirtied") \
	X(NR_WRITTEN, "nr_written") \
	X(NR_THROTTLED_WRITTEN, "nr_throttled_written") \
	X(NR_KERNEL_MISC_RECLAIMABLE, "nr_kernel_misc_reclaimable") \
	X(NR_FOLL_PIN_ACQUIRED, "nr_foll_pin_acquired") \
	X(NR_FOLL_PIN_RELEASED, "nr_foll_pin_released") \
	X(NR_VMALLOC, "nr_vmalloc") \
	X(NR_KERNEL_STACK_KB, "nr_kernel_stack") \
	X(NR_KERNEL_SCS_KB, "nr_shadow_call_stack") \
	X(NR_PAGETABLE, "nr_page_table_pages") \
	X(NR_SECONDARY_PAGETABLE, "nr_sec_page_table_pages") \
	X(NR_IOMMU_PAGES, "nr_iommu_pages") \
	X(NR_SWAPCACHE, "nr_swapcached") \
	X(PGPROMOTE_SUCCESS, "pgpromote_success") \
	X(PGPROMOTE_CANDIDATE, "pgpromote_candidate") \
	X(PGPROMOTE_CANDIDATE_NRL, "pgpromote_candidate_nrl") \
	X(PGDEMOTE_KSWAPD, "pgdemote_kswapd") \
	X(PGDEMOTE_DIRECT, "pgdemote_direct") \
	X(PGDEMOTE_KHUGEPAGED, "pgdemote_khugepaged") \
	X(PGDEMOTE_PROACTIVE, "pgdemote_proactive") \
	X(PGSTEAL_KSWAPD, "pgsteal_kswapd") \
	X(PGSTEAL_DIRECT, "pgsteal_direct") \
	X(PGSTEAL_KHUGEPAGED, "pgsteal_khugepaged") \
	X(PGSTEAL_PROACTIVE, "pgsteal_proactive") \
	X(PGSTEAL_ANON, "pgsteal_anon") \
	X(PGSTEAL_FILE, "pgsteal_file") \
	X(PGSCAN_KSWAPD, "pgscan_kswapd") \
	X(PGSCAN_DIRECT, "pgscan_direct") \
	X(PGSCAN_KHUGEPAGED, "pgscan_khugepaged") \
	X(PGSCAN_PROACTIVE, "pgscan_proactive") \
	X(PGSCAN_ANON, "pgscan_anon") \
	X(PGSCAN_FILE, "pgscan_file") \
	X(PGROTATE_ANON, "pgrotate_anon") \
	X(PGROTATE_FILE, "pgrotate_file") \
	X(PGREFILL, "pgrefill") \
	X(NR_HUGETLB, "nr_hugetlb") \
	X(NR_BALLOON_PAGES, "nr_balloon_pages") \
	X(NR_KERNEL_FILE_PAGES, "nr_kernel_file_pages") \
	X(NR_GPU_ACTIVE, "nr_gpu_active") \
	X(NR_GPU_RECLAIM, "nr_gpu_reclaim")

#define MMS_VMSTAT_ENUM(item, name) MMS_VS_##item,
enum mms_vmstat {
	MMS_VS_UNKNOWN,
	MMS_VMSTATS(MMS_VMSTAT_ENUM)
	__MMS_VS_MAX
};

/**
 * struct mms_stat - one counter
 * @id: enum mms_vmstat
 * @pad: zero
 * @value: as /proc/zoneinfo prints it: pages, or what the name says (events;
 *	huge pages; KiB of nr_kernel_stack); in ZONE_CPU a signed number
 */
struct mms_stat {
	__u32 id;
	__u32 pad;
	__u64 value;
};

/* struct mms_node.known: what was read */
#define MMS_NODE_K_SPAN		(1U << 0)	/* @start_pfn, @spanned, @present */
#define MMS_NODE_K_ORDERS	(1U << 1)	/* @max_order, @block_order */
#define MMS_NODE_K_FAILURES	(1U << 2)	/* @kswapd_failures */
#define MMS_NODE_K_RECLAIM	(1U << 3)	/* MMS_NODE_UNRECLAIMABLE means something */

/* struct mms_node.flags */
#define MMS_NODE_UNRECLAIMABLE	(1U << 0)	/* kswapd has given up */

/**
 * struct mms_node - one node that is online
 * @head: .type = MMS_REC_NODE
 * @node: its number
 * @known: MMS_NODE_K_*
 * @flags: MMS_NODE_*
 * @max_order: largest order of the buddy allocator
 * @block_order: log2 of the pages that share a migratetype
 * @kswapd_failures: times in a row that kswapd reclaimed nothing
 * @start_pfn: first frame
 * @spanned: pages from the first to the last, holes included
 * @present: pages that there are
 * @nstats: counters in the tail, struct mms_stat
 * @pad: zero
 */
struct mms_node {
	struct mms_record head;
	__u32 node;
	__u32 known;
	__u32 flags;
	__u32 max_order;
	__u32 block_order;
	__u32 kswapd_failures;
	__u64 start_pfn;
	__u64 spanned;
	__u64 present;
	__u32 nstats;
	__u32 pad;
};

/* One place of a zonelist. */
struct mms_zoneref {
	__u32 node;
	__u32 zone;		/* struct mms_zone.index */
};

/**
 * struct mms_zonelist - where a node's allocations go, the first choice first
 * @head: .type = MMS_REC_ZONELIST
 * @node: whose
 * @nrefs: zones in the tail, struct mms_zoneref
 */
struct mms_zonelist {
	struct mms_record head;
	__u32 node;
	__u32 nrefs;
};

/* struct mms_zone.known: what was read */
#define MMS_ZONE_K_BOOST	(1U << 0)
#define MMS_ZONE_K_PROMO	(1U << 1)
#define MMS_ZONE_K_CMA		(1U << 2)
#define MMS_ZONE_K_HIGHATOMIC	(1U << 3)	/* @highatomic */
#define MMS_ZONE_K_FREE_HIGHATOMIC (1U << 4)	/* @free_highatomic */
#define MMS_ZONE_K_ISOLATED	(1U << 5)
#define MMS_ZONE_K_DRIFT	(1U << 6)
#define MMS_ZONE_K_FLAGS	(1U << 7)
#define MMS_ZONE_K_FREE_AREA	(1U << 8)	/* @orders, @nr_free */
#define MMS_ZONE_K_TYPES	(1U << 9)	/* @free_types */
#define MMS_ZONE_K_START	(1U << 10)	/* @start_pfn */

/* struct mms_zone.flags */
#define MMS_ZONE_BOOSTED	(1U << 0)	/* ZONE_BOOSTED_WATERMARK */
#define MMS_ZONE_RECLAIM	(1U << 1)	/* ZONE_RECLAIM_ACTIVE */
#define MMS_ZONE_BELOW_HIGH	(1U << 2)	/* ZONE_BELOW_HIGH */

#define MMS_ZONE_ORDERS		20

/**
 * struct mms_zone - one zone of a node, with pages or without; all in pages
 * @head: .type = MMS_REC_ZONE
 * @node: of which node
 * @index: the kernel's number: a node's zones are in this order
 * @type: enum mms_zone_type
 * @known: MMS_ZONE_K_*
 * @flags: MMS_ZONE_*
 * @orders: how many of @nr_free and @free_types there are
 * @reserve_known: bit n: @reserve[n] was read
 * @nstats: counters in the tail, struct mms_stat
 * @name: as the kernel calls it, NUL terminated
 * @start_pfn: first frame
 * @spanned: pages from the first to the last, holes included
 * @present: pages that there are
 * @managed: of these, what the buddy allocator was given
 * @cma: of these, pages of contiguous memory areas
 * @wmark_min: watermarks as an allocation meets them, @boost included
 * @wmark_low: likewise
 * @wmark_high: likewise
 * @wmark_promo: likewise
 * @boost: what was added to each of them for now
 * @highatomic: pages of blocks that are reserved for high-order atomic
 *	allocations
 * @free_highatomic: of these, free ones
 * @isolated: pageblocks that are isolated
 * @drift_mark: below this many free pages the kernel adds what CPUs have not
 *	yet added to the counter
 * @reserve: kept back from allocations that could use a higher zone, by that
 *	zone's enum mms_zone_type (lowmem_reserve[], "protection")
 * @nr_free: free blocks, by order
 * @free_types: by order, a bit for each enum mms_migratetype that has any
 */
struct mms_zone {
	struct mms_record head;
	__u32 node;
	__u32 index;
	__u32 type;
	__u32 known;
	__u32 flags;
	__u32 orders;
	__u32 reserve_known;
	__u32 nstats;
	__u8  name[16];
	__u64 start_pfn;
	__u64 spanned;
	__u64 present;
	__u64 managed;
	__u64 cma;
	__u64 wmark_min;
	__u64 wmark_low;
	__u64 wmark_high;
	__u64 wmark_promo;
	__u64 boost;
	__u64 highatomic;
	__u64 free_highatomic;
	__u64 isolated;
	__u64 drift_mark;
	__u64 reserve[8];
	__u64 nr_free[MMS_ZONE_ORDERS];
	__u8  free_types[24];
};

/* struct mms_zone_cpu.zone of a node's own counters */
#define MMS_ZONE_NONE		0xffffffffU

/* struct mms_zone_cpu.known: what was read */
#define MMS_ZCPU_K_LISTS	(1U << 0)	/* @count, @high, @batch */
#define MMS_ZCPU_K_HIGHS	(1U << 1)	/* @high_min, @high_max */
#define MMS_ZCPU_K_THRESHOLD	(1U << 2)
#define MMS_ZCPU_K_PENDING	(1U << 3)	/* counters in the tail; those not there are 0 */

/**
 * struct mms_zone_cpu - one CPU's page lists of a zone, and what it has
 *	counted and not yet added to the counters of the zone or node
 * @head: .type = MMS_REC_ZONE_CPU
 * @node: of which node
 * @zone: struct mms_zone.index, or MMS_ZONE_NONE for the node's counters
 * @cpu: its number
 * @known: MMS_ZCPU_K_*
 * @count: pages on its lists
 * @high: above this, pages go back to the buddy allocator
 * @batch: pages moved at a time
 * @high_min: bounds of @high, which the kernel moves
 * @high_max: likewise
 * @threshold: a pending count is at most this
 * @nstats: pending counts in the tail, struct mms_stat, those that are not 0
 * @pad: zero
 */
struct mms_zone_cpu {
	struct mms_record head;
	__u32 node;
	__u32 zone;
	__u32 cpu;
	__u32 known;
	__u32 count;
	__u32 high;
	__u32 batch;
	__u32 high_min;
	__u32 high_max;
	__u32 threshold;
	__u32 nstats;
	__u32 pad;
};

/* ---- FRAMES ---- */

/*
 * What a page frame is used for.  Every frame is in exactly one class.  The
 * three of which mms_frame_present() is false are not among the "present"
 * pages of /proc/zoneinfo.  Those from MMS_FRAME_MEMMAP on are not told by the
 * frame's struct page, but by who owns it: streams of the kind FRAMES have them
 * as RESERVED or UNKNOWN.
 */
enum mms_frame_class {
	MMS_FRAME_UNKNOWN,	/* in use by the kernel; its struct page does not say what for */
	MMS_FRAME_HOLE,		/* no RAM, or none that this kernel uses */
	MMS_FRAME_OFFLINE_BLOCK, /* RAM in a memory block that is offline */
	MMS_FRAME_DEVICE,	/* memory of a device (ZONE_DEVICE) */
	MMS_FRAME_FREE,		/* free, in the buddy allocator */
	MMS_FRAME_FREE_PCP,	/* free, on a per-CPU list of the allocator */
	MMS_FRAME_ANON,		/* anonymous memory of processes */
	MMS_FRAME_KSM,		/* anonymous memory merged by KSM */
	MMS_FRAME_SWAPCACHE,	/* in the swap cache and in no mapping */
	MMS_FRAME_SHMEM,	/* tmpfs, memfd, SysV and shared anonymous memory */
	MMS_FRAME_FILE,		/* page cache of a file */
	MMS_FRAME_BUFFER,	/* page cache of a block device */
	MMS_FRAME_HUGETLB,	/* of a pool of huge pages, used or not */
	MMS_FRAME_ZERO,		/* the shared zero page */
	MMS_FRAME_HUGE_ZERO,	/* the shared huge zero page */
	MMS_FRAME_DRIVER,	/* mapped into a process by a driver */
	MMS_FRAME_SLAB,
	MMS_FRAME_LARGE_KMALLOC, /* a kmalloc() too large for a slab */
	MMS_FRAME_PGTABLE,	/* page tables */
	MMS_FRAME_ZSMALLOC,	/* compressed memory: zram, zswap */
	MMS_FRAME_BALLOON,	/* given back to the hypervisor by a balloon */
	MMS_FRAME_OFFLINE,	/* logically offline in a block that is online */
	MMS_FRAME_HWPOISON,	/* broken */
	MMS_FRAME_GUARD,	/* guard page of debug_pagealloc */
	MMS_FRAME_UNACCEPTED,	/* not yet accepted from the hypervisor */
	MMS_FRAME_KERNEL,	/* the kernel's own image: text and data */
	MMS_FRAME_RESERVED,	/* set aside at boot, or by a driver */
	MMS_FRAME_MEMMAP,	/* struct pages */
	MMS_FRAME_KSTACK,	/* kernel stack of a task */
	MMS_FRAME_VMALLOC,
	MMS_FRAME_MODULE,	/* a loaded module, or BPF and other text made at run time */
	MMS_FRAME_PERCPU,	/* per-CPU memory */
	MMS_FRAME_KPGTABLE,	/* the kernel's own page tables */
	MMS_FRAME_PIPE,		/* a pipe's buffers */
	MMS_FRAME_MEMPOOL,	/* held back by a mempool for when there is no memory */
	MMS_FRAME_STACKDEPOT,	/* call stacks kept by KASAN and others */
	MMS_FRAME_KASAN,	/* KASAN's shadow: a byte for eight of memory */
	__MMS_FRAME_MAX
};

static __inline__ int mms_frame_present(__u32 frame_class)
{
	return frame_class != MMS_FRAME_HOLE && frame_class != MMS_FRAME_OFFLINE_BLOCK &&
	       frame_class != MMS_FRAME_DEVICE;
}

/* struct mms_frame_run.flags */
#define MMS_FRAME_F_COMPOUND	(1U << 0)	/* blocks of 2^order frames that are one compound page */
#define MMS_FRAME_F_LRU		(1U << 1)	/* on a list of reclaim */
#define MMS_FRAME_F_ACTIVE	(1U << 2)
#define MMS_FRAME_F_UNEVICTABLE	(1U << 3)
#define MMS_FRAME_F_MLOCKED	(1U << 4)
#define MMS_FRAME_F_DIRTY	(1U << 5)
#define MMS_FRAME_F_WRITEBACK	(1U << 6)
#define MMS_FRAME_F_REFERENCED	(1U << 7)
#define MMS_FRAME_F_SWAPBACKED	(1U << 8)
#define MMS_FRAME_F_SWAPCACHE	(1U << 9)	/* also in the swap cache */
#define MMS_FRAME_F_LOCKED	(1U << 10)
#define MMS_FRAME_F_PRIVATE	(1U << 11)	/* has data of its file system */
#define MMS_FRAME_F_MAPPED	(1U << 12)	/* a process maps it */
#define MMS_FRAME_F_RESERVED	(1U << 13)	/* PG_reserved */
#define MMS_FRAME_F_HIGHMEM	(1U << 14)	/* not in the kernel's direct map */
#define MMS_FRAME_F_UPTODATE	(1U << 15)

/* struct mms_request.flags of the kind FRAMES */
#define MMS_REQ_FRAME_FLAGS	(1U << 0)	/* tell all of .flags: more and shorter runs */

/**
 * struct mms_frame_run - neighbouring frames that are alike
 * @head: .type = MMS_REC_FRAME_RUN
 * @pfn: page frame number of the first
 * @count: frames
 * @class: enum mms_frame_class
 * @flags: MMS_FRAME_F_*; COMPOUND always, others with MMS_REQ_FRAME_FLAGS only,
 *	but RESERVED of frames that are UNKNOWN
 * @zone: enum mms_zone_type; UNKNOWN where there is no struct page
 * @node: NUMA node; ~0 likewise
 * @order: log2 of the frames of each block or compound page; the run's ends may
 *	lie within one
 * @refs: reference count of the first frame, of UNKNOWN and DRIVER; else 0
 *
 * A request's @start and @end are page frame numbers; @end 0 is behind the last
 * one of all zones.  Runs come in ascending order, do not overlap and leave
 * nothing out.  They are looked at without a lock: each tells what was so at
 * one moment, two may tell of different ones; the trailer's @torn says whether a
 * block of memory went on or off line meanwhile.  A run never spans two zones.
 */
struct mms_frame_run {
	struct mms_record head;
	__u64 pfn;
	__u64 count;
	__u32 class;
	__u32 flags;
	__u32 zone;
	__u32 node;
	__u32 order;
	__u32 refs;
};

/* ---- KMAP ---- */

/**
 * struct mms_kmap_run - neighbouring frames that the kernel's tables map side by side
 * @head: .type = MMS_REC_KMAP_RUN
 * @va: where the first is mapped; of a page table what its entry 0 translates
 * @pfn: page frame number of the first
 * @count: frames
 * @class: enum mms_frame_class: what is mapped there; KPGTABLE: the frames are
 *	page tables of the kernel's half themselves
 * @pad: zero
 *
 * What is mapped outside the direct map, and nothing of that.  A request's
 * @start and @end are 0: all.  Runs come in the order of @va; a frame may come
 * more than once.
 */
struct mms_kmap_run {
	struct mms_record head;
	__u64 va;
	__u64 pfn;
	__u64 count;
	__u32 class;
	__u32 pad;
};

/* ---- OWNERS ---- */

/**
 * struct mms_owner_run - frames found through who owns them
 * @head: .type = MMS_REC_OWNER_RUN
 * @pfn: page frame number of the first
 * @count: frames
 * @class: enum mms_frame_class: KSTACK, PGTABLE, PERCPU, PIPE, MEMMAP, MEMPOOL
 * @pid: KSTACK: of the thread, in the initial PID namespace; PGTABLE: of a
 *	process whose top-level table it is; else 0
 *
 * A request's @start and @end are 0: all.  Runs are in no order.
 */
struct mms_owner_run {
	struct mms_record head;
	__u64 pfn;
	__u64 count;
	__u32 class;
	__u32 pid;
};

/* ---- BUDDY ---- */

/* struct mms_request.flags of BUDDY; @start and @end: PFNs, of the scan only.
 * Zones are told whether they have frames among these or not. */
#define MMS_BUDDY_LISTS		(1U << 0)	/* walk the free lists under zone->lock */
#define MMS_BUDDY_SCAN		(1U << 1)	/* look at every frame, with no lock */
#define MMS_BUDDY_BLOCKS	(1U << 2)	/* a record per free block; means a scan */
#define MMS_BUDDY_USED		(1U << 3)	/* what is in no free block from @start to @end, and
						 * nothing else; not together with another flag */

/* struct mms_buddy_zone.known, struct mms_buddy_area.known */
#define MMS_BUDDY_K_SPAN	(1U << 0)	/* start_pfn .. managed */
#define MMS_BUDDY_K_FREE	(1U << 1)
#define MMS_BUDDY_K_PCP		(1U << 2)
#define MMS_BUDDY_K_WMARK	(1U << 3)	/* wmark_min .. wmark_high */
#define MMS_BUDDY_K_PAGEBLOCKS	(1U << 4)	/* block_order, pageblocks */
#define MMS_BUDDY_K_COUNTER	(1U << 5)
#define MMS_BUDDY_K_SCAN	(1U << 6)	/* the scan saw the whole zone */
#define MMS_BUDDY_K_ONE_HOLD	(1U << 7)	/* @counter and all of @list were read while one hold lasted */

#define MMS_BUDDY_TYPES		8		/* room for enum mms_migratetype */

/**
 * struct mms_buddy_zone - a zone, as its allocator sees it; all in pages
 * @head: .type = MMS_REC_BUDDY_ZONE
 * @node: NUMA node
 * @zone: enum mms_zone_type
 * @orders: how many orders there are: 0 .. @orders - 1
 * @known: MMS_BUDDY_K_*
 * @start_pfn: first PFN
 * @spanned: from there to the end, holes included
 * @present: pages that exist
 * @managed: pages that the allocator was given
 * @free: NR_FREE_PAGES, without the per-CPU remainders
 * @pcp: free pages on per-CPU lists: in no free list, not in @free
 * @wmark_min: watermarks, boost included
 * @wmark_low: likewise
 * @wmark_high: likewise
 * @block_order: log2 of the pages of a pageblock
 * @pad: zero
 * @pageblocks: pageblocks by enum mms_migratetype
 */
struct mms_buddy_zone {
	struct mms_record head;
	__u32 node;
	__u32 zone;
	__u32 orders;
	__u32 known;
	__u64 start_pfn;
	__u64 spanned;
	__u64 present;
	__u64 managed;
	__u64 free;
	__u64 pcp;
	__u64 wmark_min;
	__u64 wmark_low;
	__u64 wmark_high;
	__u32 block_order;
	__u32 pad;
	__u64 pageblocks[MMS_BUDDY_TYPES];
};

/**
 * struct mms_buddy_area - free blocks of one order of a zone
 * @head: .type = MMS_REC_BUDDY_AREA
 * @node: NUMA node
 * @zone: enum mms_zone_type
 * @order: a block has 2 ^ @order pages
 * @known: MMS_BUDDY_K_*
 * @list_known: bit t: @list[t] was counted to its end
 * @list_least: bit t: so many were seen at least: the list was longer than what
 *	was counted, or changed again and again meanwhile
 * @scan_odd: blocks that the scan saw on no zone's behalf: an order that
 *	cannot be, or not aligned to it (it reads with no lock)
 * @counter: blocks, by the kernel's own counter (nr_free)
 * @list: blocks on the free list of each enum mms_migratetype
 * @scan: blocks found by PFN, by the migratetype of their first pageblock
 *
 * Without MMS_BUDDY_K_ONE_HOLD a list was counted in several holds and may
 * have changed between them.
 */
struct mms_buddy_area {
	struct mms_record head;
	__u32 node;
	__u32 zone;
	__u32 order;
	__u32 known;
	__u32 list_known;
	__u32 list_least;
	__u64 scan_odd;
	__u64 counter;
	__u64 list[MMS_BUDDY_TYPES];
	__u64 scan[MMS_BUDDY_TYPES];
};

/**
 * struct mms_buddy_block - one free block
 * @head: .type = MMS_REC_BUDDY_BLOCK
 * @pfn: its first frame
 * @order: it has 2 ^ @order pages
 * @migratetype: enum mms_migratetype of its first pageblock
 * @node: NUMA node
 * @zone: enum mms_zone_type
 */
struct mms_buddy_block {
	struct mms_record head;
	__u64 pfn;
	__u32 order;
	__u32 migratetype;
	__u32 node;
	__u32 zone;
};

#define MMS_BUDDY_MAPS_UNKNOWN	0xffffffffU

/**
 * struct mms_buddy_used - a frame, or a compound page, that is in no free block
 * @head: .type = MMS_REC_BUDDY_USED
 * @pfn: the first of its frames that lies in the range asked for
 * @count: frames of it in that range
 * @class: enum mms_frame_class
 * @flags: MMS_FRAME_F_*
 * @order: it has 2 ^ @order frames
 * @refs: reference count (of the head)
 * @maps: how often it is mapped into processes: of a compound page all entries
 *	that map any of it.  MMS_BUDDY_MAPS_UNKNOWN of those with a type, and of
 *	compound pages that are no process's or file's, or are taken apart
 * @migratetype: enum mms_migratetype of its pageblock
 * @zone: enum mms_zone_type
 * @node: NUMA node
 * @pad: zero
 *
 * Read with no lock, and again if @refs changed meanwhile; after three times
 * @refs and @maps may be of two moments.
 */
struct mms_buddy_used {
	struct mms_record head;
	__u64 pfn;
	__u32 count;
	__u32 class;
	__u32 flags;
	__u32 order;
	__u32 refs;
	__u32 maps;
	__u32 migratetype;
	__u32 zone;
	__u32 node;
	__u32 pad;
};

/* ---- LRU ---- */

/* struct mms_request.flags.  @start and @end: only of cgroups whose inode
 * number lies in [@start, @end). */
#define MMS_REQ_LRU_GENS	(1U << 0)	/* LRU_GEN and LRU_TIER records */
#define MMS_REQ_LRU_SAMPLE_SHIFT 8
#define MMS_REQ_LRU_SAMPLE	(0x7fU << 8)	/* LRU_FOLIO records: so many from each end of a list */
#define MMS_LRU_SAMPLE_MAX	64

enum mms_lru_list {
	MMS_LRU_INACTIVE_ANON,
	MMS_LRU_ACTIVE_ANON,
	MMS_LRU_INACTIVE_FILE,
	MMS_LRU_ACTIVE_FILE,
	MMS_LRU_UNEVICTABLE,
	__MMS_LRU_MAX
};

#define MMS_LRU_ZONES		8	/* of enum mms_zone_type, with room to grow */
#define MMS_LRU_UNKNOWN		0xffffffffU

/* struct mms_lru_vec.flags */
#define MMS_LRU_F_ROOT		(1U << 0)	/* of the root cgroup */
#define MMS_LRU_F_DYING		(1U << 1)	/* its cgroup was removed, its pages were not */
#define MMS_LRU_F_ALL		(1U << 2)	/* no cgroups: of all pages of the node */
#define MMS_LRU_F_GENS		(1U << 3)	/* pages go into generations now, not onto the lists */
#define MMS_LRU_F_PATH_UNKNOWN	(1U << 4)
#define MMS_LRU_F_LRU_GEN	(1U << 5)	/* the kernel has generations; @max_seq and @min_seq are valid */
#define MMS_LRU_F_ALL_TIERS	(1U << 6)	/* reclaim chooses between anon and file by all tiers, not by the first */

/**
 * struct mms_lru_vec - the lists of one cgroup on one node (struct lruvec)
 * @head: .type = MMS_REC_LRU_VEC
 * @cgroup: inode number of the cgroup; 0 where there are none
 * @parent: of its parent; 0 = none
 * @node: NUMA node
 * @flags: MMS_LRU_F_*
 * @level: levels below the root cgroup
 * @swappiness: vm.swappiness; MMS_LRU_UNKNOWN where another one may hold for
 *	this cgroup, or it could not be read
 * @swap_free: free pages of swap on the machine; ~0 = unknown
 * @anon_cost: what reclaim of anonymous pages has cost (struct lruvec)
 * @file_cost: likewise, pages of files
 * @max_seq: number of the youngest generation
 * @min_seq: of the oldest one, anon and file
 * @pages: by enum mms_zone_type and enum mms_lru_list, read in one hold of the
 *	lock; pages of the two youngest generations count as active, as the
 *	kernel counts them.  With MMS_LRU_F_ALL: counters of zones
 * @path_len: bytes of the tail: the cgroup's path, NUL included; 0 = none
 * @pad: zero
 *
 * Descendants of the cgroup are not counted in it.
 */
struct mms_lru_vec {
	struct mms_record head;
	__u64 cgroup;
	__u64 parent;
	__u32 node;
	__u32 flags;
	__u32 level;
	__u32 swappiness;
	__u64 swap_free;
	__u64 anon_cost;
	__u64 file_cost;
	__u64 max_seq;
	__u64 min_seq[2];
	__u64 pages[MMS_LRU_ZONES][__MMS_LRU_MAX];
	__u32 path_len;
	__u32 pad;
};

/**
 * struct mms_lru_gen - one generation of the lists of the LRU_VEC before
 * @head: .type = MMS_REC_LRU_GEN
 * @cgroup: as there
 * @node: as there
 * @index: its place in struct lruvec, which page flags name
 * @seq: its number
 * @age_ms: since it was made, milliseconds
 * @pages: anon and file, by enum mms_zone_type; those of a type whose oldest
 *	generation is younger than this one are not its own any more and 0
 */
struct mms_lru_gen {
	struct mms_record head;
	__u64 cgroup;
	__u32 node;
	__u32 index;
	__u64 seq;
	__u64 age_ms;
	__u64 pages[2][MMS_LRU_ZONES];
};

/**
 * struct mms_lru_tier - what one tier of the oldest generation counted
 * @head: .type = MMS_REC_LRU_TIER
 * @cgroup: as in the LRU_VEC before
 * @node: as there
 * @type: 0 anon, 1 file
 * @tier: 0 .. 3: pages accessed 2^tier times or more through file descriptors
 * @pad: zero
 * @avg_refaulted: moving average of refaults
 * @avg_total: moving average of evictions and protections
 * @refaulted: since the oldest generation is the oldest
 * @evicted: likewise
 * @protected: likewise; of tier 0 only on kernels that count it
 */
struct mms_lru_tier {
	struct mms_record head;
	__u64 cgroup;
	__u32 node;
	__u32 type;
	__u32 tier;
	__u32 pad;
	__u64 avg_refaulted;
	__u64 avg_total;
	__u64 refaulted;
	__u64 evicted;
	__u64 protected;
};

/* To whom a folio belongs. */
enum mms_folio_owner {
	MMS_FOLIO_NONE,		/* no mapping: truncated, or being freed */
	MMS_FOLIO_ANON,
	MMS_FOLIO_KSM,
	MMS_FOLIO_FILE,		/* @ino on @dev */
	MMS_FOLIO_SHMEM,	/* likewise */
	MMS_FOLIO_BDEV,		/* a block device, @dev: file system metadata */
	MMS_FOLIO_DRIVER,	/* a driver's, movable */
	MMS_FOLIO_SWAP,		/* swap cache without an anonymous mapping; @index is not valid */
	MMS_FOLIO_UNREAD,	/* a mapping that could not be read */
};

/* struct mms_lru_folio.flags, as the page flags of these names */
#define MMS_FOLIO_F_REFERENCED	(1U << 0)
#define MMS_FOLIO_F_ACTIVE	(1U << 1)
#define MMS_FOLIO_F_DIRTY	(1U << 2)
#define MMS_FOLIO_F_WRITEBACK	(1U << 3)
#define MMS_FOLIO_F_WORKINGSET	(1U << 4)
#define MMS_FOLIO_F_SWAPBACKED	(1U << 5)
#define MMS_FOLIO_F_SWAPCACHE	(1U << 6)
#define MMS_FOLIO_F_UNEVICTABLE	(1U << 7)
#define MMS_FOLIO_F_MLOCKED	(1U << 8)
#define MMS_FOLIO_F_LRU		(1U << 9)
#define MMS_FOLIO_F_RECLAIM	(1U << 10)
#define MMS_FOLIO_F_UPTODATE	(1U << 11)
#define MMS_FOLIO_F_LOCKED	(1U << 12)
#define MMS_FOLIO_F_CUT		(1U << 31)	/* the hold was over: more was asked for from this end */

#define MMS_LRU_NO_GEN		(~0ULL)

/**
 * struct mms_lru_folio - a folio at an end of a list of the LRU_VEC before
 * @head: .type = MMS_REC_LRU_FOLIO
 * @cgroup: as there
 * @node: as there
 * @list: enum mms_lru_list; of a generation what it counts as
 * @gen: generation whose list it is on; MMS_LRU_NO_GEN = on the old lists
 * @from_tail: 1: counted from the tail, where reclaim begins; 0: from the head
 * @position: 0 is the end itself
 * @pfn: its first frame
 * @pages: frames
 * @zone: enum mms_zone_type
 * @flags: MMS_FOLIO_F_*
 * @owner: enum mms_folio_owner
 * @ino: inode number
 * @index: offset in the file, pages; of an anonymous folio the offset in its VMA's terms
 * @dev_major: of the file system, or the block device itself
 * @dev_minor: likewise
 * @mapcount: page-table entries that map it or a part; MMS_LRU_UNKNOWN
 * @refcount: references
 * @flag_gen: generation as the page flags tell it, which counts: folios are moved to
 *	its list lazily; MMS_LRU_NO_GEN = none
 * @refs: accesses through file descriptors that the page flags count
 * @pad: zero
 */
struct mms_lru_folio {
	struct mms_record head;
	__u64 cgroup;
	__u32 node;
	__u32 list;
	__u64 gen;
	__u32 from_tail;
	__u32 position;
	__u64 pfn;
	__u32 pages;
	__u32 zone;
	__u32 flags;
	__u32 owner;
	__u64 ino;
	__u64 index;
	__u32 dev_major;
	__u32 dev_minor;
	__u32 mapcount;
	__u32 refcount;
	__u64 flag_gen;
	__u32 refs;
	__u32 pad;
};

/* ---- FRAME ---- */

/*
 * Asked: @start is the first page frame number, @end one more than the last;
 * at most MMS_FRAME_RANGE_MAX frames.
 */
#define MMS_FRAME_RANGE_MAX	65536

/* struct mms_request.flags of FRAME */
#define MMS_FREQ_OWNERS		(1U << 0)	/* FILE, SLAB, TASK records; the frame may be referenced and locked for them */
#define MMS_FREQ_MAPS		(1U << 1)	/* MAP records: the reverse map; likewise */

/* struct mms_frame.state: what is at this number? */
enum mms_pfn_state {
	MMS_PFN_UNKNOWN,
	MMS_PFN_PAGE,		/* a page of online memory; the only one with further fields */
	MMS_PFN_HOLE,		/* nothing that Linux has a struct page for */
	MMS_PFN_BEYOND,	/* behind the last frame of the last zone */
	MMS_PFN_OFFLINE,	/* a struct page, but not online: offline, or a device's memory */
};

/* struct mms_frame.type: what the page_type word says */
enum mms_pgty {
	MMS_PGTY_NONE,
	MMS_PGTY_BUDDY,
	MMS_PGTY_OFFLINE,	/* ballooned, or logically offline */
	MMS_PGTY_TABLE,
	MMS_PGTY_GUARD,
	MMS_PGTY_HUGETLB,
	MMS_PGTY_SLAB,
	MMS_PGTY_ZSMALLOC,
	MMS_PGTY_UNACCEPTED,
	MMS_PGTY_LARGE_KMALLOC,
	MMS_PGTY_OTHER,		/* a type that this module does not know */
};

/* struct mms_frame.mapping_kind: what the mapping word points to */
enum mms_frame_mapping {
	MMS_MAPPING_NONE,
	MMS_MAPPING_FILE,	/* struct address_space */
	MMS_MAPPING_ANON,	/* struct anon_vma */
	MMS_MAPPING_KSM,	/* struct ksm_stable_node */
	MMS_MAPPING_MOVABLE,	/* operations of a driver */
};

/* struct mms_frame.rmap: how far the reverse map was read */
enum mms_frame_rmap {
	MMS_RMAP_NOT_ASKED,
	MMS_RMAP_DONE,		/* every VMA that can map it is told */
	MMS_RMAP_UNMAPPED,	/* its mapcount is 0: none can */
	MMS_RMAP_NONE,		/* it has no reverse map: no mapping word, or no page of users */
	MMS_RMAP_BUSY_PAGE,	/* somebody else held the page's lock */
	MMS_RMAP_BUSY_TREE,	/* somebody else held the lock of the VMAs' tree */
	MMS_RMAP_CHANGED,	/* freed, or given to somebody else, while it was looked at */
	MMS_RMAP_TRUNCATED,	/* more VMAs than the module takes along */
	MMS_RMAP_UNAVAILABLE,	/* KSM without BTF: see the collector's reason */
};

/* struct mms_frame.flags */
#define MMS_PF_TORN	(1U << 0)	/* it changed whenever it was read again: fields may not fit together */
#define MMS_PF_MEMCG_KMEM	(1U << 1)	/* charged as kernel memory (objcg) */
#define MMS_PF_MEMCG_OBJS	(1U << 2)	/* a slab: its objects are charged one by one */
#define MMS_PF_MEMCG_DEAD	(1U << 3)	/* the memory cgroup was removed */
#define MMS_PF_SWAPCACHE	(1U << 4)	/* @swap_type, @swap_slot hold its swap entry */

/* struct mms_frame.known: which fields were read; @pfn, @state and @kpf always */
#define MMS_FRAME_K_INDEX	(1ULL << 0)
#define MMS_FRAME_K_MAPCOUNT	(1ULL << 1)	/* mapcount */
#define MMS_FRAME_K_FOLIO_MAPS	(1ULL << 2)	/* folio_mapcount */
#define MMS_FRAME_K_ENTIRE	(1ULL << 3)	/* entire_mapcount */
#define MMS_FRAME_K_PINCOUNT	(1ULL << 4)
#define MMS_FRAME_K_CGROUP	(1ULL << 5)	/* cgroup_ino */
#define MMS_FRAME_K_SWAP	(1ULL << 6)	/* swap_type, swap_slot */
#define MMS_FRAME_K_BUDDY	(1ULL << 7)	/* buddy_pfn, buddy_order */
#define MMS_FRAME_K_LRU_GEN	(1ULL << 8)	/* lru_gen */
#define MMS_FRAME_K_ZONE	(1ULL << 9)	/* zone, node */
#define MMS_FRAME_K_KSM		(1ULL << 10)	/* ksm_sharers */
#define MMS_FRAME_K_WORDS	(1ULL << 11)	/* raw_flags .. memcg_word, order, refcount, page_type, type, mapping_kind */
#define MMS_FRAME_K_MIGRATETYPE	(1ULL << 12)

/**
 * struct mms_frame - what its struct page says of one page frame
 * @head: .type = MMS_REC_FRAME
 * @pfn: page frame number
 * @state: enum mms_pfn_state
 * @flags: MMS_PF_*
 * @known: MMS_FRAME_K_*
 * @kpf: its flags, numbered as KPF_* in linux/kernel-page-flags.h; 32 and more
 *	as fs/proc/page.c and tools/mm/page-types.c number them.  Flags that a
 *	folio has for all its pages are the folio's, whichever page is asked for
 * @raw_flags: the flags word of this page as it is
 * @folio_flags: that of the first page of its folio
 * @folio_pfn: first frame of the folio (compound page) it is part of; itself
 *	where it is none
 * @mapping: the mapping word of the folio, raw
 * @private_word: the private word of the folio, raw
 * @memcg_word: the memcg word of the folio, raw
 * @index: offset of this page in its file or, of anonymous memory, in
 *	the numbering of its VMAs; pages
 * @cgroup_ino: inode number of the memory cgroup it is charged to, 0 = none;
 *	that of a removed one where MMS_PF_MEMCG_DEAD
 * @swap_slot: offset in the swap area, pages
 * @buddy_pfn: first frame of the free block it is part of
 * @buddy_order: order of that block
 * @order: order of its folio
 * @refcount: of the folio
 * @mapcount: page table entries that map this page: as /proc/kpagecount
 * @folio_mapcount: page table entries that map any page of the folio
 * @entire_mapcount: of those, entries that map all of it as one
 * @pincount: pins that the folio counts apart from its references
 * @page_type: the page_type word of the folio, raw (shares its place with the
 *	mapcount of the first page)
 * @type: enum mms_pgty
 * @mapping_kind: enum mms_frame_mapping
 * @rmap: enum mms_frame_rmap
 * @candidates: VMAs that the reverse map named
 * @swap_type: number of the swap area
 * @zone: enum mms_zone_type
 * @node: NUMA node
 * @lru_gen: generation of MGLRU, 0 .. 3
 * @ksm_sharers: addresses that share it by KSM, as its stable node counts
 * @class: enum mms_frame_class, as far as the struct page tells it
 * @migratetype: enum mms_migratetype of its pageblock: what may be allocated
 *	there, and on which list a free block of it is
 * @pad: zero
 */
struct mms_frame {
	struct mms_record head;
	__u64 pfn;
	__u32 state;
	__u32 flags;
	__u64 known;
	__u64 kpf;
	__u64 raw_flags;
	__u64 folio_flags;
	__u64 folio_pfn;
	__u64 mapping;
	__u64 private_word;
	__u64 memcg_word;
	__u64 index;
	__u64 cgroup_ino;
	__u64 swap_slot;
	__u64 buddy_pfn;
	__u32 buddy_order;
	__u32 order;
	__u32 refcount;
	__u32 mapcount;
	__u32 folio_mapcount;
	__u32 entire_mapcount;
	__u32 pincount;
	__u32 page_type;
	__u32 type;
	__u32 mapping_kind;
	__u32 rmap;
	__u32 candidates;
	__u32 swap_type;
	__u32 zone;
	__u32 node;
	__u32 lru_gen;
	__u32 ksm_sharers;
	__u32 class;
	__u32 migratetype;
	__u32 pad;
};

/* struct mms_frame_file.flags */
#define MMS_FFILE_UNLINKED	(1U << 0)	/* the name found has been removed */
#define MMS_FFILE_NO_NAME	(1U << 1)	/* no name of it is in memory, or it was being moved, or is too long */

/**
 * struct mms_frame_file - the file whose cache a frame holds
 * @head: .type = MMS_REC_FRAME_FILE
 * @pfn: the frame
 * @ino: inode number
 * @i_size: size of the file, bytes
 * @nrpages: pages of it in memory
 * @dev_major: device of the file system
 * @dev_minor: likewise
 * @rdev_major: of a device file: the device
 * @rdev_minor: likewise
 * @mode: type of the file and its rights, S_I*
 * @magic: of the file system, linux/magic.h
 * @flags: MMS_FFILE_*
 * @fs_len: bytes of the file system's name in the tail, NUL included
 * @path_len: bytes of the path that follows it, NUL included; from the file
 *	system's root, not from a mount point; 0 = none
 * @pad: zero
 */
struct mms_frame_file {
	struct mms_record head;
	__u64 pfn;
	__u64 ino;
	__u64 i_size;
	__u64 nrpages;
	__u32 dev_major;
	__u32 dev_minor;
	__u32 rdev_major;
	__u32 rdev_minor;
	__u32 mode;
	__u32 magic;
	__u32 flags;
	__u32 fs_len;
	__u32 path_len;
	__u32 pad;
};

/* struct mms_frame_slab.known */
#define MMS_FSLAB_K_NAME	(1U << 0)
#define MMS_FSLAB_K_SIZE	(1U << 1)	/* size, object_size */
#define MMS_FSLAB_K_COUNTS	(1U << 2)	/* objects, inuse */

/**
 * struct mms_frame_slab - the slab that a frame is part of
 * @head: .type = MMS_REC_FRAME_SLAB
 * @pfn: the frame
 * @va: kernel address of the first byte of the slab
 * @known: MMS_FSLAB_K_*
 * @size: bytes from one object to the next
 * @object_size: bytes of an object without what the allocator adds
 * @objects: objects in the slab
 * @inuse: objects that the slab counts as taken: objects that wait on a list of
 *	a processor are among them
 * @pad: zero
 * @name: of the cache, NUL terminated; cut if longer
 */
struct mms_frame_slab {
	struct mms_record head;
	__u64 pfn;
	__u64 va;
	__u32 known;
	__u32 size;
	__u32 object_size;
	__u32 objects;
	__u32 inuse;
	__u32 pad;
	__u8  name[64];
};

/* struct mms_frame_task.role */
enum mms_frame_role {
	MMS_FROLE_UNKNOWN,
	MMS_FROLE_STACK,	/* a page of this thread's kernel stack */
	MMS_FROLE_PGD,		/* this process's top page table */
};

/**
 * struct mms_frame_task - a task whose own memory a frame is
 * @head: .type = MMS_REC_FRAME_TASK
 * @pfn: the frame
 * @role: enum mms_frame_role
 * @pid: process, in the asker's PID namespace; 0 = not visible there
 * @tid: thread, likewise
 * @page: which page of the stack or the table, from 0
 * @comm: its name, NUL terminated
 */
struct mms_frame_task {
	struct mms_record head;
	__u64 pfn;
	__u32 role;
	__u32 pid;
	__u32 tid;
	__u32 page;
	__u8  comm[16];
};

/* struct mms_frame_map.state */
enum mms_frame_map_state {
	MMS_FMAP_UNKNOWN,
	MMS_FMAP_MAPS,		/* @raw maps the frame: the proof */
	MMS_FMAP_OTHER,		/* there is an entry, and it does not */
	MMS_FMAP_EMPTY,		/* there is no entry */
	MMS_FMAP_BUSY,		/* mmap_lock of the process was not free: not looked */
	MMS_FMAP_GONE,		/* the VMA or the process is gone by now */
	MMS_FMAP_NO_PROCESS,	/* no process has this address space any more */
};

/**
 * struct mms_frame_map - an address at which a VMA may map the frame, and what
 *	its page tables have there
 * @head: .type = MMS_REC_FRAME_MAP
 * @pfn: the frame
 * @va: virtual address of the frame there
 * @vma_start: first address of the VMA
 * @vma_end: first address after it
 * @entry_pa: physical address of the entry that ends the walk; 0 = none was read
 * @raw: that entry
 * @state: enum mms_frame_map_state
 * @pid: process, in the asker's PID namespace; 0 = not visible there, or none
 * @level: level of the entry, 1 PTE .. 5 PGD
 * @pt_state: enum mms_pt_state of it
 * @pt_flags: MMS_PT_F_* of it
 * @vma_flags: MMS_VMA_READ, _WRITE, _EXEC, _SHARED, _LOCKED, _HUGETLB, _FILE
 * @comm: name of the process, NUL terminated
 */
struct mms_frame_map {
	struct mms_record head;
	__u64 pfn;
	__u64 va;
	__u64 vma_start;
	__u64 vma_end;
	__u64 entry_pa;
	__u64 raw;
	__u32 state;
	__u32 pid;
	__u32 level;
	__u32 pt_state;
	__u32 pt_flags;
	__u32 vma_flags;
	__u8  comm[16];
};

/* ---- SWAP ---- */

/*
 * Swap areas; @start and @end of the request mean nothing.  The module knows
 * their numbers, /proc/swaps their names: it lists them in ascending number.
 */

/* struct mms_swap_area.flags */
#define MMS_SWAP_WRITEOK	(1U << 0)	/* pages may go there; unset: swapoff is at work */
#define MMS_SWAP_BLKDEV		(1U << 1)	/* a partition or device, not a file */
#define MMS_SWAP_SOLIDSTATE	(1U << 2)
#define MMS_SWAP_DISCARD	(1U << 3)	/* freed slots may be discarded */

/* struct mms_swap_area.known */
#define MMS_SWAP_K_NUMBER	(1U << 0)
#define MMS_SWAP_K_FLAGS	(1U << 1)	/* all; else BLKDEV alone */
#define MMS_SWAP_K_MAX		(1U << 2)

/**
 * struct mms_swap_area - one swap area
 * @head: .type = MMS_REC_SWAP_AREA
 * @pages: slots that can be used, of a page each
 * @used: of them in use
 * @max: slots from 0 on, the header and bad ones included
 * @number: what swap entries call it (struct mms_pt_extent.swap_type)
 * @flags: MMS_SWAP_*
 * @priority: the highest is used first; two's complement
 * @known: MMS_SWAP_K_*: which of the fields above were read
 * @name_len: bytes of the tail, NUL included; 0 = not read
 * @pad: zero
 *
 * The tail holds the name as /proc/swaps has it, its escapes undone.
 */
struct mms_swap_area {
	struct mms_record head;
	__u64 pages;
	__u64 used;
	__u64 max;
	__u32 number;
	__u32 flags;
	__u32 priority;
	__u32 known;
	__u32 name_len;
	__u32 pad;
};

/* ---- CACHE ---- */

/* struct mms_request.flags.  @start and @end: only of inodes whose number lies
 * in [@start, @end). */
#define MMS_REQ_CACHE_RUNS	(1U << 0)	/* CACHE_RUN records */

/* struct mms_cache_name.flags, struct mms_cache_file.flags */
#define MMS_CACHE_F_BDEV	(1U << 0)	/* a block device's own pages: file system metadata */
#define MMS_CACHE_F_SHMEM	(1U << 1)	/* tmpfs, memfd, SysV, shared anonymous */
#define MMS_CACHE_F_HUGETLB	(1U << 2)	/* hugetlbfs: not counted as page cache by the kernel */
#define MMS_CACHE_F_DELETED	(1U << 3)	/* it has no name any more, or the one told was removed */
#define MMS_CACHE_F_PSEUDO	(1U << 4)	/* the name is no path: memfd:x */
#define MMS_CACHE_F_MAPPED_PART	(1U << 5)	/* of some large folios it is not known whether they are mapped */

/**
 * struct mms_cache_name - a file that has pages in memory
 * @head: .type = MMS_REC_CACHE_NAME
 * @ino: inode number
 * @dev_major: of the file system; of a block device itself
 * @dev_minor: likewise
 * @flags: MMS_CACHE_F_*
 * @mode: type and rights
 * @size: bytes of the file
 * @nrpages: pages that its mapping counts (struct address_space)
 * @path_len: bytes of the tail: its path from the root of its file system, NUL
 *	included; 0 = no name of it is in memory
 * @pad: zero
 *
 * May come several times for one file.
 */
struct mms_cache_name {
	struct mms_record head;
	__u64 ino;
	__u32 dev_major;
	__u32 dev_minor;
	__u32 flags;
	__u32 mode;
	__u64 size;
	__u64 nrpages;
	__u32 path_len;
	__u32 pad;
};

/**
 * struct mms_cache_file - pages of a file; those of several records add up
 * @head: .type = MMS_REC_CACHE_FILE
 * @ino: inode number
 * @dev_major: as in CACHE_NAME
 * @dev_minor: likewise
 * @flags: MMS_CACHE_F_*
 * @pad: zero
 * @pages: frames that hold it
 * @dirty: of these, in folios with PG_dirty
 * @writeback: PG_writeback
 * @active: PG_active; while generations are on no folio on a list has it
 * @referenced: PG_referenced
 * @mapped: in folios that a page table maps, the whole or a part
 * @unevictable: PG_unevictable
 */
struct mms_cache_file {
	struct mms_record head;
	__u64 ino;
	__u32 dev_major;
	__u32 dev_minor;
	__u32 flags;
	__u32 pad;
	__u64 pages;
	__u64 dirty;
	__u64 writeback;
	__u64 active;
	__u64 referenced;
	__u64 mapped;
	__u64 unevictable;
};

/**
 * struct mms_cache_run - adjacent frames that hold adjacent pages of a file
 * @head: .type = MMS_REC_CACHE_RUN
 * @ino: inode number
 * @dev_major: as in CACHE_NAME
 * @dev_minor: likewise
 * @index: offset in the file of the first, pages
 * @pfn: first frame
 * @pages: frames
 * @flags: MMS_FOLIO_F_*, of all
 * @mapcount: of each folio; MMS_LRU_UNKNOWN
 */
struct mms_cache_run {
	struct mms_record head;
	__u64 ino;
	__u32 dev_major;
	__u32 dev_minor;
	__u64 index;
	__u64 pfn;
	__u64 pages;
	__u32 flags;
	__u32 mapcount;
};

/* ---- VMALLOC ---- */

/* struct mms_request.flags of VMALLOC */
#define MMS_REQ_VMALLOC_LAZY	(1U << 0)	/* VMALLOC_SPACE, and areas that were freed and not purged */

/* struct mms_vmalloc_area.flags */
#define MMS_AREA_IOREMAP	(1U << 0)	/* ioremap() and the like: as a rule no RAM */
#define MMS_AREA_ALLOC		(1U << 1)	/* vmalloc(), and per-CPU memory */
#define MMS_AREA_MAP		(1U << 2)	/* vmap(): pages that somebody has already */
#define MMS_AREA_MAP_RAM	(1U << 3)	/* vm_map_ram(): likewise, for a short time */
#define MMS_AREA_USERMAP	(1U << 4)	/* a process may map it */
#define MMS_AREA_DMA		(1U << 5)	/* dma_alloc_coherent() */
#define MMS_AREA_UNINIT		(1U << 6)	/* is being made */
#define MMS_AREA_SPARSE		(1U << 7)	/* pages come and go in it: BPF arenas */
#define MMS_AREA_NO_GUARD	(1U << 8)	/* was asked for without a guard page */
#define MMS_AREA_PUT_PAGES	(1U << 9)	/* vmap() that gives its pages back with the area */
#define MMS_AREA_LAZY		(1U << 10)	/* freed, its addresses not yet free for others */

/* struct mms_vmalloc_area.known */
#define MMS_AREA_K_ADDRESS	(1U << 0)	/* start and end; without it their difference alone */
#define MMS_AREA_K_CALLER	(1U << 1)	/* the caller's address */
#define MMS_AREA_K_PHYS		(1U << 2)
#define MMS_AREA_K_GUARD	(1U << 3)	/* MMS_AREA_NO_GUARD and _PUT_PAGES are told */
#define MMS_AREA_K_ORDER	(1U << 4)

/**
 * struct mms_vmalloc_area - one area of the kernel's vmalloc space
 * @head: .type = MMS_REC_VMALLOC_AREA
 * @start: first virtual address, bytes
 * @end: behind it, with the guard page if there is one
 * @pages: frames that it was made with; 0 = its pages are not its own or are
 *	not counted there (per-CPU memory)
 * @phys: physical address that ioremap() was asked for
 * @caller: code address of who asked for it
 * @flags: MMS_AREA_*
 * @known: MMS_AREA_K_*
 * @caller_len: bytes of the caller's name in the tail, NUL included; 0 = none
 * @order: log2 of the pages that one entry of its page tables maps at most, as
 *	the kernel wanted it (vm_struct.page_order); the tables have the truth
 *
 * A request's @start and @end are 0: all.  Areas of one lock of the kernel come
 * in ascending order; there may be several.  Of a lazily freed area only @start,
 * @end and @flags are told; those come last.
 */
struct mms_vmalloc_area {
	struct mms_record head;
	__u64 start;
	__u64 end;
	__u64 pages;
	__u64 phys;
	__u64 caller;
	__u32 flags;
	__u32 known;
	__u32 caller_len;
	__u32 order;
};

/* struct mms_vmalloc_space.known */
#define MMS_VSPACE_K_BOUNDS	(1U << 0)	/* start and end */
#define MMS_VSPACE_K_MODULES	(1U << 1)	/* modules_start and modules_end */
#define MMS_VSPACE_K_LAZY	(1U << 2)	/* lazily freed areas follow, if there are any */

/**
 * struct mms_vmalloc_space - where the kernel's vmalloc space is
 * @head: .type = MMS_REC_VMALLOC_SPACE
 * @start: VMALLOC_START
 * @end: VMALLOC_END, rounded up to a page
 * @modules_start: MODULES_VADDR, where modules have addresses of their own
 * @modules_end: MODULES_END
 * @known: MMS_VSPACE_K_*
 * @pad: zero
 *
 * Areas lie in both; what is between them has areas of nobody.
 */
struct mms_vmalloc_space {
	struct mms_record head;
	__u64 start;
	__u64 end;
	__u64 modules_start;
	__u64 modules_end;
	__u32 known;
	__u32 pad;
};

/* ---- KTABLES ---- */

/*
 * A request's @flags are MMS_REQ_EXTENTS, _TABLES, _HOLES; none: extents.  @start
 * and @end are of the kernel's half, 0 and ~0: all of it.  Nothing keeps the
 * tables while they are read: a checker must read again what differs.
 */

/**
 * enum mms_kt_region_id - what a part of the kernel's addresses is for
 *
 * Bounds are those of the running kernel, by its own macros: asm/pgtable_64_types.h,
 * asm/pgtable_32_areas.h of x86, asm/memory.h of arm64.
 */
enum mms_kt_region_id {
	MMS_KT_UNKNOWN,
	MMS_KT_DIRECT,		/* the direct map; i386: lowmem */
	MMS_KT_VMALLOC,		/* on i386 with modules, on arm64 with the kernel's image */
	MMS_KT_VMEMMAP,		/* the array of struct pages */
	MMS_KT_KASAN,		/* shadow memory */
	MMS_KT_CPU_ENTRY,	/* cpu_entry_area: stacks, TSS, GDT of each processor */
	MMS_KT_LDT,		/* LDTs of the process, with PTI */
	MMS_KT_ESPFIX,		/* stacks of %sp's upper half */
	MMS_KT_EFI,		/* runtime services */
	MMS_KT_IMAGE,		/* where the kernel's image may lie */
	MMS_KT_MODULES,
	MMS_KT_FIXMAP,
	MMS_KT_VSYSCALL,
	MMS_KT_PKMAP,		/* kmap() of high memory */
	MMS_KT_PCI_IO,
	__MMS_KT_MAX
};

/**
 * struct mms_kt_region - one part of the kernel's addresses
 * @head: .type = MMS_REC_KT_REGION
 * @start: first address
 * @last: last address: the top of all has none behind it
 * @id: enum mms_kt_region_id
 * @pad: zero
 *
 * Ascending; parts that nothing is for lie between them.  The direct map and
 * the array of struct pages end with the memory that there is.
 */
struct mms_kt_region {
	struct mms_record head;
	__u64 start;
	__u64 last;
	__u32 id;
	__u32 pad;
};

/**
 * struct mms_kt_root - the records that follow are of this top table
 * @head: .type = MMS_REC_KT_ROOT
 * @root_pa: of the table, physical address
 * @user: 1 = the one that user mode runs with (PTI), of which the kernel's half
 *	is told; 0 = the kernel's
 * @pad: zero
 */
struct mms_kt_root {
	struct mms_record head;
	__u64 root_pa;
	__u32 user;
	__u32 pad;
};

/**
 * struct mms_kt_repeat - entries in a row that name the same table
 * @head: .type = MMS_REC_KT_REPEAT
 * @va: what the second of them translates, bytes
 * @len: of all but the first, bytes
 * @table_pa: the table, told of the first one alone
 * @level: of the entries, 2 = they name PTE tables
 * @pad: zero
 */
struct mms_kt_repeat {
	struct mms_record head;
	__u64 va;
	__u64 len;
	__u64 table_pa;
	__u32 level;
	__u32 pad;
};

/* ---- SLAB ---- */

/* struct mms_request.flags: one of them.  @start: with SLABS and OBJECTS
 * the address of the one cache that is asked for, 0 = all; with ADDR the address
 * that is looked up; with TASK a PID in the caller's namespace.  @end is 0. */
#define MMS_REQ_SLAB_CACHES	(1U << 0)	/* the caches; where nothing else is asked for */
#define MMS_REQ_SLAB_SLABS	(1U << 1)	/* slabs */
#define MMS_REQ_SLAB_OBJECTS	(1U << 2)	/* slabs, each with the state of its objects */
#define MMS_REQ_SLAB_ADDR	(1U << 3)	/* the object behind an address */
#define MMS_REQ_SLAB_TASK	(1U << 4)	/* the objects of a process: task_struct ... */

/* struct mms_slab_cache.flags: what SLAB_* means, without its bit numbers */
#define MMS_SLAB_F_HWCACHE_ALIGN	(1U << 0)
#define MMS_SLAB_F_RECLAIM_ACCOUNT	(1U << 1)	/* shrinkers can free them */
#define MMS_SLAB_F_TYPESAFE_BY_RCU	(1U << 2)	/* its slabs are freed after a grace period */
#define MMS_SLAB_F_CACHE_DMA		(1U << 3)
#define MMS_SLAB_F_CACHE_DMA32		(1U << 4)
#define MMS_SLAB_F_ACCOUNT		(1U << 5)	/* charged to the memory cgroup */
#define MMS_SLAB_F_PANIC		(1U << 6)
#define MMS_SLAB_F_CONSISTENCY_CHECKS	(1U << 7)
#define MMS_SLAB_F_RED_ZONE		(1U << 8)
#define MMS_SLAB_F_POISON		(1U << 9)
#define MMS_SLAB_F_STORE_USER		(1U << 10)
#define MMS_SLAB_F_TRACE		(1U << 11)
#define MMS_SLAB_F_KMALLOC		(1U << 12)
#define MMS_SLAB_F_NO_MERGE		(1U << 13)
#define MMS_SLAB_F_NOLEAKTRACE		(1U << 14)

/* struct mms_slab_cache.known */
#define MMS_SLAB_K_LAYOUT	(1U << 0)	/* size to align */
#define MMS_SLAB_K_OFFSET	(1U << 1)	/* inuse, offset, red_left_pad */
#define MMS_SLAB_K_MIN		(1U << 2)	/* order and objects when memory is short */
#define MMS_SLAB_K_REFCOUNT	(1U << 3)
#define MMS_SLAB_K_CTOR		(1U << 4)
#define MMS_SLAB_K_FLAGS	(1U << 5)
#define MMS_SLAB_K_USERCOPY	(1U << 6)
#define MMS_SLAB_K_COUNTS	(1U << 7)	/* slabs, total_objects, active_objects */
#define MMS_SLAB_K_PARTIAL	(1U << 8)	/* nr_partial, partial_free */
#define MMS_SLAB_K_CPU		(1U << 9)	/* cpu slabs: cpu_* */
#define MMS_SLAB_K_SHEAVES	(1U << 10)	/* sheaf_*, barn_* */
#define MMS_SLAB_K_ADDRESS	(1U << 11)
#define MMS_SLAB_K_CENSUS	(1U << 12)	/* found through its slabs: a cache without
						 * one is not told, and counts are of these */
#define MMS_SLAB_K_TORN		(1U << 13)	/* a list changed while it was counted */

/**
 * struct mms_slab_cache - one slab cache
 * @head: .type = MMS_REC_SLAB_CACHE
 * @address: of its struct kmem_cache
 * @ctor: code address of the constructor; 0 = none
 * @slabs: all of them, of all nodes
 * @total_objects: that they have room for
 * @active_objects: @total_objects less @partial_free: /proc/slabinfo's
 * @nr_partial: slabs on the partial lists of nodes
 * @partial_free: objects free in these
 * @cpu_free: objects free in slabs that processors have taken, in lists of theirs
 *	and of the slabs
 * @cpu_partial_free: objects free in slabs on the processors' partial lists
 * @sheaf_objects: objects in the sheaves of processors
 * @barn_objects: objects in the full sheaves of nodes
 * @size: bytes from one object to the next
 * @object_size: bytes that a user may use
 * @align: bytes
 * @inuse: bytes of an object before the allocator's own data
 * @offset: where in a free object the pointer to the next one lies, bytes
 * @red_left_pad: bytes of red zone before an object
 * @order: log2 of the pages of a slab
 * @objects: of a slab of that order
 * @min_order: of a slab made when memory is short
 * @min_objects: of such a slab
 * @usercopy_offset: bytes of an object that may be copied to and from user space
 * @usercopy_size: likewise
 * @refcount: the cache and the others merged into it; two's complement, negative =
 *	none ever is
 * @flags: MMS_SLAB_F_*
 * @raw_flags: slab_flags_t
 * @known: MMS_SLAB_K_*
 * @cpu_slabs: slabs that are a processor's
 * @cpu_partial_slabs: slabs on the processors' partial lists
 * @cpu_partial_limit: objects (or slabs, where that is counted) wanted there
 * @sheaf_capacity: objects of a sheaf; 0 = the cache has none
 * @barn_full: full sheaves of nodes
 * @barn_empty: empty ones
 * @name_len: bytes of the name in the tail, NUL included; 0 = not read
 * @ctor_len: bytes of the constructor's name behind it, likewise
 */
struct mms_slab_cache {
	struct mms_record head;
	__u64 address;
	__u64 ctor;
	__u64 slabs;
	__u64 total_objects;
	__u64 active_objects;
	__u64 nr_partial;
	__u64 partial_free;
	__u64 cpu_free;
	__u64 cpu_partial_free;
	__u64 sheaf_objects;
	__u64 barn_objects;
	__u32 size;
	__u32 object_size;
	__u32 align;
	__u32 inuse;
	__u32 offset;
	__u32 red_left_pad;
	__u32 order;
	__u32 objects;
	__u32 min_order;
	__u32 min_objects;
	__u32 usercopy_offset;
	__u32 usercopy_size;
	__u32 refcount;
	__u32 flags;
	__u32 raw_flags;
	__u32 known;
	__u32 cpu_slabs;
	__u32 cpu_partial_slabs;
	__u32 cpu_partial_limit;
	__u32 sheaf_capacity;
	__u32 barn_full;
	__u32 barn_empty;
	__u32 name_len;
	__u32 ctor_len;
};

/**
 * struct mms_slab_node - what a node has of the cache told before
 * @head: .type = MMS_REC_SLAB_NODE
 * @cache: address of the cache
 * @slabs: all of them
 * @total_objects: that they have room for
 * @nr_partial: slabs on the partial list
 * @partial_free: objects free in these
 * @barn_objects: objects in full sheaves
 * @node: number
 * @known: MMS_SLAB_K_*
 * @barn_full: full sheaves
 * @barn_empty: empty ones
 */
struct mms_slab_node {
	struct mms_record head;
	__u64 cache;
	__u64 slabs;
	__u64 total_objects;
	__u64 nr_partial;
	__u64 partial_free;
	__u64 barn_objects;
	__u32 node;
	__u32 known;
	__u32 barn_full;
	__u32 barn_empty;
};

/* Where a slab is. */
enum mms_slab_state {
	MMS_SLAB_UNKNOWN,
	MMS_SLAB_FULL,		/* on no list */
	MMS_SLAB_PARTIAL,	/* on its node's partial list */
	MMS_SLAB_CPU,		/* a processor allocates from it */
	MMS_SLAB_CPU_PARTIAL,	/* on a processor's partial list */
};

/* What is wrong with a list of free objects. */
enum mms_slab_corrupt {
	MMS_SLABC_NONE,
	MMS_SLABC_POINTER,	/* it points to no object of the slab */
	MMS_SLABC_LOOP,		/* it comes back to an object that it had before */
	MMS_SLABC_LONG,		/* it has more objects than the slab has free */
	MMS_SLABC_SHORT,	/* it has fewer */
	MMS_SLABC_UNREADABLE,	/* the next pointer cannot be read */
};

/* Two bits an object. */
enum mms_object_state {
	MMS_OBJ_ALLOCATED,
	MMS_OBJ_FREE,		/* on the slab's list */
	MMS_OBJ_FREE_CPU,	/* on the list of the processor that has the slab */
	MMS_OBJ_SHEAF,		/* allocated to the slab, but free: in a sheaf */
};

#define MMS_OBJ_BITS		2
#define MMS_OBJ_PER_WORD	32

/* struct mms_slab_slab.flags */
#define MMS_SLABF_FROZEN	(1U << 0)
#define MMS_SLABF_TORN		(1U << 1)	/* it changed each time it was read */
#define MMS_SLABF_MAP		(1U << 2)	/* the tail holds the states of objects */
#define MMS_SLABF_KFENCE	(1U << 3)	/* a page of KFENCE: one object, no list */
#define MMS_SLABF_NO_CACHE	(1U << 4)	/* its cache was made after the list was read */
#define MMS_SLABF_QUARANTINE	(1U << 5)	/* KASAN keeps freed objects back: what looks
						 * allocated may be one */

#define MMS_SLAB_CPU_NONE	(~0U)

/**
 * struct mms_slab_slab - one slab
 * @head: .type = MMS_REC_SLAB_SLAB
 * @cache: address of its cache
 * @va: address of its memory
 * @pfn: its first frame
 * @bad_at: where the pointer lies that is wrong; 0 = in the slab's own head, or
 *	the processor's
 * @bad_value: what it was decoded to
 * @size: bytes from one object to the next
 * @first: bytes from @va to the first object
 * @order: log2 of its pages
 * @node: number
 * @objects: it has
 * @inuse: it counts as in use: allocated, or taken by a processor or a sheaf
 * @free: found on its list
 * @cpu_free: found on the list of the processor that has it
 * @sheaf: of its objects in sheaves
 * @state: enum mms_slab_state
 * @cpu: that has it; MMS_SLAB_CPU_NONE
 * @flags: MMS_SLABF_*
 * @corrupt: enum mms_slab_corrupt
 * @words: of the tail
 *
 * The tail holds @words __u64 with two bits for each object, the first object in
 * the lowest bits: enum mms_object_state.  What a corrupt list was to name behind
 * the fault is told as allocated.
 */
struct mms_slab_slab {
	struct mms_record head;
	__u64 cache;
	__u64 va;
	__u64 pfn;
	__u64 bad_at;
	__u64 bad_value;
	__u32 size;
	__u32 first;
	__u32 order;
	__u32 node;
	__u32 objects;
	__u32 inuse;
	__u32 free;
	__u32 cpu_free;
	__u32 sheaf;
	__u32 state;
	__u32 cpu;
	__u32 flags;
	__u32 corrupt;
	__u32 words;
};

/* What is at an address. */
enum mms_slab_what {
	MMS_SLABW_UNKNOWN,
	MMS_SLABW_OBJECT,	/* in the bytes that a user may use */
	MMS_SLABW_META,		/* behind them: padding, the allocator's data */
	MMS_SLABW_REDZONE,	/* before an object */
	MMS_SLABW_SLACK,	/* behind the last object of the slab */
	MMS_SLABW_LARGE,	/* kmalloc() of whole pages: in no slab */
	MMS_SLABW_NO_SLAB,	/* a page that is no slab's */
	MMS_SLABW_NO_PAGE,	/* not in the kernel's map of memory, or no memory there */
	MMS_SLABW_KFENCE,	/* a page of KFENCE */
	MMS_SLABW_PAGES,	/* pages that were taken at one go, perhaps by kmalloc(): before
				 * 6.14 these are not marked */
};

/* What of a process an object is. */
enum mms_slab_role {
	MMS_SLABR_NONE,
	MMS_SLABR_TASK,
	MMS_SLABR_MM,
	MMS_SLABR_FILES,
	MMS_SLABR_FS,
	MMS_SLABR_SIGNAL,
	MMS_SLABR_SIGHAND,
	MMS_SLABR_CRED,
};

/**
 * struct mms_slab_object - what lies at a kernel address
 * @head: .type = MMS_REC_SLAB_OBJECT
 * @address: asked for
 * @cache: address of the cache
 * @slab: address of the slab's memory
 * @object: first byte of the object
 * @pfn: frame of @address
 * @what: enum mms_slab_what
 * @index: of the object in its slab
 * @into: bytes from @object to @address
 * @state: enum mms_object_state
 * @state_known: 1 if it could be read; 2 = and KASAN keeps freed objects back, so
 *	that what looks allocated may be one
 * @slab_state: enum mms_slab_state
 * @cpu: that has the slab; MMS_SLAB_CPU_NONE
 * @size: bytes from one object to the next; LARGE, PAGES: bytes of all pages
 * @object_size: bytes that a user may use
 * @objects: of the slab
 * @inuse: of them
 * @role: enum mms_slab_role
 * @pid: of the process, in the caller's namespace
 * @name_len: bytes of the tail, NUL included: the cache's name
 */
struct mms_slab_object {
	struct mms_record head;
	__u64 address;
	__u64 cache;
	__u64 slab;
	__u64 object;
	__u64 pfn;
	__u32 what;
	__u32 index;
	__u32 into;
	__u32 state;
	__u32 state_known;
	__u32 slab_state;
	__u32 cpu;
	__u32 size;
	__u32 object_size;
	__u32 objects;
	__u32 inuse;
	__u32 role;
	__u32 pid;
	__u32 name_len;
};

/* generic netlink */
#define MMS_GENL_NAME		"mmscope"
#define MMS_GENL_VERSION	1
#define MMS_GENL_GROUP_OBSERVE	"observe"

enum mms_cmd {
	MMS_CMD_UNSPEC,
	MMS_CMD_INFO_GET,
	MMS_CMD_COLLECTOR_GET,
	MMS_CMD_WALK,
	MMS_CMD_QUERY_NTF,
	__MMS_CMD_MAX
};
#define MMS_CMD_MAX (__MMS_CMD_MAX - 1)

enum mms_cap_state {
	MMS_CAP_UNKNOWN,
	MMS_CAP_OK,
	MMS_CAP_PARTIAL,	/* works, without what the reason names */
	MMS_CAP_NO_SYMBOL,
	MMS_CAP_NO_BTF,
	MMS_CAP_MEMBER_MISSING,
	MMS_CAP_SANITY_FAILED,
	MMS_CAP_COMPILED_OUT,
};

enum mms_attr_info {
	MMS_A_INFO_UNSPEC,
	MMS_A_INFO_ABI,
	MMS_A_INFO_VERSION,
	MMS_A_INFO_RELEASE,
	MMS_A_INFO_ARCH,
	MMS_A_INFO_PAGE_SHIFT,
	__MMS_A_INFO_MAX
};
#define MMS_A_INFO_MAX (__MMS_A_INFO_MAX - 1)

enum mms_attr_coll {
	MMS_A_COLL_UNSPEC,
	MMS_A_COLL_KIND,
	MMS_A_COLL_NAME,
	MMS_A_COLL_STATE,
	MMS_A_COLL_REASON,
	__MMS_A_COLL_MAX
};
#define MMS_A_COLL_MAX (__MMS_A_COLL_MAX - 1)

enum mms_attr_walk {
	MMS_A_WALK_UNSPEC,
	MMS_A_WALK_PAD,
	MMS_A_WALK_PID,
	MMS_A_WALK_ADDR,
	MMS_A_WALK_CONTEXT,
	MMS_A_WALK_STEP,
	MMS_A_WALK_EXTENT,
	MMS_A_WALK_HOLE,
	__MMS_A_WALK_MAX
};
#define MMS_A_WALK_MAX (__MMS_A_WALK_MAX - 1)

enum mms_attr_step {
	MMS_A_STEP_UNSPEC,
	MMS_A_STEP_PAD,
	MMS_A_STEP_LEVEL,
	MMS_A_STEP_INDEX,
	MMS_A_STEP_ENTRY_PA,
	MMS_A_STEP_RAW,
	__MMS_A_STEP_MAX
};
#define MMS_A_STEP_MAX (__MMS_A_STEP_MAX - 1)

enum mms_attr_query {
	MMS_A_QUERY_UNSPEC,
	MMS_A_QUERY_PAD,
	MMS_A_QUERY_KIND,
	MMS_A_QUERY_PID,
	MMS_A_QUERY_OBSERVER,
	MMS_A_QUERY_RECORDS,
	MMS_A_QUERY_HOLD_MAX_NS,
	__MMS_A_QUERY_MAX
};
#define MMS_A_QUERY_MAX (__MMS_A_QUERY_MAX - 1)

#endif /* _UAPI_LINUX_MMSCOPE_H */
