// SPDX-License-Identifier: GPL-2.0
/* Table entries as words, and from words: by the names of fields.c. */
#include "fields.h"

#define BIT(n)		(UINT64_C(1) << (n))
/* Bits hi..lo, both included. */
#define BITS(hi, lo)	((UINT64_MAX >> (63 - (hi))) & (UINT64_MAX << (lo)))

#define X86_P		BIT(0)
#define ARM_TYPE	BITS(1, 0)

/* --- to words --- */

struct word {
	char text[48];
	size_t length;
};

static void put(struct word *w, const char *s)
{
	while (*s && w->length < sizeof(w->text) - 1)
		w->text[w->length++] = *s++;
	w->text[w->length] = '\0';
}

static void put_number(struct word *w, uint64_t value, unsigned int base)
{
	char digits[24], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	put(w, at);
}

static void put_hex(struct word *w, uint64_t value)
{
	put(w, "=0x");
	put_number(w, value, 16);
}

static uint64_t whole_address(const struct mmu_field *fields, unsigned int count)
{
	uint64_t address = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (fields[i].type == MMU_FIELD_ADDRESS)
			address |= fields[i].value;
	return address;
}

/* A field that is 0 needs no word. */
static void add_word(struct mmu_text *text, const struct mmu_field *field)
{
	struct word w = { .length = 0 };

	if (!field->value)
		return;
	if (field->name) {
		put(&w, field->name);
	} else {
		put_number(&w, field->lsb + field->width - 1, 10);
		if (field->width > 1) {
			put(&w, ":");
			put_number(&w, field->lsb, 10);
		}
	}
	if (field->type == MMU_FIELD_NONE || field->type == MMU_FIELD_ADDRESS) {
		put_hex(&w, field->value);
	} else if (field->type == MMU_FIELD_NUMBER) {
		put(&w, "=");
		put_number(&w, field->value, 10);
	}
	mmu_text_word(text, w.text);
}

size_t mmu_entry_words(const struct mmu_regs *regs, int level, uint64_t raw,
		       char *buf, size_t size)
{
	struct mmu_field fields[MMU_MAX_FIELDS], field;
	unsigned int count = mmu_entry_fields(regs, level, raw, fields), i;
	bool addressed = false;
	struct mmu_text text;

	mmu_text_init(&text, buf, size);
	for (i = count; i-- > 0;) {
		field = fields[i];
		if (field.type == MMU_FIELD_ADDRESS) {
			field.value = addressed ? 0 : whole_address(fields, count);
			addressed = true;
		}
		add_word(&text, &field);
	}
	if (!text.length)
		mmu_text_word(&text, "-");
	return text.length;
}

/* --- from words --- */

/* struct term - one word, taken apart */
struct term {
	const char *name;
	size_t length;
	bool valued;
	uint64_t value;
};

/* struct encoder - the entry so far; @done are the bits that words have decided */
struct encoder {
	const struct mmu_regs *regs;
	int level;
	unsigned int bits;
	uint64_t raw;
	uint64_t done;
	struct mmu_field fields[MMU_MAX_FIELDS];
	unsigned int count;
};

static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 16;
}

/* Takes digits from *@at on; false if there are none, or too many. */
static bool take_number(const char **at, unsigned int base, uint64_t *value)
{
	const char *start = *at;

	for (*value = 0; digit(**at) < base; ++*at) {
		if (*value > (UINT64_MAX - digit(**at)) / base)
			return false;
		*value = *value * base + digit(**at);
	}
	return *at != start;
}

static enum mmu_encode take_term(const char *word, struct term *t)
{
	const char *at = word;
	bool hex;

	t->name = word;
	while (*at && *at != '=')
		at++;
	t->length = (size_t)(at - word);
	t->valued = *at == '=';
	t->value = 1;
	if (!t->valued)
		return MMU_ENCODE_OK;
	at++;
	hex = at[0] == '0' && (at[1] == 'x' || at[1] == 'X');
	at += hex ? 2 : 0;
	return take_number(&at, hex ? 16 : 10, &t->value) && !*at ? MMU_ENCODE_OK :
								    MMU_ENCODE_BAD_VALUE;
}

static bool named(const struct term *t, const char *name)
{
	return mmu_same_name(t->name, name, t->length);
}

static enum mmu_encode put_bits(struct encoder *e, unsigned int high,
				unsigned int low, uint64_t value)
{
	uint64_t bits = BITS(high, low);

	if (value > bits >> low)
		return MMU_ENCODE_TOO_LARGE;
	if (e->done & bits)
		return MMU_ENCODE_TWICE;
	e->done |= bits;
	e->raw = (e->raw & ~bits) | value << low;
	return MMU_ENCODE_OK;
}

/* "58:52=1" or "9=1" */
static enum mmu_encode put_position(struct encoder *e, const struct term *t)
{
	const char *at = t->name;
	uint64_t high, low;

	if (!take_number(&at, 10, &high))
		return MMU_ENCODE_UNKNOWN;
	low = high;
	if (*at == ':') {
		at++;
		if (!take_number(&at, 10, &low))
			return MMU_ENCODE_UNKNOWN;
	}
	if (at != t->name + t->length || low > high)
		return MMU_ENCODE_UNKNOWN;
	if (high >= e->bits)
		return MMU_ENCODE_NOT_HERE;
	if (!t->valued)
		return MMU_ENCODE_NO_VALUE;
	return put_bits(e, (unsigned int)high, (unsigned int)low, t->value);
}

