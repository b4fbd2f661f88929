// A driver in TypeScript for tests of the device: split ring, legacy or modern, in the manner of Linux 2.6.31's virtio_ring.c.
import { DRIVER, DRIVER_OK, ACKNOWLEDGE, FEATURES_OK } from '../../../src/device';
import type { Rig } from './rig';

/** Guest-physical buffer. */
export interface Part {
  readonly addr: number;
  readonly len: number;
}

const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;

export class JsQueue {
  private readonly view: DataView;
  readonly desc: number;
  readonly avail: number;
  readonly used: number;
  freeHead = 0;
  numFree: number;
  numAdded = 0;
  lastUsed = 0;
  readonly data = new Map<number, string>();
  kicks = 0;

  /** @param at pointer of the ring's block, page aligned */
  constructor(
    readonly rig: Rig,
    readonly index: number,
    readonly size: number,
    readonly at: number,
  ) {
    this.view = new DataView(rig.ram.buffer);
    this.desc = at;
    this.avail = at + 16 * size;
    this.used = (this.avail + 4 + 2 * size + 4095) & ~4095;
    this.numFree = size;
    for (let i = 0; i < size - 1; i++) this.put16(this.desc + 16 * i + 14, i + 1);
  }

  get16(pointer: number): number {
    return this.view.getUint16(pointer, true);
  }

  put16(pointer: number, value: number): void {
    this.view.setUint16(pointer, value, true);
  }

  put32(pointer: number, value: number): void {
    this.view.setUint32(pointer, value, true);
  }

  put64(pointer: number, value: number | bigint): void {
    this.view.setBigUint64(pointer, BigInt(value), true);
  }

  get availIdx(): number {
    return this.get16(this.avail + 2);
  }

  get usedIdx(): number {
    return this.get16(this.used + 2);
  }

  get noNotify(): boolean {
    return (this.get16(this.used) & 1) !== 0;
  }

  set noInterrupt(on: boolean) {
    this.put16(this.avail, on ? 1 : 0);
  }

  used_(slot: number): { readonly id: number; readonly len: number } {
    const at = this.used + 4 + 8 * (slot % this.size);
    return { id: this.view.getUint32(at, true), len: this.view.getUint32(at + 4, true) };
  }

  /** add_buf: false for -ENOSPC, which forces a kick when the buffer is for the device to read. */
  add(out: readonly Part[], into: readonly Part[], token: string): boolean {
    const parts = [...out.map((p) => ({ ...p, flags: 0 })), ...into.map((p) => ({ ...p, flags: WRITE }))];
    if (this.numFree < parts.length) {
      if (out.length > 0) this.notify();
      return false;
    }
    const head = this.freeHead;
    let i = head;
    parts.forEach((part, n) => {
      const at = this.desc + 16 * i;
      this.put64(at, part.addr);
      this.put32(at + 8, part.len);
      this.put16(at + 12, part.flags | (n < parts.length - 1 ? NEXT : 0));
      i = this.get16(at + 14);
    });
    this.freeHead = i;
    this.numFree -= parts.length;
    this.push(head, token);
    return true;
  }

  /** A chain through an indirect table at pointer `table`. */
  addIndirect(table: number, out: readonly Part[], into: readonly Part[], token: string): void {
    const parts = [...out.map((p) => ({ ...p, flags: 0 })), ...into.map((p) => ({ ...p, flags: WRITE }))];
    parts.forEach((part, n) => {
      const at = table + 16 * n;
      const last = n === parts.length - 1;
      this.put64(at, part.addr);
      this.put32(at + 8, part.len);
      this.put16(at + 12, part.flags | (last ? 0 : NEXT));
      this.put16(at + 14, last ? 0 : n + 1);
    });
    const head = this.freeHead;
    const at = this.desc + 16 * head;
    this.put64(at, this.rig.memory.base + table);
    this.put32(at + 8, 16 * parts.length);
    this.put16(at + 12, INDIRECT);
    this.freeHead = this.get16(at + 14);
    this.numFree--;
    this.push(head, token);
  }

