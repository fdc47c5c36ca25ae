// SPDX-License-Identifier: GPL-2.0
/*
 * Table entries from names and back: every mode and level, against the formats
 * of the manuals written out here once more, bit by bit.
 *
 * A format is a drawing: one letter for each bit, the highest first, blanks do
 * not count. What a letter is called, where it is an address, and when it is
 * reserved, is said by letters[] and by the rules below; the model's own table
 * is not looked at.
 */
#include <stdio.h>

#include "test_mmu.h"
#include "mmu/entry.h"

#define A8		"aaaaaaaa"
#define A40		A8 A8 A8 A8 A8
#define RANDOMS		200

/* Check's own assertions write to a file each time, and here are millions. */
#define must(condition, ...) do { \
	if (!(condition)) \
		ck_abort_msg(__VA_ARGS__); \
} while (0)

/**
 * struct letter - what a letter of a drawing stands for
 * @name: of a flag or number; NULL: the bits have no name
 * @lsb: of a number, its lowest bit
 * @kind: 'f' flag, 'n' number, 'a' address, 't' type, '.' nothing
 * @shift: of an address, how much higher the bit is there than in the entry
 */
struct letter {
	char letter;
	char kind;
	const char *name;
	unsigned int lsb;
	unsigned int shift;
};

static const struct letter x86_letters[] = {
	{ 'P', 'f', "P", 0, 0 }, { 'R', 'f', "RW", 0, 0 }, { 'U', 'f', "US", 0, 0 },
	{ 'W', 'f', "PWT", 0, 0 }, { 'C', 'f', "PCD", 0, 0 }, { 'A', 'f', "A", 0, 0 },
	{ 'D', 'f', "D", 0, 0 }, { 'S', 'f', "PS", 0, 0 }, { 'Z', 'f', "PS", 0, 0 },
	{ 'Y', 'f', "PS", 0, 0 }, { 'G', 'f', "G", 0, 0 }, { 'T', 'f', "PAT", 0, 0 },
	{ 'K', 'n', "key", 59, 0 }, { 'N', 'f', "NX", 0, 0 }, { 'a', 'a', NULL, 0, 0 },
	{ 'h', 'a', NULL, 0, 19 }, { '.', '.', NULL, 0, 0 }, { '!', '.', NULL, 0, 0 },
	{ 0, 0, NULL, 0, 0 },
};

static const struct letter arm_letters[] = {
	{ 'H', '.', NULL, 0, 0 }, { 'h', '.', NULL, 0, 0 }, { 's', '.', NULL, 0, 0 },
	{ '.', '.', NULL, 0, 0 }, { '0', '.', NULL, 0, 0 }, { 'a', 'a', NULL, 0, 0 },
	{ 't', 'a', NULL, 0, 36 }, { 'u', 'a', NULL, 0, 42 }, { 'X', 'f', "UXN", 0, 0 },
	{ 'x', 'f', "PXN", 0, 0 }, { 'c', 'f', "CONT", 0, 0 }, { 'C', 'f', "CONT", 0, 0 },
	{ 'd', 'f', "DBM", 0, 0 }, { 'b', 'f', "GP", 0, 0 }, { 'n', 'f', "nG", 0, 0 },
	{ 'f', 'f', "AF", 0, 0 }, { 'y', 'n', "sh", 8, 0 }, { 'o', 'f', "RO", 0, 0 },
	{ 'e', 'f', "EL0", 0, 0 }, { 'q', 'f', "NS", 0, 0 }, { 'i', 'n', "attr", 2, 0 },
	{ 'V', 'f', "NSTable", 0, 0 }, { '1', 'f', "APTable1", 0, 0 },
	{ '2', 'f', "APTable0", 0, 0 }, { '3', 'f', "UXNTable", 0, 0 },
	{ '4', 'f', "PXNTable", 0, 0 }, { 'T', 't', NULL, 0, 0 }, { 0, 0, NULL, 0, 0 },
};

/**
 * struct format - an entry of one kind
 * @draw: the bits; @type: the arm64 word for bits 1:0
 * @fixed: bits that make an entry one of this kind
 * @page: it maps something
 */
struct format {
	const char *what;
	int level;
	uint64_t fixed;
	bool page;
	const char *draw;
	const char *type;
};

/* S: PS that may be 0 or 1; Z: ignored; Y: reserved; T: PAT. */
#define LOW_TABLE	"A C W U R P"
#define LOW_PAGE	"D A C W U R P"

static const struct format long_formats[] = {
	{ "PTE", 1, T_P, true, "N KKKK ....... " A40 " ... G T " LOW_PAGE, NULL },
	{ "PDE", 2, T_P, false, "N ........... " A40 " .... S . " LOW_TABLE, NULL },
	{ "PDE 2M", 2, T_P | T_PS, true,
	  "N KKKK ....... " A8 A8 A8 "aaaaaaa !!!!!!!! T ... G S " LOW_PAGE, NULL },
	{ "PDPTE", 3, T_P, false, "N ........... " A40 " .... S . " LOW_TABLE, NULL },
	{ "PDPTE 1G", 3, T_P | T_PS, true,
	  "N KKKK ....... " A8 A8 "aaaaaa !!!!!!!!!!!!!!!!! T ... G S " LOW_PAGE, NULL },
	{ "PML4E", 4, T_P, false, "N ........... " A40 " .... Y . " LOW_TABLE, NULL },
	{ "PML5E", 5, T_P, false, "N ........... " A40 " .... Y . " LOW_TABLE, NULL },
	{ NULL, 0, 0, false, NULL, NULL },
};

static const struct format no1g_formats[] = {
	{ "PDPTE", 3, T_P, false, "N ........... " A40 " .... Y . " LOW_TABLE, NULL },
	{ NULL, 0, 0, false, NULL, NULL },
};

