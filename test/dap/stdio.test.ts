// The adapter as a process of its own on stdio: a session from launch to exit, and a client that just goes away.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';

class StdioClient extends DebugClient {
  readonly adapter: ChildProcess;
  stderr = '';

  /** @param args of node: the program that speaks */
  constructor(args: readonly string[] = ['--import', 'tsx', join(__dirname, 'fake-adapter.ts')]) {
    super('', '', 'virtio');
    const stdio = ['pipe', 'pipe', 'pipe'] as const;
    const adapter = spawn(process.execPath, args, { stdio: [...stdio] });
    adapter.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.connect(adapter.stdout, adapter.stdin);
    this.adapter = adapter;
  }
}

describe('dap: the adapter on stdio', () => {
  let client: StdioClient;
  beforeEach(() => {
    client = new StdioClient();
  });
  afterEach(() => {
    client.adapter.kill();
  });

  it('runs a session, and exits when the client disconnects', async () => {
    const exit = once(client.adapter, 'exit');
    await Promise.all([
      client.configurationSequence(),
      client.launch({ scenario: 'tx-one' }),
      client.waitForEvent('stopped'),
    ]);
    const stopped = client.waitForEvent('stopped');
    await client.nextRequest({ threadId: 1 });
    await stopped;
    const { body } = await client.stackTraceRequest({ threadId: 1 });
    assert.deepEqual([body.stackFrames[0]?.name, body.stackFrames[0]?.line], ['start_xmit', 18]);
    await client.disconnectRequest();
    assert.deepEqual(await exit, [0, null]);
    assert.equal(client.stderr, '');
  });

  it('exits when its input is closed', async () => {
    const exit = once(client.adapter, 'exit');
    await client.initializeRequest();
    client.adapter.stdin?.end();
    assert.deepEqual(await exit, [0, null]);
  });
});

describe('dap: dist/adapter.js', function () {
  this.timeout(60_000);
  let client: StdioClient;
  beforeEach(() => {
    client = new StdioClient([join(__dirname, '../../dist/adapter.js')]);
  });
  afterEach(() => client.adapter.kill());

  it('runs a bundled scenario by name, and leaves nothing that keeps it alive', async () => {
    const exit = once(client.adapter, 'exit');
    await Promise.all([
      client.configurationSequence(),
      client.launch({ scenario: 'tx-one-packet' }),
      client.waitForEvent('stopped'),
    ]);
    const { body } = await client.stackTraceRequest({ threadId: 1 });
    assert.equal(body.stackFrames[0]?.name, 'start_xmit');
    await client.disconnectRequest();
    assert.deepEqual(await exit, [0, null]);
    assert.equal(client.stderr, '');
  });

  it('stops at a stall, before the driver is removed, with the filters that are on by default', async () => {
    const filters = (await client.initializeRequest()).body?.exceptionBreakpointFilters ?? [];
    const on = filters.filter((f) => f.default === true).map((f) => f.filter);
    const stopped = client.waitForEvent('stopped', 60_000);
    await Promise.all([
      client.waitForEvent('initialized', 60_000).then(async () => {
        await client.setExceptionBreakpointsRequest({ filters: on });
        await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'virtnet_remove' }] });
        await client.configurationDoneRequest();
      }),
      client.launch({ scenario: 'known-bugs/last-batch-not-kicked.faulty', stopOnEntry: false }),
    ]);
    const { body } = (await stopped) as DebugProtocol.StoppedEvent;
    assert.deepEqual([body.reason, body.description], ['exception', 'Paused on finding: stall']);
    const info = await client.exceptionInfoRequest({ threadId: 1 });
    assert.match(info.body.description ?? '', /4 buffers of tx .* never exposed/);
    const removed = client.waitForEvent('stopped', 60_000);
    await client.continueRequest({ threadId: 1 });
    assert.equal(((await removed) as DebugProtocol.StoppedEvent).body.reason, 'function breakpoint');
    await client.disconnectRequest();
  });
});
