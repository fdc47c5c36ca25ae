// SPDX-License-Identifier: GPL-2.0
/* mmscope mmu: the software MMU by itself, on tables in a file. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "mmu/mmu.h"
#include "source/memfile.h"
#include "util/text.h"

extern const struct mms_command mms_cmd_mmu;

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

enum { COL_LEVEL, COL_BITS, COL_INDEX, COL_ENTRY, COL_RAW, COL_FLAGS, COL_MEANING, COL_MAX };

static const struct mms_column columns[COL_MAX] = {
	[COL_LEVEL]	= { .name = "LEVEL", .type = MMS_COL_STR, .shown = true,
			    .tree = true, .help = "Linux's name of the table (the manual's of its entry)" },
	[COL_BITS]	= C("BITS", STR, true, "which bits of the address choose the entry"),
	[COL_INDEX]	= C("INDEX", HEX, true, "their value: the number of the entry"),
	[COL_ENTRY]	= C("ENTRY", HEX, true, "physical address of the entry"),
	[COL_RAW]	= C("RAW", HEX, true, "the entry as read"),
	[COL_FLAGS]	= C("FLAGS", STR, true, "its bits, by the manual"),
	[COL_MEANING]	= C("MEANING", STR, true, "where it leads"),
};

enum { ACC_ACCESS, ACC_OUTCOME, ACC_CODE, ACC_MAX };

static const struct mms_column access_columns[ACC_MAX] = {
	[ACC_ACCESS]	= C("ACCESS", STR, true, ""),
	[ACC_OUTCOME]	= C("OUTCOME", STR, true, ""),
	[ACC_CODE]	= C("CODE", NUM, false, ""),
};

enum { CMP_MODE, CMP_VALID, CMP_FIELDS, CMP_MAX };

static const struct mms_column compare_columns[CMP_MAX] = {
	[CMP_MODE]	= C("MODE", STR, true, ""),
	[CMP_VALID]	= C("ADDRESS", STR, true, ""),
	[CMP_FIELDS]	= C("FIELDS", STR, true, ""),
};

/* The registers as they are with Linux; a setting changes one. */
#define CR0_LINUX	UINT64_C(0x80050033)	/* PG AM WP NE ET MP PE */
#define CR4_PAE_PGE	UINT64_C(0xa0)

#define CR4_LA57	UINT64_C(0x1000)
#define EFER_LINUX	UINT64_C(0xd01)		/* NXE LMA LME SCE */
#define EFER_NXE	UINT64_C(0x800)

#define PAT_LINUX	UINT64_C(0x0407050600070106)
#define CR4_PSE_PGE	UINT64_C(0x90)
/* 4 KB granules, 48 bits in both halves, hardware's A and D, 48 bits of output */
#define TCR_LINUX	UINT64_C(0x000001b5b5503510)
#define MAIR_LINUX	UINT64_C(0x000000040044ffff)
#define SCTLR_M		UINT64_C(1)

enum width { W_U64, W_U32, W_UINT, W_BOOL };

/**
 * struct setting - what --set may say
 * @name: before the "="
 * @offset: of the member of struct mmu_regs
 * @width: its type
 * @bit: number of one bit of it, for 0 and 1; -1: the whole of it
 */