/* APM 5.3.3: bit 8 "MBZ" */
static const struct format amd_formats[] = {
	{ "PML4E", 4, T_P, false, "N ........... " A40 " ... ! Y . " LOW_TABLE, NULL },
	{ "PML5E", 5, T_P, false, "N ........... " A40 " ... ! Y . " LOW_TABLE, NULL },
	{ NULL, 0, 0, false, NULL, NULL },
};

static const struct format pae_formats[] = {
	{ "PTE", 1, T_P, true, "N !!!!!!!!!!! " A40 " ... G T " LOW_PAGE, NULL },
	{ "PDE", 2, T_P, false, "N !!!!!!!!!!! " A40 " .... S . " LOW_TABLE, NULL },
	{ "PDE 2M", 2, T_P | T_PS, true,
	  "N !!!!!!!!!!! " A8 A8 A8 "aaaaaaa !!!!!!!! T ... G S " LOW_PAGE, NULL },
	{ "PDPTE", 3, T_P, false, "!!!!!!!!!!!! " A40 " ... !!!! C W !! P", NULL },
	{ NULL, 0, 0, false, NULL, NULL },
};

static const struct format bit32_formats[] = {
	{ "PTE", 1, T_P, true, A8 A8 "aaaa ... G T " LOW_PAGE, NULL },
	{ "PDE", 2, T_P, false, A8 A8 "aaaa .... S . " LOW_TABLE, NULL },
	{ "PDE 4M", 2, T_P | T_PS, true, A8 "aa ! hhhhhhhh T ... G S " LOW_PAGE, NULL },
	{ NULL, 0, 0, false, NULL, NULL },
};

/* CR4.PSE = 0: PS is ignored. */
static const struct format nopse_formats[] = {
	{ "PDE", 2, T_P, false, A8 A8 "aaaa .... Z . " LOW_TABLE, NULL },
	{ NULL, 0, 0, false, NULL, NULL },
};

/* C: a level that has no contiguous sets */
#define UPPER		"H hhhh ssss X x c d b "
#define UPPER_NOC	"H hhhh ssss X x C d b "
#define LOWER		" n f yy o e q iii TT"
#define LOWER_DS	" n f uu o e q iii TT"
#define LIMITS		"V 1 2 3 4 ........ "

static const struct format arm4k_formats[] = {
	{ "page", 1, 3, true, UPPER "00 " A8 A8 A8 A8 "aaaa" LOWER, "page" },
	{ "block 2M", 2, 1, true,
	  UPPER "00 " A8 A8 A8 "aaa 000000000" LOWER, "block" },
	{ "block 1G", 3, 1, true,
	  UPPER "00 " A8 A8 "aa 000000000000000000" LOWER, "block" },
	{ "L2 table", 2, 3, false, LIMITS "000 " A8 A8 A8 A8 "aaaa .......... TT", "table" },
	{ "L1 table", 3, 3, false, LIMITS "000 " A8 A8 A8 A8 "aaaa .......... TT", "table" },
	{ "L0 table", 4, 3, false, LIMITS "000 " A8 A8 A8 A8 "aaaa .......... TT", "table" },
	{ NULL, 0, 0, false, NULL, NULL },
};

static const struct format arm4k_ds_formats[] = {
	{ "page", 1, 3, true, UPPER A8 A8 A8 A8 "aaaaaa" LOWER_DS, "page" },
	{ "block 2M", 2, 1, true, UPPER A8 A8 A8 "aaaaa 000000000" LOWER_DS, "block" },
	{ "block 512G", 4, 1, true,
	  UPPER_NOC A8 "aaa 000000000000000000000000000" LOWER_DS, "block" },
	{ "L0 table", 4, 3, false, LIMITS "0 " A8 A8 A8 A8 "aaaaaa .. uu ...... TT", "table" },
	{ "L-1 table", 5, 3, false, LIMITS "0 " A8 A8 A8 A8 "aaaaaa .. uu ...... TT", "table" },
	{ NULL, 0, 0, false, NULL, NULL },
};

static const struct format arm16k_formats[] = {
	{ "page", 1, 3, true, UPPER "00 " A8 A8 A8 A8 "aa 00" LOWER, "page" },
	{ "block 32M", 2, 1, true, UPPER "00 " A8 A8 "aaaaaaa 0000000000000" LOWER, "block" },
	{ "L2 table", 2, 3, false, LIMITS "000 " A8 A8 A8 A8 "aa 00 .......... TT", "table" },
	{ "L1 table", 3, 3, false, LIMITS "000 " A8 A8 A8 A8 "aa 00 .......... TT", "table" },
	{ "L0 table", 4, 3, false, LIMITS "000 " A8 A8 A8 A8 "aa 00 .......... TT", "table" },
	{ NULL, 0, 0, false, NULL, NULL },
};

static const struct format arm16k_ds_formats[] = {
	{ "page", 1, 3, true, UPPER A8 A8 A8 A8 "aaaa 00" LOWER_DS, "page" },
	{ "block 64G", 3, 1, true,
	  UPPER_NOC A8 "aaaaaa 000000000000000000000000" LOWER_DS, "block" },
	{ NULL, 0, 0, false, NULL, NULL },
};

static const struct format arm64k_formats[] = {
	{ "page", 1, 3, true, UPPER "00 " A8 A8 A8 A8 "0000" LOWER, "page" },
	{ "block 512M", 2, 1, true, UPPER "00 " A8 A8 "aaa 00000000000000000" LOWER, "block" },
	{ "L2 table", 2, 3, false, LIMITS "000 " A8 A8 A8 A8 "0000 .......... TT", "table" },
	{ NULL, 0, 0, false, NULL, NULL },
};

