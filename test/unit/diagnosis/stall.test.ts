// stall: at quiescence, each way of waiting for ever, and the many ways of only waiting.
import assert from 'node:assert/strict';
import { stall } from '../../../src/diagnosis';
import { ring, stop, type RingSpec, type StopSpec } from './support';

const stuck: readonly (readonly [string, RingSpec, StopSpec, readonly string[]])[] = [
  [
    'lost-kick',
    { availIdx: 2, progress: { lastAvailIdx: 0 } },
    {},
    [
      '2 exposed buffers of tx wait for the device; the device sleeps and waits for a kick that the driver never sent: NO_NOTIFY is clear in used.flags.',
    ],
  ],
  [
    // the device asked, and did not look again: what it asked for was decided before
    'lost-kick',
    { availIdx: 2, usedIdx: 1, progress: { lastAvailIdx: 1, kickedIdx: 2, kickSent: false } },
    {},
    [
      '1 exposed buffer of tx waits for the device; the device sleeps and waits for a kick, and the driver decided not to kick for it before the device asked: NO_NOTIFY is clear in used.flags.',
    ],
  ],
  [
    // decided about the one before, not about this one
    'lost-kick',
    { availIdx: 2, usedIdx: 1, progress: { lastAvailIdx: 1, kickedIdx: 1, kickSent: true } },
    {},
    [
      '1 exposed buffer of tx waits for the device; the device sleeps and waits for a kick that the driver never sent: NO_NOTIFY is clear in used.flags.',
    ],
  ],
  [
    // a host that looked, found too little, and asked for more: 39d32157740
    'lost-kick',
    { name: 'rx', availIdx: 8, writable: true, progress: { kickedIdx: 8, kickSent: true } },
    { device: { tapFrames: 2 } },
    [
      '2 frames wait at the tap, and 8 exposed buffers of rx, 800 bytes, wait for the device; the device sleeps and waits for another kick, and the driver has sent its kick for them already: NO_NOTIFY is clear in used.flags.',
    ],
  ],
  [
    'no-kick-asked',
    { availIdx: 1, usedFlags: 1 },
    {},
    [
      '1 exposed buffer of tx waits for the device; the device sleeps without a timer, and the driver need not kick: NO_NOTIFY is set in used.flags.',
    ],
  ],
  [
    'unexposed',
    { availIdx: 4, usedIdx: 4, owners: { 1: 'added', 2: 'added' } },
    {},
    [
      '2 buffers of tx are in avail.ring and were never exposed; avail.idx is still 4: the driver has not kicked since.',
    ],
  ],
  [
    'held',
    { availIdx: 1, owners: { 0: 'taken' } },
    {},
    ['The device holds 1 buffer of tx and has nothing to do that would use it.'],
  ],
  [
    'lost-interrupt',
    { availIdx: 3, usedIdx: 3, progress: { lastUsedIdx: 0 } },
    {},
    [
      '3 used buffers of tx wait for the driver; it waits for an interrupt, and none is pending: NO_INTERRUPT is clear in avail.flags.',
    ],
  ],
  [
    'unread',
    { availIdx: 1, usedIdx: 1, availFlags: 1, progress: { lastUsedIdx: 0 } },
    {},
    [
      "1 used buffer of tx waits for the driver; no interrupt will come (NO_INTERRUPT is set in avail.flags), and no timer, tasklet or poll of the driver's is due.",
    ],
  ],
  [
    'tx-stopped',
    { availIdx: 6, usedIdx: 6, progress: { lastUsedIdx: 6 } },
    { netdev: { queueStopped: true, qdiscLength: 1 } },
    ['The tx queue is stopped with 1 skb in the qdisc; nothing is outstanding, so no completion will wake it.'],
  ],
  [
    'rx-empty',
    { name: 'rx', availIdx: 6, usedIdx: 6, progress: { lastUsedIdx: 6 } },
    {},
    ['The rx queue has no buffer for the device to receive into, and nothing is due that would post one.'],
  ],
  [
    // a host that looked, found too little, and cleared the flag after the driver had seen it: 06b129701 of QEMU
    'lost-kick',
    { name: 'rx', availIdx: 8, writable: true },
    { device: { tapFrames: 2 } },
    [
      '2 frames wait at the tap, and 8 exposed buffers of rx, 800 bytes, wait for the device; the device sleeps and waits for a kick that the driver never sent: NO_NOTIFY is clear in used.flags.',
    ],
  ],
  [
    'held',
    { name: 'rx', availIdx: 1, writable: true, owners: { 0: 'taken' } },
    { device: { tapFrames: 1 } },
    ['The device holds 1 buffer of rx and has nothing to do that would use it.'],
  ],
  [
    'parked',
    { availIdx: 6, usedIdx: 6, progress: { lastUsedIdx: 6 } },
    {
      skbs: [
        { id: 7, place: 'parked', direction: 'tx' },
        { id: 8, place: 'qdisc', direction: 'tx' },
      ],
    },
    ['Skb 7 is with the driver and in no ring; no timer, tasklet or completion is due that would send it.'],
  ],
];

