// SPDX-License-Identifier: GPL-2.0
/*
 * For tests/vm/host/10_detector.sh: plants one fault of the wanted kind, so that scripts/vm has to notice it.
 *
 *	cat /sys/kernel/debug/plant		the kinds: name, what it needs, whether this kernel has that
 *	echo KIND >/sys/kernel/debug/plant	plants it
 *
 * Several fit into one boot with kasan_multi_shot and panic_on_oops=0, in the order of the table: lockdep first, since
 * it takes no further part once the kernel is tainted. Lockdep wants one processor (nobody else may take a lock while
 * it is silent), RCU's stall two (somebody must begin the grace period). After an oops the module can not be unloaded.
 * Locks: those it plants.  May sleep.  Emits nothing.
 */
#include <linux/debug_locks.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

/* what a compiler may not see through */
static volatile unsigned long planted_sink;
static unsigned long hidden(unsigned long n)
{
	OPTIMIZER_HIDE_VAR(n);
	return n;
}

static void read_at(const void *base, unsigned long offset)
{
	planted_sink = *(const volatile unsigned char *)((unsigned long)base + hidden(offset));
}

/* a store that KASAN does not see */
static noinline __no_sanitize_address void write_unseen(void *base, unsigned long offset)
{
	*(volatile unsigned char *)((unsigned long)base + offset) = 0x5a;
}

/* --- lockdep; each with interrupts off, so that nobody else takes a lock while it is silent ------------------- */

static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);
static DEFINE_SPINLOCK(lock_irq);
static DEFINE_MUTEX(lock_kept);

/* lockdep falls silent with its first report: make it speak again */
static void lockdep_again(void)
{
#ifdef CONFIG_LOCKDEP
	debug_locks = 1;
	debug_locks_silent = 0;
#endif
}

static void plant_lock_abba(void)
{
	unsigned long flags;

	local_irq_save(flags);
	spin_lock(&lock_a);
	spin_lock(&lock_b);
	spin_unlock(&lock_b);
	spin_unlock(&lock_a);
	spin_lock(&lock_b);
	spin_lock(&lock_a);
	spin_unlock(&lock_a);
	lockdep_again();
	spin_unlock(&lock_b);
	local_irq_restore(flags);
}

static void plant_lock_recursive(void)
{
	static spinlock_t twin[2];
	unsigned long flags;
	int i;

	for (i = 0; i < 2; i++)
		spin_lock_init(&twin[i]);
	local_irq_save(flags);
	spin_lock(&twin[0]);
	spin_lock(&twin[1]);
	spin_unlock(&twin[1]);
	lockdep_again();
	spin_unlock(&twin[0]);
	local_irq_restore(flags);
}

static void take_in_irq(struct irq_work *work)
{
	spin_lock(&lock_irq);
	spin_unlock(&lock_irq);
	lockdep_again();
}

static void plant_lock_irq(void)
{
	static struct irq_work work;

	spin_lock(&lock_irq);
	spin_unlock(&lock_irq);
	init_irq_work(&work, take_in_irq);
	irq_work_queue(&work);
	irq_work_sync(&work);
}

static void plant_lock_unbalanced(void)
{
#ifdef CONFIG_LOCKDEP
	static struct lock_class_key key;
	static struct lockdep_map map = STATIC_LOCKDEP_MAP_INIT("planted", &key);
	unsigned long flags;

	local_irq_save(flags);
	lock_map_release(&map);
	lockdep_again();
	local_irq_restore(flags);
#endif
}

static void plant_lock_freed(void)
{
	spinlock_t *lock = kmalloc(sizeof(*lock), GFP_KERNEL);
	unsigned long flags;

	if (!lock)
		return;
	spin_lock_init(lock);
	local_irq_save(flags);
	spin_lock(lock);
	kfree(lock);
	lockdep_again();
#ifdef CONFIG_LOCKDEP
	/* it is on no list any more when the memory is: forget it, and the preemption it kept off */
	lock_release(&lock->dep_map, _THIS_IP_);
#endif
	preempt_enable();
	local_irq_restore(flags);
}

static void plant_lock_no_key(void)
{
	static spinlock_t never_initialised;
	unsigned long flags;

	/* neither a key nor an address from which to make one */
	spinlock_t *lock = kzalloc(sizeof(*lock), GFP_KERNEL);

	if (!lock)
		return;
	*lock = never_initialised;
#ifdef CONFIG_DEBUG_SPINLOCK
	lock->rlock.magic = SPINLOCK_MAGIC;
	lock->rlock.owner = SPINLOCK_OWNER_INIT;
	lock->rlock.owner_cpu = -1;
#endif
	local_irq_save(flags);
	spin_lock(lock);
	spin_unlock(lock);
	lockdep_again();
	local_irq_restore(flags);
	kfree(lock);
}

