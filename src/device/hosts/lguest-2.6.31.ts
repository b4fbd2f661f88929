// The host of lguest's launcher as of Linux 2.6.31: a thread for each virtqueue, woken through an eventfd, that batches interrupts.
//
// Functions and variables are named after Documentation/lguest/lguest.c of that version, whose order of steps this follows;
// each line that yields is one step that a user can see and stop at.
import { chainBytes } from '../buffers';
import { INDIRECT_DESC, NOTIFY_ON_EMPTY } from '../features';
import type {
  ArrivedFrame,
  DeviceFacts,
  HostGenerator,
  HostModel,
  HostState,
  HostThreadModel,
  TakenChain,
} from '../host';
import {
  checkHeads,
  die,
  receiveHeader,
  storeBuffer,
  u16,
  VRING_AVAIL_F_NO_INTERRUPT,
  VRING_USED_F_NO_NOTIFY,
  type Step,
} from './ring-words';

/** struct virtqueue, as far as it counts: a thread's own. Indices are modulo 65536. */
type Virtqueue = {
  last_avail_idx: number;
  used_idx: number;
  /** used entries since the last interrupt */
  pending_used: number;
};

interface Options {
  readonly mb: boolean;
  readonly recheck: boolean;
  readonly suppress: boolean;
  readonly forceOnEmpty: boolean;
  readonly txInterrupts: boolean;
  readonly txNs: number;
  readonly batch: boolean;
  readonly timeoutUs: number;
  readonly perPending: boolean;
  readonly timerSlackNs: number;
  readonly interruptWhenFull: boolean;
  readonly rxDelayNs: number;
}

/** What a thread serves, and how. */
interface Service {
  readonly queue: 'rx' | 'tx';
  readonly vq: Virtqueue;
  readonly facts: DeviceFacts;
  readonly options: Options;
}

/** trigger_irq(): one interrupt for all that was used since the last. An empty ring overrules NO_INTERRUPT. */
function* trigger_irq({ queue, vq, facts, options }: Service): Step<void> {
  if (vq.pending_used === 0) return;
  vq.pending_used = 0;
  if (((yield { do: 'readAvailFlags', queue }) as number) & VRING_AVAIL_F_NO_INTERRUPT) {
    // 2.6.31 does so whether the driver has accepted NOTIFY_ON_EMPTY or not; ca60a42c9be of 2.6.32 asks
    const force = options.forceOnEmpty || facts.notifyOnEmpty;
    const empty = force && ((yield { do: 'readAvailIdx', queue }) as number) === vq.last_avail_idx;
    if (!empty) {
      const why = force ? 'avail.flags has NO_INTERRUPT, and the queue is not empty' : 'avail.flags has NO_INTERRUPT';
      yield { do: 'suppressInterrupt', queue, why };
      return;
    }
  }
  if (queue === 'tx' && !options.txInterrupts) return;
  yield { do: 'interrupt', queue };
}

/** used->flags, where this version of the Launcher writes them: not before b60da13fc7b. */
function* set_used_flags({ queue, options }: Service, flags: number): Step<void> {
  if (options.suppress) yield { do: 'setUsedFlags', queue, flags };
}

/** wait_for_vq_desc(): the next chain. Before it sleeps it tells the guest what was used, and asks for a kick. */
function* wait_for_vq_desc(service: Service): Step<TakenChain> {
  const { queue, vq, facts, options } = service;
  while (((yield { do: 'readAvailIdx', queue }) as number) === vq.last_avail_idx) {
    if (queue === 'tx' || options.interruptWhenFull) yield* trigger_irq(service);
    yield* set_used_flags(service, 0);
    if (options.recheck) {
      // They could have slipped one in: the flag must be there before the index is looked at. Up to 2.6.38 this mb() was a
      // compiler barrier only, and a processor may let the load pass the store.
      if (options.mb) yield { do: 'mb', queue };
      if (((yield { do: 'readAvailIdx', queue }) as number) !== vq.last_avail_idx) {
        yield* set_used_flags(service, VRING_USED_F_NO_NOTIFY);
        break;
      }
    }
    yield { do: 'wait', for: [{ on: 'kick', queue }], text: `read(eventfd): a kick on ${queue}` };
    yield* set_used_flags(service, VRING_USED_F_NO_NOTIFY);
  }
  const idx = (yield { do: 'readAvailIdx', queue }) as number;
  const moved = checkHeads(queue, facts.queueSize[queue] ?? 0, vq.last_avail_idx, idx);
  if (moved !== undefined) yield moved;
  const iov = (yield { do: 'take', queue, index: vq.last_avail_idx }) as TakenChain;
  vq.last_avail_idx = u16(vq.last_avail_idx + 1);
  return iov;
}

/** add_used() */
function* add_used({ queue, vq }: Service, head: number, len: number): Step<void> {
  yield { do: 'use', queue, index: vq.used_idx, head, len };
  // wmb(): x86 keeps stores in order, and the compiler is told
  vq.used_idx = u16(vq.used_idx + 1);
  yield { do: 'setUsedIdx', queue, idx: vq.used_idx };
  vq.pending_used++;
}