static const struct format arm64k_lpa_formats[] = {
	{ "page", 1, 3, true, UPPER "00 " A8 A8 A8 A8 "tttt" LOWER, "page" },
	{ "block 512M", 2, 1, true,
	  UPPER "00 " A8 A8 "aaa 0000000000000 tttt" LOWER, "block" },
	{ "block 4T", 3, 1, true,
	  UPPER_NOC "00 aaaaaa 00000000000000000000000000 tttt" LOWER, "block" },
	{ "L2 table", 2, 3, false, LIMITS "000 " A8 A8 A8 A8 "tttt .......... TT", "table" },
	{ NULL, 0, 0, false, NULL, NULL },
};

/* The bits of one drawing, and the registers' word on them. */
struct want {
	const struct mmu_regs *regs;
	const struct format *format;
	const struct letter *letter[64];
	unsigned int bits;
	unsigned int address_bits;	/* above are reserved */
};

static bool is_arm64(const struct want *w)
{
	return w->regs->mode == MMU_MODE_ARM64;
}

static const struct letter *letter_of(const struct letter *letters, char c)
{
	while (letters->letter && letters->letter != c)
		letters++;
	must(letters->letter, "the drawing has a letter '%c'", c);
	return letters;
}

static void read_drawing(struct want *w)
{
	const struct letter *letters = is_arm64(w) ? arm_letters : x86_letters;
	const char *s;
	unsigned int bit;

	w->bits = w->regs->mode == MMU_MODE_X86_32BIT ? 32 : 64;
	bit = w->bits;
	for (s = w->format->draw; *s; s++)
		if (*s != ' ') {
			must(bit > 0, "%s: too many letters", w->format->what);
			w->letter[--bit] = letter_of(letters, *s);
		}
	must(bit == 0, "%s: %u letters are missing", w->format->what, bit);
}

static enum mmu_field_status status_of(const struct want *w, unsigned int bit)
{
	const struct letter *l = w->letter[bit];
	const struct mmu_regs *r = w->regs;

	if (l->kind == 'a' && bit + l->shift >= w->address_bits)
		return MMU_FIELD_RESERVED;
	if (is_arm64(w)) {
		if (l->letter == '0')
			return MMU_FIELD_RES0;
		/* Hardware management of the dirty state is on in one case only. */
		if (l->letter == 'd')
			return r->arm64.hafdbs == 2 && (r->arm64.tcr >> 39 & 3) == 3 ?
			       MMU_FIELD_USED : MMU_FIELD_IGNORED;
		return l->kind == '.' || strchr("CqV", l->letter) ? MMU_FIELD_IGNORED :
								    MMU_FIELD_USED;
	}
	switch (l->letter) {
	case '!':
	case 'Y':
		return MMU_FIELD_RESERVED;
	case 'N':
		return r->efer & T_EFER_NXE ? MMU_FIELD_USED : MMU_FIELD_RESERVED;
	case 'G':
		return r->cr4 & T_CR4_PGE ? MMU_FIELD_USED : MMU_FIELD_IGNORED;
	case 'K':
		return r->cr4 & (T_CR4_PKE | T_CR4_PKS) ? MMU_FIELD_USED : MMU_FIELD_IGNORED;
	case '.':
	case 'Z':
		return MMU_FIELD_IGNORED;
	default:
		return MMU_FIELD_USED;
	}
}

static uint64_t reserved_in(const struct want *w, uint64_t raw)
{
	uint64_t bad = 0;
	unsigned int bit;

	for (bit = 0; bit < w->bits; bit++)
		if (status_of(w, bit) == MMU_FIELD_RESERVED)
			bad |= raw & UINT64_C(1) << bit;
	return bad;
}

static uint64_t address_in(const struct want *w, uint64_t raw)
{
	uint64_t address = 0;
	unsigned int bit;

	for (bit = 0; bit < w->bits; bit++)
		if (w->letter[bit]->kind == 'a' && raw >> bit & 1)
			address |= UINT64_C(1) << (bit + w->letter[bit]->shift);
	return address;
}

static void say(char *buf, size_t size, const char *word)
{
	size_t n = strlen(buf);

	snprintf(buf + n, size - n, "%s%s", n ? " " : "", word);
}

static void say_hex(char *buf, size_t size, const char *name, uint64_t value)
{
	char word[64];

	snprintf(word, sizeof(word), "%s=0x%" PRIx64, name, value);
	say(buf, size, word);
}

static void say_number(char *buf, size_t size, const char *name, uint64_t value)
{
	char word[64];

	snprintf(word, sizeof(word), "%s=%" PRIu64, name, value);
	say(buf, size, word);
}

/* Bits @from and up that are one nameless field: "58:52=0x1" */
static unsigned int say_nameless(const struct want *w, unsigned int from, uint64_t raw,
				 char *buf, size_t size)
{
	unsigned int to = from;
	char name[32];
	uint64_t value;

	while (to + 1 < w->bits && w->letter[to + 1] == w->letter[from])
		to++;
	value = raw >> from & UINT64_MAX >> (63 - (to - from));
	if (to == from)
		snprintf(name, sizeof(name), "%u", to);
	else
		snprintf(name, sizeof(name), "%u:%u", to, from);
	if (value)
		say_hex(buf, size, name, value);
	return to;
}

static void want_words(const struct want *w, uint64_t raw, char *buf, size_t size)
{
	bool addressed = false, typed = false;
	unsigned int bit;

	buf[0] = '\0';
	for (bit = 0; bit < w->bits; bit++) {
		const struct letter *l = w->letter[bit];

		if (l->kind == '.') {
			bit = say_nameless(w, bit, raw, buf, size);
		} else if (l->kind == 'a') {
			if (!addressed && address_in(w, raw))
				say_hex(buf, size, "addr", address_in(w, raw));
			addressed = true;
		} else if (l->kind == 't') {
			if (!typed)
				say(buf, size, w->format->type);
			typed = true;
		} else if (l->kind == 'n') {
			uint64_t value = raw >> l->lsb & (l->letter == 'K' ? 15 :
							  l->letter == 'i' ? 7 : 3);

			if (bit == l->lsb && value)
				say_number(buf, size, l->name, value);
		} else if (raw >> bit & 1) {
			say(buf, size, l->name);
		}
	}
	if (!buf[0])
		say(buf, size, "-");
}

