// Holds the figures that docs/mail/ quotes against what the experiments print: npx tsx scripts/quoted.ts [--write] [EXPERIMENT …]
// docs/mail/figures.json says which number is which. Runs dist/lab.js at full size, some minutes for all; --write puts the new figures
// in, and what a page says about them is then to be read again.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { exitWith, Failure, root } from './lib/project.mjs';
import { current, type Printed, type Quote, type Quotes } from './lib/quoted';

const folder = join(root, 'docs/mail');
const table = join(folder, 'figures.json');

function printed(experiment: string): Printed {
  const args = [join(root, 'dist/lab.js'), 'experiment', experiment, '--json'];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 })) as Printed;
}

async function main(args: readonly string[]): Promise<void> {
  const write = args.includes('--write');
  const only = args.filter((arg) => arg !== '--write');
  const quotes = JSON.parse(readFileSync(table, 'utf8')) as Quotes;
  const known = [...new Set(Object.values(quotes).flatMap((all) => all.map(({ experiment }) => experiment)))];
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Failure(`no page quotes ${unknown.join(', ')}; pages quote ${known.join(', ')}`);
  const results = new Map<string, Printed>();
  let stale = 0;
  const renewed = Object.entries(quotes).map(([page, all]): [string, readonly Quote[]] => {
    const path = join(folder, page);
    let text = readFileSync(path, 'utf8');
    const now = all.map((quote) => {
      const { experiment } = quote;
      if (only.length > 0 && !only.includes(experiment)) return quote;
      const result = results.get(experiment) ?? printed(experiment);
      results.set(experiment, result);
      const fresh = current(quote, result);
      if (fresh === quote.text) return quote;
      stale++;
      console.log(`${page}\n  says  ${quote.text}\n  is    ${fresh}`);
      text = text.replace(quote.text, () => fresh);
      return { ...quote, text: fresh };
    });
    if (write) writeFileSync(path, text);
    return [page, now];
  });
  if (write) {
    const style = await resolveConfig(table);
    writeFileSync(table, await format(JSON.stringify(Object.fromEntries(renewed)), { ...style, parser: 'json' }));
  }
  console.log(`${stale} of ${Object.values(quotes).flat().length} quotes ${write ? 'were renewed' : 'are stale'}`);
  if (stale > 0 && !write) process.exitCode = 1;
}

main(process.argv.slice(2)).catch(exitWith);
