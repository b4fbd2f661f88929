// lguest's transport: status, features and configuration are bytes in a page of the guest's memory; a hypercall tells of a change.
//
// As Documentation/lguest/lguest.c of 2.6.31 has it: the Launcher makes page and rings before the Guest boots. There is no
// interrupt status: each queue has a line of its own.
import type { SplitLayout } from '../../virtqueue';
import { featureNames } from '../features';
import type { GuestMemory } from '../memory';
import { DRIVER, DRIVER_OK, legacyStatus } from '../status';
import {
  hex,
  violation,
  type AccessKind,
  type DeviceIdentity,
  type Transport,
  type TransportEffect,
} from '../transport';
import {
  FEATURE_BYTES,
  lineOf,
  PAGE_SIZE,
  pageBytes,
  planPage,
  ringAddress,
  ringLayout,
  STATUS_AT,
  type PagePlan,
} from './page';

/** LHCALL_NOTIFY of asm/lguest_hcall.h */
const NOTIFY = 17;

/** What the Launcher knows without looking into the page: plain data. */
interface LguestState {
  status: number;
  /** as of DRIVER_OK; until then, what is offered */
  features: bigint;
}

export class LguestTransport implements Transport {
  readonly interruptStatus = 0;
  private readonly plan: PagePlan;
  /** guest-physical address of the page: behind the guest's own memory */
  private readonly base: number;
  private readonly state: LguestState;

  constructor(
    private readonly identity: DeviceIdentity,
    private readonly memory: GuestMemory,
  ) {
    this.plan = planPage(identity);
    this.base = memory.base + memory.ram.length - PAGE_SIZE * this.plan.pages;
    this.state = { status: 0, features: identity.features };
    memory.writeBytes(this.base, pageBytes(identity, this.plan, this.base));
  }

  get reservedPages(): number {
    return this.plan.pages;
  }

  get status(): number {
    return this.state.status;
  }

  get driverFeatures(): bigint {
    return (this.state.status & DRIVER_OK) === 0 ? 0n : this.state.features;
  }

  get config(): readonly number[] {
    return [...this.memory.readBytes(this.base + this.plan.config, this.identity.config.length)];
  }

  /** From the DRIVER bit on: the ring is there before, but nobody's. */
  layout(queue: number): SplitLayout | undefined {
    if ((this.state.status & DRIVER) === 0) return undefined;
    return ringLayout(this.plan, this.base, queue, this.state.features);
  }

  read(offset: number, size: number): { readonly value: number; readonly effects: readonly TransportEffect[] } {
    return { value: 0, effects: violation(noRegisters(`${8 * size}-bit read at offset ${hex(offset)}`)) };
  }

  write(offset: number, size: number): readonly TransportEffect[] {
    return violation(noRegisters(`${8 * size}-bit write at offset ${hex(offset)}`));
  }

  hypercall(number: number, argument: bigint): readonly TransportEffect[] {
    if (number !== NOTIFY)
      return violation(`hypercall ${number}: a device knows LHCALL_NOTIFY (${NOTIFY}) only (asm/lguest_hcall.h)`);
    if (argument === BigInt(this.base)) return this.updateStatus();
    const queue = this.queueAt(argument);
    if (queue >= 0) return [{ kind: 'kick', queue }];
    const rings = this.plan.rings.map((_, i) => hex(ringAddress(this.plan, this.base, i) ?? 0)).join(', ');
    return violation(
      `LHCALL_NOTIFY with ${hex(argument)}: expected the address of the device's descriptor (${hex(this.base)}) or of a ring (${rings})`,
    );
  }

  readKind(): AccessKind {
    return 'config';
  }

  writeKind(): AccessKind {
    return 'config';
  }

  hypercallKind(argument: bigint): AccessKind {
    return this.queueAt(argument) >= 0 ? 'notify' : 'config';
  }

  /** Each is an event of its own: LHREQ_IRQ marks the line, and nobody acknowledges anything. */
  raise(): boolean {
    return true;
  }

  line(queue: number): number {
    return lineOf(queue);
  }

  /** reset_device() of the Launcher: rings that were used are as new. */
  clearRings(): void {
    this.plan.rings.forEach(({ pages }, queue) => {
      const at = ringAddress(this.plan, this.base, queue);
      if (at !== undefined) this.memory.writeBytes(at, new Uint8Array(PAGE_SIZE * pages));
    });
  }

  snapshot(): LguestState {
    return { ...this.state };
  }

  restore(state: unknown): void {
    Object.assign(this.state, state);
  }

  private queueAt(address: bigint): number {
    return this.plan.rings.findIndex((_, queue) => BigInt(ringAddress(this.plan, this.base, queue) ?? -1) === address);
  }

  /** update_device_status() of the Launcher. */
  private updateStatus(): readonly TransportEffect[] {
    const from = this.state.status;
    const value = this.memory.readBytes(this.base + STATUS_AT, 1)[0] ?? 0;
    if (value === 0) return this.reset(from);
    const { to, effects } = legacyStatus(from, value);
    const added = to & ~from;
    const before: TransportEffect[] = (added & DRIVER_OK) === 0 ? [] : [...this.settleFeatures()];
    this.state.status = to;
    const ready = this.plan.rings.flatMap((_, queue): TransportEffect[] => {
      const layout = (added & DRIVER) === 0 ? undefined : this.layout(queue);
      return layout === undefined ? [] : [{ kind: 'queueReady', queue, layout }];
    });
    return [...before, ...effects, ...ready];
  }

  private reset(from: number): readonly TransportEffect[] {
    this.state.status = 0;
    this.state.features = this.identity.features;
    this.memory.writeBytes(this.base + this.plan.accepted, new Uint8Array(FEATURE_BYTES));
    const effects: TransportEffect[] = [{ kind: 'reset' }];
    if (from !== 0) effects.push({ kind: 'status', from, to: 0 }, { kind: 'clearRings' });
    return effects;
  }

  private *settleFeatures(): Generator<TransportEffect> {
    const accepted = BigInt(this.memory.readU32(this.base + this.plan.accepted));
    const extra = accepted & ~this.identity.features;
    this.state.features = accepted & this.identity.features;
    yield { kind: 'features', accepted: this.state.features };
    if (extra !== 0n)
      yield {
        kind: 'violation',
        text: `features accepted at DRIVER_OK: ${featureNames(extra).join(', ')} was never offered; ignored (spec 2.2.1)`,
      };
  }
}

const noRegisters = (access: string): string =>
  `${access}: lguest's devices have no registers; their page is behind the guest's memory (linux/lguest_launcher.h)`;
