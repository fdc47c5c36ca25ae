// SPDX-License-Identifier: GPL-2.0
/*
 * For tests/vm/cases/71_slab.sh: a slab cache of its own with objects that are known to be allocated or freed, and
 * free pointers of it overwritten on demand.
 *
 *	cat /sys/kernel/debug/slabtest			address and state of each object
 *	echo "pointer ADDR" >/sys/kernel/debug/slabtest	the free pointer in the free object at ADDR names nothing
 *	echo "loop ADDR" >/sys/kernel/debug/slabtest	it names its own object
 *	echo restore >/sys/kernel/debug/slabtest	it is what it was
 *	echo "layout STRIDE OFFSET PAD" >...		of the cache's objects, where it is not that of a kernel without
 *							SLUB's debugging: from one to the next, to the free pointer, red zone
 *	echo free >/sys/kernel/debug/slabtest		frees the first object that is allocated; with KASAN it is kept back
 *	cat /sys/kernel/debug/slabtest_large		address of what kmalloc() took as whole pages
 *
 * Nobody but this module takes objects from the cache, and it takes none while a pointer is wrong. What KASAN keeps back
 * is given up before (kmem_cache_shrink() does): or somebody else's kfree() would put it onto a list that is wrong.
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
#define LARGE	20000	/* bytes that no cache has */
#define WRONG	0x123456789abcdefULL

static struct kmem_cache *cache;
static void *object[OBJECTS];
static bool freed[OBJECTS];
static struct dentry *file, *large_file;
static DEFINE_MUTEX(lock);
static unsigned long planted, was;	/* @planted: where */
static void *large;
/* (the free pointer lies behind the object as the cache has a constructor) */
static unsigned int stride = 208, offset = SIZE, pad;

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

static int large_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "0x%lx\n", (unsigned long)large);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(large);

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
			return (addr - (unsigned long)page_address(page) - pad) % stride == 0;
	return false;
}

/* (KASAN holds what lies behind an object for nobody's) */
static noinline __no_sanitize_address unsigned long get(unsigned long at)
{
	return *(volatile unsigned long *)at;
}

static noinline __no_sanitize_address void put(unsigned long at, unsigned long word)
{
	*(volatile unsigned long *)at = word;
}

#ifdef CONFIG_SLAB_FREELIST_HARDENED
/*
 * What pointers are xored with: the last object of a list has 0 for a pointer, so the word of one object is the
 * number we look for; it is that with which most words of the slab become objects of it.
 */
static unsigned long random_of(unsigned long addr)
{
	struct page *page = virt_to_head_page((void *)addr);
	unsigned long base = (unsigned long)page_address(page) + pad, r, p, found = 0;
	unsigned int n = (PAGE_SIZE << compound_order(page)) / stride, i, k, hits, best = 0;

	for (i = 0; i < n; i++) {
		r = get(base + i * stride + offset) ^ swab(base + i * stride + offset);
		for (hits = 0, k = 0; k < n; k++) {
			p = get(base + k * stride + offset) ^ r ^ swab(base + k * stride + offset);
			hits += !p || (p >= base && p < base + n * stride && (p - base) % stride == 0);
		}
		if (hits > best) {
			best = hits;
			found = r;
		}
	}
	return found;
}

static unsigned long encode(unsigned long p, unsigned long at)
{
	return p ^ random_of(p) ^ swab(at);
}
#else
static unsigned long encode(unsigned long p, unsigned long at)
{
	return p;
}
#endif

static int plant(const char *how, unsigned long addr)
{
	if (planted || !ours(addr))
		return -EINVAL;
	if (IS_ENABLED(CONFIG_KASAN))
		kmem_cache_shrink(cache);
	planted = addr + offset;
	was = get(planted);
	put(planted, strcmp(how, "loop") ? (unsigned long)WRONG : encode(addr, planted));
	return 0;
}

static void restore(void)
{
	if (planted)
		put(planted, was);
	planted = 0;
}

static int free_one(void)
{
	int i;

	for (i = 0; i < OBJECTS && freed[i]; i++)
		;
	if (i == OBJECTS || planted)
		return -EINVAL;
	freed[i] = true;
	kmem_cache_free(cache, object[i]);
	return 0;
}

static ssize_t slabtest_write(struct file *f, const char __user *from, size_t size, loff_t *pos)
{
	char text[64] = "", how[16];
	unsigned long addr;
	unsigned int s, o, p;
	int ret = -EINVAL;

	if (copy_from_user(text, from, min(size, sizeof(text) - 1)))
		return -EFAULT;
	mutex_lock(&lock);
	if (sysfs_streq(text, "restore")) {
		restore();
		ret = 0;
	} else if (sysfs_streq(text, "free")) {
		ret = free_one();
	} else if (sscanf(text, "layout %u %u %u", &s, &o, &p) == 3) {
		ret = !planted && s >= SIZE && o >= SIZE && o + sizeof(long) <= s && p < s ? 0 : -EINVAL;
		if (!ret) {
			stride = s;
			offset = o;
			pad = p;
		}
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
	kfree(large);
}

static int __init slabtest_init(void)
{
	int i;

	cache = kmem_cache_create("mmscope_slabtest", SIZE, 0, 0, slabtest_ctor);
	if (!cache)
		return -ENOMEM;
	large = kmalloc(LARGE, GFP_KERNEL);
	for (i = 0; i < OBJECTS; i++) {
		object[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		if (!object[i] || !large) {
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
	if (IS_ENABLED(CONFIG_KASAN))
		kmem_cache_shrink(cache);
	large_file = debugfs_create_file("slabtest_large", 0400, NULL, NULL, &large_fops);
	file = debugfs_create_file("slabtest", 0600, NULL, NULL, &slabtest_fops);
	if (IS_ERR(file)) {
		debugfs_remove(large_file);
		free_all();
		return PTR_ERR(file);
	}
	return 0;
}

static void __exit slabtest_exit(void)
{
	debugfs_remove(file);
	debugfs_remove(large_file);
	restore();
	free_all();
}

module_init(slabtest_init);
module_exit(slabtest_exit);

MODULE_DESCRIPTION("A slab cache whose objects are known");
MODULE_LICENSE("GPL");
