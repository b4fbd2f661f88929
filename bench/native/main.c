// SPDX-License-Identifier: MIT
/*
 * main.c - runs the driver and the lab's kernel API as a native program: what
 * src/machine does for them, reduced to one vCPU, one device and a clock.
 *
 * Usage: native PACKETS
 *
 * Lines are not counted here, so each packet is charged the ns that its lines
 * take in the lab, about: it only matters that a ring fills up well before the
 * TX timer goes off.
 */
#include <linux/types.h>
#include <lab/machine.h>
#include "hooks.h"

#include "device.h"

/* the C library's, whose headers would clash with the kernel API's */
extern int printf(const char *format, ...);
extern int atoi(const char *text);
extern void exit(int code);
extern char *getenv(const char *name);
extern int clock_gettime(int clock, long time[2]);
/* by its own name: memcpy is the kernel API's here */
extern void *native_memcpy(void *to, const void *from, unsigned long size) __asm__("memcpy");

#define CLOCK_MONOTONIC		1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define NEVER			(~0ull)
#define EAGAIN			11
#define PACKET_NS		400
#define FRAME_SIZE		64

/* All of RAM behind the program's own data. */
unsigned char __heap_base[16 << 20] __attribute__((aligned(65536)));
unsigned long native_ram_end;

struct lab __lab;

static u64 now, guest_timer = NEVER;
static u32 wanted;		/* entries asked for, a bit for each LAB_RUN_* */
static u64 interrupts;
static u32 sequence;
static u32 findings;
static bool quiet;

/* ---- one frame a packet: the same bytes as src/device/frames.ts makes ---- */

