// SPDX-License-Identifier: MIT
/* net/core/skbuff.c - making, filling, cutting and freeing packets. */
#include <linux/skbuff.h>
#include <linux/netdevice.h>
#include <net/sock.h>
#include <lab/machine.h>
#include <lab/kernel.h>
#include <lab/mm.h>

/* 32 KiB: what a socket or a driver cuts its buffers from. */
#define SKB_FRAG_PAGE_ORDER	3

struct kmem_cache *skbuff_head_cache;

void skb_init(void)
{
	skbuff_head_cache = kmem_cache_create("skbuff_head_cache", sizeof(struct sk_buff), 8, SLAB_PANIC, NULL);
}

/* An empty packet in a buffer of @size bytes, with struct skb_shared_info behind them. */
static void init_skb(struct sk_buff *skb, u8 *data, unsigned int size)
{
	struct skb_shared_info *shinfo;

	memset(skb, 0, sizeof(*skb));
	skb->truesize = size + sizeof(struct sk_buff);
	atomic_set(&skb->users, 1);
	skb->head = data;
	skb->data = data;
	skb->tail = data;
	skb->end = data + size;

	shinfo = skb_shinfo(skb);
	memset(shinfo, 0, offsetof(struct skb_shared_info, frags));
	atomic_set(&shinfo->dataref, 1);
}

/**
 * alloc_skb - get an empty packet
 * @size: bytes of its linear part
 * @gfp: GFP_KERNEL, GFP_ATOMIC ...
 */
struct sk_buff *alloc_skb(unsigned int size, gfp_t gfp)
{
	struct sk_buff *skb;
	u8 *data;

	if (lab_fault(LAB_FAULT_SKB))
		return NULL;
	skb = __kmem_cache_alloc_nofault(skbuff_head_cache, gfp);
	if (!skb)
		return NULL;
	size = SKB_DATA_ALIGN(size);
	data = __kmalloc_nofault(size + sizeof(struct skb_shared_info), gfp);
	if (!data) {
		kmem_cache_free(skbuff_head_cache, skb);
		return NULL;
	}

	init_skb(skb, data, size);
	lab_skb(LAB_SKB_ALLOC, skb);
	return skb;
}

/**
 * __netdev_alloc_skb - get a packet for a device to receive into
 * @dev: device
 * @length: bytes, behind NET_SKB_PAD bytes of headroom
 * @gfp: GFP_KERNEL, GFP_ATOMIC ...
 */
struct sk_buff *__netdev_alloc_skb(struct net_device *dev, unsigned int length, gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb(length + NET_SKB_PAD, gfp);

	if (likely(skb)) {
		skb_reserve(skb, NET_SKB_PAD);
		skb->dev = dev;
	}
	return skb;
}

/**
 * napi_alloc_skb - the same, in a poll function
 * @napi: its context
 * @length: bytes, behind NET_SKB_PAD + NET_IP_ALIGN bytes of headroom
 */
struct sk_buff *napi_alloc_skb(struct napi_struct *napi, unsigned int length)
{
	return netdev_alloc_skb_ip_align(napi->dev, length);
}

/**
 * build_skb - make a packet around memory that has its data already
 * @data: a piece of pages; one reference becomes the packet's
 * @frag_size: bytes of it, those behind the data for struct skb_shared_info included
 */
struct sk_buff *build_skb(void *data, unsigned int frag_size)
{
	unsigned int size = frag_size - SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	struct sk_buff *skb;

	if (lab_fault(LAB_FAULT_SKB))
		return NULL;
	skb = __kmem_cache_alloc_nofault(skbuff_head_cache, GFP_ATOMIC);
	if (!skb)
		return NULL;
	init_skb(skb, data, size);
	skb->head_frag = 1;
	lab_skb(LAB_SKB_ALLOC, skb);
	return skb;
}

struct sk_buff *dev_alloc_skb(unsigned int length)
{
	return __netdev_alloc_skb(NULL, length, GFP_ATOMIC);
}

