// NetDevice: a virtio-net device behind its transport. It performs the actions of host threads on the guest's memory.
import type { SplitLayout } from '../virtqueue';
import { describeAction } from './actions';
import { chainBytes, FrameBuffer, gather, scatter, totalBytes } from './buffers';
import { DeviceError, walkChain } from './chain';
import type { DeviceEnv, NetDeviceSetup } from './environment';
import { ANY_LAYOUT, EVENT_IDX, IN_ORDER, MRG_RXBUF, NOTIFY_ON_EMPTY, RX_SKIP, STATUS, VERSION_1 } from './features';
import {
  deedOf,
  type ArrivedFrame,
  type Deed,
  type DeviceFacts,
  type HostAction,
  type HostResult,
  type TakenChain,
} from './host';
import { copyBytes, DmaFault, type GuestMemory } from './memory';
import { LguestTransport } from './lguest';
import { MmioTransport } from './mmio';
import { PciTransport } from './pci';
import { DRIVER_OK } from './status';
import type { AccessKind, DeviceIdentity, Transport, TransportEffect } from './transport';

/** A queue in use. Addresses are guest-physical. */
interface Queue {
  readonly name: string;
  readonly index: number;
  readonly size: number;
  readonly desc: number;
  readonly avail: number;
  readonly used: number;
  readonly indirect: boolean;
  /** next available entry that a host will take */
  lastAvail: number;
  /** last values written, so that the log tells changes only */
  usedIdx: number;
  usedFlags: number;
  /** 1 for each head that a host took and did not use yet */
  readonly taken: Uint8Array;
}

/** What a viewer may know of a queue that the ring's bytes do not say. */
export interface DeviceQueueView {
  readonly name: string;
  readonly index: number;
  readonly ready: boolean;
  /** entries; before the driver set it up, those it may have at most */
  readonly size: number;
  readonly layout: SplitLayout | undefined;
  readonly lastAvailIdx: number | undefined;
}

/** Plain data; equal devices give equal snapshots. */
export interface NetDeviceSnapshot {
  readonly transport: unknown;
  readonly queues: readonly ({
    readonly lastAvail: number;
    readonly usedIdx: number;
    readonly usedFlags: number;
    readonly taken: Uint8Array;
  } | null)[];
  readonly frame: Uint8Array | null;
  readonly tapPolled: boolean;
  readonly settled: DeviceFacts | null;
}

/** Subsystem vendor of QEMU's virtio-mmio: "QEMU" in ASCII, as hw/virtio/virtio-mmio.c has it. */
const VENDOR = 0x554d4551;
const NET_DEVICE = 1;
const QUEUE_NAMES = ['rx', 'tx'] as const;
/** VIRTIO_NET_S_LINK_UP (spec 5.1.4) */
const LINK_UP = 1;
/** Feature bits above 31 cannot be seen through the legacy interface (spec 6.3). */
const LEGACY_WORD = 0xffffffffn;
/** With RX_SKIP: struct virtio_net_hdr_mrg_rxbuf, the bytes skipped (16 bits), and as much padding, so that what follows is aligned. */
const SKIP_HEADER = 16;
/** A device without a legacy interface does not offer what has a meaning there only (spec 6.3). */
const LEGACY_ONLY = NOTIFY_ON_EMPTY | ANY_LAYOUT;

export class NetDevice {
  /** Whether arriving frames wake a host. */
  tapPolled = true;
  private readonly transport: Transport;
  private readonly queues: (Queue | undefined)[] = [undefined, undefined];
  /** taken off the tap, not yet used up */
  private frame: Uint8Array | undefined;
  private readonly sending = new FrameBuffer();
  private readonly filling = new FrameBuffer();
  /** what the host was told at DRIVER_OK */
  private settled: DeviceFacts | undefined;

  constructor(
    readonly setup: NetDeviceSetup,
    private readonly memory: GuestMemory,
    private readonly env: DeviceEnv,
  ) {
    const features = setup.version === 1 ? setup.features & LEGACY_WORD : (setup.features & ~LEGACY_ONLY) | VERSION_1;
    this.transport = transportOf(setup, memory, {
      version: setup.version,
      deviceId: NET_DEVICE,
      vendorId: VENDOR,
      features,
      queues: QUEUE_NAMES.map((name) => ({ name, sizeMax: setup.queues[name] })),
      config: netConfig(features, setup.mac),
      writableConfig: 6,
    });
  }

