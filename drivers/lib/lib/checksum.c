// SPDX-License-Identifier: MIT
/* lib/checksum.c - the Internet checksum (RFC 1071). Not stepped; charged per byte. */
#include <net/checksum.h>
#include <lab/machine.h>

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
