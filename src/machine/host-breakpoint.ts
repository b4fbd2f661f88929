// A breakpoint in a host model: its places, and what is asked and said of the thread's variables there.
import { HOSTS, parametersOf, placeOf, placesAt, type HostScope, type HostValue } from '../device';
import { compileTemplate } from '../guest';
import type { HostBreakpoint } from './handle';
import { hitTest } from './hit-condition';
import { compileHostExpression, isTrue, showHostValue } from './host-expression';

export interface CompiledHost {
  readonly spec: HostBreakpoint;
  /** numbers of the line's places in the models, and what is asked of the thread's variables there */
  readonly places: ReadonlySet<number>;
  readonly conditions: ReadonlyMap<number, (scope: HostScope) => boolean>;
  readonly templates: ReadonlyMap<number, (scope: HostScope) => string>;
  readonly hit: ((passes: number) => boolean) | undefined;
}

/** @throws Error whose message is for the user */
export function compileHost(spec: HostBreakpoint): CompiledHost {
  const { file, line } = spec;
  const places = placesAt(file, line);
  if (places.length === 0) throw new Error(`no host acts at line ${line} of ${file}`);
  const condition = spec.condition?.trim() ?? '';
  const message = spec.logMessage ?? '';
  const at = <T>(text: string, compile: (known: (name: string) => boolean) => T): ReadonlyMap<number, T> =>
    new Map(text === '' ? [] : places.map((place) => [place, compile(namesAt(place))] as const));
  return {
    spec,
    places: new Set(places),
    conditions: at(condition, (known) => holds(compileHostExpression(condition, known))),
    templates: at(message, (known) =>
      compileTemplate(message, (text) => {
        const value = compileHostExpression(text, known);
        return (scope: HostScope) => showHostValue(value(scope));
      }),
    ),
    hit: hitTest(spec.hitCondition),
  };
}

/** One that asks for a member of nothing does not hold, as one in the driver that reads no memory. */
function holds(value: (scope: HostScope) => HostValue): (scope: HostScope) => boolean {
  return (scope) => {
    try {
      return isTrue(value(scope));
    } catch {
      return false;
    }
  };
}

/** The names that mean something at a place: its variables, the members of any model's state in its file, `state` and `action`. */
function namesAt(place: number): (name: string) => boolean {
  const locals = placeOf(place)?.locals ?? [];
  return (name) => locals.includes(name) || STATE_NAMES.has(name) || name === 'state' || name === 'action';
}

/** Members of every model's state. */
const STATE_NAMES: ReadonlySet<string> = new Set(
  HOSTS.flatMap((model) => model.threads(parametersOf(model, {}))).flatMap(({ initial }) => Object.keys(initial)),
);
