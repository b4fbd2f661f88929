// Breakpoints of all kinds, as the worker holds them: compiled conditions, hit counts, and what they say at a place.
import type { HostThread } from '../device';
import type { DataBreakpoint, EventBreakpoint, HostBreakpoint, LineBreakpoint } from './handle';
import { compileEventCondition } from './event-condition';
import { hitTest } from './hit-condition';
import { compileHost, type CompiledHost } from './host-breakpoint';
import { comparePositions, START } from './position';
import type { EventKind, MachineEvent, Position } from './types';

/** C expressions without side effects, compiled for a place in the driver. */
export interface ExpressionCompiler {
  /** @throws Error whose message is for the user */
  condition(text: string, site: number): (frameBase: number) => boolean;
  template(text: string, site: number): (frameBase: number) => string;
}

interface CompiledLine {
  readonly spec: LineBreakpoint;
  readonly conditions: ReadonlyMap<number, (frameBase: number) => boolean>;
  readonly templates: ReadonlyMap<number, (frameBase: number) => string>;
  readonly hit: ((passes: number) => boolean) | undefined;
}

interface CompiledData {
  readonly spec: DataBreakpoint;
  readonly condition: ((frameBase: number) => boolean) | undefined;
  readonly hit: ((passes: number) => boolean) | undefined;
}

interface CompiledEvent {
  readonly spec: EventBreakpoint;
  readonly condition: ((event: MachineEvent) => boolean) | undefined;
}

/** Passes of each breakpoint with a hit condition since the start of the run: part of the machine's state. */
export type HitCounts = Readonly<Record<string, number>>;

/** What a line asks for: to stop for these breakpoints, and these log messages first. */
export interface LineHit {
  readonly stop: readonly number[];
  readonly logs: readonly string[];
}

export interface HostLog {
  readonly text: string;
  /** where the log point is */
  readonly host: { readonly file: string; readonly line: number };
}

/** As LineHit, for a line of a host model. */
export interface HostHit {
  readonly stop: readonly number[];
  readonly logs: readonly HostLog[];
}

/** Events of a driver's own stores to a ring: the hooks tell those in batches, unless they are asked to call out at each. */
const STORE_EVENTS: ReadonlySet<EventKind> = new Set<EventKind>(['add', 'expose', 'callbacks', 'finding']);

const NOTHING: LineHit = { stop: [], logs: [] };

/** Key of the passes of the counted sites: no breakpoint's. */
const PASSES = 'passes';

export class Breakpoints {
  private lines: CompiledLine[] = [];
  private bySite = new Map<number, CompiledLine[]>();
  private hosts: CompiledHost[] = [];
  private data: CompiledData[] = [];
  private eventList: CompiledEvent[] = [];
  private counts: Record<string, number> = {};
  /** sites whose passes are counted together, whether a breakpoint is there or not */
  private counted: ReadonlySet<number> = new Set();
  /** How far each log point has spoken: a replay does not repeat it. Keyed by its content, so that a new one starts silent nowhere. */
  private readonly spoken = new Map<string, Position>();

  constructor(private readonly compiler: () => ExpressionCompiler) {}

  /** Sites to arm. */
  get sites(): readonly number[] {
    return [...this.bySite.keys(), ...this.counted];
  }

  /** Counts passes of these sites, in place of those before; nothing is counted when there are none. */
  countPasses(sites: readonly number[]): void {
    this.counted = new Set(sites);
    delete this.counts[PASSES];
  }

  isCounted(site: number): boolean {
    return this.counted.has(site);
  }

  /** Passes so far of the sites that are counted. */
  get passCount(): number {
    return this.counts[PASSES] ?? 0;
  }

  get dataRanges(): readonly { readonly address: number; readonly size: number }[] {
    return this.data.map((d) => d.spec);
  }

  get hasEvents(): boolean {
    return this.eventList.length > 0;
  }

  get hasHosts(): boolean {
    return this.hosts.length > 0;
  }

  /** Whether some event is wanted that a driver's store to a ring makes. */
  get hasStoreEvents(): boolean {
    return this.eventList.some((e) => e.spec.what.some((what) => STORE_EVENTS.has(what)));
  }

  /** Whether passes are counted: then a run from the start is needed to know the counts at any other place. */
  get counting(): boolean {
    if (this.counted.size > 0) return true;
    return [...this.lines, ...this.hosts, ...this.data].some(({ hit }) => hit !== undefined);
  }

  /** Returns per breakpoint what is wrong with it; one with an error never stops. */
  setLines(list: readonly LineBreakpoint[]): (string | undefined)[] {
    this.lines = [];
    this.bySite = new Map();
    return list.map((spec) =>
      attempt(() => {
        const line = this.compileLine(spec);
        this.lines.push(line);
        for (const site of spec.sites) this.bySite.set(site, [...(this.bySite.get(site) ?? []), line]);
      }),
    );
  }

