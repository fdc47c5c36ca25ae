// SPDX-License-Identifier: GPL-2.0
/*
 * The bits of table entries: names and meanings, one table for each format.
 *
 * SDM 5.3 (32-bit paging), 5.4.1 and 5.4.2 (PAE), 5.5.4 (IA-32e); Arm ARM D8.3,
 * "Translation table descriptor formats". Here is what bits are called. Which
 * of them are reserved is asked of the walk, see reserved_bits().
 */
#include "fields.h"

#define BIT(n)		(UINT64_C(1) << (n))
/* Bits hi..lo, both included. */
#define BITS(hi, lo)	((UINT64_MAX >> (63 - (hi))) & (UINT64_MAX << (lo)))

#define X86_P		BIT(0)
#define X86_PS		BIT(7)
#define ARM_VALID	BIT(0)
#define ARM_TABLE	BIT(1)

/* What must be so for the bits to be used. */
enum need {
	NEED_NOTHING,
	NEED_PGE,
	NEED_KEYS,
	NEED_PSE,
	NEED_HD,
	NEED_NO_HPD,
	NEED_CONTIGUOUS,
	NEED_SECURE,
	NEED_HARDWARE,
	NEED_SOFTWARE,
	NEED_RES0,
	NEED_VALID,
};

/*
 * Of each need: what is said if it is not met, and where the manual says so, if
 * that is not where the format is.
 */
static const struct {
	const char *why;
	const char *source;
} unmet[] = {
	[NEED_PGE] = { "CR4.PGE is 0", "SDM 5.10.2.4" },
	[NEED_KEYS] = { "CR4.PKE and CR4.PKS are 0", "SDM 5.6.2" },
	[NEED_PSE] = { "CR4.PSE is 0", "SDM 5.3" },
	[NEED_HD] = { "TCR_EL1.HD is not in effect", "Arm ARM TCR_EL1.HD" },
	[NEED_NO_HPD] = { "TCR_EL1.HPD0 is 1", "Arm ARM TCR_EL1.HPD0" },
	[NEED_CONTIGUOUS] = { "no level for it", "Arm ARM D8, The Contiguous bit" },
	[NEED_SECURE] = { "Non-secure state", "Arm ARM D8.3" },
	[NEED_HARDWARE] = { "left to the hardware", NULL },
	[NEED_SOFTWARE] = { "left to software", NULL },
	[NEED_RES0] = { "RES0, write 0", NULL },
	[NEED_VALID] = { "the entry is not valid", NULL },
};

/**
 * struct row - a field of a format, whatever the registers
 * @quiet: mmu_entry_flags() does not name it
 * @zero: meaning if it is 0
 * @one: meaning if it is not
 *
 * The order of the rows is that of the words of mmu_entry_flags().
 */
struct row {
	const char *name;
	unsigned char lsb, width, to;
	enum mmu_field_type type;
	enum need need;
	bool quiet;
	const char *zero, *one;
};

#define FLAG(bit, called, if0, if1) \
	{ .name = called, .lsb = bit, .width = 1, .type = MMU_FIELD_FLAG, .zero = if0, .one = if1 }
#define FLAG_IF(cond, bit, called, if0, if1) \
	{ .name = called, .lsb = bit, .width = 1, .type = MMU_FIELD_FLAG, .need = cond, \
	  .zero = if0, .one = if1 }
#define NUMBER(hi, lo, called, text) \
	{ .name = called, .lsb = lo, .width = (hi) - (lo) + 1, .type = MMU_FIELD_NUMBER, \
	  .zero = text, .one = text }
#define ADDRESS(hi, lo, at, text) \
	{ .name = "addr", .lsb = lo, .width = (hi) - (lo) + 1, .to = at, \
	  .type = MMU_FIELD_ADDRESS, .zero = text, .one = text }
#define SPARE(hi, lo, cond) \
	{ .lsb = lo, .width = (hi) - (lo) + 1, .need = cond, .zero = "", .one = "" }

/* --- x86: the low bits are the same in all formats --- */

