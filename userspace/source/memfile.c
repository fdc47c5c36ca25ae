// SPDX-License-Identifier: GPL-2.0
/* Physical memory in a file: a raw image, or a text of a few words. */
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/memfile.h"
#include "util/parse.h"
#include "util/text.h"

#define SNIFFED		4096
/* A text is for people: this many words are more than anybody types. */
#define WORDS_MAX	(1u << 20)

struct word {
	uint64_t pa;
	uint64_t value;
};

/**
 * struct mms_memfile - an open memory file
 * @fd: of an image; -1 for a text
 * @size: of the image, bytes
 * @words: of a text, sorted by address, no address twice
 * @nwords: how many
 */
struct mms_memfile {
	int fd;
	uint64_t size;
	struct word *words;
	size_t nwords;
	size_t room;
};

static struct word *find(const struct mms_memfile *m, uint64_t pa, size_t *at)
{
	size_t low = 0, high = m->nwords;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->words[mid].pa < pa)
			low = mid + 1;
		else
			high = mid;
	}
	*at = low;
	return low < m->nwords && m->words[low].pa == pa ? &m->words[low] : NULL;
}

/* The word at @pa, made if there was none; NULL: no memory, or too many. */
static struct word *word_at(struct mms_memfile *m, uint64_t pa)
{
	size_t at;
	struct word *w = find(m, pa, &at);

	if (w)
		return w;
	if (m->nwords == WORDS_MAX)
		return NULL;
	if (m->nwords == m->room) {
		size_t room = m->room ? 2 * m->room : 64;

		w = realloc(m->words, room * sizeof(*w));
		if (!w)
			return NULL;
		m->words = w;
		m->room = room;
	}
	memmove(&m->words[at + 1], &m->words[at],
		(m->nwords - at) * sizeof(*m->words));
	m->nwords++;
	m->words[at] = (struct word){ .pa = pa };
	return &m->words[at];
}

static const char *skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t' || *p == ':' || *p == '=' || *p == '\r')
		p++;
	return p;
}

static bool scan_hex(const char **p, uint64_t *v)
{
	const char *s = skip_blanks(*p);

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2;
	if (!mms_scan_u64(&s, 16, v))
		return false;
	*p = skip_blanks(s);
	return true;
}

/* "ADDRESS VALUE [4]"; an empty line and a remark are no words. */
static int take_line(struct mms_memfile *m, const char *line, struct mms_err *err)
{
	const char *p = skip_blanks(line);
	uint64_t pa, value, size = 8;
	struct word *w;

	if (!*p || *p == '#' || *p == '\n')
		return 0;
	if (!scan_hex(&p, &pa) || !scan_hex(&p, &value))
		return mms_err_set(err, -EINVAL, "two hexadecimal numbers are wanted: ADDRESS VALUE");
	if (isdigit((unsigned char)*p) && !scan_hex(&p, &size))
		size = 0;
	if ((*p && *p != '#' && *p != '\n') || (size != 4 && size != 8))
		return mms_err_set(err, -EINVAL, "after ADDRESS VALUE only 4 or 8, the size of the word, or a # remark may stand");
	if (pa % size)
		return mms_err_set(err, -EINVAL, "address %#" PRIx64 " is no multiple of %" PRIu64 ", the size of the word",
				   pa, size);
	if (size == 4 && value > UINT32_MAX)
		return mms_err_set(err, -EINVAL, "%#" PRIx64 " does not fit into 4 bytes", value);
	w = word_at(m, pa & ~UINT64_C(7));
	if (!w)
		return mms_err_set(err, -ENOMEM, "too many words (%zu)", m->nwords);
	if (size == 8)
		w->value = value;
	else if (pa & 4)
		w->value = (uint32_t)w->value | value << 32;
	else
		w->value = (w->value & ~(uint64_t)UINT32_MAX) | value;
	return 0;
}

