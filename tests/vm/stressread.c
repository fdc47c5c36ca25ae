// SPDX-License-Identifier: GPL-2.0
/*
 * Everybody looks at once: readers of every file under
 * /sys/kernel/debug/mmscope that is found there, netlink walkers, a listener,
 * the tool; some are killed midway, some stopped, some read through a pipe of
 * one page; and the module is unloaded and loaded in between.  What they ask
 * for is random: any process, any range, any flags.
 *
 * Usage: stressread [--seconds N] [--seed N] [--readers N] [--patience S]
 *		     [--module FILE] [--no-cycles] [--progress]
 *
 *	--readers	besides one for each file [4]
 *	--patience	seconds without a byte that are called a hang [120]
 *	--module	what insmod takes [/lib/mmscope.ko]; it must be loaded
 *	--no-cycles	leave the module loaded
 *	--progress	a line now and then on stderr
 *
 * Prints what was done as lines "WORD NAME key=value ...", then "bad: WHAT"
 * lines.  Exit status: 0, 1 something is bad, 2 it could not be tried.
 *
 * Errors that a live machine makes (ESRCH, ENXIO, ENODATA; ENOENT while the
 * module is away; ENOMEM) are counted as refused, any other is bad; so is a
 * damaged stream, a tool that dies of a signal or calls a difference one that
 * stayed, an rmmod that succeeds while a file is open, a reader who never
 * came to the end of one stream.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/mmscope.h>
#include "known.h"
#include "stream.h"

#define DIR_MODULE	"/sys/kernel/debug/mmscope"
#define PAGE		4096UL
#define SLOTS_MAX	64
#define FILES_MAX	40
#define BAD_MAX		20
#define TOOL_OUT_MAX	(4U << 20)

enum kind { K_STREAM, K_TEXT, K_WALK, K_LISTEN, K_TOOL, K_VERIFY };

/* struct file_stats - of one file, by all who read it */
struct file_stats {
	char path[128];
	enum kind kind;
	uint64_t streams, records, torn, exited, refused, errors, bytes;
	uint64_t hold_max_ns;
};

/*
 * struct slot - one process that looks
 * @file: which file; -1 = another one each time
 * @busy: between open and close, or the tool is running
 * @beat: when it last made progress, ms
 */
struct slot {
	enum kind kind;
	int file;
	pid_t pid;
	volatile int busy;
	volatile uint64_t beat;
	uint64_t done;
};

/* struct shared - between all processes */
struct shared {
	volatile int pause;	/* let go of the module; 2: at once */
	volatile int over;
	unsigned int nfiles;
	struct file_stats files[FILES_MAX];
	struct slot slots[SLOTS_MAX];
	uint64_t walks, walk_refused, dumps, events, events_lost;
	uint64_t tool_runs, tool_refused, tool_cut;
	uint64_t verifies, processes, checked, moved, disagreeing;
	uint64_t nbad;
	char bad[BAD_MAX][300];
};

static struct shared *sh;
static unsigned int nslots;
static uint32_t state;
static const char *module_file = "/lib/mmscope.ko";
static uint64_t kills, stops, cycles, away, busy_rmmods, busy_opens;
static uint64_t patience_ms = 120000;
static struct known known;	/* from before; what has gone by the time that it is asked for is a question, too */

