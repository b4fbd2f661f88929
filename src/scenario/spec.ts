// The fields of a scenario file, version 1: shapes, defaults, and what the editor tells about each. The shape of types.ts' Scenario.
import {
  FEATURE_BITS,
  HOSTS,
  LEAST_ACK_FRAME,
  LEAST_DATA_FRAME,
  LEAST_ECHO_FRAME,
  TRANSPORTS,
  type HostModel,
} from '../device';
import { DEFAULT_COSTS, type Costs } from '../machine';
import { MAX_QUEUE_SIZE } from '../virtqueue';
import {
  capital,
  choice,
  flag,
  integer,
  list,
  MAX_NS,
  ns,
  optional,
  or,
  record,
  relative,
  required,
  text,
} from './fields';
import { defaultsOf, type Field, type RecordShape, type Shape } from './shape';

export const DEFAULT_MAC = '52:54:00:12:34:56';
const DEFAULT_HOST = 'qemu-timer';
/** 1 ms: the driver has probed and filled its receive ring by then */
const FIRST_TRAFFIC_NS = 1_000_000;

const patches = optional(
  list(relative('a patch'), 0, 100),
  'Unified diffs of bundled sources (of the driver, or of `drivers/lib`), relative to this file, as `git diff` and `git format-patch` write them. They are applied in this order, and what is compiled and stepped is the patched copy.',
);

/** The versions of the kernel API in drivers/manifest.json. */
const KERNELS = ['2.6.30', '2.6.31', '2.6.32', '2.6.34', '5.10'];

const params = optional(
  { kind: 'map', of: { kind: 'parameter' }, key: /^[A-Za-z_]\w*$/, keys: 'names of module parameters', max: 100 },
  'Values of the driver’s module parameters (`module_param`), set before it starts: `{ "napi_weight": 64 }`.',
);

const driver: Shape = {
  kind: 'either',
  cases: [
    record({
      bundled: required(
        text('the name of a bundled driver', 200),
        'A driver that comes with Virtio Lab, by name: `virtio_net-2.6.31`, `ring_minimal`.',
      ),
      patches,
      params,
    }),
    record({
      files: required(
        list(relative('a C file'), 1, 100),
        'C files of your driver, relative to this file; compiled and linked together, in this order.',
      ),
      lib: optional(
        relative('a folder'),
        'Folder of your own copies of files of `drivers/lib`, at the same paths as there. Each one takes the place of the original.',
      ),
      defines: optional(
        {
          kind: 'map',
          of: text('a text', 1000, /^[^\0\n]*$/),
          key: /^[A-Za-z_]\w*$/,
          keys: 'names of macros',
          max: 1000,
        },
        'Preprocessor macros for the driver’s files: `{ "DEBUG": "1" }` is `-DDEBUG=1`.',
      ),
      patches,
      kernel: optional(
        choice(...KERNELS),
        'Version of the virtio core and ring that the files are linked with. Default: 2.6.31.',
      ),
      params,
    }),
  ],
};

/** Powers of two, for the indices of a split ring run freely over them (spec 2.7). */
const queueSize: Shape = { kind: 'choice', values: Array.from({ length: 15 }, (_, i) => 2 ** (i + 1)) };

const queues = record({
  rx: or(256, queueSize, 'Entries of the receive queue, as the device offers them; a power of two.'),
  tx: or(256, queueSize, 'Entries of the transmit queue, as the device offers them; a power of two.'),
});

function parametersOf(model: HostModel): RecordShape {
  return record(
    Object.fromEntries(
      Object.entries(model.parameters).map(([name, { default: value, description }]) => {
        const shape = typeof value === 'boolean' ? flag : integer(0, MAX_NS);
        return [name, or(value, shape, capital(description))];
      }),
    ),
  );
}

function hostOf(model: HostModel): RecordShape {
  const parameters = parametersOf(model);
  return record({
    model: required(choice(model.name), capital(model.title)),
    parameters: or(defaultsOf(parameters), parameters, 'What this host lets one choose.'),
  });
}

const host: Shape = {
  kind: 'tagged',
  tag: 'model',
  cases: Object.fromEntries(HOSTS.map((model) => [model.name, hostOf(model)])),
};

const defaultHost = HOSTS.find((model) => model.name === DEFAULT_HOST);

