// Stops of a machine to show in the ring panel: rings of real guests where there are any, and one ring built byte by byte.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Change, QueueCounters, QueueView, SkbView, StopState } from '../../src/machine';
import type { ComposeContext, RingOverlay } from '../../src/panel/compose';
import type { Program } from '../../src/toolchain';
import { OWNERS, type Owner } from '../../src/virtqueue';

const fixtures = join(import.meta.dirname, '../fixtures/qemu-rings');

/** Guest-physical address of pointer 0: just below the captured rings, so that a small RAM holds them. */
export const PHYS_OFFSET = 0x0200_0000n;
const RAM_SIZE = 0x0200_0000;

const NO_COUNTS: QueueCounters = {
  added: 0,
  used: 0,
  kicks: 0,
  kicksSuppressed: 0,
  interrupts: { raised: 0, delivered: 0, suppressed: 0 },
  maxOutstanding: 0,
  bytes: 0,
};

/** A stop and what is needed to compose the panel from it. */
export interface Scene {
  readonly stop: StopState;
  readonly ctx: ComposeContext;
}

const ownerCode = (owner: Owner): number => OWNERS.indexOf(owner);

/** A ring as its two sides left it, to be written into RAM. */
export interface RingSpec {
  readonly name: string;
  readonly index: number;
  readonly size: number;
  /** guest pointer of the descriptor table; avail follows, used on the next page */
  readonly at: number;
  readonly desc: readonly {
    readonly addr: number;
    readonly len: number;
    readonly flags: number;
    readonly next: number;
  }[];
  readonly owners: readonly Owner[];
  readonly heads: readonly number[];
  readonly avail: { readonly flags: number; readonly idx: number; readonly ring: readonly number[] };
  readonly used: {
    readonly flags: number;
    readonly idx: number;
    readonly ring: readonly (readonly [id: number, len: number])[];
  };
  readonly eventIdx?: { readonly usedEvent: number; readonly availEvent: number };
  readonly indirect?: boolean;
  readonly lastAvailIdx?: number;
  readonly counters?: Partial<QueueCounters>;
}

const usedAt = (spec: RingSpec): number => Math.ceil((spec.at + 16 * spec.size + 6 + 2 * spec.size) / 4096) * 4096;

const gpa = (pointer: number): string => `0x${(BigInt(pointer) + PHYS_OFFSET).toString(16)}`;

/** Writes the ring and describes the queue. */
export function writeRing(ram: Uint8Array, spec: RingSpec): QueueView {
  const view = new DataView(ram.buffer, ram.byteOffset);
  const { size, at } = spec;
  const avail = at + 16 * size;
  const used = usedAt(spec);
  spec.desc.forEach((d, i) => {
    view.setBigUint64(at + 16 * i, BigInt(d.addr), true);
    view.setUint32(at + 16 * i + 8, d.len, true);
    view.setUint16(at + 16 * i + 12, d.flags, true);
    view.setUint16(at + 16 * i + 14, d.next, true);
  });
  view.setUint16(avail, spec.avail.flags, true);
  view.setUint16(avail + 2, spec.avail.idx, true);
  spec.avail.ring.forEach((head, i) => view.setUint16(avail + 4 + 2 * i, head, true));
  view.setUint16(used, spec.used.flags, true);
  view.setUint16(used + 2, spec.used.idx, true);
  spec.used.ring.forEach(([id, len], i) => {
    view.setUint32(used + 4 + 8 * i, id, true);
    view.setUint32(used + 8 + 8 * i, len, true);
  });
  if (spec.eventIdx) {
    view.setUint16(avail + 4 + 2 * size, spec.eventIdx.usedEvent, true);
    view.setUint16(used + 4 + 8 * size, spec.eventIdx.availEvent, true);
  }
  return {
    index: spec.index,
    name: spec.name,
    ready: true,
    legacy: true,
    size,
    desc: gpa(at),
    avail: gpa(avail),
    used: gpa(used),
    eventIdx: spec.eventIdx !== undefined,
    indirect: spec.indirect === true,
    owners: Uint8Array.from(spec.owners, ownerCode),
    heads: Int32Array.from(spec.heads),
    lastAvailIdx: spec.lastAvailIdx,
    counters: { ...NO_COUNTS, ...spec.counters },
  };
}

