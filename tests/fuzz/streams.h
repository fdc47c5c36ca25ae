/* SPDX-License-Identifier: GPL-2.0 */
/* Record streams for fuzz targets: whole captures made up, and damaged knowingly. */
#ifndef MMSCOPE_TESTS_FUZZ_STREAMS_H
#define MMSCOPE_TESTS_FUZZ_STREAMS_H

#include "fuzz.h"

/* One stream of a kind, or with @kind 0 all kinds of one or two processes. */
size_t streams_make(struct rng *r, unsigned int kind, uint8_t *out, size_t max);

/* One field, record or stream changed; counts and checksums mostly set right again. */
size_t streams_damage(struct rng *r, uint8_t *data, size_t size, size_t max);

#endif
