// SPDX-License-Identifier: GPL-2.0
/* The module's generic netlink door, asked through libnl. */
#include "source/genl.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "util/text.h"

/**
 * struct mms_genl - see genl.h
 * @done: the answer is complete
 * @error: -errno that the kernel answered
 * @extack: its words for that, neutralised
 */
struct mms_genl {
	struct nl_sock *sk;
	struct nl_cb *cb;
	int family;
	bool done;
	int error;
	char extack[256];
};

static void take_extack(struct mms_genl *g, struct nlattr *attrs, int len)
{
	struct nlattr *a = len > 0 ? nla_find(attrs, len, NLMSGERR_ATTR_MSG) : NULL;
	char text[sizeof(g->extack)];

	if (!a)
		return;
	nla_strlcpy(text, a, sizeof(text));
	mms_neutral(text, g->extack, sizeof(g->extack));
}

/* The error number, the request's header (or all of it), then attributes. */
static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)(void *)e - 1;
	struct mms_genl *g = arg;
	size_t skip = sizeof(*e), len = (size_t)nlmsg_datalen(nlh);

	(void)from;
	g->error = e->error;
	g->done = true;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN((size_t)e->msg.nlmsg_len) - sizeof(e->msg);
	/* the length that it gives of the request is checked like any other */
	if (skip < len)
		take_extack(g, (struct nlattr *)(void *)((char *)e + skip), (int)(len - skip));
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct mms_genl *g = arg;

	(void)msg;
	g->done = true;
	return NL_STOP;
}

/* A dump that fails says so in its last message. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct mms_genl *g = arg;
	int n = nlmsg_datalen(nlh);

	g->done = true;
	if (n < (int)sizeof(int))
		return NL_STOP;
	memcpy(&g->error, nlmsg_data(nlh), sizeof(int));
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		take_extack(g, (struct nlattr *)(void *)((char *)nlmsg_data(nlh) + sizeof(int)),
			    n - (int)sizeof(int));
	return NL_STOP;
}

static int fail(struct mms_genl *g, const char *what, int code, struct mms_err *err)
{
	if (code == -EPERM || code == -EACCES)
		return mms_err_set(err, -EACCES, "the module refuses to %s: %s%s", what,
				   g->extack[0] ? g->extack : "not permitted",
				   geteuid() ? ": run as root" : "");
	/* What is asked is well-formed; the module means the address. */
	return mms_err_set(err, code == -EINVAL ? -ERANGE : code, "the module refuses to %s: %s", what,
			   g->extack[0] ? g->extack : strerror(-code));
}

/* Send @msg (freed here) and hand each answer to @fn. */
static int ask(struct mms_genl *g, struct nl_msg *msg, const char *what,
	       int (*fn)(struct nl_msg *msg, void *ctx), void *ctx, struct mms_err *err)
{
	int rc;

	g->done = false;
	g->error = 0;
	g->extack[0] = '\0';
	nl_cb_set(g->cb, NL_CB_VALID, NL_CB_CUSTOM, fn, ctx);
	rc = nl_send_auto(g->sk, msg);
	nlmsg_free(msg);
	while (rc >= 0 && !g->done)
		rc = nl_recvmsgs(g->sk, g->cb);
	if (g->error)
		return fail(g, what, g->error, err);
	if (rc < 0)
		return mms_err_set(err, -EIO, "asking the module to %s: %s", what, nl_geterror(rc));
	return 0;
}

