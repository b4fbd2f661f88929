// A position is one state of the machine, however it was reached: by running, stepping, reversing or from a checkpoint.
import assert from 'node:assert/strict';
import { findRingOverlay, Inspector } from '../../../src/guest';
import type { MachineHandle, MachineSetup, Position, RunRequest, StopState } from '../../../src/machine';
import { comparePositions } from '../../../src/machine/position';
import { composePanelState } from '../../../src/panel/compose';
import { readDebugInfo, type Program } from '../../../src/toolchain';
import { at, firstSite, machine, random, rx, setup, toEnd, tx, virtioNet } from '../../support/machine';

/** What a place shows and is: the hash, the stop without how it was reached, the panel's message. */
interface Seen {
  readonly position: Position;
  readonly hash: string;
  readonly stop: object;
  readonly panel: object;
}

const infos = new WeakMap<Program, ReturnType<typeof readDebugInfo>>();

async function look(handle: MachineHandle): Promise<Seen> {
  const { state, program, ram, physOffset } = handle;
  assert.ok(state);
  const info = infos.get(program) ?? readDebugInfo(program.wasm);
  infos.set(program, info);
  const { reason: _why, changes: _changes, furthest: _furthest, thread: _thread, ...stop } = plain(state);
  const message = composePanelState(state, {
    title: 'test',
    program,
    ram,
    physOffset,
    overlay: (desc, size) => findRingOverlay(info, ram, desc, size),
    sourcePath: () => undefined,
  });
  const { reason: _said, changes: _shown, furthest: _right, ...panel } = plain(message);
  return { position: state.position, hash: await handle.hash(), stop, panel };
}

/** Without members that are undefined: absent and undefined are one thing in a message. */
function plain<T extends object>(value: T): T {
  return structuredClone(
    JSON.parse(JSON.stringify(value, (_, v: unknown) => (ArrayBuffer.isView(v) ? [...(v as Uint8Array)] : v))) as T,
  );
}

function assertSame(seen: Seen, expected: Seen, how: string): void {
  assert.deepEqual(seen.position, expected.position, how);
  assert.deepEqual(seen.stop, expected.stop, `${how} to ${at(expected.position)}`);
  assert.deepEqual(seen.panel, expected.panel, `${how} to ${at(expected.position)}`);
  assert.equal(seen.hash, expected.hash, `${how} to ${at(expected.position)}: hash`);
}

/** The TX ring fills and stops the queue, frames arrive, interrupts nest; about 30,000 ticks. */
async function scenario(): Promise<MachineSetup> {
  const driver = await virtioNet();
  return setup(driver, { queues: { rx: 32, tx: 16 }, traffic: [tx(30, 200), rx(8, 20_000)] });
}

const usedIdx = (state: StopState, offset: bigint): number => Number(BigInt(state.queues[1]?.used ?? 0) - offset) + 2;

/** Edits at a stop: one that changes what is sent, one on a counter in the ring. Returns how to do it again. */
async function edit(handle: MachineHandle, below: (n: number) => number): Promise<void> {
  const skb = handle.state?.skbs.find((s) => s.direction === 'tx' && s.length > 0);
  const linked = skb && new DataView(handle.ram.buffer).getUint32(skb.address, true);
  const desc = Number(BigInt(handle.state?.queues[1]?.desc ?? 0) - handle.physOffset);
  const address = skb && linked !== undefined && below(2) === 0 ? skb.address + 40 : desc + 14;
  await handle.edit({ address, bytes: handle.ram.slice(address, address + 1), text: `same byte at ${address}` });
}

