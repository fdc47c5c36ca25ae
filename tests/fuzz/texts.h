/* SPDX-License-Identifier: GPL-2.0 */
/* Texts of /proc for fuzz targets, made up and damaged knowingly. */
#ifndef MMSCOPE_TESTS_FUZZ_TEXTS_H
#define MMSCOPE_TESTS_FUZZ_TEXTS_H

#include <stdbool.h>
#include "fuzz.h"

/* Each returns the bytes written, not NUL terminated. */
size_t text_smaps(struct rng *r, char *out, size_t max, bool figures);
size_t text_mountinfo(struct rng *r, char *out, size_t max);
size_t text_stat(struct rng *r, char *out, size_t max);
size_t text_status(struct rng *r, char *out, size_t max);

/* A number, word or line changed, missing, or there twice. */
size_t text_damage(struct rng *r, uint8_t *data, size_t size, size_t max);

/* A file in memory with these bytes, always the same descriptor. */
int text_file(const void *data, size_t size);

#endif