#define ROW_P	FLAG(0, "P", "absent: no other bit has a meaning", "present")
#define ROWS_LOW(pat) \
	FLAG(1, "RW", "no writes", "writes allowed"), \
	FLAG(2, "US", "supervisor only", "user mode, too"), \
	FLAG(3, "PWT", pat ", + 0", pat ", + 1"), \
	FLAG(4, "PCD", pat ", + 0", pat ", + 2"), \
	FLAG(5, "A", "not accessed", "accessed")
#define ROWS_TABLE	ROW_P, ROWS_LOW("PAT index of the table")
#define ROWS_LEAF	ROW_P, ROWS_LOW("PAT index"), FLAG(6, "D", "clean", "dirty")
#define ROW_PAT(bit)	FLAG(bit, "PAT", "PAT index, + 0", "PAT index, + 4")
#define ROW_G		FLAG_IF(NEED_PGE, 8, "G", "of one address space", "global")
#define ROW_PS(cond)	FLAG_IF(cond, 7, "PS", "points to a table", "maps a page")
#define ROW_KEY \
	{ .name = "key", .lsb = 59, .width = 4, .type = MMU_FIELD_NUMBER, .need = NEED_KEYS, \
	  .zero = "protection key", .one = "protection key" }
#define ROW_NX		FLAG(63, "NX", "fetches allowed", "no fetches")

#define TO_TABLE	"address of the next table"
#define TO_PAGE		"address of the page"

static const struct row x86_pte32[] = {
	ROWS_LEAF, ROW_PAT(7), ROW_G, ADDRESS(31, 12, 12, TO_PAGE), { 0 },
};
static const struct row x86_pde32[] = {
	ROWS_TABLE, ROW_PS(NEED_PSE), ADDRESS(31, 12, 12, TO_TABLE), { 0 },
};
static const struct row x86_pde4m[] = {
	ROWS_LEAF, ROW_PS(NEED_NOTHING), ROW_G, ROW_PAT(12),
	ADDRESS(20, 13, 32, TO_PAGE ", PSE-36"), ADDRESS(31, 22, 22, TO_PAGE), { 0 },
};
static const struct row x86_pdpte_pae[] = {
	ROW_P, FLAG(3, "PWT", "PAT index of the table, + 0", "PAT index of the table, + 1"),
	FLAG(4, "PCD", "PAT index of the table, + 0", "PAT index of the table, + 2"),
	ADDRESS(51, 12, 12, TO_TABLE), { 0 },
};
static const struct row x86_table[] = {
	ROWS_TABLE, ROW_PS(NEED_NOTHING), ADDRESS(51, 12, 12, TO_TABLE), ROW_NX, { 0 },
};
static const struct row x86_pte_pae[] = {
	ROWS_LEAF, ROW_PAT(7), ROW_G, ADDRESS(51, 12, 12, TO_PAGE), ROW_NX, { 0 },
};
static const struct row x86_2m_pae[] = {
	ROWS_LEAF, ROW_PS(NEED_NOTHING), ROW_G, ROW_PAT(12), ADDRESS(51, 21, 21, TO_PAGE),
	ROW_NX, { 0 },
};
static const struct row x86_pte[] = {
	ROWS_LEAF, ROW_PAT(7), ROW_G, ADDRESS(51, 12, 12, TO_PAGE), ROW_KEY, ROW_NX, { 0 },
};
static const struct row x86_2m[] = {
	ROWS_LEAF, ROW_PS(NEED_NOTHING), ROW_G, ROW_PAT(12), ADDRESS(51, 21, 21, TO_PAGE),
	ROW_KEY, ROW_NX, { 0 },
};
static const struct row x86_1g[] = {
	ROWS_LEAF, ROW_PS(NEED_NOTHING), ROW_G, ROW_PAT(12), ADDRESS(51, 30, 30, TO_PAGE),
	ROW_KEY, ROW_NX, { 0 },
};
static const struct row x86_absent[] = {
	ROW_P, { 0 },
};

