// SPDX-License-Identifier: GPL-2.0
/* mmscope mmu encode: a page table entry from the names of its bits. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cmd.h"
#include "mmu/entry.h"
#include "util/text.h"
#include "view/mmu.h"

enum { COL_BITS, COL_NAME, COL_VALUE, COL_MEANING, COL_SOURCE, COL_MAX };

#define C(n, s, h) { .name = n, .type = MMS_COL_STR, .shown = s, .help = h }

static const struct mms_column columns[COL_MAX] = {
	[COL_BITS]	= C("BITS", true, "highest and lowest bit"),
	[COL_NAME]	= C("NAME", true, "what encode calls them"),
	[COL_VALUE]	= C("VALUE", true, "what they hold; of an address, at its place in it"),
	[COL_MEANING]	= C("MEANING", true, "what that says to the processor"),
	[COL_SOURCE]	= C("SOURCE", false, "section of the manual"),
};

enum { NOTE_STATUS, NOTE_TEXT, NOTE_SOURCE, NOTE_MAX };

static const struct mms_column note_columns[NOTE_MAX] = {
	[NOTE_STATUS]	= C("STATUS", true, ""),
	[NOTE_TEXT]	= C("TEXT", true, ""),
	[NOTE_SOURCE]	= C("SOURCE", true, ""),
};

#undef C

/* struct view - one invocation */
struct view {
	struct mms_render render;
	struct mms_render plain;	/* for the table that -o does not mean */
	struct mmu_regs regs;
	int level;
	uint64_t raw;
	enum mmu_step_kind kind;
	struct mmu_field fields[MMU_MAX_FIELDS];
	unsigned int count;
	struct mms_doc *doc;
	struct mms_table *table;
	struct mms_table *notes;
};

/* --- the command line --- */

/* "PTE", "PGD" or "L2" of this mode: its number; 0 if it is no such name. */
static int level_of(const struct mmu_regs *regs, const char *name)
{
	struct mmu_geometry geo;
	int level;

	/* Two levels of arm64 may have one name: the one that there is. */
	mmu_geometry(regs, 0, &geo);
	for (level = geo.levels; level > 0; level--)
		if (!strcasecmp(name, mmu_entry_name(regs->mode, level)) ||
		    !strcasecmp(name, mmu_level_name(regs->mode, level)))
			return level;
	return 0;
}

/* Is it the name of a level in any mode? */
static bool is_level(const char *name)
{
	for (unsigned int m = 0; m < MMU_MODES; m++)
		for (int level = 1; level <= mmu_levels((enum mmu_mode)m); level++)
			if (!strcasecmp(name, mmu_entry_name((enum mmu_mode)m, level)) ||
			    !strcasecmp(name, mmu_level_name((enum mmu_mode)m, level)))
				return true;
	return false;
}

static const char *level_list(const struct mmu_regs *regs, char *buf, size_t size)
{
	struct mmu_geometry geo;
	size_t n = 0;

	buf[0] = '\0';
	mmu_geometry(regs, 0, &geo);
	for (int level = geo.levels; level > 0 && n < size; level--)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? " " : "",
				      mmu_entry_name(regs->mode, level));
	return buf;
}

static int take_level(struct view *v, int *argc, char ***argv, struct mms_err *err)
{
	char shown[64], list[64];

	v->level = 1;
	if (!*argc || !is_level(**argv))
		return 0;
	v->level = level_of(&v->regs, **argv);
	if (!v->level)
		return mms_err_set(err, -EINVAL, "%s paging as it is set has no %s; its entries are %s",
				   mmu_mode_name(v->regs.mode),
				   mms_neutral(**argv, shown, sizeof(shown)),
				   level_list(&v->regs, list, sizeof(list)));
	++*argv;
	--*argc;
	return 0;
}

/* The names that an entry of this sort has, lowest bits first. */
static const char *name_list(const struct view *v, uint64_t raw, char *buf, size_t size)
{
	struct mmu_field fields[MMU_MAX_FIELDS];
	unsigned int i = mmu_entry_fields(&v->regs, v->level, raw, fields);
	size_t n = 0;

	buf[0] = '\0';
	while (i-- > 0 && n < size) {
		const struct mmu_field *f = &fields[i];

		if (!f->name || (f->type == MMU_FIELD_ADDRESS && strstr(buf, "addr=")))
			continue;
		n += (size_t)snprintf(buf + n, size - n, "%s%s%s", n ? " " : "", f->name,
				      f->type == MMU_FIELD_FLAG || f->type == MMU_FIELD_TYPE ?
				      "" : "=N");
	}
	return buf;
}

