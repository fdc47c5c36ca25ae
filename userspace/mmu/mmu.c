// SPDX-License-Identifier: GPL-2.0
/* Front of the software MMU: picks the mode and hands the question to it. */
#include "mode.h"

static const struct mmu_mode_ops *const modes[] = {
	[MMU_MODE_X86_4LEVEL] = &mmu_x86_4level,
	[MMU_MODE_X86_5LEVEL] = &mmu_x86_5level,
	[MMU_MODE_X86_32BIT] = &mmu_x86_32bit,
	[MMU_MODE_X86_PAE] = &mmu_x86_pae,
	[MMU_MODE_ARM64] = &mmu_arm64,
};

const struct mmu_mode_ops *mmu_mode_ops(enum mmu_mode mode)
{
	if ((unsigned int)mode >= sizeof(modes) / sizeof(modes[0]))
		return NULL;
	return modes[mode];
}

/* The steps are left alone: clearing them would cost more than the walk. */
static void clear_result(struct mmu_result *res, uint64_t va)
{
	res->va = va;
	res->pa = 0;
	res->page_shift = 0;
	res->readable = false;
	res->writable = false;
	res->executable = false;
	res->user = false;
	res->global = false;
	res->pkey = 0;
	res->pat_index = 0;
	res->memtype = MMU_MEM_UC;
	res->error_code = 0;
	res->denied = 0;
	res->fail_level = 0;
	res->reserved_bits = 0;
	res->read_error = 0;
	res->nsteps = 0;
	res->arm64 = (struct mmu_arm64_page){ .open = 0 };
}

enum mmu_status mmu_walk(const struct mmu_regs *regs, const struct mmu_mem *mem,
			 uint64_t va, struct mmu_result *res)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(regs->mode);

	clear_result(res, va);
	res->walk = ops ? ops->walk(regs, mem, va, res) : MMU_ERR_MODE;
	res->status = res->walk;
	return res->status;
}

enum mmu_status mmu_check_access(const struct mmu_regs *regs,
				 const struct mmu_access *access,
				 struct mmu_result *res)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(regs->mode);

	res->status = ops ? ops->check_access(regs, access, res) : MMU_ERR_MODE;
	return res->status;
}

enum mmu_status mmu_translate(const struct mmu_regs *regs,
			      const struct mmu_mem *mem, uint64_t va,
			      const struct mmu_access *access,
			      struct mmu_result *res)
{
	mmu_walk(regs, mem, va, res);
	return mmu_check_access(regs, access, res);
}

enum mmu_status mmu_check_regs(const struct mmu_regs *regs)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(regs->mode);

	return ops ? ops->check_regs(regs) : MMU_ERR_MODE;
}

enum mmu_status mmu_load_cr3(struct mmu_regs *regs, const struct mmu_mem *mem,
			     uint64_t cr3, struct mmu_cr3_load *load)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(regs->mode);

	*load = (struct mmu_cr3_load){ .index = -1 };
	if (!ops || !ops->load_cr3)
		return MMU_ERR_MODE;
	return ops->load_cr3(regs, mem, cr3, load);
}

enum mmu_status mmu_geometry(const struct mmu_regs *regs, uint64_t va,
			     struct mmu_geometry *geo)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(regs->mode);

	*geo = (struct mmu_geometry){ .levels = 0 };
	if (!ops)
		return MMU_ERR_MODE;
	if (ops->geometry)
		return ops->geometry(regs, va, geo);
	geo->levels = ops->levels;
	geo->va_bits = ops->va_bits;
	geo->page_shift = 12;
	geo->index_bits = ops->index_bits;
	return MMU_OK;
}

unsigned int mmu_geometry_shift(const struct mmu_geometry *geo, int level)
{
	if (level < 1 || level > geo->levels)
		return 0;
	return geo->page_shift + geo->index_bits * (unsigned int)(level - 1);
}

unsigned int mmu_geometry_index(const struct mmu_geometry *geo, uint64_t va,
				int level)
{
	unsigned int shift = mmu_geometry_shift(geo, level);
	unsigned int bits = geo->index_bits;

	if (!shift)
		return 0;
	if (level == geo->levels)
		bits = geo->va_bits - shift;
	return (unsigned int)(va >> shift) & ((1u << bits) - 1);
}

int mmu_levels(enum mmu_mode mode)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(mode);

	return ops ? ops->levels : 0;
}

unsigned int mmu_va_bits(enum mmu_mode mode)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(mode);

	return ops ? ops->va_bits : 0;
}

unsigned int mmu_level_shift(enum mmu_mode mode, int level)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(mode);

	if (!ops || !ops->index_bits || level < 1 || level > ops->levels)
		return 0;
	return 12 + ops->index_bits * (unsigned int)(level - 1);
}

unsigned int mmu_index(enum mmu_mode mode, uint64_t va, int level)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(mode);
	unsigned int shift = mmu_level_shift(mode, level), bits;

	if (!shift)
		return 0;
	bits = ops->va_bits - shift;
	if (bits > ops->index_bits)
		bits = ops->index_bits;
	return (unsigned int)(va >> shift) & ((1u << bits) - 1);
}

bool mmu_is_canonical(enum mmu_mode mode, uint64_t va)
{
	const struct mmu_mode_ops *ops = mmu_mode_ops(mode);
	uint64_t high;

	if (!ops || !ops->va_bits)
		return false;
	if (!ops->va_signed)
		return va >> ops->va_bits == 0;
	high = va >> (ops->va_bits - 1);
	return high == 0 || high == UINT64_MAX >> (ops->va_bits - 1);
}