static void put16(u8 *at, u32 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static u32 sum(const u8 *p, u32 len)
{
	u32 total = 0, i;

	for (i = 0; i + 1 < len; i += 2)
		total += p[i] << 8 | p[i + 1];
	return len & 1 ? total + (p[len - 1] << 8) : total;
}

static u32 checksum(u32 total)
{
	while (total > 0xffff)
		total = (total & 0xffff) + (total >> 16);
	return ~total & 0xffff;
}

static void make_frame(u8 *f, u32 len, u32 number)
{
	static const u8 start[38] = {
		0x52, 0x55, 0x0a, 0x00, 0x02, 0x02, 0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 0x08, 0x00,
		0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 2, 15, 10, 0, 2, 2, 0, 0, 0, 9,
	};
	u32 i, ip = len - 14, udp = len - 34, check;

	native_memcpy(f, start, sizeof(start));
	put16(f + 16, ip);
	put16(f + 18, number);
	put16(f + 24, checksum(sum(f + 14, 20)));
	put16(f + 34, 40000 + number % 20000);
	put16(f + 38, udp);
	put16(f + 40, 0);
	put16(f + 42, number >> 16);
	put16(f + 44, number);
	for (i = 46; i < len; i++)
		f[i] = number + i - 42;
	check = checksum(sum(f + 34, udp) + sum(f + 26, 8) + 17 + udp);
	put16(f + 40, check ? check : 0xffff);
}

/* ---- interrupts ---- */

static bool deliverable(void)
{
	return !lab_irqs_disabled && !(preempt_count & 0x03ff0000);
}

/* As the lab does at the next line: while interrupts are enabled, whatever has been raised is handled now. */
static void deliver(void)
{
	while (device_irq || guest_timer <= now) {
		if (!deliverable()) {
			__lab.irq_pending = 1;
			return;
		}
		__lab.irq_pending = 0;
		if (device_irq) {
			device_irq = false;
			interrupts++;
			lab_irq(LAB_VIRTIO_IRQ);
		} else {
			guest_timer = NEVER;
			lab_timer_interrupt();
		}
	}
}

/* ---- imports ---- */

u32 lab_mmio_read(u32 addr, u32 size)
{
	return device_read(addr - LAB_MMIO_BASE, size);
}

void lab_mmio_write(u32 addr, u32 size, u32 value)
{
	(void)size;
	device_write(addr - LAB_MMIO_BASE, value, now);
	deliver();
}

double lab_clock_ns(void) { return (double)now; }
void lab_set_timer(u64 expires) { guest_timer = expires; }
void lab_irq_unmasked(void) { deliver(); }
void lab_wake(u32 what) { wanted |= 1u << what; }

/* Time passes to what is due first, the host's timer or the guest's. */
static bool pass_time(u64 until)
{
	u64 due = device_timer < guest_timer ? device_timer : guest_timer;

	if (due == NEVER || due > until)
		return false;
	if (due > now)
		now = due;
	if (due == device_timer)
		device_timer_expired();
	deliver();
	return true;
}

void lab_idle(u64 until)
{
	if (!pass_time(until) && until != NEVER)
		now = until;
}

void lab_charge(u32 what, u32 bytes)
{
	static const u8 base[LAB_COST_UNALIGNED + 1] = { 10, 10, 15, 40, 30, 0 };

	now += base[what] + (what < LAB_COST_ALLOC ? 2 * ((bytes + 15) / 16) : 0);
}

void lab_printk(u32 level, const char *text, u32 len)
{
	if (!quiet)
		printf("<%u>%.*s\n", level, (int)len, text);
}

void lab_finding(u32 kind, const void *object, u32 size, const char *text, u32 len)
{
	(void)kind; (void)object; (void)size;
	findings++;
	if (!quiet)
		printf("finding: %.*s\n", (int)len, text);
}

void lab_die(u32 kind, const void *object, const char *text, u32 len)
{
	(void)object;
	printf("died (%u): %.*s\n", kind, (int)len, text);
	exit(1);
}

void lab_kmem(u32 op, const void *p, u32 size) { (void)op; (void)p; (void)size; }
void lab_skb(u32 op, const struct sk_buff *skb) { (void)op; (void)skb; }
void lab_netdev(u32 op, u32 value) { (void)op; (void)value; }
void lab_softirq(u32 on) { (void)on; }
void __lab_hook_uncounted(int by) { (void)by; }
u32 lab_fault(u32 what) { (void)what; return 0; }
void lab_frame_deliver(const void *data, u32 present, u32 len) { (void)data; (void)present; (void)len; }

/* Nothing is answered: the workload only sends. */
u32 lab_answer_begin(void) { return 0; }
void lab_answer_end(int result) { (void)result; }

/* The transport is virtio-mmio. */
void lab_hypercall(u32 number, u64 argument)
{
	printf("hypercall %u (%llx)\n", number, argument);
	exit(1);
}

/* A packet that was refused is offered again: then it has its frame already. */
void lab_frame_read(void *dst, u32 len) { make_frame(dst, len, sequence); }

/* ---- the run ---- */

static double milliseconds(int clock)
{
	long time[2];

	clock_gettime(clock, time);
	return time[0] * 1e3 + time[1] / 1e6;
}

static void run_wanted(void)
{
	u32 what;

	for (what = LAB_RUN_WORK; what <= LAB_RUN_SENDER; what++) {
		if (!(wanted & 1u << what))
			continue;
		wanted &= ~(1u << what);
		if (what != LAB_RUN_SENDER)
			lab_run(what);
	}
}

static void run(u32 packets)
{
	bool blocked = false;

	now = 1000000;
	while (sequence < packets) {
		deliver();
		if (wanted & 1u << LAB_RUN_SENDER)
			blocked = false;
		if (wanted) {
			run_wanted();
		} else if (blocked) {
			if (!pass_time(NEVER)) {
				printf("nothing is due any more\n");
				exit(1);
			}
		} else if (lab_transmit(FRAME_SIZE, 0) == -EAGAIN) {
			blocked = !(wanted & 1u << LAB_RUN_SENDER);
		} else {
			sequence++;
			now += PACKET_NS;
		}
	}
	do {
		deliver();
		run_wanted();
	} while (wanted || pass_time(NEVER));
}

int main(int argc, char **argv)
{
	u32 packets = argc > 1 ? atoi(argv[1]) : 1000;
	double started, cpu;
	int error;

	quiet = getenv("BENCH_WHOLE") == NULL;
	native_ram_end = (unsigned long)__heap_base + sizeof(__heap_base);
	cpu = milliseconds(CLOCK_PROCESS_CPUTIME_ID);
	started = milliseconds(CLOCK_MONOTONIC);
	error = lab_boot();
	if (error) {
		printf("boot failed: %d\n", error);
		return 1;
	}
	run(packets);
	lab_remove();
	started = milliseconds(CLOCK_MONOTONIC) - started;
	cpu = milliseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("{\"ms\":%.3f,\"cpuMs\":%.3f,\"sent\":%llu,\"bytes\":%llu,\"kicks\":%llu,\"interrupts\":%llu,\"hash\":%u,\"findings\":%u}\n",
	       started, cpu, (unsigned long long)device_counters.sent,
	       (unsigned long long)device_counters.sent_bytes, (unsigned long long)device_counters.kicks,
	       (unsigned long long)interrupts, device_counters.frames_hash, findings);
	return 0;
}
