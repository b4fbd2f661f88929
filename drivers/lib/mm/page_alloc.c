// SPDX-License-Identifier: MIT
/*
 * mm/page_alloc.c - whole pages. Not stepped.
 *
 * Deterministic and made for finding bugs: fresh pages come in order of address;
 * freed ones are poisoned and wait in a FIFO, so that a late write by a driver
 * or by the device is seen when the page is handed out again.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/irqflags.h>
#include <lab/machine.h>
#include <lab/mm.h>
#include <lab/kernel.h>
#include "hooks.h"

/* Freed single pages that must be waiting before the oldest is used again. */
#define PAGE_QUARANTINE		16

struct page *mem_map;
unsigned long max_mapnr;
unsigned long first_pfn;	/* first page that is the allocator's */
unsigned long fresh_pfn;	/* pages from here on were never used */

static LIST_HEAD(free_list);
static unsigned int nr_free;

extern unsigned char __heap_base[];

void mem_init(void)
{
	unsigned long heap = PAGE_ALIGN((unsigned long)__heap_base);
	unsigned long pfn;

	max_mapnr = __builtin_wasm_memory_size(0) * (65536 / PAGE_SIZE) - lab_reserved_pages;
	mem_map = (struct page *)heap;
	first_pfn = PAGE_ALIGN(heap + max_mapnr * sizeof(struct page)) >> PAGE_SHIFT;
	fresh_pfn = first_pfn;
	for (pfn = 0; pfn < first_pfn; pfn++)
		mem_map[pfn].flags = BIT(PG_reserved);
}

static void put_on_free_list(struct page *page)
{
	page->flags = BIT(PG_free) | (page->flags & BIT(PG_poisoned));
	list_add_tail(&page->lru, &free_list);
	nr_free++;
}

static void take_off_free_list(struct page *page)
{
	list_del(&page->lru);
	nr_free--;
}

static void check_poison(struct page *page)
{
	const u64 *word = page_address(page);
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*word); i++) {
		if (likely(word[i] == 0x0101010101010101ULL * PAGE_POISON))
			continue;
		kmem_finding(LAB_FINDING_USE_AFTER_FREE, word, PAGE_SIZE,
			     "page %p was written to after it was freed: at offset %u there is 0x%llx, expected poison 0x%x",
			     word, (unsigned int)(i * sizeof(*word)), word[i], PAGE_POISON);
		return;
	}
}

static unsigned long find_free_run(unsigned int nr_pages, unsigned int align_pages)
{
	unsigned long pfn, run = 0;

	for (pfn = first_pfn; pfn < fresh_pfn; pfn++) {
		if (!test_bit(PG_free, &mem_map[pfn].flags) || (!run && pfn % align_pages))
			run = 0;
		else if (++run == nr_pages)
			return pfn + 1 - nr_pages;
	}
	return 0;
}

/* @nr_pages adjacent pages as one allocation with one reference; NULL if there are none. */
struct page *__alloc_contig(unsigned int nr_pages, unsigned int align_pages)
{
	unsigned long pfn = 0, flags;
	unsigned int i;
	struct page *page = NULL;

	local_irq_save(flags);
	__lab_hook_uncounted(1);
	if (nr_pages == 1 && nr_free > PAGE_QUARANTINE) {
		pfn = page_to_pfn(list_first_entry(&free_list, struct page, lru));
	} else if (ALIGN(fresh_pfn, align_pages) + nr_pages <= max_mapnr) {
		while (fresh_pfn % align_pages)
			put_on_free_list(&mem_map[fresh_pfn++]);
		pfn = fresh_pfn;
		fresh_pfn += nr_pages;
	} else {
		pfn = find_free_run(nr_pages, align_pages);
	}
	if (!pfn)
		goto out;

	page = &mem_map[pfn];
	for (i = 0; i < nr_pages; i++) {
		if (test_bit(PG_free, &page[i].flags))
			take_off_free_list(&page[i]);
		if (test_bit(PG_poisoned, &page[i].flags))
			check_poison(&page[i]);
		page[i].flags = i ? BIT(PG_tail) : 0;
		page[i].slab_page = i;
		page[i].private = 0;
		page[i].slab = NULL;
		atomic_set(&page[i]._count, i ? 0 : 1);
	}
	page->nr_pages = nr_pages;
	page->serial = kmem_next_serial();
out:
	__lab_hook_uncounted(-1);
	local_irq_restore(flags);
	return page;
}