static int take_text(struct mms_memfile *m, FILE *f, const char *shown,
		     struct mms_err *err)
{
	struct mms_err why;
	unsigned int n = 0;
	char *line = NULL;
	size_t size = 0;
	int rc = 0;

	while (!rc && getline(&line, &size, f) >= 0) {
		n++;
		rc = take_line(m, line, &why);
		if (rc)
			mms_err_set(err, rc, "%.200s, line %u: %.200s", shown, n,
				    why.text);
	}
	if (!rc && ferror(f))
		rc = mms_err_set(err, -EIO, "%.200s: cannot be read", shown);
	free(line);
	return rc;
}

/* Is it text? What page tables consist of is not, even the first 4 KiB. */
static int sniff(int fd, bool *text)
{
	unsigned char head[SNIFFED];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	if (n < 0)
		return -errno;
	*text = n > 0;
	for (ssize_t i = 0; i < n; i++)
		if (!head[i] || (head[i] < 0x20 && !strchr("\t\n\r", head[i])))
			*text = false;
	return 0;
}

static int open_fd(struct mms_memfile *m, int fd, const char *shown,
		   struct mms_err *err)
{
	struct stat st;
	bool text = false;
	FILE *f;
	int rc;

	if (fstat(fd, &st))
		return mms_err_set(err, -errno, "%.200s: %s", shown, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return mms_err_set(err, -EISDIR, "%.200s: is a directory; an image of memory or a text is wanted",
				   shown);
	rc = sniff(fd, &text);
	if (rc == -ESPIPE)
		return mms_err_set(err, rc, "%.200s: is a pipe; write it into a file, addresses are looked up in it",
				   shown);
	if (rc)
		return mms_err_set(err, rc, "%.200s: %s", shown, strerror(-rc));
	if (!text) {
		off_t end = lseek(fd, 0, SEEK_END);

		if (end < 0)
			return mms_err_set(err, -errno, "%.200s: %s", shown,
					   strerror(errno));
		m->fd = dup(fd);
		m->size = (uint64_t)end;
		return m->fd >= 0 ? 0 : mms_err_set(err, -errno, "%.200s: %s", shown,
						   strerror(errno));
	}
	f = fdopen(dup(fd), "r");
	if (!f)
		return mms_err_set(err, -errno, "%.200s: %s", shown, strerror(errno));
	rc = take_text(m, f, shown, err);
	fclose(f);
	return rc;
}

int mms_memfile_open(struct mms_memfile **out, const char *path,
		     struct mms_err *err)
{
	struct mms_memfile *m = calloc(1, sizeof(*m));
	char shown[512];
	int fd, rc;

	if (!m)
		return mms_err_set(err, -ENOMEM, "out of memory");
	m->fd = -1;
	mms_neutral(path, shown, sizeof(shown));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		rc = mms_err_set(err, -errno, "%.200s: %s", shown, strerror(errno));
	} else {
		rc = open_fd(m, fd, shown, err);
		close(fd);
	}
	if (rc)
		mms_memfile_close(m);
	else
		*out = m;
	return rc;
}

void mms_memfile_close(struct mms_memfile *m)
{
	if (!m)
		return;
	if (m->fd >= 0)
		close(m->fd);
	free(m->words);
	free(m);
}

int mms_memfile_read(void *ctx, uint64_t pa, uint64_t *value)
{
	struct mms_memfile *m = ctx;
	uint64_t raw = 0;
	ssize_t n;
	size_t at;

	if (m->fd < 0) {
		const struct word *w = find(m, pa, &at);

		*value = w ? w->value : 0;
		return 0;
	}
	if (pa >= m->size || m->size - pa < sizeof(raw))
		return -ENXIO;
	n = pread(m->fd, &raw, sizeof(raw), (off_t)pa);
	if (n != sizeof(raw))
		return n < 0 ? -errno : -ENXIO;
	*value = le64toh(raw);
	return 0;
}