/* What an entry that points to a table, or maps a page, would be without the refused word. */
static uint64_t sort_meant(const struct view *v, int argc, char **argv)
{
	bool arm64 = v->regs.mode == MMU_MODE_ARM64;

	for (int i = 0; i < argc; i++) {
		if (arm64 && !strcasecmp(argv[i], "block"))
			return 1;
		if (!arm64 && !strcasecmp(argv[i], "PS"))
			return 0x81;
	}
	return arm64 ? 3 : 1;
}

static const char *section(const struct view *v)
{
	struct mmu_field fields[MMU_MAX_FIELDS];

	return mmu_entry_fields(&v->regs, v->level, 1, fields) ? fields[0].source : "";
}

/* The lowest address bit that such an entry holds. */
static unsigned int address_shift(const struct view *v, uint64_t raw)
{
	struct mmu_field fields[MMU_MAX_FIELDS];
	unsigned int n = mmu_entry_fields(&v->regs, v->level, raw, fields), low = 63;

	while (n-- > 0)
		if (fields[n].type == MMU_FIELD_ADDRESS && fields[n].to < low)
			low = fields[n].to;
	return low;
}

static int refuse(const struct view *v, enum mmu_encode status, int argc, char **argv,
		  size_t which, struct mms_err *err)
{
	uint64_t raw = sort_meant(v, argc, argv);
	char word[64] = "", list[256], human[16];
	const char *entry = mmu_entry_name(v->regs.mode, v->level), *mode = mmu_mode_name(v->regs.mode);

	if (status != MMU_ENCODE_LEVEL)
		mms_neutral(argv[which], word, sizeof(word));
	switch (status) {
	case MMU_ENCODE_UNKNOWN:
		return mms_err_set(err, -EINVAL, "'%s' is no name in %s paging; this %s has %s, bits by number (HI:LO=N), and takes pfn=N and raw=N",
				   word, mode, entry, name_list(v, raw, list, sizeof(list)));
	case MMU_ENCODE_NOT_HERE:
		return mms_err_set(err, -EINVAL, "'%s' does not exist in this %s of %s paging (%s); it has %s",
				   word, entry, mode, section(v), name_list(v, raw, list, sizeof(list)));
	case MMU_ENCODE_NO_VALUE:
		return mms_err_set(err, -EINVAL, "'%s' wants a value: %s=N", word, word);
	case MMU_ENCODE_BAD_VALUE:
		return mms_err_set(err, -EINVAL, "'%s': the value is no number of at most 64 bits (hexadecimal begins with 0x), or the name takes none",
				   word);
	case MMU_ENCODE_TOO_LARGE:
		return mms_err_set(err, -EINVAL, "'%s' does not fit into this %s of %s paging (%s)",
				   word, entry, mode, section(v));
	case MMU_ENCODE_UNALIGNED:
		return mms_err_set(err, -EINVAL, "'%s' is not aligned: this %s holds addresses in steps of %s (%s)",
				   word, entry, mms_human(UINT64_C(1) << address_shift(v, raw), human), section(v));
	case MMU_ENCODE_TWICE:
		return mms_err_set(err, -EINVAL, "'%s': an earlier word has decided these bits", word);
	default:
		return mms_err_set(err, -EINVAL, "%s paging as it is set translates nothing: see --set", mode);
	}
}

/* --- what it is --- */

static void bits_text(const struct mmu_field *f, char *buf, size_t size)
{
	if (f->width == 1)
		snprintf(buf, size, "%u", f->lsb);
	else
		snprintf(buf, size, "%u:%u", f->lsb + f->width - 1, f->lsb);
}

static void value_text(const struct mmu_field *f, char *buf, size_t size)
{
	if (f->type == MMU_FIELD_ADDRESS || (f->type == MMU_FIELD_NONE && f->value > 9))
		snprintf(buf, size, "%#" PRIx64, f->value);
	else
		snprintf(buf, size, "%" PRIu64, f->value);
}

static const char *status_text(enum mmu_field_status status)
{
	switch (status) {
	case MMU_FIELD_IGNORED:
	case MMU_FIELD_RES0:
		return "ignored";
	case MMU_FIELD_RESERVED:
		return "reserved";
	default:
		return "used";
	}
}