/* --- arm64: the address has its place from the granule, see add_addresses() --- */

#define ROW_TYPE(called, text) \
	{ .name = called, .lsb = 0, .width = 2, .type = MMU_FIELD_TYPE, .zero = text, .one = text }
#define ROWS_ATTRIBUTES \
	FLAG(10, "AF", "not accessed", "accessed"), \
	FLAG(11, "nG", "global", "of one ASID"), \
	FLAG(7, "RO", "writes allowed (AP[2])", "no writes (AP[2])"), \
	FLAG(6, "EL0", "EL1 only (AP[1])", "EL0, too (AP[1])"), \
	FLAG(50, "GP", "not guarded", "guarded, with FEAT_BTI"), \
	FLAG_IF(NEED_HD, 51, "DBM", "RO stands", "RO may become dirty"), \
	FLAG_IF(NEED_CONTIGUOUS, 52, "CONT", "by itself", "one of a contiguous set"), \
	FLAG(53, "PXN", "EL1 may fetch", "EL1 may not fetch"), \
	FLAG(54, "UXN", "EL0 may fetch", "EL0 may not fetch"), \
	FLAG_IF(NEED_SECURE, 5, "NS", "Secure", "Non-secure"), \
	NUMBER(4, 2, "attr", "AttrIndx: byte of MAIR_EL1"), \
	SPARE(63, 63, NEED_HARDWARE), SPARE(62, 59, NEED_HARDWARE), SPARE(58, 55, NEED_SOFTWARE)

static const struct row arm_shareability = {
	.name = "sh", .lsb = 8, .width = 2, .type = MMU_FIELD_NUMBER, .quiet = true,
	.zero = "not shareable", .one = "shareability: 2 outer, 3 inner",
};
static const struct row arm_page[] = {
	ROW_TYPE("page", "maps a page"), ROWS_ATTRIBUTES, { 0 },
};
static const struct row arm_block[] = {
	ROW_TYPE("block", "maps a block"), ROWS_ATTRIBUTES, { 0 },
};
static const struct row arm_table[] = {
	ROW_TYPE("table", "points to a table"),
	FLAG_IF(NEED_NO_HPD, 59, "PXNTable", "no limit", "EL1 may not fetch below"),
	FLAG_IF(NEED_NO_HPD, 60, "UXNTable", "no limit", "EL0 may not fetch below"),
	FLAG_IF(NEED_NO_HPD, 61, "APTable0", "no limit", "EL0 has no access below"),
	FLAG_IF(NEED_NO_HPD, 62, "APTable1", "no limit", "no writes below"),
	FLAG_IF(NEED_SECURE, 63, "NSTable", "Secure", "Non-secure"),
	SPARE(58, 51, NEED_SOFTWARE), SPARE(11, 2, NEED_SOFTWARE), { 0 },
};
static const struct row arm_reserved[] = {
	ROW_TYPE("reserved", "reserved: as if invalid"), { 0 },
};
static const struct row arm_invalid[] = {
	{ .name = "invalid", .lsb = 0, .width = 1, .type = MMU_FIELD_TYPE,
	  .zero = "invalid: no other bit has a meaning", .one = "" }, { 0 },
};

static const struct row *x86_rows(enum mmu_mode mode, int level, bool leaf)
{
	if (mode == MMU_MODE_X86_32BIT)
		return level == 1 ? x86_pte32 : leaf ? x86_pde4m : x86_pde32;
	if (mode == MMU_MODE_X86_PAE && level == 3)
		return x86_pdpte_pae;
	if (level != 1 && !leaf)
		return x86_table;
	if (mode == MMU_MODE_X86_PAE)
		return level == 1 ? x86_pte_pae : x86_2m_pae;
	return level == 1 ? x86_pte : level == 2 ? x86_2m : x86_1g;
}