  get status(): number {
    return this.transport.status;
  }

  get interruptStatus(): number {
    return this.transport.interruptStatus;
  }

  /** accepted by the driver so far */
  get features(): bigint {
    return this.transport.driverFeatures;
  }

  /** DRIVER_OK is set: the host's threads live. */
  get running(): boolean {
    return (this.transport.status & DRIVER_OK) !== 0;
  }

  /** What a host may rely on: from DRIVER_OK to reset it is what it was at DRIVER_OK, whatever the driver writes later. */
  facts(): DeviceFacts {
    return this.settled ?? this.currentFacts();
  }

  private currentFacts(): DeviceFacts {
    const features = this.transport.driverFeatures;
    const legacy = this.setup.version === 1;
    const mergeable = (features & MRG_RXBUF) !== 0n;
    const rxSkip = mergeable && (features & RX_SKIP) !== 0n;
    return {
      features,
      legacy,
      mergeable,
      eventIdx: (features & EVENT_IDX) !== 0n,
      notifyOnEmpty: (features & NOTIFY_ON_EMPTY) !== 0n,
      rxSkip,
      // spec 5.1.6.1: num_buffers is there without MRG_RXBUF too, but not on the legacy interface
      headerLength: rxSkip ? SKIP_HEADER : legacy && !mergeable ? 10 : 12,
      queueSize: { rx: this.queues[0]?.size ?? 0, tx: this.queues[1]?.size ?? 0 },
      mac: this.transport.config.slice(0, 6),
    };
  }

  queueViews(): readonly DeviceQueueView[] {
    return QUEUE_NAMES.map((name, index) => ({
      name,
      index,
      ready: this.queues[index] !== undefined,
      size: this.queues[index]?.size ?? this.setup.queues[name],
      layout: this.transport.layout(index),
      lastAvailIdx: this.queues[index]?.lastAvail,
    }));
  }

  /** A driver's register read: offset and size in bytes. Never throws. */
  read(offset: number, size: number): number {
    const { value, effects } = this.transport.read(offset, size);
    this.applyAll(effects);
    return value;
  }

  /**
   * A driver's register write. Never throws. Returns the effects for the machine to act on: a kick to hand to the host, DRIVER_OK
   * to start it, a reset to stop it. Events and violations were told to the environment already.
   */
  write(offset: number, size: number, value: number): readonly TransportEffect[] {
    return this.applyAll(this.transport.write(offset, size, value));
  }

  /** A driver's hypercall with a guest-physical address. Never throws; effects as of a register write. */
  hypercall(number: number, argument: bigint): readonly TransportEffect[] {
    return this.applyAll(this.transport.hypercall(number, argument));
  }

  /** The kind of VM exit that an access is. */
  readKind(offset: number): AccessKind {
    return this.transport.readKind(offset);
  }

  writeKind(offset: number): AccessKind {
    return this.transport.writeKind(offset);
  }

  hypercallKind(argument: bigint): AccessKind {
    return this.transport.hypercallKind(argument);
  }

  /** Pages at the end of RAM that are the host's: the guest's allocator must know before it boots. */
  get reservedPages(): number {
    return this.transport.reservedPages;
  }

  /** To be done for the effect of this name, when nobody follows the rings any more. */
  clearRings(): void {
    this.transport.clearRings();
  }

  /**
   * Does what a host thread asked for. Throws a DeviceError when the device must give up, and a DmaFault when the driver sent it
   * to a place that is no RAM; nothing else, whatever the rings hold.
   */
  perform(action: HostAction): HostResult {
    return this.carryOut(deedOf(action));
  }

  /** The same of an action whose kind is known. */
  carryOut(deed: Deed): HostResult {
    try {
      return this.act(deed);
    } catch (error) {
      // A chain's buffers have said which descriptor they belong to; what is left is the ring itself.
      throw error instanceof DmaFault ? error.inContext(describeAction(deed.action)) : error;
    }
  }

