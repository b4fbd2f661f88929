// The host of QEMU 0.10 and 0.11: TX with the 150 µs timer, RX from the tap, one lock, every exit served in the vCPU thread.
//
// Functions and variables are named after hw/virtio.c and hw/virtio-net.c of those versions, whose order of steps this
// follows; each line that yields is one step that a user can see and stop at. Where the versions differ, this is 0.11.
import { chainBytes } from '../buffers';
import { INDIRECT_DESC, NOTIFY_ON_EMPTY } from '../features';
import type {
  ArrivedFrame,
  DeviceFacts,
  HostAction,
  HostGenerator,
  HostModel,
  HostState,
  HostThreadModel,
  TakenChain,
  Wake,
} from '../host';
import { checkHeads, die, u16, VRING_AVAIL_F_NO_INTERRUPT, VRING_USED_F_NO_NOTIFY, type Step } from './ring-words';

/** hw/virtio-net.c: TX_TIMER_INTERVAL, "150 us" */
const TX_TIMER_INTERVAL = 150_000;
/** hw/virtio-net.c: mergeable buffers count as present from a whole 64 KiB packet with its header on */
const VIRTIO_NET_MAX_BUFSIZE = 65546;
const TX_TIMER = 'tx_timer';

/** struct VirtIONet with its two VirtQueues, flat. Indices are modulo 65536. */
type VirtIONet = {
  tx_timer_active: boolean;
  tx_last_avail_idx: number;
  tx_used_idx: number;
  tx_inuse: number;
  rx_last_avail_idx: number;
  rx_used_idx: number;
  rx_inuse: number;
};

const RESET: VirtIONet = {
  tx_timer_active: false,
  tx_last_avail_idx: 0,
  tx_used_idx: 0,
  tx_inuse: 0,
  rx_last_avail_idx: 0,
  rx_used_idx: 0,
  rx_inuse: 0,
};

/** hw/virtio.c: virtio_notify(). Even an unwanted interrupt is sent when the queue has run empty and NOTIFY_ON_EMPTY was accepted. */
function* virtio_notify(queue: 'rx' | 'tx', inuse: number, last_avail_idx: number, facts: DeviceFacts): Step<void> {
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
  yield { do: 'interrupt', queue };
}

