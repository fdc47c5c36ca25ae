// SPDX-License-Identifier: GPL-2.0
/* mmscope frame: everything about one frame, as lines and a table. */
#include "view/frame.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "names.h"
#include "util/text.h"

#define C(n, t, s, h) { .name = n, .type = MMS_COL_##t, .shown = s, .help = h }

const struct mms_column mms_fmap_columns[FMAP_MAX] = {
	[FMAP_PID]	= C("PID", NUM, true, "process; - if none is left, or it is not visible here"),
	[FMAP_COMM]	= C("COMM", STR, true, "its name"),
	[FMAP_VA]	= C("VA", HEX, true, "virtual address of the frame there"),
	[FMAP_PERM]	= C("PERM", STR, true, "what the VMA allows; s shared, p private"),
	[FMAP_LEVEL]	= C("LEVEL", NUM, true, "level of the entry that maps it: 1 PTE, 2 PMD, 3 PUD"),
	[FMAP_RAW]	= C("RAW", HEX, true, "the entry as read: the proof"),
	[FMAP_STATE]	= C("STATE", STR, true, "maps; or why not: other page, empty, busy, gone"),
	[FMAP_ENTRY]	= C("ENTRY", HEX, false, "physical address of the entry"),
	[FMAP_PFN]	= C("PFN", HEX, false, "the frame"),
	[FMAP_VMA]	= C("VMA", HEX, false, "first address of the VMA"),
};

static const char *const mapping_words[] = {
	[MMS_MAPPING_FILE] = "file", [MMS_MAPPING_ANON] = "anonymous",
	[MMS_MAPPING_KSM] = "KSM", [MMS_MAPPING_MOVABLE] = "movable",
};

static const char *const rmap_words[] = {
	[MMS_RMAP_NOT_ASKED] = "not read", [MMS_RMAP_DONE] = "read",
	[MMS_RMAP_UNMAPPED] = "not mapped", [MMS_RMAP_NONE] = "none",
	[MMS_RMAP_BUSY_PAGE] = "busy: the page's lock", [MMS_RMAP_BUSY_TREE] = "busy: the lock of its VMAs",
	[MMS_RMAP_CHANGED] = "changed meanwhile", [MMS_RMAP_TRUNCATED] = "truncated",
	[MMS_RMAP_UNAVAILABLE] = "not available: see mmscope status",
};

static const char *const map_words[] = {
	[MMS_FMAP_MAPS] = "maps", [MMS_FMAP_OTHER] = "another page", [MMS_FMAP_EMPTY] = "empty",
	[MMS_FMAP_BUSY] = "busy", [MMS_FMAP_GONE] = "gone", [MMS_FMAP_NO_PROCESS] = "no process",
};

#define NAME(names, i) \
	((i) < sizeof(names) / sizeof(*(names)) && (names)[i] ? (names)[i] : "unknown")

/* struct show - one document being written */
struct show {
	struct mms_doc *doc;
	const struct mms_frame_arg *arg;
	const struct mms_frame_info *f;
};

/* The same fact for both kinds of reader. */
static void fact(struct show *s, const char *label, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void fact(struct show *s, const char *label, const char *key, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	mms_doc_text(s->doc, "%-16s%s\n", label, text);
	mms_doc_str(s->doc, key, text);
}

static void num(struct show *s, const char *key, uint64_t v, bool known)
{
	if (known)
		mms_doc_num(s->doc, key, (int64_t)v);
	else
		mms_doc_str(s->doc, key, NULL);
}

static void hex(struct show *s, const char *key, uint64_t v, bool known)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%" PRIx64, v);
	mms_doc_str(s->doc, key, known ? text : NULL);
}

/* Words in lines of at most 80 columns, indented under their label. */
static void wrapped(struct show *s, const char *label, const char *text)
{
	size_t width = 16;

	mms_doc_text(s->doc, "%-16s", label);
	while (*text) {
		size_t n = strcspn(text, " ");

		if (width > 16 && width + n > 79) {
			mms_doc_text(s->doc, "\n%-16s", "");
			width = 16;
		}
		mms_doc_text(s->doc, "%.*s%s", (int)n, text, text[n] ? " " : "");
		width += n + 1;
		text += n;
		text += strspn(text, " ");
	}
	mms_doc_text(s->doc, "\n");
}

