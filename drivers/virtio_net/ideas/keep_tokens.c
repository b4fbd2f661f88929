// SPDX-License-Identifier: MIT
/*
 * keep_tokens.c - the rings know what they hold: "virtqueue already tracks posted
 * buffers. Add flush/purge operation and use that instead". detach_unused_buf()
 * of 2.6.34 gives it back (c021eac4148, 830a8a976ff). While it runs, the driver
 * keeps nothing.
 */
#include "virtio_net.h"

int keep_init(struct virtnet_info *vi)
{
	(void)vi;
	return 0;
}

void keep_rx(struct virtnet_info *vi, void *buf)
{
	(void)vi;
	(void)buf;
}

void unkeep_rx(struct virtnet_info *vi, void *buf)
{
	(void)vi;
	(void)buf;
}

void keep_tx(struct virtnet_info *vi, struct sk_buff *skb)
{
	(void)vi;
	(void)skb;
}

void unkeep_tx(struct virtnet_info *vi, struct sk_buff *skb)
{
	(void)vi;
	(void)skb;
}

void keep_flush(struct virtnet_info *vi)
{
	void *buf;

	while ((buf = vi->svq->vq_ops->detach_unused_buf(vi->svq)) != NULL)
		dev_kfree_skb(buf);
	while ((buf = vi->rvq->vq_ops->detach_unused_buf(vi->rvq)) != NULL) {
		rxbuf_free(vi, buf);
		vi->num--;
	}
}
