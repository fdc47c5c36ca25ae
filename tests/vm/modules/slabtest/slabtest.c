// SPDX-License-Identifier: GPL-2.0
/*
 * For tests/vm/cases/71_slab.sh: a slab cache of its own with objects that are known to be allocated or freed, and
 * free pointers of it overwritten on demand.
 *
 *	cat /sys/kernel/debug/slabtest			address and state of each object
 *	echo "pointer ADDR" >/sys/kernel/debug/slabtest	the free pointer in the free object at ADDR names nothing
 *	echo "loop ADDR" >/sys/kernel/debug/slabtest	it names its own object
 *	echo restore >/sys/kernel/debug/slabtest	it is what it was
 *
 * Nobody but this module takes objects from the cache, and it takes none while a pointer is wrong.
 * Locks: a mutex.  May sleep.  Emits nothing.
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/swab.h>
#include <linux/uaccess.h>

#define OBJECTS	200
#define SIZE	200	/* bytes of an object */
#define STRIDE	208	/* with its free pointer, which lies behind it as the cache has a constructor */
#define WRONG	0x123456789abcdefULL

static struct kmem_cache *cache;
static void *object[OBJECTS];
static bool freed[OBJECTS];
static struct dentry *file;
static DEFINE_MUTEX(lock);
static unsigned long *planted, was;

/* (a cache with a constructor is merged with no other) */
static void slabtest_ctor(void *p)
{
	memset(p, 0x5a, SIZE);
}

static int slabtest_show(struct seq_file *m, void *unused)
{
	int i;

	for (i = 0; i < OBJECTS; i++)
		seq_printf(m, "0x%lx %s\n", (unsigned long)object[i], freed[i] ? "freed" : "allocated");
	return 0;
}

static int slabtest_open(struct inode *inode, struct file *f)
{
	return single_open(f, slabtest_show, NULL);
}

/* Is @addr an object's, in a slab that one of ours is in? */
static bool ours(unsigned long addr)
{
	struct page *page;
	int i;

	if (!virt_addr_valid((void *)addr))
		return false;
	page = virt_to_head_page((void *)addr);
	for (i = 0; i < OBJECTS; i++)
		if (virt_to_head_page(object[i]) == page)
			return (addr - (unsigned long)page_address(page)) % STRIDE == 0;
	return false;
}

#ifdef CONFIG_SLAB_FREELIST_HARDENED
static unsigned long word_at(unsigned long base, unsigned int i)
{
	return *(unsigned long *)(base + i * STRIDE + SIZE);
}

/*
 * What pointers are xored with: the last object of a list has 0 for a pointer, so the word of one object is the
 * number we look for; it is that with which most words of the slab become objects of it.
 */
static unsigned long random_of(unsigned long addr)
{
	unsigned long base = (unsigned long)page_address(virt_to_head_page((void *)addr));
	unsigned int n = (PAGE_SIZE << compound_order(virt_to_head_page((void *)addr))) / STRIDE, i, k, hits, best = 0;
	unsigned long r, p, found = 0;

	for (i = 0; i < n; i++) {
		r = word_at(base, i) ^ swab(base + i * STRIDE + SIZE);
		for (hits = 0, k = 0; k < n; k++) {
			p = word_at(base, k) ^ r ^ swab(base + k * STRIDE + SIZE);
			hits += !p || (p >= base && p < base + n * STRIDE && (p - base) % STRIDE == 0);
		}
		if (hits > best) {
			best = hits;
			found = r;
		}
	}
	return found;
}
#else
static unsigned long random_of(unsigned long addr)
{
	return swab(addr + SIZE);
}
#endif

static int plant(const char *how, unsigned long addr)
{
	if (planted || !ours(addr))
		return -EINVAL;
	planted = (unsigned long *)(addr + SIZE);
	was = *planted;
	if (!strcmp(how, "loop"))
		*planted = addr ^ random_of(addr) ^ swab(addr + SIZE);
	else
		*planted = (unsigned long)WRONG;
	return 0;
}

static void restore(void)
{
	if (planted)
		*planted = was;
	planted = NULL;
}

static ssize_t slabtest_write(struct file *f, const char __user *from, size_t size, loff_t *pos)
{
	char text[64] = "", how[16];
	unsigned long addr;
	int ret = -EINVAL;

	if (copy_from_user(text, from, min(size, sizeof(text) - 1)))
		return -EFAULT;
	mutex_lock(&lock);
	if (sysfs_streq(text, "restore")) {
		restore();
		ret = 0;
	} else if (sscanf(text, "%15s 0x%lx", how, &addr) == 2) {
		ret = plant(how, addr);
	}
	mutex_unlock(&lock);
	return ret ? ret : size;
}

static const struct file_operations slabtest_fops = {
	.owner = THIS_MODULE,
	.open = slabtest_open,
	.read = seq_read,
	.write = slabtest_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static void free_all(void)
{
	int i;

	for (i = 0; i < OBJECTS; i++)
		if (object[i] && !freed[i])
			kmem_cache_free(cache, object[i]);
	kmem_cache_destroy(cache);
}

static int __init slabtest_init(void)
{
	int i;

	cache = kmem_cache_create("mmscope_slabtest", SIZE, 0, 0, slabtest_ctor);
	if (!cache)
		return -ENOMEM;
	for (i = 0; i < OBJECTS; i++) {
		object[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		if (!object[i]) {
			free_all();
			return -ENOMEM;
		}
	}
	/* two of five, and one slab's worth wholly but for its last */
	for (i = 0; i < OBJECTS; i++)
		if (i % 5 < 2 || (i > 60 && i < 75)) {
			freed[i] = true;
			kmem_cache_free(cache, object[i]);
		}
	file = debugfs_create_file("slabtest", 0600, NULL, NULL, &slabtest_fops);
	if (IS_ERR(file)) {
		free_all();
		return PTR_ERR(file);
	}
	return 0;
}

static void __exit slabtest_exit(void)
{
	debugfs_remove(file);
	restore();
	free_all();
}

module_init(slabtest_init);
module_exit(slabtest_exit);

MODULE_DESCRIPTION("A slab cache whose objects are known");
MODULE_LICENSE("GPL");
