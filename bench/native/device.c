// SPDX-License-Identifier: MIT
/*
 * device.c - a legacy virtio-mmio network device with QEMU 0.11's TX timer, as
 * plain C. It checks what the lab's device checks (addresses, chain lengths,
 * heads), and keeps no record of what it does.
 */
#include "device.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PHYS_OFFSET		0x40000000ull
#define TX_TIMER_NS		150000
#define QUEUE_SIZE		256
#define MAX_FRAME		65550

#define DESC_F_NEXT		1
#define DESC_F_WRITE		2
#define AVAIL_F_NO_INTERRUPT	1
#define USED_F_NO_NOTIFY	1
#define F_NOTIFY_ON_EMPTY	(1u << 24)
/* MAC, MRG_RXBUF, STATUS, NOTIFY_ON_EMPTY */
#define FEATURES		(1u << 5 | 1u << 15 | 1u << 16 | F_NOTIFY_ON_EMPTY)

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

struct queue {
	uint32_t size, align, pfn;
	struct desc *desc;
	volatile uint16_t *avail;
	volatile uint16_t *used;
	uint16_t last_avail, used_idx;
	unsigned int inuse;
};

struct device_counters device_counters;
unsigned long long device_timer = ~0ull;
bool device_irq;

extern unsigned long native_ram_end;

static struct queue queues[2];
static uint32_t status, interrupt_status, queue_sel, host_sel, guest_sel, guest_features, page_size;
static const uint8_t config[8] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 1, 0 };
static uint8_t frame[MAX_FRAME];

static void die(const char *why)
{
	fprintf(stderr, "device: %s\n", why);
	exit(1);
}

static void *ram(uint64_t addr, uint64_t size)
{
	uint64_t pointer = addr - PHYS_OFFSET;

	if (pointer < 4096 || pointer + size > native_ram_end)
		die("address is no RAM");
	return (void *)(uintptr_t)pointer;
}

static void raise_irq(void)
{
	interrupt_status |= 1;
	device_irq = true;
}

/* hw/virtio.c: virtio_notify() */
static void notify(struct queue *q)
{
	bool empty = (guest_features & F_NOTIFY_ON_EMPTY) && !q->inuse && q->avail[1] == q->last_avail;

	if ((q->avail[0] & AVAIL_F_NO_INTERRUPT) && !empty)
		return;
	raise_irq();
}

static void transmit(const uint8_t *bytes, uint32_t len)
{
	uint32_t hash = device_counters.frames_hash, i;

	for (i = 14; i < 46 && i < len; i += 4) {
		uint32_t word;

		memcpy(&word, bytes + i, 4);
		hash = (hash ^ word) * 0x01000193;
	}
	device_counters.frames_hash = hash;
	device_counters.sent++;
	device_counters.sent_bytes += len;
}

/* Follows one chain, copies what is behind the header to the wire, and says how long all of it was. */
static uint32_t send_chain(struct queue *q, uint16_t head, uint32_t header)
{
	uint32_t total = 0, length = 0, walked = 0;
	uint16_t at = head;

	if (head >= q->size)
		die("head is no descriptor");
	for (;;) {
		const struct desc *d = &q->desc[at];

		if (d->flags & DESC_F_WRITE)
			die("device-writable descriptor in the TX queue");
		if (total == 0 && d->len != header)
			die("virtio-net header not in first element");
		if (total != 0) {
			if (length + d->len > sizeof(frame))
				die("frame is too long");
			memcpy(frame + length, ram(d->addr, d->len), d->len);
			length += d->len;
		} else {
			ram(d->addr, d->len);
		}
		total += d->len;
		if (!(d->flags & DESC_F_NEXT))
			break;
		if (++walked >= q->size || d->next >= q->size)
			die("looped descriptor");
		at = d->next;
	}
	transmit(frame, length);
	return total;
}

