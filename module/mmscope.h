/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's own shapes.  Reading order is data order:
 *
 *	target.c  pid -> mm, permission, bounded holds of mmap_lock
 *	walk.c    page tables level by level, knows nothing of output
 *	collect/  one kernel truth each: what is walked -> records
 *	emit.c    records -> sink; query: header, batches, trailer
 *	transport/ the same records through a file (debugfs) or a socket (genl)
 */
#ifndef MMSCOPE_H
#define MMSCOPE_H

#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/mmscope.h>
#include "compat/compat.h"

#define MMS_HOLD_US_MAX	10000	/* whatever hold_us asks for */
#define MMS_IRQ_HOLD_US	100	/* a spin lock that keeps interrupts off; 200 is the house's bound */
#define MMS_VERSION	"0.1.0"

/* ---- capability report -------------------------------------------------- */

/**
 * struct mms_cap - may this feature be used on this kernel?
 * @state: enum mms_cap_state
 * @reason: for everything but MMS_CAP_OK, what is missing, as a person reads it
 */
struct mms_cap {
	enum mms_cap_state state;
	char reason[160];
};

__printf(3, 4)
void mms_cap_set(struct mms_cap *cap, enum mms_cap_state state, const char *fmt, ...);
const char *mms_cap_state_name(enum mms_cap_state state);

static inline bool mms_cap_usable(const struct mms_cap *cap)
{
	return cap->state == MMS_CAP_OK || cap->state == MMS_CAP_PARTIAL;
}

/* ---- sink: where records go --------------------------------------------- */

/**
 * struct mms_sink - a kernel buffer that a batch fills while it holds locks
 * @buf: memory; never user memory, since a fault under mmap_lock may deadlock
 * @size: bytes of @buf
 * @used: bytes filled
 * @records: records put in since the query began
 */
struct mms_sink {
	u8 *buf;
	size_t size;
	size_t used;
	u64 records;
};

static inline size_t mms_sink_room(const struct mms_sink *s)
{
	return s->size - s->used;
}

/**
 * mms_emit_raw() - reserve a record whose every byte the caller will write
 * @s: sink
 * @type: enum mms_record_type
 * @size: bytes, a multiple of 8
 *
 * Return: the record with its head filled in, the rest NOT zeroed (the buffer
 * goes to user space: leave no hole); NULL when the sink has no room
 */
static inline void *mms_emit_raw(struct mms_sink *s, u16 type, size_t size)
{
	struct mms_record *rec = (struct mms_record *)(s->buf + s->used);

	if (mms_sink_room(s) < size)
		return NULL;
	rec->size = size;
	rec->type = type;
	rec->flags = 0;
	s->used += size;
	s->records++;
	return rec;
}

void *mms_emit(struct mms_sink *s, u16 type, size_t fixed, size_t tail);
void mms_emit_trim(struct mms_sink *s, struct mms_record *rec, size_t size);

/* The record reserved last was for nothing. */
static inline void mms_emit_drop(struct mms_sink *s, struct mms_record *rec)
{
	s->used -= rec->size;
	s->records--;
}

/* ---- query: one request being answered ---------------------------------- */

struct mms_collector;

/* What a batch returns, besides -errno. */
enum mms_batch {
	MMS_BATCH_DONE,		/* all was told */
	MMS_BATCH_MORE,		/* the sink is full or the hold budget spent */
	MMS_BATCH_BUSY,		/* another lock was not to be had: try later */
};

enum mms_phase {
	MMS_PHASE_HEADER,
	MMS_PHASE_BODY,
	MMS_PHASE_TRAILER,
	MMS_PHASE_DONE,
};

