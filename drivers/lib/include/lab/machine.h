/* SPDX-License-Identifier: MIT */
/*
 * lab/machine.h - the border between the kernel API written in C and the
 * simulated machine: what a real kernel finds in hardware and in arch/.
 *
 * Imports are implemented by src/machine; exports are called by it, each one
 * an entry of its own, with an empty C stack below it or, for an interrupt,
 * nested on the interrupted one.
 *
 * Drivers never include this file: they use the Linux API in linux/.
 */
#ifndef _LAB_MACHINE_H
#define _LAB_MACHINE_H

#include <linux/types.h>

struct sk_buff;

#define LAB_IMPORT(name) \
	__attribute__((import_module("lab"), import_name(#name))) extern
#define LAB_EXPORT(name) __attribute__((export_name(#name)))

/* ---- imports: memory-mapped I/O, clock, interrupts ---- */

/*
 * Register access: @addr is what ioremap() gave, at or above LAB_MMIO_BASE;
 * @size is 1, 2, 4 or 8: no register has more than 32 bits, and the device
 * refuses 8. A VM exit.
 */
LAB_IMPORT(mmio_read)	u32 lab_mmio_read(u32 addr, u32 size);
LAB_IMPORT(mmio_write)	void lab_mmio_write(u32 addr, u32 size, u32 value);

/* A call to the hypervisor: its number, and a guest-physical address. A VM exit. */
LAB_IMPORT(hypercall)	void lab_hypercall(u32 number, u64 argument);

/*
 * Virtual time in ns since power-on. The machine counts it in a double, exact
 * below 2^53: a 64-bit integer would have to be made an object on its way.
 */
LAB_IMPORT(clock)	double lab_clock_ns(void);
#define lab_clock()	((u64)lab_clock_ns())

/* One-shot clock event: lab_timer_interrupt() is called when @expires (ns) has come; ~0ULL for none. */
LAB_IMPORT(set_timer)	void lab_set_timer(u64 expires);

/* Interrupts were enabled again while __lab.irq_pending is set: deliver before the next line. */
LAB_IMPORT(irq_unmasked) void lab_irq_unmasked(void);

/* Softirqs begin to run (@on = 1), or have run (0): which context the vCPU is in is for the panel, and costs nothing. */
LAB_IMPORT(softirq)	void lab_softirq(u32 on);

/*
 * The current context sleeps or waits: time advances in place to the next
 * thing that is due, but not past @until (ns, ~0ULL for no limit), and that
 * thing runs nested above this frame. Returns 0 when nothing at all can happen
 * any more before @until = ~0ULL: the machine then ends the run with a
 * finding, so the caller never sees it return.
 */
LAB_IMPORT(idle)	void lab_idle(u64 until);

/* Ask for an entry of its own from the scheduler: LAB_RUN_* */
#define LAB_RUN_WORK		0	/* a work queue has work: lab_run(LAB_RUN_WORK) in process context */
#define LAB_RUN_KSOFTIRQD	1	/* softirqs are left over: lab_run(LAB_RUN_KSOFTIRQD) */
#define LAB_RUN_SENDER		2	/* room in the socket's send buffer again: traffic may go on */
LAB_IMPORT(wake)	void lab_wake(u32 what);

/* ---- imports: accounting and findings ---- */

/* Named costs of code that is not stepped: LAB_COST_*, @bytes where it is per byte. */
#define LAB_COST_MEMCPY		0
#define LAB_COST_MEMSET		1
#define LAB_COST_CHECKSUM	2
#define LAB_COST_ALLOC		3
#define LAB_COST_FREE		4
#define LAB_COST_UNALIGNED	5	/* a load across the boundary of its size */
/* No import: the hooks keep the account (runtime/hooks.c). */
void lab_charge(u32 what, u32 bytes) __asm__("__lab_hook_charge");

/* printk: @level 0..7 (KERN_EMERG..KERN_DEBUG), one line without its newline. */
LAB_IMPORT(printk)	void lab_printk(u32 level, const char *text, u32 len);

/* A finding: what the run reports at the line that called. @text says it whole. */
#define LAB_FINDING_WARN		0	/* WARN_ON */
#define LAB_FINDING_DOUBLE_FREE		1
#define LAB_FINDING_USE_AFTER_FREE	2	/* poison of @object is damaged */
#define LAB_FINDING_OVERRUN		3	/* red zone of @object is damaged */
#define LAB_FINDING_LEAK		4	/* @object is still there after removal */
#define LAB_FINDING_BAD_FREE		5	/* kfree of what kmalloc never gave */
#define LAB_FINDING_API			6	/* an API rule was broken: sleeping in atomic context ... */
#define LAB_FINDING_REPORTED		7	/* dev_err(), dev_warn() */
LAB_IMPORT(finding)	void lab_finding(u32 kind, const void *object, u32 size,
					 const char *text, u32 len);

/* The run ends here: BUG(), panic, deadlock. @object: the lock or object it is about, or NULL. Never returns. */
#define LAB_DIE_BUG		0
#define LAB_DIE_DEADLOCK	1
#define LAB_DIE_PANIC		2
LAB_IMPORT(die)		void lab_die(u32 kind, const void *object, const char *text, u32 len)
				__attribute__((noreturn));

/* ---- imports: what the panel follows ---- */

/* Heap: every kmalloc/page allocation and free. */
#define LAB_KMEM_ALLOC	0
#define LAB_KMEM_FREE	1
LAB_IMPORT(kmem)	void lab_kmem(u32 op, const void *p, u32 size);

/*
 * Life of an skb, told by the API, never by the driver. The machine reads the
 * struct (offsets from debug information) to learn which memory it covers.
 */
#define LAB_SKB_ALLOC		0
#define LAB_SKB_ENQUEUE		1	/* into the qdisc */
#define LAB_SKB_DEQUEUE		2
#define LAB_SKB_XMIT		3	/* handed to the driver's transmit function */
#define LAB_SKB_XMIT_OK		4	/* which took it */
#define LAB_SKB_XMIT_BUSY	5	/* which returned NETDEV_TX_BUSY: requeued */
#define LAB_SKB_ORPHAN		6
#define LAB_SKB_FREE		7	/* last reference gone */
#define LAB_SKB_RECEIVE		8	/* netif_receive_skb: delivered to the stack */
#define LAB_SKB_DROP		9	/* by the qdisc or the core */
#define LAB_SKB_OWN		10	/* charged to its sender's socket */
LAB_IMPORT(skb)		void lab_skb(u32 op, const struct sk_buff *skb);

/* Net device events. */
#define LAB_NETDEV_STOP_QUEUE	0
#define LAB_NETDEV_WAKE_QUEUE	1
#define LAB_NETDEV_NAPI_ENTER	2	/* poll function called */
#define LAB_NETDEV_NAPI_EXIT	3	/* @value: work done */
#define LAB_NETDEV_REGISTER	4
#define LAB_NETDEV_NAPI_TX	3	/* added to these two: a context that cleans the TX queue */
LAB_IMPORT(netdev)	void lab_netdev(u32 op, u32 value);

/*
 * Contents: copy the frame of the traffic item that is due to @dst (author:
 * machine); tell of a delivered one, whose first @present bytes are at @data
 * and which has @len.
 */
LAB_IMPORT(frame_read)	void lab_frame_read(void *dst, u32 len);
LAB_IMPORT(frame_deliver) void lab_frame_deliver(const void *data, u32 present, u32 len);

/*
 * What the stack has to send in answer to what was delivered, in the same
 * softirq: the length of the next such frame, which lab_frame_read() then
 * gives, or 0. lab_answer_end() tells how sending it went: 0 or a negative errno.
 */
LAB_IMPORT(answer_begin) u32 lab_answer_begin(void);
LAB_IMPORT(answer_end)	void lab_answer_end(int result);

/* Scheduled fault: should this allocation fail? Asked once for each, so that scenarios can inject failures. */
LAB_IMPORT(fault)	u32 lab_fault(u32 what);
#define LAB_FAULT_KMALLOC	0
#define LAB_FAULT_PAGE		1
#define LAB_FAULT_SKB		2

/* ---- exports, called by the machine ---- */

/* Power-on: init calls, probe, and the interface brought up. 0 or a negative errno; -ENODEV: no driver made an interface. */
LAB_EXPORT(lab_boot)	int lab_boot(void);
/*
 * An interrupt on line @irq: do_IRQ, its handlers, and softirqs on the way out. To be called only while
 * lab_irqs_disabled is 0. Both mask interrupts before their first stepped line, as a CPU does, and unmask after the last.
 */
LAB_EXPORT(lab_irq)	void lab_irq(u32 irq);
LAB_EXPORT(lab_timer_interrupt) void lab_timer_interrupt(void);
/*
 * A traffic item is due: an application sends @len bytes of Ethernet frame.
 * Builds the skb, charges the socket, calls dev_queue_xmit. @more: another one of the same burst follows
 * at once; the qdisc is not run before the last.
 * Returns 0, also when the qdisc drops it; or -EAGAIN (-11): the send buffer is full, ask again after
 * LAB_RUN_SENDER; or another error, and the frame is lost: -ENOBUFS, -ENETDOWN, -EMSGSIZE (longer than
 * the MTU, and the device does no segmentation), -EINVAL (no Ethernet header).
 */
LAB_EXPORT(lab_transmit) int lab_transmit(u32 len, u32 more);
LAB_EXPORT(lab_run)	void lab_run(u32 what);
/* Interface down, driver removed; then what is still allocated is reported as leaks. */
LAB_EXPORT(lab_remove)	int lab_remove(void);

/* Data the machine reads (exported symbols; kept by the API, author driver). */
extern u32 lab_irqs_disabled;	/* non-zero: hard interrupts are masked */
extern u32 preempt_count;	/* Linux's layout: bits 8-15 softirq, 16-25 hardirq */

/* How the machine's one virtio device is reached; the machine sets it before lab_boot. */
#define LAB_TRANSPORT_MMIO	0
#define LAB_TRANSPORT_PCI	1
#define LAB_TRANSPORT_LGUEST	2
extern u32 lab_transport;
/* Pages at the end of RAM that are the hypervisor's (lguest's descriptors and rings); the machine sets it before lab_boot. */
extern u32 lab_reserved_pages;

/* Where its registers are: virtio-mmio's, or the I/O ports of a PCI device. lguest's has none. */
#define LAB_MMIO_BASE	0xf0000000u
#define LAB_MMIO_SIZE	0x1000u
#define LAB_VIRTIO_IRQ	5
/* Guest-physical address of RAM's first byte; the machine sets it before lab_boot (virt_to_phys adds it). */
extern u64 lab_phys_offset;

#endif