interface Captured {
  readonly queueSize: number;
  readonly features: { readonly event_idx: boolean; readonly indirect_desc: boolean };
  readonly parts: Readonly<Record<'desc' | 'avail' | 'used', { gpa: string; fileOffset: number; length: number }>>;
  readonly indirectTables: readonly { gpa: string; fileOffset: number; length: number }[];
  readonly expected: { readonly outstandingInOrder: readonly number[]; readonly qemuView?: { lastAvailIdx: number } };
}

/** Places a captured ring (test/fixtures/qemu-rings) at its own addresses; what it has outstanding is owned by the device. */
export function placeCaptured(ram: Uint8Array, file: string, name: string, index: number): QueueView {
  const about = JSON.parse(readFileSync(join(fixtures, `${file}.json`), 'utf8')) as Captured;
  const bytes = readFileSync(join(fixtures, `${file}.bin`));
  for (const part of [...Object.values(about.parts), ...about.indirectTables]) {
    ram.set(bytes.subarray(part.fileOffset, part.fileOffset + part.length), Number(BigInt(part.gpa) - PHYS_OFFSET));
  }
  const owners = new Uint8Array(about.queueSize).fill(ownerCode('free'));
  const heads = new Int32Array(about.queueSize).fill(-1);
  for (const head of about.expected.outstandingInOrder) {
    owners[head] = ownerCode('available');
    heads[head] = head;
  }
  return {
    index,
    name,
    ready: true,
    legacy: false,
    size: about.queueSize,
    desc: about.parts.desc.gpa,
    avail: about.parts.avail.gpa,
    used: about.parts.used.gpa,
    eventIdx: about.features.event_idx,
    indirect: about.features.indirect_desc,
    owners,
    heads,
    lastAvailIdx: about.expected.qemuView?.lastAvailIdx,
    counters: { ...NO_COUNTS, added: about.expected.outstandingInOrder.length },
  };
}

const FILE = '/project/driver/virtio_net.c';
const RING_FILE = '/project/driver/virtio_ring.c';

/** Two functions and a line each: enough for links. Site 0 is in start_xmit, site 1 in vring_kick. */
const PROGRAM: Program = {
  version: 1,
  wasm: new Uint8Array(),
  run: new Uint8Array(),
  debug: new Uint8Array(),
  files: [
    { path: FILE, origin: { kind: 'disk', path: FILE } },
    { path: RING_FILE, origin: { kind: 'disk', path: RING_FILE } },
  ],
  functions: [
    { id: 0, name: 'start_xmit', file: 0, line: 560, low: 0, high: 100 },
    { id: 1, name: 'vring_kick', file: 1, line: 205, low: 100, high: 200 },
  ],
  sites: [
    { id: 0, func: 0, file: 0, line: 588, column: 2, addr: 10 },
    { id: 1, func: 1, file: 1, line: 217, column: 3, addr: 110 },
  ],
  symbols: {},
  table: {},
  hash: 'test',
};

/** The stop's parts that do not matter to a scene. */
export function stopWith(queues: readonly QueueView[], more: Partial<StopState> = {}): StopState {
  return {
    version: 1,
    reason: { kind: 'step' },
    position: { tick: 23022, sub: 0 },
    timeNs: 1_314_400,
    thread: 1,
    threads: [
      { id: 1, kind: 'vcpu', name: 'vCPU 0', context: 'idle', irqsOff: false, frames: [] },
      {
        id: 2,
        kind: 'host',
        name: 'QEMU vCPU thread',
        status: 'rest',
        waitsFor: 'a kick on tx, its timer or a frame',
        sinceNs: 1_200_000,
        state: {},
      },
    ],
    queues,
    skbs: [],
    changes: [],
    device: { status: 7, features: '0x1000000', interruptStatus: 0, irqPending: false, tapFrames: 0, timers: [] },
    netdev: { queueStopped: false, qdiscLength: 0 },
    exits: { notify: 0, interruptStatus: 0, interruptAck: 0, config: 0, injection: 0 },
    lines: 0,
    events: 0,
    findings: [],
    furthest: { tick: 23022, sub: 0 },
    ...more,
  };
}

