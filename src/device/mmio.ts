// virtio-mmio, versions 1 (legacy) and 2, as a state machine: plain state, reads, and writes that return their effects as data.
import { legacyLayout, MAX_QUEUE_SIZE, splitLayout, type SplitLayout } from '../virtqueue';
import { featureNames, missingDependency, VERSION_1 } from './features';
import { REG, registerAt } from './registers';

/** Device status bits (spec 2.1). */
export const ACKNOWLEDGE = 1;
export const DRIVER = 2;
export const DRIVER_OK = 4;
export const FEATURES_OK = 8;
export const NEEDS_RESET = 64;
export const FAILED = 128;
const STATUS_BITS = ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK | NEEDS_RESET | FAILED;

/** InterruptStatus bits (spec 4.2.2). */
export const INT_VRING = 1;
export const INT_CONFIG = 2;

/** What a device is, unchanged by any reset. */
export interface MmioIdentity {
  readonly version: 1 | 2;
  readonly deviceId: number;
  readonly vendorId: number;
  /** offered */
  readonly features: bigint;
  /** in order of their index */
  readonly queues: readonly { readonly name: string; readonly sizeMax: number }[];
  /** device-specific configuration as the driver finds it at power-on */
  readonly config: readonly number[];
  /** bytes of it that a legacy driver may write, from 0 on (net: the MAC); a modern driver may write none (spec 5.1.4.2) */
  readonly writableConfig: number;
}

/** Registers of one queue. All are what the driver wrote last, except `ready`. */
export interface QueueRegisters {
  size: number;
  align: number;
  pfn: number;
  ready: boolean;
  descLow: number;
  descHigh: number;
  driverLow: number;
  driverHigh: number;
  deviceLow: number;
  deviceHigh: number;
}

/** All that the registers remember: plain data. */
export interface MmioState {
  status: number;
  deviceFeaturesSel: number;
  driverFeaturesSel: number;
  driverFeatures: bigint;
  guestPageSize: number;
  queueSel: number;
  interruptStatus: number;
  configGeneration: number;
  config: number[];
  queues: QueueRegisters[];
}

/** What a write caused, for the machine to act on. A `violation` says which rule was broken; the access then did nothing, or what real devices do. */
export type MmioEffect =
  | { readonly kind: 'kick'; readonly queue: number }
  | { readonly kind: 'status'; readonly from: number; readonly to: number }
  | { readonly kind: 'features'; readonly accepted: bigint }
  | { readonly kind: 'ack'; readonly bits: number }
  | { readonly kind: 'queueReady'; readonly queue: number; readonly layout: SplitLayout }
  | { readonly kind: 'queueGone'; readonly queue: number }
  | { readonly kind: 'config'; readonly offset: number; readonly size: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'violation'; readonly text: string };

export interface MmioRead {
  /** 32 bits at most; 0 where there is nothing to read */
  readonly value: number;
  readonly violation?: string;
}

const NOTHING: readonly MmioEffect[] = [];
const hex = (n: number | bigint): string => `0x${n.toString(16)}`;
const violation = (text: string): readonly MmioEffect[] => [{ kind: 'violation', text }];
const isPowerOfTwo = (n: number): boolean => n > 0 && Number.isInteger(Math.log2(n));

const freshQueue = (): QueueRegisters => ({
  size: 0,
  align: 0,
  pfn: 0,
  ready: false,
  descLow: 0,
  descHigh: 0,
  driverLow: 0,
  driverHigh: 0,
  deviceLow: 0,
  deviceHigh: 0,
});

/** The state at power-on, and after a reset. */
export function freshRegisters(identity: MmioIdentity): MmioState {
  return {
    status: 0,
    deviceFeaturesSel: 0,
    driverFeaturesSel: 0,
    driverFeatures: 0n,
    guestPageSize: 0,
    queueSel: 0,
    interruptStatus: 0,
    configGeneration: 0,
    config: [...identity.config],
    queues: identity.queues.map(freshQueue),
  };
}

