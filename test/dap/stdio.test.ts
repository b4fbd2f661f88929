// The adapter as a process of its own on stdio: a session from launch to exit, and a client that just goes away.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';

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

describe('dap: dist/adapter.js', () => {
  let client: StdioClient;
  before(() => {
    client = new StdioClient([join(__dirname, '../../dist/adapter.js')]);
  });
  after(() => client.adapter.kill());

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
});