static enum mmu_encode encode(const struct mmu_regs *regs, int level, const char *text,
			      uint64_t *raw, size_t *which)
{
	const char *words[64];
	char copy[256], *save = NULL, *word;
	size_t n = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		words[n++] = word;
	return mmu_entry_encode(regs, level, words, n, raw, which);
}

static void assert_encodes(const struct mmu_regs *regs, int level, const char *text, uint64_t want)
{
	uint64_t raw = ~want;
	size_t which = 0;
	enum mmu_encode status = encode(regs, level, text, &raw, &which);

	must(status == MMU_ENCODE_OK, "'%s': word %zu is refused: %d", text, which, status);
	must(raw == want, "'%s' is %#" PRIx64 ", not %#" PRIx64, text, raw, want);
}

/* The words in the opposite order mean the same. */
static void assert_any_order(const struct mmu_regs *regs, int level, const char *text, uint64_t want)
{
	char copy[256], back[256] = "", *save = NULL, *word;

	snprintf(copy, sizeof(copy), "%s", text);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		char rest[256];

		snprintf(rest, sizeof(rest), "%s", back);
		snprintf(back, sizeof(back), "%s %.200s", word, rest);
	}
	assert_encodes(regs, level, back, want);
}

static void check_fields(const struct want *w, uint64_t raw)
{
	struct mmu_field fields[MMU_MAX_FIELDS];
	unsigned int n = mmu_entry_fields(w->regs, w->format->level, raw, fields), i, k;
	unsigned int next = w->bits;

	must(n > 0, "%s has no fields", w->format->what);
	must(n <= MMU_MAX_FIELDS, "%u fields", n);
	for (i = 0; i < n; i++) {
		const struct mmu_field *f = &fields[i];
		uint64_t value = raw >> f->lsb & UINT64_MAX >> (64 - f->width);

		must(f->lsb + f->width == next, "%s: a gap above bit %u", w->format->what, f->lsb);
		next = f->lsb;
		must(f->text && f->source, "%s bit %u: no text", w->format->what, f->lsb);
		must(!f->why == (f->status == MMU_FIELD_USED), "%s bit %u", w->format->what,
			      f->lsb);
		must(!f->name == (f->type == MMU_FIELD_NONE), "%s bit %u", w->format->what, f->lsb);
		if (f->type == MMU_FIELD_ADDRESS)
			value <<= f->to;
		must(f->value == value, "%s bit %u: %#" PRIx64, w->format->what, f->lsb, f->value);
		for (k = f->lsb; k < f->lsb + f->width; k++) {
			const struct letter *l = w->letter[k];

			must(f->status == status_of(w, k), "%s bit %u: status %d, not %d",
				      w->format->what, k, f->status, status_of(w, k));
			if (l->kind == 'a')
				must(f->to + k - f->lsb == k + l->shift, "%s bit %u: to %u", w->format->what, k, f->to);
			else if (l->kind == 't')
				must(!strcmp(f->name, w->format->type), "%s is %s", w->format->what, f->name);
			else if (l->name)
				must(f->name && !strcmp(f->name, l->name), "%s bit %u",
					      w->format->what, k);
			else
				must(!f->name, "%s bit %u is %s", w->format->what, k, f->name);
		}
	}
	must(!next, "%s: bit 0 is missing", w->format->what);
}

static void check_kind(const struct want *w, uint64_t raw)
{
	uint64_t bad = reserved_in(w, raw), got;
	enum mmu_step_kind want = w->format->page ? MMU_STEP_LEAF : MMU_STEP_TABLE, kind;

	if (bad)
		want = is_arm64(w) ? MMU_STEP_ADDRESS_SIZE : MMU_STEP_RESERVED;
	must(mmu_entry_kind(w->regs, w->format->level, raw, &kind, &got), "%s", w->format->what);
	must(kind == want, "%s %#" PRIx64 ": %s, not %s", w->format->what, raw,
		      mmu_step_name(kind), mmu_step_name(want));
	must(got == bad, "%s %#" PRIx64 ": reserved %#" PRIx64, w->format->what, raw, got);
}

/* The words that explain prints are words that encode knows. */
static void check_flags(const struct want *w, uint64_t raw)
{
	uint64_t named = 0;
	unsigned int bit;
	char flags[96];

	for (bit = 0; bit < w->bits; bit++)
		if (strchr("fnt", w->letter[bit]->kind) && w->letter[bit]->letter != 'y')
			named |= raw & UINT64_C(1) << bit;
	mmu_entry_flags(w->regs->mode, w->format->level, w->format->page, raw, flags, sizeof(flags));
	assert_encodes(w->regs, w->format->level, flags, named);
}

static void check_entry(const struct want *w, uint64_t raw)
{
	char want[256], words[256];
	size_t length;

	want_words(w, raw, want, sizeof(want));
	length = mmu_entry_words(w->regs, w->format->level, raw, words, sizeof(words));
	must(!strcmp(words, want), "%s %#" PRIx64 " is '%s', not '%s'", w->format->what,
		      raw, words, want);
	must(length == strlen(want) && length < 192, "%zu characters", length);
	assert_encodes(w->regs, w->format->level, want, raw);
	assert_any_order(w->regs, w->format->level, want, raw);
	check_fields(w, raw);
	check_kind(w, raw);
}

static uint64_t state = 0x9e3779b97f4a7c15;

