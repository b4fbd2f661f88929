// Long runs, headless: time and resident memory a packet from a thousand to a million, and lines, host actions and events a second.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import type { MachineSetup } from '../src/machine';
import type { Program } from '../src/toolchain';
import { bundle, OUT } from './bundle';
import { output } from './child';
import type { Figure } from './figures';
import type { HeadlessFigures } from './headless-child';
import type { Part } from './part';
import { buildProgram, pingSetup, txSetup } from './workload';

/** 10 000 000 takes minutes: `BENCH_SCALE=10000000` */
const LONGEST = Number(process.env['BENCH_SCALE'] ?? 1_000_000);
const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7].filter((size) => size <= LONGEST);
const MILLION = 1e6;
/** how often a packet makes the host act is counted over so many */
const COUNTED = 10_000;

type Workload = (program: Program, packets: number) => MachineSetup;

/** with the seconds that were promised for a million */
const WORKLOADS: readonly (readonly [name: string, of: Workload, promise?: string])[] = [
  ['TX packets', txSetup, '< 12'],
  ['pings, a packet each way', pingSetup],
];

export const scale: Part = {
  name: 'scale',
  title: `${SIZES.join(', ')} packets and pings, headless at run level: processor time and resident memory`,
  async measure(say) {
    mkdirSync(OUT, { recursive: true });
    const program = await buildProgram();
    const child = await bundle('headless-child');
    const run = async (how: 'run' | 'count', setup: MachineSetup): Promise<HeadlessFigures> => {
      const file = join(OUT, 'scale.setup');
      writeFileSync(file, serialize(setup));
      return JSON.parse(await output(process.execPath, [child, how, file])) as HeadlessFigures;
    };
    const figures: Figure[] = [];
    for (const [name, of, promise] of WORKLOADS) {
      const { hostActions, sent } = await run('count', of(program, COUNTED));
      const runs: HeadlessFigures[] = [];
      for (const size of SIZES) {
        runs.push(await run('run', of(program, size)));
        say(`${name}: ${describe(size, runs[runs.length - 1], hostActions / sent)}`);
      }
      figures.push(...figuresOf(name, promise, runs, hostActions / sent));
    }
    if (LONGEST >= 1e6) figures.push(promised(await run('run', pingSetup(program, MILLION / 2))));
    return figures;
  },
};

/** What was promised of a path of 500 to 1500 lines a packet: pings are nearest to it. */
function promised(run: HeadlessFigures): Figure {
  const lines = (run.lines / (run.sent + run.delivered)).toFixed(0);
  return {
    name: `1 M packets of ${lines} lines, sent and received by ping`,
    values: [run.cpuMs / 1e3],
    unit: 's',
    promise: '< 12',
  };
}

function describe(size: number, run: HeadlessFigures | undefined, actions: number): string {
  if (run === undefined) return '';
  const rate = (count: number): string => `${((count * size) / run.cpuMs / 1e3).toFixed(2)} M/s`;
  return [
    `${size} in ${(run.cpuMs / 1e3).toFixed(2)} s of processor time`,
    `${(run.lines / size).toFixed(0)} lines each`,
    `${rate(run.lines / size)} lines`,
    `${rate(actions)} host actions`,
    `${rate(run.events / size)} events`,
    `${(run.residentKiB / 1024).toFixed(0)} MiB`,
    ...run.findings,
  ].join(', ');
}

/** Of the longest run; and what the runs are to each other. */
function figuresOf(
  name: string,
  promise: string | undefined,
  runs: readonly HeadlessFigures[],
  actions: number,
): Figure[] {
  const longest = runs[runs.length - 1];
  const at = SIZES.length - 1;
  const size = SIZES[at];
  if (longest === undefined || size === undefined) return [];
  const rate = (count: number): number[] => [count / longest.cpuMs / 1e3];
  const each = (i: number): number => (runs[i]?.cpuMs ?? NaN) / (SIZES[i] ?? NaN);
  const middle = Math.min(2, at);
  return [
    { name: `${name}: ${size}`, values: [longest.cpuMs / 1e3], unit: 's', ...(size === 1e6 && { promise }) },
    { name: `${name}: packets`, values: [(1e3 * (longest.sent + longest.delivered)) / longest.cpuMs], unit: '/s' },
    { name: `${name}: source lines`, values: rate(longest.lines), unit: 'M/s' },
    { name: `${name}: host actions`, values: rate(actions * size), unit: 'M/s' },
    { name: `${name}: events`, values: rate(longest.events), unit: 'M/s' },
    {
      name: `${name}: time of one, ${size} to ${SIZES[middle] ?? 0}`,
      values: [each(at) / each(middle)],
      unit: 'x',
      promise: '1',
    },
    {
      name: `${name}: memory, ${size} to ${SIZES[middle] ?? 0}`,
      values: [longest.residentKiB / (runs[middle]?.residentKiB ?? NaN)],
      unit: 'x',
      promise: '<= 1.10',
    },
  ];
}
