// Legacy virtio-pci over I/O ports (spec 4.1.4.8), with the interrupt pin, as a state machine: accesses that return their effects.
import { legacyLayout, type SplitLayout } from '../../virtqueue';
import { featureNames } from '../features';
import { DRIVER_OK, legacyStatus } from '../status';
import {
  hex,
  NOTHING,
  violation,
  type AccessKind,
  type DeviceIdentity,
  type Transport,
  type TransportEffect,
} from '../transport';
import { REG, registerAt } from './registers';

/** VIRTIO_PCI_QUEUE_ADDR_SHIFT, and the alignment of the used ring */
const PAGE_SHIFT = 12n;
const ALIGN = 4096;
/** The interrupt pin's line: LAB_VIRTIO_IRQ of lab/machine.h. */
const LINE = 5;
/** ISR: a queue has used buffers */
const ISR_QUEUE = 1;

/** All that the registers remember: plain data. */
interface PciState {
  status: number;
  driverFeatures: bigint;
  queueSel: number;
  isr: number;
  config: number[];
  /** page numbers; 0: the driver does not use the queue */
  pfns: number[];
}

type Access = { readonly value: number; readonly effects: readonly TransportEffect[] };

export class PciTransport implements Transport {
  readonly reservedPages = 0;
  private readonly state: PciState;

  constructor(private readonly identity: DeviceIdentity) {
    this.state = fresh(identity);
  }

  get status(): number {
    return this.state.status;
  }

  get driverFeatures(): bigint {
    return this.state.driverFeatures;
  }

  get interruptStatus(): number {
    return this.state.isr;
  }

  get config(): readonly number[] {
    return this.state.config;
  }

  /** The size is the device's: a legacy PCI driver cannot choose a smaller one. */
  layout(queue: number): SplitLayout | undefined {
    const pfn = this.state.pfns[queue] ?? 0;
    const size = this.identity.queues[queue]?.sizeMax ?? 0;
    if (pfn === 0 || size === 0) return undefined;
    return legacyLayout(size, BigInt(pfn) << PAGE_SHIFT, ALIGN, this.state.driverFeatures);
  }

  read(offset: number, size: number): Access {
    const { state, identity } = this;
    const wrong = offset >= REG.config ? this.configError(offset, size, 'read') : accessError(offset, size, 'read');
    if (wrong !== undefined) return { value: 0, effects: violation(wrong) };
    switch (offset) {
      case REG.isr:
        return this.readIsr();
      case REG.status:
        return just(state.status);
      case REG.hostFeatures:
        return just(Number(identity.features & 0xffffffffn));
      case REG.guestFeatures:
        return just(Number(state.driverFeatures & 0xffffffffn));
      case REG.queuePfn:
        return just(state.pfns[state.queueSel] ?? 0);
      case REG.queueNum:
        return just(identity.queues[state.queueSel]?.sizeMax ?? 0);
      case REG.queueSel:
        return just(state.queueSel);
      case REG.queueNotify:
        return just(0);
      default:
        return just(this.readConfig(offset - REG.config, size));
    }
  }

  write(offset: number, size: number, value: number): readonly TransportEffect[] {
    const wrong = offset >= REG.config ? this.configError(offset, size, 'write') : accessError(offset, size, 'write');
    if (wrong !== undefined) return violation(wrong);
    switch (offset) {
      case REG.queueNotify:
        return this.notify(value);
      case REG.status:
        return value === 0 ? this.reset() : this.setStatus(value);
      case REG.guestFeatures:
        return this.acceptFeatures(value);
      case REG.queueSel:
        this.state.queueSel = value;
        return NOTHING;
      case REG.queuePfn:
        return this.setPfn(value);
      default:
        return this.writeConfig(offset - REG.config, size, value);
    }
  }

  hypercall(number: number): readonly TransportEffect[] {
    return violation(`hypercall ${number}: a virtio-pci device is reached by its I/O ports (spec 4.1.4.8)`);
  }

  readKind(offset: number): AccessKind {
    return offset === REG.isr ? 'interruptStatus' : 'config';
  }

  writeKind(offset: number): AccessKind {
    return offset === REG.queueNotify ? 'notify' : 'config';
  }

  hypercallKind(): AccessKind {
    return 'config';
  }

  clearRings(): void {}

  raise(): boolean {
    const edge = (this.state.isr & ISR_QUEUE) === 0;
    this.state.isr |= ISR_QUEUE;
    return edge;
  }

  line(): number {
    return LINE;
  }

  snapshot(): PciState {
    return structuredClone(this.state);
  }

  restore(state: unknown): void {
    Object.assign(this.state, structuredClone(state));
  }

