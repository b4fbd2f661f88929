// The host of lguest's launcher as of Linux 2.6.30: one thread runs the guest and serves its devices, with a TX timer that adapts.
//
// Functions and variables are named after Documentation/lguest/lguest.c of that version, whose order of steps this follows;
// each line that yields is one step that a user can see and stop at. The Waker, a process that selects on all descriptors and
// breaks the Launcher out of the guest, is in what wakes the thread.
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
  Wake,
} from '../host';
import {
  checkHeads,
  die,
  receiveHeader,
  u16,
  VRING_AVAIL_F_NO_INTERRUPT,
  VRING_USED_F_NO_NOTIFY,
  type Step,
} from './ring-words';

/** setitimer(ITIMER_REAL): its SIGALRM goes down the timeout pipe, which the Waker selects on */
const SIGALRM = 'SIGALRM';
/** µs of the first timeout */
const FIRST_TIMEOUT = 500;

/** The two virtqueues and the launcher's globals, flat. Indices are modulo 65536. */
type Launcher = {
  /** TX kicks are blocked, and the timer runs */
  blocked: boolean;
  timeout_usec: number;
  last_timeout_num: number;
  tx_last_avail_idx: number;
  tx_used_idx: number;
  rx_last_avail_idx: number;
  rx_used_idx: number;
};

interface Options {
  readonly timer: boolean;
  readonly txNs: number;
  readonly rxDelayNs: number;
  readonly txInterrupts: boolean;
}

interface Guest {
  readonly n: Launcher;
  readonly facts: DeviceFacts;
  readonly options: Options;
}

type Queue = 'rx' | 'tx';

/** get_vq_desc(): the next chain, undefined when there is none. */
function* get_vq_desc({ n, facts }: Guest, queue: Queue): Step<TakenChain | undefined> {
  const last = queue === 'tx' ? n.tx_last_avail_idx : n.rx_last_avail_idx;
  const idx = (yield { do: 'readAvailIdx', queue }) as number;
  if (idx === last) return undefined;
  const moved = checkHeads(queue, facts.queueSize[queue] ?? 0, last, idx);
  if (moved !== undefined) yield moved;
  const iov = (yield { do: 'take', queue, index: last }) as TakenChain;
  if (queue === 'tx') n.tx_last_avail_idx = u16(last + 1);
  else n.rx_last_avail_idx = u16(last + 1);
  return iov;
}

/**
 * add_used_and_trigger(). trigger_irq() heeds NO_INTERRUPT only while something is in flight (ebf9a5a99c1); as buffers are done one
 * by one nothing ever is, and the flag has no effect.
 */
function* add_used_and_trigger({ n, options }: Guest, queue: Queue, head: number, len: number): Step<void> {
  const index = queue === 'tx' ? n.tx_used_idx : n.rx_used_idx;
  yield { do: 'use', queue, index, head, len };
  yield { do: 'setUsedIdx', queue, idx: u16(index + 1) };
  if (queue === 'tx') n.tx_used_idx = u16(index + 1);
  else n.rx_used_idx = u16(index + 1);
  const inflight = 0;
  const flags = (yield { do: 'readAvailFlags', queue }) as number;
  if ((flags & VRING_AVAIL_F_NO_INTERRUPT) !== 0 && inflight > 0) return;
  if (queue === 'tx' && !options.txInterrupts) return;
  yield { do: 'interrupt', queue };
}

/** block_vq(): no kicks until the timer has gone off. */
function* block_vq({ n }: Guest): Step<void> {
  yield { do: 'setUsedFlags', queue: 'tx', flags: VRING_USED_F_NO_NOTIFY };
  n.blocked = true;
  yield { do: 'armTimer', name: SIGALRM, queue: 'tx', ns: 1000 * n.timeout_usec };
}

/** handle_net_output(): sends all there is. The timeout grows when it was too short to find as many packets as the last time. */
function* handle_net_output(guest: Guest, timeout: boolean): Step<void> {
  const { n, facts, options } = guest;
  let num = 0;
  for (let iov = yield* get_vq_desc(guest, 'tx'); iov !== undefined; iov = yield* get_vq_desc(guest, 'tx')) {
    if (chainBytes(iov, true) > 0) yield die('tx', `Input buffers in output queue? Chain ${iov.head}`);
    const bytes = chainBytes(iov, false);
    if (bytes < facts.headerLength)
      yield die('tx', `writev to tun: chain ${iov.head} has ${bytes} bytes, its header ${facts.headerLength}`);
    if (options.txNs > 0) yield { do: 'sleep', ns: options.txNs, text: 'writev(): the packet goes out' };
    yield { do: 'send', queue: 'tx', chain: iov, skip: facts.headerLength };
    yield* add_used_and_trigger(guest, 'tx', iov.head, 0);
    num++;
  }
  if (!timeout && num > 0 && options.timer) yield* block_vq(guest);
  if (!timeout) return;
  if (num < n.last_timeout_num) n.timeout_usec += 10;
  else if (n.timeout_usec > 1) n.timeout_usec--;
  n.last_timeout_num = num;
}

