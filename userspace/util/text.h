/* SPDX-License-Identifier: GPL-2.0 */
/* Strings from outside made harmless: file names, comm, command lines. */
#ifndef MMSCOPE_UTIL_TEXT_H
#define MMSCOPE_UTIL_TEXT_H

#include <stddef.h>

/**
 * mms_neutral() - copy @in so that it can be shown
 * @out: receives a NUL terminated string of valid UTF-8 with no control
 *	character (C0, DEL, C1) in it; what had to be replaced is "\xHH" and a
 *	backslash in the input becomes "\\\\" only where it could be mistaken
 *	for such an escape
 * @size: bytes of @out, at least 1; too long input ends in "..."
 *
 * The marks that turn the direction of text around or separate lines (U+2028
 * to U+202E and their kin) are replaced, too: they make a line read as what
 * it is not.  Two different inputs never give the same output, unless cut.
 */
const char *mms_neutral(const char *in, char *out, size_t size);

/**
 * mms_utf8_len() - bytes of the valid UTF-8 sequence that @s starts with
 * Return: 1..4; 0 at the terminating NUL and where @s is not valid UTF-8
 */
size_t mms_utf8_len(const char *s);

/**
 * mms_ascii() - copy @in with every byte above 0x7e as "\\xHH"
 *
 * For output in a locale that is not UTF-8, where the bytes of a multibyte
 * character could be taken for control characters.  Too long input is cut.
 */
const char *mms_ascii(const char *in, char *out, size_t size);

/**
 * mms_unescape() - "\040" and its kind back to bytes, in place
 *
 * What /proc's tables of files escape (fs/seq_file.c mangle_path()): a blank in
 * a name would be the end of it.
 */
void mms_unescape(char *s);

#endif
