/* SPDX-License-Identifier: GPL-2.0 */
/* JSON strings that are valid whatever bytes go in. */
#ifndef MMSCOPE_RENDER_JSON_H
#define MMSCOPE_RENDER_JSON_H

#include <stdio.h>

/* @s in quotes, escaped; bytes that are not UTF-8 become U+FFFD. */
void mms_json_string(FILE *out, const char *s);

#endif
