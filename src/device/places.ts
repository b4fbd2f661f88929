// Places in the sources of host models: where a thread acts or calls, with its variables there, and the calls that it is in. Filled in by the build.
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
  /** names of the variables that are in scope there, innermost first */
  readonly locals: readonly string[];
}

/** Reads the variables of a place, as they are when it is called. */
export type Locals = () => Readonly<Record<string, unknown>>;

const places: HostPlace[] = [];

/** Where a thread stands: its next action's place, the calls it is in, outermost first, and those it has made since its last action. */
export class PlaceStack {
  /** variables at the place of the next action */
  here: Locals | undefined;
  readonly calls: number[] = [];
  readonly entered: number[] = [];
  /** of `calls` and of `entered`, one each */
  readonly callLocals: Locals[] = [];
  readonly enteredLocals: Locals[] = [];

  clear(): void {
    this.here = undefined;
    this.calls.length = 0;
    this.callLocals.length = 0;
    this.acted();
  }

  /** An action was performed: calls made from here on lead to the next one. */
  acted(): void {
    // one by one: setting the length of an array is a call into the engine
    for (; this.entered.length > 0; this.enteredLocals.pop()) this.entered.pop();
  }
}

/** the thread that runs now */
let stack = new PlaceStack();

/** Generators run one at a time: this one's calls are meant from here on. */
export function running(its: PlaceStack): void {
  stack = its;
}

/** Used by the code that the build puts into a model's file: `sites` are lines, functions and their variables, by number. */
export function placesOf(
  file: string,
  sites: readonly (readonly [line: number, name: string, locals: readonly string[]])[],
) {
  const first = places.length;
  for (const [line, name, locals] of sites) places.push({ file, line, function: name, locals });
  return {
    /** an action is yielded here */
    at(site: number, action: HostAction & { at?: number }, locals: Locals): HostAction {
      action.at = first + site;
      stack.here = locals;
      return action;
    },
    /** a function is called here */
    enter(site: number, locals: Locals): void {
      stack.calls.push(first + site);
      stack.callLocals.push(locals);
      stack.entered.push(first + site);
      stack.enteredLocals.push(locals);
    },
    /** it has returned */
    leave<T>(result: T): T {
      stack.calls.pop();
      stack.callLocals.pop();
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
