// SPDX-License-Identifier: MIT
/*
 * hooks.c - what instrumented code calls. Linked into every driver, compiled
 * -O2 without debug information, and never instrumented itself.
 *
 * The inline part of each hook is in src/toolchain/instrument/: it decides
 * quickly that nothing is to be done. The rest is here.
 *
 * Functions come as _run and _debug where the levels differ; measure is run,
 * with every access told to __lab_hook_touch() before. No hook keeps
 * anything in locals across a call into the machine that the machine may
 * change, and none uses the C stack.
 */
#include "hooks.h"

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned short __attribute__((aligned(1))) unaligned_u16;
typedef u32 __attribute__((aligned(1))) unaligned_u32;
typedef u64 __attribute__((aligned(1))) unaligned_u64;

#define IMPORT(name) __attribute__((import_module("lab"), import_name(#name))) extern
#define HOOK __attribute__((used, visibility("default")))
#define unlikely(x) __builtin_expect(!!(x), 0)
/* a function of this file that is a wasm function of its own is named __lab_hook_*: that exempts it from hooks */
#define INLINE static inline __attribute__((always_inline))

IMPORT(due)		void __lab_js_due(u32 site);
IMPORT(due_store)	void __lab_js_due_store(void);
IMPORT(drain)		void __lab_js_drain(void);
IMPORT(protect)		void __lab_js_protect(u32 addr, u32 size);
IMPORT(watch)		void __lab_js_watch(u32 addr, u32 size, u32 lo, u32 hi);
IMPORT(load)		void __lab_js_load(u32 addr);
IMPORT(null_load)	void __lab_js_null_load(u32 addr, u32 size);
IMPORT(overflow)	void __lab_js_overflow(u32 func);
IMPORT(endless)		void __lab_js_endless(void);

HOOK struct lab __lab;

/* of lab/machine.h */
#define LAB_COST_MEMCPY	0

enum level { RUN, DEBUG };

/* ---- lines and calls ---- */

static __attribute__((noinline)) void __lab_hook_line_slow(u32 site)
{
	int depth = __lab.depth;
	u32 line = __lab.line_of[site];
	int call = __lab.budget < 0 || __lab.armed[site] || __lab.pause;

	if (__lab.search && depth <= __lab.search_depth &&
	    (line != __lab.search_line || depth != __lab.search_line_depth)) {
		__lab.search_line = line;
		__lab.search_line_depth = depth;
		__lab.found = site;
		__lab.found_budget = __lab.budget + __lab.charged_lines;
	}
	if (__lab.stepping && depth <= __lab.step_depth &&
	    !(depth == __lab.step_start_depth && line == __lab.step_line))
		call = 1;
	if (call)
		__lab_js_due(site);
}

/* A line of the driver is about to run (debug level; at run level only the countdown is left, inline). */
HOOK void __lab_hook_line(u32 site, u32 base)
{
	struct lab_frame *frame = &__lab.frames[__lab.depth];

	frame->site = site;
	frame->base = base;
	__lab.stores = 0;
	if (unlikely((--__lab.budget < 0) | __lab.armed[site] | __lab.pause | __lab.stepping | __lab.search))
		__lab_hook_line_slow(site);
}

/* A function was entered (debug level). */
HOOK void __lab_hook_enter(u32 func)
{
	u32 depth = ++__lab.depth;
	struct lab_frame *frame = &__lab.frames[depth];

	frame->func = func;
	frame->site = LAB_NO_ID;
	frame->base = 0;
	if (unlikely(depth > LAB_MAX_DEPTH))
		__lab_js_overflow(func);
}

/* ---- time of code that is not stepped ---- */

/* More lines than any budget has. */
#define MAX_LINES (1 << 21)

/*
 * What is due comes as many lines sooner. Here and not in the machine: a packet is charged a dozen times, and a call out of
 * the module costs more than this.
 */
