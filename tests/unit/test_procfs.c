// SPDX-License-Identifier: GPL-2.0
/* /proc as records: captured texts with known answers, and this very process. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fixture.h"
#include "source/pid.h"
#include "source/procfs.h"

#define MAX	64

/* Records of one stream, tails copied out. */
struct got {
	unsigned int n;
	struct mms_vma vma[MAX];
	char path[MAX][256];
	char name[MAX][128];
	struct mms_usage usage[MAX];
	struct mms_pt_extent extent[MAX];
	struct mms_task task;
	char cmdline[256];
	struct mms_stream_header header;
	struct mms_trailer trailer;
};

static struct got got;

static int see_header(void *ctx, const struct mms_stream_header *h)
{
	((struct got *)ctx)->header = *h;
	return 0;
}

static int see_record(void *ctx, const struct mms_record *rec)
{
	const struct mms_vma *v = (const void *)rec;
	struct got *g = ctx;

	if (g->n == MAX)
		return 0;
	switch (rec->type) {
	case MMS_REC_VMA:
		g->vma[g->n] = *v;
		snprintf(g->path[g->n], sizeof(g->path[0]), "%s", mms_vma_path(v));
		snprintf(g->name[g->n], sizeof(g->name[0]), "%s", mms_vma_name(v));
		break;
	case MMS_REC_USAGE:
		g->usage[g->n] = *(const struct mms_usage *)(const void *)rec;
		break;
	case MMS_REC_PT_EXTENT:
		g->extent[g->n] = *(const struct mms_pt_extent *)(const void *)rec;
		break;
	case MMS_REC_TASK:
		g->task = *(const struct mms_task *)(const void *)rec;
		memcpy(g->cmdline, mms_task_cmdline((const void *)rec),
		       g->task.cmdline_len < 256 ? g->task.cmdline_len : 256);
		break;
	}
	g->n++;
	return 0;
}

static int see_trailer(void *ctx, const struct mms_trailer *t)
{
	((struct got *)ctx)->trailer = *t;
	return 0;
}

static struct mms_err err;

static int ask_range(const char *root, enum mms_kind kind, uint32_t pid, uint32_t flags,
		     uint64_t start, uint64_t end)
{
	struct mms_request req = {
		.size = sizeof(req), .flags = flags, .pid = pid, .start = start, .end = end,
	};
	struct mms_handler h = { see_header, see_record, see_trailer, &got };
	struct mms_source *s;
	int rc;

	memset(&got, 0, sizeof(got));
	err.text[0] = '\0';
	ck_assert_int_eq(mms_source_open_procfs_at(&s, root, &err), 0);
	rc = mms_source_stream(s, kind, &req, &h, &err);
	mms_source_close(s);
	return rc;
}

static int ask(const char *root, enum mms_kind kind, uint32_t pid)
{
	return ask_range(root, kind, pid, MMS_REQ_EXTENTS, 0, 0);
}

#define RW	(MMS_VMA_READ | MMS_VMA_WRITE)