/* @leaf is asked where bit 1 does not say it: is a block one? */
static const struct row *arm64_rows(int level, bool leaf, uint64_t raw)
{
	if (!(raw & ARM_VALID))
		return arm_invalid;
	if (level == 1)
		return raw & ARM_TABLE ? arm_page : arm_reserved;
	if (raw & ARM_TABLE)
		return arm_table;
	return leaf ? arm_block : arm_reserved;
}

static void number_word(struct mmu_text *text, const char *name,
			unsigned int value)
{
	char word[16], *at = word;

	while (*name)
		*at++ = *name++;
	*at++ = '=';
	if (value >= 10)
		*at++ = (char)('0' + value / 10);
	*at++ = (char)('0' + value % 10);
	*at = '\0';
	mmu_text_word(text, word);
}

static bool is_row(const struct row *row)
{
	return row->width;
}

static uint64_t bits_of(const struct row *row)
{
	return BITS(row->lsb + row->width - 1, row->lsb);
}

size_t mmu_entry_flags(enum mmu_mode mode, int level, bool leaf, uint64_t raw,
		       char *buf, size_t size)
{
	const struct row *row;
	struct mmu_text text;

	mmu_text_init(&text, buf, size);
	if (!mmu_mode_ops(mode)) {
		mmu_text_word(&text, "?");
		return text.length;
	}
	/* What is absent: bit 0 clear in all formats. */
	if (!(raw & X86_P)) {
		mmu_text_word(&text, "-");
		return text.length;
	}
	row = mode == MMU_MODE_ARM64 ? arm64_rows(level, leaf, raw) :
				       x86_rows(mode, level, leaf);
	for (; is_row(row); row++) {
		uint64_t value = (raw & bits_of(row)) >> row->lsb;

		if (!row->name || row->quiet || !value)
			continue;
		if (row->type == MMU_FIELD_NUMBER)
			number_word(&text, row->name, (unsigned int)value);
		else if (row->type != MMU_FIELD_ADDRESS)
			mmu_text_word(&text, row->name);
	}
	return text.length;
}

/* --- what the walk makes of one entry --- */

/* Memory in which every table is one and the same but for one entry. */
struct probe {
	int before;	/* reads until it is the turn of @raw */
	uint64_t table;
	uint64_t raw;
};

static int probe_read(void *ctx, uint64_t pa, uint64_t *value)
{
	struct probe *probe = ctx;

	(void)pa;
	if (probe->before < 0)
		return -1;
	*value = probe->before-- ? probe->table : probe->raw;
	return 0;
}

static int probe_read4(void *ctx, uint64_t pa, uint32_t *value)
{
	uint64_t both = 0;
	int error = probe_read(ctx, pa, &both);

	*value = (uint32_t)both;
	return error;
}

/* A PDPTE is judged when CR3 is loaded: SDM 5.4.1. */
static bool pdpte_kind(struct mmu_regs *regs, const struct mmu_mem *mem,
		       uint64_t raw, enum mmu_step_kind *kind, uint64_t *bad)
{
	struct mmu_cr3_load load;
	enum mmu_status status = mmu_load_cr3(regs, mem, 0, &load);

	if (status == MMU_ERR_REGS)
		return false;
	*bad = load.reserved_bits;
	*kind = status == MMU_FAULT_GP ? MMU_STEP_RESERVED :
		raw & X86_P ? MMU_STEP_TABLE : MMU_STEP_NOT_PRESENT;
	return true;
}

bool mmu_entry_kind(const struct mmu_regs *regs, int level, uint64_t raw,
		    enum mmu_step_kind *kind, uint64_t *bad)
{
	bool arm64 = regs->mode == MMU_MODE_ARM64, pae = regs->mode == MMU_MODE_X86_PAE;
	struct probe probe = { .table = arm64 ? 0x1003 : 0x1007, .raw = raw };
	struct mmu_mem mem = { .read = probe_read, .ctx = &probe, .read4 = probe_read4 };
	struct mmu_regs with = *regs;
	struct mmu_geometry geo;
	struct mmu_result res;
	unsigned int at;