  setHosts(list: readonly HostBreakpoint[]): (string | undefined)[] {
    this.hosts = [];
    return list.map((spec) =>
      attempt(() => {
        this.hosts.push(compileHost(spec));
      }),
    );
  }

  /** @param site where the machine stands: conditions are compiled for the names in scope there */
  setData(list: readonly DataBreakpoint[], site: number | undefined): (string | undefined)[] {
    this.data = [];
    return list.map((spec) =>
      attempt(() => {
        if (spec.condition !== undefined && site === undefined)
          throw new Error('a condition needs a place in the driver: stop there first');
        this.data.push({
          spec,
          condition:
            spec.condition === undefined || site === undefined
              ? undefined
              : this.compiler().condition(spec.condition, site),
          hit: hitTest(spec.hitCondition),
        });
      }),
    );
  }

  setEvents(list: readonly EventBreakpoint[]): (string | undefined)[] {
    this.eventList = [];
    return list.map((spec) =>
      attempt(() => {
        const text = spec.condition?.trim() ?? '';
        this.eventList.push({ spec, condition: text === '' ? undefined : compileEventCondition(text) });
      }),
    );
  }

  /** The machine is at an armed site. Counts the pass. */
  atLine(site: number, frameBase: number, position: Position): LineHit {
    if (this.counted.has(site)) this.counts[PASSES] = this.passCount + 1;
    const here = this.bySite.get(site);
    if (here === undefined) return NOTHING;
    const stop: number[] = [];
    const logs: string[] = [];
    for (const line of here) {
      if (!this.passes(line, site, frameBase)) continue;
      const template = line.templates.get(site);
      if (template === undefined) stop.push(line.spec.id);
      else if (this.speaks(`${line.spec.sites.join()} ${line.spec.logMessage}`, position))
        logs.push(template(frameBase));
    }
    return { stop, logs };
  }

  /** A host thread is about to act: the breakpoints at its places in its model. Counts the pass. */
  atHost(thread: Pick<HostThread, 'places' | 'scopeAt'>, position: Position): HostHit {
    const stop: number[] = [];
    const logs: HostLog[] = [];
    for (const { spec, places, conditions, templates, hit } of this.hosts) {
      const place = thread.places.find((p) => places.has(p));
      if (place === undefined) continue;
      const condition = conditions.get(place);
      if (condition !== undefined && !condition(thread.scopeAt(place))) continue;
      if (!this.count(`line ${spec.id}`, hit)) continue;
      const template = templates.get(place);
      if (template === undefined) stop.push(spec.id);
      else if (this.speaks(`${spec.file} ${spec.line} ${spec.logMessage}`, position))
        logs.push({ text: template(thread.scopeAt(place)), host: { file: spec.file, line: spec.line } });
    }
    return { stop, logs };
  }

  /** A write to [address, address + size): the data breakpoints it hits. */
  atWrite(address: number, size: number, frameBase: number): readonly number[] {
    return this.data
      .filter((d) => address < d.spec.address + d.spec.size && address + size > d.spec.address)
      .filter((d) => (d.condition?.(frameBase) ?? true) && this.count(`data ${d.spec.id}`, d.hit))
      .map((d) => d.spec.id);
  }

  atEvent(event: MachineEvent): readonly string[] {
    return this.eventList
      .filter((e) => e.spec.what.includes(event.what) && (e.condition?.(event) ?? true))
      .map((e) => e.spec.id);
  }

  snapshot(): HitCounts {
    return { ...this.counts };
  }

  restore(counts: HitCounts): void {
    this.counts = { ...counts };
  }

  private compileLine(spec: LineBreakpoint): CompiledLine {
    const condition = spec.condition?.trim() ?? '';
    const message = spec.logMessage ?? '';
    return {
      spec,
      conditions: new Map(
        condition === '' ? [] : spec.sites.map((site) => [site, this.compiler().condition(condition, site)] as const),
      ),
      templates: new Map(
        message === '' ? [] : spec.sites.map((site) => [site, this.compiler().template(message, site)] as const),
      ),
      hit: hitTest(spec.hitCondition),
    };
  }

  private passes(line: CompiledLine, site: number, frameBase: number): boolean {
    return (line.conditions.get(site)?.(frameBase) ?? true) && this.count(`line ${line.spec.id}`, line.hit);
  }

  private count(key: string, hit: ((passes: number) => boolean) | undefined): boolean {
    if (hit === undefined) return true;
    const passes = (this.counts[key] ?? 0) + 1;
    this.counts[key] = passes;
    return hit(passes);
  }

  private speaks(key: string, position: Position): boolean {
    if (comparePositions(position, this.spoken.get(key) ?? START) <= 0) return false;
    this.spoken.set(key, position);
    return true;
  }

  /** History after `position` will not be seen again: what comes instead is new. */
  forgetSpokenAfter(position: Position): void {
    for (const [key, until] of this.spoken) if (comparePositions(until, position) > 0) this.spoken.set(key, position);
  }
}

function attempt(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