static const struct setting {
	const char *name;
	size_t offset;
	enum width width;
	int bit;
} settings[] = {
#define WHOLE(name, width) { #name, offsetof(struct mmu_regs, name), width, -1 }
#define ARM(name, width) { #name, offsetof(struct mmu_regs, arm64.name), width, -1 }
#define ONE(name, reg, bit) { #name, offsetof(struct mmu_regs, reg), W_U64, bit }
	WHOLE(cr0, W_U64), WHOLE(cr3, W_U64), WHOLE(cr4, W_U64),
	WHOLE(efer, W_U64), WHOLE(rflags, W_U64), WHOLE(pat, W_U64),
	WHOLE(pkru, W_U32), WHOLE(pkrs, W_U32),
	WHOLE(maxphyaddr, W_UINT), WHOLE(page1gb, W_BOOL),
	WHOLE(upper_g_reserved, W_BOOL),
	ONE(wp, cr0, 16), ONE(pse, cr4, 4), ONE(pge, cr4, 7),
	ONE(smep, cr4, 20), ONE(smap, cr4, 21), ONE(pke, cr4, 22),
	ONE(pks, cr4, 24), ONE(nxe, efer, 11), ONE(ac, rflags, 18),
	WHOLE(pse36, W_BOOL),
	ARM(ttbr0, W_U64), ARM(ttbr1, W_U64), ARM(tcr, W_U64), ARM(mair, W_U64),
	ARM(sctlr, W_U64), ARM(pan, W_BOOL), ARM(pa_bits, W_UINT),
	ARM(hafdbs, W_UINT), ARM(gran4k, W_BOOL), ARM(gran16k, W_BOOL),
	ARM(gran64k, W_BOOL), ARM(lpa2_4k, W_BOOL), ARM(lpa2_16k, W_BOOL),
	ARM(lva, W_BOOL), ARM(ttst, W_BOOL), ARM(hpds, W_BOOL), ARM(e0pd, W_BOOL),
	ARM(pan3, W_BOOL), ARM(pauth, W_BOOL), ARM(asid16, W_BOOL),
#undef WHOLE
#undef ARM
#undef ONE
};

#define NSETTINGS	(sizeof(settings) / sizeof(*settings))
#define SET_MAX		64

/* The command line's, until run() is called. */
static struct {
	const char *mode;
	const char *mem;
	const char *set[SET_MAX];
	unsigned int nset;
} opt;

/* struct view - one invocation */
struct view {
	struct mms_render render;
	struct mms_render plain;	/* for the table that -o does not mean */
	struct mms_memfile *file;
	struct mmu_mem mem;
	struct mmu_regs regs;
	struct mmu_result res;
	struct mmu_geometry geo;
	struct mms_table *table;
	struct mms_doc *doc;
	uint64_t addr;
};

/* --- modes and registers --- */

/* "4level" is "4-level" */
static bool same_mode(const char *typed, const char *name)
{
	while (*typed && *name) {
		if (*name == '-' && *typed != '-') {
			name++;
			continue;
		}
		if (tolower((unsigned char)*typed++) != tolower((unsigned char)*name++))
			return false;
	}
	return !*typed && !*name;
}

static bool modelled(enum mmu_mode mode)
{
	return mmu_levels(mode) > 0;
}

/* The modes' names, each but the first after ", ". */
static const char *mode_list(char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int m = 0; m < MMU_MODES && n < size; m++)
		if (modelled((enum mmu_mode)m))
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "",
					      mmu_mode_name((enum mmu_mode)m));
	return buf;
}

static int parse_mode(const char *typed, enum mmu_mode *mode, struct mms_err *err)
{
	char list[128], shown[64];

	for (unsigned int m = 0; m < MMU_MODES; m++) {
		*mode = (enum mmu_mode)m;
		if (modelled(*mode) && same_mode(typed, mmu_mode_name(*mode)))
			return 0;
	}
	return mms_err_set(err, -EINVAL, "mode '%s' is not known; there are %s",
			   mms_neutral(typed, shown, sizeof(shown)),
			   mode_list(list, sizeof(list)));
}

/* As Linux sets them on a processor that has all there is, but SMEP and SMAP. */
static void default_regs(enum mmu_mode mode, struct mmu_regs *regs)
{
	*regs = (struct mmu_regs){
		.mode = mode, .cr0 = CR0_LINUX, .cr4 = CR4_PAE_PGE,
		.efer = EFER_LINUX, .pat = PAT_LINUX, .maxphyaddr = 46,
		.page1gb = true, .pse36 = true,
	};
	switch (mode) {
	case MMU_MODE_X86_5LEVEL:
		regs->cr4 |= CR4_LA57;
		regs->maxphyaddr = 52;
		break;
	case MMU_MODE_X86_32BIT:
		regs->cr4 = CR4_PSE_PGE;
		regs->efer = 0;
		break;
	case MMU_MODE_X86_PAE:
		regs->efer = EFER_NXE;
		break;
	case MMU_MODE_ARM64:
		regs->arm64 = (struct mmu_arm64_regs){
			.tcr = TCR_LINUX, .mair = MAIR_LINUX, .sctlr = SCTLR_M,
			.pa_bits = 48, .hafdbs = 2, .gran4k = true,
			.gran16k = true, .gran64k = true, .asid16 = true,
		};
		break;
	default:
		break;
	}
}