static uint32_t rnd(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void nap(unsigned int ms)
{
	usleep(ms * 1000);
}

__attribute__((format(printf, 1, 2)))
static void bad(const char *fmt, ...)
{
	uint64_t i = __atomic_fetch_add(&sh->nbad, 1, __ATOMIC_RELAXED);
	va_list ap;

	if (i >= BAD_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(sh->bad[i], sizeof(sh->bad[i]), fmt, ap);
	va_end(ap);
}

#define ADD(field, n) __atomic_fetch_add(&(field), (uint64_t)(n), __ATOMIC_RELAXED)

static void raise_to(uint64_t *field, uint64_t v)
{
	if (v > *field)
		*field = v;	/* a race loses a maximum, not a count */
}

/* --- what to ask for ------------------------------------------------------------------- */

static pid_t random_pid(void)
{
	pid_t pids[512];
	unsigned int n = 0;
	struct dirent *d;
	DIR *proc;

	if (rnd(20) == 0)
		return (pid_t)rnd(40000);
	proc = opendir("/proc");
	while (proc && (d = readdir(proc)) && n < 512)
		if (d->d_name[0] >= '1' && d->d_name[0] <= '9')
			pids[n++] = (pid_t)atoi(d->d_name);
	if (proc)
		closedir(proc);
	/* the newest most: there are kernel threads at the start of the list */
	return n ? pids[rnd(3) ? n - 1 - rnd(n / 2 + 1) : rnd(n)] : 1;
}

/* All, one VMA of it, some pages of one, or anything. */
static void random_range(pid_t pid, uint64_t *start, uint64_t *end)
{
	char path[40], line[512];
	uint64_t a, b, n = 0;
	FILE *maps;

	*start = 0;
	*end = 0;
	if (rnd(3) == 0)
		return;
	if (rnd(10) == 0) {
		*start = (uint64_t)rnd(1U << 31) << rnd(16);
		*end = *start + ((uint64_t)rnd(1U << 31) << rnd(16)) + 1;
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &a, &b) == 2 && rnd((uint32_t)++n) == 0) {
			*start = a;
			*end = b;
		}
	if (maps)
		fclose(maps);
	if (*end && rnd(2)) {
		*start += rnd((uint32_t)((*end - *start) / PAGE)) * PAGE;
		*end = *start + (1 + rnd(16)) * PAGE;
	}
}

/* --- files --------------------------------------------------------------------------- */

static bool expected(int err)
{
	switch (err) {
	case ESRCH:
	case ENXIO:
	case ENODATA:
	case ENOMEM:
	case ERANGE:	/* beyond all frames */
	case EOPNOTSUPP: /* a collector that this kernel does not let work */
	case EINVAL:	/* a range beyond user space, or a file that takes no question */
	case EINTR:
	case ENOENT:	/* the module is away */
	case ENODEV:
	case EIO:
		return true;
	}
	return false;
}

static void refused(struct file_stats *f, const char *what, int err)
{
	if (expected(err)) {
		ADD(f->refused, 1);
	} else {
		ADD(f->errors, 1);
		bad("%s: %s: %s", f->path, what, strerror(err));
	}
}

/* Is this file one of a collector about the machine? */
static bool of_machine(const struct file_stats *f)
{
	const char *name = strrchr(f->path, '/') + 1;

	return strcmp(name, "vma") && strcmp(name, "pgtable");
}

/* The flags of a question to such a one, and their words at the text door. */
static uint32_t machine_flags(const char *name, const char **words)
{
	*words = "";
	if (!strcmp(name, "lru")) {
		*words = rnd(2) ? "sample gens" : rnd(2) ? "sample" : "gens";
		return rnd(2) | rnd(MMS_LRU_SAMPLE_MAX + 1) << MMS_REQ_LRU_SAMPLE_SHIFT;
	}
	if (!strcmp(name, "cache")) {
		*words = rnd(2) ? "runs" : "";
		return rnd(2) ? MMS_REQ_CACHE_RUNS : 0;
	}
	if (!strcmp(name, "buddy"))
		return 1U << rnd(4) & ~1U;
	return !strcmp(name, "frames") || !strcmp(name, "frame") ? rnd(2) : 0;
}

/* The question to such a one: all of it, mostly, else a range; -1 when it was refused. */
static int ask_machine(struct file_stats *f, int fd)
{
	const char *name = strrchr(f->path, '/') + 1, *words;
	struct mms_request req = { .size = sizeof(req), .flags = machine_flags(name, &words) };
	bool ranged = !strcmp(name, "frame") || (!strcmp(name, "frames") && rnd(4)) || (!strcmp(name, "buddy") && rnd(4));
	uint64_t dice = (uint64_t)rnd(1U << 31) << 31 | rnd(1U << 31);
	char text[100] = " ";
	ssize_t n, len;

	if (ranged) {
		req.start = rnd(1 << 18);
		req.end = req.start + 1 + rnd(!strcmp(name, "frame") ? 4 : 1 << 16);
		len = snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64 " %s", (uint64_t)req.start,
			       (uint64_t)req.end, words);
	} else if (known_question(&known, name, dice, (uint32_t)random_pid(), &req, &words) && req.start) {
		len = snprintf(text, sizeof(text), "%#" PRIx64 " %#" PRIx64 " %s", (uint64_t)req.start,
			       (uint64_t)req.end, words);
	} else {
		len = snprintf(text, sizeof(text), " %s", words);
	}
	if (f->kind == K_STREAM)
		len = sizeof(req);
	n = write(fd, f->kind == K_STREAM ? (const void *)&req : text, (size_t)len);
	if (n == len)
		return 0;
	refused(f, "write", n < 0 ? errno : EIO);
	return -1;
}

