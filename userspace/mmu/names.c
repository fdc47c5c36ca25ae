// SPDX-License-Identifier: GPL-2.0
/* Names, for people, of what the software MMU answers. */
#include <string.h>

#include "mode.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

void mmu_text_init(struct mmu_text *text, char *buf, size_t size)
{
	text->buf = buf;
	text->size = size;
	text->length = 0;
	if (size)
		buf[0] = '\0';
}

static void append(struct mmu_text *text, const char *string)
{
	size_t length = strlen(string);

	/* Once cut, nothing more fits: only the length goes on. */
	if (text->length < text->size) {
		size_t room = text->size - text->length - 1;
		size_t copy = length < room ? length : room;

		memcpy(text->buf + text->length, string, copy);
		text->buf[text->length + copy] = '\0';
	}
	text->length += length;
}

void mmu_text_word(struct mmu_text *text, const char *word)
{
	if (text->length)
		append(text, " ");
	append(text, word);
}

void mmu_text_words(struct mmu_text *text, const struct mmu_word *words,
		    uint64_t bits)
{
	for (; words->text; words++)
		if ((bits & words->set) == words->set)
			mmu_text_word(text, words->text);
}

static const char *name_of(const char *const *names, size_t count,
			   unsigned int i)
{
	return i < count && names[i] ? names[i] : "?";
}

const char *mmu_mode_name(enum mmu_mode mode)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(mode);

	return ops ? ops->name : "?";
}

const char *mmu_level_name(enum mmu_mode mode, int level)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(mode);

	if (!ops || level < 1 || level > ops->levels)
		return "?";
	return ops->level_name[level];
}

const char *mmu_entry_name(enum mmu_mode mode, int level)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(mode);

	if (!ops || level < 1 || level > ops->levels)
		return "?";
	return ops->entry_name[level];
}

const char *mmu_status_name(enum mmu_status status)
{
	static const char *const names[] = {
		[MMU_OK] = "ok",
		[MMU_FAULT_PF] = "#PF",
		[MMU_FAULT_GP] = "#GP",
		[MMU_FAULT_SS] = "#SS",
		[MMU_ERR_MEMORY] = "memory not readable",
		[MMU_ERR_REGS] = "impossible registers",
		[MMU_ERR_MODE] = "mode not modelled",
		[MMU_ERR_VA] = "no address of this mode",
		[MMU_FAULT_ABORT] = "abort",
		[MMU_ERR_UNSUPPORTED] = "registers not modelled",
	};

	return name_of(names, ARRAY_SIZE(names), status);
}

const char *mmu_step_name(enum mmu_step_kind kind)
{
	static const char *const names[] = {
		[MMU_STEP_TABLE] = "table",
		[MMU_STEP_LEAF] = "leaf",
		[MMU_STEP_NOT_PRESENT] = "not present",
		[MMU_STEP_RESERVED] = "reserved",
		[MMU_STEP_UNREADABLE] = "unreadable",
		[MMU_STEP_ADDRESS_SIZE] = "address size",
	};

	return name_of(names, ARRAY_SIZE(names), kind);
}

const char *mmu_access_name(enum mmu_access_kind kind)
{
	static const char *const names[] = {
		[MMU_READ] = "read",
		[MMU_WRITE] = "write",
		[MMU_FETCH] = "fetch",
	};

	return name_of(names, ARRAY_SIZE(names), kind);
}

const char *mmu_memtype_name(enum mmu_memtype type)
{
	static const char *const names[] = {
		[MMU_MEM_UC] = "UC",
		[MMU_MEM_WC] = "WC",
		[MMU_MEM_WT] = "WT",
		[MMU_MEM_WP] = "WP",
		[MMU_MEM_WB] = "WB",
		[MMU_MEM_UC_MINUS] = "UC-",
	};

	return name_of(names, ARRAY_SIZE(names), type);
}

size_t mmu_error_text(uint32_t error_code, char *buf, size_t size)
{
	static const struct mmu_word words[] = {
		{ MMU_PF_P, "P" }, { MMU_PF_W, "W" }, { MMU_PF_U, "U" },
		{ MMU_PF_RSVD, "RSVD" }, { MMU_PF_ID, "ID" },
		{ MMU_PF_PK, "PK" }, { 0, NULL },
	};
	struct mmu_text text;

	mmu_text_init(&text, buf, size);
	if (!(error_code & MMU_PF_P))
		mmu_text_word(&text, "not-present");
	mmu_text_words(&text, words, error_code);
	return text.length;
}

