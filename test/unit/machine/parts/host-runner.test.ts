// The host's threads on the clock: who is woken, who waits for the lock, and what becomes of timers and kicks that nobody heard.
import assert from 'node:assert/strict';
import { HostThreads, type DeviceFacts, type HostModel, type Wake } from '../../../../src/device';
import { HostRunner } from '../../../../src/machine/host-runner';

const FACTS: DeviceFacts = {
  features: 0n,
  legacy: true,
  mergeable: false,
  eventIdx: false,
  notifyOnEmpty: false,
  rxSkip: false,
  headerLength: 10,
  queueSize: { rx: 8, tx: 8 },
  mac: [0, 0, 0, 0, 0, 0],
};

const KICK: Wake = { on: 'kick', queue: 'tx' };
const TIMER: Wake = { on: 'timer', name: 'tx timer' };
const FRAME: Wake = { on: 'frame' };

/** Each thread rests for its wakes, notes the one that came, and sleeps twice. */
function model(threads: readonly (readonly Wake[])[], lock?: string): HostModel {
  return {
    name: 'test',
    title: 'test',
    parameters: {},
    kick: 'eventfd',
    features: 0n,
    optional: 0n,
    ...(lock === undefined ? {} : { lock }),
    threads: () =>
      threads.map((wakes, index) => ({
        name: `thread ${index}`,
        initial: { woken: '' },
        *run(state) {
          for (;;) {
            state['woken'] = wakeOf(yield { do: 'rest', for: wakes, text: 'work' }).on;
            yield { do: 'sleep', ns: 50, text: 'first half' };
            yield { do: 'sleep', ns: 50, text: 'second half' };
          }
        },
      })),
  };
}

/** A thread that looks at the tap for `ns` again and again, without ever resting. */
function selecting(ns: number): HostModel {
  return {
    ...model([]),
    threads: () => [
      {
        name: 'reader',
        initial: {},
        *run() {
          for (;;) {
            yield { do: 'loop', text: 'next' };
            yield { do: 'wait', for: [FRAME], ns, text: 'select()' };
          }
        },
      },
    ],
  };
}

/** A rest is answered with the wake that came. */
function wakeOf(result: unknown): Wake {
  return result as Wake;
}

const LOCK = 'big lock';

function runner(threads: readonly (readonly Wake[])[], lock?: string): HostRunner {
  return new HostRunner(new HostThreads(model(threads, lock), {}, FACTS), 0);
}

/** What is due first: `120 thread 1`, `120 timer x`, or nothing. */
function next(host: HostRunner): string {
  const { ns, ...due } = host.due;
  if (ns === Infinity) return 'nothing';
  return `${ns} ${due.timer === undefined ? `thread ${due.thread}` : `timer ${due.timer.name}`}`;
}

/** Performs the thread's action as the machine does: at `ns`, taking 50. @returns the wake, when it left its rest */
function act(host: HostRunner, index: number, ns: number, frames = false): string | undefined {
  const thread = host.thread(index);
  if (thread.atHead) {
    const wake = host.awaken(index);
    thread.complete(wake);
    host.acted(index, ns, frames);
    return wake?.on;
  }
  thread.complete(undefined);
  host.acted(index, ns + 50, frames);
  return undefined;
}

const timer = (dueNs: number, armedNs = 0): Parameters<HostRunner['armTimer']>[0] => ({
  name: 'tx timer',
  queue: 'tx',
  armedNs,
  dueNs,
});

