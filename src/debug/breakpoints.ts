// Line and function breakpoints: what the client asked for, bound to a program and armed in its machine.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { HostBreakpoint, LineBreakpoint, MachineHandle } from '../machine';
import type { Site } from '../toolchain';
import type { Client } from './client';
import { messageOf } from './errors';
import { type Ids, unlike } from './ids';
import type { Lines, Resolution } from './lines';
import { canonicalPath, type Sources } from './sources';

/** The program that breakpoints are bound to, and the machine that holds them. */
export interface Target {
  readonly machine: MachineHandle;
  readonly sources: Sources;
  readonly lines: Lines;
}

type Kind =
  | { readonly kind: 'source'; readonly source: DebugProtocol.Source; readonly line: number; readonly column?: number }
  | { readonly kind: 'function'; readonly name: string };

/** One breakpoint as asked for. */
interface Wanted {
  readonly id: number;
  readonly place: Kind;
  readonly condition?: string;
  readonly hitCondition?: string;
  readonly logMessage?: string;
}

/** In the driver, or in the source of a host model. */
type Place = Resolution | { readonly kind: 'host'; readonly file: string; readonly line: number };

interface Bound {
  readonly wanted: Wanted;
  readonly resolution: Place;
}

const HOST_ACTS_NOT = 'the host does nothing that can be seen on or after this line';
const NOT_LAUNCHED = 'the driver has not been launched for debugging';

export class Breakpoints {
  /** by source, and under '' the function breakpoints */
  private readonly wanted = new Map<string, readonly Wanted[]>();
  private readonly bound = new Map<string, readonly Bound[]>();
  private target: Target | undefined;
  /** Requests are answered one after the other, so that the machine's list is that of the last one. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ids: Ids,
    private readonly client: () => Client,
  ) {}

  /** Replaces the breakpoints of one source. */
  setSource(
    source: DebugProtocol.Source,
    list: readonly DebugProtocol.SourceBreakpoint[],
  ): Promise<DebugProtocol.Breakpoint[]> {
    const key = source.sourceReference ? `ref ${source.sourceReference}` : canonicalPath(source.path ?? '');
    const keys = unlike(list.map((b) => `${key}:${b.line}:${b.column ?? ''}`));
    const wanted = list.map((b, i): Wanted => {
      const column = b.column === undefined ? undefined : this.client().columnFrom(b.column);
      return {
        id: this.ids.of(keys[i] ?? key),
        place: { kind: 'source', source, line: this.client().lineFrom(b.line), column },
        ...conditions(b),
      };
    });
    return this.inTurn(() => this.replace(key, wanted));
  }

  /** Replaces the function breakpoints. */
  setFunctions(list: readonly DebugProtocol.FunctionBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    const keys = unlike(list.map((b) => `function ${b.name}`));
    const wanted = list.map((b, i): Wanted => ({
      id: this.ids.of(keys[i] ?? b.name),
      place: { kind: 'function', name: b.name },
      ...conditions(b),
    }));
    return this.inTurn(() => this.replace('', wanted));
  }

  /** Binds all breakpoints to a program: after a launch or a restart. Returns them as they now are. */
  bind(target: Target): Promise<DebugProtocol.Breakpoint[]> {
    return this.inTurn(async () => {
      this.target = target;
      for (const [key, list] of this.wanted) this.bound.set(key, await this.resolveAll(target, list));
      const errors = await this.arm(target);
      return [...this.bound.values()].flat().map((b) => this.describe(b, errors, target));
    });
  }

