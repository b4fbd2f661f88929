// The skb tracker: whose chain it is, where an skb is, and what is forgotten when.
import assert from 'node:assert/strict';
import type { SkbView } from '../../../../src/machine';
import { SkbOp, SkbTracker, type SkbTrackerState } from '../../../../src/machine/skb-tracker';
import { random } from '../../../support/machine';

const LENGTH = 64;
/** An skb at address A owns the bytes from 16 A on, 100 of them. */
const bufferOf = (address: number): number => 16 * address;

/** @param told gets what the tracker tells of how long skbs were kept */
function make(told: string[] = []): SkbTracker {
  return new SkbTracker(
    {
      read: (address, into) => {
        into.length = LENGTH;
        into.data = bufferOf(address);
      },
      covers: (address, pointer) => pointer >= bufferOf(address) && pointer < bufferOf(address) + 100,
      listed: () => false,
      summary: (data, length) => `frame at ${data}, ${length}`,
    },
    { skbHeld: (ns) => told.push(`held ${ns}`), socketHeld: (ns) => told.push(`charged ${ns}`) },
  );
}

const places = (tracker: SkbTracker, leaked = false): string[] =>
  tracker.view(leaked).map((s: SkbView) => `${s.id} ${s.direction} ${s.place} ${s.queue ?? '-'}:${s.head ?? '-'}`);

