// SPDX-License-Identifier: MIT
/* lib/checksum.c - the Internet checksum (RFC 1071). Not stepped; charged per byte. */
#include <net/checksum.h>
#include <lab/machine.h>
#include <lab/unaligned.h>

/**
 * csum_partial - add up 16-bit words with end-around carry
 * @buff: data; an odd last byte counts as a word with a zero behind it
 * @len: bytes
 * @sum: sum so far
 */
__wsum csum_partial(const void *buff, int len, __wsum sum)
{
	const unsigned char *p = buff;
	u64 acc = sum;

	lab_charge(LAB_COST_CHECKSUM, len);
	for (; len > 1; p += 2, len -= 2)
		acc += p[0] | p[1] << 8;
	if (len)
		acc += p[0];
	acc = (acc & 0xffffffff) + (acc >> 32);
	acc = (acc & 0xffffffff) + (acc >> 32);
	return (__wsum)acc;
}

/**
 * ip_fast_csum - the checksum of an IPv4 header: 0 if it is good
 * @iph: header; it should be aligned, and is read in words of 32 bits as x86 does
 * @ihl: its length in such words
 *
 * Its bytes are not charged: see ip_rcv().
 */
__sum16 ip_fast_csum(const void *iph, unsigned int ihl)
{
	const u32 *p = iph;
	u64 acc = 0;

	for (; ihl; p++, ihl--)
		acc += lab_load32(p);
	acc = (acc & 0xffffffff) + (acc >> 32);
	acc = (acc & 0xffffffff) + (acc >> 32);
	return csum_fold((__wsum)acc);
}