size_t mmu_denied_text(uint32_t denied, char *buf, size_t size)
{
	static const struct mmu_word words[] = {
		{ MMU_DENY_USER, "user-access" },
		{ MMU_DENY_WRITE, "read-only" },
		{ MMU_DENY_EXEC, "no-exec" }, { MMU_DENY_SMEP, "SMEP" },
		{ MMU_DENY_SMAP, "SMAP" }, { MMU_DENY_PKEY, "pkey" },
		{ MMU_DENY_PAN, "PAN" }, { MMU_DENY_WXN, "WXN" },
		{ 0, NULL },
	};
	struct mmu_text text;

	mmu_text_init(&text, buf, size);
	mmu_text_words(&text, words, denied);
	if (!text.length)
		mmu_text_word(&text, "-");
	return text.length;
}

/* EncodeLDFSC() of the manual, the other way round */
size_t mmu_abort_text(uint32_t error_code, char *buf, size_t size)
{
	static const char *const types[] = {
		"address-size", "translation", "access-flag", "permission",
	};
	static const char *const levels[] = { "L0", "L1", "L2", "L3" };
	uint32_t fsc = error_code & MMU_ESR_FSC;
	struct mmu_text text;

	mmu_text_init(&text, buf, size);
	if (fsc >> 2 < ARRAY_SIZE(types)) {
		mmu_text_word(&text, types[fsc >> 2]);
		mmu_text_word(&text, levels[fsc & 3]);
	} else if (fsc == MMU_FSC_TRANSLATION_M1) {
		mmu_text_word(&text, "translation L-1");
	} else if (fsc == MMU_FSC_ADDRESS_SIZE_M1) {
		mmu_text_word(&text, "address-size L-1");
	} else {
		mmu_text_word(&text, "?");
	}
	if (error_code & MMU_ESR_WNR)
		mmu_text_word(&text, "write");
	return text.length;
}

/* One half of the byte: which policy, of which cache. */
static void attr_half(struct mmu_text *text, unsigned int half)
{
	static const char *const policies[] = { "WT transient", "WB transient", "WT", "WB" };

	if (half == 4) {
		mmu_text_word(text, "NC");
		return;
	}
	mmu_text_word(text, policies[half >> 2]);
	if (half & 2)
		mmu_text_word(text, "RA");
	if (half & 1)
		mmu_text_word(text, "WA");
	if (!(half & 3))
		mmu_text_word(text, "NA");
}

/* Bytes that mean something with a feature only; NULL for others. */
static const char *attr_of_feature(uint8_t attr)
{
	switch (attr) {
	case 0x40:
		return "Normal NC, XS=0 (FEAT_XS)";
	case 0xa0:
		return "Normal WT RA, XS=0 (FEAT_XS)";
	case 0xf0:
		return "Normal WB RA WA, tagged (FEAT_MTE2)";
	default:
		return NULL;
	}
}

size_t mmu_arm64_attr_text(uint8_t attr, char *buf, size_t size)
{
	static const char *const devices[] = {
		"Device-nGnRnE", "Device-nGnRE", "Device-nGRE", "Device-GRE",
	};
	unsigned int outer = attr >> 4, inner = attr & 15;
	struct mmu_text text;

	mmu_text_init(&text, buf, size);
	if (attr_of_feature(attr)) {
		mmu_text_word(&text, attr_of_feature(attr));
	} else if (!outer && !(inner & 2)) {
		mmu_text_word(&text, devices[inner >> 2]);
		if (inner & 1)
			append(&text, ", XS=0 (FEAT_XS)");
	} else if (!outer || !inner) {
		mmu_text_word(&text, "unpredictable");
	} else if (outer == inner) {
		mmu_text_word(&text, "Normal");
		attr_half(&text, inner);
	} else {
		mmu_text_word(&text, "Normal inner");
		attr_half(&text, inner);
		append(&text, ", outer");
		attr_half(&text, outer);
	}
	return text.length;
}

unsigned int mmu_arm64_shareability(uint8_t attr, uint8_t sh)
{
	/* 0x40: Normal NC, too, with FEAT_XS */
	bool device = !(attr >> 4), uncached = attr == 0x44 || attr == 0x40;

	return device || uncached ? 2 : sh & 3;
}

const char *mmu_arm64_share_name(unsigned int sh)
{
	static const char *const names[] = {
		"not shareable", "reserved", "outer shareable", "inner shareable",
	};

	return name_of(names, ARRAY_SIZE(names), sh);
}