struct sk_buff *netdev_alloc_skb_ip_align(struct net_device *dev, unsigned int length)
{
	struct sk_buff *skb = netdev_alloc_skb(dev, length + NET_IP_ALIGN);

	if (skb)
		skb_reserve(skb, NET_IP_ALIGN);
	return skb;
}

static void skb_release_data(struct sk_buff *skb)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	int i;

	for (i = 0; i < shinfo->nr_frags; i++)
		put_page(shinfo->frags[i].page);
	if (skb->head_frag)
		put_page(virt_to_head_page(skb->head));
	else
		kfree(skb->head);
}

/* What a leaked packet holds is leaked with it. */
void skb_disown_buffers(struct sk_buff *skb)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	int i;

	kmem_disown(skb->head_frag ? page_address(virt_to_head_page(skb->head)) : skb->head);
	for (i = 0; i < shinfo->nr_frags && i < (int)MAX_SKB_FRAGS; i++)
		kmem_disown(page_address(shinfo->frags[i].page));
}

/**
 * __kfree_skb - free a packet to which nobody has a reference any more
 * @skb: packet
 */
void __kfree_skb(struct sk_buff *skb)
{
	lab_skb(LAB_SKB_FREE, skb);
	if (skb->destructor) {
		WARN_ON(in_irq());
		skb->destructor(skb);
	}
	skb_release_data(skb);
	kmem_cache_free(skbuff_head_cache, skb);
}

void skb_bad_free(const struct sk_buff *skb, const char *func)
{
	kmem_finding(LAB_FINDING_DOUBLE_FREE, skb, sizeof(*skb), "%s: skb %p is free already", func, skb);
}

/**
 * kfree_skb - drop a reference to a packet; the last one frees it
 * @skb: packet, or NULL
 *
 * Not in a hard interrupt: dev_kfree_skb_irq() is for that.
 */
void kfree_skb(struct sk_buff *skb)
{
	if (unlikely(!skb))
		return;
	/* The count of references in freed memory is poison: it would not drop to 0. */
	if (unlikely(!kmem_is_live(skb))) {
		skb_bad_free(skb, __func__);
		return;
	}
	if (likely(atomic_read(&skb->users) == 1))
		smp_rmb();
	else if (likely(!atomic_dec_and_test(&skb->users)))
		return;
	__kfree_skb(skb);
}

void consume_skb(struct sk_buff *skb)
{
	kfree_skb(skb);
}

static void __noreturn skb_over_panic(struct sk_buff *skb, int size, const char *func)
{
	panic("%s: text does not fit: len %u, put %d, head %p, data %p, tail %p, end %p",
	      func, skb->len, size, skb->head, skb->data, skb->tail, skb->end);
}

/**
 * skb_put - extend the data at its end
 * @skb: linear packet
 * @len: bytes
 *
 * First byte of the extension.
 */
unsigned char *skb_put(struct sk_buff *skb, unsigned int len)
{
	unsigned char *tail = skb_tail_pointer(skb);

	BUG_ON(skb_is_nonlinear(skb));
	skb->tail += len;
	skb->len += len;
	if (unlikely(skb->tail > skb->end))
		skb_over_panic(skb, len, __func__);
	return tail;
}

/**
 * skb_push - extend the data at its beginning, into the headroom
 * @skb: packet
 * @len: bytes
 */
unsigned char *skb_push(struct sk_buff *skb, unsigned int len)
{
	skb->data -= len;
	skb->len += len;
	if (unlikely(skb->data < skb->head))
		skb_over_panic(skb, len, __func__);
	return skb->data;
}

/**
 * skb_pull - take bytes off the beginning
 * @skb: packet
 * @len: bytes
 *
 * New beginning; NULL if there are fewer.
 */
unsigned char *skb_pull(struct sk_buff *skb, unsigned int len)
{
	return unlikely(len > skb->len) ? NULL : __skb_pull(skb, len);
}

/**
 * skb_trim - cut a linear packet
 * @skb: packet
 * @len: new length
 */
void skb_trim(struct sk_buff *skb, unsigned int len)
{
	if (skb->len <= len)
		return;
	if (WARN_ON(skb_is_nonlinear(skb)))
		return;
	skb->len = len;
	skb->tail = skb->data + len;
}

