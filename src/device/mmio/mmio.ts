// virtio-mmio, versions 1 (legacy) and 2, as a state machine: reads, and writes that return their effects as data.
import { DRIVER_OK } from '../status';
import { hex, NOTHING, violation, type DeviceIdentity, type TransportEffect } from '../transport';
import { setGuestPageSize, writeQueueRegister } from './queues';
import { REG, registerAt } from './registers';
import { INT_CONFIG, INT_VRING, type MmioRead, type MmioState } from './state';
import { acceptFeatures, reset, setStatus } from './status';

/** A register read. `size` in bytes. Never throws, and changes nothing: no register of virtio-mmio clears on reading. */
export function readRegister(identity: DeviceIdentity, state: MmioState, offset: number, size: number): MmioRead {
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
  identity: DeviceIdentity,
  state: MmioState,
  offset: number,
  size: number,
  value: number,
): readonly TransportEffect[] {
  if (offset >= REG.config) return writeConfig(identity, state, offset - REG.config, size, value);
  const wrong = accessError(identity, offset, size, 'write');
  if (wrong !== undefined) return violation(wrong);
  switch (offset) {
    case REG.queueNotify:
      return notify(identity, state, value);
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
/** What is wrong with an access to the registers below 0x100 as such (spec 4.2.2.2), or undefined. */
function accessError(
  identity: DeviceIdentity,
  offset: number,
  size: number,
  direction: 'read' | 'write',
): string | undefined {
  const register = registerAt(identity.version, offset);
  // The usual access first: words are made for a wrong one only.
  if (register !== undefined && size === 4 && (direction === 'read' ? register.readable : register.writable))
    return undefined;
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
  return `${access}: ${register.name} is ${direction === 'read' ? 'write-only' : 'read-only'} (spec 4.2.2.2)`;
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
  identity: DeviceIdentity,
  state: MmioState,
  at: number,
  size: number,
  value: number,
): readonly TransportEffect[] {
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

function notify(identity: DeviceIdentity, state: MmioState, value: number): readonly TransportEffect[] {
  const queue = state.queues[value];
  if (queue === undefined)
    return violation(`QueueNotify = ${value}: this device has queues 0..${state.queues.length - 1} (spec 4.2.3.3)`);
  if (!queue.ready) return violation(`QueueNotify = ${value}: that queue is not set up (spec 4.2.3.2)`);
  const kick: TransportEffect = { kind: 'kick', queue: value };
  // Legacy drivers may notify before: Linux filled its RX queue in probe (spec 3.1.1).
  if (identity.version === 1 || (state.status & DRIVER_OK) !== 0) return [kick];
  return [kick, { kind: 'violation', text: `QueueNotify = ${value}: before DRIVER_OK (spec 3.1.1)` }];
}

function acknowledge(state: MmioState, value: number): readonly TransportEffect[] {
  const known = INT_VRING | INT_CONFIG;
  const bits = state.interruptStatus & value;
  state.interruptStatus &= ~value;
  const effects: TransportEffect[] = [{ kind: 'ack', bits }];
  if ((value & ~known) !== 0)
    effects.push({
      kind: 'violation',
      text: `InterruptACK = ${hex(value)}: bits other than 0 and 1 are undefined (spec 4.2.2.2)`,
    });
  return effects;
}