/**
 * struct mms_query - one request and how far its answer has come
 * @coll: who answers; NULL = no query is open
 * @req: the request, completed (@end filled in)
 * @mm: address space observed; mm_count held, mm_users only during a batch,
 *	so that a reader who sleeps never keeps a dying process's memory;
 *	NULL for a collector about the machine
 * @tgid: its process in the initial PID namespace, for the "observe" event
 * @phase: what the next bytes are
 * @cursor: next virtual address to look at; a machine collector's is its own
 * @seq: mms_mm_seq() at the end of the last batch
 * @have_seq: @seq is valid
 * @torn: the address space changed; the next record will say so
 * @hold_start: ktime_get_ns() when the lock of this batch was taken
 * @stats: the trailer to be
 * @records: records emitted so far
 * @priv: of the collector
 */
struct mms_query {
	const struct mms_collector *coll;
	struct mms_request req;
	struct mm_struct *mm;
	pid_t tgid;
	u32 pkru;
	enum mms_phase phase;
	u64 cursor;
	u64 seq;
	bool have_seq;
	bool torn;
	u64 hold_start;
	struct mms_trailer stats;
	void *priv;
};

int mms_query_open(struct mms_query *q, const struct mms_collector *coll,
		   const struct mms_request *req);
void mms_query_close(struct mms_query *q);
int mms_query_fill(struct mms_query *q, struct mms_sink *s);
void mms_header_fill(struct mms_stream_header *h, const struct mms_query *q);

/* ---- collectors --------------------------------------------------------- */

/* How the one text printer shows a member of a record. */
enum mms_format {
	MMS_FMT_HEX,
	MMS_FMT_DEC,
	MMS_FMT_FLAGS,		/* letters from mms_field.letters, bit 0 first */
	MMS_FMT_NAME,		/* index into mms_field.names */
	MMS_FMT_TAIL,		/* strings of the record's tail */
	MMS_FMT_U64S,		/* 64-bit numbers of the record's tail */
	MMS_FMT_STATS,		/* struct mms_stat of the record's tail */
};

/**
 * struct mms_field - one member in the text view
 * @name: what is printed before '='
 * @format: enum mms_format
 * @offset: in the record
 * @size: 1, 2, 4 or 8 bytes
 * @letters: MMS_FMT_FLAGS: one letter per bit
 * @names: MMS_FMT_NAME: NULL terminated
 */
struct mms_field {
	const char *name;
	enum mms_format format;
	u16 offset;
	u16 size;
	const char *letters;
	const char * const *names;
};