/** A register read. `size` in bytes. Never throws, and changes nothing: no register of virtio-mmio clears on reading. */
export function readRegister(identity: MmioIdentity, state: MmioState, offset: number, size: number): MmioRead {
  if (offset >= REG.config) return readConfig(state, offset - REG.config, size);
  const wrong = accessError(identity, offset, size, 'read');
  if (wrong !== undefined) return { value: 0, violation: wrong };
  const queue = state.queues[state.queueSel];
  switch (offset) {
    case REG.interruptStatus:
      return { value: state.interruptStatus };
    case REG.status:
      return { value: state.status };
    case REG.magicValue:
      return { value: 0x74726976 };
    case REG.version:
      return { value: identity.version };
    case REG.deviceId:
      return { value: identity.deviceId };
    case REG.vendorId:
      return { value: identity.vendorId };
    case REG.deviceFeatures:
      return { value: wordOf(identity.features, state.deviceFeaturesSel) };
    case REG.queueSizeMax:
      return { value: identity.queues[state.queueSel]?.sizeMax ?? 0 };
    case REG.queuePfn:
      return { value: queue?.pfn ?? 0 };
    case REG.queueReady:
      return { value: queue?.ready ? 1 : 0 };
    case REG.configGeneration:
      return { value: state.configGeneration };
    default:
      // SHMLen* and SHMBase*: a region that does not exist has length and base -1 (spec 4.2.2).
      return { value: 0xffffffff };
  }
}

/** A register write. `size` in bytes, `value` unsigned. Never throws; changes `state` and says what that caused. */
export function writeRegister(
  identity: MmioIdentity,
  state: MmioState,
  offset: number,
  size: number,
  value: number,
): readonly MmioEffect[] {
  if (offset >= REG.config) return writeConfig(identity, state, offset - REG.config, size, value);
  const wrong = accessError(identity, offset, size, 'write');
  if (wrong !== undefined) return violation(wrong);
  switch (offset) {
    case REG.queueNotify:
      return notify(state, value);
    case REG.interruptAck:
      return acknowledge(state, value);
    case REG.status:
      return value === 0 ? reset(identity, state) : setStatus(identity, state, value);
    case REG.deviceFeaturesSel:
      state.deviceFeaturesSel = value;
      return NOTHING;
    case REG.driverFeaturesSel:
      state.driverFeaturesSel = value;
      return NOTHING;
    case REG.driverFeatures:
      return acceptFeatures(identity, state, value);
    case REG.guestPageSize:
      return setGuestPageSize(state, value);
    case REG.queueSel:
      state.queueSel = value;
      return NOTHING;
    case REG.shmSel:
      return NOTHING;
    default:
      return writeQueueRegister(identity, state, offset, value);
  }
}

/** The device has an interrupt to give: sets bits of InterruptStatus. Returns those that were set before. */
export function raiseInterrupt(state: MmioState, bits: number): number {
  const before = state.interruptStatus & bits;
  state.interruptStatus |= bits;
  return before;
}

/** Where a queue's ring lies by its registers and the features accepted so far; undefined while it is not ready. */
export function queueLayout(identity: MmioIdentity, state: MmioState, index: number): SplitLayout | undefined {
  const queue = state.queues[index];
  if (queue === undefined || !queue.ready) return undefined;
  if (identity.version === 1) {
    const base = BigInt(queue.pfn) * BigInt(state.guestPageSize);
    return legacyLayout(queue.size, base, queue.align, state.driverFeatures);
  }
  const address = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low);
  return splitLayout(
    queue.size,
    address(queue.descLow, queue.descHigh),
    address(queue.driverLow, queue.driverHigh),
    address(queue.deviceLow, queue.deviceHigh),
    state.driverFeatures,
  );
}

/** What is wrong with an access to the registers below 0x100 as such (spec 4.2.2.2), or undefined. */
function accessError(
  identity: MmioIdentity,
  offset: number,
  size: number,
  direction: 'read' | 'write',
): string | undefined {
  const register = registerAt(identity.version, offset);
  const access = `${8 * size}-bit ${direction} at offset ${hex(offset)}`;
  if (register === undefined) {
    const inside = registerAt(identity.version, offset & ~3);
    if (inside !== undefined)
      return `${access}: inside ${inside.name}; expected 32 bits, aligned, at ${hex(offset & ~3)} (spec 4.2.2.2)`;
    const other = registerAt(identity.version === 1 ? 2 : 1, offset);
    if (other !== undefined) {
      const which = identity.version === 1 ? 'version 2' : 'the legacy interface';
      return `${access}: ${other.name} belongs to ${which}, and this device has version ${identity.version} (spec 4.2.2, 4.2.4)`;
    }
    return `${access}: no register is there (spec 4.2.2)`;
  }
  if (size !== 4) return `${access}: ${register.name} is accessed with 32 bits only (spec 4.2.2.2)`;
  if (direction === 'read' && !register.readable) return `${access}: ${register.name} is write-only (spec 4.2.2.2)`;
  if (direction === 'write' && !register.writable) return `${access}: ${register.name} is read-only (spec 4.2.2.2)`;
  return undefined;
}