  /** Reading clears it, and lowers the pin (spec 4.1.4.5). */
  private readIsr(): Access {
    const value = this.state.isr;
    this.state.isr = 0;
    return { value, effects: value === 0 ? NOTHING : [{ kind: 'ack', bits: value }] };
  }

  private reset(): readonly TransportEffect[] {
    const from = this.state.status;
    Object.assign(this.state, fresh(this.identity));
    return from === 0 ? [{ kind: 'reset' }] : [{ kind: 'reset' }, { kind: 'status', from, to: 0 }];
  }

  private setStatus(value: number): readonly TransportEffect[] {
    const { to, effects } = legacyStatus(this.state.status, value);
    this.state.status = to;
    return effects;
  }

  private acceptFeatures(value: number): readonly TransportEffect[] {
    const { state, identity } = this;
    if ((state.status & DRIVER_OK) !== 0)
      return violation(
        `Driver Features = ${hex(value)}: features are settled already, Device Status is ${hex(state.status)} (spec 3.1.1)`,
      );
    const extra = BigInt(value) & ~identity.features;
    state.driverFeatures = BigInt(value) & identity.features;
    const effects: TransportEffect[] = [{ kind: 'features', accepted: state.driverFeatures }];
    // A legacy device can only ignore what it did not offer, as QEMU does.
    if (extra !== 0n)
      effects.push({
        kind: 'violation',
        text: `Driver Features = ${hex(value)}: ${featureNames(extra).join(', ')} was never offered; ignored (spec 2.2.1)`,
      });
    return effects;
  }

  private setPfn(value: number): readonly TransportEffect[] {
    const { state } = this;
    const queue = state.queueSel;
    if (this.identity.queues[queue] === undefined)
      return violation(
        `Queue Address = ${hex(value)}: Queue Select is ${queue}, and the queues are 0..${state.pfns.length - 1} (spec 4.1.4.8)`,
      );
    const was = state.pfns[queue] ?? 0;
    state.pfns[queue] = value;
    if (value === 0) return was === 0 ? NOTHING : [{ kind: 'queueGone', queue }];
    const layout = this.layout(queue);
    return layout === undefined ? NOTHING : [{ kind: 'queueReady', queue, layout }];
  }

  private notify(queue: number): readonly TransportEffect[] {
    const { pfns } = this.state;
    if (queue >= pfns.length)
      return violation(`Queue Notify = ${queue}: this device has queues 0..${pfns.length - 1} (spec 4.1.5.2)`);
    // Before DRIVER_OK too: Linux of 2009 filled its receive queue in probe (spec 3.1.1).
    if (pfns[queue] !== 0) return [{ kind: 'kick', queue }];
    return violation(`Queue Notify = ${queue}: that queue is not set up (spec 4.1.5.1.3)`);
  }

  private readConfig(at: number, size: number): number {
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (this.state.config[at + i] ?? 0);
    return value;
  }

  private writeConfig(at: number, size: number, value: number): readonly TransportEffect[] {
    const { writableConfig } = this.identity;
    if (at + size > writableConfig)
      return violation(`write of configuration byte ${at}: only the first ${writableConfig} are writable (spec 5.1.4)`);
    for (let i = 0; i < size; i++) this.state.config[at + i] = Math.floor(value / 256 ** i) % 256;
    return [{ kind: 'config', offset: at, size }];
  }

  private configError(offset: number, size: number, direction: 'read' | 'write'): string | undefined {
    const at = offset - REG.config;
    const access = `${8 * size}-bit ${direction} of configuration byte ${at}`;
    if (size !== 1 && size !== 2 && size !== 4) return `${access}: expected 8, 16 or 32 bits (spec 4.1.3.1)`;
    const { length } = this.state.config;
    return at + size > length
      ? `${access}: beyond the ${length} bytes of configuration that the offered features imply (spec 5.1.4)`
      : undefined;
  }
}

const just = (value: number): Access => ({ value, effects: NOTHING });

function fresh(identity: DeviceIdentity): PciState {
  return {
    status: 0,
    driverFeatures: 0n,
    queueSel: 0,
    isr: 0,
    config: [...identity.config],
    pfns: identity.queues.map(() => 0),
  };
}

/** What is wrong with an access below the configuration space as such, or undefined. */
function accessError(offset: number, size: number, direction: 'read' | 'write'): string | undefined {
  const register = registerAt(offset);
  // The usual access first: words are made for a wrong one only.
  if (register !== undefined && size === register.size && (direction === 'read' || register.writable)) return undefined;
  const access = `${8 * size}-bit ${direction} at I/O port ${offset}`;
  if (register === undefined) return `${access}: no register begins there (spec 4.1.4.8)`;
  if (size !== register.size)
    return `${access}: ${register.name} is accessed with ${8 * register.size} bits (spec 4.1.3.1)`;
  return `${access}: ${register.name} is read-only (spec 4.1.4.8)`;
}
