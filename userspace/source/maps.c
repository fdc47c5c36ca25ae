// SPDX-License-Identifier: GPL-2.0
/* The text of /proc/PID/maps and smaps -> one entry per VMA. */
#include "source/maps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "util/parse.h"
#include "util/text.h"

#define DELETED		" (deleted)"

/**
 * struct mms_maps - see maps.h
 * @line: the line read last; its room is getline's
 * @pending: @line opens the next entry
 * @tail: what mms_map_entry.tail points to
 */
struct mms_maps {
	FILE *f;
	const struct mms_shmem_devs *shmem;
	unsigned int page_shift;
	char *line;
	size_t room;
	bool pending;
	char *tail;
};

struct mms_maps *mms_maps_new(FILE *f, const struct mms_shmem_devs *shmem,
			      unsigned int page_shift)
{
	struct mms_maps *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->f = f;
	m->shmem = shmem;
	m->page_shift = page_shift;
	return m;
}

void mms_maps_free(struct mms_maps *m)
{
	if (!m)
		return;
	fclose(m->f);
	free(m->line);
	free(m->tail);
	free(m);
}

void mms_shmem_devs_add(struct mms_shmem_devs *d, uint32_t major, uint32_t minor)
{
	if (d->n < MMS_SHMEM_DEVS)
		d->dev[d->n++] = (uint64_t)major << 32 | minor;
}

static bool is_shmem_dev(const struct mms_shmem_devs *d, const struct mms_vma *v)
{
	for (size_t i = 0; d && i < d->n; i++)
		if (d->dev[i] == ((uint64_t)v->dev_major << 32 | v->dev_minor))
			return true;
	return false;
}

/* "36 35 98:0 / /mnt rw - tmpfs source options": the third word, for tmpfs. */
static void take_mount(struct mms_shmem_devs *d, const char *line)
{
	const char *type = strstr(line, " - ");
	uint64_t skip, major, minor;
	const char *p = line;

	/*
	 * Spaces in paths are \040, so " - " is the separator.  devtmpfs is
	 * shmem as well, but what is mapped there are devices.
	 */
	if (!type || strncmp(type + 3, "tmpfs ", 6))
		return;
	if (mms_scan_u64(&p, 10, &skip) && *p++ == ' ' &&
	    mms_scan_u64(&p, 10, &skip) && *p++ == ' ' &&
	    mms_scan_u64(&p, 10, &major) && *p++ == ':' &&
	    mms_scan_u64(&p, 10, &minor))
		mms_shmem_devs_add(d, (uint32_t)major, (uint32_t)minor);
}

void mms_shmem_devs_read(struct mms_shmem_devs *d, const char *mountinfo)
{
	FILE *f = fopen(mountinfo, "re");
	char *line = NULL;
	size_t room = 0;

	if (!f)
		return;
	while (getline(&line, &room, f) > 0)
		take_mount(d, line);
	free(line);
	fclose(f);
}

