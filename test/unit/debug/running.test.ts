// Running: steps in both directions, pause, requests while it runs, progress and its cancellation, output.
import assert from 'node:assert/strict';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { launcherOf, TestClient } from './client';
import { FakeMachine, SCRIPT, type Tick } from './fake-machine';
import { FUNC, SITE, TX_C } from './fake-program';

async function begun(
  script?: readonly Tick[],
  args: object = {},
): Promise<{ machine: FakeMachine; client: TestClient }> {
  const machine = new FakeMachine(script);
  const client = new TestClient(launcherOf(machine));
  await client.begin({ scenario: 'tx-one', ...args });
  return { machine, client };
}

describe('debug: running', () => {
  it('maps each request to the machine’s, for the thread it names', async () => {
    const { machine, client } = await begun();
    await client.move('next');
    await client.move('stepIn');
    await client.move('stepOut');
    await client.move('next', { threadId: 2 });
    await client.move('stepBack');
    await client.move('virtioLab.goTo', { tick: 3 });
    assert.deepEqual(machine.requests, [
      { kind: 'over', thread: 1 },
      { kind: 'into', thread: 1, target: undefined, interrupts: false },
      { kind: 'out', thread: 1 },
      { kind: 'over', thread: 2 },
      { kind: 'back', thread: 1 },
      { kind: 'goto', position: { tick: 3, sub: 0 } },
    ]);
  });

  it('visits the same places stepping back as stepping forward', async () => {
    const { client } = await begun();
    const forward = [await client.stack()];
    for (let i = 0; i < 4; i++) {
      await client.move('next');
      forward.push(await client.stack());
    }
    const back = [await client.stack()];
    for (let i = 0; i < 4; i++) {
      await client.move('stepBack');
      back.push(await client.stack());
    }
    assert.deepEqual(back.reverse(), forward);
  });

  it('offers what a step can enter, and enters the one chosen', async () => {
    const { machine, client } = await begun();
    const { body } = await client.stepInTargetsRequest({ frameId: await client.topFrame() });
    assert.deepEqual(body.targets, [
      { id: 0, label: 'full()' },
      { id: 1, label: 'interrupt: virtio0' },
    ]);
    await client.move('stepIn', { threadId: 1, targetId: 0 });
    assert.deepEqual(machine.requests[0], {
      kind: 'into',
      thread: 1,
      target: { function: FUNC.full },
      interrupts: false,
    });
    assert.match(await client.refused('stepIn', { threadId: 1, targetId: 0 }), /no step-in target 0 at this stop/);
  });

  it('offers nothing to enter from an outer frame', async () => {
    const { client } = await begun();
    await client.move('virtioLab.goTo', { tick: 3 });
    const { stackFrames } = (await client.stackTraceRequest({ threadId: 1 })).body;
    const targets = await client.stepInTargetsRequest({ frameId: stackFrames[1]?.id ?? 0 });
    assert.deepEqual(targets.body.targets, []);
  });

  it('enters interrupts when the configuration says so', async () => {
    const { machine, client } = await begun(SCRIPT, { stepIntoInterrupts: true });
    await client.move('stepIn');
    assert.deepEqual(machine.requests[0], { kind: 'into', thread: 1, target: undefined, interrupts: true });
  });

  it('refuses steps of machine instructions, and of threads that are not there', async () => {
    const { client } = await begun();
    assert.match(await client.refused('next', { threadId: 1, granularity: 'instruction' }), /stepped by source lines/);
    assert.match(await client.refused('next', { threadId: 9 }), /no thread 9/);
    assert.equal((await client.move('next', { threadId: 1, granularity: 'line' })).body.reason, 'step');
  });

  it('pauses an endless loop; until then it answers, without hanging, that it runs', async () => {
    const loop: Tick = {
      thread: 1,
      frames: [{ kind: 'driver', func: 0, site: SITE.ret, base: 0x1800, depth: 1 }],
      spin: true,
    };
    const { client } = await begun([...SCRIPT.slice(0, 2), loop]);
    const frameId = await client.topFrame();
    const { body } = await client.continueRequest({ threadId: 1 });
    assert.equal(body.allThreadsContinued, true);
    for (const [command, args] of [
      ['stackTrace', { threadId: 1 }],
      ['scopes', { frameId }],
      ['evaluate', { expression: 'head', frameId }],
      ['next', { threadId: 1 }],
      ['readMemory', { memoryReference: '0x0', count: 1 }],
      ['writeMemory', { memoryReference: '0x100', data: 'AA==' }],
    ] as const)
      assert.equal(await client.refused(command, args), 'notStopped', command);
    assert.equal((await client.threadsRequest()).body.threads.length, 2);
    const set = await client.setBreakpointsRequest({ source: { path: TX_C }, breakpoints: [{ line: 22 }] });
    assert.equal(set.body.breakpoints[0]?.verified, true);
    await client.pauseRequest({ threadId: 1 });
    assert.equal((await client.next<DebugProtocol.StoppedEvent>('stopped')).body.reason, 'pause');
    await client.pauseRequest({ threadId: 1 });
    assert.deepEqual(await client.stack(), ['start_xmit:22']);
  });

  it('shows progress of a long search, and gives it up on cancel', async () => {
    const { machine, client } = await begun();
    await client.move('next');
    machine.onRun = async (progress) => {
      progress?.({ fraction: 0, message: 'Searching back' });
      progress?.({ fraction: 0.001, message: 'Searching back' });
      progress?.({ fraction: 0.5, message: 'Searching back' });
      await machine.interrupted();
    };
    await client.reverseContinueRequest({ threadId: 1 });
    const start = await client.next<DebugProtocol.ProgressStartEvent>('progressStart');
    assert.deepEqual(
      [start.body.title, start.body.message, start.body.cancellable],
      ['Running in reverse', 'Searching back', true],
    );
    const update = await client.next<DebugProtocol.ProgressUpdateEvent>('progressUpdate');
    assert.equal(update.body.percentage, 50);
    await client.customRequest('cancel', { progressId: start.body.progressId });
    await client.next('stopped');
    assert.equal(machine.cancelled, true);
    const ends = client.log.filter((e) => e.event === 'progressEnd');
    assert.equal(ends.length, 1);
    assert.deepEqual(await client.stack(), ['start_xmit:18']);
    assert.equal(
      client.log.some((e) => e.event === 'output'),
      false,
    );
  });

  it('says why, and stands where it stood, when the machine refuses after all', async () => {
    const { machine, client } = await begun();
    machine.onRun = () => Promise.reject(new Error('The journal is damaged.'));
    const stop = await client.move('continue');
    assert.equal(stop.body.reason, 'entry');
    const { body } = await client.next<DebugProtocol.OutputEvent>('output');
    assert.deepEqual([body.category, body.output], ['important', 'The journal is damaged.\n']);
    assert.equal((await client.move('next')).body.reason, 'step');
  });

  it('prints printk with virtual time, level and line, and nothing again on replay', async () => {
    const { client } = await begun();
    await client.move('continue');
    const { body } = await client.next<DebugProtocol.OutputEvent>('output');
    assert.deepEqual(
      [body.output, body.category, body.source?.path, body.line],
      ['[    0.000004] virtio0: adding\n', 'stdout', TX_C, 21],
    );
    await client.move('reverseContinue');
    await client.move('continue');
    assert.equal(client.log.filter((e) => e.event === 'output').length, 1);
  });

  for (const [output, category] of [
    [{ kind: 'printk', text: 'x', level: 3 }, 'stderr'],
    [{ kind: 'printk', text: 'x', level: 4 }, 'console'],
    [{ kind: 'printk', text: 'x' }, 'console'],
    [{ kind: 'printk', text: 'x', level: 7 }, 'stdout'],
    [{ kind: 'finding', text: 'x' }, 'stderr'],
    [{ kind: 'log', text: 'x' }, 'stdout'],
    [{ kind: 'notice', text: 'x' }, 'console'],
  ] as const)
    it(`prints ${output.kind} ${'level' in output ? output.level : ''} to ${category}`, async () => {
      const script = [...SCRIPT];
      script[1] = { thread: 1, frames: SCRIPT[1]?.frames ?? [], output };
      const { client } = await begun(script);
      await client.move('next');
      assert.equal((await client.next<DebugProtocol.OutputEvent>('output')).body.category, category);
    });
});
