// SPDX-License-Identifier: GPL-2.0
/*
 * Lets each memory allocation of an operation fail, one at a time, by
 * /proc/self/fail-nth (Documentation/fault-injection/fault-injection.rst), and
 * judges what came of it: an error that is documented, or the right answer;
 * never a half answer that says it is whole, never something left behind.
 *
 * Usage: failnth files|netlink|insmod [-v]
 *
 *	files	 every file under /sys/kernel/debug/mmscope, found there: text
 *		 and stream, with all kinds of requests
 *	netlink	 every command, the dump, joining the group and its event
 *	insmod	 loading and unloading /lib/mmscope.ko (unloads it first, loads
 *		 it again in the end)
 *
 * Per operation a line "op=NAME sites=N refused=N right=N live=0|1 wrong=N
 * errnos=...".  sites: allocations that failed, each in a run of its own; live:
 * two undisturbed runs differ, so records were counted, not compared.  What is
 * wrong comes before it as "wrong op=NAME nth=N: WHAT".  Exit status: 0, 1
 * something was wrong, 2 it could not be tried.
 *
 * The caller has made failslab and fail_page_alloc fail GFP_KERNEL requests,
 * too (ignore-gfp-wait).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/mmscope.h>
#include "known.h"
#include "stream.h"

#define DIR_MODULE	"/sys/kernel/debug/mmscope"
#define MODULE		"/lib/mmscope.ko"
#define PAGE		4096UL
#define ANSWER_MAX	(8U << 20)
#define SITES_MAX	20000	/* more than any operation has; ends a loop that would not */
#define ERRNOS		160

/*
 * struct outcome - what one run of an operation came to
 * @err: errno of the first system call that failed, 0 = none did
 * @where: which one
 * @len: bytes in answer[]
 * @digest: of what the answer says, without what may differ from run to run
 * @event: an event was received
 * @short_of: it says that it goes without something for lack of memory
 * @wrong: what is wrong with it
 */
struct outcome {
	int err;
	const char *where;
	size_t len;
	uint64_t digest;
	bool event;
	bool short_of;
	char wrong[200];
};

/*
 * struct op - one operation
 * @run: the system calls, and nothing else: allocations fail in it
 * @judge: makes digest and wrong of the answer of a run without an error
 * @after: what must hold after every run; may be NULL
 * @machine: it tells of the machine's memory, the reader's own buffer with it: two answers may differ
 */
struct op {
	char name[128];
	void (*run)(const struct op *op, struct outcome *o);
	void (*judge)(const struct op *op, struct outcome *o);
	void (*after)(const struct op *op, struct outcome *o);
	char path[300];
	char request[96];
	size_t request_len;
	bool machine;
};

static unsigned char *answer, *record;	/* ANSWER_MAX, STREAM_RECORD_MAX */
static int fail_nth = -1;
static bool verbose;
static unsigned int all_wrong;
static pid_t target;
static unsigned long target_page;
static uint16_t family;
static uint32_t group;
static int module_fd = -1;
static struct known known;

static void die(const char *what)
{
	fprintf(stderr, "failnth: %s: %s\n", what, strerror(errno));
	exit(2);
}

__attribute__((format(printf, 2, 3)))
static void wrong(struct outcome *o, const char *fmt, ...)
{
	va_list ap;

	if (o->wrong[0])
		return;
	va_start(ap, fmt);
	vsnprintf(o->wrong, sizeof(o->wrong), fmt, ap);
	va_end(ap);
}

static void failed(struct outcome *o, const char *where)
{
	if (o->err)
		return;
	o->err = errno;
	o->where = where;
}

/* --- the fault --------------------------------------------------------------- */

static void arm(unsigned int nth)
{
	char buf[16];
	int n = snprintf(buf, sizeof(buf), "%u", nth);

	if (pwrite(fail_nth, buf, (size_t)n, 0) != n)
		die("/proc/self/fail-nth");
}