static void show_place(struct show *s)
{
	const struct mms_frame *f = &s->f->frame;
	bool zone = f->known & MMS_FRAME_K_ZONE;

	uint64_t page = s->arg->addr & ~((1ULL << s->f->page_shift) - 1);
	bool moved = s->arg->pid && mms_frame_moved(s->f, page);

	if (s->arg->pid)
		fact(s, "asked for", "asked_for", "PID %u, address 0x%" PRIx64 "%s", s->arg->pid, s->arg->addr,
		     moved ? ", which has let it go meanwhile" : "");
	if (s->arg->pid)
		num(s, "moved", moved, true);
	hex(s, "pfn", f->pfn, true);
	hex(s, "pa", f->pfn << s->f->page_shift, true);
	mms_doc_text(s->doc, "%-16s0x%" PRIx64 ", physical address 0x%" PRIx64 "\n", "page frame",
		     (uint64_t)f->pfn, (uint64_t)f->pfn << s->f->page_shift);
	fact(s, "class", "class", "%s", mms_frame_use(s->f));
	if (zone) {
		mms_doc_text(s->doc, "%-16s%s, node %u\n", "zone", mms_zone_name(f->zone), f->node);
		mms_doc_str(s->doc, "zone", mms_zone_name(f->zone));
	}
	num(s, "node", f->node, zone);
	if (f->known & MMS_FRAME_K_MIGRATETYPE)
		fact(s, "pageblock", "migratetype", "%s", mms_migratetype_name(f->migratetype));
}

static void show_folio(struct show *s)
{
	const struct mms_frame *f = &s->f->frame;

	if (!(f->known & MMS_FRAME_K_WORDS))
		return;
	hex(s, "folio_pfn", f->folio_pfn, true);
	num(s, "order", f->order, true);
	if (f->order)
		mms_doc_text(s->doc, "%-16spage %" PRIu64 " of the %u that begin at 0x%" PRIx64 " (order %u)\n",
			     "folio", (uint64_t)(f->pfn - f->folio_pfn), 1U << f->order,
			     (uint64_t)f->folio_pfn, f->order);
}

static void show_flags(struct show *s)
{
	const struct mms_frame *f = &s->f->frame;
	char text[640], list[80];

	mms_frame_flags(f, text, sizeof(text));
	wrapped(s, "flags", *text ? text : "none");
	mms_doc_str(s->doc, "flags", text);
	hex(s, "kpageflags", f->kpf, true);
	hex(s, "raw_flags", f->raw_flags, f->known & MMS_FRAME_K_WORDS);
	if (f->known & MMS_FRAME_K_WORDS)
		mms_doc_text(s->doc, "%-16s0x%" PRIx64 "%s\n", "  raw word", (uint64_t)f->raw_flags,
			     f->flags & MMS_PF_TORN ? " (changing: fields may not fit together)" : "");
	mms_frame_list(s->f, list, sizeof(list));
	if (*list)
		fact(s, "list", "list", "%s", list);
}

static void show_cgroup(struct show *s)
{
	const struct mms_frame *f = &s->f->frame;
	const char *how = f->flags & MMS_PF_MEMCG_DEAD ? ", removed" :
			  f->flags & MMS_PF_MEMCG_KMEM ? ", as kernel memory (objcg)" : "";

	num(s, "cgroup_ino", f->cgroup_ino, f->known & MMS_FRAME_K_CGROUP);
	if (f->flags & MMS_PF_MEMCG_OBJS)
		mms_doc_text(s->doc, "%-16seach object of the slab for itself\n", "memory cgroup");
	else if (f->known & MMS_FRAME_K_CGROUP && f->cgroup_ino)
		mms_doc_text(s->doc, "%-16sinode %" PRIu64 "%s\n", "memory cgroup",
			     (uint64_t)f->cgroup_ino, how);
	mms_doc_str(s->doc, "cgroup_how", f->flags & MMS_PF_MEMCG_OBJS ? "objects" :
		    f->flags & MMS_PF_MEMCG_KMEM ? "objcg" : NULL);
}

