// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: netlink answers as libnl hands them out, and errors with their words.
 *
 * The input: one byte that says what was asked, then a message's payload.
 */
#include <errno.h>
#include "fuzz.h"
/* Its static callbacks: the socket cannot be had without a kernel that lies. */
#include "../../userspace/source/genl.c"

struct put {
	uint8_t *to;
	size_t len;
	size_t max;
};

static size_t attr(struct put *p, unsigned int type, const void *data, size_t n)
{
	struct nlattr a = { .nla_len = (uint16_t)(NLA_HDRLEN + n), .nla_type = (uint16_t)type };
	size_t at = p->len;

	if (p->len + NLA_ALIGN(NLA_HDRLEN + n) > p->max)
		return at;
	memset(p->to + p->len, 0, NLA_ALIGN(NLA_HDRLEN + n));
	memcpy(p->to + p->len, &a, sizeof(a));
	memcpy(p->to + p->len + NLA_HDRLEN, data, n);
	p->len += NLA_ALIGN(NLA_HDRLEN + n);
	return at;
}

static void attr_u32(struct put *p, unsigned int type, uint32_t v)
{
	attr(p, type, &v, 4);
}

static void attr_u64(struct put *p, unsigned int type, uint64_t v)
{
	attr(p, type, &v, 8);
}

static void put_walk(struct rng *r, struct put *p)
{
	struct mms_pt_context c = { .head = { sizeof(c), MMS_REC_PT_CONTEXT, 0 }, .levels = 4 };
	struct mms_pt_extent x = {
		.head = { sizeof(x), MMS_REC_PT_EXTENT, 0 }, .va = 0x5000, .len = 0x1000, .state = MMS_PT_PRESENT,
		.level = 1, .page_shift = 12,
	};
	struct mms_pt_hole h = { .head = { sizeof(h), MMS_REC_PT_HOLE, 0 }, .len = 0x1000, .level = 1 };
	uint16_t len;
	size_t at;

	attr_u32(p, MMS_A_WALK_PID, 42);
	attr_u64(p, MMS_A_WALK_ADDR, 0x5123);
	attr(p, MMS_A_WALK_CONTEXT, &c, sizeof(c));
	for (uint32_t level = 4; level; level--) {
		at = attr(p, MMS_A_WALK_STEP | NLA_F_NESTED, "", 0);
		attr_u32(p, MMS_A_STEP_LEVEL, level);
		attr_u32(p, MMS_A_STEP_INDEX, (uint32_t)below(r, 512));
		attr_u64(p, MMS_A_STEP_ENTRY_PA, rnd(r));
		attr_u64(p, MMS_A_STEP_RAW, rnd(r));
		len = (uint16_t)(p->len - at);
		memcpy(p->to + at, &len, 2);
	}
	if (below(r, 2))
		attr(p, MMS_A_WALK_EXTENT, &x, sizeof(x));
	else
		attr(p, MMS_A_WALK_HOLE, &h, sizeof(h));
}

size_t fuzz_seed(struct rng *r, uint8_t *out, size_t max)
{
	struct put p = { out, 1 + GENL_HDRLEN, max };

	memset(out, 0, 1 + GENL_HDRLEN);
	out[0] = (uint8_t)below(r, 5);
	p.to++;
	p.len--;
	p.max--;
	switch (out[0]) {
	case 0:
		attr_u32(&p, MMS_A_INFO_ABI, 1);
		attr(&p, MMS_A_INFO_VERSION, "0.1.0", 6);
		attr(&p, MMS_A_INFO_RELEASE, "6.1.0", 6);
		attr_u32(&p, MMS_A_INFO_ARCH, 1);
		attr_u32(&p, MMS_A_INFO_PAGE_SHIFT, 12);
		break;
	case 1:
		attr_u32(&p, MMS_A_COLL_KIND, 2);
		attr(&p, MMS_A_COLL_NAME, "vma", 4);
		attr_u32(&p, MMS_A_COLL_STATE, (uint32_t)below(r, 9));
		attr(&p, MMS_A_COLL_REASON, "no \033 reason", 12);
		break;
	case 2:
		put_walk(r, &p);
		break;
	default:	/* an errno, the request's header, words */
		attr_u32(&p, 0, 0);
		attr(&p, NLMSGERR_ATTR_MSG, "no such process", 16);
	}
	return p.len + 1;
}