static struct nl_msg *request(struct mms_genl *g, uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, g->family, 0, flags, cmd,
				MMS_GENL_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int no_memory(struct mms_err *err)
{
	return mms_err_set(err, -ENOMEM, "out of memory");
}

static void set_up(struct mms_genl *g)
{
	int one = 1, fd = nl_socket_get_fd(g->sk);

	/* Kernels without these answer with a number and no words. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	nl_cb_err(g->cb, NL_CB_CUSTOM, on_error, g);
	nl_cb_set(g->cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, g);
	nl_cb_set(g->cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, g);
}

static int connect_family(struct mms_genl *g, struct mms_err *err)
{
	int rc = genl_connect(g->sk);

	if (rc)
		return mms_err_set(err, -EIO, "generic netlink: %s", nl_geterror(rc));
	g->family = genl_ctrl_resolve(g->sk, MMS_GENL_NAME);
	if (g->family >= 0)
		return 0;
	if (!access("/sys/module/mmscope", F_OK))
		return mms_err_set(err, -EIO,
				   "the module is loaded, but its netlink family does not answer: %s",
				   nl_geterror(g->family));
	return mms_err_set(err, -ENOENT, "module not loaded (run: mmscope load)");
}

int mms_genl_open(struct mms_genl **out, struct mms_err *err)
{
	struct mms_genl *g = calloc(1, sizeof(*g));
	int rc;

	*out = NULL;
	if (!g)
		return no_memory(err);
	g->sk = nl_socket_alloc();
	g->cb = nl_cb_alloc(NL_CB_DEFAULT);
	rc = g->sk && g->cb ? connect_family(g, err) : no_memory(err);
	if (rc) {
		mms_genl_close(g);
		return rc;
	}
	set_up(g);
	*out = g;
	return 0;
}

void mms_genl_close(struct mms_genl *g)
{
	if (!g)
		return;
	if (g->cb)
		nl_cb_put(g->cb);
	if (g->sk)
		nl_socket_free(g->sk);
	free(g);
}

/* INFO_GET */

static int on_info(struct nl_msg *msg, void *ctx)
{
	struct nlattr *a[MMS_A_INFO_MAX + 1];
	struct mms_info *i = ctx;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, a, MMS_A_INFO_MAX, NULL) < 0)
		return NL_SKIP;
	if (a[MMS_A_INFO_ABI] && nla_len(a[MMS_A_INFO_ABI]) >= 4)
		i->abi = nla_get_u32(a[MMS_A_INFO_ABI]);
	if (a[MMS_A_INFO_ARCH] && nla_len(a[MMS_A_INFO_ARCH]) >= 4)
		i->arch = nla_get_u32(a[MMS_A_INFO_ARCH]);
	if (a[MMS_A_INFO_PAGE_SHIFT] && nla_len(a[MMS_A_INFO_PAGE_SHIFT]) >= 4)
		i->page_shift = nla_get_u32(a[MMS_A_INFO_PAGE_SHIFT]);
	if (a[MMS_A_INFO_VERSION])
		nla_strlcpy(i->version, a[MMS_A_INFO_VERSION], sizeof(i->version));
	if (a[MMS_A_INFO_RELEASE])
		nla_strlcpy(i->release, a[MMS_A_INFO_RELEASE], sizeof(i->release));
	return NL_OK;
}

int mms_genl_info(struct mms_genl *g, struct mms_info *info, struct mms_err *err)
{
	struct nl_msg *msg = request(g, MMS_CMD_INFO_GET, 0);
	int rc;

	memset(info, 0, sizeof(*info));
	if (!msg)
		return no_memory(err);
	rc = ask(g, msg, "tell its version", on_info, info, err);
	if (!rc && !info->abi)
		return mms_err_set(err, -EPROTO, "the module does not tell its ABI: rebuild or load the matching one");
	return rc;
}

int mms_check_abi(const struct mms_info *info, struct mms_err *err)
{
	if (info->abi == MMS_ABI_VERSION)
		return 0;
	return mms_err_set(err, -EPROTONOSUPPORT,
			   "module speaks ABI %u, this tool %u: rebuild or load the matching one",
			   info->abi, MMS_ABI_VERSION);
}

/* COLLECTOR_GET */

struct collect {
	int (*fn)(void *ctx, const struct mms_collector_info *c);
	void *ctx;
	int rc;
};

static int on_collector(struct nl_msg *msg, void *ctx)
{
	struct nlattr *a[MMS_A_COLL_MAX + 1];
	struct mms_collector_info c = { 0 };
	struct collect *to = ctx;

	if (to->rc || genlmsg_parse(nlmsg_hdr(msg), 0, a, MMS_A_COLL_MAX, NULL) < 0)
		return NL_SKIP;
	if (a[MMS_A_COLL_KIND] && nla_len(a[MMS_A_COLL_KIND]) >= 4)
		c.kind = nla_get_u32(a[MMS_A_COLL_KIND]);
	if (a[MMS_A_COLL_STATE] && nla_len(a[MMS_A_COLL_STATE]) >= 4)
		c.state = nla_get_u32(a[MMS_A_COLL_STATE]);
	if (a[MMS_A_COLL_NAME])
		nla_strlcpy(c.name, a[MMS_A_COLL_NAME], sizeof(c.name));
	if (a[MMS_A_COLL_REASON])
		nla_strlcpy(c.reason, a[MMS_A_COLL_REASON], sizeof(c.reason));
	to->rc = to->fn(to->ctx, &c);
	return NL_OK;
}

int mms_genl_collectors(struct mms_genl *g,
			int (*fn)(void *ctx, const struct mms_collector_info *c),
			void *ctx, struct mms_err *err)
{
	struct collect to = { .fn = fn, .ctx = ctx };
	struct nl_msg *msg = request(g, MMS_CMD_COLLECTOR_GET, NLM_F_DUMP);
	int rc;

	if (!msg)
		return no_memory(err);
	rc = ask(g, msg, "list its collectors", on_collector, &to, err);
	return rc ? rc : to.rc;
}

