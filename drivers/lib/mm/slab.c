// SPDX-License-Identifier: MIT
/*
 * mm/slab.c - kmalloc() and object caches, in the manner of SLUB with all its
 * debugging on (slub_debug=FZPU). Not stepped.
 *
 * An object lies in its slot like this:
 *
 *	object		filled with POISON_FREE while it is free
 *	red zone	SLUB_RED_ACTIVE, from the last byte asked for
 *	struct track	free or live, size asked for, number
 *
 * Freed objects wait in a FIFO of at least KMEM_QUARANTINE before one is used
 * again; its poison is checked then, and at the end.
 */
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <lab/machine.h>
#include <lab/mm.h>
#include <lab/kernel.h>
#include "hooks.h"

#define KMEM_QUARANTINE		32
#define MIN_OBJECTS_PER_SLAB	8
#define RED_ZONE		8
#define RED_ZONE_INACTIVE	(0x0101010101010101ULL * SLUB_RED_INACTIVE)
#define RED_ZONE_ACTIVE		(0x0101010101010101ULL * SLUB_RED_ACTIVE)

#define TRACK_FREE		0x66726565	/* "free" */
#define TRACK_LIVE		0x6c697665	/* "live" */

struct track {
	u32 state;
	u32 size;			/* bytes asked for */
	u32 serial;
	struct track *next;		/* in the FIFO of free objects */
};

struct kmem_cache {
	const char *name;
	u32 object_size;		/* a multiple of 8 */
	u32 stride;			/* from one object to the next */
	u32 objects;			/* in a slab */
	u32 slab_pages;
	u32 nr_free;
	struct track *first_free, *last_free;
	u32 leaks;			/* found at the end */
	bool in_use;
};

#define MAX_CACHES	32

/* Leaked objects of one cache that are reported one by one; the others by their number. */
#define MAX_LEAKS	8

static struct kmem_cache caches[MAX_CACHES];

static const struct {
	const char *name;
	u32 size;
} kmalloc_sizes[] = {
	{ "kmalloc-8", 8 }, { "kmalloc-16", 16 }, { "kmalloc-32", 32 }, { "kmalloc-64", 64 },
	{ "kmalloc-96", 96 }, { "kmalloc-128", 128 }, { "kmalloc-192", 192 }, { "kmalloc-256", 256 },
	{ "kmalloc-512", 512 }, { "kmalloc-1024", 1024 }, { "kmalloc-2048", 2048 }, { "kmalloc-4096", 4096 },
};

#define NR_KMALLOC	ARRAY_SIZE(kmalloc_sizes)

static u32 serial;
static u32 baseline;

u32 kmem_next_serial(void)
{
	return ++serial;
}

void kmem_mark_baseline(void)
{
	baseline = serial;
}

void kmem_finding(u32 kind, const void *object, u32 size, const char *fmt, ...)
{
	char text[240];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	lab_finding(kind, object, size, text, min(len, (int)sizeof(text) - 1));
}

static struct track *track_of(const struct kmem_cache *s, const void *object)
{
	return (struct track *)((char *)object + s->object_size + RED_ZONE);
}

static void *object_of(const struct kmem_cache *s, const struct track *t)
{
	return (char *)t - s->object_size - RED_ZONE;
}

static void poison_object(const struct kmem_cache *s, u8 *object)
{
	__builtin_memset(object, POISON_FREE, s->object_size);
	object[s->object_size - 1] = POISON_END;
	*(u64 *)(object + s->object_size) = RED_ZONE_INACTIVE;
}

/* Offset of the first byte in [from, to) that is not @value; @to if all are. */
static u32 first_not(const u8 *p, u32 from, u32 to, u8 value)
{
	u64 word = 0x0101010101010101ULL * value;

	while (from < to && (from & 7) && p[from] == value)
		from++;
	if (!(from & 7)) {
		for (; from + 32 <= to; from += 32) {
			const u64 *q = (const u64 *)(p + from);

			if ((q[0] ^ word) | (q[1] ^ word) | (q[2] ^ word) | (q[3] ^ word))
				break;
		}
		while (from + 8 <= to && *(const u64 *)(p + from) == word)
			from += 8;
	}
	while (from < to && p[from] == value)
		from++;
	return from;
}

/* Is a free object as it was left? Reports what is not, once. */
static void check_free_object(const struct kmem_cache *s, const u8 *object)
{
	const struct track *t = track_of(s, object);
	u32 end = s->object_size - 1;
	u32 bad = first_not(object, 0, end, POISON_FREE);

	if (bad == end && object[end] == POISON_END) {
		if (*(const u64 *)(object + end + 1) == RED_ZONE_INACTIVE && t->state == TRACK_FREE)
			return;
		bad = first_not(object, end + 1, end + 1 + RED_ZONE, SLUB_RED_INACTIVE);
	}
	kmem_finding(LAB_FINDING_USE_AFTER_FREE, object, s->object_size,
		     "%s: object %p was written to after it was freed: byte %u is 0x%02x, expected 0x%02x",
		     s->name, object, bad, object[bad],
		     bad < end ? POISON_FREE : bad == end ? POISON_END : SLUB_RED_INACTIVE);
}

