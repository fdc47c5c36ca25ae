// SPDX-License-Identifier: GPL-2.0
/*
 * The software MMU itself, by a reader that looks into memory directly: mmu_plan_translate() answers as much as
 * addrxlat, and whether the access is permitted; mmu_translate() also gives steps, rights, memory type and A/D.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "mmu/plan.h"

struct peer {
	const struct bench_case *c;
	struct mmu_mem mem;
	struct mmu_plan plan;
};

static int read8(void *ctx, uint64_t pa, uint64_t *value)
{
	if (pa > BENCH_RAM - sizeof(*value))
		return -1;
	memcpy(value, (const uint8_t *)ctx + pa, sizeof(*value));
	return 0;
}

static int read4(void *ctx, uint64_t pa, uint32_t *value)
{
	if (pa > BENCH_RAM - sizeof(*value))
		return -1;
	memcpy(value, (const uint8_t *)ctx + pa, sizeof(*value));
	return 0;
}

static const struct mmu_access supervisor_read = { .kind = MMU_READ };

static void *open_peer(const struct bench_case *c, const char **why)
{
	struct peer *p = calloc(1, sizeof(*p));

	*why = "out of memory";
	if (!p)
		return NULL;
	p->c = c;
	p->mem = (struct mmu_mem){ .read = read8, .ctx = c->ram, .read4 = read4 };
	mmu_plan_init(&p->plan, &c->regs, &supervisor_read);
	return p;
}

static bool right(const struct peer *p, const char *who, unsigned int i, enum mmu_status status, uint64_t pa)
{
	if (status == MMU_OK && pa == p->c->pa[i])
		return true;
	fprintf(stderr, "%s, %s: %#" PRIx64 " gives %#" PRIx64 " (%s), the tables say %#" PRIx64 "\n", who,
		p->c->name, p->c->va[i], pa, mmu_status_name(status), p->c->pa[i]);
	return false;
}

static bool check_full(void *peer)
{
	const struct peer *p = peer;
	struct mmu_result res;
	unsigned int i;

	for (i = 0; i < BENCH_ADDRESSES; i++) {
		mmu_translate(&p->c->regs, &p->mem, p->c->va[i], &supervisor_read, &res);
		if (!right(p, "mmu_translate", i, res.status, res.pa))
			return false;
	}
	return true;
}

static bool check_plan(void *peer)
{
	const struct peer *p = peer;
	unsigned int i;
	uint64_t pa;

	for (i = 0; i < BENCH_ADDRESSES; i++) {
		enum mmu_status status = mmu_plan_translate(&p->plan, &p->mem, p->c->va[i], &pa);

		if (!right(p, "mmu_plan_translate", i, status, pa))
			return false;
	}
	return true;
}

static double run_full(void *peer, unsigned int reps, uint64_t *sum)
{
	const struct peer *p = peer;
	double start = bench_now();
	struct mmu_result res;
	uint64_t total = 0;
	unsigned int i;

	for (; reps; reps--)
		for (i = 0; i < BENCH_ADDRESSES; i++) {
			mmu_translate(&p->c->regs, &p->mem, p->c->va[i], &supervisor_read, &res);
			total += res.pa;
		}
	*sum = total;
	return bench_now() - start;
}

static double run_plan(void *peer, unsigned int reps, uint64_t *sum)
{
	const struct peer *p = peer;
	double start = bench_now();
	uint64_t pa, total = 0;
	unsigned int i;

	for (; reps; reps--)
		for (i = 0; i < BENCH_ADDRESSES; i++) {
			mmu_plan_translate(&p->plan, &p->mem, p->c->va[i], &pa);
			total += pa;
		}
	*sum = total;
	return bench_now() - start;
}

const struct bench_peer bench_plan = {
	.name = "plan",
	.open = open_peer,
	.check = check_plan,
	.run = run_plan,
	.close = free,
	.gives_pa = true,
};

const struct bench_peer bench_full = {
	.name = "translate",
	.open = open_peer,
	.check = check_full,
	.run = run_full,
	.close = free,
	.gives_pa = true,
};
