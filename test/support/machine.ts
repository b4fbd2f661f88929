// Machines for tests: Programs built once per mocha run, setups with small defaults, and workers that are gone after the suite.
import { join } from 'node:path';
import { after } from 'mocha';
import type { MachineHandle, MachineSetup, MachineTraffic, Position, StopState } from '../../src/machine';
import { createMachine } from '../../src/machine/client';
import { eventLine } from '../../src/machine/event-log';
import { runHeadless, type HeadlessOptions, type RunResult } from '../../src/machine/headless';
import { createToolchain, type DriverFile, type Program, type Toolchain } from '../../src/toolchain';
import { workerFile } from './worker';

const root = join(__dirname, '../..');
const cache = join(root, 'node_modules/.cache/virtio-lab');
export const drivers = join(root, 'drivers');
export const VIRTIO_NET = join(drivers, 'virtio_net/virtio_net-2.6.31.c');
export const VIRTIO_NET_CURRENT = join(drivers, 'virtio_net/virtio_net-5.10.c');
export const RING_MINIMAL = join(drivers, 'examples/ring_minimal.c');

/** VIRTIO_NET_F_MAC, STATUS, and NOTIFY_ON_EMPTY: small receive buffers. */
export const SMALL = (1n << 5n) | (1n << 16n) | (1n << 24n);
/** The same with VIRTIO_NET_F_MRG_RXBUF. */
export const MERGEABLE = SMALL | (1n << 15n);
/** VIRTIO_NET_F_MAC and VIRTIO_F_VERSION_1. */
export const MODERN = (1n << 5n) | (1n << 32n);

let toolchain: Toolchain | undefined;
const programs = new Map<string, Promise<Program>>();
const open = new Set<MachineHandle>();

after(async () => {
  toolchain?.dispose();
  await Promise.all([...open].map((machine) => machine.dispose()));
});

/** A driver's Program; each is built once. */
export function program(
  files: readonly (string | DriverFile)[],
  defines: Record<string, string> = {},
  kernel?: string,
): Promise<Program> {
  const key = JSON.stringify([files, defines, kernel]);
  const request = { files: files.map((f) => (typeof f === 'string' ? { path: f } : f)), defines, kernel };
  toolchain ??= createToolchain({ root: drivers, cacheDir: cache });
  const known = programs.get(key) ?? toolchain.build(request);
  programs.set(key, known);
  return known;
}

export const virtioNet = (): Promise<Program> => program([VIRTIO_NET]);
export const virtioNetCurrent = (): Promise<Program> => program([VIRTIO_NET_CURRENT], {}, '5.10');
export const ringMinimal = (): Promise<Program> => program([RING_MINIMAL]);

/** Path of a driver of test/fixtures/drivers. */
export const fixtureDriver = (name: string): string => join(root, 'test/fixtures/drivers', name);

/** Frames sent from 1 ms on. */
export function tx(count: number, intervalNs = 0, size = 64): MachineTraffic {
  return { kind: 'tx', atNs: 1_000_000, count, intervalNs, size };
}

/** Frames received from 1 ms on. */
export function rx(count: number, intervalNs = 0, size = 64): MachineTraffic {
  return { kind: 'rx', atNs: 1_000_000, count, intervalNs, size };
}

interface SetupOptions extends Partial<Omit<MachineSetup, 'program' | 'device'>> {
  readonly transport?: MachineSetup['device']['transport'];
  readonly queues?: { readonly rx: number; readonly tx: number };
  readonly features?: bigint;
  readonly host?: MachineSetup['device']['host'];
}

/** A legacy device under the QEMU timer host, small rings, removal at the end; modern when the features have VERSION_1. */
export function setup(built: Program, options: SetupOptions = {}): MachineSetup {
  const { transport, queues, features = MERGEABLE, host, ...rest } = options;
  return {
    program: built,
    device: {
      transport,
      version: (features & (1n << 32n)) === 0n ? 1 : 2,
      queues: queues ?? { rx: 8, tx: 16 },
      features,
      mac: [0x52, 0x54, 0, 0x12, 0x34, 0x56],
      host: host ?? { model: 'qemu-timer', parameters: { txTimerNs: 150_000 } },
    },
    traffic: [tx(1)],
    costs: {},
    faults: [],
    stopSites: [],
    remove: true,
    physOffset: 0x40000000n,
    limitNs: 1_000_000_000,
    ...rest,
  };
}

/** The first site of a function, by name. */
export function firstSite(built: Program, name: string): number {
  const func = built.functions.find((f) => f.name === name);
  const sites = built.sites.filter((s) => s.func === func?.id).sort((a, b) => a.addr - b.addr);
  if (sites[0] === undefined) throw new Error(`the program has no function ${name}`);
  return sites[0].id;
}

/** A machine in a worker; disposed after the suite at the latest. */
export async function machine(to: MachineSetup): Promise<MachineHandle> {
  const handle = await createMachine(to, await workerFile('stepped'));
  open.add(handle);
  return handle;
}

/** The whole log of a machine, as `--log` writes it. */
export async function logOf(handle: MachineHandle): Promise<readonly string[]> {
  return (await handle.events(0, Infinity)).map(eventLine);
}

/** Runs to the end of the run, through whatever stops it. @returns the last stop */
export async function toEnd(handle: MachineHandle): Promise<StopState> {
  let state = handle.state;
  while (state?.reason.kind !== 'end') state = await handle.run({ kind: 'continue' });
  return state;
}

/** A headless run with its log. */
export function headless(to: MachineSetup, options: HeadlessOptions = {}): RunResult & { readonly text: string[] } {
  const result = runHeadless(to, { keepLog: true, ...options });
  return { ...result, text: result.log.map(eventLine) };
}

/** RAM without the hook runtime's pages: the driver's pages. */
export function driverPages(result: Pick<RunResult, 'ram' | 'runtimePages'>): Uint8Array {
  const { from, to } = result.runtimePages;
  return Buffer.concat([result.ram.subarray(0, from * 4096), result.ram.subarray(to * 4096)]);
}

/** Pseudo-random numbers (xorshift32), the same for a seed. @returns a function that gives 0 .. below-1 */
export function random(seed: number): (below: number) => number {
  let x = seed | 0 || 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

/** A position as text, to be compared. */
export const at = (position: Position): string => `${position.tick}.${position.sub}`;
