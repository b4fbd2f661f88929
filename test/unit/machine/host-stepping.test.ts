// Stepping a host in the source of its model: frames, steps over and out of its functions, breakpoints on its lines, and back.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { asShipped, withPlaces } from '../../../scripts/lib/host-lines';
import type { HostValues, MachineHandle, MachineOutput, StopState, Thread } from '../../../src/machine';
import { lineOf } from '../../support/source-lines';
import { firstSite, machine, setup, toEnd, tx, virtioNet } from '../../support/machine';

const MAIN_LOOP = 3;
const hosts = join(__dirname, '../../../src/device/hosts');
const textOf = (file: string): string[] => readFileSync(join(hosts, file), 'utf8').split('\n');

const QEMU_NET = join(hosts, 'qemu-net.ts');

function hostThread(state: StopState | undefined, id = MAIN_LOOP): Extract<Thread, { kind: 'host' }> {
  const thread = state?.threads.find((t) => t.id === id);
  assert.ok(thread?.kind === 'host');
  return thread;
}

const functions = (state: StopState, id = MAIN_LOOP): string[] =>
  (hostThread(state, id).frames ?? []).map(({ function: name }) => name);

/** The line of source that is next. */
function next(state: StopState): string {
  const [frame] = hostThread(state).frames ?? [];
  assert.ok(frame);
  return textOf(frame.file)[frame.line - 1] ?? '';
}

/** Packets on their way, and one more a millisecond later; stopped in the driver. */
async function started(packets = 2): Promise<MachineHandle> {
  const later = { kind: 'tx', atNs: 2_000_000, count: 1, intervalNs: 0, size: 64 } as const;
  const to = setup(await virtioNet(), { traffic: [tx(packets), later] });
  const handle = await machine({ ...to, stopSites: [firstSite(to.program, 'start_xmit')] });
  await handle.start();
  return handle;
}

const step = (handle: MachineHandle, kind: 'into' | 'over' | 'out' | 'back'): Promise<StopState> =>
  handle.run({ kind, thread: MAIN_LOOP });