START_TEST(vmas_of_a_process)
{
	static const struct {
		uint64_t start;
		uint32_t flags;
		const char *path, *name;
	} want[] = {
		{ 0x55d0c0000000, MMS_VMA_READ | MMS_VMA_FILE | MMS_VMA_SOFTDIRTY, "/usr/bin/a b", "" },
		{ 0x55d0c0002000, MMS_VMA_READ | MMS_VMA_EXEC | MMS_VMA_FILE | MMS_VMA_DELETED | MMS_VMA_SOFTDIRTY, "/tmp/new\nline", "" },
		{ 0x55d0c1000000, RW | MMS_VMA_HEAP | MMS_VMA_ACCOUNT | MMS_VMA_SOFTDIRTY, "[heap]", "" },
		{ 0x7f0000000000, RW | MMS_VMA_NORESERVE | MMS_VMA_HUGEPAGE | MMS_VMA_MERGEABLE | MMS_VMA_UFFD |
		  MMS_VMA_WIPEONFORK | MMS_VMA_DONTDUMP | MMS_VMA_DONTCOPY, "", "jemalloc arena" },
		{ 0x7f0000400000, RW | MMS_VMA_SHARED | MMS_VMA_FILE | MMS_VMA_SHMEM | MMS_VMA_DELETED, "/dev/zero", "" },
		{ 0x7f0000600000, RW | MMS_VMA_SHARED | MMS_VMA_FILE | MMS_VMA_SHMEM | MMS_VMA_DELETED, "/dev/zero", "shared ring" },
		{ 0x7f0000800000, RW | MMS_VMA_SHARED | MMS_VMA_FILE | MMS_VMA_HUGETLB | MMS_VMA_DELETED, "/memfd:huge", "" },
		{ 0x7f0000a00000, RW | MMS_VMA_SHARED | MMS_VMA_FILE | MMS_VMA_SHMEM | MMS_VMA_DELETED, "/memfd:small", "" },
		{ 0x7f0000a01000, RW | MMS_VMA_SHARED | MMS_VMA_FILE | MMS_VMA_SHMEM | MMS_VMA_LOCKED, "/dev/shm/q", "" },
		{ 0x7f0000a02000, RW | MMS_VMA_FILE, "/dev/zero", "" },
		{ 0x7f0000b00000, MMS_VMA_SEALED | MMS_VMA_DROPPABLE | MMS_VMA_NOHUGEPAGE, "", "" },
		{ 0x7ffc00000000, RW | MMS_VMA_STACK | MMS_VMA_GROWSDOWN | MMS_VMA_ACCOUNT, "[stack]", "" },
		{ 0x7ffc00100000, MMS_VMA_READ | MMS_VMA_SPECIAL | MMS_VMA_PFNMAP | MMS_VMA_IO | MMS_VMA_DONTDUMP, "[vvar]", "" },
		{ 0x7ffc00104000, MMS_VMA_READ | MMS_VMA_EXEC | MMS_VMA_SPECIAL | MMS_VMA_MIXEDMAP, "[vdso]", "" },
	};
	const unsigned int n = sizeof(want) / sizeof(*want);

	ck_assert_msg(!ask(fixture("proc"), MMS_KIND_VMA, 100), "%s", err.text);
	ck_assert_uint_eq(got.n, n);	/* [vsyscall] is not among them */
	for (unsigned int i = 0; i < n; i++) {
		ck_assert_uint_eq(got.vma[i].start, want[i].start);
		ck_assert_msg(got.vma[i].flags == want[i].flags, "VMA %u: flags %x, not %x",
			      i, got.vma[i].flags, want[i].flags);
		ck_assert_str_eq(got.path[i], want[i].path);
		ck_assert_str_eq(got.name[i], want[i].name);
		ck_assert_uint_eq(got.vma[i].policy, MMS_POLICY_UNKNOWN);
	}
	ck_assert_uint_eq(got.vma[1].end, 0x55d0c0003000);
	ck_assert_uint_eq(got.vma[1].pgoff, 2);
	ck_assert_uint_eq(got.vma[1].dev_major, 254);
	ck_assert_uint_eq(got.vma[1].dev_minor, 0);
	ck_assert_uint_eq(got.vma[1].ino, 1234);
	ck_assert_uint_eq(got.vma[8].dev_minor, 23);
	ck_assert_uint_eq(got.vma[8].pkey, 3);
	ck_assert_uint_eq(got.header.writer, MMS_WRITER_PROCFS);
	ck_assert_uint_eq(got.header.request.pid, 100);
	ck_assert_uint_eq(got.trailer.end, MMS_END_COMPLETE);
	ck_assert_uint_eq(got.trailer.records, n);
}
END_TEST

START_TEST(usage_of_a_process)
{
	const struct mms_usage *u = got.usage;

	ck_assert_int_eq(ask(fixture("proc"), MMS_KIND_USAGE, 100), 0);
	ck_assert_uint_eq(got.n, 14);
	ck_assert_uint_eq(u[0].rss, 8192);
	ck_assert_uint_eq(u[0].pss, 4096);
	ck_assert_uint_eq(u[0].shared_clean, 8192);
	ck_assert_uint_eq(u[0].referenced, 8192);
	ck_assert_uint_eq(u[2].pss_dirty, 102400);
	ck_assert_uint_eq(u[2].private_dirty, 102400);
	ck_assert_uint_eq(u[2].anonymous, 102400);
	ck_assert_uint_eq(u[2].swap, 12288);
	ck_assert_uint_eq(u[2].swap_pss, 12288);
	ck_assert_uint_eq(u[3].anon_huge, 2097152);
	ck_assert_uint_eq(u[3].lazyfree, 4096);
	ck_assert_uint_eq(u[6].private_hugetlb, 2097152);
	ck_assert_uint_eq(u[11].locked, 16384);
	/* all eighteen figures were there */
	ck_assert_uint_eq(u[0].known, (1ULL << 18) - 1);
	ck_assert_uint_eq(MMS_USAGE_K(locked), 1ULL << 17);
}
END_TEST

