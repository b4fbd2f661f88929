// The compare tab: two sessions packet by packet; follows both, and leads back into them.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { askSession, type LabSession, pageHtml, type Sessions } from '../../panel';
import { align, type Comparison } from './align';
import { compareState } from './compare-state';
import { journeys } from './journey';
import { checkFromCompare, type FromCompare, type ToCompare } from './protocol';

export interface ComparedSessions {
  /** VS Code's ids */
  readonly left: string;
  readonly right: string;
}

export class CompareTab implements vscode.Disposable {
  private readonly panel: vscode.WebviewPanel;
  private readonly registrations: readonly vscode.Disposable[];
  private comparison: Comparison | undefined;
  private listening = false;
  private turn = 0;

  /** @param showRings opens the ring panel of one session in a column */
  constructor(
    extensionUri: vscode.Uri,
    private readonly sessions: Sessions,
    private readonly compared: ComparedSessions,
    private readonly showRings: (session: LabSession, column: vscode.ViewColumn) => void,
  ) {
    const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    this.panel = vscode.window.createWebviewPanel('virtio.compare', 'Compare Sessions', vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [folder],
      retainContextWhenHidden: true,
    });
    const { webview } = this.panel;
    const resource = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
    this.registrations = [
      webview.onDidReceiveMessage((message: unknown) => this.receive(message)),
      sessions.onDidChange(({ debug, running }) => {
        if (!running && (debug.id === compared.left || debug.id === compared.right)) void this.compare();
      }),
      sessions.onDidEnd(({ debug }) => {
        if (debug.id !== compared.left && debug.id !== compared.right) return;
        this.post({ type: 'over', text: `${debug.name} has ended: the table is of its last stop.` });
      }),
      this.panel.onDidDispose(() => this.dispose()),
    ];
    webview.html = pageHtml({
      nonce: randomBytes(16).toString('hex'),
      cspSource: webview.cspSource,
      script: resource('compare.js'),
      style: resource('compare.css'),
      title: 'Compare sessions',
    });
  }

  dispose(): void {
    for (const registration of this.registrations) registration.dispose();
    this.panel.dispose();
  }

  /** Aligns both runs as far as they are; of two stops in a row only the later one is shown. */
  private async compare(): Promise<void> {
    const turn = ++this.turn;
    const left = this.sessions.get(this.compared.left);
    const right = this.sessions.get(this.compared.right);
    if (!this.listening || left === undefined || right === undefined || left.running || right.running) return;
    try {
      const [a, b] = await Promise.all([packetsOf(left), packetsOf(right)]);
      if (turn !== this.turn) return;
      this.comparison = align(a.packets, b.packets);
      const state = compareState(this.comparison, left.debug.name, right.debug.name, [
        ...notesOf(left, a),
        ...notesOf(right, b),
      ]);
      this.post({ type: 'comparison', state });
    } catch (error) {
      // a session that ends meanwhile says so itself
      if (turn === this.turn) this.post({ type: 'over', text: error instanceof Error ? error.message : String(error) });
    }
  }

  private post(message: ToCompare): void {
    void this.panel.webview.postMessage(message);
  }

  private receive(value: unknown): void {
    const message = checkFromCompare(value);
    if (message !== undefined) this.answer(message);
  }

  private answer(message: FromCompare): void {
    const both = [this.sessions.get(this.compared.left), this.sessions.get(this.compared.right)];
    switch (message.type) {
      case 'ready':
        this.listening = true;
        return void this.compare();
      case 'goTo': {
        const packet = this.comparison?.packets[message.row];
        [packet?.left, packet?.right].forEach((journey, i) => {
          if (journey) void askSession(both[i]?.debug, 'virtioLab.goTo', { tick: journey.tick, sub: 0 });
        });
        return;
      }
      case 'runBoth':
        for (const session of both)
          if (session?.running === false && session.stop?.reason.kind !== 'end')
            void askSession(session.debug, 'continue', { threadId: 1 });
        return;
      case 'showRings':
        both.forEach((session, i) => session && this.showRings(session, i + 1));
    }
  }
}

interface Packets {
  readonly packets: ReturnType<typeof journeys>;
  /** the log no longer has the run's beginning */
  readonly cut: boolean;
}

async function packetsOf({ launched: { machine } }: LabSession): Promise<Packets> {
  const [events, exits] = await Promise.all([machine.events(0, Infinity), machine.effects()]);
  return { packets: journeys(events, exits), cut: (events[0]?.seq ?? 0) > 0 };
}

function notesOf({ debug, stop }: LabSession, { cut }: Packets): string[] {
  return [
    ...(cut ? [`${debug.name}: the log no longer has its beginning; packets are counted from what it has.`] : []),
    ...(stop?.reason.kind === 'end'
      ? []
      : [`${debug.name} stands at tick ${stop?.position.tick ?? 0}, before its end.`]),
  ];
}
