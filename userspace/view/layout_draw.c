// SPDX-License-Identifier: GPL-2.0
/* mmscope layout: the picture, 80 columns wide. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "util/text.h"
#include "view/layout.h"

#define ADDRESS	18	/* 0x and 16 digits */
#define INNER	57	/* between the two sides, blanks beside them not counted */

/* --- strings that take up a known number of columns --- */

/* Columns of valid UTF-8 (wide characters are not told apart). */
static size_t width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

/* @s cut to @max columns; the end of a long name tells more than its middle. */
static const char *fit(const char *s, size_t max, char *buf, size_t size)
{
	size_t n = 0, at = 0;

	snprintf(buf, size, "%s", s);
	if (width(buf) <= max)
		return buf;
	while (buf[at] && n + 3 < max) {
		at += mms_utf8_len(buf + at) ? mms_utf8_len(buf + at) : 1;
		n++;
	}
	snprintf(buf + at, size - at, "...");
	return buf;
}

struct marks {
	const char *side, *gap, *line, *dots, *top[2], *mid[2], *end[2];
};

static const struct marks *marks_of(const struct mms_layout_view *w)
{
	static const struct marks plain = {
		"|", ":", "-", ".", { "+", "+" }, { "+", "+" }, { "+", "+" },
	};
	static const struct marks utf8 = {
		"\u2502", "\u250a", "\u2500", "\u2508", { "\u250c", "\u2510" }, { "\u251c", "\u2524" },
		{ "\u2514", "\u2518" },
	};

	return w->ascii ? &plain : &utf8;
}

static void address(const struct mms_layout_view *w, const uint64_t *addr)
{
	char buf[24] = "";

	if (addr)
		snprintf(buf, sizeof(buf), "0x%" PRIx64, *addr);
	mms_doc_text(w->doc, "%*s ", ADDRESS, buf);
}

/* A border, with the address that begins above it and what is said in it. */
static void border(const struct mms_layout_view *w, const char *const ends[2], const uint64_t *addr, const char *what)
{
	const struct marks *m = marks_of(w);
	size_t used = *what ? width(what) + 3 : 0;

	address(w, addr);
	mms_doc_text(w->doc, "%s", ends[0]);
	if (used)
		mms_doc_text(w->doc, "%s %s ", m->line, what);
	for (size_t i = used; i < INNER + 2; i++)
		mms_doc_text(w->doc, "%s", m->line);
	mms_doc_text(w->doc, "%s\n", ends[1]);
}

/* A line inside: @left, and @right at the right side. */
static void inside(const struct mms_layout_view *w, const char *side, const uint64_t *addr, const char *left,
		   const char *right)
{
	size_t room = INNER - width(right) - 1;
	char buf[512], shown[512];
	const char *text = fit(w->ascii ? mms_ascii(left, shown, sizeof(shown)) : left, room, buf, sizeof(buf));

	address(w, addr);
	mms_doc_text(w->doc, "%s %s%*s %s %s\n", side, text, (int)(room - width(text)), "", right, side);
}

/* --- by regions --- */

static uint64_t size_of(const struct mms_range *r)
{
	return r->last - r->start + 1;	/* 0: all 2^64, which no range is */
}

static const char *size_text(const struct mms_layout_view *w, uint64_t size, char buf[24])
{
	if (w->render->bytes)
		snprintf(buf, 24, "%" PRIu64, size);
	else
		mms_human(size, buf);
	return buf;
}