const char *mms_cap_state_name(uint32_t state)
{
	static const char *const names[] = {
		[MMS_CAP_UNKNOWN] = "unknown",
		[MMS_CAP_OK] = "ok",
		[MMS_CAP_PARTIAL] = "partial",
		[MMS_CAP_NO_SYMBOL] = "no symbol",
		[MMS_CAP_NO_BTF] = "no BTF",
		[MMS_CAP_MEMBER_MISSING] = "member missing",
		[MMS_CAP_SANITY_FAILED] = "sanity failed",
		[MMS_CAP_COMPILED_OUT] = "compiled out",
	};

	return state < sizeof(names) / sizeof(*names) ? names[state] : names[MMS_CAP_UNKNOWN];
}

/* WALK */

/* As in a stream: min(its size, ours), the rest zero. */
static void take_struct(void *out, size_t size, struct nlattr *a)
{
	size_t n = (size_t)nla_len(a);

	memset(out, 0, size);
	memcpy(out, nla_data(a), n < size ? n : size);
}

static void take_step(struct mms_walk *w, struct nlattr *nest)
{
	struct nlattr *a[MMS_A_STEP_MAX + 1];
	struct mms_walk_step *s = &w->steps[w->nsteps];

	if (w->nsteps == sizeof(w->steps) / sizeof(w->steps[0]) ||
	    nla_parse_nested(a, MMS_A_STEP_MAX, nest, NULL) < 0)
		return;
	if (!a[MMS_A_STEP_LEVEL] || nla_len(a[MMS_A_STEP_LEVEL]) < 4 ||
	    !a[MMS_A_STEP_INDEX] || nla_len(a[MMS_A_STEP_INDEX]) < 4 ||
	    !a[MMS_A_STEP_ENTRY_PA] || nla_len(a[MMS_A_STEP_ENTRY_PA]) < 8 ||
	    !a[MMS_A_STEP_RAW] || nla_len(a[MMS_A_STEP_RAW]) < 8)
		return;
	s->level = nla_get_u32(a[MMS_A_STEP_LEVEL]);
	s->index = nla_get_u32(a[MMS_A_STEP_INDEX]);
	s->entry_pa = nla_get_u64(a[MMS_A_STEP_ENTRY_PA]);
	s->raw = nla_get_u64(a[MMS_A_STEP_RAW]);
	w->nsteps++;
}

/**
 * struct walk_answer - what came, to be checked when all is read
 */
struct walk_answer {
	struct mms_walk *walk;
	bool has_context;
	bool has_hole;
};

static int on_walk(struct nl_msg *msg, void *ctx)
{
	struct genlmsghdr *gh = nlmsg_data(nlmsg_hdr(msg));
	struct walk_answer *w = ctx;
	struct nlattr *a;
	int left;

	nla_for_each_attr(a, genlmsg_attrdata(gh, 0), genlmsg_attrlen(gh, 0), left) {
		switch (nla_type(a)) {
		case MMS_A_WALK_CONTEXT:
			take_struct(&w->walk->context, sizeof(w->walk->context), a);
			w->has_context = true;
			break;
		case MMS_A_WALK_STEP:
			take_step(w->walk, a);
			break;
		case MMS_A_WALK_EXTENT:
			take_struct(&w->walk->extent, sizeof(w->walk->extent), a);
			w->walk->has_extent = true;
			break;
		case MMS_A_WALK_HOLE:
			take_struct(&w->walk->hole, sizeof(w->walk->hole), a);
			w->has_hole = true;
			break;
		}
	}
	return NL_OK;
}

int mms_genl_walk(struct mms_genl *g, uint32_t pid, uint64_t addr,
		  struct mms_walk *out, struct mms_err *err)
{
	struct walk_answer w = { .walk = out };
	struct nl_msg *msg = request(g, MMS_CMD_WALK, 0);
	int rc;

	memset(out, 0, sizeof(*out));
	out->pid = pid;
	out->addr = addr;
	if (!msg)
		return no_memory(err);
	if (nla_put_u32(msg, MMS_A_WALK_PID, pid) || nla_put_u64(msg, MMS_A_WALK_ADDR, addr)) {
		nlmsg_free(msg);
		return no_memory(err);
	}
	rc = ask(g, msg, "walk", on_walk, &w, err);
	if (!rc && (!w.has_context || w.has_hole == out->has_extent))
		return mms_err_set(err, -EPROTO,
				   "the module's answer to a walk is incomplete: rebuild or load the matching one");
	return rc;
}