export function contextFor(ram: Uint8Array, overlay?: ComposeContext['overlay']): ComposeContext {
  return {
    title: 'TX: ring full',
    program: PROGRAM,
    ram,
    physOffset: PHYS_OFFSET,
    overlay,
    sourcePath: (site) => PROGRAM.files[PROGRAM.sites[site]?.file ?? -1]?.path,
  };
}

export const newRam = (): Uint8Array => new Uint8Array(RAM_SIZE);

/** Where the built ring's driver keeps its indices. */
const OVERLAY_AT = 0x8000;
export const OVERLAY: RingOverlay = {
  lastUsedIdx: { address: OVERLAY_AT, size: 2 },
  numAdded: { address: OVERLAY_AT + 4, size: 4 },
  numFree: { address: OVERLAY_AT + 8, size: 4 },
  freeHead: { address: OVERLAY_AT + 12, size: 4 },
};

export function writeOverlay(
  ram: Uint8Array,
  values: { lastUsedIdx: number; numAdded: number; numFree: number; freeHead: number },
): void {
  const view = new DataView(ram.buffer, ram.byteOffset);
  view.setUint16(OVERLAY_AT, values.lastUsedIdx, true);
  view.setUint32(OVERLAY_AT + 4, values.numAdded, true);
  view.setUint32(OVERLAY_AT + 8, values.numFree, true);
  view.setUint32(OVERLAY_AT + 12, values.freeHead, true);
}

const TX_AT = 0x10000;
const U = 'used';
const T = 'taken';
const A = 'available';

/** Chains of the full ring in order of exposure: head and second descriptor, as a LIFO free list scrambles them. */
const CHAINS: readonly (readonly [head: number, second: number, Owner])[] = [
  [1, 5, U],
  [0, 2, U],
  [3, 8, U],
  [9, 10, T],
  [4, 6, A],
  [7, 11, A],
  [12, 13, A],
  [14, 15, A],
];

/** A legacy ring of 16, full, across the wrap of the indices: 3 used and not reclaimed, 1 taken, 4 available. */
export function fullRing(): RingSpec {
  const desc = Array.from({ length: 16 }, () => ({ addr: 0, len: 0, flags: 0, next: 0 }));
  const owners = new Array<Owner>(16).fill('free');
  const heads = new Array<number>(16).fill(-1);
  const lengths = [106, 106, 98, 554, 66, 106, 82, 1514];
  CHAINS.forEach(([head, second, owner], i) => {
    desc[head] = { addr: Number(PHYS_OFFSET) + 0x80e28 + 256 * head, len: 12, flags: 1, next: second };
    desc[second] = { addr: Number(PHYS_OFFSET) + 0x520ca + 4096 * i, len: lengths[i] ?? 0, flags: 0, next: i };
    for (const d of [head, second]) {
      owners[d] = owner;
      heads[d] = head;
    }
  });
  // avail.idx 4: entries 65532..65535 in slots 12..15, 0..3 in slots 0..3
  const avail = [4, 7, 12, 14, 6, 1, 0, 3, 9, 9, 3, 0, 1, 0, 3, 9];
  const used: (readonly [number, number])[] = Array.from({ length: 16 }, (_, i) => [avail[i] ?? 0, 118] as const);
  [1, 0, 3].forEach((id, i) => (used[12 + i] = [id, [118, 118, 110][i] ?? 0]));
  return {
    name: 'tx',
    index: 1,
    size: 16,
    at: TX_AT,
    desc,
    owners,
    heads,
    avail: { flags: 1, idx: 4, ring: avail },
    used: { flags: 0, idx: 65535, ring: used },
    lastAvailIdx: 0,
    counters: {
      added: 24,
      used: 19,
      kicks: 7,
      kicksSuppressed: 17,
      interrupts: { raised: 6, delivered: 5, suppressed: 13 },
      maxOutstanding: 8,
      bytes: 4212,
    },
  };
}

const SUMMARIES = [
  'UDP 40962 → 9, 64 B',
  'UDP 40962 → 9, 64 B',
  'ICMP echo request 7/3',
  'UDP 40962 → 9, 512 B',
  'TCP 51514 → 80 [ACK]',
  'UDP 40962 → 9, 64 B',
  'UDP 40962 → 53 DNS A',
  'UDP 40962 → 9, 1472 B',
];

