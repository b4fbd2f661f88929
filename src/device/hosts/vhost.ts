// A host like vhost-net: two workers in the host's kernel, kicked through an eventfd, with the event index where it was negotiated.
//
// Functions and variables are named after drivers/vhost/{vhost,net}.c (2.6.34, written by Michael S. Tsirkin from lguest's launcher;
// the event index as of 3.0), whose order of steps this follows; each line that yields is one step that a user can see and stop at.
import { kickCount, needEvent } from '../../virtqueue';
import { chainBytes } from '../buffers';
import { EVENT_IDX, IN_ORDER, INDIRECT_DESC, KICK_COUNT, NOTIFY_ON_EMPTY } from '../features';
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

/** drivers/vhost/net.c: bytes after which a worker lets others have their turn */
const VHOST_NET_WEIGHT = 0x80000;

/** struct vhost_virtqueue, as far as it counts. Indices are modulo 65536. */
type VhostVirtqueue = {
  last_avail_idx: number;
  last_used_idx: number;
  /** used.idx when the guest was last told, or found to need no telling */
  signalled_used: number;
  /** kicks that the guest was told are answered; modulo 32768, and only with LAB_RING_F_KICK_COUNT */
  kicks_answered: number;
  /** the worker has put itself at the end of the work list: more is there */
  requeued: boolean;
};

interface Options {
  readonly suppressAgain: boolean;
  readonly recheck: boolean;
  readonly mb: boolean;
  readonly txInterrupts: boolean;
  readonly txNs: number;
  readonly txBatch: number;
  readonly rxDelayNs: number;
}

/** What a worker serves, and how. */
interface Work {
  readonly queue: 'rx' | 'tx';
  readonly vq: VhostVirtqueue;
  readonly facts: DeviceFacts;
  readonly options: Options;
}

const countsKicks = ({ features }: DeviceFacts): boolean => (features & KICK_COUNT) !== 0n;

/**
 * The mail's counter: when as many are answered as the guest has sent, it sends one more. One that was sent is still to come, or has
 * woken this thread: no count is lost by taking over what the guest says.
 */
function* answer_kicks({ queue, vq }: Work): Step<void> {
  const sent = kickCount((yield { do: 'readAvailFlags', queue }) as number);
  if (sent === vq.kicks_answered) return;
  vq.kicks_answered = sent;
  yield { do: 'setUsedFlags', queue, flags: sent << 1 };
}

/** vhost_disable_notify(): with the event index or the counter there is nothing to write: avail_event, or the count, stays behind. */
function* vhost_disable_notify({ queue, facts }: Work): Step<void> {
  if (facts.eventIdx || countsKicks(facts)) return;
  yield { do: 'setUsedFlags', queue, flags: VRING_USED_F_NO_NOTIFY };
}

/** vhost_enable_notify(): asks for a kick, then looks again: true when something has come meanwhile. */
function* vhost_enable_notify(work: Work): Step<boolean> {
  const { queue, vq, facts, options } = work;
  if (facts.eventIdx) yield { do: 'setAvailEvent', queue, idx: vq.last_avail_idx };
  else if (countsKicks(facts)) yield* answer_kicks(work);
  else yield { do: 'setUsedFlags', queue, flags: 0 };
  if (!options.recheck) return false;
  // What was written must be there before the index is read (spec 2.7.10.2).
  if (options.mb) yield { do: 'mb', queue };
  return ((yield { do: 'readAvailIdx', queue }) as number) !== vq.last_avail_idx;
}

/** vhost_get_vq_desc(): the next chain, undefined when there is none. */
function* vhost_get_vq_desc({ queue, vq, facts }: Work): Step<TakenChain | undefined> {
  const idx = (yield { do: 'readAvailIdx', queue }) as number;
  if (idx === vq.last_avail_idx) return undefined;
  const moved = checkHeads(queue, facts.queueSize[queue] ?? 0, vq.last_avail_idx, idx);
  if (moved !== undefined) yield moved;
  const head = (yield { do: 'take', queue, index: vq.last_avail_idx }) as TakenChain;
  vq.last_avail_idx = u16(vq.last_avail_idx + 1);
  return head;
}

/** vhost_discard_vq_desc(): puts the last chain back. */
function* vhost_discard_vq_desc({ queue, vq }: Work, head: TakenChain): Step<void> {
  yield { do: 'untake', queue, head: head.head };
  vq.last_avail_idx = u16(vq.last_avail_idx - 1);
}