describe('stepping a host', function () {
  this.timeout(60_000);

  it('shows each action at its line, and the calls that led there', async () => {
    const handle = await started();
    let state = await step(handle, 'into');
    assert.deepEqual(functions(state), ['mainLoop']);
    assert.match(next(state), /do: 'rest'/);
    state = await step(handle, 'into');
    assert.deepEqual(functions(state), ['virtio_net_tx_timer', 'mainLoop']);
    assert.match(next(state), /notification\('tx', true\)/);
    const seen: string[] = [];
    for (let i = 0; i < 5; i++) {
      state = await step(handle, 'into');
      assert.deepEqual(functions(state), ['virtio_net_flush_tx', 'virtio_net_tx_timer', 'mainLoop']);
      seen.push(/do: '(\w+)'/.exec(next(state))?.[1] ?? next(state));
      assert.equal(state.thread, MAIN_LOOP);
    }
    assert.deepEqual(seen, ['readAvailIdx', 'take', 'send', 'use', 'setUsedIdx']);
    state = await step(handle, 'into');
    assert.deepEqual(functions(state), ['virtio_notify', 'virtio_net_flush_tx', 'virtio_net_tx_timer', 'mainLoop']);
    await handle.dispose();
  });

  it('steps over a function, and out of one', async () => {
    const handle = await started();
    await handle.setHostBreakpoints([
      { id: 1, file: 'qemu-net.ts', line: lineOf(QEMU_NET, "do: 'setUsedIdx', queue: 'tx'") },
    ]);
    let state = await handle.run({ kind: 'continue' });
    await handle.setHostBreakpoints([]);
    assert.deepEqual(functions(state), ['virtio_net_flush_tx', 'virtio_net_tx_timer', 'mainLoop']);
    state = await step(handle, 'over');
    assert.deepEqual(
      functions(state),
      ['virtio_net_flush_tx', 'virtio_net_tx_timer', 'mainLoop'],
      'over virtio_notify()',
    );
    assert.match(next(state), /readAvailIdx/);
    state = await step(handle, 'out');
    assert.deepEqual(functions(state), ['mainLoop'], 'virtio_net_tx_timer() does nothing behind the flush');
    assert.match(next(state), /do: 'rest'/);
    await handle.dispose();
  });

  it('stops at a breakpoint before its action, each time, forward and backward', async () => {
    const handle = await started(3);
    const line = lineOf(QEMU_NET, "do: 'send'");
    assert.deepEqual(await handle.setHostBreakpoints([{ id: 7, file: 'qemu-net.ts', line }]), [undefined]);
    const places: number[] = [];
    for (let i = 0; i < 3; i++) {
      const state = await handle.run({ kind: 'continue' });
      assert.deepEqual(state.reason, { kind: 'breakpoint', ids: [7] });
      assert.equal(hostThread(state).frames?.[0]?.line, line);
      assert.equal((await handle.sentFrames()).length, i);
      places.push(state.position.tick);
    }
    const back = await handle.run({ kind: 'reverse' });
    assert.equal(back.position.tick, places[1]);
    assert.equal((await handle.run({ kind: 'continue' })).position.tick, places[2]);
    await toEnd(handle);
    await handle.dispose();
  });

  it('stops at the first action of a call that has a breakpoint, and counts passes', async () => {
    const handle = await started(3);
    const call = lineOf(QEMU_NET, "virtio_notify(nic, 'tx'");
    await handle.setHostBreakpoints([{ id: 2, file: 'qemu-net.ts', line: call, hitCondition: '2' }]);
    const state = await handle.run({ kind: 'continue' });
    assert.deepEqual(state.reason, { kind: 'breakpoint', ids: [2] });
    assert.equal(functions(state)[0], 'virtio_notify');
    assert.equal(hostThread(state).frames?.[1]?.line, call);
    assert.equal((await handle.sentFrames()).length, 2);
    await handle.dispose();
  });

  it('refuses a line where nothing happens', async () => {
    const handle = await started();
    const [error] = await handle.setHostBreakpoints([{ id: 1, file: 'qemu-net.ts', line: 1 }]);
    assert.equal(error, 'no host acts at line 1 of qemu-net.ts');
    await handle.dispose();
  });

  it('goes back action by action, with the frames of then', async () => {
    const handle = await started();
    const forward: [number, string[]][] = [];
    for (let i = 0; i < 8; i++) {
      const state = await step(handle, 'into');
      forward.push([state.position.tick, functions(state)]);
    }
    for (const expected of forward.slice(0, -1).reverse()) {
      const state = await step(handle, 'back');
      assert.deepEqual([state.position.tick, functions(state)], expected);
    }
    await handle.dispose();
  });

  it('has the variables of each frame, as they are there', async () => {
    const handle = await started();
    const line = lineOf(QEMU_NET, "do: 'use', queue: 'tx'");
    await handle.setHostBreakpoints([{ id: 1, file: 'qemu-net.ts', line }]);
    await handle.run({ kind: 'continue' });
    const [flush, timer, loop] = hostThread(await handle.run({ kind: 'continue' })).frames ?? [];
    const { elem, num_packets, bytes, burst, n } = flush?.locals ?? {};
    assert.deepEqual([num_packets, burst, bytes], [1, Infinity, 64]);
    assert.equal((elem as HostValues)['head'], 2);
    assert.equal((n as HostValues)['tx_last_avail_idx'], 2);
    assert.deepEqual(Object.keys(timer?.locals ?? {}), ['nic']);
    assert.equal(loop?.function, 'mainLoop');
    assert.deepEqual(loop.locals['wake'], { on: 'timer', name: 'tx_timer' });
    await handle.dispose();
  });

  it('stops where a condition over the variables holds, with hit counts of those passes, forward and backward', async () => {
    const handle = await started(5);
    const line = lineOf(QEMU_NET, "do: 'use', queue: 'tx'");
    const set = async (more: object): Promise<void> =>
      assert.deepEqual(await handle.setHostBreakpoints([{ id: 3, file: 'qemu-net.ts', line, ...more }]), [undefined]);
    const used = (state: StopState): unknown => hostThread(state).action?.['index'];
    await set({ condition: 'elem.head >= 4' });
    const first = await handle.run({ kind: 'continue' });
    assert.equal(used(first), 2);
    assert.equal(used(await handle.run({ kind: 'continue' })), 3);
    assert.equal((await handle.run({ kind: 'reverse' })).position.tick, first.position.tick);
    await set({ condition: 'n.tx_used_idx > 1 && action.do === "use"', hitCondition: '3' });
    assert.equal(used(await handle.run({ kind: 'continue' })), 4, 'counted from the start of the run');
    await set({ condition: 'elem.nothing.at.all' });
    assert.deepEqual((await toEnd(handle)).reason.kind, 'end', 'what cannot be read does not hold');
    await handle.dispose();
  });

  it('logs with values instead of stopping, once however often the run comes by', async () => {
    const handle = await started(3);
    const said: MachineOutput[] = [];
    handle.onOutput((output) => output.kind === 'log' && said.push(output));
    const line = lineOf(QEMU_NET, "do: 'use', queue: 'tx'");
    const logMessage = 'used[{n.tx_used_idx}] = {elem.head}, {elem.segments[0].len} bytes of header';
    await handle.setHostBreakpoints([{ id: 1, file: 'qemu-net.ts', line, logMessage }]);
    await toEnd(handle);
    assert.deepEqual(
      said.map(({ text, host }) => [text, host]),
      [0, 1, 2, 3].map((i) => [`used[${i}] = ${[0, 2, 4, 4][i]}, 12 bytes of header`, { file: 'qemu-net.ts', line }]),
    );
    const times = said.map((o) => o.timeNs);
    assert.deepEqual(
      [...times].sort((a, b) => a - b),
      times,
    );
    await handle.run({ kind: 'reverse' });
    await toEnd(handle);
    assert.equal(said.length, 4, 'a replay says nothing again');
    await handle.dispose();
  });

  it('refuses an expression that means nothing at the line, and says why', async () => {
    const handle = await started();
    const line = lineOf(QEMU_NET, "do: 'take', queue: 'tx'");
    const error = async (more: object): Promise<string | undefined> =>
      (await handle.setHostBreakpoints([{ id: 1, file: 'qemu-net.ts', line, ...more }]))[0];
    assert.equal(
      await error({ condition: 'elem.head === 1' }),
      '"elem.head === 1": there is no variable elem at this line',
      'it is set by what is yielded here',
    );
    assert.match((await error({ condition: 'idx = 1' })) ?? '', /can only be read/);
    assert.match((await error({ condition: 'idx ===' })) ?? '', /expected an operand, it ends/);
    assert.match((await error({ logMessage: 'at {idx' })) ?? '', /closing } is missing/);
    assert.match(
      (await error({ condition: 'idx.constructor("1")' })) ?? '',
      /expected an operand or operator, found \(/,
    );
    await handle.dispose();
  });

  it('ships models in whose source an editor finds no error, line by line as they are', () => {
    const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-hosts-'));
    try {
      const steppable = readdirSync(hosts).filter((file) => /\byield\b/.test(textOf(file).join('\n')));
      assert.ok(steppable.includes('vhost.ts') && steppable.includes('qemu-net.ts'));
      for (const file of steppable) {
        const shipped = asShipped(textOf(file).join('\n'));
        assert.equal(shipped.split('\n').length, textOf(file).length);
        writeFileSync(join(folder, file), shipped);
      }
      const files = steppable.map((file) => join(folder, file));
      const program = ts.createProgram(files, {
        target: ts.ScriptTarget.ES2022,
        strict: true,
        noEmit: true,
        types: [],
      });
      for (const file of files) {
        const source = program.getSourceFile(file);
        const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
        assert.deepEqual(
          found.map(({ messageText }) => messageText),
          [],
          file,
        );
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has a line for every yield of every model, and leaves their lines where they are', () => {
    for (const [file, text] of [
      [
        'a.ts',
        '// x\nfunction* f(n) {\n  const a = yield { do: 1 };\n  if ((yield* g(n)) > 0) yield* g(yield h());\n}\n',
      ],
    ] as const) {
      const out = withPlaces(text, file);
      assert.equal(out.split('\n').length, text.split('\n').length);
      assert.match(out, /\[\[3,"f",\["n"\]\],\[4,"f",\["a","n"\]\],\[4,"f",\["a","n"\]\],\[4,"f",\["a","n"\]\]\]/);
      assert.match(out, /const a = yield __places\.at\(0, \{ do: 1 \}, \(\) => \(\{ n \}\)\);/);
      assert.match(out, /if \(\(__places\.leave\(yield\* \(__places\.enter\(1, .*?\), g\(n\)\)\)\) > 0\)/);
      assert.match(
        out,
        /__places\.leave\(yield\* \(__places\.enter\(2, .*?\), g\(yield __places\.at\(3, h\(\), .*?\)\)\)\);/,
      );
    }
  });
});
