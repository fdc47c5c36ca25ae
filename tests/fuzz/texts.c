// SPDX-License-Identifier: GPL-2.0
/* Texts of /proc for fuzz targets, made up and damaged knowingly. */
#include "texts.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

struct text {
	char *to;
	size_t len;
	size_t max;
};

/* What does not fit is left out, whole. */
__attribute__((format(printf, 2, 3)))
static void add(struct text *t, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if ((size_t)n > t->max - t->len)
		return;
	memcpy(t->to + t->len, line, (size_t)n);
	t->len += (size_t)n;
}

static void add_figures(struct rng *r, struct text *t)
{
	static const char *const keys[] = {
		"Size", "KernelPageSize", "MMUPageSize", "Rss", "Pss", "Pss_Dirty", "Shared_Clean",
		"Shared_Dirty", "Private_Clean", "Private_Dirty", "Referenced", "Anonymous", "KSM", "LazyFree",
		"AnonHugePages", "ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb", "Private_Hugetlb",
		"Swap", "SwapPss", "Locked",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		add(t, "%s: %*" PRIu64 " kB\n", keys[i], 12, below(r, 2) * below(r, 1 << 20));
	add(t, "THPeligible:    0\n");
	if (below(r, 2))
		add(t, "ProtectionKey:         %u\n", (unsigned int)below(r, 16));
	add(t, "VmFlags: rd wr mr mw me %s sd \n", below(r, 2) ? "ac" : "ht um");
}

size_t text_smaps(struct rng *r, char *out, size_t max, bool figures)
{
	static const char *const names[] = {
		"", "/bin/a b", "[heap]", "[stack]", "[vdso]", "[vvar]", "/tmp/new\\012line (deleted)", "[anon:pool]",
		"[anon_shmem:x]", "/memfd:y (deleted)", "/SYSV00000000 (deleted)", "/dev/zero (deleted)",
		"[vsyscall]", "/x\033[2J\377",
	};
	struct text t = { .to = out, .max = max };
	unsigned int n = 1 + (unsigned int)below(r, 8), i;
	uint64_t at = 0x10000;

	for (i = 0; i < n; i++) {
		const char *name = names[below(r, sizeof(names) / sizeof(*names))];
		uint64_t len = 0x1000 * (1 + below(r, 64));
		bool file = *name == '/';

		add(&t, "%" PRIx64 "-%" PRIx64 " %c%c%c%c %08x %02x:%02x %u %*s%s\n", at, at + len, "r-"[below(r, 2)],
		    "w-"[below(r, 2)], "x-"[below(r, 2)], "ps"[below(r, 2)], (unsigned int)below(r, 16) << 12,
		    file ? 0xfe : 0, file ? (unsigned int)below(r, 4) : 0, file ? 1234 : 0, 20, "", name);
		if (figures)
			add_figures(r, &t);
		at += len + 0x1000 * below(r, 4);
	}
	return t.len;
}

size_t text_mountinfo(struct rng *r, char *out, size_t max)
{
	struct text t = { .to = out, .max = max };
	unsigned int n = 1 + (unsigned int)below(r, 100), i;

	for (i = 0; i < n; i++)
		add(&t, "%u 1 0:%u / /mnt/\\040-\\040%u rw,nosuid shared:4 - %s none rw,size=1024k\n", 22 + i,
		    20 + i, i, below(r, 2) ? "tmpfs" : "proc");
	return t.len;
}

size_t text_stat(struct rng *r, char *out, size_t max)
{
	static const char *const names[] = { "a) R 7 (b", "sleep", "x y", "\033[31m", ")", "(" };
	struct text t = { .to = out, .max = max };
	unsigned int i;

	add(&t, "7 (%s) %c %u 100 100 0 -1 %u", names[below(r, 6)], "SRDT"[below(r, 4)], (unsigned int)below(r, 9999),
	    (unsigned int)rnd(r) & ~0x200000U);
	for (i = 10; i <= 52; i++)
		add(&t, " %" PRId64, i == 18 ? -2 : (int64_t)(below(r, 2) * below(r, 1ULL << below(r, 63))));
	add(&t, "\n");
	return t.len;
}

size_t text_status(struct rng *r, char *out, size_t max)
{
	struct text t = { .to = out, .max = max };

	add(&t, "Name:\tsleep\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t7\nUid:\t0\t0\t0\t0\n");
	add(&t, "VmSize:\t    2356 kB\nVmPTE:\t%*" PRIu64 " kB\nVmSwap:\t       0 kB\nCapEff:\t%016" PRIx64 "\n", 8,
	    below(r, 1 << 20), rnd(r));
	return t.len;
}

/* --- damage -------------------------------------------------------------------------------------------------- */

/* Bytes [at, at + len) replaced by @n others. */
static size_t replace(uint8_t *data, size_t size, size_t max, size_t at, size_t len, const void *with, size_t n)
{
	if (size - len + n > max)
		return size;
	memmove(data + at + n, data + at + len, size - at - len);
	memcpy(data + at, with, n);
	return size - len + n;
}

static size_t line_start(const uint8_t *data, size_t at)
{
	while (at && data[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_len(const uint8_t *data, size_t size, size_t at)
{
	const uint8_t *nl = memchr(data + at, '\n', size - at);

	return nl ? (size_t)(nl - data) - at + 1 : size - at;
}

static size_t damage_number(struct rng *r, uint8_t *data, size_t size, size_t max, size_t at)
{
	static const char *const forms[] = { "%" PRIu64, "%" PRIx64, "-%" PRIu64, "0%" PRIu64, "%" PRIu64 "9999999999999" };
	uint64_t v = fuzz_number(r);
	char text[64];
	size_t len;
	int n;

	while (at < size && !isxdigit(data[at]))
		at++;
	for (len = 0; at + len < size && isxdigit(data[at + len]);)
		len++;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	n = snprintf(text, sizeof(text), forms[below(r, 5)], v);
#pragma GCC diagnostic pop
	return replace(data, size, max, at, len, text, (size_t)n);
}

static size_t damage_line(struct rng *r, uint8_t *data, size_t size, size_t max, size_t at)
{
	static uint8_t copy[FUZZ_MAX];
	size_t from = line_start(data, at), len = line_len(data, size, from);
	size_t to = line_start(data, below(r, size));

	memcpy(copy, data + from, len);
	switch (below(r, 3)) {
	case 0:
		return replace(data, size, max, from, len, "", 0);
	case 1:
		return replace(data, size, max, to, 0, copy, len);
	default:
		return replace(data, size, max, from + below(r, len), 0, copy, len);
	}
}

size_t text_damage(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	static const char *const words[] = {
		"", " ", "  ", ":", "-", "(", ")", "\n", "\t", " (deleted)", "[anon:", "]", "[anon_shmem:", "[heap]",
		"\\012", "\\0", " - ", " - tmpfs ", "/", "kB", "VmFlags:", "VmPTE:", "ht", "\377", "\f", "0x",
	};
	static char filler[4096];
	size_t at = below(r, size), n;
	const char *word = words[below(r, sizeof(words) / sizeof(*words))];

	if (!size)
		return fuzz_bytes(r, data, size, max);
	switch (below(r, 6)) {
	default:
		return damage_number(r, data, size, max, at);
	case 0:
	case 1:
		return damage_line(r, data, size, max, at);
	case 2:
		n = below(r, 2) ? below(r, 8) : 0;
		return replace(data, size, max, at, n < size - at ? n : size - at, word, strlen(word));
	case 3:	/* very long */
		memset(filler, "ax /1"[below(r, 5)], sizeof(filler));
		return replace(data, size, max, at, 0, filler, below(r, sizeof(filler)));
	}
}

int text_file(const void *data, size_t size)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzz", 0);
	if (ftruncate(fd, (off_t)size) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	return fd;
}