	*bad = 0;
	*kind = MMU_STEP_NOT_PRESENT;
	with.cr3 = 0;
	with.arm64.ttbr0 = 0;
	for (at = 0; at < 4; at++)
		with.pdpte[at] = 0x1001;
	if (mmu_geometry(&with, 0, &geo) != MMU_OK || level < 1 || level > geo.levels)
		return false;
	/* With 64 KB granules bits 15:12 are no address, or its highest bits. */
	if (arm64 && geo.page_shift == 16)
		probe.table = 0x10003;
	at = (unsigned int)(geo.levels - level);
	if (pae && !at)
		return pdpte_kind(&with, &mem, raw, kind, bad);
	/* The registers of PAE paging are no read. */
	probe.before = (int)at - pae;
	mmu_walk(&with, &mem, 0, &res);
	if (res.walk == MMU_ERR_REGS || res.nsteps <= at)
		return false;
	*kind = res.steps[at].kind;
	*bad = res.nsteps == at + 1 ? res.reserved_bits : 0;
	return true;
}

/* --- fields --- */

#define MAX_ROWS	32

/* One entry: its rows, of which the first that has a bit counts. */
struct format {
	struct row rows[MAX_ROWS];
	unsigned int count;
	unsigned int bits;	/* of an entry */
	uint64_t reserved;
	bool invalid;		/* only what has a name has a meaning */
	const char *source;
	struct mmu_arm64_format arm64;
};

static void add_rows(struct format *f, const struct row *row)
{
	for (; is_row(row) && f->count < MAX_ROWS; row++)
		f->rows[f->count++] = *row;
}

static void add_address(struct format *f, unsigned int high, unsigned int low,
			unsigned int to, bool table)
{
	const struct row rows[] = {
		ADDRESS(0, 0, 0, ""), { 0 },
	};

	add_rows(f, rows);
	f->rows[f->count - 1].lsb = (unsigned char)low;
	f->rows[f->count - 1].width = (unsigned char)(high - low + 1);
	f->rows[f->count - 1].to = (unsigned char)to;
	f->rows[f->count - 1].zero = table ? TO_TABLE : TO_PAGE;
	f->rows[f->count - 1].one = table ? TO_TABLE : TO_PAGE;
}

/* Arm ARM D8.3: OA[51:48] with 64 KB granules, OA[51:50] with TCR_EL1.DS */
static void add_addresses(struct format *f, bool table)
{
	const struct mmu_arm64_format *a = &f->arm64;

	add_address(f, 47, table ? a->granule : a->shift, table ? a->granule : a->shift, table);
	if (a->lpa)
		add_address(f, 15, 12, 48, table);
	if (a->ds) {
		add_address(f, 49, 48, 48, table);
		add_address(f, 9, 8, 50, table);
	}
}

/* Does the walk map a page by an entry of which no more than this is said? */
static bool maps(const struct mmu_regs *regs, int level, uint64_t raw)
{
	enum mmu_step_kind kind;
	uint64_t bad;

	return mmu_entry_kind(regs, level, raw, &kind, &bad) && kind == MMU_STEP_LEAF;
}

static bool arm64_format(const struct mmu_regs *regs, int level, uint64_t raw,
			 struct format *f)
{
	const struct row *rows;

	if (!mmu_arm64_format(regs, level, &f->arm64))
		return false;
	f->bits = 64;
	f->source = "Arm ARM D8.3";
	rows = arm64_rows(level, maps(regs, level, ARM_VALID), raw);
	if (rows == arm_page || rows == arm_block || rows == arm_table) {
		add_addresses(f, rows == arm_table);
		/* With DS these bits are address, and that came first. */
		if (rows != arm_table)
			f->rows[f->count++] = arm_shareability;
	}
	f->invalid = rows == arm_reserved || rows == arm_invalid;
	add_rows(f, rows);
	return true;
}