/* Most damage: lengths and types of attributes. */
size_t fuzz_mutate(struct rng *r, uint8_t *data, size_t size, size_t max)
{
	size_t at = 1 + GENL_HDRLEN;
	uint16_t v = (uint16_t)fuzz_number(r), len;

	for (unsigned int n = (unsigned int)below(r, 12); n && at + 8 < size; n--) {
		memcpy(&len, data + at, 2);
		at += len >= 4 && at + NLA_ALIGN(len) + 4 < size && below(r, 4) ? (size_t)NLA_ALIGN(len) : 4;
	}
	if (at + 4 > size || !below(r, 4))
		return fuzz_bytes(r, data, size, max);
	if (below(r, 2))
		v = (uint16_t)below(r, 24);
	memcpy(data + at + 2 * below(r, 2), &v, 2);
	return size;
}

void fuzz_init(void)
{
}

static int see(void *ctx, const struct mms_collector_info *c)
{
	FUZZ_ASSERT(memchr(c->name, 0, sizeof(c->name)) && memchr(c->reason, 0, sizeof(c->reason)));
	++*(int *)ctx;
	return 0;
}

static void ask_all(struct nl_msg *msg, unsigned int what)
{
	struct mms_walk walk = { 0 };
	struct walk_answer answer = { .walk = &walk };
	struct mms_info info = { 0 };
	int n = 0;
	struct collect to = { .fn = see, .ctx = &n };

	switch (what) {
	case 0:
		on_info(msg, &info);
		FUZZ_ASSERT(memchr(info.version, 0, sizeof(info.version)));
		FUZZ_ASSERT(memchr(info.release, 0, sizeof(info.release)));
		FUZZ_ASSERT(!fuzz_valid || (info.abi == 1 && info.page_shift == 12 && !strcmp(info.release, "6.1.0")));
		break;
	case 1:
		on_collector(msg, &to);
		FUZZ_ASSERT(!fuzz_valid || n == 1);
		break;
	case 2:
		on_walk(msg, &answer);
		FUZZ_ASSERT(walk.nsteps <= 5);
		FUZZ_ASSERT(!fuzz_valid || (walk.nsteps == 4 && answer.has_context && answer.has_hole != walk.has_extent));
		break;
	}
}

static void errors(struct nl_msg *msg, unsigned int what, size_t payload)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct mms_genl g = { 0 };

	h->nlmsg_flags = NLM_F_ACK_TLVS | (what & 8 ? NLM_F_CAPPED : 0);
	/* libnl itself refuses an error shorter than its struct */
	if (what & 1)
		on_finish(msg, &g);
	else if (payload >= sizeof(struct nlmsgerr))
		on_error(NULL, nlmsg_data(h), &g);
	FUZZ_ASSERT(memchr(g.extack, 0, sizeof(g.extack)));
}

void fuzz_one(const uint8_t *data, size_t size)
{
	struct nl_msg *msg;
	size_t payload = size ? size - 1 : 0;

	if (payload < GENL_HDRLEN || payload > 16384)
		return;
	/* exactly its size: the sanitizer sees its end */
	msg = nlmsg_alloc_size(NLMSG_HDRLEN + payload);
	if (!msg)
		return;
	nlmsg_put(msg, 0, 0, 20, 0, 0);
	memcpy(nlmsg_data(nlmsg_hdr(msg)), data + 1, payload);
	nlmsg_hdr(msg)->nlmsg_len = (uint32_t)(NLMSG_HDRLEN + payload);
	if (data[0] % 5 < 3)
		ask_all(msg, data[0] % 5);
	else
		errors(msg, data[0], payload);
	nlmsg_free(msg);
}
