/* SPDX-License-Identifier: GPL-2.0 */
/* Layouts of the running kernel's structs, read from its own BTF. */
#ifndef MMSCOPE_BTF_H
#define MMSCOPE_BTF_H

#include <linux/types.h>

/**
 * struct mms_member - where a member of a struct lies in the running kernel
 * @offset: bytes from the start of the outermost struct
 * @size: bytes
 * @bit_offset: for a bit field, bits from the start of the struct; else 0
 * @bits: for a bit field its width; else 0
 */
struct mms_member {
	u32 offset;
	u32 size;
	u32 bit_offset;
	u32 bits;
};

int mms_btf_struct_size(const char *name, u32 *size);
int mms_btf_member(const char *name, const char *member, struct mms_member *out);
const char *mms_btf_state(void);
u32 mms_btf_types(void);
void mms_btf_exit(void);

#endif
