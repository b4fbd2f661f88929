// Speed of a headless run: a million packets sent, at run and debug level, and by the same C as a native program.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { bundle, OUT } from './bundle';
import { output } from './child';
import { median, type Figure } from './figures';
import type { HeadlessFigures } from './headless-child';
import { buildNative, runNative, type NativeFigures } from './native';
import { Skip, type Part } from './part';
import { buildProgram, txSetup } from './workload';

const PACKETS = Number(process.env['BENCH_PACKETS'] ?? 1_000_000);
const RUNS = 3;
/** how often a packet makes the host act, and the driver store to a ring, is counted over so many */
const COUNTED = 20_000;

export const packets: Part = {
  name: 'packets',
  title: `${PACKETS} packets of 64 bytes through TX, headless`,
  async measure(say) {
    mkdirSync(OUT, { recursive: true });
    const setup = join(OUT, 'packets.setup');
    const counting = join(OUT, 'counting.setup');
    const program = await buildProgram();
    writeFileSync(setup, serialize(txSetup(program, PACKETS)));
    writeFileSync(counting, serialize(txSetup(program, COUNTED)));
    const child = await bundle('headless-child');
    const headless = async (how: 'run' | 'debug' | 'count', file = setup): Promise<HeadlessFigures> =>
      JSON.parse(await output(process.execPath, [child, how, file])) as HeadlessFigures;
    const native = await buildNative('native-O2', ['-O2']).catch((error: unknown) => {
      if (!(error instanceof Skip)) throw error;
      say(`no ratio: ${error.message}`);
      return undefined;
    });
    const runs: Run[] = [];
    // side by side: one of each, again and again, so that a busy machine slows all of them alike
    for (let i = 0; i < RUNS; i++) {
      const one = {
        native: native === undefined ? undefined : await runNative(native, PACKETS),
        run: await headless('run'),
        debug: await headless('debug'),
      };
      say(describe(one));
      runs.push(one);
    }
    return figuresOf(runs, await headless('count', counting));
  },
};

interface Run {
  readonly native: NativeFigures | undefined;
  readonly run: HeadlessFigures;
  readonly debug: HeadlessFigures;
}

function describe({ native, run, debug }: Run): string {
  const counts = (f: { readonly sent: number; readonly kicks: number; readonly interrupts: number }): string =>
    `${f.sent} sent, ${f.kicks} kicks, ${f.interrupts} interrupts`;
  return [
    ...(native === undefined ? [] : [`native ${native.ms.toFixed(0)} ms (${counts(native)})`]),
    `run ${run.ms.toFixed(0)} ms (${counts(run)})`,
    `debug ${debug.ms.toFixed(0)} ms (${counts(debug)})`,
    ...run.findings,
  ].join('; ');
}

function figuresOf(runs: readonly Run[], counts: HeadlessFigures): Figure[] {
  const figures: Figure[] = [];
  const linesEach = median(runs.map((r) => r.run.lines / r.run.sent));
  const actionsEach = counts.hostActions / counts.sent;
  const storesEach = counts.ringStores / counts.sent;
  const perPacket = (ms: readonly number[]): number[] => ms.map((each) => (each * 1e6) / PACKETS);
  const natives = runs.flatMap((r) => (r.native === undefined ? [] : [r.native.ms]));
  if (natives.length > 0) figures.push({ name: 'native gcc -O2', values: perPacket(natives), unit: 'ns/packet' });
  for (const level of ['run', 'debug'] as const) {
    const all = runs.map((r) => r[level]);
    const ms = all.map((f) => f.ms);
    const rate = (each: number): number[] => all.map((f) => (each * f.sent) / f.ms / 1e3);
    figures.push({ name: `${level} level`, values: perPacket(ms), unit: 'ns/packet' });
    if (natives.length > 0) figures.push(...ratios(runs, level));
    figures.push(
      { name: `${level} level: source lines`, values: rate(linesEach), unit: 'M/s' },
      { name: `${level} level: host actions`, values: rate(actionsEach), unit: 'M/s' },
      { name: `${level} level: ring stores of the driver`, values: rate(storesEach), unit: 'M/s' },
    );
  }
  figures.push(
    { name: 'source lines', values: [linesEach], unit: '/packet' },
    { name: 'host actions', values: [actionsEach], unit: '/packet' },
    { name: 'ring stores of the driver', values: [storesEach], unit: '/packet' },
  );
  return figures;
}

/** By the clock, as promised; and by processor time, which other programs on the machine disturb less. */
function ratios(runs: readonly Run[], level: 'run' | 'debug'): Figure[] {
  const ratio = (of: (f: Timed) => number): number[] =>
    runs.flatMap((r) => (r.native === undefined ? [] : [of(r[level]) / of(r.native)]));
  const promise = level === 'run' ? '<= 15' : '<= 75';
  return [
    { name: `${level} level / native`, values: ratio((f) => f.ms), unit: 'x', promise },
    { name: `${level} level / native, processor time`, values: ratio((f) => f.cpuMs), unit: 'x' },
  ];
}

type Timed = Pick<HeadlessFigures, 'ms' | 'cpuMs'>;
