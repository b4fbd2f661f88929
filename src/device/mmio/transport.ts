// virtio-mmio as a transport: the register machine, and its state.
import type { SplitLayout } from '../../virtqueue';
import {
  NOTHING,
  violation,
  type AccessKind,
  type DeviceIdentity,
  type Transport,
  type TransportEffect,
} from '../transport';
import { raiseInterrupt, readRegister, writeRegister } from './mmio';
import { queueLayout } from './queues';
import { REG } from './registers';
import { freshRegisters, INT_VRING, type MmioState } from './state';

/** Interrupt line of the device: LAB_VIRTIO_IRQ of lab/machine.h. */
const LINE = 5;

export class MmioTransport implements Transport {
  readonly reservedPages = 0;
  private readonly state: MmioState;

  constructor(private readonly identity: DeviceIdentity) {
    this.state = freshRegisters(identity);
  }

  get status(): number {
    return this.state.status;
  }

  get driverFeatures(): bigint {
    return this.state.driverFeatures;
  }

  get interruptStatus(): number {
    return this.state.interruptStatus;
  }

  get config(): readonly number[] {
    return this.state.config;
  }

  layout(queue: number): SplitLayout | undefined {
    return queueLayout(this.identity, this.state, queue);
  }

  read(offset: number, size: number): { readonly value: number; readonly effects: readonly TransportEffect[] } {
    const { value, violation: text } = readRegister(this.identity, this.state, offset, size);
    return { value, effects: text === undefined ? NOTHING : violation(text) };
  }

  write(offset: number, size: number, value: number): readonly TransportEffect[] {
    return writeRegister(this.identity, this.state, offset, size, value);
  }

  hypercall(number: number): readonly TransportEffect[] {
    return violation(`hypercall ${number}: a virtio-mmio device is reached by its registers (spec 4.2.2)`);
  }

  readKind(offset: number): AccessKind {
    return offset === REG.interruptStatus ? 'interruptStatus' : 'config';
  }

  writeKind(offset: number): AccessKind {
    if (offset === REG.queueNotify) return 'notify';
    return offset === REG.interruptAck ? 'interruptAck' : 'config';
  }

  hypercallKind(): AccessKind {
    return 'config';
  }

  clearRings(): void {}

  raise(): boolean {
    return raiseInterrupt(this.state, INT_VRING) === 0;
  }

  line(): number {
    return LINE;
  }

  snapshot(): MmioState {
    return structuredClone(this.state);
  }

  restore(state: unknown): void {
    Object.assign(this.state, structuredClone(state));
  }
}