const wordOf = (features: bigint, select: number): number =>
  select > 1 ? 0 : Number((features >> BigInt(32 * select)) & 0xffffffffn);

function readConfig(state: MmioState, at: number, size: number): MmioRead {
  const wrong = configError(state, at, size, 'read');
  if (wrong !== undefined) return { value: 0, violation: wrong };
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (state.config[at + i] ?? 0);
  return { value };
}

function configError(state: MmioState, at: number, size: number, direction: 'read' | 'write'): string | undefined {
  const access = `${8 * size}-bit ${direction} of configuration byte ${at}`;
  if (size !== 1 && size !== 2 && size !== 4) return `${access}: expected 8, 16 or 32 bits (spec 4.2.2.2)`;
  if (at % size !== 0) return `${access}: not aligned (spec 4.2.2.2)`;
  if (at + size > state.config.length)
    return `${access}: beyond the ${state.config.length} bytes of configuration that the offered features imply (spec 5.1.4)`;
  return undefined;
}

function writeConfig(
  identity: MmioIdentity,
  state: MmioState,
  at: number,
  size: number,
  value: number,
): readonly MmioEffect[] {
  const wrong = configError(state, at, size, 'write');
  if (wrong !== undefined) return violation(wrong);
  if (identity.version === 2)
    return violation(`write of configuration byte ${at}: a driver must not write it (spec 5.1.4.2)`);
  if (at + size > identity.writableConfig)
    return violation(
      `write of configuration byte ${at}: only the first ${identity.writableConfig} are writable (spec 5.1.4)`,
    );
  for (let i = 0; i < size; i++) state.config[at + i] = Math.floor(value / 256 ** i) % 256;
  return [{ kind: 'config', offset: at, size }];
}

function notify(state: MmioState, value: number): readonly MmioEffect[] {
  const queue = state.queues[value];
  if (queue === undefined)
    return violation(`QueueNotify = ${value}: this device has queues 0..${state.queues.length - 1} (spec 4.2.3.3)`);
  if (!queue.ready) return violation(`QueueNotify = ${value}: that queue is not set up (spec 4.2.3.2)`);
  return [{ kind: 'kick', queue: value }];
}

function acknowledge(state: MmioState, value: number): readonly MmioEffect[] {
  const known = INT_VRING | INT_CONFIG;
  const bits = state.interruptStatus & value;
  state.interruptStatus &= ~value;
  const effects: MmioEffect[] = [{ kind: 'ack', bits }];
  if ((value & ~known) !== 0)
    effects.push({
      kind: 'violation',
      text: `InterruptACK = ${hex(value)}: bits other than 0 and 1 are undefined (spec 4.2.2.2)`,
    });
  return effects;
}

function reset(identity: MmioIdentity, state: MmioState): readonly MmioEffect[] {
  const from = state.status;
  Object.assign(state, freshRegisters(identity));
  return [{ kind: 'reset' }, { kind: 'status', from, to: 0 }];
}

function setStatus(identity: MmioIdentity, state: MmioState, value: number): readonly MmioEffect[] {
  const from = state.status;
  const problems = statusProblems(identity, from, value);
  let to = value & STATUS_BITS;
  if (identity.version === 1) to &= ~FEATURES_OK;
  else if ((to & FEATURES_OK) !== 0 && (from & FEATURES_OK) === 0) {
    const refused = featuresRefused(identity, state.driverFeatures);
    if (refused !== undefined) {
      problems.push(refused);
      to &= ~FEATURES_OK;
    }
  }
  state.status = to;
  const effects: MmioEffect[] = problems.map((text) => ({ kind: 'violation', text }));
  if (to !== from) effects.push({ kind: 'status', from, to });
  return effects;
}