/* The question; -1 when it was refused. */
static int ask(struct file_stats *f, int fd)
{
	pid_t pid = random_pid();
	struct mms_request req = {
		.size = sizeof(req), .pid = (uint32_t)pid, .flags = rnd(MMS_REQ_ALL + 1),
	};
	char text[100];
	ssize_t n, len;
	uint64_t start, end;

	if (of_machine(f))
		return ask_machine(f, fd);
	random_range(pid, &start, &end);
	if (f->kind == K_STREAM) {
		req.start = start;
		req.end = end;
		len = sizeof(req);
		n = write(fd, &req, sizeof(req));
	} else {
		len = snprintf(text, sizeof(text), "%d", pid);
		if (end)
			len += snprintf(text + len, sizeof(text) - (size_t)len,
					" %#" PRIx64 " %#" PRIx64, start, end);
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s%s",
				rnd(2) ? " tables" : "", rnd(2) ? " holes" : "");
		n = write(fd, text, (size_t)len);
	}
	if (n == len)
		return 0;
	refused(f, "write", n < 0 ? errno : EIO);
	return -1;
}

static void count_stream(struct file_stats *f, struct slot *me, const struct stream *s)
{
	if (s->bad) {
		ADD(f->errors, 1);
		bad("%s: a damaged stream: %s (after %" PRIu64 " records)", f->path, s->bad,
		    s->records);
		return;
	}
	if (!s->ended) {
		ADD(f->errors, 1);
		bad("%s: a stream without its end", f->path);
		return;
	}
	ADD(f->streams, 1);
	ADD(f->records, s->records);
	ADD(f->torn, s->trailer.torn);
	ADD(f->exited, s->trailer.end == MMS_END_EXITED);
	raise_to(&f->hold_max_ns, s->trailer.hold_max_ns);
	me->done++;
	if (s->trailer.end == MMS_END_ERROR)
		refused(f, "trailer", (int)s->trailer.error);
}

/* Lines are counted; the last one, "end ...", is the trailer. */
struct lines {
	char last[256];
	size_t len;
	uint64_t count;
};

static void take_lines(struct lines *l, const char *p, size_t n)
{
	for (; n; n--, p++) {
		if (l->len && l->last[l->len - 1] == '\n')
			l->len = 0;
		if (l->len < sizeof(l->last) - 2 || *p == '\n')
			l->last[l->len++] = *p;
		l->count += *p == '\n';
	}
	l->last[l->len] = '\0';
}

static void count_text(struct file_stats *f, struct slot *me, const struct lines *l)
{
	unsigned long long end, error, records, torn;

	if (sscanf(l->last, "end end=%llu error=%llu records=%llu batches=%*u torn=%llu ", &end,
		   &error, &records, &torn) == 4) {
		ADD(f->torn, torn);
		ADD(f->exited, end == MMS_END_EXITED);
		if (end == MMS_END_ERROR)
			refused(f, "trailer", (int)error);
		if (records != l->count - 1) {
			ADD(f->errors, 1);
			bad("%s: %llu records in %" PRIu64 " lines", f->path, records, l->count);
		}
	} else if (!strchr(f->path + sizeof(DIR_MODULE), '/') && !strstr(f->path, "status")) {
		ADD(f->errors, 1);
		bad("%s: the last line is no end: %.60s", f->path, l->last);
	}
	ADD(f->streams, 1);
	ADD(f->records, l->count - 1);
	me->done++;
}

static void read_file(struct file_stats *f, struct slot *me, int fd, unsigned char *record)
{
	static char buf[65536];
	static struct lines lines;
	struct stream s = { .buf = record };
	size_t want = rnd(2) ? sizeof(buf) : 1 + rnd(5000);
	unsigned int slow = rnd(8) == 0 ? rnd(20) : 0;
	ssize_t n;

	lines = (struct lines){ .len = 0 };
	for (;;) {
		n = read(fd, buf, want);
		me->beat = now_ms();
		if (n <= 0)
			break;
		ADD(f->bytes, n);
		if (f->kind == K_STREAM)
			stream_feed(&s, buf, (size_t)n);
		else
			take_lines(&lines, buf, (size_t)n);
		/* who lost interest */
		if (rnd(1000) == 0 || sh->over || (sh->pause && rnd(20) == 0))
			return;
		if (slow)
			nap(slow);
	}
	if (n < 0)
		refused(f, "read", errno);
	else if (f->kind == K_STREAM)
		count_stream(f, me, &s);
	else
		count_text(f, me, &lines);
}

