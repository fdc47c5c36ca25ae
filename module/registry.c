// SPDX-License-Identifier: GPL-2.0
/*
 * Which collectors there are and whether this kernel can serve them.
 * Locks: none; everything is written once at init.  Emits nothing.
 */
#include <linux/kernel.h>
#include "mmscope.h"

#define MMS_ENTRY(name) &mms_collector_##name,
static const struct mms_collector *const collectors[] = {
	MMS_COLLECTORS(MMS_ENTRY)
};
#undef MMS_ENTRY

static struct mms_cap caps[ARRAY_SIZE(collectors)];

void mms_cap_set(struct mms_cap *cap, enum mms_cap_state state, const char *fmt, ...)
{
	va_list ap;

	cap->state = state;
	va_start(ap, fmt);
	vscnprintf(cap->reason, sizeof(cap->reason), fmt, ap);
	va_end(ap);
}

const char *mms_cap_state_name(enum mms_cap_state state)
{
	static const char *const names[] = {
		[MMS_CAP_UNKNOWN] = "unknown",
		[MMS_CAP_OK] = "ok",
		[MMS_CAP_PARTIAL] = "partial",
		[MMS_CAP_NO_SYMBOL] = "no-symbol",
		[MMS_CAP_NO_BTF] = "no-BTF",
		[MMS_CAP_MEMBER_MISSING] = "member-missing",
		[MMS_CAP_SANITY_FAILED] = "sanity-failed",
		[MMS_CAP_COMPILED_OUT] = "compiled-out",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "unknown";
}

/**
 * mms_registry_init() - ask each collector whether it can work here
 *
 * Context: process, may sleep; before any transport exists.
 */
void mms_registry_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(collectors); i++)
		collectors[i]->init(&caps[i]);
}

unsigned int mms_registry_count(void)
{
	return ARRAY_SIZE(collectors);
}

const struct mms_collector *mms_registry_get(unsigned int i)
{
	return i < ARRAY_SIZE(collectors) ? collectors[i] : NULL;
}

const struct mms_collector *mms_registry_find(u32 kind)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(collectors); i++)
		if (collectors[i]->kind == kind)
			return collectors[i];
	return NULL;
}

const struct mms_cap *mms_registry_cap(const struct mms_collector *coll)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(collectors); i++)
		if (collectors[i] == coll)
			return &caps[i];
	return NULL;
}
