// What all models of QEMU's own virtio-net share: virtqueues, flushing TX, and receiving from the tap.
//
// Functions and variables are named after hw/virtio.c and hw/virtio-net.c of QEMU 0.10 to 0.14, whose order of steps this
// follows; each line that yields is one step that a user can see and stop at. Where versions differ, a parameter says.
import { chainBytes } from '../buffers';
import { INDIRECT_DESC, NOTIFY_ON_EMPTY, RX_SKIP } from '../features';
import type { ArrivedFrame, DeviceFacts, HostAction, HostModel, TakenChain, Wake } from '../host';
import {
  blankHeader,
  checkHeads,
  die,
  storeBuffer,
  u16,
  VRING_AVAIL_F_NO_INTERRUPT,
  VRING_USED_F_NO_NOTIFY,
  type Step,
} from './ring-words';

/** hw/virtio-net.c: mergeable buffers count as present from a whole 64 KiB packet with its header on */
const VIRTIO_NET_MAX_BUFSIZE = 65546;

/** struct VirtIONet with its two VirtQueues, flat. Indices are modulo 65536. */
export type VirtIONet = {
  tx_last_avail_idx: number;
  tx_used_idx: number;
  tx_inuse: number;
  /** descriptors used since the last transmit interrupt, where the host counts them */
  tx_unannounced: number;
  rx_last_avail_idx: number;
  rx_used_idx: number;
  rx_inuse: number;
};

export const RESET: VirtIONet = {
  tx_last_avail_idx: 0,
  tx_used_idx: 0,
  tx_inuse: 0,
  tx_unannounced: 0,
  rx_last_avail_idx: 0,
  rx_used_idx: 0,
  rx_inuse: 0,
};

/** Parameters that every QEMU model has. */
export interface QemuOptions {
  readonly promisc: boolean;
  readonly rxRecheck: boolean;
  readonly rxDelayNs: number;
  readonly rxSkip: number;
  readonly txNs: number;
  readonly txInterrupts: boolean;
  readonly txInterruptAfter: number;
  readonly mb: boolean;
}

/** The device as its threads see it. `interrupt`: how an interrupt gets to the guest; by the thread itself unless a model has another way. */
export interface Nic<State extends VirtIONet = VirtIONet> {
  readonly n: State;
  readonly facts: DeviceFacts;
  readonly options: QemuOptions;
  readonly interrupt?: (queue: 'rx' | 'tx') => HostAction;
}

export const KICK_TX: Wake = { on: 'kick', queue: 'tx' };
export const KICK_RX: Wake = { on: 'kick', queue: 'rx' };
export const FRAME: Wake = { on: 'frame' };

/**
 * virtio_queue_set_notification(). hw/virtio.c has no barriers but for the compiler ("TODO: we likely need some rmb()/mb() as well"):
 * whoever asks for kicks looks at the ring behind an `mb` where the host has one.
 */
export const notification = (queue: 'rx' | 'tx', enable: boolean): HostAction => ({
  do: 'setUsedFlags',
  queue,
  flags: enable ? 0 : VRING_USED_F_NO_NOTIFY,
});

/** hw/virtio.c: virtio_notify(). Even an unwanted interrupt is sent when the queue has run empty and NOTIFY_ON_EMPTY was accepted. */
function* virtio_notify(nic: Nic, queue: 'rx' | 'tx', inuse: number, last_avail_idx: number): Step<void> {
  const { facts, options } = nic;
  // used.idx must be there before the guest's wish is read
  if (options.mb) yield { do: 'mb', queue };
  const flags = (yield { do: 'readAvailFlags', queue }) as number;
  if ((flags & VRING_AVAIL_F_NO_INTERRUPT) !== 0) {
    let why = 'avail.flags has NO_INTERRUPT';
    let empty = facts.notifyOnEmpty && inuse === 0;
    if (empty) empty = ((yield { do: 'readAvailIdx', queue }) as number) === last_avail_idx;
    if (facts.notifyOnEmpty) why += ', and the queue is not empty';
    if (!empty) {
      yield { do: 'suppressInterrupt', queue, why };
      return;
    }
  }
  if (queue === 'tx' && !options.txInterrupts) return;
  yield nic.interrupt?.(queue) ?? { do: 'interrupt', queue };
}

