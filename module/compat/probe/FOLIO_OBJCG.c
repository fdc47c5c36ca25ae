// SPDX-License-Identifier: GPL-2.0
/* Are all folios charged to their memcg through an obj_cgroup? */
#include <linux/memcontrol.h>

struct obj_cgroup *probe(struct folio *folio);
struct obj_cgroup *probe(struct folio *folio)
{
	return folio_objcg(folio);
}