describe('stall', () => {
  for (const [kind, ringSpec, stopSpec, texts] of stuck) {
    it(`finds ${kind}`, () => {
      const found = stall([ring(ringSpec)], stop(stopSpec));
      assert.deepEqual(
        found.map((s) => s.text),
        texts,
      );
      assert.deepEqual(
        found.map((s) => s.kind),
        [kind],
      );
      assert.equal(found[0]?.queue, ringSpec.name ?? 'tx');
    });
  }

  it('names both ends of a stopped queue whose completions are lost', () => {
    const found = stall(
      [ring({ availIdx: 3, usedIdx: 3, progress: { lastUsedIdx: 0 } })],
      stop({ netdev: { queueStopped: true, qdiscLength: 9 } }),
    );
    assert.deepEqual(
      found.map((s) => s.kind),
      ['lost-interrupt', 'tx-stopped'],
    );
    assert.match(found[1]?.text ?? '', /9 skbs in the qdisc; it waits for a completion that does not come\.$/);
  });

  it('finds used buffers that wait when but one of them is not orphaned', () => {
    const used = [
      { id: 1, place: 'orphaned', direction: 'tx' } as const,
      { id: 2, place: 'used', direction: 'tx' } as const,
    ];
    const found = stall(
      [ring({ availIdx: 2, usedIdx: 2, availFlags: 1, progress: { lastUsedIdx: 0 } })],
      stop({ skbs: used }),
    );
    assert.deepEqual(
      found.map((s) => s.kind),
      ['unread'],
    );
  });

  it('judges event indices by what the other side has not seen', () => {
    const kinds = (spec: RingSpec): string[] => stall([ring(spec)], stop()).map((s) => s.kind);
    assert.deepEqual(kinds({ availIdx: 1, usedIdx: 65535, availEvent: 65535, progress: { lastAvailIdx: 65535 } }), [
      'lost-kick',
    ]);
    assert.deepEqual(kinds({ availIdx: 1, usedIdx: 65535, availEvent: 9, progress: { lastAvailIdx: 65535 } }), [
      'no-kick-asked',
    ]);
    const read = { availIdx: 1, usedIdx: 1, progress: { lastUsedIdx: 65535 } };
    assert.deepEqual(kinds({ ...read, availEvent: 1, usedEvent: 0 }), ['lost-interrupt']);
    assert.deepEqual(kinds({ ...read, availEvent: 1, usedEvent: 5 }), ['unread']);
  });

  const fine: readonly (readonly [string, RingSpec, StopSpec])[] = [
    ['an empty transmit queue', { availIdx: 9, usedIdx: 9, progress: { lastUsedIdx: 9 } }, {}],
    ['posted receive buffers', { name: 'rx', availIdx: 8, writable: true }, {}],
    [
      'a receive buffer in the hands of a thread that reads the tap',
      { name: 'rx', availIdx: 8, writable: true, owners: { 0: 'taken' } },
      {},
    ],
    ['used buffers, when the driver keeps its index to itself', { availIdx: 1, usedIdx: 1, owners: { 0: 'used' } }, {}],
    [
      'an armed host timer',
      { availIdx: 2, usedFlags: 1 },
      { device: { timers: [{ name: 't', queue: 'tx', dueNs: 2e6 }] } },
    ],
    [
      'a pending interrupt',
      { availIdx: 1, usedIdx: 1, progress: { lastUsedIdx: 0 } },
      { device: { irqPending: true } },
    ],
    [
      'used buffers whose skbs nobody waits for any more',
      { availIdx: 1, usedIdx: 1, availFlags: 1, progress: { lastUsedIdx: 0 } },
      { skbs: [{ id: 1, place: 'orphaned', direction: 'tx' }] },
    ],
    [
      'receive buffers that are not exposed yet, while the device has others',
      { name: 'rx', availIdx: 2, writable: true, owners: { 0: 'available', 1: 'available', 2: 'added' } },
      {},
    ],
    ['a host at work', { availIdx: 2 }, { host: { status: 'ready' } }],
    ['a host asleep for a time', { availIdx: 2 }, { host: { status: 'sleeping', wakeNs: 2e6 } }],
    ['a driver that runs', { availIdx: 2 }, { vcpu: { context: 'process' } }],
    ['a device that is not set up', { name: 'rx' }, { device: { status: 3 } }],
    ['a device that was reset', { name: 'rx' }, { device: { status: 0 } }],
    ['indices that cannot be', { availIdx: 999 }, {}],
  ];
  for (const [name, ringSpec, stopSpec] of fine) {
    it(`finds nothing in ${name}`, () => assert.deepEqual(stall([ring(ringSpec)], stop(stopSpec)), []));
  }
});
