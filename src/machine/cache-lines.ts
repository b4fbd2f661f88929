// The cache lines of a measured run: the hooks note the guest's accesses, the machine its packets and the device's writes.
import { LAB_CACHE_LINES, LAB_LINE_DEVICE, LAB_LINE_SHIFT, labLayout } from '../toolchain';
import type { Cpu } from './cpu';
import { perPacket, type Measured } from './packet-costs';

/** Epochs of packets have 15 bits in the state of a line; 0 is before the first packet. */
const LAST_EPOCH = 0x7fff;

/** Free-running counters of the hooks, 32 bits. */
interface Counters {
  readonly touched: number;
  readonly foreign: number;
  readonly unaligned: number;
  readonly divisions: number;
}

export class CacheLines {
  private readonly lines: Uint16Array;
  private packets = 0;
  /** counters of the hooks at the first packet, and at the last one so far */
  private first: Counters = { touched: 0, foreign: 0, unaligned: 0, divisions: 0 };
  private last = this.first;

  constructor(private readonly cpu: Cpu) {
    const from = cpu.symbol('__lab') + labLayout.offsets.lines;
    this.lines = new Uint16Array(cpu.ram.buffer, cpu.ram.byteOffset + from, LAB_CACHE_LINES);
  }

  /** A packet is handed to the driver, or delivered to the stack: what is touched from here on is the next one's. */
  packet(): void {
    const epoch = this.cpu.word('epoch');
    const count = (name: keyof Counters): number => this.cpu.word(name) >>> 0;
    this.last = {
      touched: count('touched'),
      foreign: count('foreign'),
      unaligned: count('unaligned'),
      divisions: count('divisions'),
    };
    if (this.packets++ === 0) this.first = this.last;
    if (epoch === LAST_EPOCH) this.forgetEpochs();
    this.cpu.setWord('epoch', epoch === LAST_EPOCH ? 1 : epoch + 1);
  }

  /** The device has written: the next look of the guest gets the line from there. */
  deviceWrote(pointer: number, size: number): void {
    for (let line = pointer >>> LAB_LINE_SHIFT; line <= (pointer + size - 1) >>> LAB_LINE_SHIFT; line++)
      this.lines[line] = (this.lines[line] ?? 0) | LAB_LINE_DEVICE;
  }

  /** The guest has written by what is no code of its own: an application's bytes, copied into an skb. */
  guestWrote(pointer: number, size: number): void {
    const { cpu, lines } = this;
    const epoch = cpu.word('epoch');
    for (let line = pointer >>> LAB_LINE_SHIFT; line <= (pointer + size - 1) >>> LAB_LINE_SHIFT; line++) {
      const state = lines[line] ?? 0;
      if ((state & LAB_LINE_DEVICE) !== 0) cpu.setWord('foreign', cpu.word('foreign') + 1);
      if (state >> 1 !== epoch) cpu.setWord('touched', cpu.word('touched') + 1);
      lines[line] = epoch << 1;
    }
  }

  /** From one packet to the next, the first one having none before it. */
  summary(): Measured {
    const { first, last } = this;
    const packets = Math.max(0, this.packets - 1);
    return {
      unalignedPerPacket: perPacket((last.unaligned - first.unaligned) >>> 0, packets),
      divisionsPerPacket: perPacket((last.divisions - first.divisions) >>> 0, packets),
      cacheLines: {
        touchedPerPacket: perPacket((last.touched - first.touched) >>> 0, packets),
        fromOtherSidePerPacket: perPacket((last.foreign - first.foreign) >>> 0, packets),
      },
    };
  }

  /** Epochs start over: a line's old one must not be taken for a new one. */
  private forgetEpochs(): void {
    for (let line = 0; line < this.lines.length; line++) this.lines[line] = (this.lines[line] ?? 0) & LAB_LINE_DEVICE;
  }
}
