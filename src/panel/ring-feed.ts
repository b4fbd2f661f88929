// From debug sessions to ring panels: one panel follows the session that is looked at, others stay with theirs.
import * as vscode from 'vscode';
import type { EventKind } from '../machine';
import type { LastRun } from './launch/last-run';
import { openMemory } from './memory';
import { RingPanel, type RingParts, RingView } from './panel';
import type { Choices, ToPanel } from './protocol';
import type { ChoicesStore, PanelRequests } from './ring-page';
import { Scrubber } from './scrubber';
import { askSession, type LabSession, type Sessions } from './sessions';
import { openSource } from './source';

const TITLE = 'Virtio Rings';
/** in the workspace's state */
const CHOICES = 'ringPanel.choices';
const BEGIN = 'Press F5 on a driver, or run “Virtio: Run Scenario…” from the command palette. Its rings appear here.';

export class RingFeed implements vscode.Disposable {
  private readonly panel: RingPanel;
  private readonly view: RingView;
  private readonly choices: ChoicesStore;
  /** panels of one session each, by VS Code's id of it */
  private readonly own = new Map<string, RingPanel>();
  private readonly scrubbers = new Map<string, Scrubber>();
  private readonly registrations: readonly vscode.Disposable[];
  /** sessions for which the panel has opened by itself: from then on it is as the reader leaves it */
  private readonly opened = new Set<string>();

  constructor(
    private readonly context: Pick<vscode.ExtensionContext, 'extensionUri' | 'workspaceState'>,
    private readonly sessions: Sessions,
    private readonly lastRun: LastRun,
  ) {
    this.choices = {
      get: () => context.workspaceState.get<Choices>(CHOICES),
      set: (choices) => void context.workspaceState.update(CHOICES, choices),
    };
    const following = this.parts(() => sessions.active);
    this.panel = new RingPanel(following, { kind: 'following', title: TITLE });
    this.view = new RingView(following);
    this.registrations = [
      // by now the editor has the source: the panel opens beside it, not in its place
      vscode.debug.onDidChangeActiveStackItem((item) => {
        if (item instanceof vscode.DebugStackFrame) this.openOnce(item.session);
      }),
      sessions.onDidChangeActive((session) => this.follow(session)),
      sessions.onDidChange((session) => {
        this.own.get(session.debug.id)?.post(session.message);
        this.scrubbers.get(session.debug.id)?.changed();
      }),
      sessions.onDidEnd(({ debug: { id } }) => {
        this.opened.delete(id);
        this.scrubbers.delete(id);
        this.close(id);
      }),
    ];
  }

  /** Opens the rings that follow where the reader wants them, or brings them to the front. */
  show(): void {
    const where = vscode.workspace.getConfiguration('virtioLab').get<string>('ringPanelLocation', 'editor');
    if (where === 'debug') this.view.show();
    else void this.panel.show();
  }

  /** Opens a panel that stays with one session, or brings it to the front. @returns when its page has loaded */
  showOwn(session: LabSession, column: vscode.ViewColumn = vscode.ViewColumn.Beside): Promise<void> {
    const { id, name } = session.debug;
    let panel = this.own.get(id);
    if (panel === undefined) {
      panel = new RingPanel(
        this.parts(() => this.sessions.get(id)),
        { kind: 'own', title: `Rings: ${name}`, closed: () => this.close(id) },
      );
      this.own.set(id, panel);
      panel.post(session.message);
    }
    return panel.show(column);
  }

  dispose(): void {
    for (const registration of this.registrations) registration.dispose();
    this.panel.dispose();
    this.view.dispose();
    for (const id of [...this.own.keys()]) this.close(id);
  }

  private follow(session: LabSession | undefined): void {
    for (const place of [this.panel, this.view]) {
      if (session === undefined) place.clear();
      else place.post(session.message);
    }
    this.panel.title = this.sessions.all.length > 1 && session ? `${TITLE}: ${session.debug.name}` : TITLE;
  }

  private close(id: string): void {
    const panel = this.own.get(id);
    this.own.delete(id);
    panel?.dispose();
  }

  private openOnce({ id }: vscode.DebugSession): void {
    if (this.sessions.get(id) === undefined || this.opened.has(id)) return;
    this.opened.add(id);
    if (vscode.workspace.getConfiguration('virtioLab').get<boolean>('openRingPanel', true)) this.show();
  }

  private parts(session: () => LabSession | undefined): RingParts {
    const { extensionUri } = this.context;
    const noMachine = (): ToPanel => ({ type: 'empty', text: BEGIN, again: this.lastRun.name });
    return { extensionUri, requests: this.requestsTo(session), choices: this.choices, noMachine };
  }

  private requestsTo(session: () => LabSession | undefined): PanelRequests {
    const ask = (command: string, args: object): void => void askSession(session()?.debug, command, args);
    return {
      runAgain: () => void this.lastRun.run(),
      openSource: (path, line) => void openSource(path, line),
      goTo: (tick, sub) => ask('virtioLab.goTo', { tick, sub }),
      breakOnWrite: (address, size, label) => ask('virtioLab.breakOnWrite', { address, size, label }),
      lastWriter: (address, size, label) => ask('virtioLab.lastWriter', { address, size, label }),
      nextWriter: (address, size, label) => ask('virtioLab.nextWriter', { address, size, label }),
      goToTime: (ns) => this.scrubber(session())?.to(ns),
      goToMark: (what, forward) => void goToMark(session(), what, forward),
      openMemory: (address, label) => void openMemory(session(), address, label),
      look: async (message) => {
        const [{ look }, { lookedAt }] = await Promise.all([import('./look'), import('./session-state')]);
        const looked = session();
        // a session that has ended meanwhile has nothing to say
        return looked && look(message, lookedAt(looked)).catch(() => undefined);
      },
    };
  }

  private scrubber(session: LabSession | undefined): Scrubber | undefined {
    if (session === undefined) return undefined;
    const { id } = session.debug;
    const now = (): LabSession | undefined => this.sessions.get(id);
    const scrubber =
      this.scrubbers.get(id) ??
      new Scrubber({
        placeAt: async (ns) => now()?.launched.machine.placeAt(ns),
        go: (position) => askSession(now()?.debug, 'virtioLab.goTo', position),
        running: () => now()?.running ?? false,
      });
    this.scrubbers.set(id, scrubber);
    return scrubber;
  }
}

/** To the next event of these kinds that is recorded, or to the one before. */
async function goToMark(session: LabSession | undefined, what: readonly EventKind[], forward: boolean): Promise<void> {
  if (session?.stop === undefined || session.running) return;
  const mark = await session.launched.machine.nextMark({ from: session.stop.position, forward, what });
  if (mark !== undefined) await askSession(session.debug, 'virtioLab.goTo', mark);
  else
    void vscode.window.setStatusBarMessage(
      forward ? `No later ${what[0]} is recorded: run on.` : `There is no ${what[0]} before this place.`,
      4000,
    );
}