static void put(struct mmu_regs *regs, const struct setting *s, uint64_t value)
{
	char *at = (char *)regs + s->offset;

	switch (s->width) {
	case W_U64:
		if (s->bit >= 0)
			value = (*(uint64_t *)at & ~(UINT64_C(1) << s->bit)) | value << s->bit;
		*(uint64_t *)at = value;
		break;
	case W_U32:
		*(uint32_t *)at = (uint32_t)value;
		break;
	case W_UINT:
		*(unsigned int *)at = (unsigned int)value;
		break;
	case W_BOOL:
		*(bool *)at = value;
		break;
	}
}

static const char *setting_list(char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < NSETTINGS && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", i ? " " : "",
				      settings[i].name);
	return buf;
}

/* "NAME=VALUE": hexadecimal with 0x, else decimal */
static int apply(struct mmu_regs *regs, const char *arg, struct mms_err *err)
{
	const char *eq = strchr(arg, '=');
	char shown[64], list[256];
	uint64_t value, max;
	const char *p;
	bool hex;

	mms_neutral(arg, shown, sizeof(shown));
	if (!eq)
		return mms_err_set(err, -EINVAL, "--set wants NAME=VALUE, not '%s'", shown);
	hex = eq[1] == '0' && (eq[2] == 'x' || eq[2] == 'X');
	p = eq + (hex ? 3 : 1);
	if (!mms_scan_u64(&p, hex ? 16 : 10, &value) || *p)
		return mms_err_set(err, -EINVAL, "--set %s: the value is no number of at most 64 bits (hexadecimal begins with 0x)",
				   shown);
	for (size_t i = 0; i < NSETTINGS; i++) {
		const struct setting *s = &settings[i];

		if (strlen(s->name) != (size_t)(eq - arg) || memcmp(s->name, arg, strlen(s->name)))
			continue;
		max = s->bit >= 0 || s->width == W_BOOL ? 1 :
		      s->width == W_U64 ? UINT64_MAX : UINT32_MAX;
		if (value > max)
			return mms_err_set(err, -EINVAL, "--set %s: the largest value is %#" PRIx64,
					   shown, max);
		put(regs, s, value);
		return 0;
	}
	return mms_err_set(err, -EINVAL, "--set %s: there is no such register or bit; there are %s",
			   shown, setting_list(list, sizeof(list)));
}

static int take_regs(struct view *v, struct mms_err *err)
{
	enum mmu_mode mode = MMU_MODE_X86_4LEVEL;
	int rc = opt.mode ? parse_mode(opt.mode, &mode, err) : 0;

	if (rc)
		return rc;
	default_regs(mode, &v->regs);
	for (unsigned int i = 0; !rc && i < opt.nset; i++)
		rc = apply(&v->regs, opt.set[i], err);
	if (!rc && mmu_check_regs(&v->regs) != MMU_OK)
		rc = mms_err_set(err, -EINVAL, "no processor holds these registers in %s mode: cr0 %#" PRIx64 " cr3 %#" PRIx64 " cr4 %#" PRIx64 " efer %#" PRIx64 ", %u physical bits",
				 mmu_mode_name(mode), v->regs.cr0, v->regs.cr3,
				 v->regs.cr4, v->regs.efer, v->regs.maxphyaddr);
	return rc;
}

/* --- explain --- */

static void fact(struct view *v, const char *label, const char *key, const char *text)
{
	mms_doc_text(v->doc, "%-18s%s\n", label, text);
	mms_doc_str(v->doc, key, text);
}

static void level_name(const struct view *v, int level, char *buf, size_t size)
{
	const char *ours = mmu_level_name(v->regs.mode, level);
	const char *manual = mmu_entry_name(v->regs.mode, level);

	if (strcmp(ours, manual))
		snprintf(buf, size, "%s (%s)", ours, manual);
	else
		snprintf(buf, size, "%s", ours);
}