/** The way of a packet to where it is: built, queued, added and exposed, then on with the device. */
function fullRingHistory(place: SkbView['place'], bornNs: number): SkbView['history'] {
  const way = (['built', 'qdisc', 'added', 'available', 'host', 'used'] as const).map((at, i) => ({
    place: at,
    sinceNs: bornNs + ([0, 200, 2000, 2900, 12_000, 13_000][i] ?? 0),
  }));
  return way.slice(0, way.findIndex((stay) => stay.place === place) + 1);
}

function fullRingSkbs(): SkbView[] {
  const places: readonly SkbView['place'][] = [
    'used',
    'used',
    'used',
    'host',
    'available',
    'available',
    'available',
    'available',
  ];
  const queued = CHAINS.map(([head], i): SkbView => {
    return {
      id: 17 + i,
      address: 0x40000 + 256 * i,
      length: [106, 106, 98, 554, 66, 106, 82, 1514][i] ?? 0,
      direction: 'tx',
      place: places[i] ?? 'available',
      queue: 'tx',
      head,
      bornNs: 1_260_000 + 5000 * i,
      sinceNs: 1_262_900 + 5000 * i,
      orphaned: false,
      charged: true,
      summary: SUMMARIES[i] ?? '',
      history: fullRingHistory(places[i] ?? 'available', 1_260_000 + 5000 * i),
    };
  });
  return [
    ...queued,
    {
      id: 25,
      address: 0x41000,
      length: 106,
      direction: 'tx',
      place: 'parked',
      bornNs: 1_303_000,
      sinceNs: 1_305_000,
      orphaned: false,
      charged: true,
      summary: 'UDP 40962 → 9, 64 B',
      history: [
        { place: 'built', sinceNs: 1_303_000 },
        { place: 'qdisc', sinceNs: 1_303_400 },
        { place: 'parked', sinceNs: 1_305_000 },
      ],
    },
  ];
}

function fullRingChanges(): Change[] {
  const used = TX_AT + 4096;
  const device = { author: 'device', queue: 'tx', thread: 'QEMU vCPU thread' } as const;
  const at = (back: number, timeNs: number): Pick<Change, 'position' | 'timeNs'> => ({
    position: { tick: 23022 - back, sub: 0 },
    timeNs,
  });
  return [
    {
      ...at(9, 1_311_000),
      author: 'driver',
      queue: 'tx',
      field: 'avail.flags',
      before: '0',
      after: '1',
      site: 1,
      address: TX_AT + 256,
      size: 2,
    },
    {
      ...at(6, 1_311_800),
      ...device,
      field: 'used.ring[13].id',
      before: '2',
      after: '0',
      address: used + 4 + 8 * 13,
      size: 4,
    },
    { ...at(5, 1_311_900), ...device, field: 'used.idx', before: '65533', after: '65534', address: used + 2, size: 2 },
    {
      ...at(3, 1_313_500),
      ...device,
      field: 'used.ring[14].id',
      before: '2',
      after: '3',
      address: used + 4 + 8 * 14,
      size: 4,
    },
    {
      ...at(3, 1_313_500),
      ...device,
      field: 'used.ring[14].len',
      before: '118',
      after: '110',
      address: used + 8 + 8 * 14,
      size: 4,
    },
    { ...at(2, 1_313_700), ...device, field: 'used.idx', before: '65534', after: '65535', address: used + 2, size: 2 },
    { ...at(0, 1_314_400), author: 'machine', field: 'InterruptStatus', before: '0', after: '1' },
  ];
}