  private act(deed: Deed): HostResult {
    switch (deed.does) {
      case 'readAvailIdx':
        return this.memory.readU16(this.queue(deed.action.queue).avail + 2);
      case 'readAvailFlags':
        return this.memory.readU16(this.queue(deed.action.queue).avail);
      case 'take':
        return this.take(this.queue(deed.action.queue), deed.action.index);
      case 'send':
        return this.send(deed.action.queue, deed.action.chain, deed.action.skip);
      case 'use':
        return this.use(this.queue(deed.action.queue), deed.action.index, deed.action.head, deed.action.len);
      case 'setUsedIdx':
        return this.setUsedIdx(this.queue(deed.action.queue), deed.action.idx & 0xffff);
      case 'setUsedFlags':
        return this.setUsedFlags(this.queue(deed.action.queue), deed.action.flags);
      case 'interrupt':
        return this.interrupt(deed.action.queue);
      case 'suppressInterrupt':
        return this.env.event('interruptSuppressed', deed.action.queue, { why: deed.action.why });
      case 'readUsedEvent': {
        const queue = this.queue(deed.action.queue);
        return this.memory.readU16(queue.avail + 4 + 2 * queue.size);
      }
      case 'setAvailEvent': {
        const queue = this.queue(deed.action.queue);
        this.memory.writeU16(queue.used + 4 + 8 * queue.size, deed.action.idx & 0xffff);
        return this.env.event('notify', deed.action.queue, { availEvent: deed.action.idx & 0xffff });
      }
      case 'untake':
        return this.untake(this.queue(deed.action.queue), deed.action.head);
      case 'availBytes':
        return this.availBytes(this.queue(deed.action.queue), deed.action.index, deed.action.limit);
      case 'pollTap':
        this.tapPolled = deed.action.poll;
        return undefined;
      case 'mb':
        // Stores are performed in order and are visible at once: one that is not was held back before it came here.
        return undefined;
      case 'peekFrame':
        return arrived(this.env.peekFrame());
      case 'nextFrame':
        return this.nextFrame();
      case 'fill':
        return this.fill(deed.action);
      case 'patch':
        return scatter(this.memory, deed.action.chain, deed.action.offset, Uint8Array.from(deed.action.bytes));
      case 'dropFrame':
        this.env.event('drop', 'rx', { bytes: this.frame?.length ?? 0, why: deed.action.why });
        this.frame = undefined;
        return undefined;
      case 'armTimer':
        this.env.armTimer(deed.action.name, deed.action.queue, deed.action.ns);
        return this.env.event('timerArm', deed.action.queue, { name: deed.action.name, ns: deed.action.ns });
      case 'cancelTimer':
        this.env.cancelTimer(deed.action.name);
        return this.env.event('timerCancel', deed.action.queue, { name: deed.action.name });
      case 'die':
        throw new DeviceError(deed.action.queue, deed.action.why);
      case 'signal':
        return this.env.signal(deed.action.name);
      case 'rest':
      case 'loop':
      case 'wait':
      case 'sleep':
        // These are the scheduler's business: it answers them with a Wake, or after a time.
        return undefined;
    }
  }

  snapshot(): NetDeviceSnapshot {
    return {
      transport: this.transport.snapshot(),
      queues: this.queues.map((queue) =>
        queue === undefined
          ? null
          : {
              lastAvail: queue.lastAvail,
              usedIdx: queue.usedIdx,
              usedFlags: queue.usedFlags,
              taken: queue.taken.slice(),
            },
      ),
      frame: this.frame?.slice() ?? null,
      tapPolled: this.tapPolled,
      settled: this.settled ?? null,
    };
  }

  restore(snapshot: NetDeviceSnapshot): void {
    this.transport.restore(snapshot.transport);
    snapshot.queues.forEach((saved, index) => {
      const layout = this.transport.layout(index);
      if (saved === null || layout === undefined) this.queues[index] = undefined;
      else this.queues[index] = { ...queueOf(index, layout), ...saved, taken: saved.taken.slice() };
    });
    this.frame = snapshot.frame?.slice();
    this.tapPolled = snapshot.tapPolled;
    this.settled = snapshot.settled ?? undefined;
  }

  private applyAll(effects: readonly TransportEffect[]): readonly TransportEffect[] {
    for (const effect of effects) this.apply(effect);
    return effects;
  }