static void one_file(struct slot *me, unsigned char *record)
{
	struct file_stats *f = &sh->files[me->file < 0 ? (int)rnd(sh->nfiles) : me->file];
	bool plain = strstr(f->path, "/status");
	int fd = open(f->path, (plain ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	unsigned int questions = 1 + rnd(3);
	bool unasked = rnd(10) == 0;

	if (fd < 0) {
		refused(f, "open", errno);
		nap(20);
		return;
	}
	/* a new question starts a new stream; unasked, there is one of the reader */
	for (; questions-- && !sh->pause && !sh->over; unasked = false)
		if (plain || unasked || !ask(f, fd)) {
			read_file(f, me, fd, record);
			if (plain)
				break;
		} else if (errno == EOPNOTSUPP) {
			/* no more is to be had of it */
			me->done++;
		}
	close(fd);
}

/* --- netlink --------------------------------------------------------------------------- */

static union {
	char bytes[65536];
	struct nlmsghdr head;
} msg;

static void nl_begin(uint16_t type, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr *g = NLMSG_DATA(&msg.head);

	memset(&msg, 0, 256);
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

/* To the answer's end; an errno, or 0.  The first message stays in msg. */
static int nl_talk(int sock)
{
	if (send(sock, &msg, msg.head.nlmsg_len, 0) < 0)
		return errno;
	for (;;) {
		ssize_t len = recv(sock, &msg, sizeof(msg), 0);
		struct nlmsghdr *n = &msg.head;

		if (len < 0)
			return errno;
		for (; NLMSG_OK(n, (size_t)len); n = NLMSG_NEXT(n, len)) {
			struct nlmsgerr *e = NLMSG_DATA(n);

			if (n->nlmsg_type == NLMSG_ERROR)
				return -e->error;
			if (n->nlmsg_type == NLMSG_DONE)
				return 0;
			if (n->nlmsg_type == GENL_ID_CTRL)
				return 0;
		}
	}
}

static void family_of(int sock, uint16_t *family, uint32_t *group)
{
	static const char name[] = MMS_GENL_NAME;
	char *p, *end;

	*family = 0;
	*group = 0;
	nl_begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	nl_put(CTRL_ATTR_FAMILY_NAME, name, sizeof(name));
	if (nl_talk(sock))
		return;
	end = (char *)&msg + msg.head.nlmsg_len;
	for (p = (char *)NLMSG_DATA(&msg.head) + GENL_HDRLEN; p < end;
	     p += NLA_ALIGN(((struct nlattr *)p)->nla_len)) {
		struct nlattr *a = (void *)p, *g = (void *)(p + NLA_HDRLEN), *m;

		if (a->nla_type == CTRL_ATTR_FAMILY_ID)
			memcpy(family, p + NLA_HDRLEN, 2);
		if ((a->nla_type & NLA_TYPE_MASK) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		for (m = g + 1; (char *)m < (char *)g + g->nla_len;
		     m = (void *)((char *)m + NLA_ALIGN(m->nla_len)))
			if (m->nla_type == CTRL_ATTR_MCAST_GRP_ID)
				memcpy(group, m + 1, 4);
	}
}

static int nl_open(void)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	struct timeval patience = { .tv_sec = (time_t)(patience_ms / 1000) };
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (sock >= 0) {
		setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		bind(sock, (struct sockaddr *)&any, sizeof(any));
	}
	return sock;
}

static void one_walk(struct slot *me)
{
	int sock = nl_open(), err;
	uint32_t pid = (uint32_t)random_pid(), group;
	uint64_t start, end;
	uint16_t family;

	if (sock < 0)
		return;
	family_of(sock, &family, &group);
	if (family && rnd(8) == 0) {
		nl_begin(family, MMS_CMD_COLLECTOR_GET, NLM_F_DUMP);
		err = nl_talk(sock);
		ADD(sh->dumps, !err);
	} else if (family) {
		random_range((pid_t)pid, &start, &end);
		nl_begin(family, MMS_CMD_WALK, NLM_F_ACK);
		nl_put(MMS_A_WALK_PID, &pid, sizeof(pid));
		nl_put(MMS_A_WALK_ADDR, &start, sizeof(start));
		err = nl_talk(sock);
		ADD(sh->walks, !err);
	} else {
		err = ENOENT;
	}
	if (!err)
		me->done++;
	else if (expected(err) || err == ENOBUFS)
		ADD(sh->walk_refused, 1);
	else
		bad("netlink: %s", strerror(err));
	me->beat = now_ms();
	close(sock);
}

/* Joined for as long as the module stays. */
static void one_listen(struct slot *me)
{
	int sock = nl_open();
	uint64_t left = 2000 + rnd(4000);
	uint32_t group = 0;
	uint16_t family;
	struct pollfd p = { .fd = sock, .events = POLLIN };

	if (sock < 0)
		return;
	family_of(sock, &family, &group);
	if (group && !setsockopt(sock, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		for (left += now_ms(); now_ms() < left && !sh->over;) {
			if (poll(&p, 1, 100) > 0) {
				if (recv(sock, &msg, sizeof(msg), 0) > 0) {
					ADD(sh->events, 1);
					me->done++;
				} else if (errno == ENOBUFS) {
					ADD(sh->events_lost, 1);
				}
			}
			me->beat = now_ms();
		}
	else
		nap(50);
	me->beat = now_ms();
	close(sock);
}

/* --- the tool -------------------------------------------------------------------------- */

/* The tool with its stdout on a pipe; the pipe's end.  @tiny: of one page. */
static int tool_start(char **argv, bool tiny, pid_t *pid)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	if (tiny)
		fcntl(ends[1], F_SETPIPE_SZ, 4096);
	*pid = fork();
	if (!*pid) {
		int null = open("/dev/null", O_WRONLY);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_DFL);
		dup2(ends[1], STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	if (*pid < 0) {
		close(ends[0]);
		return -1;
	}
	return ends[0];
}

/* How it ended; a signal that nobody sent is bad. */
static int tool_end(char **argv, pid_t pid, bool cut)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status)) {
		if (WEXITSTATUS(status) > 1)
			bad("%s %s: exit status %d", argv[0], argv[1], WEXITSTATUS(status));
		return WEXITSTATUS(status);
	}
	if (!cut || (WTERMSIG(status) != SIGPIPE && WTERMSIG(status) != SIGKILL))
		bad("%s %s: died of signal %d", argv[0], argv[1], WTERMSIG(status));
	return -1;
}

/* Processor time of a process so far, ticks; it says nothing for minutes at times. */
static unsigned long cpu_time(pid_t pid)
{
	unsigned long user = 0, system = 0;
	char path[40], line[512] = "", *p;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (read(fd, line, sizeof(line) - 1) < 0)
			line[0] = '\0';
		close(fd);
	}
	p = strrchr(line, ')');
	if (p)
		sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
	return user + system;
}

/*
 * What it prints, to its end.  @cut_at: lose interest after so many bytes; set
 * to 0 if that did not come about.  It is killed when all must let go.
 */
static size_t tool_read(struct slot *me, int fd, pid_t pid, char *out, size_t max, bool slow,
			size_t *cut_at)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	unsigned long ticks = 0, t;
	size_t have = 0;
	ssize_t n;

	while (have < max) {
		if (sh->over || sh->pause > 1) {
			kill(pid, SIGKILL);
			*cut_at = 1;
			return have;
		}
		if (poll(&p, 1, 500) <= 0) {
			t = cpu_time(pid);
			if (t != ticks)
				me->beat = now_ms();
			ticks = t;
			continue;
		}
		n = read(fd, out + have, slow ? 1 + rnd(500) : max - have);
		if (n <= 0)
			break;
		have += (size_t)n;
		me->beat = now_ms();
		if (slow)
			nap(rnd(5));
		if (*cut_at && have > *cut_at)
			return have;
	}
	*cut_at = 0;
	return have;
}

