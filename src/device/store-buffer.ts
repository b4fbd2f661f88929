// The store buffer of a host thread's processor: stores to the ring that the guest cannot see yet, in their order.
//
// x86 keeps stores in order and loads in order, but lets a load pass an earlier store to another address (StoreLoad): the store is
// still in the buffer when the load reads memory. A barrier, and a system call, for the kernel takes locks, empties it.
import type { HostAction } from './host';

/** Plain data. `after`: actions of the thread until it is visible. */
export interface HeldStore {
  readonly action: HostAction;
  readonly after: number;
}

const STORES: ReadonlySet<HostAction['do']> = new Set(['use', 'setUsedIdx', 'setUsedFlags', 'setAvailEvent']);
/** What a thread does without leaving its program: these run ahead of its stores. None of them reads what a host stores. */
const AHEAD: ReadonlySet<HostAction['do']> = new Set([
  'readAvailIdx',
  'readAvailFlags',
  'readUsedEvent',
  'take',
  'untake',
  'availBytes',
  'suppressInterrupt',
  'loop',
]);

export const isStore = (action: HostAction): boolean => STORES.has(action.do);

/** Whether a thread's stores become visible before it does this. */
export const drains = (action: HostAction): boolean => !STORES.has(action.do) && !AHEAD.has(action.do);

export class StoreBuffer {
  private held: HeldStore[] = [];

  get size(): number {
    return this.held.length;
  }

  /** Oldest first. */
  get stores(): readonly HostAction[] {
    return this.held.map(({ action }) => action);
  }

  hold(action: HostAction, after: number): void {
    this.held.push({ action, after });
  }

  /** The thread has done one more action. Returns the stores that are visible with it, oldest first. */
  age(): readonly HostAction[] {
    this.held = this.held.map(({ action, after }) => ({ action, after: after - 1 }));
    const last = this.held.findLastIndex(({ after }) => after <= 0);
    return this.held.splice(0, last + 1).map(({ action }) => action);
  }

  /** All of them, oldest first: they are visible now. */
  empty(): readonly HostAction[] {
    return this.held.splice(0).map(({ action }) => action);
  }

  snapshot(): readonly HeldStore[] {
    return [...this.held];
  }

  restore(held: readonly HeldStore[]): void {
    this.held = [...held];
  }
}
