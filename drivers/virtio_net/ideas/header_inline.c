// SPDX-License-Identifier: MIT
/*
 * header_inline.c - the virtio-net header is written into the headroom right in
 * front of the packet, and shares its first descriptor (e7428e95a06, Linux 3.11).
 * The device must take any layout: QEMU of 2009 wanted the header alone. A packet
 * without headroom, or one that somebody else has a clone of, gets a separate one.
 */
#include "virtio_net.h"

int header_to_sgvec(struct virtnet_info *vi, struct sk_buff *skb, struct scatterlist *sg)
{
	int num;

	if (skb_headroom(skb) < vi->hdr_len || skb_header_cloned(skb)) {
		sg_set_buf(sg, &skb_vnet_hdr(skb)->mhdr, vi->hdr_len);
		return skb_to_sgvec(skb, sg + 1, 0, skb->len) + 1;
	}

	memset(__skb_push(skb, vi->hdr_len), 0, vi->hdr_len);
	num = skb_to_sgvec(skb, sg, 0, skb->len);
	/* The packet is what it was: the header is the device's business only. */
	__skb_pull(skb, vi->hdr_len);
	return num;
}