  private apply(effect: TransportEffect): void {
    switch (effect.kind) {
      case 'kick': {
        const name = QUEUE_NAMES[effect.queue] ?? '';
        return this.env.event('kick', name, { forced: (this.queues[effect.queue]?.usedFlags ?? 0) & 1 });
      }
      case 'violation':
        return this.env.violation(effect.text);
      case 'reset':
        this.queues.fill(undefined);
        this.frame = undefined;
        this.tapPolled = true;
        this.settled = undefined;
        return;
      case 'status':
        if ((effect.to & DRIVER_OK & ~effect.from) !== 0) this.settle();
        return this.env.event('status', undefined, { from: effect.from, to: effect.to });
      case 'features':
        return this.env.event('features', undefined, { accepted: `0x${effect.accepted.toString(16)}` });
      case 'queueReady':
        this.queues[effect.queue] = queueOf(effect.queue, effect.layout);
        return this.env.event('queueReady', QUEUE_NAMES[effect.queue], { size: effect.layout.size });
      case 'queueGone':
        this.queues[effect.queue] = undefined;
        return this.env.event('queueReady', QUEUE_NAMES[effect.queue], { size: 0 });
      case 'ack':
      case 'config':
      case 'clearRings':
        return;
    }
  }

  /** DRIVER_OK: what features change in the queues is read again, since legacy drivers may have set them up before. */
  private settle(): void {
    this.queues.forEach((queue, index) => {
      const layout = this.transport.layout(index);
      if (queue !== undefined && layout !== undefined) this.queues[index] = { ...queue, indirect: layout.indirect };
    });
    this.settled = this.currentFacts();
  }

  private queue(name: string): Queue {
    const queue = name === 'tx' ? this.queues[1] : name === 'rx' ? this.queues[0] : undefined;
    if (queue === undefined) throw new DeviceError(name, 'the driver has not set this queue up (spec 4.2.3.2)');
    return queue;
  }

  private take(queue: Queue, index: number): TakenChain {
    const head = this.memory.readU16(queue.avail + 4 + 2 * (index % queue.size));
    const chain = walkChain(this.memory, queue, head, (text) => this.env.violation(text));
    if (queue.taken[head] === 1)
      this.env.violation(
        `avail.ring[${index % queue.size}] of ${queue.name}: chain ${head} is exposed again while the device has it (spec 2.7.13)`,
      );
    queue.taken[head] = 1;
    queue.lastAvail = (index + 1) & 0xffff;
    if (this.env.counts !== undefined) this.env.counts.take++;
    else
      this.env.event('take', queue.name, {
        head,
        descriptors: chain.descriptors,
        bytes: totalBytes(chain),
      });
    return chain;
  }

  private untake(queue: Queue, head: number): void {
    queue.taken[head] = 0;
    queue.lastAvail = (queue.lastAvail - 1) & 0xffff;
  }

  private use(queue: Queue, index: number, head: number, len: number): void {
    const slot = index % queue.size;
    const at = queue.used + 4 + 8 * slot;
    this.memory.writeU32(at, head);
    this.memory.writeU32(at + 4, len);
    if (head < queue.size) queue.taken[head] = 0;
    if (this.env.counts !== undefined) this.env.counts.use++;
    else this.env.event('use', queue.name, { slot, id: head, len });
  }

  private setUsedIdx(queue: Queue, idx: number): void {
    if ((this.facts().features & IN_ORDER) !== 0n) this.giveBackUntil(queue, idx);
    this.memory.writeU16(queue.used + 2, idx);
    if (this.env.counts !== undefined) this.env.counts.usedIdx++;
    else this.env.event('usedIdx', queue.name, { from: queue.usedIdx, to: idx });
    queue.usedIdx = idx;
  }

  /** In order, one entry stands for all that were exposed before (spec 2.7.9): none of them is the device's any more. */
  private giveBackUntil(queue: Queue, idx: number): void {
    for (let i = queue.usedIdx; i !== idx; i = (i + 1) & 0xffff) {
      const head = this.memory.readU16(queue.avail + 4 + 2 * (i % queue.size));
      if (head < queue.size) queue.taken[head] = 0;
    }
  }

  private setUsedFlags(queue: Queue, flags: number): void {
    this.memory.writeU16(queue.used, flags);
    if (flags !== queue.usedFlags)
      if (this.env.counts !== undefined) this.env.counts.notify++;
      else this.env.event('notify', queue.name, { flags });
    queue.usedFlags = flags;
  }

