// The host of Linux' tools/virtio/vringh_test --parallel: a ring and nothing else; reads and writes what it is given, on the tx queue.
//
// Functions are named after drivers/vhost/vringh.c (5.10), whose order of steps this follows; each line that yields is one step that
// a user can see and stop at. It looks whether to interrupt only when it has found the ring empty, and asks for kicks then.
import { needEvent } from '../../virtqueue';
import { chainBytes } from '../buffers';
import { EVENT_IDX } from '../features';
import type { DeviceFacts, HostGenerator, HostModel, HostState, HostThreadModel, TakenChain } from '../host';
import {
  checkHeads,
  storeBuffer,
  u16,
  VRING_AVAIL_F_NO_INTERRUPT,
  VRING_USED_F_NO_NOTIFY,
  type Step,
} from './ring-words';

const queue = 'tx';

/** struct vringh, as far as it counts. Indices are modulo 65536. */
type Vringh = {
  last_avail_idx: number;
  last_used_idx: number;
  /** used since the last look whether to interrupt */
  completed: number;
};

interface Options {
  readonly suppressAgain: boolean;
  readonly mb: boolean;
  readonly xferNs: number;
}

/** vringh_notify_disable(): with the event index there is nothing to write. */
function* vringh_notify_disable(facts: DeviceFacts): Step<void> {
  if (!facts.eventIdx) yield { do: 'setUsedFlags', queue, flags: VRING_USED_F_NO_NOTIFY };
}

/** vringh_notify_enable(): asks for a kick, then looks again: false when something has come meanwhile. */
function* vringh_notify_enable(vrh: Vringh, facts: DeviceFacts, { mb }: Options): Step<boolean> {
  if (facts.eventIdx) yield { do: 'setAvailEvent', queue, idx: vrh.last_avail_idx };
  else yield { do: 'setUsedFlags', queue, flags: 0 };
  if (mb) yield { do: 'mb', queue };
  return ((yield { do: 'readAvailIdx', queue }) as number) === vrh.last_avail_idx;
}

/** vringh_need_notify(): whether the guest wants to hear of what was completed. */
function* vringh_need_notify(vrh: Vringh, facts: DeviceFacts, { mb }: Options): Step<boolean> {
  if (mb) yield { do: 'mb', queue };
  if (!facts.eventIdx) {
    const flags = (yield { do: 'readAvailFlags', queue }) as number;
    return (flags & VRING_AVAIL_F_NO_INTERRUPT) === 0;
  }
  const event = (yield { do: 'readUsedEvent', queue }) as number;
  const old = u16(vrh.last_used_idx - vrh.completed);
  vrh.completed = 0;
  return needEvent(event, vrh.last_used_idx, old);
}

/** vringh_getdesc(): the next chain, undefined when there is none. */
function* vringh_getdesc(vrh: Vringh, facts: DeviceFacts): Step<TakenChain | undefined> {
  const idx = (yield { do: 'readAvailIdx', queue }) as number;
  if (idx === vrh.last_avail_idx) return undefined;
  const moved = checkHeads(queue, facts.queueSize[queue] ?? 0, vrh.last_avail_idx, idx);
  if (moved !== undefined) yield moved;
  const chain = (yield { do: 'take', queue, index: vrh.last_avail_idx }) as TakenChain;
  vrh.last_avail_idx = u16(vrh.last_avail_idx + 1);
  return chain;
}

/** vringh_complete() */
function* vringh_complete(vrh: Vringh, head: number, len: number): Step<void> {
  yield { do: 'use', queue, index: vrh.last_used_idx, head, len };
  vrh.last_used_idx = u16(vrh.last_used_idx + 1);
  yield { do: 'setUsedIdx', queue, idx: vrh.last_used_idx };
  vrh.completed++;
}

/** vringh_iov_pull(), or vringh_iov_push(): what there is to read is sent, and into the rest zeros are written. */
function* transfer(chain: TakenChain): Step<number> {
  const bytes = chainBytes(chain, true);
  if (bytes === 0) {
    yield { do: 'send', queue, chain, skip: 0 };
    return 0;
  }
  yield { do: 'patch', queue, chain, offset: 0, bytes: new Array<number>(bytes).fill(0) };
  return bytes;
}

/** The loop of parallel_test(), from one sleep to the next. */
function* parallel_test(vrh: Vringh, facts: DeviceFacts, options: Options): Step<void> {
  yield* vringh_notify_disable(facts);
  for (;;) {
    const chain = yield* vringh_getdesc(vrh, facts);
    if (chain === undefined) {
      if (yield* vringh_need_notify(vrh, facts, options)) yield { do: 'interrupt', queue };
      if (yield* vringh_notify_enable(vrh, facts, options)) return;
      if (options.suppressAgain) yield* vringh_notify_disable(facts);
      continue;
    }
    if (options.xferNs > 0) yield { do: 'sleep', ns: options.xferNs, text: 'the host works on the buffer' };
    const written = yield* transfer(chain);
    yield* vringh_complete(vrh, chain.head, written);
  }
}

function thread(options: Options): HostThreadModel {
  return {
    name: 'vringh_test host',
    initial: { last_avail_idx: 0, last_used_idx: 0, completed: 0 },
    *run(state: HostState, facts: DeviceFacts): HostGenerator {
      const vrh = state as Vringh;
      for (;;) {
        yield { do: 'rest', for: [{ on: 'kick', queue }], text: 'read(): a kick' };
        yield* parallel_test(vrh, facts, options);
      }
    },
  };
}

export const vringh: HostModel = {
  name: 'vringh',
  title: 'A ring and nothing else: vringh_test',
  parameters: {
    suppressAgain: {
      default: false,
      description:
        'set NO_NOTIFY again when the look after asking for kicks finds work; false, as vringh_test: leave notifications on',
    },
    mb: {
      default: true,
      description: 'memory barriers between asking for kicks and looking again, and between used.idx and avail.flags',
    },
    ...storeBuffer,
    xferNs: { default: 0, description: 'ns that a buffer takes besides what the ring and the copy cost' },
  },
  kick: 'eventfd',
  features: 0n,
  optional: EVENT_IDX,
  threads: (parameters) => [thread(parameters as unknown as Options)],
};
