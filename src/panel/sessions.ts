// The virtio debug sessions that run: what the machine of each last said, and which one the reader looks at.
import * as vscode from 'vscode';
import type { MachineHandle, StopState } from '../machine';
import type { Launched } from '../scenario';
import type { PanelState, ToPanel } from './protocol';

const TYPE = 'virtio';

/** Hears what a session says, as debug/'s sessions tell it. */
export interface SessionListener {
  launched(session: Launched): void;
  running(machine: MachineHandle): void;
  stopped(machine: MachineHandle, state: StopState): void;
  ended(): void;
}

/** A session as it is now. Another one takes its place with each thing that it says. */
export interface LabSession {
  readonly debug: vscode.DebugSession;
  readonly launched: Launched;
  readonly running: boolean;
  /** the last stop; undefined before the first one */
  readonly stop: StopState | undefined;
  /** that stop lies before the one that came before it */
  readonly steppedBack: boolean;
  /** the same, composed for the ring panel and the views */
  readonly state: PanelState | undefined;
  /** what a ring panel shows of it */
  readonly message: ToPanel;
}

export class Sessions implements vscode.Disposable {
  private readonly byId = new Map<string, LabSession>();
  private readonly changed = new vscode.EventEmitter<LabSession>();
  private readonly activeChanged = new vscode.EventEmitter<LabSession | undefined>();
  private readonly endedOne = new vscode.EventEmitter<LabSession>();
  private readonly registration: vscode.Disposable;
  /** of the session that the reader chose last; he may have turned to another debugger's since */
  private chosen: string | undefined;

  /** Fires when a session was launched, runs on, or has stopped. */
  readonly onDidChange = this.changed.event;
  /** Fires when another session is looked at, and when that one says something. */
  readonly onDidChangeActive = this.activeChanged.event;
  readonly onDidEnd = this.endedOne.event;

  constructor() {
    this.registration = vscode.debug.onDidChangeActiveDebugSession((session) => {
      if (session === undefined || !this.byId.has(session.id) || session.id === this.chosen) return;
      this.chosen = session.id;
      this.activeChanged.fire(this.active);
    });
  }

  /** In the order of their launch. */
  get all(): readonly LabSession[] {
    return [...this.byId.values()];
  }

  /** The session that is looked at: the one that VS Code shows, or was shown last. */
  get active(): LabSession | undefined {
    return this.chosen === undefined ? undefined : this.byId.get(this.chosen);
  }

  /** A session by VS Code's id; undefined when it has ended. */
  get(id: string): LabSession | undefined {
    return this.byId.get(id);
  }

  /** The listener of one session. What makes a panel's state of a stop is loaded with the first one. */
  async listener(debug: vscode.DebugSession): Promise<SessionListener> {
    const { stoppedAt } = await import('./session-state');
    const { id } = debug;
    return {
      launched: (launched) => {
        // a restart takes nobody's eyes off another session
        if (!this.byId.has(id)) this.chosen = id;
        this.put({
          debug,
          launched,
          running: true,
          stop: undefined,
          steppedBack: false,
          state: undefined,
          message: { type: 'running' },
        });
      },
      running: (machine) => {
        const session = this.byId.get(id);
        if (session?.launched.machine === machine)
          this.put({ ...session, running: true, message: { type: 'running' } });
      },
      stopped: (machine, stop) => {
        const session = this.byId.get(id);
        if (session?.launched.machine === machine) this.put(stoppedAt(session, stop));
      },
      ended: () => this.end(id),
    };
  }

  dispose(): void {
    this.registration.dispose();
    for (const emitter of [this.changed, this.activeChanged, this.endedOne]) emitter.dispose();
  }

  private put(session: LabSession): void {
    this.byId.set(session.debug.id, session);
    this.changed.fire(session);
    if (session.debug.id === this.chosen) this.activeChanged.fire(session);
  }

  private end(id: string): void {
    const session = this.byId.get(id);
    if (session === undefined) return;
    this.byId.delete(id);
    if (this.chosen === id) this.chosen = this.all.at(-1)?.debug.id;
    this.endedOne.fire(session);
    this.activeChanged.fire(this.active);
  }
}

/** Asks a session; a refusal is shown with its reason. */
export async function askSession(
  session: vscode.DebugSession | undefined,
  command: string,
  args: object,
): Promise<unknown> {
  if (session?.type !== TYPE) {
    void vscode.window.showInformationMessage('No virtio session is active.');
    return undefined;
  }
  try {
    return (await session.customRequest(command, args)) as unknown;
  } catch (e) {
    void vscode.window.showWarningMessage(e instanceof Error ? e.message : String(e));
    return undefined;
  }
}
