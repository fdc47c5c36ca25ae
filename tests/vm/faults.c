// SPDX-License-Identifier: GPL-2.0
/*
 * Asks the CPU: touches prepared pages and prints what code came with each
 * SIGSEGV, "NAME=ADDR" and "NAME_read=CODE" (decimal, "null" where the access
 * went well); "ready=1", then waits to be killed.  The code is #PF's error code
 * on x86, ESR_EL1 on arm64.
 *
 * Only accesses that change no page-table entry in a way that another access
 * would see otherwise: what Linux resolves by itself is not asked.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE	4096UL
#define RETURN_AT	0	/* of a page: the instruction that returns */
#define DATA_AT		64

static sigjmp_buf back;
static volatile long code;

#ifdef __aarch64__
static const unsigned char return_insn[] = { 0xc0, 0x03, 0x5f, 0xd6 };

/* The records of a signal frame: asm/sigcontext.h */
static long fault_code(ucontext_t *uc)
{
	struct _aarch64_ctx *c = (void *)uc->uc_mcontext.__reserved;

	for (; c->magic && c->size; c = (void *)((char *)c + c->size))
		if (c->magic == ESR_MAGIC)
			return (long)((struct esr_context *)(void *)c)->esr;
	fputs("faults: no ESR_EL1 in the signal frame\n", stderr);
	_exit(77);
}
#else
static const unsigned char return_insn[] = { 0xc3 };

static long fault_code(ucontext_t *uc)
{
	return (long)uc->uc_mcontext.gregs[REG_ERR];
}
#endif

static void on_fault(int sig, siginfo_t *info, void *ctx)
{
	(void)sig;
	(void)info;
	code = fault_code(ctx);
	siglongjmp(back, 1);
}

static void ask(const char *name, const char *what, volatile unsigned char *p)
{
	code = -1;
	if (!sigsetjmp(back, 1)) {
		if (what[0] == 'r')
			(void)p[DATA_AT];
		else if (what[0] == 'w')
			p[DATA_AT] = 1;
		else
			((void (*)(void))(uintptr_t)(p + RETURN_AT))();
	}
	if (code < 0)
		printf("%s_%s=null\n", name, what);
	else
		printf("%s_%s=%ld\n", name, what, code);
}

static void try_page(const char *name, int prot, int touched)
{
	/* a page apart on both sides */
	unsigned char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p, PAGE);
	munmap(p + 2 * PAGE, PAGE);
	p += PAGE;
	if (touched) {
		memcpy(p + RETURN_AT, return_insn, sizeof(return_insn));
		__builtin___clear_cache((char *)p, (char *)p + PAGE);
	}
	if (prot < 0)
		munmap(p, PAGE);
	else
		mprotect(p, PAGE, prot);
	printf("%s=%#lx\n", name, (unsigned long)p);
	ask(name, "read", p);
	ask(name, "write", p);
	ask(name, "fetch", p);
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &sa, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("pid=%d\n", getpid());
	try_page("rw", PROT_READ | PROT_WRITE, 1);
	try_page("ro", PROT_READ, 1);
	try_page("rx", PROT_READ | PROT_EXEC, 1);
	try_page("none", PROT_NONE, 1);
	try_page("untouched", PROT_NONE, 0);
	try_page("unmapped", -1, 1);
	puts("ready=1");
	for (;;)
		pause();
}
