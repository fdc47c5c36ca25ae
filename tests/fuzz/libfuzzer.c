// SPDX-License-Identifier: GPL-2.0
/* Runs a fuzz target under clang's libFuzzer, with the target's own mutator. */
#include "fuzz.h"

const char *__asan_default_options(void);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);

const char *__asan_default_options(void)
{
	return "quarantine_size_mb=8:malloc_context_size=8";
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_init();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_one(data, size);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct rng r = { seed };

	switch (below(&r, 4)) {
	case 0:
		return LLVMFuzzerMutate(data, size, max);
	case 1:
		return fuzz_bytes(&r, data, size, max);
	default:
		return fuzz_mutate(&r, data, size, max);
	}
}
