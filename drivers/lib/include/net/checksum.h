/* SPDX-License-Identifier: MIT */
/* net/checksum.h - the Internet checksum (RFC 1071). Not stepped: charged per byte. */
#ifndef _NET_CHECKSUM_H
#define _NET_CHECKSUM_H

#include <linux/types.h>

__wsum csum_partial(const void *buff, int len, __wsum sum);
__sum16 ip_fast_csum(const void *iph, unsigned int ihl);

/* Fold a 32-bit sum to 16 bits and complement it. */
__nostep __sum16 csum_fold(__wsum sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__sum16)~sum;
}

#endif
