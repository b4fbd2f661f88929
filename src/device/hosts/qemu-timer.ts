// The host of QEMU 0.10 and 0.11: TX with the 150 µs timer, RX from the tap, one lock, every exit served in the vCPU thread.
//
// Functions and variables are named after hw/virtio-net.c of those versions, whose order of steps this follows; each line that
// yields is one step that a user can see and stop at. Where the versions differ, this is 0.11.
import { NOTIFY_ON_EMPTY } from '../features';
import type { DeviceFacts, HostGenerator, HostModel, HostState, HostThreadModel, Wake } from '../host';
import {
  FRAME,
  KICK_RX,
  KICK_TX,
  notification,
  qemuOptional,
  qemuParameters,
  qemuWithholds,
  RESET,
  virtio_net_can_receive,
  virtio_net_flush_tx,
  virtio_net_handle_rx,
  virtio_net_receive,
  type Nic,
  type QemuOptions,
  type VirtIONet,
} from './qemu-net';
import type { Step } from './ring-words';

/** hw/virtio-net.c: TX_TIMER_INTERVAL, "150 us" */
const TX_TIMER_INTERVAL = 150_000;
const TX_TIMER = 'tx_timer';
const TIMER: Wake = { on: 'timer', name: TX_TIMER };

type TimerNet = VirtIONet & { tx_timer_active: boolean };

const INITIAL: TimerNet = { tx_timer_active: false, ...RESET };

/** hw/virtio-net.c: virtio_net_handle_tx(). The second kick within the interval flushes at once: only a driver whose ring is full sends one. */
function* virtio_net_handle_tx(nic: Nic<TimerNet>, interval: number): Step<void> {
  const { n } = nic;
  if (n.tx_timer_active) {
    yield notification('tx', true);
    yield { do: 'cancelTimer', name: TX_TIMER, queue: 'tx' };
    n.tx_timer_active = false;
    if (nic.options.mb) yield { do: 'mb', queue: 'tx' };
    yield* virtio_net_flush_tx(nic);
  } else {
    yield { do: 'armTimer', name: TX_TIMER, queue: 'tx', ns: interval };
    n.tx_timer_active = true;
    yield notification('tx', false);
  }
}

/** hw/virtio-net.c: virtio_net_tx_timer(). The flag is cleared before the flush, so that the flush is its own re-check. */
function* virtio_net_tx_timer(nic: Nic<TimerNet>): Step<void> {
  nic.n.tx_timer_active = false;
  yield notification('tx', true);
  if (nic.options.mb) yield { do: 'mb', queue: 'tx' };
  yield* virtio_net_flush_tx(nic);
}

/** Serves the guest's exits: a kick blocks the vCPU until this thread rests again. */
const vcpuThread = (options: QemuOptions, interval: number): HostThreadModel => ({
  name: 'QEMU vCPU thread',
  initial: INITIAL,
  *run(state: HostState, facts: DeviceFacts): HostGenerator {
    const nic: Nic<TimerNet> = { n: state as TimerNet, facts, options };
    for (;;) {
      const wake = (yield { do: 'rest', for: [KICK_TX, KICK_RX], text: 'ioctl(KVM_RUN): an exit' }) as Wake;
      if (wake.on !== 'kick') continue;
      if (wake.queue === 'tx') yield* virtio_net_handle_tx(nic, interval);
      else yield* virtio_net_handle_rx();
    }
  },
});

/** main_loop_wait(): select() on the tap and the timers. */
const mainLoop = (options: QemuOptions): HostThreadModel => ({
  name: 'QEMU main loop',
  initial: INITIAL,
  *run(state: HostState, facts: DeviceFacts): HostGenerator {
    const nic: Nic<TimerNet> = { n: state as TimerNet, facts, options };
    for (;;) {
      const text = 'select(): its timer or a frame at the tap';
      const wake = (yield { do: 'rest', for: [TIMER, FRAME], text }) as Wake;
      if (wake.on === 'timer') yield* virtio_net_tx_timer(nic);
      else if (yield* virtio_net_can_receive(nic)) yield* virtio_net_receive(nic);
      else yield { do: 'pollTap', poll: false };
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
    ...qemuParameters(false),
  },
  kick: 'synchronous',
  features: NOTIFY_ON_EMPTY,
  withholds: qemuWithholds,
  optional: qemuOptional,
  lock: 'qemu_global_mutex',
  threads: (parameters) => {
    const options = parameters as unknown as QemuOptions;
    return [vcpuThread(options, Number(parameters['txTimerNs'] ?? TX_TIMER_INTERVAL)), mainLoop(options)];
  },
};
