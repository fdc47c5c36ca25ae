// SPDX-License-Identifier: GPL-2.0
/* mmscope lru: the lists that reclaim takes pages from, by cgroup and node. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include "cmd.h"
#include "util/text.h"
#include "view/lru.h"

extern const struct mms_command mms_cmd_lru;

static bool gens;		/* --gen */
static int64_t sample;		/* --sample */
static const char *cgroup;	/* --cgroup */

static void say_cut(const struct mms_lru_view *w, const struct mms_render *r, struct mms_doc *d)
{
	unsigned int n = 0;

	for (size_t i = 0; i < w->lru.nfolios; i++)
		n += !!(w->lru.folios[i].flags & MMS_FOLIO_F_CUT);
	if (n && !r->no_headings)
		mms_doc_text(d, "%u samples are shorter than asked: the lock was given back after 100 us\n", n);
	mms_doc_num(d, "cut_samples", n);
}

static int add_table(const struct mms_lru_view *w, const struct mms_render *r, struct mms_doc *d,
		     enum mms_lru_table which, struct mms_err *err)
{
	const struct mms_column *cols;
	struct mms_table *t = NULL;
	const char *name;
	size_t n, matched;
	char shown[256];
	int rc;

	cols = mms_lru_columns(which, &name, &n);
	rc = mms_table_new(&t, r, name, cols, n, err);
	if (!rc && mms_lru_fill(w, t, which, &matched))
		rc = mms_err_set(err, -ENOMEM, "out of memory");
	if (!rc && !matched)
		rc = mms_err_set(err, -ENOENT, "%s: no such cgroup with memory of its own (is the memory controller enabled for it?)",
				 w->cgroup ? mms_neutral(w->cgroup, shown, sizeof(shown)) : "/");
	if (!rc)
		rc = mms_doc_table(d, t, err);
	mms_table_free(t);
	return rc;
}

/* Sums over what was read: what /proc/vmstat has as nr_inactive_anon and so on. */
static void say_sums(const struct mms_lru_view *w, struct mms_doc *d)
{
	uint64_t sum[__MMS_LRU_MAX] = { 0 };
	char key[32], h[16];

	for (size_t i = 0; i < w->lru.n; i++)
		for (unsigned int l = 0; l < __MMS_LRU_MAX; l++)
			sum[l] += mms_lru_pages(&w->lru.vecs[i].vec, l) * w->page;
	mms_doc_text(d, "\nall:");
	for (unsigned int l = 0; l < __MMS_LRU_MAX; l++) {
		snprintf(key, sizeof(key), "%s", mms_lru_list_name(l));
		mms_doc_num(d, key, (int64_t)sum[l]);
		mms_doc_text(d, "%s %s %s", l ? "," : "", key, mms_human(sum[l], h));
	}
	mms_doc_text(d, "\n");
}

static bool has_gens(const struct mms_lru_view *w)
{
	for (size_t i = 0; i < w->lru.n; i++)
		if (w->lru.vecs[i].vec.flags & MMS_LRU_F_LRU_GEN)
			return true;
	return false;
}

static int show_gens(const struct mms_lru_view *w, const struct mms_render *r, struct mms_doc *d,
		     struct mms_err *err)
{
	struct mms_render plain = *r;
	int rc;

	plain.columns = NULL;
	if (!has_gens(w))
		return mms_err_set(err, -EOPNOTSUPP,
				   "this kernel has no generations (CONFIG_LRU_GEN, since 6.1): see mmscope lru without --gen");
	rc = add_table(w, r, d, MMS_LRU_TABLE_GENS, err);
	if (rc || r->no_headings)
		return rc;
	mms_doc_text(d, "\n");
	rc = add_table(w, &plain, d, MMS_LRU_TABLE_TIERS, err);
	mms_doc_text(d, "\n");
	return rc ? rc : add_table(w, &plain, d, MMS_LRU_TABLE_NEXT, err);
}

static int show(const struct mms_lru_view *w, const struct mms_render *r, struct mms_err *err)
{
	struct mms_render plain = *r;
	struct mms_doc *d = mms_doc_begin(r);
	int rc, end;

	if (!d)
		return mms_err_set(err, -ENOMEM, "out of memory");
	plain.columns = NULL;
	if (gens) {
		rc = show_gens(w, r, d, err);
	} else if (sample) {
		rc = add_table(w, r, d, MMS_LRU_TABLE_FOLIOS, err);
		say_cut(w, r, d);
	} else {
		rc = add_table(w, r, d, MMS_LRU_TABLE_VECS, err);
		if (!rc && !r->no_headings) {
			mms_doc_text(d, "\n");
			rc = add_table(w, &plain, d, MMS_LRU_TABLE_NEXT, err);
		}
		if (!rc && !r->no_headings && !w->cgroup)
			say_sums(w, d);
	}
	mms_doc_num(d, "hold_max_ns", (int64_t)w->lru.trailer.hold_max_ns);
	end = mms_doc_end(d, rc ? NULL : err);
	return rc ? rc : end;
}

