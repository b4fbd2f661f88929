// Where the fields of `struct lab` (runtime/hooks.h) lie: bytes from `__lab`. A test compares this with the compiler's own answer.

export const LAB_MAX_SITES = 65536;
export const LAB_MAX_DEPTH = 1000;
export const LAB_STACK_SIZE = 16384;
export const LAB_RING_LOG = 1024;
export const LAB_WATCH_LOADS = 16;
/** LAB_COST_* of lab/machine.h. */
export const LAB_COSTS = 6;
/** No site, no function (an unsigned int of all ones). */
export const LAB_NO_ID = 0xffffffff;

/** Cache lines of RAM, and the bit of a line's state that the device has written it since the guest last looked. */
export const LAB_LINE_SHIFT = 6;
export const LAB_CACHE_LINES = 1 << (24 - LAB_LINE_SHIFT);
export const LAB_LINE_DEVICE = 1;

/** Flags of a page in the page map. */
export const LAB_PAGE = { protected: 1, ring: 2, watched: 4, loads: 8 } as const;

const FRAMES = LAB_MAX_DEPTH + 24;
const COSTS_AT = 208;
const RING_LOG_AT = COSTS_AT + 2 * LAB_COSTS * 8;
const FRAMES_AT = RING_LOG_AT + LAB_RING_LOG * 40;
const ARMED_AT = FRAMES_AT + FRAMES * 12;
const LINE_OF_AT = ARMED_AT + LAB_MAX_SITES;
const PAGE_AT = LINE_OF_AT + LAB_MAX_SITES * 4;
const LINES_AT = PAGE_AT + (1 << 20);

/** Bytes: the size of `struct lab` (whole 4 KiB pages), and the offsets of its fields by their names in hooks.h. */
export const labLayout = {
  size: Math.ceil((LINES_AT + LAB_CACHE_LINES * 2) / 4096) * 4096,
  offsets: {
    budget: 0,
    stop_on_store: 4,
    irq_pending: 8,
    depth: 12,
    stores: 16,
    trap_store: 20,
    ring_log_used: 24,
    watch_loads_used: 28,
    watch_loads: 32,
    pause: 96,
    stepping: 100,
    step_depth: 104,
    step_line: 108,
    step_start_depth: 112,
    search: 116,
    search_depth: 120,
    search_line: 124,
    search_line_depth: 128,
    found: 132,
    found_budget: 136,
    store_flags: 140,
    store_before: 144,
    epoch: 152,
    touched: 156,
    foreign: 160,
    unaligned: 164,
    uncounted: 168,
    divisions: 172,
    charged_lines: 176,
    charges: 180,
    charged_ns: 184,
    copied: 192,
    line_ns: 200,
    cost_of: COSTS_AT,
    per_16_bytes: COSTS_AT + LAB_COSTS * 8,
    ring_log: RING_LOG_AT,
    frames: FRAMES_AT,
    armed: ARMED_AT,
    line_of: LINE_OF_AT,
    page: PAGE_AT,
    lines: LINES_AT,
  },
  /** struct lab_frame */
  frames: { size: 12, count: FRAMES, offsets: { func: 0, site: 4, base: 8 } },
  /** struct lab_ring_store */
  ringStore: { size: 40, offsets: { addr: 0, size: 4, before: 8, after: 16, site: 24, budget: 28, charged_ns: 32 } },
} as const;
