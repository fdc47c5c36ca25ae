// SPDX-License-Identifier: GPL-2.0
/* mmscope cache: the page cache by file. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "cmd.h"
#include "model/cache.h"
#include "model/mounts.h"
#include "util/text.h"
#include "view/cache.h"

extern const struct mms_command mms_cmd_cache;

enum { COL_CACHED, COL_SIZE, COL_DIRTY, COL_WB, COL_ACTIVE, COL_REF, COL_MAPPED, COL_MAPPERS, COL_TYPE,
       COL_DEV, COL_INO, COL_COUNTED, COL_UNEVICT, COL_NAME, COL_MAX };

static const struct mms_column columns[] = {
	[COL_CACHED] = { "CACHED", MMS_COL_SIZE, true, false, false, "what of it is in memory" },
	[COL_SIZE] = { "SIZE", MMS_COL_SIZE, true, false, false, "size of the file" },
	[COL_DIRTY] = { "DIRTY", MMS_COL_SIZE, true, false, false, "to be written" },
	[COL_WB] = { "WB", MMS_COL_SIZE, true, false, false, "being written" },
	[COL_ACTIVE] = { "ACTIVE", MMS_COL_SIZE, true, false, false, "in active folios (PG_active)" },
	[COL_REF] = { "REF", MMS_COL_SIZE, false, false, false, "in folios accessed lately (PG_referenced)" },
	[COL_MAPPED] = { "MAPPED", MMS_COL_SIZE, true, false, false, "in folios that a page table maps" },
	[COL_MAPPERS] = { "PROCS", MMS_COL_NUM, true, false, false, "processes that map the file" },
	[COL_TYPE] = { "TYPE", MMS_COL_STR, true, false, false, "file, shmem, bdev, hugetlb" },
	[COL_DEV] = { "DEV", MMS_COL_STR, false, false, false, "device of the file system, or the device itself" },
	[COL_INO] = { "INODE", MMS_COL_NUM, false, false, false, "inode number" },
	[COL_COUNTED] = { "NRPAGES", MMS_COL_SIZE, false, false, false, "what the kernel counts of the file" },
	[COL_UNEVICT] = { "UNEVICT", MMS_COL_SIZE, false, false, false, "in folios that are never reclaimed" },
	[COL_NAME] = { "NAME", MMS_COL_STR, true, false, true, "path; (deleted) = it has no name any more" },
};

static int64_t top = 20;	/* --top; 0: all */
static bool runs;		/* --runs */

static const char *type_of(const struct mms_cache_file *f)
{
	if (f->flags & MMS_CACHE_F_BDEV)
		return "bdev";
	if (f->flags & MMS_CACHE_F_HUGETLB)
		return "hugetlb";
	return f->flags & MMS_CACHE_F_SHMEM ? "shmem" : "file";
}

/* /dev/NAME of a block device, by sysfs. */
static bool bdev_name(const struct mms_cache_file *f, char *out, size_t size)
{
	char link[64], to[PATH_MAX];
	const char *base;
	ssize_t n;

	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", f->dev_major, f->dev_minor);
	n = readlink(link, to, sizeof(to) - 1);
	if (n < 0)
		return false;
	to[n] = '\0';
	base = strrchr(to, '/');
	snprintf(out, size, "/dev/%.200s", base ? base + 1 : to);
	return true;
}

