// queueSentence: each case that it tells apart, as the user reads it.
import assert from 'node:assert/strict';
import { queueSentence, stall } from '../../../src/diagnosis';
import type { StopState } from '../../../src/machine';
import { ring, stop, type RingSpec, type StopSpec } from './support';

const cases: readonly (readonly [string, RingSpec, StopSpec, string])[] = [
  [
    'kick missing, driver idle',
    { availIdx: 3, progress: { lastAvailIdx: 0 } },
    {},
    'The device sleeps; NO_NOTIFY is clear in used.flags; the driver has exposed 3 buffers and has not kicked.',
  ],
  [
    'kick to come, driver running',
    { availIdx: 1 },
    { vcpu: { context: 'process' } },
    'The device sleeps; NO_NOTIFY is clear in used.flags; the driver has exposed 1 buffer and has not kicked yet.',
  ],
  [
    'kick missing by event index, seen from what the device has looked at',
    { availIdx: 5, usedIdx: 2, availEvent: 3, progress: { lastAvailIdx: 3 } },
    {},
    'The device sleeps; it holds 1 buffer; avail_event is 3: (u16)(5 - 3 - 1) = 1 < (u16)(5 - 3) = 2 is true; the driver has exposed 2 buffers and has not kicked.',
  ],
  [
    'kick missing by event index, and the driver has decided about some of it',
    { availIdx: 5, usedIdx: 2, availEvent: 4, progress: { lastAvailIdx: 3, kickedIdx: 4 } },
    {},
    'The device sleeps; it holds 1 buffer; avail_event is 4: (u16)(5 - 4 - 1) = 0 < (u16)(5 - 4) = 1 is true; the driver has exposed 2 buffers and has not kicked.',
  ],
  [
    'an event index that was set behind the driver’s decision',
    { availIdx: 5, usedIdx: 3, availEvent: 3, progress: { lastAvailIdx: 3, kickedIdx: 5, kickSent: false } },
    {},
    'The device sleeps; avail_event is 3: (u16)(6 - 3 - 1) = 2 < (u16)(6 - 5) = 1 is false; the driver decided not to kick for all 2 exposed buffers before the device asked: avail_event is 3: (u16)(5 - 3 - 1) = 1 < (u16)(5 - 3) = 2 is true.',
  ],
  [
    'a flag that was cleared behind the driver’s decision',
    { availIdx: 2, usedIdx: 1, progress: { lastAvailIdx: 1, kickedIdx: 2, kickSent: false } },
    {},
    'The device sleeps; NO_NOTIFY is clear in used.flags; the driver decided not to kick for the exposed buffer before the device asked.',
  ],
  [
    'receive buffers that a device with frames at its tap found too few',
    { name: 'rx', availIdx: 2, writable: true, progress: { kickedIdx: 2, kickSent: true } },
    { device: { tapFrames: 3 } },
    '3 frames wait at the tap; the device sleeps; NO_NOTIFY is clear in used.flags; the driver has kicked for all 2 exposed buffers already.',
  ],
  [
    'nobody is to kick, and no timer',
    { availIdx: 2, usedFlags: 1 },
    {},
    'The device sleeps; NO_NOTIFY is set in used.flags; so the driver need not kick, no timer is armed, and 2 exposed buffers wait.',
  ],
  [
    'timer armed',
    { availIdx: 3, usedFlags: 1 },
    { device: { timers: [{ name: 'tx_timer', queue: 'tx', dueNs: 1_098_200 }] } },
    "The host's tx_timer fires in 98.2 µs; until then NO_NOTIFY is set in used.flags and 3 exposed buffers wait.",
  ],
  [
    'timer armed, kicks asked for; the nearest of two is named',
    { availIdx: 1 },
    {
      device: {
        timers: [
          { name: 'late', queue: 'tx', dueNs: 3_000_000 },
          { name: 'soon', queue: 'tx', dueNs: 1_000_850 },
          { name: 'other', queue: 'rx', dueNs: 1_000_001 },
        ],
      },
    },
    "The host's soon timer fires in 850 ns; until then 1 exposed buffer waits.",
  ],
  [
    'timer armed for nothing',
    {},
    { device: { timers: [{ name: 'tx_timer', queue: 'tx', dueNs: 2_350_000 }] } },
    "The host's tx_timer fires in 1.35 ms; no exposed buffer waits for it.",
  ],
  [
    'inside a synchronous exit',
    { availIdx: 8, usedIdx: 3, progress: { lastUsedIdx: 0, lastAvailIdx: 4, numFree: 0 } },
    { vcpu: { context: 'process', blockedBy: 2 }, host: { status: 'running', next: 'take' } },
    'vCPU 0 is inside a VM exit until QEMU main loop is done (next: take); the device holds 1 buffer; 4 exposed buffers wait; nothing is reclaimed until it returns; the ring is full; 3 used buffers wait for the driver.',
  ],
  [
    'host at work',
    { availIdx: 2, progress: { lastAvailIdx: 0 } },
    { host: { status: 'ready', next: 'read avail.idx of tx' } },
    'QEMU main loop is at work (next: read avail.idx of tx); 2 exposed buffers wait.',
  ],
  [
    'host busy for a time',
    { availIdx: 1, owners: { 0: 'taken' } },
    { host: { status: 'sleeping', waitsFor: 'writev to the tap', wakeNs: 1_003_200 } },
    'QEMU main loop is busy for another 3.2 µs (writev to the tap); the device holds 1 buffer.',
  ],
  [
    'interrupt raised, masked',
    { availIdx: 3, usedIdx: 3, progress: { lastUsedIdx: 0 } },
    { vcpu: { context: 'process', irqsOff: true }, device: { irqPending: true } },
    'The device has used 3 buffers and raised its interrupt; interrupts are masked on vCPU 0.',
  ],
  [
    'interrupt raised, in a handler',
    { availIdx: 1, usedIdx: 1, progress: { lastUsedIdx: 0 } },
    { vcpu: { context: 'hardirq', irqsOff: true }, device: { irqPending: true } },
    'The device has used 1 buffer and raised its interrupt; vCPU 0 is in an interrupt handler already.',
  ],
  [
    'interrupt raised, without the private index',
    { availIdx: 2, usedIdx: 2, owners: { 0: 'used', 1: 'used' } },
    { device: { irqPending: true } },
    'The device has used 2 buffers and raised its interrupt; vCPU 0 takes it next.',
  ],
  [
    'interrupt raised for another queue',
    { availIdx: 2, usedIdx: 2, progress: { lastUsedIdx: 2 } },
    { device: { irqPending: true } },
    'Nothing is outstanding: the device waits for a kick; the driver has nothing to send.',
  ],
  ...(
    [
      ['hardirq', 'The driver is in its interrupt; 2 used buffers wait to be reclaimed.'],
      ['softirq', 'The driver runs in softirq context; 2 used buffers wait to be reclaimed.'],
      ['process', 'The driver runs; 2 used buffers wait until it looks at the used ring.'],
    ] as const
  ).map(
    ([context, text]) =>
      [
        `unread, driver in ${context} context`,
        { availIdx: 2, usedIdx: 2, progress: { lastUsedIdx: 0 } },
        { vcpu: { context } },
        text,
      ] as const,
  ),
  [
    'unread, callbacks off',
    { availIdx: 2, usedIdx: 2, availFlags: 1, progress: { lastUsedIdx: 1 } },
    {},
    '1 used buffer waits until the driver looks of its own accord; no interrupt is pending: NO_INTERRUPT is set in avail.flags.',
  ],
  [
    'unread, callbacks on',
    { availIdx: 2, usedIdx: 2, progress: { lastUsedIdx: 1 } },
    {},
    '1 used buffer waits though callbacks are on; no interrupt is pending, and vCPU 0 is idle.',
  ],
  [
    'receive queue in wait',
    { name: 'rx', availIdx: 8, writable: true },
    {},
    'The device waits for a frame; 8 empty buffers are posted.',
  ],
  [
    'receive queue known by its buffers, whatever its name',
    { name: 'receiveq.1', availIdx: 1, writable: true },
    {},
    'The device waits for a frame; 1 empty buffer is posted.',
  ],
  [
    'receive queue without buffers',
    { name: 'rx', availIdx: 4, usedIdx: 4 },
    {},
    'No receive buffer is posted: the device has nowhere to put a frame.',
  ],
  [
    'held by the device',
    { availIdx: 2, owners: { 0: 'taken', 1: 'taken' } },
    {},
    'The device holds 2 buffers and has not used them.',
  ],
  [
    'added, not exposed',
    { availIdx: 5, usedIdx: 5, owners: { 2: 'added' } },
    { vcpu: { context: 'process' } },
    'The driver has added 1 buffer and not exposed it: avail.idx is still 5.',
  ],
  [
    'being built',
    { owners: { 2: 'building' } },
    { vcpu: { context: 'process' } },
    'The driver is building a chain; nothing is exposed.',
  ],
  [
    'nothing yet',
    { owners: {} },
    { counters: { added: 0 } },
    'The driver has added nothing yet: the device waits for its first kick.',
  ],
  [
    'nothing outstanding, driver running',
    { owners: {} },
    { vcpu: { context: 'softirq' }, counters: { added: 4 } },
    'Nothing is outstanding: the device waits for a kick; the driver runs in softirq context.',
  ],
  [
    'everything else that waits',
    {
      availIdx: 2,
      usedIdx: 1,
      usedFlags: 1,
      owners: { 0: 'available', 1: 'added', 2: 'building' },
      progress: { lastUsedIdx: 0 },
    },
    {
      device: { timers: [{ name: 'tx_timer', queue: 'tx', dueNs: 1_000_500 }] },
      netdev: { queueStopped: true, qdiscLength: 12 },
      skbs: [
        { id: 25, place: 'parked', direction: 'tx' },
        { id: 26, place: 'qdisc', direction: 'tx' },
      ],
    },
    "The host's tx_timer fires in 500 ns; until then NO_NOTIFY is set in used.flags and 1 exposed buffer waits; 1 buffer is added and not exposed; another chain is being built; 1 used buffer waits for the driver; the TX queue is stopped with 12 skbs in the qdisc; skb 25 is with the driver, not in the ring.",
  ],
  [
    'full, known from owners alone',
    {
      availIdx: 8,
      usedFlags: 1,
      owners: Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i, 'available'] as const)),
    },
    {},
    'The device sleeps; NO_NOTIFY is set in used.flags; so the driver need not kick, no timer is armed, and 8 exposed buffers wait; the ring is full.',
  ],
  [
    'before DRIVER_OK',
    { name: 'rx', availIdx: 8, writable: true },
    { device: { status: 3 }, vcpu: { context: 'process' } },
    'The driver is still setting the device up (DRIVER_OK is clear); 8 buffers are exposed.',
  ],
  [
    'given up',
    {},
    { device: { status: 0x87 } },
    'The driver has given the device up (FAILED is set): nothing moves before a reset.',
  ],
  [
    'device error',
    { availIdx: 1 },
    { device: { status: 0x47 } },
    'The device has met an error and asks for a reset (DEVICE_NEEDS_RESET is set); 1 buffer is exposed.',
  ],
  [
    'host dead',
    { availIdx: 1 },
    { host: { status: 'dead' } },
    'The host has died: the device does nothing any more; 1 buffer is exposed.',
  ],
  [
    'broken indices',
    { availIdx: 500, problems: ['avail.idx: found 500 with used.idx 0'] },
    {},
    'Problem in the ring: avail.idx: found 500 with used.idx 0.',
  ],
  [
    'a problem that leaves the counts right',
    { availIdx: 1, problems: ['desc[0].next: found 9, expected below 8 (queue size)'] },
    {},
    'Problem in the ring: desc[0].next: found 9, expected below 8 (queue size). The device sleeps; NO_NOTIFY is clear in used.flags; the driver has exposed 1 buffer and has not kicked.',
  ],
];

