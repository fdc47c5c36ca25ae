// SPDX-License-Identifier: GPL-2.0
/* Is a multicast group closed by a bit of its own, not by a flag? */
#include <net/genetlink.h>

int probe(struct genl_multicast_group *g);
int probe(struct genl_multicast_group *g)
{
	return g->cap_sys_admin;
}