describe('host runner', () => {
  it('wakes the first thread that waits, at its time, and lets it act until it rests', () => {
    const host = runner([[KICK], [KICK, FRAME]]);
    assert.equal(next(host), 'nothing');
    assert.equal(host.kick('tx', 100), 0);
    assert.equal(next(host), '100 thread 0');
    assert.equal(act(host, 0, 100), 'kick');
    assert.equal(next(host), '100 thread 0');
    act(host, 0, 100);
    assert.equal(next(host), '150 thread 0');
    assert.equal(host.resting(0), false);
    act(host, 0, 150);
    assert.equal(next(host), 'nothing');
    assert.equal(host.resting(0), true);
    assert.equal(host.status(0).sinceNs, 200);
  });

  it('keeps a kick that comes while its thread is at work until that rests', () => {
    const host = runner([[KICK]]);
    host.kick('tx', 100);
    act(host, 0, 100);
    assert.equal(host.kick('tx', 120), -1);
    act(host, 0, 100);
    act(host, 0, 150);
    assert.equal(next(host), '200 thread 0');
    act(host, 0, 200);
    act(host, 0, 200);
    act(host, 0, 250);
    assert.equal(next(host), 'nothing', 'it was one kick');
  });

  it('a kick on a queue that nobody waits for wakes nobody', () => {
    const host = runner([[KICK]]);
    assert.equal(host.kick('rx', 100), -1);
    assert.equal(next(host), 'nothing');
  });

  it('of several things due at one time, timers come first, then threads in their order', () => {
    const host = runner([[KICK], [FRAME]]);
    host.armTimer(timer(100), false);
    host.frameArrived(100);
    host.kick('tx', 100);
    assert.equal(next(host), '100 timer tx timer');
    host.timerFired('tx timer', 100);
    assert.equal(next(host), '100 thread 0');
    act(host, 0, 100);
    act(host, 0, 100);
    assert.equal(next(host), '100 thread 1');
  });

  it('when several wakes came while a thread worked, the first of its list is told', () => {
    const host = runner([[TIMER, FRAME]]);
    host.frameArrived(10);
    assert.equal(act(host, 0, 10, true), 'frame');
    host.armTimer(timer(20), true);
    host.timerFired('tx timer', 20);
    act(host, 0, 10, true);
    act(host, 0, 60, true);
    assert.equal(act(host, 0, 110, true), 'timer');
    act(host, 0, 110, true);
    act(host, 0, 160, true);
    assert.equal(act(host, 0, 210, false), 'frame');
  });

  it('a lock keeps a woken thread waiting until it is free; it then acts now, not in the past', () => {
    const host = runner([[KICK], [FRAME]], LOCK);
    host.kick('tx', 100);
    act(host, 0, 100);
    host.frameArrived(110);
    assert.equal(host.status(1).waitsForLock, true);
    assert.equal(next(host), '100 thread 0');
    act(host, 0, 100);
    assert.equal(next(host), '150 thread 0');
    act(host, 0, 150);
    assert.equal(host.status(1).waitsForLock, false);
    assert.equal(next(host), '200 thread 1');
    assert.equal(act(host, 1, 200), 'frame');
    assert.equal(host.kick('tx', 210), 0);
    assert.equal(host.status(0).waitsForLock, true);
  });

  it('without a lock threads act side by side', () => {
    const host = runner([[KICK], [FRAME]]);
    host.kick('tx', 100);
    act(host, 0, 100);
    host.frameArrived(100);
    act(host, 0, 100);
    assert.equal(next(host), '100 thread 1');
  });

  it('a timer that is armed again has one due time, and one that is deleted none', () => {
    const host = runner([[TIMER]]);
    host.armTimer(timer(100), false);
    host.armTimer(timer(170), false);
    assert.equal(next(host), '170 timer tx timer');
    assert.equal(host.armed.length, 1);
    host.cancelTimer('tx timer', 50, false);
    assert.equal(next(host), 'nothing');
  });

  it('a timer that has gone off is taken back when its thread has not run yet', () => {
    const host = runner([[KICK], [TIMER, FRAME]], LOCK);
    host.armTimer(timer(100), false);
    host.timerFired('tx timer', 120);
    assert.equal(next(host), '120 thread 1');
    host.cancelTimer('tx timer', 110, false);
    assert.equal(next(host), 'nothing');
    assert.equal(host.resting(1), true);
  });

  it('a frame that came while the thread was on its way for that timer still wakes it', () => {
    const host = runner([[KICK], [TIMER, FRAME]], LOCK);
    host.armTimer(timer(100), false);
    host.timerFired('tx timer', 120);
    host.frameArrived(115);
    host.kick('tx', 110);
    act(host, 0, 110);
    host.cancelTimer('tx timer', 110, true);
    act(host, 0, 110, true);
    act(host, 0, 160, true);
    assert.equal(next(host), '210 thread 1');
    assert.equal(act(host, 1, 210, false), 'frame');
  });

  it('what comes while its thread is still at work costs no wake-up', () => {
    const host = runner([[KICK]]);
    host.kick('tx', 100, 40);
    assert.equal(next(host), '140 thread 0', 'asleep: the wake-up takes 40');
    act(host, 0, 140);
    act(host, 0, 140);
    act(host, 0, 190);
    host.kick('tx', 200, 40);
    assert.equal(next(host), '240 thread 0', 'its last action takes until 240 anyway');
  });

  it('a select() ends when something comes, or when its time is up', () => {
    const host = new HostRunner(new HostThreads(selecting(500), {}, FACTS), 0);
    assert.equal(next(host), '0 thread 0', 'a thread that begins awake');
    const step = (ns: number): unknown => {
      const { action } = host.thread(0);
      const wake = action.do === 'wait' ? host.awaken(0) : undefined;
      host.thread(0).complete(wake);
      host.acted(0, ns, false);
      return wake;
    };
    step(0);
    assert.equal(next(host), '500 thread 0');
    assert.equal(host.resting(0), false, 'it will run by itself');
    assert.equal(step(500), undefined);
    step(500);
    host.frameArrived(700, 20);
    assert.equal(next(host), '720 thread 0');
    assert.deepEqual(step(720), FRAME);
  });

  it('one thread calls another, now or before it waits', () => {
    const host = runner([[KICK], [{ on: 'signal', name: 'bh' }]]);
    host.signal('bh', 100, 10);
    assert.equal(next(host), '110 thread 1');
    assert.equal(act(host, 1, 110), 'signal');
    host.signal('bh', 120, 10);
    act(host, 1, 110);
    act(host, 1, 160);
    assert.equal(next(host), '210 thread 1', 'the call has stayed');
    assert.equal(act(host, 1, 210), 'signal');
    act(host, 1, 210);
    act(host, 1, 260);
    assert.equal(next(host), 'nothing', 'it was one call');
  });

  it('goes on from a snapshot as it did before, at any place', () => {
    const host = runner([[KICK], [TIMER, FRAME]], LOCK);
    const play = (): string[] => {
      const seen: string[] = [];
      for (let text = next(host); text !== 'nothing' && seen.length < 40; text = next(host)) {
        const ns = Number.parseInt(text, 10);
        if (text.includes('timer')) host.timerFired('tx timer', ns + 5);
        else seen.push(`${text} ${act(host, Number(text.at(-1)), ns) ?? ''}`);
      }
      return seen;
    };
    host.armTimer(timer(130), false);
    host.kick('tx', 100);
    host.frameArrived(105);
    for (let actions = 0; actions < 5; actions++) {
      const saved = structuredClone(host.snapshot());
      const expected = play();
      assert.ok(expected.length > 0);
      host.restore(saved);
      assert.deepEqual(structuredClone(host.snapshot()), saved);
      assert.deepEqual(play(), expected);
      host.restore(saved);
      const text = next(host);
      if (text.includes('timer')) host.timerFired('tx timer', Number.parseInt(text, 10) + 5);
      else act(host, Number(text.at(-1)), Number.parseInt(text, 10));
    }
  });
});
