// Scrubbing: the newest place wins, one journey at a time, and nobody else's run is touched.
import assert from 'node:assert/strict';
import type { Position } from '../../../src/machine';
import { Scrubber } from '../../../src/panel/scrubber';

/** A session whose journeys end when the test says so. */
class Slow {
  went: number[] = [];
  isRunning = false;
  readonly scrubber = new Scrubber({
    placeAt: (ns) => Promise.resolve({ tick: ns, sub: 0 }),
    go: (position: Position) => {
      this.went.push(position.tick);
      this.isRunning = true;
      return Promise.resolve();
    },
    running: () => this.isRunning,
  });

  async arrive(): Promise<void> {
    this.isRunning = false;
    this.scrubber.changed();
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

describe('panel: scrubbing', () => {
  it('goes to the newest place when the journey before it has ended, and leaves out what came between', async () => {
    const slow = new Slow();
    slow.scrubber.to(1);
    await turn();
    for (const ns of [2, 3, 4]) slow.scrubber.to(ns);
    await turn();
    assert.deepEqual(slow.went, [1]);
    await slow.arrive();
    assert.deepEqual(slow.went, [1, 4]);
    await slow.arrive();
    slow.scrubber.to(5);
    await turn();
    assert.deepEqual(slow.went, [1, 4, 5]);
  });

  it('does nothing while the machine runs for somebody else', async () => {
    const slow = new Slow();
    slow.isRunning = true;
    slow.scrubber.to(1);
    await slow.arrive();
    assert.deepEqual(slow.went, []);
  });

  it('ends when the session does', async () => {
    const gone = new Scrubber({
      placeAt: () => Promise.reject(new Error('the session was ended')),
      go: () => assert.fail('nowhere to go'),
      running: () => false,
    });
    gone.to(1);
    await turn();
    gone.to(2);
    await turn();
  });
});