START_TEST(ranges)
{
	/* touches the heap only, by its last byte and the first behind it */
	ck_assert_int_eq(ask_range(fixture("proc"), MMS_KIND_VMA, 100, 0, 0x55d0c1020fff, 0x7f0000000000), 0);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_str_eq(got.path[0], "[heap]");
	ck_assert_int_eq(ask_range(fixture("proc"), MMS_KIND_USAGE, 100, 0, 0x55d0c1021000, 0x7f0000000000), 0);
	ck_assert_uint_eq(got.n, 0);
	ck_assert_int_eq(ask_range(fixture("proc"), MMS_KIND_VMA, 100, 0, 0x7ffc00100000, 0), 0);
	ck_assert_uint_eq(got.n, 2);
}
END_TEST

START_TEST(maps_without_smaps)
{
	ck_assert_int_eq(ask(fixture("proc"), MMS_KIND_VMA, 400), 0);
	ck_assert_uint_eq(got.n, 2);
	ck_assert_uint_eq(got.vma[1].flags, RW | MMS_VMA_HEAP);
	ck_assert_int_eq(ask(fixture("proc"), MMS_KIND_USAGE, 400), -EOPNOTSUPP);
	ck_assert_ptr_nonnull(strstr(err.text, "smaps"));
}
END_TEST

START_TEST(who_has_no_memory)
{
	const enum mms_kind kinds[] = { MMS_KIND_VMA, MMS_KIND_USAGE, MMS_KIND_PGTABLE };

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(ask(fixture("proc"), kinds[i], 99), -ESRCH);
		ck_assert_ptr_nonnull(strstr(err.text, "PID 99: no such process"));
		ck_assert_int_eq(ask(fixture("proc"), kinds[i], 2), -ENXIO);
		ck_assert_ptr_nonnull(strstr(err.text, "PID 2 (kthreadd): a kernel thread"));
		ck_assert_int_eq(ask(fixture("proc"), kinds[i], 300), -ENODATA);
		ck_assert_str_eq(err.text, "PID 300 (gone): has exited, its parent has not yet reaped it: it has no memory any more");
		ck_assert_int_eq(ask(fixture("proc"), kinds[i], 301), -ENODATA);
		ck_assert_ptr_nonnull(strstr(err.text, "others run on"));
	}
}
END_TEST

START_TEST(what_proc_does_not_have)
{
	ck_assert_int_eq(ask_range(fixture("proc"), MMS_KIND_PGTABLE, 100, MMS_REQ_TABLES, 0, 0), -EOPNOTSUPP);
	ck_assert_str_eq(err.text, "page tables are not in /proc, only the module reads them: see mmscope status");
	ck_assert_int_eq(ask_range(fixture("proc"), MMS_KIND_PGTABLE, 100, MMS_REQ_ALL, 0, 0), -EOPNOTSUPP);
	ck_assert_int_eq(ask(fixture("proc"), MMS_KIND_TASK, 100), -EOPNOTSUPP);
}
END_TEST

START_TEST(damaged_maps)
{
	ck_assert_int_eq(ask(fixture("proc"), MMS_KIND_VMA, 500), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "55d0c0002000-55d0c0001000"));
}
END_TEST

START_TEST(a_name_with_parentheses)
{
	struct mms_pid_stat st;

	ck_assert_int_eq(mms_pid_stat_read(fixture("proc"), 100, &st, &err), 0);
	ck_assert_str_eq(st.comm, "a) R 7 (b");
	ck_assert_int_eq(st.state, 'S');
	ck_assert_uint_eq(st.ppid, 1);
	ck_assert_uint_eq(st.threads, 3);
	ck_assert_uint_eq(st.start_ticks, 4711);
	ck_assert(!st.kthread);
}
END_TEST

