// Whole sessions on the real machine: one packet from start_xmit to its freed skb, forward and back, watched and changed.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { TestClient } from '../unit/debug/client';
import { lineOf } from '../support/source-lines';
import { Bench, DRIVER, HOSTS, names, RING, scope } from './real';

const filters = (client: TestClient, ...filterOptions: DebugProtocol.ExceptionFilterOptions[]) =>
  client.customRequest('setExceptionBreakpoints', { filters: [], filterOptions });

const functions = (client: TestClient, ...list: string[]) =>
  client.setFunctionBreakpointsRequest({ breakpoints: list.map((name) => ({ name })) });

describe('dap: sessions on the real machine', function () {
  this.timeout(60_000);
  const bench = new Bench();
  let client: TestClient;

  before(() => bench.build());
  beforeEach(async () => {
    client = await bench.session();
  });
  afterEach(async () => {
    await client.disconnectRequest();
  });

  it('stops at the first line of start_xmit with its stack, threads and locals', async () => {
    const { body } = await client.stackTraceRequest({ threadId: 1 });
    const [top] = body.stackFrames;
    assert.deepEqual([top?.name, top?.source?.path], ['start_xmit', DRIVER]);
    // its declaration stands two lines above: a brace lies between
    assert.equal(top?.line, lineOf(DRIVER, 'static int start_xmit(') + 2);
    const { threads } = (await client.threadsRequest()).body;
    assert.equal(threads[0]?.name, 'vCPU 0');
    assert.ok(threads.some((t) => t.name === 'QEMU main loop'));
    const locals = await scope(client, 'Locals');
    assert.deepEqual([...locals.keys()], ['skb', 'dev', 'vi']);
    assert.equal(await client.evaluate('skb->len'), '64');
    assert.equal(await client.evaluate('skb->len,x', 'hover'), '0x40');
  });

  it('follows a packet: kick, timer, used entry, interrupt, the skb freed', async () => {
    await filters(client, { filterId: 'kick', condition: 'queue == "tx"' });
    const kick = await client.move('continue');
    assert.deepEqual([kick.body.reason, kick.body.description], ['exception', 'Paused on kick on tx']);
    assert.ok((await names(client)).includes('vring_kick'));

    await filters(client, { filterId: 'interrupt', condition: 'queue == "tx"' });
    const raised = await client.move('continue');
    const { threads } = (await client.threadsRequest()).body;
    assert.equal(threads.find((t) => t.id === raised.body.threadId)?.name, 'QEMU main loop');
    assert.ok((await scope(client, 'State', raised.body.threadId)).size > 0);

    await filters(client);
    await functions(client, 'vring_interrupt');
    const handler = await client.move('continue');
    assert.equal(handler.body.reason, 'function breakpoint');
    assert.equal((await names(client))[0], 'vring_interrupt');

    await functions(client, 'skb_release_data');
    assert.equal((await client.move('continue')).body.reason, 'function breakpoint');
    await functions(client);
    const end = await client.move('continue');
    assert.equal(end.body.description, 'The run is over');
    assert.match(await client.refused('next', { threadId: 1 }), /Nothing comes after this/);
    assert.equal((await client.move('stepBack')).body.reason, 'step');
  });

  it('sets an interrupt apart from the frames that it interrupted', async () => {
    await client.disconnectRequest();
    client = await bench.session(200);
    await functions(client, 'vring_interrupt');
    // a ring full of packets: the host uses them, and interrupts, while the driver adds more
    await client.move('continue');
    const { stackFrames } = (await client.stackTraceRequest({ threadId: 1 })).body;
    const at = stackFrames.findIndex((f) => f.presentationHint === 'label');
    assert.equal(stackFrames[at]?.name, '--- interrupt: virtio0 ---');
    assert.ok(stackFrames.slice(at).some((f) => f.name === 'start_xmit'));
    const outer = stackFrames.find((f) => f.name === 'start_xmit');
    const { result } = (await client.evaluateRequest({ expression: 'skb->len', frameId: outer?.id })).body;
    assert.equal(result, '64');
  });

  for (const command of ['next', 'stepIn'])
    it(`visits the same places back as forward: 60 times ${command}`, async () => {
      const forward = [await client.stack()];
      for (let i = 0; i < 60; i++) {
        const stop = await client.move(command);
        forward.push(await client.stack());
        if (stop.body.reason !== 'step') break;
      }
      assert.ok(forward.length > 30, `only ${forward.length} steps`);
      const back = [await client.stack()];
      for (let i = 1; i < forward.length; i++) {
        await client.move('stepBack');
        back.push(await client.stack());
      }
      assert.deepEqual(back.reverse(), forward);
    });

  it('steps in, over and out', async () => {
    await functions(client, 'vring_kick');
    await client.move('continue');
    await functions(client);
    const outer = await names(client);
    await client.move('stepOut');
    assert.deepEqual(await names(client), outer.slice(1));
    await client.move('stepBack');
    assert.deepEqual(await names(client), outer);
  });

  it('offers the functions of a line to step into, and enters the one chosen', async () => {
    const line = lineOf(DRIVER, 'if (xmit_skb(vi, skb) != 0) {');
    await client.setBreakpointsRequest({ source: { path: DRIVER }, breakpoints: [{ line }] });
    await client.move('continue');
    const { targets } = (await client.stepInTargetsRequest({ frameId: await client.topFrame() })).body;
    const target = targets.find((t) => t.label.includes('xmit_skb'));
    assert.ok(target, targets.map((t) => t.label).join());
    await client.move('stepIn', { threadId: 1, targetId: target.id });
    assert.equal((await names(client))[0], 'xmit_skb');
  });

  it('watches ring fields from both sides, and finds who wrote them, backwards', async () => {
    await functions(client, 'vring_kick');
    await client.move('continue');
    await client.move('next');
    await functions(client);
    const watch = async (name: string) => {
      const frameId = await client.topFrame();
      const info = await client.customRequest('dataBreakpointInfo', { name, frameId });
      return (info.body as { dataId: string }).dataId;
    };
    const dataIds = [await watch('vq->vring.avail->idx'), await watch('vq->vring.used->idx')];
    const { body } = await client.setDataBreakpointsRequest({ breakpoints: dataIds.map((dataId) => ({ dataId })) });
    assert.deepEqual(
      body.breakpoints.map((b) => b.verified),
      [true, true],
    );

    const exposed = await client.move('continue');
    assert.deepEqual([exposed.body.reason, exposed.body.threadId], ['data breakpoint', 1]);
    assert.match(exposed.body.description ?? '', /^vq->vring\.avail->idx 0 → 1 by driver$/);
    assert.equal((await names(client))[0], 'vring_kick');

    const used = await client.move('continue');
    assert.match(used.body.description ?? '', /^vq->vring\.used->idx 0 → 1 by device$/);
    const { threads } = (await client.threadsRequest()).body;
    assert.equal(threads.find((t) => t.id === used.body.threadId)?.name, 'QEMU main loop');

    const again = await client.move('reverseContinue');
    assert.equal(again.body.description, exposed.body.description);
    assert.equal(again.body.threadId, 1);
    assert.equal((await client.move('continue')).body.description, used.body.description);

    const range = { address: Number.parseInt(dataIds[0] ?? '', 16), size: 2, label: 'avail.idx' };
    const writer = await client.move('virtioLab.lastWriter', range);
    assert.equal(writer.body.description, 'avail.idx 0 → 1 by driver');
  });

  it('counts hits from the start of the run whichever way it came, and logs once', async () => {
    await client.disconnectRequest();
    client = await bench.session(5);
    await client.move('next');
    const line = lineOf(DRIVER, '__skb_queue_head(&vi->send, skb);');
    const log = line + 1;
    const { body } = await client.setBreakpointsRequest({
      source: { path: DRIVER },
      breakpoints: [
        { line, hitCondition: '== 3' },
        { line: log, logMessage: 'len {skb->len}' },
      ],
    });
    assert.deepEqual(
      body.breakpoints.map((b) => b.verified),
      [true, true],
    );
    const third = await client.move('continue');
    assert.deepEqual(third.body.hitBreakpointIds, [body.breakpoints[0]?.id]);
    const skb = await client.evaluate('skb');
    assert.equal((await client.move('continue')).body.description, 'The run is over');
    const again = await client.move('reverseContinue');
    assert.deepEqual(again.body.hitBreakpointIds, third.body.hitBreakpointIds);
    assert.equal(await client.evaluate('skb'), skb);
    const logs = client.log.filter(
      (e) => e.event === 'output' && /len 64/.test((e as DebugProtocol.OutputEvent).body.output),
    );
    // one a packet: neither the way back nor the way forward again repeats one
    assert.equal(logs.length, 5);
  });

  it('stops on conditions, and says what is wrong with one', async () => {
    await client.disconnectRequest();
    client = await bench.session(3);
    const line = lineOf(RING, 'vq->vring.avail->idx += vq->num_added;');
    const set = async (condition: string) =>
      (await client.setBreakpointsRequest({ source: { path: RING }, breakpoints: [{ line, condition }] })).body
        .breakpoints[0];
    const bad = await set('vq->nope == 1');
    assert.equal(bad?.verified, false);
    assert.match(bad?.message ?? '', /nope/);
    assert.equal((await set('vq->vring.avail->idx == 2'))?.verified, true);
    assert.equal((await client.move('continue')).body.reason, 'breakpoint');
    assert.equal(await client.evaluate('vq->vring.avail->idx'), '2');
  });

  it('applies a change made in the past again on the way, and says that it dropped the future', async () => {
    await client.move('next');
    const before = await client.evaluate('vi->free_in_tasklet');
    await client.move('next');
    await client.move('stepBack');
    await client.evaluate('vi->free_in_tasklet = !vi->free_in_tasklet', 'repl');
    const { body } = await client.next<DebugProtocol.OutputEvent>('output');
    assert.match(body.output, /what was recorded after this position is dropped/);
    const after = await client.evaluate('vi->free_in_tasklet');
    assert.notEqual(after, before);
    for (const command of ['next', 'next', 'stepBack', 'stepBack', 'next']) await client.move(command);
    assert.equal(await client.evaluate('vi->free_in_tasklet'), after);
  });

  it('reads memory where a pointer leads', async () => {
    const { memoryReference } = (await scope(client, 'Locals')).get('skb') ?? {};
    const read = await client.customRequest('readMemory', { memoryReference, count: 16 });
    const { data } = read.body as { data: string };
    assert.equal(Buffer.from(data, 'base64').length, 16);
  });

  it('arms every copy of a static inline in a header', async () => {
    const { sources } = (await client.customRequest('loadedSources')).body as { sources: DebugProtocol.Source[] };
    const header = sources.find((s) => s.path?.endsWith('include/linux/skbuff.h'));
    assert.ok(header?.path);
    const line = lineOf(header.path, 'static inline void __skb_queue_head(') + 1;
    const { body } = await client.setBreakpointsRequest({ source: header, breakpoints: [{ line }] });
    assert.equal(body.breakpoints[0]?.verified, true);
    assert.ok((body.breakpoints[0]?.line ?? 0) > line);
    assert.equal((await client.move('continue')).body.reason, 'breakpoint');
    assert.equal((await names(client))[0], '__skb_queue_head');
  });

  it('pauses a long run anywhere, and goes on', async () => {
    await client.disconnectRequest();
    client = await bench.session(1_000_000);
    await client.continueRequest({ threadId: 1 });
    assert.equal(await client.refused('stackTrace', { threadId: 1 }), 'notStopped');
    await client.pauseRequest({ threadId: 1 });
    const stop = await client.next<DebugProtocol.StoppedEvent>('stopped');
    assert.equal(stop.body.reason, 'pause');
    assert.ok((await names(client)).length > 0);
    assert.equal((await client.move('stepBack')).body.reason, 'step');
    assert.equal((await client.move('next')).body.reason, 'step');
  });

  it('restarts at the first stop with all breakpoints', async () => {
    await functions(client, 'vring_kick');
    await filters(client, { filterId: 'kick', condition: 'queue == "tx"' });
    await client.move('continue');
    await client.restartRequest({});
    assert.equal((await client.next<DebugProtocol.StoppedEvent>('stopped')).body.reason, 'function breakpoint');
    const reasons: string[] = [];
    for (let i = 0; i < 3; i++) reasons.push((await client.move('continue')).body.reason);
    assert.deepEqual(reasons, ['entry', 'function breakpoint', 'exception']);
  });

  it('steps a host in its source: breakpoint on a line, frames, variables, over, out and back', async () => {
    const path = join(HOSTS, 'qemu-net.ts');
    const line = lineOf(path, "do: 'send'");
    const { breakpoints } = (
      await client.setBreakpointsRequest({ source: { path }, breakpoints: [{ line: line - 1 }] })
    ).body;
    assert.deepEqual([breakpoints[0]?.verified, breakpoints[0]?.line], [true, line], 'it moves down to the action');
    const stop = await client.move('continue');
    assert.deepEqual([stop.body.reason, stop.body.hitBreakpointIds], ['breakpoint', [breakpoints[0]?.id]]);
    const { threadId } = stop.body;
    assert.ok(threadId !== undefined);
    const stack = async (): Promise<DebugProtocol.StackFrame[]> =>
      (await client.stackTraceRequest({ threadId })).body.stackFrames;
    const [top, ...callers] = await stack();
    assert.deepEqual([top?.name, top?.source?.path, top?.line], ['virtio_net_flush_tx', path, line]);
    assert.deepEqual(
      callers.map((frame) => frame.name.replace(/:.*/, ':')),
      ['virtio_net_tx_timer', 'mainLoop', 'next:'],
    );
    assert.equal(callers[1]?.source?.path, join(HOSTS, 'qemu-timer.ts'));
    assert.equal((await scope(client, 'State', threadId)).get('tx_inuse')?.value, '1');
    assert.equal((await scope(client, 'Next Action', threadId)).get('do')?.value, '"send"');
    const elem = (await scope(client, 'Locals', threadId)).get('elem');
    assert.match(elem?.value ?? '', /^\{ head: 0, descriptors: 2, segments: \[/);
    const evaluate = async (expression: string, frameId = top?.id): Promise<string> =>
      (await client.evaluateRequest({ expression, frameId, context: 'watch' })).body.result;
    assert.equal(await evaluate('elem.segments[1].len'), '64');
    const { targets } = (await client.completionsRequest({ frameId: top?.id, text: 'elem.', column: 6 })).body;
    assert.deepEqual(
      targets.map(({ label }) => label),
      ['head', 'descriptors', 'segments'],
    );
    assert.equal(await evaluate('nic.n.tx_inuse', callers[0]?.id), '1', 'in the frame that is looked at');
    assert.match(await evaluate('lab_phys_offset'), /^\d+/, 'a global of the driver’s program stays one');

    const after = await client.move('next', { threadId });
    assert.equal(after.body.threadId, threadId);
    assert.equal((await stack())[0]?.line, lineOf(path, "do: 'use', queue: 'tx'"));
    await client.move('stepBack', { threadId });
    assert.equal((await stack())[0]?.line, line);
    await client.setBreakpointsRequest({ source: { path }, breakpoints: [] });
  });

  it('logs from a host’s source, linked to its line', async () => {
    const own = await bench.session(2);
    const path = join(HOSTS, 'qemu-net.ts');
    const line = lineOf(path, "do: 'use', queue: 'tx'");
    await own.setBreakpointsRequest({ source: { path }, breakpoints: [{ line, logMessage: 'used {elem.head}' }] });
    assert.equal((await own.move('continue')).body.description, 'The run is over');
    const logs = own.log
      .filter((e) => e.event === 'output')
      .map((e) => (e as DebugProtocol.OutputEvent).body)
      .filter(({ output }) => / used \d+\n$/.test(output));
    assert.deepEqual(
      logs.map(({ source, line: at }) => [source?.path, at]),
      [
        [path, line],
        [path, line],
      ],
    );
    await own.disconnectRequest();
  });

  it('refuses to step out of a host thread’s loop, which never returns, and says so', async () => {
    const threads = (await client.threadsRequest()).body.threads;
    const threadId = threads.find((t) => t.name === 'QEMU main loop')?.id ?? 0;
    await assert.rejects(
      client.stepOutRequest({ threadId }),
      /QEMU main loop is in its loop, which never returns.*Step over to its next action, or continue/,
    );
    assert.equal((await client.move('next', { threadId })).body.threadId, threadId);
  });

  it('says why a breakpoint in a host’s source cannot be', async () => {
    const path = join(HOSTS, 'qemu-net.ts');
    const set = async (b: DebugProtocol.SourceBreakpoint): Promise<string | undefined> =>
      (await client.setBreakpointsRequest({ source: { path }, breakpoints: [b] })).body.breakpoints[0]?.message;
    assert.match((await set({ line: 100_000 })) ?? '', /the host does nothing that can be seen/);
    const line = lineOf(path, "do: 'send'");
    assert.match((await set({ line, condition: 'elm.head > 1' })) ?? '', /there is no variable elm at this line/);
    assert.equal(await set({ line, condition: 'elem.head > 1' }), undefined);
    await client.setBreakpointsRequest({ source: { path }, breakpoints: [] });
    const { breakpoints } = (
      (await client.customRequest('breakpointLocations', {
        source: { path },
        line: 1,
        endLine: 1000,
      })) as DebugProtocol.BreakpointLocationsResponse
    ).body;
    assert.ok(breakpoints.length > 10);
  });
});
