// The queue registers of virtio-mmio: where the driver says its rings are (spec 4.2.3.2, legacy 4.2.4).
import { legacyLayout, MAX_QUEUE_SIZE, splitLayout, type SplitLayout } from '../../virtqueue';
import { FEATURES_OK } from '../status';
import { hex, NOTHING, violation, type DeviceIdentity, type TransportEffect } from '../transport';
import { REG, registerAt } from './registers';
import { freshQueue, isPowerOfTwo, type MmioState, type QueueRegisters } from './state';

/** Where a queue's ring lies by its registers and the features accepted so far; undefined while it is not ready. */
export function queueLayout(identity: DeviceIdentity, state: MmioState, index: number): SplitLayout | undefined {
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

/** GuestPageSize: the unit of QueuePFN. */
export function setGuestPageSize(state: MmioState, value: number): readonly TransportEffect[] {
  if (!isPowerOfTwo(value)) return violation(`GuestPageSize = ${value}: expected a power of two (spec 4.2.4)`);
  state.guestPageSize = value;
  return NOTHING;
}

/** A write to a register of the queue that QueueSel selects. */
export function writeQueueRegister(
  identity: DeviceIdentity,
  state: MmioState,
  offset: number,
  value: number,
): readonly TransportEffect[] {
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
  identity: DeviceIdentity,
  state: MmioState,
  queue: QueueRegisters,
  name: string,
  value: number,
): readonly TransportEffect[] {
  const max = identity.queues[state.queueSel]?.sizeMax ?? 0;
  // A device that offers another size means it: what breaks then is the driver's to find out.
  if (value > max || value > MAX_QUEUE_SIZE || (value !== max && !isPowerOfTwo(value)))
    return violation(
      `${name} = ${value} for queue ${state.queueSel}: expected a power of two, at most ${max} (spec 2.7, 4.2.2.2)`,
    );
  queue.size = value;
  return NOTHING;
}

function setQueuePfn(
  identity: DeviceIdentity,
  state: MmioState,
  queue: QueueRegisters,
  value: number,
): readonly TransportEffect[] {
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
  identity: DeviceIdentity,
  state: MmioState,
  queue: QueueRegisters,
  value: number,
): readonly TransportEffect[] {
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

function makeReady(identity: DeviceIdentity, state: MmioState, queue: QueueRegisters): readonly TransportEffect[] {
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