/* hw/virtio-net.c: virtio_net_flush_tx() */
static void flush_tx(struct queue *q)
{
	uint32_t header = guest_features & (1u << 15) ? 12 : 10;

	while (q->avail[1] != q->last_avail) {
		uint16_t head, slot;
		uint32_t len;
		volatile uint32_t *entry;

		if ((uint16_t)(q->avail[1] - q->last_avail) > q->size)
			die("Guest moved used index");
		head = q->avail[2 + (q->last_avail & (q->size - 1))];
		q->last_avail++;
		q->inuse++;
		len = send_chain(q, head, header);
		slot = q->used_idx & (q->size - 1);
		entry = (volatile uint32_t *)(q->used + 2) + 2 * slot;
		entry[0] = head;
		entry[1] = len;
		q->used[1] = ++q->used_idx;
		q->inuse--;
		notify(q);
	}
}

static void set_used_flags(struct queue *q, uint16_t flags)
{
	q->used[0] = flags;
}

/* hw/virtio-net.c: virtio_net_handle_tx() */
static void handle_tx(struct queue *q, uint64_t now)
{
	if (device_timer != ~0ull) {
		set_used_flags(q, 0);
		device_timer = ~0ull;
		flush_tx(q);
	} else {
		device_timer = now + TX_TIMER_NS;
		set_used_flags(q, USED_F_NO_NOTIFY);
	}
}

void device_timer_expired(void)
{
	struct queue *q = &queues[1];

	device_timer = ~0ull;
	set_used_flags(q, 0);
	flush_tx(q);
}

static void set_up_queue(struct queue *q, uint32_t pfn)
{
	uint64_t at = (uint64_t)pfn * page_size, used;

	memset(&q->desc, 0, sizeof(*q) - ((char *)&q->desc - (char *)q));
	q->pfn = pfn;
	if (!pfn)
		return;
	q->desc = ram(at, 16 * q->size);
	q->avail = ram(at + 16 * q->size, 6 + 2 * q->size);
	used = (at + 16 * q->size + 6 + 2 * q->size + q->align - 1) & ~((uint64_t)q->align - 1);
	q->used = ram(used, 6 + 8 * q->size);
}

unsigned int device_read(unsigned int offset, unsigned int size)
{
	uint32_t value = 0;

	if (offset >= 0x100) {
		if (offset - 0x100 + size > sizeof(config))
			die("read beyond the configuration");
		memcpy(&value, config + offset - 0x100, size);
		return value;
	}
	switch (offset) {
	case 0x000: return 0x74726976;
	case 0x004: return 1;
	case 0x008: return 1;
	case 0x00c: return 0x554d4551;
	case 0x010: return host_sel ? 0 : FEATURES;
	case 0x034: return queue_sel < 2 ? QUEUE_SIZE : 0;
	case 0x040: return queue_sel < 2 ? queues[queue_sel].pfn : 0;
	case 0x060: return interrupt_status;
	case 0x070: return status;
	}
	die("read of no register");
	return 0;
}

void device_write(unsigned int offset, unsigned int value, unsigned long long now)
{
	switch (offset) {
	case 0x014: host_sel = value; return;
	case 0x020: if (!guest_sel) guest_features = value; return;
	case 0x024: guest_sel = value; return;
	case 0x028: page_size = value; return;
	case 0x030: queue_sel = value; return;
	case 0x038: queues[queue_sel & 1].size = value; return;
	case 0x03c: queues[queue_sel & 1].align = value; return;
	case 0x040: set_up_queue(&queues[queue_sel & 1], value); return;
	case 0x050:
		if (value != 1)
			return;
		device_counters.kicks++;
		handle_tx(&queues[1], now);
		return;
	case 0x064: interrupt_status &= ~value; return;
	case 0x070:
		status = value;
		if (!value) {
			memset(queues, 0, sizeof(queues));
			interrupt_status = 0;
			device_timer = ~0ull;
		}
		return;
	}
	die("write of no register");
}
