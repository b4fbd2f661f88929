/* SPDX-License-Identifier: MIT */
/*
 * linux/skbuff.h - struct sk_buff as of 2.6.31: a packet, as a linear part
 * [head .. data .. tail .. end) and page fragments in skb_shinfo().
 */
#ifndef _LINUX_SKBUFF_H
#define _LINUX_SKBUFF_H

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/spinlock.h>
#include <linux/scatterlist.h>
#include <net/checksum.h>

struct net_device;
struct sock;
struct sk_buff;

#define CHECKSUM_NONE		0	/* rx: check it; tx: done in software */
#define CHECKSUM_UNNECESSARY	1	/* rx: the device found it good */
#define CHECKSUM_COMPLETE	2
#define CHECKSUM_PARTIAL	3	/* tx: the device fills it in at csum_start + csum_offset */

#define L1_CACHE_BYTES		32
#define SMP_CACHE_BYTES		L1_CACHE_BYTES
#define SKB_DATA_ALIGN(x)	(((x) + (SMP_CACHE_BYTES - 1)) & ~(SMP_CACHE_BYTES - 1))
#define SKB_WITH_OVERHEAD(x)	((x) - sizeof(struct skb_shared_info))

/* Room for 64 KiB in pages that do not begin on a page boundary. */
#define MAX_SKB_FRAGS		(65536 / PAGE_SIZE + 2)

#ifndef NET_IP_ALIGN
#define NET_IP_ALIGN		2	/* aligns the IP header behind 14 bytes of Ethernet header */
#endif
#define NET_SKB_PAD		16

struct sk_buff_head {
	struct sk_buff *next;		/* as in struct sk_buff: the head is part of the ring */
	struct sk_buff *prev;
	__u32 qlen;
	spinlock_t lock;
};

typedef struct skb_frag_struct {
	struct page *page;
	__u32 page_offset;
	__u32 size;
} skb_frag_t;

/* Follows the linear part at skb->end. */
struct skb_shared_info {
	atomic_t dataref;
	unsigned short nr_frags;
	unsigned short gso_size;	/* bytes of payload in a segment; 0: not a GSO packet */
	unsigned short gso_segs;
	unsigned short gso_type;	/* SKB_GSO_* */
	struct sk_buff *frag_list;
	skb_frag_t frags[MAX_SKB_FRAGS];
};

enum {
	SKB_GSO_TCPV4 = 1 << 0,
	SKB_GSO_UDP = 1 << 1,
	SKB_GSO_DODGY = 1 << 2,		/* from an untrusted source: headers not checked yet */
	SKB_GSO_TCP_ECN = 1 << 3,
	SKB_GSO_TCPV6 = 1 << 4,
};

typedef u8 *sk_buff_data_t;

struct sk_buff {
	struct sk_buff *next;
	struct sk_buff *prev;
	struct sock *sk;		/* socket charged for it */
	struct net_device *dev;

	/* Free for whoever owns the packet at the moment; a driver's while it is in the driver. */
	char cb[48] __aligned(8);

	unsigned int len;		/* all bytes */
	unsigned int data_len;		/* of these, in fragments */
	__u16 mac_len;
	__u16 hdr_len;
	union {
		__wsum csum;
		struct {
			__u16 csum_start;	/* offset from head */
			__u16 csum_offset;	/* of the checksum, from csum_start */
		};
	};
	__u32 priority;
	__u8 local_df:1,
	     cloned:1,
	     ip_summed:2,		/* CHECKSUM_* */
	     nohdr:1,
	     ipvs_property:1,
	     peeked:1,
	     nf_trace:1;
	__u8 pkt_type:3,
	     head_frag:1;		/* head lies in pages: see build_skb() */
	__be16 protocol;
	void (*destructor)(struct sk_buff *skb);
	int iif;
	__u16 queue_mapping;
	__u16 vlan_tci;

	sk_buff_data_t transport_header;
	sk_buff_data_t network_header;
	sk_buff_data_t mac_header;
	sk_buff_data_t tail;
	sk_buff_data_t end;
	unsigned char *head;
	unsigned char *data;
	unsigned int truesize;		/* memory it accounts for: struct and buffer */
	atomic_t users;
};

#define skb_shinfo(skb)		((struct skb_shared_info *)((skb)->end))

/* ---- making and freeing ---- */

struct sk_buff *alloc_skb(unsigned int size, gfp_t gfp);
struct sk_buff *__netdev_alloc_skb(struct net_device *dev, unsigned int length, gfp_t gfp);
struct sk_buff *dev_alloc_skb(unsigned int length);
struct sk_buff *build_skb(void *data, unsigned int frag_size);
struct sk_buff *netdev_alloc_skb_ip_align(struct net_device *dev, unsigned int length);
void __kfree_skb(struct sk_buff *skb);
void kfree_skb(struct sk_buff *skb);
void consume_skb(struct sk_buff *skb);
#define dev_kfree_skb(skb)	kfree_skb(skb)
void dev_kfree_skb_irq(struct sk_buff *skb);
void dev_kfree_skb_any(struct sk_buff *skb);
#define dev_consume_skb_any(skb)	dev_kfree_skb_any(skb)