HOOK void __lab_hook_charge(u32 what, u32 bytes)
{
	double ns = __lab.cost_of[what] + __lab.per_16_bytes[what] * (double)(((u64)bytes + 15) >> 4);
	double lines = ns / __lab.line_ns;
	int whole = lines < MAX_LINES ? (int)lines : MAX_LINES;

	__lab.charges++;
	__lab.charged_ns += ns;
	__lab.charged_lines += whole;
	__lab.budget -= whole;
	if (what == LAB_COST_MEMCPY)
		__lab.copied += bytes;
}

/* ---- stores ---- */

INLINE u64 read_bytes(u32 addr, u32 size)
{
	u64 value = 0;

	__builtin_memcpy(&value, (const void *)addr, size);
	return value;
}

/* Little-endian value of 1, 2, 4 or 8 bytes; switch, so that no call and no stack is needed. */
INLINE u64 read_old(u32 addr, u32 size)
{
	switch (size) {
	case 1: return read_bytes(addr, 1);
	case 2: return read_bytes(addr, 2);
	case 4: return read_bytes(addr, 4);
	default: return read_bytes(addr, 8);
	}
}

INLINE u32 current_site(enum level level)
{
	u32 depth = __lab.depth;

	if (level == RUN)
		return LAB_NO_ID;
	/* a function without debug information, or a prologue: the line that called it */
	while (depth && __lab.frames[depth].site == LAB_NO_ID)
		depth--;
	return depth ? __lab.frames[depth].site : LAB_NO_ID;
}

static __attribute__((noinline)) void __lab_hook_log(u32 addr, u32 size, u64 before, u64 after, u32 site)
{
	struct lab_ring_store *entry = &__lab.ring_log[__lab.ring_log_used++];

	entry->addr = addr;
	entry->size = size;
	entry->before = before;
	entry->after = after;
	entry->site = site;
	entry->budget = __lab.budget + __lab.charged_lines;
	entry->charged_ns = __lab.charged_ns;
	if (unlikely(__lab.ring_log_used == LAB_RING_LOG))
		__lab_js_drain();
}

/* The tick of a store to a ring page. */
INLINE void ring_tick(enum level level)
{
	__lab.budget--;
	if (level == DEBUG)
		__lab.stores = 0;
}

INLINE void after_any_store(enum level level, u32 flags)
{
	int last_tick = (flags & LAB_PAGE_RING) && __lab.stop_on_store && __lab.budget < 0;

	if (last_tick || (level == DEBUG && __lab.trap_store))
		__lab_js_due_store();
}

/* Before a store of 1, 2, 4 or 8 bytes whose page has a flag, or which is not aligned. */
HOOK void __lab_hook_before(u32 addr, u32 size)
{
	u32 flags = __lab.page[addr >> 12] | __lab.page[(addr + size - 1) >> 12];

	if (flags & LAB_PAGE_PROTECTED)
		__lab_js_protect(addr, size);
	__lab.store_flags = flags;
	if (flags & (LAB_PAGE_RING | LAB_PAGE_WATCHED))
		__lab.store_before = read_old(addr, size);
}

INLINE void after_store(u32 addr, u32 size, enum level level)
{
	u32 flags = __lab.store_flags;
	u64 before = __lab.store_before;

	if (flags & LAB_PAGE_RING) {
		ring_tick(level);
		__lab_hook_log(addr, size, before, read_old(addr, size), current_site(level));
	} else if (level == DEBUG) {
		__lab.stores++;
	}
	if (flags & LAB_PAGE_WATCHED)
		__lab_js_watch(addr, size, before, before >> 32);
	after_any_store(level, flags);
}

HOOK void __lab_hook_after_run(u32 addr, u32 size) { after_store(addr, size, RUN); }
HOOK void __lab_hook_after_debug(u32 addr, u32 size) { after_store(addr, size, DEBUG); }

