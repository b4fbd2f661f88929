// Actions that are performed while the model's code runs on, in runs that nobody looks at: the generator is left only where it must be.
//
// scripts/lib/host-calls.ts makes `(ahead.does(kind, action) ? ahead.result : yield ahead.action)` of `yield action` where models are
// bundled for what only runs. The sources keep `yield`, which says what is meant, and which the debugger steps.
import type { HostAction, HostResult } from './host';

/** Performs an action of the thread whose code is running, if nothing else is due before it. */
export type Performer = (does: HostAction['do'], action: HostAction) => boolean;

class Ahead {
  action: HostAction | undefined;
  result: HostResult;
  private performer: Performer | undefined;

  /** Used by the code that the build puts into models. `result` is what a performed action came to; one that is not is yielded. */
  does(does: HostAction['do'], action: HostAction): boolean {
    this.action = action;
    return this.performer?.(does, action) === true;
  }

  /** The same of an action that is made elsewhere than where it is yielded. */
  acts(action: HostAction): boolean {
    return this.does(action.do, action);
  }

  /** Who performs what models do from here on; undefined: they yield everything. */
  set by(performer: Performer | undefined) {
    this.performer = performer;
  }
}

export const ahead = new Ahead();