const device = record({
  transport: or(
    'mmio',
    {
      kind: 'choice',
      values: TRANSPORTS,
      titles: [
        'registers in memory; an interrupt costs two exits: InterruptStatus, InterruptACK',
        'legacy I/O ports and the interrupt pin; an interrupt costs one exit: ISR',
        'a page of descriptors, hypercalls, a line for each queue; an interrupt costs no exit of the guest',
      ],
    },
    'How the driver reaches the device. `pci` and `lguest` are legacy interfaces: they go with version 1.',
  ),
  version: or(
    1,
    { kind: 'choice', values: [1, 2], titles: ['legacy registers and ring layout', 'virtio 1.x'] },
    'virtio-mmio: 1 has the legacy registers and ring layout, 2 is virtio 1.x (spec 4.2).',
  ),
  queues: or(defaultsOf(queues), queues, 'Sizes of the queues.'),
  misbehave: optional(
    record({
      queueSize: optional(
        integer(2, MAX_QUEUE_SIZE),
        'Entries of every queue as the device offers them, in place of `queues`: any number. The indices of a split ring run freely over 16 bits, and where 65536 is no multiple of the size, the slot jumps when they wrap (spec 2.7). Linux refuses such a size since 2.6.24-rc3 (42b36cc0ce7).',
      ),
    }),
    'What the device does against the specification, to see what a driver makes of it.',
  ),
  features: or(
    ['VIRTIO_NET_F_MAC'],
    list(text('a feature by its Linux name', 100, undefined, Object.keys(FEATURE_BITS)), 0, 64),
    'Feature bits that the device offers, by their Linux names. VIRTIO_F_VERSION_1 goes with version 2, and a host may offer more by itself.',
  ),
  mac: or(
    DEFAULT_MAC,
    text('six bytes in hex, as 52:54:00:12:34:56', 17, /^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/),
    'The network card’s address. Frames of a pcap that come from it are sent by the guest; all others arrive.',
  ),
  host: or(
    { model: DEFAULT_HOST, parameters: defaultHost === undefined ? {} : defaultsOf(parametersOf(defaultHost)) },
    host,
    'What stands behind the device: a model of a hypervisor’s own code.',
  ),
});

const generated = (kind: 'tx' | 'rx', description: string, more: RecordShape['fields'] = {}): RecordShape =>
  record({
    kind: required(choice(kind), description),
    atNs: or(FIRST_TRAFFIC_NS, ns, 'When the first one falls due, ns since power-on.'),
    count: or(1, integer(1, 1e9), 'Number of packets.'),
    intervalNs: or(0, integer(0, 1e12, 'ns'), 'From one packet to the next, ns; 0: back to back.'),
    size: or(64, integer(14, 65549, 'bytes'), 'Bytes of the Ethernet frame, without its check sequence.'),
    ...more,
  });

const burst = optional(
  integer(1, 1000),
  'Packets that gather in the qdisc before it runs, as on a machine where another CPU runs it; `intervalNs` is then from one such burst to the next. Linux 5.10 takes them out in bulk and tells the driver that more follow (xmit_more). Default: 1.',
);

const from = (what: string): Field => required(choice('guest', 'host'), what);
const peerNs = or(
  10_000,
  integer(0, 1e12, 'ns'),
  'From a frame’s arrival at the peer until what the peer answers is at the tap, ns.',
);