/* A plain store as a whole: nothing of it is live in its caller any more. @base: the address without its offset. */
INLINE void store(u32 base, u32 offset, u32 size, u64 value, enum level level)
{
	u32 addr = base + offset;

	if (addr < base)
		__builtin_trap();
	__lab_hook_before(addr, size);
	switch (size) {
	case 1: *(volatile u8 *)addr = value; break;
	case 2: *(volatile unaligned_u16 *)addr = value; break;
	case 4: *(volatile unaligned_u32 *)addr = value; break;
	default: *(volatile unaligned_u64 *)addr = value; break;
	}
	after_store(addr, size, level);
}

HOOK void __lab_hook_store_run(u32 base, u32 offset, u32 size, u64 value) { store(base, offset, size, value, RUN); }
HOOK void __lab_hook_store_debug(u32 base, u32 offset, u32 size, u64 value) { store(base, offset, size, value, DEBUG); }

/* ---- bulk stores: memory.fill and memory.copy are replaced by these ---- */

INLINE u32 range_flags(u32 addr, u32 size)
{
	u32 flags = 0, page = addr >> 12, pages;

	if (!size)
		return 0;
	/* a range that wraps is beyond RAM: its first pages say so */
	for (pages = ((addr & 4095) + (u64)size + 4095) >> 12; pages; pages--)
		flags |= __lab.page[page++ & 0xfffff];
	return flags;
}

INLINE int in_ram(u32 addr, u32 size)
{
	return (u64)addr + size <= (u64)__builtin_wasm_memory_size(0) << 16;
}

/* Bytes from @addr up to the next multiple of 8, at most @size: such a piece lies on one page. */
INLINE u32 piece_up(u32 addr, u32 size)
{
	u32 piece = 8 - (addr & 7);

	return piece < size ? piece : size;
}

/* Bytes below @end down to the multiple of 8 before it, at most @size. */
INLINE u32 piece_down(u32 end, u32 size)
{
	u32 piece = ((end - 1) & 7) + 1;

	return piece < size ? piece : size;
}

/* 0 to 8 bytes without a call: a byte loop, which also keeps to the bytes of the piece. */
INLINE u64 read_piece(u32 addr, u32 size)
{
	u64 value = 0;
	u32 i;

	for (i = 0; i < size; i++)
		value |= (u64)*(volatile u8 *)(addr + i) << (8 * i);
	return value;
}

INLINE void write_piece(u32 addr, u32 size, u64 value)
{
	u32 i;

	for (i = 0; i < size; i++)
		*(volatile u8 *)(addr + i) = value >> (8 * i);
}

/* A piece of a bulk store is a store of its own. Every piece ends in its last call: the machine may stop between two. */
INLINE void store_piece(u32 addr, u32 size, u64 value, enum level level)
{
	u64 before = read_piece(addr, size);

	write_piece(addr, size, value);
	if (!(__lab.page[addr >> 12] & LAB_PAGE_RING))
		return;
	ring_tick(level);
	__lab_hook_log(addr, size, before, read_piece(addr, size), current_site(level));
	after_any_store(level, LAB_PAGE_RING);
}

INLINE u32 before_bulk(u32 addr, u32 size)
{
	u32 flags = range_flags(addr, size);

	if (flags & LAB_PAGE_PROTECTED)
		__lab_js_protect(addr, size);
	if (!in_ram(addr, size))
		__builtin_trap();
	return flags;
}

INLINE void after_bulk(u32 addr, u32 size, u32 flags, enum level level)
{
	if (level == DEBUG && !(flags & LAB_PAGE_RING))
		__lab.stores++;
	if (flags & LAB_PAGE_WATCHED)
		__lab_js_watch(addr, size, 0, 0);
	if (!(flags & LAB_PAGE_RING))
		after_any_store(level, 0);
}

INLINE void fill(u32 to, u32 byte, u32 size, enum level level)
{
	u32 flags = before_bulk(to, size);

	if (flags & LAB_PAGE_RING) {
		u64 value = (byte & 0xff) * 0x0101010101010101ull;
		u32 done, piece;

		for (done = 0; done < size; done += piece) {
			piece = piece_up(to + done, size - done);
			store_piece(to + done, piece, value, level);
		}
	} else {
		__builtin_memset((void *)to, byte, size);
	}
	after_bulk(to, size, flags, level);
}