static void x86_format(const struct mmu_regs *regs, int level, uint64_t raw,
		       struct format *f)
{
	static const char *const sources[] = {
		[MMU_MODE_X86_4LEVEL] = "SDM 5.5.4", [MMU_MODE_X86_5LEVEL] = "SDM 5.5.4",
		[MMU_MODE_X86_32BIT] = "SDM 5.3", [MMU_MODE_X86_PAE] = "SDM 5.4.2",
	};
	bool leaf = level == 1 || ((raw & X86_PS) && maps(regs, level, X86_P | X86_PS));

	f->bits = regs->mode == MMU_MODE_X86_32BIT ? 32 : 64;
	f->source = sources[regs->mode];
	if (regs->mode == MMU_MODE_X86_PAE && level == 3)
		f->source = "SDM 5.4.1";
	f->invalid = !(raw & X86_P);
	add_rows(f, f->invalid ? x86_absent : x86_rows(regs->mode, level, leaf));
}

/* Which bits the walk would refuse in an entry of the same format. */
static uint64_t reserved_bits(const struct mmu_regs *regs, int level, uint64_t raw)
{
	bool arm64 = regs->mode == MMU_MODE_ARM64;
	uint64_t keep = arm64 ? ARM_TABLE : X86_PS, bad, more;
	enum mmu_step_kind kind;

	if (!(raw & X86_P))
		return 0;
	mmu_entry_kind(regs, level, (raw & keep) | ~keep, &kind, &bad);
	if (arm64)
		return bad;
	/* PS decides the format; where it does not, it may be reserved, too. */
	mmu_entry_kind(regs, level, UINT64_MAX, &kind, &more);
	return bad | (more & X86_PS);
}

static const struct row *row_of(const struct format *f, unsigned int bit)
{
	unsigned int i;

	for (i = 0; i < f->count; i++)
		if (bit >= f->rows[i].lsb && bit < f->rows[i].lsb + f->rows[i].width)
			return &f->rows[i];
	return NULL;
}

static bool met(const struct mmu_regs *regs, const struct format *f, enum need need)
{
	switch (need) {
	case NEED_NOTHING:
		return true;
	case NEED_PGE:
		return regs->cr4 & BIT(7);
	case NEED_KEYS:
		return regs->cr4 & (BIT(22) | BIT(24));
	case NEED_PSE:
		return regs->cr4 & BIT(4);
	case NEED_HD:
		return f->arm64.hd;
	case NEED_NO_HPD:
		return !f->arm64.hpd;
	case NEED_CONTIGUOUS:
		return f->arm64.contiguous;
	default:
		return false;
	}
}

static const char *why_reserved(const struct mmu_regs *regs, const struct row *row)
{
	if (!row)
		return "must be 0";
	if (row->type == MMU_FIELD_TYPE)
		return "no such descriptor at this level";
	if (row->type == MMU_FIELD_ADDRESS)
		return regs->mode == MMU_MODE_ARM64 ? "beyond the output size" :
		       regs->mode == MMU_MODE_X86_32BIT ? "beyond the reach of PSE-36 here" :
							  "beyond MAXPHYADDR";
	if (row->lsb == 63)
		return "EFER.NXE is 0";
	return "no page of that size";
}

/* What is said of the bits that @row, or none, has. */
static void describe(const struct mmu_regs *regs, const struct format *f,
		     const struct row *row, uint64_t raw, struct mmu_field *field)
{
	bool arm64 = regs->mode == MMU_MODE_ARM64;
	enum need need = row ? row->need : f->invalid ? NEED_VALID :
			 arm64 ? NEED_RES0 : NEED_SOFTWARE;
	bool reserved = f->reserved >> field->lsb & 1;

	field->value = (raw >> field->lsb) & BITS(field->width - 1, 0);
	field->source = f->source;
	field->text = "";
	if (row) {
		field->name = row->name;
		field->type = row->type;
		field->text = field->value ? row->one : row->zero;
	}
	if (row && row->type == MMU_FIELD_ADDRESS) {
		field->to = row->to + field->lsb - row->lsb;
		field->value <<= field->to;
	}
	if (reserved || (row && row->type == MMU_FIELD_TYPE && row->one == arm_reserved[0].one)) {
		field->status = MMU_FIELD_RESERVED;
		field->why = why_reserved(regs, row);
	} else if (!met(regs, f, need)) {
		field->status = need == NEED_RES0 ? MMU_FIELD_RES0 : MMU_FIELD_IGNORED;
		field->why = unmet[need].why;
		if (unmet[need].source)
			field->source = unmet[need].source;
	}
}