/* Fragments beyond @len lose their pages. */
int ___pskb_trim(struct sk_buff *skb, unsigned int len)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int offset = skb_headlen(skb);
	int i, nr_frags = shinfo->nr_frags;

	if (offset >= len) {
		for (i = 0; i < nr_frags; i++)
			put_page(shinfo->frags[i].page);
		shinfo->nr_frags = 0;
		skb->len = len;
		skb->data_len = 0;
		skb->tail = skb->data + len;
		return 0;
	}

	for (i = 0; i < nr_frags; i++) {
		unsigned int end = offset + shinfo->frags[i].size;

		if (end >= len)
			break;
		offset = end;
	}
	if (i < nr_frags) {
		shinfo->frags[i].size = len - offset;
		shinfo->nr_frags = i + 1;
		for (i++; i < nr_frags; i++)
			put_page(shinfo->frags[i].page);
	}
	skb->data_len -= skb->len - len;
	skb->len = len;
	return 0;
}

/* The part of [offset, offset + len) that lies in [start, end), as bytes from @start. */
static bool overlap(int start, int end, int offset, int len, int *from, int *bytes)
{
	int first = max(start, offset), last = min(end, offset + len);

	*from = first - start;
	*bytes = last - first;
	return first < last;
}

/**
 * skb_copy_bits - copy data out of a packet
 * @skb: packet, linear or not
 * @offset: of the first byte
 * @to: where to
 * @len: bytes
 *
 * 0, or -EFAULT if the packet is shorter.
 */
int skb_copy_bits(const struct sk_buff *skb, int offset, void *to, int len)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	int start = skb_headlen(skb), from, bytes, i;

	if (offset < 0 || offset > (int)skb->len - len)
		return -EFAULT;
	if (overlap(0, start, offset, len, &from, &bytes))
		memcpy(to, skb->data + from, bytes);
	for (i = 0; i < shinfo->nr_frags; i++) {
		const skb_frag_t *frag = &shinfo->frags[i];
		int end = start + frag->size;

		if (overlap(start, end, offset, len, &from, &bytes))
			memcpy(to + (start + from - offset), page_address(frag->page) + frag->page_offset + from, bytes);
		start = end;
	}
	return 0;
}

/* The other direction: write into a packet. */
int skb_store_bits(struct sk_buff *skb, int offset, const void *from_buf, int len)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	int start = skb_headlen(skb), from, bytes, i;

	if (offset < 0 || offset > (int)skb->len - len)
		return -EFAULT;
	if (overlap(0, start, offset, len, &from, &bytes))
		memcpy(skb->data + from, from_buf, bytes);
	for (i = 0; i < shinfo->nr_frags; i++) {
		skb_frag_t *frag = &shinfo->frags[i];
		int end = start + frag->size;

		if (overlap(start, end, offset, len, &from, &bytes))
			memcpy(page_address(frag->page) + frag->page_offset + from,
			       from_buf + (start + from - offset), bytes);
		start = end;
	}
	return 0;
}

/**
 * skb_linearize - bring all data into the linear part
 * @skb: packet
 */
int skb_linearize(struct sk_buff *skb)
{
	struct skb_shared_info *old, *new;
	unsigned int headroom = skb_headroom(skb), size = SKB_DATA_ALIGN(headroom + skb->len);
	int i;
	u8 *data;

	if (!skb_is_nonlinear(skb))
		return 0;
	data = kmalloc(size + sizeof(struct skb_shared_info), GFP_ATOMIC);
	if (!data)
		return -ENOMEM;
	skb_copy_bits(skb, 0, data + headroom, skb->len);
	memcpy(data, skb->head, headroom);

	old = skb_shinfo(skb);
	new = (struct skb_shared_info *)(data + size);
	memcpy(new, old, offsetof(struct skb_shared_info, frags));
	new->nr_frags = 0;
	for (i = 0; i < old->nr_frags; i++)
		put_page(old->frags[i].page);

	if (skb->mac_header)
		skb->mac_header += data - skb->head;
	if (skb->network_header)
		skb->network_header += data - skb->head;
	if (skb->transport_header)
		skb->transport_header += data - skb->head;
	kfree(skb->head);
	skb->head = data;
	skb->data = data + headroom;
	skb->tail = skb->data + skb->len;
	skb->end = data + size;
	skb->data_len = 0;
	return 0;
}