/** The order of initialisation (spec 2.1.1, 3.1.1; legacy drivers know no FEATURES_OK, 3.1.2). */
function statusProblems(identity: MmioIdentity, from: number, value: number): string[] {
  const said = `Status ${hex(from)} -> ${hex(value)}`;
  const added = value & ~from;
  const problems: string[] = [];
  if ((value & ~STATUS_BITS) !== 0) problems.push(`${said}: sets bits that have no meaning (spec 2.1)`);
  if ((from & ~value & ~NEEDS_RESET) !== 0) problems.push(`${said}: clears a bit; only a reset does that (spec 2.1.1)`);
  if ((from & FAILED) !== 0 && (added & ~FAILED) !== 0)
    problems.push(`${said}: goes on after FAILED without a reset (spec 2.1.1)`);
  const needs = (bit: number, before: number, name: string, beforeName: string): void => {
    if ((added & bit) !== 0 && (value & before) !== before)
      problems.push(`${said}: ${name} without ${beforeName} (spec 3.1.1)`);
  };
  needs(DRIVER, ACKNOWLEDGE, 'DRIVER', 'ACKNOWLEDGE');
  needs(DRIVER_OK, DRIVER, 'DRIVER_OK', 'DRIVER');
  if (identity.version === 2) {
    needs(FEATURES_OK, DRIVER, 'FEATURES_OK', 'DRIVER');
    needs(DRIVER_OK, FEATURES_OK, 'DRIVER_OK', 'FEATURES_OK');
    if ((added & DRIVER_OK) !== 0 && (from & FEATURES_OK) === 0 && (value & FEATURES_OK) !== 0)
      problems.push(`${said}: FEATURES_OK and DRIVER_OK in one write; Status must be read in between (spec 3.1.1)`);
  }
  return problems;
}

/** Why the device does not take a set of features at FEATURES_OK, or undefined (spec 2.2.1, 3.1.1, 6.1). */
function featuresRefused(identity: MmioIdentity, accepted: bigint): string | undefined {
  const extra = accepted & ~identity.features;
  if (extra !== 0n)
    return `FEATURES_OK refused: ${featureNames(extra).join(', ')} accepted but never offered (spec 2.2.1)`;
  if ((accepted & VERSION_1) === 0n)
    return `FEATURES_OK refused: VIRTIO_F_VERSION_1 not accepted; a version 2 device has no legacy interface (spec 4.2.2, 6.1)`;
  const missing = missingDependency(accepted);
  return missing === undefined ? undefined : `FEATURES_OK refused: ${missing.text}`;
}

function acceptFeatures(identity: MmioIdentity, state: MmioState, value: number): readonly MmioEffect[] {
  const name = registerAt(identity.version, REG.driverFeatures)?.name ?? '';
  if ((state.status & (FEATURES_OK | DRIVER_OK)) !== 0)
    return violation(
      `${name} = ${hex(value)}: features are settled already, Status is ${hex(state.status)} (spec 3.1.1)`,
    );
  const select = state.driverFeaturesSel;
  if (select > 1)
    return value === 0
      ? NOTHING
      : violation(`${name} = ${hex(value)} with ${name}Sel = ${select}: there are words 0 and 1 (spec 4.2.2)`);
  const word = BigInt(value) << BigInt(32 * select);
  const rest = state.driverFeatures & ~(0xffffffffn << BigInt(32 * select));
  // A version 2 device answers at FEATURES_OK; a legacy one can only ignore what it did not offer, as QEMU does.
  const extra = identity.version === 1 ? word & ~identity.features : 0n;
  state.driverFeatures = rest | (word & ~extra);
  const effects: MmioEffect[] = [{ kind: 'features', accepted: state.driverFeatures }];
  if (extra !== 0n)
    effects.push({
      kind: 'violation',
      text: `${name} = ${hex(value)}: ${featureNames(extra).join(', ')} was never offered; ignored (spec 2.2.1)`,
    });
  return effects;
}

function setGuestPageSize(state: MmioState, value: number): readonly MmioEffect[] {
  if (!isPowerOfTwo(value)) return violation(`GuestPageSize = ${value}: expected a power of two (spec 4.2.4)`);
  state.guestPageSize = value;
  return NOTHING;
}

