/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fuzz target, as both drivers see it: driver.c (gcc, a seeded generator of
 * its own) and libfuzzer.c (clang, guided by coverage).  To add a target:
 * tests/fuzz/fuzz_NAME.c that defines the four below, and its name in
 * scripts/fuzz.
 */
#ifndef MMSCOPE_TESTS_FUZZ_H
#define MMSCOPE_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_MAX	(64 * 1024)	/* bytes of an input */

/* struct rng - splitmix64: the same numbers everywhere */
struct rng {
	uint64_t s;
};

static inline uint64_t rnd(struct rng *r)
{
	uint64_t z = (r->s += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* 0 .. n - 1 */
static inline uint64_t below(struct rng *r, uint64_t n)
{
	return n ? rnd(r) % n : 0;
}

/* Numbers at which arithmetic breaks; now and then any number. */
uint64_t fuzz_number(struct rng *r);

/* Damage that knows nothing of the form; returns the new size. */
size_t fuzz_bytes(struct rng *r, uint8_t *data, size_t size, size_t max);

/* What an input must never do: the message, then abort(). */
#define FUZZ_ASSERT(cond) \
	((cond) ? (void)0 : fuzz_failed(__FILE__, __LINE__, #cond))
void fuzz_failed(const char *file, int line, const char *what) __attribute__((noreturn));

/* The input is as fuzz_seed() made it: it must be taken without complaint. */
extern bool fuzz_valid;

/* --- what a target defines --- */

/* A valid input; at most @max bytes. */
size_t fuzz_seed(struct rng *r, uint8_t *out, size_t max);

/* Damage that knows the form. */
size_t fuzz_mutate(struct rng *r, uint8_t *data, size_t size, size_t max);

/* Before the first input. */
void fuzz_init(void);

void fuzz_one(const uint8_t *data, size_t size);

#endif
