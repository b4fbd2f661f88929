// Looking and changing: stacks, scopes, variables with paging, expressions, memory, and edits with their events.
import assert from 'node:assert/strict';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { launcherOf, TestClient } from './client';
import { FakeMachine, IDX, NUM_FREE, SCRIPT } from './fake-machine';
import { TX_C } from './fake-program';

async function at(tick: number): Promise<{ machine: FakeMachine; client: TestClient }> {
  const machine = new FakeMachine();
  const client = new TestClient(launcherOf(machine));
  await client.begin();
  if (tick !== 1) await client.move('virtioLab.goTo', { tick });
  return { machine, client };
}

async function variables(client: TestClient, variablesReference: number, extra: object = {}) {
  return (await client.variablesRequest({ variablesReference, ...extra })).body.variables;
}

async function scope(client: TestClient, name: string, threadId = 1): Promise<number> {
  const { scopes } = (await client.scopesRequest({ frameId: await client.topFrame(threadId) })).body;
  return scopes.find((s) => s.name === name)?.variablesReference ?? 0;
}

describe('debug: stacks', () => {
  it('lists vCPU 0 and the host’s threads', async () => {
    const { client } = await at(1);
    assert.deepEqual((await client.threadsRequest()).body.threads, [
      { id: 1, name: 'vCPU 0' },
      { id: 2, name: 'QEMU main loop' },
    ]);
  });

  it('sets interrupt frames apart, and pages', async () => {
    const { client } = await at(7);
    assert.deepEqual(await client.stack(), ['skb_xmit_done:27', '--- interrupt: virtio0 ---', 'start_xmit:22']);
    const { body } = await client.stackTraceRequest({ threadId: 1, startFrame: 1, levels: 1 });
    assert.equal(body.totalFrames, 3);
    assert.deepEqual(
      body.stackFrames.map((f) => [f.name, f.presentationHint]),
      [['--- interrupt: virtio0 ---', 'label']],
    );
    assert.deepEqual((await client.scopesRequest({ frameId: body.stackFrames[0]?.id ?? 0 })).body.scopes, []);
  });

  it('shows source, line and column; in a prologue the line of the declaration', async () => {
    const prologue = [...SCRIPT];
    prologue[1] = { thread: 1, frames: [{ kind: 'driver', func: 0, site: undefined, base: 0x1800, depth: 1 }] };
    const client = new TestClient(launcherOf(new FakeMachine(prologue)));
    await client.begin();
    const [declared] = (await client.stackTraceRequest({ threadId: 1 })).body.stackFrames;
    assert.deepEqual(
      [declared?.name, declared?.line, declared?.column, declared?.source?.path],
      ['start_xmit', 14, 1, TX_C],
    );
    await client.move('virtioLab.goTo', { tick: 4 });
    const [frame] = (await client.stackTraceRequest({ threadId: 1 })).body.stackFrames;
    assert.deepEqual([frame?.line, frame?.column], [21, 9]);
  });

  it('shows a host thread by what it waits for, with its state as variables', async () => {
    const { client } = await at(4);
    assert.deepEqual(await client.stack(2), ['waiting: a kick on tx (4 µs, since [    0.000000])']);
    const state = await variables(client, await scope(client, 'State', 2));
    assert.deepEqual(
      state.map((v) => [v.name, v.value]),
      [
        ['timerActive', 'true'],
        ['burst', '256'],
        ['note', '"x"'],
      ],
    );
    const frameId = await client.topFrame(2);
    assert.equal(await client.evaluate('burst', 'watch', { frameId }), '256');
    assert.match(
      await client.refused('setVariable', {
        variablesReference: await scope(client, 'State', 2),
        name: 'burst',
        value: '1',
      }),
      /can only be read/,
    );
  });

  it('keeps frame ids within a stop, and refuses those of an earlier one', async () => {
    const { client } = await at(1);
    const [frameId, locals] = [await client.topFrame(), await scope(client, 'Locals')];
    assert.equal(await client.topFrame(), frameId);
    await client.move('next');
    assert.match(await client.refused('scopes', { frameId }), /has moved on/);
    assert.match(await client.refused('variables', { variablesReference: locals }), /has moved on/);
    assert.notEqual(await client.topFrame(), frameId);
  });
});

