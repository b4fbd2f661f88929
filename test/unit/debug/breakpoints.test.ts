// Breakpoints of all kinds through the protocol: lines, functions, data and events; what is armed, and what a stop says.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { launcherOf, TestClient } from './client';
import { FakeMachine, IDX, NUM_FREE, SCRIPT } from './fake-machine';
import { BUNDLED, RING_H, SITE, TX_C } from './fake-program';

async function begun(): Promise<{ machine: FakeMachine; client: TestClient }> {
  const machine = new FakeMachine();
  const client = new TestClient(launcherOf(machine));
  await client.begin();
  return { machine, client };
}

const set = async (client: TestClient, path: string, ...breakpoints: DebugProtocol.SourceBreakpoint[]) =>
  (await client.setBreakpointsRequest({ source: { path }, breakpoints })).body.breakpoints;

const info = async (client: TestClient, args: object) =>
  (await client.customRequest('dataBreakpointInfo', args)).body as DebugProtocol.DataBreakpointInfoResponse['body'];

const setData = async (client: TestClient, ...breakpoints: DebugProtocol.DataBreakpoint[]) =>
  (await client.setDataBreakpointsRequest({ breakpoints })).body.breakpoints;

const setFilters = async (client: TestClient, args: object) =>
  (await client.customRequest('setExceptionBreakpoints', { filters: [], ...args })).body as { breakpoints: object[] };

describe('debug: line and function breakpoints', () => {
  it('arms conditions, hit counts and log points, and says which one was hit', async () => {
    const { machine, client } = await begun();
    const [plain] = await set(client, TX_C, { line: 22 }, { line: 18, logMessage: 'free {q->num_free}' });
    assert.deepEqual(machine.lines, [
      { id: 1, sites: [SITE.ret], condition: undefined, hitCondition: undefined, logMessage: undefined },
      { id: 2, sites: [SITE.full], condition: undefined, hitCondition: undefined, logMessage: 'free {q->num_free}' },
    ]);
    await set(client, RING_H, { line: 4, condition: 'q == 0', hitCondition: '>= 2' });
    assert.deepEqual(machine.lines[2], {
      id: 3,
      sites: [SITE.inFull, SITE.inFullCopy],
      condition: 'q == 0',
      hitCondition: '>= 2',
      logMessage: undefined,
    });
    await set(client, RING_H);
    const stop = await client.move('continue');
    assert.deepEqual([stop.body.reason, stop.body.hitBreakpointIds], ['breakpoint', [plain?.id]]);
  });

  it('keeps ids when the list is sent again, also of two breakpoints on one line', async () => {
    const { client } = await begun();
    const first = await set(client, TX_C, { line: 22 }, { line: 22, condition: 'x' }, { line: 18 });
    const again = await set(client, TX_C, { line: 18 }, { line: 22 }, { line: 22 });
    assert.deepEqual(
      [again[1]?.id, again[2]?.id, again[0]?.id],
      first.map((b) => b.id),
    );
    assert.equal(new Set(first.map((b) => b.id)).size, 3);
  });

  it('returns the real line of one that moved, and a reason for one that cannot be', async () => {
    const { machine, client } = await begun();
    const [moved, dead, late] = await set(client, TX_C, { line: 17 }, { line: 6 }, { line: 29 });
    assert.deepEqual([moved?.verified, moved?.line, moved?.column], [true, 18, undefined]);
    assert.deepEqual([dead?.verified, dead?.line], [false, 6]);
    assert.match(dead?.message ?? '', /left this function out/);
    assert.equal(late?.message, 'no code on or after this line');
    const [foreign] = await set(client, '/elsewhere/tx.c', { line: 22 });
    assert.deepEqual([foreign?.verified, foreign?.message], [false, 'this file is not part of the driver']);
    assert.equal(machine.lines.length, 1);
  });

  it('knows a file by any of its paths, and a bundled one by reference', async () => {
    const { machine, client } = await begun();
    const folder = mkdtempSync(join(tmpdir(), 'virtio-lab-link-'));
    try {
      const link = join(folder, 'other.c');
      symlinkSync(TX_C, link);
      assert.equal((await set(client, link, { line: 22 }))[0]?.verified, true);
      const { sources } = (await client.customRequest('loadedSources')).body as { sources: DebugProtocol.Source[] };
      const source = sources.find((s) => s.path === BUNDLED);
      assert.ok(source);
      const { body } = await client.setBreakpointsRequest({ source, breakpoints: [{ line: 2 }] });
      // line 2 opens the body: the code of dev_queue_xmit() follows on line 3
      assert.deepEqual([body.breakpoints[0]?.verified, body.breakpoints[0]?.line], [true, 3]);
      assert.deepEqual(machine.lines.at(-1)?.sites, [SITE.bundled]);
      const text = await client.sourceRequest({ source, sourceReference: source.sourceReference ?? 0 });
      assert.match(text.body.content, /^int dev_queue_xmit/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says what is wrong with a condition', async () => {
    const { client } = await begun();
    const [bad] = await set(client, TX_C, { line: 22, condition: 'nonsense(' });
    assert.deepEqual([bad?.verified, bad?.message], [false, 'condition: ")" is missing']);
  });

  it('arms functions in all copies', async () => {
    const { machine, client } = await begun();
    const { body } = await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'full' }, { name: 'nope' }] });
    assert.deepEqual(
      body.breakpoints.map((b) => [b.verified, b.line, b.source?.path, b.message]),
      [
        [true, 4, RING_H, undefined],
        [false, undefined, undefined, 'the driver has no function "nope"'],
      ],
    );
    assert.deepEqual(machine.lines[0]?.sites, [SITE.inFull, SITE.inFullCopy]);
    assert.equal((await client.move('continue')).body.reason, 'function breakpoint');
  });

  it('lists breakpoint locations', async () => {
    const { client } = await begun();
    const answer = await client.customRequest('breakpointLocations', {
      source: { path: TX_C },
      line: 20,
      endLine: 21,
    });
    assert.deepEqual(answer.body, {
      breakpoints: [
        { line: 21, column: 9 },
        { line: 21, column: 17 },
      ],
    });
  });

  it('takes breakpoints that come before the launch, and binds them then', async () => {
    const machine = new FakeMachine();
    const client = new TestClient(launcherOf(machine));
    await client.hello();
    const [early] = await set(client, TX_C, { line: 22 });
    assert.deepEqual([early?.verified, early?.message], [false, 'the driver has not been launched for debugging']);
    await client.customRequest('launch', { scenario: 'x' });
    const changed = await client.next<DebugProtocol.BreakpointEvent>('breakpoint');
    assert.deepEqual([changed.body.breakpoint.id, changed.body.breakpoint.verified], [early?.id, true]);
    assert.equal(machine.lines.length, 1);
  });
});