/** The mail's "can be done from host": whether so much was used since the last transmit interrupt that the guest ought to free it. */
function* enough_used({ n, options }: Nic, elem: TakenChain): Step<boolean> {
  const after = options.txInterruptAfter;
  if (after === 0) return true;
  n.tx_unannounced += elem.descriptors;
  if (n.tx_unannounced >= after) {
    n.tx_unannounced = 0;
    return true;
  }
  const why = `${n.tx_unannounced} descriptors used since the last interrupt, ${after} to come to`;
  yield { do: 'suppressInterrupt', queue: 'tx', why };
  return false;
}

/**
 * hw/virtio-net.c: virtio_net_flush_tx(). Sends what there is, `burst` packets at most; an interrupt may follow each.
 * Returns how many were sent.
 */
export function* virtio_net_flush_tx(nic: Nic, burst = Infinity): Step<number> {
  const { n, facts, options } = nic;
  for (let num_packets = 0; ; num_packets++) {
    if (num_packets >= burst) return num_packets;
    // virtqueue_pop()
    const idx = (yield { do: 'readAvailIdx', queue: 'tx' }) as number;
    if (idx === n.tx_last_avail_idx) return num_packets;
    const moved = checkHeads('tx', facts.queueSize['tx'] ?? 0, n.tx_last_avail_idx, idx);
    if (moved !== undefined) yield moved;
    const elem = (yield { do: 'take', queue: 'tx', index: n.tx_last_avail_idx }) as TakenChain;
    n.tx_last_avail_idx = u16(n.tx_last_avail_idx + 1);
    n.tx_inuse++;
    const framing = txFramingError(elem, facts);
    if (framing !== undefined) yield framing;
    if (options.txNs > 0) yield { do: 'sleep', ns: options.txNs, text: 'writev(): the packet goes out' };
    // qemu_sendv_packet()
    const bytes = (yield { do: 'send', queue: 'tx', chain: elem, skip: facts.headerLength }) as number;
    // virtqueue_push(): the length counts header and packet, though nothing was written
    yield { do: 'use', queue: 'tx', index: n.tx_used_idx, head: elem.head, len: facts.headerLength + bytes };
    n.tx_used_idx = u16(n.tx_used_idx + 1);
    yield { do: 'setUsedIdx', queue: 'tx', idx: n.tx_used_idx };
    n.tx_inuse--;
    if (yield* enough_used(nic, elem)) yield* virtio_notify(nic, 'tx', n.tx_inuse, n.tx_last_avail_idx);
  }
}

/** QEMU of 2009 wants the header alone in the first element; a modern driver may lay it out as it likes (spec 2.7.4.1). */
function txFramingError(elem: TakenChain, facts: DeviceFacts): HostAction | undefined {
  const header = facts.headerLength;
  const first = elem.segments.find((segment) => !segment.write);
  if (facts.legacy) {
    if (first !== undefined && first.len === header) return undefined;
    const found = first === undefined ? 'has no device-readable element' : `begins with ${first.len} bytes`;
    return die('tx', `virtio-net header not in first element: chain ${elem.head} ${found}, expected ${header}`);
  }
  const bytes = chainBytes(elem, false);
  if (bytes >= header) return undefined;
  return die(
    'tx',
    `virtio-net header incorrect: chain ${elem.head} has ${bytes} device-readable bytes, and the header ${header} (spec 5.1.6.2.1)`,
  );
}

/** hw/virtio-net.c: virtio_net_handle_rx(). The driver has posted buffers: the tap may be read again. */
export function* virtio_net_handle_rx(): Step<void> {
  yield { do: 'pollTap', poll: true };
}