static void plant_rcu_unlocked(void)
{
	static int value;
	static int __rcu *pointer = (int __force __rcu *)&value;

	planted_sink = *rcu_dereference(pointer);
}

static void plant_lock_kept(void)
{
	mutex_lock(&lock_kept);
}

/* --- context ------------------------------------------------------------------------------------------------- */

static void plant_sleep_in_atomic(void)
{
	preempt_disable();
	might_sleep();
	preempt_enable();
}

static void plant_schedule_in_atomic(void)
{
	preempt_disable();
	schedule_timeout_uninterruptible(1);
	/* the scheduler has set the count right */
	if (preempt_count())
		preempt_enable();
}

static void plant_cpu_unpinned(void)
{
	planted_sink = smp_processor_id();
}

/* --- warnings, counters, lists ------------------------------------------------------------------------------- */

static void plant_warn(void)
{
	WARN(1, "planted\n");
}

static void plant_warn_once(void)
{
	WARN_ON_ONCE(hidden(1));
}

static void plant_refcount(void)
{
	refcount_t count;

	refcount_set(&count, 0);
	planted_sink = refcount_dec_and_test(&count);
}

static void plant_list(void)
{
	struct list_head head, a, b;

	INIT_LIST_HEAD(&head);
	list_add(&a, &head);
	a.prev = &b;
	list_add(&b, &head);
}

static void expire(struct timer_list *timer)
{
}

static void plant_timer_init(void)
{
	static struct timer_list timer;

	timer_setup(&timer, expire, 0);
	mod_timer(&timer, jiffies + 3600 * HZ);
	timer_setup(&timer, expire, 0);
}

static void plant_timer_free(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, expire, 0);
	mod_timer(timer, jiffies + 3600 * HZ);
	kfree(timer);
}

/* --- UBSAN --------------------------------------------------------------------------------------------------- */

static void plant_ubsan_bounds(void)
{
	static struct {
		int a[4];
		int behind[4];
	} two;

	planted_sink = two.a[hidden(5)];
}

static void plant_ubsan_shift(void)
{
	planted_sink = 1 << (int)hidden(40);
}

/* --- slab and pages ------------------------------------------------------------------------------------------ */

#define OBJECT 64

static void plant_leak(void)
{
	planted_sink = !kmalloc(OBJECT, GFP_KERNEL);
}

static void plant_kasan_uaf(void)
{
	char *p = kmalloc(OBJECT, GFP_KERNEL);

	kfree(p);
	if (p)
		read_at(p, 1);
}

static void plant_kasan_slab(void)
{
	char *p = kmalloc(OBJECT, GFP_KERNEL);

	if (p)
		read_at(p, OBJECT);
	kfree(p);
}

static void plant_kasan_stack(void)
{
	char on_stack[8] = {};

	OPTIMIZER_HIDE_VAR(on_stack[0]);
	read_at(on_stack, sizeof(on_stack));
}

static void plant_kasan_global(void)
{
	static char global[8];

	read_at(global, sizeof(global));
}

static void plant_kasan_vmalloc(void)
{
	char *p = vmalloc(100);

	if (p)
		read_at(p, 108);
	vfree(p);
}

static void plant_double_free(void)
{
	char *p = kmalloc(OBJECT, GFP_KERNEL);

	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
}

/* a cache with a constructor is one of its own: it is not merged with another */
static void construct(void *object)
{
}

/* the cache is destroyed at once: KASAN's quarantine would keep the object from being looked at */
static void plant_slab_redzone(void)
{
	struct kmem_cache *cache = kmem_cache_create("planted", OBJECT, 0, 0, construct);
	char *p;

	if (!cache)
		return;
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	if (p) {
		write_unseen(p, OBJECT);
		kmem_cache_free(cache, p);
	}
	kmem_cache_destroy(cache);
}

static void plant_slab_left(void)
{
	struct kmem_cache *cache = kmem_cache_create("planted_left", OBJECT, 0, 0, construct);

	if (!cache)
		return;
	planted_sink = !kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_destroy(cache);
}

static void plant_bad_page(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return;
	page->mapping = (void *)0x1000;
	__free_page(page);
}

/* --- stalls: longer than the limits the test has set -------------------------------------------------------- */

static void spin_for(unsigned int seconds)
{
	unsigned long end = jiffies + seconds * HZ;

	preempt_disable();
	while (time_before(jiffies, end))
		cpu_relax();
	preempt_enable();
}

static void ignore_rcu(struct rcu_head *head)
{
}

static void plant_rcu_stall(void)
{
	static struct rcu_head head;

	call_rcu(&head, ignore_rcu);
	/* with PROVE_RCU it allows 5 s more than the limit */
	spin_for(12);
	rcu_barrier();
}