static bool well_known(const char *name)
{
	static const char *const names[] = { ".text", ".rodata", ".data", ".bss" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Sections that begin in this range, the highest first. */
static void draw_sections(const struct mms_layout_view *w, size_t range)
{
	const struct mms_layout *l = &w->l;
	char left[300], right[64], size[24], prot[8];

	for (size_t i = l->nplaced; i-- > 0;) {
		const struct mms_elf_section *s = l->placed[i].section;

		if (l->placed[i].range != range || (!w->sections && !well_known(s->name)))
			continue;
		snprintf(left, sizeof(left), "  %s", s->name);
		mms_prot_text(MMS_VMA_READ | (s->write ? MMS_VMA_WRITE : 0) | (s->exec ? MMS_VMA_EXEC : 0), prot);
		snprintf(right, sizeof(right), "%s %7s  ", prot, size_text(w, s->size, size));
		inside(w, marks_of(w)->side, &l->placed[i].start, left, right);
	}
}

static void draw_range(const struct mms_layout_view *w, size_t at)
{
	const struct mms_range *r = &w->l.range[at];
	const struct marks *m = marks_of(w);
	bool empty = r->kind == MMS_RANGE_GAP || r->kind == MMS_RANGE_HOLE || r->kind == MMS_RANGE_BEYOND;
	char left[300], right[64], size[24], prot[8];

	snprintf(left, sizeof(left), "%s", r->kind == MMS_RANGE_GAP ? "nothing" : r->name);
	if (r->vmas > 1)
		snprintf(left, sizeof(left), "%.250s (%zu VMAs)", r->name, r->vmas);
	size_text(w, size_of(r), size);
	if (r->prot)
		snprintf(right, sizeof(right), "%s%c %7s", mms_prot_text(r->prot, prot),
			 r->prot & MMS_VMA_SHARED ? 's' : 'p', size);
	else
		snprintf(right, sizeof(right), "%7s", size);
	inside(w, empty ? m->gap : m->side, NULL, left, right);
	draw_sections(w, at);
}

/* What begins below this border, going down. */
static const char *heading(const struct mms_layout_view *w, const struct mms_range *r)
{
	if (w->l.mmap_high && r->last + 1 == w->l.mmap_high)
		return "mmap area";
	if (r->kind == MMS_RANGE_STACK)
		return "stack, grows down";
	if (r->kind == MMS_RANGE_HEAP)
		return "heap, grows up";
	return "";
}

void mms_layout_draw(const struct mms_layout_view *w)
{
	const struct mms_layout *l = &w->l;
	const struct marks *m = marks_of(w);

	for (size_t i = l->n; i-- > 0;) {
		const struct mms_range *r = &l->range[i];

		if (i == l->n - 1)
			border(w, m->top, &r->last, heading(w, r));
		draw_range(w, i);
		border(w, i ? m->mid : m->end, &r->start, i ? heading(w, &l->range[i - 1]) : "");
	}
}

/* --- to scale --- */

static bool in_use(const struct mms_range *r)
{
	return r->kind != MMS_RANGE_GAP && r->kind != MMS_RANGE_HOLE && r->kind != MMS_RANGE_BEYOND &&
	       r->kind != MMS_RANGE_UNTOLD && r->kind != MMS_RANGE_UNUSED;
}

/* Names of what lies in a row, as far as they fit, and how much of it is used; what has no use where nothing has. */
static void row_of(const struct mms_layout_view *w, uint64_t start, uint64_t last, char *names, size_t size,
		   double *used)
{
	const struct mms_layout *l = &w->l;
	size_t n = 0, first = 0, end;

	while (first < l->n && l->range[first].last < start)
		first++;
	*used = 0;
	for (end = first; end < l->n && l->range[end].start <= last; end++) {
		const struct mms_range *r = &l->range[end];
		uint64_t a = r->start > start ? r->start : start, b = r->last < last ? r->last : last;

		if (in_use(r))
			*used += ((double)(b - a) + 1) / ((double)(last - start) + 1);
	}
	names[0] = '\0';
	for (const char *before = ""; first < end && n < size; first++) {
		const struct mms_range *r = &l->range[first];

		if (r->kind == MMS_RANGE_GAP || (*used > 0 && !in_use(r)) || !strcmp(r->name, before))
			continue;
		before = r->name;
		n += (size_t)snprintf(names + n, size - n, "%s%s", n ? "; " : "", r->name);
	}
}

void mms_layout_draw_scale(const struct mms_layout_view *w, uint64_t start, uint64_t last, unsigned int rows)
{
	const struct marks *m = marks_of(w);
	uint64_t step = (last - start) / rows + 1;
	char names[400], percent[16], size[24];
	double used;

	mms_doc_text(w->doc, "each line is %s of addresses; in use: by VMAs or known parts of the kernel\n",
		     size_text(w, step, size));
	border(w, m->top, &last, "");
	for (unsigned int i = rows; i-- > 0;) {
		uint64_t a = start + i * step, b = i == rows - 1 || a + (step - 1) > last ? last : a + (step - 1);

		if (a < start || a > last)
			continue;
		row_of(w, a, b, names, sizeof(names), &used);
		if (!used)
			snprintf(percent, sizeof(percent), "%s", "");
		else if (used < 0.001)
			snprintf(percent, sizeof(percent), "< 0.1%%");
		else
			snprintf(percent, sizeof(percent), "%5.1f%%", used * 100);
		inside(w, used > 0 ? m->side : m->gap, &a, names, percent);
	}
	border(w, m->end, NULL, "");
}
