// Runs a scenario with one field at each of many values, and tells where what is found changes: to find the window of a race again.
// npx tsx scripts/sweep.ts scenarios/known-bugs/kick-only-when-empty.faulty.virtio.json traffic.0.intervalNs 6000 9000 10
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runHeadless } from '../src/machine';
import { parseScenario, prepareScenario } from '../src/scenario';
import { createToolchain } from '../src/toolchain';
import { exitWith, Failure, root } from './lib/project.mjs';

const driversRoot = join(root, 'drivers');

/** The scenario's text with the field at a dotted path set; parts that are not there are made. */
function withField(text: string, path: string, value: number): string {
  const json = JSON.parse(text) as Record<string, unknown>;
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  let at = json;
  for (const part of parts) at = (at[part] ??= {}) as Record<string, unknown>;
  at[last] = value;
  return JSON.stringify(json);
}

async function main([file, path, ...numbers]: readonly string[]): Promise<void> {
  const [from = NaN, to = NaN, step = NaN] = numbers.map(Number);
  if (file === undefined || path === undefined || !(step > 0) || !(to >= from))
    throw new Failure('usage: sweep.ts FILE PATH FROM TO STEP, as … traffic.0.intervalNs 6000 9000 10');
  const text = readFileSync(file, 'utf8');
  const toolchain = createToolchain({ root: driversRoot, cacheDir: join(root, 'node_modules/.cache/virtio-lab') });
  let before = '';
  try {
    for (let value = from; value <= to; value += step) {
      const loaded = parseScenario(withField(text, path, value), resolve(file));
      const { setup } = await prepareScenario(loaded, { driversRoot, toolchain, stop: false });
      const { findings } = runHeadless(setup, { level: 'run' });
      const found = findings.map((finding) => `${finding.id}: ${finding.text}`).join('; ') || 'nothing is found';
      // numbers differ from value to value: what counts is another kind of finding
      const kind = found.replace(/\d+/g, '#');
      if (kind !== before) console.log(`${path} = ${value}: ${found}`);
      before = kind;
    }
  } finally {
    toolchain.dispose();
  }
}

main(process.argv.slice(2)).catch(exitWith);