static uint64_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* An entry of this format with everything else as in @any. */
static uint64_t of_format(const struct want *w, uint64_t any)
{
	uint64_t fixed = w->format->fixed, decide = 1;

	if (is_arm64(w))
		decide = 3;
	else if (w->letter[7]->letter == 'S')
		decide |= T_PS;
	any = (any & ~decide) | fixed;
	return w->bits == 32 ? any & UINT32_MAX : any;
}

static void check_format(const struct mmu_regs *regs, const struct format *format,
			 unsigned int address_bits)
{
	struct want w = { .regs = regs, .format = format, .address_bits = address_bits };
	unsigned int bit, i;

	read_drawing(&w);
	check_entry(&w, of_format(&w, 0));
	check_entry(&w, of_format(&w, UINT64_MAX));
	for (bit = 0; bit < w.bits; bit++) {
		check_entry(&w, of_format(&w, UINT64_C(1) << bit));
		check_entry(&w, of_format(&w, ~(UINT64_C(1) << bit)));
		check_flags(&w, of_format(&w, UINT64_C(1) << bit));
	}
	for (i = 0; i < RANDOMS; i++) {
		check_entry(&w, of_format(&w, i & 1 ? rnd() : rnd() & rnd() & rnd()));
		check_flags(&w, of_format(&w, rnd()));
	}
}

static void check_formats(const struct mmu_regs *regs, const struct format *formats,
			  unsigned int address_bits)
{
	for (; formats->what; formats++)
		if (formats->level <= mmu_levels(regs->mode))
			check_format(regs, formats, address_bits);
}

/* --- x86 --- */

START_TEST(long_mode)
{
	static const unsigned int widths[] = { 36, 46, 52 };
	struct mmu_regs regs = t_regs(_i ? MMU_MODE_X86_5LEVEL : MMU_MODE_X86_4LEVEL);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		regs.maxphyaddr = widths[i];
		check_formats(&regs, long_formats, widths[i]);
	}
	regs.efer &= ~(uint64_t)T_EFER_NXE;
	regs.cr4 &= ~(uint64_t)T_CR4_PGE;
	check_formats(&regs, long_formats, 52);
	regs.efer |= T_EFER_NXE;
	regs.cr4 |= T_CR4_PKE;
	check_formats(&regs, long_formats, 52);
	regs.cr4 ^= T_CR4_PKE | T_CR4_PKS;
	check_formats(&regs, long_formats, 52);
	regs.page1gb = false;
	check_formats(&regs, no1g_formats, 52);
	regs.upper_g_reserved = true;
	check_formats(&regs, amd_formats, 52);
}
END_TEST

START_TEST(pae_paging)
{
	static const unsigned int widths[] = { 32, 36, 46, 52 };
	struct mmu_regs regs = t_regs(MMU_MODE_X86_PAE);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		regs.maxphyaddr = widths[i];
		check_formats(&regs, pae_formats, widths[i]);
	}
	regs.efer &= ~(uint64_t)T_EFER_NXE;
	check_formats(&regs, pae_formats, 52);
}
END_TEST

/* PSE-36 reaches 40 bits at the most, and none without it. */
START_TEST(bit32)
{
	static const unsigned int widths[] = { 32, 36, 40, 46 };
	struct mmu_regs regs = t_regs(MMU_MODE_X86_32BIT);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		regs.maxphyaddr = widths[i];
		check_formats(&regs, bit32_formats, widths[i] < 40 ? widths[i] : 40);
	}
	regs.pse36 = false;
	check_formats(&regs, bit32_formats, 32);
	regs.cr4 &= ~(uint64_t)(T_CR4_PSE | T_CR4_PGE);
	check_formats(&regs, nopse_formats, 32);
}
END_TEST

/* --- arm64 --- */

#define TG0_64K		(UINT64_C(1) << 14)
#define TG0_16K		(UINT64_C(2) << 14)
#define DS		(UINT64_C(1) << 59)
#define IPS(n)		((uint64_t)(n) << 32)

static struct mmu_regs arm_regs(uint64_t tcr, unsigned int pa_bits)
{
	struct mmu_regs regs = {
		.mode = MMU_MODE_ARM64,
		.arm64 = {
			/* T1SZ 16, TG1 4 KB */
			.tcr = tcr | UINT64_C(0x80100000), .sctlr = 1, .pa_bits = pa_bits,
			.gran4k = true, .gran16k = true, .gran64k = true,
		},
	};

	return regs;
}

START_TEST(granule_4k)
{
	struct mmu_regs regs = arm_regs(IPS(5) | 16, 48);

	check_formats(&regs, arm4k_formats, 48);
	regs = arm_regs(IPS(2) | 16, 48);
	check_formats(&regs, arm4k_formats, 40);
	/* The dirty state: HA and HD */
	regs = arm_regs(IPS(5) | UINT64_C(3) << 39 | 16, 48);
	regs.arm64.hafdbs = 2;
	check_formats(&regs, arm4k_formats, 48);
}
END_TEST

START_TEST(granule_4k_52_bits)
{
	struct mmu_regs regs = arm_regs(DS | IPS(6) | 12, 52);

	regs.arm64.lpa2_4k = true;
	regs.arm64.lva = true;
	check_formats(&regs, arm4k_ds_formats, 52);
	/* Bits 51:48 of an address are in three places of the entry. */
	regs.arm64.tcr = arm_regs(DS | IPS(5) | 12, 52).arm64.tcr;
	check_formats(&regs, arm4k_ds_formats, 48);
}
END_TEST

START_TEST(granule_16k)
{
	struct mmu_regs regs = arm_regs(TG0_16K | IPS(5) | 16, 48);

	check_formats(&regs, arm16k_formats, 48);
	regs = arm_regs(TG0_16K | DS | IPS(6) | 12, 52);
	regs.arm64.lpa2_16k = true;
	regs.arm64.lva = true;
	check_formats(&regs, arm16k_ds_formats, 52);
}
END_TEST

