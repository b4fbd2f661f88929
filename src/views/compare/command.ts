// Virtio: Compare Sessions…, and the tabs that come back after a reload; both loaded when they are there first.
import * as vscode from 'vscode';
import type { LabSession, Sessions } from '../../panel';

const VIEW_TYPE = 'virtio.compare';

/** Registers the command, and the tabs that come back after a reload. */
export function registerCompare(
  context: vscode.ExtensionContext,
  sessions: Sessions,
  showRings: (session: LabSession, column: vscode.ViewColumn) => Promise<void>,
): vscode.Disposable {
  const { extensionUri } = context;
  return vscode.Disposable.from(
    vscode.commands.registerCommand('virtioLab.compareSessions', async (driver?: string) => {
      const [{ CompareTab }, { choosePair }] = await Promise.all([import('./compare-tab'), import('./pair')]);
      const pair = await choosePair(context, sessions, driver);
      if (pair === undefined) return;
      // beside the sources, which are shown as the sessions go to a packet
      const panel = vscode.window.createWebviewPanel(VIEW_TYPE, 'Compare Sessions', vscode.ViewColumn.Two);
      new CompareTab({ extensionUri, panel, sessions, showRings }, pair);
    }),
    vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: async (panel, state: unknown) => {
        const [{ CompareTab }, { checkKept }] = await Promise.all([import('./compare-tab'), import('./protocol')]);
        const kept = checkKept(state);
        if (kept === undefined) panel.dispose();
        else new CompareTab({ extensionUri, panel, sessions, showRings }, kept);
      },
    }),
  );
}
