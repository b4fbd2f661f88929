// Steps: into, over, out and back, on the vCPU and on the host's threads, with interrupts on the way.
import assert from 'node:assert/strict';
import {
  MachineRefusal,
  type Frame,
  type MachineHandle,
  type MachineSetup,
  type StopState,
} from '../../../src/machine';
import { at, firstSite, machine, rx, setup, toEnd, tx, virtioNet } from '../../support/machine';

/** Frames arrive while others are sent, so that interrupts fall into the sender's lines. */
async function scenario(stopAt = 'start_xmit'): Promise<MachineSetup> {
  const driver = await virtioNet();
  return setup(driver, {
    queues: { rx: 32, tx: 16 },
    traffic: [tx(40, 200), rx(20, 2_000), tx(20, 160_000)],
    stopSites: [firstSite(driver, stopAt)],
  });
}

const driverFrames = (state: StopState): readonly (Frame & { kind: 'driver' })[] =>
  (state.threads[0]?.kind === 'vcpu' ? state.threads[0].frames : []).filter((f) => f.kind === 'driver');
/** In an interrupt that came over driver code. */
const nested = (state: StopState): boolean =>
  state.threads[0]?.kind === 'vcpu' && state.threads[0].frames.slice(0, -1).some((f) => f.kind === 'interrupt');
/** An interrupt of an idle vCPU: nothing of what ran before is below it. */
const fromIdle = (state: StopState): boolean =>
  state.threads[0]?.kind === 'vcpu' && state.threads[0].frames.at(-1)?.kind === 'interrupt';
const depth = (state: StopState): number => driverFrames(state)[0]?.depth ?? 0;
const functionAt = (state: StopState, handle: MachineHandle): string | undefined =>
  handle.program.functions[driverFrames(state)[0]?.func ?? -1]?.name;

/** Puts an interrupt in the way: a breakpoint-free machine stops when one is entered. */
async function toInterrupt(handle: MachineHandle): Promise<StopState> {
  await handle.setEventBreakpoints([{ id: 'irq', what: ['irqEnter'], condition: 'irq == "virtio0"' }]);
  for (;;) {
    const state = await handle.run({ kind: 'continue' });
    assert.equal(state.reason.kind, 'event', 'no interrupt came over driver code');
    if (depth(state) > 1) break;
  }
  await handle.setEventBreakpoints([]);
  return handle.run({ kind: 'into', thread: 1, interrupts: true });
}