START_TEST(granule_64k)
{
	struct mmu_regs regs = arm_regs(TG0_64K | IPS(5) | 16, 48);

	check_formats(&regs, arm64k_formats, 48);
	regs = arm_regs(TG0_64K | IPS(6) | 16, 52);
	check_formats(&regs, arm64k_lpa_formats, 52);
	/* OA[51:48] are there to be wrong. */
	regs = arm_regs(TG0_64K | IPS(5) | 16, 52);
	check_formats(&regs, arm64k_lpa_formats, 48);
}
END_TEST

/* --- what is absent, or no entry at all --- */

static void assert_words(const struct mmu_regs *regs, int level, uint64_t raw, const char *want)
{
	char words[256];

	mmu_entry_words(regs, level, raw, words, sizeof(words));
	ck_assert_str_eq(words, want);
}

/* With bit 0 clear, all other bits are one field, in every mode. */
START_TEST(absent_entries)
{
	struct mmu_regs regs[] = {
		t_regs(MMU_MODE_X86_4LEVEL), t_regs(MMU_MODE_X86_5LEVEL), t_regs(MMU_MODE_X86_PAE),
		t_regs(MMU_MODE_X86_32BIT), arm_regs(IPS(5) | 16, 48),
	};
	unsigned int m, i;
	int level;

	for (m = 0; m < 5; m++)
		for (level = 1; level <= (m == 4 ? 4 : mmu_levels(regs[m].mode)); level++)
			for (i = 0; i < 200; i++) {
				uint64_t raw = rnd() & (m == 3 ? UINT32_MAX : UINT64_MAX) & ~UINT64_C(1);
				enum mmu_step_kind kind;
				uint64_t bad;
				char want[64];

				snprintf(want, sizeof(want), "%d:1=0x%" PRIx64, m == 3 ? 31 : 63, raw >> 1);
				assert_words(&regs[m], level, raw, want);
				assert_encodes(&regs[m], level, want, raw);
				ck_assert(mmu_entry_kind(&regs[m], level, raw, &kind, &bad));
				ck_assert_int_eq(kind, MMU_STEP_NOT_PRESENT);
				assert_hex(bad, 0);
			}
	assert_words(&regs[0], 1, 0, "-");
	assert_encodes(&regs[0], 1, "-", 0);
}
END_TEST

/* Bits 1:0 are 01: no block at L3, at L0 with 4K, at L1 with 16K. */
START_TEST(reserved_descriptors)
{
	static const struct {
		uint64_t tg0;
		int level;
	} cases[] = { { 0, 1 }, { 0, 4 }, { TG0_16K, 1 }, { TG0_16K, 3 }, { TG0_64K, 3 } };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mmu_regs regs = arm_regs(cases[i].tg0 | IPS(5) | 16, 48);
		struct mmu_field fields[MMU_MAX_FIELDS];
		enum mmu_step_kind kind;
		uint64_t bad, raw;
		unsigned int n;

		assert_words(&regs, cases[i].level, 0xf00000000001, "reserved 63:2=0x3c0000000000");
		assert_encodes(&regs, cases[i].level, "63:2=0x3c0000000000 RESERVED", 0xf00000000001);
		ck_assert(mmu_entry_kind(&regs, cases[i].level, 1, &kind, &bad));
		ck_assert_int_eq(kind, MMU_STEP_RESERVED);
		ck_assert_int_eq(encode(&regs, cases[i].level, "block", &raw, NULL),
				 MMU_ENCODE_NOT_HERE);
		n = mmu_entry_fields(&regs, cases[i].level, 1, fields);
		ck_assert_uint_eq(n, 2);
		ck_assert_int_eq(fields[0].status, MMU_FIELD_IGNORED);
		ck_assert_int_eq(fields[1].status, MMU_FIELD_RESERVED);
	}
}
END_TEST

/* --- words that are refused --- */

static void assert_refused(const struct mmu_regs *regs, int level, const char *text,
			   enum mmu_encode want, size_t at)
{
	uint64_t raw = 77;
	size_t which = 99;
	enum mmu_encode got = encode(regs, level, text, &raw, &which);

	ck_assert_msg(got == want, "'%s' gives %d, not %d", text, got, want);
	ck_assert_msg(which == at, "'%s': word %zu, not %zu", text, which, at);
	assert_hex(raw, 0);
}

