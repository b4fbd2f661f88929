// A host as tried in 2009: QEMU's device in an I/O thread of its own, kicked through an eventfd, without a TX timer.
//
// "Interrupts will be reported to eventfd descriptors, and device will poll eventfd descriptors to get kicks from guest": the
// thread never holds QEMU's lock. Ring and tap are served by the functions of hw/virtio-net.c; each line that yields is one step
// that a user can see and stop at.
import { NOTIFY_ON_EMPTY } from '../features';
import type { DeviceFacts, HostAction, HostGenerator, HostModel, HostState, HostThreadModel, Wake } from '../host';
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

/** Calls of the I/O thread to the main loop: raise the interrupt of this queue for me. */
const RAISE = { rx: 'raise rx', tx: 'raise tx' } as const;

/** A kick on tx: everything is sent, and kicks are asked for only when a look behind that finds nothing. */
function* handle_tx(nic: Nic): Step<void> {
  do {
    yield notification('tx', false);
    yield* virtio_net_flush_tx(nic);
    yield notification('tx', true);
    if (nic.options.mb) yield { do: 'mb', queue: 'tx' };
    // What was exposed while the flag was set comes without a kick: it is sent now.
  } while ((yield* virtio_net_flush_tx(nic)) > 0);
}

/** Polls both kick eventfds and the tap. */
const ioThread = (options: QemuOptions, injects: boolean): HostThreadModel => ({
  name: 'QEMU I/O thread',
  initial: RESET,
  *run(state: HostState, facts: DeviceFacts): HostGenerator {
    const hand_over = (queue: 'rx' | 'tx'): HostAction => ({ do: 'signal', name: RAISE[queue] });
    const nic: Nic = { n: state as VirtIONet, facts, options, ...(injects ? {} : { interrupt: hand_over }) };
    for (;;) {
      const text = 'poll(): an eventfd or the tap';
      const wake = (yield { do: 'rest', for: [KICK_TX, KICK_RX, FRAME], text }) as Wake;
      if (wake.on === 'kick' && wake.queue === 'tx') yield* handle_tx(nic);
      else if (wake.on === 'kick') yield* virtio_net_handle_rx();
      else if (yield* virtio_net_can_receive(nic)) yield* virtio_net_receive(nic);
      else yield { do: 'pollTap', poll: false };
    }
  },
});

/** The main loop raises interrupts for the I/O thread, with QEMU's lock held, when injection belongs to it. */
const mainLoop: HostThreadModel = {
  name: 'QEMU main loop',
  initial: {},
  *run(): HostGenerator {
    const calls: readonly Wake[] = [
      { on: 'signal', name: RAISE.tx },
      { on: 'signal', name: RAISE.rx },
    ];
    for (;;) {
      const wake = (yield { do: 'rest', for: calls, text: 'select(): a call of the I/O thread' }) as Wake;
      if (wake.on === 'signal') yield { do: 'interrupt', queue: wake.name === RAISE.tx ? 'tx' : 'rx' };
    }
  },
};

export const qemuIoThread: HostModel = {
  name: 'qemu-iothread',
  title: 'QEMU with an I/O thread: eventfd, no timer',
  parameters: {
    injectFromThread: {
      default: true,
      description: 'the I/O thread injects interrupts itself; false: the main loop does it for it, with QEMU’s lock',
    },
    ...qemuParameters(true),
  },
  kick: 'eventfd',
  features: NOTIFY_ON_EMPTY,
  withholds: qemuWithholds,
  optional: qemuOptional,
  threads: (parameters) => {
    const options = parameters as unknown as QemuOptions;
    const injects = parameters['injectFromThread'] !== false;
    return injects ? [ioThread(options, true)] : [ioThread(options, false), mainLoop];
  },
};
