// How long a step takes until an editor has shown it: stopped, stack, scopes and variables; and gdb beside it.
import { AdapterClient } from './client';
import type { Figure } from './figures';
import { percentile } from './figures';
import { Gdb } from './gdb';
import { buildNative } from './native';
import { Skip, type Part } from './part';
import { buildProgram, txSetup } from './workload';

const STEPS = 600;
/** not counted: the code is compiled meanwhile */
const WARM_UP = 100;

export const stepping: Part = {
  name: 'stepping',
  title: `${STEPS} steps over a line, each until stack, scopes and variables have been answered`,
  async measure(say) {
    const lab = await stepTheLab();
    say(`the lab: median ${percentile(lab, 0.5).toFixed(2)} ms`);
    const gdb = await stepGdb().catch((error: unknown) => {
      if (!(error instanceof Skip)) throw error;
      say(error.message);
      return undefined;
    });
    return [
      ...figures('step, as a DAP client sees it', lab, true),
      ...(gdb ? figures('step, gdb through MI', gdb) : []),
    ];
  },
};

function figures(name: string, values: readonly number[], promised = false): Figure[] {
  const p99 = percentile(values, 0.99);
  return [
    { name, values, unit: 'ms', ...(promised ? { promise: '< 3' } : {}) },
    { name: `${name}: p99`, values: [p99], unit: 'ms', ...(promised ? { promise: '< 15' } : {}) },
  ];
}

async function stepTheLab(): Promise<number[]> {
  const client = await AdapterClient.begin(txSetup(await buildProgram(), 1000, 'start_xmit'));
  const values = await timed(async () => {
    await client.move('next');
    await client.look();
  });
  await client.end();
  return values;
}

/** gdb steps a build with -O0: the one whose lines and variables are all there, as in the lab. */
async function stepGdb(): Promise<number[]> {
  const gdb = Gdb.start(await buildNative('native-O0', ['-O0', '-g']));
  try {
    await gdb.ask('-gdb-set args 1000');
    await gdb.ask('-break-insert start_xmit');
    await gdb.move('-exec-run');
    await gdb.ask('-break-delete');
    return await timed(async () => {
      await gdb.move('-exec-next');
      await gdb.look();
    });
  } finally {
    gdb.end();
  }
}

async function timed(step: () => Promise<void>): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < WARM_UP + STEPS; i++) {
    const started = performance.now();
    await step();
    if (i >= WARM_UP) values.push(performance.now() - started);
  }
  return values;
}