describe('debug: variables and expressions', () => {
  it('opens structs, and pages arrays', async () => {
    const { client } = await at(1);
    const [queue] = await variables(client, await scope(client, 'Locals'));
    assert.deepEqual([queue?.name, queue?.namedVariables, queue?.type], ['*q', 2, 'struct queue']);
    const members = await variables(client, queue?.variablesReference ?? 0);
    assert.deepEqual(
      members.map((v) => [v.name, v.value, v.evaluateName]),
      [
        ['num_free', '4', 'q->num_free'],
        ['idx', '4', 'q->idx'],
      ],
    );
    const [ring] = await variables(client, await scope(client, 'Globals'));
    assert.equal(ring?.indexedVariables, 300);
    const page = await variables(client, ring?.variablesReference ?? 0, { filter: 'indexed', start: 290, count: 100 });
    assert.deepEqual([page.length, page[0]?.name, page[9]?.value], [10, '[290]', '299']);
    assert.deepEqual(await variables(client, ring?.variablesReference ?? 0, { filter: 'named' }), []);
    assert.equal((await variables(client, ring?.variablesReference ?? 0)).length, 300);
  });

  it('shows hexadecimal where the client asks for it', async () => {
    const { client } = await at(1);
    const [ring] = await variables(client, await scope(client, 'Globals'));
    const page = await variables(client, ring?.variablesReference ?? 0, {
      filter: 'indexed',
      start: 255,
      count: 1,
      format: { hex: true },
    });
    assert.equal(page[0]?.value, '0xff');
    assert.equal(await client.evaluate('ring[17]', 'watch', { format: { hex: true } }), '0x11');
  });

  it('evaluates in the frame, or in the global scope without one', async () => {
    const { client } = await at(1);
    assert.equal(await client.evaluate('head'), '0');
    assert.match(await client.refused('evaluate', { expression: 'head' }), /no symbol "head"/);
    assert.equal(await client.evaluate('q->idx', 'clipboard'), '4');
  });

  it('changes nothing from a hover or a watch', async () => {
    const { machine, client } = await at(1);
    for (const context of ['hover', 'watch', 'clipboard'])
      await client.refused('evaluate', { expression: 'q->idx = 9', context, frameId: await client.topFrame() });
    assert.equal(machine.made.length, 0);
  });

  it('completes names in scope, and members', async () => {
    const { client } = await at(1);
    const frameId = await client.topFrame();
    const complete = async (text: string): Promise<unknown> => {
      const { body } = await client.completionsRequest({ text, column: text.length + 1, frameId });
      return body.targets.map((t) => [t.label, t.start, t.length]);
    };
    assert.deepEqual(await complete('1 + he'), [['head', 4, 2]]);
    assert.deepEqual(await complete('ring[head] + q->'), [
      ['num_free', 16, 0],
      ['idx', 16, 0],
    ]);
    assert.deepEqual(await complete('q->i'), [['idx', 3, 1]]);
    assert.deepEqual(await complete('nope->'), []);
  });

  it('has the inspector’s words for an error, braces and all', async () => {
    const { client } = await at(1);
    assert.equal(
      await client.refused('evaluate', { expression: '{nope}', context: 'hover' }),
      'no symbol "{nope}" in this scope',
    );
  });
});