/* "47:39" */
static void bits_text(const struct mmu_geometry *geo, int level, char *buf, size_t size)
{
	unsigned int high = level < geo->levels ? mmu_geometry_shift(geo, level + 1) :
						  geo->va_bits;

	snprintf(buf, size, "%u:%u", high - 1, mmu_geometry_shift(geo, level));
}

static void meaning(const struct view *v, unsigned int i, char *buf, size_t size)
{
	const struct mmu_step *s = &v->res.steps[i];
	char human[16];

	switch (s->kind) {
	case MMU_STEP_TABLE:
		snprintf(buf, size, "table at %#" PRIx64,
			 i + 1 < v->res.nsteps ? v->res.steps[i + 1].entry_pa & ~UINT64_C(0xfff) : 0);
		break;
	case MMU_STEP_LEAF:
		snprintf(buf, size, "page of %s at %#" PRIx64,
			 mms_human(UINT64_C(1) << v->res.page_shift, human),
			 v->res.pa & ~((UINT64_C(1) << v->res.page_shift) - 1));
		break;
	case MMU_STEP_RESERVED:
		snprintf(buf, size, "reserved bits %#" PRIx64, v->res.reserved_bits);
		break;
	case MMU_STEP_UNREADABLE:
		snprintf(buf, size, "outside the memory");
		break;
	default:
		snprintf(buf, size, "not present");
		break;
	}
}

static int show_steps(struct view *v, struct mms_err *err)
{
	struct mms_line *l = NULL;
	char buf[128];

	for (unsigned int i = 0; i < v->res.nsteps; i++) {
		const struct mmu_step *s = &v->res.steps[i];

		l = mms_table_line(v->table, l);
		if (!l)
			return mms_err_set(err, -ENOMEM, "out of memory");
		level_name(v, s->level, buf, sizeof(buf));
		mms_line_str(v->table, l, COL_LEVEL, buf);
		bits_text(&v->geo, s->level, buf, sizeof(buf));
		mms_line_str(v->table, l, COL_BITS, buf);
		mms_line_hex(v->table, l, COL_INDEX, s->index);
		mms_line_hex(v->table, l, COL_ENTRY, s->entry_pa);
		meaning(v, i, buf, sizeof(buf));
		mms_line_str(v->table, l, COL_MEANING, buf);
		if (s->kind == MMU_STEP_UNREADABLE)
			continue;
		mms_line_hex(v->table, l, COL_RAW, s->raw);
		mmu_entry_flags(v->regs.mode, s->level, s->kind == MMU_STEP_LEAF, s->raw,
				buf, sizeof(buf));
		mms_line_str(v->table, l, COL_FLAGS, buf);
	}
	return mms_doc_table(v->doc, v->table, err);
}

static void show_page(struct view *v)
{
	const struct mmu_result *r = &v->res;
	char buf[128];

	snprintf(buf, sizeof(buf), "%#" PRIx64, r->pa);
	mms_doc_str(v->doc, "pa", buf);
	mms_doc_num(v->doc, "page_size", (int64_t)(UINT64_C(1) << r->page_shift));
	mms_doc_text(v->doc, "%-18s%s (offset %#" PRIx64 ", bits %u:0)\n", "physical address",
		     buf, v->addr & ((UINT64_C(1) << r->page_shift) - 1), r->page_shift - 1);
	snprintf(buf, sizeof(buf), "r%c%c %s", r->writable ? 'w' : '-',
		 r->executable ? 'x' : '-',
		 r->user ? "for user mode" : "for the kernel only");
	fact(v, "effective rights", "rights", buf);
	snprintf(buf, sizeof(buf), "%s (PAT index %u)", mmu_memtype_name(r->memtype),
		 r->pat_index);
	fact(v, "memory type", "memory_type", buf);
	if (r->global)
		fact(v, "global", "global", "yes");
	if (r->pkey) {
		snprintf(buf, sizeof(buf), "%u", r->pkey);
		fact(v, "protection key", "pkey", buf);
	}
}

