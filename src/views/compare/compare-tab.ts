// The compare tab: two sessions packet by packet; follows both, leads back into them, and starts them again.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { againOf, askSession, type LabSession, pageHtml, type Sessions } from '../../panel';
import { align, type ComparedPacket, type Comparison } from './align';
import { compareState, SHOWN, titleOf } from './compare-state';
import { queryOf, sideOf, sinceBegin, spanOf, type Span } from './packet-view';
import {
  checkFromCompare,
  type FromCompare,
  type Kept,
  type PacketSide,
  type PacketView,
  type Side,
  type ToCompare,
} from './protocol';
import { startSession } from './start';

const SIDES: readonly Side[] = ['left', 'right'];
const RELOADED =
  'This is from before the window was reloaded, which ended both sessions. Run both again to step in them and to go on.';

export interface CompareOptions {
  readonly extensionUri: vscode.Uri;
  readonly panel: vscode.WebviewPanel;
  readonly sessions: Sessions;
  /** opens the ring panel of one session in a column */
  readonly showRings: (session: LabSession, column: vscode.ViewColumn) => Promise<void>;
}

/** VS Code's ids of the two sessions. */
type Compared = Readonly<Record<Side, string>>;

export class CompareTab {
  private readonly registrations: readonly vscode.Disposable[];
  private comparison: Comparison | undefined;
  /** what the page was told last, for a page that starts anew */
  private latest: readonly ToCompare[];
  private compared: Compared | undefined;
  private again: Kept['again'];
  private row: number | undefined;
  private listening = false;
  private turn = 0;

