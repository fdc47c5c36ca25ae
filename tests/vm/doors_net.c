// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink door with rights that change on the way.
 *
 * Usage: doors_net drop|gain|stay|join-root|join-nobody|join-netns
 *
 *	stay	 root asks on a socket that root opened: the control
 *	drop	 root opens the socket, then gives up its rights and asks
 *	gain	 nobody opens the socket and hands it to root, who asks
 *	join-root    root joins the group of events: the control
 *	join-nobody  nobody does
 *	join-netns   root of a new user and network namespace does, and listens to all such namespaces
 *
 * Asks for the walk of an address of its own. Prints "errno=N", or "answer=N"
 * with the bytes that came. join: "joined", then "event" or, after three seconds
 * without, "no event". Status 2 if it could not be tried.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/mmscope.h>

static union {
	char bytes[16384];
	struct nlmsghdr head;
} msg;
static uint16_t family;
static uint32_t group;

static void give_up(const char *what)
{
	fprintf(stderr, "doors_net: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int new_socket(void)
{
	const struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	/* a port: the kernel sends no events to sockets without one */
	if (fd < 0 || bind(fd, (const struct sockaddr *)&any, sizeof(any)))
		give_up("socket");
	return fd;
}

static void begin(uint16_t type, uint8_t cmd)
{
	struct genlmsghdr *g = NLMSG_DATA(&msg.head);

	memset(&msg, 0, 1024);
	msg.head.nlmsg_type = type;
	msg.head.nlmsg_flags = NLM_F_REQUEST;
	msg.head.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	g->cmd = cmd;
	g->version = 1;
}

static void put(uint16_t type, const void *data, uint16_t len)
{
	struct nlattr *a = (void *)(msg.bytes + NLMSG_ALIGN(msg.head.nlmsg_len));

	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memcpy((char *)a + NLA_HDRLEN, data, len);
	msg.head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(msg.head.nlmsg_len) + NLA_ALIGN(a->nla_len));
}

/* Bytes of the answer in msg, or -errno. */
static int talk(int fd)
{
	int error;
	ssize_t n;

	if (send(fd, &msg, msg.head.nlmsg_len, 0) < 0)
		return -errno;
	n = recv(fd, &msg, sizeof(msg), 0);
	if (n < 0)
		return -errno;
	if (msg.head.nlmsg_type != NLMSG_ERROR)
		return (int)n;
	memcpy(&error, NLMSG_DATA(&msg.head), sizeof(error));
	return error ? error : (int)n;
}

static struct nlattr *find(void *from, void *end, uint16_t type)
{
	struct nlattr *a = from;

	while ((char *)a + NLA_HDRLEN <= (char *)end && a->nla_len >= NLA_HDRLEN) {
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		a = (void *)((char *)a + NLA_ALIGN(a->nla_len));
	}
	return NULL;
}

static void find_family(void)
{
	static const char name[] = MMS_GENL_NAME;
	int fd = new_socket(), n;
	struct nlattr *a, *in;

	begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	put(CTRL_ATTR_FAMILY_NAME, name, sizeof(name));
	n = talk(fd);
	if (n < 0) {
		errno = -n;
		give_up("family");
	}
	a = find(msg.bytes + NLMSG_HDRLEN + GENL_HDRLEN, msg.bytes + n, CTRL_ATTR_FAMILY_ID);
	if (!a)
		give_up("family without a number");
	memcpy(&family, (char *)a + NLA_HDRLEN, 2);
	/* there is one group */
	a = find(msg.bytes + NLMSG_HDRLEN + GENL_HDRLEN, msg.bytes + n, CTRL_ATTR_MCAST_GROUPS);
	in = a ? (void *)((char *)a + 2 * NLA_HDRLEN) : NULL;
	in = a ? find(in, (char *)a + a->nla_len, CTRL_ATTR_MCAST_GRP_ID) : NULL;
	if (!in)
		give_up("family without a group");
	memcpy(&group, (char *)in + NLA_HDRLEN, 4);
	close(fd);
}

static void become_nobody(void)
{
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		give_up("setresuid");
}

/* A socket that nobody opened: the child's, by SCM_RIGHTS. */
static int socket_of_nobody(void)
{
	char data = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec v = { &data, 1 };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int pair[2], fd;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		give_up("socketpair");
	if (!fork()) {
		become_nobody();
		fd = new_socket();
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
		_exit(sendmsg(pair[1], &m, 0) != 1);
	}
	if (recvmsg(pair[0], &m, 0) != 1 || !CMSG_FIRSTHDR(&m))
		give_up("recvmsg");
	wait(NULL);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	return fd;
}

static int ask(int fd)
{
	uint32_t pid = (uint32_t)getpid();
	uint64_t addr = (uintptr_t)&msg;
	int n;

	begin(family, MMS_CMD_WALK);
	put(MMS_A_WALK_PID, &pid, sizeof(pid));
	put(MMS_A_WALK_ADDR, &addr, sizeof(addr));
	n = talk(fd);
	printf(n < 0 ? "errno=%d\n" : "answer=%d\n", abs(n));
	return n < 0;
}

static int join(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int on = 1;

	if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group))) {
		printf("errno=%d\n", errno);
		return 1;
	}
	setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, sizeof(on));
	puts("joined");
	fflush(stdout);
	puts(poll(&p, 1, 3000) == 1 ? "event" : "no event");
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";
	int fd;

	find_family();
	if (!strcmp(what, "stay"))
		return ask(new_socket());
	if (!strcmp(what, "gain"))
		return ask(socket_of_nobody());
	if (!strcmp(what, "drop")) {
		fd = new_socket();
		become_nobody();
		return ask(fd);
	}
	if (!strcmp(what, "join-root"))
		return join(new_socket());
	if (!strcmp(what, "join-nobody")) {
		become_nobody();
		return join(new_socket());
	}
	if (!strcmp(what, "join-netns")) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
			give_up("unshare");
		return join(new_socket());
	}
	return 2;
}
