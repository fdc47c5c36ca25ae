// SPDX-License-Identifier: GPL-2.0
/* The peer libkdumpfile: addrxlat_walk(), its shortest way from address to address. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libkdumpfile/addrxlat.h>

#include "bench.h"

struct peer {
	const struct bench_case *c;
	addrxlat_ctx_t *ctx;
	addrxlat_meth_t meth;
};

static void put_page(const addrxlat_buffer_t *buf)
{
	(void)buf;
}

/* One buffer is all of memory: it asks once, and then has everything. */
static addrxlat_status get_all(const addrxlat_cb_t *cb, addrxlat_buffer_t *buf)
{
	const struct bench_case *c = cb->priv;

	if (buf->addr.addr >= BENCH_RAM)
		return ADDRXLAT_ERR_NODATA;
	buf->addr.addr = 0;
	buf->ptr = c->ram;
	buf->size = BENCH_RAM;
	buf->byte_order = ADDRXLAT_HOST_ENDIAN;
	buf->put_page = put_page;
	return ADDRXLAT_OK;
}

/* Page by page, as libkdumpfile gives it the pages of a dump. */
static addrxlat_status get_page(const addrxlat_cb_t *cb, addrxlat_buffer_t *buf)
{
	const struct bench_case *c = cb->priv;

	if (buf->addr.addr >= BENCH_RAM)
		return ADDRXLAT_ERR_NODATA;
	buf->addr.addr &= ~(addrxlat_addr_t)4095;
	buf->ptr = c->ram + buf->addr.addr;
	buf->size = 4096;
	buf->byte_order = ADDRXLAT_HOST_ENDIAN;
	buf->put_page = put_page;
	return ADDRXLAT_OK;
}

static unsigned long read_caps(const addrxlat_cb_t *cb)
{
	(void)cb;
	return ADDRXLAT_CAPS(ADDRXLAT_MACHPHYSADDR);
}

static addrxlat_pte_format_t format_of(enum mmu_mode mode)
{
	switch (mode) {
	case MMU_MODE_X86_32BIT:
		return ADDRXLAT_PTE_IA32;
	case MMU_MODE_X86_PAE:
		return ADDRXLAT_PTE_IA32_PAE;
	case MMU_MODE_ARM64:
		return ADDRXLAT_PTE_AARCH64;
	default:
		return ADDRXLAT_PTE_X86_64;
	}
}

static void *open_with(const struct bench_case *c, addrxlat_get_page_fn *get, const char **why)
{
	struct peer *p = calloc(1, sizeof(*p));
	addrxlat_param_pgt_t *pgt;
	addrxlat_cb_t *cb;
	unsigned int i;

	*why = "out of memory";
	if (!p)
		return NULL;
	p->c = c;
	p->ctx = addrxlat_ctx_new();
	cb = p->ctx ? addrxlat_ctx_add_cb(p->ctx) : NULL;
	if (!cb) {
		free(p);
		return NULL;
	}
	cb->priv = (void *)(uintptr_t)c;
	cb->get_page = get;
	cb->read_caps = read_caps;
	p->meth.kind = ADDRXLAT_PGT;
	p->meth.target_as = ADDRXLAT_MACHPHYSADDR;
	pgt = &p->meth.param.pgt;
	pgt->root = (addrxlat_fulladdr_t){ .addr = BENCH_TABLES, .as = ADDRXLAT_MACHPHYSADDR };
	pgt->pf.pte_format = format_of(c->regs.mode);
	pgt->pf.nfields = (unsigned short)(c->levels + 1);
	pgt->pf.fieldsz[0] = 12;
	for (i = 0; i < c->levels; i++)
		pgt->pf.fieldsz[i + 1] = (unsigned short)c->bits[c->levels - 1 - i];
	return p;
}

static void *open_all(const struct bench_case *c, const char **why)
{
	return open_with(c, get_all, why);
}

static void *open_pages(const struct bench_case *c, const char **why)
{
	return open_with(c, get_page, why);
}

static addrxlat_status translate(const struct peer *p, uint64_t va, uint64_t *pa)
{
	addrxlat_step_t step = { .ctx = p->ctx, .meth = &p->meth, .base.addr = va };
	addrxlat_status status = addrxlat_walk(&step);

	*pa = step.base.addr;
	return status;
}

static bool check(void *peer)
{
	const struct peer *p = peer;
	unsigned int i;
	uint64_t pa;

	for (i = 0; i < BENCH_ADDRESSES; i++) {
		addrxlat_status status = translate(p, p->c->va[i], &pa);

		if (status == ADDRXLAT_OK && pa == p->c->pa[i])
			continue;
		fprintf(stderr, "addrxlat, %s: %#llx gives %#llx (%s), the tables say %#llx\n", p->c->name,
			(unsigned long long)p->c->va[i], (unsigned long long)pa, addrxlat_strerror(status),
			(unsigned long long)p->c->pa[i]);
		return false;
	}
	return true;
}

static double run(void *peer, unsigned int reps, uint64_t *sum)
{
	const struct peer *p = peer;
	double start = bench_now();
	uint64_t pa, total = 0;
	unsigned int i;

	for (; reps; reps--)
		for (i = 0; i < BENCH_ADDRESSES; i++) {
			translate(p, p->c->va[i], &pa);
			total += pa;
		}
	*sum = total;
	return bench_now() - start;
}

static void close_peer(void *peer)
{
	struct peer *p = peer;

	addrxlat_ctx_decref(p->ctx);
	free(p);
}

const struct bench_peer bench_addrxlat = {
	.name = "addrxlat",
	.open = open_all,
	.check = check,
	.run = run,
	.close = close_peer,
	.gives_pa = true,
};

const struct bench_peer bench_addrxlat_pages = {
	.name = "addrxlat/p",
	.open = open_pages,
	.check = check,
	.run = run,
	.close = close_peer,
	.gives_pa = true,
};