static inline struct sk_buff *netdev_alloc_skb(struct net_device *dev, unsigned int length)
{
	return __netdev_alloc_skb(dev, length, GFP_ATOMIC);
}

struct napi_struct;
struct sk_buff *napi_alloc_skb(struct napi_struct *napi, unsigned int length);

/* Free a packet that was sent: at once if a poll function does it, which is what a budget tells. */
static inline void napi_consume_skb(struct sk_buff *skb, int budget)
{
	if (unlikely(!budget))
		dev_consume_skb_any(skb);
	else
		consume_skb(skb);
}

static inline struct sk_buff *skb_get(struct sk_buff *skb)
{
	atomic_inc(&skb->users);
	return skb;
}

#define skb_shared(skb)		(atomic_read(&(skb)->users) != 1)
#define skb_cloned(skb)		((skb)->cloned && atomic_read(&skb_shinfo(skb)->dataref) != 1)
#define skb_header_cloned(skb)	skb_cloned(skb)

/* ---- the linear part ---- */

#define skb_tail_pointer(skb)	((skb)->tail)
#define skb_end_pointer(skb)	((skb)->end)
#define skb_is_nonlinear(skb)	((skb)->data_len)
#define skb_headlen(skb)	((skb)->len - (skb)->data_len)
#define skb_headroom(skb)	((unsigned int)((skb)->data - (skb)->head))
#define skb_tailroom(skb)	(skb_is_nonlinear(skb) ? 0 : (unsigned int)((skb)->end - (skb)->tail))
#define skb_is_gso(skb)		(skb_shinfo(skb)->gso_size)

unsigned char *skb_put(struct sk_buff *skb, unsigned int len);
unsigned char *skb_push(struct sk_buff *skb, unsigned int len);
unsigned char *skb_pull(struct sk_buff *skb, unsigned int len);
void skb_trim(struct sk_buff *skb, unsigned int len);
int ___pskb_trim(struct sk_buff *skb, unsigned int len);
int skb_linearize(struct sk_buff *skb);
unsigned char *__pskb_pull_tail(struct sk_buff *skb, int delta);

/* Are this many bytes in the linear part, or can they be moved there? */
__nostep bool pskb_may_pull(struct sk_buff *skb, unsigned int len)
{
	if (likely(len <= skb_headlen(skb)))
		return true;
	return len <= skb->len && __pskb_pull_tail(skb, len - skb_headlen(skb));
}

int skb_copy_bits(const struct sk_buff *skb, int offset, void *to, int len);
int skb_store_bits(struct sk_buff *skb, int offset, const void *from, int len);

static inline void *skb_put_data(struct sk_buff *skb, const void *data, unsigned int len)
{
	void *tail = skb_put(skb, len);

	memcpy(tail, data, len);
	return tail;
}

static inline unsigned char *__skb_put(struct sk_buff *skb, unsigned int len)
{
	unsigned char *tail = skb->tail;

	skb->tail += len;
	skb->len += len;
	return tail;
}

static inline unsigned char *__skb_push(struct sk_buff *skb, unsigned int len)
{
	skb->data -= len;
	skb->len += len;
	return skb->data;
}

static inline unsigned char *__skb_pull(struct sk_buff *skb, unsigned int len)
{
	skb->len -= len;
	BUG_ON(skb->len < skb->data_len);
	return skb->data += len;
}

/**
 * skb_reserve - leave headroom in an empty buffer
 * @skb: without data yet
 * @len: bytes
 */
static inline void skb_reserve(struct sk_buff *skb, int len)
{
	skb->data += len;
	skb->tail += len;
}

/**
 * pskb_trim - cut a packet, fragments included
 * @skb: packet
 * @len: new length; nothing happens if it is shorter already
 */
static inline int pskb_trim(struct sk_buff *skb, unsigned int len)
{
	return len < skb->len ? ___pskb_trim(skb, len) : 0;
}

__nostep void skb_reset_mac_header(struct sk_buff *skb)
{
	skb->mac_header = skb->data;
}

__nostep void skb_reset_network_header(struct sk_buff *skb)
{
	skb->network_header = skb->data;
}

__nostep void skb_reset_transport_header(struct sk_buff *skb)
{
	skb->transport_header = skb->data;
}

__nostep void skb_set_network_header(struct sk_buff *skb, int offset)
{
	skb->network_header = skb->data + offset;
}

__nostep void skb_set_transport_header(struct sk_buff *skb, int offset)
{
	skb->transport_header = skb->data + offset;
}