/* Was a fault injected since arm()? */
static bool disarm(void)
{
	char buf[16] = "";

	if (pread(fail_nth, buf, sizeof(buf) - 1, 0) <= 0)
		die("/proc/self/fail-nth");
	arm(0);
	return strtoul(buf, NULL, 10) == 0;
}

/* --- what the module's state must be ------------------------------------------- */

static bool loaded(void)
{
	return !access("/sys/module/mmscope", F_OK);
}

static long refcount(void)
{
	char buf[16] = "";
	int fd = open("/sys/module/mmscope/refcnt", O_RDONLY | O_CLOEXEC);
	long n = -1;

	if (fd >= 0 && read(fd, buf, sizeof(buf) - 1) > 0)
		n = strtol(buf, NULL, 10);
	if (fd >= 0)
		close(fd);
	return n;
}

static void nothing_held(const struct op *op, struct outcome *o)
{
	(void)op;
	if (refcount() != 0)
		wrong(o, "the module's reference count is %ld, not 0", refcount());
}

/* --- files --------------------------------------------------------------------- */

static void read_to_end(int fd, struct outcome *o)
{
	ssize_t n;

	do {
		n = read(fd, answer + o->len, ANSWER_MAX - 1 - o->len < 65536 ?
			 ANSWER_MAX - 1 - o->len : 65536);
		if (n < 0)
			failed(o, "read");
		else
			o->len += (size_t)n;
	} while (n > 0);
	if (o->len == ANSWER_MAX - 1)
		wrong(o, "the answer is larger than this program's buffer");
}

static void run_file(const struct op *op, struct outcome *o)
{
	int fd = open(op->path, (op->request_len ? O_RDWR : O_RDONLY) | O_CLOEXEC);

	if (fd < 0) {
		failed(o, "open");
		return;
	}
	if (op->request_len &&
	    write(fd, op->request, op->request_len) != (ssize_t)op->request_len)
		failed(o, "write");
	else
		read_to_end(fd, o);
	if (close(fd))
		failed(o, "close");
}

static void judge_stream(const struct op *op, struct outcome *o)
{
	struct stream s = { .buf = record };

	(void)op;
	stream_feed(&s, answer, o->len);
	if (s.bad)
		wrong(o, "the stream is damaged: %s", s.bad);
	else if (!s.ended)
		wrong(o, "the stream has no trailer, but read() said it is at its end");
	else if (s.trailer.end == MMS_END_ERROR && s.trailer.error == ENOMEM)
		o->err = ENOMEM, o->where = "trailer";
	else if (s.trailer.end != MMS_END_COMPLETE)
		wrong(o, "end=%u error=%u in the trailer", s.trailer.end, s.trailer.error);
	o->digest = s.digest;
}

/* The last line is the trailer: of it only what does not depend on the time. */
static void judge_text(const struct op *op, struct outcome *o)
{
	unsigned long long records, end, error;
	size_t at = o->len;

	(void)op;
	answer[o->len] = '\0';
	if (!at || answer[at - 1] != '\n') {
		wrong(o, "the text has no last line");
		return;
	}
	for (at--; at && answer[at - 1] != '\n'; at--)
		;
	if (sscanf((char *)answer + at, "end end=%llu error=%llu records=%llu ", &end,
		   &error, &records) != 3) {
		wrong(o, "the last line is no trailer");
	} else if (end == MMS_END_ERROR && error == ENOMEM) {
		o->err = ENOMEM;
		o->where = "trailer";
	} else if (end != MMS_END_COMPLETE || error) {
		wrong(o, "end=%llu error=%llu in the trailer", end, error);
	}
	o->digest = stream_digest(0, answer, at);
	o->digest = stream_digest(o->digest, &records, sizeof(records));
}

static void judge_plain(const struct op *op, struct outcome *o)
{
	(void)op;
	if (!o->len)
		wrong(o, "nothing was read");
	o->digest = stream_digest(0, answer, o->len);
}

/* --- netlink ------------------------------------------------------------------- */

static union {
	char bytes[1024];
	struct nlmsghdr head;
} msg;