static void add_access(struct view *v, struct mms_table *t,
		       enum mmu_access_kind kind, bool user)
{
	struct mmu_access access = { .kind = kind, .user = user };
	struct mms_line *l = mms_table_line(t, NULL);
	char why[64], bits[64], buf[192];
	enum mmu_status status;

	if (!l)
		return;
	snprintf(buf, sizeof(buf), "%s %s", user ? "user" : "kernel", mmu_access_name(kind));
	mms_line_str(t, l, ACC_ACCESS, buf);
	status = mmu_check_access(&v->regs, &access, &v->res);
	if (status == MMU_OK) {
		mms_line_str(t, l, ACC_OUTCOME, "allowed");
		return;
	}
	mmu_denied_text(v->res.denied, why, sizeof(why));
	if (status == MMU_FAULT_ABORT) {
		mmu_abort_text(v->res.error_code, bits, sizeof(bits));
		snprintf(buf, sizeof(buf), "abort, ISS %#x (%s)%s%s", v->res.error_code, bits,
			 v->res.denied ? ": " : "", v->res.denied ? why : "");
		mms_line_str(t, l, ACC_OUTCOME, buf);
		mms_line_num(t, l, ACC_CODE, v->res.error_code);
		return;
	}
	if (status != MMU_FAULT_PF) {
		mms_line_str(t, l, ACC_OUTCOME, mmu_status_name(status));
		return;
	}
	mmu_error_text(v->res.error_code, bits, sizeof(bits));
	snprintf(buf, sizeof(buf), "#PF error code %#x (%s)%s%s", v->res.error_code, bits,
		 v->res.denied ? ": " : "", v->res.denied ? why : "");
	mms_line_str(t, l, ACC_OUTCOME, buf);
	mms_line_num(t, l, ACC_CODE, v->res.error_code);
}

static int show_accesses(struct view *v, struct mms_err *err)
{
	struct mms_column cols[ACC_MAX];
	struct mms_table *t;
	int rc;

	memcpy(cols, access_columns, sizeof(cols));
	cols[ACC_CODE].shown = v->render.json;
	rc = mms_table_new(&t, &v->plain, "accesses", cols, ACC_MAX, err);
	if (rc)
		return rc;
	for (int user = 1; user >= 0; user--) {
		add_access(v, t, MMU_READ, user);
		add_access(v, t, MMU_WRITE, user);
		add_access(v, t, MMU_FETCH, user);
	}
	mms_doc_text(v->doc, "\n");
	rc = mms_doc_table(v->doc, t, err);
	mms_table_free(t);
	return rc;
}

/* As the register holds it; its low bits may be no part of the address. */
static uint64_t root_of(const struct view *v)
{
	if (v->regs.mode != MMU_MODE_ARM64)
		return v->regs.cr3;
	return v->addr >> 55 & 1 ? v->regs.arm64.ttbr1 : v->regs.arm64.ttbr0;
}

static int show_explained(struct view *v, struct mms_err *err)
{
	char addr[32], root[32];
	int rc = 0;

	snprintf(addr, sizeof(addr), "%#" PRIx64, v->addr);
	snprintf(root, sizeof(root), "%#" PRIx64, root_of(v));
	mms_doc_text(v->doc, "address %s, %s paging, root at %s\n\n", addr,
		     mmu_mode_name(v->regs.mode), root);
	mms_doc_str(v->doc, "address", addr);
	mms_doc_str(v->doc, "mode", mmu_mode_name(v->regs.mode));
	mms_doc_str(v->doc, "root", root);
	mms_doc_str(v->doc, "status", mmu_status_name(v->res.walk));
	if (v->res.walk == MMU_FAULT_GP) {
		mms_doc_text(v->doc, "not canonical: bits 63:%u differ; any access is #GP(0), or #SS(0) through SS, no table is read\n",
			     mmu_va_bits(v->regs.mode) - 1);
		return 0;
	}
	rc = show_steps(v, err);
	mms_doc_text(v->doc, "\n");
	if (!rc && v->res.walk == MMU_OK)
		show_page(v);
	if (!rc && v->res.walk == MMU_ERR_MEMORY)
		mms_doc_text(v->doc, "the walk ends: the entry lies beyond the end of the file (%s)\n",
			     strerror(-v->res.read_error));
	if (!rc && v->res.walk != MMU_ERR_MEMORY)
		rc = show_accesses(v, err);
	return rc;
}