#define skb_mac_header(skb)		((skb)->mac_header)
#define skb_network_header(skb)		((skb)->network_header)
#define skb_transport_header(skb)	((skb)->transport_header)
#define skb_transport_offset(skb)	((int)((skb)->transport_header - (skb)->data))
#define skb_network_offset(skb)		((int)((skb)->network_header - (skb)->data))
#define skb_checksum_start_offset(skb)	((int)((skb)->csum_start - skb_headroom(skb)))

bool skb_partial_csum_set(struct sk_buff *skb, u16 start, u16 off);
int skb_checksum_help(struct sk_buff *skb);

/* ---- fragments and scatterlists ---- */

static inline void skb_fill_page_desc(struct sk_buff *skb, int i, struct page *page, int off, int size)
{
	skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

	frag->page = page;
	frag->page_offset = off;
	frag->size = size;
	skb_shinfo(skb)->nr_frags = i + 1;
}

/* Does this piece begin where the packet's last fragment ends? */
static inline bool skb_can_coalesce(struct sk_buff *skb, int i, const struct page *page, int off)
{
	const skb_frag_t *frag;

	if (!i)
		return false;
	frag = &skb_shinfo(skb)->frags[i - 1];
	return page == frag->page && off == (int)(frag->page_offset + frag->size);
}

void skb_coalesce_rx_frag(struct sk_buff *skb, int i, int size, unsigned int truesize);
bool skb_page_frag_refill(unsigned int sz, struct page_frag *pfrag, gfp_t gfp);
void skb_add_rx_frag(struct sk_buff *skb, int i, struct page *page, int off, int size);
int skb_to_sgvec(struct sk_buff *skb, struct scatterlist *sg, int offset, int len);

static inline void skb_frag_ref(struct sk_buff *skb, int i)
{
	get_page(skb_shinfo(skb)->frags[i].page);
}

/* ---- the socket that pays ---- */

void skb_orphan(struct sk_buff *skb);
#define nf_reset(skb)			do { (void)(skb); } while (0)
#define nf_reset_ct(skb)		nf_reset(skb)
#define skb_record_rx_queue(skb, q)	((skb)->queue_mapping = (q) + 1)
#define skb_get_queue_mapping(skb)	((skb)->queue_mapping)
#define skb_tx_timestamp(skb)		do { (void)(skb); } while (0)

/* ---- queues ---- */

static inline void __skb_queue_head_init(struct sk_buff_head *list)
{
	list->prev = list->next = (struct sk_buff *)list;
	list->qlen = 0;
}

static inline void skb_queue_head_init(struct sk_buff_head *list)
{
	spin_lock_init(&list->lock);
	__skb_queue_head_init(list);
}

#define skb_queue_empty(list)	((list)->next == (struct sk_buff *)(list))
#define skb_queue_len(list)	((list)->qlen)

static inline void __skb_insert(struct sk_buff *newsk, struct sk_buff *prev, struct sk_buff *next,
				struct sk_buff_head *list)
{
	newsk->next = next;
	newsk->prev = prev;
	next->prev = prev->next = newsk;
	list->qlen++;
}

static inline void __skb_queue_head(struct sk_buff_head *list, struct sk_buff *newsk)
{
	__skb_insert(newsk, (struct sk_buff *)list, list->next, list);
}

static inline void __skb_queue_tail(struct sk_buff_head *list, struct sk_buff *newsk)
{
	__skb_insert(newsk, list->prev, (struct sk_buff *)list, list);
}

__nostep struct sk_buff *skb_peek(struct sk_buff_head *list)
{
	return skb_queue_empty(list) ? NULL : list->next;
}

static inline void __skb_unlink(struct sk_buff *skb, struct sk_buff_head *list)
{
	struct sk_buff *next = skb->next, *prev = skb->prev;

	list->qlen--;
	skb->next = skb->prev = NULL;
	next->prev = prev;
	prev->next = next;
}

static inline struct sk_buff *__skb_dequeue(struct sk_buff_head *list)
{
	struct sk_buff *skb = skb_peek(list);

	if (skb)
		__skb_unlink(skb, list);
	return skb;
}

static inline struct sk_buff *__skb_dequeue_tail(struct sk_buff_head *list)
{
	struct sk_buff *skb = skb_queue_empty(list) ? NULL : list->prev;

	if (skb)
		__skb_unlink(skb, list);
	return skb;
}

static inline void __skb_queue_purge(struct sk_buff_head *list)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list)) != NULL)
		kfree_skb(skb);
}

void skb_queue_head(struct sk_buff_head *list, struct sk_buff *newsk);
void skb_queue_tail(struct sk_buff_head *list, struct sk_buff *newsk);
struct sk_buff *skb_dequeue(struct sk_buff_head *list);
void skb_unlink(struct sk_buff *skb, struct sk_buff_head *list);
void skb_queue_purge(struct sk_buff_head *list);

#define skb_queue_walk(queue, skb) \
	for (skb = (queue)->next; skb != (struct sk_buff *)(queue); skb = skb->next)

#endif