/* A tree with one process whose pagemap holds @n entries from page @first. */
static void make_pagemap(char dir[32], const char *maps, unsigned int first,
			 const uint64_t *entries, unsigned int n)
{
	char path[128];
	FILE *f;

	strcpy(dir, "/tmp/mmscope-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/7", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/7/stat", dir);
	f = fopen(path, "w");
	fputs("7 (x) R 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0\n", f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/7/maps", dir);
	f = fopen(path, "w");
	fputs(maps, f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/7/pagemap", dir);
	f = fopen(path, "w");
	fseek(f, (long)first * 8, SEEK_SET);
	fwrite(entries, 8, n, f);
	fclose(f);
}

static void remove_pagemap(const char *dir)
{
	static const char *const names[] = { "/7/stat", "/7/maps", "/7/pagemap", "/7", "" };
	char path[128];

	for (int i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "%s%s", dir, names[i]);
		remove(path);
	}
}

#define PRESENT	(1ULL << 63)
#define SWAP	(1ULL << 62)
#define GUARD	(1ULL << 58)
#define WP	(1ULL << 57)
#define SOFT	(1ULL << 55)

static void extent_is(unsigned int i, uint64_t va, uint64_t len, int state, uint64_t pa,
		      uint32_t type, uint32_t flags)
{
	const struct mms_pt_extent *e = &got.extent[i];

	ck_assert_uint_lt(i, got.n);
	ck_assert_msg(e->va == va && e->len == len, "extent %u: %llx+%llx", i,
		      (unsigned long long)e->va, (unsigned long long)e->len);
	ck_assert_int_eq(e->state, state);
	ck_assert_uint_eq(e->pa, pa);
	ck_assert_uint_eq(e->swap_type, type);
	ck_assert_uint_eq(e->flags, flags);
	ck_assert_uint_eq(e->level, 1);
	ck_assert_uint_eq(e->page_shift, 12);
	ck_assert_uint_eq(e->raw, 0);
}

START_TEST(pagemap_is_coalesced)
{
	/* VMA 0x10000..0x20000 (16 pages), then 0x20000..0x22000 */
	const uint64_t pm[] = {
		PRESENT | 0x100, PRESENT | 0x101, PRESENT | 0x102,	/* one run */
		PRESENT | 0x104,					/* a gap in PFNs */
		PRESENT | 0x105 | SOFT,					/* another flag */
		0,
		PRESENT | 0x106 | SOFT,					/* a gap in addresses */
		SWAP | 5 << 5 | 2, SWAP | 6 << 5 | 2, SWAP | 7 << 5 | 3, /* offsets 5, 6; 7 on area 3 */
		SWAP | WP | 1 << 5 | 31,				/* uffd-wp marker */
		GUARD, SWAP | GUARD | 4ULL << 5 | 31,			/* guards */
		SWAP | 0x999ULL << 5 | 30,				/* migration or so */
		SOFT,							/* nothing there */
		PRESENT | 0x200,					/* last page of the VMA */
		PRESENT | 0x201, PRESENT | 0x202,			/* the next VMA: no run across */
	};
	char dir[32];

	make_pagemap(dir, "10000-20000 rw-p 00000000 00:00 0 \n20000-22000 rw-p 00000000 00:00 0 \n",
		     16, pm, 18);
	ck_assert_msg(!ask(dir, MMS_KIND_PGTABLE, 7), "%s", err.text);
	extent_is(0, 0x10000, 0x3000, MMS_PT_PRESENT, 0x100000, 0, 0);
	extent_is(1, 0x13000, 0x1000, MMS_PT_PRESENT, 0x104000, 0, 0);
	extent_is(2, 0x14000, 0x1000, MMS_PT_PRESENT, 0x105000, 0, MMS_PT_F_SOFT_DIRTY);
	extent_is(3, 0x16000, 0x1000, MMS_PT_PRESENT, 0x106000, 0, MMS_PT_F_SOFT_DIRTY);
	extent_is(4, 0x17000, 0x2000, MMS_PT_SWAP, 5, 2, 0);
	extent_is(5, 0x19000, 0x1000, MMS_PT_SWAP, 7, 3, 0);
	extent_is(6, 0x1a000, 0x1000, MMS_PT_MARKER, 1, 0, MMS_PT_F_UFFD_WP);
	extent_is(7, 0x1b000, 0x1000, MMS_PT_MARKER, 0, 0, 0);
	extent_is(8, 0x1c000, 0x1000, MMS_PT_MARKER, 4, 0, 0);
	extent_is(9, 0x1d000, 0x1000, MMS_PT_OTHER, 0x999, 0, 0);
	extent_is(10, 0x1f000, 0x1000, MMS_PT_PRESENT, 0x200000, 0, 0);
	extent_is(11, 0x20000, 0x2000, MMS_PT_PRESENT, 0x201000, 0, 0);
	ck_assert_uint_eq(got.n, 12);
	ck_assert_uint_eq(got.trailer.entries, 18);
	/* a range that begins and ends inside a page and a run */
	ck_assert_int_eq(ask_range(dir, MMS_KIND_PGTABLE, 7, MMS_REQ_EXTENTS, 0x11800, 0x12001), 0);
	ck_assert_uint_eq(got.n, 1);
	extent_is(0, 0x11000, 0x2000, MMS_PT_PRESENT, 0x101000, 0, 0);
	remove_pagemap(dir);
}
END_TEST

START_TEST(hidden_pfns_are_no_answer)
{
	const uint64_t pm[] = { PRESENT, PRESENT };
	char dir[32];

	make_pagemap(dir, "10000-12000 rw-p 00000000 00:00 0 \n", 16, pm, 2);
	ck_assert_int_eq(ask(dir, MMS_KIND_PGTABLE, 7), -EACCES);
	ck_assert_ptr_nonnull(strstr(err.text, "run as root"));
	remove_pagemap(dir);
}
END_TEST

/* On the live /proc: this process. */

START_TEST(own_task)
{
	ck_assert_msg(!ask("/proc", MMS_KIND_TASK, (uint32_t)getpid()), "%s", err.text);
	ck_assert_uint_eq(got.n, 1);
	ck_assert_uint_eq(got.task.pid, (uint32_t)getpid());
	ck_assert_uint_eq(got.task.ppid, (uint32_t)getppid());
	ck_assert_uint_eq(got.task.uid, getuid());
	ck_assert_int_eq(got.task.state, 'R');
	ck_assert_uint_eq(got.task.known, MMS_TASK_K_VM | MMS_TASK_K_PGTABLES | MMS_TASK_K_OOM_ADJ |
			  MMS_TASK_K_OOM_SCORE | MMS_TASK_K_UID | MMS_TASK_K_CMDLINE);
	ck_assert_ptr_nonnull(strstr(got.cmdline, "test_procfs"));
	ck_assert_uint_gt(got.task.vm_size, got.task.rss_anon + got.task.rss_file);
	ck_assert_uint_gt(got.task.rss_anon, 0);
	ck_assert_uint_gt(got.task.pgtables, 0);
	ck_assert_uint_gt(got.task.start_ticks, 0);
}
END_TEST

/* The VMA of the last stream that holds @p. */
static int holding(const void *p)
{
	for (unsigned int i = 0; i < got.n; i++)
		if (got.vma[i].start <= (uintptr_t)p && (uintptr_t)p < got.vma[i].end)
			return (int)i;
	return -1;
}

START_TEST(own_vmas)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *shared = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int on_stack, fd = memfd_create("a\nb", 0), i;
	char *m;

	ck_assert_int_eq(ftruncate(fd, (off_t)page), 0);
	m = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
	ck_assert_msg(!ask_range("/proc", MMS_KIND_VMA, (uint32_t)getpid(), 0, (uintptr_t)m, (uintptr_t)m + 1),
		      "%s", err.text);
	i = holding(m);
	ck_assert_int_eq(i, 0);
	ck_assert_str_eq(got.path[i], "/memfd:a\nb");
	ck_assert_uint_eq(got.vma[i].flags & ~(MMS_VMA_SOFTDIRTY | MMS_VMA_DONTDUMP),
			  MMS_VMA_READ | MMS_VMA_SHARED | MMS_VMA_FILE | MMS_VMA_SHMEM | MMS_VMA_DELETED);
	ck_assert_int_eq(ask_range("/proc", MMS_KIND_VMA, (uint32_t)getpid(), 0, (uintptr_t)shared,
				   (uintptr_t)shared + 1), 0);
	ck_assert_str_eq(got.path[0], "/dev/zero");
	ck_assert_uint_eq(got.vma[0].flags & MMS_VMA_SHMEM, MMS_VMA_SHMEM);
	ck_assert_int_eq(ask_range("/proc", MMS_KIND_VMA, (uint32_t)getpid(), 0, (uintptr_t)&on_stack,
				   (uintptr_t)&on_stack + 1), 0);
	ck_assert_uint_eq(got.vma[0].flags & (RW | MMS_VMA_STACK), RW | MMS_VMA_STACK);
	munmap(m, page);
	munmap(shared, page);
	close(fd);
}
END_TEST

START_TEST(own_pagemap)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *m = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t total = 0;
	int rc;

	madvise(m, 4 * page, MADV_NOHUGEPAGE);
	m[0] = m[page] = m[3 * page] = 1;
	rc = ask_range("/proc", MMS_KIND_PGTABLE, (uint32_t)getpid(), MMS_REQ_EXTENTS,
		       (uintptr_t)m, (uintptr_t)m + 4 * page);
	if (rc == -EACCES) {	/* not root: the right answer */
		ck_assert_ptr_nonnull(strstr(err.text, "CAP_SYS_ADMIN"));
		return;
	}
	ck_assert_msg(!rc, "%s", err.text);
	for (unsigned int i = 0; i < got.n; i++) {
		ck_assert_int_eq(got.extent[i].state, MMS_PT_PRESENT);
		ck_assert(got.extent[i].va + got.extent[i].len <= (uintptr_t)m + 2 * page ||
			  got.extent[i].va == (uintptr_t)m + 3 * page);
		total += got.extent[i].len;
	}
	ck_assert_uint_eq(total, 3 * page);
	ck_assert_uint_eq(got.trailer.entries, 4);
}
END_TEST

