/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers from the command line and from /proc: the whole string or nothing. */
#ifndef MMSCOPE_UTIL_PARSE_H
#define MMSCOPE_UTIL_PARSE_H

#include <stdbool.h>
#include <stdint.h>
#include "util/err.h"

/**
 * mms_parse_pid() - a process ID as typed: decimal digits, 1 .. INT_MAX
 * Return: 0, or -EINVAL with @err
 */
int mms_parse_pid(const char *s, uint32_t *pid, struct mms_err *err);

/**
 * mms_parse_addr() - an address as typed: hex digits with or without 0x
 * Return: 0, or -EINVAL with @err
 */
int mms_parse_addr(const char *s, uint64_t *addr, struct mms_err *err);

/**
 * mms_parse_int() - a decimal number in a range
 * @what: names the number in @err, e.g. "oom_score_adj"
 * Return: 0, or -EINVAL with @err
 */
int mms_parse_int(const char *s, const char *what, int64_t min, int64_t max,
		  int64_t *v, struct mms_err *err);

/**
 * mms_scan_u64() - take digits of @base from *@p and move it behind them
 * Return: false if there are none or they do not fit in 64 bits
 */
bool mms_scan_u64(const char **p, unsigned int base, uint64_t *v);

#endif
