// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a fuzz target with no help but gcc's sanitizers.
 *
 * Usage: PROG [-n COUNT] [-s SEED] [-f FIRST] [-m MINUTES] [-t SECONDS] [-o FILE]
 *        PROG FILE...			just these inputs
 *        PROG -w FILE [-s SEED] -f FIRST	write that input to FILE
 *        PROG -c DIR [-s SEED] COUNT	write valid inputs to DIR
 *
 * Input number i depends on SEED and i alone.  One that does harm is written
 * to FILE [crash]; then the status is not 0.  -t: an input that takes longer
 * is harm, too [10].
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "fuzz.h"

/* gcc's two sanitizers are two libraries: both shall end in on_signal(). */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
	return "abort_on_error=1:handle_abort=0:allocator_may_return_null=1:quarantine_size_mb=8:malloc_context_size=8";
}

const char *__ubsan_default_options(void)
{
	return "abort_on_error=1:print_stacktrace=1";
}

static uint8_t input[FUZZ_MAX];
static size_t input_size;
static const char *crash_file = "crash";
static uint64_t seed = 1, number;
static unsigned int limit = 10;

static void save_input(void)
{
	int fd = open(crash_file, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, input, input_size) != (ssize_t)input_size)
		dprintf(2, "the input could not be written to %s\n", crash_file);
	else
		dprintf(2, "seed %llu, input %llu: %s\n", (unsigned long long)seed,
			(unsigned long long)number, crash_file);
}

static void on_signal(int sig)
{
	if (sig == SIGALRM)
		dprintf(2, "no end after %u s\n", limit);
	save_input();
	_exit(sig == SIGALRM ? 124 : 1);
}

static void one(void)
{
	/* a copy of its exact size: the sanitizer sees its end */
	uint8_t *copy = malloc(input_size ? input_size : 1);

	memcpy(copy, input, input_size);
	alarm(limit);
	fuzz_one(copy, input_size);
	free(copy);
}

static void make(uint64_t i)
{
	struct rng r = { seed * 0x100000001b3ULL + i };
	unsigned int n;

	rnd(&r);
	input_size = fuzz_seed(&r, input, sizeof(input));
	fuzz_valid = !below(&r, 50);
	if (fuzz_valid)
		return;
	for (n = 1 + (unsigned int)below(&r, 6); n; n--)
		input_size = below(&r, 4) ? fuzz_mutate(&r, input, input_size, sizeof(input)) :
					    fuzz_bytes(&r, input, input_size, sizeof(input));
}

static int files(int n, char **file)
{
	for (int i = 0; i < n; i++) {
		int fd = open(file[i], O_RDONLY);
		ssize_t got = fd < 0 ? -1 : read(fd, input, sizeof(input));

		if (got < 0) {
			perror(file[i]);
			return 2;
		}
		close(fd);
		input_size = (size_t)got;
		one();
	}
	printf("inputs=%d\n", n);
	return 0;
}

static int corpus(const char *dir, uint64_t n)
{
	char path[4096];

	for (uint64_t i = 0; i < n; i++) {
		struct rng r = { seed * 0x100000001b3ULL + i };
		FILE *f;

		snprintf(path, sizeof(path), "%s/seed-%llu", dir, (unsigned long long)i);
		f = fopen(path, "w");
		input_size = fuzz_seed(&r, input, sizeof(input));
		if (!f || fwrite(input, 1, input_size, f) != input_size || fclose(f)) {
			perror(path);
			return 2;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t count = 10000, first = 0, minutes = 0;
	time_t end;
	const char *dir = NULL;
	bool write_only = false;
	int opt;

	while ((opt = getopt(argc, argv, "n:s:f:m:t:o:c:w:")) != -1) {
		switch (opt) {
		case 'n': count = strtoull(optarg, NULL, 10); break;
		case 's': seed = strtoull(optarg, NULL, 10); break;
		case 'f': first = strtoull(optarg, NULL, 10); break;
		case 'm': minutes = strtoull(optarg, NULL, 10); break;
		case 't': limit = (unsigned int)atoi(optarg); break;
		case 'o': crash_file = optarg; break;
		case 'w': crash_file = optarg; write_only = true; break;
		case 'c': dir = optarg; break;
		default: return 2;
		}
	}
	if (dir)
		return corpus(dir, optind < argc ? strtoull(argv[optind], NULL, 10) : 100);
	if (write_only) {
		number = first;
		make(first);
		save_input();
		return 0;
	}
	signal(SIGALRM, on_signal);
	signal(SIGABRT, on_signal);
	fuzz_init();
	if (optind < argc)
		return files(argc - optind, argv + optind);
	end = time(NULL) + (time_t)minutes * 60;
	for (number = first; number < first + count && (!minutes || time(NULL) < end); number++) {
		make(number);
		one();
	}
	alarm(0);
	printf("inputs=%llu\n", (unsigned long long)(number - first));
	return 0;
}