static void one_tool(struct slot *me, char *out)
{
	char pid_text[16], addr[32], file[64];
	char *map[] = { "mmscope", "map", pid_text, NULL };
	char *json[] = { "mmscope", "map", "--json", pid_text, NULL };
	char *walk[] = { "mmscope", "walk", pid_text, addr, NULL };
	char *record[] = { "mmscope", "record", file, pid_text, NULL };
	char *oom[] = { "mmscope", "oom", NULL };
	char *status[] = { "mmscope", "status", NULL };
	char **all[] = { map, map, json, walk, record, oom, status }, **argv = all[rnd(7)];
	bool slow = rnd(3) == 0;
	size_t cut = slow && rnd(2) ? 1 + rnd(8000) : 0;
	uint64_t start, end;
	pid_t target = random_pid(), pid;
	int fd, rc;

	snprintf(pid_text, sizeof(pid_text), "%d", target > 0 ? target : 1);
	random_range(target, &start, &end);
	snprintf(addr, sizeof(addr), "%#" PRIx64, start);
	snprintf(file, sizeof(file), "/tmp/stressread.%d", getpid());
	unlink(file);
	fd = tool_start(argv, slow, &pid);
	if (fd < 0)
		return;
	tool_read(me, fd, pid, out, TOOL_OUT_MAX, slow, &cut);
	close(fd);
	rc = tool_end(argv, pid, cut);
	ADD(sh->tool_runs, 1);
	ADD(sh->tool_cut, rc < 0);
	ADD(sh->tool_refused, rc == 1);
	me->done += rc == 0;
	me->beat = now_ms();
	unlink(file);
}

static uint64_t json_number(const char *json, const char *key)
{
	char quoted[40];
	const char *p, *last = NULL;

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	for (p = json; (p = strstr(p, quoted)); p += strlen(quoted))
		last = p + strlen(quoted);
	return last ? strtoull(last, NULL, 10) : 0;
}