#define MMS_FIELD(rec, member, fmt, ...) \
	{ .name = #member, .format = MMS_FMT_##fmt, \
	  .offset = offsetof(struct rec, member), \
	  .size = sizeof_field(struct rec, member), ##__VA_ARGS__ }

/**
 * struct mms_text - how a record type is printed
 * @type: enum mms_record_type; 0 ends the list
 * @name: first word of the line
 * @size: bytes of the fixed part, where the tail begins
 * @fields: ended by a NULL name
 */
struct mms_text {
	u16 type;
	const char *name;
	u16 size;
	const struct mms_field *fields;
};

size_t mms_text_print(const struct mms_text *texts, const struct mms_record *rec,
		      char *buf, size_t size);

/**
 * struct mms_word - a word of the text door's request
 * @word: as written into the file
 * @flag: what it sets in mms_request.flags
 */
struct mms_word {
	const char *word;
	u32 flag;
};

/**
 * struct mms_collector - one kernel truth
 * @name: file name under debugfs, word in the status report
 * @kind: enum mms_kind of its stream
 * @record_size: fixed part of its largest record
 * @record_max: sink room that @batch needs to make progress
 * @texts: for the text view
 * @machine: it tells of the machine, not of a process: q->mm is NULL, and
 *	@batch is called with no lock held
 * @req_flags: what a request's flags may hold
 * @req_default: flags of a request made by words, or by none
 * @words: words of the text door, ended by a NULL; may be NULL
 * @init: may this kernel be asked?  Fills @cap; called once, may sleep
 * @open: check q->req, allocate q->priv; 0 or -errno; may be NULL
 * @batch: put records into the sink until it is full, the hold budget is
 *	spent or all is done; called with the mmap read lock of q->mm held and
 *	never sleeps on user memory.  Moves q->cursor.  enum mms_batch or -errno.
 *	Of a machine collector: takes its own locks between mms_hold_begin()
 *	and mms_hold_end(), drops them before it returns, may sleep without
 * @close: free q->priv; may be NULL
 *
 * To add a collector:
 *  1. an id in enum mms_kind and a struct in the uapi header (append);
 *  2. module/collect/NAME.c that ends with
 *	"const struct mms_collector mms_collector_NAME = { ... };"
 *     (Kbuild finds the file, registry.c finds the name);
 *  3. a view in userspace, a test in tests/vm/cases, a page in Documentation.
 */
struct mms_collector {
	const char *name;
	u32 kind;
	u32 record_size;
	u32 record_max;
	const struct mms_text *texts;
	bool machine;
	u32 req_flags;
	u32 req_default;
	const struct mms_word *words;
	void (*init)(struct mms_cap *cap);
	int (*open)(struct mms_query *q);
	int (*batch)(struct mms_query *q, struct mms_sink *s);
	void (*close)(struct mms_query *q);
};

#define MMS_DECLARE(name) extern const struct mms_collector mms_collector_##name;
MMS_COLLECTORS(MMS_DECLARE)
#undef MMS_DECLARE

extern const struct mms_word mms_pt_words[];	/* of vma and pgtable */

void mms_registry_init(void);
unsigned int mms_registry_count(void);
const struct mms_collector *mms_registry_get(unsigned int i);
const struct mms_cap *mms_registry_cap(const struct mms_collector *coll);
const struct mms_collector *mms_registry_find(u32 kind);

/* ---- target ------------------------------------------------------------- */

int mms_allowed(void);
int mms_target_get(u32 pid, struct mm_struct **mm, pid_t *tgid, u32 *pkru);
int mms_target_batch(struct mms_query *q, struct mms_sink *s);
bool mms_hold_spent(const struct mms_query *q);

/**
 * mms_hold_begin() - a machine collector has just taken its lock
 */
static inline void mms_hold_begin(struct mms_query *q)
{
	q->hold_start = ktime_get_ns();
}

/**
 * mms_irq_hold_spent() - should a lock taken with interrupts off be given back?
 *
 * Reads the clock: ask every 16 steps or so.
 */
static inline bool mms_irq_hold_spent(const struct mms_query *q)
{
	return ktime_get_ns() - q->hold_start > MMS_IRQ_HOLD_US * NSEC_PER_USEC;
}

void mms_hold_end(struct mms_query *q);

extern unsigned int mms_hold_us;

/* ---- page-table walk ---------------------------------------------------- */

/* What an entry is, as far as the walk must know. */
enum mms_entry_kind {
	MMS_ENTRY_NONE,		/* zero: nothing below */
	MMS_ENTRY_TABLE,	/* points to the next table */
	MMS_ENTRY_LEAF,		/* present to Linux: a page */
	MMS_ENTRY_NONPRESENT,	/* swap, migration, marker ... */
	MMS_ENTRY_BAD,		/* fails the kernel's own checks; never descended */
};

/* ---- architecture: entry bits -> neutral facts --------------------------- */

/*
 * An arch header says, inline, for the walk's sake: mms_entry_t, MMS_IN_PLACE,
 * MMS_TABLE_MAX, MMS_LEVEL_BITS, MMS_LEAF_MAX, mms_arch_read(), _map(),
 * _unmap(), _entry_kind(), _table_pa(), _page_pa(), _rights(), _plain(),
 * _alike().
 */
#if defined(CONFIG_X86)
#include "arch/x86.h"
#elif defined(CONFIG_ARM64)
#include "arch/arm64.h"
#else
#error "mmscope knows the page tables of x86 and arm64 only: see Documentation/kernels.rst"
#endif

/* log2 of the bytes that an entry of this level translates */
static inline unsigned int mms_arch_shift(int level)
{
	return PAGE_SHIFT + MMS_LEVEL_BITS * (level - 1);
}

static inline u64 mms_arch_size(int level)
{
	return 1ULL << mms_arch_shift(level);
}

/* Which entry of its table translates @va: the top table may have fewer than others. */
static inline unsigned int mms_arch_index(u64 va, int level)
{
	return (mms_arch_significant(va) >> mms_arch_shift(level)) & (MMS_TABLE_MAX - 1);
}

u32 mms_arch_id(void);
u64 mms_arch_user_end(void);
u64 mms_arch_kernel_start(void);
u32 mms_arch_pkru(struct task_struct *task);
void mms_arch_context(struct mms_pt_context *c, struct mm_struct *mm);
bool mms_arch_user_pgd_apart(void);
void mms_arch_decode(struct mms_pt_extent *x, int level, u64 raw, u32 rights);
void mms_arch_check_tables(struct mms_cap *cap);

/**
 * struct mms_kregion - a part of the kernel's addresses
 */
struct mms_kregion {
	u64 start;
	u64 last;
	u32 id;
};

#define MMS_KREGIONS	16

unsigned int mms_arch_regions(struct mms_kregion r[MMS_KREGIONS]);

int mms_selfcheck(struct mms_cap *cap);
bool mms_zero_page(u64 pfn, int level);

#define MMS_WALK_LEVELS	5

struct mms_walk;

/**
 * struct mms_walk_ops - what a walk tells; each returns 0, or 1 to stop before
 *	the thing named (the walk resumes there), or -errno
 * @table: entries @first .. @first + @n - 1 of a table above the PTE level were
 *	read into @e
 * @entry: one entry above the PTE level that is no table, or not walked into
 *	(@floor); @len bytes of it belong to the walk
 * @ptes: a PTE table: @n entries from @first on, in place; read each once
 * @again: with @once, an entry whose table was walked for the one before; may be
 *	NULL
 */
struct mms_walk_ops {
	int (*table)(struct mms_walk *w, int level, u64 table_pa, u64 va,
		     unsigned int first, unsigned int n, const u64 *e);
	int (*entry)(struct mms_walk *w, int level, u64 va, u64 len, u64 raw);
	int (*ptes)(struct mms_walk *w, u64 table_pa, u64 va,
		    unsigned int first, unsigned int n, const u64 *e);
	void (*again)(struct mms_walk *w, int level, u64 va, u64 len, u64 raw);
};

/**
 * struct mms_walk - a walk of part of one address space
 * @ops: who listens
 * @priv: the listener's
 * @rights: MMS_PT_F_WRITE|EXEC|USER that the tables above still allow
 * @stopped_at: where to resume when a callback returned 1
 * @nofault: outside every VMA: nothing keeps the tables, so each read may fail
 * @kernel: an address of the kernel's half: rights are the kernel's
 * @once: a table that stands many times in a row is walked for the first entry
 *	alone.  KASAN has terabytes of shadow mapped by one table a level
 *	(mm/kasan/init.c), x86's espfix has clones (arch/x86/kernel/espfix_64.c)
 * @floor: entries of this level that name a table are told by entry(), and the
 *	table is not walked; 0 = all are
 * @entries: entries read
 * @snap: tables as read, @room entries of each level
 * @room: MMS_TABLE_MAX; 1 does for the walk of a single page
 */
struct mms_walk {
	const struct mms_walk_ops *ops;
	void *priv;
	u32 rights;
	u64 stopped_at;
	bool nofault;
	bool kernel;
	bool once;
	int floor;
	u64 entries;
	u64 *snap;
	unsigned int room;
};

/* What one entry allows, to whom the walk is for. */
static inline u32 mms_walk_rights(const struct mms_walk *w, int level, u64 raw)
{
	return w->kernel ? mms_arch_kernel_rights(level, raw) : mms_arch_rights(level, raw);
}

int mms_walk_range(struct mms_walk *w, u64 root_pa, int top, u64 start, u64 end);

/* ---- text of a query, events --------------------------------------------- */

int mms_debugfs_init(void);
void mms_debugfs_exit(void);
int mms_genl_init(void);
void mms_genl_exit(void);
void mms_genl_notify(const struct mms_query *q);
const char *mms_genl_events(void);

#endif /* MMSCOPE_H */
