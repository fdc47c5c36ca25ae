// SPDX-License-Identifier: GPL-2.0
/* mmscope mmu: the software MMU by itself, on tables in a file. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "mmu/mmu.h"
#include "source/memfile.h"
#include "util/text.h"
#include "view/mmu.h"

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
	[COL_FLAGS]	= C("FLAGS", STR, false, "its bits, by the manual; else below the table"),
	[COL_MEANING]	= C("MEANING", STR, true, "where it leads"),
};

enum { ACC_ACCESS, ACC_OUTCOME, ACC_CODE, ACC_MAX };

static const struct mms_column access_columns[ACC_MAX] = {
	[ACC_ACCESS]	= C("ACCESS", STR, true, ""),
	[ACC_OUTCOME]	= C("OUTCOME", STR, true, ""),
	[ACC_CODE]	= C("CODE", NUM, false, ""),
};

enum { CMP_MODE, CMP_ADDRESS, CMP_ENTRY, CMP_BITS, CMP_INDEX, CMP_MAX };

static const struct mms_column compare_columns[CMP_MAX] = {
	[CMP_MODE]	= C("MODE", STR, true, ""),
	[CMP_ADDRESS]	= C("ADDRESS", STR, true, ""),
	[CMP_ENTRY]	= C("ENTRY", STR, true, ""),
	[CMP_BITS]	= C("BITS", STR, true, ""),
	[CMP_INDEX]	= C("INDEX", HEX, true, ""),
};

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
	const struct mmu_step *s = &v->res.steps[i], *next = s + 1;
	unsigned int entry = v->regs.mode == MMU_MODE_X86_32BIT ? 4 : 8;
	char human[16];

	switch (s->kind) {
	case MMU_STEP_TABLE:
		/* A table has a next step always: if nothing else, one that is unreadable. */
		snprintf(buf, size, "table at %#" PRIx64,
			 next->entry_pa - entry * (uint64_t)next->index);
		break;
	case MMU_STEP_LEAF:
		mms_human(UINT64_C(1) << mmu_geometry_shift(&v->geo, s->level), human);
		if (v->res.walk == MMU_OK)
			snprintf(buf, size, "%s page at %#" PRIx64, human,
				 v->res.pa & ~((UINT64_C(1) << v->res.page_shift) - 1));
		else
			snprintf(buf, size, "%s page, AF is 0", human);
		break;
	case MMU_STEP_RESERVED:
		if (v->regs.mode == MMU_MODE_ARM64)
			snprintf(buf, size, "reserved descriptor");
		else
			snprintf(buf, size, "reserved bits %#" PRIx64, v->res.reserved_bits);
		break;
	case MMU_STEP_ADDRESS_SIZE:
		snprintf(buf, size, "beyond the output size: bits %#" PRIx64, v->res.reserved_bits);
		break;
	case MMU_STEP_UNREADABLE:
		snprintf(buf, size, "outside the memory");
		break;
	default:
		snprintf(buf, size, "not present");
		break;
	}
}

static void flags_text(const struct view *v, const struct mmu_step *s, char *buf, size_t size)
{
	mmu_entry_flags(v->regs.mode, s->level, s->kind == MMU_STEP_LEAF, s->raw, buf, size);
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
		flags_text(v, s, buf, sizeof(buf));
		mms_line_str(v->table, l, COL_FLAGS, buf);
	}
	return mms_doc_table(v->doc, v->table, err);
}

/* Below the table, as beside RAW they would leave no room on a terminal; -o says where else. */
static void show_flags(struct view *v)
{
	char label[32], buf[128];

	for (unsigned int i = 0; i < v->res.nsteps && !v->render.columns; i++) {
		const struct mmu_step *s = &v->res.steps[i];

		if (s->kind == MMU_STEP_UNREADABLE)
			continue;
		snprintf(label, sizeof(label), "bits of %s", mmu_entry_name(v->regs.mode, s->level));
		flags_text(v, s, buf, sizeof(buf));
		mms_doc_text(v->doc, "%-18s%s\n", label, buf);
	}
}

/* Byte AttrIndx of MAIR_EL1, which is known only if it was given; with no tables it matters not. */
static void show_arm64_memory(struct view *v)
{
	const struct mmu_result *r = &v->res;
	bool flat = !(v->regs.arm64.sctlr & 1), known = flat || mms_mmu_given("mair");
	unsigned int sh = known ? mmu_arm64_shareability(r->arm64.attr, r->arm64.sh) : r->arm64.sh;
	char words[96], buf[192];

	mmu_arm64_attr_text(r->arm64.attr, words, sizeof(words));
	if (flat)
		snprintf(buf, sizeof(buf), "%s (SCTLR_EL1.M is 0)", words);
	else if (known)
		snprintf(buf, sizeof(buf), "%s (attr=%u: %#04x)", words, r->pat_index, r->arm64.attr);
	else
		snprintf(buf, sizeof(buf), "unknown (attr=%u): --set mair=VALUE tells MAIR_EL1",
			 r->pat_index);
	mms_doc_text(v->doc, "%-18s%s\n", "memory type", buf);
	mms_doc_str(v->doc, "memory_type", known ? words : NULL);
	snprintf(buf, sizeof(buf), "%s%s", mmu_arm64_share_name(sh),
		 sh != r->arm64.sh ? ", as such memory always is" :
		 known || sh == 2 ? "" : ", unless the memory is Device or NC");
	mms_doc_text(v->doc, "%-18s%s\n", "shareability", buf);
	mms_doc_str(v->doc, "shareability", known || sh == 2 ? mmu_arm64_share_name(sh) : NULL);
}