describe('queueSentence', () => {
  for (const [name, ringSpec, stopSpec, text] of cases) {
    it(name, () => assert.equal(queueSentence({ ...stop(stopSpec), ring: ring(ringSpec) }), text));
  }

  it('takes a machine stop as it is', () => {
    const at = { tick: 9, sub: 0 };
    const state: StopState = {
      version: 1,
      reason: { kind: 'step' },
      position: at,
      timeNs: 5,
      thread: 1,
      threads: [{ id: 1, kind: 'vcpu', name: 'vCPU 0', context: 'process', irqsOff: false, frames: [] }],
      queues: [],
      skbs: [],
      changes: [],
      device: { status: 7, features: '0x0', interruptStatus: 0, irqPending: false, tapFrames: 0, timers: [] },
      netdev: { queueStopped: false, qdiscLength: 0 },
      exits: { notify: 0, interruptStatus: 0, interruptAck: 0, config: 0, injection: 0 },
      lines: 0,
      events: 0,
      findings: [],
      furthest: at,
    };
    assert.equal(
      queueSentence({ ...state, ring: ring({ availIdx: 1 }) }),
      'The device sleeps; NO_NOTIFY is clear in used.flags; the driver has exposed 1 buffer and has not kicked yet.',
    );
    assert.deepEqual(stall([ring({ availIdx: 1 })], state), [], 'the driver runs');
  });
});