/**
 * __pskb_pull_tail - move bytes from the fragments to the end of the linear part
 * @skb: packet
 * @delta: bytes; no more than there are
 *
 * The end of the linear part; NULL if it has no room: the lab does not replace it.
 */
unsigned char *__pskb_pull_tail(struct sk_buff *skb, int delta)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	int i, left = delta, kept = 0;

	if (skb->end - skb->tail < delta || skb_copy_bits(skb, skb_headlen(skb), skb->tail, delta))
		return NULL;

	for (i = 0; i < shinfo->nr_frags; i++) {
		skb_frag_t *frag = &shinfo->frags[i];
		int bytes = min_t(int, left, frag->size);

		left -= bytes;
		frag->page_offset += bytes;
		frag->size -= bytes;
		if (frag->size)
			shinfo->frags[kept++] = *frag;
		else
			put_page(frag->page);
	}
	shinfo->nr_frags = kept;
	skb->tail += delta;
	skb->data_len -= delta;
	return skb->tail;
}

void skb_add_rx_frag(struct sk_buff *skb, int i, struct page *page, int off, int size)
{
	skb_fill_page_desc(skb, i, page, off, size);
	skb->len += size;
	skb->data_len += size;
	skb->truesize += size;
}

/* The packet's last fragment goes on: no new one is needed. */
void skb_coalesce_rx_frag(struct sk_buff *skb, int i, int size, unsigned int truesize)
{
	skb_shinfo(skb)->frags[i].size += size;
	skb->len += size;
	skb->data_len += size;
	skb->truesize += truesize;
}

/**
 * skb_page_frag_refill - see that a piece of memory has room
 * @sz: bytes needed
 * @pfrag: piece: kept if it has room, begun anew if nobody uses it any more,
 *	replaced otherwise
 * @gfp: GFP_KERNEL, GFP_ATOMIC ...
 */
bool skb_page_frag_refill(unsigned int sz, struct page_frag *pfrag, gfp_t gfp)
{
	if (pfrag->page) {
		if (page_count(pfrag->page) == 1) {
			pfrag->offset = 0;
			return true;
		}
		if (pfrag->offset + sz <= pfrag->size)
			return true;
		put_page(pfrag->page);
	}

	pfrag->offset = 0;
	/* The large piece is not worth any effort: a page does as well. */
	pfrag->page = alloc_pages((gfp & ~__GFP_WAIT) | __GFP_COMP | __GFP_NOWARN, SKB_FRAG_PAGE_ORDER);
	if (likely(pfrag->page)) {
		pfrag->size = PAGE_SIZE << SKB_FRAG_PAGE_ORDER;
		return true;
	}
	pfrag->page = alloc_page(gfp);
	pfrag->size = PAGE_SIZE;
	return pfrag->page != NULL;
}

/**
 * skb_to_sgvec - list a packet's pieces
 * @skb: packet
 * @sg: where to; the last entry used is marked as the end
 * @offset: of the first byte
 * @len: bytes
 *
 * Entries used.
 */
int skb_to_sgvec(struct sk_buff *skb, struct scatterlist *sg, int offset, int len)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	int start = skb_headlen(skb), from, bytes, i, n = 0;

	if (overlap(0, start, offset, len, &from, &bytes))
		sg_set_buf(&sg[n++], skb->data + from, bytes);
	for (i = 0; i < shinfo->nr_frags; i++) {
		skb_frag_t *frag = &shinfo->frags[i];
		int end = start + frag->size;

		if (overlap(start, end, offset, len, &from, &bytes))
			sg_set_page(&sg[n++], frag->page, bytes, frag->page_offset + from);
		start = end;
	}
	if (n)
		sg_mark_end(&sg[n - 1]);
	return n;
}