static int add_fields(struct view *v, struct mms_err *err)
{
	char buf[128];

	for (unsigned int i = 0; i < v->count; i++) {
		const struct mmu_field *f = &v->fields[i];
		struct mms_line *l = mms_table_line(v->table, NULL);

		if (!l)
			return mms_err_set(err, -ENOMEM, "out of memory");
		bits_text(f, buf, sizeof(buf));
		mms_line_str(v->table, l, COL_BITS, buf);
		mms_line_str(v->table, l, COL_NAME, f->name ? f->name : "");
		value_text(f, buf, sizeof(buf));
		mms_line_str(v->table, l, COL_VALUE, buf);
		if (f->status == MMU_FIELD_USED)
			snprintf(buf, sizeof(buf), "%s", f->text);
		else
			snprintf(buf, sizeof(buf), "%s: %s", status_text(f->status), f->why);
		mms_line_str(v->table, l, COL_MEANING, buf);
		mms_line_str(v->table, l, COL_SOURCE, f->source);
	}
	return 0;
}

static uint64_t address_of(const struct view *v)
{
	uint64_t address = 0;

	for (unsigned int i = 0; i < v->count; i++)
		if (v->fields[i].type == MMU_FIELD_ADDRESS)
			address |= v->fields[i].value;
	return address;
}

static void kind_text(const struct view *v, char *buf, size_t size)
{
	struct mmu_geometry geo;
	char human[16];

	mmu_geometry(&v->regs, 0, &geo);
	switch (v->kind) {
	case MMU_STEP_TABLE:
		snprintf(buf, size, "table at %#" PRIx64, address_of(v));
		break;
	case MMU_STEP_LEAF:
		snprintf(buf, size, "page of %s at %#" PRIx64,
			 mms_human(UINT64_C(1) << mmu_geometry_shift(&geo, v->level), human),
			 address_of(v));
		break;
	default:
		snprintf(buf, size, "%s", mmu_step_name(v->kind));
		break;
	}
}

/* --- what the processor thinks of it --- */

static void note(struct view *v, const char *status, const char *text, const char *source)
{
	struct mms_line *l = mms_table_line(v->notes, NULL);

	if (l) {
		mms_line_str(v->notes, l, NOTE_STATUS, status);
		mms_line_str(v->notes, l, NOTE_TEXT, text);
		mms_line_str(v->notes, l, NOTE_SOURCE, source);
	}
	mms_doc_text(v->doc, "%-9s %s (%s)\n", status, text, source);
}

/* Each field that is not 0, and that the processor does not take for what it is. */
static void note_fields(struct view *v)
{
	char bits[16], text[160], width[48];

	for (unsigned int i = 0; i < v->count; i++) {
		const struct mmu_field *f = &v->fields[i];

		/* Of an absent entry all is, and that is said once. */
		if (!f->value || f->status == MMU_FIELD_USED || v->kind == MMU_STEP_NOT_PRESENT)
			continue;
		bits_text(f, bits, sizeof(bits));
		width[0] = '\0';
		if (f->status == MMU_FIELD_RESERVED && f->type == MMU_FIELD_ADDRESS &&
		    v->regs.mode != MMU_MODE_ARM64 && v->regs.mode != MMU_MODE_X86_32BIT)
			snprintf(width, sizeof(width), ", %u bits", v->regs.maxphyaddr);
		snprintf(text, sizeof(text), "bit%s %s%s%s: %s%s", f->width > 1 ? "s" : "", bits,
			 f->name ? " " : "", f->name ? f->name : "", f->why, width);
		note(v, status_text(f->status), text, f->source);
	}
}

/* struct refusal - why every access by an entry faults */
struct refusal {
	const char *status, *text, *source;
};

static const struct refusal *refusal_x86(const struct view *v)
{
	static const struct refusal absent = {
		"absent", "P is 0: any access by it is a #PF with P 0 in its code", "SDM 5.7"
	}, pdpte = {
		"refused", "loading CR3 is #GP(0), as a reserved bit is set", "SDM 5.4.1"
	}, reserved = {
		"refused", "any access by it is a #PF with RSVD and P in its code", "SDM 5.7"
	};

	if (v->kind == MMU_STEP_NOT_PRESENT)
		return &absent;
	if (v->kind != MMU_STEP_RESERVED)
		return NULL;
	return v->regs.mode == MMU_MODE_X86_PAE && v->level == 3 ? &pdpte : &reserved;
}

static const struct refusal *refusal_arm64(const struct view *v)
{
	static const struct refusal absent = {
		"absent", "not valid: any access is a Translation fault", "Arm ARM D8.3"
	}, reserved = {
		"refused", "reserved: any access is a Translation fault", "Arm ARM D8.3"
	}, size = {
		"refused", "any access is an Address size fault", "Arm ARM D8, Output address size"
	}, flag = {
		"refused", "AF is 0: any access is an Access flag fault", "Arm ARM D8, The Access flag"
	};
	const struct mmu_arm64_regs *a = &v->regs.arm64;
	bool ha = a->hafdbs && a->tcr >> 39 & 1;

	switch (v->kind) {
	case MMU_STEP_NOT_PRESENT:
		return &absent;
	case MMU_STEP_RESERVED:
		return &reserved;
	case MMU_STEP_ADDRESS_SIZE:
		return &size;
	case MMU_STEP_LEAF:
		return v->raw >> 10 & 1 || ha ? NULL : &flag;
	default:
		return NULL;
	}
}

