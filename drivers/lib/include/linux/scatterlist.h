/* SPDX-License-Identifier: MIT */
/* linux/scatterlist.h - lists of memory pieces for a device. */
#ifndef _LINUX_SCATTERLIST_H
#define _LINUX_SCATTERLIST_H

#include <linux/mm.h>
#include <linux/string.h>

struct scatterlist {
	unsigned long page_link;	/* struct page *, and in bits 0-1: 1 chain, 2 end of the list */
	unsigned int offset;
	unsigned int length;
};

#define sg_is_chain(sg)		((sg)->page_link & 0x01)
#define sg_is_last(sg)		((sg)->page_link & 0x02)
#define sg_chain_ptr(sg)	((struct scatterlist *)((sg)->page_link & ~0x03UL))

__nostep void sg_assign_page(struct scatterlist *sg, struct page *page)
{
	sg->page_link = (sg->page_link & 0x03) | (unsigned long)page;
}

/**
 * sg_set_page - point an entry at a part of a page
 * @sg: entry
 * @page: page
 * @len: bytes
 * @offset: of the first byte in the page
 */
static inline void sg_set_page(struct scatterlist *sg, struct page *page, unsigned int len, unsigned int offset)
{
	sg_assign_page(sg, page);
	sg->offset = offset;
	sg->length = len;
}

__nostep struct page *sg_page(struct scatterlist *sg)
{
	return (struct page *)(sg->page_link & ~0x03UL);
}

/**
 * sg_set_buf - point an entry at data
 * @sg: entry
 * @buf: physically contiguous, as all of RAM is here
 * @buflen: bytes
 */
static inline void sg_set_buf(struct scatterlist *sg, const void *buf, unsigned int buflen)
{
	sg_set_page(sg, virt_to_page(buf), buflen, offset_in_page(buf));
}

__nostep void sg_mark_end(struct scatterlist *sg)
{
	sg->page_link = (sg->page_link | 0x02) & ~0x01UL;
}

/* Guest-physical address of the entry's first byte. */
__nostep dma_addr_t sg_phys(struct scatterlist *sg)
{
	return page_to_phys(sg_page(sg)) + sg->offset;
}

__nostep void *sg_virt(struct scatterlist *sg)
{
	return page_address(sg_page(sg)) + sg->offset;
}

#define sg_next(sg)	(sg_is_last(sg) ? NULL : sg_is_chain((sg) + 1) ? sg_chain_ptr((sg) + 1) : (sg) + 1)
#define for_each_sg(sglist, sg, nr, __i) \
	for (__i = 0, sg = (sglist); __i < (nr); __i++, sg = sg_next(sg))

static inline void sg_init_table(struct scatterlist *sgl, unsigned int nents)
{
	memset(sgl, 0, sizeof(*sgl) * nents);
	sg_mark_end(&sgl[nents - 1]);
}

static inline void sg_init_one(struct scatterlist *sg, const void *buf, unsigned int buflen)
{
	sg_init_table(sg, 1);
	sg_set_buf(sg, buf, buflen);
}

#endif