static void rights_text(const struct view *v, char *buf, size_t size)
{
	const struct mmu_result *r = &v->res;

	if (v->regs.mode == MMU_MODE_ARM64)
		snprintf(buf, size, "r%c%c for EL1, %c%c%c for EL0", r->writable ? 'w' : '-',
			 r->executable ? 'x' : '-', r->user ? 'r' : '-',
			 r->user && r->writable ? 'w' : '-', r->arm64.user_executable ? 'x' : '-');
	else
		snprintf(buf, size, "r%c%c %s", r->writable ? 'w' : '-', r->executable ? 'x' : '-',
			 r->user ? "for user mode" : "for the kernel only");
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
	rights_text(v, buf, sizeof(buf));
	fact(v, "effective rights", "rights", buf);
	if (v->regs.mode == MMU_MODE_ARM64) {
		show_arm64_memory(v);
	} else {
		snprintf(buf, sizeof(buf), "%s (PAT index %u)", mmu_memtype_name(r->memtype),
			 r->pat_index);
		fact(v, "memory type", "memory_type", buf);
	}
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
	if (!rc)
		show_flags(v);
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

	if (!mms_mmu_options.mem)
		return mms_err_set(err, -EINVAL, "explain needs --mem FILE, an image or a text of physical memory");
	rc = mms_mmu_take_regs(&v->regs, err);
	if (!rc)
		rc = mms_memfile_open(&v->file, mms_mmu_options.mem, err);
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

static int compare_line(struct view *v, struct mms_table *t, const char *entry, const char *bits,
			uint64_t index)
{
	struct mms_line *l = mms_table_line(t, NULL);

	if (!l)
		return -ENOMEM;
	mms_line_str(t, l, CMP_MODE, mmu_mode_name(v->regs.mode));
	mms_line_str(t, l, CMP_ADDRESS, exists_text(&v->regs, v->addr));
	mms_line_str(t, l, CMP_ENTRY, entry);
	mms_line_str(t, l, CMP_BITS, bits);
	mms_line_hex(t, l, CMP_INDEX, index);
	return 0;
}

/* A line for each entry that the mode uses, root first, and one for what is left. */
static int compare_mode(struct view *v, struct mms_table *t, enum mmu_mode mode)
{
	char bits[16];
	int rc = 0;

	mms_mmu_default_regs(mode, &v->regs);
	mmu_geometry(&v->regs, v->addr, &v->geo);
	for (int level = v->geo.levels; level > 0 && !rc; level--) {
		bits_text(&v->geo, level, bits, sizeof(bits));
		rc = compare_line(v, t, mmu_entry_name(mode, level), bits,
				  mmu_geometry_index(&v->geo, v->addr, level));
	}
	snprintf(bits, sizeof(bits), "%u:0", v->geo.page_shift - 1);
	return rc ? rc : compare_line(v, t, "offset", bits,
				      v->addr & ((UINT64_C(1) << v->geo.page_shift) - 1));
}

static int compare(struct view *v, struct mms_err *err)
{
	struct mms_table *t;
	int rc = mms_table_new(&t, &v->render, "modes", compare_columns, CMP_MAX, err);

	if (rc)
		return rc;
	for (unsigned int m = 0; m < MMU_MODES && !rc; m++)
		if (mms_mmu_modelled((enum mmu_mode)m))
			rc = compare_mode(v, t, (enum mmu_mode)m);
	if (rc)
		mms_err_set(err, rc, "out of memory");
	else
		rc = mms_table_print(t, err);
	mms_table_free(t);
	return rc;
}

/* --- the command line --- */

enum { OPT_MODE = 0x100, OPT_GRANULE, OPT_MEM, OPT_SET };

static const struct option longopts[] = {
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "granule", required_argument, NULL, OPT_GRANULE },
	{ "mem", required_argument, NULL, OPT_MEM },
	{ "set", required_argument, NULL, OPT_SET },
	{ 0 },
};

static int option(int val, const char *arg)
{
	switch (val) {
	case OPT_MODE:
		mms_mmu_options.mode = arg;
		return 0;
	case OPT_GRANULE:
		mms_mmu_options.granule = arg;
		return 0;
	case OPT_MEM:
		mms_mmu_options.mem = arg;
		return 0;
	default:
		if (mms_mmu_options.nset == MMS_MMU_SET_MAX)
			return mms_usage(&mms_cmd_mmu, "--set may be given %d times", MMS_MMU_SET_MAX);
		mms_mmu_options.set[mms_mmu_options.nset++] = arg;
		return 0;
	}
}

