/* SPDX-License-Identifier: MIT */
/* net/sock.h - what is left of a socket when one looks at its send buffer only. */
#ifndef _NET_SOCK_H
#define _NET_SOCK_H

#include <linux/skbuff.h>

#define SOCK_NOSPACE	0	/* a sender was turned away and waits for room */

struct sock {
	atomic_t sk_wmem_alloc;		/* truesize of all packets charged to it */
	int sk_sndbuf;			/* limit for sk_wmem_alloc, bytes */
	unsigned long sk_flags;
	void (*sk_write_space)(struct sock *sk);
};

void sock_init_data(struct sock *sk);
struct sk_buff *sock_alloc_send_skb(struct sock *sk, unsigned long size, int noblock, int *errcode);
void sock_wfree(struct sk_buff *skb);
void skb_set_owner_w(struct sk_buff *skb, struct sock *sk);

#define sock_flag(sk, flag)		test_bit(flag, &(sk)->sk_flags)
#define sock_set_flag(sk, flag)		set_bit(flag, &(sk)->sk_flags)
#define sock_reset_flag(sk, flag)	clear_bit(flag, &(sk)->sk_flags)

#endif
