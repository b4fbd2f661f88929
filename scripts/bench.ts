// `npm run bench [part …]`: measures, and prints each figure with its spread. Nothing here passes or fails.
import { activation } from '../bench/activation';
import { cancel } from '../bench/cancel';
import { lines } from '../bench/lines';
import { packets } from '../bench/packets';
import { stepping } from '../bench/stepping';
import { panel } from '../bench/panel';
import { scale } from '../bench/scale';
import { size } from '../bench/size';
import { travel } from '../bench/travel';
import { Skip, type Part } from '../bench/part';
import { table, type Figure } from '../bench/figures';
import { exitWith, Failure } from './lib/project.mjs';

const parts: readonly Part[] = [packets, scale, lines, stepping, travel, panel, cancel, activation, size];

function chosen(names: readonly string[]): readonly Part[] {
  const unknown = names.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0)
    throw new Failure(`no part ${unknown.join(', ')} of the bench: there are ${parts.map((p) => p.name).join(', ')}`);
  return names.length === 0 ? parts : parts.filter((part) => names.includes(part.name));
}

async function main(): Promise<void> {
  const figures: Figure[] = [];
  for (const part of chosen(process.argv.slice(2))) {
    console.log(`${part.name}: ${part.title}`);
    try {
      figures.push(...(await part.measure((line) => console.log(`  ${line}`))));
    } catch (error) {
      if (!(error instanceof Skip)) throw error;
      console.log(`  skipped: ${error.message}`);
    }
  }
  console.log(['', ...table(figures)].join('\n'));
}

main().catch(exitWith);
