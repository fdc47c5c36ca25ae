// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink door, spoken to without libnl.
 *
 * Usage: genltalk info | collectors | walk [PID [ADDR]] | short | unknown | listen
 *
 * An answer is lines "key=value"; an error "errno=N text=..." and status 1.
 * short: WALK with a PID of two bytes; unknown: a command that is not.
 * listen: joins "observe", prints "ready=1", then each event on a line.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/mmscope.h>

#define DATA(a)		((void *)((char *)(a) + NLA_HDRLEN))
#define KIND(a)		((a)->nla_type & NLA_TYPE_MASK)
#define EACH(a, p, end) \
	for (struct nlattr *a = (void *)(p); (char *)a + NLA_HDRLEN <= (char *)(end) && \
	     a->nla_len >= NLA_HDRLEN; a = (void *)((char *)a + NLA_ALIGN(a->nla_len)))

static union {
	char bytes[32768];
	struct nlmsghdr head;
} msg;
static uint16_t family;
static uint32_t group;
static int sock;

static uint32_t u32(const struct nlattr *a)
{
	uint32_t v;

	memcpy(&v, DATA(a), 4);
	return v;
}

static uint64_t u64(const struct nlattr *a)
{
	uint64_t v;

	memcpy(&v, DATA(a), 8);
	return v;
}

static void begin(uint16_t type, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr *g = NLMSG_DATA(&msg.head);

	memset(&msg, 0, 1024);
	msg.head.nlmsg_type = type;
	msg.head.nlmsg_flags = NLM_F_REQUEST | flags;
	msg.head.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	g->cmd = cmd;
	g->version = 1;
}

static void put(uint16_t type, const void *data, uint16_t len)
{
	struct nlattr *a = (void *)(msg.bytes + NLMSG_ALIGN(msg.head.nlmsg_len));

	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memcpy(DATA(a), data, len);
	msg.head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(msg.head.nlmsg_len) + NLA_ALIGN(a->nla_len));
}