describe('stepping', function () {
  this.timeout(40_000);

  it('over stays in its frame or leaves it, and never stops in an interrupt that comes', async () => {
    const handle = await machine(await scenario());
    let state = await handle.start();
    for (let i = 0; i < 250; i++) {
      const before = depth(state);
      state = await handle.run({ kind: 'over', thread: 1 });
      if (state.reason.kind === 'end') break;
      assert.equal(state.reason.kind, 'step');
      if (before > 0 && depth(state) > 0 && !(before === 1 && fromIdle(state)))
        assert.ok(depth(state) <= before, `at ${at(state.position)}`);
      if (before > 1) assert.ok(!nested(state), `stopped in an interrupt at ${at(state.position)}`);
    }
    const events = await handle.events(0, state.events);
    assert.ok(events.some((e) => e.what === 'irqEnter'));
  });

  it('over goes on in the next frame when the function returns, and out ends in the caller', async () => {
    const handle = await machine(await scenario());
    let state = await handle.start();
    assert.equal(functionAt(state, handle), 'start_xmit');
    const caller = driverFrames(state)[1];
    state = await handle.run({ kind: 'out', thread: 1 });
    assert.equal(state.reason.kind, 'step');
    assert.equal(driverFrames(state)[0]?.func, caller?.func);
    assert.ok(!nested(state));
  });

  it('into enters functions, and an interrupt only when that was chosen', async () => {
    const quiet = await machine(await scenario());
    await quiet.start();
    const chosen = await machine(await scenario());
    await chosen.start();
    let [inQuiet, inChosen] = [0, 0];
    for (let i = 0; i < 1200; i++) {
      const a = await quiet.run({ kind: 'into', thread: 1 });
      // What a step begins in with nothing below it is an entry of its own, not an interrupt of this code.
      if (nested(a) && depth(a) > 0 && driverFrames(a).some((f) => f.depth === 1)) inQuiet++;
      const b = await chosen.run({ kind: 'into', thread: 1, interrupts: true });
      if (nested(b)) inChosen++;
      if (a.reason.kind === 'end' || b.reason.kind === 'end') break;
    }
    assert.ok(inChosen > 50, `${inChosen}`);
    assert.ok(inQuiet < inChosen / 2, `${inQuiet} of ${inChosen}`);
  });

  it('into a chosen function stops at its first line', async () => {
    const handle = await machine(await scenario());
    let state = await handle.start();
    let entered = 0;
    for (let i = 0; i < 400; i++) {
      const last = (await handle.stepTargets()).filter((t) => 'function' in t.target).at(-1);
      if (last === undefined) {
        state = await handle.run({ kind: 'over', thread: 1 });
        continue;
      }
      const from = depth(state);
      state = await handle.run({ kind: 'into', thread: 1, target: last.target });
      assert.equal(functionAt(state, handle), last.label);
      assert.equal(depth(state), from + 1);
      if (++entered === 12) return;
    }
    assert.fail(`entered ${entered}`);
  });

  it('out of an interrupt handler ends in the code it interrupted', async () => {
    const handle = await machine(await scenario());
    await handle.start();
    let state = await toInterrupt(handle);
    assert.ok(nested(state));
    const frames = state.threads[0]?.kind === 'vcpu' ? state.threads[0].frames : [];
    const below = frames.slice(frames.findIndex((f) => f.kind === 'interrupt') + 1)[0];
    assert.ok(below?.kind === 'driver');
    for (let i = 0; i < 40 && nested(state); i++) state = await handle.run({ kind: 'out', thread: 1 });
    // The interrupted line may have been the last of its function: then the next one is its caller's.
    const rest = driverFrames(state);
    assert.ok(rest.length > 0 && depth(state) <= below.depth);
    const interrupted = frames.filter((f) => f.kind === 'driver');
    assert.deepEqual(
      rest.slice(1).map((f) => f.func),
      interrupted.slice(interrupted.length - rest.length + 1).map((f) => f.func),
    );
  });

  it('back takes each step back, over interrupts, function entries and threads alike', async () => {
    const handle = await machine(await scenario());
    let state = await handle.start();
    const kinds = ['over', 'over', 'into', 'into', 'over', 'over', 'into', 'over', 'out'] as const;
    for (const thread of [1, 2, 1]) {
      const places: string[] = [];
      const hashes: string[] = [];
      for (let i = 0; i < 35; i++) {
        places.push(at(state.position));
        hashes.push(i % 6 === 0 ? await handle.hash() : '');
        state = await handle.run({ kind: thread === 1 ? (kinds[i % kinds.length] ?? 'over') : 'into', thread });
        assert.equal(state.reason.kind, 'step');
      }
      for (let i = places.length - 1; i >= 0; i--) {
        state = await handle.run({ kind: 'back', thread });
        assert.equal(state.reason.kind, 'step');
        assert.equal(at(state.position), places[i]);
        if (i % 6 === 0) assert.equal(await handle.hash(), hashes[i]);
      }
    }
  });

  it('back from a breakpoint goes to the line before, in this frame or a caller, never into a call or an interrupt', async () => {
    const handle = await machine(await scenario());
    await handle.start();
    await handle.setLineBreakpoints([{ id: 1, sites: [firstSite(handle.program, 'free_old_xmit_skbs')] }]);
    for (let i = 0; i < 4; i++) await handle.run({ kind: 'continue' });
    await handle.setLineBreakpoints([]);
    let state = handle.state;
    assert.ok(state);
    for (let i = 0; i < 25; i++) {
      const before: StopState = state;
      state = await handle.run({ kind: 'back', thread: 1 });
      assert.equal(state.reason.kind, 'step');
      assert.ok(state.position.tick < before.position.tick);
      if (depth(before) > 0)
        assert.ok(depth(state) <= depth(before), `${at(before.position)} to ${at(state.position)}`);
    }
  });

  it('back on a host thread goes to its action before; a step on it to its next', async () => {
    const handle = await machine(await scenario());
    await handle.start();
    const thread = handle.state?.threads[1];
    assert.equal(thread?.kind, 'host');
    const ticks: number[] = [];
    for (let i = 0; i < 12; i++) {
      const state = await handle.run({ kind: 'into', thread: 2 });
      assert.equal(state.thread, 2);
      ticks.push(state.position.tick);
    }
    await handle.run({ kind: 'goto', position: { tick: (ticks[11] ?? 0) + 1, sub: 0 } });
    for (let i = 11; i >= 0; i--) {
      const state = await handle.run({ kind: 'back', thread: 2 });
      assert.equal(state.thread, 2);
      assert.equal(state.position.tick, ticks[i]);
    }
  });

  it('back from the start of a run stays there, and going on at the end is refused with words', async () => {
    const handle = await machine({ ...(await scenario()), stopSites: [] });
    await handle.start();
    let state = await toEnd(handle);
    const end = at(state.position);
    for (const kind of ['continue', 'into'] as const)
      await assert.rejects(handle.run({ kind, thread: 1 }), (error: Error) => {
        assert.ok(error instanceof MachineRefusal);
        assert.match(error.message, /nothing to run any more/);
        return true;
      });
    assert.equal(at(handle.state?.position ?? state.position), end);
    state = await handle.run({ kind: 'reverse' });
    assert.equal(state.reason.kind, 'start');
    assert.equal(at(state.position), '0.0');
    state = await handle.run({ kind: 'back', thread: 1 });
    assert.equal(state.reason.kind, 'start');
    state = await handle.run({ kind: 'continue' });
    assert.equal(state.reason.kind, 'end');
    assert.equal(at(state.position), end);
  });
});