INLINE void copy(u32 to, u32 from, u32 size, enum level level)
{
	u32 flags = before_bulk(to, size);

	if (size && from < 4096)
		__lab_js_null_load(from, size);
	if (!in_ram(from, size))
		__builtin_trap();
	if (flags & LAB_PAGE_RING) {
		u32 left, piece;

		if (to <= from) {
			for (left = size; left; left -= piece) {
				u32 done = size - left;

				piece = piece_up(to + done, left);
				store_piece(to + done, piece, read_piece(from + done, piece), level);
			}
		} else {
			/* the ranges may overlap: from the end, like memmove */
			for (left = size; left; left -= piece) {
				piece = piece_down(to + left, left);
				store_piece(to + left - piece, piece, read_piece(from + left - piece, piece), level);
			}
		}
	} else {
		__builtin_memmove((void *)to, (const void *)from, size);
	}
	after_bulk(to, size, flags, level);
}

HOOK void __lab_hook_fill_run(u32 to, u32 byte, u32 size) { fill(to, byte, size, RUN); }
HOOK void __lab_hook_fill_debug(u32 to, u32 byte, u32 size) { fill(to, byte, size, DEBUG); }
HOOK void __lab_hook_copy_run(u32 to, u32 from, u32 size) { copy(to, from, size, RUN); }
HOOK void __lab_hook_copy_debug(u32 to, u32 from, u32 size) { copy(to, from, size, DEBUG); }

/* ---- loads ---- */

/* Before a 16-bit load from a page with LAB_PAGE_LOADS. */
HOOK void __lab_hook_load16(u32 addr)
{
	u32 i;

	for (i = 0; i < __lab.watch_loads_used && i < LAB_WATCH_LOADS; i++) {
		if (__lab.watch_loads[i] == addr) {
			__lab_js_load(addr);
			return;
		}
	}
}

/* ---- what accesses cost: measure level ---- */

/* Made by the linker. At -O0 the C stack holds what a real kernel has in registers. */
extern u8 __stack_low, __stack_high;

INLINE int is_counted(u32 addr)
{
	return __lab.uncounted <= 0 && addr - (u32)&__stack_low >= (u32)(&__stack_high - &__stack_low);
}

HOOK void __lab_hook_uncounted(int by)
{
	__lab.uncounted += by;
}

INLINE void touch_line(u32 line)
{
	u32 state;

	if (line >= LAB_CACHE_LINES)
		return;
	state = __lab.lines[line];
	__lab.foreign += state & LAB_LINE_DEVICE;
	__lab.touched += state >> 1 != __lab.epoch;
	__lab.lines[line] = __lab.epoch << 1;
}

/* Before a load or store of 1, 2, 4 or 8 bytes. */
HOOK void __lab_hook_touch(u32 addr, u32 size)
{
	u32 line = addr >> LAB_LINE_SHIFT, last = (addr + size - 1) >> LAB_LINE_SHIFT;

	if (!is_counted(addr))
		return;
	__lab.unaligned += (addr & (size - 1)) != 0;
	touch_line(line);
	if (unlikely(last != line))
		touch_line(last);
}

INLINE void touch_range(u32 addr, u32 size)
{
	u32 line;

	if (!size || !in_ram(addr, size) || !is_counted(addr))
		return;
	for (line = addr >> LAB_LINE_SHIFT; line <= (addr + size - 1) >> LAB_LINE_SHIFT; line++)
		touch_line(line);
}

HOOK void __lab_hook_fill_measure(u32 to, u32 byte, u32 size)
{
	touch_range(to, size);
	fill(to, byte, size, RUN);
}

HOOK void __lab_hook_copy_measure(u32 to, u32 from, u32 size)
{
	touch_range(from, size);
	touch_range(to, size);
	copy(to, from, size, RUN);
}

/* Keeps an import that only inline code calls. */
HOOK void __lab_hook_imports(void)
{
	__lab_js_endless();
}
