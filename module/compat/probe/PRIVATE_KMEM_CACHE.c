// SPDX-License-Identifier: GPL-2.0
/* Is struct kmem_cache kept from modules? */
#include <linux/slab.h>

#ifdef __has_include
#if __has_include(<linux/slub_def.h>)
#error "it is public"
#endif
#endif

int probe(struct kmem_cache *cache);
int probe(struct kmem_cache *cache)
{
	return !cache;
}
