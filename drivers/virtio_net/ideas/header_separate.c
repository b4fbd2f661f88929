// SPDX-License-Identifier: MIT
/*
 * header_separate.c - the virtio-net header lies in skb->cb and takes a descriptor
 * of its own; the packet's pieces follow where they are. Nothing is copied.
 */
#include "virtio_net.h"

int header_to_sgvec(struct virtnet_info *vi, struct sk_buff *skb, struct scatterlist *sg)
{
	sg_set_buf(sg, &skb_vnet_hdr(skb)->mhdr, vi->hdr_len);
	return skb_to_sgvec(skb, sg + 1, 0, skb->len) + 1;
}
