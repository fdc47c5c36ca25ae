// SPDX-License-Identifier: GPL-2.0
/*
 * For tests/vm/cases/72_vmalloc.sh: areas of vmalloc space whose sizes are known in advance, told by
 * /sys/kernel/debug/vmarea, a line each: NAME ADDRESS BYTES (guard page not included) PFN... (hexadecimal, of each page).
 *
 *	one, many	vmalloc() of 1 and 300 pages
 *	twice_a, _b	vmap() of the same page, 3 times in one area and once in another
 *	ram		vm_map_ram() of the same page 65 times: an area without a guard page
 *	lazy		vmalloc() of 64 pages, freed when /sys/kernel/debug/vmarea_free is read first (insmod has a purge
 *			follow, of what was freed before)
 *
 * Locks: none.  May sleep.
 */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/vmalloc.h>

#define MANY	300
#define LAZY	64
#define RAM	65	/* what vm_map_ram() gives an area of its own, not a part of one */

static void *one, *many, *twice_a, *twice_b, *ram, *to_free;
static unsigned long lazy;
static struct page *page;
static struct dentry *file, *file_free;

static void line(struct seq_file *m, const char *name, void *addr, unsigned int pages)
{
	unsigned int i;

	seq_printf(m, "%s %lx %lu", name, (unsigned long)addr, pages * PAGE_SIZE);
	for (i = 0; i < pages; i++)
		seq_printf(m, " %lx", vmalloc_to_pfn(addr + i * PAGE_SIZE));
	seq_puts(m, "\n");
}

static int vmarea_show(struct seq_file *m, void *unused)
{
	line(m, "one", one, 1);
	line(m, "many", many, MANY);
	line(m, "twice_a", twice_a, 3);
	line(m, "twice_b", twice_b, 1);
	line(m, "ram", ram, RAM);
	seq_printf(m, "lazy %lx %lu\n", lazy, LAZY * PAGE_SIZE);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vmarea);

static int vmarea_free_show(struct seq_file *m, void *unused)
{
	vfree(xchg(&to_free, NULL));
	seq_puts(m, "freed\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vmarea_free);

static void give_back(void)
{
	debugfs_remove(file);
	debugfs_remove(file_free);
	if (twice_a)
		vunmap(twice_a);
	if (twice_b)
		vunmap(twice_b);
	if (ram)
		vm_unmap_ram(ram, RAM);
	if (page)
		__free_page(page);
	vfree(one);
	vfree(many);
	vfree(to_free);
}

/* (noinline: it stands in vmallocinfo as who asked) */
static noinline int vmarea_make(void)
{
	static struct page *pages[RAM];
	unsigned int i;

	one = vmalloc(PAGE_SIZE);
	many = vmalloc(MANY * PAGE_SIZE);
	page = alloc_page(GFP_KERNEL);
	if (!one || !many || !page)
		return -ENOMEM;
	for (i = 0; i < RAM; i++)
		pages[i] = page;
	twice_a = vmap(pages, 3, VM_MAP, PAGE_KERNEL);
	twice_b = vmap(pages, 1, VM_MAP, PAGE_KERNEL);
	ram = vm_map_ram(pages, RAM, NUMA_NO_NODE);
	to_free = vmalloc(LAZY * PAGE_SIZE);
	lazy = (unsigned long)to_free;
	return twice_a && twice_b && ram && lazy ? 0 : -ENOMEM;
}

static int __init vmarea_init(void)
{
	int ret = vmarea_make();

	if (ret) {
		give_back();
		return ret;
	}
	file = debugfs_create_file("vmarea", 0400, NULL, NULL, &vmarea_fops);
	file_free = debugfs_create_file("vmarea_free", 0400, NULL, NULL, &vmarea_free_fops);
	return 0;
}
module_init(vmarea_init);

static void __exit vmarea_exit(void)
{
	give_back();
}
module_exit(vmarea_exit);

MODULE_DESCRIPTION("Areas of vmalloc space of known sizes, for mmscope's tests");
MODULE_LICENSE("GPL");
