// SPDX-License-Identifier: MIT
/* lib/random32.c - pseudo-random numbers; the same in each run, which must repeat to the byte. Not stepped. */
#include <linux/random.h>

/* xorshift32 (Marsaglia 2003); any seed but 0 will do. */
u32 random32(void)
{
	static u32 state = 0x2545f491;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

void get_random_bytes(void *buf, int len)
{
	u8 *p = buf;

	while (len-- > 0)
		*p++ = random32() >> 24;
}
