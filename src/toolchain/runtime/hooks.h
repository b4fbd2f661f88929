/* SPDX-License-Identifier: MIT */
/*
 * hooks.h - the block of memory that the hooks, the lab's machine and the
 * kernel API share. It lies on pages of its own, which no driver may write.
 *
 * Keep in step with src/toolchain/runtime-layout.ts, which a test compares.
 *
 * What the hooks call, imports of module "lab" (addresses are pointers):
 *   due(site)		budget is below 0, or a stop was asked for at this site: armed, pause, step
 *   due_store()	after a store: the last tick went (stop_on_store), or trap_store is set
 *   drain()		ring_log is full: take it and set ring_log_used to 0
 *   protect(addr, size)	before a store to a PROTECTED page; throws
 *   watch(addr, size, lo, hi)	after a store that touches a WATCHED page. lo, hi: the old bytes, little endian,
 *			when size is at most 8; 0 for a bulk store, which may be of any size
 *   load(addr)		before a 16-bit load of one of watch_loads
 *   null_load(addr, size)	before a load from the NULL page; throws
 *   overflow(func)	call depth above LAB_MAX_DEPTH, or the C stack is used up; throws. func is an
 *			index in Program.functions, ~0 for a function without debug information
 *   endless()		a loop in a function without debug information went round 2^26 times; throws
 *
 * A store to a ring page takes one tick. A bulk store to one is made, and takes ticks, piece by piece: as many stores of
 * up to 8 bytes, none across a multiple of 8.
 */
#ifndef _LAB_HOOKS_H
#define _LAB_HOOKS_H

#define LAB_MAX_SITES	65536
#define LAB_MAX_DEPTH	1000
#define LAB_STACK_SIZE	16384
#define LAB_RING_LOG	1024
#define LAB_WATCH_LOADS	16
#define LAB_COSTS	6		/* LAB_COST_* of lab/machine.h */
#define LAB_NO_ID	0xffffffffu	/* no site, no function */
#define LAB_LINE_SHIFT	6		/* a cache line is 64 bytes */
#define LAB_CACHE_LINES	(1 << (24 - LAB_LINE_SHIFT))	/* of 16 MiB of RAM */
#define LAB_LINE_DEVICE	1		/* state of a cache line: the device has written it, and the guest has not looked since */

/* page map flags: what the inline test before a store, and before a 16-bit load, looks for */
#define LAB_PAGE_PROTECTED	1	/* NULL page, this block, beyond RAM: the store is a finding */
#define LAB_PAGE_RING		2	/* a ring page: the store is a tick, and is recorded */
#define LAB_PAGE_WATCHED	4	/* a data breakpoint is on this page: call out after the store */
#define LAB_PAGE_LOADS		8	/* a 16-bit field whose reading is an event (used.flags, avail_event) */

struct lab_frame {
	unsigned int func;	/* index in Program.functions */
	unsigned int site;	/* index in Program.sites, ~0 in the prologue */
	unsigned int base;	/* frame base: what DW_AT_frame_base names */
};

/* one driver store to a ring page, drained by the machine */
struct lab_ring_store {
	unsigned int addr;
	unsigned int size;
	unsigned long long before;	/* the old bytes, little endian; stores of over 8 bytes are split */
	unsigned long long after;
	unsigned int site;	/* last site passed (debug level only, ~0 at run level) */
	int budget;		/* of lab, budget + charged_lines after the store's own tick: gives its position */
	double charged_ns;	/* of lab, when it was made */
};

struct lab {
	int budget;		/* ticks left until the machine wants a call; a line or ring store takes one */
	int stop_on_store;	/* call out as well when a ring store takes the last tick */
	unsigned int irq_pending;	/* set by the machine: an interrupt waits for local_irq_enable */
	unsigned int depth;	/* call depth, both levels */
	unsigned int stores;	/* debug level: stores since the last tick */
	int trap_store;		/* debug level: call out at each store (approach to a position inside a line) */
	unsigned int ring_log_used;
	unsigned int watch_loads_used;
	unsigned int watch_loads[LAB_WATCH_LOADS];	/* addresses whose 16-bit load calls out */
	/* debug level */
	unsigned int pause;	/* set by the main thread */
	int stepping;		/* stop at a line start at depth <= step_depth */
	int step_depth;
	unsigned int step_line;	/* line group the step began at: not stopped at while depth == step_start_depth */
	int step_start_depth;
	int search;		/* note, without stopping, the last line start at depth <= search_depth */
	int search_depth;
	unsigned int search_line;	/* line group and depth of the last line passed at depth <= search_depth */
	int search_line_depth;
	unsigned int found;	/* site noted, ~0 for none */
	int found_budget;	/* budget + charged_lines at that line's tick */
	/* of the store that is under way, between the two hooks around it */
	unsigned int store_flags;
	unsigned long long store_before;
	/* measure level: the guest's accesses, but for those of its C stack */
	unsigned int epoch;	/* the packet under way, set by the machine: 1 to 32767; 0 before the first */
	unsigned int touched;	/* cache lines touched, each once an epoch */
	unsigned int foreign;	/* cache lines touched that the device had written */
	unsigned int unaligned;	/* loads and stores at an address that is no multiple of their size */
	int uncounted;		/* above 0: none of this is counted */
	unsigned int divisions;	/* of 32 bits, and remainders, in code that is stepped; counted inline */
	/* code that is not stepped takes time, but no tick: __lab_hook_charge() */
	int charged_lines;	/* lines that were charged since the machine set the budget, and are taken off it */
	unsigned int charges;	/* since the machine looked last */
	double charged_ns;	/* by those */
	double copied;		/* bytes of memcpy among them */
	double line_ns;		/* what a line takes; this and the rest is set by the machine */
	double cost_of[LAB_COSTS];	/* of a call, by its LAB_COST_* */
	double per_16_bytes[LAB_COSTS];	/* and for each 16 bytes begun */
	struct lab_ring_store ring_log[LAB_RING_LOG];
	struct lab_frame frames[LAB_MAX_DEPTH + 24];
	unsigned char armed[LAB_MAX_SITES];	/* a breakpoint: call out at this site */
	unsigned int line_of[LAB_MAX_SITES];	/* line group of a site: equal for sites of one line of one function */
	unsigned char page[1 << 20];	/* page map: flags of each 4 KiB page of the 32-bit address space */
	unsigned short lines[LAB_CACHE_LINES];	/* epoch of the last touch << 1 | LAB_LINE_DEVICE */
} __attribute__((aligned(4096)));

extern struct lab __lab;

/*
 * @by 1: what follows is no cost of a driver's, but what the lab does to find bugs (the allocators' poison); not counted at
 * measure level until as many calls with -1.
 */
void __lab_hook_uncounted(int by);

/* lab_charge() of lab/machine.h */
void __lab_hook_charge(unsigned int what, unsigned int bytes);

#endif
