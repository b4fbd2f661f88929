// The event log: numbers, counts, going back and forward to marks, and its lines as text.
import assert from 'node:assert/strict';
import type { EventKind, MachineEvent } from '../../../../src/machine';
import { EventLog, eventLine, goldenLine, KEPT_EVENTS } from '../../../../src/machine/event-log';

const event = (seq: number, what: EventKind = 'kick', detail: MachineEvent['detail'] = {}): MachineEvent => ({
  seq,
  position: { tick: 10 * seq, sub: 1 },
  timeNs: 100 * seq,
  who: 'driver',
  what,
  ...(what === 'kick' ? { queue: 'tx' } : {}),
  detail,
});

const numbers = (log: EventLog): number[] => log.slice(0, Infinity).map((e) => e.seq);

describe('event log', () => {
  it('keeps events by number and counts them by kind', () => {
    const log = new EventLog(true);
    for (let i = 0; i < 5; i++) log.append(event(i, i % 2 === 0 ? 'kick' : 'use'));
    assert.equal(log.length, 5);
    assert.deepEqual(log.counts, { kick: 3, use: 2 });
    assert.deepEqual(
      log.slice(1, 3).map((e) => e.seq),
      [1, 2],
    );
    assert.deepEqual(log.slice(4, 99).length, 1);
    assert.deepEqual(log.slice(5, 9), []);
  });

  it('goes back to a mark and forward again; what lies beyond is not shown', () => {
    const log = new EventLog(true);
    for (let i = 0; i < 3; i++) log.append(event(i));
    const early = log.snapshot();
    for (let i = 3; i < 6; i++) log.append(event(i));
    const late = log.snapshot();
    log.restore(early);
    assert.equal(log.length, 3);
    assert.deepEqual(numbers(log), [0, 1, 2]);
    assert.deepEqual(log.counts, { kick: 3 });
    log.restore(late);
    assert.deepEqual(numbers(log), [0, 1, 2, 3, 4, 5]);
    log.restore(early);
    log.append(event(33, 'use'));
    assert.deepEqual(numbers(log), [0, 1, 2, 33]);
    assert.deepEqual(log.counts, { kick: 3, use: 1 });
  });

  it('that only counts has the same numbers, and no events', () => {
    const log = new EventLog(false);
    for (let i = 0; i < 4; i++) log.counted.kick++;
    const mark = log.snapshot();
    log.counted.use++;
    log.restore(mark);
    assert.equal(log.length, 4);
    assert.deepEqual(log.counts, { kick: 4 });
    assert.deepEqual(numbers(log), []);
  });

  it('of a long run drops its oldest events and says from where it is whole', () => {
    const log = new EventLog(true);
    const early = log.snapshot();
    const count = 900_001;
    for (let i = 0; i < count; i++) log.append(event(i));
    assert.equal(log.length, count);
    assert.ok(log.first > 0 && log.first < count, `${log.first}`);
    assert.equal(log.slice(log.first, log.first + 1)[0]?.seq, log.first);
    assert.equal(log.slice(count - 1, count)[0]?.seq, count - 1);
    // Back before all that is kept, the run makes its events anew.
    log.restore(early);
    assert.equal(log.length, 0);
    log.append(event(0));
    assert.deepEqual(numbers(log), [0]);
  }).timeout(10_000);

  it('says once that events are lost, and how many; none are where a sink is told', () => {
    let said = 0;
    const log = new EventLog(true, () => said++);
    for (let i = 0; i < 2 * KEPT_EVENTS - 1; i++) log.append(event(i));
    assert.deepEqual([said, log.lost], [0, 0]);
    for (let i = log.length; i < 4 * KEPT_EVENTS; i++) log.append(event(i));
    assert.deepEqual([said, log.lost], [1, log.first]);
    const streamed = new EventLog(true, () => said++);
    streamed.sink = () => undefined;
    for (let i = 0; i < 2 * KEPT_EVENTS; i++) streamed.append(event(i));
    assert.deepEqual([said, streamed.lost], [1, 0]);
  }).timeout(10_000);

  it('is written line by line; golden lines have neither position nor time', () => {
    const kick = event(3, 'kick', { forced: 1, text: 'a b' });
    assert.equal(goldenLine(kick), 'driver kick tx forced=1 text=a b');
    assert.equal(eventLine(kick), '30.1 300 driver kick tx forced=1 text=a b');
    assert.equal(goldenLine(event(3, 'end')), 'driver end -');
  });
});