  /** Whether a breakpoint that was hit was set on a function. */
  isFunction(id: number): boolean {
    return (this.wanted.get('') ?? []).some((w) => w.id === id);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work);
    this.last = mine.catch(() => undefined);
    return mine;
  }

  private async replace(key: string, list: readonly Wanted[]): Promise<DebugProtocol.Breakpoint[]> {
    this.wanted.set(key, list);
    const target = this.target;
    if (target === undefined)
      return list.map((wanted) =>
        this.describe({ wanted, resolution: { kind: 'none', why: NOT_LAUNCHED } }, new Map()),
      );
    const bound = await this.resolveAll(target, list);
    this.bound.set(key, bound);
    const errors = await this.arm(target);
    return bound.map((b) => this.describe(b, errors, target));
  }

  private resolveAll(target: Target, list: readonly Wanted[]): Promise<Bound[]> {
    return Promise.all(list.map(async (wanted) => ({ wanted, resolution: await resolve(target, wanted) })));
  }

  /** Hands every bound breakpoint to the machine. Returns what it objects to, by id. */
  private async arm(target: Target): Promise<ReadonlyMap<number, string>> {
    const armed: LineBreakpoint[] = [...this.bound.values()].flat().flatMap(({ wanted, resolution }) => {
      const { id, condition, hitCondition, logMessage } = wanted;
      return resolution.kind === 'found' ? [{ id, sites: resolution.sites, condition, hitCondition, logMessage }] : [];
    });
    const hosts: HostBreakpoint[] = [...this.bound.values()].flat().flatMap(({ wanted, resolution }) => {
      const { id, condition, hitCondition, logMessage } = wanted;
      if (resolution.kind !== 'host') return [];
      return [{ id, file: resolution.file, line: resolution.line, condition, hitCondition, logMessage }];
    });
    const answers = [
      ...(await target.machine.setLineBreakpoints(armed)),
      ...(await target.machine.setHostBreakpoints(hosts)),
    ];
    return new Map([...armed, ...hosts].flatMap(({ id }, i) => (answers[i] === undefined ? [] : [[id, answers[i]]])));
  }

  private describe({ wanted, resolution }: Bound, errors: ReadonlyMap<number, string>, target?: Target) {
    const { id, place } = wanted;
    const asked = place.kind === 'source' ? { source: place.source, line: this.client().lineTo(place.line) } : {};
    if (resolution.kind === 'none')
      return { id, verified: false, reason: 'failed' as const, message: resolution.why, ...asked };
    const where =
      resolution.kind === 'host'
        ? { ...asked, line: this.client().lineTo(resolution.line) }
        : this.place(resolution.at, place, target);
    const error = errors.get(id);
    if (error !== undefined) return { id, verified: false, reason: 'failed' as const, message: error, ...where };
    return { id, verified: true, ...where };
  }

  /** Where a bound breakpoint stands. The column is said only to a client that asked for one. */
  private place(at: Site, place: Kind, target: Target | undefined): Partial<DebugProtocol.Breakpoint> {
    const column = place.kind === 'source' && place.column !== undefined && at.column > 0 ? at.column : undefined;
    return {
      source: place.kind === 'source' ? place.source : target?.sources.source(at.file),
      line: this.client().lineTo(at.line),
      column: column === undefined ? undefined : this.client().columnTo(column),
    };
  }
}

function conditions(b: Pick<DebugProtocol.SourceBreakpoint, 'condition' | 'hitCondition' | 'logMessage'>) {
  // clients send empty strings for "none"
  return {
    condition: b.condition || undefined,
    hitCondition: b.hitCondition || undefined,
    logMessage: b.logMessage || undefined,
  };
}

async function resolve(target: Target, { place }: Wanted): Promise<Place> {
  if (place.kind === 'function') return target.lines.resolveFunction(place.name);
  const host = target.sources.hostFileOf(place.source);
  if (host !== undefined) {
    const line = target.sources.hostLines(host).find((l) => l >= place.line);
    return line === undefined ? { kind: 'none', why: HOST_ACTS_NOT } : { kind: 'host', file: host, line };
  }
  const files = target.sources.filesOf(place.source);
  const text = (): Promise<string> => target.sources.text(files[0] ?? -1);
  try {
    return await target.lines.resolve(files, place.line, place.column, text);
  } catch (error) {
    return { kind: 'none', why: messageOf(error) };
  }
}