/* As MOV to CR3 does it: in PAE paging it reads four entries, and may refuse. */
static int load_root(struct view *v, struct mms_err *err)
{
	struct mmu_cr3_load load;
	enum mmu_status status;

	if (v->regs.mode != MMU_MODE_X86_PAE)
		return 0;
	status = mmu_load_cr3(&v->regs, &v->mem, v->regs.cr3, &load);
	if (status == MMU_OK)
		return 0;
	if (status == MMU_FAULT_GP)
		return mms_err_set(err, -EBADMSG, "loading CR3 is #GP(0): PDPTE %d at %#" PRIx64 " is %#" PRIx64 ", bits %#" PRIx64 " of it are reserved",
				   load.index, load.entry_pa, load.raw, load.reserved_bits);
	return mms_err_set(err, -EBADMSG, "loading CR3: PDPTE %d at %#" PRIx64 ": %s", load.index,
			   load.entry_pa, mmu_status_name(status));
}

static int explain(struct view *v, struct mms_err *err)
{
	struct mms_err ignored;
	int rc;

	if (!opt.mem)
		return mms_err_set(err, -EINVAL, "explain needs --mem FILE, an image or a text of physical memory");
	rc = take_regs(v, err);
	if (!rc)
		rc = mms_memfile_open(&v->file, opt.mem, err);
	if (rc)
		return rc;
	v->mem = (struct mmu_mem){ .read = mms_memfile_read, .ctx = v->file };
	rc = load_root(v, err);
	if (rc)
		return rc;
	mmu_geometry(&v->regs, v->addr, &v->geo);
	mmu_walk(&v->regs, &v->mem, v->addr, &v->res);
	v->doc = mms_doc_begin(&v->render);
	if (!v->doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	rc = show_explained(v, err);
	if (rc) {
		mms_doc_end(v->doc, &ignored);
		return rc;
	}
	return mms_doc_end(v->doc, err);
}

/* --- compare --- */

static void fields_text(const struct mmu_regs *regs, uint64_t addr, char *buf, size_t size)
{
	struct mmu_geometry geo;
	char bits[16];
	size_t n = 0;

	mmu_geometry(regs, addr, &geo);
	for (int level = geo.levels; level > 0 && n < size; level--) {
		bits_text(&geo, level, bits, sizeof(bits));
		n += (size_t)snprintf(buf + n, size - n, "%s %s=%#x, ",
				      mmu_entry_name(regs->mode, level), bits,
				      mmu_geometry_index(&geo, addr, level));
	}
	if (n < size)
		snprintf(buf + n, size - n, "offset %#" PRIx64,
			 addr & ((UINT64_C(1) << geo.page_shift) - 1));
}

/* What the processor thinks of the address before it looks at any table. */
static const char *exists_text(const struct mmu_regs *regs, uint64_t addr)
{
	unsigned int bits = mmu_va_bits(regs->mode);
	struct mmu_geometry geo;

	if (regs->mode == MMU_MODE_ARM64) {
		mmu_geometry(regs, addr, &geo);
		/* TCR_LINUX: the top byte is a tag in the lower half only */
		if (addr >> 55 & 1)
			return addr >> geo.va_bits == UINT64_MAX >> geo.va_bits ?
			       "TTBR1's" : "does not exist";
		return addr << 8 >> 8 >> geo.va_bits ? "does not exist" : "TTBR0's";
	}
	if (bits <= 32)
		return addr >> bits ? "does not exist" : "exists";
	return mmu_is_canonical(regs->mode, addr) ? "canonical" : "not canonical";
}

static int compare(struct view *v, struct mms_err *err)
{
	struct mms_table *t;
	char buf[256];
	int rc = mms_table_new(&t, &v->render, "modes", compare_columns, CMP_MAX, err);

	if (rc)
		return rc;
	for (unsigned int m = 0; m < MMU_MODES; m++) {
		enum mmu_mode mode = (enum mmu_mode)m;
		struct mms_line *l;

		if (!modelled(mode))
			continue;
		l = mms_table_line(t, NULL);
		if (!l)
			break;
		mms_line_str(t, l, CMP_MODE, mmu_mode_name(mode));
		default_regs(mode, &v->regs);
		mms_line_str(t, l, CMP_VALID, exists_text(&v->regs, v->addr));
		fields_text(&v->regs, v->addr, buf, sizeof(buf));
		mms_line_str(t, l, CMP_FIELDS, buf);
	}
	rc = mms_table_print(t, err);
	mms_table_free(t);
	return rc;
}

/* --- the command line --- */

enum { OPT_MODE = 0x100, OPT_MEM, OPT_SET };

static const struct option longopts[] = {
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "mem", required_argument, NULL, OPT_MEM },
	{ "set", required_argument, NULL, OPT_SET },
	{ 0 },
};