/* The sums come last in the tool's JSON. */
static void one_verify(struct slot *me, char *out)
{
	char pids[4][16];
	char *some[] = { "mmscope", "verify", "--json", pids[0], pids[1], pids[2], pids[3], NULL };
	char *all[] = { "mmscope", "verify", "--json", "--all", NULL };
	char **argv = rnd(6) ? some : all, *wrong, *at, *to;
	uint64_t disagreeing;
	size_t cut = 0, have;
	pid_t pid, target;
	int i, fd;

	for (i = 0; i < 4; i++) {
		target = random_pid();
		snprintf(pids[i], sizeof(pids[i]), "%d", target > 0 ? target : 1);
	}
	fd = tool_start(argv, false, &pid);
	if (fd < 0)
		return;
	have = tool_read(me, fd, pid, out, TOOL_OUT_MAX - 1, false, &cut);
	out[have] = '\0';
	close(fd);
	tool_end(argv, pid, cut);
	me->beat = now_ms();
	if (!strstr(out, "\"mismatch_count\":"))
		return;
	disagreeing = json_number(out, "mismatch_count");
	ADD(sh->verifies, 1);
	ADD(sh->processes, json_number(out, "processes"));
	ADD(sh->checked, json_number(out, "translations"));
	ADD(sh->moved, json_number(out, "moved"));
	ADD(sh->disagreeing, disagreeing);
	me->done += json_number(out, "translations") > 0;
	wrong = disagreeing ? strstr(out, "\"mismatches\":") : NULL;
	/* on one line */
	for (at = wrong, to = wrong; at && *at; at++)
		if (*at != '\n' && !(*at == ' ' && to > wrong && to[-1] == ' '))
			*to++ = *at;
	if (to)
		*to = '\0';
	if (disagreeing)
		bad("verify: %" PRIu64 " disagreeing: %.220s", disagreeing, wrong ? wrong : "");
}

/* --- who looks ------------------------------------------------------------------------- */

static void look(struct slot *me)
{
	unsigned char *record = malloc(STREAM_RECORD_MAX);
	char *out = malloc(TOOL_OUT_MAX);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (!record || !out)
		_exit(1);
	while (!sh->over) {
		me->beat = now_ms();
		if (sh->pause) {
			nap(10);
			continue;
		}
		me->busy = 1;
		switch (me->kind) {
		case K_WALK:
			one_walk(me);
			break;
		case K_LISTEN:
			one_listen(me);
			break;
		case K_TOOL:
			one_tool(me, out);
			break;
		case K_VERIFY:
			one_verify(me, out);
			break;
		default:
			one_file(me, record);
		}
		me->busy = 0;
	}
	_exit(0);
}

static void start(struct slot *s)
{
	pid_t pid;

	s->busy = 0;
	s->beat = now_ms();
	state += 0x9e3779b9U;
	if (!state)
		state = 1;
	while ((pid = fork()) < 0)
		nap(50);
	if (!pid)
		look(s);
	s->pid = pid;
}

static void add_slot(enum kind kind, int file)
{
	struct slot *s = &sh->slots[nslots];

	if (nslots == SLOTS_MAX)
		return;
	nslots++;
	s->kind = kind;
	s->file = file;
}