static void plant_soft_lockup(void)
{
	spin_for(8);
}

static void plant_hung_task(void)
{
	schedule_timeout_uninterruptible(8 * HZ);
}

/* --- oopses: the writer does not come back ------------------------------------------------------------------- */

static void plant_bug(void)
{
	BUG();
}

static void plant_null(void)
{
	read_at(NULL, 8);
}

static void plant_wild(void)
{
	/* in no half of the address space */
	read_at((void *)hidden(BITS_PER_LONG == 64 ? ~0UL << 62 ^ ~0UL << 63 : 0xfffff000UL), 0x123);
}

static void plant_page_uaf(void)
{
	void *p = (void *)__get_free_page(GFP_KERNEL);

	free_page((unsigned long)p);
	if (p)
		write_unseen(p, 0);
}

/* more than a stack holds */
static noinline unsigned long deeper(unsigned long n)
{
	volatile char frame[512];

	frame[n % sizeof(frame)] = n;
	return n ? deeper(n - 1) + frame[0] : 0;
}

static void plant_stack(void)
{
	planted_sink = deeper(hidden(100000));
}

static const struct {
	const char *name, *needs;
	bool there;
	void (*plant)(void);
} kinds[] = {
#define KIND(name, config) { #name, #config, IS_ENABLED(CONFIG_##config), plant_##name }
	KIND(lock_abba, PROVE_LOCKING),
	KIND(lock_recursive, PROVE_LOCKING),
	KIND(lock_irq, PROVE_LOCKING),
	KIND(lock_unbalanced, PROVE_LOCKING),
	KIND(lock_freed, PROVE_LOCKING),
	KIND(lock_no_key, PROVE_LOCKING),
	KIND(rcu_unlocked, PROVE_RCU),
	KIND(lock_kept, PROVE_LOCKING),
	KIND(sleep_in_atomic, DEBUG_ATOMIC_SLEEP),
	KIND(schedule_in_atomic, PREEMPT_COUNT),
	KIND(cpu_unpinned, DEBUG_PREEMPT),
	KIND(warn, BUG),
	KIND(warn_once, BUG),
	KIND(refcount, BUG),
	KIND(timer_init, DEBUG_OBJECTS_TIMERS),
	KIND(timer_free, DEBUG_OBJECTS_FREE),
	KIND(ubsan_bounds, UBSAN_BOUNDS),
	KIND(ubsan_shift, UBSAN_SHIFT),
	KIND(leak, DEBUG_KMEMLEAK),
	KIND(kasan_uaf, KASAN),
	KIND(kasan_slab, KASAN),
	KIND(kasan_stack, KASAN_STACK),
	KIND(kasan_global, KASAN),
	KIND(kasan_vmalloc, KASAN_VMALLOC),
	KIND(double_free, KASAN),
	KIND(slab_redzone, SLUB_DEBUG_ON),
	KIND(slab_left, SLUB_DEBUG),
	KIND(bad_page, DEBUG_VM),
	KIND(rcu_stall, RCU_STALL_COMMON),
	KIND(soft_lockup, SOFTLOCKUP_DETECTOR),
	KIND(hung_task, DETECT_HUNG_TASK),
	KIND(list, DEBUG_LIST),
	KIND(bug, BUG),
	KIND(null, MMU),
	KIND(wild, MMU),
	KIND(page_uaf, DEBUG_PAGEALLOC),
	KIND(stack, VMAP_STACK),
};

static int plant_show(struct seq_file *m, void *unused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		seq_printf(m, "%s CONFIG_%s %s\n", kinds[i].name, kinds[i].needs, kinds[i].there ? "yes" : "no");
	return 0;
}

static int plant_open(struct inode *inode, struct file *file)
{
	return single_open(file, plant_show, NULL);
}

static ssize_t plant_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	char name[32] = "";
	size_t i;

	if (copy_from_user(name, from, min(size, sizeof(name) - 1)))
		return -EFAULT;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!sysfs_streq(name, kinds[i].name))
			continue;
		kinds[i].plant();
		return size;
	}
	return -EINVAL;
}

static const struct file_operations plant_fops = {
	.owner = THIS_MODULE,
	.open = plant_open,
	.read = seq_read,
	.write = plant_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static struct dentry *file;

static int __init plant_init(void)
{
	file = debugfs_create_file("plant", 0600, NULL, NULL, &plant_fops);
	return PTR_ERR_OR_ZERO(file);
}

static void __exit plant_exit(void)
{
	debugfs_remove(file);
}

module_init(plant_init);
module_exit(plant_exit);

MODULE_DESCRIPTION("Faults on demand, for the test of the detector");
MODULE_LICENSE("GPL");
