// The workload of the bench: 64-byte packets back to back through the TX queue of virtio_net-2.6.31, on QEMU's 150 µs timer.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/lib/project.mjs';
import type { MachineSetup } from '../src/machine';
import { createToolchain, type Program } from '../src/toolchain';

export const DRIVERS = join(root, 'drivers');
export const DRIVER = join(DRIVERS, 'virtio_net/virtio_net-2.6.31.c');
export const QUEUE_SIZE = 256;
export const FRAME_SIZE = 64;
/** ping's own: 56 bytes of data */
export const PING_SIZE = 98;
export const TX_TIMER_NS = 150_000;
/** the first packet is offered here: the interface is up by then */
export const FIRST_PACKET_NS = 1_000_000;

/** MAC, MRG_RXBUF, STATUS, and NOTIFY_ON_EMPTY: what QEMU 0.11 offered of what this driver takes. */
export const FEATURES = (1n << 5n) | (1n << 15n) | (1n << 16n) | (1n << 24n);

/**
 * The bundled driver with the kernel API, compiled and instrumented; from dist/drivers when that is up to date.
 * @param more further C files, absolute
 */
export async function buildProgram(more: readonly string[] = []): Promise<Program> {
  const toolchain = createToolchain({ root: DRIVERS, cacheDir: join(root, 'out/bench/cache') });
  try {
    return await toolchain.build({ files: [DRIVER, ...more].map((path) => ({ path })) });
  } finally {
    toolchain.dispose();
  }
}

/** @param stopAt function at whose first line a debugged run stops first; none: it runs on */
export function txSetup(program: Program, packets: number, stopAt?: string): MachineSetup {
  return {
    program,
    device: {
      version: 1,
      queues: { rx: QUEUE_SIZE, tx: QUEUE_SIZE },
      features: FEATURES,
      mac: [0x52, 0x54, 0, 0x12, 0x34, 0x56],
      host: { model: 'qemu-timer', parameters: { txTimerNs: TX_TIMER_NS } },
    },
    traffic: [{ kind: 'tx', atNs: FIRST_PACKET_NS, count: packets, intervalNs: 0, size: FRAME_SIZE }],
    costs: {},
    faults: [],
    stopSites: stopAt === undefined ? [] : [firstSite(program, stopAt)],
    remove: true,
    physOffset: 0x40000000n,
    limitNs: Number.MAX_SAFE_INTEGER,
  };
}

/** Echo requests of the guest, one after another: each is a packet sent and one received, on lguest's two threads. */
export function pingSetup(program: Program, pings: number): MachineSetup {
  const setup = txSetup(program, 0);
  return {
    ...setup,
    device: { ...setup.device, host: { model: 'lguest-2.6.31', parameters: {} } },
    traffic: [
      {
        kind: 'ping',
        from: 'guest',
        count: pings,
        size: PING_SIZE,
        atNs: FIRST_PACKET_NS,
        intervalNs: 0,
        peerNs: 10_000,
      },
    ],
  };
}

function firstSite(program: Program, name: string): number {
  const func = program.functions.find((f) => f.name === name);
  const sites = program.sites.filter((s) => s.func === func?.id).sort((a, b) => a.addr - b.addr);
  if (sites[0] === undefined) throw new Error(`the driver has no ${name}()`);
  return sites[0].id;
}

/** The number of the line that holds a snippet. */
export function lineOf(path: string, snippet: string): number {
  const index = readFileSync(path, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(snippet));
  if (index < 0) throw new Error(`${path} has no line with "${snippet}"`);
  return index + 1;
}