/** Closed loops: no frame of theirs is due before the one that it answers has come through. */
const ping = record({
  kind: required(
    choice('ping'),
    'ICMP echo: a request is sent when the reply to the one before has come. One that is lost ends it.',
  ),
  from: from('Who asks: an application in the guest, or the host’s side of the tap. The other one answers.'),
  count: or(1, integer(1, 1e9), 'Number of requests.'),
  size: or(
    98,
    integer(LEAST_ECHO_FRAME, 65549, 'bytes'),
    'Bytes of the Ethernet frame; 98 has ping’s 56 bytes of data.',
  ),
  atNs: or(FIRST_TRAFFIC_NS, ns, 'When the first request falls due, ns since power-on.'),
  intervalNs: or(0, integer(0, 1e12, 'ns'), 'Least time from one request to the next, ns; 0: as with ping -f.'),
  peerNs,
});
const stream = record({
  kind: required(
    choice('stream'),
    'TCP segments within a window, and their ACKs, on a connection that never times out. A segment that is lost ends it.',
  ),
  from: from('Who sends the data: the guest, or the host’s side of the tap. The other one acknowledges.'),
  count: or(1, integer(1, 1e9), 'Number of data segments.'),
  size: or(1514, integer(LEAST_DATA_FRAME, 65549, 'bytes'), 'Bytes of a segment’s Ethernet frame.'),
  window: or(16, integer(1, 65536), 'Segments that are sent before they are acknowledged, at most.'),
  ackEvery: or(2, integer(1, 65536), 'Segments to an ACK; the last one is acknowledged in any case.'),
  ackSize: or(60, integer(LEAST_ACK_FRAME, 1514, 'bytes'), 'Bytes of an ACK’s Ethernet frame.'),
  atNs: or(FIRST_TRAFFIC_NS, ns, 'When the first window falls due, ns since power-on.'),
  peerNs,
});

const traffic: Shape = {
  kind: 'tagged',
  tag: 'kind',
  cases: {
    tx: generated('tx', 'UDP packets that the guest sends, numbered.', { burst }),
    rx: generated('rx', 'UDP packets that arrive for the guest, numbered.'),
    ping,
    stream,
    pcap: record({
      kind: required(choice('pcap'), 'Frames of a capture: those from the guest’s MAC are sent, all others arrive.'),
      file: required(relative('a pcap file'), 'The capture (classic pcap, Ethernet), relative to this file.'),
      atNs: or(FIRST_TRAFFIC_NS, ns, 'When the first frame falls due, ns since power-on.'),
      backToBack: or(false, flag, 'All frames at once, in their order, in place of the recorded times.'),
    }),
  },
};

const COST_NOTES: Readonly<Record<keyof Costs, string>> = {
  line: 'a source line of the driver, or a store to a ring page',
  exitSynchronous: 'a VM exit handled in user space, with the vCPU blocked',
  exitLight: 'a VM exit handled in the kernel: an eventfd is signalled',
  eventfdWake: 'from a signalled eventfd until the thread that reads it runs',
  hostWake: 'from a host timer’s expiry or a readable tap until the waiting thread runs',
  injection: 'injecting an interrupt and entering its vector',
  hostRead: 'one look of the host at a ring field',
  hostWrite: 'one store of the host to a ring',
  hostDescriptor: 'following one descriptor',
  hostTap: 'readv() or writev() on the tap',
  hostSelect: 'select() on one descriptor, besides the time that it sleeps',
  copyPer16: 'copying 16 bytes',
  unaligned: 'a piece of a packet that the host copies from or to an address that is no multiple of 4, on top',
  guestUnaligned: 'a word of an IP header that the guest’s stack loads at an address that is no multiple of 4, on top',
  hostTimer: 'arming or deleting a host timer',
  hostInterrupt: 'raising the interrupt line from user space',
  memcpy: 'a call of memcpy, besides its bytes',
  memset: 'a call of memset, besides its bytes',
  checksum: 'a checksum, besides its bytes',
  alloc: 'an allocation',
  free: 'freeing an allocation',
  softLockup: 'a vCPU that runs this long without rest is taken for an endless loop',
};

const costs = record(
  Object.fromEntries(
    Object.entries(DEFAULT_COSTS).map(([name, value]) => {
      // time must pass: a line that costs nothing would let a loop run for ever at one instant
      const least = name === 'line' || name === 'softLockup' ? 1 : 0;
      return [
        name,
        optional(integer(least, MAX_NS, 'ns'), `${capital(COST_NOTES[name as keyof Costs])}. Default: ${value} ns.`),
      ];
    }),
  ),
);

const fault = record({
  kind: required(choice('kmalloc', 'page', 'skb'), 'Which allocator fails.'),
  nth: required(integer(1, 1e12), 'The first allocation of this kind that fails, counted from 1.'),
  count: or(1, integer(1, 1e12), 'How many fail, from that one on.'),
});

const stopAt: Shape = {
  kind: 'either',
  orNull: 'stop at breakpoints only',
  cases: [
    record({ function: required(text('the name of a function', 500), 'Stop at the first line of this function.') }),
    record({
      file: required(
        text('the path of a source file, or its last parts', 1000),
        'A source file of the program: its path, or the last parts of it (`net/core/dev.c`).',
      ),
      line: required(integer(1, 1e7), 'Line, from 1; one without code moves down to the next that has some.'),
    }),
  ],
};