describe('debug: data breakpoints', () => {
  it('watches a variable, and says what was written and by whom; a device’s write stops on its thread', async () => {
    const { machine, client } = await begun();
    const frameId = await client.topFrame();
    const idx = await info(client, { name: 'q->idx', frameId });
    assert.deepEqual([idx.description, idx.accessTypes, idx.canPersist], ['q->idx', ['write'], false]);
    const free = await info(client, { name: 'q->num_free', frameId });
    const armed = await setData(
      client,
      { dataId: idx.dataId ?? '' },
      { dataId: free.dataId ?? '', accessType: 'write' },
    );
    assert.deepEqual(
      machine.data.map((d) => [d.address, d.size]),
      [
        [IDX, 4],
        [NUM_FREE, 4],
      ],
    );
    const driver = await client.move('continue');
    assert.deepEqual(
      [driver.body.reason, driver.body.description, driver.body.threadId, driver.body.hitBreakpointIds],
      ['data breakpoint', 'q->idx 4 → 5 by driver', 1, [armed[0]?.id]],
    );
    const device = await client.move('continue');
    assert.deepEqual([device.body.description, device.body.threadId], ['q->num_free 4 → 7 by device', 2]);
    assert.equal((await client.move('reverseContinue')).body.description, 'q->idx 4 → 5 by driver');
  });

  it('watches a child of a container, and a range of bytes', async () => {
    const { client } = await begun();
    const { body } = await client.scopesRequest({ frameId: await client.topFrame() });
    const [locals] = body.scopes;
    const { variables } = (await client.variablesRequest({ variablesReference: locals?.variablesReference ?? 0 })).body;
    const child = await info(client, { variablesReference: variables[0]?.variablesReference, name: 'idx' });
    assert.equal(child.dataId, '0x104+4 q->idx');
    const range = await info(client, { name: 'ring', bytes: 64 });
    assert.equal(range.dataId, '0x1000+64 ring');
    const address = await info(client, { name: '0x104', asAddress: true, bytes: 2 });
    assert.equal(address.dataId, '0x104+2 0x104 (2 B)');
  });

  it('has a reason for what cannot be watched', async () => {
    const { client } = await begun();
    assert.match((await info(client, { name: '1 + 1' })).description, /is a value, not a place in memory/);
    assert.match((await info(client, { name: '0x9999', asAddress: true, bytes: 2 })).description, /outside RAM/);
    assert.match((await info(client, { name: 'zz', asAddress: true })).description, /"zz" is no address/);
    assert.match(await client.refused('dataBreakpointInfo', { name: 'nope' }), /no symbol "nope"/);
    const answers = await setData(client, { dataId: '0x104+4 idx', accessType: 'readWrite' }, { dataId: 'what' });
    assert.match(answers[0]?.message ?? '', /only writes can be watched/);
    assert.match(answers[1]?.message ?? '', /"what" names no data/);
  });

  it('gives up addresses when a restart changed the program, and keeps them when it did not', async () => {
    const machines = [new FakeMachine(), new FakeMachine(), new FakeMachine(SCRIPT, 'changed')];
    const client = new TestClient(launcherOf(...machines));
    await client.begin();
    await setData(client, { dataId: '0x104+4 idx' });
    await client.restartRequest({});
    await client.next('stopped');
    assert.equal(machines[1]?.data.length, 1);
    await client.restartRequest({});
    await client.next('stopped');
    assert.equal(machines[2]?.data.length, 0);
    const last = client.log.filter((e) => e.event === 'breakpoint').at(-1) as DebugProtocol.BreakpointEvent;
    assert.match(last.body.breakpoint.message ?? '', /set this data breakpoint again/);
  });

  it('watches for the panel beside the client’s list', async () => {
    const { machine, client } = await begun();
    const watch = { address: IDX, size: 2, label: 'avail.idx' };
    const first = await client.customRequest('virtioLab.breakOnWrite', watch);
    assert.match(
      (await client.next<DebugProtocol.OutputEvent>('output')).body.output,
      /Stops when avail\.idx is written/,
    );
    const again = await client.customRequest('virtioLab.breakOnWrite', watch);
    assert.deepEqual(again.body, first.body);
    await setData(client);
    assert.equal(machine.data.length, 1);
    assert.equal((await client.move('continue')).body.description, 'avail.idx 4 → 5 by driver');
    await client.customRequest('virtioLab.clearBreakOnWrite', first.body as object);
    assert.equal(machine.data.length, 0);
    assert.match(await client.refused('virtioLab.breakOnWrite', { address: 1e9, size: 2 }), /outside RAM/);
  });
});

