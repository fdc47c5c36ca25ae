// SPDX-License-Identifier: GPL-2.0
/* Readings of /proc that several groups of checks compare with. */
#include "model/check_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "source/module.h"
#include "source/procfs.h"
#include "util/parse.h"
#include "util/text.h"

void mms_words_read(struct mms_words *out, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[256];

	out->n = 0;
	while (f && out->n < MMS_WORDS && fgets(line, sizeof(line), f)) {
		size_t len = strcspn(line, ": ");
		const char *s = line + len + strspn(line + len, ": \t");

		if (len >= sizeof(out->w[0].name) || !mms_scan_u64(&s, 10, &out->w[out->n].value))
			continue;
		memcpy(out->w[out->n].name, line, len);
		out->w[out->n++].name[len] = '\0';
	}
	if (f)
		fclose(f);
}

bool mms_words_get(const struct mms_words *w, const char *name, uint64_t *value)
{
	for (size_t i = 0; i < w->n; i++) {
		if (!strcmp(w->w[i].name, name)) {
			*value = w->w[i].value;
			return true;
		}
	}
	return false;
}

int mms_proc_ballast(const struct mms_check *c)
{
	const struct mms_request req = { .size = sizeof(req) };
	static char answer[65536];
	int fd = strcmp(mms_source_name(c->source), "module") ? -1 :
		 open(MMS_DEBUGFS "/mmscope/stream/zones", O_RDWR | O_CLOEXEC);

	/* its buffer grows with what was told */
	if (fd >= 0 && write(fd, &req, sizeof(req)) == sizeof(req))
		while (read(fd, answer, sizeof(answer)) > 0)
			;
	return fd;
}

int mms_proc_read(struct mms_check *c, struct mms_proc *p)
{
	int rc, ballast = mms_proc_ballast(c);
	struct mms_source *s;
	char path[PATH_MAX];

	if (c->frozen) {
		mms_err_set(&p->why, 0, "a capture has no second reading of /proc beside it");
		return 0;
	}
	rc = mms_source_open_procfs_at(&s, c->proc, &p->why);
	if (!rc) {
		rc = mms_zones_read(s, &p->zones, &p->why);
		mms_source_close(s);
	}
	snprintf(path, sizeof(path), "%s/vmstat", c->proc);
	mms_words_read(&p->vmstat, path);
	snprintf(path, sizeof(path), "%s/meminfo", c->proc);
	mms_words_read(&p->meminfo, path);
	if (ballast >= 0)
		close(ballast);
	return rc == -ENOMEM ? rc : 0;
}

void mms_proc_free(struct mms_proc *p)
{
	mms_zones_free(&p->zones);
}

uint64_t mms_zones_free_pages(const struct mms_zones *z)
{
	uint64_t v, sum = 0;

	for (size_t i = 0; i < z->nzones; i++)
		if (mms_stat_get(z->zones[i].stats, z->zones[i].z.nstats, MMS_VS_NR_FREE_PAGES, &v))
			sum += v;
	return sum;
}

bool mms_zones_total(const struct mms_zones *z, enum mms_vmstat id, uint64_t *sum)
{
	bool found = false;
	uint64_t v;

	*sum = 0;
	for (size_t i = 0; i < z->nzones; i++) {
		if (mms_stat_get(z->zones[i].stats, z->zones[i].z.nstats, id, &v)) {
			*sum += v;
			found = true;
		}
	}
	for (size_t i = 0; i < z->nnodes; i++) {
		if (mms_stat_get(z->nodes[i].stats, z->nodes[i].n.nstats, id, &v)) {
			*sum += v;
			found = true;
		}
	}
	return found;
}

bool mms_cpus_pending(const struct mms_cpu_info *cpus, size_t n, enum mms_vmstat id, uint64_t *sum)
{
	uint64_t v;

	*sum = 0;
	for (size_t i = 0; i < n; i++) {
		if (!(cpus[i].c.known & MMS_ZCPU_K_PENDING))
			return false;
		if (mms_stat_get(cpus[i].stats, cpus[i].c.nstats, id, &v))
			*sum += v;
	}
	return true;
}

const char *mms_zone_where(const struct mms_zone *z, char *out, size_t size)
{
	char name[64];

	snprintf(out, size, "node %u %s", z->node, mms_neutral((const char *)z->name, name, sizeof(name)));
	return out;
}

int mms_check_na(struct mms_check *c, const struct mms_check_row *row, const char *why)
{
	return mms_check_settle(c, row, "", "", MMS_CHECK_NA, "%s", why);
}
