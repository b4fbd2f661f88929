// SPDX-License-Identifier: MIT
/* net/core/sock.c - send buffer accounting: a sender pays for its packets until they are freed. */
#include <linux/errno.h>
#include <net/sock.h>
#include <lab/machine.h>

/* As 2.6.31 computes net.core.wmem_default: 256 packets of 256 bytes, with their overhead. */
#define _SK_MEM_PACKETS		256
#define _SK_MEM_OVERHEAD	(sizeof(struct sk_buff) + 256)
#define SK_WMEM_MAX		(_SK_MEM_OVERHEAD * _SK_MEM_PACKETS)

/* At least half of the buffer is free: then a sender that was turned away is told. */
static bool sock_writeable(struct sock *sk)
{
	return atomic_read(&sk->sk_wmem_alloc) < sk->sk_sndbuf >> 1;
}

static void sock_def_write_space(struct sock *sk)
{
	if (!sock_flag(sk, SOCK_NOSPACE) || !sock_writeable(sk))
		return;
	sock_reset_flag(sk, SOCK_NOSPACE);
	lab_wake(LAB_RUN_SENDER);
}

void sock_init_data(struct sock *sk)
{
	atomic_set(&sk->sk_wmem_alloc, 0);
	sk->sk_sndbuf = SK_WMEM_MAX;
	sk->sk_flags = 0;
	sk->sk_write_space = sock_def_write_space;
}

/**
 * sock_wfree - destructor of a packet that is charged to its sender
 * @skb: packet
 */
void sock_wfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	atomic_sub(skb->truesize, &sk->sk_wmem_alloc);
	sk->sk_write_space(sk);
}

/**
 * skb_set_owner_w - charge a packet to a sender
 * @skb: packet
 * @sk: sender
 */
void skb_set_owner_w(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = sock_wfree;
	atomic_add(skb->truesize, &sk->sk_wmem_alloc);
	lab_skb(LAB_SKB_OWN, skb);
}

/**
 * sock_alloc_send_skb - get a packet to send, if the send buffer has room
 * @sk: sender
 * @size: bytes
 * @noblock: must be set: the application is the machine, which asks again
 * @errcode: -EAGAIN when the buffer is full, -ENOBUFS without memory
 */
struct sk_buff *sock_alloc_send_skb(struct sock *sk, unsigned long size, int noblock, int *errcode)
{
	struct sk_buff *skb;

	(void)noblock;
	if (atomic_read(&sk->sk_wmem_alloc) >= sk->sk_sndbuf) {
		sock_set_flag(sk, SOCK_NOSPACE);
		*errcode = -EAGAIN;
		return NULL;
	}
	skb = alloc_skb(size, GFP_KERNEL);
	if (!skb) {
		*errcode = -ENOBUFS;
		return NULL;
	}
	skb_set_owner_w(skb, sk);
	return skb;
}