/**
 * skb_partial_csum_set - mark a packet as lacking its checksum
 * @skb: packet
 * @start: first byte that is summed, from skb->data
 * @off: of the checksum, from @start
 *
 * False if these do not lie in the linear part.
 */
bool skb_partial_csum_set(struct sk_buff *skb, u16 start, u16 off)
{
	if (unlikely(start > skb_headlen(skb)) || unlikely((int)start + off > (int)skb_headlen(skb) - 2)) {
		if (printk_ratelimit())
			printk(KERN_WARNING "bad partial csum: csum=%u/%u len=%u\n", start, off, skb_headlen(skb));
		return false;
	}
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + start;
	skb->csum_offset = off;
	return true;
}

/* Sum of @len bytes from @offset. */
static __wsum skb_checksum(const struct sk_buff *skb, int offset, int len)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	int start = skb_headlen(skb), from, bytes, i, done = 0;
	__wsum sum = 0;

	if (overlap(0, start, offset, len, &from, &bytes)) {
		sum = csum_partial(skb->data + from, bytes, 0);
		done = bytes;
	}
	for (i = 0; i < shinfo->nr_frags; i++) {
		const skb_frag_t *frag = &shinfo->frags[i];
		int end = start + frag->size;

		if (overlap(start, end, offset, len, &from, &bytes)) {
			__wsum part = csum_partial(page_address(frag->page) + frag->page_offset + from, bytes, 0);

			/* A piece that begins at an odd byte has its words the wrong way round. */
			if (done & 1)
				part = (part << 8) | (part >> 24);
			sum += part;
			if (sum < part)
				sum++;
			done += bytes;
		}
		start = end;
	}
	return sum;
}

/**
 * skb_checksum_help - fill in a partial checksum, for a device that cannot
 * @skb: packet with ip_summed CHECKSUM_PARTIAL
 */
int skb_checksum_help(struct sk_buff *skb)
{
	int start = skb_checksum_start_offset(skb);
	__sum16 sum;

	BUG_ON(start < 0 || start + skb->csum_offset + 2 > (int)skb_headlen(skb));
	sum = csum_fold(skb_checksum(skb, start, skb->len - start));
	/* Not packed away as 0, which means "none" in UDP (RFC 768). */
	skb_store_bits(skb, start + skb->csum_offset, &(__sum16){ sum ? sum : 0xffff }, sizeof(sum));
	skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

/**
 * skb_orphan - let go of the socket that was charged
 * @skb: packet; its sender may send on as if it were gone
 */
void skb_orphan(struct sk_buff *skb)
{
	if (skb->destructor) {
		lab_skb(LAB_SKB_ORPHAN, skb);
		skb->destructor(skb);
	}
	skb->destructor = NULL;
	skb->sk = NULL;
}

void skb_queue_head(struct sk_buff_head *list, struct sk_buff *newsk)
{
	unsigned long flags;

	spin_lock_irqsave(&list->lock, flags);
	__skb_queue_head(list, newsk);
	spin_unlock_irqrestore(&list->lock, flags);
}

void skb_queue_tail(struct sk_buff_head *list, struct sk_buff *newsk)
{
	unsigned long flags;

	spin_lock_irqsave(&list->lock, flags);
	__skb_queue_tail(list, newsk);
	spin_unlock_irqrestore(&list->lock, flags);
}

struct sk_buff *skb_dequeue(struct sk_buff_head *list)
{
	struct sk_buff *skb;
	unsigned long flags;

	spin_lock_irqsave(&list->lock, flags);
	skb = __skb_dequeue(list);
	spin_unlock_irqrestore(&list->lock, flags);
	return skb;
}

void skb_unlink(struct sk_buff *skb, struct sk_buff_head *list)
{
	unsigned long flags;

	spin_lock_irqsave(&list->lock, flags);
	__skb_unlink(skb, list);
	spin_unlock_irqrestore(&list->lock, flags);
}

void skb_queue_purge(struct sk_buff_head *list)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(list)) != NULL)
		kfree_skb(skb);
}