/* The kernel writes a newline in a name as \012, and nothing else so. */
static void unescape(char *s)
{
	char *out = s;

	while (*s) {
		if (!strncmp(s, "\\012", 4)) {
			*out++ = '\n';
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

static uint32_t perms(const char *p)
{
	return (p[0] == 'r' ? MMS_VMA_READ : 0) |
	       (p[1] == 'w' ? MMS_VMA_WRITE : 0) |
	       (p[2] == 'x' ? MMS_VMA_EXEC : 0) |
	       (p[3] == 's' ? MMS_VMA_SHARED : 0);
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* A name that the kernel's shmem gives to files of its own mount. */
static bool is_shmem_path(const char *path, uint32_t flags)
{
	if (!(flags & MMS_VMA_DELETED))
		return false;
	return !strcmp(path, "/dev/zero") || starts(path, "/SYSV") ||
	       starts(path, "/memfd:");
}

/*
 * What a file's path says.  A file really called "x (deleted)" cannot be told
 * from a deleted "x": maps does not mark the difference.
 */
static void take_file(const struct mms_maps *m, struct mms_vma *v, char *path)
{
	size_t len = strlen(path), cut = strlen(DELETED);

	v->flags |= MMS_VMA_FILE;
	if (len > cut && !strcmp(path + len - cut, DELETED)) {
		path[len - cut] = '\0';
		v->flags |= MMS_VMA_DELETED;
	}
	if (is_shmem_path(path, v->flags) || is_shmem_dev(m->shmem, v))
		v->flags |= MMS_VMA_SHMEM;
}

/* "[anon:NAME]" -> NAME in place; false if @s does not start with @mark. */
static bool take_anon_name(char *s, const char *mark)
{
	size_t skip = strlen(mark), len = strlen(s);

	if (!starts(s, mark) || s[len - 1] != ']')
		return false;
	memmove(s, s + skip, len - skip);
	s[len - skip - 1] = '\0';
	return true;
}

static int set_tail(struct mms_maps *m, struct mms_map_entry *e,
		    const char *path, const char *name)
{
	size_t plen = *path ? strlen(path) + 1 : 0;
	size_t nlen = *name ? strlen(name) + 1 : 0;

	free(m->tail);
	m->tail = malloc(plen + nlen + 1);
	if (!m->tail)
		return -ENOMEM;
	memcpy(m->tail, path, plen);
	memcpy(m->tail + plen, name, nlen);
	m->tail[plen + nlen] = '\0';
	e->vma.path_len = (uint32_t)plen;
	e->vma.name_len = (uint32_t)nlen;
	e->tail = m->tail;
	return 0;
}

static int take_path(struct mms_maps *m, struct mms_map_entry *e, char *path)
{
	struct mms_vma *v = &e->vma;

	unescape(path);
	/* Shared anonymous memory with a name: the name hides this path. */
	if (take_anon_name(path, "[anon_shmem:")) {
		v->flags |= MMS_VMA_FILE | MMS_VMA_SHMEM | MMS_VMA_DELETED;
		return set_tail(m, e, "/dev/zero", path);
	}
	if (v->ino || (path[0] && path[0] != '['))
		take_file(m, v, path);
	else if (take_anon_name(path, "[anon:"))
		return set_tail(m, e, "", path);
	else if (!strcmp(path, "[heap]"))
		v->flags |= MMS_VMA_HEAP;
	else if (!strcmp(path, "[stack]"))
		v->flags |= MMS_VMA_STACK;
	else if (path[0])
		v->flags |= MMS_VMA_SPECIAL;
	return set_tail(m, e, path, "");
}

/* "START-END PERM OFFSET MAJOR:MINOR INODE   PATH" */
static int take_header(struct mms_maps *m, struct mms_map_entry *e)
{
	char *line = m->line, *nl = strchr(line, '\n');
	uint64_t offset, major, minor, ino, start, end;
	const char *p = line;
	const char *perm;

	if (nl)
		*nl = '\0';
	memset(e, 0, sizeof(*e));
	if (!mms_scan_u64(&p, 16, &start) || *p++ != '-' ||
	    !mms_scan_u64(&p, 16, &end) || *p++ != ' ' || start >= end ||
	    strlen(p) < 5 || p[4] != ' ')
		return -EBADMSG;
	perm = p;
	p += 5;
	if (!mms_scan_u64(&p, 16, &offset) || *p++ != ' ' ||
	    !mms_scan_u64(&p, 16, &major) || *p++ != ':' ||
	    !mms_scan_u64(&p, 16, &minor) || *p++ != ' ' ||
	    !mms_scan_u64(&p, 10, &ino) || (*p && *p != ' '))
		return -EBADMSG;
	p += strspn(p, " ");
	e->vma.head.type = MMS_REC_VMA;
	e->vma.start = start;
	e->vma.end = end;
	e->vma.pgoff = offset >> m->page_shift;
	e->vma.ino = ino;
	e->vma.dev_major = (uint32_t)major;
	e->vma.dev_minor = (uint32_t)minor;
	e->vma.flags = perms(perm);
	e->vma.policy = MMS_POLICY_UNKNOWN;
	e->usage.head.type = MMS_REC_USAGE;
	e->usage.start = start;
	e->usage.end = end;
	return take_path(m, e, line + (p - line));
}

static const struct {
	const char *key;
	size_t offset;
} figures[] = {
	{ "Rss:", offsetof(struct mms_usage, rss) },
	{ "Pss:", offsetof(struct mms_usage, pss) },
	{ "Pss_Dirty:", offsetof(struct mms_usage, pss_dirty) },
	{ "Shared_Clean:", offsetof(struct mms_usage, shared_clean) },
	{ "Shared_Dirty:", offsetof(struct mms_usage, shared_dirty) },
	{ "Private_Clean:", offsetof(struct mms_usage, private_clean) },
	{ "Private_Dirty:", offsetof(struct mms_usage, private_dirty) },
	{ "Referenced:", offsetof(struct mms_usage, referenced) },
	{ "Anonymous:", offsetof(struct mms_usage, anonymous) },
	{ "LazyFree:", offsetof(struct mms_usage, lazyfree) },
	{ "AnonHugePages:", offsetof(struct mms_usage, anon_huge) },
	{ "ShmemPmdMapped:", offsetof(struct mms_usage, shmem_pmd) },
	{ "FilePmdMapped:", offsetof(struct mms_usage, file_pmd) },
	{ "Shared_Hugetlb:", offsetof(struct mms_usage, shared_hugetlb) },
	{ "Private_Hugetlb:", offsetof(struct mms_usage, private_hugetlb) },
	{ "Swap:", offsetof(struct mms_usage, swap) },
	{ "SwapPss:", offsetof(struct mms_usage, swap_pss) },
	{ "Locked:", offsetof(struct mms_usage, locked) },
};

static const struct {
	char code[3];
	uint32_t flag;
} vm_flags[] = {
	{ "gd", MMS_VMA_GROWSDOWN }, { "lo", MMS_VMA_LOCKED },
	{ "io", MMS_VMA_IO }, { "pf", MMS_VMA_PFNMAP },
	{ "mm", MMS_VMA_MIXEDMAP }, { "ht", MMS_VMA_HUGETLB },
	{ "hg", MMS_VMA_HUGEPAGE }, { "nh", MMS_VMA_NOHUGEPAGE },
	{ "mg", MMS_VMA_MERGEABLE }, { "dc", MMS_VMA_DONTCOPY },
	{ "dd", MMS_VMA_DONTDUMP }, { "nr", MMS_VMA_NORESERVE },
	{ "ac", MMS_VMA_ACCOUNT }, { "um", MMS_VMA_UFFD },
	{ "uw", MMS_VMA_UFFD }, { "ui", MMS_VMA_UFFD },
	{ "wf", MMS_VMA_WIPEONFORK }, { "sd", MMS_VMA_SOFTDIRTY },
	{ "sl", MMS_VMA_SEALED }, { "dp", MMS_VMA_DROPPABLE },
};

static void take_vm_flags(struct mms_vma *v, const char *p)
{
	for (p += strspn(p, " "); *p && *p != '\n'; p += strspn(p, " ")) {
		size_t n = strcspn(p, " \n");

		for (size_t i = 0; n == 2 && i < sizeof(vm_flags) / sizeof(*vm_flags); i++)
			if (!strncmp(p, vm_flags[i].code, 2))
				v->flags |= vm_flags[i].flag;
		p += n;
	}
	/* A hugetlb memfd or SysV segment has the name of a shmem one. */
	if (v->flags & MMS_VMA_HUGETLB)
		v->flags &= ~MMS_VMA_SHMEM;
}

/* "Rss:  12 kB", "ProtectionKey: 0", "VmFlags: rd wr": unknown lines are new. */
static void take_figure(struct mms_map_entry *e, const char *line)
{
	size_t key = strcspn(line, " ");
	const char *p = line + key + strspn(line + key, " ");
	struct mms_usage *u = &e->usage;
	uint64_t v;

	if (starts(line, "VmFlags:")) {
		take_vm_flags(&e->vma, p);
		return;
	}
	if (!mms_scan_u64(&p, 10, &v))
		return;
	if (starts(line, "ProtectionKey:"))
		e->vma.pkey = (uint32_t)v;
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
		if (strlen(figures[i].key) != key || strncmp(line, figures[i].key, key))
			continue;
		*(uint64_t *)((char *)u + figures[i].offset) = v * 1024;
		u->known |= 1ULL << ((figures[i].offset - offsetof(struct mms_usage, rss)) / 8);
	}
}

static bool opens_entry(const char *line)
{
	const char *p = line;
	uint64_t v;

	return mms_scan_u64(&p, 16, &v) && *p == '-';
}

static int read_line(struct mms_maps *m)
{
	errno = 0;
	if (getline(&m->line, &m->room, m->f) > 0)
		return 1;
	return ferror(m->f) ? (errno ? -errno : -EIO) : 0;
}

int mms_maps_next(struct mms_maps *m, struct mms_map_entry *e, struct mms_err *err)
{
	char shown[128];
	int rc = 1;

	do {
		if (!m->pending)
			rc = read_line(m);
		if (rc <= 0)
			return rc;
		m->pending = false;
		rc = take_header(m, e);
		if (rc == -EBADMSG)
			return mms_err_set(err, rc, "not a line of /proc/PID/maps: '%s'",
					   mms_neutral(m->line, shown, sizeof(shown)));
		if (rc < 0)
			return rc;
		while ((rc = read_line(m)) > 0) {
			if (opens_entry(m->line)) {
				m->pending = true;
				break;
			}
			take_figure(e, m->line);
		}
		if (rc < 0)
			return rc;
		rc = 1;
	} while (!strcmp(e->tail, "[vsyscall]"));
	return 1;
}