static void append_free(struct kmem_cache *s, struct track *t)
{
	t->state = TRACK_FREE;
	t->next = NULL;
	if (s->last_free)
		s->last_free->next = t;
	else
		s->first_free = t;
	s->last_free = t;
	s->nr_free++;
}

static bool new_slab(struct kmem_cache *s)
{
	struct page *page = __alloc_contig(s->slab_pages, 1);
	u8 *object;
	u32 i;

	if (!page)
		return false;
	for (i = 0; i < s->slab_pages; i++) {
		page[i].flags = BIT(PG_slab) | (i ? BIT(PG_tail) : 0);
		page[i].slab = s;
	}
	object = page_address(page);
	for (i = 0; i < s->objects; i++, object += s->stride) {
		poison_object(s, object);
		append_free(s, track_of(s, object));
	}
	return true;
}

static void *slab_alloc(struct kmem_cache *s, u32 size)
{
	unsigned long flags;
	struct track *t;
	u8 *object;

	local_irq_save(flags);
	__lab_hook_uncounted(1);
	if (s->nr_free <= KMEM_QUARANTINE)
		new_slab(s);
	t = s->first_free;
	if (unlikely(!t)) {
		__lab_hook_uncounted(-1);
		local_irq_restore(flags);
		return NULL;
	}
	object = object_of(s, t);
	check_free_object(s, object);
	s->first_free = t->next;
	if (!s->first_free)
		s->last_free = NULL;
	s->nr_free--;

	t->state = TRACK_LIVE;
	t->size = size;
	t->serial = kmem_next_serial();
	*(u64 *)(object + s->object_size) = RED_ZONE_ACTIVE;
	if (size != s->object_size)
		__builtin_memset(object + size, SLUB_RED_ACTIVE, s->object_size - size);
	__lab_hook_uncounted(-1);
	local_irq_restore(flags);
	return object;
}

/* Page of a pointer into the heap; NULL for any other. */
static struct page *heap_page(const void *p)
{
	unsigned long pfn = (unsigned long)p >> PAGE_SHIFT;

	if (pfn < first_pfn || pfn >= fresh_pfn)
		return NULL;
	return &mem_map[pfn];
}

/* Slot that @p begins; NULL if it begins none. */
static struct track *find_track(const struct page *page, const void *p)
{
	const struct kmem_cache *s = page->slab;
	u32 offset = (unsigned long)p - (unsigned long)page_address(page - page->slab_page);

	if (offset % s->stride || offset / s->stride >= s->objects)
		return NULL;
	return track_of(s, p);
}

static void bad_free(const void *p, const char *func)
{
	kmem_finding(LAB_FINDING_BAD_FREE, p, 0, "%s: %p was not allocated with kmalloc()", func, p);
}

static void slab_free(struct kmem_cache *s, struct track *t, void *p, const char *func)
{
	unsigned long flags;
	u32 end = s->object_size + RED_ZONE, bad;

	if (t->state == TRACK_FREE) {
		kmem_finding(LAB_FINDING_DOUBLE_FREE, p, s->object_size,
			     "%s: object %p of %s is free already", func, p, s->name);
		return;
	}
	__lab_hook_uncounted(1);
	bad = t->state == TRACK_LIVE ? first_not(p, t->size, end, SLUB_RED_ACTIVE) : end;
	if (bad != end || t->state != TRACK_LIVE)
		kmem_finding(LAB_FINDING_OVERRUN, p, t->state == TRACK_LIVE ? t->size : s->object_size,
			     "%s: object %p of %s (%u bytes asked for) was written to beyond its end, at byte %u",
			     func, p, s->name, t->state == TRACK_LIVE ? t->size : s->object_size, bad);

	lab_charge(LAB_COST_FREE, s->object_size);
	lab_kmem(LAB_KMEM_FREE, p, s->object_size);
	local_irq_save(flags);
	poison_object(s, p);
	append_free(s, t);
	__lab_hook_uncounted(-1);
	local_irq_restore(flags);
}

static void *large_alloc(size_t size)
{
	struct page *page = __alloc_contig(PAGE_ALIGN(size) >> PAGE_SHIFT, 1);

	if (!page)
		return NULL;
	set_bit(PG_large, &page->flags);
	return page_address(page);
}