/* A whole small file of /proc; NULL if it cannot be read. */
static char *slurp(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t n = 0, room = 65536;
	char *buf = f ? malloc(room) : NULL;

	while (buf && !feof(f) && !ferror(f)) {
		char *more;

		n += fread(buf + n, 1, room - n - 1, f);
		if (n < room - 1)
			continue;
		more = realloc(buf, room *= 2);
		if (!more)
			break;
		buf = more;
	}
	if (buf)
		buf[n] = '\0';
	if (f)
		fclose(f);
	return buf;
}

/* The path as seen here if its file system is mounted, else from its root. */
static void file_path(const struct mms_frame_info *f, char *out, size_t size)
{
	char *mounts = slurp("/proc/self/mountinfo"), seen[4400];

	if (mounts && *f->path &&
	    mms_mount_path(mounts, f->file.dev_major, f->file.dev_minor, f->path, seen, sizeof(seen)))
		mms_neutral(seen, out, size);
	else
		mms_neutral(f->path, out, size);
	free(mounts);
}

static void show_file(struct show *s)
{
	const struct mms_frame_file *file = &s->f->file;
	char path[1000], fs[64];

	if (!s->f->have_file)
		return;
	file_path(s->f, path, sizeof(path));
	mms_neutral(s->f->fs, fs, sizeof(fs));
	if (S_ISBLK(file->mode))
		fact(s, "file", "path", "block device %u:%u", file->rdev_major, file->rdev_minor);
	else if (*path)
		fact(s, "file", "path", "%s%s", path,
		     file->flags & MMS_FFILE_UNLINKED ? " (deleted)" : "");
	else
		fact(s, "file", "path", "no name in memory");
	mms_doc_text(s->doc, "%-16s%s on device %u:%u, inode %" PRIu64 ", size %" PRIu64 ", %" PRIu64 " pages cached\n",
		     "", fs, file->dev_major, file->dev_minor, (uint64_t)file->ino,
		     (uint64_t)file->i_size, (uint64_t)file->nrpages);
	mms_doc_str(s->doc, "fs", fs);
	num(s, "dev_major", file->dev_major, true);
	num(s, "dev_minor", file->dev_minor, true);
	num(s, "ino", file->ino, true);
	num(s, "file_size", file->i_size, true);
	num(s, "deleted", !!(file->flags & MMS_FFILE_UNLINKED), true);
}

static void show_mapping(struct show *s)
{
	const struct mms_frame *f = &s->f->frame;
	bool index = f->known & MMS_FRAME_K_INDEX;

	if (!(f->known & MMS_FRAME_K_WORDS))
		return;
	hex(s, "mapping", f->mapping, true);
	num(s, "index", f->index, index);
	if (f->mapping_kind && index)
		mms_doc_text(s->doc, "%-16s%s, page %" PRIu64 "%s\n", "mapping",
			     NAME(mapping_words, f->mapping_kind), (uint64_t)f->index,
			     f->mapping_kind == MMS_MAPPING_FILE ? " of the file" : "");
	else if (f->mapping_kind)
		mms_doc_text(s->doc, "%-16s%s\n", "mapping", NAME(mapping_words, f->mapping_kind));
	if (f->known & MMS_FRAME_K_KSM) {
		mms_doc_text(s->doc, "%-16sstable node 0x%" PRIx64 ", shared by %u addresses\n", "KSM",
			     (uint64_t)(f->mapping & ~3ULL), f->ksm_sharers);
		num(s, "ksm_sharers", f->ksm_sharers, true);
	}
	if (f->known & MMS_FRAME_K_SWAP)
		mms_doc_text(s->doc, "%-16sarea %u, slot 0x%" PRIx64 " (swap cache)\n", "swap",
			     f->swap_type, (uint64_t)f->swap_slot);
	num(s, "swap_type", f->swap_type, f->known & MMS_FRAME_K_SWAP);
	hex(s, "swap_slot", f->swap_slot, f->known & MMS_FRAME_K_SWAP);
	hex(s, "buddy_pfn", f->buddy_pfn, f->known & MMS_FRAME_K_BUDDY);
	num(s, "buddy_order", f->buddy_order, f->known & MMS_FRAME_K_BUDDY);
}

