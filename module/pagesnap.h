/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A page frame's struct page and that of its folio, copied while nothing keeps
 * them, and what they say.  Locks: none but the page's own, tried for.
 * mms_page_release() may sleep; nothing else does.
 */
#ifndef MMSCOPE_PAGESNAP_H
#define MMSCOPE_PAGESNAP_H

#include "mmscope.h"
#include "compat/folio.h"

/**
 * struct mms_pagesnap - copies that fit together, unless @torn
 * @page: the struct page itself
 * @head: that of its folio's first page
 * @copy: of @page
 * @folio: of @head and the pages behind it, as far as it has them
 * @tail: @page is not @head
 * @torn: it changed at each try
 * @order: of the folio
 * @type: enum mms_pgty
 * @hugetlb: a page of hugetlbfs
 */
struct mms_pagesnap {
	struct page *page;
	struct page *head;
	struct page copy;
	struct page folio[MMS_FOLIO_PAGES + 1];
	bool tail;
	bool torn;
	unsigned int order;
	enum mms_pgty type;
	bool hugetlb;
};

enum mms_pfn_state mms_frame_at(u64 pfn, struct page **page);
void mms_pagesnap_take(struct mms_pagesnap *s, struct page *page);
void mms_pagesnap_tell(const struct mms_pagesnap *s, struct mms_frame *f);

/* With a reference and the lock: */
enum mms_frame_rmap mms_page_hold(const struct mms_pagesnap *s);
void mms_page_release(const struct mms_pagesnap *s);
bool mms_pagesnap_mapped(const struct mms_pagesnap *s);

#endif /* MMSCOPE_PAGESNAP_H */