/** Inside a forced kick: the driver found the ring full, the host drains it. RX is a real guest's ring of 256. */
export function ringFull(more: Partial<StopState> = {}): Scene {
  const ram = newRam();
  const tx = writeRing(ram, fullRing());
  const rx = placeCaptured(ram, 'split-noevidx-indir-virtio-net-q0', 'rx', 0);
  writeOverlay(ram, { lastUsedIdx: 65532, numAdded: 0, numFree: 0, freeHead: 0 });
  const stop = stopWith([rx, tx], {
    threads: [
      {
        id: 1,
        kind: 'vcpu',
        name: 'vCPU 0',
        context: 'process',
        irqsOff: false,
        frames: [
          { kind: 'driver', func: 1, site: 1, base: 0, depth: 2 },
          { kind: 'driver', func: 0, site: 0, base: 0, depth: 1 },
        ],
        blockedBy: 2,
      },
      {
        id: 2,
        kind: 'host',
        name: 'QEMU vCPU thread',
        status: 'running',
        waitsFor: 'a kick on tx, its timer or a frame',
        sinceNs: 1_305_400,
        next: 'write used.ring[15] = {9, 566}',
        state: { tx_timer_active: false, last_avail_idx: 0 },
      },
    ],
    skbs: fullRingSkbs(),
    changes: fullRingChanges(),
    device: {
      status: 7,
      features: '0x1008020',
      interruptStatus: 1,
      irqPending: true,
      tapFrames: 0,
      timers: [{ name: 'TX timer', queue: 'tx', dueNs: 1_412_600, armedNs: 1_262_600 }],
    },
    netdev: { queueStopped: true, qdiscLength: 3 },
    exits: { notify: 7, interruptStatus: 3, interruptAck: 3, config: 0, injection: 0 },
    ...more,
  });
  return { stop, ctx: contextFor(ram, (desc) => (desc === TX_AT ? OVERLAY : undefined)) };
}

/** Both queues of a real guest, 256 entries each, event index and indirect descriptors negotiated; 255 RX buffers posted. */
export function captured(): Scene {
  const ram = newRam();
  const rx = placeCaptured(ram, 'split-evidx-indir-virtio-net-q0', 'rx', 0);
  const tx = placeCaptured(ram, 'split-evidx-indir-virtio-net-q1', 'tx', 1);
  const posted = [...rx.heads]
    .filter((head) => head >= 0)
    .map((head, i): SkbView => ({
      id: i + 1,
      address: 0x40000 + 256 * i,
      length: 0,
      direction: 'rx',
      place: 'posted',
      queue: 'rx',
      head,
      bornNs: 10_000 + 200 * i,
      sinceNs: 10_100 + 200 * i,
      orphaned: false,
      charged: false,
      summary: '',
      history: [
        { place: 'built', sinceNs: 10_000 + 200 * i },
        { place: 'posted', sinceNs: 10_100 + 200 * i },
      ],
    }));
  return { stop: stopWith([rx, tx], { skbs: posted }), ctx: contextFor(ram) };
}

/** One queue, of the largest size there is unless another one is wanted, all of it outstanding. */
export function largest(size = 32768): Scene {
  const ram = newRam();
  const indices = Array.from({ length: size }, (_, i) => i);
  const tx = writeRing(ram, {
    name: 'tx',
    index: 1,
    size,
    at: 0x100000,
    desc: indices.map((i) => ({ addr: Number(PHYS_OFFSET) + 0x400000 + i, len: 64, flags: 0, next: 0 })),
    owners: indices.map((i) => (i === Math.min(20000, size - 1) ? 'taken' : 'available')),
    heads: indices,
    avail: { flags: 0, idx: size, ring: indices },
    used: { flags: 1, idx: 0, ring: [] },
    lastAvailIdx: 0,
    counters: { added: size, maxOutstanding: size },
  });
  return { stop: stopWith([tx]), ctx: contextFor(ram) };
}

/** One chain through an indirect table of three: two buffers the device reads, one it writes. */
export function indirect(): Scene {
  const ram = newRam();
  const table = 0x20000;
  const view = new DataView(ram.buffer);
  const entry = (i: number, len: number, flags: number): void => {
    view.setBigUint64(table + 16 * i, PHYS_OFFSET + 0x30000n + BigInt(4096 * i), true);
    view.setUint32(table + 16 * i + 8, len, true);
    view.setUint16(table + 16 * i + 12, flags, true);
    view.setUint16(table + 16 * i + 14, i + 1, true);
  };
  entry(0, 12, 1);
  entry(1, 1514, 1);
  entry(2, 64, 2);
  const spec = fullRing();
  const desc = spec.desc.map((d, i) =>
    i === 4 ? { addr: Number(PHYS_OFFSET) + table, len: 48, flags: 4, next: 0 } : d,
  );
  const tx = writeRing(ram, {
    ...spec,
    desc,
    indirect: true,
    owners: spec.owners.map((owner, i) => (i === 6 ? 'free' : owner)),
    heads: spec.heads.map((head, i) => (i === 6 ? -1 : head)),
  });
  return { stop: stopWith([tx]), ctx: contextFor(ram) };
}
