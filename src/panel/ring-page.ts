// A webview that shows the rings, in an editor's tab or in a side bar: given the latest message when it can take it, and answered.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { EventKind } from '../machine';
import type { Looking } from './look';
import { pageHtml } from './page-html';
import { withBytes } from './ring-bytes';
import { checkFromPanel, type Choices, type FromPanel, type ToPanel } from './protocol';

/** What the panel asks for; whoever runs the machine answers. */
export interface PanelRequests {
  runAgain(): void;
  openSource(path: string, line: number): void;
  goTo(tick: number, sub: number): void;
  breakOnWrite(address: number, size: number, label: string): void;
  lastWriter(address: number, size: number, label: string): void;
  nextWriter(address: number, size: number, label: string): void;
  goToTime(ns: number): void;
  goToMark(what: readonly EventKind[], forward: boolean): void;
  openMemory(address: number, label: string): void;
  /** Answers what the page needs for drawing; undefined when there is nothing to answer with any more. */
  look(message: Looking): Promise<ToPanel | undefined>;
}

/** What the reader chose on one page, for the next one: the rings look the same in the editor and in the side bar. */
export interface ChoicesStore {
  get(): Choices | undefined;
  set(choices: Choices): void;
}

/** A tab of the editor or a view of a side bar. */
export interface PageHost {
  readonly webview: vscode.Webview;
  readonly visible: boolean;
}

export const webviewOptions = (extensionUri: vscode.Uri): vscode.WebviewOptions => ({
  enableScripts: true,
  localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'webview')],
});

export class RingPage {
  /** the page has not been given `latest` yet */
  private stale = true;
  /** the page has loaded and listens */
  private listening = false;

  constructor(
    private readonly host: PageHost,
    extensionUri: vscode.Uri,
    private readonly requests: PanelRequests,
    private readonly choices: ChoicesStore,
    private latest: ToPanel,
    private readonly ready: () => void = () => undefined,
  ) {
    const { webview } = host;
    webview.onDidReceiveMessage((message: unknown) => this.receive(message));
    const resource = (name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', name)).toString();
    webview.html = pageHtml({
      nonce: randomBytes(16).toString('hex'),
      cspSource: webview.cspSource,
      script: resource('panel.js'),
      style: resource('panel.css'),
    });
  }

  /** Shows a message, at once if the page is in view, else when it comes into view. Older ones are dropped. */
  post(message: ToPanel): void {
    this.latest = message;
    this.stale = true;
    this.flush();
  }

  /** To be called when the page comes into view. */
  flush(): void {
    if (!this.stale || !this.listening || !this.host.visible) return;
    this.stale = false;
    this.send(this.latest);
  }

  private send(message: ToPanel | undefined): void {
    if (message && this.listening) void this.host.webview.postMessage(withBytes(message));
  }

  private receive(value: unknown): void {
    const checked = checkFromPanel(value);
    if (!checked.ok) this.send({ type: 'error', text: `The panel asked for something unknown: ${checked.error}` });
    else this.answer(checked.message);
  }

  private answer(message: FromPanel): void {
    switch (message.type) {
      case 'ready': {
        // also after the page was reloaded by itself: it has forgotten everything
        this.listening = true;
        this.stale = true;
        const choices = this.choices.get();
        if (choices) this.send({ type: 'choices', choices });
        this.flush();
        this.ready();
        return;
      }
      case 'runAgain':
        return this.requests.runAgain();
      case 'choices':
        return this.choices.set(message.choices);
      case 'openSource':
        return this.requests.openSource(message.path, message.line);
      case 'goTo':
        return this.requests.goTo(message.tick, message.sub);
      case 'breakOnWrite':
        return this.requests.breakOnWrite(message.address, message.size, message.label);
      case 'lastWriter':
        return this.requests.lastWriter(message.address, message.size, message.label);
      case 'nextWriter':
        return this.requests.nextWriter(message.address, message.size, message.label);
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
        return void this.requests.look(message).then((answer) => this.send(answer));
    }
  }
}