describe('debug: the next write of a field', () => {
  it('runs on to it, and watches no longer than that', async () => {
    const { machine, client } = await begun();
    assert.match(await client.refused('virtioLab.nextWriter', { address: 1e9, size: 2 }), /outside RAM/);
    const stop = await client.move('virtioLab.nextWriter', { address: IDX, size: 2, label: 'avail.idx' });
    assert.deepEqual([stop.body.reason, stop.body.description], ['data breakpoint', 'avail.idx 4 → 5 by driver']);
    await client.move('continue');
    assert.equal(machine.data.length, 0);
  });
});

describe('debug: who last wrote this', () => {
  it('goes back to the write, and says who wrote what', async () => {
    const { client } = await begun();
    await client.move('continue');
    const stop = await client.move('virtioLab.lastWriter', { address: NUM_FREE, size: 4, label: 'num_free' });
    assert.deepEqual(
      [stop.body.reason, stop.body.description, stop.body.threadId],
      ['data breakpoint', 'num_free 4 → 7 by device', 2],
    );
  });

  it('stays where it is when nobody has', async () => {
    const { client } = await begun();
    const stop = await client.move('virtioLab.lastWriter', { address: NUM_FREE, size: 4 });
    assert.equal(stop.body.reason, 'entry');
    const { body } = await client.next<DebugProtocol.OutputEvent>('output');
    assert.equal(body.output, 'Nothing has written 0x100 (4 B) before this position.\n');
  });
});

describe('debug: event breakpoints', () => {
  it('arms filters with conditions, and tells of the event', async () => {
    const { machine, client } = await begun();
    const { breakpoints } = await setFilters(client, {
      filters: ['trap'],
      filterOptions: [
        { filterId: 'kick', condition: 'queue == "tx"' },
        { filterId: 'badRing', condition: 'queue == "rx"' },
      ],
    });
    assert.deepEqual(
      breakpoints.map((b) => (b as DebugProtocol.Breakpoint).verified),
      [true, true, true],
    );
    assert.deepEqual(machine.eventList, [
      { id: 'trap', what: ['trap'], condition: undefined },
      { id: 'kick', what: ['kick'], condition: 'queue == "tx"' },
      { id: 'badRing', what: ['finding'], condition: 'kind == "bad-ring" && (queue == "rx")' },
    ]);
    const stop = await client.move('continue');
    assert.deepEqual(
      [stop.body.reason, stop.body.description, stop.body.text],
      ['exception', 'Paused on kick on tx', 'by driver, idx = 5'],
    );
    assert.deepEqual(stop.body.hitBreakpointIds, [(breakpoints[1] as DebugProtocol.Breakpoint).id]);
    const { body } = await client.exceptionInfoRequest({ threadId: 1 });
    assert.deepEqual(
      [body.exceptionId, body.description, body.breakMode],
      ['kick on tx', 'by driver, idx = 5', 'always'],
    );
  });

  it('says what is wrong with a condition, and with a filter there is not', async () => {
    const { client } = await begun();
    const { breakpoints } = await setFilters(client, {
      filterOptions: [{ filterId: 'kick', condition: '==' }, { filterId: 'lunch' }],
    });
    const messages = breakpoints.map((b) => (b as DebugProtocol.Breakpoint).message);
    assert.equal(messages[0], '"==": a value is missing');
    assert.match(messages[1] ?? '', /no filter "lunch"; there are kick, kickSuppressed, interrupt/);
    await client.move('next');
    assert.match(await client.refused('exceptionInfo', { threadId: 1 }), /did not stop at an event/);
  });
});