static void show_object(struct show *s)
{
	const struct mms_frame_slab *slab = &s->f->slab;
	uint64_t off = (s->f->frame.pfn - s->f->frame.folio_pfn) << s->f->page_shift;
	bool size = slab->known & MMS_FSLAB_K_SIZE;

	off += s->arg->has_offset ? s->arg->offset : 0;
	if (!size)
		return;
	if (s->arg->has_offset && (!(slab->known & MMS_FSLAB_K_COUNTS) || off / slab->size < slab->objects)) {
		mms_doc_text(s->doc, "%-16s%" PRIu64 ", byte %" PRIu64 " of it\n", "object",
			     off / slab->size, off % slab->size);
		num(s, "slab_object", off / slab->size, true);
	} else if (!s->arg->has_offset) {
		mms_doc_text(s->doc, "%-16sthe frame begins in number %" PRIu64 ", at its byte %" PRIu64 "\n",
			     "objects", off / slab->size, off % slab->size);
	}
}

static void show_kernel(struct show *s)
{
	const struct mms_frame_slab *slab = &s->f->slab;
	const struct mms_frame_task *t = &s->f->task;
	char name[128];

	if (s->f->have_slab) {
		mms_neutral((const char *)slab->name, name, sizeof(name));
		mms_doc_str(s->doc, "slab", name);
		mms_doc_text(s->doc, "%-16s%s", "slab cache", name);
		if (slab->known & MMS_FSLAB_K_SIZE)
			mms_doc_text(s->doc, ", objects of %u bytes, %u apart", slab->object_size, slab->size);
		if (slab->known & MMS_FSLAB_K_COUNTS)
			mms_doc_text(s->doc, ", %u of %u in use", slab->inuse, slab->objects);
		mms_doc_text(s->doc, "\n");
		num(s, "slab_size", slab->size, slab->known & MMS_FSLAB_K_SIZE);
		num(s, "slab_objects", slab->objects, slab->known & MMS_FSLAB_K_COUNTS);
		num(s, "slab_inuse", slab->inuse, slab->known & MMS_FSLAB_K_COUNTS);
		hex(s, "slab_va", slab->va, true);
		show_object(s);
	}
	if (s->f->have_task) {
		mms_neutral((const char *)t->comm, name, sizeof(name));
		fact(s, t->role == MMS_FROLE_STACK ? "kernel stack" : "top table",
		     t->role == MMS_FROLE_STACK ? "stack_of" : "pgd_of", "page %u of thread %u of PID %u (%s)",
		     t->page, t->tid, t->pid, name);
	}
}

static void show_area(struct show *s)
{
	const struct mms_frame_info *f = s->f;
	const struct mms_area *a = &f->area;
	char caller[256];

	if (!a->caller)
		return;
	mms_neutral(a->caller, caller, sizeof(caller));
	mms_doc_text(s->doc, "%-16s0x%" PRIx64 " to 0x%" PRIx64 ", page %" PRIu64 " of it", "vmalloc area",
		     a->start, a->end, (f->kernel_va - a->start) >> f->page_shift);
	if (a->pages)
		mms_doc_text(s->doc, "; made with %" PRIu64 " page%s", a->pages, a->pages == 1 ? "" : "s");
	mms_doc_text(s->doc, "\n%-16s%s, asked for by %s\n", "", mms_area_kind_name(a->kind),
		     *caller ? caller : "somebody who is not known");
	hex(s, "area_start", a->start, true);
	hex(s, "area_end", a->end, true);
	num(s, "area_pages", a->pages, a->pages);
	mms_doc_str(s->doc, "area_kind", mms_area_kind_name(a->kind));
	mms_doc_str(s->doc, "area_caller", *caller ? caller : NULL);
}

