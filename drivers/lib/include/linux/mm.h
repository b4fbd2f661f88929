/* SPDX-License-Identifier: MIT */
/* linux/mm.h - struct page: one for each page of RAM, in mem_map[]. */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/gfp.h>
#include <asm/atomic.h>
#include <asm/page.h>

struct kmem_cache;

struct page {
	unsigned long flags;		/* PG_* */
	atomic_t _count;		/* references; the page is free when it drops to 0 */
	unsigned long private;		/* for whoever owns the page: drivers link pages by it */
	struct list_head lru;		/* free list */
	struct kmem_cache *slab;	/* if it holds kmalloc() objects */
	unsigned int slab_page;		/* number of this page within its slab or allocation */
	unsigned int nr_pages;		/* pages in the allocation that begins here */
	u32 serial;			/* number of the allocation: for leak reports */
};

#define PG_reserved	0	/* not the allocator's: code, data, stack */
#define PG_free		1
#define PG_slab		2
#define PG_tail		3	/* not the first page of its allocation */
#define PG_large	4	/* kmalloc() of more than the largest cache */
#define PG_poisoned	5	/* filled with PAGE_POISON when it was freed */

extern struct page *mem_map;
extern unsigned long max_mapnr;

#define page_to_pfn(page)	((unsigned long)((page) - mem_map))
#define pfn_to_page(pfn)	(mem_map + (pfn))

__nostep void *page_address(const struct page *page)
{
	return (void *)((unsigned long)(page - mem_map) << PAGE_SHIFT);
}

__nostep struct page *virt_to_page(const void *p)
{
	return mem_map + ((unsigned long)p >> PAGE_SHIFT);
}

/* The page that counts the references of the allocation which an address is in. */
__nostep struct page *virt_to_head_page(const void *p)
{
	struct page *page = virt_to_page(p);

	return page - page->slab_page;
}

__nostep phys_addr_t page_to_phys(const struct page *page)
{
	return virt_to_phys(page_address(page));
}

#define page_count(page)		atomic_read(&(page)->_count)
#define page_private(page)		((page)->private)
#define set_page_private(page, v)	((page)->private = (v))
#define offset_in_page(p)		((unsigned long)(p) & ~PAGE_MASK)

/* A piece of memory that is handed out bit by bit: each buffer in it holds a reference. */
struct page_frag {
	struct page *page;
	unsigned int offset;
	unsigned int size;
};

void get_page(struct page *page);
void put_page(struct page *page);

#define kmap_atomic(page, type)		page_address(page)
#define kunmap_atomic(addr, type)	((void)(addr))

#endif
