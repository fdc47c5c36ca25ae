/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of the module source that status and the tests use. */
#ifndef MMSCOPE_SOURCE_MODULE_H
#define MMSCOPE_SOURCE_MODULE_H

#include "source/source.h"

#define MMS_DEBUGFS	"/sys/kernel/debug"

/**
 * mms_source_open_module_at() - a module's debugfs directory, no netlink
 * @dir: holds stream/vma and stream/pgtable; a test may put files there that
 *	hold 32 bytes for the request to land in, then a stream
 */
int mms_source_open_module_at(struct mms_source **out, const char *dir, struct mms_err *err);

/**
 * mms_debugfs_check() - can the stream files of a loaded module be opened?
 * Return: 0; -ENOENT debugfs is not mounted, or the directory is missing;
 * -EACCES not root.  @err has the remedy.
 */
int mms_debugfs_check(struct mms_err *err);

#endif
