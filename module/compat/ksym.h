/* SPDX-License-Identifier: GPL-2.0 */
/* The one place where unexported data symbols are found. */
#ifndef MMSCOPE_KSYM_H
#define MMSCOPE_KSYM_H

#include <linux/seq_file.h>

int mms_ksym(const char *name, unsigned long *addr);
void mms_ksym_report(struct seq_file *m);

#endif
