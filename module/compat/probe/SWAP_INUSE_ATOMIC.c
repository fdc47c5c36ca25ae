// SPDX-License-Identifier: GPL-2.0
/* Is the number of used pages of a swap area an atomic_long_t? */
#include <linux/build_bug.h>
#include <linux/swap.h>

static_assert(__builtin_types_compatible_p(typeof(((struct swap_info_struct *)0)->inuse_pages), atomic_long_t));