void mms_cache_name(const struct mms_cache_view *w, const struct mms_cached *c, char *out, size_t size)
{
	char path[2 * PATH_MAX], raw[2 * PATH_MAX + 64];
	const struct mms_cache_file *f = &c->f;
	const char *gone = f->flags & MMS_CACHE_F_DELETED ? " (deleted)" : "";

	if (f->flags & MMS_CACHE_F_BDEV) {
		if (!w->live || !bdev_name(f, path, sizeof(path)))
			snprintf(path, sizeof(path), "block device %u:%u", f->dev_major, f->dev_minor);
		snprintf(raw, sizeof(raw), "%s", path);
	} else if (!c->path) {
		snprintf(raw, sizeof(raw), "inode %" PRIu64 " of device %u:%u%s", (uint64_t)f->ino,
			 f->dev_major, f->dev_minor, gone);
	} else if (c->absolute || f->flags & MMS_CACHE_F_PSEUDO || !w->live) {
		snprintf(raw, sizeof(raw), "%s%s", c->path, gone);
	} else if (mms_mounts_path(&w->mounts, f->dev_major, f->dev_minor, c->path, path, sizeof(path))) {
		snprintf(raw, sizeof(raw), "%s%s", path, gone);
	} else {
		snprintf(raw, sizeof(raw), "(%u:%u)%s%s", f->dev_major, f->dev_minor, c->path, gone);
	}
	mms_neutral(raw, out, size);
}

static int add_file(const struct mms_cache_view *w, struct mms_table *t, const struct mms_cached *c)
{
	struct mms_line *l = mms_table_line(t, NULL);
	uint64_t page = 1ULL << (w->cache.page_shift & 31);
	const struct mms_cache_file *f = &c->f;
	char name[2 * PATH_MAX], dev[32];

	if (!l)
		return -ENOMEM;
	mms_line_size(t, l, COL_CACHED, f->pages * page);
	if (c->named && !(f->flags & MMS_CACHE_F_BDEV))
		mms_line_size(t, l, COL_SIZE, c->size);
	if (!c->partial || c->dirty_known) {
		mms_line_size(t, l, COL_DIRTY, f->dirty * page);
		mms_line_size(t, l, COL_WB, f->writeback * page);
	}
	if (!c->partial) {
		mms_line_size(t, l, COL_ACTIVE, f->active * page);
		mms_line_size(t, l, COL_REF, f->referenced * page);
		mms_line_size(t, l, COL_UNEVICT, f->unevictable * page);
		mms_line_size(t, l, COL_COUNTED, c->nrpages * page);
	}
	if (!c->partial && !(f->flags & MMS_CACHE_F_MAPPED_PART))
		mms_line_size(t, l, COL_MAPPED, f->mapped * page);
	if (c->have_mappers)
		mms_line_num(t, l, COL_MAPPERS, c->mappers);
	mms_line_str(t, l, COL_TYPE, type_of(f));
	snprintf(dev, sizeof(dev), "%u:%u", f->dev_major, f->dev_minor);
	mms_line_str(t, l, COL_DEV, dev);
	mms_line_num(t, l, COL_INO, (int64_t)f->ino);
	mms_cache_name(w, c, name, sizeof(name));
	mms_line_str(t, l, COL_NAME, name);
	return 0;
}

static int files_table(const struct mms_cache_view *w, const struct mms_render *r, struct mms_doc *d,
		       size_t max, struct mms_err *err)
{
	struct mms_table *t = NULL;
	int rc = mms_table_new(&t, r, "files", columns, COL_MAX, err);

	for (size_t i = 0; !rc && i < w->cache.n && i < max; i++)
		if (w->cache.files[i].f.pages && add_file(w, t, &w->cache.files[i]))
			rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = mms_doc_table(d, t, err);
	mms_table_free(t);
	return rc;
}

/* Sums: what nr_file_pages has without the swap cache, which is of no file. */
static void say_sums(const struct mms_cache_view *w, struct mms_doc *d, bool text)
{
	static const char *const keys[] = { "file", "shmem", "bdev", "hugetlb" };
	uint64_t page = 1ULL << (w->cache.page_shift & 31), sum[4] = { 0 }, files[4] = { 0 };
	char h[16], key[32];

	for (size_t i = 0; i < w->cache.n; i++) {
		const char *type = type_of(&w->cache.files[i].f);

		for (unsigned int k = 0; k < 4; k++)
			if (!strcmp(type, keys[k])) {
				sum[k] += w->cache.files[i].f.pages * page;
				files[k] += !!w->cache.files[i].f.pages;
			}
	}
	if (text)
		mms_doc_text(d, "\nin memory:");
	for (unsigned int k = 0; k < 4; k++) {
		snprintf(key, sizeof(key), "%s_bytes", keys[k]);
		mms_doc_num(d, key, (int64_t)sum[k]);
		if (text)
			mms_doc_text(d, "%s %s %s in %" PRIu64, k ? "," : "", keys[k],
				     mms_human(sum[k], h), files[k]);
	}
	if (text)
		mms_doc_text(d, "\n");
}