/** virtqueue_avail_bytes() and virtio_queue_empty(): whether a packet of any size could be received now. */
function* virtio_net_has_buffers({ n, facts }: Nic): Step<boolean> {
  const idx = (yield { do: 'readAvailIdx', queue: 'rx' }) as number;
  if (idx === n.rx_last_avail_idx) return false;
  if (!facts.mergeable) return true;
  const limit = VIRTIO_NET_MAX_BUFSIZE;
  const posted = (yield { do: 'availBytes', queue: 'rx', index: n.rx_last_avail_idx, limit }) as number;
  return posted >= limit;
}

/**
 * hw/virtio-net.c: virtio_net_can_receive(). Between finding too little and clearing the flag the driver may post buffers
 * without a kick, and then both sides wait: fixed in QEMU 0.13 (06b129701) by checking again.
 */
export function* virtio_net_can_receive(nic: Nic): Step<boolean> {
  if ((nic.facts.queueSize['rx'] ?? 0) === 0) return false;
  if (!(yield* virtio_net_has_buffers(nic))) {
    yield notification('rx', true);
    if (!nic.options.rxRecheck) return false;
    if (nic.options.mb) yield { do: 'mb', queue: 'rx' };
    if (!(yield* virtio_net_has_buffers(nic))) return false;
  }
  yield notification('rx', false);
  return true;
}

/** hw/virtio-net.c: receive_filter(), without the tables that only a control queue can fill. */
function receive_filter(frame: ArrivedFrame, facts: DeviceFacts): boolean {
  const destination = frame.start.slice(0, 6);
  if (destination.every((byte) => byte === 0xff)) return true;
  return destination.every((byte, i) => byte === facts.mac[i]);
}

/** hw/virtio-net.c: virtio_net_receive(). All buffers of a packet are published at once, and one interrupt follows each packet. */
export function* virtio_net_receive(nic: Nic): Step<void> {
  const { n, facts, options } = nic;
  const frame = (yield { do: 'nextFrame' }) as ArrivedFrame | undefined;
  if (frame === undefined) return;
  if (!options.promisc && !receive_filter(frame, facts)) {
    yield { do: 'dropFrame', why: 'not for this MAC address' };
    return;
  }
  let first: TakenChain | undefined;
  let offset = 0;
  let i = 0;
  while (offset < frame.length || i === 0) {
    // virtqueue_pop()
    const idx = (yield { do: 'readAvailIdx', queue: 'rx' }) as number;
    const moved = checkHeads('rx', facts.queueSize['rx'] ?? 0, n.rx_last_avail_idx, idx);
    if (moved !== undefined) yield moved;
    if (i > 0 && !facts.mergeable)
      yield die('rx', truncating(offset, frame, 'one buffer, and buffers are not mergeable'));
    if (idx === n.rx_last_avail_idx) {
      if (i > 0) yield die('rx', truncating(offset, frame, `${i} buffers, and no more are posted`));
      yield { do: 'dropFrame', why: 'no buffer is posted' };
      return;
    }
    const elem = (yield { do: 'take', queue: 'rx', index: n.rx_last_avail_idx }) as TakenChain;
    n.rx_last_avail_idx = u16(n.rx_last_avail_idx + 1);
    n.rx_inuse++;
    const skip = i === 0 && facts.rxSkip ? options.rxSkip : 0;
    const framing = rxFramingError(elem, i === 0 ? facts.headerLength + skip : 0, facts);
    if (framing !== undefined) yield framing;
    const header = i === 0 ? rxHeader(facts, skip) : [];
    const length = frame.length - offset;
    const total = (yield { do: 'fill', queue: 'rx', chain: elem, header, skip, offset, length }) as number;
    first ??= elem;
    offset += total - header.length - skip;
    // virtqueue_fill()
    yield { do: 'use', queue: 'rx', index: u16(n.rx_used_idx + i), head: elem.head, len: total };
    i++;
  }
  // num_buffers: mergeable buffers have it, and every modern driver (spec 5.1.6.4.1)
  if (first !== undefined && facts.headerLength >= 12) {
    yield { do: 'patch', queue: 'rx', chain: first, offset: 10, bytes: [i & 0xff, i >> 8] };
  }
  // virtqueue_flush()
  n.rx_used_idx = u16(n.rx_used_idx + i);
  yield { do: 'setUsedIdx', queue: 'rx', idx: n.rx_used_idx };
  n.rx_inuse -= i;
  if (options.rxDelayNs > 0) yield { do: 'sleep', ns: options.rxDelayNs, text: 'a delay, for more output' };
  yield* virtio_notify(nic, 'rx', n.rx_inuse, n.rx_last_avail_idx);
}

