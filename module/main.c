// SPDX-License-Identifier: GPL-2.0
/*
 * Module entry and exit: ordered start and unwinding, nothing else.
 * Locks: none.  May sleep.  Emits nothing.
 */
#include <linux/module.h>
#include "memory.h"
#include "mmscope.h"
#include "compat/btf.h"

unsigned int mms_hold_us = 500;
module_param_named(hold_us, mms_hold_us, uint, 0400);
MODULE_PARM_DESC(hold_us, "longest wanted hold of mmap_lock per batch, microseconds (default 500, at most 10000)");

static int __init mms_init(void)
{
	int ret;

	mms_hold_us = min_t(unsigned int, mms_hold_us, MMS_HOLD_US_MAX);
	ret = mms_memory_init();
	if (ret)
		return ret;
	mms_registry_init();
	mms_btf_exit();
	ret = mms_genl_init();
	if (ret)
		goto err_memory;
	ret = mms_debugfs_init();
	if (ret)
		goto err_genl;
	return 0;

err_genl:
	mms_genl_exit();
err_memory:
	mms_memory_exit();
	return ret;
}

static void __exit mms_exit(void)
{
	mms_debugfs_exit();
	mms_genl_exit();
	mms_memory_exit();
}

module_init(mms_init);
module_exit(mms_exit);

MODULE_DESCRIPTION("Show where memory is: VMAs, page tables, and the proof");
MODULE_AUTHOR("The mmscope developers");
MODULE_VERSION(MMS_VERSION);
MODULE_LICENSE("GPL");
