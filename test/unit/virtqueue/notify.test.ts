// Notification suppression, and the form for messages.
import assert from 'node:assert/strict';
import {
  addedChains,
  decodeSplit,
  LAB_RING_F_KICK_COUNT,
  needEvent,
  notifications,
  OWNERS,
  splitLayout,
  toWire,
  VIRTIO_RING_F_EVENT_IDX,
  type NotificationFacts,
  type RingState,
} from '../../../src/virtqueue';
import { Guest, Random } from './support';

const BASE = 0x4000_0000n;

function ring(
  avail: { idx?: number; flags?: number; usedEvent?: number },
  used: { idx?: number; flags?: number; availEvent?: number },
  { eventIdx = false, kickCount = false, numAdded = undefined as number | undefined } = {},
): RingState {
  const bit = (on: boolean, number: number): bigint => (on ? 1n << BigInt(number) : 0n);
  const features = bit(eventIdx, VIRTIO_RING_F_EVENT_IDX) | bit(kickCount, LAB_RING_F_KICK_COUNT);
  const guest = new Guest(splitLayout(8, BASE, BASE + 0x1000n, BASE + 0x2000n, features));
  guest.setAvail(avail);
  guest.setUsed(used);
  return decodeSplit(guest.read, guest.layout, { progress: { numAdded } });
}

describe('needEvent', () => {
  it('is true exactly when the event index is among the indices just passed', () => {
    const random = new Random(7);
    for (let n = 0; n < 20000; n++) {
      const old = random.below(65536);
      const moved = random.below(300);
      const event = (old + random.below(600) - 150) & 0xffff;
      let passed = false;
      for (let i = 0; i < moved; i++) passed ||= ((old + i) & 0xffff) === event;
      assert.equal(needEvent(event, (old + moved) & 0xffff, old), passed, `${event} ${old} +${moved}`);
    }
  });
});

describe('notifications', () => {
  const verdicts = (state: RingState, facts?: NotificationFacts): [boolean, string, boolean, string] => {
    const { kick, interrupt } = notifications(state, facts);
    return [kick.sent, kick.why, interrupt.sent, interrupt.why];
  };

  it('goes by the flags without event index', () => {
    assert.deepEqual(verdicts(ring({ idx: 3 }, {})), [
      true,
      'NO_NOTIFY is clear in used.flags',
      true,
      'NO_INTERRUPT is clear in avail.flags',
    ]);
    assert.deepEqual(verdicts(ring({ idx: 3, flags: 1 }, { flags: 1 })), [
      false,
      'NO_NOTIFY is set in used.flags',
      false,
      'NO_INTERRUPT is set in avail.flags',
    ]);
  });

  it('forces the interrupt on empty where that was negotiated', () => {
    const last = ring({ idx: 3, flags: 1 }, { idx: 2 });
    assert.equal(notifications(last).interrupt.sent, false);
    assert.deepEqual(notifications(last, { notifyOnEmpty: true }).interrupt, {
      sent: true,
      why: 'NO_INTERRUPT is set in avail.flags, but the ring runs empty and NOTIFY_ON_EMPTY was negotiated',
      basis: { kind: 'flags', name: 'NO_INTERRUPT', set: true },
    });
    assert.deepEqual(notifications(ring({ idx: 5, flags: 1 }, { idx: 2 }), { notifyOnEmpty: true }).interrupt, {
      sent: false,
      why: 'NO_INTERRUPT is set in avail.flags; NOTIFY_ON_EMPTY forces one only with the last of 3 outstanding buffers',
      basis: { kind: 'flags', name: 'NO_INTERRUPT', set: true },
    });
  });

  it('goes by the counts of kicks where both sides count, whatever the hints say', () => {
    const equal = ring({ flags: (5 << 1) | 1 }, { flags: 5 << 1 }, { kickCount: true });
    assert.deepEqual(equal.problems, []);
    assert.deepEqual(verdicts(equal).slice(0, 2), [
      true,
      'avail.flags counts 5 kicks, and used.flags 5 that were answered: equal',
    ]);
    const one = ring({ flags: 6 << 1 }, { flags: 5 << 1 }, { kickCount: true });
    assert.equal(notifications(one).kick.sent, false);
    assert.equal(notifications(one).interrupt.sent, true);
  });

  it('goes by the event fields with event index, and shows the sum', () => {
    const state = ring({ idx: 1, usedEvent: 65516 }, { idx: 65532, availEvent: 65532 }, { eventIdx: true });
    assert.deepEqual(verdicts(state), [
      false,
      'avail_event is 65532: (u16)(2 - 65532 - 1) = 5 < (u16)(2 - 1) = 1 is false',
      false,
      'used_event is 65516: (u16)(65533 - 65516 - 1) = 16 < (u16)(65533 - 65532) = 1 is false',
    ]);
    assert.deepEqual(notifications(state).kick.basis, {
      kind: 'event',
      name: 'avail_event',
      event: 65532,
      old: 1,
      next: 2,
    });
    assert.equal(notifications(state, { kickedIdx: 65530 }).kick.sent, true);
    assert.equal(notifications(state, { signalledIdx: 65510 }).interrupt.sent, true);
    assert.equal(notifications(ring({ idx: 1 }, { availEvent: 1 }, { eventIdx: true })).kick.sent, true);
  });

  it('judges the kick that exposes what is added', () => {
    const state = (numAdded: number): RingState => ring({ idx: 1 }, { availEvent: 3 }, { eventIdx: true, numAdded });
    assert.equal(notifications(state(2)).kick.sent, false);
    assert.equal(notifications(state(3)).kick.sent, true);
  });

  it('counts added chains by observed owners before the private count', () => {
    const guest = new Guest(splitLayout(4, BASE, BASE + 0x1000n, BASE + 0x2000n, 0n));
    const added = OWNERS.indexOf('added');
    const owners = Uint8Array.from([added, added, added, 0]);
    const heads = Int32Array.from([0, 0, 2, -1]);
    assert.equal(addedChains(decodeSplit(guest.read, guest.layout, { owners, heads, progress: { numAdded: 9 } })), 2);
    assert.equal(addedChains(decodeSplit(guest.read, guest.layout, { progress: { numAdded: 9 } })), 9);
    assert.equal(addedChains(decodeSplit(guest.read, guest.layout)), 0);
  });
});

describe('toWire', () => {
  it('turns every bigint into hex, and leaves the rest: what comes out is JSON', () => {
    const state = ring({ idx: 1 }, {});
    const wire = toWire(state);
    assert.equal(wire.layout.desc, '0x40000000');
    assert.equal(wire.descriptors[0]?.addr, '0x0');
    assert.deepEqual(JSON.parse(JSON.stringify(wire)), wire);
    assert.deepEqual(toWire({ a: [1n, { b: undefined, c: null }], d: 'x', e: -16n }), {
      a: ['0x1', { c: null }],
      d: 'x',
      e: '-0x10',
    });
  });
});
