/* SPDX-License-Identifier: GPL-2.0 */
/* Symbols of the running kernel, by /proc/kallsyms. */
#ifndef MMSCOPE_SOURCE_KSYMS_H
#define MMSCOPE_SOURCE_KSYMS_H

#include <stdint.h>
#include "util/err.h"

/**
 * mms_ksym_address() - where a symbol is
 * @path: /proc/kallsyms
 * @name: as it stands there; of several of one name the first
 *
 * Return: 0; -ENOENT there is none; -EACCES addresses are hidden; -errno
 */
int mms_ksym_address(const char *path, const char *name, uint64_t *addr, struct mms_err *err);

/**
 * mms_ksym_name() - the symbol that @addr is in: the last one that begins before it
 * @buf: "name+0x12", or "name"
 *
 * Return: 0; -ENOENT, also where addresses are hidden; -errno
 */
int mms_ksym_name(const char *path, uint64_t addr, char *buf, size_t size);

/**
 * mms_ksym_addresses() - where several symbols are, in one reading
 * @names: @n of them
 * @addr: filled; 0 = there is no such symbol, or addresses are hidden
 *
 * Return: how many were found; -errno
 */
int mms_ksym_addresses(const char *path, const char *const names[], size_t n, uint64_t addr[]);

#endif
