// SPDX-License-Identifier: GPL-2.0
/* Records -> bytes of a stream, the mirror of decode.c. */
#include "source/encode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include "decode.h"

int mms_write_file(void *file, const void *buf, size_t len)
{
	if (fwrite(buf, 1, len, file) == len)
		return 0;
	return errno ? -errno : -EIO;
}

int mms_write_membuf(void *membuf, const void *buf, size_t len)
{
	struct mms_membuf *m = membuf;

	if (m->len + len > m->room) {
		size_t room = (m->len + len) * 2;
		void *data = realloc(m->data, room);

		if (!data)
			return -ENOMEM;
		m->data = data;
		m->room = room;
	}
	memcpy(m->data + m->len, buf, len);
	m->len += len;
	return 0;
}

void mms_membuf_free(struct mms_membuf *m)
{
	free(m->data);
	memset(m, 0, sizeof(*m));
}

/* "d7a09434-2907-4f35-a3c0-29b59590758d" -> 16 bytes; zeros where unreadable. */
static void read_boot_id(uint8_t id[16])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char text[64] = "", hex[3] = "";
	size_t n = 0;

	memset(id, 0, 16);
	if (fd < 0)
		return;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	for (const char *p = text; p[0] && p[1] && n < 16; p += 2) {
		if (*p == '-')
			p++;
		memcpy(hex, p, 2);
		id[n++] = (uint8_t)strtoul(hex, NULL, 16);
	}
}

static uint32_t arch_of(const char *machine)
{
	size_t n = strlen(machine);

	if (!strcmp(machine, "x86_64"))
		return MMS_ARCH_X86_64;
	if (!strcmp(machine, "aarch64"))
		return MMS_ARCH_ARM64;
	if (n == 4 && machine[0] == 'i' && !strcmp(machine + 2, "86"))
		return MMS_ARCH_I386;
	return MMS_ARCH_UNKNOWN;
}

void mms_header_init(struct mms_stream_header *h, enum mms_kind kind,
		     enum mms_writer writer, const struct mms_request *req)
{
	struct timespec now;
	struct utsname u;

	memset(h, 0, sizeof(*h));
	h->kind = kind;
	h->writer = writer;
	h->page_shift = (uint32_t)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
	clock_gettime(CLOCK_REALTIME, &now);
	h->time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	read_boot_id(h->boot_id);
	if (!uname(&u)) {
		memcpy(h->release, u.release, strnlen(u.release, sizeof(h->release) - 1));
		h->arch = arch_of(u.machine);
	}
	h->request = *req;
}

static int put(struct mms_encoder *e, const void *buf, size_t len)
{
	if (e->with_crc)
		e->crc = (uint32_t)crc32(e->crc, buf, (unsigned int)len);
	return e->write(e->ctx, buf, len);
}

int mms_encode_begin(struct mms_encoder *e, const struct mms_stream_header *h)
{
	struct mms_stream_header out = *h;

	memcpy(out.magic, MMS_MAGIC, sizeof(out.magic));
	out.abi = MMS_ABI_VERSION;
	out.header_size = sizeof(out);
	out.record_size = (uint32_t)mms_kind_fixed(h->kind);
	out.request.size = sizeof(out.request);
	e->crc = 0;
	e->records = 0;
	return put(e, &out, sizeof(out));
}

int mms_encode_record(struct mms_encoder *e, const struct mms_record *rec,
		      const void *tail, size_t tail_len)
{
	static const char zeros[8];
	size_t fixed = mms_record_fixed(rec->type);
	size_t pad = -tail_len & 7;
	struct mms_record head = *rec;
	int rc;

	if (!fixed)
		return -EINVAL;
	if (tail_len > MMS_RECORD_MAX - fixed - pad)
		return -EMSGSIZE;
	head.size = (uint32_t)(fixed + tail_len + pad);
	rc = put(e, &head, sizeof(head));
	if (!rc)
		rc = put(e, rec + 1, fixed - sizeof(head));
	if (!rc && tail_len)
		rc = put(e, tail, tail_len);
	if (!rc && pad)
		rc = put(e, zeros, pad);
	if (!rc)
		e->records++;
	return rc;
}

int mms_encode_copy(struct mms_encoder *e, const struct mms_record *rec)
{
	int rc = put(e, rec, rec->size);

	if (!rc)
		e->records++;
	return rc;
}

int mms_encode_end(struct mms_encoder *e, const struct mms_trailer *t)
{
	struct mms_trailer out = *t;

	out.head.size = sizeof(out);
	out.head.type = MMS_REC_TRAILER;
	out.head.flags = 0;
	out.records = e->records;
	out.crc_valid = e->with_crc;
	out.crc32 = e->with_crc ? e->crc : 0;
	return e->write(e->ctx, &out, sizeof(out));
}