/* One value, which is not cut where some of its bits are reserved. */
static bool is_whole(const struct row *row)
{
	return row && row->type != MMU_FIELD_ADDRESS && row->type != MMU_FIELD_NONE;
}

/* Is @bit reserved if and only if the one above it is? */
static bool alike(uint64_t reserved, unsigned int bit)
{
	return !((reserved >> bit ^ reserved >> bit >> 1) & 1);
}

unsigned int mmu_entry_fields(const struct mmu_regs *regs, int level,
			      uint64_t raw,
			      struct mmu_field fields[MMU_MAX_FIELDS])
{
	struct format f = { .count = 0 };
	const struct row *row, *last = NULL;
	enum mmu_step_kind kind;
	unsigned int count = 0, bit, i;
	uint64_t bad;

	if (!mmu_entry_kind(regs, level, raw, &kind, &bad))
		return 0;
	if (regs->mode == MMU_MODE_X86_32BIT)
		raw &= BITS(31, 0);
	if (regs->mode != MMU_MODE_ARM64)
		x86_format(regs, level, raw, &f);
	else if (!arm64_format(regs, level, raw, &f))
		return 0;
	f.reserved = reserved_bits(regs, level, raw);
	for (bit = f.bits; bit-- > 0; last = row) {
		row = row_of(&f, bit);
		if (count && row == last && (is_whole(row) || alike(f.reserved, bit))) {
			fields[count - 1].width++;
			fields[count - 1].lsb = bit;
		} else {
			fields[count++] = (struct mmu_field){ .lsb = bit, .width = 1 };
		}
	}
	for (i = 0; i < count; i++)
		describe(regs, &f, row_of(&f, fields[i].lsb), raw, &fields[i]);
	return count;
}

/* Upper and lower case alike: all names are ASCII. */
bool mmu_same_name(const char *a, const char *b, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		unsigned int x = (unsigned char)a[i], y = (unsigned char)b[i];

		if (x - 'A' <= 'Z' - 'A')
			x += 'a' - 'A';
		if (y - 'A' <= 'Z' - 'A')
			y += 'a' - 'A';
		if (x != y || !y)
			return false;
	}
	return !b[length];
}

static bool among(const struct row *row, const char *name, size_t length)
{
	for (; is_row(row); row++)
		if (row->name && mmu_same_name(name, row->name, length))
			return true;
	return false;
}

bool mmu_field_known(enum mmu_mode mode, const char *name, size_t length)
{
	static const struct row *const arm64[] = {
		arm_page, arm_block, arm_table, arm_reserved, arm_invalid,
	};
	bool found = mmu_same_name(name, "addr", length);
	unsigned int i;
	int level;

	if (mode == MMU_MODE_ARM64) {
		found |= mmu_same_name(name, arm_shareability.name, length);
		for (i = 0; i < sizeof(arm64) / sizeof(arm64[0]); i++)
			found |= among(arm64[i], name, length);
		return found;
	}
	for (level = 1; level <= mmu_levels(mode); level++)
		found |= among(x86_rows(mode, level, false), name, length) ||
			 among(x86_rows(mode, level, level <= 3), name, length);
	return found;
}

bool mmu_arm64_type(const struct mmu_regs *regs, int level, const char *name,
		    size_t length, uint64_t *type)
{
	/* What each value of bits 1:0 makes of an entry of this level. */
	bool block = maps(regs, level, ARM_VALID);
	uint64_t value;

	for (value = 0; value <= (ARM_VALID | ARM_TABLE); value++) {
		const struct row *row = arm64_rows(level, block, value);

		if (mmu_same_name(name, row->name, length)) {
			*type = value;
			return true;
		}
	}
	return false;
}