function writeQueueRegister(
  identity: MmioIdentity,
  state: MmioState,
  offset: number,
  value: number,
): readonly MmioEffect[] {
  const name = registerAt(identity.version, offset)?.name ?? hex(offset);
  const queue = state.queues[state.queueSel];
  if (queue === undefined)
    return violation(
      `${name} = ${hex(value)}: QueueSel is ${state.queueSel}, and the queues are 0..${state.queues.length - 1} (spec 4.2.2)`,
    );
  if (offset === REG.queuePfn) return setQueuePfn(identity, state, queue, value);
  if (offset === REG.queueReady) return setQueueReady(identity, state, queue, value);
  if (queue.ready) return violation(`${name} = ${hex(value)}: queue ${state.queueSel} is in use (spec 4.2.2.2)`);
  switch (offset) {
    case REG.queueSize:
      return setQueueSize(identity, state, queue, name, value);
    case REG.queueAlign:
      if (!isPowerOfTwo(value)) return violation(`QueueAlign = ${value}: expected a power of two (spec 4.2.4)`);
      queue.align = value;
      return NOTHING;
    case REG.queueDescLow:
      queue.descLow = value;
      return NOTHING;
    case REG.queueDescHigh:
      queue.descHigh = value;
      return NOTHING;
    case REG.queueDriverLow:
      queue.driverLow = value;
      return NOTHING;
    case REG.queueDriverHigh:
      queue.driverHigh = value;
      return NOTHING;
    case REG.queueDeviceLow:
      queue.deviceLow = value;
      return NOTHING;
    default:
      queue.deviceHigh = value;
      return NOTHING;
  }
}

function setQueueSize(
  identity: MmioIdentity,
  state: MmioState,
  queue: QueueRegisters,
  name: string,
  value: number,
): readonly MmioEffect[] {
  const max = identity.queues[state.queueSel]?.sizeMax ?? 0;
  if (value > max || value > MAX_QUEUE_SIZE || !isPowerOfTwo(value))
    return violation(
      `${name} = ${value} for queue ${state.queueSel}: expected a power of two, at most ${max} (spec 2.7, 4.2.2.2)`,
    );
  queue.size = value;
  return NOTHING;
}

function setQueuePfn(
  identity: MmioIdentity,
  state: MmioState,
  queue: QueueRegisters,
  value: number,
): readonly MmioEffect[] {
  const index = state.queueSel;
  if (value === 0) {
    const was = queue.ready;
    Object.assign(queue, freshQueue());
    return was ? [{ kind: 'queueGone', queue: index }] : NOTHING;
  }
  const lacking = [
    state.guestPageSize === 0 ? 'GuestPageSize' : '',
    queue.size === 0 ? 'QueueNum' : '',
    queue.align === 0 ? 'QueueAlign' : '',
  ].filter((name) => name !== '');
  if (lacking.length > 0)
    return violation(
      `QueuePFN = ${hex(value)} for queue ${index}: ${lacking.join(' and ')} must be written before (spec 4.2.4)`,
    );
  queue.pfn = value;
  return makeReady(identity, state, queue);
}

function setQueueReady(
  identity: MmioIdentity,
  state: MmioState,
  queue: QueueRegisters,
  value: number,
): readonly MmioEffect[] {
  const index = state.queueSel;
  if (value > 1) return violation(`QueueReady = ${hex(value)} for queue ${index}: expected 0 or 1 (spec 4.2.2)`);
  if ((value === 1) === queue.ready) return NOTHING;
  if (value === 0) {
    queue.ready = false;
    return [{ kind: 'queueGone', queue: index }];
  }
  if (queue.size === 0)
    return violation(`QueueReady = 1 for queue ${index}: QueueSize was never written (spec 4.2.3.2)`);
  const effects = makeReady(identity, state, queue);
  if ((state.status & FEATURES_OK) !== 0) return effects;
  return [
    ...effects,
    { kind: 'violation', text: `QueueReady = 1 for queue ${index}: before FEATURES_OK (spec 3.1.1)` },
  ];
}

function makeReady(identity: MmioIdentity, state: MmioState, queue: QueueRegisters): readonly MmioEffect[] {
  const index = state.queueSel;
  queue.ready = true;
  const layout = queueLayout(identity, state, index);
  if (layout === undefined) return NOTHING;
  const wrong = (
    [
      ['descriptor table', layout.desc, 16n],
      ['available ring', layout.avail, 2n],
      ['used ring', layout.used, 4n],
    ] as const
  ).filter(([, address, align]) => address % align !== 0n);
  if (wrong.length > 0) {
    queue.ready = false;
    return wrong.map(([part, address, align]) => ({
      kind: 'violation',
      text: `queue ${index}: ${part} at ${hex(address)}, expected a multiple of ${align} (spec 2.7); the queue is not ready`,
    }));
  }
  return [{ kind: 'queueReady', queue: index, layout }];
}
