// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of unexported DATA symbols.  Nothing found here is ever called: a
 * call would bypass IBT and CFI and crash where they are enforced.
 * Locks: a mutex around the cache.  May sleep.  Emits nothing.
 *
 * Ways, in order: the module parameter sym=name:0xaddr; a kprobe that is
 * refused; a walk over kallsyms by sprint_symbol().
 */
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/task.h>
#include "../mmscope.h"
#include "ksym.h"

#define MMS_KSYM_MAX	96
#define MMS_SCAN_HOPS	200000	/* more than a kernel has data symbols */

enum mms_how { MMS_HOW_NONE, MMS_HOW_PARAM, MMS_HOW_KPROBE, MMS_HOW_SCAN };

struct mms_sym {
	const char *name;
	unsigned long addr;
	enum mms_how how;
};

static char *sym[MMS_KSYM_MAX];
static int nsym;
module_param_array(sym, charp, &nsym, 0400);
MODULE_PARM_DESC(sym, "name:address of a data symbol, for kernels on which it cannot be found");

static DEFINE_MUTEX(lock);
static struct mms_sym cache[MMS_KSYM_MAX];
static unsigned int ncached;

static unsigned long from_param(const char *name)
{
	size_t len = strlen(name);
	unsigned long addr;
	int i;

	for (i = 0; i < nsym; i++)
		if (!strncmp(sym[i], name, len) && sym[i][len] == ':' &&
		    !kstrtoul(sym[i] + len + 1, 0, &addr))
			return addr;
	return 0;
}

/*
 * register_kprobe() resolves the name first and then refuses an address that
 * is not kernel text, before anything is patched (kernel/kprobes.c, the same
 * from 5.10 to 7.3).  Registered after all: it was text, and is given back.
 */
static unsigned long from_kprobe(const char *name)
{
	struct kprobe kp = { .symbol_name = name };
	int ret = register_kprobe(&kp);

	if (!ret) {
		unregister_kprobe(&kp);
		return 0;
	}
	return ret == -EINVAL ? (unsigned long)kp.addr : 0;
}

/* "name+0xoff/0xsize": the symbol that holds @addr, its start and size. */
static bool symbol_at(unsigned long addr, char *buf, unsigned long *start,
		      unsigned long *size)
{
	unsigned long off;
	char *plus;

	sprint_symbol(buf, addr);
	plus = strrchr(buf, '+');
	if (!plus || sscanf(plus, "+0x%lx/0x%lx", &off, size) != 2)
		return false;
	*plus = '\0';
	*start = addr - off;
	return *size > 0;
}

static unsigned long scan(const char *name, bool up)
{
	unsigned long addr = (unsigned long)&init_task, start, size;
	char buf[KSYM_SYMBOL_LEN];
	unsigned int i;

	for (i = 0; i < MMS_SCAN_HOPS; i++) {
		if (!symbol_at(addr, buf, &start, &size))
			return 0;
		if (!strcmp(buf, name))
			return start;
		addr = up ? start + size : start - 1;
		cond_resched();
	}
	return 0;
}

static void resolve(struct mms_sym *s)
{
	s->how = MMS_HOW_PARAM;
	s->addr = from_param(s->name);
	if (!s->addr) {
		s->how = MMS_HOW_KPROBE;
		s->addr = from_kprobe(s->name);
	}
	/* A working kprobe that finds nothing is an answer; scan without one. */
	if (!s->addr && !IS_ENABLED(CONFIG_KPROBES)) {
		s->how = MMS_HOW_SCAN;
		s->addr = scan(s->name, true);
		if (!s->addr)
			s->addr = scan(s->name, false);
	}
	if (!s->addr)
		s->how = MMS_HOW_NONE;
}

/**
 * mms_ksym() - where is a data symbol?
 * @name: a string that lives as long as the module
 * @addr: set on success
 *
 * The first question for a name takes about a millisecond, later ones nothing.
 * What is read there must be read with copy_from_kernel_nofault() unless its
 * layout was checked.
 *
 * Return: 0 or -ENOENT
 */
int mms_ksym(const char *name, unsigned long *addr)
{
	struct mms_sym *s = NULL;
	unsigned int i;
	int ret;

	mutex_lock(&lock);
	for (i = 0; i < ncached && !s; i++)
		if (!strcmp(cache[i].name, name))
			s = &cache[i];
	if (!s && ncached < MMS_KSYM_MAX) {
		s = &cache[ncached++];
		s->name = name;
		resolve(s);
	}
	ret = s && s->addr ? 0 : -ENOENT;
	if (!ret)
		*addr = s->addr;
	mutex_unlock(&lock);
	return ret;
}

/**
 * mms_ksym_report() - each symbol asked for and how it was found, as text
 */
void mms_ksym_report(struct seq_file *m)
{
	static const char *const how[] = {
		[MMS_HOW_NONE] = "not found",
		[MMS_HOW_PARAM] = "module parameter",
		[MMS_HOW_KPROBE] = "kprobe",
		[MMS_HOW_SCAN] = "kallsyms scan",
	};
	unsigned int i;

	mutex_lock(&lock);
	for (i = 0; i < ncached; i++)
		seq_printf(m, "symbol %-16s %s\n", cache[i].name, how[cache[i].how]);
	mutex_unlock(&lock);
}