static void nl_begin(uint16_t type, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr *g = NLMSG_DATA(&msg.head);

	memset(&msg, 0, sizeof(msg));
	msg.head.nlmsg_type = type;
	msg.head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	msg.head.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	g->cmd = cmd;
	g->version = 1;
}

static void nl_put(uint16_t type, const void *data, size_t len)
{
	struct nlattr *a = (void *)(msg.bytes + NLMSG_ALIGN(msg.head.nlmsg_len));

	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memcpy((char *)a + NLA_HDRLEN, data, len);
	msg.head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(msg.head.nlmsg_len) + NLA_ALIGN(a->nla_len));
}

static int nl_open(struct outcome *o)
{
	struct timeval patience = { .tv_sec = 5 };
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (sock < 0)
		failed(o, "socket");
	else if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		failed(o, "setsockopt");
	return sock;
}

/* Messages to answer[] up to the one that ends them: done, error or ack. */
static void nl_receive(int sock, struct outcome *o)
{
	for (;;) {
		ssize_t len = recv(sock, answer + o->len, 65536, 0);
		struct nlmsghdr *n = (void *)(answer + o->len);

		if (len <= 0) {
			failed(o, "recv");
			return;
		}
		o->len += NLMSG_ALIGN((size_t)len);
		for (; NLMSG_OK(n, (size_t)len); n = NLMSG_NEXT(n, len)) {
			struct nlmsgerr *e = NLMSG_DATA(n);

			if (n->nlmsg_type == NLMSG_ERROR && e->error) {
				errno = -e->error;
				failed(o, "answer");
			}
			if (n->nlmsg_type == NLMSG_DONE && e->error < 0) {
				errno = -e->error;
				failed(o, "end of the dump");
			}
			if (n->nlmsg_type == NLMSG_DONE || n->nlmsg_type == NLMSG_ERROR)
				return;
		}
	}
}

static void run_netlink(const struct op *op, struct outcome *o)
{
	int sock = nl_open(o);

	if (!o->err && send(sock, op->request, op->request_len, 0) < 0)
		failed(o, "send");
	if (!o->err)
		nl_receive(sock, o);
	if (sock >= 0)
		close(sock);
}

static void judge_netlink(const struct op *op, struct outcome *o)
{
	size_t left = o->len, answers = 0;
	struct nlmsghdr *n = (void *)answer;

	(void)op;
	for (; NLMSG_OK(n, left); n = NLMSG_NEXT(n, left)) {
		if (n->nlmsg_type != family)
			continue;
		answers++;
		o->digest = stream_digest(o->digest, NLMSG_DATA(n), n->nlmsg_len - NLMSG_HDRLEN);
	}
	if (!answers)
		wrong(o, "acknowledged, but not answered");
}