/** vhost_notify(): whether the guest wants to hear of what was used since signalled_used. */
function* vhost_notify({ queue, vq, facts, options }: Work): Step<boolean> {
  // The used index must be there before the guest's wish is read (spec 2.7.7.1).
  if (options.mb) yield { do: 'mb', queue };
  if (facts.notifyOnEmpty) {
    if (((yield { do: 'readAvailIdx', queue }) as number) === vq.last_avail_idx) return true;
  }
  if (!facts.eventIdx) return (((yield { do: 'readAvailFlags', queue }) as number) & VRING_AVAIL_F_NO_INTERRUPT) === 0;
  const old = vq.signalled_used;
  vq.signalled_used = vq.last_used_idx;
  const event = (yield { do: 'readUsedEvent', queue }) as number;
  return needEvent(event, vq.last_used_idx, old);
}

/** Chains that were sent, in the order in which they were exposed: with VIRTIO_F_IN_ORDER the last one's entry stands for all (spec 2.7.9). */
const entriesFor = <T>(heads: readonly T[], { queue, facts }: Work): readonly T[] =>
  queue === 'tx' && (facts.features & IN_ORDER) !== 0n ? heads.slice(-1) : heads;

/** vhost_add_used_and_signal_n(): publishes the chains of a packet, or of a batch, together, then interrupts if that is wanted. */
function* vhost_add_used_and_signal(work: Work, heads: readonly { head: number; len: number }[]): Step<void> {
  const { queue, vq, facts, options } = work;
  for (const [i, { head, len }] of entriesFor(heads, work).entries())
    yield { do: 'use', queue, index: u16(vq.last_used_idx + i), head, len };
  vq.last_used_idx = u16(vq.last_used_idx + heads.length);
  yield { do: 'setUsedIdx', queue, idx: vq.last_used_idx };
  const wanted = yield* vhost_notify(work);
  if (queue === 'tx' && !options.txInterrupts) return;
  if (wanted) yield { do: 'interrupt', queue };
  else {
    const why = facts.eventIdx ? 'used.idx has not passed used_event' : 'avail.flags has NO_INTERRUPT';
    yield { do: 'suppressInterrupt', queue, why };
  }
}

/** handle_tx(): sends all there is. */
function* handle_tx(work: Work): Step<void> {
  const { vq, facts, options } = work;
  const header = facts.headerLength;
  let total_len = 0;
  const done: { head: number; len: number }[] = [];
  yield* vhost_disable_notify(work);
  for (;;) {
    const head = yield* vhost_get_vq_desc(work);
    if (head === undefined) {
      if (done.length > 0) yield* vhost_add_used_and_signal(work, done.splice(0));
      if (!(yield* vhost_enable_notify(work))) return;
      if (options.suppressAgain) yield* vhost_disable_notify(work);
      continue;
    }
    if (chainBytes(head, true) > 0)
      yield die('tx', `Unexpected descriptor format for TX: chain ${head.head} has in buffers`);
    const out = chainBytes(head, false);
    if (out < header) yield die('tx', `Unexpected header len for TX: ${out}, expected ${header}: chain ${head.head}`);
    if (options.txNs > 0) yield { do: 'sleep', ns: options.txNs, text: 'sendmsg(): the packet goes out' };
    total_len += (yield { do: 'send', queue: 'tx', chain: head, skip: header }) as number;
    done.push({ head: head.head, len: 0 });
    const enough = total_len >= VHOST_NET_WEIGHT;
    if (done.length >= options.txBatch || enough) yield* vhost_add_used_and_signal(work, done.splice(0));
    if (!enough) continue;
    // vhost_poll_queue()
    vq.requeued = true;
    return;
  }
}

/** get_rx_bufs(): as many chains as a packet takes, all at once; undefined when there are not enough. */
function* get_rx_bufs(work: Work, bytes: number): Step<TakenChain[] | undefined> {
  const heads: TakenChain[] = [];
  let left = bytes;
  while (left > 0) {
    const head = yield* vhost_get_vq_desc(work);
    if (head === undefined) {
      while (heads.length > 0) yield* vhost_discard_vq_desc(work, heads.pop() as TakenChain);
      return undefined;
    }
    if (chainBytes(head, false) > 0)
      yield die('rx', `unexpected descriptor format for RX: chain ${head.head} has out buffers`);
    heads.push(head);
    left -= chainBytes(head, true);
    // Without mergeable buffers a packet has one; what does not fit is cut off, as recvmsg() does.
    if (!work.facts.mergeable) break;
  }
  return heads;
}