/* "explain ADDR" or "compare ADDR" */
static int run_on_address(const struct mms_globals *g, bool explains, const char *typed)
{
	struct view v = { .render = g->render, .plain = g->render };
	struct mms_column cols[COL_MAX];
	struct mms_err err = { "" };
	int rc;

	memcpy(cols, columns, sizeof(cols));
	cols[COL_FLAGS].shown = g->render.json;
	v.plain.columns = NULL;
	rc = mms_parse_addr(typed, &v.addr, &err);
	if (!rc && explains)
		rc = mms_table_new(&v.table, &v.render, "steps", cols, COL_MAX, &err);
	if (!rc)
		rc = explains ? explain(&v, &err) : compare(&v, &err);
	mms_table_free(v.table);
	mms_memfile_close(v.file);
	if (rc)
		return mms_fail(rc, &err);
	return explains && v.res.walk != MMU_OK ? MMS_EXIT_MISMATCH : MMS_EXIT_OK;
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_err err = { "" };
	bool explains;
	char shown[64];
	int rc;

	if (argc < 1)
		return mms_usage(&mms_cmd_mmu, "what is to be done? explain, encode or compare");
	if (!strcmp(argv[0], "encode")) {
		if (argc < 2)
			return mms_usage(&mms_cmd_mmu, "encode wants the names of what is set in the entry");
		rc = mms_mmu_encode(&g->render, argc - 1, argv + 1, &err);
		return rc < 0 ? mms_fail(rc, &err) : rc;
	}
	explains = !strcmp(argv[0], "explain");
	if (!explains && strcmp(argv[0], "compare"))
		return mms_usage(&mms_cmd_mmu, "'%s' is not known; explain, encode and compare are",
				 mms_neutral(argv[0], shown, sizeof(shown)));
	if (argc != 2)
		return mms_usage(&mms_cmd_mmu, "%s wants one address, %d given", argv[0], argc - 1);
	return run_on_address(g, explains, argv[1]);
}

const struct mms_command mms_cmd_mmu = {
	.name = "mmu",
	.summary = "What a processor makes of an address or an entry: the software MMU",
	.usage = "explain ADDR --mem FILE | encode [LEVEL] NAME[=N]... | compare ADDR",
	.options = "  explain           walk the tables in FILE, entry by entry, and say which\n"
		   "                    accesses are allowed; exit status 1 if it is not mapped\n"
		   "  encode            make a table entry from names, as explain prints them\n"
		   "                    (P RW NX key=3), addr=N or pfn=N, bits by their numbers\n"
		   "                    (9=1, 11:9=5), raw=N to begin with; LEVEL is pte [default]\n"
		   "                    pde pdpte pml4e pml5e, l3 ... l-1, or Linux's word; exit\n"
		   "                    status 1 if every access by it is refused\n"
		   "  compare           which entries the address uses in each mode\n"
		   "      --mode MODE   4level [default], 5level, 32bit, pae, arm64\n"
		   "      --granule N   arm64: 4k [default], 16k, 64k\n"
		   "      --mem FILE    physical memory: an image (a sparse file serves), or a\n"
		   "                    text of lines 'ADDRESS VALUE', hexadecimal, of 8-byte words\n"
		   "      --set NAME=N  a register (cr0 cr3 cr4 efer rflags pat pkru pkrs; ttbr0\n"
		   "                    ttbr1 tcr mair sctlr), a part of one (wp pse pge smep smap\n"
		   "                    pke pks nxe ac; t0sz t1sz tg0 tg1 ips ha hd ds) or a fact\n"
		   "                    of the processor (maxphyaddr page1gb upper_g_reserved\n"
		   "                    pse36; pa_bits lpa2_4k ...); 0x for hexadecimal; unset: as\n"
		   "                    Linux has them, the root at 0\n"
		   "  ADDR is hexadecimal, with or without 0x.\n",
	.examples =
		"  printf '1000 2007\\n2000 3007\\n3000 4007\\n4008 8000000000005067\\n' >tables\n"
		"  mmscope mmu explain 0x1abc --mem tables --set cr3=0x1000\n"
		"  mmscope mmu explain 0x1abc --mem tables --set cr3=0x1000 --set smap=1\n"
		"  mmscope mmu encode pte pfn=0x1234 P RW US NX pkey=3\n"
		"  mmscope mmu encode pde --mode pae P PS addr=0x40000000 RW\n"
		"  mmscope mmu encode l2 --mode arm64 --granule 64k block AF addr=0x20000000\n"
		"  mmscope mmu encode pte raw=0x8000000000005067 NX=0\n"
		"  mmscope mmu compare 0x7f1234567890\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
