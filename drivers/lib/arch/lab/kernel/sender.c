// SPDX-License-Identifier: MIT
/*
 * arch/lab/kernel/sender.c - who sends the scenario's traffic: an application,
 * by what a raw packet socket does for it (packet_sendmsg), without blocking;
 * and the stack itself, which answers what it received in the same softirq.
 *
 * A frame longer than the device's MTU was captured above segmentation offload.
 * It is sent the way TCP would have: headers in the linear part, data in pages,
 * to be segmented by the device, if this one can do it.
 */
#include <linux/errno.h>
#include <linux/etherdevice.h>
#include <linux/hardirq.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <net/sock.h>
#include <lab/kernel.h>
#include <lab/machine.h>

/* Longest frame there can be: 64 KiB of IP, and its Ethernet header. */
#define MAX_FRAME	(65535 + ETH_HLEN)

static struct sock application;
/* Of icmp_reply() and of TCP: charged for what it sends, and never turned away. */
static struct sock stack;
/* A softirq may interrupt the application while it reads its frame. */
static u8 frames[2][MAX_FRAME];

void sender_init(void)
{
	sock_init_data(&application);
	sock_init_data(&stack);
}

static gfp_t gfp_of(const struct sock *sk)
{
	return sk == &stack ? GFP_ATOMIC : GFP_KERNEL;
}

static struct sk_buff *alloc_frame(struct sock *sk, u32 size, int *err)
{
	struct sk_buff *skb;

	if (sk == &application)
		return sock_alloc_send_skb(sk, size, 1, err);
	skb = alloc_skb(size, GFP_ATOMIC);
	if (skb)
		skb_set_owner_w(skb, sk);
	else
		*err = -ENOBUFS;
	return skb;
}

static void set_headers(struct sk_buff *skb, struct net_device *dev)
{
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb->protocol = ((struct ethhdr *)skb->data)->h_proto;
	skb->dev = dev;
}

/* Bytes of Ethernet, IPv4 and TCP header at the front of @frame; 0 if it is nothing of the kind. */
static u32 tcp_headers(const u8 *frame, u32 len, u32 *transport)
{
	const struct ethhdr *eth = (struct ethhdr *)frame;
	const struct iphdr *ip = (struct iphdr *)(frame + ETH_HLEN);
	const struct tcphdr *tcp;
	u32 headers;

	if (len < ETH_HLEN + sizeof(*ip) + sizeof(*tcp) || eth->h_proto != htons(ETH_P_IP) ||
	    ip->version != 4 || ip->protocol != IPPROTO_TCP)
		return 0;
	*transport = ETH_HLEN + ip->ihl * 4;
	tcp = (struct tcphdr *)(frame + *transport);
	if (ip->ihl < 5 || len < *transport + sizeof(*tcp) || tcp->doff < 5)
		return 0;
	headers = *transport + tcp->doff * 4;
	return len < headers ? 0 : headers;
}

static int fill_pages(struct sk_buff *skb, struct sock *sk, const u8 *frame, u32 from, u32 len)
{
	struct page *page;
	int i;

	for (i = 0; from < len; i++) {
		u32 bytes = min_t(u32, len - from, PAGE_SIZE);

		page = alloc_page(gfp_of(sk));
		if (!page)
			return -ENOBUFS;
		memcpy(page_address(page), frame + from, bytes);
		skb_add_rx_frag(skb, i, page, 0, bytes);
		atomic_add(bytes, &sk->sk_wmem_alloc);
		from += bytes;
	}
	return 0;
}

/* A frame that the device will have to cut up. */
static int send_gso(struct net_device *dev, struct sock *sk, u32 len)
{
	u8 *frame = frames[sk == &stack];
	u32 headers, transport = 0;
	struct sk_buff *skb;
	int err;

	if (!(dev->features & NETIF_F_TSO) || len > MAX_FRAME)
		return -EMSGSIZE;
	lab_frame_read(frame, len);
	headers = tcp_headers(frame, len, &transport);
	if (!headers)
		return -EMSGSIZE;

	skb = alloc_frame(sk, headers + NET_SKB_PAD, &err);
	if (!skb)
		return err;
	skb_reserve(skb, NET_SKB_PAD);
	memcpy(skb_put(skb, headers), frame, headers);
	set_headers(skb, dev);
	skb_set_transport_header(skb, transport);
	err = fill_pages(skb, sk, frame, headers, len);
	if (err) {
		kfree_skb(skb);
		return err;
	}

	skb_partial_csum_set(skb, transport, offsetof(struct tcphdr, check));
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	skb_shinfo(skb)->gso_size = dev->mtu - (headers - ETH_HLEN);
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(len - headers, skb_shinfo(skb)->gso_size);
	dev_queue_xmit(skb);
	return 0;
}

static int send_frame(struct net_device *dev, struct sock *sk, u32 len)
{
	struct sk_buff *skb;
	int err;

	if (!dev || !netif_running(dev))
		return -ENETDOWN;
	if (len < ETH_HLEN)
		return -EINVAL;
	if (len > dev->mtu + dev->hard_header_len)
		return send_gso(dev, sk, len);

	skb = alloc_frame(sk, len + NET_SKB_PAD, &err);
	if (!skb)
		return err;
	skb_reserve(skb, NET_SKB_PAD);
	lab_frame_read(skb_put(skb, len), len);
	set_headers(skb, dev);

	/* A drop is the qdisc's to count; the sender does not learn of it. */
	dev_queue_xmit(skb);
	return 0;
}

/*
 * While one CPU runs a qdisc, dev_queue_xmit() on another one only queues, and
 * leaves the sending to the first: so packets gather, and 5.10 takes them out in
 * bulk. The one vCPU plays both: for all of a burst but the last packet it has
 * the qdisc marked as running.
 */
static struct Qdisc *gathering;

static void gather(struct net_device *dev)
{
	struct Qdisc *q = netdev_get_tx_queue(dev, 0)->qdisc;

	if (!gathering && !test_and_set_bit(__QDISC_STATE_RUNNING, &q->state))
		gathering = q;
}

/* What has gathered may be sent; by whom the caller knows. */
static struct Qdisc *gathered(void)
{
	struct Qdisc *q = gathering;

	gathering = NULL;
	if (q)
		clear_bit(__QDISC_STATE_RUNNING, &q->state);
	return q;
}

/* The application is gone, and the device about to be taken down. */
void sender_stop(void)
{
	gathered();
}

int lab_transmit(u32 len, u32 more)
{
	struct net_device *dev = dev_get_by_index(1);
	struct Qdisc *q = NULL;
	int err;

	update_jiffies();
	if (more && dev)
		gather(dev);
	else
		q = gathered();
	err = send_frame(dev, &application, len);

	/* The rest of the burst is late, or lost: what there is must go. */
	if (err && more)
		q = gathered();
	if (err && q) {
		local_bh_disable();
		__netif_schedule(q);
		local_bh_enable();
	}
	return err;
}

/**
 * stack_answer - send what a delivered packet makes the stack send
 * @dev: where it came in
 *
 * Echo replies, ACKs, and data that an ACK made room for: in softirq context,
 * as icmp_rcv() and tcp_v4_rcv() do.
 */
void stack_answer(struct net_device *dev)
{
	u32 len;

	while ((len = lab_answer_begin()))
		lab_answer_end(send_frame(dev, &stack, len));
}