/** handle_timeout(): kicks are wanted again, and what came meanwhile is sent; the flag is cleared first, so nothing is missed. */
function* handle_timeout(guest: Guest): Step<void> {
  if (!guest.n.blocked) return;
  yield { do: 'setUsedFlags', queue: 'tx', flags: 0 };
  guest.n.blocked = false;
  yield* handle_net_output(guest, true);
}

/** handle_tun_input(): one packet, one interrupt. Without a buffer the tun is let alone until the guest kicks. */
function* handle_tun_input(guest: Guest): Step<void> {
  const { facts, options } = guest;
  const iov = facts.queueSize['rx'] === 0 ? undefined : yield* get_vq_desc(guest, 'rx');
  if (iov === undefined) {
    if (facts.queueSize['rx'] !== 0) yield { do: 'setUsedFlags', queue: 'rx', flags: 0 };
    yield { do: 'pollTap', poll: false };
    return;
  }
  if (chainBytes(iov, false) > 0) yield die('rx', `Output buffers in network recv queue? Chain ${iov.head}`);
  const frame = (yield { do: 'nextFrame' }) as ArrivedFrame | undefined;
  const header = receiveHeader(facts, 1);
  const length = frame?.length ?? 0;
  const len = (yield { do: 'fill', queue: 'rx', chain: iov, header, offset: 0, length }) as number;
  if (options.rxDelayNs > 0) yield { do: 'sleep', ns: options.rxDelayNs, text: 'usleep(): a delay, for more output' };
  yield* add_used_and_trigger(guest, 'rx', iov.head, len);
}

/** net_enable_fd(): the guest has posted buffers; the tun is polled again. */
function* net_enable_fd(): Step<void> {
  yield { do: 'setUsedFlags', queue: 'rx', flags: VRING_USED_F_NO_NOTIFY };
  yield { do: 'pollTap', poll: true };
}

/** run_guest(): a read() on /dev/lguest runs the guest until it kicks, or the Waker wants attention. */
const launcher = (options: Options): HostThreadModel => ({
  name: 'lguest Launcher',
  initial: {
    blocked: false,
    timeout_usec: FIRST_TIMEOUT,
    last_timeout_num: 0,
    tx_last_avail_idx: 0,
    tx_used_idx: 0,
    rx_last_avail_idx: 0,
    rx_used_idx: 0,
  },
  *run(state: HostState, facts: DeviceFacts): HostGenerator {
    const guest: Guest = { n: state as Launcher, facts, options };
    const wakes: readonly Wake[] = [
      { on: 'kick', queue: 'tx' },
      { on: 'kick', queue: 'rx' },
      { on: 'timer', name: SIGALRM },
      { on: 'frame' },
    ];
    for (;;) {
      const wake = (yield { do: 'rest', for: wakes, text: 'read(/dev/lguest): the guest runs' }) as Wake;
      if (wake.on === 'kick' && wake.queue === 'tx') yield* handle_net_output(guest, false);
      else if (wake.on === 'kick') yield* net_enable_fd();
      else if (wake.on === 'timer') yield* handle_timeout(guest);
      else yield* handle_tun_input(guest);
    }
  },
});

export const lguest30: HostModel = {
  name: 'lguest-2.6.30',
  title: 'lguest 2.6.30: one thread, TX timer that adapts',
  parameters: {
    timer: {
      default: true,
      description:
        'block kicks behind a timer after each flush of TX; false: every kick is served, and none is suppressed',
    },
    txNs: { default: 0, description: 'ns that transmitting a packet takes besides the cost hostTap' },
    rxDelayNs: { default: 0, description: 'ns of delay before each receive interrupt' },
    txInterrupts: { default: true, description: 'interrupt for used transmit buffers; false: a fault, never' },
  },
  kick: 'synchronous',
  runsGuest: true,
  features: 0n,
  optional: NOTIFY_ON_EMPTY | INDIRECT_DESC,
  threads: (parameters) => [launcher(parameters as unknown as Options)],
};