/** net_output(): one packet from the guest. The interrupt waits until the ring is empty. */
function* net_output(service: Service): Step<void> {
  const { facts, options } = service;
  const header = facts.headerLength;
  const iov = yield* wait_for_vq_desc(service);
  if (chainBytes(iov, true) > 0) yield die('tx', `Input buffers in net output queue: chain ${iov.head}`);
  const bytes = chainBytes(iov, false);
  if (bytes < header) yield die('tx', `writev to tun: chain ${iov.head} has ${bytes} bytes, its header ${header}`);
  if (options.txNs > 0) yield { do: 'sleep', ns: options.txNs, text: 'writev(): the packet goes out' };
  yield { do: 'send', queue: 'tx', chain: iov, skip: header };
  yield* add_used(service, iov.head, 0);
}

/** will_block(): a select() on the tun. A timeout makes it wait for a packet, and at least as long as a timer is late. */
function* will_block({ vq, options }: Service): Step<boolean> {
  const timeout = options.perPending ? Math.floor(options.timeoutUs / vq.pending_used) : options.timeoutUs;
  const ns = timeout === 0 ? 0 : 1000 * timeout + options.timerSlackNs;
  return (yield { do: 'wait', for: [{ on: 'frame' }], ns, text: `select(): the tun, for ${timeout} µs` }) === undefined;
}

/** net_input(): one packet for the guest. An interrupt is due when no more are there. */
function* net_input(service: Service): Step<void> {
  const { vq, facts, options } = service;
  const iov = yield* wait_for_vq_desc(service);
  if (chainBytes(iov, false) > 0) yield die('rx', `Output buffers in net input queue: chain ${iov.head}`);
  if (options.batch && vq.pending_used > 0) {
    const blocks = yield* will_block(service);
    if (blocks) yield* delayed_irq(service);
  }
  // readv() on the tun: blocks until a packet is there, and copies it behind its header
  let frame = (yield { do: 'nextFrame' }) as ArrivedFrame | undefined;
  while (frame === undefined) {
    yield { do: 'wait', for: [{ on: 'frame' }], text: 'readv(): a frame at the tun' };
    frame = (yield { do: 'nextFrame' }) as ArrivedFrame | undefined;
  }
  const header = receiveHeader(facts, 1);
  const length = frame.length;
  const len = (yield { do: 'fill', queue: 'rx', chain: iov, header, offset: 0, length }) as number;
  yield* add_used(service, iov.head, len);
  if (!options.batch) yield* delayed_irq(service);
}

/** The receive interrupt, behind the "silly 50 usec delay" that Rusty Russell tried (net-delay-for-more-output.patch). */
function* delayed_irq(service: Service): Step<void> {
  const { rxDelayNs } = service.options;
  if (rxDelayNs > 0) yield { do: 'sleep', ns: rxDelayNs, text: 'usleep(): a delay, for more output' };
  yield* trigger_irq(service);
}

/** do_thread(): serves its queue for ever. */
function thread(queue: 'rx' | 'tx', name: string, options: Options): HostThreadModel {
  return {
    name,
    initial: { last_avail_idx: 0, used_idx: 0, pending_used: 0 },
    *run(state: HostState, facts: DeviceFacts): HostGenerator {
      const service: Service = { queue, vq: state as Virtqueue, facts, options };
      const absent = facts.queueSize[queue] === 0;
      for (;;) {
        if (absent) yield { do: 'rest', for: [], text: `nothing: the driver has not set up ${queue}` };
        else yield { do: 'loop', text: `serve the next buffer of ${queue}` };
        if (queue === 'tx') yield* net_output(service);
        else yield* net_input(service);
      }
    },
  };
}

export const lguest31: HostModel = {
  name: 'lguest-2.6.31',
  title: 'lguest 2.6.31: a thread per virtqueue, eventfd, interrupts batched',
  parameters: {
    batch: {
      default: true,
      description:
        'interrupt for received packets when no more are there; false: after each packet, as before 4a8962e21bc',
    },
    timeoutUs: { default: 0, description: 'µs that the select() before a receive interrupt waits for another packet' },
    perPending: {
      default: false,
      description:
        'divide timeoutUs by the packets that wait for the interrupt, rounded down (1/pending, 2/pending, 5/pending)',
    },
    timerSlackNs: {
      default: 50_000,
      description: 'ns that a select() with a timeout sleeps longer: the timer slack of Linux since 2.6.28',
    },
    rxDelayNs: { default: 0, description: 'ns of delay before each receive interrupt' },
    interruptWhenFull: {
      default: true,
      description: 'interrupt also when the receive queue has no buffer left; false: a fault, the guest is never told',
    },
    txNs: { default: 0, description: 'ns that transmitting a packet takes besides the cost hostTap' },
    forceOnEmpty: {
      default: true,
      description:
        'interrupt on an empty queue whether NOTIFY_ON_EMPTY was accepted or not; false: only if it was (2.6.32)',
    },
    mb: {
      default: false,
      description: 'a memory barrier between asking for kicks and looking again; 2.6.31 to 2.6.38 have none',
    },
    ...storeBuffer,
    suppress: {
      default: true,
      description: 'suppress notifications with NO_NOTIFY while at work; false: never, as before b60da13fc7b',
    },
    recheck: {
      default: true,
      description: 'look at the ring again after asking for kicks; false: a fault, and a kick can be lost',
    },
    txInterrupts: { default: true, description: 'interrupt for used transmit buffers; false: a fault, never' },
  },
  kick: 'eventfd',
  features: 0n,
  optional: NOTIFY_ON_EMPTY | INDIRECT_DESC,
  threads: (parameters) => {
    const options = parameters as unknown as Options;
    return [thread('tx', 'lguest net_output thread', options), thread('rx', 'lguest net_input thread', options)];
  },
};