START_TEST(refusals)
{
	struct mmu_regs four = t_regs(MMU_MODE_X86_4LEVEL), small = t_regs(MMU_MODE_X86_32BIT);
	struct mmu_regs arm = arm_regs(IPS(5) | 16, 48);

	assert_refused(&four, 1, "P RW FOO", MMU_ENCODE_UNKNOWN, 2);
	assert_refused(&four, 1, "P attr=1", MMU_ENCODE_UNKNOWN, 1);
	assert_refused(&four, 1, "=1", MMU_ENCODE_UNKNOWN, 0);
	assert_refused(&four, 1, "9:11=1", MMU_ENCODE_UNKNOWN, 0);
	assert_refused(&four, 1, "9x=1", MMU_ENCODE_UNKNOWN, 0);
	assert_refused(&four, 1, "P PS", MMU_ENCODE_NOT_HERE, 1);
	assert_refused(&four, 2, "P key=1", MMU_ENCODE_NOT_HERE, 1);
	assert_refused(&four, 2, "P pkey=1", MMU_ENCODE_NOT_HERE, 1);
	assert_refused(&four, 4, "D", MMU_ENCODE_NOT_HERE, 0);
	assert_refused(&four, 1, "64=1", MMU_ENCODE_NOT_HERE, 0);
	assert_refused(&small, 1, "32=1", MMU_ENCODE_NOT_HERE, 0);
	assert_refused(&small, 1, "P NX", MMU_ENCODE_UNKNOWN, 1);
	assert_refused(&four, 1, "key", MMU_ENCODE_NO_VALUE, 0);
	assert_refused(&four, 1, "addr", MMU_ENCODE_NO_VALUE, 0);
	assert_refused(&four, 1, "pfn", MMU_ENCODE_NO_VALUE, 0);
	assert_refused(&four, 1, "raw", MMU_ENCODE_NO_VALUE, 0);
	assert_refused(&four, 1, "9", MMU_ENCODE_NO_VALUE, 0);
	assert_refused(&four, 1, "key=", MMU_ENCODE_BAD_VALUE, 0);
	assert_refused(&four, 1, "key=0x", MMU_ENCODE_BAD_VALUE, 0);
	assert_refused(&four, 1, "key=3x", MMU_ENCODE_BAD_VALUE, 0);
	assert_refused(&four, 1, "key=a", MMU_ENCODE_BAD_VALUE, 0);
	assert_refused(&four, 1, "addr=0x10000000000000000", MMU_ENCODE_BAD_VALUE, 0);
	assert_refused(&four, 1, "addr=18446744073709551616", MMU_ENCODE_BAD_VALUE, 0);
	assert_refused(&four, 1, "key=16", MMU_ENCODE_TOO_LARGE, 0);
	assert_refused(&four, 1, "RW=2", MMU_ENCODE_TOO_LARGE, 0);
	assert_refused(&four, 1, "11:9=8", MMU_ENCODE_TOO_LARGE, 0);
	assert_refused(&four, 1, "addr=0x10000000000000", MMU_ENCODE_TOO_LARGE, 0);
	assert_refused(&four, 1, "pfn=0x10000000000", MMU_ENCODE_TOO_LARGE, 0);
	assert_refused(&four, 1, "pfn=0x10000000000001", MMU_ENCODE_TOO_LARGE, 0);
	assert_refused(&small, 2, "PS addr=0x10000000000", MMU_ENCODE_TOO_LARGE, 1);
	assert_refused(&small, 1, "raw=0x100000000", MMU_ENCODE_TOO_LARGE, 0);
	assert_refused(&four, 1, "addr=0x1001", MMU_ENCODE_UNALIGNED, 0);
	assert_refused(&four, 2, "addr=0x1000 PS P", MMU_ENCODE_UNALIGNED, 0);
	assert_refused(&four, 2, "pfn=1 PS P", MMU_ENCODE_UNALIGNED, 0);
	assert_refused(&four, 1, "NX XD", MMU_ENCODE_TWICE, 1);
	assert_refused(&four, 1, "pfn=1 addr=0x1000", MMU_ENCODE_TWICE, 1);
	assert_refused(&four, 1, "59=1 key=1", MMU_ENCODE_TWICE, 1);
	assert_refused(&arm, 1, "page page", MMU_ENCODE_TWICE, 1);
	assert_refused(&arm, 1, "page=1", MMU_ENCODE_BAD_VALUE, 0);
	assert_refused(&arm, 1, "table", MMU_ENCODE_NOT_HERE, 0);
	assert_refused(&arm, 2, "page", MMU_ENCODE_NOT_HERE, 0);
	assert_refused(&arm, 2, "reserved", MMU_ENCODE_NOT_HERE, 0);
	assert_refused(&arm, 2, "table AF", MMU_ENCODE_NOT_HERE, 1);
	assert_refused(&arm, 1, "page P", MMU_ENCODE_UNKNOWN, 1);
	assert_refused(&arm, 1, "page PXNTable", MMU_ENCODE_NOT_HERE, 1);
}
END_TEST

START_TEST(no_such_level)
{
	struct mmu_regs four = t_regs(MMU_MODE_X86_4LEVEL);
	/* T0SZ 25: 39 bits, three levels */
	struct mmu_regs arm = arm_regs(IPS(5) | 25, 48);
	struct mmu_field fields[MMU_MAX_FIELDS];
	enum mmu_step_kind kind;
	uint64_t raw, bad;
	char words[8];

	ck_assert_int_eq(encode(&four, 5, "P", &raw, NULL), MMU_ENCODE_LEVEL);
	ck_assert_int_eq(encode(&four, 0, "P", &raw, NULL), MMU_ENCODE_LEVEL);
	ck_assert_int_eq(encode(&four, -1, "P", &raw, NULL), MMU_ENCODE_LEVEL);
	ck_assert_int_eq(encode(&arm, 4, "table", &raw, NULL), MMU_ENCODE_LEVEL);
	ck_assert_int_eq(encode(&arm, 3, "table", &raw, NULL), MMU_ENCODE_OK);
	ck_assert_uint_eq(mmu_entry_fields(&four, 5, 1, fields), 0);
	ck_assert(!mmu_entry_kind(&four, 5, 1, &kind, &bad));
	ck_assert_uint_eq(mmu_entry_words(&four, 5, 1, words, sizeof(words)), 1);
	/* Registers that no processor holds, tables that are switched off. */
	four.cr0 = 0;
	ck_assert_int_eq(encode(&four, 1, "P", &raw, NULL), MMU_ENCODE_LEVEL);
	arm.arm64.sctlr = 0;
	ck_assert_int_eq(encode(&arm, 1, "page", &raw, NULL), MMU_ENCODE_LEVEL);
	four.mode = (enum mmu_mode)77;
	ck_assert_int_eq(encode(&four, 1, "P", &raw, NULL), MMU_ENCODE_LEVEL);
}
END_TEST

