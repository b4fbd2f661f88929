// The page map: which pages may not be written, which are followed, and the copies that tell what a watched range held before.
import { DmaFault, type MemoryWatch } from '../device';
import { LAB_PAGE, labLayout } from '../toolchain';
import type { Cpu } from './cpu';

const PAGES = 1 << 20;
const PAGE_SHIFT = 12;

/** Protects what no driver may write: the NULL page, the hooks' own pages, and everything beyond RAM. */
export function mapPages(cpu: Cpu): void {
  const { from, to } = cpu.runtimePages;
  cpu.setPageFlags(0, LAB_PAGE.protected);
  for (let page = from; page < to; page++) cpu.setPageFlags(page, LAB_PAGE.protected);
  const map = pageMap(cpu);
  map.fill(LAB_PAGE.protected, cpu.ram.length >>> PAGE_SHIFT);
}

/** What a range held before a write: a number of its 2 or 4 bytes, or the bytes. */
export type Old = number | Uint8Array;

/**
 * What the device's door to RAM is to tell: every write to a page that has a flag.
 * @param any told of every write at all
 */
export function deviceWatch(
  cpu: Cpu,
  wrote: (pointer: number, size: number, before: Old) => void,
  any?: MemoryWatch['any'],
): MemoryWatch {
  return {
    pages: pageMap(cpu),
    any,
    beforeWrite(pointer, size) {
      const last = (pointer + size - 1) >>> PAGE_SHIFT;
      for (let page = pointer >>> PAGE_SHIFT; page <= last; page++)
        if ((cpu.pageFlags(page) & LAB_PAGE.protected) !== 0)
          throw new DmaFault(
            BigInt(pointer),
            size,
            true,
            `the device was sent to write at pointer 0x${pointer.toString(16)}, which belongs to the lab, not to the driver`,
          );
    },
    wrote,
    wroteBytes(pointer, before) {
      wrote(pointer, before.length, before);
    },
  };
}

function pageMap(cpu: Cpu): Uint8Array {
  const from = cpu.symbol('__lab') + labLayout.offsets.page;
  return cpu.ram.subarray(from, from + PAGES);
}

/** The value of up to 8 bytes; of longer ranges, of their first 8. */
export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = Math.min(bytes.length, 8) - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

export interface Range {
  /** guest pointer */
  readonly address: number;
  readonly size: number;
}

export interface Touched extends Range {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** The watched ranges of RAM: marks their pages, and knows what each held before the last write. */
export class Watches {
  private ranges: (Range & { held: Uint8Array })[] = [];
  private pages: readonly number[] = [];

  constructor(private readonly cpu: Cpu) {}

  /** @param pages pages whose every store is to call out, beside those of the ranges */
  set(ranges: readonly Range[], pages: readonly number[]): void {
    for (const range of this.ranges) this.mark(range, false);
    for (const page of this.pages) this.markPage(page, false);
    this.pages = pages;
    for (const page of pages) this.markPage(page, true);
    this.ranges = ranges
      .filter((r) => r.size > 0 && r.address >= 0 && r.address + r.size <= this.cpu.ram.length)
      .map(({ address, size }) => ({ address, size, held: this.cpu.ram.slice(address, address + size) }));
    for (const range of this.ranges) this.mark(range, true);
  }

  get any(): boolean {
    return this.ranges.length > 0;
  }

  /** A write happened: the ranges it touched, with what they held before and hold now. */
  touched(pointer: number, size: number): Touched[] {
    return this.ranges
      .filter((r) => pointer < r.address + r.size && pointer + size > r.address)
      .map((r) => {
        const before = r.held;
        r.held = this.cpu.ram.slice(r.address, r.address + r.size);
        return { address: r.address, size: r.size, before, after: r.held };
      });
  }

  private mark({ address, size }: Range, on: boolean): void {
    for (let page = address >>> PAGE_SHIFT; page <= (address + size - 1) >>> PAGE_SHIFT; page++)
      this.markPage(page, on);
  }

  private markPage(page: number, on: boolean): void {
    const flags = this.cpu.pageFlags(page);
    this.cpu.setPageFlags(page, on ? flags | LAB_PAGE.watched : flags & ~LAB_PAGE.watched);
  }
}