/* NULL if some access by it is allowed. */
static const struct refusal *refusal_of(const struct view *v)
{
	return v->regs.mode == MMU_MODE_ARM64 ? refusal_arm64(v) : refusal_x86(v);
}

/* What the manual leaves to the processor. */
static void note_open(struct view *v)
{
	if (v->regs.mode != MMU_MODE_ARM64 || v->kind != MMU_STEP_LEAF)
		return;
	for (unsigned int i = 0; i < v->count; i++)
		if (v->fields[i].name && !strcmp(v->fields[i].name, "sh") && v->fields[i].value == 1)
			note(v, "open", "sh 1 is reserved: what it means is the processor's choice",
			     "Arm ARM D8, Shareability");
}

static int show(struct view *v, struct mms_err *err)
{
	const struct mmu_regs *r = &v->regs;
	const struct refusal *refusal = refusal_of(v);
	char buf[256], kind[64];
	int rc = add_fields(v, err);

	if (rc)
		return rc;
	snprintf(buf, sizeof(buf), "%#" PRIx64, v->raw);
	mms_doc_text(v->doc, "%s\n\n", buf);
	mms_doc_str(v->doc, "raw", buf);
	mms_doc_str(v->doc, "mode", mmu_mode_name(r->mode));
	mms_doc_str(v->doc, "level", mmu_entry_name(r->mode, v->level));
	mms_doc_str(v->doc, "kind", mmu_step_name(v->kind));
	kind_text(v, kind, sizeof(kind));
	mms_doc_text(v->doc, "%s paging, %s: %s\n\n", mmu_mode_name(r->mode),
		     mmu_entry_name(r->mode, v->level), kind);
	rc = mms_doc_table(v->doc, v->table, err);
	mms_doc_text(v->doc, "\n");
	note_fields(v);
	if (refusal)
		note(v, refusal->status, refusal->text, refusal->source);
	note_open(v);
	mmu_entry_words(r, v->level, v->raw, buf, sizeof(buf));
	mms_doc_text(v->doc, "%-9s %s\n", "words", buf);
	mms_doc_str(v->doc, "words", buf);
	if (!rc && v->render.json)
		rc = mms_doc_table(v->doc, v->notes, err);
	return rc;
}

static int make(struct view *v, int argc, char **argv, struct mms_err *err)
{
	size_t which = 0;
	enum mmu_encode status = mmu_entry_encode(&v->regs, v->level, (const char *const *)argv,
						  (size_t)argc, &v->raw, &which);
	uint64_t bad;

	if (status != MMU_ENCODE_OK)
		return refuse(v, status, argc, argv, which, err);
	v->count = mmu_entry_fields(&v->regs, v->level, v->raw, v->fields);
	mmu_entry_kind(&v->regs, v->level, v->raw, &v->kind, &bad);
	return 0;
}

int mms_mmu_encode(const struct mms_render *render, int argc, char **argv, struct mms_err *err)
{
	struct view v = { .render = *render, .plain = *render };
	struct mms_column cols[COL_MAX];
	int rc = mms_mmu_take_regs(&v.regs, err);

	memcpy(cols, columns, sizeof(cols));
	cols[COL_SOURCE].shown = render->json;
	v.plain.columns = NULL;
	if (!rc)
		rc = take_level(&v, &argc, &argv, err);
	if (!rc)
		rc = make(&v, argc, argv, err);
	if (!rc)
		rc = mms_table_new(&v.table, &v.render, "fields", cols, COL_MAX, err);
	if (!rc)
		rc = mms_table_new(&v.notes, &v.plain, "notes", note_columns, NOTE_MAX, err);
	if (!rc) {
		struct mms_err ignored;

		v.doc = mms_doc_begin(&v.render);
		rc = v.doc ? show(&v, err) : mms_err_set(err, -ENOMEM, "out of memory");
		if (v.doc && rc)
			mms_doc_end(v.doc, &ignored);
		else if (v.doc)
			rc = mms_doc_end(v.doc, err);
	}
	mms_table_free(v.notes);
	mms_table_free(v.table);
	if (rc)
		return rc;
	return refusal_of(&v) ? MMS_EXIT_MISMATCH : MMS_EXIT_OK;
}