int mms_cache_show_all(struct mms_cache_view *w, const struct mms_render *r, struct mms_err *err)
{
	struct mms_doc *d = mms_doc_begin(r);
	int rc, end;

	if (!d)
		return mms_err_set(err, -ENOMEM, "out of memory");
	mms_cache_sort(&w->cache);
	rc = files_table(w, r, d, top ? (size_t)top : SIZE_MAX, err);
	if (!rc)
		say_sums(w, d, !r->no_headings);
	end = mms_doc_end(d, rc ? NULL : err);
	return rc ? rc : end;
}

/* Keep those below DIR: by their paths in the file system that it is on. */
static void keep_below(struct mms_cache_view *w)
{
	char path[2 * PATH_MAX];
	size_t len = strlen(w->path), n = 0;

	if (len == 1)
		len = 0;
	for (size_t i = 0; i < w->cache.n; i++) {
		struct mms_cached *c = &w->cache.files[i];
		bool keep = c->path && !(c->f.flags & (MMS_CACHE_F_PSEUDO | MMS_CACHE_F_BDEV)) &&
			    mms_mounts_path(&w->mounts, c->f.dev_major, c->f.dev_minor, c->path,
					    path, sizeof(path)) &&
			    !strncmp(path, w->path, len) && path[len] == '/';

		if (keep)
			w->cache.files[n++] = *c;
		else
			free(c->path);
	}
	w->cache.n = n;
}

static int show_dir(struct mms_cache_view *w, const struct mms_render *r, struct mms_err *err)
{
	keep_below(w);
	return mms_cache_show_all(w, r, err);
}

/* --- the command line --- */

static int check_columns(const struct mms_cache_view *w, const struct mms_render *r, struct mms_err *err)
{
	struct mms_table *t = NULL;
	int rc;

	if (w->given && !S_ISDIR(w->st.st_mode))
		return mms_cache_check_ranges(r, err);
	rc = mms_table_new(&t, r, "files", columns, COL_MAX, err);

	mms_table_free(t);
	return rc;
}

/* What PATH is: w->path, w->st, and the device that the kernel's inodes say. */
static int find_path(struct mms_cache_view *w, const char *arg, struct mms_err *err)
{
	const struct mms_mount *m;
	struct statx stx;
	char shown[256];

	if (!realpath(arg, w->path))
		return mms_err_set(err, -errno, "%s: %s", mms_neutral(arg, shown, sizeof(shown)), strerror(errno));
	if (stat(w->path, &w->st))
		return mms_err_set(err, -errno, "%s: %s", mms_neutral(arg, shown, sizeof(shown)), strerror(errno));
	w->dev_major = major(w->st.st_dev);
	w->dev_minor = minor(w->st.st_dev);
	w->ino = w->st.st_ino;
	if (S_ISBLK(w->st.st_mode)) {
		w->dev_major = major(w->st.st_rdev);
		w->dev_minor = minor(w->st.st_rdev);
		return 0;
	}
	if (!S_ISREG(w->st.st_mode) && !S_ISDIR(w->st.st_mode))
		return mms_err_set(err, -EINVAL, "%s: it is no file, directory or block device: nothing of it is cached",
				   mms_neutral(arg, shown, sizeof(shown)));
	/* Subvolumes have devices of their own, which inodes in the kernel do not name. */
	if (!statx(AT_FDCWD, w->path, 0, STATX_INO | 0x1000U, &stx) && stx.stx_mask & 0x1000U) {
		m = mms_mounts_by_id(&w->mounts, stx.stx_mnt_id);
		if (m) {
			w->dev_major = m->dev_major;
			w->dev_minor = m->dev_minor;
		}
	}
	return 0;
}