/* A cgroup that is there now has an inode number: no other one's lock is taken. */
static void ask_for(const char *path, struct mms_request *req)
{
	static const char *const mounts[] = { "", "/sys/fs/cgroup", "/sys/fs/cgroup/memory" };
	char full[4096];
	struct stat st;

	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		if (!i && strncmp(path, "/sys/fs/cgroup", 14))
			continue;
		snprintf(full, sizeof(full), "%s%s", mounts[i], path);
		if (stat(full, &st) || !S_ISDIR(st.st_mode))
			continue;
		req->start = st.st_ino;
		req->end = st.st_ino + 1;
		return;
	}
}

/* A wrong -o is said before anything is read. */
static int check_columns(const struct mms_render *r, struct mms_err *err)
{
	enum mms_lru_table which = gens ? MMS_LRU_TABLE_GENS :
				   sample ? MMS_LRU_TABLE_FOLIOS : MMS_LRU_TABLE_VECS;
	struct mms_table *t = NULL;
	const struct mms_column *cols;
	const char *name;
	size_t n;
	int rc;

	cols = mms_lru_columns(which, &name, &n);
	rc = mms_table_new(&t, r, name, cols, n, err);
	mms_table_free(t);
	return rc;
}

static int run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_lru_view w = {
		.cgroup = cgroup, .swappiness = MMS_LRU_UNKNOWN,
	};
	struct mms_request req = { .size = sizeof(req) };
	struct mms_source *s = NULL;
	struct mms_err err = { "" };
	char shown[64];
	int rc;

	if (argc)
		return mms_usage(&mms_cmd_lru, "it takes options, not '%s'",
				 mms_neutral(argv[0], shown, sizeof(shown)));
	if (gens && sample)
		return mms_usage(&mms_cmd_lru, "--gen and --sample exclude each other");
	rc = check_columns(&g->render, &err);
	if (!rc)
		rc = mms_open_source(g, &s, &err);
	if (!rc) {
		if (gens)
			req.flags |= MMS_REQ_LRU_GENS;
		/* what is next is decided by generations */
		if (!sample && strcmp(mms_source_name(s), "procfs"))
			req.flags |= MMS_REQ_LRU_GENS;
		req.flags |= (uint32_t)sample << MMS_REQ_LRU_SAMPLE_SHIFT;
		if (cgroup)
			ask_for(cgroup, &req);
		rc = mms_lru_read(s, &req, &w.lru, &err);
	}
	/* a capture of /proc has none */
	if (rc == -EOPNOTSUPP && req.flags == MMS_REQ_LRU_GENS && !gens) {
		mms_lru_free(&w.lru);
		req.flags = 0;
		rc = mms_lru_read(s, &req, &w.lru, &err);
	}
	w.page = 1ULL << (w.lru.page_shift & 31);
	if (!rc)
		rc = show(&w, &g->render, &err);
	mms_lru_free(&w.lru);
	mms_source_close(s);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

enum { OPT_GEN = 1000, OPT_SAMPLE, OPT_CGROUP };

static const struct option longopts[] = {
	{ "gen", no_argument, NULL, OPT_GEN },
	{ "sample", required_argument, NULL, OPT_SAMPLE },
	{ "cgroup", required_argument, NULL, OPT_CGROUP },
	{ 0 },
};

static int option(int val, const char *arg)
{
	struct mms_err err;

	if (val == OPT_GEN)
		gens = true;
	else if (val == OPT_CGROUP && arg[0] != '/')
		return mms_usage(&mms_cmd_lru, "--cgroup wants a path that begins with /, as in /proc/PID/cgroup");
	else if (val == OPT_CGROUP)
		cgroup = arg;
	else if (mms_parse_int(arg, "--sample", 1, MMS_LRU_SAMPLE_MAX, &sample, &err))
		return mms_usage(&mms_cmd_lru, "%s", err.text);
	return 0;
}

const struct mms_command mms_cmd_lru = {
	.name = "lru",
	.summary = "The lists that reclaim takes pages from, and what it takes next",
	.usage = "[--gen | --sample N] [--cgroup PATH]",
	.options = "      --gen             generations: ages, sizes, what their tiers counted\n"
		   "      --sample N        N folios from each end of each list, at most 64\n"
		   "      --cgroup PATH     only this cgroup, as /proc/PID/cgroup names it\n"
		   "-o chooses columns of the first table: CGROUP,NODE,INACT_ANON,ACT_ANON,INACT_FILE,\n"
		   "ACT_FILE,UNEVICT,MODE,STATE,INODE,ZONES; with --gen: CGROUP,NODE,GEN,AGE_MS,ANON,\n"
		   "FILE,ROLE,ZONES; with --sample: CGROUP,NODE,LIST,END,POS,PFN,PAGES,OWNER,FLAGS,MAPS,\n"
		   "REFS,DEV,INODE,OFFSET,ZONE,ACCESSES,GEN.  With --no-headings it is the only one.\n",
	.examples = "  mmscope lru                                  sizes by cgroup, and what is next\n"
		    "  mmscope lru --gen --cgroup /system.slice     generations of one cgroup\n"
		    "  mmscope lru --sample 8 -o +OFFSET,REFS       folios at the ends of the lists\n",
	.longopts = longopts,
	.option = option,
	.run = run,
};
