// SPDX-License-Identifier: GPL-2.0
/* The registers that the views of the software MMU begin with: --mode, --granule, --set. */
#include "view/mmu.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "util/parse.h"
#include "util/text.h"

struct mms_mmu_options mms_mmu_options;

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
 * @lsb: number of the lowest bit of a part of it
 * @bits: how many bits that part has; 0: the whole of it
 */
static const struct setting {
	const char *name;
	size_t offset;
	enum width width;
	unsigned int lsb, bits;
} settings[] = {
#define WHOLE(name, width) { #name, offsetof(struct mmu_regs, name), width, 0, 0 }
#define ARM(name, width) { #name, offsetof(struct mmu_regs, arm64.name), width, 0, 0 }
#define ONE(name, reg, bit) { #name, offsetof(struct mmu_regs, reg), W_U64, bit, 1 }
#define TCR(name, lsb, bits) { #name, offsetof(struct mmu_regs, arm64.tcr), W_U64, lsb, bits }
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
	TCR(t0sz, 0, 6), TCR(t1sz, 16, 6), TCR(tg0, 14, 2), TCR(tg1, 30, 2),
	TCR(ips, 32, 3), TCR(ha, 39, 1), TCR(hd, 40, 1), TCR(ds, 59, 1),
#undef WHOLE
#undef ARM
#undef ONE
#undef TCR
};

#define NSETTINGS	(sizeof(settings) / sizeof(*settings))
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

bool mms_mmu_modelled(enum mmu_mode mode)
{
	return mmu_levels(mode) > 0;
}

/* The modes' names, each but the first after ", ". */
static const char *mode_list(char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int m = 0; m < MMU_MODES && n < size; m++)
		if (mms_mmu_modelled((enum mmu_mode)m))
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "",
					      mmu_mode_name((enum mmu_mode)m));
	return buf;
}

static int parse_mode(const char *typed, enum mmu_mode *mode, struct mms_err *err)
{
	char list[128], shown[64];

	for (unsigned int m = 0; m < MMU_MODES; m++) {
		*mode = (enum mmu_mode)m;
		if (mms_mmu_modelled(*mode) && same_mode(typed, mmu_mode_name(*mode)))
			return 0;
	}
	return mms_err_set(err, -EINVAL, "mode '%s' is not known; there are %s",
			   mms_neutral(typed, shown, sizeof(shown)),
			   mode_list(list, sizeof(list)));
}

void mms_mmu_default_regs(enum mmu_mode mode, struct mmu_regs *regs)
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

static uint64_t largest(const struct setting *s)
{
	if (s->bits)
		return UINT64_MAX >> (64 - s->bits);
	return s->width == W_BOOL ? 1 : s->width == W_U64 ? UINT64_MAX : UINT32_MAX;
}

static void put(struct mmu_regs *regs, const struct setting *s, uint64_t value)
{
	char *at = (char *)regs + s->offset;

	switch (s->width) {
	case W_U64:
		if (s->bits)
			value = (*(uint64_t *)at & ~(largest(s) << s->lsb)) | value << s->lsb;
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
	char shown[64], list[448];
	uint64_t value;
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
		if (value > largest(s))
			return mms_err_set(err, -EINVAL, "--set %s: the largest value is %#" PRIx64,
					   shown, largest(s));
		put(regs, s, value);
		return 0;
	}
	return mms_err_set(err, -EINVAL, "--set %s: there is no such register or bit; there are %s",
			   shown, setting_list(list, sizeof(list)));
}

/* TCR_EL1.TG0 and TG1 name the same sizes by different numbers. */
static int take_granule(struct mmu_regs *regs, struct mms_err *err)
{
	static const struct {
		const char *name;
		uint64_t tg0, tg1;
	} sizes[] = { { "4k", 0, 2 }, { "16k", 2, 1 }, { "64k", 1, 3 } };
	const char *typed = mms_mmu_options.granule;
	char shown[64];

	if (!typed)
		return 0;
	if (regs->mode != MMU_MODE_ARM64)
		return mms_err_set(err, -EINVAL, "--granule is for --mode arm64: in %s paging the smallest page is 4K",
				   mmu_mode_name(regs->mode));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		if (strcasecmp(typed, sizes[i].name))
			continue;
		regs->arm64.tcr &= ~(UINT64_C(3) << 14 | UINT64_C(3) << 30);
		regs->arm64.tcr |= sizes[i].tg0 << 14 | sizes[i].tg1 << 30;
		return 0;
	}
	return mms_err_set(err, -EINVAL, "granule '%s' is not known; there are 4k, 16k, 64k",
			   mms_neutral(typed, shown, sizeof(shown)));
}

static int refuse_regs(const struct mmu_regs *regs, enum mmu_status status, struct mms_err *err)
{
	const struct mmu_arm64_regs *a = &regs->arm64;

	if (regs->mode == MMU_MODE_ARM64)
		return mms_err_set(err, -EINVAL, "%s: tcr %#" PRIx64 " sctlr %#" PRIx64 ", %u physical bits",
				   status == MMU_ERR_UNSUPPORTED ? "these registers are not modelled" :
				   "no processor holds these registers in arm64 mode",
				   a->tcr, a->sctlr, a->pa_bits);
	return mms_err_set(err, -EINVAL, "no processor holds these registers in %s mode: cr0 %#" PRIx64 " cr3 %#" PRIx64 " cr4 %#" PRIx64 " efer %#" PRIx64 ", %u physical bits",
			   mmu_mode_name(regs->mode), regs->cr0, regs->cr3, regs->cr4,
			   regs->efer, regs->maxphyaddr);
}

int mms_mmu_take_regs(struct mmu_regs *regs, struct mms_err *err)
{
	const struct mms_mmu_options *o = &mms_mmu_options;
	enum mmu_mode mode = MMU_MODE_X86_4LEVEL;
	int rc = o->mode ? parse_mode(o->mode, &mode, err) : 0;
	enum mmu_status status;

	if (rc)
		return rc;
	mms_mmu_default_regs(mode, regs);
	rc = take_granule(regs, err);
	for (unsigned int i = 0; !rc && i < o->nset; i++)
		rc = apply(regs, o->set[i], err);
	if (rc)
		return rc;
	status = mmu_check_regs(regs);
	return status == MMU_OK ? 0 : refuse_regs(regs, status, err);
}

bool mms_mmu_given(const char *name)
{
	size_t length = strlen(name);

	for (unsigned int i = 0; i < mms_mmu_options.nset; i++) {
		const char *set = mms_mmu_options.set[i];

		if (!strncmp(set, name, length) && set[length] == '=')
			return true;
	}
	return false;
}