describe('skb tracker', () => {
  it('follows a sent packet from its birth to its end', () => {
    const tracker = make();
    const A = 100;
    const steps: readonly [() => unknown, string][] = [
      [() => tracker.call(SkbOp.Alloc, A, 1, true), '1 tx built -:-'],
      [() => tracker.call(SkbOp.Own, A, 1, true), '1 tx built -:-'],
      [() => tracker.call(SkbOp.Enqueue, A, 2, true), '1 tx qdisc -:-'],
      [() => tracker.call(SkbOp.Dequeue, A, 3, true), '1 tx built -:-'],
      [() => tracker.call(SkbOp.Xmit, A, 4, true), '1 tx parked -:-'],
      [() => tracker.added('tx', 5, [7, bufferOf(A) + 10], false, 5), '1 tx added tx:5'],
      [() => tracker.moved('tx', 5, 'available', 6), '1 tx available tx:5'],
      [() => tracker.moved('tx', 5, 'host', 7), '1 tx host tx:5'],
      [() => tracker.moved('tx', 5, 'used', 8), '1 tx used tx:5'],
      [() => tracker.moved('tx', 5, 'reclaimed', 9), '1 tx reclaimed tx:5'],
    ];
    for (const [step, expected] of steps) {
      step();
      assert.deepEqual(places(tracker), [expected]);
    }
    const [skb] = tracker.view(false);
    assert.deepEqual(
      [skb?.bornNs, skb?.sinceNs, skb?.length, skb?.charged, skb?.summary],
      [1, 9, LENGTH, true, `frame at ${bufferOf(A)}, ${LENGTH}`],
    );
    tracker.call(SkbOp.Free, A, 10, false);
    assert.deepEqual(places(tracker), []);
    assert.equal(tracker.moved('tx', 5, 'used', 11), undefined);
  });

  it('follows a receive buffer until it is delivered, without reading what the device has not written', () => {
    const tracker = make();
    tracker.call(SkbOp.Alloc, 100, 1, false);
    tracker.added('rx', 3, [bufferOf(100)], true, 2);
    tracker.moved('rx', 3, 'posted', 3);
    assert.deepEqual(places(tracker), ['1 rx posted rx:3']);
    assert.equal(tracker.view(false)[0]?.summary, '');
    tracker.arrived('rx', 3, { number: 1, atNs: 3, bytes: 60 });
    tracker.moved('rx', 3, 'used', 4);
    assert.equal(tracker.view(false)[0]?.summary, `frame at ${bufferOf(100)}, 60`, 'written, and not delivered yet');
    tracker.call(SkbOp.Receive, 100, 5, false);
    assert.deepEqual(places(tracker), ['1 rx delivered -:-']);
    // eth_type_trans() has been there: the Ethernet header lies before skb->data
    assert.equal(tracker.view(false)[0]?.summary, `frame at ${bufferOf(100) - 14}, ${LENGTH + 14}`);
  });

  it('knows when the frame came to the tap: by the buffer’s skb, or by order and length for one made later', () => {
    const tracker = make();
    const frame = (number: number, atNs: number, bytes = LENGTH + 14) => ({ number, atNs, bytes });
    tracker.call(SkbOp.Alloc, 100, 1, false);
    tracker.added('rx', 3, [bufferOf(100)], true, 2);
    tracker.arrived('rx', 3, frame(1, 11));
    assert.equal(tracker.arrivalOf(100), 11);
    // frames in bare pages; the second lies in two of them, the third is one that the driver drops
    tracker.arrived('rx', 4, frame(2, 12));
    tracker.arrived('rx', 5, frame(3, 13));
    tracker.arrived('rx', 6, frame(3, 13));
    tracker.arrived('rx', 7, frame(4, 14, 20));
    tracker.arrived('rx', 8, frame(5, 15));
    const saved = tracker.snapshot();
    for (const turn of [1, 2]) {
      const arrivals = [201, 202, 203, 204].map((address) => {
        tracker.call(SkbOp.Alloc, address, 20, false);
        return tracker.arrivalOf(address);
      });
      assert.deepEqual(arrivals, [12, 13, 15, undefined], `turn ${turn}`);
      assert.equal(tracker.arrivalOf(201), 12, 'asked again');
      tracker.restore(saved);
    }
  });

  it('a chain is that of the newest loose skb that owns a byte of it, in the right direction', () => {
    const tracker = make();
    for (const address of [100, 101]) {
      tracker.call(SkbOp.Alloc, address, 1, true);
      tracker.call(SkbOp.Xmit, address, 2, true);
    }
    const both = bufferOf(101) + 1;
    assert.equal(tracker.added('rx', 0, [both], true, 3), 0, 'what the device writes is no packet to send');
    assert.equal(tracker.added('tx', 0, [both], false, 3), 2);
    assert.equal(tracker.added('tx', 1, [both], false, 3), 1);
    assert.equal(tracker.added('tx', 2, [both], false, 3), 0, 'both are in the ring');
    assert.deepEqual(places(tracker), ['1 tx added tx:1', '2 tx added tx:0']);
  });

  it('a packet that the driver did not take goes back to the qdisc, and may be sent again', () => {
    const tracker = make();
    tracker.call(SkbOp.Alloc, 100, 1, true);
    tracker.call(SkbOp.Xmit, 100, 2, true);
    tracker.call(SkbOp.XmitBusy, 100, 3, true);
    assert.deepEqual(places(tracker), ['1 tx qdisc -:-']);
    assert.equal(tracker.added('tx', 0, [bufferOf(100)], false, 4), 0);
    tracker.call(SkbOp.Xmit, 100, 5, true);
    assert.equal(tracker.added('tx', 0, [bufferOf(100)], false, 6), 1);
  });

  it('an orphan is no more charged, and is told as such once the device is done with it', () => {
    const tracker = make();
    tracker.call(SkbOp.Alloc, 100, 1, true);
    tracker.call(SkbOp.Xmit, 100, 2, true);
    tracker.call(SkbOp.Orphan, 100, 3, true);
    tracker.added('tx', 4, [bufferOf(100)], false, 4);
    tracker.moved('tx', 4, 'host', 5);
    assert.deepEqual(places(tracker), ['1 tx host tx:4']);
    tracker.moved('tx', 4, 'used', 6);
    assert.deepEqual(places(tracker), ['1 tx orphaned tx:4']);
    assert.deepEqual(
      tracker.view(false).map((s) => [s.orphaned, s.charged]),
      [[true, false]],
    );
  });

  it('a head that is used again is the new chain’s, while the skb that had it waits to be freed', () => {
    const tracker = make();
    for (const address of [100, 200]) {
      tracker.call(SkbOp.Alloc, address, 1, true);
      tracker.call(SkbOp.Xmit, address, 1, true);
    }
    tracker.added('tx', 5, [bufferOf(100)], false, 2);
    tracker.moved('tx', 5, 'reclaimed', 3);
    tracker.added('tx', 5, [bufferOf(200)], false, 4);
    assert.deepEqual(places(tracker), ['1 tx reclaimed -:-', '2 tx added tx:5']);
    tracker.call(SkbOp.Free, 100, 5, false);
    assert.equal(tracker.moved('tx', 5, 'available', 6)?.id, 2);
    assert.deepEqual(places(tracker), ['2 tx available tx:5']);
    tracker.moved('tx', 5, 'used', 7);
    assert.equal(tracker.added('tx', 5, [9], false, 8), 0);
    assert.equal(tracker.moved('tx', 5, 'host', 9), undefined, 'the chain is nobody’s');
  });

  it('counts how often an skb left, and finds one that is added again while its chain is in the ring', () => {
    const tracker = make();
    tracker.call(SkbOp.Alloc, 100, 1, true);
    tracker.call(SkbOp.Xmit, 100, 2, true);
    tracker.added('tx', 4, [bufferOf(100)], false, 3);
    assert.equal(tracker.added('tx', 6, [bufferOf(100)], false, 4), 0, 'it is on its way to no ring');
    assert.deepEqual(tracker.addedAgain([bufferOf(100) + 9]), { id: 1, head: 4 });
    assert.equal(tracker.addedAgain([bufferOf(200)]), undefined);
    assert.equal(tracker.sent('tx', 4, 5)?.sent, 1);
    assert.equal(tracker.sent('tx', 4, 6)?.sent, 2);
    tracker.moved('tx', 4, 'used', 7);
    assert.equal(tracker.addedAgain([bufferOf(100)]), undefined, 'the device is done with it');
  });

  it('tells what the device has: exposed, and not used yet', () => {
    const tracker = make();
    tracker.call(SkbOp.Alloc, 100, 1, true);
    tracker.call(SkbOp.Xmit, 100, 2, true);
    tracker.added('tx', 4, [bufferOf(100)], false, 3);
    const exposed = { id: 1, queue: 'tx', head: 4 };
    const steps: readonly (readonly [SkbView['place'], object | undefined])[] = [
      ['added', undefined],
      ['available', exposed],
      ['host', exposed],
      ['used', undefined],
    ];
    for (const [place, expected] of steps) {
      tracker.moved('tx', 4, place, 5);
      assert.deepEqual(tracker.exposedAt(100), expected, place);
    }
  });

  it('what is left after removal has leaked', () => {
    const tracker = make();
    tracker.call(SkbOp.Alloc, 100, 1, true);
    tracker.call(SkbOp.Alloc, 200, 1, false);
    tracker.call(SkbOp.Drop, 100, 2, true);
    assert.deepEqual(places(tracker, true), ['2 rx leaked -:-']);
  });

  it('calls about an skb that was never allocated do nothing', () => {
    const tracker = make();
    for (const op of [SkbOp.Enqueue, SkbOp.Xmit, SkbOp.Free, SkbOp.Receive, SkbOp.Orphan])
      assert.equal(tracker.call(op, 100, 1, true), 0);
    assert.deepEqual(places(tracker), []);
  });

  it('an address that is used again is another skb', () => {
    const tracker = make();
    assert.equal(tracker.call(SkbOp.Alloc, 100, 1, true), 1);
    tracker.call(SkbOp.Free, 100, 2, true);
    assert.equal(tracker.call(SkbOp.Alloc, 100, 3, true), 2);
    assert.deepEqual(places(tracker), ['2 tx built -:-']);
  });

  it('goes on from a snapshot as it did before, at any place of a random history', () => {
    const act = (tracker: SkbTracker, draw: (below: number) => number, now: number): unknown[] => {
      // Close together: clones share bytes, and whose chain it is hangs on who came last.
      const address = 100 + draw(6);
      const head = draw(8);
      const queue = draw(2) === 0 ? 'tx' : 'rx';
      const results: unknown[] = [];
      switch (draw(5)) {
        case 0:
          results.push(tracker.call(SkbOp.Free, address, now, false));
          results.push(tracker.call(SkbOp.Alloc, address, now, draw(2) === 0));
          break;
        case 1:
          results.push(tracker.call(1 + draw(9), address, now, false));
          break;
        case 2:
          results.push(tracker.added(queue, head, [bufferOf(address)], queue === 'rx', now));
          break;
        case 3:
          results.push(
            tracker.moved(queue, head, (['available', 'host', 'used'] as const)[draw(3)] ?? 'used', now)?.bornNs,
          );
          break;
        default:
          results.push(tracker.call(SkbOp.Xmit, address, now, true));
      }
      return [...results, places(tracker)];
    };
    const history = (tracker: SkbTracker, from: number): unknown[] => {
      const draw = random(77 + from);
      return Array.from({ length: 60 }, (_, i) => act(tracker, draw, from + i));
    };
    const tracker = make();
    for (let from = 0; from < 1200; from += 60) {
      const saved: SkbTrackerState = structuredClone(tracker.snapshot());
      const expected = history(tracker, from);
      tracker.restore(saved);
      assert.deepEqual(history(tracker, from), expected);
    }
    const other = make();
    other.restore(structuredClone(tracker.snapshot()));
    assert.deepEqual(other.snapshot(), tracker.snapshot());
  });

  it('tells how long an skb was kept after its use, and how long its sender was charged for it', () => {
    const told: string[] = [];
    const tracker = make(told);
    const send = (address: number, orphan: boolean): void => {
      tracker.call(SkbOp.Alloc, address, 10, true);
      tracker.call(SkbOp.Own, address, 20, true);
      tracker.call(SkbOp.Xmit, address, 100, true);
      tracker.added('tx', 5, [bufferOf(address)], false, 110);
      if (orphan) tracker.call(SkbOp.Orphan, address, 150, true);
      tracker.moved('tx', 5, 'host', 160);
      tracker.moved('tx', 5, 'used', 200);
      tracker.call(SkbOp.Free, address, 900, false);
    };
    send(100, false);
    assert.deepEqual(told, ['charged 880', 'held 700']);
    send(200, true);
    assert.deepEqual(told.slice(2), ['charged 130', 'held 700']);
    // received ones are held for nobody's sake, and one that was never sent was not used
    tracker.call(SkbOp.Alloc, 300, 0, false);
    tracker.added('rx', 1, [bufferOf(300)], true, 1);
    tracker.moved('rx', 1, 'used', 2);
    tracker.call(SkbOp.Free, 300, 3, false);
    tracker.call(SkbOp.Alloc, 400, 0, true);
    tracker.call(SkbOp.Free, 400, 3, false);
    assert.equal(told.length, 4);
  });
});
