// SPDX-License-Identifier: MIT
/*
 * keep_lists.c - every packet in the transmit ring is on the send list, every
 * buffer in the receive ring on the receive list, so that they can be freed at
 * removal: as found until 2.6.33. Buffers must be skbs.
 */
#include "virtio_net.h"

int keep_init(struct virtnet_info *vi)
{
	if (!rxbuf_is_skb) {
		dev_err(&vi->vdev->dev, "keep_lists.c keeps skbs, and receive buffers are pages: use keep_tokens.c\n");
		return -EINVAL;
	}
	skb_queue_head_init(&vi->recv);
	skb_queue_head_init(&vi->send);
	return 0;
}

void keep_rx(struct virtnet_info *vi, void *buf)
{
	skb_queue_head(&vi->recv, buf);
}

void unkeep_rx(struct virtnet_info *vi, void *buf)
{
	__skb_unlink(buf, &vi->recv);
}

void keep_tx(struct virtnet_info *vi, struct sk_buff *skb)
{
	__skb_queue_head(&vi->send, skb);
}

void unkeep_tx(struct virtnet_info *vi, struct sk_buff *skb)
{
	__skb_unlink(skb, &vi->send);
}

void keep_flush(struct virtnet_info *vi)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&vi->recv)) != NULL) {
		kfree_skb(skb);
		vi->num--;
	}
	__skb_queue_purge(&vi->send);
}
