// The host of QEMU 0.14: no TX timer; a kick schedules a bottom half of the main loop, which sends in bursts.
//
// Functions and variables are named after hw/virtio-net.c of that version (a697a334b), whose order of steps this follows; each
// line that yields is one step that a user can see and stop at.
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

/** hw/virtio-net.h: TX_BURST, packets that a bottom half sends before it lets others have their turn */
const TX_BURST = 256;
const TX_BH = 'tx_bh';

type BhNet = VirtIONet & { tx_waiting: boolean };

const INITIAL: BhNet = { tx_waiting: false, ...RESET };

/** qemu_bh_schedule(), and the flag that says that it is */
function* schedule_tx_bh(n: BhNet): Step<void> {
  yield { do: 'signal', name: TX_BH };
  n.tx_waiting = true;
}

/** hw/virtio-net.c: virtio_net_handle_tx_bh() */
function* virtio_net_handle_tx_bh({ n }: Nic<BhNet>): Step<void> {
  if (n.tx_waiting) return;
  yield notification('tx', false);
  yield* schedule_tx_bh(n);
}

/** hw/virtio-net.c: virtio_net_tx_bh() */
function* virtio_net_tx_bh(nic: Nic<BhNet>, tx_burst: number): Step<void> {
  const { n } = nic;
  n.tx_waiting = false;
  if ((yield* virtio_net_flush_tx(nic, tx_burst)) >= tx_burst) {
    yield* schedule_tx_bh(n);
    return;
  }
  // Less than a burst: ask for kicks, and send what came in while nobody looked. If there was any, the guest is taken to be still
  // at it, and the bottom half comes again.
  yield notification('tx', true);
  if (nic.options.mb) yield { do: 'mb', queue: 'tx' };
  if ((yield* virtio_net_flush_tx(nic, tx_burst)) === 0) return;
  yield notification('tx', false);
  yield* schedule_tx_bh(n);
}

/** Serves the guest's exits: a kick blocks the vCPU until this thread rests again. */
const vcpuThread = (options: QemuOptions): HostThreadModel => ({
  name: 'QEMU vCPU thread',
  initial: INITIAL,
  *run(state: HostState, facts: DeviceFacts): HostGenerator {
    const nic: Nic<BhNet> = { n: state as BhNet, facts, options };
    for (;;) {
      const wake = (yield { do: 'rest', for: [KICK_TX, KICK_RX], text: 'ioctl(KVM_RUN): an exit' }) as Wake;
      if (wake.on !== 'kick') continue;
      if (wake.queue === 'tx') yield* virtio_net_handle_tx_bh(nic);
      else yield* virtio_net_handle_rx();
    }
  },
});

/** main_loop_wait(): select() on the tap, and bottom halves. */
const mainLoop = (options: QemuOptions, tx_burst: number): HostThreadModel => ({
  name: 'QEMU main loop',
  initial: INITIAL,
  *run(state: HostState, facts: DeviceFacts): HostGenerator {
    const nic: Nic<BhNet> = { n: state as BhNet, facts, options };
    for (;;) {
      const text = 'select(): a bottom half or a frame at the tap';
      const wake = (yield { do: 'rest', for: [{ on: 'signal', name: TX_BH }, FRAME], text }) as Wake;
      if (wake.on === 'signal') yield* virtio_net_tx_bh(nic, tx_burst);
      else if (yield* virtio_net_can_receive(nic)) yield* virtio_net_receive(nic);
      else yield { do: 'pollTap', poll: false };
    }
  },
});

export const qemuBh: HostModel = {
  name: 'qemu-bh',
  title: 'QEMU 0.14: TX in a bottom half',
  parameters: {
    txBurst: { default: TX_BURST, description: 'packets that a bottom half sends before it comes again (x-txburst)' },
    ...qemuParameters(true),
  },
  kick: 'synchronous',
  features: NOTIFY_ON_EMPTY,
  withholds: qemuWithholds,
  optional: qemuOptional,
  lock: 'qemu_global_mutex',
  threads: (parameters) => {
    const options = parameters as unknown as QemuOptions;
    return [vcpuThread(options), mainLoop(options, Math.max(1, Number(parameters['txBurst'] ?? TX_BURST)))];
  },
};