static int ask(struct mms_cache_view *w, struct mms_source *s, struct mms_err *err)
{
	struct mms_request req = { .size = sizeof(req) };
	int rc;

	if (w->given && !S_ISDIR(w->st.st_mode)) {
		req.flags = MMS_REQ_CACHE_RUNS;
		if (!S_ISBLK(w->st.st_mode)) {
			req.start = w->ino;
			req.end = w->ino + 1;
		}
	}
	rc = mms_cache_read(s, &req, &w->cache, err);
	return rc ? rc : mms_cache_mappers(&w->cache, s, err);
}

static int show(struct mms_cache_view *w, const struct mms_render *r, struct mms_err *err)
{
	if (!w->given)
		return mms_cache_show_all(w, r, err);
	if (S_ISDIR(w->st.st_mode))
		return show_dir(w, r, err);
	return mms_cache_show_file(w, r, runs, err);
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_cache_view *w = calloc(1, sizeof(*w));
	struct mms_source *s = NULL;
	struct mms_err err = { "" };
	int rc;

	if (!w)
		return MMS_EXIT_MISMATCH;
	w->given = argc > 0;
	w->live = !g->from;
	if (argc > 1 || (runs && !argc) || (w->given && g->from)) {
		free(w);
		return mms_usage(&mms_cmd_cache, argc > 1 ? "one file or directory is enough" :
				 g->from && argc ? "a FILE is of this machine: with --from give none" :
				 "--runs needs a FILE");
	}
	rc = w->live ? mms_mounts_read(&w->mounts, "/proc/self/mountinfo", &err) : 0;
	if (!rc && w->given)
		rc = find_path(w, argv[0], &err);
	if (!rc)
		rc = check_columns(w, &g->render, &err);
	if (!rc)
		rc = mms_open_source(g, &s, &err);
	if (!rc && w->given && !strcmp(mms_source_name(s), "procfs")) {
		rc = mms_cache_without_module(w, &g->render, s, &err);
	} else if (!rc) {
		rc = ask(w, s, &err);
		if (!rc)
			rc = show(w, &g->render, &err);
	}
	mms_cache_free(&w->cache);
	mms_mounts_free(&w->mounts);
	mms_source_close(s);
	free(w);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

enum { OPT_TOP = 1000, OPT_RUNS };

static const struct option longopts[] = {
	{ "top", required_argument, NULL, OPT_TOP },
	{ "runs", no_argument, NULL, OPT_RUNS },
	{ 0 },
};

static int option(int val, const char *arg)
{
	struct mms_err err;

	if (val == OPT_RUNS)
		runs = true;
	else if (mms_parse_int(arg, "--top", 0, INT32_MAX, &top, &err))
		return mms_usage(&mms_cmd_cache, "%s", err.text);
	return 0;
}

const struct mms_command mms_cmd_cache = {
	.name = "cache",
	.summary = "The page cache by file: cached, dirty, mapped by whom",
	.usage = "[--top N] | cache [--runs] FILE | cache [--top N] DIR",
	.options = "      --top N           the N files with most in memory [20]; 0: all\n"
		   "      --runs            of a FILE: its cached ranges by their frames\n"
		   "Of a FILE -o chooses from OFFSET,LENGTH,PFN,FLAGS,MAPS.\n",
	.examples = "  mmscope cache                      the files with most pages in memory\n"
		    "  mmscope cache /var/log             the files below a directory\n"
		    "  mmscope cache --runs /bin/sh       which parts of a file, in which frames\n"
		    "  mmscope cache --top 0 -o CACHED,DIRTY,NAME --json\n",
	.longopts = longopts,
	.columns = columns,
	.ncolumns = COL_MAX,
	.option = option,
	.run = run,
};
