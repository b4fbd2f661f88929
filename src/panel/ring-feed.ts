// From a debug session to the ring panel: each stop is composed and shown; what the panel asks for goes to the session.
import * as vscode from 'vscode';
import { findRingOverlay, Inspector } from '../guest';
import type { MachineHandle, StopState } from '../machine';
import { composePanelState, type ComposeContext } from './compose';
import { RingPanel, type PanelRequests } from './panel';
import type { PanelState } from './protocol';

/** What the feed needs of a launched session. */
export interface FedSession {
  readonly machine: MachineHandle;
  /** the scenario's name */
  readonly title: string;
  /** an Inspector knows the debug information, which finds the driver's private indices */
  readonly inspector: object;
  /** absolute path of a file of the program (index in Program.files), where it is on disk */
  sourcePath(file: number): string | undefined;
}

const TYPE = 'virtio';

/** What a session tells the feed, as debug/'s sessions tell their listener. */
export interface FeedListener {
  launched(session: FedSession): void;
  running(machine: MachineHandle): void;
  stopped(machine: MachineHandle, state: StopState): void;
  ended(): void;
}

/** Follows the sessions, one at a time: the one launched last is shown. */
export class RingFeed implements vscode.Disposable {
  private readonly panel: RingPanel;
  private readonly registration: vscode.Disposable;
  private session: FedSession | undefined;
  private previous: PanelState | undefined;
  private opened = false;

  constructor(extensionUri: vscode.Uri) {
    this.panel = new RingPanel(extensionUri, requests);
    // by now the editor has the source: the panel opens beside it, not in its place
    this.registration = vscode.debug.onDidChangeActiveStackItem((item) => {
      if (item instanceof vscode.DebugStackFrame && item.session.type === TYPE) this.openOnce();
    });
  }

  /** Opens the panel, or brings it to the front. */
  show(): void {
    this.panel.show();
  }

  /** The machine of the session that is shown. */
  get machine(): MachineHandle | undefined {
    return this.session?.machine;
  }

  /** What the panel shows, or would show if it were open; undefined before the first stop of a session. */
  get state(): PanelState | undefined {
    return this.previous;
  }

  /** The listener of one session. The end of one that is no longer shown changes nothing. */
  listener(): FeedListener {
    let own: FedSession | undefined;
    return {
      launched: (session) => {
        // after a restart the panel stays as the reader has left it: open or closed
        if (own === undefined) this.opened = false;
        own = session;
        this.session = session;
        this.previous = undefined;
      },
      running: (machine) => {
        if (machine === this.machine) this.panel.post({ type: 'running' });
      },
      stopped: (machine, state) => {
        if (this.session && machine === this.machine) this.compose(this.session, state);
      },
      ended: () => {
        if (own === this.session) this.clear();
      },
    };
  }

  dispose(): void {
    this.registration.dispose();
    this.panel.dispose();
  }

  private compose(session: FedSession, state: StopState): void {
    try {
      this.previous = composePanelState(state, this.context(session));
      this.panel.post({ type: 'state', state: this.previous });
    } catch (e) {
      this.panel.post({
        type: 'error',
        text: `The rings cannot be shown: ${e instanceof Error ? e.message : String(e)}`,
      });
    }
  }

  private clear(): void {
    this.session = undefined;
    this.previous = undefined;
    this.panel.clear();
  }

  private openOnce(): void {
    if (!this.session || this.opened) return;
    this.opened = true;
    if (vscode.workspace.getConfiguration('virtioLab').get<boolean>('openRingPanel', true)) this.panel.show();
  }

  private context(session: FedSession): ComposeContext {
    const { program, ram, physOffset } = session.machine;
    const debugInfo = session.inspector instanceof Inspector ? session.inspector.debugInfo : undefined;
    return {
      title: session.title,
      program,
      ram,
      physOffset,
      previous: this.previous,
      overlay: debugInfo && ((desc, size) => findRingOverlay(debugInfo, ram, desc, size)),
      sourcePath: (site) => {
        const place = program.sites[site];
        return place && session.sourcePath(place.file);
      },
    };
  }
}

/** Asks the active session; a refusal is shown with its reason. */
async function ask(command: string, args: object): Promise<unknown> {
  const session = vscode.debug.activeDebugSession;
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

async function openSource(path: string, line: number): Promise<void> {
  const position = new vscode.Position(Math.max(line - 1, 0), 0);
  // the first column with an editor in it: the panel has one of its own
  await vscode.window.showTextDocument(vscode.Uri.file(path), {
    selection: new vscode.Range(position, position),
    viewColumn: vscode.ViewColumn.One,
  });
}

const requests: PanelRequests = {
  openSource: (path, line) => void openSource(path, line),
  goTo: (tick, sub) => void ask('virtioLab.goTo', { tick, sub }),
  breakOnWrite: (address, size, label) => void ask('virtioLab.breakOnWrite', { address, size, label }),
  lastWriter: (address, size, label) => void ask('virtioLab.lastWriter', { address, size, label }),
};
