// What is told beside a line of C that led to kicks, exits and interrupts. Pure.
import type { LineEffect, LineEffects } from '../../machine';
import type { Program } from '../../toolchain';
import { count } from '../words';

export interface LineMark {
  /** from 1 */
  readonly line: number;
  /** `3 kicks, 12 suppressed` */
  readonly text: string;
  /** the same in a sentence each, with what it means */
  readonly details: readonly string[];
}

type Counts = Partial<Record<LineEffect, number>>;

/** Marks by path of the file, in the order of lines. */
export function lineMarks(
  effects: LineEffects,
  program: Pick<Program, 'sites'>,
  sourcePath: (file: number) => string | undefined,
): ReadonlyMap<string, readonly LineMark[]> {
  const byFile = new Map<string, Map<number, Counts>>();
  for (const { site, counts } of effects) {
    const place = program.sites[site];
    const path = place && sourcePath(place.file);
    if (place === undefined || path === undefined) continue;
    const lines = byFile.get(path) ?? new Map<number, Counts>();
    byFile.set(path, lines.set(place.line, sum(lines.get(place.line) ?? {}, counts)));
  }
  return new Map(
    [...byFile].map(([path, lines]) => [
      path,
      [...lines].sort(([a], [b]) => a - b).map(([line, counts]) => ({ line, ...words(counts) })),
    ]),
  );
}

function sum(a: Counts, b: Counts): Counts {
  const total: Counts = { ...a };
  for (const [name, n] of Object.entries(b) as [LineEffect, number][]) total[name] = (total[name] ?? 0) + n;
  return total;
}

function words(counts: Counts): Pick<LineMark, 'text' | 'details'> {
  const { notify = 0, kickSuppressed = 0, interruptStatus = 0, interruptAck = 0, config = 0, interrupt = 0 } = counts;
  const other = interruptStatus + interruptAck + config;
  const text = [
    ...(notify > 0 ? [count(notify, 'kick')] : []),
    ...(kickSuppressed > 0 ? [count(kickSuppressed, 'kick suppressed', 'kicks suppressed')] : []),
    ...(other > 0 ? [count(other, 'exit')] : []),
    ...(interrupt > 0 ? [`${count(interrupt, 'interrupt')} here`] : []),
  ].join(', ');
  const details = [
    ...(notify > 0 ? [`${count(notify, 'kick')}: a write to QueueNotify, a VM exit each`] : []),
    ...(kickSuppressed > 0
      ? [`${count(kickSuppressed, 'kick')} not made: used.flags or avail_event said that none is needed`]
      : []),
    ...(interruptStatus > 0 ? [`${count(interruptStatus, 'VM exit')} to read InterruptStatus`] : []),
    ...(interruptAck > 0 ? [`${count(interruptAck, 'VM exit')} to write InterruptACK`] : []),
    ...(config > 0 ? [`${count(config, 'VM exit')} for other registers`] : []),
    ...(interrupt > 0 ? [`${count(interrupt, 'device interrupt')} came in while this line ran`] : []),
  ];
  return { text, details };
}