/** struct virtio_net_hdr of a frame without offloads, and behind num_buffers how many bytes are skipped, where the driver reads that. */
function rxHeader(facts: DeviceFacts, skip: number): number[] {
  const header = blankHeader(facts);
  if (skip > 0) header.splice(12, 2, skip & 0xff, skip >> 8);
  return header;
}

const truncating = (offset: number, frame: ArrivedFrame, after: string): string =>
  `virtio-net truncating packet: ${offset} of ${frame.length} bytes fit into ${after}`;

function rxFramingError(elem: TakenChain, header: number, facts: DeviceFacts): HostAction | undefined {
  const first = elem.segments.find((segment) => segment.write);
  if (first === undefined)
    return die('rx', `virtio-net receive queue contains no in buffers: chain ${elem.head} is device-readable`);
  if (facts.legacy && !facts.mergeable && header > 0 && first.len !== header)
    return die(
      'rx',
      `virtio-net header not in first element: chain ${elem.head} begins with ${first.len} bytes, expected ${header}`,
    );
  const bytes = chainBytes(elem, true);
  if (bytes > header) return undefined;
  return die(
    'rx',
    `virtio-net receive buffer too small: chain ${elem.head} has ${bytes} device-writable bytes, expected more than ${header}`,
  );
}

/** Parameters that every QEMU model has. `rxRecheck`: whether its version looks again (0.13 on). */
export const qemuParameters = (rxRecheck: boolean): HostModel['parameters'] => ({
  promisc: {
    default: true,
    description: 'take frames for any address, as QEMU does until a driver says otherwise on the control queue',
  },
  notifyOnEmpty: { default: true, description: 'offer VIRTIO_F_NOTIFY_ON_EMPTY, as QEMU always does' },
  rxRecheck: {
    default: rxRecheck,
    description:
      'look at the receive queue again after asking for kicks (06b129701, QEMU 0.13); false: both may wait for ever',
  },
  rxDelayNs: { default: 0, description: 'ns of delay before each receive interrupt' },
  rxSkip: {
    default: 0,
    description:
      'bytes left out between header and frame of a received packet, for a driver that accepted LAB_NET_F_RX_SKIP',
  },
  txNs: { default: 0, description: 'ns that transmitting a packet takes besides the cost hostTap' },
  txInterruptAfter: {
    default: 0,
    description:
      'descriptors that must be used until the host interrupts for them, as half of the ring; 0: for each packet, as QEMU does',
  },
  txInterrupts: { default: true, description: 'interrupt for used transmit buffers; false: a fault, never' },
  mb: {
    default: false,
    description:
      'memory barriers between asking for kicks and looking again, and between used.idx and avail.flags; QEMU has none before 1.1',
  },
  ...storeBuffer,
});

/** NOTIFY_ON_EMPTY comes with every QEMU of the time, unless a scenario takes it away. */
export const qemuWithholds: HostModel['withholds'] = ({ notifyOnEmpty }) =>
  notifyOnEmpty === false ? NOTIFY_ON_EMPTY : 0n;

/** What a scenario may have a QEMU offer: what later versions had, and the mail's own idea. */
export const qemuOptional: bigint = INDIRECT_DESC | RX_SKIP;
