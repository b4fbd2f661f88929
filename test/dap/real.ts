// Sessions on the real machine: the bundled driver, compiled and instrumented, in its worker, behind a DAP client.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Inspector } from '../../src/guest';
import { createMachine } from '../../src/machine/client';
import type { MachineSetup } from '../../src/machine';
import type { Launched } from '../../src/scenario';
import { createToolchain, readDebugInfo, type Program } from '../../src/toolchain';
import { workerFile } from '../support/worker';
import { launcher, TestClient } from '../unit/debug/client';

const root = join(__dirname, '../..');
const drivers = join(root, 'drivers');
export const DRIVER = join(drivers, 'virtio_net/virtio_net-2.6.31.c');
/** the host models' sources */
export const HOSTS = join(root, 'src/device/hosts');
export const RING = join(drivers, 'lib/drivers/virtio/virtio_ring.c');

/** VIRTIO_NET_F_MAC, MRG_RXBUF, STATUS, and NOTIFY_ON_EMPTY. */
const FEATURES = (1n << 5n) | (1n << 15n) | (1n << 16n) | (1n << 24n);

/** What all sessions of a suite share: the compiled driver and the bundled worker. */
export class Bench {
  private worker = '';
  private program: Program | undefined;

  async build(): Promise<void> {
    this.worker = await workerFile('stepped');
    const toolchain = createToolchain({ root: drivers, cacheDir: join(root, 'dist/drivers') });
    try {
      this.program = await toolchain.build({ files: [{ path: DRIVER }] });
    } finally {
      toolchain.dispose();
    }
  }

  /** A session stopped at the first line of start_xmit. @param packets sent back to back */
  async session(packets = 1): Promise<TestClient> {
    const client = new TestClient(launcher({ launch: () => this.launch(packets) }));
    const stop = await client.begin();
    if (stop.body.reason !== 'entry') throw new Error(`stopped for ${stop.body.reason}: ${stop.body.text}`);
    return client;
  }

  private async launch(packets: number): Promise<Launched> {
    const program = this.program;
    if (program === undefined) throw new Error('build() comes first');
    const machine = await createMachine(setup(program, packets), this.worker);
    return {
      program,
      machine,
      inspector: new Inspector(program, readDebugInfo(program.wasm), () => machine.ram),
      title: 'TX',
      hostSources: HOSTS,
      sourcePath: (file) => {
        const origin = program.files[file]?.origin;
        const path = origin && (origin.kind === 'disk' ? origin.path : join(drivers, origin.path));
        return path !== undefined && existsSync(path) ? path : undefined;
      },
      notices: [],
      save: () => Promise.reject(new Error('there is no scenario')),
      sourceText: () => Promise.reject(new Error('every source is on disk')),
    };
  }
}

function setup(program: Program, packets: number): MachineSetup {
  const func = program.functions.find((f) => f.name === 'start_xmit');
  const stop = program.sites.filter((s) => s.func === func?.id).sort((a, b) => a.addr - b.addr)[0];
  if (stop === undefined) throw new Error('the driver has no start_xmit()');
  return {
    program,
    device: {
      version: 1,
      queues: { rx: 256, tx: 256 },
      features: FEATURES,
      mac: [0x52, 0x54, 0, 0x12, 0x34, 0x56],
      host: { model: 'qemu-timer', parameters: { txTimerNs: 150_000 } },
    },
    traffic: [{ kind: 'tx', atNs: 1_000_000, count: packets, intervalNs: 0, size: 64 }],
    costs: {},
    faults: [],
    stopSites: [stop.id],
    remove: true,
    physOffset: 0x40000000n,
    limitNs: 1_000_000_000,
  };
}

/** Names of a thread's frames, innermost first. */
export async function names(client: TestClient, threadId = 1): Promise<string[]> {
  return (await client.stackTraceRequest({ threadId })).body.stackFrames.map((f) => f.name);
}

/** The variables of a scope of the innermost frame of a thread, by name. */
export async function scope(
  client: TestClient,
  name: string,
  threadId = 1,
): Promise<Map<string, DebugProtocol.Variable>> {
  const { scopes } = (await client.scopesRequest({ frameId: await client.topFrame(threadId) })).body;
  const variablesReference = scopes.find((s) => s.name === name)?.variablesReference ?? 0;
  const { variables } = (await client.variablesRequest({ variablesReference })).body;
  return new Map(variables.map((v) => [v.name, v]));
}
