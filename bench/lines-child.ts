// Calls bench_loop() of an instrumented module in a process of its own, without a machine: prints lines and ms as JSON.
import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { labLayout, RAM_SIZE, type Program } from '../src/toolchain';

export interface LoopFigures {
  readonly lines: number;
  readonly ms: number;
}

const BUDGET = 0x7fffffff;
const WARM_UP = 2_000;

const [level, rounds, file] = process.argv.slice(2);
if ((level !== 'run' && level !== 'debug') || file === undefined)
  throw new Error('usage: lines-child run|debug <rounds> <file of a serialized Program>');
const program = deserialize(readFileSync(file)) as Program;
const module = new WebAssembly.Module(program[level]);
const pages = RAM_SIZE / 65536;
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
const lab = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, (): number => 0]));
const { exports } = new WebAssembly.Instance(module, { env: { memory }, lab });
const loop = exports['bench_loop'] as (rounds: number) => number;
const budget = ((program.symbols['__lab'] ?? 0) + labLayout.offsets.budget) >>> 2;
const words = new Int32Array(memory.buffer);
words[budget] = BUDGET;
// by calls, since a running function is not replaced by its optimized code
for (let i = 0; i < WARM_UP; i++) loop(1);
words[budget] = BUDGET;
const started = performance.now();
loop(Number(rounds));
const figures: LoopFigures = { ms: performance.now() - started, lines: BUDGET - (words[budget] ?? 0) };
console.log(JSON.stringify(figures));
