/* SPDX-License-Identifier: MIT */
/*
 * device.h - the native build's virtio-net device: the C twin of src/device
 * with its host "qemu-timer". Plain types only: stdint.h and the kernel's
 * types.h disagree.
 */
#ifndef _BENCH_DEVICE_H
#define _BENCH_DEVICE_H

struct device_counters {
	unsigned long long kicks;		/* of the TX queue */
	unsigned long long sent;
	unsigned long long sent_bytes;
	unsigned int frames_hash;	/* over the headers and sequence number of each frame sent */
};

extern struct device_counters device_counters;
/* Virtual ns at which the TX timer goes off, ~0 while it is not armed. */
extern unsigned long long device_timer;
/* The interrupt line. */
extern _Bool device_irq;

unsigned int device_read(unsigned int offset, unsigned int size);
void device_write(unsigned int offset, unsigned int value, unsigned long long now);
/* The TX timer went off. */
void device_timer_expired(void);

#endif