/** hw/virtio-net.c: virtio_net_flush_tx(). Sends all there is; an interrupt may follow each packet. */
function* virtio_net_flush_tx(n: VirtIONet, facts: DeviceFacts): Step<void> {
  for (;;) {
    // virtqueue_pop()
    const idx = (yield { do: 'readAvailIdx', queue: 'tx' }) as number;
    if (idx === n.tx_last_avail_idx) return;
    const moved = checkHeads('tx', facts.queueSize['tx'] ?? 0, n.tx_last_avail_idx, idx);
    if (moved !== undefined) yield moved;
    const elem = (yield { do: 'take', queue: 'tx', index: n.tx_last_avail_idx }) as TakenChain;
    n.tx_last_avail_idx = u16(n.tx_last_avail_idx + 1);
    n.tx_inuse++;
    const framing = txFramingError(elem, facts);
    if (framing !== undefined) yield framing;
    // qemu_sendv_packet()
    const bytes = (yield { do: 'send', queue: 'tx', chain: elem, skip: facts.headerLength }) as number;
    // virtqueue_push(): the length counts header and packet, though nothing was written
    yield { do: 'use', queue: 'tx', index: n.tx_used_idx, head: elem.head, len: facts.headerLength + bytes };
    n.tx_used_idx = u16(n.tx_used_idx + 1);
    yield { do: 'setUsedIdx', queue: 'tx', idx: n.tx_used_idx };
    n.tx_inuse--;
    yield* virtio_notify('tx', n.tx_inuse, n.tx_last_avail_idx, facts);
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

/** hw/virtio-net.c: virtio_net_handle_tx(). The second kick within the interval flushes at once: only a driver whose ring is full sends one. */
function* virtio_net_handle_tx(n: VirtIONet, facts: DeviceFacts, interval: number): Step<void> {
  if (n.tx_timer_active) {
    yield { do: 'setUsedFlags', queue: 'tx', flags: 0 };
    yield { do: 'cancelTimer', name: TX_TIMER, queue: 'tx' };
    n.tx_timer_active = false;
    yield* virtio_net_flush_tx(n, facts);
  } else {
    yield { do: 'armTimer', name: TX_TIMER, queue: 'tx', ns: interval };
    n.tx_timer_active = true;
    yield { do: 'setUsedFlags', queue: 'tx', flags: VRING_USED_F_NO_NOTIFY };
  }
}

/** hw/virtio-net.c: virtio_net_handle_rx(). The driver has posted buffers: the tap may be read again. */
function* virtio_net_handle_rx(): Step<void> {
  yield { do: 'pollTap', poll: true };
}

/**
 * hw/virtio-net.c: virtio_net_can_receive(). Between finding too little and clearing the flag the driver may post buffers
 * without a kick, and then both sides wait: fixed in QEMU 0.13 (06b129701) by checking again.
 */
function* virtio_net_can_receive(n: VirtIONet, facts: DeviceFacts): Step<boolean> {
  if ((facts.queueSize['rx'] ?? 0) === 0) return false;
  const idx = (yield { do: 'readAvailIdx', queue: 'rx' }) as number;
  let enough = idx !== n.rx_last_avail_idx;
  if (enough && facts.mergeable) {
    const limit = VIRTIO_NET_MAX_BUFSIZE;
    const posted = (yield { do: 'availBytes', queue: 'rx', index: n.rx_last_avail_idx, limit }) as number;
    enough = posted >= limit;
  }
  yield { do: 'setUsedFlags', queue: 'rx', flags: enough ? VRING_USED_F_NO_NOTIFY : 0 };
  return enough;
}

/** hw/virtio-net.c: receive_filter(), without the tables that only a control queue can fill. */
function receive_filter(frame: ArrivedFrame, facts: DeviceFacts): boolean {
  const destination = frame.start.slice(0, 6);
  if (destination.every((byte) => byte === 0xff)) return true;
  return destination.every((byte, i) => byte === facts.mac[i]);
}

/** hw/virtio-net.c: virtio_net_receive(). All buffers of a packet are published at once, and one interrupt follows each packet. */
function* virtio_net_receive(n: VirtIONet, facts: DeviceFacts, promisc: boolean): Step<void> {
  const frame = (yield { do: 'nextFrame' }) as ArrivedFrame | undefined;
  if (frame === undefined) return;
  if (!promisc && !receive_filter(frame, facts)) {
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
    const framing = rxFramingError(elem, i === 0 ? facts.headerLength : 0, facts);
    if (framing !== undefined) yield framing;
    const header = i === 0 ? new Array<number>(facts.headerLength).fill(0) : [];
    const length = frame.length - offset;
    const total = (yield { do: 'fill', queue: 'rx', chain: elem, header, offset, length }) as number;
    first ??= elem;
    offset += total - header.length;
    // virtqueue_fill()
    yield { do: 'use', queue: 'rx', index: u16(n.rx_used_idx + i), head: elem.head, len: total };
    i++;
  }
  // num_buffers: mergeable buffers have it, and every modern driver (spec 5.1.6.4.1)
  if (first !== undefined && facts.headerLength === 12) {
    yield { do: 'patch', queue: 'rx', chain: first, offset: 10, bytes: [i & 0xff, i >> 8] };
  }
  // virtqueue_flush()
  n.rx_used_idx = u16(n.rx_used_idx + i);
  yield { do: 'setUsedIdx', queue: 'rx', idx: n.rx_used_idx };
  n.rx_inuse -= i;
  yield* virtio_notify('rx', n.rx_inuse, n.rx_last_avail_idx, facts);
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

const KICK_TX: Wake = { on: 'kick', queue: 'tx' };
const KICK_RX: Wake = { on: 'kick', queue: 'rx' };
const TIMER: Wake = { on: 'timer', name: TX_TIMER };
const FRAME: Wake = { on: 'frame' };

/** Serves the guest's exits: a kick blocks the vCPU until this thread rests again. */
const vcpuThread = (interval: number): HostThreadModel => ({
  name: 'QEMU vCPU thread',
  initial: RESET,
  *run(state: HostState, facts: DeviceFacts): HostGenerator {
    const n = state as VirtIONet;
    for (;;) {
      const wake = (yield { do: 'rest', for: [KICK_TX, KICK_RX], text: 'the guest runs; an exit' }) as Wake;
      if (wake.on !== 'kick') continue;
      if (wake.queue === 'tx') yield* virtio_net_handle_tx(n, facts, interval);
      else yield* virtio_net_handle_rx();
    }
  },
});

/** main_loop_wait(): select() on the tap and the timers. */
const mainLoop = (promisc: boolean): HostThreadModel => ({
  name: 'QEMU main loop',
  initial: RESET,
  *run(state: HostState, facts: DeviceFacts): HostGenerator {
    const n = state as VirtIONet;
    for (;;) {
      const wake = (yield {
        do: 'rest',
        for: [TIMER, FRAME],
        text: 'select(): its timer or a frame at the tap',
      }) as Wake;
      if (wake.on === 'timer') {
        // virtio_net_tx_timer(): the flag is cleared before the flush, so that the flush is its own re-check
        n.tx_timer_active = false;
        yield { do: 'setUsedFlags', queue: 'tx', flags: 0 };
        yield* virtio_net_flush_tx(n, facts);
      } else if (yield* virtio_net_can_receive(n, facts)) {
        yield* virtio_net_receive(n, facts, promisc);
      } else {
        yield { do: 'pollTap', poll: false };
      }
    }
  },
});

export const qemuTimer: HostModel = {
  name: 'qemu-timer',
  title: 'QEMU 0.10/0.11: TX timer of 150 µs',
  parameters: {
    txTimerNs: {
      default: TX_TIMER_INTERVAL,
      description: 'ns from the first kick until the timer flushes the TX queue',
    },
    promisc: {
      default: true,
      description: 'take frames for any address, as QEMU does until a driver says otherwise on the control queue',
    },
  },
  kick: 'synchronous',
  features: NOTIFY_ON_EMPTY,
  optional: INDIRECT_DESC,
  lock: 'qemu_global_mutex',
  threads: (parameters) => [
    vcpuThread(Number(parameters['txTimerNs'] ?? TX_TIMER_INTERVAL)),
    mainLoop(parameters['promisc'] !== false),
  ],
};