/* Written by hand: what a person types. */
START_TEST(by_hand)
{
	struct mmu_regs four = t_regs(MMU_MODE_X86_4LEVEL), pae = t_regs(MMU_MODE_X86_PAE);
	struct mmu_regs small = t_regs(MMU_MODE_X86_32BIT), arm = arm_regs(IPS(5) | 16, 48);
	struct mmu_regs arm64k = arm_regs(TG0_64K | IPS(6) | 16, 52);

	assert_encodes(&four, 1, "pfn=0x1234 P RW US NX pkey=3", 0x9800000001234007);
	assert_encodes(&four, 1, "p rw us nx KEY=0x3 ADDR=0x1234000", 0x9800000001234007);
	assert_encodes(&pae, 2, "PS addr=0x40000000 RW", 0x40000082);
	assert_encodes(&pae, 3, "P addr=0x2000", 0x2001);
	/* PSE-36: bit 32 of the address is bit 13 of the entry. */
	assert_encodes(&small, 2, "P PS addr=0x100400000", 0x00402081);
	assert_encodes(&small, 2, "P addr=0x00403000", 0x00403001);
	assert_encodes(&four, 1, "raw=0x8000000000001067 NX=0 G", 0x1167);
	assert_encodes(&four, 1, "raw=0x1067 addr=0x2000", 0x2067);
	assert_encodes(&four, 3, "addr=0x40000000 PS P PAT", 0x40001081);
	assert_encodes(&arm, 1, "page AF nG RO EL0 PXN UXN attr=2 sh=3 pfn=0x12345", 0x60000012345fcb);
	assert_encodes(&arm, 2, "block AF addr=0x200000", 0x200401);
	assert_encodes(&arm, 3, "table addr=0x5000 UXNTable", 0x1000000000005003);
	/* A page is 64 KB there, and bit 48 of its address is bit 12. */
	assert_encodes(&arm64k, 1, "page pfn=0x100000001", 0x11003);
}
END_TEST

/* --- nonsense --- */

static struct mmu_regs any_regs(void)
{
	struct mmu_regs regs = t_regs((enum mmu_mode)(rnd() % 6));

	regs.maxphyaddr = rnd() % 8 ? 32 + rnd() % 21 : (unsigned int)rnd();
	regs.efer ^= rnd() % 4 ? 0 : rnd();
	regs.cr4 ^= rnd() % 4 ? 0 : rnd();
	regs.page1gb = rnd() & 1;
	regs.pse36 = rnd() & 1;
	regs.upper_g_reserved = rnd() & 1;
	regs.arm64 = arm_regs(rnd() & rnd(), 32 + rnd() % 21).arm64;
	if (rnd() & 1)
		regs.arm64.pa_bits = rnd() & 1 ? 48 : 52;
	regs.arm64.tcr &= ~(UINT64_C(3) << 60);
	if (rnd() & 1)
		regs.arm64.tcr = (regs.arm64.tcr & ~UINT64_C(63)) | (12 + rnd() % 30);
	regs.arm64.sctlr |= rnd() % 8 ? 0 : rnd();
	regs.arm64.lpa2_4k = rnd() & 1;
	regs.arm64.lpa2_16k = rnd() & 1;
	regs.arm64.lva = rnd() & 1;
	return regs;
}

/* Whatever the registers, all bits are there once, and the words mean the entry. */
START_TEST(any_registers)
{
	unsigned int i, k, answers = 0;

	for (i = 0; i < 30000; i++) {
		struct mmu_regs regs = any_regs();
		struct mmu_field fields[MMU_MAX_FIELDS];
		int level = (int)(rnd() % 8) - 1;
		uint64_t raw = rnd() | (rnd() & 3), seen = 0;
		unsigned int n;
		char words[256];

		if (regs.mode == MMU_MODE_X86_32BIT)
			raw &= UINT32_MAX;
		n = mmu_entry_fields(&regs, level, raw, fields);
		must(n <= MMU_MAX_FIELDS, "%u fields", n);
		if (!n)
			continue;
		for (k = 0; k < n; k++) {
			uint64_t bits = UINT64_MAX >> (64 - fields[k].width) << fields[k].lsb;

			must(!(seen & bits), "bits %#" PRIx64 " are two fields", seen & bits);
			seen |= bits;
		}
		must(seen == (regs.mode == MMU_MODE_X86_32BIT ? UINT32_MAX : UINT64_MAX),
		     "bits %#" PRIx64, seen);
		mmu_entry_words(&regs, level, raw, words, sizeof(words));
		assert_encodes(&regs, level, words, raw);
		answers++;
	}
	ck_assert_uint_gt(answers, 5000);
}
END_TEST

START_TEST(any_words)
{
	static const char letters[] = "PRWUSNXADGkeyadrpfnw=0x:19 -  ==\xff\x01";
	unsigned int i, k, fine = 0;

	for (i = 0; i < 60000; i++) {
		struct mmu_regs regs = t_regs(i & 1 ? MMU_MODE_X86_4LEVEL : MMU_MODE_X86_32BIT);
		char text[64], words[256];
		uint64_t raw;

		for (k = 0; k < 1 + i % 40; k++)
			text[k] = letters[rnd() % (sizeof(letters) - 1)];
		text[k] = '\0';
		if (encode(&regs, 1, text, &raw, NULL) != MMU_ENCODE_OK)
			continue;
		mmu_entry_words(&regs, 1, raw, words, sizeof(words));
		assert_encodes(&regs, 1, words, raw);
		fine++;
	}
	ck_assert_uint_gt(fine, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mmu entry");
	TCase *tc = tcase_create("entry");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, long_mode, 0, 2);
	tcase_add_test(tc, pae_paging);
	tcase_add_test(tc, bit32);
	tcase_add_test(tc, granule_4k);
	tcase_add_test(tc, granule_4k_52_bits);
	tcase_add_test(tc, granule_16k);
	tcase_add_test(tc, granule_64k);
	tcase_add_test(tc, absent_entries);
	tcase_add_test(tc, reserved_descriptors);
	tcase_add_test(tc, refusals);
	tcase_add_test(tc, no_such_level);
	tcase_add_test(tc, by_hand);
	tcase_add_test(tc, any_registers);
	tcase_add_test(tc, any_words);
	suite_add_tcase(suite, tc);
	return t_run(suite);
}
