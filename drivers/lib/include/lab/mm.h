/* SPDX-License-Identifier: MIT */
/* lab/mm.h - between the page allocator, the object caches and skbuff.c. Not for drivers. */
#ifndef _LAB_MM_H
#define _LAB_MM_H

#include <linux/mm.h>
#include <linux/slab.h>

extern unsigned long first_pfn, fresh_pfn;

struct page *__alloc_contig(unsigned int nr_pages, unsigned int align_pages);
void __free_contig(struct page *first);
u32 kmem_next_serial(void);
void kmem_finding(u32 kind, const void *object, u32 size, const char *fmt, ...) __printf(4, 5);

/* The same as kmalloc() and kmem_cache_alloc(), for callers that have asked for their own injected fault. */
void *__kmalloc_nofault(size_t size, gfp_t gfp);
void *__kmem_cache_alloc_nofault(struct kmem_cache *s, gfp_t gfp);
/* Is this the beginning of an object that is allocated? */
bool kmem_is_live(const void *p);
/* A leaked object that is reported as part of another one. */
void kmem_disown(const void *p);

struct sk_buff;
extern struct kmem_cache *skbuff_head_cache;
void skb_disown_buffers(struct sk_buff *skb);
void skb_bad_free(const struct sk_buff *skb, const char *func);

#endif
