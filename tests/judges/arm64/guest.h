/* SPDX-License-Identifier: GPL-2.0 */
/* What the arm64 judge has in place of an operating system. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READ_REG(name) ({ \
	uint64_t value_; \
	asm volatile("mrs %0, " name : "=r" (value_) : : "memory"); \
	value_; \
})
#define WRITE_REG(name, value) \
	asm volatile("msr " name ", %0" : : "r" ((uint64_t)(value)) : "memory")
#define ISB()	asm volatile("isb" : : : "memory")

/* What the machine is started with: "-m 256M" of the virt board. */
#define RAM_FROM	UINT64_C(0x40000000)
#define RAM_SIZE	UINT64_C(0x10000000)

_Noreturn void judge_exit(uint64_t status);
uint64_t semihost(uint64_t operation, const void *argument);

/* %s %u (unsigned int) %lu %lx (uint64_t) %x %d; nothing else */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "name=" of the command line: its number, or @otherwise */
uint64_t argument(const char *name, uint64_t otherwise);
/* Is "name=text" on the command line? */
bool argument_is(const char *name, const char *text);

uint64_t rnd(void);
void rnd_seed(uint64_t seed);

#endif
