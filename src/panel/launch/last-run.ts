// The session that was started last, to be started again: from the palette, and from the ring panel while no machine runs.
import * as vscode from 'vscode';
import { type Again, checkAgain } from '../../messages';
import type { Sessions } from '../sessions';
import { againOf, startAgain } from './again';

/** in the workspace's state: it is there after a reload, which ends all sessions */
const KEY = 'lastRun';

const lastOf = (state: vscode.Memento): Again | undefined => checkAgain(state.get(KEY));

/** The scenario that ran last, by its path or its id; undefined when there is none. */
export function lastScenario(state: vscode.Memento): string | undefined {
  const scenario = lastOf(state)?.configuration['scenario'];
  return typeof scenario === 'string' ? scenario : undefined;
}

export class LastRun implements vscode.Disposable {
  private readonly registration: vscode.Disposable;
  private starting = false;

  constructor(
    private readonly state: vscode.Memento,
    sessions: Sessions,
  ) {
    this.registration = sessions.onDidChange(({ debug, stop }) => {
      // a session that has just been launched
      if (stop === undefined) void state.update(KEY, againOf(debug));
    });
  }

  /** The name that the session had; undefined when none was started in this workspace. */
  get name(): string | undefined {
    return this.last?.configuration.name;
  }

  /** Starts it again. While that is under way, another wish for it is the same one. */
  async run(): Promise<void> {
    const { last } = this;
    if (last === undefined)
      return void vscode.window.showInformationMessage(
        'No scenario was run in this workspace yet: “Virtio: Run Scenario…” offers them.',
      );
    if (this.starting) return;
    this.starting = true;
    try {
      await startAgain(last);
    } finally {
      this.starting = false;
    }
  }

  dispose(): void {
    this.registration.dispose();
  }

  private get last(): Again | undefined {
    return lastOf(this.state);
  }
}
