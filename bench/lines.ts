// Source lines a second in a loop that calls nothing: what a line as such costs at each level.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { root } from '../scripts/lib/project.mjs';
import { bundle, OUT } from './bundle';
import { output } from './child';
import type { Figure } from './figures';
import type { LoopFigures } from './lines-child';
import type { Part } from './part';
import { buildProgram } from './workload';

const RUNS = 5;
const ROUNDS = 60_000;

export const lines: Part = {
  name: 'lines',
  title: 'source lines in a loop that calls nothing',
  async measure() {
    mkdirSync(OUT, { recursive: true });
    const file = join(OUT, 'loop.program');
    writeFileSync(file, serialize(await buildProgram([join(root, 'bench/loop.c')])));
    const child = await bundle('lines-child');
    const rates = { run: [] as number[], debug: [] as number[] };
    for (let i = 0; i < RUNS; i++) {
      for (const level of ['run', 'debug'] as const) {
        const text = await output(process.execPath, [child, level, String(ROUNDS), file]);
        const figures = JSON.parse(text) as LoopFigures;
        rates[level].push(figures.lines / figures.ms / 1e3);
      }
    }
    const figure = (level: 'run' | 'debug', promise: string): Figure => ({
      name: `${level} level: lines of a loop`,
      values: rates[level],
      unit: 'M/s',
      promise,
    });
    return [figure('run', '>= 250'), figure('debug', '>= 60')];
  },
};