describe('debug: edits', () => {
  it('assigns from the console, from a variable and from a watch, as the machine’s edits', async () => {
    const { machine, client } = await at(1);
    assert.equal(await client.evaluate('q->idx = 40', 'repl'), '40');
    await client.next('invalidated');
    const frameId = await client.topFrame();
    const set = await client.customRequest('setExpression', { expression: 'q->num_free', value: 'q->idx', frameId });
    assert.equal((set.body as { value: string }).value, '40');
    const [queue] = await variables(client, await scope(client, 'Locals'));
    const { body } = await client.setVariableRequest({
      variablesReference: queue?.variablesReference ?? 0,
      name: 'idx',
      value: '7',
      format: { hex: true },
    });
    assert.equal(body.value, '0x7');
    assert.deepEqual(
      machine.made.map(({ edit }) => [edit.address, edit.bytes[0], edit.text]),
      [
        [IDX, 40, 'q->idx = 40'],
        [NUM_FREE, 40, 'q->num_free = q->idx'],
        [IDX, 7, 'q->idx = 7'],
      ],
    );
    assert.equal(await client.evaluate('q->idx'), '7');
  });

  it('sets an element deep in an array without reading the array', async () => {
    const { machine, client } = await at(1);
    const [ring] = await variables(client, await scope(client, 'Globals'));
    await client.setVariableRequest({ variablesReference: ring?.variablesReference ?? 0, name: '[299]', value: '1' });
    assert.equal(machine.made[0]?.edit.address, 0x1000 + 4 * 299);
  });

  it('says when an edit in the past dropped the future', async () => {
    const { client } = await at(4);
    await client.move('stepBack');
    await client.evaluate('q->idx = 9', 'repl');
    const { body } = await client.next<DebugProtocol.OutputEvent>('output');
    assert.match(body.output, /q->idx = 9: what was recorded after this position is dropped/);
  });

  it('refuses to set what is no place, with a window', async () => {
    const { machine, client } = await at(1);
    const [queue] = await variables(client, await scope(client, 'Locals'));
    assert.deepEqual(queue?.presentationHint?.attributes, ['readOnly']);
    const reference = await scope(client, 'Locals');
    assert.match(
      await client.refused('setVariable', { variablesReference: reference, name: '*q', value: '1' }),
      /cannot be set/,
    );
    assert.match(
      await client.refused('setVariable', { variablesReference: reference, name: 'x', value: '1' }),
      /no variable "x"/,
    );
    assert.match(await client.refused('setExpression', { expression: '1 + 1', value: '3' }), /no place in memory/);
    assert.equal(machine.made.length, 0);
  });

  it('reads and writes memory, and names the open references that changed', async () => {
    const { machine, client } = await at(1);
    const read = (memoryReference: string, offset: number, count: number) =>
      client.customRequest('readMemory', { memoryReference, offset, count });
    assert.deepEqual((await read('0x100', 4, 4)).body, { address: '0x104', data: 'BAAAAA==' });
    assert.deepEqual((await read('0x1ffe', 0, 4)).body, { address: '0x1ffe', data: 'AAA=', unreadableBytes: 2 });
    assert.deepEqual((await read('0x2000', 0, 4)).body, { address: '0x2000', unreadableBytes: 4 });
    const written = await client.customRequest('writeMemory', { memoryReference: '0x104', data: 'CQA=' });
    assert.deepEqual(written.body, { bytesWritten: 2 });
    const memory = await client.next<DebugProtocol.MemoryEvent>('memory');
    assert.deepEqual(memory.body, { memoryReference: '0x100', offset: 4, count: 2 });
    assert.equal(await client.evaluate('q->idx'), '9');
    assert.match(
      await client.refused('writeMemory', { memoryReference: '0x1fff', data: 'CQA=' }),
      /Cannot write 2 bytes at 0x1fff: RAM ends at 0x2000/,
    );
    const partial = { memoryReference: '0x1fff', data: 'CQA=', allowPartial: true };
    assert.deepEqual((await client.customRequest('writeMemory', partial)).body, { bytesWritten: 1 });
    assert.equal(machine.made.length, 2);
  });
});
