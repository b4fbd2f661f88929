// A DAP client of the adapter process: launches a setup, steps, and looks at what an editor looks at.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { MachineSetup } from '../src/machine';
import { bundle, OUT } from './bundle';
import { DRIVERS } from './workload';

export const VCPU = 1;
/** ms: a long way on a busy machine */
const PATIENCE = 600_000;

export class AdapterClient extends DebugClient {
  private constructor(private readonly adapter: ChildProcess) {
    super('', '', 'virtio');
    this.defaultTimeout = PATIENCE;
  }

  /** Starts the adapter and runs to the setup's first stop. @param worker another worker than the product's */
  static async begin(
    setup: MachineSetup,
    worker = 'src/machine/worker.ts',
    env: Record<string, string> = {},
  ): Promise<AdapterClient> {
    mkdirSync(OUT, { recursive: true });
    const file = join(OUT, 'debugged.setup');
    writeFileSync(file, serialize(setup));
    const script = await bundle('adapter');
    const workerPath = await bundle('worker', worker);
    const adapter = spawn(process.execPath, [script, file, workerPath, DRIVERS], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    const client = new AdapterClient(adapter);
    client.connect(adapter.stdout, adapter.stdin);
    await client.initializeRequest();
    await client.launchRequest({ scenario: 'bench' } as DebugProtocol.LaunchRequestArguments);
    const stopped = client.stopped();
    await client.configurationDoneRequest();
    await stopped;
    return client;
  }

  get pid(): number {
    return this.adapter.pid ?? 0;
  }

  /** The next stop. Ask before what leads to it is sent. */
  stopped(): Promise<DebugProtocol.Event> {
    return this.waitForEvent('stopped', PATIENCE);
  }

  /** Sends a request that moves the machine, and waits until it has stopped. @returns ms */
  async move(command: string, args: object = { threadId: VCPU }): Promise<number> {
    const started = performance.now();
    const stopped = this.stopped();
    await this.customRequest(command, args);
    await stopped;
    return performance.now() - started;
  }

  /** What an editor asks for at a stop: the stack, the scopes of its innermost frame, and the variables of each cheap one. */
  async look(): Promise<DebugProtocol.StackFrame | undefined> {
    const { stackFrames } = (await this.stackTraceRequest({ threadId: VCPU, startFrame: 0, levels: 20 })).body;
    const frame = stackFrames[0];
    if (frame === undefined) return undefined;
    const { scopes } = (await this.scopesRequest({ frameId: frame.id })).body;
    for (const { expensive, variablesReference } of scopes)
      if (!expensive) await this.variablesRequest({ variablesReference });
    return frame;
  }

  async end(): Promise<void> {
    const exit = new Promise((resolve) => this.adapter.once('exit', resolve));
    await this.disconnectRequest();
    await exit;
  }
}