/* Joins the group, reads a stream to its end, takes the event if there is one. */
static void run_event(const struct op *op, struct outcome *o)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	char event[1024];
	int sock = nl_open(o);
	ssize_t n;

	/* Without a port of its own it would pass for the kernel, the sender. */
	if (!o->err && bind(sock, (struct sockaddr *)&self, sizeof(self)))
		failed(o, "bind");
	if (!o->err && setsockopt(sock, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		failed(o, "join");
	if (!o->err)
		run_file(op, o);
	if (!o->err) {
		n = recv(sock, event, sizeof(event), MSG_DONTWAIT);
		o->event = n > 0;
		if (n < 0 && errno != EAGAIN)
			failed(o, "recv");
	}
	if (sock >= 0)
		close(sock);
}

static void resolve_family(void)
{
	static const char name[] = MMS_GENL_NAME;
	struct outcome o = { 0 };
	struct nlmsghdr *n = (void *)answer;
	char *p, *end;
	int sock = nl_open(&o);

	family = 0;
	group = 0;
	nl_begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	nl_put(CTRL_ATTR_FAMILY_NAME, name, sizeof(name));
	if (sock < 0 || send(sock, &msg, msg.head.nlmsg_len, 0) < 0)
		die("netlink");
	nl_receive(sock, &o);
	close(sock);
	if (o.err == ENOENT)
		return;
	if (o.err || n->nlmsg_type != GENL_ID_CTRL)
		die("the netlink family");
	end = (char *)n + n->nlmsg_len;
	for (p = (char *)NLMSG_DATA(n) + GENL_HDRLEN; p < end;
	     p += NLA_ALIGN(((struct nlattr *)p)->nla_len)) {
		struct nlattr *a = (void *)p, *g = (void *)(p + NLA_HDRLEN), *m;

		if (a->nla_type == CTRL_ATTR_FAMILY_ID)
			memcpy(&family, p + NLA_HDRLEN, 2);
		if ((a->nla_type & NLA_TYPE_MASK) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		/* the first group's nest, the ID somewhere in it */
		for (m = g + 1; (char *)m < (char *)g + g->nla_len;
		     m = (void *)((char *)m + NLA_ALIGN(m->nla_len)))
			if (m->nla_type == CTRL_ATTR_MCAST_GRP_ID)
				memcpy(&group, m + 1, 4);
	}
}

/* --- loading and unloading -------------------------------------------------------- */

static int load(void)
{
	return (int)syscall(SYS_finit_module, module_fd, "", 0);
}

static int unload(void)
{
	return (int)syscall(SYS_delete_module, "mmscope", O_NONBLOCK);
}

static void run_insmod(const struct op *op, struct outcome *o)
{
	(void)op;
	if (load())
		failed(o, "finit_module");
}

static void run_rmmod(const struct op *op, struct outcome *o)
{
	(void)op;
	if (unload())
		failed(o, "delete_module");
}

/* What does not work for lack of memory must be said, and is right then. */
static void add_status(struct outcome *o)
{
	int fd = open(DIR_MODULE "/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, answer, ANSWER_MAX - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0) {
		wrong(o, "loaded, but status cannot be read");
		return;
	}
	answer[n] = '\0';
	if (strstr((char *)answer, "no memory"))
		o->short_of = true;
	else
		o->digest = stream_digest(o->digest, answer, (size_t)n);
}

static void add_names(struct outcome *o, const char *path)
{
	struct dirent *d;
	DIR *dir = opendir(path);
	uint64_t sum = 0;

	if (!dir) {
		wrong(o, "loaded, but there is no %s", path);
		return;
	}
	while ((d = readdir(dir)))
		sum += stream_digest(0, d->d_name, strlen(d->d_name) + 1);
	closedir(dir);
	o->digest = stream_digest(o->digest, &sum, sizeof(sum));
}

/* A loaded module has all its files and its family, or says why not. */
static void judge_loaded(const struct op *op, struct outcome *o)
{
	(void)op;
	add_names(o, DIR_MODULE);
	add_names(o, DIR_MODULE "/stream");
	add_status(o);
	resolve_family();
	if (!family || !group)
		wrong(o, "loaded, but without its netlink family");
}

static void judge_unloaded(const struct op *op, struct outcome *o)
{
	(void)op;
	(void)o;
}

static void all_gone(struct outcome *o)
{
	if (loaded())
		wrong(o, "/sys/module/mmscope is still there");
	if (!access(DIR_MODULE, F_OK))
		wrong(o, "%s is still there", DIR_MODULE);
	resolve_family();
	if (family)
		wrong(o, "the netlink family is still there");
}

static void after_insmod(const struct op *op, struct outcome *o)
{
	(void)op;
	if (!o->err) {
		nothing_held(op, o);
		if (unload())
			die("delete_module");
	}
	all_gone(o);
}

static void after_rmmod(const struct op *op, struct outcome *o)
{
	if (o->err)
		judge_loaded(op, o);
	else
		all_gone(o);
	if (!loaded() && load())
		die("finit_module");
}

/* --- one operation, all its sites --------------------------------------------------- */

/* Errors that say "no memory"; socket(2) calls it "too many files" (net/socket.c). */
static bool no_memory(const struct outcome *o)
{
	return o->err == ENOMEM || o->err == ENOBUFS ||
	       (o->err == ENFILE && !strcmp(o->where, "socket"));
}

static bool once(const struct op *op, unsigned int nth, struct outcome *o)
{
	bool injected;

	memset(o, 0, sizeof(*o));
	if (nth)
		arm(nth);
	op->run(op, o);
	injected = nth && disarm();
	if (!o->err)
		op->judge(op, o);
	if (op->after)
		op->after(op, o);
	return injected;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return a->err == b->err && a->digest == b->digest;
}

static void complain(const struct op *op, unsigned int nth, const struct outcome *o)
{
	printf("wrong op=%s nth=%u: %s\n", op->name, nth, o->wrong);
	all_wrong++;
}

/* Is it the undisturbed answer? Asks for that again: it may have changed. */
static bool agrees(const struct op *op, const struct outcome *o, struct outcome *base)
{
	struct outcome again = *base;
	int tries;

	for (tries = 0; tries < 5 && !same(o, &again); tries++)
		once(op, 0, &again);
	if (!same(o, &again))
		return false;
	*base = again;
	return true;
}

/*
 * Where a batch ended, an extent may have, too, and where that is depends on the
 * time: an answer is wrong if the same failure makes it so again and again.
 */
static void compare(const struct op *op, unsigned int nth, struct outcome *o, struct outcome *base)
{
	struct outcome again;
	int tries;

	if (o->wrong[0] || o->short_of || agrees(op, o, base))
		return;
	for (tries = 0; tries < 3; tries++) {
		once(op, nth, &again);
		if (again.wrong[0])
			break;
		if (again.err ? no_memory(&again) : again.short_of || agrees(op, &again, base))
			return;
	}
	wrong(o, "success, but not the answer of an undisturbed run");
}

static void print_errnos(const unsigned int *errnos)
{
	const char *comma = "";
	int e;

	printf(" errnos=");
	for (e = 0; e < ERRNOS; e++)
		if (errnos[e]) {
			printf("%s%s:%u", comma, strerrorname_np(e), errnos[e]);
			comma = ",";
		}
	putchar('\n');
	fflush(stdout);
}

static void try_op(const struct op *op)
{
	unsigned int errnos[ERRNOS] = { 0 }, nth, quiet = 0, sites = 0, refused = 0, right = 0;
	unsigned int before = all_wrong;
	struct outcome base, o;
	bool live, injected;

	once(op, 0, &base);
	once(op, 0, &o);
	live = op->machine || !same(&base, &o);
	if (op->run == run_event && !base.event)
		wrong(&base, "no event came");
	if (base.wrong[0])
		complain(op, 0, &base);
	for (nth = 1; quiet < 2 && nth < SITES_MAX && all_wrong < before + 20; nth++) {
		injected = once(op, nth, &o);
		quiet = injected ? 0 : quiet + 1;
		sites += injected;
		if (o.err) {
			if (o.err < ERRNOS)
				errnos[o.err] += injected;
			if (o.err != base.err && (!injected || !no_memory(&o)))
				wrong(&o, "%s: %s", o.where, strerror(o.err));
			refused += injected;
		} else {
			if (!live)
				compare(op, nth, &o, &base);
			if (base.event && !o.event)
				wrong(&o, "an event was lost, and nobody was told");
			right += injected && !o.wrong[0];
		}
		if (verbose && injected)
			printf("# %s %u: %s %s\n", op->name, nth, o.err ? o.where : "right",
			       o.err ? strerror(o.err) : "");
		if (o.wrong[0])
			complain(op, nth, &o);
	}
	printf("op=%s sites=%u refused=%u right=%u live=%d wrong=%u", op->name,
	       sites, refused, right, live, all_wrong - before);
	print_errnos(errnos);
}

/* --- which operations ---------------------------------------------------------------- */

/* Is this a collector about a process? */
static bool of_process(const char *name)
{
	return !strcmp(name, "vma") || !strcmp(name, "pgtable");
}

static void text_op(const char *name, const char *label, const char *request)
{
	struct op op = { .run = run_file, .judge = judge_text, .after = nothing_held, .machine = !of_process(name) };

	snprintf(op.name, sizeof(op.name), "%s(%s)", name, label);
	snprintf(op.path, sizeof(op.path), DIR_MODULE "/%s", name);
	snprintf(op.request, sizeof(op.request), "%s", request);
	op.request_len = strlen(op.request);
	try_op(&op);
}

/*
 * What collectors about the machine are asked: all of it where that is little,
 * else some frames. @words: the question at the text door, behind the range.  What
 * questions to slab and ktables begin with is known by then alone: see range_of().
 */
static const struct machine_op {
	const char *name, *label;
	uint32_t flags;
	uint64_t start, end;
	const char *words;
} machine_ops[] = {
	{ "buddy", "lists", MMS_BUDDY_LISTS, 0, 0, "lists" },
	{ "buddy", "blocks", MMS_BUDDY_BLOCKS, 0x1000, 0x3000, "blocks" },
	{ "buddy", "used", MMS_BUDDY_USED, 0x1000, 0x3000, "used" },
	{ "cache", "all", 0, 0, 0, "" },
	{ "cache", "runs", MMS_REQ_CACHE_RUNS, 0, 0, "runs" },
	{ "frame", "some", 0, 0x1000, 0x1040, "" },
	{ "frame", "maps", MMS_FREQ_OWNERS | MMS_FREQ_MAPS, 0x1000, 0x1010, "" },
	{ "frames", "some", 0, 0x1000, 0x3000, "" },
	{ "frames", "flags", MMS_REQ_FRAME_FLAGS, 0x1000, 0x3000, "flags" },
	{ "ktables", "extents", 0, 0, 4096 * PAGE, "" },	/* all: KASAN's shadow makes it many MiB */
	{ "ktables", "tables", MMS_REQ_TABLES | MMS_REQ_HOLES, 0, 64 * PAGE, "tables holes" },
	{ "lru", "all", 0, 0, 0, "" },
	{ "lru", "gens", MMS_REQ_LRU_GENS, 0, 0, "gens" },
	{ "lru", "sample", 4 << MMS_REQ_LRU_SAMPLE_SHIFT, 0, 0, "sample" },
	{ "slab", "caches", MMS_REQ_SLAB_CACHES, 0, 0, "caches" },
	{ "slab", "slabs", MMS_REQ_SLAB_SLABS, 0, 0, "slabs" },
	{ "slab", "objects", MMS_REQ_SLAB_OBJECTS, 0, 0, "objects" },
	{ "slab", "address", MMS_REQ_SLAB_ADDR, 0, 0, "address" },
	{ "slab", "task", MMS_REQ_SLAB_TASK, 0, 0, "task" },
	{ "vmalloc", "all", 0, 0, 0, "" },
	{ "vmalloc", "lazy", MMS_REQ_VMALLOC_LAZY, 0, 0, "lazy" },
	{ }
};

/* The range that it asks for; of ktables some pages from where a part begins. */
static void range_of(const struct machine_op *m, uint64_t *start, uint64_t *end)
{
	*start = m->start;
	*end = m->end;
	if (!strcmp(m->name, "ktables") && m->end && known.nparts) {
		*start = known.part[0];
		*end = *start + m->end;
	}
	if (strcmp(m->name, "slab"))
		return;
	if (m->flags & (MMS_REQ_SLAB_SLABS | MMS_REQ_SLAB_OBJECTS) && known.ncaches)
		*start = known.cache[known.ncaches / 2];
	if (m->flags & MMS_REQ_SLAB_ADDR && known.nplaces)
		*start = known.place[0];
	if (m->flags & MMS_REQ_SLAB_TASK)
		*start = (uint64_t)target;
}

static void machine_text_ops(const char *name)
{
	const struct machine_op *m;
	uint64_t start, end;
	char request[96];
	bool listed = false;

	for (m = machine_ops; m->name; m++) {
		if (strcmp(m->name, name))
			continue;
		listed = true;
		range_of(m, &start, &end);
		if (start)
			snprintf(request, sizeof(request), "%llu %llu %s", (unsigned long long)start,
				 (unsigned long long)end, m->words);
		else
			snprintf(request, sizeof(request), " %s", m->words);
		text_op(name, m->label, request);
	}
	if (!listed)
		text_op(name, "all", "");
	text_op(name, "refused", "nonsense");
}

static void text_ops(const char *name)
{
	char request[96];

	if (!of_process(name)) {
		machine_text_ops(name);
		return;
	}
	text_op(name, "own", "");
	text_op(name, "refused", "words");
	snprintf(request, sizeof(request), "%d", target);
	text_op(name, "pid", request);
	snprintf(request, sizeof(request), "%d tables holes", target);
	text_op(name, "tables+holes", request);
	snprintf(request, sizeof(request), "%d %#lx %#lx tables holes", target, target_page,
		 target_page + PAGE);
	text_op(name, "page", request);
}

static void stream_op(const char *name, const char *label, uint32_t pid, uint32_t flags,
		      uint64_t start, uint64_t end)
{
	struct op op = { .run = run_file, .judge = judge_stream, .after = nothing_held, .machine = !of_process(name) };
	struct mms_request req = {
		.size = sizeof(req), .flags = flags, .pid = pid, .start = start, .end = end,
	};

	snprintf(op.name, sizeof(op.name), "stream/%s(%s)", name, label);
	snprintf(op.path, sizeof(op.path), DIR_MODULE "/stream/%s", name);
	memcpy(op.request, &req, sizeof(req));
	op.request_len = sizeof(req);
	try_op(&op);
}

static void machine_stream_ops(const char *name)
{
	const struct machine_op *m;
	uint64_t start, end;
	bool listed = false;

	for (m = machine_ops; m->name; m++)
		if (!strcmp(m->name, name)) {
			listed = true;
			range_of(m, &start, &end);
			stream_op(name, m->label, 0, m->flags, start, end);
		}
	if (!listed)
		stream_op(name, "all", 0, 0, 0, 0);
	stream_op(name, "refused", (uint32_t)target, 0, 0, 0);
}

static void stream_ops(const char *name)
{
	uint32_t pid = (uint32_t)target;

	if (!of_process(name)) {
		machine_stream_ops(name);
		return;
	}
	stream_op(name, "own", 0, 0, 0, 0);
	stream_op(name, "default", pid, 0, 0, 0);
	stream_op(name, "extents", pid, MMS_REQ_EXTENTS, 0, 0);
	stream_op(name, "tables", pid, MMS_REQ_TABLES, 0, 0);
	stream_op(name, "holes", pid, MMS_REQ_HOLES, 0, 0);
	stream_op(name, "all", pid, MMS_REQ_ALL, 0, 0);
	stream_op(name, "page", pid, MMS_REQ_ALL, target_page, target_page + PAGE);
	stream_op(name, "gap", pid, MMS_REQ_ALL, PAGE, 2 * PAGE);
	stream_op(name, "refused", 0x7ffffffe, 0, 0, 0);
}

static void each_name(const char *path, void (*fn)(const char *name))
{
	struct dirent **names;
	int i, n = scandir(path, &names, NULL, alphasort);

	if (n < 0)
		die(path);
	for (i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.')
			fn(names[i]->d_name);
		free(names[i]);
	}
	free(names);
}

/* A collector has a stream, too; what has none is just read. */
static void top_file(const char *name)
{
	struct op op = { .run = run_file, .judge = judge_plain, .after = nothing_held };
	char path[300];

	snprintf(path, sizeof(path), DIR_MODULE "/stream/%s", name);
	if (!access(path, F_OK)) {
		text_ops(name);
	} else if (strcmp(name, "stream")) {
		snprintf(op.name, sizeof(op.name), "%s", name);
		snprintf(op.path, sizeof(op.path), DIR_MODULE "/%s", name);
		try_op(&op);
	}
}

static void try_files(void)
{
	each_name(DIR_MODULE, top_file);
	each_name(DIR_MODULE "/stream", stream_ops);
}

static void netlink_op(const char *name)
{
	struct op op = { .run = run_netlink, .judge = judge_netlink, .after = nothing_held };

	snprintf(op.name, sizeof(op.name), "netlink(%s)", name);
	memcpy(op.request, &msg, msg.head.nlmsg_len);
	op.request_len = msg.head.nlmsg_len;
	try_op(&op);
}

static void walk_op(const char *name, uint32_t pid, uint64_t addr)
{
	nl_begin(family, MMS_CMD_WALK, NLM_F_ACK);
	nl_put(MMS_A_WALK_PID, &pid, sizeof(pid));
	nl_put(MMS_A_WALK_ADDR, &addr, sizeof(addr));
	netlink_op(name);
}

static void try_netlink(void)
{
	struct op event = { .name = "event", .run = run_event, .judge = judge_stream,
			    .after = nothing_held };
	struct mms_request req = { .size = sizeof(req), .pid = (uint32_t)target };

	resolve_family();
	if (!family || !group) {
		fprintf(stderr, "failnth: no netlink family\n");
		exit(2);
	}
	nl_begin(family, MMS_CMD_INFO_GET, NLM_F_ACK);
	netlink_op("info");
	nl_begin(family, MMS_CMD_COLLECTOR_GET, NLM_F_DUMP);
	netlink_op("collectors");
	walk_op("walk", (uint32_t)target, target_page);
	walk_op("walk-gap", (uint32_t)target, PAGE);
	walk_op("walk-refused", 0x7ffffffe, PAGE);
	snprintf(event.path, sizeof(event.path), DIR_MODULE "/stream/vma");
	memcpy(event.request, &req, sizeof(req));
	event.request_len = sizeof(req);
	try_op(&event);
}

static void try_insmod(void)
{
	struct op in = { .name = "insmod", .run = run_insmod, .judge = judge_loaded,
			 .after = after_insmod };
	struct op out = { .name = "rmmod", .run = run_rmmod, .judge = judge_unloaded,
			  .after = after_rmmod };

	module_fd = open(MODULE, O_RDONLY | O_CLOEXEC);
	if (module_fd < 0)
		die(MODULE);
	if (loaded() && unload())
		die("delete_module");
	try_op(&in);
	if (load())
		die("finit_module");
	try_op(&out);
}

/* Memory that stays as it is: a stopped child's. */
static void make_target(void)
{
	char *p;

	p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		die("mmap");
	memset(p, 1, 40 * PAGE);
	mprotect(p + 16 * PAGE, 8 * PAGE, PROT_READ);
	target_page = (unsigned long)p + PAGE;
	target = fork();
	if (target < 0)
		die("fork");
	if (!target) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		mlockall(MCL_CURRENT);
		raise(SIGSTOP);
		for (;;)
			pause();
	}
	if (waitpid(target, NULL, WUNTRACED) != target)
		die("waitpid");
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	cpu_set_t first;

	/* The context record tells the registers of the CPU that answered. */
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
	verbose = argc > 2 && !strcmp(argv[2], "-v");
	fail_nth = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth < 0)
		die("/proc/self/fail-nth");
	make_target();
	/* Not before: the target shall be small.  Locked: no page fault of our
	 * own in the middle of an operation. */
	answer = calloc(1, ANSWER_MAX);
	record = calloc(1, STREAM_RECORD_MAX);
	if (!answer || !record || mlockall(MCL_CURRENT))
		die("memory");
	if (!strcmp(what, "files")) {
		known_find(&known, DIR_MODULE "/stream");
		try_files();
	} else if (!strcmp(what, "netlink")) {
		try_netlink();
	} else if (!strcmp(what, "insmod")) {
		try_insmod();
	} else {
		fprintf(stderr, "failnth: files, netlink or insmod?\n");
		return 2;
	}
	kill(target, SIGKILL);
	return all_wrong ? 1 : 0;
}
