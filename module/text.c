// SPDX-License-Identifier: GPL-2.0
/*
 * The one text printer: any record as a line "name key=value ...", from the
 * field descriptors beside its collector.  Locks: none.  Never sleeps.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "mmscope.h"

struct out {
	char *buf;
	size_t size, used;
};

__printf(2, 3)
static void put(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	o->used += vscnprintf(o->buf + o->used, o->size - o->used, fmt, ap);
	va_end(ap);
}

/* Names come from users: nothing but printable ASCII leaves unescaped. */
static void put_string(struct out *o, const char *s)
{
	put(o, "\"");
	for (; *s; s++) {
		if (isascii(*s) && isprint(*s) && *s != '"' && *s != '\\')
			put(o, "%c", *s);
		else
			put(o, "\\x%02x", (u8)*s);
	}
	put(o, "\"");
}

static u64 member(const struct mms_record *rec, const struct mms_field *f)
{
	const u8 *p = (const u8 *)rec + f->offset;

	switch (f->size) {
	case 1:
		return *p;
	case 2:
		return *(const u16 *)p;
	case 4:
		return *(const u32 *)p;
	default:
		return *(const u64 *)p;
	}
}

static void put_flags(struct out *o, u64 v, const char *letters)
{
	unsigned int i;

	for (i = 0; letters[i]; i++)
		put(o, "%c", v & (1ULL << i) ? letters[i] : '-');
}

static void put_name(struct out *o, u64 v, const char *const *names)
{
	u64 i;

	for (i = 0; names[i]; i++)
		if (i == v) {
			put(o, "%s", names[i]);
			return;
		}
	put(o, "%llu", v);
}

#define STAT_NAME(item, name) name,
static const char *const stat_names[] = { "unknown", MMS_VMSTATS(STAT_NAME) };

static void put_stats(struct out *o, const struct mms_stat *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		put(o, "%s%s:%lld", i ? "," : "",
		    v[i].id < ARRAY_SIZE(stat_names) ? stat_names[v[i].id] : "unknown",
		    (s64)v[i].value);
}

static void put_tail(struct out *o, const struct mms_record *rec, const struct mms_field *f)
{
	const char *p = (const char *)rec + f->offset;
	const u64 *v = (const u64 *)p;
	size_t n = rec->size - f->offset, i;

	if (f->format == MMS_FMT_TAIL) {
		put_string(o, n ? p : "");
		return;
	}
	if (f->format == MMS_FMT_STATS) {
		put_stats(o, (const struct mms_stat *)p, n / sizeof(struct mms_stat));
		return;
	}
	for (i = 0; i < n / 8; i++)
		put(o, "%s%llx", i ? "," : "", v[i]);
}

static void put_field(struct out *o, const struct mms_record *rec, const struct mms_field *f)
{
	put(o, " %s=", f->name);
	switch (f->format) {
	case MMS_FMT_HEX:
		put(o, "0x%llx", member(rec, f));
		break;
	case MMS_FMT_DEC:
		put(o, "%llu", member(rec, f));
		break;
	case MMS_FMT_FLAGS:
		put_flags(o, member(rec, f), f->letters);
		break;
	case MMS_FMT_NAME:
		put_name(o, member(rec, f), f->names);
		break;
	default:
		put_tail(o, rec, f);
	}
}

static const struct mms_field trailer_fields[] = {
	MMS_FIELD(mms_trailer, end, DEC),
	MMS_FIELD(mms_trailer, error, DEC),
	MMS_FIELD(mms_trailer, records, DEC),
	MMS_FIELD(mms_trailer, batches, DEC),
	MMS_FIELD(mms_trailer, torn, DEC),
	MMS_FIELD(mms_trailer, hold_max_ns, DEC),
	MMS_FIELD(mms_trailer, hold_total_ns, DEC),
	MMS_FIELD(mms_trailer, entries, DEC),
	{ }
};

static const struct mms_text trailer_text = {
	MMS_REC_TRAILER, "end", sizeof(struct mms_trailer), trailer_fields
};

/**
 * mms_text_print() - one record as one line
 * @texts: of its collector; the trailer is known here
 * @rec: record
 * @buf: receives the line with its newline, NUL terminated
 * @size: bytes of @buf; a line that does not fit is cut
 *
 * Return: characters without the NUL
 */
size_t mms_text_print(const struct mms_text *texts, const struct mms_record *rec,
		      char *buf, size_t size)
{
	struct out o = { buf, size - 1, 0 };
	const struct mms_field *f;

	if (rec->type == MMS_REC_TRAILER)
		texts = &trailer_text;
	while (texts->type && texts->type != rec->type)
		texts++;
	if (!texts->type)
		return 0;
	put(&o, "%s", texts->name);
	for (f = texts->fields; f->name; f++)
		put_field(&o, rec, f);
	buf[o.used++] = '\n';
	buf[o.used] = '\0';
	return o.used;
}