START_TEST(zombie_child)
{
	siginfo_t info;
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(ask("/proc", MMS_KIND_VMA, (uint32_t)pid), -ENODATA);
	ck_assert_int_eq(ask("/proc", MMS_KIND_TASK, (uint32_t)pid), 0);
	ck_assert_uint_eq(got.task.flags, MMS_TASK_ZOMBIE);
	ck_assert_uint_eq(got.task.known & MMS_TASK_K_VM, 0);
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(ask("/proc", MMS_KIND_VMA, (uint32_t)pid), -ESRCH);
	ck_assert_int_eq(ask("/proc", MMS_KIND_TASK, (uint32_t)pid), -ESRCH);
}
END_TEST

static uint32_t last_pid;
static bool seen_self;

static int in_order(void *ctx, uint32_t pid)
{
	(void)ctx;
	ck_assert_uint_gt(pid, last_pid);
	last_pid = pid;
	seen_self |= pid == (uint32_t)getpid();
	return 0;
}

START_TEST(pids_ascend)
{
	struct mms_source *s;

	ck_assert_int_eq(mms_source_open_procfs(&s, &err), 0);
	ck_assert_str_eq(mms_source_name(s), "procfs");
	last_pid = 0;
	ck_assert_int_eq(mms_source_pids(s, in_order, NULL, &err), 0);
	ck_assert(seen_self);
	mms_source_close(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("procfs");
	TCase *c = tcase_create("fixtures"), *live = tcase_create("live");

	tcase_add_test(c, vmas_of_a_process);
	tcase_add_test(c, usage_of_a_process);
	tcase_add_test(c, ranges);
	tcase_add_test(c, maps_without_smaps);
	tcase_add_test(c, who_has_no_memory);
	tcase_add_test(c, what_proc_does_not_have);
	tcase_add_test(c, damaged_maps);
	tcase_add_test(c, a_name_with_parentheses);
	tcase_add_test(c, pagemap_is_coalesced);
	tcase_add_test(c, hidden_pfns_are_no_answer);
	tcase_add_test(live, own_task);
	tcase_add_test(live, own_vmas);
	tcase_add_test(live, own_pagemap);
	tcase_add_test(live, zombie_child);
	tcase_add_test(live, pids_ascend);
	suite_add_tcase(s, c);
	suite_add_tcase(s, live);
	return run_suite(s);
}
