// Places in the sources of host models: where a thread acts or calls, and the calls that it is in. Filled in by the build.
//
// scripts/lib/host-lines.ts gives each `yield` and `yield*` of hosts/*.ts its place when they are bundled; run from the sources
// themselves a model has none, and acts the same.
import type { HostAction } from './host';

/** A line of a host model at which it yields an action, or calls one of its functions. */
export interface HostPlace {
  /** name of the file in hosts/ */
  readonly file: string;
  /** 1-based */
  readonly line: number;
  readonly function: string;
}

const places: HostPlace[] = [];

/** The calls that the thread which runs now is in, outermost first, and those that it has made since its last action. */
let calls: number[] = [];
let entered: number[] = [];

/** Generators run one at a time: this one's calls are meant from here on. */
export function running(its: { calls: number[]; entered: number[] }): void {
  ({ calls, entered } = its);
}

/** Used by the code that the build puts into a model's file: `sites` are lines and functions, by number. */
export function placesOf(file: string, sites: readonly (readonly [line: number, name: string])[]) {
  const first = places.length;
  for (const [line, name] of sites) places.push({ file, line, function: name });
  return {
    /** an action is yielded here */
    at(site: number, action: HostAction & { at?: number }): HostAction {
      action.at = first + site;
      return action;
    },
    /** a function is called here */
    enter(site: number): void {
      calls.push(first + site);
      entered.push(first + site);
    },
    /** it has returned */
    leave<T>(result: T): T {
      calls.pop();
      return result;
    },
  };
}

/** A place by its number, as actions and calls have it. */
export const placeOf = (number: number): HostPlace | undefined => places[number];

/** The places of a line; several where it has several actions. */
export function placesAt(file: string, line: number): number[] {
  return places.flatMap((place, number) => (place.file === file && place.line === line ? number : []));
}

/** Lines where threads can stop, ascending, by file. */
export function placedLines(): Record<string, number[]> {
  const lines: Record<string, number[]> = {};
  for (const { file, line } of places) if (lines[file]?.includes(line) !== true) (lines[file] ??= []).push(line);
  for (const list of Object.values(lines)) list.sort((a, b) => a - b);
  return lines;
}