/* What another term of the entry would have to be decided before. */
static bool decides_format(const struct encoder *e, const struct term *t)
{
	static const char *const types[] = { "table", "block", "page", "reserved", "invalid" };
	size_t i;

	if (e->regs->mode != MMU_MODE_ARM64)
		return named(t, "P") || named(t, "PS");
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (named(t, types[i]))
			return true;
	return false;
}

static bool is_position(const struct term *t)
{
	return t->length && digit(t->name[0]) < 10;
}

/* The entry as it is if present: its names are those that words may use. */
static void take_fields(struct encoder *e)
{
	bool arm64 = e->regs->mode == MMU_MODE_ARM64;
	uint64_t raw = e->raw;

	if (!(raw & 1))
		raw |= arm64 ? ARM_TYPE : X86_P;
	e->count = mmu_entry_fields(e->regs, e->level, raw, e->fields);
}

static enum mmu_encode absent_name(const struct encoder *e, const struct term *t)
{
	return mmu_field_known(e->regs->mode, t->name, t->length) ? MMU_ENCODE_NOT_HERE :
								    MMU_ENCODE_UNKNOWN;
}

static enum mmu_encode put_address(struct encoder *e, const struct term *t, uint64_t address)
{
	uint64_t raw = e->raw, all = 0, left = address;
	unsigned int lowest = 64, i;

	if (!t->valued)
		return MMU_ENCODE_NO_VALUE;
	for (i = 0; i < e->count; i++) {
		const struct mmu_field *f = &e->fields[i];
		uint64_t bits = BITS(f->width - 1, 0);

		if (f->type != MMU_FIELD_ADDRESS)
			continue;
		all |= bits << f->lsb;
		raw = (raw & ~(bits << f->lsb)) | (address >> f->to & bits) << f->lsb;
		left &= ~(bits << f->to);
		lowest = f->to < lowest ? f->to : lowest;
	}
	if (!all)
		return absent_name(e, t);
	if (left)
		return left & ~(UINT64_MAX << lowest) ? MMU_ENCODE_UNALIGNED : MMU_ENCODE_TOO_LARGE;
	if (e->done & all)
		return MMU_ENCODE_TWICE;
	e->done |= all;
	e->raw = raw;
	return MMU_ENCODE_OK;
}

static enum mmu_encode put_page_number(struct encoder *e, const struct term *t)
{
	struct mmu_geometry geo;

	if (mmu_geometry(e->regs, 0, &geo) != MMU_OK)
		return MMU_ENCODE_LEVEL;
	if (t->value > UINT64_MAX >> geo.page_shift)
		return MMU_ENCODE_TOO_LARGE;
	return put_address(e, t, t->value << geo.page_shift);
}

static enum mmu_encode put_field(struct encoder *e, const struct term *t)
{
	static const struct term key = { .name = "key", .length = 3 };
	static const struct term nx = { .name = "NX", .length = 2 };
	const struct term *name = named(t, "pkey") ? &key : named(t, "XD") ? &nx : t;
	unsigned int i;

	if (named(t, "pfn"))
		return put_page_number(e, t);
	if (named(t, "addr"))
		return put_address(e, t, t->value);
	for (i = 0; i < e->count; i++) {
		const struct mmu_field *f = &e->fields[i];

		if (!f->name || !named(name, f->name))
			continue;
		if (f->type == MMU_FIELD_NUMBER && !t->valued)
			return MMU_ENCODE_NO_VALUE;
		return put_bits(e, f->lsb + f->width - 1, f->lsb, t->value);
	}
	return absent_name(e, name);
}

static enum mmu_encode put_type(struct encoder *e, const struct term *t)
{
	uint64_t type;

	if (t->valued)
		return MMU_ENCODE_BAD_VALUE;
	if (!mmu_arm64_type(e->regs, e->level, t->name, t->length, &type))
		return MMU_ENCODE_NOT_HERE;
	return put_bits(e, 1, 0, type);
}

/*
 * The words in three rounds: where to begin, what sort of entry it is and bits
 * by their position, then the names that such an entry has.
 */
static enum mmu_encode put_term(struct encoder *e, const struct term *t, int round)
{
	bool start = named(t, "raw");
	bool first = is_position(t) || decides_format(e, t);

	if (round != (start ? 0 : first ? 1 : 2) || named(t, "-"))
		return MMU_ENCODE_OK;
	if (start && !t->valued)
		return MMU_ENCODE_NO_VALUE;
	if (start) {
		e->raw = t->value;
		return e->raw > BITS(e->bits - 1, 0) ? MMU_ENCODE_TOO_LARGE : MMU_ENCODE_OK;
	}
	if (is_position(t))
		return put_position(e, t);
	take_fields(e);
	if (first && e->regs->mode == MMU_MODE_ARM64)
		return put_type(e, t);
	return put_field(e, t);
}

enum mmu_encode mmu_entry_encode(const struct mmu_regs *regs, int level,
				 const char *const *words, size_t count,
				 uint64_t *raw, size_t *which)
{
	struct encoder e = { .regs = regs, .level = level };
	enum mmu_encode status = MMU_ENCODE_OK;
	struct term term;
	int round;
	size_t i;

	*raw = 0;
	e.bits = regs->mode == MMU_MODE_X86_32BIT ? 32 : 64;
	take_fields(&e);
	if (!e.count)
		return MMU_ENCODE_LEVEL;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < count; i++) {
			status = take_term(words[i], &term);
			if (status == MMU_ENCODE_OK)
				status = put_term(&e, &term, round);
			if (status != MMU_ENCODE_OK) {
				if (which)
					*which = i;
				return status;
			}
		}
	}
	*raw = e.raw;
	return MMU_ENCODE_OK;
}