static void on_family(struct nlattr *first, void *end)
{
	EACH(a, first, end) {
		if (KIND(a) == CTRL_ATTR_FAMILY_ID)
			memcpy(&family, DATA(a), 2);
		if (KIND(a) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		EACH(g, DATA(a), (char *)a + a->nla_len) {
			int ours = 0;
			uint32_t id = 0;

			EACH(m, DATA(g), (char *)g + g->nla_len) {
				if (KIND(m) == CTRL_ATTR_MCAST_GRP_NAME)
					ours = !strcmp(DATA(m), MMS_GENL_GROUP_OBSERVE);
				if (KIND(m) == CTRL_ATTR_MCAST_GRP_ID)
					id = u32(m);
			}
			if (ours)
				group = id;
		}
	}
}

static void on_info(struct nlattr *first, void *end)
{
	EACH(a, first, end) {
		if (KIND(a) == MMS_A_INFO_ABI)
			printf("abi=%u\n", u32(a));
		if (KIND(a) == MMS_A_INFO_VERSION)
			printf("version=%s\n", (char *)DATA(a));
		if (KIND(a) == MMS_A_INFO_RELEASE)
			printf("release=%s\n", (char *)DATA(a));
		if (KIND(a) == MMS_A_INFO_ARCH)
			printf("arch=%u\n", u32(a));
		if (KIND(a) == MMS_A_INFO_PAGE_SHIFT)
			printf("page_shift=%u\n", u32(a));
	}
}

static void on_collector(struct nlattr *first, void *end)
{
	EACH(a, first, end) {
		if (KIND(a) == MMS_A_COLL_NAME)
			printf("name=%s ", (char *)DATA(a));
		if (KIND(a) == MMS_A_COLL_KIND)
			printf("kind=%u ", u32(a));
		if (KIND(a) == MMS_A_COLL_STATE)
			printf("state=%u ", u32(a));
	}
	putchar('\n');
}

static void on_step(struct nlattr *step)
{
	EACH(a, DATA(step), (char *)step + step->nla_len) {
		if (KIND(a) == MMS_A_STEP_LEVEL)
			printf("step level=%u", u32(a));
		if (KIND(a) == MMS_A_STEP_INDEX)
			printf(" index=%u", u32(a));
		if (KIND(a) == MMS_A_STEP_ENTRY_PA)
			printf(" entry_pa=%#" PRIx64, u64(a));
		if (KIND(a) == MMS_A_STEP_RAW)
			printf(" raw=%" PRIx64, u64(a));
	}
	putchar('\n');
}

static void on_walk(struct nlattr *first, void *end)
{
	struct mms_pt_context c;
	struct mms_pt_extent e;
	struct mms_pt_hole h;

	EACH(a, first, end) {
		switch (KIND(a)) {
		case MMS_A_WALK_PID:
			printf("pid=%u\n", u32(a));
			break;
		case MMS_A_WALK_ADDR:
			printf("addr=%#" PRIx64 "\n", u64(a));
			break;
		case MMS_A_WALK_CONTEXT:
			memcpy(&c, DATA(a), sizeof(c));
			printf("root_pa=%#" PRIx64 " levels=%u\n", (uint64_t)c.root_pa, c.levels);
			break;
		case MMS_A_WALK_STEP:
			on_step(a);
			break;
		case MMS_A_WALK_EXTENT:
			memcpy(&e, DATA(a), sizeof(e));
			printf("extent state=%u pa=%#" PRIx64 " raw=%" PRIx64 " level=%u\n",
			       e.state, (uint64_t)e.pa, (uint64_t)e.raw, e.level);
			break;
		case MMS_A_WALK_HOLE:
			memcpy(&h, DATA(a), sizeof(h));
			printf("hole level=%u in_vma=%u\n", h.level, h.in_vma);
			break;
		}
	}
}

static void on_event(struct nlattr *first, void *end)
{
	EACH(a, first, end) {
		if (KIND(a) == MMS_A_QUERY_KIND)
			printf("kind=%u ", u32(a));
		if (KIND(a) == MMS_A_QUERY_PID)
			printf("pid=%u ", u32(a));
		if (KIND(a) == MMS_A_QUERY_OBSERVER)
			printf("observer=%u ", u32(a));
		if (KIND(a) == MMS_A_QUERY_RECORDS)
			printf("records=%" PRIu64 " ", u64(a));
		if (KIND(a) == MMS_A_QUERY_HOLD_MAX_NS)
			printf("hold_max_ns=%" PRIu64, u64(a));
	}
	putchar('\n');
	fflush(stdout);
}

static void on_data(const struct nlmsghdr *n)
{
	struct genlmsghdr *g = NLMSG_DATA(n);
	void *first = (char *)g + GENL_HDRLEN, *end = (char *)n + n->nlmsg_len;

	if (n->nlmsg_type == GENL_ID_CTRL)
		on_family(first, end);
	else if (g->cmd == MMS_CMD_INFO_GET)
		on_info(first, end);
	else if (g->cmd == MMS_CMD_COLLECTOR_GET)
		on_collector(first, end);
	else if (g->cmd == MMS_CMD_WALK)
		on_walk(first, end);
	else if (g->cmd == MMS_CMD_QUERY_NTF)
		on_event(first, end);
}

static int on_error(struct nlmsghdr *n)
{
	struct nlmsgerr *e = NLMSG_DATA(n);
	size_t skip = sizeof(*e);

	if (!e->error)
		return 0;
	if (!(n->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	printf("errno=%d text=", -e->error);
	if (n->nlmsg_flags & NLM_F_ACK_TLVS)
		EACH(a, (char *)e + NLMSG_ALIGN(skip), (char *)n + n->nlmsg_len)
			if (KIND(a) == NLMSGERR_ATTR_MSG)
				printf("%s", (char *)DATA(a));
	putchar('\n');
	return 1;
}

/* Until the answer's end; 0, or 1 after an error. */
static int receive(void)
{
	for (;;) {
		ssize_t len = recv(sock, &msg, sizeof(msg), 0);
		struct nlmsghdr *n = &msg.head;

		if (len <= 0) {
			perror("genltalk: recv");
			return 1;
		}
		for (; NLMSG_OK(n, (size_t)len); n = NLMSG_NEXT(n, len)) {
			if (n->nlmsg_type == NLMSG_DONE)
				return 0;
			if (n->nlmsg_type == NLMSG_ERROR)
				return on_error(n);
			on_data(n);
		}
	}
}

static int talk(void)
{
	if (send(sock, &msg, msg.head.nlmsg_len, 0) < 0) {
		perror("genltalk: send");
		return 1;
	}
	return receive();
}

static int walk(int argc, char **argv)
{
	uint32_t pid;
	uint64_t addr;

	begin(family, MMS_CMD_WALK, NLM_F_ACK);
	if (argc > 2) {
		pid = (uint32_t)strtoul(argv[2], NULL, 10);
		put(MMS_A_WALK_PID, &pid, 4);
	}
	if (argc > 3) {
		addr = strtoull(argv[3], NULL, 16);
		put(MMS_A_WALK_ADDR, &addr, 8);
	}
	return talk();
}

static int listen_for_events(void)
{
	if (setsockopt(sock, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group))) {
		printf("errno=%d text=join\n", errno);
		return 1;
	}
	puts("ready=1");
	fflush(stdout);
	return receive();
}

int main(int argc, char **argv)
{
	static const char name[] = MMS_GENL_NAME;
	const char *what = argc > 1 ? argv[1] : "";
	int on = 1;

	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (sock < 0)
		return 2;
	setsockopt(sock, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	put(CTRL_ATTR_FAMILY_NAME, name, sizeof(name));
	if (talk())
		return 1;
	if (!strcmp(what, "listen"))
		return listen_for_events();
	if (!strcmp(what, "walk"))
		return walk(argc, argv);
	if (!strcmp(what, "short")) {
		begin(family, MMS_CMD_WALK, NLM_F_ACK);
		put(MMS_A_WALK_PID, "\1", 2);
	} else if (!strcmp(what, "unknown")) {
		begin(family, 99, NLM_F_ACK);
	} else if (!strcmp(what, "info")) {
		begin(family, MMS_CMD_INFO_GET, NLM_F_ACK);
	} else if (!strcmp(what, "collectors")) {
		begin(family, MMS_CMD_COLLECTOR_GET, NLM_F_DUMP);
	} else {
		return 2;
	}
	return talk();
}