const tick = integer(0, 2 ** 53 - 1);

const resume = record({
  position: required(
    record({ tick: required(tick, 'Machine tick.'), sub: or(0, tick, 'What happened since that tick.') }),
    'The place in the run.',
  ),
  edits: or(
    [],
    list(
      record({
        tick: required(tick, 'Where it was made: machine tick.'),
        sub: or(0, tick, 'What had happened since that tick.'),
        address: required(text('a guest pointer in hex, as "0x1a40"', 10, /^0x[0-9A-Fa-f]{1,8}$/), 'What was written.'),
        bytes: required(text('bytes in hex', 1 << 16, /^([0-9A-Fa-f]{2})+$/), 'The bytes, in the order of memory.'),
        text: or('', text('a text', 1000, /^/), 'As the log tells it: `vq->num_free = 3`.'),
      }),
      0,
      10_000,
    ),
    'Values that were changed by hand on the way there, in their order.',
  ),
  hash: required(
    text('a SHA-256 in hex', 64, /^[0-9a-f]{64}$/),
    'Of the sources, the costs and the rest of the scenario. With another one positions mean nothing: `pass` is used instead.',
  ),
  state: optional(text('a SHA-256 in hex', 64, /^[0-9a-f]{64}$/), 'Of the machine’s state there.'),
  pass: optional(
    record({
      file: required(text('the path of a source file, or its last parts', 1000), 'A source file of the program.'),
      line: required(integer(1, 1e7), 'Line, from 1.'),
      nth: required(integer(1, 2 ** 53 - 1), 'The pass of this line, counted from 1.'),
    }),
    'Where the vCPU stood: used when sources, costs or the scenario have changed.',
  ),
});

const expectation = record({
  what: required(
    text('a dotted path into the report, as queues.tx.kicks', 200),
    'What to compare: a dotted path into the report, as `queues.tx.kicks`, `packets.rx.delivered`, `events.interrupt` or `findings.length`.',
  ),
  is: or('==', choice('==', '!=', '<', '<=', '>', '>='), 'How.'),
  value: required({ kind: 'scalar' }, 'With what.'),
});

/** The whole file. */
export const SCENARIO: RecordShape = record({
  version: required(choice(1), 'Version of this format.'),
  name: required(text('a name', 200), 'Its name in lists.'),
  description: or('', text('a text', 5000, /^/), 'What happens in it, and what to look at.'),
  driver: required(driver, 'The driver that is compiled and run.'),
  device: or(defaultsOf(device), device, 'The virtio-net device and its host.'),
  traffic: or(
    [{ kind: 'tx', atNs: FIRST_TRAFFIC_NS, count: 1, intervalNs: 0, size: 64 }],
    list(traffic, 0, 1000),
    'Packets: generated, or from a capture. Default: one packet of 64 bytes is sent.',
  ),
  costs: or({}, costs, 'What things cost in virtual time, ns, where it differs from the lab’s model.'),
  faults: or([], list(fault, 0, 1000), 'Allocations that fail.'),
  stopAt: optional(
    stopAt,
    'Where a stepped run stops first; `null`: at breakpoints only. Default: the first line of the driver’s transmit function, as its name tells (`…_xmit`).',
  ),
  resume: optional(
    resume,
    'A place in the run, written by **Virtio: Save Scenario…**: a stepped run begins there, in place of `stopAt`, and its edits are made in every run.',
  ),
  remove: or(true, flag, 'Remove the driver at the end, and look for what it leaks.'),
  physOffset: or(
    '0x40000000',
    text('an address in hex, as "0x40000000"', 18, /^0x[0-9A-Fa-f]{1,16}$/),
    'Guest-physical address of the first byte of RAM; a multiple of 4096.',
  ),
  limitNs: or(
    60_000_000_000,
    integer(1, MAX_NS, 'ns'),
    'The run ends when nothing is due any more, and at the latest at this virtual time, ns.',
  ),
  expect: or([], list(expectation, 0, 1000), 'What a run must come to; a headless run fails when one does not hold.'),
});