  /** @param of two sessions, or what the page kept over a reload */
  constructor(
    private readonly options: CompareOptions,
    of: readonly [LabSession, LabSession] | Kept,
  ) {
    const { extensionUri, panel, sessions } = options;
    if ('again' in of) {
      this.again = of.again;
      this.row = of.packet?.row;
      this.latest = keptMessages(of);
    } else {
      const [left, right] = of;
      this.again = { left: againOf(left.debug), right: againOf(right.debug) };
      this.compared = { left: left.debug.id, right: right.debug.id };
      this.latest = [];
    }
    panel.title = titleOf(this.again.left.configuration.name, this.again.right.configuration.name);
    const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    const resource = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
    this.registrations = [
      webview.onDidReceiveMessage((message: unknown) => this.receive(message)),
      sessions.onDidChange(({ debug, running }) => {
        if (!running && this.isOurs(debug.id)) void this.compare();
      }),
      sessions.onDidEnd(({ debug }) => {
        if (this.isOurs(debug.id)) this.over(`${debug.name} has ended: this is of its last stop.`);
      }),
      // a page that was hidden starts anew
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.listening = false;
      }),
    ];
    panel.onDidDispose(() => {
      for (const registration of this.registrations) registration.dispose();
    });
    webview.html = pageHtml({
      nonce: randomBytes(16).toString('hex'),
      cspSource: webview.cspSource,
      script: resource('compare.js'),
      style: resource('compare.css'),
      title: 'Compare sessions',
    });
  }

  private isOurs(id: string): boolean {
    return id === this.compared?.left || id === this.compared?.right;
  }

  private session(side: Side): LabSession | undefined {
    return this.compared && this.options.sessions.get(this.compared[side]);
  }

  /** Aligns both runs as far as they are recorded; of two stops in a row only the later one is shown. */
  private async compare(): Promise<void> {
    const turn = ++this.turn;
    const [left, right] = SIDES.map((side) => this.session(side));
    if (!this.listening || left === undefined || right === undefined || left.running || right.running) return;
    try {
      const [a, b] = await Promise.all([left, right].map(({ launched }) => launched.machine.packets(SHOWN)));
      if (turn !== this.turn || a === undefined || b === undefined) return;
      this.comparison = align(a, b);
      const state = compareState(
        this.comparison,
        { name: left.debug.name, run: a },
        { name: right.debug.name, run: b },
      );
      this.latest = [];
      this.post({ type: 'comparison', state, again: this.again });
      await this.show(this.row, turn);
    } catch (error) {
      // a session that ends meanwhile says so itself
      if (turn === this.turn) this.over(error instanceof Error ? error.message : String(error));
    }
  }

  /** Shows a packet: the one of a row, or the first that differs, or the first. */
  private async show(row: number | undefined, turn = this.turn): Promise<void> {
    const at = row ?? this.comparison?.first ?? 0;
    const packet = this.comparison?.packets[at];
    if (packet === undefined || at >= SHOWN) return;
    const span = spanOf(packet);
    const [left, right] = await Promise.all(SIDES.map((side) => this.side(packet, side, span)));
    if (turn !== this.turn) return;
    const { mark } = packet;
    const view: PacketView = {
      row: at,
      ...(left && { left }),
      ...(right && { right }),
      ...(mark && { mark }),
    };
    this.latest = this.latest.filter(({ type }) => type === 'comparison');
    this.post({ type: 'packet', packet: view });
  }

  private async side(packet: ComparedPacket, side: Side, span: Span): Promise<PacketSide | undefined> {
    const journey = packet[side];
    const session = this.session(side);
    if (journey === undefined || session === undefined) return undefined;
    const window = await session.launched.machine.timeline(queryOf(journey, span));
    return sideOf(journey, window, session.stop?.timeNs ?? 0);
  }

  /** A part of a packet, closer. It is not for a page that starts anew: that asks for what it needs. */
  private async look(row: number, { fromNs, toNs }: Span): Promise<void> {
    const { turn } = this;
    const packet = this.comparison?.packets[row];
    const windows = SIDES.map(async (side) => {
      const [journey, session] = [packet?.[side], this.session(side)];
      if (journey === undefined || session === undefined) return undefined;
      return sinceBegin(journey, await session.launched.machine.timeline(queryOf(journey, { fromNs, toNs })));
    });
    const [left, right] = await Promise.all(windows);
    if (turn !== this.turn || !this.listening || packet === undefined) return;
    const detail: ToCompare = { type: 'detail', row, fromNs, toNs, ...(left && { left }), ...(right && { right }) };
    void this.options.panel.webview.postMessage(detail);
  }

  private async goToTime(row: number, side: Side, ns: number): Promise<void> {
    const [journey, session] = [this.comparison?.packets[row]?.[side], this.session(side)];
    if (journey === undefined || session === undefined || session.running) return;
    const { tick, sub } = await session.launched.machine.placeAt(Math.max(0, journey.fromNs + ns));
    void askSession(session.debug, 'virtioLab.goTo', { tick, sub });
  }

  private over(text: string): void {
    this.post({ type: 'over', text });
  }

  private post(message: ToCompare): void {
    this.latest = [...this.latest.filter(({ type }) => type !== message.type), message];
    if (this.listening) void this.options.panel.webview.postMessage(message);
  }

  private receive(value: unknown): void {
    const checked = checkFromCompare(value);
    if (!checked.ok) {
      void vscode.window.showErrorMessage(`The compare page asked for something unknown: ${checked.error}`);
      return;
    }
    this.answer(checked.message).catch(
      (error: unknown) => void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error)),
    );
  }

  private async answer(message: FromCompare): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.listening = true;
        this.row = message.row ?? this.row;
        for (const latest of this.latest) void this.options.panel.webview.postMessage(latest);
        return this.compare();
      case 'choose':
        this.row = message.row;
        return this.show(message.row);
      case 'goTo':
        for (const side of SIDES) {
          const tick = message[side];
          if (tick !== undefined) void askSession(this.session(side)?.debug, 'virtioLab.goTo', { tick, sub: 0 });
        }
        return;
      case 'goToTime':
        return this.goToTime(message.row, message.side, message.ns);
      case 'look':
        return this.look(message.row, message);
      case 'runBoth':
        for (const side of SIDES) {
          const session = this.session(side);
          if (session?.running === false && session.stop?.reason.kind !== 'end')
            void askSession(session.debug, 'continue', { threadId: 1 });
        }
        return;
      case 'showRings':
        // one after the other: of two pages that begin to load at once, VS Code's server leaves the first without its files
        for (const [i, side] of SIDES.entries()) {
          const session = this.session(side);
          if (session !== undefined) await this.options.showRings(session, i + 1);
        }
        return;
      case 'again':
        return this.startAgain();
    }
  }

  /** Starts both sessions as they were started, once both are over, and compares those. */
  private async startAgain(): Promise<void> {
    for (const side of SIDES) {
      const session = this.session(side);
      if (session !== undefined) await vscode.debug.stopDebugging(session.debug);
    }
    this.compared = undefined;
    const left = await startSession(this.options.sessions, this.again.left);
    const right = left && (await startSession(this.options.sessions, this.again.right));
    if (left === undefined || right === undefined) return;
    this.compared = { left: left.debug.id, right: right.debug.id };
    this.options.panel.reveal(undefined, true);
    await this.compare();
  }
}

function keptMessages({ state, packet, again }: Kept): readonly ToCompare[] {
  return [
    { type: 'comparison', state, again },
    ...(packet === undefined ? [] : [{ type: 'packet', packet } as const]),
    { type: 'over', text: RELOADED },
  ];
}
