// The rings in VS Code: in a tab beside the editor, or as a view of the debug side bar.
import * as vscode from 'vscode';
import type { ToPanel } from './protocol';
import { type ChoicesStore, type PanelRequests, RingPage, webviewOptions } from './ring-page';

/** The panel that follows comes back after a reload; one that stays with a session ends with it. */
const VIEW_TYPES = { following: 'virtio.ringPanel', own: 'virtio.sessionRings' } as const;
/** as in package.json */
const VIEW_ID = 'virtioLab.rings';

export type PanelKind =
  | { readonly kind: 'following'; readonly title: string }
  /** `closed`: the reader has closed it */
  | { readonly kind: 'own'; readonly title: string; readonly closed: () => void };

/** What every place where rings are shown is made from. */
export interface RingParts {
  readonly extensionUri: vscode.Uri;
  readonly requests: PanelRequests;
  readonly choices: ChoicesStore;
  /** what is shown while no machine runs */
  readonly noMachine: () => ToPanel;
}

/** A ring panel. The one that follows outlives sessions: between them it says how to begin. */
export class RingPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private open: { readonly panel: vscode.WebviewPanel; readonly page: RingPage } | undefined;
  private latest: ToPanel;
  private shownTitle: string;
  private readonly registrations: readonly vscode.Disposable[];

  constructor(
    private readonly parts: RingParts,
    private readonly what: PanelKind,
  ) {
    this.latest = parts.noMachine();
    this.shownTitle = what.title;
    this.registrations =
      what.kind === 'following' ? [vscode.window.registerWebviewPanelSerializer(VIEW_TYPES.following, this)] : [];
  }

  /**
   * Opens the panel beside the editor, or brings it to the front; the editor keeps the focus.
   * @returns when the page has loaded, or was closed before
   */
  show(viewColumn: vscode.ViewColumn = vscode.ViewColumn.Beside): Promise<void> {
    if (this.open) {
      this.open.panel.reveal(undefined, true);
      return Promise.resolve();
    }
    const column = { viewColumn, preserveFocus: true };
    // kept when hidden: a panel behind a tab comes back where it was scrolled to
    const panel = vscode.window.createWebviewPanel(VIEW_TYPES[this.what.kind], this.shownTitle, column, {
      ...webviewOptions(this.parts.extensionUri),
      retainContextWhenHidden: true,
    });
    return new Promise((resolve) => {
      panel.onDidDispose(() => resolve());
      this.adopt(panel, resolve);
    });
  }

  /** Shows a message, at once if the panel is in view, else when it comes into view. Older ones are dropped. */
  post(message: ToPanel): void {
    this.latest = message;
    this.open?.page.post(message);
  }

  /** The session is over. */
  clear(): void {
    this.post(this.parts.noMachine());
  }

  set title(title: string) {
    this.shownTitle = title;
    if (this.open && this.open.panel.title !== title) this.open.panel.title = title;
  }

  /** VS Code brings the panel back after a reload of the window: the machine is gone by then. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    panel.webview.options = webviewOptions(this.parts.extensionUri);
    this.open?.panel.dispose();
    this.adopt(panel);
    return Promise.resolve();
  }

  dispose(): void {
    this.open?.panel.dispose();
    for (const registration of this.registrations) registration.dispose();
  }

  private adopt(panel: vscode.WebviewPanel, ready?: () => void): void {
    const { extensionUri, requests, choices } = this.parts;
    const page = new RingPage(panel, extensionUri, requests, choices, this.latest, ready);
    this.open = { panel, page };
    panel.onDidChangeViewState(() => page.flush());
    panel.onDidDispose(() => {
      if (this.open?.panel !== panel) return;
      this.open = undefined;
      if (this.what.kind === 'own') this.what.closed();
    });
  }
}

/** The same rings as a view, which the reader may move to any side bar or to the panel below. */
export class RingView implements vscode.WebviewViewProvider, vscode.Disposable {
  private page: RingPage | undefined;
  private latest: ToPanel;
  private readonly registration: vscode.Disposable;

  constructor(private readonly parts: RingParts) {
    this.latest = parts.noMachine();
    this.registration = vscode.window.registerWebviewViewProvider(VIEW_ID, this, {
      webviewOptions: { retainContextWhenHidden: true },
    });
  }

  /** Opens the view where it is, and leaves the focus where it was. */
  show(): void {
    void vscode.commands.executeCommand(`${VIEW_ID}.focus`, { preserveFocus: true });
  }

  post(message: ToPanel): void {
    this.latest = message;
    this.page?.post(message);
  }

  clear(): void {
    this.post(this.parts.noMachine());
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { extensionUri, requests, choices } = this.parts;
    view.webview.options = webviewOptions(extensionUri);
    const page = new RingPage(view, extensionUri, requests, choices, this.latest);
    this.page = page;
    view.onDidChangeVisibility(() => page.flush());
    view.onDidDispose(() => {
      if (this.page === page) this.page = undefined;
    });
  }

  dispose(): void {
    this.registration.dispose();
  }
}
