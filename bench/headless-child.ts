// One headless run in a process of its own, so that no run profits from another one's warm code: prints its figures as JSON.
// It runs in a worker of that process, with the limits that the product gives to one.
import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { isMainThread, Worker } from 'node:worker_threads';
import { NetDevice } from '../src/device';
import type { MachineSetup } from '../src/machine';
import { runHeadless } from '../src/machine/headless';
import { RingObserver } from '../src/machine/ring-observer';
import { HEADLESS_LIMITS } from '../src/machine/unattended';

export interface HeadlessFigures {
  readonly ms: number;
  /** processor time, of the threads that compile and collect garbage too */
  readonly cpuMs: number;
  readonly lines: number;
  readonly virtualNs: number;
  readonly sent: number;
  /** packets that reached the guest's stack */
  readonly delivered: number;
  readonly kicks: number;
  /** TX interrupts delivered */
  readonly interrupts: number;
  readonly findings: readonly string[];
  /** events that a log would have */
  readonly events: number;
  /** the process's resident memory at its largest */
  readonly residentKiB: number;
  /** how often things were done that the machine keeps no count of; 0 in a run that is timed */
  readonly hostActions: number;
  readonly ringStores: number;
}

const counted = { hostActions: 0, ringStores: 0 };

/** Calls `seen` before each call of a method. Counting costs time: a run is either counted or timed. */
function before(prototype: object, method: string, seen: () => void): void {
  const original = Reflect.get(prototype, method) as (...args: unknown[]) => unknown;
  Reflect.set(prototype, method, function (this: unknown, ...args: unknown[]): unknown {
    seen();
    return Reflect.apply(original, this, args);
  });
}

function run(): void {
  const [how, setupFile] = process.argv.slice(2);
  if ((how !== 'run' && how !== 'debug' && how !== 'count') || setupFile === undefined)
    throw new Error('usage: headless-child run|debug|count <file of a serialized MachineSetup>');
  if (how === 'count') {
    before(NetDevice.prototype, 'carryOut', () => counted.hostActions++);
    before(RingObserver.prototype, 'driverStore', () => counted.ringStores++);
  }
  const setup = deserialize(readFileSync(setupFile)) as MachineSetup;
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const result = runHeadless(setup, { level: how === 'debug' ? 'debug' : 'run' });
  const ms = performance.now() - started;
  const cpu = process.cpuUsage(cpuBefore);
  const tx = result.queues['tx'];
  const figures: HeadlessFigures = {
    ms,
    cpuMs: (cpu.user + cpu.system) / 1000,
    lines: result.lines,
    virtualNs: result.virtualNs,
    sent: result.tx.done,
    delivered: result.rx.done,
    kicks: tx?.kicks ?? 0,
    interrupts: tx?.interrupts.delivered ?? 0,
    findings: result.findings.map((f) => `${f.id}: ${f.text}`),
    events: Object.values(result.events).reduce((sum, count) => sum + count, 0),
    residentKiB: process.resourceUsage().maxRSS,
    ...counted,
  };
  console.log(JSON.stringify(figures));
}

if (isMainThread) new Worker(__filename, { argv: process.argv.slice(2), resourceLimits: HEADLESS_LIMITS });
else run();
