// HostThreads: runs the threads of a host model, one action at a time, so that they can be saved and restored between any two actions.
import { describeAction } from './actions';
import type {
  Deed,
  DeviceFacts,
  HostAction,
  HostGenerator,
  HostModel,
  HostResult,
  HostState,
  HostThreadModel,
} from './host';
import { hostValues, type HostValues } from './host-values';
import { parametersOf } from './parameters';
import { StoreBuffer, type HeldStore } from './store-buffer';
import { placeOf, PlaceStack, running, type HostPlace, type Locals } from './places';

/** A host model broke the rules of host.ts: a fault of the lab, not of the driver. */
export class HostModelError extends Error {
  constructor(thread: string, text: string) {
    super(`${thread}: ${text}`);
    this.name = 'HostModelError';
  }
}

/** One thread between two actions: its variables as of the head of its loop, and what it was answered since. Plain data. */
export interface ThreadSnapshot {
  readonly state: HostState;
  readonly journal: readonly HostResult[];
  readonly stores: readonly HeldStore[];
  readonly dead: boolean;
}

export interface HostSnapshot {
  readonly threads: readonly ThreadSnapshot[];
}

/** A frame of a thread in the source of its model, with its variables. */
export interface HostFrame extends Omit<HostPlace, 'locals'> {
  readonly locals: HostValues;
}

/** What names mean at a place of a model. */
export interface HostScope {
  readonly locals: HostValues;
  /** the thread's variables */
  readonly state: HostValues;
  /** what it does next */
  readonly action: HostValues;
}

/** One thread. `action` is what it wants done next; the owner performs it and hands the result to `complete`. */
export class HostThread {
  readonly name: string;
  /** yielded, and not performed yet */
  action: HostAction;
  /** its kind: actions have as many shapes as kinds, and this one field is read many times an action */
  does: HostAction['do'] = 'rest';
  /** At the head of its loop: all that it remembers is in its state. */
  atHead = true;
  /** Asleep until it is woken; at rest when it has nothing in flight besides. */
  waits = true;
  dead = false;
  /** stores that the guest cannot see yet */
  readonly buffer = new StoreBuffer();
  private generator: HostGenerator;
  private readonly head: HostState;
  private readonly journal: HostResult[] = [];
  private readonly stack = new PlaceStack();

  /**
   * @param state the thread's variables; shared with other threads when the model has a lock
   * @param journalled keep what snapshots are made of
   */
  constructor(
    private readonly model: HostThreadModel,
    private readonly facts: DeviceFacts,
    readonly state: HostState,
    private readonly journalled: boolean,
  ) {
    this.name = model.name;
    this.head = { ...state };
    this.generator = model.run(state, facts);
    this.action = this.begin();
  }

  /** The action was performed: runs the thread on to its next one. */
  complete(result: HostResult): HostAction {
    if (this.journalled) this.note(result);
    this.stack.acted();
    running(this.stack);
    return this.resume(result);
  }

  /** Runs the generator on to its next action. */
  private resume(result: HostResult): HostAction {
    const next: IteratorResult<HostAction, unknown> = this.generator.next(result);
    if (next.done === true) throw new HostModelError(this.name, 'its loop ended');
    return this.wants(next.value, next.value.do);
  }

  private note(result: HostResult): void {
    if (this.atHead) {
      // The copy is made on leaving, not on coming to rest: with a lock, other threads change the state in between.
      Object.assign(this.head, this.state);
      this.journal.length = 0;
    }
    this.journal.push(result);
  }

  private wants(action: HostAction, does: HostAction['do']): HostAction {
    this.does = does;
    this.atHead = does === 'rest' || does === 'loop';
    this.waits = does === 'rest' || does === 'wait';
    this.action = action;
    return action;
  }

  /** It does this now, without having been left since its last action. */
  doing(does: HostAction['do'], action: HostAction): void {
    this.waits = false;
    this.does = does;
    this.action = action;
  }

  /** It will do nothing any more. */
  kill(): void {
    this.dead = true;
  }

  /** Its next action, with its kind. */
  get deed(): Deed {
    // the two are set together
    return this as { readonly does: HostAction['do']; readonly action: HostAction } as Deed;
  }

  /** What it waits for, or else what it is doing, in words. */
  get waitsFor(): string {
    return this.dead ? 'nothing: it is dead' : describeAction(this.action);
  }