void __free_contig(struct page *first)
{
	unsigned int i, nr_pages = first->nr_pages;
	unsigned long flags;

	local_irq_save(flags);
	__lab_hook_uncounted(1);
	__builtin_memset(page_address(first), PAGE_POISON, nr_pages * PAGE_SIZE);
	for (i = 0; i < nr_pages; i++) {
		first[i].flags = BIT(PG_poisoned);
		atomic_set(&first[i]._count, 0);
		put_on_free_list(&first[i]);
	}
	__lab_hook_uncounted(-1);
	local_irq_restore(flags);
}

static struct page *get_pages(unsigned int nr_pages, unsigned int align_pages, gfp_t gfp)
{
	struct page *page;

	might_sleep_if(gfp & __GFP_WAIT);
	lab_charge(LAB_COST_ALLOC, nr_pages * PAGE_SIZE);
	if (lab_fault(LAB_FAULT_PAGE))
		return NULL;
	page = __alloc_contig(nr_pages, align_pages);
	if (!page)
		return NULL;
	lab_kmem(LAB_KMEM_ALLOC, page_address(page), nr_pages * PAGE_SIZE);
	if (gfp & __GFP_ZERO)
		memset(page_address(page), 0, nr_pages * PAGE_SIZE);
	return page;
}

/* The last reference is gone. */
static void release_pages(struct page *page)
{
	u32 size = page->nr_pages * PAGE_SIZE;

	lab_charge(LAB_COST_FREE, size);
	lab_kmem(LAB_KMEM_FREE, page_address(page), size);
	__free_contig(page);
}

static bool valid_to_free(struct page *page, const char *func)
{
	unsigned long pfn = page_to_pfn(page);
	void *addr = page_address(page);

	if (pfn < first_pfn || pfn >= fresh_pfn || test_bit(PG_slab, &page->flags) ||
	    test_bit(PG_tail, &page->flags)) {
		kmem_finding(LAB_FINDING_BAD_FREE, addr, PAGE_SIZE,
			     "%s: %p is not the first page of an allocation", func, addr);
		return false;
	}
	if (test_bit(PG_free, &page->flags)) {
		kmem_finding(LAB_FINDING_DOUBLE_FREE, addr, PAGE_SIZE, "%s: page %p is free already", func, addr);
		return false;
	}
	return true;
}

/**
 * alloc_pages - get 2^order pages, adjacent and aligned to their size
 * @gfp: GFP_KERNEL, GFP_ATOMIC ...
 * @order: log2 of the number
 */
struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	return get_pages(1U << order, 1U << order, gfp);
}

void __free_pages(struct page *page, unsigned int order)
{
	(void)order;
	put_page(page);
}

void get_page(struct page *page)
{
	atomic_inc(&page->_count);
}

/**
 * put_page - drop a reference; the last one frees the page
 * @page: page
 */
void put_page(struct page *page)
{
	if (!valid_to_free(page, __func__))
		return;
	if (atomic_dec_and_test(&page->_count))
		release_pages(page);
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp, order);

	return page ? (unsigned long)page_address(page) : 0;
}

unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

void free_pages(unsigned long addr, unsigned int order)
{
	if (addr)
		__free_pages(virt_to_page((void *)addr), order);
}

/**
 * alloc_pages_exact - get whole pages for @size bytes, no more
 * @size: bytes
 * @gfp: GFP_KERNEL, GFP_ATOMIC ...
 */
void *alloc_pages_exact(size_t size, gfp_t gfp)
{
	struct page *page = get_pages(PAGE_ALIGN(size) >> PAGE_SHIFT, 1, gfp);

	return page ? page_address(page) : NULL;
}

void free_pages_exact(void *virt, size_t size)
{
	(void)size;
	put_page(virt_to_page(virt));
}
