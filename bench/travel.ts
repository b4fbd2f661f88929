// Going back deep in a run: step back and reverse continue 300 million lines after power-on, and what checkpoints cost.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OUT } from './bundle';
import type { CheckpointFigures } from './count-checkpoints';
import { AdapterClient, VCPU } from './client';
import type { Figure } from './figures';
import type { Part } from './part';
import { buildProgram, DRIVER, lineOf, txSetup } from './workload';

/** 300 million lines of this run, and the other ticks among them: ring stores, host actions, interrupts. */
const TICK = 317_000_000;
const PACKETS = 1_000_000;
const TIMES = 10;

export const travel: Part = {
  name: 'travel',
  title: 'back in time, 300 million lines into a run',
  async measure(say) {
    const checkpoints = join(OUT, 'checkpoints.json');
    const setup = txSetup(await buildProgram(), PACKETS, 'start_xmit');
    const client = await AdapterClient.begin(setup, 'bench/counting-worker.ts', { BENCH_CHECKPOINTS: checkpoints });
    const there = await client.move('virtioLab.goTo', { tick: TICK });
    say(`went there in ${(there / 1000).toFixed(1)} s`);
    const resident = residentBytes(client.pid);
    const back = await times(() => client.move('stepBack'));
    const forth = await times(async () => {
      await client.move('next');
      return client.move('stepBack');
    });
    // once a packet
    const lines = [{ line: lineOf(DRIVER, 'static int start_xmit(') + 2 }];
    await client.setBreakpointsRequest({ source: { path: DRIVER }, breakpoints: lines });
    const reverse = await times(() => client.move('reverseContinue'));
    const where = (await client.stackTraceRequest({ threadId: VCPU, levels: 1 })).body.stackFrames[0];
    say(`reverse continue ended at ${where?.name ?? 'no frame'}:${where?.line ?? 0}`);
    await client.end();
    const { count, bytes } = JSON.parse(readFileSync(checkpoints, 'utf8')) as CheckpointFigures;
    const promise = '< 300';
    return [
      { name: 'step back to the line before', values: back, unit: 'ms', promise },
      { name: 'step back from a step', values: forth, unit: 'ms', promise },
      { name: 'reverse continue to a breakpoint', values: reverse, unit: 'ms', promise },
      { name: 'checkpoints', values: [count], unit: '' },
      { name: 'checkpoints: memory', values: [bytes / 2 ** 20], unit: 'MiB', promise: '<= 256' },
      ...(resident === undefined ? [] : [memory(resident)]),
    ];
  },
};

const memory = (bytes: number): Figure => ({
  name: 'memory of the adapter with its worker',
  values: [bytes / 2 ** 20],
  unit: 'MiB',
});

async function times(once: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < TIMES; i++) values.push(await once());
  return values;
}

/** Resident memory of a process; undefined where there is no /proc. */
function residentBytes(pid: number): number | undefined {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(file, 'utf8')) ?? [];
  return kib === undefined ? undefined : Number(kib) * 1024;
}