  /** How many of the model's functions it is in, besides its loop. */
  get depth(): number {
    return this.stack.calls.length;
  }

  /** Numbers of the places that it stands at: its next action's, and those of the calls made on the way there. */
  get places(): readonly number[] {
    const { at } = this.action;
    return at === undefined ? [] : [...this.stack.entered, at];
  }

  /** What names mean at one of its `places`. */
  scopeAt(place: number): HostScope {
    const entered = this.stack.entered.lastIndexOf(place);
    const locals = this.action.at === place ? this.stack.here : this.stack.enteredLocals[entered];
    return { locals: read(locals), state: hostValues(this.state), action: this.actionValues };
  }

  /** Its next action's fields. */
  get actionValues(): HostValues {
    const { at: _at, ...action } = this.action;
    return hostValues(action);
  }

  /** Its call stack, innermost first; empty where the models were not built with their places. */
  frames(): HostFrame[] {
    const { at } = this.action;
    if (at === undefined) return [];
    const { calls, callLocals, here } = this.stack;
    const frame = (number: number, locals: Locals | undefined): HostFrame[] => {
      const place = placeOf(number);
      if (place === undefined) return [];
      const { file, line, function: name } = place;
      return [{ file, line, function: name, locals: read(locals) }];
    };
    return [frame(at, here), ...calls.map((number, i) => frame(number, callLocals[i])).reverse()].flat();
  }

  snapshot(): ThreadSnapshot {
    if (!this.journalled) throw new Error(`${this.name} keeps no journal: it was made for a run that is not looked at`);
    const { atHead } = this;
    return {
      state: { ...(atHead ? this.state : this.head) },
      journal: atHead ? [] : [...this.journal],
      stores: this.buffer.snapshot(),
      dead: this.dead,
    };
  }

  /** Back to a snapshot: a new generator, fed what the old one was told. `state` must hold the snapshot's state already. */
  restore(snapshot: ThreadSnapshot): void {
    this.generator = this.model.run(this.state, this.facts);
    this.action = this.begin();
    this.dead = snapshot.dead;
    this.buffer.restore(snapshot.stores);
    this.journal.length = 0;
    for (const result of snapshot.journal) this.complete(result);
  }

  private begin(): HostAction {
    this.stack.clear();
    running(this.stack);
    const first = this.resume(undefined);
    if (first.do !== 'rest' && first.do !== 'loop')
      throw new HostModelError(this.name, 'the first action of a thread must be `rest` or `loop`');
    return first;
  }
}

/** All threads of one host, from DRIVER_OK to reset. */
export class HostThreads {
  readonly threads: readonly HostThread[];

  /** @param journalled keep what snapshots are made of: false for a run that nobody goes back in */
  constructor(
    readonly model: HostModel,
    parameters: Readonly<Record<string, number | boolean>>,
    facts: DeviceFacts,
    journalled = true,
  ) {
    const models = model.threads(parametersOf(model, parameters));
    const shared: HostState | undefined = model.lock === undefined ? undefined : { ...models[0]?.initial };
    this.threads = models.map((thread) => new HostThread(thread, facts, shared ?? { ...thread.initial }, journalled));
  }

  /** The thread that holds the host's lock: one that is away from rest. Undefined when the lock is free, or there is none. */
  get lockHolder(): HostThread | undefined {
    if (this.model.lock === undefined) return undefined;
    return this.threads.find((thread) => !thread.atHead && !thread.dead);
  }

  snapshot(): HostSnapshot {
    return { threads: this.threads.map((thread) => thread.snapshot()) };
  }

  restore(snapshot: HostSnapshot): void {
    const holder =
      this.model.lock === undefined ? -1 : snapshot.threads.findIndex((thread) => thread.journal.length > 0);
    this.threads.forEach((thread, i) => {
      // With a lock the state is one object, and the holder's copy is the one its journal starts from.
      const saved = snapshot.threads[holder < 0 ? i : holder];
      if (saved !== undefined) replaceState(thread.state, saved.state);
    });
    this.threads.forEach((thread, i) => {
      const saved = snapshot.threads[i];
      if (saved !== undefined) thread.restore(saved);
    });
  }
}

const read = (locals: Locals | undefined): HostValues => (locals === undefined ? {} : hostValues(locals()));

function replaceState(state: HostState, by: HostState): void {
  for (const name of Object.keys(state)) if (!Object.hasOwn(by, name)) delete state[name];
  Object.assign(state, by);
}