  private interrupt(queue: string): void {
    const index = queue === 'tx' ? 1 : 0;
    const edge = this.transport.raise(index);
    const pending = this.env.raise(queue, this.transport.line(index), edge);
    if (this.env.counts !== undefined) this.env.counts.interrupt++;
    else this.env.event('interrupt', queue, { coalesced: pending ? 1 : 0 });
  }

  private availBytes(queue: Queue, index: number, limit: number): number {
    const end = this.memory.readU16(queue.avail + 2);
    let bytes = 0;
    for (let i = index, n = 0; i !== end && n < queue.size && bytes < limit; i = (i + 1) & 0xffff, n++) {
      const head = this.memory.readU16(queue.avail + 4 + 2 * (i % queue.size));
      bytes += chainBytes(
        walkChain(this.memory, queue, head, () => undefined),
        true,
      );
    }
    return bytes;
  }

  /** Sends the device-readable bytes behind the first `skip`. */
  private send(queue: string, chain: TakenChain, skip: number): number {
    const bytes = Math.max(0, chainBytes(chain, false) - skip);
    const frame = this.env.wireIsRead ? gather(this.memory, chain, skip, bytes, this.sending) : undefined;
    if (this.env.counts !== undefined) this.env.counts.sent++;
    else this.env.event('sent', queue, { bytes });
    this.env.wire(bytes, frame);
    return bytes;
  }

  private nextFrame(): ArrivedFrame | undefined {
    this.frame = this.env.nextFrame();
    if (this.frame !== undefined)
      if (this.env.counts !== undefined) this.env.counts.arrive++;
      else this.env.event('arrive', 'rx', { bytes: this.frame.length });
    return arrived(this.frame);
  }

  private fill({ chain, header, skip = 0, offset, length }: HostAction & { readonly do: 'fill' }): number {
    const { frame, memory } = this;
    const part = frame === undefined ? 0 : Math.min(length, Math.max(0, frame.length - offset));
    const bytes = this.filling.room(header.length + part);
    for (let i = 0; i < header.length; i++) bytes[i] = header[i] as number;
    if (frame !== undefined) copyBytes(frame, offset, bytes, header.length, part);
    if (skip === 0) return scatter(memory, chain, 0, bytes);
    const before = scatter(memory, chain, 0, bytes.subarray(0, header.length));
    const after = scatter(memory, chain, header.length + skip, bytes.subarray(header.length));
    return after === 0 ? before : before + skip + after;
  }
}

function transportOf(setup: NetDeviceSetup, memory: GuestMemory, identity: DeviceIdentity): Transport {
  switch (setup.transport ?? 'mmio') {
    case 'mmio':
      return new MmioTransport(identity);
    case 'pci':
      return new PciTransport(identity);
    case 'lguest':
      return new LguestTransport(identity, memory);
  }
}

/** What a host is told of a frame. */
function arrived(frame: Uint8Array | undefined): ArrivedFrame | undefined {
  if (frame === undefined) return undefined;
  const start = new Array<number>(Math.min(18, frame.length));
  for (let i = 0; i < start.length; i++) start[i] = frame[i] as number;
  return { length: frame.length, start };
}

function queueOf(index: number, layout: SplitLayout): Queue {
  return {
    name: QUEUE_NAMES[index] ?? `queue ${index}`,
    index,
    size: layout.size,
    desc: addressOf(layout.desc),
    avail: addressOf(layout.avail),
    used: addressOf(layout.used),
    indirect: layout.indirect,
    lastAvail: 0,
    usedIdx: 0,
    usedFlags: 0,
    taken: new Uint8Array(layout.size),
  };
}

/** An address beyond every number ends up at one that is RAM on no machine, so that its first use is a DmaFault. */
const addressOf = (address: bigint): number =>
  address >> 53n === 0n ? Number(address) : Number.MAX_SAFE_INTEGER - 0xffff;

function netConfig(features: bigint, mac: readonly number[]): number[] {
  // The field is there without VIRTIO_NET_F_MAC too; the driver then has no reason to believe it (spec 5.1.4).
  const config = [...mac.slice(0, 6)];
  if ((features & STATUS) !== 0n) config.push(LINK_UP, 0);
  return config;
}