/* What the struct page does not tell: found in the kernel's map, and through owners. */
static void show_kernel_map(struct show *s)
{
	const struct mms_frame_info *f = s->f;

	hex(s, "kernel_va", f->kernel_va, f->kernel_va);
	if (f->kernel_va && f->kernel_class == MMS_FRAME_KPGTABLE)
		mms_doc_text(s->doc, "%-16stranslates from 0x%" PRIx64 "\n", "page table", f->kernel_va);
	else if (f->kernel_va)
		mms_doc_text(s->doc, "%-16sat 0x%" PRIx64 ", beside its map of all memory\n", "kernel maps it",
			     f->kernel_va);
	show_area(s);
	if (f->kernel_pid && !f->have_task)
		fact(s, "of", "kernel_of", "PID %u", f->kernel_pid);
}

static void show_refs(struct show *s)
{
	const struct mms_frame *f = &s->f->frame;
	struct mms_ref_part parts[MMS_REF_PARTS];
	int64_t rest;
	size_t n = mms_frame_refs(s->f, parts, &rest);
	uint64_t pins;
	bool known;

	num(s, "refcount", f->refcount, f->known & MMS_FRAME_K_WORDS);
	num(s, "mapcount", f->mapcount, f->known & MMS_FRAME_K_MAPCOUNT);
	num(s, "folio_mapcount", f->folio_mapcount, f->known & MMS_FRAME_K_FOLIO_MAPS);
	num(s, "entire_mapcount", f->entire_mapcount, f->known & MMS_FRAME_K_ENTIRE);
	num(s, "pincount", f->pincount, f->known & MMS_FRAME_K_PINCOUNT);
	if (f->known & MMS_FRAME_K_WORDS) {
		mms_doc_text(s->doc, "%-16s%d", "references", (int32_t)f->refcount);
		for (size_t i = 0; i < n; i++)
			mms_doc_text(s->doc, "%s%" PRId64 " %s", i ? " + " : " = ", parts[i].n, parts[i].what);
		if (n && rest > 0)
			mms_doc_text(s->doc, " + %" PRId64 " of others", rest);
		else if (n && rest < 0)
			mms_doc_text(s->doc, " (counted at another moment)");
		mms_doc_text(s->doc, "\n");
	}
	num(s, "refs_unknown", (uint64_t)rest, n && rest >= 0);
	known = mms_frame_pins(s->f, &pins);
	num(s, "pins", pins, known);
	if (f->known & MMS_FRAME_K_MAPCOUNT)
		mms_doc_text(s->doc, "%-16s%u of this page", "mapped", f->mapcount);
	else
		return;
	if (f->order && f->known & MMS_FRAME_K_FOLIO_MAPS)
		mms_doc_text(s->doc, ", %u of its folio", f->folio_mapcount);
	if (f->known & MMS_FRAME_K_ENTIRE && f->entire_mapcount)
		mms_doc_text(s->doc, ", %u of it as one", f->entire_mapcount);
	mms_doc_text(s->doc, "\n");
}

