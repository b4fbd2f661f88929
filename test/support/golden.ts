// Golden text files: a header of # lines that says what and why, then the lines themselves. Rewritten only when asked for.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '../golden');

/** UPDATE_GOLDEN=1: what differs is printed and written, and the header stays. */
export const updating = process.env['UPDATE_GOLDEN'] === '1';

/** Compares lines with a golden file of test/golden/. */
export function assertGolden(name: string, lines: readonly string[]): void {
  const path = join(folder, name);
  const old = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  const header = old.filter((line) => line.startsWith('#'));
  const golden = old.filter((line) => line !== '' && !line.startsWith('#'));
  const changes = diff(golden, lines);
  if (changes.length === 0) return;
  if (updating) {
    console.log(`${name}:\n${changes.join('\n')}`);
    writeFileSync(path, `${[...header, ...lines].join('\n')}\n`);
    return;
  }
  assert.fail(`${path} differs (UPDATE_GOLDEN=1 takes over the new lines):\n${changes.slice(0, 40).join('\n')}`);
}

/** Lines that are gone (-) and new (+), in order: by the longest common subsequence of what lies between equal ends. */
function diff(old: readonly string[], now: readonly string[]): string[] {
  let from = 0;
  while (from < old.length && from < now.length && old[from] === now[from]) from++;
  let oldEnd = old.length;
  let nowEnd = now.length;
  while (oldEnd > from && nowEnd > from && old[oldEnd - 1] === now[nowEnd - 1]) {
    oldEnd--;
    nowEnd--;
  }
  const [a, b] = [old.slice(from, oldEnd), now.slice(from, nowEnd)];
  const common = a.map(() => new Uint32Array(b.length + 1));
  common.push(new Uint32Array(b.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i]![j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const changes: string[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) changes.push(`-${a[i++]}`);
    else changes.push(`+${b[j++]}`);
  }
  return changes;
}