describe('positions', function () {
  this.timeout(60_000);

  it('are the same state by running, stepping, goto and reversing, with edits and data breakpoints in the history', async () => {
    const to = await scenario();
    for (const seed of [1, 2]) {
      const below = random(seed);
      const handle = await machine({ ...to, stopSites: [firstSite(to.program, 'start_xmit')] });
      let state = await handle.start();
      await handle.setDataBreakpoints([{ id: 1, address: usedIdx(state, to.physOffset), size: 2, label: 'used.idx' }]);
      await handle.setEventBreakpoints([{ id: 'irq', what: ['irqEnter', 'callbacks', 'queueStop'] }]);
      const seen: Seen[] = [await look(handle)];
      const requests: readonly RunRequest[] = [
        { kind: 'into', thread: 1, interrupts: true },
        { kind: 'into', thread: 1, interrupts: true },
        { kind: 'over', thread: 1 },
        { kind: 'into', thread: 2 },
        { kind: 'into', thread: 3 },
        { kind: 'out', thread: 1 },
        { kind: 'continue' },
      ];
      while (seen.length < 60 && state.reason.kind !== 'end') {
        if (below(8) === 0) await edit(handle, below);
        const request = requests[below(requests.length)];
        assert.ok(request);
        for (let times = 1 + below(6); times > 0 && state.reason.kind !== 'end'; times--)
          state = await handle.run(request);
        seen.push(await look(handle));
      }
      await handle.setDataBreakpoints([]);
      await handle.setEventBreakpoints([]);
      if (state.reason.kind !== 'end') await toEnd(handle);
      for (let i = 0; i < 60; i++) {
        const one = seen[below(seen.length)];
        assert.ok(one);
        await handle.run({ kind: 'goto', position: one.position });
        assertSame(await look(handle), one, 'goto');
      }
      await handle.dispose();
    }
  });

  it('are the same when a fresh machine runs there and when one comes back from the end', async () => {
    const to = await scenario();
    const late = await machine(to);
    await late.start();
    const end = (await toEnd(late)).position.tick;
    const below = random(3);
    const ticks = [...new Set(Array.from({ length: 60 }, () => 1 + below(end - 1)))].sort((a, b) => a - b);
    const fresh = await machine(to);
    const seen: Seen[] = [];
    for (const tick of ticks) {
      await fresh.run({ kind: 'goto', position: { tick, sub: 0 } });
      seen.push(await look(fresh));
    }
    for (const one of seen.reverse()) {
      await late.run({ kind: 'goto', position: one.position });
      assertSame(await look(late), one, 'goto from the end');
    }
  });

  it('are the same from a checkpoint, millions of ticks into a run', async () => {
    const driver = await virtioNet();
    const to = setup(driver, {
      queues: { rx: 32, tx: 16 },
      traffic: [tx(12_000, 3_000), rx(100, 300_000)],
      limitNs: 4_000_000_000,
    });
    const late = await machine(to);
    await late.start();
    const end = (await toEnd(late)).position.tick;
    assert.ok(end > 4_500_000, `${end} ticks`);
    const fresh = await machine(to);
    const below = random(4);
    const ticks = Array.from({ length: 6 }, () => 2_000_000 + below(end - 2_000_000)).sort((a, b) => a - b);
    for (const tick of ticks) {
      await fresh.run({ kind: 'goto', position: { tick: 1, sub: 0 } });
      await fresh.run({ kind: 'goto', position: { tick, sub: 0 } });
      await late.run({ kind: 'goto', position: { tick, sub: 0 } });
      assertSame(await look(late), await look(fresh), 'from a checkpoint');
    }
  });

  it('are visited backwards by reverse continue as forwards, stop by stop', async () => {
    const to = await scenario();
    const handle = await machine({ ...to, stopSites: [firstSite(to.program, 'start_xmit')] });
    let state = await handle.start();
    await handle.setLineBreakpoints([
      { id: 1, sites: [firstSite(to.program, 'free_old_xmit_skbs')] },
      { id: 2, sites: [firstSite(to.program, 'vring_interrupt')], condition: 'irq != 0' },
    ]);
    await handle.setDataBreakpoints([{ id: 3, address: usedIdx(state, to.physOffset), size: 2, label: 'used.idx' }]);
    await handle.setEventBreakpoints([{ id: 'kick', what: ['kick', 'kickSuppressed', 'timerFire'] }]);
    const seen: Seen[] = [await look(handle)];
    const reasons: string[] = [state.reason.kind];
    while (seen.length < 50) {
      state = await handle.run({ kind: 'continue' });
      if (state.reason.kind === 'end') break;
      seen.push(await look(handle));
      reasons.push(state.reason.kind);
    }
    assert.ok(reasons.includes('data') && reasons.includes('event') && reasons.includes('breakpoint'));
    for (let i = seen.length - 2; i >= 0; i--) {
      state = await handle.run({ kind: 'reverse' });
      const expected = seen[i];
      assert.ok(expected);
      assert.equal(state.reason.kind, reasons[i], `stop ${i} at ${at(expected.position)}`);
      assertSame(await look(handle), expected, `reverse continue ${i}`);
    }
    state = await handle.run({ kind: 'reverse' });
    assert.ok(comparePositions(state.position, seen[0]?.position ?? state.position) < 0);
  });

  it('show the same locals, wherever one comes from', async () => {
    const to = await scenario();
    const handle = await machine({ ...to, stopSites: [firstSite(to.program, 'start_xmit')] });
    const inspector = new Inspector(to.program, readDebugInfo(to.program.wasm), () => handle.ram);
    const locals = (state: StopState): string =>
      JSON.stringify(
        state.threads
          .flatMap((t) => (t.kind === 'vcpu' ? t.frames : []))
          .map((frame) =>
            frame.kind === 'driver' && frame.site !== undefined
              ? inspector
                  .locals({ site: frame.site, base: frame.base, func: frame.func })
                  .map(({ name, value }) => `${name}=${value}`)
              : frame.kind,
          ),
      );
    let state = await handle.start();
    const forward: string[] = [];
    for (let i = 0; i < 60; i++) {
      forward.push(locals(state));
      state = await handle.run({ kind: 'into', thread: 1, interrupts: true });
    }
    for (let i = 59; i >= 0; i--) {
      state = await handle.run({ kind: 'back', thread: 1 });
      assert.equal(locals(state), forward[i], `step ${i}`);
    }
    assert.ok(new Set(forward).size > 30);
  });
});
