// Lines of sources by what stands on them: tests name code, not numbers that any edit moves.
import { readFileSync } from 'node:fs';

/**
 * The line (from 1) of a file that holds a snippet, at or behind the first one that holds `after`.
 * @throws Error when there is none
 */
export function lineOf(path: string, snippet: string, after = ''): number {
  const lines = readFileSync(path, 'utf8').split('\n');
  const from = lines.findIndex((line) => line.includes(after));
  const at = from < 0 ? -1 : lines.findIndex((line, i) => i >= from && line.includes(snippet));
  if (at < 0) throw new Error(`${path} has no line with "${snippet}"${after === '' ? '' : ` behind "${after}"`}`);
  return at + 1;
}