/** handle_rx(): receives what waits at the socket while there are buffers. */
function* handle_rx(work: Work): Step<void> {
  const { facts, options } = work;
  yield* vhost_disable_notify(work);
  for (;;) {
    // peek_head_len()
    const frame = (yield { do: 'peekFrame' }) as ArrivedFrame | undefined;
    if (frame === undefined) return;
    const heads = yield* get_rx_bufs(work, facts.headerLength + frame.length);
    if (heads === undefined) {
      if (yield* vhost_enable_notify(work)) {
        if (options.suppressAgain) yield* vhost_disable_notify(work);
        continue;
      }
      // Nothing new: the eventfd tells when there are buffers, and the socket is let alone until then.
      yield { do: 'pollTap', poll: false };
      return;
    }
    yield { do: 'nextFrame' };
    const used = yield* copy_to_guest(facts, frame, heads);
    if (options.rxDelayNs > 0) yield { do: 'sleep', ns: options.rxDelayNs, text: 'a delay, for more output' };
    yield* vhost_add_used_and_signal(work, used);
  }
}

/** recvmsg() into the chains of a packet, and num_buffers into its header where that has it (spec 5.1.6.4). */
function* copy_to_guest(
  facts: DeviceFacts,
  frame: ArrivedFrame,
  heads: readonly TakenChain[],
): Step<{ head: number; len: number }[]> {
  const used: { head: number; len: number }[] = [];
  let offset = 0;
  for (const chain of heads) {
    const header = used.length === 0 ? receiveHeader(facts, heads.length) : [];
    const length = frame.length - offset;
    const len = (yield { do: 'fill', queue: 'rx', chain, header, offset, length }) as number;
    offset += len - header.length;
    used.push({ head: chain.head, len });
  }
  return used;
}

/** vhost_worker(), one for each queue, so that both directions run side by side. */
function worker(queue: 'rx' | 'tx', name: string, options: Options): HostThreadModel {
  return {
    name,
    initial: { last_avail_idx: 0, last_used_idx: 0, signalled_used: 0, kicks_answered: 0, requeued: false },
    *run(state: HostState, facts: DeviceFacts): HostGenerator {
      const vq = state as VhostVirtqueue;
      const work: Work = { queue, vq, facts, options };
      const kick = { on: 'kick', queue } as const;
      for (;;) {
        if (vq.requeued) yield { do: 'loop', text: 'its turn again' };
        else if (queue === 'tx') yield { do: 'rest', for: [kick], text: 'a kick on tx' };
        else yield { do: 'rest', for: [{ on: 'frame' }, kick], text: 'a frame at the socket, or a kick on rx' };
        vq.requeued = false;
        if (facts.queueSize[queue] === 0) continue;
        if (queue === 'tx') yield* handle_tx(work);
        else {
          yield { do: 'pollTap', poll: true };
          yield* handle_rx(work);
        }
      }
    },
  };
}

export const vhost: HostModel = {
  name: 'vhost',
  title: 'vhost-net: workers in the kernel, eventfd, event index',
  parameters: {
    suppressAgain: {
      default: true,
      description:
        'set NO_NOTIFY again when the look after asking for kicks finds work; false: leave notifications on, and be kicked for each buffer',
    },
    txBatch: {
      default: 1,
      description: 'packets that are published as used together, 64 in vhost since 4.20; fewer when no more are there',
    },
    txNs: { default: 0, description: 'ns that transmitting a packet takes besides the cost hostTap' },
    rxDelayNs: { default: 0, description: 'ns of delay before each receive interrupt' },
    recheck: {
      default: true,
      description: 'look at the ring again after asking for kicks; false: a fault, and a kick can be lost',
    },
    mb: {
      default: true,
      description:
        'the smp_mb() of vhost_enable_notify() and of vhost_notify(); false: a fault, which shows with storeBuffer',
    },
    ...storeBuffer,
    txInterrupts: { default: true, description: 'interrupt for used transmit buffers; false: a fault, never' },
  },
  kick: 'eventfd',
  features: 0n,
  optional: NOTIFY_ON_EMPTY | INDIRECT_DESC | EVENT_IDX | IN_ORDER | KICK_COUNT,
  threads: (parameters) => {
    const options = parameters as unknown as Options;
    return [worker('tx', 'vhost TX worker', options), worker('rx', 'vhost RX worker', options)];
  },
};