int mms_frame_map_lines(struct mms_table *t, const struct mms_frame_info *f)
{
	for (size_t i = 0; i < f->nmaps; i++) {
		const struct mms_frame_map *m = &f->maps[i];
		struct mms_line *l = mms_table_line(t, NULL);
		char comm[sizeof(m->comm) * 4 + 1], perm[8];

		if (!l)
			return -ENOMEM;
		if (m->pid)
			mms_line_num(t, l, FMAP_PID, m->pid);
		if (m->comm[0])
			mms_line_str(t, l, FMAP_COMM, mms_neutral((const char *)m->comm, comm, sizeof(comm)));
		mms_line_hex(t, l, FMAP_VA, m->va);
		mms_line_hex(t, l, FMAP_PFN, m->pfn);
		if (m->vma_end) {
			snprintf(perm, sizeof(perm), "%c%c%c%c", m->vma_flags & MMS_VMA_READ ? 'r' : '-',
				 m->vma_flags & MMS_VMA_WRITE ? 'w' : '-',
				 m->vma_flags & MMS_VMA_EXEC ? 'x' : '-',
				 m->vma_flags & MMS_VMA_SHARED ? 's' : 'p');
			mms_line_str(t, l, FMAP_PERM, perm);
			mms_line_hex(t, l, FMAP_VMA, m->vma_start);
		}
		if (m->level)
			mms_line_num(t, l, FMAP_LEVEL, m->level);
		if (m->entry_pa)
			mms_line_hex(t, l, FMAP_ENTRY, m->entry_pa);
		if (m->raw || m->state == MMS_FMAP_EMPTY)
			mms_line_hex(t, l, FMAP_RAW, m->raw);
		mms_line_str(t, l, FMAP_STATE, m->pt_state == MMS_PT_MIGRATION ? "migrating" :
			     NAME(map_words, m->state));
	}
	return 0;
}

static int show_maps(struct show *s, const struct mms_render *r, const char *why, struct mms_err *err)
{
	const struct mms_frame_info *f = s->f;
	struct mms_table *t;
	int rc;

	mms_doc_str(s->doc, "reverse_map", NAME(rmap_words, f->frame.rmap));
	mms_doc_str(s->doc, "found_by", f->scanned ? "scan" : "reverse map");
	num(s, "proved", mms_frame_proved(f), true);
	if (!f->nmaps) {
		mms_doc_text(s->doc, "%-16s%s\n", "mappings", f->scanned ? "none in any process's page tables" :
			     f->frame.rmap == MMS_RMAP_DONE ? "no VMA can map it any more" :
			     NAME(rmap_words, f->frame.rmap));
	} else {
		mms_doc_text(s->doc, "%-16s%zu proved of %zu%s%s\n\n", "mappings", mms_frame_proved(f), f->nmaps,
			     why ? ", by a scan of all processes: " : " that the reverse map names",
			     why ? why : "");
	}
	if (!f->nmaps && !r->json)
		return 0;
	rc = mms_table_new(&t, r, "mappings", mms_fmap_columns, FMAP_MAX, err);
	if (rc)
		return rc;
	if (mms_frame_map_lines(t, f))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_doc_table(s->doc, t, err);
	mms_table_free(t);
	return rc;
}

static void show_uses(struct show *s)
{
	if (s->f->scanned && !s->f->nuses && !s->f->have_task && !s->f->kernel_class && s->f->writer == MMS_WRITER_MODULE &&
	    mms_frame_is(&s->f->frame, MMS_KPF_PGTABLE))
		fact(s, "page table", "table_of", "in no process's tables: the kernel's own, or of one that has ended");
	for (size_t i = 0; i < s->f->nuses; i++) {
		const struct mms_table_use *u = &s->f->uses[i];

		fact(s, "page table", "table_of", "level %u of PID %u, from address 0x%" PRIx64, u->level, u->pid, u->va);
		if (s->arg->pid || i == 7)
			break;	/* JSON keys stand once; threads that share tables are many */
	}
}

int mms_frame_show(const struct mms_render *r, const struct mms_frame_arg *arg,
		   const struct mms_frame_info *f, const char *scanned_why, struct mms_err *err)
{
	struct show s = { .doc = mms_doc_begin(r), .arg = arg, .f = f };
	int rc = 0, end;

	if (!s.doc)
		return mms_err_set(err, -ENOMEM, "out of memory");
	show_place(&s);
	if (f->frame.state == MMS_PFN_PAGE) {
		show_folio(&s);
		show_flags(&s);
		show_mapping(&s);
		show_file(&s);
		show_kernel(&s);
		show_kernel_map(&s);
		show_uses(&s);
		show_cgroup(&s);
		show_refs(&s);
		rc = show_maps(&s, r, scanned_why, err);
	}
	end = mms_doc_end(s.doc, err);
	return rc ? rc : end;
}