static void find_files(const char *dir, enum kind kind)
{
	struct dirent **names;
	int i, n = scandir(dir, &names, NULL, alphasort);

	for (i = 0; i < n; i++) {
		struct file_stats *f = &sh->files[sh->nfiles];

		if (names[i]->d_type == DT_REG && sh->nfiles < FILES_MAX &&
		    snprintf(f->path, sizeof(f->path), "%s/%s", dir, names[i]->d_name) <
		    (int)sizeof(f->path)) {
			f->kind = kind;
			add_slot(kind, (int)sh->nfiles);
			sh->nfiles++;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

/* --- what happens to them ---------------------------------------------------------------- */

static int load(void)
{
	int fd = open(module_file, O_RDONLY | O_CLOEXEC), ret = -1;

	if (fd >= 0)
		ret = (int)syscall(SYS_finit_module, fd, "", 0);
	if (fd >= 0)
		close(fd);
	return ret;
}

static int unload(void)
{
	return (int)syscall(SYS_delete_module, "mmscope", O_NONBLOCK);
}

static void reload(void)
{
	unsigned int tries;

	for (tries = 0; load(); tries++) {
		/* memory may be short under stress: that is said, and tried again */
		if (errno != ENOMEM || tries == 100) {
			bad("insmod: %s", strerror(errno));
			return;
		}
		nap(100);
	}
}

/* Not while somebody has a file open: then it must say so. */
static void rmmod_while_held(void)
{
	int fd = open(sh->files[rnd(sh->nfiles)].path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		if (errno != ENOMEM)
			bad("open for an rmmod: %s", strerror(errno));
		return;
	}
	busy_opens++;
	if (!unload()) {
		bad("rmmod succeeded while a file was open");
		reload();
	} else if (errno != EAGAIN && errno != EBUSY) {
		bad("rmmod while a file was open: %s", strerror(errno));
	}
	close(fd);
}

/* In the middle of all: busy, or it is away for a moment. */
static void rmmod_at_once(void)
{
	if (!unload()) {
		away++;
		nap(rnd(200));
		reload();
	} else if (errno == EAGAIN || errno == EBUSY) {
		busy_rmmods++;
	} else {
		bad("rmmod: %s", strerror(errno));
	}
}

/* Everybody lets go: it must go. */
static void rmmod_when_free(void)
{
	uint64_t begin = now_ms(), end = begin + patience_ms;
	unsigned int i;

	sh->pause = 1;
	for (i = 0; i < nslots && now_ms() < end;) {
		if (now_ms() > begin + patience_ms / 4)
			sh->pause = 2;
		if (sh->slots[i].busy && !sh->over)
			nap(10);
		else
			i++;
	}
	/* closing is not over when close() has returned to another CPU */
	while (unload()) {
		if ((errno != EAGAIN && errno != EBUSY) || now_ms() > end) {
			bad("rmmod with nobody looking: %s", strerror(errno));
			sh->pause = 0;
			return;
		}
		nap(20);
	}
	if (!access(DIR_MODULE, F_OK))
		bad("%s is there without the module", DIR_MODULE);
	reload();
	cycles++;
	sh->pause = 0;
}

static void kill_one(void)
{
	struct slot *s = &sh->slots[rnd(nslots)];

	kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		;
	kills++;
	start(s);
}

static void stop_one(void)
{
	struct slot *s = &sh->slots[rnd(nslots)];

	kill(s->pid, SIGSTOP);
	nap(200 + rnd(1500));
	s->beat = now_ms();
	kill(s->pid, SIGCONT);
	stops++;
}

static void print_file(const char *path)
{
	char buf[1024];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (fd >= 0)
		close(fd);
	if (n > 0)
		printf("# %s:\n%.*s\n", path, (int)n, buf);
}

/* One that makes no progress: where is it? */
static void watch(void)
{
	char path[64];
	unsigned int i;

	for (i = 0; i < nslots; i++) {
		struct slot *s = &sh->slots[i];

		if (now_ms() < s->beat + patience_ms)
			continue;
		bad("hang: a reader (%s, PID %d) made no progress for %" PRIu64 " s",
		    s->kind <= K_TEXT && s->file >= 0 ? sh->files[s->file].path : "any",
		    s->pid, patience_ms / 1000);
		snprintf(path, sizeof(path), "/proc/%d/stack", s->pid);
		print_file(path);
		s->beat = now_ms();
		kill_one();
	}
}

static void disturb(bool want_cycles)
{
	switch (rnd(8)) {
	case 0:
	case 1:
	case 2:
		kill_one();
		break;
	case 3:
	case 4:
		stop_one();
		break;
	case 5:
		if (want_cycles)
			rmmod_while_held();
		break;
	case 6:
		if (want_cycles)
			rmmod_at_once();
		break;
	case 7:
		if (want_cycles && rnd(2))
			rmmod_when_free();
		break;
	}
}

/* On a busy machine chance may have left something out: a test that nobody took. */
static void make_up(bool want_cycles)
{
	uint64_t end = now_ms() + patience_ms;
	unsigned int i;

	for (i = 0; i < nslots && now_ms() < end && !sh->over;)
		if (sh->slots[i].done)
			i++;
		else
			nap(100);
	if (want_cycles && !busy_opens)
		rmmod_while_held();
	if (want_cycles && !cycles)
		rmmod_when_free();
}

static void finish(void)
{
	uint64_t end = now_ms() + patience_ms;
	unsigned int i;

	sh->over = 1;
	for (i = 0; i < nslots; i++) {
		while (waitpid(sh->slots[i].pid, NULL, WNOHANG) == 0) {
			if (now_ms() > end) {
				bad("hang: PID %d does not end", sh->slots[i].pid);
				kill(sh->slots[i].pid, SIGKILL);
				break;
			}
			nap(20);
		}
	}
}

static void report(bool want_cycles)
{
	static const char *const kinds[] = { "stream", "text", "walk", "listen", "tool", "verify" };
	unsigned int i;

	for (i = 0; i < sh->nfiles; i++) {
		const struct file_stats *f = &sh->files[i];

		printf("file %s streams=%" PRIu64 " records=%" PRIu64 " torn=%" PRIu64
		       " exited=%" PRIu64 " refused=%" PRIu64 " errors=%" PRIu64
		       " bytes=%" PRIu64 " hold_max_ns=%" PRIu64 "\n",
		       f->path + sizeof(DIR_MODULE), f->streams, f->records, f->torn, f->exited,
		       f->refused, f->errors, f->bytes, f->hold_max_ns);
	}
	printf("netlink all walks=%" PRIu64 " dumps=%" PRIu64 " refused=%" PRIu64
	       " events=%" PRIu64 " events_lost=%" PRIu64 "\n",
	       sh->walks, sh->dumps, sh->walk_refused, sh->events, sh->events_lost);
	printf("tool all runs=%" PRIu64 " refused=%" PRIu64 " cut=%" PRIu64 "\n",
	       sh->tool_runs, sh->tool_refused, sh->tool_cut);
	printf("verify all runs=%" PRIu64 " processes=%" PRIu64 " checked=%" PRIu64
	       " moved=%" PRIu64 " disagreeing=%" PRIu64 "\n",
	       sh->verifies, sh->processes, sh->checked, sh->moved, sh->disagreeing);
	printf("readers all processes=%u killed=%" PRIu64 " stopped=%" PRIu64 "\n", nslots,
	       kills, stops);
	printf("module all cycles=%" PRIu64 " away=%" PRIu64 " busy=%" PRIu64
	       " busy_while_open=%" PRIu64 "\n", cycles, away, busy_rmmods, busy_opens);
	for (i = 0; i < nslots; i++)
		if (!sh->slots[i].done)
			bad("reader %u (%s %s) never came to an end", i, kinds[sh->slots[i].kind],
			    sh->slots[i].kind <= K_TEXT && sh->slots[i].file >= 0 ?
			    sh->files[sh->slots[i].file].path : "");
	if (want_cycles && !cycles)
		bad("the module was never unloaded with nobody looking");
	for (i = 0; i < BAD_MAX && i < sh->nbad; i++)
		printf("bad: %s\n", sh->bad[i]);
	if (sh->nbad > i)
		printf("bad: and %" PRIu64 " more\n", sh->nbad - i);
}

static void say_progress(uint64_t left)
{
	uint64_t streams = 0, records = 0;
	unsigned int i;

	for (i = 0; i < sh->nfiles; i++) {
		streams += sh->files[i].streams;
		records += sh->files[i].records;
	}
	fprintf(stderr, "%" PRIu64 " s left: %" PRIu64 " streams, %" PRIu64 " records, %" PRIu64
		" translations verified, %" PRIu64 " bad\n", left / 1000, streams, records,
		sh->checked, sh->nbad);
}

static void on_term(int sig)
{
	(void)sig;
	sh->over = 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'r' },
		{ "readers", required_argument, NULL, 'n' },
		{ "patience", required_argument, NULL, 'w' },
		{ "module", required_argument, NULL, 'm' },
		{ "no-cycles", no_argument, NULL, 'c' },
		{ "progress", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	bool want_cycles = true, progress = false;
	unsigned int readers = 4, i;
	uint64_t end, seconds = 30, said;
	int opt;

	state = 1;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 's')
			seconds = strtoull(optarg, NULL, 10);
		else if (opt == 'r')
			state = (uint32_t)strtoul(optarg, NULL, 10) | 1;
		else if (opt == 'n')
			readers = (unsigned int)strtoul(optarg, NULL, 10);
		else if (opt == 'w')
			patience_ms = strtoull(optarg, NULL, 10) * 1000;
		else if (opt == 'm')
			module_file = optarg;
		else if (opt == 'c')
			want_cycles = false;
		else if (opt == 'p')
			progress = true;
		else
			return 2;
	}
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sh == MAP_FAILED)
		return 2;
	find_files(DIR_MODULE, K_TEXT);
	find_files(DIR_MODULE "/stream", K_STREAM);
	if (!sh->nfiles) {
		fprintf(stderr, "stressread: no files in " DIR_MODULE "\n");
		return 2;
	}
	known_find(&known, DIR_MODULE "/stream");
	add_slot(K_WALK, -1);
	add_slot(K_LISTEN, -1);
	add_slot(K_TOOL, -1);
	add_slot(K_VERIFY, -1);
	for (i = 0; i < readers; i++)
		add_slot(K_STREAM, -1);
	/* as stressload, and for the same reason */
	setpriority(PRIO_PROCESS, 0, 19);
	signal(SIGTERM, on_term);
	for (i = 0; i < nslots; i++)
		start(&sh->slots[i]);
	said = now_ms();
	end = said + seconds * 1000;
	while (now_ms() < end && !sh->over) {
		nap(200 + rnd(1000));
		disturb(want_cycles);
		watch();
		if (progress && now_ms() > said + 10000) {
			said = now_ms();
			say_progress(end > said ? end - said : 0);
		}
	}
	make_up(want_cycles);
	finish();
	report(want_cycles);
	return sh->nbad ? 1 : 0;
}