  /** Makes all added buffers available at once. */
  expose(): void {
    this.put16(this.avail + 2, this.availIdx + this.numAdded);
    this.numAdded = 0;
  }

  /** expose, and notify unless told not to. Returns whether it kicked. */
  kick(): boolean {
    this.expose();
    if (this.noNotify) return false;
    this.notify();
    return true;
  }

  notify(): void {
    this.kicks++;
    this.rig.write(0x50, this.index);
  }

  get(): { readonly token: string; readonly len: number } | undefined {
    if (this.lastUsed === this.usedIdx) return undefined;
    const { id, len } = this.used_(this.lastUsed);
    const token = this.data.get(id);
    if (token === undefined) throw new Error(`id ${id} is not a head!`);
    this.data.delete(id);
    let i = id;
    this.numFree++;
    while ((this.get16(this.desc + 16 * i + 12) & NEXT) !== 0) {
      i = this.get16(this.desc + 16 * i + 14);
      this.numFree++;
    }
    this.put16(this.desc + 16 * i + 14, this.freeHead);
    this.freeHead = id;
    this.lastUsed = (this.lastUsed + 1) & 0xffff;
    return { token, len };
  }

  private push(head: number, token: string): void {
    this.data.set(head, token);
    this.put16(this.avail + 4 + 2 * ((this.availIdx + this.numAdded++) % this.size), head);
  }
}

export interface JsDriver {
  readonly rx: JsQueue;
  readonly tx: JsQueue;
}

const RX_AT = 0x10000;
const TX_AT = 0x20000;
/** where tests put packets: behind the rings */
export const BUFFERS = 0x40000;

/** Probes the device as Linux does and returns its queues, DRIVER_OK set unless told otherwise. */
export function probe(rig: Rig, options: { accept?: bigint; driverOk?: boolean } = {}): JsDriver {
  const version = rig.read(0x04);
  rig.write(0x70, 0);
  rig.write(0x70, ACKNOWLEDGE);
  rig.write(0x70, ACKNOWLEDGE | DRIVER);
  const accept = options.accept ?? offered(rig);
  for (const word of [0, 1]) {
    rig.write(0x24, word);
    rig.write(0x20, Number((accept >> BigInt(32 * word)) & 0xffffffffn));
  }
  let status = ACKNOWLEDGE | DRIVER;
  if (version === 2) {
    status |= FEATURES_OK;
    rig.write(0x70, status);
    if ((rig.read(0x70) & FEATURES_OK) === 0) throw new Error('FEATURES_OK refused');
  } else {
    rig.write(0x28, 4096);
  }
  const rx = setUpQueue(rig, version, 0, RX_AT);
  const tx = setUpQueue(rig, version, 1, TX_AT);
  if (options.driverOk !== false) rig.write(0x70, status | DRIVER_OK);
  return { rx, tx };
}

function offered(rig: Rig): bigint {
  let features = 0n;
  for (const word of [0, 1]) {
    rig.write(0x14, word);
    features |= BigInt(rig.read(0x10)) << BigInt(32 * word);
  }
  return features;
}

function setUpQueue(rig: Rig, version: number, index: number, at: number): JsQueue {
  rig.write(0x30, index);
  const size = rig.read(0x34);
  const queue = new JsQueue(rig, index, size, at);
  rig.write(0x38, size);
  const phys = (pointer: number): number => rig.memory.base + pointer;
  if (version === 1) {
    rig.write(0x3c, 4096);
    rig.write(0x40, phys(queue.desc) / 4096);
    return queue;
  }
  const put = (register: number, address: number): void => {
    rig.write(register, address % 2 ** 32);
    rig.write(register + 4, Math.floor(address / 2 ** 32));
  };
  put(0x80, phys(queue.desc));
  put(0x90, phys(queue.avail));
  put(0xa0, phys(queue.used));
  rig.write(0x44, 1);
  return queue;
}