/* kmalloc() without an injected fault: for callers that ask for one of their own kind. */
void *__kmalloc_nofault(size_t size, gfp_t gfp)
{
	void *p = NULL;
	u32 i;

	might_sleep_if(gfp & __GFP_WAIT);
	lab_charge(LAB_COST_ALLOC, size);
	for (i = 0; i < NR_KMALLOC && kmalloc_sizes[i].size < size; i++)
		;
	if (i < NR_KMALLOC)
		p = slab_alloc(&caches[i], size);
	else if (size < max_mapnr << PAGE_SHIFT)
		p = large_alloc(size);
	if (!p)
		return NULL;
	lab_kmem(LAB_KMEM_ALLOC, p, size);
	if (gfp & __GFP_ZERO)
		memset(p, 0, size);
	return p;
}

/**
 * kmalloc - get memory
 * @size: bytes
 * @gfp: GFP_KERNEL (may sleep), GFP_ATOMIC ...
 *
 * Contents are poison, to be seen for what they are; NULL if there is no memory.
 */
void *kmalloc(size_t size, gfp_t gfp)
{
	if (lab_fault(LAB_FAULT_KMALLOC))
		return NULL;
	return __kmalloc_nofault(size, gfp);
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	if (size && n > ULONG_MAX / size)
		return NULL;
	return kmalloc(n * size, gfp);
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	if (size && n > ULONG_MAX / size)
		return NULL;
	return kmalloc(n * size, gfp | __GFP_ZERO);
}

void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *p = kmalloc(len, gfp);

	if (p)
		memcpy(p, src, len);
	return p;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return s ? kmemdup(s, strlen(s) + 1, gfp) : NULL;
}

/**
 * kfree - give memory back
 * @p: what kmalloc() gave, or NULL
 */
void kfree(const void *p)
{
	struct page *page;
	struct track *t;

	if (!p)
		return;
	page = heap_page(p);
	if (page && test_bit(PG_slab, &page->flags)) {
		t = find_track(page, p);
		if (t)
			slab_free(page->slab, t, (void *)p, __func__);
		else
			bad_free(p, __func__);
		return;
	}
	if (!page || offset_in_page(p) || (!test_bit(PG_large, &page->flags) && !test_bit(PG_free, &page->flags))) {
		bad_free(p, __func__);
		return;
	}
	if (test_bit(PG_free, &page->flags)) {
		kmem_finding(LAB_FINDING_DOUBLE_FREE, p, PAGE_SIZE, "%s: %p is free already", __func__, p);
		return;
	}
	lab_charge(LAB_COST_FREE, page->nr_pages * PAGE_SIZE);
	lab_kmem(LAB_KMEM_FREE, p, page->nr_pages * PAGE_SIZE);
	__free_contig(page);
}

/* Bytes that may be used. */
size_t ksize(const void *p)
{
	struct page *page = heap_page(p);
	struct track *t;

	if (!page)
		return 0;
	if (!test_bit(PG_slab, &page->flags))
		return page->nr_pages * PAGE_SIZE;
	t = find_track(page, p);
	return t ? t->size : 0;
}

static void init_cache(struct kmem_cache *s, const char *name, u32 size)
{
	s->name = name;
	s->object_size = max(ALIGN(size, 8), 8U);
	s->stride = s->object_size + RED_ZONE + sizeof(struct track);
	s->slab_pages = PAGE_ALIGN(s->stride * MIN_OBJECTS_PER_SLAB) >> PAGE_SHIFT;
	s->objects = (s->slab_pages << PAGE_SHIFT) / s->stride;
	s->in_use = true;
}

/**
 * kmem_cache_create - a cache for objects of one size
 * @name: for messages
 * @size: bytes
 * @align: up to 8 is given; more is not
 * @flags: ignored: debugging is always on
 * @ctor: must be NULL: it could not tell fresh objects from poisoned ones
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     unsigned long flags, void (*ctor)(void *))
{
	u32 i;

	(void)flags;
	if (WARN(align > 8 || ctor, "kmem_cache_create(%s): alignment over 8 and constructors are not supported\n", name))
		return NULL;
	for (i = NR_KMALLOC; i < MAX_CACHES; i++) {
		if (caches[i].in_use)
			continue;
		init_cache(&caches[i], name, size);
		return &caches[i];
	}
	return NULL;
}

/* Its slabs stay, so that what is still in use is reported; its name may be gone. */
void kmem_cache_destroy(struct kmem_cache *s)
{
	s->name = "a destroyed cache";
}

void *__kmem_cache_alloc_nofault(struct kmem_cache *s, gfp_t gfp)
{
	void *p;

	might_sleep_if(gfp & __GFP_WAIT);
	lab_charge(LAB_COST_ALLOC, s->object_size);
	p = slab_alloc(s, s->object_size);
	if (p)
		lab_kmem(LAB_KMEM_ALLOC, p, s->object_size);
	return p;
}

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	if (lab_fault(LAB_FAULT_KMALLOC))
		return NULL;
	return __kmem_cache_alloc_nofault(s, gfp);
}

