// The ring panel in VS Code: one webview beside the editor that shows the latest state, and hands on what the reader asks.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { EventKind } from '../machine';
import type { Looking } from './look';
import { pageHtml } from './page-html';
import { checkFromPanel, type FromPanel, type ToPanel } from './protocol';

/** What the panel asks for; whoever runs the machine answers. */
export interface PanelRequests {
  openSource(path: string, line: number): void;
  goTo(tick: number, sub: number): void;
  breakOnWrite(address: number, size: number, label: string): void;
  lastWriter(address: number, size: number, label: string): void;
  goToTime(ns: number): void;
  goToMark(what: readonly EventKind[], forward: boolean): void;
  openMemory(address: number, label: string): void;
  /** Answers what the page needs for drawing; undefined when there is nothing to answer with any more. */
  look(message: Looking): Promise<ToPanel | undefined>;
}

/** The panel that follows comes back after a reload; one that stays with a session ends with it. */
const VIEW_TYPES = { following: 'virtio.ringPanel', own: 'virtio.sessionRings' } as const;

export type PanelKind =
  | { readonly kind: 'following'; readonly title: string }
  /** `closed`: the reader has closed it */
  | { readonly kind: 'own'; readonly title: string; readonly closed: () => void };

const NO_MACHINE: ToPanel = {
  type: 'empty',
  text: 'Press F5 on a driver, or run “Virtio: Run Scenario…” from the command palette. Its rings appear here.',
};

/** A ring panel. The one that follows outlives sessions: between them it says how to begin. */
export class RingPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private latest: ToPanel = NO_MACHINE;
  /** the page has not been given `latest` yet */
  private stale = true;
  /** the page has loaded and listens */
  private listening = false;
  private shownTitle: string;
  private readonly registrations: readonly vscode.Disposable[];

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly requests: PanelRequests,
    private readonly what: PanelKind,
  ) {
    this.shownTitle = what.title;
    this.registrations =
      what.kind === 'following' ? [vscode.window.registerWebviewPanelSerializer(VIEW_TYPES.following, this)] : [];
  }

  /** Opens the panel beside the editor, or brings it to the front; the editor keeps the focus. */
  show(viewColumn: vscode.ViewColumn = vscode.ViewColumn.Beside): void {
    if (this.panel) {
      this.panel.reveal(undefined, true);
      return;
    }
    const column = { viewColumn, preserveFocus: true };
    // kept when hidden: a panel behind a tab comes back where it was scrolled to
    this.adopt(
      vscode.window.createWebviewPanel(VIEW_TYPES[this.what.kind], this.shownTitle, column, {
        ...this.webviewOptions(),
        retainContextWhenHidden: true,
      }),
    );
  }

  /** Shows a message, at once if the panel is in view, else when it comes into view. Older ones are dropped. */
  post(message: ToPanel): void {
    this.latest = message;
    this.stale = true;
    this.flush();
  }

  /** The session is over. */
  clear(): void {
    this.post(NO_MACHINE);
  }

  set title(title: string) {
    this.shownTitle = title;
    if (this.panel && this.panel.title !== title) this.panel.title = title;
  }

  get visible(): boolean {
    return this.panel?.visible === true;
  }

  /** VS Code brings the panel back after a reload of the window: the machine is gone by then. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    panel.webview.options = this.webviewOptions();
    this.panel?.dispose();
    this.adopt(panel);
    return Promise.resolve();
  }

  dispose(): void {
    this.panel?.dispose();
    for (const registration of this.registrations) registration.dispose();
  }

  private webviewOptions(): vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview')] };
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    this.listening = false;
    this.stale = true;
    const { webview } = panel;
    webview.onDidReceiveMessage((message: unknown) => this.receive(message));
    panel.onDidChangeViewState(() => this.flush());
    panel.onDidDispose(() => {
      if (this.panel !== panel) return;
      this.panel = undefined;
      this.listening = false;
      if (this.what.kind === 'own') this.what.closed();
    });
    const resource = (name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview', name)).toString();
    webview.html = pageHtml({
      nonce: randomBytes(16).toString('hex'),
      cspSource: webview.cspSource,
      script: resource('panel.js'),
      style: resource('panel.css'),
    });
  }

  private flush(): void {
    if (!this.stale || !this.listening || !this.panel?.visible) return;
    this.stale = false;
    void this.panel.webview.postMessage(this.latest);
  }

  /** Sends an answer beside the latest state. */
  private reply(message: ToPanel | undefined): void {
    if (message && this.listening) void this.panel?.webview.postMessage(message);
  }

  private receive(value: unknown): void {
    const checked = checkFromPanel(value);
    if (!checked.ok) {
      const error: ToPanel = { type: 'error', text: `The panel asked for something unknown: ${checked.error}` };
      void this.panel?.webview.postMessage(error);
      return;
    }
    this.answer(checked.message);
  }

  private answer(message: FromPanel): void {
    switch (message.type) {
      case 'ready':
        // also after the page was reloaded by itself: it has forgotten everything
        this.listening = true;
        this.stale = true;
        this.flush();
        return;
      case 'openSource':
        return this.requests.openSource(message.path, message.line);
      case 'goTo':
        return this.requests.goTo(message.tick, message.sub);
      case 'breakOnWrite':
        return this.requests.breakOnWrite(message.address, message.size, message.label);
      case 'lastWriter':
        return this.requests.lastWriter(message.address, message.size, message.label);
      case 'goToTime':
        return this.requests.goToTime(message.ns);
      case 'goToMark':
        return this.requests.goToMark(message.what, message.forward);
      case 'openMemory':
        return this.requests.openMemory(message.address, message.label);
      case 'timeline':
      case 'events':
      case 'memory':
      case 'readSkb':
        return void this.requests.look(message).then((answer) => this.reply(answer));
    }
  }
}
