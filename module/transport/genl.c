// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: requests with small answers, capabilities, events.
 * Locks: none of its own.  May sleep.  Carries what emit.c produces.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/utsname.h>
#include <net/genetlink.h>
#include "../mmscope.h"

static struct genl_family family;

enum { GROUP_OBSERVE };

static const struct nla_policy walk_policy[MMS_A_WALK_MAX + 1] = {
	[MMS_A_WALK_PID] = { .type = NLA_U32 },
	[MMS_A_WALK_ADDR] = { .type = NLA_U64 },
};

/*
 * GENL_ADMIN_PERM asks for CAP_NET_ADMIN; memory asks for more.  Both the
 * socket's opener and the sender must have it: a socket handed to a privileged
 * program as its stderr must not speak with that program's rights.
 */
static int allowed(const struct sk_buff *skb)
{
	return netlink_capable(skb, CAP_SYS_ADMIN) ? mms_allowed() : -EPERM;
}

static int pre_doit(struct sk_buff *skb, struct genl_info *info)
{
	int ret = allowed(skb);

	if (ret)
		GENL_SET_ERR_MSG(info, "needs CAP_SYS_ADMIN in the initial user namespace, and no lockdown=confidentiality");
	return ret;
}

static int do_info(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;
	int ret = pre_doit(skb, info);

	if (ret)
		return ret;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &family, 0, MMS_CMD_INFO_GET);
	if (!hdr ||
	    nla_put_u32(msg, MMS_A_INFO_ABI, MMS_ABI_VERSION) ||
	    nla_put_string(msg, MMS_A_INFO_VERSION, MMS_VERSION) ||
	    nla_put_string(msg, MMS_A_INFO_RELEASE, init_utsname()->release) ||
	    nla_put_u32(msg, MMS_A_INFO_ARCH, mms_arch_id()) ||
	    nla_put_u32(msg, MMS_A_INFO_PAGE_SHIFT, PAGE_SHIFT)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static int put_collector(struct sk_buff *skb, struct netlink_callback *cb, unsigned int i)
{
	const struct mms_collector *c = mms_registry_get(i);
	const struct mms_cap *cap = mms_registry_cap(c);
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&family, NLM_F_MULTI, MMS_CMD_COLLECTOR_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(skb, MMS_A_COLL_KIND, c->kind) ||
	    nla_put_string(skb, MMS_A_COLL_NAME, c->name) ||
	    nla_put_u32(skb, MMS_A_COLL_STATE, cap->state) ||
	    nla_put_string(skb, MMS_A_COLL_REASON, cap->reason)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* The dump cursor: cb->args[0] = first collector not sent yet. */
static int dump_collectors(struct sk_buff *skb, struct netlink_callback *cb)
{
	unsigned int i = cb->args[0];

	if (allowed(cb->skb))
		return -EPERM;
	for (; i < mms_registry_count(); i++)
		if (put_collector(skb, cb, i))
			break;
	cb->args[0] = i;
	return skb->len;
}

static int put_step(struct sk_buff *msg, const struct mms_pt_table *t, u64 addr)
{
	unsigned int index = mms_arch_index(addr, t->level);
	const u64 *e = (const u64 *)(t + 1);
	u64 raw = index >= t->index && index < t->index + t->count ?
		  e[index - t->index] : 0;
	struct nlattr *nest = nla_nest_start(msg, MMS_A_WALK_STEP);

	if (!nest ||
	    nla_put_u32(msg, MMS_A_STEP_LEVEL, t->level) ||
	    nla_put_u32(msg, MMS_A_STEP_INDEX, index) ||
	    nla_put_u64_64bit(msg, MMS_A_STEP_ENTRY_PA, t->table_pa + index * sizeof(mms_entry_t),
			      MMS_A_STEP_PAD) ||
	    nla_put_u64_64bit(msg, MMS_A_STEP_RAW, raw, MMS_A_STEP_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_record(struct sk_buff *msg, const struct mms_record *rec, u64 addr)
{
	switch (rec->type) {
	case MMS_REC_PT_CONTEXT:
		return nla_put(msg, MMS_A_WALK_CONTEXT, rec->size, rec);
	case MMS_REC_PT_TABLE:
		return put_step(msg, (const struct mms_pt_table *)rec, addr);
	case MMS_REC_PT_EXTENT:
		return nla_put(msg, MMS_A_WALK_EXTENT, rec->size, rec);
	case MMS_REC_PT_HOLE:
		return nla_put(msg, MMS_A_WALK_HOLE, rec->size, rec);
	}
	return 0;
}

/* The records of a one-page query of the page-table collector, as attributes. */
static int put_walk(struct sk_buff *msg, struct mms_query *q, struct mms_sink *s, u64 addr)
{
	size_t pos;
	int ret;

	while (q->phase != MMS_PHASE_DONE) {
		bool header = q->phase == MMS_PHASE_HEADER;

		s->used = 0;
		ret = mms_query_fill(q, s);
		if (ret)
			return ret == -ERESTARTSYS ? -EINTR : ret;
		for (pos = 0; !header && pos < s->used;
		     pos += ((struct mms_record *)(s->buf + pos))->size) {
			ret = put_record(msg, (struct mms_record *)(s->buf + pos), addr);
			if (ret)
				return ret;
		}
	}
	return q->stats.end == MMS_END_EXITED ? -ENODATA : 0;
}

static int walk_error(struct genl_info *info, int ret)
{
	switch (ret) {
	case -ESRCH:
		GENL_SET_ERR_MSG(info, "no such process");
		break;
	case -ENXIO:
		GENL_SET_ERR_MSG(info, "a kernel thread has no user address space");
		break;
	case -ENODATA:
		GENL_SET_ERR_MSG(info, "the process has exited and has no memory any more");
		break;
	case -EINVAL:
		GENL_SET_ERR_MSG(info, "the address is not one that a mapping can have");
		break;
	case -EOPNOTSUPP:
		GENL_SET_ERR_MSG(info, "page tables are not available on this kernel: see status");
		break;
	}
	return ret;
}

static int reply_walk(struct genl_info *info, struct mms_query *q, struct mms_sink *s, u64 addr)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *hdr;
	int ret;

	if (!msg)
		return -ENOMEM;
	ret = -EMSGSIZE;
	hdr = genlmsg_put_reply(msg, info, &family, 0, MMS_CMD_WALK);
	if (hdr && !nla_put_u32(msg, MMS_A_WALK_PID, q->req.pid) &&
	    !nla_put_u64_64bit(msg, MMS_A_WALK_ADDR, addr, MMS_A_WALK_PAD))
		ret = put_walk(msg, q, s, addr);
	if (ret) {
		nlmsg_free(msg);
		return walk_error(info, ret);
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static int do_walk(struct sk_buff *skb, struct genl_info *info)
{
	const struct mms_collector *coll = mms_registry_find(MMS_KIND_PGTABLE);
	struct mms_request req = { .size = sizeof(req), .flags = MMS_REQ_ALL };
	struct mms_sink s = { .size = coll->record_max };
	struct mms_query *q;
	int ret = pre_doit(skb, info);
	u64 addr;

	if (ret)
		return ret;
	if (!info->attrs[MMS_A_WALK_PID] || !info->attrs[MMS_A_WALK_ADDR]) {
		GENL_SET_ERR_MSG(info, "MMS_A_WALK_PID and MMS_A_WALK_ADDR are both needed");
		return -EINVAL;
	}
	addr = nla_get_u64(info->attrs[MMS_A_WALK_ADDR]);
	req.pid = nla_get_u32(info->attrs[MMS_A_WALK_PID]);
	req.start = addr & ~(u64)(PAGE_SIZE - 1);	/* PAGE_MASK may be of 32 bits */
	req.end = req.start + PAGE_SIZE;
	if (addr >= mms_arch_kernel_start())
		req.flags |= MMS_REQ_KERNEL;
	q = kzalloc(sizeof(*q), GFP_KERNEL);
	s.buf = kvmalloc(s.size, GFP_KERNEL);
	ret = q && s.buf ? 0 : -ENOMEM;
	if (!ret)
		ret = mms_query_open(q, coll, &req);
	if (ret) {
		walk_error(info, ret);
	} else {
		ret = reply_walk(info, q, &s, addr);
		mms_query_close(q);
	}
	kvfree(s.buf);
	kfree(q);
	return ret;
}

/**
 * mms_genl_notify() - tell group "observe" that a stream was read to its end
 * @q: the query
 *
 * Who looks at whom, and what it cost.  Nobody listening costs nothing.
 * Listeners who lose an event for lack of memory are told: recv() says ENOBUFS.
 */
#ifdef MMS_GENL_CLOSED
void mms_genl_notify(const struct mms_query *q)
{
	struct sk_buff *msg;
	void *hdr;

	if (!genl_has_listeners(&family, &init_net, GROUP_OBSERVE))
		return;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg) {
		genl_set_err(&family, &init_net, 0, GROUP_OBSERVE, -ENOBUFS);
		return;
	}
	hdr = genlmsg_put(msg, 0, 0, &family, 0, MMS_CMD_QUERY_NTF);
	if (!hdr ||
	    nla_put_u32(msg, MMS_A_QUERY_KIND, q->coll->kind) ||
	    nla_put_u32(msg, MMS_A_QUERY_PID, q->tgid) ||
	    nla_put_u32(msg, MMS_A_QUERY_OBSERVER, task_tgid_nr(current)) ||
	    nla_put_u64_64bit(msg, MMS_A_QUERY_RECORDS, q->stats.records, MMS_A_QUERY_PAD) ||
	    nla_put_u64_64bit(msg, MMS_A_QUERY_HOLD_MAX_NS, q->stats.hold_max_ns,
			      MMS_A_QUERY_PAD)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast(&family, msg, 0, GROUP_OBSERVE, GFP_KERNEL);
}
#else
void mms_genl_notify(const struct mms_query *q)
{
}
#endif

/**
 * mms_genl_events() - are there events, or why not?
 */
const char *mms_genl_events(void)
{
#ifdef MMS_GENL_CLOSED
	return "ok";
#else
	return "not available: on this kernel anybody could listen";
#endif
}

static const struct genl_ops ops[] = {
	{
		.cmd = MMS_CMD_INFO_GET,
		.flags = GENL_ADMIN_PERM,
		.doit = do_info,
	},
	{
		.cmd = MMS_CMD_COLLECTOR_GET,
		.flags = GENL_ADMIN_PERM,
		.dumpit = dump_collectors,
	},
	{
		.cmd = MMS_CMD_WALK,
		.flags = GENL_ADMIN_PERM,
		.doit = do_walk,
		.policy = walk_policy,
		.maxattr = MMS_A_WALK_MAX,
	},
};

/* Who observes whom is nobody else's business. */
#ifdef MMS_GENL_CLOSED
static const struct genl_multicast_group groups[] = {
	[GROUP_OBSERVE] = { .name = MMS_GENL_GROUP_OBSERVE, MMS_GENL_CLOSED },
};
#endif

static struct genl_family family __ro_after_init = {
	.name = MMS_GENL_NAME,
	.version = MMS_GENL_VERSION,
	.module = THIS_MODULE,
	/* No state to protect, and a walk waits for somebody's mmap_lock: not
	 * under the mutex that all other families' requests need.  (Joining
	 * and leaving of families still waits for it.) */
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
#ifdef MMS_GENL_CLOSED
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
#endif
};

int mms_genl_init(void)
{
	return genl_register_family(&family);
}

void mms_genl_exit(void)
{
	genl_unregister_family(&family);
}