void *kmem_cache_zalloc(struct kmem_cache *s, gfp_t gfp)
{
	void *p = kmem_cache_alloc(s, gfp);

	if (p)
		memset(p, 0, s->object_size);
	return p;
}

void kmem_cache_free(struct kmem_cache *s, void *p)
{
	struct page *page = heap_page(p);
	struct track *t = page && test_bit(PG_slab, &page->flags) && page->slab == s ? find_track(page, p) : NULL;

	if (t)
		slab_free(s, t, p, __func__);
	else
		kmem_finding(LAB_FINDING_BAD_FREE, p, 0, "%s: %p is no object of %s", __func__, p, s->name);
}

bool kmem_is_live(const void *p)
{
	struct page *page = heap_page(p);
	struct track *t = page && test_bit(PG_slab, &page->flags) ? find_track(page, p) : NULL;

	return t && t->state != TRACK_FREE;
}

void kmem_disown(const void *p)
{
	struct page *page = heap_page(p);
	struct track *t;

	if (!page)
		return;
	if (!test_bit(PG_slab, &page->flags)) {
		page->serial = 0;
		return;
	}
	t = find_track(page, p);
	if (t)
		t->serial = 0;
}

static void for_each_object(void (*visit)(struct kmem_cache *s, struct track *t, void *object))
{
	struct kmem_cache *s;
	unsigned long pfn;
	u8 *object;
	u32 i;

	for (pfn = first_pfn; pfn < fresh_pfn; pfn++) {
		if (!test_bit(PG_slab, &mem_map[pfn].flags) || mem_map[pfn].slab_page)
			continue;
		s = mem_map[pfn].slab;
		object = page_address(&mem_map[pfn]);
		for (i = 0; i < s->objects; i++, object += s->stride)
			visit(s, track_of(s, object), object);
	}
}

static bool leaked(const struct track *t)
{
	return t->state == TRACK_LIVE && t->serial > baseline;
}

static void report_skb(struct kmem_cache *s, struct track *t, void *object)
{
	if (s != skbuff_head_cache || !leaked(t))
		return;
	if (++s->leaks <= MAX_LEAKS)
		kmem_finding(LAB_FINDING_LEAK, object, t->size, "skb %p was never freed", object);
	t->serial = 0;
	skb_disown_buffers(object);
}

static void report_object(struct kmem_cache *s, struct track *t, void *object)
{
	if (t->state == TRACK_FREE)
		check_free_object(s, object);
	else if (leaked(t) && ++s->leaks <= MAX_LEAKS)
		kmem_finding(LAB_FINDING_LEAK, object, t->size, "%s: %u bytes at %p were never freed",
			     s->name, t->size, object);
}

static void report_pages(void)
{
	struct page *page;
	unsigned long pfn;
	u32 leaks = 0;

	for (pfn = first_pfn; pfn < fresh_pfn; pfn++) {
		page = &mem_map[pfn];
		if (page->flags & (BIT(PG_slab) | BIT(PG_tail) | BIT(PG_free)) || page->serial <= baseline)
			continue;
		if (++leaks <= MAX_LEAKS)
			kmem_finding(LAB_FINDING_LEAK, page_address(page), page->nr_pages * PAGE_SIZE,
				     "%s%u page%s at %p: never freed", test_bit(PG_large, &page->flags) ? "kmalloc, " : "",
				     page->nr_pages, page->nr_pages == 1 ? "" : "s", page_address(page));
	}
	if (leaks > MAX_LEAKS)
		kmem_finding(LAB_FINDING_LEAK, NULL, 0, "%u more allocations of whole pages were never freed",
			     leaks - MAX_LEAKS);
}

/* After removal of the driver: what is left, and whether freed memory was left alone. */
void kmem_report_leaks(void)
{
	struct kmem_cache *s;

	/* An skb's buffer and pages are part of it: they are not reported again. */
	for_each_object(report_skb);
	for_each_object(report_object);
	for (s = caches; s < caches + MAX_CACHES; s++) {
		if (s->leaks > MAX_LEAKS)
			kmem_finding(LAB_FINDING_LEAK, NULL, s->object_size, "%u more objects of %s were never freed",
				     s->leaks - MAX_LEAKS, s->name);
	}
	report_pages();
}

void kmem_cache_init(void)
{
	u32 i;

	for (i = 0; i < NR_KMALLOC; i++)
		init_cache(&caches[i], kmalloc_sizes[i].name, kmalloc_sizes[i].size);
}
