// SPDX-License-Identifier: MIT
/*
 * loop.c - lines and nothing else: walks a chain of descriptors, as ring code
 * does, without a call to the machine. For the speed of a line as such.
 */
#include <linux/virtio_ring.h>

#define ENTRIES	256

static struct vring_desc table[ENTRIES];

u32 bench_loop(u32 rounds)
{
	u32 total = 0, round, i;

	for (i = 0; i < ENTRIES; i++) {
		table[i].len = i + 1;
		table[i].flags = VRING_DESC_F_NEXT;
		table[i].next = i + 1;
	}
	table[ENTRIES - 1].flags = 0;

	for (round = 0; round < rounds; round++) {
		i = 0;
		for (;;) {
			total += table[i].len;
			table[i].addr = total;
			if (!(table[i].flags & VRING_DESC_F_NEXT))
				break;
			i = table[i].next;
		}
	}
	return total;
}