static int option(int val, const char *arg)
{
	switch (val) {
	case OPT_MODE:
		opt.mode = arg;
		return 0;
	case OPT_MEM:
		opt.mem = arg;
		return 0;
	default:
		if (opt.nset == SET_MAX)
			return mms_usage(&mms_cmd_mmu, "--set may be given %d times", SET_MAX);
		opt.set[opt.nset++] = arg;
		return 0;
	}
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct view v = { .render = g->render, .plain = g->render };
	struct mms_err err = { "" };
	bool explains;
	char shown[64];
	int rc;

	if (argc < 1)
		return mms_usage(&mms_cmd_mmu, "what is to be done? explain or compare");
	explains = !strcmp(argv[0], "explain");
	if (!explains && strcmp(argv[0], "compare"))
		return mms_usage(&mms_cmd_mmu, "'%s' is not known; explain and compare are",
				 mms_neutral(argv[0], shown, sizeof(shown)));
	if (argc != 2)
		return mms_usage(&mms_cmd_mmu, "%s wants one address, %d given", argv[0], argc - 1);
	v.plain.columns = NULL;
	rc = mms_parse_addr(argv[1], &v.addr, &err);
	if (!rc && explains)
		rc = mms_table_new(&v.table, &v.render, "steps", columns, COL_MAX, &err);
	if (!rc)
		rc = explains ? explain(&v, &err) : compare(&v, &err);
	mms_table_free(v.table);
	mms_memfile_close(v.file);
	if (rc)
		return mms_fail(rc, &err);
	return explains && v.res.walk != MMU_OK ? MMS_EXIT_MISMATCH : MMS_EXIT_OK;
}

const struct mms_command mms_cmd_mmu = {
	.name = "mmu",
	.summary = "What a processor makes of an address: the software MMU on a file",
	.usage = "explain ADDR --mem FILE | compare ADDR",
	.options = "  explain           walk the tables in FILE, entry by entry, and say which accesses\n"
		   "                    are allowed; exit status 1 if the address is not mapped\n"
		   "  compare           which entries the address uses in each mode\n"
		   "      --mode MODE   4level [default], 5level, 32bit, pae, arm64\n"
		   "      --mem FILE    physical memory: an image (a sparse file serves), or a text of\n"
		   "                    lines 'ADDRESS VALUE', hexadecimal, of 8-byte words\n"
		   "      --set NAME=N  a register (cr0 cr3 cr4 efer rflags pat pkru pkrs), one of its\n"
		   "                    bits (wp pse pge smep smap pke pks nxe ac) or a fact of the\n"
		   "                    processor (maxphyaddr page1gb upper_g_reserved); 0x for\n"
		   "                    hexadecimal; unset: as Linux has them, the root at 0\n"
		   "  ADDR is hexadecimal, with or without 0x.\n",
	.examples =
		"  printf '1000 2007\\n2000 3007\\n3000 4007\\n4008 8000000000005067\\n' >tables\n"
		"  mmscope mmu explain 0x1abc --mem tables --set cr3=0x1000\n"
		"  mmscope mmu explain 0x1abc --mem tables --set cr3=0x1000 --set smap=1\n"
		"  mmscope mmu compare 0x7f1234567890\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
